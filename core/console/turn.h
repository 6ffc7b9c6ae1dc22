/*
 * turn.h - whose turn is it? For serve.c.
 */
#ifndef CONSOLE_TURN_H
#define CONSOLE_TURN_H

#include "flow/flow.h"
#include "flow/schedule.h"

struct turn {
	const struct site_flow *flow;
	struct schedule_slot slot; /* what it runs for, if it has a timetable */
	int64_t next_ms;           /* of an export without: not before */
	int64_t yielded_ms;        /* it ended its page for others, then; 0: it did not */
	int64_t change;            /* the store's newest change when an export last began */
	int failures;              /* in a row, of an export without timetable */
	bool is_a_persons;         /* the last of them: of an account, and others may go on */
};

struct turns {
	struct store *store;
	struct schedule *schedule;
	struct turn *at; /* by flow of the site */
	size_t count;
};

CB_CHECKED int turns_open(struct turns *turns, const struct site *site, struct store *store,
			  int64_t now, struct cb_error *err);
void turns_close(struct turns *turns);

/* Who is due; CB_END: nobody, and not before @look_ms. */
CB_CHECKED int turns_next(struct turns *turns, int64_t now, struct turn **turn, int64_t *look_ms,
			  struct cb_error *err);
/* How many are due besides @at_work (or NULL). Also within a run. */
int64_t turns_queue(const struct turns *turns, const struct turn *at_work, int64_t now);
/* Somebody else had the site: what failed may go by now, and something may be due. */
void turns_again(struct turns *turns, int64_t now);

CB_CHECKED int turn_begin(struct turns *turns, struct turn *turn, int64_t now,
			  struct cb_error *err);
/* What a run came to. One that was stopped after a page goes on: its slot has not ended. */
CB_CHECKED int turn_end(struct turns *turns, struct turn *turn, const struct flow_report *report,
			int64_t now, struct cb_error *err);

#endif
