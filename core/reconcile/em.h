/*
 * em.h - expectation and maximisation over counted patterns.
 */
#ifndef RECONCILE_EM_H
#define RECONCILE_EM_H

#include "reconcile/params.h"

/* How much more likely a pattern is in matches, and in kin, than between strangers. */
struct ratio {
	double match, kin;
	double stay; /* the part of the matches that did not move */
};
struct ratio odds_ratio(const struct link_spec *spec, const struct odds *odds, double moved,
			uint64_t levels);

/* How kin agree, from how many were seen at each level. */
void odds_learn_kin(const struct spec_comparison *c, struct odds *odds, const double *seen);

/* What kin have in common with strangers in a comparison: all of it, or its top. */
void odds_settle_kin(const struct spec_comparison *c, struct odds *odds);

/* A stricter level never says less for a match than a weaker one: levels that would are taken
 * together. */
void odds_order(const struct spec_comparison *c, struct odds *odds);

struct em {
	const struct link_spec *spec;
	uint32_t held_out; /* bits of comparisons */
	struct odds odds[SPEC_COMPARISONS];
	double here[SPEC_COMPARISONS][LEVELS_MOST]; /* u of strangers who share the rule's keys */
	double match, kin;                          /* shares of the patterns' pairs */
	double moved;                               /* share of the matches */
	bool learns_moved;
	double weight; /* how much it knows of matches: the sum of squared posteriors */
	bool is_settled;
};
/* All but u starts from where it is and changes. */
void em_run(struct em *em, const struct pattern *patterns, size_t count);

#endif
