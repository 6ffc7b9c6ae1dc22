/*
 * similar.h - how alike are two texts, letter by letter?
 *
 * On characters, never on bytes. Values are compared by their first
 * SIMILAR_MAX characters; all are symmetric.
 */
#ifndef RECONCILE_SIMILAR_H
#define RECONCILE_SIMILAR_H

#include "reconcile/form.h"

#define SIMILAR_MAX 1024

/* 0 … 1; two empty texts are 1. Winkler: up to four letters of a common prefix weigh a tenth of
 * what is missing each, where Jaro is above 0.7. */
double similar_jaro(const struct value *a, const struct value *b);
double similar_jaro_winkler(const struct value *a, const struct value *b);

/* Edits from one to the other, or any number above @limit if there are more than that. In damerau,
 * two neighbours that changed places are one edit, and no part is edited twice: the restricted
 * distance, also called optimal string alignment. */
unsigned similar_levenshtein(const struct value *a, const struct value *b, unsigned limit);
unsigned similar_damerau(const struct value *a, const struct value *b, unsigned limit);

/* Jaccard of the sets of pieces of two characters, 0 … 1. A single character is its own piece. */
double similar_bigrams(const struct value *a, const struct value *b);

/* Characters that both begin with. */
unsigned similar_prefix(const struct value *a, const struct value *b);

/*
 * Can they be as like as that at all? Told from what the values know of the texts: how long they
 * are, which letters occur, how they begin. Where it says no, the measure would say no.
 */

/* Bits that are set, without an instruction that some processors have not. */
static inline unsigned similar_bits(uint64_t x)
{
	x -= x >> 1 & UINT64_C(0x5555555555555555);
	x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
	x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* At least so many letters of a are not in b. */
static inline unsigned similar_strange(const struct value *a, const struct value *b)
{
	return similar_bits(a->letters & ~b->letters) + similar_bits(a->again & ~b->again);
}

static inline unsigned similar_length(const struct value *v)
{
	return v->length < SIMILAR_MAX ? v->length : SIMILAR_MAX;
}

/* What Jaro has to be for Winkler's to reach the bound: where nothing of the beginning is common,
 * one letter, or more. */
struct similar_bound {
	double jaro[3];
};

static inline struct similar_bound similar_bound(double least, bool is_winkler)
{
	struct similar_bound b = { { least, least, least } };

	if (is_winkler && least > 0.7) {
		b.jaro[1] = (least - 0.1) / 0.9;
		b.jaro[2] = (least - 0.4) / 0.6;
		for (unsigned i = 1; i < 3; i++)
			b.jaro[i] = b.jaro[i] < 0.7 ? 0.7 : b.jaro[i];
	}
	for (unsigned i = 0; i < 3; i++)
		b.jaro[i] -= 1e-9; /* as it is computed there */
	return b;
}

static inline bool similar_may_reach(const struct value *a, const struct value *b,
				     const struct similar_bound *bound)
{
	unsigned m = similar_length(a), n = similar_length(b);
	unsigned of_a = m - similar_strange(a, b), of_b = n - similar_strange(b, a);
	unsigned same = of_a < of_b ? of_a : of_b;
	unsigned begin = a->first[0] != b->first[0] ? 0 : a->first[1] != b->first[1] ? 1 : 2;

	/* (same / m + same / n + 1) / 3, without a division */
	return (double)(same * (m + n) + m * n) >= 3 * bound->jaro[begin] * (double)(m * n);
}

static inline bool similar_may_be_edits(const struct value *a, const struct value *b, unsigned most)
{
	unsigned m = similar_length(a), n = similar_length(b);

	return (m > n ? m - n : n - m) <= most && similar_strange(a, b) <= most &&
	       similar_strange(b, a) <= most;
}

#endif
