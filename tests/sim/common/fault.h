/*
 * fault.h - which misfortune befalls a request, by a seeded generator.
 *
 * A setting is NAME=RATE, NAME=xN or either with @PATH behind it: RATE is the
 * share of requests, xN the next N of them, PATH the beginning of the paths
 * that are meant. NAME=0 takes it back.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include <stdbool.h>

#include "sim/common/random.h"

struct fault {
	const char *name;
	char path[64];
	double rate;
	int left; /* of xN; -1: by rate */
};

struct faults {
	struct fault list[32];
	int count;
	struct random random;
};

/* False for a name or a rate that we do not know. */
bool faults_set(struct faults *faults, const char *name, const char *value);

/* The one fault for this request, "" for none. */
const char *faults_pick(struct faults *faults, const char *path);

#endif
