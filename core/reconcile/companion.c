/*
 * companion.c - links by the places where their records stand.
 *
 * A link says nothing of itself: of two records those companions count that are linked with each
 * other, and each once.
 */
#include "reconcile/companion.h"

#include <stdlib.h>

#include "reconcile/cluster.h"
#include "reconcile/em.h"
#include "reconcile/parallel.h"

#define LINKED 0.0   /* weight from which two are called linked */
#define WORTH (-7.0) /* weight from which a pair that no rule found is kept */
#define SLOTS_LEAST 1024
#define PIECE 32768
#define SEEN_FIRST 0.5 /* half a pair for each level, as in em.c */

static uint32_t place_of(const struct companions *c, uint32_t record)
{
	return row_ids(c->rows, record)[c->column];
}

static uint64_t places_of(const struct companions *c, uint32_t a, uint32_t b)
{
	uint32_t x = place_of(c, a), y = place_of(c, b);

	if (!x || !y || x == y)
		return 0;
	return x < y ? (uint64_t)x << 32 | y : (uint64_t)y << 32 | x;
}

/* Records that share it stand together; so many do not. */
static bool is_company(const struct companions *c, uint32_t place)
{
	return c->rows->column[c->column].counts[place] <= COMPANIONS_MOST;
}

static size_t slot_of(const struct companions *c, uint64_t places)
{
	uint64_t hash = places * 0x9e3779b97f4a7c15u;

	return (hash ^ hash >> 32) & (c->slot_room - 1);
}

static int compare_links(const void *a, const void *b)
{
	const struct companion_link *x = a, *y = b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

/* Links of the same places together, in order of their records. */
static void order_links(struct companions *c, const struct radix_item *items,
			const struct pairs *pairs)
{
	size_t end;

	for (size_t i = 0; i < c->count; i++) {
		const struct pair *p = &pairs->at[items[i].item];
		bool is_turned = place_of(c, p->a) > place_of(c, p->b);

		c->links[i] = (struct companion_link){ items[i].key, is_turned ? p->b : p->a,
						       is_turned ? p->a : p->b };
	}
	for (size_t i = 0; i < c->count; i = end) {
		for (end = i + 1; end < c->count && c->links[end].places == c->links[i].places;)
			end++;
		if (end - i > 1)
			qsort(c->links + i, end - i, sizeof(*c->links), compare_links);
	}
}

static void index_links(struct companions *c)
{
	c->slot_room = SLOTS_LEAST;
	while (c->slot_room < c->count * 2)
		c->slot_room *= 2;
	c->slots = memory_take(c->slot_room * sizeof(*c->slots));
	for (size_t i = 0; i < c->count; i++) {
		size_t at = slot_of(c, c->links[i].places);

		if (i > 0 && c->links[i].places == c->links[i - 1].places)
			continue;
		while (c->slots[at])
			at = (at + 1) & (c->slot_room - 1);
		c->slots[at] = (uint32_t)i + 1;
	}
}

void companions_make(struct companions *c, const struct pairs *pairs, const struct weights *weights,
		     const struct matcher *matcher)
{
	const struct link_spec *spec = matcher->rows->spec;
	struct radix_item *items = memory_take((pairs->count + 1) * sizeof(*items));

	*c = (struct companions){ .rows = matcher->rows, .comparison = spec->companions - 1 };
	c->column = spec->comparisons[c->comparison].column[0];
	for (size_t i = 0; i < pairs->count; i++) {
		const struct pair *p = &pairs->at[i];
		uint64_t places;

		pairs_walked(pairs, weights, i);
		if (weights->at[i] < (float)LINKED)
			continue;
		places = places_of(c, p->a, p->b);
		if (places && is_company(c, place_of(c, p->a)) &&
		    is_company(c, place_of(c, p->b)) && !is_never(c->rows, p->a, p->b))
			items[c->count++] = (struct radix_item){ places, (uint32_t)i };
	}
	radix_sort(items, c->count);
	c->links = memory_take((c->count + 1) * sizeof(*c->links));
	order_links(c, items, pairs);
	index_links(c);
	free(items);
}

void companions_done(struct companions *c)
{
	free(c->links);
	free(c->slots);
	*c = (struct companions){ 0 };
}

/* The first link of two places, or past the last. */
static size_t first_link(const struct companions *c, uint64_t places)
{
	size_t at = slot_of(c, places);

	while (c->slots[at] && c->links[c->slots[at] - 1].places != places)
		at = (at + 1) & (c->slot_room - 1);
	return c->slots[at] ? c->slots[at] - 1 : c->count;
}

/* Companions in common: links of others, each record counted once. */
static unsigned in_common(const struct companions *c, uint64_t places, uint32_t a, uint32_t b)
{
	uint32_t rights[COMPANIONS_MOST], last = UINT32_MAX;
	unsigned lefts = 0, right_count = 0;

	for (size_t i = first_link(c, places); i < c->count && c->links[i].places == places; i++) {
		const struct companion_link *l = &c->links[i];
		unsigned k = 0;

		if (l->a == a || l->b == b || l->a == b || l->b == a)
			continue;
		lefts += l->a != last;
		last = l->a;
		while (k < right_count && rights[k] != l->b)
			k++;
		if (k == right_count)
			rights[right_count++] = l->b;
	}
	return lefts < right_count ? lefts : right_count;
}

unsigned companions_code(const struct companions *c, uint32_t a, uint32_t b)
{
	const struct comparison *how = &c->rows->spec->comparisons[c->comparison].how;
	uint64_t places = places_of(c, a, b);
	unsigned common;

	if (!places)
		return 0;
	common = in_common(c, places, a, b);
	for (unsigned i = 0; i < how->count; i++)
		if (common >= how->levels[i].bound)
			return how->count + 1 - i;
	return 1;
}

static uint64_t with_code(const struct companions *c, uint64_t levels, unsigned code)
{
	return (levels & ~(UINT64_C(15) << 4 * c->comparison)) | (uint64_t)code
									 << 4 * c->comparison;
}

/* In any order they are counted, in one they are numbered. */
static void number_again(struct pairs *pairs, struct patterns *fresh)
{
	struct patterns unordered = { 0 };
	uint32_t *number = memory_take((fresh->count + 1) * sizeof(*number));

	for (size_t i = 0; i < fresh->count; i++)
		patterns_add(&unordered, fresh->at[i].levels, fresh->at[i].rules, 0);
	patterns_order(fresh);
	for (size_t i = 0; i < unordered.count; i++)
		number[i] = patterns_add(fresh, unordered.at[i].levels, unordered.at[i].rules, 0);
	for (size_t i = 0; i < pairs->count; i++)
		pairs->at[i].pattern = number[pairs->at[i].pattern];
	patterns_done(&unordered);
	patterns_done(&pairs->patterns);
	pairs->patterns = *fresh;
	free(number);
}

void companions_say(const struct companions *c, struct pairs *pairs)
{
	struct patterns fresh = { 0 };

	for (size_t i = 0; i < pairs->count; i++) {
		struct pair *p = &pairs->at[i];
		const struct pattern *old = &pairs->patterns.at[p->pattern];

		p->pattern = patterns_add(&fresh,
					  with_code(c, old->levels, companions_code(c, p->a, p->b)),
					  old->rules, 1);
	}
	number_again(pairs, &fresh);
}

/* Learning. */

struct seen {
	double match[LEVELS_MOST], kin[LEVELS_MOST];
};

struct learning {
	const struct companions *companions;
	const struct pairs *pairs;
	const struct weigher *w;
	struct seen *pieces;
};

static void see_piece(void *with, size_t unit, unsigned thread)
{
	const struct learning *l = with;
	struct seen *seen = &l->pieces[unit];
	size_t end = (unit + 1) * PIECE;

	for (size_t i = unit * PIECE; i < end && i < l->pairs->blocked; i++) {
		const struct pair *p = &l->pairs->at[i];
		uint64_t levels = l->pairs->patterns.at[p->pattern].levels;
		unsigned code = pattern_code(levels, l->companions->comparison);
		struct evidence e;
		double match, kin;

		if (!code)
			continue;
		e = weigh_pair(l->w, with_code(l->companions, levels, 0), p->a, p->b);
		match = exp2(fmin(l->w->match - l->w->other + e.match, 60));
		kin = exp2(fmin(l->w->kin - l->w->other + e.kin, 60));
		seen->match[code] += match / (1 + match + kin);
		seen->kin[code] += kin / (1 + match + kin);
	}
}

/* Records that stand at two places, in order. */
struct standing {
	uint32_t *start, *records; /* by place */
};

static void stand(struct standing *s, const struct companions *c)
{
	const struct column *column = &c->rows->column[c->column];
	uint32_t *at = memory_take((column->count + 1) * sizeof(*at));

	s->start = memory_take((column->count + 2) * sizeof(*s->start));
	s->records = memory_take((c->rows->count + 1) * sizeof(*s->records));
	for (uint32_t place = 1; place < column->count; place++)
		s->start[place + 1] = s->start[place] + column->counts[place];
	memcpy(at, s->start, column->count * sizeof(*at));
	for (uint32_t i = 0; i < c->rows->count; i++)
		if (place_of(c, i))
			s->records[at[place_of(c, i)]++] = i;
	free(at);
}

static void stand_done(struct standing *s)
{
	free(s->start);
	free(s->records);
}

/* Every two records that stand at two places which share somebody; a < b. */
static void meet(const struct companions *c, void (*take)(void *with, uint32_t a, uint32_t b),
		 void *with)
{
	struct pairing_rule pairing = pairing_of(c->rows);
	struct standing s;

	stand(&s, c);
	for (size_t i = 0; i < c->count; i++) {
		uint32_t x = (uint32_t)(c->links[i].places >> 32), y = (uint32_t)c->links[i].places;

		if (i > 0 && c->links[i].places == c->links[i - 1].places)
			continue;
		for (uint32_t k = s.start[x]; k < s.start[x + 1]; k++)
			for (uint32_t n = s.start[y]; n < s.start[y + 1]; n++) {
				uint32_t a = s.records[k], b = s.records[n];

				if (may_pair(pairing, &c->rows->names[a], &c->rows->names[b]))
					take(with, a < b ? a : b, a < b ? b : a);
			}
	}
	stand_done(&s);
}

struct counting {
	const struct companions *companions;
	uint64_t count[LEVELS_MOST];
};

static void count_pair(void *with, uint32_t a, uint32_t b)
{
	struct counting *counting = with;

	counting->count[companions_code(counting->companions, a, b)]++;
}

static void believe(double *odds, const double *seen, const double *fixed, unsigned codes)
{
	double all = 0;

	for (unsigned code = 1; code < codes; code++)
		all += seen[code] + SEEN_FIRST;
	for (unsigned code = 1; code < codes; code++)
		odds[code] = fixed[code] >= 0 ? fixed[code] : (seen[code] + SEEN_FIRST) / all;
}

/* u as it is in all pairs, matches and kin among them: params_clean_strangers takes them out. */
static void count_strangers(const struct companions *c, struct params *params)
{
	const struct spec_comparison *about = &c->rows->spec->comparisons[c->comparison];
	struct counting counting = { .companions = c };
	double present = (double)c->rows->column[c->column].present, rest = 1;
	double *seen = params->seen[c->comparison], *u = params->odds[c->comparison].u;

	meet(c, count_pair, &counting);
	for (unsigned code = 2; code < about->codes; code++) {
		seen[code] = ((double)counting.count[code] + SEEN_FIRST) /
			     fmax(present * (present - 1) / 2, 1e4);
		rest -= seen[code];
		params->is_unseen[c->comparison][code] = !counting.count[code];
	}
	seen[1] = rest;
	params->is_unseen[c->comparison][1] = false;
	for (unsigned code = 1; code < about->codes; code++)
		u[code] = about->fixed.u[code] >= 0 ? about->fixed.u[code] : seen[code];
}

void companions_learn(const struct companions *c, const struct pairs *pairs,
		      const struct weigher *w, struct params *params)
{
	const struct spec_comparison *about = &c->rows->spec->comparisons[c->comparison];
	size_t pieces = (pairs->blocked + PIECE - 1) / PIECE;
	struct learning l = { c, pairs, w, memory_take((pieces + 1) * sizeof(*l.pieces)) };
	struct odds *odds = &params->odds[c->comparison];
	struct seen all = { 0 };

	parallel(c->rows->threads, pieces, see_piece, &l);
	for (size_t i = 0; i < pieces; i++)
		for (unsigned code = 1; code < about->codes; code++) {
			all.match[code] += l.pieces[i].match[code];
			all.kin[code] += l.pieces[i].kin[code];
		}
	count_strangers(c, params);
	believe(odds->m, all.match, about->fixed.m, about->codes);
	believe(odds->kin, all.kin, about->fixed.kin, about->codes);
	odds_settle_kin(about, odds);
	params->is_learned[c->comparison] = true;
	free(l.pieces);
}

/* Pairs that no rule found. */

struct adding {
	const struct companions *companions;
	const struct blocks *blocks;
	const struct weigher *w;
	struct pairs *pairs;
};

static void add_pair(void *with, uint32_t a, uint32_t b)
{
	struct adding *adding = with;
	const struct rows *rows = adding->companions->rows;
	struct pairs *pairs = adding->pairs;
	uint64_t levels;

	if (companions_code(adding->companions, a, b) < 2 || blocks_meet(adding->blocks, a, b) ||
	    is_never(rows, a, b))
		return;
	levels = matcher_pattern(adding->w->matcher, row_ids(rows, a), row_ids(rows, b));
	if (weigh_total(adding->w, weigh_pair(adding->w, levels, a, b)) < WORTH)
		return;
	pairs_add(pairs, &(struct pair){ a, b, patterns_add(&pairs->patterns, levels, 0, 1) });
}

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

void companions_add(const struct companions *c, const struct blocks *blocks,
		    const struct weigher *w, struct pairs *pairs)
{
	struct adding adding = { c, blocks, w, pairs };

	pairs->count = pairs->blocked;
	meet(c, add_pair, &adding);
	qsort(pairs->at + pairs->blocked, pairs->count - pairs->blocked, sizeof(*pairs->at),
	      compare_pairs);
}

bool companions_met(const struct pairs *pairs, uint32_t a, uint32_t b)
{
	const struct pair wanted = { a, b, 0 };

	return bsearch(&wanted, pairs->at + pairs->blocked, pairs->count - pairs->blocked,
		       sizeof(wanted), compare_pairs);
}
