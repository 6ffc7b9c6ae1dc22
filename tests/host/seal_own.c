/*
 * What a worker with a connection of its own can still do: each question is asked in a
 * process that was sealed for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "host/seal.h"

static char top[PATH_MAX];
static struct arena arena;

static const char *path_of(const char *name)
{
	return arena_printf(&arena, "%s/%s", top, name);
}

static void make_file(const char *name)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	fputs("x", f);
	fclose(f);
}

static int begin(void **state)
{
	static const char *const folders[] = { "site",          "site/secrets", "cred", "parts",
					       "parts/plugins", "work",         "other" };
	static const char *const files[] = { "site/site.xml", "site/secrets/a",
					     "cred/a",        "parts/plugins/a.so",
					     "work/a.db",     "other/a",
					     "parts/b" };

	(void)state;
	snprintf(top, sizeof(top), "/tmp/seal-own-XXXXXX");
	assert_non_null(mkdtemp(top));
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		assert_int_equal(mkdir(path_of(folders[i]), 0700), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		make_file(files[i]);
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)!system(arena_printf(&arena, "rm -rf '%s'", top));
	arena_done(&arena);
	return 0;
}

/* 0, or the errno: asked inside. */
static int sealed(int (*ask)(const void *), const void *with)
{
	struct seal_folders f = { 0 };
	int status;
	pid_t pid;

	assert_true(seal_add(&f.hidden, &arena, path_of("site")));
	assert_true(seal_add(&f.hidden, &arena, path_of("cred")));
	assert_true(seal_add(&f.fixed, &arena, path_of("parts/plugins")));
	assert_true(seal_add(&f.written, &arena, path_of("work")));
	assert_true(seal_add(&f.written, &arena, path_of("parts")));
	assert_true(seal_add(&f.written, &arena, path_of("site/secrets"))); /* never obeyed */
	assert_true(seal_add(&f.written, &arena, "/dev/null"));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct cb_error err;

		_exit(seal_but_connection(0, &f, &err) == CB_OK ? ask(with) : 255);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int reads(const void *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? 0 : errno;
}

static int writes(const void *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 ? 0 : errno;
}

static int removes(const void *path)
{
	return unlink(path) == 0 ? 0 : errno;
}

static void what_is_hidden_is_neither_read_nor_written(void **state)
{
	static const char *const hidden[] = { "site/site.xml", "site/secrets/a", "cred/a" };

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
		assert_int_equal(reads(path_of(hidden[i])), 0); /* not sealed, it can */
		assert_int_equal(sealed(reads, path_of(hidden[i])), EACCES);
		assert_int_equal(sealed(writes, path_of(hidden[i])), EACCES);
		assert_int_equal(sealed(removes, path_of(hidden[i])), EACCES);
	}
}

static void a_link_leads_to_nothing_hidden(void **state)
{
	(void)state;
	assert_int_equal(symlink(path_of("cred/a"), path_of("work/link")), 0);
	assert_int_equal(sealed(reads, path_of("work/link")), EACCES);
}

static void all_else_is_read_and_only_what_is_named_is_written(void **state)
{
	(void)state;
	assert_int_equal(sealed(reads, path_of("other/a")), 0);
	assert_int_equal(sealed(writes, path_of("other/a")), EACCES);
	assert_int_equal(sealed(writes, path_of("other/new")), EACCES);
	assert_int_equal(sealed(removes, path_of("other/a")), EACCES);
	assert_int_equal(sealed(writes, path_of("work/a.db")), 0);
	assert_int_equal(sealed(writes, path_of("work/a.db-journal")), 0);
	assert_int_equal(sealed(removes, path_of("work/a.db-journal")), 0);
	assert_int_equal(sealed(writes, "/dev/null"), 0);
	assert_int_equal(sealed(reads, "/etc/passwd"), 0);
	assert_int_equal(sealed(writes, "/etc/passwd"), EACCES);
}

static void parts_of_the_program_stay_as_they_are_in_a_folder_that_is_written(void **state)
{
	(void)state;
	assert_int_equal(sealed(writes, path_of("parts/b")), 0);
	assert_int_equal(sealed(reads, path_of("parts/plugins/a.so")), 0);
	assert_int_equal(sealed(writes, path_of("parts/plugins/a.so")), EACCES);
	assert_int_equal(sealed(writes, path_of("parts/plugins/new.so")), EACCES);
	assert_int_equal(sealed(removes, path_of("parts/plugins/a.so")), EACCES);
}

/* Each is harmless where it is allowed: signal 0, a limit that is only read. */
static int calls(const void *with)
{
	siginfo_t info = { .si_code = SI_QUEUE };
	struct rlimit limit;
	pid_t them = getppid();
	long rc = 0;

	switch (*(const int *)with) {
	case SYS_kill:
		rc = kill(them, 0);
		break;
	case SYS_rt_sigqueueinfo:
		rc = syscall(SYS_rt_sigqueueinfo, them, 0, &info);
		break;
	case SYS_rt_tgsigqueueinfo:
		rc = syscall(SYS_rt_tgsigqueueinfo, them, them, 0, &info);
		break;
	case SYS_pidfd_open:
		rc = syscall(SYS_pidfd_open, them, 0);
		break;
	case SYS_pidfd_send_signal:
		rc = syscall(SYS_pidfd_send_signal, -1, 0, NULL, 0);
		break;
	case SYS_prlimit64:
		rc = syscall(SYS_prlimit64, them, RLIMIT_NOFILE, NULL, &limit);
		break;
	case SYS_prctl:
		rc = prctl(PR_SET_PDEATHSIG, 0);
		break;
	case SYS_getrlimit:
		rc = syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
		break;
	}
	return rc >= 0 ? 0 : errno;
}

static void nobody_else_is_touched(void **state)
{
	static const int denied[] = { SYS_kill,       SYS_rt_sigqueueinfo,   SYS_rt_tgsigqueueinfo,
				      SYS_pidfd_open, SYS_pidfd_send_signal, SYS_prlimit64,
				      SYS_prctl };
	static const int own_limit = SYS_getrlimit;

	(void)state;
	if (SEAL_IS_SANITIZED)
		skip();
	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied); i++) {
		int errno_there = sealed(calls, &denied[i]);

		if (errno_there != EPERM)
			print_error("call %d: %d\n", denied[i], errno_there);
		assert_int_equal(errno_there, EPERM);
	}
	assert_int_equal(sealed(calls, &own_limit), 0);
}

/* The folders of a job. */

static bool names(const struct seal_list *list, const char *path)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], path) == 0)
			return true;
	return false;
}

static void a_job_without_a_site_is_not_run(void **state)
{
	struct cb_task task = { 0 };
	struct seal_folders f = { 0 };
	struct cb_error err;

	(void)state;
	assert_int_equal(own_folders(&task, &f, &err), CB_SETUP);
	task.job.hidden = path_of("nowhere");
	assert_int_equal(own_folders(&task, &f, &err), CB_SETUP);
	arena_done(&task.arena);
}

static void a_job_names_what_is_hidden_fixed_and_written(void **state)
{
	struct worker_setting settings[] = {
		{ "driver", path_of("parts/plugins/a.so") },
		{ "database", path_of("work/a.db") },
		{ "server", "127.0.0.1" },
		{ "none", NULL },
	};
	struct cb_task task = { .settings = settings };
	struct seal_folders f = { 0 };
	struct cb_error err;

	(void)state;
	task.job = (struct worker_job){
		.hidden = path_of("site"),
		.credentials = path_of("cred"),
		.plugins = path_of("parts/plugins"),
		.mappings = path_of("other"),
		.setting_count = sizeof(settings) / sizeof(*settings),
	};
	assert_int_equal(own_folders(&task, &f, &err), CB_OK);
	assert_true(names(&f.hidden, path_of("site")));
	assert_true(names(&f.hidden, path_of("cred")));
	assert_true(names(&f.fixed, path_of("parts/plugins")));
	assert_true(names(&f.fixed, path_of("other")));
	assert_true(names(&f.fixed, "/etc"));
	assert_true(names(&f.written, path_of("work")));
	assert_true(names(&f.written, "/tmp"));
	assert_false(names(&f.written, path_of("parts/plugins")));
	arena_done(&task.arena);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(what_is_hidden_is_neither_read_nor_written),
		TEST(a_link_leads_to_nothing_hidden),
		TEST(all_else_is_read_and_only_what_is_named_is_written),
		TEST(parts_of_the_program_stay_as_they_are_in_a_folder_that_is_written),
		TEST(nobody_else_is_touched),
		TEST(a_job_without_a_site_is_not_run),
		TEST(a_job_names_what_is_hidden_fixed_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
