/*
 * guard.c - map an upload back before it goes out, and compare; and compare what
 * another system holds with what was sent to it.
 *
 * Line by line, because a line knows what it may change: what is one-way stays
 * away, a form may differ if it is written the same again. Whatever else comes
 * back as another value, or not at all, would be a lie at the other side.
 */
#include "mapping/plan.h"

/* The four rows of one place: ours, ours come back; theirs, theirs written again. */
struct four {
	const struct row *here, *back;
	const struct row *there, *again; /* NULL: they have no row of their own here */
	bool is_theirs;                  /* `again` is what another system holds */
};

static void differs(struct run *run, const struct op *op, const struct four *four)
{
	if (four->is_theirs) {
		found(run, op, "differs", BAD_HOLD, "%s与对方现有的不同",
		      "%s is not what the other side holds", names_of(run, op));
		return;
	}
	found(run, op, "guard", BAD_HOLD,
	      "%s写出后读回来不是原来的值，没有上报：请核对这个值和映射第 %u 行",
	      "%s does not come back as it was, so nothing was sent: check the value and "
	      "line %u of the mapping",
	      names_of(run, op), op->line->number);
}

static bool is_same(const struct op *op, struct cb_text a, struct cb_text b)
{
	int64_t x, y;

	if (!a.len || !b.len)
		return a.len == b.len;
	if (cb_text_equal(a, b))
		return true;
	if (number_is_canonical(a) && number_is_canonical(b) && op->field->type != FIELD_TEXT)
		return number_compare(a, b) == 0;
	return op->field->type == FIELD_DATETIME && calendar_read_iso(a, op->zone, &x) &&
	       calendar_read_iso(b, op->zone, &y) && x == y;
}

/* Another form of the same: it would be written as it was. */
static bool is_settled(const struct op *op, const struct four *four)
{
	if (op->class == CLASS_EXACT)
		return false;
	for (size_t i = 0; four->there && i < op->there_count; i++)
		if (!cb_text_equal(path_text(op->there[i], four->there),
				   path_text(op->there[i], four->again)))
			return false;
	return true;
}

static void guard_field(struct run *run, const struct op *op, const struct four *four)
{
	if (op->class == CLASS_ONE_WAY)
		return;
	for (size_t i = 0; i < op->here_count; i++) {
		struct cb_text ours = path_text(op->here[i], four->here);
		struct cb_text back = path_text(op->here[i], four->back);

		if (is_same(op, ours, back) || (!ours.len && op->standard.at))
			continue;
		if (ours.len && back.len && is_settled(op, four))
			continue;
		differs(run, op, four);
		return;
	}
}

static void guard_body(struct run *run, const struct body *body, const struct four *four);

static void guard_group(struct run *run, const struct op *op, struct four four)
{
	size_t count;

	if (op->list[HERE].shape) {
		four.here = list_first(&op->list[HERE], four.here, &count);
		four.back = list_first(&op->list[HERE], four.back, &count);
	}
	if (op->as)
		four.there = four.again = NULL;
	if (op->list[THERE].shape && four.there) {
		four.there = list_first(&op->list[THERE], four.there, &count);
		four.again = list_first(&op->list[THERE], four.again, &count);
	}
	if (!four.there || !four.again)
		four.there = four.again = NULL;
	if (four.here && four.back)
		guard_body(run, op->bodies, &four);
	else if ((four.here && !row_is_empty(four.here)) ||
		 (four.is_theirs && four.back && !row_is_empty(four.back)))
		differs(run, op, &four);
}

/* The item after *@at that is meant and says something, or NULL. */
static const struct row *next_item(const struct list_at *list, const struct rows *rows, size_t *at)
{
	while (*at < rows->count) {
		const struct row *item = rows->at[(*at)++];

		if (list_means(list, item) && !row_is_empty(item))
			return item;
	}
	return NULL;
}

static void guard_each(struct run *run, const struct op *op, struct four four)
{
	static const struct rows none;
	const struct list_at *ours = &op->list[HERE], *theirs = &op->list[THERE];
	const struct rows *here = list_items(ours, four.here), *back = list_items(ours, four.back);
	bool has_rows = theirs->shape && four.there && !op->pieces;
	const struct rows *there = has_rows ? list_items(theirs, four.there) : &none;
	const struct rows *again = has_rows ? list_items(theirs, four.again) : &none;
	size_t at[4] = { 0 };

	for (size_t i = 0;; i++) {
		struct four item = { next_item(ours, here, &at[0]), next_item(ours, back, &at[1]),
				     has_rows ? next_item(theirs, there, &at[2]) : NULL,
				     has_rows ? next_item(theirs, again, &at[3]) : NULL,
				     four.is_theirs };
		size_t body = op->is_numbered && i < op->body_count ? i : 0;

		if (!item.here && !item.back)
			break;
		if (!item.here || !item.back) {
			differs(run, op, &four);
			break;
		}
		if (!item.there || !item.again)
			item.there = item.again = NULL;
		if (op->is_numbered) {
			item.there = four.there;
			item.again = four.again;
		}
		run->item = (uint32_t)i + 1;
		guard_body(run, &op->bodies[body], &item);
	}
	run->item = 0;
}

static void guard_body(struct run *run, const struct body *body, const struct four *four)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct op *op = &body->ops[i];

		if (op->way != WAY_BOTH)
			continue;
		if (op->kind == OP_FIELD)
			guard_field(run, op, four);
		else if (op->kind == OP_GROUP)
			guard_group(run, op, *four);
		else if (op->kind == OP_EACH)
			guard_each(run, op, *four);
		else if (op->kind == OP_WHEN && condition_holds(op->here_when, four->here))
			guard_body(run, op->bodies, four);
	}
}

void mapping_guard(struct mapping *m, const struct row *here, const struct row *there,
		   struct result *result)
{
	struct run run = { .m = m, .arena = result->arena, .result = result };
	struct result unused = { .arena = result->arena };
	struct four four = { .here = here, .there = there };

	four.back = mapping_in(m, there, &unused);
	four.again = mapping_out(m, four.back, &unused);
	guard_body(&run, &m->body, &four);
}

void mapping_differs(struct mapping *m, const struct row *sent, const struct row *held,
		     struct result *result)
{
	struct run run = { .m = m, .arena = result->arena, .result = result };
	struct result ours = { .arena = result->arena }, theirs = { .arena = result->arena };
	struct four four = { .there = sent, .again = held, .is_theirs = true };

	four.here = mapping_in(m, sent, &ours);
	four.back = mapping_in(m, held, &theirs);
	if (theirs.outcome != OUTCOME_MAPPED && ours.outcome == OUTCOME_MAPPED) {
		/* It is not even what this mapping takes in: somebody else's, or half of it. */
		result->findings = theirs.findings;
		result->count = theirs.count;
		result->outcome = theirs.outcome;
		return;
	}
	guard_body(&run, &m->body, &four);
}
