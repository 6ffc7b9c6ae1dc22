/*
 * manifest.h - a checked XML file of the user's, as a plugin sees it.
 *
 * The tree is read-only and lives as long as the run. Names, nesting and
 * required attributes were checked before a plugin sees it.
 */
#ifndef CASEBRIDGE_MANIFEST_H
#define CASEBRIDGE_MANIFEST_H

#include <casebridge/text.h>

struct cb_attribute {
	const char *name, *value;
	uint32_t line,
		column; /* of the value's first character, in the file; 1-based, in characters */
};

struct cb_element {
	const char *name;
	const struct cb_attribute *attributes;
	size_t attribute_count;
	const struct cb_element *first, *next, *up;
	struct cb_text text;  /* its own text, without its children's */
	struct cb_text inner; /* everything between its tags, as written */
	const char *file;
	uint32_t line, column; /* of its "<" */
};

/* The value of the attribute, or NULL. */
static inline const char *cb_attribute(const struct cb_element *element, const char *name)
{
	for (size_t i = 0; element && i < element->attribute_count; i++)
		if (strcmp(element->attributes[i].name, name) == 0)
			return element->attributes[i].value;
	return NULL;
}

/* The first child of that name, or NULL; @after: the first one behind it. */
static inline const struct cb_element *cb_child(const struct cb_element *element, const char *name,
						const struct cb_element *after)
{
	const struct cb_element *at = after ? after->next : element ? element->first : NULL;

	while (at && strcmp(at->name, name) != 0)
		at = at->next;
	return at;
}

#endif
