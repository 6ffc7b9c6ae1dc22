/*
 * status.c - how things stand: flows, deliveries, what is held.
 */
#include <inttypes.h>
#include <sysexits.h>

#include "base/say.h"
#include "cli/delivery.h"
#include "cli/groups.h"
#include "cli/labels.h"
#include "cli/notices.h"
#include "cli/run.h"
#include "cli/standing.h"
#include "cli/table.h"

struct last { /* a flow's newest run; id 0: it never ran */
	struct store_run run;
	int64_t deliveries[DELIVERY_STATES];
	int64_t next_ms; /* when something of it goes on by itself; 0: nothing does */
	struct flow_slack slack;
};

struct failing { /* a mapping that is not in force */
	const struct site_flow *flow;
	struct flow_trial trial;
};

struct state {
	struct call *call;
	struct failing *failing;
	size_t failing_count;
	struct site *site;
	struct last *lasts; /* by flow of the site */
	struct groups groups;
	struct store_drift *drifts;
	size_t drift_count;
	struct amount { /* by entity of the model whose records may be one */
		int64_t records, once;
	} * amounts;
	struct notices_state notices;
	struct standing standing;
};

static const char *copy(struct state *s, const char *text)
{
	return text ? arena_string(&s->call->arena, cb_text_of(text)) : NULL;
}

static int take_run(void *with, const struct store_run *run, struct cb_error *err)
{
	struct state *s = with;
	struct site_flow *flow = site_flow(s->site, run->flow);
	struct last *last = flow ? &s->lasts[flow - s->site->flows] : NULL;

	if (!last || last->run.id >= run->id)
		return CB_OK;
	last->run = *run;
	last->run.result = copy(s, run->result);
	last->run.say = copy(s, run->say);
	return CB_OK;
}

static int take_held(void *with, const struct store_held *held, struct cb_error *err)
{
	struct state *s = with;

	groups_add(&s->groups, held);
	return CB_OK;
}

/* Each mapping file once, however many flows name it. */
static int try_mappings(struct state *s, struct store *store, struct cb_error *err)
{
	const struct site *site = s->site;
	int rc = CB_OK;

	s->failing = arena_zero(&s->call->arena, (site->flow_count + 1) * sizeof(*s->failing));
	for (size_t i = 0; i < site->flow_count && rc == CB_OK; i++) {
		struct failing *f = &s->failing[s->failing_count];
		size_t same = 0;

		while (site->flows[same].mapping != site->flows[i].mapping)
			same++;
		if (same < i)
			continue;
		f->flow = &site->flows[i];
		rc = flow_try(site, store, f->flow, &s->call->arena, &f->trial, err);
		s->failing_count += rc == CB_OK && f->trial.failed;
	}
	return rc;
}

/* How many records there are, and how many things: those of a cluster are counted once. */
static int take_amounts(struct state *s, struct store *store, struct cb_error *err)
{
	const struct model *model = s->site->model;
	int rc = CB_OK;

	s->amounts = arena_zero(&s->call->arena, (model->entity_count + 1) * sizeof(*s->amounts));
	for (size_t i = 0; i < model->entity_count && rc == CB_OK; i++) {
		if (!site_rules(s->site, &model->entities[i]))
			continue;
		rc = store_record_count(store, &model->entities[i], &s->amounts[i].records, err);
		if (rc == CB_OK)
			rc = store_once_count(store, &model->entities[i], &s->amounts[i].once, err);
	}
	return rc;
}

static int take_all(struct state *s, struct cb_error *err)
{
	struct store *store = NULL;
	int rc = call_store(s->site, STORE_READ, &store, err);

	if (rc == CB_OK)
		rc = store_runs(store, 1000, take_run, s, err);
	for (size_t i = 0; rc == CB_OK && i < s->site->flow_count; i++)
		if (s->site->flows[i].is_export) {
			rc = store_delivery_counts(store, s->site->flows[i].name,
						   s->lasts[i].deliveries, err);
			if (rc == CB_OK)
				rc = store_next(store, s->site->flows[i].name, &s->lasts[i].next_ms,
						err);
			if (rc == CB_OK)
				rc = flow_slack(store, &s->site->flows[i], call_now(),
						&s->lasts[i].slack, err);
		}
	if (rc == CB_OK)
		rc = take_amounts(s, store, err);
	if (rc == CB_OK)
		rc = store_held_list(store, NULL, NULL, NULL, take_held, s, err);
	if (rc == CB_OK)
		rc = store_drifts(store, NULL, &s->call->arena, &s->drifts, &s->drift_count, err);
	if (rc == CB_OK)
		rc = try_mappings(s, store, err);
	if (rc == CB_OK)
		rc = notices_take(s->call, s->site, store, &s->notices, err);
	if (rc == CB_OK)
		rc = standing_take(&s->standing, s->call, s->site, store, err);
	store_close(store);
	return rc;
}

static void print_failing(struct state *s)
{
	for (size_t i = 0; i < s->failing_count; i++) {
		const struct failing *f = &s->failing[i];

		buffer_printf(&s->call->out, "!! %s\n",
			      run_trial(s->call, s->site, f->flow, &f->trial));
	}
	notices_print_ways(s->call, s->site, &s->notices);
	if (s->failing_count)
		buffer_char(&s->call->out, '\n');
}

static void failing_json(struct state *s, struct json *j)
{
	json_open(j, "mappings-not-in-force", '[');
	for (size_t i = 0; i < s->failing_count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "file", s->failing[i].flow->mapping_file);
		run_trial_json(j, "samples", &s->failing[i].trial);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void print_flows(struct state *s)
{
	struct call *call = s->call;
	struct sheet sheet = sheet_begin(&call->arena, 5, 0);

	sheet_string(&sheet, cb_say("流程", "flow"));
	sheet_string(&sheet, cb_say("方向", "way"));
	sheet_string(&sheet, cb_say("上次运行", "last run"));
	sheet_string(&sheet, cb_say("结果", "result"));
	sheet_string(&sheet, cb_say("账目", "account"));
	for (size_t i = 0; i < s->site->flow_count; i++) {
		const struct site_flow *f = &s->site->flows[i];
		const struct store_run *run = &s->lasts[i].run;
		const char *result = !run->id         ? cb_say("未运行", "never")
				     : !run->ended_ms ? cb_say("进行中或中断", "unfinished")
						      : result_label(run->result);

		sheet_string(&sheet, f->name);
		sheet_string(&sheet,
			     f->is_export ? cb_say("上报", "export") : cb_say("导入", "import"));
		sheet_string(&sheet, call_time(call, s->site, run->begun_ms));
		sheet_string(&sheet, result);
		sheet_string(&sheet,
			     run->id ? run_counts(&call->arena, &run->counts, f->is_export) : "");
	}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

static void print_deliveries(struct state *s)
{
	struct call *call = s->call;
	/* No delivery is superseded, only what was sent of one. */
	struct sheet sheet = sheet_begin(&call->arena, 2 + DELIVERY_SUPERSEDED,
					 ~(1u | 1u << (DELIVERY_SUPERSEDED + 1)));
	size_t exports = 0;

	sheet_string(&sheet, cb_say("上报", "export"));
	for (int state = 0; state < DELIVERY_SUPERSEDED; state++)
		sheet_string(&sheet, delivery_label((enum delivery_state)state));
	sheet_string(&sheet, cb_say("下次", "next"));
	for (size_t i = 0; i < s->site->flow_count; i++) {
		if (!s->site->flows[i].is_export)
			continue;
		exports++;
		sheet_string(&sheet, s->site->flows[i].name);
		for (int state = 0; state < DELIVERY_SUPERSEDED; state++)
			sheet_number(&sheet, s->lasts[i].deliveries[state]);
		sheet_string(&sheet, s->lasts[i].next_ms
					     ? delivery_clock(call, s->site, s->lasts[i].next_ms)
					     : "");
	}
	if (!exports) {
		sheet_drop(&sheet);
		return;
	}
	buffer_char(&call->out, '\n');
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

/* "07:40 报完，2 件会迟" */
static const char *forecast(struct state *s, const struct flow_slack *slack)
{
	struct buffer say = { 0 };
	const char *text;

	if (slack->ready_ms)
		buffer_say(&say, "照现在的速度 %s 报完", "all there %s at the present rate",
			   delivery_clock(s->call, s->site, slack->ready_ms));
	if (slack->will_be_late)
		buffer_say(&say, "，%lld 件会迟", ", %lld late", (long long)slack->will_be_late);
	if (slack->asked)
		buffer_say(&say, "%s%lld 件要人先处理", "%s%lld need a person first",
			   say.len ? cb_say("，", ", ") : "", (long long)slack->asked);
	text = arena_string(&s->call->arena, buffer_view(&say));
	buffer_done(&say);
	return text;
}

/* By when what is not there yet must be. */
static void print_deadlines(struct state *s)
{
	struct call *call = s->call;
	struct sheet sheet = sheet_begin(&call->arena, 6, 1u << 1 | 1u << 2 | 1u << 3);
	size_t count = 0;

	sheet_string(&sheet, cb_say("时限", "deadline"));
	sheet_string(&sheet, cb_say("未到", "open"));
	sheet_string(&sheet, cb_say("临近", "near"));
	sheet_string(&sheet, cb_say("已过期", "late"));
	sheet_string(&sheet, cb_say("最早", "earliest"));
	sheet_string(&sheet, cb_say("预计", "forecast"));
	for (size_t i = 0; i < s->site->flow_count; i++) {
		const struct flow_slack *slack = &s->lasts[i].slack;

		if (!slack->open)
			continue;
		count++;
		sheet_string(&sheet, s->site->flows[i].name);
		sheet_number(&sheet, slack->open);
		sheet_number(&sheet, slack->by[URGENCY_NEAR]);
		sheet_number(&sheet, slack->by[URGENCY_LATE]);
		sheet_string(&sheet, delivery_due(call, s->site, slack->first_ms));
		sheet_string(&sheet, forecast(s, slack));
	}
	if (!count) {
		sheet_drop(&sheet);
		return;
	}
	buffer_char(&call->out, '\n');
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

static void print_amounts(struct state *s)
{
	const struct model *model = s->site->model;

	for (size_t i = 0; i < model->entity_count; i++)
		if (s->amounts[i].records)
			call_say(s->call, "\n%s：%" PRId64 " 条，重复的只算一次是 %" PRId64 " 件\n",
				 "\n%s: %" PRId64 " records, %" PRId64
				 " when those that are one count once\n",
				 model->entities[i].label, s->amounts[i].records,
				 s->amounts[i].once);
}

static void print_held(struct state *s)
{
	if (!s->groups.records)
		return;
	call_say(s->call, "\n挂起 %" PRId64 " 条：\n", "\nheld: %" PRId64 "\n", s->groups.records);
	groups_print(s->call, &s->groups, 10);
}

/* What they say and we do not know: a new field of theirs, or a changed name. */
static void print_drift(struct state *s)
{
	struct call *call = s->call;
	struct sheet sheet = sheet_begin(&call->arena, 5, 1u << 2);

	if (!s->drift_count) {
		sheet_drop(&sheet);
		return;
	}
	call_say(call,
		 "\n对方送来、映射没有提到的字段（写进映射，或用 ignore "
		 "写明不用，就从这里消失）：\n",
		 "\nfields that they send and no mapping mentions (map them, or say ignore):\n");
	sheet_string(&sheet, cb_say("数据流", "stream"));
	sheet_string(&sheet, cb_say("字段", "field"));
	sheet_string(&sheet, cb_say("次数", "count"));
	sheet_string(&sheet, cb_say("首次", "first"));
	sheet_string(&sheet, cb_say("最近", "last"));
	for (size_t i = 0; i < s->drift_count; i++) {
		const struct store_drift *d = &s->drifts[i];

		sheet_string(&sheet, d->stream);
		sheet_string(&sheet, d->name);
		sheet_number(&sheet, d->count);
		sheet_string(&sheet, call_time(call, s->site, d->first_ms));
		sheet_string(&sheet, call_time(call, s->site, d->last_ms));
	}
	sheet_end(&sheet, call->has_colours, 2, &call->out);
}

static void drift_json(struct state *s, struct json *j)
{
	json_open(j, "drift", '[');
	for (size_t i = 0; i < s->drift_count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "stream", s->drifts[i].stream);
		json_string(j, "name", s->drifts[i].name);
		json_integer(j, "count", s->drifts[i].count);
		json_integer(j, "first", s->drifts[i].first_ms);
		json_integer(j, "last", s->drifts[i].last_ms);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void slack_json(struct json *j, const struct flow_slack *slack)
{
	json_open(j, "deadline", '{');
	json_integer(j, "open", slack->open);
	json_integer(j, "near", slack->by[URGENCY_NEAR]);
	json_integer(j, "late", slack->by[URGENCY_LATE]);
	if (slack->open)
		json_integer(j, "earliest", slack->first_ms);
	if (slack->ready_ms)
		json_integer(j, "ready", slack->ready_ms);
	json_integer(j, "will-be-late", slack->will_be_late);
	json_integer(j, "need-a-person", slack->asked);
	json_close(j, '}');
}

static void print_json(struct state *s)
{
	struct json j = call_json(s->call);

	json_open(&j, NULL, '{');
	json_open(&j, "flows", '[');
	for (size_t i = 0; i < s->site->flow_count; i++) {
		const struct site_flow *f = &s->site->flows[i];
		const struct store_run *run = &s->lasts[i].run;

		json_open(&j, NULL, '{');
		json_string(&j, "name", f->name);
		json_string(&j, "kind", f->is_export ? "export" : "import");
		if (run->id) {
			json_integer(&j, "run", run->id);
			json_integer(&j, "begun", run->begun_ms);
			json_integer(&j, "ended", run->ended_ms);
			json_string(&j, "result", run->result);
			json_string(&j, "say", run->say);
			run_counts_json(&j, &run->counts, f->is_export);
		}
		if (f->is_export) {
			json_open(&j, "deliveries", '{');
			for (int state = 0; state < DELIVERY_SUPERSEDED; state++)
				json_integer(&j, delivery_state_word((enum delivery_state)state),
					     s->lasts[i].deliveries[state]);
			json_close(&j, '}');
			if (s->lasts[i].next_ms)
				json_integer(&j, "next", s->lasts[i].next_ms);
			if (f->deadline)
				slack_json(&j, &s->lasts[i].slack);
		}
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "entities", '[');
	for (size_t i = 0; i < s->site->model->entity_count; i++) {
		if (!s->amounts[i].records)
			continue;
		json_open(&j, NULL, '{');
		json_string(&j, "name", s->site->model->entities[i].name);
		json_integer(&j, "records", s->amounts[i].records);
		json_integer(&j, "once", s->amounts[i].once);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	groups_json(&j, &s->groups);
	drift_json(s, &j);
	failing_json(s, &j);
	standing_json(&s->standing, s->site, &j);
	json_close(&j, '}');
	buffer_char(&s->call->out, '\n');
}

int command_status(struct call *call)
{
	struct state s = { .call = call, .groups = { .arena = &call->arena } };
	struct cb_error err;
	int code = 0;

	s.site = call_site(call);
	if (!s.site)
		return EX_CONFIG;
	s.groups.site = s.site;
	s.lasts = arena_zero(&call->arena, (s.site->flow_count + 1) * sizeof(*s.lasts));
	if (take_all(&s, &err) != CB_OK) {
		code = call_fail(call, &err);
	} else if (call_has(call, OPTION_JSON)) {
		print_json(&s);
	} else {
		print_failing(&s);
		standing_print_engine(&s.standing, s.site);
		print_flows(&s);
		print_deliveries(&s);
		standing_print_accounts(&s.standing, s.site);
		print_deadlines(&s);
		print_amounts(&s);
		print_held(&s);
		print_drift(&s);
	}
	groups_done(&s.groups);
	standing_done(&s.standing);
	site_done(s.site);
	return code;
}
