/*
 * dup.h - what the commands about duplicates share. For the files of this folder.
 */
#ifndef CLI_DUP_H
#define CLI_DUP_H

#include "cli/call.h"
#include "cli/labels.h"
#include "reconcile/search.h"

struct dup {
	struct call *call;
	struct site *site;
	struct store *store;
	const struct table *entity;
	const struct search_rules *rules; /* NULL: none for this entity */
	struct labels *labels;
};

#define DUP_ANY "" /* it is no matter which entity */

/* The site, and its store in @mode. Of @entity; NULL: the only one that has rules. 0, or the exit
 * code with the sentence said; either way dup_close comes after. */
int dup_open(struct dup *d, struct call *call, enum store_mode mode, const char *entity);
void dup_close(struct dup *d);

/* The record of that key; CB_REFUSED where there is none. */
CB_CHECKED int dup_find(struct dup *d, const char *key, int64_t *record, struct cb_error *err);
const char *dup_key(struct dup *d, int64_t record);
/* A person's word on a record is void when this changes. */
CB_CHECKED int dup_data(struct dup *d, int64_t record, uint64_t *data, struct cb_error *err);
const char *dup_state_label(const char *state); /* of a pair */

/* Two records side by side, with what differs marked, and why they were found; @pair may be NULL.
 */
CB_CHECKED int dup_print_pair(struct dup *d, const int64_t records[2],
			      const struct store_pair *pair, struct cb_error *err);
/* Personal data are shown: it is written down first. */
CB_CHECKED int dup_audit_unmask(struct dup *d, const char *what, struct cb_error *err);

/*
 * What both sides have at one target already, in their clusters: the first such two.
 * @flow NULL: nothing.
 */
struct dup_receipts {
	const char *flow;
	int64_t record[2];
	const char *receipt[2];
};
CB_CHECKED int dup_receipts(struct dup *d, const int64_t records[2], struct dup_receipts *out,
			    struct cb_error *err);
/* Both receipts, and what linking would do. */
void dup_say_receipts(struct dup *d, const struct dup_receipts *receipts);

/* The pairs of the last search in that state (NULL: all), of a record or of any (0); those that a
 * person has to look at are "open". */
#define DUP_OPEN "open"
CB_CHECKED int dup_pairs(struct dup *d, const char *state, int64_t record,
			 struct store_pair **pairs, size_t *count, struct cb_error *err);

/* The account of a search. */
void dup_say_report(struct call *call, const struct table *entity, const struct search_report *r);
void dup_report_json(struct json *j, const char *name, const struct search_report *r);

/* dup_diff.c: the two texts with what differs between brackets; in @arena. */
void dup_diff(struct arena *arena, struct cb_text a, struct cb_text b, struct cb_text out[2]);

#endif
