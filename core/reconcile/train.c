/*
 * train.c - parameters from the patterns of all rules.
 *
 * Among the pairs of a rule, what its keys are made of agrees by construction and
 * teaches nothing: comparisons that look at those columns are held out there, and
 * learned from the other rules. What the rules teach is averaged by how many
 * matches each knows.
 *
 * Matches are among the random pairs that u was measured on; where values are
 * as good as unique, they are most of those that are equal. So u is measured again
 * without what matches (and kin) put in.
 */
#include <math.h>
#include <stdlib.h>

#include "reconcile/em.h"

#define ROUNDS 3
#define PRIOR_ITERATIONS 200
#define U_KEPT 0.001   /* at least this part of what was seen is chance */
#define PAIRS_LEAST 10 /* in a rule, to learn from */

struct training {
	struct params *params;
	const struct link_spec *spec;
	const struct patterns *patterns;
	double possible;
};

static void begin_odds(const struct spec_comparison *c, struct odds *odds)
{
	unsigned top = c->codes - 1;

	for (unsigned code = 1; code < c->codes; code++) {
		odds->m[code] = code == top ? 0.75 : code == 1 ? 0.1 : 0.15 / (top - 1.0);
		if (top == 1)
			odds->m[code] = 1;
		if (c->fixed.m[code] >= 0)
			odds->m[code] = c->fixed.m[code];
		if (c->fixed.u[code] >= 0)
			odds->u[code] = c->fixed.u[code];
		odds->kin[code] = c->fixed.kin[code] >= 0 ? c->fixed.kin[code] : odds->m[code];
	}
	odds_settle_kin(c, odds);
}

static uint32_t held_out(const struct link_spec *spec, const struct spec_rule *rule)
{
	uint32_t out = 0;

	for (unsigned c = 0; c < spec->comparison_count; c++)
		for (unsigned i = 0; i < spec->comparisons[c].how.columns; i++)
			for (unsigned k = 0; k < rule->count; k++)
				if (spec->columns[rule->keys[k].column].from ==
				    spec->columns[spec->comparisons[c].column[i]].from)
					out |= UINT32_C(1) << c;
	return out;
}

/* The patterns of pairs that @rule finds, without what is held out; -1: of all pairs. */
static void patterns_of(const struct training *t, int rule, uint32_t out, struct patterns *own)
{
	uint64_t kept = ~UINT64_C(0);

	for (unsigned c = 0; c < t->spec->comparison_count; c++)
		if (out >> c & 1)
			kept &= ~(UINT64_C(15) << 4 * c);
	for (size_t i = 0; i < t->patterns->count; i++) {
		const struct pattern *p = &t->patterns->at[i];

		if (rule < 0 || p->rules >> rule & 1)
			patterns_add(own, p->levels & kept, 0, p->count);
	}
	patterns_order(own);
}

static void start_em(const struct training *t, struct em *em, uint32_t out)
{
	*em = (struct em){ .spec = t->spec, .held_out = out, .match = 0.2 };
	em->kin = t->spec->has_kin ? 0.1 : 0;
	memcpy(em->odds, t->params->odds, sizeof(em->odds));
}

static void add_odds(const struct training *t, const struct em *em, struct odds *sum,
		     double *weights)
{
	for (unsigned c = 0; c < t->spec->comparison_count; c++) {
		if (em->held_out >> c & 1)
			continue;
		weights[c] += em->weight;
		for (unsigned code = 1; code < t->spec->comparisons[c].codes; code++) {
			sum[c].m[code] += em->weight * em->odds[c].m[code];
			sum[c].kin[code] += em->weight * em->odds[c].kin[code];
		}
	}
}

static void take_average(const struct training *t, const struct odds *sum, const double *weights)
{
	for (unsigned c = 0; c < t->spec->comparison_count; c++) {
		struct odds *odds = &t->params->odds[c];

		t->params->is_learned[c] = weights[c] > 0;
		for (unsigned code = 1; weights[c] > 0 && code < t->spec->comparisons[c].codes;
		     code++) {
			odds->m[code] = sum[c].m[code] / weights[c];
			odds->kin[code] = sum[c].kin[code] / weights[c];
		}
		odds_settle_kin(&t->spec->comparisons[c], odds);
	}
}

static void learn_from(const struct training *t, int rule, uint32_t out, struct odds *sum,
		       double *weights)
{
	struct patterns own = { 0 };
	struct em em;
	uint64_t pairs = 0;

	patterns_of(t, rule, out, &own);
	for (size_t i = 0; i < own.count; i++)
		pairs += own.at[i].count;
	start_em(t, &em, out);
	if (pairs >= PAIRS_LEAST) {
		em_run(&em, own.at, own.count);
		add_odds(t, &em, sum, weights);
		if (rule >= 0) {
			t->params->is_trained[rule] = true;
			t->params->is_settled[rule] = em.is_settled;
		}
	}
	patterns_done(&own);
}

static void learn(const struct training *t)
{
	struct odds *sum = memory_take(SPEC_COMPARISONS * sizeof(*sum));
	double weights[SPEC_COMPARISONS] = { 0 };
	uint32_t all = (uint32_t)((UINT64_C(1) << t->spec->comparison_count) - 1), missed = 0;

	for (unsigned r = 0; r < t->spec->rule_count; r++) {
		uint32_t out = held_out(t->spec, &t->spec->rules[r]);

		if (t->spec->rules[r].is_for_training && out != all)
			learn_from(t, (int)r, out, sum, weights);
	}
	for (unsigned c = 0; c < t->spec->comparison_count; c++)
		missed |= (uint32_t)(weights[c] <= 0) << c;
	/* No rule leaves it free: all pairs teach what nothing else does. */
	if (missed) {
		struct odds *own = memory_take(SPEC_COMPARISONS * sizeof(*own));
		double own_weights[SPEC_COMPARISONS] = { 0 };

		learn_from(t, -1, 0, own, own_weights);
		for (unsigned c = 0; c < t->spec->comparison_count; c++)
			if (missed >> c & 1) {
				sum[c] = own[c];
				weights[c] = own_weights[c];
			}
		free(own);
	}
	take_average(t, sum, weights);
	free(sum);
}

/* How many pairs of all are matches and kin: what the patterns add up to under itself. */
static void fit_prior(const struct training *t, const struct patterns *own)
{
	struct ratio *ratios = memory_take((own->count + 1) * sizeof(*ratios));
	double match = 0, kin = 0;

	for (size_t i = 0; i < own->count; i++) {
		ratios[i] =
			odds_ratio(t->params->odds, t->spec->comparison_count, own->at[i].levels);
		match += (double)own->at[i].count / t->possible / 4;
	}
	kin = t->spec->has_kin ? match : 0;
	for (unsigned n = 0; n < PRIOR_ITERATIONS; n++) {
		double matches = 0, kins = 0;

		for (size_t i = 0; i < own->count; i++) {
			double m = match * ratios[i].match, k = kin * ratios[i].kin;
			double all = m + k + (1 - match - kin);

			matches += (double)own->at[i].count * m / all;
			kins += (double)own->at[i].count * k / all;
		}
		matches = (matches + 1e-3) / t->possible;
		kins = t->spec->has_kin ? (kins + 1e-3) / t->possible : 0;
		if (fabs(matches - match) < 1e-6 * match && fabs(kins - kin) <= 1e-6 * kin)
			n = PRIOR_ITERATIONS;
		match = fmin(matches, 0.5);
		kin = fmin(kins, 0.4);
	}
	t->params->match = match;
	t->params->kin = kin;
	free(ratios);
}

void params_clean_strangers(struct params *p, const struct link_spec *spec)
{
	for (unsigned c = 0; c < spec->comparison_count; c++) {
		const struct spec_comparison *about = &spec->comparisons[c];
		struct odds *odds = &p->odds[c];
		double sum = 0;

		for (unsigned code = 1; code < about->codes; code++) {
			double seen = p->seen[c][code];
			double other = p->match * odds->m[code] + p->kin * odds->kin[code];

			odds->u[code] =
				fmax((seen - other) / (1 - p->match - p->kin), seen * U_KEPT);
			sum += odds->u[code];
		}
		for (unsigned code = 1; code < about->codes; code++)
			odds->u[code] = about->fixed.u[code] >= 0 ? about->fixed.u[code]
								  : odds->u[code] / sum;
		odds_settle_kin(about, odds);
	}
}

static void note_unseen(const struct training *t)
{
	bool is_seen[SPEC_COMPARISONS][LEVELS_MOST] = { 0 };

	for (size_t i = 0; i < t->patterns->count; i++)
		for (unsigned c = 0; c < t->spec->comparison_count; c++)
			is_seen[c][pattern_code(t->patterns->at[i].levels, c)] = true;
	for (unsigned c = 0; c < t->spec->comparison_count; c++)
		for (unsigned code = 1; code < t->spec->comparisons[c].codes; code++)
			t->params->is_unseen[c][code] = !is_seen[c][code];
}

void params_train(struct params *p, const struct link_spec *spec, const struct patterns *patterns,
		  double possible)
{
	struct training t = {
		.params = p, .spec = spec, .patterns = patterns, .possible = fmax(possible, 1)
	};
	struct patterns own = { 0 };

	for (unsigned c = 0; c < spec->comparison_count; c++)
		memcpy(p->seen[c], p->odds[c].u, sizeof(p->seen[c]));
	patterns_of(&t, -1, 0, &own);
	for (unsigned c = 0; c < spec->comparison_count; c++)
		begin_odds(&spec->comparisons[c], &p->odds[c]);
	for (unsigned round = 0; round < ROUNDS; round++) {
		learn(&t);
		fit_prior(&t, &own);
		params_clean_strangers(p, spec);
	}
	fit_prior(&t, &own);
	note_unseen(&t);
	patterns_done(&own);
}
