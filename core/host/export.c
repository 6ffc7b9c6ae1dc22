/*
 * export.c - records become fragments, batches become outcomes, as the engine
 * asks: it decides what goes out and when, and has it on disk before a byte is
 * sent.
 */
#include <stdio.h>

#include "host/inside.h"
#include "record/wire.h"

#define OUT_BLOCK (64u << 10)

struct to_format {
	const struct loaded *format;
	void *state;
	struct cb_output *out;
};

static int pass_event(void *with, const struct cb_event *event, struct cb_error *err)
{
	struct to_format *to = with;

	return to->format->format.write(to->state, event, to->out, err);
}

int write_one(struct cb_task *task, const struct loaded *format, void *state, const char *root,
	      bool is_document, const struct row *row, struct cb_output *out, struct cb_error *err)
{
	struct to_format to = { format, state, out };
	struct row_writer writer = { .event = pass_event,
				     .with = &to,
				     .name = cb_text_of(root),
				     .all = task->mapping &&
					    strcmp(mapping_format(task->mapping), "table") == 0 };
	int rc = CB_OK;

	if (!format->format.write)
		return cb_fail(err, CB_SETUP, "格式 %s 不能写出", "format %s cannot write",
			       format->plugin.name);
	if (is_document)
		rc = pass_event(&to, &(struct cb_event){ .kind = CB_DOCUMENT_BEGIN }, err);
	if (rc == CB_OK)
		rc = row_write(&writer, row, err);
	if (rc == CB_OK && is_document)
		rc = pass_event(&to, &(struct cb_event){ .kind = CB_DOCUMENT_END }, err);
	return rc == CB_OK ? output_flush(out, err) : rc;
}

struct only_one {
	struct row *row;
	size_t count;
};

static int take_one(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	struct only_one *one = with;

	(void)place;
	(void)err;
	if (!one->count++)
		one->row = row;
	return CB_OK;
}

struct one_option {
	struct one_place place;
	const struct mapping *table; /* how its tables are laid out, where that is one */
};

static const char *option_of_one(void *with, const char *name)
{
	const struct one_option *o = with;

	if (strcmp(name, "root") == 0)
		return o->place.records ? NULL : o->place.root;
	if (strcmp(name, "records") == 0)
		return o->place.records;
	if (strcmp(name, "envelope") == 0 && o->place.whole)
		return "yes";
	return o->table ? mapping_there_option(o->table, name) : NULL;
}

int read_one(struct cb_task *task, const struct loaded *format, const char *root, bool whole,
	     struct cb_text text, const struct shape *shape, struct arena *arena, struct row **row,
	     struct cb_error *err)
{
	return read_one_of(task, format, &(struct one_place){ .root = root, .whole = whole }, text,
			   shape, arena, row, err);
}

int read_one_of(struct cb_task *task, const struct loaded *format, const struct one_place *place,
		struct cb_text text, const struct shape *shape, struct arena *arena,
		struct row **row, struct cb_error *err)
{
	struct only_one one = { 0 };
	struct one_option option = { .place = *place };
	struct cb_sink sink = { .shape = shape, .arena = arena, .record = take_one, .with = &one };
	struct cb_input in = { .fd = -1,
			       .bytes = text,
			       .charset = place->charset ? CHARSET_UNKNOWN : CHARSET_UTF8,
			       .is_binary = format->format.is_binary };
	void *state;
	int rc;

	/* Titles above the heading, a separator: a sample has them like the file it stands for. */
	if (task->mapping && shape == mapping_there(task->mapping) &&
	    strcmp(mapping_format(task->mapping), "table") == 0)
		option.table = task->mapping;
	rc = plugin_state(arena, format->plugin.name, format->format.options,
			  format->format.state_size, option_of_one, &option, &state, err);
	if (rc == CB_OK && place->charset)
		rc = input_open(&in, place->charset, err);
	if (rc == CB_OK)
		rc = format->format.read(state, &in, &sink, err);
	input_done(&in);
	sink_done(&sink);
	if (rc == CB_END)
		rc = CB_OK;
	if (rc == CB_OK && !one.row)
		return cb_fail(err, CB_BROKEN, "文档里没有记录",
			       "there is no record in the document");
	*row = one.row;
	return rc;
}

struct exporting {
	struct cb_task *task;
	const struct loaded *format;
	void *state;
	struct arena arena;
	struct cb_output out;
};

static int begin_format(struct exporting *e, struct cb_error *err)
{
	struct cb_task *task = e->task;

	e->format = plugins_format(&task->plugins, mapping_format(task->mapping), task->job.media,
				   task->job.key);
	if (!e->format)
		return cb_fail(err, CB_SETUP, "没有写出 %s 格式的插件",
			       "there is no plugin for the format %s",
			       mapping_format(task->mapping));
	return plugin_state(&task->arena, e->format->plugin.name, e->format->format.options,
			    e->format->format.state_size, task_option, task, &e->state, err);
}

static void refuse(struct result *result, const struct cb_error *why)
{
	struct finding *f = arena_zero(result->arena, sizeof(*f));

	*f = (struct finding){ .code = "format",
			       .bad = OUTCOME_HELD,
			       .say = arena_copy(result->arena, cb_text_of(why->text)) };
	result->findings = f;
	result->count = 1;
	result->outcome = OUTCOME_HELD;
}

/*
 * guard="yes": what the target will read is mapped back and compared. A table's
 * fragment has no heading to be read by, so there the row itself is taken.
 */
static void guard(struct exporting *e, const struct row *here, const struct row *there,
		  struct result *result)
{
	struct cb_task *task = e->task;
	const char *word = task->stream ? cb_attribute(task->stream->element, "guard") : NULL;
	bool is_table = strcmp(mapping_format(task->mapping), "table") == 0;
	struct cb_error why = { 0 };
	struct row *read = NULL;

	if (result->outcome != OUTCOME_MAPPED || !word || strcmp(word, "yes") != 0)
		return;
	if (is_table)
		mapping_guard(task->mapping, here, there, result);
	else if (read_one(task, e->format, mapping_root(task->mapping), false,
			  buffer_view(&e->out.bytes), mapping_there(task->mapping), &e->arena,
			  &read, &why) == CB_OK)
		mapping_guard(task->mapping, here, read, result);
	else
		refuse(result, &why);
}

/*
 * The fragment once more, with the receipt of what it corrects where the
 * manifest says. Apart from the content, so that the same content stays the same
 * whatever it cites.
 */
static int put_cited(struct exporting *e, struct row *there, struct cb_text cites,
		     struct buffer *out, struct cb_error *err)
{
	struct cb_task *task = e->task;
	int rc = CB_OK;

	if (!there || !cites.len || !task->cites) {
		wire_text(out, (struct cb_text){ 0 });
		return CB_OK;
	}
	path_set(&e->arena, task->cites, there, cites);
	buffer_clear(&e->out.bytes);
	rc = write_one(task, e->format, e->state, mapping_root(task->mapping), false, there,
		       &e->out, err);
	wire_text(out, buffer_view(&e->out.bytes));
	return rc;
}

static int map_one(struct exporting *e, struct wire *body, struct cb_error *err)
{
	struct cb_task *task = e->task;
	struct result result = { .arena = &e->arena };
	int64_t number = (int64_t)wire_get_number(body);
	struct cb_text cites = arena_copy(&e->arena, wire_get_text(body));
	struct row *here = wire_get_row(body, &e->arena, mapping_here(task->mapping)->shape);
	struct cb_error why = { 0 };
	struct buffer *out;
	struct row *there;
	int rc;

	if (!here)
		return cb_fail(err, CB_BROKEN, "记录无法读取", "a record cannot be read");
	task->progress->record = (uint64_t)number;
	there = mapping_out(task->mapping, here, &result);
	buffer_clear(&e->out.bytes);
	if (result.outcome == OUTCOME_MAPPED &&
	    write_one(task, e->format, e->state, mapping_root(task->mapping), false, there, &e->out,
		      &why) != CB_OK)
		refuse(&result, &why);
	guard(e, here, there, &result);
	out = task_message(task, WORKER_MAPPED);
	wire_number(out, (uint64_t)number);
	wire_text(out, result.key);
	wire_number(out, result.outcome);
	put_findings(out, &result);
	wire_text(out, result.outcome == OUTCOME_MAPPED ? buffer_view(&e->out.bytes)
							: (struct cb_text){ 0 });
	rc = put_cited(e, result.outcome == OUTCOME_MAPPED ? there : NULL, cites, out, err);
	if (rc != CB_OK)
		return rc;
	arena_clear(&e->arena);
	return task_send(task, err);
}

void put_item(struct buffer *out, enum cb_verdict verdict, const struct cb_item *item)
{
	wire_number(out, (uint64_t)verdict);
	wire_text(out, item->key);
	wire_text(out, item->receipt);
	wire_text(out, item->say);
	wire_text(out, item->field);
}

static int write_batch(struct exporting *e, struct wire *body, struct cb_error *err)
{
	struct cb_task *task = e->task;
	const struct cb_connector *c = &task->connector->connector;
	int64_t now = (int64_t)wire_get_number(body);
	struct cb_text once = wire_get_text(body);
	bool is_withdrawal = wire_get_number(body);
	size_t count = wire_get_number(body);
	struct cb_item *items;
	struct cb_error why = { 0 };
	struct buffer *out;
	int rc;

	task->job.now = now;
	if (is_withdrawal ? !c->withdraw : !c->write)
		return cb_fail(err, CB_SETUP, "连接器 %s 不能写出或撤回",
			       "connector %s cannot write or withdraw", task->manifest->by);
	if (body->is_bad || count > (size_t)(body->end - body->at))
		return cb_fail(err, CB_BROKEN, "批次无法读取", "a batch cannot be read");
	items = arena_zero(&e->arena, count * sizeof(*items) + 1);
	/* The frame's bytes are gone with the first service call: keep our own. */
	for (size_t i = 0; i < count; i++) {
		items[i].key = arena_copy(&e->arena, wire_get_text(body));
		items[i].body = arena_copy(&e->arena, wire_get_text(body));
		items[i].receipt = arena_copy(&e->arena, wire_get_text(body));
		items[i].verdict = CB_DOUBT;
	}
	rc = (is_withdrawal ? c->withdraw : c->write)(
		task->connector_state, arena_string(&e->arena, once), items, count, &why);
	out = task_message(task, WORKER_OUTCOMES);
	wire_number(out, (uint64_t)rc);
	wire_number(out, rc ? (uint64_t)why.wait_ms : 0);
	wire_text(out, cb_text_of(rc ? why.text : ""));
	wire_number(out, count);
	/* What it had in its hand going in is no proof of anything. */
	for (size_t i = 0; i < count; i++)
		if (rc)
			items[i].receipt = (struct cb_text){ 0 };
	for (size_t i = 0; i < count; i++)
		put_item(out, rc ? (enum cb_verdict)rc : items[i].verdict, &items[i]);
	arena_clear(&e->arena);
	return task_send(task, err);
}

int work_export(struct cb_task *task, struct cb_error *err)
{
	struct exporting e = { .task = task };
	struct wire body;
	int type, rc = begin_format(&e, err);

	while (rc == CB_OK) {
		rc = task_command(task, &type, &body, err);
		if (rc != CB_OK || type == FRAME_FINISH)
			break;
		switch (type) {
		case FRAME_MAP:
			rc = map_one(&e, &body, err);
			break;
		case FRAME_WRITE:
			rc = write_batch(&e, &body, err);
			break;
		case FRAME_COUNT:
			rc = count_window(task, &body, err);
			break;
		case FRAME_FIND:
			rc = find_one(task, &body, err);
			break;
		default:
			rc = cb_fail(err, CB_BROKEN, "主进程的应答不合约定",
				     "the engine's answer is not understood");
		}
	}
	arena_done(&e.arena);
	buffer_done(&e.out.bytes);
	return rc;
}

/* Canonical NDJSON on a descriptor → the mapping's format. */
struct mapping_out_job {
	struct exporting e;
	struct cb_sink sink;
	int64_t number;
};

/* Between records: a record that is refused half written must be droppable. */
static int send_bytes(struct cb_task *task, struct buffer *bytes, struct cb_error *err)
{
	wire_text(task_message(task, WORKER_BYTES), buffer_view(bytes));
	buffer_clear(bytes);
	return task_send(task, err);
}

static int send_held(struct cb_task *task, int64_t number, uint32_t line,
		     const struct result *result, struct cb_error *err)
{
	struct buffer *out = task_message(task, WORKER_HELD);

	wire_number(out, (uint64_t)number);
	wire_number(out, line);
	wire_text(out, result->key);
	wire_number(out, result->outcome);
	put_findings(out, result);
	return task_send(task, err);
}

static int out_record(void *with, struct row *here, struct cb_place place, struct cb_error *err)
{
	struct mapping_out_job *job = with;
	struct cb_task *task = job->e.task;
	struct result result = { .arena = &job->e.arena };
	struct to_format to = { job->e.format, job->e.state, &job->e.out };
	struct row_writer writer = { .event = pass_event,
				     .with = &to,
				     .name = cb_text_of(mapping_root(task->mapping)),
				     .all = strcmp(mapping_format(task->mapping), "table") == 0 };
	struct cb_error why = { 0 };
	size_t before = job->e.out.bytes.len;
	struct row *there;
	int rc = CB_OK;

	job->number++;
	there = mapping_out(task->mapping, here, &result);
	if (result.outcome == OUTCOME_MAPPED) {
		rc = row_write(&writer, there, &why);
		if (rc == CB_REFUSED) {
			job->e.out.bytes.len = before;
			refuse(&result, &why);
			rc = CB_OK;
		} else if (rc != CB_OK) {
			*err = why;
		}
	}
	if (rc == CB_OK && result.outcome != OUTCOME_MAPPED)
		rc = send_held(task, job->number, place.line, &result, err);
	if (rc == CB_OK && job->e.out.bytes.len >= OUT_BLOCK)
		rc = send_bytes(task, &job->e.out.bytes, err);
	arena_clear(&job->e.arena);
	return rc;
}

static int out_broken(void *with, struct cb_place place, const struct cb_error *why,
		      struct cb_error *err)
{
	struct mapping_out_job *job = with;
	struct result result = { .arena = &job->e.arena };
	int rc;

	job->number++;
	refuse(&result, why);
	rc = send_held(job->e.task, job->number, place.line, &result, err);
	arena_clear(&job->e.arena);
	return rc;
}

int work_map_out(struct cb_task *task, struct cb_error *err)
{
	struct mapping_out_job job = { .e.task = task };
	struct to_format to = { NULL, NULL, &job.e.out };
	struct cb_input in = { .fd = task->job.fd, .bytes = task->job.bytes };
	const struct loaded *json = plugins_format(&task->plugins, "json", NULL, NULL);
	void *state;
	int rc = begin_format(&job.e, err);

	job.sink = (struct cb_sink){ .shape = mapping_here(task->mapping)->shape,
				     .arena = &job.e.arena,
				     .record = out_record,
				     .broken = out_broken,
				     .with = &job };
	if (rc == CB_OK && (!json || !job.e.format->format.write))
		rc = cb_fail(err, CB_SETUP, "缺少 json 格式的插件，或目标格式不能写出",
			     "the json plugin is missing, or the target format cannot write");
	if (rc == CB_OK)
		rc = plugin_state(&task->arena, "json", json->format.options,
				  json->format.state_size, NULL, NULL, &state, err);
	if (rc == CB_OK)
		rc = input_open(&in, NULL, err);
	to.format = job.e.format;
	to.state = job.e.state;
	if (rc == CB_OK)
		rc = pass_event(&to,
				&(struct cb_event){ .kind = CB_DOCUMENT_BEGIN,
						    .name = cb_text_of(mapping_there_option(
							    task->mapping, "wrapper")) },
				err);
	if (rc == CB_OK)
		rc = json->format.read(state, &in, &job.sink, err);
	if (rc == CB_END)
		rc = CB_OK;
	if (rc == CB_OK)
		rc = pass_event(&to, &(struct cb_event){ .kind = CB_DOCUMENT_END }, err);
	if (rc == CB_OK)
		rc = send_bytes(task, &job.e.out.bytes, err);
	input_done(&in);
	sink_done(&job.sink);
	arena_done(&job.e.arena);
	buffer_done(&job.e.out.bytes);
	return rc;
}

static int sample_read(void *with, const char *name, const char *root, struct cb_text text,
		       const struct shape *shape, struct arena *arena, struct row **row,
		       struct cb_error *err)
{
	struct cb_task *task = with;
	const struct loaded *format = plugins_format(&task->plugins, name, NULL, NULL);

	if (!format)
		return cb_fail(err, CB_SETUP, "没有读取 %s 格式的插件",
			       "there is no plugin for the format %s", name);
	return read_one(task, format, root, false, text, shape, arena, row, err);
}

static int sample_write(void *with, const char *name, const char *root, const struct row *row,
			struct buffer *out, struct cb_error *err)
{
	struct cb_task *task = with;
	const struct loaded *format = plugins_format(&task->plugins, name, NULL, NULL);
	struct cb_output output = { 0 };
	struct one_option option = { .place.root = root };
	struct arena arena = { 0 };
	void *state;
	int rc;

	if (!format)
		return cb_fail(err, CB_SETUP, "没有写出 %s 格式的插件",
			       "there is no plugin for the format %s", name);
	rc = plugin_state(&arena, name, format->format.options, format->format.state_size,
			  option_of_one, &option, &state, err);
	if (rc == CB_OK) {
		struct to_format to = { format, state, &output };
		struct row_writer writer = { .event = pass_event,
					     .with = &to,
					     .name = cb_text_of(root),
					     .all = strcmp(name, "table") == 0 };

		rc = row_write(&writer, row, err);
	}
	if (rc == CB_OK)
		buffer_text(out, buffer_view(&output.bytes));
	buffer_done(&output.bytes);
	arena_done(&arena);
	return rc;
}

struct mapping_formats task_formats(struct cb_task *task)
{
	return (struct mapping_formats){ sample_read, sample_write, task };
}

int work_map_test(struct cb_task *task, struct cb_error *err)
{
	struct mapping_formats formats = task_formats(task);
	struct buffer text = { 0 };
	struct test_report report = { .out = &text };
	struct buffer *out;

	mapping_test(task->mapping, &formats, &report);
	out = task_message(task, WORKER_REPORT);
	wire_number(out, report.passed);
	wire_number(out, report.failed);
	wire_text(out, buffer_view(&text));
	buffer_done(&text);
	return task_send(task, err);
}
