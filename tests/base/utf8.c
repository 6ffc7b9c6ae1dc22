/*
 * utf8.c - what is a character, how long, how wide.
 */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "support/dice.h"

/* The definition, one code point at a time, with no eye to speed. */
static size_t slow_valid(struct cb_text text, bool *cut)
{
	size_t at = 0;

	*cut = false;
	while (at < text.len) {
		size_t len;

		for (len = 1; len <= 4 && at + len <= text.len; len++) {
			const unsigned char *p = (const unsigned char *)text.at + at;
			char again[4];
			uint32_t c;

			c = len == 1   ? p[0]
			    : len == 2 ? (uint32_t)((p[0] & 0x1f) << 6 | (p[1] & 0x3f))
			    : len == 3 ? (uint32_t)((p[0] & 0xf) << 12 | (p[1] & 0x3f) << 6 |
						    (p[2] & 0x3f))
				       : (uint32_t)((p[0] & 7) << 18 | (p[1] & 0x3f) << 12 |
						    (p[2] & 0x3f) << 6 | (p[3] & 0x3f));
			if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
				continue;
			if (utf8_put(c, again) == len && memcmp(again, p, len) == 0)
				break;
		}
		if (len <= 4 && at + len <= text.len) {
			at += len;
			continue;
		}
		/* Cut, if some ending would make it a character. */
		for (uint32_t c = 0x80; c <= 0x10ffff && text.len - at < 4; c++) {
			char whole[4];

			if (c >= 0xd800 && c < 0xe000)
				continue;
			if (utf8_put(c, whole) > text.len - at &&
			    memcmp(whole, text.at + at, text.len - at) == 0) {
				*cut = true;
				break;
			}
		}
		break;
	}
	return at;
}

static void bytes_are_valid_up_to_the_first_that_is_not(void **state)
{
	static const struct {
		const char *text;
		size_t valid;
		bool cut;
	} cases[] = {
		{ "", 0, false },
		{ "abc", 3, false },
		{ "调解", 6, false },
		{ "abcdefgh调解abcdefgh", 22, false },
		{ "调\xe8\xa7", 3, true },
		{ "调\xe8", 3, true },
		{ "调\xe8z", 3, false },
		{ "\x80", 0, false },
		{ "\xc0\x80", 0, false },
		{ "\xc1\xbf", 0, false },
		{ "\xc2\x80", 2, false },
		{ "\xe0\x9f\xbf", 0, false },
		{ "\xe0\x9f\xbfxxxx", 0, false },
		{ "\xe0\xa0\x80xxxx", 7, false },
		{ "\xed\x9f\xbfxxxx", 7, false },
		{ "\xed\xa0\x80xxxx", 0, false },
		{ "\xed\xa0", 0, false },
		{ "\xee\x80\x80", 3, false },
		{ "\xf0\x8f\xbf\xbf", 0, false },
		{ "\xf0\x90\x80\x80", 4, false },
		{ "\xf4\x8f\xbf\xbf", 4, false },
		{ "\xf4\x90\x80\x80", 0, false },
		{ "\xf4\x90", 0, false },
		{ "\xf0\x90\x80", 0, true },
		{ "\xf5", 0, false },
		{ "\xff", 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool cut;

		assert_int_equal(utf8_valid(cb_text_of(cases[i].text), &cut), cases[i].valid);
		assert_int_equal(cut, cases[i].cut);
		assert_int_equal(utf8_valid(cb_text_of(cases[i].text), NULL), cases[i].valid);
	}
}

static void the_fast_check_agrees_with_the_definition(void **state)
{
	static const unsigned char leads[] = { 'a',  0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe4,
					       0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x9f, 0xa0 };

	dice_seed();
	for (int round = 0; round < 20000; round++) {
		char bytes[48];
		struct cb_text text = { bytes, 0 };
		bool cut, slow_cut;
		size_t slow;

		while (text.len < 32 && dice_roll(24) != 0) { /* mostly good, then something rare */
			uint32_t kind = dice_roll(8);

			if (kind < 3)
				bytes[text.len++] = (char)dice_roll(128);
			else if (kind < 6)
				text.len += utf8_put(0x4e00 + dice_roll(0x5000), bytes + text.len);
			else if (kind == 6)
				text.len +=
					utf8_put(0x10000 + dice_roll(0x100000), bytes + text.len);
			else
				bytes[text.len++] = (char)leads[dice_roll(sizeof(leads))];
		}
		slow = slow_valid(text, &slow_cut);
		assert_int_equal(utf8_valid(text, &cut), slow);
		assert_int_equal(cut, slow_cut);
	}
}

static void every_code_point_comes_back(void **state)
{
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char bytes[4];
		const char *at = bytes;
		size_t len = utf8_put(c, bytes);

		if (c >= 0xd800 && c < 0xe000)
			continue;
		assert_int_equal(utf8_valid((struct cb_text){ bytes, len }, NULL), len);
		assert_int_equal(utf8_next(&at, bytes + len), c);
		assert_ptr_equal(at, bytes + len);
	}
}

static void reading_never_leaves_the_text(void **state)
{
	const char *at = "\xe8\xa7", *end = at + 2;

	assert_int_equal(utf8_next(&at, end), 0xfffd);
	assert_ptr_equal(at, end);
}

static void lengths_count_characters(void **state)
{
	struct cb_text text = CB_TEXT("a调解𠮷");

	assert_int_equal(utf8_length(text), 4);
	assert_int_equal(utf8_length((struct cb_text){ 0 }), 0);
	assert_int_equal(utf8_offset(text, 0), 0);
	assert_int_equal(utf8_offset(text, 1), 1);
	assert_int_equal(utf8_offset(text, 3), 7);
	assert_int_equal(utf8_offset(text, 4), 11);
	assert_int_equal(utf8_offset(text, 99), 11);
}

static void widths_are_those_of_a_terminal(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{ "", 0 },         { "abc", 3 }, { "调解", 4 },       { "３Ａ", 4 },
		{ "（元）", 6 },   { "é", 1 },   { "e\u0301", 1 },    { "a\u200bb", 2 },
		{ "\ufeffa", 1 },  { "𠮷", 2 },  { "가", 2 },         { "ｱ", 1 },
		{ "慈溪·abc", 8 }, { "、", 2 },  { "soft\u00ad", 5 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(utf8_width(cb_text_of(cases[i].text)), cases[i].width);
}

static void full_width_letters_become_narrow(void **state)
{
	assert_int_equal(utf8_narrow(0xff13), '3');
	assert_int_equal(utf8_narrow(0xff21), 'A');
	assert_int_equal(utf8_narrow(0xff5e), '~');
	assert_int_equal(utf8_narrow(0xff5f), 0xff5f);
	assert_int_equal(utf8_narrow(0xff00), 0xff00);
	assert_int_equal(utf8_narrow(0x3000), ' ');
	assert_int_equal(utf8_narrow('x'), 'x');
	assert_int_equal(utf8_narrow(0x8c03), 0x8c03);
}

static void trimming_takes_every_kind_of_blank(void **state)
{
	static const struct {
		const char *text, *trimmed;
	} cases[] = {
		{ "", "" },
		{ "a", "a" },
		{ " a ", "a" },
		{ "\t\r\n a b \v\f", "a b" },
		{ "\u3000调 解\u3000 ", "调 解" },
		{ "\ufeff\u00a0调\u200b", "调" },
		{ " \u3000\u200b\ufeff ", "" },
		{ "\u200d调\u200d", "\u200d调\u200d" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_true(cb_text_is(utf8_trim(cb_text_of(cases[i].text)), cases[i].trimmed));
	assert_null(utf8_trim((struct cb_text){ 0 }).at);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_valid_up_to_the_first_that_is_not),
		cmocka_unit_test(the_fast_check_agrees_with_the_definition),
		cmocka_unit_test(every_code_point_comes_back),
		cmocka_unit_test(reading_never_leaves_the_text),
		cmocka_unit_test(lengths_count_characters),
		cmocka_unit_test(widths_are_those_of_a_terminal),
		cmocka_unit_test(full_width_letters_become_narrow),
		cmocka_unit_test(trimming_takes_every_kind_of_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
