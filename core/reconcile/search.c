/*
 * search.c - a search for duplicates, in one transaction: of what is new where that will
 * do, through everything where there is too much of it or something has to be learned.
 *
 * What is sure becomes a cluster, what is doubtful waits for a person. So does what is sure while
 * both stand at a target already: who would be merged there has a receipt for each.
 */
#include <stdlib.h>

#include "reconcile/search_inside.h"
#include "store/index.h"

#define NEW_SHARE 16 /* of so many one: more are matched faster all at once */
#define OLD_TIMES 2  /* so many times what was learned from, and it is learned anew */

static int by_record(const void *a, const void *b)
{
	const struct subject *x = a, *y = b;

	return (x->record > y->record) - (x->record < y->record);
}

struct subject *subject_of(const struct search *s, int64_t record)
{
	const struct subject wanted = { .record = record };

	return s->count ? bsearch(&wanted, s->subjects, s->count, sizeof(wanted), by_record) : NULL;
}

int subject_look(struct search *s, struct subject *subject, struct cb_error *err)
{
	struct store_delivery *deliveries;
	size_t count = 0;
	int rc = store_cluster_of(s->store, subject->record, &subject->cluster, err);

	if (rc == CB_OK)
		rc = store_deliveries(s->store, subject->record, &s->arena, &deliveries, &count,
				      err);
	for (size_t i = 0; rc == CB_OK && i < count; i++)
		subject->is_there |= deliveries[i].is_there;
	return rc;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

struct cb_text subject_people(struct arena *arena, int64_t *groups, size_t count)
{
	const char *words = NULL;

	qsort(groups, count, sizeof(*groups), by_number);
	for (size_t i = 0; i < count; i++)
		if (!i || groups[i] != groups[i - 1])
			words = arena_printf(arena, "%s%sp%lld", words ? words : "",
					     words ? " " : "", (long long)groups[i]);
	return cb_text_of(words);
}

/* In which depth. */

struct depth {
	struct link_index *cases, *items;
	struct store_index kept;
	int64_t *ids; /* that have changed since */
	size_t count, room;
	int64_t now; /* records */
	struct arena arena;
};

static void depth_done(struct depth *d)
{
	link_index_close(d->cases);
	link_index_close(d->items);
	free(d->ids);
	arena_done(&d->arena);
}

static int take_id(void *with, int64_t id, int64_t revision, const struct row *row,
		   struct cb_error *err)
{
	struct depth *d = with;

	memory_grow(&d->ids, d->count, &d->room, sizeof(*d->ids));
	d->ids[d->count++] = id;
	return CB_OK;
}

/* CB_END, CB_SETUP: it has to be learned. */
static int open_indexes(const struct search *s, struct depth *d, struct cb_error *err)
{
	const struct search_rules *through = s->rules->through;
	int rc = link_index_open(s->store, s->rules->spec, &d->cases, err);

	if (rc == CB_OK && through)
		rc = link_index_open(s->store, through->spec, &d->items, err);
	if (rc == CB_OK)
		rc = store_index_find(s->store, s->rules->spec->name, &d->arena, &d->kept, err);
	return rc;
}

static int choose(const struct search *s, struct depth *d, enum search_depth *depth,
		  struct cb_error *err)
{
	struct cb_error none = { 0 };
	int64_t reached;
	int rc = store_record_count(s->store, s->rules->entity, &d->now, err);

	if (rc != CB_OK || *depth == SEARCH_LEARN)
		return rc;
	rc = open_indexes(s, d, &none);
	if (rc == CB_OK && d->now > d->kept.learned_from * OLD_TIMES)
		rc = CB_END;
	if (rc == CB_END || rc == CB_SETUP) {
		*depth = SEARCH_LEARN;
		return CB_OK;
	}
	if (rc != CB_OK) {
		*err = none;
		return rc;
	}
	rc = store_changed(s->store, s->rules->entity, d->kept.reached, INT64_MAX, &reached,
			   take_id, d, err);
	if (d->count)
		qsort(d->ids, d->count, sizeof(*d->ids), by_number);
	if ((int64_t)d->count * NEW_SHARE > d->now)
		*depth = SEARCH_ALL;
	return rc;
}

/* The next goes on from here. */
static int reach(const struct search *s, int64_t records, struct cb_error *err)
{
	struct store_index index = { 0 };
	struct buffer words = { 0 };
	struct arena arena = { 0 };
	int rc = store_index_find(s->store, s->rules->spec->name, &arena, &index, err);

	words_write(s, &words);
	index.rulings = buffer_view(&words);
	index.records = records;
	index.reached = store_changes(s->store);
	if (rc == CB_OK)
		rc = store_index_reach(s->store, &index, err);
	buffer_done(&words);
	arena_done(&arena);
	return rc;
}

static void add_up(struct search_report *r)
{
	r->apart = r->pairs - r->linked - r->both_there - r->related - r->doubtful;
}

int search_run(struct store *store, const struct search_rules *rules, enum search_depth depth,
	       const char *who, const char *why, struct search_report *report, struct cb_error *err)
{
	struct search s = {
		.store = store, .rules = rules, .report = report, .act = { "run", who, why }
	};
	struct depth d = { 0 };
	int rc;

	*report = (struct search_report){ 0 };
	rc = choose(&s, &d, &depth, err);
	report->depth = depth;
	if (rc == CB_OK && d.now) {
		if (depth == SEARCH_NEW)
			rc = search_new(&s, d.cases, d.items, &d.kept, d.ids, d.count, err);
		else if (depth == SEARCH_ALL)
			rc = search_all(&s, d.cases, d.items, err);
		else
			rc = search_all(&s, NULL, NULL, err);
		if (rc == CB_OK)
			rc = reach(&s, d.now, err);
	}
	if (rc == CB_OK)
		rc = store_cluster_counts(store, &report->clusters, &report->clustered, err);
	add_up(report);
	depth_done(&d);
	free(s.subjects);
	free(s.rulings);
	buffer_done(&s.reasons);
	arena_done(&s.arena);
	return rc;
}
