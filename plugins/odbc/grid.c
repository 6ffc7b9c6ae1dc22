/*
 * grid.c - the rows of a result, each value as the text that a mapping reads.
 *
 * Text is asked for as wide characters, whatever charset the database has; dates and
 * instants as their parts, so that no driver's taste is in them: 2024-03-08,
 * 2024-03-08 09:30:00, with thousandths only where there are some; numbers as the database
 * writes them; bytes in Base64. NULL is nothing, an empty text is an empty text.
 */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>

#define PIECE 8192 /* bytes of a value that are asked for first */

void grid_clear(struct grid *g)
{
	for (size_t i = 0; i < g->columns; i++)
		free(g->names[i]);
	g->columns = g->rows = 0;
	g->text.len = 0;
}

void grid_done(struct grid *g)
{
	grid_clear(g);
	free(g->names);
	free(g->types);
	free(g->cells);
	free(g->text.at);
	*g = (struct grid){ 0 };
}

size_t grid_column(const struct grid *g, const char *name)
{
	for (size_t i = 0; i < g->columns; i++)
		if (strcmp(g->names[i], name) == 0)
			return i;
	return SIZE_MAX;
}

struct cb_text grid_cell(const struct grid *g, size_t row, size_t column)
{
	const struct cell *c = &g->cells[row * g->columns + column];
	struct cb_text nothing = { 0 };

	if (c->is_null)
		return nothing;
	return (struct cb_text){ c->len ? g->text.at + c->at : "", c->len };
}

static int name_column(struct odbc *odbc, struct grid *g, struct statement *s, size_t i,
		       enum phase phase, struct cb_error *err)
{
	SQLWCHAR name[256] = { 0 };
	SQLSMALLINT len = 0, type = SQL_WVARCHAR, digits, nullable;
	struct bytes text = { 0 };
	SQLULEN size;

	if (!SQL_SUCCEEDED(SQLDescribeColW(s->handle, (SQLUSMALLINT)(i + 1), name,
					   sizeof(name) / sizeof(*name), &len, &type, &size,
					   &digits, &nullable)))
		return odbc_failed(odbc, SQL_HANDLE_STMT, s->handle, phase, NULL, err);
	bytes_wide(&text, name, len < 0 || len > 255 ? 255 : (size_t)len);
	bytes_put(&text, "", 0);
	g->names[i] = text.at;
	g->types[i] = type;
	if (!text.len)
		return cb_fail(err, CB_SETUP, "%s:%u：第 %zu 列没有名称：用 AS 起一个",
			       "%s:%u: column %zu has no name: give it one with AS",
			       s->element->file, s->element->line, i + 1);
	for (size_t k = 0; k < i; k++)
		if (strcmp(g->names[k], text.at) == 0)
			return cb_fail(err, CB_SETUP, "%s:%u：有两列都叫“%s”：用 AS 改一个",
				       "%s:%u: two columns are called '%s': rename one with AS",
				       s->element->file, s->element->line, text.at);
	return CB_OK;
}

int grid_begin(struct odbc *odbc, struct grid *g, struct statement *s, enum phase phase,
	       struct cb_error *err)
{
	SQLSMALLINT columns = 0;
	int rc = CB_OK;

	grid_clear(g);
	if (!SQL_SUCCEEDED(SQLNumResultCols(s->handle, &columns)))
		return odbc_failed(odbc, SQL_HANDLE_STMT, s->handle, phase, NULL, err);
	if (columns < 1 || columns > COLUMNS_MOST)
		return columns < 1 ? cb_fail(err, CB_SETUP, "%s:%u：这条语句没有结果：应是 SELECT",
					     "%s:%u: the statement has no result: a SELECT belongs "
					     "here",
					     s->element->file, s->element->line)
				   : cb_fail(err, CB_SETUP, "%s:%u：结果超过 %d 列",
					     "%s:%u: the result has more than %d columns",
					     s->element->file, s->element->line, COLUMNS_MOST);
	g->names = realloc(g->names, (size_t)columns * sizeof(*g->names));
	g->types = realloc(g->types, (size_t)columns * sizeof(*g->types));
	if (!g->names || !g->types)
		abort();
	for (size_t i = 0; i < (size_t)columns && rc == CB_OK; i++) {
		rc = name_column(odbc, g, s, i, phase, err);
		g->columns = i + 1;
	}
	return rc;
}

struct getting { /* one value */
	struct odbc *odbc;
	struct grid *g;
	struct statement *s;
	enum phase phase;
	size_t column;
	struct cell *cell;
};

static int failed(const struct getting *at, struct cb_error *err)
{
	return odbc_failed(at->odbc, SQL_HANDLE_STMT, at->s->handle, at->phase, NULL, err);
}

static int too_large(const struct getting *at, struct cb_error *err)
{
	return cb_fail(err, CB_SETUP,
		       "%s:%u：第 %zu 行的“%s”超过 %u MB：语句里不要取这一列，或只取一部分",
		       "%s:%u: in row %zu '%s' has more than %u MB: leave the column out of the "
		       "statement, or take a part of it",
		       at->s->element->file, at->s->element->line, at->g->rows + 1,
		       at->g->names[at->column], CELL_MOST >> 20);
}

/*
 * One piece behind what is in @raw. Told how much is left, all of it is asked for at once:
 * some drivers make the whole value anew for each piece.
 */
static SQLRETURN get_piece(const struct getting *at, bool is_binary, struct bytes *raw,
			   size_t *wanted, SQLLEN *len)
{
	size_t end = is_binary ? 0 : sizeof(SQLWCHAR), got;
	SQLRETURN rc;

	bytes_room(raw, *wanted + end);
	rc = SQLGetData(at->s->handle, (SQLUSMALLINT)(at->column + 1),
			is_binary ? SQL_C_BINARY : SQL_C_WCHAR, raw->at + raw->len,
			(SQLLEN)(*wanted + end), len);
	if (!SQL_SUCCEEDED(rc) || *len == SQL_NULL_DATA)
		return rc;
	got = *len == SQL_NO_TOTAL || *len > (SQLLEN)*wanted ? *wanted : (size_t)*len;
	raw->len += got;
	*wanted = *len > (SQLLEN)got ? (size_t)*len - got : 2 * *wanted;
	if (*wanted > CELL_MOST)
		*wanted = CELL_MOST;
	return rc;
}

static int get_pieces(const struct getting *at, bool is_binary, struct cb_error *err)
{
	struct bytes raw = { 0 };
	size_t wanted = PIECE;
	SQLRETURN rc;
	SQLLEN len = 0;
	int verdict = CB_OK;

	do {
		rc = get_piece(at, is_binary, &raw, &wanted, &len);
		if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA)
			verdict = failed(at, err);
		else if (raw.len > CELL_MOST)
			verdict = too_large(at, err);
		at->cell->is_null = len == SQL_NULL_DATA;
	} while (rc == SQL_SUCCESS_WITH_INFO && verdict == CB_OK && !at->cell->is_null);
	if (verdict == CB_OK && is_binary)
		bytes_base64(&at->g->text, (unsigned char *)raw.at, raw.len);
	else if (verdict == CB_OK && raw.len)
		bytes_wide(&at->g->text, (SQLWCHAR *)(void *)raw.at, raw.len / sizeof(SQLWCHAR));
	free(raw.at);
	return verdict;
}

static int get_day(const struct getting *at, struct cb_error *err)
{
	SQL_DATE_STRUCT day = { 0 };
	char text[40];
	SQLLEN len = 0;

	if (!SQL_SUCCEEDED(SQLGetData(at->s->handle, (SQLUSMALLINT)(at->column + 1),
				      SQL_C_TYPE_DATE, &day, sizeof(day), &len)))
		return failed(at, err);
	at->cell->is_null = len == SQL_NULL_DATA;
	if (at->cell->is_null)
		return CB_OK;
	snprintf(text, sizeof(text), "%04d-%02u-%02u", day.year, day.month, day.day);
	bytes_string(&at->g->text, text);
	return CB_OK;
}

static int get_instant(const struct getting *at, struct cb_error *err)
{
	SQL_TIMESTAMP_STRUCT t = { 0 };
	char text[64];
	SQLLEN len = 0;
	size_t end;

	if (!SQL_SUCCEEDED(SQLGetData(at->s->handle, (SQLUSMALLINT)(at->column + 1),
				      SQL_C_TYPE_TIMESTAMP, &t, sizeof(t), &len)))
		return failed(at, err);
	at->cell->is_null = len == SQL_NULL_DATA;
	if (at->cell->is_null)
		return CB_OK;
	snprintf(text, sizeof(text), "%04d-%02u-%02u %02u:%02u:%02u.%09u", t.year, t.month, t.day,
		 t.hour, t.minute, t.second, (unsigned)t.fraction % 1000000000u);
	/* Whole thousandths: 09:30:00, 09:30:00.500, 09:30:00.123456. */
	for (end = strlen(text); strcmp(text + end - 3, "000") == 0; end -= 3)
		text[end - 3] = '\0';
	if (text[end - 1] == '.')
		text[end - 1] = '\0';
	bytes_string(&at->g->text, text);
	return CB_OK;
}

/* Shortest that reads back as the same. */
static int get_float(const struct getting *at, struct cb_error *err)
{
	double value = 0;
	SQLLEN len = 0;
	char text[40];

	if (!SQL_SUCCEEDED(SQLGetData(at->s->handle, (SQLUSMALLINT)(at->column + 1), SQL_C_DOUBLE,
				      &value, sizeof(value), &len)))
		return failed(at, err);
	at->cell->is_null = len == SQL_NULL_DATA;
	if (at->cell->is_null)
		return CB_OK;
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	bytes_string(&at->g->text, text);
	return CB_OK;
}

/* ".5", as some write it, is no number elsewhere. */
static void mend_number(struct grid *g, size_t begin)
{
	size_t sign = begin < g->text.len && g->text.at[begin] == '-';

	if (begin + sign >= g->text.len || g->text.at[begin + sign] != '.')
		return;
	bytes_put(&g->text, "0", 1);
	memmove(g->text.at + begin + sign + 1, g->text.at + begin + sign,
		g->text.len - begin - sign - 1);
	g->text.at[begin + sign] = '0';
}

static int get(const struct getting *at, struct cb_error *err)
{
	size_t begin = at->g->text.len;
	int rc;

	switch (at->g->types[at->column]) {
	case SQL_BINARY:
	case SQL_VARBINARY:
	case SQL_LONGVARBINARY:
		return get_pieces(at, true, err);
	case SQL_TYPE_DATE:
		return get_day(at, err);
	case SQL_TYPE_TIMESTAMP:
		return get_instant(at, err);
	case SQL_FLOAT:
	case SQL_DOUBLE:
	case SQL_REAL:
		return get_float(at, err);
	case SQL_DECIMAL:
	case SQL_NUMERIC:
		rc = get_pieces(at, false, err);
		mend_number(at->g, begin);
		return rc;
	default:
		return get_pieces(at, false, err);
	}
}

static void more_cells(struct grid *g)
{
	size_t needed = (g->rows + 1) * g->columns;

	if (needed <= g->room)
		return;
	while (g->room < needed)
		g->room = g->room ? 2 * g->room : 64;
	g->cells = realloc(g->cells, g->room * sizeof(*g->cells));
	if (!g->cells)
		abort();
}

int grid_fetch(struct odbc *odbc, struct grid *g, struct statement *s, enum phase phase,
	       size_t most, struct cb_error *err)
{
	int rc = CB_OK;

	/* Two at least: a row is compared with the one behind it. */
	while (rc == CB_OK && g->rows < most && (g->rows < 2 || g->text.len < PAGE_BYTES)) {
		SQLRETURN got = SQLFetch(s->handle);

		if (got == SQL_NO_DATA)
			return CB_END;
		if (!SQL_SUCCEEDED(got))
			return odbc_failed(odbc, SQL_HANDLE_STMT, s->handle, phase, NULL, err);
		more_cells(g);
		for (size_t i = 0; i < g->columns && rc == CB_OK; i++) {
			struct cell *cell = &g->cells[g->rows * g->columns + i];
			const struct getting at = { odbc, g, s, phase, i, cell };

			*cell = (struct cell){ .at = g->text.len };
			rc = get(&at, err);
			cell->len = g->text.len - cell->at;
		}
		g->rows += rc == CB_OK;
	}
	return rc;
}
