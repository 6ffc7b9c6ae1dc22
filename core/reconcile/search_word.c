/*
 * search_word.c - what people have said of two records, as long as both say what they
 * said then.
 *
 * The words that held are kept with the index, so that the next search sees which came and
 * which went, and looks only at the records of these.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "reconcile/search_inside.h"

int words_compare(const void *a, const void *b)
{
	const struct link_ruling *x = a, *y = b;

	for (int i = 0; i < 2; i++)
		if (x->record[i] != y->record[i])
			return x->record[i] < y->record[i] ? -1 : 1;
	return x->is_same - y->is_same;
}

int words_take(struct search *s, struct cb_error *err)
{
	struct store_ruling *said;
	struct arena arena = { 0 };
	size_t count;
	int rc = store_rulings(s->store, &arena, &said, &count, err);

	for (size_t i = 0; rc == CB_OK && i < count; i++) {
		const struct subject *a = subject_of(s, said[i].record[0]);
		const struct subject *b = subject_of(s, said[i].record[1]);

		if (!a || !b || a->data != said[i].data[0] || b->data != said[i].data[1])
			continue;
		memory_grow(&s->rulings, s->ruling_count, &s->ruling_room, sizeof(*s->rulings));
		s->rulings[s->ruling_count++] =
			(struct link_ruling){ { a->record, b->record }, said[i].is_same };
	}
	if (s->ruling_count)
		qsort(s->rulings, s->ruling_count, sizeof(*s->rulings), words_compare);
	arena_done(&arena);
	return rc;
}

const struct link_ruling *word_on(const struct search *s, int64_t a, int64_t b)
{
	for (int same = 0; same < 2 && s->ruling_count; same++) {
		const struct link_ruling wanted = { { a < b ? a : b, a < b ? b : a }, same }, *word;

		word = bsearch(&wanted, s->rulings, s->ruling_count, sizeof(wanted), words_compare);
		if (word)
			return word;
	}
	return NULL;
}

void words_write(const struct search *s, struct buffer *out)
{
	for (size_t i = 0; i < s->ruling_count; i++)
		buffer_printf(out, "%" PRId64 " %" PRId64 " %d ", s->rulings[i].record[0],
			      s->rulings[i].record[1], s->rulings[i].is_same);
}

struct link_ruling *words_read(struct cb_text text, size_t *count)
{
	struct link_ruling *words = NULL;
	struct arena arena = { 0 };
	const char *at = arena_string(&arena, text);
	size_t room = 0;
	char *end;

	for (*count = 0; *at; at = end + (*end == ' ')) {
		struct link_ruling word = { .record[0] = strtoll(at, &end, 10) };

		word.record[1] = strtoll(end, &end, 10);
		word.is_same = strtoll(end, &end, 10) != 0;
		memory_grow(&words, *count, &room, sizeof(*words));
		words[(*count)++] = word;
	}
	arena_done(&arena);
	return words;
}
