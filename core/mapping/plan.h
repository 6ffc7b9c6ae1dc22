/*
 * plan.h - a compiled mapping, as its own files see it.
 *
 * A mapping file becomes a body: an array of operations between two rows. An
 * operation that changes the row (an item, a sub-record of a list) owns a body
 * for the rows below it; prefixes of groups and parts are gone after
 * compiling. Everything lives in the mapping's arena, except patterns and hash
 * tables, which mapping_done gives back.
 */
#ifndef MAPPING_PLAN_H
#define MAPPING_PLAN_H

#include <libxml/xmlregexp.h>

#include "base/buffer.h"
#include "base/calendar.h"
#include "base/charset.h"
#include "base/hash.h"
#include "base/identity.h"
#include "base/number.h"
#include "mapping/mapping.h"

enum { WAY_IN = 1, WAY_OUT = 2, WAY_BOTH = 3 };
enum bad { BAD_HOLD, BAD_REJECT, BAD_SKIP, BAD_WARN };
enum side { HERE, THERE };

struct words {
	struct cb_text *at;
	size_t count;
};

/* ------------------------------------------------ code tables (codes.c) */

struct code_row { /* as it is written */
	const char *here, *there, *label, *when, *say;
	const char *from, *until; /* days on which it holds, both included; NULL: no end */
	enum outcome outcome;     /* instead of a value */
	unsigned way;
	const struct cb_element *element; /* NULL: of a CSV file */
	const char *file;
	uint32_t line;
};

struct codes {
	const char *name, *label;
	const char *at; /* the field of ours whose date decides which rows hold; NULL */
	const struct cb_element *element;
	struct code_row *rows;
	size_t count, room;
	struct code_row *otherwise; /* <else>, or NULL */
	struct code_table *tables;  /* made from it, one for each number of columns and shape */
	const char *ready;          /* the file whose rows an image has: not read; or NULL */
	struct codes *next;
	unsigned rank; /* whose wins: a library's 0, then the mapping that is extended, then ours */
};

struct code_term {                    /* what else must be true of the record for a row to fit */
	const struct condition *when; /* NULL: nothing */
	const struct path *at;        /* NULL: on any day */
	struct cb_text from, until;   /* nothing: no end on that side */
};

#define CODE_COLUMNS 8   /* of a tuple */
#define CODE_LONGEST 256 /* of joined words: longer ones are no codes */

struct code_entry {
	struct cb_text *from, *to;    /* by column; from NULL at: any */
	const struct code_term *term; /* NULL: always */
	uint32_t next;                /* with the same words, UINT32_MAX: none */
	uint32_t order, line;         /* of the row: among the rows, in the file */
	enum outcome outcome;
	const char *say;
};

struct code_image {              /* a side that is ready, in memory that is shared (image.c) */
	const char *base, *file; /* file: of the rows */
	const struct image_side *side; /* NULL: it is not */
};

struct code_side { /* one direction of a table */
	struct names names;
	struct code_entry *entries, *otherwise;
	size_t count, room;
	uint32_t *any; /* entries with a column that fits everything, in order */
	size_t any_count, any_room;
	size_t from_count, to_count;
	struct code_image image; /* in place of names and entries */
};

struct code_table {
	const struct codes *codes;
	const struct shape *shape; /* its conditions ask rows of this shape */
	struct code_side in, out;
	bool has_conditions;
	uint8_t *classes; /* enum line_class, of each line that uses it, in the order of the law */
	size_t class_count, class_room, uses;
	struct cb_text image; /* it comes from */
	struct code_table *next;
};

/* Room for a row that no memory of ours has. */
struct code_found {
	struct code_entry entry;
	struct cb_text to[CODE_COLUMNS];
};
/* The row that fits, or <else>, or NULL. */
const struct code_entry *code_find(const struct code_side *side, const struct cb_text *from,
				   const struct row *here, struct code_found *found);
/* The words of all columns as one; nothing where they are too long for a code. */
struct cb_text code_join(const struct cb_text *texts, size_t count, char room[CODE_LONGEST]);

/* image.c: the other end of mapping_image. */
/* Of the file that the table is made of; NULL: the image does not have the table. */
const char *image_digest(struct cb_text image, const struct codes *codes, const char *file);
/* Take the table, with its number of columns, from the image; false: it is not there. */
bool image_table(struct cb_text image, const char *file, struct code_table *t);
const struct code_entry *image_find(const struct code_side *side, struct cb_text key,
				    struct code_found *found);

/* -------------------------------------------- transforms (transform.c) */

struct transform {
	const struct transform_kind *kind;
	struct cb_text text; /* the argument that is text */
	int64_t number, second;
	struct words words;
};

struct transform_kind {
	const char *name;
	enum line_class class;
	const char *arguments; /* n: whole number, f: factor, t: text, w: a code table; capitals may
				  be missing */
	/* NULL: the value stays. Else the stable code of what is wrong. */
	const char *(*in)(const struct transform *t, struct arena *arena, struct cb_text *value);
	const char *(*out)(const struct transform *t, struct arena *arena, struct cb_text *value);
};

const struct transform_kind *transform_kind(struct cb_text name);
const char *const *transform_names(void);
/* regions: one code of ours is several of theirs, by level. */
bool transform_is_regions(const struct transform *t);
const char *regions_in(const struct transform *t, struct arena *arena, const struct cb_text *parts,
		       size_t count, struct cb_text *value);
const char *regions_out(const struct transform *t, struct arena *arena, struct cb_text value,
			struct cb_text *parts, size_t count);

/* --------------------------------------------------------- operations */

#define OP_MOST 16 /* paths of one line, each side */

enum op_kind { OP_FIELD, OP_SET, OP_GROUP, OP_EACH, OP_WHEN, OP_CHECK };

/* What findings say of a line. */
struct line {
	const char *here, *there, *label;
	const struct cb_element *element;
	uint32_t number;
	bool is_secret;
};

struct body {
	struct op *ops; /* those with conditional codes last: they look at what the others wrote */
	size_t count, room;
	const struct shape *here, *there;
};

struct list_at {             /* a list, and the rows of it that are meant */
	struct path *holder; /* the row that has the list */
	uint32_t index;
	struct shape *shape; /* of its rows; NULL: no list, the row stays */
	uint32_t equal_slot; /* NO_SLOT: all of them */
	struct cb_text equal_text;
};

struct made { /* an equality that a condition makes true */
	const struct path *path;
	struct cb_text text;
};

enum op_flag {
	OP_PLAIN = 1, /* one slot each, text as it is */
	OP_NEED_IN = 2,
	OP_NEED_OUT = 4,
	OP_KEY = 8,
	OP_VERIFY = 16,
	OP_REGIONS = 32,
	OP_FLAG_WORDS = 64, /* a flag that the other side takes as true and false */
	OP_OPTIONAL = 128,  /* a group that may be missing as a whole */
	OP_LIMITS = 256,    /* one of min max max-bytes like */
	OP_ONE = 512,       /* a group that takes the first of several, and says so */
	OP_TEXT_MAX = 1024, /* max counts characters */
};

struct op {
	uint8_t kind, way, bad, type; /* enum op_kind, bits, enum bad, enum field_type */
	uint8_t class;                /* enum line_class, by the law */
	uint32_t flags;
	uint32_t here_slot, there_slot; /* in the row itself; NO_SLOT: ask the path */
	const struct line *line;
	const char *why;           /* what decides its class */
	const struct field *field; /* the model's */
	struct words blank;

	struct path **here, **there;
	size_t here_count, there_count;
	struct code_table *table;
	struct transform *via;
	size_t via_count;
	const struct calendar_pattern *pattern;
	int zone;
	int is;                               /* enum identity_kind, or -1 */
	struct cb_text join, standard, value; /* default; the constant of a set */
	struct cb_text words[2];              /* of a flag: yes, no */
	struct cb_text min, max;              /* numbers; nothing: none */
	int64_t min_chars, max_chars, max_bytes;
	xmlRegexp *like;
	const char *like_text;

	const struct condition *here_when, *there_when; /* when, check */
	struct made *made[2];                           /* by enum side */
	size_t made_count[2];
	const char *say;

	struct list_at list[2]; /* group, each: by enum side */
	struct body *bodies;    /* group, when, each: one; numbered columns: one for each */
	size_t body_count;
	bool is_numbered;
	struct cb_text split;        /* the characters that part a joined text */
	const struct shape *pieces;  /* of its pieces, or of the document in a text */
	const char *as, *root;       /* a group's document: json, xml, base64; its root element */
	uint32_t min_rows, max_rows; /* of an each */
};

/* ------------------------------------------------------------ samples */

struct expectation {
	const char *bad, *here, *there, *why;
	uint32_t line;
};

struct sample {
	const char *name, *file;
	const struct cb_element *there, *here;
	unsigned way;
	enum { TRIP_NONE, TRIP_NORMAL, TRIP_EXACT } trip;
	struct expectation *expect;
	size_t expect_count;
	uint32_t line;
};

/* ------------------------------------------------------------ the plan */

struct source {
	const char *file;
	struct cb_text text;
	const char *digest; /* in place of the text, where a table of it is ready */
};

struct mapping {
	struct arena *arena;
	const char *name, *label, *format, *root;
	char digest[65];
	const struct model *model;
	struct table *here;
	struct shape *there;
	const struct cb_element *there_element;
	struct words blank;
	int zone;
	bool has_zone;
	struct body body;
	uint8_t *names_slot, *names_list;
	struct source *sources;
	size_t source_count, source_room;
	struct codes *codes;
	struct sample *samples;
	size_t sample_count, sample_room;
	xmlRegexp **patterns;
	size_t pattern_count, pattern_room;
	struct mapping_ref *refs;
	size_t ref_count, ref_room;
	struct mapping_formats formats; /* lent, for documents inside texts */
	enum charset charset;           /* of their bytes, for max-bytes */
	struct charset_converter *converter;
	struct calendar_pattern **calendars;
	size_t calendar_count, calendar_room;
};

/* Doubling inside an arena. */
void plan_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size);

/* ------------------------------------------- compiling (read.c and its helpers) */

struct part {
	const char *name;
	const struct cb_element *element;
	struct part *next;
	unsigned rank; /* as of codes */
	bool is_open;  /* being used, so that a part cannot use itself */
};

struct write { /* a line writes this path: no two may */
	enum side side;
	const char *path;
	const struct cb_element *element, *when;
	struct write *next;
};

struct reader {
	struct mapping *m;
	struct arena *arena;
	struct problems *problems;
	const struct mapping_text *kept; /* in place of files */
	size_t kept_count;
	struct cb_text image; /* of tables that are ready */
	size_t errors;        /* of other files, found before */
	struct part *parts;
	struct write *writes;
	const char *open[16]; /* files being read, for cycles */
	size_t open_count;
	const char **read; /* files read, each once */
	size_t read_count, read_room;
};

/* Where a line stands: the rows, and what stands in front of its paths. */
struct frame {
	struct reader *reader;
	struct body *body;
	struct shape *shape[2];
	const char *prefix[2];     /* from the row: "place", "party1_*"; "" none */
	const char *name[2];       /* from the record, for findings: "party/", "" */
	const char *where[2];      /* the same with equalities, for two lines that write one path */
	const struct table *table; /* of shape[HERE] */
	const struct cb_element *when; /* the nearest condition around */
	unsigned way;
	uint32_t top_list; /* of the entity, that everything below writes; NO_SLOT: the entity */
	int number;        /* in numbered columns; 0: not */
	bool in_each;
	bool in_document; /* inside a text: no table, whatever the mapping's format is */
};

/* paths.c: one path of an attribute, with what stands in front of it. */
struct spelled {
	const char *text; /* to compile */
	size_t offset;    /* in the attribute, characters */
	size_t lead;      /* characters of @text that come before the attribute's own */
};
/* The paths of an attribute, {1..5} spread out, prefixes in front. False with a problem added. */
bool paths_spell(const struct frame *f, const struct cb_element *e, const char *name,
		 enum side side, struct spelled **out, size_t *count);
bool paths_read(const struct frame *f, const struct cb_element *e, const char *name, enum side side,
		enum path_use use, struct path ***out, size_t *count);
struct condition *paths_condition(const struct frame *f, const struct cb_element *e,
				  const char *name, enum side side, const char *text);
/* A group's or a list's own path: a[b='c'] or a list alone. *rest: what follows the brackets. */
bool paths_list(const struct frame *f, const struct cb_element *e, enum side side,
		const struct spelled *path, struct list_at *out, const char **rest);
/* A path as findings show it: without equalities, from the record. */
const char *paths_name(const struct frame *f, enum side side, const char *spelled);
/* "party{1..4}_*" has a range: where it stands, and its bounds. */
bool paths_range(const char *text, int *from, int *to, size_t *at, size_t *len);
/* The number in the place of the range. */
const char *paths_numbered(struct arena *arena, const char *text, int number);
/* @inner with what stands in front of it in @f. */
const char *paths_prefixed(const struct frame *f, enum side side, const char *inner, size_t *lead);

/* codes_read.c: rows from XML or CSV; codes.c: tables from rows. */
struct codes *codes_read(struct reader *r, const struct cb_element *e, unsigned rank);
/* Its rows, where an image spared reading them. */
void codes_rows(struct reader *r, struct codes *codes);
struct code_table *codes_table(const struct frame *f, struct codes *codes,
			       const struct cb_element *user, size_t there_count,
			       size_t here_count);
struct codes *codes_find(const struct reader *r, const char *name);
const char *codes_nearest(const struct reader *r, const char *name);
void codes_done(struct codes *codes);
/* A row's place, or of <else>. A macro, so that the compiler checks the sentence's arguments. */
#define code_problem(r, row, name, ...)                                                            \
	((row)->element ? problem_at((r)->problems, (row)->element, (name), 0, __VA_ARGS__)        \
			: problem_add((r)->problems, (row)->file, (row)->line, 1, __VA_ARGS__))

/* law.c: every line's class; what is lost and not declared is a problem. After the lines are read.
 */
void law_check(struct reader *r);
/* law_codes.c: rows that are never reached, and every row out and back through a line. */
void law_reach(struct reader *r, const struct code_table *table);
enum line_class law_codes(struct reader *r, const struct body *body, const struct op *op);

/* via.c: the attribute, as transforms. */
bool via_read(const struct frame *f, const struct cb_element *e, struct op *op);

/* A fault of a path, at its place in the attribute. */
void paths_problem(const struct frame *f, const struct cb_element *e, const char *name,
		   const struct spelled *path, const struct cb_error *err);

/* extend.c: the lines of @base with those of @own in their place, as elements of one mapping. */
const struct cb_element *extend_lines(struct reader *r, const struct cb_element *base,
				      const struct cb_element *own);

/* lines.c: every line below @e. */
void lines_read(struct frame *f, const struct cb_element *e);
/* field_read.c */
bool field_read(struct frame *f, const struct cb_element *e, struct op *op);
const struct field *line_field(const struct frame *f, const struct path *path);
/* Is @text what that field of ours holds? */
bool line_fits(const struct field *field, struct cb_text text);

bool line_begin(struct frame *f, const struct cb_element *e, struct op *op, unsigned kind);
void line_add(struct frame *f, const struct op *op);
void line_writes(struct frame *f, const struct cb_element *e, enum side side,
		 const struct path *path, const char *spelled);

enum bad line_bad(const struct cb_element *e, const char *name);

/* frames.c: what contains lines. */
void group_read(struct frame *f, const struct cb_element *e);
void each_read(struct frame *f, const struct cb_element *e);
void use_read(struct frame *f, const struct cb_element *e);
struct frame frame_inner(struct frame *f, const struct op *op);
struct body *body_begin(struct op *op, struct frame *in, size_t count);
void body_end(struct frame *in);

/* source.c: a file of the mapping, kept for its digest; NULL with a problem added. */
const struct source *source_read(struct reader *r, const char *file, const struct cb_element *at);
/* The same of a file that need not be read. */
void source_ready(struct reader *r, const char *file, const char *digest);

/* word lists: "a b c". */
struct words words_split(struct arena *arena, const char *text);

/* ------------------------------------------------- running (run.c, field.c) */

struct run {
	struct mapping *m;
	struct arena *arena;
	struct result *result;
	uint32_t item; /* 1-based place in the list around, 0: none */
	bool has_key;
};

#define LABEL(op) (op)->line->label
#define THEIRS(op) (op)->line->there
/* What a message calls the field: our label and their name, or the one that both are. */
const char *names_of(struct run *run, const struct op *op);

/* run.c: the rows of a list that a line means. */
bool list_means(const struct list_at *list, const struct row *item);
const struct rows *list_items(const struct list_at *list, const struct row *row);
struct row *list_first(const struct list_at *list, const struct row *row, size_t *count);

/* check.c. fits_…: false where a finding was added and the value cannot go on. */
bool fits_limits(struct run *run, const struct op *op, struct cb_text text);
bool fits_identity(struct run *run, const struct op *op, struct cb_text *text); /* normalised */
bool fits_model(struct run *run, const struct op *op, struct cb_text text);
bool may_pass(const struct op *op);
/* A text that is none of ours cannot pass, whatever the line says: it would break what we keep. */
enum bad bad_strict(const struct op *op);
void say_many(struct run *run, const struct op *op, bool is_in);
void say_need(struct run *run, const struct op *op, bool is_in);
void say_no_number(struct run *run, const struct op *op);
void say_no_region(struct run *run, const struct op *op);
void say_transform(struct run *run, const struct op *op, const char *code);

/* Nothing, blanks only, or one of the words that mean nothing? */
bool is_blank(const struct op *op, struct cb_text text);

/* form.c: one text by its type and form, or by its code; false: a finding was added. */
bool form_in(struct run *run, const struct op *op, struct cb_text *text);
bool form_out(struct run *run, const struct op *op, struct cb_text *text);
bool codes_across(struct run *run, const struct op *op, const struct code_side *side,
		  struct cb_text *from, const struct row *here, struct cb_text *to, bool is_in);

/* document.c: the row inside a text; its formats are lent. */
bool document_enter(struct frame *f, struct frame *in, const struct cb_element *e, struct op *op);
const struct row *document_in(struct run *run, const struct op *op, const struct row *there);
struct row *document_begin(struct run *run, const struct op *op, struct row *there);
void document_out(struct run *run, const struct op *op, const struct row *inner, struct row *there);

void field_in(struct run *run, const struct op *op, const struct row *there, struct row *here);
void field_out(struct run *run, const struct op *op, const struct row *here, struct row *there);

/* trace.c: what a line did; only called where run->result->trace is wanted. */
void trace_field(struct run *run, const struct op *op, const struct row *there, struct row *here);
void trace_write(struct run *run, const struct op *op, const char *kind, const struct path *path,
		 const struct row *here, struct cb_text text);
void trace_equal(struct run *run, const struct op *op, const struct row *item);
void trace_end(struct run *run);
/* One step of the line at work; @detail may be NULL. */
void trace_step(struct run *run, const char *what, const char *detail, struct cb_text text);
void trace_code(struct run *run, const struct op *op, const struct code_entry *entry,
		struct cb_text text);

static inline bool is_traced(const struct run *run)
{
	return run->result->trace != NULL;
}

/* found.c: add a finding. @code is stable; the sentence must not hold a personal value. */
struct finding *found(struct run *run, const struct op *op, const char *code, enum bad bad,
		      const char *zh, const char *en, ...) CB_SAYS(5, 6, 7);

#endif
