/*
 * model.c - every way that one upload can go, tried.
 *
 * A small explicit-state model checker: breadth first over the bridge's store, its
 * process, the network and the platform, with at most three sends and two crashes.
 * A request takes 0 … delay steps to arrive or is lost, a stored record is seen by
 * `find` 0 … lag steps later, every answer may be lost or unreadable, the record may
 * change once on the way, and one question may be answered from an old copy. In each
 * state reached: nothing doubled, nothing lost, nothing old over something newer; and
 * from each the end can still be reached.
 *
 * The transitions are those of core/flow/batch.c, doubt.c and core/store/settle.c; which
 * function is named beside each. A model that finds nothing proves nothing, so each
 * rule of the machine is also taken away once, and the shortest way to the damage is
 * printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENDS = 3, CRASHES = 2, MOST = 4 };

/* What the platform does with the same thing twice, and so what the manifest says of it. */
enum kind {
	BY_KEY, /* repeat="by-key": knows a batch by its once-key, and nothing else */
	SAFE,   /* repeat="safe": holds a record once by its own key; what comes last stands */
	UNSAFE, /* repeat="unsafe": stores whatever comes, and can be asked */
	KINDS,
};

enum delivery { READY, SENDING, IN_DOUBT, ACCEPTED, REJECTED, CONFLICT };
enum phase { DOWN, IDLE, COMMITTED, WAITING, ASKING, ANSWERED };
enum answer { NONE, OK, REFUSED, AGAIN, DOUBT, FOUND, OTHER, NOT_FOUND };
enum place { NOWHERE, FLYING, ARRIVED, LOST };

/* One rule of the machine, taken away. */
enum fault {
	NO_FAULT,
	NO_QUARANTINE,
	RESEND_ON_TIMEOUT,
	BELIEVE_FIRST_NOT_FOUND,
	SEND_BEFORE_COMMIT,
	NEW_ONCE_KEY,
	AMBIGUOUS_IS_UNSENT,
	RESTART_IS_READY,
	SAFE_OVERTAKES,
};

struct message {
	uint8_t place, timer, revision, once; /* timer: until it arrives; then, until it is seen */
};

/* All bytes: compared and hashed as such. */
struct state {
	uint8_t kind, delay, lag, is_strict; /* strict: the first revision is refused */
	/* The store: what a crash leaves. */
	uint8_t delivery, wanted, settled, frozen, once, not_before, missed;
	/* The process. */
	uint8_t phase, answer, was_sent;
	struct message sent[SENDS], copy; /* copy: that a gateway made of one */
	uint8_t content;                  /* the revision that the platform holds now */
	uint8_t sends, crashes, stale;
	uint8_t has_copied;
	uint8_t copies; /* in the store: until something that was sent can arrive no more */
	uint8_t spare[4];
};

_Static_assert(sizeof(struct state) == 40, "a state is five words");

struct node {
	struct state state;
	uint32_t parent;
	const char *step; /* that led here */
};

struct model {
	enum fault fault;
	struct node *nodes;
	uint32_t *slots; /* hashed; node + 1 */
	size_t count, room, slot_count;
	uint32_t from; /* the state at work */
	const char *broken;
	uint32_t broken_at;
	bool *ends, found_end; /* by node: from here the end can be reached */
};

/* ------------------------------------------------------------ the set of states */

static uint64_t hash(const struct state *s)
{
	uint64_t words[5], h = 0;

	memcpy(words, s, sizeof(words));
	for (int i = 0; i < 5; i++) {
		h = (h ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h;
}

static uint32_t *slot_of(const struct model *m, const struct state *s)
{
	size_t at = hash(s) & (m->slot_count - 1);

	while (m->slots[at] && memcmp(&m->nodes[m->slots[at] - 1].state, s, sizeof(*s)) != 0)
		at = (at + 1) & (m->slot_count - 1);
	return &m->slots[at];
}

static void grow(struct model *m)
{
	m->room = m->room ? 2 * m->room : 1 << 16;
	m->nodes = realloc(m->nodes, m->room * sizeof(*m->nodes));
	free(m->slots);
	m->slot_count = 2 * m->room;
	m->slots = calloc(m->slot_count, sizeof(*m->slots));
	assert_non_null(m->nodes);
	assert_non_null(m->slots);
	for (size_t i = 0; i < m->count; i++)
		*slot_of(m, &m->nodes[i].state) = (uint32_t)i + 1;
}

/* ------------------------------------------------------------ what must never be */

/* How often the platform holds this revision: once a once-key, where it knows those. */
static int held(const struct state *s, uint8_t revision)
{
	bool seen[SENDS + 1] = { false };
	int count = 0;

	for (int i = 0; i <= SENDS; i++) {
		const struct message *m = i < SENDS ? &s->sent[i] : &s->copy;

		if (m->place != ARRIVED || m->revision != revision)
			continue;
		if (s->kind != UNSAFE && count && (s->kind == SAFE || seen[m->once]))
			continue;
		seen[m->once] = true;
		count++;
	}
	return count;
}

static const char *damage(const struct state *s)
{
	if (held(s, 1) > 1 || held(s, 2) > 1)
		return "doubled";
	if (s->settled && !held(s, s->settled))
		return "lost: accepted, and not there";
	if (s->content < s->settled)
		return "lost: an older revision lies over the one that was accepted";
	return NULL;
}

static bool is_over(const struct state *s)
{
	return s->sends == SENDS || s->delivery == CONFLICT || s->delivery == REJECTED ||
	       (s->delivery == ACCEPTED && s->settled == s->wanted);
}

typedef void reach(struct model *m, const struct state *s, const char *step);

static void remember(struct model *m, const struct state *s, const char *step)
{
	uint32_t *slot = slot_of(m, s);

	if (*slot)
		return;
	if (m->count == m->room) {
		grow(m);
		slot = slot_of(m, s);
	}
	m->nodes[m->count] = (struct node){ *s, m->from, step };
	*slot = (uint32_t)++m->count;
	if (!m->broken && damage(s)) {
		m->broken = damage(s);
		m->broken_at = (uint32_t)m->count - 1;
	}
}

/* ------------------------------------------------------------ the world around */

/* A step of time. What is due to arrive arrives before it. */
static void tick(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;

	if (s->copy.place == FLYING && !s->copy.timer)
		return;
	next.copy.timer -= s->copy.timer > 0;
	for (int i = 0; i < SENDS; i++) {
		if (s->sent[i].place == FLYING && !s->sent[i].timer)
			return;
		if (s->sent[i].timer)
			next.sent[i].timer--;
	}
	next.not_before -= s->not_before > 0;
	next.copies -= s->copies > 0;
	to(m, &next, "a step of time");
}

static void answer(struct model *m, const struct state *s, int which, enum answer says, reach *to)
{
	struct state next = *s;

	/* Who no longer waits hears nothing; an answer may also be lost on the way. */
	to(m, s, "the request arrives; no answer comes back");
	if (s->phase != WAITING || which != s->sends - 1)
		return;
	next.phase = ANSWERED;
	next.answer = says;
	to(m, &next,
	   says == OK ? "the request arrives, and the answer says ok"
		      : "the request arrives, and is refused");
	next.answer = DOUBT;
	to(m, &next, "the request arrives; the answer is cut, a page, a 500, or has a wrong key");
}

static void arrive(struct model *m, const struct state *s, int which, reach *to)
{
	struct state next = *s;
	struct message *message = &next.sent[which];
	bool is_known = false;

	for (int i = 0; i < SENDS; i++)
		is_known |= s->kind == BY_KEY && s->sent[i].place == ARRIVED &&
			    s->sent[i].once == message->once;
	if (s->is_strict && message->revision == 1) {
		*message = (struct message){ .place = LOST };
		answer(m, &next, which, REFUSED, to);
		return;
	}
	is_known |= s->kind == BY_KEY && s->copy.place == ARRIVED && s->copy.once == message->once;
	message->place = ARRIVED;
	message->timer = 0;
	if (!is_known)
		next.content = message->revision;
	if (s->kind != UNSAFE) { /* nobody asks it, so nobody sees the lag */
		answer(m, &next, which, OK, to);
		return;
	}
	for (uint8_t lag = 0; lag <= s->lag; lag++) {
		message->timer = lag;
		answer(m, &next, which, OK, to);
	}
}

/* A gateway hands the same request on twice. (Who knows no key is doubled by that alone.) */
static void copy(struct model *m, const struct state *s, int which, reach *to)
{
	struct state next = *s;

	if (s->kind != BY_KEY || s->has_copied)
		return;
	next.has_copied = 1;
	next.copy = s->sent[which];
	for (next.copy.timer = 0; next.copy.timer <= s->delay; next.copy.timer++)
		to(m, &next, "a gateway copies the request");
}

/* The copy arrives: its once-key was seen, or it is the first. Nobody waits for its answer. */
static void arrive_again(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;
	bool is_known = false;

	for (int i = 0; i < SENDS; i++)
		is_known |= s->sent[i].place == ARRIVED && s->sent[i].once == s->copy.once;
	next.copy.place = is_known ? LOST : ARRIVED;
	if (s->is_strict && s->copy.revision == 1)
		next.copy.place = LOST;
	else if (!is_known)
		next.content = s->copy.revision;
	to(m, &next, "the copy arrives");
}

/*
 * A gateway or the platform says that it did nothing: 503, 429, 401. It says so for a copy too: of
 * a request that is turned away here and let in there, nobody could know.
 */
static void turn_away(struct model *m, const struct state *s, int which, reach *to)
{
	struct state next = *s;

	if (s->has_copied && s->copy.once == s->sent[which].once)
		return;
	next.sent[which] = (struct message){ .place = LOST };
	if (s->phase != WAITING || which != s->sends - 1)
		return;
	next.phase = ANSWERED;
	next.answer = AGAIN;
	to(m, &next, "the platform takes nothing and says so");
}

/* store_want: the record changes while whatever is under way. */
static void change(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;

	if (s->wanted != 1)
		return;
	next.wanted = 2;
	if (s->delivery == ACCEPTED || s->delivery == REJECTED)
		next.delivery = READY;
	to(m, &next, "the record changes");
}

/* ------------------------------------------------------------ the bridge */

/*
 * doubt_begins: delivery delay and read lag from now on, and the step that is under way: what
 * arrives in it may arrive after we asked.
 */
static uint8_t quarantine(const struct model *m, const struct state *s)
{
	return m->fault == NO_QUARANTINE || s->kind != UNSAFE ? 0 : s->delay + s->lag + 1;
}

/* doubt_copies_until; the step under way is not over either. */
static uint8_t copies(const struct model *m, const struct state *s, bool is_accepted)
{
	if (m->fault == SAFE_OVERTAKES || (is_accepted && s->kind == BY_KEY))
		return 0;
	return s->delay + 1;
}

/* store_settle: ACCEPTED; a newer revision that is wanted makes it READY again. */
static void settle_accepted(const struct model *m, struct state *s)
{
	s->settled = s->frozen;
	s->delivery = s->wanted > s->frozen ? READY : ACCEPTED;
	s->not_before = 0;
	if (s->was_sent)
		s->copies = copies(m, s, true);
}

/* outcome_of in batch.c, and judge in doubt.c: what each record's verdict means for its delivery.
 */
static void settle(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;
	uint8_t verdict = s->answer;

	next.phase = IDLE;
	next.answer = NONE;
	if (m->fault == AMBIGUOUS_IS_UNSENT && verdict == DOUBT)
		verdict = AGAIN;
	if (verdict == OK || verdict == FOUND) {
		settle_accepted(m, &next);
		next.missed = 0;
	} else if (verdict == REFUSED) {
		next.delivery = s->wanted > s->frozen ? READY : REJECTED;
	} else if (verdict == OTHER) {
		next.delivery = CONFLICT;
	} else if (verdict == AGAIN && !s->was_sent) {
		next.delivery = READY;
	} else if (verdict == NOT_FOUND && !s->missed && m->fault != BELIEVE_FIRST_NOT_FOUND) {
		next.missed = 1;
		next.not_before = s->lag;
	} else if (verdict == NOT_FOUND) {
		next.delivery = READY;
		next.missed = 0;
	} else {
		next.delivery = m->fault == RESEND_ON_TIMEOUT ? READY : IN_DOUBT;
		next.not_before = quarantine(m, s);
		next.copies = copies(m, s, false);
		next.missed = 0;
	}
	next.was_sent = 0;
	to(m, &next, "the bridge commits what it knows");
}

/* batch_send in batch.c: hand a batch that is on disk to the network. */
static void transmit(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;
	struct message *message = &next.sent[s->sends];

	next.phase = ANSWERED;
	next.answer = AGAIN;
	to(m, &next, "no connection: surely not sent");
	next.phase = WAITING;
	next.answer = NONE;
	next.sends++;
	*message = (struct message){ .place = LOST, .revision = s->frozen, .once = s->once };
	if (m->fault == NEW_ONCE_KEY)
		message->once = next.sends;
	to(m, &next, "the request leaves, and is lost");
	message->place = FLYING;
	for (message->timer = 0; message->timer <= s->delay; message->timer++)
		to(m, &next, "the request leaves");
}

/* send_batch in batch.c: SENDING, the frozen bytes and a once-key of their own, in one commit. */
static void begin_attempt(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;

	next.frozen = s->wanted;
	next.once = s->sends + 1; /* who never left is nowhere known */
	next.was_sent = 0;
	next.phase = COMMITTED;
	if (m->fault != SEND_BEFORE_COMMIT)
		next.delivery = SENDING;
	to(m, &next,
	   m->fault == SEND_BEFORE_COMMIT ? "the bridge makes an attempt ready, in memory"
					  : "the bridge commits the attempt");
}

/* ask_members in doubt.c: find, and the record that they hold compared with the frozen one. */
static void ask(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;
	uint8_t seen = 0;

	for (int i = 0; i < SENDS; i++)
		if (s->sent[i].place == ARRIVED && !s->sent[i].timer && s->sent[i].revision > seen)
			seen = s->sent[i].revision;
	next.phase = IDLE;
	to(m, &next, "the question is not answered");
	next.phase = ANSWERED;
	/* What it held before we sent is what a correction finds that did not arrive. */
	next.answer = seen == s->frozen ? FOUND : seen <= s->settled ? NOT_FOUND : OTHER;
	to(m, &next,
	   next.answer == FOUND   ? "the platform says: it is there"
	   : next.answer == OTHER ? "the platform says: something else is there"
				  : "the platform says: not found");
	if (s->stale || next.answer == NOT_FOUND)
		return;
	next.stale = 1;
	next.answer = NOT_FOUND;
	to(m, &next, "the platform says: not found, from a copy that is older than their lag");
}

/* doubt_turn and begin_doubt in doubt.c: what was begun and not ended. */
static void resolve(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;

	if (s->kind == UNSAFE && s->delivery == SENDING) {
		next.delivery = m->fault == RESTART_IS_READY ? READY : IN_DOUBT;
		next.not_before = quarantine(m, s);
		next.copies = copies(m, s, false);
		next.missed = 0;
		to(m, &next, "after the restart: in doubt from now on");
	} else if (s->kind == UNSAFE) {
		next.phase = ASKING;
		if (!s->not_before)
			to(m, &next, "the bridge asks: is it there?");
	} else if (s->sends < SENDS) {
		next.was_sent = 1;
		next.phase = COMMITTED;
		to(m, &next, "the bridge takes the same bytes under the same key again");
	}
}

static void work(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;

	switch (s->phase) {
	case IDLE:
		if (s->delivery == READY && !s->copies && s->wanted > s->settled &&
		    s->sends < SENDS)
			begin_attempt(m, s, to);
		else if (s->delivery == SENDING || s->delivery == IN_DOUBT)
			resolve(m, s, to);
		break;
	case COMMITTED:
		transmit(m, s, to);
		break;
	case WAITING:
		if (m->fault == SEND_BEFORE_COMMIT && s->delivery == READY) {
			next.delivery = SENDING;
			to(m, &next, "the bridge commits the attempt, too late");
		}
		next.phase = ANSWERED;
		next.answer = DOUBT;
		to(m, &next, "the bridge has waited long enough");
		break;
	case ASKING:
		ask(m, s, to);
		break;
	case ANSWERED:
		settle(m, s, to);
		break;
	default:
		break;
	}
}

static void crash(struct model *m, const struct state *s, reach *to)
{
	struct state next = *s;

	next.answer = NONE;
	next.was_sent = 0;
	if (s->phase == DOWN) {
		next.phase = IDLE;
		to(m, &next, "restart");
	} else if (s->crashes < CRASHES) {
		next.phase = DOWN;
		next.crashes++;
		to(m, &next, "kill -9");
	}
}

static void expand(struct model *m, const struct state *s, reach *to)
{
	work(m, s, to);
	crash(m, s, to);
	change(m, s, to);
	for (int i = 0; i < s->sends; i++) {
		if (s->sent[i].place != FLYING || s->sent[i].timer)
			continue;
		arrive(m, s, i, to);
		copy(m, s, i, to);
		turn_away(m, s, i, to);
	}
	if (s->copy.place == FLYING && !s->copy.timer)
		arrive_again(m, s, to);
	tick(m, s, to);
}

/* ------------------------------------------------------------ all of it */

static void start(struct model *m)
{
	for (uint8_t kind = 0; kind < 2 * KINDS; kind++)
		for (uint8_t delay = 0; delay <= MOST; delay++)
			for (uint8_t lag = 0; lag <= MOST; lag++) {
				struct state s = { .kind = kind % KINDS,
						   .is_strict = kind >= KINDS,
						   .delay = delay,
						   .lag = lag };

				if (s.kind != UNSAFE && lag)
					continue;
				s.phase = IDLE;
				s.wanted = 1;
				remember(m, &s, "begin");
			}
}

static void explore(struct model *m, enum fault fault)
{
	*m = (struct model){ .fault = fault };
	grow(m);
	start(m);
	for (; m->from < m->count && !m->broken; m->from++) {
		struct state s = m->nodes[m->from].state; /* the array moves */

		expand(m, &s, remember);
	}
}

static void done(struct model *m)
{
	free(m->nodes);
	free(m->slots);
}

static void print_way(const struct model *m)
{
	uint32_t way[256];
	size_t count = 0;

	for (uint32_t at = m->broken_at; count < 256; at = m->nodes[at].parent) {
		way[count++] = at;
		if (m->nodes[at].parent == at || strcmp(m->nodes[at].step, "begin") == 0)
			break;
	}
	printf("# %s, in %zu steps (delay %d, lag %d):\n", m->broken, count - 1,
	       m->nodes[m->broken_at].state.delay, m->nodes[m->broken_at].state.lag);
	while (count--)
		printf("#   %s\n", m->nodes[way[count]].step);
}

/* ------------------------------------------------------------ an end in reach */

static void look(struct model *m, const struct state *s, const char *step)
{
	(void)step;
	m->found_end |= m->ends[*slot_of(m, s) - 1];
}

/* Backwards, again and again, until no more states are found to have an end ahead. */
static size_t without_end(struct model *m)
{
	size_t open = m->count, before;

	m->ends = calloc(m->count, sizeof(*m->ends));
	assert_non_null(m->ends);
	do {
		before = open;
		for (size_t i = m->count; i-- > 0;) {
			if (m->ends[i])
				continue;
			m->found_end = is_over(&m->nodes[i].state);
			if (!m->found_end)
				expand(m, &m->nodes[i].state, look);
			m->ends[i] = m->found_end;
			open -= m->found_end;
		}
	} while (open && open < before);
	free(m->ends);
	return open;
}

static void nothing_is_lost_or_doubled_whatever_happens(void **state)
{
	struct model m;

	(void)state;
	explore(&m, NO_FAULT);
	if (m.broken) {
		print_way(&m);
		fail_msg("%s", m.broken);
	}
	printf("# %zu states, 0 lost, 0 doubled\n", m.count);
	assert_true(m.count >= 1000000);
	assert_int_equal(without_end(&m), 0);
	done(&m);
}

static void each_rule_that_is_taken_away_does_damage(void **state)
{
	static const struct {
		enum fault fault;
		const char *name;
	} faults[] = {
		{ NO_QUARANTINE, "asked at once, without quarantine" },
		{ RESEND_ON_TIMEOUT, "sent again on a time-out" },
		{ BELIEVE_FIRST_NOT_FOUND, "the first 'not found' believed" },
		{ SEND_BEFORE_COMMIT, "sent before the commit" },
		{ NEW_ONCE_KEY, "sent again under a new once-key" },
		{ AMBIGUOUS_IS_UNSENT, "no answer taken for not sent" },
		{ RESTART_IS_READY, "what was on its way is ready after a restart" },
		{ SAFE_OVERTAKES, "a correction overtakes a copy still on its way" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct model m;

		explore(&m, faults[i].fault);
		printf("# planted: %s\n", faults[i].name);
		if (!m.broken)
			fail_msg("%s: nothing was found in %zu states", faults[i].name, m.count);
		print_way(&m);
		done(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_or_doubled_whatever_happens),
		cmocka_unit_test(each_rule_that_is_taken_away_does_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
