/*
 * parallel.c - threads that take the next unit until none is left.
 *
 * Threads are made for each call: that costs some tens of microseconds, and
 * leaves nothing behind to be torn down. A thread that cannot be made is done
 * without; the caller works too.
 */
#include "reconcile/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

struct crew {
	atomic_size_t next;
	size_t units;
	void (*work)(void *with, size_t unit, unsigned thread);
	void *with;
};

struct hand {
	struct crew *crew;
	unsigned number;
	pthread_t thread;
};

static void *labour(void *hand)
{
	const struct hand *me = hand;
	struct crew *crew = me->crew;
	size_t unit;

	while ((unit = atomic_fetch_add(&crew->next, 1)) < crew->units)
		crew->work(crew->with, unit, me->number);
	return NULL;
}

unsigned parallel_cores(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > THREADS_MOST ? THREADS_MOST : (unsigned)cores;
}

void parallel(unsigned threads, size_t units,
	      void (*work)(void *with, size_t unit, unsigned thread), void *with)
{
	struct crew crew = { .units = units, .work = work, .with = with };
	struct hand hands[THREADS_MOST];
	unsigned made = 1;

	for (; made < threads && made < units && made < THREADS_MOST; made++) {
		hands[made] = (struct hand){ .crew = &crew, .number = made };
		if (pthread_create(&hands[made].thread, NULL, labour, &hands[made]) != 0)
			break;
	}
	hands[0] = (struct hand){ .crew = &crew };
	labour(&hands[0]);
	while (--made)
		pthread_join(hands[made].thread, NULL);
}
