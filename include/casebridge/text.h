/*
 * text.h - a piece of UTF-8 that somebody else owns.
 *
 * Length-counted, not terminated, may hold NUL. { NULL, 0 } is nothing, which
 * is not the same as the empty text { "", 0 }: a system that sends <a/> and a
 * system that sends no <a> have said different things.
 */
#ifndef CASEBRIDGE_TEXT_H
#define CASEBRIDGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cb_text {
	const char *at;
	size_t len;
};

/* A literal, measured by the compiler. */
#define CB_TEXT(literal) ((struct cb_text){ (literal), sizeof(literal) - 1 })

/* For printf's "%.*s". */
#define CB_TEXT_ARG(text) (int)(text).len, (text).at ? (text).at : ""

static inline struct cb_text cb_text_of(const char *string)
{
	return (struct cb_text){ string, string ? strlen(string) : 0 };
}

static inline bool cb_text_equal(struct cb_text a, struct cb_text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool cb_text_is(struct cb_text text, const char *word)
{
	return cb_text_equal(text, cb_text_of(word));
}

#endif
