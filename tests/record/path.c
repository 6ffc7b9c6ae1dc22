/*
 * path.c - paths select where they read and establish where they write.
 */
#include "record/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/say.h"
#include "record/sink.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct arena arena;
static struct shape *shape, *party, *claim; /* claim: a list in each party */

static uint32_t slot(struct shape *s, const char *group, const char *name)
{
	struct shape_node *node = s->root;

	if (group)
		node = shape_child(s, node, cb_text_of(group));
	return shape_slot(s, shape_child(s, node, cb_text_of(name)));
}

/* A record as the model would fix it. */
static int begin(void **state)
{
	say_language(LANGUAGE_EN);
	shape = shape_new(&arena);
	slot(shape, NULL, "title");
	slot(shape, NULL, "@id");
	slot(shape, NULL, "#3");
	slot(shape, NULL, "涉及金额（元）");
	slot(shape, NULL, "it's");
	slot(shape, NULL, "案件编号");
	slot(shape, "place", "region");
	slot(shape, "place", "address");
	party = shape_list(shape, shape_child(shape, shape->root, CB_TEXT("party")));
	slot(party, NULL, "role");
	slot(party, NULL, "name");
	slot(party, "home", "region");
	claim = shape_list(party, shape_child(party, party->root, CB_TEXT("claim")));
	slot(claim, NULL, "amount");
	shape->is_fixed = party->is_fixed = claim->is_fixed = true;
	return 0;
}

static int end(void **state)
{
	arena_done(&arena);
	return 0;
}

static struct path *compile(struct shape *from, const char *text, enum path_use use)
{
	struct cb_error err = { 0 };
	struct path *path = NULL;

	if (path_compile(&arena, from, cb_text_of(text), use, &path, &err) != CB_OK)
		fail_msg("%s: %u: %s", text, err.column, err.text);
	return path;
}

static struct row *add(struct row *row, const char *role, const char *name)
{
	struct row *item = row_add(&arena, row, 0);

	item->values[0] = cb_text_of(role);
	item->values[1] = cb_text_of(name);
	return item;
}

static struct row *sample(void)
{
	struct row *row = row_new(&arena, shape), *item;

	for (size_t i = 0; i < shape->slot_count; i++)
		row->values[i] = shape->slots[i].path;
	add(row, "respondent", "李四");
	item = add(row, "applicant", "张三");
	item->values[2] = CB_TEXT("330282");
	row_add(&arena, item, 0)->values[0] = CB_TEXT("100");
	add(row, "applicant", "王五");
	return row;
}

static void a_path_reads_what_it_names(void **state)
{
	static const struct {
		const char *path, *value;
	} cases[] = {
		{ "title", "title" },
		{ " title ", "title" },
		{ "./title", "title" },
		{ "@id", "@id" },
		{ "#3", "#3" },
		{ "'title'", "title" },
		{ "\"it's\"", "it's" },
		{ "'涉及金额（元）'", "涉及金额（元）" },
		{ "案件编号", "案件编号" },
		{ "place/region", "place/region" },
		{ "place / 'region'", "place/region" },
		{ "party[role='applicant']/name", "张三" },
		{ "party[role=\"applicant\"]/name", "张三" },
		{ "party [ role = 'applicant' ] / name", "张三" },
		{ "party['role'='respondent']/name", "李四" },
		{ "party[home/region='330282']/name", "张三" },
		{ "party[role='applicant']/home/region", "330282" },
		{ "party[role='respondent']/home/region", NULL },
		{ "party[role='witness']/name", NULL },
		{ "party[role='']/name", NULL },
	};
	struct row *row = sample();

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cb_text value = path_text(compile(shape, cases[i].path, PATH_VALUE), row);

		if (!value.at != !cases[i].value ||
		    !cb_text_equal(value, cb_text_of(cases[i].value)))
			fail_msg("%s: %.*s", cases[i].path, CB_TEXT_ARG(value));
	}
}

static void a_path_climbs_to_the_rows_around(void **state)
{
	struct row *row = sample(), *item = row->lists[0].at[1], *deep = item->lists[0].at[0];
	static const struct {
		const char *path, *value;
	} cases[] = {
		{ "amount", "100" },
		{ "../name", "张三" },
		{ "../home/region", "330282" },
		{ "../../title", "title" },
		{ "../../party[role='respondent']/name", "李四" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(cb_text_is(path_text(compile(claim, cases[i].path, PATH_VALUE), deep),
				       cases[i].value));
	assert_int_equal(path_rows(compile(claim, "../../party", PATH_LIST), deep)->count, 3);
	assert_int_equal(path_rows(compile(party, "claim", PATH_LIST), item)->count, 1);
}

static void an_empty_text_is_selected_and_nothing_is_not(void **state)
{
	struct row *row = row_new(&arena, shape);
	const struct path *path = compile(shape, "party[role='']/name", PATH_VALUE);

	row_add(&arena, row, 0)->values[1] = CB_TEXT("nothing");
	add(row, "", "empty");
	assert_true(cb_text_is(path_text(path, row), "empty"));
}

static void a_dot_is_the_own_text(void **state)
{
	struct shape *theirs = shape_new(&arena);
	const struct path *path = compile(theirs, ".", PATH_VALUE);
	const struct path *item = compile(theirs, "item[@name='姓名']", PATH_VALUE);
	struct row *row = row_new(&arena, theirs);

	path_set(&arena, path, row, CB_TEXT("own"));
	path_set(&arena, item, row, CB_TEXT("张三"));
	assert_true(cb_text_is(path_text(path, row), "own"));
	assert_true(cb_text_is(path_text(item, row), "张三"));
	assert_string_equal(theirs->slots[path->slot].path.at, ".");
}

static void reading_selects_and_writing_establishes(void **state)
{
	struct row *row = row_new(&arena, shape);
	struct buffer json = { 0 };

	path_set(&arena, compile(shape, "party[role='applicant']/name", PATH_VALUE), row,
		 CB_TEXT("a"));
	path_set(&arena, compile(shape, "party[role='respondent']/name", PATH_VALUE), row,
		 CB_TEXT("r"));
	path_set(&arena, compile(shape, "party[role='applicant']/home/region", PATH_VALUE), row,
		 CB_TEXT("1"));
	path_set(&arena, compile(shape, "place/region", PATH_VALUE), row, CB_TEXT("2"));
	row_json(row, &json);
	assert_string_equal(buffer_cstr(&json),
			    "{\"place\":{\"region\":\"2\"},\"party\":["
			    "{\"role\":\"applicant\",\"name\":\"a\",\"home\":{\"region\":\"1\"}},"
			    "{\"role\":\"respondent\",\"name\":\"r\"}]}");
	buffer_done(&json);
}

static void writing_climbs_too(void **state)
{
	struct row *row = sample();

	path_set(&arena, compile(claim, "../../title", PATH_VALUE),
		 row->lists[0].at[1]->lists[0].at[0], CB_TEXT("new"));
	assert_true(cb_text_is(row->values[0], "new"));
}

static void a_growing_shape_gets_what_is_asked_for(void **state)
{
	struct shape *theirs = shape_new(&arena);

	compile(theirs, "a/b", PATH_VALUE);
	compile(theirs, "item[name='姓名']/value", PATH_VALUE);
	compile(theirs, "GXRS/GXR", PATH_LIST);
	assert_int_equal(theirs->slot_count, 1);
	assert_int_equal(theirs->list_count, 2);
	assert_string_equal(theirs->lists[0]->path.at, "item");
	assert_int_equal(theirs->lists[0]->slot_count, 2);
	assert_string_equal(theirs->lists[1]->path.at, "GXRS/GXR");
}

static void what_is_wrong_is_said_at_its_place(void **state)
{
	static const struct {
		const char *path;
		enum path_use use;
		uint32_t column;
		const char *says;
	} cases[] = {
		{ "titel", PATH_VALUE, 1, "there is no 'titel' here; the nearest is 'title'" },
		{ "  titel", PATH_VALUE, 3, "'title'" },
		{ "place/regoin", PATH_VALUE, 7, "'region'" },
		{ "place/  regoin", PATH_VALUE, 9, "'region'" },
		{ "place/addr", PATH_VALUE, 7, "'address'" },
		{ "案件编码", PATH_VALUE, 1, "'案件编号'" },
		{ "zzzzzz", PATH_VALUE, 1, "there is no 'zzzzzz' here" },
		{ "party[rolle='a']/name", PATH_VALUE, 7, "'role'" },
		{ "party[role='a']/nam", PATH_VALUE, 17, "'name'" },
		{ "party[role]/name", PATH_VALUE, 11, "only one equality" },
		{ "party[role=x]/name", PATH_VALUE, 12, "only one equality" },
		{ "party[role='x' and name='y']", PATH_VALUE, 16, "only one equality" },
		{ "party[='x']", PATH_VALUE, 7, "name='text'" },
		{ "party[claim='x']/name", PATH_VALUE, 7, "is a list" },
		{ "party[claim/amount='1']/name", PATH_VALUE, 7, "is a list" },
		{ "party[home='1']/name", PATH_VALUE, 11, "only one equality" },
		{ "party", PATH_VALUE, 1, "'party' is a list" },
		{ "party/name", PATH_VALUE, 1, "'party' is a list" },
		{ "party/claim", PATH_LIST, 1, "'party' is a list" },
		{ "title", PATH_LIST, 1, "'title' is not a list" },
		{ "title[x='1']", PATH_VALUE, 1, "'title' is not a list" },
		{ "party[role='x']", PATH_LIST, 1, "a list belongs here" },
		{ ".", PATH_LIST, 1, "a list belongs here" },
		{ "place", PATH_VALUE, 1, "a group" },
		{ ".", PATH_VALUE, 1, "a group" },
		{ "", PATH_VALUE, 1, "a name belongs here" },
		{ "  ", PATH_VALUE, 3, "a name belongs here" },
		{ "place/", PATH_VALUE, 7, "a name belongs here" },
		{ "/title", PATH_VALUE, 1, "a name belongs here" },
		{ "''", PATH_VALUE, 1, "a name belongs here" },
		{ "'title", PATH_VALUE, 1, "a name belongs here" },
		{ "@", PATH_VALUE, 1, "a name belongs here" },
		{ "..", PATH_VALUE, 1, "a name belongs here" },
		{ "place/../title", PATH_VALUE, 7, "a name belongs here" },
		{ "../title", PATH_VALUE, 1, "out of the record" },
		{ "title)", PATH_VALUE, 6, "should end here" },
		{ "title place", PATH_VALUE, 7, "should end here" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cb_error err = { 0 };
		struct path *path = NULL;

		assert_int_equal(path_compile(&arena, shape, cb_text_of(cases[i].path),
					      cases[i].use, &path, &err),
				 CB_BROKEN);
		if (err.column != cases[i].column || !strstr(err.text, cases[i].says))
			fail_msg("%s: %u: %s", cases[i].path, err.column, err.text);
	}
}

static void climbing_too_far_is_said_at_its_place(void **state)
{
	struct cb_error err = { 0 };
	struct path *path;

	assert_int_equal(
		path_compile(&arena, claim, CB_TEXT("../../../x"), PATH_VALUE, &path, &err),
		CB_BROKEN);
	assert_int_equal(err.column, 7);
}

/* The error may be unwanted, and the text may end where its memory ends. */
static void a_text_is_read_to_its_end_and_not_further(void **state)
{
	static const char *const cases[] = { "title",       "place/",   "party[role='x']",
					     "party[role=", "party[ro", "'title'",
					     "'tit",        "@",        "..",
					     "../",         "a{1..",    "a{1",
					     "a{",          "a{1..2}",  "",
					     "x " };

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i]), count;
		char *exact = memory_take(len + !len);
		struct path *path, **paths;

		memcpy(exact, cases[i], len);
		if (path_compile(&arena, shape, (struct cb_text){ exact, len }, PATH_VALUE, &path,
				 NULL) == CB_OK)
			assert_non_null(path);
		if (path_compile_many(&arena, shape, (struct cb_text){ exact, len }, PATH_VALUE,
				      &paths, &count, NULL) == CB_OK)
			assert_true(count < 2);
		free(exact);
	}
}

static void too_much_is_refused(void **state)
{
	struct shape *theirs = shape_new(&arena);
	struct buffer text = { 0 };
	struct path *path;

	for (int i = 0; i < 100000; i++)
		buffer_string(&text, "a/");
	buffer_string(&text, "a");
	assert_int_equal(path_compile(&arena, theirs, buffer_view(&text), PATH_VALUE, &path, NULL),
			 CB_BROKEN);
	buffer_clear(&text);
	for (int i = 0; i < 40; i++)
		buffer_string(&text, "l[x='1']/");
	buffer_string(&text, "a");
	assert_int_equal(path_compile(&arena, theirs, buffer_view(&text), PATH_VALUE, &path, NULL),
			 CB_BROKEN);
	buffer_done(&text);
}

static void several_paths_stand_in_one_text(void **state)
{
	static const struct {
		const char *text, *slots;
	} cases[] = {
		{ "", "" },
		{ "  ", "" },
		{ "fsrq fssj", "fsrq fssj " },
		{ "\tfsrq\n\r fssj ", "fsrq fssj " },
		{ "dept{1..3}", "dept1 dept2 dept3 " },
		{ "dept{1..3}name x", "dept1name dept2name dept3name x " },
		{ "d{08..11}", "d08 d09 d10 d11 " },
		{ "d{7..7}", "d7 " },
		{ "a{1..2}/b", "a1/b a2/b " },
		{ "'第{1..2}人（元）'", "第1人（元） 第2人（元） " },
		{ "'a b' c", "a b c " },
		{ "'金额{元}' c", "金额{元} c " },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct shape *theirs = shape_new(&arena);
		struct buffer said = { 0 };
		struct path **paths;
		size_t count;

		assert_int_equal(path_compile_many(&arena, theirs, cb_text_of(cases[i].text),
						   PATH_VALUE, &paths, &count, NULL),
				 CB_OK);
		for (size_t k = 0; k < count; k++) {
			buffer_text(&said, theirs->slots[paths[k]->slot].path);
			buffer_char(&said, ' ');
		}
		assert_string_equal(buffer_cstr(&said), cases[i].slots);
		buffer_done(&said);
	}
}

static void blanks_in_brackets_do_not_part_paths(void **state)
{
	struct path **paths;
	size_t count;

	assert_int_equal(path_compile_many(&arena, shape,
					   CB_TEXT("party[ role = 'a b' ]/name title"), PATH_VALUE,
					   &paths, &count, NULL),
			 CB_OK);
	assert_int_equal(count, 2);
	assert_true(cb_text_is(paths[0]->steps[0].equal_text, "a b"));
}

static void errors_in_several_paths_stand_at_their_place(void **state)
{
	static const struct {
		const char *text;
		uint32_t column;
	} cases[] = {
		{ "title titel", 7 },   { "title  place/regoin", 14 },
		{ "title a{5..1}", 8 }, { "title a{1..}", 8 },
		{ "a{1..201}", 2 },     { "a{0..9999}", 2 },
		{ "a{-1..3}", 2 },      { "a{ 1..3}", 2 },
		{ "x{1..2}", 1 },       { "title title)", 12 },
		{ "title{1..2}", 1 },   { "place/re{11..12}/x", 7 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cb_error err = { 0 };
		struct path **paths;
		size_t count;

		assert_int_equal(path_compile_many(&arena, shape, cb_text_of(cases[i].text),
						   PATH_VALUE, &paths, &count, &err),
				 CB_BROKEN);
		if (err.column != cases[i].column)
			fail_msg("%s: %u: %s", cases[i].text, err.column, err.text);
	}
}

static void behind_braces_the_place_is_that_of_the_source(void **state)
{
	struct shape *theirs = shape_new(&arena);
	struct cb_error err = { 0 };
	struct path **paths;
	size_t count;

	assert_int_equal(path_compile_many(&arena, theirs, CB_TEXT("a{1..2}/b)"), PATH_VALUE,
					   &paths, &count, &err),
			 CB_BROKEN);
	assert_int_equal(err.column, 10);
	assert_int_equal(path_compile_many(&arena, theirs, CB_TEXT("y x{1..200} x{1..100}"),
					   PATH_VALUE, &paths, &count, &err),
			 CB_BROKEN);
	assert_non_null(strstr(err.text, "too many"));
	assert_int_equal(err.column, 13);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_path_reads_what_it_names),
		TEST(a_path_climbs_to_the_rows_around),
		TEST(an_empty_text_is_selected_and_nothing_is_not),
		TEST(a_dot_is_the_own_text),
		TEST(reading_selects_and_writing_establishes),
		TEST(writing_climbs_too),
		TEST(a_growing_shape_gets_what_is_asked_for),
		TEST(what_is_wrong_is_said_at_its_place),
		TEST(climbing_too_far_is_said_at_its_place),
		TEST(a_text_is_read_to_its_end_and_not_further),
		TEST(too_much_is_refused),
		TEST(several_paths_stand_in_one_text),
		TEST(blanks_in_brackets_do_not_part_paths),
		TEST(errors_in_several_paths_stand_at_their_place),
		TEST(behind_braces_the_place_is_that_of_the_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
