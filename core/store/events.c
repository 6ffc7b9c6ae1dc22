/*
 * events.c - the log of clusters, and going back in it.
 *
 * An event may be undone when nothing that still stands touched its clusters or
 * its records since: then everybody is where it had put them, and goes back to
 * where it had taken them from.
 */
#include "store/events.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int event_begin(struct store *store, const char *entity, const struct store_act *act,
		int64_t undoes, int64_t *event, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO event (id, at_ms, entity, what, who, why, undoes) "
			   "VALUES ($1, $2, $3, $4, $5, $6, $7)");
	char number[32];
	int rc;

	*event = next_number(store, COUNT_EVENT);
	statement_int(st, 1, *event);
	statement_int(st, 2, store->now);
	statement_string(st, 3, entity);
	statement_string(st, 4, act->what);
	statement_string(st, 5, act->who);
	statement_string(st, 6, act->why);
	if (undoes)
		statement_int(st, 7, undoes);
	else
		statement_null(st, 7);
	rc = statement_run(st, err);
	snprintf(number, sizeof(number), "%" PRId64, *event);
	/* The reason is a person's own words: it stands in the log, not in the audit. */
	return rc == CB_OK ? store_audit(store, act->who, "duplicates", act->what, number, err)
			   : rc;
}

static int set_cluster(struct store *store, int64_t record, int64_t cluster, struct cb_error *err)
{
	struct statement *st;

	if (!cluster) {
		st = database_statement(store->db, "DELETE FROM cluster WHERE record = $1");
		statement_int(st, 1, record);
		return statement_run(st, err);
	}
	st = database_statement(store->db,
				"INSERT INTO cluster (record, cluster) VALUES ($1, $2) "
				"ON CONFLICT (record) DO UPDATE SET cluster = excluded.cluster");
	statement_int(st, 1, record);
	statement_int(st, 2, cluster);
	return statement_run(st, err);
}

static int touch(struct store *store, const struct table *entity, int64_t record,
		 struct cb_error *err)
{
	struct shelf *shelf = shelf_of(store, entity);

	statement_int(shelf->touch, 1, next_number(store, COUNT_CHANGE));
	statement_int(shelf->touch, 2, record);
	return statement_run(shelf->touch, err);
}

int event_move(struct store *store, const struct table *entity, int64_t event, int64_t record,
	       int64_t before, int64_t after, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO move (event, record, before, after) VALUES ($1, $2, $3, $4)");
	int rc;

	statement_int(st, 1, event);
	statement_int(st, 2, record);
	statement_int(st, 3, before);
	statement_int(st, 4, after);
	rc = statement_run(st, err);
	if (rc == CB_OK)
		rc = set_cluster(store, record, after, err);
	return rc == CB_OK ? touch(store, entity, record, err) : rc;
}

/* Going back. */

struct step {
	int64_t record, before, after;
};
struct undoing {
	struct store *store;
	int64_t event, undone, undoes;
	const char *entity, *what;
	struct step *steps;
	size_t count;
	struct arena arena;
};

static int read_event(struct undoing *u, struct cb_error *err)
{
	struct statement *st = database_statement(
		u->store->db, "SELECT entity, what, undone, undoes FROM event WHERE id = $1");
	int rc;

	statement_int(st, 1, u->event);
	rc = statement_step(st, err);
	if (rc == CB_END)
		return cb_fail(
			err, CB_REFUSED, "没有第 %" PRId64 " 步（casebridge dup log 列出全部）",
			"there is no step %" PRId64 " (casebridge dup log shows them)", u->event);
	if (rc != CB_OK)
		return rc;
	u->entity = column_string(st, 0, &u->arena);
	u->what = column_string(st, 1, &u->arena);
	u->undone = statement_get_int(st, 2);
	u->undoes = statement_get_int(st, 3);
	statement_reset(st);
	if (u->undone)
		return cb_fail(err, CB_REFUSED, "第 %" PRId64 " 步已经撤销（第 %" PRId64 " 步）",
			       "step %" PRId64 " is undone already (by step %" PRId64 ")", u->event,
			       u->undone);
	if (u->undoes)
		return cb_fail(err, CB_REFUSED,
			       "第 %" PRId64 " 步本身是撤销；要再连或再拆，用 dup link、dup split",
			       "step %" PRId64 " is an undoing itself; use dup link or dup split",
			       u->event);
	return CB_OK;
}

static int read_steps(struct undoing *u, struct cb_error *err)
{
	struct statement *st = database_statement(
		u->store->db,
		"SELECT record, before, after FROM move WHERE event = $1 ORDER BY record");
	struct step *at = NULL;
	size_t room = 0;
	int rc;

	statement_int(st, 1, u->event);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, u->count, &room, sizeof(*at));
		at[u->count++] = (struct step){ statement_get_int(st, 0), statement_get_int(st, 1),
						statement_get_int(st, 2) };
	}
	u->steps = arena_take(&u->arena, (u->count + 1) * sizeof(*at));
	if (u->count)
		memcpy(u->steps, at, u->count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

#define STANDS                                                                                     \
	" m JOIN event e ON e.id = m.event WHERE m.event > $1 AND e.undone IS NULL AND "           \
	"e.undoes IS NULL AND m."

/* The newest event after this one that stands and moved @what, or what there is in @latest. */
static int latest(struct undoing *u, const char *sql, int64_t what, int64_t *newest,
		  struct cb_error *err)
{
	struct statement *st = database_statement(u->store->db, sql);
	int64_t found = 0;
	int rc;

	if (!what)
		return CB_OK;
	statement_int(st, 1, u->event);
	statement_int(st, 2, what);
	rc = statement_one(st, &found, err);
	if (found > *newest)
		*newest = found;
	return rc == CB_END ? CB_OK : rc;
}

static int check_later(struct undoing *u, int64_t *newest, struct cb_error *err)
{
	static const char *const by_record = "SELECT MAX(m.event) FROM move" STANDS "record = $2";
	static const char *const by_before = "SELECT MAX(m.event) FROM move" STANDS "before = $2";
	static const char *const by_after = "SELECT MAX(m.event) FROM move" STANDS "after = $2";
	int rc = CB_OK;

	*newest = 0;
	for (size_t i = 0; i < u->count && rc == CB_OK; i++) {
		const struct step *s = &u->steps[i];

		rc = latest(u, by_record, s->record, newest, err);
		for (unsigned side = 0; side < 2 && rc == CB_OK; side++) {
			int64_t cluster = side ? s->after : s->before;

			rc = latest(u, by_before, cluster, newest, err);
			if (rc == CB_OK)
				rc = latest(u, by_after, cluster, newest, err);
		}
	}
	return rc;
}

/* What was said with the event is said no more, and what it had ended holds again. */
static int turn_rulings(struct undoing *u, int64_t by, struct cb_error *err)
{
	struct statement *st = database_statement(
		u->store->db, "UPDATE ruling SET ended = $1 WHERE event = $2 AND ended IS NULL");
	int rc;

	statement_int(st, 1, by);
	statement_int(st, 2, u->event);
	rc = statement_run(st, err);
	if (rc != CB_OK)
		return rc;
	st = database_statement(u->store->db,
				"UPDATE ruling SET ended = NULL WHERE ended = $1 AND "
				"event IN (SELECT id FROM event WHERE undone IS NULL)");
	statement_int(st, 1, u->event);
	return statement_run(st, err);
}

/* The next search would do it again: a no between what it had found to be one and is apart now. */
static int forbid_again(struct undoing *u, int64_t by, struct cb_error *err)
{
	struct statement *st = database_statement(
		u->store->db, "SELECT p.low, p.high, p.data_low, p.data_high FROM pair p "
			      "LEFT JOIN cluster a ON a.record = p.low "
			      "LEFT JOIN cluster b ON b.record = p.high "
			      "WHERE (p.low = $1 OR p.high = $1) AND p.state = 'linked' AND "
			      "(a.cluster IS NULL OR b.cluster IS NULL OR a.cluster <> b.cluster)");
	int rc = CB_OK;

	for (size_t i = 0; i < u->count && rc == CB_OK; i++) {
		statement_int(st, 1, u->steps[i].record);
		while ((rc = statement_step(st, err)) == CB_OK) {
			const struct store_ruling no = {
				.record = { statement_get_int(st, 0), statement_get_int(st, 1) },
				.data = { (uint64_t)statement_get_int(st, 2),
					  (uint64_t)statement_get_int(st, 3) },
			};

			rc = ruling_add(u->store, &no, by, err);
			if (rc != CB_OK) {
				statement_reset(st);
				return rc;
			}
		}
		rc = rc == CB_END ? CB_OK : rc;
	}
	return rc;
}

static int go_back(struct undoing *u, const char *who, const char *why, int64_t *event,
		   struct cb_error *err)
{
	const struct store_act act = { "undo", who, why };
	const struct table *entity = model_entity(u->store->model, u->entity);
	struct statement *st;
	int rc;

	if (!entity)
		return cb_fail(err, CB_SETUP, "模型里没有 %s 了", "the model has no %s any more",
			       u->entity);
	rc = event_begin(u->store, u->entity, &act, u->event, event, err);
	for (size_t i = 0; i < u->count && rc == CB_OK; i++)
		rc = event_move(u->store, entity, *event, u->steps[i].record, u->steps[i].after,
				u->steps[i].before, err);
	if (rc == CB_OK)
		rc = turn_rulings(u, *event, err);
	if (rc == CB_OK && strcmp(u->what, "run") == 0)
		rc = forbid_again(u, *event, err);
	if (rc != CB_OK)
		return rc;
	st = database_statement(u->store->db, "UPDATE event SET undone = $1 WHERE id = $2");
	statement_int(st, 1, *event);
	statement_int(st, 2, u->event);
	return statement_run(st, err);
}

static int newest_event(struct store *store, int64_t *event, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT MAX(id) FROM event WHERE undone IS NULL AND undoes IS NULL");
	int rc = statement_one(st, event, err);

	if (rc == CB_END || (rc == CB_OK && !*event))
		rc = cb_fail(err, CB_REFUSED, "没有可以撤销的", "there is nothing to undo");
	return rc;
}

int store_undo(struct store *store, int64_t undone, const char *who, const char *why,
	       int64_t *event, struct cb_error *err)
{
	struct undoing u = { .store = store, .event = undone };
	int64_t newest = 0;
	int rc = CB_OK;

	assert(store->is_open);
	if (!undone)
		rc = newest_event(store, &u.event, err);
	if (rc == CB_OK)
		rc = read_event(&u, err);
	if (rc == CB_OK)
		rc = read_steps(&u, err);
	if (rc == CB_OK)
		rc = check_later(&u, &newest, err);
	if (rc == CB_OK && newest)
		rc = cb_fail(err, CB_REFUSED,
			     "第 %" PRId64 " 步之后，第 %" PRId64
			     " 步又动过同一簇；先撤销第 %" PRId64 " 步",
			     "after step %" PRId64 ", step %" PRId64
			     " touched the same cluster; undo step %" PRId64 " first",
			     u.event, newest, newest);
	if (rc == CB_OK)
		rc = go_back(&u, who, why, event, err);
	arena_done(&u.arena);
	return rc;
}

int store_events(struct store *store, int64_t most,
		 int (*each)(void *with, const struct store_event *event, struct cb_error *err),
		 void *with, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT e.id, e.at_ms, e.undone, e.undoes, e.what, e.who, e.why, "
			   "(SELECT COUNT(*) FROM move m WHERE m.event = e.id) FROM event e "
			   "ORDER BY e.id DESC LIMIT $1");
	struct arena arena = { 0 };
	int rc;

	statement_int(st, 1, most);
	while ((rc = statement_step(st, err)) == CB_OK) {
		const struct store_event event = {
			.id = statement_get_int(st, 0),
			.at_ms = statement_get_int(st, 1),
			.undone = statement_get_int(st, 2),
			.undoes = statement_get_int(st, 3),
			.what = column_string(st, 4, &arena),
			.who = column_string(st, 5, &arena),
			.why = column_string(st, 6, &arena),
			.moved = statement_get_int(st, 7),
		};

		rc = each(with, &event, err);
		if (rc != CB_OK) {
			statement_reset(st);
			break;
		}
		arena_clear(&arena);
	}
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}
