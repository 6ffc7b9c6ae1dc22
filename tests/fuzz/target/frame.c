/*
 * frame.c - what a worker says: rows as bytes, and frames over a socket.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz/target/target.h"
#include "host/frame.h"
#include "record/wire.h"

/* Only what wire_row would have written is a row. */
void fuzz_wire(struct cb_text bytes)
{
	struct arena arena = { 0 };
	struct shape *shape = fuzz_shape(&arena);
	struct wire wire = { bytes.at, bytes.at + bytes.len, false };
	struct row *row = wire_get_row(&wire, &arena, shape);
	struct buffer again = { 0 };

	PROMISE(!row == wire.is_bad);
	if (row) {
		wire_row(&again, row);
		PROMISE(cb_text_equal(buffer_view(&again),
				      (struct cb_text){ bytes.at, (size_t)(wire.at - bytes.at) }));
		PROMISE(row_equal(row, row));
	}
	buffer_done(&again);
	arena_done(&arena);
}

void fuzz_frame(struct cb_text bytes)
{
	struct channel channel;
	struct cb_error err = { 0 };
	struct wire body;
	int ends[2], type, fd;

	if (bytes.len > 16 << 10) /* what a socket holds without a reader */
		return;
	PROMISE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	PROMISE(write(ends[1], bytes.at, bytes.len) == (ssize_t)bytes.len);
	close(ends[1]);
	channel_init(&channel, ends[0]);
	while (frame_next(&channel, -1, &type, &body, &err) == CB_OK) {
		(void)wire_get_number(&body);
		while (!body.is_bad && body.at < body.end)
			(void)wire_get_text(&body);
		fd = channel_take_fd(&channel);
		if (fd >= 0)
			close(fd);
	}
	channel_done(&channel);
}
