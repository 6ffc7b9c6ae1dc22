/*
 * intern.h - a number for each distinct text of a column.
 *
 * What depends on one text alone is then done once for each distinct text, and
 * two cells are equal where their numbers are. Number 0 is the empty text.
 */
#ifndef RECONCILE_INTERN_H
#define RECONCILE_INTERN_H

#include <casebridge/text.h>

struct term {
	const char *at; /* borrowed */
	uint32_t len;
	uint32_t count; /* cells that say it */
	uint64_t hash;
};

struct terms {
	struct term *at;
	uint32_t count;
	size_t room;
	struct term_slot {
		uint32_t tag, id; /* tag: the upper half of the hash; id 0: free */
	} * slots;
	size_t slot_room; /* a power of two */
};

/* With room for so many different texts; more are no harm. */
void terms_init(struct terms *terms, size_t expected);
void terms_done(struct terms *terms);

/* The number of the text, which is counted @times more often. Its hash is the caller's business,
 * and the same for the same text. */
uint32_t terms_add(struct terms *terms, const char *at, uint32_t len, uint64_t hash,
		   uint32_t times);

/* Ask for the slot of @hash ahead of time: in a large table, finding it is waiting for memory. */
static inline void terms_await(const struct terms *terms, uint64_t hash)
{
	__builtin_prefetch(&terms->slots[hash & (terms->slot_room - 1)]);
}

#endif
