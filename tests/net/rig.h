/*
 * rig.h - a connector in a sealed worker beside a simulator, on a clock of our
 * own: started, told to misbehave, its ledger asked.
 */
#ifndef TESTS_NET_RIG_H
#define TESTS_NET_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/say.h"
#include "host/host.h"
#include "net/net.h"

#define NOW INT64_C(1711929600000) /* 2024-04-01T08:00:00+08:00 */

static char out_folder[512], folder[64];

/* A path below build/MODE, where this program stands in tests/net. */
static inline const char *built(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", out_folder, name);
}

static inline void run(const char *program, const char *const *args)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, STDOUT_FILENO);
		execv(program, (char *const *)(uintptr_t)args);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

struct rig {
	struct arena arena;
	const char *sim;
	pid_t pid;
	char base[64], ledger[128], manifest[128];
	int64_t now;
	struct net_seams seams;
	struct net *net;
	struct net_setting settings[4];
	struct net_account account;
	char *cursor;
	/* What the last run came to. */
	struct names keys;
	int records, held, pages;
	struct cb_error err;
};

static inline int64_t rig_now(void *with)
{
	return ((struct rig *)with)->now;
}

static inline void rig_wait(void *with, int64_t ms)
{
	((struct rig *)with)->now += ms;
}

static inline void rig_random(void *with, void *bytes, size_t len)
{
	(void)with;
	memset(bytes, 7, len);
}

static inline int rig_http(void *with, const struct cb_request *request, struct cb_answer *answer,
			   struct cb_error *err)
{
	struct rig *rig = with;

	return net_send(rig->net, &rig->account, request, answer, err);
}

static inline void rig_keep(void *with, const char *name, struct cb_text value, int64_t expires_ms)
{
	net_keep(&((struct rig *)with)->account, name, value, expires_ms);
}

static inline struct cb_text rig_kept(void *with, const char *name)
{
	struct rig *rig = with;

	return net_kept(&rig->account, name, rig->now);
}

/* A simulator is ready when its port stands in a file. */
static inline void start_sim(struct rig *rig, const char *const *options)
{
	const char *port = arena_printf(&rig->arena, "%s/%s.port", folder, rig->sim);
	const char *args[24] = { built(&rig->arena, arena_printf(&rig->arena, "sim/%s", rig->sim)),
				 "--port",
				 "0",
				 "--port-file",
				 port,
				 "--ledger",
				 rig->ledger };
	size_t count = 7;
	FILE *file = NULL;
	int number = 0;

	for (; *options; options++)
		args[count++] = *options;
	unlink(port);
	rig->pid = fork();
	if (rig->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves nothing behind */
		execv(args[0], (char *const *)(uintptr_t)args);
		_exit(127);
	}
	for (int i = 0; i < 1000 && !file; i++) {
		file = fopen(port, "r");
		if (!file)
			usleep(10000);
	}
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &number), 1);
	fclose(file);
	snprintf(rig->base, sizeof(rig->base), "http://127.0.0.1:%d", number);
}

/* Tell the simulator something: a fault, or a setting. */
static inline void tell(struct rig *rig, const char *what, const char *setting)
{
	struct cb_request request = { .method = "POST", .url = "{base}/-/{what}?{setting}" };
	const struct cb_name names[] = { { "setting", cb_text_of(setting), true },
					 { "what", cb_text_of(what), true } };
	struct cb_answer answer;

	request.names = names;
	request.name_count = 2;
	assert_int_equal(net_send(rig->net, &rig->account, &request, &answer, &rig->err), CB_OK);
	assert_int_equal(answer.status, 200);
}

static inline void fault(struct rig *rig, const char *setting)
{
	tell(rig, "fault", setting);
}

static inline void set(struct rig *rig, const char *setting)
{
	tell(rig, "set", setting);
}

static inline int64_t ask_ledger(struct rig *rig, const char *sql)
{
	sqlite3_stmt *ask = NULL;
	sqlite3 *db = NULL;
	int64_t number;

	assert_int_equal(sqlite3_open_v2(rig->ledger, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &ask, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(ask), SQLITE_ROW);
	number = sqlite3_column_int64(ask, 0);
	sqlite3_finalize(ask);
	sqlite3_close(db);
	return number;
}

static inline void write_file(const char *path, const char *text)
{
	struct cb_error err = { 0 };

	assert_int_equal(file_write(path, cb_text_of(text), 0600, &err), CB_OK);
}

/* A ledger of an earlier test, with what stands beside it. */
static inline void remove_ledger(struct rig *rig)
{
	unlink(rig->ledger);
	unlink(arena_printf(&rig->arena, "%s-wal", rig->ledger));
	unlink(arena_printf(&rig->arena, "%s-shm", rig->ledger));
}

static inline struct rig *rig_open(const char *sim, const char *user_name, const char *user,
				   const char *secret_name, const char *secret)
{
	struct rig *rig = memory_take(sizeof(*rig));
	char *path;

	rig->sim = sim;
	rig->now = NOW;
	rig->seams = (struct net_seams){ rig_now, rig_random, rig_wait, rig };
	rig->net = net_new(&rig->seams);
	snprintf(rig->ledger, sizeof(rig->ledger), "%s/%s.db", folder, sim);
	path = arena_printf(&rig->arena, "%s/secret", folder);
	write_file(path, secret);
	rig->settings[0] = (struct net_setting){ "base", rig->base, false, true };
	rig->settings[1] = (struct net_setting){ user_name, user, false, false };
	rig->settings[2] = (struct net_setting){ secret_name, path, true, false };
	rig->account = (struct net_account){ .connection = sim,
					     .name = "one",
					     .settings = rig->settings,
					     .setting_count = 3,
					     .timeout_ms = 5000,
					     .zone = 480 };
	return rig;
}

static inline void rig_close(struct rig *rig)
{
	kill(rig->pid, SIGTERM);
	waitpid(rig->pid, NULL, 0);
	net_account_done(&rig->account);
	net_free(rig->net);
	free(rig->cursor);
	names_done(&rig->keys);
	arena_done(&rig->arena);
	free(rig);
}

static inline struct rig *grid_open(void)
{
	struct rig *rig = rig_open("grid", "user", "cx01", "password", "made-up-grid-password");
	const char *const none[] = { NULL };

	remove_ledger(rig);
	run(built(&rig->arena, "sim/generate"),
	    (const char *const[]){ "generate", "grid", "--events", "500", "--seed", "1", "--until",
				   "2024-03-31", rig->ledger, NULL });
	start_sim(rig, none);
	snprintf(rig->manifest, sizeof(rig->manifest), "mappings/connectors/grid.xml");
	return rig;
}

static inline struct rig *platform_open(void)
{
	struct rig *rig =
		rig_open("platform", "app", "cx-s02", "secret", "made-up-42174a66b567d731");
	char *accounts = arena_printf(&rig->arena, "%s/accounts.tsv", folder);
	const char *const options[] = { "--accounts", accounts, "--slow-ms", "100", NULL };

	remove_ledger(rig);
	run(built(&rig->arena, "sim/generate"),
	    (const char *const[]){ "generate", "studios", accounts, NULL });
	start_sim(rig, options);
	snprintf(rig->manifest, sizeof(rig->manifest), "mappings/connectors/province.xml");
	return rig;
}

static inline struct worker *start(struct rig *rig, enum worker_task task, const char *stream,
				   const char *mapping)
{
	struct worker_setting settings[] = { { "base", rig->base } };
	struct worker_job job = {
		.task = task,
		.plugins = built(&rig->arena, "plugins"),
		.model = "mappings/model/mediation.xml",
		.mapping = mapping,
		.manifest = rig->manifest,
		.stream = stream,
		.settings = settings,
		.setting_count = 1,
		.cursor = rig->cursor,
		.now = rig->now,
		.zone = 480,
		.fd = -1,
	};
	struct worker_services services = {
		.http = rig_http, .now = rig_now, .keep = rig_keep, .kept = rig_kept, .with = rig
	};
	struct worker *worker = NULL;

	if (worker_start(&job, &services, &worker, &rig->err) != CB_OK)
		fail_msg("%s", rig->err.text);
	return worker;
}

static inline void saw(struct rig *rig, const struct worker_message *m)
{
	rig->records += m->kind == WORKER_RECORD;
	rig->held += m->kind == WORKER_HELD;
	if (m->key)
		names_set(&rig->keys, cb_text_of(arena_string(&rig->arena, cb_text_of(m->key))), 1);
}

/* One run of reading, every page committed, or as many as @stop_after; its last verdict. */
static inline int read_mapped(struct rig *rig, const char *mapping, int stop_after)
{
	struct worker *worker = start(rig, WORK_READ, "events", mapping);
	struct worker_message m;
	int rc = CB_OK;

	rig->records = rig->held = rig->pages = 0;
	while (worker_next(worker, &m, &rig->err) == CB_OK && m.kind != WORKER_DONE) {
		if (m.kind == WORKER_RECORD || m.kind == WORKER_HELD)
			saw(rig, &m);
		if (m.kind != WORKER_PAGE || !m.is_last)
			continue;
		rig->pages++;
		if (m.cursor) {
			free(rig->cursor);
			rig->cursor = memory_string(m.cursor);
		}
		assert_int_equal(worker_commit(worker, &rig->err), CB_OK);
		if (rig->pages == stop_after) {
			worker_free(worker);
			return CB_OK;
		}
	}
	rc = m.kind != WORKER_DONE ? CB_BROKEN : m.error.verdict ? (int)m.error.verdict : CB_END;
	if (m.kind == WORKER_DONE)
		rig->err = m.error;
	worker_free(worker);
	return rc;
}

static inline int read_all(struct rig *rig)
{
	return read_mapped(rig, "mappings/grid-event.xml", 0);
}

struct exported {
	struct rig *rig;
	struct worker *worker;
	struct worker_message m;
};

static inline void export_open(struct exported *e, struct rig *rig)
{
	*e = (struct exported){ .rig = rig };
	e->worker = start(rig, WORK_EXPORT, "cases", "mappings/province-case.xml");
}

static inline void next(struct exported *e, enum worker_kind kind)
{
	do
		if (worker_next(e->worker, &e->m, &e->rig->err) != CB_OK)
			fail_msg("%s", e->rig->err.text);
	while (e->m.kind != kind && e->m.kind != WORKER_DONE);
	if (e->m.kind != kind)
		fail_msg("done: %s", e->m.error.text);
}

static inline const struct worker_message *send_batch(struct exported *e, const char *once,
						      const struct cb_item *items, size_t count)
{
	assert_int_equal(worker_write(e->worker, NOW, once, false, items, count, &e->rig->err),
			 CB_OK);
	next(e, WORKER_OUTCOMES);
	assert_int_equal(e->m.item_count, count);
	return &e->m;
}

static inline int prepare(void **state)
{
	char self[400];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *tests;

	(void)state;
	if (len < 0)
		return -1;
	self[len] = '\0';
	tests = strstr(self, "/tests/net/");
	if (!tests)
		return -1;
	*tests = '\0';
	snprintf(out_folder, sizeof(out_folder), "%s", self);
	setenv("CASEBRIDGE_PROGRAM", strcat(self, "/casebridge"), 1);
	snprintf(folder, sizeof(folder), "/tmp/http-test-%d", (int)getpid());
	say_language(LANGUAGE_EN);
	return mkdir(folder, 0700);
}

static inline int clean(void **state)
{
	static const char *const names[] = {
		"grid.db",       "grid.db-wal",     "grid.db-shm", "grid.port",
		"platform.db",   "platform.db-wal", "secret",      "platform.db-shm",
		"platform.port", "accounts.tsv",    "gateway.xml", "gateway-case.xml"
	};
	char path[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

#endif
