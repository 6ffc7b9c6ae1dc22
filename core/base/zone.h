/*
 * zone.h - what clocks show: an offset that stays, or a place whose clocks are
 * put forward and back.
 *
 * For what people plan by the clock, never for dates of business.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct zone {
	int minutes;    /* east, where it stays */
	void *calendar; /* NULL: it stays */
};

/* "+08:00", "Z", "Asia/Shanghai"; false: nobody knows it. */
bool zone_open(const char *name, struct zone *out);
void zone_done(struct zone *zone);
static inline struct zone zone_fixed(int minutes)
{
	return (struct zone){ .minutes = minutes };
}

/* The span around an instant in which the clocks are not touched. */
struct zone_span {
	int64_t begin, end;     /* ms, end excluded; INT64_MIN, INT64_MAX: for ever */
	int64_t offset, before; /* ms east: now, and until begin */
};
struct zone_span zone_span(const struct zone *zone, int64_t ms);

/* The instant at which clocks show @local (ms as if they were UTC); the first of two; where they
 * skip it, the instant of the jump. */
int64_t zone_instant(const struct zone *zone, int64_t local);

#endif
