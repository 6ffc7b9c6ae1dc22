#include "store/rig.h"

static int first_due(void *with, const struct store_delivery *d, struct cb_error *err)
{
	int64_t *id = with;

	(void)err;
	if (!*id)
		*id = d->id;
	return CB_OK;
}

static int64_t due(struct rig *rig, enum delivery_state state, int64_t now)
{
	int64_t id = 0;

	ok(rig, store_due(rig->store, "out", state, NULL, now, 0, 10, first_due, &id, &rig->err));
	return id;
}

static void want(struct rig *rig, int64_t record, int64_t revision)
{
	rig_begin(rig, 1000);
	ok(rig, store_want(rig->store, "out", record, revision, &rig->err));
	rig_commit(rig);
}

static int64_t send_it(struct rig *rig, int64_t delivery, int64_t revision, const char *payload,
		       const char *digest)
{
	struct store_member member = { .delivery = delivery,
				       .revision = revision,
				       .key = CB_TEXT("CX-1"),
				       .payload = cb_text_of(payload),
				       .digest = digest };
	int64_t attempt;

	rig_begin(rig, 2000);
	ok(rig, store_attempt(rig->store, "out", "zhihe", "once-1", false, &member, 1, &attempt,
			      &rig->err));
	rig_commit(rig);
	return attempt;
}

static void settle(struct rig *rig, int64_t delivery, enum delivery_state state,
		   const char *receipt, int64_t not_before)
{
	rig_begin(rig, 3000);
	ok(rig, store_settle(rig->store, delivery,
			     &(struct store_outcome){ .state = state,
						      .receipt = receipt,
						      .say = "说明",
						      .not_before = not_before },
			     &rig->err));
	rig_commit(rig);
}

static struct store_delivery look(struct rig *rig, int64_t record)
{
	struct store_delivery d;

	ok(rig, store_delivery_of(rig->store, "out", record, &rig->call, &d, &rig->err));
	return d;
}

static void changes_coalesce_until_it_is_sent(void **state)
{
	struct rig *rig = *state;
	int64_t counts[DELIVERY_STATES];

	want(rig, 5, 10);
	want(rig, 5, 11);
	want(rig, 5, 9);
	assert_int_equal(look(rig, 5).wanted, 11);
	ok(rig, store_delivery_counts(rig->store, "out", counts, &rig->err));
	assert_int_equal(counts[DELIVERY_READY], 1);
}

static void what_is_accepted_keeps_its_receipt_for_the_correction(void **state)
{
	struct rig *rig = *state;
	struct store_delivery d;
	int64_t id;

	want(rig, 5, 10);
	id = due(rig, DELIVERY_READY, 1000);
	send_it(rig, id, 10, "<a/>", "d1");
	assert_int_equal(look(rig, 5).state, DELIVERY_SENDING);
	settle(rig, id, DELIVERY_ACCEPTED, "R-1", 0);
	d = look(rig, 5);
	assert_int_equal(d.state, DELIVERY_ACCEPTED);
	assert_int_equal(d.settled, 10);
	want(rig, 5, 12);
	d = look(rig, 5);
	assert_int_equal(d.state, DELIVERY_READY);
	assert_string_equal(d.receipt, "R-1");
	assert_string_equal(d.digest, "d1");
	send_it(rig, id, 12, "<b/>", "d2");
	settle(rig, id, DELIVERY_REJECTED, NULL, 0);
	d = look(rig, 5);
	assert_int_equal(d.state, DELIVERY_REJECTED);
	assert_string_equal(d.receipt, "R-1");
	says(d.payload, "<b/>");
	assert_int_equal(d.settled, 10);
}

static void a_change_on_the_way_is_not_missed(void **state)
{
	static const enum delivery_state ends[] = { DELIVERY_ACCEPTED, DELIVERY_REJECTED };
	struct rig *rig = *state;

	for (int64_t i = 0; i < 2; i++) {
		int64_t id;

		want(rig, 5 + i, 10);
		id = due(rig, DELIVERY_READY, 1000);
		send_it(rig, id, 10, "<a/>", "d1");
		want(rig, 5 + i, 11);
		assert_int_equal(look(rig, 5 + i).state, DELIVERY_SENDING);
		settle(rig, id, ends[i], NULL, 0);
		assert_int_equal(look(rig, 5 + i).state, DELIVERY_READY);
		settle(rig, id, DELIVERY_HELD, NULL, 0);
	}
}

static void a_restart_finds_what_was_on_its_way(void **state)
{
	struct rig *rig = *state;
	struct store_sent sent;
	int64_t id, attempt, *open;
	size_t count;

	want(rig, 5, 10);
	want(rig, 6, 10);
	id = due(rig, DELIVERY_READY, 1000);
	attempt = send_it(rig, id, 10, "<a/>", "d1");
	rig_reopen(rig);
	assert_int_equal(look(rig, 5).state, DELIVERY_SENDING);
	ok(rig, store_attempts_open(rig->store, "out", &rig->call, &open, &count, &rig->err));
	assert_int_equal(count, 1);
	assert_int_equal(open[0], attempt);
	settle(rig, id, DELIVERY_IN_DOUBT, NULL, 9000);
	assert_int_equal(due(rig, DELIVERY_IN_DOUBT, 8999), 0);
	assert_int_equal(due(rig, DELIVERY_IN_DOUBT, 9000), id);
	ok(rig, store_attempt_read(rig->store, attempt, &rig->call, &sent, &rig->err));
	assert_int_equal(sent.count, 1);
	says(sent.members[0].payload, "<a/>");
	assert_true(sent.members[0].is_open);
	assert_string_equal(sent.once, "once-1");
	assert_string_equal(sent.account, "zhihe");
	settle(rig, id, DELIVERY_READY, NULL, 0);
	ok(rig, store_attempts_open(rig->store, "out", &rig->call, &open, &count, &rig->err));
	assert_int_equal(count, 0);
	assert_int_equal(look(rig, 5).tries, 1);
}

/* A connection without accounts has one called "": it has a name, and an empty one. */
static void the_only_account_of_a_connection_has_a_name(void **state)
{
	struct rig *rig = *state;
	struct store_member member = { .revision = 10, .key = CB_TEXT("x"), .digest = "d" };
	struct store_sent sent;
	int64_t attempt;

	want(rig, 5, 10);
	member.delivery = due(rig, DELIVERY_READY, 1000);
	rig_begin(rig, 2000);
	ok(rig,
	   store_attempt(rig->store, "out", "", "once-1", false, &member, 1, &attempt, &rig->err));
	rig_commit(rig);
	ok(rig, store_attempt_read(rig->store, attempt, &rig->call, &sent, &rig->err));
	assert_non_null(sent.account);
	assert_string_equal(sent.account, "");
}

static void only_what_is_ready_is_sent(void **state)
{
	struct rig *rig = *state;
	struct store_member member = { .revision = 10, .key = CB_TEXT("x"), .digest = "d" };
	int64_t attempt;

	want(rig, 5, 10);
	member.delivery = due(rig, DELIVERY_READY, 1000);
	settle(rig, member.delivery, DELIVERY_WAITING, NULL, 0);
	rig_begin(rig, 2000);
	assert_int_equal(
		store_attempt(rig->store, "out", "a", "o", false, &member, 1, &attempt, &rig->err),
		CB_REFUSED);
	assert_int_equal(store_settle(rig->store, member.delivery,
				      &(struct store_outcome){ .state = DELIVERY_IN_DOUBT },
				      &rig->err),
			 CB_REFUSED);
	assert_int_equal(store_settle_same(rig->store, member.delivery, &rig->err), CB_REFUSED);
	store_rollback(rig->store);
}

static void what_the_target_held_already_is_accepted_without_sending(void **state)
{
	struct rig *rig = *state;
	struct store_delivery d;

	want(rig, 5, 10);
	settle(rig, due(rig, DELIVERY_READY, 0), DELIVERY_ACCEPTED, "R-0", 0);
	d = look(rig, 5);
	assert_int_equal(d.state, DELIVERY_ACCEPTED);
	assert_int_equal(d.settled, 10);
	assert_string_equal(d.receipt, "R-0");
}

static void the_same_content_settles_without_sending(void **state)
{
	struct rig *rig = *state;
	struct store_delivery d;
	int64_t id;

	want(rig, 5, 10);
	id = due(rig, DELIVERY_READY, 1000);
	send_it(rig, id, 10, "<a/>", "d1");
	settle(rig, id, DELIVERY_ACCEPTED, "R-1", 0);
	want(rig, 5, 11);
	rig_begin(rig, 3000);
	ok(rig, store_settle_same(rig->store, id, &rig->err));
	rig_commit(rig);
	d = look(rig, 5);
	assert_int_equal(d.state, DELIVERY_ACCEPTED);
	assert_int_equal(d.settled, 11);
}

static void a_flow_goes_on_where_it_was(void **state)
{
	struct rig *rig = *state;
	int64_t after;

	ok(rig, store_plan(rig->store, "out", &after, &rig->err));
	assert_int_equal(after, 0);
	rig_begin(rig, 1000);
	ok(rig, store_plan_set(rig->store, "out", 42, &rig->err));
	rig_commit(rig);
	rig_reopen(rig);
	ok(rig, store_plan(rig->store, "out", &after, &rig->err));
	assert_int_equal(after, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(changes_coalesce_until_it_is_sent),
		test(what_is_accepted_keeps_its_receipt_for_the_correction),
		test(a_change_on_the_way_is_not_missed),
		test(a_restart_finds_what_was_on_its_way),
		test(the_only_account_of_a_connection_has_a_name),
		test(only_what_is_ready_is_sent),
		test(what_the_target_held_already_is_accepted_without_sending),
		test(the_same_content_settles_without_sending),
		test(a_flow_goes_on_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
