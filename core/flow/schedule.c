/*
 * schedule.c - planned runs, from "due then" to "this became of it".
 *
 * What waits is held in memory beside its rows, flow by flow, so that a look
 * that finds nothing due asks the store nothing. Of each flow the slot after
 * now is in the store already; from there on slots are counted.
 */
#include "flow/schedule.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "flow/notice.h"

#define LATE_MS INT64_C(3600000)
#define LOOK_MS INT64_C(60000)
#define FIRST_PAUSE_MS INT64_C(300000)
#define MOST_PAUSE_MS INT64_C(3600000)

enum rule { RULE_ONCE, RULE_EACH, RULE_SKIP };
enum {
	KEPT = 1000, /* slots that are told apart; older ones of a gap share a row */
	TRIES = 3,   /* of what is interrupted */
};

struct waiting { /* a row that has not started, and whose slot has come */
	int64_t slot_ms, due_ms, number;
};

struct ending { /* of what runs, until the store has it */
	bool is_due;
	enum cb_verdict verdict;
	int64_t at_ms, run;
	char say[CB_ERROR_MAX];
};

struct planned { /* one flow */
	const struct site_flow *flow;
	enum rule rule;
	bool is_running, was_running; /* the latter while the store is read again */
	struct store_slot running;
	struct ending ending;
	int64_t next_ms; /* the slot to come; its row is there */
	int64_t newest_started_ms;
	struct waiting *at; /* by slot, ascending */
	size_t count, room;
};

struct schedule {
	struct store *store;
	const struct site *site;
	struct planned *flows;
	size_t count;
	int64_t looked_ms;
	bool is_open;  /* a transaction */
	bool is_stale; /* memory is not what the store has */
	int64_t now;
	struct arena arena; /* of one call */
};

/* The transaction, opened by what first writes. */

static int open_now(struct schedule *s, struct cb_error *err)
{
	int rc = s->is_open ? CB_OK : store_begin(s->store, s->now, err);

	s->is_open = rc == CB_OK;
	return rc;
}

static int close_now(struct schedule *s, int rc, struct cb_error *err)
{
	arena_clear(&s->arena);
	if (!s->is_open)
		return rc;
	s->is_open = false;
	if (rc == CB_OK)
		return store_commit(s->store, err);
	store_rollback(s->store);
	return rc;
}

/* By its rule nobody makes it up: then a person should know. */
static int tell_missed(struct schedule *s, const struct store_slot *slot, struct cb_error *err)
{
	char clock[CALENDAR_TEXT];
	struct cb_error say;

	calendar_iso(slot->slot_ms, s->site->zone, clock);
	cb_error_set(&say, CB_OK, "计划 %.5s %.5s 的没有运行，按 catch-up 也不补",
		     "the run planned for %.5s %.5s did not happen and is not made up", clock + 5,
		     clock + 11);
	return notice_raise(s->store, s->site, NOTICE_MISSED, slot->flow,
			    slot->count ? slot->count : 1, say.text, err);
}

static int put(struct schedule *s, const struct store_slot *slot, struct cb_error *err)
{
	int rc = open_now(s, err);

	if (rc == CB_OK)
		rc = store_slot_put(s->store, slot, err);
	if (rc == CB_OK && slot->result && strcmp(slot->result, "missed") == 0)
		rc = tell_missed(s, slot, err);
	return rc;
}

/* What waits and will not be started. */
static int end_unstarted(struct schedule *s, const struct planned *p, const struct waiting *w,
			 const char *result, struct cb_error *err)
{
	return put(s,
		   &(struct store_slot){ .flow = p->flow->name,
					 .slot_ms = w->slot_ms,
					 .number = w->number,
					 .due_ms = w->due_ms,
					 .ended_ms = s->now,
					 .result = result },
		   err);
}

static int wait_for(struct schedule *s, const struct planned *p, const struct waiting *w,
		    struct cb_error *err)
{
	return put(s,
		   &(struct store_slot){ .flow = p->flow->name,
					 .slot_ms = w->slot_ms,
					 .number = w->number,
					 .due_ms = w->due_ms },
		   err);
}

static void forget(struct planned *p, size_t first, size_t count)
{
	memmove(&p->at[first], &p->at[first + count], (p->count - first - count) * sizeof(*p->at));
	p->count -= count;
}

/* In the order of slots. */
static void remember(struct planned *p, const struct waiting *w)
{
	size_t i;

	memory_grow(&p->at, p->count, &p->room, sizeof(*p->at));
	for (i = p->count++; i > 0 && p->at[i - 1].slot_ms > w->slot_ms; i--)
		p->at[i] = p->at[i - 1];
	p->at[i] = *w;
}

/* The rules. */

static int end_first(struct schedule *s, struct planned *p, size_t count, const char *result,
		     struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < count && rc == CB_OK; i++)
		rc = end_unstarted(s, p, &p->at[i], result, err);
	if (rc == CB_OK && count)
		forget(p, 0, count);
	return rc;
}

static int apply_rule(struct schedule *s, struct planned *p, struct cb_error *err)
{
	size_t count = p->count;
	int rc = CB_OK;

	/* By a clock that was ahead, a slot to come was begun, and is tried again then. */
	while (count && p->at[count - 1].slot_ms > s->now)
		count--;
	if (p->rule == RULE_EACH)
		return end_first(s, p, count > KEPT ? count - KEPT : 0, "missed", err);
	if (count > 1)
		rc = end_first(s, p, count - 1, p->rule == RULE_ONCE ? "covered" : "missed", err);
	if (rc == CB_OK && p->rule == RULE_SKIP && count && !p->at[0].number &&
	    s->now - p->at[0].slot_ms > LATE_MS)
		rc = end_first(s, p, 1, "missed", err);
	return rc;
}

/* Slots that come due. */

/* The first slot after @after that was not started already, by a clock that was ahead. */
static int next_free(struct schedule *s, const struct planned *p, int64_t after, int64_t *next,
		     struct cb_error *err)
{
	struct store_slot *rows;
	size_t count, i = 0;
	int rc = CB_OK;

	*next = timetable_next(p->flow->timetable, after);
	if (*next > p->newest_started_ms)
		return CB_OK;
	rc = store_slots_ahead(s->store, p->flow->name, after, &s->arena, &rows, &count, err);
	while (rc == CB_OK && i < count && rows[i].slot_ms <= *next) {
		if (rows[i].slot_ms == *next && rows[i].started_ms)
			*next = timetable_next(p->flow->timetable, *next);
		else
			i++;
	}
	return rc;
}

static int plan_next(struct schedule *s, struct planned *p, int64_t after, struct cb_error *err)
{
	int rc = next_free(s, p, after, &p->next_ms, err);
	struct waiting w = { p->next_ms, p->next_ms, 0 };

	return rc == CB_OK && p->next_ms != INT64_MAX ? wait_for(s, p, &w, err) : rc;
}

/* More slots than anybody wants to see one by one: the oldest share the row of their last. */
static int fold(struct schedule *s, const struct planned *p, int64_t first, int64_t last,
		int64_t count, struct cb_error *err)
{
	return put(s,
		   &(struct store_slot){ .flow = p->flow->name,
					 .slot_ms = last,
					 .number = -1, /* no try: one may stand there */
					 .due_ms = last,
					 .ended_ms = s->now,
					 .result = p->rule == RULE_ONCE ? "covered" : "missed",
					 .count = count,
					 .since_ms = first },
		   err);
}

/* How many from p->next_ms to now; and the last of those that are more than KEPT. */
static int64_t count_due(const struct schedule *s, const struct planned *p, int64_t *folded)
{
	int64_t ring[KEPT + 1], count = 0;

	for (int64_t at = p->next_ms; at <= s->now; at = timetable_next(p->flow->timetable, at))
		ring[count++ % (KEPT + 1)] = at;
	*folded = count > KEPT ? ring[(count - KEPT - 1) % (KEPT + 1)] : 0;
	return count;
}

/* The planned slot has come, and perhaps more behind it. */
static int come_due(struct schedule *s, struct planned *p, struct cb_error *err)
{
	int64_t first = p->next_ms, folded, at, count = count_due(s, p, &folded);
	int rc = CB_OK;

	if (count > KEPT) {
		rc = open_now(s, err);
		if (rc == CB_OK)
			rc = store_slot_drop(s->store, p->flow->name, p->next_ms, 0, err);
		if (rc == CB_OK)
			rc = fold(s, p, p->next_ms, folded, count - KEPT, err);
		if (rc == CB_OK)
			rc = next_free(s, p, folded, &first, err);
	}
	for (at = first; rc == CB_OK && at <= s->now;) {
		struct waiting w = { at, at, 0 };

		remember(p, &w);
		rc = wait_for(s, p, &w, err);
		if (rc == CB_OK)
			rc = next_free(s, p, at, &at, err);
	}
	return rc == CB_OK ? plan_next(s, p, s->now, err) : rc;
}

/*
 * Plan anew behind @after, or behind what was called missed before it came:
 * what stands ahead of the clock and was never started is taken back.
 */
static int plan_again(struct schedule *s, struct planned *p, int64_t after, struct cb_error *err)
{
	int64_t from = after < s->now ? after : s->now;
	struct store_slot *rows;
	size_t count;
	int rc = store_slots_ahead(s->store, p->flow->name, from, &s->arena, &rows, &count, err);

	for (size_t i = 0; rc == CB_OK && i < count; i++) {
		if (rows[i].started_ms && rows[i].slot_ms > p->newest_started_ms)
			p->newest_started_ms = rows[i].slot_ms;
		if (rows[i].started_ms || rows[i].number > 0 || rows[i].slot_ms <= s->now)
			continue;
		if (rows[i].since_ms <= after)
			after = rows[i].since_ms - 1;
		rc = open_now(s, err);
		if (rc == CB_OK)
			rc = store_slot_drop(s->store, rows[i].flow, rows[i].slot_ms,
					     rows[i].number, err);
	}
	for (size_t i = p->count; i-- > 0;)
		if (p->at[i].slot_ms > s->now && !p->at[i].number)
			forget(p, i, 1);
	return rc == CB_OK ? plan_next(s, p, after, err) : rc;
}

/* What the store has. */

static int try_again(struct schedule *s, struct planned *p, const struct waiting *w,
		     struct cb_error *err)
{
	remember(p, w);
	return wait_for(s, p, w, err);
}

/* It was under way when the engine died. */
static int interrupted(struct schedule *s, struct planned *p, const struct store_slot *row,
		       struct cb_error *err)
{
	struct waiting again = { row->slot_ms, s->now, row->number + 1 };
	struct store_slot ended = *row;
	int64_t count = 0;
	int rc;

	ended.ended_ms = s->now;
	ended.result = "interrupted";
	rc = put(s, &ended, err);
	if (rc != CB_OK || !p || p->rule == RULE_SKIP)
		return rc;
	rc = store_slot_interruptions(s->store, row->flow, row->slot_ms, &count, err);
	return rc == CB_OK && count < TRIES ? try_again(s, p, &again, err) : rc;
}

static bool is_the_running(const struct planned *p, const struct store_slot *row)
{
	return p->was_running && p->running.slot_ms == row->slot_ms &&
	       p->running.number == row->number && p->running.started_ms == row->started_ms;
}

/* What is under way and not by us was so when an engine died, or when a backup was made. */
static int take_row(struct schedule *s, struct planned *p, const struct store_slot *row,
		    struct cb_error *err)
{
	struct waiting w = { row->slot_ms, row->due_ms, row->number };

	if (row->started_ms && !is_the_running(p, row))
		return interrupted(s, p, row, err);
	if (row->started_ms)
		p->is_running = true;
	else if (row->slot_ms <= s->now || row->number)
		remember(p, &w);
	return CB_OK;
}

/* A flow that the site has no more, or has without a timetable. */
static int drop_row(struct schedule *s, const struct store_slot *row, struct cb_error *err)
{
	struct store_slot ended = *row;

	if (row->started_ms)
		return interrupted(s, NULL, row, err);
	ended.ended_ms = s->now;
	ended.result = "dropped";
	return put(s, &ended, err);
}

static struct planned *planned_of(struct schedule *s, const char *flow)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->flows[i].flow->name, flow) == 0)
			return &s->flows[i];
	return NULL;
}

/* From where on slots are counted: the last that waits, else now. */
static int plan_flow(struct schedule *s, struct planned *p, int64_t last_waiting,
		     struct cb_error *err)
{
	const char *now = timetable_text(p->flow->timetable), *then = NULL;
	int rc = store_timetable(s->store, p->flow->name, &s->arena, &then, err);
	bool is_same = then && strcmp(then, now) == 0;

	if (rc == CB_OK && !is_same)
		rc = open_now(s, err);
	if (rc == CB_OK && !is_same)
		rc = store_timetable_set(s->store, p->flow->name, now, err);
	return rc == CB_OK ? plan_again(s, p, is_same ? last_waiting : s->now, err) : rc;
}

/*
 * The rows that have not ended. Of a flow's there is always one that was ahead
 * when it was written; where its time has come since, counting begins there.
 */
static int load(struct schedule *s, struct cb_error *err)
{
	struct store_slot *rows;
	size_t count;
	int rc = store_slots_open(s->store, &s->arena, &rows, &count, err);

	for (size_t i = 0; i < s->count; i++) {
		s->flows[i].count = 0;
		s->flows[i].was_running = s->flows[i].is_running;
		s->flows[i].is_running = false;
		s->flows[i].newest_started_ms = INT64_MIN;
	}
	for (size_t i = 0; rc == CB_OK && i < count; i++) {
		struct planned *p = planned_of(s, rows[i].flow);

		rc = p ? take_row(s, p, &rows[i], err) : drop_row(s, &rows[i], err);
	}
	for (size_t i = 0; rc == CB_OK && i < s->count; i++) {
		struct planned *p = &s->flows[i];
		int64_t last = s->now;
		bool has_ahead = false;

		for (size_t k = 0; k < count; k++)
			has_ahead |= rows[k].slot_ms > s->now && !rows[k].started_ms &&
				     !rows[k].number && strcmp(rows[k].flow, p->flow->name) == 0;
		for (size_t k = 0; k < p->count && !has_ahead; k++)
			if (p->at[k].slot_ms <= s->now)
				last = p->at[k].slot_ms;
		rc = plan_flow(s, p, last, err);
	}
	return rc;
}

/* The calls. */

static enum rule rule_of(const struct site_flow *flow)
{
	const char *word = flow->catch_up ? flow->catch_up : "once";

	return strcmp(word, "each") == 0   ? RULE_EACH
	       : strcmp(word, "skip") == 0 ? RULE_SKIP
					   : RULE_ONCE;
}

int schedule_open(struct store *store, const struct site *site, int64_t now, struct schedule **out,
		  struct cb_error *err)
{
	struct schedule *s = memory_take(sizeof(*s));
	int rc;

	s->store = store;
	s->site = site;
	s->now = s->looked_ms = now;
	s->flows = memory_take((site->flow_count + 1) * sizeof(*s->flows));
	for (size_t i = 0; i < site->flow_count; i++)
		if (site->flows[i].timetable)
			s->flows[s->count++] = (struct planned){ .flow = &site->flows[i],
								 .rule = rule_of(&site->flows[i]) };
	rc = close_now(s, load(s, err), err);
	if (rc == CB_OK)
		*out = s;
	else
		schedule_close(s);
	return rc;
}

void schedule_close(struct schedule *schedule)
{
	if (!schedule)
		return;
	for (size_t i = 0; i < schedule->count; i++)
		free(schedule->flows[i].at);
	free(schedule->flows);
	arena_done(&schedule->arena);
	free(schedule);
}

/* The store refused: what is in memory may be ahead of it, and is read again at the next look. */
static int finish(struct schedule *s, int rc, struct cb_error *err)
{
	rc = close_now(s, rc, err);
	s->is_stale |= rc != CB_OK;
	return rc;
}

int schedule_next(struct schedule *schedule, int64_t now, struct schedule_slot *out,
		  struct cb_error *err)
{
	int64_t look = now + LOOK_MS;

	(void)err;
	*out = (struct schedule_slot){ .slot_ms = INT64_MAX };
	for (size_t i = 0; i < schedule->count; i++) {
		const struct planned *p = &schedule->flows[i];
		const struct waiting *w = p->at, *end = p->at + p->count;

		if (p->next_ms < look)
			look = p->next_ms;
		if (p->is_running)
			continue;
		/* Of one flow, the oldest slot whose time has come. */
		for (; w < end && w->due_ms > now; w++)
			if (w->due_ms < look)
				look = w->due_ms;
		if (w < end && w->slot_ms < out->slot_ms)
			*out = (struct schedule_slot){ p->flow, w->slot_ms, w->due_ms, w->number };
	}
	if (out->flow)
		return CB_OK;
	out->due_ms = look;
	return CB_END;
}

void schedule_reread(struct schedule *schedule)
{
	schedule->is_stale = true;
}

size_t schedule_waiting(const struct schedule *schedule, int64_t now)
{
	size_t count = 0;

	for (size_t i = 0; i < schedule->count; i++) {
		const struct planned *p = &schedule->flows[i];
		bool is_due = p->next_ms <= now;

		for (size_t k = 0; k < p->count && !is_due; k++)
			is_due = p->at[k].due_ms <= now;
		count += is_due && !p->is_running;
	}
	return count;
}

int schedule_begin(struct schedule *schedule, const struct schedule_slot *slot, int64_t now,
		   struct cb_error *err)
{
	struct planned *p = planned_of(schedule, slot->flow->name);
	size_t i = 0;
	int rc;

	assert(p && !p->is_running);
	while (i < p->count &&
	       (p->at[i].slot_ms != slot->slot_ms || p->at[i].number != slot->number))
		i++;
	assert(i < p->count); /* it came from schedule_next, and nobody planned since */
	schedule->now = now;
	p->running = (struct store_slot){ .flow = p->flow->name,
					  .slot_ms = slot->slot_ms,
					  .number = slot->number,
					  .due_ms = slot->due_ms,
					  .started_ms = now };
	rc = finish(schedule, put(schedule, &p->running, err), err);
	if (rc != CB_OK)
		return rc;
	forget(p, i, 1);
	p->is_running = true;
	p->ending.is_due = false;
	if (slot->slot_ms > p->newest_started_ms)
		p->newest_started_ms = slot->slot_ms;
	return CB_OK;
}

/* Five minutes, or what the operator says, and twice as long each time, up to an hour. */
int64_t schedule_pause(int64_t number)
{
	const char *text = getenv("CASEBRIDGE_PAUSE_MS");
	int64_t first = text ? strtoll(text, NULL, 10) : 0, pause;

	if (first <= 0 || first > MOST_PAUSE_MS)
		first = FIRST_PAUSE_MS;
	pause = first << (number < 4 ? number : 4);
	return pause < MOST_PAUSE_MS ? pause : MOST_PAUSE_MS;
}

static bool is_passing(enum cb_verdict verdict)
{
	return verdict == CB_AGAIN || verdict == CB_LIMIT || verdict == CB_DOUBT;
}

static int write_ending(struct schedule *s, struct planned *p, struct cb_error *err)
{
	const struct ending *e = &p->ending;
	int64_t number = p->running.number;
	struct waiting again = { p->running.slot_ms, e->at_ms + schedule_pause(number),
				 number + 1 };
	struct store_slot ended = p->running;
	int rc;

	ended.ended_ms = e->at_ms;
	ended.result = cb_verdict_word(e->verdict);
	ended.say = *e->say ? e->say : NULL;
	ended.run = e->run;
	rc = put(s, &ended, err);
	if (rc == CB_OK && is_passing(e->verdict) && again.due_ms < p->next_ms)
		rc = try_again(s, p, &again, err);
	rc = finish(s, rc, err);
	if (rc == CB_OK)
		p->ending.is_due = p->is_running = false;
	return rc;
}

int schedule_end(struct schedule *schedule, const struct schedule_slot *slot,
		 enum cb_verdict verdict, const char *say, int64_t run, int64_t now,
		 struct cb_error *err)
{
	struct planned *p = planned_of(schedule, slot->flow->name);

	assert(p);
	if (!p->is_running)
		return CB_OK; /* the store is one of before it began */
	schedule->now = now;
	p->ending = (struct ending){ .is_due = true, .verdict = verdict, .at_ms = now, .run = run };
	if (say)
		snprintf(p->ending.say, sizeof(p->ending.say), "%s", say);
	return write_ending(schedule, p, err);
}

int schedule_plan(struct schedule *schedule, int64_t now, struct cb_error *err)
{
	bool went_back = now < schedule->looked_ms;
	int rc = CB_OK;

	schedule->now = schedule->looked_ms = now;
	if (schedule->is_stale) {
		schedule->is_stale = false;
		rc = finish(schedule, load(schedule, err), err);
	}
	for (size_t i = 0; rc == CB_OK && i < schedule->count; i++)
		if (schedule->flows[i].is_running && schedule->flows[i].ending.is_due)
			rc = write_ending(schedule, &schedule->flows[i], err);
	for (size_t i = 0; rc == CB_OK && i < schedule->count; i++) {
		struct planned *p = &schedule->flows[i];

		if (went_back)
			rc = plan_again(schedule, p, now, err);
		if (rc == CB_OK && p->next_ms <= now)
			rc = come_due(schedule, p, err);
		if (rc == CB_OK && p->count)
			rc = apply_rule(schedule, p, err);
	}
	return finish(schedule, rc, err);
}
