/*
 * buffer.c - what is written is the bytes and nothing else, and JSON's escapes are JSON's.
 */
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/dice.h"

/* RFC 8259, a byte at a time, with no eye to speed. */
static void slow_json(struct buffer *out, struct cb_text text)
{
	buffer_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c == '"' || c == '\\')
			buffer_printf(out, "\\%c", c);
		else if (c == '\n' || c == '\r' || c == '\t')
			buffer_printf(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
		else if (c < 0x20)
			buffer_printf(out, "\\u%04x", c);
		else
			buffer_char(out, (char)c);
	}
	buffer_char(out, '"');
}

static void same(struct cb_text text)
{
	struct buffer fast = { 0 }, slow = { 0 };

	buffer_json(&fast, text);
	slow_json(&slow, text);
	assert_int_equal(fast.len, slow.len);
	assert_memory_equal(fast.at, slow.at, slow.len);
	buffer_done(&fast);
	buffer_done(&slow);
}

/* Every byte at every place of a run that is looked at in eights, and behind it. */
static void json_escapes_each_byte_wherever_it_stands(void **state)
{
	char run[20];

	(void)state;
	for (unsigned c = 0; c < 256; c++)
		for (size_t at = 0; at < sizeof(run); at++) {
			memset(run, 'a', sizeof(run));
			run[at] = (char)c;
			for (size_t len = at + 1; len <= sizeof(run); len++)
				same((struct cb_text){ run, len });
		}
}

static void json_escapes_any_mixture(void **state)
{
	static const char some[] = "\"\\\n\t\r\x01\x1f !~\x7f\x80\xff\xe4\xb8\xad"
				   "0";

	(void)state;
	dice_seed();
	for (int round = 0; round < 20000; round++) {
		char text[64];
		size_t len = dice_roll(sizeof(text));

		for (size_t i = 0; i < len; i++)
			text[i] = some[dice_roll(sizeof(some))];
		same((struct cb_text){ text, len });
	}
}

static void a_buffer_holds_what_was_put(void **state)
{
	struct buffer b = { 0 };
	size_t len = 0;

	(void)state;
	assert_string_equal(buffer_view(&b).at, "");
	buffer_put(&b, NULL, 0);
	assert_null(b.at);
	for (int i = 0; i < 5000; i++) {
		buffer_char(&b, (char)('a' + i % 26));
		buffer_string(&b, "丙");
		len += 1 + strlen("丙");
	}
	assert_int_equal(b.len, len);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(b.at[i * 4], 'a' + i % 26);
	assert_int_equal(strlen(buffer_cstr(&b)), len);
	buffer_clear(&b);
	assert_int_equal(buffer_view(&b).len, 0);
	buffer_done(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_escapes_each_byte_wherever_it_stands),
		cmocka_unit_test(json_escapes_any_mixture),
		cmocka_unit_test(a_buffer_holds_what_was_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
