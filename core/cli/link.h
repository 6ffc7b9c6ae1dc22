/*
 * link.h - a run of linking as the command line asks for it.
 */
#ifndef CLI_LINK_H
#define CLI_LINK_H

#include "cli/call.h"
#include "reconcile/reconcile.h"

/* A whole number from 1 to @most behind @option; 0 where it was not given. The exit code. */
int link_count(struct call *call, enum option_id option, int64_t most, int64_t *out);

/* Read the specification and the files, and run. The exit code; free @linker in any case.
 * @phases: to fill, or NULL. */
int link_run(struct call *call, struct link_phases *phases, struct linker **linker);

#endif
