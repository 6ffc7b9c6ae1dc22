/*
 * export.c - store → stream: plan, route, send.
 *
 * Plan: what changed since the last plan and fits the flow's condition is
 * wanted there. Route: exactly one account must fit a record. Send, account by
 * account: a batch is on disk as SENDING, with its frozen bytes and its
 * once-key, before the first byte leaves. Whatever is not surely unsent
 * afterwards is in doubt, and is settled by the target itself: the same bytes
 * under the same key again, or the question whether it is there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <casebridge/digest.h>

#include "flow/inside.h"

#define PLAN_PAGE 2000
/* So long after a restore, what the store did not see since is asked for before it is sent. */
#define RESTORED_MS (INT64_C(30) * 24 * 3600 * 1000)

struct records {
	int64_t *at;
	size_t count, room;
};

struct exporting {
	struct run *run;
	struct records *routes;  /* by account: record numbers */
	struct condition **fits; /* by account: which records it sends; NULL all */
	struct records due;      /* all that this run is about: ready, or of an open attempt */
	/* The store was restored then, and is sure of nothing that is not in a later attempt. */
	int64_t restored_ms, restored_attempt;
	struct arena arena;
};

/* One account at work. */
struct sending {
	struct exporting *e;
	struct site_account *account;
	struct lent lent;
	struct worker *worker;
	struct patience patience;
	bool has_logged_in;
	struct arena arena; /* of the batch */
	struct store_member *members;
	size_t count, room;
};

static struct store *store_of(const struct exporting *e)
{
	return e->run->engine->store;
}

static int want(void *with, int64_t id, int64_t revision, const struct row *row,
		struct cb_error *err)
{
	struct exporting *e = with;
	const struct site_flow *flow = e->run->flow;
	struct arena arena = { 0 };
	struct row *mine;
	bool is_wanted;
	int rc = CB_OK;

	/* The row is this call's; it says const for those who only read. */
	memcpy(&mine, &row, sizeof(struct row *));
	if (flow->when)
		rc = store_join(store_of(e), flow->entity, mine, &arena, err);
	is_wanted = rc == CB_OK && (!flow->when || condition_holds(flow->when, row));
	arena_done(&arena);
	return is_wanted ? store_want(store_of(e), flow->name, id, revision, err) : rc;
}

static int plan(struct exporting *e, struct cb_error *err)
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

static int collect_record(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct records *r = with;

	(void)err;
	memory_grow(&r->at, r->count, &r->room, sizeof(*r->at));
	r->at[r->count++] = d->record;
	return CB_OK;
}

static int hold(struct exporting *e, int64_t record, const char *code, const char *field,
		const char *say, struct cb_error *err)
{
	struct run *run = e->run;
	struct store_delivery d;
	int rc = store_delivery_of(store_of(e), run->flow->name, record, &e->arena, &d, err);

	if (rc == CB_OK)
		rc = run_open(run, err);
	if (rc == CB_OK)
		rc = store_settle(store_of(e), d.id, DELIVERY_HELD, NULL, code, field, say, 0, err);
	if (rc == CB_OK && !run->options->is_dry)
		rc = run_commit(run, err);
	return rc;
}

/* Which account sends this record? Exactly one must fit. */
static int route_one(struct exporting *e, int64_t record, struct cb_error *err)
{
	const struct site_connection *c = e->run->flow->connection;
	struct arena arena = { 0 };
	size_t fits = 0, which = 0;
	struct row *row;
	int rc = store_get(store_of(e), e->run->flow->entity, record, &arena, &row, err);

	if (rc == CB_OK)
		rc = store_join(store_of(e), e->run->flow->entity, row, &arena, err);
	for (size_t i = 0; i < c->account_count && rc == CB_OK; i++) {
		if (e->fits[i] && !condition_holds(e->fits[i], row))
			continue;
		fits++;
		which = i;
	}
	arena_done(&arena);
	if (rc != CB_OK)
		return rc;
	if (fits == 1) {
		struct records *r = &e->routes[which];

		memory_grow(&r->at, r->count, &r->room, sizeof(*r->at));
		r->at[r->count++] = record;
		return CB_OK;
	}
	return hold(
		e, record, "account", NULL,
		fits ? cb_say("不止一个账号的 for 条件适合这条记录：请让条件互斥",
			      "the conditions of more than one account fit this record: make them "
			      "exclude each other")
		     : cb_say("没有账号的 for 条件适合这条记录：请补上账号，或更正记录",
			      "no account's condition fits this record: add an account, or correct "
			      "the record"),
		err);
}

static int route(struct exporting *e, struct cb_error *err)
{
	struct run *run = e->run;
	size_t before = e->due.count;
	int rc = store_due(store_of(e), run->flow->name, DELIVERY_READY, NULL,
			   engine_now(run->engine), 0, INT64_MAX, collect_record, &e->due, err);

	for (size_t i = before; i < e->due.count && rc == CB_OK; i++)
		rc = route_one(e, e->due.at[i], err);
	run->report->counts.due = (int64_t)e->due.count;
	return rc;
}

static int start(struct sending *s, struct cb_error *err)
{
	struct run *run = s->e->run;
	struct worker_services services;
	struct worker_job job;

	if (s->worker)
		return CB_OK;
	services = lent_services(&s->lent);
	job_of_flow(&job, run->engine, run->flow, run->options);
	job.task = WORK_EXPORT;
	return worker_start(&job, &services, &s->worker, err);
}

/* The next message that is an answer; sources and readiness are taken on the way. */
static int await(struct sending *s, enum worker_kind kind, struct worker_message *m,
		 struct cb_error *err)
{
	int rc;

	while ((rc = worker_next(s->worker, m, err)) == CB_OK) {
		if (m->kind == kind)
			return CB_OK;
		if (m->kind == WORKER_DONE) {
			*err = m->error;
			return m->error.verdict ? (int)m->error.verdict : CB_BROKEN;
		}
	}
	return rc;
}

/* The worker is gone or unwell: the next one starts afresh. */
static void stop(struct sending *s)
{
	worker_free(s->worker);
	s->worker = NULL;
}

static const char *string_or_null(struct arena *arena, struct cb_text text)
{
	return text.len ? arena_string(arena, text) : NULL;
}

struct judged {
	bool was_sent; /* once before: that this try did not arrive proves nothing */
	size_t doubtful, unsent;
	int64_t wait_ms;
};

/* What each record's verdict means for its delivery; all of a batch in one commit. */
static int settle_items(struct sending *s, const struct store_member *members,
			const struct cb_item *items, size_t count, struct judged *judged,
			struct cb_error *err)
{
	struct run *run = s->e->run;
	const struct manifest_stream *stream = run->flow->stream;
	int64_t now = engine_now(run->engine);
	int rc = run_open(run, err);

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		const struct cb_item *item = &items[i];
		enum delivery_state state = DELIVERY_IN_DOUBT;
		int64_t not_before = 0;

		switch (item->verdict) {
		case CB_OK:
			state = DELIVERY_ACCEPTED;
			break;
		case CB_REFUSED:
			state = DELIVERY_REJECTED;
			break;
		case CB_AGAIN:
		case CB_LIMIT:
		case CB_LOGIN:
		case CB_SETUP:
			if (!judged->was_sent) {
				state = DELIVERY_READY;
				judged->unsent++;
				break;
			}
			/* fall through */
		default:
			judged->doubtful++;
			if (stream->repeat == REPEAT_UNSAFE)
				not_before = now + stream->delay_ms + stream->lag_ms;
		}
		rc = store_settle(store_of(s->e), members[i].delivery, state,
				  string_or_null(&s->arena, item->receipt),
				  item->verdict == CB_OK ? NULL : cb_verdict_word(item->verdict),
				  string_or_null(&s->arena, item->field),
				  string_or_null(&s->arena, item->say), not_before, err);
		/* For the progress line; the end of the run counts what the store says. */
		run->report->counts.accepted += state == DELIVERY_ACCEPTED;
	}
	return rc == CB_OK ? run_commit(run, err) : rc;
}

/*
 * Send a batch that is on disk. Afterwards each member is settled, in doubt, or
 * ready again; @judged says how many of the latter two.
 */
static int transmit(struct sending *s, const char *once, const struct store_member *members,
		    size_t count, struct judged *judged, struct cb_error *err)
{
	struct cb_item *items = arena_zero(&s->arena, count * sizeof(*items) + 1);
	struct worker_message m = { 0 };
	struct cb_error why = { 0 };
	int rc;

	for (size_t i = 0; i < count; i++) {
		items[i].key = members[i].key;
		items[i].body = members[i].payload;
		items[i].verdict = CB_AGAIN; /* as long as nothing was handed to the worker */
	}
	rc = start(s, &why);
	if (rc == CB_OK) {
		/* From here on it may be on its way. */
		for (size_t i = 0; i < count; i++)
			items[i].verdict = CB_DOUBT;
		rc = worker_write(s->worker, once, items, count, &why);
		if (rc == CB_OK)
			rc = await(s, WORKER_OUTCOMES, &m, &why);
	}
	if (rc == CB_OK && m.item_count == count) {
		for (size_t i = 0; i < count; i++)
			items[i] = m.items[i];
		why = m.error;
		judged->wait_ms = m.error.wait_ms;
	} else {
		/* The worker broke: its account may still go on with a new one. */
		cb_log(CB_WARN, "%s/%s：%s", "%s/%s: %s", s->e->run->flow->name, s->account->name,
		       why.text);
		for (size_t i = 0; i < count; i++)
			if (items[i].verdict == CB_DOUBT)
				items[i].say =
					cb_text_of(arena_string(&s->arena, cb_text_of(why.text)));
		stop(s);
	}
	rc = settle_items(s, members, items, count, judged, err);
	if (rc == CB_OK && why.verdict && why.verdict != CB_DOUBT && why.verdict != CB_REFUSED) {
		*err = why;
		return why.verdict;
	}
	return rc;
}

/* Wait before the next try; CB_OK to try, else what ends this account for now. */
static int pause_after(struct sending *s, int verdict, int64_t asked_ms, struct cb_error *err)
{
	struct run *run = s->e->run;
	int64_t wait;

	if (verdict == CB_LOGIN && !s->has_logged_in) {
		/* The session was over: once with a new one. Refused again, it is a person's
		 * matter. */
		s->has_logged_in = true;
		net_forget(&s->account->net);
		stop(s);
		return CB_OK;
	}
	if (verdict == CB_LOGIN || verdict == CB_SETUP || run_stops(run))
		return verdict;
	wait = patience_wait(&s->patience, run->engine, run->flow->connection->manifest, asked_ms);
	if (wait < 0)
		return verdict ? verdict : CB_AGAIN;
	(void)err;
	engine_wait(run->engine, wait);
	return CB_OK;
}

/*
 * The target is asked for each member: is it there? Not before a request that is
 * still on its way can have arrived and can be seen.
 */
static int ask_members(struct sending *s, const struct store_member *members, size_t count,
		       struct judged *judged, struct cb_error *err)
{
	struct run *run = s->e->run;
	int rc = CB_OK;

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct worker_message m = { 0 };
		struct cb_item item = { .key = members[i].key, .verdict = CB_DOUBT };

		if (members[i].state == DELIVERY_SENDING) {
			/* From a run that was killed: the waiting begins now. */
			rc = settle_items(s, &members[i], &item, 1, judged, err);
			continue;
		}
		if (!run->flow->stream->can_find || members[i].not_before > engine_now(run->engine))
			continue;
		rc = start(s, err);
		if (rc == CB_OK)
			rc = worker_find(s->worker, members[i].key, err);
		if (rc == CB_OK)
			rc = await(s, WORKER_FOUND, &m, err);
		if (rc == CB_OK && m.error.verdict) {
			*err = m.error;
			rc = m.error.verdict;
		}
		if (rc != CB_OK)
			break;
		item.verdict = m.found.is_held ? CB_OK : CB_AGAIN;
		item.receipt = m.found.receipt;
		judged->was_sent = false; /* it was, and the target says that it is not there */
		rc = settle_items(s, &members[i], &item, 1, judged, err);
		judged->was_sent = true;
		run_tell(run, s->account->name);
	}
	return rc;
}

static void new_once(const struct engine *engine, char once[33])
{
	unsigned char bytes[16];

	engine_random(engine, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(once + 2 * i, 3, "%02x", bytes[i]);
}

/*
 * An attempt that was begun and not ended, by us or by a run that was killed.
 * What is settled of it stays settled; the rest goes out again as it was, or is
 * asked for.
 */
static int resolve(struct sending *s, int64_t attempt, struct cb_error *err)
{
	struct run *run = s->e->run;
	const struct manifest_stream *stream = run->flow->stream;
	int verdict = CB_OK;

	for (;;) {
		struct judged judged = { .was_sent = true };
		struct store_member *members;
		const char *once, *account;
		char fresh[33];
		size_t count;
		int rc = store_attempt_read(store_of(s->e), attempt, &s->arena, &once, &account,
					    &members, &count, err);

		if (rc != CB_OK || !count)
			return rc;
		/* Without its once-key it cannot go out again under the same one. */
		if (stream->repeat == REPEAT_UNSAFE || (!once && stream->repeat == REPEAT_BY_KEY))
			return ask_members(s, members, count, &judged, err);
		if (!once)
			new_once(run->engine, fresh);
		rc = transmit(s, once ? once : fresh, members, count, &judged, err);
		if (!judged.doubtful && rc == CB_OK)
			return CB_OK;
		verdict = pause_after(s, rc ? rc : CB_DOUBT, judged.wait_ms, err);
		arena_clear(&s->arena);
		if (verdict != CB_OK)
			return verdict == CB_DOUBT ? CB_OK : verdict;
	}
}

/*
 * After a restore: it may have been sent in the time that the store has lost, under a key that is
 * lost with it. So it is asked for before it is sent; who cannot be asked is a person's matter.
 */
static bool is_unsure(const struct exporting *e, const struct store_delivery *d)
{
	return e->restored_ms && d->attempt <= e->restored_attempt &&
	       e->run->flow->stream->repeat != REPEAT_SAFE &&
	       engine_now(e->run->engine) < e->restored_ms + RESTORED_MS;
}

/* An attempt that has no once-key: nothing goes out with it, it only asks. */
static int ask_first(struct sending *s, const struct store_member *member, struct cb_error *err)
{
	struct run *run = s->e->run;
	const struct manifest_stream *stream = run->flow->stream;
	int64_t attempt, arrived = s->e->restored_ms + stream->delay_ms + stream->lag_ms;
	int rc = run_open(run, err);

	if (rc == CB_OK)
		rc = store_attempt(store_of(s->e), run->flow->name, s->account->name, NULL, member,
				   1, &attempt, err);
	if (rc == CB_OK && stream->can_find)
		rc = store_settle(store_of(s->e), member->delivery, DELIVERY_IN_DOUBT, NULL,
				  "restored", NULL,
				  cb_say("存储是从备份恢复的，先问对方有没有",
					 "the store was restored: the target is asked first"),
				  arrived, err);
	else if (rc == CB_OK)
		rc = store_settle(
			store_of(s->e), member->delivery, DELIVERY_HELD, NULL, "restored", NULL,
			cb_say("存储是从备份恢复的，对方又不能查询：请到对方系统查看，没有"
			       "才放行",
			       "the store was restored, and this target cannot be asked: "
			       "look there, and release it where it is missing"),
			0, err);
	if (rc == CB_OK)
		rc = run_commit(run, err);
	return rc == CB_OK && stream->can_find ? resolve(s, attempt, err) : rc;
}

/* Freeze the batch on disk, send it, and see it through as far as this run can. */
static int send_batch(struct sending *s, struct cb_error *err)
{
	struct run *run = s->e->run;
	struct judged judged = { 0 };
	int64_t attempt;
	char once[33];
	int rc;

	new_once(run->engine, once);
	rc = run_open(run, err);
	if (rc == CB_OK)
		rc = store_attempt(store_of(s->e), run->flow->name, s->account->name, once,
				   s->members, s->count, &attempt, err);
	if (rc == CB_OK)
		rc = run_commit(run, err);
	if (rc != CB_OK)
		return rc;
	rc = transmit(s, once, s->members, s->count, &judged, err);
	if (judged.unsent < s->count) {
		s->patience.tries = 0;
		s->has_logged_in = false;
	}
	if (judged.doubtful) {
		int again = resolve(s, attempt, err);

		rc = rc ? rc : again;
	}
	return rc;
}

/* Map one record into its fragment and put it into the batch. */
static int add(struct sending *s, int64_t record, struct cb_error *err)
{
	struct run *run = s->e->run;
	struct store_delivery d;
	struct store_member member;
	struct worker_message m;
	char digest[CB_SHA256_HEX];
	struct arena arena = { 0 };
	struct row *row;
	int64_t revision;
	int rc;

	rc = store_delivery_of(store_of(s->e), run->flow->name, record, &s->arena, &d, err);
	/* Settled meanwhile: a batch that comes again has some of these. */
	if (rc == CB_OK && d.state != DELIVERY_READY)
		return CB_OK;
	if (rc == CB_OK)
		rc = store_revision(store_of(s->e), run->flow->entity, record, &revision, err);
	if (rc == CB_OK)
		rc = store_get(store_of(s->e), run->flow->entity, record, &arena, &row, err);
	if (rc == CB_OK)
		rc = store_join(store_of(s->e), run->flow->entity, row, &arena, err);
	if (rc == CB_OK)
		rc = refs_name(run, row, &arena, err);
	if (rc == CB_OK)
		rc = start(s, err);
	if (rc == CB_OK)
		rc = worker_map(s->worker, record, row, err);
	arena_done(&arena);
	if (rc == CB_OK)
		rc = await(s, WORKER_MAPPED, &m, err);
	if (rc != CB_OK)
		return rc;
	if (m.outcome != OUTCOME_MAPPED) {
		const struct worker_finding *f = m.finding_count ? &m.findings[0] : NULL;

		for (size_t i = 0; i < m.finding_count; i++)
			if (m.findings[i].outcome == m.outcome) {
				f = &m.findings[i];
				break;
			}
		return hold(s->e, record, f ? f->code : "hold", f ? f->field : NULL,
			    f ? f->say : NULL, err);
	}
	cb_sha256_hex(m.text, digest);
	if (d.digest && strcmp(d.digest, digest) == 0) {
		run->report->counts.unchanged++;
		rc = run_open(run, err);
		if (rc == CB_OK)
			rc = store_settle_same(store_of(s->e), d.id, err);
		return rc == CB_OK && !run->options->is_dry ? run_commit(run, err) : rc;
	}
	member =
		(struct store_member){ .delivery = d.id,
				       .revision = revision,
				       .key = arena_copy(&s->arena, cb_text_of(m.key ? m.key : "")),
				       .payload = arena_copy(&s->arena, m.text),
				       .digest = arena_string(&s->arena, cb_text_of(digest)) };
	if (is_unsure(s->e, &d) && !run->options->is_dry)
		return ask_first(s, &member, err);
	memory_grow(&s->members, s->count, &s->room, sizeof(*s->members));
	s->members[s->count++] = member;
	return CB_OK;
}

/* An account that cannot go on ends alone; the others are sent. */
static void give_up(struct run *run, const struct sending *s, int rc, const struct cb_error *err)
{
	cb_log(CB_WARN, "%s/%s：%s", "%s/%s: %s", run->flow->name, s->account->name, err->text);
	if (run->report->verdict)
		return;
	run->report->verdict = (enum cb_verdict)rc;
	run->report->error = *err;
	cb_error_prefix(&run->report->error, "账号 %s：", "account %s: ", s->account->name);
}

/* The ready records of one account, batch by batch. */
static int send_records(struct sending *s, const struct records *due, struct cb_error *err)
{
	struct run *run = s->e->run;
	size_t batch = (size_t)(run->flow->stream->batch > 0 ? run->flow->stream->batch : 1);
	size_t begin = 0; /* the first record of the batch */
	int rc = CB_OK;

	for (size_t i = 0; i < due->count && rc == CB_OK && !run_stops(run); i++) {
		rc = add(s, due->at[i], err);
		if (rc != CB_OK || (s->count < batch && i + 1 < due->count))
			continue;
		if (s->count && !run->options->is_dry)
			rc = send_batch(s, err);
		if (rc == CB_AGAIN || rc == CB_LIMIT || rc == CB_LOGIN) {
			/* Surely unsent: after a pause, the same records once more. */
			rc = pause_after(s, rc, err->wait_ms, err);
			i = rc == CB_OK ? begin - 1 : i;
		} else {
			begin = i + 1;
		}
		s->count = 0;
		arena_clear(&s->arena);
		run_tell(run, s->account->name);
	}
	return rc;
}

static int open_attempts(struct exporting *e, int64_t **attempts, size_t *count,
			 struct cb_error *err)
{
	int rc = store_attempts_open(store_of(e), e->run->flow->name, &e->arena, attempts, count,
				     err);

	if (rc == CB_OK && *count)
		rc = store_due(store_of(e), e->run->flow->name, DELIVERY_SENDING, NULL, INT64_MAX,
			       0, INT64_MAX, collect_record, &e->due, err);
	if (rc == CB_OK && *count)
		rc = store_due(store_of(e), e->run->flow->name, DELIVERY_IN_DOUBT, NULL, INT64_MAX,
			       0, INT64_MAX, collect_record, &e->due, err);
	return rc;
}

static int resolve_attempts(struct sending *s, const int64_t *attempts, size_t count,
			    struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct store_member *members;
		const char *once, *account;
		size_t n;

		rc = store_attempt_read(store_of(s->e), attempts[i], &s->arena, &once, &account,
					&members, &n, err);
		if (rc == CB_OK && strcmp(account, s->account->name) == 0)
			rc = resolve(s, attempts[i], err);
		arena_clear(&s->arena);
	}
	return rc;
}

static int send_account(struct exporting *e, size_t which, const int64_t *attempts,
			size_t attempt_count, struct cb_error *err)
{
	struct run *run = e->run;
	struct sending s = { .e = e, .account = &run->flow->connection->accounts[which] };
	int rc = CB_OK;

	lent_init(&s.lent, run->engine, run->flow->connection, s.account);
	if (attempt_count || e->routes[which].count)
		rc = account_ready(run, s.account, err);
	if (rc == CB_OK && !run->options->is_dry)
		rc = resolve_attempts(&s, attempts, attempt_count, err);
	if (rc == CB_OK)
		rc = send_records(&s, &e->routes[which], err);
	if (rc != CB_OK)
		give_up(run, &s, rc, err);
	if ((rc == CB_SETUP && s.lent.was_answered) || rc == CB_LOGIN)
		account_refused(run, s.account, err);
	stop(&s);
	lent_done(&s.lent);
	arena_done(&s.arena);
	free(s.members);
	return CB_OK;
}

/* What became of everything that was due, as the store has it: no count is kept beside the truth.
 */
static int count_due(struct exporting *e, struct cb_error *err)
{
	struct store_counts *c = &e->run->report->counts;
	int64_t unchanged = c->unchanged;
	int rc = CB_OK;

	*c = (struct store_counts){ .due = (int64_t)e->due.count - unchanged,
				    .unchanged = unchanged,
				    .accepted = -unchanged };
	for (size_t i = 0; i < e->due.count && rc == CB_OK; i++) {
		struct store_delivery d;

		rc = store_delivery_of(store_of(e), e->run->flow->name, e->due.at[i], &e->arena, &d,
				       err);
		if (rc != CB_OK)
			break;
		c->accepted += d.state == DELIVERY_ACCEPTED;
		c->refused += d.state == DELIVERY_REJECTED;
		c->held += d.state == DELIVERY_HELD;
		c->in_doubt += d.state == DELIVERY_IN_DOUBT || d.state == DELIVERY_SENDING;
		c->waiting += d.state == DELIVERY_READY || d.state == DELIVERY_WAITING;
	}
	return rc;
}

static int compile_routes(struct exporting *e, struct cb_error *err)
{
	const struct site_connection *c = e->run->flow->connection;

	e->routes = memory_take(c->account_count * sizeof(*e->routes) + 1);
	e->fits = memory_take(c->account_count * sizeof(struct condition *) + 1);
	for (size_t i = 0; i < c->account_count; i++) {
		int rc = c->accounts[i].condition
				 ? condition_compile(&e->arena, e->run->flow->entity->shape,
						     cb_text_of(c->accounts[i].condition),
						     &e->fits[i], err)
				 : CB_OK;

		if (rc != CB_OK)
			return CB_SETUP;
	}
	return CB_OK;
}

int export_run(struct run *run, struct cb_error *err)
{
	const struct site_connection *c = run->flow->connection;
	struct exporting e = { .run = run };
	int64_t *attempts = NULL;
	size_t attempt_count = 0;
	int rc = compile_routes(&e, err);

	if (rc == CB_OK)
		rc = plan(&e, err);
	if (rc == CB_OK)
		rc = store_restored(store_of(&e), &e.restored_ms, &e.restored_attempt, err);
	if (rc == CB_OK)
		rc = open_attempts(&e, &attempts, &attempt_count, err);
	if (rc == CB_OK)
		rc = route(&e, err);
	for (size_t i = 0; i < c->account_count && rc == CB_OK && !run_stops(run); i++)
		rc = send_account(&e, i, attempts, attempt_count, err);
	if (rc == CB_OK)
		rc = count_due(&e, err);
	run_rollback(run);
	free(e.due.at);
	for (size_t i = 0; e.routes && i < c->account_count; i++)
		free(e.routes[i].at);
	free(e.routes);
	free(e.fits);
	arena_done(&e.arena);
	if (rc == CB_OK && run->report->verdict) {
		if (err != &run->report->error)
			*err = run->report->error;
		rc = run->report->verdict;
	}
	return rc;
}
