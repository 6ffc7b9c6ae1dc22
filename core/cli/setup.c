/*
 * setup.c - begin a site, check it, set its secrets.
 */
#include "cli/call.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/table.h"
#include "console/console.h"
#include "flow/flow.h"

#define SECRET_MOST 65536

/* init */

static int make_store(struct call *call, const char *folder)
{
	struct problems problems = { 0 };
	struct site *site = site_read(&call->arena, folder, &problems);
	struct store *store = NULL;
	struct cb_error err;
	int code = 0;

	call_problems(call, &problems, false);
	problems_done(&problems);
	if (!site)
		return EX_CONFIG;
	if (call_store(site, STORE_CREATE, &store, &err) != CB_OK)
		code = call_fail(call, &err);
	store_close(store);
	site_done(site);
	return code;
}

int command_init(struct call *call)
{
	const char *folder = call->arguments[0];
	struct cb_error err;
	int code;

	if (call_has(call, OPTION_DRY_RUN)) {
		call_say(call, "试运行：会在 %s 建立站点\n", "dry run: would begin a site in %s\n",
			 folder);
		return 0;
	}
	if (site_init(folder, &err) != CB_OK)
		return call_fail(call, &err);
	code = make_store(call, folder);
	if (code)
		return code;
	call_say(call,
		 "站点已建立：%s\n下一步：编辑 %s/site.xml，然后执行 casebridge check --site %s\n",
		 "the site is ready: %s\nnext: edit %s/site.xml, then casebridge check --site %s\n",
		 folder, folder, folder);
	return 0;
}

/* check */

struct reach { /* what came of logging in */
	struct call *call;
	struct sheet sheet;
	struct json *json; /* NULL: a table */
	const char *connection;
	size_t failed;
};

static void reached(void *with, const char *account, enum cb_verdict verdict, const char *words)
{
	struct reach *r = with;
	bool is_good = verdict == CB_OK;

	r->failed += !is_good;
	if (r->json) {
		json_open(r->json, NULL, '{');
		json_string(r->json, "connection", r->connection);
		json_string(r->json, "account", account);
		json_string(r->json, "verdict", cb_verdict_word(verdict));
		json_string(r->json, "say", words);
		json_close(r->json, '}');
		return;
	}
	sheet_string(&r->sheet, r->connection);
	sheet_string(&r->sheet, account);
	sheet_cell(&r->sheet, cb_text_of(is_good ? cb_say("可用", "ok") : cb_say("不通", "failed")),
		   is_good ? INK_PLAIN : INK_BAD);
	sheet_string(&r->sheet, words);
}

static int reach_all(struct reach *r, struct site *site, struct cb_error *err)
{
	struct engine *engine;
	int rc = call_engine(r->call, site, &engine, err);

	if (rc != CB_OK)
		return rc;
	for (size_t i = 0; i < site->connection_count; i++) {
		struct cb_error why;

		r->connection = site->connections[i].name;
		rc = flow_check(engine, &site->connections[i], reached, r, &why);
		if (rc != CB_OK)
			reached(r, "", (enum cb_verdict)rc, why.text);
	}
	engine_close(engine);
	return CB_OK;
}

/* 0, or the exit code. */
static int reach(struct call *call, struct site *site, struct json *json)
{
	struct reach r = { .call = call, .sheet = sheet_begin(&call->arena, 4, 0), .json = json };
	struct cb_error err;

	if (json) {
		json_open(json, "accounts", '[');
	} else {
		sheet_string(&r.sheet, cb_say("连接", "connection"));
		sheet_string(&r.sheet, cb_say("账号", "account"));
		sheet_string(&r.sheet, cb_say("登录", "login"));
		sheet_string(&r.sheet, cb_say("说明", "about"));
	}
	if (reach_all(&r, site, &err) != CB_OK) {
		sheet_drop(&r.sheet);
		return call_fail(call, &err);
	}
	if (json) {
		json_close(json, ']');
	} else {
		buffer_char(&call->out, '\n');
		sheet_end(&r.sheet, call->has_colours, 0, &call->out);
	}
	return r.failed ? 1 : 0;
}

static const char *streams_of(struct call *call, const struct manifest *m)
{
	const char *list = "";

	for (size_t i = 0; i < m->stream_count; i++)
		list = arena_printf(&call->arena, "%s%s%s", list, i ? " " : "", m->streams[i].name);
	return list;
}

/* Which plugin, and what its worker may do. */
static const char *plugin_of(struct call *call, const struct manifest *m)
{
	return arena_printf(&call->arena, "%s, %s", m->by,
			    m->has_own_connection ? cb_say("自己连接", "own connection")
						  : cb_say("封闭", "sealed"));
}

static void list_connections(struct call *call, const struct site *site)
{
	struct sheet sheet = sheet_begin(&call->arena, 6, 1u << 4);

	sheet_string(&sheet, cb_say("连接", "connection"));
	sheet_string(&sheet, cb_say("名称", "label"));
	sheet_string(&sheet, cb_say("连接器", "connector"));
	sheet_string(&sheet, cb_say("插件", "plugin"));
	sheet_string(&sheet, cb_say("账号数", "accounts"));
	sheet_string(&sheet, cb_say("数据流", "streams"));
	for (size_t i = 0; i < site->connection_count; i++) {
		const struct site_connection *c = &site->connections[i];

		sheet_string(&sheet, c->name);
		sheet_string(&sheet, c->label);
		sheet_string(&sheet, c->manifest->name);
		sheet_string(&sheet, plugin_of(call, c->manifest));
		sheet_number(&sheet, *c->accounts[0].name ? (int64_t)c->account_count : 0);
		sheet_string(&sheet, streams_of(call, c->manifest));
	}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

static const char *schedule_of(struct call *call, const struct site_flow *f)
{
	struct buffer said = { 0 };
	const char *words;

	if (!f->timetable)
		return f->is_export ? cb_say("有了就报", "when due") : cb_say("手动", "by hand");
	timetable_say(f->timetable, &said);
	words = arena_string(&call->arena, buffer_view(&said));
	buffer_done(&said);
	return words;
}

static void list_flows(struct call *call, const struct site *site)
{
	struct sheet sheet = sheet_begin(&call->arena, 6, 0);

	sheet_string(&sheet, cb_say("流程", "flow"));
	sheet_string(&sheet, cb_say("方向", "way"));
	sheet_string(&sheet, cb_say("数据流", "stream"));
	sheet_string(&sheet, cb_say("实体", "entity"));
	sheet_string(&sheet, cb_say("映射", "mapping"));
	sheet_string(&sheet, cb_say("时间", "when"));
	for (size_t i = 0; i < site->flow_count; i++) {
		const struct site_flow *f = &site->flows[i];

		sheet_string(&sheet, f->name);
		sheet_string(&sheet,
			     f->is_export ? cb_say("上报", "export") : cb_say("导入", "import"));
		sheet_string(&sheet, f->stream_name);
		sheet_string(&sheet, f->entity->name);
		sheet_string(&sheet, mapping_name(f->mapping));
		sheet_string(&sheet, schedule_of(call, f));
	}
	buffer_char(&call->out, '\n');
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

static int check_json(struct call *call, const struct problems *problems, struct site *site)
{
	struct json j = call_json(call);
	struct buffer list = { 0 };
	int code = 0;

	problems_json(problems, &list);
	json_open(&j, NULL, '{');
	json_flag(&j, "ok", !problems->errors);
	json_value(&j, "problems", buffer_view(&list));
	json_open(&j, "connections", '[');
	for (size_t i = 0; site && i < site->connection_count; i++) {
		const struct site_connection *c = &site->connections[i];

		json_open(&j, NULL, '{');
		json_string(&j, "name", c->name);
		json_string(&j, "connector", c->manifest->name);
		json_integer(&j, "accounts", *c->accounts[0].name ? (int64_t)c->account_count : 0);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "flows", '[');
	for (size_t i = 0; site && i < site->flow_count; i++) {
		const struct site_flow *f = &site->flows[i];

		json_open(&j, NULL, '{');
		json_string(&j, "name", f->name);
		json_string(&j, "kind", f->is_export ? "export" : "import");
		json_string(&j, "stream", f->stream_name);
		json_string(&j, "entity", f->entity->name);
		json_string(&j, "mapping", mapping_name(f->mapping));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	if (site && call_has(call, OPTION_REACH))
		code = reach(call, site, &j);
	json_close(&j, '}');
	buffer_char(&call->out, '\n');
	buffer_done(&list);
	return problems->errors ? EX_CONFIG : code;
}

static int check_plain(struct call *call, const struct problems *problems, struct site *site)
{
	call_problems(call, problems, true);
	if (problems->errors || !site) {
		call_say(call, "\n%zu 处错误\n", "\n%zu errors\n", problems->errors);
		if (site && site->unset)
			call_say(call, "缺密钥的账号停着，别的照常运行（%zu 处）\n",
				 "an account without its secret waits, all else runs (%zu)\n",
				 site->unset);
		return EX_CONFIG;
	}
	if (problems->count)
		buffer_char(&call->out, '\n');
	call_say(call, "%s：没有错误\n\n", "%s: no mistakes\n\n", site->name);
	list_connections(call, site);
	list_flows(call, site);
	return call_has(call, OPTION_REACH) ? reach(call, site, NULL) : 0;
}

/* Each mapping's own samples: one whose samples fail is not taken up. */
static void check_samples(struct call *call, const struct site *site, struct problems *problems)
{
	for (size_t i = 0; i < site->flow_count; i++) {
		const struct site_flow *f = &site->flows[i];
		struct flow_trial trial;
		struct cb_error err;
		size_t same = 0;

		while (site->flows[same].mapping != f->mapping)
			same++;
		if (same < i)
			continue;
		if (flow_try(site, NULL, f, &call->arena, &trial, &err) != CB_OK)
			problem_add(problems, f->mapping_file, 0, 0, "%s", "%s", err.text);
		else if (trial.failed)
			problem_add(problems, f->mapping_file, 0, 0,
				    "自带的样例有 %zu 个不通过，所以不会启用；第一个：%s",
				    "%zu of its own samples fail, so it will not be in force; the "
				    "first: %s",
				    trial.failed, trial.say);
	}
}

int command_check(struct call *call)
{
	struct problems problems = { 0 };
	struct site *site = site_read(&call->arena, call_folder(call), &problems);
	int code;

	if (site)
		check_samples(call, site, &problems);
	code = call_has(call, OPTION_JSON) ? check_json(call, &problems, site)
					   : check_plain(call, &problems, site);

	if (problems.errors)
		code = EX_CONFIG;
	problems_done(&problems);
	site_done(site);
	return code;
}

/* account set */

/*
 * One line, without its end. 1 where it came, 0 at the end of the input, -1
 * where the user interrupted.
 */
static int read_line(struct buffer *line)
{
	char c;

	buffer_clear(line);
	for (;;) {
		ssize_t n = read(STDIN_FILENO, &c, 1);

		if (n < 0)
			return errno == EINTR ? -1 : 0;
		if (n == 0)
			return line->len > 0;
		if (c == '\n')
			break;
		if (line->len < SECRET_MOST)
			buffer_char(line, c);
	}
	if (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	return 1;
}

static void interrupted(int signal_number)
{
}

/* On the terminal nothing is shown, and Ctrl-C gives the terminal back as it was. */
static int ask(const struct site_secret *secret, struct buffer *line)
{
	struct sigaction stop = { .sa_handler = interrupted }, before;
	struct termios shown, hidden;
	bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
	int rc;

	if (!is_terminal)
		return read_line(line);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(stderr, "%s (%s): ", secret->label, secret->name);
	sigaction(SIGINT, &stop, &before);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	rc = read_line(line);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	sigaction(SIGINT, &before, NULL);
	fputc('\n', stderr);
	return rc;
}

static void forget(struct buffer *line)
{
	if (line->at)
		explicit_bzero(line->at, line->room);
	buffer_done(line);
}

static int keep(struct call *call, const struct site_secret *secret, struct cb_text text,
		struct cb_error *err)
{
	const char *slash = strrchr(secret->path, '/');
	int rc = file_make_folder(
		arena_string(&call->arena,
			     (struct cb_text){ secret->path, (size_t)(slash - secret->path) }),
		0700, err);

	return rc == CB_OK ? file_write(secret->path, text, 0600, err) : rc;
}

static int set_secret(struct call *call, const struct site_secret *secret)
{
	struct buffer line = { 0 };
	struct cb_error err;
	int code = 0, came;

	if (call_has(call, OPTION_DRY_RUN)) {
		call_say(call, "试运行：会询问“%s”并写入 %s\n",
			 "dry run: would ask for '%s' and write %s\n", secret->label, secret->file);
		return 0;
	}
	came = ask(secret, &line);
	if (came < 0) {
		code = 128 + SIGINT;
	} else if (came == 0 || line.len == 0) {
		cb_error_set(&err, CB_SETUP, "“%s”没有输入内容，没有改动 %s",
			     "nothing was entered for '%s'; %s is as it was", secret->label,
			     secret->file);
		code = call_fail(call, &err);
	} else if (keep(call, secret, buffer_view(&line), &err) != CB_OK) {
		code = call_fail(call, &err);
	} else {
		call_say(call, "已保存：%s（%s）\n", "kept: %s (%s)\n", secret->label,
			 secret->file);
	}
	forget(&line);
	return code;
}

/* One that waits for the secret looks again at once: whoever asks for the site wakes it. */
static void wake_engine(struct call *call)
{
	struct loan loan;

	if (loan_ask(call_folder(call), &loan) == 0)
		loan_return(&loan);
}

int command_account_set(struct call *call)
{
	const char *account = call->arguments[0];
	struct problems problems = { 0 };
	size_t count;
	struct site_secret *secrets =
		site_secrets(&call->arena, call_folder(call), account, &count, &problems);
	int code = 0;

	if (!secrets) {
		call_problems(call, &problems, false);
		code = EX_CONFIG;
	} else if (count == 0) {
		call_say(call, "%s 没有要录入的密钥\n", "%s has no secret to set\n", account);
	}
	for (size_t i = 0; !code && i < count; i++)
		code = set_secret(call, &secrets[i]);
	if (!code && count && !call_has(call, OPTION_DRY_RUN))
		wake_engine(call);
	problems_done(&problems);
	return code;
}

/* account unlock */

static int unlock(struct call *call, struct site *site, const char *account, bool *was_locked,
		  struct cb_error *err)
{
	struct store *store = NULL;
	int rc = call_store(site, STORE_WRITE, &store, err);

	if (rc == CB_OK) {
		store_dry(store, call_has(call, OPTION_DRY_RUN));
		rc = store_begin(store, call_now(), err);
	}
	if (rc == CB_OK)
		rc = store_unlock(store, account, was_locked, err);
	if (rc == CB_OK && *was_locked)
		rc = store_audit(store, call_who(call), "account-unlock", account, "", err);
	if (rc == CB_OK)
		rc = store_commit(store, err);
	else if (store)
		store_rollback(store);
	store_close(store);
	return rc;
}

int command_account_unlock(struct call *call)
{
	const char *account = call->arguments[0];
	struct site *site = call_site(call);
	bool was_locked = false;
	struct cb_error err;
	int rc;

	if (!site)
		return EX_CONFIG;
	rc = unlock(call, site, account, &was_locked, &err);
	site_done(site);
	if (rc != CB_OK)
		return call_fail(call, &err);
	call_say(call, was_locked ? "账号 %s 恢复使用\n" : "账号 %s 本来就没有停用\n",
		 was_locked ? "account %s is in use again\n" : "account %s was not locked\n",
		 account);
	return 0;
}
