/*
 * pairs.h - every pair that a rule finds, once, with its pattern.
 */
#ifndef RECONCILE_PAIRS_H
#define RECONCILE_PAIRS_H

#include "base/spill.h"
#include "reconcile/block.h"
#include "reconcile/pattern.h"

struct pair {
	uint32_t a, b; /* a < b, in the order of records */
	uint32_t pattern;
};

struct pairs {
	struct pair *at; /* in store */
	struct spill store;
	size_t count;
	size_t blocked; /* of them, those that rules found; behind them what companions led to */
	struct patterns patterns;
	uint64_t found[SPEC_RULES]; /* pairs that the rule finds */
	uint64_t first[SPEC_RULES]; /* and no earlier rule */
};

/* May the two be a pair at all: of one source, of two? */
struct pairing_rule {
	bool within, between;
};
struct pairing_rule pairing_of(const struct rows *rows);
static inline bool may_pair(struct pairing_rule p, const struct row_name *a,
			    const struct row_name *b)
{
	return a->source == b->source ? p.within : p.between;
}

/* All pairs, in the order of rule, key and record. In a file, if with them the process would have
 * more than @memory bytes; 0: any number. */
void pairs_find(struct pairs *pairs, const struct blocks *blocks, const struct matcher *matcher,
		size_t memory);
void pairs_add(struct pairs *pairs, const struct pair *pair);
/* Who walks through all pairs does it in steps, and says which ones are behind him. */
#define PAIRS_STEP 32768
static inline void pairs_pass(const struct pairs *pairs, size_t begin, size_t end)
{
	spill_pass(&pairs->store, begin * sizeof(*pairs->at), end * sizeof(*pairs->at));
}
void pairs_done(struct pairs *pairs);

#endif
