/*
 * json.c - over yajl's tree; yajl's own look-up wants a path array each time.
 */
#include "sim/common/json.h"

#include <stdlib.h>
#include <string.h>

yajl_val json_get(yajl_val object, const char *name)
{
	size_t i;

	if (!YAJL_IS_OBJECT(object))
		return NULL;
	for (i = 0; i < object->u.object.len; i++)
		if (strcmp(object->u.object.keys[i], name) == 0)
			return object->u.object.values[i];
	return NULL;
}

const char *json_text(yajl_val object, const char *name)
{
	yajl_val value = json_get(object, name);

	return value && YAJL_IS_STRING(value) ? YAJL_GET_STRING(value) : NULL;
}

/* The first name after @last in the order of bytes, or NULL. Objects here have
 * tens of members: no need to sort them. */
static const char *next_name(yajl_val object, const char *last, size_t *at)
{
	const char *best = NULL;
	size_t i;

	for (i = 0; i < object->u.object.len; i++) {
		const char *name = object->u.object.keys[i];

		if ((last && strcmp(name, last) <= 0) || (best && strcmp(name, best) >= 0))
			continue;
		best = name;
		*at = i;
	}
	return best;
}

static void write_object(struct text *out, yajl_val object)
{
	const char *name = NULL;
	size_t at = 0;

	text_char(out, '{');
	while ((name = next_name(object, name, &at))) {
		if (out->data[out->size - 1] != '{')
			text_char(out, ',');
		text_json(out, name);
		text_char(out, ':');
		json_write(out, object->u.object.values[at]);
	}
	text_char(out, '}');
}

void json_write(struct text *out, yajl_val value)
{
	size_t i;

	if (YAJL_IS_OBJECT(value)) {
		write_object(out, value);
	} else if (YAJL_IS_ARRAY(value)) {
		text_char(out, '[');
		for (i = 0; i < value->u.array.len; i++) {
			if (i)
				text_char(out, ',');
			json_write(out, value->u.array.values[i]);
		}
		text_char(out, ']');
	} else if (YAJL_IS_STRING(value)) {
		text_json(out, YAJL_GET_STRING(value));
	} else if (YAJL_IS_NUMBER(value)) {
		text_put(out, YAJL_GET_NUMBER(value));
	} else {
		text_put(out, YAJL_IS_TRUE(value)    ? "true"
			      : YAJL_IS_FALSE(value) ? "false"
						     : "null");
	}
}
