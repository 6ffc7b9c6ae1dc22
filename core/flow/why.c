/*
 * why.c - every source of a record, replayed: its raw bytes through the mapping
 * of then.
 *
 * The mapping is made from the texts that were kept under its digest, so an
 * edit of today changes no answer about yesterday.
 */
#include "flow/replay.h"

#include <stdlib.h>
#include <unistd.h>

#include "flow/inside.h"

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_string(arena, cb_text_of(text)) : NULL;
}

const struct site_flow *flow_of_stream(const struct site *site, const struct table *entity,
				       const char *stream)
{
	for (size_t i = 0; i < site->flow_count; i++) {
		const struct site_flow *f = &site->flows[i];
		size_t len = strlen(f->stream_name);

		if (!f->is_export && f->entity == entity &&
		    strncmp(stream, f->stream_name, len) == 0 &&
		    (stream[len] == '\0' || stream[len] == '@'))
			return f;
	}
	return NULL;
}

/* The texts of then, where they are kept and are not those of now. */
static int find_texts(struct store *store, struct arena *arena, struct why_source *s,
		      struct worker_job *job, struct cb_error *err)
{
	struct store_text *texts;
	struct worker_text *kept;
	size_t count;
	int rc;

	s->is_todays = strcmp(s->link.mapping, mapping_digest(s->flow->mapping)) == 0;
	if (s->is_todays)
		return CB_OK;
	rc = store_chapters(store, s->link.mapping, arena, &texts, &count, err);
	if (rc != CB_OK)
		return rc;
	if (!count)
		return cb_fail(err, CB_SETUP, "当时的映射（版本 %.8s）没有保存，无法重放",
			       "the mapping of then (version %.8s) was not kept", s->link.mapping);
	kept = arena_zero(arena, (count + 1) * sizeof(*kept));
	for (size_t i = 0; i < count; i++)
		kept[i] = (struct worker_text){ texts[i].name, texts[i].text };
	job->kept = kept;
	job->kept_count = count;
	job->mapping = kept[0].name;
	job->tables = 0;
	return CB_OK;
}

static int make_mapping(const struct site *site, struct arena *arena, struct why_source *s,
			const struct worker_job *job, struct cb_error *err)
{
	struct mapping_text *kept = arena_zero(arena, (job->kept_count + 1) * sizeof(*kept));
	struct problems problems = { 0 };

	for (size_t i = 0; i < job->kept_count; i++)
		kept[i] = (struct mapping_text){ job->kept[i].name, job->kept[i].text };
	s->mapping = mapping_read_kept(arena, job->mapping, kept, job->kept_count, site->model,
				       &problems);
	if (!s->mapping)
		cb_error_set(err, CB_SETUP,
			     "当时的映射（版本 %.8s）按今天的模型和规则已不能使用：%s",
			     "the mapping of then (version %.8s) cannot be used with today's model "
			     "and rules: %s",
			     s->link.mapping, problems.count ? problems.at[0].text : "");
	problems_done(&problems);
	if (!s->mapping)
		return CB_SETUP;
	s->is_exact = strcmp(mapping_digest(s->mapping), s->link.mapping) == 0;
	return CB_OK;
}

static struct cb_text copy_text(struct arena *arena, struct cb_text text)
{
	return text.at ? arena_copy(arena, text) : text;
}

static void keep_trace(struct why_source *s, struct arena *arena, const struct worker_trace *t,
		       size_t *room)
{
	struct worker_trace *to;

	if (s->trace_count == *room) {
		struct worker_trace *more = arena_zero(arena, (*room * 2 + 32) * sizeof(*more));

		if (s->trace_count)
			memcpy(more, s->traces, s->trace_count * sizeof(*more));
		s->traces = more;
		*room = *room * 2 + 32;
	}
	to = &s->traces[s->trace_count++];
	*to = *t;
	to->kind = copy(arena, t->kind);
	to->here = copy(arena, t->here);
	to->file = copy(arena, t->file);
	to->value = copy_text(arena, t->value);
	to->from = arena_zero(arena, (t->from_count + 1) * sizeof(*to->from));
	for (size_t i = 0; i < t->from_count; i++)
		to->from[i] = (struct worker_text){ copy(arena, t->from[i].name),
						    copy_text(arena, t->from[i].text) };
	to->steps = arena_zero(arena, (t->step_count + 1) * sizeof(*to->steps));
	for (size_t i = 0; i < t->step_count; i++)
		to->steps[i] = (struct worker_step){ copy(arena, t->steps[i].what),
						     copy(arena, t->steps[i].detail),
						     copy_text(arena, t->steps[i].text) };
}

static void keep_findings(struct why_source *s, struct arena *arena, const struct worker_message *m)
{
	s->findings = arena_zero(arena, (m->finding_count + 1) * sizeof(*s->findings));
	s->finding_count = m->finding_count;
	for (size_t i = 0; i < m->finding_count; i++) {
		struct worker_finding *f = &s->findings[i];

		*f = m->findings[i];
		f->code = copy(arena, f->code);
		f->field = copy(arena, f->field);
		f->label = copy(arena, f->label);
		f->value = copy(arena, f->value);
		f->say = copy(arena, f->say);
	}
}

/* Until the record came: what follows it in the document is of no interest. */
static int replay_record(struct why_source *s, struct replay *r, struct arena *arena,
			 struct cb_error *err)
{
	struct worker_message m;
	size_t room = 0;
	int rc;

	while ((rc = replay_next(r, &m, err)) == CB_OK) {
		if (m.kind == WORKER_TRACE)
			keep_trace(s, arena, &m.trace, &room);
		if (m.kind != WORKER_RECORD && m.kind != WORKER_HELD)
			continue;
		s->line = m.line;
		s->outcome = m.outcome;
		keep_findings(s, arena, &m);
		return CB_OK;
	}
	return rc == CB_END ? cb_fail(err, CB_BROKEN, "原文里找不到第 %lld 条记录",
				      "the document has no record %lld", (long long)s->link.number)
			    : rc;
}

static int replay_source(const struct site *site, struct store *store, struct arena *arena,
			 struct why_source *s, struct cb_error *err)
{
	struct worker_job job;
	struct replay r = { 0 };
	int64_t wanted = s->link.number;
	int rc, fd = -1;

	if (!s->flow)
		return cb_fail(err, CB_SETUP, "站点里已经没有这个来源的导入流程",
			       "the site has no import of this stream any more");
	if (!s->link.mapping)
		return cb_fail(err, CB_SETUP, "没有记下当时的映射",
			       "the mapping of then is not known");
	job_of_replay(&job, site, s->flow);
	job.traces = true;
	rc = find_texts(store, arena, s, &job, err);
	if (rc == CB_OK)
		rc = make_mapping(site, arena, s, &job, err);
	if (rc == CB_OK && !s->document.stream)
		rc = cb_fail(err, CB_SETUP, "原文已不在库里", "the document is no longer kept");
	if (rc == CB_OK)
		rc = replay_open(&r, &job, err);
	if (rc == CB_OK)
		rc = document_descriptor(store, s->link.document, &fd, err);
	job_of_document(&job, &s->document, fd);
	job.wanted = &wanted;
	job.wanted_count = 1;
	if (rc == CB_OK)
		rc = replay_begin(&r, &job, err);
	if (rc == CB_OK)
		rc = replay_record(s, &r, arena, err);
	replay_close(&r);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* What is known without replaying anything. */
static int read_origin(struct store *store, struct arena *arena, struct why_source *s,
		       struct cb_error *err)
{
	int rc = store_document_read(store, s->link.document, arena, &s->document, NULL, err);

	if (rc == CB_OK && s->document.run)
		rc = store_run_read(store, s->document.run, arena, &s->run, err);
	return rc == CB_END ? CB_OK : rc;
}

static int newest_first(const void *a, const void *b)
{
	const struct store_link *x = &((const struct why_source *)a)->link;
	const struct store_link *y = &((const struct why_source *)b)->link;

	if (x->last_ms != y->last_ms)
		return x->last_ms > y->last_ms ? -1 : 1;
	if (x->document != y->document)
		return x->document > y->document ? -1 : 1;
	return (x->number < y->number) - (x->number > y->number);
}

int why_read(const struct site *site, struct store *store, const struct table *entity,
	     int64_t record, struct arena *arena, struct why *out, struct cb_error *err)
{
	struct store_link *links;
	size_t count;
	int rc = store_links(store, entity, record, arena, &links, &count, err);

	*out = (struct why){ 0 };
	if (rc != CB_OK)
		return rc;
	out->at = arena_zero(arena, (count + 1) * sizeof(*out->at));
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct why_source *s = &out->at[out->count++];

		s->link = links[i];
		s->flow = flow_of_stream(site, entity, links[i].stream);
		rc = read_origin(store, arena, s, err);
		if (rc == CB_OK)
			s->verdict =
				(enum cb_verdict)replay_source(site, store, arena, s, &s->error);
	}
	if (out->count)
		qsort(out->at, out->count, sizeof(*out->at), newest_first);
	return rc;
}

void why_done(struct why *why)
{
	for (size_t i = 0; i < why->count; i++)
		mapping_done(why->at[i].mapping);
}

bool why_names(const struct why_source *source, const struct table *entity, const char *path)
{
	if (!source->mapping)
		return false;
	for (uint32_t i = 0; i < entity->shape->slot_count; i++)
		if (strcmp(entity->fields[i].path, path) == 0)
			return mapping_names_slot(source->mapping, i);
	for (uint32_t i = 0; i < entity->shape->list_count; i++) {
		size_t len = strlen(entity->lists[i].name);

		if (strncmp(entity->lists[i].name, path, len) == 0 &&
		    (path[len] == '/' || !path[len]))
			return mapping_names_list(source->mapping, i);
	}
	return false;
}
