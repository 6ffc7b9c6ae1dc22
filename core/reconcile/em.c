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
#define ALL_STRANGERS 0.05 /* of the pairs: how much u of all counts beside u under a key */
#define MOVED_MOST 0.5
#define PRIOR_HITS 0.5 /* half a pair for each level: what was not seen is rare, not impossible */

struct sums {
	double m[SPEC_COMPARISONS][LEVELS_MOST], kin[SPEC_COMPARISONS][LEVELS_MOST],
		u[SPEC_COMPARISONS][LEVELS_MOST];
	double match, kins, all, squares, stay;
};

/*
 * Who has moved has another address and another phone: not one surprise after the other, but
 * one. So matches are of two sorts, and in those who moved what a household shares is as in
 * strangers.
 */
struct ratio odds_ratio(const struct link_spec *spec, const struct odds *odds, double moved,
			uint64_t levels)
{
	struct ratio ratio = { 1, 1, 1 };
	double home = 1, all;

	for (unsigned c = 0; c < spec->comparison_count; c++, levels >>= 4) {
		unsigned code = levels & 15;

		if (!code)
			continue;
		*(is_home(&spec->comparisons[c]) ? &home : &ratio.match) *=
			odds[c].m[code] / odds[c].u[code];
		ratio.kin *= odds[c].kin[code] / odds[c].u[code];
	}
	all = (1 - moved) * home + moved;
	ratio.match *= all;
	ratio.stay = (1 - moved) * home / all;
	return ratio;
}

/* A whole name: who of a household has the same, has it as strangers do. */
static bool is_whole(const struct spec_comparison *c, unsigned code)
{
	if (code < 2)
		return false;
	switch (c->how.levels[c->how.count + 1 - code].measure) {
	case MEASURE_EXACT:
	case MEASURE_PINYIN:
	case MEASURE_SOUND:
	case MEASURE_ALIKE:
	case MEASURE_NAME_CORE:
	case MEASURE_NAME_ORDER:
		return c->how.columns == 1 ||
		       c->how.levels[c->how.count + 1 - code].side >= SIDE_BOTH;
	default:
		return code == c->codes - 1;
	}
}

void odds_settle_kin(const struct spec_comparison *c, struct odds *odds)
{
	double weak = 0, whole = 0;

	if (c->kin == KIN_UNRELATED)
		memcpy(odds->kin, odds->u, sizeof(odds->kin));
	if (c->kin != KIN_WEAK)
		return;
	for (unsigned code = 1; code < c->codes; code++)
		*(is_whole(c, code) ? &whole : &weak) +=
			is_whole(c, code) ? odds->u[code] : odds->kin[code];
	for (unsigned code = 1; code < c->codes; code++)
		odds->kin[code] = is_whole(c, code) ? odds->u[code]
				  : weak > 0        ? odds->kin[code] * (1 - whole) / weak
						    : 0;
}

/* Whether a pair that has the stricter level would have the weaker one too. */
static bool are_of_a_kind(const struct spec_comparison *c, unsigned weaker)
{
	const struct compare_level *level = &c->how.levels[c->how.count + 1 - weaker];

	if (weaker < 2)
		return true;
	return level[-1].side == level->side &&
	       (level[-1].measure == level->measure || level[-1].measure == MEASURE_EXACT);
}

/* Pool adjacent violators. */
void odds_order(const struct spec_comparison *c, struct odds *odds)
{
	struct pool {
		double m, u;
		unsigned first;
	} pools[LEVELS_MOST];
	unsigned count = 0;

	for (unsigned code = 1; code < c->codes; code++) {
		pools[count++] = (struct pool){ odds->m[code], odds->u[code], code };
		while (count > 1 && are_of_a_kind(c, pools[count - 1].first - 1) &&
		       pools[count - 1].m * pools[count - 2].u <
			       pools[count - 2].m * pools[count - 1].u) {
			pools[count - 2].m += pools[count - 1].m;
			pools[count - 2].u += pools[count - 1].u;
			count--;
		}
	}
	for (unsigned i = 0; i < count; i++)
		for (unsigned code = pools[i].first;
		     code < (i + 1 < count ? pools[i + 1].first : c->codes); code++)
			if (c->fixed.m[code] < 0)
				odds->m[code] = odds->u[code] * pools[i].m / pools[i].u;
}

/* How much more likely a pattern is in strangers that share this key than in any. */
static double ratio_here(const struct em *em, uint64_t levels)
{
	double ratio = 1;

	for (unsigned c = 0; c < em->spec->comparison_count; c++, levels >>= 4)
		if (levels & 15)
			ratio *= em->here[c][levels & 15] / em->odds[c].u[levels & 15];
	return ratio;
}

static void expect(const struct em *em, const struct pattern *p, struct sums *sums)
{
	struct ratio ratio = odds_ratio(em->spec, em->odds, em->moved, p->levels);
	double match = em->match * ratio.match;
	double kin = em->kin * ratio.kin;
	double other = (1 - em->match - em->kin) * ratio_here(em, p->levels);
	double all = match + kin + other, count = (double)p->count;
	uint64_t levels = p->levels;

	match /= all;
	kin /= all;
	other /= all;
	sums->match += count * match;
	sums->kins += count * kin;
	sums->squares += count * match * match;
	sums->all += count;
	sums->stay += count * match * ratio.stay;
	for (unsigned c = 0; c < em->spec->comparison_count; c++, levels >>= 4) {
		bool stays = is_home(&em->spec->comparisons[c]);

		sums->m[c][levels & 15] += count * match * (stays ? ratio.stay : 1);
		sums->kin[c][levels & 15] += count * kin;
		sums->u[c][levels & 15] += count * other;
	}
}

/* Who shares a name shares the sex, a stranger too: what strangers have in common under a key is
 * seen there. It takes many of them to leave what is common to all. */
static void believe_here(struct em *em, unsigned c, const double *sums, double all)
{
	const struct spec_comparison *about = &em->spec->comparisons[c];
	double weight = ALL_STRANGERS * all, total = weight;

	for (unsigned code = 1; code < about->codes; code++)
		total += sums[code];
	for (unsigned code = 1; code < about->codes; code++)
		em->here[c][code] = (sums[code] + weight * em->odds[c].u[code]) / total;
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

void odds_learn_kin(const struct spec_comparison *c, struct odds *odds, const double *seen)
{
	believe(odds->kin, seen, c->fixed.kin, c->codes);
	odds_settle_kin(c, odds);
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
		believe_here(em, c, sums->u[c], sums->all);
		if (em->spec->has_kin)
			odds_learn_kin(about, &em->odds[c], sums->kin[c]);
	}
	em->match = (sums->match + 1e-6) / (sums->all + 1);
	em->kin = em->spec->has_kin ? (sums->kins + 1e-6) / (sums->all + 1) : 0;
	if (em->learns_moved)
		em->moved = fmin(1 - (sums->stay + PRIOR_HITS) / (sums->match + 2 * PRIOR_HITS),
				 MOVED_MOST);
	em->weight = sums->squares;
	return change;
}

void em_run(struct em *em, const struct pattern *patterns, size_t count)
{
	struct sums *sums = memory_take(sizeof(*sums));

	em->is_settled = false;
	for (unsigned c = 0; c < em->spec->comparison_count; c++)
		memcpy(em->here[c], em->odds[c].u, sizeof(em->here[c]));
	for (unsigned i = 0; i < ITERATIONS && !em->is_settled; i++) {
		memset(sums, 0, sizeof(*sums));
		for (size_t p = 0; p < count; p++)
			expect(em, &patterns[p], sums);
		em->is_settled = maximise(em, sums) < SETTLED;
	}
	free(sums);
}
