/*
 * slack.c - by when a delivery must arrive, and what is near or late.
 *
 * A deadline is for the first arrival of a record. What stands there already, a
 * correction or a withdrawal, has none.
 */
#include <stdlib.h>

#include "flow/export.h"

static bool is_awaited(const struct store_delivery *d)
{
	return !d->is_there && !d->is_withdrawal && d->state != DELIVERY_ACCEPTED &&
	       d->state != DELIVERY_WITHDRAWN && d->state != DELIVERY_SUPERSEDED;
}

int flow_due(struct store *store, const struct site_flow *flow, const struct store_delivery *d,
	     int64_t *due_ms, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct row *row;
	int rc;

	*due_ms = NO_DEADLINE;
	if (!flow->deadline || !is_awaited(d))
		return CB_OK;
	rc = store_get(store, flow->entity, d->record, &arena, &row, err);
	if (rc == CB_OK)
		rc = store_join(store, flow->entity, row, &arena, err);
	if (rc == CB_OK)
		(void)deadline_of(flow->deadline, row, due_ms);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
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
};

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
	return CB_OK;
}

int flow_slack(struct store *store, const struct site_flow *flow, int64_t now,
	       struct flow_slack *slack, struct cb_error *err)
{
	struct flow_slack found = { 0 };
	struct counting c = { store, flow, now, &found };
	int rc = CB_OK;

	for (int s = 0; flow->deadline && s < DELIVERY_STATES && rc == CB_OK; s++)
		if (s != DELIVERY_ACCEPTED && s != DELIVERY_WITHDRAWN && s != DELIVERY_SUPERSEDED)
			rc = store_due(store, flow->name, (enum delivery_state)s, NULL, INT64_MAX,
				       0, INT64_MAX, count_one, &c, err);
	*slack = found;
	return rc;
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
