/*
 * frame.c - frames are collected to 64 kB before they are written: a system
 * call for each record would cost more than its mapping.
 */
#include "host/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

#define BLOCK (64u << 10)
#define READ_ROOM (256u << 10)

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
	uint32_t len = (uint32_t)(c->out.len - c->open - 5);

	memcpy(c->out.at + c->open, &len, sizeof(len));
	return c->out.len >= BLOCK ? send_all(c, -1, err) : CB_OK;
}

int channel_flush(struct channel *c, struct cb_error *err)
{
	return c->out.len ? send_all(c, -1, err) : CB_OK;
}

int channel_flush_fd(struct channel *c, int fd, struct cb_error *err)
{
	return send_all(c, fd, err);
}

static void take_passed(struct channel *c, struct msghdr *message)
{
	for (struct cmsghdr *m = CMSG_FIRSTHDR(message); m; m = CMSG_NXTHDR(message, m)) {
		if (m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_RIGHTS ||
		    m->cmsg_len < CMSG_LEN(sizeof(int)))
			continue;
		if (c->passed_fd >= 0)
			close(c->passed_fd);
		memcpy(&c->passed_fd, CMSG_DATA(m), sizeof(int));
	}
}

/* At least @need bytes behind in_at. */
static int fill(struct channel *c, size_t need, int64_t wait_ms, struct cb_error *err)
{
	if (c->in_at + need > c->in_room) {
		if (c->in_len > c->in_at)
			memmove(c->in, c->in + c->in_at, c->in_len - c->in_at);
		c->in_len -= c->in_at;
		c->in_at = 0;
		if (need > c->in_room) {
			c->in_room = need > READ_ROOM ? need : READ_ROOM;
			c->in = memory_resize(c->in, c->in_room);
		}
	}
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
		struct pollfd ready = { .fd = c->fd, .events = POLLIN };
		ssize_t n;

		if (wait_ms >= 0) {
			int rc = poll(&ready, 1, wait_ms > 1 << 30 ? 1 << 30 : (int)wait_ms);

			if (rc == 0)
				return CB_AGAIN;
			if (rc < 0 && errno != EINTR)
				return gone(err);
			if (rc < 0)
				continue;
		}
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
	uint32_t len;
	int rc;

	if (c->in_at == c->in_len)
		c->in_at = c->in_len = 0;
	rc = fill(c, 5, wait_ms, err);
	if (rc != CB_OK)
		return rc;
	memcpy(&len, c->in + c->in_at, sizeof(len));
	if (len > FRAME_MAX)
		return cb_fail(err, CB_BROKEN, "工作进程发来的消息过大", "a message is too large");
	rc = fill(c, 5 + (size_t)len, wait_ms, err);
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
