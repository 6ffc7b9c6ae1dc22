/*
 * plan.c - what is wanted at the target, and which account sends it.
 *
 * What changed since the last plan and fits the flow's condition is wanted
 * there; what was wanted and no longer fits is not, and is withdrawn. Of records
 * that are one, one speaks for all. Exactly
 * one account must fit a record.
 */
#include <stdlib.h>

#include "flow/export.h"
#include "store/cluster.h"

#define PLAN_PAGE 2000

void records_add(struct records *records, int64_t record)
{
	memory_grow(&records->at, records->count, &records->room, sizeof(*records->at));
	records->at[records->count++] = record;
}

static int fits_flow(struct exporting *e, const struct row *row, bool *fits, struct cb_error *err)
{
	const struct site_flow *flow = e->run->flow;
	struct arena arena = { 0 };
	struct row *mine;
	int rc = CB_OK;

	/* The row is this call's; it says const for those who only read. */
	memcpy(&mine, &row, sizeof(struct row *));
	if (flow->when)
		rc = store_join(store_of(e), flow->entity, mine, &arena, err);
	*fits = rc == CB_OK && (!flow->when || condition_holds(flow->when, row));
	arena_done(&arena);
	return rc;
}

static int want_or_not(struct exporting *e, int64_t record, int64_t revision, bool is_wanted,
		       struct cb_error *err)
{
	const char *flow = e->run->flow->name;

	return is_wanted ? store_want(store_of(e), flow, record, revision, err)
			 : store_unwant(store_of(e), flow, record, revision, err);
}

/* How well a record speaks for its cluster: one that fits, best one that is there already. */
static int fitness(struct exporting *e, int64_t record, struct arena *arena, int *fitness,
		   struct cb_error *err)
{
	struct store_delivery d;
	struct row *row;
	bool fits = false;
	int rc = store_get(store_of(e), e->run->flow->entity, record, arena, &row, err);

	*fitness = 0;
	if (rc == CB_OK)
		rc = fits_flow(e, row, &fits, err);
	if (rc != CB_OK || !fits)
		return rc;
	*fitness = 1;
	rc = store_delivery_of(store_of(e), e->run->flow->name, record, arena, &d, err);
	/* Not sure that it is not there, is as good as there. */
	if (rc == CB_OK && (d.is_there || d.state == DELIVERY_IN_DOUBT ||
			    d.state == DELIVERY_SENDING || d.state == DELIVERY_CONFLICT))
		*fitness = 2;
	return rc == CB_END ? CB_OK : rc;
}

/* One of a cluster speaks for all: of those as fit, the oldest. */
static int want_one(struct exporting *e, const int64_t *records, size_t count, int64_t revision,
		    struct arena *arena, struct cb_error *err)
{
	size_t speaker = 0;
	int best = 0, rc = CB_OK;

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		int now;

		rc = fitness(e, records[i], arena, &now, err);
		if (now > best) {
			best = now;
			speaker = i;
		}
	}
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		rc = want_or_not(e, records[i], revision, best && i == speaker, err);
	return rc;
}

static int want(void *with, int64_t id, int64_t revision, const struct row *row,
		struct cb_error *err)
{
	struct exporting *e = with;
	struct arena arena = { 0 };
	int64_t *records;
	bool fits;
	size_t count;
	int rc = store_cluster_members(store_of(e), id, &arena, &records, &count, err);

	if (rc == CB_OK && count > 1) {
		rc = want_one(e, records, count, revision, &arena, err);
	} else if (rc == CB_OK) {
		rc = fits_flow(e, row, &fits, err);
		if (rc == CB_OK)
			rc = want_or_not(e, id, revision, fits, err);
	}
	arena_done(&arena);
	return rc;
}

int plan(struct exporting *e, struct cb_error *err)
{
	struct run *run = e->run;
	int64_t after = 0, reached;
	int rc;

	do {
		rc = run_open(run, err);
		if (rc == CB_OK)
			rc = store_plan(store_of(e), run->flow->name, &after, err);
		reached = after;
		if (rc == CB_OK)
			rc = store_changed(store_of(e), run->flow->entity, after, PLAN_PAGE,
					   &reached, want, e, err);
		if (rc == CB_OK && reached != after)
			rc = store_plan_set(store_of(e), run->flow->name, reached, err);
		/* A dry run plans in a transaction that stays open until the end. */
		if (rc == CB_OK && !run->options->is_dry)
			rc = run_commit(run, err);
	} while (rc == CB_OK && reached != after);
	return rc;
}

int hold(struct exporting *e, int64_t delivery, const char *code, const char *field,
	 const char *say, struct cb_error *err)
{
	const struct store_outcome held = {
		.state = DELIVERY_HELD, .code = code, .field = field, .say = say
	};
	int rc = run_open(e->run, err);

	if (rc == CB_OK)
		rc = store_settle(store_of(e), delivery, &held, err);
	return rc == CB_OK && !e->run->options->is_dry ? run_commit(e->run, err) : rc;
}

static int hold_record(struct exporting *e, int64_t record, const char *say, struct cb_error *err)
{
	struct store_delivery d;
	int rc = store_delivery_of(store_of(e), e->run->flow->name, record, &e->arena, &d, err);

	return rc == CB_OK ? hold(e, d.id, "account", NULL, say, err) : rc;
}

/* Which account sends this record? Exactly one must fit. */
static int route_one(struct exporting *e, int64_t record, struct cb_error *err)
{
	struct arena arena = { 0 };
	size_t fits = 0, which = 0;
	struct row *row;
	int rc = store_get(store_of(e), e->run->flow->entity, record, &arena, &row, err);

	if (rc == CB_OK)
		rc = store_join(store_of(e), e->run->flow->entity, row, &arena, err);
	for (size_t i = 0; i < e->lane_count && rc == CB_OK; i++) {
		if (e->lanes[i].fits && !condition_holds(e->lanes[i].fits, row))
			continue;
		fits++;
		which = i;
	}
	arena_done(&arena);
	if (rc != CB_OK)
		return rc;
	if (fits == 1) {
		records_add(&e->lanes[which].due, record);
		return CB_OK;
	}
	return hold_record(
		e, record,
		fits ? cb_say("不止一个账号的 for 条件适合这条记录：请让条件互斥",
			      "the conditions of more than one account fit this record: make them "
			      "exclude each other")
		     : cb_say("没有账号的 for 条件适合这条记录：请补上账号，或更正记录",
			      "no account's condition fits this record: add an account, or correct "
			      "the record"),
		err);
}

static int collect(void *with, const struct store_delivery *d, struct cb_error *err)
{
	(void)err;
	records_add(with, d->record);
	return CB_OK;
}

static int collect_state(struct exporting *e, enum delivery_state state, int64_t now,
			 struct records *records, struct cb_error *err)
{
	return store_due(store_of(e), e->run->flow->name, state, NULL, now, 0, INT64_MAX, collect,
			 records, err);
}

int route(struct exporting *e, struct cb_error *err)
{
	struct records ready = { 0 };
	int rc = run_open(e->run, err);

	if (rc == CB_OK)
		rc = store_wake(store_of(e), e->run->flow->name, err);
	if (rc == CB_OK && !e->run->options->is_dry)
		rc = run_commit(e->run, err);
	if (rc == CB_OK)
		rc = collect_state(e, DELIVERY_WAITING, INT64_MAX, &e->due, err);
	if (rc == CB_OK)
		rc = collect_state(e, DELIVERY_SENDING, INT64_MAX, &e->due, err);
	if (rc == CB_OK)
		rc = collect_state(e, DELIVERY_IN_DOUBT, INT64_MAX, &e->due, err);
	if (rc == CB_OK)
		rc = collect_state(e, DELIVERY_READY, engine_now(e->run->engine), &ready, err);
	if (rc == CB_OK)
		rc = slack_order(e, &ready, err);
	for (size_t i = 0; i < ready.count && rc == CB_OK; i++) {
		records_add(&e->due, ready.at[i]);
		rc = route_one(e, ready.at[i], err);
	}
	free(ready.at);
	e->run->report->counts.due = (int64_t)e->due.count;
	return rc;
}
