/*
 * correct.c - held records go out to a person as they came, and come back as a
 * table that was corrected.
 *
 * The table is a document like any other: kept whole, so that `why` and a later
 * mapping can read it again. A row says which entry it stands for; that entry
 * goes, whatever becomes of the row: held again, it is held for what it is now.
 */
#include <stdlib.h>
#include <unistd.h>

#include "flow/inside.h"

struct entries {
	struct arena arena;
	struct store_held *at;
	size_t count, room;
};

static const char *copy(struct entries *e, const char *text)
{
	return text ? arena_string(&e->arena, cb_text_of(text)) : NULL;
}

static int collect(void *with, const struct store_held *held, struct cb_error *err)
{
	struct entries *e = with;
	struct store_held *mine;

	(void)err;
	memory_grow(&e->at, e->count, &e->room, sizeof(*e->at));
	mine = &e->at[e->count++];
	*mine = *held;
	mine->flow = copy(e, held->flow);
	mine->stream = copy(e, held->stream);
	mine->key = copy(e, held->key);
	mine->mapping = copy(e, held->mapping);
	mine->code = copy(e, held->code);
	mine->field = copy(e, held->field);
	mine->value = copy(e, held->value);
	mine->say = copy(e, held->say);
	mine->outcome = copy(e, held->outcome);
	return CB_OK;
}

static int by_place(const void *a, const void *b)
{
	const struct store_held *x = a, *y = b;

	if (x->document != y->document)
		return x->document < y->document ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

struct teller {
	int (*each)(void *with, const struct store_held *held, const struct worker_text *cells,
		    size_t count, struct cb_error *err);
	void *with;
};

/* The entries of one document, which are @count from @held on. */
static int tell_document(struct replay *r, const struct worker_job *base, struct store *store,
			 const struct store_held *held, size_t count, const struct teller *to,
			 struct cb_error *err)
{
	int64_t *wanted = memory_take(count * sizeof(*wanted));
	struct store_document doc = { 0 };
	struct worker_job job = *base;
	struct worker_message m;
	struct arena arena = { 0 };
	size_t told = 0;
	int fd = -1, rc;

	for (size_t i = 0; i < count; i++)
		wanted[i] = held[i].number;
	rc = store_document_read(store, held->document, &arena, &doc, NULL, err);
	if (rc == CB_OK)
		rc = document_descriptor(store, held->document, &fd, err);
	job_of_document(&job, &doc, fd);
	job.wanted = wanted;
	job.wanted_count = count;
	if (rc == CB_OK)
		rc = replay_begin(r, &job, err);
	while (rc == CB_OK && (rc = replay_next(r, &m, err)) == CB_OK) {
		if (m.kind != WORKER_CELLS && m.kind != WORKER_HELD)
			continue;
		/* One that cannot be read has no cells; it is held, and told, all the same. */
		for (; told < count && held[told].number <= m.number && rc == CB_OK; told++)
			rc = to->each(to->with, &held[told],
				      held[told].number == m.number ? m.cells : NULL,
				      held[told].number == m.number ? m.cell_count : 0, err);
	}
	rc = rc == CB_END ? CB_OK : rc;
	for (; told < count && rc == CB_OK; told++)
		rc = to->each(to->with, &held[told], NULL, 0, err);
	if (fd >= 0)
		close(fd);
	arena_done(&arena);
	free(wanted);
	return rc;
}

int flow_held_cells(const struct site *site, struct store *store, const struct site_flow *flow,
		    const char *code, const char *field,
		    int (*each)(void *, const struct store_held *, const struct worker_text *,
				size_t, struct cb_error *),
		    void *with, struct cb_error *err)
{
	const struct teller to = { each, with };
	struct entries e = { 0 };
	struct worker_job job;
	struct replay r = { 0 };
	int rc = store_held_list(store, flow->name, code, field, collect, &e, err);

	job_of_replay(&job, site, flow);
	job.tells_cells = true;
	if (rc == CB_OK && e.count) {
		qsort(e.at, e.count, sizeof(*e.at), by_place);
		rc = replay_open(&r, &job, err);
	}
	for (size_t i = 0, end; i < e.count && rc == CB_OK; i = end) {
		for (end = i + 1; end < e.count && e.at[end].document == e.at[i].document;)
			end++;
		rc = tell_document(&r, &job, store, &e.at[i], end - i, &to, err);
	}
	replay_close(&r);
	free(e.at);
	arena_done(&e.arena);
	return rc;
}

/* The entry that the next record stands for: it is of that entry's stream. */
static int take_entry(struct intake *in, int64_t id, int64_t *entry, struct cb_error *err)
{
	struct run *run = in->run;
	struct arena arena = { 0 };
	struct store_held held;
	int rc = store_held_read(run->engine->store, id, &arena, &held, err);

	*entry = 0;
	if (rc == CB_OK && strcmp(held.flow, run->flow->name) != 0)
		rc = cb_fail(err, CB_REFUSED, "挂起记录 #%lld 是流程 %s 的，不是 %s 的",
			     "held record #%lld is of the flow %s, not of %s", (long long)id,
			     held.flow, run->flow->name);
	if (rc == CB_OK) {
		*entry = id;
		free(in->stream);
		in->stream = memory_string(held.stream);
	}
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc; /* it went on by itself meanwhile */
}

int correct_run(struct run *run, const char *key, int fd, struct cb_error *err)
{
	struct worker_message m = { 0 };
	struct worker *worker = NULL;
	struct worker_job job;
	struct intake in;
	char *stream = stream_of(run, &run->flow->connection->accounts[0], "");
	int64_t entry = 0;
	int rc;

	intake_init(&in, run, stream);
	job_of_flow(&job, run->engine, run->flow, run->options);
	job.task = WORK_DOCUMENT;
	job.manifest = NULL;
	job.key = key;
	job.media = WORKER_CORRECTED;
	job.fd = fd;
	rc = worker_start(&job, NULL, &worker, err);
	while (rc == CB_OK && (rc = worker_next(worker, &m, err)) == CB_OK &&
	       m.kind != WORKER_DONE) {
		bool is_record = m.kind == WORKER_RECORD || m.kind == WORKER_HELD;

		rc = run_open(run, err);
		if (rc == CB_OK && m.kind == WORKER_CORRECTS)
			rc = take_entry(&in, m.number, &entry, err);
		/* Before the row: where it is held again, it takes a new entry's place. */
		if (rc == CB_OK && is_record && entry)
			rc = store_held_drop(run->engine->store, entry, err);
		if (rc == CB_OK)
			rc = intake_take(&in, &m, NULL, err);
		if (is_record)
			entry = 0;
		if (rc == CB_OK && m.kind == WORKER_PAGE && m.is_last)
			rc = worker_commit(worker, err);
		run_tell(run, key);
	}
	if (rc == CB_OK && m.error.verdict) {
		*err = m.error;
		rc = (int)m.error.verdict;
	}
	run_rollback(run);
	worker_free(worker);
	intake_done(&in);
	free(stream);
	return rc;
}
