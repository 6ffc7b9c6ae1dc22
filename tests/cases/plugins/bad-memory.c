/* bad-memory.c - takes all the memory it can get, and keeps on where there is none. */
#define EXTENSION "bad-memory"
#include "lines.h"

static void misbehave(struct cb_sink *out)
{
	size_t step = 16 << 20;

	(void)out;
	for (;;) {
		char *block = malloc(step);

		if (!block)
			abort(); /* as a library does that has nothing better */
		memset(block, 1, step);
	}
}
