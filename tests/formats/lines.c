/*
 * lines.c - tests plugins/lines.
 */
#include "rig.h"

static void a_line_is_a_record(void **state)
{
	(void)state;
	assert_string_equal(rig_read("lines", "", "a\nbc\n"),
			    "@1:1 line{1}text{a}\n@2:1 line{2}text{bc}\nok");
}

static void the_last_line_needs_no_newline(void **state)
{
	(void)state;
	assert_string_equal(rig_read("lines", "", "a\nb"),
			    "@1:1 line{1}text{a}\n@2:1 line{2}text{b}\nok");
}

static void an_empty_line_is_a_record_too(void **state)
{
	(void)state;
	assert_string_equal(rig_read("lines", "", "\n\r\n\n"),
			    "@1:1 line{1}text{}\n@2:1 line{2}text{}\n@3:1 line{3}text{}\nok");
}

static void only_the_last_cr_before_a_line_end_is_dropped(void **state)
{
	(void)state;
	assert_string_equal(rig_read("lines", "", "a\rb\r\r\n"), "@1:1 line{1}text{a\rb\r}\nok");
}

static void nothing_is_no_record(void **state)
{
	(void)state;
	assert_string_equal(rig_read("lines", "", ""), "ok");
}

static void a_line_that_is_too_long_is_broken_and_the_next_is_read(void **state)
{
	(void)state;
	assert_string_equal(rig_read("lines", "limit=3", "abc\nabcd\nx\n"),
			    "@1:1 line{1}text{abc}\n?2:1 the line is longer than 3 bytes (limit)\n"
			    "@3:1 line{3}text{x}\nok");
}

static void the_text_is_written_and_its_number_is_not(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("lines", "", E_BEGIN(""), E_RECORD(""),
					     E_VALUE("line", "1"), E_VALUE("text", "a"),
					     E_RECORD_END, E_RECORD(""), E_NOTHING("text"),
					     E_RECORD_END, E_END),
			    "a\n\n");
}

static void a_text_with_a_newline_is_refused(void **state)
{
	(void)state;
	assert_non_null(strstr(
		rig_write_events("lines", "", E_RECORD(""), E_VALUE("text", "a\nb"), E_RECORD_END),
		"refused"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_record),
		cmocka_unit_test(the_last_line_needs_no_newline),
		cmocka_unit_test(an_empty_line_is_a_record_too),
		cmocka_unit_test(only_the_last_cr_before_a_line_end_is_dropped),
		cmocka_unit_test(nothing_is_no_record),
		cmocka_unit_test(a_line_that_is_too_long_is_broken_and_the_next_is_read),
		cmocka_unit_test(the_text_is_written_and_its_number_is_not),
		cmocka_unit_test(a_text_with_a_newline_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
