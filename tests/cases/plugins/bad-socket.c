/* bad-socket.c - opens a socket. */
#define EXTENSION "bad-socket"
#include "lines.h"

#include <sys/socket.h>
#include <unistd.h>

static void misbehave(struct cb_sink *out)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)out;
	if (fd >= 0)
		close(fd);
}
