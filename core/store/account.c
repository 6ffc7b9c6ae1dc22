/*
 * account.c - what an account may do: locked until a person has looked, because
 * every further try could close it there; or resting, and how much it has used.
 */
#include "store/inside.h"

#include <assert.h>

int store_lock(struct store *store, const char *account, const char *say, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO account_lock (account, since_ms, say) VALUES ($1, $2, $3) "
			   "ON CONFLICT (account) DO UPDATE SET say = excluded.say");

	assert(store->is_open);
	statement_string(st, 1, account);
	statement_int(st, 2, store->now);
	statement_string(st, 3, say);
	return statement_run(st, err);
}

int store_unlock(struct store *store, const char *account, bool *was_locked, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "DELETE FROM account_lock WHERE account = $1");
	int rc;

	assert(store->is_open);
	statement_string(st, 1, account);
	rc = statement_run(st, err);
	*was_locked = rc == CB_OK && database_changes(store->db) > 0;
	if (rc != CB_OK)
		return rc;
	/* What a person has mended counts from the beginning. */
	st = database_statement(store->db, "UPDATE pace SET failures = 0, refusals = 0, "
					   "rest_until_ms = 0, failing_ms = 0, say = NULL "
					   "WHERE account = $1");
	statement_string(st, 1, account);
	return statement_run(st, err);
}

int store_locked(struct store *store, const char *account, struct arena *arena, const char **say,
		 int64_t *since_ms, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT say, since_ms FROM account_lock WHERE account = $1");
	int rc;

	statement_string(st, 1, account);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc;
	*say = column_string(st, 0, arena);
	*since_ms = statement_get_int(st, 1);
	statement_reset(st);
	return CB_OK;
}

int store_locks(struct store *store,
		int (*each)(void *with, const char *account, const char *say, int64_t since_ms,
			    struct cb_error *err),
		void *with, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT account, say, since_ms FROM account_lock ORDER BY account");

	return pass_rows(st, each, with, err);
}

int store_pace(struct store *store, const char *account, struct arena *arena,
	       struct store_pace *pace, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT failures, refusals, rest_until_ms, failing_ms, succeeded_ms, "
			   "day, used, window_ms, requests, retries, say FROM pace "
			   "WHERE account = $1");
	int rc;

	*pace = (struct store_pace){ 0 };
	statement_string(st, 1, account);
	rc = statement_step(st, err);
	if (rc == CB_END)
		return CB_OK;
	if (rc != CB_OK)
		return rc;
	*pace = (struct store_pace){
		.failures = statement_get_int(st, 0),
		.refusals = statement_get_int(st, 1),
		.rest_until_ms = statement_get_int(st, 2),
		.failing_ms = statement_get_int(st, 3),
		.succeeded_ms = statement_get_int(st, 4),
		.day = statement_get_int(st, 5),
		.used = statement_get_int(st, 6),
		.window_ms = statement_get_int(st, 7),
		.requests = statement_get_int(st, 8),
		.retries = statement_get_int(st, 9),
		.say = column_string(st, 10, arena),
	};
	statement_reset(st);
	return CB_OK;
}

int store_pace_set(struct store *store, const char *account, const struct store_pace *p,
		   struct cb_error *err)
{
	const int64_t numbers[] = { p->failures,     p->refusals, p->rest_until_ms, p->failing_ms,
				    p->succeeded_ms, p->day,      p->used,          p->window_ms,
				    p->requests,     p->retries };
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO pace (account, failures, refusals, rest_until_ms, failing_ms, "
		"succeeded_ms, day, used, window_ms, requests, retries, say) VALUES ($1, $2, $3, "
		"$4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (account) DO UPDATE SET "
		"failures = excluded.failures, refusals = excluded.refusals, "
		"rest_until_ms = excluded.rest_until_ms, failing_ms = excluded.failing_ms, "
		"succeeded_ms = excluded.succeeded_ms, day = excluded.day, used = excluded.used, "
		"window_ms = excluded.window_ms, requests = excluded.requests, "
		"retries = excluded.retries, say = excluded.say");

	assert(store->is_open);
	statement_string(st, 1, account);
	for (int i = 0; i < 10; i++)
		statement_int(st, 2 + i, numbers[i]);
	statement_string(st, 12, p->say);
	return statement_run(st, err);
}
