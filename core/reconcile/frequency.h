/*
 * frequency.h - how many strangers have the same value: a name that nobody else has
 * says more than one that many share.
 */
#ifndef RECONCILE_FREQUENCY_H
#define RECONCILE_FREQUENCY_H

#include "reconcile/params.h"

struct frequency {
	const struct rows *rows;
	const struct joints *joints;
	/* By value, for comparisons that ask for it. Strangers of a record who have the value, as
	 * a share of those who have any: log2, in steps of FREQUENCY_STEP. */
	float *shares[SPEC_COMPARISONS];
	float usual[SPEC_COMPARISONS]; /* the same of a value of which no more is known */
	/* What it says beyond any shared surname that they share this one; NULL: no names. */
	float *surnames[SPEC_COMPARISONS];
	float *expected[SPEC_COMPARISONS]; /* strangers that a name of such parts has; NULL: any */
};
#define FREQUENCY_STEP (1.0F / 1024)

void frequency_init(struct frequency *frequency, const struct rows *rows,
		    const struct joints *joints);
void frequency_done(struct frequency *frequency);

/* Before anything is known of who matches: @own[comparison] matches of a record have its value, on
 * average. */
void frequency_guess(struct frequency *frequency, const double own[]);
/* What the weights say of who matches. */
struct weights;
void frequency_learn(struct frequency *frequency, const struct pairs *pairs,
		     const struct weights *weights);

#endif
