/*
 * batch.c - records become a batch, and the batch goes out.
 *
 * A batch is on disk as SENDING, with its frozen bytes and its once-key, before
 * the first byte leaves. Whatever is not surely unsent afterwards is in doubt.
 */
#include <stdio.h>

#include <casebridge/digest.h>

#include "flow/export.h"

#define OFFERED_WITHDRAWAL "withdrawal" /* what a leader consents to in place of a content */
#define TRIES_MOST 8                    /* of one record, while others of its account arrive */

int batch_worker(struct exporting *e, struct cb_error *err)
{
	struct run *run = e->run;
	struct worker_services services;
	struct worker_job job;

	if (e->worker)
		return CB_OK;
	services = lent_services(&e->lent);
	job_of_flow(&job, run->engine, run->flow, run->options);
	job.task = WORK_EXPORT;
	return worker_start(&job, &services, &e->worker, err);
}

void batch_new_once(const struct engine *engine, char once[33])
{
	unsigned char bytes[16];

	engine_random(engine, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(once + 2 * i, 3, "%02x", bytes[i]);
}

/* It is gone or unwell: the next one starts afresh. */
void batch_worker_stop(struct exporting *e)
{
	worker_free(e->worker);
	e->worker = NULL;
}

int batch_await(struct exporting *e, enum worker_kind kind, struct worker_message *m,
		struct cb_error *err)
{
	int rc;

	while ((rc = worker_next(e->worker, m, err)) == CB_OK) {
		if (m->kind == kind)
			return CB_OK;
		if (m->kind == WORKER_DONE) {
			*err = m->error;
			return m->error.verdict ? (int)m->error.verdict : CB_BROKEN;
		}
	}
	return rc;
}

static const char *string_or_null(struct arena *arena, struct cb_text text)
{
	return text.len ? arena_string(arena, text) : NULL;
}

/* One record that surely did not arrive, again and again, while others of its account did. */
static bool gives_up(const struct lane *lane, const struct store_member *m, int64_t now)
{
	return m->tries > TRIES_MOST && m->tried_ms &&
	       now - m->tried_ms > lane->pace.manifest->retry_give_up_ms &&
	       lane->pace.now.succeeded_ms > m->tried_ms;
}

static struct store_outcome outcome_of(struct exporting *e, const struct lane *lane,
				       const struct store_member *m, const struct cb_item *item,
				       const struct store_sent *sent, bool was_sent,
				       struct tally *tally)
{
	struct store_outcome o = {
		.state = DELIVERY_IN_DOUBT,
		.receipt = string_or_null(&e->batch, item->receipt),
		.code = item->verdict == CB_OK ? NULL : cb_verdict_word(item->verdict),
		.field = string_or_null(&e->batch, item->field),
		.say = string_or_null(&e->batch, item->say),
	};
	bool is_unsent = item->verdict == CB_AGAIN || item->verdict == CB_LIMIT ||
			 item->verdict == CB_LOGIN || item->verdict == CB_SETUP;

	/* Whatever was not answered at once may arrive after what is answered now. */
	if (was_sent)
		o.copies_until = doubt_copies_until(e, sent->is_withdrawal, item->verdict == CB_OK);
	if (item->verdict == CB_OK) {
		o.state = DELIVERY_ACCEPTED;
		tally->accepted++;
	} else if (item->verdict == CB_REFUSED) {
		o.state = DELIVERY_REJECTED;
		tally->refused++;
	} else if (is_unsent && !was_sent) {
		tally->unsent++;
		o.state = DELIVERY_READY;
		if (gives_up(lane, m, engine_now(e->run->engine))) {
			o.state = DELIVERY_HELD;
			o.code = CODE_GIVE_UP;
		}
	} else {
		tally->doubtful++;
		o.code = CODE_DOUBT;
		o.not_before = doubt_begins(e, sent->is_withdrawal);
		o.copies_until = doubt_copies_until(e, sent->is_withdrawal, false);
		/* Repeated in vain, it stays as it was, and the first reason is the better one. */
		if (was_sent && m->state == DELIVERY_IN_DOUBT && m->not_before > o.not_before)
			o.not_before = m->not_before;
	}
	return o;
}

/* What each record's verdict means for its delivery; all of a batch in one commit, with what its
 * account went through. */
static int settle(struct exporting *e, struct lane *lane, const struct store_sent *sent,
		  const struct cb_item *items, bool was_sent, int64_t sent_ms, struct tally *tally,
		  struct cb_error *err)
{
	int rc = run_open(e->run, err);

	if (rc == CB_OK)
		rc = store_send(store_of(e), sent->attempt, sent_ms, tally->why.verdict, err);
	for (size_t i = 0; i < sent->count && rc == CB_OK; i++) {
		const struct store_member *m = &sent->members[i];
		struct store_outcome o;

		if (!m->is_open)
			continue;
		o = outcome_of(e, lane, m, &items[i], sent, was_sent, tally);
		rc = store_settle(store_of(e), m->delivery, &o, err);
		/* For the progress line; the end of the run counts what the store says. */
		e->run->report->counts.accepted += o.state == DELIVERY_ACCEPTED;
	}
	if (rc == CB_OK)
		rc = lane_after(e, lane, tally, err);
	if (rc == CB_OK)
		rc = pace_save(&lane->pace, e->run, err);
	return rc == CB_OK ? run_commit(e->run, err) : rc;
}

int batch_send(struct exporting *e, struct lane *lane, const struct store_sent *sent, bool was_sent,
	       struct tally *tally, struct cb_error *err)
{
	size_t count = sent->count;
	struct cb_item *items = arena_zero(&e->batch, count * sizeof(*items) + 1);
	int64_t sent_ms = engine_now(e->run->engine);
	struct worker_message m = { 0 };
	struct cb_error why = { 0 };
	int rc;

	for (size_t i = 0; i < count; i++) {
		items[i].key = sent->members[i].key;
		items[i].body = sent->members[i].payload;
		items[i].receipt = cb_text_of(sent->members[i].cites);
		items[i].verdict = CB_AGAIN; /* as long as nothing was handed to the worker */
	}
	rc = batch_worker(e, &why);
	if (rc == CB_OK) {
		/* From here on it may be on its way. */
		for (size_t i = 0; i < count; i++)
			items[i].verdict = CB_DOUBT;
		rc = worker_write(e->worker, engine_now(e->run->engine), sent->once,
				  sent->is_withdrawal, items, count, &why);
		if (rc == CB_OK)
			rc = batch_await(e, WORKER_OUTCOMES, &m, &why);
	}
	for (size_t i = 0; i < count; i++)
		items[i].receipt = (struct cb_text){ 0 };
	if (rc == CB_OK && m.item_count == count) {
		memcpy(items, m.items, count * sizeof(*items));
		why = m.error;
	} else {
		/* The worker broke: its account may still go on with a new one. */
		for (size_t i = 0; i < count; i++)
			if (items[i].verdict == CB_DOUBT)
				items[i].say =
					cb_text_of(arena_string(&e->batch, cb_text_of(why.text)));
		batch_worker_stop(e);
	}
	if (why.verdict != CB_REFUSED)
		tally->why = why;
	return settle(e, lane, sent, items, was_sent, sent_ms, tally, err);
}

/* Freeze the batch on disk, and send it. */
static int send_batch(struct exporting *e, struct lane *lane, struct tally *tally,
		      struct cb_error *err)
{
	struct run *run = e->run;
	char once[33];
	struct store_sent sent = { .once = once,
				   .account = lane->account->name,
				   .is_withdrawal = e->is_withdrawal,
				   .members = e->members,
				   .count = e->count };
	int rc;

	batch_new_once(run->engine, once);
	rc = run_open(run, err);
	if (rc == CB_OK)
		rc = store_attempt(store_of(e), run->flow->name, lane->account->name, once,
				   e->is_withdrawal, e->members, e->count, &sent.attempt, err);
	if (rc == CB_OK)
		rc = run_commit(run, err);
	if (rc == CB_OK)
		rc = batch_send(e, lane, &sent, false, tally, err);
	if (rc == CB_OK && tally->doubtful)
		doubt_add(lane, sent.attempt, doubt_begins(e, e->is_withdrawal));
	return rc;
}

/* What became of one record on its way into the batch. */
enum added { ADDED, ADDED_NOT, ADDED_NEXT_TIME };

static void put_member(struct exporting *e, const struct store_delivery *d, int64_t revision,
		       struct cb_text key, struct cb_text payload, const char *digest)
{
	memory_grow(&e->members, e->count, &e->room, sizeof(*e->members));
	e->members[e->count++] = (struct store_member){
		.delivery = d->id,
		.revision = revision,
		.key = arena_copy(&e->batch, key),
		.payload = arena_copy(&e->batch, payload),
		.digest = digest ? arena_string(&e->batch, cb_text_of(digest)) : NULL,
		.cites = d->is_there ? d->receipt : NULL,
		.state = DELIVERY_SENDING,
		.is_open = true,
		.is_newest = true,
		.tries = d->tries,
		.tried_ms = d->tried_ms,
	};
}

static int done_with(struct exporting *e, int rc, struct cb_error *err)
{
	return rc == CB_OK && !e->run->options->is_dry ? run_commit(e->run, err) : rc;
}

/* A leader's consent is to this content: another one waits anew. */
static bool needs_consent(const struct exporting *e, const struct store_delivery *d,
			  const char *digest)
{
	return e->run->flow->needs_approval && (!d->approved || strcmp(d->approved, digest) != 0);
}

static int offer(struct exporting *e, const struct store_delivery *d, const char *digest,
		 struct cb_error *err)
{
	int rc = run_open(e->run, err);

	if (rc == CB_OK)
		rc = store_offer(store_of(e), d->id, digest, err);
	return done_with(e, rc, err);
}

/* Something older of it may still arrive, and would lie over what goes out now. */
static int wait_for_copies(struct exporting *e, const struct store_delivery *d,
			   struct cb_error *err)
{
	const struct store_outcome o = { .state = DELIVERY_WAITING,
					 .code = CODE_COPY,
					 .not_before = d->copies_until };
	int rc = run_open(e->run, err);

	if (rc == CB_OK)
		rc = store_settle(store_of(e), d->id, &o, err);
	return done_with(e, rc, err);
}

static bool has_copies(const struct exporting *e, const struct store_delivery *d)
{
	return d->copies_until > engine_now(e->run->engine);
}

static int add_withdrawal(struct exporting *e, const struct store_delivery *d, enum added *added,
			  struct cb_error *err)
{
	const struct store_outcome nothing = { .state = DELIVERY_WITHDRAWN, .code = CODE_UNFIT };
	struct cb_text payload;
	int rc;

	if (!d->is_there) {
		rc = run_open(e->run, err);
		if (rc == CB_OK)
			rc = store_settle(store_of(e), d->id, &nothing, err);
		return done_with(e, rc, err);
	}
	if (!e->run->flow->stream->can_withdraw)
		return hold(
			e, d->id, CODE_WITHDRAW, NULL,
			cb_say("已报出的记录不再符合上报条件，连接器没有写怎样撤回：请在平台上撤回"
			       "，"
			       "再执行 casebridge deliveries settle 记下 withdrawn",
			       "it was delivered and no longer fits the condition, and the "
			       "connector does not say how to withdraw: withdraw it there, then "
			       "casebridge deliveries settle … withdrawn"),
			err);
	if (needs_consent(e, d, OFFERED_WITHDRAWAL))
		return offer(e, d, OFFERED_WITHDRAWAL, err);
	if (has_copies(e, d))
		return wait_for_copies(e, d, err);
	if (e->count) {
		*added = ADDED_NEXT_TIME; /* a batch of its own */
		return CB_OK;
	}
	rc = store_accepted(store_of(e), d->id, &e->batch, &payload, err);
	if (rc != CB_OK)
		return rc;
	e->is_withdrawal = true;
	put_member(e, d, d->wanted, cb_text_of(d->key), payload, NULL);
	*added = ADDED;
	return CB_OK;
}

/* The business key of what stands there stays, whatever the mapping says by now. */
static int check_key(struct exporting *e, const struct store_delivery *d, const char *key,
		     bool *is_held, struct cb_error *err)
{
	bool is_taken = false;
	int rc;

	*is_held = true;
	if (d->is_there && d->key && key && strcmp(d->key, key) != 0)
		return hold(
			e, d->id, CODE_KEY, NULL,
			cb_say("映射现在给出的编号与已报出的不同：照旧编号更正映射或记录；编号真要"
			       "改，先撤回再报",
			       "the mapping gives another key than this was delivered under: "
			       "correct the mapping or the record; to change the key, withdraw "
			       "it first"),
			err);
	if (key && *key && (!d->key || strcmp(d->key, key) != 0)) {
		rc = store_key_taken(store_of(e), e->run->flow->name, cb_text_of(key), d->id,
				     &is_taken, err);
		if (rc != CB_OK)
			return rc;
	}
	if (is_taken)
		return hold(
			e, d->id, CODE_KEY, NULL,
			cb_say("另一条记录已用这个编号报出：两条是同一件则合并，不是则更正编号",
			       "another record was delivered under this key: merge them if they "
			       "are the same, else correct the key"),
			err);
	*is_held = false;
	return CB_OK;
}

static int hold_findings(struct exporting *e, const struct store_delivery *d,
			 const struct worker_message *m, struct cb_error *err)
{
	const struct worker_finding *f = m->finding_count ? &m->findings[0] : NULL;

	for (size_t i = 0; i < m->finding_count; i++)
		if (m->findings[i].outcome == m->outcome) {
			f = &m->findings[i];
			break;
		}
	return hold(e, d->id, f ? f->code : "hold", f ? f->field : NULL, f ? f->say : NULL, err);
}

static int map_record(struct exporting *e, const struct store_delivery *d, int64_t *revision,
		      struct worker_message *m, struct cb_error *err)
{
	const struct table *entity = e->run->flow->entity;
	struct arena arena = { 0 };
	struct row *row;
	int rc = store_revision(store_of(e), entity, d->record, revision, err);

	/* A change of another record of its cluster may be what wants it. */
	if (*revision < d->wanted)
		*revision = d->wanted;

	if (rc == CB_OK)
		rc = run_row(e->run, d->record, &arena, &row, err);
	if (rc == CB_OK)
		rc = store_join(store_of(e), entity, row, &arena, err);
	if (rc == CB_OK)
		rc = refs_name(e->run, row, &arena, err);
	if (rc == CB_OK)
		rc = batch_worker(e, err);
	if (rc == CB_OK)
		rc = worker_map(e->worker, d->record, d->is_there ? d->receipt : NULL, row, err);
	arena_done(&arena);
	return rc == CB_OK ? batch_await(e, WORKER_MAPPED, m, err) : rc;
}

/* Its content is what was accepted last: nothing to send. */
static int settle_same(struct exporting *e, const struct store_delivery *d, struct cb_error *err)
{
	int rc = run_open(e->run, err);

	e->run->report->counts.unchanged++;
	if (rc == CB_OK)
		rc = store_settle_same(store_of(e), d->id, err);
	return done_with(e, rc, err);
}

/* Map one record into its fragment and put it into the batch. */
static int add(struct exporting *e, struct lane *lane, int64_t record, enum added *added,
	       struct cb_error *err)
{
	struct store_delivery d;
	struct worker_message m;
	char digest[CB_SHA256_HEX];
	int64_t revision;
	bool is_held;
	int rc = store_delivery_of(store_of(e), e->run->flow->name, record, &e->batch, &d, err);

	*added = ADDED_NOT;
	/* Settled meanwhile: a batch that comes again has some of these. */
	if (rc != CB_OK || d.state != DELIVERY_READY)
		return rc;
	if (d.is_withdrawal)
		return add_withdrawal(e, &d, added, err);
	rc = map_record(e, &d, &revision, &m, err);
	if (rc != CB_OK)
		return rc;
	if (m.outcome != OUTCOME_MAPPED)
		return hold_findings(e, &d, &m, err);
	cb_sha256_hex(m.text, digest);
	if (d.digest && strcmp(d.digest, digest) == 0)
		return settle_same(e, &d, err);
	rc = check_key(e, &d, m.key, &is_held, err);
	if (rc != CB_OK || is_held)
		return rc;
	if (needs_consent(e, &d, digest))
		return offer(e, &d, digest, err);
	if (has_copies(e, &d))
		return wait_for_copies(e, &d, err);
	put_member(e, &d, revision, cb_text_of(m.key ? m.key : ""), m.cited.len ? m.cited : m.text,
		   digest);
	if (doubt_is_restored(e, &d) && !e->run->options->is_dry)
		return doubt_restored(e, lane, &e->members[--e->count], err);
	*added = ADDED;
	return CB_OK;
}

int batch_turn(struct exporting *e, struct lane *lane, struct cb_error *err)
{
	const struct manifest_stream *stream = e->run->flow->stream;
	size_t most = (size_t)(stream->batch > 0 ? stream->batch : 1), begin = lane->next;
	struct tally tally = { 0 };
	int rc = CB_OK;

	e->count = 0;
	e->is_withdrawal = false;
	while (rc == CB_OK && lane->next < lane->due.count && e->count < most &&
	       !e->is_withdrawal && !run_stops(e->run)) {
		enum added added;

		rc = add(e, lane, lane->due.at[lane->next], &added, err);
		if (rc == CB_OK && added == ADDED_NEXT_TIME)
			break;
		lane->next++;
	}
	if (rc == CB_OK && e->count && !e->run->options->is_dry)
		rc = send_batch(e, lane, &tally, err);
	/* Surely unsent, all of it: the same records once more. */
	if (rc == CB_OK && tally.why.verdict && tally.unsent == e->count && e->count)
		lane->next = begin;
	arena_clear(&e->batch);
	return rc;
}
