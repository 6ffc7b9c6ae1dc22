/*
 * sketch.h - a sample, and what is guessed of it. For the sketch files.
 */
#ifndef MAPPING_SKETCH_H
#define MAPPING_SKETCH_H

#include "mapping/plan.h"

#define KEPT 64       /* different values of one name */
#define CODES_MOST 30 /* rows of a guessed table */

struct seen_value {
	struct cb_text text;
	size_t count;
};

struct seen { /* a name of theirs, below its parent */
	struct cb_text name;
	struct seen *up, *first, *last, *next;
	size_t times, now,
		most; /* occurrences: all, in the parent at work, in one parent at most */
	struct seen_value values[KEPT];
	size_t distinct, said; /* distinct: KEPT and more are KEPT */
	size_t children;
	/* What was decided. */
	const struct field *ours;
	const struct table *list; /* of ours, that its items are */
	double score;
	const char *dates; /* patterns that read nearly every value, or NULL */
	bool is_datetime, is_number, is_integer, is_code;
	const char *is; /* idcard phone uscc */
	size_t number;
};

struct sketch {
	struct arena *arena;
	const struct model *model;
	const struct table *entity;
	struct seen top;
	struct buffer *out;
	const struct field *taken[512];
	size_t taken_count, tables;
};

/* The sample's tree; false where its events are cut. */
bool sketch_read(struct sketch *s, struct cb_text events);
/* The element whose items are the records; NULL: the whole is one. */
struct seen *sketch_records(struct seen *top);
void sketch_types(struct sketch *s, struct seen *n);
/* From @top to @n as a mapping writes it; NULL where a name in it cannot be written. */
const char *sketch_path(struct sketch *s, const struct seen *n, const struct seen *top);
void sketch_write(struct sketch *s, struct seen *records, const char *name, const char *label,
		  const char *format);

#endif
