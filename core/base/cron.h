/*
 * cron.h - "30 20 * * MON-FRI": when is the next time?
 *
 * Five fields: minute hour day month weekday. In each: * or a list of 5, 1-5,
 * with a step 1-30/5, or a step to the end 5/15 (of the week: Saturday);
 * months and weekdays also by their first three letters; weekday 0 and 7 are
 * Sunday; L in the days is the last day of the month.
 *
 * Day and weekday, both restricted: either will do, as in every crontab since
 * Vixie's. A field that begins with * does not restrict in this sense, so that
 * both must fit where one is * or a step of it; this too is his rule, and it is
 * kept because people test their expressions against crontabs.
 *
 * A sixth field in front are the seconds of Quartz and Spring and has to be 0.
 * ? is * in days and weekdays. Six fields with a ? are Quartz's own form, which
 * demands one, and there numbers of weekdays count from 1 for Sunday; without ?
 * they count as above, as in Spring. Whoever writes MON is understood by all.
 *
 * Where clocks are put forward, what falls into the hour that is skipped comes
 * once, at the jump. Where they are put back, what is bound to hours comes in
 * the first of the two; what comes every hour (the hours begin with *) goes on
 * through both.
 */
#ifndef BASE_CRON_H
#define BASE_CRON_H

#include <casebridge/error.h>

#include "base/zone.h"

struct cron { /* bits that are set */
	uint64_t minutes;
	uint32_t hours, days, months; /* days and months from bit 1 */
	uint8_t weekdays;             /* bit 0: Sunday */
	bool has_last_day, has_all_days, has_all_weekdays, has_all_hours;
};

/*
 * CB_SETUP with the first mistake's sentence, and err->column (1-based, in
 * characters); each of them to @each (may be NULL). A day that never comes, the
 * 30th of February, is one.
 */
typedef void cron_mistake(void *with, const struct cb_error *err);
CB_CHECKED int cron_read(const char *text, struct cron *out, cron_mistake *each, void *with,
			 struct cb_error *err);

/* The first time after @after. */
int64_t cron_next(const struct cron *cron, const struct zone *zone, int64_t after);

#endif
