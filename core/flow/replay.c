/*
 * replay.c - a stored document through a worker again.
 */
#include "flow/inside.h"

#include <sys/mman.h>
#include <unistd.h>

static int append(void *with, struct cb_text bytes, struct cb_error *err)
{
	const int *fd = with;

	while (bytes.len) {
		ssize_t n = write(*fd, bytes.at, bytes.len);

		if (n <= 0)
			return cb_fail(err, CB_AGAIN, "系统资源不足", "the system has no room");
		bytes.at += n;
		bytes.len -= (size_t)n;
	}
	return CB_OK;
}

int document_descriptor(struct store *store, int64_t document, int *fd, struct cb_error *err)
{
	int rc = CB_OK;

	/* Nothing of it is ever on a disk. */
	*fd = memfd_create("casebridge-document", MFD_CLOEXEC);
	if (*fd >= 0)
		rc = store_document_each(store, document, append, fd, err);
	if (*fd < 0 || (rc == CB_OK && lseek(*fd, 0, SEEK_SET) != 0))
		rc = cb_fail(err, CB_AGAIN, "系统资源不足", "the system has no room");
	if (rc != CB_OK && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return rc;
}

void job_of_replay(struct worker_job *job, const struct site *site, const struct site_flow *flow)
{
	*job = (struct worker_job){
		.task = WORK_REPLAY,
		.plugins = site->plugins,
		.model = site->model_file,
		.mapping = flow->mapping_file,
		.kept = flow->kept,
		.kept_count = flow->kept_count,
		.tables = flow->tables,
		.manifest = flow->connection->manifest->file,
		.stream = flow->stream->name,
		.settings = flow->connection->settings,
		.setting_count = flow->connection->setting_count,
		.zone = site->zone,
		.is_dry = true,
		.fd = -1,
	};
}

void job_of_document(struct worker_job *job, const struct store_document *doc, int fd)
{
	job->key = doc->key;
	job->media = doc->media;
	job->charset = doc->charset;
	job->records = doc->records;
	job->fd = fd;
}

int replay_open(struct replay *r, const struct worker_job *job, struct cb_error *err)
{
	struct worker_message m;
	int rc;

	*r = (struct replay){ 0 };
	rc = worker_start(job, NULL, &r->worker, err);
	while (rc == CB_OK && (rc = worker_next(r->worker, &m, err)) == CB_OK) {
		if (m.kind == WORKER_READY)
			return CB_OK;
		if (m.kind == WORKER_DONE) {
			*err = m.error;
			rc = (int)err->verdict;
		}
	}
	replay_close(r);
	return rc;
}

int replay_begin(struct replay *r, const struct worker_job *job, struct cb_error *err)
{
	r->is_lost = r->is_over = false;
	return worker_document(r->worker, job, err);
}

int replay_next(struct replay *r, struct worker_message *m, struct cb_error *err)
{
	for (;;) {
		int rc = r->is_over ? CB_END : worker_next(r->worker, m, err);

		if (rc != CB_OK)
			return rc;
		switch (m->kind) {
		case WORKER_PAGE:
			r->is_over = m->is_last || r->is_lost;
			if (m->is_last)
				rc = worker_commit(r->worker, err);
			if (rc != CB_OK)
				return rc;
			break;
		case WORKER_LOST:
			r->is_lost = true;
			return CB_OK;
		case WORKER_DONE:
			r->is_over = true;
			if (!m->error.verdict)
				return CB_END;
			*err = m->error;
			return (int)err->verdict;
		default:
			return CB_OK;
		}
	}
}

void replay_close(struct replay *r)
{
	worker_free(r->worker);
	r->worker = NULL;
}
