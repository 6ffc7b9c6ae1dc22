/*
 * trial.c - a mapping is taken up when the samples in its file pass.
 *
 * They run in a worker, once for each version of the texts; the store remembers
 * how they went, for the model and the program of then. Where they fail, the
 * last version that passed is made again from the texts that were kept, and the
 * flows that name the file go by it until its samples pass again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/version.h"
#include "flow/inside.h"

struct taken {
	struct taken *next;
	struct arena arena;
	const char *file;
	struct mapping *own;      /* made from the file: the site's */
	struct mapping *in_force; /* in its place; NULL: the file's own is */
	int own_tables, tables;   /* theirs */
	struct flow_trial trial;
};

enum { SAY_MOST = 240 };

/* How a report begins: one sample, and what differs; `map test` shows it all. */
static const char *first_line(struct arena *arena, struct cb_text report)
{
	const char *end = report.len ? memchr(report.at, '\n', report.len) : NULL;
	size_t len = end ? (size_t)(end - report.at) : report.len;

	if (len <= SAY_MOST)
		return arena_string(arena, (struct cb_text){ report.at, len });
	for (len = SAY_MOST; len && ((unsigned char)report.at[len] & 0xc0) == 0x80;)
		len--;
	return arena_printf(arena, "%.*s…", (int)len, report.at);
}

static int run_samples(const struct site *site, const struct mapping *m, const char *file,
		       const struct worker_text *kept, size_t kept_count, int tables,
		       struct arena *arena, struct flow_trial *out, struct cb_error *err)
{
	struct worker_job job = { .task = WORK_MAP_TEST,
				  .plugins = site->plugins,
				  .model = site->model_file,
				  .mapping = file,
				  .digest = mapping_digest(m),
				  .kept = kept,
				  .kept_count = kept_count,
				  .tables = tables,
				  .zone = site->zone,
				  .fd = -1 };
	struct worker_message message = { 0 };
	struct worker *worker;
	int rc;

	if (!mapping_size(m).samples)
		return CB_OK;
	rc = worker_start(&job, NULL, &worker, err);
	while (rc == CB_OK && (rc = worker_next(worker, &message, err)) == CB_OK &&
	       message.kind != WORKER_DONE) {
		if (message.kind != WORKER_REPORT)
			continue;
		out->passed = (size_t)message.number;
		out->failed = (size_t)message.count;
		if (out->failed)
			out->say = first_line(arena, message.text);
	}
	if (rc == CB_OK && message.error.verdict) {
		*err = message.error;
		rc = (int)err->verdict;
	}
	worker_free(worker);
	return rc;
}

/* What a verdict hangs on beside the texts. */
static const char *stamp_of(const struct site *site, struct arena *arena)
{
	return arena_printf(arena, "%016" PRIx64 " " CASEBRIDGE_VERSION, site->model->digest);
}

int flow_try(const struct site *site, struct store *store, const struct site_flow *flow,
	     struct arena *arena, struct flow_trial *out, struct cb_error *err)
{
	const char *digest = mapping_digest(flow->mapping);
	struct store_trial known = { 0 };
	int rc = store ? store_trial(store, flow->mapping_file, arena, &known, err) : CB_END;

	if (rc != CB_OK && rc != CB_END)
		return rc;
	*out = (struct flow_trial){ .digest = digest };
	out->is_known = rc == CB_OK && strcmp(known.digest, digest) == 0 &&
			strcmp(known.stamp, stamp_of(site, arena)) == 0;
	rc = CB_OK;
	if (out->is_known) {
		out->passed = (size_t)known.passed;
		out->failed = (size_t)known.failed;
		out->say = known.say;
	} else {
		rc = run_samples(site, flow->mapping, flow->mapping_file, flow->kept,
				 flow->kept_count, flow->tables, arena, out, err);
	}
	/* It passed once, with another model: then there is nothing else to use. */
	if (out->failed && known.in_force && strcmp(known.in_force, digest) != 0) {
		out->in_force = known.in_force;
		out->since_ms = known.since_ms;
	}
	return rc;
}

/* Keeping what a mapping was made from. */

struct keeping {
	struct store *store;
	const char *digest;
	int64_t position;
	struct cb_error *err;
	int rc;
};

static void keep_text(void *with, const char *file, struct cb_text text)
{
	struct keeping *k = with;

	if (k->rc == CB_OK)
		k->rc = store_chapter(k->store, k->digest, k->position++, file, text, k->err);
}

static int remember(struct run *run, const struct flow_trial *trial, struct cb_error *err)
{
	struct store *store = run->engine->store;
	struct keeping k = { .store = store, .digest = trial->digest, .err = err };
	struct arena arena = { 0 };
	struct store_trial kept = {
		.digest = trial->digest,
		.stamp = stamp_of(run->engine->site, &arena),
		.passed = (int64_t)trial->passed,
		.failed = (int64_t)trial->failed,
		.say = trial->say,
	};

	k.rc = run_open(run, err);
	if (k.rc == CB_OK && !trial->failed)
		mapping_each_source(run->flow->mapping, keep_text, &k);
	if (k.rc == CB_OK)
		k.rc = store_trial_set(store, run->flow->mapping_file, &kept, err);
	if (k.rc == CB_OK)
		k.rc = run_commit(run, err);
	arena_done(&arena);
	return k.rc;
}

/* Going by what passed last. */

static int none_in_force(const struct run *run, const struct flow_trial *trial,
			 struct cb_error *err)
{
	return cb_fail(err, CB_SETUP,
		       "映射 %s 自带的样例有 %zu 个不通过，也没有以前通过的版本可用，所以不执行："
		       "%s（全部：casebridge map test %s）",
		       "mapping %s: %zu of its own samples fail, and no version of it that passed "
		       "is there to be used, so nothing is done: %s (all: casebridge map test %s)",
		       run->flow->mapping_file, trial->failed, trial->say, run->flow->mapping_file);
}

static int read_texts(struct run *run, struct taken *t, struct worker_text **out, size_t *count,
		      struct cb_error *err)
{
	struct store_text *texts;
	int rc = store_chapters(run->engine->store, t->trial.in_force, &t->arena, &texts, count,
				err);

	if (rc != CB_OK)
		return rc;
	*out = arena_zero(&t->arena, (*count + 1) * sizeof(**out));
	for (size_t i = 0; i < *count; i++)
		(*out)[i] = (struct worker_text){ texts[i].name, texts[i].text };
	return CB_OK;
}

static struct mapping *make(struct run *run, struct taken *t, const struct worker_text *texts,
			    size_t count)
{
	struct mapping_text *kept = arena_zero(&t->arena, (count + 1) * sizeof(*kept));
	struct problems problems = { 0 };
	struct mapping *m;

	for (size_t i = 0; i < count; i++)
		kept[i] = (struct mapping_text){ texts[i].name, texts[i].text };
	m = mapping_read_kept(&t->arena, t->file, kept, count, run->engine->site->model, &problems);
	problems_done(&problems);
	return m;
}

static void put_in_force(struct site *site, struct taken *t, const struct worker_text *texts,
			 size_t count)
{
	for (size_t i = 0; i < site->flow_count; i++) {
		struct site_flow *f = &site->flows[i];

		if (strcmp(f->mapping_file, t->file) != 0)
			continue;
		f->mapping = t->in_force;
		f->kept = texts;
		f->kept_count = count;
		f->tables = t->tables;
	}
}

/* It must do today what it did when it was taken up: the model may be another one by now. */
static int use_kept(struct run *run, struct taken *t, struct cb_error *err)
{
	struct site *site = run->engine->site;
	struct flow_trial again = { 0 };
	struct worker_text *texts = NULL;
	size_t count = 0;
	int rc = t->trial.in_force ? read_texts(run, t, &texts, &count, err) : CB_OK;

	if (rc != CB_OK)
		return rc;
	t->in_force = count ? make(run, t, texts, count) : NULL;
	if (!t->in_force || mapping_here(t->in_force) != run->flow->entity ||
	    strcmp(mapping_digest(t->in_force), t->trial.in_force) != 0)
		return none_in_force(run, &t->trial, err);
	t->tables = worker_tables(t->in_force);
	rc = run_samples(site, t->in_force, t->file, texts, count, t->tables, &t->arena, &again,
			 err);
	if (rc == CB_OK && again.failed)
		rc = none_in_force(run, &t->trial, err);
	if (rc == CB_OK)
		put_in_force(site, t, texts, count);
	return rc;
}

static struct taken *find(const struct engine *engine, const char *file)
{
	struct taken *t = engine->taken;

	while (t && strcmp(t->file, file) != 0)
		t = t->next;
	return t;
}

static void forget(struct taken *t)
{
	if (t->tables)
		close(t->tables);
	mapping_done(t->in_force);
	arena_done(&t->arena);
	free(t);
}

int run_take_mapping(struct run *run, struct cb_error *err)
{
	struct engine *engine = run->engine;
	struct taken *t = find(engine, run->flow->mapping_file);
	int rc;

	if (t) {
		run->report->trial = t->trial;
		return CB_OK;
	}
	t = memory_take(sizeof(*t));
	t->file = run->flow->mapping_file;
	t->own = run->flow->mapping;
	t->own_tables = run->flow->tables;
	rc = flow_try(engine->site, engine->store, run->flow, &t->arena, &t->trial, err);
	if (rc == CB_OK && !t->trial.is_known)
		rc = remember(run, &t->trial, err);
	if (rc == CB_OK && t->trial.failed)
		rc = use_kept(run, t, err);
	if (rc != CB_OK) {
		forget(t);
		return rc;
	}
	t->next = engine->taken;
	engine->taken = t;
	run->report->trial = t->trial;
	return CB_OK;
}

void mappings_give_back(struct engine *engine)
{
	struct site *site = engine->site;

	while (engine->taken) {
		struct taken *t = engine->taken;

		engine->taken = t->next;
		for (size_t i = 0; i < site->flow_count && t->in_force; i++) {
			struct site_flow *f = &site->flows[i];

			if (f->mapping != t->in_force)
				continue;
			f->mapping = t->own;
			f->tables = t->own_tables;
			f->kept = NULL;
			f->kept_count = 0;
		}
		forget(t);
	}
}
