/*
 * weigh.h - the match weight of a pair: log2 of the odds that it is one.
 *
 * The sum of its parts: the prior, one for each comparison, one for a rare (or common)
 * value in it, and one for what a household explains. Its probability follows
 * from it alone.
 */
#ifndef RECONCILE_WEIGH_H
#define RECONCILE_WEIGH_H

#include <math.h>

#include "reconcile/frequency.h"

struct weigher {
	const struct params *params;
	const struct matcher *matcher;
	const struct frequency *frequency;
	const struct joints *joints;
	double rarest[SPEC_COMPARISONS]; /* log2 of the chance of equal values between strangers */
	double part[SPEC_COMPARISONS][LEVELS_MOST];     /* log2 m/u */
	double kin_part[SPEC_COMPARISONS][LEVELS_MOST]; /* log2 kin/u */
	double surprise[SPEC_COMPARISONS][LEVELS_MOST]; /* log2 m, less what is usual */
	double match, kin, other;                       /* log2 of the shares */
};

/* Parts that do not depend on the prior. */
struct evidence {
	double match, kin;
	double moved; /* of match: what speaks against it for one reason counts once */
};

void weigher_init(struct weigher *w, const struct params *params, const struct matcher *matcher,
		  const struct frequency *frequency);
void weigher_set_prior(struct weigher *w, double match, double kin);

/* What frequency adds in one comparison of that level; 0 where it does not count. */
double weigh_frequency(const struct weigher *w, unsigned comparison, unsigned code, uint32_t a,
		       uint32_t b);
struct evidence weigh_pair(const struct weigher *w, uint64_t levels, uint32_t a, uint32_t b);
/* What a household takes away from a match. */
double weigh_kin(const struct weigher *w, struct evidence e);
static inline double weigh_total(const struct weigher *w, struct evidence e)
{
	return w->match - w->other + e.match + weigh_kin(w, e);
}
double weight_of_probability(double probability);
static inline double probability_of_weight(double weight)
{
	return 1 / (1 + exp2(-weight));
}

/* The weight of any two records. @surprise: how much less alike they are than two that match
 * usually are, 0 or less, whatever strangers are; saying little is no surprise. */
double weigh_records(const struct weigher *w, uint32_t a, uint32_t b, double *surprise);

/* Of all pairs at once; the priors are fitted to them. */
struct weights {
	float *at;    /* by pair; in store */
	size_t count; /* pairs that have one: those that came later have none yet */
	struct spill store;
	double matches; /* expected among the pairs */
};
void weights_make(struct weights *weights, struct weigher *w, struct params *params,
		  const struct pairs *pairs, double possible, bool has_fixed_prior);
void weights_done(struct weights *weights);

/* Called for each pair by who walks through all of them: what is behind him may go. */
static inline void pairs_walked(const struct pairs *pairs, const struct weights *weights, size_t at)
{
	if (at == 0 || at % PAIRS_STEP)
		return;
	pairs_pass(pairs, at - PAIRS_STEP, at);
	spill_pass(&weights->store, (at - PAIRS_STEP) * sizeof(float), at * sizeof(float));
}

#endif
