/*
 * reconcile.c - our book of what a target accepted beside the target's own.
 *
 * Counts first: a window in which both have as many is passed over, one in which
 * they differ is halved, down to what fits on a page; that is listed. What is
 * ours and not in the list is asked for by its key before it is called missing:
 * their clock and ours draw the border of a window in different places.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "flow/inside.h"
#include "record/wire.h"

#define LISTED_AT_ONCE 100      /* a window with no more than this is not halved again */
#define SHORTEST INT64_C(60000) /* nor one that is shorter */
/* What is as new as this is listed and not counted. */
#define RECENT CLOCKS_DIFFER_MS

struct ours { /* one that was accepted, and nothing was sent since */
	int64_t delivery, at_ms;
	struct cb_text key;
	bool is_seen;
};

struct reconciling {
	struct run *run;
	struct site_account *account;
	const struct reconcile_options *options;
	struct flow_reconciled *counts;
	struct arena arena;
	struct ours *at;
	size_t count, room;
	struct names keys;     /* → place in at */
	struct worker *worker; /* that asks */
	struct lent lent;
	struct replay replay; /* that reads our own payloads back in */
	bool has_replay;
};

/* The only account of a connection is called "", which the store keeps as nothing. */
static bool is_this(const struct reconciling *r, const char *account)
{
	return strcmp(account ? account : "", r->account->name) == 0;
}

static int collect(void *with, const struct store_proof *proof, struct cb_error *err)
{
	struct reconciling *r = with;

	(void)err;
	if (!proof->is_newest || proof->is_withdrawal || proof->state != DELIVERY_ACCEPTED ||
	    !is_this(r, proof->account))
		return CB_OK;
	memory_grow(&r->at, r->count, &r->room, sizeof(*r->at));
	r->at[r->count] = (struct ours){ .delivery = proof->delivery,
					 .at_ms = proof->at_ms,
					 .key = arena_copy(&r->arena, cb_text_of(proof->key)) };
	names_set(&r->keys, r->at[r->count].key, (uint32_t)r->count);
	r->count++;
	return CB_OK;
}

static int64_t mine_between(const struct reconciling *r, int64_t from, int64_t to)
{
	int64_t count = 0;

	for (size_t i = 0; i < r->count; i++)
		count += r->at[i].at_ms >= from && r->at[i].at_ms < to;
	return count;
}

/* Found a difference: tell it, and do what was asked for. */
static int found(struct reconciling *r, enum difference what, struct cb_text key,
		 const struct store_delivery *d, const char *fields, struct cb_error *err)
{
	struct run *run = r->run;
	struct store *store = run->engine->store;
	const struct flow_difference difference = {
		.what = what, .account = r->account->name, .key = key, .fields = fields
	};
	int rc = CB_OK;

	r->counts->by[what]++;
	if (r->options->each)
		r->options->each(r->options->with, &difference);
	if (r->options->act != what || !d)
		return CB_OK;
	rc = run_open(run, err);
	if (rc == CB_OK && what == DIFFERENCE_MISSING)
		rc = store_gone(store, d->id, err);
	else if (rc == CB_OK && what == DIFFERENCE_CONTENT)
		rc = store_differs(store, d->id, fields, err);
	else if (rc == CB_OK && what == DIFFERENCE_DOUBT)
		rc = store_ask_now(store, d->id, err);
	if (rc == CB_OK)
		rc = store_audit(store, run->engine->who, "reconcile", run->flow->name,
				 difference_word(what), err);
	if (rc == CB_OK && !run->options->is_dry)
		rc = run_commit(run, err);
	return rc;
}

static void put_name(struct buffer *out, struct cb_text list, struct cb_text name)
{
	struct buffer path = { 0 };

	buffer_printf(&path, "%.*s%s%.*s", CB_TEXT_ARG(list), list.len && name.len ? "/" : "",
		      CB_TEXT_ARG(name));
	name_add(out, buffer_view(&path));
	buffer_done(&path);
}

/* The names of what differs: "kind, item/name". @list: which of the record's lists this is in. */
static void put_differences(const struct row *a, const struct row *b, struct cb_text list,
			    struct buffer *out)
{
	const struct shape *shape = a->shape;

	for (size_t i = 0; i < shape->slot_count; i++)
		if (!cb_text_equal(a->values[i], b->values[i]))
			put_name(out, list, shape->slots[i].path);
	for (size_t i = 0; i < shape->list_count; i++) {
		const struct rows *ours = &a->lists[i], *theirs = &b->lists[i];

		if (ours->count != theirs->count)
			put_name(out, shape->lists[i]->path, (struct cb_text){ 0 });
		for (size_t k = 0; ours->count == theirs->count && k < ours->count; k++)
			put_differences(ours->at[k], theirs->at[k], shape->lists[i]->path, out);
	}
}

/* What we sent, as it comes back in; NULL where it does not. */
static int read_back(struct reconciling *r, struct cb_text payload, struct arena *arena,
		     struct row **row, struct cb_error *err)
{
	struct run *run = r->run;
	struct worker_job job;
	struct worker_message m;
	int rc = CB_OK;

	*row = NULL;
	job_of_replay(&job, run->engine->site, run->flow);
	if (!r->has_replay)
		rc = replay_open(&r->replay, &job, err);
	r->has_replay |= rc == CB_OK;
	job.bytes = payload;
	if (rc == CB_OK)
		rc = replay_begin(&r->replay, &job, err);
	while (rc == CB_OK && (rc = replay_next(&r->replay, &m, err)) == CB_OK) {
		struct cb_text bytes = arena_copy(arena, m.text);
		struct wire wire = { bytes.at, bytes.at + bytes.len, false };

		if (m.kind == WORKER_RECORD && !*row)
			*row = wire_get_row(&wire, arena, run->flow->entity->shape);
	}
	return rc == CB_END ? CB_OK : rc;
}

/* Theirs beside what we sent: the fields that differ, or NULL. */
static int compare(struct reconciling *r, const struct store_delivery *d,
		   const struct listed *listed, struct arena *arena, const char **fields,
		   struct cb_error *err)
{
	struct buffer names = { 0 };
	struct row *sent = NULL;
	int rc;

	*fields = NULL;
	if (!d->payload.len)
		return CB_OK; /* adopted: we never sent it */
	rc = read_back(r, d->payload, arena, &sent, err);
	if (rc != CB_OK || !sent)
		return rc;
	if (!listed->row)
		*fields = cb_say("读不回来", "cannot be read back");
	else if (!row_equal(sent, listed->row))
		put_differences(sent, listed->row, (struct cb_text){ 0 }, &names);
	if (names.len)
		*fields = arena_string(arena, buffer_view(&names));
	buffer_done(&names);
	return CB_OK;
}

static int take_listed(void *with, struct run *run, const struct listed *listed,
		       struct cb_error *err)
{
	struct reconciling *r = with;
	struct arena arena = { 0 };
	struct store_delivery d;
	uint32_t at = names_find(&r->keys, listed->key);
	const char *fields = NULL;
	int rc;

	if (at != NAME_UNKNOWN && r->at[at].is_seen)
		return CB_OK; /* told twice, or two windows met */
	if (at != NAME_UNKNOWN)
		r->at[at].is_seen = true;
	rc = store_delivery_by_key(run->engine->store, run->flow->name, listed->key, &arena, &d,
				   err);
	r->counts->listed += rc == CB_OK || rc == CB_END;
	if (rc == CB_END || (rc == CB_OK && !d.is_there && d.state != DELIVERY_SENDING &&
			     d.state != DELIVERY_IN_DOUBT)) {
		rc = found(r, DIFFERENCE_EXTRA, listed->key, NULL, NULL, err);
	} else if (rc == CB_OK && d.state == DELIVERY_ACCEPTED && d.is_there) {
		rc = compare(r, &d, listed, &arena, &fields, err);
		if (rc == CB_OK && fields)
			rc = found(r, DIFFERENCE_CONTENT, listed->key, &d, fields, err);
		else if (rc == CB_OK)
			r->counts->agree++;
	}
	arena_done(&arena);
	return rc;
}

static int asker(struct reconciling *r, struct cb_error *err)
{
	struct worker_services services = lent_services(&r->lent);
	struct worker_job job;

	if (r->worker)
		return CB_OK;
	job_of_flow(&job, r->run->engine, r->run->flow, r->run->options);
	job.task = WORK_EXPORT;
	return worker_start(&job, &services, &r->worker, err);
}

static int await(struct reconciling *r, enum worker_kind kind, struct worker_message *m,
		 struct cb_error *err)
{
	int rc;

	while ((rc = worker_next(r->worker, m, err)) == CB_OK && m->kind != kind)
		if (m->kind == WORKER_DONE) {
			*err = m->error;
			return m->error.verdict ? (int)m->error.verdict : CB_BROKEN;
		}
	if (rc == CB_OK && m->error.verdict) {
		*err = m->error;
		rc = (int)m->error.verdict;
	}
	return rc;
}

/* A question may fail in passing; a handful of times. */
static int ask(struct reconciling *r,
	       int (*question)(struct reconciling *, void *, struct cb_error *), void *with,
	       struct cb_error *err)
{
	struct patience patience = { 0 };
	int logins = 0;

	for (;;) {
		int rc = asker(r, err);
		int64_t wait;

		if (rc == CB_OK)
			rc = question(r, with, err);
		if (rc == CB_OK)
			return CB_OK;
		worker_free(r->worker);
		r->worker = NULL;
		if (rc == CB_LOGIN && logins < logins_most(r->run->flow->connection->manifest)) {
			logins++;
			net_forget(&r->account->net);
			continue;
		}
		if (rc != CB_AGAIN && rc != CB_LIMIT)
			return rc;
		wait = patience_wait(&patience, r->run->engine, r->run->flow->connection->manifest,
				     err->wait_ms);
		if (wait < 0 || run_stops(r->run))
			return rc;
		engine_wait(r->run->engine, wait);
	}
}

struct counting {
	int64_t from, to, number;
};

static int count_question(struct reconciling *r, void *with, struct cb_error *err)
{
	struct counting *c = with;
	struct worker_message m;
	int rc = worker_count(r->worker, engine_now(r->run->engine), c->from, c->to, err);

	if (rc == CB_OK)
		rc = await(r, WORKER_COUNTED, &m, err);
	if (rc == CB_OK)
		c->number = m.number;
	return rc;
}

static int list_window(struct reconciling *r, int64_t from, int64_t to, struct cb_error *err)
{
	/* Their clock is not ours: a border is looked at from both sides. */
	const int64_t margin = RECENT;

	if (!r->run->flow->stream->can_list)
		return CB_OK; /* each of ours is asked for instead */
	return listing(r->run, r->account, from - margin, to + margin,
		       &(struct listener){ take_listed, r }, err);
}

static int compare_window(struct reconciling *r, int64_t from, int64_t to, struct cb_error *err)
{
	struct counting c = { from, to, 0 };
	int64_t mine = mine_between(r, from, to), middle = from + (to - from) / 2;
	int rc = CB_OK;

	if (run_stops(r->run))
		return CB_OK;
	if (r->run->flow->stream->can_count && !r->options->is_deep) {
		rc = ask(r, count_question, &c, err);
		r->counts->windows++;
		if (rc != CB_OK)
			return rc;
		if (c.number == mine) {
			for (size_t i = 0; i < r->count; i++)
				if (r->at[i].at_ms >= from && r->at[i].at_ms < to &&
				    !r->at[i].is_seen) {
					r->at[i].is_seen = true;
					r->counts->agree++;
				}
			return CB_OK;
		}
		if (c.number > LISTED_AT_ONCE - mine && to - from > SHORTEST) {
			rc = compare_window(r, from, middle, err);
			return rc == CB_OK ? compare_window(r, middle, to, err) : rc;
		}
	}
	return list_window(r, from, to, err);
}

struct finding_one {
	const struct ours *ours;
	const struct store_delivery *delivery;
	bool is_held, is_same;
	const char *fields;
	struct arena *arena;
};

static int find_question(struct reconciling *r, void *with, struct cb_error *err)
{
	struct finding_one *f = with;
	struct buffer fields = { 0 };
	struct worker_message m;
	int rc = worker_find(r->worker, engine_now(r->run->engine), f->ours->key,
			     f->delivery->payload, (struct cb_text){ 0 }, err);

	if (rc == CB_OK)
		rc = await(r, WORKER_FOUND, &m, err);
	if (rc != CB_OK)
		return rc;
	f->is_held = m.found.is_held;
	f->is_same = m.is_same;
	for (size_t i = 0; i < m.finding_count; i++)
		name_add(&fields, cb_text_of(m.findings[i].field ? m.findings[i].field
								 : m.findings[i].code));
	f->fields = arena_string(f->arena, buffer_view(&fields));
	buffer_done(&fields);
	return CB_OK;
}

/* Ours, and in no list: is it there all the same? */
static int look_for(struct reconciling *r, struct ours *ours, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct store_delivery d;
	struct finding_one f = { .ours = ours, .delivery = &d, .arena = &arena };
	int rc = store_delivery_by_key(r->run->engine->store, r->run->flow->name, ours->key, &arena,
				       &d, err);

	if (rc == CB_OK && r->run->flow->stream->can_find)
		rc = ask(r, find_question, &f, err);
	if (rc == CB_OK && !f.is_held)
		rc = found(r, DIFFERENCE_MISSING, ours->key, &d, NULL, err);
	else if (rc == CB_OK && !f.is_same)
		rc = found(r, DIFFERENCE_CONTENT, ours->key, &d, f.fields, err);
	else if (rc == CB_OK)
		r->counts->agree++;
	ours->is_seen = true;
	arena_done(&arena);
	return rc;
}

static int tell_doubt(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct reconciling *r = with;

	if (!is_this(r, d->account))
		return CB_OK;
	return found(r, DIFFERENCE_DOUBT, cb_text_of(d->key ? d->key : ""), d, NULL, err);
}

static int doubts(struct reconciling *r, struct cb_error *err)
{
	static const enum delivery_state states[] = { DELIVERY_SENDING, DELIVERY_IN_DOUBT,
						      DELIVERY_CONFLICT };
	int rc = CB_OK;

	for (size_t i = 0; i < sizeof(states) / sizeof(*states) && rc == CB_OK; i++)
		rc = store_due(r->run->engine->store, r->run->flow->name, states[i], NULL,
			       INT64_MAX, 0, INT64_MAX, tell_doubt, r, err);
	return rc;
}

static int reconcile_account(struct reconciling *r, int64_t from, int64_t to, struct cb_error *err)
{
	struct run *run = r->run;
	int64_t edge = to;
	int rc = store_accepted_between(run->engine->store, run->flow->name, from, to, collect, r,
					err);

	if (edge > engine_now(run->engine) - RECENT)
		edge = engine_now(run->engine) - RECENT;
	lent_init(&r->lent, run->engine, run->flow->connection, r->account);
	if (rc == CB_OK)
		rc = account_ready(run, r->account, err);
	if (rc == CB_OK && edge > from)
		rc = compare_window(r, from, edge, err);
	if (rc == CB_OK && edge < to)
		rc = list_window(r, edge > from ? edge : from, to, err);
	for (size_t i = 0; i < r->count && rc == CB_OK && !run_stops(run); i++)
		if (!r->at[i].is_seen)
			rc = look_for(r, &r->at[i], err);
	if (rc == CB_OK)
		rc = doubts(r, err);
	worker_free(r->worker);
	if (r->has_replay)
		replay_close(&r->replay);
	lent_done(&r->lent);
	names_done(&r->keys);
	free(r->at);
	arena_done(&r->arena);
	return rc;
}

const char *difference_word(enum difference what)
{
	static const char *const words[DIFFERENCES] = { "missing", "extra", "different", "doubt" };

	return what < DIFFERENCES ? words[what] : "";
}

int reconcile_run(struct run *run, int64_t from, int64_t to,
		  const struct reconcile_options *options, struct flow_reconciled *counts,
		  struct cb_error *err)
{
	const struct site_connection *c = run->flow->connection;
	const struct manifest_stream *stream = run->flow->stream;
	int rc = CB_OK;

	if (!stream->can_count && !stream->can_list && !stream->can_find)
		return cb_fail(err, CB_SETUP,
			       "连接器 %s 的数据流 %s 没有 <count>、<list> 或 <find>：无从对账",
			       "connector %s, stream %s has no <count>, <list> or <find>: there is "
			       "nothing to reconcile with",
			       c->manifest->name, stream->name);
	for (size_t i = 0; i < c->account_count && rc == CB_OK && !run_stops(run); i++) {
		struct reconciling r = {
			.run = run, .account = &c->accounts[i], .options = options, .counts = counts
		};

		rc = reconcile_account(&r, from, to, err);
		if (rc != CB_OK)
			cb_error_prefix(err, "账号 %s：", "account %s: ", c->accounts[i].name);
	}
	run_rollback(run);
	return rc;
}
