/*
 * deadline.c - spans of hours, days and working days, counted from a date of
 * the record.
 */
#include "rules/deadline.h"

#include <stdio.h>

#include "base/moment.h"
#include "base/say.h"
#include "base/utf8.h"
#include "record/path.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_END (24 * 60)

enum unit { UNIT_HOURS, UNIT_DAYS, UNIT_WORKDAYS, UNIT_MONTH_END };

struct span {
	enum unit unit;
	int64_t count;
};

struct deadline {
	struct span span;
	struct path *from;
	int minutes; /* of its day */
	int zone;
	struct workdays *workdays;
	struct span warn[DEADLINE_STEPS]; /* the longest first */
	size_t warn_count;
};

struct reading {
	const char *text, *at;
	struct cb_error *err;
};

static int wrong(const struct reading *r, const char *at)
{
	if (r->err)
		r->err->column =
			(uint32_t)utf8_length((struct cb_text){ r->text, (size_t)(at - r->text) }) +
			1;
	return CB_SETUP;
}

static struct cb_text take_word(struct reading *r, const char *ends)
{
	struct cb_text word;

	r->at += strspn(r->at, " ");
	word = (struct cb_text){ r->at, strcspn(r->at, ends) };
	r->at += word.len;
	return word;
}

static bool read_count(struct cb_text text, int64_t *out)
{
	*out = 0;
	if (!text.len || text.len > 3)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.at[i]))
			return false;
		*out = *out * 10 + text.at[i] - '0';
	}
	return *out > 0;
}

/* hours, days, workdays; and 1 hour, 1 day, 1 workday */
static bool read_unit(struct cb_text text, struct span *span)
{
	static const char *const names[] = { "hour", "day", "workday" };

	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(names[i]);

		if (text.len < len || memcmp(text.at, names[i], len) != 0)
			continue;
		if (text.len == len ? span->count == 1
				    : text.len == len + 1 && text.at[len] == 's') {
			span->unit = (enum unit)i;
			return true;
		}
	}
	return false;
}

/* "5 workdays" */
static int read_span(struct reading *r, struct span *span)
{
	struct cb_text number = take_word(r, " ,"), unit;

	if (!read_count(number, &span->count)) {
		cb_error_set(r->err, CB_SETUP,
			     "时限写作“5 workdays after closed”：数目、单位、after、日期字段；"
			     "“%.*s”不是 1 到 999 的数目",
			     "a deadline is written '5 workdays after closed'; '%.*s' is no number "
			     "from 1 to 999",
			     CB_TEXT_ARG(number));
		return wrong(r, number.at);
	}
	unit = take_word(r, " ,");
	if (read_unit(unit, span))
		return CB_OK;
	cb_error_set(r->err, CB_SETUP, "时限的单位是 workdays（工作日）、days 或 hours，不是“%.*s”",
		     "a deadline counts workdays, days or hours, not '%.*s'", CB_TEXT_ARG(unit));
	return wrong(r, unit.at);
}

static int read_start(struct reading *r, struct span *span)
{
	const char *begin = r->at;
	struct cb_text first = take_word(r, " "), second = take_word(r, " ");

	if (cb_text_is(first, "month") && cb_text_is(second, "end")) {
		span->unit = UNIT_MONTH_END;
		return CB_OK;
	}
	r->at = begin;
	return read_span(r, span);
}

static int read_field(struct reading *r, const struct table *entity, struct arena *arena,
		      struct deadline *out)
{
	struct cb_text name = take_word(r, " ");
	const char *path = arena_string(arena, name);
	const struct field *field;
	struct cb_error inner;

	if (!entity)
		return CB_OK;
	if (path_compile(arena, entity->shape, name, PATH_VALUE, &out->from, &inner) != CB_OK) {
		cb_error_set(r->err, CB_SETUP, "%s", "%s", inner.text);
		return wrong(r, name.at + (inner.column ? inner.column - 1 : 0));
	}
	field = table_field(entity, path);
	if (field && (field->type == FIELD_DATE || field->type == FIELD_DATETIME))
		return CB_OK;
	cb_error_set(r->err, CB_SETUP, "时限要从一个日期算起，%s 不是日期",
		     "a deadline counts from a date; %s is none", path);
	return wrong(r, name.at);
}

/* "at 17:30", or nothing */
static int read_time(struct reading *r, int *minutes)
{
	struct cb_text at = take_word(r, " "), time = take_word(r, " ");
	int hour = -1, minute = -1;

	*minutes = DAY_END;
	if (!at.len)
		return CB_OK;
	if (time.len == 5 && time.at[2] == ':') {
		hour = two(time.at);
		minute = two(time.at + 3);
	}
	*minutes = hour * 60 + minute;
	r->at += strspn(r->at, " ");
	if (cb_text_is(at, "at") && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && !*r->at)
		return CB_OK;
	cb_error_set(r->err, CB_SETUP, "日期字段之后只能是 at 与时刻，如 at 17:30",
		     "the field is followed by at and a time: at 17:30");
	return wrong(r, at.at);
}

struct deadline *deadline_read(struct arena *arena, const char *text, const struct table *entity,
			       int zone, struct workdays *workdays, struct cb_error *err)
{
	struct deadline *d = arena_zero(arena, sizeof(*d));
	struct reading r = { text, text, err };
	struct cb_text after;

	d->zone = zone;
	d->workdays = workdays;
	if (read_start(&r, &d->span) != CB_OK)
		return NULL;
	after = take_word(&r, " ");
	r.at += strspn(r.at, " ");
	if (!cb_text_is(after, "after") || !*r.at) {
		cb_error_set(err, CB_SETUP,
			     "单位之后应是“after 日期字段”，如 5 workdays after closed",
			     "the unit is followed by 'after FIELD': 5 workdays after closed");
		wrong(&r, after.at);
		return NULL;
	}
	if (d->span.unit == UNIT_WORKDAYS && !workdays) {
		cb_error_set(err, CB_SETUP, "没有工作日历，不知道哪天上班",
			     "there is no calendar of workdays");
		wrong(&r, text);
		return NULL;
	}
	if (read_field(&r, entity, arena, d) != CB_OK || read_time(&r, &d->minutes) != CB_OK)
		return NULL;
	return d;
}

/* The span before an instant: the same time of an earlier day. */
static int64_t before(const struct deadline *d, const struct span *span, int64_t ms)
{
	int64_t east = d->zone * MINUTE_MS, local = ms - 1 + east, day;

	if (span->unit == UNIT_HOURS)
		return ms - span->count * 60 * MINUTE_MS;
	if (span->unit == UNIT_DAYS)
		return ms - span->count * DAY_MS;
	day = local / DAY_MS - (local % DAY_MS < 0);
	return ms - (day - workdays_add(d->workdays, day, -span->count)) * DAY_MS;
}

/* About how long; five workdays are a week. */
static int64_t hours(const struct span *span)
{
	return span->count * (span->unit == UNIT_HOURS ? 1 : span->unit == UNIT_DAYS ? 24 : 34);
}

int deadline_warn(struct deadline *deadline, const char *text, struct cb_error *err)
{
	struct reading r = { text, text, err };
	size_t i;
	int rc;

	do {
		struct span span = { 0 };

		if (deadline->warn_count == DEADLINE_STEPS) {
			cb_error_set(err, CB_SETUP, "提醒最多 %d 次", "at most %d warnings",
				     DEADLINE_STEPS);
			return wrong(&r, r.at);
		}
		rc = read_span(&r, &span);
		if (rc == CB_OK && span.unit == UNIT_WORKDAYS && !deadline->workdays) {
			cb_error_set(err, CB_SETUP, "没有工作日历，不知道哪天上班",
				     "there is no calendar of workdays");
			rc = wrong(&r, text);
		}
		if (rc != CB_OK)
			return rc;
		for (i = deadline->warn_count++;
		     i > 0 && hours(&span) > hours(&deadline->warn[i - 1]); i--)
			deadline->warn[i] = deadline->warn[i - 1];
		deadline->warn[i] = span;
		r.at += strspn(r.at, " ");
	} while (*r.at == ',' && r.at++);
	if (!*r.at)
		return CB_OK;
	cb_error_set(err, CB_SETUP, "提醒写作“2 workdays, 4 hours”",
		     "warnings are written '2 workdays, 4 hours'");
	return wrong(&r, r.at);
}

static int64_t month_end(int64_t day)
{
	int year, month, date;

	calendar_date(day, &year, &month, &date);
	return calendar_days(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) - 1;
}

bool deadline_of(const struct deadline *deadline, const struct row *row, int64_t *due_ms)
{
	const struct deadline *d = deadline;
	int64_t east = d->zone * MINUTE_MS, from, day;

	if (!d->from || !calendar_read_iso(path_text(d->from, row), d->zone, &from))
		return false;
	if (d->span.unit == UNIT_HOURS) {
		*due_ms = from + d->span.count * 60 * MINUTE_MS;
		return true;
	}
	day = (from + east) / DAY_MS - ((from + east) % DAY_MS < 0);
	if (d->span.unit == UNIT_DAYS)
		day += d->span.count;
	else if (d->span.unit == UNIT_WORKDAYS)
		day = workdays_add(d->workdays, day, d->span.count);
	else
		day = month_end(day);
	*due_ms = day * DAY_MS + d->minutes * MINUTE_MS - east;
	return true;
}

size_t deadline_stages(const struct deadline *deadline, int64_t due_ms,
		       int64_t begins[DEADLINE_STEPS + 1])
{
	for (size_t i = 0; i < deadline->warn_count; i++)
		begins[i] = before(deadline, &deadline->warn[i], due_ms);
	begins[deadline->warn_count] = due_ms;
	return deadline->warn_count + 1;
}

int deadline_stage(const struct deadline *deadline, int64_t due_ms, int64_t now)
{
	int64_t begins[DEADLINE_STEPS + 1];
	size_t count = deadline_stages(deadline, due_ms, begins);
	int stage = 0;

	for (size_t i = 0; i < count; i++)
		if (now >= begins[i])
			stage = (int)i + 1;
	return stage;
}

int deadline_late(const struct deadline *deadline)
{
	return (int)deadline->warn_count + 1;
}

void deadline_stage_say(const struct deadline *deadline, int stage, struct buffer *out)
{
	const struct span *span = &deadline->warn[stage - 1];
	long long count = span->count;

	if (span->unit == UNIT_HOURS)
		buffer_say(out, "%lld 小时", "%lld hours", count);
	else if (span->unit == UNIT_DAYS)
		buffer_say(out, "%lld 天", "%lld days", count);
	else
		buffer_say(out, "%lld 个工作日", "%lld workdays", count);
}

void deadline_clock(int64_t due_ms, int zone, char out[CALENDAR_TEXT])
{
	char last[CALENDAR_TEXT], then[CALENDAR_TEXT];

	calendar_iso(due_ms, zone, then);
	calendar_iso(due_ms - 1, zone, last);
	if (memcmp(then + 11, "00:00", 5) == 0)
		snprintf(out, CALENDAR_TEXT, "%.10s 24:00", last);
	else
		snprintf(out, CALENDAR_TEXT, "%.10s %.5s", then, then + 11);
}
