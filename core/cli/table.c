/*
 * table.c - collect the cells, measure, print.
 */
#include "cli/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define GAP 2 /* blanks between columns */

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

static void print_row(const struct sheet *sheet, size_t row, const size_t *widths, bool has_colours,
		      struct buffer *out)
{
	size_t owed = 0; /* blanks are written only if something comes after them */

	for (size_t c = 0; c < sheet->columns && row + c < sheet->count; c++) {
		struct cb_text cell = sheet->cells[row + c];
		enum ink ink = sheet->inks[row + c];
		size_t pad = widths[c] - utf8_width(cell);
		bool is_right = sheet->right >> c & 1;

		if (is_right)
			owed += pad;
		if (cell.len) {
			blanks(out, owed);
			owed = 0;
			buffer_string(out, ink ? ink_begin(has_colours, ink) : "");
			buffer_text(out, cell);
			buffer_string(out, ink ? ink_end(has_colours) : "");
		}
		owed += (is_right ? 0 : pad) + GAP;
	}
	buffer_char(out, '\n');
}

void sheet_drop(struct sheet *sheet)
{
	free(sheet->cells);
	free(sheet->inks);
	*sheet = (struct sheet){ 0 };
}

void sheet_end(struct sheet *sheet, bool has_colours, unsigned indent, struct buffer *out)
{
	size_t *widths = arena_zero(sheet->arena, sheet->columns * sizeof(*widths) + 1);

	for (size_t i = 0; i < sheet->count; i++) {
		size_t width = utf8_width(sheet->cells[i]);

		if (width > widths[i % sheet->columns])
			widths[i % sheet->columns] = width;
	}
	for (size_t row = 0; row < sheet->count; row += sheet->columns) {
		blanks(out, indent);
		print_row(sheet, row, widths, has_colours, out);
	}
	sheet_drop(sheet);
}
