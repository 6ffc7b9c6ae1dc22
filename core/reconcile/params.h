/*
 * params.h - what was learned: how matches, people of one household and strangers
 * agree, and how many there are of each. (Fellegi and Sunter: m, u and the prior.)
 */
#ifndef RECONCILE_PARAMS_H
#define RECONCILE_PARAMS_H

#include "reconcile/pairs.h"

struct params {
	struct odds odds[SPEC_COMPARISONS];
	double matches_seen; /* the share of matches when values were called rare */
	double seen[SPEC_COMPARISONS][LEVELS_MOST];    /* u as measured, matches among them */
	double match, kin;                             /* shares of all pairs that may be formed */
	double moved;                                  /* share of the matches, see em.h */
	double equal[SPEC_COMPARISONS];                /* chance that strangers have equal values */
	bool is_unseen[SPEC_COMPARISONS][LEVELS_MOST]; /* a level that no pair had */
	bool is_settled[SPEC_RULES];                   /* training on the rule converged */
	bool is_trained[SPEC_RULES];
	bool is_learned[SPEC_COMPARISONS]; /* by at least one rule */
};

/* The values of a comparison as one column: of one, or of two together. */
struct joint {
	const uint32_t *ids; /* 0: missing */
	size_t stride;
	uint32_t *counts; /* records by id */
	uint32_t count;
	uint64_t present;
	const struct value *values; /* NULL: of two columns, and nothing hidden */
	uint32_t *own_ids;          /* NULL: those of the rows */
};

/* Something in it is hidden: it is not even equal to itself. */
static inline bool joint_hides(const struct joint *joint, uint32_t id)
{
	return joint->values && joint->values[id].is_partial;
}

struct joints {
	struct joint of[SPEC_COMPARISONS];
	unsigned count;
};
void joints_make(struct joints *joints, const struct rows *rows);
void joints_done(struct joints *joints);

/* Pairs that may be formed. */
double pairs_possible(const struct rows *rows);

/* u: equal values in closed form from their counts, the rest from random pairs. */
void params_strangers(struct params *p, const struct matcher *matcher, const struct joints *joints);

/* m, the household's share and the prior, from the counted patterns. @u stays but for what matches
 * had added to it. */
void params_train(struct params *p, const struct link_spec *spec, const struct patterns *patterns,
		  double possible);

/* u without what matches and kin, as many as are believed in now, have put into it. */
void params_clean_strangers(struct params *p, const struct link_spec *spec);

#endif
