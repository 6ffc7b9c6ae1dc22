/*
 * table.c - collect the cells, measure, print.
 *
 * On a terminal that is too narrow a text goes on below itself, in its column; where
 * that would leave shreds, the last columns go below the row. What does not go to a
 * terminal is as wide as it is: one line is one row there, for programs that read it.
 */
#include "cli/table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define GAP 2     /* blanks between columns */
#define NARROW 16 /* cells; a text is not parted into lines shorter than that */

static size_t screen;

void table_screen(size_t width)
{
	screen = width;
}

void plain_text(struct buffer *out, struct cb_text text)
{
	const char *at = text.at, *end = at ? at + text.len : at;

	while (at < end) {
		size_t good = utf8_valid((struct cb_text){ at, (size_t)(end - at) }, NULL);
		const char *stop = at + good;

		while (at < stop) {
			const char *from = at;
			uint32_t c = utf8_next(&at, stop);

			if (c < 0x20 || (c >= 0x7f && c < 0xa0))
				buffer_char(out, ' ');
			else
				buffer_put(out, from, (size_t)(at - from));
		}
		if (at < end) {
			buffer_char(out, '?');
			at++;
		}
	}
}

const char *ink_begin(bool has_colours, enum ink ink)
{
	static const char *const codes[] = { "", "\033[1m", "\033[31m", "\033[2m" };

	return has_colours ? codes[ink] : "";
}

const char *ink_end(bool has_colours)
{
	return has_colours ? "\033[0m" : "";
}

struct sheet sheet_begin(struct arena *arena, size_t columns, uint32_t right)
{
	assert(columns && columns <= SHEET_COLUMNS);
	return (struct sheet){ .arena = arena, .columns = columns, .right = right };
}

void sheet_cell(struct sheet *sheet, struct cb_text text, enum ink ink)
{
	struct buffer plain = { 0 };

	memory_grow(&sheet->cells, sheet->count, &sheet->room, sizeof(*sheet->cells));
	memory_grow(&sheet->inks, sheet->count, &sheet->ink_room, sizeof(*sheet->inks));
	plain_text(&plain, text);
	sheet->inks[sheet->count] = ink;
	sheet->cells[sheet->count++] = arena_copy(sheet->arena, buffer_view(&plain));
	buffer_done(&plain);
}

void sheet_string(struct sheet *sheet, const char *string)
{
	sheet_cell(sheet, cb_text_of(string ? string : ""),
		   sheet->count < sheet->columns ? INK_STRONG : INK_PLAIN);
}

void sheet_number(struct sheet *sheet, int64_t number)
{
	sheet_string(sheet, arena_printf(sheet->arena, "%" PRId64, number));
}

static void blanks(struct buffer *out, size_t count)
{
	while (count--)
		buffer_char(out, ' ');
}

/* What stands at the end of a line, and must not begin the next. */
static bool is_closing(uint32_t c)
{
	static const char marks[] = "，。、；：！？）”’》」』】…,.;:!?)";
	const char *at = marks, *end = marks + sizeof(marks) - 1;

	while (at < end)
		if (utf8_next(&at, end) == c)
			return true;
	return false;
}

/* Between two letters or digits of Latin script nothing is parted. */
static bool is_word(uint32_t c)
{
	return c > ' ' && c < 0x2e80;
}

/* How much of @text goes on a line of @width cells: all of it, or up to a good place to part. */
static size_t line_of(struct cb_text text, size_t width)
{
	const char *at = text.at, *end = text.at + text.len, *good = NULL;
	size_t cells = 0, good_cells = 0;
	uint32_t before = 0;

	while (at < end) {
		const char *from = at;
		uint32_t c = utf8_next(&at, end);
		size_t more = (size_t)utf8_width_of(c);

		if (from > text.at && !is_closing(c) && !(is_word(before) && is_word(c))) {
			good = from;
			good_cells = cells;
		}
		if (cells && cells + more > width)
			return (size_t)((good && good_cells >= width / 3 ? good : from) - text.at);
		cells += more;
		before = c;
	}
	return text.len;
}

static void put_cell(struct cb_text cell, enum ink ink, bool has_colours, struct buffer *out)
{
	buffer_string(out, ink ? ink_begin(has_colours, ink) : "");
	buffer_text(out, cell);
	buffer_string(out, ink ? ink_end(has_colours) : "");
}

/* The next line of a cell, which leaves what is behind it. */
static struct cb_text take_line(struct cb_text *cell, size_t width)
{
	struct cb_text line = { cell->at, line_of(*cell, width) };

	cell->at += line.len;
	cell->len -= line.len;
	while (cell->len && *cell->at == ' ') {
		cell->at++;
		cell->len--;
	}
	while (line.len && line.at[line.len - 1] == ' ')
		line.len--;
	return line;
}

struct layout {
	const size_t *widths; /* of each column */
	size_t beside;        /* so many columns stand beside one another, the others below */
	size_t screen;        /* 0: as wide as it takes */
	unsigned indent;
	bool has_colours;
};

/* One line of the cells that stand beside one another; false when there was nothing left of them.
 */
static bool print_line(const struct sheet *sheet, size_t row, struct cb_text *rest,
		       const struct layout *l, struct buffer *out)
{
	size_t owed = l->indent; /* blanks are written only if something comes after them */
	bool is_any = false;

	for (size_t c = 0; c < l->beside; c++)
		is_any |= rest[c].len > 0;
	if (!is_any)
		return false;
	for (size_t c = 0; c < l->beside; c++) {
		struct cb_text line = take_line(&rest[c], l->widths[c]);
		size_t pad = l->widths[c] - utf8_width(line);
		bool is_right = sheet->right >> c & 1;

		if (is_right)
			owed += pad;
		if (line.len) {
			blanks(out, owed);
			owed = 0;
			put_cell(line, sheet->inks[row + c], l->has_colours, out);
		}
		owed += (is_right ? 0 : pad) + GAP;
	}
	buffer_char(out, '\n');
	return true;
}

static void print_row(const struct sheet *sheet, size_t row, const struct layout *l,
		      struct buffer *out)
{
	struct cb_text rest[SHEET_COLUMNS];
	size_t below = l->indent + l->widths[0] + GAP;
	bool is_any = false;

	memcpy(rest, sheet->cells + row, sheet->columns * sizeof(*rest));
	while (print_line(sheet, row, rest, l, out))
		is_any = true;
	if (!is_any)
		buffer_char(out, '\n');
	if (below > l->screen / 4)
		below = l->indent + 2 * GAP;
	for (size_t c = l->beside; c < sheet->columns; c++)
		while (rest[c].len) {
			blanks(out, below);
			put_cell(take_line(&rest[c], l->screen - below), sheet->inks[row + c],
				 l->has_colours, out);
			buffer_char(out, '\n');
		}
}

void sheet_drop(struct sheet *sheet)
{
	free(sheet->cells);
	free(sheet->inks);
	*sheet = (struct sheet){ 0 };
}

/* A column may be parted into lines, but not into shreds; numbers are not parted. */
static size_t narrowest(const struct sheet *sheet, size_t c, size_t width)
{
	size_t third = width / 3 > NARROW ? width / 3 : NARROW;

	return sheet->right >> c & 1 || width < third ? width : third;
}

/* All columns beside one another, narrower where they have to be; else the last ones go below. */
static void lay_out(const struct sheet *sheet, size_t *widths, struct layout *l)
{
	size_t least, total;

	for (l->beside = sheet->columns;; l->beside--) {
		least = total = l->indent;
		for (size_t c = 0; c < l->beside; c++) {
			least += narrowest(sheet, c, widths[c]) + (c ? GAP : 0);
			total += widths[c] + (c ? GAP : 0);
		}
		if (least <= l->screen || l->beside == 1)
			break;
	}
	for (; total > l->screen; total--) {
		size_t widest = 0;

		for (size_t c = 0; c < l->beside; c++)
			if (widths[c] > NARROW && !(sheet->right >> c & 1) &&
			    (widths[c] > widths[widest] || sheet->right >> widest & 1))
				widest = c;
		if (widths[widest] <= NARROW || sheet->right >> widest & 1)
			break;
		widths[widest]--;
	}
}

void sheet_end(struct sheet *sheet, bool has_colours, unsigned indent, struct buffer *out)
{
	size_t widths[SHEET_COLUMNS + 1] = { 0 };
	struct layout l = { .widths = widths,
			    .beside = sheet->columns,
			    .screen = screen,
			    .indent = indent,
			    .has_colours = has_colours };

	for (size_t i = 0; i < sheet->count; i++) {
		size_t width = utf8_width(sheet->cells[i]);

		if (width > widths[i % sheet->columns])
			widths[i % sheet->columns] = width;
	}
	if (screen)
		lay_out(sheet, widths, &l);
	for (size_t row = 0; row + sheet->columns <= sheet->count; row += sheet->columns)
		print_row(sheet, row, &l, out);
	sheet_drop(sheet);
}
