/*
 * view.c - a view is a shape that grew from the paths that were asked, and one
 * row of it.
 */
#include "host/inside.h"
#include "record/path.h"

struct cb_view_path {
	const struct path *rows; /* NULL: from the top */
	const struct path *path; /* NULL: the rows themselves */
};

struct cb_view_condition {
	const struct path *rows;
	const struct condition *condition;
};

struct cb_view {
	struct cb_task *task;
	struct shape *shape;
	struct arena arena; /* of the document */
	struct row *row;
	struct buffer text;
	struct variable {
		const char *name;
		uint32_t slot;
	} variables[16];
	size_t variable_count;
};

struct cb_view *cb_view_new(struct cb_task *task)
{
	struct cb_view *view = arena_zero(&task->arena, sizeof(*view));

	view->task = task;
	view->shape = shape_new(&task->arena);
	return view;
}

void cb_view_variable(struct cb_view *view, const char *name)
{
	struct shape_node *node = shape_child(view->shape, view->shape->root, cb_text_of(name));
	uint32_t slot = shape_slot(view->shape, node);

	view->shape->slots[slot].is_set = true;
	if (view->variable_count < sizeof(view->variables) / sizeof(*view->variables))
		view->variables[view->variable_count++] = (struct variable){ name, slot };
}

static struct shape *shape_below(struct cb_view *view, const struct cb_view_path *rows)
{
	/* The rows' shape still grows: it is ours. */
	return rows && rows->path ? (struct shape *)(uintptr_t)rows->path->rows : view->shape;
}

int cb_view_add_path(struct cb_view *view, const struct cb_view_path *rows, const char *path,
		     const struct cb_view_path **out, struct cb_error *err)
{
	struct cb_view_path *made = arena_zero(&view->task->arena, sizeof(*made));
	struct path *compiled = NULL;
	int rc = path_compile(&view->task->arena, shape_below(view, rows), cb_text_of(path),
			      PATH_VALUE, &compiled, err);

	made->rows = rows ? rows->path : NULL;
	made->path = compiled;
	*out = made;
	return rc;
}

int cb_view_add_rows(struct cb_view *view, const char *path, const struct cb_view_path **out,
		     struct cb_error *err)
{
	struct cb_view_path *made = arena_zero(&view->task->arena, sizeof(*made));
	struct path *compiled = NULL;
	int rc = path_compile(&view->task->arena, view->shape, cb_text_of(path), PATH_LIST,
			      &compiled, err);

	made->path = compiled;
	*out = made;
	return rc;
}

int cb_view_add_condition(struct cb_view *view, const struct cb_view_path *rows,
			  const char *condition, const struct cb_view_condition **out,
			  struct cb_error *err)
{
	struct cb_view_condition *made = arena_zero(&view->task->arena, sizeof(*made));
	struct condition *compiled = NULL;
	int rc = condition_compile(&view->task->arena, shape_below(view, rows),
				   cb_text_of(condition), &compiled, err);

	made->rows = rows ? rows->path : NULL;
	made->condition = compiled;
	*out = made;
	return rc;
}

static int at_attribute(const struct cb_element *element, const char *attribute, int rc,
			struct cb_error *err)
{
	if (rc == CB_OK)
		return CB_OK;
	cb_error_prefix(err, "%s:%u：%s：", "%s:%u: %s: ", element->file, element->line, attribute);
	if (err)
		err->verdict = CB_SETUP;
	return CB_SETUP;
}

int cb_view_attribute_path(struct cb_view *view, const struct cb_view_path *rows,
			   const struct cb_element *element, const char *attribute,
			   const struct cb_view_path **out, struct cb_error *err)
{
	const char *path = cb_attribute(element, attribute);

	*out = NULL;
	return path ? at_attribute(element, attribute, cb_view_add_path(view, rows, path, out, err),
				   err)
		    : CB_OK;
}

int cb_view_attribute_condition(struct cb_view *view, const struct cb_view_path *rows,
				const struct cb_element *element, const char *attribute,
				const struct cb_view_condition **out, struct cb_error *err)
{
	const char *condition = cb_attribute(element, attribute);

	*out = NULL;
	return condition ? at_attribute(element, attribute,
					cb_view_add_condition(view, rows, condition, out, err), err)
			 : CB_OK;
}

void cb_view_clear(struct cb_view *view)
{
	arena_clear(&view->arena);
	view->row = row_new(&view->arena, view->shape);
}

void cb_view_set(struct cb_view *view, const char *name, struct cb_text value)
{
	for (size_t i = 0; i < view->variable_count; i++)
		if (strcmp(view->variables[i].name, name) == 0)
			view->row->values[view->variables[i].slot] =
				arena_copy(&view->arena, value);
}

static const char *format_of(const char *media, struct cb_text text)
{
	size_t at = 0;

	while (at < text.len && strchr(" \t\r\n", text.at[at]))
		at++;
	if (at < text.len && text.at[at] == '<')
		return "xml";
	if (at < text.len && (text.at[at] == '{' || text.at[at] == '['))
		return "json";
	return media && strstr(media, "xml") ? "xml" : "json";
}

int cb_view_read(struct cb_view *view, struct cb_text bytes, const char *media, const char *charset,
		 struct cb_error *err)
{
	struct cb_input in = { .fd = -1, .bytes = bytes };
	const struct loaded *format;
	struct cb_text piece;
	struct row *row = NULL;
	int rc;

	buffer_clear(&view->text);
	rc = input_open(&in, charset, err);
	while (rc == CB_OK && (rc = cb_input_next(&in, &piece, err)) == CB_OK && piece.len)
		buffer_text(&view->text, piece);
	input_done(&in);
	if (rc != CB_OK)
		return rc;
	format = plugins_format(&view->task->plugins, format_of(media, buffer_view(&view->text)),
				NULL, NULL);
	if (!format)
		return cb_fail(err, CB_SETUP, "没有可以读取应答的格式插件",
			       "there is no format plugin for the answer");
	rc = read_one(view->task, format, NULL, true, buffer_view(&view->text), view->shape,
		      &view->arena, &row, err);
	if (rc != CB_OK)
		return rc;
	for (size_t i = 0; i < view->variable_count; i++)
		row->values[view->variables[i].slot] = view->row->values[view->variables[i].slot];
	view->row = row;
	return CB_OK;
}

static const struct row *row_at(const struct cb_view *view, const struct path *rows, size_t at)
{
	const struct rows *found;

	if (!view->row || !rows)
		return view->row;
	found = path_rows(rows, view->row);
	return found && at < found->count ? found->at[at] : NULL;
}

struct cb_text cb_view_text(const struct cb_view *view, const struct cb_view_path *path, size_t row)
{
	const struct row *from = row_at(view, path->rows, row);

	return from && path->path ? path_text(path->path, from) : (struct cb_text){ 0 };
}

size_t cb_view_count(const struct cb_view *view, const struct cb_view_path *path)
{
	const struct rows *rows = view->row ? path_rows(path->path, view->row) : NULL;

	return rows ? rows->count : 0;
}

bool cb_view_holds(const struct cb_view *view, const struct cb_view_condition *condition,
		   size_t row)
{
	const struct row *from = row_at(view, condition->rows, row);

	return from && condition_holds(condition->condition, from);
}
