/*
 * table.c - texts in columns become a file that a spreadsheet opens.
 *
 * The engine has the cells, the worker has the formats: what a format writes
 * for a platform it writes for people too. Every cell is a text, so that no
 * spreadsheet takes an id for a number and rounds it.
 */
#include "host/inside.h"
#include "record/wire.h"

int worker_table(const char *plugins, const char *name, const struct cb_text *cells, size_t columns,
		 size_t count, struct buffer *out, struct cb_error *err)
{
	struct worker_job job = { .task = WORK_TABLE, .plugins = plugins, .key = name, .fd = -1 };
	struct worker_message m = { 0 };
	struct worker *worker = NULL;
	struct buffer wire = { 0 };
	int rc;

	wire_number(&wire, columns);
	for (size_t i = 0; i < count; i++)
		wire_text(&wire, cells[i]);
	job.bytes = buffer_view(&wire);
	rc = worker_start(&job, NULL, &worker, err);
	buffer_done(&wire);
	while (rc == CB_OK && (rc = worker_next(worker, &m, err)) == CB_OK && m.kind != WORKER_DONE)
		if (m.kind == WORKER_BYTES)
			buffer_text(out, m.text);
	if (rc == CB_OK && m.error.verdict) {
		*err = m.error;
		rc = (int)m.error.verdict;
	}
	worker_free(worker);
	return rc;
}

static const char *option(void *with, const char *name)
{
	(void)with;
	if (strcmp(name, "bom") == 0) /* older Excel takes UTF-8 by it */
		return "yes";
	return strcmp(name, "defuse") == 0 ? "yes" : NULL; /* nobody's text is a formula */
}

static int send_bytes(void *with, struct cb_text bytes, struct cb_error *err)
{
	struct cb_task *task = with;

	wire_text(task_message(task, WORKER_BYTES), bytes);
	return task_send(task, err);
}

struct writing {
	const struct loaded *format;
	void *state;
	struct cb_output out;
};

static int put(struct writing *w, enum cb_event_kind kind, struct cb_text name, struct cb_text text,
	       struct cb_error *err)
{
	const struct cb_event event = { .kind = kind, .name = name, .text = text };

	return w->format->format.write(w->state, &event, &w->out, err);
}

static int write_row(struct writing *w, const struct cb_text *names, size_t columns,
		     struct wire *wire, struct cb_error *err)
{
	const struct cb_text none = { 0 };
	int rc = put(w, CB_RECORD_BEGIN, none, none, err);

	for (size_t c = 0; c < columns && rc == CB_OK; c++)
		rc = put(w, CB_VALUE, names[c], wire_get_text(wire), err);
	return rc == CB_OK ? put(w, CB_RECORD_END, none, none, err) : rc;
}

int work_table(struct cb_task *task, struct cb_error *err)
{
	struct wire wire = { task->job.bytes.at, task->job.bytes.at + task->job.bytes.len, false };
	struct writing w = { .out = { .flush = send_bytes, .with = task } };
	const struct cb_text none = { 0 };
	size_t columns = wire_get_number(&wire);
	struct cb_text *names;
	int rc;

	w.format = plugins_format(&task->plugins, "table", NULL, task->job.key);
	if (!w.format || !w.format->format.write)
		return cb_fail(err, CB_SETUP, "写不出 %s 这种表格；可用 .xlsx 或 .csv",
			       "a table like %s cannot be written; .xlsx and .csv can",
			       task->job.key);
	if (wire.is_bad || columns > (size_t)(wire.end - wire.at))
		return cb_fail(err, CB_BROKEN, "表格无法读取", "the table cannot be read");
	names = arena_take(&task->arena, columns * sizeof(*names) + 1);
	for (size_t c = 0; c < columns; c++)
		names[c] = wire_get_text(&wire);
	rc = plugin_state(&task->arena, w.format->plugin.name, w.format->format.options,
			  w.format->format.state_size, option, NULL, &w.state, err);
	if (rc == CB_OK)
		rc = put(&w, CB_DOCUMENT_BEGIN, none, none, err);
	while (rc == CB_OK && wire.at < wire.end && !wire.is_bad)
		rc = write_row(&w, names, columns, &wire, err);
	if (rc == CB_OK)
		rc = put(&w, CB_DOCUMENT_END, none, none, err);
	if (rc == CB_OK)
		rc = output_flush(&w.out, err);
	buffer_done(&w.out.bytes);
	return rc;
}
