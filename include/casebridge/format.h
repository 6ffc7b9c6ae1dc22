/*
 * format.h - a format turns documents into records and back.
 *
 * A record is a tree of named nodes with text, announced as events. XML:
 * elements are nodes, an attribute is a node named "@id", repeated siblings a
 * list. JSON: keys are nodes, an array is its key repeated, null is no node. A
 * table: one node a column, named by its heading; a column without a heading or
 * with a heading that stands twice is named by its position, "#3".
 *
 * Reading is driven by the format: it pulls bytes and calls cb_record_begin and
 * the rest. Writing is driven by the host: it calls `write` with one event
 * after another. The mapping, not the format, knows what is a list and what is
 * a number; it says so in the event.
 */
#ifndef CASEBRIDGE_FORMAT_H
#define CASEBRIDGE_FORMAT_H

#include <casebridge/option.h>
#include <casebridge/stream.h>

struct cb_sink;

/* Where a record stands in its document. Lines and columns are 1-based. */
struct cb_place {
	uint64_t offset;       /* bytes of the decoded text before it */
	uint32_t line, column; /* columns count characters */
};

/*
 * Announcing a record. Names and texts are copied; text between enter and leave
 * may come in pieces. cb_record_end hands the record on and blocks while the
 * reader behind is slower; anything but CB_OK ends the format's read, which
 * returns it at once. Nodes that nobody mapped cost a lookup and are dropped.
 * Text outside of any node is the record's own.
 */
CB_API void cb_record_begin(struct cb_sink *sink, struct cb_place place);
CB_API void cb_enter(struct cb_sink *sink, struct cb_text name);
CB_API void cb_text_part(struct cb_sink *sink, struct cb_text text);
CB_API void cb_leave(struct cb_sink *sink);
CB_API CB_CHECKED int cb_record_end(struct cb_sink *sink, struct cb_error *err);

/* enter + text + leave */
CB_API void cb_value(struct cb_sink *sink, struct cb_text name, struct cb_text text);

/*
 * This record is broken and cannot be read, but the next one can: it counts as
 * read and is held with the sentence in @why. Inside an open record it takes
 * that record's place.
 */
CB_API CB_CHECKED int cb_record_broken(struct cb_sink *sink, struct cb_place place,
				       const struct cb_error *why, struct cb_error *err);

enum cb_event_kind {
	CB_DOCUMENT_BEGIN, /* name: the path of the wrapper to write around records, or nothing */
	CB_RECORD_BEGIN,   /* name: the record's own name (XML's root element), or nothing */
	CB_LIST_BEGIN,     /* name: of its items; each item is an ENTER of that name */
	CB_ENTER,
	CB_VALUE, /* name, text; text.at NULL: known and empty, so that a table has its column */
	CB_LEAVE,
	CB_LIST_END,
	CB_RECORD_END,
	CB_DOCUMENT_END,
};

enum cb_value_type { CB_VALUE_TEXT, CB_VALUE_NUMBER, CB_VALUE_FLAG };

struct cb_event {
	enum cb_event_kind kind;
	enum cb_value_type type;
	struct cb_text name, text;
};

struct cb_format {
	size_t size; /* of this struct, so that it can grow at the end */
	size_t state_size;
	const struct cb_option *options; /* NULL: none */
	const char *media;               /* "text/csv text/tab-separated-values" */
	const char *extensions;          /* "csv tsv" */

	/*
	 * Read the whole document. Record borders come from the options "records"
	 * (a path such as result/events/event) or "root" (a name at any depth).
	 */
	int (*read)(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err);

	/*
	 * Write one event. A fragment (for a batch) comes without the two document
	 * events and is separated by `separator`. CB_REFUSED: this record cannot be
	 * said in this format; the host drops what it has put, and the next event
	 * begins another record or ends the document.
	 */
	int (*write)(void *self, const struct cb_event *event, struct cb_output *out,
		     struct cb_error *err);
	const char *separator; /* between fragments: "," for JSON, "" for XML */

	/*
	 * Its documents are no text (a workbook): `read` gets their exact bytes and no
	 * charset is decided; what turns out to be text all the same is decoded with
	 * cb_input_text. There are no fragments of such a document.
	 */
	bool is_binary;
};

#endif
