/*
 * problem.h - what is wrong in the user's own files, all of it in one pass.
 *
 * A problem stands at file:line:column and says what is wrong, what is allowed
 * and the nearest right word. Printing shows the line and a caret that stands
 * right under Chinese text too.
 */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include <casebridge/error.h>
#include <casebridge/manifest.h>

struct problem {
	const char *file;      /* as the user named it; "" where none is to blame */
	uint32_t line, column; /* 1-based, in characters; 0: the whole file */
	bool is_warning;       /* shown, but the file is used */
	char *text;
};

/* All-zero is empty. Names and texts are copied. After a thousand, errors are only counted. */
struct problems {
	struct problem *at;
	size_t count, room;
	size_t errors; /* those that are no warnings */
	struct problem_line {
		char *file;
		uint32_t line;
	} * hidden; /* lines that are never shown */
	size_t hidden_count, hidden_room;
};

void problem_add(struct problems *p, const char *file, uint32_t line, uint32_t column,
		 const char *zh, const char *en, ...) CB_SAYS(5, 6, 7);
/* @file that file_read could not read: its sentence begins with the path, a problem does too. */
void problem_unread(struct problems *p, const char *file, const struct cb_error *why);
/* At an attribute's value, @offset characters into it (of the value, not of how it was escaped); at
 * the element where @name is NULL or missing. */
void problem_at(struct problems *p, const struct cb_element *element, const char *name,
		size_t offset, const char *zh, const char *en, ...) CB_SAYS(5, 6, 7);
void problem_warn(struct problems *p, const struct cb_element *element, const char *name,
		  const char *zh, const char *en, ...) CB_SAYS(4, 5, 6);
/* A secret stands in the line of that attribute's value, or of the element: no problem there shows
 * the line. */
void problem_hide(struct problems *p, const struct cb_element *element, const char *name);
void problems_done(struct problems *p);

/*
 * The allowed word nearest to @word (edit distance, at most a third of its
 * length; a swap counts one, upper and lower case are the same), or NULL, always
 * for a word under three characters. @words ends with NULL.
 */
const char *problem_nearest(const char *word, const char *const *words);

/*
 * Print them sorted by place, each once: file:line:column: text, the line, a
 * caret. Tabs show as one blank; of a long line, the part around the caret.
 */
struct buffer;
void problems_print(const struct problems *p, struct buffer *out);
/* The first mistake as one sentence, and how many there are: CB_SETUP. There is one. */
void problems_first(const struct problems *p, struct cb_error *err);

/* The same as a JSON array of {file,line,column,level,text}. */
void problems_json(const struct problems *p, struct buffer *out);

#endif
