/*
 * pattern.c - from two rows of numbers to a pattern; and a table that counts
 * patterns.
 */
#include "reconcile/pattern.h"

#include <stdlib.h>

#include "reconcile/companion.h"

#define SLOTS_LEAST 1024

static bool hides(const struct column *column)
{
	for (uint32_t id = 1; id < column->count; id++)
		if (column->values[id].is_partial)
			return true;
	return false;
}

void matcher_init(struct matcher *m, const struct rows *rows)
{
	*m = (struct matcher){ .rows = rows,
			       .count = rows->spec->comparison_count,
			       .comparisons = rows->spec->comparisons };
	for (unsigned c = 0; c < m->count; c++) {
		const struct comparison *how = &m->comparisons[c].how;
		const struct compare_level *top = &how->levels[0];

		compare_plan(&m->plans[c], how);
		m->equal_is_top[c] = top->measure == MEASURE_EXACT &&
				     (how->columns == 1 || top->side == SIDE_BOTH);
		for (unsigned i = 0; i < how->columns; i++)
			m->may_hide[c] |= hides(&rows->column[m->comparisons[c].column[i]]);
	}
}

static bool is_shown(const struct matcher *m, unsigned comparison, const uint32_t *ids)
{
	const struct spec_comparison *c = &m->comparisons[comparison];

	for (unsigned i = 0; m->may_hide[comparison] && i < c->how.columns; i++)
		if (m->rows->column[c->column[i]].values[ids[c->column[i]]].is_partial)
			return false;
	return true;
}

bool matcher_is_equal(const struct matcher *m, unsigned comparison, const uint32_t *a,
		      const uint32_t *b)
{
	const struct spec_comparison *c = &m->comparisons[comparison];
	unsigned column = c->column[0];

	if (!m->equal_is_top[comparison] || !a[column] || a[column] != b[column])
		return false;
	if (c->how.columns == 2) {
		column = c->column[1];
		if (!a[column] || a[column] != b[column])
			return false;
	}
	return is_shown(m, comparison, a);
}

static bool is_whole(const struct matcher *m, unsigned column, const uint32_t *ids)
{
	return ids[column] && !m->rows->column[column].values[ids[column]].is_partial;
}

static uint32_t record_of(const struct matcher *m, const uint32_t *ids)
{
	return (uint32_t)((size_t)(ids - m->rows->ids) / m->rows->columns);
}

unsigned matcher_code(const struct matcher *m, unsigned comparison, const uint32_t *a,
		      const uint32_t *b)
{
	const struct spec_comparison *c = &m->comparisons[comparison];
	const struct value *of_a[2] = { NULL }, *of_b[2] = { NULL };

	if (comparison + 1 == m->rows->spec->companions)
		return m->companions
			       ? companions_code(m->companions, record_of(m, a), record_of(m, b))
			       : 0;
	if (c->how.columns == 1 && (!a[c->column[0]] || !b[c->column[0]]))
		return 0;
	if (c->unless && is_whole(m, c->unless - 1, a) && is_whole(m, c->unless - 1, b))
		return 0;
	if (matcher_is_equal(m, comparison, a, b))
		return c->codes - 1;
	for (unsigned i = 0; i < c->how.columns; i++) {
		const struct value *values = m->rows->column[c->column[i]].values;

		of_a[i] = &values[a[c->column[i]]];
		of_b[i] = &values[b[c->column[i]]];
	}
	return (unsigned)(compare_by(&m->plans[comparison], of_a, of_b) + 1);
}

uint64_t matcher_pattern(const struct matcher *m, const uint32_t *a, const uint32_t *b)
{
	uint64_t pattern = 0;

	for (unsigned c = 0; c < m->count; c++)
		pattern |= (uint64_t)matcher_code(m, c, a, b) << 4 * c;
	return pattern;
}

/* The table. */

static uint64_t hash_of(uint64_t levels, uint32_t rules)
{
	uint64_t h = (levels ^ (uint64_t)rules << 32) * 0x9e3779b97f4a7c15u;

	return h ^ h >> 29;
}

static void widen(struct patterns *p)
{
	p->slot_room = p->slot_room ? p->slot_room * 2 : SLOTS_LEAST;
	free(p->slots);
	p->slots = memory_take(p->slot_room * sizeof(*p->slots));
	for (size_t i = 0; i < p->count; i++) {
		size_t at = hash_of(p->at[i].levels, p->at[i].rules) & (p->slot_room - 1);

		while (p->slots[at])
			at = (at + 1) & (p->slot_room - 1);
		p->slots[at] = (uint32_t)i + 1;
	}
}

uint32_t patterns_add(struct patterns *p, uint64_t levels, uint32_t rules, uint64_t times)
{
	struct pattern *found;
	size_t at;

	if (p->count * 2 >= p->slot_room)
		widen(p);
	at = hash_of(levels, rules) & (p->slot_room - 1);
	while (p->slots[at]) {
		found = &p->at[p->slots[at] - 1];
		if (found->levels == levels && found->rules == rules) {
			found->count += times;
			return p->slots[at] - 1;
		}
		at = (at + 1) & (p->slot_room - 1);
	}
	memory_grow(&p->at, p->count, &p->room, sizeof(*p->at));
	p->at[p->count] = (struct pattern){ levels, rules, (uint32_t)p->count, times };
	p->slots[at] = (uint32_t)++p->count;
	return (uint32_t)p->count - 1;
}

static int compare_patterns(const void *a, const void *b)
{
	const struct pattern *x = a, *y = b;

	if (x->levels != y->levels)
		return x->levels < y->levels ? -1 : 1;
	return (x->rules > y->rules) - (x->rules < y->rules);
}

void patterns_order(struct patterns *p)
{
	if (p->count)
		qsort(p->at, p->count, sizeof(*p->at), compare_patterns);
	free(p->slots);
	p->slots = NULL;
	p->slot_room /= 2;
	if (p->count)
		widen(p);
}

void patterns_done(struct patterns *p)
{
	free(p->at);
	free(p->slots);
	*p = (struct patterns){ 0 };
}
