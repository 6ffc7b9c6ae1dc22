/*
 * The http connector in a sealed worker, against the simulated grid and
 * provincial platform: what the manifests in mappings/connectors say, carried
 * out over real sockets, on a clock of our own.
 */
#include "net/rig.h"

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
		cmocka_unit_test(checking_logs_in_and_a_wrong_secret_needs_a_person),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
