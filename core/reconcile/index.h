/*
 * index.h - records as they arrive, against all that were there before.
 *
 * What a search through everything has learned is frozen in the store: the odds, the
 * priors, the cut, how many records have each value that several have, and how
 * blocks that were too large are split. Under it the weight of two records depends on these
 * two alone, and a cluster on the records in it. So it does not matter in which
 * order records come: one at a time, the index finds the same pairs and the same clusters
 * as a search through all of them with what was learned. It ages as the data change; a search
 * that learns anew (every night, say) fills it again.
 *
 * Everything here is inside of a transaction that the caller opened. The index knows the numbers
 * of records and what their columns say, nothing else of them; where several
 * specifications are in use, each has its own, by its name.
 *
 *     linker = linker_new(spec, &options);            a search that learns:
 *     linker_add(linker, &record, &err);              every record there is
 *     linker_run(linker, &err);
 *     linker_found(linker, &found, &err);             what came of it
 *     link_index_fill(store, linker, &err);
 *
 *     link_index_open(store, spec, &index, &err);     then, with each that arrives:
 *     link_index_put(index, &record, &found, &err);
 */
#ifndef RECONCILE_INDEX_H
#define RECONCILE_INDEX_H

#include <casebridge/text.h>

#include "reconcile/reconcile.h"

struct store;

/* A record from memory. */
struct link_record {
	int64_t number;              /* the caller's own, above 0; the order of records is theirs */
	const char *source;          /* where it came from; one name where that plays no part */
	const struct cb_text *texts; /* by column of the specification; nothing: missing */
};

/* Which columns the texts are wanted for: the headings ("name|姓名"); NULL behind the last. */
const char *link_spec_column(const struct link_spec *spec, unsigned column);
const char *link_spec_name(const struct link_spec *spec);

/* All is copied. CB_BROKEN: there is one of that number. */
CB_CHECKED int linker_add(struct linker *linker, const struct link_record *record,
			  struct cb_error *err);
/* A person's word on two records that were added; before linker_run. */
struct link_ruling {
	int64_t record[2];
	bool is_same;
};
void linker_rule(struct linker *linker, const struct link_ruling *rulings, size_t count);

/* What is found. An answer other than CB_OK ends it. */
struct link_pair {
	int64_t record[2]; /* the smaller first */
	double weight, probability;
	const char *levels; /* of each comparison, as the specification says them, a tab between */
	bool is_sure;       /* from the cut on; else doubtful */
	const char *kind;   /* how they belong together, or NULL */
	bool is_apart;      /* by their kind they are never one */
	const struct linker *linker; /* that found it: linker_explain says why */
};
struct link_found {
	int (*pair)(void *with, const struct link_pair *pair, struct cb_error *err);
	/* @group: the smallest number in its cluster, its own where it is alone. */
	int (*group)(void *with, int64_t record, int64_t group, struct cb_error *err);
	void *with;
	int64_t *compared; /* NULL, or to count the pairs that were compared */
};
/* What linker_explain calls the record of that number; in @arena. */
const char *link_record_name(struct arena *arena, int64_t number);
/* After linker_run over records from memory: all that is sure or doubtful, what its kind keeps
 * apart among it, and the group of every record. */
CB_CHECKED int linker_found(const struct linker *linker, const struct link_found *found,
			    struct cb_error *err);

/* Keep what @linker (after linker_run, of records from memory) has learned, and the keys of its
 * records; what the index of that specification had before is gone. One of link_index_search has
 * learned nothing: what was learned stays, and its records take the place of those before. */
CB_CHECKED int link_index_fill(struct store *store, const struct linker *linker,
			       struct cb_error *err);

/*
 * For as long as the store is open; @spec and @store are borrowed. CB_END: it was never
 * filled. CB_SETUP: it was filled under another text of the specification, and a search has
 * to learn anew.
 */
struct link_index;
CB_CHECKED int link_index_open(struct store *store, const struct link_spec *spec,
			       struct link_index **out, struct cb_error *err);
void link_index_close(struct link_index *index);
/* Does it hold the record, and does that say the same? */
CB_CHECKED int link_index_has(const struct link_index *index, const struct link_record *record,
			      bool *has, struct cb_error *err);
/* All that hold; the index keeps them until others are set. */
void link_index_rule(struct link_index *index, const struct link_ruling *rulings, size_t count);

/*
 * A record is new, or says something else than before. @found gets each pair that it
 * makes now, and the group of every record whose cluster can have changed. What it said before
 * is forgotten, so that pairs of it that are not told again hold no more.
 */
CB_CHECKED int link_index_put(struct link_index *index, const struct link_record *record,
			      const struct link_found *found, struct cb_error *err);
/* It is no more: @found gets the groups of what it leaves behind. */
CB_CHECKED int link_index_drop(struct link_index *index, int64_t record,
			       const struct link_found *found, struct cb_error *err);

/* A linker that weighs and cuts as the index does, by the same rulings, and learns nothing: what it
 * finds in all records of the index is what the index has found. The index outlives it. */
struct linker *link_index_search(const struct link_index *index,
				 const struct link_options *options);

/* Why two that are in the index are linked or not; as linker_explain, with rules not said. */
CB_CHECKED int link_index_explain(struct link_index *index, struct arena *arena, int64_t left,
				  int64_t right,
				  void (*take)(void *with, const struct link_part *part),
				  void *with, struct link_verdict *verdict, struct cb_error *err);

#endif
