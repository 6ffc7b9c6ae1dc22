/*
 * model.h - the entities and their fields, read from mappings/model.
 *
 * The engine knows no field by name: everything it knows of a record is here.
 * The shape of an entity is fixed once the model is read.
 *
 * A reference holds the natural key of another entity's record. The fields of
 * that record stand below it (studio/code, studio/name) and can be read in
 * conditions and on the way out; nobody writes them, and the store does not
 * keep them a second time.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/problem.h"
#include "record/shape.h"

enum field_type {
	FIELD_TEXT,
	FIELD_INTEGER,
	FIELD_DECIMAL,
	FIELD_MONEY,
	FIELD_FLAG, /* yes | no */
	FIELD_DATE,
	FIELD_TIME,
	FIELD_DATETIME,
	FIELD_CODE,
	FIELD_REF,      /* the row of another entity, by its natural key */
	FIELD_DOCUMENT, /* an attachment */
};

enum privacy { PRIVACY_NONE, PRIVACY_PERSONAL, PRIVACY_SENSITIVE };

struct field {
	const char *path;   /* from its row: "place/region" */
	const char *column; /* in the store: "place_region" */
	const char *label;  /* for people */
	enum field_type type;
	int64_t max;    /* characters; 0 unbounded */
	bool is_unique; /* the natural key */
	enum privacy privacy;
	const char *owner;  /* only that system's mapping may change it; NULL anyone */
	const char *codes;  /* the name of its code table */
	const char *entity; /* of a reference */
	bool must_exist;    /* of a reference: a record that names an unknown one is held */
	/* Read through the reference in slot `through` from slot `from` of the other entity: a
	 * joined field, as studio/name. NO_SLOT: a field of its own. */
	uint32_t through, from;
};

struct table {             /* an entity, or a list inside one */
	const char *name;  /* "case", "party" */
	const char *store; /* the store's table: "case_record", "case_party" */
	const char *label;
	struct shape *shape;
	struct field *fields; /* by slot of the shape */
	struct table *lists;  /* by list of the shape */
	struct table *up;     /* NULL: an entity */
	size_t stored;        /* the first slots are kept; those behind them are joined */
};

struct model {
	const char *name, *label;
	struct table *entities;
	size_t entity_count;
	uint64_t digest; /* of its text: two processes with the same digest have the same shapes */
};

/* In @arena; NULL with problems added. */
struct model *model_read(struct arena *arena, const char *path, struct problems *problems);

/* The entity, or NULL. */
struct table *model_entity(const struct model *model, const char *name);
const struct field *table_field(const struct table *table, const char *path); /* or NULL */
/* The slot of the natural key, or NO_SLOT. */
uint32_t table_key(const struct table *table);

/* A value as others may see it: 张*, 3302**********0019, 139****0000; by privacy, in @arena. */
struct cb_text field_masked(struct arena *arena, const struct field *field, struct cb_text value);

const char *field_type_word(enum field_type type);

/* The language of a model file, for the checker, editors and the reference page. */
struct grammar;
extern const struct grammar model_grammar;

#endif
