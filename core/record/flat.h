/*
 * flat.h - a record's tree as the cells of one row, and back: what a person
 * corrects in a spreadsheet.
 *
 * A cell is named by its path: a/b, a/@id; a[2]/b is below the second a. A name
 * that has / [ or ' in it stands in double quotes.
 */
#ifndef RECORD_FLAT_H
#define RECORD_FLAT_H

#include "base/buffer.h"
#include "base/hash.h"
#include "record/sink.h"

struct flat_cell {
	struct cb_text name, text;
};

/* Events of one record → cells, in the order they came. */
struct flat {
	struct arena *arena; /* of the cells; the owner clears it, then begins anew */
	struct flat_cell *cells;
	size_t count, room;
	/* Its own. */
	struct buffer path;
	size_t *ends; /* where each open node's path begins to be its own */
	size_t depth, end_room;
	struct names seen; /* path → how many came */
};
void flat_event(struct flat *flat, const struct cb_event *event);
void flat_done(struct flat *flat);

/* Cells → the events of one record, between its begin and its end. Empty cells say nothing. */
struct unflat {
	struct cb_sink *sink;
	/* Its own: the way to the last cell, as it was written, in the sink's arena. */
	struct cb_text open[32];
	size_t depth;
};
/* CB_REFUSED: the name is no path. */
CB_CHECKED int unflat_cell(struct unflat *unflat, struct cb_text name, struct cb_text text,
			   struct cb_error *err);
void unflat_end(struct unflat *unflat);

#endif
