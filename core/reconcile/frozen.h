/*
 * frozen.h - what a search learned beside the odds, so that others weigh by it what
 * it has never seen.
 *
 * How rare a value is, how many pairs there may be, and how blocks were split depend on all
 * records; frozen, they are what they were, and a pair has the same weight in any company.
 */
#ifndef RECONCILE_FROZEN_H
#define RECONCILE_FROZEN_H

#include "reconcile/linker.h"

struct frozen {
	enum pairing pairing;
	double possible;                /* as in linker.h */
	double usual[SPEC_COMPARISONS]; /* as in frequency.h */
	struct divisions divisions;
	struct params params;
	double cut; /* weight */
	/* How rare the value is, as frozen_rarity says it; 0: as is usual. */
	int (*rarity)(void *with, unsigned comparison, uint64_t value, int64_t *rarity,
		      struct cb_error *err);
	void *with;
};

/* Without what values say; divisions are borrowed. After linker_run. */
void frozen_from(struct frozen *frozen, const struct linker *linker);
/* The value of a record in a comparison, as rarity knows it; 0: missing. */
uint64_t frozen_value(const struct rows *rows, size_t record, unsigned comparison);
/* In one number: share and surname of a value in frequency.h; 0: as is usual. */
int64_t frozen_rarity(const struct frequency *frequency, unsigned comparison, uint32_t id);
/* How rare values are is taken from it, and not from the records. */
CB_CHECKED int frozen_frequency(const struct frozen *frozen, struct frequency *frequency,
				struct cb_error *err);

/* The keys of an index: those of different rules meet nowhere. */
uint64_t index_key(unsigned rule, uint64_t key);

/* As text, and back; CB_BROKEN. */
void frozen_write(const struct frozen *frozen, struct buffer *out);
CB_CHECKED int frozen_read(struct frozen *frozen, struct cb_text text, struct cb_error *err);

#endif
