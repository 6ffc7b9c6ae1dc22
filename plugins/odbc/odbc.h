/*
 * odbc.h - the parts of the connector that carries out a manifest's statements in a
 * database, over the ODBC driver that the site names.
 *
 * Every {name} of a statement is a parameter, bound as wide text; what comes back is wide
 * text too, so that a database's own charset is its driver's business. Reading happens in
 * a transaction that is rolled back: it changes nothing there. What came of a page is one
 * document, a line of JSON for each row.
 */
#ifndef ODBC_ODBC_H
#define ODBC_ODBC_H

#include <sql.h>
#include <sqlext.h>
#include <time.h>

#include <casebridge/plugin.h>

#define CELL_MOST (16u << 20)      /* bytes of one value */
#define PAGE_BYTES (16u << 20)     /* a page ends behind the row that reaches this */
#define DOCUMENT_BYTES (64u << 20) /* the same, with what belongs to its rows */
#define PAGE_ROWS 500
#define COLUMNS_MOST 1000
#define DETAIL_DEPTH 4
#define MARKS_MOST 8

/* Bytes that grow; memory that runs out ends the process, as elsewhere. */
struct bytes {
	char *at;
	size_t len, room;
};

/* In what a call was when it failed: decides whether anything of it can stand there. */
enum phase {
	CONNECTING,
	READING,
	CHANGING,   /* in a transaction that is not committed */
	COMMITTING, /* it may be */
};

/* What the driver said. */
struct diagnosis {
	char state[6];
	long native;
	char text[400]; /* one line */
	enum cb_verdict verdict;
};

/* One <sql>: its text with a ? for each hole. */
struct statement {
	const struct cb_element *element;
	SQLWCHAR *text;
	SQLINTEGER length;
	const char **holes;
	size_t hole_count;
	SQLHSTMT handle;         /* prepared on this connection; NULL: not yet */
	unsigned connection;     /* of which it is */
	struct statement *next;  /* of its element */
	struct statement *other; /* of all */
};

/* The rows of a result, whole: a cell without a value has no text. */
struct grid {
	char **names;
	SQLSMALLINT *types;
	size_t columns, rows, room; /* room: of cells */
	struct cell {
		size_t at, len;
		bool is_null;
	} * cells;
	struct bytes text;
};

/* Where the values of holes come from: the first that knows the name. */
struct scope {
	const struct scope *up;
	const struct cb_name *names;
	size_t count;
	const struct grid *grid; /* {row/…} */
	size_t row;
};

struct detail { /* rows of another table that belong to one of ours */
	const char *name;
	struct statement *sql;
	struct detail *first, *next;
};

struct mark { /* a column that reading goes on by */
	const char *column, *first;
};

struct rule { /* an <answer> */
	enum cb_verdict is;
	const struct cb_view_condition *when;
	const struct cb_view_path *say, *field, *receipt;
	struct rule *next;
};

/* A statement that asks, and what its answer means. */
struct query {
	struct statement *sql;
	struct detail *details;
	struct cb_view *view; /* of one row */
	struct rule *rules;
	const struct cb_view_path *key, *receipt, *name;
};

struct reader { /* of what this run reads */
	const struct cb_element *element;
	struct query query;
	struct mark marks[MARKS_MOST];
	size_t mark_count;
	char *at[MARKS_MOST];            /* where the last page ended */
	const char *reached;             /* the first of them, at the end of the last run */
	int64_t overlap_s;               /* how far before that this run begins */
	bool again;                      /* every run begins at the first */
	bool is_open, is_over, is_items; /* a result is being read; nothing more; rows are told */
	bool has_begun;
	bool settles; /* what is committed is marked as taken there */
	size_t batch;
	int64_t pages;
	char last[CB_SHA256_HEX];
	bool was_settled;
	struct grid grid;
	struct bytes document;
	char key[220], *cursor;
};

struct change { /* <write> or <withdraw> */
	const struct cb_element *element;
	struct part {
		struct statement *sql;
		struct cb_view *before; /* of its when; NULL: always */
		const struct cb_view_condition *when;
		const struct cb_view_path *each, **paths; /* of its holes; NULL: no path */
		struct part *next;
	} * parts;
	struct cb_view *record; /* of the fragment that goes out */
	struct cb_view *answer;
	struct rule *rules;
	bool may_commit; /* a procedure of theirs, by itself */
	char **kept;     /* texts of the answers, until the next batch */
	size_t kept_count, kept_room;
};

struct odbc {
	struct cb_task *task;
	const struct cb_element *manifest, *stream;
	SQLHENV environment;
	SQLHDBC database;
	bool is_connected;
	unsigned connection; /* counts them: statements are prepared anew */
	char product[64];    /* what the database calls itself */
	long timeout_s;
	time_t alive; /* when the engine heard of us last */
	struct cb_name *settings;
	size_t setting_count;
	struct statement *statements, *opening; /* all; those of <database> */
	struct reader *reader;
	struct query *find, *count;
	struct change *write, *withdraw;
	struct statement *settle;
	struct grid result; /* of find and count */
	struct bytes found, receipt;
};

/* text.c */
void bytes_room(struct bytes *b, size_t more); /* at least so much behind what is there */
void bytes_put(struct bytes *b, const void *at, size_t len);
void bytes_string(struct bytes *b, const char *string);
void bytes_json(struct bytes *b, struct cb_text text);              /* with its quotes */
void bytes_wide(struct bytes *b, const SQLWCHAR *at, size_t units); /* as UTF-8 */
void bytes_base64(struct bytes *b, const unsigned char *at, size_t len);
/* The caller frees it; *@units: without the end. */
SQLWCHAR *wide_new(struct cb_text text, size_t *units);
void *take(size_t size); /* zeroed */

/* state.c: what an SQLSTATE means. */
enum cb_verdict state_verdict(const char state[6], enum phase phase);
/* Some drivers say HY000 to everything: what the database's own number means, or NULL. */
const char *state_of_native(const char *product, long native);
/* Some say 08001 to every login that fails: what the words mean, or NULL. */
const char *state_of_login(const char *text);

/* connect.c */
CB_CHECKED int odbc_connect(struct odbc *odbc, struct cb_error *err);
void odbc_disconnect(struct odbc *odbc);
/* The driver's words of the last call on the handle, and the verdict; a lost connection is closed.
 */
CB_CHECKED int odbc_failed(struct odbc *odbc, SQLSMALLINT type, SQLHANDLE handle, enum phase phase,
			   struct diagnosis *out, struct cb_error *err);
CB_CHECKED int odbc_end(struct odbc *odbc, bool commits, struct diagnosis *out,
			struct cb_error *err);

/* statement.c */
struct statement *statement_open(struct odbc *odbc, const struct cb_element *sql);
CB_CHECKED int statement_prepare(struct odbc *odbc, struct statement *s, enum phase phase,
				 struct diagnosis *out, struct cb_error *err);
/* Bind and carry out; *@rows: how many it changed, -1 unknown. */
CB_CHECKED int statement_run(struct odbc *odbc, struct statement *s, const struct scope *scope,
			     enum phase phase, SQLLEN *rows, struct diagnosis *out,
			     struct cb_error *err);
void statement_close(struct statement *s); /* its result */

/* grid.c */
/* The columns of the result that is open; then rows, at most so many; CB_END: there are no more. */
CB_CHECKED int grid_begin(struct odbc *odbc, struct grid *g, struct statement *s, enum phase phase,
			  struct cb_error *err);
CB_CHECKED int grid_fetch(struct odbc *odbc, struct grid *g, struct statement *s, enum phase phase,
			  size_t most, struct cb_error *err);
void grid_clear(struct grid *g);
void grid_done(struct grid *g);
size_t grid_column(const struct grid *g, const char *name); /* SIZE_MAX: none of that name */
struct cb_text grid_cell(const struct grid *g, size_t row, size_t column);

/* query.c */
CB_CHECKED int query_open(struct odbc *odbc, struct query *q, const struct cb_element *element,
			  struct cb_error *err);
/* The row with its details, as one JSON object. */
CB_CHECKED int query_object(struct odbc *odbc, const struct query *q, const struct grid *g,
			    size_t row, const struct scope *scope, struct bytes *out,
			    struct cb_error *err);
CB_CHECKED int rules_open(struct odbc *odbc, struct cb_view *view, const struct cb_element *element,
			  struct rule **rules, struct cb_error *err);
/* The first rule that fits what the view holds; its words in @item. False: none. */
bool rules_judge(struct cb_view *view, const struct rule *rules, struct cb_item *item);
/* now, and with a list the window: texts as a database reads them. */
struct instants {
	struct cb_name names[3];
	char now[24], from[24], to[24];
};
void instants_fill(struct instants *i, const struct odbc *odbc, int64_t from, int64_t to);

/* marks.c */
/* Where this run begins. */
CB_CHECKED int marks_open(struct odbc *odbc, struct reader *r, struct cb_error *err);
/* To the end of this page; its last row and the next page's first must differ. */
CB_CHECKED int marks_move(struct reader *r, size_t rows, struct cb_error *err);

/* read.c, write.c, ask.c */
CB_CHECKED int reader_open(struct odbc *odbc, struct cb_error *err);
CB_CHECKED int change_open(struct odbc *odbc, const char *name, struct change **out,
			   struct cb_error *err);
int odbc_read(void *self, struct cb_document *doc, struct cb_error *err);
int odbc_settle(void *self, const char *key, struct cb_error *err);
int odbc_write(void *self, const char *once, struct cb_item *items, size_t count,
	       struct cb_error *err);
int odbc_withdraw(void *self, const char *once, struct cb_item *items, size_t count,
		  struct cb_error *err);
int odbc_find(void *self, struct cb_text key, struct cb_found *found, struct cb_error *err);
int odbc_count(void *self, int64_t from, int64_t to, int64_t *number, struct cb_error *err);

#endif
