/*
 * drift.c - what the other side says and no mapping knows.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

int store_drift_add(struct store *store, const char *stream, struct cb_text name, int64_t count,
		    struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO drift (stream, name, count, first_ms, last_ms) "
			   "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (stream, name) DO UPDATE SET "
			   "count = drift.count + excluded.count, last_ms = excluded.last_ms");

	assert(store->is_open);
	statement_string(st, 1, stream);
	statement_text(st, 2, name);
	statement_int(st, 3, count);
	statement_int(st, 4, store->now);
	statement_int(st, 5, store->now);
	return statement_run(st, err);
}

int store_drift_drop(struct store *store, const char *stream, const char *name,
		     struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "DELETE FROM drift WHERE stream = $1 AND name = $2");

	assert(store->is_open);
	statement_string(st, 1, stream);
	statement_string(st, 2, name);
	return statement_run(st, err);
}

int store_drifts(struct store *store, const char *stream, struct arena *arena,
		 struct store_drift **drifts, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT stream, name, count, first_ms, last_ms FROM drift "
			   "WHERE $1 IS NULL OR stream = $1 ORDER BY stream, name");
	struct store_drift *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	statement_string(st, 1, stream);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_drift){
			.stream = column_string(st, 0, arena),
			.name = column_string(st, 1, arena),
			.count = statement_get_int(st, 2),
			.first_ms = statement_get_int(st, 3),
			.last_ms = statement_get_int(st, 4),
		};
	}
	*drifts = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*drifts, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}
