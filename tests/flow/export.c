/*
 * export.c - an upload, from state to state, on a clock of its own: what arrives
 * arrives once, what is not known is found out, and one account's trouble is no
 * other's.
 */
#include "flow/rig.h"

static const struct rig_setup plain = { .write = "", .calls = FIND WITHDRAW };
static const struct rig_setup batches = { .write = "batch='10'", .calls = FIND };

static void later(struct rig *rig, int64_t ms)
{
	rig_wait(rig, ms);
}

static void what_is_accepted_keeps_its_receipt_and_is_not_sent_again(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed");
	rig_put(rig, "A2", "open", "A", "open");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_string_equal(rig_look(rig, "A1").receipt, "R1");
	assert_int_equal(rig->p.held_count, 1);
	/* A change that the mapping does not speak of: a revision of its own, and the same content.
	 */
	rig_put_closed(rig, "A1", "one", "A", "closed", "2024-03-30");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(rig->report.counts.unchanged, 1);
	assert_int_equal(rig->p.seen_count, 1);
	rig_restart(rig);
	assert_int_equal(rig_run(rig), CB_OK);
	assert_int_equal(rig->p.seen_count, 1);
	rig_close(rig);
}

static void every_member_of_a_batch_has_its_own_receipt(void **state)
{
	struct rig *rig = rig_open(&batches);

	(void)state;
	for (int i = 1; i <= 3; i++)
		rig_put(rig, arena_printf(&rig->call, "A%d", i), "t", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	assert_int_equal(rig->p.seen_count, 1);
	for (int i = 1; i <= 3; i++) {
		const char *key = arena_printf(&rig->call, "A%d", i);

		assert_string_equal(rig_look(rig, key).receipt,
				    platform_find(&rig->p, key)->receipt);
	}
	rig_close(rig);
}

static void a_correction_cites_what_it_corrects(void **state)
{
	const struct rig_setup setup = { .write = "batch='10' receipt='old'", .calls = FIND };
	struct rig *rig = rig_open(&setup);

	(void)state;
	rig->p.is_unique = true;
	rig_put(rig, "A1", "one", "A", "closed");
	rig_put(rig, "A2", "two", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	assert_null(strstr(platform_last(&rig->p, "/save")->body, "old"));
	rig_put(rig, "A2", "two, corrected", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	assert_non_null(strstr(platform_last(&rig->p, "/save")->body, "\"old\":\"R2\""));
	assert_null(strstr(platform_last(&rig->p, "/save")->body, "A1"));
	/* What it cites is no content: the same again is still the same. */
	rig_put(rig, "A2", "two, once more", "A", "closed");
	rig_put(rig, "A2", "two, corrected", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	assert_int_equal(platform_count(&rig->p, "/save"), 2);
	rig_close(rig);
}

static void what_no_longer_fits_is_withdrawn(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed");
	rig_put(rig, "A2", "two", "A", "closed");
	rig->p.always = ACT_503;
	rig_run(rig);
	rig->p.always = ACT_OK;
	rig_put(rig, "A2", "two", "A", "open"); /* before it ever went out */
	later(rig, HOUR);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	rig_is(rig, "A2", DELIVERY_WITHDRAWN);
	assert_int_equal(platform_count(&rig->p, "/gone"), 0);
	rig_put(rig, "A1", "one", "A", "open");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_WITHDRAWN);
	assert_non_null(strstr(platform_last(&rig->p, "/gone")->body, "\"no\":\"R1\""));
	assert_int_equal(rig->p.held_count, 0);
	/* And fits again: it goes out as if it had never been there, with the same content. */
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(platform_copies(&rig->p, "A1"), 1);
	rig_close(rig);
}

static void a_withdrawal_in_doubt_is_asked_for(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_put(rig, "A1", "one", "A", "open");
	platform_do(&rig->p, ACT_OK);
	rig->p.script_at = rig->p.script_count;
	platform_do(&rig->p, ACT_STORE_AND_DROP);
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	later(rig, 20 * MINUTE);
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	later(rig, 5 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_WITHDRAWN);
	assert_int_equal(platform_count(&rig->p, "/gone"), 1);
	rig_close(rig);
}

static void without_a_way_to_withdraw_a_person_does_it(void **state)
{
	const struct rig_setup setup = { .calls = FIND };
	struct rig *rig = rig_open(&setup);

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_put(rig, "A1", "one", "A", "open");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_HELD);
	assert_string_equal(rig_look(rig, "A1").code, CODE_WITHDRAW);
	rig_decide(rig, "A1", DECIDE_WITHDRAWN);
	rig_is(rig, "A1", DELIVERY_WITHDRAWN);
	rig_close(rig);
}

static void what_surely_did_not_arrive_goes_again(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	platform_do(&rig->p, ACT_503);
	platform_do(&rig->p, ACT_503);
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(platform_count(&rig->p, "/save"), 3);
	assert_int_equal(rig_look(rig, "A1").tries, 3);
	rig_close(rig);
}

static void too_many_waits_as_long_as_it_is_told(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	platform_do(&rig->p, ACT_429);
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_true(rig->p.seen[1].at_ms - rig->p.seen[0].at_ms >= 30000);
	rig_close(rig);
}

static void by_key_the_same_bytes_go_again_under_the_same_key(void **state)
{
	static const enum act acts[] = { ACT_STORE_AND_DROP, ACT_DROP, ACT_500_AFTER, ACT_HTML };
	const struct rig_setup setup = { .write = "batch='10' repeat='by-key'", .calls = FIND };

	(void)state;
	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
		struct rig *rig = rig_open(&setup);

		platform_do(&rig->p, acts[i]);
		rig_put(rig, "A1", "one", "A", "closed");
		rig_put(rig, "A2", "two", "A", "closed");
		assert_int_equal(rig_run(rig), CB_OK);
		rig_is(rig, "A1", DELIVERY_ACCEPTED);
		rig_is(rig, "A2", DELIVERY_ACCEPTED);
		assert_int_equal(platform_count(&rig->p, "/save"), 2);
		assert_string_equal(rig->p.seen[0].body, rig->p.seen[1].body);
		assert_int_equal(platform_copies(&rig->p, "A1"), 1);
		assert_int_equal(platform_count(&rig->p, "/find"), 0);
		rig_close(rig);
	}
}

/* "Not available" may be a gateway's word, after the other side took it in. */
static void unavailable_is_unsent_only_where_the_manifest_says_so(void **state)
{
	const struct rig_setup setup = { .calls = FIND, .answers = "" };
	struct rig *rig = rig_open(&setup);

	(void)state;
	platform_do(&rig->p, ACT_503_AFTER);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	later(rig, 20 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(platform_count(&rig->p, "/save"), 1);
	assert_int_equal(platform_copies(&rig->p, "A1"), 1);
	rig_close(rig);
}

/* Its time-out may be shorter than ours: what it gave up arrives behind what was sent again. */
static void nothing_newer_goes_out_before_an_older_copy_can_arrive_no_more(void **state)
{
	const struct rig_setup setup = { .write = "repeat='safe'", .calls = FIND WITHDRAW };
	static const char *const next[] = { "closed", "open" }; /* corrected; withdrawn */

	(void)state;
	for (size_t i = 0; i < sizeof(next) / sizeof(*next); i++) {
		struct rig *rig = rig_open(&setup);
		int64_t until;

		rig->p.is_unique = true;
		platform_do(&rig->p, ACT_LATE);
		rig_put(rig, "A1", "one", "A", "closed");
		assert_int_equal(rig_run(rig), CB_OK); /* the same once more, and it is accepted */
		rig_is(rig, "A1", DELIVERY_ACCEPTED);
		rig_put(rig, "A1", "two", "A", next[i]);
		assert_int_equal(rig_run(rig), CB_OK);
		rig_is(rig, "A1", DELIVERY_WAITING);
		assert_string_equal(rig_look(rig, "A1").code, CODE_COPY);
		until = rig_look(rig, "A1").not_before;
		assert_true(until >= NOW + 15 * MINUTE);
		assert_int_equal(rig->report.next_ms, until);
		rig_put(rig, "A1", "three", "A", next[i]); /* does not make it sooner */
		rig_restart(rig);
		later(rig, 11 * MINUTE);
		rig_run(rig);
		rig_is(rig, "A1", DELIVERY_WAITING);
		later(rig, until - rig_now(rig));
		assert_int_equal(rig_run(rig), CB_OK);
		platform_let_in(&rig->p);
		if (i == 0) {
			rig_is(rig, "A1", DELIVERY_ACCEPTED);
			assert_non_null(strstr(platform_find(&rig->p, "A1")->body, "three"));
		} else {
			rig_is(rig, "A1", DELIVERY_WITHDRAWN);
			assert_int_equal(rig->p.held_count, 0);
		}
		rig_close(rig);
	}
}

/* Who knows the key of what was accepted takes in nothing more under it. */
static void by_key_a_correction_waits_for_no_copy(void **state)
{
	const struct rig_setup setup = { .write = "batch='10' repeat='by-key'", .calls = FIND };
	struct rig *rig = rig_open(&setup);

	(void)state;
	rig->p.is_unique = true;
	platform_do(&rig->p, ACT_STORE_AND_DROP);
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_put(rig, "A1", "two", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(platform_count(&rig->p, "/save"), 3);
	rig_close(rig);
}

static void a_record_without_an_answer_is_in_doubt_alone(void **state)
{
	struct rig *rig = rig_open(&batches);

	(void)state;
	platform_do(&rig->p, ACT_LEAVE_OUT);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_put(rig, "A2", "two", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	rig_is(rig, "A2", DELIVERY_IN_DOUBT);
	assert_int_equal(rig->report.counts.in_doubt, 1);
	assert_int_equal(rig->report.next_ms, rig_look(rig, "A2").not_before);
	rig_close(rig);
}

static void all_of_a_key_s_bytes_go_again_for_the_one_without_an_answer(void **state)
{
	const struct rig_setup setup = { .write = "batch='10' repeat='by-key'", .calls = FIND };
	struct rig *rig = rig_open(&setup);

	(void)state;
	platform_do(&rig->p, ACT_LEAVE_OUT);
	rig->p.once_count = 256; /* it forgets: the records speak for themselves */
	rig->p.is_unique = true;
	rig_put(rig, "A1", "one", "A", "closed");
	rig_put(rig, "A2", "two", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A2", DELIVERY_ACCEPTED);
	assert_string_equal(rig->p.seen[0].body, rig->p.seen[1].body);
	rig_close(rig);
}

static void in_doubt_it_is_asked_when_it_can_be_seen_and_not_before(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	platform_do(&rig->p, ACT_STORE_AND_DROP);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	assert_true(rig_look(rig, "A1").not_before >= NOW + 20 * MINUTE);
	/* Less than a minute would be waited for. */
	later(rig, 18 * MINUTE);
	rig_run(rig);
	assert_int_equal(platform_count(&rig->p, "/find"), 0);
	later(rig, 2 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_string_equal(rig_look(rig, "A1").receipt, "R1");
	assert_int_equal(platform_count(&rig->p, "/save"), 1);
	rig_close(rig);
}

static void not_there_is_believed_only_the_second_time(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	platform_do(&rig->p, ACT_DROP);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	later(rig, 20 * MINUTE);
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	assert_int_equal(rig_look(rig, "A1").denials, 1);
	assert_int_equal(platform_count(&rig->p, "/save"), 1);
	later(rig, 3 * MINUTE);
	rig_run(rig);
	assert_int_equal(platform_count(&rig->p, "/find"), 1);
	later(rig, 2 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	assert_int_equal(platform_count(&rig->p, "/find"), 2);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(platform_copies(&rig->p, "A1"), 1);
	rig_close(rig);
}

static void what_arrives_between_the_two_questions_is_found(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig->p.late_ms = 22 * MINUTE; /* later than promised */
	platform_do(&rig->p, ACT_LATE);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	later(rig, 20 * MINUTE);
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	later(rig, 5 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(platform_copies(&rig->p, "A1"), 1);
	rig_close(rig);
}

static void other_content_there_is_a_conflict_for_a_person(void **state)
{
	struct rig *rig = rig_open(&plain);
	struct store_delivery d;

	(void)state;
	platform_store(&rig->p, "{\"k\":\"A1\",\"t\":\"by hand\",\"s\":\"A\"}", NOW - HOUR);
	platform_do(&rig->p, ACT_DROP);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	later(rig, 20 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_CONFLICT);
	d = rig_look(rig, "A1");
	assert_string_equal(d.field, "Title"); /* the name, and no value */
	assert_string_equal(d.receipt, "R1");
	/* A newer revision waits behind the question. */
	rig_put(rig, "A1", "newer", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_CONFLICT);
	assert_int_equal(platform_count(&rig->p, "/save"), 1);
	rig->p.is_unique = true;
	rig_decide(rig, "A1", DECIDE_AGAIN);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	rig_close(rig);
}

static void what_stood_there_before_its_correction_is_no_conflict(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig->p.is_unique = true;
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_put(rig, "A1", "corrected", "A", "closed");
	platform_do(&rig->p, ACT_OK);
	rig->p.script_at = 1;
	platform_do(&rig->p, ACT_DROP);
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	later(rig, 20 * MINUTE);
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	later(rig, 5 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_non_null(strstr(platform_find(&rig->p, "A1")->body, "corrected"));
	rig_close(rig);
}

static void who_cannot_be_asked_leaves_it_to_a_person(void **state)
{
	const struct rig_setup setup = { 0 };
	struct rig *rig = rig_open(&setup);

	(void)state;
	platform_do(&rig->p, ACT_STORE_AND_DROP);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	later(rig, 20 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_HELD);
	assert_non_null(strstr(rig_look(rig, "A1").say, "sent at 2024-04-01 08:00"));
	/* No change of the record makes it go out again. */
	rig_put(rig, "A1", "newer", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_HELD);
	assert_int_equal(platform_count(&rig->p, "/save"), 1);
	rig->p.is_unique = true;
	rig_decide(rig, "A1", DECIDE_ACCEPTED);
	rig_is(rig, "A1", DELIVERY_READY); /* for the newer one */
	assert_int_equal(rig_run(rig), CB_OK);
	assert_int_equal(platform_copies(&rig->p, "A1"), 1);
	rig_close(rig);
}

static void what_a_killed_run_was_sending_is_in_doubt(void **state)
{
	struct rig *rig = rig_open(&plain);
	struct store_member m = { .key = CB_TEXT("A1"),
				  .payload = CB_TEXT("{\"k\":\"A1\",\"t\":\"one\",\"s\":\"A\"}"),
				  .digest = "d" };
	struct store_delivery d;
	int64_t attempt;

	(void)state;
	rig->p.always = ACT_503;
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	later(rig, HOUR);
	rig->p.always = ACT_OK;
	ok(rig, store_begin(rig->engine->store, rig_now(rig), &rig->err));
	ok(rig, store_wake(rig->engine->store, "out", &rig->err));
	d = rig_look(rig, "A1");
	m.delivery = d.id;
	m.revision = d.wanted;
	ok(rig, store_attempt(rig->engine->store, "out", "a", "once", false, &m, 1, &attempt,
			      &rig->err));
	ok(rig, store_commit(rig->engine->store, &rig->err));
	platform_store(&rig->p, m.payload.at, rig_now(rig));
	rig_restart(rig);
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_IN_DOUBT);
	later(rig, 20 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(platform_copies(&rig->p, "A1"), 1);
	rig_close(rig);
}

static void a_leader_consents_to_this_content(void **state)
{
	const struct rig_setup setup = { .calls = FIND, .flow = "approve='yes'" };
	struct rig *rig = rig_open(&setup);
	struct store *store = rig->engine->store;

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_WAITING);
	assert_string_equal(rig_look(rig, "A1").code, CODE_APPROVAL);
	assert_int_equal(rig->p.seen_count, 0);
	ok(rig, store_begin(store, rig_now(rig), &rig->err));
	ok(rig, store_approve(store, rig_look(rig, "A1").id, &rig->err));
	ok(rig, store_commit(store, &rig->err));
	/* Released, and changed before it went out: it is another thing to consent to. */
	rig_put(rig, "A1", "two", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_WAITING);
	ok(rig, store_begin(store, rig_now(rig), &rig->err));
	ok(rig, store_approve(store, rig_look(rig, "A1").id, &rig->err));
	ok(rig, store_commit(store, &rig->err));
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_int_equal(rig->p.seen_count, 1);
	rig_close(rig);
}

static void outside_the_hours_it_waits_for_the_next(void **state)
{
	const struct rig_setup setup = { .limits = "hours='20:00-06:00'", .calls = FIND };
	struct rig *rig = rig_open(&setup);

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed"); /* at eight in the morning */
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_WAITING);
	assert_string_equal(rig_look(rig, "A1").code, CODE_HOURS);
	assert_int_equal(rig_look(rig, "A1").not_before, NOW + 12 * HOUR);
	assert_int_equal(rig->report.next_ms, NOW + 12 * HOUR);
	assert_int_equal(rig->report.counts.waiting, 1);
	later(rig, 12 * HOUR - 1);
	rig_run(rig);
	assert_int_equal(rig->p.seen_count, 0);
	later(rig, 1);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	rig_close(rig);
}

static void a_quota_lasts_until_midnight_also_over_a_restart(void **state)
{
	const struct rig_setup setup = { .limits = "quota='2'", .calls = FIND };
	struct rig *rig = rig_open(&setup);

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	rig_restart(rig);
	rig_put(rig, "A2", "two", "A", "closed");
	rig_put(rig, "A3", "three", "A", "closed");
	rig_put(rig, "B1", "one", "B", "closed");
	rig_run(rig);
	rig_is(rig, "A2", DELIVERY_ACCEPTED);
	rig_is(rig, "A3", DELIVERY_WAITING);
	assert_string_equal(rig_look(rig, "A3").code, CODE_QUOTA);
	assert_int_equal(rig_look(rig, "A3").not_before, NOW + 16 * HOUR);
	rig_is(rig, "B1", DELIVERY_ACCEPTED); /* the other account has its own */
	later(rig, 16 * HOUR);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A3", DELIVERY_ACCEPTED);
	rig_close(rig);
}

/* Requests of one account. */
static size_t requests_of(const struct rig *rig, const char *account)
{
	size_t count = 0;

	for (size_t i = 0; i < rig->p.seen_count; i++)
		count += strcmp(rig->p.seen[i].account, account) == 0;
	return count;
}

static void the_breaker_opens_and_a_restart_does_not_close_it(void **state)
{
	struct rig *rig = rig_open(&plain);
	size_t tried;

	(void)state;
	rig->p.always = ACT_503;
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_AGAIN);
	tried = rig->p.seen_count;
	assert_int_equal(tried, 5);
	rig_is(rig, "A1", DELIVERY_WAITING);
	assert_string_equal(rig_look(rig, "A1").code, CODE_REST);
	rig_restart(rig);
	rig_run(rig);
	assert_int_equal(rig->p.seen_count, tried);
	/* After the rest: one try, and it rests again. */
	later(rig, 2 * MINUTE);
	rig_run(rig);
	assert_int_equal(rig->p.seen_count, tried + 1);
	rig->p.always = ACT_OK;
	later(rig, 2 * MINUTE);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	rig_close(rig);
}

static void a_bad_hour_costs_few_requests(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig->p.always = ACT_503;
	rig_put(rig, "A1", "one", "A", "closed");
	for (int i = 0; i < 60; i++) {
		rig_run(rig);
		later(rig, MINUTE);
	}
	/* Ten in ten minutes at most, however often somebody runs it. */
	assert_true(rig->p.seen_count <= 70);
	assert_true(rig->p.seen_count >= 10);
	rig_close(rig);
}

static void a_storm_of_refusals_asks_a_person(void **state)
{
	struct rig *rig = rig_open(&batches);
	bool was_locked;

	(void)state;
	rig->p.always = ACT_REFUSE;
	for (int i = 0; i < 40; i++)
		rig_put(rig, arena_printf(&rig->call, "A%d", 10 + i), "t", "A", "closed");
	assert_int_equal(rig_run(rig), CB_SETUP);
	assert_int_equal(rig->p.seen_count, 2); /* twenty of forty */
	rig_is(rig, "A10", DELIVERY_REJECTED);
	rig_is(rig, "A49", DELIVERY_WAITING);
	rig->p.always = ACT_OK;
	rig_run(rig);
	assert_int_equal(rig->p.seen_count, 2);
	ok(rig, store_begin(rig->engine->store, rig_now(rig), &rig->err));
	ok(rig, store_unlock(rig->engine->store, "p/a", &was_locked, &rig->err));
	ok(rig, store_commit(rig->engine->store, &rig->err));
	assert_true(was_locked);
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A49", DELIVERY_ACCEPTED);
	rig_close(rig);
}

static void a_refused_login_locks_that_account_only(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	platform_do(&rig->p, ACT_401);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_put(rig, "A2", "two", "A", "closed");
	rig_put(rig, "B1", "one", "B", "closed");
	assert_int_equal(rig_run(rig), CB_SETUP);
	assert_int_equal(requests_of(rig, "a"), 1);
	rig_is(rig, "A1", DELIVERY_WAITING);
	assert_string_equal(rig_look(rig, "A1").code, CODE_LOGIN);
	rig_is(rig, "B1", DELIVERY_ACCEPTED);
	assert_int_equal(rig_run(rig), CB_SETUP);
	assert_int_equal(requests_of(rig, "a"), 1);
	rig_close(rig);
}

static void accounts_take_turns(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	for (int i = 0; i < 5; i++)
		rig_put(rig, arena_printf(&rig->call, "A%d", i), "t", "A", "closed");
	for (int i = 0; i < 5; i++)
		rig_put(rig, arena_printf(&rig->call, "B%d", i), "t", "B", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	assert_int_equal(rig->p.seen_count, 10);
	for (size_t i = 0; i < 10; i++)
		assert_string_equal(rig->p.seen[i].account, i % 2 ? "b" : "a");
	rig_close(rig);
}

static void one_that_waits_holds_up_nobody(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	platform_do(&rig->p, ACT_429); /* a waits for half a minute */
	for (int i = 0; i < 3; i++) {
		rig_put(rig, arena_printf(&rig->call, "A%d", i), "t", "A", "closed");
		rig_put(rig, arena_printf(&rig->call, "B%d", i), "t", "B", "closed");
	}
	assert_int_equal(rig_run(rig), CB_OK);
	for (size_t i = 1; i < 4; i++) {
		assert_string_equal(rig->p.seen[i].account, "b");
		assert_int_equal(rig->p.seen[i].at_ms, NOW);
	}
	assert_int_equal(requests_of(rig, "a"), 4);
	rig_close(rig);
}

static void a_business_key_stays(void **state)
{
	struct rig *rig = rig_open(&plain);

	(void)state;
	rig_put(rig, "A1", "one", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	/* A mapping that would call it something else. */
	rig_write(rig, "mappings/p.xml",
		  "<mapping name='p'><there format='json'/><here type='case'/>"
		  "<field here='number' there='n'/><field here='title' there='k' key='yes'/>"
		  "</mapping>");
	rig_restart(rig);
	rig_put(rig, "A1", "another", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A1", DELIVERY_HELD);
	assert_string_equal(rig_look(rig, "A1").code, CODE_KEY);
	assert_string_equal(rig_look(rig, "A1").key, "A1");
	/* And one that would take another record's. */
	rig_put(rig, "A2", "A1", "A", "closed");
	assert_int_equal(rig_run(rig), CB_OK);
	rig_is(rig, "A2", DELIVERY_HELD);
	assert_string_equal(rig_look(rig, "A2").code, CODE_KEY);
	assert_int_equal(rig->p.seen_count, 1);
	rig_close(rig);
}

static void what_is_replaced_on_its_way_is_superseded(void **state)
{
	struct rig *rig = rig_open(&plain);
	struct store_sent sent;
	int64_t attempt;

	(void)state;
	platform_do(&rig->p, ACT_DROP);
	rig_put(rig, "A1", "one", "A", "closed");
	rig_run(rig);
	attempt = rig_look(rig, "A1").attempt;
	rig_put(rig, "A1", "two", "A", "closed");
	later(rig, 20 * MINUTE);
	rig_run(rig);
	later(rig, 5 * MINUTE);
	rig_run(rig);
	rig_run(rig);
	rig_is(rig, "A1", DELIVERY_ACCEPTED);
	assert_non_null(strstr(platform_find(&rig->p, "A1")->body, "two"));
	ok(rig, store_attempt_read(rig->engine->store, attempt, &rig->call, &sent, &rig->err));
	assert_int_equal(sent.members[0].ended, DELIVERY_SUPERSEDED);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_accepted_keeps_its_receipt_and_is_not_sent_again),
		cmocka_unit_test(every_member_of_a_batch_has_its_own_receipt),
		cmocka_unit_test(a_correction_cites_what_it_corrects),
		cmocka_unit_test(what_no_longer_fits_is_withdrawn),
		cmocka_unit_test(a_withdrawal_in_doubt_is_asked_for),
		cmocka_unit_test(without_a_way_to_withdraw_a_person_does_it),
		cmocka_unit_test(what_surely_did_not_arrive_goes_again),
		cmocka_unit_test(too_many_waits_as_long_as_it_is_told),
		cmocka_unit_test(by_key_the_same_bytes_go_again_under_the_same_key),
		cmocka_unit_test(unavailable_is_unsent_only_where_the_manifest_says_so),
		cmocka_unit_test(nothing_newer_goes_out_before_an_older_copy_can_arrive_no_more),
		cmocka_unit_test(by_key_a_correction_waits_for_no_copy),
		cmocka_unit_test(a_record_without_an_answer_is_in_doubt_alone),
		cmocka_unit_test(all_of_a_key_s_bytes_go_again_for_the_one_without_an_answer),
		cmocka_unit_test(in_doubt_it_is_asked_when_it_can_be_seen_and_not_before),
		cmocka_unit_test(not_there_is_believed_only_the_second_time),
		cmocka_unit_test(what_arrives_between_the_two_questions_is_found),
		cmocka_unit_test(other_content_there_is_a_conflict_for_a_person),
		cmocka_unit_test(what_stood_there_before_its_correction_is_no_conflict),
		cmocka_unit_test(who_cannot_be_asked_leaves_it_to_a_person),
		cmocka_unit_test(what_a_killed_run_was_sending_is_in_doubt),
		cmocka_unit_test(a_leader_consents_to_this_content),
		cmocka_unit_test(outside_the_hours_it_waits_for_the_next),
		cmocka_unit_test(a_quota_lasts_until_midnight_also_over_a_restart),
		cmocka_unit_test(the_breaker_opens_and_a_restart_does_not_close_it),
		cmocka_unit_test(a_bad_hour_costs_few_requests),
		cmocka_unit_test(a_storm_of_refusals_asks_a_person),
		cmocka_unit_test(a_refused_login_locks_that_account_only),
		cmocka_unit_test(accounts_take_turns),
		cmocka_unit_test(one_that_waits_holds_up_nobody),
		cmocka_unit_test(a_business_key_stays),
		cmocka_unit_test(what_is_replaced_on_its_way_is_superseded),
	};

	return cmocka_run_group_tests(tests, rig_prepare, NULL);
}
