/*
 * xml.h - read an XML file of ours: model, mapping, connector, site.
 *
 * The one hardened door to libxml2's tree-less parser: no DOCTYPE, no network,
 * no entities but the five, at most 8 MB, nesting at most 64. Everything that
 * is written down keeps its place, to the character, for error messages. A file
 * that an editor saved as GBK is recognised, said so, and refused with the cure.
 * Comments and processing instructions are dropped.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include "base/memory.h"
#include "base/problem.h"

/*
 * The document element, in @arena; NULL with problems added. @path is kept as
 * the name in problems.
 */
struct cb_element *xml_read_file(struct arena *arena, const char *path, struct problems *problems);
struct cb_element *xml_read_text(struct arena *arena, const char *name, struct cb_text text,
				 struct problems *problems);

#endif
