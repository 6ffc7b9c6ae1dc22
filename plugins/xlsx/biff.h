/*
 * biff.h - an old binary workbook that is being read. For biff.c and biff_globals.c.
 */
#ifndef XLSX_BIFF_H
#define XLSX_BIFF_H

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

int biff_not_whole(const struct biff *b);
/* CB_END behind the last record. */
int biff_next_record(struct biff *b);
/* Over @len bytes, also into the records that continue this one. */
int biff_skip(struct biff *b, size_t len);
/* A text with its length of 1 or 2 bytes in front, appended. */
int biff_text(struct biff *b, size_t length_bytes, struct grow *to);
/* All of the first part. */
int biff_globals(struct biff *b);

#endif
