/*
 * calendar_pattern.c - dates as others write them.
 *
 * A pattern is a row of parts. Reading fills a struct moment, writing empties
 * one; the whole words (iso, http, excel, epoch) are parts that do more.
 */
#include "base/calendar.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/moment.h"

#define WRITTEN_MAX 63 /* calendar_write's room without the NUL */

enum part_kind {
	LITERAL,
	YEAR4,
	YEAR2,
	MONTH,
	DAY,
	HOUR,
	MINUTE,
	SECOND,
	FRACTION,
	OFFSET,
	ISO,
	HTTP,
	EXCEL,
	EPOCH_MS,
	EPOCH_S,
};

struct part {
	enum part_kind kind;
	bool is_short; /* one or two digits: M, not MM */
	struct cb_text literal;
};

struct calendar_pattern {
	struct part *parts;
	size_t count, room;
	char *text;              /* what the literals point into */
	bool has_date, has_time; /* by letters: year, month and day; an hour */
	bool needs_date;         /* a time of day alone cannot be written */
	struct calendar_pattern *next;
};

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekdays[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */

/* Two digits, or with @is_short one or two. */
static bool take_two(const char **at, const char *end, bool is_short, int *out)
{
	return take2(at, end, out) || (is_short && take1(at, end, out));
}

static bool take_text(const char **at, const char *end, struct cb_text text)
{
	if (text.len == 1) /* nearly always: a call would cost more than the rest */
		return take_char(at, end, *text.at);
	if ((size_t)(end - *at) < text.len || memcmp(*at, text.at, text.len) != 0)
		return false;
	*at += text.len;
	return true;
}

/* Whole numbers of up to 17 digits, which no sum below overflows. */
static bool take_long(const char **at, const char *end, int64_t *out)
{
	bool is_minus = take_char(at, end, '-');
	int64_t value = 0;
	int digits = 0;

	for (; *at < end && is_digit(**at) && digits < 17; ++*at, digits++)
		value = value * 10 + (**at - '0');
	*out = is_minus ? -value : value;
	return digits > 0;
}

static char *put_two(char *p, int value, bool is_short)
{
	if (!is_short || value >= 10)
		return put2(p, value);
	*p++ = (char)('0' + value);
	return p;
}

/* The whole words. */

/* Which three letters of @names are next? From 1; 0 for none. */
static int take_name(const char **at, const char *end, const char *names)
{
	for (int i = 0; end - *at >= 3 && names[i]; i += 3)
		if (memcmp(*at, names + i, 3) == 0) {
			*at += 3;
			return i / 3 + 1;
		}
	return 0;
}

static int weekday(int64_t days) /* of weekdays[], from 1 */
{
	return (int)((days % 7 + 7) % 7) + 1;
}

static bool take_http(const char **at, const char *end, struct moment *m)
{
	int day_name = take_name(at, end, weekdays);

	if (day_name == 0 || !take_text(at, end, CB_TEXT(", ")) || !take2(at, end, &m->day) ||
	    !take_char(at, end, ' ') || (m->month = take_name(at, end, months)) == 0 ||
	    !take_char(at, end, ' ') || !take4(at, end, &m->year) || !take_char(at, end, ' ') ||
	    !moment_take_time(at, end, m) || !take_text(at, end, CB_TEXT(" GMT")))
		return false;
	if (day_name != weekday(calendar_days(m->year, m->month, m->day)))
		m->day = 0; /* it contradicts itself: not a date */
	m->has_date = m->is_instant = true;
	m->offset = 0;
	return true;
}

static char *put_text(char *p, struct cb_text text)
{
	for (size_t i = 0; i < text.len; i++) /* a call would cost more than these few bytes */
		*p++ = text.at[i];
	return p;
}

static char *put_http(char *p, const struct moment *m)
{
	struct moment gmt = moment_at(moment_ms(m), 0);
	int64_t days = calendar_days(gmt.year, gmt.month, gmt.day);

	if (gmt.year < 1 || gmt.year > 9999)
		return NULL;
	gmt.ms = 0;
	p = put_text(p, (struct cb_text){ weekdays + (ptrdiff_t)3 * (weekday(days) - 1), 3 });
	p = put_text(p, CB_TEXT(", "));
	p = put2(p, gmt.day);
	*p++ = ' ';
	p = put_text(p, (struct cb_text){ months + (ptrdiff_t)3 * (gmt.month - 1), 3 });
	*p++ = ' ';
	p = put4(p, gmt.year);
	*p++ = ' ';
	p = moment_put_time(p, &gmt);
	return put_text(p, CB_TEXT(" GMT"));
}

static bool take_epoch(const char **at, const char *end, int unit, struct moment *m)
{
	const int64_t far = 400000 * INT64_C(1000000000); /* beyond the year 9999 */
	int zone = m->offset;
	int64_t value;

	if (!take_long(at, end, &value))
		return false;
	*m = (struct moment){ .has_date = true, .has_time = true };
	if (value > -far / unit && value < far / unit)
		*m = moment_at(value * unit, zone);
	return true;
}

/*
 * Excel counts from 1899-12-30, but it also counts 29 February 1900, which
 * never was: its serial 60 is no date, and those before it are one day later.
 * Serial 0 is a time of day. Eleven digits of the fraction are a microsecond.
 */
static bool take_excel(const char **at, const char *end, struct moment *m)
{
	int64_t serial, fraction = 0, scale = 1;
	int digit, offset = m->offset;

	if (*at < end && **at == '-')
		return false;
	if (!take_long(at, end, &serial))
		return false;
	if (take_char(at, end, '.')) {
		if (!take1(at, end, &digit))
			return false;
		do {
			if (scale < INT64_C(10000000000)) {
				fraction = fraction * 10 + digit;
				scale *= 10;
			}
		} while (take1(at, end, &digit));
		fraction = (fraction * DAY_MS + scale / 2) / scale;
		serial += fraction / DAY_MS;
		fraction %= DAY_MS;
	}
	if (serial > 3000000)
		serial = 60; /* no date either */
	*m = moment_at((serial - 25569 + (serial < 60)) * DAY_MS + fraction, 0);
	if (serial == 60)
		m->day = 0;
	m->has_date = serial != 0;
	m->is_instant = false;
	m->offset = offset;
	return true;
}

static char *put_excel(char *p, const struct moment *m)
{
	int64_t days = m->has_date ? calendar_days(m->year, m->month, m->day) + 25569 : 0;
	int64_t of_day = ((int64_t)(m->hour * 60 + m->minute) * 60 + m->second) * 1000 + m->ms;
	int64_t fraction = (of_day * INT64_C(10000000000) + DAY_MS / 2) / DAY_MS;

	if (m->has_date && days < 61)
		days--;
	if (m->has_date && days < 1)
		return NULL;
	p = moment_put_long(p, days);
	if (fraction == 0)
		return p;
	*p++ = '.';
	for (int64_t unit = INT64_C(1000000000); fraction > 0; unit /= 10) {
		*p++ = (char)('0' + fraction / unit);
		fraction %= unit;
	}
	return p;
}

/* Reading and writing a part. */

static bool take_part(const struct part *part, const char **at, const char *end, struct moment *m)
{
	switch (part->kind) {
	case LITERAL:
		return take_text(at, end, part->literal);
	case YEAR4:
		return take4(at, end, &m->year);
	case YEAR2: /* as POSIX has it */
		if (!take2(at, end, &m->year))
			return false;
		m->year += m->year < 69 ? 2000 : 1900;
		return true;
	case MONTH:
		return take_two(at, end, part->is_short, &m->month);
	case DAY:
		return take_two(at, end, part->is_short, &m->day);
	case HOUR:
		return take_two(at, end, part->is_short, &m->hour);
	case MINUTE:
		return take_two(at, end, part->is_short, &m->minute);
	case SECOND:
		return take_two(at, end, part->is_short, &m->second);
	case FRACTION:
		return take_thousandths(at, end, &m->ms);
	case OFFSET:
		m->is_instant = true;
		return moment_take_offset(at, end, &m->offset);
	case ISO:
		return moment_take_iso(at, end, m);
	case HTTP:
		return take_http(at, end, m);
	case EXCEL:
		return take_excel(at, end, m);
	case EPOCH_MS:
		return take_epoch(at, end, 1, m);
	case EPOCH_S:
		return take_epoch(at, end, 1000, m);
	}
	return false;
}

/* NULL: there is no way to say it. */
static char *put_part(const struct part *part, enum calendar_kind kind, char *p,
		      const struct moment *m)
{
	switch (part->kind) {
	case LITERAL:
		return put_text(p, part->literal);
	case YEAR4:
		return put4(p, m->year);
	case YEAR2:
		return m->year < 1969 || m->year > 2068 ? NULL : put2(p, m->year % 100);
	case MONTH:
		return put_two(p, m->month, part->is_short);
	case DAY:
		return put_two(p, m->day, part->is_short);
	case HOUR:
		return put_two(p, m->hour, part->is_short);
	case MINUTE:
		return put_two(p, m->minute, part->is_short);
	case SECOND:
		return put_two(p, m->second, part->is_short);
	case FRACTION:
		return put_thousandths(p, m->ms);
	case OFFSET:
		return moment_put_offset(p, m->offset);
	case ISO:
		return moment_put_iso(p, m, kind);
	case HTTP:
		return put_http(p, m);
	case EXCEL:
		return put_excel(p, m);
	case EPOCH_MS:
		return moment_put_long(p, moment_ms(m));
	case EPOCH_S:
		return moment_put_long(p, (moment_ms(m) - m->ms) / 1000);
	}
	return NULL;
}

/* Compiling. */

static const struct {
	char letter;
	signed char count;
	enum part_kind kind;
} letters[] = {
	{ 'y', 4, YEAR4 },    { 'y', 2, YEAR2 },  { 'M', 2, MONTH },  { 'M', 1, MONTH },
	{ 'd', 2, DAY },      { 'd', 1, DAY },    { 'H', 2, HOUR },   { 'H', 1, HOUR },
	{ 'm', 2, MINUTE },   { 'm', 1, MINUTE }, { 's', 2, SECOND }, { 's', 1, SECOND },
	{ 'S', 3, FRACTION }, { 'X', 3, OFFSET },
};

static const struct {
	const char *word;
	enum part_kind kind;
} words[] = {
	{ "iso", ISO },           { "http", HTTP },       { "excel", EXCEL },
	{ "epoch-ms", EPOCH_MS }, { "epoch-s", EPOCH_S },
};

static struct part *add_part(struct calendar_pattern *p, enum part_kind kind)
{
	memory_grow(&p->parts, p->count, &p->room, sizeof(*p->parts));
	p->parts[p->count] = (struct part){ .kind = kind };
	return &p->parts[p->count++];
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void add_literal(struct calendar_pattern *p, const char *at, size_t len)
{
	add_part(p, LITERAL)->literal = (struct cb_text){ at, len };
}

/* A run of one letter at @at; 0 if it means nothing. */
static size_t add_letters(struct calendar_pattern *p, const char *at)
{
	size_t run = 1;

	while (at[run] == *at)
		run++;
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (letters[i].letter == *at && (size_t)letters[i].count == run) {
			add_part(p, letters[i].kind)->is_short = run == 1;
			return run;
		}
	if (*at != 'T' || run != 1) /* the T of ISO 8601 needs no quotes: it means nothing else */
		return 0;
	add_literal(p, at, 1);
	return 1;
}

static bool is_number(const struct part *part)
{
	if (part->kind == LITERAL)
		return part->literal.len > 0 && is_digit(*part->literal.at);
	return part->kind != OFFSET;
}

/* The room that writing takes at most. */
static size_t longest(const struct part *part)
{
	switch (part->kind) {
	case LITERAL:
		return part->literal.len;
	case YEAR4:
		return 4;
	case OFFSET:
		return 6;
	case FRACTION:
		return 3;
	case ISO:
	case HTTP:
	case EXCEL:
	case EPOCH_MS:
	case EPOCH_S:
		return CALENDAR_TEXT;
	default:
		return 2;
	}
}

#define DATE_BITS (1U << YEAR4 | 1U << MONTH | 1U << DAY)

static int check_parts(struct calendar_pattern *p, struct cb_error *err)
{
	uint32_t seen = 0;
	size_t room = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct part *part = &p->parts[i];
		uint32_t bit = 1U << (part->kind == YEAR2 ? YEAR4 : part->kind);

		room += longest(part);
		if (part->kind == LITERAL)
			continue;
		if (seen & bit)
			return cb_fail(err, CB_SETUP, "日期格式“%s”把同一项写了两次",
				       "date format '%s' says the same part twice", p->text);
		seen |= bit;
		if (part->is_short && i + 1 < p->count && is_number(part + 1))
			return cb_fail(err, CB_SETUP,
				       "日期格式“%s”里，一位字母后面要有分隔符，否则分不清 1 和 "
				       "12；请写两位，如 MM",
				       "date format '%s': a single letter needs a sign behind it, "
				       "or 1 and 12 look alike; write two, as in MM",
				       p->text);
	}
	p->has_date = (seen & DATE_BITS) == DATE_BITS;
	p->has_time = (seen & 1U << HOUR) != 0;
	p->needs_date = (seen & DATE_BITS) != 0;
	if (seen == 0)
		return cb_fail(err, CB_SETUP, "日期格式“%s”里没有日期或时间，请写如 yyyy-MM-dd",
			       "date format '%s' has no date or time in it; write one such as "
			       "yyyy-MM-dd",
			       p->text);
	if (room > WRITTEN_MAX)
		return cb_fail(err, CB_SETUP, "日期格式“%s”太长", "date format '%s' is too long",
			       p->text);
	return CB_OK;
}

/* Fill @p with the parts of @p->text, one alternative. */
static int parse(struct calendar_pattern *p, struct cb_error *err)
{
	const char *at = p->text, *close;
	size_t len;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(at, words[i].word) == 0) {
			add_part(p, words[i].kind);
			p->needs_date = words[i].kind >= HTTP && words[i].kind != EXCEL;
			return CB_OK;
		}
	for (; *at; at += len) {
		if (*at == '\'') {
			close = strchr(at + 1, '\'');
			if (!close)
				return cb_fail(err, CB_SETUP, "日期格式“%s”里的单引号没有结束",
					       "date format '%s': a quote is not closed", p->text);
			len = (size_t)(close - at) + 1;
			if (len == 2) /* '' is a quote itself */
				add_literal(p, at, 1);
			else
				add_literal(p, at + 1, len - 2);
		} else if (is_letter(*at)) {
			len = add_letters(p, at);
			if (len == 0)
				return cb_fail(
					err, CB_SETUP,
					"日期格式“%s”：不认识从“%s”起的字母；可用 yyyy yy MM M dd "
					"d HH "
					"H mm m ss s SSS XXX，别的字母放在单引号里",
					"date format '%s': no meaning for the letters at '%s'; "
					"there are yyyy yy MM M dd d HH H mm m ss s SSS XXX, "
					"put other letters in single quotes",
					p->text, at);
		} else {
			for (len = 1; at[len] && at[len] != '\'' && !is_letter(at[len]);)
				len++;
			add_literal(p, at, len);
		}
	}
	return check_parts(p, err);
}

/* Where this alternative ends: at a | outside quotes. */
static size_t measure(const char *pattern)
{
	bool is_quoted = false;
	size_t len;

	for (len = 0; pattern[len] && (is_quoted || pattern[len] != '|'); len++)
		is_quoted ^= pattern[len] == '\'';
	return len;
}

struct calendar_pattern *calendar_pattern_new(const char *pattern, struct cb_error *err)
{
	struct calendar_pattern *first = NULL, **end = &first;

	for (const char *at = pattern;; at++) {
		size_t len = measure(at);
		struct calendar_pattern *p = memory_take(sizeof(*p));

		*end = p;
		end = &p->next;
		p->text = memory_take(len + 1);
		memcpy(p->text, at, len);
		if (parse(p, err) != CB_OK) {
			calendar_pattern_free(first);
			return NULL;
		}
		at += len;
		if (*at == '\0')
			return first;
	}
}

void calendar_pattern_free(struct calendar_pattern *p)
{
	while (p) {
		struct calendar_pattern *next = p->next;

		free(p->parts);
		free(p->text);
		free(p);
		p = next;
	}
}

/* @m as the kind asks, at @zone; a wall clock stays what it showed. */
static int settle(struct moment *m, enum calendar_kind kind, int zone)
{
	int rc = moment_check(m);

	if (kind == CALENDAR_TIME ? !m->has_time : !m->has_date)
		return CALENDAR_SHAPE;
	if (rc == CALENDAR_OK && m->is_instant && m->offset != zone) {
		if (!m->has_date)
			m->year = 1970, m->month = m->day = 1;
		*m = moment_at(moment_ms(m), zone);
		rc = m->year >= 1 && m->year <= 9999 ? CALENDAR_OK : CALENDAR_VALUE;
	}
	return rc;
}

static int read_one(const struct calendar_pattern *p, enum calendar_kind kind, int zone,
		    struct cb_text theirs, char out[CALENDAR_TEXT])
{
	struct moment m = { .offset = zone };
	const char *at = theirs.at, *end = theirs.at + theirs.len;
	int rc;

	for (size_t i = 0; i < p->count; i++)
		if (!take_part(&p->parts[i], &at, end, &m))
			return CALENDAR_SHAPE;
	if (at != end)
		return CALENDAR_SHAPE;
	m.has_date |= p->has_date;
	m.has_time |= p->has_time;
	rc = settle(&m, kind, zone);
	if (rc == CALENDAR_OK)
		*moment_put_iso(out, &m, kind) = '\0';
	return rc;
}

int calendar_read(const struct calendar_pattern *p, enum calendar_kind kind, int zone,
		  struct cb_text theirs, char out[CALENDAR_TEXT])
{
	int worst = CALENDAR_SHAPE;

	for (; p; p = p->next) {
		int rc = read_one(p, kind, zone, theirs, out);

		if (rc == CALENDAR_OK)
			return rc;
		if (rc == CALENDAR_VALUE)
			worst = rc;
	}
	*out = '\0';
	return worst;
}

int calendar_write(const struct calendar_pattern *p, enum calendar_kind kind, int zone,
		   struct cb_text canonical, char out[64])
{
	struct moment m;
	int rc = moment_read(kind, canonical, &m);
	char *at = out;

	*out = '\0';
	if (rc != CALENDAR_OK)
		return rc;
	if (kind == CALENDAR_TIME && p->needs_date)
		return CALENDAR_SHAPE;
	if (!m.is_instant)
		m.offset = zone;
	rc = settle(&m, kind, zone);
	for (size_t i = 0; rc == CALENDAR_OK && i < p->count; i++) {
		at = put_part(&p->parts[i], kind, at, &m);
		if (!at)
			rc = CALENDAR_VALUE;
	}
	*(rc == CALENDAR_OK ? at : out) = '\0';
	return rc;
}
