/*
 * property.c - the store against a few arrays that say what it should hold:
 * puts, holds, wants, attempts and settlements in any order, with roll-backs
 * and restarts in between. SEED=… repeats a run.
 */
#include "store/rig.h"
#include "support/dice.h"

enum { RECORDS = 5, KEYS = 2 * RECORDS, ROUNDS = 1500 };

struct told { /* what a put says; title 0: never said */
	uint32_t title, parties;
};

struct oracle {
	struct {
		int64_t id; /* 0: not there */
		struct told now;
		bool is_wanted;
		enum delivery_state state;
		int64_t wanted, settled, sent;
		int tries;
	} records[RECORDS];
	struct told last[KEYS]; /* two keys for each record */
	bool is_held[KEYS];
};

struct run {
	struct rig *rig;
	struct oracle now, before;
};

static const char *const titles[] = { NULL, "一", "二", "三" };

static char *word(struct rig *rig, const char *letter, uint32_t number)
{
	return arena_printf(&rig->call, "%s%u", letter, number);
}

static void put(struct run *run, uint32_t key)
{
	struct rig *rig = run->rig;
	struct told told = { 1 + dice_roll(3), dice_roll(3) };
	struct row *row = rig_row(rig, word(rig, "N", key / 2), titles[told.title]);
	struct store_origin origin = { .stream = "s", .key = cb_text_of(word(rig, "k", key)) };
	bool is_new = !run->now.records[key / 2].id;
	struct told *now = &run->now.records[key / 2].now, *last = &run->now.last[key];
	bool differs = memcmp(last, &told, sizeof(told)) && memcmp(now, &told, sizeof(told));

	for (uint32_t i = 0; i < told.parties; i++)
		rig_item(rig, rig_item(rig, row, PARTY, word(rig, "p", i)), 0, word(rig, "a", i));
	ok(rig, rig_put_as(rig, &origin, row));
	assert_int_equal(rig->result, is_new    ? STORE_NEW
				      : differs ? STORE_CHANGED
						: STORE_UNCHANGED);
	if (is_new)
		run->now.records[key / 2].id = rig->id;
	assert_int_equal(rig->id, run->now.records[key / 2].id);
	if (is_new || differs)
		*now = told;
	*last = told;
	run->now.is_held[key] = false;
}

static void hold(struct run *run, uint32_t key)
{
	struct store_held held = { .flow = "in",
				   .stream = "s",
				   .key = word(run->rig, "k", key),
				   .code = "code",
				   .outcome = "held" };

	ok(run->rig, store_hold(run->rig->store, &held, &run->rig->err));
	run->now.is_held[key] = true;
}

static void want(struct run *run, uint32_t at)
{
	int64_t revision;

	if (!run->now.records[at].id)
		return;
	revision = rig_revision(run->rig, run->now.records[at].id);
	ok(run->rig,
	   store_want(run->rig->store, "out", run->now.records[at].id, revision, &run->rig->err));
	if (revision <= run->now.records[at].wanted)
		return;
	run->now.records[at].wanted = revision;
	switch (run->now.records[at].state) {
	case DELIVERY_WAITING:
	case DELIVERY_ACCEPTED:
	case DELIVERY_REJECTED:
	case DELIVERY_WITHDRAWN:
	case DELIVERY_HELD:
		run->now.records[at].tries = 0;
		run->now.records[at].state = DELIVERY_READY;
		break;
	default:
		if (!run->now.records[at].is_wanted)
			run->now.records[at].state = DELIVERY_READY;
	}
	run->now.records[at].is_wanted = true;
}

static int64_t delivery_of(struct run *run, uint32_t at)
{
	struct store_delivery d;

	ok(run->rig, store_delivery_of(run->rig->store, "out", run->now.records[at].id,
				       &run->rig->call, &d, &run->rig->err));
	return d.id;
}

static void attempt(struct run *run, uint32_t at)
{
	struct store_member member = { .revision = run->now.records[at].wanted,
				       .key = CB_TEXT("key"),
				       .payload = CB_TEXT("bytes"),
				       .digest = "digest" };
	int64_t number;

	if (!run->now.records[at].is_wanted || run->now.records[at].state != DELIVERY_READY)
		return;
	member.delivery = delivery_of(run, at);
	ok(run->rig, store_attempt(run->rig->store, "out", "a", "once", false, &member, 1, &number,
				   &run->rig->err));
	run->now.records[at].state = DELIVERY_SENDING;
	run->now.records[at].sent = member.revision;
	run->now.records[at].tries++;
}

static bool is_under_way(enum delivery_state state)
{
	return state == DELIVERY_SENDING || state == DELIVERY_IN_DOUBT;
}

static void settle(struct run *run, uint32_t at)
{
	enum delivery_state to = (enum delivery_state)dice_roll(DELIVERY_STATES);
	bool was_under_way = is_under_way(run->now.records[at].state), is_final;

	if (!run->now.records[at].is_wanted || !delivery_may_become(run->now.records[at].state, to))
		return;
	ok(run->rig,
	   store_settle(run->rig->store, delivery_of(run, at),
			&(struct store_outcome){ .state = to, .receipt = "r" }, &run->rig->err));
	is_final = to == DELIVERY_ACCEPTED || to == DELIVERY_REJECTED || to == DELIVERY_WITHDRAWN;
	if (to == DELIVERY_ACCEPTED || to == DELIVERY_WITHDRAWN)
		run->now.records[at].settled =
			was_under_way ? run->now.records[at].sent : run->now.records[at].wanted;
	if (was_under_way && is_final && run->now.records[at].wanted > run->now.records[at].sent)
		to = DELIVERY_READY;
	run->now.records[at].state = to;
}

static void one_step(struct run *run)
{
	switch (dice_roll(6)) {
	case 0:
	case 1:
		put(run, dice_roll(KEYS));
		break;
	case 2:
		hold(run, dice_roll(KEYS));
		break;
	case 3:
		want(run, dice_roll(RECORDS));
		break;
	case 4:
		attempt(run, dice_roll(RECORDS));
		break;
	case 5:
		settle(run, dice_roll(RECORDS));
		break;
	}
}

static void check_record(struct run *run, int at)
{
	struct told *now = &run->now.records[at].now;
	struct row *row = rig_get(run->rig, run->now.records[at].id);

	says(row->values[TITLE], titles[now->title]);
	assert_int_equal(row->lists[PARTY].count, now->parties);
	for (uint32_t i = 0; i < now->parties; i++) {
		const struct row *party = row->lists[PARTY].at[i];

		says(party->values[0], word(run->rig, "p", i));
		assert_int_equal(party->lists[0].count, 1);
		says(party->lists[0].at[0]->values[0], word(run->rig, "a", i));
	}
}

static void check_delivery(struct run *run, int at)
{
	struct store_delivery d;

	ok(run->rig, store_delivery_of(run->rig->store, "out", run->now.records[at].id,
				       &run->rig->call, &d, &run->rig->err));
	assert_int_equal(d.state, run->now.records[at].state);
	assert_int_equal(d.wanted, run->now.records[at].wanted);
	assert_int_equal(d.settled, run->now.records[at].settled);
	assert_int_equal(d.tries, run->now.records[at].tries);
}

static int count_one(void *with, const struct store_held *held, struct cb_error *err)
{
	(void)held;
	(void)err;
	++*(int *)with;
	return CB_OK;
}

static void check(struct run *run)
{
	struct rig *rig = run->rig;
	int64_t records, *open, expected = 0;
	size_t under_way = 0, count;
	int held = 0;

	for (int i = 0; i < RECORDS; i++) {
		if (!run->now.records[i].id)
			continue;
		expected++;
		check_record(run, i);
		if (run->now.records[i].is_wanted)
			check_delivery(run, i);
		under_way += is_under_way(run->now.records[i].state);
	}
	ok(rig, store_record_count(rig->store, rig->cases, &records, &rig->err));
	assert_int_equal(records, expected);
	ok(rig, store_attempts_open(rig->store, "out", &rig->call, &open, &count, &rig->err));
	assert_int_equal(count, under_way);
	ok(rig, store_held_list(rig->store, "in", NULL, NULL, count_one, &held, &rig->err));
	for (int i = 0; i < KEYS; i++)
		held -= run->now.is_held[i];
	assert_int_equal(held, 0);
}

static void the_store_holds_what_it_was_told(void **state)
{
	struct run run = { .rig = *state };

	dice_seed();
	for (int i = 0; i < ROUNDS; i++) {
		arena_clear(&run.rig->call);
		run.before = run.now;
		rig_begin(run.rig, 1000 + i);
		for (uint32_t steps = dice_roll(6); steps; steps--)
			one_step(&run);
		if (dice_roll(3)) {
			rig_commit(run.rig);
		} else {
			store_rollback(run.rig->store);
			run.now = run.before;
		}
		if (!dice_roll(50))
			rig_reopen(run.rig);
		check(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { test(the_store_holds_what_it_was_told) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
