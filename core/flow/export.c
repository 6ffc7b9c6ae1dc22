/*
 * export.c - store → stream: the accounts take turns, a batch each.
 *
 * An account that fails waits by itself, and the others go on. When there is
 * nothing left but waiting, a short while is waited for; for more the run ends,
 * and what waits says until when.
 */
#include <stdio.h>
#include <stdlib.h>

#include "flow/export.h"

/* The account is not used again until a person has looked; this run says so already. In the run's
 * transaction. */
static int lock(struct exporting *e, struct lane *lane, const char *why, struct cb_error *err)
{
	char say[CB_ERROR_MAX];
	int rc = run_open(e->run, err);

	snprintf(say, sizeof(say), "%s", why);
	lane->is_over = lane->is_locked = true;
	if (rc == CB_OK)
		rc = store_lock(store_of(e), lane->pace.path, say, err);
	if (rc == CB_OK)
		rc = notice_locked(e->run, lane->pace.path, err);
	if (rc == CB_OK)
		rc = store_audit(store_of(e), "casebridge", "account lock", lane->pace.path, "",
				 err);
	account_say_locked(lane->pace.path, say, &lane->why);
	return rc;
}

static int lock_in_storm(struct exporting *e, struct lane *lane, struct cb_error *err)
{
	cb_error_set(
		&lane->why, CB_SETUP,
		"账号 %s 接连被退回 %lld "
		"条，一条也没有收：像是规则、映射或权限变了，已停用，等人看过",
		"account %s had %lld refusals in a row and nothing accepted: as if a rule, the "
		"mapping or its rights had changed. It is locked until a person has looked",
		lane->pace.path, (long long)lane->pace.now.refusals);
	return lock(e, lane, lane->why.text, err);
}

int lane_after(struct exporting *e, struct lane *lane, const struct tally *tally,
	       struct cb_error *err)
{
	struct engine *engine = e->run->engine;
	enum cb_verdict verdict = tally->why.verdict;

	if (!verdict && tally->doubtful)
		verdict = CB_DOUBT;
	if (!verdict || tally->accepted || tally->refused) {
		pace_succeeded(&lane->pace, engine_now(engine), (int64_t)tally->accepted,
			       (int64_t)tally->refused);
		lane->why = (struct cb_error){ 0 };
		lane->logins = 0;
		lane->not_before = 0;
		return pace_is_storm(&lane->pace) ? lock_in_storm(e, lane, err) : CB_OK;
	}
	if (tally->why.verdict)
		lane->why = tally->why;
	if (verdict == CB_LOGIN && lane->logins < logins_most(lane->pace.manifest)) {
		lane->logins++;
		net_forget(&lane->account->net);
		return CB_OK;
	}
	if (verdict == CB_LOGIN || (verdict == CB_SETUP && e->lent.was_answered))
		return lock(e, lane, lane->why.text, err);
	lane->is_over |= verdict == CB_SETUP;
	lane->not_before = pace_failed(&lane->pace, engine, tally->why.wait_ms, lane->why.text);
	cb_log(CB_DEBUG, "%s：%s", "%s: %s", lane->pace.path, lane->why.text);
	return CB_OK;
}

/* When it can do something next; INT64_MAX: never, in this run. */
static int64_t lane_next(const struct lane *lane)
{
	int64_t next = INT64_MAX;

	if (lane->is_over)
		return INT64_MAX;
	if (lane->next < lane->due.count)
		next = 0;
	for (size_t i = 0; i < lane->doubt_count; i++)
		if (lane->doubts[i].not_before < next)
			next = lane->doubts[i].not_before;
	return next == INT64_MAX || next > lane->not_before ? next : lane->not_before;
}

/* What was surely not sent is not a fault of the store; it is the lane's trouble. */
static int lane_trouble(struct exporting *e, struct lane *lane, int rc, const struct cb_error *why)
{
	run_rollback(e->run);
	batch_worker_stop(e);
	lane->why = *why;
	lane->why.verdict = (enum cb_verdict)rc;
	lane->is_over = true;
	arena_clear(&e->batch);
	return CB_OK;
}

static int lane_turn(struct exporting *e, struct lane *lane, struct cb_error *err)
{
	int64_t now = engine_now(e->run->engine), until;
	const char *gate = pace_gate(&lane->pace, now, &until);
	struct cb_error why = { 0 };
	size_t doubt;
	int rc;

	/* Mapping is no request: a dry run does it at any hour. */
	if (gate && !e->run->options->is_dry) {
		lane->not_before = until;
		return CB_OK;
	}
	e->lent.account = lane->account;
	e->lent.pace = &lane->pace;
	e->lent.was_answered = false;
	doubt = e->run->options->is_dry ? SIZE_MAX : doubt_due(lane, now);
	rc = doubt != SIZE_MAX ? doubt_turn(e, lane, doubt, &why) : batch_turn(e, lane, &why);
	run_tell(e->run, lane->account->name);
	if (rc != CB_OK && rc != CB_END)
		return lane_trouble(e, lane, rc, &why);
	(void)err;
	return CB_OK;
}

/* Everybody whose time has come, once; the earliest of the others. */
static int one_round(struct exporting *e, bool *has_worked, int64_t *next, struct cb_error *err)
{
	int rc = CB_OK;

	*has_worked = false;
	*next = INT64_MAX;
	for (size_t i = 0; i < e->lane_count && rc == CB_OK && !run_stops(e->run); i++) {
		int64_t when = lane_next(&e->lanes[i]);

		if (when <= engine_now(e->run->engine)) {
			*has_worked = true;
			rc = lane_turn(e, &e->lanes[i], err);
		} else if (when < *next) {
			*next = when;
		}
	}
	return rc;
}

static int take_turns(struct exporting *e, struct cb_error *err)
{
	bool has_worked = true;
	int64_t next;
	int rc = CB_OK;

	while (rc == CB_OK && !run_stops(e->run)) {
		int64_t now;

		rc = one_round(e, &has_worked, &next, err);
		now = engine_now(e->run->engine);
		if (rc != CB_OK || has_worked)
			continue;
		if (next == INT64_MAX || next - now > WAIT_SHORT_MS)
			break;
		engine_wait(e->run->engine, next - now);
	}
	return rc;
}

/* What is left of a lane that has to wait says for what, and until when. */
static int put_off(struct exporting *e, struct lane *lane, struct cb_error *err)
{
	struct store_outcome o = { .state = DELIVERY_WAITING };
	int rc = CB_OK;

	o.code = lane->is_locked
			 ? CODE_LOGIN
			 : pace_gate(&lane->pace, engine_now(e->run->engine), &o.not_before);
	if (!o.code || e->run->options->is_dry)
		return CB_OK;
	o.say = lane->is_locked || strcmp(o.code, CODE_REST) == 0 ? lane->why.text : NULL;
	if (o.say && !*o.say)
		o.say = lane->pace.now.say;
	for (; lane->next < lane->due.count && rc == CB_OK; lane->next++) {
		struct store_delivery d;

		rc = store_delivery_of(store_of(e), e->run->flow->name, lane->due.at[lane->next],
				       &e->batch, &d, err);
		if (rc == CB_OK && d.state == DELIVERY_READY)
			rc = run_open(e->run, err);
		if (rc == CB_OK && d.state == DELIVERY_READY)
			rc = store_settle(store_of(e), d.id, &o, err);
		arena_clear(&e->batch);
	}
	return rc;
}

/* An account that could not go on; the first of them is the run's result. */
static void tell_trouble(struct run *run, const struct lane *lane)
{
	/* A locked account that has nothing to do troubles nobody. */
	if (!lane->why.verdict || (!lane->due.count && !lane->doubt_count))
		return;
	cb_log(CB_WARN, "%s/%s：%s", "%s/%s: %s", run->flow->name, lane->account->name,
	       lane->why.text);
	if (run->report->verdict)
		return;
	run->report->verdict = lane->why.verdict;
	run->report->error = lane->why;
	cb_error_prefix(&run->report->error, "账号 %s：", "account %s: ", lane->account->name);
}

static int close_lanes(struct exporting *e, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < e->lane_count && rc == CB_OK; i++) {
		rc = put_off(e, &e->lanes[i], err);
		if (rc == CB_OK && !e->run->options->is_dry)
			rc = pace_save(&e->lanes[i].pace, e->run, err);
		tell_trouble(e->run, &e->lanes[i]);
	}
	if (rc == CB_OK && !e->run->options->is_dry)
		rc = run_commit(e->run, err);
	return rc;
}

/* What became of everything that was due, as the store has it: no count is kept beside the truth.
 */
static int count_due(struct exporting *e, struct cb_error *err)
{
	struct store_counts *c = &e->run->report->counts;
	int64_t unchanged = c->unchanged;
	int rc = CB_OK;

	*c = (struct store_counts){ .due = (int64_t)e->due.count - unchanged,
				    .unchanged = unchanged,
				    .accepted = -unchanged };
	for (size_t i = 0; i < e->due.count && rc == CB_OK; i++) {
		struct store_delivery d;

		rc = store_delivery_of(store_of(e), e->run->flow->name, e->due.at[i], &e->arena, &d,
				       err);
		if (rc != CB_OK)
			break;
		c->accepted += d.state == DELIVERY_ACCEPTED || d.state == DELIVERY_WITHDRAWN;
		c->refused += d.state == DELIVERY_REJECTED;
		c->held += d.state == DELIVERY_HELD;
		c->in_doubt += d.state == DELIVERY_IN_DOUBT || d.state == DELIVERY_SENDING ||
			       d.state == DELIVERY_CONFLICT;
		c->waiting += d.state == DELIVERY_READY || d.state == DELIVERY_WAITING;
	}
	if (rc == CB_OK)
		rc = store_next(store_of(e), e->run->flow->name, &e->run->report->next_ms, err);
	return rc;
}

/* A locked account has no turn. */
static int open_lane(struct exporting *e, struct lane *lane, struct site_account *account,
		     struct cb_error *err)
{
	int rc;

	lane->account = account;
	if (account->condition &&
	    condition_compile(&e->arena, e->run->flow->entity->shape,
			      cb_text_of(account->condition), &lane->fits, err) != CB_OK)
		return CB_SETUP;
	rc = pace_load(&lane->pace, e->run, account, err);
	if (rc == CB_OK && account_ready(e->run, account, &lane->why) == CB_SETUP)
		lane->is_over = lane->is_locked = true;
	return rc;
}

static int open_lanes(struct exporting *e, struct cb_error *err)
{
	const struct site_connection *c = e->run->flow->connection;
	int rc = CB_OK;

	e->lanes = memory_take(c->account_count * sizeof(*e->lanes) + 1);
	e->lane_count = c->account_count;
	for (size_t i = 0; i < c->account_count && rc == CB_OK; i++)
		rc = open_lane(e, &e->lanes[i], &c->accounts[i], err);
	lent_init(&e->lent, e->run->engine, c, NULL);
	return rc;
}

/* An attempt that was begun and not ended, by us or by a run that was killed. */
static int open_doubts(struct exporting *e, struct cb_error *err)
{
	int64_t *attempts;
	size_t count;
	int rc = store_attempts_open(store_of(e), e->run->flow->name, &e->arena, &attempts, &count,
				     err);

	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct store_sent sent;
		bool is_known = false;

		rc = store_attempt_read(store_of(e), attempts[i], &e->batch, &sent, err);
		for (size_t l = 0; l < e->lane_count && rc == CB_OK; l++)
			if (strcmp(e->lanes[l].account->name, sent.account) == 0) {
				doubt_add(&e->lanes[l], attempts[i], 0);
				is_known = true;
			}
		if (rc == CB_OK && !is_known)
			cb_log(CB_WARN, "%s：账号 %s 不在 site.xml 里了，它报出的件无法查明",
			       "%s: account %s is not in site.xml any more; what it sent cannot be "
			       "found out",
			       e->run->flow->name, sent.account);
		arena_clear(&e->batch);
	}
	return rc;
}

static void close_all(struct exporting *e)
{
	batch_worker_stop(e);
	for (size_t i = 0; i < e->lane_count; i++) {
		free(e->lanes[i].due.at);
		free(e->lanes[i].doubts);
		pace_done(&e->lanes[i].pace);
	}
	free(e->lanes);
	free(e->due.at);
	free(e->members);
	lent_done(&e->lent);
	arena_done(&e->batch);
	arena_done(&e->arena);
}

/* What came later of earlier uploads; trouble with it is no trouble of this run. */
static void read_receipts(struct exporting *e)
{
	int64_t held, settled;
	bool was_asked = false;
	struct cb_error err = { 0 };

	for (size_t i = 0; i < e->lane_count && !e->run->options->is_dry; i++) {
		struct cb_error why = { 0 };

		if (e->lanes[i].is_locked || run_stops(e->run))
			continue;
		if (receipts_run(e->run, e->lanes[i].account, &was_asked, &why) != CB_OK)
			cb_log(CB_WARN, "%s/%s：回执没有取到：%s",
			       "%s/%s: receipts could not be read: %s", e->run->flow->name,
			       e->lanes[i].account->name, why.text);
	}
	if (was_asked && receipts_again(e->run, &held, &settled, &err) != CB_OK)
		cb_log(CB_WARN, "%s：%s", "%s: %s", e->run->flow->name, err.text);
	run_rollback(e->run);
}

int export_run(struct run *run, struct cb_error *err)
{
	struct exporting e = { .run = run };
	int rc = open_lanes(&e, err);

	if (rc == CB_OK)
		rc = plan(&e, err);
	if (rc == CB_OK)
		rc = store_restored(store_of(&e), &e.restored_ms, &e.restored_attempt, err);
	if (rc == CB_OK)
		rc = open_doubts(&e, err);
	if (rc == CB_OK)
		rc = route(&e, err);
	if (rc == CB_OK)
		rc = take_turns(&e, err);
	if (rc == CB_OK)
		rc = close_lanes(&e, err);
	if (rc == CB_OK)
		read_receipts(&e);
	if (rc == CB_OK)
		rc = count_due(&e, err);
	if (rc == CB_OK)
		rc = slack_tell(&e, err);
	run_rollback(run);
	close_all(&e);
	if (rc == CB_OK && run->report->verdict) {
		if (err != &run->report->error)
			*err = run->report->error;
		rc = run->report->verdict;
	}
	return rc;
}
