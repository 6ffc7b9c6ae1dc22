/*
 * settle.c - the states of a delivery against a few lines that say what each
 * move means: every move tried in any order, those that are refused changing
 * nothing, with restarts in between. SEED=… repeats a run.
 */
#include "store/rig.h"
#include "support/dice.h"

enum { RECORDS = 4, ROUNDS = 6000 };

struct oracle {
	enum delivery_state state;
	bool is_known, is_there, is_withdrawal, was_withdrawal, is_doubt; /* code "doubt" */
	bool is_offered;                                                  /* waits for approval */
	bool has_sent;
	int64_t wanted, settled, sent, denials, attempts;
	char digest; /* of what stands there; 0: none */
	char sent_digest, offered, approved;
};

struct run {
	struct rig *rig;
	struct oracle at[RECORDS];
	int64_t revision;
};

static bool is_under_way(const struct oracle *o)
{
	return o->state == DELIVERY_SENDING || o->state == DELIVERY_IN_DOUBT;
}

static bool is_question(const struct oracle *o)
{
	return o->state == DELIVERY_CONFLICT ||
	       (o->state == DELIVERY_HELD && o->is_doubt && o->has_sent);
}

/* A newer revision makes it ready, or, where nothing is there to take back, withdrawn. */
static bool is_at_rest(const struct oracle *o)
{
	return o->state == DELIVERY_WAITING || o->state == DELIVERY_ACCEPTED ||
	       o->state == DELIVERY_REJECTED || o->state == DELIVERY_WITHDRAWN ||
	       (o->state == DELIVERY_HELD && !o->is_doubt);
}

static struct store_delivery look(struct run *run, int at)
{
	struct store_delivery d;

	ok(run->rig,
	   store_delivery_of(run->rig->store, "out", at + 1, &run->rig->call, &d, &run->rig->err));
	return d;
}

static void want(struct run *run, int at)
{
	struct oracle *o = &run->at[at];

	ok(run->rig, store_want(run->rig->store, "out", at + 1, ++run->revision, &run->rig->err));
	if (!o->is_known || is_at_rest(o))
		o->state = DELIVERY_READY;
	o->is_known = true;
	o->is_withdrawal = false;
	o->wanted = run->revision;
}

static void unwant(struct run *run, int at)
{
	struct oracle *o = &run->at[at];

	ok(run->rig, store_unwant(run->rig->store, "out", at + 1, ++run->revision, &run->rig->err));
	if (!o->is_known)
		return;
	o->wanted = run->revision;
	o->is_withdrawal = true;
	if (o->state != DELIVERY_READY && !is_at_rest(o))
		return;
	o->state = o->is_there ? DELIVERY_READY : DELIVERY_WITHDRAWN;
	if (!o->is_there)
		o->settled = o->wanted;
}

static void attempt(struct run *run, int at)
{
	struct oracle *o = &run->at[at];
	char digest[2] = { (char)('a' + dice_roll(3)), '\0' };
	struct store_member m = { .delivery = look(run, at).id,
				  .revision = o->wanted,
				  .key = CB_TEXT("k"),
				  .payload = CB_TEXT("bytes"),
				  .digest = o->is_withdrawal ? NULL : digest };
	int64_t number;
	int rc = store_attempt(run->rig->store, "out", "a", "once", o->is_withdrawal, &m, 1,
			       &number, &run->rig->err);

	assert_int_equal(rc, o->state == DELIVERY_READY ? CB_OK : CB_REFUSED);
	if (rc != CB_OK)
		return;
	o->state = DELIVERY_SENDING;
	o->sent = o->wanted;
	o->was_withdrawal = o->is_withdrawal;
	o->sent_digest = o->is_withdrawal ? '\0' : digest[0];
	o->has_sent = true;
	o->attempts++;
	o->denials = 0;
}

/* What the oracle makes of a state that it may become; @gone_out: what was sent is the question. */
static void becomes(struct oracle *o, enum delivery_state to, bool gone_out, bool is_doubt)
{
	bool is_newer = gone_out && o->wanted > o->sent;

	if (gone_out && to == DELIVERY_ACCEPTED && o->was_withdrawal)
		to = DELIVERY_WITHDRAWN;
	if (to == DELIVERY_ACCEPTED || to == DELIVERY_WITHDRAWN)
		o->settled = gone_out ? o->sent : o->wanted;
	if (to == DELIVERY_ACCEPTED) {
		o->is_there = true;
		if (gone_out && o->sent_digest)
			o->digest = o->sent_digest;
	}
	if (to == DELIVERY_WITHDRAWN) {
		o->is_there = false;
		o->digest = '\0';
	}
	if (to == DELIVERY_ACCEPTED || to == DELIVERY_WITHDRAWN)
		o->approved = '\0';
	o->is_there |= to == DELIVERY_CONFLICT;
	if (is_newer &&
	    (to == DELIVERY_ACCEPTED || to == DELIVERY_REJECTED || to == DELIVERY_WITHDRAWN))
		to = DELIVERY_READY;
	o->state = to;
	o->is_doubt = is_doubt;
	o->is_offered = false;
	if (to != DELIVERY_IN_DOUBT)
		o->denials = 0;
}

static void settle(struct run *run, int at)
{
	struct oracle *o = &run->at[at];
	enum delivery_state to = (enum delivery_state)dice_roll(DELIVERY_STATES);
	bool is_doubt = dice_roll(2),
	     is_allowed = !is_question(o) && delivery_may_become(o->state, to);
	const struct store_outcome outcome = { .state = to, .code = is_doubt ? CODE_DOUBT : NULL };
	int rc = store_settle(run->rig->store, look(run, at).id, &outcome, &run->rig->err);

	assert_int_equal(rc, is_allowed ? CB_OK : CB_REFUSED);
	if (is_allowed)
		becomes(o, to, is_under_way(o), is_doubt);
}

static void decide(struct run *run, int at)
{
	static const enum delivery_state to[] = { DELIVERY_ACCEPTED, DELIVERY_READY,
						  DELIVERY_WITHDRAWN };
	struct oracle *o = &run->at[at];
	enum decision decision = (enum decision)dice_roll(3);
	bool gone_out = is_question(o) || o->state == DELIVERY_IN_DOUBT;
	bool is_idle = o->state == DELIVERY_READY || o->state == DELIVERY_WAITING;
	bool is_allowed = o->state != DELIVERY_SENDING &&
			  (decision != DECIDE_ACCEPTED || gone_out) &&
			  (decision != DECIDE_AGAIN || !is_idle);
	int rc = store_decide(run->rig->store, look(run, at).id, decision, NULL, &run->rig->err);

	assert_int_equal(rc, is_allowed ? CB_OK : CB_REFUSED);
	if (!is_allowed)
		return;
	if (decision == DECIDE_AGAIN && o->state == DELIVERY_ACCEPTED)
		o->digest = '\0';
	becomes(o, to[decision], gone_out, false);
}

static void consent(struct run *run, int at)
{
	struct oracle *o = &run->at[at];
	char digest[2] = { (char)('a' + dice_roll(3)), '\0' };
	int64_t id = look(run, at).id;
	int rc;

	if (dice_roll(2)) {
		rc = store_offer(run->rig->store, id, digest, &run->rig->err);
		assert_int_equal(rc, o->state == DELIVERY_READY ? CB_OK : CB_REFUSED);
		if (rc != CB_OK)
			return;
		o->state = DELIVERY_WAITING;
		o->is_offered = true;
		o->offered = digest[0];
		o->approved = '\0';
	} else {
		bool waits = o->state == DELIVERY_WAITING && o->is_offered;

		rc = store_approve(run->rig->store, id, &run->rig->err);
		assert_int_equal(rc, waits ? CB_OK : CB_REFUSED);
		if (rc != CB_OK)
			return;
		o->state = DELIVERY_READY;
		o->is_offered = false;
		o->approved = o->offered;
	}
}

static void deny(struct run *run, int at)
{
	struct oracle *o = &run->at[at];

	ok(run->rig, store_deny(run->rig->store, look(run, at).id, 5000, &run->rig->err));
	o->denials += o->state == DELIVERY_IN_DOUBT;
}

static void wake(struct run *run)
{
	ok(run->rig, store_wake(run->rig->store, "out", &run->rig->err));
	for (int i = 0; i < RECORDS; i++)
		if (run->at[i].state == DELIVERY_WAITING && run->at[i].is_known &&
		    !run->at[i].is_offered)
			run->at[i].state = DELIVERY_READY;
}

static void one_step(struct run *run)
{
	int at = (int)dice_roll(RECORDS);

	if (!run->at[at].is_known || !dice_roll(4)) {
		if (dice_roll(2))
			want(run, at);
		else
			unwant(run, at);
		return;
	}
	switch (dice_roll(7)) {
	case 0:
	case 1:
		attempt(run, at);
		break;
	case 2:
	case 3:
		settle(run, at);
		break;
	case 4:
		decide(run, at);
		break;
	case 5:
		if (dice_roll(2))
			deny(run, at);
		else
			wake(run);
		break;
	default:
		consent(run, at);
	}
}

static char letter(const char *digest)
{
	return (char)(digest ? digest[0] : '\0');
}

/* The member that was sent last says the same as the delivery. */
static void check_member(struct run *run, const struct store_delivery *d, const struct oracle *o)
{
	struct store_sent sent;
	const struct store_member *m;

	if (!o->has_sent)
		return;
	ok(run->rig,
	   store_attempt_read(run->rig->store, d->attempt, &run->rig->call, &sent, &run->rig->err));
	assert_int_equal(sent.count, 1);
	m = &sent.members[0];
	assert_true(m->is_newest);
	assert_int_equal(m->revision, o->sent);
	assert_int_equal(m->is_open, is_under_way(o));
	if (m->is_open)
		assert_int_equal(m->ended, o->state);
	else
		assert_true(m->ended != DELIVERY_SENDING && m->ended != DELIVERY_IN_DOUBT);
}

static void check(struct run *run)
{
	struct rig *rig = run->rig;
	size_t under_way = 0, count;
	int64_t *open;

	for (int i = 0; i < RECORDS; i++) {
		const struct oracle *o = &run->at[i];
		struct store_delivery d;

		if (!o->is_known)
			continue;
		d = look(run, i);
		if (d.state != o->state)
			fail_msg("%d is %s, not %s", i, delivery_state_word(d.state),
				 delivery_state_word(o->state));
		assert_int_equal(d.wanted, o->wanted);
		assert_int_equal(d.settled, o->settled);
		assert_int_equal(d.is_there, o->is_there);
		assert_int_equal(d.is_withdrawal, o->is_withdrawal);
		assert_int_equal(d.denials, o->denials);
		assert_int_equal(letter(d.digest), o->digest);
		assert_int_equal(letter(d.approved), o->approved);
		assert_true(d.settled <= d.wanted);
		check_member(run, &d, o);
		under_way += is_under_way(o);
	}
	ok(rig, store_attempts_open(rig->store, "out", &rig->call, &open, &count, &rig->err));
	assert_int_equal(count, under_way);
}

static void every_move_in_any_order(void **state)
{
	struct run run = { .rig = *state }, before;

	dice_seed();
	for (int i = 0; i < ROUNDS; i++) {
		arena_clear(&run.rig->call);
		before = run;
		rig_begin(run.rig, 1000 + i);
		for (uint32_t steps = 1 + dice_roll(5); steps; steps--)
			one_step(&run);
		if (dice_roll(6)) {
			rig_commit(run.rig);
		} else {
			store_rollback(run.rig->store);
			run = before;
		}
		if (!dice_roll(200))
			rig_reopen(run.rig);
		check(&run);
	}
}

/* The table itself, so that a move which is added is added on purpose. */
static void a_program_moves_only_so(void **state)
{
	static const char *const rows[DELIVERY_STATES] = {
		[DELIVERY_WAITING] = "waiting ready accepted held withdrawn",
		[DELIVERY_READY] = "waiting ready accepted held withdrawn",
		[DELIVERY_SENDING] = "ready accepted rejected in-doubt conflict held withdrawn",
		[DELIVERY_IN_DOUBT] = "ready accepted rejected in-doubt conflict held withdrawn",
		[DELIVERY_REJECTED] = "ready accepted",
		[DELIVERY_HELD] = "ready accepted held",
		[DELIVERY_ACCEPTED] = "",
		[DELIVERY_CONFLICT] = "",
		[DELIVERY_WITHDRAWN] = "",
		[DELIVERY_SUPERSEDED] = "",
	};

	(void)state;
	for (int from = 0; from < DELIVERY_STATES; from++) {
		char said[200] = "";

		for (int to = 0; to < DELIVERY_STATES; to++)
			if (delivery_may_become((enum delivery_state)from,
						(enum delivery_state)to)) {
				if (said[0])
					strcat(said, " ");
				strcat(said, delivery_state_word((enum delivery_state)to));
			}
		assert_string_equal(said, rows[from]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(every_move_in_any_order),
		cmocka_unit_test(a_program_moves_only_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
