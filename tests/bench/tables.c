/*
 * tables.c - what a large code table costs the workers that use it.
 *
 *     tables MODEL MAPPING TABLE.csv → lines "workers shared cpu_ms pss_kb", and
 *                                      "engine 1 cpu_ms pss_kb" first
 *
 * Workers are started as the engine starts them, with its tables and without;
 * cpu is what one took until it was ready, pss what all of them hold together.
 * With the engine's tables, TABLE.csv is not there any more when they start: it
 * is read and compiled once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/say.h"
#include "bench/process.h"
#include "host/host.h"
#include "mapping/mapping.h"

#define MOST 4

/* Of our children: CPU in ms and PSS in kB. */
static void children(double *cpu, long *pss)
{
	char path[64];
	long pid;
	FILE *f;

	*cpu = 0;
	*pss = 0;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	while (f && fscanf(f, "%ld", &pid) == 1) {
		*cpu += seconds_of(pid) * 1e3;
		*pss += pss_of(pid);
	}
	if (f)
		fclose(f);
}

static int start(struct worker **workers, size_t count, const struct worker_job *job)
{
	struct worker_message m;
	struct cb_error err;
	double cpu;
	long pss;
	int rc = CB_OK;

	for (size_t i = 0; i < count && rc == CB_OK; i++)
		rc = worker_start(job, NULL, &workers[i], &err);
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		rc = worker_next(workers[i], &m, &err);
		if (rc == CB_OK && m.kind == WORKER_DONE) {
			err = m.error;
			rc = CB_SETUP;
		}
	}
	if (rc != CB_OK) {
		fprintf(stderr, "tables: %s\n", err.text);
		return 1;
	}
	children(&cpu, &pss);
	printf("%zu %d %.1f %ld\n", count, job->tables > 0, cpu / (double)count, pss);
	return 0;
}

static int measure(const struct worker_job *job, size_t count)
{
	struct worker *workers[MOST] = { 0 };
	int rc = start(workers, count, job);

	for (size_t i = 0; i < count; i++)
		worker_free(workers[i]);
	return rc;
}

int main(int argc, char **argv)
{
	struct worker_job job = { .task = WORK_REPLAY, .is_dry = true, .fd = -1 };
	struct problems problems = { 0 };
	struct arena arena = { 0 };
	struct model *model;
	struct mapping *m;
	int rc;

	if (argc != 4)
		return 2;
	say_language(LANGUAGE_EN);
	model = model_read(&arena, argv[1], &problems);
	m = model ? mapping_read(&arena, argv[2], model, &problems) : NULL;
	if (!m) {
		fprintf(stderr, "tables: %s\n", problems.count ? problems.at[0].text : "?");
		return 1;
	}
	job.plugins = getenv("CASEBRIDGE_PLUGINS");
	job.model = argv[1];
	job.mapping = argv[2];
	job.digest = mapping_digest(m);
	job.tables = worker_tables(m);
	printf("engine 1 %.1f %ld\n", (double)clock() * 1e3 / CLOCKS_PER_SEC, pss_of(getpid()));
	fflush(stdout);
	rc = measure(&(struct worker_job){ .task = WORK_REPLAY,
					   .is_dry = true,
					   .fd = -1,
					   .plugins = job.plugins,
					   .model = job.model,
					   .mapping = job.mapping,
					   .digest = job.digest },
		     1);
	job.tables = job.tables ? job.tables : -1;
	unlink(argv[3]);
	rc = rc ? rc : measure(&job, 1);
	rc = rc ? rc : measure(&job, MOST);
	mapping_done(m);
	problems_done(&problems);
	arena_done(&arena);
	return rc;
}
