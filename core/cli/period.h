/*
 * period.h - --from and --to, or a month: on the site's clocks.
 */
#ifndef CLI_PERIOD_H
#define CLI_PERIOD_H

#include "cli/call.h"

struct period {
	int64_t from, to;         /* ms since 1970, [from, to) */
	const char *first, *last; /* the days, for people */
};

/* @days: how many days until now, where nothing is said. 0, or 64 with the sentence said. */
int period_read(struct call *call, const struct site *site, int days, struct period *period);
/* "2026-03"; the last month where @text is NULL. */
int period_month(struct call *call, const struct site *site, const char *text,
		 struct period *period);

#endif
