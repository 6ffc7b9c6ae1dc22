/*
 * em.c - Fellegi-Sunter parameters without labels.
 *
 * Each iteration asks of every pattern how likely it is a match (or kin) under
 * what is believed, and then believes what those answers, weighted by the counts,
 * say. The sums go over the patterns in their order, so that the last bit is the same
 * for any number of threads. Its cost does not depend on the number of pairs.
 */
#include "reconcile/em.h"

#include <math.h>
#include <stdlib.h>

#define ITERATIONS 150
#define SETTLED 1e-4
#define PRIOR_HITS 0.5 /* half a pair for each level: what was not seen is rare, not impossible */

struct sums {
	double m[SPEC_COMPARISONS][LEVELS_MOST], kin[SPEC_COMPARISONS][LEVELS_MOST];
	double match, kins, all, squares;
};

struct ratio odds_ratio(const struct odds *odds, unsigned count, uint64_t levels)
{
	struct ratio ratio = { 1, 1 };

	for (unsigned c = 0; c < count; c++, levels >>= 4) {
		unsigned code = levels & 15;

		if (!code)
			continue;
		ratio.match *= odds[c].m[code] / odds[c].u[code];
		ratio.kin *= odds[c].kin[code] / odds[c].u[code];
	}
	return ratio;
}

void odds_settle_kin(const struct spec_comparison *c, struct odds *odds)
{
	unsigned top = c->codes - 1;
	double weak = 0;

	if (c->kin == KIN_UNRELATED) {
		memcpy(odds->kin, odds->u, sizeof(odds->kin));
	} else if (c->kin == KIN_WEAK) {
		for (unsigned code = 1; code < top; code++)
			weak += odds->kin[code];
		for (unsigned code = 1; code < top; code++)
			odds->kin[code] *= weak > 0 ? (1 - odds->u[top]) / weak : 0;
		odds->kin[top] = odds->u[top];
	}
}

static void expect(const struct em *em, const struct pattern *p, struct sums *sums)
{
	struct ratio ratio = odds_ratio(em->odds, em->spec->comparison_count, p->levels);
	double match = em->match * ratio.match;
	double kin = em->kin * ratio.kin;
	double all = match + kin + (1 - em->match - em->kin), count = (double)p->count;
	uint64_t levels = p->levels;

	match /= all;
	kin /= all;
	sums->match += count * match;
	sums->kins += count * kin;
	sums->squares += count * match * match;
	sums->all += count;
	for (unsigned c = 0; c < em->spec->comparison_count; c++, levels >>= 4) {
		sums->m[c][levels & 15] += count * match;
		sums->kin[c][levels & 15] += count * kin;
	}
}

/* New odds from the sums; the largest change. */
static double believe(double *odds, const double *sums, const double *fixed, unsigned codes)
{
	double all = 0, change = 0;

	for (unsigned code = 1; code < codes; code++)
		all += sums[code] + PRIOR_HITS;
	for (unsigned code = 1; code < codes; code++) {
		double now = (sums[code] + PRIOR_HITS) / all;

		if (fixed[code] >= 0)
			now = fixed[code];
		change = fmax(change, fabs(now - odds[code]));
		odds[code] = now;
	}
	return change;
}

static double maximise(struct em *em, const struct sums *sums)
{
	double change = 0;

	for (unsigned c = 0; c < em->spec->comparison_count; c++) {
		const struct spec_comparison *about = &em->spec->comparisons[c];

		if (em->held_out >> c & 1)
			continue;
		change = fmax(change,
			      believe(em->odds[c].m, sums->m[c], about->fixed.m, about->codes));
		if (!em->spec->has_kin)
			continue;
		believe(em->odds[c].kin, sums->kin[c], about->fixed.kin, about->codes);
		odds_settle_kin(about, &em->odds[c]);
	}
	em->match = (sums->match + 1e-6) / (sums->all + 1);
	em->kin = em->spec->has_kin ? (sums->kins + 1e-6) / (sums->all + 1) : 0;
	em->weight = sums->squares;
	return change;
}

void em_run(struct em *em, const struct pattern *patterns, size_t count)
{
	struct sums *sums = memory_take(sizeof(*sums));

	em->is_settled = false;
	for (unsigned i = 0; i < ITERATIONS && !em->is_settled; i++) {
		memset(sums, 0, sizeof(*sums));
		for (size_t p = 0; p < count; p++)
			expect(em, &patterns[p], sums);
		em->is_settled = maximise(em, sums) < SETTLED;
	}
	free(sums);
}
