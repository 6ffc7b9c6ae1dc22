/*
 * memory.h - arenas, and a malloc that does not come back empty.
 *
 * Out of memory ends the process with a sentence: the store survives that, a
 * half-handled error might not. An arena belongs to one thread.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <casebridge/text.h>

void *memory_take(size_t size); /* zeroed */
void *memory_resize(void *old, size_t size);
/* Not zeroed, from the front of a page: what the kernel reads into is filled several times faster.
 */
void *memory_pages(size_t size);
char *memory_string(const char *string);

/*
 * Make room for one more in an array that doubles.
 * @items is the address of the array's pointer.
 */
void memory_grow(void *items, size_t count, size_t *room, size_t item_size);

struct arena_block;
struct arena {
	struct arena_block *blocks; /* the newest first */
	char *at, *end;
};

/* All-zero is an empty arena. */
void *arena_more(struct arena *arena, size_t size); /* for arena_take: from a new block */
/* Not zeroed, aligned for anything. */
static inline void *arena_take(struct arena *arena, size_t size)
{
	char *p = arena->at;

	size = (size + 15) & ~(size_t)15;
	if ((size_t)(arena->end - p) < size || !p)
		return arena_more(arena, size);
	arena->at = p + size;
	return p;
}
void *arena_zero(struct arena *arena, size_t size);
struct cb_text arena_copy(struct arena *arena,
			  struct cb_text text); /* ends with NUL; nothing stays nothing */
char *arena_string(struct arena *arena, struct cb_text text);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void arena_clear(struct arena *arena); /* keeps one block for the next use */
void arena_done(struct arena *arena);

#endif
