/*
 * weigh.c - parts of a weight, and the weights of all pairs.
 *
 * A value that strangers rarely share says more where two records share it: the part
 * of an exact agreement becomes m divided by how often that very value occurs in
 * strangers; levels below are moved by as much, by the more frequent of the two values.
 */
#include "reconcile/weigh.h"

#include <stdlib.h>

#include "reconcile/parallel.h"

#define PIECE PAIRS_STEP
#define AHEAD 12 /* pairs whose records are asked for ahead of time */
#define PRIOR_ITERATIONS 12
#define PRIOR_SETTLED 1e-4
/* Fewer pairs than some hundred and forty records make cannot tell how rare a match is: two of five
 * records that agree by chance would make every next agreement believed. */
#define FEW_PAIRS 1e4

void weigher_set_prior(struct weigher *w, double match, double kin)
{
	w->match = log2(match);
	w->kin = kin > 0 ? log2(kin) : -INFINITY;
	w->other = log2(1 - match - kin);
}

void weigher_init(struct weigher *w, const struct params *params, const struct matcher *matcher,
		  const struct frequency *frequency)
{
	*w = (struct weigher){ .params = params,
			       .matcher = matcher,
			       .frequency = frequency,
			       .joints = frequency->joints };
	for (unsigned c = 0; c < matcher->count; c++) {
		const struct odds *odds = &params->odds[c];
		unsigned top = matcher->comparisons[c].codes - 1;
		double usual = 0;

		for (unsigned code = 1; code <= top; code++) {
			w->part[c][code] = log2(odds->m[code] / odds->u[code]);
			w->kin_part[c][code] = log2(odds->kin[code] / odds->u[code]);
		}
		w->rarest[c] = log2(odds->u[top]);
		for (unsigned code = 1; code <= top; code++)
			usual += odds->m[code] * log2(odds->m[code]);
		for (unsigned code = 1; code <= top; code++)
			w->surprise[c][code] = fmin(log2(odds->m[code]) - usual, 0);
	}
	weigher_set_prior(w, params->match, params->kin);
}

static enum measure measure_of(const struct weigher *w, unsigned comparison, unsigned code)
{
	const struct comparison *how = &w->matcher->comparisons[comparison].how;

	return how->levels[how->count + 1 - code].measure;
}

double weigh_frequency(const struct weigher *w, unsigned comparison, unsigned code, uint32_t a,
		       uint32_t b)
{
	const float *shares = w->frequency->shares[comparison];
	const float *surnames = w->frequency->surnames[comparison];
	const struct joint *joint = &w->joints->of[comparison];
	uint32_t id_a = joint->ids[a * joint->stride], id_b = joint->ids[b * joint->stride];

	if (code < 2 || !shares || !id_a || !id_b)
		return 0;
	switch (measure_of(w, comparison, code)) {
	case MEASURE_NAME_MASK:
	case MEASURE_SURNAME: /* that is all that they have in common */
		return surnames ? (double)fminf(surnames[id_a], surnames[id_b]) : 0;
	default:
		break;
	}
	return w->rarest[comparison] - (double)fmaxf(shares[id_a], shares[id_b]);
}

/* @home: what address and phone say of those who stayed. */
static double weigh_moved(double moved, double home)
{
	if (moved <= 0)
		return 0;
	if (home > 30)
		return log2(1 - moved);
	return log2((1 - moved) * exp2(home) + moved) - home;
}

struct evidence weigh_pair(const struct weigher *w, uint64_t levels, uint32_t a, uint32_t b)
{
	struct evidence e = { 0 };
	double home = 0;

	for (unsigned c = 0; c < w->matcher->count; c++, levels >>= 4) {
		const struct spec_comparison *about = &w->matcher->comparisons[c];
		unsigned code = levels & 15;
		double rare = weigh_frequency(w, c, code, a, b);

		e.match += w->part[c][code] + rare;
		home += is_home(about) ? w->part[c][code] + rare : 0;
		e.kin += w->kin_part[c][code];
		if (about->kin == KIN_LEARN || (about->kin == KIN_WEAK && code < about->codes - 1))
			e.kin += rare;
	}
	e.moved = weigh_moved(w->params->moved, home);
	e.match += e.moved;
	return e;
}

double weigh_kin(const struct weigher *w, struct evidence e)
{
	double above = w->kin + e.kin - w->other;

	if (above < -30)
		return 0;
	return above > 30 ? -above : -log2(1 + exp2(above));
}

double weight_of_probability(double probability)
{
	return probability <= 0   ? -INFINITY
	       : probability >= 1 ? INFINITY
				  : log2(probability / (1 - probability));
}

static double weigh_surprise(const struct weigher *w, uint64_t levels)
{
	double surprise = 0, home = 0, moved = w->params->moved;

	for (unsigned c = 0; c < w->matcher->count; c++, levels >>= 4)
		*(is_home(&w->matcher->comparisons[c]) ? &home : &surprise) +=
			w->surprise[c][levels & 15];
	return surprise + (moved > 0 ? fmax(home, log2(moved)) : home);
}

double weigh_records(const struct weigher *w, uint32_t a, uint32_t b, double *surprise)
{
	const struct rows *rows = w->matcher->rows;
	uint64_t levels = matcher_pattern(w->matcher, row_ids(rows, a), row_ids(rows, b));

	if (surprise)
		*surprise = weigh_surprise(w, levels);
	return weigh_total(w, weigh_pair(w, levels, a, b));
}

/* All pairs. */

struct weighing {
	struct weigher *w;
	const struct pairs *pairs;
	float *match, *kin;
	struct spill match_store, kin_store;
	double *matches, *kins; /* by piece */
};

static void pass_piece(const struct weighing *g, size_t unit)
{
	size_t begin = unit * PIECE * sizeof(float), end = begin + PIECE * sizeof(float);

	spill_pass(&g->match_store, begin, end);
	spill_pass(&g->kin_store, begin, end);
}

static void weigh_piece(void *with, size_t unit, unsigned thread)
{
	struct weighing *g = with;
	const struct rows *rows = g->w->matcher->rows;
	size_t end = (unit + 1) * PIECE;

	for (size_t i = unit * PIECE; i < end && i < g->pairs->count; i++) {
		const struct pair *pair = &g->pairs->at[i];
		struct evidence e;

		if (i + AHEAD < g->pairs->count) {
			__builtin_prefetch(row_ids(rows, pair[AHEAD].a));
			__builtin_prefetch(row_ids(rows, pair[AHEAD].a) + rows->columns - 1);
			__builtin_prefetch(row_ids(rows, pair[AHEAD].b));
			__builtin_prefetch(row_ids(rows, pair[AHEAD].b) + rows->columns - 1);
		}
		e = weigh_pair(g->w, g->pairs->patterns.at[pair->pattern].levels, pair->a, pair->b);

		g->match[i] = (float)e.match;
		if (g->kin)
			g->kin[i] = (float)e.kin;
	}
	pairs_pass(g->pairs, unit * PIECE, end);
	pass_piece(g, unit);
}

static struct evidence evidence_of(const struct weighing *g, size_t pair)
{
	return (struct evidence){ .match = g->match[pair], .kin = g->kin ? g->kin[pair] : 0 };
}

/* How many are matches, how many kin, under the priors as they are. */
static void expect_piece(void *with, size_t unit, unsigned thread)
{
	struct weighing *g = with;
	size_t end = (unit + 1) * PIECE;
	double matches = 0, kins = 0;

	for (size_t i = unit * PIECE; i < end && i < g->pairs->count; i++) {
		struct evidence e = evidence_of(g, i);
		double match = g->w->match - g->w->other + e.match, kin;

		if (!g->kin) {
			matches += match < -30 ? 0 : match > 30 ? 1 : probability_of_weight(match);
			continue;
		}
		kin = exp2(g->w->kin - g->w->other + e.kin);
		match = exp2(match);
		matches += match / (1 + match + kin);
		kins += kin / (1 + match + kin);
	}
	g->matches[unit] = matches;
	g->kins[unit] = kins;
	pass_piece(g, unit);
}

static void sum_up(struct weighing *g, size_t pieces, double *matches, double *kins)
{
	parallel(g->w->matcher->rows->threads, pieces, expect_piece, g);
	*matches = *kins = 0;
	for (size_t i = 0; i < pieces; i++) {
		*matches += g->matches[i];
		*kins += g->kins[i];
	}
}

static void total_piece(void *with, size_t unit, unsigned thread)
{
	struct weighing *g = with;
	size_t end = (unit + 1) * PIECE;

	for (size_t i = unit * PIECE; i < end && i < g->pairs->count; i++)
		g->match[i] = (float)weigh_total(g->w, evidence_of(g, i));
	pass_piece(g, unit);
}

void weights_make(struct weights *weights, struct weigher *w, struct params *params,
		  const struct pairs *pairs, double possible, bool has_fixed_prior)
{
	size_t pieces = (pairs->count + PIECE - 1) / PIECE;
	struct weighing g = { .w = w, .pairs = pairs };
	unsigned threads = w->matcher->rows->threads;
	double matches = 0, kins = 0, before, seen = fmax(possible, FEW_PAIRS);

	spill_begin(&g.match_store, pairs->store.file);
	spill_resize(&g.match_store, (pairs->count + 1) * sizeof(*g.match));
	g.match = g.match_store.at;
	if (w->matcher->rows->spec->has_kin) {
		spill_begin(&g.kin_store, pairs->store.file);
		spill_resize(&g.kin_store, (pairs->count + 1) * sizeof(*g.kin));
		g.kin = g.kin_store.at;
	}
	g.matches = memory_take((pieces + 1) * sizeof(*g.matches));
	g.kins = memory_take((pieces + 1) * sizeof(*g.kins));
	parallel(threads, pieces, weigh_piece, &g);
	for (unsigned i = 0; i < PRIOR_ITERATIONS; i++) {
		before = matches;
		sum_up(&g, pieces, &matches, &kins);
		if (has_fixed_prior || fabs(matches - before) <= PRIOR_SETTLED * matches)
			break;
		params->match = fmin((matches + 1e-3) / seen, 0.5);
		params->kin = g.kin ? fmin((kins + 1e-3) / seen, 0.4) : 0;
		weigher_set_prior(w, params->match, params->kin);
	}
	parallel(threads, pieces, total_piece, &g);
	spill_done(&g.kin_store);
	free(g.matches);
	free(g.kins);
	*weights = (struct weights){ g.match, pairs->count, g.match_store, matches };
}

void weights_done(struct weights *weights)
{
	spill_done(&weights->store);
	*weights = (struct weights){ 0 };
}
