/*
 * turn.c - flows take turns. What has a timetable is due when that says so; an
 * export without one is due as soon as something of its is.
 *
 * A run that failed is not due again at once: the pause doubles. A run that
 * ended its page for others comes after all others that are due.
 */
#include "console/turn.h"

#include <stdlib.h>

#include "base/cron.h"

#define PAUSE_FIRST (INT64_C(60) * 1000)
#define PAUSE_MOST (INT64_C(30) * 60 * 1000)
#define LOOK_MOST (INT64_C(60) * 1000)
#define NEVER INT64_MAX

struct opening {
	struct turns *turns;
	int64_t now;
};

/* site.xml was checked, so that its expressions can be read. */
static int64_t cron_time(const struct turn *t, int64_t after)
{
	struct zone zone = zone_fixed(t->zone);
	struct cron cron;
	struct cb_error err;

	return cron_read(t->flow->cron, &cron, NULL, NULL, &err) == CB_OK
		       ? cron_next(&cron, &zone, after)
		       : NEVER;
}

static int take_last(void *with, const struct store_run *run, struct cb_error *err)
{
	struct opening *o = with;

	for (size_t i = 0; i < o->turns->count; i++) {
		struct turn *t = &o->turns->at[i];

		if (t->flow->every_ms && strcmp(t->flow->name, run->flow) == 0)
			t->next_ms = run->begun_ms + t->flow->every_ms;
		/* Missed while nobody was here: once, now. */
		if (t->flow->cron && strcmp(t->flow->name, run->flow) == 0 &&
		    run->begun_ms < o->now)
			t->next_ms = cron_time(t, run->begun_ms);

		/* A clock that was put back: at the latest after one interval. */
		if (t->flow->every_ms && t->next_ms > o->now + t->flow->every_ms)
			t->next_ms = o->now + t->flow->every_ms;
	}
	return CB_OK;
}

static bool is_untimed(const struct site_flow *flow)
{
	return flow->is_export && !flow->every_ms && !flow->cron;
}

int turns_open(struct turns *turns, const struct site *site, struct store *store, int64_t now,
	       struct cb_error *err)
{
	struct opening o = { turns, now };

	turns->count = site->flow_count;
	turns->at = memory_take((site->flow_count + 1) * sizeof(*turns->at));
	for (size_t i = 0; i < site->flow_count; i++) {
		const struct site_flow *flow = &site->flows[i];
		bool is_by_hand = !flow->every_ms && !is_untimed(flow);

		turns->at[i] = (struct turn){ .flow = flow,
					      .next_ms = is_by_hand ? NEVER : now,
					      .change = -1,
					      .zone = site->zone };
		if (flow->cron)
			turns->at[i].next_ms = cron_time(&turns->at[i], now);
	}
	return store_runs(store, INT64_MAX, take_last, &o, err);
}

void turns_close(struct turns *turns)
{
	free(turns->at);
	*turns = (struct turns){ 0 };
}

/* An export without a timetable is due with every change, whatever it waits for. */
static void look(struct turn *t, const struct store *store, int64_t now)
{
	if (is_untimed(t->flow) && !t->failures && !t->yielded_ms &&
	    t->change != store_changes(store))
		t->next_ms = now;
}

/* Who has yielded comes after who has not; then the longest overdue. */
static bool comes_before(const struct turn *a, const struct turn *b)
{
	if (!a->yielded_ms != !b->yielded_ms)
		return !a->yielded_ms;
	if (a->yielded_ms != b->yielded_ms)
		return a->yielded_ms < b->yielded_ms;
	return a->next_ms < b->next_ms;
}

struct turn *turns_next(struct turns *turns, const struct store *store, int64_t now,
			int64_t *look_ms)
{
	struct turn *first = NULL;

	*look_ms = now + LOOK_MOST;
	for (size_t i = 0; i < turns->count; i++) {
		struct turn *t = &turns->at[i];

		look(t, store, now);
		if (t->next_ms > now) {
			*look_ms = t->next_ms < *look_ms ? t->next_ms : *look_ms;
			continue;
		}
		if (!first || comes_before(t, first))
			first = t;
	}
	return first;
}

bool turns_wait(const struct turns *turns, const struct turn *at_work, int64_t now)
{
	for (size_t i = 0; i < turns->count; i++)
		if (&turns->at[i] != at_work && turns->at[i].next_ms <= now)
			return true;
	return false;
}

int64_t turns_queue(const struct turns *turns, int64_t now)
{
	int64_t count = 0;

	for (size_t i = 0; i < turns->count; i++)
		count += turns->at[i].next_ms <= now;
	return count;
}

/* A minute, or what the operator says. */
static int64_t pause_first(void)
{
	const char *text = getenv("CASEBRIDGE_PAUSE_MS");
	int64_t ms = text ? strtoll(text, NULL, 10) : 0;

	return ms > 0 ? ms : PAUSE_FIRST;
}

void turn_begin(struct turn *t, const struct store *store)

{
	t->change = store_changes(store);
}

void turn_end(struct turn *t, enum cb_verdict verdict, bool was_stopped, int64_t goes_on_ms,
	      int64_t begun_ms, int64_t now)
{
	int64_t pause = pause_first();

	if (was_stopped) {
		t->yielded_ms = now;
		t->next_ms = now;
		return;
	}
	t->yielded_ms = 0;
	t->failures = verdict == CB_OK ? 0 : t->failures + 1;
	for (int i = 1; i < t->failures && pause < PAUSE_MOST; i++)
		pause *= 2;
	if (t->failures)
		t->next_ms = now + (pause < PAUSE_MOST ? pause : PAUSE_MOST);
	else if (is_untimed(t->flow))
		t->next_ms = goes_on_ms ? goes_on_ms : NEVER; /* or a change, sooner */
	if (t->flow->every_ms && (!t->failures || t->next_ms > begun_ms + t->flow->every_ms))
		t->next_ms = begun_ms + t->flow->every_ms;
	if (t->flow->cron && (!t->failures || t->next_ms > cron_time(t, begun_ms)))
		t->next_ms = cron_time(t, begun_ms);
	else if (!t->flow->cron && !t->flow->every_ms && !is_untimed(t->flow))
		t->next_ms = NEVER;
}

void turn_again(struct turn *t, int64_t now)
{
	if (t->failures || (is_untimed(t->flow) && !t->yielded_ms))
		t->next_ms = now;
	t->failures = 0;
}
