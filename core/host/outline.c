/*
 * outline.c - a document as it is, before anybody has a mapping for it: every
 * name and value in order, so that a first mapping can be guessed from them.
 *
 * A sample needs no more than its beginning, so the bytes that are told have a
 * limit, and the rest is read for its mistakes only.
 */
#include "host/inside.h"
#include "record/wire.h"

#define MOST ((size_t)8 << 20)

struct outline {
	struct cb_task *task;
	struct arena arena; /* of one record */
	struct buffer bytes;
	bool is_full;
};

static void on_event(void *with, const struct cb_event *event)
{
	struct outline *o = with;

	/* It stops between records, so that what was told is whole. */
	if (event->kind == CB_RECORD_BEGIN)
		o->is_full = o->bytes.len > MOST;
	if (o->is_full)
		return;
	wire_number(&o->bytes, event->kind);
	wire_text(&o->bytes, event->name);
	wire_text(&o->bytes, event->text);
}

static int on_row(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	struct outline *o = with;

	(void)row;
	(void)place;
	(void)err;
	arena_clear(&o->arena);
	return CB_OK;
}

static const char *option(void *with, const char *name)
{
	const struct cb_task *task = with;

	return strcmp(name, "records") == 0 ? task->job.records : NULL;
}

static const struct loaded *format_of(struct cb_task *task)
{
	const char *key = task->job.key ? task->job.key : "";
	const char *dot = strrchr(key, '.'), *names[] = { "xml", "json" };

	for (size_t i = 0; i < 2 && dot; i++)
		if (strcasecmp(dot + 1, names[i]) == 0)
			return plugins_format(&task->plugins, names[i], NULL, NULL);
	return plugins_format(&task->plugins, "table", task->job.media, key);
}

int work_outline(struct cb_task *task, struct cb_error *err)
{
	struct cb_input in = { .fd = task->job.fd, .bytes = task->job.bytes };
	const struct loaded *format = format_of(task);
	struct outline o = { .task = task };
	struct cb_sink sink = { .shape = shape_new(&task->arena),
				.arena = &o.arena,
				.record = on_row,
				.watch = on_event,
				.with = &o };
	struct buffer *out;
	void *state;
	int rc;

	if (!format)
		return cb_fail(err, CB_SETUP, "没有读取这种文件的插件",
			       "there is no plugin for such a file");
	rc = plugin_state(&task->arena, format->plugin.name, format->format.options,
			  format->format.state_size, option, task, &state, err);
	in.is_binary = format->format.is_binary;
	if (rc == CB_OK)
		rc = input_open(&in, task->job.charset, err);
	if (rc == CB_OK)
		rc = format->format.read(state, &in, &sink, err);
	rc = rc == CB_END ? CB_OK : rc;
	if (rc == CB_OK) {
		out = task_message(task, WORKER_BYTES);
		wire_text(out, buffer_view(&o.bytes));
		rc = task_send(task, err);
	}
	input_done(&in);
	sink_done(&sink);
	buffer_done(&o.bytes);
	arena_done(&o.arena);
	return rc;
}
