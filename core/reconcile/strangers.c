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

/* Values of records that stand together in the cache, compared with others that do. */
struct strip {
	size_t records[SIDE];
	struct value values[2][SIDE];
	uint32_t ids[2][SIDE];
	unsigned count;
};

static void fetch(const struct rows *rows, unsigned column, const struct strip *strip,
		  uint32_t ids[SIDE], struct value values[SIDE])
{
	for (unsigned k = 0; k < strip->count; k++) {
		ids[k] = row_ids(rows, strip->records[k])[column];
		values[k] = rows->column[column].values[ids[k]];
	}
}

static void fetch_all(const struct sampling *s, unsigned comparison, struct strip *strip)
{
	const struct spec_comparison *c = &s->matcher->comparisons[comparison];

	for (unsigned i = 0; i < c->how.columns; i++)
		fetch(s->matcher->rows, c->column[i], strip, strip->ids[i], strip->values[i]);
}

/* Equal, and so strict that nothing needs to be asked: counted elsewhere. */
static bool is_top(const struct sampling *s, unsigned comparison, const struct strip *x, unsigned i,
		   const struct strip *y, unsigned k)
{
	unsigned columns = s->matcher->comparisons[comparison].how.columns;

	for (unsigned n = 0; n < columns; n++)
		if (!x->ids[n][i] || x->ids[n][i] != y->ids[n][k] || x->values[n][i].is_partial)
			return false;
	return s->matcher->equal_is_top[comparison];
}

static bool is_pair(const struct sampling *s, size_t a, size_t b)
{
	const struct row_name *names = s->matcher->rows->names;

	return a != b && may_pair(s->pairing, &names[a], &names[b]);
}

/* Each record of @x with each of @y; where both are the same, with those behind it. */
static void sample_strips(const struct sampling *s, size_t tile, struct strip *x, struct strip *y,
			  bool is_same)
{
	for (unsigned c = 0; c < s->matcher->count; c++) {
		uint64_t *hits = s->hits[tile][c];

		fetch_all(s, c, x);
		fetch_all(s, c, y);
		for (unsigned i = 0; i < x->count; i++)
			for (unsigned k = is_same ? i + 1 : 0; k < y->count; k++) {
				const struct value *a[] = { &x->values[0][i], &x->values[1][i] };
				const struct value *b[] = { &y->values[0][k], &y->values[1][k] };

				if (is_pair(s, x->records[i], y->records[k]) &&
				    !is_top(s, c, x, i, y, k))
					hits[compare_by(&s->matcher->plans[c], a, b) + 1]++;
			}
	}
}

static void take(struct strip *strip, size_t begin, size_t end)
{
	strip->count = 0;
	for (size_t i = begin; i < end && i < begin + SIDE; i++)
		strip->records[strip->count++] = i;
}

/* Where all pairs are seen, a tile is a strip of records, with itself and with those behind it. */
static void sample_all(const struct sampling *s, size_t tile, struct strip *x, struct strip *y)
{
	size_t count = s->matcher->rows->count;

	take(x, tile * SIDE, count);
	take(y, tile * SIDE, count);
	sample_strips(s, tile, x, y, true);
	for (size_t b = (tile + 1) * SIDE; b < count; b += SIDE) {
		take(y, b, count);
		sample_strips(s, tile, x, y, false);
	}
}

static void sample_tile(void *with, size_t tile, unsigned thread)
{
	const struct sampling *s = with;
	size_t count = s->matcher->rows->count;
	struct strip x = { .count = SIDE }, y = { .count = SIDE };
	uint64_t dice = tile;

	if (s->is_whole) {
		sample_all(s, tile, &x, &y);
		return;
	}
	for (unsigned i = 0; i < SIDE; i++) {
		x.records[i] = roll(&dice) % count;
		y.records[i] = roll(&dice) % count;
	}
	sample_strips(s, tile, &x, &y, false);
}

struct counting {
	const struct sampling *sampling;
	struct params *params;
};

static void count_equal(void *with, size_t comparison, unsigned thread)
{
	const struct counting *counting = with;
	const struct sampling *s = counting->sampling;

	counting->params->equal[comparison] =
		chance_equal(s->matcher->rows, &s->joints->of[comparison], s->pairing);
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
	s.tiles = s.is_whole ? (rows->count + SIDE - 1) / SIDE : wanted / ((size_t)SIDE * SIDE);
	s.hits = memory_take((s.tiles + 1) * sizeof(*s.hits));
	parallel(rows->threads, s.tiles, sample_tile, &s);
	parallel(rows->threads, matcher->count, count_equal, &(struct counting){ &s, p });
	for (unsigned c = 0; c < matcher->count; c++)
		set_odds(p, &s, c);
	free(s.hits);
}
