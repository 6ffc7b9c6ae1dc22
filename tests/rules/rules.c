/*
 * rules.c - days that are worked, and timetables in their three ways.
 */
#include "rules/timetable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/calendar.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CHINA 480

static struct arena arena;
static struct workdays *workdays;

static int64_t at(const char *text)
{
	int64_t ms = 0;

	if (!calendar_read_iso(cb_text_of(text), CHINA, &ms))
		fail_msg("%s", text);
	return ms;
}

static int64_t day(const char *text)
{
	return (at(text) + CHINA * 60000) / 86400000;
}

static int read_calendar(void **state)
{
	struct problems problems = { 0 };

	workdays = workdays_read(&arena, "mappings/calendar/cn.xml", &problems);
	problems_done(&problems);
	return workdays ? 0 : -1;
}

static int forget(void **state)
{
	arena_done(&arena);
	return 0;
}

static void holidays_and_make_up_days_are_as_announced(void **state)
{
	static const struct {
		const char *day;
		bool is_worked;
	} cases[] = {
		{ "2020-01-31", false }, { "2020-02-01", false }, { "2020-02-03", true },
		{ "2020-01-19", true },  { "2021-02-07", true },  { "2021-09-20", false },
		{ "2022-10-08", true },  { "2022-12-31", false }, { "2023-01-02", false },
		{ "2023-01-28", true },  { "2024-02-09", true },  { "2024-02-10", false },
		{ "2025-01-26", true },  { "2025-10-08", false }, { "2026-01-04", true },
		{ "2026-02-14", true },  { "2026-02-23", false }, { "2026-09-20", true },
		{ "2026-11-28", false }, { "2026-11-27", true },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		if (workdays_is(workdays, day(cases[i].day)) != cases[i].is_worked)
			fail_msg("%s", cases[i].day);
	for (int year = 2020; year <= 2026; year++)
		assert_true(workdays_knows(workdays, year));
	assert_false(workdays_knows(workdays, 2027));
}

static void workdays_are_counted_both_ways(void **state)
{
	assert_int_equal(workdays_add(workdays, day("2026-02-13"), 2), day("2026-02-24"));
	assert_int_equal(workdays_add(workdays, day("2026-02-24"), -2), day("2026-02-13"));
	assert_int_equal(workdays_add(workdays, day("2026-09-30"), 1), day("2026-10-08"));
	assert_int_equal(workdays_add(workdays, day("2026-11-28"), 5), day("2026-12-04"));
}

static void the_next_time_of_each_way(void **state)
{
	static const struct {
		enum timetable_way way;
		const char *text, *after, *next, *say;
	} cases[] = {
		{ TIMETABLE_EVERY, "10m", "2026-11-28T10:00:00+08:00", "2026-11-28T10:10:00+08:00",
		  "每 10 分钟" },
		{ TIMETABLE_EVERY, "1d", "2026-11-28T10:00:00+08:00", "2026-11-29", "每 1 天" },
		{ TIMETABLE_AT, "09:00", "2026-11-28T09:00:00+08:00", "2026-11-29T09:00:00+08:00",
		  "每天 09:00" },
		{ TIMETABLE_AT, "14:30,09:00", "2026-11-28T09:00:00+08:00",
		  "2026-11-28T14:30:00+08:00", "每天 09:00、14:30" },
		{ TIMETABLE_AT, "MON-FRI 09:00", "2026-11-28", "2026-11-30T09:00:00+08:00",
		  "每周一、二、三、四、五 09:00" },
		{ TIMETABLE_AT, "sat,sun 09:00", "2026-11-28T10:00:00+08:00",
		  "2026-11-29T09:00:00+08:00", "每周六、日 09:00" },
		{ TIMETABLE_AT, "day 2 09:00", "2026-11-28", "2026-12-02T09:00:00+08:00",
		  "每月 2 日 09:00" },
		{ TIMETABLE_AT, "day 31 09:00", "2026-11-28", "2026-12-31T09:00:00+08:00",
		  "每月 31 日 09:00" },
		{ TIMETABLE_AT, "last day 18:00", "2028-02-01", "2028-02-29T18:00:00+08:00",
		  "每月最后一天 18:00" },
		{ TIMETABLE_AT, "workday 09:00", "2026-02-14T10:00:00+08:00",
		  "2026-02-24T09:00:00+08:00", "每个工作日 09:00" },
		{ TIMETABLE_AT, "workday 3 10:00", "2026-09-28", "2026-10-10T10:00:00+08:00",
		  "每月第 3 个工作日 10:00" },
		{ TIMETABLE_AT, "last workday 17:00", "2026-05-01", "2026-05-29T17:00:00+08:00",
		  "每月最后一个工作日 17:00" },
	};
	struct buffer said = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cb_error err = { 0 };
		struct timetable *t = timetable_read(&arena, cases[i].way, cases[i].text, CHINA,
						     workdays, NULL, NULL, &err);

		if (!t)
			fail_msg("%s: %s", cases[i].text, err.text);
		if (timetable_next(t, at(cases[i].after)) != at(cases[i].next))
			fail_msg("%s after %s", cases[i].text, cases[i].after);
		buffer_clear(&said);
		timetable_say(t, &said);
		assert_string_equal(buffer_cstr(&said), cases[i].say);
	}
	buffer_done(&said);
}

static void mistakes_in_at_have_a_place(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
	} cases[] = {
		{ "", 1 },
		{ "9:00", 1 },
		{ "24:00", 1 },
		{ "day 09:00", 5 },
		{ "day 32 09:00", 5 },
		{ "last 09:00", 6 },
		{ "workday", 8 },
		{ "Mittwoch 09:00", 1 },
		{ "09:00 daily", 7 },
		{ "day 2 9", 7 },
		{ "MON", 4 },
		{ "workday 0 09:00", 9 },
	};
	struct cb_error err = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		if (timetable_read(&arena, TIMETABLE_AT, cases[i].text, CHINA, workdays, NULL, NULL,
				   &err))
			fail_msg("'%s' is taken", cases[i].text);
		if (err.column != cases[i].column)
			fail_msg("'%s': %u", cases[i].text, err.column);
	}
	assert_null(timetable_read(&arena, TIMETABLE_AT, "workday 09:00", CHINA, NULL, NULL, NULL,
				   &err));
	assert_null(
		timetable_read(&arena, TIMETABLE_EVERY, "500ms", CHINA, NULL, NULL, NULL, &err));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(holidays_and_make_up_days_are_as_announced),
		cmocka_unit_test(workdays_are_counted_both_ways),
		cmocka_unit_test(the_next_time_of_each_way),
		cmocka_unit_test(mistakes_in_at_have_a_place),
	};

	return cmocka_run_group_tests(tests, read_calendar, forget);
}
