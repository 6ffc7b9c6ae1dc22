/*
 * sink.c - what a format announces becomes rows, and nothing is mixed up.
 */
#include "record/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/say.h"
#include "record/path.h"

static struct arena names, record;
static struct cb_sink sink;
static struct shape *shape;
static struct buffer said;    /* the records as JSON, a blank behind each */
static struct buffer unknown; /* "above/name " */
static struct buffer events;

/* Values that were said more than once stand behind a "!" in order of their slots. */
static void say_again(const struct row *row)
{
	for (size_t i = 0; row->again && i < row->shape->slot_count; i++)
		if (row->again[i])
			buffer_printf(&said, "!%s", row->shape->slots[i].path.at);
	for (size_t i = 0; i < row->shape->list_count; i++)
		for (size_t k = 0; k < row->lists[i].count; k++)
			say_again(row->lists[i].at[k]);
}

static int on_record(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	row_json(row, &said);
	say_again(row);
	buffer_char(&said, ' ');
	arena_clear(&record);
	return CB_OK;
}

static void on_unknown(void *with, const struct shape_node *above, struct cb_text name)
{
	buffer_printf(&unknown, "%.*s/%.*s ", CB_TEXT_ARG(above->name), CB_TEXT_ARG(name));
}

static void want(const char *path)
{
	struct path *made;

	assert_int_equal(path_compile(&names, shape, cb_text_of(path), PATH_VALUE, &made, NULL),
			 CB_OK);
}

static void want_list(const char *path, const char *value)
{
	struct path *list, *made;

	assert_int_equal(path_compile(&names, shape, cb_text_of(path), PATH_LIST, &list, NULL),
			 CB_OK);
	assert_int_equal(path_compile(&names, shape->lists[list->steps[0].index], cb_text_of(value),
				      PATH_VALUE, &made, NULL),
			 CB_OK);
}

static int begin(void **state)
{
	say_language(LANGUAGE_EN);
	shape = shape_new(&names);
	sink = (struct cb_sink){
		.shape = shape, .arena = &record, .record = on_record, .unknown = on_unknown
	};
	return 0;
}

static int end(void **state)
{
	sink_done(&sink);
	arena_done(&names);
	arena_done(&record);
	buffer_done(&said);
	buffer_done(&unknown);
	buffer_done(&events);
	return 0;
}

static void begin_record(void)
{
	cb_record_begin(&sink, (struct cb_place){ 0, 1, 1 });
}

static const char *end_record(void)
{
	struct cb_error err = { 0 };

	assert_int_equal(cb_record_end(&sink, &err), CB_OK);
	return buffer_cstr(&said);
}

static void enter(const char *name)
{
	cb_enter(&sink, cb_text_of(name));
}

static void text(const char *part)
{
	cb_text_part(&sink, cb_text_of(part));
}

static void leave(void)
{
	cb_leave(&sink);
}

static void value(const char *name, const char *as)
{
	cb_value(&sink, cb_text_of(name), cb_text_of(as));
}

static void values_go_to_their_slots_in_any_order(void **state)
{
	want("a");
	want("b");
	want("g/c");
	begin_record();
	value("b", "2");
	enter("g");
	value("c", "3");
	leave();
	value("a", "1");
	assert_string_equal(end_record(), "{\"a\":\"1\",\"b\":\"2\",\"g\":{\"c\":\"3\"}} ");
}

static void a_record_knows_nothing_of_the_one_before(void **state)
{
	want("a");
	want("b");
	begin_record();
	value("a", "1");
	value("a", "1");
	(void)end_record();
	begin_record();
	value("b", "2");
	assert_string_equal(end_record(), "{\"a\":\"1\"}!a {\"b\":\"2\"} ");
}

static void texts_are_copied(void **state)
{
	char name[] = "a", as[] = "one";

	want("a");
	want("b");
	begin_record();
	value(name, as);
	enter("b");
	text(as);
	memcpy(name, "b", 1);
	memcpy(as, "two", 3);
	leave();
	assert_string_equal(end_record(), "{\"a\":\"one\",\"b\":\"one\"} ");
}

static void a_text_may_come_in_pieces(void **state)
{
	want("a");
	want("b");
	begin_record();
	enter("a");
	text("");
	text("one");
	text("");
	text(" two");
	cb_text_part(&sink, (struct cb_text){ 0 });
	text(" three");
	leave();
	enter("b");
	text("");
	text("");
	leave();
	assert_string_equal(end_record(), "{\"a\":\"one two three\",\"b\":\"\"} ");
}

static void an_empty_element_is_an_empty_text(void **state)
{
	want("a");
	want("b");
	want("c");
	want("d");
	begin_record();
	enter("a");
	leave();
	value("b", "");
	cb_value(&sink, CB_TEXT("c"), (struct cb_text){ 0 });
	assert_string_equal(end_record(), "{\"a\":\"\",\"b\":\"\",\"c\":\"\"} ");
}

static void a_second_value_is_told_and_the_first_stays(void **state)
{
	want("a");
	want("b");
	want("c");
	begin_record();
	value("a", "1");
	value("b", "1");
	value("a", "2");
	enter("c");
	leave();
	enter("c");
	text("2");
	leave();
	assert_string_equal(end_record(), "{\"a\":\"1\",\"b\":\"1\",\"c\":\"\"}!a!c ");
}

static void a_group_that_comes_again_is_not_mixed_with_the_first(void **state)
{
	want("who/name");
	want("who/home/region");
	want("who/phone");
	begin_record();
	enter("who");
	value("name", "张三");
	enter("home");
	value("region", "1");
	leave();
	leave();
	enter("who");
	enter("home");
	leave();
	value("phone", "139");
	leave();
	assert_string_equal(
		end_record(),
		"{\"who\":{\"name\":\"张三\",\"home\":{\"region\":\"1\"},\"phone\":\"139\"}}"
		"!who/phone ");
}

static void a_group_among_very_many_is_told_too(void **state)
{
	char path[32];

	for (int i = 0; i < 200; i++) {
		snprintf(path, sizeof(path), "g%d/x", i);
		want(path);
		snprintf(path, sizeof(path), "g%d/y", i);
		want(path);
	}
	begin_record();
	for (int i = 60; i < 200; i += 70) {
		snprintf(path, sizeof(path), "g%d", i);
		enter(path);
		value("x", "1");
		leave();
	}
	enter("g130");
	value("y", "2");
	leave();
	assert_string_equal(end_record(), "{\"g60\":{\"x\":\"1\"},\"g130\":{\"x\":\"1\",\"y\":"
					  "\"2\"}}!g130/y ");
}

static void a_wrapper_that_comes_again_only_lengthens_its_list(void **state)
{
	want_list("all/one", "name");
	begin_record();
	for (int i = 0; i < 2; i++) {
		enter("all");
		enter("one");
		value("name", i ? "b" : "a");
		leave();
		leave();
	}
	assert_string_equal(end_record(),
			    "{\"all\":{\"one\":[{\"name\":\"a\"},{\"name\":\"b\"}]}} ");
}

static void a_group_said_as_a_value_counts_as_said(void **state)
{
	want("g");
	want("g/x");
	begin_record();
	value("g", "1");
	enter("g");
	value("x", "2");
	leave();
	assert_string_equal(end_record(), "{\"g\":{\".\":\"1\",\"x\":\"2\"}}!g!g/x ");
}

static void own_text_stands_before_children(void **state)
{
	want("a");
	want("a/@id");
	want("a/b");
	begin_record();
	enter("a");
	value("@id", "7");
	text("ow");
	text("n");
	enter("b");
	text("x");
	leave();
	leave();
	assert_string_equal(end_record(), "{\"a\":{\".\":\"own\",\"@id\":\"7\",\"b\":\"x\"}} ");
}

static void text_behind_a_child_is_said_again(void **state)
{
	want("a");
	want("a/b");
	want("a/c");
	begin_record();
	enter("a");
	text("before");
	value("b", "x");
	text("behind");
	enter("c");
	leave();
	leave();
	assert_string_equal(end_record(), "{\"a\":{\".\":\"before\",\"b\":\"x\",\"c\":\"\"}}!a ");
}

static void text_goes_on_behind_a_child_that_nobody_wants(void **state)
{
	want("a");
	begin_record();
	enter("a");
	text("one");
	enter("br");
	text("lost");
	leave();
	text(" two");
	leave();
	assert_string_equal(end_record(), "{\"a\":\"one two\"} ");
}

static void a_record_has_a_text_of_its_own(void **state)
{
	want(".");
	want("a");
	begin_record();
	text("own");
	value("a", "1");
	assert_string_equal(end_record(), "{\".\":\"own\",\"a\":\"1\"} ");
}

static void repeated_names_of_a_list_are_its_items(void **state)
{
	want_list("party", "name");
	want_list("word", ".");
	want("z");
	begin_record();
	value("word", "w1");
	enter("party");
	value("name", "a");
	leave();
	value("z", "1");
	enter("party");
	leave();
	enter("party");
	value("name", "b");
	value("name", "c");
	leave();
	enter("word");
	text("w2");
	leave();
	value("word", "");
	assert_string_equal(end_record(),
			    "{\"party\":[{\"name\":\"a\"},{},{\"name\":\"b\"}],"
			    "\"word\":[{\".\":\"w1\"},{\".\":\"w2\"},{\".\":\"\"}],\"z\":\"1\"}"
			    "!name ");
}

static void lists_stand_in_lists(void **state)
{
	struct path *made;

	want_list("a", "@n");
	assert_int_equal(path_compile(&names, shape->lists[0], CB_TEXT("g/b[c='']/c"), PATH_VALUE,
				      &made, NULL),
			 CB_OK);
	begin_record();
	for (int i = 1; i < 3; i++) {
		enter("a");
		value("@n", i == 1 ? "1" : "2");
		enter("g");
		for (int k = 0; k < i; k++) {
			enter("b");
			value("c", k ? "y" : "x");
			leave();
		}
		leave();
		leave();
	}
	assert_string_equal(end_record(),
			    "{\"a\":[{\"@n\":\"1\",\"g\":{\"b\":[{\"c\":\"x\"}]}},"
			    "{\"@n\":\"2\",\"g\":{\"b\":[{\"c\":\"x\"},{\"c\":\"y\"}]}}]} ");
}

static void unknown_names_are_skipped_and_reported(void **state)
{
	want("a");
	want("g/b");
	want_list("party", "name");
	begin_record();
	value("x", "1");
	enter("g");
	enter("y");
	enter("b");
	text("lost");
	leave();
	value("b", "lost too");
	leave();
	value("b", "found");
	leave();
	enter("party");
	value("age", "3");
	value("name", "n");
	leave();
	enter("a");
	value("deep", "1");
	text("t");
	leave();
	assert_string_equal(end_record(),
			    "{\"a\":\"t\",\"g\":{\"b\":\"found\"},\"party\":[{\"name\":\"n\"}]} ");
	assert_string_equal(buffer_cstr(&unknown), "/x g/y party/age a/deep ");
}

static void skipping_counts_and_forgets_nothing(void **state)
{
	want("a");
	begin_record();
	for (int i = 0; i < 1000000; i++)
		enter(i ? "a" : "unknown");
	value("a", "wrong");
	text("wrong");
	for (int i = 0; i < 1000000; i++)
		leave();
	value("a", "right");
	assert_string_equal(end_record(), "{\"a\":\"right\"} ");
	assert_string_equal(buffer_cstr(&unknown), "/unknown ");
	assert_true(sink.room < 100);
}

static void leaving_too_often_stays_in_the_record(void **state)
{
	want("a");
	begin_record();
	leave();
	leave();
	value("a", "1");
	assert_string_equal(end_record(), "{\"a\":\"1\"} ");
}

static void what_is_announced_outside_of_a_record_is_dropped(void **state)
{
	struct cb_error err = { 0 };

	want("a");
	value("a", "0");
	enter("a");
	text("0");
	leave();
	leave();
	assert_int_equal(cb_record_end(&sink, &err), CB_BROKEN);
	begin_record();
	value("a", "1");
	assert_string_equal(end_record(), "{\"a\":\"1\"} ");
	value("a", "2");
	enter("a");
	begin_record();
	assert_string_equal(end_record(), "{\"a\":\"1\"} {} ");
}

static int on_broken(void *with, struct cb_place place, const struct cb_error *why,
		     struct cb_error *err)
{
	buffer_printf(&said, "?%u %s ", place.line, why->text);
	return CB_OK;
}

static void a_broken_record_leaves_nothing_behind(void **state)
{
	struct cb_error why = { .verdict = CB_BROKEN, .text = "bad" }, err = { 0 };

	sink.broken = on_broken;
	want("a");
	want("b");
	begin_record();
	value("a", "1");
	enter("b");
	text("half");
	assert_int_equal(cb_record_broken(&sink, (struct cb_place){ 0, 3, 1 }, &why, &err), CB_OK);
	text("rest");
	leave();
	assert_int_equal(cb_record_end(&sink, &err), CB_BROKEN);
	begin_record();
	value("b", "2");
	assert_string_equal(end_record(), "?3 bad {\"b\":\"2\"} ");
}

static void without_a_reader_of_broken_records_the_reading_ends(void **state)
{
	struct cb_error why = { .verdict = CB_BROKEN, .text = "bad" }, err = { 0 };

	assert_int_equal(cb_record_broken(&sink, (struct cb_place){ 0 }, &why, &err), CB_BROKEN);
	assert_string_equal(err.text, "bad");
}

static int stop(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	assert_int_equal(place.line, 9);
	return cb_fail(err, CB_AGAIN, "停", "stop");
}

static void the_verdict_of_the_record_goes_back_to_the_format(void **state)
{
	struct cb_error err = { 0 };

	sink.record = stop;
	cb_record_begin(&sink, (struct cb_place){ 4, 9, 2 });
	assert_int_equal(cb_record_end(&sink, &err), CB_AGAIN);
	assert_string_equal(err.text, "stop");
}

static void on_event(void *with, const struct cb_event *event)
{
	static const char kinds[] = "D[(>=<)]d";

	buffer_char(&events, kinds[event->kind]);
	buffer_text(&events, event->name);
	buffer_text(&events, event->text);
}

static void a_watcher_sees_also_what_is_skipped(void **state)
{
	want("a");
	sink.watch = on_event;
	begin_record();
	enter("x");
	value("y", "1");
	text("2");
	leave();
	value("a", "3");
	(void)end_record();
	assert_string_equal(buffer_cstr(&events), "[>x=y1=.2<=a3]");
}

static void what_the_host_sets_no_document_says(void **state)
{
	want("token");
	shape->slots[0].is_set = true;
	begin_record();
	value("token", "theirs");
	enter("token");
	text("theirs");
	leave();
	assert_string_equal(end_record(), "{} ");
}

static void very_many_items_and_attributes_take_no_time(void **state)
{
	char name[16];

	want_list("item", "@id");
	for (int i = 0; i < 100000; i += 2) {
		snprintf(name, sizeof(name), "@n%d", i);
		shape_slot(shape, shape_child(shape, shape->root, cb_text_of(name)));
	}
	sink.unknown = NULL;
	begin_record();
	for (int i = 100000; i--;) {
		snprintf(name, sizeof(name), "@n%d", i);
		value(name, "x");
		enter("item");
		value("@id", name);
		leave();
	}
	assert_int_equal(sink.row->lists[0].count, 100000);
	for (size_t i = 0; i < shape->slot_count; i++)
		assert_non_null(sink.row->values[i].at);
}

static void a_text_of_unusual_size_is_given_back(void **state)
{
	char part[1024];

	memset(part, 'x', sizeof(part));
	want("a");
	begin_record();
	enter("a");
	for (int i = 0; i < 8192; i++)
		cb_text_part(&sink, (struct cb_text){ part, sizeof(part) });
	leave();
	assert_int_equal(sink.row->values[0].len, 8 << 20);
	(void)end_record();
	begin_record();
	assert_true(sink.text.room <= 1 << 20);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(values_go_to_their_slots_in_any_order),
		TEST(a_record_knows_nothing_of_the_one_before),
		TEST(texts_are_copied),
		TEST(a_text_may_come_in_pieces),
		TEST(an_empty_element_is_an_empty_text),
		TEST(a_second_value_is_told_and_the_first_stays),
		TEST(a_group_that_comes_again_is_not_mixed_with_the_first),
		TEST(a_group_among_very_many_is_told_too),
		TEST(a_wrapper_that_comes_again_only_lengthens_its_list),
		TEST(a_group_said_as_a_value_counts_as_said),
		TEST(own_text_stands_before_children),
		TEST(text_behind_a_child_is_said_again),
		TEST(text_goes_on_behind_a_child_that_nobody_wants),
		TEST(a_record_has_a_text_of_its_own),
		TEST(repeated_names_of_a_list_are_its_items),
		TEST(lists_stand_in_lists),
		TEST(unknown_names_are_skipped_and_reported),
		TEST(skipping_counts_and_forgets_nothing),
		TEST(leaving_too_often_stays_in_the_record),
		TEST(what_is_announced_outside_of_a_record_is_dropped),
		TEST(a_broken_record_leaves_nothing_behind),
		TEST(without_a_reader_of_broken_records_the_reading_ends),
		TEST(the_verdict_of_the_record_goes_back_to_the_format),
		TEST(a_watcher_sees_also_what_is_skipped),
		TEST(what_the_host_sets_no_document_says),
		TEST(very_many_items_and_attributes_take_no_time),
		TEST(a_text_of_unusual_size_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
