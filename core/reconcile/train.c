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
#define MOVED_FIRST 0.03
#define PRIOR_ITERATIONS 200
#define U_KEPT 0.001      /* at least this part of what was seen is chance */
#define COMPANY_KEPT 0.05 /* the same of companions: one false link makes others believed */
#define PAIRS_LEAST 10    /* in a rule, to learn from */

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

/* Comparisons of what a household shares: it takes two to tell who moved. */
static unsigned homes_in(const struct link_spec *spec, uint32_t out)
{
	unsigned homes = 0;

	for (unsigned c = 0; c < spec->comparison_count; c++)
		homes += is_home(&spec->comparisons[c]) && !(out >> c & 1);
	return homes;
}

static void start_em(const struct training *t, struct em *em, uint32_t out)
{
	*em = (struct em){ .spec = t->spec, .held_out = out, .match = 0.2 };
	em->kin = t->spec->has_kin ? 0.1 : 0;
	em->moved = t->params->moved;
	em->learns_moved = homes_in(t->spec, out) > 1;
	memcpy(em->odds, t->params->odds, sizeof(em->odds));
}

/* What the rules taught, weighted by how many matches each knows. */
struct lessons {
	double m[SPEC_COMPARISONS][LEVELS_MOST], weight[SPEC_COMPARISONS];
	double moved, moved_weight;
};

static void add_odds(const struct training *t, const struct em *em, struct lessons *lessons)
{
	for (unsigned c = 0; c < t->spec->comparison_count; c++) {
		if (em->held_out >> c & 1)
			continue;
		lessons->weight[c] += em->weight;
		for (unsigned code = 1; code < t->spec->comparisons[c].codes; code++)
			lessons->m[c][code] += em->weight * em->odds[c].m[code];
	}
	if (em->learns_moved) {
		lessons->moved += em->weight * em->moved;
		lessons->moved_weight += em->weight;
	}
}

static void take_average(const struct training *t, const struct lessons *l)
{
	t->params->moved = l->moved_weight > 0 ? l->moved / l->moved_weight : 0;
	for (unsigned c = 0; c < t->spec->comparison_count; c++) {
		struct odds *odds = &t->params->odds[c];
		unsigned codes = t->spec->comparisons[c].codes;

		t->params->is_learned[c] = l->weight[c] > 0;
		for (unsigned code = 1; l->weight[c] > 0 && code < codes; code++)
			odds->m[code] = l->m[c][code] / l->weight[c];
		odds_order(&t->spec->comparisons[c], odds);
	}
}

static void learn_from(const struct training *t, int rule, uint32_t out, struct lessons *lessons)
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
		add_odds(t, &em, lessons);
		if (rule >= 0) {
			t->params->is_trained[rule] = true;
			t->params->is_settled[rule] = em.is_settled;
		}
	}
	patterns_done(&own);
}

static void learn(const struct training *t)
{
	struct lessons *lessons = memory_take(sizeof(*lessons));
	uint32_t all = (uint32_t)((UINT64_C(1) << t->spec->comparison_count) - 1), missed = 0;

	for (unsigned r = 0; r < t->spec->rule_count; r++) {
		uint32_t out = held_out(t->spec, &t->spec->rules[r]);

		if (t->spec->rules[r].is_for_training && out != all)
			learn_from(t, (int)r, out, lessons);
	}
	for (unsigned c = 0; c < t->spec->comparison_count; c++)
		missed |= (uint32_t)(lessons->weight[c] <= 0) << c;
	/* No rule leaves it free: all pairs teach what nothing else does. */
	if (missed) {
		struct lessons *all_pairs = memory_take(sizeof(*all_pairs));

		learn_from(t, -1, 0, all_pairs);
		for (unsigned c = 0; c < t->spec->comparison_count; c++)
			if (missed >> c & 1) {
				memcpy(lessons->m[c], all_pairs->m[c], sizeof(lessons->m[c]));
				lessons->weight[c] = all_pairs->weight[c];
			}
		free(all_pairs);
	}
	take_average(t, lessons);
	free(lessons);
}

/* What is expected of all pairs under what is believed. */
struct expected {
	double match, kin;
	double levels[SPEC_COMPARISONS][LEVELS_MOST]; /* of kin */
};

static void expect_all(const struct training *t, const struct patterns *own,
		       struct expected *expected)
{
	const struct params *p = t->params;
	unsigned comparisons = t->spec->comparison_count;

	memset(expected, 0, sizeof(*expected));
	for (size_t i = 0; i < own->count; i++) {
		const struct pattern *pattern = &own->at[i];
		struct ratio ratio = odds_ratio(t->spec, p->odds, p->moved, pattern->levels);
		double match = p->match * ratio.match, kin = p->kin * ratio.kin;
		double share = (double)pattern->count / (match + kin + 1 - p->match - p->kin);

		expected->match += match * share;
		expected->kin += kin * share;
		for (unsigned c = 0; p->kin > 0 && c < comparisons; c++)
			expected->levels[c][pattern_code(pattern->levels, c)] += kin * share;
	}
}

/* How many pairs of all are matches and kin, and how kin agree. Households are in no rule as such:
 * it takes all pairs to see them. */
static void fit_shares(const struct training *t, const struct patterns *own)
{
	struct expected *expected = memory_take(sizeof(*expected));
	struct params *p = t->params;

	if (p->match <= 0) {
		for (size_t i = 0; i < own->count; i++)
			p->match += (double)own->at[i].count / t->possible / 4;
		p->kin = t->spec->has_kin ? p->match : 0;
	}
	for (unsigned n = 0; n < PRIOR_ITERATIONS; n++) {
		double match = p->match, kin = p->kin;

		expect_all(t, own, expected);
		p->match = fmin((expected->match + 1e-3) / t->possible, 0.5);
		if (t->spec->has_kin) {
			p->kin = fmin((expected->kin + 1e-3) / t->possible, 0.4);
			for (unsigned c = 0; c < t->spec->comparison_count; c++)
				odds_learn_kin(&t->spec->comparisons[c], &p->odds[c],
					       expected->levels[c]);
		}
		if (fabs(p->match - match) < 1e-6 * match && fabs(p->kin - kin) <= 1e-6 * kin)
			break;
	}
	free(expected);
}

void params_clean_strangers(struct params *p, const struct link_spec *spec)
{
	for (unsigned c = 0; c < spec->comparison_count; c++) {
		const struct spec_comparison *about = &spec->comparisons[c];
		double sum = 0, kept = c + 1 == spec->companions ? COMPANY_KEPT : U_KEPT;
		struct odds *odds = &p->odds[c];

		for (unsigned code = 1; code < about->codes; code++) {
			double seen = p->seen[c][code];
			double moved = is_home(about) ? p->moved : 0;
			double m = (1 - moved) * odds->m[code] + moved * odds->u[code];
			double other = p->match * m + p->kin * odds->kin[code];

			odds->u[code] = fmax((seen - other) / (1 - p->match - p->kin), seen * kept);
			sum += odds->u[code];
		}
		for (unsigned code = 1; code < about->codes; code++)
			odds->u[code] = about->fixed.u[code] >= 0 ? about->fixed.u[code]
								  : odds->u[code] / sum;
		odds_order(about, odds);
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
	p->match = p->kin = 0;
	p->moved = homes_in(spec, 0) > 1 ? MOVED_FIRST : 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		learn(&t);
		fit_shares(&t, &own);
		params_clean_strangers(p, spec);
	}
	fit_shares(&t, &own);
	note_unseen(&t);
	patterns_done(&own);
}
