/*
 * companion.h - who else stands with the two: the other parties of two cases, the other
 * passengers of two tickets.
 *
 * Two records whose companions are the same people are likely the same themselves,
 * whatever little they say. So once all pairs are weighed, places (the values of a column) that
 * share somebody are known; their other records are compared too, though no rule found them, and
 * a comparison says how many companions two records have in common.
 */
#ifndef RECONCILE_COMPANION_H
#define RECONCILE_COMPANION_H

#include "reconcile/weigh.h"

#define COMPANIONS_MOST 24 /* records of a place: what more share is no company */

struct companion_link { /* a pair that is linked, by the two places where it stands */
	uint64_t places;
	uint32_t a, b; /* a stands at the lesser place */
};

struct companions {
	const struct rows *rows;
	unsigned comparison, column;
	struct companion_link *links; /* in order of places, a, b */
	size_t count;
	uint32_t *slots; /* hash of places to their first link, and one */
	size_t slot_room;
};

/* Which pairs are linked, as they are weighed now. */
void companions_make(struct companions *c, const struct pairs *pairs, const struct weights *weights,
		     const struct matcher *matcher);
void companions_done(struct companions *c);

/* The code of the level of two records. */
unsigned companions_code(const struct companions *c, uint32_t a, uint32_t b);

/* Say it in the patterns of all pairs. */
void companions_say(const struct companions *c, struct pairs *pairs);

/* How matches, kin and strangers agree in it. The pairs that rules found, as the other comparisons
 * weigh them, are what matches and kin are. */
void companions_learn(const struct companions *c, const struct pairs *pairs,
		      const struct weigher *w, struct params *params);

/* Behind the pairs that rules found: records of places that share somebody, if they weigh enough
 * to be worth a look. What was there is forgotten. To be followed by companions_say. */
void companions_add(const struct companions *c, const struct blocks *blocks,
		    const struct weigher *w, struct pairs *pairs);
/* Is the pair one of those? */
bool companions_met(const struct pairs *pairs, uint32_t a, uint32_t b);

#endif
