/*
 * schedule.h - when flows run: each planned run is a row, and no row is lost.
 *
 * A flow's timetable (every, cron, at) gives slots: instants that are the same
 * whoever asks and however often. Of each flow the next slot stands in the
 * store before it is due; so what was missed (the machine was off, the engine
 * busy, the clock moved) is known afterwards, and the flow's rule says what
 * becomes of it:
 *
 *   once  the newest missed slot runs, those before it are "covered" by it
 *   each  every one runs, the oldest first
 *   skip  what is over an hour late, or overtaken by the next, is "missed"
 *
 * Every one keeps its row. A flow never runs beside itself. What was under way
 * when the engine died is closed as "interrupted" and tried again by the rule,
 * at most three times; a run that ended for a passing fault (again, limit,
 * doubt) is tried again with growing pauses until the next slot. Each try is a
 * row of its own.
 *
 * A clock that jumps forwards makes slots late, as if the machine had been off.
 * One that jumps back makes nothing run twice, and takes back what was called
 * missed and has not come yet.
 *
 * Time is an argument. Only the process that has the site's lock uses this; a
 * flow without a timetable is none of its business and has no rows.
 */
#ifndef FLOW_SCHEDULE_H
#define FLOW_SCHEDULE_H

#include "flow/site.h"
#include "store/store.h"

struct schedule;

struct schedule_slot { /* one try of one planned run */
	const struct site_flow *flow;
	int64_t slot_ms; /* when it was planned for */
	int64_t due_ms;  /* when to start it; later than its slot for a further try */
	int64_t number;  /* of the try, from 0 */
};

/*
 * @store is open for writing, outside a transaction; it and @site stay the caller's and outlive
 * this. Closes what a crash left open: at the start of the engine, once.
 */
CB_CHECKED int schedule_open(struct store *store, const struct site *site, int64_t now,
			     struct schedule **out, struct cb_error *err);
void schedule_close(struct schedule *schedule);

/*
 * Bring the rows up to @now and apply the rules. As often as one likes, also while a flow runs;
 * writes only where something came due. One transaction.
 */
CB_CHECKED int schedule_plan(struct schedule *schedule, int64_t now, struct cb_error *err);

/*
 * After schedule_plan: what to start now, the oldest slot first; CB_END: nothing, and
 * @out->due_ms says when to look again, at most a minute ahead, because clocks move.
 */
CB_CHECKED int schedule_next(struct schedule *schedule, int64_t now, struct schedule_slot *out,
			     struct cb_error *err);

/* How many flows have something due that does not run. Asks nothing of the store: also within a
 * run. */
size_t schedule_waiting(const struct schedule *schedule, int64_t now);

/*
 * Another process had the store: the next schedule_plan reads it again. What began goes on; if the
 * store is now one of before that (a backup), there is nothing to end.
 */
void schedule_reread(struct schedule *schedule);

/* How long to wait after the try  (from 0) failed. */
int64_t schedule_pause(int64_t number);

/* Started and ended, one transaction each. @run: the run's row (flow_report), 0 for none. */
CB_CHECKED int schedule_begin(struct schedule *schedule, const struct schedule_slot *slot,
			      int64_t now, struct cb_error *err);
CB_CHECKED int schedule_end(struct schedule *schedule, const struct schedule_slot *slot,
			    enum cb_verdict verdict, const char *say, int64_t run, int64_t now,
			    struct cb_error *err);

#endif
