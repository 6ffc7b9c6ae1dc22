/*
 * service.c - what a connector may ask of the engine, as frames.
 *
 * Each call is one question and one answer; the worker waits. Answers live in
 * an arena that the next question clears.
 */
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "host/inside.h"

/* An answer begins with its verdict and error; what follows belongs to the call. */
static int get_verdict(struct wire *body, struct cb_error *err)
{
	int verdict = (int)wire_get_number(body);
	uint64_t wait = wire_get_number(body);
	struct cb_text text = wire_get_text(body);

	if (verdict == CB_OK)
		return CB_OK;
	cb_error_set(err, (enum cb_verdict)verdict, "%.*s", "%.*s", CB_TEXT_ARG(text));
	if (err)
		err->wait_ms = (int64_t)wait;
	return verdict;
}

int task_ask(struct cb_task *task, struct wire *body, struct cb_error *err)
{
	int64_t now;
	int type, rc;

	rc = frame_end(&task->channel, err);
	if (rc == CB_OK)
		rc = channel_flush(&task->channel, err);
	if (rc == CB_OK)
		rc = frame_next(&task->channel, -1, &type, body, err);
	if (rc == CB_OK && type != FRAME_REPLY)
		rc = CB_BROKEN;
	if (rc != CB_OK) {
		cb_error_set(&task->fatal, CB_BROKEN, "与主进程的连接已断开", "the engine is gone");
		if (err)
			*err = task->fatal;
		return CB_BROKEN;
	}
	now = (int64_t)wire_get_number(body);
	if (now)
		task->job.now = now; /* a run may be long: what expires is counted from here */
	return get_verdict(body, err);
}

static void put_string(struct buffer *out, const char *string)
{
	wire_text(out, cb_text_of(string));
}

static const char *keep_string(struct arena *arena, struct cb_text text)
{
	return text.at ? arena_string(arena, text) : NULL;
}

int cb_http(struct cb_task *task, const struct cb_request *r, struct cb_answer *answer,
	    struct cb_error *err)
{
	struct buffer *out = frame_begin(&task->channel, FRAME_HTTP);
	struct wire body;
	int rc;

	put_string(out, r->method);
	put_string(out, r->url);
	put_string(out, r->body);
	put_string(out, r->body_type);
	put_string(out, r->charset);
	put_string(out, r->once);
	wire_number(out, r->changes);
	wire_number(out, (uint64_t)r->timeout_ms);
	wire_number(out, (uint64_t)r->body_max);
	wire_number(out, r->part_count);
	for (size_t i = 0; i < r->part_count; i++) {
		wire_number(out, r->parts[i].place);
		put_string(out, r->parts[i].name);
		put_string(out, r->parts[i].value);
		put_string(out, r->parts[i].file);
		put_string(out, r->parts[i].type);
	}
	wire_number(out, r->name_count);
	for (size_t i = 0; i < r->name_count; i++) {
		put_string(out, r->names[i].name);
		wire_text(out, r->names[i].value);
		wire_number(out, r->names[i].is_raw);
	}
	*answer = (struct cb_answer){ 0 };
	rc = task_ask(task, &body, err);
	if (task->fatal.verdict)
		return rc;
	arena_clear(&task->answer);
	answer->sent = (enum cb_sent)wire_get_number(&body);
	answer->status = (int)wire_get_number(&body);
	answer->headers = arena_copy(&task->answer, wire_get_text(&body));
	answer->media = keep_string(&task->answer, wire_get_text(&body));
	answer->charset = keep_string(&task->answer, wire_get_text(&body));
	answer->body = arena_copy(&task->answer, wire_get_text(&body));
	return rc;
}

struct cb_text cb_answer_header(const struct cb_answer *answer, const char *name)
{
	const char *at = answer->headers.at, *end = at + answer->headers.len;
	size_t len = strlen(name);

	while (at && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (!stop)
			stop = end;
		if ((size_t)(stop - at) > len && at[len] == ':' &&
		    strncasecmp(at, name, len) == 0) {
			for (at += len + 1; at < stop && *at == ' ';)
				at++;
			return (struct cb_text){ at, (size_t)(stop - at) };
		}
		at = stop + 1;
	}
	return (struct cb_text){ 0 };
}

void cb_keep(struct cb_task *task, const char *name, struct cb_text value, int64_t expires_ms)
{
	struct buffer *out = frame_begin(&task->channel, FRAME_KEEP);
	struct wire body;

	put_string(out, name);
	wire_text(out, value);
	wire_number(out, (uint64_t)expires_ms);
	if (task_ask(task, &body, NULL) != CB_OK)
		return;
}

struct cb_text cb_kept(struct cb_task *task, const char *name)
{
	struct wire body;

	put_string(frame_begin(&task->channel, FRAME_KEPT), name);
	if (task_ask(task, &body, NULL) != CB_OK)
		return (struct cb_text){ 0 };
	return arena_copy(&task->arena, wire_get_text(&body));
}

int cb_files_list(struct cb_task *task, const char *patterns, const struct cb_file **files,
		  size_t *count, struct cb_error *err)
{
	struct wire body;
	struct cb_file *list;
	uint64_t n;
	int rc;

	put_string(frame_begin(&task->channel, FRAME_FILES_LIST), patterns);
	rc = task_ask(task, &body, err);
	if (rc != CB_OK)
		return rc;
	n = wire_get_number(&body);
	if (n > (uint64_t)(body.end - body.at))
		return cb_fail(err, CB_BROKEN, "文件清单无法读取",
			       "the list of files cannot be read");
	list = arena_zero(&task->arena, n * sizeof(*list) + 1);
	for (uint64_t i = 0; i < n; i++) {
		list[i].size = (int64_t)wire_get_number(&body);
		list[i].changed_ms = (int64_t)wire_get_number(&body);
		list[i].name = keep_string(&task->arena, wire_get_text(&body));
	}
	*files = list;
	*count = (size_t)n;
	return CB_OK;
}

int cb_files_open(struct cb_task *task, const char *name, int *fd, struct cb_error *err)
{
	struct wire body;
	int rc;

	put_string(frame_begin(&task->channel, FRAME_FILES_OPEN), name);
	rc = task_ask(task, &body, err);
	*fd = channel_take_fd(&task->channel);
	if (rc == CB_OK && *fd < 0)
		rc = cb_fail(err, CB_AGAIN, "文件 %s 没有打开", "file %s was not opened", name);
	return rc;
}

int cb_files_move(struct cb_task *task, const char *name, const char *folder, struct cb_error *err)
{
	struct buffer *out = frame_begin(&task->channel, FRAME_FILES_MOVE);
	struct wire body;

	put_string(out, name);
	put_string(out, folder);
	return task_ask(task, &body, err);
}

int cb_files_write(struct cb_task *task, const char *name, struct cb_text bytes,
		   struct cb_error *err)
{
	struct buffer *out = frame_begin(&task->channel, FRAME_FILES_WRITE);
	struct wire body;

	put_string(out, name);
	wire_text(out, bytes);
	return task_ask(task, &body, err);
}

int cb_credential(struct cb_task *task, const char *name, struct cb_text *value,
		  struct cb_error *err)
{
	struct wire body;
	int rc;

	*value = (struct cb_text){ 0 };
	put_string(frame_begin(&task->channel, FRAME_CREDENTIAL), name);
	rc = task_ask(task, &body, err);
	if (task->fatal.verdict || rc != CB_OK)
		return rc;
	arena_clear(&task->answer);
	*value = arena_copy(&task->answer, wire_get_text(&body));
	return body.is_bad ? CB_BROKEN : CB_OK;
}

const struct cb_element *cb_task_manifest(struct cb_task *task)
{
	return task->manifest ? task->manifest->root : NULL;
}

const struct cb_element *cb_task_stream(struct cb_task *task)
{
	return task->stream ? task->stream->element : NULL;
}

const char *cb_task_setting(struct cb_task *task, const char *name)
{
	for (size_t i = 0; i < task->job.setting_count; i++)
		if (strcmp(task->settings[i].name, name) == 0)
			return task->settings[i].value;
	return NULL;
}

const char *cb_task_reads(struct cb_task *task)
{
	return task->job.reads;
}

void cb_task_window(struct cb_task *task, int64_t *from, int64_t *to)
{
	*from = task->job.from;
	*to = task->job.to;
}

void cb_task_item(struct cb_task *task, const struct cb_item *item)
{
	put_item(&task->items, item->verdict, item);
	task->item_count++;
}

const char *cb_task_cursor(struct cb_task *task)
{
	return task->job.cursor;
}

int64_t cb_task_now(struct cb_task *task)
{
	return task->job.now;
}

int cb_task_zone(struct cb_task *task)
{
	return task->job.zone;
}

void *cb_task_alloc(struct cb_task *task, size_t size)
{
	return arena_zero(&task->arena, size);
}

char *cb_task_printf(struct cb_task *task, const char *format, ...)
{
	va_list args, again;
	char *out;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	out = arena_take(&task->arena, (size_t)len + 1);
	vsnprintf(out, (size_t)len + 1, format, again);
	va_end(again);
	return out;
}
