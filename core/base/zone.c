/*
 * zone.c - ICU's table of the world's clocks, asked for one span at a time.
 */
#include "base/zone.h"

#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "base/calendar.h"

enum { NAME_MAX_LENGTH = 64 };

bool zone_open(const char *name, struct zone *out)
{
	UErrorCode error = U_ZERO_ERROR;
	UChar id[NAME_MAX_LENGTH + 1], canonical[NAME_MAX_LENGTH + 1];
	UBool is_known = false;
	int32_t len = (int32_t)strlen(name);

	*out = (struct zone){ 0 };
	if (calendar_zone(name, &out->minutes))
		return true;
	if (!len || len > NAME_MAX_LENGTH)
		return false;
	for (int32_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	u_charsToUChars(name, id, len + 1);
	ucal_getCanonicalTimeZoneID(id, len, canonical, NAME_MAX_LENGTH, &is_known, &error);
	if (U_FAILURE(error) || !is_known)
		return false;
	out->calendar = ucal_open(id, len, "en", UCAL_GREGORIAN, &error);
	return U_SUCCESS(error);
}

void zone_done(struct zone *zone)
{
	if (zone->calendar)
		ucal_close(zone->calendar);
	*zone = (struct zone){ 0 };
}

static int64_t offset_at(void *calendar, int64_t ms)
{
	UErrorCode error = U_ZERO_ERROR;
	int64_t offset;

	ucal_setMillis(calendar, (double)ms, &error);
	offset = ucal_get(calendar, UCAL_ZONE_OFFSET, &error);
	return offset + ucal_get(calendar, UCAL_DST_OFFSET, &error);
}

/* The calendar stands at an instant. */
static int64_t transition(void *calendar, UTimeZoneTransitionType type, int64_t none)
{
	UErrorCode error = U_ZERO_ERROR;
	UDate at;

	return ucal_getTimeZoneTransitionDate(calendar, type, &at, &error) ? (int64_t)at : none;
}

struct zone_span zone_span(const struct zone *zone, int64_t ms)
{
	struct zone_span span = { .begin = INT64_MIN, .end = INT64_MAX };

	if (!zone->calendar) {
		span.offset = span.before = zone->minutes * INT64_C(60000);
		return span;
	}
	span.offset = span.before = offset_at(zone->calendar, ms);
	span.end = transition(zone->calendar, UCAL_TZ_TRANSITION_NEXT, INT64_MAX);
	span.begin = transition(zone->calendar, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, INT64_MIN);
	if (span.begin != INT64_MIN)
		span.before = offset_at(zone->calendar, span.begin - 1);
	return span;
}

int64_t zone_instant(const struct zone *zone, int64_t local)
{
	/* No clock is a day and a half from UTC. */
	struct zone_span span = zone_span(zone, local - INT64_C(129600000));

	while (span.end != INT64_MAX && local - span.offset >= span.end)
		span = zone_span(zone, span.end);
	return local - span.offset < span.begin ? span.begin : local - span.offset;
}
