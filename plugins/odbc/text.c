/*
 * text.c - bytes that grow, UTF-16 as drivers want it, JSON as the host reads it.
 */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>

void *take(size_t size)
{
	void *at = calloc(1, size ? size : 1);

	if (!at)
		abort();
	return at;
}

void bytes_room(struct bytes *b, size_t more)
{
	if (b->room - b->len >= more)
		return;
	while (b->room - b->len < more)
		b->room = b->room ? 2 * b->room : 4096;
	b->at = realloc(b->at, b->room);
	if (!b->at)
		abort();
}

void bytes_put(struct bytes *b, const void *at, size_t len)
{
	bytes_room(b, len + 1);
	if (len)
		memcpy(b->at + b->len, at, len);
	b->len += len;
	b->at[b->len] = '\0';
}

void bytes_string(struct bytes *b, const char *string)
{
	bytes_put(b, string, strlen(string));
}

void bytes_json(struct bytes *b, struct cb_text text)
{
	static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	size_t begin = 0;

	bytes_string(b, "\"");
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char c = (unsigned char)text.at[i];
		const char *name = c ? strchr(named, c) : NULL;
		char escape[8];

		if (c >= 0x20 && !name)
			continue;
		bytes_put(b, text.at + begin, i - begin);
		begin = i + 1;
		if (name)
			snprintf(escape, sizeof(escape), "\\%c", letters[name - named]);
		else
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		bytes_string(b, escape);
	}
	if (text.len)
		bytes_put(b, text.at + begin, text.len - begin);
	bytes_string(b, "\"");
}

static void put_character(struct bytes *b, uint32_t c)
{
	char utf8[4];
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = len; i-- > 1; c >>= 6)
		utf8[i] = (char)(0x80 | (c & 0x3f));
	utf8[0] = (char)(first[len] | c);
	bytes_put(b, utf8, len);
}

void bytes_wide(struct bytes *b, const SQLWCHAR *at, size_t units)
{
	for (size_t i = 0; i < units; i++) {
		uint32_t c = at[i];

		if (c >= 0xd800 && c < 0xdc00 && i + 1 < units && at[i + 1] >= 0xdc00 &&
		    at[i + 1] < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (at[++i] - 0xdc00u);
		else if (c >= 0xd800 && c < 0xe000)
			c = 0xfffd; /* half a character: the driver cut it */
		put_character(b, c);
	}
}

void bytes_base64(struct bytes *b, const unsigned char *at, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = (uint32_t)at[i] << 16;
		char four[4];

		bits |= i + 1 < len ? (uint32_t)at[i + 1] << 8 : 0;
		bits |= i + 2 < len ? at[i + 2] : 0;
		for (int k = 0; k < 4; k++)
			four[k] = digits[bits >> (18 - 6 * k) & 63];
		if (i + 1 >= len)
			four[2] = '=';
		if (i + 2 >= len)
			four[3] = '=';
		bytes_put(b, four, 4);
	}
}

/* How many bytes the character has that begins here; the host's texts are well formed. */
static size_t character(const unsigned char *at, size_t left, uint32_t *out)
{
	size_t len = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

	if (len > left)
		len = left;
	*out = len == 1 ? *at : len == 2 ? *at & 0x1fu : len == 3 ? *at & 0x0fu : *at & 0x07u;
	for (size_t i = 1; i < len; i++)
		*out = *out << 6 | (at[i] & 0x3fu);
	return len;
}

SQLWCHAR *wide_new(struct cb_text text, size_t *units)
{
	SQLWCHAR *out = take((text.len + 1) * sizeof(*out));
	size_t n = 0;

	for (size_t i = 0; i < text.len;) {
		uint32_t c;

		i += character((const unsigned char *)text.at + i, text.len - i, &c);
		if (c >= 0x10000) {
			out[n++] = (SQLWCHAR)(0xd800 + ((c - 0x10000) >> 10));
			out[n++] = (SQLWCHAR)(0xdc00 + ((c - 0x10000) & 0x3ff));
		} else {
			out[n++] = (SQLWCHAR)c;
		}
	}
	*units = n;
	return out;
}
