/*
 * cluster.c - components of linked pairs, and average link inside of those that do
 * not hang together.
 *
 * One false link joins two clusters into one component. So in a component where not
 * everybody is linked with everybody, every pair is weighed, and clusters are merged
 * by the average weight between them, the strongest first, down to the cut. Two that
 * are never one keep their clusters apart. A pair that is not linked because it says too
 * little keeps nobody apart: it counts against a merge as far as it says what would be
 * a surprise in a match. The neighbour chain finds the same merges as
 * a search for the strongest pair, in time of the square.
 */
#include "reconcile/cluster.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "reconcile/companion.h"
#include "reconcile/kind.h"
#include "reconcile/parallel.h"

#define COMPONENT_MOST 1200 /* records whose pairs are all weighed; more are cut higher first */
#define WEIGHT_MOST 12.0f   /* a single pair counts no more than so, either way */
#define REPEATED 0.5        /* what a surprise counts: other pairs of the two repeat it */
#define CUT_STEP 2.0
#define CUT_RANGE 40

struct component {
	uint32_t *records; /* in order */
	uint32_t count;
	uint64_t links;
	uint32_t rulings;
};

struct work {
	const struct clustering *how;
	struct clusters *clusters;
	struct component *components;
	size_t count, room;
	uint32_t *members; /* of all components */
	bool *is_open;     /* by record: its cluster is not found yet */
	bool is_last;      /* take large components as they are */
	struct scale *unmet[THREADS_MOST];
	atomic_size_t split;
};

bool is_never(const struct rows *rows, uint32_t a, uint32_t b)
{
	uint32_t columns = rows->spec->never_differ;
	const struct spec_kind *kind;

	for (unsigned c = 0; c < rows->spec->column_count; c++)
		if (rows->spec->never_same >> c & 1 && row_ids(rows, a)[c] &&
		    row_ids(rows, a)[c] == row_ids(rows, b)[c])
			return true;
	if (rows->spec->one_per_source && rows->names[a].source == rows->names[b].source)
		return true;
	for (unsigned c = 0; c < rows->spec->column_count; c++) {
		const struct value *x, *y;

		if (!(columns >> c & 1) || row_ids(rows, a)[c] == row_ids(rows, b)[c])
			continue;
		x = row_value(rows, a, c);
		y = row_value(rows, b, c);
		if (value_is_missing(x) || value_is_missing(y) || x->is_partial || y->is_partial)
			continue;
		if (rows->spec->columns[c].form != FORM_IDCARD)
			return true;
		if (x->idcard->is_valid && y->idcard->is_valid)
			return true;
	}
	kind = rows->spec->kind_count ? kind_of(rows, a, b) : NULL;
	return kind && !kind->is_one;
}

/* Components. */

static uint32_t root_of(uint32_t *up, uint32_t record)
{
	while (up[record] != record) {
		up[record] = up[up[record]];
		record = up[record];
	}
	return record;
}

/* The first record of a component is its root. */
static void join(uint32_t *up, uint32_t a, uint32_t b)
{
	a = root_of(up, a);
	b = root_of(up, b);
	if (a < b)
		up[b] = a;
	else
		up[a] = b;
}

static bool is_link(const struct clustering *how, size_t pair, double cut)
{
	const struct pair *p = &how->pairs->at[pair];

	return how->weights->at[pair] >= cut && !is_never(how->weigher->matcher->rows, p->a, p->b);
}

static void join_linked(const struct work *work, uint32_t *up, double cut)
{
	const struct clustering *how = work->how;

	for (size_t i = 0; i < how->pairs->count; i++) {
		const struct pair *p = &how->pairs->at[i];

		pairs_walked(how->pairs, how->weights, i);
		if (work->is_open[p->a] && work->is_open[p->b] && is_link(how, i, cut))
			join(up, p->a, p->b);
	}
	for (size_t i = 0; i < how->ruling_count; i++) {
		const struct ruling *r = &how->rulings[i];

		if (r->is_same && work->is_open[r->a] && work->is_open[r->b])
			join(up, r->a, r->b);
	}
}

/* Components of two and more, in the order of their first records. @place: by root. */
static void gather(struct work *work, const uint32_t *up, uint32_t *place, size_t records)
{
	uint32_t *counts = memory_take((records + 1) * sizeof(*counts)), *at = work->members;

	for (size_t i = 0; i < records; i++)
		counts[up[i]]++;
	work->count = 0;
	for (size_t i = 0; i < records; i++) {
		place[i] = UINT32_MAX;
		if (counts[i] < 2)
			continue;
		place[i] = (uint32_t)work->count;
		memory_grow(&work->components, work->count, &work->room, sizeof(*work->components));
		work->components[work->count++] = (struct component){ .records = at };
		at += counts[i];
	}
	for (size_t i = 0; i < records; i++) {
		struct component *c;

		if (place[up[i]] == UINT32_MAX)
			continue;
		c = &work->components[place[up[i]]];
		c->records[c->count++] = (uint32_t)i;
	}
	free(counts);
}

static void count_links(struct work *work, const uint32_t *up, const uint32_t *place, double cut)
{
	const struct clustering *how = work->how;

	for (size_t i = 0; i < how->pairs->count; i++) {
		const struct pair *p = &how->pairs->at[i];

		pairs_walked(how->pairs, how->weights, i);
		if (place[up[p->a]] != UINT32_MAX && up[p->a] == up[p->b] && is_link(how, i, cut))
			work->components[place[up[p->a]]].links++;
	}
	for (size_t i = 0; i < how->ruling_count; i++) {
		const struct ruling *r = &how->rulings[i];

		if (place[up[r->a]] != UINT32_MAX && up[r->a] == up[r->b])
			work->components[place[up[r->a]]].rulings++;
	}
}

/* Average link. */

struct merging {
	struct work *work;
	unsigned thread;
	uint32_t *records;
	uint32_t count;
	float *weight; /* [count][count] */
	float *size;   /* 0: merged into another */
	uint32_t *of;  /* the cluster of each, its first */
};

static float clamp(double weight)
{
	return weight > (double)WEIGHT_MOST    ? WEIGHT_MOST
	       : weight < -(double)WEIGHT_MOST ? -WEIGHT_MOST
					       : (float)weight;
}

static void weigh_all(struct merging *m)
{
	const struct clustering *how = m->work->how;
	const struct rows *rows = how->weigher->matcher->rows;
	struct scale *unmet = m->work->unmet[m->thread];

	for (uint32_t i = 0; i < m->count; i++) {
		for (uint32_t k = i + 1; k < m->count; k++) {
			uint32_t a = m->records[i], b = m->records[k];
			bool never = is_never(rows, a, b);
			double surprise = 0;
			double weight =
				never ? -INFINITY : weigh_records(how->weigher, a, b, &surprise);

			if (!never && !blocks_meet(how->blocks, a, b) &&
			    !companions_met(how->pairs, a, b))
				scale_add(unmet, weight, 1);
			if (!never && weight < how->cut)
				weight = fmax(weight, REPEATED * surprise);
			m->weight[i * m->count + k] = never ? -INFINITY : clamp(weight);
			m->weight[k * m->count + i] = m->weight[i * m->count + k];
		}
	}
}

static uint32_t place_of(const struct merging *m, uint32_t record)
{
	uint32_t low = 0, high = m->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (m->records[middle] < record)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->count && m->records[low] == record ? low : UINT32_MAX;
}

/* A person's word counts for more than any sum. */
static void obey_rulings(struct merging *m)
{
	const struct clustering *how = m->work->how;

	for (size_t r = 0; r < how->ruling_count; r++) {
		uint32_t a = place_of(m, how->rulings[r].a), b = place_of(m, how->rulings[r].b);

		if (a == UINT32_MAX || b == UINT32_MAX || a == b)
			continue;
		m->weight[a * m->count + b] = how->rulings[r].is_same ? INFINITY : -INFINITY;
		m->weight[b * m->count + a] = m->weight[a * m->count + b];
	}
}

static float average(float x, float size_x, float y, float size_y)
{
	if (x == -INFINITY || y == -INFINITY)
		return -INFINITY;
	return x == INFINITY || y == INFINITY ? INFINITY
					      : (x * size_x + y * size_y) / (size_x + size_y);
}

static void merge(struct merging *m, uint32_t into, uint32_t from)
{
	for (uint32_t i = 0; i < m->count; i++) {
		float joint;

		if (m->size[i] <= 0 || i == into || i == from)
			continue;
		joint = average(m->weight[into * m->count + i], m->size[into],
				m->weight[from * m->count + i], m->size[from]);
		m->weight[into * m->count + i] = m->weight[i * m->count + into] = joint;
	}
	m->size[into] += m->size[from];
	m->size[from] = 0;
	for (uint32_t i = 0; i < m->count; i++)
		if (m->of[i] == from)
			m->of[i] = into;
}

/* The nearest of @at, the first of equals; @before stays where it is as near. */
static uint32_t nearest(const struct merging *m, uint32_t at, uint32_t before)
{
	uint32_t best = before;

	for (uint32_t i = 0; i < m->count; i++)
		if (i != at && m->size[i] > 0 &&
		    (best == UINT32_MAX ||
		     m->weight[at * m->count + i] > m->weight[at * m->count + best]))
			best = i;
	return best;
}

static void merge_all(struct merging *m, double cut)
{
	uint32_t *chain = memory_take((m->count + 1) * sizeof(*chain)), length = 0;

	for (uint32_t next = 0; next < m->count;) {
		uint32_t at, near;

		if (!length) {
			while (next < m->count && m->size[next] <= 0)
				next++;
			if (next == m->count)
				break;
			chain[length++] = next;
		}
		at = chain[length - 1];
		near = nearest(m, at, length > 1 ? chain[length - 2] : UINT32_MAX);
		if (near == UINT32_MAX || (double)m->weight[at * m->count + near] < cut) {
			/* Nothing near enough is left for it: it is as it will be. */
			length = 0;
			m->size[at] = -m->size[at];
			continue;
		}
		if (length > 1 && near == chain[length - 2]) {
			length -= 2;
			merge(m, near < at ? near : at, near < at ? at : near);
		} else {
			chain[length++] = near;
		}
		if (!length)
			next = 0;
	}
	free(chain);
}

static void say_clusters(const struct merging *m)
{
	bool is_whole = true;

	for (uint32_t i = 0; i < m->count; i++) {
		m->work->clusters->of[m->records[i]] = m->records[m->of[i]];
		is_whole = is_whole && m->of[i] == 0;
	}
	if (!is_whole)
		atomic_fetch_add(&m->work->split, 1);
}

static void agglomerate(struct work *work, uint32_t *records, uint32_t count, unsigned thread,
			double cut)
{
	struct merging m = { .work = work, .thread = thread, .count = count };

	m.records = records;
	m.weight = memory_take((size_t)count * count * sizeof(*m.weight));
	m.size = memory_take(count * sizeof(*m.size));
	m.of = memory_take(count * sizeof(*m.of));
	for (uint32_t i = 0; i < count; i++) {
		m.size[i] = 1;
		m.of[i] = i;
	}
	weigh_all(&m);
	obey_rulings(&m);
	merge_all(&m, cut);
	say_clusters(&m);
	free(m.weight);
	free(m.size);
	free(m.of);
}

static void cluster_component(void *with, size_t unit, unsigned thread)
{
	struct work *work = with;
	struct component *c = &work->components[unit];
	uint64_t pairs = (uint64_t)c->count * (c->count - 1) / 2;

	if (c->count > COMPONENT_MOST && !work->is_last)
		return;
	if (c->count <= COMPONENT_MOST && (c->links < pairs || c->rulings))
		agglomerate(work, c->records, c->count, thread, work->how->cut);
	else
		for (uint32_t i = 0; i < c->count; i++)
			work->clusters->of[c->records[i]] = c->records[0];
}

/* Cluster what hangs together at @cut; true where some components were too large for it. */
static bool cluster_at(struct work *work, uint32_t *up, uint32_t *place, double cut)
{
	const struct rows *rows = work->how->weigher->matcher->rows;
	bool is_left = false;

	for (size_t i = 0; i < rows->count; i++)
		up[i] = (uint32_t)i;
	join_linked(work, up, cut);
	for (size_t i = 0; i < rows->count; i++)
		up[i] = root_of(up, (uint32_t)i);
	gather(work, up, place, rows->count);
	count_links(work, up, place, cut);
	parallel(rows->threads, work->count, cluster_component, work);
	for (size_t i = 0; i < rows->count; i++) {
		uint32_t at = place[up[i]];

		work->is_open[i] = at != UINT32_MAX &&
				   work->components[at].count > COMPONENT_MOST && !work->is_last;
		is_left = is_left || work->is_open[i];
	}
	return is_left;
}

void clusters_make(struct clusters *clusters, const struct clustering *how)
{
	const struct rows *rows = how->weigher->matcher->rows;
	struct work work = { .how = how, .clusters = clusters };
	uint32_t *up = memory_take((rows->count + 1) * sizeof(*up));
	uint32_t *place = memory_take((rows->count + 1) * sizeof(*place));
	double cut = how->cut;

	*clusters = (struct clusters){ 0 };
	clusters->of = memory_take((rows->count + 1) * sizeof(*clusters->of));
	clusters->unmet = memory_take(sizeof(*clusters->unmet));
	work.members = memory_take((rows->count + 1) * sizeof(*work.members));
	work.is_open = memory_take((rows->count + 1) * sizeof(*work.is_open));
	for (unsigned t = 0; t < rows->threads; t++)
		work.unmet[t] = memory_take(sizeof(*work.unmet[t]));
	for (size_t i = 0; i < rows->count; i++) {
		clusters->of[i] = (uint32_t)i;
		work.is_open[i] = true;
	}
	while (cluster_at(&work, up, place, cut)) {
		cut += CUT_STEP;
		work.is_last = cut > how->cut + CUT_RANGE;
	}
	for (unsigned t = 0; t < rows->threads; t++) {
		for (unsigned bin = 0; bin < SCALE_BINS; bin++)
			clusters->unmet->bins[bin] += work.unmet[t]->bins[bin];
		free(work.unmet[t]);
	}
	clusters->split = work.split;
	free(work.components);
	free(work.members);
	free(work.is_open);
	free(up);
	free(place);
}

void clusters_done(struct clusters *clusters)
{
	free(clusters->of);
	free(clusters->unmet);
	*clusters = (struct clusters){ 0 };
}
