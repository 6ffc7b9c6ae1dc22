/*
 * table.h - columns that stand straight under Chinese text too.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/buffer.h"
#include "base/memory.h"

/* Text of others for a terminal: no control character gets through. */
void plain_text(struct buffer *out, struct cb_text text);

enum ink { INK_PLAIN, INK_STRONG, INK_BAD, INK_FAINT };
const char *ink_begin(bool has_colours, enum ink ink); /* "" without colours */
const char *ink_end(bool has_colours);

/* How many cells the terminal has beside one another; 0: no terminal, and no end. */
void table_screen(size_t width);

#define SHEET_COLUMNS 32 /* at most */

struct sheet {
	struct arena *arena;
	size_t columns;
	uint32_t right; /* bits: columns of numbers */
	struct cb_text *cells;
	enum ink *inks;
	size_t count, room, ink_room;
};

/* @right: bits of the columns that stand to the right. Cells follow row by row; the first row are
 * the headings. */
struct sheet sheet_begin(struct arena *arena, size_t columns, uint32_t right);
void sheet_cell(struct sheet *sheet, struct cb_text text, enum ink ink);
void sheet_string(struct sheet *sheet, const char *string); /* NULL: empty */
void sheet_number(struct sheet *sheet, int64_t number);
/* Print and forget. @indent: blanks before each line. */
void sheet_end(struct sheet *sheet, bool has_colours, unsigned indent, struct buffer *out);
void sheet_drop(struct sheet *sheet); /* forget only */

#endif
