/*
 * condition.c - conditions are a small tree of nodes in the arena.
 */
#include <stdlib.h>

#include "base/number.h"
#include "record/scan.h"

enum kind { AND, OR, NOT, COMPARE, CONTAINS, STARTS_WITH, HAS };
enum compare { EQUAL, UNEQUAL, LESS, LESS_EQUAL, MORE, MORE_EQUAL };

struct operand {
	const struct path *path; /* NULL: the literal */
	bool is_count;
	struct cb_text literal;
};

struct condition {
	enum kind kind;
	enum compare compare;
	struct condition *left, *right;
	struct operand a, b;
};

#define DEEPEST 32

struct parser {
	struct scan scan;
	struct arena *arena;
	struct shape *from;
	struct cb_error *err;
	int depth;
};

static int fail(struct parser *p)
{
	scan_blanks(&p->scan);
	if (p->err)
		p->err->column = (uint32_t)(p->scan.at - p->scan.begin) + 1;
	return CB_BROKEN;
}

static struct condition *node(struct parser *p, enum kind kind)
{
	struct condition *c = arena_zero(p->arena, sizeof(*c));

	c->kind = kind;
	return c;
}

static bool function_begins(struct scan *s, const char *name)
{
	const char *was = s->at;

	if (scan_word(s, name) && scan_take(s, "("))
		return true;
	s->at = was;
	return false;
}

static int close_parenthesis(struct parser *p)
{
	if (scan_take(&p->scan, ")"))
		return CB_OK;
	cb_error_set(p->err, CB_BROKEN, "缺少右括号", "a closing parenthesis is missing");
	return fail(p);
}

static int operand(struct parser *p, enum path_use use, struct operand *out)
{
	struct path *path = NULL;

	*out = (struct operand){ 0 };
	if (function_begins(&p->scan, "count")) {
		out->is_count = true;
		use = PATH_LIST;
	} else if (scan_literal(&p->scan, &out->literal) || scan_number(&p->scan, &out->literal)) {
		out->literal = arena_copy(p->arena, out->literal);
		return CB_OK;
	}
	if (path_scan(&p->scan, p->arena, p->from, use, &path, p->err) != CB_OK)
		return CB_BROKEN;
	out->path = path;
	return out->is_count ? close_parenthesis(p) : CB_OK;
}

static int either(struct parser *p, struct condition **out);

static int function(struct parser *p, enum kind kind, struct condition **out)
{
	*out = node(p, kind);
	if (operand(p, PATH_VALUE, &(*out)->a) != CB_OK)
		return CB_BROKEN;
	if (!scan_take(&p->scan, ",")) {
		cb_error_set(p->err, CB_BROKEN, "这里需要逗号和第二个参数",
			     "a comma and the second argument belong here");
		return fail(p);
	}
	if (operand(p, PATH_VALUE, &(*out)->b) != CB_OK)
		return CB_BROKEN;
	return close_parenthesis(p);
}

static bool take_compare(struct scan *s, enum compare *out)
{
	static const struct {
		const char *sign;
		enum compare compare;
	} signs[] = { { "!=", UNEQUAL }, { "<=", LESS_EQUAL }, { ">=", MORE_EQUAL },
		      { "=", EQUAL },    { "<", LESS },        { ">", MORE } };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (scan_take(s, signs[i].sign)) {
			*out = signs[i].compare;
			return true;
		}
	}
	return false;
}

static int enclosed(struct parser *p, struct condition **out)
{
	return either(p, out) == CB_OK ? close_parenthesis(p) : CB_BROKEN;
}

static int primary(struct parser *p, struct condition **out)
{
	struct operand a;
	enum compare compare;
	const char *at;

	if (scan_take(&p->scan, "("))
		return enclosed(p, out);
	if (function_begins(&p->scan, "not")) {
		*out = node(p, NOT);
		return enclosed(p, &(*out)->left);
	}
	if (function_begins(&p->scan, "contains"))
		return function(p, CONTAINS, out);
	if (function_begins(&p->scan, "starts-with"))
		return function(p, STARTS_WITH, out);
	at = p->scan.at;
	if (operand(p, PATH_EITHER, &a) != CB_OK)
		return CB_BROKEN;
	if (!take_compare(&p->scan, &compare)) {
		if (!a.path) {
			cb_error_set(p->err, CB_BROKEN,
				     "单独的文字不是条件；用 = != < <= > >= 比较",
				     "a text alone is no condition; compare with = != < <= > >=");
			return fail(p);
		}
		*out = node(p, HAS);
		(*out)->a = a;
		return CB_OK;
	}
	if (a.path && a.path->rows && !a.is_count) {
		/* A list has no value; the path says so itself. */
		p->scan.at = at;
		return operand(p, PATH_VALUE, &a);
	}
	*out = node(p, COMPARE);
	(*out)->compare = compare;
	(*out)->a = a;
	return operand(p, PATH_VALUE, &(*out)->b);
}

static int joined(struct parser *p, const char *word, enum kind kind,
		  int (*part)(struct parser *, struct condition **), struct condition **out)
{
	if (part(p, out) != CB_OK)
		return CB_BROKEN;
	/* Leaning to the right, so that a long chain is walked, not climbed. */
	while (scan_word(&p->scan, word)) {
		struct condition *c = node(p, kind);

		c->left = *out;
		*out = c;
		out = &c->right;
		if (part(p, out) != CB_OK)
			return CB_BROKEN;
	}
	return CB_OK;
}

static int both(struct parser *p, struct condition **out)
{
	return joined(p, "and", AND, primary, out);
}

static int either(struct parser *p, struct condition **out)
{
	int rc;

	if (++p->depth > DEEPEST) {
		cb_error_set(p->err, CB_BROKEN, "括号嵌套太深", "nested too deeply");
		return fail(p);
	}
	rc = joined(p, "or", OR, both, out);
	p->depth--;
	return rc;
}

int condition_compile(struct arena *arena, struct shape *from, struct cb_text text,
		      struct condition **out, struct cb_error *err)
{
	struct parser p = { .scan = scan_of(text), .arena = arena, .from = from, .err = err };

	if (either(&p, out) != CB_OK)
		return CB_BROKEN;
	scan_blanks(&p.scan);
	if (p.scan.at == p.scan.end)
		return CB_OK;
	cb_error_set(err, CB_BROKEN, "条件在这里应当结束，或接 and、or、= != < <= > >=",
		     "the condition should end here, or go on with and, or, = != < <= > >=");
	return fail(&p);
}

#define COUNT_ROOM 24

/*
 * An item that is a text, and an empty one, is nothing, as an empty value is: a cell
 * is there in every row of a table, and says as little where a line reads it as a
 * list of one.
 */
static bool says_something(const struct row *item)
{
	const struct shape_node *root = item->shape->root;

	return root->slot == NO_SLOT || root->first || item->values[root->slot].len;
}

static size_t count_items(const struct rows *rows)
{
	size_t count = 0;

	for (size_t i = 0; rows && i < rows->count; i++)
		count += says_something(rows->at[i]);
	return count;
}

static struct cb_text value(const struct operand *o, const struct row *row, char room[COUNT_ROOM])
{
	size_t count, at = COUNT_ROOM;

	if (!o->path)
		return o->literal;
	if (!o->is_count)
		return path_text(o->path, row);
	count = count_items(path_rows(o->path, row));
	do
		room[--at] = (char)('0' + count % 10);
	while (count /= 10);
	return (struct cb_text){ room + at, COUNT_ROOM - at };
}

static bool compared(const struct condition *c, const struct row *row)
{
	char room_a[COUNT_ROOM], room_b[COUNT_ROOM];
	struct cb_text a = value(&c->a, row, room_a), b = value(&c->b, row, room_b);
	size_t shared = a.len < b.len ? a.len : b.len;
	int order;

	/* Nothing is equal to nothing else and has no order. */
	if (!a.at || !b.at)
		return c->compare == UNEQUAL ? a.at != b.at : false;
	if (number_is_canonical(a) && number_is_canonical(b)) {
		order = number_compare(a, b);
	} else {
		order = shared ? memcmp(a.at, b.at, shared) : 0;
		if (!order)
			order = (a.len > b.len) - (a.len < b.len);
	}
	switch (c->compare) {
	case EQUAL:
		return order == 0;
	case UNEQUAL:
		return order != 0;
	case LESS:
		return order < 0;
	case LESS_EQUAL:
		return order <= 0;
	case MORE:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool has(const struct operand *o, const struct row *row)
{
	if (o->path->rows)
		return count_items(path_rows(o->path, row)) > 0;
	return path_text(o->path, row).len > 0;
}

static bool texts(const struct condition *c, const struct row *row)
{
	char room_a[COUNT_ROOM], room_b[COUNT_ROOM];
	struct cb_text a = value(&c->a, row, room_a), b = value(&c->b, row, room_b);

	if (!a.at || !b.at)
		return false;
	if (c->kind == CONTAINS)
		return memmem(a.at, a.len, b.at, b.len) != NULL;
	return a.len >= b.len && memcmp(a.at, b.at, b.len) == 0;
}

bool condition_holds(const struct condition *c, const struct row *row)
{
	for (; c->kind == AND || c->kind == OR; c = c->right)
		if (condition_holds(c->left, row) == (c->kind == OR))
			return c->kind == OR;
	switch (c->kind) {
	case NOT:
		return !condition_holds(c->left, row);
	case COMPARE:
		return compared(c, row);
	case HAS:
		return has(&c->a, row);
	default:
		return texts(c, row);
	}
}

static bool is_equality(const struct condition *c)
{
	return c->kind == COMPARE && c->compare == EQUAL && !c->a.is_count && !c->b.is_count &&
	       !c->a.path != !c->b.path;
}

static bool are_equalities(const struct condition *c)
{
	for (; c->kind == AND; c = c->right)
		if (!are_equalities(c->left))
			return false;
	return is_equality(c);
}

static void say_equalities(const struct condition *c,
			   void (*each)(void *, const struct path *, struct cb_text), void *with)
{
	for (; c->kind == AND; c = c->right)
		say_equalities(c->left, each, with);
	each(with, c->a.path ? c->a.path : c->b.path, c->a.path ? c->b.literal : c->a.literal);
}

bool condition_each_equality(const struct condition *c,
			     void (*each)(void *, const struct path *, struct cb_text), void *with)
{
	if (!are_equalities(c))
		return false;
	say_equalities(c, each, with);
	return true;
}
