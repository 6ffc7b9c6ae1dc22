/*
 * workdays.c - the days that are not what their weekday says, in order.
 *
 * A year has some thirty of them; a binary search in all years together is a
 * few comparisons.
 */
#include "rules/workdays.h"

#include <stdlib.h>

#include <casebridge/log.h>

#include "base/calendar.h"
#include "base/moment.h"
#include "base/xml.h"

struct exception {
	int64_t day;
	bool is_worked;
	const struct cb_element *element;
};

struct workdays {
	const char *name, *label;
	uint8_t weekend; /* bit 0: Sunday */
	struct exception *at;
	size_t count;
	int *years;
	size_t year_count;
	uint64_t told[4]; /* bits: years, modulo 256, that the log was told about */
};

#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}

typedef const struct grammar_attribute attributes;

static attributes of_calendar[] = {
	{ "name", VALUE_NAME, true, NULL, "日历的名字，与文件名相同", "its name, as the file's" },
	{ "label", VALUE_ANY, false, NULL, "中文名", "its name in messages" },
	{ "weekend", VALUE_ANY, true, NULL, "周末是哪几天，如 SAT SUN", "its days: SAT SUN" },
	END,
};
static attributes of_year[] = {
	{ "value", VALUE_INTEGER, true, NULL, "哪一年", "which" },
	{ "source", VALUE_ANY, false, NULL, "依据的文件", "the notice" },
	END,
};
static attributes of_off[] = {
	{ "from", VALUE_ANY, true, NULL, "放假的第一天", "the first day" },
	{ "to", VALUE_ANY, false, NULL, "放假的最后一天；只有一天就不写", "the last day" },
	{ "label", VALUE_ANY, false, NULL, "什么节", "what it is" },
	END,
};
static attributes of_work[] = {
	{ "on", VALUE_ANY, true, NULL, "调休上班的那一天", "the day" },
	END,
};
static const struct grammar_element elements[] = {
	{ "calendar", "year", of_calendar, false, "一份工作日历", "which days are worked" },
	{ "year", "off work", of_year, false, "一年", "one year" },
	{ "off", "", of_off, false, "放假", "a holiday" },
	{ "work", "", of_work, false, "周末上班", "a weekend day that is worked" },
	END,
};
const struct grammar workdays_grammar = { "calendar", "calendar", elements };

struct reading {
	struct workdays *workdays;
	struct problems *problems;
	size_t room;
};

static bool read_day(const struct reading *r, const struct cb_element *e, const char *name,
		     int64_t *day)
{
	const char *text = cb_attribute(e, name);
	struct moment m;

	if (text && moment_read(CALENDAR_DATE, cb_text_of(text), &m) == CALENDAR_OK) {
		*day = calendar_days(m.year, m.month, m.day);
		return true;
	}
	if (text)
		problem_at(r->problems, e, name, 0, "“%s”不是日期：写作 2026-10-01",
			   "'%s' is no date: write 2026-10-01", text);
	return false;
}

static void add(struct reading *r, int64_t day, const struct cb_element *e)
{
	struct workdays *w = r->workdays;

	memory_grow(&w->at, w->count, &r->room, sizeof(*w->at));
	w->at[w->count++] = (struct exception){ day, strcmp(e->name, "work") == 0, e };
}

static void read_days(struct reading *r, const struct cb_element *e)
{
	bool is_worked = strcmp(e->name, "work") == 0;
	const char *last = !is_worked && cb_attribute(e, "to") ? "to" : NULL;
	int64_t from, to;

	if (!read_day(r, e, is_worked ? "on" : "from", &from))
		return;
	to = from;
	if (last && !read_day(r, e, last, &to))
		return;
	if (to < from || to - from > 60)
		problem_at(r->problems, e, last, 0, "放假的最后一天在第一天之前，或隔了两个月",
			   "the last day is before the first, or two months behind it");
	else
		for (; from <= to; from++)
			add(r, from, e);
}

static void read_weekend(struct reading *r, const struct cb_element *root)
{
	static const char *const names[] = { "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT" };
	const char *text = cb_attribute(root, "weekend");
	struct cb_text word;

	for (const char *at = text ? text : ""; grammar_word(&at, &word);) {
		int found = -1;

		for (int i = 0; i < 7; i++)
			if (cb_text_is(word, names[i]))
				found = i;
		if (found < 0)
			problem_at(r->problems, root, "weekend", (size_t)(word.at - text),
				   "“%.*s”不是星期几：写作 SUN MON TUE WED THU FRI SAT",
				   "'%.*s' is no weekday: SUN MON TUE WED THU FRI SAT",
				   CB_TEXT_ARG(word));
		else
			r->workdays->weekend |= (uint8_t)(1 << found);
	}
	if (r->workdays->weekend == 0x7f) /* a search for a workday has to end */
		problem_at(r->problems, root, "weekend", 0, "一周里总有一天要上班",
			   "some day of the week is worked");
}

static int by_day(const void *a, const void *b)
{
	const struct exception *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

static void check_twice(const struct reading *r)
{
	const struct workdays *w = r->workdays;

	for (size_t i = 1; i < w->count; i++)
		if (w->at[i].day == w->at[i - 1].day)
			problem_at(r->problems, w->at[i].element, NULL, 0,
				   "这一天写了两次（另一次在第 %u 行）",
				   "that day stands here twice (also in line %u)",
				   w->at[i - 1].element->line);
}

static void read_years(struct reading *r, const struct cb_element *root)
{
	struct workdays *w = r->workdays;
	size_t room = 0;

	for (const struct cb_element *y = root->first; y; y = y->next) {
		const char *value = cb_attribute(y, "value");

		memory_grow(&w->years, w->year_count, &room, sizeof(*w->years));
		w->years[w->year_count++] = value ? (int)strtol(value, NULL, 10) : 0;
		for (const struct cb_element *e = y->first; e; e = e->next)
			read_days(r, e);
	}
}

/* What grew on the heap, to where the rest is. */
static void settle(struct arena *arena, void *items, size_t count, size_t size)
{
	void **pointer = items, *heap = *pointer;

	*pointer = arena_take(arena, (count + 1) * size);
	if (count)
		memcpy(*pointer, heap, count * size);
	free(heap);
}

struct workdays *workdays_read(struct arena *arena, const char *path, struct problems *problems)
{
	struct workdays *w = arena_zero(arena, sizeof(*w));
	struct reading r = { .workdays = w, .problems = problems };
	size_t errors = problems->errors;
	const struct cb_element *root = xml_read_file(arena, path, problems);

	if (!root)
		return NULL;
	grammar_check(&workdays_grammar, root, problems);
	if (problems->errors != errors)
		return NULL;
	w->name = cb_attribute(root, "name");
	w->label = cb_attribute(root, "label") ? cb_attribute(root, "label") : w->name;
	read_weekend(&r, root);
	read_years(&r, root);
	if (w->count)
		qsort(w->at, w->count, sizeof(*w->at), by_day);
	check_twice(&r);
	settle(arena, &w->at, w->count, sizeof(*w->at));
	settle(arena, &w->years, w->year_count, sizeof(*w->years));
	return problems->errors == errors ? w : NULL;
}

bool workdays_knows(const struct workdays *workdays, int year)
{
	for (size_t i = 0; i < workdays->year_count; i++)
		if (workdays->years[i] == year)
			return true;
	return false;
}

const char *workdays_label(const struct workdays *workdays)
{
	return workdays->label;
}

static void tell_unknown(struct workdays *w, int64_t day)
{
	int year, month, date;

	calendar_date(day, &year, &month, &date);
	if ((w->told[year / 64 % 4] >> year % 64 & 1) || workdays_knows(w, year))
		return;
	w->told[year / 64 % 4] |= UINT64_C(1) << year % 64;
	cb_log(CB_WARN,
	       "工作日历 %s 里没有 %d 年：先只按周末推算；通知公布后请在 calendar/%s.xml 里加上",
	       "calendar %s has no year %d: only its weekends count; add it to calendar/%s.xml "
	       "when "
	       "the notice is out",
	       w->name, year, w->name);
}

bool workdays_is(struct workdays *workdays, int64_t day)
{
	const struct exception key = { .day = day };
	const struct exception *found =
		bsearch(&key, workdays->at, workdays->count, sizeof(key), by_day);
	int weekday = (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */

	if (found)
		return found->is_worked;
	tell_unknown(workdays, day);
	return !(workdays->weekend >> weekday & 1);
}

int64_t workdays_add(struct workdays *workdays, int64_t day, int64_t count)
{
	int step = count < 0 ? -1 : 1;

	while (count) {
		day += step;
		if (workdays_is(workdays, day))
			count -= step;
	}
	return day;
}
