/*
 * write.c - rows go out in the order of their shape, as events and as JSON.
 */
#include "record/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/say.h"
#include "record/path.h"

static struct arena arena;
static struct shape *shape;
static struct row *row;
static struct buffer out;

static int begin(void **state)
{
	say_language(LANGUAGE_EN);
	shape = shape_new(&arena);
	row = NULL;
	return 0;
}

static int end(void **state)
{
	arena_done(&arena);
	buffer_done(&out);
	return 0;
}

static struct path *path(struct shape *from, const char *text, enum path_use use)
{
	struct path *made;

	assert_int_equal(path_compile(&arena, from, cb_text_of(text), use, &made, NULL), CB_OK);
	return made;
}

static void want(const char *text)
{
	(void)path(shape, text, PATH_VALUE);
}

static struct shape *want_list(struct shape *from, const char *text)
{
	const struct path *list = path(from, text, PATH_LIST);

	return from->lists[list->steps[0].index];
}

static void set(const char *text, const char *value)
{
	if (!row)
		row = row_new(&arena, shape);
	path_set(&arena, path(shape, text, PATH_VALUE), row, cb_text_of(value));
}

/* [record] (list) <enter> name=value; with ~ nothing, # a number, ? a flag. */
static int on_event(void *with, const struct cb_event *e, struct cb_error *err)
{
	static const char *const kinds[] = { "", "[", "(", "<", "", ">", ")", "]", "" };

	if (e->kind == CB_VALUE)
		buffer_printf(&out, "%.*s%s%.*s;", CB_TEXT_ARG(e->name),
			      !e->text.at                  ? "~"
			      : e->type == CB_VALUE_NUMBER ? "#"
			      : e->type == CB_VALUE_FLAG   ? "?"
							   : "=",
			      CB_TEXT_ARG(e->text));
	else
		buffer_printf(&out, "%s%.*s", kinds[e->kind],
			      (int)(e->kind == CB_LEAVE || e->kind == CB_LIST_END ||
						    e->kind == CB_RECORD_END
					    ? 0
					    : e->name.len),
			      e->name.at ? e->name.at : "");
	if (e->kind == CB_ENTER)
		buffer_char(&out, ' ');
	return CB_OK;
}

static const char *written(bool all)
{
	const struct row_writer w = { .event = on_event, .name = CB_TEXT("case "), .all = all };

	if (!row)
		row = row_new(&arena, shape);
	buffer_clear(&out);
	assert_int_equal(row_write(&w, row, NULL), CB_OK);
	return buffer_cstr(&out);
}

static const char *json(void)
{
	if (!row)
		row = row_new(&arena, shape);
	buffer_clear(&out);
	row_json(row, &out);
	return buffer_cstr(&out);
}

static void values_stand_in_the_order_of_the_shape(void **state)
{
	want("b");
	want("g/y");
	want("a");
	want("g/x");
	set("a", "1");
	set("g/x", "2");
	set("g/y", "3");
	set("b", "4");
	assert_string_equal(written(false), "[case b=4;<g y=3;x=2;>a=1;]");
	assert_string_equal(json(), "{\"b\":\"4\",\"g\":{\"y\":\"3\",\"x\":\"2\"},\"a\":\"1\"}");
}

static void attributes_stand_first_then_the_own_text(void **state)
{
	want("g/x");
	want("g");
	want("g/@b");
	want("g/@a");
	set("g/x", "1");
	set("g", "own");
	set("g/@a", "2");
	set("g/@b", "3");
	assert_string_equal(written(false), "[case <g @b=3;@a=2;.=own;x=1;>]");
}

static void the_record_has_attributes_and_text_too(void **state)
{
	want("x");
	want(".");
	want("@id");
	set("x", "1");
	set(".", "own");
	set("@id", "7");
	assert_string_equal(written(false), "[case @id=7;.=own;x=1;]");
}

static void nothing_is_left_out_and_the_empty_text_is_not(void **state)
{
	want("a");
	want("b");
	want("g/x");
	set("b", "");
	assert_string_equal(written(false), "[case b=;]");
	assert_string_equal(json(), "{\"b\":\"\"}");
}

static void an_empty_row_is_an_empty_record(void **state)
{
	want("a");
	want("g/x");
	(void)want_list(shape, "l");
	assert_string_equal(written(false), "[case ]");
	assert_string_equal(json(), "{}");
}

static void a_table_has_all_its_columns(void **state)
{
	want("a");
	want("b");
	want("c");
	set("b", "");
	assert_string_equal(written(true), "[case a~;b=;c~;]");
	set("a", "1");
	assert_string_equal(written(true), "[case a=1;b=;c~;]");
}

static void a_list_is_a_list_also_of_one_or_none(void **state)
{
	struct shape *list = want_list(shape, "w/party");
	struct row *item;

	(void)path(list, "name", PATH_VALUE);
	assert_string_equal(written(false), "[case ]");
	assert_string_equal(written(true), "[case <w (party)>]");
	item = row_add(&arena, row, 0);
	assert_string_equal(written(false), "[case <w (party<party >)>]");
	assert_string_equal(json(), "{\"w\":{\"party\":[{}]}}");
	item->values[0] = CB_TEXT("a");
	row_add(&arena, row, 0)->values[0] = CB_TEXT("b");
	assert_string_equal(written(false), "[case <w (party<party name=a;><party name=b;>)>]");
	assert_string_equal(json(), "{\"w\":{\"party\":[{\"name\":\"a\"},{\"name\":\"b\"}]}}");
}

static void items_may_be_texts_and_lists_stand_in_lists(void **state)
{
	struct shape *list = want_list(shape, "a"), *inner;
	struct row *item;

	(void)path(list, ".", PATH_VALUE);
	inner = want_list(list, "b");
	(void)path(inner, ".", PATH_VALUE);
	row = row_new(&arena, shape);
	row_add(&arena, row, 0)->values[0] = CB_TEXT("one");
	item = row_add(&arena, row, 0);
	row_add(&arena, item, 0)->values[0] = CB_TEXT("x");
	row_add(&arena, item, 0)->values[0] = CB_TEXT("y");
	assert_string_equal(written(false), "[case (a<a .=one;><a (b<b .=x;><b .=y;>)>)]");
	assert_string_equal(json(),
			    "{\"a\":[{\".\":\"one\"},{\"b\":[{\".\":\"x\"},{\".\":\"y\"}]}]}");
}

static void names_nobody_gave_a_slot_are_not_written(void **state)
{
	shape_child(shape, shape->root, CB_TEXT("ignored"));
	shape_child(shape, shape_child(shape, shape->root, CB_TEXT("g")), CB_TEXT("ignored"));
	want("a");
	assert_string_equal(written(false), "[case ]");
	assert_string_equal(json(), "{}");
}

static void the_type_goes_with_the_value(void **state)
{
	want("n");
	want("f");
	shape->slots[0].type = CB_VALUE_NUMBER;
	shape->slots[1].type = CB_VALUE_FLAG;
	set("n", "-12000.50");
	set("f", "true");
	assert_string_equal(written(false), "[case n#-12000.50;f?true;]");
	assert_string_equal(json(), "{\"n\":-12000.50,\"f\":true}");
}

static void json_stays_json_whatever_a_number_says(void **state)
{
	static const struct {
		const char *number, *flag, *json;
	} cases[] = {
		{ "1", "false", "{\"n\":1,\"f\":false}" },
		{ "", "", "{\"n\":\"\",\"f\":\"\"}" },
		{ "007", "yes", "{\"n\":\"007\",\"f\":\"yes\"}" },
		{ "1e5", "1", "{\"n\":\"1e5\",\"f\":\"1\"}" },
		{ "1,\"x\":2", "true,", "{\"n\":\"1,\\\"x\\\":2\",\"f\":\"true,\"}" },
	};

	want("n");
	want("f");
	shape->slots[0].type = CB_VALUE_NUMBER;
	shape->slots[1].type = CB_VALUE_FLAG;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		set("n", cases[i].number);
		set("f", cases[i].flag);
		assert_string_equal(json(), cases[i].json);
	}
}

static void json_escapes_names_and_values(void **state)
{
	want("'a\"b'");
	set("'a\"b'", "\"\\\n\t\r\x01/\x7f张三");
	assert_string_equal(json(), "{\"a\\\"b\":\"\\\"\\\\\\n\\t\\r\\u0001/\x7f张三\"}");
}

static int stop_in_time(void *with, const struct cb_event *e, struct cb_error *err)
{
	int *left = with;

	assert_true(*left > 0); /* not called again once it has failed */
	return --*left ? CB_OK : cb_fail(err, CB_AGAIN, "停", "stop");
}

static void the_first_failure_ends_the_writing(void **state)
{
	struct shape *list = want_list(shape, "g/party");

	(void)path(list, "a/b", PATH_VALUE);
	(void)path(list, "c", PATH_VALUE);
	row = row_new(&arena, shape);
	row_add(&arena, row, 0)->values[0] = CB_TEXT("1");
	row->lists[0].at[0]->values[1] = CB_TEXT("1");
	row_add(&arena, row, 0)->values[0] = CB_TEXT("1");
	/* [ <g (party <party <a b > c > <party <a b > > ) > ]: 17 events */
	for (int events = 1; events <= 17; events++) {
		struct cb_error err = { 0 };
		int left = events;
		const struct row_writer w = { .event = stop_in_time, .with = &left };

		assert_int_equal(row_write(&w, row, &err), CB_AGAIN);
		assert_string_equal(err.text, "stop");
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(values_stand_in_the_order_of_the_shape),
		TEST(attributes_stand_first_then_the_own_text),
		TEST(the_record_has_attributes_and_text_too),
		TEST(nothing_is_left_out_and_the_empty_text_is_not),
		TEST(an_empty_row_is_an_empty_record),
		TEST(a_table_has_all_its_columns),
		TEST(a_list_is_a_list_also_of_one_or_none),
		TEST(items_may_be_texts_and_lists_stand_in_lists),
		TEST(names_nobody_gave_a_slot_are_not_written),
		TEST(the_type_goes_with_the_value),
		TEST(json_stays_json_whatever_a_number_says),
		TEST(json_escapes_names_and_values),
		TEST(the_first_failure_ends_the_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
