/*
 * The http connector in a sealed worker, against the simulated grid and
 * provincial platform: what the manifests in mappings/connectors say, carried
 * out over real sockets, on a clock of our own.
 */
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
static const char *built(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", out_folder, name);
}

static void run(const char *program, const char *const *args)
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

static int64_t rig_now(void *with)
{
	return ((struct rig *)with)->now;
}

static void rig_wait(void *with, int64_t ms)
{
	((struct rig *)with)->now += ms;
}

static void rig_random(void *with, void *bytes, size_t len)
{
	(void)with;
	memset(bytes, 7, len);
}

static int rig_http(void *with, const struct cb_request *request, struct cb_answer *answer,
		    struct cb_error *err)
{
	struct rig *rig = with;

	return net_send(rig->net, &rig->account, request, answer, err);
}

static void rig_keep(void *with, const char *name, struct cb_text value, int64_t expires_ms)
{
	net_keep(&((struct rig *)with)->account, name, value, expires_ms);
}

static struct cb_text rig_kept(void *with, const char *name)
{
	struct rig *rig = with;

	return net_kept(&rig->account, name, rig->now);
}

/* A simulator is ready when its port stands in a file. */
static void start_sim(struct rig *rig, const char *const *options)
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
static void tell(struct rig *rig, const char *what, const char *setting)
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

static void fault(struct rig *rig, const char *setting)
{
	tell(rig, "fault", setting);
}

static void set(struct rig *rig, const char *setting)
{
	tell(rig, "set", setting);
}

static int64_t ask_ledger(struct rig *rig, const char *sql)
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

static void write_file(const char *path, const char *text)
{
	struct cb_error err = { 0 };

	assert_int_equal(file_write(path, cb_text_of(text), 0600, &err), CB_OK);
}

/* A ledger of an earlier test, with what stands beside it. */
static void remove_ledger(struct rig *rig)
{
	unlink(rig->ledger);
	unlink(arena_printf(&rig->arena, "%s-wal", rig->ledger));
	unlink(arena_printf(&rig->arena, "%s-shm", rig->ledger));
}

static struct rig *rig_open(const char *sim, const char *user_name, const char *user,
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

static void rig_close(struct rig *rig)
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

static struct rig *grid_open(void)
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

static struct rig *platform_open(void)
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

static struct worker *start(struct rig *rig, enum worker_task task, const char *stream,
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

static void saw(struct rig *rig, const struct worker_message *m)
{
	rig->records += m->kind == WORKER_RECORD;
	rig->held += m->kind == WORKER_HELD;
	if (m->key)
		names_set(&rig->keys, cb_text_of(arena_string(&rig->arena, cb_text_of(m->key))), 1);
}

/* One run of reading, every page committed, or as many as @stop_after; its last verdict. */
static int read_mapped(struct rig *rig, const char *mapping, int stop_after)
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

static int read_all(struct rig *rig)
{
	return read_mapped(rig, "mappings/grid-event.xml", 0);
}

static void every_event_is_read_once_window_by_window(void **state)
{
	struct rig *rig = grid_open();
	int64_t events = ask_ledger(rig, "SELECT count(*) FROM event");
	int first;

	(void)state;
	if (read_all(rig) != CB_END)
		fail_msg("%s", rig->err.text);
	first = rig->records + rig->held;
	/* 30 days back; ten minutes of each day are asked twice. */
	assert_true(first >= events && first < events + 40);
	assert_true(rig->pages >= 30);
	assert_int_equal(ask_ledger(rig, "SELECT count(*) FROM request WHERE status <> 200"), 0);
	/* The last full window's end: the one after it, five hours until now, was empty. */
	assert_string_equal(rig->cursor, "from=1711911600000;");
	/* Nothing new: one request, and no document. */
	assert_int_equal(read_all(rig), CB_END);
	assert_int_equal(rig->pages, 0);
	rig_close(rig);
}

/* Twenty nights nobody ran it: the next run reads them day by day, from where it stood. */
static void missed_nights_are_made_up(void **state)
{
	struct rig *rig = grid_open();
	int64_t wanted = ask_ledger(
		rig, "SELECT count(DISTINCT id) FROM event WHERE gxsj >= '20240311000000'");

	(void)state;
	rig->cursor = memory_string("from=1710086400000;"); /* 2024-03-11T00:00:00+08:00 */
	if (read_all(rig) != CB_END)
		fail_msg("%s", rig->err.text);
	assert_true(wanted > 0);
	assert_true(rig->pages >= 20);
	/* The overlap reaches back before the eleventh: not one less, and few more. */
	assert_in_range(rig->keys.count, wanted, wanted + 3);
	rig_close(rig);
}

static void a_reading_that_broke_off_goes_on_where_it_was(void **state)
{
	static const struct {
		const char *fault;
		int verdict;
		const char *says;
	} cases[] = {
		{ "503=x1", CB_AGAIN, "503" },
		{ "429=x1", CB_LIMIT, "429" },
		{ "html=x1", CB_AGAIN, "a page for people" },
		{ "truncate=x1", CB_AGAIN, "cut" },
		{ "gbk=x1", CB_AGAIN, "cannot be read" },
		/* A reading on a kept connection is repeated once by the library, and may be. */
		{ "drop=x2", CB_AGAIN, "without an answer" },
		{ "refuse=x2", CB_AGAIN, "" },
		{ "500-after=x1", CB_AGAIN, "500" },
		{ "wrong-code=x1", CB_AGAIN, "does not know this answer" },
	};
	struct rig *rig = grid_open();
	int64_t keys = ask_ledger(rig, "SELECT count(DISTINCT id) FROM event");
	size_t runs = 0;

	(void)state;
	for (; runs < sizeof(cases) / sizeof(*cases); runs++) {
		int verdict;

		/* Three more days to read, and the fault strikes at once. */
		rig->now = NOW - (int64_t)(27 - 3 * (int64_t)runs) * 86400000;
		fault(rig, cases[runs].fault);
		verdict = read_all(rig);
		if (verdict != cases[runs].verdict || !strstr(rig->err.text, cases[runs].says))
			fail_msg("%s: %s: %s", cases[runs].fault,
				 cb_verdict_word((enum cb_verdict)verdict), rig->err.text);
		if (verdict == CB_LIMIT)
			assert_int_equal(rig->err.wait_ms, 2000);
		fault(rig, arena_printf(&rig->arena, "%.*s=0", (int)strcspn(cases[runs].fault, "="),
					cases[runs].fault));
		assert_int_equal(read_all(rig), CB_END);
	}
	rig->now = NOW;
	assert_int_equal(read_all(rig), CB_END);
	assert_int_equal(rig->keys.count, keys);
	rig_close(rig);
}

#define CASE(number, name)                                                                         \
	"{\"ajbh\":\"" number "\",\"jfmc\":\"" name                                                \
	"\",\"jflx\":\"02\",\"slrq\":\"2024-03-18\",\"tjgzs\":\"S02\",\"ajzt\":\"1\","             \
	"\"dsr\":[{\"dsrdw\":\"1\",\"xmmc\":\"甲\"},{\"dsrdw\":\"2\",\"xmmc\":\"乙\"}]}"

struct exported {
	struct rig *rig;
	struct worker *worker;
	struct worker_message m;
};

static void export_open(struct exported *e, struct rig *rig)
{
	*e = (struct exported){ .rig = rig };
	e->worker = start(rig, WORK_EXPORT, "cases", "mappings/province-case.xml");
}

static void next(struct exported *e, enum worker_kind kind)
{
	do
		if (worker_next(e->worker, &e->m, &e->rig->err) != CB_OK)
			fail_msg("%s", e->rig->err.text);
	while (e->m.kind != kind && e->m.kind != WORKER_DONE);
	if (e->m.kind != kind)
		fail_msg("done: %s", e->m.error.text);
}

static const struct worker_message *send_batch(struct exported *e, const char *once,
					       const struct cb_item *items, size_t count)
{
	assert_int_equal(worker_write(e->worker, NOW, once, false, items, count, &e->rig->err),
			 CB_OK);
	next(e, WORKER_OUTCOMES);
	assert_int_equal(e->m.item_count, count);
	return &e->m;
}

static bool is_held(struct exported *e, const char *key)
{
	assert_int_equal(worker_find(e->worker, NOW, cb_text_of(key), (struct cb_text){ 0 },
				     (struct cb_text){ 0 }, &e->rig->err),
			 CB_OK);
	next(e, WORKER_FOUND);
	if (e->m.error.verdict)
		fail_msg("%s", e->m.error.text);
	return e->m.found.is_held;
}

static void every_record_of_a_batch_has_its_own_answer(void **state)
{
	const struct cb_item items[] = {
		{ .key = CB_TEXT("A1"), .body = CB_TEXT(CASE("A1", "一")) },
		{ .key = CB_TEXT("A2"), .body = CB_TEXT(CASE("A2", "")) },
		{ .key = CB_TEXT("A3"), .body = CB_TEXT(CASE("A3", "三")) },
	};
	const struct worker_message *m;
	struct rig *rig = platform_open();
	struct exported e;

	(void)state;
	export_open(&e, rig);
	m = send_batch(&e, "o1", items, 3);
	assert_int_equal(m->items[0].verdict, CB_OK);
	assert_true(cb_text_is(m->items[0].receipt, "PT0000000001"));
	assert_int_equal(m->items[1].verdict, CB_REFUSED);
	assert_true(cb_text_is(m->items[1].field, "jfmc"));
	assert_true(m->items[1].say.len > 0);
	assert_int_equal(m->items[2].verdict, CB_OK);
	/* The same again under another key: they have it, with the old receipt. */
	m = send_batch(&e, "o2", items, 1);
	assert_int_equal(m->items[0].verdict, CB_OK);
	assert_true(cb_text_is(m->items[0].receipt, "PT0000000001"));
	assert_true(is_held(&e, "A1"));
	assert_false(is_held(&e, "A2"));
	/* One login for all of it. */
	assert_int_equal(
		ask_ledger(rig, "SELECT count(*) FROM request WHERE path = '/oauth/token'"), 1);
	worker_free(e.worker);
	rig_close(rig);
}

static void what_is_not_surely_unsent_is_in_doubt(void **state)
{
	static const struct {
		const char *fault;
		enum cb_verdict verdict;
		bool is_there;
	} cases[] = {
		{ "drop=x1@/rmtj/case/batch", CB_DOUBT, true },
		{ "500-after=x1@/rmtj/case/batch", CB_DOUBT, true },
		{ "truncate=x1@/rmtj/case/batch", CB_DOUBT, true },
		{ "gbk=x1@/rmtj/case/batch", CB_DOUBT, true },
		{ "html=x1@/rmtj/case/batch", CB_DOUBT, false },
		{ "wrong-code=x1@/rmtj/case/batch", CB_DOUBT, false },
		{ "refuse=x1@/rmtj/case/batch", CB_DOUBT, false },
		{ "late=x1@/rmtj/case/batch", CB_DOUBT, false },
		{ "503=x1@/rmtj/case/batch", CB_DOUBT, false },
		{ "503-after=x1@/rmtj/case/batch", CB_DOUBT, true },
		{ "429=x1@/rmtj/case/batch", CB_LIMIT, false },
		{ "expire=x1@/rmtj/case/batch", CB_LOGIN, false },
	};
	struct rig *rig = platform_open();
	struct exported e;

	(void)state;
	export_open(&e, rig);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *key = arena_printf(&rig->arena, "D%zu", i);
		const char *body = arena_printf(&rig->arena, CASE("%s", "一"), key);
		const struct cb_item item = { .key = cb_text_of(key), .body = cb_text_of(body) };
		const struct worker_message *m;

		fault(rig, cases[i].fault);
		m = send_batch(&e, key, &item, 1);
		if (m->items[0].verdict != cases[i].verdict)
			fail_msg("%s: %s: %s", cases[i].fault, cb_verdict_word(m->items[0].verdict),
				 m->error.text);
		if (is_held(&e, key) != cases[i].is_there)
			fail_msg("%s: %d", cases[i].fault, !cases[i].is_there);
	}
	/* The first, and the one after the session was over. */
	assert_int_equal(
		ask_ledger(rig, "SELECT count(*) FROM request WHERE path = '/oauth/token'"), 2);
	worker_free(e.worker);
	rig_close(rig);
}

static struct rig *gateway_open(const char *manifest)
{
	struct rig *rig = platform_open();
	const char *mapping = arena_printf(&rig->arena, "%s/gateway-case.xml", folder);

	snprintf(rig->manifest, sizeof(rig->manifest), "%s/gateway.xml", folder);
	write_file(mapping, "<mapping name='g'><there format='json'/><here type='case'/>"
			    "<field here='number' there='id' key='yes' need='yes'/>"
			    "<field here='title' there='title' need='yes'/></mapping>");
	write_file(
		rig->manifest,
		arena_printf(&rig->arena,
			     "<connector name='gateway' by='http'>"
			     "<setting name='base' type='url' need='yes'/>"
			     "<answers><answer when=\"status=200 and success='true'\" is='ok'/>"
			     "<answer when=\"success='false'\" is='refused' say='msg'/></answers>"
			     "<stream name='events' mapping='gateway-case.xml'>%s</stream>"
			     "</connector>",
			     manifest));
	return rig;
}

static int read_gateway(struct rig *rig, int stop_after)
{
	return read_mapped(rig, arena_printf(&rig->arena, "%s/gateway-case.xml", folder),
			   stop_after);
}

static void each_row_of_a_list_is_asked_for_by_its_key(void **state)
{
	struct rig *rig =
		gateway_open("<read method='POST' url='{base}/gateway/page' "
			     "records='data/rows'>"
			     "<page by='number' first='1' into='page'/>"
			     "<detail method='POST' url='{base}/gateway/detail' key='id' "
			     "record='data'><form name='id' value='{key}'/></detail></read>");

	(void)state;
	/* It ends inside the second page, and begins that page again: none is lost. */
	assert_int_equal(read_gateway(rig, 3), CB_OK);
	assert_string_equal(rig->cursor, "page=2;");
	if (read_gateway(rig, 0) != CB_END)
		fail_msg("%s", rig->err.text);
	assert_int_equal(rig->keys.count, 5);
	assert_int_equal(rig->records, 3);
	assert_int_equal(rig->held, 0);
	/* Nothing but what was asked: three pages and the empty one, each record once, G3 twice. */
	assert_int_equal(
		ask_ledger(rig, "SELECT count(*) FROM request WHERE path = '/gateway/detail'"), 6);
	rig_close(rig);
}

static void a_row_without_its_key_is_not_passed_over(void **state)
{
	struct rig *rig =
		gateway_open("<read method='POST' url='{base}/gateway/page' "
			     "records='data/rows'>"
			     "<page by='number' first='1' into='page'/>"
			     "<detail method='POST' url='{base}/gateway/detail' key='no' "
			     "record='data'><form name='id' value='{key}'/></detail></read>");

	(void)state;
	assert_int_equal(read_gateway(rig, 0), CB_BROKEN);
	assert_non_null(strstr(rig->err.text, "row 1 does not say what <detail key> names"));
	assert_int_equal(rig->records, 0);
	rig_close(rig);
}

static void a_document_inside_a_text_is_read(void **state)
{
	static const struct {
		const char *as, *asked;
		int records;
	} cases[] = {
		{ "json", "json", 2 },    { "json", "array", 2 }, { "base64", "base64", 1 },
		{ "json", "nothing", 0 }, { "xml", "xml", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char read[256];
		struct rig *rig;

		snprintf(read, sizeof(read),
			 "<read method='GET' url='{base}/gateway/wrapped' records='datas' as='%s'>"
			 "<param name='as' value='%s'/></read>",
			 cases[i].as, cases[i].asked);
		rig = gateway_open(read);
		if (strcmp(cases[i].as, "xml") == 0)
			write_file(arena_printf(&rig->arena, "%s/gateway-case.xml", folder),
				   "<mapping name='g'><there format='xml' root='row'/>"
				   "<here type='case'/><field here='number' there='id' key='yes'/>"
				   "<field here='title' there='title' need='yes'/></mapping>");
		if (read_gateway(rig, 0) != CB_END)
			fail_msg("%s of %s: %s", cases[i].as, cases[i].asked, rig->err.text);
		if (rig->records != cases[i].records || rig->held)
			fail_msg("%s of %s: %d records, %d held", cases[i].as, cases[i].asked,
				 rig->records, rig->held);
		rig_close(rig);
	}
}

static void what_is_no_base64_is_told(void **state)
{
	struct rig *rig = gateway_open("<read method='GET' url='{base}/gateway/wrapped' "
				       "records='datas' as='base64'><param name='as' "
				       "value='broken'/></read>");

	(void)state;
	assert_int_equal(read_gateway(rig, 0), CB_BROKEN);
	assert_non_null(strstr(rig->err.text, "row 1 is no Base64"));
	rig_close(rig);
}

static void a_record_goes_out_as_a_part_with_a_file_name(void **state)
{
	const struct cb_item item = { .key = CB_TEXT("K1"),
				      .body = CB_TEXT("{\"id\":\"K1\",\"title\":\"一\"}") };
	struct rig *rig = gateway_open(
		"<write method='POST' url='{base}/gateway/upload' batch='1' repeat='unsafe'>"
		"<part name='kind' value='case'/>"
		"<part name='file' file='case &quot;1&quot;.json' type='application/json' "
		"value='{records}'/>"
		"<answers><answer when=\"success='true' and name='case %221%22.json' and "
		"type='application/json'\" is='ok' receipt='log'/></answers></write>");
	struct exported e = { .rig = rig };
	const struct worker_message *m;

	(void)state;
	e.worker = start(rig, WORK_EXPORT, "events",
			 arena_printf(&rig->arena, "%s/gateway-case.xml", folder));
	m = send_batch(&e, "o1", &item, 1);
	if (m->items[0].verdict != CB_OK)
		fail_msg("%.*s %s", CB_TEXT_ARG(m->items[0].say), m->error.text);
	assert_true(cb_text_is(m->items[0].receipt, "25"));
	worker_free(e.worker);
	rig_close(rig);
}

static int check(struct rig *rig)
{
	struct worker *worker = start(rig, WORK_CHECK, NULL, NULL);
	struct worker_message m;

	do
		assert_int_equal(worker_next(worker, &m, &rig->err), CB_OK);
	while (m.kind != WORKER_DONE);
	rig->err = m.error;
	worker_free(worker);
	return (int)m.error.verdict;
}

static void checking_logs_in_and_a_wrong_secret_needs_a_person(void **state)
{
	struct rig *rig = platform_open();

	(void)state;
	if (check(rig) != CB_OK && rig->err.verdict != CB_END)
		fail_msg("%s", rig->err.text);
	write_file(rig->settings[2].value, "not-the-secret-at-all");
	assert_int_equal(check(rig), CB_SETUP);
	assert_non_null(strstr(rig->err.text, "login"));
	assert_null(strstr(rig->err.text, "not-the-secret"));
	rig_close(rig);
}

static int prepare(void **state)
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

static int clean(void **state)
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

/* A list or receipts, read to the end: what is told of each record. */
struct told {
	struct rig *rig;
	char *cursor;
	int64_t from, to;
	const char *reads;
	size_t ok, refused, doubt, receipts, records;
};

static void listen(struct told *t)
{
	struct worker_setting settings[] = { { "base", t->rig->base } };
	struct worker_job job = { .task = WORK_READ,
				  .plugins = built(&t->rig->arena, "plugins"),
				  .model = "mappings/model/mediation.xml",
				  .mapping = "mappings/province-case.xml",
				  .manifest = t->rig->manifest,
				  .stream = "cases",
				  .reads = t->reads,
				  .from = t->from,
				  .to = t->to,
				  .settings = settings,
				  .setting_count = 1,
				  .cursor = t->cursor,
				  .now = t->rig->now,
				  .zone = 480,
				  .fd = -1 };
	struct worker_services services = {
		.http = rig_http, .now = rig_now, .keep = rig_keep, .kept = rig_kept, .with = t->rig
	};
	struct worker_message m;
	struct worker *worker;

	t->ok = t->refused = t->doubt = t->receipts = t->records = 0;
	assert_int_equal(worker_start(&job, &services, &worker, &t->rig->err), CB_OK);
	while (worker_next(worker, &m, &t->rig->err) == CB_OK && m.kind != WORKER_DONE) {
		for (size_t i = 0; m.kind == WORKER_OUTCOMES && i < m.item_count; i++) {
			assert_true(m.items[i].key.len > 0);
			t->ok += m.items[i].verdict == CB_OK;
			t->refused += m.items[i].verdict == CB_REFUSED;
			t->doubt += m.items[i].verdict == CB_DOUBT;
			t->receipts += m.items[i].receipt.len > 0;
		}
		t->records += m.kind == WORKER_RECORD;
		if (m.kind != WORKER_PAGE || !m.is_last)
			continue;
		if (m.cursor) {
			free(t->cursor);
			t->cursor = memory_string(m.cursor);
		}
		assert_int_equal(worker_commit(worker, &t->rig->err), CB_OK);
	}
	if (m.kind != WORKER_DONE || m.error.verdict)
		fail_msg("%s", m.kind == WORKER_DONE ? m.error.text : t->rig->err.text);
	worker_free(worker);
}

/* 105 cases, numbered 000 to 104, a minute apart from each other by the hundred. */
static void store_cases(struct rig *rig, const char *ends)
{
	struct exported e;
	int64_t at = NOW;

	export_open(&e, rig);
	for (int batch = 0; batch < 3; batch++, at += 3600000) {
		struct cb_item items[35] = { 0 };

		rig->now = at;
		set(rig, arena_printf(&rig->arena, "now=%lld", (long long)at));
		for (int i = 0; i < 35; i++) {
			const char *number = arena_printf(&rig->arena, "L%03d%s", batch * 35 + i,
							  i % 7 ? "" : ends);

			items[i].key = cb_text_of(number);
			items[i].body = cb_text_of(arena_printf(
				&rig->arena,
				"{\"ajbh\":\"%s\",\"jfmc\":\"甲与乙纠纷\",\"jflx\":\"02\","
				"\"slrq\":\"2024-03-18\",\"tjgzs\":\"S02\",\"ajzt\":\"1\",\"sjly\":"
				"\"CASEBRIDGE\","
				"\"dsr\":[{\"dsrdw\":\"1\",\"xmmc\":\"甲\"},{\"dsrdw\":\"2\","
				"\"xmmc\":\"乙\"}]}",
				number));
		}
		send_batch(&e, arena_printf(&rig->arena, "list-%d", batch), items, 35);
		for (size_t i = 0; i < 35; i++)
			if (e.m.items[i].verdict != CB_OK)
				fail_msg("%.*s; %s", CB_TEXT_ARG(e.m.items[i].say), e.m.error.text);
	}
	worker_free(e.worker);
	rig->now = at;
	set(rig, arena_printf(&rig->arena, "now=%lld", (long long)at));
}

static void a_list_tells_all_that_they_hold_in_a_window(void **state)
{
	struct rig *rig = platform_open();
	struct told t = { .rig = rig, .reads = "list" };

	(void)state;
	store_cases(rig, "");
	listen(&t); /* without a window: the last 30 days, page by page */
	assert_int_equal(t.ok, 105);
	assert_int_equal(t.receipts, 105);
	assert_int_equal(t.records, 105);
	t.from = NOW + 1800000;
	t.to = NOW + 5400000;
	listen(&t);
	assert_int_equal(t.ok, 35);
	free(t.cursor);
	rig_close(rig);
}

static void receipts_come_later_and_each_one_once(void **state)
{
	struct rig *rig = platform_open();
	struct told t = { .rig = rig, .reads = "receipts" };

	(void)state;
	set(rig, "review-s=7200");
	set(rig, "review-refuses=X9");
	store_cases(rig, "X9");
	/* The first two batches are two hours old by now. */
	listen(&t);
	assert_int_equal(t.ok, 60);
	assert_int_equal(t.refused, 10);
	assert_int_equal(t.receipts, 60);
	assert_int_equal(t.doubt + t.records, 0);
	listen(&t);
	assert_int_equal(t.ok + t.refused, 0);
	rig->now += 3600000;
	set(rig, arena_printf(&rig->arena, "now=%lld", (long long)rig->now));
	listen(&t);
	assert_int_equal(t.ok, 30);
	assert_int_equal(t.refused, 5);
	free(t.cursor);
	rig_close(rig);
}

static void what_is_committed_is_settled_there_record_by_record(void **state)
{
	struct rig *rig = grid_open();
	struct buffer manifest = { 0 };
	struct cb_error err = { 0 };
	char *copy = arena_printf(&rig->arena, "%s/taking.xml", folder), *at;

	(void)state;
	assert_int_equal(file_read(rig->manifest, 1 << 20, &manifest, &err), CB_OK);
	at = strstr(buffer_cstr(&manifest), "<count ");
	assert_non_null(at);
	write_file(copy, arena_printf(&rig->arena,
				      "%.*s<settle method=\"POST\" url=\"{base}/event/taken.xml\" "
				      "key=\"ID\"><form name=\"SJID\" value=\"{key}\"/>"
				      "</settle>%s",
				      (int)(at - manifest.at), manifest.at, at));
	buffer_done(&manifest);
	snprintf(rig->manifest, sizeof(rig->manifest), "%s", copy);
	if (read_all(rig) != CB_END)
		fail_msg("%s", rig->err.text);
	assert_int_equal(ask_ledger(rig, "SELECT count(*) FROM taken"),
			 ask_ledger(rig, "SELECT count(*) FROM event"));
	unlink(copy);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_is_read_once_window_by_window),
		cmocka_unit_test(missed_nights_are_made_up),
		cmocka_unit_test(a_reading_that_broke_off_goes_on_where_it_was),
		cmocka_unit_test(every_record_of_a_batch_has_its_own_answer),
		cmocka_unit_test(what_is_not_surely_unsent_is_in_doubt),
		cmocka_unit_test(a_list_tells_all_that_they_hold_in_a_window),
		cmocka_unit_test(receipts_come_later_and_each_one_once),
		cmocka_unit_test(what_is_committed_is_settled_there_record_by_record),
		cmocka_unit_test(each_row_of_a_list_is_asked_for_by_its_key),
		cmocka_unit_test(a_row_without_its_key_is_not_passed_over),
		cmocka_unit_test(a_document_inside_a_text_is_read),
		cmocka_unit_test(what_is_no_base64_is_told),
		cmocka_unit_test(a_record_goes_out_as_a_part_with_a_file_name),
		cmocka_unit_test(checking_logs_in_and_a_wrong_secret_needs_a_person),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
