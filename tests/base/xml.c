#include "base/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/say.h"

struct rig {
	struct arena arena;
	struct problems problems;
	struct buffer shown;
};

static struct cb_element *read_text(struct rig *rig, struct cb_text text)
{
	return xml_read_text(&rig->arena, "t.xml", text, &rig->problems);
}

/* The problems, as they are printed. */
static const char *said(struct rig *rig)
{
	buffer_clear(&rig->shown);
	problems_print(&rig->problems, &rig->shown);
	return buffer_cstr(&rig->shown);
}

static void done(struct rig *rig)
{
	arena_done(&rig->arena);
	problems_done(&rig->problems);
	buffer_done(&rig->shown);
}

static void expect_place(const struct cb_element *e, uint32_t line, uint32_t column)
{
	assert_int_equal(e->line, line);
	assert_int_equal(e->column, column);
}

static void expect_attribute(const struct cb_element *e, size_t i, const char *name,
			     const char *value, uint32_t line, uint32_t column)
{
	assert_true(i < e->attribute_count);
	assert_string_equal(e->attributes[i].name, name);
	assert_string_equal(e->attributes[i].value, value);
	assert_int_equal(e->attributes[i].line, line);
	assert_int_equal(e->attributes[i].column, column);
}

static void everything_keeps_its_place(void **state)
{
	struct rig rig = { 0 };
	const struct cb_element *root, *b, *c;

	root = read_text(&rig, CB_TEXT("\xef\xbb\xbf<?xml version='1.0'?>\r\n"
				       "<!-- 映射 <b> -->\r\n"
				       "<映射 标签=\"网格\">\r\n"
				       "\t<b x='1' y = \"&lt;中\n文>\"/><!-- <c> --><?p <c> ?>\r\n"
				       "  中文<c\n   z=\"\"></c >\r\n"
				       "</映射>\r\n"));
	assert_string_equal(said(&rig), "");
	assert_non_null(root);
	assert_string_equal(root->name, "映射");
	assert_string_equal(root->file, "t.xml");
	expect_place(root, 3, 1);
	expect_attribute(root, 0, "标签", "网格", 3, 9);
	b = root->first;
	c = b->next;
	assert_ptr_equal(b->up, root);
	expect_place(b, 4, 2);
	expect_attribute(b, 0, "x", "1", 4, 8);
	expect_attribute(b, 1, "y", "<中 文>", 4, 16);
	assert_int_equal(b->attribute_count, 2);
	expect_place(c, 6, 5);
	expect_attribute(c, 0, "z", "", 7, 7);
	assert_null(c->next);
	assert_null(root->up);
	assert_null(root->next);
	done(&rig);
}

static void text_is_its_own_and_inner_is_as_written(void **state)
{
	struct rig rig = { 0 };
	const struct cb_element *root;

	root = read_text(&rig, CB_TEXT("<a>x&amp;<b k='>'>y</b><!--</a>--><![CDATA[<&]]>&#20013;"
				       "<c/><d></d> </a>"));
	assert_true(cb_text_is(root->text, "x&<&中 "));
	assert_true(cb_text_is(root->inner, "x&amp;<b k='>'>y</b><!--</a>--><![CDATA[<&]]>&#20013;"
					    "<c/><d></d> "));
	assert_true(cb_text_is(root->first->text, "y"));
	assert_true(cb_text_is(root->first->inner, "y"));
	assert_true(cb_text_is(cb_child(root, "c", NULL)->inner, ""));
	assert_true(cb_text_is(cb_child(root, "d", NULL)->text, ""));
	done(&rig);
}

static void an_empty_element_ends_only_itself(void **state)
{
	struct rig rig = { 0 };
	const struct cb_element *root;

	root = read_text(&rig, CB_TEXT("<a>1<b>2<c/></b><b><c/>3</b><d x='/'>4</d></a>"));
	assert_true(cb_text_is(root->inner, "1<b>2<c/></b><b><c/>3</b><d x='/'>4</d>"));
	assert_true(cb_text_is(root->first->inner, "2<c/>"));
	assert_true(cb_text_is(root->first->next->inner, "<c/>3"));
	assert_true(cb_text_is(cb_child(root, "d", NULL)->inner, "4"));
	assert_int_equal(cb_child(root, "d", NULL)->column, 29);
	done(&rig);
}

static void prefixes_are_part_of_the_name(void **state)
{
	struct rig rig = { 0 };
	const struct cb_element *root;

	root = read_text(&rig,
			 CB_TEXT("<p:a xmlns='u' xmlns:p='v' p:x='1' x='2'><q:b q:y='3'/></p:a>"));
	assert_string_equal(root->name, "p:a");
	expect_attribute(root, 0, "xmlns", "u", 1, 13);
	expect_attribute(root, 1, "xmlns:p", "v", 1, 25);
	expect_attribute(root, 2, "p:x", "1", 1, 33);
	expect_attribute(root, 3, "x", "2", 1, 39);
	assert_string_equal(root->first->name, "q:b");
	expect_attribute(root->first, 0, "q:y", "3", 1, 52);
	assert_string_equal(said(&rig), "");
	done(&rig);
}

static const struct {
	const char *text, *zh;
} mistakes[] = {
	{ "<a>\n <b>x</c></a>", "2:6: 结束标签 </c> 配不上第 2 行第 2 列的 <b>：这里应是 </b>" },
	{ "<映射><字段>\n中</映射>",
	  "2:2: 结束标签 </映射> 配不上第 1 行第 5 列的 <字段>：这里应是 </字段>" },
	{ "<a>\n<b>x", "2:1: <b> 没有结束：到文件末尾都没有 </b>" },
	{ "<a><b/>\n", "1:1: <a> 没有结束：到文件末尾都没有 </a>" },
	{ "<a>\n <b c=\"1\" d", "2:2: 标签没有结束：文件在它中间断了，或者少一个引号" },
	{ "<a><!-- x</a>", "1:4: 注释没有结束：缺 -->" },
	{ "<a><![CDATA[ x</a>", "1:4: CDATA 没有结束：缺 ]]>" },
	{ "<a><?x </a>", "1:4: 处理指令没有结束：缺 ?>" },
	{ "<a><!-- 甲 -- y --></a>", "1:11: 注释里不能有连着的两个减号 --" },
	{ "<a>\n<!-- 甲 --><b c=甲/></a>", "2:16: 属性值要放在引号里：c=\"…\"" },
	{ "<a>甲<b here=“x”/></a>", "1:13: 这里是全角的 “：标签里要用半角（英文输入法）的 \"" },
	{ "<a here＝\"x\"/>", "1:8: 这里是全角的 ＝：标签里要用半角（英文输入法）的 =" },
	{ "<a　b=\"1\"/>", "1:3: 这里是全角空格或不换行空格：标签里要用普通空格" },
	{ "<a label=\"“甲”\" c/>", "1:16: 属性 c 没有值：要写 c=\"…\"" },
	{ "<a b=/>", "1:6: 属性值要放在引号里：b=\"…\"" },
	{ "<a b=\"1\"c=\"2\"/>", "1:9: 两个属性之间要有空格；也可能是前面少了或多了一个引号" },
	{ "<a b=\"甲\" c=\"2\" b=\"3\"/>", "1:16: 属性 b 写了两次" },
	{ "<a b=\"甲 < b\"/>", "1:9: 属性值里不能直接写 <：请写成 &lt;；也可能是前面少了一个引号" },
	{ "<a b=\"1/>\n<b c=\"2\"/></a>",
	  "2:1: 属性值里不能直接写 <：请写成 &lt;；也可能是前面少了一个引号" },
	{ "<a>甲 & y</a>", "1:6: & 不能直接写：请写成 &amp;" },
	{ "<a b=\"甲&y=1\"/>", "1:8: & 不能直接写：请写成 &amp;" },
	{ "<a>x &nbsp; y</a>",
	  "1:6: 不认识 &nbsp;：只有 &lt; &gt; &amp; &quot; &apos; 和 &#数字;" },
	{ "<a b=\"&foo;\"/>", "1:7: 不认识 &foo;：只有 &lt; &gt; &amp; &quot; &apos; 和 &#数字;" },
	{ "<a>a < b</a>", "1:6: < 不能直接写：请写成 &lt;" },
	{ "<a>甲\x01</a>", "1:5: XML 里不许有字符 U+0001：请删掉" },
	{ "<a b=\"\x1b\"/>", "1:7: XML 里不许有字符 U+001B：请删掉" },
	{ "</a>", "1:1: 结束标签 </a> 没有对应的开始标签" },
	{ "<a/>\n<b/>", "2:1: 最外层元素 <a> 已经结束，后面不能再有内容" },
	{ "<a/> 甲", "1:6: 最外层元素 <a> 已经结束，后面不能再有内容" },
	{ "{\"a\":1}", "1:1: 不是 XML 文件：应以 < 开头" },
	{ "<!-- 只有注释 -->\n", "2:1: 文件里没有任何元素" },
	{ "\n<?xml version=\"1.0\"?><a/>",
	  "2:1: <?xml …?> 必须在文件的最开头，前面不能有空行或空格" },
	{ "<!-- x -->\n <!DOCTYPE a><a/>",
	  "2:2: 不许有 DOCTYPE：请删掉这一段，只用 &lt; &gt; &amp; &quot; &apos;" },
	{ "<!DOCTYPE a SYSTEM \"file:///etc/passwd\" [ <!ENTITY x \"y\"> ]><a>&x;</a>",
	  "1:1: 不许有 DOCTYPE：请删掉这一段，只用 &lt; &gt; &amp; &quot; &apos;" },
	{ "<?xml version=\"1.0\" encoding=\"GB18030\"?><a/>",
	  "1:31: 只读 UTF-8 的文件，这里声明的是“GB18030”：请另存为 UTF-8（记事本：另存为 → 编码 → "
	  "UTF-8），并把这里改成 UTF-8" },
	{ "<?xml version=\"1.0\" encoding='gbk'?>\n<a>\xb5\xe7</a>",
	  "1:31: 只读 UTF-8 的文件，这里声明的是“gbk”：请另存为 UTF-8（记事本：另存为 → 编码 → "
	  "UTF-8），并把这里改成 UTF-8" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>甲\n\xb5\xe7\xbb\xb0</a>",
	  "3:1: 字节 0xB5 不是 UTF-8，也不是 GBK：文件损坏，或者不是文本" },
	{ "<a>\n  <b>\xb5\xe7\xbb\xb0</b></a>",
	  "2:6: 这个文件存成了 GBK 编码：请另存为 UTF-8（记事本：另存为 → 编码 → UTF-8）" },
	{ "<a>\xff</a>", "1:4: 字节 0xFF 不是 UTF-8，也不是 GBK：文件损坏，或者不是文本" },
	{ "", " 文件是空的" },
	{ " \r\n\t", " 文件是空的" },
	{ "\xef\xbb\xbf", " 文件是空的" },
	{ "\xff\xfe<", " 这个文件存成了 UTF-16（Unicode）编码：请另存为 UTF-8（记事本：另存为 → "
		       "编码 → UTF-8）" },
};

static void a_mistake_is_said_once_at_its_place(void **state)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		struct rig rig = { 0 };
		struct buffer expected = { 0 };

		buffer_printf(&expected, "t.xml:%s\n", mistakes[i].zh);
		assert_null(read_text(&rig, cb_text_of(mistakes[i].text)));
		assert_string_equal(said(&rig), buffer_cstr(&expected));
		assert_int_equal(rig.problems.errors, 1);
		buffer_done(&expected);
		done(&rig);
	}
}

static void every_sentence_is_also_english(void **state)
{
	say_language(LANGUAGE_EN);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		struct rig rig = { 0 };

		assert_null(read_text(&rig, cb_text_of(mistakes[i].text)));
		assert_int_equal(rig.problems.errors, 1);
		assert_null(strstr(rig.problems.at[0].text, "："));
		done(&rig);
	}
	say_language(LANGUAGE_ZH);
}

static void put(const char *name, struct cb_text text)
{
	assert_int_equal(file_write(name, text, 0644, NULL), CB_OK);
}

static void expect_file(const char *path, const char *expected)
{
	struct rig rig = { 0 };

	assert_null(xml_read_file(&rig.arena, path, &rig.problems));
	assert_string_equal(said(&rig), expected);
	done(&rig);
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
	char *large = memory_take(9 << 20);

	memset(large, ' ', 9 << 20);
	put("large.xml", (struct cb_text){ large, 9 << 20 });
	put("empty.xml", CB_TEXT(""));
	put("zip.xml", CB_TEXT("PK\x03\x04\0\0<a/>"));
	put("bad.xml", CB_TEXT("<a>\r\n\t<字段 名=“甲”/>\r\n</a>"));
	expect_file("none.xml", "none.xml: 读不了：不存在\n");
	expect_file(".", ".: 读不了：是文件夹，不是文件\n");
	expect_file("large.xml", "large.xml: 文件太大：最多 8 MB\n");
	expect_file("empty.xml", "empty.xml: 文件是空的\n");
	expect_file("zip.xml", "zip.xml: 不是文本文件：里面有 NUL 字节\n");
	expect_file("bad.xml", "bad.xml:2:8: 这里是全角的 “：标签里要用半角（英文输入法）的 \"\n"
			       "     <字段 名=“甲”/>\n"
			       "              ^\n");
	if (geteuid() != 0 && chmod("bad.xml", 0) == 0)
		expect_file("bad.xml", "bad.xml: 读不了：没有权限\n");
	free(large);
}

static void a_text_of_nine_megabytes_is_refused(void **state)
{
	struct rig rig = { 0 };
	char *large = memory_take(9 << 20);

	memset(large, 'x', 9 << 20);
	assert_null(read_text(&rig, (struct cb_text){ large, 9 << 20 }));
	assert_string_equal(said(&rig), "t.xml: 文件太大：最多 8 MB\n");
	free(large);
	done(&rig);
}

static void elements_nest_sixty_four_deep_and_no_deeper(void **state)
{
	for (int depth = 64; depth <= 100000; depth += depth == 64 ? 1 : 99935) {
		struct rig rig = { 0 };
		struct buffer text = { 0 };

		for (int i = 0; i < depth; i++)
			buffer_string(&text, "<a>");
		for (int i = 0; i < depth; i++)
			buffer_string(&text, "</a>");
		if (depth == 64) {
			assert_non_null(read_text(&rig, buffer_view(&text)));
			assert_string_equal(said(&rig), "");
		} else {
			assert_null(read_text(&rig, buffer_view(&text)));
			assert_string_equal(said(&rig),
					    "t.xml:1:193: 元素一层套一层，超过了 64 层\n");
		}
		buffer_done(&text);
		done(&rig);
	}
}

static void laughs_are_refused_before_they_multiply(void **state)
{
	struct rig rig = { 0 };
	struct buffer text = { 0 };

	buffer_string(&text, "<!DOCTYPE l [<!ENTITY l0 \"ha\">");
	for (int i = 1; i < 30; i++)
		buffer_printf(&text, "<!ENTITY l%d \"&l%d;&l%d;&l%d;&l%d;\">", i, i - 1, i - 1,
			      i - 1, i - 1);
	buffer_string(&text, "]><a>&l29;</a>");
	assert_null(read_text(&rig, buffer_view(&text)));
	assert_int_equal(rig.problems.errors, 1);
	buffer_done(&text);
	done(&rig);
}

static void a_nul_byte_anywhere_is_refused(void **state)
{
	static const struct cb_text texts[] = {
		CB_TEXT("\0"),     CB_TEXT("<a>\0</a>"), CB_TEXT("<a b=\"\0\"/>"),
		CB_TEXT("<a/>\0"), CB_TEXT("<\0a/>"),
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct rig rig = { 0 };

		assert_null(read_text(&rig, texts[i]));
		assert_int_equal(rig.problems.errors, 1);
		done(&rig);
	}
}

static const char sample[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			     "<!-- 网格 -->\n"
			     "<m n='甲'>\r\n"
			     "<f a=\"b &gt; c\" d=\"\"/>&#20013;<![CDATA[<x>]]>\n"
			     "<p:q xmlns:p=\"u\" p:r=\"1\">t<?pi x?></p:q>\n"
			     "</m>";

static void a_file_cut_anywhere_has_one_problem(void **state)
{
	for (size_t len = 0; len < sizeof(sample) - 1; len++) {
		struct rig rig = { 0 };
		char *cut = memory_take(len);

		memcpy(cut, sample, len);
		assert_null(read_text(&rig, (struct cb_text){ cut, len }));
		assert_int_equal(rig.problems.errors, 1);
		free(cut);
		done(&rig);
	}
}

static void any_byte_may_turn_into_any_other(void **state)
{
	for (size_t i = 0; i < sizeof(sample) - 1; i++) {
		char changed[sizeof(sample)];

		memcpy(changed, sample, sizeof(sample));
		for (int c = 0; c < 256; c++) {
			struct rig rig = { 0 };
			bool was_read;

			changed[i] = (char)c;
			was_read = read_text(&rig, (struct cb_text){ changed,
								     sizeof(sample) - 1 }) != NULL;
			assert_int_equal(rig.problems.errors, !was_read);
			done(&rig);
		}
	}
}

static void a_long_name_is_cut_in_sentences(void **state)
{
	struct rig rig = { 0 };
	struct buffer text = { 0 };

	buffer_char(&text, '<');
	for (int i = 0; i < 2000; i++)
		buffer_string(&text, "甲");
	buffer_string(&text, "></b>");
	assert_null(read_text(&rig, buffer_view(&text)));
	assert_true(strlen(rig.problems.at[0].text) < 300);
	buffer_done(&text);
	done(&rig);
}

static int fresh_folder(void **state)
{
	static char folder[] = "/tmp/xml-XXXXXX";

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
		cmocka_unit_test(everything_keeps_its_place),
		cmocka_unit_test(text_is_its_own_and_inner_is_as_written),
		cmocka_unit_test(an_empty_element_ends_only_itself),
		cmocka_unit_test(prefixes_are_part_of_the_name),
		cmocka_unit_test(a_mistake_is_said_once_at_its_place),
		cmocka_unit_test(every_sentence_is_also_english),
		cmocka_unit_test(a_file_that_cannot_be_read_says_why),
		cmocka_unit_test(a_text_of_nine_megabytes_is_refused),
		cmocka_unit_test(elements_nest_sixty_four_deep_and_no_deeper),
		cmocka_unit_test(laughs_are_refused_before_they_multiply),
		cmocka_unit_test(a_nul_byte_anywhere_is_refused),
		cmocka_unit_test(a_file_cut_anywhere_has_one_problem),
		cmocka_unit_test(any_byte_may_turn_into_any_other),
		cmocka_unit_test(a_long_name_is_cut_in_sentences),
	};

	return cmocka_run_group_tests(tests, fresh_folder, remove_folder);
}
