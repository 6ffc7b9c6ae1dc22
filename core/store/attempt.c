/*
 * attempt.c - what was sent, exactly, and what came of it, for ever.
 *
 * A member without an end is SENDING or IN_DOUBT: that is how a restart finds
 * it.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

static int add_member(struct store *store, int64_t attempt, int64_t position,
		      const struct store_member *member, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO member (attempt, position, delivery, revision, key, payload, digest, "
		"cites, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'sending')");

	statement_int(st, 1, attempt);
	statement_int(st, 2, position);
	statement_int(st, 3, member->delivery);
	statement_int(st, 4, member->revision);
	statement_text(st, 5, member->key);
	statement_blob(st, 6, member->payload);
	statement_string(st, 7, member->digest);
	statement_string(st, 8, member->cites);
	return statement_run(st, err);
}

/* Only what is READY is sent: anything else may be there already. */
static int start_sending(struct store *store, int64_t attempt, int64_t position,
			 const char *account, const struct store_member *member,
			 struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'sending', account = $1, key = $2, "
			   "attempt = $3, position = $4, tries = tries + 1, tried_ms = "
			   "CASE WHEN tried_ms = 0 THEN $5 ELSE tried_ms END, denials = 0, "
			   "not_before = 0, code = NULL, field = NULL, say = NULL "
			   "WHERE id = $6 AND state = 'ready'");
	int rc;

	statement_string(st, 1, account);
	statement_text(st, 2, member->key);
	statement_int(st, 3, attempt);
	statement_int(st, 4, position);
	statement_int(st, 5, store->now);
	statement_int(st, 6, member->delivery);
	rc = statement_run(st, err);
	if (rc == CB_OK && !database_changes(store->db))
		rc = cb_fail(err, CB_REFUSED, "投递 %lld 不在待发状态，不能发送",
			     "delivery %lld is not ready and cannot be sent",
			     (long long)member->delivery);
	return rc;
}

int store_attempt(struct store *store, const char *flow, const char *account, const char *once,
		  bool is_withdrawal, const struct store_member *members, size_t count,
		  int64_t *attempt, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO attempt (id, flow, account, once, begun_ms, "
			   "is_withdrawal) VALUES ($1, $2, $3, $4, $5, $6)");
	int rc;

	assert(store->is_open);
	*attempt = next_number(store, COUNT_ATTEMPT);
	statement_int(st, 1, *attempt);
	statement_string(st, 2, flow);
	statement_string(st, 3, account);
	statement_string(st, 4, once);
	statement_int(st, 5, store->now);
	statement_int(st, 6, is_withdrawal);
	rc = statement_run(st, err);
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		rc = start_sending(store, *attempt, (int64_t)i + 1, account, &members[i], err);
		if (rc == CB_OK)
			rc = add_member(store, *attempt, (int64_t)i + 1, &members[i], err);
	}
	return rc;
}

static int read_attempt(struct store *store, int64_t attempt, struct arena *arena,
			struct store_sent *sent, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT once, account, begun_ms, is_withdrawal FROM attempt WHERE id = $1");
	const char *account;
	int rc;

	statement_int(st, 1, attempt);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc;
	account = column_string(st, 1, arena);
	*sent = (struct store_sent){
		.attempt = attempt,
		.once = column_string(st, 0, arena),
		.account = account ? account : "", /* of a connection that has only one */
		.begun_ms = statement_get_int(st, 2),
		.is_withdrawal = statement_get_int(st, 3) != 0,
	};
	statement_reset(st);
	return CB_OK;
}

static struct store_member read_member(struct statement *st, struct arena *arena, int64_t attempt)
{
	return (struct store_member){
		.delivery = statement_get_int(st, 0),
		.revision = statement_get_int(st, 1),
		.key = arena_copy(arena, statement_get_text(st, 2)),
		.payload = arena_copy(arena, statement_get_blob(st, 3)),
		.digest = column_string(st, 4, arena),
		.cites = column_string(st, 5, arena),
		.state = delivery_state_of(statement_get_text(st, 6)),
		.not_before = statement_get_int(st, 7),
		.denials = statement_get_int(st, 8),
		.is_open = statement_get_int(st, 9) != 0,
		.is_newest = statement_get_int(st, 10) == attempt,
		.record = statement_get_int(st, 12),
		.ended = delivery_state_of(statement_get_text(st, 11)),
	};
}

int store_attempt_read(struct store *store, int64_t attempt, struct arena *arena,
		       struct store_sent *sent, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT m.delivery, m.revision, m.key, m.payload, m.digest, m.cites, "
			   "d.state, d.not_before, d.denials, m.ended_ms IS NULL, d.attempt, "
			   "m.state, d.record FROM member m JOIN delivery d ON d.id = m.delivery "
			   "WHERE m.attempt = $1 ORDER BY m.position");
	struct store_member *at = NULL;
	size_t room = 0, count = 0;
	int rc = read_attempt(store, attempt, arena, sent, err);

	if (rc != CB_OK)
		return rc;
	statement_int(st, 1, attempt);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, count, &room, sizeof(*at));
		at[count++] = read_member(st, arena, attempt);
	}
	sent->members = arena_take(arena, (count + 1) * sizeof(*at));
	sent->count = count;
	if (count)
		memcpy(sent->members, at, count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_accepted(struct store *store, int64_t delivery, struct arena *arena,
		   struct cb_text *payload, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT m.payload FROM member m JOIN delivery d ON d.id = m.delivery "
			   "WHERE m.delivery = $1 AND m.state = 'accepted' AND d.is_there = 1 "
			   "ORDER BY m.attempt DESC LIMIT 1");
	int rc;

	*payload = (struct cb_text){ 0 };
	statement_int(st, 1, delivery);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		*payload = arena_copy(arena, statement_get_blob(st, 0));
		statement_reset(st);
	}
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

int store_tries(struct store *store, int64_t delivery, struct arena *arena,
		struct store_try **tries, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT a.id, a.begun_ms, a.account, a.once, a.is_withdrawal, m.cites, "
		"m.digest, m.state, m.ended_ms, m.receipt, m.say FROM member m "
		"JOIN attempt a ON a.id = m.attempt WHERE m.delivery = $1 ORDER BY a.id");
	struct store_try *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	statement_int(st, 1, delivery);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_try){
			.attempt = statement_get_int(st, 0),
			.begun_ms = statement_get_int(st, 1),
			.account = column_string(st, 2, arena),
			.once = column_string(st, 3, arena),
			.is_withdrawal = statement_get_int(st, 4) != 0,
			.cites = column_string(st, 5, arena),
			.digest = column_string(st, 6, arena),
			.state = delivery_state_of(statement_get_text(st, 7)),
			.ended_ms = statement_get_int(st, 8),
			.receipt = column_string(st, 9, arena),
			.say = column_string(st, 10, arena),
		};
	}
	*tries = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*tries, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_send(struct store *store, int64_t attempt, int64_t sent_ms, enum cb_verdict verdict,
	       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO send (attempt, number, sent_ms, ended_ms, verdict) SELECT "
			   "$1, COUNT(*), $2, $3, $4 FROM send WHERE attempt = $1");

	assert(store->is_open);
	statement_int(st, 1, attempt);
	statement_int(st, 2, sent_ms);
	statement_int(st, 3, store->now);
	statement_int(st, 4, verdict);
	return statement_run(st, err);
}

int store_sends(struct store *store, int64_t attempt, struct arena *arena,
		struct store_send **sends, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT sent_ms, ended_ms, verdict FROM send WHERE attempt = $1 "
			   "ORDER BY number");
	struct store_send *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	statement_int(st, 1, attempt);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_send){
			.sent_ms = statement_get_int(st, 0),
			.ended_ms = statement_get_int(st, 1),
			.verdict = (enum cb_verdict)statement_get_int(st, 2),
		};
	}
	*sends = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*sends, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}
