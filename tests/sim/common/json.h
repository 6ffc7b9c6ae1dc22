/*
 * json.h - a small JSON tree, for simulators that answer one request at a time.
 */
#ifndef SIM_JSON_H
#define SIM_JSON_H

#include <stddef.h>

#include "sim/common/text.h"

enum json_kind {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json {
	enum json_kind kind;
	char *name;                /* as a member of an object */
	char *text;                /* of a string, or a number as it was written */
	struct json *first, *next; /* items or members, in their order; the one after this */
	struct json *last, *up;
	size_t count; /* of items or members */
};

/* A whole document, or NULL if it is none; the caller frees it. */
struct json *json_parse(const char *bytes, size_t len);
void json_free(struct json *value); /* NULL is nothing */

/* The member called @name, or NULL; also where @object is NULL or no object. */
const struct json *json_get(const struct json *object, const char *name);
/* The member called @name if it is a string, or NULL. */
const char *json_text(const struct json *object, const char *name);

/* Members sorted by name and no spaces: the same content gives the same text. */
void json_write(struct text *out, const struct json *value);

#endif
