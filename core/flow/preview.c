/*
 * preview.c - two mappings over the same documents, side by side.
 *
 * Two workers map the same bytes, each at its own pace; their records are
 * compared as they come, by number, so nothing but counts and a few samples is
 * ever kept. Rows of one shape are equal where their bytes are.
 */
#include "flow/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "flow/inside.h"
#include "record/wire.h"

enum { CAUSES_MAX = 1000 };

struct side {
	struct worker_job job;
	struct replay replay;
	struct worker_message m;
	bool has_record; /* m is one that was not compared yet */
	int fd;
};

struct previewing {
	const struct site *site;
	struct store *store;
	const struct preview_wish *wish;
	const struct site_flow *flow;
	struct arena *arena; /* the result's */
	struct arena rows;   /* of the record at hand */
	struct side before, after;
	struct preview *out;
	bool in_document; /* was any record of it lost? counted once */
};

/* ------------------------------------------------------- one record */

static const char *copy(struct previewing *p, const char *text)
{
	return text ? arena_string(p->arena, cb_text_of(text)) : NULL;
}

static struct preview_field *field_named(struct previewing *p, const char *path)
{
	struct preview *out = p->out;
	struct preview_field *f;

	for (size_t i = 0; i < out->field_count; i++)
		if (strcmp(out->fields[i].path, path) == 0)
			return &out->fields[i];
	memory_grow(&out->fields, out->field_count, &out->field_room, sizeof(*out->fields));
	f = &out->fields[out->field_count++];
	*f = (struct preview_field){ .path = copy(p, path) };
	return f;
}

static void differs(struct previewing *p, const char *path, struct cb_text before,
		    struct cb_text after)
{
	struct preview_field *f = field_named(p, path);
	const char *key = p->after.m.key;
	bool is_same_record = f->sample_count && f->samples[f->sample_count - 1].key && key &&
			      strcmp(f->samples[f->sample_count - 1].key, key) == 0;

	if (f->sample_count == PREVIEW_SAMPLES || is_same_record)
		return;
	f->samples[f->sample_count++] = (struct preview_sample){
		.key = copy(p, key),
		.before = before.at ? arena_copy(p->arena, before) : before,
		.after = after.at ? arena_copy(p->arena, after) : after,
	};
}

/* Every field once a record, however many items of a list it changes in. */
static void compare_rows(struct previewing *p, const struct table *table, const char *in,
			 const struct row *a, const struct row *b, struct names *told)
{
	for (size_t i = 0; i < table->shape->slot_count; i++) {
		const char *path;

		if (a->values[i].at == b->values[i].at ||
		    (a->values[i].at && b->values[i].at &&
		     cb_text_equal(a->values[i], b->values[i])))
			continue;
		path = arena_printf(&p->rows, "%s%s", in, table->fields[i].path);
		if (names_find(told, cb_text_of(path)) == NAME_UNKNOWN) {
			names_set(told, cb_text_of(path), 1);
			field_named(p, path)->count++;
		}
		differs(p, path, a->values[i], b->values[i]);
	}
	for (size_t l = 0; l < table->shape->list_count; l++) {
		const struct rows *x = &a->lists[l], *y = &b->lists[l];
		const char *path = arena_printf(&p->rows, "%s%s", in, table->lists[l].name);

		if (x->count != y->count && names_find(told, cb_text_of(path)) == NAME_UNKNOWN) {
			names_set(told, cb_text_of(path), 1);
			field_named(p, path)->count++;
			differs(p, path, cb_text_of(arena_printf(&p->rows, "%zu", x->count)),
				cb_text_of(arena_printf(&p->rows, "%zu", y->count)));
		}
		path = arena_printf(&p->rows, "%s/", path);
		for (size_t k = 0; k < x->count && k < y->count; k++)
			compare_rows(p, &table->lists[l], path, x->at[k], y->at[k], told);
	}
}

static int compare_mapped(struct previewing *p, struct cb_error *err)
{
	struct cb_text a = p->before.m.text, b = p->after.m.text;
	struct wire x = { a.at, a.at + a.len, false }, y = { b.at, b.at + b.len, false };
	const struct table *entity = p->flow->entity;
	struct names told = { 0 };
	const struct row *before, *after;

	if (cb_text_equal(a, b)) {
		p->out->same++;
		return CB_OK;
	}
	p->out->changed++;
	before = wire_get_row(&x, &p->rows, entity->shape);
	after = wire_get_row(&y, &p->rows, entity->shape);
	if (!before || !after)
		return cb_fail(err, CB_BROKEN, "工作进程发来的记录无法读取",
			       "a record of the worker cannot be read");
	compare_rows(p, entity, "", before, after, &told);
	names_done(&told);
	arena_clear(&p->rows);
	return CB_OK;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void count_cause(struct previewing *p, const struct worker_message *m, bool is_released)
{
	static const struct worker_finding none = { .code = "" };
	const struct worker_finding *f = m->finding_count ? &m->findings[0] : &none;
	struct preview *out = p->out;

	for (size_t i = m->finding_count; i-- > 0;)
		if (m->findings[i].outcome == m->outcome)
			f = &m->findings[i];
	for (size_t i = 0; i < out->cause_count; i++) {
		struct preview_cause *c = &out->causes[i];

		if (c->is_released == is_released && is_same(c->code, f->code) &&
		    is_same(c->field, f->field) && is_same(c->value, f->value)) {
			c->count++;
			return;
		}
	}
	if (out->cause_count == CAUSES_MAX)
		return;
	memory_grow(&out->causes, out->cause_count, &out->cause_room, sizeof(*out->causes));
	out->causes[out->cause_count++] = (struct preview_cause){
		.is_released = is_released,
		.code = copy(p, f->code),
		.field = copy(p, f->field),
		.value = copy(p, f->value),
		.say = copy(p, f->say),
		.key = copy(p, m->key),
		.count = 1,
	};
}

static bool waits(int outcome)
{
	return outcome == OUTCOME_HELD || outcome == OUTCOME_REJECTED;
}

static int compare(struct previewing *p, bool has_before, bool has_after, struct cb_error *err)
{
	int from = has_before ? p->before.m.outcome : PREVIEW_ABSENT;
	int to = has_after ? p->after.m.outcome : PREVIEW_ABSENT;

	p->out->read++;
	p->out->moved[from][to]++;
	if (waits(from) && !waits(to) && to != PREVIEW_ABSENT)
		count_cause(p, &p->before.m, true);
	if (waits(to) && !waits(from))
		count_cause(p, &p->after.m, false);
	if (from == OUTCOME_MAPPED && to == OUTCOME_MAPPED)
		return compare_mapped(p, err);
	return CB_OK;
}

/* ------------------------------------------------------- one document */

/* The side's next record; none at the document's end. */
static int advance(struct previewing *p, struct side *side, struct cb_error *err)
{
	int rc;

	side->has_record = false;
	while ((rc = replay_next(&side->replay, &side->m, err)) == CB_OK) {
		if (side->m.kind == WORKER_LOST && !p->in_document) {
			p->in_document = true;
			p->out->lost++;
		}
		if (side->m.kind == WORKER_RECORD || side->m.kind == WORKER_HELD) {
			side->has_record = true;
			return CB_OK;
		}
	}
	return rc == CB_END ? CB_OK : rc;
}

static int walk(struct previewing *p, struct cb_error *err)
{
	struct side *a = &p->before, *b = &p->after;
	int rc = advance(p, a, err);

	if (rc == CB_OK)
		rc = advance(p, b, err);
	while (rc == CB_OK && (a->has_record || b->has_record)) {
		bool has_a = a->has_record && (!b->has_record || a->m.number <= b->m.number);
		bool has_b = b->has_record && (!a->has_record || b->m.number <= a->m.number);

		rc = compare(p, has_a, has_b, err);
		if (rc == CB_OK && has_a)
			rc = advance(p, a, err);
		if (rc == CB_OK && has_b)
			rc = advance(p, b, err);
	}
	return rc;
}

/* The same bytes a second time, with a place of its own in them. */
static int open_again(int fd, struct cb_error *err)
{
	char path[64];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	if (again < 0)
		cb_error_set(err, CB_AGAIN, "系统资源不足", "the system has no room");
	return again;
}

/* Takes @fd. */
static int one_document(struct previewing *p, const struct store_document *doc, int fd,
			struct cb_error *err)
{
	int again = open_again(fd, err);
	int rc = again < 0 ? CB_AGAIN : CB_OK;

	p->out->documents++;
	p->in_document = false;
	job_of_document(&p->before.job, doc, fd);
	job_of_document(&p->after.job, doc, again);
	if (rc == CB_OK)
		rc = replay_begin(&p->before.replay, &p->before.job, err);
	if (rc == CB_OK)
		rc = replay_begin(&p->after.replay, &p->after.job, err);
	close(fd);
	if (again >= 0)
		close(again);
	return rc == CB_OK ? walk(p, err) : rc;
}

/* ------------------------------------------------------- one import */

static int one_stream(struct previewing *p, const char *stream, struct cb_error *err)
{
	struct arena arena = { 0 };
	int64_t document = 0;
	int rc = CB_OK;

	while (rc == CB_OK && !(p->wish->stop && *p->wish->stop)) {
		struct store_document doc;
		int fd;

		arena_clear(&arena);
		rc = store_document_next(p->store, stream, p->wish->since, document, &arena,
					 &document, &doc, err);
		if (rc == CB_OK)
			rc = document_descriptor(p->store, document, &fd, err);
		if (rc == CB_OK)
			rc = one_document(p, &doc, fd, err);
	}
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

static int one_file(struct previewing *p, struct cb_error *err)
{
	struct store_document doc = { .key = p->wish->document };
	int fd = open(doc.key, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return cb_fail(err, CB_SETUP, "%s：不能读取：%s", "%s: cannot read: %s", doc.key,
			       file_reason(errno));
	return one_document(p, &doc, fd, err);
}

static int all_streams(struct previewing *p, struct cb_error *err)
{
	const struct site_connection *c = p->flow->connection;
	int rc = CB_OK;

	if (c->account_count <= 1)
		return one_stream(p, p->flow->stream_name, err);
	for (size_t i = 0; i < c->account_count && rc == CB_OK; i++)
		rc = one_stream(
			p,
			arena_printf(p->arena, "%s@%s", p->flow->stream_name, c->accounts[i].name),
			err);
	return rc;
}

static int take_before(struct previewing *p, const char *digest, struct cb_error *err)
{
	struct worker_text *kept;
	struct store_text *texts;
	size_t count;
	int rc = store_chapters(p->store, digest, p->arena, &texts, &count, err);

	if (rc != CB_OK || !count)
		return rc;
	snprintf(p->out->before, sizeof(p->out->before), "%s", digest);
	kept = arena_zero(p->arena, (count + 1) * sizeof(*kept));
	for (size_t i = 0; i < count; i++)
		kept[i] = (struct worker_text){ texts[i].name, texts[i].text };
	p->before.job.mapping = kept[0].name;
	p->before.job.tables = 0;
	p->before.job.kept = kept;
	p->before.job.kept_count = count;
	return CB_OK;
}

/* The mapping that is in force; where that is the new one already, the one before it. */
static int choose_before(struct previewing *p, struct cb_error *err)
{
	struct preview *out = p->out;
	struct flow_trial trial;
	const char *before;
	int rc;

	snprintf(out->before, sizeof(out->before), "%s", mapping_digest(p->flow->mapping));
	rc = flow_try(p->site, p->store, p->flow, p->arena, &trial, err);
	if (rc == CB_OK && trial.in_force && strcmp(trial.in_force, out->after) != 0)
		return take_before(p, trial.in_force, err);
	if (rc != CB_OK || (strcmp(out->before, out->after) != 0 && !trial.in_force))
		return rc;
	rc = store_mapping_before(p->store, p->flow->mapping_file, out->after, p->arena, &before,
				  err);
	if (rc == CB_END)
		return CB_OK;
	return rc == CB_OK ? take_before(p, before, err) : rc;
}

static int one_flow(struct previewing *p, struct cb_error *err)
{
	int rc;

	job_of_replay(&p->before.job, p->site, p->flow);
	job_of_replay(&p->after.job, p->site, p->flow);
	p->after.job.mapping = p->wish->file;
	p->after.job.tables = 0;
	rc = choose_before(p, err);
	if (rc == CB_OK)
		rc = replay_open(&p->before.replay, &p->before.job, err);
	if (rc == CB_OK)
		rc = replay_open(&p->after.replay, &p->after.job, err);
	if (rc == CB_OK)
		rc = p->wish->document ? one_file(p, err) : all_streams(p, err);
	replay_close(&p->before.replay);
	replay_close(&p->after.replay);
	return rc;
}

/* ------------------------------------------------------- all of them */

static int read_new(struct previewing *p, struct mapping **out, struct cb_error *err)
{
	struct problems problems = { 0 };

	*out = mapping_read(p->arena, p->wish->file, p->site->model, &problems);
	if (!*out && problems.count)
		cb_error_set(err, CB_SETUP, "%s:%u: %s", "%s:%u: %s", problems.at[0].file,
			     problems.at[0].line, problems.at[0].text);
	else if (!*out)
		cb_error_set(err, CB_SETUP, "%s：不能使用", "%s: cannot be used", p->wish->file);
	problems_done(&problems);
	return *out ? CB_OK : CB_SETUP;
}

static bool is_wanted(const struct previewing *p, const struct site_flow *f,
		      const struct mapping *m)
{
	return !f->is_export && f->entity == mapping_here(m) &&
	       (p->wish->flow ? f == p->wish->flow
			      : is_same(mapping_name(f->mapping), mapping_name(m)));
}

int preview_run(const struct site *site, struct store *store, const struct preview_wish *wish,
		struct arena *arena, struct preview *out, struct cb_error *err)
{
	struct previewing p = {
		.site = site, .store = store, .wish = wish, .arena = arena, .out = out
	};
	struct mapping *m = NULL;
	bool is_used = false;
	int rc;

	*out = (struct preview){ 0 };
	rc = read_new(&p, &m, err);
	if (rc != CB_OK)
		return rc;
	snprintf(out->after, sizeof(out->after), "%s", mapping_digest(m));
	out->entity = mapping_here(m);
	for (size_t i = 0; i < site->flow_count && rc == CB_OK; i++) {
		/* A file goes through once, whoever reads such files. */
		if (!is_wanted(&p, &site->flows[i], m) || (is_used && wish->document))
			continue;
		is_used = true;
		p.flow = &site->flows[i];
		rc = one_flow(&p, err);
	}
	if (rc == CB_OK && !is_used)
		rc = cb_fail(err, CB_SETUP,
			     "站点里没有导入流程使用名为 %s、写 %s 的映射：没有可以比较的原文",
			     "no import of the site uses a mapping called %s of %s: there is "
			     "nothing to compare with",
			     mapping_name(m), mapping_here(m)->name);
	mapping_done(m);
	arena_done(&p.rows);
	return rc;
}

void preview_done(struct preview *preview)
{
	free(preview->fields);
	free(preview->causes);
	preview->fields = NULL;
	preview->causes = NULL;
}

bool preview_adds_up(const struct preview *preview)
{
	int64_t sum = 0;

	for (int from = 0; from < PREVIEW_OUTCOMES; from++)
		for (int to = 0; to < PREVIEW_OUTCOMES; to++)
			sum += preview->moved[from][to];
	return sum == preview->read &&
	       preview->same + preview->changed == preview->moved[OUTCOME_MAPPED][OUTCOME_MAPPED];
}
