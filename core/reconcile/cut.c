/*
 * cut.c - expected true pairs, by weight.
 *
 * The sum of the posteriors above a cut is how many true pairs to expect there,
 * and the sum of all of them how many there are: expected precision, recall and F1
 * follow for every cut. Pairs are counted in narrow bins, so that the sums have one
 * order.
 */
#include "reconcile/cut.h"

#define BINS_A_BIT 64

double scale_weight(unsigned bin)
{
	return ((double)bin - SCALE_BINS / 2.0) / BINS_A_BIT;
}

unsigned scale_bin(double weight)
{
	double bin = floor(weight * BINS_A_BIT) + SCALE_BINS / 2.0;

	return bin < 0 ? 0 : bin > SCALE_BINS - 1 ? SCALE_BINS - 1 : (unsigned)bin;
}

void scale_add(struct scale *scale, double weight, uint64_t times)
{
	scale->bins[scale_bin(weight)] += times;
}

static double middle_probability(unsigned bin)
{
	return probability_of_weight(scale_weight(bin) + 0.5 / BINS_A_BIT);
}

static double all_true(const struct scale *scale)
{
	double all = 0;

	for (unsigned bin = 0; bin < SCALE_BINS; bin++)
		all += (double)scale->bins[bin] * middle_probability(bin);
	return all;
}

static struct cut expect(double weight, double found, double right, double all)
{
	struct cut cut = { .weight = weight };

	cut.precision = found > 0 ? right / found : 1;
	cut.recall = all > 0 ? right / all : 1;
	cut.f1 = found + all > 0 ? 2 * right / (found + all) : 1;
	return cut;
}

struct cut cut_choose(const struct scale *scale, double precision)
{
	double all = all_true(scale), found = 0, right = 0;
	struct cut best = { .weight = INFINITY, .precision = 1 };

	for (unsigned bin = SCALE_BINS; bin-- > 0;) {
		struct cut cut;

		if (!scale->bins[bin])
			continue;
		found += (double)scale->bins[bin];
		right += (double)scale->bins[bin] * middle_probability(bin);
		cut = expect(scale_weight(bin), found, right, all);
		if (precision > 0 ? cut.precision >= precision : cut.f1 >= best.f1)
			best = cut;
	}
	/* Any cut between the last pair taken and the first one left is the same for these pairs; a
	 * pair is worth taking from half of the F1 on, whatever pairs are at hand. */
	if (precision <= 0 && best.f1 > 0)
		best.weight = fmin(best.weight, weight_of_probability(best.f1 / 2));
	return best;
}

struct cut cut_expect(const struct scale *scale, double weight)
{
	double found = 0, right = 0;

	for (unsigned bin = SCALE_BINS; bin-- > 0 && scale_weight(bin) >= weight;) {
		found += (double)scale->bins[bin];
		right += (double)scale->bins[bin] * middle_probability(bin);
	}
	return expect(weight, found, right, all_true(scale));
}
