/*
 * learn.c - the newest source of a record, as a sample for the mapping that reads it.
 */
#include <unistd.h>

#include "flow/inside.h"
#include "flow/replay.h"

static int read_sample(const struct worker_job *job, struct arena *arena, struct cb_text *out,
		       struct cb_error *err)
{
	struct replay r = { 0 };
	struct worker_message m;
	int rc = replay_open(&r, job, err);

	/* The document's one page is answered by replay_next: a worker that is answered before it
	 * asks is gone when the real answer comes. */
	*out = (struct cb_text){ 0 };
	while (rc == CB_OK && (rc = replay_next(&r, &m, err)) == CB_OK)
		if (m.kind == WORKER_BYTES)
			*out = arena_copy(arena, m.text);
	replay_close(&r);
	if (rc == CB_END && !out->len)
		return cb_fail(err, CB_BROKEN, "原文里找不到这条记录",
			       "the document does not have the record");
	return rc == CB_END ? CB_OK : rc;
}

static int learn_from(const struct site *site, struct store *store, const struct site_flow *flow,
		      const struct store_link *link, struct arena *arena, struct cb_text *out,
		      struct cb_error *err)
{
	int64_t wanted = link->number;
	struct store_document doc = { 0 };
	struct worker_job job;
	int fd = -1;
	int rc = store_document_read(store, link->document, arena, &doc, NULL, err);

	if (rc == CB_OK)
		rc = document_descriptor(store, link->document, &fd, err);
	if (rc != CB_OK)
		return rc;
	job_of_replay(&job, site, flow);
	job_of_document(&job, &doc, fd);
	job.task = WORK_LEARN;
	job.wanted = &wanted;
	job.wanted_count = 1;
	rc = read_sample(&job, arena, out, err);
	close(fd);
	return rc;
}

int learn_read(const struct site *site, struct store *store, const struct table *entity,
	       int64_t record, struct arena *arena, const struct site_flow **flow,
	       struct cb_text *out, struct cb_error *err)
{
	const struct store_link *newest = NULL;
	struct store_link *links;
	size_t count;
	int rc = store_links(store, entity, record, arena, &links, &count, err);

	*flow = NULL;
	for (size_t i = 0; rc == CB_OK && i < count; i++) {
		const struct site_flow *f = flow_of_stream(site, entity, links[i].stream);

		if (!f || !links[i].document || (newest && newest->last_ms > links[i].last_ms))
			continue;
		newest = &links[i];
		*flow = f;
	}
	if (rc == CB_OK && !newest)
		rc = cb_fail(err, CB_REFUSED, "这条记录没有还能取到原文的来源",
			     "the record has no source whose document can be had");
	if (rc == CB_OK)
		rc = learn_from(site, store, *flow, newest, arena, out, err);
	return rc == CB_END ? cb_fail(err, CB_REFUSED, "原文已不在库里",
				      "the document is no longer kept")
			    : rc;
}
