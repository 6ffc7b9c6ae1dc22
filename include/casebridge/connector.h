/*
 * connector.h - a connector moves documents from and to one kind of system.
 *
 * It keeps nothing between runs and never retries: its verdict tells the
 * engine what to do. The host gives it a zeroed state, fills the options, and
 * always frees the state. A missing call means "cannot".
 */
#ifndef CASEBRIDGE_CONNECTOR_H
#define CASEBRIDGE_CONNECTOR_H

#include <casebridge/manifest.h>
#include <casebridge/option.h>
#include <casebridge/request.h>
#include <casebridge/view.h>

struct cb_task; /* one run of a connector, seen from inside: the services of the host */

/* What it has to work with. All live as long as the run. */
CB_API const struct cb_element *cb_task_manifest(struct cb_task *task);     /* <connector> */
CB_API const struct cb_element *cb_task_stream(struct cb_task *task);       /* its <stream> */
CB_API const char *cb_task_setting(struct cb_task *task, const char *name); /* never a secret */
CB_API const char *cb_task_cursor(struct cb_task *task); /* as committed last; NULL at first */
CB_API int64_t cb_task_now(struct cb_task *task); /* ms since 1970, UTC, as of the last call */
CB_API int cb_task_zone(struct cb_task *task);    /* the site's, minutes east of UTC */
/*
 * What this run reads: "read", the stream's records; "list", all that they hold
 * in the window; "receipts", what became of earlier writes; "dictionary:TABLE", their
 * own list for a code table of ours.
 */
CB_API const char *cb_task_reads(struct cb_task *task);
/* With "list": ms since 1970, [from, to); both 0: everything. */
CB_API void cb_task_window(struct cb_task *task, int64_t *from, int64_t *to);
CB_API void *cb_task_alloc(struct cb_task *task, size_t size); /* zeroed, freed after the run */
CB_API char *cb_task_printf(struct cb_task *task, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* As the path to the records: none, also where the manifest has one; the mapping knows. */
#define CB_RECORDS_WHOLE "."

struct cb_document {
	const char *key;     /* what it is called there: a file's name, a page's number */
	const char *media;   /* "text/csv", or NULL */
	const char *charset; /* as the manifest declares: "utf-8|gb18030"; NULL: by evidence */
	const char *records; /* the path to the records in it; NULL: the mapping knows */
	int fd;              /* the bytes, from its current place; -1: in `bytes` */
	struct cb_text bytes;
	const char *
		cursor; /* where reading goes on once this document is committed; NULL: no change */
};

/* One record on its way out. */
struct cb_item {
	struct cb_text key;      /* its business key there */
	struct cb_text body;     /* its frozen fragment */
	enum cb_verdict verdict; /* from here: the connector's answer */
	/* Going in: the proof of what this corrects or withdraws, if any. Coming back: the
	 * target's proof of this. */
	struct cb_text receipt;
	struct cb_text say;   /* what the target said, for a person */
	struct cb_text field; /* which field the target complained of */
};

/*
 * With "list" and "receipts": one record of the document that `read` hands on
 * next: its key there, its receipt, and with "receipts" what became of it. With
 * "dictionary:…" a code (key) and its name (say). In their order; texts are copied.
 */
CB_API void cb_task_item(struct cb_task *task, const struct cb_item *item);

struct cb_found {
	bool is_held;
	struct cb_text receipt;
	struct cb_text record; /* the target's record, a document of its format; may be empty */
	const char *charset, *records; /* of that document, as in cb_document */
};

struct cb_connector {
	size_t size; /* of this struct, so that it can grow at the end */
	size_t state_size;
	const struct cb_option *options;

	int (*open)(void *self, struct cb_task *task, struct cb_error *err);

	/* The next document; CB_END when there is none now. */
	int (*read)(void *self, struct cb_document *doc, struct cb_error *err);

	/*
	 * Every item gets a verdict of its own; an item without an answer is
	 * CB_DOUBT. Returning anything but CB_OK gives that verdict to all.
	 */
	int (*write)(void *self, const char *once, struct cb_item *items, size_t count,
		     struct cb_error *err);

	/* Does the target hold this key? */
	int (*find)(void *self, struct cb_text key, struct cb_found *found, struct cb_error *err);

	/* How many it holds in a window, ms since 1970. */
	int (*count)(void *self, int64_t from, int64_t to, int64_t *number, struct cb_error *err);

	/* The document is committed: mark it as taken there. May be repeated. */
	int (*settle)(void *self, const char *key, struct cb_error *err);

	/* Reach the system and log in, and change nothing. */
	int (*check)(void *self, struct cb_error *err);

	/* What was accepted shall not be there any more: as write, by key and receipt. */
	int (*withdraw)(void *self, const char *once, struct cb_item *items, size_t count,
			struct cb_error *err);

	/*
	 * Its library opens a connection of its own: the worker keeps network and files, but
	 * not the site's folder. Only for manifests that say connection="own".
	 */
	bool has_own_connection;
};

/*
 * A setting of the connection or the account, a secret too; nothing where the site does
 * not give it. For a connector with a connection of its own; CB_SETUP for any other.
 * Borrowed until the next call of the host. Not in `open`: the engine may speak first.
 */
CB_API CB_CHECKED int cb_credential(struct cb_task *task, const char *name, struct cb_text *value,
				    struct cb_error *err);

/*
 * Files, for connectors that move them: the engine lists, opens and renames.
 * Patterns are the manifest's, one after another separated by blanks, with
 * {setting} filled and * ? inside the last part. Only complete files are
 * listed, oldest name first.
 */
struct cb_file {
	const char *name; /* as the other calls take it */
	int64_t size;
	int64_t changed_ms;
};

CB_API CB_CHECKED int cb_files_list(struct cb_task *task, const char *patterns,
				    const struct cb_file **files, size_t *count,
				    struct cb_error *err);
CB_API CB_CHECKED int cb_files_open(struct cb_task *task, const char *name, int *fd,
				    struct cb_error *err);
/* Move it to the folder beside it; done before is done. Never overwrites: a number is added. */
CB_API CB_CHECKED int cb_files_move(struct cb_task *task, const char *name, const char *folder,
				    struct cb_error *err);
/* Write a whole new file: under a temporary name, synced, then renamed. */
CB_API CB_CHECKED int cb_files_write(struct cb_task *task, const char *name, struct cb_text bytes,
				     struct cb_error *err);

#endif
