/*
 * json.h - write JSON that is right by construction: commas and escapes are
 * the writer's business. All-zero begins; numbers go in as canonical text.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buffer.h"

struct json {
	struct buffer *out;
	unsigned depth;
	bool has_member; /* a comma is due before the next one at this depth */
};

/* @key NULL: an item of an array, or the whole text. */
void json_open(struct json *j, const char *key, char bracket);         /* '{' or '[' */
void json_close(struct json *j, char bracket);                         /* '}' or ']' */
void json_text(struct json *j, const char *key, struct cb_text value); /* nothing → null */
void json_string(struct json *j, const char *key, const char *value);
void json_integer(struct json *j, const char *key, int64_t value);
void json_flag(struct json *j, const char *key, bool value);
void json_number(struct json *j, const char *key, struct cb_text canonical);
void json_value(struct json *j, const char *key, struct cb_text json); /* is JSON already */

#endif
