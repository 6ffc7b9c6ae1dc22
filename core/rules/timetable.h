/*
 * timetable.h - when something is to be done, in one of three ways to say it.
 *
 *   every="10m"                 on a grid that begins at midnight of 1970 here, so that
 *                               it is the same after every restart
 *   cron="30 20 * * MON-FRI"    see base/cron.h
 *   at="09:00,14:30"            every day at these times, or on the days before them:
 *   at="MON-FRI 09:00"          weekdays, a list of MON and MON-FRI
 *   at="day 1,15 09:00"         days of the month; a month without the 31st has none
 *   at="last day 18:00"
 *   at="workday 09:00"          every day that is worked, see workdays.h
 *   at="workday 3 10:00"        the third workday of the month (a list, too)
 *   at="last workday 17:00"
 */
#ifndef RULES_TIMETABLE_H
#define RULES_TIMETABLE_H

#include <casebridge/error.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "rules/workdays.h"

struct timetable;

enum timetable_way { TIMETABLE_EVERY, TIMETABLE_CRON, TIMETABLE_AT };

/*
 * In @arena; NULL with the first mistake in @err (err->column from 1, in
 * characters), and each of them to @each (may be NULL). @zone: minutes east.
 * @workdays may be NULL: then what asks for them is a mistake.
 */
typedef void timetable_mistake(void *with, const struct cb_error *err);
struct timetable *timetable_read(struct arena *arena, enum timetable_way way, const char *text,
				 int zone, struct workdays *workdays, timetable_mistake *each,
				 void *with, struct cb_error *err);

/* The first time after @after; INT64_MAX: none in a hundred years. */
int64_t timetable_next(const struct timetable *timetable, int64_t after);

/* As it was declared: "cron 30 20 * * *". Another text is another timetable. */
const char *timetable_text(const struct timetable *timetable);
/* For people: "每 10 分钟", "每月第 3 个工作日 10:00". */
void timetable_say(const struct timetable *timetable, struct buffer *out);

#endif
