/*
 * em.h - expectation and maximisation over counted patterns.
 */
#ifndef RECONCILE_EM_H
#define RECONCILE_EM_H

#include "reconcile/params.h"

/* How much more likely a pattern is in matches, and in kin, than between strangers. */
struct ratio {
	double match, kin;
};
struct ratio odds_ratio(const struct odds *odds, unsigned count, uint64_t levels);

/* What kin say in a comparison; the weak levels of the top are the strangers'. */
void odds_settle_kin(const struct spec_comparison *c, struct odds *odds);

struct em {
	const struct link_spec *spec;
	uint32_t held_out; /* bits of comparisons */
	struct odds odds[SPEC_COMPARISONS];
	double match, kin; /* shares of the patterns' pairs */
	double weight;     /* how much it knows of matches: the sum of squared posteriors */
	bool is_settled;
};
/* m and the shares start from where they are, u stays. */
void em_run(struct em *em, const struct pattern *patterns, size_t count);

#endif
