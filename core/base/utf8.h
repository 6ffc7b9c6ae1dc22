/*
 * utf8.h - characters, not bytes.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <casebridge/text.h>

/* Bytes of @text that are valid UTF-8 (no surrogates, nothing overlong, at most U+10FFFF) from its
 * start. A character cut at the end does not count; @cut (may be NULL) says that this was the
 * reason. */
size_t utf8_valid(struct cb_text text, bool *cut);

/* The character at @at (valid UTF-8, not at its end), and where the next one begins. */
uint32_t utf8_next(const char **at, const char *end);
size_t utf8_put(uint32_t c, char out[4]); /* how many bytes; no NUL */

size_t utf8_length(struct cb_text text);                    /* characters */
size_t utf8_offset(struct cb_text text, size_t characters); /* bytes of the first so many */

/* Terminal cells: 2 for wide and full-width, 0 for combining, 1 for the rest. */
int utf8_width_of(uint32_t c);
size_t utf8_width(struct cb_text text);

/* Full-width ASCII and the ideographic space to their usual forms: ３ → 3, Ａ → A, '　' → ' '. */
uint32_t utf8_narrow(uint32_t c);
/* ASCII blanks, no-break, typographic, ideographic and zero-width spaces, U+FEFF. Not the joiners:
 * they are part of what they join. */
bool utf8_is_space(uint32_t c);

/* Without such spaces at both ends. */
struct cb_text utf8_trim(struct cb_text text);

#endif
