/*
 * map.c - mappings without a site: check them, run their samples, carry a file
 * through them. Documents are read by a worker; here only the user's own files are.
 */
#include "cli/map.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/grammar.h"
#include "base/xml.h"
#include "cli/table.h"
#include "host/host.h"
#include "reconcile/reconcile.h"
#include "record/sink.h"
#include "record/wire.h"

#define ZONE (8 * 60) /* minutes east, where neither mapping nor record says one */

/* The model. */

/* The only file of FOLDER/model/; NULL where there is none, or a choice. */
static const char *only_model(struct call *call, const char *folder)
{
	const char *file = NULL;
	glob_t found;

	if (glob(arena_printf(&call->arena, "%s/model/*.xml", folder), 0, NULL, &found) == 0 &&
	    found.gl_pathc == 1)
		file = arena_string(&call->arena, cb_text_of(found.gl_pathv[0]));
	globfree(&found);
	return file;
}

static const char *find_model(struct call *call, const char *mapping)
{
	const char *file = call->values[OPTION_MODEL], *slash = strrchr(mapping, '/');

	if (!file)
		file = only_model(
			call,
			slash ? arena_string(&call->arena,
					     (struct cb_text){ mapping, (size_t)(slash - mapping) })
			      : ".");
	return file ? file : only_model(call, site_mappings_folder(&call->arena));
}

struct model *map_model(struct call *call, const char *mapping, const char **file,
			struct problems *problems)
{
	*file = find_model(call, mapping);
	if (*file)
		return model_read(&call->arena, *file, problems);
	problem_add(problems, mapping, 0, 0, "不知道用哪个模型：请用 --model 指出模型文件",
		    "which model? Name its file with --model");
	return NULL;
}

bool map_open(struct call *call, const char *file, struct translation *t)
{
	struct problems problems = { 0 };
	struct model *model;

	*t = (struct translation){ .file = file };
	model = map_model(call, file, &t->model_file, &problems);
	if (model)
		t->mapping = mapping_read(&call->arena, file, model, &problems);
	call_problems(call, &problems, false);
	problems_done(&problems);
	if (t->mapping)
		t->tables = worker_tables(t->mapping);
	return t->mapping != NULL;
}

void map_close(struct translation *t)
{
	mapping_done(t->mapping);
	if (t->tables)
		close(t->tables);
	*t = (struct translation){ 0 };
}

struct worker_job map_job(struct call *call, const struct translation *t, enum worker_task task)
{
	return (struct worker_job){
		.task = task,
		.plugins = site_plugins_folder(&call->arena),
		.model = t->model_file,
		.mapping = t->file,
		.tables = t->tables,
		.now = call_now(),
		.zone = ZONE,
		.fd = -1,
	};
}

/* map check */

struct lines { /* of one mapping, for the table */
	struct sheet sheet;
	struct call *call;
	const char *file;
	int64_t count[CLASS_ONE_WAY + 1];
};

static const char *class_label(enum line_class class)
{
	return class == CLASS_EXACT    ? cb_say("相等", "exact")
	       : class == CLASS_NORMAL ? cb_say("归一", "normal")
				       : cb_say("单向", "one-way");
}

static void add_line(void *with, const struct mapping_line *line)
{
	struct lines *l = with;
	const char *slash = strrchr(line->file, '/');
	const char *place = arena_printf(&l->call->arena, "%u", line->line);
	const char *mark = *line->way ? line->way : line->why;

	if (strcmp(line->file, l->file) != 0)
		place = arena_printf(&l->call->arena, "%s:%u", slash ? slash + 1 : line->file,
				     line->line);
	if (strcmp(line->kind, "check") != 0)
		l->count[line->class]++;
	sheet_string(&l->sheet, place);
	sheet_string(&l->sheet, line->kind);
	sheet_string(&l->sheet, line->here);
	sheet_string(&l->sheet, line->there);
	sheet_string(&l->sheet, strcmp(line->kind, "check") == 0 ? "" : class_label(line->class));
	sheet_string(&l->sheet, mark);
}

/* What each line promises, and how much of it was tried. */
static void print_lines(struct call *call, const char *file, const struct mapping *m)
{
	struct lines l = { .call = call, .file = file };
	struct mapping_size size = mapping_size(m);

	l.sheet = sheet_begin(&call->arena, 6, 0);
	sheet_string(&l.sheet, cb_say("行", "line"));
	sheet_string(&l.sheet, "");
	sheet_string(&l.sheet, cb_say("我们", "ours"));
	sheet_string(&l.sheet, cb_say("对方", "theirs"));
	sheet_string(&l.sheet, cb_say("往返", "class"));
	sheet_string(&l.sheet, cb_say("缘由", "because of"));
	mapping_each_line(m, add_line, &l);
	sheet_end(&l.sheet, call->has_colours, 0, &call->out);
	call_say(call,
		 "%s：%zu 行（相等 %" PRId64 "、归一 %" PRId64 "、单向 %" PRId64
		 "）；%zu 张代码表的 %zu 行已逐行写出、读回；样例 %zu 个\n",
		 "%s: %zu lines (exact %" PRId64 ", normal %" PRId64 ", one-way %" PRId64
		 "); %zu code tables, all %zu rows run out and back; %zu samples\n",
		 file, size.lines, l.count[CLASS_EXACT], l.count[CLASS_NORMAL],
		 l.count[CLASS_ONE_WAY], size.tables, size.rows, size.samples);
}

static void check_mapping(struct call *call, const char *file, struct problems *problems)
{
	const char *model_file;
	struct model *model = map_model(call, file, &model_file, problems);
	struct mapping *m = model ? mapping_read(&call->arena, file, model, problems) : NULL;

	if (m && !call_has(call, OPTION_JSON))
		print_lines(call, file, m);
	mapping_done(m);
}

static void check_file(struct call *call, const char *file, struct problems *problems)
{
	const struct cb_element *root = xml_read_file(&call->arena, file, problems);

	if (!root)
		return;
	if (strcmp(root->name, "connector") == 0) {
		(void)manifest_read(&call->arena, file, problems);
	} else if (strcmp(root->name, "model") == 0) {
		(void)model_read(&call->arena, file, problems);
	} else if (strcmp(root->name, "site") == 0) {
		/* Its words; whether its names exist, `casebridge check` knows. */
		grammar_check(&site_grammar, root, problems);
	} else if (strcmp(root->name, "calendar") == 0) {
		(void)workdays_read(&call->arena, file, problems);
	} else if (strcmp(root->name, "link") == 0) {
		(void)link_spec_read(&call->arena, file, problems);
	} else if (strcmp(root->name, "library") == 0) {
		grammar_check(&mapping_grammar, root, problems);
	} else {
		check_mapping(call, file, problems);
	}
}

int command_map_check(struct call *call)
{
	struct problems problems = { 0 };
	int code;

	for (size_t i = 0; i < call->count; i++) {
		size_t errors = problems.errors;

		check_file(call, call->arguments[i], &problems);
		if (problems.errors == errors && !call_has(call, OPTION_JSON))
			call_say(call, "%s：没有错误\n", "%s: no mistakes\n", call->arguments[i]);
	}
	if (call_has(call, OPTION_JSON)) {
		problems_json(&problems, &call->out);
		buffer_char(&call->out, '\n');
	} else {
		call_problems(call, &problems, true);
	}
	code = problems.errors ? EX_CONFIG : 0;
	problems_done(&problems);
	return code;
}

/* map test */

struct tally {
	int64_t passed, failed;
};

/* CB_OK also where samples failed. */
static int run_samples(struct call *call, const struct translation *t, struct tally *tally,
		       struct cb_error *err)
{
	struct worker_job job = map_job(call, t, WORK_MAP_TEST);
	struct worker_message m;
	struct worker *worker;
	int rc = worker_start(&job, NULL, &worker, err);

	if (rc != CB_OK)
		return rc;
	while ((rc = worker_next(worker, &m, err)) == CB_OK) {
		if (m.kind == WORKER_REPORT) {
			tally->passed += m.number;
			tally->failed += m.count;
			buffer_text(&call->out, m.text);
		}
		if (m.kind == WORKER_DONE && m.error.verdict != CB_OK) {
			*err = m.error;
			rc = (int)err->verdict;
			break;
		}
	}
	worker_free(worker);
	return rc == CB_END ? CB_OK : rc;
}

int command_map_test(struct call *call)
{
	struct tally all = { 0 };

	for (size_t i = 0; i < call->count; i++) {
		struct translation t;
		struct cb_error err;

		if (!map_open(call, call->arguments[i], &t)) {
			all.failed++;
			continue;
		}
		if (run_samples(call, &t, &all, &err) != CB_OK) {
			call_fail(call, &err);
			all.failed++;
		}
		map_close(&t);
	}
	buffer_printf(&call->out, "%" PRId64 " passed, %" PRId64 " failed\n", all.passed,
		      all.failed);
	return all.failed ? 1 : 0;
}

/* map in, map out */

struct carrying {
	struct call *call;
	const struct table *entity; /* NULL: the other direction */
	struct arena arena;         /* of one record */
	int64_t held;
};

static const char *outcome_word(int outcome)
{
	static const char *const words[] = {
		[OUTCOME_MAPPED] = "mapped",
		[OUTCOME_HELD] = "held",
		[OUTCOME_REJECTED] = "rejected",
		[OUTCOME_PASSED_BY] = "passed-by",
	};

	return words[outcome];
}

/* A line on standard error, for people who write mappings and for programs. */
static void say_findings(const struct worker_message *m)
{
	struct buffer line = { 0 };
	struct json j = { .out = &line };

	json_open(&j, NULL, '{');
	json_integer(&j, "record", m->number);
	json_integer(&j, "line", m->line);
	json_string(&j, "outcome", outcome_word(m->outcome));
	json_string(&j, "key", m->key);
	json_open(&j, "findings", '[');
	for (size_t i = 0; i < m->finding_count; i++) {
		const struct worker_finding *f = &m->findings[i];

		json_open(&j, NULL, '{');
		json_string(&j, "code", f->code);
		json_string(&j, "field", f->field);
		json_string(&j, "label", f->label);
		json_string(&j, "value", f->value);
		json_integer(&j, "item", f->item);
		json_string(&j, "say", f->say);
		json_integer(&j, "mapping-line", f->line);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&line, '\n');
	fwrite(line.at, 1, line.len, stderr);
	buffer_done(&line);
}

static void say_unknown(struct cb_text name)
{
	struct buffer line = { 0 };
	struct json j = { .out = &line };

	json_open(&j, NULL, '{');
	json_text(&j, "unknown", name);
	json_close(&j, '}');
	fprintf(stderr, "%s\n", buffer_cstr(&line));
	buffer_done(&line);
}

static int put_row(struct carrying *c, struct cb_text bytes, struct cb_error *err)
{
	struct wire wire = { bytes.at, bytes.at + bytes.len, false };
	const struct row *row = wire_get_row(&wire, &c->arena, c->entity->shape);

	if (!row)
		return cb_fail(err, CB_BROKEN, "工作进程发来的记录无法读取",
			       "a record of the worker cannot be read");
	row_json(row, &c->call->out);
	buffer_char(&c->call->out, '\n');
	arena_clear(&c->arena);
	return CB_OK;
}

static int take_message(struct carrying *c, struct worker *worker, const struct worker_message *m,
			struct cb_error *err)
{
	switch (m->kind) {
	case WORKER_RECORD:
		if (m->finding_count)
			say_findings(m);
		return put_row(c, m->text, err);
	case WORKER_HELD:
		c->held += m->outcome != OUTCOME_PASSED_BY;
		say_findings(m);
		return CB_OK;
	case WORKER_BYTES:
		buffer_text(&c->call->out, m->text);
		return CB_OK;
	case WORKER_UNKNOWN:
		say_unknown(m->text);
		return CB_OK;
	case WORKER_PAGE:
		return m->is_last ? worker_commit(worker, err) : CB_OK; /* there is no store */
	case WORKER_LOST:
	case WORKER_DONE:
		*err = m->error;
		return (int)err->verdict;
	default:
		return CB_OK;
	}
}

static int carry(struct carrying *c, const struct worker_job *job, struct cb_error *err)
{
	struct worker_message m;
	struct worker *worker;
	int rc = worker_start(job, NULL, &worker, err);

	if (rc != CB_OK)
		return rc;
	while (rc == CB_OK && !c->call->out_is_closed) {
		rc = worker_next(worker, &m, err);
		if (rc == CB_OK)
			rc = take_message(c, worker, &m, err);
		call_flush(c->call, false);
	}
	worker_free(worker);
	return rc == CB_END ? CB_OK : rc;
}

/* The input: a file, or "-" and nothing for standard input. */
static int open_input(struct call *call, struct worker_job *job, struct cb_error *err)
{
	const char *file = call->arguments[1];

	if (!file || strcmp(file, "-") == 0) {
		job->fd = STDIN_FILENO;
		return CB_OK;
	}
	job->key = file;
	job->fd = open(file, O_RDONLY | O_CLOEXEC);
	if (job->fd < 0)
		return cb_fail(err, CB_SETUP, "%s：不能读取：%s", "%s: cannot read: %s", file,
			       file_reason(errno));
	return CB_OK;
}

/* A table's format is chosen by the document's key, so the key names what is written. */
static int name_output(struct call *call, const struct translation *t, struct worker_job *job,
		       struct cb_error *err)
{
	const char *format = call->values[OPTION_FORMAT];

	job->key = NULL;
	if (!format)
		return CB_OK;
	if (strcmp(mapping_format(t->mapping), "table") != 0)
		return cb_fail(err, CB_SETUP, "--format 只用于表格；这个映射写出的是 %s",
			       "--format is for tables; this mapping writes %s",
			       mapping_format(t->mapping));
	if (strcmp(format, "csv") != 0 && strcmp(format, "xlsx") != 0)
		return cb_fail(err, CB_SETUP, "--format 只能是 csv 或 xlsx，不是“%s”",
			       "--format is csv or xlsx, not '%s'", format);
	job->key = arena_printf(&call->arena, ".%s", format);
	return CB_OK;
}

static int translate(struct call *call, enum worker_task task)
{
	struct carrying c = { .call = call };
	struct translation t;
	struct worker_job job;
	struct cb_error err;
	int rc;

	if (!map_open(call, call->arguments[0], &t))
		return EX_CONFIG;
	c.entity = mapping_here(t.mapping);
	job = map_job(call, &t, task);
	rc = open_input(call, &job, &err);
	if (rc == CB_OK && task == WORK_MAP_OUT)
		rc = name_output(call, &t, &job, &err);
	if (rc == CB_OK)
		rc = carry(&c, &job, &err);
	if (job.fd > STDIN_FILENO)
		close(job.fd);
	arena_done(&c.arena);
	map_close(&t);
	if (rc != CB_OK)
		return call_fail(call, &err);
	return c.held ? 1 : 0;
}

int command_map_in(struct call *call)
{
	return translate(call, WORK_DOCUMENT);
}

int command_map_out(struct call *call)
{
	return translate(call, WORK_MAP_OUT);
}

/* map schema */

int command_map_schema(struct call *call)
{
	static const struct {
		const char *name;
		const struct grammar *grammar;
	} all[] = {
		{ "mapping", &mapping_grammar },   { "connector", &manifest_grammar },
		{ "model", &model_grammar },       { "site", &site_grammar },
		{ "calendar", &workdays_grammar }, { "link", &link_grammar },
	};
	const char *names[sizeof(all) / sizeof(*all) + 1] = { NULL }, *name = call->arguments[0];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		names[i] = all[i].name;
		if (strcmp(name, all[i].name) == 0) {
			grammar_relaxng(all[i].grammar, &call->out);
			return 0;
		}
	}
	return call_usage(call, "没有模式“%s”%s", "there is no schema '%s'%s", name,
			  call_hint(call, name, names));
}
