/*
 * read.c - documents become records: connector → charset → format → mapping →
 * frames. What happens to one record stands in read_record.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "host/read.h"
static void on_event(void *with, const struct cb_event *event)
{
	flat_event(&((struct reading *)with)->flat, event);
}

static int send_piece(void *with, struct cb_text bytes, struct cb_error *err)
{
	struct reading *r = with;
	struct buffer *out;
	size_t n;

	buffer_clear(&r->packed);
	buffer_room(&r->packed, ZSTD_compressBound(bytes.len));
	n = ZSTD_compress2(r->zstd, r->packed.at, r->packed.room, bytes.at, bytes.len);
	if (ZSTD_isError(n))
		return cb_fail(err, CB_BROKEN, "原文无法压缩保存", "the document cannot be packed");
	out = task_message(r->task, WORKER_PIECE);
	wire_number(out, bytes.len);
	wire_text(out, (struct cb_text){ r->packed.at, n });
	return task_send(r->task, err);
}

/* Name, size and time of a file, or the digest of bytes: the same document again? */
static void identify(struct reading *r, const struct cb_document *doc)
{
	struct stat st;

	if (doc->fd >= 0 && fstat(doc->fd, &st) == 0) {
		snprintf(r->identity, sizeof(r->identity), "%lld:%lld.%09ld", (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	} else {
		char hex[CB_SHA256_HEX];

		cb_sha256_hex(doc->bytes, hex);
		snprintf(r->identity, sizeof(r->identity), "%s", hex);
	}
}

/* What the last run left: how many records of this very document are committed; -1: all. */
static int64_t committed(const struct reading *r)
{
	const char *at = r->task->job.at;
	bool is_done = at && strncmp(at, "done ", 5) == 0;
	char expect[512];
	const char *tab;

	if (!at)
		return 0;
	at += is_done ? 5 : 0;
	tab = strchr(at, '\t');
	snprintf(expect, sizeof(expect), "%s\t%s", r->identity, r->key ? r->key : "");
	if (!tab || strcmp(tab + 1, expect) != 0)
		return 0;
	return is_done ? -1 : strtoll(at, NULL, 10);
}

struct doc_options {
	struct cb_task *task;
	const struct cb_document *doc;
	bool is_corrected;
	const char *heading; /* of a corrected table */
};

static const char *document_option(void *with, const char *name)
{
	const struct doc_options *o = with;
	bool is_bare = o->doc->records && strcmp(o->doc->records, CB_RECORDS_WHOLE) == 0;

	/* A corrected table is laid out as we wrote it, not as theirs is: the first row names. */
	if (o->is_corrected)
		return strcmp(name, "heading") == 0 ? o->heading
		       : strcmp(name, "short") == 0 ? "yes"
						    : NULL;
	if (strcmp(name, "records") == 0 && o->doc->records)
		return is_bare ? NULL : o->doc->records;
	if (strcmp(name, "root") == 0 && (is_bare || !o->doc->records))
		return mapping_root(o->task->mapping);
	return task_option(o->task, name);
}

/* The rest is kept as it came, and said to be unread. */
static int set_rest_aside(struct reading *r, struct cb_input *in, struct cb_error *err)
{
	struct cb_text piece = { 0 };
	int rc;

	do
		rc = cb_input_next(in, &piece, err);
	while (rc == CB_OK && piece.len);
	r->number++;
	return rc == CB_OK || rc == CB_END ? set_aside(r, "unread", err) : rc;
}

static int parse(struct reading *r, const struct cb_document *doc, struct cb_error *err)
{
	struct cb_task *task = r->task;
	struct cb_input in = { .fd = doc->fd, .bytes = doc->bytes, .with = r };
	bool is_corrected = doc->media && strcmp(doc->media, WORKER_CORRECTED) == 0;
	const struct loaded *format = plugins_format(
		&task->plugins, is_corrected ? "table" : mapping_format(task->mapping),
		is_corrected ? NULL : doc->media, doc->key);
	struct doc_options options = { .task = task, .doc = doc, .is_corrected = is_corrected };
	struct cb_sink *sink = &r->sink;
	struct arena arena = { 0 }; /* of the format's state */
	void *state;
	int rc;

	if (!format)
		return cb_fail(err, CB_SETUP, "没有读取 %s 格式的插件",
			       "there is no plugin for the format %s",
			       mapping_format(task->mapping));
	if (is_corrected && format->format.is_binary) /* a workbook: do not look for it */
		options.heading = "1";
	rc = plugin_state(&arena, format->plugin.name, format->format.options,
			  format->format.state_size, document_option, &options, &state, err);
	if (rc != CB_OK) {
		arena_done(&arena);
		return rc;
	}
	if (task->job.keeps_raw)
		in.raw = send_piece;
	in.is_binary = format->format.is_binary;
	if (is_corrected)
		sink = corrected_open(&r->correct, &r->sink,
				      strcmp(mapping_format(task->mapping), "table") == 0);
	snprintf(task->progress->plugin, sizeof(task->progress->plugin), "%s", format->plugin.name);
	snprintf(task->progress->document, sizeof(task->progress->document), "%s",
		 doc->key ? doc->key : "");
	rc = input_open(&in, doc->charset, err);
	if (rc == CB_OK && cut_here(r, CB_OK) == CB_OK)
		rc = format->format.read(state, &in, sink, err);
	if (r->is_cut)
		rc = set_rest_aside(r, &in, err);
	corrected_done(&r->correct);
	input_done(&in);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

static int announce(struct reading *r, const struct cb_document *doc, struct cb_error *err)
{
	struct buffer *out = task_message(r->task, WORKER_DOCUMENT_BEGINS);

	wire_text(out, cb_text_of(doc->key));
	wire_text(out, cb_text_of(doc->media));
	wire_text(out, cb_text_of(doc->charset));
	wire_text(out, cb_text_of(doc->records));
	return task_send(r->task, err);
}

/* The page is on its way; wait until the engine has it on disk. */
static int await_commit(struct reading *r, struct cb_error *err)
{
	struct wire body;
	int type, rc = task_command(r->task, &type, &body, err);

	if (rc == CB_OK && type == FRAME_FINISH)
		return CB_END;
	if (rc == CB_OK && type != FRAME_COMMIT)
		rc = cb_fail(err, CB_BROKEN, "主进程的应答不合约定",
			     "the engine's answer is not understood");
	return rc;
}

static int lost(struct reading *r, const struct cb_error *why, struct cb_error *err)
{
	struct buffer *out = task_message(r->task, WORKER_LOST);

	wire_number(out, (uint64_t)why->verdict);
	wire_number(out, why->line);
	wire_number(out, why->column);
	wire_number(out, (uint64_t)why->wait_ms);
	wire_text(out, cb_text_of(why->text));
	return task_send(r->task, err);
}

static int one_document(struct reading *r, const struct cb_document *doc, bool *is_whole,
			struct cb_error *err)
{
	struct cb_error why = { 0 };
	int rc;

	r->key = doc->key;
	r->number = r->in_page = 0;
	r->next_wanted = 0;
	*is_whole = true;
	identify(r, doc);
	r->is_cut = false;
	r->poison = r->task->job.poison && doc->key && strcmp(r->task->job.poison, doc->key) == 0
			    ? r->task->job.poison_record
			    : 0;
	r->skip = committed(r);
	if (r->skip >= 0 && r->task->job.skip > r->skip)
		r->skip = r->task->job.skip;
	if (r->skip < 0)
		return CB_OK; /* committed whole; only the settling is left */
	rc = announce(r, doc, err);
	if (rc != CB_OK)
		return rc;
	rc = parse(r, doc, &why);
	if (rc == CB_BROKEN && !r->task->fatal.verdict) {
		/* What was good before the break stays. */
		*is_whole = false;
		why.verdict = CB_BROKEN;
		rc = lost(r, &why, err);
		if (rc == CB_OK)
			rc = send_unknown(r, err);
		if (rc == CB_OK)
			rc = send_page(r, false, NULL, err);
		return rc;
	}
	if (rc != CB_OK) {
		*err = why;
		return rc;
	}
	rc = send_unknown(r, err);
	if (rc == CB_OK)
		rc = send_page(r, true, doc->cursor, err);
	return rc == CB_OK ? await_commit(r, err) : rc;
}

/*
 * The fastest level, told what these documents are: records whose long repetitions are names of
 * fields, a few kilobytes back. A table that stays in the nearest cache finds them all.
 */
static ZSTD_CCtx *packer_new(void)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();

	ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, 1);
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_minMatch, 7);
	ZSTD_CCtx_setParameter(zstd, ZSTD_c_hashLog, 13);
	return zstd;
}

static void reading_init(struct reading *r, struct cb_task *task)
{
	*r = (struct reading){ .task = task };
	r->sink = (struct cb_sink){ .shape = mapping_there(task->mapping),
				    .arena = &r->arena,
				    .record = on_record,
				    .broken = on_broken,
				    .unknown = on_unknown,
				    .with = r };
	r->flat.arena = &r->arena;
	if (task->job.tells_cells)
		r->sink.watch = on_event;
	if (task->job.keeps_raw)
		r->zstd = packer_new();
}

static void reading_done(struct reading *r)
{
	sink_done(&r->sink);
	arena_done(&r->arena);
	buffer_done(&r->packed);
	flat_done(&r->flat);
	names_done(&r->unknown);
	free(r->unknown_names);
	free(r->unknown_counts);
	ZSTD_freeCCtx(r->zstd);
}

/* What the connector said of the next document's records. */
static int send_items(struct cb_task *task, struct cb_error *err)
{
	struct buffer *out;

	if (!task->item_count)
		return CB_OK;
	out = task_message(task, WORKER_OUTCOMES);
	wire_number(out, CB_OK);
	wire_number(out, 0);
	wire_text(out, (struct cb_text){ 0 });
	wire_number(out, task->item_count);
	buffer_text(out, buffer_view(&task->items));
	buffer_clear(&task->items);
	task->item_count = 0;
	return task_send(task, err);
}

/* Receipts and codes are all in their items: nothing of the document is mapped. */
static int items_only(struct reading *r, const struct cb_document *doc, struct cb_error *err)
{
	int rc;

	r->key = doc->key;
	r->number = r->in_page = 0;
	identify(r, doc);
	rc = send_page(r, true, doc->cursor, err);
	return rc == CB_OK ? await_commit(r, err) : rc;
}

int work_read(struct cb_task *task, struct cb_error *err)
{
	const struct cb_connector *c = &task->connector->connector;
	bool has_records = strcmp(task->job.reads, "receipts") != 0 &&
			   strncmp(task->job.reads, "dictionary:", 11) != 0;
	struct reading r;
	int rc = CB_OK;

	if (!c->read)
		return cb_fail(err, CB_SETUP, "连接器 %s 不能读取", "connector %s cannot read",
			       task->manifest->by);
	reading_init(&r, task);
	while (rc == CB_OK) {
		struct cb_document doc = { .fd = -1 };
		bool is_whole = true;

		snprintf(task->progress->plugin, sizeof(task->progress->plugin), "%s",
			 task->manifest->by);
		rc = c->read(task->connector_state, &doc, err);
		if (rc == CB_OK)
			rc = send_items(task, err);
		if (rc != CB_OK)
			break;
		rc = has_records ? one_document(&r, &doc, &is_whole, err)
				 : items_only(&r, &doc, err);
		if (doc.fd >= 0)
			close(doc.fd);
		if (rc == CB_OK && is_whole && c->settle && !task->job.is_dry)
			rc = c->settle(task->connector_state, doc.key, err);
		/* Where the next document depends on this one, there is no going on. */
		if (rc == CB_OK && !is_whole && doc.cursor)
			rc = CB_END;
	}
	reading_done(&r);
	return rc;
}

int work_document(struct cb_task *task, struct cb_error *err)
{
	const struct worker_job *job = &task->job;
	struct cb_document doc = { .key = job->key,
				   .media = job->media,
				   .charset = job->charset,
				   .records = job->records,
				   .fd = job->fd,
				   .bytes = job->bytes };
	struct reading r;
	bool is_whole;
	int rc;

	reading_init(&r, task);
	rc = one_document(&r, &doc, &is_whole, err);
	reading_done(&r);
	return rc;
}

int work_replay(struct cb_task *task, struct cb_error *err)
{
	struct arena arena = { 0 }; /* of one document */
	struct reading r;
	int rc = CB_OK;

	reading_init(&r, task);
	while (rc == CB_OK) {
		struct cb_document doc;
		struct wire body;
		bool is_whole;
		int type;

		rc = task_command(task, &type, &body, err);
		if (rc != CB_OK || type == FRAME_FINISH)
			break;
		arena_clear(&arena);
		if (type != FRAME_DOCUMENT)
			rc = cb_fail(err, CB_BROKEN, "主进程的应答不合约定",
				     "the engine's answer is not understood");
		if (rc == CB_OK)
			rc = task_take_document(task, &arena, &body, err);
		doc = (struct cb_document){ .key = task->job.key,
					    .media = task->job.media,
					    .charset = task->job.charset,
					    .records = task->job.records,
					    .fd = channel_take_fd(&task->channel),
					    .bytes = task->job.bytes };
		if (rc == CB_OK)
			rc = one_document(&r, &doc, &is_whole, err);
		if (doc.fd >= 0)
			close(doc.fd);
	}
	reading_done(&r);
	arena_done(&arena);
	return rc;
}
