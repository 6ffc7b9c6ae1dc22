/*
 * inside.h - what the parts of the store share: the open store, its counters,
 * its words, and how records lie in tables.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "base/hash.h"
#include "store/database.h"
#include "store/store.h"

/*
 * Numbers are handed out here and not by the engine; the newest of each kind
 * is written with the transaction that took it, so none is ever given twice,
 * also where its row is gone. A transaction that is rolled back gives its
 * numbers back.
 */
enum counter {
	COUNT_CHANGE, /* changes of records */
	COUNT_RECORD,
	COUNT_DOCUMENT,
	COUNT_PIECE,
	COUNT_HELD,
	COUNT_DELIVERY,
	COUNT_ATTEMPT,
	COUNT_RUN,
	COUNT_WORD,
	COUNT_SOURCE,
	COUNT_AUDIT,
	COUNT_CLUSTER,
	COUNT_EVENT, /* of clusters */
	COUNT_RULING,
	COUNTERS,
};

struct counters {
	int64_t last[COUNTERS];
	unsigned char audit_hash[32]; /* of the newest line */
};

/*
 * One table of the model with its statements, which are prepared at open. Rows
 * of lists count from 1 within their record; in a nested list, `_up` is the
 * position of the item that a row belongs to.
 */
struct shelf {
	const struct table *table;
	bool *is_integer; /* by slot: a number in the store */
	uint32_t key;     /* the slot of the natural key, or NO_SLOT */
	struct statement *insert, *select;
	struct statement *update, *find, *revision, *changed, *count, *touch; /* of an entity */
	struct statement *more;  /* records of it that are not the only one of their cluster */
	struct statement *erase; /* of a list: all rows of a record */
	struct shelf *lists;     /* by list of the shape */
	int64_t position;        /* of the list's row that was written last */
};

struct store {
	struct database *db;
	const struct model *model;
	enum store_mode mode;
	char *path;
	int lock;             /* descriptor of the site's lock; -1: not ours */
	int lender;           /* of the lock: closed with the store; -1: it is our own */
	bool is_dry, is_open; /* is_open: inside a transaction */
	int64_t now;
	int64_t notices;                /* written since it was opened */
	struct counters now_at, before; /* before: as the transaction began */
	struct shelf *shelves;          /* by entity of the model */
	struct names words, sources;    /* → number; what is not here may be in the tables */
	struct arena word_arena;
	bool *may_hold; /* by word of the stream: held records may exist */
	size_t may_hold_room;
	struct statement *link_find, *link_add, *link_set;
	struct buffer bytes; /* of a record, while it is hashed */
	struct arena arena;  /* of one call */
};

/* schema.c: the store's own tables. */
CB_CHECKED int schema_make(struct store *store, struct cb_error *err);
CB_CHECKED int schema_check(struct store *store, struct cb_error *err);
/* Was it brought to this model? And now it is. */
CB_CHECKED int schema_is_model(struct store *store, bool *is_same, struct cb_error *err);
CB_CHECKED int schema_set_model(struct store *store, struct cb_error *err);

/* migrate.c: the model's tables. */
CB_CHECKED int migrate(struct store *store, struct cb_error *err);

/* shelf.c: one record in its tables. */
void shelves_open(struct store *store);
void shelves_close(struct store *store);
struct shelf *shelf_of(struct store *store, const struct table *entity);
/* CB_REFUSED: a value that its column cannot hold. Asked before anything of a record is written. */
CB_CHECKED int shelf_check(const struct shelf *shelf, const struct row *row, struct cb_error *err);
/* CB_END: another record has that natural key, and nothing was written. */
CB_CHECKED int shelf_insert(struct store *store, struct shelf *shelf, int64_t record,
			    const struct row *row, struct cb_error *err);
/* The record's own columns; its lists are written apart. */
CB_CHECKED int shelf_update(struct store *store, struct shelf *shelf, int64_t record,
			    const struct row *row, struct cb_error *err);
CB_CHECKED int shelf_replace_list(struct shelf *list, int64_t record, const struct rows *rows,
				  struct cb_error *err);
/* CB_END: there is no such record. */
CB_CHECKED int shelf_read(struct shelf *shelf, int64_t record, struct arena *arena,
			  struct row **row, struct cb_error *err);

/* Without its lists. */
CB_CHECKED int shelf_read_top(struct shelf *shelf, int64_t record, struct arena *arena,
			      struct row **row, struct cb_error *err);

/* By natural key; CB_END. */
CB_CHECKED int shelf_find(struct shelf *shelf, struct cb_text key, int64_t *record,
			  struct cb_error *err);

/*
 * word.c: streams, entities and digests of sources as small numbers. A word
 * that the store does not have is added; reading, it is 0.
 */
CB_CHECKED int word_number(struct store *store, struct cb_text word, int64_t *number,
			   struct cb_error *err);
CB_CHECKED int source_number(struct store *store, struct cb_text digest, int64_t *number,
			     struct cb_error *err);
void words_forget(struct store *store);

/*
 * link.c: what an origin calls a record, and a hash of what it said last. One
 * that has no key there is known by its document and number.
 */
struct link {
	int64_t id; /* 0: there is none */
	int64_t stream, entity, mapping;
	struct cb_text key; /* nothing: no link is kept */
	bool is_theirs;
	int64_t key_hash;
	struct hash128 hash; /* of what is said */
	int64_t record;
	bool is_same; /* as last time */
	char place[48];
};

void links_open(struct store *store);
void links_close(struct store *store);
CB_CHECKED int link_find(struct store *store, struct link *link, const struct table *entity,
			 const struct row *row, const struct store_origin *origin,
			 struct cb_error *err);
/* @is_new: the record is, so that this is its first link. */
CB_CHECKED int link_put(struct store *store, struct link *link, const struct store_origin *origin,
			bool is_new, struct cb_error *err);

/* held.c: the record is in; whatever was held of it is not any more. */
CB_CHECKED int held_clear(struct store *store, int64_t stream, const struct store_origin *origin,
			  struct cb_error *err);
CB_CHECKED int held_open(struct store *store, struct cb_error *err);

/* audit.c: where the chain ends. */
CB_CHECKED int audit_open(struct store *store, struct cb_error *err);

static inline int64_t next_number(struct store *store, enum counter counter)
{
	return ++store->now_at.last[counter];
}

/* delivery.c: the state that a word in a table means. */
enum delivery_state delivery_state_of(struct cb_text word);

/* A text column, kept in @arena as a string; NULL for nothing. */
char *column_string(struct statement *st, int column, struct arena *arena);

/* Rows of two words and a number, one by one, until @each is not CB_OK. */
CB_CHECKED int pass_rows(struct statement *st,
			 int (*each)(void *with, const char *first, const char *second,
				     int64_t number, struct cb_error *err),
			 void *with, struct cb_error *err);

/* once.c: the views of an entity, dropped before its table changes. */
CB_CHECKED int once_drop(struct store *store, const char *table, struct cb_error *err);
CB_CHECKED int once_make(struct store *store, const struct table *entity, struct cb_error *err);

#endif
