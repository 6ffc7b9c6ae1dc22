/*
 * candidate.c - blocking rules that could be.
 */
#include "reconcile/candidate.h"

/* Numbers worth trying behind a key that takes one; ends with 0. */
static const unsigned *numbers_of(enum key key, enum form form)
{
	static const unsigned none[] = { 0 }, begin[] = { 3, 5, 0 }, begin_id[] = { 6, 14, 0 };
	static const unsigned end[] = { 4, 0 }, tail[] = { 4, 7, 0 }, days[] = { 7, 0 };
	static const unsigned pieces[] = { KEYS_MAX, 0 };
	static const unsigned address[] = { LEVEL_ESTATE, LEVEL_NUMBER, LEVEL_BUILDING, LEVEL_ROOM,
					    0 };

	switch (key) {
	case KEY_PREFIX:
		if (form == FORM_IDCARD)
			return begin_id;
		return form == FORM_DATE || form == FORM_ADDRESS || form == FORM_PHONE ? none
										       : begin;
	case KEY_SUFFIX:
		return form == FORM_DATE || form == FORM_ADDRESS || form == FORM_PHONE ? none : end;
	case KEY_TAIL:
		return tail;
	case KEY_DAYS:
		return days;
	case KEY_PIECES:
		return pieces;
	case KEY_ADDRESS:
		return address;
	default:
		return none;
	}
}

static const char *name_of(struct arena *arena, const struct link_spec *spec,
			   const struct spec_rule *rule)
{
	const char *name = "";
	char number[16];

	for (unsigned i = 0; i < rule->count; i++) {
		const struct spec_key *k = &rule->keys[i];

		name = arena_printf(arena, "%s%s%s", name, i ? "+" : "",
				    spec->columns[k->column].name);
		if (k->key != KEY_WHOLE)
			name = arena_printf(arena, "%s/%s", name, key_kind(k->key)->name);
		if (k->n)
			name = arena_printf(arena, "%s%s", name, key_number(k->key, k->n, number));
	}
	return name;
}

static bool has_key(const struct spec_rule *rule, const struct spec_key *key)
{
	for (unsigned i = 0; i < rule->count; i++)
		if (rule->keys[i].column == key->column && rule->keys[i].key == key->key &&
		    rule->keys[i].n == key->n)
			return true;
	return false;
}

/* The same keys, in whatever order. */
static bool is_there(const struct candidates *c, const struct spec_rule *rule)
{
	for (size_t i = 0; i < c->count; i++) {
		unsigned same = 0;

		if (c->at[i].count != rule->count)
			continue;
		for (unsigned k = 0; k < rule->count; k++)
			same += has_key(&c->at[i], &rule->keys[k]);
		if (same == rule->count)
			return true;
	}
	return false;
}

static void add(struct candidates *c, struct arena *arena, const struct link_spec *spec,
		struct spec_rule rule)
{
	if (c->count == CANDIDATES_MOST || is_there(c, &rule))
		return;
	rule.name = name_of(arena, spec, &rule);
	c->at[c->count++] = rule;
}

static void add_column(struct candidates *c, struct arena *arena, const struct link_spec *spec,
		       unsigned column)
{
	enum form form = spec->columns[column].form;

	for (int i = 0; i < KEY_COUNT; i++) {
		struct spec_rule rule = { .keys = { { column, (enum key)i, 0 } }, .count = 1 };
		const struct key_kind *kind = key_kind((enum key)i);

		if (!(kind->forms >> form & 1))
			continue;
		if (!kind->has_n)
			add(c, arena, spec, rule);
		for (const unsigned *n = numbers_of((enum key)i, form); kind->has_n && *n; n++) {
			rule.keys[0].n = *n;
			add(c, arena, spec, rule);
		}
	}
}

void candidates_begin(struct candidates *c, struct arena *arena, const struct link_spec *spec)
{
	*c = (struct candidates){ .at = arena_zero(arena, CANDIDATES_MOST * sizeof(*c->at)) };
	for (unsigned r = 0; r < spec->rule_count; r++)
		c->at[c->count++] = spec->rules[r];
	for (unsigned column = 0; column < spec->column_count; column++)
		add_column(c, arena, spec, column);
}

void candidates_combine(struct candidates *c, struct arena *arena, const struct link_spec *spec,
			const size_t *wide, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			struct spec_rule rule = { .count = 2 };

			rule.keys[0] = c->at[wide[i]].keys[0];
			rule.keys[1] = c->at[wide[k]].keys[0];
			if (rule.keys[0].column != rule.keys[1].column)
				add(c, arena, spec, rule);
		}
}

void candidate_xml(const struct spec_rule *rule, const struct link_spec *spec, struct buffer *out)
{
	char number[16];

	buffer_string(out, "<block>");
	for (unsigned i = 0; i < rule->count; i++) {
		const struct spec_key *k = &rule->keys[i];

		buffer_string(out, "<key column=\"");
		buffer_xml(out, cb_text_of(spec->columns[k->column].name));
		if (k->key != KEY_WHOLE)
			buffer_printf(out, "\" by=\"%s", key_kind(k->key)->name);
		if (k->n)
			buffer_printf(out, "\" n=\"%s", key_number(k->key, k->n, number));
		buffer_string(out, "\"/>");
	}
	buffer_string(out, "</block>");
}
