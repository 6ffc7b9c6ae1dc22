/*
 * moment.h - what a text says about time, between calendar.c and its patterns.
 *
 * The readers take what they need from *@at and move it; false leaves the text
 * unusable. The writers put at @p and return where to go on.
 */
#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H

#include "base/calendar.h"

#define DAY_MS INT64_C(86400000)

/* An instant is the same moment everywhere; otherwise a clock on a wall was read. */
struct moment {
	int year, month, day, hour, minute, second, ms;
	int offset;
	bool has_date, has_time, is_instant;
};

int64_t moment_ms(const struct moment *m);
struct moment moment_at(int64_t ms, int offset); /* as a clock shows it that is @offset east */

/* CALENDAR_OK or CALENDAR_VALUE. Makes second 60 second 59. */
int moment_check(struct moment *m);

/* @text as the canonical form of @kind, save for spelling: 14:30 for 14:30:00. */
int moment_read(enum calendar_kind kind, struct cb_text text, struct moment *m);

bool moment_take_time(const char **at, const char *end, struct moment *m);
bool moment_take_iso(const char **at, const char *end, struct moment *m); /* of any kind */
bool moment_take_offset(const char **at, const char *end, int *minutes);
char *moment_put_time(char *p, const struct moment *m);
char *moment_put_iso(char *p, const struct moment *m, enum calendar_kind kind);
char *moment_put_offset(char *p, int minutes);
char *moment_put_long(char *p, int64_t value);

/* Digits, inline because they are most of the work. */

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of two digits, or -1. */
static inline int two(const char *p)
{
	unsigned tens = (unsigned char)p[0] - (unsigned)'0';
	unsigned ones = (unsigned char)p[1] - (unsigned)'0';

	return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

/* Exactly two digits; there is no loop in it because nearly every field of a date is this. */
static inline bool take2(const char **at, const char *end, int *out)
{
	int value = end - *at < 2 ? -1 : two(*at);

	if (value < 0)
		return false;
	*at += 2;
	*out = value;
	return true;
}

static inline bool take4(const char **at, const char *end, int *out)
{
	int high = end - *at < 4 ? -1 : two(*at), low = high < 0 ? -1 : two(*at + 2);

	if (low < 0)
		return false;
	*at += 4;
	*out = high * 100 + low;
	return true;
}

static inline bool take1(const char **at, const char *end, int *out)
{
	if (*at == end || !is_digit(**at))
		return false;
	*out = *(*at)++ - '0';
	return true;
}

static inline bool take_thousandths(const char **at, const char *end, int *out)
{
	int first, rest;

	if (!take1(at, end, &first) || !take2(at, end, &rest))
		return false;
	*out = first * 100 + rest;
	return true;
}

static inline bool take_char(const char **at, const char *end, char c)
{
	if (*at == end || **at != c)
		return false;
	++*at;
	return true;
}

static inline char *put2(char *p, int value)
{
	p[0] = (char)('0' + value / 10);
	p[1] = (char)('0' + value % 10);
	return p + 2;
}

static inline char *put4(char *p, int value)
{
	return put2(put2(p, value / 100), value % 100);
}

static inline char *put_thousandths(char *p, int value)
{
	*p++ = (char)('0' + value / 100);
	return put2(p, value % 100);
}

#endif
