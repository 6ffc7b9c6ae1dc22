/*
 * law_codes.c - code tables under the law.
 *
 * Two passes. Once a table: is there a row that no code can reach, because one
 * with a star stands in front of it? Once a line that uses it: every row is
 * carried out and in again by the line itself, with its transforms, limits and
 * words for nothing, so that nothing is proved of something else than what
 * runs. Rows with conditions depend on the record; for them the first pass has
 * to do.
 */
#include "mapping/plan.h"

#include "base/utf8.h"

#define NONE UINT32_MAX

/* ------------------------------------------------------------- reach */

struct stars {
	uint8_t masks[64]; /* which columns are stars, of the rows that always hold */
	size_t count;
	struct names rows; /* mask and the other columns → entry */
	struct arena arena;
};

static uint8_t mask_of(const struct code_entry *e, size_t columns)
{
	uint8_t mask = 0;

	for (size_t i = 0; i < columns; i++)
		mask |= (uint8_t)(e->from[i].at ? 0 : 1u << i);
	return mask;
}

static struct cb_text star_key(struct arena *arena, const struct code_entry *e, size_t columns,
			       uint8_t mask)
{
	struct buffer key = { 0 };
	struct cb_text text;

	buffer_char(&key, (char)('A' + mask));
	for (size_t i = 0; i < columns; i++) {
		if (mask & 1u << i)
			continue;
		buffer_char(&key, '\x1f');
		buffer_text(&key, e->from[i]);
	}
	text = arena_copy(arena, buffer_view(&key));
	buffer_done(&key);
	return text;
}

static void add_star(struct stars *s, const struct code_side *side, uint32_t at)
{
	const struct code_entry *e = &side->entries[at];
	uint8_t mask = mask_of(e, side->from_count);
	struct cb_text key;
	size_t i = 0;

	if (e->term)
		return;
	while (i < s->count && s->masks[i] != mask)
		i++;
	if (i == s->count) {
		if (s->count == sizeof(s->masks))
			return;
		s->masks[s->count++] = mask;
	}
	key = star_key(&s->arena, e, side->from_count, mask);
	if (names_find(&s->rows, key) == NAME_UNKNOWN)
		names_set(&s->rows, key, at);
}

/* The first row with a star that fits all that @e fits, and stands in front of it; or NONE. */
static uint32_t covered_by(struct stars *s, const struct code_side *side,
			   const struct code_entry *e)
{
	uint8_t mine = mask_of(e, side->from_count);

	for (size_t i = 0; i < s->count; i++) {
		uint32_t at;

		if ((s->masks[i] & mine) != mine)
			continue;
		at = names_find(&s->rows, star_key(&s->arena, e, side->from_count, s->masks[i]));
		if (at != NAME_UNKNOWN && side->entries[at].order < e->order)
			return at;
	}
	return NONE;
}

static void check_side(struct reader *r, const struct code_table *t, const struct code_side *side,
		       const char *name)
{
	const struct codes *codes = t->codes;
	uint32_t told = NONE; /* alternatives of one row are one mistake */
	struct stars s = { .count = 0 };

	for (size_t i = 0; i < side->any_count; i++)
		add_star(&s, side, side->any[i]);
	for (uint32_t i = 0; s.count && i < side->count; i++) {
		const struct code_entry *e = &side->entries[i];
		uint32_t at = covered_by(&s, side, e);

		if (at == NONE || e->order == told)
			continue;
		told = e->order;
		code_problem(
			r, &codes->rows[e->order], name,
			"前面第 %u 行的 * 已包括这个代码，这一行永远用不到：把它移到那一行之前",
			"the * of line %u in front of it fits this code too, so this row is "
			"never reached: move it above that line",
			codes->rows[side->entries[at].order].line);
	}
	for (size_t i = 0; side->otherwise && i < s.count; i++)
		if (s.masks[i] + 1u == 1u << side->from_count) {
			code_problem(r, codes->otherwise, name,
				     "有一行的 * 已包括所有代码，else 永远用不到：删去其中一个",
				     "a row with * fits every code, so else is never reached: drop "
				     "one of the two");
			break;
		}
	names_done(&s.rows);
	arena_done(&s.arena);
}

void law_reach(struct reader *r, const struct code_table *table)
{
	check_side(r, table, &table->in, "there");
	check_side(r, table, &table->out, "here");
}

/* ------------------------------------------------------------- out and back */

struct trial { /* one row of a table through one line */
	struct reader *r;
	const struct body *body;
	const struct op *op;
	const struct codes *codes;
	struct arena arena;
	struct mapping *m;
	enum line_class class;
	uint32_t told;
};

#define trial_problem(t, order, name, ...)                                                         \
	do {                                                                                       \
		if ((t)->told != (order))                                                          \
			code_problem((t)->r, &(t)->codes->rows[order], name, __VA_ARGS__);         \
		(t)->told = (order);                                                               \
	} while (0)

static void weaken(struct trial *t, enum line_class class)
{
	if (class > t->class)
		t->class = class;
}

static struct row *row_with(struct trial *t, const struct shape *shape, struct path *const *paths,
			    size_t count, const struct cb_text *texts)
{
	struct row *row = row_new(&t->arena, shape);

	for (size_t i = 0; i < count; i++)
		if (texts[i].len)
			path_set(&t->arena, paths[i], row, texts[i]);
	return row;
}

static struct result carry(struct trial *t, bool is_in, const struct row *from, struct row **to)
{
	struct result result = { .arena = &t->arena };
	struct run run = { .m = t->m, .arena = &t->arena, .result = &result };

	*to = row_new(&t->arena, is_in ? t->body->here : t->body->there);
	if (is_in)
		field_in(&run, t->op, from, *to);
	else
		field_out(&run, t->op, from, *to);
	return result;
}

static bool same(struct path *const *paths, size_t count, const struct row *row,
		 const struct cb_text *texts)
{
	for (size_t i = 0; i < count; i++)
		if (!cb_text_equal(path_text(paths[i], row), texts[i]))
			return false;
	return true;
}

static bool same_rows(struct path *const *paths, size_t count, const struct row *a,
		      const struct row *b)
{
	for (size_t i = 0; i < count; i++)
		if (!cb_text_equal(path_text(paths[i], a), path_text(paths[i], b)))
			return false;
	return true;
}

static bool says_nothing(struct path *const *paths, size_t count, const struct row *row)
{
	for (size_t i = 0; i < count; i++)
		if (path_text(paths[i], row).len)
			return false;
	return true;
}

static bool says_need(const struct result *result)
{
	for (size_t i = 0; i < result->count; i++)
		if (strcmp(result->findings[i].code, "need") == 0)
			return true;
	return false;
}

static const char *joined(struct trial *t, const struct cb_text *texts, size_t count)
{
	const char *out = "";

	for (size_t i = 0; i < count; i++)
		out = arena_printf(&t->arena, "%s%s%.*s", out, i ? " " : "", CB_TEXT_ARG(texts[i]));
	return out;
}

/* Why a code of theirs does not come to its own row. */
static void not_reached(struct trial *t, const struct code_entry *e, const struct result *result)
{
	const struct op *op = t->op;
	const char *code = joined(t, e->from, op->table->in.from_count);
	const struct finding *f = result->count ? &result->findings[0] : NULL;

	for (size_t i = 0; i < op->table->in.from_count; i++)
		if (e->from[i].len && is_blank(op, e->from[i])) {
			trial_problem(t, e->order, "there",
				      "“%s”是表示“没有”的词（第 %u 行），这一行代码永远用不到："
				      "从 blank 里去掉它，或删去这一行",
				      "'%s' is a word for nothing (line %u), so this row is never "
				      "reached: take it out of blank, or drop the row",
				      code, op->line->number);
			return;
		}
	if (f && strcmp(f->code, "code") != 0)
		trial_problem(t, e->order, "there",
			      "第 %u 行的 min、max 或 like 不让代码“%s”通过（%s）：改正其中一处",
			      "the min, max or like of line %u does not let the code '%s' pass "
			      "(%s): correct one of the two",
			      op->line->number, code, f->code);
	else
		trial_problem(t, e->order, "there",
			      "第 %u 行的 via 会改写代码“%s”，这一行代码永远用不到："
			      "把代码写成转换后的样子，或去掉 via",
			      "the via of line %u changes the code '%s', so this row is never "
			      "reached: write it as it is after via, or drop via",
			      op->line->number, code);
}

static void run_in(struct trial *t, const struct code_entry *e)
{
	const struct op *op = t->op;
	const struct code_row *row = &t->codes->rows[e->order];
	struct row *there = row_with(t, t->body->there, op->there, op->there_count, e->from);
	struct row *here, *again, *settled;
	struct result result;
	bool is_blank_code = says_nothing(op->there, op->there_count, there);

	result = carry(t, true, there, &here);
	if (e->outcome || is_blank_code)
		return;
	if (result.outcome != OUTCOME_MAPPED ? !says_need(&result) || e->to[0].len
					     : !same(op->here, op->here_count, here, e->to)) {
		not_reached(t, e, &result);
		return;
	}
	if (op->way != WAY_BOTH || row->way != WAY_BOTH) {
		weaken(t, CLASS_NORMAL);
		return;
	}
	(void)carry(t, false, here, &again);
	if (same_rows(op->there, op->there_count, there, again))
		return;
	weaken(t, CLASS_NORMAL);
	(void)carry(t, true, again, &settled);
	if (says_nothing(op->here, op->here_count, here) ||
	    same_rows(op->here, op->here_count, here, settled))
		return;
	trial_problem(t, e->order, "there",
		      "读入“%s”、再写出，就读不回同样的值了：给这一行加 way=\"in\"，"
		      "另写一行说明写出什么",
		      "'%s', read and written, is not read the same again: say way=\"in\", and "
		      "what is written in a row of its own",
		      joined(t, e->from, op->table->in.from_count));
}

static void out_problem(struct trial *t, const struct code_entry *e, const struct row *there,
			const struct row *back, const struct result *result)
{
	const struct op *op = t->op;
	const char *code = joined(t, e->from, op->table->out.from_count);
	const char *written = joined(t, e->to, op->table->out.to_count);
	bool is_empty = says_nothing(op->there, op->there_count, there);

	if (is_empty || is_blank(op, path_text(op->there[0], there)))
		trial_problem(t, e->order, "there",
			      "我们的“%s”写出去是“没有”（%s），读回来就丢了：给它一个代码，"
			      "或加 way=\"out\"",
			      "our '%s' is written as nothing (%s), so it is lost when it is read: "
			      "give it a code, or say way=\"out\"",
			      code, *written ? written : "-");
	else if (result->count && strcmp(result->findings[0].code, "code") != 0)
		trial_problem(t, e->order, "there",
			      "第 %u 行的 min、max 或 like 不让代码“%s”通过（%s）：改正其中一处",
			      "the min, max or like of line %u does not let the code '%s' pass "
			      "(%s): correct one of the two",
			      op->line->number, written, result->findings[0].code);
	else if (says_nothing(op->here, op->here_count, back))
		trial_problem(
			t, e->order, "there",
			"我们的“%s”写成“%s”后，经第 %u 行的 via 读不回来：把代码写成"
			"转换后的样子，或加 way=\"out\"",
			"our '%s', written as '%s', is not read again through the via of line "
			"%u: write the code as it is after via, or say way=\"out\"",
			code, written, op->line->number);
	else
		trial_problem(t, e->order, "there",
			      "我们的“%s”写成“%s”，读回来却是另一个值：加 way=\"out\"，"
			      "或给它自己的代码",
			      "our '%s' is written as '%s', and read again it is another: say "
			      "way=\"out\", or give it a code of its own",
			      code, written);
}

static void run_out(struct trial *t, const struct code_entry *e)
{
	const struct op *op = t->op;
	const struct code_row *row = &t->codes->rows[e->order];
	struct row *here = row_with(t, t->body->here, op->here, op->here_count, e->from);
	struct row *there, *back, *again;
	struct result result;

	if (e->outcome || says_nothing(op->here, op->here_count, here))
		return;
	result = carry(t, false, here, &there);
	if (result.outcome != OUTCOME_MAPPED && !says_need(&result)) {
		out_problem(t, e, there, row_new(&t->arena, t->body->here), &result);
		return;
	}
	if (op->way != WAY_BOTH || row->way != WAY_BOTH) {
		weaken(t, CLASS_NORMAL);
		return;
	}
	result = carry(t, true, there, &back);
	if (same(op->here, op->here_count, back, e->from))
		return;
	weaken(t, CLASS_NORMAL);
	(void)carry(t, false, back, &again);
	if (!says_nothing(op->here, op->here_count, back) && row->here && strchr(row->here, '|') &&
	    same_rows(op->there, op->there_count, there, again))
		return; /* ours has alternatives, and the first of them is read */
	out_problem(t, e, there, back, &result);
}

/* What falls to else: does what is written come back as something that is written the same? */
static void run_else(struct trial *t, const struct code_entry *e, bool is_in)
{
	const struct op *op = t->op;
	struct path *const *paths = is_in ? op->here : op->there;
	size_t count = is_in ? op->here_count : op->there_count;
	struct row *from, *to, *again;

	if (!e || e->outcome)
		return;
	if (op->way != WAY_BOTH) {
		weaken(t, CLASS_NORMAL);
		return;
	}
	from = row_with(t, is_in ? t->body->here : t->body->there, paths, count, e->to);
	(void)carry(t, !is_in, from, &to);
	(void)carry(t, is_in, to, &again);
	weaken(t, same_rows(paths, count, from, again) && !says_nothing(paths, count, from)
			  ? CLASS_NORMAL
			  : CLASS_ONE_WAY);
}

/* Transforms that find something in a text cannot be given a code to begin with. */
static bool can_run(const struct op *op)
{
	for (size_t i = 0; i < op->via_count; i++)
		if (op->via[i].kind->class == CLASS_ONE_WAY)
			return false;
	for (size_t i = 0; i < op->here_count; i++)
		if (op->here[i]->up)
			return false;
	for (size_t i = 0; i < op->there_count; i++)
		if (op->there[i]->up)
			return false;
	return op->table->in.from_count == op->there_count;
}

static bool fits_field(const struct field *field, struct cb_text text)
{
	return !text.len || line_fits(field, text);
}

/* Ours in the table must be what the model's field holds. */
static void check_ours(struct trial *t, const struct code_side *side, bool is_in)
{
	for (size_t i = 0; i < side->count; i++) {
		const struct code_entry *e = &side->entries[i];
		struct cb_text ours =
			is_in ? (e->to ? e->to[0] : (struct cb_text){ 0 }) : e->from[0];

		if (!e->outcome && !fits_field(t->op->field, ours))
			trial_problem(
				t, e->order, "here",
				"“%.*s”放不进模型的“%s”（类型 %s）：改代码，或改模型",
				"'%.*s' does not fit the model's '%s' (type %s): change the code "
				"or the model",
				CB_TEXT_ARG(ours), t->op->line->here,
				field_type_word(t->op->field->type));
	}
}

static enum line_class run_table(struct reader *r, const struct body *body, const struct op *op)
{
	const struct code_table *table = op->table;
	struct trial t = { .r = r,
			   .m = r->m,
			   .body = body,
			   .op = op,
			   .codes = table->codes,
			   .class = CLASS_EXACT,
			   .told = NONE };

	if (op->here_count == 1) {
		check_ours(&t, &table->in, true);
		check_ours(&t, &table->out, false);
	}
	if (table->has_conditions || table->in.any_count || table->out.any_count)
		weaken(&t, CLASS_NORMAL);
	if (table->has_conditions || !can_run(op)) {
		arena_done(&t.arena);
		return t.class > CLASS_NORMAL ? t.class : CLASS_NORMAL;
	}
	for (size_t i = 0; (op->way & WAY_IN) && i < table->in.count; i++) {
		const struct code_entry *e = &table->in.entries[i];

		if (!mask_of(e, table->in.from_count))
			run_in(&t, e);
		arena_clear(&t.arena);
	}
	for (size_t i = 0; (op->way & WAY_OUT) && i < table->out.count; i++) {
		const struct code_entry *e = &table->out.entries[i];

		if (!mask_of(e, table->out.from_count))
			run_out(&t, e);
		arena_clear(&t.arena);
	}
	run_else(&t, table->in.otherwise, true);
	run_else(&t, table->out.otherwise, false);
	arena_done(&t.arena);
	return t.class;
}

/* What was found where the table was compiled is known. */
enum line_class law_codes(struct reader *r, const struct body *body, const struct op *op)
{
	struct code_table *t = op->table;
	size_t use = t->uses++;

	if (t->image.at)
		return use < t->class_count ? (enum line_class)t->classes[use] : CLASS_NORMAL;
	plan_grow(r->arena, &t->classes, use, &t->class_room, sizeof(*t->classes));
	t->classes[use] = (uint8_t)run_table(r, body, op);
	t->class_count = t->uses;
	return (enum line_class)t->classes[use];
}
