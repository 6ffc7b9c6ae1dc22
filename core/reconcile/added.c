/* TEMPORARY */
#include <inttypes.h>
#include "base/hash.h"
#include "reconcile/index.h"
#include "reconcile/linker.h"
#include <stdlib.h>
int64_t row_number(const struct rows *rows, size_t record);
int linker_add(struct linker *l, const struct link_record *r, struct cb_error *err)
{
	struct rows *rows = &l->rows;
	(void)err;
	if (!rows->source_count) rows->sources[rows->source_count++] = r->source;
	if (rows->count >= rows->room) {
		rows->room = rows->room ? rows->room * 2 : 64;
		rows->ids = memory_resize(rows->ids, (rows->room * rows->columns + 1) * sizeof(*rows->ids));
		rows->names = memory_resize(rows->names, rows->room * sizeof(*rows->names));
	}
	char *n = arena_printf(&rows->arena, "%019" PRId64, r->number);
	rows->names[rows->count] = (struct row_name){ n, 19, 0 };
	uint32_t *ids = rows->ids + rows->count++ * rows->columns;
	for (unsigned c = 0; c < rows->columns; c++) {
		struct cb_text t = arena_copy(&rows->arena, r->texts[c]);
		ids[c] = terms_add(&rows->column[c].terms, t.at ? t.at : "", (uint32_t)t.len, hash_bytes(t.at ? t.at : "", t.len, 0), 1);
	}
	return CB_OK;
}
int64_t row_number(const struct rows *rows, size_t record)
{
	return strtoll(rows->names[record].at, NULL, 10);
}

#include "reconcile/kind.h"
void linker_rule(struct linker *l, const struct link_ruling *r, size_t n)
{
	l->rulings = memory_resize(l->rulings, (n + 1) * sizeof(*l->rulings));
	l->ruling_count = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t at[2] = { 0, 0 };
		for (int k = 0; k < 2; k++)
			for (uint32_t j = 0; j < l->rows.count; j++)
				if (row_number(&l->rows, j) == r[i].record[k]) at[k] = j;
		l->rulings[l->ruling_count++] = (struct ruling){ at[0], at[1], r[i].is_same };
	}
}
int linker_found(const struct linker *l, const struct link_found *f, struct cb_error *err)
{
	double least = fmin(weight_of_probability(l->spec->doubt), l->cut.weight);
	int rc = CB_OK;
	for (size_t i = 0; rc == CB_OK && i < l->pairs.count; i++) {
		const struct pair *p = &l->pairs.at[i];
		const struct spec_kind *kind = kind_of(&l->rows, p->a, p->b);
		bool never = is_never(&l->rows, p->a, p->b);
		if (l->weights.at[i] < least || (never && (!kind || kind->is_one))) continue;
		struct link_pair pair = { .record = { row_number(&l->rows, p->a), row_number(&l->rows, p->b) },
			.weight = l->weights.at[i], .probability = probability_of_weight(l->weights.at[i]), .levels = "",
			.is_sure = l->weights.at[i] >= l->cut.weight, .kind = kind ? kind->name : NULL, .is_apart = never };
		rc = f->pair(f->with, &pair, err);
	}
	for (size_t i = 0; rc == CB_OK && i < l->rows.count; i++)
		rc = f->group(f->with, row_number(&l->rows, i), row_number(&l->rows, l->clusters.of[i]), err);
	return rc;
}
