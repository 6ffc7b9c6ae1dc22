/*
 * biff.c - old binary workbooks (.xls, .et): Excel 97 to 2003, and WPS.
 *
 * Read here and not by libfreexl: that opens files by their names, which a
 * sealed process cannot, says nothing about hidden sheets and merged cells, and
 * has no limits of its own.
 *
 * A workbook is a stream of records: an id, a length, the data. The first part
 * names the sheets and holds texts and formats (biff_globals.c), then each sheet
 * has a part.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "biff.h"

int biff_not_whole(const struct biff *b)
{
	return cb_fail(b->source->err, CB_BROKEN,
		       "旧版工作簿不完整或已损坏（可能没有传完）；请重新取一份",
		       "the old workbook is cut or damaged (perhaps its transfer was); fetch it "
		       "again");
}

/* CB_END behind the last record. */
int biff_next_record(struct biff *b)
{
	const char *at = b->stream.at + b->at;
	size_t left = b->stream.len - b->at, len;

	if (left < 4)
		return CB_END;
	len = little16(at + 2);
	if (len > left - 4)
		return biff_not_whole(b);
	b->id = (enum id)little16(at);
	b->data = (struct cb_text){ at + 4, len };
	b->at += 4 + len;
	return CB_OK;
}

static double double_at(const char *at)
{
	uint64_t bits = (uint64_t)little32(at) | (uint64_t)little32(at + 4) << 32;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* 30 bits of a number, whole or the upper end of a double, perhaps a hundredth. */
static double small_number(uint32_t bits)
{
	uint64_t upper = (uint64_t)(bits & ~3u) << 32;
	double value;

	if (bits & 2)
		value = (double)((int32_t)bits >> 2);
	else
		memcpy(&value, &upper, sizeof(value));
	return bits & 1 ? value / 100 : value;
}

static int open_row(struct biff *b, uint32_t row)
{
	int rc = CB_OK;

	if (b->row == row)
		return CB_OK;
	if (b->row)
		rc = table_row_end(b->source->table);
	b->row = row;
	table_row(b->source->table, row);
	return rc;
}

static void put_number(struct biff *b, uint32_t column, uint32_t style, double value)
{
	struct look look = { 0 };
	char out[CELL_TEXT_MAX];

	if (style < b->look_count)
		look = b->looks[style];
	table_cell(b->source->table, column, CELL_NUMBER,
		   cell_number(value, look, b->is_1904, out));
}

static void put_flag(struct biff *b, uint32_t column, bool is_error, unsigned char value)
{
	static const struct {
		unsigned char code;
		const char *word;
	} errors[] = { { 0, "#NULL!" },  { 7, "#DIV/0!" }, { 15, "#VALUE!" }, { 23, "#REF!" },
		       { 29, "#NAME?" }, { 36, "#NUM!" },  { 42, "#N/A" } };
	const char *word = value ? "true" : "false";

	for (size_t i = 0; is_error && i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].code == value || i == 0)
			word = errors[i].word;
	table_cell(b->source->table, column, is_error ? CELL_ERROR : CELL_NUMBER, cb_text_of(word));
}

static void put_formula(struct biff *b, uint32_t column, uint32_t style, const char *result)
{
	if (little16(result + 6) != 0xffff) {
		put_number(b, column, style, double_at(result));
	} else if (result[0] == 0) {
		b->text_row = b->row;
		b->text_column = column;
	} else if (result[0] == 1 || result[0] == 2) {
		put_flag(b, column, result[0] == 2, (unsigned char)result[2]);
	}
}

static int put_text(struct biff *b, uint32_t column)
{
	int rc;

	b->text.len = 0;
	rc = biff_text(b, 2, &b->text);
	table_cell(b->source->table, column, CELL_TEXT, grow_view(&b->text));
	return rc;
}

static int put_shared(struct biff *b, uint32_t column, uint32_t index)
{
	size_t begin = index && index <= b->string_count ? b->ends[index - 1] : 0;

	if (index >= b->string_count)
		return biff_not_whole(b);
	table_cell(b->source->table, column, CELL_TEXT,
		   (struct cb_text){ b->strings.at + begin, b->ends[index] - begin });
	return CB_OK;
}

/* The shortest data of a cell's record; 0: it is no cell. */
static size_t cell_size(enum id id)
{
	switch (id) {
	case ID_FORMULA:
	case ID_NUMBER:
		return 14;
	case ID_SHARED_TEXT:
	case ID_SMALL_NUMBER:
		return 10;
	case ID_TEXT:
	case ID_RICH_TEXT:
		return 9;
	case ID_FLAG:
		return 8;
	case ID_NUMBERS:
		return 6;
	default:
		return 0;
	}
}

static int take_cell(struct biff *b)
{
	const char *at = b->data.at;
	uint32_t column = little16(at + 2) + 1, style = little16(at + 4);
	int rc = open_row(b, little16(at) + 1);

	if (rc != CB_OK)
		return rc;
	switch (b->id) {
	case ID_SHARED_TEXT:
		return put_shared(b, column, little32(at + 6));
	case ID_TEXT:
	case ID_RICH_TEXT:
		rc = biff_skip(b, 6);
		return rc == CB_OK ? put_text(b, column) : rc;
	case ID_NUMBER:
		put_number(b, column, style, double_at(at + 6));
		return CB_OK;
	case ID_SMALL_NUMBER:
		put_number(b, column, style, small_number(little32(at + 6)));
		return CB_OK;
	case ID_NUMBERS:
		for (size_t i = 4; i + 8 <= b->data.len; i += 6)
			put_number(b, column++, little16(at + i),
				   small_number(little32(at + i + 2)));
		return CB_OK;
	case ID_FLAG:
		put_flag(b, column, at[7] != 0, (unsigned char)at[6]);
		return CB_OK;
	case ID_FORMULA:
		put_formula(b, column, style, at + 6);
		return CB_OK;
	default:
		return CB_OK;
	}
}

static int take_record(struct biff *b)
{
	size_t least = cell_size(b->id);

	if (least)
		return b->data.len < least ? biff_not_whole(b) : take_cell(b);
	if (b->id == ID_FORMULA_TEXT && b->text_row && b->text_row == b->row) {
		b->text_row = 0;
		return put_text(b, b->text_column);
	}
	return CB_OK;
}

/* Call @take for each record of the sheet itself; charts inside it have borders of their own. */
static int each_record(struct biff *b, int (*take)(struct biff *))
{
	size_t depth = 0;
	int rc;

	b->at = b->sheet_at;
	if (b->at >= b->stream.len)
		return biff_not_whole(b);
	while ((rc = biff_next_record(b)) == CB_OK) {
		depth += b->id == ID_BEGIN;
		if (!depth)
			return biff_not_whole(b);
		if (b->id == ID_EOF && --depth == 0)
			return CB_OK;
		if (depth == 1)
			rc = take(b);
		if (rc != CB_OK)
			return rc;
	}
	return biff_not_whole(b);
}

static int take_merges(struct biff *b)
{
	if (b->id != ID_MERGES)
		return CB_OK;
	for (size_t i = 2; i + 8 <= b->data.len; i += 8) {
		const char *at = b->data.at + i;

		table_merge(b->source->table,
			    (struct merge){ little16(at) + 1, little16(at + 2) + 1,
					    little16(at + 4) + 1, little16(at + 6) + 1 });
	}
	return CB_OK;
}

static int find_merges(void *with, struct table *table)
{
	struct biff *b = with;
	size_t at = b->at;
	enum id id = b->id;
	struct cb_text data = b->data;
	int rc = each_record(b, take_merges);

	b->at = at;
	b->id = id;
	b->data = data;
	return rc;
}

static int read_tab(struct biff *b, const struct tab *tab)
{
	struct table *table = b->source->table;
	int rc;

	b->sheet_at = tab->at;
	b->row = b->text_row = 0;
	table->find_merges = find_merges;
	table->with = b;
	rc = each_record(b, take_record);
	if (rc == CB_OK && b->row)
		rc = table_row_end(table);
	if (rc == CB_OK && table->has_data)
		rc = table_end(table);
	table->find_merges = NULL;
	return rc;
}

static const struct tab *tab_named(const struct biff *b, const char *wanted)
{
	size_t number = 0;

	for (size_t i = 0; i < b->tab_count; i++)
		if (strcmp(b->tabs[i].name, wanted) == 0)
			return &b->tabs[i];
	for (size_t i = 0; i < b->tab_count; i++)
		if (!b->tabs[i].is_hidden && ++number == strtoul(wanted, NULL, 10))
			return &b->tabs[i];
	return NULL;
}

static int read_chosen(struct biff *b)
{
	const char *wanted = b->source->xlsx->sheet;
	const struct tab *tab;
	int rc = CB_OK;

	if (wanted && *wanted) {
		tab = tab_named(b, wanted);
		if (tab)
			return read_tab(b, tab);
		return cb_fail(b->source->err, CB_SETUP, "没有工作表“%s”", "there is no sheet '%s'",
			       wanted);
	}
	for (size_t i = 0; i < b->tab_count && rc == CB_OK; i++) {
		if (b->tabs[i].is_hidden)
			continue;
		rc = read_tab(b, &b->tabs[i]);
		if (b->source->table->has_data)
			break;
	}
	return rc;
}

static int no_workbook(struct biff *b)
{
	struct cb_error *err = b->source->err;

	if (ole_has(&b->ole, "EncryptedPackage"))
		return cb_fail(err, CB_SETUP, "文件有密码；请去掉密码后另存一份",
			       "the file has a password; save a copy without it");
	if (ole_has(&b->ole, "Book"))
		return cb_fail(err, CB_SETUP,
			       "这是 Excel 95 或更早的工作簿；请用 Excel 或 WPS 另存为 .xlsx",
			       "this workbook is of Excel 95 or older; save it as .xlsx");
	return cb_fail(err, CB_SETUP,
		       "这是旧版 Office 文件，但不是工作簿；请把表格放进 .xlsx 或 .csv",
		       "this is an old Office file and no workbook; put its table into .xlsx or "
		       ".csv");
}

static void biff_done(struct biff *b)
{
	for (size_t i = 0; i < b->tab_count; i++)
		free(b->tabs[i].name);
	free(b->tabs);
	free(b->code);
	free(b->looks);
	free(b->ends);
	grow_done(&b->codes);
	grow_done(&b->strings);
	grow_done(&b->text);
	grow_done(&b->stream);
	ole_done(&b->ole);
}

int biff_read(struct source *source)
{
	struct biff b = { .source = source };
	int rc = ole_open(&b.ole, source->bytes, source->err);

	if (rc == CB_OK)
		rc = ole_stream(&b.ole, "Workbook", &b.stream);
	if (rc == CB_END)
		rc = no_workbook(&b);
	if (rc == CB_OK)
		rc = biff_globals(&b);
	if (rc == CB_OK)
		rc = read_chosen(&b);
	biff_done(&b);
	return rc;
}
