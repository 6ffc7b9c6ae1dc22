/*
 * spawn_command.c - what the engine tells a worker: the job, documents, and the commands
 * of a run.
 */
#include "host/spawn.h"

#include <assert.h>

#include "base/say.h"

static void put_document(struct buffer *out, const struct worker_job *job)
{
	wire_text(out, job->bytes);
	put_string(out, job->key);
	put_string(out, job->media);
	put_string(out, job->charset);
	put_string(out, job->records);
	wire_number(out, job->wanted_count);
	for (size_t i = 0; i < job->wanted_count; i++)
		wire_number(out, (uint64_t)job->wanted[i]);
}

/* Flushed by hand: a descriptor may have to go along. */
int flush_with(struct worker *w, int fd, struct cb_error *err)
{
	size_t len = w->channel.out.len - w->channel.open - 5;
	uint32_t head = (uint32_t)len;

	if (len > FRAME_MAX)
		return cb_fail(err, CB_SETUP, "文档过大", "the document is too large");
	memcpy(w->channel.out.at + w->channel.open, &head, sizeof(head));
	return channel_flush_fd(&w->channel, fd, err);
}

int send_job(struct worker *w, const struct worker_job *job, struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_JOB);

	wire_number(out, job->task);
	wire_number(out, say_language_now() == LANGUAGE_EN);
	put_string(out, job->plugins);
	put_string(out, job->model);
	put_string(out, job->mapping);
	put_string(out, job->digest);
	put_string(out, job->manifest);
	put_string(out, job->stream);
	put_string(out, job->reads);
	wire_number(out, (uint64_t)job->from);
	wire_number(out, (uint64_t)job->to);
	put_string(out, job->poison);
	put_string(out, job->poison_say);
	wire_number(out, (uint64_t)job->poison_record);
	wire_number(out, job->poison_rest);
	wire_number(out, (uint64_t)job->skip);
	put_string(out, job->cursor);
	put_string(out, job->at);
	put_string(out, job->hidden);
	wire_number(out, (uint64_t)job->now);
	wire_number(out, (uint64_t)job->zone + UINT64_C(1440));
	wire_number(out, (uint64_t)job->page);
	wire_number(out, job->keeps_raw);
	wire_number(out, job->is_dry);
	wire_number(out, (uint64_t)job->memory_max);
	wire_number(out, job->traces);
	wire_number(out, job->tells_cells);
	put_document(out, job);
	wire_number(out, job->kept_count);
	for (size_t i = 0; i < job->kept_count; i++) {
		put_string(out, job->kept[i].name);
		wire_text(out, job->kept[i].text);
	}
	wire_number(out, job->tables > 0);
	wire_number(out, job->setting_count);
	for (size_t i = 0; i < job->setting_count; i++) {
		put_string(out, job->settings[i].name);
		put_string(out, job->settings[i].value);
	}
	return flush_with(w, job->fd, err);
}

static int command(struct worker *w, struct cb_error *err)
{
	int rc = frame_end(&w->channel, err);

	return rc == CB_OK ? channel_flush(&w->channel, err) : rc;
}

int worker_commit(struct worker *w, struct cb_error *err)
{
	/* One that is answered before it asks is gone when the real answer comes: now and then, and
	 * never where one looks. So it is our mistake each time. */
	assert(w->asks);
	w->asks = false;
	frame_begin(&w->channel, FRAME_COMMIT);
	return command(w, err);
}

int worker_document(struct worker *w, const struct worker_job *job, struct cb_error *err)
{
	put_document(frame_begin(&w->channel, FRAME_DOCUMENT), job);
	return flush_with(w, job->fd, err);
}

int worker_finish(struct worker *w, struct cb_error *err)
{
	w->asks = false;
	frame_begin(&w->channel, FRAME_FINISH);
	return command(w, err);
}

int worker_map(struct worker *w, int64_t number, const char *cites, const struct row *row,
	       struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_MAP);

	wire_number(out, (uint64_t)number);
	put_string(out, cites);
	wire_row(out, row);
	return command(w, err);
}

int worker_write(struct worker *w, int64_t now, const char *once, bool is_withdrawal,
		 const struct cb_item *items, size_t count, struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_WRITE);

	wire_number(out, (uint64_t)now);
	put_string(out, once);
	wire_number(out, is_withdrawal);
	wire_number(out, count);
	for (size_t i = 0; i < count; i++) {
		wire_text(out, items[i].key);
		wire_text(out, items[i].body);
		wire_text(out, items[i].receipt);
	}
	return command(w, err);
}

int worker_find(struct worker *w, int64_t now, struct cb_text key, struct cb_text payload,
		struct cb_text before, struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_FIND);

	wire_number(out, (uint64_t)now);
	wire_text(out, key);
	wire_text(out, payload);
	wire_text(out, before);
	return command(w, err);
}

int worker_count(struct worker *w, int64_t now, int64_t from, int64_t to, struct cb_error *err)
{
	struct buffer *out = frame_begin(&w->channel, FRAME_COUNT);

	wire_number(out, (uint64_t)now);
	wire_number(out, (uint64_t)from);
	wire_number(out, (uint64_t)to);
	return command(w, err);
}
