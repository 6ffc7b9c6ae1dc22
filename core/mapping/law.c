/*
 * law.c - the class of every line, from its parts.
 *
 * A line is as strong as the weakest of them. What is lost on the way, in a
 * line that goes both ways and does not say so, is a mistake of the mapping:
 * said when it is read, not when a case is missing something.
 */
#include "mapping/plan.h"

#include <stdlib.h>

const char *line_class_word(enum line_class class)
{
	static const char *const words[] = { "exact", "normal", "one-way" };

	return words[class];
}

static void weaken(struct op *op, enum line_class class, const char *why)
{
	if (class <= op->class)
		return;
	op->class = (uint8_t) class;
	op->why = why;
}

/* ------------------------------------------------------------- dates */

static bool comes_back(const struct op *op, const char *text)
{
	enum calendar_kind kind = (enum calendar_kind)(op->type - FIELD_DATE);
	char theirs[64], ours[CALENDAR_TEXT];

	return calendar_write(op->pattern, kind, op->zone, cb_text_of(text), theirs) ==
		       CALENDAR_OK &&
	       calendar_read(op->pattern, kind, op->zone, cb_text_of(theirs), ours) ==
		       CALENDAR_OK &&
	       strcmp(ours, text) == 0;
}

/* To the second, to the minute, or less: asked of the pattern itself. */
static enum line_class date_class(const struct op *op)
{
	static const int64_t whole = INT64_C(1710743445000); /* 2024-03-18T06:30:45Z */
	char second[CALENDAR_TEXT], minute[CALENDAR_TEXT];

	if (op->type == FIELD_DATE)
		return comes_back(op, "2024-03-18") ? CLASS_EXACT : CLASS_ONE_WAY;
	calendar_iso(whole, op->zone, second);
	calendar_iso(whole - 45000, op->zone, minute);
	if (comes_back(op, op->type == FIELD_TIME ? "14:30:45" : second))
		return CLASS_EXACT;
	return comes_back(op, op->type == FIELD_TIME ? "14:30:00" : minute) ? CLASS_NORMAL
									    : CLASS_ONE_WAY;
}

static void date_law(struct reader *r, struct op *op)
{
	const struct cb_element *e = op->line->element;
	const char *format = cb_attribute(e, "format");
	enum line_class class = date_class(op);

	if (class == CLASS_ONE_WAY && op->way == WAY_BOTH)
		problem_at(
			r->problems, e, "format", 0,
			"这种写法放不下“%s”的全部（%s），读回来就不一样了：写法里补上缺的部分，"
			"或写明 way",
			"this form does not hold all of '%s' (%s), so it does not come back as it "
			"was: add what is missing, or say which way the line goes",
			op->line->label, field_type_word((enum field_type)op->type));
	weaken(op, class, class == CLASS_NORMAL ? "seconds" : "format");
	if (format && strchr(format, '|'))
		weaken(op, CLASS_NORMAL, "format");
}

/* ------------------------------------------------------------- a field */

static void field_law(struct reader *r, const struct body *body, struct op *op)
{
	if (op->blank.count)
		weaken(op, CLASS_NORMAL, "blank");
	if (op->standard.at)
		weaken(op, CLASS_NORMAL, "default");
	if (op->is >= 0)
		weaken(op, CLASS_NORMAL, "is");
	if (op->join.at && op->there_count > 1 && !op->pattern)
		weaken(op, CLASS_NORMAL, "join");
	if (op->type == FIELD_FLAG && !op->table)
		weaken(op, CLASS_NORMAL, "flag");
	for (size_t i = 0; i < op->via_count; i++)
		weaken(op, op->via[i].kind->class,
		       arena_printf(r->arena, "via %s", op->via[i].kind->name));
	if (op->pattern)
		date_law(r, op);
	if (op->table) {
		enum line_class class = law_codes(r, body, op);

		weaken(op, class,
		       arena_printf(r->arena, "%s %s", class == CLASS_ONE_WAY ? "else" : "codes",
				    op->table->codes->name));
	}
}

/* ------------------------------------------------------------- all lines */

static void body_law(struct reader *r, struct body *body);

static void op_law(struct reader *r, const struct body *body, struct op *op)
{
	switch (op->kind) {
	case OP_FIELD:
		field_law(r, body, op);
		break;
	case OP_SET:
		if (!(op->flags & OP_VERIFY))
			weaken(op, CLASS_ONE_WAY, "set");
		break;
	case OP_GROUP:
		if (op->as)
			weaken(op, CLASS_NORMAL, arena_printf(r->arena, "as %s", op->as));
		break;
	case OP_EACH:
		if (op->is_numbered)
			weaken(op, CLASS_NORMAL, "{}");
		if (op->pieces)
			weaken(op, CLASS_NORMAL, "split");
		break;
	default:
		break;
	}
	if (op->way != WAY_BOTH && op->kind != OP_CHECK)
		weaken(op, CLASS_ONE_WAY, "way");
	for (size_t i = 0; i < op->body_count; i++)
		body_law(r, &op->bodies[i]);
}

/* ------------------------------------------------------------- conditions */

static bool same_text(const struct op *a, const struct op *b, const char *name)
{
	const char *x = cb_attribute(a->line->element, name);
	const char *y = cb_attribute(b->line->element, name);

	return x && y && strcmp(x, y) == 0;
}

/* Two conditions that go both ways must be told apart on both sides. */
static void check_pair(struct reader *r, const struct op *a, const struct op *b)
{
	bool here = same_text(a, b, "here"), there = same_text(a, b, "there");

	if (a->way != WAY_BOTH || b->way != WAY_BOTH ||
	    a->line->element->up != b->line->element->up)
		return;
	if (here && there)
		problem_at(r->problems, b->line->element, NULL, 0,
			   "第 %u 行已是同样的条件：把这里的行写进那一个 when",
			   "line %u has this condition already: put these lines into that when",
			   a->line->number);
	else if (there)
		problem_at(r->problems, b->line->element, "there", 0,
			   "第 %u 行读入时是同样的条件，两个会同时成立，先写的会被盖掉："
			   "让条件不同，或给其中一个加 way",
			   "line %u is read under the same condition, so both hold at once and the "
			   "first is overwritten: make them differ, or say way in one",
			   a->line->number);
	else if (here)
		problem_at(r->problems, b->line->element, "here", 0,
			   "第 %u 行写出时是同样的条件，两个会同时成立，先写的会被盖掉："
			   "让条件不同，或给其中一个加 way",
			   "line %u is written under the same condition, so both hold at once and "
			   "the first is overwritten: make them differ, or say way in one",
			   a->line->number);
}

/* A condition inside one that excludes it is never true. */
static void check_inside(struct reader *r, const struct op *outer, const struct op *inner)
{
	for (int side = HERE; side <= THERE; side++)
		for (size_t i = 0; i < outer->made_count[side]; i++)
			for (size_t k = 0; k < inner->made_count[side]; k++) {
				const struct made *a = &outer->made[side][i];
				const struct made *b = &inner->made[side][k];

				if (a->path->step_count || b->path->step_count ||
				    a->path->from != b->path->from ||
				    a->path->slot != b->path->slot ||
				    cb_text_equal(a->text, b->text))
					continue;
				problem_at(
					r->problems, inner->line->element,
					side == HERE ? "here" : "there", 0,
					"外层（第 %u 行）的条件与这里矛盾，里面的行永远用不到："
					"把这个 when 移到外面",
					"the condition around it (line %u) excludes this one, so "
					"these lines are never used: move this when outside",
					outer->line->number);
				return;
			}
}

static void when_law(struct reader *r, const struct body *body, size_t at)
{
	const struct op *op = &body->ops[at];

	for (size_t i = 0; i < at; i++)
		if (body->ops[i].kind == OP_WHEN)
			check_pair(r, &body->ops[i], op);
	for (size_t i = 0; i < op->bodies->count; i++)
		if (op->bodies->ops[i].kind == OP_WHEN)
			check_inside(r, op, &op->bodies->ops[i]);
}

static void body_law(struct reader *r, struct body *body)
{
	for (size_t i = 0; i < body->count; i++) {
		op_law(r, body, &body->ops[i]);
		if (body->ops[i].kind == OP_WHEN)
			when_law(r, body, i);
	}
}

void law_check(struct reader *r)
{
	body_law(r, &r->m->body);
}

/* ------------------------------------------------------------- telling */

struct told {
	struct mapping_line *at;
	size_t count, room;
};

static void tell_body(struct told *told, const struct body *body)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct op *op = &body->ops[i];
		const struct line *line = op->line;
		struct mapping_line *out;

		memory_grow(&told->at, told->count, &told->room, sizeof(*told->at));
		out = &told->at[told->count++];
		*out = (struct mapping_line){
			.file = line->element->file,
			.line = line->number,
			.kind = line->element->name,
			.here = line->here ? line->here : "",
			.there = line->there ? line->there : "",
			.class = (enum line_class)op->class,
			.way = op->way == WAY_IN    ? "in"
			       : op->way == WAY_OUT ? "out"
						    : "",
			.why = op->why ? op->why : "",
		};
		if (op->kind == OP_CHECK || op->kind == OP_WHEN) {
			const char *here = cb_attribute(line->element, "here");
			const char *order = cb_attribute(line->element, "order");
			const char *there = cb_attribute(line->element, "there");

			out->here = here ? here : order ? order : "";
			out->there = there ? there : "";
		}
		/* Of numbered columns, the first stand for all. */
		if (op->body_count)
			tell_body(told, &op->bodies[0]);
	}
}

/* By line in the mapping's own file, what comes from elsewhere after it. */
static int by_place(const void *a, const void *b)
{
	const struct mapping_line *x = a, *y = b;
	int files = strcmp(x->file, y->file);

	if (files)
		return files;
	return x->line != y->line ? (x->line > y->line) - (x->line < y->line)
				  : strcmp(x->here, y->here);
}

void mapping_each_line(const struct mapping *m,
		       void (*each)(void *with, const struct mapping_line *line), void *with)
{
	struct told told = { 0 };
	const char *own = m->source_count ? m->sources[0].file : "";

	tell_body(&told, &m->body);
	if (told.count)
		qsort(told.at, told.count, sizeof(*told.at), by_place);
	for (int is_other = 0; is_other < 2; is_other++)
		for (size_t i = 0; i < told.count; i++)
			if ((strcmp(told.at[i].file, own) != 0) == is_other)
				each(with, &told.at[i]);
	free(told.at);
}

static size_t count_lines(const struct body *body)
{
	size_t count = body->count;

	for (size_t i = 0; i < body->count; i++)
		if (body->ops[i].body_count)
			count += count_lines(&body->ops[i].bodies[0]);
	return count;
}

struct mapping_size mapping_size(const struct mapping *m)
{
	struct mapping_size size = { .lines = count_lines(&m->body), .samples = m->sample_count };

	for (const struct codes *c = m->codes; c; c = c->next) {
		size.tables += c->tables != NULL;
		size.rows += c->tables ? c->count + (c->otherwise != NULL) : 0;
	}
	return size;
}
