/*
 * slack.c - what must arrive first goes first; what is late goes all the same.
 */
#include "flow/rig.h"

static const struct rig_setup setup = { .calls = FIND WITHDRAW,
					.flow = "deadline='10 days after closed' warn='2 days'" };

static struct flow_slack slack_now(struct rig *rig)
{
	struct flow_slack slack;

	ok(rig, flow_slack(rig->engine->store, site_flow(rig->site, "out"), rig_now(rig), &slack,
			   &rig->err));
	return slack;
}

static void put_four(struct rig *rig)
{
	rig_put_closed(rig, "A1", "no hurry", "A", "closed", "2024-03-31");
	rig_put_closed(rig, "A2", "no date", "A", "closed", NULL);
	rig_put_closed(rig, "A3", "late", "A", "closed", "2024-03-20");
	rig_put_closed(rig, "A4", "near", "A", "closed", "2024-03-22");
}

static void the_earliest_due_goes_first(void **state)
{
	static const char *const order[] = { "A3", "A4", "A1", "A2" };
	struct rig *rig = rig_open(&setup);

	(void)state;
	put_four(rig);
	assert_int_equal(rig_run(rig), CB_OK);
	assert_int_equal(rig->p.held_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(rig->p.held[i].key, order[i]);
	assert_int_equal(slack_now(rig).open, 0);
	rig_close(rig);
}

static void what_is_not_there_is_near_or_late(void **state)
{
	struct rig *rig = rig_open(&setup);
	struct flow_slack slack;

	(void)state;
	put_four(rig);
	rig->p.always = ACT_REFUSE;
	(void)rig_run(rig);
	slack = slack_now(rig);
	assert_int_equal(slack.open, 3);
	assert_int_equal(slack.by[URGENCY_LATE], 1);
	assert_int_equal(slack.by[URGENCY_NEAR], 1);
	assert_int_equal(slack.by[URGENCY_NONE], 1);
	/* The whole of 30 March counts: 2024-03-31T00:00+08:00. */
	assert_int_equal(slack.first_ms, INT64_C(1711814400000));
	rig_close(rig);
}

static void a_correction_has_no_deadline(void **state)
{
	struct rig *rig = rig_open(&setup);

	(void)state;
	rig_put_closed(rig, "A1", "one", "A", "closed", "2024-03-20");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_put_closed(rig, "A1", "one, corrected", "A", "closed", "2024-03-20");
	rig->p.always = ACT_REFUSE;
	(void)rig_run(rig);
	rig_is(rig, "A1", DELIVERY_REJECTED);
	assert_int_equal(slack_now(rig).open, 0);
	rig_close(rig);
}

/* Two in ten minutes; two are left, and both are due in five. */
static void the_forecast_goes_by_the_present_rate(void **state)
{
	static const struct rig_setup quarter = { .calls = FIND WITHDRAW,
						  .flow = "deadline='10 days after closed at "
							  "08:15' warn='2 days'" };
	struct rig *rig = rig_open(&quarter);
	struct flow_slack slack;
	struct buffer say = { 0 };

	(void)state;
	rig_put_closed(rig, "A1", "one", "A", "closed", "2024-03-22");
	assert_int_equal(rig_run(rig), CB_OK);
	assert_int_equal(slack_now(rig).ready_ms, 0);
	rig_wait(rig, 10 * MINUTE);
	rig_put_closed(rig, "A2", "two", "A", "closed", "2024-03-22");
	assert_int_equal(rig_run(rig), CB_OK);
	rig->p.always = ACT_503;
	rig_put_closed(rig, "A3", "three", "A", "closed", "2024-03-22");
	rig_put_closed(rig, "A4", "four", "A", "closed", "2024-03-22");
	rig_put_closed(rig, "Z1", "no account fits", "Z", "closed", "2024-03-22");
	{
		struct flow_options options = { .stop = &(int){ 1 } };

		ok(rig, flow_run(rig->engine, "out", &options, &rig->report, &rig->err));
	}
	slack = slack_now(rig);
	assert_int_equal(slack.open, 3);
	assert_int_equal(slack.asked, 1);
	assert_int_equal(slack.ready_ms, NOW + 20 * MINUTE);
	assert_int_equal(slack.will_be_late, 1);
	flow_slack_say(&slack, 480, rig_now(rig), &say);
	assert_string_equal(buffer_cstr(&say),
			    "the earliest is due 2024-04-01 08:15, at the present rate all are "
			    "there 08:20, 1 of them late, 1 need a person first");
	buffer_done(&say);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earliest_due_goes_first),
		cmocka_unit_test(what_is_not_there_is_near_or_late),
		cmocka_unit_test(a_correction_has_no_deadline),
		cmocka_unit_test(the_forecast_goes_by_the_present_rate),
	};

	return cmocka_run_group_tests(tests, rig_prepare, NULL);
}
