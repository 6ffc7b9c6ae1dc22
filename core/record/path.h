/*
 * path.h - paths and conditions over rows: a subset of XPath 1.0.
 *
 *   a/b   @id   .   'a name'   #3   party[role='applicant']/name   ../x
 *
 * An equality is two-way: reading selects the first row that has it, writing
 * makes a row that has it.
 *
 * Conditions: path, quoted text, numbers; = != < <= > >=; and or not();
 * contains(a,b) starts-with(a,b) count(path). A path alone asks whether there
 * is a value that is not empty. Two numbers compare by value, everything else
 * by bytes, which is right for canonical dates. Nothing is not equal to any
 * text, nor to nothing. Quotes make a text here; a quoted name is written
 * ./'a name', and so is a name that begins with a digit: ./2024.
 */
#ifndef RECORD_PATH_H
#define RECORD_PATH_H

#include "record/shape.h"

struct path_step {
	const struct shape *list;  /* the shape of its items */
	uint32_t index;            /* in lists of the row before */
	uint32_t equal_slot;       /* NO_SLOT: no equality */
	struct cb_text equal_text; /* what must stand there */
};

struct path {
	const struct shape *from;
	struct path_step *steps; /* lists on the way */
	size_t step_count;
	uint32_t slot;            /* the value it ends at; NO_SLOT where it ends at a list */
	const struct shape *rows; /* the list it ends at: the last step's; else NULL */
	size_t up;                /* rows to climb first ("../") */
};

enum path_use {
	PATH_VALUE,  /* ends at one value; every list on the way has an equality */
	PATH_LIST,   /* ends at a list */
	PATH_EITHER, /* conditions: a value, or a list to count */
};

/*
 * Compile @text against @from, in @arena. Where the shape is not fixed,
 * missing nodes are made. An error says what, at which byte (err->column,
 * 1-based in @text), and the nearest name there is.
 */
CB_CHECKED int path_compile(struct arena *arena, struct shape *from, struct cb_text text,
			    enum path_use use, struct path **out, struct cb_error *err);

/*
 * Several paths separated by blanks, with {1..5} spread out: "fsrq fssj",
 * "dept{1..5}name"; {01..12} keeps its zeros. Braces in a quoted name that hold
 * anything else stand for themselves.
 */
CB_CHECKED int path_compile_many(struct arena *arena, struct shape *from, struct cb_text text,
				 enum path_use use, struct path ***out, size_t *count,
				 struct cb_error *err);

/* Nothing where it is not there. */
struct cb_text path_text(const struct path *path, const struct row *row);
/* The row that holds its value, or NULL; @made: made with its equalities (writing). */
struct row *path_row(const struct path *path, const struct row *row);
struct row *path_make(struct arena *arena, const struct path *path, struct row *row);
void path_set(struct arena *arena, const struct path *path, struct row *row, struct cb_text value);
/* For a path that ends at a list: its rows (of the first row on the way). */
struct rows *path_rows(const struct path *path, const struct row *row);
/* Was the value said more than once? */
bool path_again(const struct path *path, const struct row *row);

struct condition;
CB_CHECKED int condition_compile(struct arena *arena, struct shape *from, struct cb_text text,
				 struct condition **out, struct cb_error *err);
bool condition_holds(const struct condition *c, const struct row *row);

/*
 * The condition as equalities joined by `and`, which can be made true: calls
 * @each with path and text. False, and no call, if it is anything else.
 */
bool condition_each_equality(const struct condition *c,
			     void (*each)(void *with, const struct path *path, struct cb_text text),
			     void *with);

#endif
