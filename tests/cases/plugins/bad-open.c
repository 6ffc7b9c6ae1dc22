/* bad-open.c - opens a file to write. */
#define EXTENSION "bad-open"
#include "lines.h"

#include <fcntl.h>
#include <unistd.h>

static void misbehave(struct cb_sink *out)
{
	int fd = open("/tmp/casebridge-bad-plugin", O_CREAT | O_WRONLY, 0600);

	(void)out;
	if (fd >= 0)
		close(fd);
}
