/*
 * held.c - records of imports, and receipts, that cannot go on until something changes.
 *
 * A put clears what was held of the same record. Asking the table at every put
 * would cost as much as the put's own lookup, so the streams that may have held
 * records are remembered; a roll-back leaves one too many at worst.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

static void remember(struct store *store, int64_t stream)
{
	size_t at = (size_t)stream, room = store->may_hold_room;

	if (at >= room) {
		store->may_hold_room = at * 2 + 16;
		store->may_hold =
			memory_resize(store->may_hold, store->may_hold_room * sizeof(bool));
		memset(store->may_hold + room, 0, (store->may_hold_room - room) * sizeof(bool));
	}
	store->may_hold[at] = true;
}

int held_open(struct store *store, struct cb_error *err)
{
	struct statement *st = database_statement(store->db, "SELECT DISTINCT stream FROM held");
	int rc;

	while ((rc = statement_step(st, err)) == CB_OK)
		remember(store, statement_get_int(st, 0));
	return rc == CB_END ? CB_OK : rc;
}

int held_clear(struct store *store, int64_t stream, const struct store_origin *origin,
	       struct cb_error *err)
{
	struct statement *st;

	if ((size_t)stream >= store->may_hold_room || !store->may_hold[stream])
		return CB_OK;
	if (origin->key.len) {
		st = database_statement(store->db,
					"DELETE FROM held WHERE stream = $1 AND key = $2");
		statement_int(st, 1, stream);
		statement_text(st, 2, origin->key);
	} else {
		st = database_statement(store->db, "DELETE FROM held WHERE document = $1 AND "
						   "number = $2 AND key IS NULL");
		statement_int(st, 1, origin->document);
		statement_int(st, 2, origin->number);
	}
	return statement_run(st, err);
}

#define HOLD                                                                                       \
	"INSERT INTO held (id, flow, stream, key, document, number, mapping, code, field, "        \
	"value, say, outcome, first_ms, last_ms, result, receipt, words) VALUES ($1, $2, $3, $4, " \
	"$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT "
#define HOLD_AGAIN                                                                                 \
	" DO UPDATE SET flow = excluded.flow, stream = excluded.stream, "                          \
	"document = excluded.document, number = excluded.number, mapping = excluded.mapping, "     \
	"code = excluded.code, field = excluded.field, value = excluded.value, "                   \
	"say = excluded.say, outcome = excluded.outcome, last_ms = excluded.last_ms, "             \
	"result = excluded.result, receipt = excluded.receipt, words = excluded.words"

int store_held_clear(struct store *store, const struct store_origin *origin, struct cb_error *err)
{
	int64_t stream;
	int rc = word_number(store, cb_text_of(origin->stream), &stream, err);

	return rc == CB_OK ? held_clear(store, stream, origin, err) : rc;
}

int store_hold(struct store *store, const struct store_held *held, struct cb_error *err)
{
	bool has_key = held->key && *held->key;
	struct statement *st = database_statement(
		store->db, has_key ? HOLD "(stream, key) WHERE key IS NOT NULL" HOLD_AGAIN
				   : HOLD "(document, number) WHERE key IS NULL" HOLD_AGAIN);
	int64_t stream;
	int rc;

	assert(store->is_open);
	rc = word_number(store, cb_text_of(held->stream), &stream, err);
	if (rc != CB_OK)
		return rc;
	statement_int(st, 1, next_number(store, COUNT_HELD));
	statement_string(st, 2, held->flow);
	statement_int(st, 3, stream);
	statement_string(st, 4, held->key);
	statement_int(st, 5, held->document);
	statement_int(st, 6, held->number);
	statement_string(st, 7, held->mapping);
	statement_string(st, 8, held->code);
	statement_string(st, 9, held->field);
	statement_string(st, 10, held->value);
	statement_string(st, 11, held->say);
	statement_string(st, 12, held->outcome);
	statement_int(st, 13, store->now);
	statement_int(st, 14, store->now);
	statement_string(st, 15, held->result);
	statement_string(st, 16, held->receipt);
	statement_string(st, 17, held->words);
	remember(store, stream);
	return statement_run(st, err);
}

#define HELD                                                                                       \
	"SELECT h.id, h.flow, w.word, h.key, h.document, h.number, h.mapping, h.code, "            \
	"h.field, h.value, h.say, h.outcome, h.first_ms, h.last_ms, h.result, h.receipt, h.words " \
	"FROM held h JOIN word w ON w.id = h.stream "

static void read_held(struct statement *st, struct arena *arena, struct store_held *held)
{
	*held = (struct store_held){
		.id = statement_get_int(st, 0),
		.flow = column_string(st, 1, arena),
		.stream = column_string(st, 2, arena),
		.key = column_string(st, 3, arena),
		.document = statement_get_int(st, 4),
		.number = statement_get_int(st, 5),
		.mapping = column_string(st, 6, arena),
		.code = column_string(st, 7, arena),
		.field = column_string(st, 8, arena),
		.value = column_string(st, 9, arena),
		.say = column_string(st, 10, arena),
		.outcome = column_string(st, 11, arena),
		.first_ms = statement_get_int(st, 12),
		.last_ms = statement_get_int(st, 13),
		.result = column_string(st, 14, arena),
		.receipt = column_string(st, 15, arena),
		.words = column_string(st, 16, arena),
	};
}

int store_held_read(struct store *store, int64_t id, struct arena *arena, struct store_held *held,
		    struct cb_error *err)
{
	struct statement *st = database_statement(store->db, HELD "WHERE h.id = $1");
	int rc;

	statement_int(st, 1, id);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		read_held(st, arena, held);
		statement_reset(st);
	}
	return rc;
}

int store_held_list(struct store *store, const char *flow, const char *code, const char *field,
		    int (*each)(void *with, const struct store_held *held, struct cb_error *err),
		    void *with, struct cb_error *err)
{
	/* One of its own: the caller may drop and hold meanwhile. */
	struct statement *st = statement_new(
		store->db,
		HELD "WHERE ($1 IS NULL OR h.flow = $1) AND ($2 IS NULL OR h.code = $2) "
		     "AND ($3 IS NULL OR h.field = $3) ORDER BY h.code, h.field, h.value, h.id");
	struct arena arena = { 0 };
	int rc;

	statement_string(st, 1, flow);
	statement_string(st, 2, code);
	statement_string(st, 3, field);
	while ((rc = statement_step(st, err)) == CB_OK) {
		struct store_held held;

		read_held(st, &arena, &held);
		rc = each(with, &held, err);
		if (rc != CB_OK)
			break;
		arena_clear(&arena);
	}
	statement_free(st);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

int store_held_drop(struct store *store, int64_t id, struct cb_error *err)
{
	struct statement *st = database_statement(store->db, "DELETE FROM held WHERE id = $1");

	assert(store->is_open);
	statement_int(st, 1, id);
	return statement_run(st, err);
}
