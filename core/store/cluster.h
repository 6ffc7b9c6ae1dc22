/*
 * cluster.h - records that are one thing: the clusters, who put them together,
 * and how that is undone.
 *
 * A record that is not alone has the number of its cluster. Numbers are never
 * given twice: when clusters become one, the oldest stays; when one falls apart,
 * the largest part keeps it. No record is ever changed or deleted by this.
 *
 * Every change is an event of the log, in the transaction that the caller opened.
 */
#ifndef STORE_CLUSTER_H
#define STORE_CLUSTER_H

#include "store/store.h"

struct store_act {             /* for the log and the audit */
	const char *what;      /* "link" "split" "run" "undo" */
	const char *who, *why; /* why may be NULL */
};

/* 0: it is alone. */
CB_CHECKED int store_cluster_of(struct store *store, int64_t record, int64_t *cluster,
				struct cb_error *err);
/* How many there are, and records in them. */
CB_CHECKED int store_cluster_counts(struct store *store, int64_t *clusters, int64_t *records,
				    struct cb_error *err);
/* The records of the cluster that @record is in, from the oldest, itself alone too; in @arena. */
CB_CHECKED int store_cluster_members(struct store *store, int64_t record, struct arena *arena,
				     int64_t **records, size_t *count, struct cb_error *err);

/*
 * Which records are one: those with the same @group. What shares a cluster with a
 * record named here and is not named itself stays in the cluster's own part.
 * Records whose cluster changes get a new revision, so that exports look again.
 * @event: its number; 0 where nothing moved and nothing was written.
 */
struct store_group {
	int64_t record, group;
};
CB_CHECKED int store_regroup(struct store *store, const struct table *entity,
			     const struct store_group *groups, size_t count,
			     const struct store_act *act, int64_t *event, struct cb_error *err);

/*
 * A person's word on two records. @data: a hash of what each was judged by; when
 * it differs, the word is void.
 */
struct store_ruling {
	int64_t record[2];
	uint64_t data[2];
	bool is_same;
	const char *who, *why;
	int64_t at_ms, event;
};
/* They are one: their clusters become one, and a no between them ends. */
CB_CHECKED int store_link(struct store *store, const struct table *entity,
			  const struct store_ruling *said, int64_t *event, struct cb_error *err);
/*
 * The @count records are none of what is left in their cluster, which all of them
 * share: they leave it together. @data by record of the cluster, in the order of
 * store_cluster_members. CB_REFUSED: they share none, or all of it was named.
 */
CB_CHECKED int store_split(struct store *store, const struct table *entity, const int64_t *records,
			   size_t count, const uint64_t *data, const char *who, const char *why,
			   int64_t *event, struct cb_error *err);
/* Two that are in no common cluster are not one. */
CB_CHECKED int store_keep_apart(struct store *store, const struct store_ruling *said,
				int64_t *event, struct cb_error *err);
/*
 * Undo the event: every record goes back, what was said with it is taken back, and what that
 * had ended holds again. What a search did is not done again by the next. CB_REFUSED: a
 * later one that still stands touched the same clusters (@err names it), it is undone, or it is an
 * undoing itself. @undone 0: the newest that can be.
 */
CB_CHECKED int store_undo(struct store *store, int64_t undone, const char *who, const char *why,
			  int64_t *event, struct cb_error *err);

/* All that hold, in order; whether their data still fit, the caller sees. In @arena. */
CB_CHECKED int store_rulings(struct store *store, struct arena *arena,
			     struct store_ruling **rulings, size_t *count, struct cb_error *err);

/* The log, newest first. */
struct store_event {
	int64_t id, at_ms, undone, undoes; /* 0: not */
	const char *what, *who, *why;
	int64_t moved;
};
CB_CHECKED int store_events(struct store *store, int64_t most,
			    int (*each)(void *with, const struct store_event *event,
					struct cb_error *err),
			    void *with, struct cb_error *err);

/* What a search found. */
#define PAIR_LINKED "linked"     /* sure, and one cluster */
#define PAIR_DOUBTFUL "doubtful" /* a person has to look */
#define PAIR_BOTH                                                                                  \
	"both-there"           /* sure, but both stand at a target already: a person has to look   \
				*/
#define PAIR_RELATED "related" /* sure to belong together, and yet not one */
struct store_pair {
	int64_t record[2]; /* the smaller first */
	uint64_t data[2];
	double weight, probability;
	const char *levels; /* of each comparison, joined by blanks */
	const char *kind;   /* as the rules call it, or NULL */
	const char *state;
	bool is_sure; /* from the cut on, whatever the state is */
};
CB_CHECKED int store_pairs_clear(struct store *store, const char *rules, struct cb_error *err);
CB_CHECKED int store_pair_add(struct store *store, const char *rules, const struct store_pair *pair,
			      struct cb_error *err);
/* Those of a record, as they were found: it is about to be matched anew. */
CB_CHECKED int store_pairs_drop(struct store *store, const char *rules, int64_t record,
				struct cb_error *err);
/* All of a record, also those that store_pairs leaves out. */
CB_CHECKED int store_pairs_of(struct store *store, const char *rules, int64_t record,
			      struct arena *arena, struct store_pair **pairs, size_t *count,
			      struct cb_error *err);
CB_CHECKED int store_pair_restate(struct store *store, const struct store_pair *pair,
				  struct cb_error *err);
/* @state NULL: all; the least certain first. @record 0: of any. Pairs on which a person's word
 * stands, and those in one cluster, are left out of what is doubtful. In @arena. */
CB_CHECKED int store_pairs(struct store *store, const char *state, int64_t record,
			   struct arena *arena, struct store_pair **pairs, size_t *count,
			   struct cb_error *err);

/* What a search learned: JSON in @arena; CB_END. */
CB_CHECKED int store_learned(struct store *store, const char *rules, struct arena *arena,
			     struct cb_text *parameters, struct cb_error *err);
CB_CHECKED int store_learned_set(struct store *store, const char *rules, struct cb_text parameters,
				 struct cb_error *err);

/* Does something of the record stand at a target, and of the other at the same one? @flow in
 * @arena, the first such; NULL: none. */
CB_CHECKED int store_both_there(struct store *store, int64_t a, int64_t b, struct arena *arena,
				const char **flow, struct cb_error *err);

#endif
