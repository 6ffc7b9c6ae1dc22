/*
 * found.c - what a search found, for who knows records by their numbers.
 */
#include <stdlib.h>

#include "base/buffer.h"
#include "reconcile/kind.h"
#include "reconcile/linker.h"

/* The levels of all comparisons, by pattern. */
static const char *levels_of(const struct linker *linker, struct arena *arena, uint64_t pattern)
{
	struct buffer out = { 0 };
	const char *levels;

	for (unsigned c = 0; c < linker->spec->comparison_count; c++) {
		if (c)
			buffer_char(&out, '\t');
		buffer_string(&out, spec_level_word(arena, &linker->spec->comparisons[c],
						    pattern_code(pattern, c)));
	}
	levels = arena_string(arena, buffer_view(&out));
	buffer_done(&out);
	return levels;
}

static void describe(const struct linker *linker, size_t at, struct arena *arena,
		     struct link_pair *out)
{
	const struct pair *p = &linker->pairs.at[at];
	int64_t a = row_number(&linker->rows, p->a), b = row_number(&linker->rows, p->b);
	const struct spec_kind *kind = kind_of(&linker->rows, p->a, p->b);
	double weight = linker->weights.at[at];

	*out = (struct link_pair){
		.record = { a < b ? a : b, a < b ? b : a },
		.weight = weight,
		.probability = probability_of_weight(weight),
		.levels = levels_of(linker, arena, linker->pairs.patterns.at[p->pattern].levels),
		.is_sure = weight >= linker->cut.weight,
		.kind = kind ? kind->name : NULL,
		.is_apart = kind && !kind->is_one,
		.linker = linker,
	};
}

const char *link_record_name(struct arena *arena, int64_t number)
{
	return arena_printf(arena, "%019lld", (long long)number);
}

/* What is never linked is told only where that is how the two belong together. */
static bool is_told(const struct linker *linker, const struct pair *p)
{
	const struct spec_kind *kind;

	if (!is_never(&linker->rows, p->a, p->b))
		return true;
	kind = kind_of(&linker->rows, p->a, p->b);
	return kind && !kind->is_one;
}

int linker_found_pairs(const struct linker *linker, int64_t record, const struct link_found *found,
		       struct cb_error *err)
{
	double least = fmin(weight_of_probability(linker->spec->doubt), linker->cut.weight);
	size_t only = record ? rows_find_number(&linker->rows, record) : SIZE_MAX;
	struct arena arena = { 0 };
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && i < linker->pairs.count; i++) {
		const struct pair *p = &linker->pairs.at[i];
		struct link_pair pair;

		if (record && p->a != only && p->b != only)
			continue;
		if (found->compared)
			++*found->compared;
		if (linker->weights.at[i] < least || !is_told(linker, p))
			continue;
		describe(linker, i, &arena, &pair);
		rc = found->pair(found->with, &pair, err);
		arena_clear(&arena);
	}
	arena_done(&arena);
	return rc;
}

/* The members of a cluster may be of several sources, and the first is not always the least. */
int64_t linker_group(const struct linker *linker, size_t at)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < linker->rows.count; i++)
		if (linker->clusters.of[i] == linker->clusters.of[at] &&
		    row_number(&linker->rows, i) < least)
			least = row_number(&linker->rows, i);
	return least;
}

int linker_found(const struct linker *linker, const struct link_found *found, struct cb_error *err)
{
	size_t count = linker->rows.count;
	int64_t *least = memory_take((count + 1) * sizeof(*least));
	int rc = linker_found_pairs(linker, 0, found, err);

	for (size_t i = 0; i < count; i++) {
		int64_t *of = &least[linker->clusters.of[i]], number = row_number(&linker->rows, i);

		if (!*of || number < *of)
			*of = number;
	}
	for (size_t i = 0; rc == CB_OK && i < count; i++)
		rc = found->group(found->with, row_number(&linker->rows, i),
				  least[linker->clusters.of[i]], err);
	free(least);
	return rc;
}

const char *link_spec_name(const struct link_spec *spec)
{
	return spec->name;
}

const char *link_spec_column(const struct link_spec *spec, unsigned column)
{
	return column < spec->column_count ? spec->columns[column].from : NULL;
}
