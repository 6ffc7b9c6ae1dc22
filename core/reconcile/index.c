/*
 * index.c - the neighbourhood of a record, searched like a small file of its own.
 *
 * Around the records that matter, those that share a key with them are gathered, then those that
 * share one with whom these link to, until nobody new is linked. What is gathered is
 * closed: no record outside of it is linked to one that matters. So an ordinary search
 * through it, by the frozen parameters, gives the clusters that a search through
 * everything would.
 */
#include "reconcile/index.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "reconcile/frozen.h"
#include "store/index.h"

static const struct link_options one_thread = { .threads = 1 };

struct link_index {
	struct store *store;
	const struct link_spec *spec;
	int64_t number;
	struct frozen frozen;
	struct forms *forms;
	struct link_ruling *rulings;
	size_t ruling_count;
};

/* What a record says, as one text: the length of each column's, and it. */
static int unpack(struct cb_text said, const struct link_spec *spec,
		  struct cb_text texts[SPEC_COLUMNS], struct cb_error *err)
{
	for (unsigned c = 0; c < spec->column_count; c++) {
		uint32_t len = 0;

		if (said.len >= sizeof(len))
			memcpy(&len, said.at, sizeof(len));
		if (said.len < sizeof(len) || said.len - sizeof(len) < len)
			return cb_fail(err, CB_BROKEN, "索引里的记录不完整，要重新学习",
				       "a record of the index is not whole; learn anew");
		texts[c] = (struct cb_text){ said.at + sizeof(len), len };
		said.at += sizeof(len) + len;
		said.len -= sizeof(len) + len;
	}
	return CB_OK;
}

int link_index_has(const struct link_index *index, const struct link_record *record, bool *has,
		   struct cb_error *err)
{
	struct cb_text said, texts[SPEC_COLUMNS];
	struct arena arena = { 0 };
	const char *source;
	int rc = store_index_get(index->store, index->number, record->number, &arena, &source,
				 &said, err);

	*has = false;
	if (rc == CB_OK)
		rc = unpack(said, index->spec, texts, err);
	if (rc == CB_OK) {
		*has = strcmp(source, record->source) == 0;
		for (unsigned c = 0; *has && c < index->spec->column_count; c++)
			*has = cb_text_equal(texts[c], record->texts[c]);
	}
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

/* The neighbourhood. */

struct neighbour {
	int64_t record;
	bool matters;  /* its cluster is asked for, or it is linked to one such */
	bool is_asked; /* who shares a key with it is here */
};

struct neighbourhood {
	struct link_index *index;
	struct neighbour *at; /* by number */
	size_t count, room;
	struct linker *linker; /* over all of them */
};

/* The place of @record, or where it would be. */
static size_t place_of(const struct neighbourhood *n, int64_t record)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (n->at[middle].record < record)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct neighbour *neighbour_of(struct neighbourhood *n, int64_t record)
{
	size_t at = place_of(n, record);

	return at < n->count && n->at[at].record == record ? &n->at[at] : NULL;
}

static void gather(void *with, int64_t record)
{
	struct neighbourhood *n = with;
	size_t at = place_of(n, record);

	if (at < n->count && n->at[at].record == record)
		return;
	memory_grow(&n->at, n->count, &n->room, sizeof(*n->at));
	memmove(n->at + at + 1, n->at + at, (n->count - at) * sizeof(*n->at));
	n->at[at] = (struct neighbour){ .record = record };
	n->count++;
}

static void neighbourhood_done(struct neighbourhood *n)
{
	linker_free(n->linker);
	free(n->at);
	*n = (struct neighbourhood){ 0 };
}

static int add_record(struct linker *linker, struct link_index *index, int64_t record,
		      struct cb_error *err)
{
	struct link_record about = { .number = record };
	struct cb_text said, texts[SPEC_COLUMNS];
	struct arena arena = { 0 };
	int rc = store_index_get(index->store, index->number, record, &arena, &about.source, &said,
				 err);

	if (rc == CB_OK)
		rc = unpack(said, index->spec, texts, err);
	about.texts = texts;
	if (rc == CB_OK)
		rc = linker_add(linker, &about, err);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

static int search(struct neighbourhood *n, struct cb_error *err)
{
	struct link_index *index = n->index;
	int rc = CB_OK;

	linker_free(n->linker);
	n->linker = linker_new_frozen(index->spec, &one_thread, index->forms, &index->frozen);
	linker_rule(n->linker, index->rulings, index->ruling_count);
	for (size_t i = 0; rc == CB_OK && i < n->count; i++)
		rc = add_record(n->linker, index, n->at[i].record, err);
	return rc == CB_OK ? linker_run(n->linker, err) : rc;
}

static bool is_link(const struct linker *linker, size_t pair)
{
	const struct pair *p = &linker->pairs.at[pair];

	return linker->weights.at[pair] >= linker->cut.weight &&
	       !is_never(&linker->rows, p->a, p->b);
}

static bool pass_on(struct neighbourhood *n, int64_t a, int64_t b)
{
	struct neighbour *x = neighbour_of(n, a), *y = neighbour_of(n, b);

	if (!x || !y || x->matters == y->matters)
		return false;
	x->matters = y->matters = true;
	return true;
}

/* Who is linked to one that matters, matters. */
static void spread(struct neighbourhood *n)
{
	const struct linker *linker = n->linker;
	bool is_more = true;

	while (is_more) {
		is_more = false;
		for (size_t i = 0; i < linker->pairs.count; i++)
			if (is_link(linker, i))
				is_more |=
					pass_on(n, row_number(&linker->rows, linker->pairs.at[i].a),
						row_number(&linker->rows, linker->pairs.at[i].b));
		for (size_t i = 0; i < n->index->ruling_count; i++)
			if (n->index->rulings[i].is_same)
				is_more |= pass_on(n, n->index->rulings[i].record[0],
						   n->index->rulings[i].record[1]);
	}
}

/* Everybody who may be linked to it. */
static int ask(struct neighbourhood *n, int64_t record, struct cb_error *err)
{
	const struct linker *linker = n->linker;
	const struct link_index *index = n->index;
	size_t at = rows_find_number(&linker->rows, record);
	int rc = CB_OK;

	for (unsigned r = 0; at != SIZE_MAX && r < index->spec->rule_count; r++) {
		uint64_t keys[BLOCK_KEYS];
		unsigned count = blocks_keys(&linker->blocks, r, (uint32_t)at, keys);

		for (unsigned k = 0; rc == CB_OK && k < count; k++)
			rc = store_index_meet(index->store, index->number, index_key(r, keys[k]),
					      gather, n, err);
	}
	for (size_t i = 0; i < index->ruling_count; i++) {
		const struct link_ruling *said = &index->rulings[i];

		if (said->is_same && (said->record[0] == record || said->record[1] == record))
			gather(n, said->record[said->record[0] == record]);
	}
	return rc;
}

/* Until nobody new matters. */
static int settle(struct neighbourhood *n, struct cb_error *err)
{
	bool is_more = true;
	int rc = CB_OK;

	while (rc == CB_OK && is_more) {
		size_t count = n->count;
		struct neighbour *all;

		rc = search(n, err);
		if (rc != CB_OK)
			break;
		spread(n);
		all = memory_take((count + 1) * sizeof(*all));
		memcpy(all, n->at, count * sizeof(*all));
		for (size_t i = 0; rc == CB_OK && i < count; i++) {
			if (!all[i].matters || all[i].is_asked)
				continue;
			rc = ask(n, all[i].record, err);
			neighbour_of(n, all[i].record)->is_asked = true;
		}
		free(all);
		is_more = n->count > count;
	}
	return rc;
}

/* Change. */

static int each_key(const struct linker *linker, const struct link_index *index, int64_t record,
		    int (*change)(struct store *store, int64_t index, uint64_t key, int64_t record,
				  struct cb_error *err),
		    struct cb_error *err)
{
	size_t at = rows_find_number(&linker->rows, record);
	int rc = CB_OK;

	for (unsigned r = 0; at != SIZE_MAX && r < index->spec->rule_count; r++) {
		uint64_t keys[BLOCK_KEYS];
		unsigned count = blocks_keys(&linker->blocks, r, (uint32_t)at, keys);

		for (unsigned k = 0; rc == CB_OK && k < count; k++)
			rc = change(index->store, index->number, index_key(r, keys[k]), record,
				    err);
	}
	return rc;
}

/* Those whose clusters the record has a part in become the ones that matter; it is taken out. */
static int take_out(struct link_index *index, int64_t record, struct neighbourhood *left,
		    struct cb_error *err)
{
	struct neighbourhood before = { .index = index };
	struct arena arena = { 0 };
	const char *source;
	struct cb_text said;
	int rc = store_index_get(index->store, index->number, record, &arena, &source, &said, err);

	arena_done(&arena);
	if (rc != CB_OK)
		return rc == CB_END ? CB_OK : rc;
	gather(&before, record);
	before.at[0].matters = true;
	rc = settle(&before, err);
	if (rc == CB_OK)
		rc = each_key(before.linker, index, record, store_index_key_drop, err);
	if (rc == CB_OK)
		rc = store_index_drop(index->store, index->number, record, err);
	for (size_t i = 0; rc == CB_OK && i < before.count; i++)
		if (before.at[i].matters && before.at[i].record != record) {
			gather(left, before.at[i].record);
			neighbour_of(left, before.at[i].record)->matters = true;
		}
	neighbourhood_done(&before);
	return rc;
}

/* It is the only one that @alone has read. */
static int put_in(struct link_index *index, const struct linker *alone,
		  const struct link_record *record, struct cb_error *err)
{
	int rc = store_index_put(index->store, index->number, record->number, record->source,
				 row_said(&alone->rows, 0), err);

	return rc == CB_OK ? each_key(alone, index, record->number, store_index_key_add, err) : rc;
}

static int tell(struct neighbourhood *n, int64_t record, const struct link_found *found,
		struct cb_error *err)
{
	const struct linker *linker = n->linker;
	int rc = record ? linker_found_pairs(linker, record, found, err) : CB_OK;

	for (size_t i = 0; rc == CB_OK && i < n->count; i++) {
		size_t at = rows_find_number(&linker->rows, n->at[i].record);

		if (n->at[i].matters && at != SIZE_MAX)
			rc = found->group(found->with, n->at[i].record, linker_group(linker, at),
					  err);
	}
	return rc;
}

int link_index_put(struct link_index *index, const struct link_record *record,
		   const struct link_found *found, struct cb_error *err)
{
	struct neighbourhood now = { .index = index };
	struct linker *alone =
		linker_new_frozen(index->spec, &one_thread, index->forms, &index->frozen);
	int rc = take_out(index, record->number, &now, err);

	if (rc == CB_OK)
		rc = linker_add(alone, record, err);
	if (rc == CB_OK)
		rc = linker_run(alone, err);
	if (rc == CB_OK)
		rc = put_in(index, alone, record, err);
	if (rc == CB_OK) {
		gather(&now, record->number);
		neighbour_of(&now, record->number)->matters = true;
		rc = settle(&now, err);
	}
	if (rc == CB_OK)
		rc = tell(&now, record->number, found, err);
	linker_free(alone);
	neighbourhood_done(&now);
	return rc;
}

int link_index_drop(struct link_index *index, int64_t record, const struct link_found *found,
		    struct cb_error *err)
{
	struct neighbourhood left = { .index = index };
	int rc = take_out(index, record, &left, err);

	if (rc == CB_OK && left.count)
		rc = settle(&left, err);
	if (rc == CB_OK && left.count)
		rc = tell(&left, 0, found, err);
	neighbourhood_done(&left);
	return rc;
}

int link_index_explain(struct link_index *index, struct arena *arena, int64_t left, int64_t right,
		       void (*take)(void *with, const struct link_part *part), void *with,
		       struct link_verdict *verdict, struct cb_error *err)
{
	struct neighbourhood n = { .index = index };
	int rc;

	gather(&n, left);
	gather(&n, right);
	for (size_t i = 0; i < n.count; i++)
		n.at[i].matters = true;
	rc = settle(&n, err);
	if (rc == CB_OK)
		rc = linker_explain(n.linker, arena, link_record_name(arena, left),
				    link_record_name(arena, right), take, with, verdict, err);
	neighbourhood_done(&n);
	return rc;
}

/* Opening. */

static int rarity_of(void *with, unsigned comparison, uint64_t value, int64_t *rarity,
		     struct cb_error *err)
{
	const struct link_index *index = with;

	return store_index_count(index->store, index->number, comparison, value, rarity, err);
}

static int thaw(struct link_index *index, const struct store_index *kept, struct cb_error *err)
{
	struct linker *linker = linker_new_frozen(index->spec, &one_thread, index->forms, NULL);
	struct arena arena = { 0 };
	int rc = params_parse(linker, arena_string(&arena, kept->learned), err);

	index->frozen =
		(struct frozen){ .params = linker->params, .rarity = rarity_of, .with = index };
	if (rc == CB_OK)
		rc = frozen_read(&index->frozen, kept->frozen, err);
	arena_done(&arena);
	linker_free(linker);
	return rc;
}

int link_index_open(struct store *store, const struct link_spec *spec, struct link_index **out,
		    struct cb_error *err)
{
	struct store_index kept = { 0 };
	struct arena arena = { 0 };
	struct link_index *index;
	int rc = store_index_find(store, spec->name, &arena, &kept, err);

	*out = NULL;
	if (rc == CB_OK && kept.stamp != spec->digest)
		rc = cb_fail(err, CB_SETUP, "%s：规格改过了，要重新学习后才能随到随查",
			     "%s: the specification has changed; learn anew before records can be "
			     "matched as they arrive",
			     spec->name);
	if (rc == CB_OK) {
		index = memory_take(sizeof(*index));
		*index = (struct link_index){
			store, spec, kept.number, { 0 }, forms_new(), NULL, 0
		};
		rc = thaw(index, &kept, err);
		if (rc == CB_OK)
			*out = index;
		else
			link_index_close(index);
	}
	arena_done(&arena);
	return rc;
}

void link_index_close(struct link_index *index)
{
	if (!index)
		return;
	free(index->frozen.divisions.at);
	forms_free(index->forms);
	free(index->rulings);
	free(index);
}

void link_index_rule(struct link_index *index, const struct link_ruling *rulings, size_t count)
{
	index->rulings = memory_resize(index->rulings, (count + 1) * sizeof(*rulings));
	if (count)
		memcpy(index->rulings, rulings, count * sizeof(*rulings));
	index->ruling_count = count;
}

struct linker *link_index_search(const struct link_index *index, const struct link_options *options)
{
	struct linker *linker =
		linker_new_frozen(index->spec, options, index->forms, &index->frozen);

	linker_rule(linker, index->rulings, index->ruling_count);
	return linker;
}
