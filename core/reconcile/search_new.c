/*
 * search_new.c - what came since the last search, against the index.
 *
 * First the items of a new record: where one joins people together, or parts them, the
 * records in which they stand say something else, and are matched again too. So are those of
 * which a person's word came or went. What comes of it is what a search through everything
 * with what was learned would find; nothing else of the store is looked at.
 */
#include <stdlib.h>

#include "reconcile/search_inside.h"
#include "store/index.h"

struct work { /* a record to be matched */
	int64_t record;
	bool is_forced; /* also where it says what it said */
};

struct told { /* a pair, until clusters are written */
	struct link_pair pair;
	const char *reasons;
	uint32_t turn;
};

struct search_of_new {
	struct search *s;
	struct link_index *cases, *items;
	int64_t people;    /* the number of the items' index in the store */
	struct work *work; /* by record */
	size_t count, room;
	struct told *told;
	size_t told_count, told_room;
	uint32_t turn;
	struct arena arena; /* of what was told */
};

static struct work *add_work(struct search_of_new *n, int64_t record)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (n->work[middle].record < record)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < n->count && n->work[low].record == record)
		return &n->work[low];
	memory_grow(&n->work, n->count, &n->room, sizeof(*n->work));
	memmove(n->work + low + 1, n->work + low, (n->count - low) * sizeof(*n->work));
	n->work[low] = (struct work){ .record = record };
	n->count++;
	return &n->work[low];
}

/* Items. */

static int pass_pair(void *with, const struct link_pair *pair, struct cb_error *err)
{
	return CB_OK;
}

static int take_person(void *with, int64_t item, int64_t group, struct cb_error *err)
{
	struct search_of_new *n = with;
	int64_t before;
	int rc = store_index_group(n->s->store, n->people, item, &before, err);

	if (rc != CB_OK || group == before)
		return rc == CB_END ? CB_OK : rc;
	(void)add_work(n, item / ITEMS_MOST);
	return store_index_group_set(n->s->store, n->people, item, group, err);
}

static int put_item(struct search_of_new *n, const struct row *row, int64_t number,
		    struct cb_error *err)
{
	const struct search_rules *through = n->s->rules->through;
	const struct link_found found = { .pair = pass_pair, .group = take_person, .with = n };
	struct cb_text texts[SPEC_COLUMNS];
	const struct link_record item = { number, "", texts };
	int64_t group;
	bool has;
	int rc;

	if (!bind_texts(through, row, &n->s->arena, texts)) {
		rc = store_index_group(n->s->store, n->people, number, &group, err);
		if (rc == CB_OK)
			rc = link_index_drop(n->items, number, &found, err);
		return rc == CB_END ? CB_OK : rc;
	}
	n->s->report->items++;
	rc = link_index_has(n->items, &item, &has, err);
	return rc == CB_OK && !has ? link_index_put(n->items, &item, &found, err) : rc;
}

static int put_items(struct search_of_new *n, int64_t record, struct cb_error *err)
{
	const struct link_found found = { .pair = pass_pair, .group = take_person, .with = n };
	struct search *s = n->s;
	const struct rows *items;
	int64_t first = record * ITEMS_MOST, last, count;
	struct row *row;
	int rc;

	arena_clear(&s->arena);
	rc = store_get(s->store, s->rules->entity, record, &s->arena, &row, err);
	if (rc != CB_OK)
		return rc;
	items = &row->lists[s->rules->through->list];
	count = items->count < ITEMS_MOST ? (int64_t)items->count : ITEMS_MOST;
	for (int64_t i = 0; i < count && rc == CB_OK; i++)
		rc = put_item(n, items->at[i], first + i, err);
	/* It has fewer than it had. */
	while (rc == CB_OK) {
		rc = store_index_last(s->store, n->people, first + count, first + ITEMS_MOST - 1,
				      &last, err);
		if (rc == CB_OK)
			rc = link_index_drop(n->items, last, &found, err);
	}
	return rc == CB_END ? CB_OK : rc;
}

/* Words. */

static int data_of(struct search *s, int64_t record, uint64_t *data, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct row *row;
	int rc = store_get(s->store, s->rules->entity, record, &arena, &row, err);

	if (rc == CB_OK)
		*data = search_data(s->rules, row);
	arena_done(&arena);
	return rc;
}

static bool is_among(const int64_t *ids, size_t count, int64_t record)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ids[middle] < record)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && ids[low] == record;
}

/* One that held, on records that say what they said, still does: nothing has to be read. */
static int holds(struct search *s, const struct store_ruling *said, bool held, bool *does,
		 struct cb_error *err)
{
	uint64_t data = 0;
	int rc = CB_OK;

	*does = true;
	for (int i = 0; i < 2 && !held && *does && rc == CB_OK; i++) {
		rc = data_of(s, said->record[i], &data, err);
		*does = rc == CB_OK && data == said->data[i];
	}
	return rc == CB_END ? CB_OK : rc;
}

static void take_word(struct search *s, const struct store_ruling *said)
{
	memory_grow(&s->rulings, s->ruling_count, &s->ruling_room, sizeof(*s->rulings));
	s->rulings[s->ruling_count++] =
		(struct link_ruling){ { said->record[0], said->record[1] }, said->is_same };
}

/* Who has a word that only one of the two lists has is matched anew. */
static void force_changed(struct search_of_new *n, const struct link_ruling *words, size_t count,
			  const struct link_ruling *others, size_t other_count)
{
	for (size_t i = 0; i < count; i++) {
		if (other_count &&
		    bsearch(&words[i], others, other_count, sizeof(*words), words_compare))
			continue;
		for (int k = 0; k < 2; k++)
			add_work(n, words[i].record[k])->is_forced = true;
	}
}

static int take_words(struct search_of_new *n, struct cb_text kept, const int64_t *ids,
		      size_t id_count, struct cb_error *err)
{
	struct search *s = n->s;
	struct arena arena = { 0 };
	struct store_ruling *said;
	size_t before_count, count = 0;
	struct link_ruling *before = words_read(kept, &before_count);
	int rc = store_rulings(s->store, &arena, &said, &count, err);

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		const struct link_ruling word = { { said[i].record[0], said[i].record[1] },
						  said[i].is_same };
		bool held = before_count &&
			    bsearch(&word, before, before_count, sizeof(word), words_compare) &&
			    !is_among(ids, id_count, word.record[0]) &&
			    !is_among(ids, id_count, word.record[1]);
		bool does;

		rc = holds(s, &said[i], held, &does, err);
		if (rc == CB_OK && does)
			take_word(s, &said[i]);
	}
	if (rc == CB_OK && s->ruling_count)
		qsort(s->rulings, s->ruling_count, sizeof(*s->rulings), words_compare);
	if (rc == CB_OK) {
		force_changed(n, s->rulings, s->ruling_count, before, before_count);
		force_changed(n, before, before_count, s->rulings, s->ruling_count);
		link_index_rule(n->cases, s->rulings, s->ruling_count);
	}
	free(before);
	arena_done(&arena);
	return rc;
}

/* Records. */

static struct subject *add_subject(struct search *s, int64_t record)
{
	struct subject *known = subject_of(s, record);
	size_t at = s->count;

	if (known)
		return known;
	memory_grow(&s->subjects, s->count, &s->room, sizeof(*s->subjects));
	for (; at && s->subjects[at - 1].record > record; at--)
		s->subjects[at] = s->subjects[at - 1];
	s->subjects[at] = (struct subject){ .record = record, .group = record };
	s->count++;
	return &s->subjects[at];
}

static int take_group(void *with, int64_t record, int64_t group, struct cb_error *err)
{
	const struct search_of_new *n = with;

	add_subject(n->s, record)->group = group;
	return CB_OK;
}

static int take_pair(void *with, const struct link_pair *pair, struct cb_error *err)
{
	struct search_of_new *n = with;
	struct told *told;
	int rc = pair_explain(n->s, pair, err);

	if (rc != CB_OK)
		return rc;
	memory_grow(&n->told, n->told_count, &n->told_room, sizeof(*n->told));
	told = &n->told[n->told_count++];
	*told = (struct told){ .pair = *pair, .turn = n->turn };
	told->pair.levels = NULL; /* lives as long as its linker */
	told->pair.linker = NULL;
	told->reasons = arena_string(&n->arena, buffer_view(&n->s->reasons));
	return CB_OK;
}

static int people_of(struct search_of_new *n, int64_t record, const struct rows *items,
		     struct cb_text *out, struct cb_error *err)
{
	int64_t groups[ITEMS_MOST];
	size_t count = 0;
	int rc = CB_OK;

	for (size_t i = 0; i < items->count && i < ITEMS_MOST && rc == CB_OK; i++) {
		rc = store_index_group(n->s->store, n->people, record * ITEMS_MOST + (int64_t)i,
				       &groups[count], err);
		count += rc == CB_OK;
		rc = rc == CB_END ? CB_OK : rc; /* it says nothing */
	}
	*out = subject_people(&n->s->arena, groups, count);
	return rc;
}

static int put_record(struct search_of_new *n, const struct work *work, struct cb_error *err)
{
	const struct search_rules *rules = n->s->rules;
	const struct link_found found = { take_pair, take_group, n, &n->s->report->pairs };
	struct cb_text texts[SPEC_COLUMNS];
	const struct link_record record = { work->record, "", texts };
	struct row *row;
	bool has = false;
	int rc;

	arena_clear(&n->s->arena);
	rc = store_get(n->s->store, rules->entity, work->record, &n->s->arena, &row, err);
	if (rc != CB_OK)
		return rc;
	(void)bind_texts(rules, row, &n->s->arena, texts);
	for (unsigned c = 0; c < rules->spec->column_count && rc == CB_OK; c++)
		if (rules->columns[c].through)
			rc = people_of(n, work->record, &row->lists[rules->columns[c].list],
				       &texts[c], err);
	if (rc == CB_OK)
		rc = link_index_has(n->cases, &record, &has, err);
	if (rc != CB_OK || (has && !work->is_forced))
		return rc;
	n->s->report->records++;
	add_subject(n->s, work->record)->turn = ++n->turn;
	return link_index_put(n->cases, &record, &found, err);
}

static int look_at_all(struct search *s, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < s->count && rc == CB_OK; i++) {
		rc = data_of(s, s->subjects[i].record, &s->subjects[i].data, err);
		if (rc == CB_OK)
			rc = subject_look(s, &s->subjects[i], err);
	}
	return rc;
}

/* Pairs. */

static uint32_t turn_of(const struct search *s, int64_t record)
{
	const struct subject *subject = subject_of(s, record);

	return subject ? subject->turn : 0;
}

/* What was told before one of the two was matched again holds no more. */
static bool is_stale(const struct search *s, const struct told *told)
{
	return told->turn < turn_of(s, told->pair.record[0]) ||
	       told->turn < turn_of(s, told->pair.record[1]);
}

static int keep_pairs(struct search_of_new *n, struct cb_error *err)
{
	struct search *s = n->s;
	int rc = CB_OK;

	for (size_t i = 0; i < s->count && rc == CB_OK; i++)
		if (s->subjects[i].turn)
			rc = store_pairs_drop(s->store, s->rules->spec->name, s->subjects[i].record,
					      err);
	for (size_t i = 0; i < n->told_count && rc == CB_OK; i++) {
		arena_clear(&s->arena);
		if (!is_stale(s, &n->told[i]))
			rc = pair_keep(s, &n->told[i].pair, n->told[i].reasons, err);
	}
	for (size_t i = 0; i < s->count && rc == CB_OK; i++)
		if (!s->subjects[i].turn && s->subjects[i].cluster != s->subjects[i].before)
			rc = pairs_restate(s, &s->subjects[i], err);
	return rc;
}

static int match(struct search_of_new *n, struct cb_error *err)
{
	struct search *s = n->s;
	int rc = CB_OK;

	for (size_t i = 0; i < n->count && rc == CB_OK; i++)
		rc = put_record(n, &n->work[i], err);
	if (rc == CB_OK)
		rc = look_at_all(s, err);
	if (rc == CB_OK)
		rc = clusters_part(s, err);
	if (rc == CB_OK)
		rc = clusters_write(s, err);
	return rc == CB_OK ? keep_pairs(n, err) : rc;
}

int search_new(struct search *s, struct link_index *cases, struct link_index *items,
	       const struct store_index *kept, const int64_t *ids, size_t count,
	       struct cb_error *err)
{
	struct search_of_new n = { .s = s, .cases = cases, .items = items };
	struct store_index people = { 0 };
	struct arena arena = { 0 };
	int rc = CB_OK;

	if (s->rules->through)
		rc = store_index_find(s->store, s->rules->through->spec->name, &arena, &people,
				      err);
	n.people = people.number;
	arena_done(&arena);
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		/* What it says may be the same, and yet somebody has moved it. */
		add_work(&n, ids[i])->is_forced = true;
		if (s->rules->through)
			rc = put_items(&n, ids[i], err);
	}
	if (rc == CB_OK)
		rc = take_words(&n, kept->rulings, ids, count, err);
	if (rc == CB_OK)
		rc = match(&n, err);
	free(n.work);
	free(n.told);
	arena_done(&n.arena);
	return rc;
}
