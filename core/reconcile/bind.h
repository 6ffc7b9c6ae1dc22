/*
 * bind.h - a specification and the model: which values of a record its columns are.
 */
#ifndef RECONCILE_BIND_H
#define RECONCILE_BIND_H

#include "reconcile/index.h"
#include "reconcile/search.h"
#include "reconcile/spec.h"

#define PLACES_MOST 8

struct place { /* a value of the record, or of every item of a list of it */
	bool is_in_list;
	uint32_t list, slot;
};

struct binding { /* of a column */
	struct place places[PLACES_MOST];
	unsigned count;
	uint32_t list;                /* whose items are linked first, and */
	struct search_rules *through; /* by what; NULL: it is a value */
};

struct search_rules {
	struct link_spec *spec;
	const struct table *entity;
	const struct table *table; /* the entity's or its list's */
	uint32_t list;             /* of the entity; NO_SLOT: its records */
	struct binding columns[SPEC_COLUMNS];
	struct search_rules *through; /* the first that is linked before; NULL: none */
	struct keep {                 /* by survivor rule */
		uint32_t *slots, *lists;
		size_t slot_count, list_count;
	} keeps[SPEC_SURVIVORS];
	uint32_t recent[PLACES_MOST]; /* slots */
	unsigned recent_count;
	uint32_t source; /* slot or NO_SLOT */
};

/* What the row says in each column that is a value, in @arena. False: in none. */
bool bind_texts(const struct search_rules *rules, const struct row *row, struct arena *arena,
		struct cb_text *texts);

#endif
