/*
 * entity.h - entities and their fields as people name them. For the files of
 * this folder.
 */
#ifndef CLI_ENTITY_H
#define CLI_ENTITY_H

#include "cli/call.h"

/* By name or label; NULL with the sentence said: 64. */
const struct table *call_entity(struct call *call, const struct site *site, const char *name);

/* "party/name", also inside lists, or a field's label; NULL: there is none. */
struct place {
	const char *path;          /* as the model says it */
	const struct field *field; /* NULL: a whole list */
	const struct table *table; /* the field's, or the list */
	int64_t item;              /* "party[2]/name"; 0: all */
};
bool entity_place(struct arena *arena, const struct table *entity, const char *text,
		  struct place *out);
/* Calls @each for every field, those of lists after the entity's own. */
void entity_each_field(struct arena *arena, const struct table *entity,
		       void (*each)(void *with, const char *path, const struct table *table,
				    const struct field *field),
		       void *with);

/* A copy as others may see it; in @arena. */
struct row *entity_masked(struct arena *arena, const struct table *entity, const struct row *row);

#endif
