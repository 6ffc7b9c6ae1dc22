/*
 * frame.c - frames are collected to 64 kB before they are written: a system
 * call for each record would cost more than its mapping.
 */
#include "host/frame.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

#define BLOCK (64u << 10)
#define READ_ROOM (256u << 10)
#define ROOM_KEPT (4u << 20)

void channel_init(struct channel *c, int fd)
{
	*c = (struct channel){ .fd = fd, .passed_fd = -1 };
}

void channel_done(struct channel *c)
{
	if (c->fd >= 0)
		close(c->fd);
	if (c->passed_fd >= 0)
		close(c->passed_fd);
	buffer_done(&c->out);
	free(c->in);
	channel_init(c, -1);
}

struct buffer *frame_begin(struct channel *c, int type)
{
	char head[5] = { 0, 0, 0, 0, (char)type };

	c->open = c->out.len;
	buffer_put(&c->out, head, sizeof(head));
	return &c->out;
}

static int gone(struct cb_error *err)
{
	return cb_fail(err, CB_BROKEN, "工作进程的连接已断开", "the worker's connection is closed");
}

static int send_all(struct channel *c, int fd, struct cb_error *err)
{
	size_t at = 0;

	while (at < c->out.len) {
		struct iovec part = { c->out.at + at, c->out.len - at };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
		union {
			struct cmsghdr head;
			char room[CMSG_SPACE(sizeof(int))];
		} control = { 0 };
		ssize_t n;

		if (fd >= 0) {
			message.msg_control = control.room;
			message.msg_controllen = sizeof(control.room);
			control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
							 .cmsg_level = SOL_SOCKET,
							 .cmsg_type = SCM_RIGHTS };
			memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		}
		n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return gone(err);
		fd = -1;
		at += (size_t)n;
	}
	buffer_clear(&c->out);
	return CB_OK;
}

int frame_end(struct channel *c, struct cb_error *err)
{
	size_t body = c->out.len - c->open - 5;
	uint32_t len = (uint32_t)body;

	if (body > FRAME_MAX) {
		c->out.len = c->open;
		return cb_fail(err, CB_BROKEN, "一条消息有 %zu MB，最多 %u MB",
			       "one message has %zu MB; at most %u MB go through", body >> 20,
			       FRAME_MAX >> 20);
	}
	memcpy(c->out.at + c->open, &len, sizeof(len));
	return c->out.len >= BLOCK ? send_all(c, -1, err) : CB_OK;
}

int channel_flush(struct channel *c, struct cb_error *err)
{
	return c->out.len ? send_all(c, -1, err) : CB_OK;
}

int channel_flush_fd(struct channel *c, int fd, struct cb_error *err)
{
	assert(c->out.len || fd < 0); /* a descriptor travels beside bytes */
	return send_all(c, fd, err);
}

/* The last descriptor is kept and all others are closed: who is not trusted may send many. */
static void take_passed(struct channel *c, struct msghdr *message)
{
	int fd;

	for (struct cmsghdr *m = CMSG_FIRSTHDR(message); m; m = CMSG_NXTHDR(message, m)) {
		if (m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_RIGHTS ||
		    m->cmsg_len < CMSG_LEN(sizeof(int)))
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(fd) <= m->cmsg_len; at += sizeof(fd)) {
			memcpy(&fd, (const char *)m + at, sizeof(fd));
			if (c->passed_fd >= 0)
				close(c->passed_fd);
			c->passed_fd = fd;
		}
	}
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Something to read, or the other end's close, before @until (-1: no end). */
static int await(const struct channel *c, int64_t until, struct cb_error *err)
{
	struct pollfd ready = { .fd = c->fd, .events = POLLIN };
	int64_t left;
	int rc;

	if (until < 0)
		return CB_OK;
	do {
		left = until - now_ms();
		left = left < 0 ? 0 : left > 1 << 30 ? 1 << 30 : left;
		rc = poll(&ready, 1, (int)left);
	} while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return gone(err);
	return rc ? CB_OK : CB_AGAIN;
}

static void widen(struct channel *c, size_t need)
{
	char *old = c->in;

	c->in_room = need > READ_ROOM ? need : READ_ROOM;
	c->in = memory_pages(c->in_room);
	if (c->in_len)
		memcpy(c->in, old, c->in_len);
	free(old);
}

/* At least @need bytes behind in_at. */
static int fill(struct channel *c, size_t need, int64_t until, struct cb_error *err)
{
	if (c->in_at && c->in_at + need > c->in_room) {
		memmove(c->in, c->in + c->in_at, c->in_len - c->in_at);
		c->in_len -= c->in_at;
		c->in_at = 0;
	}
	if (c->in_at + need > c->in_room)
		widen(c, need);
	while (c->in_len - c->in_at < need) {
		union {
			struct cmsghdr head;
			char room[CMSG_SPACE(sizeof(int))];
		} control;
		struct iovec part = { c->in + c->in_len, c->in_room - c->in_len };
		struct msghdr message = { .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = control.room,
					  .msg_controllen = sizeof(control.room) };
		ssize_t n;
		int rc = await(c, until, err);

		if (rc != CB_OK)
			return rc;
		n = recvmsg(c->fd, &message, MSG_CMSG_CLOEXEC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return CB_END;
		take_passed(c, &message);
		c->in_len += (size_t)n;
	}
	return CB_OK;
}

int frame_next(struct channel *c, int64_t wait_ms, int *type, struct wire *body,
	       struct cb_error *err)
{
	int64_t until = wait_ms < 0 ? -1 : now_ms() + wait_ms;
	uint32_t len;
	int rc;

	if (c->in_at == c->in_len) {
		c->in_at = c->in_len = 0;
		if (c->in_room > ROOM_KEPT) { /* one large frame, and it is over */
			free(c->in);
			c->in = NULL;
			c->in_room = 0;
		}
	}
	rc = fill(c, 5, until, err);
	if (rc != CB_OK)
		return rc;
	memcpy(&len, c->in + c->in_at, sizeof(len));
	if (len > FRAME_MAX)
		return cb_fail(err, CB_BROKEN, "工作进程发来的消息过大", "a message is too large");
	rc = fill(c, 5 + (size_t)len, until, err);
	if (rc != CB_OK)
		return rc;
	*type = (unsigned char)c->in[c->in_at + 4];
	*body = (struct wire){ .at = c->in + c->in_at + 5, .end = c->in + c->in_at + 5 + len };
	c->in_at += 5 + (size_t)len;
	return CB_OK;
}

int channel_take_fd(struct channel *c)
{
	int fd = c->passed_fd;

	c->passed_fd = -1;
	return fd;
}
