/*
 * lock.c - accounts that wait for a person: the target refused their login, and
 * every further try could close the account there.
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
	return rc;
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
