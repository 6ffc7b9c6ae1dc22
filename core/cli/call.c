/*
 * call.c - read the command line, and what the commands share: the site, the
 * store, the way out.
 */
#include "cli/call.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/say.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "console/console.h"
#include "flow/flow.h"

#define OUT_BLOCK (64u << 10)
#define WORDS_MOST 128

/* The way out. */

void call_flush(struct call *call, bool all)
{
	if (!all && call->out.len < OUT_BLOCK)
		return;
	if (!call->out_is_closed && call->out.len &&
	    (fwrite(call->out.at, 1, call->out.len, stdout) != call->out.len ||
	     fflush(stdout) != 0)) {
		call->out_is_closed = true;
		if (errno != EPIPE)
			cb_log(CB_ERROR, "casebridge: 输出写不出去（磁盘已满？）",
			       "casebridge: the output cannot be written (is the disk full?)");
	}
	buffer_clear(&call->out);
}

struct json call_json(struct call *call)
{
	return (struct json){ .out = &call->out };
}

void call_say(struct call *call, const char *zh, const char *en, ...)
{
	va_list args, again;
	int len;

	va_start(args, en);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, cb_say(zh, en), args);
	va_end(args);
	buffer_room(&call->out, (size_t)len + 1);
	vsnprintf(call->out.at + call->out.len, (size_t)len + 1, cb_say(zh, en), again);
	va_end(again);
	call->out.len += (size_t)len;
}

int call_exit_code(enum cb_verdict verdict)
{
	struct flow_report report = { .verdict = verdict };

	return flow_exit_code(&report);
}

/* Words of another system may be in it. */
void call_warn(struct call *call, const char *text)
{
	struct buffer line = { 0 };

	plain_text(&line, cb_text_of(text));
	fprintf(stderr, "casebridge: %s\n", buffer_cstr(&line));
	buffer_done(&line);
}

int call_fail(struct call *call, const struct cb_error *err)
{
	if (call_has(call, OPTION_JSON)) {
		struct buffer line = { 0 };
		struct json j = { .out = &line };

		json_open(&j, NULL, '{');
		json_string(&j, "verdict", cb_verdict_word(err->verdict));
		json_string(&j, "error", err->text);
		json_close(&j, '}');
		fprintf(stderr, "%s\n", buffer_cstr(&line));
		buffer_done(&line);
	} else {
		call_warn(call, err->text);
	}
	return call_exit_code(err->verdict);
}

int call_usage(struct call *call, const char *zh, const char *en, ...)
{
	char text[CB_ERROR_MAX];
	va_list args;

	va_start(args, en);
	vsnprintf(text, sizeof(text), cb_say(zh, en), args);
	va_end(args);
	call_warn(call, text);
	if (call->command)
		fprintf(stderr, "%s casebridge %s %s\n", cb_say("用法：", "usage:"),
			call->command->name, say(call->command->arguments));
	else
		fprintf(stderr, "%s casebridge help\n", cb_say("命令一览：", "all commands:"));
	return EX_USAGE;
}

const char *call_hint(struct call *call, const char *word, const char *const *words)
{
	const char *nearest = problem_nearest(word, words);

	if (!nearest)
		return "";
	return arena_printf(&call->arena, "%s%s%s", cb_say("；是不是“", "; did you mean '"),
			    nearest, cb_say("”？", "'?"));
}

/* The site. */

const char *call_folder(const struct call *call)
{
	const char *folder = call->values[OPTION_SITE];

	if (!folder || !*folder)
		folder = getenv("CASEBRIDGE_SITE");
	return folder && *folder ? folder : ".";
}

void call_problems(struct call *call, const struct problems *problems, bool on_stdout)
{
	struct buffer text = { 0 };

	if (on_stdout) {
		problems_print(problems, &call->out);
		return;
	}
	problems_print(problems, &text);
	fflush(stdout);
	fputs(buffer_cstr(&text), stderr);
	buffer_done(&text);
}

struct site *call_site(struct call *call)
{
	struct problems problems = { 0 };
	struct site *site = site_read(&call->arena, call_folder(call), &problems);
	struct cb_error err;

	if (!site) {

		problems_first(&problems, &err); /* one sentence; `check` says them all */
		call_fail(call, &err);
	}

	problems_done(&problems);
	return site;
}

/* Somebody has the site: an engine lends it, after the page at work. False: there is none. */
static bool borrow(const struct site *site, struct loan *loan)
{
	if (loan_ask(site->folder, loan) != 0)
		return false;
	if (!loan_is_ready(loan, 2000)) {
		fputs(cb_say("引擎正在运行；等它做完手上的一页……\n",
			     "the engine is at work; waiting for the end of its page ...\n"),
		      stderr);
		while (!loan_is_ready(loan, 60000))
			;
	}
	if (loan_take(loan) == 0)
		return true;
	loan_return(loan);
	return false;
}

int call_store(struct site *site, enum store_mode mode, struct store **store, struct cb_error *err)
{
	int rc = store_open(site->store_file, mode, site->model, store, err);
	struct loan loan;

	if (rc == CB_AGAIN && mode == STORE_WRITE && borrow(site, &loan))
		rc = store_open_under(site->store_file, loan.lock, loan.socket, site->model, store,
				      err);
	return rc;
}

int call_engine(struct call *call, struct site *site, struct engine **engine, struct cb_error *err)
{
	const char *who = call_who(call);
	int rc = engine_open(site, NULL, who, engine, err);
	struct loan loan;

	if (rc == CB_AGAIN && borrow(site, &loan))
		rc = engine_open_under(site, NULL, who, loan.lock, loan.socket, engine, err);
	return rc;
}

struct site_flow *call_flow(struct call *call, const struct site *site, const char *name)
{
	const char **names = arena_zero(&call->arena, (site->flow_count + 1) * sizeof(*names));
	struct site_flow *flow = site_flow(site, name);

	if (flow)
		return flow;
	for (size_t i = 0; i < site->flow_count; i++)
		names[i] = site->flows[i].name;
	call_usage(call, "站点里没有流程“%s”%s", "the site has no flow '%s'%s", name,
		   call_hint(call, name, names));
	return NULL;
}

const char *call_who(struct call *call)
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *user = getpwuid(getuid());

	if (sudo && *sudo && getuid() == 0)
		return arena_string(&call->arena, cb_text_of(sudo));
	if (user)
		return arena_string(&call->arena, cb_text_of(user->pw_name));
	return arena_printf(&call->arena, "uid %u", (unsigned)getuid());
}

int64_t call_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *call_time(struct call *call, const struct site *site, int64_t ms)
{
	char iso[CALENDAR_TEXT];

	if (ms == 0)
		return "";
	calendar_iso(ms, site->zone, iso);
	return arena_printf(&call->arena, "%.10s %.5s", iso, iso + 11);
}

/* Reading the command line. */

static const struct option *find_option(struct cb_text name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (cb_text_is(name, option_table[i].name))
			return &option_table[i];
	return NULL;
}

/* --name, --name=value, --name value at @at, which moves with it; 0, or the exit code. */
static int take_option(struct call *call, char ***at)
{
	const char *word = **at, *equals = strchr(word, '=');
	struct cb_text name = { word + 2, equals ? (size_t)(equals - word) - 2 : strlen(word + 2) };
	const struct option *option = find_option(name);
	const char *names[OPTION_COUNT + 1] = { NULL }, *value;

	if (!option) {
		for (size_t i = 0; i < OPTION_COUNT; i++)
			names[i] = arena_printf(&call->arena, "--%s", option_table[i].name);
		word = arena_printf(&call->arena, "--%.*s", CB_TEXT_ARG(name));
		return call_usage(call, "没有选项“%s”%s", "there is no option '%s'%s", word,
				  call_hint(call, word, names));
	}
	if (!option->value.zh && equals)
		return call_usage(call, "选项 --%s 不带值", "option --%s takes no value",
				  option->name);
	if (option->value.zh && !equals && !(*at)[1])
		return call_usage(call, "选项 --%s 后面要有%s", "option --%s needs %s",
				  option->name, say(option->value));
	value = !option->value.zh ? "" : equals ? equals + 1 : *++*at;
	call->values[option - option_table] = value;
	for (unsigned more = option->more;; more--) {
		call->given[call->given_count++] =
			(struct call_value){ (enum option_id)(option - option_table), value };
		if (!more)
			return 0;
		if (!(*at)[1])
			return call_usage(call, "选项 --%s 后面要有%s", "option --%s needs %s",
					  option->name, say(option->value));
		value = *++*at;
	}
}

/* Options into the call, everything else into its arguments. */
static int take_words(struct call *call, int argc, char **argv)
{
	bool has_ended = false;

	call->given = arena_zero(&call->arena, ((size_t)argc + 1) * sizeof(*call->given));
	call->arguments = arena_zero(&call->arena, ((size_t)argc + 1) * sizeof(*call->arguments));
	for (char **at = argv + 1; argc && *at; at++) {
		const char *word = *at;
		int code = 0;

		if (has_ended || word[0] != '-' || !word[1])
			call->arguments[call->count++] = word;
		else if (strcmp(word, "--") == 0)
			has_ended = true;
		else if (strcmp(word, "-h") == 0)
			call->values[OPTION_HELP] = "";
		else if (strcmp(word, "--version") == 0)
			call->arguments[call->count++] = "version";
		else if (word[1] == '-')
			code = take_option(call, &at);
		else
			code = call_usage(call, "没有选项“%s”：选项写作 --名称",
					  "there is no option '%s': options are written --name",
					  word);
		if (code)
			return code;
	}
	return 0;
}

const char *call_nth(const struct call *call, enum option_id option, size_t nth)
{
	for (size_t i = 0; i < call->given_count; i++)
		if (call->given[i].option == option && nth-- == 0)
			return call->given[i].value;
	return NULL;
}

/* Words that can follow @group ("map": "in", "out" …), or all first words with "". */
static const char *const *words_after(struct call *call, const char *group)
{
	const char **words = arena_zero(&call->arena, (WORDS_MOST + 1) * sizeof(*words));
	size_t count = 0, len = strlen(group);

	EACH_COMMAND(c) {
		if (c->is_hidden || count == WORDS_MOST)
			continue;
		if (!len)
			words[count++] = arena_string(
				&call->arena, (struct cb_text){ c->name, strcspn(c->name, " ") });
		else if (strncmp(c->name, group, len) == 0 && c->name[len] == ' ')
			words[count++] = c->name + len + 1;
	}
	return words;
}

static int unknown_command(struct call *call)
{
	const char *first = call->arguments[0], *second = call->arguments[1];
	const char *const *words = words_after(call, first);
	const char *list = "";

	if (!words[0])
		return call_usage(call, "没有命令“%s”%s", "there is no command '%s'%s", first,
				  call_hint(call, first, words_after(call, "")));
	for (size_t i = 0; words[i]; i++)
		list = arena_printf(&call->arena, "%s%s%s", list, i ? " " : "", words[i]);
	if (!second)
		return call_usage(call, "%s 后面还要有一个词：%s", "%s is followed by one of: %s",
				  first, list);
	return call_usage(call, "没有命令“%s %s”%s", "there is no command '%s %s'%s", first, second,
			  call_hint(call, second, words));
}

/* The command is the first two words, else the first one; its arguments are the rest. */
static int take_command(struct call *call)
{
	size_t used = 2;

	if (call->count >= 2)
		call->command = command_find(arena_printf(&call->arena, "%s %s", call->arguments[0],
							  call->arguments[1]));
	if (!call->command) {
		call->command = command_find(call->arguments[0]);
		used = 1;
	}
	if (!call->command)
		return unknown_command(call);
	call->arguments += used;
	call->count -= used;
	return 0;
}

static int check_call(struct call *call)
{
	const struct command *c = call->command;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (call->values[i] && !((c->options | COMMON_OPTIONS) >> i & 1))
			return call_usage(call, "命令 %s 没有选项 --%s",
					  "command %s has no option --%s", c->name,
					  option_table[i].name);
	if (call->count < c->least)
		return call_usage(call, "命令 %s 还缺少参数", "command %s needs more arguments",
				  c->name);
	if (call->count > c->most)
		return call_usage(call, "命令 %s 用不着“%s”", "command %s does not take '%s'",
				  c->name, call->arguments[c->most]);
	return 0;
}

/* Before anything is said: the last --lang, else $CASEBRIDGE_LANG. */
static int take_language(struct call *call, char **argv)
{
	const char *word = getenv("CASEBRIDGE_LANG");

	for (char **at = argv; *at && strcmp(*at, "--") != 0; at++) {
		if (strcmp(*at, "--lang") == 0 && at[1])
			word = at[1];
		else if (strncmp(*at, "--lang=", 7) == 0)
			word = *at + 7;
	}
	if (!word || !*word || strcmp(word, "zh") == 0)
		return 0;
	if (strcmp(word, "en") != 0)
		return call_usage(call, "语言是 zh 或 en，不是“%s”",
				  "the language is zh or en, not '%s'", word);
	say_language(LANGUAGE_EN);
	return 0;
}

static int carry_out(struct call *call)
{
	int code;

	if (call->count == 0) {
		if (call_has(call, OPTION_HELP)) {
			help_overview(&call->out);
			return 0;
		}
		return call_usage(call, "要做什么？例如 casebridge check",
				  "what shall be done? for example casebridge check");
	}
	code = take_command(call);
	if (code)
		return code;
	if (call_has(call, OPTION_HELP)) {
		help_command(call->command, &call->out);
		return 0;
	}
	code = check_call(call);
	return code ? code : call->command->run(call);
}

int cli_main(int argc, char **argv)
{
	struct call call = { 0 };
	struct winsize size;
	int code;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		table_screen(size.ws_col);
	call.has_colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	code = take_language(&call, argv);
	if (!code)
		code = take_words(&call, argc, argv);
	if (!code)
		code = carry_out(&call);
	call_flush(&call, true);
	if (call.out_is_closed && code == 0)
		code = EX_IOERR;
	buffer_done(&call.out);
	arena_done(&call.arena);
	return code;
}
