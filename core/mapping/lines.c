/*
 * lines.c - the lines of a mapping, a part or a condition become operations.
 *
 * A frame is where a line stands. A group of prefixes and a part change the
 * frame and nothing else; what changes the row, or runs only sometimes, becomes
 * an operation with a body of its own.
 */
#include "mapping/plan.h"

#include <stdlib.h>

static bool is_yes(const struct cb_element *e, const char *name)
{
	const char *value = cb_attribute(e, name);

	return value && strcmp(value, "yes") == 0;
}

/* The ways that are left of the frame's by this element. */
static unsigned way_of(const struct frame *f, const struct cb_element *e)
{
	const char *word = cb_attribute(e, "way");
	unsigned way = WAY_BOTH;

	if (word && strcmp(word, "in") == 0)
		way = WAY_IN;
	else if (word && strcmp(word, "out") == 0)
		way = WAY_OUT;
	else
		return f->way;
	if (!(way & f->way))
		problem_at(f->reader->problems, e, "way", 0, "外层只走另一个方向，这一行永远用不到",
			   "the lines around go the other way only, so this one is never used");
	return way & f->way;
}

enum bad line_bad(const struct cb_element *e, const char *name)
{
	static const char *const words[] = { "hold", "reject", "skip", "warn" };
	const char *word = cb_attribute(e, name);

	for (int i = 1; word && i < 4; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum bad)i;
	return BAD_HOLD;
}

bool line_begin(struct frame *f, const struct cb_element *e, struct op *op, unsigned kind)
{
	struct line *line = arena_zero(f->reader->arena, sizeof(*line));

	*op = (struct op){ .kind = (uint8_t)kind,
			   .here_slot = NO_SLOT,
			   .there_slot = NO_SLOT,
			   .is = -1,
			   .line = line };
	line->number = e->line;
	line->element = e;
	line->label = cb_attribute(e, "label");
	op->way = (uint8_t)way_of(f, e);
	op->bad = (uint8_t)line_bad(e, "bad");
	return op->way != 0;
}

void line_add(struct frame *f, const struct op *op)
{
	struct body *b = f->body;

	plan_grow(f->reader->arena, &b->ops, b->count, &b->room, sizeof(*b->ops));
	b->ops[b->count++] = *op;
}

/* ------------------------------------- two lines that write one path */

static void name_entity_part(struct frame *f, const struct path *path)
{
	struct mapping *m = f->reader->m;

	if (f->top_list != NO_SLOT)
		m->names_list[f->top_list] = 1;
	else if (path->step_count)
		m->names_list[path->steps[0].index] = 1;
	else
		m->names_slot[path->slot] = 1;
}

void line_writes(struct frame *f, const struct cb_element *e, enum side side,
		 const struct path *path, const char *spelled)
{
	struct reader *r = f->reader;
	const char *name = side == HERE ? "here" : "there";
	struct write *w;

	if (path->up) {
		problem_at(r->problems, e, name, 0, "“../”只能读，不能写到列表外面",
			   "'../' can be read, but nothing is written outside the list");
		return;
	}
	if (side == HERE && line_field(f, path)->through != NO_SLOT) {
		problem_at(r->problems, e, name, 0,
			   "“%s”是经引用读到的，不能写：写引用本身，或给这一行加 way=\"out\"",
			   "'%s' is read through a reference and cannot be written: write the "
			   "reference, or say way=\"out\"",
			   line_field(f, path)->path);
		return;
	}
	if (side == HERE)
		name_entity_part(f, path);
	spelled = arena_printf(r->arena, "%s%s", f->where[side], spelled);
	for (w = r->writes; w; w = w->next) {
		if (w->side != side || strcmp(w->path, spelled) != 0)
			continue;
		if (w->when == f->when)
			problem_at(r->problems, e, name, 0,
				   "第 %u 行已经写“%s”，两行不能写同一个字段：删一行、加 way，"
				   "或放进不同条件的 when",
				   "line %u writes '%s' already, and no two lines may: drop one, "
				   "add way, or put them under different conditions",
				   w->element->line, paths_name(f, side, spelled));
		else if (w->when && !f->when)
			problem_at(r->problems, e, name, 0,
				   "这一行会盖掉第 %u 行按条件写的“%s”：把无条件的行放在前面",
				   "this line overwrites what line %u writes to '%s' under a "
				   "condition: put the unconditional line first",
				   w->element->line, paths_name(f, side, spelled));
		else
			continue;
		return;
	}
	w = arena_zero(r->arena, sizeof(*w));
	*w = (struct write){ side, spelled, e, f->when, r->writes };
	r->writes = w;
}

/* ------------------------------------------------------------- a field, a constant */

static void read_field(struct frame *f, const struct cb_element *e)
{
	struct op op;

	if (line_begin(f, e, &op, OP_FIELD) && cb_attribute(e, "here") &&
	    cb_attribute(e, "there") && field_read(f, e, &op))
		line_add(f, &op);
}

static void read_set(struct frame *f, const struct cb_element *e)
{
	const char *here = cb_attribute(e, "here"), *there = cb_attribute(e, "there");
	enum side side = here ? HERE : THERE;
	const char *name = here ? "here" : "there";
	struct spelled *spelled;
	struct path **paths;
	struct line *line;
	struct op op;
	size_t count;

	if (!cb_attribute(e, "value") || !line_begin(f, e, &op, OP_SET))
		return;
	if (!here == !there) {
		problem_at(f->reader->problems, e, NULL, 0, "set 要写 here 或 there，只写一个",
			   "a set has here or there, one of them");
		return;
	}
	if (!paths_spell(f, e, name, side, &spelled, &count) ||
	    !paths_read(f, e, name, side, PATH_VALUE, &paths, &count))
		return;
	if (count > 1) {
		problem_at(f->reader->problems, e, name, 0, "set 一次写一个字段",
			   "a set writes one field");
		return;
	}
	op.value = cb_text_of(cb_attribute(e, "value"));
	op.flags |= is_yes(e, "verify") ? OP_VERIFY : 0;
	line = arena_zero(f->reader->arena, sizeof(*line));
	*line = *op.line;
	op.line = line;
	if (here) {
		op.here = paths;
		op.here_count = 1;
		op.field = line_field(f, paths[0]);
		line->here = paths_name(f, HERE, spelled[0].text);
		if (!line->label)
			line->label = op.field->label;
		if (!line_fits(op.field, op.value))
			problem_at(f->reader->problems, e, "value", 0,
				   "“%s”放不进模型的“%s”（类型 %s）",
				   "'%s' does not fit the model's '%s' (type %s)",
				   cb_attribute(e, "value"), line->here,
				   field_type_word(op.field->type));
	} else {
		op.there = paths;
		op.there_count = 1;
		line->there = paths_name(f, THERE, spelled[0].text);
	}
	if (!line->label)
		line->label = here ? line->here : line->there;
	if (op.way & (here ? WAY_IN : WAY_OUT))
		line_writes(f, e, side, paths[0], spelled[0].text);
	line_add(f, &op);
}

/* ------------------------------------------------------------- conditions */

struct gather {
	struct frame *frame;
	struct op *op;
	enum side side;
	const struct cb_element *e;
	size_t room;
};

static void gather_one(void *with, const struct path *path, struct cb_text text)
{
	struct gather *g = with;
	struct op *op = g->op;
	const struct slot *slot;
	struct shape *shape = g->frame->shape[g->side];

	plan_grow(g->frame->reader->arena, &op->made[g->side], op->made_count[g->side], &g->room,
		  sizeof(struct made));
	op->made[g->side][op->made_count[g->side]++] = (struct made){ path, text };
	for (size_t i = 0; i < path->step_count; i++)
		shape = shape->lists[path->steps[i].index];
	slot = &shape->slots[path->slot];
	line_writes(g->frame, g->e, g->side, path,
		    path->step_count ? arena_printf(g->frame->reader->arena, "%p/%.*s",
						    (const void *)path, CB_TEXT_ARG(slot->path))
				     : slot->path.at);
	if (g->side == HERE && !line_fits(line_field(g->frame, path), text))
		problem_at(g->frame->reader->problems, g->e, "here", 0, "“%.*s”放不进模型的“%.*s”",
			   "'%.*s' does not fit the model's '%.*s'", CB_TEXT_ARG(text),
			   CB_TEXT_ARG(slot->path));
}

/* The written side of a condition with two is made true, so it must be equalities. */
static void read_made(struct frame *in, const struct cb_element *e, struct op *op, enum side side,
		      const struct condition *condition)
{
	struct gather g = { .frame = in, .op = op, .side = side, .e = e };

	if (condition && !condition_each_equality(condition, gather_one, &g))
		problem_at(in->reader->problems, e, side == HERE ? "here" : "there", 0,
			   "两侧都写条件时，这一侧要能写出来：只能是 字段='值'，用 and 连接；"
			   "否则只写一侧并加 way",
			   "with two conditions this side is written: only name='text' joined by "
			   "and; or give one side and a way");
}

static bool check_sides(struct frame *f, const struct cb_element *e, const struct op *op)
{
	const char *here = cb_attribute(e, "here"), *there = cb_attribute(e, "there");

	if (!here && !there)
		problem_at(f->reader->problems, e, NULL, 0, "when 要写 here 或 there 条件",
			   "a when has a condition: here or there");
	else if (!here && op->way != WAY_IN)
		problem_at(f->reader->problems, e, "there", 0,
			   "只有 there 条件，写出时无法判断：加 way=\"in\"，或写上 here 条件",
			   "only their side is tested: say way=\"in\", or give the condition here");
	else if (!there && op->way != WAY_OUT)
		problem_at(f->reader->problems, e, "here", 0,
			   "只有 here 条件，读入时无法判断：加 way=\"out\"，或写上 there 条件",
			   "only our side is tested: say way=\"out\", or give the condition there");
	else
		return true;
	return false;
}

static void read_when(struct frame *f, const struct cb_element *e)
{
	const char *here = cb_attribute(e, "here"), *there = cb_attribute(e, "there");
	struct frame in;
	struct op op;

	if (!line_begin(f, e, &op, OP_WHEN) || !check_sides(f, e, &op))
		return;
	in = frame_inner(f, &op);
	in.when = e;
	if (here)
		op.here_when = paths_condition(f, e, "here", HERE, here);
	if (there)
		op.there_when = paths_condition(f, e, "there", THERE, there);
	if (here && there && (op.way & WAY_IN))
		read_made(&in, e, &op, HERE, op.here_when);
	if (here && there && (op.way & WAY_OUT))
		read_made(&in, e, &op, THERE, op.there_when);
	body_begin(&op, &in, 1);
	lines_read(&in, e);
	body_end(&in);
	line_add(f, &op);
}

static void read_check(struct frame *f, const struct cb_element *e)
{
	const char *here = cb_attribute(e, "here"), *order = cb_attribute(e, "order");
	struct line *line;
	struct op op;

	if (!line_begin(f, e, &op, OP_CHECK))
		return;
	if (!here == !order) {
		problem_at(
			f->reader->problems, e, NULL, 0,
			"check 要写 here（条件）或 order（先后次序），只写一个",
			"a check has here (a condition) or order (what comes first), one of them");
		return;
	}
	op.say = cb_attribute(e, "say");
	if (here)
		op.here_when = paths_condition(f, e, "here", HERE, here);
	else if (!paths_read(f, e, "order", HERE, PATH_VALUE, &op.here, &op.here_count))
		return;
	line = arena_zero(f->reader->arena, sizeof(*line));
	*line = *op.line;
	if (!line->label)
		line->label = op.say;
	op.line = line;
	if (order && op.here_count < 2)
		problem_at(f->reader->problems, e, "order", 0, "先后次序至少写两个字段",
			   "an order has two fields at least");
	if (op.here_when || op.here_count > 1)
		line_add(f, &op);
}

static void read_ignore(struct frame *f, const struct cb_element *e)
{
	struct path **paths;
	size_t count;

	if (cb_attribute(e, "there"))
		(void)!paths_read(f, e, "there", THERE, PATH_EITHER, &paths, &count);
}

/* ------------------------------------------------------------- all of them */

static int runs_late(const struct op *op)
{
	if (op->kind == OP_CHECK)
		return 2;
	if (op->kind == OP_FIELD)
		return op->table && op->table->has_conditions;
	for (size_t i = 0; i < op->body_count; i++)
		for (size_t k = 0; k < op->bodies[i].count; k++)
			if (runs_late(&op->bodies[i].ops[k]) == 1)
				return 1;
	return 0;
}

/* Codes with conditions look at what other lines wrote, rules at the finished record. */
static void put_late_last(struct frame *f)
{
	struct body *b = f->body;
	struct op *sorted = arena_take(f->reader->arena, b->count * sizeof(*sorted) + 1);
	size_t count = 0;

	for (int late = 0; late < 3; late++)
		for (size_t i = 0; i < b->count; i++)
			if (runs_late(&b->ops[i]) == late)
				sorted[count++] = b->ops[i];
	b->ops = sorted;
	b->room = count;
}

void lines_read(struct frame *f, const struct cb_element *e)
{
	static const struct {
		const char *name;
		void (*read)(struct frame *f, const struct cb_element *e);
	} kinds[] = {
		{ "field", read_field },   { "set", read_set },   { "group", group_read },
		{ "each", each_read },     { "when", read_when }, { "check", read_check },
		{ "ignore", read_ignore }, { "use", use_read },
	};

	for (const struct cb_element *line = e->first; line; line = line->next)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (strcmp(line->name, kinds[i].name) == 0)
				kinds[i].read(f, line);
	if (f->body->count)
		put_late_last(f);
}
