/*
 * query.c - split at &, sort, join again.
 */
#include "net/query.h"

#include <stdlib.h>

#include "base/memory.h"

struct pair {
	struct cb_text name, whole; /* borrowed; whole: with = and value */
};

static int compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	size_t shared = x->name.len < y->name.len ? x->name.len : y->name.len;
	int order = shared ? memcmp(x->name.at, y->name.at, shared) : 0;

	if (order)
		return order;
	if (x->name.len != y->name.len)
		return x->name.len < y->name.len ? -1 : 1;
	/* The same name twice: in the order given. */
	return x->whole.at < y->whole.at ? -1 : x->whole.at > y->whole.at;
}

/* Sorted; the caller frees. */
static struct pair *split(struct cb_text query, size_t *count)
{
	const char *at = query.at ? query.at : "", *end = at + query.len;
	struct pair *pairs = NULL;
	size_t room = 0;

	*count = 0;
	while (at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		const char *equal;

		if (!stop)
			stop = end;
		equal = memchr(at, '=', (size_t)(stop - at));
		if (stop > at) {
			memory_grow(&pairs, *count, &room, sizeof(*pairs));
			pairs[(*count)++] = (struct pair){
				{ at, (size_t)((equal ? equal : stop) - at) },
				{ at, (size_t)(stop - at) },
			};
		}
		at = stop + 1;
	}
	if (*count)
		qsort(pairs, *count, sizeof(*pairs), compare);
	return pairs;
}

void query_sorted(struct cb_text query, struct buffer *out)
{
	size_t count;
	struct pair *pairs = split(query, &count);

	for (size_t i = 0; i < count; i++) {
		if (i)
			buffer_char(out, '&');
		buffer_text(out, pairs[i].whole);
	}
	free(pairs);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode(struct cb_text text, struct buffer *out)
{
	for (size_t i = 0; i < text.len; i++) {
		int high = i + 2 < text.len ? hex_digit(text.at[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text.at[i + 2]) : -1;

		if (text.at[i] == '%' && low >= 0) {
			buffer_char(out, (char)(unsigned char)(high << 4 | low));
			i += 2;
		} else {
			buffer_put(out, text.at[i] == '+' ? " " : &text.at[i], 1);
		}
	}
}

void query_pairs(struct cb_text query, struct buffer *out)
{
	size_t count;
	struct pair *pairs = split(query, &count);
	bool is_first = true;

	for (size_t i = 0; i < count; i++) {
		/* "name" and "name=" say nothing, and are not signed. */
		if (pairs[i].whole.len <= pairs[i].name.len + 1)
			continue;
		if (!is_first)
			buffer_char(out, '&');
		is_first = false;
		decode(pairs[i].whole, out);
	}
	free(pairs);
}
