/*
 * opinion.h - rows that say which entity they are about, and two ways to make them.
 */
#ifndef SIM_OPINION_H
#define SIM_OPINION_H

#include <stdbool.h>

#include "sim/common/random.h"
#include "sim/common/text.h"

struct opinion {
	struct random random;
	const char *header; /* behind id */
	int rows, count;    /* wanted, made */
	struct text lines;  /* each ended by a NUL */
	size_t *starts;
	int *entities;
};

void opinion_people(struct opinion *o);  /* a population register in English */
void opinion_parties(struct opinion *o); /* parties to disputes, as four Chinese desks write them */

/* Appends a row of @count values; false if there are enough of them. */
bool opinion_row(struct opinion *o, int entity, const char *const values[], int count);

/* The first of @count are drawn far more often than the last. */
int opinion_skewed(struct random *r, int count);
/* As random_percent, but finer. */
bool opinion_permille(struct random *r, int share);

#endif
