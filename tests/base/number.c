/*
 * number.c - decimals are read, compared and scaled without losing a digit.
 */
#include "base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/dice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NINES38 "99999999999999999999999999999999999999"

static void what_they_write_becomes_canonical(void **state)
{
	static const struct {
		const char *theirs, *canonical;
	} cases[] = {
		{ "0", "0" },
		{ "7", "7" },
		{ "-7", "-7" },
		{ "+7", "7" },
		{ "12000.50", "12000.50" },
		{ "007", "7" },
		{ "000", "0" },
		{ "00.50", "0.50" },
		{ ".5", "0.5" },
		{ "-.5", "-0.5" },
		{ "-0", "0" },
		{ "-0.00", "0.00" },
		{ " 12 ", "12" },
		{ "\u300012\u00a0", "12" },
		{ "１２．５０", "12.50" },
		{ "－１２", "-12" },
		{ "\u221212", "-12" },
		{ "1,234.50", "1234.50" },
		{ "1，234，567", "1234567" },
		{ "12,345,678.9", "12345678.9" },
		{ "-123,456", "-123456" },
		{ NINES38, NINES38 },
		{ "-" NINES38, "-" NINES38 },
		{ "0000" NINES38, NINES38 },
		{ "0.0000000000000000000000000000000000001",
		  "0.0000000000000000000000000000000000001" },
	};
	char out[NUMBER_TEXT];

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(number_read(cb_text_of(cases[i].theirs), out), NUMBER_OK);
		assert_string_equal(out, cases[i].canonical);
		assert_true(number_is_canonical(cb_text_of(out)));
	}
}

static void what_is_no_number_says_so(void **state)
{
	static const struct {
		const char *theirs;
		int finding;
	} cases[] = {
		{ "", NUMBER_SHAPE },
		{ " ", NUMBER_SHAPE },
		{ "-", NUMBER_SHAPE },
		{ "+", NUMBER_SHAPE },
		{ ".", NUMBER_SHAPE },
		{ "-.", NUMBER_SHAPE },
		{ "12.", NUMBER_SHAPE },
		{ "1.2.3", NUMBER_SHAPE },
		{ "1e5", NUMBER_SHAPE },
		{ "3.30282E+17", NUMBER_SHAPE },
		{ "0x1f", NUMBER_SHAPE },
		{ "12,34", NUMBER_SHAPE },
		{ "1234,567", NUMBER_SHAPE },
		{ "1,2345", NUMBER_SHAPE },
		{ "1,23.4", NUMBER_SHAPE },
		{ "1,234,56", NUMBER_SHAPE },
		{ ",123", NUMBER_SHAPE },
		{ "0,123", NUMBER_SHAPE },
		{ "1.234,567", NUMBER_SHAPE },
		{ "1 234", NUMBER_SHAPE },
		{ "--1", NUMBER_SHAPE },
		{ "1-", NUMBER_SHAPE },
		{ "三", NUMBER_SHAPE },
		{ "12元", NUMBER_SHAPE },
		{ "无", NUMBER_SHAPE },
		{ "1" NINES38, NUMBER_LONG },
		{ NINES38 ".1", NUMBER_LONG },
		{ "0." NINES38, NUMBER_LONG },
		{ NINES38 NINES38 NINES38, NUMBER_LONG },
		{ NINES38 NINES38 "x", NUMBER_SHAPE },
	};
	char out[NUMBER_TEXT];

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(number_read(cb_text_of(cases[i].theirs), out), cases[i].finding);
		assert_string_equal(out, "");
	}
	assert_int_equal(number_read((struct cb_text){ 0 }, out), NUMBER_SHAPE);
}

static void canonical_has_one_spelling(void **state)
{
	static const char *const good[] = { "0",    "-1",   "10.00", "0.5",
					    "0.00", "-0.5", NINES38, ("-" NINES38) };
	static const char *const bad[] = {
		"",      "-",   "-0", "-0.0", "00",    "01", "1.",  ".5",        "+1",
		"1.2.3", "1e5", " 1", "1 ",   "1,000", "１", "--1", "1" NINES38, "0." NINES38
	};

	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(number_is_canonical(cb_text_of(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(number_is_canonical(cb_text_of(bad[i])));
	assert_false(number_is_canonical((struct cb_text){ 0 }));
	assert_true(number_is_integer(CB_TEXT("-12")));
	assert_false(number_is_integer(CB_TEXT("12.00")));
}

static void numbers_compare_by_value(void **state)
{
	static const char *const rising[] = { "-100", "-10.5", "-10",  "-1.21", "-1.2", "-0.01",
					      "0",    "0.001", "0.01", "1.2",   "1.21", "9",
					      "10",   "10.5",  "100",  NINES38 };

	for (size_t i = 0; i < COUNT(rising); i++)
		for (size_t j = 0; j < COUNT(rising); j++)
			assert_int_equal(
				number_compare(cb_text_of(rising[i]), cb_text_of(rising[j])),
				(i > j) - (i < j));
	assert_int_equal(number_compare(CB_TEXT("1.20"), CB_TEXT("1.2")), 0);
	assert_int_equal(number_compare(CB_TEXT("-5.00"), CB_TEXT("-5")), 0);
	assert_int_equal(number_compare(CB_TEXT("0.00"), CB_TEXT("0")), 0);
}

static void scaling_moves_the_point(void **state)
{
	static const struct {
		const char *a, *factor, *times, *divided; /* NULL: too long */
	} cases[] = {
		{ "3", "10000", "30000", "0.0003" },
		{ "30000", "10000", "300000000", "3" },
		{ "1.2", "10000", "12000", "0.00012" },
		{ "1.200050", "10000", "12000.50", "0.0001200050" },
		{ "12000.50", "10000", "120005000", "1.200050" },
		{ "12.50", "100", "1250", "0.1250" },
		{ "12.00", "100", "1200", "0.1200" },
		{ "1250", "100", "125000", "12.5" },
		{ "-0.5", "2", "-1", "-0.25" },
		{ "0.50", "2", "1.0", "0.250" },
		{ "12.50", "1", "12.50", "12.50" },
		{ "0", "7", "0", "0" },
		{ "0.00", "100", "0", "0.00" },
		{ "100", "0.01", "1", "10000" },
		{ "5", "60", "300", NULL },
		{ "90", "60", "5400", "1.5" },
		{ "1", "3", "3", NULL },
		{ "9", "3", "27", "3" },
		{ "1.5", "1.50", "2.25", "1" },
		{ NINES38, "1", NINES38, NINES38 },
		{ NINES38, "10", NULL, "9999999999999999999999999999999999999.9" },
		{ "0.0000000000000000000000000000000000005", "2",
		  "0.000000000000000000000000000000000001", NULL },
		{ "5", "20000000000000000000000000000000000000", NULL, NULL },
		{ "5", "2000000000000000000000000000000000000",
		  "10000000000000000000000000000000000000",
		  "0.0000000000000000000000000000000000025" },
	};
	char out[NUMBER_TEXT];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cb_text a = cb_text_of(cases[i].a), f = cb_text_of(cases[i].factor);

		assert_int_equal(number_times(a, f, out), cases[i].times ? NUMBER_OK : NUMBER_LONG);
		assert_string_equal(out, cases[i].times ? cases[i].times : "");
		assert_int_equal(number_divide(a, f, out),
				 cases[i].divided ? NUMBER_OK : NUMBER_LONG);
		assert_string_equal(out, cases[i].divided ? cases[i].divided : "");
	}
}

/* Multiplication as taught at school: digits in a row, the point counted off at the end. */
static void slow_times(const char *a, const char *b, char out[128])
{
	int product[100] = { 0 }, places = 0, na = 0, nb = 0, at = 0, total;
	int digits_a[50], digits_b[50];

	for (const char *p = a; *p; p++)
		if (*p >= '0')
			digits_a[na++] = *p - '0';
	for (const char *p = b; *p; p++)
		if (*p >= '0')
			digits_b[nb++] = *p - '0';
	if (strchr(a, '.'))
		places += (int)strlen(strchr(a, '.')) - 1;
	if (strchr(b, '.'))
		places += (int)strlen(strchr(b, '.')) - 1;
	total = na + nb;
	for (int i = na - 1; i >= 0; i--)
		for (int j = nb - 1; j >= 0; j--)
			product[i + j + 1] += digits_a[i] * digits_b[j];
	for (int i = total - 1; i > 0; i--) {
		product[i - 1] += product[i] / 10;
		product[i] %= 10;
	}
	for (int i = 0; i < total; i++) {
		if (i == total - places)
			out[at++] = '.';
		out[at++] = (char)('0' + product[i]);
	}
	out[at] = '\0';
}

/* Only what the value needs: no zeros at either end. */
static void strip(const char *number, char out[128])
{
	size_t len;

	while (*number == '0' && number[1] && number[1] != '.')
		number++;
	len = strlen(number);
	if (memchr(number, '.', len)) {
		while (number[len - 1] == '0')
			len--;
		if (number[len - 1] == '.')
			len--;
	}
	memcpy(out, number, len);
	out[len] = '\0';
}

static void any_number(char out[NUMBER_TEXT], int longest)
{
	int whole = 1 + (int)dice_roll((uint32_t)longest), at = 0;
	int places = dice_roll(2) ? (int)dice_roll((uint32_t)(longest + 1)) : 0;
	bool is_round = dice_roll(3) == 0;

	out[at++] = (char)('1' + dice_roll(9));
	while (at < whole)
		out[at++] = is_round ? '0' : (char)('0' + dice_roll(10));
	if (places > 0)
		out[at++] = '.';
	for (int i = 0; i < places; i++)
		out[at++] = dice_roll(3) ? (char)('0' + dice_roll(10)) : '0';
	out[at] = '\0';
}

static void times_agrees_with_school(void **state)
{
	char a[NUMBER_TEXT], b[NUMBER_TEXT], out[NUMBER_TEXT], value[128], slow[128],
		slow_value[128];

	dice_seed();
	for (int i = 0; i < 50000; i++) {
		int longest = 2 + (int)dice_roll(18), rc;
		bool is_short;

		any_number(a, longest);
		any_number(b, longest);
		rc = number_times(cb_text_of(a), cb_text_of(b), out);
		slow_times(a, b, slow);
		strip(slow, slow_value);
		is_short = strlen(slow_value) - (strchr(slow_value, '.') != NULL) <= 38;
		assert_int_equal(rc, is_short ? NUMBER_OK : NUMBER_LONG);
		if (!is_short)
			continue;
		assert_true(number_is_canonical(cb_text_of(out)));
		strip(out, value);
		assert_string_equal(value, slow_value);
	}
}

static void dividing_undoes_times_and_times_dividing(void **state)
{
	char a[NUMBER_TEXT], b[NUMBER_TEXT], there[NUMBER_TEXT], back[NUMBER_TEXT];
	int done = 0;

	dice_seed();
	for (int i = 0; i < 50000; i++) {
		any_number(a, 9);
		any_number(b, 6);
		assert_int_equal(number_times(cb_text_of(a), cb_text_of(b), there), NUMBER_OK);
		assert_int_equal(number_divide(cb_text_of(there), cb_text_of(b), back), NUMBER_OK);
		assert_int_equal(number_compare(cb_text_of(a), cb_text_of(back)), 0);
		if (number_divide(cb_text_of(a), cb_text_of(b), there) != NUMBER_OK)
			continue;
		done++;
		assert_int_equal(number_times(cb_text_of(there), cb_text_of(b), back), NUMBER_OK);
		assert_int_equal(number_compare(cb_text_of(a), cb_text_of(back)), 0);
		if (number_is_integer(cb_text_of(a)))
			assert_string_equal(a, back);
	}
	assert_true(done > 1000);
}

static void sizes_and_durations_need_a_known_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t size, ms; /* -1: refused */
	} cases[] = {
		{ "0", 0, 0 },
		{ "4096", 4096, -1 },
		{ "64k", 65536, -1 },
		{ "64K", 65536, -1 },
		{ "1M", 1048576, -1 },
		{ "2G", INT64_C(2147483648), -1 },
		{ "10m", 10485760, 600000 },
		{ "30s", -1, 30000 },
		{ "1h", -1, 3600000 },
		{ "2d", -1, 172800000 },
		{ "500ms", -1, 500 },
		{ "", -1, -1 },
		{ "k", -1, -1 },
		{ "1kb", 1024, -1 },
		{ "2MB", 2097152, -1 },
		{ "2MBB", -1, -1 },
		{ "-1k", -1, -1 },
		{ "1.5h", -1, -1 },
		{ " 1h", -1, -1 },
		{ "1 h", -1, -1 },
		{ "9223372036854775807", INT64_MAX, -1 },
		{ "9223372036854775808", -1, -1 },
		{ "9223372036854775807k", -1, -1 },
		{ "9223372036854775807d", -1, -1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t got = -1;

		assert_int_equal(number_size(cases[i].text, &got), cases[i].size >= 0);
		assert_int_equal(got, cases[i].size);
		got = -1;
		assert_int_equal(number_duration(cases[i].text, &got), cases[i].ms >= 0);
		assert_int_equal(got, cases[i].ms);
	}
	assert_false(number_size(NULL, NULL));
	assert_false(number_duration(NULL, NULL));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_they_write_becomes_canonical),
		cmocka_unit_test(what_is_no_number_says_so),
		cmocka_unit_test(canonical_has_one_spelling),
		cmocka_unit_test(numbers_compare_by_value),
		cmocka_unit_test(scaling_moves_the_point),
		cmocka_unit_test(times_agrees_with_school),
		cmocka_unit_test(dividing_undoes_times_and_times_dividing),
		cmocka_unit_test(sizes_and_durations_need_a_known_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
