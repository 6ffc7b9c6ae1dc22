/* bad-garbage.c - writes into the engine's socket. */
#define EXTENSION "bad-garbage"
#include "lines.h"

#include <unistd.h>

static void misbehave(struct cb_sink *out)
{
	char garbage[4096];

	(void)out;
	memset(garbage, 0xa5, sizeof(garbage));
	for (int i = 0; i < 64; i++)
		if (write(3, garbage, sizeof(garbage)) < 0)
			return;
}
