/*
 * index.h - what records say and by which keys they are found, for matching them
 * one at a time; what a search has learned with it.
 *
 * One index for each set of rules, by its name. The store does not know what a
 * key, a value or a part is. All of it inside of a transaction.
 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include <casebridge/error.h>
#include <casebridge/text.h>

struct arena;
struct store;

struct store_index {
	int64_t number;
	uint64_t stamp;                          /* of what it was made with */
	struct cb_text learned, frozen, rulings; /* texts of the caller's */
	int64_t learned_from, records;           /* when it was made, and now */
	int64_t reached;                         /* the change up to which it has seen all */
};

/* A new one, empty, instead of what was there under that name; @index->number is set. */
CB_CHECKED int store_index_make(struct store *store, const char *rules, struct store_index *index,
				struct cb_error *err);
/* @index's rulings, records and reached, as they are now. */
CB_CHECKED int store_index_reach(struct store *store, const struct store_index *index,
				 struct cb_error *err);
/* Empty, but for what was learned. */
CB_CHECKED int store_index_empty(struct store *store, int64_t index, struct cb_error *err);
/* In @arena; CB_END. */
CB_CHECKED int store_index_find(struct store *store, const char *rules, struct arena *arena,
				struct store_index *index, struct cb_error *err);

/* What a record says; @index: its number. One that is there is replaced. */
CB_CHECKED int store_index_put(struct store *store, int64_t index, int64_t record,
			       const char *source, struct cb_text said, struct cb_error *err);
/* In @arena; CB_END. */
CB_CHECKED int store_index_get(struct store *store, int64_t index, int64_t record,
			       struct arena *arena, const char **source, struct cb_text *said,
			       struct cb_error *err);
CB_CHECKED int store_index_drop(struct store *store, int64_t index, int64_t record,
				struct cb_error *err);

/* Who it is one with, as a number of the caller's; 0: nobody said. CB_END: it is not there. */
CB_CHECKED int store_index_group(struct store *store, int64_t index, int64_t record, int64_t *group,
				 struct cb_error *err);
CB_CHECKED int store_index_group_set(struct store *store, int64_t index, int64_t record,
				     int64_t group, struct cb_error *err);
/* The largest number from @low to @high that is there; CB_END. */
CB_CHECKED int store_index_last(struct store *store, int64_t index, int64_t low, int64_t high,
				int64_t *record, struct cb_error *err);

/* Its keys. Many are added fastest in the order of keys, as signed numbers. */
CB_CHECKED int store_index_key_add(struct store *store, int64_t index, uint64_t key, int64_t record,
				   struct cb_error *err);
CB_CHECKED int store_index_key_drop(struct store *store, int64_t index, uint64_t key,
				    int64_t record, struct cb_error *err);
/* Calls @each for every record that has the key, by number. */
CB_CHECKED int store_index_meet(struct store *store, int64_t index, uint64_t key,
				void (*each)(void *with, int64_t record), void *with,
				struct cb_error *err);

/* A number that says how rare a value was when the index was made; 0: not said. */
CB_CHECKED int store_index_count_add(struct store *store, int64_t index, int64_t column,
				     uint64_t value, int64_t count, struct cb_error *err);
CB_CHECKED int store_index_count(struct store *store, int64_t index, int64_t column, uint64_t value,
				 int64_t *count, struct cb_error *err);

#endif
