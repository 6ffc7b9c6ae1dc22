/*
 * zipf.h - a vocabulary in which few words are common and many are rare.
 *
 * Word k is drawn with a weight of 1 / (k + 2)^s: names, streets and trades of
 * a real register lie on such a line.
 */
#ifndef SIM_ZIPF_H
#define SIM_ZIPF_H

#include "sim/common/random.h"

struct zipf {
	const char *const *first; /* the common ones, as they are known */
	int first_count, count;
	double *sums;
	char (*rest)[32]; /* those behind, made of @heads and @tails */
};

/* @count words: @first, then made of parts: a head, perhaps a middle, a tail. */
void zipf_init(struct zipf *z, struct random *r, double s, int count, const char *const *first,
	       int first_count, const char *const *heads, int head_count, const char *const *tails,
	       int tail_count);
void zipf_done(struct zipf *z);
int zipf_draw(const struct zipf *z, struct random *r);
const char *zipf_word(const struct zipf *z, int i);

#endif
