/*
 * form_narrative.c - what happened, as a set of pieces.
 *
 * A piece is two neighbouring Chinese characters, or a word or number of other
 * scripts; punctuation ends a piece. The set is what is compared, so the order
 * of sentences does not matter.
 */
#include "reconcile/make.h"

#include <stdlib.h>

#include <unicode/uchar.h>

#include "base/hash.h"
#include "base/utf8.h"

#define PIECES 4096

struct pieces {
	uint64_t items[PIECES];
	uint32_t count;
};

static void add(struct pieces *p, const char *at, size_t len)
{
	if (p->count < PIECES)
		p->items[p->count++] = hash_bytes(at, len, 1);
}

static void cut_pieces(struct pieces *p, struct cb_text text)
{
	const char *at = text.at, *end = at + text.len, *before = NULL;

	while (at < end) {
		const char *start = at;
		uint32_t c = utf8_next(&at, end);

		if (han_is(c)) {
			if (before)
				add(p, before, (size_t)(at - before));
			before = start;
			continue;
		}
		before = NULL;
		if (!u_isalnum((UChar32)c))
			continue;
		for (const char *next = at; next < end; at = next) {
			c = utf8_next(&next, end);
			if (han_is(c) || !u_isalnum((UChar32)c))
				break;
		}
		add(p, start, (size_t)(at - start));
	}
}

void make_narrative(struct maker *m, struct cb_text text)
{
	struct pieces *pieces = memory_take(sizeof(*pieces));
	struct value_set *set;
	uint32_t count;

	text = make_fold(m, text);
	if (!make_is_nothing(text))
		cut_pieces(pieces, text);
	count = make_set(pieces->items, pieces->count);
	if (count) {
		set = arena_take(m->arena, sizeof(*set) + count * sizeof(*set->items));
		set->count = count;
		memcpy(set->items, pieces->items, count * sizeof(*set->items));
		make_put(m, text);
		m->value->set = set;
	}
	free(pieces);
}
