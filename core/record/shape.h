/*
 * shape.h - the one shape data takes: a tree of names that was agreed before
 * the first record is read.
 *
 * A shape lists the scalar places ("slots") of one record, however deep they
 * stand in groups, and its lists; the items of a list have a shape of their
 * own. A record is then a flat array of texts (a row) and rows for its lists:
 * no tree of nodes is built for a record, ever.
 *
 * The model fixes the shapes of our side. The shapes of the other side grow
 * while a mapping or a view is compiled: what nobody asks for has no slot.
 * After that they do not change.
 */
#ifndef RECORD_SHAPE_H
#define RECORD_SHAPE_H

#include <casebridge/format.h>

#include "base/memory.h"

#define NO_SLOT UINT32_MAX
#define NO_CHILD UINT32_MAX

struct shape_node {
	struct cb_text name;
	struct shape_node *up, *first, *last, *next; /* siblings in order of first mention */
	struct shape_node **child_at;
	size_t child_count, child_room;
	struct shape_name *by_name; /* 2 * child_room places */
	uint32_t begins, after; /* what sink.c remembers: the child that comes first, the sibling
				   that comes after it */
	uint32_t slot;          /* where its own text goes; NO_SLOT: not wanted */
	struct shape *list; /* it repeats: every occurrence is a row of this shape, and its children
			       are children of list->root */
};

struct slot {
	struct shape_node *node;
	struct cb_text path;     /* from the row: "place/region"; "." for the row's own text */
	enum cb_value_type type; /* how JSON writes it */
	bool is_attribute;       /* "@id" */
	bool is_set;             /* by the host, never by a document (cb_view_variable) */
};

struct shape {
	struct arena *arena;
	struct shape *up;    /* NULL: the record itself */
	uint32_t up_index;   /* its place in up->lists */
	struct cb_text path; /* of a list, from the row above: "GXRS/GXR" */
	struct shape_node *root;
	struct slot *slots;
	size_t slot_count, slot_room;
	struct shape **lists;
	size_t list_count, list_room;
	bool is_fixed; /* paths may not add to it any more */
};

/* In @arena, with everything that grows from it. */
struct shape *shape_new(struct arena *arena);

/* The child of that name, made if it is not there. */
struct shape_node *shape_child(struct shape *shape, struct shape_node *node, struct cb_text name);
struct shape_node *shape_find(const struct shape_node *node, struct cb_text name);
/* Its place in child_at, or NO_CHILD; @node is no list. */
uint32_t shape_index(const struct shape_node *node, struct cb_text name);

/* Give the node a slot, or make it a list; NO_SLOT / NULL where it already is the other of the two.
 */
uint32_t shape_slot(struct shape *shape, struct shape_node *node);
struct shape *shape_list(struct shape *shape, struct shape_node *node);

struct rows;

/* One record, or one item of a list. */
struct row {
	const struct shape *shape;
	struct row *up;         /* whose list it is in; NULL: the record */
	struct cb_text *values; /* by slot; at NULL: nothing was said */
	struct rows *lists;     /* by list */
	uint8_t *again;         /* NULL, or by slot: it, or a group around it, was said before */
};

struct rows {
	struct row **at;
	size_t count, room;
};

struct row *row_new(struct arena *arena, const struct shape *shape);
struct row *row_add(struct arena *arena, struct row *row, uint32_t list); /* one more item */
bool row_is_empty(const struct row *row); /* no value, and no item that has one */
/* The same values in the same places; items in the same order. */
bool row_equal(const struct row *a, const struct row *b);

#endif
