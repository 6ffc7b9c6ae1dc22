/*
 * spec_kind.c - how two records belong together, and which record of a cluster
 * speaks for a field, as a specification says it.
 */
#include "reconcile/spec.h"

static bool is_no(const struct cb_element *e, const char *name)
{
	const char *word = cb_attribute(e, name);

	return word && strcmp(word, "no") == 0;
}

static bool has_room(struct problems *problems, const struct cb_element *e, unsigned count,
		     unsigned most)
{
	if (count == most)
		problem_at(problems, e, NULL, 0, "<%s> 最多 %u 个", "at most %2$u of <%1$s>",
			   e->name, most);
	return count < most;
}

struct reading {
	struct link_spec *spec;
	struct arena *arena;
	struct problems *problems;
};

/* One word of "exact|days 7" as a bit; 0 with a problem added. */
static uint32_t level_bit(const struct reading *r, const struct cb_element *e, unsigned comparison,
			  struct cb_text word, size_t offset)
{
	const struct spec_comparison *c = &r->spec->comparisons[comparison];
	const char *words[LEVELS_MOST + 1] = { NULL }, *nearest, *all = "";

	for (unsigned code = 0; code < c->codes; code++) {
		words[code] = spec_level_word(r->arena, c, code);
		if (cb_text_is(word, words[code]))
			return UINT32_C(1) << code;
		all = arena_printf(r->arena, "%s%s%s", all, *all ? "|" : "", words[code]);
	}
	nearest = problem_nearest(arena_string(r->arena, word), words);
	problem_at(r->problems, e, "level", offset, "比较“%s”没有级别“%.*s”；有：%s%s%s",
		   "comparison '%s' has no level '%.*s'; there are: %s%s%s", c->name,
		   CB_TEXT_ARG(word), all,
		   nearest ? cb_say("；最接近的是 ", "; the nearest is ") : "",
		   nearest ? nearest : "");
	return 0;
}

static void read_level(const struct reading *r, struct spec_given *given,
		       const struct cb_element *e)
{
	const char *name = cb_attribute(e, "compare"), *level = cb_attribute(e, "level");
	const char *words[SPEC_COMPARISONS + 1] = { NULL }, *nearest;
	unsigned at = 0;

	for (; at < r->spec->comparison_count; at++) {
		words[at] = r->spec->comparisons[at].name;
		if (strcmp(words[at], name) == 0)
			break;
	}
	if (at == r->spec->comparison_count) {
		nearest = problem_nearest(name, words);
		problem_at(r->problems, e, "compare", 0, "没有名为“%s”的比较%s%s",
			   "there is no comparison '%s'%s%s", name,
			   nearest ? cb_say("；最接近的是 ", "; the nearest is ") : "",
			   nearest ? nearest : "");
		return;
	}
	given->of = at;
	if (!level)
		problem_at(r->problems, e, NULL, 0, "写明 level", "say the level");
	for (const char *word = level; word && *word;) {
		size_t len = strcspn(word, "|");

		given->levels |=
			level_bit(r, e, at, (struct cb_text){ word, len }, (size_t)(word - level));
		word += len + (word[len] == '|');
	}
}

static void read_words(const struct reading *r, struct spec_given *given,
		       const struct cb_element *e)
{
	const char *name = cb_attribute(e, "column");
	unsigned at = 0;

	while (at < r->spec->column_count && strcmp(r->spec->columns[at].name, name) != 0)
		at++;
	given->is_column = true;
	given->of = at;
	given->word = cb_attribute(e, "one-side");
	if (at == r->spec->column_count)
		problem_at(r->problems, e, "column", 0, "没有名为“%s”的列",
			   "there is no column '%s'", name);
	if (!given->word)
		problem_at(r->problems, e, NULL, 0, "写明 one-side", "say one-side");
}

static void read_kind(const struct reading *r, const struct cb_element *e)
{
	struct spec_kind *kind = &r->spec->kinds[r->spec->kind_count];
	const char *label = cb_attribute(e, "label");

	if (!has_room(r->problems, e, r->spec->kind_count, SPEC_KINDS))
		return;
	kind->name = cb_attribute(e, "name");
	kind->label = label ? label : kind->name;
	kind->is_one = !is_no(e, "one");
	for (const struct cb_element *g = e->first; g; g = g->next) {
		struct spec_given *given = &kind->given[kind->count];

		if (!has_room(r->problems, g, kind->count, SPEC_GIVEN))
			break;
		if (cb_attribute(g, "compare"))
			read_level(r, given, g);
		else if (cb_attribute(g, "column"))
			read_words(r, given, g);
		else
			problem_at(r->problems, g, NULL, 0, "写明 compare 或 column",
				   "say compare or column");
		kind->count++;
	}
	r->spec->kind_count += kind->name != NULL;
}

static void read_keep(const struct reading *r, const struct cb_element *e)
{
	static const char *const ways[] = { "recent", "complete", "trusted", "longest" };
	struct spec_survivor *s = &r->spec->survivors[r->spec->survivor_count];
	const char *by = cb_attribute(e, "by"), *together = cb_attribute(e, "together");
	unsigned way = 0;

	if (!has_room(r->problems, e, r->spec->survivor_count, SPEC_SURVIVORS))
		return;
	while (by && way < 4 && strcmp(by, ways[way]) != 0)
		way++;
	*s = (struct spec_survivor){ cb_attribute(e, "fields"), (enum survival)way,
				     together && strcmp(together, "yes") == 0, e };
	r->spec->survivor_count += s->fields && way < 4;
	if (way == SURVIVAL_TRUSTED && !(r->spec->trust && r->spec->source_field))
		problem_at(r->problems, e, "by", 0, "trusted 要在 <survivors> 写明 source 与 trust",
			   "trusted needs source and trust in <survivors>");
}

void spec_read_kinds(struct link_spec *spec, struct arena *arena, struct problems *problems)
{
	const struct reading r = { spec, arena, problems };

	for (const struct cb_element *e = spec->root->first; e; e = e->next) {
		if (strcmp(e->name, "kind") == 0) {
			read_kind(&r, e);
		} else if (strcmp(e->name, "survivors") == 0) {
			spec->recent = cb_attribute(e, "recent");
			spec->source_field = cb_attribute(e, "source");
			spec->trust = cb_attribute(e, "trust");
			for (const struct cb_element *k = e->first; k; k = k->next)
				read_keep(&r, k);
		}
	}
}
