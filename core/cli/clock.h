/*
 * clock.h - times as users write and read them, for the commands about
 * schedules.
 */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

#include "base/zone.h"
#include "cli/call.h"

/* "2026-02-28", "2026-02-28 21:00" on the zone's clocks, or with an offset. */
bool clock_read(const char *text, const struct zone *zone, int64_t *ms);
const char *clock_weekday(int64_t ms, const struct zone *zone);
/* --count, or 5; 0, else the exit code with the sentence said. */
int clock_how_many(struct call *call, int64_t *count);

#endif
