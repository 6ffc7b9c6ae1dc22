/*
 * phase.c - two clocks, read between the parts of a run.
 */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "reconcile/reconcile.h"

static double wall_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of all threads, also of those that are done. */
static double cpu_now(long *peak)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	*peak = used.ru_maxrss;
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static struct link_phase *phase_of(struct link_phases *phases, const char *name)
{
	size_t i = 0;

	while (i < phases->count && strcmp(phases->at[i].name, name) != 0)
		i++;
	if (i == LINK_PHASES)
		return NULL;
	if (i == phases->count)
		phases->at[phases->count++] = (struct link_phase){ .name = name };
	return &phases->at[i];
}

void link_phase(struct link_phases *phases, const char *name)
{
	double wall, cpu;
	long peak;
	struct link_phase *phase;

	if (!phases)
		return;
	wall = wall_now();
	cpu = cpu_now(&peak);
	phase = name ? phase_of(phases, name) : NULL;
	if (phase) {
		phase->wall += wall - phases->wall;
		phase->cpu += cpu - phases->cpu;
		phase->peak = peak;
	}
	phases->wall = wall;
	phases->cpu = cpu;
}
