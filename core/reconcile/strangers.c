/*
 * strangers.c - u: how often two records that have nothing to do with each other
 * agree.
 *
 * That two have the same value follows from how often each value occurs; it is
 * rare, and a sample would hardly see it. How often different values are alike is
 * seen in a sample: squares of random records against random records, so that a
 * record is fetched once for many pairs. The dice depend on the square alone.
 */
#include <stdlib.h>

#include "reconcile/parallel.h"
#include "reconcile/params.h"

#define SIDE 64
#define SAMPLE_LEAST 250000
#define SAMPLE_MOST 1000000

struct sampling {
	const struct matcher *matcher;
	const struct joints *joints;
	struct pairing_rule pairing;
	size_t tiles;
	bool is_whole;                                   /* all pairs: there are few */
	uint64_t (*hits)[SPEC_COMPARISONS][LEVELS_MOST]; /* by tile */
};

static uint64_t roll(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* The first record of each source, and one past the last. */
static unsigned sources_of(const struct rows *rows, size_t begin[SOURCES_MOST + 1])
{
	unsigned sources = 0;

	for (size_t i = 0; i < rows->count; i++)
		while (sources <= rows->names[i].source)
			begin[sources++] = i;
	begin[sources] = rows->count;
	return sources;
}

static double halves(double n)
{
	return n * (n - 1) / 2;
}

double pairs_possible(const struct rows *rows)
{
	struct pairing_rule pairing = pairing_of(rows);
	size_t begin[SOURCES_MOST + 1];
	unsigned sources = sources_of(rows, begin);
	double all = halves((double)rows->count), within = 0;

	for (unsigned s = 0; s < sources; s++)
		within += halves((double)(begin[s + 1] - begin[s]));
	return (pairing.within ? within : 0) + (pairing.between ? all - within : 0);
}

/* The chance that two records which may be a pair have equal values, both having one. */
static double chance_equal(const struct rows *rows, const struct joint *joint,
			   struct pairing_rule pairing)
{
	size_t begin[SOURCES_MOST + 1];
	unsigned sources = sources_of(rows, begin);
	uint32_t *own = memory_take((joint->count + 1) * sizeof(*own));
	double equal = 0, all = halves((double)joint->present), equal_within = 0, within = 0;

	for (uint32_t v = 1; v < joint->count; v++)
		equal += joint_hides(joint, v) ? 0 : halves(joint->counts[v]);
	for (unsigned s = 0; s < sources; s++) {
		uint64_t present = 0, same = 0;

		for (size_t i = begin[s]; i < begin[s + 1]; i++) {
			uint32_t id = joint->ids[i * joint->stride];

			same += id && !joint_hides(joint, id) ? own[id]++ : 0;
			present += id != 0;
		}
		for (size_t i = begin[s]; i < begin[s + 1]; i++)
			own[joint->ids[i * joint->stride]] = 0;
		within += halves((double)present);
		equal_within += (double)same;
	}
	free(own);
	equal = (pairing.within ? equal_within : 0) + (pairing.between ? equal - equal_within : 0);
	all = (pairing.within ? within : 0) + (pairing.between ? all - within : 0);
	return all > 0 ? equal / all : 0;
}

static void sample_pair(const struct sampling *s, size_t tile, size_t a, size_t b)
{
	const struct rows *rows = s->matcher->rows;

	if (a == b || !may_pair(s->pairing, &rows->names[a], &rows->names[b]))
		return;
	for (unsigned c = 0; c < s->matcher->count; c++) {
		if (!matcher_is_equal(s->matcher, c, row_ids(rows, a), row_ids(rows, b)))
			s->hits[tile][c]
			       [matcher_code(s->matcher, c, row_ids(rows, a), row_ids(rows, b))]++;
	}
}

static void sample_tile(void *with, size_t tile, unsigned thread)
{
	const struct sampling *s = with;
	size_t count = s->matcher->rows->count, across[SIDE], down[SIDE];
	uint64_t dice = tile;

	if (s->is_whole) { /* a tile is a record here */
		for (size_t b = tile + 1; b < count; b++)
			sample_pair(s, tile, tile, b);
		return;
	}
	for (unsigned i = 0; i < SIDE; i++) {
		across[i] = roll(&dice) % count;
		down[i] = roll(&dice) % count;
	}
	for (unsigned a = 0; a < SIDE; a++)
		for (unsigned b = 0; b < SIDE; b++)
			sample_pair(s, tile, across[a], down[b]);
}

static void set_odds(struct params *p, const struct sampling *s, unsigned c)
{
	const struct spec_comparison *about = &s->matcher->comparisons[c];
	uint64_t hits[LEVELS_MOST] = { 0 }, all = 0;
	double equal = p->equal[c];

	for (size_t t = 0; t < s->tiles; t++)
		for (unsigned code = 1; code < about->codes; code++)
			hits[code] += s->hits[t][c][code];
	for (unsigned code = 1; code < about->codes; code++)
		all += hits[code];
	/* Half a hit for each level: what was not seen is rare, not impossible. */
	for (unsigned code = 1; code < about->codes; code++)
		p->odds[c].u[code] = ((double)hits[code] + 0.5) /
				     ((double)all + 0.5 * (about->codes - 1)) *
				     (s->matcher->equal_is_top[c] ? 1 - equal : 1);
	if (s->matcher->equal_is_top[c])
		p->odds[c].u[about->codes - 1] += equal;
}

void params_strangers(struct params *p, const struct matcher *matcher, const struct joints *joints)
{
	const struct rows *rows = matcher->rows;
	size_t wanted = rows->count * 20;
	struct sampling s = { .matcher = matcher, .joints = joints, .pairing = pairing_of(rows) };

	wanted = wanted < SAMPLE_LEAST ? SAMPLE_LEAST : wanted > SAMPLE_MOST ? SAMPLE_MOST : wanted;
	s.is_whole = (double)rows->count * (double)rows->count / 2 < (double)wanted;
	s.tiles = s.is_whole ? rows->count : wanted / ((size_t)SIDE * SIDE);
	s.hits = memory_take((s.tiles + 1) * sizeof(*s.hits));
	parallel(rows->threads, s.tiles, sample_tile, &s);
	for (unsigned c = 0; c < matcher->count; c++) {
		p->equal[c] = chance_equal(rows, &joints->of[c], s.pairing);
		set_odds(p, &s, c);
	}
	free(s.hits);
}
