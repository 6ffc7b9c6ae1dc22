/*
 * receipt.c - what is learned of a delivery besides sending it: that it stood
 * there before our time, and what the target says of it later.
 */
#include "store/inside.h"

#include <assert.h>

int store_adopt(struct store *store, int64_t delivery, const char *account, struct cb_text key,
		const char *receipt, struct cb_error *err)
{
	const struct store_outcome there = { .state = DELIVERY_ACCEPTED, .receipt = receipt };
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET account = $1, key = $2 WHERE id = $3");
	int rc;

	assert(store->is_open);
	statement_string(st, 1, account);
	statement_text(st, 2, key);
	statement_int(st, 3, delivery);
	rc = statement_run(st, err);
	return rc == CB_OK ? store_settle(store, delivery, &there, err) : rc;
}

int store_receipt(struct store *store, int64_t delivery, const char *receipt, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE member SET receipt = $1 WHERE state = 'accepted' AND "
			   "(attempt, position) IN (SELECT attempt, position FROM delivery "
			   "WHERE id = $2)");
	int rc;

	assert(store->is_open);
	statement_string(st, 1, receipt);
	statement_int(st, 2, delivery);
	rc = statement_run(st, err);
	if (rc != CB_OK)
		return rc;
	st = database_statement(store->db, "UPDATE delivery SET receipt = $1 WHERE id = $2");
	statement_string(st, 1, receipt);
	statement_int(st, 2, delivery);
	return statement_run(st, err);
}

int store_turned_down(struct store *store, int64_t delivery, const char *say, const char *field,
		      struct cb_error *err)
{
	/* Without the digest: the same content may go again once a person releases it. */
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'rejected', code = 'review', say = $1, "
			   "field = $2, digest = NULL WHERE id = $3 AND state = 'accepted'");

	assert(store->is_open);
	statement_string(st, 1, say);
	statement_string(st, 2, field);
	statement_int(st, 3, delivery);
	return statement_run(st, err);
}

int store_gone(struct store *store, int64_t delivery, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'ready', is_there = 0, digest = NULL, "
			   "not_before = 0, tries = 0, code = NULL, say = NULL, field = NULL "
			   "WHERE id = $1 AND state = 'accepted'");

	assert(store->is_open);
	statement_int(st, 1, delivery);
	return statement_run(st, err);
}

int store_differs(struct store *store, int64_t delivery, const char *fields, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'conflict', code = 'differs', field = $1 "
			   "WHERE id = $2 AND state = 'accepted'");

	assert(store->is_open);
	statement_string(st, 1, fields);
	statement_int(st, 2, delivery);
	return statement_run(st, err);
}

int store_ask_now(struct store *store, int64_t delivery, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"UPDATE delivery SET not_before = 0 WHERE id = $1 AND state = 'in-doubt'");

	assert(store->is_open);
	statement_int(st, 1, delivery);
	return statement_run(st, err);
}

/* What was accepted of a flow in [from, to), in order of account and time. */
int store_accepted_between(struct store *store, const char *flow, int64_t from, int64_t to,
			   int (*each)(void *with, const struct store_proof *proof,
				       struct cb_error *err),
			   void *with, struct cb_error *err)
{
	struct statement *st = statement_new(
		store->db,
		"SELECT m.key, a.account, m.ended_ms, COALESCE(m.receipt, d.receipt), d.record, "
		"a.is_withdrawal, m.cites IS NOT NULL, m.attempt = d.attempt, d.state, a.id, "
		"m.delivery FROM member m "
		"JOIN attempt a ON a.id = m.attempt JOIN delivery d ON d.id = m.delivery "
		"WHERE a.flow = $1 AND m.state IN ('accepted', 'withdrawn') AND m.ended_ms >= $2 "
		"AND m.ended_ms < $3 ORDER BY a.account, m.ended_ms, m.attempt, m.position");
	struct arena arena = { 0 };
	int rc;

	statement_string(st, 1, flow);
	statement_int(st, 2, from);
	statement_int(st, 3, to);
	while ((rc = statement_step(st, err)) == CB_OK) {
		struct store_proof proof = {
			.key = column_string(st, 0, &arena),
			.account = column_string(st, 1, &arena),
			.at_ms = statement_get_int(st, 2),
			.receipt = column_string(st, 3, &arena),
			.record = statement_get_int(st, 4),
			.is_withdrawal = statement_get_int(st, 5) != 0,
			.is_correction = statement_get_int(st, 6) != 0,
			.is_newest = statement_get_int(st, 7) != 0,
			.state = delivery_state_of(statement_get_text(st, 8)),
			.attempt = statement_get_int(st, 9),
			.delivery = statement_get_int(st, 10),
		};

		rc = each(with, &proof, err);
		if (rc != CB_OK)
			break;
		arena_clear(&arena);
	}
	statement_free(st);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}
