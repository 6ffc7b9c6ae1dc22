/*
 * cut.h - where to cut: from the posteriors, without labels.
 */
#ifndef RECONCILE_CUT_H
#define RECONCILE_CUT_H

#include "reconcile/weigh.h"

#define SCALE_BINS 8192 /* of 1/64 bit, from -64 to 64 */

/* Pairs counted by weight. */
struct scale {
	uint64_t bins[SCALE_BINS];
};
unsigned scale_bin(double weight);
double scale_weight(unsigned bin); /* the least in it */
void scale_add(struct scale *scale, double weight, uint64_t times);

struct cut {
	double weight;                /* link from here on */
	double precision, recall, f1; /* as expected */
};
/* The cut with the largest expected F1; with @precision above 0, the lowest that is expected to
 * have it. */
struct cut cut_choose(const struct scale *scale, double precision);
/* What to expect of a given one. */
struct cut cut_expect(const struct scale *scale, double weight);

#endif
