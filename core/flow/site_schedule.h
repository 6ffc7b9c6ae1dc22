/*
 * site_schedule.h - the shapes of `cron` and `deadline`. For site.c.
 */
#ifndef FLOW_SITE_SCHEDULE_H
#define FLOW_SITE_SCHEDULE_H

#include "base/problem.h"
#include "model/model.h"

/* Both add a problem at the character that does not fit. */
void site_check_cron(const struct cb_element *element, const char *cron, struct problems *problems);
/* @entity NULL: unknown, then the field is not looked at. */
void site_check_deadline(const struct cb_element *element, const char *deadline,
			 const struct table *entity, struct arena *arena,
			 struct problems *problems);

#endif
