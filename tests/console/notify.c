/*
 * notify.c - what the service manager hears.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "console/inside.h"

static int listen_at(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "%s", name + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&at,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
			 0);
	return fd;
}

static const char *heard(int fd)
{
	static char text[128];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void the_manager_hears_and_the_watchdog_is_fed_in_time(void **state)
{
	struct notify n = { 0 };
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "@casebridge-test-%ld", (long)getpid());
	fd = listen_at(name);
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "30000000", 1);
	notify_open(&n);
	assert_null(getenv("NOTIFY_SOCKET")); /* no worker shall speak for us */
	notify_say(&n, "READY=1");
	assert_string_equal(heard(fd), "READY=1");
	notify_alive(&n, 100000);
	assert_string_equal(heard(fd), "WATCHDOG=1");
	notify_alive(&n, 109999);
	assert_string_equal(heard(fd), "");
	notify_alive(&n, 110000); /* a third of the time allowed */
	assert_string_equal(heard(fd), "WATCHDOG=1");
	notify_close(&n);
	close(fd);
}

static void without_a_manager_nothing_happens(void **state)
{
	struct notify n = { 0 };

	unsetenv("NOTIFY_SOCKET");
	notify_open(&n);
	notify_say(&n, "READY=1");
	notify_alive(&n, 1000);
	notify_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manager_hears_and_the_watchdog_is_fed_in_time),
		cmocka_unit_test(without_a_manager_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
