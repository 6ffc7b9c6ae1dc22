/*
 * zipf.c - a vocabulary in which few words are common and many are rare.
 */
#include "sim/common/zipf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/common/text.h"

static void make_words(struct zipf *z, struct random *r, const char *const *heads, int head_count,
		       const char *const *tails, int tail_count)
{
	int i;

	for (i = 0; i < z->count - z->first_count; i++) {
		const char *middle = tails[random_below(r, tail_count)];

		if (!random_percent(r, 25) || strchr(middle, ' '))
			middle = "";
		snprintf(z->rest[i], sizeof(z->rest[i]), "%s%s%s",
			 heads[random_below(r, head_count)], middle,
			 tails[random_below(r, tail_count)]);
	}
}

void zipf_init(struct zipf *z, struct random *r, double s, int count, const char *const *first,
	       int first_count, const char *const *heads, int head_count, const char *const *tails,
	       int tail_count)
{
	double sum = 0;
	int i;

	z->first = first;
	z->first_count = first_count < count ? first_count : count;
	z->count = count;
	z->sums = malloc((size_t)count * sizeof(*z->sums));
	z->rest = calloc((size_t)(count - z->first_count) + 1, sizeof(*z->rest));
	if (!z->sums || !z->rest)
		die("out of memory");
	for (i = 0; i < count; i++)
		z->sums[i] = sum += pow(i + 2, -s);
	make_words(z, r, heads, head_count, tails, tail_count);
}

void zipf_done(struct zipf *z)
{
	free(z->sums);
	free(z->rest);
}

int zipf_draw(const struct zipf *z, struct random *r)
{
	double wanted = random_unit(r) * z->sums[z->count - 1];
	int low = 0, high = z->count - 1;

	while (low < high) {
		int middle = (low + high) / 2;

		if (z->sums[middle] > wanted)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const char *zipf_word(const struct zipf *z, int i)
{
	return i < z->first_count ? z->first[i] : z->rest[i - z->first_count];
}
