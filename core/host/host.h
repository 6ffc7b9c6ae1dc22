/*
 * host.h - run plugins, parsing and mapping in a worker process.
 *
 * The engine starts one worker for each run and speaks with it in frames over
 * a socket pair. The worker loads what it needs, seals itself, and from then
 * on can only read what it is handed and answer. A worker that crashes, hangs
 * or writes nonsense ends its run, not the engine: worker_next says whose fault
 * it was, and at which record.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <casebridge/connector.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "record/shape.h"

enum worker_task {
	WORK_READ,     /* a connector's documents → records */
	WORK_DOCUMENT, /* one document (job.fd or job.bytes) → records */
	WORK_LEARN,    /* one record of a document → a sample of it for the mapping's file
			  (WORKER_BYTES) */
	WORK_REPLAY,   /* documents → records, one after another; as the engine asks */
	WORK_EXPORT,   /* records → fragments, batches → outcomes; as the engine asks */
	WORK_MAP_OUT,  /* canonical NDJSON (job.fd) → a document (WORKER_BYTES) */
	WORK_MAP_TEST, /* the samples in a mapping */
	WORK_DESCRIBE, /* the plugins there are, as JSON */
	WORK_OUTLINE, /* one document (job.fd) → its names and values: kind, name, text (wire.h) in
			 WORKER_BYTES */
	WORK_TABLE,   /* see worker_table */
	WORK_CHECK,   /* reach the system and log in */
};

struct worker_setting {
	const char *name, *value; /* never a secret */
};

struct worker_text {
	const char *name;
	struct cb_text text;
};

struct worker_job {
	enum worker_task task;
	const char *plugins;            /* folder of .so files */
	const char *model;              /* file */
	const char *mapping;            /* file; NULL with WORK_DESCRIBE and WORK_CHECK */
	const struct worker_text *kept; /* texts of the mapping, in place of its files; NULL */
	size_t kept_count;
	int tables;           /* its code tables that are ready, of worker_tables; 0: none */
	const char *digest;   /* the mapping must be this one; NULL: any */
	bool traces;          /* send what each line did (WORKER_TRACE) */
	bool tells_cells;     /* send each record as it came (WORKER_CELLS) */
	const char *manifest; /* file, NULL without a connector */
	const char *stream;   /* its name in the manifest */
	const char
		*reads; /* with WORK_READ: "list", "receipts" or "dictionary:TABLE"; NULL: "read" */
	int64_t from, to; /* the window of a list; both 0: everything */
	const struct worker_setting *settings;
	size_t setting_count;
	/* A record that is set aside and not mapped, of the document called @poison; with
	 * poison_rest, from there on nothing of it is read. 0: none. */
	const char *poison, *poison_say;
	int64_t poison_record;
	bool poison_rest;
	int64_t skip;       /* with WORK_DOCUMENT: records that are passed over */
	const char *cursor; /* the connector's, as committed last; NULL at first */
	const char *at;     /* where in a document the last run stopped; NULL: nowhere */
	int64_t now;        /* ms since 1970 */
	int zone;           /* minutes east */
	int64_t page;       /* records between two WORKER_PAGE; 0: 4000 */
	bool keeps_raw;     /* send the documents' bytes along (WORKER_PIECE) */
	bool is_dry;        /* never settle, never write */

	/* With WORK_DOCUMENT. */
	int fd; /* -1: bytes */
	struct cb_text bytes;
	const char *key, *media, *charset, *records;
	const int64_t *wanted; /* only these records of it, ascending; NULL all */
	size_t wanted_count;

	const char *hidden; /* a folder that a connection of its own never sees: the site's */
	int64_t silence_ms; /* how long it may say nothing while it works; 0: 60 s */
	int64_t memory_max; /* bytes of address space beyond what it starts with; 0: 1 GB */
};

/* What the engine does for a worker. Every call gets `with`. */
struct worker_services {
	int (*http)(void *with, const struct cb_request *request, struct cb_answer *answer,
		    struct cb_error *err);
	int64_t (*now)(void *with); /* told with every answer; NULL: job.now stays */
	void (*keep)(void *with, const char *name, struct cb_text value, int64_t expires_ms);
	struct cb_text (*kept)(void *with, const char *name);
	/* @names: lines "size TAB changed_ms TAB name". */
	int (*files_list)(void *with, const char *patterns, struct buffer *names,
			  struct cb_error *err);
	int (*files_open)(void *with, const char *name, int *fd, struct cb_error *err);
	int (*files_move)(void *with, const char *name, const char *folder, struct cb_error *err);
	int (*files_write)(void *with, const char *name, struct cb_text bytes,
			   struct cb_error *err);
	/* For a manifest with connection="own": the account's setting or secret; nothing: none. */
	int (*credential)(void *with, const char *name, struct buffer *value, struct cb_error *err);
	void *with;
};

enum worker_kind {
	WORKER_READY,           /* text: digest of the mapping */
	WORKER_DOCUMENT_BEGINS, /* key, media, charset, records: a document begins */
	WORKER_PIECE,           /* text: zstd of the next `number` bytes of it */
	WORKER_TRACE,    /* number; key: the field; trace: before its WORKER_RECORD or _HELD */
	WORKER_CELLS,    /* number; cells: its names and values (flat.h), before the same */
	WORKER_CORRECTS, /* number: the held entry that the next record stands for */
	WORKER_RECORD,   /* number, line, key, text: the row (wire.h) of the mapping's entity */
	WORKER_HELD,     /* number, line, key, outcome, finding: held, rejected or passed by */
	WORKER_PAGE, /* number: records read since the last; at; cursor; is_last: of the document */
	WORKER_LOST, /* the document is broken from here on: error; reading goes on with the next */
	WORKER_UNKNOWN,  /* text: a name that the mapping does not know; number: how often this
			    document says it. At the document's end */
	WORKER_MAPPED,   /* number: as given; outcome; key; text: fragment; cited: the same with
			    the receipt it corrects; finding */
	WORKER_OUTCOMES, /* items: of the batch, in its order; or of the document that begins next,
			    where a list or receipts are read */
	WORKER_FOUND,    /* found; is_same, is_before; findings: what differs from the payload */
	WORKER_COUNTED,  /* error; number: what they hold in the window */
	WORKER_BYTES,    /* text: the next bytes of the output */
	WORKER_REPORT,   /* number passed, count failed, text */
	WORKER_DONE,     /* error.verdict: CB_OK or CB_END, or why it ended; the last message */
};

struct worker_finding {
	int outcome;                                    /* what follows from it */
	const char *code, *field, *label, *value, *say; /* value: "" where it may not be shown */
	int64_t item;                                   /* place in its list from 1; 0 */
	int64_t line;                                   /* in the mapping */
};

/* What one line of the mapping did (mapping.h says what the words mean). */
struct worker_step {
	const char *what, *detail; /* detail may be NULL */
	struct cb_text text;
};
struct worker_trace {
	const char *kind, *here, *file;
	int64_t line, item;
	bool is_secret;
	struct worker_text *from; /* their paths, and what stands there */
	size_t from_count;
	struct worker_step *steps;
	size_t step_count;
	struct cb_text value; /* nothing: it stays empty */
};

struct worker_message { /* everything is borrowed until the next worker_next */
	enum worker_kind kind;
	int64_t number, line, count;
	const char *key; /* NULL: none */
	const char *name, *media, *charset, *records, *at, *cursor;
	struct cb_text text;
	int outcome; /* enum outcome of mapping.h */
	struct cb_text cited;
	bool is_last, is_same, is_before;
	struct worker_finding *findings;
	size_t finding_count;
	struct cb_item *items;
	size_t item_count;
	struct cb_found found;
	struct worker_trace trace;
	struct worker_text *cells;
	size_t cell_count;
	struct cb_error error;
};

/*
 * The media type of a document that a person corrected: a table, of the kind
 * its key's ending says, whose columns are what WORKER_CELLS named, with one
 * more that says why each was held and begins with "#" and the entry's number.
 */
#define WORKER_CORRECTED "application/vnd.casebridge.corrected"
#define WORKER_CORRECTED_WHY "错误原因"

struct worker;

/*
 * The large code tables of a mapping, compiled, in sealed memory that its workers share: a
 * descriptor for job.tables, to be closed by the caller; 0: there are none, or there is no room,
 * and each worker compiles its own.
 */
struct mapping;
int worker_tables(const struct mapping *m);

/* CB_SETUP where a file is missing or wrong: the sentences are in @err. */
CB_CHECKED int worker_start(const struct worker_job *job, const struct worker_services *services,
			    struct worker **out, struct cb_error *err);

/*
 * The next message. Services and log lines are handled inside. CB_BROKEN where
 * the worker died, hung or spoke nonsense, with the sentence; nothing more comes
 * then.
 */
CB_CHECKED int worker_next(struct worker *w, struct worker_message *message, struct cb_error *err);

/*
 * After worker_next said CB_BROKEN: at which record of which document the worker
 * died or fell silent. False: it did not, or it was at none. Borrowed from @w.
 */
bool worker_victim(const struct worker *w, const char **document, int64_t *record);

/* The last WORKER_PAGE with is_last is committed: settle its document, go on. Once for each. */
CB_CHECKED int worker_commit(struct worker *w, struct cb_error *err);

/*
 * With WORK_REPLAY: the next document, by descriptor or bytes as in a job. It
 * ends with WORKER_PAGE with is_last (then worker_commit), or with WORKER_LOST
 * and one more WORKER_PAGE.
 */
CB_CHECKED int worker_document(struct worker *w, const struct worker_job *job,
			       struct cb_error *err);

/* With WORK_EXPORT: map this record (answers WORKER_MAPPED with @number). @cites: the receipt of
 * what it corrects, or NULL. */
CB_CHECKED int worker_map(struct worker *w, int64_t number, const char *cites,
			  const struct row *row, struct cb_error *err);
/* Send this batch, or withdraw it (answers WORKER_OUTCOMES). @now: what the clock says by now. */
CB_CHECKED int worker_write(struct worker *w, int64_t now, const char *once, bool is_withdrawal,
			    const struct cb_item *items, size_t count, struct cb_error *err);
/* Ask the target for this key, and compare what it holds with @payload, and with what stood there
 * @before (answers WORKER_FOUND, or WORKER_DONE). */
CB_CHECKED int worker_find(struct worker *w, int64_t now, struct cb_text key,
			   struct cb_text payload, struct cb_text before, struct cb_error *err);
/* How many do they hold that were stored there in [from, to) (answers WORKER_COUNTED)? */
CB_CHECKED int worker_count(struct worker *w, int64_t now, int64_t from, int64_t to,
			    struct cb_error *err);
/* No more commands: it answers WORKER_DONE. */
CB_CHECKED int worker_finish(struct worker *w, struct cb_error *err);

/* Kill it if it still runs, and forget it. */
void worker_free(struct worker *w);

/*
 * Texts in columns as the file that @name says by its ending, .xlsx or .csv,
 * through a worker; appended to @out. @cells: row by row, the first row the
 * headings. All cells are texts: a spreadsheet that is given an id as a number
 * rounds it.
 */
CB_CHECKED int worker_table(const char *plugins, const char *name, const struct cb_text *cells,
			    size_t columns, size_t count, struct buffer *out, struct cb_error *err);

/* What WORK_DESCRIBE reports: the text of its WORKER_REPORT, read. */
struct plugin_option {
	const char *name, *type, *standard, *zh, *en; /* standard NULL: unset */
};
struct plugin_info {
	const char *name, *zh, *en;
	bool is_format;          /* else a connector */
	const char *extensions;  /* of a format: "csv tsv" */
	bool has_own_connection; /* of a connector: its worker is not sealed from the network */
	struct plugin_option *options;
	size_t option_count;
};
CB_CHECKED int plugin_infos(struct arena *arena, struct cb_text report, struct plugin_info **out,
			    size_t *count, struct cb_error *err);

/* The whole life of a worker process: main() calls it for "casebridge worker FD". */
int worker_main(int fd);

#endif
