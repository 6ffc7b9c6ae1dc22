/*
 * linker.h - one run of linking, for the files of this folder.
 */
#ifndef RECONCILE_LINKER_H
#define RECONCILE_LINKER_H

#include "reconcile/cluster.h"
#include "reconcile/companion.h"
#include "reconcile/index.h"

struct truth {          /* what is known, for measuring and learning */
	uint32_t *of;   /* record to its true cluster; 0: not known */
	uint64_t pairs; /* true ones that may be formed */
};

struct frozen;

struct linker {
	const struct link_spec *spec;
	struct link_options options;
	struct rows rows;
	struct blocks blocks;
	struct matcher matcher;
	struct joints joints;
	struct pairs pairs;
	struct companions companions;
	struct params params;
	double possible;             /* pairs that may be formed */
	const struct frozen *frozen; /* of another search; NULL: learn */
	struct frequency frequency;
	struct weigher weigher;
	struct weights weights;
	struct scale scale; /* of the pairs that may be linked, and those in components */
	struct cut cut;
	double trained_cut; /* weight; from a file of parameters */
	bool has_trained_cut;
	struct clusters clusters;
	uint32_t *cluster_number; /* by the first record of a cluster */
	struct ruling *rulings;
	size_t ruling_count;
	struct link_ruling *spoken; /* rulings on records from memory, until they are in order */
	size_t spoken_count;
	struct truth truth;
};

/* With @forms of the caller's, and what another search has learned; both borrowed. */
struct linker *linker_new_frozen(const struct link_spec *spec, const struct link_options *options,
				 struct forms *forms, const struct frozen *frozen);

/* The pairs of the record with that number (0: of all), and the least number in the cluster of the
 * record at a place. */
CB_CHECKED int linker_found_pairs(const struct linker *linker, int64_t record,
				  const struct link_found *found, struct cb_error *err);
int64_t linker_group(const struct linker *linker, size_t at);

/* Read and write. */
CB_CHECKED int truth_read(struct linker *linker, const char *path, struct cb_error *err);
/* Pairs that may be formed inside of the groups that @of names; 0: in none. */
uint64_t pairs_within(const struct linker *linker, const uint32_t *of);
CB_CHECKED int rulings_read(struct linker *linker, const char *path, struct cb_error *err);
CB_CHECKED int params_read(struct linker *linker, const char *path, struct cb_error *err);
CB_CHECKED int params_parse(struct linker *linker, const char *json, struct cb_error *err);
/* m by counting, where labels are given to learn from. */
CB_CHECKED int params_teach(struct linker *linker, double possible, struct cb_error *err);
CB_CHECKED int clusters_number(struct linker *linker, struct cb_error *err);
/* "id" or "source:id" */
size_t linker_find(const struct linker *linker, const char *name);

void quality_measure(const struct linker *linker, struct link_result *out);

static inline bool is_true_pair(const struct truth *truth, uint32_t a, uint32_t b)
{
	return truth->of[a] && truth->of[a] == truth->of[b];
}

#endif
