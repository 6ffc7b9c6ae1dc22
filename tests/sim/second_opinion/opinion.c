/*
 * opinion.c - rows are kept as lines until all are there, then shuffled.
 */
#include "sim/second_opinion/opinion.h"

bool opinion_row(struct opinion *o, int entity, const char *const values[], int count)
{
	int i;

	if (o->count == o->rows)
		return false;
	o->starts[o->count] = o->lines.size;
	o->entities[o->count++] = entity;
	for (i = 0; i < count; i++) {
		if (i)
			text_char(&o->lines, ',');
		text_csv(&o->lines, values[i]);
	}
	text_char(&o->lines, '\0');
	return true;
}

int opinion_skewed(struct random *r, int count)
{
	double unit = random_unit(r);

	return (int)(unit * unit * count);
}

bool opinion_permille(struct random *r, int share)
{
	return random_below(r, 1000) < share;
}
