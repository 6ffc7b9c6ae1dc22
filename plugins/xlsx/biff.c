/*
 * biff.c - old binary workbooks (.xls, .et): Excel 97 to 2003, and WPS.
 *
 * Read here and not by libfreexl: that opens files by their names, which a
 * sealed process cannot, says nothing about hidden sheets and merged cells, and
 * has no limits of its own.
 *
 * A workbook is a stream of records: an id, a length, the data. The first part
 * names the sheets and holds texts and formats, then each sheet has a part.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "ole.h"
#include "table.h"

enum id {
	ID_FORMULA = 0x06,
	ID_EOF = 0x0a,
	ID_DATE_MODE = 0x22,
	ID_PASSWORD = 0x2f,
	ID_CONTINUE = 0x3c,
	ID_SHEET = 0x85,
	ID_NUMBERS = 0xbd,
	ID_RICH_TEXT = 0xd6,
	ID_LOOK = 0xe0,
	ID_MERGES = 0xe5,
	ID_STRINGS = 0xfc,
	ID_SHARED_TEXT = 0xfd,
	ID_NUMBER = 0x203,
	ID_TEXT = 0x204,
	ID_FLAG = 0x205,
	ID_FORMULA_TEXT = 0x207,
	ID_SMALL_NUMBER = 0x27e,
	ID_FORMAT = 0x41e,
	ID_BEGIN = 0x809,
};

#define BIFF8 0x600
#define SHEETS_MAX 1000

struct tab {
	uint32_t at;
	bool is_hidden;
	char *name;
};

struct biff {
	struct source *source;
	struct ole ole;
	struct grow stream;
	size_t at; /* of the next record */
	enum id id;
	struct cb_text data; /* of this one */

	bool is_1904;
	struct tab *tabs;
	size_t tab_count;
	struct grow codes; /* of formats: each with its end */
	struct code {
		uint32_t id;
		size_t at;
	} * code;
	size_t code_count, code_room;
	struct look *looks;
	size_t look_count, look_room;
	struct grow strings;
	size_t *ends;
	size_t string_count, string_room;

	/* Of the sheet. */
	size_t sheet_at;
	uint32_t row;                   /* that is open, from 1; 0: none */
	uint32_t text_row, text_column; /* whose formula's text comes next; 0: nobody's */
	struct grow text;
};

static int not_whole(const struct biff *b)
{
	return cb_fail(b->source->err, CB_BROKEN,
		       "旧版工作簿不完整或已损坏（可能没有传完）；请重新取一份",
		       "the old workbook is cut or damaged (perhaps its transfer was); fetch it "
		       "again");
}

/* CB_END behind the last record. */
static int next_record(struct biff *b)
{
	const char *at = b->stream.at + b->at;
	size_t left = b->stream.len - b->at, len;

	if (left < 4)
		return CB_END;
	len = little16(at + 2);
	if (len > left - 4)
		return not_whole(b);
	b->id = (enum id)little16(at);
	b->data = (struct cb_text){ at + 4, len };
	b->at += 4 + len;
	return CB_OK;
}

/* Texts */

static void put_character(struct grow *to, uint32_t c)
{
	char out[4];
	size_t n = 0;

	if (c < 0x80) {
		out[n++] = (char)c;
	} else if (c < 0x800) {
		out[n++] = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		out[n++] = (char)(0xe0 | c >> 12);
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		out[n++] = (char)(0xf0 | c >> 18);
		out[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		out[n++] = (char)(0x80 | (c & 0x3f));
	grow_put(to, (struct cb_text){ out, n });
}

/*
 * A text may go on in the next record, even with characters of the other
 * width: each part begins with its own flag.
 */
struct letters {
	uint32_t high; /* the first half of a pair */
};

static void put_letter(struct letters *l, struct grow *to, uint32_t c)
{
	if (l->high && c >= 0xdc00 && c <= 0xdfff) {
		put_character(to, 0x10000 + ((l->high - 0xd800) << 10) + (c - 0xdc00));
		l->high = 0;
		return;
	}
	l->high = c >= 0xd800 && c <= 0xdbff ? c : 0;
	if (c < 0xd800 || c > 0xdfff)
		put_character(to, c);
}

/* Behind what is left of this record: go into the one that continues it. */
static int go_on(struct biff *b)
{
	int rc = next_record(b);

	return rc == CB_OK && b->id == ID_CONTINUE ? CB_OK : not_whole(b);
}

static int skip(struct biff *b, size_t len)
{
	int rc = CB_OK;

	while (len > b->data.len && rc == CB_OK) {
		len -= b->data.len;
		rc = go_on(b);
	}
	if (rc == CB_OK) {
		b->data.at += len;
		b->data.len -= len;
	}
	return rc;
}

static int take_letters(struct biff *b, size_t count, bool is_wide, struct grow *to)
{
	struct letters letters = { 0 };
	int rc;

	while (count) {
		size_t width = is_wide ? 2 : 1, n = b->data.len / width;

		if (n > count)
			n = count;
		for (size_t i = 0; i < n; i++)
			put_letter(&letters, to,
				   is_wide ? little16(b->data.at + 2 * i)
					   : (unsigned char)b->data.at[i]);
		b->data.at += n * width;
		b->data.len -= n * width;
		count -= n;
		if (!count)
			break;
		rc = go_on(b);
		if (rc != CB_OK)
			return rc;
		if (!b->data.len)
			return not_whole(b);
		is_wide = b->data.at[0] & 1;
		b->data.at++;
		b->data.len--;
	}
	return CB_OK;
}

/* A text with its length of 1 or 2 bytes in front, appended. */
static int take_text(struct biff *b, size_t length_bytes, struct grow *to)
{
	size_t count, runs = 0, extra = 0;
	unsigned flags;
	int rc = b->data.len ? CB_OK : go_on(b);

	if (rc != CB_OK)
		return rc;
	if (b->data.len < length_bytes + 1)
		return not_whole(b);
	count = length_bytes == 2 ? little16(b->data.at) : (unsigned char)b->data.at[0];
	flags = (unsigned char)b->data.at[length_bytes];
	b->data.at += length_bytes + 1;
	b->data.len -= length_bytes + 1;
	if (b->data.len < (flags & 8 ? 2u : 0) + (flags & 4 ? 4u : 0))
		return not_whole(b);
	if (flags & 8) {
		runs = little16(b->data.at);
		rc = skip(b, 2);
	}
	if (rc == CB_OK && (flags & 4)) {
		extra = little32(b->data.at);
		rc = skip(b, 4);
	}
	if (rc == CB_OK)
		rc = take_letters(b, count, flags & 1, to);
	return rc == CB_OK ? skip(b, 4 * runs + extra) : rc;
}

/* The first part */

static int take_strings(struct biff *b)
{
	uint32_t count;
	int rc = CB_OK;

	if (b->data.len < 8)
		return not_whole(b);
	count = little32(b->data.at + 4);
	rc = skip(b, 8);
	for (uint32_t i = 0; i < count && rc == CB_OK; i++) {
		rc = take_text(b, 2, &b->strings);
		if ((int64_t)(b->strings.len + i * sizeof(*b->ends)) > b->source->xlsx->strings_max)
			return cb_fail(b->source->err, CB_BROKEN,
				       "工作簿的文字超过 %lld 字节（strings_max）；请拆成几个文件",
				       "the workbook's texts are longer than %lld bytes "
				       "(strings_max); split the file",
				       (long long)b->source->xlsx->strings_max);
		if (b->string_count == b->string_room) {
			b->string_room = b->string_room ? 2 * b->string_room : 1024;
			b->ends = grow_block(b->ends, b->string_room * sizeof(*b->ends));
		}
		b->ends[b->string_count++] = b->strings.len;
	}
	return rc;
}

static int take_tab(struct biff *b)
{
	struct grow name = { 0 };
	uint32_t at;
	bool is_hidden;
	int rc;

	if (b->data.len < 8)
		return not_whole(b);
	at = little32(b->data.at);
	is_hidden = b->data.at[4] & 3;
	if (b->data.at[5] != 0 || b->tab_count == SHEETS_MAX) /* a chart, a macro */
		return CB_OK;
	rc = skip(b, 6);
	if (rc == CB_OK)
		rc = take_text(b, 1, &name);
	if (rc != CB_OK) {
		grow_done(&name);
		return rc;
	}
	grow_put(&name, (struct cb_text){ "", 1 });
	b->tabs = grow_block(b->tabs, (b->tab_count + 1) * sizeof(*b->tabs));
	b->tabs[b->tab_count++] = (struct tab){ at, is_hidden, name.at };
	return CB_OK;
}

static int take_format(struct biff *b)
{
	struct code code = { .at = b->codes.len };
	int rc;

	if (b->data.len < 5)
		return not_whole(b);
	code.id = little16(b->data.at);
	rc = skip(b, 2);
	if (rc == CB_OK)
		rc = take_text(b, 2, &b->codes);
	grow_put(&b->codes, (struct cb_text){ "", 1 });
	if (b->code_count == b->code_room) {
		b->code_room = b->code_room ? 2 * b->code_room : 64;
		b->code = grow_block(b->code, b->code_room * sizeof(*b->code));
	}
	b->code[b->code_count++] = code;
	return rc;
}

static int take_look(struct biff *b)
{
	const char *code = NULL;
	uint32_t id;

	if (b->data.len < 4)
		return not_whole(b);
	id = little16(b->data.at + 2);
	for (size_t i = 0; i < b->code_count; i++)
		if (b->code[i].id == id)
			code = b->codes.at + b->code[i].at;
	if (b->look_count == b->look_room) {
		b->look_room = b->look_room ? 2 * b->look_room : 64;
		b->looks = grow_block(b->looks, b->look_room * sizeof(*b->looks));
	}
	b->looks[b->look_count++] = look_of(id, code);
	return CB_OK;
}

static int take_global(struct biff *b)
{
	switch (b->id) {
	case ID_PASSWORD:
		return cb_fail(b->source->err, CB_SETUP, "文件有密码；请去掉密码后另存一份",
			       "the file has a password; save a copy without it");
	case ID_DATE_MODE:
		b->is_1904 = b->data.len >= 2 && little16(b->data.at);
		return CB_OK;
	case ID_SHEET:
		return take_tab(b);
	case ID_FORMAT:
		return take_format(b);
	case ID_LOOK:
		return b->look_count < 100000 ? take_look(b) : CB_OK;
	case ID_STRINGS:
		return take_strings(b);
	default:
		return CB_OK;
	}
}

static int read_globals(struct biff *b)
{
	int rc = next_record(b);

	if (rc != CB_OK || b->id != ID_BEGIN || b->data.len < 4)
		return not_whole(b);
	if (little16(b->data.at) != BIFF8)
		return cb_fail(b->source->err, CB_SETUP,
			       "这是 Excel 95 或更早的工作簿；请用 Excel 或 WPS 另存为 .xlsx",
			       "this workbook is of Excel 95 or older; save it as .xlsx");
	while ((rc = next_record(b)) == CB_OK && b->id != ID_EOF) {
		rc = take_global(b);
		if (rc != CB_OK)
			return rc;
	}
	return rc == CB_OK ? CB_OK : not_whole(b);
}

/* A sheet */

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
	rc = take_text(b, 2, &b->text);
	table_cell(b->source->table, column, CELL_TEXT, grow_view(&b->text));
	return rc;
}

static int put_shared(struct biff *b, uint32_t column, uint32_t index)
{
	size_t begin = index && index <= b->string_count ? b->ends[index - 1] : 0;

	if (index >= b->string_count)
		return not_whole(b);
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
		rc = skip(b, 6);
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
		return b->data.len < least ? not_whole(b) : take_cell(b);
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
		return not_whole(b);
	while ((rc = next_record(b)) == CB_OK) {
		depth += b->id == ID_BEGIN;
		if (!depth)
			return not_whole(b);
		if (b->id == ID_EOF && --depth == 0)
			return CB_OK;
		if (depth == 1)
			rc = take(b);
		if (rc != CB_OK)
			return rc;
	}
	return not_whole(b);
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
		rc = read_globals(&b);
	if (rc == CB_OK)
		rc = read_chosen(&b);
	biff_done(&b);
	return rc;
}
