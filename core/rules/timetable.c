/*
 * timetable.c - every, cron and at, and the next time of each.
 */
#include "rules/timetable.h"

#include <inttypes.h>
#include <strings.h>

#include "base/cron.h"
#include "base/moment.h"
#include "base/number.h"
#include "base/utf8.h"

#define MINUTE_MS INT64_C(60000)
#define TIMES 48

enum at_days {
	AT_ALL,
	AT_WEEKDAYS,
	AT_DAYS,
	AT_LAST_DAY,
	AT_WORKDAYS,
	AT_NTH_WORKDAY,
	AT_LAST_WORKDAY
};

struct at {
	enum at_days kind;
	uint32_t days;    /* bits: of the month, ordinals of workdays, weekdays from Sunday */
	int times[TIMES]; /* minutes of the day, ascending */
	size_t count;
};

struct timetable {
	enum timetable_way way;
	const char *text; /* of the attribute */
	const char *whole;
	int zone;
	struct workdays *workdays;
	int64_t every_ms;
	struct cron cron;
	struct at at;
};

static const char *const weekdays[] = { "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT" };

/* Reading at. */

struct reading {
	const char *text;
	struct timetable *out;
	struct cb_error *err;
};

/* The words of @text, from *at on. */
static struct cb_text take_word(const char **at)
{
	struct cb_text word;

	*at += strspn(*at, " \t");
	word = (struct cb_text){ *at, strcspn(*at, " \t") };
	*at += word.len;
	return word;
}

static int wrong(const struct reading *r, const char *at, const char *zh, const char *en)
{
	cb_error_set(r->err, CB_SETUP,
		     "%s；写作 09:00、MON-FRI 09:00、day 1,15 09:00、last day 18:00、"
		     "workday 09:00、workday 3 10:00 或 last workday 17:00",
		     "%s; write 09:00, MON-FRI 09:00, day 1,15 09:00, last day 18:00, "
		     "workday 09:00, workday 3 10:00 or last workday 17:00",
		     cb_say(zh, en));
	if (r->err)
		r->err->column =
			(uint32_t)utf8_length((struct cb_text){ r->text, (size_t)(at - r->text) }) +
			1;
	return CB_SETUP;
}

static struct cb_text cut(struct cb_text *list, char end)
{
	const char *at = list->len ? memchr(list->at, end, list->len) : NULL;
	struct cb_text piece = { list->at, at ? (size_t)(at - list->at) : list->len };

	list->at += piece.len + (at != NULL);
	list->len -= piece.len + (at != NULL);
	return piece;
}

static bool is_word(struct cb_text text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.at, word, text.len) == 0;
}

static int weekday_of(struct cb_text text)
{
	for (int i = 0; i < 7; i++)
		if (is_word(text, weekdays[i]))
			return i;
	return -1;
}

/* MON,WED-FRI */
static bool read_weekdays(struct cb_text list, uint32_t *days)
{
	*days = 0;
	do {
		struct cb_text range = cut(&list, ','), first = cut(&range, '-');
		int from = weekday_of(first), to = range.len ? weekday_of(range) : from;

		if (from < 0 || to < 0)
			return false;
		for (int i = from; i != to; i = (i + 1) % 7)
			*days |= 1u << i;
		*days |= 1u << to;
	} while (list.len);
	return true;
}

/* 1,15 */
static bool read_days(struct cb_text list, uint32_t *days)
{
	*days = 0;
	do {
		struct cb_text piece = cut(&list, ',');
		int day = 0;

		for (size_t i = 0; i < piece.len && i < 3; i++)
			day = is_digit(piece.at[i]) ? day * 10 + piece.at[i] - '0' : 100;
		if (!piece.len || piece.len > 2 || day < 1 || day > 31)
			return false;
		*days |= 1u << day;
	} while (list.len);
	return true;
}

static bool read_time(struct cb_text text, int *minutes)
{
	int hour, minute;

	if (text.len != 5 || text.at[2] != ':')
		return false;
	hour = two(text.at);
	minute = two(text.at + 3);
	*minutes = hour * 60 + minute;
	return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

/* 09:00,14:30; kept ascending, each once. */
static int read_times(const struct reading *r, struct cb_text list)
{
	struct at *at = &r->out->at;

	do {
		struct cb_text piece = cut(&list, ',');
		size_t i = at->count;
		int time;

		if (!read_time(piece, &time))
			return wrong(r, piece.at, "这里应是时刻，如 09:00",
				     "a time stands here: 09:00");
		if (at->count == TIMES)
			return wrong(r, piece.at, "时刻太多：请改用 every 或 cron",
				     "too many times: use every or cron");
		for (; i > 0 && at->times[i - 1] > time; i--)
			at->times[i] = at->times[i - 1];
		at->times[i] = time;
		at->count += i == 0 || at->times[i - 1] != time;
	} while (list.len);
	return CB_OK;
}

/* "day 1,15", "workday", "workday 3": @next is what follows, taken where it belongs to it. */
static int read_month_days(const struct reading *r, bool is_work, const char **position)
{
	struct at *at = &r->out->at;
	const char *before = *position;
	struct cb_text next = take_word(position);

	if (is_work && next.len && memchr(next.at, ':', next.len)) {
		at->kind = AT_WORKDAYS;
		*position = before;
		return CB_OK;
	}
	at->kind = is_work ? AT_NTH_WORKDAY : AT_DAYS;
	if (read_days(next, &at->days))
		return CB_OK;
	return wrong(r, next.at, "这里应是第几日，1 到 31",
		     "a number of days stands here, 1 to 31");
}

static int read_at(const struct reading *r)
{
	struct at *at = &r->out->at;
	const char *position = r->text;
	struct cb_text word = take_word(&position), after;
	int rc = CB_OK;

	if (is_word(word, "last")) {
		after = take_word(&position);
		at->kind = is_word(after, "workday") ? AT_LAST_WORKDAY : AT_LAST_DAY;
		if (!is_word(after, "workday") && !is_word(after, "day"))
			return wrong(r, after.at, "last 之后是 day 或 workday",
				     "last is followed by day or workday");
	} else if (is_word(word, "day") || is_word(word, "workday")) {
		rc = read_month_days(r, is_word(word, "workday"), &position);
	} else if (read_weekdays(word, &at->days)) {
		at->kind = AT_WEEKDAYS;
	} else if (word.len && is_digit(*word.at)) {
		position = word.at;
	} else {
		return wrong(r, word.at, "不认识这个词", "that word is not known");
	}
	if (rc == CB_OK && at->kind >= AT_WORKDAYS && !r->out->workdays)
		return wrong(r, word.at, "没有工作日历，不知道哪天上班",
			     "there is no calendar of workdays");
	if (rc == CB_OK)
		rc = read_times(r, take_word(&position));
	position += strspn(position, " \t");
	if (rc == CB_OK && *position)
		rc = wrong(r, position, "时刻之后不应还有字", "nothing follows the times");
	return rc;
}

/* The attributes. */

static int read_every(const char *text, struct timetable *out, struct cb_error *err)
{
	if (number_duration(text, &out->every_ms) && out->every_ms >= 1000)
		return CB_OK;
	cb_error_set(err, CB_SETUP, "间隔写作 30s、10m、2h 或 1d，至少 1s",
		     "an interval is written 30s, 10m, 2h or 1d, and is at least 1s");
	if (err)
		err->column = 1;
	return CB_SETUP;
}

struct timetable *timetable_read(struct arena *arena, enum timetable_way way, const char *text,
				 int zone, struct workdays *workdays, timetable_mistake *each,
				 void *with, struct cb_error *err)
{
	static const char *const names[] = { "every", "cron", "at" };
	struct timetable *t = arena_zero(arena, sizeof(*t));
	struct reading r = { .text = text, .out = t, .err = err };
	struct cb_error own = { 0 };
	int rc;

	if (!err)
		r.err = err = &own;
	t->way = way;
	t->zone = zone;
	t->workdays = workdays;
	t->text = arena_string(arena, cb_text_of(text));
	t->whole = arena_printf(arena, "%s %s", names[way], text);
	if (way == TIMETABLE_CRON)
		return cron_read(text, &t->cron, each, with, err) == CB_OK ? t : NULL;
	rc = way == TIMETABLE_EVERY ? read_every(text, t, err) : read_at(&r);
	if (rc != CB_OK && each)
		each(with, err);
	return rc == CB_OK ? t : NULL;
}

/* The next time. */

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t next_every(const struct timetable *t, int64_t after)
{
	int64_t east = t->zone * MINUTE_MS;

	return (floor_divide(after + east, t->every_ms) + 1) * t->every_ms - east;
}

static bool is_last_workday(struct workdays *w, int64_t day, int date, int length)
{
	if (!workdays_is(w, day))
		return false;
	for (int rest = length - date; rest > 0; rest--)
		if (workdays_is(w, day + rest))
			return false;
	return true;
}

static int nth_workday(struct workdays *w, int64_t day, int date)
{
	int n = 0;

	if (!workdays_is(w, day))
		return 0;
	for (int before = date - 1; before >= 0; before--)
		n += workdays_is(w, day - before);
	return n;
}

static bool fits(const struct timetable *t, int64_t day)
{
	const struct at *at = &t->at;
	int year, month, date, length = 28;

	calendar_date(day, &year, &month, &date);
	while (calendar_is_date(year, month, length + 1))
		length++;
	switch (at->kind) {
	case AT_ALL:
		return true;
	case AT_WEEKDAYS:
		return at->days >> (((day + 4) % 7 + 7) % 7) & 1;
	case AT_DAYS:
		return at->days >> date & 1;
	case AT_LAST_DAY:
		return date == length;
	case AT_WORKDAYS:
		return workdays_is(t->workdays, day);
	case AT_NTH_WORKDAY:
		return at->days >> nth_workday(t->workdays, day, date) & 1;
	case AT_LAST_WORKDAY:
		return is_last_workday(t->workdays, day, date, length);
	}
	return false;
}

static int64_t next_at(const struct timetable *t, int64_t after)
{
	int64_t east = t->zone * MINUTE_MS, day = floor_divide(after + east, DAY_MS);

	for (int64_t end = day + INT64_C(100) * 366; day < end; day++) {
		if (!fits(t, day))
			continue;
		for (size_t i = 0; i < t->at.count; i++) {
			int64_t at = day * DAY_MS + (int64_t)t->at.times[i] * MINUTE_MS - east;

			if (at > after)
				return at;
		}
	}
	return INT64_MAX;
}

int64_t timetable_next(const struct timetable *timetable, int64_t after)
{
	struct zone zone = zone_fixed(timetable->zone);

	switch (timetable->way) {
	case TIMETABLE_EVERY:
		return next_every(timetable, after);
	case TIMETABLE_CRON:
		return cron_next(&timetable->cron, &zone, after);
	default:
		return next_at(timetable, after);
	}
}

const char *timetable_text(const struct timetable *timetable)
{
	return timetable->whole;
}

/* In words. */

static void say_every(int64_t ms, struct buffer *out)
{
	static const struct {
		int64_t ms;
		const char *zh, *en;
	} units[] = { { DAY_MS, "天", "d" },
		      { 3600000, "小时", "h" },
		      { 60000, "分钟", "min" },
		      { 1000, "秒", "s" } };
	size_t i = 0;

	while (i < 3 && ms % units[i].ms)
		i++;
	buffer_printf(out, "%s %" PRId64 " %s", cb_say("每", "every"), ms / units[i].ms,
		      cb_say(units[i].zh, units[i].en));
}

static void say_list(uint32_t days, struct buffer *out)
{
	const char *between = "";

	for (int i = 0; i < 32; i++)
		if (days >> i & 1) {
			buffer_printf(out, "%s%d", between, i);
			between = cb_say("、", ", ");
		}
}

static void say_weekdays(uint32_t days, struct buffer *out)
{
	static const char *const zh[] = { "日", "一", "二", "三", "四", "五", "六" };
	const char *between = cb_say("每周", "on ");

	for (int i = 1; i <= 7; i++) /* Monday first */
		if (days >> (i % 7) & 1) {
			buffer_printf(out, "%s%s", between, cb_say(zh[i % 7], weekdays[i % 7]));
			between = cb_say("、", ", ");
		}
}

static void say_days(const struct at *at, struct buffer *out)
{
	switch (at->kind) {
	case AT_ALL:
		buffer_string(out, cb_say("每天", "every day"));
		break;
	case AT_WEEKDAYS:
		say_weekdays(at->days, out);
		break;
	case AT_DAYS:
		buffer_string(out, cb_say("每月 ", "on day "));
		say_list(at->days, out);
		buffer_string(out, cb_say(" 日", " of the month"));
		break;
	case AT_LAST_DAY:
		buffer_string(out, cb_say("每月最后一天", "on the last day of the month"));
		break;
	case AT_WORKDAYS:
		buffer_string(out, cb_say("每个工作日", "every workday"));
		break;
	case AT_NTH_WORKDAY:
		buffer_string(out, cb_say("每月第 ", "on workday "));
		say_list(at->days, out);
		buffer_string(out, cb_say(" 个工作日", " of the month"));
		break;
	case AT_LAST_WORKDAY:
		buffer_string(out,
			      cb_say("每月最后一个工作日", "on the last workday of the month"));
		break;
	}
}

void timetable_say(const struct timetable *timetable, struct buffer *out)
{
	const struct at *at = &timetable->at;

	if (timetable->way == TIMETABLE_EVERY) {
		say_every(timetable->every_ms, out);
	} else if (timetable->way == TIMETABLE_CRON) {
		buffer_string(out, timetable->whole);
	} else {
		say_days(at, out);
		for (size_t i = 0; i < at->count; i++)
			buffer_printf(out, "%s%02d:%02d", i ? cb_say("、", ", ") : " ",
				      at->times[i] / 60, at->times[i] % 60);
	}
}
