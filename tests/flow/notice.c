/*
 * notice.c - what people are told, how often, and that nothing of it is lost:
 * by a file drop, on a clock that is the test's. Robots are in tests/cli/notices.bats.
 */
#include "flow/rig.h"

#include <dirent.h>

#include "flow/notice.h"

#define DROP "<notice name='drop' to='file' folder='told' held='1'/>"

static const struct rig_setup plain = { .calls = FIND WITHDRAW, .notes = DROP };
static const struct rig_setup timed = {
	.calls = FIND WITHDRAW,
	.flow = "deadline='10 days after closed' warn='2 days, 4 hours'",
	.notes = DROP,
};

static void set_clock(struct rig *rig, const char *text)
{
	int64_t ms = 0;

	assert_true(calendar_read_iso(cb_text_of(text), 480, &ms));
	rig->p.now = ms;
}

static char *told_folder(struct rig *rig)
{
	return arena_printf(&rig->call, "%s/told", rig->folder);
}

/* The engine has time; what it says then, all of it, "" for nothing. */
static const char *told(struct rig *rig)
{
	struct buffer all = { 0 };
	struct dirent *entry;
	const char *folder = told_folder(rig), *text;
	DIR *dir;

	rig->engine->telling.gap_ms = 0; /* it is not the gap that silences */
	ok(rig, notices_turn(rig->engine, &rig->err));
	dir = opendir(folder);
	while (dir && (entry = readdir(dir))) {
		const char *path = file_join(&rig->call, folder, entry->d_name);

		if (*entry->d_name == '.')
			continue;
		ok(rig, file_read(path, 65536, &all, &rig->err));
		unlink(path);
	}
	if (dir)
		closedir(dir);
	text = arena_string(&rig->call, buffer_view(&all));
	buffer_done(&all);
	return text;
}

static void says(struct rig *rig, const char *wanted)
{
	const char *text = told(rig);

	if (!strstr(text, wanted))
		fail_msg("'%s' does not say '%s'", text, wanted);
}

static void says_nothing(struct rig *rig)
{
	assert_string_equal(told(rig), "");
}

static void each_step_before_a_deadline_is_said_once(void **state)
{
	struct rig *rig = rig_open(&timed);

	(void)state;
	rig_put_closed(rig, "A1", "one", "A", "closed", "2024-03-24");
	says_nothing(rig);
	/* Nobody asks before it is time, and then everybody does. */
	assert_true(rig->engine->telling.look_ms <= NOW + HOUR);
	set_clock(rig, "2024-04-01T23:59:59+08:00");
	says_nothing(rig);
	set_clock(rig, "2024-04-02T00:00:00+08:00");
	says(rig, "deadline near out 2 days: less than 2 days before the deadline, 1 are near; "
		  "the earliest is due 2024-04-03 24:00");
	says_nothing(rig);
	rig_restart(rig);
	says_nothing(rig);
	/* The second step comes within the day in which the first was said, and is said. */
	set_clock(rig, "2024-04-03T20:00:00+08:00");
	says(rig, "deadline near out 4 hours: ");
	rig_restart(rig);
	set_clock(rig, "2024-04-04T00:00:00+08:00");
	says(rig, "late out: 1 are late and not accepted; they go on");
	says_nothing(rig);
	/* Late or not, it goes; and what is there is no longer said. */
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	set_clock(rig, "2024-04-06T00:00:00+08:00");
	says_nothing(rig);
	rig_close(rig);
}

static void steps_that_were_slept_through_are_not_made_up(void **state)
{
	struct rig *rig = rig_open(&timed);
	const char *text;

	(void)state;
	rig_put_closed(rig, "A1", "one", "A", "closed", "2024-03-24");
	set_clock(rig, "2024-04-05T08:00:00+08:00");
	text = told(rig);
	assert_non_null(strstr(text, "late out"));
	assert_null(strstr(text, "deadline near"));
	says_nothing(rig);
	rig_close(rig);
}

static void what_stays_late_is_said_once_a_day_until_it_is_there(void **state)
{
	struct rig *rig = rig_open(&timed);

	(void)state;
	rig->p.always = ACT_REFUSE;
	rig_put_closed(rig, "A1", "one", "A", "closed", "2024-03-24");
	set_clock(rig, "2024-04-04T00:00:00+08:00");
	says(rig, "late out: 1 are late and not accepted");
	set_clock(rig, "2024-04-04T12:00:00+08:00");
	(void)rig_run(rig); /* they will not have it: a person's matter, and late all the same */
	says_nothing(rig);
	/* Whoever sleeps until told wakes in time. */
	assert_true(rig->engine->telling.look_ms <= rig->p.now + HOUR);
	set_clock(rig, "2024-04-04T23:59:59+08:00");
	says_nothing(rig);
	for (int day = 5; day <= 8; day++) {
		set_clock(rig, arena_printf(&rig->call, "2024-04-%02dT00:00:00+08:00", day));
		says(rig, "late out: 1 are late still and not accepted; they go on; the earliest "
			  "is due 2024-04-03 24:00");
		says_nothing(rig);
		rig_restart(rig);
		set_clock(rig, arena_printf(&rig->call, "2024-04-%02dT18:00:00+08:00", day));
		says_nothing(rig);
	}
	/* One more that is late is no second message of that day, and is counted in the next. */
	rig_put_closed(rig, "A2", "two", "A", "closed", "2024-03-25");
	says_nothing(rig);
	set_clock(rig, "2024-04-09T00:00:00+08:00");
	says(rig, "late out: 2 are late and not accepted");
	set_clock(rig, "2024-04-10T00:00:00+08:00");
	says(rig, "late out: 2 are late still");
	rig->p.always = ACT_OK;
	rig_decide(rig, "A1", DECIDE_AGAIN);
	assert_int_equal(rig_run(rig), CB_OK);
	set_clock(rig, "2024-04-12T00:00:00+08:00");
	says_nothing(rig);
	rig_close(rig);
}

static void a_deadline_that_was_moved_is_warned_of_again(void **state)
{
	struct rig *rig = rig_open(&timed);

	(void)state;
	rig_put_closed(rig, "A1", "one", "A", "closed", "2024-03-24");
	set_clock(rig, "2024-04-02T08:00:00+08:00");
	says(rig, "deadline near");
	rig_put_closed(rig, "A1", "one", "A", "closed", "2024-03-28");
	says_nothing(rig);
	set_clock(rig, "2024-04-06T00:00:00+08:00");
	says(rig, "the earliest is due 2024-04-07 24:00");
	rig_close(rig);
}

static void the_same_is_said_once_in_a_day_and_then_summed_up(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig->p.always = ACT_401;
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_SETUP);
	says(rig, "account locked p/a: it is locked and waits for a person");
	for (int i = 0; i < 3; i++)
		(void)rig_run(rig);
	says_nothing(rig);
	rig_restart(rig);
	says_nothing(rig);
	rig_wait(rig, 24 * HOUR + MINUTE);
	says(rig, "run failed out: a setting has to be changed, 4 times in a row; casebridge "
		  "status has the reason (3 times)");
	says_nothing(rig);
	rig_close(rig);
}

static void a_passing_fault_is_worth_a_word_the_third_time(void **state)
{
	static const struct rig_setup failed = {
		.notes = "<notice name='drop' to='file' folder='told' on='failed'/>"
	};
	struct rig *rig = rig_open(&failed);

	(void)state;
	rig->p.always = ACT_503;
	rig_put(rig, "A1", "one", "A", "closed");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rig_run(rig), CB_AGAIN);
		says_nothing(rig);
		rig_wait(rig, HOUR); /* its account rests meanwhile */
	}
	assert_int_equal(rig_run(rig), CB_AGAIN);
	says(rig, "run failed out: the other system does not answer, 3 times in a row");
	rig_close(rig);
}

/* The platform's own words may name people; a robot's group is no place for names. */
static void what_the_other_system_said_stays_inside(void **state)
{
	struct rig *rig = rig_open(&plain);
	const char *text;

	(void)state;
	rig->p.always = ACT_REFUSE;
	for (int i = 0; i < 25; i++)
		rig_put(rig, arena_printf(&rig->call, "A%d", i), "Zhang San", "A", "closed");
	(void)rig_run(rig);
	text = told(rig);
	assert_non_null(strstr(text, "account locked p/a"));
	assert_non_null(strstr(rig_look(rig, "A1").say, "Zhang San"));
	assert_null(strstr(text, "Zhang"));
	rig_close(rig);
}

static void many_held_are_said_above_the_number(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig_put(rig, "A1", "no account fits", "Z", "closed");
	(void)rig_run(rig);
	says_nothing(rig);
	rig_put(rig, "A2", "no account fits", "Z", "closed");
	(void)rig_run(rig);
	says(rig, "many held out: 2 are held, more than 1");
	rig_close(rig);
}

static void what_a_person_decides_is_said(void **state)
{
	static const struct rig_setup asks = { .notes = DROP };
	struct rig *rig = rig_open(&asks);

	(void)state;
	rig->p.script_at = 0;
	platform_do(&rig->p, ACT_STORE_AND_DROP);
	rig_put(rig, "A1", "one", "A", "closed");
	(void)rig_run(rig);
	rig_wait(rig, HOUR);
	(void)rig_run(rig);
	says(rig, "a person decides out: a person has to decide on 1");
	rig_close(rig);
}

static void what_a_leader_releases_is_said(void **state)
{
	static const struct rig_setup consent = { .flow = "approve='yes'", .notes = DROP };
	struct rig *rig = rig_open(&consent);

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed");
	(void)rig_run(rig);
	says(rig, "approval out: 1 wait for approval");
	rig_close(rig);
}

static void a_breaker_that_opens_is_said(void **state)
{
	static const struct rig_setup rests = {
		.notes = "<notice name='drop' to='file' folder='told' on='rest' again='1h'/>"
	};
	struct rig *rig = rig_open(&rests);

	(void)state;
	rig->p.always = ACT_503;
	rig_put(rig, "A1", "one", "A", "closed");
	(void)rig_run(rig);
	says(rig, "account rests p/a: 5 failures in a row; it rests until 04-01 08:");
	rig_wait(rig, 10 * MINUTE);
	(void)rig_run(rig);
	says_nothing(rig);
	rig_wait(rig, HOUR);
	says(rig, "account rests p/a: ");
	rig_close(rig);
}

/* The clock was a month ahead when it was said; it may be said again all the same. */
static void a_clock_that_was_ahead_silences_nothing(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig_put(rig, "A1", "no account fits", "Z", "closed");
	rig_put(rig, "A2", "no account fits", "Z", "closed");
	rig->p.now += 30 * 24 * HOUR;
	(void)rig_run(rig);
	says(rig, "2 are held");
	rig->p.now = NOW;
	(void)rig_run(rig);
	says(rig, "2 are held");
	says_nothing(rig);
	rig_close(rig);
}

static void what_does_not_arrive_is_kept_and_tried_again(void **state)
{
	struct rig *rig = rig_open(&plain);
	struct store_way way;
	int64_t first;

	(void)state;
	rig_write(rig, "told", "a file stands where the folder should be");
	rig_put(rig, "A1", "no account fits", "Z", "closed");
	rig_put(rig, "A2", "no account fits", "Z", "closed");
	(void)rig_run(rig);
	says_nothing(rig);
	ok(rig, store_way(rig->engine->store, "drop", &rig->call, &way, &rig->err));
	assert_int_equal(way.tries, 1);
	first = way.failing_ms;
	/* Not at once, also not by an engine that is new. */
	rig_restart(rig);
	says_nothing(rig);
	ok(rig, store_way(rig->engine->store, "drop", &rig->call, &way, &rig->err));
	assert_int_equal(way.tries, 1);
	for (int i = 0; i < 3; i++) {
		rig_wait(rig, way.not_before - rig->p.now);
		says_nothing(rig);
		ok(rig, store_way(rig->engine->store, "drop", &rig->call, &way, &rig->err));
	}
	assert_int_equal(way.tries, 4);
	assert_int_equal(way.failing_ms, first);
	assert_non_null(strstr(way.problem, "told"));
	unlink(told_folder(rig));
	rig_wait(rig, HOUR);
	says(rig, "many held out: 2 are held");
	ok(rig, store_way(rig->engine->store, "drop", &rig->call, &way, &rig->err));
	assert_int_equal(way.tries, 0);
	says_nothing(rig);
	rig_close(rig);
}

/* A run that was rolled back told nobody: the row stands and falls with its cause. */
static void a_dry_run_tells_nobody(void **state)
{
	struct rig *rig = rig_open(&plain);
	struct flow_options dry = { .is_dry = true };

	(void)state;
	rig_put(rig, "A1", "no account fits", "Z", "closed");
	rig_put(rig, "A2", "no account fits", "Z", "closed");
	ok(rig, flow_run(rig->engine, "out", &dry, &rig->report, &rig->err));
	says_nothing(rig);
	rig_close(rig);
}

static void only_what_was_asked_for_is_said(void **state)
{
	static const struct rig_setup few = {
		.notes = "<notice name='drop' to='file' folder='told' on='late locked'/>"
	};
	struct rig *rig = rig_open(&few);

	(void)state;
	rig->p.always = ACT_503;
	rig_put(rig, "A1", "one", "A", "closed");
	for (int i = 0; i < 4; i++)
		(void)rig_run(rig);
	says_nothing(rig);
	rig_close(rig);
}

static int list_account(void *with, const struct flow_account *a, struct cb_error *err)
{
	struct buffer *out = with;

	(void)err;
	buffer_printf(out, "%s %s %lld; ", a->path, a->code,
		      (long long)(a->until_ms ? a->until_ms - NOW : 0));
	return CB_OK;
}

static void accounts(struct rig *rig, const char *wanted)
{
	struct buffer out = { 0 };

	ok(rig, flow_accounts(rig->site, rig->engine->store, rig_now(rig), list_account, &out,
			      &rig->err));
	assert_string_equal(buffer_cstr(&out), wanted);
	buffer_done(&out);
}

static void who_cannot_go_on_is_named_with_the_reason(void **state)
{
	static const struct rig_setup quota = { .limits = "quota='1' hours='08:00-20:00'" };
	struct rig *rig = rig_open(&quota);

	(void)state;
	accounts(rig, "");
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	accounts(rig, "p/a quota 57600000; "); /* until midnight */
	rig->p.always = ACT_401;
	rig_put(rig, "B1", "one", "B", "closed");
	(void)rig_run(rig);
	accounts(rig, "p/a quota 57600000; p/b login 0; ");
	rig_wait(rig, 13 * HOUR);
	accounts(rig, "p hours 86400000; p/b login 0; "); /* until eight: said once */
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_before_a_deadline_is_said_once),
		cmocka_unit_test(steps_that_were_slept_through_are_not_made_up),
		cmocka_unit_test(what_stays_late_is_said_once_a_day_until_it_is_there),
		cmocka_unit_test(a_deadline_that_was_moved_is_warned_of_again),
		cmocka_unit_test(the_same_is_said_once_in_a_day_and_then_summed_up),
		cmocka_unit_test(a_passing_fault_is_worth_a_word_the_third_time),
		cmocka_unit_test(what_the_other_system_said_stays_inside),
		cmocka_unit_test(many_held_are_said_above_the_number),
		cmocka_unit_test(what_a_person_decides_is_said),
		cmocka_unit_test(what_a_leader_releases_is_said),
		cmocka_unit_test(a_breaker_that_opens_is_said),
		cmocka_unit_test(a_clock_that_was_ahead_silences_nothing),
		cmocka_unit_test(what_does_not_arrive_is_kept_and_tried_again),
		cmocka_unit_test(a_dry_run_tells_nobody),
		cmocka_unit_test(only_what_was_asked_for_is_said),
		cmocka_unit_test(who_cannot_go_on_is_named_with_the_reason),
	};

	return cmocka_run_group_tests(tests, rig_prepare, NULL);
}
