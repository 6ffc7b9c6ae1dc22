/*
 * search_inside.h - one search, for the files that it is made of: search.c says in which
 * depth, search_all.c goes through all records, search_new.c matches what is new, and
 * what is found becomes clusters (search_cluster.c) and pairs (search_pair.c) by what
 * people have said (search_word.c).
 */
#ifndef RECONCILE_SEARCH_INSIDE_H
#define RECONCILE_SEARCH_INSIDE_H

#include "base/buffer.h"
#include "reconcile/bind.h"

struct store_index;

#define ITEMS_MOST 1024 /* of one record's list: an item's number is the record's and its place */

struct subject { /* a record that the search is about */
	int64_t record;
	uint64_t data;
	int64_t group;   /* the smallest record that it is one with */
	int64_t cluster; /* where it is now; 0: alone */
	int64_t before;  /* where it was */
	bool is_there;   /* something of it stands at a target */
	uint32_t turn;   /* when it was matched, from 1; 0: only those near it were */
};

struct search {
	struct store *store;
	const struct search_rules *rules;
	struct search_report *report;
	struct store_act act;
	struct subject *subjects; /* in the order of records */
	size_t count, room;
	struct link_ruling *rulings; /* those that hold, in order */
	size_t ruling_count, ruling_room;
	struct buffer reasons; /* of one pair */
	struct arena arena;    /* of one record, or pair */
};

/* search.c: NULL where it is not among them. */
struct subject *subject_of(const struct search *s, int64_t record);
/* Its cluster and what stands at a target; @s->arena is used. */
CB_CHECKED int subject_look(struct search *s, struct subject *subject, struct cb_error *err);
/* "p12 p77": who the items are, each once, in an order of their own; nothing where nobody is
 * known. @groups is sorted. */
struct cb_text subject_people(struct arena *arena, int64_t *groups, size_t count);

/* search_all.c: @index NULL: learn, and keep that; else go by what they have learned. */
CB_CHECKED int search_all(struct search *s, struct link_index *cases, struct link_index *items,
			  struct cb_error *err);
/* search_new.c: the records of @ids, and those whose words have changed. */
CB_CHECKED int search_new(struct search *s, struct link_index *cases, struct link_index *items,
			  const struct store_index *kept, const int64_t *ids, size_t count,
			  struct cb_error *err);

/* search_word.c: those of all words that hold, as the subjects say; a word on two records. */
CB_CHECKED int words_take(struct search *s, struct cb_error *err);
const struct link_ruling *word_on(const struct search *s, int64_t a, int64_t b);
/* As text, and the other way: the words that held when the last search ended. */
void words_write(const struct search *s, struct buffer *out);
struct link_ruling *words_read(struct cb_text text, size_t *count);
int words_compare(const void *a, const void *b); /* of struct link_ruling */

/* search_cluster.c: what of the groups may be clusters is. */
CB_CHECKED int clusters_part(const struct search *s, struct cb_error *err);
CB_CHECKED int clusters_write(struct search *s, struct cb_error *err);
/* Would it merge the two where both are accepted, and nobody has said that it may? */
CB_CHECKED int clusters_would_merge(const struct search *s, const struct subject *a,
				    const struct subject *b, struct arena *arena, bool *would,
				    struct cb_error *err);

/* search_pair.c: into @s->reasons, from where it is found; then, when clusters are written, into
 * the store. */
CB_CHECKED int pair_explain(struct search *s, const struct link_pair *pair, struct cb_error *err);
CB_CHECKED int pair_keep(struct search *s, const struct link_pair *pair, const char *reasons,
			 struct cb_error *err);
/* The pairs of a subject whose cluster changed, as they are now. */
CB_CHECKED int pairs_restate(struct search *s, const struct subject *subject, struct cb_error *err);

#endif
