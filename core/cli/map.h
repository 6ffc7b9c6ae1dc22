/*
 * map.h - mappings without a site: what the commands that begin with "map" share.
 */
#ifndef CLI_MAP_H
#define CLI_MAP_H

#include "cli/call.h"
#include "host/host.h"

/* The model that goes with a mapping: --model, the one beside the file, the installed one. NULL
 * with problems added; its file in @file. */
struct model *map_model(struct call *call, const char *mapping, const char **file,
			struct problems *problems);

/* One mapping, ready for a worker. */
struct translation {
	const char *file, *model_file;
	struct mapping *mapping;
	int tables; /* of worker_tables: a large one is compiled here, and not again in the worker
		     */
};
/* False with its problems printed, and nothing to close. */
bool map_open(struct call *call, const char *file, struct translation *t);
void map_close(struct translation *t);
struct worker_job map_job(struct call *call, const struct translation *t, enum worker_task task);

#endif
