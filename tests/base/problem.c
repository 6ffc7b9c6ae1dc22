#include "base/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/say.h"

/* A file in the current folder, which is a fresh one. */
static void put(const char *name, struct cb_text text)
{
	assert_int_equal(file_write(name, text, 0644, NULL), CB_OK);
}

static void expect(struct problems *p, const char *expected)
{
	struct buffer out = { 0 };

	problems_print(p, &out);
	assert_string_equal(buffer_cstr(&out), expected);
	buffer_done(&out);
	problems_done(p);
}

static void a_caret_stands_under_chinese_text(void **state)
{
	struct problems p = { 0 };

	put("a.xml",
	    CB_TEXT("<m>\n<field label=\"涉案金额（元）\" need=\"是\" max=\"x\"/>\n</m>\n"));
	problem_add(&p, "a.xml", 2, 38, "要写数字", "a number is needed");
	problem_add(&p, "a.xml", 2, 30, "写 yes 或 no", "write yes or no");
	problem_add(&p, "a.xml", 2, 15, "太长", "too long");
	expect(&p, "a.xml:2:15: 太长\n"
		   "    <field label=\"涉案金额（元）\" need=\"是\" max=\"x\"/>\n"
		   "                  ^\n"
		   "a.xml:2:30: 写 yes 或 no\n"
		   "    <field label=\"涉案金额（元）\" need=\"是\" max=\"x\"/>\n"
		   "                                        ^\n"
		   "a.xml:2:38: 要写数字\n"
		   "    <field label=\"涉案金额（元）\" need=\"是\" max=\"x\"/>\n"
		   "                                                 ^\n");
}

static void tabs_and_control_characters_are_one_blank(void **state)
{
	struct problems p = { 0 };

	put("tab.xml", CB_TEXT("\t\t<a\033[2J b=\"1\"/>\r\n"));
	problem_add(&p, "tab.xml", 1, 3, "错", "wrong");
	problem_add(&p, "tab.xml", 1, 10, "错", "wrong");
	expect(&p, "tab.xml:1:3: 错\n"
		   "      <a [2J b=\"1\"/>\n"
		   "      ^\n"
		   "tab.xml:1:10: 错\n"
		   "      <a [2J b=\"1\"/>\n"
		   "             ^\n");
}

static void a_caret_may_stand_behind_the_line(void **state)
{
	struct problems p = { 0 };

	put("end.xml", CB_TEXT("<a>中"));
	problem_add(&p, "end.xml", 1, 5, "断了", "cut");
	problem_add(&p, "end.xml", 1, 500, "远", "far");
	expect(&p, "end.xml:1:5: 断了\n    <a>中\n         ^\n"
		   "end.xml:1:500: 远\n    <a>中\n         ^\n");
}

static void problems_are_sorted_and_said_once(void **state)
{
	struct problems p = { 0 };

	problem_add(&p, "b", 1, 1, "一", "one");
	problem_add(&p, "a", 9, 1, "二", "two");
	problem_add(&p, "a", 2, 8, "三", "three");
	problem_add(&p, "a", 2, 8, "四", "four");
	problem_add(&p, "a", 2, 8, "三", "three");
	problem_add(&p, "a", 0, 0, "整个", "whole");
	problem_add(&p, "a", 2, 1, "五", "five");
	assert_int_equal(p.errors, 7);
	expect(&p, "a: 整个\na:2:1: 五\na:2:8: 三\na:2:8: 四\na:9:1: 二\nb:1:1: 一\n");
}

static void what_blames_no_file_has_no_place(void **state)
{
	struct problems p = { 0 };

	problem_add(&p, NULL, 0, 0, "没有文件", "no files");
	expect(&p, "没有文件\n");
}

static void the_language_is_the_users(void **state)
{
	struct problems p = { 0 };
	struct cb_element e = { .name = "a", .file = "gone.xml", .line = 3, .column = 4 };

	say_language(LANGUAGE_EN);
	problem_warn(&p, &e, NULL, "旧写法", "an old form");
	assert_int_equal(p.errors, 0);
	expect(&p, "gone.xml:3:4: warning: an old form\n");
	say_language(LANGUAGE_ZH);
	problem_warn(&p, &e, NULL, "旧写法", "an old form");
	expect(&p, "gone.xml:3:4: 警告：旧写法\n");
}

static void a_file_that_is_gone_or_a_folder_costs_only_the_picture(void **state)
{
	struct problems p = { 0 };

	problem_add(&p, "gone.xml", 1, 1, "错", "wrong");
	problem_add(&p, ".", 1, 1, "错", "wrong");
	problem_add(&p, "a.xml", 99, 1, "错", "wrong");
	expect(&p, ".:1:1: 错\na.xml:99:1: 错\ngone.xml:1:1: 错\n");
}

static void a_long_line_is_shown_around_the_caret(void **state)
{
	struct problems p = { 0 };
	struct buffer text = { 0 }, out = { 0 };
	const char *window, *caret;

	for (int i = 0; i < 5000; i++)
		buffer_string(&text, "甲乙c");
	put("long.xml", buffer_view(&text));
	problem_add(&p, "long.xml", 1, 6001, "错", "wrong");
	problems_print(&p, &out);
	window = strchr(buffer_cstr(&out), '\n') + 1;
	caret = strchr(window, '\n') + 1;
	assert_memory_equal(window, "    ...", 7);
	assert_memory_equal(caret - 4, "...\n", 4);
	assert_in_range(caret - window, 100, 160);
	assert_int_equal(strchr(caret, '^') - caret, 7 + 60);
	assert_memory_equal(window + 7 + 60 / 5 * 7, "甲乙c甲乙", 13);
	buffer_done(&text);
	buffer_done(&out);
	problems_done(&p);
}

static void the_ends_of_a_long_line_need_no_dots(void **state)
{
	struct problems p = { 0 };
	struct buffer text = { 0 }, out = { 0 };

	for (int i = 0; i < 100; i++)
		buffer_char(&text, 'x');
	put("fits.xml", buffer_view(&text));
	problem_add(&p, "fits.xml", 1, 100, "错", "wrong");
	problem_add(&p, "fits.xml", 1, 1, "错", "wrong");
	problems_print(&p, &out);
	assert_null(strstr(buffer_cstr(&out), "..."));
	buffer_done(&text);
	buffer_done(&out);
	problems_done(&p);
}

static void a_file_in_gbk_is_shown_as_text(void **state)
{
	struct problems p = { 0 };

	put("gbk.xml", CB_TEXT("<!-- -->\n<a b=\"\xb5\xe7\xbb\xb0\"/>\n"));
	problem_add(&p, "gbk.xml", 2, 7, "GBK", "GBK");
	expect(&p, "gbk.xml:2:7: GBK\n    <a b=\"电话\"/>\n          ^\n");
}

static void bytes_that_are_nothing_count_one_each(void **state)
{
	struct problems p = { 0 };

	put("none.xml", CB_TEXT("\xef\xbb\xbf<a b=\"\xff\xfe\"/>"));
	problem_add(&p, "none.xml", 1, 7, "坏", "bad");
	expect(&p, "none.xml:1:7: 坏\n    <a b=\"??\"/>\n          ^\n");
}

static void a_flood_is_counted(void **state)
{
	struct problems p = { 0 };
	struct buffer out = { 0 };

	for (uint32_t i = 0; i < 5000; i++)
		problem_add(&p, "flood", i + 1, 1, "错", "wrong");
	assert_int_equal(p.errors, 5000);
	assert_int_equal(p.count, 1000);
	problems_print(&p, &out);
	assert_non_null(strstr(buffer_cstr(&out), "flood:1000:1: 错\n另有 4000 处问题没有列出\n"));
	buffer_done(&out);
	problems_done(&p);
}

static void json_says_the_same(void **state)
{
	struct problems p = { 0 };
	struct buffer out = { 0 };
	struct cb_element e = { .name = "a", .file = "a\".xml", .line = 3, .column = 4 };

	problem_warn(&p, &e, "none", "用\"x\"", "use \"x\"");
	problem_add(&p, "a\".xml", 1, 2, "错", "wrong");
	problems_json(&p, &out);
	assert_string_equal(buffer_cstr(&out),
			    "[{\"file\":\"a\\\".xml\",\"line\":1,\"column\":2,\"level\":\"error\","
			    "\"text\":\"错\"},"
			    "{\"file\":\"a\\\".xml\",\"line\":3,\"column\":4,\"level\":\"warning\","
			    "\"text\":\"用\\\"x\\\"\"}]");
	buffer_clear(&out);
	problems_done(&p);
	problems_json(&p, &out);
	assert_string_equal(buffer_cstr(&out), "[]");
	buffer_done(&out);
}

static void the_nearest_word_is_found(void **state)
{
	static const char *const words[] = { "here",  "there", "format",   "field", "group",
					     "codes", "type",  "办理状态", NULL };
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{ "feild", "field" },
		{ "fields", "field" },
		{ "filed", "field" },
		{ "thre", "there" },
		{ "her", "here" },
		{ "FORMAT", "format" },
		{ "fromat", "format" },
		{ "tpye", "type" },
		{ "办理状太", "办理状态" },
		{ "办里状态", "办理状态" },
		{ "fm", NULL },
		{ "he", NULL },
		{ "", NULL },
		{ "label", NULL },
		{ "xxxx", NULL },
		{ "\xff\xfe\xff", NULL },
		{ "group", "group" },
		{ "codecs", "codes" },
	};
	char word[300];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *nearest = problem_nearest(cases[i].word, words);

		if (cases[i].nearest)
			assert_string_equal(nearest, cases[i].nearest);
		else
			assert_null(nearest);
	}
	memset(word, 'x', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	assert_null(problem_nearest(word, words));
}

static int fresh_folder(void **state)
{
	static char folder[] = "/tmp/problem-XXXXXX";

	*state = folder;
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", (char *)*state);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_caret_stands_under_chinese_text),
		cmocka_unit_test(tabs_and_control_characters_are_one_blank),
		cmocka_unit_test(a_caret_may_stand_behind_the_line),
		cmocka_unit_test(problems_are_sorted_and_said_once),
		cmocka_unit_test(what_blames_no_file_has_no_place),
		cmocka_unit_test(the_language_is_the_users),
		cmocka_unit_test(a_file_that_is_gone_or_a_folder_costs_only_the_picture),
		cmocka_unit_test(a_long_line_is_shown_around_the_caret),
		cmocka_unit_test(the_ends_of_a_long_line_need_no_dots),
		cmocka_unit_test(a_file_in_gbk_is_shown_as_text),
		cmocka_unit_test(bytes_that_are_nothing_count_one_each),
		cmocka_unit_test(a_flood_is_counted),
		cmocka_unit_test(json_says_the_same),
		cmocka_unit_test(the_nearest_word_is_found),
	};

	return cmocka_run_group_tests(tests, fresh_folder, remove_folder);
}
