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

	return pass_rows(st, each, with, err);
}

static int count(struct store *store, const char *sql, int64_t *out, struct cb_error *err)
{
	int rc = statement_one(database_statement(store->db, sql), out, err);

	return rc == CB_END ? CB_OK : rc;
}

int store_figures(struct store *store, struct store_figures *out, struct cb_error *err)
{
	int rc = count(store, "SELECT COUNT(*) FROM held", &out->held, err);

	if (rc == CB_OK)
		rc = count(store, "SELECT COUNT(*) FROM account_lock", &out->locked_accounts, err);
	return rc == CB_OK ? count(store, "SELECT COUNT(*) FROM notice WHERE count > 0",
				   &out->notices, err)
			   : rc;
}

int store_held_count(struct store *store, const char *flow, int64_t *out, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT COUNT(*) FROM held WHERE flow = $1");

	statement_string(st, 1, flow);
	return statement_one(st, out, err);
}

int store_flow_at_work(struct store *store, const char *flow, int64_t *since_ms,
		       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT CASE WHEN ended_ms IS NULL THEN begun_ms ELSE 0 END FROM run "
			   "WHERE flow = $1 ORDER BY id DESC LIMIT 1");
	int rc;

	*since_ms = 0;
	statement_string(st, 1, flow);
	rc = statement_one(st, since_ms, err);
	return rc == CB_END ? CB_OK : rc;
}

int store_run_failures(struct store *store, const char *flow, int64_t *out, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT COUNT(*) FROM run WHERE flow = $1 AND ended_ms IS NOT NULL "
			   "AND id > (SELECT COALESCE(MAX(id), 0) FROM run WHERE flow = $1 AND "
			   "result IN ('ok', 'stopped'))");

	statement_string(st, 1, flow);
	return statement_one(st, out, err);
}

/* Attempts count upwards with time, so the newest are at the end of their table. */
#define ATTEMPTS_MOST "4000"

int store_rate(struct store *store, const char *flow, int64_t since, struct store_rate *out,
	       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT COUNT(*), COALESCE(MAX(m.ended_ms) - MIN(a.begun_ms), 0) FROM attempt a "
		"JOIN member m ON m.attempt = a.id WHERE a.id > (SELECT COALESCE(MAX(id), 0) FROM "
		"attempt) - " ATTEMPTS_MOST " AND a.flow = $1 AND a.begun_ms >= $2 AND "
		"m.state = 'accepted'");
	int rc;

	*out = (struct store_rate){ 0 };
	statement_string(st, 1, flow);
	statement_int(st, 2, since);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		*out = (struct store_rate){ statement_get_int(st, 0), statement_get_int(st, 1) };
		statement_reset(st);
	}
	if (rc != CB_OK || out->count)
		return rc == CB_END ? CB_OK : rc;
	st = database_statement(store->db, "SELECT accepted, ended_ms - begun_ms FROM run WHERE "
					   "flow = $1 AND accepted > 0 AND ended_ms IS NOT NULL "
					   "ORDER BY id DESC LIMIT 1");
	statement_string(st, 1, flow);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		*out = (struct store_rate){ statement_get_int(st, 0), statement_get_int(st, 1) };
		statement_reset(st);
	}
	return rc == CB_END ? CB_OK : rc;
}

int store_asked(struct store *store, const char *flow, struct store_asked *out,
		struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT COALESCE(SUM(state = 'conflict' OR (state = 'held' AND "
			   "code = 'doubt')), 0), COALESCE(SUM(state = 'waiting' AND "
			   "code = 'approval'), 0) FROM delivery WHERE flow = $1 AND "
			   "state IN ('conflict', 'held', 'waiting')");
	int rc;

	*out = (struct store_asked){ 0 };
	statement_string(st, 1, flow);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc == CB_END ? CB_OK : rc;
	out->questions = statement_get_int(st, 0);
	out->approvals = statement_get_int(st, 1);
	statement_reset(st);
	return CB_OK;
}

int64_t store_changes(const struct store *store)
{
	return store->now_at.last[COUNT_CHANGE];
}
