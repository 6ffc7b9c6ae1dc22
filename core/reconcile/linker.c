/*
 * linker.c - one run, step by step: load, block, compare, learn, weigh, cut,
 * cluster.
 */
#include "reconcile/linker.h"

#include <stdlib.h>

#include "reconcile/frozen.h"
#include "reconcile/parallel.h"

#define WEIGHINGS 4
#define COMPANY_ROUNDS 2 /* who is linked decides on whose company counts, and that on who is */
#define RECUTS 3         /* the cut depends a little on the clusters, and they on it */

struct linker *linker_new_frozen(const struct link_spec *spec, const struct link_options *options,
				 struct forms *forms, const struct frozen *frozen)
{
	struct linker *linker = memory_take(sizeof(*linker));

	linker->spec = spec;
	linker->options = *options;
	linker->frozen = frozen;
	if (!linker->options.threads)
		linker->options.threads = parallel_cores();
	if (linker->options.threads > THREADS_MOST)
		linker->options.threads = THREADS_MOST;
	rows_init(&linker->rows, spec, linker->options.threads, forms);
	if (frozen)
		linker->rows.pairing = frozen->pairing;
	return linker;
}

struct linker *linker_new(const struct link_spec *spec, const struct link_options *options)
{
	return linker_new_frozen(spec, options, NULL, NULL);
}

void linker_free(struct linker *linker)
{
	if (!linker)
		return;
	clusters_done(&linker->clusters);
	weights_done(&linker->weights);
	companions_done(&linker->companions);
	pairs_done(&linker->pairs);
	frequency_done(&linker->frequency);
	joints_done(&linker->joints);
	blocks_done(&linker->blocks);
	rows_done(&linker->rows);
	free(linker->cluster_number);
	free(linker->rulings);
	free(linker->spoken);
	free(linker->truth.of);
	free(linker);
}

int linker_load(struct linker *linker, const char *path, const char *source, struct cb_error *err)
{
	int rc;

	link_phase(linker->options.phases, NULL);
	rc = rows_load(&linker->rows, path, source, err);
	link_phase(linker->options.phases, "load");
	return rc;
}

int linker_add(struct linker *linker, const struct link_record *record, struct cb_error *err)
{
	return rows_add(&linker->rows, record, err);
}

void linker_rule(struct linker *linker, const struct link_ruling *rulings, size_t count)
{
	linker->spoken = memory_resize(linker->spoken, (count + 1) * sizeof(*rulings));
	if (count)
		memcpy(linker->spoken, rulings, count * sizeof(*rulings));
	linker->spoken_count = count;
}

/* Those of which both records are there. */
static void place_rulings(struct linker *linker)
{
	if (!linker->spoken_count)
		return;
	linker->rulings = memory_take(linker->spoken_count * sizeof(*linker->rulings));
	for (size_t i = 0; i < linker->spoken_count; i++) {
		const struct link_ruling *said = &linker->spoken[i];
		size_t a = rows_find_number(&linker->rows, said->record[0]);
		size_t b = rows_find_number(&linker->rows, said->record[1]);

		if (a != SIZE_MAX && b != SIZE_MAX)
			linker->rulings[linker->ruling_count++] =
				(struct ruling){ (uint32_t)a, (uint32_t)b, said->is_same };
	}
}

static void cluster(struct linker *linker)
{
	struct clustering how = {
		.weigher = &linker->weigher,
		.blocks = &linker->blocks,
		.pairs = &linker->pairs,
		.weights = &linker->weights,
		.rulings = linker->rulings,
		.ruling_count = linker->ruling_count,
		.cut = linker->cut.weight,
	};

	clusters_done(&linker->clusters);
	clusters_make(&linker->clusters, &how);
}

/* Pairs that are never linked have no place on the scale. */
static void count_pairs(struct linker *linker)
{
	memset(&linker->scale, 0, sizeof(linker->scale));
	for (size_t i = 0; i < linker->pairs.count; i++) {
		const struct pair *p = &linker->pairs.at[i];
		double weight = linker->weights.at[i];

		pairs_walked(&linker->pairs, &linker->weights, i);
		if (weight < -20 || !is_never(&linker->rows, p->a, p->b))
			scale_add(&linker->scale, weight, 1);
	}
}

static void add_unmet(struct scale *to, const struct scale *unmet)
{
	for (unsigned bin = 0; bin < SCALE_BINS; bin++)
		to->bins[bin] += unmet->bins[bin];
}

static double given_cut(const struct linker *linker)
{
	return linker->options.threshold > 0 ? linker->options.threshold : linker->spec->cut;
}

/* Cut, cluster, and cut again: components show pairs that no rule had found. */
static void cut_and_cluster(struct linker *linker)
{
	struct scale found;
	double before;

	if (linker->frozen) {
		linker->cut.weight = linker->frozen->cut;
		cluster(linker);
		return;
	}
	count_pairs(linker);
	found = linker->scale;
	if (given_cut(linker) > 0 || linker->has_trained_cut) {
		linker->cut = cut_expect(&found, given_cut(linker) > 0
							 ? weight_of_probability(given_cut(linker))
							 : linker->trained_cut);
		cluster(linker);
		return;
	}
	linker->cut = cut_choose(&found, linker->spec->precision);
	for (unsigned i = 0; i < RECUTS; i++) {
		cluster(linker);
		before = linker->cut.weight;
		linker->scale = found;
		add_unmet(&linker->scale, linker->clusters.unmet);
		linker->cut = cut_choose(&linker->scale, linker->spec->precision);
		if (fabs(linker->cut.weight - before) < 0.25)
			break;
	}
	/* What is said of the cut is said of the one that the clusters were made with. */
	linker->cut = cut_expect(&linker->scale, before);
}

static int prepare(struct linker *linker, struct cb_error *err)
{
	int rc = rows_order(&linker->rows, err);

	link_phase(linker->options.phases, "order");
	if (rc != CB_OK)
		return rc;
	rows_form(&linker->rows);
	place_rulings(linker);
	if (rc == CB_OK && linker->options.labels)
		rc = truth_read(linker, linker->options.labels, err);
	if (rc == CB_OK && linker->options.rulings)
		rc = rulings_read(linker, linker->options.rulings, err);
	if (rc == CB_OK && linker->options.params)
		rc = params_read(linker, linker->options.params, err);
	return rc;
}

/* Matches of a record that have its value, on average. */
static void guess_frequency(struct linker *linker)
{
	const struct params *p = &linker->params;
	double own[SPEC_COMPARISONS] = { 0 };

	for (unsigned c = 0; c < linker->spec->comparison_count; c++)
		own[c] = p->matches_seen * p->odds[c].m[linker->spec->comparisons[c].codes - 1] *
			 2 * linker->possible / fmax((double)linker->rows.count, 1);
	frequency_guess(&linker->frequency, own);
}

/* How rare a value is, depends on how many match, and that on how rare values are. @is_first:
 * nothing has been weighed yet. */
static void weigh(struct linker *linker, bool is_first)
{
	struct params *p = &linker->params;
	bool is_given = linker->options.params || linker->frozen;
	double before;

	for (unsigned round = 0; round < WEIGHINGS; round++) {
		before = linker->weights.matches;
		if (!is_given) {
			p->matches_seen = p->match;
			params_clean_strangers(p, linker->spec);
		}
		if (round == 0 && is_first && !linker->frozen)
			guess_frequency(linker);
		else if (!linker->frozen)
			frequency_learn(&linker->frequency, &linker->pairs, &linker->weights);
		weigher_init(&linker->weigher, p, &linker->matcher, &linker->frequency);
		weights_done(&linker->weights);
		weights_make(&linker->weights, &linker->weigher, p, &linker->pairs,
			     linker->possible, is_given);
		if (linker->frozen || ((round || !is_first) &&
				       fabs(linker->weights.matches - before) < 0.01 * before))
			break;
	}
}

/* Whoever stands with the same people is the more likely the same, so all is weighed again. */
static void look_at_companions(struct linker *linker)
{
	for (unsigned round = 0; round < COMPANY_ROUNDS; round++) {
		struct companions company;

		companions_make(&company, &linker->pairs, &linker->weights, &linker->matcher);
		companions_done(&linker->companions);
		linker->companions = company;
		linker->matcher.companions = &linker->companions;
		if (round) {
			companions_add(&linker->companions, &linker->blocks, &linker->weigher,
				       &linker->pairs);
			linker->weights.count = linker->pairs.blocked;
		}
		companions_say(&linker->companions, &linker->pairs);
		if (!linker->options.params)
			companions_learn(&linker->companions, &linker->pairs, &linker->weigher,
					 &linker->params);
		weigh(linker, false);
	}
}

/* What others have learned, in the place of what the records say. */
static int freeze(struct linker *linker, struct cb_error *err)
{
	linker->params = linker->frozen->params;
	linker->possible = linker->frozen->possible;
	return frozen_frequency(linker->frozen, &linker->frequency, err);
}

static int learn(struct linker *linker, struct cb_error *err)
{
	struct params *p = &linker->params;

	linker->possible = fmax(pairs_possible(&linker->rows), 1);
	if (linker->options.params)
		return CB_OK;
	params_strangers(p, &linker->matcher, &linker->joints);
	link_phase(linker->options.phases, "strangers");
	params_train(p, linker->spec, &linker->pairs.patterns, linker->possible);
	return linker->options.learns_from_labels ? params_teach(linker, linker->possible, err)
						  : CB_OK;
}

int linker_run(struct linker *linker, struct cb_error *err)
{
	const struct link_spec *spec = linker->spec;
	struct link_phases *phases = linker->options.phases;
	int rc = prepare(linker, err);

	link_phase(phases, "forms");
	if (rc != CB_OK)
		return rc;
	blocks_make_again(&linker->blocks, &linker->rows, spec->rules, spec->rule_count,
			  linker->frozen ? &linker->frozen->divisions : NULL);
	link_phase(phases, "blocks");
	matcher_init(&linker->matcher, &linker->rows);
	joints_make(&linker->joints, &linker->rows);
	frequency_init(&linker->frequency, &linker->rows, &linker->joints);
	pairs_find(&linker->pairs, &linker->blocks, &linker->matcher, linker->options.memory);
	blocks_drop_lists(&linker->blocks);
	link_phase(phases, "pairs");
	rc = linker->frozen ? freeze(linker, err) : learn(linker, err);
	link_phase(phases, "learn");
	if (rc != CB_OK)
		return rc;
	weigh(linker, true);
	if (spec->companions)
		look_at_companions(linker);
	link_phase(phases, "weigh");
	cut_and_cluster(linker);
	rc = clusters_number(linker, err);
	link_phase(phases, "cluster");
	return rc;
}

/* What a user is told. */

static void count_links(const struct linker *linker, struct link_result *out)
{
	double doubt = weight_of_probability(linker->spec->doubt);

	for (size_t i = 0; i < linker->pairs.count; i++) {
		double weight = linker->weights.at[i];
		const struct pair *p = &linker->pairs.at[i];

		pairs_walked(&linker->pairs, &linker->weights, i);
		if (weight < doubt || is_never(&linker->rows, p->a, p->b))
			continue;
		out->links += weight >= linker->cut.weight;
		out->doubtful += weight < linker->cut.weight;
	}
	for (size_t i = 0; i < linker->rows.count; i++) {
		out->clusters += linker->clusters.of[i] == i;
		out->linked += linker->clusters.of[i] != i;
	}
}

void linker_result(const struct linker *linker, struct link_result *out)
{
	*out = (struct link_result){
		.records = linker->rows.count,
		.sources = linker->rows.source_count,
		.pairs = linker->pairs.count,
		.split = linker->clusters.split,
		.cut_weight = linker->cut.weight,
		.cut_probability = probability_of_weight(linker->cut.weight),
		.precision = linker->cut.precision,
		.recall = linker->cut.recall,
		.f1 = linker->cut.f1,
		.prior = linker->params.match,
		.kin = linker->params.kin,
		.is_cut_given = given_cut(linker) > 0,
		.rule_count = linker->spec->rule_count,
	};
	for (unsigned r = 0; r < out->rule_count; r++)
		out->rules[r] = (struct link_rule_result){ .name = linker->spec->rules[r].name,
							   .found = linker->pairs.found[r],
							   .first = linker->pairs.first[r] };
	count_links(linker, out);
	if (linker->truth.of)
		quality_measure(linker, out);
}
