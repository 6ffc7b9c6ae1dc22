/*
 * cells.h - the cells of a small CSV file of the user's own: a code table, a
 * list of names. What spreadsheets save is understood, GB18030 too.
 */
#ifndef BASE_CELLS_H
#define BASE_CELLS_H

#include <casebridge/error.h>

struct arena;

struct cells {
	const char *at, *end;
	uint32_t line; /* of the row that was read last, from 1 */
};

/* In UTF-8, whatever the spreadsheet saved, in @arena. */
CB_CHECKED int cells_open(struct cells *cells, struct arena *arena, struct cb_text bytes,
			  struct cb_error *err);
static inline bool cells_more(const struct cells *cells)
{
	return cells->at < cells->end;
}
/* The next row: how many cells it has, at most @most of them in @out, as strings in @arena. */
size_t cells_next(struct cells *cells, struct arena *arena, const char **out, size_t most);

#endif
