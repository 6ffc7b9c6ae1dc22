/*
 * pattern.h - comparison patterns: the levels of all comparisons of a pair, four
 * bits each, counted together with the rules that found the pair.
 *
 * A few thousand of them stand for millions of pairs: what is learned and
 * weighed, is learned and weighed once for each.
 */
#ifndef RECONCILE_PATTERN_H
#define RECONCILE_PATTERN_H

#include "reconcile/rows.h"

static inline unsigned pattern_code(uint64_t pattern, unsigned comparison)
{
	return pattern >> 4 * comparison & 15;
}

struct pattern {
	uint64_t levels;
	uint32_t rules;  /* bits of those that find such a pair */
	uint32_t number; /* in the order of patterns, once they are ordered */
	uint64_t count;
};

/* All-zero is empty. */
struct patterns {
	struct pattern *at;
	size_t count, room;
	uint32_t *slots;
	size_t slot_room;
};

/* The place of the pattern in @patterns; counted @times more often. */
uint32_t patterns_add(struct patterns *patterns, uint64_t levels, uint32_t rules, uint64_t times);
/* Order them by levels and rules, whatever order they came in. */
void patterns_order(struct patterns *patterns);
void patterns_done(struct patterns *patterns);

struct companions;

/* How two records of one table compare. */
struct matcher {
	const struct rows *rows;
	unsigned count;
	const struct spec_comparison *comparisons;
	struct compare_plan plans[SPEC_COMPARISONS];
	bool equal_is_top[SPEC_COMPARISONS]; /* equal values need no look, if nothing in them is
						hidden */
	bool may_hide[SPEC_COMPARISONS];     /* something may be */
	const struct companions *companions; /* NULL: nobody is known to be linked yet */
};
void matcher_init(struct matcher *m, const struct rows *rows);
uint64_t matcher_pattern(const struct matcher *m, const uint32_t *a, const uint32_t *b);
/* Both have the same values, with nothing hidden: the strictest level. */
bool matcher_is_equal(const struct matcher *m, unsigned comparison, const uint32_t *a,
		      const uint32_t *b);
unsigned matcher_code(const struct matcher *m, unsigned comparison, const uint32_t *a,
		      const uint32_t *b);

#endif
