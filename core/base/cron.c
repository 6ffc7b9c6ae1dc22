/*
 * cron.c - fields become bits, and the next time is the next bit.
 *
 * The search goes by days of the wall calendar, and within a day by hours and
 * minutes. Clocks that are moved are the business of cron_next alone: it
 * searches one span of unmoved clocks after another.
 */
#include "base/cron.h"

#include <strings.h>

#include "base/calendar.h"
#include "base/utf8.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MINUTES 1440

static const char *const month_names[] = { "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL",
					   "AUG", "SEP", "OCT", "NOV", "DEC", NULL };
static const char *const weekday_names[] = {
	"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", NULL
};

struct field {
	const char *zh, *en, *zh_say, *en_say;
	int least, most;
	const char *const *names; /* of least and those after it */
};

enum { SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

static const struct field fields[] = {
	[SECOND] = { "秒", "second", "只能是 0", "0 and nothing else", 0, 0, NULL },
	[MINUTE] = { "分", "minute", "应为 0 到 59、* 、1-5 或 */10", "0 to 59, *, 1-5 or */10", 0,
		     59, NULL },
	[HOUR] = { "时", "hour", "应为 0 到 23、* 、1-5 或 */10", "0 to 23, *, 1-5 or */10", 0, 23,
		   NULL },
	[DAY] = { "日", "day", "应为 1 到 31、* 、1-5、*/10 或 L（月末）",
		  "1 to 31, *, 1-5, */10 or L (the last)", 1, 31, NULL },
	[MONTH] = { "月", "month", "应为 1 到 12、* 、1-5、*/3 或 JAN 到 DEC",
		    "1 to 12, *, 1-5, */3 or JAN to DEC", 1, 12, month_names },
	[WEEKDAY] = { "周", "weekday", "应为 0 到 7、* 、1-5 或 SUN 到 SAT",
		      "0 to 7, *, 1-5 or SUN to SAT", 0, 7, weekday_names },
};

struct reading {
	const char *text;
	struct cb_text pieces[FIELDS];
	size_t count;
	bool is_quartz; /* weekdays from 1 */
	struct cron *out;
	cron_mistake *each;
	void *with;
	struct cb_error *err; /* the first */
	size_t mistakes;
};

static void mistake_at(struct reading *r, const char *at, struct cb_error *err)
{
	size_t before = utf8_length((struct cb_text){ r->text, (size_t)(at - r->text) });

	err->column = (uint32_t)before + 1;
	if (r->each)
		r->each(r->with, err);
	if (!r->mistakes++ && r->err)
		*r->err = *err;
}

static void bad_member(struct reading *r, struct cb_text member, const struct field *field)
{
	struct cb_error err = { 0 };

	cb_error_set(&err, CB_SETUP, "“%.*s”不能作“%s”：%s", "'%.*s' is no %s: %s",
		     CB_TEXT_ARG(member), cb_say(field->zh, field->en),
		     cb_say(field->zh_say, field->en_say));
	mistake_at(r, member.at, &err);
}

/* The piece of *@text before @end, which is taken with it. */
static struct cb_text cut(struct cb_text *text, char end)
{
	const char *at = text->len ? memchr(text->at, end, text->len) : NULL;
	struct cb_text piece = { text->at, at ? (size_t)(at - text->at) : text->len };

	text->at += piece.len + (at != NULL);
	text->len -= piece.len + (at != NULL);
	return piece;
}

static bool read_number(struct cb_text text, int *out)
{
	*out = 0;
	if (text.len == 0 || text.len > 3)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		*out = *out * 10 + text.at[i] - '0';
	}
	return true;
}

static bool read_value(const struct reading *r, struct cb_text text, const struct field *field,
		       int *out)
{
	for (int i = 0; field->names && field->names[i]; i++)
		if (text.len == 3 && strncasecmp(text.at, field->names[i], 3) == 0) {
			*out = field->least + i;
			return true;
		}
	if (!read_number(text, out))
		return false;
	if (field == &fields[WEEKDAY] && r->is_quartz)
		return --*out >= 0 && *out <= 6;
	return *out >= field->least && *out <= field->most;
}

static bool has_char(struct cb_text text, char c)
{
	return text.len && memchr(text.at, c, text.len);
}

/* One of a list: *, 5, 1-5, each also with a step. */
static bool read_member(const struct reading *r, struct cb_text member, const struct field *field,
			uint64_t *bits)
{
	bool has_step = has_char(member, '/'), has_dash;
	struct cb_text range = cut(&member, '/'), first;
	int from = field->least, to = field->most, step = 1;

	if (field == &fields[SECOND])
		return cb_text_is(range, "0") && !has_step;
	if (has_step && (!read_number(member, &step) || step < 1 || step > field->most))
		return false;
	has_dash = has_char(range, '-');
	if (!cb_text_is(range, "*")) {
		first = cut(&range, '-');
		if (!read_value(r, first, field, &from))
			return false;
		to = has_step ? field->most : from;
		if (has_dash && !read_value(r, range, field, &to))
			return false;
		if (has_dash && field == &fields[WEEKDAY] && to == 0 && from > 0)
			to = 7; /* FRI-SUN */
	}
	if (field == &fields[WEEKDAY] && !has_dash && to == 7 && from < 7)
		to = 6; /* Sunday is one day, not two */
	for (int i = from; i <= to; i += step)
		*bits |= UINT64_C(1) << i;
	return from <= to;
}

static uint64_t read_field(struct reading *r, int which, struct cb_text text)
{
	const struct field *field = &fields[which];
	bool is_day = which == DAY || which == WEEKDAY, has_more = true;
	uint64_t bits = 0;

	if (is_day && cb_text_is(text, "?"))
		text = CB_TEXT("*");
	while (has_more) {
		struct cb_text member;

		has_more = has_char(text, ',');
		member = cut(&text, ',');
		if (which == DAY && member.len == 1 && (member.at[0] | 32) == 'l')
			r->out->has_last_day = true;
		else if (!read_member(r, member, field, &bits))
			bad_member(r, member, field);
	}
	return bits;
}

static void split(struct reading *r)
{
	const char *at = r->text, *blanks = " \t";

	for (at += strspn(at, blanks); *at; at += strspn(at, blanks)) {
		size_t len = strcspn(at, blanks);

		if (r->count < FIELDS)
			r->pieces[r->count] = (struct cb_text){ at, len };
		r->count++;
		at += len;
	}
}

static void check_count(struct reading *r)
{
	struct cb_error err = { 0 };

	if (r->count == FIELDS || r->count == FIELDS - 1)
		return;
	if (r->count == FIELDS + 1)
		cb_error_set(&err, CB_SETUP, "不支持第七项“年”：请去掉它",
			     "a seventh field, the year, is not supported: leave it out");
	else
		cb_error_set(&err, CB_SETUP,
			     "cron 应为五项：分 时 日 月 周，这里有 %zu 项，如 30 20 * * *",
			     "cron has five fields: minute hour day month weekday; these are %zu; "
			     "30 20 * * *",
			     r->count);
	mistake_at(r, r->text, &err);
}

static bool starts_with_star(struct cb_text piece)
{
	return piece.len && (piece.at[0] == '*' || piece.at[0] == '?');
}

static bool fits_day(const struct cron *c, int day, int last, int weekday)
{
	bool is_day = (c->days >> day & 1) || (c->has_last_day && day == last);
	bool is_weekday = c->weekdays >> weekday & 1;

	return c->has_all_days || c->has_all_weekdays ? is_day && is_weekday : is_day || is_weekday;
}

static int month_length(int year, int month)
{
	int day = 31;

	while (!calendar_is_date(year, month, day))
		day--;
	return day;
}

static bool comes_ever(const struct cron *c)
{
	for (int month = 1; month <= 12; month++)
		for (int day = 1; day <= month_length(2000, month); day++)
			for (int weekday = 0; weekday < 7 && (c->months >> month & 1); weekday++)
				if (fits_day(c, day, month_length(2000, month), weekday))
					return true;
	return false;
}

static void read_fields(struct reading *r)
{
	int first = r->count >= FIELDS ? SECOND : MINUTE;
	struct cb_text pieces[FIELDS] = { 0 };
	struct cron *out = r->out;
	uint64_t bits[FIELDS] = { 0 };

	for (size_t i = 0; i < r->count && i < FIELDS; i++)
		pieces[first + (int)i] = r->pieces[i];
	r->is_quartz = first == SECOND &&
		       (cb_text_is(pieces[DAY], "?") || cb_text_is(pieces[WEEKDAY], "?"));
	for (int i = first; i < FIELDS && pieces[i].len; i++)
		bits[i] = read_field(r, i, pieces[i]);
	out->minutes = bits[MINUTE];
	out->hours = (uint32_t)bits[HOUR];
	out->days = (uint32_t)bits[DAY];
	out->months = (uint32_t)bits[MONTH];
	out->weekdays = (uint8_t)((bits[WEEKDAY] | bits[WEEKDAY] >> 7) & 0x7f);
	out->has_all_days = starts_with_star(pieces[DAY]);
	out->has_all_weekdays = starts_with_star(pieces[WEEKDAY]);
	out->has_all_hours = starts_with_star(pieces[HOUR]);
}

static void check_comes(struct reading *r)
{
	struct cb_error err = { 0 };

	if (r->mistakes || comes_ever(r->out))
		return;
	cb_error_set(&err, CB_SETUP, "这一天永远不会到来：日与月合不上",
		     "that day never comes: day and month do not go together");
	mistake_at(r, r->pieces[r->count - 3].at, &err);
}

int cron_read(const char *text, struct cron *out, cron_mistake *each, void *with,
	      struct cb_error *err)
{
	struct reading r = { .text = text, .out = out, .each = each, .with = with, .err = err };

	*out = (struct cron){ 0 };
	split(&r);
	check_count(&r);
	read_fields(&r);
	check_comes(&r);
	return r.mistakes ? CB_SETUP : CB_OK;
}

static int lowest(uint64_t bits, int from)
{
	bits = from < 64 ? bits >> from : 0;
	return bits ? from + __builtin_ctzll(bits) : -1;
}

/* The first minute of the day from @from on, or -1. */
static int next_of_day(const struct cron *c, int from)
{
	int hour = lowest(c->hours, from / 60), minute;

	if (hour < 0)
		return -1;
	minute = lowest(c->minutes, hour == from / 60 ? from % 60 : 0);
	if (minute < 0) {
		hour = lowest(c->hours, hour + 1);
		minute = lowest(c->minutes, 0);
	}
	return hour < 0 ? -1 : hour * 60 + minute;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The first minute of the wall calendar from @from on and before @end; @end: there is none. */
static int64_t next_minute(const struct cron *c, int64_t from, int64_t end)
{
	int64_t day = floor_divide(from, DAY_MINUTES), month_begin;
	int of_day = (int)(from - day * DAY_MINUTES), year, month, date, last, found;

	while (day * DAY_MINUTES < end) {
		calendar_date(day, &year, &month, &date);
		last = month_length(year, month);
		month_begin = day - date + 1;
		for (; date <= last && (c->months >> month & 1); date++, of_day = 0) {
			day = month_begin + date - 1;
			/* 1970-01-01 was a Thursday. */
			if (!fits_day(c, date, last, (int)(((day + 4) % 7 + 7) % 7)))
				continue;
			found = next_of_day(c, of_day);
			if (found >= 0)
				return day * DAY_MINUTES + found < end ? day * DAY_MINUTES + found
								       : end;
		}
		day = month_begin + last;
		of_day = 0;
	}
	return end;
}

static int64_t minute_from(int64_t local_ms)
{
	return floor_divide(local_ms + MINUTE_MS - 1, MINUTE_MS);
}

/* In one span, from @at on; @end: not before it ends. */
static int64_t next_in_span(const struct cron *cron, const struct zone_span *span, int64_t at,
			    int64_t end)
{
	int64_t from = minute_from(at + span->offset), first = from;
	int64_t limit = minute_from(end + span->offset), found;

	/* Put forward: what was skipped comes now. */
	if (at == span->begin && span->offset > span->before)
		first = next_minute(cron, minute_from(at + span->before), from);
	if (first != from)
		return at;
	/* Put back: what is bound to hours has been. */
	if (!cron->has_all_hours && span->offset < span->before &&
	    from < minute_from(span->begin + span->before))
		from = minute_from(span->begin + span->before);
	found = next_minute(cron, from, limit);
	return found < limit ? found * MINUTE_MS - span->offset : end;
}

int64_t cron_next(const struct cron *cron, const struct zone *zone, int64_t after)
{
	/* The 29th of February on a given weekday: at most forty years. */
	const int64_t far = after + INT64_C(100) * 366 * 86400000;

	for (int64_t at = after + 1; at < far;) {
		struct zone_span span = zone_span(zone, at);
		int64_t end = span.end < far ? span.end : far;
		int64_t found = next_in_span(cron, &span, at, end);

		if (found < end)
			return found;
		at = end;
	}
	return INT64_MAX; /* cron_read lets nothing through that never comes */
}
