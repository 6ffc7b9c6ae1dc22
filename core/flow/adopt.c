/*
 * adopt.c - what stands at the target already, entered by hand or before our
 * time, is linked with our records, so that it does not go there again.
 *
 * Nothing is compared here: what was typed by hand never is the same to the
 * letter, and reconciling shows what differs. A record that this flow would not
 * send now is left alone: linked, its next change would withdraw it.
 */
#include <stdlib.h>

#include "flow/inside.h"

struct adopting {
	struct flow_adopted *counts;
	const struct site_account *account;
	struct condition *fits; /* the flow's own */
	void (*each)(void *with, enum adoption what, const char *account, struct cb_text key);
	void *with;
};

/* Our record: by the key as it comes back in, else by the key itself. */
static int find_record(struct run *run, const struct listed *listed, int64_t *id,
		       struct cb_error *err)
{
	const struct table *entity = run->flow->entity;
	uint32_t slot = table_key(entity);
	struct cb_text key = listed->key;

	if (listed->row && slot != NO_SLOT && listed->row->values[slot].len)
		key = listed->row->values[slot];
	return store_find(run->engine->store, entity, key, id, err);
}

/* Would the flow send it, as it is now? */
static int is_due(struct run *run, int64_t id, bool *is_due, struct cb_error *err)
{
	struct store *store = run->engine->store;
	struct arena arena = { 0 };
	struct row *row;
	int rc = store_get(store, run->flow->entity, id, &arena, &row, err);

	if (rc == CB_OK && run->flow->when)
		rc = store_join(store, run->flow->entity, row, &arena, err);
	*is_due = rc == CB_OK && (!run->flow->when || condition_holds(run->flow->when, row));
	arena_done(&arena);
	return rc;
}

static int link_record(struct run *run, const struct adopting *a, const struct listed *listed,
		       int64_t id, struct arena *arena, enum adoption *what, struct cb_error *err)
{
	struct store *store = run->engine->store;
	const char *flow = run->flow->name;
	struct store_delivery d;
	int64_t revision;
	int rc = store_revision(store, run->flow->entity, id, &revision, err);

	if (rc == CB_OK)
		rc = store_want(store, flow, id, revision, err);
	if (rc == CB_OK)
		rc = store_delivery_of(store, flow, id, arena, &d, err);
	if (rc != CB_OK)
		return rc;
	*what = ADOPT_LINKED;
	if (d.is_there) {
		*what = ADOPT_KNOWN;
		return CB_OK;
	}
	rc = store_adopt(store, d.id, a->account->name, listed->key,
			 listed->receipt.len ? arena_string(arena, listed->receipt) : NULL, err);
	if (rc == CB_REFUSED) {
		*what = ADOPT_BUSY;
		return CB_OK;
	}
	return rc == CB_OK
		       ? store_audit(store, run->engine->who, "adopt",
				     arena_printf(arena, "%s %.*s", flow, CB_TEXT_ARG(listed->key)),
				     a->account->name, err)
		       : rc;
}

static int judge(struct run *run, const struct adopting *a, const struct listed *listed,
		 struct arena *arena, enum adoption *what, struct cb_error *err)
{
	struct store_delivery d;
	bool due = false;
	int64_t id;
	int rc = store_delivery_by_key(run->engine->store, run->flow->name, listed->key, arena, &d,
				       err);

	if (rc == CB_OK) {
		*what = d.is_there ? ADOPT_KNOWN : ADOPT_BUSY;
		if (d.is_there || d.state == DELIVERY_SENDING || d.state == DELIVERY_IN_DOUBT)
			return CB_OK;
		return link_record(run, a, listed, d.record, arena, what, err);
	}
	if (rc != CB_END)
		return rc;
	rc = find_record(run, listed, &id, err);
	if (rc == CB_END) {
		*what = ADOPT_UNKNOWN;
		return CB_OK;
	}
	if (rc == CB_OK)
		rc = is_due(run, id, &due, err);
	if (rc != CB_OK)
		return rc;
	*what = ADOPT_UNFIT;
	return due ? link_record(run, a, listed, id, arena, what, err) : CB_OK;
}

static int adopt_one(void *with, struct run *run, const struct listed *listed, struct cb_error *err)
{
	struct adopting *a = with;
	struct arena arena = { 0 };
	enum adoption what = ADOPT_KNOWN;
	int rc = run_open(run, err);

	if (rc == CB_OK)
		rc = judge(run, a, listed, &arena, &what, err);
	if (rc == CB_OK && !run->options->is_dry)
		rc = run_commit(run, err);
	if (rc == CB_OK) {
		a->counts->listed++;
		a->counts->by[what]++;
		if (a->each)
			a->each(a->with, what, a->account->name, listed->key);
	}
	arena_done(&arena);
	return rc;
}

int adopt_run(struct run *run, int64_t from, int64_t to, struct flow_adopted *counts,
	      void (*each)(void *, enum adoption, const char *, struct cb_text), void *with,
	      struct cb_error *err)
{
	const struct site_connection *c = run->flow->connection;
	int rc = CB_OK;

	if (!run->flow->stream->can_list)
		return cb_fail(err, CB_SETUP,
			       "连接器 %s 的数据流 %s 没有 <list>：问不出对方持有哪些",
			       "connector %s, stream %s has no <list>: they cannot be asked what "
			       "they hold",
			       c->manifest->name, run->flow->stream->name);
	for (size_t i = 0; i < c->account_count && rc == CB_OK && !run_stops(run); i++) {
		struct adopting a = {
			.counts = counts, .account = &c->accounts[i], .each = each, .with = with
		};

		rc = listing(run, &c->accounts[i], from, to ? to + CLOCKS_DIFFER_MS : 0,
			     &(struct listener){ adopt_one, &a }, err);
		if (rc != CB_OK)
			cb_error_prefix(err, "账号 %s：", "account %s: ", c->accounts[i].name);
	}
	run_rollback(run);
	return rc;
}
