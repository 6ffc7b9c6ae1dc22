/*
 * number.c - numbers of clusters that stay.
 *
 * With the clusters of an earlier run at hand, a cluster keeps the number that it had:
 * where several became one, the lowest (the oldest); where one fell apart, the part
 * with most of its records. What is new gets numbers behind all that were ever given.
 */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/cells.h"
#include "base/file.h"
#include "reconcile/linker.h"

#define CELLS 3
#define FILE_MOST (2u << 30)

/* A record of an earlier cluster is in a cluster of today. */
struct claim {
	uint32_t old, now;
	uint32_t count; /* records that say so */
};

struct claims {
	struct claim *at;
	size_t count, room;
	uint32_t highest;
};

static int by_cluster(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->old != y->old)
		return x->old < y->old ? -1 : 1;
	return (x->now > y->now) - (x->now < y->now);
}

/* The oldest numbers choose first; each goes to where most of its records are. */
static int by_right(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->old != y->old)
		return x->old < y->old ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->now > y->now) - (x->now < y->now);
}

static int take_row(const struct linker *linker, struct claims *claims, const char *const *cells,
		    size_t count)
{
	size_t record;
	char *end;
	unsigned long number;

	if (count != CELLS)
		return CB_BROKEN;
	number = strtoul(cells[2], &end, 10);
	if (*end || end == cells[2] || number < 1 || number >= UINT32_MAX)
		return CB_BROKEN;
	if (number > claims->highest)
		claims->highest = (uint32_t)number;
	record = rows_find(&linker->rows, cells[0], cb_text_of(cells[1]));
	if (record == SIZE_MAX)
		return CB_OK; /* it is gone, its number is not used again */
	memory_grow(&claims->at, claims->count, &claims->room, sizeof(*claims->at));
	claims->at[claims->count++] =
		(struct claim){ (uint32_t)number, linker->clusters.of[record], 1 };
	return CB_OK;
}

static int read_claims(const struct linker *linker, struct claims *claims, struct cb_error *err)
{
	const char *path = linker->options.previous, *row[CELLS];
	struct arena arena = { 0 }, cells_arena = { 0 };
	struct buffer bytes = { 0 };
	struct cells cells;
	int rc = file_read(path, FILE_MOST, &bytes, err);

	if (rc == CB_OK)
		rc = cells_open(&cells, &arena, buffer_view(&bytes), err);
	if (rc == CB_OK)
		cells_next(&cells, &cells_arena, row, CELLS);
	while (rc == CB_OK && cells_more(&cells)) {
		arena_clear(&cells_arena);
		if (take_row(linker, claims, row, cells_next(&cells, &cells_arena, row, CELLS)))
			rc = cb_fail(err, CB_BROKEN, "%s:%u: 一行应是 来源,编号,簇号",
				     "%s:%u: a row is source,id,cluster", path, cells.line);
	}
	buffer_done(&bytes);
	arena_done(&arena);
	arena_done(&cells_arena);
	return rc;
}

static void keep_numbers(struct linker *linker, struct claims *claims)
{
	uint32_t *numbers = linker->cluster_number, last = 0;
	size_t united = 0;

	if (!claims->count)
		return;
	qsort(claims->at, claims->count, sizeof(*claims->at), by_cluster);
	for (size_t i = 0; i < claims->count; i++) {
		if (united && by_cluster(&claims->at[united - 1], &claims->at[i]) == 0)
			claims->at[united - 1].count++;
		else
			claims->at[united++] = claims->at[i];
	}
	qsort(claims->at, united, sizeof(*claims->at), by_right);
	for (size_t i = 0; i < united; i++) {
		const struct claim *c = &claims->at[i];

		if (c->old == last || numbers[c->now])
			continue; /* it has gone to another, or this one is older */
		numbers[c->now] = c->old;
		last = c->old;
	}
}

int clusters_number(struct linker *linker, struct cb_error *err)
{
	struct claims claims = { 0 };
	int rc = CB_OK;

	linker->cluster_number =
		memory_take((linker->rows.count + 1) * sizeof(*linker->cluster_number));
	if (linker->options.previous)
		rc = read_claims(linker, &claims, err);
	if (rc == CB_OK)
		keep_numbers(linker, &claims);
	for (size_t i = 0; i < linker->rows.count; i++)
		if (linker->clusters.of[i] == i && !linker->cluster_number[i])
			linker->cluster_number[i] = ++claims.highest;
	free(claims.at);
	return rc;
}
