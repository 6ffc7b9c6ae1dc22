/*
 * run.c - carry out flows: a line while it goes on, an account at the end.
 */
#include "cli/run.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#include <casebridge/log.h>

#include "base/utf8.h"
#include "cli/delivery.h"
#include "cli/dup.h"
#include "cli/groups.h"
#include "cli/table.h"
#include "flow/notice.h"

/* A signal handler has nowhere else to write; only set to 1, and read by the flow. */
static volatile int stop_asked;

static void ask_to_stop(int signal_number)
{
	stop_asked = 1;
}

/* What a flow is carried out for; retry: only what is held, and matches --code and --field. */
enum errand { ERRAND_RUN, ERRAND_RETRY, ERRAND_CORRECT };

struct running {
	struct call *call;
	struct site *site;
	struct engine *engine;
	struct groups groups;
	bool is_watched; /* standard error is a terminal */
	bool has_line;   /* a progress line stands there */
	int64_t begun_ms;
	int code; /* the worst so far */
};

/* The line while it goes on. */

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return 79;
	return size.ws_col - 1u;
}

/* As much of @text as fits. */
static struct cb_text cut(struct cb_text text, size_t width)
{
	const char *at = text.at, *end = text.at + text.len;
	size_t used = 0;

	while (at < end) {
		const char *next = at;

		used += (size_t)utf8_width_of(utf8_next(&next, end));
		if (used > width)
			break;
		at = next;
	}
	return (struct cb_text){ text.at, (size_t)(at - text.at) };
}

static void show_progress(void *with, const struct flow_progress *p)
{
	struct running *r = with;
	const struct store_counts *c = &p->counts;
	struct buffer line = { 0 }, plain = { 0 };
	struct cb_text shown;

	if (p->what)
		plain_text(&plain, cb_text_of(p->what));
	if (c->due)
		buffer_printf(&line, "%s  %s %" PRId64 "/%" PRId64 "  %s", p->flow,
			      cb_say("已收", "accepted"), c->accepted, c->due, buffer_cstr(&plain));
	else
		buffer_printf(&line, "%s  %s %" PRId64 "  %s %" PRId64 "  %s", p->flow,
			      cb_say("读取", "read"), c->read, cb_say("挂起", "held"), c->held,
			      buffer_cstr(&plain));
	shown = cut(buffer_view(&line), terminal_width());
	fprintf(stderr, "\r\033[K%.*s", CB_TEXT_ARG(shown));
	fflush(stderr);
	r->has_line = true;
	buffer_done(&line);
	buffer_done(&plain);
}

static void clear_progress(struct running *r)
{
	if (r->has_line)
		fputs("\r\033[K", stderr);
	r->has_line = false;
}

static void on_held(void *with, const struct store_held *held)
{
	struct running *r = with;

	groups_add(&r->groups, held);
}

/* The account. */

const char *run_counts(struct arena *arena, const struct store_counts *c, bool is_export)
{
	if (is_export)
		return arena_printf(arena,
				    "%s %" PRId64 " = %s %" PRId64 " + %s %" PRId64 " + %s %" PRId64
				    " + %s %" PRId64 " + %s %" PRId64,
				    cb_say("应报", "due"), c->due, cb_say("已收", "accepted"),
				    c->accepted, cb_say("退回", "rejected"), c->refused,
				    cb_say("挂起", "held"), c->held, cb_say("存疑", "in doubt"),
				    c->in_doubt, cb_say("待办", "waiting"), c->waiting);
	return arena_printf(arena,
			    "%s %" PRId64 " = %s %" PRId64 " + %s %" PRId64 " + %s %" PRId64
			    " + %s %" PRId64 " + %s %" PRId64 " + %s %" PRId64,
			    cb_say("读取", "read"), c->read, cb_say("新增", "new"), c->new,
			    cb_say("变更", "changed"), c->changed, cb_say("未变", "unchanged"),
			    c->unchanged, cb_say("挂起", "held"), c->held,
			    cb_say("退回", "rejected"), c->rejected, cb_say("略过", "passed by"),
			    c->passed_by);
}

void run_counts_json(struct json *j, const struct store_counts *c, bool is_export)
{
	if (is_export) {
		json_integer(j, "due", c->due);
		json_integer(j, "accepted", c->accepted);
		json_integer(j, "rejected", c->refused);
		json_integer(j, "held", c->held);
		json_integer(j, "in-doubt", c->in_doubt);
		json_integer(j, "waiting", c->waiting);
	} else {
		json_integer(j, "read", c->read);
		json_integer(j, "new", c->new);
		json_integer(j, "changed", c->changed);
		json_integer(j, "unchanged", c->unchanged);
		json_integer(j, "held", c->held);
		json_integer(j, "rejected", c->rejected);
		json_integer(j, "passed-by", c->passed_by);
	}
	json_flag(j, "adds-up", counts_add_up(c, is_export));
}

static void report_json(struct running *r, const struct site_flow *f,
			const struct flow_report *report)
{
	struct json j = call_json(r->call);

	json_open(&j, NULL, '{');
	json_string(&j, "flow", f->name);
	json_string(&j, "kind", f->is_export ? "export" : "import");
	json_integer(&j, "run", report->run);
	json_flag(&j, "dry", call_has(r->call, OPTION_DRY_RUN));
	json_string(&j, "verdict", cb_verdict_word(report->verdict));
	json_string(&j, "say", report->verdict ? report->error.text : NULL);
	run_counts_json(&j, &report->counts, f->is_export);
	if (report->next_ms)
		json_integer(&j, "next", report->next_ms);
	if (report->trial.failed)
		run_trial_json(&j, "mapping", &report->trial);
	json_integer(&j, "ms", call_now() - r->begun_ms);
	if (report->has_searched)
		dup_report_json(&j, "duplicates", &report->duplicates);
	json_open(&j, "unknown", '[');
	for (size_t i = 0; i < report->unknown_count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "name", report->unknown[i].name);
		json_integer(&j, "count", report->unknown[i].count);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	groups_json(&j, &r->groups);
	json_close(&j, '}');
	buffer_char(&r->call->out, '\n');
}

static void print_unknown(struct call *call, const struct flow_report *report)
{
	struct buffer names = { 0 };

	for (size_t i = 0; i < report->unknown_count; i++) {
		if (i)
			buffer_string(&names, cb_say("、", ", "));
		plain_text(&names, cb_text_of(report->unknown[i].name));
		buffer_printf(&names, "%s%" PRId64 "%s", cb_say("（", " ("),
			      report->unknown[i].count, cb_say(" 次）", ")"));
	}
	call_say(call, "  注意：对方送来映射没有提到的字段：%s\n",
		 "  note: they sent fields that the mapping does not mention: %s\n",
		 buffer_cstr(&names));
	buffer_done(&names);
}

static void report_plain(struct running *r, const struct site_flow *f,
			 const struct flow_report *report)
{
	struct call *call = r->call;

	call_say(call, "%s%s：%s（%.1f 秒）\n", "%s%s: %s (%.1f s)\n",
		 call_has(call, OPTION_DRY_RUN) ? cb_say("试运行 ", "dry run ") : "", f->name,
		 run_counts(&call->arena, &report->counts, f->is_export),
		 (double)(call_now() - r->begun_ms) / 1000);
	if (report->next_ms)
		call_say(call, "  %s 以后有件可以接着办（再运行一次，或由计划运行）\n",
			 "  something goes on at %s (run it then, or leave it to the schedule)\n",
			 delivery_clock(call, r->site, report->next_ms));
	if (report->has_searched)
		dup_say_report(call, f->entity, &report->duplicates);
	if (report->unknown_count)
		print_unknown(call, report);
	if (r->groups.count)
		groups_print(call, &r->groups, 5);
	else if (f->is_export && report->counts.held + report->counts.refused)
		call_say(call, "  原因见 casebridge deliveries %s --state held（或 rejected）\n",
			 "  why: casebridge deliveries %s --state held (or rejected)\n", f->name);
}

static void add_code(struct running *r, int code)
{
	if (r->code == 0 || (r->code == 1 && code > 1))
		r->code = code;
}

const char *run_trial(struct call *call, const struct site *site, const struct site_flow *f,
		      const struct flow_trial *trial)
{
	const char *why = trial->say ? trial->say : "";
	struct cb_error say;

	if (trial->in_force)
		cb_error_set(
			&say, CB_SETUP,
			"映射 %s 没有启用：自带的样例有 %zu 个不通过；仍用 %s 起生效的版本 %.8s，"
			"样例通过后自动换用。第一个：%s",
			"mapping %s is not in force: %zu of its own samples fail; the version of "
			"%s, %.8s, stays until they pass. The first: %s",
			f->mapping_file, trial->failed, call_time(call, site, trial->since_ms),
			trial->in_force, why);
	else
		cb_error_set(
			&say, CB_SETUP,
			"映射 %s 没有启用：自带的样例有 %zu 个不通过，也没有以前通过的版本，"
			"用它的流程都不执行。第一个：%s",
			"mapping %s is not in force: %zu of its own samples fail, and no version "
			"that passed is there; its flows do nothing. The first: %s",
			f->mapping_file, trial->failed, why);
	return arena_string(&call->arena, cb_text_of(say.text));
}

void run_trial_json(struct json *j, const char *name, const struct flow_trial *trial)
{
	json_open(j, name, '{');
	json_string(j, "digest", trial->digest);
	json_integer(j, "passed", (int64_t)trial->passed);
	json_integer(j, "failed", (int64_t)trial->failed);
	json_string(j, "say", trial->say);
	json_string(j, "in-force", trial->in_force);
	json_close(j, '}');
}

static void receipts_plain(struct running *r, const struct site_flow *f,
			   const struct flow_report *report)
{
	const struct store_counts *c = &report->counts;

	if (c->due)
		call_say(r->call, "%s%s：对不上的回执 %" PRId64 " 条，现在对上 %" PRId64 " 条\n",
			 "%s%s: %" PRId64 " receipts of nothing, %" PRId64 " have found theirs\n",
			 call_has(r->call, OPTION_DRY_RUN) ? cb_say("试运行 ", "dry run ") : "",
			 f->name, c->due, c->accepted);
}

/* The account first, then why it ended early: whoever looks at the end sees the reason. */
static void say_report(struct running *r, const struct site_flow *f, enum errand errand,
		       const struct flow_report *report)
{
	bool adds_up = counts_add_up(&report->counts, f->is_export);

	if (call_has(r->call, OPTION_JSON))
		report_json(r, f, report);
	else if (f->is_export && errand == ERRAND_RETRY)
		receipts_plain(r, f, report);
	else
		report_plain(r, f, report);
	call_flush(r->call, true);
	if (report->trial.failed && !call_has(r->call, OPTION_JSON))
		call_warn(r->call, run_trial(r->call, r->site, f, &report->trial));
	if (report->verdict != CB_OK && !call_has(r->call, OPTION_JSON)) {
		struct cb_error why = report->error;

		cb_error_prefix(&why, "%s：", "%s: ", f->name);
		call_fail(r->call, &why);
	}
	if (!adds_up) {
		cb_log(CB_ERROR, "casebridge: %s：账目两边不等，这是本程序的错误，请上报",
		       "casebridge: %s: the account does not add up; this is a bug of ours",
		       f->name);
		add_code(r, EX_SOFTWARE);
	}
	add_code(r, flow_exit_code(report));
}

/* Carry out. */

static int begin(struct running *r, struct call *call, struct site *site)
{
	/* Once asks, twice ends at once: what is committed stays. */
	struct sigaction stop = { .sa_handler = ask_to_stop, .sa_flags = SA_RESETHAND };
	struct cb_error err;

	*r = (struct running){
		.call = call,
		.site = site,
		.groups = { .arena = &call->arena, .site = site },
		.is_watched = isatty(STDERR_FILENO),
	};
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	if (call_engine(call, site, &r->engine, &err) != CB_OK)
		return call_fail(call, &err);
	return 0;
}

static void carry_out(struct running *r, const struct site_flow *f, enum errand errand)
{
	struct flow_options options = {
		.is_dry = call_has(r->call, OPTION_DRY_RUN),
		.progress = r->is_watched ? show_progress : NULL,
		.held = on_held,
		.with = r,
		.stop = &stop_asked,
	};
	struct flow_report report = { 0 };
	struct cb_error err;
	int rc;

	r->begun_ms = call_now();
	if (errand == ERRAND_RETRY)
		rc = flow_retry(r->engine, f->name, r->call->values[OPTION_CODE],
				r->call->values[OPTION_FIELD], &options, &report, &err);
	else if (errand == ERRAND_CORRECT)
		rc = flow_correct(r->engine, f->name, r->call->arguments[0], &options, &report,
				  &err);
	else
		rc = flow_run(r->engine, f->name, &options, &report, &err);
	clear_progress(r);
	if (rc == CB_OK) {
		say_report(r, f, errand, &report);
	} else {
		cb_error_prefix(&err, "%s：", "%s: ", f->name);
		add_code(r, call_fail(r->call, &err));
	}
	groups_done(&r->groups);
	r->groups = (struct groups){ .arena = &r->call->arena, .site = r->site };
}

/* Who has the site borrowed from an engine leaves the telling to it. */
static void end(struct running *r)
{
	struct cb_error err;

	if (!call_has(r->call, OPTION_DRY_RUN) && !store_is_borrowed(r->engine->store) &&
	    notices_turn(r->engine, &err) != CB_OK)
		call_warn(r->call, err.text);
	engine_close(r->engine);
}

int run_correct(struct call *call, struct site *site, const struct site_flow *flow)
{
	struct running r;
	int code = begin(&r, call, site);

	if (code)
		return code;
	carry_out(&r, flow, ERRAND_CORRECT);
	end(&r);
	return r.code;
}

int run_retry(struct call *call, struct site *site, const char *flow)
{
	struct running r;
	int code = begin(&r, call, site);

	if (code)
		return code;
	for (size_t i = 0; i < site->flow_count && !stop_asked; i++) {
		const struct site_flow *f = &site->flows[i];

		if (flow ? strcmp(f->name, flow) == 0 : !f->is_export || f->stream->can_receipts)
			carry_out(&r, f, ERRAND_RETRY);
	}
	end(&r);
	return r.code;
}

/* Whatever runs: who has no secret is said, so that it does not wait in silence. */
static void say_unset(struct call *call, const struct site *site)
{
	struct cb_error say;

	if (!site->unset)
		return;
	cb_error_set(&say, CB_SETUP,
		     "%zu 项密钥还没有录入，缺密钥的账号停着，别的照常；哪些：casebridge check",
		     "%zu secrets are not set: their accounts wait, all else goes on; which: "
		     "casebridge check",
		     site->unset);
	call_warn(call, say.text);
}

int command_run(struct call *call)
{
	struct site *site = call_site(call);
	struct running r;
	int code = 0;

	if (!site)
		return call_exit_code(CB_SETUP);
	for (size_t i = 0; i < call->count && !code; i++)
		code = call_flow(call, site, call->arguments[i]) ? 0 : EX_USAGE;
	if (!code)
		code = begin(&r, call, site);
	if (!code) {
		say_unset(call, site);
		for (size_t i = 0; i < call->count && !stop_asked; i++)
			carry_out(&r, site_flow(site, call->arguments[i]), ERRAND_RUN);
		end(&r);
		code = r.code;
	}
	site_done(site);
	return code;
}
