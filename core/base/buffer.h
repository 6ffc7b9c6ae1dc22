/*
 * buffer.h - bytes that grow. All-zero is an empty buffer.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <casebridge/text.h>
#include <string.h>

struct buffer {
	char *at;
	size_t len, room;
};

void buffer_grow(struct buffer *b, size_t more);
void buffer_string(struct buffer *b, const char *string);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_clear(struct buffer *b); /* keeps the room */
void buffer_done(struct buffer *b);
const char *buffer_cstr(struct buffer *b); /* ends with NUL, valid until the next change */

/* At least so many bytes fit behind len. */
static inline void buffer_room(struct buffer *b, size_t more)
{
	if (b->room - b->len < more || !b->at)
		buffer_grow(b, more);
}

static inline void buffer_put(struct buffer *b, const void *bytes, size_t len)
{
	if (!len)
		return;
	buffer_room(b, len);
	memcpy(b->at + b->len, bytes, len);
	b->len += len;
}

static inline void buffer_text(struct buffer *b, struct cb_text text)
{
	buffer_put(b, text.at, text.len);
}

static inline void buffer_char(struct buffer *b, char c)
{
	buffer_room(b, 1);
	b->at[b->len++] = c;
}

static inline struct cb_text buffer_view(const struct buffer *b)
{
	return (struct cb_text){ b->at ? b->at : "", b->len };
}

/* Escaping writers: the only way text of others enters JSON, XML or a URL. */
void buffer_json(struct buffer *b, struct cb_text text); /* with the quotes */
void buffer_json_inner(struct buffer *b, struct cb_text text);
void buffer_xml(struct buffer *b, struct cb_text text);
void buffer_url(struct buffer *b, struct cb_text text); /* RFC 3986 unreserved stay */
void buffer_hex(struct buffer *b, const void *bytes, size_t len);

#endif
