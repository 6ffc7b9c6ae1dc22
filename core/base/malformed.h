/*
 * malformed.h - what is wrong with a text that is not well-formed XML, in words
 * that help whoever wrote it.
 */
#ifndef BASE_MALFORMED_H
#define BASE_MALFORMED_H

#include "base/problem.h"

struct malformed {
	const char *file;
	const char *start, *end;       /* the text: valid UTF-8, without a byte order mark */
	const char *cursor;            /* behind the last tag that was understood */
	const struct cb_element *open; /* the innermost element that has not ended, or NULL */
	const struct cb_element *root; /* NULL: none was understood */
};

/* Add exactly one problem for the parser's error @code (an xmlParserErrors; XML_ERR_OK: a DOCTYPE)
 * at @at. */
void malformed_say(const struct malformed *m, int code, const char *at, struct problems *problems);

#endif
