/*
 * cron.c - the next time is the one that everybody else would say.
 *
 * cron.tsv was made outside of this program; the property test walks through
 * the minutes.
 */
#include "base/cron.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/moment.h"
#include "support/dice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CHINA 480

static struct cron cron_of(const char *text)
{
	struct cb_error err = { 0 };
	struct cron cron;

	if (cron_read(text, &cron, NULL, NULL, &err) != CB_OK)
		fail_msg("%s: %s", text, err.text);
	return cron;
}

static int64_t instant(const char *text)
{
	int64_t ms = 0;

	if (!calendar_read_iso(cb_text_of(text), 0, &ms))
		fail_msg("%s", text);
	return ms;
}

static void check_line(char *line)
{
	char *expression = strtok(line, "\t"), *name = strtok(NULL, "\t");
	char *after = strtok(NULL, "\t"), *expected = strtok(NULL, "\t\n"), said[CALENDAR_TEXT];
	struct cron cron = cron_of(expression);
	struct zone zone;
	int64_t next;

	assert_true(zone_open(name, &zone));
	next = cron_next(&cron, &zone, instant(after));
	if (next != instant(expected)) {
		calendar_iso(next, 0, said);
		fail_msg("%s in %s after %s: %s, not %s", expression, name, after, expected, said);
	}
	zone_done(&zone);
}

static void the_table_of_others_is_met(void **state)
{
	FILE *file = fopen("tests/base/cron.tsv", "r");
	char line[256];
	int count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (*line != '#') {
			check_line(line);
			count++;
		}
	fclose(file);
	print_message("%d expressions and instants\n", count);
	assert_true(count >= 300);
}

/* The reference: what the header says, asked of one minute of the wall calendar. */

struct wanted { /* each field as a plain list */
	bool minute[60], hour[24], day[32], month[13], weekday[7], last, any_day, any_weekday;
};

static bool is_wanted(const struct wanted *w, int64_t ms)
{
	struct moment m = moment_at(ms, CHINA);
	int weekday = (int)((calendar_days(m.year, m.month, m.day) + 4) % 7);
	bool day = w->day[m.day] || (w->last && !calendar_is_date(m.year, m.month, m.day + 1));

	if (!w->minute[m.minute] || !w->hour[m.hour] || !w->month[m.month])
		return false;
	if (w->any_day || w->any_weekday)
		return day && w->weekday[weekday];
	return day || w->weekday[weekday];
}

/* A field by chance, as text and as a list. */
static bool put_field(char **p, bool *list, int least, int most)
{
	int from, to, step = 1 + (int)dice_roll((uint32_t)(most - least) / 2 + 1);
	bool is_star = dice_roll(3) == 0;

	if (is_star) {
		from = least;
		to = most;
		step = dice_roll(2) ? step : 1;
		*p += sprintf(*p, step > 1 ? "*/%d " : "* ", step);
		for (int i = from; i <= to; i += step)
			list[i] = true;
		return true;
	}
	for (uint32_t members = 1 + dice_roll(3); members > 0; members--) {
		from = least + (int)dice_roll((uint32_t)(most - least + 1));
		to = from + (int)dice_roll((uint32_t)(most - from + 1));
		switch (dice_roll(3)) {
		case 0:
			*p += sprintf(*p, "%d", from);
			to = from;
			step = 1;
			break;
		case 1:
			*p += sprintf(*p, "%d-%d/%d", from, to, step);
			break;
		default:
			*p += sprintf(*p, "%d/%d", from, step);
			to = most == 7 && from < 7 ? 6 : most; /* Saturday ends the week */
		}
		for (int i = from; i <= to; i += step)
			list[i] = true;
		*p += sprintf(*p, members > 1 ? "," : " ");
	}
	return false;
}

static struct wanted chance(char *text)
{
	struct wanted w = { 0 };
	bool all[8] = { 0 };
	char *p = text;

	put_field(&p, w.minute, 0, 59);
	put_field(&p, w.hour, 0, 23);
	w.any_day = put_field(&p, w.day, 1, 31);
	if (!w.any_day && dice_roll(4) == 0) {
		w.last = true;
		p[-1] = ',';
		p += sprintf(p, "L ");
	}
	put_field(&p, w.month, 1, 12);
	w.any_weekday = put_field(&p, all, 0, 7);
	/* A star ends before the second Sunday; what is said by number goes to 7. */
	memcpy(w.weekday, all, sizeof(w.weekday));
	if (!w.any_weekday)
		w.weekday[0] |= all[7];
	return w;
}

static void it_is_the_first_minute_that_fits(void **state)
{
	const int64_t minute = 60000, begin = instant("2023-12-25T00:00:00Z");
	struct zone zone = zone_fixed(CHINA);
	char text[256];

	dice_seed();
	for (int round = 0; round < 300; round++) {
		struct wanted w = chance(text);
		struct cb_error err;
		struct cron cron;
		int64_t at = begin + (int64_t)dice_roll(500 * 1440) * minute, next, end;

		if (cron_read(text, &cron, NULL, NULL, &err) != CB_OK) {
			assert_non_null(strstr(err.text, "永远"));
			continue;
		}
		end = at + 40 * 1440 * minute;
		next = cron_next(&cron, &zone, at + dice_roll(60000));
		for (at += minute; at < end && !is_wanted(&w, at); at += minute)
			;
		if (at < end ? next != at : next < end)
			fail_msg("'%s': %lld, not %lld", text, (long long)next, (long long)at);
	}
}

static void mistakes_have_a_place_and_a_sentence(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *say;
	} cases[] = {
		{ "30 25 * * *", 4, "“25”不能作“时”" },
		{ "60 * * * *", 1, "“60”不能作“分”" },
		{ "0 0 0 * *", 5, "“0”不能作“日”" },
		{ "0 0 32 * *", 5, "“32”不能作“日”" },
		{ "0 0 * 13 *", 7, "“13”不能作“月”" },
		{ "0 0 * * 8", 9, "“8”不能作“周”" },
		{ "0 0 * * MO", 9, "“MO”不能作“周”" },
		{ "0 0 * FEV *", 7, "“FEV”不能作“月”" },
		{ "0 0 * * 5-2", 9, "“5-2”不能作“周”" },
		{ "*/0 * * * *", 1, "“*/0”不能作“分”" },
		{ "*/ * * * *", 1, "“*/”不能作“分”" },
		{ "1,,2 * * * *", 3, "“”不能作“分”" },
		{ "1, * * * *", 3, "“”不能作“分”" },
		{ "1- * * * *", 1, "“1-”不能作“分”" },
		{ "-1 * * * *", 1, "“-1”不能作“分”" },
		{ "? * * * *", 1, "“?”不能作“分”" },
		{ "0 0 L-3 * *", 5, "“L-3”不能作“日”" },
		{ "0 0 15W * *", 5, "“15W”不能作“日”" },
		{ "0 0 * * 5#3", 9, "“5#3”不能作“周”" },
		{ "0 0 * * L", 9, "“L”不能作“周”" },
		{ "5 0 0 9 * *", 1, "“5”不能作“秒”：只能是 0" },
		{ "* 0 9 * * *", 1, "“*”不能作“秒”" },
		{ "0 0 9 ? * 0", 11, "“0”不能作“周”" },
		{ "0 0 9 ? * 8", 11, "“8”不能作“周”" },
		{ "0 0 9 * * ? 2026", 1, "不支持第七项“年”" },
		{ "30 20 * *", 1, "这里有 4 项" },
		{ "", 1, "这里有 0 项" },
		{ "@daily", 1, "这里有 1 项" },
		{ "每 20 * * *", 1, "“每”不能作“分”" },
		{ "每 二十 * * *", 1, "“每”不能作“分”" },
		{ "0 0 30 2 *", 5, "永远不会到来" },
		{ "0 0 31 4,6,9,11 *", 5, "永远不会到来" },
		{ "0 0 0 31 FEB ?", 7, "永远不会到来" },
	};
	struct cb_error err = { 0 };
	struct cron cron;

	for (size_t i = 0; i < COUNT(cases); i++) {
		if (cron_read(cases[i].text, &cron, NULL, NULL, &err) != CB_SETUP)
			fail_msg("%s is taken", cases[i].text);
		if (!strstr(err.text, cases[i].say) || err.column != cases[i].column)
			fail_msg("%s: %u: %s", cases[i].text, err.column, err.text);
	}
}

static void count_one(void *with, const struct cb_error *err)
{
	++*(int *)with;
}

static void all_mistakes_are_said(void **state)
{
	struct cron cron;
	int count = 0;

	assert_int_equal(cron_read("61 1-0 */5 13 9", &cron, count_one, &count, NULL), CB_SETUP);
	assert_int_equal(count, 4);
}

static void ways_to_say_the_same(void **state)
{
	static const char *const pairs[][2] = {
		{ "0 9 * * 1-5", "0 9 * * MON-FRI" },
		{ "0 9 * * 0", "0 9 * * 7" },
		{ "0 9 * * 5-7", "0 9 * * FRI-SUN" },
		{ "0 9 * * 1", "0 0 9 ? * 2" },
		{ "0 9 * * 0,6", "0 0 9 ? * 1,7" },
		{ "0 9 * * *", "0 0 9 * * ?" },
		{ "0 9 * * 1-5", "0 0 9 ? * 2-6" },
		{ "0 9 * * 1", "0 0 9 * * 1" },
		{ "0 9 * * 1", "0 9 ? * 1" },
		{ "  0\t9 * * *  ", "0 9 * * *" },
		{ "5,20,35,50 9 * * *", "5/15 9 * * *" },
		{ "0 9 l * *", "0 0 9 L * ?" },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct cron a = cron_of(pairs[i][0]), b = cron_of(pairs[i][1]);

		if (a.minutes != b.minutes || a.hours != b.hours || a.days != b.days ||
		    a.months != b.months || a.weekdays != b.weekdays ||
		    a.has_last_day != b.has_last_day)
			fail_msg("%s and %s", pairs[i][0], pairs[i][1]);
	}
}

/* What comes in the hour that is there twice, and in the one that is not there. */
static void clocks_that_are_moved_bring_each_time_once(void **state)
{
	static const struct {
		const char *text, *after, *next[3];
	} cases[] = {
		{ "30 2 * * *",
		  "2026-10-24T22:00:00Z",
		  { "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", "2026-10-27T01:30:00Z" } },
		{ "*/30 2 * * *",
		  "2026-10-24T22:00:00Z",
		  { "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:00:00Z" } },
		{ "30 * * * *",
		  "2026-10-24T23:40:00Z",
		  { "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z" } },
		{ "*/30 2 * * *",
		  "2026-03-28T22:00:00Z",
		  { "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z" } },
	};
	struct zone zone;

	assert_true(zone_open("Europe/Berlin", &zone));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cron cron = cron_of(cases[i].text);
		int64_t at = instant(cases[i].after);

		for (size_t k = 0; k < 3; k++) {
			at = cron_next(&cron, &zone, at);
			if (at != instant(cases[i].next[k]))
				fail_msg("%s after %s, %zu", cases[i].text, cases[i].after, k);
		}
	}
	zone_done(&zone);
}

static void zones_that_nobody_knows_are_refused(void **state)
{
	static const char *const names[] = { "",       "Asia/Shangai",   "+8",     "北京",
					     "+25:00", "Asia/Shanghai ", "\x01\n", "08:00" };
	struct zone zone;

	for (size_t i = 0; i < COUNT(names); i++)
		assert_false(zone_open(names[i], &zone));
}

static void a_clock_shows_an_instant(void **state)
{
	struct zone zone;

	assert_true(zone_open("Europe/Berlin", &zone));
	/* An hour that is skipped, one that comes twice, and the plain ones beside them. */
	assert_int_equal(zone_instant(&zone, instant("2026-03-29T01:59:00Z")),
			 instant("2026-03-29T00:59:00Z"));
	assert_int_equal(zone_instant(&zone, instant("2026-03-29T02:30:00Z")),
			 instant("2026-03-29T01:00:00Z"));
	assert_int_equal(zone_instant(&zone, instant("2026-03-29T03:00:00Z")),
			 instant("2026-03-29T01:00:00Z"));
	assert_int_equal(zone_instant(&zone, instant("2026-10-25T02:30:00Z")),
			 instant("2026-10-25T00:30:00Z"));
	assert_int_equal(zone_instant(&zone, instant("2026-10-25T03:00:00Z")),
			 instant("2026-10-25T02:00:00Z"));
	zone_done(&zone);
	zone = zone_fixed(CHINA);
	assert_int_equal(zone_instant(&zone, instant("2026-10-25T03:00:00Z")),
			 instant("2026-10-24T19:00:00Z"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_others_is_met),
		cmocka_unit_test(it_is_the_first_minute_that_fits),
		cmocka_unit_test(mistakes_have_a_place_and_a_sentence),
		cmocka_unit_test(all_mistakes_are_said),
		cmocka_unit_test(ways_to_say_the_same),
		cmocka_unit_test(clocks_that_are_moved_bring_each_time_once),
		cmocka_unit_test(zones_that_nobody_knows_are_refused),
		cmocka_unit_test(a_clock_shows_an_instant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
