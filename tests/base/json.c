#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void commas_and_nesting_are_the_writers_business(void **state)
{
	struct buffer out = { 0 };
	struct json j = { .out = &out };

	json_open(&j, NULL, '{');
	json_open(&j, "empty", '{');
	json_close(&j, '}');
	json_open(&j, "list", '[');
	json_integer(&j, NULL, 1);
	json_open(&j, NULL, '[');
	json_close(&j, ']');
	json_string(&j, NULL, "二");
	json_close(&j, ']');
	json_flag(&j, "on", true);
	json_flag(&j, "off", false);
	json_close(&j, '}');
	assert_string_equal(buffer_cstr(&out),
			    "{\"empty\":{},\"list\":[1,[],\"二\"],\"on\":true,\"off\":false}");
	buffer_done(&out);
}

static void keys_and_texts_are_escaped(void **state)
{
	struct buffer out = { 0 };
	struct json j = { .out = &out };

	json_open(&j, NULL, '{');
	json_text(&j, "a\"b", CB_TEXT("\\\n\x01\0z"));
	json_close(&j, '}');
	assert_string_equal(buffer_cstr(&out), "{\"a\\\"b\":\"\\\\\\n\\u0001\\u0000z\"}");
	buffer_done(&out);
}

static void nothing_is_null_and_the_empty_text_is_not(void **state)
{
	struct buffer out = { 0 };
	struct json j = { .out = &out };

	json_open(&j, NULL, '[');
	json_string(&j, NULL, NULL);
	json_string(&j, NULL, "");
	json_number(&j, NULL, (struct cb_text){ 0 });
	json_close(&j, ']');
	assert_string_equal(buffer_cstr(&out), "[null,\"\",null]");
	buffer_done(&out);
}

static void numbers_go_in_as_they_were_said(void **state)
{
	struct buffer out = { 0 };
	struct json j = { .out = &out };

	json_open(&j, NULL, '[');
	json_number(&j, NULL, CB_TEXT("12000.50"));
	json_number(&j, NULL, CB_TEXT("12345678901234567890123456789012345678"));
	json_integer(&j, NULL, INT64_MIN);
	json_number(&j, NULL, CB_TEXT("1e5"));
	json_number(&j, NULL, CB_TEXT("1,\"x\":2"));
	json_close(&j, ']');
	assert_string_equal(buffer_cstr(&out), "[12000.50,12345678901234567890123456789012345678,"
					       "-9223372036854775808,\"1e5\",\"1,\\\"x\\\":2\"]");
	buffer_done(&out);
}

static void one_writer_writes_several_texts(void **state)
{
	struct buffer out = { 0 };
	struct json j = { .out = &out };

	json_open(&j, NULL, '{');
	json_close(&j, '}');
	buffer_char(&out, '\n');
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	assert_string_equal(buffer_cstr(&out), "{}\n{}");
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_and_nesting_are_the_writers_business),
		cmocka_unit_test(keys_and_texts_are_escaped),
		cmocka_unit_test(nothing_is_null_and_the_empty_text_is_not),
		cmocka_unit_test(numbers_go_in_as_they_were_said),
		cmocka_unit_test(one_writer_writes_several_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
