/*
 * ruling.c - a person's word: these are one, these are not.
 *
 * A word ends what was said before to the contrary; undoing it brings that back.
 */
#include "store/events.h"

#include <assert.h>
#include <stdlib.h>

int ruling_add(struct store *store, const struct store_ruling *said, int64_t event,
	       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO ruling (id, low, high, is_same, data_low, data_high, "
			   "event) VALUES ($1, $2, $3, $4, $5, $6, $7)");
	unsigned low = said->record[0] > said->record[1];

	statement_int(st, 1, next_number(store, COUNT_RULING));
	statement_int(st, 2, said->record[low]);
	statement_int(st, 3, said->record[!low]);
	statement_int(st, 4, said->is_same);
	statement_int(st, 5, (int64_t)said->data[low]);
	statement_int(st, 6, (int64_t)said->data[!low]);
	statement_int(st, 7, event);
	return statement_run(st, err);
}

/* What was said of the two, of that kind, ends with the event. */
static int end_rulings(struct store *store, int64_t a, int64_t b, bool is_same, int64_t event,
		       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE ruling SET ended = $1 WHERE low = $2 AND high = $3 AND "
			   "is_same = $4 AND ended IS NULL");

	statement_int(st, 1, event);
	statement_int(st, 2, a < b ? a : b);
	statement_int(st, 3, a < b ? b : a);
	statement_int(st, 4, is_same);
	return statement_run(st, err);
}

struct side {
	int64_t *records;
	size_t count;
};

static int end_between(struct store *store, const struct side *a, const struct side *b,
		       bool is_same, int64_t event, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < a->count && rc == CB_OK; i++)
		for (size_t k = 0; k < b->count && rc == CB_OK; k++)
			rc = end_rulings(store, a->records[i], b->records[k], is_same, event, err);
	return rc;
}

int store_link(struct store *store, const struct table *entity, const struct store_ruling *said,
	       int64_t *event, struct cb_error *err)
{
	const struct store_act act = { "link", said->who, said->why };
	struct arena arena = { 0 };
	struct store_group *groups = NULL;
	struct side a, b;
	size_t count = 0;
	int rc;

	assert(store->is_open);
	if (said->record[0] == said->record[1])
		return cb_fail(err, CB_REFUSED, "这是同一条记录", "this is one record");
	rc = store_cluster_members(store, said->record[0], &arena, &a.records, &a.count, err);
	if (rc == CB_OK)
		rc = store_cluster_members(store, said->record[1], &arena, &b.records, &b.count,
					   err);
	if (rc == CB_OK)
		rc = event_begin(store, entity->name, &act, 0, event, err);
	if (rc == CB_OK) {
		groups = arena_zero(&arena, (a.count + b.count) * sizeof(*groups));
		for (size_t i = 0; i < a.count; i++)
			groups[count++].record = a.records[i];
		/* They may be in one cluster already: nobody is named twice. */
		for (size_t i = 0; i < b.count && a.records[0] != b.records[0]; i++)
			groups[count++].record = b.records[i];
		rc = end_between(store, &a, &b, false, *event, err);
	}
	if (rc == CB_OK)
		rc = ruling_add(store, said, *event, err);
	if (rc == CB_OK)
		rc = store_regroup(store, entity, groups, count, &act, event, err);
	arena_done(&arena);
	return rc;
}

int store_keep_apart(struct store *store, const struct store_ruling *said, int64_t *event,
		     struct cb_error *err)
{
	const struct store_act act = { "split", said->who, said->why };
	const struct table *entity = NULL;
	int rc = CB_OK;

	assert(store->is_open);
	for (size_t i = 0; i < store->model->entity_count && !entity; i++) {
		int64_t revision;

		rc = store_revision(store, &store->model->entities[i], said->record[0], &revision,
				    err);
		if (rc == CB_OK)
			entity = &store->model->entities[i];
		else if (rc != CB_END)
			return rc;
	}
	if (!entity)
		return cb_fail(err, CB_REFUSED, "没有这条记录", "there is no such record");
	rc = event_begin(store, entity->name, &act, 0, event, err);
	if (rc == CB_OK)
		rc = end_rulings(store, said->record[0], said->record[1], true, *event, err);
	return rc == CB_OK ? ruling_add(store, said, *event, err) : rc;
}

static bool is_among(const int64_t *records, size_t count, int64_t record)
{
	for (size_t i = 0; i < count; i++)
		if (records[i] == record)
			return true;
	return false;
}

static int rule_out(struct store *store, const struct side *all, const int64_t *leaving,
		    size_t count, const uint64_t *data, int64_t event, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < all->count; i++) {
		if (!is_among(leaving, count, all->records[i]))
			continue;
		for (size_t k = 0; k < all->count && rc == CB_OK; k++) {
			const struct store_ruling no = {
				.record = { all->records[i], all->records[k] },
				.data = { data[i], data[k] },
			};

			if (is_among(leaving, count, all->records[k]))
				continue;
			rc = end_rulings(store, no.record[0], no.record[1], true, event, err);
			if (rc == CB_OK)
				rc = ruling_add(store, &no, event, err);
		}
	}
	return rc;
}

int store_split(struct store *store, const struct table *entity, const int64_t *records,
		size_t count, const uint64_t *data, const char *who, const char *why,
		int64_t *event, struct cb_error *err)
{
	const struct store_act act = { "split", who, why };
	struct arena arena = { 0 };
	struct store_group *groups;
	struct side all;
	size_t leaving = 0;
	int rc;

	assert(store->is_open && count);
	rc = store_cluster_members(store, records[0], &arena, &all.records, &all.count, err);
	groups = arena_zero(&arena, (all.count + 1) * sizeof(*groups));
	for (size_t i = 0; i < all.count && rc == CB_OK; i++) {
		groups[i].record = all.records[i];
		groups[i].group = is_among(records, count, all.records[i]);
		leaving += (size_t)groups[i].group;
	}
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		if (!is_among(all.records, all.count, records[i]))
			rc = cb_fail(err, CB_REFUSED, "这些记录不在同一簇里",
				     "the records are not in one cluster");
	if (rc == CB_OK && leaving == all.count)
		rc = cb_fail(err, CB_REFUSED, "整簇都点了名，没有可以拆开的；点出要离开的那些",
			     "the whole cluster was named, so there is nothing to split; name "
			     "those who leave");
	if (rc == CB_OK)
		rc = event_begin(store, entity->name, &act, 0, event, err);
	if (rc == CB_OK)
		rc = rule_out(store, &all, records, count, data, *event, err);
	if (rc == CB_OK)
		rc = store_regroup(store, entity, groups, all.count, &act, event, err);
	arena_done(&arena);
	return rc;
}

int store_rulings(struct store *store, struct arena *arena, struct store_ruling **rulings,
		  size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT r.low, r.high, r.data_low, r.data_high, r.is_same, e.who, "
			   "e.why, e.at_ms, r.event FROM ruling r JOIN event e ON e.id = r.event "
			   "WHERE r.ended IS NULL ORDER BY r.id");
	struct store_ruling *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_ruling){
			.record = { statement_get_int(st, 0), statement_get_int(st, 1) },
			.data = { (uint64_t)statement_get_int(st, 2),
				  (uint64_t)statement_get_int(st, 3) },
			.is_same = statement_get_int(st, 4),
			.who = column_string(st, 5, arena),
			.why = column_string(st, 6, arena),
			.at_ms = statement_get_int(st, 7),
			.event = statement_get_int(st, 8),
		};
	}
	*rulings = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*rulings, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}
