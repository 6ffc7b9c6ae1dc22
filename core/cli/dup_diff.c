/*
 * dup_diff.c - where two texts differ, character by character.
 *
 * The longest common subsequence of what is left when the same beginning and
 * end are cut off; of very long texts these alone are seen.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "cli/dup.h"

#define LONGEST 400 /* characters that are compared one by one */

struct characters {
	const char **at; /* [count + 1] */
	size_t count;
	bool *is_common;
};

static struct characters split(struct arena *arena, struct cb_text text)
{
	const char *at = text.at, *end = at + text.len;
	struct characters c = { .count = text.len ? utf8_length(text) : 0 };

	c.at = arena_take(arena, (c.count + 1) * sizeof(*c.at));
	c.is_common = arena_zero(arena, c.count + 1);
	for (size_t i = 0; i < c.count; i++) {
		c.at[i] = at;
		(void)utf8_next(&at, end);
	}
	c.at[c.count] = end;
	return c;
}

static bool is_equal(const struct characters *a, size_t i, const struct characters *b, size_t k)
{
	size_t len = (size_t)(a->at[i + 1] - a->at[i]);

	return len == (size_t)(b->at[k + 1] - b->at[k]) && memcmp(a->at[i], b->at[k], len) == 0;
}

/* Mark a longest common subsequence of the characters from @begin on, @left and @right of them. */
static void mark_common(struct characters *a, struct characters *b, size_t begin, size_t left,
			size_t right)
{
	size_t width = right + 1, i = 0, k = 0;
	uint16_t *best = memory_take((left + 1) * width * sizeof(*best));

	for (size_t x = left; x-- > 0;)
		for (size_t y = right; y-- > 0;) {
			uint16_t down = best[(x + 1) * width + y], across = best[x * width + y + 1];

			best[x * width + y] = is_equal(a, begin + x, b, begin + y)
						      ? best[(x + 1) * width + y + 1] + 1
					      : down > across ? down
							      : across;
		}
	while (i < left && k < right) {
		if (is_equal(a, begin + i, b, begin + k)) {
			a->is_common[begin + i++] = true;
			b->is_common[begin + k++] = true;
		} else if (best[(i + 1) * width + k] >= best[i * width + k + 1]) {
			i++;
		} else {
			k++;
		}
	}
	free(best);
}

static struct cb_text bracketed(struct arena *arena, const struct characters *c)
{
	struct buffer out = { 0 };
	struct cb_text text;

	for (size_t i = 0; i < c->count; i++) {
		if (!c->is_common[i] && (!i || c->is_common[i - 1]))
			buffer_char(&out, '[');
		buffer_put(&out, c->at[i], (size_t)(c->at[i + 1] - c->at[i]));
		if (!c->is_common[i] && (i + 1 == c->count || c->is_common[i + 1]))
			buffer_char(&out, ']');
	}
	text = arena_copy(arena, buffer_view(&out));
	buffer_done(&out);
	return text;
}

void dup_diff(struct arena *arena, struct cb_text a, struct cb_text b, struct cb_text out[2])
{
	struct characters x = split(arena, a), y = split(arena, b);
	size_t begin = 0, left = x.count, right = y.count;

	while (begin < left && begin < right && is_equal(&x, begin, &y, begin)) {
		x.is_common[begin] = y.is_common[begin] = true;
		begin++;
	}
	while (left > begin && right > begin && is_equal(&x, left - 1, &y, right - 1))
		x.is_common[--left] = y.is_common[--right] = true;
	left -= begin;
	right -= begin;
	if (left && right && left <= LONGEST && right <= LONGEST)
		mark_common(&x, &y, begin, left, right);
	out[0] = bracketed(arena, &x);
	out[1] = bracketed(arena, &y);
}
