/*
 * turn.h - whose turn is it? For serve.c.
 */
#ifndef CONSOLE_TURN_H
#define CONSOLE_TURN_H

#include "flow/flow.h"

struct turn {
	const struct site_flow *flow;
	int64_t next_ms;    /* not before */
	int64_t yielded_ms; /* it ended its page for others, then; 0: it did not */
	int64_t change;     /* the store's newest change when an export last began */
	int failures;       /* in a row */
	int zone;           /* of the site */
};

struct turns {
	struct turn *at; /* by flow of the site */
	size_t count;
};

/* What ran when, as the store has it. */
CB_CHECKED int turns_open(struct turns *turns, const struct site *site, struct store *store,
			  int64_t now, struct cb_error *err);
void turns_close(struct turns *turns);

/* Who is due; NULL: nobody, and not before @look_ms. */
struct turn *turns_next(struct turns *turns, const struct store *store, int64_t now,
			int64_t *look_ms);
/* Is anybody else due while @at_work is? */
bool turns_wait(const struct turns *turns, const struct turn *at_work, int64_t now);
/* How many are due. */
int64_t turns_queue(const struct turns *turns, int64_t now);
/*
 * @verdict of a run that began at @begun_ms; @was_stopped: after a page, and it wants to go on;
 * @goes_on_ms: when something of it goes on by itself, 0 nothing does.
 */
/* Somebody was at the site: what failed may go by now, and something may be due. */
void turn_again(struct turn *turn, int64_t now);
void turn_begin(struct turn *turn, const struct store *store);
void turn_end(struct turn *turn, enum cb_verdict verdict, bool was_stopped, int64_t goes_on_ms,
	      int64_t begun_ms, int64_t now);

#endif
