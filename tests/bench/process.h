/*
 * process.h - what a process took.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stdio.h>

/* Memory in kB, pages that it shares counted once among all that do; 0 where it has gone. */
static inline long pss_of(long pid)
{
	char path[64], line[256];
	long pss = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Pss: %ld", &pss) == 1)
			break;
	if (f)
		fclose(f);
	return pss;
}

/* CPU, user and system; 0 where it has gone. */
static inline double seconds_of(long pid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/schedstat", pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return (double)ns / 1e9;
}

#endif
