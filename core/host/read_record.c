/*
 * read_record.c - one record of a document: mapped, sent, counted; or set aside, and why.
 */
#include "host/read.h"

#include <inttypes.h>
#include <stdio.h>

#include "record/wire.h"

#define PAGE 4000

/* The record as it came. */
static int send_cells(struct reading *r, struct cb_error *err)
{
	struct buffer *out;

	if (!r->task->job.tells_cells)
		return CB_OK;
	out = task_message(r->task, WORKER_CELLS);
	wire_number(out, (uint64_t)r->number);
	wire_number(out, r->flat.count);
	for (size_t i = 0; i < r->flat.count; i++) {
		wire_text(out, r->flat.cells[i].name);
		wire_text(out, r->flat.cells[i].text);
	}
	return task_send(r->task, err);
}

/* Which held entry a corrected record stands for. */
static int send_corrects(struct reading *r, struct cb_error *err)
{
	if (!r->correct.entry)
		return CB_OK;
	wire_number(task_message(r->task, WORKER_CORRECTS), (uint64_t)r->correct.entry);
	return task_send(r->task, err);
}

int send_page(struct reading *r, bool is_last, const char *cursor, struct cb_error *err)
{
	struct buffer *out = task_message(r->task, WORKER_PAGE);
	char at[512];
	int rc;

	/* "done" marks a document that is committed whole and perhaps not settled. */
	snprintf(at, sizeof(at), "%s%" PRId64 "\t%s\t%s", is_last ? "done " : "", r->number,
		 r->identity, r->key ? r->key : "");
	wire_number(out, (uint64_t)r->in_page);
	wire_text(out, cb_text_of(at));
	wire_text(out, cb_text_of(cursor));
	wire_number(out, is_last);
	r->in_page = 0;
	/* On its way at once: what a later record breaks must not take this page with it. */
	rc = task_send(r->task, err);
	return rc == CB_OK ? channel_flush(&r->task->channel, err) : rc;
}

void put_findings(struct buffer *out, const struct result *result)
{
	wire_number(out, result->count);
	for (size_t i = 0; i < result->count; i++) {
		const struct finding *f = &result->findings[i];

		wire_number(out, f->bad);
		wire_text(out, cb_text_of(f->code));
		wire_text(out, cb_text_of(f->here ? f->here : f->there));
		wire_text(out, cb_text_of(f->label));
		wire_text(out, f->value);
		wire_text(out, f->say);
		wire_number(out, f->item);
		wire_number(out, f->line);
	}
}

/* One record is behind us; whatever happens next happens to the one after it. */
static int count_one(struct reading *r, struct cb_error *err)
{
	int64_t page = r->task->job.page ? r->task->job.page : PAGE;

	r->task->progress->record = (uint64_t)r->number + 1;
	r->in_page++;
	return r->in_page >= page ? send_page(r, false, NULL, err) : CB_OK;
}

/* Is this one of the records that the engine wants, and not committed before? */
static bool is_due(struct reading *r)
{
	const struct worker_job *job = &r->task->job;

	r->number++;
	r->task->progress->record = (uint64_t)r->number;
	if (!job->wanted)
		return r->number > r->skip;
	while (r->next_wanted < job->wanted_count && job->wanted[r->next_wanted] < r->number)
		r->next_wanted++;
	return r->next_wanted < job->wanted_count && job->wanted[r->next_wanted] == r->number;
}

static void put_trace(struct buffer *out, const struct trace_line *line)
{
	wire_text(out, cb_text_of(line->kind));
	wire_text(out, cb_text_of(line->here));
	wire_text(out, cb_text_of(line->file));
	wire_number(out, line->line);
	wire_number(out, line->item);
	wire_number(out, line->is_secret);
	wire_text(out, line->value);
	wire_number(out, line->from_count);
	for (size_t i = 0; i < line->from_count; i++) {
		wire_text(out, cb_text_of(line->from[i].path));
		wire_text(out, line->from[i].text);
	}
	wire_number(out, line->step_count);
	for (size_t i = 0; i < line->step_count; i++) {
		wire_text(out, cb_text_of(line->steps[i].what));
		wire_text(out, cb_text_of(line->steps[i].detail));
		wire_text(out, line->steps[i].text);
	}
}

static int send_trace(struct reading *r, const struct trace *trace, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < trace->count && rc == CB_OK; i++) {
		struct buffer *out;

		if (!trace->at[i].here)
			continue;
		out = task_message(r->task, WORKER_TRACE);
		wire_number(out, (uint64_t)r->number);
		put_trace(out, &trace->at[i]);
		rc = task_send(r->task, err);
	}
	return rc;
}

static int learn(struct reading *r, const struct row *there, struct cb_error *err)
{
	struct mapping_formats formats = task_formats(r->task);
	struct buffer sample = { 0 };
	struct buffer *out;
	int rc = mapping_learn(r->task->mapping, &formats, there, &r->arena, &sample, err);

	if (rc == CB_OK) {
		out = task_message(r->task, WORKER_BYTES);
		wire_text(out, buffer_view(&sample));
		rc = task_send(r->task, err);
	}
	buffer_done(&sample);
	arena_clear(&r->arena);
	return rc == CB_OK ? count_one(r, err) : rc;
}

/* The record that breaks plugins: said, and not looked at. */
int set_aside(struct reading *r, const char *code, struct cb_error *err)
{
	const struct worker_job *job = &r->task->job;
	struct finding finding = { .code = code,
				   .bad = OUTCOME_HELD,
				   .say = cb_text_of(job->poison_say) };
	struct result result = { .outcome = OUTCOME_HELD, .findings = &finding, .count = 1 };
	struct buffer *out = task_message(r->task, WORKER_HELD);
	int rc;

	wire_number(out, (uint64_t)r->number);
	wire_number(out, 0);
	wire_text(out, (struct cb_text){ 0 });
	wire_number(out, OUTCOME_HELD);
	put_findings(out, &result);
	rc = task_send(r->task, err);
	arena_clear(&r->arena);
	return rc == CB_OK ? count_one(r, err) : rc;
}

/* Is the next record the one from which on nothing is read? Then the format's reading ends. */
int cut_here(struct reading *r, int rc)
{
	if (rc != CB_OK || !r->poison || !r->task->job.poison_rest || r->number + 1 != r->poison)
		return rc;
	r->is_cut = true;
	return CB_END;
}

static int map_record(struct reading *r, struct row *row, struct cb_place place,
		      struct cb_error *err)
{
	struct trace trace = { 0 };
	struct result result = { .arena = &r->arena, .trace = r->task->job.traces ? &trace : NULL };
	struct row *here;
	struct buffer *out;
	int rc;

	if (!is_due(r)) {
		arena_clear(&r->arena);
		return CB_OK;
	}
	if (r->number == r->poison)
		return set_aside(r, "poison", err);
	r->task->progress->line = place.line;
	if (r->task->job.task == WORK_LEARN)
		return learn(r, row, err);
	here = mapping_in(r->task->mapping, row, &result);
	rc = send_trace(r, &trace, err);
	if (rc == CB_OK)
		rc = send_cells(r, err);
	if (rc == CB_OK)
		rc = send_corrects(r, err);
	if (rc != CB_OK)
		return rc;
	out = task_message(r->task, result.outcome == OUTCOME_MAPPED ? WORKER_RECORD : WORKER_HELD);
	wire_number(out, (uint64_t)r->number);
	wire_number(out, place.line);
	wire_text(out, result.key);
	wire_number(out, result.outcome);
	put_findings(out, &result);
	if (result.outcome == OUTCOME_MAPPED)
		wire_row(out, here);
	rc = task_send(r->task, err);
	arena_clear(&r->arena);
	return rc == CB_OK ? count_one(r, err) : rc;
}

int on_record(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	return cut_here(with, map_record(with, row, place, err));
}

int on_broken(void *with, struct cb_place place, const struct cb_error *why, struct cb_error *err)
{
	struct reading *r = with;
	struct finding finding = { .code = "format",
				   .bad = OUTCOME_HELD,
				   .say = cb_text_of(why->text) };
	struct result result = { .outcome = OUTCOME_HELD, .findings = &finding, .count = 1 };
	struct buffer *out;
	int rc;

	if (!is_due(r))
		return CB_OK;
	rc = send_corrects(r, err);
	if (rc != CB_OK)
		return rc;
	out = task_message(r->task, WORKER_HELD);
	wire_number(out, (uint64_t)r->number);
	wire_number(out, place.line);
	wire_text(out, (struct cb_text){ 0 });
	wire_number(out, OUTCOME_HELD);
	put_findings(out, &result);
	rc = task_send(r->task, err);
	arena_clear(&r->arena);
	return cut_here(r, rc == CB_OK ? count_one(r, err) : rc);
}

void on_unknown(void *with, const struct shape_node *above, struct cb_text name)
{
	struct reading *r = with;
	char path[256];
	uint32_t at;

	snprintf(path, sizeof(path), "%.*s%s%.*s", CB_TEXT_ARG(above->name),
		 above->name.len ? "/" : "", CB_TEXT_ARG(name));
	at = names_find(&r->unknown, cb_text_of(path));
	if (at == NAME_UNKNOWN) {
		if (r->unknown_count >= 200) /* a hostile document invents names without end */
			return;
		at = (uint32_t)r->unknown_count;
		memory_grow(&r->unknown_names, at, &r->name_room, sizeof(*r->unknown_names));
		memory_grow(&r->unknown_counts, at, &r->count_room, sizeof(*r->unknown_counts));
		r->unknown_names[at] = arena_string(&r->task->arena, cb_text_of(path));
		r->unknown_counts[at] = 0;
		r->unknown_count++;
		names_set(&r->unknown, cb_text_of(r->unknown_names[at]), at);
	}
	r->unknown_counts[at]++;
}

/* At the end of a document, so that they are committed with it and counted once. */
int send_unknown(struct reading *r, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < r->unknown_count && rc == CB_OK; i++) {
		struct buffer *out;

		if (!r->unknown_counts[i])
			continue;
		out = task_message(r->task, WORKER_UNKNOWN);
		wire_number(out, (uint64_t)r->unknown_counts[i]);
		wire_text(out, cb_text_of(r->unknown_names[i]));
		r->unknown_counts[i] = 0;
		rc = task_send(r->task, err);
	}
	return rc;
}
