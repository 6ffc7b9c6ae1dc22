/*
 * delivery.c - what is on its way to a system, and what came back.
 */
#include "cli/delivery.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cli/table.h"

#define PAGE 1000

struct site_flow *delivery_flow(struct call *call, const struct site *site, const char *name)
{
	struct site_flow *flow = call_flow(call, site, name);

	if (!flow || flow->is_export)
		return flow;
	call_usage(call, "%s 是导入流程，没有上报的件", "%s is an import; it delivers nothing",
		   flow->name);
	return NULL;
}

const char *delivery_key(struct call *call, struct store *store, const struct site_flow *flow,
			 const struct store_delivery *d)
{
	uint32_t slot = table_key(flow->entity);
	struct row *row;

	if (d->key || slot == NO_SLOT)
		return d->key;
	if (store_get(store, flow->entity, d->record, &call->arena, &row, NULL) != CB_OK)
		return NULL;
	return row->values[slot].at ? arena_string(&call->arena, row->values[slot]) : NULL;
}

int delivery_find(struct call *call, struct store *store, const struct site_flow *flow,
		  const char *key, struct store_delivery *d, struct cb_error *err)
{
	int64_t record;
	int rc = store_delivery_by_key(store, flow->name, cb_text_of(key), &call->arena, d, err);

	if (rc != CB_END)
		return rc;
	rc = store_find(store, flow->entity, cb_text_of(key), &record, err);
	if (rc == CB_OK)
		rc = store_delivery_of(store, flow->name, record, &call->arena, d, err);
	return rc == CB_END ? cb_fail(err, CB_REFUSED, "%s 没有编号为 %s 的件",
				      "%s delivers nothing with key %s", flow->name, key)
			    : rc;
}

/* deliveries */

struct listing {
	struct call *call;
	const struct site *site;
	struct store *store;
	const struct site_flow *flow;
	struct sheet sheet;
	struct json json;
	bool is_json;
	int64_t last, count;
};

static void list_due(struct listing *l, int64_t due, enum urgency urgency)
{
	const char *when = due == NO_DEADLINE ? "" : delivery_due(l->call, l->site, due);
	const char *text = arena_printf(&l->call->arena, "%s%s%s", when, urgency ? " " : "",
					delivery_urgency(urgency));

	sheet_cell(&l->sheet, cb_text_of(text), urgency == URGENCY_LATE ? INK_BAD : INK_PLAIN);
}

static int list_one(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct listing *l = with;
	const char *key = delivery_key(l->call, l->store, l->flow, d);
	const char *about = delivery_about(l->call, l->site, d);
	bool is_bad = d->state == DELIVERY_REJECTED || d->state == DELIVERY_HELD ||
		      d->state == DELIVERY_IN_DOUBT || d->state == DELIVERY_CONFLICT;
	int64_t due, now = call_now();
	int rc = flow_due(l->store, l->flow, d, &due, err);
	enum urgency urgency = flow_urgency(l->flow, rc == CB_OK ? due : NO_DEADLINE, now);

	if (rc != CB_OK)
		return rc;

	l->last = d->id;
	l->count++;
	if (l->is_json) {
		json_open(&l->json, NULL, '{');
		json_integer(&l->json, "id", d->id);
		json_integer(&l->json, "record", d->record);
		json_string(&l->json, "key", key);
		json_string(&l->json, "account", d->account);
		json_string(&l->json, "state", delivery_state_word(d->state));
		json_string(&l->json, "receipt", d->receipt);
		json_string(&l->json, "code", d->code);
		json_string(&l->json, "field", d->field);
		json_string(&l->json, "say", d->say);
		json_string(&l->json, "about", about);
		if (d->not_before)
			json_integer(&l->json, "not-before", d->not_before);
		json_flag(&l->json, "withdrawal", d->is_withdrawal);
		json_flag(&l->json, "there", d->is_there);
		json_flag(&l->json, "person", delivery_is_question(d));
		json_integer(&l->json, "tries", d->tries);
		if (due != NO_DEADLINE) {
			json_integer(&l->json, "due", due);
			json_flag(&l->json, "near", urgency == URGENCY_NEAR);
			json_flag(&l->json, "late", urgency == URGENCY_LATE);
		}
		json_close(&l->json, '}');
		call_flush(l->call, false);
		return CB_OK;
	}
	sheet_number(&l->sheet, d->id);
	sheet_string(&l->sheet, key);
	sheet_string(&l->sheet, d->account);
	sheet_cell(&l->sheet, cb_text_of(delivery_label(d->state)), is_bad ? INK_BAD : INK_PLAIN);
	if (l->flow->deadline)
		list_due(l, due, urgency);
	sheet_string(&l->sheet, d->receipt);
	sheet_number(&l->sheet, d->tries);
	sheet_string(&l->sheet, about);
	return CB_OK;
}

/* All of one state, page by page. */
static int list_state(struct listing *l, const char *flow, enum delivery_state state,
		      struct cb_error *err)
{
	int64_t before;
	int rc;

	l->last = 0;
	do {
		before = l->last;
		rc = store_due(l->store, flow, state, NULL, INT64_MAX, before, PAGE, list_one, l,
			       err);
	} while (rc == CB_OK && l->last != before);
	return rc;
}

/* -1: all; -2 with the sentence said: there is none like it. */
static int wanted_state(struct call *call)
{
	const char *word = call->values[OPTION_STATE], *words[DELIVERY_STATES + 1] = { NULL };

	if (!word)
		return -1;
	for (int s = 0; s < DELIVERY_STATES; s++) {
		words[s] = delivery_state_word((enum delivery_state)s);
		if (strcmp(word, words[s]) == 0 ||
		    strcmp(word, delivery_label((enum delivery_state)s)) == 0)
			return s;
	}
	call_usage(call, "没有状态“%s”%s", "there is no state '%s'%s", word,
		   call_hint(call, word, words));
	return -2;
}

static void list_headings(struct listing *l)
{
	struct sheet *sheet = &l->sheet;
	size_t has_due = l->flow->deadline != NULL;

	if (l->is_json) {
		json_open(&l->json, NULL, '[');
		return;
	}
	*sheet = sheet_begin(&l->call->arena, 7 + has_due, 1u << 0 | 1u << (5 + has_due));
	sheet_string(sheet, cb_say("件号", "id"));
	sheet_string(sheet, cb_say("编号", "key"));
	sheet_string(sheet, cb_say("账号", "account"));
	sheet_string(sheet, cb_say("状态", "state"));
	if (has_due)
		sheet_string(sheet, cb_say("时限", "due"));
	sheet_string(sheet, cb_say("回执", "receipt"));
	sheet_string(sheet, cb_say("次数", "tries"));
	sheet_string(sheet, cb_say("说明", "about"));
}

static int list_flow(struct call *call, struct site *site, const struct site_flow *flow, int state)
{
	struct listing l = {
		.call = call,
		.site = site,
		.flow = flow,
		.json = call_json(call),
		.is_json = call_has(call, OPTION_JSON),
	};
	struct cb_error err;
	int rc = call_store(site, STORE_READ, &l.store, &err);

	list_headings(&l);
	for (int s = 0; rc == CB_OK && s < DELIVERY_STATES; s++)
		if (state < 0 || s == state)
			rc = list_state(&l, flow->name, (enum delivery_state)s, &err);
	store_close(l.store);
	if (rc != CB_OK) {
		sheet_drop(&l.sheet);
		buffer_clear(&call->out);
		return call_fail(call, &err);
	}
	if (l.is_json) {
		json_close(&l.json, ']');
		buffer_char(&call->out, '\n');
	} else if (l.count) {
		sheet_end(&l.sheet, call->has_colours, 0, &call->out);
	} else {
		sheet_drop(&l.sheet);
		call_say(call, "没有\n", "none\n");
	}
	return 0;
}

int command_deliveries(struct call *call)
{
	int state = wanted_state(call), code;
	struct site *site;
	const struct site_flow *flow;

	if (state == -2)
		return EX_USAGE;
	site = call_site(call);
	if (!site)
		return EX_CONFIG;
	flow = delivery_flow(call, site, call->arguments[0]);
	code = flow ? list_flow(call, site, flow, state) : EX_USAGE;
	site_done(site);
	return code;
}

/* deliveries settle */

/* The decision of that word; -1 with the sentence said. */
static int decision_of(struct call *call, const char *word)
{
	static const char *const words[] = { "accepted", "again", "withdrawn", NULL };

	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	call_usage(call, "没有“%s”%s；可以是 accepted、again、withdrawn",
		   "there is no '%s'%s; say accepted, again or withdrawn", word,
		   call_hint(call, word, words));
	return -1;
}

static int decide(struct call *call, struct store *store, const struct site_flow *flow,
		  enum decision decision, enum delivery_state *now, struct cb_error *err)
{
	const char *key = call->arguments[1];
	const char *reason = call->values[OPTION_REASON];
	struct store_delivery d;
	int rc = store_begin(store, call_now(), err);

	if (rc != CB_OK)
		return rc;
	rc = delivery_find(call, store, flow, key, &d, err);
	if (rc == CB_OK)
		rc = store_decide(store, d.id, decision, call->values[OPTION_RECEIPT], err);
	if (rc == CB_OK)
		rc = store_delivery_of(store, flow->name, d.record, &call->arena, &d, err);
	*now = d.state;
	if (rc == CB_OK)
		rc = store_audit(store, call_who(call), "delivery-settle",
				 arena_printf(&call->arena, "%s/%s", flow->name, key),
				 arena_printf(&call->arena, "%s%s%s", call->arguments[2],
					      reason ? " " : "", reason ? reason : ""),
				 err);
	if (rc == CB_OK)
		return store_commit(store, err);
	store_rollback(store);
	return rc;
}

int command_deliveries_settle(struct call *call)
{
	int decision = decision_of(call, call->arguments[2]), rc;
	enum delivery_state now = DELIVERY_READY;
	struct store *store = NULL;
	struct site_flow *flow;
	struct cb_error err;
	struct site *site;

	if (decision < 0)
		return EX_USAGE;
	site = call_site(call);
	if (!site)
		return EX_CONFIG;
	flow = delivery_flow(call, site, call->arguments[0]);
	if (!flow)
		return EX_USAGE;
	rc = call_store(site, STORE_WRITE, &store, &err);
	if (rc == CB_OK) {
		store_dry(store, call_has(call, OPTION_DRY_RUN));
		rc = decide(call, store, flow, (enum decision)decision, &now, &err);
	}
	store_close(store);
	if (rc == CB_OK)
		call_say(call, "%s%s/%s 现在是：%s\n", "%s%s/%s is now: %s\n",
			 call_has(call, OPTION_DRY_RUN) ? cb_say("试运行：", "dry run: ") : "",
			 flow->name, call->arguments[1], delivery_label(now));
	site_done(site);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}
