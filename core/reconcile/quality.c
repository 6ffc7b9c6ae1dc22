/*
 * quality.c - precision, recall and F1 against what is known.
 */
#include <stdlib.h>

#include "reconcile/linker.h"

/* Pairs by weight, those that are true apart. */
struct counted {
	uint64_t all[SCALE_BINS], right[SCALE_BINS];
};

static struct link_quality quality(uint64_t found, uint64_t right, uint64_t all)
{
	struct link_quality q = { found, right, all, 0, 0, 0 };

	q.precision = found ? (double)right / (double)found : 1;
	q.recall = all ? (double)right / (double)all : 1;
	q.f1 = found + all ? 2.0 * (double)right / (double)(found + all) : 1;
	return q;
}

static bool is_known(const struct truth *truth, const struct pair *p)
{
	return truth->of[p->a] && truth->of[p->b];
}

static void count_pairs(const struct linker *linker, struct counted *counted)
{
	for (size_t i = 0; i < linker->pairs.count; i++) {
		const struct pair *p = &linker->pairs.at[i];
		unsigned at = scale_bin(linker->weights.at[i]);

		pairs_walked(&linker->pairs, &linker->weights, i);
		if (!is_known(&linker->truth, p) || is_never(&linker->rows, p->a, p->b))
			continue;
		counted->all[at]++;
		counted->right[at] += is_true_pair(&linker->truth, p->a, p->b);
	}
}

static void find_best(const struct linker *linker, struct link_result *out)
{
	struct counted *counted = memory_take(sizeof(*counted));
	uint64_t found = 0, right = 0;

	count_pairs(linker, counted);
	out->best.f1 = -1;
	for (unsigned bin = SCALE_BINS; bin-- > 0;) {
		struct link_quality q;

		found += counted->all[bin];
		right += counted->right[bin];
		q = quality(found, right, linker->truth.pairs);
		if (q.f1 > out->best.f1) {
			out->best = q;
			out->best_probability = probability_of_weight(scale_weight(bin));
		}
	}
	free(counted);
}

static void measure_cut(const struct linker *linker, struct link_result *out)
{
	uint64_t found = 0, right = 0;

	for (size_t i = 0; i < linker->pairs.count; i++) {
		const struct pair *p = &linker->pairs.at[i];

		pairs_walked(&linker->pairs, &linker->weights, i);
		if (linker->weights.at[i] < linker->cut.weight || !is_known(&linker->truth, p) ||
		    is_never(&linker->rows, p->a, p->b))
			continue;
		found++;
		right += is_true_pair(&linker->truth, p->a, p->b);
	}
	out->at_cut = quality(found, right, linker->truth.pairs);
}

static void measure_clusters(const struct linker *linker, struct link_result *out)
{
	size_t records = linker->rows.count;
	uint32_t *own = memory_take((records + 1) * sizeof(*own));
	struct radix_item *items = memory_take((records + 1) * sizeof(*items));
	uint64_t found, right;
	uint32_t number = 0;

	for (size_t i = 0; i < records; i++) {
		if (linker->truth.of[i])
			own[i] = linker->clusters.of[i] + 1;
		items[i] = (struct radix_item){ (uint64_t)own[i] << 32 | linker->truth.of[i],
						(uint32_t)i };
	}
	found = pairs_within(linker, own);
	radix_sort(items, records);
	/* Numbers for what is together in both. */
	for (size_t i = 0; i < records; i++) {
		number += i == 0 || items[i].key != items[i - 1].key;
		own[items[i].item] = linker->truth.of[items[i].item] ? number : 0;
	}
	right = pairs_within(linker, own);
	out->in_clusters = quality(found, right, linker->truth.pairs);
	free(own);
	free(items);
}

static void measure_rules(const struct linker *linker, struct link_result *out)
{
	for (size_t i = 0; i < linker->pairs.count; i++) {
		const struct pair *p = &linker->pairs.at[i];
		uint32_t rules = linker->pairs.patterns.at[p->pattern].rules;

		pairs_walked(&linker->pairs, &linker->weights, i);
		if (!is_true_pair(&linker->truth, p->a, p->b))
			continue;
		out->blocked++;
		if (!(rules & (rules - 1)))
			out->rules[__builtin_ctz(rules)].lost++;
		for (; rules; rules &= rules - 1)
			out->rules[__builtin_ctz(rules)].right++;
	}
}

void quality_measure(const struct linker *linker, struct link_result *out)
{
	out->has_truth = true;
	measure_cut(linker, out);
	find_best(linker, out);
	measure_clusters(linker, out);
	measure_rules(linker, out);
}

void linker_curve(const struct linker *linker,
		  void (*take)(void *with, const struct link_point *point), void *with)
{
	static const double steps[] = { 0.9999, 0.999, 0.99, 0.98, 0.95, 0.9, 0.8,  0.7,
					0.6,    0.5,   0.4,  0.3,  0.2,  0.1, 0.05, 0.01 };
	struct counted *counted = memory_take(sizeof(*counted));
	uint64_t found = 0, right = 0;
	unsigned bin = SCALE_BINS;

	count_pairs(linker, counted);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct link_point point = { .probability = steps[i],
					    .weight = weight_of_probability(steps[i]) };
		struct cut expected = cut_expect(&linker->scale, point.weight);

		while (bin > 0 && scale_weight(bin - 1) >= point.weight) {
			found += counted->all[--bin];
			right += counted->right[bin];
		}
		point.measured = quality(found, right, linker->truth.pairs);
		point.precision = expected.precision;
		point.recall = expected.recall;
		take(with, &point);
	}
	free(counted);
}
