/*
 * loan.c - the control socket: whoever wants to change the site borrows its
 * lock from the engine.
 *
 * There is one read-write connection at a time. Instead of carrying out other
 * people's commands inside the engine, the engine ends its page, closes the
 * store and passes the lock's descriptor over the socket; the command works in
 * a process of its own, as it does without an engine, and hanging up gives the
 * site back. A command that crashes, exits or is interrupted hangs up too. The
 * lock is held all the time, by one or by both: nobody can come in between.
 *
 * Only the engine's own user and root are heard, and no worker.
 */
#include "console/console.h"
#include "console/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

#define CREDENTIALS_MOST 512

static int address(const char *folder, struct sockaddr_un *out)
{
	int len;

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	len = snprintf(out->sun_path, sizeof(out->sun_path), "%s/casebridge.sock", folder);
	return len > 0 && (size_t)len < sizeof(out->sun_path) ? 0 : -1;
}

/* A long path does not fit into an address; the folder's descriptor makes it short. */
static int short_address(const char *folder, struct sockaddr_un *out, int *folder_fd)
{
	char path[64];

	*folder_fd = -1;
	if (address(folder, out) == 0)
		return 0;
	*folder_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder_fd < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", *folder_fd);
	return address(path, out);
}

int loans_open(const char *folder, int *fd, struct cb_error *err)
{
	struct sockaddr_un at;
	int folder_fd, rc = CB_OK;
	mode_t before;

	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0 || short_address(folder, &at, &folder_fd) != 0)
		return cb_fail(err, CB_SETUP, "%s/casebridge.sock：%s", "%s/casebridge.sock: %s",
			       folder, file_reason(errno));
	/* We have the site's lock, so whoever left this behind is gone. */
	unlink(at.sun_path);
	before = umask(0177);
	if (bind(*fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(*fd, 16) != 0)
		rc = cb_fail(err, CB_SETUP, "%s/casebridge.sock：%s", "%s/casebridge.sock: %s",
			     folder, file_reason(errno));
	umask(before);
	if (folder_fd >= 0)
		close(folder_fd);
	return rc;
}

void loans_close(const char *folder, int fd)
{
	struct sockaddr_un at;
	int folder_fd;

	if (fd < 0)
		return;
	if (short_address(folder, &at, &folder_fd) == 0)
		unlink(at.sun_path);
	if (folder_fd >= 0)
		close(folder_fd);
	close(fd);
}

static long parent_of(long pid)
{
	char path[64], text[512];
	const char *at;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	at = strrchr(text, ')'); /* the name before it may hold anything */
	return at && strlen(at) > 4 ? strtol(at + 4, NULL, 10) : -1;
}

/*
 * A plugin with a connection of its own can reach this socket, and the lock opens the store.
 * What it says of itself is worth nothing, but it cannot choose its parent: ourselves, or a
 * command of the same program. Nothing else is started by one. Whoever comes from outside
 * of our container has number 0, or a parent of number 0.
 */
enum asker loan_asker(long pid)
{
	long parent = pid ? parent_of(pid) : 0;
	struct stat ours, theirs;
	char path[64];

	if (parent < 0)
		return ASKER_GONE;
	if (parent == 0)
		return ASKER_COMMAND;
	snprintf(path, sizeof(path), "/proc/%ld/exe", parent);
	return stat("/proc/self/exe", &ours) == 0 && stat(path, &theirs) == 0 &&
			       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino
		       ? ASKER_WORKER
		       : ASKER_COMMAND;
}

enum asker loan_accept(int listening, int *fd, long *pid)
{
	enum asker asker = ASKER_WORKER;
	struct ucred who;
	socklen_t len = sizeof(who);

	*fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	if (*fd < 0)
		return ASKER_GONE;
	if (getsockopt(*fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	    (who.uid == 0 || who.uid == geteuid()))
		asker = loan_asker(who.pid);
	if (asker == ASKER_COMMAND) {
		*pid = who.pid;
		return asker;
	}
	close(*fd);
	*fd = -1;
	return asker;
}

/* The lock, and where the service's credentials are: whoever carries out a flow needs them. */
int loan_give(int fd, int lock)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	struct iovec text = { (void *)(uintptr_t)(credentials ? credentials : ""),
			      credentials ? strlen(credentials) + 1 : 1 };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr m = { .msg_iov = &text,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (text.iov_len > CREDENTIALS_MOST)
		text.iov_len = 1;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &lock, sizeof(lock));
	return sendmsg(fd, &m, MSG_NOSIGNAL) > 0 ? 0 : -1;
}

/* The borrower's side. */

static int receive(int fd, int *lock)
{
	char text[CREDENTIALS_MOST + 1] = "";
	struct iovec iov = { text, sizeof(text) - 1 };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c;
	ssize_t got;

	do
		got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	c = got > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(lock, CMSG_DATA(c), sizeof(*lock));
	if (*text && access(text, R_OK | X_OK) == 0)
		setenv("CREDENTIALS_DIRECTORY", text, 0);
	return 0;
}

int loan_ask(const char *folder, struct loan *loan)
{
	struct sockaddr_un at;
	int folder_fd;

	*loan = (struct loan){ -1, -1 };
	if (short_address(folder, &at, &folder_fd) != 0)
		return -1;
	loan->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (loan->socket >= 0 && connect(loan->socket, (struct sockaddr *)&at, sizeof(at)) != 0) {
		close(loan->socket);
		loan->socket = -1;
	}
	if (folder_fd >= 0)
		close(folder_fd);
	return loan->socket >= 0 ? 0 : -1;
}

bool loan_is_ready(struct loan *loan, int ms)
{
	struct pollfd p = { .fd = loan->socket, .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

int loan_take(struct loan *loan)
{
	return receive(loan->socket, &loan->lock);
}

void loan_return(struct loan *loan)
{
	if (loan->lock >= 0)
		close(loan->lock);
	if (loan->socket >= 0)
		close(loan->socket);
	*loan = (struct loan){ -1, -1 };
}
