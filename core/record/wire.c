/*
 * wire.c - LEB128 numbers, counted texts; a row is (slot + 1, text)* 0 (list + 1, items)* 0.
 */
#include "record/wire.h"

#define NUMBER_MOST 10

static char *put_number(char *at, uint64_t number)
{
	for (; number > 127; number >>= 7)
		*at++ = (char)(number | 128);
	*at++ = (char)number;
	return at;
}

/* A record is some tens of numbers and texts: room is made once for a pair of them. */
static char *room(struct buffer *out, size_t len)
{
	buffer_room(out, len);
	return out->at + out->len;
}

static char *put_text(char *at, struct cb_text text)
{
	if (!text.at)
		return put_number(at, 0);
	at = put_number(at, text.len + 1);
	memcpy(at, text.at, text.len);
	return at + text.len;
}

void wire_number(struct buffer *out, uint64_t number)
{
	out->len = (size_t)(put_number(room(out, NUMBER_MOST), number) - out->at);
}

void wire_text(struct buffer *out, struct cb_text text)
{
	out->len = (size_t)(put_text(room(out, NUMBER_MOST + text.len), text) - out->at);
}

void wire_row(struct buffer *out, const struct row *row)
{
	char *at;

	for (size_t i = 0; i < row->shape->slot_count; i++) {
		if (!row->values[i].at)
			continue;
		at = put_number(room(out, 2 * (size_t)NUMBER_MOST + row->values[i].len), i + 1);
		out->len = (size_t)(put_text(at, row->values[i]) - out->at);
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

static uint64_t bad(struct wire *w)
{
	w->is_bad = true;
	w->at = w->end;
	return 0;
}

/* Only the shortest form of a number is one: equal rows stay equal bytes. */
static uint64_t long_number(struct wire *w)
{
	uint64_t number = 0, part;

	for (unsigned shift = 0; shift < 64 && w->at < w->end; shift += 7) {
		part = *w->at & 127;
		if (part << shift >> shift != part)
			break;
		number |= part << shift;
		if (!(*w->at++ & 128))
			return part || !shift ? number : bad(w);
	}
	return bad(w);
}

/* Most numbers are one byte. */
static inline uint64_t number(struct wire *w)
{
	return w->at < w->end && !(*w->at & 128) ? (uint64_t)*w->at++ : long_number(w);
}

uint64_t wire_get_number(struct wire *w)
{
	return number(w);
}

struct cb_text wire_get_text(struct wire *w)
{
	uint64_t len = number(w);
	struct cb_text text = { 0 };

	if (!len)
		return text;
	if (--len > (uint64_t)(w->end - w->at)) {
		bad(w);
		return text;
	}
	text = (struct cb_text){ w->at, len };
	w->at += len;
	return text;
}

struct reading {
	struct wire *wire;
	struct arena *arena;
	size_t left; /* bytes that rows may still take */
};

/* An empty item is two bytes, and its row as many as its shape has slots. */
static bool pays(struct reading *r, const struct shape *shape)
{
	size_t cost = sizeof(struct row) + 2 * sizeof(struct row *) +
		      shape->slot_count * sizeof(struct cb_text) +
		      shape->list_count * sizeof(struct rows);

	if (cost > r->left)
		return false;
	r->left -= cost;
	return true;
}

static void get_row(struct reading *r, struct row *row);

static void get_items(struct reading *r, struct row *row, uint32_t list)
{
	uint64_t count = number(r->wire);

	/* The first items' bytes come before the next are believed in. */
	for (uint64_t i = 0; i < count && !r->wire->is_bad; i++) {
		if (r->wire->at == r->wire->end || !pays(r, row->shape->lists[list]))
			bad(r->wire);
		else
			get_row(r, row_add(r->arena, row, list));
	}
	if (!count)
		bad(r->wire);
}

static void get_row(struct reading *r, struct row *row)
{
	struct wire *w = r->wire;
	uint64_t at, before = 0;

	while ((at = number(w)) != 0) {
		if (at <= before || at > row->shape->slot_count) {
			bad(w);
			return;
		}
		row->values[at - 1] = wire_get_text(w);
		if (!row->values[at - 1].at)
			bad(w);
		before = at;
	}
	before = 0;
	while (!w->is_bad && (at = number(w)) != 0) {
		if (at <= before || at > row->shape->list_count) {
			bad(w);
			return;
		}
		get_items(r, row, (uint32_t)(at - 1));
		before = at;
	}
}

struct row *wire_get_row(struct wire *w, struct arena *arena, const struct shape *shape)
{
	struct reading r = { .wire = w, .arena = arena, .left = ROWS_MAX };
	struct row *row = row_new(arena, shape);

	get_row(&r, row);
	return w->is_bad ? NULL : row;
}
