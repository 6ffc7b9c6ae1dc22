/*
 * retry.c - map held records again from the bytes they came from.
 *
 * Whatever held them may be gone: a code row was added, a mapping corrected.
 * What maps now is stored as if it had come today; the rest stays held, with
 * what holds it now.
 */
#include <stdlib.h>
#include <unistd.h>

#include "flow/inside.h"

struct due { /* a held record: where its bytes are */
	int64_t document, number, id;
	char *stream;
	bool is_set_aside; /* it broke a plugin */
	bool is_rest;      /* it, and all behind it in its document */
};

struct dues {
	struct due *at;
	size_t count, room;
	const char *except, *code;
	struct run *run;
};

static bool is_called(const char *code, const char *name)
{
	return code && strcmp(code, name) == 0;
}

static int collect(void *with, const struct store_held *held, struct cb_error *err)
{
	struct dues *dues = with;

	(void)err;
	if (dues->except && held->mapping && strcmp(held->mapping, dues->except) == 0 &&
	    !refs_may_go_on(dues->run, held) && !receipt_may_go_on(dues->run, held))
		return CB_OK;
	/* What broke a plugin would break this run: only where it is asked for by name. */
	if (!dues->code && (is_called(held->code, "poison") || is_called(held->code, "unread")))
		return CB_OK;
	memory_grow(&dues->at, dues->count, &dues->room, sizeof(*dues->at));
	dues->at[dues->count++] = (struct due){
		.document = held->document,
		.number = held->number,
		.id = held->id,
		.stream = memory_string(held->stream),
		.is_set_aside = is_called(held->code, "poison") || is_called(held->code, "unread"),
		.is_rest = is_called(held->code, "unread"),
	};
	return CB_OK;
}

static int by_document(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->document != y->document)
		return x->document < y->document ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int remap(struct run *run, const struct due *dues, size_t count, struct cb_error *err)
{
	struct engine *engine = run->engine;
	int64_t *wanted = memory_take(count * sizeof(*wanted));
	struct store_document doc = { 0 };
	struct worker_message m = { 0 };
	struct arena arena = { 0 };
	struct worker *worker = NULL;
	struct worker_job job;
	struct intake in;
	int rc, fd = -1;

	intake_init(&in, run, dues[0].stream);
	in.document = dues[0].document;
	in.is_retry = true;
	for (size_t i = 0; i < count; i++)
		wanted[i] = dues[i].number;
	job_of_flow(&job, engine, run->flow, run->options);
	rc = store_document_read(engine->store, dues[0].document, &arena, &doc, NULL, err);
	if (rc == CB_OK)
		rc = document_descriptor(engine->store, dues[0].document, &fd, err);
	job.task = WORK_DOCUMENT;
	job.keeps_raw = false;
	job_of_document(&job, &doc, fd);
	if (dues[0].is_rest)
		job.skip = dues[0].number - 1;
	else
		job.wanted = wanted;
	job.wanted_count = job.wanted ? count : 0;
	if (rc == CB_OK)
		rc = worker_start(&job, NULL, &worker, err);
	/* They are held by their place alone, and come back with their keys. */
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		if (dues[i].is_set_aside && (rc = run_open(run, err)) == CB_OK)
			rc = store_held_drop(engine->store, dues[i].id, err);
	while (rc == CB_OK && (rc = worker_next(worker, &m, err)) == CB_OK &&
	       m.kind != WORKER_DONE) {
		rc = run_open(run, err);
		if (rc != CB_OK)
			break;
		if (m.kind == WORKER_READY)
			memcpy(in.mapping, m.text.at, m.text.len < 64 ? m.text.len : 64);
		else if (m.kind == WORKER_RECORD)
			rc = intake_record(&in, &m, err);
		else if (m.kind == WORKER_HELD)
			rc = intake_held(&in, &m, err);
		else if (m.kind == WORKER_PAGE && m.is_last)
			rc = worker_commit(worker, err);
		run_tell(run, doc.key);
	}
	if (rc == CB_OK && m.error.verdict) {
		*err = m.error;
		rc = m.error.verdict;
	}
	if (rc == CB_OK)
		rc = run_commit(run, err);
	if (rc == CB_OK) {
		struct store_counts *c = &run->report->counts;

		c->read += in.page.read;
		c->new += in.page.new;
		c->changed += in.page.changed;
		c->unchanged += in.page.unchanged;
		c->held += in.page.held;
		c->rejected += in.page.rejected;
		c->passed_by += in.page.passed_by;
	}
	run_rollback(run);
	worker_free(worker);
	if (fd >= 0)
		close(fd);
	intake_done(&in);
	arena_done(&arena);
	free(wanted);
	return rc;
}

int retry_run(struct run *run, const char *code, const char *field, const char *except,
	      struct cb_error *err)
{
	struct dues dues = { .except = except, .code = code, .run = run };
	int rc = store_held_list(run->engine->store, run->flow->name, code, field, collect, &dues,
				 err);

	if (dues.count)
		qsort(dues.at, dues.count, sizeof(*dues.at), by_document);
	for (size_t i = 0; i < dues.count && rc == CB_OK && !run_stops(run);) {
		size_t end = i + 1;

		while (end < dues.count && dues.at[end].document == dues.at[i].document &&
		       !dues.at[i].is_rest && !dues.at[end].is_rest)
			end++;
		rc = remap(run, &dues.at[i], end - i, err);
		i = end;
	}
	for (size_t i = 0; i < dues.count; i++)
		free(dues.at[i].stream);
	free(dues.at);
	return rc;
}
