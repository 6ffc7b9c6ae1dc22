/*
 * book.h - what stands beside the sheets of a workbook: their names, the
 * number formats, the shared strings.
 */
#ifndef PLUGIN_XLSX_BOOK_H
#define PLUGIN_XLSX_BOOK_H

#include "cell.h"
#include "pack.h"

struct book_sheet {
	char *name, *id, *part;
	bool is_hidden;
};

struct book {
	struct pack pack;
	struct source *source;
	char folder[256]; /* of the workbook part, with its slash */
	bool is_1904;

	struct book_sheet *sheets;
	size_t sheet_count, sheet_room;

	struct look *looks; /* by a cell's style */
	size_t look_count, look_room;

	struct grow strings; /* one behind the other */
	size_t *ends;
	size_t string_count, string_room;
};

/* Read one sheet's rows into the table. */
CB_CHECKED int sheet_read(struct book *book, const struct book_sheet *sheet);

/* "_x000D_" stands for a character that XML could not hold. In place; the new length. */
size_t unescape(char *text, size_t len);

#endif
