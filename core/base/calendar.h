/*
 * calendar.h - dates and instants as text, by pattern.
 *
 * A business date is three numbers and never passes through a time zone. An
 * instant is milliseconds since 1970 UTC, written as ISO 8601 with an offset.
 * Canonical forms: date 2024-03-18, time 14:30:00, datetime
 * 2024-03-18T14:30:00+08:00 (fraction only if not zero: .120, three digits; UTC
 * is Z). Years go from 0001 to 9999.
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <casebridge/error.h>
#include <casebridge/text.h>

/* Proleptic Gregorian days since 1970-01-01, and back. */
int64_t calendar_days(int year, int month, int day);
void calendar_date(int64_t days, int *year, int *month, int *day);
bool calendar_is_date(int year, int month, int day);

#define CALENDAR_TEXT 40 /* room for every canonical form and its NUL */

/* ISO with @zone minutes east; ms of UTC. */
void calendar_iso(int64_t ms, int zone, char out[CALENDAR_TEXT]);
/* Canonical datetime, or a date alone (midnight at @zone); false if it is neither. */
bool calendar_read_iso(struct cb_text text, int zone, int64_t *ms);

/*
 * A pattern, compiled: yyyy yy MM M dd d HH H mm m ss s SSS, literal
 * characters, 'quoted' literals; also the whole words epoch-ms, epoch-s, http
 * (Mon, 14 Sep 2020 08:00:00 GMT), iso, excel (serial days since 1899-12-30;
 * before March 1900 as Excel counts them, with its 29th of February 1900).
 * A single letter reads one or two digits and writes as few as needed; a sign
 * has to stand behind it. yy is 1969 to 2068. Alternatives stand with |: all
 * are read, the first is written. Reading takes the whole text or nothing.
 * XXX reads and writes an offset (+08:00, Z). Letters that mean nothing are
 * refused with CB_SETUP, save the T of ISO 8601.
 */
struct calendar_pattern;
struct calendar_pattern *calendar_pattern_new(const char *pattern, struct cb_error *err);
void calendar_pattern_free(struct calendar_pattern *p);

enum calendar_kind { CALENDAR_DATE, CALENDAR_TIME, CALENDAR_DATETIME };

/*
 * Theirs to canonical. @zone: minutes east that their clock shows. An instant
 * (a text with an offset, epoch, http) is put on that clock, so that equal
 * instants become equal texts; any other text already is what the clock shows,
 * and nothing shifts it. A date or time is cut out of a longer text; a datetime
 * of which only the date was said begins at midnight. Second 60 becomes second
 * 59 of the same minute.
 * 0: @out is canonical; else @out is empty: CALENDAR_SHAPE (no alternative
 * fits), CALENDAR_VALUE (the 31st of February).
 */
enum { CALENDAR_OK, CALENDAR_SHAPE, CALENDAR_VALUE };
int calendar_read(const struct calendar_pattern *p, enum calendar_kind kind, int zone,
		  struct cb_text theirs, char out[CALENDAR_TEXT]);
/* Canonical to theirs: the first alternative. Same results; CALENDAR_VALUE is also what the
 * pattern cannot say (1949 as yy). */
int calendar_write(const struct calendar_pattern *p, enum calendar_kind kind, int zone,
		   struct cb_text canonical, char out[64]);

/* "+08:00" or "Z" to minutes; false if it is no offset. */
bool calendar_zone(const char *text, int *minutes);

/* Is @text canonical of that kind? */
bool calendar_is_canonical(enum calendar_kind kind, struct cb_text text);

#endif
