/*
 * path.c - a path is compiled to list steps and one slot, so that asking it is
 * an array access where no list is on the way.
 *
 * The parser works on the text and the shape at once: it walks the tree of
 * names as it reads, and makes what is missing where the shape still grows.
 */
#include "record/path.h"

#include "base/problem.h"
#include "record/scan.h"

#define DEEPEST 100 /* names in a path */
#define PATHS_MOST 256

struct walk {
	struct scan *scan;
	struct arena *arena;
	struct shape *shape;     /* of the row we are in */
	struct shape_node *node; /* the name we stand at */
	struct path_step steps[16];
	struct path *path;
	int names;
};

static int complain(struct scan *s, struct cb_error *err, const char *at)
{
	while (at < s->end && scan_is_blank(*at))
		at++;
	if (err)
		err->column = (uint32_t)(at - s->begin) + 1;
	return CB_BROKEN;
}

/* For "did you mean". */
static struct cb_text nearest(const struct walk *w, struct cb_text name)
{
	const struct shape_node *node = w->node->list ? w->node->list->root : w->node;
	const char **words = arena_zero(w->arena, (node->child_count + 1) * sizeof(*words));
	const char *best;

	for (size_t i = 0; i < node->child_count; i++)
		words[i] = node->child_at[i]->name.at;
	best = problem_nearest(arena_string(w->arena, name), words);
	/* The beginning of a longer name is too far away for an edit distance. */
	for (size_t i = 0; i < node->child_count && !best; i++)
		if (name.len > 2 && strncmp(words[i], name.at, name.len) == 0)
			best = words[i];
	return cb_text_of(best);
}

static int unknown_name(struct walk *w, struct cb_text name, const char *at, struct cb_error *err)
{
	struct cb_text near = nearest(w, name);

	if (near.at)
		cb_error_set(err, CB_BROKEN, "没有名为“%.*s”的字段；最接近的是“%.*s”",
			     "there is no '%.*s' here; the nearest is '%.*s'", CB_TEXT_ARG(name),
			     CB_TEXT_ARG(near));
	else
		cb_error_set(err, CB_BROKEN, "没有名为“%.*s”的字段", "there is no '%.*s' here",
			     CB_TEXT_ARG(name));
	return complain(w->scan, err, at);
}

static int into_list(struct walk *w, struct shape *list, const char *at, struct cb_error *err)
{
	if (w->path->step_count == sizeof(w->steps) / sizeof(*w->steps)) {
		cb_error_set(err, CB_BROKEN, "路径里的列表太多", "too many lists in one path");
		return complain(w->scan, err, at);
	}
	w->steps[w->path->step_count++] =
		(struct path_step){ .list = list, .index = list->up_index, .equal_slot = NO_SLOT };
	w->shape = list;
	w->node = list->root;
	return CB_OK;
}

/* [path='text'] behind a name: the name is a list, and one of its rows is meant. */
static int equality(struct walk *w, struct cb_error *err)
{
	struct path_step *step = &w->steps[w->path->step_count - 1];
	const char *at;
	struct shape_node *node = w->shape->root;
	struct shape *shape = w->shape;
	struct cb_text name, text;

	do {
		at = w->scan->at;
		if (!scan_name(w->scan, &name)) {
			cb_error_set(err, CB_BROKEN, "方括号里应为 名称='文字'",
				     "inside the brackets belongs name='text'");
			return complain(w->scan, err, at);
		}
		w->node = node;
		node = shape->is_fixed ? shape_find(node, name) : shape_child(shape, node, name);
		if (!node)
			return unknown_name(w, name, at, err);
		if (node->list) {
			cb_error_set(err, CB_BROKEN, "方括号里只能比较一个值，“%.*s”是列表",
				     "brackets compare one value; '%.*s' is a list",
				     CB_TEXT_ARG(name));
			return complain(w->scan, err, at);
		}
	} while (scan_take(w->scan, "/"));
	step->equal_slot = node->slot;
	if (step->equal_slot == NO_SLOT && !shape->is_fixed)
		step->equal_slot = shape_slot(shape, node);
	if (step->equal_slot == NO_SLOT || !scan_take(w->scan, "=") ||
	    !scan_literal(w->scan, &text) || !scan_take(w->scan, "]")) {
		cb_error_set(err, CB_BROKEN, "方括号里只能是一个相等条件，如 [role='applicant']",
			     "only one equality may stand in brackets, such as [role='applicant']");
		return complain(w->scan, err, w->scan->at);
	}
	step->equal_text = arena_copy(w->arena, text);
	w->node = w->shape->root;
	return CB_OK;
}

static int one_name(struct walk *w, enum path_use use, bool is_last, struct cb_text name,
		    const char *at, struct cb_error *err)
{
	bool has_equality = scan_take(w->scan, "[");
	struct shape_node *node;
	struct shape *list;

	if (++w->names > DEEPEST) {
		cb_error_set(err, CB_BROKEN, "路径太深", "the path is too deep");
		return complain(w->scan, err, at);
	}
	node = w->shape->is_fixed ? shape_find(w->node, name)
				  : shape_child(w->shape, w->node, name);
	if (!node)
		return unknown_name(w, name, at, err);
	list = node->list;
	if (!list && (has_equality || (is_last && use == PATH_LIST))) {
		list = w->shape->is_fixed ? NULL : shape_list(w->shape, node);
		if (!list) {
			cb_error_set(err, CB_BROKEN, "“%.*s”不是列表", "'%.*s' is not a list",
				     CB_TEXT_ARG(name));
			return complain(w->scan, err, at);
		}
	}
	if (!list) {
		w->node = node;
		return CB_OK;
	}
	if (!has_equality && !(is_last && use != PATH_VALUE)) {
		cb_error_set(
			err, CB_BROKEN,
			"“%.*s”是列表：用 each 逐项处理，或在方括号里选一项，如 %.*s[name='x']",
			"'%.*s' is a list: go through it with each, or choose one item in "
			"brackets, such as %.*s[name='x']",
			CB_TEXT_ARG(name), CB_TEXT_ARG(name));
		return complain(w->scan, err, at);
	}
	if (into_list(w, list, at, err) != CB_OK)
		return CB_BROKEN;
	return has_equality ? equality(w, err) : CB_OK;
}

/* Where the walk ended: at a list, or at a value. */
static int finish(struct walk *w, enum path_use use, bool ends_at_list, const char *at,
		  struct cb_error *err)
{
	struct path *path = w->path;

	path->slot = NO_SLOT;
	if (ends_at_list && use != PATH_VALUE) {
		path->rows = w->shape;
	} else if (use == PATH_LIST) {
		cb_error_set(err, CB_BROKEN, "这里需要一个列表", "a list belongs here");
		return complain(w->scan, err, at);
	} else {
		path->slot = w->node->slot;
		if (path->slot == NO_SLOT && !w->shape->is_fixed)
			path->slot = shape_slot(w->shape, w->node);
		if (path->slot == NO_SLOT) {
			cb_error_set(err, CB_BROKEN, "这里是一组字段，不是一个值",
				     "this is a group of fields, not a value");
			return complain(w->scan, err, at);
		}
	}
	path->steps = arena_take(w->arena, path->step_count * sizeof(*path->steps) + 1);
	memcpy(path->steps, w->steps, path->step_count * sizeof(*path->steps));
	return CB_OK;
}

int path_scan(struct scan *scan, struct arena *arena, struct shape *from, enum path_use use,
	      struct path **out, struct cb_error *err)
{
	struct walk w = { .scan = scan, .arena = arena, .shape = from, .node = from->root };
	const char *at = scan->at;
	bool ends_at_list = false;
	struct cb_text name;

	w.path = arena_zero(arena, sizeof(*w.path));
	w.path->from = from;
	for (; scan_take(scan, "../"); at = scan->at) {
		w.path->up++;
		if (!w.shape->up) {
			cb_error_set(err, CB_BROKEN, "“..”超出了记录",
				     "'..' leads out of the record");
			return complain(scan, err, at);
		}
		w.shape = w.shape->up;
		w.node = w.shape->root;
	}
	scan_take(scan, "./");
	if (!scan_word(scan, ".")) {
		do {
			size_t steps = w.path->step_count;

			at = scan->at;
			if (!scan_name(scan, &name)) {
				cb_error_set(err, CB_BROKEN, "这里应为字段名（特殊名称用引号括起）",
					     "a name belongs here (quote an unusual one)");
				return complain(scan, err, at);
			}
			if (one_name(&w, use, !scan_more(scan), name, at, err) != CB_OK)
				return CB_BROKEN;
			ends_at_list = w.path->step_count > steps && w.path->step_count &&
				       w.steps[w.path->step_count - 1].equal_slot == NO_SLOT;
		} while (scan_take(scan, "/"));
	}
	if (finish(&w, use, ends_at_list, at, err) != CB_OK)
		return CB_BROKEN;
	*out = w.path;
	return CB_OK;
}

int path_compile(struct arena *arena, struct shape *from, struct cb_text text, enum path_use use,
		 struct path **out, struct cb_error *err)
{
	struct scan scan = scan_of(text);
	int rc;

	scan_blanks(&scan);
	rc = path_scan(&scan, arena, from, use, out, err);
	if (rc != CB_OK)
		return rc;
	scan_blanks(&scan);
	if (scan.at == scan.end)
		return CB_OK;
	cb_error_set(err, CB_BROKEN, "路径在这里应当结束", "the path should end here");
	return complain(&scan, err, scan.at);
}

/* A path of several, perhaps for several: "dept{1..5}" → dept1 … dept5. */
struct spread {
	struct cb_text before, behind; /* the braces; before: all of it where there are none */
	unsigned from, to;
	int width; /* of the numbers */
};

static bool digits(const char **at, const char *end, unsigned *number, int *width)
{
	*number = 0;
	for (*width = 0; *at < end && **at >= '0' && **at <= '9' && *width < 4; ++*width)
		*number = *number * 10 + (unsigned)(*(*at)++ - '0');
	return *width > 0 && *width < 4;
}

/* {from..to}, from @open; false where it is not written so. */
static bool braces(const char *open, const char *end, struct spread *s, const char **behind)
{
	int ignored;

	*behind = open + 1;
	if (!digits(behind, end, &s->from, &s->width) || end - *behind < 2 ||
	    memcmp(*behind, "..", 2) != 0)
		return false;
	*behind += 2;
	if (!digits(behind, end, &s->to, &ignored) || *behind == end || *(*behind)++ != '}')
		return false;
	if (open[1] != '0')
		s->width = 0;
	return s->from <= s->to && s->to - s->from < 200;
}

/* Step over a quote: is @c inside of a quoted name, or one of its quotes? */
static bool is_quoted(char c, char *quote)
{
	if (*quote && c == *quote) {
		*quote = 0;
		return true;
	}
	if (!*quote && (c == '\'' || c == '"'))
		*quote = c;
	return *quote != 0;
}

static bool spread(struct cb_text text, struct spread *s)
{
	const char *end = text.at + text.len, *behind;
	char quote = 0;

	for (const char *at = text.at; at < end; at++) {
		bool is_literal = is_quoted(*at, &quote);

		if (*at != '{')
			continue;
		s->before = (struct cb_text){ text.at, (size_t)(at - text.at) };
		if (braces(at, end, s, &behind)) {
			s->behind = (struct cb_text){ behind, (size_t)(end - behind) };
			return true;
		}
		if (!is_literal)
			return false;
	}
	*s = (struct spread){ .before = text };
	return true;
}

/* Blanks inside quotes and brackets belong to the path. */
static struct cb_text next_path(const char **at, const char *end)
{
	const char *from;
	char quote = 0;
	int depth = 0;

	while (*at < end && scan_is_blank(**at))
		++*at;
	for (from = *at; *at < end; ++*at) {
		if (is_quoted(**at, &quote))
			continue;
		if (**at == '[' || **at == ']')
			depth += **at == '[' ? 1 : -1;
		else if (depth <= 0 && scan_is_blank(**at))
			break;
	}
	return (struct cb_text){ from, (size_t)(*at - from) };
}

static int compile_spread(struct arena *arena, struct shape *from, const struct spread *s,
			  unsigned number, enum path_use use, struct path **out,
			  struct cb_error *err)
{
	const char *text;
	size_t shift;
	int rc;

	if (!s->behind.at)
		return path_compile(arena, from, s->before, use, out, err);
	text = arena_printf(arena, "%.*s%0*u%.*s", CB_TEXT_ARG(s->before), s->width, number,
			    CB_TEXT_ARG(s->behind));
	rc = path_compile(arena, from, cb_text_of(text), use, out, err);
	/* The place in what was written, not in what was made of it. */
	shift = strlen(text) - s->behind.len;
	if (rc != CB_OK && err && err->column > shift)
		err->column += (uint32_t)((size_t)(s->behind.at - s->before.at) - shift);
	else if (rc != CB_OK && err && err->column > s->before.len)
		err->column = (uint32_t)s->before.len + 1;
	return rc;
}

int path_compile_many(struct arena *arena, struct shape *from, struct cb_text text,
		      enum path_use use, struct path ***out, size_t *count, struct cb_error *err)
{
	const char *at = text.at, *end = text.at + text.len;
	struct path *paths[PATHS_MOST] = { NULL };
	struct cb_text one;

	*count = 0;
	while ((one = next_path(&at, end)).len > 0) {
		struct spread s = { 0 };
		int rc = CB_OK;

		if (!spread(one, &s)) {
			rc = cb_fail(err, CB_BROKEN, "编号列写作 {1..5}，从小到大，最多 200 个",
				     "numbered columns are written {1..5}: ascending, at most 200");
			if (err)
				err->column = (uint32_t)s.before.len + 1;
		}
		for (unsigned i = s.from; rc == CB_OK && i <= s.to; i++) {
			rc = *count < PATHS_MOST
				     ? compile_spread(arena, from, &s, i, use, &paths[*count], err)
				     : cb_fail(err, CB_BROKEN, "路径太多", "too many paths");
			*count += rc == CB_OK;
		}
		if (rc != CB_OK) {
			if (err)
				err->column = (uint32_t)(one.at - text.at) +
					      (err->column ? err->column : 1);
			return rc;
		}
	}
	*out = arena_take(arena, *count * sizeof(struct path *) + 1);
	memcpy(*out, paths, *count * sizeof(struct path *));
	return CB_OK;
}

static struct row *step_row(const struct path_step *step, const struct row *row)
{
	const struct rows *rows = &row->lists[step->index];

	for (size_t i = 0; i < rows->count; i++)
		if (step->equal_slot == NO_SLOT ||
		    (rows->at[i]->values[step->equal_slot].at &&
		     cb_text_equal(rows->at[i]->values[step->equal_slot], step->equal_text)))
			return rows->at[i];
	return NULL;
}

/* Rows are only const to those who read: the way through them is the same for both. */
static struct row *climb(const struct path *path, const struct row *row)
{
	struct row *at;

	memcpy(&at, &row, sizeof(struct row *));
	for (size_t i = 0; i < path->up && at; i++)
		at = at->up;
	return at;
}

struct row *path_row(const struct path *path, const struct row *row)
{
	struct row *at = climb(path, row);

	for (size_t i = 0; i < path->step_count && at; i++)
		at = step_row(&path->steps[i], at);
	return at;
}

struct cb_text path_text(const struct path *path, const struct row *row)
{
	if (path->step_count || path->up) {
		row = path_row(path, row);
		if (!row)
			return (struct cb_text){ 0 };
	}
	if (path->slot == NO_SLOT)
		return (struct cb_text){ 0 };
	return row->values[path->slot];
}

struct row *path_make(struct arena *arena, const struct path *path, struct row *row)
{
	row = climb(path, row);
	for (size_t i = 0; i < path->step_count && row; i++) {
		const struct path_step *step = &path->steps[i];
		struct row *next = step_row(step, row);

		if (!next) {
			next = row_add(arena, row, step->index);
			if (step->equal_slot != NO_SLOT)
				next->values[step->equal_slot] = step->equal_text;
		}
		row = next;
	}
	return row;
}

void path_set(struct arena *arena, const struct path *path, struct row *row, struct cb_text value)
{
	row = path_make(arena, path, row);
	if (row && path->slot != NO_SLOT)
		row->values[path->slot] = value;
}

struct rows *path_rows(const struct path *path, const struct row *row)
{
	struct row *at = climb(path, row);

	if (!path->rows || !path->step_count)
		return NULL;
	for (size_t i = 0; i + 1 < path->step_count && at; i++)
		at = step_row(&path->steps[i], at);
	return at ? &at->lists[path->steps[path->step_count - 1].index] : NULL;
}

bool path_again(const struct path *path, const struct row *row)
{
	row = path_row(path, row);
	return row && row->again && path->slot != NO_SLOT && row->again[path->slot];
}
