/*
 * notices.h - how notices stand, for the commands that show it.
 */
#ifndef CLI_NOTICES_H
#define CLI_NOTICES_H

#include "cli/call.h"

struct notices_state { /* by notice of the site */
	struct store_way *ways;
	struct store_notice **rows;
	size_t *counts;
};
CB_CHECKED int notices_take(struct call *call, const struct site *site, struct store *store,
			    struct notices_state *out, struct cb_error *err);
/* A line for each way that does not go. */
void notices_print_ways(struct call *call, const struct site *site, const struct notices_state *s);

#endif
