/*
 * spawn_serve.c - what a worker asks of the engine while it works: HTTP, files, values that
 * are kept; and its log.
 */
#include "host/spawn.h"

#include <stdlib.h>
#include <unistd.h>

static struct buffer *reply_begin(struct worker *w, int rc, const struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_REPLY);

	wire_number(out, w->services.now ? (uint64_t)w->services.now(w->services.with) : 0);
	wire_number(out, (uint64_t)rc);
	wire_number(out, rc ? (uint64_t)err->wait_ms : 0);
	put_string(out, rc ? err->text : "");
	return out;
}

static int serve_http(struct worker *w, struct wire *body, struct cb_error *err)
{
	struct cb_request r = { 0 };
	struct cb_answer answer = { 0 };
	struct cb_error why = { 0 };
	struct cb_part *parts;
	struct cb_name *names;
	struct buffer *out;
	int rc;

	r.method = get_string(w, body);
	r.url = get_string(w, body);
	r.body = get_string(w, body);
	r.body_type = get_string(w, body);
	r.charset = get_string(w, body);
	r.once = get_string(w, body);
	r.changes = wire_get_number(body);
	r.timeout_ms = (int64_t)wire_get_number(body);
	r.body_max = (int64_t)wire_get_number(body);
	r.part_count = wire_get_number(body);
	if (r.part_count > 1000 || !r.method || !r.url)
		return cb_fail(err, CB_BROKEN, "工作进程的请求不合约定",
			       "a request is not understood");
	r.parts = parts = arena_zero(&w->arena, r.part_count * sizeof(*parts) + 1);
	for (size_t i = 0; i < r.part_count; i++) {
		parts[i].place = (enum cb_part_place)wire_get_number(body);
		parts[i].name = get_string(w, body);
		parts[i].value = get_string(w, body);
		parts[i].file = get_string(w, body);
		parts[i].type = get_string(w, body);
	}
	r.name_count = wire_get_number(body);
	if (r.name_count > 1000)
		return cb_fail(err, CB_BROKEN, "工作进程的请求不合约定",
			       "a request is not understood");
	r.names = names = arena_zero(&w->arena, r.name_count * sizeof(*names) + 1);
	for (size_t i = 0; i < r.name_count; i++) {
		names[i].name = get_string(w, body);
		names[i].value = wire_get_text(body);
		names[i].is_raw = wire_get_number(body);
	}
	if (body->is_bad)
		return cb_fail(err, CB_BROKEN, "工作进程的请求不合约定",
			       "a request is not understood");
	rc = w->services.http ? w->services.http(w->services.with, &r, &answer, &why)
			      : cb_fail(&why, CB_SETUP, "这次运行不许使用网络",
					"this run may not use the network");
	out = reply_begin(w, rc, &why);
	wire_number(out, answer.sent);
	wire_number(out, (uint64_t)answer.status);
	wire_text(out, answer.headers);
	put_string(out, answer.media);
	put_string(out, answer.charset);
	wire_text(out, answer.body);
	return CB_OK;
}

static void serve_list(struct worker *w, struct wire *body)
{
	struct buffer lines = { 0 };
	struct cb_error why = { 0 };
	struct buffer *out;
	size_t count = 0;
	int rc = cb_fail(&why, CB_SETUP, "这次运行不许使用文件", "this run may not use files");

	if (w->services.files_list)
		rc = w->services.files_list(w->services.with, get_string(w, body), &lines, &why);
	out = reply_begin(w, rc, &why);
	buffer_cstr(&lines);
	for (size_t i = 0; i < lines.len; i++)
		count += lines.at[i] == '\n';
	wire_number(out, count);
	for (char *at = lines.at; at && count--;) {
		char *stop = strchr(at, '\n');

		wire_number(out, (uint64_t)strtoll(at, &at, 10));
		wire_number(out, (uint64_t)strtoll(at + 1, &at, 10));
		wire_text(out, (struct cb_text){ at + 1, (size_t)(stop - at - 1) });
		at = stop + 1;
	}
	buffer_done(&lines);
}

/* A secret is on its way: no copy of it stays behind. */
static int serve_credential(struct worker *w, struct wire *body, struct cb_error *err)
{
	const char *name = get_string(w, body);
	struct buffer value = { 0 };
	struct cb_error why = { 0 };
	int rc = cb_fail(&why, CB_SETUP, "这次运行不许使用密钥", "this run may not use secrets");

	if (w->services.credential && name)
		rc = w->services.credential(w->services.with, name, &value, &why);
	wire_text(reply_begin(w, rc, &why), value.at ? buffer_view(&value) : (struct cb_text){ 0 });
	rc = flush_with(w, -1, err);
	if (w->channel.out.at)
		explicit_bzero(w->channel.out.at, w->channel.out.room);
	if (value.at)
		explicit_bzero(value.at, value.room);
	buffer_done(&value);
	return rc;
}

/* Answer one service call, or log a line. */
int serve(struct worker *w, int type, struct wire *body, struct cb_error *err)
{
	struct worker_services *s = &w->services;
	struct cb_error why = { 0 };
	const char *name, *folder;
	struct cb_text value;
	int fd = -1, rc;

	switch (type) {
	case FRAME_LOG: {
		enum cb_level level = (enum cb_level)wire_get_number(body);
		struct cb_text line = wire_get_text(body);

		cb_log(level, "%.*s", "%.*s", CB_TEXT_ARG(line));
		return CB_OK;
	}
	case FRAME_HTTP:
		rc = serve_http(w, body, err);
		if (rc != CB_OK)
			return rc;
		break;
	case FRAME_KEEP:
		name = get_string(w, body);
		value = wire_get_text(body);
		if (s->keep && name)
			s->keep(s->with, name, value, (int64_t)wire_get_number(body));
		reply_begin(w, CB_OK, NULL);
		break;
	case FRAME_KEPT:
		name = get_string(w, body);
		value = s->kept && name ? s->kept(s->with, name) : (struct cb_text){ 0 };
		wire_text(reply_begin(w, CB_OK, NULL), value);
		break;
	case FRAME_CREDENTIAL:
		return serve_credential(w, body, err);
	case FRAME_FILES_LIST:
		serve_list(w, body);
		break;
	case FRAME_FILES_OPEN:
		name = get_string(w, body);
		rc = s->files_open && name ? s->files_open(s->with, name, &fd, &why)
					   : cb_fail(&why, CB_SETUP, "这次运行不许使用文件",
						     "this run may not use files");
		reply_begin(w, rc, &why);
		break;
	case FRAME_FILES_MOVE:
		name = get_string(w, body);
		folder = get_string(w, body);
		rc = s->files_move && name && folder
			     ? s->files_move(s->with, name, folder, &why)
			     : cb_fail(&why, CB_SETUP, "这次运行不许使用文件",
				       "this run may not use files");
		reply_begin(w, rc, &why);
		break;
	case FRAME_FILES_WRITE:
		name = get_string(w, body);
		value = wire_get_text(body);
		rc = s->files_write && name ? s->files_write(s->with, name, value, &why)
					    : cb_fail(&why, CB_SETUP, "这次运行不许使用文件",
						      "this run may not use files");
		reply_begin(w, rc, &why);
		break;
	default:
		return cb_fail(err, CB_BROKEN, "工作进程的消息不合约定",
			       "a message of the worker is not understood");
	}
	rc = flush_with(w, fd, err);
	if (fd >= 0)
		close(fd);
	return rc;
}
