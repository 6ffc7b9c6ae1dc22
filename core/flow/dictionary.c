/*
 * dictionary.c - a platform's own list for a code table of ours, asked for now.
 */
#include "flow/inside.h"

static int take_page(struct worker *w, const struct worker_message *m, struct cb_error *err)
{
	return m->is_last ? worker_commit(w, err) : CB_OK;
}

int flow_dictionary(struct engine *engine, const struct site_flow *flow, const char *table,
		    void (*each)(void *with, struct cb_text code, struct cb_text name), void *with,
		    struct cb_error *err)
{
	static const struct flow_options dry = { .is_dry = true };
	struct worker_services services;
	struct worker_message m = { 0 };
	struct arena arena = { 0 };
	struct worker_job job;
	struct worker *w;
	struct lent lent;
	int rc;

	/* Whose account asks does not matter: it is the platform's list. */
	lent_init(&lent, engine, flow->connection, &flow->connection->accounts[0]);
	services = lent_services(&lent);
	job_of_flow(&job, engine, flow, &dry);
	job.task = WORK_READ;
	job.reads = arena_printf(&arena, "dictionary:%s", table);
	rc = worker_start(&job, &services, &w, err);
	while (rc == CB_OK && (rc = worker_next(w, &m, err)) == CB_OK && m.kind != WORKER_DONE) {
		for (size_t i = 0; m.kind == WORKER_OUTCOMES && i < m.item_count; i++)
			each(with, m.items[i].key, m.items[i].say);
		if (m.kind == WORKER_PAGE)
			rc = take_page(w, &m, err);
	}
	if (rc == CB_OK && m.error.verdict && m.error.verdict != CB_END) {
		*err = m.error;
		rc = (int)err->verdict;
	}
	worker_free(w);
	lent_done(&lent);
	arena_done(&arena);
	return rc;
}
