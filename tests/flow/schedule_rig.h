/*
 * schedule_rig.h - a site of timetables and nothing else, and its store.
 */
#ifndef TESTS_FLOW_SCHEDULE_RIG_H
#define TESTS_FLOW_SCHEDULE_RIG_H

#include "store/rig.h"

#include "base/calendar.h"
#include "flow/schedule.h"

#define CHINA 480

struct schedule_rig {
	struct rig *store_rig;
	struct site site;
	struct arena arena;
	struct workdays *workdays;
	struct schedule *schedule;
	struct cb_error err;
};

static inline int64_t at(const char *text)
{
	int64_t ms = 0;

	if (!calendar_read_iso(cb_text_of(text), CHINA, &ms))
		fail_msg("%s", text);
	return ms;
}

/* "at workday 3 10:00" */
static inline struct timetable *timetable_of(struct schedule_rig *rig, const char *text)
{
	enum timetable_way way = *text == 'e'   ? TIMETABLE_EVERY
				 : *text == 'c' ? TIMETABLE_CRON
						: TIMETABLE_AT;
	struct timetable *t = timetable_read(&rig->arena, way, strchr(text, ' ') + 1, CHINA,
					     rig->workdays, NULL, NULL, &rig->err);

	if (!t)
		fail_msg("%s: %s", text, rig->err.text);
	return t;
}

static inline void rig_flow(struct schedule_rig *rig, const char *timetable, const char *catch_up)
{
	struct site *site = &rig->site;

	if (!site->flows)
		site->flows = arena_zero(&rig->arena, 64 * sizeof(*site->flows));
	assert_true(site->flow_count < 64);
	site->flows[site->flow_count] = (struct site_flow){
		.name = arena_printf(&rig->arena, "flow-%zu", site->flow_count),
		.timetable = timetable_of(rig, timetable),
		.catch_up = catch_up,
	};
	site->flow_count++;
}

static inline void rig_calendar(struct schedule_rig *rig)
{
	struct problems problems = { 0 };

	rig->workdays = workdays_read(&rig->arena, "mappings/calendar/cn.xml", &problems);
	assert_non_null(rig->workdays);
	problems_done(&problems);
}

#define fine(rig, call)                                                                            \
	do {                                                                                       \
		int rc_ = (call);                                                                  \
		if (rc_ != CB_OK)                                                                  \
			fail_msg("%s: %d %s", #call, rc_, (rig)->err.text);                        \
	} while (0)

/* The engine starts; what it was before does not matter. */
static inline void rig_start(struct schedule_rig *rig, int64_t now)
{
	schedule_close(rig->schedule);
	rig->schedule = NULL;
	fine(rig, schedule_open(rig->store_rig->store, &rig->site, now, &rig->schedule, &rig->err));
}

#endif
