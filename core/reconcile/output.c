/*
 * output.c - clusters and pairs as CSV, in the order of the records.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/cells.h"
#include "base/file.h"
#include "base/hash.h"
#include "reconcile/linker.h"
#include "reconcile/parallel.h"

#define PIECE 16384 /* records */

static void put_cell(struct buffer *out, struct cb_text text)
{
	bool is_plain = true;

	for (size_t i = 0; i < text.len && is_plain; i++)
		is_plain = text.at[i] != ',' && text.at[i] != '"' && text.at[i] != '\n' &&
			   text.at[i] != '\r';
	if (is_plain) {
		buffer_text(out, text);
		return;
	}
	buffer_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"')
			buffer_char(out, '"');
		buffer_char(out, text.at[i]);
	}
	buffer_char(out, '"');
}

static void put_record(const struct linker *linker, struct buffer *out, size_t record)
{
	const struct row_name *name = &linker->rows.names[record];

	put_cell(out, cb_text_of(linker->rows.sources[name->source]));
	buffer_char(out, ',');
	put_cell(out, (struct cb_text){ name->at, name->len });
}

static void put_number(struct buffer *out, uint32_t number)
{
	char digits[12], *at = digits + sizeof(digits);

	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	buffer_put(out, at, (size_t)(digits + sizeof(digits) - at));
}

struct writing {
	const struct linker *linker;
	struct buffer *pieces;
};

static void write_piece(void *with, size_t unit, unsigned thread)
{
	const struct writing *writing = with;
	const struct linker *linker = writing->linker;
	struct buffer *out = &writing->pieces[unit];
	size_t end = (unit + 1) * PIECE;

	for (size_t i = unit * PIECE; i < end && i < linker->rows.count; i++) {
		put_record(linker, out, i);
		buffer_char(out, ',');
		put_number(out, linker->cluster_number[linker->clusters.of[i]]);
		buffer_char(out, '\n');
	}
}

void linker_clusters_csv(const struct linker *linker, struct buffer *out)
{
	size_t pieces = (linker->rows.count + PIECE - 1) / PIECE;
	struct writing writing = { linker, memory_take((pieces + 1) * sizeof(*writing.pieces)) };

	buffer_string(out, "source,id,cluster\n");
	parallel(linker->rows.threads, pieces, write_piece, &writing);
	for (size_t i = 0; i < pieces; i++) {
		buffer_text(out, buffer_view(&writing.pieces[i]));
		buffer_done(&writing.pieces[i]);
	}
	free(writing.pieces);
}

/* Pairs. */

struct words { /* of the levels, by comparison and code */
	struct arena arena;
	const char *of[SPEC_COMPARISONS][LEVELS_MOST];
};

static void put_pair(const struct linker *linker, const struct words *words, struct buffer *out,
		     size_t at)
{
	const struct pair *p = &linker->pairs.at[at];
	uint64_t levels = linker->pairs.patterns.at[p->pattern].levels;
	double weight = linker->weights.at[at];

	put_record(linker, out, p->a);
	buffer_char(out, ',');
	put_record(linker, out, p->b);
	buffer_printf(out, ",%.4f,%.6f", weight, probability_of_weight(weight));
	for (unsigned c = 0; c < linker->spec->comparison_count; c++) {
		buffer_char(out, ',');
		buffer_string(out, words->of[c][pattern_code(levels, c)]);
	}
	buffer_char(out, '\n');
}

void linker_pairs_csv(const struct linker *linker, struct buffer *out)
{
	double least = fmin(weight_of_probability(linker->spec->doubt), linker->cut.weight);
	struct radix_item *order = memory_take((linker->pairs.count + 1) * sizeof(*order));
	struct words words = { 0 };
	size_t count = 0;

	for (unsigned c = 0; c < linker->spec->comparison_count; c++)
		for (unsigned code = 0; code < linker->spec->comparisons[c].codes; code++)
			words.of[c][code] =
				spec_level_word(&words.arena, &linker->spec->comparisons[c], code);
	for (size_t i = 0; i < linker->pairs.count; i++) {
		const struct pair *p = &linker->pairs.at[i];

		if (linker->weights.at[i] >= least && !is_never(&linker->rows, p->a, p->b))
			order[count++] =
				(struct radix_item){ (uint64_t)p->a << 32 | p->b, (uint32_t)i };
	}
	radix_sort(order, count);
	buffer_string(out, "source_1,id_1,source_2,id_2,weight,probability");
	for (unsigned c = 0; c < linker->spec->comparison_count; c++) {
		buffer_char(out, ',');
		put_cell(out, cb_text_of(linker->spec->comparisons[c].name));
	}
	buffer_char(out, '\n');
	for (size_t i = 0; i < count; i++)
		put_pair(linker, &words, out, order[i].item);
	arena_done(&words.arena);
	free(order);
}
