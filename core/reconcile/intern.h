/*
 * intern.h - a number for each distinct text of a column.
 *
 * What depends on one text alone is then done once for each distinct text, and
 * two cells are equal where their numbers are. Number 0 is the empty text.
 */
#ifndef RECONCILE_INTERN_H
#define RECONCILE_INTERN_H

#include "base/memory.h"

/* Texts one behind the other: what is looked for together lies together. All-zero is empty. */
struct texts {
	struct arena arena;
	char *at;
	size_t left;
};
const char *texts_keep(struct texts *texts, struct cb_text text);
void texts_done(struct texts *texts);

struct term {
	const char *at; /* in texts */
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
	struct texts texts;
};

/* With room for so many different texts; more are no harm. */
void terms_init(struct terms *terms, size_t expected);
void terms_done(struct terms *terms);

/* The number of the text, which is counted @times more often. Its hash is the caller's business,
 * and the same for the same text. */
uint32_t terms_add(struct terms *terms, const char *at, uint32_t len, uint64_t hash,
		   uint32_t times);
/* Its number, or 0. */
uint32_t terms_find(const struct terms *terms, const char *at, uint32_t len, uint64_t hash);

/*
 * In a large table, finding a text is waiting for memory, three times over: for the slot, for the
 * term and for its text. So each is asked for ahead of time, and when its turn comes the next one
 * is known: call them in that order, some texts apart.
 */
static inline void terms_await_slot(const struct terms *terms, uint64_t hash)
{
	__builtin_prefetch(&terms->slots[hash & (terms->slot_room - 1)]);
}

static inline void terms_await_term(const struct terms *terms, uint64_t hash)
{
	__builtin_prefetch(&terms->at[terms->slots[hash & (terms->slot_room - 1)].id]);
}

static inline void terms_await_text(const struct terms *terms, uint64_t hash)
{
	__builtin_prefetch(terms->at[terms->slots[hash & (terms->slot_room - 1)].id].at);
}

#endif
