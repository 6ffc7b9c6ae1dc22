/*
 * proof.c - the proof of one delivery: by when it was due, what was warned of,
 * and every attempt with what became of it; on the terminal, or as a page to be
 * printed and stamped.
 */
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>

#include "base/calendar.h"
#include "base/file.h"
#include "cli/delivery.h"
#include "cli/table.h"

#define FACTS 12

struct fact {
	const char *name, *text;
};

enum { COLUMNS = 7 };

struct proving {
	struct call *call;
	struct site *site;
	struct site_flow *flow;
	struct store_delivery d;
	int64_t due_ms, came_ms;
	struct store_warning *warnings;
	size_t warning_count;
	struct store_try *tries;
	struct store_send **sends; /* by try */
	size_t *send_counts;
	size_t try_count;
	struct fact facts[FACTS];
	size_t fact_count;
};

static const char *second(const struct proving *p, int64_t ms)
{
	char iso[CALENDAR_TEXT];

	if (!ms)
		return "";
	calendar_iso(ms, p->site->zone, iso);
	return arena_printf(&p->call->arena, "%.10s %.8s", iso, iso + 11);
}

static void add_fact(struct proving *p, const char *name, const char *text)
{
	if (text && *text && p->fact_count < FACTS)
		p->facts[p->fact_count++] = (struct fact){ name, text };
}

/* When it arrived there; 0: not yet. */
static int64_t arrived(const struct proving *p)
{
	for (size_t i = 0; i < p->try_count; i++)
		if (p->tries[i].state == DELIVERY_ACCEPTED && !p->tries[i].is_withdrawal)
			return p->tries[i].ended_ms;
	return 0;
}

static const char *punctuality(const struct proving *p)
{
	int64_t at = arrived(p);

	if (p->due_ms == NO_DEADLINE)
		return "";
	if (at)
		return at < p->due_ms ? cb_say("按时", "in time") : cb_say("迟到", "late");
	return call_now() < p->due_ms ? cb_say("未到期", "not due yet")
				      : cb_say("已过期，对方还没有收", "late, and not accepted");
}

static const char *warnings(const struct proving *p)
{
	struct buffer all = { 0 };
	const char *text;

	for (size_t i = 0; i < p->warning_count; i++) {
		const struct store_warning *w = &p->warnings[i];

		/* It was slept through: what was said then is the next. */
		if (i + 1 < p->warning_count && w[1].at_ms == w->at_ms)
			continue;
		buffer_printf(&all, "%s%s ", all.len ? cb_say("；", "; ") : "",
			      second(p, w->at_ms));
		if (!p->flow->deadline || w->step >= deadline_late(p->flow->deadline)) {
			buffer_string(&all, cb_say("已过时限", "late"));
			continue;
		}
		buffer_string(&all, cb_say("离时限 ", "before the deadline: "));
		deadline_stage_say(p->flow->deadline, (int)w->step, &all);
	}
	text = arena_string(&p->call->arena, buffer_view(&all));
	buffer_done(&all);
	return text;
}

static void collect_facts(struct proving *p, const char *key)
{
	struct call *call = p->call;
	const char *rule = p->flow->element ? cb_attribute(p->flow->element, "deadline") : NULL;

	add_fact(p, cb_say("编号", "key"), key);
	add_fact(p, cb_say("首次收到", "came to us"), second(p, p->came_ms));
	if (p->due_ms != NO_DEADLINE)
		add_fact(p, cb_say("时限", "due"),
			 arena_printf(&call->arena, "%s (%s)",
				      delivery_due(call, p->site, p->due_ms), rule ? rule : ""));
	add_fact(p, cb_say("提醒", "warned"), warnings(p));
	add_fact(p, cb_say("现在", "now"), delivery_label(p->d.state));
	add_fact(p, cb_say("说明", "about"), delivery_about(call, p->site, &p->d));
	add_fact(p, cb_say("回执", "receipt"), p->d.receipt);
	add_fact(p, cb_say("是否按时", "in time"), punctuality(p));
	add_fact(p, cb_say("打印时间", "printed"), second(p, call_now()));
}

static void headings(const char *cells[COLUMNS])
{
	cells[0] = cb_say("次", "no.");
	cells[1] = cb_say("发出", "sent");
	cells[2] = cb_say("账号", "account");
	cells[3] = cb_say("事项", "what");
	cells[4] = cb_say("结果", "result");
	cells[5] = cb_say("得知", "known");
	cells[6] = cb_say("回执或说明", "receipt, or why");
}

static const char *came_of(const struct store_send *send)
{
	switch (send->verdict) {
	case CB_OK:
		return cb_say("有应答", "answered");
	case CB_DOUBT:
		return cb_say("没有回音", "no answer");
	case CB_LIMIT:
		return cb_say("要求放慢", "slow down");
	case CB_LOGIN:
		return cb_say("登录被拒", "login refused");
	default:
		return cb_say("没有送到", "did not arrive");
	}
}

/* The rows of one attempt: each time that it went out, the last with what it came to. */
static size_t rows_of(const struct proving *p, size_t i)
{
	return p->send_counts[i] ? p->send_counts[i] : 1;
}

static void row(const struct proving *p, size_t i, size_t nth, const char *cells[COLUMNS])
{
	const struct store_try *t = &p->tries[i];
	const struct store_send *send = p->send_counts[i] ? &p->sends[i][nth] : NULL;
	bool is_last = nth + 1 == rows_of(p, i);

	cells[0] = nth ? "" : arena_printf(&p->call->arena, "%zu", i + 1);
	cells[1] = second(p, send ? send->sent_ms : t->begun_ms);
	cells[2] = t->account ? t->account : "";
	cells[3] = nth                ? cb_say("同一份再发", "the same again")
		   : t->is_withdrawal ? cb_say("撤回", "withdrawal")
		   : t->cites         ? cb_say("更正", "correction")
				      : cb_say("上报", "upload");
	if (send && !is_last) {
		cells[4] = came_of(send);
		cells[5] = second(p, send->ended_ms);
		cells[6] = "";
		return;
	}
	cells[4] = t->state == DELIVERY_READY ? cb_say("没有送到", "did not arrive")
					      : delivery_label(t->state);
	cells[5] = second(p, t->ended_ms);
	cells[6] = t->receipt ? t->receipt : t->say ? t->say : "";
}

static void print_plain(const struct proving *p)
{
	struct call *call = p->call;
	struct sheet facts = sheet_begin(&call->arena, 2, 0);
	struct sheet sheet = sheet_begin(&call->arena, COLUMNS, 1u);
	const char *cells[COLUMNS];

	call_say(call, "%s　报送证明\n", "%s: proof of delivery\n", p->flow->label);
	for (size_t i = 0; i < p->fact_count; i++) {
		sheet_string(&facts, p->facts[i].name);
		sheet_string(&facts, p->facts[i].text);
	}
	sheet_end(&facts, call->has_colours, 2, &call->out);
	if (!p->try_count) {
		sheet_drop(&sheet);
		call_say(call, "\n还没有发出过\n", "\nnothing was sent yet\n");
		return;
	}
	buffer_char(&call->out, '\n');
	headings(cells);
	for (size_t c = 0; c < COLUMNS; c++)
		sheet_string(&sheet, cells[c]);
	for (size_t i = 0; i < p->try_count; i++)
		for (size_t nth = 0; nth < rows_of(p, i); nth++) {
			row(p, i, nth, cells);
			for (size_t c = 0; c < COLUMNS; c++)
				sheet_string(&sheet, cells[c]);
		}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

static void instant(struct json *j, const struct proving *p, const char *name, int64_t ms)
{
	char iso[CALENDAR_TEXT];

	if (!ms || ms == NO_DEADLINE)
		return;
	calendar_iso(ms, p->site->zone, iso);
	json_string(j, name, iso);
}

static void print_json(const struct proving *p, const char *key)
{
	struct json j = call_json(p->call);

	json_open(&j, NULL, '{');
	json_string(&j, "flow", p->flow->name);
	json_string(&j, "key", key);
	json_string(&j, "state", delivery_state_word(p->d.state));
	json_string(&j, "receipt", p->d.receipt);
	instant(&j, p, "came", p->came_ms);
	instant(&j, p, "due", p->due_ms);
	instant(&j, p, "arrived", arrived(p));
	json_open(&j, "warnings", '[');
	for (size_t i = 0; i < p->warning_count; i++) {
		json_open(&j, NULL, '{');
		json_integer(&j, "step", p->warnings[i].step);
		instant(&j, p, "at", p->warnings[i].at_ms);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "attempts", '[');
	for (size_t i = 0; i < p->try_count; i++) {
		const struct store_try *t = &p->tries[i];

		json_open(&j, NULL, '{');
		instant(&j, p, "sent", t->begun_ms);
		instant(&j, p, "known", t->ended_ms);
		json_string(&j, "account", t->account);
		json_string(&j, "once", t->once);
		json_string(&j, "digest", t->digest);
		json_flag(&j, "withdrawal", t->is_withdrawal);
		json_string(&j, "corrects", t->cites);
		json_string(&j, "result", delivery_state_word(t->state));
		json_string(&j, "receipt", t->receipt);
		json_string(&j, "say", t->say);
		json_open(&j, "sends", '[');
		for (size_t n = 0; n < p->send_counts[i]; n++) {
			json_open(&j, NULL, '{');
			instant(&j, p, "sent", p->sends[i][n].sent_ms);
			json_string(&j, "verdict", cb_verdict_word(p->sends[i][n].verdict));
			json_close(&j, '}');
		}
		json_close(&j, ']');
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&p->call->out, '\n');
}

static void cell(struct buffer *out, const char *tag, const char *text)
{
	buffer_printf(out, "<%s>", tag);
	buffer_xml(out, cb_text_of(text));
	buffer_printf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

/* A page for the printer, with a place for name and stamp. */
static int write_page(const struct proving *p, const char *file, struct cb_error *err)
{
	struct buffer out = { 0 };
	const char *cells[COLUMNS];
	int rc;

	buffer_string(&out,
		      "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><style>"
		      "body{font-family:\"Noto Sans CJK SC\",\"Microsoft YaHei\",SimSun,sans-serif;"
		      "margin:2em}table{border-collapse:collapse;width:100%;margin-top:1em}"
		      "td,th{border:1px solid #888;padding:.25em .5em;text-align:left;"
		      "font-size:.9em}tr{break-inside:avoid}.sign{margin-top:3em}</style>");
	cell(&out, "title", p->flow->label);
	buffer_string(&out, "</head><body>\n<h1>");
	buffer_xml(&out, cb_text_of(p->site->name));
	buffer_string(&out, cb_say("　报送证明</h1>\n<h2>", ": proof of delivery</h1>\n<h2>"));
	buffer_xml(&out, cb_text_of(p->flow->label));
	buffer_string(&out, "</h2>\n<table>");
	for (size_t i = 0; i < p->fact_count; i++) {
		buffer_string(&out, "<tr>");
		cell(&out, "th", p->facts[i].name);
		cell(&out, "td", p->facts[i].text);
		buffer_string(&out, "</tr>\n");
	}
	buffer_string(&out, "</table>\n<table><thead><tr>");
	headings(cells);
	for (size_t c = 0; c < COLUMNS; c++)
		cell(&out, "th", cells[c]);
	buffer_string(&out, "</tr></thead>\n");
	for (size_t i = 0; i < p->try_count; i++)
		for (size_t nth = 0; nth < rows_of(p, i); nth++) {
			row(p, i, nth, cells);
			buffer_string(&out, "<tr>");
			for (size_t c = 0; c < COLUMNS; c++)
				cell(&out, "td", cells[c]);
			buffer_string(&out, "</tr>\n");
		}
	buffer_string(&out, "</table>\n");
	cell(&out, "p class=\"sign\"", cb_say("经办人：　　　　　　盖章：", "by:          stamp:"));
	buffer_string(&out, "</body></html>\n");
	rc = file_write(file, buffer_view(&out), 0640, err);
	buffer_done(&out);
	return rc;
}

static int load(struct proving *p, struct store *store, const char *key, struct cb_error *err)
{
	struct arena *arena = &p->call->arena;
	struct store_link *links;
	size_t count = 0;
	int rc = delivery_find(p->call, store, p->flow, key, &p->d, err);

	if (rc == CB_OK)
		rc = flow_deadline(store, p->flow, p->d.record, &p->due_ms, err);
	if (rc == CB_OK)
		rc = store_links(store, p->flow->entity, p->d.record, arena, &links, &count, err);
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		if (!p->came_ms || links[i].first_ms < p->came_ms)
			p->came_ms = links[i].first_ms;
	if (rc == CB_OK)
		rc = store_warned(store, p->d.id, arena, &p->warnings, &p->warning_count, err);
	if (rc == CB_OK)
		rc = store_tries(store, p->d.id, arena, &p->tries, &p->try_count, err);
	p->sends = arena_zero(arena, (p->try_count + 1) * sizeof(*p->sends));
	p->send_counts = arena_zero(arena, (p->try_count + 1) * sizeof(*p->send_counts));
	for (size_t i = 0; i < p->try_count && rc == CB_OK; i++)
		rc = store_sends(store, p->tries[i].attempt, arena, &p->sends[i],
				 &p->send_counts[i], err);
	return rc;
}

int command_deliveries_proof(struct call *call)
{
	struct proving p = { .call = call, .site = call_site(call) };
	const char *key = call->arguments[1], *file = call->values[OPTION_OUT];
	struct store *store = NULL;
	struct cb_error err;
	int rc;

	if (!p.site)
		return EX_CONFIG;
	p.flow = delivery_flow(call, p.site, call->arguments[0]);
	if (!p.flow) {
		site_done(p.site);
		return EX_USAGE;
	}
	rc = call_store(p.site, STORE_READ, &store, &err);
	if (rc == CB_OK)
		rc = load(&p, store, key, &err);
	store_close(store);
	if (rc == CB_OK)
		collect_facts(&p, key);
	if (rc == CB_OK && file && !call_has(call, OPTION_DRY_RUN))
		rc = write_page(&p, file, &err);
	if (rc == CB_OK && call_has(call, OPTION_JSON))
		print_json(&p, key);
	else if (rc == CB_OK)
		print_plain(&p);
	site_done(p.site);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}
