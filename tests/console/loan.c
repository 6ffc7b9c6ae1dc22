/*
 * Who may borrow the site's lock: a command, and never a worker, which can reach the socket too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/console.h"
#include "console/inside.h"

/* Whether the next who asked is. */
static bool is_heard(int listening)
{
	long pid = 0;
	int fd;
	enum asker asker = loan_accept(listening, &fd, &pid);

	assert_int_equal(fd >= 0, asker == ASKER_COMMAND);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void a_worker_is_not_heard(void **state)
{
	char folder[] = "/tmp/loan-XXXXXX";
	struct loan loan;
	struct cb_error err;
	int listening, gate[2];
	char byte;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(loans_open(folder, &listening, &err), CB_OK);

	/* Whoever has another parent: this process itself. */
	assert_int_equal(loan_ask(folder, &loan), 0);
	assert_true(is_heard(listening));
	loan_return(&loan);

	/* A child of the engine, which every worker is. */
	assert_int_equal(pipe(gate), 0);
	child = fork();
	if (child == 0) {
		close(gate[1]);
		_exit(loan_ask(folder, &loan) == 0 && read(gate[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(gate[0]);
	assert_int_equal(poll(&(struct pollfd){ .fd = listening, .events = POLLIN }, 1, 10000), 1);
	assert_false(is_heard(listening));
	close(gate[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);

	loans_close(folder, listening);
	rmdir(folder);
}

/* A command that changed something says so by asking and going. What it leaves behind could be in
 * anybody's hands by now. */
static void who_is_gone_gets_nothing(void **state)
{
	char folder[] = "/tmp/loan-XXXXXX";
	struct loan loan;
	struct cb_error err;
	int listening, fd;
	long pid = 0;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(loans_open(folder, &listening, &err), CB_OK);
	child = fork();
	if (child == 0)
		_exit(loan_ask(folder, &loan));
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(loan_accept(listening, &fd, &pid), ASKER_GONE);
	assert_int_equal(fd, -1);
	loans_close(folder, listening);
	rmdir(folder);
}

/* A grandchild whose parent is a process of the same program, but not the engine: the worker of
 * a command that has the site now. */
static void nor_is_the_worker_of_a_command(void **state)
{
	int told[2], gate[2];
	pid_t command, worker = 0;
	char byte;

	(void)state;
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(gate), 0);
	command = fork();
	if (command == 0) {
		close(gate[1]);
		worker = fork();
		if (worker == 0)
			_exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
		if (write(told[1], &worker, sizeof(worker)) != sizeof(worker))
			_exit(1);
		_exit(waitpid(worker, NULL, 0) == worker ? 0 : 1);
	}
	assert_int_equal(read(told[0], &worker, sizeof(worker)), sizeof(worker));
	assert_int_equal(loan_asker(worker), ASKER_WORKER);
	assert_int_equal(loan_asker(getpid()), ASKER_COMMAND);
	assert_int_equal(loan_asker(0), ASKER_COMMAND); /* from outside of our container */
	close(gate[0]);
	close(gate[1]);
	assert_int_equal(waitpid(command, NULL, 0), command);
	assert_int_equal(loan_asker(worker), ASKER_GONE);
	close(told[0]);
	close(told[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_is_not_heard),
		cmocka_unit_test(who_is_gone_gets_nothing),
		cmocka_unit_test(nor_is_the_worker_of_a_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
