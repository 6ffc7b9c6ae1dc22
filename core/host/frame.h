/*
 * frame.h - counted messages over the socket pair.
 *
 * A frame is its length (4 bytes), its type (1 byte) and its body. A sender
 * collects frames and writes them in blocks; the kernel's socket buffer is the
 * back-pressure. File descriptors travel beside the frame that needs them.
 */
#ifndef HOST_FRAME_H
#define HOST_FRAME_H

#include "base/buffer.h"
#include "record/wire.h"

#include <casebridge/error.h>

#define FRAME_MAX (96u << 20)

enum frame_type { /* engine → worker */
		  FRAME_JOB = 1,
		  FRAME_COMMIT,
		  FRAME_REPLY,
		  FRAME_MAP,
		  FRAME_WRITE,
		  FRAME_FIND,
		  FRAME_COUNT,
		  FRAME_FINISH,
		  FRAME_DOCUMENT,
		  /* worker → engine: 32 + enum worker_kind, and */
		  FRAME_LOG = 100,
		  FRAME_HTTP,
		  FRAME_KEEP,
		  FRAME_KEPT,
		  FRAME_FILES_LIST,
		  FRAME_FILES_OPEN,
		  FRAME_FILES_MOVE,
		  FRAME_FILES_WRITE,
		  FRAME_CREDENTIAL,
		  FRAME_MESSAGE = 32,
};

struct channel { /* one end */
	int fd;
	struct buffer out;
	size_t open; /* where the frame that is being built begins in out */
	char *in;
	size_t in_at, in_len, in_room;
	int passed_fd; /* that came with a frame, -1 */
};

void channel_init(struct channel *c, int fd);
void channel_done(struct channel *c);

/* Build a frame in place: begin, put with wire_* into the buffer that comes back, end. */
struct buffer *frame_begin(struct channel *c, int type);
/* Sends when enough is collected. CB_BROKEN where the other end is gone, or where the frame is
 * larger than FRAME_MAX: it is dropped, and those before and behind it go their way. */
CB_CHECKED int frame_end(struct channel *c, struct cb_error *err);
CB_CHECKED int channel_flush(struct channel *c, struct cb_error *err);
/* Flush, with a descriptor beside it (-1: none). There must be something to flush. */
CB_CHECKED int channel_flush_fd(struct channel *c, int fd, struct cb_error *err);

/*
 * The next frame, waiting at most @wait_ms for the whole of it (-1 for ever;
 * CB_AGAIN when it is over, and the next call goes on where this one stopped).
 * Its body is borrowed until the next call. CB_END where the other end has
 * closed, also in the middle of a frame.
 */
CB_CHECKED int frame_next(struct channel *c, int64_t wait_ms, int *type, struct wire *body,
			  struct cb_error *err);
int channel_take_fd(struct channel *c); /* the descriptor that came last, or -1 */

#endif
