/*
 * labels.c - what people call a code of ours.
 *
 * Tables to words are kept for systems that write words; what they write is
 * what people read. So there is no list of labels beside them that could say
 * something else.
 */
#include "mapping/plan.h"

static const struct code_row *row_of(const struct codes *codes, struct cb_text code)
{
	for (size_t i = 0; i < codes->count; i++) {
		const struct code_row *row = &codes->rows[i];

		if (!row->outcome && row->here && (row->way & WAY_OUT) &&
		    cb_text_is(code, row->here))
			return row;
	}
	return NULL;
}

/* The first alternative, without its quotes: what is written. */
static const char *first_word(struct arena *arena, const char *there)
{
	const char *end;

	if (*there == '\'' && (end = strchr(there + 1, '\'')) != NULL)
		there++;
	else
		end = there + strcspn(there, "|");
	return arena_string(arena, (struct cb_text){ there, (size_t)(end - there) });
}

static bool is_words_of(const char *name, const char *table)
{
	size_t len = strlen(table);

	return strncmp(name, table, len) == 0 && strcmp(name + len, "-words") == 0;
}

const char *mapping_code_label(const struct mapping *m, struct arena *arena, const char *table,
			       struct cb_text code)
{
	const char *label = NULL;

	for (const struct codes *c = m->codes; c; c = c->next) {
		bool is_words = is_words_of(c->name, table);
		const struct code_row *row =
			is_words || strcmp(c->name, table) == 0 ? row_of(c, code) : NULL;

		if (row && is_words && row->there && strcmp(row->there, "*") != 0)
			return first_word(arena, row->there);
		if (row && !label && row->label && *row->label)
			label = row->label;
	}
	return label;
}
