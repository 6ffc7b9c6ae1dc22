/*
 * run.c - a record through the plan, in and out.
 *
 * Both directions walk the same operations; each passes over those that go the
 * other way. What reads moves with what writes: a body has one row on each side.
 */
#include "mapping/plan.h"

static void body_in(struct run *run, const struct body *body, const struct row *there,
		    struct row *here);
static void body_out(struct run *run, const struct body *body, const struct row *here,
		     struct row *there);

/* ------------------------------------------------------- items of a list */

bool list_means(const struct list_at *list, const struct row *item)
{
	return list->equal_slot == NO_SLOT ||
	       cb_text_equal(item->values[list->equal_slot], list->equal_text);
}

const struct rows *list_items(const struct list_at *list, const struct row *row)
{
	static const struct rows none;

	row = path_row(list->holder, row);
	return row ? &row->lists[list->index] : &none;
}

static struct row *add_item(struct run *run, const struct list_at *list, struct row *row)
{
	struct row *holder = path_make(run->arena, list->holder, row);
	struct row *item = row_add(run->arena, holder, list->index);

	if (list->equal_slot != NO_SLOT)
		item->values[list->equal_slot] = list->equal_text;
	return item;
}

struct row *list_first(const struct list_at *list, const struct row *row, size_t *count)
{
	const struct rows *rows = list_items(list, row);
	struct row *first = NULL;

	*count = 0;
	for (size_t i = 0; i < rows->count; i++)
		if (list_means(list, rows->at[i])) {
			first = first ? first : rows->at[i];
			++*count;
		}
	return first;
}

/* An item that got nothing but the equality it was made with says nothing. */
static void drop_bare(const struct list_at *list, struct row *row)
{
	struct row *holder = path_row(list->holder, row), *item;
	struct cb_text equal = { 0 };
	struct rows *rows;
	bool is_bare;

	rows = &holder->lists[list->index];
	item = rows->at[rows->count - 1];
	if (list->equal_slot != NO_SLOT) {
		equal = item->values[list->equal_slot];
		item->values[list->equal_slot] = (struct cb_text){ 0 };
	}
	is_bare = row_is_empty(item);
	if (list->equal_slot != NO_SLOT)
		item->values[list->equal_slot] = equal;
	rows->count -= is_bare;
}

/* ------------------------------------------- do they say anything at all? */

static bool says_anything(const struct body *body, const struct row *there);

static bool op_says(const struct op *op, const struct row *there)
{
	size_t count;

	switch (op->kind) {
	case OP_FIELD:
		for (size_t i = 0; i < op->there_count; i++)
			if (!is_blank(op, path_text(op->there[i], there)))
				return true;
		return false;
	case OP_GROUP:
		if (op->as)
			return !is_blank(op, path_text(op->there[0], there));
		if (op->list[THERE].shape)
			there = list_first(&op->list[THERE], there, &count);
		return there && says_anything(op->bodies, there);
	case OP_EACH:
		if (op->pieces)
			return !is_blank(op, path_text(op->there[0], there));
		for (size_t i = 0; op->is_numbered && i < op->body_count; i++)
			if (says_anything(&op->bodies[i], there))
				return true;
		return !op->is_numbered && list_items(&op->list[THERE], there)->count > 0;
	case OP_WHEN:
		return says_anything(op->bodies, there);
	default:
		return false;
	}
}

static bool says_anything(const struct body *body, const struct row *there)
{
	for (size_t i = 0; i < body->count; i++)
		if (op_says(&body->ops[i], there))
			return true;
	return false;
}

/* ------------------------------------------------------- constants and rules */

static void set_or_verify(struct run *run, const struct op *op, const struct path *path,
			  struct row *write, const struct row *read)
{
	if (write)
		path_set(run->arena, path, write, op->value);
	else if ((op->flags & OP_VERIFY) && !cb_text_equal(path_text(path, read), op->value))
		found(run, op, "verify", op->bad,
		      "“%s”应为固定值“%.*s”，来的不是：请确认这条记录是不是给这里的",
		      "'%s' should be the constant '%.*s' and is not: is this record meant for us?",
		      op->line->label, CB_TEXT_ARG(op->value));
}

static void set_in(struct run *run, const struct op *op, const struct row *there, struct row *here)
{
	if (op->here_count)
		set_or_verify(run, op, op->here[0], here, NULL);
	else
		set_or_verify(run, op, op->there[0], NULL, there);
	if (is_traced(run) && op->here_count)
		trace_write(run, op, "set", op->here[0], here, op->value);
}

static void set_out(struct run *run, const struct op *op, const struct row *here, struct row *there)
{
	if (op->there_count)
		set_or_verify(run, op, op->there[0], there, NULL);
	else
		set_or_verify(run, op, op->here[0], NULL, here);
}

/* A date against an instant is compared by its day. */
static bool is_before(struct cb_text a, struct cb_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int64_t x, y;

	if (number_is_canonical(a) && number_is_canonical(b))
		return number_compare(a, b) < 0;
	if (len > 10 && calendar_read_iso(a, 0, &x) && calendar_read_iso(b, 0, &y))
		return x < y;
	return memcmp(a.at, b.at, len) < 0;
}

/* Those that say something, in the order they are named; nothing stands in nobody's way. */
static bool is_in_order(const struct op *op, const struct row *here)
{
	for (size_t i = 1; i < op->here_count; i++)
		for (size_t k = 0; k < i; k++) {
			struct cb_text later = path_text(op->here[i], here);
			struct cb_text earlier = path_text(op->here[k], here);

			if (later.len && earlier.len && is_before(later, earlier))
				return false;
		}
	return true;
}

static void check(struct run *run, const struct op *op, const struct row *here)
{
	if (op->here_when ? !condition_holds(op->here_when, here) : !is_in_order(op, here))
		found(run, op, "check", op->bad, "%s：请核对后改正", "%s: please check and correct",
		      op->say);
}

/* ------------------------------------------------------- groups */

static void check_one(struct run *run, const struct op *op, size_t count)
{
	enum bad bad = op->flags & OP_ONE ? BAD_WARN : (enum bad)op->bad;

	if (count > 1)
		found(run, op, "many", bad,
		      "“%s”有 %zu 个，这里只放得下一个：请核对留哪一个，或改用能放几个的映射",
		      "there are %2$zu of '%1$s', and room for one: decide which, or map them as a "
		      "list",
		      op->line->label, count);
}

static void group_in(struct run *run, const struct op *op, const struct row *there,
		     struct row *here)
{
	const struct list_at *theirs = &op->list[THERE], *ours = &op->list[HERE];
	struct row *outer = here;
	size_t count = 0;
	bool is_made = false;

	if (theirs->shape) {
		there = list_first(theirs, there, &count);
		check_one(run, op, count);
		if (!there)
			there = row_new(run->arena, theirs->shape);
	}
	if ((op->flags & OP_OPTIONAL) &&
	    (op->as ? !op_says(op, there) : !says_anything(op->bodies, there)))
		return;
	if (op->as)
		there = document_in(run, op, there);
	if (ours->shape) {
		here = list_first(ours, here, &count);
		is_made = !here;
		if (is_made)
			here = add_item(run, ours, outer);
	}
	body_in(run, op->bodies, there, here);
	if (is_made)
		drop_bare(ours, outer);
	if (is_traced(run) && is_made)
		trace_equal(run, op, here);
}

static void group_out(struct run *run, const struct op *op, const struct row *here,
		      struct row *there)
{
	const struct list_at *theirs = &op->list[THERE], *ours = &op->list[HERE];
	struct row *outer = there;
	size_t count = 0;
	bool is_made = false, is_missing = false;

	if (ours->shape) {
		here = list_first(ours, here, &count);
		check_one(run, op, count);
		is_missing = !here;
		if (is_missing)
			here = row_new(run->arena, ours->shape);
	}
	if ((op->flags & OP_OPTIONAL) && is_missing)
		return;
	if (theirs->shape) {
		there = list_first(theirs, there, &count);
		is_made = !there;
		if (is_made)
			there = add_item(run, theirs, outer);
	}
	if (op->as)
		there = document_begin(run, op, outer);
	body_out(run, op->bodies, here, there);
	if (op->as)
		document_out(run, op, there, outer);
	if (is_made)
		drop_bare(theirs, outer);
}

/* ------------------------------------------------------- lists */

static void check_count(struct run *run, const struct op *op, size_t count)
{
	if (count < op->min_rows)
		found(run, op, "few", op->bad, "“%s”有 %zu 项，至少要 %u 项：请补上",
		      "'%s' has %zu items, and at least %u are needed: add them", op->line->label,
		      count, op->min_rows);
	if (count > op->max_rows)
		found(run, op, "many", op->bad, "“%s”有 %zu 项，最多 %u 项：请核对",
		      "'%s' has %zu items, and at most %u fit: please check", op->line->label,
		      count, op->max_rows);
}

static void item_in(struct run *run, const struct op *op, const struct body *body,
		    const struct row *there, struct row *here)
{
	struct row *item = add_item(run, &op->list[HERE], here);

	body_in(run, body, there, item);
	if (is_traced(run))
		trace_equal(run, op, item);
}

static size_t list_in(struct run *run, const struct op *op, const struct row *there,
		      struct row *here)
{
	const struct rows *rows = list_items(&op->list[THERE], there);
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++) {
		if (!list_means(&op->list[THERE], rows->at[i]) ||
		    !says_anything(op->bodies, rows->at[i]))
			continue;
		run->item = (uint32_t)i + 1;
		item_in(run, op, op->bodies, rows->at[i], here);
		count++;
	}
	return count;
}

static size_t numbered_in(struct run *run, const struct op *op, const struct row *there,
			  struct row *here)
{
	size_t count = 0;

	for (size_t i = 0; i < op->body_count; i++) {
		if (!says_anything(&op->bodies[i], there))
			continue;
		run->item = (uint32_t)i + 1;
		item_in(run, op, &op->bodies[i], there, here);
		count++;
	}
	return count;
}

/* The bytes of the character at @at, where @at is one that parts; else 0. */
static size_t parts_at(const struct op *op, const char *at, const char *end)
{
	for (size_t i = 0; i < op->split.len;) {
		size_t len = 1;

		while (i + len < op->split.len &&
		       ((unsigned char)op->split.at[i + len] & 0xc0) == 0x80)
			len++;
		if ((size_t)(end - at) >= len && memcmp(at, op->split.at + i, len) == 0)
			return len;
		i += len;
	}
	return 0;
}

static size_t split_in(struct run *run, const struct op *op, const struct row *there,
		       struct row *here)
{
	struct cb_text text = path_text(op->there[0], there);
	const char *at = text.at, *end = at + text.len;
	size_t count = 0;

	if (path_again(op->there[0], there))
		check_one(run, op, 2);
	if (is_blank(op, text))
		return 0;
	while (at <= end) {
		const char *stop = at;
		struct row *piece = row_new(run->arena, op->pieces);
		size_t gap = 0;

		while (stop < end && !(gap = parts_at(op, stop, end)))
			stop++;
		/* Only read from here: rows say `up` without const, for those who write. */
		memcpy(&piece->up, &there, sizeof(struct row *));
		piece->values[0] = (struct cb_text){ at, (size_t)(stop - at) };
		if (!is_blank(op, piece->values[0])) {
			run->item = (uint32_t)++count;
			item_in(run, op, op->bodies, piece, here);
		}
		at = stop + (gap ? gap : 1);
	}
	return count;
}

static void each_in(struct run *run, const struct op *op, const struct row *there, struct row *here)
{
	uint32_t item = run->item;
	size_t count;

	if (op->is_numbered)
		count = numbered_in(run, op, there, here);
	else if (op->pieces)
		count = split_in(run, op, there, here);
	else
		count = list_in(run, op, there, here);
	run->item = item;
	check_count(run, op, count);
}

/* A piece that holds what parts pieces would come back as two. */
static bool is_whole(struct run *run, const struct op *op, struct cb_text piece)
{
	for (size_t i = 0; i < piece.len; i++)
		if (parts_at(op, piece.at + i, piece.at + piece.len)) {
			found(run, op, "like", op->bad,
			      "“%s”的一项里有分隔符（%.*s），写出后就分不开了：请改这一项",
			      "an item of '%s' holds a character that parts items (%.*s), so it "
			      "would come apart: change the item",
			      op->line->label, CB_TEXT_ARG(op->split));
			return false;
		}
	return true;
}

static void split_out(struct run *run, const struct op *op, const struct row *here,
		      struct row *there, struct buffer *joined)
{
	struct row *piece = row_new(run->arena, op->pieces);
	size_t first = 1;

	while (first < op->split.len && ((unsigned char)op->split.at[first] & 0xc0) == 0x80)
		first++;
	piece->up = there;
	body_out(run, op->bodies, here, piece);
	if (!piece->values[0].len || !is_whole(run, op, piece->values[0]))
		return;
	if (joined->len)
		buffer_put(joined, op->split.at, first);
	buffer_text(joined, piece->values[0]);
}

static void no_room(struct run *run, const struct op *op, size_t count)
{
	found(run, op, "many", op->bad, "“%s”有 %zu 项，对方只有 %zu 组列：请核对，或增加列",
	      "'%s' has %zu items, and they have columns for %zu: please check, or add columns",
	      op->line->label, count, op->body_count);
}

static void each_out(struct run *run, const struct op *op, const struct row *here,
		     struct row *there)
{
	const struct rows *rows = list_items(&op->list[HERE], here);
	struct buffer joined = { 0 };
	uint32_t outer = run->item;
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++) {
		const struct row *item = rows->at[i];

		if (!list_means(&op->list[HERE], item))
			continue;
		run->item = (uint32_t)i + 1;
		count++;
		if (op->pieces)
			split_out(run, op, item, there, &joined);
		else if (!op->is_numbered)
			body_out(run, op->bodies, item, add_item(run, &op->list[THERE], there));
		else if (count <= op->body_count)
			body_out(run, &op->bodies[count - 1], item, there);
	}
	run->item = outer;
	check_count(run, op, count);
	if (op->is_numbered && count > op->body_count)
		no_room(run, op, count);
	if (joined.len)
		path_set(run->arena, op->there[0], there,
			 arena_copy(run->arena, buffer_view(&joined)));
	buffer_done(&joined);
}

/* ------------------------------------------------------- bodies */

static void make_true(struct run *run, const struct op *op, enum side side, struct row *row)
{
	for (size_t i = 0; i < op->made_count[side]; i++)
		path_set(run->arena, op->made[side][i].path, row, op->made[side][i].text);
	for (size_t i = 0; side == HERE && is_traced(run) && i < op->made_count[side]; i++)
		trace_write(run, op, "when", op->made[side][i].path, row, op->made[side][i].text);
}

static void body_in(struct run *run, const struct body *body, const struct row *there,
		    struct row *here)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct op *op = &body->ops[i];

		if (!(op->way & WAY_IN))
			continue;
		switch (op->kind) {
		case OP_FIELD:
			if (is_traced(run))
				trace_field(run, op, there, here);
			else
				field_in(run, op, there, here);
			break;
		case OP_SET:
			set_in(run, op, there, here);
			break;
		case OP_GROUP:
			group_in(run, op, there, here);
			break;
		case OP_EACH:
			each_in(run, op, there, here);
			break;
		case OP_WHEN:
			if (!condition_holds(op->there_when, there))
				break;
			make_true(run, op, HERE, here);
			body_in(run, op->bodies, there, here);
			break;
		default:
			check(run, op, here);
		}
	}
}

static void body_out(struct run *run, const struct body *body, const struct row *here,
		     struct row *there)
{
	for (size_t i = 0; i < body->count; i++) {
		const struct op *op = &body->ops[i];

		if (!(op->way & WAY_OUT))
			continue;
		switch (op->kind) {
		case OP_FIELD:
			field_out(run, op, here, there);
			break;
		case OP_SET:
			set_out(run, op, here, there);
			break;
		case OP_GROUP:
			group_out(run, op, here, there);
			break;
		case OP_EACH:
			each_out(run, op, here, there);
			break;
		case OP_WHEN:
			if (!condition_holds(op->here_when, here))
				break;
			make_true(run, op, THERE, there);
			body_out(run, op->bodies, here, there);
			break;
		default:
			check(run, op, here);
		}
	}
}

static struct run begin(struct mapping *m, struct result *result)
{
	struct arena *arena = result->arena;

	*result = (struct result){ .arena = arena, .trace = result->trace };
	return (struct run){ .m = m, .arena = arena, .result = result };
}

struct row *mapping_in(struct mapping *m, const struct row *there, struct result *result)
{
	struct run run = begin(m, result);
	struct row *here = row_new(run.arena, m->here->shape);

	body_in(&run, &m->body, there, here);
	if (is_traced(&run))
		trace_end(&run);
	return here;
}

struct row *mapping_out(struct mapping *m, const struct row *here, struct result *result)
{
	struct run run = begin(m, result);
	struct row *there = row_new(run.arena, m->there);

	body_out(&run, &m->body, here, there);
	return there;
}
