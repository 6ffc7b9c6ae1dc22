/*
 * json.c - tests plugins/json.
 */
#include "rig.h"

static void one_object_is_one_record(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "{\"a\":\"x\",\"b\":{\"c\":1.50}}"),
			    "@1:1 a{x}b{c{1.50}}\nok");
}

static void an_array_of_objects_is_records(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "[\n {\"a\":1},\n {\"a\":2}, {}]"),
			    "@2:2 a{1}\n@3:2 a{2}\n@3:11 \nok");
	assert_string_equal(rig_read("json", "", "[]"), "ok");
}

static void objects_one_after_another_are_records(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "{\"a\":1}{\"a\":2} {\"a\":\n3}\n{}"),
			    "@1:1 a{1}\n@1:8 a{2}\n@1:16 a{3}\n@3:1 \nok");
	assert_string_equal(rig_read("json", "", "{\n\"a\":1\n}\n{\n\"a\":2\n}\n"),
			    "@1:1 a{1}\n@4:1 a{2}\nok");
}

static void a_line_is_a_record(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "{\"a\":1}\r\n{\"a\":2}\r\n\r\n {\"a\":3}"),
			    "@1:1 a{1}\n@2:1 a{2}\n@4:2 a{3}\nok");
}

static void a_broken_line_spoils_no_other(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("json", "",
			 "{\"a\":1}\n{\"a\":2,}\n{\"a\":3}\n{\"a\":{\"b\":\n{\"a\":4}\nx\n{\"a"),
		"@1:1 a{1}\n?2:1 broken JSON: a key must be a text in double quotes\n@3:1 a{3}\n"
		"?4:1 broken JSON: it is cut off before its end\n@5:1 a{4}\n"
		"?6:1 broken JSON: it is not JSON\n?7:1 broken JSON: it is cut off before its "
		"end\nok");
}

static void lines_can_be_said_so_that_the_first_may_be_broken(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("json", "lines=yes", "{\"a\n\n[{\"a\":2},7]\n"),
		"?1:1 broken JSON: it is cut off before its end\n@3:2 a{2}\n"
		"?3:11 an object (a record) should be here, and it is a single value\nok");
	assert_string_equal(rig_read("json", "lines=yes", ""), "ok");
	assert_string_equal(rig_read("json", "lines=no", "{}\n{\n}"), "@1:1 \n@2:1 \nok");
	assert_non_null(strstr(rig_read("json", "lines=so", "{}"), "setup lines must be"));
}

static void a_path_leads_to_the_records(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "records=data/rows",
				     "{\"rows\":[{\"a\":0}],\"data\":{\"x\":{\"rows\":{}},\"n\":2,"
				     "\"rows\":[{\"a\":1,"
				     "\"rows\":{\"b\":2}},{\"a\":3}]},\"ok\":true}"),
			    "@1:57 a{1}rows{b{2}}\n@1:80 a{3}\nok");
	assert_string_equal(rig_read("json", "records=data", "{\"data\":{\"a\":1}}"),
			    "@1:9 a{1}\nok");
	assert_string_equal(rig_read("json", "records=data/'a/b'", "[{\"data\":[{\"a/b\":{}}]}]"),
			    "@1:18 \nok");
	assert_string_equal(rig_read("json", "records=data", "{\"data\":null}"), "ok");
	assert_non_null(strstr(rig_read("json", "records=a//b", "{}"), "setup the path"));
}

static void a_root_is_found_at_any_depth_and_only_outermost(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("json", "root=e",
			 "{\"e\":{\"a\":1,\"e\":{\"b\":2}},\"x\":[{\"y\":{\"e\":[{\"a\":3}]}}]}"),
		"@1:6 a{1}e{b{2}}\n@1:42 a{3}\nok");
}

static void an_array_is_its_key_once_for_each_item(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("json", "",
			 "{\"a\":[1,[2,[3]],{\"b\":[]},null,{\"c\":[\"x\"]}],\"d\":[],\"e\":{}}"),
		"@1:1 a{1}a{2}a{3}a{}a{c{x}}e{}\nok");
}

static void null_is_no_node_and_flags_are_words(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "{\"a\":null,\"b\":true,\"c\":false,\"d\":\"\"}"),
			    "@1:1 b{true}c{false}d{}\nok");
}

static void numbers_stay_as_they_are_written(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("json", "",
			 "{\"a\":12000.50,\"b\":-1E+3,\"c\":123456789012345678901234567890}"),
		"@1:1 a{12000.50}b{-1E+3}c{123456789012345678901234567890}\nok");
}

static void escapes_are_characters(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("json", "", "{\"\\u7ea0\\/\":\"\\u7eb7\\n\\\"\\uD83D\\uDE00\"}"),
		"@1:1 纠/{纷\n\"😀}\nok");
}

static void a_key_that_stands_twice_is_announced_twice(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "{\"a\":1,\"a\":2}"), "@1:1 a{1}a{2}\nok");
}

static void columns_count_characters(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "records=e", "{\"纠纷\":\"案件\",\"e\":[{}]}"),
			    "@1:17 \nok");
}

static void a_single_value_is_no_record(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "[{\"a\":1},\"x\",null]"),
			    "@1:2 a{1}\n?1:13 an object (a record) should be here, and it is a "
			    "single value\nok");
	assert_string_equal(
		rig_read("json", "", "42"),
		"?1:3 an object (a record) should be here, and it is a single value\nok");
	assert_string_equal(
		rig_read("json", "records=a", "\"error\""),
		"?1:8 an object (a record) should be here, and it is a single value\nok");
	assert_string_equal(rig_read("json", "", "null"), "ok");
}

static void an_array_that_is_cut_gives_the_records_before(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("json", "", "[{\"a\":1},\n{\"a\":2},{\"a\":"),
		"@1:2 a{1}\n@2:1 a{2}\nbroken 2:14 broken JSON: it is cut off before its "
		"end");
	assert_string_equal(rig_read("json", "", "[{\"a\":1},"),
			    "@1:2 a{1}\nbroken 1:10 broken JSON: it is cut off before its end");
}

static void a_text_that_only_begins_behind_a_value_is_not_lost(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "{} \"x"),
			    "@1:1 \nbroken 1:6 broken JSON: it is cut off before its end");
	assert_string_equal(rig_read("json", "lines=yes", "{} \"x\n{}\n"),
			    "@1:1 \n?1:1 broken JSON: it is cut off before its end\n@2:1 \nok");
}

static void what_is_no_json_is_told_with_its_place(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", "[{\"a\":1},\n {\"a\":x}]"),
			    "@1:2 a{1}\nbroken 2:7 broken JSON: it is not JSON");
	assert_string_equal(rig_read("json", "", "[{}}"),
			    "@1:2 \nbroken 1:4 broken JSON: a ',' or ']' is missing");
	assert_string_equal(rig_read("json", "", "<html>"),
			    "broken 1:1 broken JSON: it is not JSON");
}

static void wrong_bytes_are_broken(void **state)
{
	static const char nul[] = "[{},{\"a\":\"\0\"}]";

	(void)state;
	assert_non_null(
		strstr(rig_read("json", "", "[{},\n{\"a\":\"\xff\"}]"),
		       "@1:2 \nbroken 2:7 broken JSON: a text has bytes that are no UTF-8"));
	assert_non_null(strstr(rig_read_bytes("json", "", (struct cb_text){ nul, sizeof(nul) - 1 }),
			       "@1:2 \nbroken 1:"));
}

static void an_empty_document_is_broken(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "", ""),
			    "broken the document is empty, expected JSON");
	assert_string_equal(rig_read("json", "", " \n"),
			    "broken the document is empty, expected JSON");
}

static void values_nested_too_deep_are_broken(void **state)
{
	(void)state;
	assert_string_equal(rig_read("json", "depth=3", "[{\"a\":[1]}]"), "@1:2 a{1}\nok");
	assert_non_null(strstr(rig_read("json", "depth=3", "[{},{\"a\":[[1]]}]"),
			       "@1:2 \nbroken 1:11 values are nested deeper than 3"));
	assert_non_null(
		strstr(rig_read("json", "depth=1", "{}\n{\"a\":{}}\n{}"),
		       "@1:1 \n?2:1 values are nested deeper than 1 (depth); raise depth if "
		       "the document is right\n@3:1 \nok"));
}

static void a_text_too_long_is_broken(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("json", "text_max=4", "{\"a\":\"1234\"}\n{\"a\":\"12345\"}\n{}"),
		"@1:1 a{1234}\n?2:1 a text is longer than 4 bytes (text_max)\n@3:1 \nok");
	assert_non_null(strstr(rig_read("json", "text_max=4", "[{\"a\":\"12345\"}]"),
			       "broken 1:13 a text is longer"));
}

struct flood {
	size_t pieces; /* still to come */
	const char *first;
	char fill;
	char piece[262144];
};

static struct cb_text flood(void *with)
{
	struct flood *f = with;
	const char *first = f->first;

	f->first = NULL;
	if (first)
		return cb_text_of(first);
	if (!f->pieces)
		return (struct cb_text){ NULL, 0 };
	f->pieces--;
	memset(f->piece, f->fill, sizeof(f->piece));
	return (struct cb_text){ f->piece, sizeof(f->piece) };
}

static void a_text_of_100_megabytes_is_not_kept(void **state)
{
	struct flood f = { .pieces = 400, .first = "[{},{\"a\":\"", .fill = 'x' };
	struct rig rig;

	(void)state;
	assert_non_null(
		strstr(rig_read_made("json", "", flood, &f, &rig), "a text is longer than"));
	assert_int_equal(rig.records, 1);
	assert_true(f.pieces > 250);
}

static void a_bomb_of_depth_is_refused(void **state)
{
	struct flood f = { .pieces = 100, .first = "[{},", .fill = '[' };
	struct rig rig;

	(void)state;
	assert_non_null(
		strstr(rig_read_made("json", "", flood, &f, &rig), "nested deeper than 64"));
	assert_true(f.pieces > 95);
}

static void the_sink_can_end_the_reading(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read_pieces(rig_plugin("json"), "", cb_text_of("{}\n{}\n{}\n"), 7, 2),
		"@1:1 \n@2:1 \nagain stop");
	assert_string_equal(
		rig_read_pieces(rig_plugin("json"), "", cb_text_of("{}\n{}\n{}\n"), 7, 1),
		"@1:1 \nagain stop");
	assert_string_equal(rig_read_pieces(rig_plugin("json"), "", cb_text_of("[{},{},x"), 99, 1),
			    "@1:2 \nagain stop");
}

#define TWO_RECORDS                                                                                \
	E_RECORD("r"), E_VALUE("@id", "1"), E_VALUE("a", "x\"\n"), E_NUMBER("n", "12000.50"),      \
		E_FLAG("f", "true"), E_NOTHING("z"), E_RECORD_END, E_RECORD("r"), E_RECORD_END

static void a_document_is_a_record_a_line(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("json", "", E_BEGIN(""), TWO_RECORDS, E_END),
			    "{\"@id\":\"1\",\"a\":\"x\\\"\\n\",\"n\":12000.50,\"f\":true}\n{}\n");
}

static void a_document_can_be_an_array(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("json", "array=yes", E_BEGIN(""), TWO_RECORDS, E_END),
			    "[{\"@id\":\"1\",\"a\":\"x\\\"\\n\",\"n\":12000.50,\"f\":true},{}]\n");
	assert_string_equal(rig_write_events("json", "array=yes", E_BEGIN(""), E_END), "[]\n");
}

static void a_document_can_have_a_wrapper(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("json", "", E_BEGIN("data/rows"), E_RECORD(""),
					     E_RECORD_END, E_END),
			    "{\"data\":{\"rows\":[{}]}}\n");
}

static void a_fragment_is_an_object_alone(void **state)
{
	(void)state;
	assert_string_equal(
		rig_write_events("json", "", E_RECORD("r"), E_VALUE("a", "1"), E_RECORD_END),
		"{\"a\":\"1\"}");
	assert_string_equal(rig_plugin("json")->format->separator, ",");
}

static void a_list_is_an_array_also_of_one_or_none(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("json", "", E_RECORD(""), E_LIST("p"), E_ENTER("p"),
					     E_VALUE("n", "1"), E_NOTHING("m"), E_LEAVE, E_LIST_END,
					     E_LIST("q"), E_LIST_END, E_LIST("s"),
					     E_VALUE("s", "x"), E_NUMBER("s", "2"), E_ENTER("s"),
					     E_VALUE(".", "y"), E_LEAVE, E_ENTER("s"), E_LEAVE,
					     E_LIST_END, E_RECORD_END),
			    "{\"p\":[{\"n\":\"1\"}],\"q\":[],\"s\":[\"x\",2,\"y\",{}]}");
}

static void a_group_is_an_object_or_its_one_text(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("json", "", E_RECORD(""), E_ENTER("g"),
					     E_VALUE("@k", "1"), E_VALUE(".", "x"), E_LEAVE,
					     E_ENTER("h"), E_VALUE(".", "y"), E_LEAVE, E_ENTER("i"),
					     E_NOTHING("."), E_LEAVE, E_RECORD_END),
			    "{\"g\":{\"@k\":\"1\",\".\":\"x\"},\"h\":\"y\",\"i\":null}");
	assert_non_null(strstr(rig_write_events("json", "", E_RECORD(""), E_ENTER("g"),
						E_VALUE(".", "x"), E_VALUE("a", "y")),
			       "setup what 'a' stands in"));
}

static void a_number_that_is_none_is_a_matter_for_a_person(void **state)
{
	static const char *const cases[] = { "", "1,000", "007", "1.", "-", "1e", "NaN", "+1" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct cb_event events[] = {
			E_RECORD(""),
			{ .kind = CB_VALUE,
			  .type = CB_VALUE_NUMBER,
			  .name = CB_TEXT("n"),
			  .text = cb_text_of(cases[i]) },
		};

		assert_non_null(strstr(rig_write("json", "", events, 2), "setup the value of 'n'"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_object_is_one_record),
		cmocka_unit_test(an_array_of_objects_is_records),
		cmocka_unit_test(objects_one_after_another_are_records),
		cmocka_unit_test(a_line_is_a_record),
		cmocka_unit_test(a_broken_line_spoils_no_other),
		cmocka_unit_test(lines_can_be_said_so_that_the_first_may_be_broken),
		cmocka_unit_test(a_path_leads_to_the_records),
		cmocka_unit_test(a_root_is_found_at_any_depth_and_only_outermost),
		cmocka_unit_test(an_array_is_its_key_once_for_each_item),
		cmocka_unit_test(null_is_no_node_and_flags_are_words),
		cmocka_unit_test(numbers_stay_as_they_are_written),
		cmocka_unit_test(escapes_are_characters),
		cmocka_unit_test(a_key_that_stands_twice_is_announced_twice),
		cmocka_unit_test(columns_count_characters),
		cmocka_unit_test(a_single_value_is_no_record),
		cmocka_unit_test(an_array_that_is_cut_gives_the_records_before),
		cmocka_unit_test(a_text_that_only_begins_behind_a_value_is_not_lost),
		cmocka_unit_test(what_is_no_json_is_told_with_its_place),
		cmocka_unit_test(wrong_bytes_are_broken),
		cmocka_unit_test(an_empty_document_is_broken),
		cmocka_unit_test(values_nested_too_deep_are_broken),
		cmocka_unit_test(a_text_too_long_is_broken),
		cmocka_unit_test(a_text_of_100_megabytes_is_not_kept),
		cmocka_unit_test(a_bomb_of_depth_is_refused),
		cmocka_unit_test(the_sink_can_end_the_reading),
		cmocka_unit_test(a_document_is_a_record_a_line),
		cmocka_unit_test(a_document_can_be_an_array),
		cmocka_unit_test(a_document_can_have_a_wrapper),
		cmocka_unit_test(a_fragment_is_an_object_alone),
		cmocka_unit_test(a_list_is_an_array_also_of_one_or_none),
		cmocka_unit_test(a_group_is_an_object_or_its_one_text),
		cmocka_unit_test(a_number_that_is_none_is_a_matter_for_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
