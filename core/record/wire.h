/*
 * wire.h - rows as bytes, between worker and engine and in hashes.
 *
 * Both ends have the same shape. A value is its slot and its text; a list is
 * its index and its items; everything in the order of the shape, so equal rows
 * are equal bytes. Reading trusts nothing: a wrong number is an error, and so is
 * what wire_row would not have written. It takes memory in proportion to the
 * bytes, and for rows that say little at most ROWS_MAX.
 */
#ifndef RECORD_WIRE_H
#define RECORD_WIRE_H

#include "base/buffer.h"
#include "record/shape.h"

void wire_number(struct buffer *out, uint64_t number);   /* LEB128 */
void wire_text(struct buffer *out, struct cb_text text); /* keeps nothing apart from empty */
void wire_row(struct buffer *out, const struct row *row);

#define ROWS_MAX (256u << 20)

struct wire { /* what is left to read */
	const char *at, *end;
	bool is_bad;
};
uint64_t wire_get_number(struct wire *wire);
struct cb_text wire_get_text(struct wire *wire); /* borrowed from the bytes */
/* The row, its texts borrowed from the bytes; NULL and is_bad where they are no row of @shape. */
struct row *wire_get_row(struct wire *wire, struct arena *arena, const struct shape *shape);

#endif
