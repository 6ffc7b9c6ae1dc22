/*
 * schedule.c - when the flows run next, and what became of the last planned
 * runs.
 */
#include <inttypes.h>
#include <sysexits.h>

#include "base/calendar.h"
#include "cli/clock.h"
#include "cli/labels.h"
#include "cli/table.h"

static const char *in_words(struct call *call, const struct site_flow *flow)
{
	struct buffer said = { 0 };
	const char *words;

	if (!flow->timetable)
		return flow->is_export ? cb_say("有了就报", "when due") : cb_say("手动", "by hand");
	timetable_say(flow->timetable, &said);
	words = arena_string(&call->arena, buffer_view(&said));
	buffer_done(&said);
	return words;
}

static const char *rule_in_words(const struct site_flow *flow)
{
	const char *rule = flow->catch_up ? flow->catch_up : "once";

	if (!flow->timetable)
		return "";
	return strcmp(rule, "each") == 0   ? cb_say("逐个补", "each")
	       : strcmp(rule, "skip") == 0 ? cb_say("不补", "skip")
					   : cb_say("补一次", "once");
}

/* "11-28 20:30 周六" */
static const char *when(struct call *call, const struct site *site, int64_t ms)
{
	struct zone zone = zone_fixed(site->zone);
	int second = (int)(ms / 1000 % 60);

	if (!ms || ms == INT64_MAX)
		return "";
	if (second)
		return arena_printf(&call->arena, "%s:%02d %s", call_time(call, site, ms), second,
				    clock_weekday(ms, &zone));
	return arena_printf(&call->arena, "%s %s", call_time(call, site, ms),
			    clock_weekday(ms, &zone));
}

/* The flow's newest planned run that ended; result NULL: there is none. */
static int newest(struct call *call, struct store *store, const struct site_flow *flow,
		  struct store_slot *slot, struct cb_error *err)
{
	struct store_slot *slots;
	size_t count;
	int rc = store_slots_last(store, flow->name, 1, &call->arena, &slots, &count, err);

	*slot = rc == CB_OK && count ? slots[0] : (struct store_slot){ 0 };
	return rc;
}

static void list_json(struct call *call, struct json *j, const struct site *site,
		      const struct site_flow *flow, const struct store_slot *last, int64_t next)
{
	char iso[CALENDAR_TEXT];

	json_open(j, NULL, '{');
	json_string(j, "flow", flow->name);
	json_string(j, "timetable", flow->timetable ? timetable_text(flow->timetable) : NULL);
	json_string(j, "say", in_words(call, flow));
	if (next != INT64_MAX) {
		calendar_iso(next, site->zone, iso);
		json_string(j, "next", iso);
	}
	if (last->result) {
		calendar_iso(last->slot_ms, site->zone, iso);
		json_string(j, "last", iso);
		json_string(j, "result", last->result);
		json_string(j, "why", last->say);
	}
	json_close(j, '}');
}

static void headings(struct sheet *sheet)
{
	sheet_string(sheet, cb_say("流程", "flow"));
	sheet_string(sheet, cb_say("时刻表", "timetable"));
	sheet_string(sheet, cb_say("错过的", "missed ones"));
	sheet_string(sheet, cb_say("下一次", "next"));
	sheet_string(sheet, cb_say("上一次", "last"));
	sheet_string(sheet, cb_say("结果", "result"));
}

static int list(struct call *call, struct site *site, struct store *store, struct cb_error *err)
{
	struct sheet sheet = sheet_begin(&call->arena, 6, 0);
	struct json j = call_json(call);
	bool is_json = call_has(call, OPTION_JSON);
	int rc = CB_OK;

	headings(&sheet);
	if (is_json)
		json_open(&j, NULL, '[');
	for (size_t i = 0; rc == CB_OK && i < site->flow_count; i++) {
		const struct site_flow *f = &site->flows[i];
		int64_t next = f->timetable ? timetable_next(f->timetable, call_now()) : INT64_MAX;
		struct store_slot last;

		rc = newest(call, store, f, &last, err);
		if (is_json) {
			list_json(call, &j, site, f, &last, next);
			continue;
		}
		sheet_string(&sheet, f->name);
		sheet_string(&sheet, in_words(call, f));
		sheet_string(&sheet, rule_in_words(f));
		sheet_string(&sheet, when(call, site, next));
		sheet_string(&sheet, when(call, site, last.slot_ms));
		sheet_string(&sheet, result_label(last.result));
	}
	if (rc != CB_OK || is_json) {
		sheet_drop(&sheet);
		if (rc == CB_OK) {
			json_close(&j, ']');
			buffer_char(&call->out, '\n');
		}
		return rc;
	}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
	return CB_OK;
}

int command_schedule_list(struct call *call)
{
	struct site *site = call_site(call);
	struct store *store = NULL;
	struct cb_error err;
	int code = 0;

	if (!site)
		return EX_CONFIG;
	if (call_store(site, STORE_READ, &store, &err) != CB_OK ||
	    list(call, site, store, &err) != CB_OK) {
		buffer_clear(&call->out);
		code = call_fail(call, &err);
	}
	store_close(store);
	site_done(site);
	return code;
}

static void next_json(struct call *call, const struct site *site, const struct site_flow *flow,
		      int64_t count)
{
	struct json j = call_json(call);
	int64_t at = call_now();
	char iso[CALENDAR_TEXT];

	json_open(&j, NULL, '{');
	json_string(&j, "flow", flow->name);
	json_string(&j, "timetable", timetable_text(flow->timetable));
	json_open(&j, "next", '[');
	while (count-- > 0 && (at = timetable_next(flow->timetable, at)) != INT64_MAX) {
		calendar_iso(at, site->zone, iso);
		json_string(&j, NULL, iso);
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&call->out, '\n');
}

static int next(struct call *call, const struct site *site, const struct site_flow *flow)
{
	int64_t count, at = call_now();
	int code = clock_how_many(call, &count);

	if (code)
		return code;
	if (!flow->timetable) {
		call_say(call, "%s 没有时刻表（every、cron、at）：%s\n",
			 "%s has no timetable (every, cron, at): %s\n", flow->name,
			 in_words(call, flow));
		return 0;
	}
	if (call_has(call, OPTION_JSON)) {
		next_json(call, site, flow, count);
		return 0;
	}
	call_say(call, "%s：%s\n", "%s: %s\n", flow->name, in_words(call, flow));
	while (count-- > 0 && (at = timetable_next(flow->timetable, at)) != INT64_MAX)
		buffer_printf(&call->out, "  %s\n", when(call, site, at));
	return 0;
}

int command_schedule_next(struct call *call)
{
	struct site *site = call_site(call);
	const struct site_flow *flow;
	int code;

	if (!site)
		return EX_CONFIG;
	flow = call_flow(call, site, call->arguments[0]);
	code = flow ? next(call, site, flow) : EX_USAGE;
	site_done(site);
	return code;
}
