/*
 * parallel.h - the same work on many units, on all cores.
 *
 * Which thread takes which unit is chance; so a unit writes where only its
 * number says, and what is added up is added in the order of the units. Then the
 * answer does not depend on the number of threads.
 */
#ifndef RECONCILE_PARALLEL_H
#define RECONCILE_PARALLEL_H

#include <stddef.h>

#define THREADS_MOST 64

unsigned parallel_cores(void);

/* Call @work once for each of 0 … units-1. @thread is below @threads: for what a thread owns. */
void parallel(unsigned threads, size_t units,
	      void (*work)(void *with, size_t unit, unsigned thread), void *with);

#endif
