/*
 * query.c - a statement that asks: its rows with what belongs to them in other tables,
 * as objects; and what an answer means by the manifest's rules.
 */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct detail *details_open(struct odbc *odbc, const struct cb_element *element)
{
	struct detail *first = NULL, **end = &first;

	for (const struct cb_element *at = NULL; (at = cb_child(element, "detail", at));) {
		struct detail *d = cb_task_alloc(odbc->task, sizeof(*d));

		d->name = cb_attribute(at, "name");
		d->sql = statement_open(odbc, cb_child(at, "sql", NULL));
		d->first = details_open(odbc, at);
		*end = d;
		end = &d->next;
	}
	return first;
}

int rules_open(struct odbc *odbc, struct cb_view *view, const struct cb_element *element,
	       struct rule **rules, struct cb_error *err)
{
	int rc = CB_OK;

	while (*rules)
		rules = &(*rules)->next;
	for (const struct cb_element *at = NULL;
	     rc == CB_OK && (at = cb_child(element, "answer", at));) {
		struct rule *rule = cb_task_alloc(odbc->task, sizeof(*rule));

		rule->is = cb_verdict_named(cb_attribute(at, "is"));
		rc = cb_view_attribute_condition(view, NULL, at, "when", &rule->when, err);
		if (rc == CB_OK)
			rc = cb_view_attribute_path(view, NULL, at, "say", &rule->say, err);
		if (rc == CB_OK)
			rc = cb_view_attribute_path(view, NULL, at, "field", &rule->field, err);
		if (rc == CB_OK)
			rc = cb_view_attribute_path(view, NULL, at, "receipt", &rule->receipt, err);
		*rules = rule;
		rules = &rule->next;
	}
	return rc;
}

static struct cb_text text_of(struct cb_view *view, const struct cb_view_path *path)
{
	return path ? cb_view_text(view, path, 0) : (struct cb_text){ 0 };
}

bool rules_judge(struct cb_view *view, const struct rule *rules, struct cb_item *item)
{
	const struct rule *rule = rules;

	while (rule && !cb_view_holds(view, rule->when, 0))
		rule = rule->next;
	if (!rule)
		return false;
	item->verdict = rule->is;
	item->receipt = text_of(view, rule->receipt);
	item->say = text_of(view, rule->say);
	item->field = text_of(view, rule->field);
	return true;
}

int query_open(struct odbc *odbc, struct query *q, const struct cb_element *element,
	       struct cb_error *err)
{
	static const char *const keys[] = { "match", "key", "code", "held", "number" };
	int rc = CB_OK;

	q->sql = statement_open(odbc, cb_child(element, "sql", NULL));
	q->details = details_open(odbc, element);
	q->view = cb_view_new(odbc->task);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && rc == CB_OK && !q->key; i++)
		rc = cb_view_attribute_path(q->view, NULL, element, keys[i], &q->key, err);
	if (rc == CB_OK)
		rc = cb_view_attribute_path(q->view, NULL, element, "receipt", &q->receipt, err);
	if (rc == CB_OK && strcmp(element->name, "dictionary") == 0)
		rc = cb_view_attribute_path(q->view, NULL, element, "name", &q->name, err);
	return rc == CB_OK ? rules_open(odbc, q->view, element, &q->rules, err) : rc;
}

static int put_details(struct odbc *odbc, const struct detail *d, const struct scope *scope,
		       int depth, struct bytes *out, struct cb_error *err);

static int put_object(struct odbc *odbc, const struct detail *details, const struct scope *scope,
		      int depth, struct bytes *out, struct cb_error *err)
{
	const struct grid *g = scope->grid;
	int rc = CB_OK;

	bytes_string(out, "{");
	for (size_t i = 0, put = 0; i < g->columns; i++) {
		struct cb_text value = grid_cell(g, scope->row, i);

		bytes_string(out, put++ ? "," : "");
		bytes_json(out, cb_text_of(g->names[i]));
		bytes_string(out, ":");
		if (value.at)
			bytes_json(out, value);
		else
			bytes_string(out, "null");
	}
	for (const struct detail *d = details; d && rc == CB_OK; d = d->next)
		rc = put_details(odbc, d, scope, depth, out, err);
	bytes_string(out, "}");
	return rc;
}

/* "name":[…], all the rows that belong to the scope's. */
static int put_details(struct odbc *odbc, const struct detail *d, const struct scope *scope,
		       int depth, struct bytes *out, struct cb_error *err)
{
	struct grid grid = { 0 };
	int rc;

	if (depth >= DETAIL_DEPTH)
		return cb_fail(err, CB_SETUP, "<detail> 套了 %d 层以上",
			       "details are nested deeper than %d", DETAIL_DEPTH);
	rc = statement_run(odbc, d->sql, scope, READING, NULL, NULL, err);
	if (rc == CB_OK)
		rc = grid_begin(odbc, &grid, d->sql, READING, err);
	if (rc == CB_OK)
		rc = grid_fetch(odbc, &grid, d->sql, READING, SIZE_MAX, err);
	statement_close(d->sql);
	if (rc == CB_OK) /* the size ended it, not the rows */
		rc = cb_fail(err, CB_SETUP, "%s:%u：一行的明细超过 %u MB",
			     "%s:%u: the details of one row have more than %u MB",
			     d->sql->element->file, d->sql->element->line, PAGE_BYTES >> 20);
	else if (rc == CB_END)
		rc = CB_OK;
	bytes_string(out, ",");
	bytes_json(out, cb_text_of(d->name));
	bytes_string(out, ":[");
	for (size_t i = 0; i < grid.rows && rc == CB_OK; i++) {
		const struct scope row = { .up = scope, .grid = &grid, .row = i };

		bytes_string(out, i ? "," : "");
		rc = put_object(odbc, d->first, &row, depth + 1, out, err);
	}
	bytes_string(out, "]");
	grid_done(&grid);
	return rc;
}

int query_object(struct odbc *odbc, const struct query *q, const struct grid *g, size_t row,
		 const struct scope *scope, struct bytes *out, struct cb_error *err)
{
	const struct scope here = { .up = scope, .grid = g, .row = row };

	return put_object(odbc, q->details, &here, 0, out, err);
}

/* The site's own time, as columns without a zone have it. */
static void write_instant(const struct odbc *odbc, int64_t ms, char out[24])
{
	time_t seconds = (time_t)(ms / 1000) + (time_t)cb_task_zone(odbc->task) * 60;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, 24, "%Y-%m-%d %H:%M:%S", &tm);
}

void instants_fill(struct instants *i, const struct odbc *odbc, int64_t from, int64_t to)
{
	write_instant(odbc, cb_task_now(odbc->task), i->now);
	write_instant(odbc, from, i->from);
	if (to)
		write_instant(odbc, to, i->to);
	else /* everything */
		snprintf(i->to, sizeof(i->to), "9999-12-31 23:59:59");
	i->names[0] = (struct cb_name){ "now", cb_text_of(i->now), false };
	i->names[1] = (struct cb_name){ "from", cb_text_of(i->from), false };
	i->names[2] = (struct cb_name){ "to", cb_text_of(i->to), false };
}
