/*
 * tunnel.c - an office's proxy, on loopback: HTTP's CONNECT and nothing else.
 *
 *     tunnel [--port 0] [--port-file F] [--log F] [--say STATUS]
 *
 * Whatever host is asked for, the tunnel leads to that port of 127.0.0.1, and what goes
 * through it is not looked at. --say: that status instead of a tunnel; 0: the connection
 * is closed without a word. --log: "CONNECT HOST:PORT" for each. Whoever sends SIGTERM ends it.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/common/text.h"

struct tunnel {
	int port, say; /* say -1: a tunnel */
	const char *port_file;
	FILE *log;
};

struct connection {
	const struct tunnel *tunnel;
	int client, server;
};

/* The head of the request, byte by byte: what follows belongs to who is behind us. */
static bool read_head(int fd, char *head, size_t room)
{
	size_t len = 0;

	while (len + 1 < room && read(fd, head + len, 1) == 1) {
		head[++len] = '\0';
		if (len >= 4 && memcmp(head + len - 4, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

static bool say(int fd, int status)
{
	char line[64];
	int len = snprintf(line, sizeof(line), "HTTP/1.1 %d %s\r\n\r\n", status,
			   status == 200 ? "Connection established" : "No");

	return write(fd, line, (size_t)len) == len;
}

static int connect_to(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool begin(struct connection *c)
{
	char head[8192], host[256];
	int port, status = c->tunnel->say;

	if (!read_head(c->client, head, sizeof(head)) ||
	    sscanf(head, "CONNECT %255[^: ]:%d ", host, &port) != 2)
		return say(c->client, 405) && false;
	if (c->tunnel->log) {
		fprintf(c->tunnel->log, "CONNECT %s:%d\n", host, port);
		fflush(c->tunnel->log);
	}
	if (status >= 0)
		return status && say(c->client, status) && false;
	c->server = connect_to(port);
	return say(c->client, c->server < 0 ? 502 : 200) && c->server >= 0;
}

static bool pass(int from, int to)
{
	char bytes[16384];
	ssize_t len = read(from, bytes, sizeof(bytes)), sent = 0;

	while (len > 0 && sent < len) {
		ssize_t now = write(to, bytes + sent, (size_t)(len - sent));

		if (now <= 0)
			return false;
		sent += now;
	}
	return len > 0;
}

static void *live(void *with)
{
	struct connection *c = with;
	bool goes_on = begin(c);
	struct pollfd ends[2] = { { .fd = c->client, .events = POLLIN },
				  { .fd = c->server, .events = POLLIN } };

	while (goes_on && poll(ends, 2, 60000) > 0)
		goes_on = ends[0].revents ? pass(c->client, c->server) : pass(c->server, c->client);
	close(c->client);
	if (c->server >= 0)
		close(c->server);
	free(c);
	return NULL;
}

static int listen_on_loopback(struct tunnel *t)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)t->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		die("cannot listen on port %d: %m", t->port);
	t->port = ntohs(at.sin_port);
	return fd;
}

/* Renamed into place, so that who waits for the file never reads half of it. */
static void tell_port(const struct tunnel *t)
{
	char path[4096];
	FILE *file;

	if (!t->port_file)
		return;
	snprintf(path, sizeof(path), "%s.new", t->port_file);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d\n", t->port) < 0 || fclose(file) != 0 ||
	    rename(path, t->port_file) != 0)
		die("%s: %m", t->port_file);
}

static void one_option(struct tunnel *t, const char *name, const char *value)
{
	if (strcmp(name, "--port") == 0)
		t->port = atoi(value);
	else if (strcmp(name, "--port-file") == 0)
		t->port_file = value;
	else if (strcmp(name, "--say") == 0)
		t->say = atoi(value);
	else if (strcmp(name, "--log") == 0)
		t->log = fopen(value, "w");
	else
		die("%s %s: no such option or value", name, value);
}

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

int main(int argc, char **argv)
{
	struct tunnel tunnel = { .say = -1 };
	pthread_attr_t detached;
	int listener, i;

	for (i = 1; i + 1 < argc; i += 2)
		one_option(&tunnel, argv[i], argv[i + 1]);
	if (i != argc)
		die("use: tunnel [--port 0] [--port-file F] [--log F] [--say STATUS]");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, end);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	listener = listen_on_loopback(&tunnel);
	tell_port(&tunnel);
	for (;;) {
		struct connection *c = calloc(1, sizeof(*c));
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		pthread_t thread;

		if (!c || fd < 0)
			die("accept: %m");
		*c = (struct connection){ .tunnel = &tunnel, .client = fd, .server = -1 };
		if (pthread_create(&thread, &detached, live, c) != 0)
			die("a thread: %m");
	}
}
