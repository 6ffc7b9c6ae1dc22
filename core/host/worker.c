/*
 * worker.c - the life of a worker: take the job, load, seal, work, say why it
 * ended.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/say.h"
#include "host/inside.h"

struct buffer *task_message(struct cb_task *task, enum worker_kind kind)
{
	return frame_begin(&task->channel, FRAME_MESSAGE + (int)kind);
}

int task_send(struct cb_task *task, struct cb_error *err)
{
	return frame_end(&task->channel, err);
}

int task_command(struct cb_task *task, int *type, struct wire *body, struct cb_error *err)
{
	int rc = channel_flush(&task->channel, err);

	if (rc == CB_OK)
		rc = frame_next(&task->channel, -1, type, body, err);
	if (rc == CB_OK)
		return CB_OK;
	return cb_fail(&task->fatal, CB_BROKEN, "与主进程的连接已断开", "the engine is gone");
}

static const char *get_string(struct cb_task *task, struct wire *wire)
{
	struct cb_text text = wire_get_text(wire);

	return text.at ? arena_string(&task->arena, text) : NULL;
}

static int bad_job(struct cb_error *err)
{
	return cb_fail(err, CB_BROKEN, "任务无法读取", "the job cannot be read");
}

/* How many of something follow: each is a byte at least. */
static bool get_count(struct wire *wire, size_t *count)
{
	*count = wire_get_number(wire);
	return !wire->is_bad && *count <= (size_t)(wire->end - wire->at);
}

int task_take_document(struct cb_task *task, struct arena *arena, struct wire *w,
		       struct cb_error *err)
{
	const char **strings[] = { &task->job.key, &task->job.media, &task->job.charset,
				   &task->job.records };
	struct worker_job *job = &task->job;
	int64_t *wanted;

	job->bytes = arena_copy(arena, wire_get_text(w));
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		struct cb_text text = wire_get_text(w);

		*strings[i] = text.at ? arena_string(arena, text) : NULL;
	}
	if (!get_count(w, &job->wanted_count))
		return bad_job(err);
	wanted = arena_take(arena, job->wanted_count * sizeof(*wanted) + 1);
	for (size_t i = 0; i < job->wanted_count; i++)
		wanted[i] = (int64_t)wire_get_number(w);
	job->wanted = job->wanted_count ? wanted : NULL;
	return w->is_bad ? bad_job(err) : CB_OK;
}

static int take_kept(struct cb_task *task, struct wire *w, struct cb_error *err)
{
	struct worker_text *kept;

	if (!get_count(w, &task->job.kept_count))
		return bad_job(err);
	kept = arena_zero(&task->arena, (task->job.kept_count + 1) * sizeof(*kept));
	for (size_t i = 0; i < task->job.kept_count; i++) {
		kept[i].name = get_string(task, w);
		kept[i].text = arena_copy(&task->arena, wire_get_text(w));
		if (!kept[i].name)
			return bad_job(err);
	}
	task->job.kept = kept;
	return CB_OK;
}

static int take_job(struct cb_task *task, struct cb_error *err)
{
	struct worker_job *job = &task->job;
	struct wire w;
	int type, rc = frame_next(&task->channel, -1, &type, &w, err);

	if (rc != CB_OK || type != FRAME_JOB)
		return cb_fail(err, CB_BROKEN, "没有收到任务", "no job came");
	job->task = (enum worker_task)wire_get_number(&w);
	say_language(wire_get_number(&w) ? LANGUAGE_EN : LANGUAGE_ZH);
	job->plugins = get_string(task, &w);
	job->model = get_string(task, &w);
	job->mapping = get_string(task, &w);
	job->digest = get_string(task, &w);
	job->manifest = get_string(task, &w);
	job->stream = get_string(task, &w);
	job->reads = get_string(task, &w);
	job->reads = job->reads ? job->reads : "read";
	job->from = (int64_t)wire_get_number(&w);
	job->to = (int64_t)wire_get_number(&w);
	job->poison = get_string(task, &w);
	job->poison_say = get_string(task, &w);
	job->poison_record = (int64_t)wire_get_number(&w);
	job->poison_rest = wire_get_number(&w);
	job->skip = (int64_t)wire_get_number(&w);
	job->cursor = get_string(task, &w);
	job->at = get_string(task, &w);
	job->hidden = get_string(task, &w);
	job->credentials = get_string(task, &w);
	job->mappings = get_string(task, &w);
	job->now = (int64_t)wire_get_number(&w);
	job->zone = (int)wire_get_number(&w) - 24 * 60;
	job->page = (int64_t)wire_get_number(&w);
	job->keeps_raw = wire_get_number(&w);
	job->is_dry = wire_get_number(&w);
	job->memory_max = (int64_t)wire_get_number(&w);
	job->traces = wire_get_number(&w);
	job->tells_cells = wire_get_number(&w);
	rc = task_take_document(task, &task->arena, &w, err);
	if (rc == CB_OK)
		rc = take_kept(task, &w, err);
	if (rc != CB_OK)
		return rc;
	job->tables = wire_get_number(&w) ? TABLES_FD : 0;
	if (!get_count(&w, &job->setting_count))
		return bad_job(err);
	task->settings = arena_take(&task->arena, job->setting_count * sizeof(*task->settings) + 1);
	for (size_t i = 0; i < job->setting_count; i++) {
		task->settings[i].name = get_string(task, &w);
		task->settings[i].value = get_string(task, &w);
	}
	job->fd = channel_take_fd(&task->channel);
	return w.is_bad ? bad_job(err) : CB_OK;
}

/* The first problem as the error, and how many more there are. */
static int first_problem(struct problems *problems, struct cb_error *err)
{
	const struct problem *p = problems->count ? &problems->at[0] : NULL;

	for (size_t i = 0; i < problems->count && (p = &problems->at[i])->is_warning; i++)
		;
	if (!p)
		return cb_fail(err, CB_SETUP, "文件无法使用", "the file cannot be used");
	if (problems->errors > 1)
		return cb_fail(err, CB_SETUP, "%s:%u:%u: %s（共 %zu 处问题）",
			       "%s:%u:%u: %s (%zu problems in all)", p->file, p->line, p->column,
			       p->text, problems->errors);
	return cb_fail(err, CB_SETUP, "%s:%u:%u: %s", "%s:%u:%u: %s", p->file, p->line, p->column,
		       p->text);
}

static struct mapping *load_mapping(struct cb_task *task, struct problems *problems)
{
	const struct worker_job *job = &task->job;
	struct mapping_text *kept = arena_zero(&task->arena, (job->kept_count + 1) * sizeof(*kept));
	struct cb_text image = { 0 };

	for (size_t i = 0; i < job->kept_count; i++)
		kept[i] = (struct mapping_text){ job->kept[i].name, job->kept[i].text };
	if (job->tables)
		image = tables_map(job->tables);
	return mapping_read_shared(&task->arena, job->mapping, kept, job->kept_count, image,
				   task->model, problems);
}

/* "gb18030" of "gb18030|utf-8": what a write's charset begins with is what goes out. */
static enum charset written_charset(const struct cb_task *task)
{
	const struct cb_element *e = task->stream ? task->stream->element : NULL;
	const char *name = cb_attribute(cb_child(e, "write", NULL), "charset");
	char first[32];

	snprintf(first, sizeof(first), "%.*s", name ? (int)strcspn(name, "|") : 0,
		 name ? name : "");
	return *first ? charset_named(first) : CHARSET_UNKNOWN;
}

static void lend_to_mapping(struct cb_task *task)
{
	struct mapping_formats formats = task_formats(task);

	if (!task->mapping)
		return;
	mapping_lend(task->mapping, &formats);
	mapping_count_bytes(task->mapping, written_charset(task));
}

/* <write receipt="…">: a place in their record that the mapping does not speak of. */
static int load_cites(struct cb_task *task, struct cb_error *err)
{
	const struct cb_element *stream = task->stream ? task->stream->element : NULL;
	const char *text = cb_attribute(cb_child(stream, "write", NULL), "receipt");

	if (!text || !task->mapping || task->job.task != WORK_EXPORT)
		return CB_OK;
	return path_compile(&task->arena, mapping_there(task->mapping), cb_text_of(text),
			    PATH_VALUE, &task->cites, err);
}

static int load_files(struct cb_task *task, struct cb_error *err)
{
	struct worker_job *job = &task->job;
	struct problems problems = { 0 };
	int rc = CB_OK;

	if (job->model) {
		task->model = model_read(&task->arena, job->model, &problems);
		if (!task->model)
			rc = first_problem(&problems, err);
	}
	if (rc == CB_OK && job->mapping) {
		task->mapping = load_mapping(task, &problems);
		if (!task->mapping)
			rc = first_problem(&problems, err);
		else if (job->digest && strcmp(job->digest, mapping_digest(task->mapping)) != 0)
			rc = cb_fail(
				err, CB_AGAIN, "%s 或它引用的文件刚刚被改过；再执行一次，就用新的",
				"%s, or a file that it includes, was changed this very moment; "
				"run once more to use the new one",
				job->mapping);
	}
	if (rc == CB_OK && job->manifest) {
		task->manifest = manifest_read(&task->arena, job->manifest, &problems);
		if (!task->manifest)
			rc = first_problem(&problems, err);
	}
	problems_done(&problems);
	if (rc != CB_OK || !task->manifest)
		return rc;
	task->stream = job->stream ? manifest_stream(task->manifest, job->stream) : NULL;
	if (job->stream && !task->stream)
		return cb_fail(err, CB_SETUP, "%s 里没有名为 %s 的 stream",
			       "%s has no stream called %s", job->manifest, job->stream);
	return CB_OK;
}

static const char *connector_option(void *with, const char *name)
{
	struct cb_task *task = with;

	return cb_attribute(task->manifest->root, name);
}

static int find_connector(struct cb_task *task, struct cb_error *err)
{
	if (!task->manifest)
		return CB_OK;
	task->connector = plugins_connector(&task->plugins, task->manifest->by);
	if (!task->connector)
		return cb_fail(err, CB_SETUP, "没有名为 %s 的连接器插件（%s）",
			       "there is no connector plugin called %s (%s)", task->manifest->by,
			       task->job.manifest);
	/* Both must want it: the plugin is trusted by name, in a file that a person reads. */
	if (task->connector->connector.has_own_connection != task->manifest->has_own_connection)
		return cb_fail(err, CB_SETUP,
			       task->manifest->has_own_connection
				       ? "插件 %s 不用自己的连接：%s 里不要写 connection=\"own\""
				       : "插件 %s 要自己的连接：在 %s 里写 connection=\"own\"",
			       task->manifest->has_own_connection
				       ? "plugin %s has no connection of its own: %s must not say "
					 "connection=\"own\""
				       : "plugin %s opens its own connection: say "
					 "connection=\"own\" in %s",
			       task->manifest->by, task->job.manifest);
	return CB_OK;
}

static int open_connector(struct cb_task *task, struct cb_error *err)
{
	int rc;

	if (!task->manifest)
		return CB_OK;
	snprintf(task->progress->plugin, sizeof(task->progress->plugin), "%s", task->manifest->by);
	rc = plugin_state(&task->arena, task->manifest->by, task->connector->connector.options,
			  task->connector->connector.state_size, connector_option, task,
			  &task->connector_state, err);
	if (rc == CB_OK && task->connector->connector.open)
		rc = task->connector->connector.open(task->connector_state, task, err);
	return rc;
}

const char *task_option(void *with, const char *name)
{
	struct cb_task *task = with;
	const struct cb_element *stream = task->stream ? task->stream->element : NULL;
	const char *value = NULL;

	if (stream)
		value = cb_attribute(
			cb_child(stream, task->job.task == WORK_EXPORT ? "write" : task->job.reads,
				 NULL),
			name);
	if (!value && task->mapping)
		value = mapping_there_option(task->mapping, name);
	return value;
}

/* Converters and the time zone are read from files; after the seal there are no files. */
static void warm_up(void)
{
	static const enum charset all[] = { CHARSET_GB18030, CHARSET_UTF16LE, CHARSET_UTF16BE };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		charset_converter_free(charset_converter_new(all[i]));
	tzset();
}

static int work(struct cb_task *task, struct cb_error *err)
{
	switch (task->job.task) {
	case WORK_READ:
		return work_read(task, err);
	case WORK_DOCUMENT:
	case WORK_LEARN:
		return work_document(task, err);
	case WORK_REPLAY:
		return work_replay(task, err);
	case WORK_EXPORT:
		return work_export(task, err);
	case WORK_MAP_OUT:
		return work_map_out(task, err);
	case WORK_MAP_TEST:
		return work_map_test(task, err);
	case WORK_TABLE:
		return work_table(task, err);
	case WORK_OUTLINE:
		return work_outline(task, err);
	case WORK_DESCRIBE: {
		struct buffer text = { 0 };
		struct buffer *out;

		plugins_describe(&task->plugins, &text);
		out = task_message(task, WORKER_REPORT);
		wire_number(out, 0);
		wire_number(out, 0);
		wire_text(out, buffer_view(&text));
		buffer_done(&text);
		return task_send(task, err);
	}
	case WORK_CHECK:
		if (!task->connector->connector.check)
			return CB_OK;
		return task->connector->connector.check(task->connector_state, err);
	}
	return CB_OK;
}

/* The others need a manifest only for how documents are read, and nobody to talk to. */
static bool speaks(enum worker_task task)
{
	return task == WORK_READ || task == WORK_EXPORT || task == WORK_CHECK;
}

static int seal_connected(struct cb_task *task, struct cb_error *err)
{
	struct seal_folders folders = { 0 };
	int rc = own_folders(task, &folders, err);

	return rc == CB_OK ? seal_but_connection(task->job.memory_max, &folders, err) : rc;
}

static int prepare(struct cb_task *task, struct cb_error *err)
{
	int rc = plugins_load(&task->plugins, &task->arena, task->job.plugins, err);

	if (rc == CB_OK)
		rc = load_files(task, err);
	lend_to_mapping(task);
	if (rc == CB_OK)
		rc = load_cites(task, err);
	warm_up();
	if (rc == CB_OK && speaks(task->job.task))
		rc = find_connector(task, err);
	if (rc == CB_OK && task->connector && task->connector->connector.has_own_connection)
		rc = seal_connected(task, err);
	else if (rc == CB_OK)
		rc = seal(task->job.memory_max, err);
	if (rc == CB_OK) {
		struct buffer *out = task_message(task, WORKER_READY);

		wire_text(out, cb_text_of(task->mapping ? mapping_digest(task->mapping) : ""));
		rc = task_send(task, err);
	}
	if (rc == CB_OK && speaks(task->job.task))
		rc = open_connector(task, err);
	return rc;
}

static void log_line(enum cb_level level, const char *line, void *with)
{
	struct cb_task *task = with;
	struct buffer *out = frame_begin(&task->channel, FRAME_LOG);

	wire_number(out, level);
	wire_text(out, cb_text_of(line));
	if (frame_end(&task->channel, &task->fatal) != CB_OK)
		return;
}

static void say_done(struct cb_task *task, int rc, const struct cb_error *err)
{
	struct buffer *out = task_message(task, WORKER_DONE);

	wire_number(out, (uint64_t)rc);
	wire_number(out, rc ? err->line : 0);
	wire_number(out, rc ? err->column : 0);
	wire_number(out, rc ? (uint64_t)err->wait_ms : 0);
	wire_text(out, cb_text_of(rc ? err->text : ""));
	if (task_send(task, NULL) == CB_OK && channel_flush(&task->channel, NULL) == CB_OK)
		return;
}

int worker_main(int fd)
{
	static struct progress nowhere;
	struct cb_task *task = memory_take(sizeof(*task));
	struct cb_error err = { 0 };
	int rc;

	/* If the engine is killed, so are we: nobody reads what we would say. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	task->progress =
		mmap(NULL, sizeof(*task->progress), PROT_READ | PROT_WRITE, MAP_SHARED, fd + 1, 0);
	if (task->progress == MAP_FAILED)
		task->progress = &nowhere;
	channel_init(&task->channel, fd);
	say_log(CB_INFO, log_line, task);
	rc = take_job(task, &err);
	if (rc == CB_OK)
		rc = prepare(task, &err);
	if (rc == CB_OK)
		rc = work(task, &err);
	if (rc == CB_END)
		rc = CB_OK;
	say_done(task, rc, &err);
	/* The process ends here and takes its memory with it. */
	_exit(0);
}
