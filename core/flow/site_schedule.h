/*
 * site_schedule.h - when a flow runs and by when it must be done. For site.c.
 */
#ifndef FLOW_SITE_SCHEDULE_H
#define FLOW_SITE_SCHEDULE_H

#include "flow/site_reading.h"

/* The calendar of workdays, before any flow. */
void site_read_calendar(const struct reading *r, const struct cb_element *root);
/* every, cron, at, catch-up; deadline and warn of an export. Its entity is known, or NULL. */
void site_read_schedule(const struct reading *r, struct site_flow *flow);

#endif
