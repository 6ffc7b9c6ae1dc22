/*
 * correct.h - a table that a person corrected, as the records it stands for.
 */
#ifndef HOST_CORRECT_H
#define HOST_CORRECT_H

#include "record/flat.h"

struct corrected {
	int64_t entry;        /* the held entry that the record at hand stands for; 0: none */
	struct cb_sink front; /* what the format speaks to */
	struct cb_sink *behind;
	struct unflat unflat;
	struct arena arena, of_record;
	bool is_table; /* the mapping's own format: columns are names */
	bool is_broken;
	struct cb_error why;
};

/* Give the format this sink: the records come to @behind as their own format would tell them. */
struct cb_sink *corrected_open(struct corrected *c, struct cb_sink *behind, bool is_table);
void corrected_done(struct corrected *c);

#endif
