/*
 * buffer.c - bytes that double, and the escaping writers on top of them.
 */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

void buffer_grow(struct buffer *b, size_t more)
{
	size_t room = b->room ? b->room : 256;

	while (room - b->len < more)
		room *= 2;
	b->at = memory_resize(b->at, room);
	b->room = room;
}

void buffer_string(struct buffer *b, const char *string)
{
	buffer_put(b, string, strlen(string));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	buffer_room(b, (size_t)len + 1);
	vsnprintf(b->at + b->len, (size_t)len + 1, format, again);
	va_end(again);
	b->len += (size_t)len;
}

void buffer_clear(struct buffer *b)
{
	b->len = 0;
}

void buffer_done(struct buffer *b)
{
	free(b->at);
	*b = (struct buffer){ 0 };
}

const char *buffer_cstr(struct buffer *b)
{
	buffer_room(b, 1);
	b->at[b->len] = '\0';
	return b->at;
}

/* Of eight bytes at once: the top bit of each that is zero, and maybe of those above such a one. */
static uint64_t zeros(uint64_t word)
{
	return (word - EACH(0x01)) & ~word & EACH(0x80);
}

/* The first byte that JSON wants escaped. */
static const char *find_escape(const char *at, const char *end)
{
	uint64_t word;

	for (; end - at >= 8; at += 8) {
		memcpy(&word, at, sizeof(word));
		if (((word - EACH(0x20)) & ~word & EACH(0x80)) | zeros(word ^ EACH('"')) |
		    zeros(word ^ EACH('\\')))
			break;
	}
	while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
		at++;
	return at;
}

void buffer_json_inner(struct buffer *b, struct cb_text text)
{
	static const char hex[] = "0123456789abcdef";
	const char *from = text.at, *end = text.at + text.len;

	buffer_room(b, text.len + 8);
	for (const char *at; (at = find_escape(from, end)) < end;) {
		unsigned char c = (unsigned char)*at;

		buffer_put(b, from, (size_t)(at - from));
		from = at + 1;
		switch (c) {
		case '"':
			buffer_put(b, "\\\"", 2);
			break;
		case '\\':
			buffer_put(b, "\\\\", 2);
			break;
		case '\n':
			buffer_put(b, "\\n", 2);
			break;
		case '\r':
			buffer_put(b, "\\r", 2);
			break;
		case '\t':
			buffer_put(b, "\\t", 2);
			break;
		default:
			buffer_put(b, "\\u00", 4);
			buffer_char(b, hex[c >> 4]);
			buffer_char(b, hex[c & 15]);
		}
	}
	buffer_put(b, from, (size_t)(end - from));
}

void buffer_json(struct buffer *b, struct cb_text text)
{
	buffer_char(b, '"');
	buffer_json_inner(b, text);
	buffer_char(b, '"');
}

void buffer_xml(struct buffer *b, struct cb_text text)
{
	const char *from = text.at, *end = text.at + text.len;

	for (const char *at = from; at < end; at++) {
		const char *as = *at == '&'    ? "&amp;"
				 : *at == '<'  ? "&lt;"
				 : *at == '>'  ? "&gt;"
				 : *at == '"'  ? "&quot;"
				 : *at == '\r' ? "&#13;"
					       : NULL;
		if (!as)
			continue;
		buffer_put(b, from, (size_t)(at - from));
		buffer_string(b, as);
		from = at + 1;
	}
	buffer_put(b, from, (size_t)(end - from));
}

void buffer_url(struct buffer *b, struct cb_text text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' ||
		    c == '.' || c == '_' || c == '~') {
			buffer_char(b, (char)c);
		} else {
			buffer_char(b, '%');
			buffer_char(b, hex[c >> 4]);
			buffer_char(b, hex[c & 15]);
		}
	}
}

void buffer_hex(struct buffer *b, const void *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++) {
		buffer_char(b, hex[at[i] >> 4]);
		buffer_char(b, hex[at[i] & 15]);
	}
}
