/*
 * rows.h - the input in memory: records as rows of numbers, and what the numbers
 * stand for.
 *
 * After rows_order, records stand in the order of source and id, whatever the order
 * in the files was; all that follows is a function of that.
 */
#ifndef RECONCILE_ROWS_H
#define RECONCILE_ROWS_H

#include "reconcile/index.h"
#include "reconcile/intern.h"
#include "reconcile/spec.h"

#define SOURCES_MOST 64

struct row_name {
	const char *at; /* the record's id */
	uint32_t len;
	uint32_t source;
	/* Of one from memory, behind the NUL: what it says. */
};

struct column {
	struct terms terms;   /* as written, until the forms are made */
	struct value *values; /* of the normal forms; 0: missing */
	uint32_t *counts;     /* records that have it */
	uint32_t count;       /* distinct ones, with the missing one */
	uint64_t present;     /* records that are not missing */
	struct arena *arenas; /* what values point to, one a thread */
	unsigned arena_count;
};

struct rows {
	const struct link_spec *spec;
	unsigned threads;
	size_t count, room;
	uint32_t *ids; /* [record][column] */
	unsigned columns;
	struct row_name *names;
	size_t name_room;
	struct column column[SPEC_COLUMNS];
	const char *sources[SOURCES_MOST];
	unsigned source_count;
	struct texts texts; /* the ids */
	struct arena arena; /* and the rest that lives as long */
	struct forms *forms;
	bool has_own_forms;
	enum pairing pairing; /* as the specification says, or as the sources are */
};

static inline const uint32_t *row_ids(const struct rows *rows, size_t record)
{
	return rows->ids + record * rows->columns;
}

static inline const struct value *row_value(const struct rows *rows, size_t record, unsigned column)
{
	return &rows->column[column].values[row_ids(rows, record)[column]];
}

/* @forms: of the caller's; NULL: its own. */
void rows_init(struct rows *rows, const struct link_spec *spec, unsigned threads,
	       struct forms *forms);
void rows_done(struct rows *rows);

/* Read one file behind the others. @source: its name where the specification has no such column. */
CB_CHECKED int rows_load(struct rows *rows, const char *path, const char *source,
			 struct cb_error *err);

/* One from memory, copied; it is called by its number. */
CB_CHECKED int rows_add(struct rows *rows, const struct link_record *record, struct cb_error *err);
/* The length of each text (a uint32_t), and it: as it was added. */
struct cb_text row_said(const struct rows *rows, size_t record);
int64_t row_number(const struct rows *rows, size_t record);
/* The record that was added with that number, or SIZE_MAX. */
size_t rows_find_number(const struct rows *rows, int64_t number);

/* For who reads records: room for @more, and the number of a source; SOURCES_MOST: too many. */
void rows_room(struct rows *rows, size_t more);
unsigned rows_source(struct rows *rows, struct cb_text name);

/* All are read: put the records in order; then make the normal forms. */
CB_CHECKED int rows_order(struct rows *rows, struct cb_error *err);
void rows_form(struct rows *rows);
/* Part of it: values that another column has. */
void rows_fill(struct rows *rows);

/* The record of that name, or SIZE_MAX. @source NULL: in any. */
size_t rows_find(const struct rows *rows, const char *source, struct cb_text id);

#endif
