/*
 * view.h - paths and conditions over one document, for connectors.
 *
 * A view is made once: first every path and condition that will be asked, then
 * any number of documents. Paths and conditions are the mapping language's:
 * a/b, @id, 'a name', item[name='x']/value; = != < <= > >= and or not()
 * contains() starts-with() count(). Only what was asked for is kept of a
 * document, so a large answer costs its parse and nothing more.
 */
#ifndef CASEBRIDGE_VIEW_H
#define CASEBRIDGE_VIEW_H

#include <casebridge/error.h>

struct cb_element;
struct cb_task;
struct cb_view;
struct cb_view_path;
struct cb_view_condition;

CB_API struct cb_view *cb_view_new(struct cb_task *task);

/* A name that is set by cb_view_set and wins over the document's: "status". */
CB_API void cb_view_variable(struct cb_view *view, const char *name);

/*
 * What is added lives as long as the view, and is added before the first
 * document is read. A list is added as rows; paths and conditions are asked of
 * the document's top (@rows NULL) or under each of those rows. XML paths begin
 * with the document element.
 */
CB_API CB_CHECKED int cb_view_add_rows(struct cb_view *view, const char *path,
				       const struct cb_view_path **out, struct cb_error *err);
CB_API CB_CHECKED int cb_view_add_path(struct cb_view *view, const struct cb_view_path *rows,
				       const char *path, const struct cb_view_path **out,
				       struct cb_error *err);
CB_API CB_CHECKED int cb_view_add_condition(struct cb_view *view, const struct cb_view_path *rows,
					    const char *condition,
					    const struct cb_view_condition **out,
					    struct cb_error *err);

/*
 * The same, as an attribute of a manifest's element says it. A fault is CB_SETUP and begins
 * with its place. No such attribute: *@out is NULL.
 */
CB_API CB_CHECKED int cb_view_attribute_path(struct cb_view *view, const struct cb_view_path *rows,
					     const struct cb_element *element,
					     const char *attribute, const struct cb_view_path **out,
					     struct cb_error *err);
CB_API CB_CHECKED int
cb_view_attribute_condition(struct cb_view *view, const struct cb_view_path *rows,
			    const struct cb_element *element, const char *attribute,
			    const struct cb_view_condition **out, struct cb_error *err);

/* Forget the last document. */
CB_API void cb_view_clear(struct cb_view *view);
CB_API void cb_view_set(struct cb_view *view, const char *name, struct cb_text value);

/*
 * Read a document. Media type, else evidence, chooses the format. CB_BROKEN
 * where it is not that format or is cut: everything asked then is nothing.
 */
CB_API CB_CHECKED int cb_view_read(struct cb_view *view, struct cb_text bytes, const char *media,
				   const char *charset, struct cb_error *err);

/* Values are borrowed until the view is cleared. @row counts from 0; ignored for a path without
 * rows. */
CB_API struct cb_text cb_view_text(const struct cb_view *view, const struct cb_view_path *path,
				   size_t row);
CB_API size_t cb_view_count(const struct cb_view *view, const struct cb_view_path *path);
CB_API bool cb_view_holds(const struct cb_view *view, const struct cb_view_condition *condition,
			  size_t row);

#endif
