/*
 * settle.c - how a delivery moves from state to state.
 *
 * What programs may do stands in one table; what only a person may do goes
 * through store_decide. A move of what is under way also ends, or keeps open,
 * the member of its attempt, so that the two never tell different stories.
 */
#include "store/inside.h"

#include <assert.h>

#define TO(state) (1u << DELIVERY_##state)
#define OUTCOMES                                                                                   \
	(TO(ACCEPTED) | TO(REJECTED) | TO(READY) | TO(CONFLICT) | TO(HELD) | TO(WITHDRAWN) |       \
	 TO(IN_DOUBT))
#define UNSENT (TO(READY) | TO(WAITING) | TO(HELD) | TO(ACCEPTED) | TO(WITHDRAWN))

static const unsigned moves[DELIVERY_STATES] = {
	[DELIVERY_WAITING] = UNSENT,
	[DELIVERY_READY] = UNSENT, /* and SENDING, by an attempt */
	[DELIVERY_SENDING] = OUTCOMES,
	[DELIVERY_IN_DOUBT] = OUTCOMES,
	[DELIVERY_REJECTED] = TO(READY) | TO(ACCEPTED),
	[DELIVERY_HELD] = TO(READY) | TO(HELD) | TO(ACCEPTED),
};

bool delivery_may_become(enum delivery_state from, enum delivery_state to)
{
	return moves[from] & (1u << to);
}

/* What a delivery is, and what its newest attempt sent. */
struct standing {
	enum delivery_state state;
	int64_t wanted, attempt, position, sent;
	struct cb_text digest; /* of what was sent */
	bool was_withdrawal;   /* the attempt */
	bool is_question;      /* for a person */
};

static int read_standing(struct store *store, int64_t delivery, struct arena *arena,
			 struct standing *out, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT d.state, d.wanted, d.attempt, d.position, m.revision, m.digest, "
			   "a.is_withdrawal, COALESCE(d.code, '') = 'doubt' FROM delivery d "
			   "LEFT JOIN member m ON m.attempt = d.attempt AND "
			   "m.position = d.position LEFT JOIN attempt a ON a.id = d.attempt "
			   "WHERE d.id = $1");
	int rc;

	statement_int(st, 1, delivery);
	rc = statement_step(st, err);
	if (rc == CB_END)
		return cb_fail(err, CB_BROKEN, "存储里没有投递 %lld",
			       "the store has no delivery %lld", (long long)delivery);
	if (rc != CB_OK)
		return rc;
	*out = (struct standing){
		.state = delivery_state_of(statement_get_text(st, 0)),
		.wanted = statement_get_int(st, 1),
		.attempt = statement_get_int(st, 2),
		.position = statement_get_int(st, 3),
		.sent = statement_get_int(st, 4),
		.digest = arena_copy(arena, statement_get_text(st, 5)),
		.was_withdrawal = statement_get_int(st, 6) != 0,
	};
	out->is_question =
		out->state == DELIVERY_CONFLICT ||
		(out->state == DELIVERY_HELD && out->attempt && statement_get_int(st, 7));
	statement_reset(st);
	return CB_OK;
}

static bool is_under_way(enum delivery_state state)
{
	return state == DELIVERY_SENDING || state == DELIVERY_IN_DOUBT;
}

static int settle_member(struct store *store, const struct standing *s, enum delivery_state state,
			 const struct store_outcome *o, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE member SET state = $1, receipt = $2, code = $3, field = $4, "
			   "say = $5, ended_ms = $6 WHERE attempt = $7 AND position = $8");

	statement_string(st, 1, delivery_state_word(state));
	statement_string(st, 2, o->receipt);
	statement_string(st, 3, o->code);
	statement_string(st, 4, o->field);
	statement_string(st, 5, o->say);
	if (is_under_way(state))
		statement_null(st, 6);
	else
		statement_int(st, 6, store->now);
	statement_int(st, 7, s->attempt);
	statement_int(st, 8, s->position);
	return statement_run(st, err);
}

/* What stands at the target from now on. */
static int set_there(struct store *store, int64_t delivery, const struct standing *s,
		     enum delivery_state state, const char *receipt, struct cb_error *err)
{
	struct statement *st;
	int at = 0;

	if (state == DELIVERY_ACCEPTED)
		st = database_statement(
			store->db,
			"UPDATE delivery SET is_there = 1, settled = $1, "
			"digest = COALESCE($2, digest), receipt = COALESCE($3, receipt), "
			"approved = NULL, tried_ms = 0 WHERE id = $4");
	else if (state == DELIVERY_WITHDRAWN)
		st = database_statement(
			store->db, "UPDATE delivery SET is_there = 0, settled = $1, digest = NULL, "
				   "receipt = COALESCE($2, receipt), approved = NULL, "
				   "tried_ms = 0 WHERE id = $3");
	else if (state == DELIVERY_CONFLICT)
		st = database_statement(store->db, "UPDATE delivery SET is_there = 1, "
						   "receipt = COALESCE($1, receipt) WHERE id = $2");
	else
		return CB_OK;
	if (state != DELIVERY_CONFLICT)
		statement_int(st, ++at, s->sent);
	if (state == DELIVERY_ACCEPTED)
		statement_text(st, ++at, s->digest);
	statement_string(st, ++at, receipt);
	statement_int(st, ++at, delivery);
	return statement_run(st, err);
}

static int set_state(struct store *store, int64_t delivery, enum delivery_state state,
		     const struct store_outcome *o, int64_t not_before, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = $1, code = $2, field = $3, say = $4, "
			   "not_before = $5, denials = CASE WHEN $1 = 'in-doubt' THEN denials "
			   "ELSE 0 END, copies_until = CASE WHEN $6 <> 0 THEN $6 ELSE copies_until "
			   "END WHERE id = $7");

	statement_string(st, 1, delivery_state_word(state));
	statement_string(st, 2, o->code);
	statement_string(st, 3, o->field);
	statement_string(st, 4, o->say);
	statement_int(st, 5, not_before);
	statement_int(st, 6, o->copies_until);
	statement_int(st, 7, delivery);
	return statement_run(st, err);
}

/* @has_gone_out: what was sent is the question, else nothing was. */
static int move(struct store *store, int64_t delivery, struct standing *s, bool has_gone_out,
		const struct store_outcome *o, struct cb_error *err)
{
	enum delivery_state state = o->state;
	int64_t not_before = o->not_before;
	bool is_newer = has_gone_out && s->wanted > s->sent;
	int rc = CB_OK;

	if (!has_gone_out) { /* it was there, or is not, before we sent anything */
		s->sent = s->wanted;
		s->digest = (struct cb_text){ 0 };
	} else if (state == DELIVERY_ACCEPTED && s->was_withdrawal) {
		state = DELIVERY_WITHDRAWN;
	}
	if (has_gone_out)
		rc = settle_member(
			store, s, state == DELIVERY_READY && is_newer ? DELIVERY_SUPERSEDED : state,
			o, err);
	if (rc == CB_OK)
		rc = set_there(store, delivery, s, state, o->receipt, err);
	/* The record has moved on while this was on its way: what is final is final for the old
	 * revision only. */
	if (is_newer && (state == DELIVERY_ACCEPTED || state == DELIVERY_REJECTED ||
			 state == DELIVERY_WITHDRAWN)) {
		state = DELIVERY_READY;
		not_before = 0;
	}
	return rc == CB_OK ? set_state(store, delivery, state, o, not_before, err) : rc;
}

int store_settle(struct store *store, int64_t delivery, const struct store_outcome *o,
		 struct cb_error *err)
{
	struct standing s = { 0 };
	int rc;

	assert(store->is_open);
	arena_clear(&store->arena);
	rc = read_standing(store, delivery, &store->arena, &s, err);
	if (rc != CB_OK)
		return rc;
	if (s.is_question)
		return cb_fail(
			err, CB_REFUSED, "投递 %lld 要人来定（casebridge deliveries settle）",
			"a person decides about delivery %lld (casebridge deliveries settle)",
			(long long)delivery);
	if (!delivery_may_become(s.state, o->state))
		return cb_fail(err, CB_REFUSED, "投递 %lld 是 %s，不能变为 %s",
			       "delivery %lld is %s and cannot become %s", (long long)delivery,
			       delivery_state_word(s.state), delivery_state_word(o->state));
	return move(store, delivery, &s, is_under_way(s.state), o, err);
}

/* What was accepted is sent again although its content is the same. */
static int forget_digest(struct store *store, int64_t delivery, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "UPDATE delivery SET digest = NULL, tries = 0, "
					      "tried_ms = 0 WHERE id = $1 AND state = 'accepted'");

	statement_int(st, 1, delivery);
	return statement_run(st, err);
}

int store_decide(struct store *store, int64_t delivery, enum decision decision, const char *receipt,
		 struct cb_error *err)
{
	static const enum delivery_state to[] = { [DECIDE_ACCEPTED] = DELIVERY_ACCEPTED,
						  [DECIDE_AGAIN] = DELIVERY_READY,
						  [DECIDE_WITHDRAWN] = DELIVERY_WITHDRAWN };
	const struct store_outcome o = { .state = to[decision], .receipt = receipt };
	struct standing s = { 0 };
	bool has_gone_out, is_at_rest;
	int rc;

	assert(store->is_open);
	arena_clear(&store->arena);
	rc = read_standing(store, delivery, &store->arena, &s, err);
	if (rc != CB_OK)
		return rc;
	has_gone_out = s.is_question || s.state == DELIVERY_IN_DOUBT;
	is_at_rest = s.state != DELIVERY_SENDING && s.state != DELIVERY_READY &&
		     s.state != DELIVERY_WAITING;
	if (s.state == DELIVERY_SENDING || (decision == DECIDE_ACCEPTED && !has_gone_out) ||
	    (decision == DECIDE_AGAIN && !is_at_rest))
		return cb_fail(err, CB_REFUSED, "投递 %lld 是 %s，没有这样的问题要人来定",
			       "delivery %lld is %s: there is no such question to decide",
			       (long long)delivery, delivery_state_word(s.state));
	if (decision == DECIDE_AGAIN)
		rc = forget_digest(store, delivery, err);
	return rc == CB_OK ? move(store, delivery, &s, has_gone_out, &o, err) : rc;
}

int store_settle_same(struct store *store, int64_t delivery, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'accepted', settled = wanted, code = NULL, "
			   "field = NULL, say = NULL, not_before = 0 WHERE id = $1 AND state IN "
			   "('ready', 'waiting') AND digest IS NOT NULL");
	int rc;

	assert(store->is_open);
	statement_int(st, 1, delivery);
	rc = statement_run(st, err);
	if (rc == CB_OK && !database_changes(store->db))
		rc = cb_fail(err, CB_REFUSED, "投递 %lld 还没有被接收过，或正在发送",
			     "delivery %lld was never accepted, or is being sent",
			     (long long)delivery);
	return rc;
}

int store_deny(struct store *store, int64_t delivery, int64_t not_before, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET denials = denials + 1, not_before = $1 "
			   "WHERE id = $2 AND state = 'in-doubt'");

	assert(store->is_open);
	statement_int(st, 1, not_before);
	statement_int(st, 2, delivery);
	return statement_run(st, err);
}

int store_offer(struct store *store, int64_t delivery, const char *digest, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'waiting', code = '" CODE_APPROVAL "', "
			   "field = NULL, say = NULL, not_before = 0, offered = $1, "
			   "approved = NULL WHERE id = $2 AND state = 'ready'");
	int rc;

	assert(store->is_open);
	statement_string(st, 1, digest);
	statement_int(st, 2, delivery);
	rc = statement_run(st, err);
	if (rc == CB_OK && !database_changes(store->db))
		rc = cb_fail(err, CB_REFUSED, "投递 %lld 不在待发状态",
			     "delivery %lld is not ready", (long long)delivery);
	return rc;
}

int store_approve(struct store *store, int64_t delivery, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE delivery SET state = 'ready', code = NULL, approved = offered "
			   "WHERE id = $1 AND state = 'waiting' AND code = '" CODE_APPROVAL "'");
	int rc;

	assert(store->is_open);
	statement_int(st, 1, delivery);
	rc = statement_run(st, err);
	if (rc == CB_OK && !database_changes(store->db))
		rc = cb_fail(err, CB_REFUSED, "投递 %lld 没有在等放行",
			     "delivery %lld does not wait for approval", (long long)delivery);
	return rc;
}
