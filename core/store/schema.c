/*
 * schema.c - the store's own tables. Their names are one word; a table of the
 * model always has an underscore.
 *
 * A change of these tables is a new step at the end of `steps`: a store knows
 * how many it has taken.
 */
#include "store/inside.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Each CREATE TABLE ends with @, where the engine's own word goes. */
static const char *const steps[] = {
	/* What a store is, and what it was brought to. */
	"CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)@;"
	"CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL)@;"

	/* The model as the tables know it. */
	"CREATE TABLE field (table_name TEXT NOT NULL, column_name TEXT NOT NULL,"
	" type TEXT NOT NULL, max INTEGER NOT NULL, is_unique INTEGER NOT NULL, label TEXT,"
	" PRIMARY KEY (table_name, column_name))@;"

	"CREATE TABLE word (id INTEGER NOT NULL PRIMARY KEY, word TEXT NOT NULL UNIQUE)@;"
	"CREATE TABLE source (id INTEGER NOT NULL PRIMARY KEY, digest TEXT NOT NULL UNIQUE,"
	" kind TEXT, name TEXT, text BLOB, first_ms INTEGER)@;"
	"CREATE TABLE cursor (stream TEXT NOT NULL PRIMARY KEY, cursor TEXT)@;"
	"CREATE TABLE plan (flow TEXT NOT NULL PRIMARY KEY, after INTEGER NOT NULL)@;"

	"CREATE TABLE document (id INTEGER NOT NULL PRIMARY KEY, stream TEXT NOT NULL, key TEXT,"
	" media TEXT, charset TEXT, records TEXT, run INTEGER, at_ms INTEGER NOT NULL)@;"
	"CREATE TABLE piece (id INTEGER NOT NULL PRIMARY KEY, document INTEGER NOT NULL,"
	" length INTEGER NOT NULL, packed BLOB NOT NULL)@;"
	"CREATE INDEX piece_document ON piece (document);"

	/*
	 * stream, entity: words. is_theirs 0: it has no key there, ours is document/number.
	 * id: the record's number and which of its links, so that they stand together without an
	 * index; key_hash: of stream, entity and key, because an index of foreign keys in no order
	 * would rewrite most of its pages with every page of records.
	 */
	"CREATE TABLE link (id INTEGER NOT NULL PRIMARY KEY, record INTEGER NOT NULL,"
	" key_hash INTEGER NOT NULL, stream INTEGER NOT NULL, entity INTEGER NOT NULL,"
	" is_theirs INTEGER NOT NULL, key TEXT NOT NULL, hash_low INTEGER NOT NULL,"
	" hash_high INTEGER NOT NULL, mapping INTEGER NOT NULL, document INTEGER NOT NULL,"
	" number INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL)@;"
	"CREATE INDEX link_key ON link (key_hash);"

	"CREATE TABLE held (id INTEGER NOT NULL PRIMARY KEY, flow TEXT NOT NULL,"
	" stream INTEGER NOT NULL, key TEXT, document INTEGER NOT NULL, number INTEGER NOT NULL,"
	" mapping TEXT, code TEXT, field TEXT, value TEXT, say TEXT, outcome TEXT,"
	" first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL)@;"
	"CREATE UNIQUE INDEX held_key ON held (stream, key) WHERE key IS NOT NULL;"
	"CREATE UNIQUE INDEX held_place ON held (document, number) WHERE key IS NULL;"
	"CREATE INDEX held_group ON held (code, field, value);"

	"CREATE TABLE delivery (id INTEGER NOT NULL PRIMARY KEY, flow TEXT NOT NULL,"
	" record INTEGER NOT NULL, account TEXT, key TEXT, state TEXT NOT NULL,"
	" wanted INTEGER NOT NULL, settled INTEGER NOT NULL, attempt INTEGER NOT NULL,"
	" position INTEGER NOT NULL, digest TEXT, receipt TEXT, say TEXT, field TEXT, code TEXT,"
	" not_before INTEGER NOT NULL, tries INTEGER NOT NULL)@;"
	"CREATE UNIQUE INDEX delivery_record ON delivery (record, flow);"
	"CREATE INDEX delivery_state ON delivery (flow, state, id);"

	"CREATE TABLE attempt (id INTEGER NOT NULL PRIMARY KEY, flow TEXT NOT NULL, account TEXT,"
	" once TEXT, begun_ms INTEGER NOT NULL)@;"
	"CREATE TABLE member (attempt INTEGER NOT NULL, position INTEGER NOT NULL,"
	" delivery INTEGER NOT NULL, revision INTEGER NOT NULL, key TEXT, payload BLOB,"
	" digest TEXT, state TEXT NOT NULL, receipt TEXT, code TEXT, field TEXT, say TEXT,"
	" ended_ms INTEGER, PRIMARY KEY (attempt, position))@;"
	"CREATE INDEX member_delivery ON member (delivery);"
	"CREATE INDEX member_open ON member (attempt) WHERE ended_ms IS NULL;"

	"CREATE TABLE run (id INTEGER NOT NULL PRIMARY KEY, flow TEXT NOT NULL, kind TEXT,"
	" begun_ms INTEGER NOT NULL, ended_ms INTEGER, result TEXT, say TEXT, read INTEGER,"
	" new INTEGER, changed INTEGER, unchanged INTEGER, held INTEGER, rejected INTEGER,"
	" passed_by INTEGER, due INTEGER, accepted INTEGER, refused INTEGER, in_doubt INTEGER,"
	" waiting INTEGER)@;"
	"CREATE INDEX run_flow ON run (flow, id);"

	"CREATE TABLE account_lock (account TEXT NOT NULL PRIMARY KEY, since_ms INTEGER NOT NULL,"
	" say TEXT)@;"

	"CREATE TABLE audit (id INTEGER NOT NULL PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT,"
	" what TEXT, object TEXT, detail TEXT, hash BLOB NOT NULL)@;",

	/* Crosswalks: what a system calls a record of ours. */
	"CREATE TABLE alias (entity TEXT NOT NULL, scheme TEXT NOT NULL, alias TEXT NOT NULL,"
	" key TEXT NOT NULL, since_ms INTEGER NOT NULL, PRIMARY KEY (entity, scheme, alias))@;"
	"CREATE INDEX alias_key ON alias (entity, scheme, key);",

	/* A mapping's texts in order; each is a source by its own digest, so that what several
	   mappings include is kept once. */
	"CREATE TABLE chapter (source INTEGER NOT NULL, position INTEGER NOT NULL,"
	" name TEXT NOT NULL, text INTEGER NOT NULL, PRIMARY KEY (source, position))@;"
	/* Names that a stream says and its mapping does not know. */
	"CREATE TABLE drift (stream TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,"
	" first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, PRIMARY KEY (stream, name))@;",

	/* A mapping file: how its samples went with the texts that it has (source), and the
	   mapping that is in force. One that worked before its samples were looked at is. */
	"CREATE TABLE trial (name TEXT NOT NULL PRIMARY KEY, source INTEGER NOT NULL,"
	" stamp TEXT NOT NULL, passed INTEGER NOT NULL, failed INTEGER NOT NULL, say TEXT,"
	" in_force INTEGER, since_ms INTEGER)@;"
	"INSERT INTO trial (name, source, stamp, passed, failed, in_force, since_ms)"
	" SELECT s.name, s.id, '', 0, 0, s.id, s.first_ms FROM source s WHERE s.id IN"
	" (SELECT MAX(id) FROM source WHERE kind = 'mapping' AND name IS NOT NULL GROUP BY name);",

	/*
	 * is_there: what was accepted stands at the target. offered, approved: digests of what
	 * waits for a leader, and of what one released. denials: how often the target said that
	 * it does not have what is in doubt. tried_ms: the first try since the last success.
	 */
	"ALTER TABLE delivery ADD COLUMN is_there INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE delivery ADD COLUMN is_withdrawal INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE delivery ADD COLUMN offered TEXT;"
	"ALTER TABLE delivery ADD COLUMN approved TEXT;"
	"ALTER TABLE delivery ADD COLUMN denials INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE delivery ADD COLUMN tried_ms INTEGER NOT NULL DEFAULT 0;"
	"UPDATE delivery SET is_there = 1 WHERE settled > 0;"
	"CREATE INDEX delivery_key ON delivery (flow, key);"
	"ALTER TABLE attempt ADD COLUMN is_withdrawal INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE member ADD COLUMN cites TEXT;" /* the receipt of what it corrects */
	/* What an account went through lately, so that a restart does not forget it. */
	"CREATE TABLE pace (account TEXT NOT NULL PRIMARY KEY, failures INTEGER NOT NULL,"
	" refusals INTEGER NOT NULL, rest_until_ms INTEGER NOT NULL, failing_ms INTEGER NOT NULL,"
	" succeeded_ms INTEGER NOT NULL, day INTEGER NOT NULL, used INTEGER NOT NULL,"
	" window_ms INTEGER NOT NULL, requests INTEGER NOT NULL, retries INTEGER NOT NULL,"
	" say TEXT)@;",

	/* Planned runs; timetable: what their slots were counted by. */
	"CREATE TABLE schedule (flow TEXT NOT NULL PRIMARY KEY, timetable TEXT NOT NULL)@;"
	"CREATE TABLE slot (flow TEXT NOT NULL, slot_ms INTEGER NOT NULL, number INTEGER NOT NULL,"
	" due_ms INTEGER NOT NULL, started_ms INTEGER, ended_ms INTEGER, result TEXT, say TEXT,"
	" run INTEGER NOT NULL, count INTEGER NOT NULL, since_ms INTEGER NOT NULL,"
	" PRIMARY KEY (flow, slot_ms, number))@;"
	"CREATE INDEX slot_open ON slot (flow, slot_ms) WHERE ended_ms IS NULL;",

	/*
	 * Records that are one. cluster: those that are not alone in theirs. pair: what the last
	 * search found, with what a person should know of it. ruling: a person's word on two
	 * records; it holds as long as what it was given on stays (data_low, data_high), and until
	 * an event ends it. event and move: who put which record from where to where, only ever
	 * added to, so that what was done can be undone. 0 in before and after: alone.
	 */
	"CREATE TABLE cluster (record INTEGER NOT NULL PRIMARY KEY, cluster INTEGER NOT NULL)@;"
	"CREATE INDEX cluster_members ON cluster (cluster, record);"
	"CREATE TABLE pair (low INTEGER NOT NULL, high INTEGER NOT NULL, rules TEXT NOT NULL,"
	" weight INTEGER NOT NULL, probability INTEGER NOT NULL, levels TEXT, kind TEXT,"
	" state TEXT NOT NULL, data_low INTEGER NOT NULL, data_high INTEGER NOT NULL,"
	" PRIMARY KEY (low, high))@;"
	"CREATE INDEX pair_high ON pair (high);"
	"CREATE INDEX pair_state ON pair (state, probability);"
	"CREATE TABLE event (id INTEGER NOT NULL PRIMARY KEY, at_ms INTEGER NOT NULL,"
	" entity TEXT NOT NULL, what TEXT NOT NULL, who TEXT, why TEXT, undoes INTEGER,"
	" undone INTEGER)@;"
	"CREATE TABLE move (event INTEGER NOT NULL, record INTEGER NOT NULL,"
	" before INTEGER NOT NULL, after INTEGER NOT NULL, PRIMARY KEY (event, record))@;"
	"CREATE INDEX move_before ON move (before, event);"
	"CREATE INDEX move_after ON move (after, event);"
	"CREATE INDEX move_record ON move (record, event);"
	"CREATE TABLE ruling (id INTEGER NOT NULL PRIMARY KEY, low INTEGER NOT NULL,"
	" high INTEGER NOT NULL, is_same INTEGER NOT NULL, data_low INTEGER NOT NULL,"
	" data_high INTEGER NOT NULL, event INTEGER NOT NULL, ended INTEGER)@;"
	"CREATE INDEX ruling_low ON ruling (low, high);"
	"CREATE INDEX ruling_high ON ruling (high);"
	"CREATE INDEX ruling_event ON ruling (event);"
	"CREATE INDEX ruling_ended ON ruling (ended);"
	/* What a search learned, by the name of its rules. */
	"CREATE TABLE learned (rules TEXT NOT NULL PRIMARY KEY, parameters TEXT NOT NULL,"
	" at_ms INTEGER NOT NULL)@;",

	/* Until then something that was sent of it may still arrive at the target. */
	"ALTER TABLE delivery ADD COLUMN copies_until INTEGER NOT NULL DEFAULT 0;",

	/* What records say and are found by, to match those that arrive; rules: a word. */
	"CREATE TABLE match_index (rules INTEGER NOT NULL PRIMARY KEY, stamp INTEGER NOT NULL,"
	" learned TEXT NOT NULL, frozen BLOB NOT NULL, at_ms INTEGER NOT NULL)@;"
	"CREATE TABLE match_record (rules INTEGER NOT NULL, record INTEGER NOT NULL,"
	" source TEXT, said BLOB NOT NULL, PRIMARY KEY (rules, record)) WITHOUT ROWID@;"
	"CREATE TABLE match_key (rules INTEGER NOT NULL, key INTEGER NOT NULL,"
	" record INTEGER NOT NULL, PRIMARY KEY (rules, key, record)) WITHOUT ROWID@;"
	"CREATE TABLE match_count (rules INTEGER NOT NULL, col INTEGER NOT NULL,"
	" value INTEGER NOT NULL, records INTEGER NOT NULL,"
	" PRIMARY KEY (rules, col, value)) WITHOUT ROWID@;",

	/* In the whole order that they are asked for in: else the rows of all years are read. */
	"DROP INDEX slot_open;"
	"CREATE INDEX slot_open ON slot (flow, slot_ms, number) WHERE ended_ms IS NULL;",

	/*
	 * What people outside should hear, for each way to them: count is what was not said yet.
	 * way: how it goes there. warning: the steps before its deadline that a delivery came to.
	 */
	"CREATE TABLE notice (way TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL,"
	" say TEXT NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,"
	" count INTEGER NOT NULL, said_ms INTEGER NOT NULL, PRIMARY KEY (way, kind, object))@;"
	"CREATE TABLE way (name TEXT NOT NULL PRIMARY KEY, tries INTEGER NOT NULL,"
	" failing_ms INTEGER NOT NULL, not_before INTEGER NOT NULL, said_ms INTEGER NOT NULL,"
	" problem TEXT)@;"
	"CREATE TABLE warning (delivery INTEGER NOT NULL, step INTEGER NOT NULL,"
	" due_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (delivery, step))@;",

	/* Each time that an attempt went out: the same bytes may go more than once. */
	"CREATE TABLE send (attempt INTEGER NOT NULL, number INTEGER NOT NULL,"
	" sent_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, verdict INTEGER NOT NULL,"
	" PRIMARY KEY (attempt, number))@;",

	/* Of a receipt that was asked for and found nothing: what it says. */
	"ALTER TABLE held ADD COLUMN result TEXT;"
	"ALTER TABLE held ADD COLUMN receipt TEXT;"
	"ALTER TABLE held ADD COLUMN words TEXT;",

	/*
	 * A search goes on from where the last one ended. rulings: the words of people that
	 * held then; grp: who an item is one with. Pairs keep whether they were sure.
	 */
	"ALTER TABLE match_index ADD COLUMN rulings BLOB;"
	"ALTER TABLE match_index ADD COLUMN learned_from INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE match_index ADD COLUMN records INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE match_index ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE match_record ADD COLUMN grp INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE pair ADD COLUMN is_sure INTEGER NOT NULL DEFAULT 0;",

	/* Views in which a cluster counts once come with the tables (once.c): those are looked at
	   again. */
	"DELETE FROM meta WHERE name = 'model';",
};

enum { STEPS = sizeof(steps) / sizeof(*steps) };

static int read_meta(struct store *store, const char *name, char *out, size_t room,
		     struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT value FROM meta WHERE name = $1");
	int rc;

	*out = '\0';
	statement_string(st, 1, name);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		snprintf(out, room, "%.*s", CB_TEXT_ARG(statement_get_text(st, 0)));
		statement_reset(st);
	}
	return rc == CB_END ? CB_OK : rc;
}

static int write_meta(struct store *store, const char *name, const char *value,
		      struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO meta (name, value) VALUES ($1, $2) "
			   "ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	statement_string(st, 1, name);
	statement_string(st, 2, value);
	return statement_run(st, err);
}

static int take_step(struct store *store, const char *step, struct cb_error *err)
{
	struct buffer sql = { 0 };
	bool has_strict = *database_strict(), follows = false;
	int rc;

	/* "… WITHOUT ROWID, STRICT", "… STRICT" */
	for (const char *at = step; *at; at++) {
		if (*at == '@' && has_strict)
			buffer_string(&sql, follows ? ", STRICT" : " STRICT");
		else if (*at != '@')
			buffer_char(&sql, *at);
		follows = *at == 'D'; /* of WITHOUT ROWID */
	}
	rc = database_run(store->db, buffer_cstr(&sql), err);
	buffer_done(&sql);
	return rc;
}

/* How many steps the store has taken; 0 for one that is new. */
static int steps_taken(struct store *store, int64_t *taken, struct cb_error *err)
{
	bool is_ours;
	char text[32];
	int rc;

	*taken = 0;
	rc = database_has_table(store->db, "meta", &is_ours, err);
	if (rc != CB_OK || !is_ours)
		return rc;
	rc = read_meta(store, "steps", text, sizeof(text), err);
	*taken = strtoll(text, NULL, 10);
	if (rc == CB_OK && *taken > STEPS)
		rc = cb_fail(
			err, CB_SETUP,
			"存储是更新版本的 casebridge 写的（第 %lld 步，本程序只到 %d）。请升级程序",
			"the store was written by a newer casebridge (step %lld, this one "
			"knows %d). Upgrade the program",
			(long long)*taken, STEPS);
	return rc;
}

int schema_make(struct store *store, struct cb_error *err)
{
	int64_t taken;
	char text[32];
	int rc = steps_taken(store, &taken, err);

	if (rc != CB_OK || taken == STEPS)
		return rc;
	for (; taken < STEPS && rc == CB_OK; taken++)
		rc = take_step(store, steps[taken], err);
	snprintf(text, sizeof(text), "%d", STEPS);
	return rc == CB_OK ? write_meta(store, "steps", text, err) : rc;
}

#define SERVING "serving"

int store_serving_set(struct store *store, long pid, struct cb_error *err)
{
	char text[64];

	assert(store->is_open);
	snprintf(text, sizeof(text), "%ld %" PRId64, pid, store->now);
	return write_meta(store, SERVING, text, err);
}

int store_serving(struct store *store, struct store_serving *out, struct cb_error *err)
{
	char text[64], *at = text;
	int rc = read_meta(store, SERVING, text, sizeof(text), err);

	*out = (struct store_serving){ 0 };
	if (rc != CB_OK || !*text)
		return rc;
	out->pid = strtol(text, &at, 10);
	out->since_ms = strtoll(at, NULL, 10);
	return CB_OK;
}

static void digest_text(const struct store *store, char out[32])
{
	snprintf(out, 32, "%016" PRIx64, store->model->digest);
}

int schema_is_model(struct store *store, bool *is_same, struct cb_error *err)
{
	char said[32], wanted[32];
	int rc = read_meta(store, "model", said, sizeof(said), err);

	digest_text(store, wanted);
	*is_same = strcmp(said, wanted) == 0;
	return rc;
}

int schema_set_model(struct store *store, struct cb_error *err)
{
	char digest[32];
	int rc;

	digest_text(store, digest);
	rc = write_meta(store, "model", digest, err);
	return rc == CB_OK ? write_meta(store, "model-name", store->model->name, err) : rc;
}

int schema_check(struct store *store, struct cb_error *err)
{
	int64_t taken;
	bool is_same = false;
	int rc = steps_taken(store, &taken, err);

	if (rc == CB_OK && taken == STEPS)
		rc = schema_is_model(store, &is_same, err);
	if (rc == CB_OK && !is_same)
		rc = cb_fail(err, CB_SETUP,
			     "存储还没有按现在的模型整理。先运行一次 casebridge run 或 serve",
			     "the store was not brought to this model yet. Start casebridge run or "
			     "serve once");
	return rc;
}
