/*
 * groups.h - held records by cause. For held.c, run.c and status.c.
 */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include "cli/call.h"

struct group {
	const char *flow, *code, *field, *value, *say, *outcome;
	bool is_delivery;    /* of an export; else held or rejected on the way in */
	const char *example; /* a key, or a place */
	int64_t id;          /* of the example */
	int64_t count, first_ms;
};

struct groups { /* all-zero is empty; free with groups_done */
	struct arena *arena;
	const struct site *site; /* whose flows: for the fields' labels */
	struct group *at;
	size_t count, room;
	int64_t records;
};

void groups_add(struct groups *groups, const struct store_held *held);
void groups_add_delivery(struct groups *groups, const struct store_delivery *delivery);
/* The largest first; at most @most of them, 0: all. */
void groups_print(struct call *call, struct groups *groups, size_t most);
void groups_json(struct json *j, struct groups *groups);
void groups_done(struct groups *groups);

#endif
