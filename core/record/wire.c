/*
 * wire.c - LEB128 numbers, counted texts; a row is (slot + 1, text)* 0 (list + 1, items)* 0.
 */
#include "record/wire.h"

void wire_number(struct buffer *out, uint64_t number)
{
	unsigned char bytes[10];
	size_t n = 0;

	do {
		bytes[n] = (unsigned char)(number & 127);
		number >>= 7;
		bytes[n++] |= number ? 128 : 0;
	} while (number);
	buffer_put(out, bytes, n);
}

void wire_text(struct buffer *out, struct cb_text text)
{
	wire_number(out, text.at ? text.len + 1 : 0);
	buffer_text(out, text);
}

void wire_row(struct buffer *out, const struct row *row)
{
	for (size_t i = 0; i < row->shape->slot_count; i++) {
		if (!row->values[i].at)
			continue;
		wire_number(out, i + 1);
		wire_text(out, row->values[i]);
	}
	wire_number(out, 0);
	for (size_t i = 0; i < row->shape->list_count; i++) {
		const struct rows *rows = &row->lists[i];

		if (!rows->count)
			continue;
		wire_number(out, i + 1);
		wire_number(out, rows->count);
		for (size_t k = 0; k < rows->count; k++)
			wire_row(out, rows->at[k]);
	}
	wire_number(out, 0);
}

uint64_t wire_get_number(struct wire *w)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (w->at >= w->end)
			break;
		number |= (uint64_t)(*w->at & 127) << shift;
		if (!(*w->at++ & 128))
			return number;
	}
	w->is_bad = true;
	w->at = w->end;
	return 0;
}

struct cb_text wire_get_text(struct wire *w)
{
	uint64_t len = wire_get_number(w);
	struct cb_text text = { 0 };

	if (!len)
		return text;
	if (--len > (uint64_t)(w->end - w->at)) {
		w->is_bad = true;
		w->at = w->end;
		return text;
	}
	text = (struct cb_text){ w->at, len };
	w->at += len;
	return text;
}

static void get_row(struct wire *w, struct arena *arena, struct row *row)
{
	uint64_t at, count;

	while ((at = wire_get_number(w)) != 0) {
		if (at > row->shape->slot_count) {
			w->is_bad = true;
			return;
		}
		row->values[at - 1] = wire_get_text(w);
	}
	while (!w->is_bad && (at = wire_get_number(w)) != 0) {
		if (at > row->shape->list_count) {
			w->is_bad = true;
			return;
		}
		count = wire_get_number(w);
		/* An item is two bytes at least: no count makes us allocate beyond the bytes that
		 * came. */
		while (count-- && !w->is_bad && w->at < w->end)
			get_row(w, arena, row_add(arena, row, (uint32_t)(at - 1)));
	}
}

struct row *wire_get_row(struct wire *w, struct arena *arena, const struct shape *shape)
{
	struct row *row = row_new(arena, shape);

	get_row(w, arena, row);
	return w->is_bad ? NULL : row;
}
