/*
 * slack.c - by when a delivery must arrive, and what is near or late.
 *
 * A deadline is for the first arrival of a record. What stands there already, a
 * correction or a withdrawal, has none.
 */
#include <stdlib.h>

#include "base/say.h"
#include "flow/export.h"

#define RATE_MS (INT64_C(60) * 60 * 1000) /* what counts as the present */

static bool is_awaited(const struct store_delivery *d)
{
	return !d->is_there && !d->is_withdrawal && d->state != DELIVERY_ACCEPTED &&
	       d->state != DELIVERY_WITHDRAWN && d->state != DELIVERY_SUPERSEDED;
}

int flow_deadline(struct store *store, const struct site_flow *flow, int64_t record,
		  int64_t *due_ms, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct row *row;
	int rc;

	*due_ms = NO_DEADLINE;
	if (!flow->deadline)
		return CB_OK;
	rc = store_get(store, flow->entity, record, &arena, &row, err);
	if (rc == CB_OK)
		rc = store_join(store, flow->entity, row, &arena, err);
	if (rc == CB_OK)
		(void)deadline_of(flow->deadline, row, due_ms);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

int flow_due(struct store *store, const struct site_flow *flow, const struct store_delivery *d,
	     int64_t *due_ms, struct cb_error *err)
{
	*due_ms = NO_DEADLINE;
	return is_awaited(d) ? flow_deadline(store, flow, d->record, due_ms, err) : CB_OK;
}

enum urgency flow_urgency(const struct site_flow *flow, int64_t due_ms, int64_t now)
{
	int stage = flow->deadline && due_ms != NO_DEADLINE
			    ? deadline_stage(flow->deadline, due_ms, now)
			    : 0;

	return !stage                                   ? URGENCY_NONE
	       : stage == deadline_late(flow->deadline) ? URGENCY_LATE
							: URGENCY_NEAR;
}

struct counting {
	struct store *store;
	const struct site_flow *flow;
	int64_t now;
	struct flow_slack *slack;
	int64_t *dues; /* of those that go by themselves */
	size_t count, room;
};

/* Rejected, held and in conflict: no run moves it on, whatever its rate. */
static bool is_a_persons(const struct store_delivery *d)
{
	return d->state == DELIVERY_REJECTED || d->state == DELIVERY_HELD ||
	       d->state == DELIVERY_CONFLICT ||
	       (d->state == DELIVERY_WAITING && d->code &&
		(strcmp(d->code, CODE_APPROVAL) == 0 || strcmp(d->code, CODE_LOGIN) == 0));
}

static int count_one(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct counting *c = with;
	int64_t due;
	int rc = flow_due(c->store, c->flow, d, &due, err);

	if (rc != CB_OK || due == NO_DEADLINE)
		return rc;
	c->slack->by[flow_urgency(c->flow, due, c->now)]++;
	c->slack->open++;
	if (c->slack->open == 1 || due < c->slack->first_ms)
		c->slack->first_ms = due;
	if (is_a_persons(d)) {
		c->slack->asked++;
		return CB_OK;
	}
	memory_grow(&c->dues, c->count, &c->room, sizeof(*c->dues));
	c->dues[c->count++] = due;
	return CB_OK;
}

int slack_each(struct store *store, const struct site_flow *flow,
	       int (*each)(void *with, const struct store_delivery *d, struct cb_error *err),
	       void *with, struct cb_error *err)
{
	int rc = CB_OK;

	for (int s = 0; flow->deadline && s < DELIVERY_STATES && rc == CB_OK; s++)
		if (s != DELIVERY_ACCEPTED && s != DELIVERY_WITHDRAWN && s != DELIVERY_SUPERSEDED)
			rc = store_due(store, flow->name, (enum delivery_state)s, NULL, INT64_MAX,
				       0, INT64_MAX, each, with, err);
	return rc;
}

static int by_time(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

/* When the next of them goes: at once, or when its run comes. */
static int64_t begins(const struct counting *c)
{
	int64_t next = c->flow->timetable ? timetable_next(c->flow->timetable, c->now) : c->now;

	return next == INT64_MAX ? c->now : next;
}

/* The queue goes by its dues, one after the other. */
static int forecast(struct counting *c, struct cb_error *err)
{
	struct store_rate rate;
	int64_t first, recent = c->now - RATE_MS;
	int rc = store_rate(c->store, c->flow->name, recent, &rate, err);

	if (rc != CB_OK || !rate.count || !c->count)
		return rc;
	/* A run that is under way goes on; else the next one begins when it is due. */
	rc = store_flow_at_work(c->store, c->flow->name, &first, err);
	first = first ? c->now : begins(c);
	qsort(c->dues, c->count, sizeof(*c->dues), by_time);
	for (size_t i = 0; i < c->count; i++) {
		int64_t ready =
			first + (int64_t)((double)rate.ms / (double)rate.count * (double)(i + 1));

		c->slack->will_be_late += c->dues[i] > c->now && ready > c->dues[i];
		c->slack->ready_ms = ready;
	}
	return rc;
}

int flow_slack(struct store *store, const struct site_flow *flow, int64_t now,
	       struct flow_slack *slack, struct cb_error *err)
{
	struct counting c = { .store = store, .flow = flow, .now = now, .slack = slack };
	int rc;

	*slack = (struct flow_slack){ 0 };
	rc = slack_each(store, flow, count_one, &c, err);
	if (rc == CB_OK)
		rc = forecast(&c, err);
	free(c.dues);
	return rc;
}

void flow_slack_say(const struct flow_slack *slack, int zone, int64_t now, struct buffer *out)
{
	char due[CALENDAR_TEXT], ready[CALENDAR_TEXT], today[CALENDAR_TEXT];
	bool is_today;

	if (!slack->open)
		return;
	deadline_clock(slack->first_ms, zone, due);
	calendar_iso(now, zone, today);
	buffer_say(out, "最早 %s 到期", "the earliest is due %s", due);
	if (slack->ready_ms) {
		calendar_iso(slack->ready_ms, zone, ready);
		is_today = memcmp(ready, today, 10) == 0;
		buffer_say(out, "，照现在的速度 %.*s%s%.5s 报完",
			   ", at the present rate all are there %.*s%s%.5s", is_today ? 0 : 10,
			   ready, is_today ? "" : " ", ready + 11);
	}
	if (slack->will_be_late)
		buffer_say(out, "，其中 %lld 件会迟", ", %lld of them late",
			   (long long)slack->will_be_late);
	if (slack->asked)
		buffer_say(out, "，%lld 件要人先处理", ", %lld need a person first",
			   (long long)slack->asked);
}

/* The queue of a run. */

struct waiting {
	int64_t due, place, record;
};

static int by_due(const void *left, const void *right)
{
	const struct waiting *a = left, *b = right;

	if (a->due != b->due)
		return a->due < b->due ? -1 : 1;
	return a->place < b->place ? -1 : a->place > b->place;
}

int slack_order(struct exporting *e, struct records *records, struct cb_error *err)
{
	const struct site_flow *flow = e->run->flow;
	struct waiting *queue;
	int rc = CB_OK;

	if (!flow->deadline)
		return CB_OK;
	queue = memory_take((records->count + 1) * sizeof(*queue));
	for (size_t i = 0; i < records->count && rc == CB_OK; i++) {
		struct store_delivery d;

		queue[i] = (struct waiting){ .place = (int64_t)i, .record = records->at[i] };
		rc = store_delivery_of(store_of(e), flow->name, records->at[i], &e->batch, &d, err);
		if (rc == CB_OK)
			rc = flow_due(store_of(e), flow, &d, &queue[i].due, err);
		arena_clear(&e->batch);
	}
	if (rc == CB_OK) {
		qsort(queue, records->count, sizeof(*queue), by_due);
		for (size_t i = 0; i < records->count; i++)
			records->at[i] = queue[i].record;
	}
	free(queue);
	return rc;
}

int slack_tell(struct exporting *e, struct cb_error *err)
{
	const struct site_flow *flow = e->run->flow;
	struct flow_slack slack;
	int rc = flow_slack(store_of(e), flow, engine_now(e->run->engine), &slack, err);

	if (rc == CB_OK && slack.by[URGENCY_LATE])
		cb_log(CB_WARN, "%s：%lld 件已过时限而对方还没有收，继续报",
		       "%s: %lld are late and not accepted yet; they go on", flow->name,
		       (long long)slack.by[URGENCY_LATE]);
	return rc;
}
