/*
 * index.c - keys to records, in tables that are ordered by key, so that who shares
 * one stands side by side.
 */
#include "store/index.h"

#include <assert.h>

#include "store/inside.h"

static int forget(struct store *store, int64_t index, struct cb_error *err)
{
	static const char *const tables[] = {
		"DELETE FROM match_key WHERE rules = $1",
		"DELETE FROM match_count WHERE rules = $1",
		"DELETE FROM match_record WHERE rules = $1",
		"DELETE FROM match_index WHERE rules = $1",
	};
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && i < sizeof(tables) / sizeof(*tables); i++) {
		struct statement *st = database_statement(store->db, tables[i]);

		statement_int(st, 1, index);
		rc = statement_run(st, err);
	}
	return rc;
}

int store_index_make(struct store *store, const char *rules, struct store_index *index,
		     struct cb_error *err)
{
	struct statement *st;
	int rc = word_number(store, cb_text_of(rules), &index->number, err);

	assert(store->is_open);
	if (rc == CB_OK)
		rc = forget(store, index->number, err);
	if (rc != CB_OK)
		return rc;
	st = database_statement(store->db,
				"INSERT INTO match_index (rules, stamp, learned, frozen, at_ms) "
				"VALUES ($1, $2, $3, $4, $5)");
	statement_int(st, 1, index->number);
	statement_int(st, 2, (int64_t)index->stamp);
	statement_text(st, 3, index->learned);
	statement_blob(st, 4, index->frozen);
	statement_int(st, 5, store->now);
	return statement_run(st, err);
}

int store_index_find(struct store *store, const char *rules, struct arena *arena,
		     struct store_index *index, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT stamp, learned, frozen FROM match_index WHERE rules = $1");
	int rc = word_number(store, cb_text_of(rules), &index->number, err);

	if (rc != CB_OK)
		return rc;
	statement_int(st, 1, index->number);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc;
	index->stamp = (uint64_t)statement_get_int(st, 0);
	index->learned = arena_copy(arena, statement_get_text(st, 1));
	index->frozen = arena_copy(arena, statement_get_blob(st, 2));
	statement_reset(st);
	return CB_OK;
}

/* Records. */

int store_index_put(struct store *store, int64_t index, int64_t record, const char *source,
		    struct cb_text said, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO match_record (rules, record, source, said) VALUES ($1, $2, $3, $4) "
		"ON CONFLICT (rules, record) DO UPDATE SET source = excluded.source, "
		"said = excluded.said");

	assert(store->is_open);
	statement_int(st, 1, index);
	statement_int(st, 2, record);
	statement_string(st, 3, source);
	statement_blob(st, 4, said);
	return statement_run(st, err);
}

int store_index_get(struct store *store, int64_t index, int64_t record, struct arena *arena,
		    const char **source, struct cb_text *said, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT source, said FROM match_record WHERE rules = $1 AND record = $2");
	int rc;

	statement_int(st, 1, index);
	statement_int(st, 2, record);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc;
	*source = arena_string(arena, statement_get_text(st, 0));
	*said = arena_copy(arena, statement_get_blob(st, 1));
	statement_reset(st);
	return CB_OK;
}

int store_index_drop(struct store *store, int64_t index, int64_t record, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "DELETE FROM match_record WHERE rules = $1 AND record = $2");

	assert(store->is_open);
	statement_int(st, 1, index);
	statement_int(st, 2, record);
	return statement_run(st, err);
}

/* Keys. */

static int change_key(struct statement *st, int64_t index, uint64_t key, int64_t record,
		      struct cb_error *err)
{
	statement_int(st, 1, index);
	statement_int(st, 2, (int64_t)key);
	statement_int(st, 3, record);
	return statement_run(st, err);
}

int store_index_key_add(struct store *store, int64_t index, uint64_t key, int64_t record,
			struct cb_error *err)
{
	assert(store->is_open);
	return change_key(
		database_statement(store->db,
				   "INSERT INTO match_key (rules, key, record) VALUES ($1, $2, $3) "
				   "ON CONFLICT (rules, key, record) DO NOTHING"),
		index, key, record, err);
}

int store_index_key_drop(struct store *store, int64_t index, uint64_t key, int64_t record,
			 struct cb_error *err)
{
	assert(store->is_open);
	return change_key(database_statement(store->db,
					     "DELETE FROM match_key WHERE rules = $1 AND key = $2 "
					     "AND record = $3"),
			  index, key, record, err);
}

int store_index_meet(struct store *store, int64_t index, uint64_t key,
		     void (*each)(void *with, int64_t record), void *with, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT record FROM match_key WHERE rules = $1 AND key = $2 ORDER BY record");
	int rc;

	statement_int(st, 1, index);
	statement_int(st, 2, (int64_t)key);
	while ((rc = statement_step(st, err)) == CB_OK)
		each(with, statement_get_int(st, 0));
	return rc == CB_END ? CB_OK : rc;
}

/* Counts. */

int store_index_count_add(struct store *store, int64_t index, int64_t column, uint64_t value,
			  int64_t count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO match_count (rules, col, value, records) "
			   "VALUES ($1, $2, $3, $4) ON CONFLICT (rules, col, value) DO UPDATE SET "
			   "records = excluded.records");

	assert(store->is_open);
	statement_int(st, 1, index);
	statement_int(st, 2, column);
	statement_int(st, 3, (int64_t)value);
	statement_int(st, 4, count);
	return statement_run(st, err);
}

int store_index_count(struct store *store, int64_t index, int64_t column, uint64_t value,
		      int64_t *count, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT records FROM match_count "
					      "WHERE rules = $1 AND col = $2 AND value = $3");
	int rc;

	*count = 0;
	statement_int(st, 1, index);
	statement_int(st, 2, column);
	statement_int(st, 3, (int64_t)value);
	rc = statement_one(st, count, err);
	return rc == CB_END ? CB_OK : rc;
}
