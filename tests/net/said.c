/*
 * said.c - the other side's words are bounded, on one line, and without numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "net/net.h"

static void check(const char *text, const char *wanted)
{
	char out[CB_SAID_MAX];

	assert_string_equal(cb_said(cb_text_of(text), out), wanted);
}

static void a_long_number_is_nobodys_business(void **state)
{
	check("身份证号330282199901010012已存在", "身份证号***已存在");
	check("电话１３９１２３４５６７８重复", "电话***重复");
	check("1234567", "***");
	check("13912345678", "***");
	check("33028219990101001X", "***X");
	check("a 1234567 b 7654321 c", "a *** b *** c");
}

static void short_numbers_stay(void **state)
{
	check("第12条：2026-03-05 08:30 之后", "第12条：2026-03-05 08:30 之后");
	check("123456", "123456");
	check("", "");
}

static void it_is_one_line(void **state)
{
	check("a\r\nb\tc\033[31m", "a  b c [31m");
	check("a\302\23331m\177", "a 31m ");
}

static void it_ends_within_bounds_and_not_inside_a_character(void **state)
{
	struct buffer long_one = { 0 };
	char out[CB_SAID_MAX];
	size_t len;

	for (int i = 0; i < 200; i++)
		buffer_string(&long_one, "案");
	len = strlen(cb_said(buffer_view(&long_one), out));
	assert_int_equal(len, (CB_SAID_MAX - 1) / 3 * 3);
	assert_memory_equal(out + len - 3, "案", 3);
	buffer_clear(&long_one);
	for (int i = 0; i < 2000; i++)
		buffer_char(&long_one, '7');
	assert_string_equal(cb_said(buffer_view(&long_one), out), "***");
	buffer_done(&long_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_number_is_nobodys_business),
		cmocka_unit_test(short_numbers_stay),
		cmocka_unit_test(it_is_one_line),
		cmocka_unit_test(it_ends_within_bounds_and_not_inside_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
