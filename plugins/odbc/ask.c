/*
 * ask.c - do they hold it, and how many: the questions that change nothing.
 */
#include "odbc.h"

#include <stdlib.h>

/* The first row of the answer as an object; *@has: there is one. */
static int ask_one(struct odbc *odbc, struct query *q, const struct cb_name *names, size_t count,
		   bool *has, struct cb_error *err)
{
	struct scope settings = { 0 };
	const struct scope scope = { .up = &settings, .names = names, .count = count };
	struct grid *g = &odbc->result;
	int rc = odbc_connect(odbc, err);

	settings = (struct scope){ .names = odbc->settings, .count = odbc->setting_count };
	*has = false;
	odbc->found.len = 0;
	cb_view_clear(q->view);
	if (rc == CB_OK)
		rc = statement_run(odbc, q->sql, &scope, READING, NULL, NULL, err);
	if (rc == CB_OK)
		rc = grid_begin(odbc, g, q->sql, READING, err);
	if (rc == CB_OK)
		rc = grid_fetch(odbc, g, q->sql, READING, 2, err);
	statement_close(q->sql);
	if ((rc == CB_OK || rc == CB_END) && g->rows > 1)
		rc = cb_fail(err, CB_SETUP, "%s:%u：一个编号查出不止一行",
			     "%s:%u: there is more than one row for one key", q->sql->element->file,
			     q->sql->element->line);
	else if (rc == CB_END)
		rc = CB_OK;
	if (rc == CB_OK && g->rows) {
		rc = query_object(odbc, q, g, 0, &scope, &odbc->found, err);
		if (rc == CB_OK)
			rc = cb_view_read(q->view,
					  (struct cb_text){ odbc->found.at, odbc->found.len },
					  "application/json", "utf-8", err);
		*has = rc == CB_OK;
	}
	return odbc_end(odbc, false, NULL, NULL) == CB_OK ? rc : CB_AGAIN;
}

int odbc_find(void *self, struct cb_text key, struct cb_found *found, struct cb_error *err)
{
	struct odbc *odbc = self;
	struct instants instants;
	struct cb_name names[2];
	struct cb_text held;
	bool has;
	int rc;

	*found = (struct cb_found){ 0 };
	if (!odbc->find)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <find>", "the stream has no <find>");
	instants_fill(&instants, odbc, 0, 0);
	names[0] = instants.names[0];
	names[1] = (struct cb_name){ "key", key, false };
	rc = ask_one(odbc, odbc->find, names, 2, &has, err);
	if (rc != CB_OK || !has)
		return rc;
	held = cb_view_text(odbc->find->view, odbc->find->key, 0);
	/* A row is there, so "not there" would be wrong: it would be sent once more. */
	if (!held.len)
		return cb_fail(
			err, CB_SETUP,
			"%s:%u：查到一行，里面却没有 held 所说的“%s”：列名要写得和数据库"
			"返回的一样（有的全用大写），或在语句里用 AS 起名",
			"%s:%u: there is a row, and '%s' of held is not in it: columns are "
			"named as the database gives them back (some write all in capitals), "
			"or with AS",
			odbc->find->sql->element->file, odbc->find->sql->element->line,
			cb_attribute(cb_child(odbc->stream, "find", NULL), "held"));
	if (!cb_text_equal(held, key))
		return cb_fail(err, CB_BROKEN, "问的是一个编号，答的是另一个编号的记录",
			       "asked for one key, answered with the record of another");
	found->is_held = true;
	if (odbc->find->receipt)
		found->receipt = cb_view_text(odbc->find->view, odbc->find->receipt, 0);
	found->record = (struct cb_text){ odbc->found.at, odbc->found.len };
	found->charset = "utf-8";
	return CB_OK;
}

int odbc_count(void *self, int64_t from, int64_t to, int64_t *number, struct cb_error *err)
{
	struct odbc *odbc = self;
	struct instants instants;
	struct cb_text text = { 0 };
	char *digits, *stop;
	bool has;
	int rc;

	if (!odbc->count)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <count>",
			       "the stream has no <count>");
	instants_fill(&instants, odbc, from, to);
	rc = ask_one(odbc, odbc->count, instants.names, 3, &has, err);
	if (rc != CB_OK)
		return rc;
	if (has)
		text = cb_view_text(odbc->count->view, odbc->count->key, 0);
	digits = cb_task_printf(odbc->task, "%.*s", CB_TEXT_ARG(text));
	*number = strtoll(digits, &stop, 10);
	if (!text.len || *stop || *number < 0)
		return cb_fail(err, CB_BROKEN, "应答里没有数目", "the answer has no number");
	return CB_OK;
}
