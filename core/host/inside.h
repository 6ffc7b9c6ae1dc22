/*
 * inside.h - the worker's own parts. For the files of this folder.
 */
#ifndef HOST_INSIDE_H
#define HOST_INSIDE_H

#include <casebridge/plugin.h>

#include "base/charset.h"
#include "base/hash.h"
#include "host/frame.h"
#include "host/host.h"
#include "host/manifest.h"
#include "mapping/mapping.h"
#include "record/sink.h"

/*
 * A page of memory that worker and engine share: what the worker was doing
 * when it died.
 */
struct progress {
	uint64_t record, line;
	char plugin[32];
	char document[128];
};

/* A plugin as this host sees it: what an older one does not have is zero. */
struct loaded {
	const char *file;
	struct cb_plugin plugin;
	struct cb_format format;
	struct cb_connector connector;
};

struct plugins {
	struct loaded *at;
	size_t count, room;
};

/* Every .so in the folder; one that cannot be loaded is logged and left out. */
CB_CHECKED int plugins_load(struct plugins *plugins, struct arena *arena, const char *folder,
			    struct cb_error *err);
const struct loaded *plugins_connector(const struct plugins *plugins, const char *name);
/*
 * The format of a document: @name is what the mapping says ("xml", "json",
 * "table"); for a table the media type and the key's extension decide.
 */
const struct loaded *plugins_format(const struct plugins *plugins, const char *name,
				    const char *media, const char *key);
/* A zeroed state with the options filled; @value gives the text of an option, or NULL. */
CB_CHECKED int plugin_state(struct arena *arena, const char *plugin,
			    const struct cb_option *options, size_t state_size,
			    const char *(*value)(void *with, const char *name), void *with,
			    void **state, struct cb_error *err);
void plugins_describe(const struct plugins *plugins, struct buffer *out);

/* Bytes of one document on their way to UTF-8. */
struct cb_input {
	int fd; /* -1: from bytes */
	struct cb_text bytes;
	/* Every raw byte passes here once, in order; may be NULL. */
	int (*raw)(void *with, struct cb_text bytes, struct cb_error *err);
	void *with;

	bool is_binary;      /* the bytes as they are; set before it is opened */
	const char *allowed; /* the charsets that were declared, for cb_input_text */
	struct charset_converter *converter; /* NULL: it is UTF-8 and was checked */
	enum charset charset;
	struct buffer head; /* read before the charset was known, from a pipe */
	size_t head_at;
	char *block;
	struct buffer text;
	bool has_begun, has_ended;
	int64_t left; /* of a file that was measured; -1 unknown */
};
/* Decide the charset on the evidence of the whole document; @allowed as in charset.h. */
CB_CHECKED int input_open(struct cb_input *in, const char *allowed, struct cb_error *err);
void input_done(struct cb_input *in);

struct cb_output {
	struct buffer bytes;
	/* Called with what is collected, when it is enough; NULL: it is kept. */
	int (*flush)(void *with, struct cb_text bytes, struct cb_error *err);
	void *with;
	struct cb_error failed; /* verdict CB_OK: not */
};
CB_CHECKED int output_flush(struct cb_output *out, struct cb_error *err);

/* The worker's whole state; a plugin knows it by pointer only. */
struct cb_task {
	struct channel channel;
	struct arena arena; /* of the run */
	struct progress *progress;
	struct plugins plugins;
	struct worker_job job;
	struct worker_setting *settings;
	struct manifest *manifest;
	const struct manifest_stream *stream;
	struct model *model;
	struct mapping *mapping;
	struct path *cites; /* where a correction names what it corrects; NULL: nowhere */
	const struct loaded *connector;
	void *connector_state;
	struct arena answer; /* of the last service call */
	struct buffer items; /* of the document that is handed on next (wire.h) */
	size_t item_count;
	struct cb_error fatal; /* the engine is gone, or spoke nonsense */
};

/* Ask the engine and wait: the frame was built with frame_begin. @body: the rest of its answer. */
CB_CHECKED int task_ask(struct cb_task *task, struct wire *body, struct cb_error *err);
/* The same for a command that the engine sends: COMMIT, MAP, WRITE … */
CB_CHECKED int task_command(struct cb_task *task, int *type, struct wire *body,
			    struct cb_error *err);
/* The parts of a job that say which document: for jobs, and for FRAME_DOCUMENT. CB_BROKEN. */
CB_CHECKED int task_take_document(struct cb_task *task, struct arena *arena, struct wire *wire,
				  struct cb_error *err);
struct buffer *task_message(struct cb_task *task, enum worker_kind kind);
CB_CHECKED int task_send(struct cb_task *task, struct cb_error *err);
/* An option's text from the mapping's <there> and the manifest's <read> or <write>. */
const char *task_option(void *task, const char *name);

CB_CHECKED int work_read(struct cb_task *task, struct cb_error *err);
CB_CHECKED int work_document(struct cb_task *task, struct cb_error *err);
CB_CHECKED int work_replay(struct cb_task *task, struct cb_error *err);
CB_CHECKED int work_export(struct cb_task *task, struct cb_error *err);
CB_CHECKED int work_map_out(struct cb_task *task, struct cb_error *err);
CB_CHECKED int work_outline(struct cb_task *task, struct cb_error *err);
CB_CHECKED int work_table(struct cb_task *task, struct cb_error *err);
CB_CHECKED int work_map_test(struct cb_task *task, struct cb_error *err);

/* What a mapping needs for samples and for documents inside texts: the plugins that are loaded. */
struct mapping_formats task_formats(struct cb_task *task);

CB_CHECKED int count_window(struct cb_task *task, struct wire *body, struct cb_error *err);
/* One outcome as WORKER_OUTCOMES has it. */
void put_item(struct buffer *out, enum cb_verdict verdict, const struct cb_item *item);
/* Findings as both directions send them. */
void put_findings(struct buffer *out, const struct result *result);

/* Read a whole text as one row of a shape, for views and samples. @whole: XML's root is a name. */
CB_CHECKED int read_one(struct cb_task *task, const struct loaded *format, const char *root,
			bool whole, struct cb_text text, const struct shape *shape,
			struct arena *arena, struct row **row, struct cb_error *err);
/* The same, of what is not bare: where in it, and in which charset. */
struct one_place {
	const char *root, *records; /* records: the path to it; NULL: the root's name */
	const char *charset;        /* as a manifest declares it; NULL: UTF-8 */
	bool whole;
};
CB_CHECKED int read_one_of(struct cb_task *task, const struct loaded *format,
			   const struct one_place *place, struct cb_text text,
			   const struct shape *shape, struct arena *arena, struct row **row,
			   struct cb_error *err);
/* find.c: ask the target, and compare what it holds with what was sent. */
CB_CHECKED int find_one(struct cb_task *task, struct wire *body, struct cb_error *err);
/* Write one row: as a fragment, or as a document of its own. */
CB_CHECKED int write_one(struct cb_task *task, const struct loaded *format, void *state,
			 const char *root, bool is_document, const struct row *row,
			 struct cb_output *out, struct cb_error *err);

/* tables.c: where a worker finds the tables of its job, and what is there; nothing: not sealed. */
#define TABLES_FD 5
struct cb_text tables_map(int fd);

/* Close every door that the work does not need; never comes back open. */
CB_CHECKED int seal(int64_t memory_max, struct cb_error *err);

/* Real paths, as many as there is room for. */
struct seal_list {
	const char *at[64];
	size_t count;
};
struct seal_folders {
	struct seal_list hidden, fixed, written; /* hidden and fixed win over written */
};
/* False: it is not there, or there is no room. */
bool seal_add(struct seal_list *list, struct arena *arena, const char *path);
/* own.c: what of the files the job's connector sees. */
CB_CHECKED int own_folders(struct cb_task *task, struct seal_folders *folders,
			   struct cb_error *err);
/*
 * For a plugin whose library opens its own connection: the network stays, and files are read
 * but those that are hidden and any site beside them, and written where @folders says;
 * nothing is executed, nobody else is touched.
 */
CB_CHECKED int seal_but_connection(int64_t memory_max, const struct seal_folders *folders,
				   struct cb_error *err);

#endif
