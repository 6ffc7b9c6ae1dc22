/*
 * sketch.c - a first mapping, guessed from a sample.
 *
 * Our side is guessed by how alike the names of the sample are to the labels and
 * names of the model, the likest pair first. Nothing else is known of the field.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "mapping/sketch.h"

#define ALIKE 0.5 /* names that are less alike are no pair */

/* Letters and digits alone, narrow and small; what stands in brackets says a unit. */
static size_t letters(struct cb_text text, uint32_t out[64])
{
	const char *at = text.at, *end = at + text.len;
	size_t count = 0;
	int depth = 0;

	while (at < end && count < 64) {
		uint32_t c = utf8_narrow(utf8_next(&at, end));

		depth += c == '(' ? 1 : c == ')' ? -1 : 0;
		c = c >= 'A' && c <= 'Z' ? c + 32 : c;
		if (depth <= 0 && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c > 0x2e7f))
			out[count++] = c;
	}
	return count;
}

/* Twice the longest common subsequence over both lengths: 1 the same, 0 nothing in common. */
static double alike(struct cb_text a, const char *b)
{
	uint32_t x[64], y[64];
	size_t n = letters(a, x), m = b ? letters(cb_text_of(b), y) : 0, row[65] = { 0 };

	if (!n || !m)
		return 0;
	for (size_t i = 0; i < n; i++) {
		size_t corner = 0;

		for (size_t k = 0; k < m; k++) {
			size_t above = row[k + 1];

			row[k + 1] = x[i] == y[k] ? corner + 1 : above > row[k] ? above : row[k];
			corner = above;
		}
	}
	return 2.0 * (double)row[m] / (double)(n + m);
}

/* What is read through a reference is written by the reference itself. */
static bool may_be(const struct seen *n, const struct field *f)
{
	if (f->through != NO_SLOT)
		return false;
	switch (f->type) {
	case FIELD_INTEGER:
		return n->is_integer || !n->distinct;
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return n->is_number || !n->distinct;
	case FIELD_DATE:
	case FIELD_DATETIME:
		return n->dates || !n->distinct;
	case FIELD_CODE:
		return n->is_code;
	case FIELD_FLAG:
		return n->distinct == 2;
	case FIELD_TEXT:
	case FIELD_REF:
		return !n->dates;
	default:
		return false;
	}
}

static double likeness(const struct seen *n, const struct field *f)
{
	const char *slash = strrchr(f->path, '/');
	double by_label = alike(n->name, f->label);
	double by_name = alike(n->name, slash ? slash + 1 : f->path);
	double by_path = alike(n->name, f->path);

	by_name = by_path > by_name ? by_path : by_name;
	return may_be(n, f) ? (by_label > by_name ? by_label : by_name) : 0;
}

static bool is_taken(const struct sketch *s, const struct field *f)
{
	for (size_t i = 0; i < s->taken_count; i++)
		if (s->taken[i] == f)
			return true;
	return false;
}

struct best {
	struct seen *theirs;
	const struct field *ours;
	double score;
};

static void find_best(const struct sketch *s, struct seen *at, const struct table *t,
		      struct best *best)
{
	for (struct seen *c = at->first; c; c = c->next) {
		if (c->most > 1)
			continue;
		if (c->first)
			find_best(s, c, t, best);
		for (size_t i = 0; !c->first && !c->ours && i < t->shape->slot_count; i++) {
			double score = likeness(c, &t->fields[i]);

			if (score > best->score && !is_taken(s, &t->fields[i]))
				*best = (struct best){ c, &t->fields[i], score };
		}
	}
}

/* The likest pair first, each side once; how alike they are in all. */
static double pair_up(struct sketch *s, struct seen *at, const struct table *t)
{
	double sum = 0;

	for (;;) {
		struct best best = { .score = ALIKE - 0.001 };

		find_best(s, at, t, &best);
		if (!best.ours || s->taken_count == 512)
			return sum;
		best.theirs->ours = best.ours;
		best.theirs->score = best.score;
		s->taken[s->taken_count++] = best.ours;
		sum += best.score;
	}
}

static void forget(struct seen *at)
{
	for (struct seen *c = at->first; c; c = c->next) {
		c->ours = NULL;
		forget(c);
	}
}

/* A list of theirs is the list of ours whose fields are most like its own. */
static void pair_lists(struct sketch *s, struct seen *at)
{
	for (struct seen *c = at->first; c; c = c->next) {
		const struct table *best = NULL;
		double most = 0;

		if (c->most < 2) {
			pair_lists(s, c);
			continue;
		}
		for (size_t i = 0; i < s->entity->shape->list_count; i++) {
			const struct table *t = &s->entity->lists[i];
			size_t before = s->taken_count;
			double sum = pair_up(s, c, t) + alike(c->name, t->label);

			if (s->taken_count > before && sum > most) {
				most = sum;
				best = t;
			}
			s->taken_count = before;
			forget(c);
		}
		c->list = best;
		if (best)
			pair_up(s, c, best);
	}
}

bool mapping_sketch(struct arena *arena, const struct model *model, const struct table *entity,
		    const char *name, const char *label, const char *format, struct cb_text events,
		    struct buffer *out)
{
	struct sketch s = { .arena = arena, .model = model, .entity = entity, .out = out };
	struct seen *records;

	if (!sketch_read(&s, events))
		return false;
	records = sketch_records(&s.top);
	if (!records || !sketch_path(&s, records, &s.top))
		records = &s.top;
	sketch_types(&s, records);
	pair_up(&s, records, entity);
	pair_lists(&s, records);
	sketch_write(&s, records, name, label, format);
	return true;
}
