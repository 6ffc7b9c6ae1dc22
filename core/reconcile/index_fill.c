/*
 * index_fill.c - what a search has learned and read goes into the store.
 *
 * Keys are sorted first: a table takes them fastest in its own order.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "reconcile/frozen.h"
#include "store/index.h"

#define SIGN (UINT64_C(1) << 63)

struct filling {
	struct store *store;
	const struct linker *linker;
	int64_t index;
};

/* In the order of signed numbers. */
static void sort(struct radix_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		items[i].key ^= SIGN;
	radix_sort(items, count);
	for (size_t i = 0; i < count; i++)
		items[i].key ^= SIGN;
}

/* What is not kept is as rare as is usual. */
static int put_rarities(const struct filling *f, unsigned comparison, struct cb_error *err)
{
	const struct rows *rows = &f->linker->rows;
	const struct joint *joint = &f->linker->joints.of[comparison];
	bool *is_done = memory_take((joint->count + 1) * sizeof(*is_done));
	struct radix_item *items = memory_take((joint->count + 1) * sizeof(*items));
	size_t count = 0;
	int rc = CB_OK;

	for (size_t i = 0; i < rows->count; i++) {
		uint32_t id = joint->ids[i * joint->stride];

		if (!id || is_done[id])
			continue;
		is_done[id] = true;
		if (!frozen_rarity(&f->linker->frequency, comparison, id))
			continue;
		items[count++] = (struct radix_item){ frozen_value(rows, i, comparison), id };
	}
	sort(items, count);
	for (size_t i = 0; rc == CB_OK && i < count; i++)
		rc = store_index_count_add(
			f->store, f->index, comparison, items[i].key,
			frozen_rarity(&f->linker->frequency, comparison, items[i].item), err);
	free(items);
	free(is_done);
	return rc;
}

static int put_keys(const struct filling *f, struct cb_error *err)
{
	const struct blocks *blocks = &f->linker->blocks;
	struct radix_item *items = NULL;
	size_t room = 0, count = 0;
	uint64_t keys[BLOCK_KEYS];
	int rc = CB_OK;

	for (unsigned r = 0; r < blocks->rules; r++)
		for (uint32_t i = 0; i < blocks->rows->count; i++)
			for (unsigned k = blocks_keys(blocks, r, i, keys); k--;) {
				memory_grow(&items, count, &room, sizeof(*items));
				items[count++] = (struct radix_item){ index_key(r, keys[k]), i };
			}
	sort(items, count);
	for (size_t i = 0; rc == CB_OK && i < count; i++)
		rc = store_index_key_add(f->store, f->index, items[i].key,
					 row_number(&f->linker->rows, items[i].item), err);
	free(items);
	return rc;
}

static int put_records(const struct filling *f, struct cb_error *err)
{
	const struct rows *rows = &f->linker->rows;
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && i < rows->count; i++) {
		rc = store_index_put(f->store, f->index, row_number(rows, i),
				     rows->sources[rows->names[i].source], row_said(rows, i), err);
	}
	return rc;
}

/* A new index with what was learned, and how rare values are. */
static int make(struct filling *f, struct cb_error *err)
{
	const struct linker *linker = f->linker;
	struct buffer learned = { 0 }, text = { 0 };
	struct store_index index = { .stamp = linker->spec->digest,
				     .learned_from = (int64_t)linker->rows.count };
	struct frozen frozen;
	int rc;

	frozen_from(&frozen, linker);
	linker_params_json(linker, &learned);
	frozen_write(&frozen, &text);
	index.learned = buffer_view(&learned);
	index.frozen = buffer_view(&text);
	rc = store_index_make(f->store, linker->spec->name, &index, err);
	f->index = index.number;
	for (unsigned c = 0; rc == CB_OK && c < linker->joints.count; c++)
		if (linker->spec->comparisons[c].has_frequency)
			rc = put_rarities(f, c, err);
	buffer_done(&learned);
	buffer_done(&text);
	return rc;
}

/* One that is there already, without its records. */
static int make_room(struct filling *f, struct cb_error *err)
{
	struct store_index index = { 0 };
	struct arena arena = { 0 };
	int rc = store_index_find(f->store, f->linker->spec->name, &arena, &index, err);

	assert(rc != CB_END); /* it learned nothing, so somebody has */
	f->index = index.number;
	if (rc == CB_OK)
		rc = store_index_empty(f->store, index.number, err);
	arena_done(&arena);
	return rc;
}

int link_index_fill(struct store *store, const struct linker *linker, struct cb_error *err)
{
	struct filling f = { .store = store, .linker = linker };
	int rc = linker->frozen ? make_room(&f, err) : make(&f, err);

	if (rc == CB_OK)
		rc = put_records(&f, err);
	return rc == CB_OK ? put_keys(&f, err) : rc;
}
