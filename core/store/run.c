/*
 * run.c - one line for each execution of a flow, with its counts.
 */
#include "store/inside.h"

#include <assert.h>

int store_run_begin(struct store *store, const char *flow, const char *kind, int64_t *run,
		    struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO run (id, flow, kind, begun_ms) VALUES ($1, $2, $3, $4)");

	assert(store->is_open);
	*run = next_number(store, COUNT_RUN);
	statement_int(st, 1, *run);
	statement_string(st, 2, flow);
	statement_string(st, 3, kind);
	statement_int(st, 4, store->now);
	return statement_run(st, err);
}

int store_run_end(struct store *store, int64_t run, const char *result, const char *say,
		  const struct store_counts *counts, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"UPDATE run SET ended_ms = $1, result = $2, say = $3, read = $4, new = $5, "
		"changed = $6, unchanged = $7, held = $8, rejected = $9, passed_by = $10, "
		"due = $11, accepted = $12, refused = $13, in_doubt = $14, waiting = $15 "
		"WHERE id = $16");
	const int64_t numbers[] = {
		counts->read,     counts->new,      counts->changed,   counts->unchanged,
		counts->held,     counts->rejected, counts->passed_by, counts->due,
		counts->accepted, counts->refused,  counts->in_doubt,  counts->waiting,
	};

	assert(store->is_open);
	statement_int(st, 1, store->now);
	statement_string(st, 2, result);
	statement_string(st, 3, say);
	for (int i = 0; i < 12; i++)
		statement_int(st, 4 + i, numbers[i]);
	statement_int(st, 16, run);
	return statement_run(st, err);
}

int store_run_read(struct store *store, int64_t id, struct arena *arena, struct store_run *run,
		   struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT flow, kind, begun_ms, ended_ms FROM run WHERE id = $1");
	int rc;

	statement_int(st, 1, id);
	rc = statement_step(st, err);
	if (rc == CB_OK)
		*run = (struct store_run){
			.id = id,
			.flow = column_string(st, 0, arena),
			.kind = column_string(st, 1, arena),
			.begun_ms = statement_get_int(st, 2),
			.ended_ms = statement_get_int(st, 3),
		};
	statement_reset(st);
	return rc;
}

int store_runs(struct store *store, int64_t most,
	       int (*each)(void *with, const struct store_run *run, struct cb_error *err),
	       void *with, struct cb_error *err)
{
	struct statement *st = statement_new(
		store->db,
		"SELECT id, begun_ms, ended_ms, flow, kind, result, say, read, new, changed, "
		"unchanged, held, rejected, passed_by, due, accepted, refused, in_doubt, waiting "
		"FROM run WHERE id IN (SELECT MAX(id) FROM run GROUP BY flow) ORDER BY id DESC "
		"LIMIT $1");
	struct arena arena = { 0 };
	int rc;

	statement_int(st, 1, most);
	while ((rc = statement_step(st, err)) == CB_OK) {
		struct store_run run = {
			.id = statement_get_int(st, 0),
			.begun_ms = statement_get_int(st, 1),
			.ended_ms = statement_get_int(st, 2),
			.flow = column_string(st, 3, &arena),
			.kind = column_string(st, 4, &arena),
			.result = column_string(st, 5, &arena),
			.say = column_string(st, 6, &arena),
			.counts = {
				.read = statement_get_int(st, 7),
				.new = statement_get_int(st, 8),
				.changed = statement_get_int(st, 9),
				.unchanged = statement_get_int(st, 10),
				.held = statement_get_int(st, 11),
				.rejected = statement_get_int(st, 12),
				.passed_by = statement_get_int(st, 13),
				.due = statement_get_int(st, 14),
				.accepted = statement_get_int(st, 15),
				.refused = statement_get_int(st, 16),
				.in_doubt = statement_get_int(st, 17),
				.waiting = statement_get_int(st, 18),
			},
		};

		rc = each(with, &run, err);
		if (rc != CB_OK)
			break;
		arena_clear(&arena);
	}
	statement_free(st);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}
