#include <sqlite3.h>

#include "store/rig.h"

static void write_lines(struct rig *rig, int count)
{
	rig_begin(rig, 1000);
	for (int i = 0; i < count; i++)
		ok(rig, store_audit(rig->store, "王工", "approve", "province-out", i ? NULL : "x",
				    &rig->err));
	rig_commit(rig);
}

static void meddle(struct rig *rig, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void the_chain_goes_on_after_a_restart(void **state)
{
	struct rig *rig = *state;
	int64_t lines;

	write_lines(rig, 2);
	rig_reopen(rig);
	write_lines(rig, 3);
	rig_begin(rig, 1000);
	ok(rig, store_audit(rig->store, "a", "b", "c", "d", &rig->err));
	store_rollback(rig->store);
	write_lines(rig, 1);
	ok(rig, store_audit_check(rig->store, &lines, &rig->err));
	assert_int_equal(lines, 6);
}

static void whatever_is_done_to_it_shows(void **state)
{
	static const char *const cases[] = {
		"UPDATE audit SET who = '李工' WHERE id = 2",
		"UPDATE audit SET at_ms = at_ms + 1 WHERE id = 2",
		"DELETE FROM audit WHERE id = 2",
		"DELETE FROM audit WHERE id = 3",
		"DELETE FROM audit WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3",
		"UPDATE audit SET what = 'approvep', object = 'rovince-out' WHERE id = 2",
	};
	int64_t lines;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig *rig;
		void *own = NULL;

		rig_up(&own);
		rig = own;
		write_lines(rig, 3);
		meddle(rig, cases[i]);
		assert_int_equal(store_audit_check(rig->store, &lines, &rig->err), CB_BROKEN);
		rig_down(&own);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_chain_goes_on_after_a_restart),
		cmocka_unit_test(whatever_is_done_to_it_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
