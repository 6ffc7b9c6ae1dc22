/*
 * source.c - the texts that mappings were made from, by digest.
 *
 * A mapping's digest is of all its texts together; each text is a source of its
 * own as well, and the chapters say which ones a mapping has, in order. Of the
 * mappings that a file was, one is in force.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdlib.h>

#include <casebridge/digest.h>

static int name_whole(struct store *store, int64_t whole, const char *name, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE source SET kind = 'mapping', name = $1, first_ms = $2 "
			   "WHERE id = $3 AND kind IS NULL");

	statement_string(st, 1, name);
	statement_int(st, 2, store->now);
	statement_int(st, 3, whole);
	return statement_run(st, err);
}

int store_chapter(struct store *store, const char *digest, int64_t position, const char *name,
		  struct cb_text text, struct cb_error *err)
{
	struct statement *st;
	char hex[CB_SHA256_HEX];
	int64_t whole, part;
	int rc;

	assert(store->is_open);
	cb_sha256_hex(text, hex);
	rc = source_number(store, cb_text_of(digest), &whole, err);
	if (rc == CB_OK)
		rc = store_source(store, hex, "text", name, text, err);
	if (rc == CB_OK)
		rc = source_number(store, cb_text_of(hex), &part, err);
	if (rc == CB_OK && position == 0)
		rc = name_whole(store, whole, name, err);
	if (rc != CB_OK)
		return rc;
	st = database_statement(
		store->db, "INSERT INTO chapter (source, position, name, text) "
			   "VALUES ($1, $2, $3, $4) ON CONFLICT (source, position) DO NOTHING");
	statement_int(st, 1, whole);
	statement_int(st, 2, position);
	statement_string(st, 3, name);
	statement_int(st, 4, part);
	return statement_run(st, err);
}

int store_chapters(struct store *store, const char *digest, struct arena *arena,
		   struct store_text **texts, size_t *count, struct cb_error *err)
{
	/* A store from before there were chapters kept the mapping's own text. */
	struct statement *st = database_statement(
		store->db,
		"SELECT c.name, t.text, c.position FROM source s JOIN chapter c ON c.source = s.id "
		"JOIN source t ON t.id = c.text WHERE s.digest = $1 UNION ALL "
		"SELECT s.name, s.text, 0 FROM source s WHERE s.digest = $1 "
		"AND s.text IS NOT NULL AND NOT EXISTS (SELECT 1 FROM chapter c "
		"WHERE c.source = s.id) ORDER BY 3");
	struct store_text *at = NULL;
	size_t room = 0;
	int rc;

	*count = 0;
	statement_string(st, 1, digest);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_text){
			.name = column_string(st, 0, arena),
			.text = arena_copy(arena, statement_get_blob(st, 1)),
		};
	}
	*texts = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*texts, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_mapping_before(struct store *store, const char *name, const char *except,
			 struct arena *arena, const char **digest, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT digest FROM source WHERE kind = 'mapping' AND name = $1 "
			   "AND digest <> $2 ORDER BY id DESC LIMIT 1");
	int rc;

	statement_string(st, 1, name);
	statement_string(st, 2, except);
	rc = statement_step(st, err);
	if (rc == CB_OK)
		*digest = column_string(st, 0, arena);
	statement_reset(st);
	return rc;
}

int store_trial(struct store *store, const char *name, struct arena *arena, struct store_trial *out,
		struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT s.digest, t.stamp, t.passed, t.failed, t.say, f.digest, "
			   "t.since_ms FROM trial t JOIN source s ON s.id = t.source "
			   "LEFT JOIN source f ON f.id = t.in_force WHERE t.name = $1");
	int rc;

	statement_string(st, 1, name);
	rc = statement_step(st, err);
	if (rc == CB_OK)
		*out = (struct store_trial){ .digest = column_string(st, 0, arena),
					     .stamp = column_string(st, 1, arena),
					     .passed = statement_get_int(st, 2),
					     .failed = statement_get_int(st, 3),
					     .say = column_string(st, 4, arena),
					     .in_force = column_string(st, 5, arena),
					     .since_ms = statement_get_int(st, 6) };
	statement_reset(st);
	return rc;
}

int store_trial_set(struct store *store, const char *name, const struct store_trial *trial,
		    struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO trial (name, source, stamp, passed, failed, say, in_force, since_ms) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO UPDATE SET "
		"source = excluded.source, stamp = excluded.stamp, passed = excluded.passed, "
		"failed = excluded.failed, say = excluded.say, since_ms = CASE WHEN "
		"excluded.in_force <> trial.in_force OR trial.in_force IS NULL "
		"THEN COALESCE(excluded.since_ms, trial.since_ms) ELSE trial.since_ms END, "
		"in_force = COALESCE(excluded.in_force, trial.in_force)");
	int64_t source;
	int rc = source_number(store, cb_text_of(trial->digest), &source, err);

	if (rc != CB_OK)
		return rc;
	statement_string(st, 1, name);
	statement_int(st, 2, source);
	statement_string(st, 3, trial->stamp);
	statement_int(st, 4, trial->passed);
	statement_int(st, 5, trial->failed);
	statement_string(st, 6, trial->say);
	if (trial->failed) {
		statement_null(st, 7);
		statement_null(st, 8);
	} else {
		statement_int(st, 7, source);
		statement_int(st, 8, store->now);
	}
	return statement_run(st, err);
}
