/*
 * json.h - what the two halves of the JSON format share: one state.
 */
#ifndef PLUGIN_JSON_H
#define PLUGIN_JSON_H

#include <casebridge/format.h>

#define JSON_DEPTH_WRITTEN 64

enum json_open {
	OPEN_OBJECT,
	OPEN_LIST,
	OPEN_UNDECIDED, /* entered; an object, or the one text that comes next */
	OPEN_TEXT,      /* it was the one text */
};

struct json {
	/* Options; the limits are for reading. */
	const char *records, *root, *lines;
	int64_t depth, text_max;
	bool array;

	/* Writing. */
	struct {
		enum json_open kind;
		bool has_items;
	} open[JSON_DEPTH_WRITTEN];
	size_t depth_written, wrapper; /* wrapper: objects around the array of records */
	size_t records_written;
	bool in_document, in_array;
};

int json_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err);
int json_write(void *self, const struct cb_event *event, struct cb_output *out,
	       struct cb_error *err);

#endif
