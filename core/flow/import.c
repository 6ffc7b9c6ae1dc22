/*
 * import.c - stream → store: each page of records, what held them up, the raw
 * bytes they came from and the place to go on from are one transaction.
 */
#include <stdio.h>
#include <stdlib.h>

#include "flow/inside.h"
#include "record/wire.h"

void intake_init(struct intake *in, struct run *run, const char *stream)
{
	const struct table *entity = run->flow->entity;

	*in = (struct intake){ .run = run, .stream = memory_string(stream) };
	in->slots = memory_take(entity->shape->slot_count * sizeof(bool) + 1);
	in->lists = memory_take(entity->shape->list_count * sizeof(bool) + 1);
	for (size_t i = 0; i < entity->shape->slot_count; i++)
		in->slots[i] = mapping_names_slot(run->flow->mapping, (uint32_t)i);
	for (size_t i = 0; i < entity->shape->list_count; i++)
		in->lists[i] = mapping_names_list(run->flow->mapping, (uint32_t)i);
}

void intake_done(struct intake *in)
{
	free(in->stream);
	free(in->slots);
	free(in->lists);
	arena_done(&in->arena);
}

static const struct worker_finding *worst(const struct worker_message *m)
{
	for (size_t i = 0; i < m->finding_count; i++)
		if (m->findings[i].outcome == m->outcome)
			return &m->findings[i];
	return m->finding_count ? &m->findings[0] : NULL;
}

static int hold(struct intake *in, const struct worker_message *m, const char *outcome,
		const struct worker_finding *f, struct cb_error *err)
{
	struct run *run = in->run;
	int64_t now = engine_now(run->engine);
	struct store_held held = { .flow = run->flow->name,
				   .stream = in->stream,
				   .key = m->key,
				   .document = in->document,
				   .number = m->number,
				   .mapping = in->mapping,
				   .code = f ? f->code : "",
				   .field = f ? f->field : NULL,
				   .value = f ? f->value : NULL,
				   .say = f ? f->say : NULL,
				   .outcome = outcome,
				   .first_ms = now,
				   .last_ms = now };

	if (run->options->held)
		run->options->held(run->options->with, &held);
	return store_hold(run->engine->store, &held, err);
}

/* It was held once, and is no matter for us after all. */
static int clear(struct intake *in, const struct worker_message *m, struct cb_error *err)
{
	struct store_origin origin = { .stream = in->stream,
				       .key = cb_text_of(m->key),
				       .document = in->document,
				       .number = m->number };

	return store_held_clear(in->run->engine->store, &origin, err);
}

int intake_held(struct intake *in, const struct worker_message *m, struct cb_error *err)
{
	in->page.read++;
	switch (m->outcome) {
	case OUTCOME_PASSED_BY:
		in->page.passed_by++;
		return clear(in, m, err);
	case OUTCOME_REJECTED:
		in->page.rejected++;
		return hold(in, m, "rejected", worst(m), err);
	default:
		in->page.held++;
		return hold(in, m, "held", worst(m), err);
	}
}

int intake_record(struct intake *in, const struct worker_message *m, struct cb_error *err)
{
	struct run *run = in->run;
	const struct table *entity = run->flow->entity;
	struct wire wire = { m->text.at, m->text.at + m->text.len, false };
	struct arena *arena = &in->arena;
	struct store_origin origin = { .stream = in->stream,
				       .system = run->flow->connection->name,
				       .key = cb_text_of(m->key),
				       .document = in->document,
				       .number = m->number,
				       .mapping = in->mapping,
				       .said = m->text,
				       .slots = in->slots,
				       .lists = in->lists };
	struct worker_finding missing = { 0 };
	bool changed = false, is_receipt = run->flow->receipts_of != NULL;
	struct store_delivery delivery;
	enum store_put put;
	struct row *row;
	int64_t id;
	int rc;

	arena_clear(arena);
	row = wire_get_row(&wire, arena, entity->shape);
	if (!row)
		rc = cb_fail(err, CB_BROKEN, "工作进程发来的记录无法读取",
			     "a record of the worker cannot be read");
	else
		rc = refs_resolve(run, row, arena, &changed, &missing, err);
	if (changed) /* the same name may mean another record by now */
		origin.said = (struct cb_text){ 0 };
	if (rc == CB_OK && is_receipt)
		rc = receipt_delivery(run, row, arena, &delivery, &missing, err);
	if (row && rc == CB_END) {
		in->page.read++;
		in->page.held++;
		return hold(in, m, "held", &missing, err);
	}
	if (rc == CB_OK)
		rc = store_put(run->engine->store, entity, row, &origin, &put, &id, err);
	if (rc == CB_REFUSED) {
		struct worker_finding f = { .code = "identity", .say = err->text };

		in->page.read++;
		in->page.held++;
		return hold(in, m, "held", &f, err);
	}
	/* An old receipt that is read again says nothing new. */
	if (rc == CB_OK && is_receipt && put != STORE_UNCHANGED)
		rc = receipt_take(run, row, &delivery, arena, err);
	if (rc != CB_OK)
		return rc;
	in->page.read++;
	in->page.new += put == STORE_NEW;
	in->page.changed += put == STORE_CHANGED;
	in->page.unchanged += put == STORE_UNCHANGED;
	return CB_OK;
}

static void add_counts(struct store_counts *to, const struct store_counts *more)
{
	to->read += more->read;
	to->new += more->new;
	to->changed += more->changed;
	to->unchanged += more->unchanged;
	to->held += more->held;
	to->rejected += more->rejected;
	to->passed_by += more->passed_by;
}

char *stream_of(const struct run *run, const struct site_account *account, const char *more)
{
	struct buffer b = { 0 };
	char *name;

	buffer_string(&b, run->flow->stream_name);
	if (run->flow->connection->account_count > 1)
		buffer_printf(&b, "@%s", account->name);
	buffer_string(&b, more);
	name = memory_string(buffer_cstr(&b));
	buffer_done(&b);
	return name;
}

static int begin_document(struct intake *in, const struct worker_message *m, struct cb_error *err)
{
	struct store_document doc = { .stream = in->stream,
				      .key = m->key ? m->key : "",
				      .media = m->media,
				      .charset = m->charset,
				      .records = m->records,
				      .run = in->run->report->run };

	snprintf(in->key, sizeof(in->key), "%s", doc.key);
	return store_document_add(in->run->engine->store, &doc, &in->document, err);
}

/* One page: its counts must be the worker's, then everything of it is committed at once. */
static int end_page(struct intake *in, const struct worker_message *m, const char *stream_at,
		    struct cb_error *err)
{
	struct store *store = in->run->engine->store;
	int rc;

	if (m->number != in->page.read)
		return cb_fail(
			err, CB_BROKEN,
			"数目不平：工作进程说这一页有 %lld 条，收到 %lld 条；这一页不提交",
			"the counts do not add up: the worker says %lld records in this page, %lld "
			"came; the page is not committed",
			(long long)m->number, (long long)in->page.read);
	rc = stream_at ? store_cursor_set(store, stream_at, m->at, err) : CB_OK;
	if (rc == CB_OK && stream_at && m->cursor)
		rc = store_cursor_set(store, in->stream, m->cursor, err);
	if (rc == CB_OK)
		rc = run_commit(in->run, err);
	if (rc == CB_OK) {
		add_counts(&in->run->report->counts, &in->page);
		in->page = (struct store_counts){ 0 };
	}
	return rc;
}

static void note_unknown(struct flow_report *report, struct cb_text name, int64_t count)
{
	struct flow_unknown *u;

	for (size_t i = 0; i < report->unknown_count; i++)
		if (cb_text_is(name, report->unknown[i].name)) {
			report->unknown[i].count += count;
			return;
		}
	if (report->unknown_count == FLOW_UNKNOWN || name.len >= sizeof(u->name))
		return;
	u = &report->unknown[report->unknown_count++];
	snprintf(u->name, sizeof(u->name), "%.*s", CB_TEXT_ARG(name));
	u->count = count;
}

/* What the mapping has come to know, or to ignore, is no drift any more. */
static int forget_known(struct intake *in, struct cb_error *err)
{
	struct run *run = in->run;
	struct store *store = run->engine->store;
	struct arena arena = { 0 };
	struct store_drift *drifts;
	size_t count;
	int rc = store_drifts(store, in->stream, &arena, &drifts, &count, err);

	for (size_t i = 0; rc == CB_OK && i < count; i++) {
		if (!mapping_knows(run->flow->mapping, drifts[i].name))
			continue;
		rc = run_open(run, err);
		if (rc == CB_OK)
			rc = store_drift_drop(store, in->stream, drifts[i].name, err);
	}
	if (rc == CB_OK)
		rc = run_commit(run, err);
	run_rollback(run);
	arena_done(&arena);
	return rc;
}

int intake_take(struct intake *in, const struct worker_message *m, const char *stream_at,
		struct cb_error *err)
{
	struct run *run = in->run;
	int rc = run_open(run, err);

	if (rc != CB_OK)
		return rc;
	switch (m->kind) {
	case WORKER_READY:
		snprintf(in->mapping, sizeof(in->mapping), "%.*s", CB_TEXT_ARG(m->text));
		return CB_OK;
	case WORKER_DOCUMENT_BEGINS:
		return begin_document(in, m, err);
	case WORKER_PIECE:
		return store_document_piece(run->engine->store, in->document, m->text, m->number,
					    err);
	case WORKER_RECORD:
		return intake_record(in, m, err);
	case WORKER_HELD:
		return intake_held(in, m, err);
	case WORKER_PAGE:
		return end_page(in, m, stream_at, err);
	case WORKER_UNKNOWN:
		note_unknown(run->report, m->text, m->number);
		return store_drift_add(run->engine->store, in->stream, m->text, m->number, err);
	case WORKER_LOST:
		run->report->error = m->error;
		run->report->verdict = m->error.verdict;
		if (m->error.line)
			cb_error_prefix(&run->report->error, "%s:%u:%u: ", "%s:%u:%u: ", in->key,
					m->error.line, m->error.column);
		else
			cb_error_prefix(&run->report->error, "%s: ", "%s: ", in->key);
		return CB_OK;
	default:
		return CB_OK;
	}
}

/*
 * A record at which workers die. Once may be chance; at the second time it is
 * set aside, and where that does not help because it cannot even be read, so is
 * the rest of its document. The stream goes on.
 */
struct poison {
	char document[256], say[CB_ERROR_MAX];
	int64_t record;
	int times;  /* at this record */
	int barren; /* deaths since the last page that was committed */
};

#define DEATHS_MOST 5

static void poison_job(const struct poison *p, struct worker_job *job)
{
	if (p->times < 2)
		return;
	job->poison = p->document;
	job->poison_say = p->say;
	job->poison_record = p->record;
	job->poison_rest = p->times > 2;
}

/* May another worker try? */
static bool poison_took(struct poison *p, const struct worker *worker, const struct cb_error *why)
{
	const char *document;
	int64_t record;

	if (!worker_victim(worker, &document, &record) || ++p->barren >= DEATHS_MOST)
		return false;
	if (p->record != record || strcmp(p->document, document) != 0)
		p->times = 0;
	p->times++;
	p->record = record;
	snprintf(p->document, sizeof(p->document), "%s", document);
	snprintf(p->say, sizeof(p->say), "%s", why->text);
	return true;
}

/* One worker's life: until it has nothing more, or something ends it. */
static int session(struct intake *in, struct site_account *account, struct pace *pace,
		   struct poison *poison, const char *stream_at, bool *progressed,
		   struct cb_error *err)
{
	struct run *run = in->run;
	struct engine *engine = run->engine;
	struct worker_services services;
	struct worker_message m = { 0 };
	struct worker_job job;
	struct worker *worker = NULL;
	struct arena arena = { 0 };
	struct lent lent;
	int rc;

	lent_init(&lent, engine, run->flow->connection, account);
	lent.pace = pace;
	services = lent_services(&lent);
	job_of_flow(&job, engine, run->flow, run->options);
	job.task = WORK_READ;
	poison_job(poison, &job);
	rc = store_cursor(engine->store, in->stream, &arena, &job.cursor, err);
	if (rc == CB_OK)
		rc = store_cursor(engine->store, stream_at, &arena, &job.at, err);
	if (rc == CB_OK)
		rc = worker_start(&job, &services, &worker, err);
	in->page = (struct store_counts){ 0 };
	while (rc == CB_OK) {
		rc = worker_next(worker, &m, err);
		if (rc != CB_OK)
			break;
		if (m.kind == WORKER_DONE) {
			rc = m.error.verdict;
			if (rc != CB_OK)
				*err = m.error;
			break;
		}
		rc = intake_take(in, &m, stream_at, err);
		run->report->store_failed = rc != CB_OK;
		if (m.kind == WORKER_PAGE && rc == CB_OK) {
			*progressed = true;
			poison->barren = 0;
		}
		run_tell(run, m.kind == WORKER_DOCUMENT_BEGINS ? m.key : NULL);
		if (rc == CB_OK && m.kind == WORKER_PAGE && m.is_last)
			rc = run_stops(run) ? worker_finish(worker, err)
					    : worker_commit(worker, err);
	}
	run_rollback(run);
	if (rc == CB_BROKEN && poison_took(poison, worker, err)) {
		cb_log(CB_WARN, "%s：%s；再试一次", "%s: %s; once more", run->flow->name,
		       err->text);
		rc = CB_AGAIN;
		err->wait_ms = 0;
		*progressed = true; /* a death is no fault of theirs: nobody waits for it */
	}
	if (rc == CB_SETUP && lent.was_answered)
		account_refused(run, account, err);
	worker_free(worker);
	lent_done(&lent);
	arena_done(&arena);
	return rc;
}

/* What was asked of the quota, whatever the run came to. */
static void keep_pace(struct run *run, struct pace *pace)
{
	struct cb_error err = { 0 };

	if (!run->options->is_dry &&
	    (pace_save(pace, run, &err) != CB_OK || run_commit(run, &err) != CB_OK))
		cb_log(CB_WARN, "%s：%s", "%s: %s", pace->path, err.text);
	pace_done(pace);
}

/*
 * Passing faults start a new worker from what is committed: it costs two
 * milliseconds, and there is one way of going on instead of two.
 */
static int import_account(struct run *run, struct site_account *account, struct cb_error *err)
{
	char *stream = stream_of(run, account, ""), *stream_at = stream_of(run, account, "#at");
	struct patience patience = { 0 };
	struct poison poison = { 0 };
	int logins = 0;
	struct intake in;
	struct pace pace;
	int rc = pace_ready(&pace, run, account, err);

	intake_init(&in, run, stream);
	if (rc == CB_OK)
		rc = forget_known(&in, err);
	while (rc == CB_OK) {
		bool progressed = false;
		int64_t wait;

		rc = session(&in, account, &pace, &poison, stream_at, &progressed, err);
		if (progressed) {
			patience.tries = 0;
			logins = 0;
		}
		if (rc == CB_LOGIN && logins < logins_most(run->flow->connection->manifest)) {
			logins++;
			net_forget(&account->net);
			rc = CB_OK;
			continue;
		}
		/* A disk that is full is not waited for here: others may have something to do. */
		if ((rc != CB_AGAIN && rc != CB_LIMIT) || run->report->store_failed)
			break;

		wait = patience_wait(&patience, run->engine, run->flow->connection->manifest,
				     err->wait_ms);
		if (wait < 0 || run_stops(run))
			break;
		cb_log(CB_DEBUG, "%s：%s；%lld 毫秒后再试", "%s: %s; again in %lld ms",
		       run->flow->name, err->text, (long long)wait);
		engine_wait(run->engine, wait);
		if (run_stops(run))
			break;
		rc = CB_OK;
	}
	if (rc == CB_LOGIN) /* also with a new session */
		account_refused(run, account, err);
	/* What another mapping held may flow under this one. */
	if ((rc == CB_OK || rc == CB_END) && in.mapping[0] && !run->options->is_dry)
		rc = retry_run(run, NULL, NULL, in.mapping, err);
	keep_pace(run, &pace);
	intake_done(&in);
	free(stream);
	free(stream_at);
	return rc == CB_END ? CB_OK : rc;
}

/* One account's trouble is no other's: the first is the run's result, and each is said. */
static int import_accounts(struct run *run, struct cb_error *err)
{
	const struct site_connection *c = run->flow->connection;
	int result = CB_OK;

	for (size_t i = 0; i < c->account_count && !run_stops(run); i++) {
		struct cb_error why = { 0 };
		int rc = import_account(run, &c->accounts[i], &why);

		if (rc == CB_OK)
			continue;
		if (c->account_count > 1)
			cb_log(CB_WARN, "%s/%s：%s", "%s/%s: %s", run->flow->name,
			       c->accounts[i].name, why.text);
		if (result == CB_OK) {
			result = rc;
			*err = why;
		}
		if (run->report->store_failed || rc == CB_BROKEN)
			break;
	}
	return result;
}

int import_run(struct run *run, struct cb_error *err)
{
	int rc = import_accounts(run, err);

	/* A document that was lost is the run's result where nothing worse came. */
	if (rc == CB_OK && run->report->verdict) {
		if (err != &run->report->error)
			*err = run->report->error;
		rc = run->report->verdict;
	}
	return rc;
}
