/*
 * turn.c - flows take turns, the longest overdue first.
 *
 * What has a timetable is due when the schedule says so; an export without one
 * as soon as something of its is, and after a failure when a pause is over. A
 * run that ended its page for others is due again from then on, so that it
 * comes after all that were due before and before all that come later.
 */
#include "console/turn.h"

#include <stdlib.h>

#define LOOK_MOST (INT64_C(60) * 1000)
#define NEVER INT64_MAX

static bool is_untimed(const struct site_flow *flow)
{
	return flow->is_export && !flow->timetable;
}

int turns_open(struct turns *turns, const struct site *site, struct store *store, int64_t now,
	       struct cb_error *err)
{
	*turns = (struct turns){ .store = store, .count = site->flow_count };
	turns->at = memory_take((site->flow_count + 1) * sizeof(*turns->at));
	for (size_t i = 0; i < site->flow_count; i++)
		turns->at[i] = (struct turn){ .flow = &site->flows[i],
					      .next_ms = is_untimed(&site->flows[i]) ? now : NEVER,
					      .change = -1 };
	return schedule_open(store, site, now, &turns->schedule, err);
}

void turns_close(struct turns *turns)
{
	schedule_close(turns->schedule);
	free(turns->at);
	*turns = (struct turns){ 0 };
}

/* An export without a timetable is due with every change, whatever it waits for. One account that
 * waits for a person is no reason to keep what the others can send. */
static void look(const struct turns *turns, struct turn *t, int64_t now)
{
	bool may = !t->failures || t->is_a_persons;

	if (is_untimed(t->flow) && may && !t->yielded_ms && t->next_ms > now &&
	    t->change != store_changes(turns->store))
		t->next_ms = now;
}

/* What it does by itself, and not by the schedule. */
static int64_t due_of(const struct turn *t)
{
	return t->yielded_ms ? t->yielded_ms : t->next_ms;
}

static struct turn *turn_of(const struct turns *turns, const struct site_flow *flow)
{
	for (size_t i = 0; i < turns->count; i++)
		if (turns->at[i].flow == flow)
			return &turns->at[i];
	return NULL;
}

int turns_next(struct turns *turns, int64_t now, struct turn **turn, int64_t *look_ms,
	       struct cb_error *err)
{
	struct turn *first = NULL;
	struct schedule_slot slot = { .due_ms = INT64_MAX };
	int rc = schedule_plan(turns->schedule, now, err);

	*turn = NULL;
	*look_ms = now + LOOK_MOST;
	if (rc == CB_OK)
		rc = schedule_next(turns->schedule, now, &slot, err);
	if (rc != CB_OK && rc != CB_END)
		return rc;
	for (size_t i = 0; i < turns->count; i++) {
		struct turn *t = &turns->at[i];

		look(turns, t, now);
		if (due_of(t) < *look_ms)
			*look_ms = due_of(t);
		if (due_of(t) <= now && (!first || due_of(t) < due_of(first)))
			first = t;
	}
	if (slot.due_ms < *look_ms)
		*look_ms = slot.due_ms;
	if (rc == CB_OK && (!first || slot.due_ms < due_of(first))) {
		first = turn_of(turns, slot.flow);
		first->slot = slot;
	}
	*turn = first;
	return first ? CB_OK : CB_END;
}

int64_t turns_queue(const struct turns *turns, const struct turn *at_work, int64_t now)
{
	int64_t count = (int64_t)schedule_waiting(turns->schedule, now);

	for (size_t i = 0; i < turns->count; i++)
		count += &turns->at[i] != at_work && due_of(&turns->at[i]) <= now;
	return count;
}

void turns_again(struct turns *turns, int64_t now)
{
	schedule_reread(turns->schedule);
	for (size_t i = 0; i < turns->count; i++) {
		struct turn *t = &turns->at[i];

		if (is_untimed(t->flow) && !t->yielded_ms)
			t->next_ms = now;
		t->failures = 0;
	}
}

int turn_begin(struct turns *turns, struct turn *t, int64_t now, struct cb_error *err)
{
	t->change = store_changes(turns->store);
	return t->flow->timetable && !t->yielded_ms
		       ? schedule_begin(turns->schedule, &t->slot, now, err)
		       : CB_OK;
}

int turn_end(struct turns *turns, struct turn *t, const struct flow_report *report, int64_t now,
	     struct cb_error *err)
{
	enum cb_verdict verdict = report->store_failed ? CB_AGAIN : report->verdict;

	if (report->was_stopped && verdict == CB_OK) {
		t->yielded_ms = now;
		return CB_OK;
	}
	t->yielded_ms = 0;
	if (t->flow->timetable)
		return schedule_end(turns->schedule, &t->slot, verdict,
				    verdict ? report->error.text : NULL, report->run, now, err);
	t->failures = verdict == CB_OK ? 0 : t->failures + 1;
	t->is_a_persons = verdict == CB_SETUP || verdict == CB_LOGIN;
	if (t->failures)
		t->next_ms = now + schedule_pause(t->failures - 1);
	else
		t->next_ms = report->next_ms ? report->next_ms : NEVER; /* or a change, sooner */
	return CB_OK;
}
