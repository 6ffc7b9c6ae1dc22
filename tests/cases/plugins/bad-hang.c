/* bad-hang.c - never comes back. */
#define EXTENSION "bad-hang"
#include "lines.h"

static void misbehave(struct cb_sink *out)
{
	volatile bool is_over = !out;

	while (!is_over)
		;
}
