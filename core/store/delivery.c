/*
 * delivery.c - one record's way to one target: what is wanted, what is due, and
 * looking at it.
 *
 * A delivery row says what is wanted and what is settled; attempt.c has what was
 * sent of it, settle.c how it moves from state to state.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

static const char *const state_words[] = {
	[DELIVERY_WAITING] = "waiting",     [DELIVERY_READY] = "ready",
	[DELIVERY_SENDING] = "sending",     [DELIVERY_ACCEPTED] = "accepted",
	[DELIVERY_REJECTED] = "rejected",   [DELIVERY_IN_DOUBT] = "in-doubt",
	[DELIVERY_CONFLICT] = "conflict",   [DELIVERY_HELD] = "held",
	[DELIVERY_WITHDRAWN] = "withdrawn", [DELIVERY_SUPERSEDED] = "superseded",
};

const char *delivery_state_word(enum delivery_state state)
{
	return state_words[state];
}

enum delivery_state delivery_state_of(struct cb_text word)
{
	for (int i = 0; i < DELIVERY_STATES; i++)
		if (cb_text_is(word, state_words[i]))
			return (enum delivery_state)i;
	return DELIVERY_HELD; /* a word of a newer version: leave it alone */
}

/* A newer revision makes these READY; the others are under way, or a person's. */
#define AT_REST                                                                                    \
	"(delivery.state IN ('waiting', 'accepted', 'rejected', 'withdrawn') OR (delivery.state "  \
	"= 'held' AND COALESCE(delivery.code, '') <> 'doubt'))"

int store_want(struct store *store, const char *flow, int64_t record, int64_t revision,
	       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO delivery (id, flow, record, state, wanted, settled, attempt, "
		"position, not_before, tries) VALUES ($1, $2, $3, 'ready', $4, 0, 0, 0, 0, 0) "
		"ON CONFLICT (record, flow) DO UPDATE SET wanted = excluded.wanted, "
		"is_withdrawal = 0, "
		"not_before = CASE WHEN " AT_REST " THEN 0 ELSE delivery.not_before END, "
		"tries = CASE WHEN " AT_REST " THEN 0 ELSE delivery.tries END, "
		"tried_ms = CASE WHEN " AT_REST " THEN 0 ELSE delivery.tried_ms END, "
		"state = CASE WHEN " AT_REST " THEN 'ready' ELSE delivery.state END "
		"WHERE excluded.wanted > delivery.wanted");

	assert(store->is_open);
	statement_int(st, 1, next_number(store, COUNT_DELIVERY));
	statement_string(st, 2, flow);
	statement_int(st, 3, record);
	statement_int(st, 4, revision);
	return statement_run(st, err);
}

int store_unwant(struct store *store, const char *flow, int64_t record, int64_t revision,
		 struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"UPDATE delivery SET wanted = $1, is_withdrawal = 1, "
		"settled = CASE WHEN is_there = 0 AND (state = 'ready' OR " AT_REST
		") THEN $1 ELSE settled END, "
		"code = CASE WHEN is_there = 0 AND (state = 'ready' OR " AT_REST
		") THEN CASE WHEN state = 'withdrawn' THEN code ELSE 'unfit' END ELSE code END, "
		"say = CASE WHEN state = 'ready' OR " AT_REST " THEN NULL ELSE say END, "
		"not_before = CASE WHEN state = 'ready' OR " AT_REST " THEN 0 ELSE not_before END, "
		"tries = CASE WHEN " AT_REST " THEN 0 ELSE tries END, "
		"tried_ms = CASE WHEN " AT_REST " THEN 0 ELSE tried_ms END, "
		"state = CASE WHEN NOT (state = 'ready' OR " AT_REST ") THEN state "
		"WHEN is_there = 0 THEN 'withdrawn' ELSE 'ready' END "
		"WHERE flow = $2 AND record = $3 AND wanted < $1");

	assert(store->is_open);
	statement_int(st, 1, revision);
	statement_string(st, 2, flow);
	statement_int(st, 3, record);
	return statement_run(st, err);
}

#define DELIVERIES                                                                                 \
	"SELECT d.id, d.record, d.flow, d.account, d.key, d.state, d.wanted, d.settled, "          \
	"d.attempt, m.payload, d.digest, d.receipt, d.say, d.field, d.code, d.not_before, "        \
	"d.tries, d.tried_ms, d.is_there, d.is_withdrawal, d.offered, d.approved, d.denials, "     \
	"d.copies_until "                                                                          \
	"FROM delivery d LEFT JOIN member m ON m.attempt = d.attempt AND "                         \
	"m.position = d.position "

static void read_delivery(struct statement *st, struct arena *arena, struct store_delivery *d)
{
	*d = (struct store_delivery){
		.id = statement_get_int(st, 0),
		.record = statement_get_int(st, 1),
		.flow = column_string(st, 2, arena),
		.account = column_string(st, 3, arena),
		.key = column_string(st, 4, arena),
		.state = delivery_state_of(statement_get_text(st, 5)),
		.wanted = statement_get_int(st, 6),
		.settled = statement_get_int(st, 7),
		.attempt = statement_get_int(st, 8),
		.payload = arena_copy(arena, statement_get_blob(st, 9)),
		.digest = column_string(st, 10, arena),
		.receipt = column_string(st, 11, arena),
		.say = column_string(st, 12, arena),
		.field = column_string(st, 13, arena),
		.code = column_string(st, 14, arena),
		.not_before = statement_get_int(st, 15),
		.tries = statement_get_int(st, 16),
		.tried_ms = statement_get_int(st, 17),
		.is_there = statement_get_int(st, 18) != 0,
		.is_withdrawal = statement_get_int(st, 19) != 0,
		.offered = column_string(st, 20, arena),
		.approved = column_string(st, 21, arena),
		.denials = statement_get_int(st, 22),
		.copies_until = statement_get_int(st, 23),
	};
}

struct delivery_list {
	struct store_delivery *at;
	size_t count, room;
};

static int read_all(struct statement *st, struct arena *arena, struct delivery_list *list,
		    struct cb_error *err)
{
	int rc;

	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&list->at, list->count, &list->room, sizeof(*list->at));
		read_delivery(st, arena, &list->at[list->count++]);
	}
	return rc == CB_END ? CB_OK : rc;
}

enum { DUE_AT_ONCE = 64 }; /* payloads in memory together */

int store_due(struct store *store, const char *flow, enum delivery_state state, const char *account,
	      int64_t now, int64_t after_id, int64_t most,
	      int (*each)(void *with, const struct store_delivery *d, struct cb_error *err),
	      void *with, struct cb_error *err)
{
	struct delivery_list list = { .count = DUE_AT_ONCE };
	struct arena arena = { 0 };
	int rc = CB_OK;

	/* A few at a time, read to the end before anybody is called: who is called settles them. */
	while (rc == CB_OK && most > 0 && list.count == DUE_AT_ONCE) {
		struct statement *st =
			database_statement(store->db, DELIVERIES
					   "WHERE d.flow = $1 AND d.state = $2 AND d.id > $3 AND "
					   "d.not_before <= $4 AND ($5 IS NULL OR d.account = $5) "
					   "ORDER BY d.id LIMIT $6");

		arena_clear(&arena);
		list.count = 0;
		statement_string(st, 1, flow);
		statement_string(st, 2, state_words[state]);
		statement_int(st, 3, after_id);
		statement_int(st, 4, now);
		statement_string(st, 5, account);
		statement_int(st, 6, most < DUE_AT_ONCE ? most : DUE_AT_ONCE);
		rc = read_all(st, &arena, &list, err);
		for (size_t i = 0; i < list.count && rc == CB_OK; i++) {
			after_id = list.at[i].id;
			rc = each(with, &list.at[i], err);
		}
		most -= (int64_t)list.count;
	}
	free(list.at);
	arena_done(&arena);
	return rc;
}

int store_delivery_of(struct store *store, const char *flow, int64_t record, struct arena *arena,
		      struct store_delivery *out, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, DELIVERIES "WHERE d.record = $1 AND d.flow = $2");
	int rc;

	statement_int(st, 1, record);
	statement_string(st, 2, flow);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		read_delivery(st, arena, out);
		statement_reset(st);
	}
	return rc;
}

int store_delivery_by_key(struct store *store, const char *flow, struct cb_text key,
			  struct arena *arena, struct store_delivery *out, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, DELIVERIES "WHERE d.flow = $1 AND d.key = $2 "
							 "ORDER BY d.id DESC LIMIT 1");
	int rc;

	statement_string(st, 1, flow);
	statement_text(st, 2, key);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		read_delivery(st, arena, out);
		statement_reset(st);
	}
	return rc;
}

int store_key_taken(struct store *store, const char *flow, struct cb_text key, int64_t except,
		    bool *is_taken, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT 1 FROM delivery WHERE flow = $1 AND key = $2 AND id <> $3 AND "
			   "(is_there = 1 OR state IN ('sending', 'in-doubt', 'conflict') OR "
			   "(state = 'held' AND code = 'doubt')) LIMIT 1");
	int64_t found;
	int rc;

	statement_string(st, 1, flow);
	statement_text(st, 2, key);
	statement_int(st, 3, except);
	rc = statement_one(st, &found, err);
	*is_taken = rc == CB_OK;
	return rc == CB_END ? CB_OK : rc;
}

int store_wake(struct store *store, const char *flow, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'ready', code = NULL, say = NULL, "
			   "not_before = 0 WHERE flow = $1 AND state = 'waiting' AND "
			   "COALESCE(code, '') <> 'approval' AND (not_before <= $2 OR "
			   "code = 'login')");

	assert(store->is_open);
	statement_string(st, 1, flow);
	statement_int(st, 2, store->now);
	return statement_run(st, err);
}

int store_next(struct store *store, const char *flow, int64_t *ms, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT not_before FROM delivery WHERE flow = $1 AND not_before > 0 AND "
			   "(state = 'in-doubt' OR (state = 'waiting' AND "
			   "COALESCE(code, '') NOT IN ('approval', 'login'))) "
			   "ORDER BY not_before LIMIT 1");
	int rc;

	*ms = 0;
	statement_string(st, 1, flow);
	rc = statement_one(st, ms, err);
	return rc == CB_END ? CB_OK : rc;
}

int store_deliveries(struct store *store, int64_t record, struct arena *arena,
		     struct store_delivery **out, size_t *count, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, DELIVERIES "WHERE d.record = $1 ORDER BY d.flow");
	struct delivery_list list = { 0 };
	int rc;

	statement_int(st, 1, record);
	rc = read_all(st, arena, &list, err);
	*count = list.count;
	*out = arena_take(arena, (list.count + 1) * sizeof(*list.at));
	if (list.count)
		memcpy(*out, list.at, list.count * sizeof(*list.at));
	free(list.at);
	return rc;
}

int store_delivery_counts(struct store *store, const char *flow, int64_t *counts,
			  struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT state, COUNT(*) FROM delivery WHERE flow = $1 GROUP BY state");
	int rc;

	memset(counts, 0, DELIVERY_STATES * sizeof(*counts));
	statement_string(st, 1, flow);
	while ((rc = statement_step(st, err)) == CB_OK)
		counts[delivery_state_of(statement_get_text(st, 0))] += statement_get_int(st, 1);
	return rc == CB_END ? CB_OK : rc;
}

int store_plan(struct store *store, const char *flow, int64_t *after, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT after FROM plan WHERE flow = $1");
	int rc;

	*after = 0;
	statement_string(st, 1, flow);
	rc = statement_one(st, after, err);
	return rc == CB_END ? CB_OK : rc;
}

int store_plan_set(struct store *store, const char *flow, int64_t after, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO plan (flow, after) VALUES ($1, $2) ON CONFLICT (flow) "
			   "DO UPDATE SET after = excluded.after");

	assert(store->is_open);
	statement_string(st, 1, flow);
	statement_int(st, 2, after);
	return statement_run(st, err);
}
