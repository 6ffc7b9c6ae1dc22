/*
 * charset.c - no byte is guessed, none is lost, however the pieces fall.
 */
#include "base/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "support/dice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define UTF8 CHARSET_UTF8
#define GB CHARSET_GB18030
#define LE CHARSET_UTF16LE
#define BE CHARSET_UTF16BE
#define NONE CHARSET_UNKNOWN

static void charsets_have_many_names(void **state)
{
	static const struct {
		const char *name;
		enum charset charset;
	} cases[] = {
		{ "utf-8", UTF8 },     { "UTF8", UTF8 },     { "GBK", GB },
		{ "gb2312", GB },      { "GB_2312-80", GB }, { "CP936", GB },
		{ "windows-936", GB }, { "GB18030", GB },    { "x-gbk", GB },
		{ "UTF-16LE", LE },    { "utf-16be", BE },   { "utf-16", LE },
		{ "us-ascii", UTF8 },  { "big5", NONE },     { "iso-8859-1", NONE },
		{ "", NONE },          { "utf", NONE },      { "utf-8-and-much-more-text", NONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(charset_named(cases[i].name), cases[i].charset);
	assert_int_equal(charset_named(NULL), NONE);
	for (enum charset c = UTF8; c <= BE; c++)
		assert_int_equal(charset_named(charset_name(c)), c);
}

static const struct document {
	struct cb_text bytes;
	const char *allowed;
	enum charset charset; /* NONE: refused, and it says */
	const char *says;
} documents[] = {
	{ CB_TEXT(""), NULL, UTF8, "" },
	{ CB_TEXT("plain"), NULL, UTF8, "" },
	{ CB_TEXT("plain"), "gb18030", UTF8, "" },
	{ CB_TEXT("\xe8\xb0\x83\xe8\xa7\xa3"), NULL, UTF8, "" },
	{ CB_TEXT("a\xe8\xb0\x83\xe8\xa7\xa3,"), "utf-8", UTF8, "" },
	{ CB_TEXT("\xb5\xf7\xbd\xe2"), NULL, GB, "" },
	{ CB_TEXT("\xb5\xf7\xbd\xe2"), "utf-8|gb18030", GB, "" },
	{ CB_TEXT("\xb5\xf7\xbd\xe2"), "GBK", GB, "" },
	{ CB_TEXT("abc\xb5\xf7\xbd\xe2"), "utf-8", NONE, "3" },
	{ CB_TEXT("\x81\x30\x81\x30 \x90\x30\x81\x30"), NULL, GB, "" },
	{ CB_TEXT("\xef\xbb\xbfplain"), NULL, UTF8, "" },
	{ CB_TEXT("\xef\xbb\xbf"), NULL, UTF8, "" },
	{ CB_TEXT("\xef\xbb\xbf\xb5\xf7"), NULL, NONE, "3" },
	{ CB_TEXT("\xef\xbb\xbfx"), "gb18030", NONE, "utf-8" },
	{ CB_TEXT("\xff\xfe\x03\x8c"), NULL, LE, "" },
	{ CB_TEXT("\xfe\xff\x8c\x03"), NULL, BE, "" },
	{ CB_TEXT("\xfe\xff\x8c\x03"), "utf-16", BE, "" },
	{ CB_TEXT("\xfe\xff\x8c\x03"), "utf-8|gb18030", NONE, "utf-16be" },
	{ CB_TEXT("\x03\x8c"), "utf-16le", LE, "" },
	{ CB_TEXT("\x8c\x03"), "utf-16be", BE, "" },
	{ CB_TEXT("ab\xff"), NULL, NONE, "2" },
	{ CB_TEXT("ab\x80zz"), NULL, NONE, "2" },
	{ CB_TEXT("abc\xe8\xb0"), "utf-8", NONE, "3" }, /* cut; in GB18030 it would be a letter */
	{ CB_TEXT("\xb5\xf7\xbd"), NULL, NONE, "2" },
	{ CB_TEXT("\xb5\xf7\xbd\x20"), NULL, NONE, "2" },
	{ CB_TEXT("\xb5\xf7\x81\x30\x81\x20"), NULL, NONE, "2" },
	{ CB_TEXT("\xb5\xf7\xfe\x39\xfe\x39"), NULL, NONE, "2" },
	{ CB_TEXT("\xb5\xf7\x84\x31\xa5\x30"), NULL, NONE, "2" },
	{ CB_TEXT("\xe3\x32\x9a\x35"), NULL, GB, "" },
	{ CB_TEXT("\xe3\x32\x9a\x36"), NULL, NONE, "0" },
	{ CB_TEXT("\xc4\xa3"), NULL, UTF8, "" }, /* two letters fit both: UTF-8 comes first */
	{ CB_TEXT("\xc4\xa3"), "gb18030", GB, "" },
	{ CB_TEXT("\xe8\xb0\x83\xe8\xa7\xa3\xe8\xb0\x83\xe8\xa7\xa3\xe8\xb0\x83\xe8\xa7\xa3"),
	  "gb18030", NONE, "UTF-8" },
	{ CB_TEXT("plain"), "utf-8|big5", NONE, "big5" },
	{ CB_TEXT("plain"), "", NONE, "utf-16" },
};

static void assert_decides(struct charset_watch *w, const struct document *d)
{
	struct cb_error err = { 0 };
	enum charset charset;
	int rc = charset_decide(w, d->allowed, &charset, &err);

	assert_int_equal(charset, d->charset);
	assert_int_equal(rc == CB_OK, d->charset != NONE);
	if (rc != CB_OK && !strstr(err.text, d->says))
		fail_msg("'%s' does not say '%s'", err.text, d->says);
}

static void documents_are_what_the_evidence_says(void **state)
{
	for (size_t i = 0; i < COUNT(documents); i++) {
		struct charset_watch w = { 0 };

		charset_watch(&w, documents[i].bytes);
		assert_decides(&w, &documents[i]);
	}
}

static void pieces_of_every_size_say_the_same(void **state)
{
	for (size_t i = 0; i < COUNT(documents); i++)
		for (size_t size = 1; size < 8; size++) {
			struct charset_watch w = { 0 };
			struct cb_text rest = documents[i].bytes;

			while (rest.len > 0) {
				size_t n = rest.len < size ? rest.len : size;

				charset_watch(&w, (struct cb_text){ rest.at, n });
				rest = (struct cb_text){ rest.at + n, rest.len - n };
			}
			assert_decides(&w, &documents[i]);
		}
}

/* A text of a few thousand characters of every length. */
static void any_text(struct buffer *b, int characters)
{
	char utf8[4];
	uint32_t c;

	while (characters-- > 0) {
		switch (dice_roll(8)) {
		case 0:
			c = dice_roll(0x110000);
			break;
		case 1:
			c = dice_roll(0x3000);
			break;
		case 2:
		case 3:
		case 4:
			c = 0x4e00 + dice_roll(0x5000);
			break;
		default:
			c = dice_roll(0x80);
		}
		if ((c >= 0xd800 && c < 0xe000) || c == 0xfeff || c == 0xfffe)
			c = '?';
		buffer_put(b, utf8, utf8_put(c, utf8));
	}
}

static void decode_in_pieces(enum charset charset, struct cb_text bytes, size_t size,
			     struct buffer *out)
{
	struct charset_converter *c = charset_converter_new(charset);
	struct cb_error err = { 0 };

	for (size_t at = 0; at < bytes.len; at += size) {
		size_t n = bytes.len - at < size ? bytes.len - at : size;

		if (charset_decode(c, (struct cb_text){ bytes.at + at, n }, false, out, &err) !=
		    CB_OK)
			fail_msg("%s", err.text);
	}
	if (charset_decode(c, CB_TEXT(""), true, out, &err) != CB_OK)
		fail_msg("%s", err.text);
	charset_converter_free(c);
}

static void any_text_goes_out_and_comes_back(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 5, 7, 4095, 4096, 4097, 1 << 20 };

	dice_seed();
	for (enum charset charset = UTF8; charset <= BE; charset++)
		for (size_t i = 0; i < COUNT(sizes); i++) {
			struct charset_converter *c = charset_converter_new(charset);
			struct buffer text = { 0 }, foreign = { 0 }, back = { 0 };
			struct charset_watch w = { 0 };

			any_text(&text, 1 + (int)dice_roll(5000));
			assert_int_equal(charset_encode(c, buffer_view(&text), &foreign, NULL),
					 CB_OK);
			decode_in_pieces(charset, buffer_view(&foreign), sizes[i], &back);
			assert_int_equal(back.len, text.len);
			assert_memory_equal(back.at, text.at, text.len);
			charset_watch(&w, buffer_view(&foreign));
			if (charset == UTF8)
				assert_false(w.utf8.failed);
			if (charset == GB)
				assert_false(w.gb18030.failed);
			charset_converter_free(c);
			buffer_done(&text);
			buffer_done(&foreign);
			buffer_done(&back);
		}
}

static void every_two_byte_character_comes_back(void **state)
{
	int count = 0;

	for (int lead = 0x81; lead <= 0xfe; lead++)
		for (int trail = 0x40; trail <= 0xfe; trail++) {
			struct charset_converter *c;
			struct buffer utf8 = { 0 }, back = { 0 };
			char bytes[2] = { (char)lead, (char)trail };
			struct cb_text text = { bytes, 2 };

			if (trail == 0x7f)
				continue;
			c = charset_converter_new(GB);
			assert_int_equal(charset_decode(c, text, true, &utf8, NULL), CB_OK);
			assert_int_equal(utf8_length(buffer_view(&utf8)), 1);
			assert_int_equal(charset_encode(c, buffer_view(&utf8), &back, NULL), CB_OK);
			assert_true(cb_text_equal(buffer_view(&back), text));
			charset_converter_free(c);
			buffer_done(&utf8);
			buffer_done(&back);
			count++;
		}
	assert_int_equal(count, 23940);
}

static void a_broken_sequence_names_its_offset(void **state)
{
	static const struct {
		enum charset charset;
		struct cb_text bytes;
		size_t offset;
	} cases[] = {
		{ UTF8, CB_TEXT("abc\xff"), 3 },
		{ UTF8, CB_TEXT("\xe8\xb0\x83\xe8\xb0"), 3 },
		{ UTF8, CB_TEXT("\xef\xbb\xbf\xe8\xb0zz"), 3 },
		{ UTF8, CB_TEXT("\xed\xa0\x80"), 0 },
		{ GB, CB_TEXT("\xb5\xf7\xbd"), 2 },
		{ GB, CB_TEXT("a\xb5\xf7\xbd\x20"), 3 },
		{ GB, CB_TEXT("abc\x80"), 3 },
		{ GB, CB_TEXT("\xb5\xf7\x81\x30\x81\x20"), 2 },
		{ GB, CB_TEXT("\xb5\xf7\xfe\x39\xfe\x39z"), 2 },
		{ LE, CB_TEXT("a\0b"), 2 },
		{ LE, CB_TEXT("a\0\x00\xd8z\0"), 2 },
		{ LE, CB_TEXT("a\0\x00\xdcz\0"), 2 },
		{ BE, CB_TEXT("\0a\xd8\x00"), 2 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t size = 1; size <= cases[i].bytes.len; size++) {
			struct charset_converter *c = charset_converter_new(cases[i].charset);
			struct cb_text bytes = cases[i].bytes;
			struct buffer out = { 0 };
			struct cb_error err = { 0 };
			char said[32];
			int rc = CB_OK;

			for (size_t at = 0; rc == CB_OK && at < bytes.len; at += size) {
				size_t n = bytes.len - at < size ? bytes.len - at : size;

				rc = charset_decode(c, (struct cb_text){ bytes.at + at, n },
						    at + n == bytes.len, &out, &err);
			}
			assert_int_equal(rc, CB_BROKEN);
			snprintf(said, sizeof(said), " %zu ", cases[i].offset);
			if (!strstr(err.text, said))
				fail_msg("'%s' does not say%s", err.text, said);
			charset_converter_free(c);
			buffer_done(&out);
		}
}

static void a_byte_order_mark_is_dropped_once(void **state)
{
	static const struct {
		enum charset charset;
		struct cb_text bytes;
		const char *text;
	} cases[] = {
		{ UTF8, CB_TEXT("\xef\xbb\xbfx"), "x" },
		{ UTF8, CB_TEXT("\xef\xbb\xbf\xef\xbb\xbfx"), "\xef\xbb\xbfx" },
		{ UTF8, CB_TEXT("x\xef\xbb\xbf"), "x\xef\xbb\xbf" },
		{ UTF8, CB_TEXT("\xef\xbb\xbf"), "" },
		{ UTF8, CB_TEXT("\xef\xbf\xbex"), "\xef\xbf\xbex" },
		{ GB, CB_TEXT("\x84\x31\x95\x33x"), "x" },
		{ LE, CB_TEXT("\xff\xfex\0"), "x" },
		{ BE, CB_TEXT("\xfe\xff\0x"), "x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t size = 1; size <= cases[i].bytes.len; size++) {
			struct buffer out = { 0 };

			decode_in_pieces(cases[i].charset, cases[i].bytes, size, &out);
			assert_true(cb_text_is(buffer_view(&out), cases[i].text));
			buffer_done(&out);
		}
}

static void the_other_byte_order_is_refused(void **state)
{
	struct charset_converter *c = charset_converter_new(LE);
	struct buffer out = { 0 };
	struct cb_error err = { 0 };

	assert_int_equal(charset_decode(c, CB_TEXT("\xfe\xff\0x"), true, &out, &err), CB_BROKEN);
	charset_converter_free(c);
	charset_converter_free(NULL);
	buffer_done(&out);
}

static void only_utf8_is_written(void **state)
{
	for (enum charset charset = UTF8; charset <= BE; charset++) {
		struct charset_converter *c = charset_converter_new(charset);
		struct buffer out = { 0 };
		struct cb_error err = { 0 };

		assert_int_equal(charset_encode(c, CB_TEXT("ab\xb5\xf7"), &out, &err), CB_BROKEN);
		assert_non_null(strstr(err.text, " 2"));
		assert_int_equal(charset_encode(c, CB_TEXT("\xe8\xb0"), &out, &err), CB_BROKEN);
		charset_converter_free(c);
		buffer_done(&out);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(charsets_have_many_names),
		cmocka_unit_test(documents_are_what_the_evidence_says),
		cmocka_unit_test(pieces_of_every_size_say_the_same),
		cmocka_unit_test(any_text_goes_out_and_comes_back),
		cmocka_unit_test(every_two_byte_character_comes_back),
		cmocka_unit_test(a_broken_sequence_names_its_offset),
		cmocka_unit_test(a_byte_order_mark_is_dropped_once),
		cmocka_unit_test(the_other_byte_order_is_refused),
		cmocka_unit_test(only_utf8_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
