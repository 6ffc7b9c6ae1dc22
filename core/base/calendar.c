/*
 * calendar.c - days, offsets and the canonical forms.
 *
 * No clock and no zone table is ever asked: a zone is a number of minutes, and
 * so the summers of 1986 to 1991 shift nothing.
 */
#include "base/calendar.h"

#include "base/moment.h"

int64_t calendar_days(int year, int month, int day)
{
	/* Years begin in March here, so that the leap day is the last. */
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void calendar_date(int64_t days, int *year, int *month, int *day)
{
	int64_t since = days + 719468;
	int64_t era = (since >= 0 ? since : since - 146096) / 146097;
	int64_t of_era = since - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

bool calendar_is_date(int year, int month, int day)
{
	static const signed char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= lengths[month - 1] + (month == 2 && is_leap);
}

char *moment_put_long(char *p, int64_t value)
{
	char reverse[20];
	int n = 0;

	if (value < 0)
		*p++ = '-';
	do
		reverse[n++] = (char)('0' + (value < 0 ? -(value % 10) : value % 10));
	while ((value /= 10) != 0);
	while (n > 0)
		*p++ = reverse[--n];
	return p;
}

/* Offsets: Z, +08:00, +0800. */

bool moment_take_offset(const char **at, const char *end, int *minutes)
{
	bool is_minus;
	int hours, rest;

	if (take_char(at, end, 'Z')) {
		*minutes = 0;
		return true;
	}
	is_minus = *at < end && **at == '-';
	if (!is_minus && (*at == end || **at != '+'))
		return false;
	++*at;
	if (!take2(at, end, &hours))
		return false;
	take_char(at, end, ':');
	if (!take2(at, end, &rest) || rest > 59 || hours * 60 + rest > 14 * 60)
		return false;
	*minutes = hours * 60 + rest;
	if (is_minus)
		*minutes = -*minutes;
	return true;
}

char *moment_put_offset(char *p, int minutes)
{
	if (minutes == 0) {
		*p++ = 'Z';
		return p;
	}
	*p++ = minutes < 0 ? '-' : '+';
	if (minutes < 0)
		minutes = -minutes;
	p = put2(p, minutes / 60);
	*p++ = ':';
	return put2(p, minutes % 60);
}

bool calendar_zone(const char *text, int *minutes)
{
	const char *at = text, *end;
	int found;

	if (!text)
		return false;
	end = text + strlen(text);
	if (!moment_take_offset(&at, end, &found) || at != end)
		return false;
	*minutes = found;
	return true;
}

/* Moments and milliseconds. */

int64_t moment_ms(const struct moment *m)
{
	return calendar_days(m->year, m->month, m->day) * DAY_MS +
	       ((int64_t)(m->hour * 60 + m->minute - m->offset) * 60 + m->second) * 1000 + m->ms;
}

/* @ms as a clock shows it that is @offset minutes east. */
struct moment moment_at(int64_t ms, int offset)
{
	struct moment m = {
		.offset = offset, .has_date = true, .has_time = true, .is_instant = true
	};
	int64_t local, days;
	int of_day;

	if (__builtin_add_overflow(ms, (int64_t)offset * 60000, &local))
		local = ms;
	days = local / DAY_MS - (local % DAY_MS < 0);
	of_day = (int)(local % DAY_MS) + (local % DAY_MS < 0) * (int)DAY_MS;
	calendar_date(days, &m.year, &m.month, &m.day);
	m.hour = of_day / 3600000;
	m.minute = of_day / 60000 % 60;
	m.second = of_day / 1000 % 60;
	m.ms = of_day % 1000;
	return m;
}

/* Seconds go to 60 once in some years; we call it 59, because hardly anyone else can say 60. */
int moment_check(struct moment *m)
{
	if (m->has_date && !calendar_is_date(m->year, m->month, m->day))
		return CALENDAR_VALUE;
	if (m->second == 60)
		m->second = 59;
	return m->hour < 24 && m->minute < 60 && m->second < 60 ? CALENDAR_OK : CALENDAR_VALUE;
}

static char *put_date(char *p, const struct moment *m)
{
	if (m->year >= 0 && m->year <= 9999)
		p = put4(p, m->year);
	else /* not canonical, but better than a lie */
		p = moment_put_long(p, m->year);
	*p++ = '-';
	p = put2(p, m->month);
	*p++ = '-';
	return put2(p, m->day);
}

char *moment_put_time(char *p, const struct moment *m)
{
	p = put2(p, m->hour);
	*p++ = ':';
	p = put2(p, m->minute);
	*p++ = ':';
	p = put2(p, m->second);
	if (m->ms != 0) {
		*p++ = '.';
		p = put_thousandths(p, m->ms);
	}
	return p;
}

char *moment_put_iso(char *p, const struct moment *m, enum calendar_kind kind)
{
	if (kind != CALENDAR_TIME)
		p = put_date(p, m);
	if (kind == CALENDAR_DATETIME)
		*p++ = 'T';
	if (kind != CALENDAR_DATE)
		p = moment_put_time(p, m);
	if (kind == CALENDAR_DATETIME)
		p = moment_put_offset(p, m->offset);
	return p;
}

bool moment_take_time(const char **at, const char *end, struct moment *m)
{
	int digit, unit = 100;

	m->has_time = true;
	if (!take2(at, end, &m->hour) || !take_char(at, end, ':') || !take2(at, end, &m->minute))
		return false;
	if (!take_char(at, end, ':'))
		return true;
	if (!take2(at, end, &m->second))
		return false;
	if (!take_char(at, end, '.'))
		return true;
	if (!take1(at, end, &digit))
		return false;
	do {
		m->ms += digit * unit;
		unit /= 10;
	} while (take1(at, end, &digit));
	return true;
}

bool moment_take_iso(const char **at, const char *end, struct moment *m)
{
	if (end - *at > 2 && (*at)[2] == ':')
		return moment_take_time(at, end, m);
	m->has_date = true;
	if (!take4(at, end, &m->year) || !take_char(at, end, '-') || !take2(at, end, &m->month) ||
	    !take_char(at, end, '-') || !take2(at, end, &m->day))
		return false;
	if (!take_char(at, end, 'T') && !take_char(at, end, ' '))
		return true;
	if (!moment_take_time(at, end, m))
		return false;
	m->is_instant = *at < end;
	return *at == end || moment_take_offset(at, end, &m->offset);
}

/* @text is of that kind, whole; the spelling may still be another than ours. */
int moment_read(enum calendar_kind kind, struct cb_text text, struct moment *m)
{
	const char *at = text.at, *end = text.at + text.len;

	*m = (struct moment){ 0 };
	if (!moment_take_iso(&at, end, m) || at != end)
		return CALENDAR_SHAPE;
	if (m->has_date != (kind != CALENDAR_TIME) || m->has_time != (kind != CALENDAR_DATE) ||
	    m->is_instant != (kind == CALENDAR_DATETIME))
		return CALENDAR_SHAPE;
	return moment_check(m);
}

bool calendar_is_canonical(enum calendar_kind kind, struct cb_text text)
{
	char spelled[CALENDAR_TEXT];
	struct moment m;

	if (text.len >= CALENDAR_TEXT || moment_read(kind, text, &m) != CALENDAR_OK)
		return false;
	return (size_t)(moment_put_iso(spelled, &m, kind) - spelled) == text.len &&
	       memcmp(spelled, text.at, text.len) == 0;
}

void calendar_iso(int64_t ms, int zone, char out[CALENDAR_TEXT])
{
	struct moment m = moment_at(ms, zone);

	*moment_put_iso(out, &m, CALENDAR_DATETIME) = '\0';
}

bool calendar_read_iso(struct cb_text text, int zone, int64_t *ms)
{
	struct moment m;

	if (moment_read(CALENDAR_DATETIME, text, &m) != CALENDAR_OK) {
		if (moment_read(CALENDAR_DATE, text, &m) != CALENDAR_OK)
			return false;
		m.offset = zone;
	}
	*ms = moment_ms(&m);
	return true;
}
