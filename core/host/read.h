/*
 * read.h - a document that is being read. For read.c and read_record.c.
 *
 * Pages are counted, so that the engine can commit in the middle of a document:
 * WORKER_PAGE says how many records of which document are behind us, and a later
 * run skips exactly those of the same document.
 */
#ifndef HOST_READ_H
#define HOST_READ_H

#include <zstd.h>

#include "host/correct.h"
#include "host/inside.h"

struct reading {
	struct cb_task *task;
	struct arena arena; /* of one record */
	struct cb_sink sink;
	char identity[80]; /* which document this is, beyond its name */
	const char *key;
	int64_t number; /* records of this document so far */
	int64_t skip;   /* that were committed by an earlier run */
	int64_t poison; /* this one is set aside; 0: none */
	bool is_cut;    /* the document ends here for us */
	int64_t in_page;
	size_t next_wanted;
	struct names unknown; /* names → their place in the two below */
	const char **unknown_names;
	int64_t *unknown_counts; /* in this document */
	size_t unknown_count, name_room, count_room;
	struct buffer packed;
	ZSTD_CCtx *zstd;
	struct flat flat;         /* with job.tells_cells */
	struct corrected correct; /* of a document that a person corrected */
};

/* What the sink calls for each record, for one that cannot be read, for an unknown name. */
int on_record(void *with, struct row *row, struct cb_place place, struct cb_error *err);
int on_broken(void *with, struct cb_place place, const struct cb_error *why, struct cb_error *err);
void on_unknown(void *with, const struct shape_node *above, struct cb_text name);

/* The record that breaks plugins: said, and not looked at. */
CB_CHECKED int set_aside(struct reading *r, const char *code, struct cb_error *err);
/* Is the next record the one from which on nothing is read? Then the format's reading ends. */
CB_CHECKED int cut_here(struct reading *r, int rc);
CB_CHECKED int send_page(struct reading *r, bool is_last, const char *cursor, struct cb_error *err);
/* At the end of a document, so that they are committed with it and counted once. */
CB_CHECKED int send_unknown(struct reading *r, struct cb_error *err);

#endif
