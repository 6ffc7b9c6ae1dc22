/* bad-fork.c - starts a process of its own. */
#define EXTENSION "bad-fork"
#include "lines.h"

#include <unistd.h>

static void misbehave(struct cb_sink *out)
{
	(void)out;
	if (fork() == 0)
		for (;;)
			pause();
}
