/*
 * delivery.c - one record's way to one target.
 *
 * A delivery row says what is wanted and what is settled; the members of its
 * attempts keep what was sent, exactly, and what came of it, for ever. A member
 * without an end is SENDING or IN_DOUBT: that is how a restart finds them.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

static const char *const state_words[] = { "waiting",  "ready",    "sending", "accepted",
					   "rejected", "in-doubt", "held" };

enum { STATES = sizeof(state_words) / sizeof(*state_words) };

const char *delivery_state_word(enum delivery_state state)
{
	return state_words[state];
}

static enum delivery_state state_of(struct cb_text word)
{
	for (int i = 0; i < STATES; i++)
		if (cb_text_is(word, state_words[i]))
			return (enum delivery_state)i;
	return DELIVERY_HELD; /* a word of a newer version: leave it alone */
}

int store_want(struct store *store, const char *flow, int64_t record, int64_t revision,
	       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO delivery (id, flow, record, state, wanted, settled, attempt, "
		"position, not_before, tries) VALUES ($1, $2, $3, 'ready', $4, 0, 0, 0, 0, 0) "
		"ON CONFLICT (record, flow) DO UPDATE SET wanted = excluded.wanted, "
		"not_before = CASE WHEN delivery.state IN ('accepted', 'rejected', 'held') THEN 0 "
		"ELSE delivery.not_before END, "
		"tries = CASE WHEN delivery.state IN ('accepted', 'rejected', 'held') THEN 0 "
		"ELSE delivery.tries END, "
		"state = CASE WHEN delivery.state IN ('accepted', 'rejected', 'held') THEN 'ready' "
		"ELSE delivery.state END WHERE excluded.wanted > delivery.wanted");

	assert(store->is_open);
	statement_int(st, 1, next_number(store, COUNT_DELIVERY));
	statement_string(st, 2, flow);
	statement_int(st, 3, record);
	statement_int(st, 4, revision);
	return statement_run(st, err);
}

#define DELIVERIES                                                                                 \
	"SELECT d.id, d.record, d.flow, d.account, d.key, d.state, d.wanted, d.settled, "          \
	"d.attempt, m.payload, d.digest, d.receipt, d.say, d.field, d.code, d.not_before, "        \
	"d.tries FROM delivery d LEFT JOIN member m ON m.attempt = d.attempt AND "                 \
	"m.position = d.position "

static void read_delivery(struct statement *st, struct arena *arena, struct store_delivery *d)
{
	*d = (struct store_delivery){
		.id = statement_get_int(st, 0),
		.record = statement_get_int(st, 1),
		.flow = column_string(st, 2, arena),
		.account = column_string(st, 3, arena),
		.key = column_string(st, 4, arena),
		.state = state_of(statement_get_text(st, 5)),
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

static int add_member(struct store *store, int64_t attempt, int64_t position,
		      const struct store_member *member, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO member (attempt, position, delivery, revision, key, payload, digest, "
		"state) VALUES ($1, $2, $3, $4, $5, $6, $7, 'sending')");

	statement_int(st, 1, attempt);
	statement_int(st, 2, position);
	statement_int(st, 3, member->delivery);
	statement_int(st, 4, member->revision);
	statement_text(st, 5, member->key);
	statement_blob(st, 6, member->payload);
	statement_string(st, 7, member->digest);
	return statement_run(st, err);
}

/* Only what is READY is sent: anything else may be there already. */
static int start_sending(struct store *store, int64_t attempt, int64_t position,
			 const char *account, const struct store_member *member,
			 struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'sending', account = $1, key = $2, "
			   "attempt = $3, position = $4, tries = tries + 1, code = NULL, "
			   "field = NULL, say = NULL WHERE id = $5 AND state = 'ready'");
	int rc;

	statement_string(st, 1, account);
	statement_text(st, 2, member->key);
	statement_int(st, 3, attempt);
	statement_int(st, 4, position);
	statement_int(st, 5, member->delivery);
	rc = statement_run(st, err);
	if (rc == CB_OK && !database_changes(store->db))
		rc = cb_fail(err, CB_REFUSED, "投递 %lld 不在待发状态，不能发送",
			     "delivery %lld is not ready and cannot be sent",
			     (long long)member->delivery);
	return rc;
}

int store_attempt(struct store *store, const char *flow, const char *account, const char *once,
		  const struct store_member *members, size_t count, int64_t *attempt,
		  struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO attempt (id, flow, account, once, begun_ms) "
			   "VALUES ($1, $2, $3, $4, $5)");
	int rc;

	assert(store->is_open);
	*attempt = next_number(store, COUNT_ATTEMPT);
	statement_int(st, 1, *attempt);
	statement_string(st, 2, flow);
	statement_string(st, 3, account);
	statement_string(st, 4, once);
	statement_int(st, 5, store->now);
	rc = statement_run(st, err);
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		rc = start_sending(store, *attempt, (int64_t)i + 1, account, &members[i], err);
		if (rc == CB_OK)
			rc = add_member(store, *attempt, (int64_t)i + 1, &members[i], err);
	}
	return rc;
}

static int read_attempt(struct store *store, int64_t attempt, struct arena *arena,
			const char **once, const char **account, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT once, account FROM attempt WHERE id = $1");
	int rc;

	statement_int(st, 1, attempt);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc;
	*once = column_string(st, 0, arena);
	*account = column_string(st, 1, arena);
	statement_reset(st);
	return CB_OK;
}

int store_attempt_read(struct store *store, int64_t attempt, struct arena *arena, const char **once,
		       const char **account, struct store_member **members, size_t *count,
		       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT m.delivery, m.revision, m.key, m.payload, m.digest, d.state, "
			   "d.not_before FROM member m JOIN delivery d ON d.id = m.delivery "
			   "WHERE m.attempt = $1 AND m.ended_ms IS NULL ORDER BY m.position");
	struct store_member *at = NULL;
	size_t room = 0;
	int rc = read_attempt(store, attempt, arena, once, account, err);

	*count = 0;
	if (rc != CB_OK)
		return rc;
	statement_int(st, 1, attempt);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_member){
			.delivery = statement_get_int(st, 0),
			.revision = statement_get_int(st, 1),
			.key = arena_copy(arena, statement_get_text(st, 2)),
			.payload = arena_copy(arena, statement_get_blob(st, 3)),
			.digest = column_string(st, 4, arena),
			.state = state_of(statement_get_text(st, 5)),
			.not_before = statement_get_int(st, 6),
		};
	}
	*members = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*members, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_attempts_open(struct store *store, const char *flow, struct arena *arena,
			int64_t **attempts, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT DISTINCT m.attempt FROM member m JOIN attempt a "
			   "ON a.id = m.attempt WHERE m.ended_ms IS NULL AND a.flow = $1 "
			   "ORDER BY m.attempt");
	int64_t *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	statement_string(st, 1, flow);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = statement_get_int(st, 0);
	}
	*attempts = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*attempts, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

/* What a delivery is, and what its newest attempt sent. */
struct standing {
	enum delivery_state state;
	int64_t wanted, settled, attempt, position, sent;
	struct cb_text digest; /* of what was sent */
};

static int read_standing(struct store *store, int64_t delivery, struct arena *arena,
			 struct standing *out, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT d.state, d.wanted, d.settled, d.attempt, d.position, "
			   "m.revision, m.digest FROM delivery d LEFT JOIN member m "
			   "ON m.attempt = d.attempt AND m.position = d.position WHERE d.id = $1");
	int rc;

	statement_int(st, 1, delivery);
	rc = statement_step(st, err);
	if (rc == CB_END)
		return cb_fail(err, CB_BROKEN, "存储里没有投递 %lld",
			       "the store has no delivery %lld", (long long)delivery);
	if (rc != CB_OK)
		return rc;
	*out = (struct standing){
		.state = state_of(statement_get_text(st, 0)),
		.wanted = statement_get_int(st, 1),
		.settled = statement_get_int(st, 2),
		.attempt = statement_get_int(st, 3),
		.position = statement_get_int(st, 4),
		.sent = statement_get_int(st, 5),
		.digest = arena_copy(arena, statement_get_text(st, 6)),
	};
	statement_reset(st);
	return CB_OK;
}

static bool is_under_way(enum delivery_state state)
{
	return state == DELIVERY_SENDING || state == DELIVERY_IN_DOUBT;
}

static int settle_member(struct store *store, const struct standing *s, enum delivery_state state,
			 const char *receipt, const char *code, const char *field, const char *say,
			 struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE member SET state = $1, receipt = $2, code = $3, field = $4, "
			   "say = $5, ended_ms = $6 WHERE attempt = $7 AND position = $8");

	statement_string(st, 1, state_words[state]);
	statement_string(st, 2, receipt);
	statement_string(st, 3, code);
	statement_string(st, 4, field);
	statement_string(st, 5, say);
	if (is_under_way(state))
		statement_null(st, 6);
	else
		statement_int(st, 6, store->now);
	statement_int(st, 7, s->attempt);
	statement_int(st, 8, s->position);
	return statement_run(st, err);
}

static int set_accepted(struct store *store, int64_t delivery, const struct standing *s,
			const char *receipt, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET settled = $1, digest = COALESCE($2, digest), "
			   "receipt = COALESCE($3, receipt) WHERE id = $4");

	statement_int(st, 1, s->sent);
	statement_text(st, 2, s->digest);
	statement_string(st, 3, receipt);
	statement_int(st, 4, delivery);
	return statement_run(st, err);
}

static int set_state(struct store *store, int64_t delivery, enum delivery_state state,
		     const char *code, const char *field, const char *say, int64_t not_before,
		     struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = $1, code = $2, field = $3, say = $4, "
			   "not_before = $5 WHERE id = $6");

	statement_string(st, 1, state_words[state]);
	statement_string(st, 2, code);
	statement_string(st, 3, field);
	statement_string(st, 4, say);
	statement_int(st, 5, not_before);
	statement_int(st, 6, delivery);
	return statement_run(st, err);
}

int store_settle(struct store *store, int64_t delivery, enum delivery_state state,
		 const char *receipt, const char *code, const char *field, const char *say,
		 int64_t not_before, struct cb_error *err)
{
	struct standing s = { 0 };
	bool was_under_way;
	int rc;

	assert(store->is_open);
	arena_clear(&store->arena);
	rc = read_standing(store, delivery, &store->arena, &s, err);
	if (rc != CB_OK)
		return rc;
	was_under_way = is_under_way(s.state);
	if (!was_under_way)
		s.digest = (struct cb_text){ 0 };
	if (!was_under_way && is_under_way(state))
		return cb_fail(err, CB_REFUSED, "投递 %lld 没有发出，不能变为 %s",
			       "delivery %lld was not sent and cannot become %s",
			       (long long)delivery, state_words[state]);
	if (was_under_way)
		rc = settle_member(store, &s, state, receipt, code, field, say, err);
	else if (state == DELIVERY_ACCEPTED) /* it was there before we sent anything */
		s.sent = s.wanted;
	if (rc == CB_OK && state == DELIVERY_ACCEPTED)
		rc = set_accepted(store, delivery, &s, receipt, err);
	/* The record has moved on while this was on its way: what is final is final for the old
	 * revision only. */
	if (was_under_way && s.wanted > s.sent &&
	    (state == DELIVERY_ACCEPTED || state == DELIVERY_REJECTED)) {
		state = DELIVERY_READY;
		not_before = 0;
	}
	return rc == CB_OK ? set_state(store, delivery, state, code, field, say, not_before, err)
			   : rc;
}

int store_settle_same(struct store *store, int64_t delivery, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'accepted', settled = wanted, code = NULL, "
			   "field = NULL, say = NULL, not_before = 0 WHERE id = $1 AND state NOT "
			   "IN ('sending', 'in-doubt') AND digest IS NOT NULL");
	int rc;

	assert(store->is_open);
	statement_int(st, 1, delivery);
	rc = statement_run(st, err);
	if (rc == CB_OK && !database_changes(store->db))
		rc = cb_fail(err, CB_REFUSED, "投递 %lld 还没有被接收过，或正在发送",
			     "delivery %lld was never accepted, or is being sent",
			     (long long)delivery);
	return rc;
}

int store_delivery_counts(struct store *store, const char *flow, int64_t *counts,
			  struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT state, COUNT(*) FROM delivery WHERE flow = $1 GROUP BY state");
	int rc;

	memset(counts, 0, STATES * sizeof(*counts));
	statement_string(st, 1, flow);
	while ((rc = statement_step(st, err)) == CB_OK)
		counts[state_of(statement_get_text(st, 0))] += statement_get_int(st, 1);
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
