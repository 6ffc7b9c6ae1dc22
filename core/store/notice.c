/*
 * notice.c - what a person outside should hear, until it was said.
 *
 * One row for each way it goes out by, kind and object. The same cause again is
 * counted in that row, so that a storm is a number and not a storm of messages;
 * a row is written in the transaction of its cause.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

#define KEPT_MS (INT64_C(30) * 24 * 3600 * 1000) /* what was said, for people who ask */

int store_notice(struct store *store, const struct store_notice *notice, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO notice (way, kind, object, say, first_ms, last_ms, count, said_ms) "
		"VALUES ($1, $2, $3, $4, $5, $5, $6, 0) ON CONFLICT (way, kind, object) DO UPDATE "
		"SET say = excluded.say, last_ms = excluded.last_ms, first_ms = CASE WHEN "
		"notice.count = 0 THEN excluded.first_ms ELSE notice.first_ms END, "
		"count = notice.count + excluded.count");

	assert(store->is_open);
	statement_string(st, 1, notice->way);
	statement_string(st, 2, notice->kind);
	statement_string(st, 3, notice->object);
	statement_string(st, 4, notice->say);
	statement_int(st, 5, store->now);
	statement_int(st, 6, notice->count);
	store->notices++;
	return statement_run(st, err);
}

int64_t store_notices_raised(const struct store *store)
{
	return store->notices;
}

int store_notices(struct store *store, const char *way, struct arena *arena,
		  struct store_notice **notices, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT way, kind, object, say, first_ms, last_ms, count, said_ms "
			   "FROM notice WHERE way = $1 ORDER BY first_ms, kind, object");
	struct store_notice *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	statement_string(st, 1, way);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_notice){
			.way = column_string(st, 0, arena),
			.kind = column_string(st, 1, arena),
			.object = column_string(st, 2, arena),
			.say = column_string(st, 3, arena),
			.first_ms = statement_get_int(st, 4),
			.last_ms = statement_get_int(st, 5),
			.count = statement_get_int(st, 6),
			.said_ms = statement_get_int(st, 7),
		};
	}
	*notices = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*notices, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_notice_said(struct store *store, const struct store_notice *notice, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE notice SET count = count - $1, first_ms = last_ms, "
			   "said_ms = $2 WHERE way = $3 AND kind = $4 AND object = $5");
	int rc;

	assert(store->is_open);
	statement_int(st, 1, notice->count);
	statement_int(st, 2, store->now);
	statement_string(st, 3, notice->way);
	statement_string(st, 4, notice->kind);
	statement_string(st, 5, notice->object);
	rc = statement_run(st, err);
	if (rc != CB_OK)
		return rc;
	st = database_statement(store->db, "DELETE FROM notice WHERE count = 0 AND said_ms < $1");
	statement_int(st, 1, store->now - KEPT_MS);
	return statement_run(st, err);
}

int store_way(struct store *store, const char *way, struct arena *arena, struct store_way *out,
	      struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT tries, failing_ms, not_before, said_ms, problem FROM way "
			   "WHERE name = $1");
	int rc;

	*out = (struct store_way){ 0 };
	statement_string(st, 1, way);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc == CB_END ? CB_OK : rc;
	*out = (struct store_way){
		.tries = statement_get_int(st, 0),
		.failing_ms = statement_get_int(st, 1),
		.not_before = statement_get_int(st, 2),
		.said_ms = statement_get_int(st, 3),
		.problem = column_string(st, 4, arena),
	};
	statement_reset(st);
	return CB_OK;
}

int store_way_set(struct store *store, const char *way, const struct store_way *state,
		  struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO way (name, tries, failing_ms, not_before, said_ms, problem) VALUES "
		"($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET tries = excluded.tries, "
		"failing_ms = excluded.failing_ms, not_before = excluded.not_before, "
		"said_ms = excluded.said_ms, problem = excluded.problem");

	assert(store->is_open);
	statement_string(st, 1, way);
	statement_int(st, 2, state->tries);
	statement_int(st, 3, state->failing_ms);
	statement_int(st, 4, state->not_before);
	statement_int(st, 5, state->said_ms);
	statement_string(st, 6, state->problem);
	return statement_run(st, err);
}

/* The steps before a deadline. */

int store_warned(struct store *store, int64_t delivery, struct arena *arena,
		 struct store_warning **steps, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT step, due_ms, at_ms FROM warning WHERE delivery = $1 "
			   "ORDER BY step");
	size_t room = 0;
	struct store_warning *at = NULL;
	int rc;

	*count = 0;
	statement_int(st, 1, delivery);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_warning){ .step = statement_get_int(st, 0),
							 .due_ms = statement_get_int(st, 1),
							 .at_ms = statement_get_int(st, 2) };
	}
	*steps = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*steps, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_warn(struct store *store, int64_t delivery, int64_t step, int64_t due_ms, bool *is_new,
	       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO warning (delivery, step, due_ms, at_ms) "
			   "VALUES ($1, $2, $3, $4) ON CONFLICT (delivery, step) DO UPDATE SET "
			   "due_ms = excluded.due_ms, at_ms = excluded.at_ms "
			   "WHERE excluded.due_ms > warning.due_ms");
	int rc;

	assert(store->is_open);
	statement_int(st, 1, delivery);
	statement_int(st, 2, step);
	statement_int(st, 3, due_ms);
	statement_int(st, 4, store->now);
	rc = statement_run(st, err);
	*is_new = rc == CB_OK && database_changes(store->db) > 0;
	return rc;
}
