/*
 * statement.c - what a target accepted in a month, with its receipts: on the
 * terminal a line an account, as a table every record, as a page to be stamped.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/file.h"
#include "cli/delivery.h"
#include "cli/period.h"
#include "cli/spreadsheet.h"
#include "cli/table.h"

struct tally {
	const char *account;
	int64_t sent, corrected, withdrawn, without_receipt;
};

struct statement_of {
	struct call *call;
	struct site *site;
	struct site_flow *flow;
	struct period period;
	struct tally *accounts;
	size_t count, room;
	struct spreadsheet sheet;
	struct buffer page; /* rows of HTML */
	int64_t rows;
};

static struct tally *tally_of(struct statement_of *s, const char *account)
{
	struct tally *last = s->count ? &s->accounts[s->count - 1] : NULL;

	if (last && strcmp(last->account, account) == 0)
		return last; /* they come in order of account */
	memory_grow(&s->accounts, s->count, &s->room, sizeof(*s->accounts));
	last = &s->accounts[s->count++];
	*last = (struct tally){ .account = arena_string(&s->call->arena, cb_text_of(account)) };
	return last;
}

static const char *kind_of(const struct store_proof *p)
{
	return p->is_withdrawal   ? cb_say("撤回", "withdrawn")
	       : p->is_correction ? cb_say("更正", "corrected")
				  : cb_say("上报", "sent");
}

static void html(struct buffer *out, const char *text)
{
	for (; text && *text; text++)
		switch (*text) {
		case '<':
			buffer_string(out, "&lt;");
			break;
		case '>':
			buffer_string(out, "&gt;");
			break;
		case '&':
			buffer_string(out, "&amp;");
			break;
		case '"':
			buffer_string(out, "&quot;");
			break;
		default:
			buffer_char(out, *text);
		}
}

enum { COLUMNS = 6 };

static void add_row(struct statement_of *s, const char *const cells[COLUMNS])
{
	buffer_string(&s->page, "<tr>");
	for (size_t i = 0; i < COLUMNS; i++) {
		spreadsheet_cell(&s->sheet, cb_text_of(cells[i] ? cells[i] : ""));
		buffer_string(&s->page, "<td>");
		html(&s->page, cells[i]);
		buffer_string(&s->page, "</td>");
	}
	buffer_string(&s->page, "</tr>\n");
}

static int add_proof(void *with, const struct store_proof *p, struct cb_error *err)
{
	struct statement_of *s = with;
	struct tally *t = tally_of(s, p->account ? p->account : "");
	const char *cells[COLUMNS] = {
		arena_printf(&s->call->arena, "%" PRId64, ++s->rows),
		p->key,
		p->account,
		kind_of(p),
		call_time(s->call, s->site, p->at_ms),
		p->receipt,
	};

	(void)err;
	t->sent += !p->is_correction && !p->is_withdrawal;
	t->corrected += p->is_correction && !p->is_withdrawal;
	t->withdrawn += p->is_withdrawal;
	t->without_receipt += !p->receipt;
	add_row(s, cells);
	return CB_OK;
}

static void headings(const char *cells[COLUMNS])
{
	cells[0] = cb_say("序号", "no.");
	cells[1] = cb_say("编号", "key");
	cells[2] = cb_say("账号", "account");
	cells[3] = cb_say("事项", "what");
	cells[4] = cb_say("接收时间", "accepted");
	cells[5] = cb_say("回执", "receipt");
}

static void say_accounts(struct statement_of *s)
{
	struct sheet sheet = sheet_begin(&s->call->arena, 5, 0x1e);
	struct tally all = { 0 };

	call_say(s->call, "%s　%s 至 %s\n\n", "%s, %s to %s\n\n", s->flow->name, s->period.first,
		 s->period.last);
	sheet_string(&sheet, cb_say("账号", "account"));
	sheet_string(&sheet, cb_say("上报", "sent"));
	sheet_string(&sheet, cb_say("更正", "corrected"));
	sheet_string(&sheet, cb_say("撤回", "withdrawn"));
	sheet_string(&sheet, cb_say("无回执", "no receipt"));
	for (size_t i = 0; i < s->count; i++) {
		const struct tally *t = &s->accounts[i];

		sheet_string(&sheet, t->account);
		sheet_number(&sheet, t->sent);
		sheet_number(&sheet, t->corrected);
		sheet_number(&sheet, t->withdrawn);
		sheet_number(&sheet, t->without_receipt);
		all.sent += t->sent;
		all.corrected += t->corrected;
		all.withdrawn += t->withdrawn;
		all.without_receipt += t->without_receipt;
	}
	sheet_string(&sheet, cb_say("合计", "all"));
	sheet_number(&sheet, all.sent);
	sheet_number(&sheet, all.corrected);
	sheet_number(&sheet, all.withdrawn);
	sheet_number(&sheet, all.without_receipt);
	sheet_end(&sheet, s->call->has_colours, 0, &s->call->out);
}

static void say_json(struct statement_of *s)
{
	struct json j = call_json(s->call);

	json_open(&j, NULL, '{');
	json_string(&j, "flow", s->flow->name);
	json_integer(&j, "from", s->period.from);
	json_integer(&j, "to", s->period.to);
	json_open(&j, "accounts", '[');
	for (size_t i = 0; i < s->count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "account", s->accounts[i].account);
		json_integer(&j, "sent", s->accounts[i].sent);
		json_integer(&j, "corrected", s->accounts[i].corrected);
		json_integer(&j, "withdrawn", s->accounts[i].withdrawn);
		json_integer(&j, "without-receipt", s->accounts[i].without_receipt);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&s->call->out, '\n');
}

/* A page for the printer: a table, and a place for name and stamp. */
static int write_page(struct statement_of *s, const char *file, struct cb_error *err)
{
	struct buffer out = { 0 };
	const char *cells[COLUMNS];
	int rc;

	headings(cells);
	buffer_string(&out, "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
			    "<title>");
	html(&out, s->flow->label ? s->flow->label : s->flow->name);
	buffer_string(&out,
		      "</title><style>body{font-family:\"Noto Sans CJK SC\",\"Microsoft "
		      "YaHei\",SimSun,sans-serif;margin:2em}table{border-collapse:collapse;width:"
		      "100%}td,th{border:1px solid #888;padding:.25em "
		      ".5em;text-align:left;font-size:.9em}thead{display:table-header-group}"
		      "tr{break-inside:avoid}.sign{margin-top:3em;display:flex;justify-content:"
		      "space-between}</style></head><body>\n<h1>");
	html(&out, s->site->name);
	buffer_string(&out, "　");
	html(&out, s->flow->label ? s->flow->label : s->flow->name);
	buffer_string(&out, "</h1><p>");
	html(&out, s->period.first);
	html(&out, cb_say(" 至 ", " to "));
	html(&out, s->period.last);
	html(&out, cb_say("，共 ", ", in all "));
	buffer_printf(&out, "%" PRId64, s->rows);
	html(&out, cb_say(" 件", ""));
	buffer_string(&out, "</p>\n<table><thead><tr>");
	for (size_t i = 0; i < COLUMNS; i++) {
		buffer_string(&out, "<th>");
		html(&out, cells[i]);
		buffer_string(&out, "</th>");
	}
	buffer_string(&out, "</tr></thead><tbody>\n");
	buffer_text(&out, buffer_view(&s->page));
	buffer_string(&out, "</tbody></table>\n<div class=\"sign\"><span>");
	html(&out, cb_say("经办人：", "Prepared by:"));
	buffer_string(&out, "</span><span>");
	html(&out, cb_say("（单位盖章）", "(stamp)"));
	buffer_string(&out, "</span><span>");
	html(&out, cb_say("日期：", "Date:"));
	buffer_string(&out, "　　　　　　　</span></div></body></html>\n");
	rc = file_write(file, buffer_view(&out), 0644, err);
	buffer_done(&out);
	return rc;
}

static bool ends_with(const char *file, const char *ending)
{
	size_t len = strlen(file), tail = strlen(ending);

	return len > tail && strcasecmp(file + len - tail, ending) == 0;
}

static int write_out(struct statement_of *s, const char *file, struct cb_error *err)
{
	if (call_has(s->call, OPTION_DRY_RUN))
		return CB_OK;
	return ends_with(file, ".html") ? write_page(s, file, err)
					: spreadsheet_write(s->call, &s->sheet, file, false, err);
}

int command_statement(struct call *call)
{
	const char *file = call->values[OPTION_OUT], *cells[COLUMNS];
	struct statement_of s = { .call = call };
	struct store *store = NULL;
	struct cb_error err;
	int code, rc;

	if (file && !ends_with(file, ".html") && !spreadsheet_can(call, file))
		return EX_USAGE;
	s.site = call_site(call);
	if (!s.site)
		return call_exit_code(CB_SETUP);
	s.flow = delivery_flow(call, s.site, call->arguments[0]);
	code = s.flow ? period_month(call, s.site, call->values[OPTION_MONTH], &s.period)
		      : EX_USAGE;
	if (code) {
		site_done(s.site);
		return code;
	}
	s.sheet = (struct spreadsheet){ .arena = &call->arena, .columns = COLUMNS };
	headings(cells);
	for (size_t i = 0; i < COLUMNS; i++)
		spreadsheet_cell(&s.sheet, cb_text_of(cells[i]));
	rc = call_store(s.site, STORE_READ, &store, &err);
	if (rc == CB_OK)
		rc = store_accepted_between(store, s.flow->name, s.period.from, s.period.to,
					    add_proof, &s, &err);
	if (rc == CB_OK && file)
		rc = write_out(&s, file, &err);
	if (rc == CB_OK && call_has(call, OPTION_JSON))
		say_json(&s);
	else if (rc == CB_OK)
		say_accounts(&s);
	store_close(store);
	spreadsheet_done(&s.sheet);
	buffer_done(&s.page);
	free(s.accounts);
	site_done(s.site);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}
