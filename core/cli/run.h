/*
 * run.h - carry out flows and say what came of it. For run.c and held.c.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/call.h"
#include "flow/flow.h"

/* Map what is held again: of one flow, or of all imports (@flow NULL). The exit code. */
int run_retry(struct call *call, struct site *site, const char *flow);

/* The table in the file of the first argument, as a run of that import. The exit code. */
int run_correct(struct call *call, struct site *site, const struct site_flow *flow);

/* "读取 120 = 新增 100 + …", in @arena. */
const char *run_counts(struct arena *arena, const struct store_counts *counts, bool is_export);
/* A mapping whose samples fail, and what is done meanwhile: a sentence. */
const char *run_trial(struct call *call, const struct site *site, const struct site_flow *flow,
		      const struct flow_trial *trial);
void run_trial_json(struct json *j, const char *name, const struct flow_trial *trial);
void run_counts_json(struct json *j, const struct store_counts *counts, bool is_export);

#endif
