/*
 * spawn.c - the engine's end of a worker: a page is answered once, when it asks; and one
 * that still writes is ended with what it writes to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/say.h"
#include "host/host.h"
#include "host/spawn.h"

#define MODEL                                                                                      \
	"<model name='m'><entity name='case' label='Case'>"                                        \
	"<field name='number' label='Number' type='text' unique='yes'/></entity></model>"
#define MAPPING                                                                                    \
	"<mapping name='p'><there format='table'/><here type='case'/>"                             \
	"<field here='number' there='n' key='yes' need='yes'/></mapping>"

static struct arena arena;
static const char *folder, *plugins;
static struct cb_error err;

static const char *written(const char *name, const char *text)
{
	const char *path = file_join(&arena, folder, name);

	assert_int_equal(file_write(path, cb_text_of(text), 0600, &err), CB_OK);
	return path;
}

static int begin(void **state)
{
	char self[400], name[] = "/tmp/casebridge-spawn-XXXXXX";
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *tests;

	(void)state;
	say_language(LANGUAGE_EN);
	signal(SIGPIPE, SIG_IGN);
	self[len < 0 ? 0 : len] = '\0';
	tests = strstr(self, "/tests/host/");
	if (!tests || !mkdtemp(name))
		return -1;
	folder = arena_string(&arena, cb_text_of(name));
	strcpy(tests, "/plugins");
	plugins = arena_string(&arena, cb_text_of(self));
	strcpy(tests, "/casebridge");
	setenv("CASEBRIDGE_PROGRAM", self, 1);
	written("m.xml", MODEL);
	written("p.xml", MAPPING);
	return 0;
}

static int end(void **state)
{
	static const char *const names[] = { "m.xml", "p.xml" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(file_join(&arena, folder, names[i]));
	rmdir(folder);
	arena_done(&arena);
	return 0;
}

static struct worker *reads(struct cb_text document)
{
	struct worker_job job = {
		.task = WORK_DOCUMENT,
		.plugins = plugins,
		.model = file_join(&arena, folder, "m.xml"),
		.mapping = file_join(&arena, folder, "p.xml"),
		.bytes = document,
		.key = "a.csv",
		.fd = -1,
	};
	struct worker *worker;

	if (worker_start(&job, NULL, &worker, &err) != CB_OK)
		fail_msg("%s", err.text);
	return worker;
}

/* What it says until it says @kind. */
static struct worker_message says(struct worker *worker, enum worker_kind kind)
{
	struct worker_message m;

	do {
		if (worker_next(worker, &m, &err) != CB_OK)
			fail_msg("it ends: %s", err.text);
	} while (m.kind != kind);
	return m;
}

/* Of a copy of ours: we go on. */
static bool is_our_mistake(struct worker *worker)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		close(STDERR_FILENO); /* it says where, and nobody has to read it */
		signal(SIGABRT, SIG_DFL);
		_exit(worker_commit(worker, &err));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void a_page_is_answered_once_and_when_it_asks(void **state)
{
	struct worker *worker = reads(CB_TEXT("n\n1\n2\n"));

	(void)state;
	says(worker, WORKER_READY);
	assert_true(is_our_mistake(worker));
	says(worker, WORKER_RECORD);
	assert_true(is_our_mistake(worker));
	assert_true(says(worker, WORKER_PAGE).is_last);
	assert_int_equal(worker_commit(worker, &err), CB_OK);
	assert_true(is_our_mistake(worker));
	assert_int_equal(says(worker, WORKER_DONE).error.verdict, CB_OK);
	worker_free(worker);
}

/* Far more than a socket holds: when we go, it stands in the middle of a write. */
static void a_worker_that_still_writes_is_ended(void **state)
{
	struct buffer document = { 0 };
	struct worker *worker;
	pid_t pid;

	(void)state;
	buffer_string(&document, "n\n");
	for (int i = 0; i < 200000; i++)
		buffer_printf(&document, "%d\n", i);
	worker = reads(buffer_view(&document));
	says(worker, WORKER_RECORD);
	pid = worker->pid;
	assert_int_equal(kill(pid, 0), 0);
	worker_free(worker);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and nobody is left to be buried */
	buffer_done(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_answered_once_and_when_it_asks),
		cmocka_unit_test(a_worker_that_still_writes_is_ended),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
