/*
 * statement.c - a statement of the manifest: {name} becomes a parameter that is bound,
 * never text that is pasted.
 *
 * The checker has seen the text: holes are closed, none stands inside quotes.
 */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>

#define LONG_UNITS 4000 /* beyond, a parameter is a long one */
#define SIGN_SECONDS 5

static void put_part(struct bytes *text, const char *from, const char *to)
{
	if (to > from)
		bytes_put(text, from, (size_t)(to - from));
}

struct statement *statement_open(struct odbc *odbc, const struct cb_element *sql)
{
	struct statement *s = cb_task_alloc(odbc->task, sizeof(*s));
	const char *source = cb_task_printf(odbc->task, "%.*s", CB_TEXT_ARG(sql->text));
	const char *from = source, *at = source;
	struct bytes text = { 0 };
	size_t holes = 0, units;

	for (const char *c = source; *c; c++)
		holes += *c == '{';
	s->element = sql;
	s->other = odbc->statements;
	odbc->statements = s;
	s->holes = cb_task_alloc(odbc->task, (holes + 1) * sizeof(*s->holes));
	while (*at) {
		const char *end;

		if ((*at == '{' || *at == '}') && at[1] == *at) {
			put_part(&text, from, at + 1);
			from = at += 2;
		} else if (*at == '{' && (end = strchr(at, '}'))) {
			put_part(&text, from, at);
			bytes_string(&text, "?");
			s->holes[s->hole_count++] =
				cb_task_printf(odbc->task, "%.*s", (int)(end - at) - 1, at + 1);
			from = at = end + 1;
		} else {
			at++;
		}
	}
	put_part(&text, from, at);
	s->text = wide_new((struct cb_text){ text.at, text.len }, &units);
	s->length = (SQLINTEGER)units;
	free(text.at);
	return s;
}

static void put_place(const struct statement *s, struct cb_error *err)
{
	cb_error_prefix(err, "%s:%u：", "%s:%u: ", s->element->file, s->element->line);
}

int statement_prepare(struct odbc *odbc, struct statement *s, enum phase phase,
		      struct diagnosis *out, struct cb_error *err)
{
	int rc = CB_OK;

	if (s->handle && s->connection == odbc->connection)
		return CB_OK;
	s->connection = odbc->connection;
	if (SQLAllocHandle(SQL_HANDLE_STMT, odbc->database, &s->handle) != SQL_SUCCESS) {
		s->handle = NULL;
		return odbc_failed(odbc, SQL_HANDLE_DBC, odbc->database, phase, out, err);
	}
	/* A driver that has no time limits is not worse for it. */
	SQLSetStmtAttr(s->handle, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)(uintptr_t)odbc->timeout_s,
		       0);
	if (!SQL_SUCCEEDED(SQLPrepareW(s->handle, s->text, s->length))) {
		rc = odbc_failed(odbc, SQL_HANDLE_STMT, s->handle, phase, out, err);
		put_place(s, err);
		if (s->handle)
			SQLFreeHandle(SQL_HANDLE_STMT, s->handle);
		s->handle = NULL;
	}
	return rc;
}

/* What is bound must stay until the statement has run. */
struct bound {
	SQLWCHAR *text;
	SQLBIGINT number;
	SQLLEN length;
};

static bool find_in(const struct scope *scope, const char *name, struct cb_text *out)
{
	size_t column;

	for (size_t i = 0; i < scope->count; i++)
		if (strcmp(scope->names[i].name, name) == 0) {
			*out = scope->names[i].value;
			return true;
		}
	if (!scope->grid || strncmp(name, "row/", 4) != 0)
		return false;
	column = grid_column(scope->grid, name + 4);
	if (column == SIZE_MAX)
		return false;
	*out = grid_cell(scope->grid, scope->row, column);
	return true;
}

static int value_of(const struct scope *scope, const char *name, struct cb_text *out,
		    struct cb_error *err)
{
	for (const struct scope *at = scope; at; at = at->up)
		if (find_in(at, name, out))
			return CB_OK;
	if (strncmp(name, "row/", 4) == 0)
		return cb_fail(err, CB_SETUP,
			       "{%s}：查出来的行没有这一列（大小写也要一样，或用 AS 改名）",
			       "{%s}: the rows have no such column (upper and lower case count; AS "
			       "gives another name)",
			       name);
	*out = (struct cb_text){ 0 }; /* a setting that the site does not give */
	return CB_OK;
}

static bool is_number(const char *name)
{
	return strcmp(name, "size") == 0 || strcmp(name, "position") == 0;
}

static SQLRETURN bind_one(SQLHSTMT handle, SQLUSMALLINT number, struct bound *b, const char *name,
			  struct cb_text value)
{
	size_t units;

	if (is_number(name)) {
		b->number = strtoll(value.at ? value.at : "0", NULL, 10);
		return SQLBindParameter(handle, number, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT,
					0, 0, &b->number, 0, NULL);
	}
	b->text = wide_new(value, &units);
	b->length = value.at ? (SQLLEN)(units * sizeof(SQLWCHAR)) : SQL_NULL_DATA;
	return SQLBindParameter(handle, number, SQL_PARAM_INPUT, SQL_C_WCHAR,
				units > LONG_UNITS ? SQL_WLONGVARCHAR : SQL_WVARCHAR,
				units ? units : 1, 0, b->text, (SQLLEN)(units * sizeof(SQLWCHAR)),
				&b->length);
}

static int bind_all(struct odbc *odbc, struct statement *s, const struct scope *scope,
		    struct bound *bound, enum phase phase, struct diagnosis *out,
		    struct cb_error *err)
{
	for (size_t i = 0; i < s->hole_count; i++) {
		struct cb_text value;
		int rc = value_of(scope, s->holes[i], &value, err);

		if (rc != CB_OK) {
			put_place(s, err);
			return rc;
		}
		if (!SQL_SUCCEEDED(bind_one(s->handle, (SQLUSMALLINT)(i + 1), &bound[i],
					    s->holes[i], value)))
			return odbc_failed(odbc, SQL_HANDLE_STMT, s->handle, phase, out, err);
	}
	return CB_OK;
}

/* The first result that has columns: before it, a procedure may count what it changed. */
static SQLRETURN find_result(struct statement *s)
{
	SQLSMALLINT columns = 0;
	SQLRETURN rc = SQL_SUCCESS;

	while (SQL_SUCCEEDED(rc) && SQL_SUCCEEDED(SQLNumResultCols(s->handle, &columns)) &&
	       columns == 0)
		rc = SQLMoreResults(s->handle);
	return rc == SQL_NO_DATA ? SQL_SUCCESS : rc;
}

/* A page of many statements may take long, each of them not: silence would be taken for death. */
static void give_sign(struct odbc *odbc)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (odbc->alive && now.tv_sec - odbc->alive < SIGN_SECONDS)
		return;
	odbc->alive = now.tv_sec;
	(void)cb_kept(odbc->task, "");
}

int statement_run(struct odbc *odbc, struct statement *s, const struct scope *scope,
		  enum phase phase, SQLLEN *rows, struct diagnosis *out, struct cb_error *err)
{
	struct bound *bound = take((s->hole_count + 1) * sizeof(*bound));
	SQLRETURN ran = SQL_SUCCESS;
	int rc;

	give_sign(odbc);
	rc = statement_prepare(odbc, s, phase, out, err);

	if (rows)
		*rows = -1;
	if (rc == CB_OK)
		rc = bind_all(odbc, s, scope, bound, phase, out, err);
	if (rc == CB_OK) {
		ran = SQLExecute(s->handle);
		/* An UPDATE that meets no row says so here. */
		if (ran == SQL_NO_DATA) {
			ran = SQL_SUCCESS;
			if (rows)
				*rows = 0;
		} else if (SQL_SUCCEEDED(ran) && rows &&
			   !SQL_SUCCEEDED(SQLRowCount(s->handle, rows))) {
			*rows = -1;
		}
		if (SQL_SUCCEEDED(ran))
			ran = find_result(s);
		if (!SQL_SUCCEEDED(ran)) {
			rc = odbc_failed(odbc, SQL_HANDLE_STMT, s->handle, phase, out, err);
			put_place(s, err);
		}
	}
	if (s->handle)
		SQLFreeStmt(s->handle, SQL_RESET_PARAMS);
	for (size_t i = 0; i < s->hole_count; i++)
		free(bound[i].text);
	free(bound);
	return rc;
}

void statement_close(struct statement *s)
{
	if (s->handle)
		SQLFreeStmt(s->handle, SQL_CLOSE);
}
