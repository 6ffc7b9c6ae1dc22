/*
 * schedule.c - what becomes of a slot: on time, late, missed, interrupted,
 * failed, and on a clock that is moved.
 */
#include "flow/schedule_rig.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static int schedule_up(void **state)
{
	struct schedule_rig *rig = memory_take(sizeof(*rig));
	void *inner;

	rig_up(&inner);
	rig->store_rig = inner;
	*state = rig;
	return 0;
}

static int schedule_down(void **state)
{
	struct schedule_rig *rig = *state;
	void *inner = rig->store_rig;

	schedule_close(rig->schedule);
	arena_done(&rig->arena);
	free(rig);
	return rig_down(&inner);
}

/* All rows of the first flow: "28T20:30 ok, 29T20:30 -". */
static const char *rows(struct schedule_rig *rig)
{
	struct buffer out = { 0 };
	struct store_slot *slots;
	size_t count;
	const char *said;

	fine(rig, store_slots_ahead(rig->store_rig->store, "flow-0", INT64_MIN, &rig->arena, &slots,
				    &count, &rig->err));
	for (size_t i = 0; i < count; i++) {
		char text[CALENDAR_TEXT];

		calendar_iso(slots[i].slot_ms, CHINA, text);
		buffer_printf(&out, "%s%.8s", i ? ", " : "", text + 8);
		if (slots[i].number > 0)
			buffer_printf(&out, "#%lld", (long long)slots[i].number);
		if (slots[i].count > 1)
			buffer_printf(&out, "x%lld", (long long)slots[i].count);
		buffer_printf(&out, " %s",
			      slots[i].result       ? slots[i].result
			      : slots[i].started_ms ? "running"
						    : "-");
	}
	said = arena_string(&rig->arena, buffer_view(&out));
	buffer_done(&out);
	return said;
}

#define rows_are(rig, text) assert_string_equal(rows(rig), text)

static bool look(struct schedule_rig *rig, int64_t now, struct schedule_slot *slot)
{
	int rc;

	fine(rig, schedule_plan(rig->schedule, now, &rig->err));
	rc = schedule_next(rig->schedule, now, slot, &rig->err);
	assert_true(rc == CB_OK || rc == CB_END);
	return rc == CB_OK;
}

static void begin(struct schedule_rig *rig, const struct schedule_slot *slot, int64_t now)
{
	fine(rig, schedule_begin(rig->schedule, slot, now, &rig->err));
}

static void end(struct schedule_rig *rig, const struct schedule_slot *slot, enum cb_verdict verdict,
		int64_t now)
{
	fine(rig, schedule_end(rig->schedule, slot, verdict, NULL, 0, now, &rig->err));
}

static void the_next_slot_is_a_row_before_it_is_due(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;

	rig_flow(rig, "cron 30 20 * * *", NULL);
	rig_start(rig, at("2026-11-28T10:00:00+08:00"));
	rows_are(rig, "28T20:30 -");
	assert_false(look(rig, at("2026-11-28T20:29:30+08:00"), &slot));
	assert_int_equal(slot.due_ms, at("2026-11-28T20:30:00+08:00"));
	assert_true(look(rig, at("2026-11-28T20:30:00+08:00"), &slot));
	begin(rig, &slot, at("2026-11-28T20:30:00+08:00"));
	rows_are(rig, "28T20:30 running, 29T20:30 -");
	end(rig, &slot, CB_OK, at("2026-11-28T20:31:00+08:00"));
	rows_are(rig, "28T20:30 ok, 29T20:30 -");
	assert_false(look(rig, at("2026-11-28T20:31:00+08:00"), &slot));
	assert_int_equal(slot.due_ms, at("2026-11-28T20:32:00+08:00")); /* a minute ahead */
}

static void once_runs_the_newest_and_keeps_a_row_of_each(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;

	rig_flow(rig, "cron 30 20 * * *", "once");
	rig_start(rig, at("2026-11-24T10:00:00+08:00"));
	rig_start(rig, at("2026-11-27T08:00:00+08:00"));
	assert_true(look(rig, at("2026-11-27T08:00:00+08:00"), &slot));
	assert_int_equal(slot.slot_ms, at("2026-11-26T20:30:00+08:00"));
	rows_are(rig, "24T20:30 covered, 25T20:30 covered, 26T20:30 -, 27T20:30 -");
}

static void each_runs_every_one_the_oldest_first(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;
	int64_t now = at("2026-11-27T08:00:00+08:00");

	rig_flow(rig, "cron 30 20 * * *", "each");
	rig_start(rig, at("2026-11-24T10:00:00+08:00"));
	for (int day = 24; day <= 26; day++) {
		assert_true(look(rig, now, &slot));
		assert_int_equal(slot.slot_ms, at("2026-11-24T20:30:00+08:00") + (day - 24) * DAY);
		begin(rig, &slot, now);
		end(rig, &slot, CB_OK, now);
	}
	assert_false(look(rig, now, &slot));
	rows_are(rig, "24T20:30 ok, 25T20:30 ok, 26T20:30 ok, 27T20:30 -");
}

static void skip_runs_what_is_a_little_late_and_no_more(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;

	rig_flow(rig, "cron 30 20 * * *", "skip");
	rig_start(rig, at("2026-11-24T10:00:00+08:00"));
	assert_true(look(rig, at("2026-11-24T21:29:00+08:00"), &slot));
	begin(rig, &slot, at("2026-11-24T21:29:00+08:00"));
	end(rig, &slot, CB_OK, at("2026-11-24T21:30:00+08:00"));
	assert_false(look(rig, at("2026-11-27T08:00:00+08:00"), &slot));
	rows_are(rig, "24T20:30 ok, 25T20:30 missed, 26T20:30 missed, 27T20:30 -");
}

static void a_flow_never_runs_beside_itself(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot, other;
	int64_t now = at("2026-11-28T10:10:00+08:00");

	rig_flow(rig, "every 10m", NULL);
	rig_start(rig, now - 1);
	assert_true(look(rig, now, &slot));
	begin(rig, &slot, now);
	assert_false(look(rig, now + 25 * MINUTE, &other));
	end(rig, &slot, CB_OK, now + 25 * MINUTE);
	assert_true(look(rig, now + 25 * MINUTE, &other));
	rows_are(rig, "28T10:10 ok, 28T10:20 covered, 28T10:30 -, 28T10:40 -");
}

static void what_a_crash_cut_short_is_tried_again_three_times(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;
	int64_t now = at("2026-11-28T20:30:00+08:00");

	rig_flow(rig, "cron 30 20 * * *", NULL);
	rig_start(rig, now - MINUTE);
	for (int i = 0; i < 3; i++) {
		assert_true(look(rig, now, &slot));
		assert_int_equal(slot.number, i);
		begin(rig, &slot, now);
		rig_start(rig, now += MINUTE);
	}
	assert_false(look(rig, now, &slot));
	rows_are(rig, "28T20:30 interrupted, 28T20:30#1 interrupted, 28T20:30#2 interrupted, "
		      "29T20:30 -");
}

static void what_is_missed_for_good_is_told(void **state)
{
	struct site_notice notice = { .name = "duty", .kinds = 1u << NOTICE_MISSED };
	struct schedule_rig *rig = *state;
	struct store_notice *told;
	struct schedule_slot slot;
	size_t count;

	rig->site.notices = &notice;
	rig->site.notice_count = 1;
	rig_flow(rig, "cron 30 20 * * *", "skip");
	rig_flow(rig, "cron 0 21 * * *", "once");
	rig_start(rig, at("2026-03-02T12:00:00+08:00"));
	(void)look(rig, at("2026-03-04T12:00:00+08:00"), &slot);
	fine(rig,
	     store_notices(rig->store_rig->store, "duty", &rig->arena, &told, &count, &rig->err));
	assert_int_equal(count, 1); /* the other is made up */
	assert_string_equal(told[0].kind, "missed");
	assert_string_equal(told[0].object, "flow-0");
	assert_int_equal(told[0].count, 2);
}

static void skip_leaves_what_was_interrupted(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;
	int64_t now = at("2026-11-28T20:30:00+08:00");

	rig_flow(rig, "cron 30 20 * * *", "skip");
	rig_start(rig, now - MINUTE);
	assert_true(look(rig, now, &slot));
	begin(rig, &slot, now);
	rig_start(rig, now += MINUTE);
	assert_false(look(rig, now, &slot));
	rows_are(rig, "28T20:30 interrupted, 29T20:30 -");
}

static void a_passing_fault_is_tried_again_with_growing_pauses(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;
	static const int pauses[] = { 5, 10, 20, 40, 60, 60 };
	int64_t now = at("2026-11-28T20:30:00+08:00");

	rig_flow(rig, "cron 30 20 * * *", NULL);
	rig_start(rig, now - MINUTE);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		assert_true(look(rig, now, &slot));
		begin(rig, &slot, now);
		end(rig, &slot, i % 2 ? CB_DOUBT : CB_AGAIN, now);
		now += pauses[i] * MINUTE;
		assert_false(look(rig, now - 1, &slot));
		assert_int_equal(slot.due_ms, now);
	}
	assert_true(look(rig, now, &slot));
	begin(rig, &slot, now);
	end(rig, &slot, CB_SETUP, now); /* a person must act: no sense in trying */
	assert_false(look(rig, now + 2 * HOUR, &slot));
}

static void trying_again_ends_where_the_next_slot_begins(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;
	int64_t now = at("2026-11-28T10:10:00+08:00");

	rig_flow(rig, "every 10m", NULL);
	rig_start(rig, now - 1);
	assert_true(look(rig, now, &slot));
	begin(rig, &slot, now);
	end(rig, &slot, CB_AGAIN, now + 7 * MINUTE);
	rows_are(rig, "28T10:10 again, 28T10:20 -");
}

static void a_clock_set_back_runs_nothing_twice(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;
	int64_t now = at("2026-11-28T20:30:00+08:00");

	rig_flow(rig, "cron 30 * * * *", NULL);
	rig_start(rig, now - MINUTE);
	assert_true(look(rig, now, &slot));
	begin(rig, &slot, now);
	end(rig, &slot, CB_OK, now);
	assert_false(look(rig, now - 20 * MINUTE, &slot));
	assert_false(look(rig, now, &slot));
	assert_false(look(rig, now + 59 * MINUTE, &slot));
	assert_true(look(rig, now + 60 * MINUTE, &slot));
	rows_are(rig, "28T20:30 ok, 28T21:30 -, 28T22:30 -");
}

static void a_clock_that_was_ahead_takes_back_what_it_called_missed(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;
	int64_t now = at("2026-11-24T20:00:00+08:00");

	rig_flow(rig, "cron 30 20 * * *", "once");
	rig_start(rig, now);
	assert_true(look(rig, now + 3 * DAY, &slot)); /* the battery of the clock is empty */
	begin(rig, &slot, now + 3 * DAY);
	end(rig, &slot, CB_OK, now + 3 * DAY);
	rows_are(rig, "24T20:30 covered, 25T20:30 covered, 26T20:30 ok, 27T20:30 -");
	assert_false(look(rig, now, &slot));
	rows_are(rig, "24T20:30 -, 26T20:30 ok");
	/* The same across a restart. */
	assert_true(look(rig, now + 3 * DAY, &slot));
	rig_start(rig, now);
	rows_are(rig, "24T20:30 -, 26T20:30 ok");
	assert_true(look(rig, now + HOUR, &slot));
	begin(rig, &slot, now + HOUR);
	end(rig, &slot, CB_OK, now + HOUR);
	assert_true(look(rig, now + 2 * DAY, &slot));
	assert_int_equal(slot.slot_ms, at("2026-11-25T20:30:00+08:00"));
	begin(rig, &slot, now + 2 * DAY);
	end(rig, &slot, CB_OK, now + 2 * DAY);
	rows_are(rig, "24T20:30 ok, 25T20:30 ok, 26T20:30 ok, 27T20:30 -");
}

static void years_of_misses_share_a_row(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;
	struct store_slot *slots;
	size_t count;
	int64_t begin_ms = at("2026-01-01T00:05:00+08:00"), sum = 0;

	rig_flow(rig, "every 10m", NULL);
	rig_start(rig, begin_ms);
	assert_true(look(rig, begin_ms + 400 * DAY, &slot));
	fine(rig, store_slots_ahead(rig->store_rig->store, "flow-0", INT64_MIN, &rig->arena, &slots,
				    &count, &rig->err));
	assert_int_equal(count, 1 + 1000 + 1);
	assert_int_equal(slots[0].since_ms, at("2026-01-01T00:10:00+08:00"));
	for (size_t i = 0; i < count; i++)
		sum += slots[i].count;
	assert_int_equal(sum, 400 * 144 + 1);
	/* And the clock was wrong: nothing of it was missed. */
	assert_false(look(rig, begin_ms + MINUTE, &slot));
	rows_are(rig, "01T00:10 -");
}

static void another_timetable_begins_now(void **state)
{
	struct schedule_rig *rig = *state;
	struct schedule_slot slot;

	rig_flow(rig, "cron 30 20 * * *", NULL);
	rig_start(rig, at("2026-11-28T10:00:00+08:00"));
	rig->site.flows[0].timetable = timetable_of(rig, "cron 0 6 * * *");
	rig_start(rig, at("2026-11-28T11:00:00+08:00"));
	rows_are(rig, "29T06:00 -");
	/* What came due under the old one is not forgotten. */
	rig->site.flows[0].timetable = timetable_of(rig, "cron 0 7 * * *");
	rig_start(rig, at("2026-11-29T06:30:00+08:00"));
	assert_true(look(rig, at("2026-11-29T06:30:00+08:00"), &slot));
	rows_are(rig, "29T06:00 -, 29T07:00 -");
}

static void a_flow_that_is_gone_leaves_its_record(void **state)
{
	struct schedule_rig *rig = *state;

	rig_flow(rig, "cron 30 20 * * *", NULL);
	rig_start(rig, at("2026-11-28T10:00:00+08:00"));
	rig->site.flow_count = 0;
	rig_start(rig, at("2026-11-29T10:00:00+08:00"));
	rows_are(rig, "28T20:30 dropped");
}

#define scheduled(name) cmocka_unit_test_setup_teardown(name, schedule_up, schedule_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		scheduled(the_next_slot_is_a_row_before_it_is_due),
		scheduled(once_runs_the_newest_and_keeps_a_row_of_each),
		scheduled(each_runs_every_one_the_oldest_first),
		scheduled(skip_runs_what_is_a_little_late_and_no_more),
		scheduled(a_flow_never_runs_beside_itself),
		scheduled(what_a_crash_cut_short_is_tried_again_three_times),
		scheduled(what_is_missed_for_good_is_told),
		scheduled(skip_leaves_what_was_interrupted),
		scheduled(a_passing_fault_is_tried_again_with_growing_pauses),
		scheduled(trying_again_ends_where_the_next_slot_begins),
		scheduled(a_clock_set_back_runs_nothing_twice),
		scheduled(a_clock_that_was_ahead_takes_back_what_it_called_missed),
		scheduled(years_of_misses_share_a_row),
		scheduled(another_timetable_begins_now),
		scheduled(a_flow_that_is_gone_leaves_its_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
