/*
 * xml.h - what the two halves of the XML format share: one state.
 */
#ifndef PLUGIN_XML_H
#define PLUGIN_XML_H

#include <casebridge/format.h>

#define XML_DEPTH_WRITTEN 64
#define XML_NAMES_WRITTEN 4096

struct xml {
	/* Options; the limits are for reading. */
	const char *records, *root;
	int64_t depth, text_max, attributes_max;
	bool huge, envelope;

	/* Writing: the open elements' names, one behind the other. There is no heap here, because
	 * nobody tells a format that writing is over. */
	char names[XML_NAMES_WRITTEN];
	size_t name_end[XML_DEPTH_WRITTEN];
	size_t open, wrapper; /* open elements; how many of them stand around the records */
	size_t records_written;
	bool in_document, has_head;
	bool is_tag_open; /* "<name" stands there, ">" does not yet */
};

int xml_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err);
int xml_write(void *self, const struct cb_event *event, struct cb_output *out,
	      struct cb_error *err);

#endif
