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

/*
 * Can they reach it at all? Told from what their values know of the texts: how long they are,
 * which letters occur, how they begin. Where it says no, the measure would say no.
 */
bool similar_may_reach_jaro(const struct value *a, const struct value *b, double least,
			    bool is_winkler);
bool similar_may_be_edits(const struct value *a, const struct value *b, unsigned most);

/* Jaccard of the sets of pieces of two characters, 0 … 1. A single character is its own piece. */
double similar_bigrams(const struct value *a, const struct value *b);

/* Characters that both begin with. */
unsigned similar_prefix(const struct value *a, const struct value *b);

#endif
