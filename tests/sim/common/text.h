/*
 * text.h - a growing run of bytes, and the few ways in which we write into it.
 *
 * Always ends in a NUL that size does not count. A simulator that runs out of
 * memory or cannot convert what it made itself ends with a message: it is a
 * witness, and a witness that guesses is worse than none.
 */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data;
	size_t size, room;
};

void text_add(struct text *t, const void *bytes, size_t size);
void text_put(struct text *t, const char *string);
void text_char(struct text *t, char c);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Escaped for element content. */
void text_xml(struct text *t, const char *string);
/* With its quotes. */
void text_json(struct text *t, const char *string);
/* Quoted where the value needs it. */
void text_csv(struct text *t, const char *string);

void text_clear(struct text *t);
void text_done(struct text *t);

/* Appends @from, which is UTF-8, as GB18030. */
void text_to_gb18030(struct text *t, const char *from, size_t size);
/* Appends @from, which should be GB18030, as UTF-8. False if it is not. */
bool text_from_gb18030(struct text *t, const char *from, size_t size);

/* Characters, not bytes, of UTF-8. */
size_t text_length(const char *utf8);

/* Say what is wrong and end the program. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
