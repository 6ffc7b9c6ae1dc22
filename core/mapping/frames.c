/*
 * frames.c - groups, lists and parts: where the lines inside them stand.
 *
 * What chooses rows makes an operation with a body; a mere prefix changes the
 * frame and is gone when the lines are read.
 */
#include "mapping/plan.h"

#include <stdlib.h>

static bool is_no(const struct cb_element *e, const char *name)
{
	const char *value = cb_attribute(e, name);

	return value && strcmp(value, "no") == 0;
}

/* ------------------------------------------------------------- frames */

struct frame frame_inner(struct frame *f, const struct op *op)
{
	struct frame in = *f;

	in.way = op->way;
	return in;
}

/* Below here, this side's rows are items of the list. */
static void enter_list(struct frame *in, enum side side, const struct list_at *list,
		       const char *spelled, const char *rest, const char *mark)
{
	struct arena *arena = in->reader->arena;
	const char *name = paths_name(in, side, spelled);

	in->where[side] = arena_printf(arena, "%s%s%s/", in->where[side], spelled, mark);
	in->name[side] = arena_printf(arena, "%s/", name);
	in->shape[side] = list->shape;
	in->prefix[side] = rest;
	if (side == THERE)
		return;
	for (size_t i = 0; i < list->holder->up; i++)
		in->table = in->table->up;
	for (size_t i = 0; i < list->holder->step_count; i++)
		in->table = &in->table->lists[list->holder->steps[i].index];
	in->table = &in->table->lists[list->index];
	if (in->top_list == NO_SLOT)
		in->top_list =
			list->holder->step_count ? list->holder->steps[0].index : list->index;
}

struct body *body_begin(struct op *op, struct frame *in, size_t count)
{
	op->bodies = arena_zero(in->reader->arena, count * sizeof(*op->bodies));
	op->body_count = count;
	in->body = op->bodies;
	return op->bodies;
}

void body_end(struct frame *in)
{
	in->body->here = in->shape[HERE];
	in->body->there = in->shape[THERE];
}

static bool one_path(struct frame *f, const struct cb_element *e, const char *name, enum side side,
		     struct spelled **out)
{
	size_t count;

	if (!paths_spell(f, e, name, side, out, &count))
		return false;
	if (count == 1)
		return true;
	problem_at(f->reader->problems, e, name, 0, "这里只能写一个路径", "one path belongs here");
	return false;
}

/* One side of a group: rows of a list by an equality, or a prefix. */
static bool enter_side(struct frame *f, struct frame *in, const struct cb_element *e,
		       enum side side, struct op *op)
{
	const char *name = side == HERE ? "here" : "there", *rest;
	struct spelled *spelled;

	if (!cb_attribute(e, name))
		return true;
	if (!one_path(f, e, name, side, &spelled))
		return false;
	if (!strchr(spelled->text, '[')) {
		in->prefix[side] = spelled->text;
		return true;
	}
	if (!paths_list(f, e, side, spelled, &op->list[side], &rest))
		return false;
	enter_list(in, side, &op->list[side], spelled->text, rest, "");
	return true;
}

/* @there: as it is written, where it is no path. */
static void name_line(struct op *op, struct frame *f, const struct frame *in, const char *there)
{
	struct line *line = arena_zero(f->reader->arena, sizeof(*line));
	enum side sides[] = { HERE, THERE };

	*line = *op->line;
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(in->name[sides[i]]);
		const char *name = !len ? NULL
					: arena_printf(f->reader->arena, "%.*s", (int)len - 1,
						       in->name[sides[i]]);

		if (in->shape[sides[i]] == f->shape[sides[i]])
			name = *in->prefix[sides[i]] ? paths_name(f, sides[i], in->prefix[sides[i]])
						     : NULL;
		*(sides[i] == HERE ? &line->here : &line->there) = name;
	}
	if (there)
		line->there = there;
	if (!line->label && in->table != f->table)
		line->label = in->table->label;
	if (!line->label)
		line->label = line->here ? line->here : line->there;
	op->line = line;
}

void group_read(struct frame *f, const struct cb_element *e)
{
	const char *many = cb_attribute(e, "many");
	struct frame in;
	struct op op;

	if (!line_begin(f, e, &op, OP_GROUP))
		return;
	if (!cb_attribute(e, "here") && !cb_attribute(e, "there")) {
		problem_at(f->reader->problems, e, NULL, 0, "group 要写 here 或 there",
			   "a group has here or there");
		return;
	}
	in = frame_inner(f, &op);
	if (!enter_side(f, &in, e, HERE, &op) ||
	    !(cb_attribute(e, "as") ? document_enter(f, &in, e, &op)
				    : enter_side(f, &in, e, THERE, &op)))
		return;
	op.bad = (uint8_t)line_bad(e, "many");
	op.flags |= many && strcmp(many, "warn") == 0 ? OP_ONE : 0;
	op.flags |= is_no(e, "need") ? OP_OPTIONAL : 0;
	if (!op.as && !op.list[HERE].shape && !op.list[THERE].shape && !(op.flags & OP_OPTIONAL)) {
		if (many)
			problem_at(f->reader->problems, e, "many", 0,
				   "many 只用于选出列表的一项，如 party[role='applicant']",
				   "many goes with an item of a list, such as "
				   "party[role='applicant']");
		lines_read(&in, e);
		return;
	}
	name_line(&op, f, &in, NULL);
	body_begin(&op, &in, 1);
	lines_read(&in, e);
	body_end(&in);
	line_add(f, &op);
}

static void read_rows(struct frame *f, const struct cb_element *e, struct op *op)
{
	const char *min = cb_attribute(e, "min"), *max = cb_attribute(e, "max");

	op->min_rows = min && *min != '-' ? (uint32_t)strtoul(min, NULL, 10) : 0;
	op->max_rows = max && *max != '-' ? (uint32_t)strtoul(max, NULL, 10) : UINT32_MAX;
	if (min && *min == '-')
		problem_at(f->reader->problems, e, "min", 0, "min 不能是负数", "min is negative");
	if (max && (*max == '-' || op->max_rows < op->min_rows))
		problem_at(f->reader->problems, e, "max", 0, "max 比 min 小", "max is below min");
}

/* One body for each number: the columns of one item, side by side in the row around. */
static void read_numbered(struct frame *f, struct frame *in, const struct cb_element *e,
			  struct op *op)
{
	const char *text = cb_attribute(e, "there");
	const char *where = in->where[HERE];
	struct arena *arena = f->reader->arena;
	size_t at, len;
	int from, to;

	if (!paths_range(text, &from, &to, &at, &len) || to < from || to - from >= 200) {
		problem_at(f->reader->problems, e, "there", 0,
			   "编号的列写作 {1..5}：从小到大，最多 200 个",
			   "numbered columns are written {1..5}: ascending, at most 200");
		return;
	}
	op->is_numbered = true;
	name_line(op, f, in, text);
	body_begin(op, in, (size_t)to - (size_t)from + 1);
	for (int number = from; number <= to; number++) {
		size_t lead;

		in->body = &op->bodies[number - from];
		in->number = number;
		in->where[HERE] = arena_printf(arena, "%s%d/", where, number);
		in->prefix[THERE] =
			paths_prefixed(f, THERE, paths_numbered(arena, text, number), &lead);
		lines_read(in, e);
		body_end(in);
	}
	line_add(f, op);
}

/* The pieces of a joined text: rows with one value, ".". */
static bool enter_split(struct frame *f, struct frame *in, const struct cb_element *e,
			struct op *op)
{
	struct spelled *spelled;
	struct shape *pieces;
	size_t count;

	op->split = cb_text_of(cb_attribute(e, "split"));
	if (!op->split.len) {
		problem_at(f->reader->problems, e, "split", 0,
			   "split 是空的：写上分隔的字符，如 、，", "split names no character");
		return false;
	}
	if (!one_path(f, e, "there", THERE, &spelled) ||
	    !paths_read(f, e, "there", THERE, PATH_VALUE, &op->there, &count))
		return false;
	op->there_count = 1;
	if (op->way & WAY_OUT)
		line_writes(f, e, THERE, op->there[0], spelled->text);
	pieces = shape_new(f->reader->arena);
	pieces->up = f->shape[THERE];
	shape_slot(pieces, pieces->root);
	op->pieces = pieces;
	op->blank = f->reader->m->blank;
	in->name[THERE] =
		arena_printf(f->reader->arena, "%s/", paths_name(f, THERE, spelled->text));
	in->where[THERE] = arena_printf(f->reader->arena, "%s%s#/", f->where[THERE], spelled->text);
	in->shape[THERE] = pieces;
	in->prefix[THERE] = "";
	return true;
}

static bool enter_there(struct frame *f, struct frame *in, const struct cb_element *e,
			struct op *op, const char *mark)
{
	struct spelled *spelled;
	const char *rest;

	if (cb_attribute(e, "split"))
		return enter_split(f, in, e, op);
	if (!one_path(f, e, "there", THERE, &spelled) ||
	    !paths_list(f, e, THERE, spelled, &op->list[THERE], &rest))
		return false;
	enter_list(in, THERE, &op->list[THERE], spelled->text, rest, mark);
	return true;
}

void each_read(struct frame *f, const struct cb_element *e)
{
	const char *here = cb_attribute(e, "here"), *there = cb_attribute(e, "there"), *rest, *mark;
	struct spelled *spelled;
	struct frame in;
	struct op op;

	if (!here || !there || !line_begin(f, e, &op, OP_EACH))
		return;
	read_rows(f, e, &op);
	in = frame_inner(f, &op);
	in.in_each = true;
	mark = arena_printf(f->reader->arena, "#%u", e->line);
	if (!one_path(f, e, "here", HERE, &spelled) ||
	    !paths_list(f, e, HERE, spelled, &op.list[HERE], &rest))
		return;
	enter_list(&in, HERE, &op.list[HERE], spelled->text, rest, mark);
	if (strchr(there, '{')) {
		read_numbered(f, &in, e, &op);
		return;
	}
	if (!enter_there(f, &in, e, &op, mark))
		return;
	name_line(&op, f, &in, NULL);
	body_begin(&op, &in, 1);
	lines_read(&in, e);
	body_end(&in);
	line_add(f, &op);
}

/* ------------------------------------------------------------- parts */

static struct part *find_part(struct reader *r, const char *name)
{
	struct part *found = NULL;

	for (struct part *p = r->parts; p; p = p->next)
		if (strcmp(p->name, name) == 0 && (!found || p->rank > found->rank))
			found = p;
	return found;
}

static void no_part(struct frame *f, const struct cb_element *e, const char *name)
{
	const char *words[128], *near;
	size_t count = 0;

	for (struct part *p = f->reader->parts; p && count < 127; p = p->next)
		words[count++] = p->name;
	words[count] = NULL;
	near = problem_nearest(name, words);
	problem_at(f->reader->problems, e, "part", 0, "没有片段“%s”%s%s",
		   "there is no part '%s'%s%s", name,
		   near ? cb_say("；最接近的是 ", "; the nearest is ") : "", near ? near : "");
}

static bool enter_prefix(struct frame *f, struct frame *in, const struct cb_element *e,
			 enum side side)
{
	struct op unused = { 0 };

	if (!enter_side(f, in, e, side, &unused))
		return false;
	if (!unused.list[side].shape)
		return true;
	problem_at(f->reader->problems, e, side == HERE ? "here" : "there", 0,
		   "use 的前缀不能选列表的一项；在外面加一个 group",
		   "the prefix of a use cannot choose an item of a list; put a group around it");
	return false;
}

void use_read(struct frame *f, const struct cb_element *e)
{
	const char *name = cb_attribute(e, "part");
	struct part *part = name ? find_part(f->reader, name) : NULL;
	struct frame in;
	struct op op;

	if (!name || !line_begin(f, e, &op, OP_GROUP))
		return;
	if (!part) {
		no_part(f, e, name);
		return;
	}
	if (part->is_open) {
		problem_at(f->reader->problems, e, "part", 0, "片段“%s”用到了它自己",
			   "the part '%s' uses itself", name);
		return;
	}
	in = frame_inner(f, &op);
	if (!enter_prefix(f, &in, e, HERE) || !enter_prefix(f, &in, e, THERE))
		return;
	part->is_open = true;
	lines_read(&in, part->element);
	part->is_open = false;
}
