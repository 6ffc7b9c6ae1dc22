/*
 * profile.c - which blocking rules are worth their pairs?
 *
 * The model is that of a run with the rules that the specification has. What a candidate
 * costs is counted from its sorted list. What it gains is estimated from a sample
 * of records: every partner that a candidate gives one of them is weighed, so that the
 * true pairs of the sample are known by candidate, and also which are found by several.
 * Then the best gain a pair is taken, until the budget is spent.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "reconcile/candidate.h"
#include "reconcile/linker.h"
#include "reconcile/parallel.h"

#define SAMPLE 2000
#define LIKELY 0.05   /* less likely pairs are no gain */
#define FLOOR 0.0002  /* of all true pairs: what a rule has to add */
#define WIDE 1        /* pairs a record, from which a key is narrowed by a second one */
#define OVERHEAD 0.05 /* of the budget, what any rule costs beside its pairs: a few broad ones */

struct likely {        /* a pair of the sample that is probably true */
	uint64_t pair; /* a << 32 | b */
	double share;  /* true pairs that it stands for */
};

struct measured { /* a candidate */
	uint64_t pairs;
	bool is_affordable, is_chosen, is_out;
	struct likely *likely;
	uint32_t *places; /* of them, among all */
	size_t count, room;
};

struct profiling {
	const struct linker *linker;
	struct rows rows;         /* as those of the linker, on one thread */
	struct link_spec unsplit; /* the specification, with blocks of any size */
	struct pairing_rule pairing;
	struct candidates candidates;
	struct measured *measured;
	size_t begin; /* measure from here on */
	uint64_t budget;
	uint8_t *is_sampled;
	double scale; /* records to a sampled one */
	struct likely *all;
	size_t all_count;
	uint8_t *cover; /* chosen rules that find it */
	double matches;
};

static void draw_sample(struct profiling *p)
{
	size_t count = p->linker->rows.count, taken = 0;
	uint64_t below = count <= SAMPLE ? UINT64_MAX : UINT64_MAX / count * SAMPLE;

	p->is_sampled = memory_take(count + 1);
	for (uint32_t i = 0; i < count; i++) {
		p->is_sampled[i] = hash_bytes(&i, sizeof(i), 5) <= below;
		taken += p->is_sampled[i];
	}
	p->scale = taken ? (double)count / (double)taken : 0;
}

/* One candidate. */

static size_t end_of(const struct block_list *list, size_t at)
{
	uint64_t key = list->items[at].key;

	while (at < list->count && list->items[at].key == key)
		at++;
	return at;
}

static uint64_t halves(uint64_t n)
{
	return n * (n - !!n) / 2;
}

/* Pairs of a block that may be formed. */
static uint64_t cost_of(const struct profiling *p, const struct radix_item *block, size_t size)
{
	uint64_t of[SOURCES_MOST] = { 0 }, within = 0;

	if (p->rows.source_count == 1)
		return p->pairing.within ? halves(size) : 0;
	for (size_t i = 0; i < size; i++)
		of[p->rows.names[block[i].item].source]++;
	for (unsigned s = 0; s < p->rows.source_count; s++)
		within += halves(of[s]);
	return (p->pairing.within ? within : 0) + (p->pairing.between ? halves(size) - within : 0);
}

static void weigh_likely(const struct profiling *p, struct measured *m, uint32_t a, uint32_t b)
{
	const struct rows *rows = &p->linker->rows;
	double chance;

	if (!may_pair(p->pairing, &rows->names[a], &rows->names[b]))
		return;
	chance = probability_of_weight(weigh_records(&p->linker->weigher, a, b, NULL));
	if (chance < LIKELY || is_never(rows, a, b))
		return;
	memory_grow(&m->likely, m->count, &m->room, sizeof(*m->likely));
	m->likely[m->count++] = (struct likely){
		.pair = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a,
		.share = chance * p->scale * (p->is_sampled[a] + p->is_sampled[b]) / 2,
	};
}

/* Pairs of the block with one of the sample in it, each once. */
static void look_into(const struct profiling *p, struct measured *m, const struct radix_item *block,
		      size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint32_t a = block[i].item;

		for (size_t k = 0; p->is_sampled[a] && k < size; k++)
			if (k > i || !p->is_sampled[block[k].item])
				weigh_likely(p, m, a, block[k].item);
	}
}

static int by_pair(const void *a, const void *b)
{
	const struct likely *x = a, *y = b;

	return (x->pair > y->pair) - (x->pair < y->pair);
}

/* A pair that shares two keys of a rule is there twice. */
static size_t each_once(struct likely *likely, size_t count)
{
	size_t kept = 0;

	if (count)
		qsort(likely, count, sizeof(*likely), by_pair);
	for (size_t i = 0; i < count; i++)
		if (!kept || likely[kept - 1].pair != likely[i].pair)
			likely[kept++] = likely[i];
	return kept;
}

static void measure_list(const struct profiling *p, struct measured *m,
			 const struct block_list *list)
{
	size_t end;

	for (size_t i = 0; i < list->count; i = end) {
		end = end_of(list, i);
		m->pairs += cost_of(p, list->items + i, end - i);
	}
	m->is_affordable = m->pairs && m->pairs <= p->budget;
	for (size_t i = 0; m->is_affordable && i < list->count; i = end) {
		end = end_of(list, i);
		look_into(p, m, list->items + i, end - i);
	}
	m->count = each_once(m->likely, m->count);
}

static void measure(void *with, size_t unit, unsigned thread)
{
	const struct profiling *p = with;
	size_t at = p->begin + unit;
	struct blocks blocks;

	(void)thread;
	blocks_make(&blocks, &p->rows, &p->candidates.at[at], 1);
	measure_list(p, &p->measured[at], &blocks.list[0]);
	blocks_done(&blocks);
}

static void measure_from(struct profiling *p, size_t begin)
{
	p->begin = begin;
	parallel(p->linker->rows.threads, p->candidates.count - begin, measure, p);
}

/* Keys that find so many pairs alone that a second one beside them makes sense. */
static void combine(struct profiling *p, struct arena *arena)
{
	const struct link_spec *spec = p->linker->spec;
	size_t *wide = memory_take(p->candidates.count * sizeof(*wide)), count = 0;
	size_t before = p->candidates.count;

	for (size_t i = 0; i < before; i++)
		if (p->candidates.at[i].count == 1 &&
		    p->measured[i].pairs > WIDE * p->linker->rows.count)
			wide[count++] = i;
	candidates_combine(&p->candidates, arena, spec, wide, count);
	free(wide);
	measure_from(p, before);
}

/* All of them together. */

static void join(struct profiling *p)
{
	size_t room = 0, count = 0;

	for (size_t c = 0; c < p->candidates.count; c++)
		for (size_t i = 0; i < p->measured[c].count; i++) {
			memory_grow(&p->all, count, &room, sizeof(*p->all));
			p->all[count++] = p->measured[c].likely[i];
		}
	p->all_count = each_once(p->all, count);
	p->cover = memory_take(p->all_count + 1);
	for (size_t i = 0; i < p->all_count; i++)
		p->matches += p->all[i].share;
	for (size_t c = 0; c < p->candidates.count; c++) {
		struct measured *m = &p->measured[c];

		m->places = memory_take((m->count + 1) * sizeof(*m->places));
		for (size_t i = 0, at = 0; i < m->count; i++) { /* both are sorted */
			while (p->all[at].pair != m->likely[i].pair)
				at++;
			m->places[i] = (uint32_t)at;
		}
	}
}

/* True pairs that @m finds, and beside it no more than @others of the chosen ones. */
static double found_by(const struct profiling *p, const struct measured *m, unsigned others)
{
	double sum = 0;

	for (size_t i = 0; i < m->count; i++)
		if (p->cover[m->places[i]] <= others)
			sum += p->all[m->places[i]].share;
	return sum;
}

static void mark(struct profiling *p, struct measured *m, bool is_chosen)
{
	m->is_chosen = is_chosen;
	for (size_t i = 0; i < m->count; i++)
		p->cover[m->places[i]] += is_chosen ? 1 : -1;
}

static struct measured *best_of(struct profiling *p, uint64_t left)
{
	double best = 0, least = fmax(FLOOR * p->matches, 1);
	struct measured *out = NULL;

	for (size_t c = 0; c < p->candidates.count; c++) {
		struct measured *m = &p->measured[c];
		double gain;

		if (!m->is_affordable || m->is_chosen || m->is_out || m->pairs > left)
			continue;
		gain = found_by(p, m, 0);
		if (gain < least)
			continue;
		gain /= (double)m->pairs + OVERHEAD * (double)p->budget;
		if (gain > best) {
			best = gain;
			out = m;
		}
	}
	return out;
}

/* What later rules have made superfluous goes, for good: the pairs are spent better. */
static uint64_t drop_superfluous(struct profiling *p, size_t order[], unsigned *count)
{
	unsigned kept = 0;
	uint64_t saved = 0;

	for (unsigned i = 0; i < *count; i++) {
		struct measured *m = &p->measured[order[i]];

		if (found_by(p, m, 1) >= FLOOR * p->matches / 2) {
			order[kept++] = order[i];
			continue;
		}
		mark(p, m, false);
		m->is_out = true;
		saved += m->pairs;
	}
	*count = kept;
	return saved;
}

static unsigned choose(struct profiling *p, size_t order[SPEC_RULES])
{
	uint64_t left = p->budget;
	struct measured *m;
	unsigned count = 0;

	while (count < SPEC_RULES && (m = best_of(p, left))) {
		mark(p, m, true);
		order[count++] = (size_t)(m - p->measured);
		left -= m->pairs;
		left += drop_superfluous(p, order, &count);
	}
	return count;
}

/* What a user is told. */

/* Compare with the chosen rules as a run would: what they find together is counted, not guessed. */
static void try_rules(const struct profiling *p, const struct spec_rule *rules, unsigned count,
		      struct link_profile *out)
{
	const struct truth *truth = &p->linker->truth;
	struct blocks blocks;
	struct pairs pairs = { 0 };

	blocks_make(&blocks, &p->linker->rows, rules, count);
	pairs_find(&pairs, &blocks, &p->linker->matcher, 0);
	out->pairs = pairs.count;
	for (unsigned r = 0; r < count; r++) {
		out->rules[r].pairs = pairs.found[r];
		out->rules[r].fresh = pairs.first[r];
	}
	out->has_truth = truth->of != NULL;
	out->all = truth->of ? truth->pairs : 0;
	for (size_t i = 0; truth->of && i < pairs.count; i++)
		out->right += is_true_pair(truth, pairs.at[i].a, pairs.at[i].b);
	pairs_done(&pairs);
	blocks_done(&blocks);
}

static void tell_rule(struct profiling *p, struct arena *arena, size_t candidate,
		      struct link_profile *out)
{
	const struct link_spec *spec = p->linker->spec;
	const struct spec_rule *rule = &p->candidates.at[candidate];
	struct measured *m = &p->measured[candidate];
	double all = fmax(p->matches, 1e-9);
	struct buffer xml = { 0 };

	candidate_xml(rule, spec, &xml);
	out->recall += found_by(p, m, 0) / all;
	out->rules[out->count++] = (struct link_profile_rule){
		.name = rule->name,
		.xml = arena_string(arena, buffer_view(&xml)),
		.is_in_spec = candidate < spec->rule_count,
		.gain = found_by(p, m, 0),
		.alone = found_by(p, m, SPEC_RULES) / all,
		.recall = out->recall,
	};
	mark(p, m, true);
	buffer_done(&xml);
}

/* In the order in which they were taken; each adds what those before it do not find. */
static void tell(struct profiling *p, struct arena *arena, const size_t order[], unsigned count,
		 struct link_profile *out)
{
	struct spec_rule rules[SPEC_RULES];

	memset(p->cover, 0, p->all_count);
	out->candidates = p->candidates.count;
	out->budget = p->budget;
	out->matches = p->matches;
	for (size_t c = 0; c < p->candidates.count; c++)
		out->affordable += p->measured[c].is_affordable;
	for (unsigned i = 0; i < count; i++) {
		tell_rule(p, arena, order[i], out);
		rules[i] = p->candidates.at[order[i]];
	}
	try_rules(p, rules, count, out);
	out->spec_pairs = p->linker->pairs.count;
	for (size_t i = 0; i < p->all_count; i++)
		if (blocks_meet(&p->linker->blocks, (uint32_t)(p->all[i].pair >> 32),
				(uint32_t)p->all[i].pair))
			out->spec_recall += p->all[i].share / fmax(p->matches, 1e-9);
}

void linker_profile(const struct linker *linker, unsigned pairs_per_record, struct arena *arena,
		    struct link_profile *out)
{
	struct profiling p = { .linker = linker, .rows = linker->rows, .unsplit = *linker->spec };
	size_t order[SPEC_RULES];
	unsigned count;

	*out = (struct link_profile){ 0 };
	p.unsplit.block_most = SIZE_MAX;
	p.rows.spec = &p.unsplit;
	p.rows.threads = 1;
	p.pairing = pairing_of(&linker->rows);
	p.budget = (uint64_t)pairs_per_record * linker->rows.count;
	p.measured = memory_take(CANDIDATES_MOST * sizeof(*p.measured));
	draw_sample(&p);
	candidates_begin(&p.candidates, arena, linker->spec);
	measure_from(&p, 0);
	combine(&p, arena);
	join(&p);
	count = choose(&p, order);
	tell(&p, arena, order, count, out);
	for (size_t c = 0; c < p.candidates.count; c++) {
		free(p.measured[c].likely);
		free(p.measured[c].places);
	}
	free(p.measured);
	free(p.is_sampled);
	free(p.all);
	free(p.cover);
}
