/*
 * kind.c - the conditions of a kind are asked of the two values themselves: few
 * pairs come so far.
 */
#include "reconcile/kind.h"

/* "one|another" */
static bool is_among(const char *words, const struct value *value)
{
	while (value->text && *words) {
		size_t len = strcspn(words, "|");

		if (len == value->len && memcmp(words, value->text, len) == 0)
			return true;
		words += len + (words[len] == '|');
	}
	return false;
}

static bool has_level(const struct rows *rows, const struct spec_given *given, uint32_t a,
		      uint32_t b)
{
	const struct spec_comparison *c = &rows->spec->comparisons[given->of];
	const struct value *of_a[2], *of_b[2];

	for (unsigned i = 0; i < c->how.columns; i++) {
		of_a[i] = row_value(rows, a, c->column[i]);
		of_b[i] = row_value(rows, b, c->column[i]);
	}
	return given->levels >> (compare_values(&c->how, of_a, of_b) + 1) & 1;
}

static bool holds(const struct rows *rows, const struct spec_given *given, uint32_t a, uint32_t b)
{
	if (!given->is_column)
		return has_level(rows, given, a, b);
	return is_among(given->word, row_value(rows, a, given->of)) !=
	       is_among(given->word, row_value(rows, b, given->of));
}

const struct spec_kind *kind_of(const struct rows *rows, uint32_t a, uint32_t b)
{
	const struct link_spec *spec = rows->spec;

	for (unsigned k = 0; k < spec->kind_count; k++) {
		const struct spec_kind *kind = &spec->kinds[k];
		unsigned i = 0;

		while (i < kind->count && holds(rows, &kind->given[i], a, b))
			i++;
		if (i == kind->count)
			return kind;
	}
	return NULL;
}
