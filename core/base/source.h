/*
 * source.h - where things stand in the text of an XML file as it was written.
 *
 * Line and column count from 1, in characters; CR LF ends one line. The
 * scanners expect what an XML parser has accepted; on anything else they stop
 * early, inside the text.
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <casebridge/manifest.h>

struct source_place {
	uint32_t line, column;
};

/*
 * Places inside an element, found again in the text that it was read from. The
 * element comes from xml_read_*, or has no `inner`: then the places are as good
 * as the element tells. An attribute that it does not have: its "<".
 */
struct source_place source_name_place(const struct cb_element *element, const char *attribute);
/* Character @offset of the value; an entity is one there and several in the file. */
struct source_place source_value_place(const struct cb_element *element, const char *attribute,
				       size_t offset);
/* Byte @offset of `inner`. */
struct source_place source_inner_place(const struct cb_element *element, size_t offset);
/* The first of its own text that is no blank. */
struct source_place source_text_place(const struct cb_element *element);

/* Move @place, which is that of @from, on to @to. */
void source_advance(struct source_place *place, const char *from, const char *to);

/* The "<" of the next tag, past comments, processing instructions and CDATA; of one of those that
 * does not end; or @end. */
const char *source_tag(const char *at, const char *end);

/* The name in the tag whose "<" is at @at. Its attributes begin behind it. */
struct cb_text source_tag_name(const char *at, const char *end);

struct source_attribute {
	struct cb_text name, value; /* the value as written, without its quotes */
};

/* The next attribute from @at on, and move @at behind it; false where no more come: then @at is at
 * the ">" or "/>". */
bool source_attribute(const char **at, const char *end, struct source_attribute *out);

#endif
