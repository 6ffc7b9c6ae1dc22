/*
 * cluster.h - records that are one, from pairs that may contradict each other.
 */
#ifndef RECONCILE_CLUSTER_H
#define RECONCILE_CLUSTER_H

#include "reconcile/cut.h"

struct ruling { /* a person's word on two records */
	uint32_t a, b;
	bool is_same;
};

struct clustering {
	const struct weigher *weigher;
	const struct blocks *blocks;
	const struct pairs *pairs;
	const struct weights *weights;
	const struct ruling *rulings;
	size_t ruling_count;
	double cut;
};

struct clusters {
	uint32_t *of;        /* record to its cluster: the first record in it */
	struct scale *unmet; /* pairs inside components that no rule had found, by weight */
	size_t split;        /* components that were no cluster as a whole */
};
void clusters_make(struct clusters *clusters, const struct clustering *how);
void clusters_done(struct clusters *clusters);

/* Two that the specification never links, whatever their weight. */
bool is_never(const struct rows *rows, uint32_t a, uint32_t b);

#endif
