/*
 * crowd.h - sets of records in which the same person stands several times, with the truth.
 *
 * Rows come in no order that says who belongs to whom. The truth is a table
 * source,id,entity. Everybody is invented.
 */
#ifndef SIM_CROWD_H
#define SIM_CROWD_H

#include <stdint.h>
#include <stdio.h>

#include "sim/common/random.h"
#include "sim/common/text.h"

struct crowd {
	uint64_t seed;
	int rows;
	bool is_hard;
	FILE *out, *truth, *cases; /* cases: only of crowd_disputes */
};

void crowd_people(const struct crowd *c);     /* a population register */
void crowd_historical(const struct crowd *c); /* people of three centuries, from many hands */
void crowd_disputes(const struct crowd *c);   /* Chinese parties and the cases they stand in */
void crowd_many(const struct crowd *c);       /* a million customers */

/* Lines of CSV that are written in another order than they were made. */
struct shuffled {
	struct text text;
	size_t *starts;
	int *entities;
	int count, room;
};
void shuffled_end_line(struct shuffled *s, int entity); /* what was put into text is a line */
/* In any order, each behind an id (@prefix and its number); and the truth for @source. No prefix:
 * the lines alone. */
void shuffled_write(struct shuffled *s, struct random *r, const char *prefix, const char *source,
		    FILE *out, FILE *truth);

/* A date of birth between two years. */
void crowd_birth(struct random *r, char iso[11], int from, int to);

/* Vocabularies of English names; a struct zipf each. */
struct zipf;
void crowd_surnames(struct zipf *z, struct random *r, int count);
void crowd_given_names(struct zipf *z, struct random *r, int count, bool is_female);
void crowd_streets(struct zipf *z, struct random *r, int count);
void crowd_towns(struct zipf *z, struct random *r, int count);

/* What else a given name is called, or NULL. */
const char *crowd_nickname(struct random *r, const char *name);

#endif
