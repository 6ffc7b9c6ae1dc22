/*
 * xlsx.h - workbooks: what the files of this folder share.
 *
 * A document is read by what it is, not by what it is called: a zip of XML
 * (book.c, sheet.c), an old binary workbook (ole.c, biff.c) or an HTML table
 * (html.c). All three hand rows of cells to one table (table.h), which finds
 * the heading and announces the records.
 */
#ifndef PLUGIN_XLSX_H
#define PLUGIN_XLSX_H

#include <casebridge/format.h>

#include "grow.h"

struct table;
struct writer;

struct xlsx {
	/* Options. */
	const char *sheet, *heading;
	int64_t skip, size_max, unpacked_max, strings_max, columns_max;
	bool errors, fill;

	/* Writing. */
	struct writer *writer; /* of the open document */
};

/* The document's bytes, whole, and where its rows go. */
struct source {
	const struct xlsx *xlsx;
	struct cb_text bytes;
	struct table *table;
	struct cb_error *err;
};

int book_read(struct source *source);                         /* .xlsx */
int biff_read(struct source *source);                         /* .xls, .et */
int html_read(struct source *source, struct cb_text decoded); /* a web page called .xls */

int xlsx_write(void *self, const struct cb_event *event, struct cb_output *out,
	       struct cb_error *err);

#endif
