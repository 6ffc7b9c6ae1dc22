/*
 * output.c - clusters and pairs as CSV or as a database, in the order of the records.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/cells.h"
#include "base/file.h"
#include "base/hash.h"
#include "reconcile/linker.h"
#include "reconcile/parallel.h"
#include "store/linkage.h"

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

static void words_of(struct words *words, const struct link_spec *spec)
{
	*words = (struct words){ 0 };
	for (unsigned c = 0; c < spec->comparison_count; c++)
		for (unsigned code = 0; code < spec->comparisons[c].codes; code++)
			words->of[c][code] =
				spec_level_word(&words->arena, &spec->comparisons[c], code);
}

/* Pairs that are linked or doubtful, in the order of their records. */
static struct radix_item *list_pairs(const struct linker *linker, size_t *count)
{
	double least = fmin(weight_of_probability(linker->spec->doubt), linker->cut.weight);
	struct radix_item *order = memory_take((linker->pairs.count + 1) * sizeof(*order));

	*count = 0;
	for (size_t i = 0; i < linker->pairs.count; i++) {
		const struct pair *p = &linker->pairs.at[i];

		pairs_walked(&linker->pairs, &linker->weights, i);
		if (linker->weights.at[i] >= least && !is_never(&linker->rows, p->a, p->b))
			order[(*count)++] =
				(struct radix_item){ (uint64_t)p->a << 32 | p->b, (uint32_t)i };
	}
	radix_sort(order, *count);
	return order;
}

void linker_pairs_csv(const struct linker *linker, struct buffer *out)
{
	struct words words;
	size_t count;
	struct radix_item *order = list_pairs(linker, &count);

	words_of(&words, linker->spec);
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

/* As a database. */

static int store_records(const struct linker *linker, struct store_linkage *to,
			 struct cb_error *err)
{
	const struct rows *rows = &linker->rows;
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && i < rows->count; i++) {
		const struct store_linkage_record record = {
			.number = (int64_t)i + 1,
			.source = rows->sources[rows->names[i].source],
			.id = { rows->names[i].at, rows->names[i].len },
			.cluster = linker->cluster_number[linker->clusters.of[i]],
		};

		rc = store_linkage_record(to, &record, err);
	}
	return rc;
}

static int store_pairs(const struct linker *linker, struct store_linkage *to, bool *is_used,
		       struct cb_error *err)
{
	size_t count;
	struct radix_item *order = list_pairs(linker, &count);
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && i < count; i++) {
		const struct pair *p = &linker->pairs.at[order[i].item];
		double weight = linker->weights.at[order[i].item];
		const struct store_linkage_pair pair = {
			.record = { (int64_t)p->a + 1, (int64_t)p->b + 1 },
			.weight = weight,
			.probability = probability_of_weight(weight),
			.is_linked = weight >= linker->cut.weight,
			.pattern = p->pattern + INT64_C(1),
		};

		is_used[p->pattern] = true;
		rc = store_linkage_pair(to, &pair, err);
	}
	free(order);
	return rc;
}

static int store_levels(const struct linker *linker, struct store_linkage *to, const bool *is_used,
			struct cb_error *err)
{
	struct words words;
	int rc = CB_OK;

	words_of(&words, linker->spec);
	for (size_t p = 0; p < linker->pairs.patterns.count; p++)
		for (unsigned c = 0;
		     rc == CB_OK && is_used[p] && c < linker->spec->comparison_count; c++)
			rc = store_linkage_level(
				to, (int64_t)p + 1, linker->spec->comparisons[c].name,
				words.of[c][pattern_code(linker->pairs.patterns.at[p].levels, c)],
				err);
	arena_done(&words.arena);
	return rc;
}

int linker_store(const struct linker *linker, const char *path, struct cb_error *err)
{
	bool *is_used = memory_take(linker->pairs.patterns.count + 1);
	struct store_linkage *to;
	int rc = store_linkage_new(path, &to, err);

	if (rc == CB_OK)
		rc = store_records(linker, to, err);
	if (rc == CB_OK)
		rc = store_pairs(linker, to, is_used, err);
	if (rc == CB_OK)
		rc = store_levels(linker, to, is_used, err);
	if (rc == CB_OK)
		rc = store_linkage_finish(to, err);
	store_linkage_drop(to);
	free(is_used);
	return rc;
}
