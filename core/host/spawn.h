/*
 * spawn.h - a worker as the engine sees it. For spawn.c and the files beside it.
 */
#ifndef HOST_SPAWN_H
#define HOST_SPAWN_H

#include <sys/types.h>

#include "host/inside.h"

struct worker {
	pid_t pid;
	struct channel channel;
	struct worker_services services;
	struct progress *progress;
	struct arena arena; /* of the message at hand */
	int64_t silence_ms;
	bool has_ended, has_died;
	bool asks; /* its page waits for commit or finish: for one, and not before it says so */
};

static inline void put_string(struct buffer *out, const char *string)
{
	wire_text(out, cb_text_of(string));
}

static inline const char *get_string(struct worker *w, struct wire *body)
{
	struct cb_text text = wire_get_text(body);

	return text.at ? arena_string(&w->arena, text) : NULL;
}

CB_CHECKED int send_job(struct worker *w, const struct worker_job *job, struct cb_error *err);
/* Send the frame that was begun, with a descriptor; @fd -1: without. */
CB_CHECKED int flush_with(struct worker *w, int fd, struct cb_error *err);
/* Answer one service call, or log a line. */
CB_CHECKED int serve(struct worker *w, int type, struct wire *body, struct cb_error *err);
/* The rest of a message whose kind is known; a lie sets body->is_bad. */
void get_message(struct worker *w, struct wire *body, struct worker_message *m);

#endif
