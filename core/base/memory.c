/*
 * memory.c - arenas are chains of blocks; clearing keeps the largest.
 */
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)64 * 1024)
#define BLOCK_MOST ((size_t)4 * 1024 * 1024)
#define PAGE_SIZE ((size_t)4096)
#define LARGE_PAGE ((size_t)2 * 1024 * 1024)

struct arena_block {
	struct arena_block *older;
	size_t size;
	_Alignas(16) char bytes[];
};

static _Noreturn void out_of_memory(void)
{
	static const char words[] = "casebridge: 内存不足，进程结束；已提交的数据不受影响 / out of "
				    "memory; what was committed is safe\n";
	ssize_t written = write(STDERR_FILENO, words, sizeof(words) - 1);

	(void)written;
	_Exit(71); /* EX_OSERR: the engine knows it by this */
}

/*
 * What is as large as that is walked at random sooner or later, and then half of the time goes into
 * finding the page, as the first touch of every small page does into the kernel. A wish: where
 * there are no large pages, nothing changes.
 */
static void *wish_large_pages(void *p, size_t size)
{
	uintptr_t begin = ((uintptr_t)p + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	uintptr_t end = ((uintptr_t)p + size) & ~(LARGE_PAGE - 1);

	if (size >= LARGE_PAGE && begin < end)
		madvise((char *)p + (begin - (uintptr_t)p), end - begin, MADV_HUGEPAGE);
	return p;
}

void *memory_take(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		out_of_memory();
	return wish_large_pages(p, size);
}

void *memory_resize(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		out_of_memory();
	return wish_large_pages(p, size);
}

/* Where source and target are 16 bytes apart within their pages, as with malloc, a common kind of
   processor copies at a quarter of its speed. */
void *memory_pages(size_t size)
{
	void *p = aligned_alloc(PAGE_SIZE, (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));

	if (!p)
		out_of_memory();
	return p;
}

char *memory_string(const char *string)
{
	size_t size = strlen(string) + 1;

	return memcpy(memory_take(size), string, size);
}

void memory_grow(void *items, size_t count, size_t *room, size_t item_size)
{
	void *old;

	if (count < *room)
		return;
	*room = *room ? *room * 2 : 8;
	memcpy(&old, items, sizeof(old));
	old = memory_resize(old, *room * item_size);
	memcpy(items, &old, sizeof(old));
}

void *arena_more(struct arena *arena, size_t size)
{
	size_t room = arena->blocks ? arena->blocks->size * 2 : BLOCK_SIZE;
	struct arena_block *block;

	room = room > BLOCK_MOST ? BLOCK_MOST : room;
	room = room < size ? size : room;
	block = malloc(sizeof(*block) + room);
	if (!block)
		out_of_memory();
	wish_large_pages(block, sizeof(*block) + room);
	block->older = arena->blocks;
	block->size = room;
	arena->blocks = block;
	arena->at = block->bytes + size;
	arena->end = block->bytes + room;
	return block->bytes;
}

void *arena_zero(struct arena *arena, size_t size)
{
	return memset(arena_take(arena, size), 0, size);
}

char *arena_string(struct arena *arena, struct cb_text text)
{
	char *copy = arena_take(arena, text.len + 1);

	if (text.len)
		memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return copy;
}

struct cb_text arena_copy(struct arena *arena, struct cb_text text)
{
	if (!text.at)
		return text;
	return (struct cb_text){ arena_string(arena, text), text.len };
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *out;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	out = arena_take(arena, (size_t)len + 1);
	vsnprintf(out, (size_t)len + 1, format, again);
	va_end(again);
	return out;
}

void arena_clear(struct arena *arena)
{
	struct arena_block *keep = arena->blocks;

	if (!keep)
		return;
	while (keep->older) {
		struct arena_block *older = keep->older;

		keep->older = older->older;
		free(older);
	}
	/* A record of unusual size must not stay in memory for the rest of the run. */
	if (keep->size > 16 * (size_t)BLOCK_SIZE) {
		arena_done(arena);
		return;
	}
	arena->at = keep->bytes;
	arena->end = keep->bytes + keep->size;
}

void arena_done(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *older = arena->blocks->older;

		free(arena->blocks);
		arena->blocks = older;
	}
	arena->at = arena->end = NULL;
}
