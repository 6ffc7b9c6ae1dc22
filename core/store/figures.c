/*
 * figures.c - how much there is of everything, for whoever watches.
 */
#include "store/inside.h"

int store_run_counts(struct store *store,
		     int (*each)(void *with, const char *flow, const char *result, int64_t count,
				 struct cb_error *err),
		     void *with, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT flow, result, COUNT(*) FROM run GROUP BY "
					      "flow, result ORDER BY flow, result");
	struct arena arena = { 0 };
	int rc;

	while ((rc = statement_step(st, err)) == CB_OK) {
		rc = each(with, column_string(st, 0, &arena), column_string(st, 1, &arena),
			  statement_get_int(st, 2), err);
		if (rc != CB_OK)
			break;
	}
	statement_reset(st);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

static int count(struct store *store, const char *sql, int64_t *out, struct cb_error *err)
{
	int rc = statement_one(database_statement(store->db, sql), out, err);

	return rc == CB_END ? CB_OK : rc;
}

int store_figures(struct store *store, struct store_figures *out, struct cb_error *err)
{
	int rc = count(store, "SELECT COUNT(*) FROM held", &out->held, err);

	return rc == CB_OK ? count(store, "SELECT COUNT(*) FROM account_lock",
				   &out->locked_accounts, err)
			   : rc;
}

int64_t store_changes(const struct store *store)
{
	return store->now_at.last[COUNT_CHANGE];
}
