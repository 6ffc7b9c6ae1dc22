/*
 * receipts.c - results of earlier writes that came later: a receipt, or a review
 * that turned down what was accepted.
 *
 * Asked for, they are read like a stream, from where the last reading ended; a
 * page is settled and its place moves on in one commit. What is the receipt of
 * nothing that was sent is held, and settled once there is something. In a file or
 * a table they are the records of an import that says whose receipts they are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "flow/inside.h"

struct results { /* of one reading */
	const char *place;
	int64_t held, nameless;
};

static int settle(struct store *store, const struct manifest_stream *stream,
		  const struct store_delivery *d, const struct cb_item *item, struct arena *arena,
		  struct cb_error *err)
{
	const char *receipt = item->receipt.len ? arena_string(arena, item->receipt) : NULL;
	const char *say = item->say.len ? arena_string(arena, item->say) : NULL;
	const char *field = item->field.len ? arena_string(arena, item->field) : NULL;
	bool is_open = d->state == DELIVERY_SENDING || d->state == DELIVERY_IN_DOUBT;

	/*
	 * What is in doubt is settled by asking, where they can be asked: a result may be that of
	 * an older revision. Only where nothing else can prove it, and nothing of it stood there
	 * before, the result is the proof.
	 */
	if (is_open && (stream->can_find || d->is_there))
		return CB_OK;
	if (item->verdict == CB_OK && is_open)
		return store_settle(
			store, d->id,
			&(struct store_outcome){ .state = DELIVERY_ACCEPTED, .receipt = receipt },
			err);
	if (item->verdict == CB_OK)
		return receipt && (!d->receipt || strcmp(receipt, d->receipt) != 0)
			       ? store_receipt(store, d->id, receipt, err)
			       : CB_OK;
	if (item->verdict == CB_REFUSED && is_open)
		return store_settle(store, d->id,
				    &(struct store_outcome){ .state = DELIVERY_REJECTED,
							     .code = "review",
							     .field = field,
							     .say = say },
				    err);
	if (item->verdict == CB_REFUSED)
		return store_turned_down(store, d->id, say, field, err);
	return CB_OK; /* not final yet */
}

/* Whose receipt it is: the asking flow's, else that of another one to the same stream. */
static int find_delivery(struct run *run, struct cb_text key, struct arena *arena,
			 struct store_delivery *d, struct cb_error *err)
{
	const struct site *site = run->engine->site;
	int rc = store_delivery_by_key(run->engine->store, run->flow->name, key, arena, d, err);

	for (size_t i = 0; i < site->flow_count && rc == CB_END; i++) {
		const struct site_flow *f = &site->flows[i];

		if (f->is_export && f != run->flow && f->connection == run->flow->connection &&
		    f->stream == run->flow->stream)
			rc = store_delivery_by_key(run->engine->store, f->name, key, arena, d, err);
	}
	return rc;
}

static const char *say_unmatched(const struct site_flow *of, struct arena *arena)
{
	struct cb_error say;

	cb_error_set(&say, CB_REFUSED,
		     "流程 %s 没有用这个编号报过：核对编号；对方那里确有其件的，先认领（casebridge "
		     "adopt %s），认领后自动继续",
		     "the flow %s sent nothing under this key: check the key; where it does stand "
		     "there, adopt it (casebridge adopt %s), and this goes on by itself",
		     of->name, of->name);
	return arena_string(arena, cb_text_of(say.text));
}

static const char *optional(struct arena *arena, struct cb_text text)
{
	return text.len ? arena_string(arena, text) : NULL;
}

/* The receipt of nothing: kept until there is something. What is not final will be told again. */
static int hold(struct run *run, const struct cb_item *item, struct results *r, struct arena *arena,
		struct cb_error *err)
{
	struct store_held held = {
		.flow = run->flow->name,
		.stream = r->place,
		.key = optional(arena, item->key),
		.code = CODE_UNMATCHED,
		.field = optional(arena, item->field),
		.say = say_unmatched(run->flow, arena),
		.outcome = "held",
		.result = item->verdict == CB_OK ? "accepted" : "rejected",
		.receipt = optional(arena, item->receipt),
		.words = optional(arena, item->say),
	};

	if (item->verdict != CB_OK && item->verdict != CB_REFUSED)
		return CB_OK;
	if (!held.key) {
		r->nameless++;
		return CB_OK;
	}
	r->held++;
	return store_hold(run->engine->store, &held, err);
}

/* What was held of the same key is older than what is told now. */
static int forget_held(struct run *run, struct cb_text key, const struct results *r,
		       struct cb_error *err)
{
	const struct store_origin origin = { .stream = r->place, .key = key };

	return store_held_clear(run->engine->store, &origin, err);
}

static int take(struct run *run, const struct worker_message *m, struct results *r,
		struct cb_error *err)
{
	struct arena arena = { 0 };
	int rc = run_open(run, err);

	for (size_t i = 0; i < m->item_count && rc == CB_OK; i++) {
		const struct cb_item *item = &m->items[i];
		struct store_delivery d;

		rc = find_delivery(run, item->key, &arena, &d, err);
		if (rc == CB_END) {
			rc = hold(run, item, r, &arena, err);
		} else if (rc == CB_OK) {
			rc = forget_held(run, item->key, r, err);
			if (rc == CB_OK)
				rc = settle(run->engine->store, run->flow->stream, &d, item, &arena,
					    err);
		}
		arena_clear(&arena);
	}
	arena_done(&arena);
	return rc;
}

static int session(struct run *run, struct lent *lent, const char *place, struct results *r,
		   struct cb_error *err)
{
	struct worker_services services = lent_services(lent);
	struct store *store = run->engine->store;
	struct worker_message m = { 0 };
	struct worker *worker = NULL;
	struct arena arena = { 0 };
	struct worker_job job;
	int rc;

	job_of_flow(&job, run->engine, run->flow, run->options);
	job.task = WORK_READ;
	job.reads = "receipts";
	job.keeps_raw = false;
	rc = store_cursor(store, place, &arena, &job.cursor, err);
	if (rc == CB_OK)
		rc = worker_start(&job, &services, &worker, err);
	while (rc == CB_OK && (rc = worker_next(worker, &m, err)) == CB_OK &&
	       m.kind != WORKER_DONE) {
		if (m.kind == WORKER_OUTCOMES)
			rc = take(run, &m, r, err);
		if (rc != CB_OK || m.kind != WORKER_PAGE || !m.is_last)
			continue;
		rc = run_open(run, err);
		if (rc == CB_OK && m.cursor)
			rc = store_cursor_set(store, place, m.cursor, err);
		if (rc == CB_OK && !run->options->is_dry)
			rc = run_commit(run, err);
		if (rc == CB_OK)
			rc = run_stops(run) ? worker_finish(worker, err)
					    : worker_commit(worker, err);
	}
	if (rc == CB_OK && m.error.verdict) {
		*err = m.error;
		rc = (int)m.error.verdict;
	}
	run_rollback(run);
	worker_free(worker);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

/* Not more often than the manifest says. */
static int is_time(struct run *run, const char *asked, bool *is_time, struct cb_error *err)
{
	int64_t now = engine_now(run->engine), every = run->flow->stream->receipts_every_ms;
	struct arena arena = { 0 };
	const char *last = NULL;
	char text[24];
	int rc = store_cursor(run->engine->store, asked, &arena, &last, err);

	*is_time = !last || strtoll(last, NULL, 10) + every <= now ||
		   strtoll(last, NULL, 10) > now; /* the clock was set back */
	arena_done(&arena);
	if (rc != CB_OK || !*is_time)
		return rc;
	snprintf(text, sizeof(text), "%" PRId64, now);
	rc = run_open(run, err);
	if (rc == CB_OK)
		rc = store_cursor_set(run->engine->store, asked, text, err);
	return rc == CB_OK && !run->options->is_dry ? run_commit(run, err) : rc;
}

/* The same ones may be told with every reading: only where there are more it is said again. */
static void say_held(const struct run *run, const struct site_account *account,
		     const struct results *r, int64_t more)
{
	if (r->held && more > 0)
		cb_log(CB_WARN,
		       "%s/%s：%lld 条回执的编号不是本流程报的，已挂起（casebridge held %s）",
		       "%s/%s: %lld receipts have keys that this flow did not send; they are held "
		       "(casebridge held %s)",
		       run->flow->name, account->name, (long long)more, run->flow->name);
	if (r->nameless)
		cb_log(CB_WARN, "%s/%s：%lld 条回执没有编号，无从对起",
		       "%s/%s: %lld receipts have no key to find anything by", run->flow->name,
		       account->name, (long long)r->nameless);
}

int receipts_run(struct run *run, struct site_account *account, bool *was_asked,
		 struct cb_error *err)
{
	char *place = stream_of(run, account, "#receipts");
	char *asked = stream_of(run, account, "#receipts-asked");
	struct results r = { .place = place };
	int64_t before = 0, after = 0;
	struct lent lent;
	bool due = false;
	int rc = CB_OK;

	if (run->flow->stream->can_receipts && account_ready(run, account, err) == CB_OK)
		rc = is_time(run, asked, &due, err);
	lent_init(&lent, run->engine, run->flow->connection, account);
	if (rc == CB_OK && due)
		rc = store_held_count(run->engine->store, run->flow->name, &before, err);
	if (rc == CB_OK && due)
		rc = session(run, &lent, place, &r, err);
	if (rc == CB_OK && due)
		rc = store_held_count(run->engine->store, run->flow->name, &after, err);
	*was_asked |= rc == CB_OK && due;
	say_held(run, account, &r, after - before);
	lent_done(&lent);
	free(place);
	free(asked);
	return rc;
}

/* Held receipts, once more. */

struct again {
	struct run *run;
	int64_t count, settled;
};

/* It was told before the newest sending began: of that it says nothing. */
static int is_of_before(struct run *run, const struct store_held *held,
			const struct store_delivery *d, struct arena *arena, bool *is_before,
			struct cb_error *err)
{
	struct store_sent sent = { 0 };
	int rc = d->attempt ? store_attempt_read(run->engine->store, d->attempt, arena, &sent, err)
			    : CB_OK;

	*is_before = rc == CB_OK && sent.begun_ms > held->last_ms;
	return rc == CB_END ? CB_OK : rc;
}

/* What is settled is held no longer; neither is what speaks of a sending that was before. */
static int settle_held(struct run *run, const struct store_held *held, struct store_delivery *d,
		       struct arena *arena, bool *is_settled, struct cb_error *err)
{
	const struct cb_item item = {
		.key = cb_text_of(held->key),
		.verdict = strcmp(held->result, "accepted") == 0 ? CB_OK : CB_REFUSED,
		.receipt = cb_text_of(held->receipt),
		.field = cb_text_of(held->field),
		.say = cb_text_of(held->words),
	};
	struct store *store = run->engine->store;
	bool is_before;
	int rc = is_of_before(run, held, d, arena, &is_before, err);

	if (rc == CB_OK && is_before)
		rc = store_audit(store, "casebridge", "receipt-outdated",
				 arena_printf(arena, "%s %s", d->flow, held->key), held->result,
				 err);
	else if (rc == CB_OK)
		rc = settle(store, run->flow->stream, d, &item, arena, err);
	*is_settled = rc == CB_OK && !is_before;
	return rc == CB_OK ? store_held_drop(store, held->id, err) : rc;
}

static int try_held(void *with, const struct store_held *held, struct cb_error *err)
{
	struct again *a = with;
	struct arena arena = { 0 };
	struct store_delivery d;
	bool is_settled = false;
	int rc;

	if (!held->result)
		return CB_OK;
	a->count++;
	rc = find_delivery(a->run, cb_text_of(held->key), &arena, &d, err);
	if (rc == CB_OK) {
		rc = settle_held(a->run, held, &d, &arena, &is_settled, err);
		a->settled += rc == CB_OK && is_settled;
	}
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

int receipts_again(struct run *run, int64_t *count, int64_t *settled, struct cb_error *err)
{
	struct again a = { .run = run };
	int rc = run_open(run, err);

	if (rc == CB_OK)
		rc = store_held_list(run->engine->store, run->flow->name, CODE_UNMATCHED, NULL,
				     try_held, &a, err);
	if (rc == CB_OK && !run->options->is_dry)
		rc = run_commit(run, err);
	*count = a.count;
	*settled = a.settled;
	return rc;
}

/* Records that are receipts. */

static struct cb_text value_of(const struct table *entity, const struct row *row, const char *name)
{
	const struct field *field = table_field(entity, name);

	return field ? row->values[field - entity->fields] : (struct cb_text){ 0 };
}

int receipt_delivery(struct run *run, const struct row *row, struct arena *arena,
		     struct store_delivery *d, struct worker_finding *missing, struct cb_error *err)
{
	const struct site_flow *of = run->flow->receipts_of;
	int rc = store_delivery_by_key(run->engine->store, of->name,
				       value_of(run->flow->entity, row, "key"), arena, d, err);

	if (rc != CB_END)
		return rc;
	*missing = (struct worker_finding){
		.outcome = OUTCOME_HELD,
		.code = CODE_UNMATCHED,
		.field = "key",
		.say = say_unmatched(of, arena),
	};
	return CB_END;
}

int receipt_take(struct run *run, const struct row *row, const struct store_delivery *d,
		 struct arena *arena, struct cb_error *err)
{
	const struct table *entity = run->flow->entity;
	struct cb_text result = value_of(entity, row, "result");
	struct cb_item item = { .receipt = value_of(entity, row, "receipt"),
				.say = value_of(entity, row, "say"),
				.verdict = CB_DOUBT };

	if (cb_text_is(result, "accepted"))
		item.verdict = CB_OK;
	else if (cb_text_is(result, "rejected"))
		item.verdict = CB_REFUSED;
	return settle(run->engine->store, run->flow->receipts_of->stream, d, &item, arena, err);
}

bool receipt_may_go_on(struct run *run, const struct store_held *held)
{
	struct arena arena = { 0 };
	struct store_delivery d;
	struct cb_error err;
	bool is_known = run->flow->receipts_of && held->code && held->key &&
			strcmp(held->code, CODE_UNMATCHED) == 0 &&
			store_delivery_by_key(run->engine->store, run->flow->receipts_of->name,
					      cb_text_of(held->key), &arena, &d, &err) == CB_OK;

	arena_done(&arena);
	return is_known;
}
