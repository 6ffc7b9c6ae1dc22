/*
 * mapping.c - about a mapping, and its end.
 */
#include "mapping/plan.h"

void mapping_done(struct mapping *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->pattern_count; i++)
		xmlRegFreeRegexp(m->patterns[i]);
	for (size_t i = 0; i < m->calendar_count; i++)
		calendar_pattern_free(m->calendars[i]);
	codes_done(m->codes);
	charset_converter_free(m->converter);
	m->converter = NULL;
	m->pattern_count = m->calendar_count = 0;
	m->codes = NULL;
}

const char *mapping_name(const struct mapping *m)
{
	return m->name;
}

const char *mapping_label(const struct mapping *m)
{
	return m->label;
}

const char *mapping_digest(const struct mapping *m)
{
	return m->digest;
}

const char *mapping_format(const struct mapping *m)
{
	return m->format;
}

const char *mapping_root(const struct mapping *m)
{
	return m->root;
}

const char *mapping_there_option(const struct mapping *m, const char *name)
{
	return cb_attribute(m->there_element, name);
}

struct shape *mapping_there(const struct mapping *m)
{
	return m->there;
}

const struct table *mapping_here(const struct mapping *m)
{
	return m->here;
}

bool mapping_names_slot(const struct mapping *m, uint32_t slot)
{
	return slot < m->here->shape->slot_count && m->names_slot[slot];
}

bool mapping_names_list(const struct mapping *m, uint32_t list)
{
	return list < m->here->shape->list_count && m->names_list[list];
}

static bool knows(const struct shape_node *node, struct cb_text above, struct cb_text name)
{
	if (cb_text_equal(node->name, above) && shape_find(node, name))
		return true;
	if (node->list)
		node = node->list->root;
	for (const struct shape_node *child = node->first; child; child = child->next)
		if (knows(child, above, name))
			return true;
	return false;
}

bool mapping_knows(const struct mapping *m, const char *name)
{
	/* The name itself may have strokes in it: a heading of a table. */
	for (const char *slash = name; slash; slash = strchr(slash + 1, '/')) {
		struct cb_text above = { name, (size_t)(slash - name) };

		if (knows(m->there->root, above, cb_text_of(*slash == '/' ? slash + 1 : slash)))
			return true;
	}
	return false;
}

void mapping_each_source(const struct mapping *m,
			 void (*each)(void *with, const char *file, struct cb_text text),
			 void *with)
{
	for (size_t i = 0; i < m->source_count; i++)
		each(with, m->sources[i].file, m->sources[i].text);
}

void mapping_lend(struct mapping *m, const struct mapping_formats *formats)
{
	m->formats = *formats;
}

void mapping_count_bytes(struct mapping *m, enum charset charset)
{
	if (m->charset == CHARSET_UNKNOWN)
		m->charset = charset;
}

const struct mapping_ref *mapping_refs(const struct mapping *m, size_t *count)
{
	*count = m->ref_count;
	return m->refs;
}
