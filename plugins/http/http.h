/*
 * http.h - the parts of the connector that carries out a manifest over HTTP.
 *
 * A call is one request of the manifest with everything that its answers are
 * asked for, compiled once. Steps are calls whose answers give values to the
 * others. Nothing here sees a secret: templates go to the engine as they are.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <casebridge/plugin.h>

#define VALUES_MOST 32 /* that steps take */
#define STEPS_MOST 8

struct http;

/* One <answer>. */
struct rule {
	const struct cb_element *element;
	const struct cb_view_condition *when;
	enum cb_verdict is;
	const struct cb_view_path *say, *field, *receipt, *wait; /* NULL: not asked */
	struct rule *next;
};

struct call {
	struct http *http;
	const struct cb_element *element; /* has method and url */
	bool changes;                     /* a write */
	bool is_step;
	struct cb_part *parts;
	size_t part_count, part_room;
	const char *body, *body_type;
	char *charset;              /* of what is sent; NULL UTF-8 */
	const char *answer_charset; /* as the manifest declares */
	int64_t timeout_ms;
	struct cb_view *view;
	struct rule *rules;
	const struct cb_view_condition *drops[STEPS_MOST]; /* by step; NULL none */
	const char *headers[8];                            /* conditions ask for: "header X" */
	size_t header_count;
	bool wants_text;
};

/* What a call came to. Texts are borrowed until the next call. */
struct outcome {
	struct cb_answer answer;
	const struct rule *rule; /* that fitted; NULL: none */
	const char *charset;     /* to read the body with */
};

struct take {
	const char *as, *kept; /* kept: "STEP.NAME" */
	const struct cb_view_path *path;
	const char *header, *cookie; /* instead */
};

struct step {
	const char *name;
	struct call call;
	struct take takes[VALUES_MOST];
	size_t take_count;
	const struct cb_view_path *in, *at; /* NULL: not said */
	int64_t after_ms, early_ms;
};

/* Where reading goes on. */
struct place {
	int64_t from, to; /* the window; 0: none, or not begun */
	int64_t page;
	bool has_page;
	char next[1024]; /* the other side's cursor or address; "": none */
};

/*
 * A page whose rows are documents of their own (rows.c): a detail is asked for each, or a row's
 * text is one.
 */
struct rows {
	const struct cb_view_path *key; /* of a row: what its detail is asked by */
	struct cb_view *view;           /* of the texts, which the page's own does not keep */
	const struct cb_view_path *texts, *text;
	const struct cb_element *detail; /* NULL: the text is the document */
	struct call call;                /* of the detail */
	bool is_base64;
	size_t at, count;    /* of the page that came last */
	struct place before; /* where that page began: there a run goes on that ends inside */
	char *bytes;         /* decoded */
	char key_text[220], cursor[1200];
};

struct reader { /* of <read>, <list>, <receipts> or a <dictionary> */
	struct call call;
	const struct cb_view_path *rows, *next;
	const struct cb_view_path *row_key, *row_receipt; /* of a row, in a list or receipts */
	const struct cb_view_path *row_name;              /* of a row in a dictionary */
	struct rule *rules;                               /* of receipts: what a row means */
	struct rows *each; /* documents that are handed on row by row; NULL: the page is one */
	const struct cb_view_condition *until;
	const struct cb_element *page, *since;
	enum { BY_NOTHING, BY_NUMBER, BY_OFFSET, BY_CURSOR, BY_LINK } by;
	size_t cursor_part; /* of the parts, sent only with a cursor; SIZE_MAX none */
	int64_t first, size, step_ms, overlap_ms;
	int64_t end; /* where the last window ends: now, or the end of the list's window */
	struct place place;
	bool is_open;   /* the window has begun */
	bool is_newest; /* the window ends now */
	bool is_over;
	int64_t pages, empties;     /* of this window, in this run */
	struct cb_part *link_parts; /* headers alone: a link brings its own parameters */
	size_t link_count;
	char last[CB_SHA256_HEX];
	char key[160], cursor[1200];
};

struct writer {
	struct call call;
	const struct cb_element *each;
	const struct cb_view_path *rows, *match;
	struct rule *rules; /* of each */
};

/* Marks as taken, there, what is committed here. */
struct settler {
	struct call call;
	const struct cb_view_path *row_key; /* in the reader's rows; NULL: the document's own */
	char **keys;                        /* of the document that was read last */
	size_t key_count, key_room;
};

struct http {
	struct cb_task *task;
	const struct cb_element *manifest, *stream;
	struct step steps[STEPS_MOST];
	size_t step_count;
	struct reader *reader;
	struct writer *writer, *withdrawer;
	struct call *find, *count;
	const struct cb_view_path *held, *find_receipt, *number;
	struct settler *settler; /* NULL: nothing is to be settled there */
};

/* request.c */
/* The call's own part: its element's, the stream's and the connector's values, inner wins. */
CB_CHECKED int call_open(struct call *call, struct http *http, const struct cb_element *element,
			 const struct cb_element *stream, size_t step, struct cb_error *err);
void call_part(struct call *call, enum cb_part_place place, const char *name, const char *value);
/* Is the name used in a hole of the template? */
bool mentions(const char *text, const char *name);
int64_t duration_of(const struct cb_element *element, const char *name, int64_t otherwise);

/* answer.c */
/* Compile the answers, after the caller's own paths. */
CB_CHECKED int call_answers(struct call *call, const struct cb_element *stream,
			    struct cb_error *err);
CB_CHECKED int rules_add(struct call *call, struct rule **rules, const struct cb_element *answers,
			 const struct cb_view_path *rows, struct cb_error *err);
/* A row's text, or nothing; @path may be NULL. */
struct cb_text row_text(const struct call *call, const struct cb_view_path *path, size_t row);
/* What a row of an answer means by its rules; doubt where none fits. */
void judge_row(const struct call *call, const struct rule *rules, size_t row, struct cb_item *item);
/* CB_OK only for what the manifest calls ok. Otherwise the verdict, with what they said. */
CB_CHECKED int call_judge(struct call *call, struct outcome *out, struct cb_error *err);
/* A path to be asked in each document, from an attribute; none where it is not there. */
CB_CHECKED int ask_path(struct call *call, const struct cb_element *element, const char *name,
			const struct cb_view_path *rows, const struct cb_view_path **out,
			struct cb_error *err);

/* send.c */
CB_CHECKED int call_send(struct call *call, const struct cb_name *names, size_t name_count,
			 const char *once, struct outcome *out, struct cb_error *err);

/* step.c */
CB_CHECKED int steps_open(struct http *http, struct cb_error *err);
/* Run those whose values are missing; @force: all. */
CB_CHECKED int steps_run(struct http *http, bool force, struct cb_error *err);
/* The values there are. */
size_t steps_names(struct http *http, struct cb_name *names);
void step_forget(struct http *http, size_t step);

/* settle.c */
/* In reader_open, after its own paths: the rows say what is settled. */
CB_CHECKED int settler_open(struct http *http, struct cb_error *err);
void settler_note(struct http *http, size_t first, size_t rows);
int http_settle(void *self, const char *key, struct cb_error *err);

/* rows.c */
/* In reader_open, before its answers; r->each stays NULL where a page is one document. */
CB_CHECKED int rows_open(struct reader *r, struct cb_error *err);
/* A page came; each->count: how many of its rows are documents of their own; 0: it is one itself.
 */
CB_CHECKED int rows_begin(struct reader *r, const struct outcome *page, const struct place *before,
			  size_t rows, struct cb_error *err);
/* The next of them. */
CB_CHECKED int rows_next(struct reader *r, struct cb_document *doc, struct cb_error *err);

/* read.c, write.c, ask.c */
void write_cursor(const struct place *place, char *out, size_t room);
/* Of what the run reads; nothing where the stream cannot. */
CB_CHECKED int reader_open(struct http *http, struct cb_error *err);
/* @name: of the element, "write" or "withdraw". */
CB_CHECKED int writer_open(struct http *http, const char *name, struct writer **out,
			   struct cb_error *err);
CB_CHECKED int ask_open(struct http *http, struct cb_error *err);
int http_read(void *self, struct cb_document *doc, struct cb_error *err);
int http_write(void *self, const char *once, struct cb_item *items, size_t count,
	       struct cb_error *err);
int http_withdraw(void *self, const char *once, struct cb_item *items, size_t count,
		  struct cb_error *err);
int http_find(void *self, struct cb_text key, struct cb_found *found, struct cb_error *err);
int http_count(void *self, int64_t from, int64_t to, int64_t *number, struct cb_error *err);

#endif
