/*
 * odbc.c - the connector that carries out a manifest in a database: everything is
 * compiled when it opens, and the connection is made when it is first needed.
 */
#include "odbc.h"

#include <stdlib.h>

#define TIMEOUT_SECONDS 50 /* below what the host takes for silence */

static struct statement *open_chain(struct odbc *odbc, const struct cb_element *parent)
{
	struct statement *first = NULL, **end = &first;

	for (const struct cb_element *at = NULL; (at = cb_child(parent, "sql", at));) {
		*end = statement_open(odbc, at);
		end = &(*end)->next;
	}
	return first;
}

static int open_query(struct odbc *odbc, const char *name, struct query **out, struct cb_error *err)
{
	const struct cb_element *element = cb_child(odbc->stream, name, NULL);

	if (!element)
		return CB_OK;
	*out = cb_task_alloc(odbc->task, sizeof(**out));
	return query_open(odbc, *out, element, err);
}

/* <limits timeout="2m">: how long one statement may take. The host's patience is a minute longer.
 */
static long timeout_of(const struct cb_element *manifest)
{
	const char *text = cb_attribute(cb_child(manifest, "limits", NULL), "timeout");
	char *unit = NULL;
	long number = text ? strtol(text, &unit, 10) : 0;

	if (!text || number < 1 || strcmp(unit, "ms") == 0)
		return TIMEOUT_SECONDS;
	return number * (*unit == 'm' ? 60 : *unit == 'h' ? 3600 : *unit == 'd' ? 86400 : 1);
}

static int odbc_open(void *self, struct cb_task *task, struct cb_error *err)
{
	struct odbc *odbc = self;
	int rc;

	odbc->task = task;
	odbc->manifest = cb_task_manifest(task);
	odbc->stream = cb_task_stream(task);
	odbc->timeout_s = timeout_of(odbc->manifest);
	odbc->opening = open_chain(odbc, cb_child(odbc->manifest, "database", NULL));
	if (!odbc->stream)
		return CB_OK;
	odbc->settle = open_chain(odbc, cb_child(odbc->stream, "settle", NULL));
	rc = reader_open(odbc, err);
	if (rc == CB_OK)
		rc = change_open(odbc, "write", &odbc->write, err);
	if (rc == CB_OK)
		rc = change_open(odbc, "withdraw", &odbc->withdraw, err);
	if (rc == CB_OK)
		rc = open_query(odbc, "find", &odbc->find, err);
	if (rc == CB_OK)
		rc = open_query(odbc, "count", &odbc->count, err);
	return rc;
}

/* The database looks at every statement and carries none out: tables and columns are there? */
static int check_statements(struct odbc *odbc, const struct cb_element *element,
			    struct cb_error *err)
{
	int rc = CB_OK;

	for (const struct cb_element *at = element->first; at && rc == CB_OK; at = at->next) {
		struct statement *s;
		SQLSMALLINT columns;

		if (strcmp(at->name, "sql") != 0) {
			rc = check_statements(odbc, at, err);
			continue;
		}
		s = statement_open(odbc, at);
		rc = statement_prepare(odbc, s, READING, NULL, err);
		/* Some drivers look at a statement when they are asked what comes of it. */
		if (rc == CB_OK && !SQL_SUCCEEDED(SQLNumResultCols(s->handle, &columns)))
			rc = odbc_failed(odbc, SQL_HANDLE_STMT, s->handle, READING, NULL, err);
		if (s->handle)
			SQLFreeHandle(SQL_HANDLE_STMT, s->handle);
		s->handle = NULL;
	}
	return rc;
}

static int odbc_check(void *self, struct cb_error *err)
{
	struct odbc *odbc = self;
	int rc = odbc_connect(odbc, err);

	for (const struct cb_element *at = NULL;
	     rc == CB_OK && (at = cb_child(odbc->manifest, "stream", at));)
		rc = check_statements(odbc, at, err);
	odbc_disconnect(odbc);
	return rc;
}

static const struct cb_connector connector = {
	.size = sizeof(connector),
	.state_size = sizeof(struct odbc),
	.open = odbc_open,
	.read = odbc_read,
	.write = odbc_write,
	.find = odbc_find,
	.count = odbc_count,
	.settle = odbc_settle,
	.check = odbc_check,
	.withdraw = odbc_withdraw,
	.has_own_connection = true,
};

const struct cb_plugin cb_plugin = {
	CB_PLUGIN_HEAD,
	.name = "odbc",
	.zh = "数据库：照清单里的语句取数、写入、查询，经 ODBC 驱动",
	.en = "databases: reads, writes and asks with the manifest's statements, over ODBC",
	.connector = &connector,
};
