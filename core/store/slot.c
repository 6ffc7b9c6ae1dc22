/*
 * slot.c - planned runs: one row for each try of each slot of a timetable.
 *
 * Of every flow that has a timetable, the next slot is here before it is due.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

int store_slot_put(struct store *store, const struct store_slot *slot, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO slot (flow, slot_ms, number, due_ms, started_ms, ended_ms, result, "
		"say, run, count, since_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
		"ON CONFLICT (flow, slot_ms, number) DO UPDATE SET due_ms = excluded.due_ms, "
		"started_ms = excluded.started_ms, ended_ms = excluded.ended_ms, "
		"result = excluded.result, say = excluded.say, run = excluded.run, "
		"count = excluded.count, since_ms = excluded.since_ms");

	assert(store->is_open);
	statement_string(st, 1, slot->flow);
	statement_int(st, 2, slot->slot_ms);
	statement_int(st, 3, slot->number);
	statement_int(st, 4, slot->due_ms);
	if (slot->started_ms)
		statement_int(st, 5, slot->started_ms);
	else
		statement_null(st, 5);
	if (slot->ended_ms)
		statement_int(st, 6, slot->ended_ms);
	else
		statement_null(st, 6);
	statement_string(st, 7, slot->result);
	statement_string(st, 8, slot->say);
	statement_int(st, 9, slot->run);
	statement_int(st, 10, slot->count ? slot->count : 1);
	statement_int(st, 11, slot->since_ms ? slot->since_ms : slot->slot_ms);
	return statement_run(st, err);
}

int store_slot_drop(struct store *store, const char *flow, int64_t slot_ms, int64_t number,
		    struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "DELETE FROM slot WHERE flow = $1 AND slot_ms = $2 AND number = $3");

	assert(store->is_open);
	statement_string(st, 1, flow);
	statement_int(st, 2, slot_ms);
	statement_int(st, 3, number);
	return statement_run(st, err);
}

#define SLOTS                                                                                      \
	"SELECT flow, slot_ms, number, due_ms, started_ms, ended_ms, result, say, run, count, "    \
	"since_ms FROM slot "

static struct store_slot read_slot(struct statement *st, struct arena *arena)
{
	return (struct store_slot){
		.flow = column_string(st, 0, arena),
		.slot_ms = statement_get_int(st, 1),
		.number = statement_get_int(st, 2),
		.due_ms = statement_get_int(st, 3),
		.started_ms = statement_get_int(st, 4),
		.ended_ms = statement_get_int(st, 5),
		.result = column_string(st, 6, arena),
		.say = column_string(st, 7, arena),
		.run = statement_get_int(st, 8),
		.count = statement_get_int(st, 9),
		.since_ms = statement_get_int(st, 10),
	};
}

static int read_all(struct statement *st, struct arena *arena, struct store_slot **out,
		    size_t *count, struct cb_error *err)
{
	struct store_slot *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = read_slot(st, arena);
	}
	*out = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*out, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_slots_open(struct store *store, struct arena *arena, struct store_slot **slots,
		     size_t *count, struct cb_error *err)
{
	return read_all(database_statement(store->db, SLOTS "WHERE ended_ms IS NULL "
							    "ORDER BY flow, slot_ms, number"),
			arena, slots, count, err);
}

int store_slots_ahead(struct store *store, const char *flow, int64_t after, struct arena *arena,
		      struct store_slot **slots, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, SLOTS "WHERE flow = $1 AND slot_ms > $2 ORDER BY slot_ms, number");

	statement_string(st, 1, flow);
	statement_int(st, 2, after);
	return read_all(st, arena, slots, count, err);
}

int store_slots_last(struct store *store, const char *flow, int64_t most, struct arena *arena,
		     struct store_slot **slots, size_t *count, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, SLOTS "WHERE flow = $1 AND ended_ms IS NOT NULL "
						    "ORDER BY slot_ms DESC, number DESC LIMIT $2");

	statement_string(st, 1, flow);
	statement_int(st, 2, most);
	return read_all(st, arena, slots, count, err);
}

int store_slot_interruptions(struct store *store, const char *flow, int64_t slot_ms, int64_t *count,
			     struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT COUNT(*) FROM slot WHERE flow = $1 AND slot_ms = $2 AND "
			   "result = 'interrupted'");

	statement_string(st, 1, flow);
	statement_int(st, 2, slot_ms);
	return statement_one(st, count, err);
}

int store_timetable(struct store *store, const char *flow, struct arena *arena, const char **text,
		    struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT timetable FROM schedule WHERE flow = $1");
	int rc;

	*text = NULL;
	statement_string(st, 1, flow);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc == CB_END ? CB_OK : rc;
	*text = column_string(st, 0, arena);
	statement_reset(st);
	return CB_OK;
}

int store_timetable_set(struct store *store, const char *flow, const char *text,
			struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO schedule (flow, timetable) VALUES ($1, $2) "
			   "ON CONFLICT (flow) DO UPDATE SET timetable = excluded.timetable");

	assert(store->is_open);
	statement_string(st, 1, flow);
	statement_string(st, 2, text);
	return statement_run(st, err);
}
