/*
 * sink.h - events of a format become rows of a shape.
 *
 * The reader keeps its place in the tree of names; a name that the shape does
 * not have costs one lookup, and everything below it is skipped by counting. So
 * is what a format announces outside of any record.
 *
 * What a record says twice is told, never mixed: the first value stays, and
 * row->again marks the slot. A group that comes again marks every value in it,
 * for that may belong to another person. A node's own text ends at its first
 * child that the shape knows.
 *
 * Texts are copied into the record's arena, which is cleared after `record`.
 */
#ifndef RECORD_SINK_H
#define RECORD_SINK_H

#include "base/buffer.h"
#include "record/shape.h"

struct cb_sink {
	/* Set by the owner before the format runs. */
	const struct shape *shape;
	struct arena *arena; /* of one record */
	/* One record is ready; anything but CB_OK ends the reading. */
	int (*record)(void *with, struct row *row, struct cb_place place, struct cb_error *err);
	/* One record could not be read. NULL: the reading ends with that error. */
	int (*broken)(void *with, struct cb_place place, const struct cb_error *why,
		      struct cb_error *err);
	/* May be NULL: sees a name that the shape does not have, at its first place below @above.
	 */
	void (*unknown)(void *with, const struct shape_node *above, struct cb_text name);
	/* May be NULL: sees every event as it comes; for tests and previews. */
	void (*watch)(void *with, const struct cb_event *event);
	void *with;

	/* Its own. */
	struct row *row;
	struct cb_place place;
	struct sink_level *levels; /* the way from the record to the open node */
	size_t depth, room, skip;
	bool has_text;
	struct cb_text piece; /* the open node's own text, if one piece is all of it */
	struct buffer text;   /* else: its pieces together */
};

void sink_done(struct cb_sink *sink);

/*
 * The other direction: a row as events, in the order of the shape, attributes
 * first. @name is the record's own name or nothing. With @all, values that are
 * nothing are announced too, so that a table has all its columns.
 */
struct row_writer {
	int (*event)(void *with, const struct cb_event *event, struct cb_error *err);
	void *with;
	struct cb_text name;
	bool all;
};
CB_CHECKED int row_write(const struct row_writer *writer, const struct row *row,
			 struct cb_error *err);

/* A row as canonical JSON: groups as objects, lists as arrays, nothing left out as null. */
void row_json(const struct row *row, struct buffer *out);

#endif
