/*
 * turn.c - whose turn it is, on virtual time: flows with timetables and an
 * export that goes when something is due.
 */
#include "flow/schedule_rig.h"

#include "console/turn.h"

#define MINUTE INT64_C(60000)
#define EIGHT at("2026-11-28T08:00:00+08:00")

static struct schedule_rig rig;
static struct turns turns;

/* Engine off, engine on: what it was before does not matter. */
static void start(int64_t now)
{
	turns_close(&turns);
	fine(&rig, turns_open(&turns, &rig.site, rig.store_rig->store, now, &rig.err));
}

/* Minutes after eight; -1: nobody. */
static int next(int minute, int64_t *look)
{
	struct turn *turn;
	int rc = turns_next(&turns, EIGHT + minute * MINUTE, &turn, look, &rig.err);

	if (rc == CB_END)
		return -1;
	fine(&rig, rc);
	return (int)(turn - turns.at);
}

static void begin(int flow, int minute)
{
	fine(&rig, turn_begin(&turns, &turns.at[flow], EIGHT + minute * MINUTE, &rig.err));
}

static void end(int flow, int minute, const struct flow_report *report)
{
	fine(&rig, turn_end(&turns, &turns.at[flow], report, EIGHT + minute * MINUTE, &rig.err));
}

static const struct flow_report ok = { .verdict = CB_OK }, stopped = { .was_stopped = true },
				failed = { .verdict = CB_AGAIN }, full = { .store_failed = true };

/* "08:10 ok, 08:20 -": what the store has of a flow. */
static int rows(int flow, const char *result)
{
	struct store_slot *slots;
	size_t count;
	int found = 0;

	fine(&rig, store_slots_last(rig.store_rig->store, rig.site.flows[flow].name, 100,
				    &rig.arena, &slots, &count, &rig.err));
	for (size_t i = 0; i < count; i++)
		found += slots[i].result && strcmp(slots[i].result, result) == 0;
	return found;
}

static void the_longest_overdue_is_first(void **state)
{
	int64_t look;

	rig_flow(&rig, "every 10m", NULL);
	rig_flow(&rig, "cron 5 * * * *", NULL);
	start(EIGHT);
	assert_int_equal(next(4, &look), -1);
	assert_int_equal(look, EIGHT + 5 * MINUTE);
	assert_int_equal(next(11, &look), 1);
	assert_int_equal(turns_queue(&turns, NULL, EIGHT + 11 * MINUTE), 2);
	begin(1, 11);
	assert_int_equal(turns_queue(&turns, &turns.at[1], EIGHT + 11 * MINUTE), 1);
	end(1, 11, &ok);
	assert_int_equal(next(11, &look), 0);
}

static void who_gave_way_goes_on_after_the_others_with_its_slot_open(void **state)
{
	int64_t look;

	rig_flow(&rig, "every 10m", NULL);
	rig_flow(&rig, "every 11m", NULL);
	start(EIGHT);
	assert_int_equal(next(12, &look), 0);
	begin(0, 12);
	end(0, 13, &stopped);
	assert_int_equal(rows(0, "ok"), 0);
	assert_int_equal(next(13, &look), 1);
	begin(1, 13);
	end(1, 14, &stopped);
	turns_again(&turns, EIGHT + 14 * MINUTE); /* somebody had the site meanwhile */
	assert_int_equal(next(14, &look), 0);
	begin(0, 14);
	end(0, 15, &ok);
	assert_int_equal(next(15, &look), 1);
	begin(1, 15);
	end(1, 15, &ok);
	assert_int_equal(rows(0, "ok") + rows(1, "ok"), 2);
	assert_int_equal(rows(0, "interrupted") + rows(1, "interrupted"), 0);
}

static void a_run_that_a_crash_cut_short_is_closed_and_made_up_once(void **state)
{
	int64_t look;

	rig_flow(&rig, "cron 0 9 * * *", NULL);
	start(EIGHT);
	assert_int_equal(next(60, &look), 0);
	begin(0, 60);
	start(EIGHT + 70 * MINUTE);
	assert_int_equal(rows(0, "interrupted"), 1);
	assert_int_equal(next(70, &look), 0);
	begin(0, 70);
	end(0, 71, &ok);
	assert_int_equal(rows(0, "ok"), 1);
	assert_int_equal(next(72, &look), -1);
}

static void a_full_disk_is_tried_again_before_the_next_slot(void **state)
{
	int64_t look;

	rig_flow(&rig, "cron 0 9 * * *", NULL);
	start(EIGHT);
	assert_int_equal(next(60, &look), 0);
	begin(0, 60);
	end(0, 60, &full);
	assert_int_equal(next(64, &look), -1);
	assert_int_equal(next(65, &look), 0);
}

static void an_export_without_timetable_pauses_longer_each_time(void **state)
{
	int64_t look;
	int minute = 0;

	rig_flow(&rig, "every 10m", NULL);
	rig.site.flows[0].timetable = NULL;
	rig.site.flows[0].is_export = true;
	start(EIGHT);
	for (int pause = 5; pause <= 20; pause *= 2) {
		assert_int_equal(next(minute, &look), 0);
		begin(0, minute);
		end(0, minute, &failed);
		assert_int_equal(next(minute + pause - 1, &look), -1);
		minute += pause;
	}
	turns_again(&turns, EIGHT + minute * MINUTE - MINUTE); /* somebody mended it */
	assert_int_equal(next(minute - 1, &look), 0);
	begin(0, minute);
	end(0, minute, &ok);
	assert_int_equal(next(minute + 600, &look), -1);
}

static int up(void **state)
{
	void *inner;

	rig_up(&inner);
	rig = (struct schedule_rig){ .store_rig = inner };
	turns = (struct turns){ 0 };
	return 0;
}

static int down(void **state)
{
	void *inner = rig.store_rig;

	turns_close(&turns);
	arena_done(&rig.arena);
	return rig_down(&inner);
}

#define taken(name) cmocka_unit_test_setup_teardown(name, up, down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		taken(the_longest_overdue_is_first),
		taken(who_gave_way_goes_on_after_the_others_with_its_slot_open),
		taken(a_run_that_a_crash_cut_short_is_closed_and_made_up_once),
		taken(a_full_disk_is_tried_again_before_the_next_slot),
		taken(an_export_without_timetable_pauses_longer_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
