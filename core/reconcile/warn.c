/*
 * warn.c - what a user should know before believing the parameters.
 */
#include <stdarg.h>
#include <stdio.h>

#include "reconcile/linker.h"

struct warner {
	const struct linker *linker;
	struct arena arena;
	void (*say)(void *with, const char *text);
	void *with;
};

static void warn(struct warner *w, const char *zh, const char *en, ...) CB_SAYS(2, 3, 4);
static void warn(struct warner *w, const char *zh, const char *en, ...)
{
	char text[CB_ERROR_MAX];
	va_list args;

	va_start(args, en);
	vsnprintf(text, sizeof(text), cb_say(zh, en), args);
	va_end(args);
	w->say(w->with, text);
}

static void warn_of_comparison(struct warner *w, unsigned comparison)
{
	const struct spec_comparison *c = &w->linker->spec->comparisons[comparison];
	const struct params *p = &w->linker->params;

	if (!p->is_learned[comparison])
		warn(w, "比较“%s”没有学到参数：没有一条规则能用来学它；用的是初始值",
		     "comparison '%s' was not learned: no rule could teach it; it keeps its "
		     "starting values",
		     c->label);
	for (unsigned code = 1; code < c->codes; code++)
		if (p->is_unseen[comparison][code])
			warn(w, "比较“%s”的级别“%s”在候选对里一次也没有出现，它的分量靠不住",
			     "comparison '%s': no candidate pair is at level '%s', its weight is "
			     "not to be relied on",
			     c->label, spec_level_name(&w->arena, c, code));
}

static void warn_of_rules(struct warner *w)
{
	const struct params *p = &w->linker->params;
	const struct link_spec *spec = w->linker->spec;

	for (unsigned r = 0; r < spec->rule_count; r++) {
		if (p->is_trained[r] && !p->is_settled[r])
			warn(w, "用分块规则 %s 学习没有收敛",
			     "learning from blocking rule %s did not converge",
			     spec->rules[r].name);
		if (!w->linker->pairs.found[r])
			warn(w, "分块规则 %s 一对也没有找到", "blocking rule %s finds no pair",
			     spec->rules[r].name);
	}
}

/* Many blocks of one rule are one sentence. */
static void warn_of_splits(struct warner *w)
{
	const struct blocks *blocks = &w->linker->blocks;
	const struct link_spec *spec = w->linker->spec;

	for (unsigned r = 0; r < spec->rule_count; r++) {
		size_t count = 0, left_out = 0;
		const struct block_split *largest = NULL;

		for (size_t i = 0; i < blocks->split_count; i++) {
			const struct block_split *split = &blocks->splits[i];

			if (split->rule != r)
				continue;
			count++;
			left_out += split->left_out;
			if (!largest || split->size > largest->size)
				largest = split;
		}
		if (largest)
			warn(w,
			     "分块规则 %s 有 %zu 个块过大（最大 %u "
			     "条），已再按另一列分开（最大的按 "
			     "%s）；%zu 条记录不再由这条规则比较",
			     "blocking rule %s has %zu blocks that are too large (the largest: %u "
			     "records); they were split by another column (the largest by %s), and "
			     "the rule compares %zu records no more",
			     spec->rules[r].name, count, largest->size,
			     spec->columns[largest->column].name, left_out);
	}
}

void linker_warnings(const struct linker *linker, void (*say)(void *with, const char *text),
		     void *with)
{
	struct warner w = { .linker = linker, .say = say, .with = with };

	if (!linker->options.params) {
		for (unsigned c = 0; c < linker->spec->comparison_count; c++)
			warn_of_comparison(&w, c);
		warn_of_rules(&w);
	}
	warn_of_splits(&w);
	arena_done(&w.arena);
}
