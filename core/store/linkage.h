/*
 * linkage.h - what came of linking, as an SQLite file of its own: for who asks it in
 * SQL, or joins it with what he has.
 *
 * The table clusters and the view pairs have the columns that the CSV files have; levels says how
 * each comparison turns out in the pairs of a pattern. The file is there when it is whole: until
 * then it lies beside its path, under another name.
 */
#ifndef STORE_LINKAGE_H
#define STORE_LINKAGE_H

#include <casebridge/error.h>
#include <casebridge/text.h>

struct store_linkage;

/* On failure *@out is NULL. */
CB_CHECKED int store_linkage_new(const char *path, struct store_linkage **out,
				 struct cb_error *err);
/* Put it in the place of what is at its path; without that, dropping it leaves nothing. */
CB_CHECKED int store_linkage_finish(struct store_linkage *linkage, struct cb_error *err);
void store_linkage_drop(struct store_linkage *linkage);

struct store_linkage_record {
	int64_t number;     /* they are added in the order of these */
	const char *source; /* texts are borrowed until it is finished */
	struct cb_text id;
	int64_t cluster;
};
CB_CHECKED int store_linkage_record(struct store_linkage *linkage,
				    const struct store_linkage_record *record,
				    struct cb_error *err);

/* How one comparison turns out in pairs of that pattern. */
CB_CHECKED int store_linkage_level(struct store_linkage *linkage, int64_t pattern,
				   const char *comparison, const char *level, struct cb_error *err);

struct store_linkage_pair {
	int64_t record[2];
	double weight, probability;
	bool is_linked; /* else doubtful */
	int64_t pattern;
};
CB_CHECKED int store_linkage_pair(struct store_linkage *linkage,
				  const struct store_linkage_pair *pair, struct cb_error *err);

#endif
