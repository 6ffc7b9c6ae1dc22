/*
 * extend.c - a mapping that takes another: its lines, with ours in their place.
 *
 * Done on the elements, before any line is read, so that every line keeps the
 * place where it was written. A line of ours stands for those of theirs that
 * write the same `here`; a group, list or condition with the same two sides is
 * gone through line by line; everything else of ours comes behind. What is
 * dropped must have been there.
 */
#include "mapping/plan.h"

struct extension {
	struct reader *reader;
	const struct cb_element *own;
	const struct cb_element **placed; /* lines of ours that stand where theirs stood */
	size_t placed_count, placed_room;
	const char **names; /* of what can be dropped, for the nearest */
	size_t name_count, name_room;
	const struct cb_element **dropped;
	size_t dropped_count, dropped_room;
};

static bool is_named(const struct cb_element *e, const char *name)
{
	return strcmp(e->name, name) == 0;
}

static bool is_line(const struct cb_element *e)
{
	static const char *const names[] = { "field", "set",   "group",  "each",
					     "when",  "check", "ignore", "use" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_named(e, names[i]))
			return true;
	return false;
}

static bool same_attribute(const struct cb_element *a, const struct cb_element *b, const char *name)
{
	const char *x = cb_attribute(a, name), *y = cb_attribute(b, name);

	return x && y ? strcmp(x, y) == 0 : x == y;
}

static bool is_container(const struct cb_element *e)
{
	return is_named(e, "group") || is_named(e, "each") || is_named(e, "when");
}

/* What the line writes of ours, from the record; NULL: nothing that has a name. */
static const char *here_of(struct extension *x, const char *prefix, const struct cb_element *e)
{
	const char *here = cb_attribute(e, "here");

	if (!here || is_named(e, "when") || is_named(e, "check") || is_named(e, "use"))
		return NULL;
	return *prefix ? arena_printf(x->reader->arena, "%s/%s", prefix, here) : here;
}

static bool is_placed(const struct extension *x, const struct cb_element *e)
{
	for (size_t i = 0; i < x->placed_count; i++)
		if (x->placed[i] == e)
			return true;
	return false;
}

static void place(struct extension *x, const struct cb_element *e)
{
	plan_grow(x->reader->arena, &x->placed, x->placed_count, &x->placed_room,
		  sizeof(*x->placed));
	x->placed[x->placed_count++] = e;
}

static bool is_dropped(struct extension *x, const char *path)
{
	bool found = false;

	plan_grow(x->reader->arena, &x->names, x->name_count, &x->name_room, sizeof(*x->names));
	x->names[x->name_count++] = path;
	for (const struct cb_element *e = x->own->first; e; e = e->next) {
		const char *here = is_named(e, "drop") ? cb_attribute(e, "here") : NULL;

		if (!here || strcmp(here, path) != 0)
			continue;
		plan_grow(x->reader->arena, &x->dropped, x->dropped_count, &x->dropped_room,
			  sizeof(*x->dropped));
		x->dropped[x->dropped_count++] = e;
		found = true;
	}
	return found;
}

static void append(struct extension *x, struct cb_element *parent, struct cb_element **last,
		   const struct cb_element *e)
{
	struct cb_element *copy = arena_take(x->reader->arena, sizeof(*copy));

	*copy = *e;
	copy->next = NULL;
	if (*last)
		(*last)->next = copy;
	else
		parent->first = copy;
	*last = copy;
}

/* Ours that stand for a line of theirs; false where there are none. */
static bool replace(struct extension *x, const struct cb_element *scope, const char *path,
		    bool in_place, struct cb_element *parent, struct cb_element **last)
{
	bool found = false;

	for (const struct cb_element *e = scope->first; e; e = e->next) {
		const char *here = is_line(e) ? here_of(x, "", e) : NULL;

		if (!here || strcmp(here, path) != 0)
			continue;
		found = true;
		if (!in_place || is_placed(x, e))
			continue;
		append(x, parent, last, e);
		place(x, e);
	}
	return found;
}

static const struct cb_element *counterpart(const struct cb_element *scope,
					    const struct cb_element *theirs)
{
	for (const struct cb_element *e = scope->first; e; e = e->next)
		if (is_container(theirs) && strcmp(e->name, theirs->name) == 0 &&
		    same_attribute(e, theirs, "here") && same_attribute(e, theirs, "there"))
			return e;
	return NULL;
}

/*
 * Theirs below @base with ours below @scope. @full: from the record; @prefix:
 * from the scope, "" where a line of ours can stand in the place of theirs.
 */
static struct cb_element *merge(struct extension *x, const struct cb_element *base,
				const struct cb_element *scope, const char *full,
				const char *prefix, bool is_whole)
{
	struct cb_element *out = arena_take(x->reader->arena, sizeof(*out)), *last = NULL;

	*out = *base;
	out->first = NULL;
	for (const struct cb_element *e = base->first; e; e = e->next) {
		const char *path, *local;
		const struct cb_element *same;

		if (!is_line(e))
			continue;
		path = here_of(x, full, e);
		local = here_of(x, prefix, e);
		if (path && is_dropped(x, path))
			continue;
		same = is_whole ? counterpart(scope, e) : NULL;
		if (same) {
			place(x, same);
			append(x, out, &last, merge(x, e, same, path ? path : full, "", true));
			continue;
		}
		if (local && replace(x, scope, local, !*prefix, out, &last))
			continue;
		append(x, out, &last,
		       is_container(e) ? merge(x, e, scope, path ? path : full,
					       local ? local : prefix, false)
				       : e);
	}
	for (const struct cb_element *e = scope->first; is_whole && e; e = e->next)
		if (is_line(e) && !is_placed(x, e))
			append(x, out, &last, e);
	return out;
}

/* A drop that fits nothing is a mistake of the one who wrote it. */
static void check_drops(struct extension *x)
{
	struct reader *r = x->reader;
	const char **words = arena_zero(r->arena, (x->name_count + 1) * sizeof(*words));

	for (size_t i = 0; i < x->name_count; i++)
		words[i] = x->names[i];
	for (const struct cb_element *e = x->own->first; e; e = e->next) {
		const char *here = is_named(e, "drop") ? cb_attribute(e, "here") : NULL, *near;
		bool is_used = !here;

		for (size_t i = 0; i < x->dropped_count; i++)
			is_used = is_used || x->dropped[i] == e;
		if (is_used)
			continue;
		near = problem_nearest(here, words);
		problem_at(r->problems, e, "here", 0, "所继承的映射里没有写“%s”的行%s%s",
			   "the mapping that is extended has no line for '%s'%s%s", here,
			   near ? cb_say("；最接近的是 ", "; the nearest is ") : "",
			   near ? near : "");
	}
}

const struct cb_element *extend_lines(struct reader *r, const struct cb_element *base,
				      const struct cb_element *own)
{
	struct extension x = { .reader = r, .own = own };
	struct cb_element *out = merge(&x, base, own, "", "", true);

	check_drops(&x);
	out->file = own->file;
	out->line = own->line;
	out->column = own->column;
	return out;
}
