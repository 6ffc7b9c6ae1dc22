/*
 * duplicates.c - what flows have to do with clusters: an import may search for
 * duplicates, an export sends what the cluster says.
 */
#include "flow/inside.h"
#include "reconcile/search.h"

int run_find_duplicates(struct run *run, struct cb_error *err)
{
	const struct search_rules *rules = site_rules(run->engine->site, run->flow->entity);
	const struct store_counts *c = &run->report->counts;
	int rc;

	if (!run->flow->finds_duplicates || !rules || run->options->is_dry ||
	    !(c->new + c->changed))
		return CB_OK;
	rc = run_open(run, err);
	if (rc == CB_OK)
		rc = search_run(run->engine->store, rules, SEARCH_NEW, run->engine->who, NULL,
				&run->report->duplicates, err);
	if (rc == CB_OK)
		rc = run_commit(run, err);
	run->report->has_searched = rc == CB_OK;
	if (rc != CB_OK) {
		run_rollback(run);
		cb_error_prefix(err, "取进来的都在；查重没有做完：",
				"all that came in is kept; the search for duplicates failed: ");
	}
	return rc;
}

int run_row(struct run *run, int64_t record, struct arena *arena, struct row **row,
	    struct cb_error *err)
{
	const struct table *entity = run->flow->entity;
	const struct search_rules *rules = site_rules(run->engine->site, entity);
	struct store *store = run->engine->store;
	struct survivor survivor;
	int64_t cluster = 0;
	int rc = rules ? store_cluster_of(store, record, &cluster, err) : CB_OK;

	if (rc != CB_OK || !cluster)
		return rc == CB_OK ? store_get(store, entity, record, arena, row, err) : rc;
	rc = search_survivor(store, rules, record, arena, &survivor, err);
	*row = survivor.row;
	return rc;
}
