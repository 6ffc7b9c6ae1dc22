/*
 * cluster.c - which records are one, and every change of it as an event.
 *
 * All members of all clusters that a change touches are looked at together: so
 * the numbers that clusters keep follow from who is with whom, and from nothing
 * else.
 */
#include "store/cluster.h"

#include <assert.h>
#include <stdlib.h>

#include "store/events.h"

int store_cluster_of(struct store *store, int64_t record, int64_t *cluster, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT cluster FROM cluster WHERE record = $1");
	int rc;

	*cluster = 0;
	statement_int(st, 1, record);
	rc = statement_one(st, cluster, err);
	return rc == CB_END ? CB_OK : rc;
}

int store_cluster_counts(struct store *store, int64_t *clusters, int64_t *records,
			 struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT COUNT(DISTINCT cluster), COUNT(*) FROM cluster");
	int rc = statement_step(st, err);

	if (rc != CB_OK)
		return rc;
	*clusters = statement_get_int(st, 0);
	*records = statement_get_int(st, 1);
	statement_reset(st);
	return CB_OK;
}

static int members_of(struct store *store, int64_t cluster, struct arena *arena, int64_t **records,
		      size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT record FROM cluster WHERE cluster = $1 ORDER BY record");
	int64_t *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	statement_int(st, 1, cluster);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = statement_get_int(st, 0);
	}
	*records = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*records, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_cluster_members(struct store *store, int64_t record, struct arena *arena,
			  int64_t **records, size_t *count, struct cb_error *err)
{
	int64_t cluster;
	int rc = store_cluster_of(store, record, &cluster, err);

	if (rc == CB_OK && cluster)
		return members_of(store, cluster, arena, records, count, err);
	*records = arena_take(arena, sizeof(**records));
	**records = record;
	*count = 1;
	return rc;
}

/* Numbers for the parts. */

struct item {
	int64_t record, group, before;
	size_t part;
};
struct part {
	size_t size;
	int64_t cluster; /* 0: none yet */
};
struct regrouping {
	struct store *store;
	struct item *items;
	size_t count, room;
	struct part *parts;
	struct arena arena;
};

static int by_record(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return (x->record > y->record) - (x->record < y->record);
}

static int by_group(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->group != y->group ? (x->group > y->group) - (x->group < y->group)
				    : by_record(a, b);
}

static int by_cluster(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->before != y->before)
		return (x->before > y->before) - (x->before < y->before);
	return x->part != y->part ? (x->part > y->part) - (x->part < y->part) : by_record(a, b);
}

static void add_item(struct regrouping *r, int64_t record, int64_t group, int64_t before)
{
	memory_grow(&r->items, r->count, &r->room, sizeof(*r->items));
	r->items[r->count++] = (struct item){ .record = record, .group = group, .before = before };
}

/* Those of a cluster who are not named are a part of their own. */
static int add_unnamed(struct regrouping *r, int64_t cluster, size_t named, struct cb_error *err)
{
	int64_t *members;
	size_t count;
	int rc = members_of(r->store, cluster, &r->arena, &members, &count, err);

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct item wanted = { .record = members[i] };

		if (!bsearch(&wanted, r->items, named, sizeof(wanted), by_record))
			add_item(r, members[i], INT64_MIN + cluster, cluster);
	}
	return rc;
}

static int gather(struct regrouping *r, const struct store_group *groups, size_t count,
		  struct cb_error *err)
{
	int64_t before, *seen = arena_take(&r->arena, (count + 1) * sizeof(*seen));
	size_t seen_count = 0;
	int rc = CB_OK;

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		rc = store_cluster_of(r->store, groups[i].record, &before, err);
		add_item(r, groups[i].record, groups[i].group, before);
	}
	qsort(r->items, r->count, sizeof(*r->items), by_record);
	for (size_t i = 0, named = r->count; i < named && rc == CB_OK; i++) {
		bool is_new = r->items[i].before != 0;

		for (size_t k = 0; k < seen_count && is_new; k++)
			is_new = seen[k] != r->items[i].before;
		if (!is_new)
			continue;
		seen[seen_count++] = r->items[i].before;
		rc = add_unnamed(r, r->items[i].before, named, err);
	}
	return rc;
}

static void make_parts(struct regrouping *r)
{
	size_t part = 0;

	qsort(r->items, r->count, sizeof(*r->items), by_group);
	r->parts = arena_zero(&r->arena, (r->count + 1) * sizeof(*r->parts));
	for (size_t i = 0; i < r->count; i++) {
		part += i && r->items[i].group != r->items[i - 1].group;
		r->items[i].part = part;
		r->parts[part].size++;
	}
}

/* The largest part of a cluster claims its number; a part keeps the oldest that it claims. */
static void claim_numbers(struct regrouping *r)
{
	size_t end, largest, next;

	qsort(r->items, r->count, sizeof(*r->items), by_cluster);
	for (size_t i = 0; i < r->count; i = end) {
		size_t most = 0;

		largest = i;
		for (end = i; end < r->count && r->items[end].before == r->items[i].before;
		     end = next) {
			for (next = end;
			     next < r->count && r->items[next].before == r->items[i].before &&
			     r->items[next].part == r->items[end].part;
			     next++)
				;
			/* Of two as large, the one with the oldest record. */
			if (next - end > most ||
			    (next - end == most &&
			     r->items[end].record < r->items[largest].record)) {
				most = next - end;
				largest = end;
			}
		}
		if (r->items[i].before && !r->parts[r->items[largest].part].cluster &&
		    r->parts[r->items[largest].part].size > 1)
			r->parts[r->items[largest].part].cluster = r->items[i].before;
	}
	qsort(r->items, r->count, sizeof(*r->items), by_record);
	for (size_t i = 0; i < r->count; i++) {
		struct part *part = &r->parts[r->items[i].part];

		if (part->size > 1 && !part->cluster)
			part->cluster = next_number(r->store, COUNT_CLUSTER);
	}
}

int store_regroup(struct store *store, const struct table *entity, const struct store_group *groups,
		  size_t count, const struct store_act *act, int64_t *event, struct cb_error *err)
{
	struct regrouping r = { .store = store };
	int rc;

	assert(store->is_open);
	rc = gather(&r, groups, count, err);
	if (rc == CB_OK) {
		make_parts(&r);
		claim_numbers(&r);
	}
	for (size_t i = 0; i < r.count && rc == CB_OK; i++) {
		int64_t after = r.parts[r.items[i].part].cluster;

		if (after == r.items[i].before)
			continue;
		if (!*event)
			rc = event_begin(store, entity->name, act, 0, event, err);
		if (rc == CB_OK)
			rc = event_move(store, entity, *event, r.items[i].record, r.items[i].before,
					after, err);
	}
	free(r.items);
	arena_done(&r.arena);
	return rc;
}
