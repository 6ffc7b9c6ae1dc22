/*
 * table.h - rows of cells become records: the heading is found, columns get
 * their names, and each row below is announced.
 *
 * The heading is the first row, of the first 20 that hold anything, whose cells
 * are all texts, at least two, hardly any of them twice, and that is nearly as
 * wide as the widest of those rows. Where merged cells make one heading of two
 * rows, a column is "upper/lower". A column without a heading, or with one that
 * stands twice, is "#n", as in a CSV. The option `heading` wins over evidence:
 * a row's number, two rows' numbers "3-4", or no; `skip` says that the heading
 * is the first row below so many.
 *
 * A cell that is merged down over several records has its text in the first of
 * them only. Whether it is meant for each (a place) or for all together (a sum)
 * nobody can know but its writer: the rows below it are held, or filled with it
 * where the option `fill` says so.
 */
#ifndef PLUGIN_XLSX_TABLE_H
#define PLUGIN_XLSX_TABLE_H

#include "xlsx.h"

enum cell_kind { CELL_NONE, CELL_TEXT, CELL_NUMBER, CELL_ERROR };

struct cell {
	enum cell_kind kind;
	size_t at, len; /* in the row's text */
};

struct row {
	uint32_t number;
	struct cell *cells;
	size_t columns, room; /* columns: up to the last cell that holds something */
	size_t filled;
	bool is_over; /* a cell stood beyond columns_max */
	struct grow text;
};

struct merge { /* from 1 */
	uint32_t top, bottom, left, right;
};

/* A cell with a text that reaches down over rows below its own. */
struct merged {
	struct merge merge;
	enum cell_kind kind;
	struct grow text;
};

#define TABLE_EVIDENCE 20
#define TABLE_MERGES_MAX 100000
#define TABLE_ROW_MAX (16u << 20) /* bytes of one row's texts; real ones have thousands */

struct table {
	const struct xlsx *xlsx;
	struct cb_sink *out;
	struct cb_error *err;
	/* Called once, before the heading is looked for: call table_merge for each. */
	int (*find_merges)(void *with, struct table *table);
	void *with;

	struct row rows[TABLE_EVIDENCE];
	size_t count; /* of them, while the heading is not known */
	bool is_named;
	bool has_data;          /* a row that holds something came */
	uint32_t first, second; /* the heading's rows by option; 0: by evidence */
	bool is_headless;

	struct merge *merges;
	size_t merge_count, merge_room;
	bool has_merges;       /* they were asked for */
	size_t merge_next;     /* the first whose top is below the rows announced so far */
	struct merged *merged; /* that reach the row being announced */
	size_t merged_count, merged_room;

	struct cb_text *names;
	char *name_bytes;
	size_t columns, headed; /* headed: up to the last column with a heading */
};

CB_CHECKED int table_init(struct table *table, const struct xlsx *xlsx, struct cb_sink *out,
			  struct cb_error *err);
void table_done(struct table *table);

/* A row from 1, then its cells in any order, columns from 1. */
void table_row(struct table *table, uint32_t number);
void table_cell(struct table *table, uint32_t column, enum cell_kind kind, struct cb_text text);
CB_CHECKED int table_row_end(struct table *table);
void table_merge(struct table *table, struct merge merge);
CB_CHECKED int table_merges_fit(const struct table *table); /* CB_SETUP: there were too many */
/* The sheet is over. CB_BROKEN where nothing stood in it. */
CB_CHECKED int table_end(struct table *table);

/* For the files of the table itself. */
void row_put(struct table *table, struct row *row, uint32_t column, enum cell_kind kind,
	     struct cb_text text);
const char *column_name(size_t column, char out[8]); /* from 0 */

/*
 * A row below the heading: is it under a cell that was merged down? Then it is
 * held, with the sentence in @why, or gets that cell's text (option `fill`).
 */
bool merged_holds(struct table *table, struct row *row, struct cb_error *why);
void merged_done(struct table *table);

#endif
