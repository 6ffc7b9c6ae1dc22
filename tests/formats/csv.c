/*
 * csv.c - tests plugins/csv.
 */
#include "rig.h"

static void the_heading_names_the_columns(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "a,b\n1,2\n3,4\n"),
			    "@2:1 a{1}b{2}\n@3:1 a{3}b{4}\nok");
}

static void the_last_line_needs_no_newline(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "a,b\n1,2"), "@2:1 a{1}b{2}\nok");
	assert_string_equal(rig_read("csv", "", "a,b\n1,"), "@2:1 a{1}b{}\nok");
	assert_string_equal(rig_read("csv", "", "a,b\n1,\"2\""), "@2:1 a{1}b{2}\nok");
	assert_string_equal(rig_read("csv", "", "a,b"), "ok");
}

static void lines_end_with_crlf_lf_or_cr(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "a,b\r\n1,2\n3,4\r5,6\r\n"),
			    "@2:1 a{1}b{2}\n@3:1 a{3}b{4}\n@4:1 a{5}b{6}\nok");
}

static void the_separator_is_the_most_frequent_on_the_heading_line(void **state)
{
	static const char *const cases[] = {
		"a,b,c\n1,2,3",
		"a;b;c\n1;2;3",
		"a\tb\tc\n1\t2\t3",
		"a|b|c\r\n1|2|3",
		"\"a\";b;c\r\n1;\"2\";3\r\n",
		"\"a\"|\"b\"|c\n1|2|3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(rig_read("csv", "", cases[i]), "@2:1 a{1}b{2}c{3}\nok");
	assert_string_equal(rig_read("csv", "", "a;b, c;d\n1;2,5;3"), "@2:1 a{1}b, c{2,5}d{3}\nok");
	assert_string_equal(rig_read("csv", "", "a\n1,2;3"), "@2:1 a{1}#2{2;3}\nok");
}

static void the_separator_can_be_said(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "separator=|", "a,x|b\n1,2|3"),
			    "@2:1 a,x{1,2}b{3}\nok");
	assert_string_equal(rig_read("csv", "separator=tab", "a,x\tb\n1\t2"),
			    "@2:1 a,x{1}b{2}\nok");
	assert_non_null(strstr(rig_read("csv", "separator=::", "a"), "setup separator must be"));
}

static void quotes_hold_separators_newlines_and_quotes(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("csv", "",
			 "a,b,c\n\"1,\r\n2\",\"say \"\"hi\"\"\",\"\"\n\"\"\"\",x,\"y\"\n"),
		"@2:1 a{1,\r\n2}b{say \"hi\"}c{}\n@4:1 a{\"}b{x}c{y}\nok");
}

static void a_quote_inside_a_bare_cell_is_a_character(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "a,b\n5\" disk, \"x\"\n"),
			    "@2:1 a{5\" disk}b{ \"x\"}\nok");
}

static void what_follows_a_closing_quote_belongs_to_the_cell(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "a,b,c\n\"x\"y,\"p\"  ,\"a\"\"b\"c\"d\"\n"),
			    "@2:1 a{xy}b{p}c{a\"bc\"d\"}\nok");
}

static void rows_without_content_are_passed_over(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "\n\r\na,b\n\n  \n,\n1,2\n\n\"\",\n"),
			    "@7:1 a{1}b{2}\n@9:1 a{}b{}\nok");
}

static void an_empty_cell_has_an_empty_text(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "a,b,c\n1,,\n"), "@2:1 a{1}b{}c{}\nok");
}

static void heading_names_are_trimmed(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("csv", "",
			 " \xef\xbb\xbf 案号 ,\"　涉及 金额\n（元）　\",\tb\r\n1,2,3\r\n"),
		"@3:1 案号{1}涉及 金额\n（元）{2}b{3}\nok");
}

static void a_column_without_a_name_of_its_own_is_named_by_its_place(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "电话,,a,电话\n1,2,3,4\n"),
			    "@2:1 #1{1}#2{2}a{3}#4{4}\nok");
}

static void without_a_heading_columns_are_named_by_their_place(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("csv", "heading=no", "a;b\n1;\n1\n1;2;3"),
		"@1:1 #1{a}#2{b}\n@2:1 #1{1}#2{}\n@3:1 #1{1}\n@4:1 #1{1}#2{2}#3{3}\nok");
}

static void rows_of_titles_are_skipped(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "skip=3", "台账,,;;;;;;\n\n\"a\nb\",x\nc,d\n1,2\n"),
			    "@6:1 c{1}d{2}\nok");
}

static void cells_behind_the_heading_are_named_by_their_place(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "a,b\n1,2,,4,\n"), "@2:1 a{1}b{2}#4{4}\nok");
}

static void a_row_with_too_few_cells_is_broken_and_the_next_is_read(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("csv", "", "a,b,c\n1,2\n3,4,5\n"),
		"?2:1 line 2 has only 2 columns, the heading has 3; complete it, or set "
		"short=yes\n@3:1 a{3}b{4}c{5}\nok");
	assert_string_equal(rig_read("csv", "short=yes", "a,b,c\n1,2\n"), "@2:1 a{1}b{2}\nok");
}

static void columns_behind_the_last_name_may_be_missing(void **state)
{
	(void)state;
	assert_string_equal(rig_read("csv", "", "a,b,,\n1,2\n1,2,3,4\n"),
			    "@2:1 a{1}b{2}\n@3:1 a{1}b{2}#3{3}#4{4}\nok");
}

static void a_quote_that_is_never_closed_is_told_with_its_line(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("csv", "", "a,b\n1,2\n3,\"4\n5,6\n"),
		"@2:1 a{1}b{2}\n?3:1 the quote that begins in line 3 is never closed and "
		"takes all that follows; close it\nok");
	assert_non_null(strstr(rig_read("csv", "", "a,\"b\n1,2\n"), "broken 1:1 the quote"));
}

static void an_empty_document_has_no_heading(void **state)
{
	(void)state;
	assert_non_null(strstr(rig_read("csv", "", ""), "broken the document has no heading"));
	assert_non_null(
		strstr(rig_read("csv", "", "\n\n,,\n"), "broken the document has no heading"));
	assert_string_equal(rig_read("csv", "heading=no", ""), "ok");
}

static void a_nul_is_a_character(void **state)
{
	static const char text[] = "a,b\n\0,\"\0\"\n";

	(void)state;
	assert_non_null(strstr(
		rig_read_bytes("csv", "", (struct cb_text){ text, sizeof(text) - 1 }), "@2:1 a{"));
}

static void a_row_over_a_limit_is_broken_and_the_next_is_read(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("csv", "cell_max=4", "a,b\n1234,\"12\"\n1,12345\n\"1\r\n34\",x\n1,2"),
		"@2:1 a{1234}b{12}\n"
		"?3:1 cell 2 is longer than 4 bytes (cell_max)\n"
		"?4:1 cell 1 is longer than 4 bytes (cell_max)\n@6:1 a{1}b{2}\nok");
	assert_string_equal(rig_read("csv", "row_max=8", "a,b\n1234,123\n1234,1234\n1,2"),
			    "@2:1 a{1234}b{123}\n"
			    "?3:1 the row is longer than 8 bytes (row_max)\n@4:1 a{1}b{2}\nok");
	assert_string_equal(
		rig_read("csv", "columns_max=2", "a,b\n1,2\n1,2,3\n4,5\n"),
		"@2:1 a{1}b{2}\n"
		"?3:1 the row has more than 2 columns (columns_max)\n@4:1 a{4}b{5}\nok");
}

struct flood {
	size_t pieces; /* still to come */
	size_t total;
	char piece[65536];
};

static struct cb_text flood(void *with)
{
	struct flood *f = with;

	if (f->pieces == f->total) {
		f->pieces--;
		return CB_TEXT("a,b\n1,2\n1,\"");
	}
	if (!f->pieces)
		return (struct cb_text){ NULL, 0 };
	memset(f->piece, 'x', sizeof(f->piece));
	return --f->pieces ? (struct cb_text){ f->piece, sizeof(f->piece) } : CB_TEXT("\"\n3,4\n");
}

static void a_cell_of_100_megabytes_is_passed_over(void **state)
{
	struct flood f = { .pieces = 1600, .total = 1600 };
	struct rig rig;

	(void)state;
	assert_string_equal(rig_read_made("csv", "", flood, &f, &rig), "ok");
	assert_int_equal(rig.records, 2);
	assert_int_equal(rig.broken, 1);
}

static void the_sink_can_end_the_reading(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read_pieces(rig_plugin("csv"), "", cb_text_of("a\n1\n2\n3\n"), SIZE_MAX, 2),
		"@2:1 a{1}\n@3:1 a{2}\nagain stop");
}

#define ROWS                                                                                       \
	E_RECORD(""), E_VALUE("a", "1"), E_NOTHING("b b"), E_VALUE("c", "x,\"y\"\n"),              \
		E_RECORD_END, E_RECORD(""), E_VALUE("a", ""), E_VALUE("b b", " "),                 \
		E_VALUE("c", "中"), E_RECORD_END

static void the_first_records_names_are_the_heading(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("csv", "", E_BEGIN(""), ROWS, E_END),
			    "a,b b,c\r\n1,,\"x,\"\"y\"\"\n\"\r\n,\" \",中\r\n");
}

static void the_options_for_writing_do_what_they_say(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("csv", "newline=lf;bom=yes;separator=tab;heading=no",
					     E_BEGIN(""), ROWS, E_END),
			    "\xef\xbb\xbf"
			    "1\t\t\"x,\"\"y\"\"\n\"\n\t\" \"\t中\n");
	assert_string_equal(rig_write_events("csv", "defuse=yes", E_RECORD(""),
					     E_VALUE("a", "=1+1"), E_VALUE("b", "-5"),
					     E_VALUE("c", "x"), E_RECORD_END),
			    "'=1+1,'-5,x\r\n");
}

static void a_fragment_is_a_row_alone(void **state)
{
	(void)state;
	assert_string_equal(
		rig_write_events("csv", "", E_RECORD(""), E_VALUE("a", "=1"), E_RECORD_END),
		"=1\r\n");
}

static void a_row_of_nothing_can_be_read_again(void **state)
{
	const char *written = rig_write_events("csv", "", E_BEGIN(""), E_RECORD(""), E_NOTHING("a"),
					       E_NOTHING("b"), E_RECORD_END, E_END);

	(void)state;
	assert_string_equal(written, "a,b\r\n,\"\"\r\n");
	assert_string_equal(rig_read("csv", "", written), "@2:1 a{}b{}\nok");
}

static void a_record_with_other_columns_is_a_matter_for_a_person(void **state)
{
	(void)state;
	assert_non_null(strstr(rig_write_events("csv", "", E_BEGIN(""), E_RECORD(""),
						E_VALUE("a", "1"), E_RECORD_END, E_RECORD(""),
						E_VALUE("b", "1"), E_RECORD_END, E_END),
			       "setup this record's columns differ"));
}

static void a_group_has_no_place_in_a_table(void **state)
{
	(void)state;
	assert_non_null(strstr(rig_write_events("csv", "", E_RECORD(""), E_ENTER("g")),
			       "setup a table has no place for 'g'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_heading_names_the_columns),
		cmocka_unit_test(the_last_line_needs_no_newline),
		cmocka_unit_test(lines_end_with_crlf_lf_or_cr),
		cmocka_unit_test(the_separator_is_the_most_frequent_on_the_heading_line),
		cmocka_unit_test(the_separator_can_be_said),
		cmocka_unit_test(quotes_hold_separators_newlines_and_quotes),
		cmocka_unit_test(a_quote_inside_a_bare_cell_is_a_character),
		cmocka_unit_test(what_follows_a_closing_quote_belongs_to_the_cell),
		cmocka_unit_test(rows_without_content_are_passed_over),
		cmocka_unit_test(an_empty_cell_has_an_empty_text),
		cmocka_unit_test(heading_names_are_trimmed),
		cmocka_unit_test(a_column_without_a_name_of_its_own_is_named_by_its_place),
		cmocka_unit_test(without_a_heading_columns_are_named_by_their_place),
		cmocka_unit_test(rows_of_titles_are_skipped),
		cmocka_unit_test(cells_behind_the_heading_are_named_by_their_place),
		cmocka_unit_test(a_row_with_too_few_cells_is_broken_and_the_next_is_read),
		cmocka_unit_test(columns_behind_the_last_name_may_be_missing),
		cmocka_unit_test(a_quote_that_is_never_closed_is_told_with_its_line),
		cmocka_unit_test(an_empty_document_has_no_heading),
		cmocka_unit_test(a_nul_is_a_character),
		cmocka_unit_test(a_row_over_a_limit_is_broken_and_the_next_is_read),
		cmocka_unit_test(a_cell_of_100_megabytes_is_passed_over),
		cmocka_unit_test(the_sink_can_end_the_reading),
		cmocka_unit_test(the_first_records_names_are_the_heading),
		cmocka_unit_test(the_options_for_writing_do_what_they_say),
		cmocka_unit_test(a_fragment_is_a_row_alone),
		cmocka_unit_test(a_row_of_nothing_can_be_read_again),
		cmocka_unit_test(a_record_with_other_columns_is_a_matter_for_a_person),
		cmocka_unit_test(a_group_has_no_place_in_a_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
