/*
 * listing.c - all that the target holds of one account in a window, record by
 * record: key, receipt, and the record as it comes back in through the mapping.
 *
 * A page is told when it is whole. A passing fault begins the window again, so
 * what is told may be told twice.
 */
#include <stdlib.h>

#include "flow/inside.h"
#include "record/wire.h"

struct page {
	struct arena arena;
	struct listed *at;
	size_t count, room;
};

static void take_items(struct page *p, const struct worker_message *m)
{
	for (size_t i = 0; i < m->item_count; i++) {
		memory_grow(&p->at, p->count, &p->room, sizeof(*p->at));
		p->at[p->count++] =
			(struct listed){ .key = arena_copy(&p->arena, m->items[i].key),
					 .receipt = arena_copy(&p->arena, m->items[i].receipt) };
	}
}

/* The records of a page come in the order of its items. */
static void take_record(struct page *p, const struct worker_message *m, const struct table *entity)
{
	struct cb_text bytes = arena_copy(&p->arena, m->text);
	struct wire wire = { bytes.at, bytes.at + bytes.len, false };

	if (m->number > 0 && (size_t)m->number <= p->count)
		p->at[m->number - 1].row = wire_get_row(&wire, &p->arena, entity->shape);
}

static int tell(struct page *p, struct run *run, const struct listener *to, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < p->count && rc == CB_OK; i++)
		rc = p->at[i].key.len ? to->each(to->with, run, &p->at[i], err) : CB_OK;
	p->count = 0;
	arena_clear(&p->arena);
	return rc;
}

static int session(struct run *run, struct lent *lent, int64_t from, int64_t to_ms,
		   const struct listener *to, struct cb_error *err)
{
	struct worker_services services = lent_services(lent);
	struct worker_message m = { 0 };
	struct worker *worker = NULL;
	struct page page = { 0 };
	struct worker_job job;
	int rc;

	job_of_flow(&job, run->engine, run->flow, run->options);
	job.task = WORK_READ;
	job.reads = "list";
	job.from = from;
	job.to = to_ms;
	job.keeps_raw = false;
	rc = worker_start(&job, &services, &worker, err);
	while (rc == CB_OK && (rc = worker_next(worker, &m, err)) == CB_OK &&
	       m.kind != WORKER_DONE) {
		if (m.kind == WORKER_OUTCOMES)
			take_items(&page, &m);
		else if (m.kind == WORKER_RECORD)
			take_record(&page, &m, run->flow->entity);
		if (m.kind != WORKER_PAGE || !m.is_last)
			continue;
		rc = tell(&page, run, to, err);
		if (rc == CB_OK)
			rc = run_stops(run) ? worker_finish(worker, err)
					    : worker_commit(worker, err);
		run_tell(run, lent->account->name);
	}
	if (rc == CB_OK && m.error.verdict) {
		*err = m.error;
		rc = (int)m.error.verdict;
	}
	worker_free(worker);
	free(page.at);
	arena_done(&page.arena);
	return rc == CB_END ? CB_OK : rc;
}

int listing(struct run *run, struct site_account *account, int64_t from, int64_t to_ms,
	    const struct listener *to, struct cb_error *err)
{
	struct patience patience = { 0 };
	int logins = 0;
	struct lent lent;
	int rc = account_ready(run, account, err);

	lent_init(&lent, run->engine, run->flow->connection, account);
	while (rc == CB_OK) {
		int64_t wait;

		rc = session(run, &lent, from, to_ms, to, err);
		if (rc == CB_LOGIN && logins < logins_most(run->flow->connection->manifest)) {
			logins++;
			net_forget(&account->net);
			rc = CB_OK;
			continue;
		}
		if (rc != CB_AGAIN && rc != CB_LIMIT)
			break;
		wait = patience_wait(&patience, run->engine, run->flow->connection->manifest,
				     err->wait_ms);
		if (wait < 0 || run_stops(run))
			break;
		engine_wait(run->engine, wait);
		rc = CB_OK;
	}
	if ((rc == CB_SETUP && lent.was_answered) || rc == CB_LOGIN)
		account_refused(run, account, err);
	lent_done(&lent);
	return rc;
}
