/*
 * warn.c - what comes near its deadline is said: each step before it once, that
 * it is late, and each day that it still is.
 *
 * What was changed since is planned first, so that a flow that runs at night
 * does not hear of the day's records too late. Which steps were said is in the
 * store, written with the notice: a restart repeats none and forgets none.
 */
#include <stdlib.h>

#include "base/moment.h"
#include "base/say.h"
#include "flow/export.h"
#include "flow/notice.h"

struct near {
	int64_t delivery, due;
	int stage;
};

struct looking {
	struct store *store;
	const struct site_flow *flow;
	int64_t now, *look_ms;
	struct near *at;
	size_t count, room;
};

static int look_at(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct looking *l = with;
	int64_t due, begins[DEADLINE_STEPS + 1];
	size_t stages;
	int stage = 0, rc = flow_due(l->store, l->flow, d, &due, err);

	if (rc != CB_OK || due == NO_DEADLINE)
		return rc;
	stages = deadline_stages(l->flow->deadline, due, begins);
	for (size_t i = 0; i < stages; i++) {
		if (begins[i] <= l->now)
			stage = (int)i + 1;
		else if (begins[i] < *l->look_ms)
			*l->look_ms = begins[i];
	}
	if (!stage)
		return CB_OK;
	memory_grow(&l->at, l->count, &l->room, sizeof(*l->at));
	l->at[l->count++] = (struct near){ d->id, due, stage };
	return CB_OK;
}

/* The steps that this one came to; what was passed over in the meantime is not said any more. */
static int warn_one(struct looking *l, const struct near *near, int64_t *fresh,
		    struct cb_error *err)
{
	bool is_new = false;
	int rc = CB_OK;

	for (int stage = 1; stage <= near->stage && rc == CB_OK; stage++)
		rc = store_warn(l->store, near->delivery, stage, near->due, &is_new, err);
	if (rc == CB_OK && is_new)
		fresh[near->stage]++;
	return rc;
}

static void say_late(const struct looking *l, const struct site *site, bool is_still,
		     const struct flow_slack *slack, struct buffer *out)
{
	if (is_still)
		buffer_say(out, "仍有 %lld 件过了时限，对方还没有收，继续报；",
			   "%lld are late still and not accepted; they go on; ",
			   (long long)slack->by[URGENCY_LATE]);
	else
		buffer_say(out, "%lld 件已过时限，对方还没有收，继续报；",
			   "%lld are late and not accepted; they go on; ",
			   (long long)slack->by[URGENCY_LATE]);
	flow_slack_say(slack, site->zone, l->now, out);
}

static int tell_stage(struct looking *l, const struct site *site, int stage, int64_t fresh,
		      const struct flow_slack *slack, struct cb_error *err)
{
	bool is_late = stage == deadline_late(l->flow->deadline);
	struct buffer say = { 0 }, object = { 0 };
	int rc;

	buffer_string(&object, l->flow->name);
	if (is_late) {
		say_late(l, site, false, slack, &say);
	} else {
		buffer_string(&say, cb_say("离时限只有 ", "less than "));
		deadline_stage_say(l->flow->deadline, stage, &say);
		/* Each step by itself: one that was said does not silence the next. */
		buffer_char(&object, ' ');
		deadline_stage_say(l->flow->deadline, stage, &object);
		buffer_say(&say, "，临近的共 %lld 件；", " before the deadline, %lld are near; ",
			   (long long)slack->by[URGENCY_NEAR]);
		flow_slack_say(slack, site->zone, l->now, &say);
	}
	rc = notice_raise(l->store, site, is_late ? NOTICE_LATE : NOTICE_DEADLINE,
			  buffer_cstr(&object), fresh, buffer_cstr(&say), err);
	buffer_done(&object);
	buffer_done(&say);
	return rc;
}

/* When that way hears of it next; @row NULL: it never has. What waits to be said is enough. */
static int64_t still_due(const struct looking *l, const struct site_notice *n,
			 const struct store_notice *row)
{
	int64_t pause = n->again_ms > DAY_MS ? n->again_ms : DAY_MS;

	if (!row || row->said_ms > l->now) /* said in the future: the clock was wrong then */
		return l->now;
	return row->count ? INT64_MAX : row->said_ms + pause;
}

static int tell_still_late_to(struct looking *l, const struct site *site,
			      const struct site_notice *n, const struct flow_slack *slack,
			      struct cb_error *err)
{
	struct store_notice row = { .way = n->name,
				    .kind = notice_word(NOTICE_LATE),
				    .object = l->flow->name,
				    .count = 1 };
	struct arena arena = { 0 };
	struct store_notice *rows;
	const struct store_notice *mine = NULL;
	struct buffer say = { 0 };
	size_t count = 0;
	int64_t due;
	int rc = store_notices(l->store, n->name, &arena, &rows, &count, err);

	for (size_t i = 0; i < count && rc == CB_OK; i++)
		if (strcmp(rows[i].kind, row.kind) == 0 && strcmp(rows[i].object, row.object) == 0)
			mine = &rows[i];
	due = still_due(l, n, mine);
	if (due < *l->look_ms && due > l->now)
		*l->look_ms = due;
	if (rc == CB_OK && due <= l->now) {
		say_late(l, site, true, slack, &say);
		row.say = buffer_cstr(&say);
		rc = store_notice(l->store, &row, err);
	}
	buffer_done(&say);
	arena_done(&arena);
	return rc;
}

static int tell_still_late(struct looking *l, const struct site *site,
			   const struct flow_slack *slack, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < site->notice_count && rc == CB_OK; i++)
		if (slack->by[URGENCY_LATE] && site->notices[i].kinds & 1u << NOTICE_LATE)
			rc = tell_still_late_to(l, site, &site->notices[i], slack, err);
	return rc;
}

static int warn_in(struct looking *l, const struct site *site, struct cb_error *err)
{
	int64_t fresh[DEADLINE_STEPS + 2] = { 0 };
	struct flow_slack slack;
	int rc = CB_OK;

	for (size_t i = 0; i < l->count && rc == CB_OK; i++)
		rc = warn_one(l, &l->at[i], fresh, err);
	if (rc == CB_OK)
		rc = flow_slack(l->store, l->flow, l->now, &slack, err);
	for (int stage = 1; stage < DEADLINE_STEPS + 2 && rc == CB_OK; stage++)
		if (fresh[stage])
			rc = tell_stage(l, site, stage, fresh[stage], &slack, err);
	return rc == CB_OK ? tell_still_late(l, site, &slack, err) : rc;
}

static int plan_ahead(struct engine *engine, struct site_flow *flow, struct cb_error *err)
{
	static const struct flow_options options = { 0 };
	struct flow_report report = { 0 };
	struct run run = { .engine = engine, .flow = flow, .options = &options, .report = &report };
	struct exporting e = { .run = &run };
	int rc = plan(&e, err);

	run_rollback(&run);
	return rc;
}

static int warn(struct engine *engine, struct site_flow *flow, int64_t *look_ms,
		struct cb_error *err)
{
	struct looking l = { .store = engine->store, .flow = flow, .now = engine_now(engine) };
	int rc = plan_ahead(engine, flow, err);

	l.look_ms = look_ms;
	if (rc == CB_OK)
		rc = slack_each(engine->store, flow, look_at, &l, err);
	if (rc == CB_OK && l.count) {
		rc = store_begin(engine->store, l.now, err);
		if (rc == CB_OK)
			rc = warn_in(&l, engine->site, err);
		if (rc == CB_OK)
			rc = store_commit(engine->store, err);
		else
			store_rollback(engine->store);
	}
	free(l.at);
	return rc;
}

int warn_all(struct engine *engine, int64_t *look_ms, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < engine->site->flow_count && rc == CB_OK; i++)
		if (engine->site->flows[i].is_export && engine->site->flows[i].deadline)
			rc = warn(engine, &engine->site->flows[i], look_ms, err);
	return rc;
}
