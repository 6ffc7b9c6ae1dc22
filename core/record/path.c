/*
 * path.c - a path is compiled to list steps and one slot, so that asking it is
 * an array access where no list is on the way.
 *
 * The parser works on the text and the shape at once: it walks the tree of
 * names as it reads, and makes what is missing where the shape still grows.
 */
#include "record/path.h"

#include <stdio.h>

#include "record/scan.h"

struct walk {
	struct scan *scan;
	struct arena *arena;
	struct shape *shape;     /* of the row we are in */
	struct shape_node *node; /* the name we stand at */
	struct path_step steps[16];
	struct path *path;
};

static int complain(struct scan *s, struct cb_error *err, const char *at)
{
	if (err)
		err->column = (uint32_t)(at - s->begin) + 1;
	return CB_BROKEN;
}

/* The nearest of the names below @node, by shared beginning; for "did you mean". */
static struct cb_text nearest(const struct shape_node *node, struct cb_text name)
{
	struct cb_text best = { 0 };
	size_t most = 1;

	if (node->list)
		node = node->list->root;
	for (const struct shape_node *c = node->first; c; c = c->next) {
		size_t same = 0, end = 0;

		while (same < c->name.len && same < name.len && c->name.at[same] == name.at[same])
			same++;
		while (end < c->name.len - same && end < name.len - same &&
		       c->name.at[c->name.len - 1 - end] == name.at[name.len - 1 - end])
			end++;
		if (same + end > most) {
			most = same + end;
			best = c->name;
		}
	}
	return best;
}

static int unknown_name(struct walk *w, struct cb_text name, const char *at, struct cb_error *err)
{
	struct cb_text near = nearest(w->node, name);

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
	const char *at = w->scan->at;
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
	while (scan_take(scan, "../")) {
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
	if (scan_word(scan, ".")) {
		ends_at_list = use == PATH_LIST;
	} else {
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
	*out = w.path;
	return finish(&w, use, ends_at_list, at, err);
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

/* "dept{1..5}" → dept1 … dept5. Without braces: the text itself. */
static int spread(struct arena *arena, struct cb_text text, struct cb_text **out, size_t *count)
{
	const char *open = text.len ? memchr(text.at, '{', text.len) : NULL;
	const char *close = open ? memchr(open, '}', (size_t)(text.at + text.len - open)) : NULL;
	unsigned from = 0, to = 0;
	int used = 0;

	*count = 1;
	*out = arena_take(arena, sizeof(**out));
	(*out)[0] = text;
	if (!close)
		return CB_OK;
	if (sscanf(open, "{%3u..%3u%n", &from, &to, &used) != 2 || open + used != close ||
	    to < from || to - from > 199)
		return CB_BROKEN;
	*count = to - from + 1;
	*out = arena_take(arena, *count * sizeof(**out));
	for (unsigned i = from; i <= to; i++)
		(*out)[i - from] = cb_text_of(
			arena_printf(arena, "%.*s%u%.*s", (int)(open - text.at), text.at, i,
				     (int)(text.at + text.len - close - 1), close + 1));
	return CB_OK;
}

int path_compile_many(struct arena *arena, struct shape *from, struct cb_text text,
		      enum path_use use, struct path ***out, size_t *count, struct cb_error *err)
{
	struct path *paths[256];
	const char *at = text.at, *end = text.at + text.len;

	*count = 0;
	while (at < end) {
		const char *stop = at;
		struct cb_text *texts;
		size_t many;
		char quote = 0;

		while (stop < end && (quote || (*stop != ' ' && *stop != '\t' && *stop != '\n'))) {
			if (quote ? *stop == quote : *stop == '\'' || *stop == '"')
				quote = quote ? 0 : *stop;
			stop++;
		}
		if (stop > at) {
			if (spread(arena, (struct cb_text){ at, (size_t)(stop - at) }, &texts,
				   &many) != CB_OK) {
				cb_error_set(err, CB_BROKEN, "编号列写作 {1..5}",
					     "numbered columns are written {1..5}");
				if (err)
					err->column = (uint32_t)(at - text.at) + 1;
				return CB_BROKEN;
			}
			for (size_t i = 0; i < many; i++) {
				int rc = *count < 256 ? path_compile(arena, from, texts[i], use,
								     &paths[*count], err)
						      : cb_fail(err, CB_BROKEN, "路径太多",
								"too many paths");
				if (rc != CB_OK) {
					if (err)
						err->column += (uint32_t)(at - text.at);
					return rc;
				}
				++*count;
			}
		}
		at = stop < end ? stop + 1 : end;
	}
	*out = arena_take(arena, *count * sizeof(**out) + 1);
	memcpy(*out, paths, *count * sizeof(**out));
	return CB_OK;
}

static struct row *step_row(const struct path_step *step, const struct row *row)
{
	const struct rows *rows = &row->lists[step->index];

	for (size_t i = 0; i < rows->count; i++)
		if (step->equal_slot == NO_SLOT ||
		    cb_text_equal(rows->at[i]->values[step->equal_slot], step->equal_text))
			return rows->at[i];
	return NULL;
}

struct row *path_row(const struct path *path, const struct row *row)
{
	struct row *at = (struct row *)(uintptr_t)row;

	for (size_t i = 0; i < path->up && at; i++)
		at = at->up;
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
	return path->slot == NO_SLOT ? (struct cb_text){ 0 } : row->values[path->slot];
}

struct row *path_make(struct arena *arena, const struct path *path, struct row *row)
{
	for (size_t i = 0; i < path->up && row; i++)
		row = row->up;
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
	struct row *at = (struct row *)(uintptr_t)row;

	for (size_t i = 0; i < path->up && at; i++)
		at = at->up;
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
