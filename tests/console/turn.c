/*
 * turn.c - whose turn it is, on virtual time. Flows with timetables: the store
 * is not asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "console/turn.h"

enum { A, B, FLOWS };

static struct site_flow flows[FLOWS] = { { .name = "a", .every_ms = 60000 },
					 { .name = "b", .every_ms = 300000 } };

static struct turns fresh(struct turn at[FLOWS])
{
	for (size_t i = 0; i < FLOWS; i++)
		at[i] = (struct turn){ .flow = &flows[i], .next_ms = 1000 + (int64_t)i };
	return (struct turns){ at, FLOWS };
}

static struct turn *next(struct turns *turns, int64_t now, int64_t *look)
{
	return turns_next(turns, NULL, now, look);
}

static void the_longest_overdue_is_first(void **state)
{
	struct turn at[FLOWS];
	struct turns turns = fresh(at);
	int64_t look;

	assert_null(next(&turns, 999, &look));
	assert_int_equal(look, 1000);
	assert_ptr_equal(next(&turns, 5000, &look), &at[A]);
	assert_int_equal(turns_queue(&turns, 5000), 2);
	assert_true(turns_wait(&turns, &at[A], 5000));
	turn_end(&at[A], CB_OK, false, 0, 5000, 6000);
	assert_ptr_equal(next(&turns, 6000, &look), &at[B]);
	assert_false(turns_wait(&turns, &at[B], 6000));
	turn_end(&at[B], CB_OK, false, 0, 6000, 7000);
	assert_null(next(&turns, 7000, &look));
	assert_int_equal(look, 65000); /* an interval after it began */
}

static void who_gave_way_goes_on_after_the_others(void **state)
{
	struct turn at[FLOWS];
	struct turns turns = fresh(at);
	int64_t look;

	turn_end(&at[A], CB_OK, true, 0, 5000, 15000);
	assert_ptr_equal(next(&turns, 15000, &look), &at[B]);
	turn_end(&at[B], CB_OK, true, 0, 15000, 25000);
	assert_ptr_equal(next(&turns, 25000, &look), &at[A]); /* in turns */
	turn_end(&at[A], CB_OK, false, 0, 25000, 26000);
	assert_ptr_equal(next(&turns, 26000, &look), &at[B]);
}

static void pauses_double_and_end_with_success(void **state)
{
	struct turn at[FLOWS];
	struct turns turns = fresh(at);
	int64_t now = 10000, look;

	at[A].next_ms = INT64_MAX;
	for (int64_t pause = 60000; pause <= 240000; pause *= 2) {
		turn_end(&at[B], CB_AGAIN, false, 0, now, now);
		assert_null(next(&turns, now + pause - 1, &look));
		assert_ptr_equal(next(&turns, now + pause, &look), &at[B]);
		now += pause;
	}
	/* Never longer than its own interval. */
	turn_end(&at[B], CB_AGAIN, false, 0, now, now);
	assert_ptr_equal(next(&turns, now + 300000, &look), &at[B]);
	turn_end(&at[B], CB_OK, false, 0, now, now);
	assert_int_equal(at[B].failures, 0);
}

static void a_cron_flow_comes_at_its_time_and_failing_before_its_next(void **state)
{
	static const struct site_flow flow = { .name = "c", .cron = "0 * * * *" };
	struct turn at = { .flow = &flow, .zone = 480 };
	const int64_t hour = 3600000;

	turn_end(&at, CB_OK, false, 0, hour + 5, hour + 90000);
	assert_int_equal(at.next_ms, 2 * hour);
	turn_end(&at, CB_AGAIN, false, 0, 2 * hour, 2 * hour);
	assert_int_equal(at.next_ms, 2 * hour + 60000);
	turn_end(&at, CB_AGAIN, false, 0, 3 * hour - 1000, 3 * hour - 1000);
	assert_int_equal(at.next_ms, 3 * hour);
}

static void somebody_mended_it(void **state)
{
	struct turn at[FLOWS];
	struct turns turns = fresh(at);
	int64_t look;

	turn_end(&at[A], CB_OK, false, 0, 2000, 2000);
	turn_end(&at[B], CB_SETUP, false, 0, 2000, 2000);
	turn_again(&at[A], 3000);
	turn_again(&at[B], 3000);
	assert_ptr_equal(next(&turns, 3000, &look), &at[B]);
	assert_int_equal(turns_queue(&turns, 3000), 1); /* what went well has its own time */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_overdue_is_first),
		cmocka_unit_test(who_gave_way_goes_on_after_the_others),
		cmocka_unit_test(pauses_double_and_end_with_success),
		cmocka_unit_test(a_cron_flow_comes_at_its_time_and_failing_before_its_next),
		cmocka_unit_test(somebody_mended_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
