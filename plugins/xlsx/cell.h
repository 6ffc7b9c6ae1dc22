/*
 * cell.h - what a number in a cell says: a plain number, a date, a time.
 *
 * A workbook keeps numbers only; that one of them is a date is said by the
 * cell's number format.
 */
#ifndef PLUGIN_XLSX_CELL_H
#define PLUGIN_XLSX_CELL_H

#include <casebridge/text.h>

enum look_kind {
	LOOK_PLAIN,
	LOOK_DATE,
	LOOK_TIME,
	LOOK_MOMENT,  /* date and time */
	LOOK_ELAPSED, /* hours beyond 24 */
	LOOK_PADDED,  /* "000000": leading zeros are shown */
};

struct look {
	enum look_kind kind;
	unsigned digits; /* of LOOK_PADDED */
};

/* What a number format shows. @code NULL: a format that is built in, known by its number. */
struct look look_of(uint32_t id, const char *code);

#define CELL_TEXT_MAX 64

/*
 * The number as text, in @out. Whole numbers have no exponent and no point;
 * 16 digits and more are no longer what was typed and come as 3.30282E+17.
 */
struct cb_text cell_number(double value, struct look look, bool is_1904, char out[CELL_TEXT_MAX]);

/* The same for a number that is written as text; false where it is none. */
bool cell_written(struct cb_text written, struct look look, bool is_1904, struct cb_text *text,
		  char out[CELL_TEXT_MAX]);

#endif
