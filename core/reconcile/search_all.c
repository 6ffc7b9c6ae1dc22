/*
 * search_all.c - a search through all records of an entity.
 *
 * The items of a list are linked first, each under the number of its record and its
 * place; who they are then is a word in a column of the records. What was learned, and how
 * records are found, is kept, so that the next search looks at new ones alone.
 */
#include <stdlib.h>

#include "reconcile/search_inside.h"
#include "store/index.h"

struct person { /* an item of a list, and who it is */
	int64_t item, group;
};

struct search_of_all {
	struct search *s;
	struct linker *linker;  /* of the records */
	struct linker *through; /* of the items */
	struct person *people;
	size_t person_count;
	size_t person_room;
};

static const struct link_options by_default;

/* What others have learned, or nothing yet. */
static struct linker *linker_of(const struct search_rules *rules, const struct link_index *index)
{
	return index ? link_index_search(index, &by_default) : linker_new(rules->spec, &by_default);
}

/* First the items. */

static int add_items(void *with, int64_t id, int64_t revision, const struct row *row,
		     struct cb_error *err)
{
	struct search_of_all *a = with;
	struct search *s = a->s;
	const struct search_rules *through = s->rules->through;
	const struct rows *items = &row->lists[through->list];
	struct cb_text texts[SPEC_COLUMNS];
	int rc = CB_OK;

	arena_clear(&s->arena);
	for (size_t i = 0; i < items->count && i < ITEMS_MOST && rc == CB_OK; i++) {
		const struct link_record item = { id * ITEMS_MOST + (int64_t)i, "", texts };

		if (bind_texts(through, items->at[i], &s->arena, texts)) {
			rc = linker_add(a->through, &item, err);
			s->report->items++;
		}
	}
	return rc;
}

static int read_all(struct search_of_all *a,
		    int (*each)(void *with, int64_t id, int64_t revision, const struct row *row,
				struct cb_error *err),
		    struct cb_error *err)
{
	int64_t reached;

	return store_changed(a->s->store, a->s->rules->entity, 0, INT64_MAX, &reached, each, a,
			     err);
}

static int take_person(void *with, int64_t item, int64_t group, struct cb_error *err)
{
	struct search_of_all *a = with;

	memory_grow(&a->people, a->person_count, &a->person_room, sizeof(*a->people));
	a->people[a->person_count++] = (struct person){ item, group };
	return CB_OK;
}

static int pass_pair(void *with, const struct link_pair *pair, struct cb_error *err)
{
	return CB_OK;
}

static int by_item(const void *a, const void *b)
{
	const struct person *x = a, *y = b;

	return (x->item > y->item) - (x->item < y->item);
}

static int link_items(struct search_of_all *a, const struct link_index *index, struct cb_error *err)
{
	const struct link_found found = { .pair = pass_pair, .group = take_person, .with = a };
	int rc;

	a->through = linker_of(a->s->rules->through, index);
	rc = read_all(a, add_items, err);
	if (rc == CB_OK)
		rc = linker_run(a->through, err);
	if (rc == CB_OK)
		rc = linker_found(a->through, &found, err);
	if (a->person_count)
		qsort(a->people, a->person_count, sizeof(*a->people), by_item);
	return rc;
}

/* Who each is stays with it: a record is compared by who is in it. */
static int keep_items(const struct search_of_all *a, struct cb_error *err)
{
	struct store *store = a->s->store;
	struct store_index index = { 0 };
	struct arena arena = { 0 };
	int rc = link_index_fill(store, a->through, err);

	if (rc == CB_OK)
		rc = store_index_find(store, a->s->rules->through->spec->name, &arena, &index, err);
	for (size_t i = 0; i < a->person_count && rc == CB_OK; i++)
		rc = store_index_group_set(store, index.number, a->people[i].item,
					   a->people[i].group, err);
	arena_done(&arena);
	return rc;
}

/* Then the records. */

/* Who is in the record. */
static struct cb_text people_of(const struct search_of_all *a, int64_t record,
				const struct rows *items)
{
	int64_t groups[ITEMS_MOST];
	size_t count = 0;

	for (size_t i = 0; i < items->count && i < ITEMS_MOST; i++) {
		const struct person wanted = { record * ITEMS_MOST + (int64_t)i, 0 }, *found = NULL;

		if (a->person_count)
			found = bsearch(&wanted, a->people, a->person_count, sizeof(wanted),
					by_item);
		if (found)
			groups[count++] = found->group;
	}
	return subject_people(&a->s->arena, groups, count);
}

static int add_record(void *with, int64_t id, int64_t revision, const struct row *row,
		      struct cb_error *err)
{
	struct search_of_all *a = with;
	struct search *s = a->s;
	struct cb_text texts[SPEC_COLUMNS];
	const struct link_record record = { id, "", texts };
	struct subject subject = { .record = id, .data = search_data(s->rules, row), .group = id };
	int rc;

	arena_clear(&s->arena);
	(void)bind_texts(s->rules, row, &s->arena, texts);
	for (unsigned c = 0; c < s->rules->spec->column_count; c++)
		if (s->rules->columns[c].through)
			texts[c] = people_of(a, id, &row->lists[s->rules->columns[c].list]);
	rc = linker_add(a->linker, &record, err);
	if (rc == CB_OK)
		rc = subject_look(s, &subject, err);
	memory_grow(&s->subjects, s->count, &s->room, sizeof(*s->subjects));
	s->subjects[s->count++] = subject;
	return rc;
}

static int by_record(const void *a, const void *b)
{
	const struct subject *x = a, *y = b;

	return (x->record > y->record) - (x->record < y->record);
}

static int take_group(void *with, int64_t record, int64_t group, struct cb_error *err)
{
	const struct search_of_all *a = with;

	subject_of(a->s, record)->group = group;
	return CB_OK;
}

static int link_records(struct search_of_all *a, const struct link_index *index,
			struct cb_error *err)
{
	const struct link_found found = { .pair = pass_pair, .group = take_group, .with = a };
	struct search *s = a->s;
	int rc;

	a->linker = linker_of(s->rules, index);
	rc = read_all(a, add_record, err);
	if (rc == CB_OK && s->count)
		qsort(s->subjects, s->count, sizeof(*s->subjects), by_record);
	if (rc == CB_OK)
		rc = words_take(s, err);
	if (rc != CB_OK)
		return rc;
	linker_rule(a->linker, s->rulings, s->ruling_count);
	rc = linker_run(a->linker, err);
	return rc == CB_OK ? linker_found(a->linker, &found, err) : rc;
}

static int keep_pair(void *with, const struct link_pair *pair, struct cb_error *err)
{
	struct search *s = with;
	int rc;

	arena_clear(&s->arena);
	rc = pair_explain(s, pair, err);
	return rc == CB_OK ? pair_keep(s, pair, buffer_cstr(&s->reasons), err) : rc;
}

static int pass_group(void *with, int64_t record, int64_t group, struct cb_error *err)
{
	return CB_OK;
}

static int keep_pairs(const struct search_of_all *a, struct cb_error *err)
{
	const struct link_found found = { .pair = keep_pair, .group = pass_group, .with = a->s };
	struct link_result result;
	int rc = store_pairs_clear(a->s->store, a->s->rules->spec->name, err);

	if (rc == CB_OK)
		rc = linker_found(a->linker, &found, err);
	linker_result(a->linker, &result);
	a->s->report->pairs = (int64_t)result.pairs;
	return rc;
}

int search_all(struct search *s, struct link_index *cases, struct link_index *items,
	       struct cb_error *err)
{
	struct search_of_all a = { .s = s };
	int rc = s->rules->through ? link_items(&a, items, err) : CB_OK;

	if (rc == CB_OK)
		rc = link_records(&a, cases, err);
	s->report->records = (int64_t)s->count;
	if (rc == CB_OK)
		rc = clusters_part(s, err);
	if (rc == CB_OK)
		rc = clusters_write(s, err);
	if (rc == CB_OK)
		rc = keep_pairs(&a, err);
	if (rc == CB_OK && s->rules->through)
		rc = keep_items(&a, err);
	if (rc == CB_OK)
		rc = link_index_fill(s->store, a.linker, err);
	linker_free(a.linker);
	linker_free(a.through);
	free(a.people);
	return rc;
}
