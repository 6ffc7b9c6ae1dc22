/*
 * notify.c - tell the service manager how things are.
 *
 * The protocol is one datagram of NAME=value lines to the socket that
 * $NOTIFY_SOCKET names. A library for these few lines would bring its own
 * closure of libraries into the process that holds the secrets.
 */
#include "console/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_open(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET"), *usec = getenv("WATCHDOG_USEC");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;

	n->fd = -1;
	n->watchdog_ms = usec ? strtoll(usec, NULL, 10) / 1000 / 3 : 0;
	if (len < 2 || len >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* the abstract name space */
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (n->fd >= 0 && connect(n->fd, (struct sockaddr *)&to,
				  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) != 0) {
		close(n->fd);
		n->fd = -1;
	}
	/* Not for the workers. */
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify_say(struct notify *n, const char *state)
{
	if (n->fd >= 0)
		(void)!send(n->fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void notify_alive(struct notify *n, int64_t now)
{
	if (n->fd < 0 || !n->watchdog_ms || now - n->fed_ms < n->watchdog_ms)
		return;
	n->fed_ms = now;
	notify_say(n, "WATCHDOG=1");
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}
