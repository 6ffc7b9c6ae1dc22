/* bad-crash.c - writes through a null pointer. */
#define EXTENSION "bad-crash"
#include "lines.h"

static int *volatile nowhere;

static void misbehave(struct cb_sink *out)
{
	(void)out;
	*nowhere = 1;
}
