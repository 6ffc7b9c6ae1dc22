/*
 * release.c - what a target would not have, or what could not be written for it, goes again: by
 * cause, or by what the record says, and counted before it is done.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "cli/delivery.h"
#include "cli/groups.h"
#include "flow/flow.h"
#include "record/path.h"

#define PAGE 1000

struct releasing {
	struct call *call;
	struct store *store;
	const struct site_flow *flow;
	const char *code, *field; /* NULL: any */
	struct condition *where;  /* NULL: any record */
	struct groups groups;
	int64_t *at; /* deliveries */
	size_t count, room;
	int64_t last;
};

static bool is_same(const char *wanted, const char *is)
{
	return !wanted || (is && strcmp(wanted, is) == 0);
}

static int fits(struct releasing *r, int64_t record, bool *fits, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct row *row;
	int rc = CB_OK;

	*fits = true;
	if (r->where) {
		rc = store_get(r->store, r->flow->entity, record, &arena, &row, err);
		if (rc == CB_OK)
			rc = store_join(r->store, r->flow->entity, row, &arena, err);
		*fits = rc == CB_OK && condition_holds(r->where, row);
	}
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

static int collect(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct releasing *r = with;
	struct store_delivery shown = *d;
	bool is_wanted;
	int rc;

	r->last = d->id;
	/* Whether it is there already is a question of its own: deliveries settle. */
	if (delivery_is_question(d) || !is_same(r->code, d->code) || !is_same(r->field, d->field))
		return CB_OK;
	rc = fits(r, d->record, &is_wanted, err);
	if (rc != CB_OK || !is_wanted)
		return rc;
	shown.key = delivery_key(r->call, r->store, r->flow, d);
	groups_add_delivery(&r->groups, &shown);
	memory_grow(&r->at, r->count, &r->room, sizeof(*r->at));
	r->at[r->count++] = d->id;
	return CB_OK;
}

static int collect_state(struct releasing *r, enum delivery_state state, struct cb_error *err)
{
	int64_t before;
	int rc;

	/* The numbers of one state ascend; those of another start again. */
	r->last = 0;
	do {
		before = r->last;
		rc = store_due(r->store, r->flow->name, state, NULL, INT64_MAX, before, PAGE,
			       collect, r, err);
	} while (rc == CB_OK && r->last != before);
	return rc;
}

static int make_ready(struct releasing *r, struct cb_error *err)
{
	struct call *call = r->call;
	int rc = store_begin(r->store, call_now(), err);

	if (rc == CB_OK)
		rc = collect_state(r, DELIVERY_REJECTED, err);
	if (rc == CB_OK)
		rc = collect_state(r, DELIVERY_HELD, err);
	for (size_t i = 0; rc == CB_OK && i < r->count; i++)
		rc = store_settle(r->store, r->at[i],
				  &(struct store_outcome){ .state = DELIVERY_READY }, err);
	if (rc == CB_OK && r->count)
		rc = store_audit(r->store, call_who(call), "delivery-release", r->flow->name,
				 arena_printf(&call->arena, "%zu", r->count), err);
	if (rc == CB_OK)
		rc = store_commit(r->store, err);
	else
		store_rollback(r->store);
	return rc;
}

static void say_released(struct releasing *r)
{
	struct call *call = r->call;

	if (call_has(call, OPTION_JSON)) {
		struct json j = call_json(call);

		json_open(&j, NULL, '{');
		json_string(&j, "flow", r->flow->name);
		json_flag(&j, "dry", call_has(call, OPTION_DRY_RUN));
		json_integer(&j, "released", (int64_t)r->count);
		groups_json(&j, &r->groups);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
		return;
	}
	if (r->count)
		groups_print(call, &r->groups, 20);
	call_say(call, "%s%zu 件重新列为待报；执行 casebridge run %s 重报\n",
		 "%s%zu are ready again; casebridge run %s sends them\n",
		 call_has(call, OPTION_DRY_RUN) ? cb_say("试运行：", "dry run: ") : "", r->count,
		 r->flow->name);
}

/* --where, over our records. */
static int read_where(struct releasing *r, struct cb_error *err)
{
	const char *text = r->call->values[OPTION_WHERE];
	int rc = text ? condition_compile(&r->call->arena, r->flow->entity->shape, cb_text_of(text),
					  &r->where, err)
		      : CB_OK;

	if (rc != CB_OK)
		cb_error_prefix(err, "--where 第 %u 个字：",
				"--where, character %u: ", err->column ? err->column : 1);
	return rc;
}

static int release_flow(struct releasing *r, struct site *site)
{
	struct cb_error err;
	int rc = read_where(r, &err);

	if (rc != CB_OK) {
		(void)call_fail(r->call, &err);
		return EX_USAGE;
	}
	rc = call_store(site, STORE_WRITE, &r->store, &err);
	if (rc == CB_OK) {
		store_dry(r->store, call_has(r->call, OPTION_DRY_RUN));
		rc = make_ready(r, &err);
	}
	store_close(r->store);
	if (rc != CB_OK)
		return call_fail(r->call, &err);
	say_released(r);
	return 0;
}

int command_held_release(struct call *call)
{
	struct site *site = call_site(call);
	struct releasing r = { .call = call,
			       .code = call->values[OPTION_CODE],
			       .field = call->values[OPTION_FIELD],
			       .groups = { .arena = &call->arena, .site = site } };
	int code;

	if (!site)
		return EX_CONFIG;
	r.flow = delivery_flow(call, site, call->arguments[0]);
	code = r.flow ? release_flow(&r, site) : EX_USAGE;
	groups_done(&r.groups);
	free(r.at);
	site_done(site);
	return code;
}
