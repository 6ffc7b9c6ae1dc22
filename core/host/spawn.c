/*
 * spawn.c - the engine's side of a worker: start it, read it, and know why it
 * is gone.
 *
 * The worker is exec'd anew, so nothing of the engine's memory is in it: no
 * secret, no store. It inherits its socket, the shared page of progress,
 * the code tables that are ready, and standard error.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/say.h"
#include "host/inside.h"

#define SILENCE INT64_C(60000)

struct worker {
	pid_t pid;
	struct channel channel;
	struct worker_services services;
	struct progress *progress;
	struct arena arena; /* of the message at hand */
	int64_t silence_ms;
	bool has_ended, has_died;
};

static void put_string(struct buffer *out, const char *string)
{
	wire_text(out, cb_text_of(string));
}

static void put_document(struct buffer *out, const struct worker_job *job)
{
	wire_text(out, job->bytes);
	put_string(out, job->key);
	put_string(out, job->media);
	put_string(out, job->charset);
	put_string(out, job->records);
	wire_number(out, job->wanted_count);
	for (size_t i = 0; i < job->wanted_count; i++)
		wire_number(out, (uint64_t)job->wanted[i]);
}

/* Flushed by hand: a descriptor may have to go along. */
static int flush_with(struct worker *w, int fd, struct cb_error *err)
{
	size_t len = w->channel.out.len - w->channel.open - 5;
	uint32_t head = (uint32_t)len;

	if (len > FRAME_MAX)
		return cb_fail(err, CB_SETUP, "文档过大", "the document is too large");
	memcpy(w->channel.out.at + w->channel.open, &head, sizeof(head));
	return channel_flush_fd(&w->channel, fd, err);
}

static int send_job(struct worker *w, const struct worker_job *job, struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_JOB);

	wire_number(out, job->task);
	wire_number(out, say_language_now() == LANGUAGE_EN);
	put_string(out, job->plugins);
	put_string(out, job->model);
	put_string(out, job->mapping);
	put_string(out, job->digest);
	put_string(out, job->manifest);
	put_string(out, job->stream);
	put_string(out, job->reads);
	wire_number(out, (uint64_t)job->from);
	wire_number(out, (uint64_t)job->to);
	put_string(out, job->poison);
	put_string(out, job->poison_say);
	wire_number(out, (uint64_t)job->poison_record);
	wire_number(out, job->poison_rest);
	wire_number(out, (uint64_t)job->skip);
	put_string(out, job->cursor);
	put_string(out, job->at);
	wire_number(out, (uint64_t)job->now);
	wire_number(out, (uint64_t)job->zone + UINT64_C(1440));
	wire_number(out, (uint64_t)job->page);
	wire_number(out, job->keeps_raw);
	wire_number(out, job->is_dry);
	wire_number(out, (uint64_t)job->memory_max);
	wire_number(out, job->traces);
	wire_number(out, job->tells_cells);
	put_document(out, job);
	wire_number(out, job->kept_count);
	for (size_t i = 0; i < job->kept_count; i++) {
		put_string(out, job->kept[i].name);
		wire_text(out, job->kept[i].text);
	}
	wire_number(out, job->tables > 0);
	wire_number(out, job->setting_count);
	for (size_t i = 0; i < job->setting_count; i++) {
		put_string(out, job->settings[i].name);
		put_string(out, job->settings[i].value);
	}
	return flush_with(w, job->fd, err);
}

static int spawn(struct worker *w, const char *program, int socket, int page, int tables,
		 struct cb_error *err)
{
	char *argv[] = { (char[]){ "casebridge" }, (char[]){ "worker" }, NULL };
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	/* All are above these already, so none is overwritten by another. */
	posix_spawn_file_actions_adddup2(&actions, socket, 3);
	posix_spawn_file_actions_adddup2(&actions, page, 4);
	if (tables > 0)
		posix_spawn_file_actions_adddup2(&actions, tables, TABLES_FD);
	rc = posix_spawn(&w->pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == 0)
		return CB_OK;
	w->pid = 0;
	return cb_fail(err, CB_AGAIN, "无法启动工作进程 %s", "the worker %s cannot be started",
		       program);
}

/* So much may be on its way that the worker goes on while the engine waits for the disk. */
static void widen(int fd)
{
	int size = 4 << 20;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int above_five(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, TABLES_FD + 1);

	close(fd);
	return high;
}

/* A minute, or what the operator says: a slow disk may need more. */
static int64_t silence(void)
{
	const char *text = getenv("CASEBRIDGE_SILENCE_MS");
	int64_t ms = text ? strtoll(text, NULL, 10) : 0;

	return ms > 0 ? ms : SILENCE;
}

int worker_start(const struct worker_job *job, const struct worker_services *services,
		 struct worker **out, struct cb_error *err)
{
	const char *program = getenv("CASEBRIDGE_PROGRAM");
	struct worker *w = memory_take(sizeof(*w));
	int ends[2] = { -1, -1 }, page = -1, rc = CB_OK;

	*out = w;
	channel_init(&w->channel, -1);
	w->services = services ? *services : (struct worker_services){ 0 };
	w->silence_ms = job->silence_ms ? job->silence_ms : silence();
	page = memfd_create("casebridge-progress", MFD_CLOEXEC);
	if (page < 0 || ftruncate(page, sizeof(struct progress)) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		rc = cb_fail(err, CB_AGAIN, "系统资源不足，无法启动工作进程",
			     "the system has no room for a worker");
	if (rc == CB_OK) {
		page = above_five(page);
		ends[1] = above_five(ends[1]);
		widen(ends[0]);
		widen(ends[1]);
		w->channel.fd = ends[0];
		w->progress = mmap(NULL, sizeof(*w->progress), PROT_READ | PROT_WRITE, MAP_SHARED,
				   page, 0);
		if (w->progress == MAP_FAILED) {
			w->progress = NULL;
			rc = cb_fail(err, CB_AGAIN, "系统资源不足，无法启动工作进程",
				     "the system has no room for a worker");
		}
	}
	if (rc == CB_OK) {
		rc = spawn(w, program ? program : "/proc/self/exe", ends[1], page, job->tables,
			   err);
	}
	if (rc == CB_OK)
		rc = send_job(w, job, err);
	if (ends[1] >= 0)
		close(ends[1]);
	if (page >= 0)
		close(page);
	if (rc != CB_OK) {
		worker_free(w);
		*out = NULL;
	}
	return rc;
}

/* The worker is gone without a last word: whose fault, where? */
static int post_mortem(struct worker *w, bool was_silent, struct cb_error *err)
{
	const struct progress *p = w->progress;
	unsigned long long record = p->record;
	char plugin[sizeof(p->plugin) + 1] = { 0 };
	int status = 0;

	memcpy(plugin, p->plugin, sizeof(p->plugin));
	w->has_ended = w->has_died = true;
	if (was_silent)
		kill(w->pid, SIGKILL);
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	if (was_silent)
		cb_error_set(err, CB_BROKEN,
			     "插件 %s 在第 %llu 条记录处停止响应（%lld "
			     "秒），已被结束；之前的记录不受影响",
			     "plugin %s stopped answering at record %llu (%lld s) and was ended; "
			     "earlier "
			     "records are safe",
			     plugin, record, (long long)w->silence_ms / 1000);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		cb_error_set(
			err, CB_BROKEN,
			"插件 %s 在第 %llu 条记录处试图做不允许的系统调用，已被结束",
			"plugin %s tried a system call that is not allowed at record %llu and was "
			"ended",
			plugin, record);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 71)
		cb_error_set(err, CB_BROKEN, "插件 %s 在第 %llu 条记录处用尽了内存上限",
			     "plugin %s used up its memory at record %llu", plugin, record);
	else if (WIFSIGNALED(status))
		cb_error_set(
			err, CB_BROKEN,
			"插件 %s 在第 %llu 条记录处崩溃（信号 %d）；之前的记录不受影响",
			"plugin %s crashed at record %llu (signal %d); earlier records are safe",
			plugin, record, WTERMSIG(status));
	else
		cb_error_set(err, CB_BROKEN, "插件 %s 在第 %llu 条记录处中途退出（返回 %d）",
			     "plugin %s left at record %llu (status %d)", plugin, record,
			     WEXITSTATUS(status));
	return CB_BROKEN;
}

static const char *string_of(struct worker *w, struct cb_text text)
{
	return text.at ? arena_string(&w->arena, text) : NULL;
}

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

	r.method = string_of(w, wire_get_text(body));
	r.url = string_of(w, wire_get_text(body));
	r.body = string_of(w, wire_get_text(body));
	r.body_type = string_of(w, wire_get_text(body));
	r.charset = string_of(w, wire_get_text(body));
	r.once = string_of(w, wire_get_text(body));
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
		parts[i].name = string_of(w, wire_get_text(body));
		parts[i].value = string_of(w, wire_get_text(body));
	}
	r.name_count = wire_get_number(body);
	if (r.name_count > 1000)
		return cb_fail(err, CB_BROKEN, "工作进程的请求不合约定",
			       "a request is not understood");
	r.names = names = arena_zero(&w->arena, r.name_count * sizeof(*names) + 1);
	for (size_t i = 0; i < r.name_count; i++) {
		names[i].name = string_of(w, wire_get_text(body));
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
		rc = w->services.files_list(w->services.with, string_of(w, wire_get_text(body)),
					    &lines, &why);
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

/* Answer one service call, or log a line. */
static int serve(struct worker *w, int type, struct wire *body, struct cb_error *err)
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
		name = string_of(w, wire_get_text(body));
		value = wire_get_text(body);
		if (s->keep && name)
			s->keep(s->with, name, value, (int64_t)wire_get_number(body));
		reply_begin(w, CB_OK, NULL);
		break;
	case FRAME_KEPT:
		name = string_of(w, wire_get_text(body));
		value = s->kept && name ? s->kept(s->with, name) : (struct cb_text){ 0 };
		wire_text(reply_begin(w, CB_OK, NULL), value);
		break;
	case FRAME_FILES_LIST:
		serve_list(w, body);
		break;
	case FRAME_FILES_OPEN:
		name = string_of(w, wire_get_text(body));
		rc = s->files_open && name ? s->files_open(s->with, name, &fd, &why)
					   : cb_fail(&why, CB_SETUP, "这次运行不许使用文件",
						     "this run may not use files");
		reply_begin(w, rc, &why);
		break;
	case FRAME_FILES_MOVE:
		name = string_of(w, wire_get_text(body));
		folder = string_of(w, wire_get_text(body));
		rc = s->files_move && name && folder
			     ? s->files_move(s->with, name, folder, &why)
			     : cb_fail(&why, CB_SETUP, "这次运行不许使用文件",
				       "this run may not use files");
		reply_begin(w, rc, &why);
		break;
	case FRAME_FILES_WRITE:
		name = string_of(w, wire_get_text(body));
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
	{
		uint32_t len = (uint32_t)(w->channel.out.len - w->channel.open - 5);

		memcpy(w->channel.out.at + w->channel.open, &len, sizeof(len));
	}
	rc = channel_flush_fd(&w->channel, fd, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

static void get_findings(struct worker *w, struct wire *body, struct worker_message *m)
{
	size_t count = wire_get_number(body);

	if (count > (size_t)(body->end - body->at)) {
		body->is_bad = true;
		return;
	}
	m->findings = arena_zero(&w->arena, count * sizeof(*m->findings) + 1);
	m->finding_count = count;
	for (size_t i = 0; i < count; i++) {
		struct worker_finding *f = &m->findings[i];

		f->outcome = (int)wire_get_number(body);
		f->code = string_of(w, wire_get_text(body));
		f->field = string_of(w, wire_get_text(body));
		f->label = string_of(w, wire_get_text(body));
		f->value = string_of(w, wire_get_text(body));
		f->say = string_of(w, wire_get_text(body));
		f->item = (int64_t)wire_get_number(body);
		f->line = (int64_t)wire_get_number(body);
	}
}

static void get_error(struct wire *body, bool has_place, struct cb_error *out)
{
	enum cb_verdict verdict = (enum cb_verdict)wire_get_number(body);
	uint32_t line = has_place ? (uint32_t)wire_get_number(body) : 0;
	uint32_t column = has_place ? (uint32_t)wire_get_number(body) : 0;
	uint64_t wait = wire_get_number(body);
	struct cb_text text = wire_get_text(body);

	cb_error_set(out, verdict, "%.*s", "%.*s", CB_TEXT_ARG(text));
	out->line = line;
	out->column = column;
	out->wait_ms = (int64_t)wait;
}

/* The other side's own words, as they may be kept and shown. */
static struct cb_text get_said(struct worker *w, struct wire *body)
{
	struct cb_text text = wire_get_text(body);
	char said[CB_SAID_MAX];

	return text.len ? arena_copy(&w->arena, cb_text_of(cb_said(text, said))) : text;
}

static void get_items(struct worker *w, struct wire *body, struct worker_message *m)
{
	size_t count = wire_get_number(body);

	if (count > (size_t)(body->end - body->at)) {
		body->is_bad = true;
		return;
	}
	m->items = arena_zero(&w->arena, count * sizeof(*m->items) + 1);
	m->item_count = count;
	for (size_t i = 0; i < count; i++) {
		m->items[i].verdict = (enum cb_verdict)wire_get_number(body);
		m->items[i].key = wire_get_text(body);
		m->items[i].receipt = wire_get_text(body);
		m->items[i].say = get_said(w, body);
		m->items[i].field = get_said(w, body);
	}
}

static struct worker_text *get_texts(struct worker *w, struct wire *body, size_t *count)
{
	struct worker_text *texts;

	*count = wire_get_number(body);
	if (*count > (size_t)(body->end - body->at)) {
		body->is_bad = true;
		*count = 0;
	}
	texts = arena_zero(&w->arena, (*count + 1) * sizeof(*texts));
	for (size_t i = 0; i < *count; i++) {
		texts[i].name = string_of(w, wire_get_text(body));
		texts[i].text = wire_get_text(body);
	}
	return texts;
}

static void get_trace(struct worker *w, struct wire *body, struct worker_trace *t)
{
	t->kind = string_of(w, wire_get_text(body));
	t->here = string_of(w, wire_get_text(body));
	t->file = string_of(w, wire_get_text(body));
	t->line = (int64_t)wire_get_number(body);
	t->item = (int64_t)wire_get_number(body);
	t->is_secret = wire_get_number(body);
	t->value = wire_get_text(body);
	t->from = get_texts(w, body, &t->from_count);
	t->step_count = wire_get_number(body);
	if (t->step_count > (size_t)(body->end - body->at)) {
		body->is_bad = true;
		t->step_count = 0;
	}
	t->steps = arena_zero(&w->arena, (t->step_count + 1) * sizeof(*t->steps));
	for (size_t i = 0; i < t->step_count; i++) {
		t->steps[i].what = string_of(w, wire_get_text(body));
		t->steps[i].detail = string_of(w, wire_get_text(body));
		t->steps[i].text = wire_get_text(body);
	}
}

static void get_message(struct worker *w, struct wire *body, struct worker_message *m)
{
	switch (m->kind) {
	case WORKER_READY:
		m->text = wire_get_text(body);
		break;
	case WORKER_DOCUMENT_BEGINS:
		m->key = string_of(w, wire_get_text(body));
		m->media = string_of(w, wire_get_text(body));
		m->charset = string_of(w, wire_get_text(body));
		m->records = string_of(w, wire_get_text(body));
		break;
	case WORKER_PIECE:
		m->number = (int64_t)wire_get_number(body);
		m->text = wire_get_text(body);
		break;
	case WORKER_TRACE:
		m->number = (int64_t)wire_get_number(body);
		get_trace(w, body, &m->trace);
		break;
	case WORKER_CELLS:
		m->number = (int64_t)wire_get_number(body);
		m->cells = get_texts(w, body, &m->cell_count);
		break;
	case WORKER_CORRECTS:
		m->number = (int64_t)wire_get_number(body);
		break;
	case WORKER_RECORD:
	case WORKER_HELD:
		m->number = (int64_t)wire_get_number(body);
		m->line = (int64_t)wire_get_number(body);
		m->key = string_of(w, wire_get_text(body));
		m->outcome = (int)wire_get_number(body);
		get_findings(w, body, m);
		m->text = (struct cb_text){ body->at, (size_t)(body->end - body->at) };
		break;
	case WORKER_PAGE:
		m->number = (int64_t)wire_get_number(body);
		m->at = string_of(w, wire_get_text(body));
		m->cursor = string_of(w, wire_get_text(body));
		m->is_last = wire_get_number(body);
		break;
	case WORKER_LOST:
		get_error(body, true, &m->error);
		break;
	case WORKER_UNKNOWN:
		m->number = (int64_t)wire_get_number(body);
		m->text = wire_get_text(body);
		break;
	case WORKER_MAPPED:
		m->number = (int64_t)wire_get_number(body);
		m->key = string_of(w, wire_get_text(body));
		m->outcome = (int)wire_get_number(body);
		get_findings(w, body, m);
		m->text = wire_get_text(body);
		m->cited = wire_get_text(body);
		break;
	case WORKER_OUTCOMES:
		get_error(body, false, &m->error);
		get_items(w, body, m);
		break;
	case WORKER_FOUND:
		get_error(body, false, &m->error);
		m->found.is_held = wire_get_number(body);
		m->found.receipt = wire_get_text(body);
		m->is_same = wire_get_number(body);
		m->is_before = wire_get_number(body);
		get_findings(w, body, m);
		break;
	case WORKER_COUNTED:
		get_error(body, false, &m->error);
		m->number = (int64_t)wire_get_number(body);
		break;
	case WORKER_BYTES:
		m->text = wire_get_text(body);
		break;
	case WORKER_REPORT:
		m->number = (int64_t)wire_get_number(body);
		m->count = (int64_t)wire_get_number(body);
		m->text = wire_get_text(body);
		break;
	case WORKER_DONE:
		get_error(body, true, &m->error);
		w->has_ended = true;
		break;
	}
}

/* What it says is no message: it is not believed any further. */
static int nonsense(struct worker *w, struct cb_error *err)
{
	char plugin[sizeof(w->progress->plugin) + 1] = { 0 };

	memcpy(plugin, w->progress->plugin, sizeof(w->progress->plugin));
	kill(w->pid, SIGKILL);
	return cb_fail(
		err, CB_BROKEN, "插件 %s 发来无法读取的消息，已被结束；之前的记录不受影响",
		"plugin %s sent a message that cannot be read and was ended; earlier records "
		"are safe",
		plugin);
}

int worker_next(struct worker *w, struct worker_message *m, struct cb_error *err)
{
	struct wire body;
	int type, rc;

	*m = (struct worker_message){ 0 };
	arena_clear(&w->arena);
	for (;;) {
		if (w->has_ended)
			return CB_END;
		rc = frame_next(&w->channel, w->silence_ms, &type, &body, err);
		if (rc == CB_AGAIN || rc == CB_END)
			return post_mortem(w, rc == CB_AGAIN, err);
		if (rc != CB_OK)
			return nonsense(w, err);
		if (type >= FRAME_MESSAGE && type <= FRAME_MESSAGE + WORKER_DONE)
			break;
		rc = serve(w, type, &body, err);
		if (rc == CB_BROKEN)
			return nonsense(w, err);
		if (rc != CB_OK)
			return rc;
	}
	m->kind = (enum worker_kind)(type - FRAME_MESSAGE);
	get_message(w, &body, m);
	return body.is_bad ? nonsense(w, err) : CB_OK;
}

bool worker_victim(const struct worker *w, const char **document, int64_t *record)
{
	if (!w || !w->has_died || !w->progress->document[0] || !w->progress->record)
		return false;
	w->progress->document[sizeof(w->progress->document) - 1] = '\0';
	*document = w->progress->document;
	*record = (int64_t)w->progress->record;
	return true;
}

static int command(struct worker *w, struct cb_error *err)
{
	int rc = frame_end(&w->channel, err);

	return rc == CB_OK ? channel_flush(&w->channel, err) : rc;
}

int worker_commit(struct worker *w, struct cb_error *err)
{
	frame_begin(&w->channel, FRAME_COMMIT);
	return command(w, err);
}

int worker_document(struct worker *w, const struct worker_job *job, struct cb_error *err)
{
	put_document(frame_begin(&w->channel, FRAME_DOCUMENT), job);
	return flush_with(w, job->fd, err);
}

int worker_finish(struct worker *w, struct cb_error *err)
{
	frame_begin(&w->channel, FRAME_FINISH);
	return command(w, err);
}

int worker_map(struct worker *w, int64_t number, const char *cites, const struct row *row,
	       struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_MAP);

	wire_number(out, (uint64_t)number);
	put_string(out, cites);
	wire_row(out, row);
	return command(w, err);
}

int worker_write(struct worker *w, int64_t now, const char *once, bool is_withdrawal,
		 const struct cb_item *items, size_t count, struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_WRITE);

	wire_number(out, (uint64_t)now);
	put_string(out, once);
	wire_number(out, is_withdrawal);
	wire_number(out, count);
	for (size_t i = 0; i < count; i++) {
		wire_text(out, items[i].key);
		wire_text(out, items[i].body);
		wire_text(out, items[i].receipt);
	}
	return command(w, err);
}

int worker_find(struct worker *w, int64_t now, struct cb_text key, struct cb_text payload,
		struct cb_text before, struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_FIND);

	wire_number(out, (uint64_t)now);
	wire_text(out, key);
	wire_text(out, payload);
	wire_text(out, before);
	return command(w, err);
}

int worker_count(struct worker *w, int64_t now, int64_t from, int64_t to, struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_COUNT);

	wire_number(out, (uint64_t)now);
	wire_number(out, (uint64_t)from);
	wire_number(out, (uint64_t)to);
	return command(w, err);
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	if (w->pid > 0) {
		kill(w->pid, SIGKILL);
		while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	channel_done(&w->channel);
	if (w->progress && w->progress != MAP_FAILED)
		munmap(w->progress, sizeof(*w->progress));
	arena_done(&w->arena);
	free(w);
}
