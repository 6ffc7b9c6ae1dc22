/*
 * measure.c - run a command and say what it and all its children took.
 *
 *     measure [-o OUT] [-e ERR] COMMAND…   → "wall_s cpu_s busiest_s peak_pss_kb status"
 *                                            on fd 3, else on standard output
 *
 * CPU is user and system of every process below us, also of those whose parent
 * has gone: we are their reaper; the busiest is the one process that took most,
 * which is what the whole would take with a core for each. PSS is sampled over the
 * whole tree, so pages that engine and worker share count once; weighing a process
 * holds it up, so it is done as often as takes a fiftieth of the time.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/process.h"

#define TICK_NS 1000000L /* how soon we see the end */
#define TICKS_PER_SAMPLE 5
#define WEIGHING_SHARE 50

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The tree below @pid, itself left out: its PSS where that is asked for, and who is busiest. */
static long look_below(long pid, bool weighs, double *busiest)
{
	char path[512], tasks[64];
	struct dirent *entry;
	long sum = 0, child;
	DIR *dir;

	snprintf(tasks, sizeof(tasks), "/proc/%ld/task", pid);
	dir = opendir(tasks);
	while (dir && (entry = readdir(dir))) {
		FILE *f;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/children", tasks, entry->d_name);
		f = fopen(path, "re");
		while (f && fscanf(f, "%ld", &child) == 1) {
			double seconds = seconds_of(child);

			*busiest = seconds > *busiest ? seconds : *busiest;
			sum += (weighs ? pss_of(child) : 0) + look_below(child, weighs, busiest);
		}
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return sum;
}

static void become(char **argv, const char *out, const char *err)
{
	int fd;

	if (out && (fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600)) >= 0)
		dup2(fd, STDOUT_FILENO);
	if (err && (fd = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600)) >= 0)
		dup2(fd, STDERR_FILENO);
	close(3);
	execvp(argv[0], argv);
	fprintf(stderr, "measure: %s: %m\n", argv[0]);
	_exit(127);
}

/* Wait for all of them; the status is the command's. */
static int watch(pid_t command, long *peak, double *busiest)
{
	struct timespec tick = { 0, TICK_NS };
	int status = 0, result = 0;
	double weigh_again = 0;
	unsigned ticks = 0;
	pid_t ended;

	while ((ended = waitpid(-1, &status, WNOHANG)) >= 0 || errno == EINTR) {
		if (ended == command)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (ended > 0)
			continue;
		if (ticks++ % TICKS_PER_SAMPLE == 0) {
			double began = now();
			bool weighs = began >= weigh_again;
			long pss = look_below(getpid(), weighs, busiest);

			*peak = pss > *peak ? pss : *peak;
			if (weighs)
				weigh_again = now() + WEIGHING_SHARE * (now() - began);
		}
		nanosleep(&tick, NULL);
	}
	return result;
}

int main(int argc, char **argv)
{
	const char *out = NULL, *err = NULL;
	struct rusage used;
	double began, cpu, busiest = 0;
	long peak = 0;
	pid_t command;
	int option, status;

	while ((option = getopt(argc, argv, "+o:e:")) != -1) {
		if (option == 'o')
			out = optarg;
		else if (option == 'e')
			err = optarg;
		else
			return 2;
	}
	if (optind == argc)
		return 2;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	began = now();
	command = fork();
	if (command == 0)
		become(argv + optind, out, err);
	status = watch(command, &peak, &busiest);
	began = now() - began;
	getrusage(RUSAGE_CHILDREN, &used);
	cpu = (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
	      (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	dprintf(fcntl(3, F_GETFD) >= 0 ? 3 : 1, "%.4f %.4f %.4f %ld %d\n", began, cpu, busiest,
		peak, status);
	return 0;
}
