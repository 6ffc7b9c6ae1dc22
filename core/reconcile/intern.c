/*
 * intern.c - open addressing over the texts' hashes, at most half full.
 */
#include "reconcile/intern.h"

#include <stdlib.h>

#define SLOTS_LEAST 1024
#define TEXTS_BLOCK 65536

const char *texts_keep(struct texts *texts, struct cb_text text)
{
	char *copy;

	if (text.len > texts->left) {
		texts->left = text.len > TEXTS_BLOCK ? text.len : TEXTS_BLOCK;
		texts->at = arena_take(&texts->arena, texts->left);
	}
	copy = texts->at;
	texts->at += text.len;
	texts->left -= text.len;
	return text.len ? memcpy(copy, text.at, text.len) : "";
}

void texts_done(struct texts *texts)
{
	arena_done(&texts->arena);
	*texts = (struct texts){ 0 };
}

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
	texts_done(&terms->texts);
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

/* Where it is, or would be. */
static inline struct term_slot *slot_of(const struct terms *terms, const char *at, uint32_t len,
					uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32);
	size_t mask = terms->slot_room - 1;
	struct term_slot *slot = &terms->slots[hash & mask];

	while (slot->id && !(slot->tag == tag && is_term(&terms->at[slot->id], at, len)))
		slot = slot == &terms->slots[mask] ? terms->slots : slot + 1;
	return slot;
}

uint32_t terms_find(const struct terms *terms, const char *at, uint32_t len, uint64_t hash)
{
	return len ? slot_of(terms, at, len, hash)->id : 0;
}

uint32_t terms_add(struct terms *terms, const char *at, uint32_t len, uint64_t hash, uint32_t times)
{
	struct term_slot *slot;

	if (!len) {
		terms->at[0].count += times;
		return 0;
	}
	if ((size_t)terms->count * 2 > terms->slot_room)
		widen(terms);
	slot = slot_of(terms, at, len, hash);
	if (!slot->id) {
		*slot = (struct term_slot){ (uint32_t)(hash >> 32), terms->count };
		memory_grow(&terms->at, terms->count, &terms->room, sizeof(*terms->at));
		at = texts_keep(&terms->texts, (struct cb_text){ at, len });
		terms->at[terms->count++] = (struct term){ at, len, 0, hash };
	}
	terms->at[slot->id].count += times;
	return slot->id;
}
