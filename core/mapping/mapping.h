/*
 * mapping.h - the two-way translation of one stream and one entity.
 *
 * A mapping is a pure function: no clock, no randomness, no store. It is
 * compiled once; translating a record walks arrays of operations from the rows
 * of one shape to the rows of the other.
 */
#ifndef MAPPING_MAPPING_H
#define MAPPING_MAPPING_H

#include "base/buffer.h"
#include "base/charset.h"
#include "base/problem.h"
#include "model/model.h"
#include "record/path.h"

struct mapping;

/* In @arena, which it keeps using until it is gone. NULL with problems added. */
struct mapping *mapping_read(struct arena *arena, const char *path, const struct model *model,
			     struct problems *problems);
/* The same with these texts in the place of what their files have: as they were once, or as they
 * would be after an edit. */
struct mapping_text {
	const char *file;
	struct cb_text text;
};
struct mapping *mapping_read_kept(struct arena *arena, const char *path,
				  const struct mapping_text *kept, size_t count,
				  const struct model *model, struct problems *problems);
/*
 * Code tables that are ready. A CSV file of a hundred thousand rows is read and
 * compiled once: mapping_image appends what was made of it to @out, without
 * pointers, so that it can be shared; false: no table is large enough. Whoever
 * reads the mapping with that image finds the tables in it, which stay there: it
 * must outlive the mapping. Of its rows only what translating asks is known then.
 */
bool mapping_image(const struct mapping *m, struct buffer *out);
/* An image of this program? Then it is trusted: whoever made it has sealed it. */
bool mapping_is_image(struct cb_text image);
struct mapping *mapping_read_shared(struct arena *arena, const char *path,
				    const struct mapping_text *kept, size_t count,
				    struct cb_text image, const struct model *model,
				    struct problems *problems);
/* The code tables of a library file alone, to ask for labels; NULL with problems added. */
struct mapping *mapping_read_library(struct arena *arena, const char *path,
				     struct problems *problems);
/*
 * What people call a code of ours: the word that the table @table-words writes
 * for it, else the label of its row in @table. NULL: neither says. In @arena.
 */
const char *mapping_code_label(const struct mapping *m, struct arena *arena, const char *table,
			       struct cb_text code);
void mapping_done(struct mapping *m); /* what does not live in the arena: patterns, tables */

/* About it. */
const char *mapping_name(const struct mapping *m);
const char *mapping_label(const struct mapping *m);
const char *
mapping_digest(const struct mapping *m); /* sha-256 hex of its texts, includes and tables too */
const char *mapping_format(const struct mapping *m); /* "xml" "json" "table" */
const char *mapping_root(const struct mapping *m);   /* the record's name there, or NULL */
/* An attribute of <there>, or NULL: settings for the format. */
const char *mapping_there_option(const struct mapping *m, const char *name);
struct shape *mapping_there(const struct mapping *m);
const struct table *mapping_here(const struct mapping *m);
/* Which top-level slots, and which lists, of the entity it names: the only ones an import changes.
 */
bool mapping_names_slot(const struct mapping *m, uint32_t slot);
bool mapping_names_list(const struct mapping *m, uint32_t list);
/* Does it have, or ignore, a name of theirs? "above/name", or "name" in the record itself. */
bool mapping_knows(const struct mapping *m, const char *name);
/* The texts it was made from, for keeping them by digest: calls @each in order. */
void mapping_each_source(const struct mapping *m,
			 void (*each)(void *with, const char *file, struct cb_text text),
			 void *with);

/*
 * References (field … ref="studio" by="account"). The mapping is pure: it
 * carries the name. Who runs it finds the record that is called that, after a
 * record came in, and puts the name in its place before one goes out. On the
 * way out the whole mapping sees the name; conditions ask studio/code.
 */
struct mapping_ref {
	const struct table *table, *entity; /* where it stands, and what it points to */
	uint32_t slot;                      /* of @table's shape */
	const char *by;                     /* whose names; NULL: the natural key */
	const char *here;                   /* as findings name it */
	uint32_t line;
	bool is_in, is_out;
};
const struct mapping_ref *mapping_refs(const struct mapping *m, size_t *count);

/*
 * How strongly a line keeps the law. exact: out and in again is the same, and
 * in and out again. normal: one pass settles it. one-way: something does not
 * come back, and the line says so.
 */
enum line_class { CLASS_EXACT, CLASS_NORMAL, CLASS_ONE_WAY };
const char *line_class_word(enum line_class class); /* "exact" "normal" "one-way" */

struct mapping_line {
	const char *file; /* of the line: the mapping, or what it takes from elsewhere */
	uint32_t line;
	const char *kind;         /* its element: "field" "each" … */
	const char *here, *there; /* "" where it has no such side */
	enum line_class class;
	const char *way; /* "in" or "out" where it goes one way; else "" */
	const char *why; /* what makes it less than exact: "blank", "via pad", …; else "" */
};
/* In the order of the file; a part's lines where they are used. */
void mapping_each_line(const struct mapping *m,
		       void (*each)(void *with, const struct mapping_line *line), void *with);
struct mapping_size {
	size_t lines, tables, rows, samples; /* tables that lines use, and their rows */
};
struct mapping_size mapping_size(const struct mapping *m);

enum outcome {
	OUTCOME_MAPPED,
	OUTCOME_HELD,      /* until something changes; then it flows by itself */
	OUTCOME_REJECTED,  /* this record, never */
	OUTCOME_PASSED_BY, /* not for this system; counted */
};

/* One thing that a record's translation found. */
struct finding {
	const char
		*code;    /* stable: need code number date long small like idcard phone uscc orgcode
			     region many few check verify type charset zone ref guard hold pass-by */
	enum outcome bad; /* what follows; OUTCOME_MAPPED for skip and warn */
	bool is_skipped;  /* the field was left empty */
	const char *here; /* path with its list, "party/role"; NULL where only the other side is
			     named */
	const char *there;
	const char *label;
	uint32_t item;        /* 1-based place in the list; 0: not in a list */
	struct cb_text say;   /* what, the rule, what to do; no personal value */
	struct cb_text value; /* the value where it may be shown (a code that is not in the table);
				 else nothing */
	uint32_t line;        /* in the mapping file */
};

/* What one line did on the way in, for telling why a record says what it says. */
struct trace_text {
	const char *path; /* there, with places in lists: "GXRS/GXR[2]/GXRXM" */
	struct cb_text text;
};
struct trace_step {
	const char *what;    /* stable: join regions via code form default */
	const char *detail;  /* the transform, the code table and its row's place, …; or NULL */
	struct cb_text text; /* after it */
};
struct trace_line {
	const char *kind; /* stable: field set when group */
	const char *here; /* "party/name"; NULL: the line went nowhere after all */
	const char *file; /* of the line, and its number there */
	uint32_t line;
	uint32_t item; /* 1-based place in our list; 0: not in a list */
	bool is_secret;
	struct trace_text *from;
	size_t from_count;
	struct trace_step *steps;
	size_t step_count, step_room;
	struct cb_text value;  /* ours; nothing: it stays empty */
	const struct row *row; /* inside: where it was written */
};
struct trace { /* in the order of the work; a later line may overwrite an earlier one */
	struct trace_line *at;
	size_t count, room;
	struct trace_line *open; /* inside: the line at work */
};

struct result {
	struct arena *arena;  /* of the record: set by the caller */
	struct trace *trace;  /* the same: empty, to be filled by mapping_in; NULL: not wanted */
	enum outcome outcome; /* the worst of the findings */
	struct finding *findings;
	size_t count, room;
	struct cb_text
		key; /* the identity (fields with key="yes"), joined; nothing if there is none */
};

/*
 * Translate. @there and @here are rows of the mapping's shapes; the result's
 * row is made in result->arena, and its texts may be borrowed from the row it
 * was made of, so both live together. Only result->arena and ->trace are read; the
 * rest is begun anew. Where the outcome is not OUTCOME_MAPPED, the row is what could be
 * translated, for showing.
 *
 * Of several findings the worst decides: passed by (the record is not for this
 * system, so nothing else about it matters), then rejected, then held. The key
 * is what stands over there, or would be written there, so both directions know
 * a record by the same key; several parts are joined by U+001F.
 *
 * Inside `when`, a later line may overwrite what an earlier one outside wrote.
 * `default` is meant by nothing in both directions. Checks run last.
 */
struct row *mapping_in(struct mapping *m, const struct row *there, struct result *result);
struct row *mapping_out(struct mapping *m, const struct row *here, struct result *result);

/*
 * Map what is about to go out back in, and compare: @there is what the target
 * will read of @here. A field that would come back as something else is held
 * with code "guard"; what a line declares (one way, a form, a default) is none.
 * Adds to @result.
 */
void mapping_guard(struct mapping *m, const struct row *here, const struct row *there,
		   struct result *result);

/*
 * Is what another system holds what was sent to it? Both rows are theirs, and
 * are compared as they come back in, by the lines that go both ways. Adds a
 * finding "differs" for each line that says something else; where @held cannot
 * be mapped although @sent can, its findings.
 */
void mapping_differs(struct mapping *m, const struct row *sent, const struct row *held,
		     struct result *result);

/*
 * Reading and writing documents needs formats, which the caller lends: for the
 * samples in the file, and for documents inside a text (group as="json").
 */
struct mapping_formats {
	/* Read @text (its exact bytes are UTF-8) as @format into one row of @shape. */
	int (*read)(void *with, const char *format, const char *root, struct cb_text text,
		    const struct shape *shape, struct arena *arena, struct row **row,
		    struct cb_error *err);
	/* Write @row alone, without what stands around records in a document. */
	int (*write)(void *with, const char *format, const char *root, const struct row *row,
		     struct buffer *out, struct cb_error *err);
	void *with;
};
void mapping_lend(struct mapping *m, const struct mapping_formats *formats);
/* The charset that their bytes are counted in, where the mapping itself names none. */
void mapping_count_bytes(struct mapping *m, enum charset charset);

struct test_report {
	size_t passed, failed;
	struct buffer *out; /* a line for each failure: file:line, what was expected, what came */
};
void mapping_test(struct mapping *m, const struct mapping_formats *formats,
		  struct test_report *report);

/*
 * What a sample of this record of theirs would say, appended to @out: both sides and
 * what is expected, personal values replaced by made-up ones of the same shape.
 */
CB_CHECKED int mapping_learn(struct mapping *m, const struct mapping_formats *formats,
			     const struct row *there, struct arena *arena, struct buffer *out,
			     struct cb_error *err);
/* The mapping's own text with that sample behind its last line, appended to @out. */
CB_CHECKED int mapping_add_sample(const struct mapping *m, const char *name, const char *trip,
				  struct cb_text sample, struct buffer *out, struct cb_error *err);

/*
 * The field list that two agencies sign: a row for each line, in words. Texts
 * are in @arena; "" where a row has nothing to say there. A line inside another
 * one (a list, a condition) names both in its label and its path.
 */
struct mapping_row {
	const char *label;
	const char *here, *type; /* ours: path and type, in words */
	const char *there;       /* theirs */
	const char *rule;        /* format, codes, blanks, limits, transforms */
	const char *need;        /* where a value is required */
	const char *trip;        /* of a field: what a round trip keeps, in words */
	const char *way;         /* "both" "in" "out"; "none": known and unused */
	const char *note;
	const char *file;
	uint32_t line;
};
void mapping_table(const struct mapping *m, struct arena *arena,
		   void (*each)(void *with, const struct mapping_row *row), void *with);

/*
 * Code tables: every row with every line that uses it.
 */
struct mapping_code {
	const char *table, *table_label;
	const char *field, *label; /* of the line: path of ours, without equalities */
	bool is_one_field;         /* one field of ours, so that the row's `here` is its value */
	bool is_read;              /* the line is used in */
	const char *here, *there;  /* of the row as written; NULL: none */
	const char *row_label;     /* NULL: none */
	const char *file;
	uint32_t line;
	bool is_else;
	bool gives_value; /* read, it writes `here`: no outcome, not for the way out alone */
};
void mapping_each_code(const struct mapping *m,
		       void (*each)(void *with, const struct mapping_code *code), void *with);

/* Where a row would be added: the file of the table's last row. False: no such table. */
struct mapping_code_place {
	const char *file;
	bool is_csv;
	bool has_here; /* a row writes that code of ours already: another one is only read */
};
bool mapping_code_find(const struct mapping *m, const char *table, const char *here,
		       struct mapping_code_place *place);
/* That file's text with one more row, appended to @out; nothing is written. @line: of the row. */
CB_CHECKED int mapping_code_add(const struct mapping *m, const char *table, const char *there,
				const char *here, struct buffer *out, uint32_t *line,
				struct cb_error *err);

/*
 * A first mapping from the events of a sample (as WORK_OUTLINE sends them),
 * appended to @out; it loads as it is, and says TODO where a person decides.
 * False where the sample has no record.
 */
bool mapping_sketch(struct arena *arena, const struct model *model, const struct table *entity,
		    const char *name, const char *label, const char *format, struct cb_text events,
		    struct buffer *out);

/* The language's own grammar, for the checker, editors and the reference page. */
struct grammar;
extern const struct grammar mapping_grammar;

#endif
