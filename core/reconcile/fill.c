/*
 * fill.c - what another column says where one says nothing: the birth date in an id.
 */
#include <stdio.h>
#include <stdlib.h>

#include "reconcile/rows.h"

/* The birth date in an id, as a date is written. */
static bool birth_in(const struct value *id, char out[11])
{
	uint32_t birth = value_is_missing(id) ? 0 : id->idcard->birth;

	snprintf(out, 11, "%04u-%02u-%02u", birth / 10000 % 10000, birth / 100 % 100, birth % 100);
	return birth;
}

/* The number of each value of @from in @to, or 0. */
static uint32_t *take_births(struct rows *rows, struct column *to, const struct column *from)
{
	uint32_t *number = memory_take((from->count + 1) * sizeof(*number));
	size_t room = to->count + from->count;
	struct terms terms;
	char text[11];

	terms_init(&terms, room);
	for (uint32_t i = 1; i < to->count; i++)
		terms_add(&terms, to->values[i].text, to->values[i].len, to->values[i].hash, 0);
	to->values = memory_resize(to->values, (room + 1) * sizeof(*to->values));
	to->counts = memory_resize(to->counts, (room + 1) * sizeof(*to->counts));
	for (uint32_t i = 1; i < from->count; i++) {
		struct value v;

		if (!birth_in(&from->values[i], text))
			continue;
		form_make(rows->forms, FORM_DATE, cb_text_of(text), &to->arenas[0], &v);
		if (value_is_missing(&v))
			continue;
		number[i] = terms_add(&terms, v.text, v.len, v.hash, 0);
		if (number[i] == to->count) {
			to->values[to->count] = v;
			to->counts[to->count++] = 0;
		}
	}
	terms_done(&terms);
	return number;
}

static void fill_missing(struct rows *rows, unsigned at, unsigned other)
{
	struct column *column = &rows->column[at];
	uint32_t *number = take_births(rows, column, &rows->column[other]);

	for (size_t i = 0; i < rows->count; i++) {
		uint32_t *ids = rows->ids + i * rows->columns;
		uint32_t found = ids[at] ? 0 : number[ids[other]];

		if (!found)
			continue;
		ids[at] = found;
		column->counts[found]++;
		column->present++;
	}
	free(number);
}

void rows_fill(struct rows *rows)
{
	for (unsigned c = 0; c < rows->columns; c++)
		if (rows->spec->columns[c].otherwise)
			fill_missing(rows, c, rows->spec->columns[c].otherwise - 1);
}
