/* bad-exec.c - becomes another program. */
#define EXTENSION "bad-exec"
#include "lines.h"

#include <unistd.h>

static void misbehave(struct cb_sink *out)
{
	(void)out;
	execl("/bin/true", "true", (char *)NULL);
}
