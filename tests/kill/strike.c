/*
 * strike.c - end a program, and everything that it started, at one system call.
 *
 *     strike [--at N] [--count FILE] COMMAND…
 *
 * Runs COMMAND under ptrace with all its children. Each entry into a system call and
 * each return from one is a point; the points are counted from the first fsync or
 * fdatasync of any of them, because what comes before has left nothing behind. At
 * point N all are killed at once (SIGKILL): before the call was made, or after it and
 * before anybody knew. Exit code: 137 if it struck, else the command's own; FILE gets
 * the number of points that were passed.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum { PROCESSES = 256 };

struct strike {
	pid_t first, living[PROCESSES];
	int count;
	long at, points; /* at 0: never */
	bool is_counting, has_struck;
	int code; /* of the first */
};

static void die(const char *what)
{
	fprintf(stderr, "strike: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void start(struct strike *s, char **command)
{
	int status;

	s->first = fork();
	if (s->first < 0)
		die("fork");
	if (s->first == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(command[0], command);
		die(command[0]);
	}
	if (waitpid(s->first, &status, 0) < 0 || !WIFSTOPPED(status))
		die(command[0]);
	if (ptrace(PTRACE_SETOPTIONS, s->first, NULL,
		   PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
			   PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC) != 0)
		die("ptrace");
	s->living[s->count++] = s->first;
	ptrace(PTRACE_SYSCALL, s->first, NULL, NULL);
}

static void came(struct strike *s, pid_t pid)
{
	for (int i = 0; i < s->count; i++)
		if (s->living[i] == pid)
			return;
	if (s->count == PROCESSES)
		die("more processes than expected");
	s->living[s->count++] = pid;
}

static void went(struct strike *s, pid_t pid, int status)
{
	for (int i = 0; i < s->count; i++)
		if (s->living[i] == pid)
			s->living[i--] = s->living[--s->count];
	if (pid == s->first)
		s->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool is_sync(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	return info.entry.nr == SYS_fsync || info.entry.nr == SYS_fdatasync;
}

static void pass_point(struct strike *s, pid_t pid)
{
	s->is_counting = s->is_counting || is_sync(pid);
	if (!s->is_counting || s->has_struck || ++s->points != s->at)
		return;
	s->has_struck = true;
	for (int i = 0; i < s->count; i++)
		kill(s->living[i], SIGKILL);
}

/* Until nobody is left. */
static void watch(struct strike *s)
{
	int status, signal;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid < 0)
			continue;
		if (!WIFSTOPPED(status)) {
			went(s, pid, status);
			continue;
		}
		came(s, pid);
		signal = WSTOPSIG(status);
		if (signal == (SIGTRAP | 0x80))
			pass_point(s, pid);
		/* An event of ours, or the stop that a new child begins with, is not for it. */
		if (signal == (SIGTRAP | 0x80) || status >> 16 || signal == SIGSTOP)
			signal = 0;
		if (s->has_struck)
			kill(pid, SIGKILL); /* also who was born meanwhile */
		else
			ptrace(PTRACE_SYSCALL, pid, NULL, (long)signal);
	}
}

int main(int argc, char **argv)
{
	struct strike s = { .code = 2 };
	const char *path = NULL;
	FILE *file;
	int i = 1;

	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (strcmp(argv[i], "--at") == 0)
			s.at = atol(argv[i + 1]);
		else if (strcmp(argv[i], "--count") == 0)
			path = argv[i + 1];
		else
			break;
	}
	if (i >= argc || strncmp(argv[i], "--", 2) == 0) {
		fprintf(stderr, "use: strike [--at N] [--count FILE] COMMAND...\n");
		return 2;
	}
	start(&s, argv + i);
	watch(&s);
	file = path ? fopen(path, "w") : NULL;
	if (path && (!file || fprintf(file, "%ld\n", s.points) < 0 || fclose(file) != 0))
		die(path);
	return s.has_struck ? 137 : s.code;
}
