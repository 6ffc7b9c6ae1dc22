/*
 * doubt.c - what was sent and nobody answered, in this run or in one that was
 * killed.
 *
 * The same bytes under the same key where the target promises that this does no
 * harm. Else it is asked, not before a request that is still on its way can have
 * arrived and can be seen: what it holds is compared with what was sent. "Not
 * there" is believed only when it is said twice, a lag apart. What cannot be
 * found out by asking is a person's.
 */
#include <stdio.h>

#include "base/calendar.h"
#include "flow/export.h"

/* So long after a restore, what the store did not see since is asked for before it is sent. */
#define RESTORED_MS (INT64_C(30) * 24 * 3600 * 1000)

void doubt_add(struct lane *lane, int64_t attempt, int64_t not_before)
{
	memory_grow(&lane->doubts, lane->doubt_count, &lane->doubt_room, sizeof(*lane->doubts));
	lane->doubts[lane->doubt_count++] = (struct doubt){ attempt, not_before };
}

size_t doubt_due(const struct lane *lane, int64_t now)
{
	for (size_t i = 0; i < lane->doubt_count; i++)
		if (lane->doubts[i].not_before <= now)
			return i;
	return SIZE_MAX;
}

static bool may_repeat(const struct exporting *e, bool is_withdrawal)
{
	const struct manifest_stream *stream = e->run->flow->stream;

	return (is_withdrawal ? stream->withdraw_repeat : stream->repeat) != REPEAT_UNSAFE;
}

int64_t doubt_begins(const struct exporting *e, bool is_withdrawal)
{
	const struct manifest_stream *stream = e->run->flow->stream;
	int64_t now = engine_now(e->run->engine);

	return may_repeat(e, is_withdrawal) ? now : now + stream->delay_ms + stream->lag_ms;
}

int64_t doubt_copies_until(const struct exporting *e, bool is_withdrawal, bool is_accepted)
{
	const struct manifest_stream *stream = e->run->flow->stream;
	enum repeat repeat = is_withdrawal ? stream->withdraw_repeat : stream->repeat;
	int64_t now = engine_now(e->run->engine);

	return is_accepted && repeat == REPEAT_BY_KEY ? now : now + stream->delay_ms;
}

bool doubt_is_restored(const struct exporting *e, const struct store_delivery *d)
{
	return e->restored_ms && d->attempt <= e->restored_attempt &&
	       e->run->flow->stream->repeat != REPEAT_SAFE &&
	       engine_now(e->run->engine) < e->restored_ms + RESTORED_MS;
}

/* An attempt that has no once-key: nothing goes out with it, it only asks. */
int doubt_restored(struct exporting *e, struct lane *lane, const struct store_member *member,
		   struct cb_error *err)
{
	const struct manifest_stream *stream = e->run->flow->stream;
	const struct store_outcome ask = {
		.state = DELIVERY_IN_DOUBT,
		.code = CODE_DOUBT,
		.say = cb_say("存储是从备份恢复的，先问对方有没有",
			      "the store was restored: the target is asked first"),
		.not_before = e->restored_ms + stream->delay_ms + stream->lag_ms,
	};
	const struct store_outcome person = {
		.state = DELIVERY_HELD,
		.code = CODE_DOUBT,
		.say = cb_say(
			"存储是从备份恢复的，对方又不能查询：请到对方系统查看，在就记下 accepted，"
			"不在就记下 again（casebridge deliveries settle）",
			"the store was restored, and this target cannot be asked: look there, "
			"and settle it as accepted, or as again where it is missing (casebridge "
			"deliveries settle)"),
	};
	int64_t attempt;
	int rc = run_open(e->run, err);

	if (rc == CB_OK)
		rc = store_attempt(store_of(e), e->run->flow->name, lane->account->name, NULL,
				   false, member, 1, &attempt, err);
	if (rc == CB_OK)
		rc = store_settle(store_of(e), member->delivery, stream->can_find ? &ask : &person,
				  err);
	if (rc == CB_OK)
		rc = run_commit(e->run, err);
	if (rc == CB_OK && stream->can_find)
		doubt_add(lane, attempt, ask.not_before);
	return rc;
}

/*
 * The members that go out again, as they were. Under a key that the target
 * remembers, all of them, settled or not, because the key stands for exactly
 * these bytes; else those alone that nobody answered for. False: the key's bytes
 * cannot go again, because something newer of theirs was sent since.
 */
static bool gather(const struct exporting *e, struct store_sent *sent)
{
	const struct manifest_stream *stream = e->run->flow->stream;
	bool is_by_key =
		(sent->is_withdrawal ? stream->withdraw_repeat : stream->repeat) == REPEAT_BY_KEY;
	size_t count = 0;

	if (is_by_key && !sent->once) /* a restore has lost it */
		return false;
	for (size_t i = 0; i < sent->count; i++) {
		if (is_by_key && !sent->members[i].is_newest)
			return false;
		if (is_by_key || sent->members[i].is_open)
			sent->members[count++] = sent->members[i];
	}
	sent->count = count;
	return true;
}

/* From a run that was killed: what it sent is in doubt from now on. */
static int begin_doubt(struct exporting *e, struct store_sent *sent, struct cb_error *err)
{
	struct store_outcome o = { .state = DELIVERY_IN_DOUBT, .code = CODE_DOUBT };
	int rc = CB_OK;

	o.not_before = doubt_begins(e, sent->is_withdrawal);
	o.copies_until = doubt_copies_until(e, sent->is_withdrawal, false);
	for (size_t i = 0; i < sent->count && rc == CB_OK; i++) {
		struct store_member *m = &sent->members[i];

		if (!m->is_open || m->state != DELIVERY_SENDING)
			continue;
		rc = run_open(e->run, err);
		if (rc == CB_OK)
			rc = store_settle(store_of(e), m->delivery, &o, err);
		m->state = DELIVERY_IN_DOUBT;
		m->not_before = o.not_before;
	}
	return rc == CB_OK ? run_commit(e->run, err) : rc;
}

static const char *clock_of(struct exporting *e, int64_t ms)
{
	char text[CALENDAR_TEXT];

	calendar_iso(ms, e->run->engine->site->zone, text);
	text[10] = ' ';
	return arena_printf(&e->batch, "%.16s", text);
}

/* Both facts, side by side, for whoever has to decide. */
static const char *both_facts(struct exporting *e, const struct store_sent *sent,
			      const char *cannot)
{
	struct cb_error say;

	cb_error_set(
		&say, CB_DOUBT,
		"%s 已发出，没有得到应答；%s。请在平台上按编号查看：在就记下 accepted，不在就记下 "
		"again（casebridge deliveries settle）",
		"sent at %s, and no answer came; %s. Look there for the key: if it is there "
		"settle it as accepted, else again (casebridge deliveries settle)",
		clock_of(e, sent->begun_ms), cannot);
	return arena_string(&e->batch, cb_text_of(say.text));
}

/* What was found, or not, of one member. */
static struct store_outcome judge(struct exporting *e, const struct store_sent *sent,
				  const struct worker_message *found)
{
	struct store_outcome o = { .state = DELIVERY_READY };
	struct buffer names = { 0 };

	if (found->found.receipt.len)
		o.receipt = arena_string(&e->batch, found->found.receipt);
	if (may_repeat(e,
		       sent->is_withdrawal)) /* the last of them perhaps by a run that was killed */
		o.copies_until = doubt_copies_until(e, sent->is_withdrawal, found->is_same);
	if (!found->found.is_held) { /* for the second time */
		o.state = sent->is_withdrawal ? DELIVERY_ACCEPTED : DELIVERY_READY;
		return o;
	}
	if (sent->is_withdrawal) /* it still stands there */
		return o;
	if (found->is_same) {
		o.state = DELIVERY_ACCEPTED;
		return o;
	}
	o.state = DELIVERY_CONFLICT;
	o.code = "conflict";
	for (size_t i = 0; i < found->finding_count; i++) {
		const struct worker_finding *f = &found->findings[i];

		name_add(&names, cb_text_of(f->label ? f->label : f->field));
	}
	o.field = names.len ? arena_string(&e->batch, buffer_view(&names)) : NULL;
	buffer_done(&names);
	return o;
}

/* One question. The request failed where @why has a verdict. */
static int ask(struct exporting *e, const struct store_member *m, struct worker_message *found,
	       struct cb_error *why, struct cb_error *err)
{
	struct cb_text before;
	int rc = store_accepted(store_of(e), m->delivery, &e->batch, &before, err);

	if (rc != CB_OK)
		return rc;
	rc = batch_worker(e, why);
	if (rc == CB_OK)
		rc = worker_find(e->worker, engine_now(e->run->engine), m->key, m->payload, before,
				 why);
	if (rc == CB_OK)
		rc = batch_await(e, WORKER_FOUND, found, why);
	if (rc == CB_OK && found->error.verdict)
		*why = found->error;
	else if (rc != CB_OK)
		batch_worker_stop(e);
	return CB_OK;
}

static int ask_one(struct exporting *e, const struct store_sent *sent, struct store_member *m,
		   struct tally *tally, struct cb_error *err)
{
	int64_t lag = e->run->flow->stream->lag_ms, now = engine_now(e->run->engine);
	struct worker_message found = { 0 };
	struct store_outcome o;
	int rc = ask(e, m, &found, &tally->why, err);

	if (rc != CB_OK || tally->why.verdict)
		return rc;
	/* What stood there before it was corrected: the correction has not arrived. */
	if (found.is_before && !found.is_same)
		found.found.is_held = sent->is_withdrawal;
	rc = run_open(e->run, err);
	if (rc != CB_OK)
		return rc;
	if (!found.found.is_held && m->denials < 1) {
		m->not_before = now + lag;
		return store_deny(store_of(e), m->delivery, m->not_before, err);
	}
	o = judge(e, sent, &found);
	m->is_open = false;
	return store_settle(store_of(e), m->delivery, &o, err);
}

static int ask_a_person(struct exporting *e, const struct store_sent *sent, struct store_member *m,
			const char *cannot, struct cb_error *err)
{
	const struct store_outcome o = { .state = DELIVERY_HELD,
					 .code = CODE_DOUBT,
					 .say = both_facts(e, sent, cannot) };
	int rc = run_open(e->run, err);

	m->is_open = false;
	return rc == CB_OK ? store_settle(store_of(e), m->delivery, &o, err) : rc;
}

static int ask_members(struct exporting *e, struct lane *lane, struct store_sent *sent,
		       struct cb_error *err)
{
	const struct site_flow *flow = e->run->flow;
	struct tally tally = { 0 };
	bool has_asked = false;
	int rc = CB_OK;

	for (size_t i = 0; i < sent->count && rc == CB_OK && !tally.why.verdict; i++) {
		struct store_member *m = &sent->members[i];

		if (!m->is_open || m->not_before > engine_now(e->run->engine))
			continue;
		if (!flow->stream->can_find)
			rc = ask_a_person(e, sent, m,
					  cb_say("这个平台不能按编号查询",
						 "this target cannot be asked by key"),
					  err);
		else if (!m->key.len)
			rc = ask_a_person(
				e, sent, m,
				cb_say("这条没有编号，无从查询", "it has no key to ask by"), err);
		else
			has_asked = (rc = ask_one(e, sent, m, &tally, err)) == CB_OK;
	}
	if (rc == CB_OK && has_asked)
		rc = lane_after(e, lane, &tally, err);
	if (rc == CB_OK)
		rc = pace_save(&lane->pace, e->run, err);
	return rc == CB_OK ? run_commit(e->run, err) : rc;
}

/* Enough repeated: asking takes over. */
static bool is_enough(const struct exporting *e, const struct store_sent *sent)
{
	const struct manifest *m = e->run->flow->connection->manifest;

	return engine_now(e->run->engine) - sent->begun_ms > m->retry_give_up_ms;
}

/* Which of them were open when this turn began. */
struct opened {
	int64_t *deliveries;
	size_t count;
};

static struct opened opened(struct exporting *e, const struct store_sent *sent)
{
	struct opened o = { arena_take(&e->batch, sent->count * sizeof(*o.deliveries) + 1), 0 };

	for (size_t i = 0; i < sent->count; i++)
		if (sent->members[i].is_open)
			o.deliveries[o.count++] = sent->members[i].delivery;
	return o;
}

static bool was_open(const struct opened *o, int64_t delivery)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->deliveries[i] == delivery)
			return true;
	return false;
}

/* When the earliest of its members is due; nothing is open: the doubt is over. What this turn
 * found not to be there goes out again in this run; what an earlier one found is due already. */
static void come_back(struct lane *lane, size_t which, const struct store_sent *sent,
		      const struct opened *before)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < sent->count; i++) {
		const struct store_member *m = &sent->members[i];

		if (m->is_open && m->not_before < next)
			next = m->not_before;
		else if (!m->is_open && m->is_newest && m->state == DELIVERY_READY &&
			 was_open(before, m->delivery))
			records_add(&lane->due, m->record);
	}
	if (next == INT64_MAX)
		lane->doubts[which] = lane->doubts[--lane->doubt_count];
	else
		lane->doubts[which].not_before = next;
}

int doubt_turn(struct exporting *e, struct lane *lane, size_t which, struct cb_error *err)
{
	int64_t attempt = lane->doubts[which].attempt;
	char fresh[33];
	struct store_sent sent;
	struct tally tally = { 0 };
	struct opened before;
	int rc = store_attempt_read(store_of(e), attempt, &e->batch, &sent, err);

	if (rc == CB_OK)
		rc = begin_doubt(e, &sent, err);
	if (rc != CB_OK)
		return rc;
	before = opened(e, &sent);
	if (!may_repeat(e, sent.is_withdrawal) || is_enough(e, &sent) || !gather(e, &sent)) {
		rc = ask_members(e, lane, &sent, err);
	} else if (sent.count) {
		batch_new_once(e->run->engine, fresh);
		sent.once = sent.once ? sent.once : fresh;
		rc = batch_send(e, lane, &sent, true, &tally, err);
	}
	if (rc == CB_OK) /* as the store has it now */
		rc = store_attempt_read(store_of(e), attempt, &e->batch, &sent, err);
	if (rc == CB_OK)
		come_back(lane, which, &sent, &before);
	arena_clear(&e->batch);
	return rc;
}
