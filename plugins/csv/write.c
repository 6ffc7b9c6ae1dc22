/*
 * write.c - records to CSV: the heading from the first record's names.
 *
 * The host announces all columns of every record, also those that are nothing,
 * in one order; so the first record's names are the heading. Names and texts
 * come in turns: the names go out, the first row waits in memory behind them,
 * and every later row goes straight out. That later records have the same
 * columns is checked by a digest of their names.
 *
 * A fragment (a record outside of a document) is its row, without a heading.
 * A row without any content ends with "", or a reader would pass over it.
 */
#include "csv.h"

#include <stdlib.h>

static void hold(struct csv *csv, struct cb_text bytes)
{
	if (csv->row_len + bytes.len > csv->row_room) {
		csv->row_room = 2 * (csv->row_len + bytes.len) + 256;
		csv->row = realloc(csv->row, csv->row_room);
		if (!csv->row)
			abort(); /* out of memory ends the process */
	}
	memcpy(csv->row + csv->row_len, bytes.at, bytes.len);
	csv->row_len += bytes.len;
}

static void put(struct csv *csv, struct cb_output *out, struct cb_text bytes)
{
	if (csv->is_heading_due)
		hold(csv, bytes);
	else
		cb_output_put(out, bytes);
}

static bool needs_quotes(const struct csv *csv, struct cb_text text)
{
	if (text.len && (text.at[0] == ' ' || text.at[text.len - 1] == ' '))
		return true;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == csv->comma || text.at[i] == '"' || text.at[i] == '\n' ||
		    text.at[i] == '\r')
			return true;
	return false;
}

static void put_cell(struct csv *csv, struct cb_output *out, struct cb_text text)
{
	const char *quote;

	if (csv->defuse && text.len && text.at[0] && strchr("=+-@\t\r", text.at[0]))
		put(csv, out, CB_TEXT("'"));
	if (!needs_quotes(csv, text)) {
		if (text.len)
			put(csv, out, text);
		return;
	}
	put(csv, out, CB_TEXT("\""));
	while ((quote = memchr(text.at, '"', text.len))) {
		size_t len = (size_t)(quote - text.at) + 1;

		put(csv, out, (struct cb_text){ text.at, len });
		put(csv, out, CB_TEXT("\""));
		text.at += len;
		text.len -= len;
	}
	put(csv, out, text);
	put(csv, out, CB_TEXT("\""));
}

static void put_separator(struct csv *csv, struct cb_output *out)
{
	put(csv, out, (struct cb_text){ &csv->comma, 1 });
}

static void put_newline(const struct csv *csv, struct cb_output *out)
{
	cb_output_put(out, strcmp(csv->newline, "lf") == 0 ? CB_TEXT("\n") : CB_TEXT("\r\n"));
}

/* FNV-1a, with a byte between names that no UTF-8 has. */
static uint64_t digest(uint64_t hash, struct cb_text name)
{
	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * 0x100000001b3;
	return (hash ^ 0xff) * 0x100000001b3;
}

static void write_cell(struct csv *csv, const struct cb_event *event, struct cb_output *out)
{
	bool is_heading_due = csv->is_heading_due;

	csv->names = digest(csv->names, event->name);
	if (is_heading_due) {
		csv->is_heading_due = false; /* this goes out at once */
		if (csv->cells)
			put_separator(csv, out);
		put_cell(csv, out, event->name);
		csv->is_heading_due = true;
	}
	if (csv->cells++)
		put_separator(csv, out);
	put_cell(csv, out, event->text);
	csv->is_row_empty = csv->is_row_empty && !event->text.len;
}

static int end_record(struct csv *csv, struct cb_output *out, struct cb_error *err)
{
	if (csv->is_row_empty)
		put(csv, out, CB_TEXT("\"\""));
	if (csv->is_heading_due) {
		csv->is_heading_due = false;
		put_newline(csv, out);
		cb_output_put(out, (struct cb_text){ csv->row, csv->row_len });
		free(csv->row);
		csv->row = NULL;
		csv->row_len = csv->row_room = 0;
	}
	put_newline(csv, out);
	if (!csv->heading_names)
		csv->heading_names = csv->names;
	if (csv->heading_names != csv->names)
		return cb_fail(err, CB_SETUP, "这条记录的列与第一条不同，一个表格写不下",
			       "this record's columns differ from the first's; one table cannot "
			       "hold both");
	return CB_OK;
}

static int begin(struct csv *csv, struct cb_error *err)
{
	int separator = csv_separator(csv->separator);

	if (separator < 0)
		return csv_bad_separator(err);
	if (strcmp(csv->newline, "lf") != 0 && strcmp(csv->newline, "crlf") != 0)
		return cb_fail(err, CB_SETUP, "newline 应是 crlf 或 lf",
			       "newline must be crlf or lf");
	csv->comma = ',';
	if (separator)
		csv->comma = (char)separator;
	return CB_OK;
}

int csv_write(void *self, const struct cb_event *event, struct cb_output *out, struct cb_error *err)
{
	struct csv *csv = self;
	int rc = csv->comma ? CB_OK : begin(csv, err);

	if (rc != CB_OK)
		return rc;
	switch (event->kind) {
	case CB_DOCUMENT_BEGIN:
		if (csv->bom)
			cb_output_put(out, CB_TEXT("\xef\xbb\xbf"));
		csv->is_heading_due = csv->heading;
		csv->heading_names = 0;
		break;
	case CB_RECORD_BEGIN:
		csv->names = 0xcbf29ce484222325;
		csv->cells = csv->row_len = 0;
		csv->is_row_empty = true;
		break;
	case CB_VALUE:
		write_cell(csv, event, out);
		break;
	case CB_RECORD_END:
		return end_record(csv, out, err);
	case CB_DOCUMENT_END:
		break;
	case CB_ENTER:
	case CB_LEAVE:
	case CB_LIST_BEGIN:
	case CB_LIST_END:
		return cb_fail(err, CB_SETUP,
			       "表格里放不下“%.*s”：它有下级或是列表，请在映射里改为一列一个值",
			       "a table has no place for '%.*s', a group or a list; map it to one "
			       "value a column",
			       CB_TEXT_ARG(event->name));
	}
	return CB_OK;
}
