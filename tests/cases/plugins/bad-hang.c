/* bad-hang.c - never comes back. */
#define EXTENSION "bad-hang"
#include "lines.h"

static void misbehave(struct cb_sink *out)
{
	for (volatile int i = 0; out; i++)
		;
}
