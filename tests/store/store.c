#include "store/rig.h"

#include "base/hash.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void the_second_writer_hears_who_is_the_first(void **state)
{
	struct rig *rig = *state;
	struct store *second;

	assert_int_equal(store_open(rig->path, STORE_WRITE, rig->model, &second, &rig->err),
			 CB_AGAIN);
	assert_null(second);
	assert_non_null(strstr(rig->err.text, arena_printf(&rig->call, " %ld ", (long)getpid())));
	ok(rig, store_open(rig->path, STORE_READ, rig->model, &second, &rig->err));
	store_close(second);
}

static void nobody_else_can_read_its_files(void **state)
{
	static const char *const files[] = { "casebridge.db", "casebridge.db-wal",
					     "casebridge.lock" };
	struct rig *rig = *state;
	struct stat st;

	rig_put(rig, "k1", rig_row(rig, "A1", "一"));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(stat(rig_file(rig, files[i]), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void a_missing_store_says_how_to_begin(void **state)
{
	struct rig *rig = *state;

	store_close(rig->store);
	rig->store = NULL;
	unlink(rig->path);
	assert_int_equal(rig_try(rig, STORE_WRITE), CB_SETUP);
	assert_non_null(strstr(rig->err.text, "casebridge init"));
}

static void what_is_no_store_is_broken(void **state)
{
	struct rig *rig = *state;
	FILE *file;

	store_close(rig->store);
	rig->store = NULL;
	file = fopen(rig->path, "w");
	for (int i = 0; i < 2000; i++)
		fputs("这不是数据库", file);
	fclose(file);
	assert_int_equal(rig_try(rig, STORE_WRITE), CB_BROKEN);
}

static void a_reader_of_another_model_is_told(void **state)
{
	struct rig *rig = *state;
	struct store *reader;

	rig_model(rig, "<model name='m' label='x'><entity name='case' label='x'>"
		       "<field name='number' label='x' type='text'/></entity></model>");
	assert_int_equal(store_open(rig->path, STORE_READ, rig->model, &reader, &rig->err),
			 CB_SETUP);
}

static void what_is_rolled_back_never_was(void **state)
{
	struct rig *rig = *state;
	struct store_origin origin = { .stream = "new/stream", .key = CB_TEXT("k1") };
	int64_t id, first;
	struct row *row;

	rig_begin(rig, 1000);
	ok(rig, rig_put_as(rig, &origin, rig_row(rig, "A1", "一")));
	first = rig->id;
	store_rollback(rig->store);
	assert_int_equal(store_get(rig->store, rig->cases, first, &rig->call, &row, &rig->err),
			 CB_END);
	rig_begin(rig, 1000);
	ok(rig, rig_put_as(rig, &origin, rig_row(rig, "A1", "一")));
	rig_commit(rig);
	assert_int_equal(rig->result, STORE_NEW);
	id = rig->id;
	assert_int_equal(id, first);
}

static uint64_t content(struct rig *rig)
{
	struct buffer b = { 0 };
	FILE *dump = popen(arena_printf(&rig->call, "sqlite3 -readonly %s .dump", rig->path), "r");
	uint64_t hash;
	int c;

	while ((c = fgetc(dump)) != EOF)
		buffer_char(&b, (char)c);
	pclose(dump);
	assert_true(b.len > 1000);
	hash = hash_bytes(b.at, b.len, 1);
	buffer_done(&b);
	return hash;
}

static void a_dry_run_leaves_the_store_as_it_was(void **state)
{
	struct rig *rig = *state;
	uint64_t before;
	int64_t run;

	rig_put(rig, "k1", rig_row(rig, "A1", "一"));
	before = content(rig);
	store_dry(rig->store, true);
	rig_put(rig, "k1", rig_row(rig, "A1", "二"));
	assert_int_equal(rig->result, STORE_CHANGED);
	rig_put(rig, "k2", rig_row(rig, "A2", "二"));
	assert_int_equal(rig->result, STORE_NEW);
	rig_begin(rig, 2000);
	ok(rig, store_run_begin(rig->store, "f", "import", &run, &rig->err));
	ok(rig, store_audit(rig->store, "w", "x", "y", "z", &rig->err));
	ok(rig, store_cursor_set(rig->store, "grid/events", "c", &rig->err));
	rig_commit(rig);
	assert_true(content(rig) == before);
	store_dry(rig->store, false);
	rig_put(rig, "k2", rig_row(rig, "A2", "二"));
	assert_int_equal(rig->id, 2);
}

static void a_disk_that_takes_no_more_loses_nothing(void **state)
{
	struct rig *rig = *state;
	struct rlimit limit = { 1024 * 1024, RLIM_INFINITY }, before;
	struct store_origin origin = { .stream = "s" };
	struct row *row = rig_row(rig, NULL, "x");
	char *big = arena_zero(&rig->call, 300000);
	int rc = CB_OK;

	memset(big, 'x', 299999);
	row->values[TITLE] = cb_text_of(big);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &limit);
	rig_begin(rig, 1000);
	for (int i = 0; i < 10 && rc == CB_OK; i++) {
		origin.key = cb_text_of(arena_printf(&rig->call, "%d", i));
		rc = rig_put_as(rig, &origin, row);
	}
	if (rc == CB_OK)
		rc = store_commit(rig->store, &rig->err);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_true(rc == CB_AGAIN || rc == CB_SETUP); /* ENOSPC says itself, EFBIG does not */
	store_rollback(rig->store);
	rig_put(rig, "0", row);
	assert_int_equal(rig->result, STORE_NEW);
	assert_int_equal(rig->id, 1);
}

static int see_run(void *with, const struct store_run *run, struct cb_error *err)
{
	(void)err;
	assert_string_equal(run->flow, "grid-in");
	assert_string_equal(run->result, "ok");
	assert_int_equal(run->counts.unchanged, 3);
	assert_int_equal(run->ended_ms, 2000);
	++*(int *)with;
	return CB_OK;
}

static void the_newest_run_of_a_flow_is_shown(void **state)
{
	struct rig *rig = *state;
	struct store_counts counts = { .read = 4, .unchanged = 3, .held = 1 };
	int64_t run;
	int count = 0;

	for (int i = 0; i < 2; i++) {
		rig_begin(rig, 1000);
		ok(rig, store_run_begin(rig->store, "grid-in", "import", &run, &rig->err));
		rig_commit(rig);
	}
	rig_begin(rig, 2000);
	ok(rig, store_run_end(rig->store, run, "ok", NULL, &counts, &rig->err));
	rig_commit(rig);
	ok(rig, store_runs(rig->store, 10, see_run, &count, &rig->err));
	assert_int_equal(count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_second_writer_hears_who_is_the_first),
		test(nobody_else_can_read_its_files),
		test(a_missing_store_says_how_to_begin),
		test(what_is_no_store_is_broken),
		test(a_reader_of_another_model_is_told),
		test(what_is_rolled_back_never_was),
		test(a_dry_run_leaves_the_store_as_it_was),
		test(a_disk_that_takes_no_more_loses_nothing),
		test(the_newest_run_of_a_flow_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
