/*
 * pair.c - what a search found and learned.
 */
#include "store/events.h"

#include <assert.h>
#include <stdlib.h>

#define PARTS 1e6 /* weights and probabilities are kept as whole millionths */

int store_pairs_clear(struct store *store, const char *rules, struct cb_error *err)
{
	struct statement *st = database_statement(store->db, "DELETE FROM pair WHERE rules = $1");

	assert(store->is_open);
	statement_string(st, 1, rules);
	return statement_run(st, err);
}

int store_pairs_drop(struct store *store, const char *rules, int64_t record, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "DELETE FROM pair WHERE rules = $1 AND (low = $2 OR high = $2)");

	assert(store->is_open);
	statement_string(st, 1, rules);
	statement_int(st, 2, record);
	return statement_run(st, err);
}

int store_pair_restate(struct store *store, const struct store_pair *pair, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE pair SET state = $1 WHERE low = $2 AND high = $3");

	assert(store->is_open);
	statement_string(st, 1, pair->state);
	statement_int(st, 2, pair->record[0]);
	statement_int(st, 3, pair->record[1]);
	return statement_run(st, err);
}

static int64_t in_parts(double value)
{
	return (int64_t)(value * PARTS + (value < 0 ? -0.5 : 0.5));
}

int store_pair_add(struct store *store, const char *rules, const struct store_pair *pair,
		   struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO pair (low, high, rules, weight, probability, levels, kind, state, "
		"data_low, data_high, is_sure) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
		"$11)");
	unsigned low = pair->record[0] > pair->record[1];

	statement_int(st, 1, pair->record[low]);
	statement_int(st, 2, pair->record[!low]);
	statement_string(st, 3, rules);
	statement_int(st, 4, in_parts(pair->weight));
	statement_int(st, 5, in_parts(pair->probability));
	statement_string(st, 6, pair->levels);
	statement_string(st, 7, pair->kind);
	statement_string(st, 8, pair->state);
	statement_int(st, 9, (int64_t)pair->data[low]);
	statement_int(st, 10, (int64_t)pair->data[!low]);
	statement_int(st, 11, pair->is_sure);
	return statement_run(st, err);
}

#define PAIR_COLUMNS                                                                               \
	"low, high, data_low, data_high, weight, probability, levels, kind, state, is_sure "

static int read_pairs(struct statement *st, struct arena *arena, struct store_pair **pairs,
		      size_t *count, struct cb_error *err)
{
	struct store_pair *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_pair){
			.record = { statement_get_int(st, 0), statement_get_int(st, 1) },
			.data = { (uint64_t)statement_get_int(st, 2),
				  (uint64_t)statement_get_int(st, 3) },
			.weight = (double)statement_get_int(st, 4) / PARTS,
			.probability = (double)statement_get_int(st, 5) / PARTS,
			.levels = column_string(st, 6, arena),
			.kind = column_string(st, 7, arena),
			.state = column_string(st, 8, arena),
			.is_sure = statement_get_int(st, 9) != 0,
		};
	}
	*pairs = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*pairs, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_pairs_of(struct store *store, const char *rules, int64_t record, struct arena *arena,
		   struct store_pair **pairs, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT " PAIR_COLUMNS "FROM pair WHERE rules = $1 AND (low = $2 OR high = $2)");

	statement_string(st, 1, rules);
	statement_int(st, 2, record);
	return read_pairs(st, arena, pairs, count, err);
}

int store_pairs(struct store *store, const char *state, int64_t record, struct arena *arena,
		struct store_pair **pairs, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT " PAIR_COLUMNS
		"FROM pair p WHERE ($1 IS NULL OR state = $1) AND ($2 = 0 OR low = $2 OR high = "
		"$2) "
		"AND (state NOT IN ('doubtful', 'both-there') OR NOT (EXISTS (SELECT 1 FROM ruling "
		"r WHERE r.low = p.low AND r.high = p.high AND r.ended IS NULL AND "
		"r.data_low = p.data_low AND r.data_high = p.data_high) OR EXISTS (SELECT 1 FROM "
		"cluster a JOIN cluster b ON b.cluster = a.cluster WHERE a.record = p.low AND "
		"b.record = p.high))) "
		"ORDER BY ABS(probability - 500000), low, high");

	statement_string(st, 1, state);
	statement_int(st, 2, record);
	return read_pairs(st, arena, pairs, count, err);
}

int store_learned(struct store *store, const char *rules, struct arena *arena,
		  struct cb_text *parameters, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT parameters FROM learned WHERE rules = $1");
	int rc;

	statement_string(st, 1, rules);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc;
	*parameters = arena_copy(arena, statement_get_text(st, 0));
	statement_reset(st);
	return CB_OK;
}

int store_learned_set(struct store *store, const char *rules, struct cb_text parameters,
		      struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO learned (rules, parameters, at_ms) VALUES ($1, $2, $3) "
			   "ON CONFLICT (rules) DO UPDATE SET parameters = excluded.parameters, "
			   "at_ms = excluded.at_ms");

	assert(store->is_open);
	statement_string(st, 1, rules);
	statement_text(st, 2, parameters);
	statement_int(st, 3, store->now);
	return statement_run(st, err);
}

int store_both_there(struct store *store, int64_t a, int64_t b, struct arena *arena,
		     const char **flow, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT d.flow FROM delivery d JOIN delivery o ON o.flow = d.flow "
		"WHERE d.record = $1 AND o.record = $2 AND d.is_there = 1 AND o.is_there = 1 "
		"ORDER BY d.flow LIMIT 1");
	int rc;

	*flow = NULL;
	statement_int(st, 1, a);
	statement_int(st, 2, b);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		*flow = column_string(st, 0, arena);
		statement_reset(st);
	}
	return rc == CB_END ? CB_OK : rc;
}
