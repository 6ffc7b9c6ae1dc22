/*
 * csv.h - what the two halves of the CSV format share: one state.
 */
#ifndef PLUGIN_CSV_H
#define PLUGIN_CSV_H

#include <casebridge/format.h>

struct csv {
	/* Options. */
	const char *separator, *newline;
	bool heading, is_short, bom, defuse;
	int64_t skip, cell_max, row_max, columns_max;

	/* Writing. */
	char comma;                    /* the separator that is written; 0: not begun */
	bool is_heading_due;           /* the first record's names are still to be written */
	size_t cells;                  /* in this row so far */
	bool is_row_empty;             /* nothing has been put for it */
	uint64_t names, heading_names; /* digests of the column names: this record's, the first's */
	char *row;                     /* the first row, while the heading is put; then freed */
	size_t row_len, row_room;
};

/* The separator an option names: 0 where it names none, -1 where it is wrong. */
int csv_separator(const char *option);
int csv_bad_separator(struct cb_error *err);

int csv_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err);
int csv_write(void *self, const struct cb_event *event, struct cb_output *out,
	      struct cb_error *err);

#endif
