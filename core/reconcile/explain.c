/*
 * explain.c - why two records are linked or not, part by part.
 */
#include "reconcile/linker.h"

size_t linker_find(const struct linker *linker, const char *name)
{
	const char *colon = strchr(name, ':');
	size_t at = rows_find(&linker->rows, NULL, cb_text_of(name));

	for (unsigned s = 0; at == SIZE_MAX && colon && s < linker->rows.source_count; s++) {
		const char *source = linker->rows.sources[s];

		if (strncmp(source, name, (size_t)(colon - name)) == 0 &&
		    strlen(source) == (size_t)(colon - name))
			at = rows_find(&linker->rows, source, cb_text_of(colon + 1));
	}
	return at;
}

/* The values of a comparison, as they are compared. */
static const char *shown(const struct linker *linker, struct arena *arena, unsigned comparison,
			 size_t record)
{
	const struct spec_comparison *c = &linker->spec->comparisons[comparison];
	const struct value *first = row_value(&linker->rows, record, c->column[0]), *second;

	if (c->how.columns == 1)
		return first->text;
	second = row_value(&linker->rows, record, c->column[1]);
	if (!first->text && !second->text)
		return NULL;
	return arena_printf(arena, "%s | %s", first->text ? first->text : "",
			    second->text ? second->text : "");
}

static void say_comparison(const struct linker *linker, struct arena *arena, unsigned comparison,
			   uint64_t levels, const size_t record[2],
			   void (*take)(void *with, const struct link_part *part), void *with)
{
	const struct spec_comparison *c = &linker->spec->comparisons[comparison];
	unsigned code = pattern_code(levels, comparison);
	struct link_part part = { .name = c->label,
				  .level = spec_level_name(arena, c, code),
				  .id = c->name,
				  .word = spec_level_word(arena, c, code),
				  .left = shown(linker, arena, comparison, record[0]),
				  .right = shown(linker, arena, comparison, record[1]) };

	part.weight = linker->weigher.part[comparison][code];
	part.frequency = weigh_frequency(&linker->weigher, comparison, code, (uint32_t)record[0],
					 (uint32_t)record[1]);
	take(with, &part);
}

static const char *rules_of(const struct linker *linker, struct arena *arena, uint32_t rules)
{
	const char *all = "";

	for (unsigned r = 0; r < linker->spec->rule_count; r++)
		if (rules >> r & 1)
			all = arena_printf(arena, "%s%s%s", all, *all ? ", " : "",
					   linker->spec->rules[r].name);
	return all;
}

static int find_both(const struct linker *linker, const char *left, const char *right,
		     size_t record[2], struct cb_error *err)
{
	record[0] = linker_find(linker, left);
	record[1] = linker_find(linker, right);
	if (record[0] == SIZE_MAX || record[1] == SIZE_MAX)
		return cb_fail(err, CB_SETUP, "没有编号为“%s”的记录；写法：编号，或 来源:编号",
			       "there is no record '%s'; say an id, or source:id",
			       record[0] == SIZE_MAX ? left : right);
	if (record[0] == record[1])
		return cb_fail(err, CB_SETUP, "“%s”和“%s”是同一条记录",
			       "'%s' and '%s' are the same record", left, right);
	return CB_OK;
}

const char *link_part_name(const char *id)
{
	return strcmp(id, PART_PRIOR) == 0 ? cb_say("先验", "prior")
	       : strcmp(id, PART_HOME) == 0 ? cb_say("一家人也会如此", "a household would too")
	       : strcmp(id, PART_MOVED) == 0 ? cb_say("也许搬了家", "may have moved")
					     : NULL;
}

int linker_explain(const struct linker *linker, struct arena *arena, const char *left,
		   const char *right, void (*take)(void *with, const struct link_part *part),
		   void *with, struct link_verdict *verdict, struct cb_error *err)
{
	const struct weigher *w = &linker->weigher;
	struct link_part prior = { .id = PART_PRIOR };
	struct link_part home = { .id = PART_HOME };
	struct link_part moved = { .id = PART_MOVED };
	struct evidence evidence;
	size_t record[2];
	uint64_t levels;
	int rc = find_both(linker, left, right, record, err);

	if (rc != CB_OK)
		return rc;
	prior.name = link_part_name(PART_PRIOR);
	home.name = link_part_name(PART_HOME);
	moved.name = link_part_name(PART_MOVED);
	levels = matcher_pattern(&linker->matcher, row_ids(&linker->rows, record[0]),
				 row_ids(&linker->rows, record[1]));
	evidence = weigh_pair(w, levels, (uint32_t)record[0], (uint32_t)record[1]);
	prior.weight = w->match - w->other;
	take(with, &prior);
	for (unsigned c = 0; c < linker->spec->comparison_count; c++)
		say_comparison(linker, arena, c, levels, record, take, with);
	moved.weight = evidence.moved;
	if (linker->params.moved > 0)
		take(with, &moved);
	home.weight = weigh_kin(w, evidence);
	if (linker->spec->has_kin)
		take(with, &home);
	verdict->weight = weigh_total(w, evidence);
	verdict->probability = probability_of_weight(verdict->weight);
	verdict->is_never = is_never(&linker->rows, (uint32_t)record[0], (uint32_t)record[1]);
	verdict->is_linked = !verdict->is_never && verdict->weight >= linker->cut.weight;
	verdict->is_same_cluster = linker->clusters.of[record[0]] == linker->clusters.of[record[1]];
	verdict->rules =
		rules_of(linker, arena,
			 blocks_meet(&linker->blocks, (uint32_t)record[0], (uint32_t)record[1]));
	return CB_OK;
}
