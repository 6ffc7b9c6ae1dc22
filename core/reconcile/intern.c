/*
 * intern.c - open addressing over the texts' hashes, at most half full.
 */
#include "reconcile/intern.h"

#include <stdlib.h>

#include "base/memory.h"

#define SLOTS_LEAST 1024

void terms_init(struct terms *terms, size_t expected)
{
	*terms = (struct terms){ .slot_room = SLOTS_LEAST, .room = expected + 2 };
	while (terms->slot_room < expected * 2 + 2)
		terms->slot_room *= 2;
	terms->slots = memory_take(terms->slot_room * sizeof(*terms->slots));
	terms->at = memory_take(terms->room * sizeof(*terms->at));
	terms->at[0] = (struct term){ .at = "" };
	terms->count = 1;
}

void terms_done(struct terms *terms)
{
	free(terms->at);
	free(terms->slots);
	*terms = (struct terms){ 0 };
}

static void widen(struct terms *terms)
{
	size_t room = terms->slot_room * 4;

	free(terms->slots);
	terms->slots = memory_take(room * sizeof(*terms->slots));
	terms->slot_room = room;
	for (uint32_t id = 1; id < terms->count; id++) {
		uint64_t hash = terms->at[id].hash;
		size_t at = hash & (room - 1);

		while (terms->slots[at].id)
			at = (at + 1) & (room - 1);
		terms->slots[at] = (struct term_slot){ (uint32_t)(hash >> 32), id };
	}
}

static bool is_term(const struct term *term, const char *at, uint32_t len)
{
	return term->len == len && memcmp(term->at, at, len) == 0;
}

uint32_t terms_add(struct terms *terms, const char *at, uint32_t len, uint64_t hash, uint32_t times)
{
	uint32_t tag = (uint32_t)(hash >> 32);
	struct term_slot *slot;
	size_t mask;

	if (!len) {
		terms->at[0].count += times;
		return 0;
	}
	if ((size_t)terms->count * 2 > terms->slot_room)
		widen(terms);
	mask = terms->slot_room - 1;
	slot = &terms->slots[hash & mask];
	while (slot->id && !(slot->tag == tag && is_term(&terms->at[slot->id], at, len)))
		slot = slot == &terms->slots[mask] ? terms->slots : slot + 1;
	if (!slot->id) {
		*slot = (struct term_slot){ tag, terms->count };
		memory_grow(&terms->at, terms->count, &terms->room, sizeof(*terms->at));
		terms->at[terms->count++] = (struct term){ at, len, 0, hash };
	}
	terms->at[slot->id].count += times;
	return slot->id;
}
