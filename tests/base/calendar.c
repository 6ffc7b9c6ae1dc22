/*
 * calendar.c - dates by pattern, and that nothing shifts them.
 */
#include "base/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/dice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CHINA 480

enum { OK = CALENDAR_OK, SHAPE = CALENDAR_SHAPE, VALUE = CALENDAR_VALUE };
enum { DATE = CALENDAR_DATE, TIME = CALENDAR_TIME, DATETIME = CALENDAR_DATETIME };

static struct calendar_pattern *compile(const char *pattern)
{
	struct cb_error err = { 0 };
	struct calendar_pattern *p = calendar_pattern_new(pattern, &err);

	assert_string_equal(err.text, "");
	assert_non_null(p);
	return p;
}

static void days_count_from_1970(void **state)
{
	static const struct {
		int year, month, day;
		int64_t days;
	} cases[] = {
		{ 1970, 1, 1, 0 },         { 1969, 12, 31, -1 },     { 2000, 2, 29, 11016 },
		{ 2024, 3, 18, 19800 },    { 1899, 12, 30, -25569 }, { 1, 1, 1, -719162 },
		{ 9999, 12, 31, 2932896 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int y, m, d;

		assert_int_equal(calendar_days(cases[i].year, cases[i].month, cases[i].day),
				 cases[i].days);
		calendar_date(cases[i].days, &y, &m, &d);
		assert_int_equal(y, cases[i].year);
		assert_int_equal(m, cases[i].month);
		assert_int_equal(d, cases[i].day);
	}
}

static void there_are_no_other_dates(void **state)
{
	assert_true(calendar_is_date(2000, 2, 29));
	assert_true(calendar_is_date(1904, 2, 29));
	assert_false(calendar_is_date(1900, 2, 29));
	assert_false(calendar_is_date(2023, 2, 29));
	assert_false(calendar_is_date(2024, 4, 31));
	assert_false(calendar_is_date(2024, 0, 1));
	assert_false(calendar_is_date(2024, 13, 1));
	assert_false(calendar_is_date(2024, 1, 0));
	assert_false(calendar_is_date(0, 1, 1));
	assert_false(calendar_is_date(10000, 1, 1));
}

static void every_day_goes_through_every_pattern_and_back(void **state)
{
	static const char *const patterns[] = { "yyyy-MM-dd",
						"yyyyMMdd",
						"yyyy年M月d日",
						"d.M.yyyy",
						"iso",
						"yyyy/M/d HH:mm",
						"epoch-ms",
						"epoch-s",
						"http",
						"excel",
						"yyyy-MM-dd'T'HH:mm:ssXXX" };
	struct calendar_pattern *compiled[COUNT(patterns)];
	int64_t days = calendar_days(1900, 1, 1);
	int y = 1900, m = 1, d = 1;

	for (size_t i = 0; i < COUNT(patterns); i++)
		compiled[i] = compile(patterns[i]);
	for (; y <= 2100; days++) {
		char here[CALENDAR_TEXT], there[64], back[CALENDAR_TEXT];
		int year, month, day;

		calendar_date(days, &year, &month, &day);
		assert_true(year == y && month == m && day == d);
		assert_int_equal(calendar_days(y, m, d), days);
		snprintf(here, sizeof(here), "%04d-%02d-%02d", y, m, d);
		assert_true(calendar_is_canonical(CALENDAR_DATE, cb_text_of(here)));
		for (size_t i = 0; i < COUNT(patterns); i++) {
			assert_int_equal(calendar_write(compiled[i], CALENDAR_DATE, CHINA,
							cb_text_of(here), there),
					 CALENDAR_OK);
			assert_int_equal(calendar_read(compiled[i], CALENDAR_DATE, CHINA,
						       cb_text_of(there), back),
					 CALENDAR_OK);
			assert_string_equal(back, here);
		}
		if (calendar_is_date(y, m, d + 1))
			d++;
		else if (d = 1, ++m == 13)
			m = 1, y++;
	}
	for (size_t i = 0; i < COUNT(patterns); i++)
		calendar_pattern_free(compiled[i]);
}

static void any_instant_goes_through_and_back(void **state)
{
	static const char *const patterns[] = { "iso", "epoch-ms", "excel", "yyyyMMddHHmmssSSS",
						"yyyy-M-d H:m:s.SSSXXX" };
	int64_t first = calendar_days(1900, 3, 1) * 86400000, back_ms;
	int64_t span = calendar_days(2101, 1, 1) * 86400000 - first;

	dice_seed();
	for (int i = 0; i < 50000; i++) {
		struct calendar_pattern *p = compile(patterns[i % (int)COUNT(patterns)]);
		int64_t ms = first + (int64_t)(((uint64_t)dice_roll(UINT32_MAX) << 32 |
						dice_roll(UINT32_MAX)) %
					       (uint64_t)span);
		int zone = ((int)dice_roll(57) - 28) * 30;
		char here[CALENDAR_TEXT], there[64], back[CALENDAR_TEXT];

		calendar_iso(ms, zone, here);
		assert_true(calendar_is_canonical(CALENDAR_DATETIME, cb_text_of(here)));
		assert_true(calendar_read_iso(cb_text_of(here), 0, &back_ms));
		assert_int_equal(back_ms, ms);
		assert_int_equal(
			calendar_write(p, CALENDAR_DATETIME, zone, cb_text_of(here), there), OK);
		assert_int_equal(calendar_read(p, CALENDAR_DATETIME, zone, cb_text_of(there), back),
				 OK);
		assert_string_equal(back, here);
		calendar_pattern_free(p);
	}
}

static void what_they_write_becomes_canonical(void **state)
{
	static const struct {
		const char *pattern;
		int kind;
		const char *theirs;
		int finding;
		const char *canonical;
	} cases[] = {
		{ "yyyy-MM-dd", DATE, "2024-03-18", OK, "2024-03-18" },
		{ "yyyy-MM-dd", DATE, "2024-02-31", VALUE, "" },
		{ "yyyy-MM-dd", DATE, "0000-00-00", VALUE, "" },
		{ "yyyy-MM-dd", DATE, "2024-3-18", SHAPE, "" },
		{ "yyyy-MM-dd", DATE, "2024-03-18 ", SHAPE, "" },
		{ "yyyy-MM-dd", DATE, "2024-03-1", SHAPE, "" },
		{ "yyyy-MM-dd", DATE, "", SHAPE, "" },
		{ "yyyy-MM-dd", DATE, "无", SHAPE, "" },
		{ "yyyy-MM-dd|yyyy/M/d|yyyy.M.d|yyyy年M月d日", DATE, "2024/3/18", OK,
		  "2024-03-18" },
		{ "yyyy-MM-dd|yyyy/M/d|yyyy.M.d|yyyy年M月d日", DATE, "2024.12.1", OK,
		  "2024-12-01" },
		{ "yyyy-MM-dd|yyyy/M/d|yyyy.M.d|yyyy年M月d日", DATE, "2024年3月18日", OK,
		  "2024-03-18" },
		{ "yyyy-MM-dd|yyyy/M/d", DATE, "2024/2/30", VALUE, "" },
		{ "yyyy-MM-dd|yyyy/M/d", DATE, "2024/2/300", SHAPE, "" },
		{ "yyyyMMdd", DATE, "20240318", OK, "2024-03-18" },
		{ "yyMMdd", DATE, "490101", OK, "2049-01-01" },
		{ "yyMMdd", DATE, "690101", OK, "1969-01-01" },
		{ "yyyy'|'MM'y'dd", DATE, "2024|03y18", OK, "2024-03-18" },
		{ "yyyy''MM''dd", DATE, "2024'03'18", OK, "2024-03-18" },
		{ "yyyy年M月", DATE, "2024年3月", SHAPE, "" },
		{ "yyyy-MM-dd HH:mm:ss", DATE, "2024-03-18 23:59:59", OK, "2024-03-18" },
		{ "yyyyMMddHHmmss", DATETIME, "20240318143000", OK, "2024-03-18T14:30:00+08:00" },
		{ "yyyyMMddHHmm", DATETIME, "202403181430", OK, "2024-03-18T14:30:00+08:00" },
		{ "yyyy-MM-dd HH:mm:ss.SSS", DATETIME, "2024-03-18 14:30:00.120", OK,
		  "2024-03-18T14:30:00.120+08:00" },
		{ "yyyy-MM-dd HH:mm:ss.SSS", DATETIME, "2024-03-18 14:30:00.12", SHAPE, "" },
		{ "yyyy-MM-dd HH:mm:ss", DATETIME, "2024-03-18 14:30:60", OK,
		  "2024-03-18T14:30:59+08:00" },
		{ "yyyy-MM-dd HH:mm:ss", DATETIME, "2024-03-18 14:30:61", VALUE, "" },
		{ "yyyy-MM-dd HH:mm:ss", DATETIME, "2024-03-18 24:00:00", VALUE, "" },
		{ "yyyy-MM-dd HH:mm:ss", DATETIME, "2024-03-18 14:60:00", VALUE, "" },
		{ "yyyy-MM-dd", DATETIME, "2024-03-18", OK, "2024-03-18T00:00:00+08:00" },
		{ "yyyy-M-d H:m", DATETIME, "2024-3-8 9:05", OK, "2024-03-08T09:05:00+08:00" },
		{ "yyyy-MM-ddTHH:mm:ssXXX", DATETIME, "2024-03-18T16:30:00Z", OK,
		  "2024-03-19T00:30:00+08:00" },
		{ "yyyy-MM-ddTHH:mm:ssXXX", DATE, "2024-03-18T16:30:00Z", OK, "2024-03-19" },
		{ "yyyy-MM-ddTHH:mm:ssXXX", DATETIME, "2024-03-18T16:30:00+0800", OK,
		  "2024-03-18T16:30:00+08:00" },
		{ "yyyy-MM-ddTHH:mm:ssXXX", DATETIME, "9999-12-31T23:30:00Z", VALUE, "" },
		{ "HH:mm", TIME, "14:30", OK, "14:30:00" },
		{ "H点m分", TIME, "9点5分", OK, "09:05:00" },
		{ "HH:mm", TIME, "24:00", VALUE, "" },
		{ "yyyy-MM-dd", TIME, "2024-03-18", SHAPE, "" },
		{ "yyyy-MM-dd HH:mm", TIME, "2024-03-18 14:30", OK, "14:30:00" },
		{ "iso", DATE, "2024-03-18", OK, "2024-03-18" },
		{ "iso", DATE, "2024-03-17T16:00:00.000Z", OK, "2024-03-18" },
		{ "iso", DATETIME, "2024-03-18 14:30", OK, "2024-03-18T14:30:00+08:00" },
		{ "iso", DATETIME, "2024-03-18T14:30:00.1234567+08:00", OK,
		  "2024-03-18T14:30:00.123+08:00" },
		{ "iso", DATETIME, "2024-03-18T14:30:00-05:30", OK, "2024-03-19T04:00:00+08:00" },
		{ "iso", DATETIME, "2024-03-18T14:30:00+15:00", SHAPE, "" },
		{ "iso", DATETIME, "2024-03-18T", SHAPE, "" },
		{ "iso", DATETIME, "2024-03-18T14:30:00.", SHAPE, "" },
		{ "iso", TIME, "14:30:00.5", OK, "14:30:00.500" },
		{ "epoch-ms", DATETIME, "1710743400000", OK, "2024-03-18T14:30:00+08:00" },
		{ "epoch-ms", DATETIME, "1710743400120", OK, "2024-03-18T14:30:00.120+08:00" },
		{ "epoch-s", DATETIME, "1710743400", OK, "2024-03-18T14:30:00+08:00" },
		{ "epoch-s", DATETIME, "-1", OK, "1970-01-01T07:59:59+08:00" },
		{ "epoch-s", DATE, "1710777600", OK, "2024-03-19" },
		{ "epoch-s", DATETIME, "1710743400000", VALUE, "" },
		{ "epoch-ms", DATETIME, "99999999999999999", VALUE, "" },
		{ "epoch-ms", DATETIME, "999999999999999999", SHAPE, "" },
		{ "epoch-ms", DATETIME, "-", SHAPE, "" },
		{ "epoch-ms", DATETIME, "1.71074E+12", SHAPE, "" },
		{ "http", DATETIME, "Mon, 14 Sep 2020 08:00:00 GMT", OK,
		  "2020-09-14T16:00:00+08:00" },
		{ "http", DATETIME, "Tue, 14 Sep 2020 08:00:00 GMT", VALUE, "" },
		{ "http", DATETIME, "Mon, 14 Sep 2020 08:00:00 CST", SHAPE, "" },
		{ "http", DATETIME, "Mon, 14 Spt 2020 08:00:00 GMT", SHAPE, "" },
		{ "excel", DATE, "45369", OK, "2024-03-18" },
		{ "excel", DATE, "45369.99", OK, "2024-03-18" },
		{ "excel", DATETIME, "45369.604166666664", OK, "2024-03-18T14:30:00+08:00" },
		{ "excel", DATETIME, "45369.60416666667", OK, "2024-03-18T14:30:00+08:00" },
		{ "excel", DATETIME, "45369.9999999999", OK, "2024-03-19T00:00:00+08:00" },
		{ "excel", TIME, "0.5", OK, "12:00:00" },
		{ "excel", TIME, "45369.25", OK, "06:00:00" },
		{ "excel", DATE, "0.5", SHAPE, "" },
		{ "excel", DATE, "1", OK, "1900-01-01" },
		{ "excel", DATE, "59", OK, "1900-02-28" },
		{ "excel", DATE, "60", VALUE, "" },
		{ "excel", DATE, "61", OK, "1900-03-01" },
		{ "excel", DATE, "2958465", OK, "9999-12-31" },
		{ "excel", DATE, "2958466", VALUE, "" },
		{ "excel", DATE, "20240318", VALUE, "" },
		{ "excel", DATE, "-1", SHAPE, "" },
		{ "excel", DATE, "2024-03-18", SHAPE, "" },
		{ "excel|yyyy-MM-dd", DATE, "2024-03-18", OK, "2024-03-18" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct calendar_pattern *p = compile(cases[i].pattern);
		char out[CALENDAR_TEXT];
		int rc = calendar_read(p, (enum calendar_kind)cases[i].kind, CHINA,
				       cb_text_of(cases[i].theirs), out);

		if (rc != cases[i].finding)
			print_message("%s: '%s'\n", cases[i].pattern, cases[i].theirs);
		assert_int_equal(rc, cases[i].finding);
		assert_string_equal(out, cases[i].canonical);
		calendar_pattern_free(p);
	}
}

static void canonical_becomes_what_they_read(void **state)
{
	static const struct {
		const char *pattern;
		int kind;
		const char *canonical;
		int finding;
		const char *theirs;
	} cases[] = {
		{ "yyyy年M月d日", DATE, "2024-03-08", OK, "2024年3月8日" },
		{ "yyyy-MM-dd|yyyy/M/d", DATE, "2024-03-08", OK, "2024-03-08" },
		{ "yyyy-MM-dd HH:mm:ss", DATE, "2024-03-08", OK, "2024-03-08 00:00:00" },
		{ "yyyyMMddHHmmss", DATETIME, "2024-03-18T14:30:05+08:00", OK, "20240318143005" },
		{ "yyyyMMddHHmmss", DATETIME, "2024-03-18T16:30:05Z", OK, "20240319003005" },
		{ "yyyy-MM-dd'T'HH:mm:ssXXX", DATETIME, "2024-03-18T16:30:05Z", OK,
		  "2024-03-19T00:30:05+08:00" },
		{ "epoch-ms", DATETIME, "2024-03-18T14:30:00.120+08:00", OK, "1710743400120" },
		{ "epoch-s", DATETIME, "1969-12-31T23:59:58.500Z", OK, "-2" },
		{ "epoch-s", DATE, "2024-03-19", OK, "1710777600" },
		{ "http", DATETIME, "2020-09-14T16:00:00.500+08:00", OK,
		  "Mon, 14 Sep 2020 08:00:00 GMT" },
		{ "excel", DATE, "2024-03-18", OK, "45369" },
		{ "excel", DATE, "1900-01-01", OK, "1" },
		{ "excel", DATE, "1899-12-31", VALUE, "" },
		{ "excel", DATETIME, "2024-03-18T12:00:00+08:00", OK, "45369.5" },
		{ "excel", TIME, "06:00:00", OK, "0.25" },
		{ "H:mm", TIME, "06:05:00", OK, "6:05" },
		{ "yyyy-MM-dd HH:mm", TIME, "06:05:00", SHAPE, "" },
		{ "epoch-s", TIME, "06:05:00", SHAPE, "" },
		{ "yyMMdd", DATE, "2049-01-02", OK, "490102" },
		{ "yyMMdd", DATE, "1949-01-02", VALUE, "" },
		{ "yyyy-MM-dd", DATE, "2024-02-30", VALUE, "" },
		{ "yyyy-MM-dd", DATE, "18.3.2024", SHAPE, "" },
		{ "yyyy-MM-dd", DATE, "2024-03-18T14:30:00+08:00", SHAPE, "" },
		{ "yyyy-MM-dd", DATETIME, "2024-03-18", SHAPE, "" },
		{ "yyyy-MM-dd", DATETIME, "2024-03-18T14:30:00", SHAPE, "" },
		{ "yyyy-MM-dd", DATE, "", SHAPE, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct calendar_pattern *p = compile(cases[i].pattern);
		char out[64];
		int rc = calendar_write(p, (enum calendar_kind)cases[i].kind, CHINA,
					cb_text_of(cases[i].canonical), out);

		if (rc != cases[i].finding)
			print_message("%s: '%s'\n", cases[i].pattern, cases[i].canonical);
		assert_int_equal(rc, cases[i].finding);
		assert_string_equal(out, cases[i].theirs);
		calendar_pattern_free(p);
	}
}

/* Beijing put its clocks forward in these summers; a birthday did not move. */
static void the_summers_of_1986_to_1991_shift_nothing(void **state)
{
	struct calendar_pattern *p = compile("yyyy-MM-dd HH:mm:ss"), *ms = compile("epoch-ms");
	char here[CALENDAR_TEXT], there[64];

	for (int year = 1985; year <= 1992; year++) {
		char text[32], expected[CALENDAR_TEXT];

		snprintf(text, sizeof(text), "%d-07-01 00:00:00", year);
		snprintf(expected, sizeof(expected), "%d-07-01T00:00:00+08:00", year);
		assert_int_equal(calendar_read(p, CALENDAR_DATETIME, CHINA, cb_text_of(text), here),
				 OK);
		assert_string_equal(here, expected);
		assert_int_equal(
			calendar_write(ms, CALENDAR_DATETIME, CHINA, cb_text_of(here), there), OK);
		assert_int_equal(
			calendar_read(ms, CALENDAR_DATETIME, CHINA, cb_text_of(there), here), OK);
		assert_string_equal(here, expected);
	}
	calendar_pattern_free(p);
	calendar_pattern_free(ms);
}

static void a_bad_pattern_is_refused_in_words(void **state)
{
	static const char *const bad[] = {
		"",
		"-",
		"YYYY-MM-DD",
		"yyyy-MM-dd hh:mm",
		"yyy-MM-dd",
		"yyyyMd",
		"yyyyM3dd",
		"yyyy-MM-dd'",
		"yyyy-MM-dd|",
		"|yyyy",
		"yyyy yyyy",
		"yyyy yy",
		"yyyy-MM-ddZ",
		"epoch",
		"iso|quick",
		"ISO",
		"yyyy'0123456789012345678901234567890123456789012345678901234567890'",
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct cb_error err = { 0 };

		assert_null(calendar_pattern_new(bad[i], &err));
		assert_int_equal(err.verdict, CB_SETUP);
		assert_true(err.text[0] != '\0');
		assert_null(calendar_pattern_new(bad[i], NULL));
	}
	calendar_pattern_free(NULL);
}

static void offsets_are_minutes_east(void **state)
{
	static const struct {
		const char *text;
		int minutes;
	} cases[] = {
		{ "+08:00", 480 }, { "Z", 0 },        { "+00:00", 0 },    { "-05:30", -330 },
		{ "+0800", 480 },  { "+14:00", 840 }, { "-14:00", -840 },
	};
	static const char *const bad[] = { "",       "+",      "08:00", "+8:00",   "+08",
					   "+08:60", "+14:01", "z",     "+08:00 ", "UTC" };
	int minutes;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(calendar_zone(cases[i].text, &minutes));
		assert_int_equal(minutes, cases[i].minutes);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(calendar_zone(bad[i], &minutes));
	assert_false(calendar_zone(NULL, &minutes));
}

static void canonical_has_one_spelling(void **state)
{
	static const struct {
		int kind;
		const char *text;
		bool is_canonical;
	} cases[] = {
		{ DATE, "2024-03-18", true },
		{ DATE, "2024-3-18", false },
		{ DATE, "2024-02-30", false },
		{ DATE, "2024-03-18T00:00:00Z", false },
		{ DATE, "", false },
		{ TIME, "14:30:00", true },
		{ TIME, "14:30:00.120", true },
		{ TIME, "14:30", false },
		{ TIME, "14:30:00.12", false },
		{ TIME, "14:30:00.000", false },
		{ TIME, "24:00:00", false },
		{ DATETIME, "2024-03-18T14:30:00+08:00", true },
		{ DATETIME, "2024-03-18T14:30:00.120Z", true },
		{ DATETIME, "2024-03-18T14:30:00+00:00", false },
		{ DATETIME, "2024-03-18T14:30:00+0800", false },
		{ DATETIME, "2024-03-18T14:30:00", false },
		{ DATETIME, "2024-03-18 14:30:00+08:00", false },
		{ DATETIME, "2024-03-18T14:30:60+08:00", false },
		{ DATETIME, "2024-03-18", false },
		{ DATETIME, "2024-03-18T14:30:00.000000000000000000000000000000+08:00", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(calendar_is_canonical((enum calendar_kind)cases[i].kind,
						       cb_text_of(cases[i].text)),
				 cases[i].is_canonical);
	assert_false(calendar_is_canonical(CALENDAR_DATE, (struct cb_text){ 0 }));
}

static void instants_are_written_with_their_offset(void **state)
{
	char out[CALENDAR_TEXT];
	int64_t ms;

	calendar_iso(INT64_C(1710743400000), CHINA, out);
	assert_string_equal(out, "2024-03-18T14:30:00+08:00");
	calendar_iso(INT64_C(1710743400007), 0, out);
	assert_string_equal(out, "2024-03-18T06:30:00.007Z");
	calendar_iso(-1, -330, out);
	assert_string_equal(out, "1969-12-31T18:29:59.999-05:30");
	calendar_iso(INT64_MAX, CHINA, out); /* far from canonical, but it fits */
	calendar_iso(INT64_MIN, -CHINA, out);

	assert_true(calendar_read_iso(CB_TEXT("2024-03-18T14:30:00+08:00"), 0, &ms));
	assert_int_equal(ms, INT64_C(1710743400000));
	assert_true(calendar_read_iso(CB_TEXT("2024-03-18"), CHINA, &ms));
	assert_int_equal(ms, INT64_C(1710691200000));
	assert_false(calendar_read_iso(CB_TEXT("2024-03-18T14:30:00"), CHINA, &ms));
	assert_false(calendar_read_iso(CB_TEXT("14:30:00"), CHINA, &ms));
	assert_false(calendar_read_iso(CB_TEXT(""), CHINA, &ms));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_count_from_1970),
		cmocka_unit_test(there_are_no_other_dates),
		cmocka_unit_test(every_day_goes_through_every_pattern_and_back),
		cmocka_unit_test(any_instant_goes_through_and_back),
		cmocka_unit_test(what_they_write_becomes_canonical),
		cmocka_unit_test(canonical_becomes_what_they_read),
		cmocka_unit_test(the_summers_of_1986_to_1991_shift_nothing),
		cmocka_unit_test(a_bad_pattern_is_refused_in_words),
		cmocka_unit_test(offsets_are_minutes_east),
		cmocka_unit_test(canonical_has_one_spelling),
		cmocka_unit_test(instants_are_written_with_their_offset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
