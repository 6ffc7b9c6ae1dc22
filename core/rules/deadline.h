/*
 * deadline.h - by when a record must be where it goes.
 *
 *   5 workdays after closed           the day itself does not count
 *   30 days after accepted at 17:30
 *   48 hours after occurred           to the minute, where the field has one
 *   month end after closed            the last day of that month
 *
 * Without "at" a day lasts until its midnight. Warnings are steps before it:
 * "2 workdays, 4 hours".
 */
#ifndef RULES_DEADLINE_H
#define RULES_DEADLINE_H

#include "base/buffer.h"
#include "base/calendar.h"
#include "model/model.h"
#include "rules/workdays.h"

struct deadline;

/*
 * In @arena; NULL with the sentence in @err and the place in err->column (from
 * 1, in characters). @zone: minutes east. @entity NULL: unknown, then the field
 * is not looked at, and nobody has that deadline.
 */
struct deadline *deadline_read(struct arena *arena, const char *text, const struct table *entity,
			       int zone, struct workdays *workdays, struct cb_error *err);
enum { DEADLINE_STEPS = 4 };
CB_CHECKED int deadline_warn(struct deadline *deadline, const char *text, struct cb_error *err);

/* The instant after which it is late; false: the record does not have that date. */
bool deadline_of(const struct deadline *deadline, const struct row *row, int64_t *due_ms);

/* How many of the warning steps have passed: 0 none; deadline_late(): it is late. */
int deadline_stage(const struct deadline *deadline, int64_t due_ms, int64_t now);
int deadline_late(const struct deadline *deadline);
/* The instants from which on each stage holds, the last one being @due_ms; how many. */
size_t deadline_stages(const struct deadline *deadline, int64_t due_ms,
		       int64_t begins[DEADLINE_STEPS + 1]);

/* For people: "2 个工作日", of the warning step that is @stage, from 1. */
void deadline_stage_say(const struct deadline *deadline, int stage, struct buffer *out);
/* "2024-03-30 24:00": the end of a day is not the beginning of the next. */
void deadline_clock(int64_t due_ms, int zone, char out[CALENDAR_TEXT]);

#endif
