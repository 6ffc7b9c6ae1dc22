/*
 * approve.c - flows that need a leader's consent: what waits, let it go, or not.
 *
 * Consent is to the content that waits now; a change makes it wait anew.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cli/delivery.h"
#include "cli/table.h"

struct approving {
	struct call *call;
	struct site *site;
	struct store *store;
	struct site_flow *flow;
	struct sheet sheet;
	struct json json;
	int64_t *ids; /* that wait */
	const char **keys;
	size_t count, id_room, key_room;
	int64_t last;
};

static bool waits(const struct store_delivery *d)
{
	return d->state == DELIVERY_WAITING && d->code && strcmp(d->code, CODE_APPROVAL) == 0;
}

static int collect(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct approving *a = with;
	const char *key;

	(void)err;
	a->last = d->id;
	if (!waits(d))
		return CB_OK;
	key = delivery_key(a->call, a->store, a->flow, d);
	memory_grow(&a->ids, a->count, &a->id_room, sizeof(*a->ids));
	memory_grow(&a->keys, a->count, &a->key_room, sizeof(*a->keys));
	a->ids[a->count] = d->id;
	a->keys[a->count++] = key ? arena_string(&a->call->arena, cb_text_of(key)) : "";
	return CB_OK;
}

static int collect_flow(struct approving *a, struct cb_error *err)
{
	return store_due(a->store, a->flow->name, DELIVERY_WAITING, NULL, INT64_MAX, 0, INT64_MAX,
			 collect, a, err);
}

static int finish(struct approving *a, int rc, const struct cb_error *err)
{
	store_close(a->store);
	site_done(a->site);
	free(a->ids);
	free(a->keys);
	return rc == CB_OK ? 0 : call_fail(a->call, err);
}

/* approve list */

static void list_one(struct approving *a, size_t i, bool is_json)
{
	if (is_json) {
		json_open(&a->json, NULL, '{');
		json_string(&a->json, "flow", a->flow->name);
		json_integer(&a->json, "id", a->ids[i]);
		json_string(&a->json, "key", a->keys[i]);
		json_close(&a->json, '}');
		return;
	}
	sheet_string(&a->sheet, a->flow->name);
	sheet_string(&a->sheet, a->keys[i]);
}

static int list_flows(struct approving *a, const char *name, size_t *total, struct cb_error *err)
{
	bool is_json = call_has(a->call, OPTION_JSON);
	int rc = call_store(a->site, STORE_READ, &a->store, err);

	for (size_t f = 0; f < a->site->flow_count && rc == CB_OK; f++) {
		a->flow = &a->site->flows[f];
		if (!a->flow->is_export || (name && strcmp(a->flow->name, name) != 0))
			continue;
		a->count = 0;
		rc = collect_flow(a, err);
		for (size_t i = 0; i < a->count && rc == CB_OK; i++)
			list_one(a, i, is_json);
		*total += a->count;
	}
	return rc;
}

int command_approve_list(struct call *call)
{
	struct approving a = { .call = call, .json = call_json(call) };
	const char *name = call->count ? call->arguments[0] : NULL;
	bool is_json = call_has(call, OPTION_JSON);
	struct cb_error err;
	size_t total = 0;
	int rc;

	a.site = call_site(call);
	if (!a.site)
		return EX_CONFIG;
	if (name && !delivery_flow(call, a.site, name))
		return EX_USAGE;
	a.sheet = sheet_begin(&call->arena, 2, 0);
	sheet_string(&a.sheet, cb_say("流程", "flow"));
	sheet_string(&a.sheet, cb_say("编号", "key"));
	if (is_json)
		json_open(&a.json, NULL, '[');
	rc = list_flows(&a, name, &total, &err);
	if (is_json)
		json_close(&a.json, ']');
	if (rc != CB_OK || is_json || !total)
		sheet_drop(&a.sheet);
	else
		sheet_end(&a.sheet, call->has_colours, 0, &call->out);
	if (rc != CB_OK)
		buffer_clear(&call->out);
	else if (is_json)
		buffer_char(&call->out, '\n');
	else if (!total)
		call_say(call, "没有等待放行的件\n", "nothing waits for approval\n");
	else
		call_say(call,
			 "共 %zu 件。细看：casebridge approve show 流程 编号；放行：casebridge "
			 "approve "
			 "release 流程 编号…（或 --all）\n",
			 "%zu in all. Look: casebridge approve show FLOW KEY; let go: casebridge "
			 "approve release FLOW KEY… (or --all)\n",
			 total);
	return finish(&a, rc, &err);
}

/* approve show */

int command_approve_show(struct call *call)
{
	struct approving a = { .call = call, .site = call_site(call) };
	struct store_delivery d;
	struct cb_error err;
	int rc;

	if (!a.site)
		return EX_CONFIG;
	a.flow = delivery_flow(call, a.site, call->arguments[0]);
	if (!a.flow)
		return EX_USAGE;
	rc = call_store(a.site, STORE_READ, &a.store, &err);
	if (rc == CB_OK)
		rc = delivery_find(call, a.store, a.flow, call->arguments[1], &d, &err);
	if (rc != CB_OK)
		return finish(&a, rc, &err);
	if (!call_has(call, OPTION_JSON))
		call_say(call, "%s：%s%s\n\n", "%s: %s%s\n\n", a.flow->name,
			 delivery_about(call, a.site, &d),
			 d.is_withdrawal ? cb_say("；这是撤回", "; it is a withdrawal") : "");
	store_close(a.store);
	rc = show_record(call, a.site, a.flow->entity, d.record);
	a.store = NULL;
	finish(&a, CB_OK, NULL);
	return rc;
}

/* approve release, approve reject */

static int settle_one(struct approving *a, int64_t id, const char *key, const char *reason,
		      struct cb_error *err)
{
	const struct store_outcome refused = { .state = DELIVERY_HELD,
					       .code = CODE_APPROVAL,
					       .say = reason };
	int rc = reason ? store_settle(a->store, id, &refused, err)
			: store_approve(a->store, id, err);

	if (rc == CB_REFUSED)
		cb_error_prefix(err, "%s：", "%s: ", key);
	return rc == CB_OK ? store_audit(a->store, call_who(a->call),
					 reason ? "approve-reject" : "approve-release",
					 arena_printf(&a->call->arena, "%s/%s", a->flow->name, key),
					 reason ? reason : "", err)
			   : rc;
}

/* The keys of the command line, or all that wait. */
static int settle_named(struct approving *a, const char *reason, struct cb_error *err)
{
	struct call *call = a->call;
	int rc = CB_OK;

	if (call_has(call, OPTION_ALL)) {
		rc = collect_flow(a, err);
		for (size_t i = 0; i < a->count && rc == CB_OK; i++)
			rc = settle_one(a, a->ids[i], a->keys[i], reason, err);
		return rc;
	}
	for (size_t i = 1; i < call->count && rc == CB_OK; i++, a->count++) {
		struct store_delivery d;

		rc = delivery_find(call, a->store, a->flow, call->arguments[i], &d, err);
		if (rc == CB_OK && !waits(&d))
			rc = cb_fail(err, CB_REFUSED, "%s 没有在等放行（%s）",
				     "%s does not wait for approval (%s)", call->arguments[i],
				     delivery_label(d.state));
		if (rc == CB_OK)
			rc = settle_one(a, d.id, call->arguments[i], reason, err);
	}
	return rc;
}

static int settle(struct call *call, const char *reason)
{
	struct approving a = { .call = call };
	struct cb_error err;
	int rc;

	if (call->count < 2 && !call_has(call, OPTION_ALL))
		return call_usage(call, "写明编号，或 --all 全部", "give the keys, or --all");
	a.site = call_site(call);
	if (!a.site)
		return EX_CONFIG;
	a.flow = delivery_flow(call, a.site, call->arguments[0]);
	if (!a.flow)
		return EX_USAGE;
	rc = call_store(a.site, STORE_WRITE, &a.store, &err);
	if (rc == CB_OK) {
		store_dry(a.store, call_has(call, OPTION_DRY_RUN));
		rc = store_begin(a.store, call_now(), &err);
	}
	if (rc == CB_OK) {
		rc = settle_named(&a, reason, &err);
		if (rc == CB_OK)
			rc = store_commit(a.store, &err);
		else
			store_rollback(a.store);
	}
	if (rc == CB_OK && reason)
		call_say(call, "%s%zu 件不予上报\n", "%s%zu shall not go out\n",
			 call_has(call, OPTION_DRY_RUN) ? cb_say("试运行：", "dry run: ") : "",
			 a.count);
	else if (rc == CB_OK)
		call_say(call, "%s%zu 件放行；执行 casebridge run %s 上报\n",
			 "%s%zu released; casebridge run %s sends them\n",
			 call_has(call, OPTION_DRY_RUN) ? cb_say("试运行：", "dry run: ") : "",
			 a.count, a.flow->name);
	return finish(&a, rc, &err);
}

int command_approve_release(struct call *call)
{
	return settle(call, NULL);
}

int command_approve_reject(struct call *call)
{
	const char *reason = call->values[OPTION_REASON];

	if (!reason || !*reason)
		return call_usage(call, "写明理由：--reason 理由", "say why: --reason TEXT");
	return settle(call, reason);
}
