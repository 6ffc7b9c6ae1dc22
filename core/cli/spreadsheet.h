/*
 * spreadsheet.h - a table as a file that Excel and WPS open.
 */
#ifndef CLI_SPREADSHEET_H
#define CLI_SPREADSHEET_H

#include "cli/call.h"

struct spreadsheet {
	struct arena *arena;
	size_t columns;
	struct cb_text *cells; /* row by row, the first row the headings */
	size_t count, room;
};

/* @text is copied; NULL text: an empty cell. */
void spreadsheet_cell(struct spreadsheet *sheet, struct cb_text text);
void spreadsheet_done(struct spreadsheet *sheet);

/* May the file be written: .xlsx or .csv? False with the sentence said: 64. */
bool spreadsheet_can(struct call *call, const char *file);
/* Write it, unless this is a dry run. @is_personal: for the owner's eyes alone. */
CB_CHECKED int spreadsheet_write(struct call *call, const struct spreadsheet *sheet,
				 const char *file, bool is_personal, struct cb_error *err);

#endif
