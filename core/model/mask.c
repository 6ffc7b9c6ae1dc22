/*
 * mask.c - a value as others may see it.
 *
 * A personal text keeps its first character and no more: a name may stand
 * anywhere in a title or a story. What is sensitive keeps only what people
 * compare two papers by: the ends of a number.
 */
#include "model/model.h"

#include "base/utf8.h"

enum { STARS_MAX = 12 };

static struct cb_text stars_between(struct arena *arena, struct cb_text value, size_t first,
				    size_t last)
{
	size_t length = utf8_length(value), stars = length - first - last;
	size_t head = utf8_offset(value, first), tail = utf8_offset(value, length - last);
	char *out, *at;

	if (stars > STARS_MAX)
		stars = STARS_MAX;
	at = out = arena_take(arena, head + stars + (value.len - tail) + 1);
	memcpy(at, value.at, head);
	at += head;
	memset(at, '*', stars);
	at += stars;
	memcpy(at, value.at + tail, value.len - tail);
	at += value.len - tail;
	*at = '\0';
	return (struct cb_text){ out, (size_t)(at - out) };
}

static size_t digits_in(struct cb_text value)
{
	size_t digits = 0;

	for (size_t i = 0; i < value.len; i++)
		digits += value.at[i] >= '0' && value.at[i] <= '9';
	return digits;
}

/* 15 or 18 digits, or 18 characters that end in a check letter, or a credit code. */
static bool is_id(struct cb_text value)
{
	return (value.len == 15 || value.len == 18) && digits_in(value) >= value.len - 4;
}

/* A mobile number, or one with its area code and hyphens. */
static bool is_phone(struct cb_text value)
{
	size_t digits = digits_in(value);

	return digits >= 10 && digits <= 13 && value.len <= digits + 2;
}

struct cb_text field_masked(struct arena *arena, const struct field *field, struct cb_text value)
{
	size_t length;

	if (field->privacy == PRIVACY_NONE || !value.len)
		return value;
	length = utf8_length(value);
	if (field->privacy == PRIVACY_PERSONAL)
		return stars_between(arena, value, length > 1, 0);
	if (is_id(value))
		return stars_between(arena, value, 4, 4);
	if (is_phone(value))
		return stars_between(arena, value, 3, 4);
	return stars_between(arena, value, 0, 0);
}
