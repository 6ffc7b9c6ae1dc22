/*
 * index.c - keys to records, in tables that are ordered by key, so that who shares
 * one stands side by side.
 */
#include "store/index.h"

#include <assert.h>

#include "store/inside.h"

static int forget(struct store *store, int64_t index, unsigned tables, struct cb_error *err)
{
	static const char *const deletions[] = {
		"DELETE FROM match_key WHERE rules = $1",
		"DELETE FROM match_record WHERE rules = $1",
		"DELETE FROM match_count WHERE rules = $1",
		"DELETE FROM match_index WHERE rules = $1",
	};
	int rc = CB_OK;

	for (unsigned i = 0; rc == CB_OK && i < tables; i++) {
		struct statement *st = database_statement(store->db, deletions[i]);

		statement_int(st, 1, index);
		rc = statement_run(st, err);
	}
	return rc;
}

int store_index_empty(struct store *store, int64_t index, struct cb_error *err)
{
	assert(store->is_open);
	return forget(store, index, 2, err);
}

int store_index_make(struct store *store, const char *rules, struct store_index *index,
		     struct cb_error *err)
{
	struct statement *st;
	int rc = word_number(store, cb_text_of(rules), &index->number, err);

	assert(store->is_open);
	if (rc == CB_OK)
		rc = forget(store, index->number, 4, err);
	if (rc != CB_OK)
		return rc;
	st = database_statement(store->db,
				"INSERT INTO match_index (rules, stamp, learned, frozen, at_ms, "
				"learned_from, records) VALUES ($1, $2, $3, $4, $5, $6, $6)");
	statement_int(st, 1, index->number);
	statement_int(st, 2, (int64_t)index->stamp);
	statement_text(st, 3, index->learned);
	statement_blob(st, 4, index->frozen);
	statement_int(st, 5, store->now);
	statement_int(st, 6, index->learned_from);
	return statement_run(st, err);
}

int store_index_reach(struct store *store, const struct store_index *index, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"UPDATE match_index SET rulings = $1, records = $2, reached = $3 WHERE rules = $4");

	assert(store->is_open);
	statement_blob(st, 1, index->rulings);
	statement_int(st, 2, index->records);
	statement_int(st, 3, index->reached);
	statement_int(st, 4, index->number);
	return statement_run(st, err);
}

int store_index_find(struct store *store, const char *rules, struct arena *arena,
		     struct store_index *index, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT stamp, learned, frozen, rulings, learned_from, records, reached "
			   "FROM match_index WHERE rules = $1");
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
	index->rulings = arena_copy(arena, statement_get_blob(st, 3));
	index->learned_from = statement_get_int(st, 4);
	index->records = statement_get_int(st, 5);
	index->reached = statement_get_int(st, 6);
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

int store_index_group(struct store *store, int64_t index, int64_t record, int64_t *group,
		      struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT grp FROM match_record WHERE rules = $1 AND record = $2");

	*group = 0;
	statement_int(st, 1, index);
	statement_int(st, 2, record);
	return statement_one(st, group, err);
}

int store_index_group_set(struct store *store, int64_t index, int64_t record, int64_t group,
			  struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE match_record SET grp = $1 WHERE rules = $2 AND record = $3");

	assert(store->is_open);
	statement_int(st, 1, group);
	statement_int(st, 2, index);
	statement_int(st, 3, record);
	return statement_run(st, err);
}

int store_index_last(struct store *store, int64_t index, int64_t low, int64_t high, int64_t *record,
		     struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT record FROM match_record WHERE rules = $1 AND record >= $2 "
			   "AND record <= $3 ORDER BY record DESC LIMIT 1");

	statement_int(st, 1, index);
	statement_int(st, 2, low);
	statement_int(st, 3, high);
	return statement_one(st, record, err);
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
