/*
 * search.h - duplicates among the records of the store.
 *
 * The rules of an entity are the specification that is called like it:
 * mappings/rules/ENTITY.xml, with those it goes through (parties first, then cases
 * by the parties that they share). They also say which record of a cluster
 * speaks for a field.
 */
#ifndef RECONCILE_SEARCH_H
#define RECONCILE_SEARCH_H

#include "model/model.h"
#include "store/cluster.h"

struct search_rules;
/* In @arena. NULL: problems were added, or no folder has such a file. @folders: where to look for
 * rules/ENTITY.xml, the first that has it; ends with NULL. */
struct search_rules *search_rules_read(struct arena *arena, const struct model *model,
				       const char *entity, const char *const *folders,
				       struct problems *problems);
const char *search_rules_name(const struct search_rules *rules);
const char *search_rules_file(const struct search_rules *rules);
/* What people call the kind of a pair; NULL where the rules know it no more. */
const char *search_kind_label(const struct search_rules *rules, const char *kind);

/*
 * The hash of all that the
 * rules compare in the record: a person's word holds as long as it stays.
 */
uint64_t search_data(const struct search_rules *rules, const struct row *row);

/*
 * How much is looked at. The links are the same, as long as nothing new is learned.
 * SEARCH_NEW costs by what is new; where that is much, or there is nothing to go by yet, or
 * the records have doubled since, it does what is below.
 */
enum search_depth {
	SEARCH_NEW,   /* what came, or changed, since the last */
	SEARCH_ALL,   /* everything, by what was learned */
	SEARCH_LEARN, /* everything, and learn anew */
};
struct search_report {
	enum search_depth depth;   /* that it came to */
	int64_t records, items;    /* matched; items: of the lists that are linked first */
	int64_t pairs;             /* compared = linked + both_there + related + doubtful + apart */
	int64_t linked;            /* sure, and in one cluster */
	int64_t both_there;        /* sure, but both stand at a target: for a person */
	int64_t related;           /* they belong together, and are not one */
	int64_t doubtful, decided; /* for a person; on so many of them a person's word stands */
	int64_t apart;
	int64_t clusters, clustered; /* as it is now: clusters, and records in them */
	int64_t moved;               /* records whose cluster changed */
	int64_t event;               /* to undo it; 0: nothing changed */
};
/* In the transaction that the caller opened. */
CB_CHECKED int search_run(struct store *store, const struct search_rules *rules,
			  enum search_depth depth, const char *who, const char *why,
			  struct search_report *report, struct cb_error *err);

/*
 * Why two were linked, or not: what the search kept in store_pair.levels, a part at a
 * time. False where no more come; *@at begins at it.
 */
struct search_reason {
	struct cb_text id, word;  /* the comparison and the level, as the rules say them */
	const char *name, *level; /* as people call them, in @arena; level NULL: it has none */
	double weight;
};
bool search_reason(const struct search_rules *rules, struct arena *arena, const char **at,
		   struct search_reason *reason);

/*
 * The record as its cluster speaks: fields as the rules say, the others its own; in
 * @arena. Nothing is kept of it: who leaves the cluster takes along what it gave.
 */
struct survivor {
	struct row *row;
	int64_t *of_slot; /* whose the value is, by slot, and by list */
	int64_t *of_list;
};
CB_CHECKED int search_survivor(struct store *store, const struct search_rules *rules,
			       int64_t speaker, struct arena *arena, struct survivor *out,
			       struct cb_error *err);

#endif
