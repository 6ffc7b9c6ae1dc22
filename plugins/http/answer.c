/*
 * answer.c - what an answer means: the manifest's answers in their order, then
 * what is built in.
 *
 * Built in, for what no answer of the manifest fits; what a status proves is one
 * table (cb_status_sent):
 *
 *   401                login (setup where there is no step to log in with)
 *   429                limit, with Retry-After
 *   407                setup: the proxy wants to know who asks
 *   sent back          again
 *   looked at, refused writes: refused; reads: setup
 *   3xx                writes: doubt; reads: login, or setup without steps
 *   any other          writes: doubt; reads: again
 *   a page for people  writes: doubt; reads: login, or again without steps
 *   cut, or no JSON or XML, or a code that nobody knows
 *                      writes: doubt; reads: again
 *
 * A manifest's `login` without steps is setup, and for reads its `refused` is
 * setup and its `doubt` is again: there is no record to refuse or to ask for.
 */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

int ask_path(struct call *call, const struct cb_element *element, const char *name,
	     const struct cb_view_path *rows, const struct cb_view_path **out, struct cb_error *err)
{
	return cb_view_attribute_path(call->view, rows, element, name, out, err);
}

/* 'header X' in a condition is a variable of the view. */
static void want_headers(struct call *call, const char *condition)
{
	const size_t room = sizeof(call->headers) / sizeof(*call->headers);

	for (const char *at = condition; (at = strstr(at, "'header "));) {
		const char *end = strchr(++at, '\'');
		char *name;
		bool is_known = false;

		if (!end)
			return;
		name = cb_task_printf(call->http->task, "%.*s", (int)(end - at), at);
		for (size_t i = 0; i < call->header_count; i++)
			is_known |= strcmp(call->headers[i], name) == 0;
		if (!is_known && call->header_count < room) {
			cb_view_variable(call->view, name);
			call->headers[call->header_count++] = name;
		}
		at = end + 1;
	}
	if (!call->wants_text &&
	    mentions(cb_task_printf(call->http->task, "{%s}", condition), "text")) {
		cb_view_variable(call->view, "text");
		call->wants_text = true;
	}
}

static int ask_condition(struct call *call, const struct cb_element *element,
			 const struct cb_view_path *rows, const struct cb_view_condition **out,
			 struct cb_error *err)
{
	if (!rows)
		want_headers(call, cb_attribute(element, "when"));
	return cb_view_attribute_condition(call->view, rows, element, "when", out, err);
}

static bool is_path(const char *wait)
{
	return wait && strncmp(wait, "header ", 7) != 0 && strcmp(wait, "next-day") != 0 &&
	       (*wait < '0' || *wait > '9');
}

int rules_add(struct call *call, struct rule **rules, const struct cb_element *answers,
	      const struct cb_view_path *rows, struct cb_error *err)
{
	int rc = CB_OK;

	while (*rules)
		rules = &(*rules)->next;
	for (const struct cb_element *at = NULL;
	     rc == CB_OK && (at = cb_child(answers, "answer", at));) {
		struct rule *rule = cb_task_alloc(call->http->task, sizeof(*rule));

		rule->element = at;
		rule->is = cb_verdict_named(cb_attribute(at, "is"));
		rc = ask_condition(call, at, rows, &rule->when, err);
		if (rc == CB_OK)
			rc = ask_path(call, at, "say", rows, &rule->say, err);
		if (rc == CB_OK)
			rc = ask_path(call, at, "field", rows, &rule->field, err);
		if (rc == CB_OK)
			rc = ask_path(call, at, "receipt", rows, &rule->receipt, err);
		if (rc == CB_OK && is_path(cb_attribute(at, "wait")))
			rc = ask_path(call, at, "wait", rows, &rule->wait, err);
		*rules = rule;
		rules = &rule->next;
	}
	return rc;
}

int call_answers(struct call *call, const struct cb_element *stream, struct cb_error *err)
{
	const struct cb_element *const levels[] = { call->element, stream, call->http->manifest };
	const struct cb_element *step;
	int rc = CB_OK;

	for (size_t i = 0; i < 3; i++)
		for (const struct cb_element *at = NULL;
		     rc == CB_OK && (at = cb_child(levels[i], "answers", at));)
			rc = rules_add(call, &call->rules, at, NULL, err);
	step = NULL;
	for (size_t i = 0; rc == CB_OK && i < call->http->step_count; i++) {
		step = cb_child(call->http->manifest, "step", step);
		if (cb_child(step, "drop", NULL))
			rc = ask_condition(call, cb_child(step, "drop", NULL), NULL,
					   &call->drops[i], err);
	}
	return rc;
}

/* A login page, an error of a gateway: something for people and not for us. */
static bool is_page(const struct cb_answer *answer)
{
	const char *at = answer->body.at, *end = at + answer->body.len;

	if (answer->media && (strcmp(answer->media, "text/html") == 0 ||
			      strcmp(answer->media, "application/xhtml+xml") == 0))
		return true;
	while (answer->body.len && at < end && strchr(" \t\r\n\xef\xbb\xbf", *at))
		at++;
	return (end - at > 14 && strncasecmp(at, "<!doctype html", 14) == 0) ||
	       (end - at > 5 && strncasecmp(at, "<html", 5) == 0);
}

static void set_variables(struct call *call, const struct cb_answer *answer)
{
	char status[16];

	cb_view_clear(call->view);
	snprintf(status, sizeof(status), "%d", answer->status);
	cb_view_set(call->view, "status", cb_text_of(status));
	cb_view_set(call->view, "media", cb_text_of(answer->media));
	if (call->wants_text)
		cb_view_set(call->view, "text", answer->body);
	for (size_t i = 0; i < call->header_count; i++)
		cb_view_set(call->view, call->headers[i],
			    cb_answer_header(answer, call->headers[i] + strlen("header ")));
}

/* Wed, 21 Oct 2015 07:28:00 GMT → ms; -1 where it is none. */
static int64_t http_date(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char month[4] = "";
	const char *found;
	int day, year, hour, minute, second;
	int64_t y, era, days;

	if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d", &day, month, &year, &hour, &minute,
		   &second) != 6)
		return -1;
	found = strstr(months, month);
	if (!found || strlen(month) != 3)
		return -1;
	/* Days since 1970 of a date, with the year beginning in March. */
	y = year - ((found - months) / 3 < 2);
	era = y / 400;
	days = era * 146097 + (y - era * 400) * 365 + (y - era * 400) / 4 - (y - era * 400) / 100 +
	       (153 * (((found - months) / 3 + 10) % 12) + 2) / 5 + day - 1 - 719468;
	return ((days * 24 + hour) * 60 + minute) * INT64_C(60000) + second * INT64_C(1000);
}

static int64_t wait_of_text(struct cb_task *task, struct cb_text text)
{
	char copy[64], *end;
	int64_t seconds, then;

	if (!text.len || text.len >= sizeof(copy))
		return 0;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	seconds = strtoll(copy, &end, 10);
	if (end > copy && (!*end || *end == '.'))
		return seconds > 0 && seconds < 604800 ? seconds * 1000 : 0;
	then = http_date(copy);
	return then > cb_task_now(task) ? then - cb_task_now(task) : 0;
}

/* Until local midnight. */
static int64_t until_next_day(struct cb_task *task)
{
	const int64_t day = 86400000;
	int64_t local = cb_task_now(task) + (int64_t)cb_task_zone(task) * 60000;

	return day - local % day;
}

static int64_t wait_of(struct call *call, const struct rule *rule, const struct cb_answer *answer)
{
	const char *wait = rule ? cb_attribute(rule->element, "wait") : "header Retry-After";

	if (!wait)
		return 0;
	if (strcmp(wait, "next-day") == 0)
		return until_next_day(call->http->task);
	if (strncmp(wait, "header ", 7) == 0)
		return wait_of_text(call->http->task, cb_answer_header(answer, wait + 7));
	if (rule && rule->wait)
		return wait_of_text(call->http->task, cb_view_text(call->view, rule->wait, 0));
	return duration_of(rule ? rule->element : NULL, "wait", 0);
}

static enum cb_verdict fit(const struct call *call, enum cb_verdict verdict)
{
	if (verdict == CB_LOGIN && !call->http->step_count)
		return CB_SETUP;
	if (!call->changes && verdict == CB_REFUSED)
		return CB_SETUP;
	if (!call->changes && verdict == CB_DOUBT)
		return CB_AGAIN;
	return verdict;
}

static int tell(struct call *call, const struct rule *rule, const struct cb_answer *answer,
		struct cb_error *err)
{
	enum cb_verdict verdict = fit(call, rule->is);
	char text[CB_SAID_MAX] = "";

	if (rule->say)
		cb_said(cb_view_text(call->view, rule->say, 0), text);
	if (text[0])
		cb_error_set(err, verdict, "对方说：%s（状态 %d，%s:%u）",
			     "the other side says: %s (status %d, %s:%u)", text, answer->status,
			     rule->element->file, rule->element->line);
	else
		cb_error_set(err, verdict, "对方的应答是 %s（状态 %d，%s:%u）",
			     "the answer means %s (status %d, %s:%u)", cb_verdict_word(rule->is),
			     answer->status, rule->element->file, rule->element->line);
	if (err)
		err->wait_ms = wait_of(call, rule, answer);
	return (int)verdict;
}

static enum cb_verdict built_in(const struct call *call, int status)
{
	if (status == 401)
		return CB_LOGIN;
	if (status == 429)
		return CB_LIMIT;
	if (status == 407)
		return CB_SETUP;
	if (!call->changes && status >= 300 && status < 400)
		return CB_LOGIN;
	/* There is no record to be in doubt of: what is wrong with a question stays wrong. */
	if (!call->changes && status >= 400 && status < 500 && status != 408)
		return CB_REFUSED;
	switch (cb_status_sent(status)) {
	case CB_NOT_SENT:
		return CB_AGAIN;
	case CB_ANSWERED:
		return status >= 400 ? CB_REFUSED : CB_DOUBT;
	default:
		return CB_DOUBT;
	}
}

static int unknown(struct call *call, const struct cb_answer *answer, const struct cb_error *broken,
		   struct cb_error *err)
{
	enum cb_verdict verdict = fit(call, built_in(call, answer->status));

	if (answer->status >= 300) {
		cb_error_set(err, verdict, "对方回答状态 %d",
			     "the other side answers with status %d", answer->status);
	} else if (is_page(answer)) {
		/* With a session: it is over, and this is where one logs in by hand. */
		if (!call->changes && !call->is_step && call->http->step_count)
			verdict = CB_LOGIN;
		cb_error_set(err, verdict, "对方回的是网页，不是数据（登录页或维护页？）",
			     "the answer is a page for people, not data (a login? maintenance?)");
	} else if (broken) {
		cb_error_set(err, verdict, "应答读不懂或不完整：%s",
			     "the answer is cut or cannot be read: %s", broken->text);
	} else {
		cb_error_set(err, verdict,
			     "清单不认识这个应答（状态 %d）；请在 <answers> 里补上它的含义",
			     "the manifest does not know this answer (status %d); say in <answers> "
			     "what it means",
			     answer->status);
	}
	if (err)
		err->wait_ms = wait_of(call, NULL, answer);
	return (int)verdict;
}

int call_judge(struct call *call, struct outcome *out, struct cb_error *err)
{
	struct cb_error broken = { 0 };
	bool is_broken = false;

	set_variables(call, &out->answer);
	if (out->answer.body.len)
		is_broken = is_page(&out->answer) ||
			    cb_view_read(call->view, out->answer.body, out->answer.media,
					 out->charset, &broken) != CB_OK;
	for (const struct rule *rule = call->rules; rule; rule = rule->next) {
		if (!cb_view_holds(call->view, rule->when, 0))
			continue;
		/* What cannot be read is no success, whatever the status says. */
		if (rule->is == CB_OK && is_broken && out->answer.status < 400)
			break;
		out->rule = rule;
		return rule->is == CB_OK ? CB_OK : tell(call, rule, &out->answer, err);
	}
	return unknown(call, &out->answer, is_broken ? &broken : NULL, err);
}

struct cb_text row_text(const struct call *call, const struct cb_view_path *path, size_t row)
{
	return path ? cb_view_text(call->view, path, row) : (struct cb_text){ 0 };
}

void judge_row(const struct call *call, const struct rule *rules, size_t row, struct cb_item *item)
{
	const struct rule *rule = rules;

	while (rule && !cb_view_holds(call->view, rule->when, row))
		rule = rule->next;
	item->verdict = rule ? rule->is : CB_DOUBT;
	if (!rule) {
		item->say = cb_text_of(cb_say("清单不认识这条记录的应答",
					      "the manifest does not know this record's answer"));
		return;
	}
	item->receipt = row_text(call, rule->receipt, row);
	item->say = row_text(call, rule->say, row);
	item->field = row_text(call, rule->field, row);
}
