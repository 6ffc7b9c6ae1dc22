/*
 * held.c - what cannot go on, by cause; let it go on, or give it up.
 */
#include "cli/groups.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/entity.h"
#include "cli/labels.h"
#include "cli/run.h"
#include "cli/table.h"

/* Groups: tens of causes, so a walk finds the right one. */

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *copy(struct groups *groups, const char *text)
{
	return text ? arena_string(groups->arena, cb_text_of(text)) : NULL;
}

static const char *example_of(struct groups *groups, const struct store_held *held)
{
	if (held->key)
		return copy(groups, held->key);
	return arena_printf(groups->arena, "%s %" PRId64, cb_say("第几条：", "record"),
			    held->number);
}

/* Of deliveries, the target's own words are part of the cause: it rarely says more. */
static void add(struct groups *groups, const struct store_held *held, bool is_delivery)
{
	struct group *g;

	groups->records++;
	for (size_t i = 0; i < groups->count; i++) {
		g = &groups->at[i];
		if (is_same(g->code, held->code) && is_same(g->field, held->field) &&
		    is_same(g->value, held->value) && is_same(g->flow, held->flow) &&
		    (!is_delivery ||
		     (is_same(g->say, held->say) && is_same(g->outcome, held->outcome)))) {
			g->count++;
			return;
		}
	}
	memory_grow(&groups->at, groups->count, &groups->room, sizeof(*groups->at));
	groups->at[groups->count++] = (struct group){
		.flow = copy(groups, held->flow),
		.code = copy(groups, held->code),
		.field = copy(groups, held->field),
		.value = copy(groups, held->value),
		.say = copy(groups, held->say),
		.outcome = copy(groups, held->outcome),
		.is_delivery = is_delivery,
		.example = example_of(groups, held),
		.id = held->id,
		.count = 1,
		.first_ms = held->first_ms,
	};
}

void groups_add(struct groups *groups, const struct store_held *held)
{
	add(groups, held, false);
}

void groups_add_delivery(struct groups *groups, const struct store_delivery *d)
{
	struct store_held held = { .flow = d->flow,
				   .key = d->key ? d->key : "",
				   .code = d->code,
				   .field = d->field,
				   .say = d->say,
				   .outcome = delivery_state_word(d->state) };

	add(groups, &held, true);
}

/* What people call the field, where the flow's entity has it. */
static const char *field_label(struct call *call, const struct groups *groups,
			       const struct group *g)
{
	const struct site_flow *flow =
		groups->site && g->flow ? site_flow(groups->site, g->flow) : NULL;
	struct place place;

	if (!flow || !g->field || !entity_place(&call->arena, flow->entity, g->field, &place))
		return g->field;
	return place.field ? place.field->label : place.table->label;
}

/* In words; with the stable code, by which it can be asked for. */
static const char *cause_in_words(struct call *call, const char *code, bool has_code)
{
	const char *label = cause_label(code);

	return has_code && code && strcmp(label, code) != 0
		       ? arena_printf(&call->arena, "%s (%s)", label, code)
		       : label;
}

static const char *cause_of(struct call *call, const struct group *g, bool has_code)
{
	if (!g->code)
		return g->is_delivery && strcmp(g->outcome, "rejected") == 0
			       ? cb_say("对方退回", "rejected there")
			       : "";
	return cause_in_words(call, g->code, has_code);
}

/* The command that shows more of it. */
static const char *deeper(struct call *call, const struct group *g)
{
	if (g->is_delivery)
		return arena_printf(&call->arena, "casebridge deliveries %s --state %s", g->flow,
				    g->outcome);
	return g->id ? arena_printf(&call->arena, "casebridge held show %" PRId64, g->id) : "";
}

static int by_count(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : 0;
}

void groups_print(struct call *call, struct groups *groups, size_t most)
{
	struct sheet sheet = sheet_begin(&call->arena, most ? 7 : 8, 1u << 0);
	size_t shown = most && most < groups->count ? most : groups->count;

	if (groups->count)
		qsort(groups->at, groups->count, sizeof(*groups->at), by_count);
	sheet_string(&sheet, cb_say("条数", "count"));
	sheet_string(&sheet, cb_say("流程", "flow"));
	sheet_string(&sheet, cb_say("原因", "cause"));
	sheet_string(&sheet, cb_say("字段", "field"));
	sheet_string(&sheet, cb_say("值", "value"));
	sheet_string(&sheet, cb_say("例", "example"));
	sheet_string(&sheet, cb_say("说明", "about"));
	if (!most)
		sheet_string(&sheet, cb_say("细看", "look closer"));
	for (size_t i = 0; i < shown; i++) {
		const struct group *g = &groups->at[i];

		sheet_number(&sheet, g->count);
		sheet_string(&sheet, g->flow);
		sheet_string(&sheet, cause_of(call, g, !most));
		sheet_string(&sheet, field_label(call, groups, g));
		sheet_string(&sheet, g->value);
		sheet_string(&sheet, g->id ? arena_printf(&call->arena, "#%" PRId64 " %s", g->id,
							  g->example)
					   : g->example);
		sheet_string(&sheet, g->say);
		if (!most)
			sheet_string(&sheet, deeper(call, g));
	}
	sheet_end(&sheet, call->has_colours, most ? 2 : 0, &call->out);
	if (shown < groups->count)
		call_say(call, "  …另有 %zu 种原因，见 casebridge held\n",
			 "  … and %zu more causes: casebridge held\n", groups->count - shown);
}

void groups_json(struct json *j, struct groups *groups)
{
	if (groups->count)
		qsort(groups->at, groups->count, sizeof(*groups->at), by_count);
	json_open(j, "groups", '[');
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *g = &groups->at[i];

		json_open(j, NULL, '{');
		json_integer(j, "count", g->count);
		json_string(j, "kind", g->is_delivery ? "export" : "import");
		json_string(j, "flow", g->flow);
		json_string(j, "code", g->code);
		json_string(j, "field", g->field);
		json_string(j, "value", g->value);
		json_string(j, "outcome", g->outcome);
		json_string(j, "say", g->say);
		json_integer(j, "id", g->id);
		json_string(j, "example", g->example);
		json_close(j, '}');
	}
	json_close(j, ']');
}

void groups_done(struct groups *groups)
{
	free(groups->at);
	*groups = (struct groups){ 0 };
}

/* held */

static int add_group(void *with, const struct store_held *held, struct cb_error *err)
{
	groups_add(with, held);
	return CB_OK;
}

/* The flow's name from the arguments; false where there is none like it. */
static bool flow_argument(struct call *call, const struct site *site, const char **name)
{
	*name = call->arguments[0];
	return !*name || call_flow(call, site, *name);
}

struct delivery_walk {
	struct store *store;
	const struct table *entity;
	struct groups *groups;
	const char *code, *field; /* NULL: any */
	int64_t last;
};

static int add_delivery(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct delivery_walk *w = with;
	struct store_delivery shown = *d;
	uint32_t slot = table_key(w->entity);
	struct arena arena = { 0 };
	struct row *row;

	w->last = d->id;
	if ((w->code && !is_same(w->code, d->code)) || (w->field && !is_same(w->field, d->field)))
		return CB_OK;
	/* What was never translated has no key there: then our own. */
	if (!d->key && slot != NO_SLOT &&
	    store_get(w->store, w->entity, d->record, &arena, &row, NULL) == CB_OK &&
	    row->values[slot].at)
		shown.key = arena_string(&arena, row->values[slot]);
	if (d->state == DELIVERY_CONFLICT)
		shown.say =
			cb_say("平台上同编号的内容不同：看过再定（casebridge deliveries settle）",
			       "the target holds other content under this key: look, and decide "
			       "(casebridge deliveries settle)");
	groups_add_delivery(w->groups, &shown);
	arena_done(&arena);
	return CB_OK;
}

/* What a target will not have, or what could not be written for it. */
static int add_deliveries(struct call *call, const struct site *site, struct store *store,
			  const char *flow, struct groups *groups, struct cb_error *err)
{
	static const enum delivery_state states[] = { DELIVERY_HELD, DELIVERY_REJECTED,
						      DELIVERY_CONFLICT };
	enum { KINDS = sizeof(states) / sizeof(*states) };
	struct delivery_walk w = { .store = store,
				   .groups = groups,
				   .code = call->values[OPTION_CODE],
				   .field = call->values[OPTION_FIELD] };
	int rc = CB_OK;

	for (size_t i = 0; i < site->flow_count * KINDS && rc == CB_OK; i++) {
		const struct site_flow *f = &site->flows[i / KINDS];
		int64_t before;

		if (!f->is_export || (flow && strcmp(flow, f->name) != 0))
			continue;
		w.last = 0;
		w.entity = f->entity;
		do {
			before = w.last;
			rc = store_due(store, f->name, states[i % KINDS], NULL, INT64_MAX, before,
				       1000, add_delivery, &w, err);
		} while (rc == CB_OK && w.last != before);
	}
	return rc;
}

static int list_groups(struct call *call, struct site *site, const char *flow)
{
	struct groups groups = { .arena = &call->arena, .site = site };
	struct store *store = NULL;
	struct cb_error err;
	int rc = call_store(site, STORE_READ, &store, &err);

	if (rc == CB_OK)
		rc = store_held_list(store, flow, call->values[OPTION_CODE],
				     call->values[OPTION_FIELD], add_group, &groups, &err);
	if (rc == CB_OK)
		rc = add_deliveries(call, site, store, flow, &groups, &err);
	store_close(store);
	if (rc != CB_OK) {
		groups_done(&groups);
		return call_fail(call, &err);
	}
	if (call_has(call, OPTION_JSON)) {
		struct json j = call_json(call);

		json_open(&j, NULL, '{');
		json_integer(&j, "records", groups.records);
		groups_json(&j, &groups);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
	} else if (groups.count == 0) {
		call_say(call, "没有挂起的记录\n", "nothing is held\n");
	} else {
		groups_print(call, &groups, 0);
		call_say(call,
			 "\n共 %" PRId64 " 条。原因处理好之后：导入的 casebridge held retry，"
			 "上报的 casebridge held release 流程\n",
			 "\n%" PRId64 " in all. When a cause is gone: casebridge held retry for "
			 "imports, casebridge held release FLOW for exports\n",
			 groups.records);
	}
	groups_done(&groups);
	return 0;
}

int command_held(struct call *call)
{
	struct site *site = call_site(call);
	const char *flow;
	int code;

	if (!site)
		return call_exit_code(CB_SETUP);
	code = flow_argument(call, site, &flow) ? list_groups(call, site, flow) : 64;
	site_done(site);
	return code;
}

/* One entry. */

/* The number of an entry: "12" or "#12". */
static bool read_id(struct call *call, const char *text, int64_t *id)
{
	char *end;

	*id = strtoll(text + (*text == '#'), &end, 10);
	if (*end == '\0' && *id > 0)
		return true;
	call_usage(call, "“%s”不是号码：号码见 casebridge held",
		   "'%s' is no number: casebridge held shows them", text);
	return false;
}

static int find_held(struct call *call, struct store *store, int64_t id, struct store_held *held,
		     struct cb_error *err)
{
	int rc = store_held_read(store, id, &call->arena, held, err);

	if (rc == CB_END)
		return cb_fail(err, CB_REFUSED, "没有挂起记录 #%" PRId64,
			       "there is no held record #%" PRId64, id);
	return rc;
}

static const char *document_key(struct store *store, struct arena *arena, int64_t document)
{
	struct buffer bytes = { 0 };
	struct store_document doc = { 0 };
	struct cb_error err;
	int rc = store_document_read(store, document, arena, &doc, &bytes, &err);

	buffer_done(&bytes);
	return rc == CB_OK ? doc.key : NULL;
}

static void line(struct sheet *sheet, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	sheet_cell(sheet, cb_text_of(label), INK_STRONG);
	sheet_cell(sheet, cb_text_of(value), INK_PLAIN);
}

static const char *result_of(const struct store_held *h)
{
	return !h->result                           ? NULL
	       : strcmp(h->result, "accepted") == 0 ? cb_say("已收", "accepted")
						    : cb_say("退回", "rejected");
}

static void show_held(struct call *call, const struct site *site, const struct store_held *h,
		      const char *document)
{
	struct sheet sheet = sheet_begin(&call->arena, 2, 0);
	struct json j = call_json(call);

	if (call_has(call, OPTION_JSON)) {
		json_open(&j, NULL, '{');
		json_integer(&j, "id", h->id);
		json_string(&j, "flow", h->flow);
		json_string(&j, "stream", h->stream);
		json_string(&j, "key", h->key);
		json_string(&j, "outcome", h->outcome);
		json_string(&j, "code", h->code);
		json_string(&j, "field", h->field);
		json_string(&j, "value", h->value);
		json_string(&j, "say", h->say);
		json_string(&j, "document", document);
		json_integer(&j, "record", h->number);
		json_string(&j, "result", h->result);
		json_string(&j, "receipt", h->receipt);
		json_string(&j, "words", h->words);
		json_integer(&j, "first", h->first_ms);
		json_integer(&j, "last", h->last_ms);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
		return;
	}
	line(&sheet, cb_say("流程", "flow"), h->flow);
	line(&sheet, cb_say("来源", "stream"), h->stream);
	line(&sheet, cb_say("对方编号", "key there"), h->key);
	line(&sheet, cb_say("原因", "cause"), cause_in_words(call, h->code, true));
	line(&sheet, cb_say("字段", "field"), h->field);
	line(&sheet, cb_say("值", "value"), h->value);
	line(&sheet, cb_say("说明", "about"), h->say);
	line(&sheet, cb_say("回执", "receipt"), result_of(h));
	line(&sheet, cb_say("回执号", "its number"), h->receipt);
	line(&sheet, cb_say("对方的话", "their words"), h->words);
	line(&sheet, cb_say("原文", "document"), document);
	if (h->number)
		line(&sheet, cb_say("其中第几条", "record"),
		     arena_printf(&call->arena, "%" PRId64, h->number));
	line(&sheet, cb_say("首次", "first"), call_time(call, site, h->first_ms));
	line(&sheet, cb_say("最近", "last"), call_time(call, site, h->last_ms));
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

int command_held_show(struct call *call)
{
	struct store_held held;
	int64_t id;
	struct store *store = NULL;
	struct site *site;
	struct cb_error err;
	int code = 0, rc;

	if (!read_id(call, call->arguments[0], &id))
		return 64;
	site = call_site(call);
	if (!site)
		return call_exit_code(CB_SETUP);
	rc = call_store(site, STORE_READ, &store, &err);
	if (rc == CB_OK)
		rc = find_held(call, store, id, &held, &err);
	if (rc == CB_OK)
		show_held(call, site, &held, document_key(store, &call->arena, held.document));
	else
		code = call_fail(call, &err);
	store_close(store);
	site_done(site);
	return code;
}

/* held drop */

static int drop_one(struct call *call, struct store *store, int64_t id, struct cb_error *err)
{
	struct store_held held;
	int rc = find_held(call, store, id, &held, err);
	const char *object = arena_printf(&call->arena, "held#%" PRId64, id);

	if (rc == CB_OK)
		rc = store_held_drop(store, id, err);
	if (rc == CB_OK)
		rc = store_audit(store, call_who(call), "held-drop", object,
				 arena_printf(&call->arena, "%s %s %s", held.flow ? held.flow : "",
					      held.code ? held.code : "",
					      held.field ? held.field : ""),
				 err);
	return rc;
}

/* All of them or none. */
static int drop_all(struct call *call, struct site *site)
{
	struct store *store = NULL;
	struct cb_error err;
	int rc = call_store(site, STORE_WRITE, &store, &err), code = 0;

	if (rc == CB_OK) {
		store_dry(store, call_has(call, OPTION_DRY_RUN));
		rc = store_begin(store, call_now(), &err);
	}
	for (size_t i = 0; rc == CB_OK && i < call->count; i++) {
		int64_t id;

		if (!read_id(call, call->arguments[i], &id))
			code = 64;
		else
			rc = drop_one(call, store, id, &err);
		if (code)
			break;
	}
	if (rc == CB_OK && !code)
		rc = store_commit(store, &err);
	else if (store)
		store_rollback(store);
	store_close(store);
	if (code)
		return code;
	if (rc != CB_OK)
		return call_fail(call, &err);
	call_say(call, "%s已放弃 %zu 条\n", "%s%zu given up\n",
		 call_has(call, OPTION_DRY_RUN) ? cb_say("试运行：", "dry run: ") : "",
		 call->count);
	return 0;
}

int command_held_drop(struct call *call)
{
	struct site *site = call_site(call);
	int code;

	if (!site)
		return call_exit_code(CB_SETUP);
	code = drop_all(call, site);
	site_done(site);
	return code;
}

int command_held_retry(struct call *call)
{
	struct site *site = call_site(call);
	const char *flow;
	int code;

	if (!site)
		return call_exit_code(CB_SETUP);
	code = flow_argument(call, site, &flow) ? run_retry(call, site, flow) : 64;
	site_done(site);
	return code;
}
