/*
 * cell.c - numbers as a person sees them in the sheet.
 *
 * A spreadsheet holds 15 significant digits. Its files may show 17
 * (5200.3999999999996 for 5200.4), which nobody typed; so 15 are said. A whole
 * number of 16 digits and more has lost digits, an id mostly: it comes in the
 * scientific form that the sheet shows, which no check takes for an id.
 */
#include "cell.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOST_DIGITS 1e15 /* 16 digits */
#define DAY 86400
#define LAST_SERIAL 2958466 /* the day after 9999-12-31 */

static struct look built_in(uint32_t id)
{
	enum look_kind kind = LOOK_PLAIN;

	if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
	    (id >= 50 && id <= 54) || id == 57 || id == 58)
		kind = LOOK_DATE;
	else if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47 ||
		 id == 55 || id == 56)
		kind = LOOK_TIME;
	else if (id == 22)
		kind = LOOK_MOMENT;
	else if (id == 46)
		kind = LOOK_ELAPSED;
	return (struct look){ .kind = kind };
}

struct letters {
	bool day, hour, month, elapsed;
};

static bool is_elapsed(const char *bracket)
{
	size_t len = strspn(bracket, "hHmMsS");

	return len && bracket[len] == ']';
}

/* The length of what says nothing about dates at @at: quoted, escaped, a word. 0: a letter. */
static size_t passive(const char *at, struct letters *seen)
{
	const char *end;

	switch (*at) {
	case '"':
		end = strchr(at + 1, '"');
		return end ? (size_t)(end - at) + 1 : strlen(at);
	case '[':
		seen->elapsed |= is_elapsed(at + 1);
		end = strchr(at, ']');
		return end ? (size_t)(end - at) + 1 : strlen(at);
	case '\\':
	case '_':
	case '*':
		return at[1] ? 2 : 1;
	case 'E':
	case 'e':
		return at[1] == '+' || at[1] == '-' ? 2 : 0;
	default:
		break;
	}
	if (strncasecmp(at, "General", 7) == 0)
		return 7;
	if (strncasecmp(at, "AM/PM", 5) == 0)
		return 5;
	return strncasecmp(at, "A/P", 3) == 0 ? 3 : 0;
}

struct look look_of(uint32_t id, const char *code)
{
	struct letters seen = { 0 };
	size_t zeros, skip;

	if (!code)
		return built_in(id);
	zeros = strspn(code, "0");
	if (zeros > 1 && !code[zeros] && zeros < 16)
		return (struct look){ LOOK_PADDED, (unsigned)zeros };
	for (const char *at = code; *at && *at != ';'; at += skip ? skip : 1) {
		skip = passive(at, &seen);
		if (skip)
			continue;
		seen.day |= strchr("yYdDeE", *at) != NULL;
		seen.hour |= strchr("hHsS", *at) != NULL;
		seen.month |= *at == 'm' || *at == 'M';
	}
	if (seen.elapsed)
		return (struct look){ .kind = LOOK_ELAPSED };
	if (seen.hour)
		return (struct look){ .kind = seen.day ? LOOK_MOMENT : LOOK_TIME };
	return (struct look){ .kind = seen.day || seen.month ? LOOK_DATE : LOOK_PLAIN };
}

/* Days since 1970-01-01 to a date; the algorithm counts from a March. */
static void civil(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = z / 146097, of_era = z % 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

static size_t put_date(int64_t serial, bool is_1904, char *out)
{
	int year, month, day;

	/* Lotus took 1900 for a leap year, and every sheet since has the day that never was. */
	if (!is_1904 && serial == 60)
		return (size_t)sprintf(out, "1900-02-29");
	civil(is_1904 ? serial - 24107 : serial - 25569 + (serial < 60), &year, &month, &day);
	return (size_t)sprintf(out, "%04d-%02d-%02d", year % 10000, month, day);
}

static bool put_moment(double value, struct look look, bool is_1904, char *out)
{
	int64_t seconds, days, rest;
	size_t len = 0;

	if (!(value >= 0 && value < LAST_SERIAL))
		return false;
	seconds = llround(value * DAY);
	days = seconds / DAY;
	rest = seconds % DAY;
	if (look.kind == LOOK_DATE && days == 0 && !is_1904)
		return false;
	if (look.kind == LOOK_ELAPSED) {
		sprintf(out, "%02lld:%02lld:%02lld", (long long)(seconds / 3600),
			(long long)(rest / 60 % 60), (long long)(rest % 60));
		return true;
	}
	if (look.kind != LOOK_TIME && (days || is_1904))
		len = put_date(days, is_1904, out);
	if (look.kind != LOOK_DATE)
		sprintf(out + len, "%s%02lld:%02lld:%02lld", len ? " " : "",
			(long long)(rest / 3600), (long long)(rest / 60 % 60),
			(long long)(rest % 60));
	return true;
}

/* "3.302820E+17" → "3.30282E+17" */
static void put_scientific(double value, char *out)
{
	char *point, *tail, *end;

	snprintf(out, CELL_TEXT_MAX, "%.5E", value);
	point = strchr(out, '.');
	tail = strchr(out, 'E');
	if (!point || !tail)
		return;
	for (end = tail; end[-1] == '0';)
		end--;
	if (end[-1] == '.')
		end--;
	memmove(end, tail, strlen(tail) + 1);
}

static void put_fraction(double value, char *out)
{
	int places = 14 - (int)floor(log10(fabs(value)));
	size_t len;

	if (places > 30)
		places = 30;
	len = (size_t)snprintf(out, CELL_TEXT_MAX, "%.*f", places, value);
	while (len && out[len - 1] == '0')
		len--;
	if (len && out[len - 1] == '.')
		len--;
	out[len] = '\0';
}

struct cb_text cell_number(double value, struct look look, bool is_1904, char out[CELL_TEXT_MAX])
{
	if (look.kind != LOOK_PLAIN && look.kind != LOOK_PADDED &&
	    put_moment(value, look, is_1904, out))
		return cb_text_of(out);
	if (fabs(value) >= LOST_DIGITS)
		put_scientific(value, out);
	else if (value == 0)
		snprintf(out, CELL_TEXT_MAX, "%0*d", look.digits ? (int)look.digits : 1, 0);
	else if (value == floor(value))
		snprintf(out, CELL_TEXT_MAX, "%0*.0f", (int)look.digits, value);
	else
		put_fraction(value, out);
	return cb_text_of(out);
}

/* Plain, and no more than 15 digits: it is said as it is written. */
static bool is_simple(struct cb_text written)
{
	size_t at = written.len && written.at[0] == '-', digits = 0, points = 0;

	if (written.len > 17 || at == written.len)
		return false;
	if (written.at[at] == '0' && written.len > at + 1 && written.at[at + 1] != '.')
		return false;
	for (; at < written.len; at++) {
		if (written.at[at] >= '0' && written.at[at] <= '9')
			digits++;
		else if (written.at[at] == '.' && digits && at + 1 < written.len)
			points++;
		else
			return false;
	}
	return digits && digits <= 15 && points <= 1;
}

bool cell_written(struct cb_text written, struct look look, bool is_1904, struct cb_text *text,
		  char out[CELL_TEXT_MAX])
{
	char copy[CELL_TEXT_MAX], *end;
	double value;

	if (look.kind == LOOK_PLAIN && is_simple(written)) {
		*text = written;
		return true;
	}
	if (!written.len || written.len >= sizeof(copy))
		return false;
	memcpy(copy, written.at, written.len);
	copy[written.len] = '\0';
	if (strspn(copy, "+-.0123456789eE") != written.len)
		return false;
	value = strtod(copy, &end);
	if (*end || !isfinite(value))
		return false;
	*text = cell_number(value, look, is_1904, out);
	return true;
}
