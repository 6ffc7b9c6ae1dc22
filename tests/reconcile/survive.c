/*
 * survive.c - what a cluster says: by rule and field, and back again. Searching,
 * linking, splitting and undoing in any order never change a record, and what a
 * cluster says follows from who is in it; a search that is killed leaves nothing
 * half done.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "reconcile/search_rig.h"
#include "record/wire.h"
#include "support/dice.h"

enum { RECORDS = 9, ROUNDS = 150, KILLS = 8 };

static struct survivor speak(struct rig *rig, int64_t record)
{
	struct survivor s;

	ok(rig, search_survivor(rig->store, rig->rules, record, &rig->arena, &s, &rig->err));
	return s;
}

static const char *said(struct rig *rig, const struct row *row, const char *path)
{
	return arena_string(&rig->arena, row->values[rig_slot(rig->cases, cb_text_of(path))]);
}

static struct cb_text bytes_of(struct rig *rig, const struct row *row)
{
	struct buffer out = { 0 };
	struct cb_text bytes;

	wire_row(&out, row);
	bytes = arena_copy(&rig->arena, buffer_view(&out));
	buffer_done(&out);
	return bytes;
}

static struct cb_text own(struct rig *rig, int64_t record)
{
	struct row *row;

	ok(rig, store_get(rig->store, rig->cases, record, &rig->arena, &row, &rig->err));
	return bytes_of(rig, row);
}

static void link_two(struct rig *rig, int64_t a, int64_t b)
{
	struct store_ruling yes = { .record = { a, b }, .is_same = true, .who = "t" };
	int64_t event = 0;

	ok(rig, store_begin(rig->store, rig->now++, &rig->err));
	ok(rig, store_link(rig->store, rig->cases, &yes, &event, &rig->err));
	ok(rig, store_commit(rig->store, &rig->err));
}

static void undo_newest(struct rig *rig)
{
	int64_t event;

	ok(rig, store_begin(rig->store, rig->now++, &rig->err));
	ok(rig, store_undo(rig->store, 0, "t", NULL, &event, &rig->err));
	ok(rig, store_commit(rig->store, &rig->err));
}

static void each_field_has_its_rule(void **state)
{
	struct rig *rig = *state;
	int64_t speaker = rig_put(rig, "number=A;source/system=grid;accepted=2020-03-01;about=漏水;"
				       "place/region=330282102;amount=100;status=open;"
				       "occurred=2020-03-01T08:00:00;party:name=甲");
	int64_t other = rig_put(rig, "number=B;source/system=police;accepted=2020-03-05;"
				     "about=楼上漏水到楼下;place/region=330282103;"
				     "place/address=虞波小区3幢;amount=200;status=closed;"
				     "occurred=2020-02-29T22:00:00;"
				     "party:name=甲;party:phone=13800000000;+party:name=乙");
	struct cb_text before[2] = { own(rig, speaker), own(rig, other) };
	struct survivor s;

	link_two(rig, speaker, other);
	s = speak(rig, speaker);
	assert_string_equal(said(rig, s.row, "number"), "A");             /* its own */
	assert_string_equal(said(rig, s.row, "status"), "open");          /* no rule: its own */
	assert_string_equal(said(rig, s.row, "about"), "楼上漏水到楼下"); /* the longest */
	assert_string_equal(said(rig, s.row, "amount"), "200");           /* the newest */
	assert_string_equal(said(rig, s.row, "occurred"), "2020-02-29T22:00:00"); /* trusted */
	/* Together, from the fullest: never a region of one with an address of another. */
	assert_string_equal(said(rig, s.row, "place/region"), "330282103");
	assert_string_equal(said(rig, s.row, "place/address"), "虞波小区3幢");
	assert_int_equal(s.row->lists[0].count, 2);
	assert_int_equal(s.of_slot[rig_slot(rig->cases, cb_text_of("amount"))], other);
	assert_int_equal(s.of_list[0], other);
	undo_newest(rig);
	assert_true(cb_text_equal(bytes_of(rig, speak(rig, speaker).row), before[0]));
	assert_true(cb_text_equal(bytes_of(rig, speak(rig, other).row), before[1]));
	assert_true(cb_text_equal(own(rig, speaker), before[0]));
}

/* Any order. */

struct snapshot {
	int64_t of[RECORDS];
	struct cb_text says[RECORDS];
};

static struct snapshot look(struct rig *rig, const int64_t *ids)
{
	struct snapshot s;

	for (int i = 0; i < RECORDS; i++) {
		s.of[i] = rig_cluster(rig, ids[i]);
		s.says[i] = bytes_of(rig, speak(rig, ids[i]).row);
	}
	return s;
}

static bool is_same(const struct snapshot *a, const struct snapshot *b)
{
	for (int i = 0; i < RECORDS; i++)
		if (a->of[i] != b->of[i] || !cb_text_equal(a->says[i], b->says[i]))
			return false;
	return true;
}

static void add_records(struct rig *rig, int64_t *ids)
{
	for (int i = 0; i < RECORDS; i++)
		ids[i] = rig_put(rig, arena_printf(&rig->arena,
						   "number=N%d;occurred=2020-03-%02dT08:00:00;"
						   "place/region=33028210%d;amount=%d;"
						   "type=neighbour;about=楼上漏水到楼下%.*s;"
						   "party:name=沈丽娟;party:phone=1380574123%d;"
						   "+party:name=郑海波",
						   i, 1 + i / 3 * 9, i / 3, i * 100, 3 * (i % 5),
						   "赔偿协商未果", i / 3));
}

static int64_t split_one(struct rig *rig, int64_t record)
{
	uint64_t data[RECORDS] = { 0 };
	int64_t event = 0;
	int rc;

	ok(rig, store_begin(rig->store, rig->now++, &rig->err));
	rc = store_split(rig->store, rig->cases, &record, 1, data, "t", NULL, &event, &rig->err);
	if (rc != CB_OK)
		store_rollback(rig->store);
	else
		ok(rig, store_commit(rig->store, &rig->err));
	return rc == CB_OK ? event : 0;
}

static void any_order_gives_back_the_same(void **state)
{
	struct rig *rig = *state;
	int64_t ids[RECORDS];
	struct cb_text before[RECORDS];
	struct snapshot past[ROUNDS + 1];
	int depth = 0;

	dice_seed();
	add_records(rig, ids);
	for (int i = 0; i < RECORDS; i++)
		before[i] = own(rig, ids[i]);
	for (int round = 0; round < ROUNDS; round++) {
		struct snapshot now = look(rig, ids), after;
		int64_t a = ids[dice_roll(RECORDS)], b = ids[dice_roll(RECORDS)];
		bool is_step = true;

		switch (dice_roll(6)) {
		case 0:
		case 1:
			is_step = a != b;
			if (is_step)
				link_two(rig, a, b);
			break;
		case 2:
			is_step = split_one(rig, a) != 0;
			break;
		case 3:
			rig_search(rig);
			is_step = rig->report.event != 0;
			break;
		default:
			is_step = false;
			if (!depth)
				break;
			undo_newest(rig);
			after = look(rig, ids);
			assert_true(is_same(&after, &past[--depth]));
			continue;
		}
		if (is_step)
			past[depth++] = now;
	}
	while (depth) {
		struct snapshot now;

		undo_newest(rig);
		now = look(rig, ids);
		assert_true(is_same(&now, &past[--depth]));
	}
	for (int i = 0; i < RECORDS; i++) {
		assert_int_equal(rig_cluster(rig, ids[i]), 0);
		assert_true(cb_text_equal(own(rig, ids[i]), before[i]));
		assert_true(cb_text_equal(bytes_of(rig, speak(rig, ids[i]).row), before[i]));
	}
}

/* Killed. */

/* Searches, and undoes it, until it is killed. */
static void search_for_ever(struct rig *rig)
{
	for (;;) {
		int64_t event = 0;

		if (store_begin(rig->store, rig->now++, &rig->err) != CB_OK ||
		    search_run(rig->store, rig->rules, SEARCH_LEARN, "t", NULL, &rig->report,
			       &rig->err) != CB_OK ||
		    store_commit(rig->store, &rig->err) != CB_OK)
			_exit(1);
		/* As if nobody had searched: a no would be left by an undo. */
		if (store_begin(rig->store, rig->now++, &rig->err) != CB_OK)
			_exit(1);
		for (int64_t i = 0; i < RECORDS; i++) {
			struct store_group alone = { i + 1, i + 1 };
			const struct store_act act = { "run", "t", NULL };

			if (store_regroup(rig->store, rig->cases, &alone, 1, &act, &event,
					  &rig->err) != CB_OK)
				_exit(1);
		}
		if (store_commit(rig->store, &rig->err) != CB_OK)
			_exit(1);
	}
}

static void killed_there_is_no_half_of_a_search(void **state)
{
	struct rig *rig = *state;
	const char *rounds = getenv("N");
	int64_t ids[RECORDS];
	struct snapshot all, none, now;

	dice_seed();
	add_records(rig, ids);
	none = look(rig, ids);
	rig_search(rig);
	assert_true(rig->report.moved > 2);
	all = look(rig, ids);
	for (int i = 0; i < (rounds ? atoi(rounds) : KILLS); i++) {
		struct timespec nap = { 0, 2000000 + (long)dice_roll(60) * 1000000 };
		pid_t child;
		int status, in = 0;

		store_close(rig->store);
		rig->store = NULL;
		child = fork();
		if (!child) {
			if (store_open(rig->path, STORE_WRITE, rig->model, &rig->store,
				       &rig->err) != CB_OK)
				_exit(1);
			search_for_ever(rig);
		}
		nanosleep(&nap, NULL); /* chance: any moment is a right one */
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		ok(rig, store_open(rig->path, STORE_WRITE, rig->model, &rig->store, &rig->err));
		now = look(rig, ids);
		for (int k = 0; k < RECORDS; k++)
			in += now.of[k] != 0;
		/* All of it, or nothing; and what is said follows. */
		for (int k = 0; k < RECORDS; k++) {
			assert_int_equal(now.of[k] != 0, in && all.of[k] != 0);
			assert_true(cb_text_equal(now.says[k], in ? all.says[k] : none.says[k]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_field_has_its_rule),
		test(any_order_gives_back_the_same),
		test(killed_there_is_no_half_of_a_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
