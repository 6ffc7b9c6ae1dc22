/*
 * backup.c - a copy of the store that can be trusted, and the way back.
 *
 * A backup is one file: the store as it stood at one instant, and the site's
 * own files in a table beside it. It has its name only after it was read again
 * and found whole.
 *
 * What was sent after the backup was made is not in it. So after a restore
 * nothing goes out that the target was not asked for first: attempts that were
 * under way lose their once-key (it may not be the last one that was used), and
 * the store remembers up to which attempt it knows nothing for certain.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/file.h"

static int is_there(const char *path, struct cb_error *err)
{
	return cb_fail(err, CB_SETUP, "%s 已经存在，不会覆盖；请换一个文件名",
		       "%s is there already and stays as it is; choose another name", path);
}

static int count(struct database *db, const char *sql, int64_t *out, struct cb_error *err)
{
	int rc = statement_one(database_statement(db, sql), out, err);

	return rc == CB_END ? CB_OK : rc;
}

/* @db: a whole store, be it the live one or a copy. */
static int take_totals(struct database *db, struct store_totals *out, struct cb_error *err)
{
	/* Records are never deleted, so the last number is how many there are. */
	int rc = count(db, "SELECT last FROM counter WHERE name = 'record'", &out->records, err);

	if (rc == CB_OK)
		rc = count(db, "SELECT COUNT(*) FROM document", &out->documents, err);
	if (rc == CB_OK)
		rc = count(db, "SELECT COUNT(*) FROM delivery", &out->deliveries, err);
	if (rc == CB_OK)
		rc = count(db, "SELECT COUNT(*) FROM audit", &out->audit_lines, err);
	if (rc == CB_OK)
		rc = count(db,
			   "SELECT COUNT(*) FROM delivery WHERE state NOT IN ('accepted', "
			   "'withdrawn', 'superseded')",
			   &out->open, err);
	return rc;
}

static int keep_files(struct database *db, const struct store_file *files, size_t n, int64_t now,
		      struct cb_error *err)
{
	char at[32];
	struct statement *st;
	int rc = database_run(db,
			      "CREATE TABLE site_file (name TEXT NOT NULL PRIMARY KEY, "
			      "mode INTEGER NOT NULL, bytes BLOB)",
			      err);

	for (size_t i = 0; i < n && rc == CB_OK; i++) {
		st = database_statement(
			db, "INSERT INTO site_file (name, mode, bytes) VALUES ($1, $2, $3)");
		statement_string(st, 1, files[i].name);
		statement_int(st, 2, files[i].mode);
		statement_blob(st, 3, files[i].bytes);
		rc = statement_run(st, err);
	}
	if (rc != CB_OK)
		return rc;
	snprintf(at, sizeof(at), "%lld", (long long)now);
	st = database_statement(db, "INSERT INTO meta (name, value) VALUES ('backup-ms', $1) "
				    "ON CONFLICT (name) DO UPDATE SET value = excluded.value");
	statement_string(st, 1, at);
	return statement_run(st, err);
}

/* Read every page and every line of the audit. */
static int check_whole(struct database *db, struct cb_error *err)
{
	struct store bare = { .db = db, .lock = -1 };
	int64_t lines;
	int rc = database_check(db, err);

	if (rc == CB_OK)
		rc = store_audit_check(&bare, &lines, err);
	buffer_done(&bare.bytes);
	return rc;
}

/* Read what was written, and compare it with what there was. */
static int check_copy(const char *path, const struct store_totals *wanted, struct cb_error *err)
{
	struct store_totals found = { 0 };
	struct database *db = NULL;
	int rc = database_open(path, DATABASE_READ, &db, err);

	if (rc == CB_OK)
		rc = check_whole(db, err);
	if (rc == CB_OK)
		rc = take_totals(db, &found, err);
	database_close(db);
	if (rc == CB_OK &&
	    (found.records != wanted->records || found.documents != wanted->documents ||
	     found.deliveries != wanted->deliveries || found.audit_lines != wanted->audit_lines))
		rc = cb_fail(err, CB_BROKEN, "备份 %s 与存储的件数不符，已作废",
			     "the backup %s does not have what the store has, and was given up",
			     path);
	return rc;
}

static int write_copy(struct store *store, const char *path, int64_t now,
		      const struct store_file *files, size_t n, struct store_totals *totals,
		      struct cb_error *err)
{
	struct database *copy = NULL;
	/* What is read first fixes the instant. */
	int rc = take_totals(store->db, totals, err);

	if (rc == CB_OK)
		rc = database_copy(store->db, path, err);
	if (rc == CB_OK)
		rc = database_open(path, DATABASE_PLAIN, &copy, err);
	if (rc == CB_OK)
		rc = database_begin(copy, err);
	if (rc == CB_OK)
		rc = keep_files(copy, files, n, now, err);
	if (rc == CB_OK)
		rc = database_commit(copy, err);
	database_close(copy);
	return rc == CB_OK ? check_copy(path, totals, err) : rc;
}

int store_backup(struct store *store, const char *path, int64_t now, const struct store_file *files,
		 size_t n, struct store_totals *totals, struct cb_error *err)
{
	struct arena arena = { 0 };
	const char *part = arena_printf(&arena, "%s.part", path);
	int rc = CB_OK;

	assert(store->mode == STORE_READ);
	*totals = (struct store_totals){ .at_ms = now };
	if (file_exists(path))
		rc = is_there(path, err);
	unlink(part);
	/* One instant for the copy and for what it is compared with. */
	if (rc == CB_OK)
		rc = database_begin(store->db, err);
	if (rc == CB_OK) {
		rc = write_copy(store, part, now, files, n, totals, err);
		database_rollback(store->db);
	}
	if (rc == CB_OK)
		rc = file_rename(part, path, err);
	if (rc != CB_OK)
		unlink(part);
	arena_done(&arena);
	return rc;
}

static int read_files(struct database *db, struct arena *arena, struct store_backup *out,
		      struct cb_error *err)
{
	struct statement *st =
		database_statement(db, "SELECT name, mode, bytes FROM site_file ORDER BY name");
	struct store_file *at = NULL;
	size_t room = 0;
	int rc;

	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, out->file_count, &room, sizeof(*at));
		at[out->file_count++] =
			(struct store_file){ column_string(st, 0, arena),
					     (unsigned)statement_get_int(st, 1),
					     arena_copy(arena, statement_get_blob(st, 2)) };
	}
	out->files = arena_take(arena, (out->file_count + 1) * sizeof(*at));
	if (out->file_count)
		memcpy(out->files, at, out->file_count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_backup_read(const char *path, struct arena *arena, struct store_backup *out,
		      struct cb_error *err)
{
	struct database *db = NULL;
	bool is_ours = false;
	int64_t at_ms = 0;
	int rc = CB_OK;

	*out = (struct store_backup){ 0 };
	if (!file_exists(path))
		return cb_fail(err, CB_SETUP, "没有备份文件 %s", "there is no backup %s", path);
	rc = database_open(path, DATABASE_READ, &db, err);
	if (rc == CB_OK)
		rc = database_has_table(db, "site_file", &is_ours, err);
	if (rc == CB_OK && !is_ours)
		rc = cb_fail(err, CB_SETUP, "%s 不是 casebridge backup 写的备份",
			     "%s was not written by casebridge backup", path);
	if (rc == CB_OK)
		rc = check_whole(db, err);
	if (rc == CB_OK)
		rc = take_totals(db, &out->totals, err);
	if (rc == CB_OK)
		rc = count(db, "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'backup-ms'",
			   &at_ms, err);
	out->totals.at_ms = at_ms;
	if (rc == CB_OK)
		rc = read_files(db, arena, out, err);
	database_close(db);
	return rc;
}

static int set_meta(struct database *db, const char *name, int64_t number, struct cb_error *err)
{
	struct statement *st =
		database_statement(db, "INSERT INTO meta (name, value) VALUES ($1, $2) "
				       "ON CONFLICT (name) DO UPDATE SET value = excluded.value");
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	statement_string(st, 1, name);
	statement_string(st, 2, text);
	return statement_run(st, err);
}

/* In the copy, before anybody opens it. */
static int write_audit(struct database *db, const struct store_restoring *why, struct cb_error *err)
{
	struct store bare = { .db = db, .lock = -1, .is_open = true, .now = why->now };
	struct statement *st;
	int rc = count(db, "SELECT last FROM counter WHERE name = 'audit'",
		       &bare.now_at.last[COUNT_AUDIT], err);

	if (rc == CB_OK)
		rc = audit_open(&bare, err);
	if (rc == CB_OK)
		rc = store_audit(&bare, why->who, "restore", why->object, NULL, err);
	buffer_done(&bare.bytes);
	if (rc != CB_OK)
		return rc;
	st = database_statement(db, "INSERT INTO counter (name, last) VALUES ('audit', $1) "
				    "ON CONFLICT (name) DO UPDATE SET last = excluded.last");
	statement_int(st, 1, bare.now_at.last[COUNT_AUDIT]);
	return statement_run(st, err);
}

/* From here on the copy knows that it is not the last word. */
static int put_in_doubt(struct database *db, const struct store_restoring *why,
			struct cb_error *err)
{
	int64_t attempt = 0;
	int rc = database_begin(db, err);

	if (rc == CB_OK)
		rc = count(db, "SELECT last FROM counter WHERE name = 'attempt'", &attempt, err);
	if (rc == CB_OK)
		rc = set_meta(db, "restored-ms", why->now, err);
	if (rc == CB_OK)
		rc = set_meta(db, "restored-attempt", attempt, err);
	if (rc == CB_OK)
		rc = database_run(db,
				  "UPDATE attempt SET once = NULL WHERE id IN "
				  "(SELECT attempt FROM member WHERE ended_ms IS NULL);"
				  "UPDATE delivery SET state = 'in-doubt' WHERE state = 'sending';"
				  "UPDATE member SET state = 'in-doubt' WHERE state = 'sending';"
				  "DROP TABLE site_file;"
				  "DELETE FROM meta WHERE name = 'backup-ms'",
				  err);
	if (rc == CB_OK)
		rc = write_audit(db, why, err);
	if (rc == CB_OK)
		rc = database_commit(db, err);
	if (rc != CB_OK)
		database_rollback(db);
	return rc;
}

/* The site's own copy of the backup, complete, under a name that nobody opens yet. */
static int unpack(const char *backup, const char *path, const struct store_restoring *why,
		  struct cb_error *err)
{
	struct database *from = NULL, *to = NULL;
	int rc;

	unlink(path);
	rc = database_open(backup, DATABASE_READ, &from, err);
	if (rc == CB_OK)
		rc = database_copy(from, path, err);
	database_close(from);
	if (rc == CB_OK)
		rc = database_open(path, DATABASE_PLAIN, &to, err);
	if (rc == CB_OK)
		rc = put_in_doubt(to, why, err);
	database_close(to);
	return rc;
}

/* What the store wrote last may still be in its log: it goes along. A store that is damaged too. */
static int move_aside(const char *path, const char *aside, struct cb_error *err)
{
	static const char *const parts[] = { "-wal", "-shm", "" };
	struct arena arena = { 0 };
	struct database *db = NULL;
	struct cb_error ignored;
	int rc = CB_OK;

	if (database_open(path, DATABASE_WRITE, &db, &ignored) == CB_OK)
		database_close(db); /* which takes the log in, where it can be */
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && rc == CB_OK; i++) {
		const char *from = arena_printf(&arena, "%s%s", path, parts[i]);

		if (file_exists(from))
			rc = file_rename(from, arena_printf(&arena, "%s%s", aside, parts[i]), err);
	}
	arena_done(&arena);
	return rc;
}

int store_restore(const char *backup, const char *path, const struct store_restoring *why,
		  struct arena *arena, const char **aside, struct cb_error *err)
{
	const char *fresh = arena_printf(arena, "%s.restored", path);
	char iso[CALENDAR_TEXT];
	int lock = -1, rc = store_lock_site(path, &lock, err);

	*aside = NULL;
	calendar_iso(why->now, 0, iso);
	if (rc == CB_OK)
		rc = unpack(backup, fresh, why, err);
	if (rc == CB_OK && file_exists(path)) {
		*aside = arena_printf(arena, "%s.before-%.4s%.2s%.2s-%.2s%.2s%.2s", path, iso,
				      iso + 5, iso + 8, iso + 11, iso + 14, iso + 17);
		rc = move_aside(path, *aside, err);
	}
	if (rc == CB_OK)
		rc = file_rename(fresh, path, err);
	if (rc != CB_OK)
		unlink(fresh);
	if (lock >= 0)
		close(lock);
	return rc;
}

int store_restored(struct store *store, int64_t *at_ms, int64_t *attempt, struct cb_error *err)
{
	int rc = count(store->db,
		       "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'restored-ms'", at_ms,
		       err);

	if (rc == CB_OK)
		rc = count(store->db,
			   "SELECT CAST(value AS INTEGER) FROM meta WHERE name = "
			   "'restored-attempt'",
			   attempt, err);
	return rc;
}
