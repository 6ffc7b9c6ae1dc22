/*
 * database.c - the SQLite side of database.h.
 *
 * One connection, one thread: no mutexes. The write-ahead log is synced at
 * every commit (FULL), so what was acknowledged survives the power. Pages of
 * 16 kB hold several cases each; a transaction of a few thousand cases fits in
 * the page cache, so nothing is spilled before its commit.
 */
#include "store/database.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"

struct statement {
	struct database *db;
	sqlite3_stmt *handle;
	char *sql;
	int prepared; /* SQLite's word on preparing it */
};

struct database {
	sqlite3 *handle;
	char *path;
	struct names by_sql; /* → index in statements */
	struct statement **statements;
	size_t count, room;
};

static int fail_system(struct database *db, int rc, int error_number, struct cb_error *err)
{
	/* SQLite does not keep why a write failed where the limit was not the disk's own. */
	if (rc == SQLITE_IOERR_WRITE && !error_number)
		return cb_fail(err, CB_AGAIN,
			       "存储 %s 写不下了：配额或文件大小到了上限，或磁盘出错。清出空间后会"
			       "自动继续",
			       "the store %s has no room: a quota or a limit on files is reached, "
			       "or the disk fails. It goes on when there is room again",
			       db->path);
	if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG)

		return cb_fail(err, CB_AGAIN, "存储 %s 写不下了：%s。清出空间后会自动继续",
			       "the store %s has no room: %s. It goes on when there is room again",
			       db->path, file_reason(error_number));
	return cb_fail(err, CB_SETUP, "存储 %s 读写失败：%s。请检查磁盘",
		       "the store %s cannot be read or written: %s. Look at the disk", db->path,
		       error_number ? file_reason(error_number) : sqlite3_errmsg(db->handle));
}

static int fail(struct database *db, int rc, struct cb_error *err)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return fail_system(db, rc, ENOSPC, err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return cb_fail(err, CB_AGAIN, "存储 %s 正被别的程序占用，稍后再试",
			       "the store %s is in use by another program; try again later",
			       db->path);
	case SQLITE_IOERR:
		if (rc != SQLITE_IOERR_CORRUPTFS)
			return fail_system(db, rc, sqlite3_system_errno(db->handle), err);
		__attribute__((fallthrough));
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return cb_fail(err, CB_BROKEN,
			       "存储 %s 已损坏，或不是数据库文件。请停用并从备份恢复",
			       "the store %s is damaged, or no database. Stop, and restore the "
			       "backup",
			       db->path);
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return cb_fail(err, CB_SETUP, "存储 %s 打不开或不能写入。请检查文件和文件夹的权限",
			       "the store %s cannot be opened or written. Check the permissions of "
			       "the file and its folder",
			       db->path);
	case SQLITE_TOOBIG:
		return cb_fail(err, CB_REFUSED, "值太大，存储放不下",
			       "the value is too large for the store");
	default:
		return cb_fail(err, CB_BROKEN, "存储 %s 出错：%s", "the store %s failed: %s",
			       db->path, sqlite3_errmsg(db->handle));
	}
}

/* The file first, so that it is never readable by others, not for a moment. */
static int make_file(const char *path, struct cb_error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return cb_fail(err, CB_SETUP, "不能建立存储 %s：%s", "cannot make the store %s: %s",
			       path, file_reason(errno));
	close(fd);
	return CB_OK;
}

int database_open(const char *path, enum database_mode mode, struct database **out,
		  struct cb_error *err)
{
	int flags = SQLITE_OPEN_NOMUTEX |
		    (mode == DATABASE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	struct database *db;
	int rc = CB_OK;

	*out = NULL;
	/* Its own count of memory costs a lock for every malloc, and nobody reads it. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (mode == DATABASE_CREATE || mode == DATABASE_NEW)
		rc = make_file(path, err);
	else if (!file_exists(path))
		rc = cb_fail(err, CB_SETUP, "没有存储 %s。请先运行 casebridge init",
			     "there is no store %s. Run casebridge init first", path);
	if (rc != CB_OK)
		return rc;
	db = memory_take(sizeof(*db));
	db->path = memory_string(path);
	rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
	if (rc != SQLITE_OK) {
		rc = fail(db, rc, err);
		goto done;
	}
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, 5000);
	rc = database_run(db,
			  "PRAGMA cache_size = -65536; PRAGMA mmap_size = 0; "
			  "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY",
			  err);
	if (rc == CB_OK && mode == DATABASE_PLAIN)
		rc = database_run(db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL",
				  err);
	else if (rc == CB_OK && mode == DATABASE_NEW)
		rc = database_run(db,
				  "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; "
				  "PRAGMA synchronous = NORMAL; PRAGMA locking_mode = EXCLUSIVE; "
				  "PRAGMA cache_size = -8192",
				  err);
	else if (rc == CB_OK && mode != DATABASE_READ)
		rc = database_run(db,
				  "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; "
				  "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096; "
				  "PRAGMA journal_size_limit = 134217728",
				  err);
done:
	if (rc != CB_OK)
		database_close(db);
	else
		*out = db;
	return rc;
}

void database_close(struct database *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->count; i++)
		statement_free(db->statements[i]);
	names_done(&db->by_sql);
	free(db->statements);
	sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

int database_run(struct database *db, const char *sql, struct cb_error *err)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? CB_OK : fail(db, rc, err);
}

int database_copy(struct database *db, const char *path, struct cb_error *err)
{
	struct database copy = { .path = memory_string(path) };
	sqlite3_backup *backup = NULL;
	int rc = make_file(path, err);

	if (rc != CB_OK)
		goto done;
	if (sqlite3_open_v2(path, &copy.handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) == SQLITE_OK)
		backup = sqlite3_backup_init(copy.handle, "main", db->handle, "main");
	if (backup)
		sqlite3_backup_step(backup, -1);
	/* Finishing says what went wrong on the way, of either file. */
	if (!backup || sqlite3_backup_finish(backup) != SQLITE_OK)
		rc = fail(&copy, sqlite3_extended_errcode(copy.handle), err);
done:
	sqlite3_close(copy.handle);
	free(copy.path);
	return rc;
}

int database_check(struct database *db, struct cb_error *err)
{
	struct statement *st = database_statement(db, "PRAGMA integrity_check(1)");
	int rc = statement_step(st, err);
	bool is_whole = rc == CB_OK && cb_text_is(statement_get_text(st, 0), "ok");

	statement_reset(st);
	return rc == CB_OK && !is_whole ? fail(db, SQLITE_CORRUPT, err) : rc;
}

const char *database_strict(void)
{
	return sqlite3_libversion_number() >= 3037000 ? "STRICT" : "";
}

int database_has_table(struct database *db, const char *name, bool *out, struct cb_error *err)
{
	struct statement *st = database_statement(
		db, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1");
	int64_t count = 0;
	int rc;

	statement_string(st, 1, name);
	rc = statement_one(st, &count, err);
	*out = count != 0;
	return rc;
}

int database_begin(struct database *db, struct cb_error *err)
{
	bool can_write = sqlite3_db_readonly(db->handle, "main") == 0;
	struct statement *st = database_statement(db, can_write ? "BEGIN IMMEDIATE" : "BEGIN");

	return statement_run(st, err);
}

int database_commit(struct database *db, struct cb_error *err)
{
	return statement_run(database_statement(db, "COMMIT"), err);
}

void database_rollback(struct database *db)
{
	struct cb_error ignored;
	int rc;

	if (sqlite3_get_autocommit(db->handle)) /* a fault has rolled it back already */
		return;
	rc = database_run(db, "ROLLBACK", &ignored);
	assert(rc == CB_OK || sqlite3_get_autocommit(db->handle));
	(void)rc;
}

static void prepare(struct statement *st)
{
	st->prepared = sqlite3_prepare_v3(st->db->handle, st->sql, -1, SQLITE_PREPARE_PERSISTENT,
					  &st->handle, NULL);
#ifndef NDEBUG
	/* SQLite numbers parameters in order of mention: $2 before $1 would be bound to the wrong
	 * one. */
	for (int i = 1; st->handle && i <= sqlite3_bind_parameter_count(st->handle); i++) {
		const char *name = sqlite3_bind_parameter_name(st->handle, i);

		assert(name && atoi(name + 1) == i);
	}
#endif
}

struct statement *statement_new(struct database *db, const char *sql)
{
	struct statement *st = memory_take(sizeof(*st));

	st->db = db;
	st->sql = memory_string(sql);
	prepare(st);
	return st;
}

void statement_free(struct statement *st)
{
	if (!st)
		return;
	sqlite3_finalize(st->handle);
	free(st->sql);
	free(st);
}

struct statement *database_statement(struct database *db, const char *sql)
{
	uint32_t found = names_find(&db->by_sql, cb_text_of(sql));
	struct statement *st;

	if (found != NAME_UNKNOWN) {
		st = db->statements[found];
		if (!st->handle)
			prepare(st);
		return st;
	}
	st = statement_new(db, sql);
	memory_grow(&db->statements, db->count, &db->room, sizeof(struct statement *));
	db->statements[db->count] = st;
	names_set(&db->by_sql, cb_text_of(st->sql), (uint32_t)db->count++);
	return st;
}

/* Binding can only fail for a place that does not exist: a mistake of ours. */
static void bound(int rc)
{
	assert(rc == SQLITE_OK);
	(void)rc;
}

void statement_int(struct statement *st, int at, int64_t value)
{
	if (st->handle)
		bound(sqlite3_bind_int64(st->handle, at, value));
}

void statement_real(struct statement *st, int at, double value)
{
	if (st->handle)
		bound(sqlite3_bind_double(st->handle, at, value));
}

void statement_text(struct statement *st, int at, struct cb_text text)
{
	if (!text.len)
		statement_null(st, at);
	else if (st->handle)
		bound(sqlite3_bind_text64(st->handle, at, text.at, text.len, SQLITE_STATIC,
					  SQLITE_UTF8));
}

void statement_string(struct statement *st, int at, const char *string)
{
	statement_text(st, at, cb_text_of(string));
}

void statement_blob(struct statement *st, int at, struct cb_text bytes)
{
	if (!bytes.len)
		statement_null(st, at);
	else if (st->handle)
		bound(sqlite3_bind_blob64(st->handle, at, bytes.at, bytes.len, SQLITE_STATIC));
}

void statement_null(struct statement *st, int at)
{
	if (st->handle)
		bound(sqlite3_bind_null(st->handle, at));
}

int statement_step(struct statement *st, struct cb_error *err)
{
	int rc;

	if (!st->handle)
		return fail(st->db, st->prepared, err);
	rc = sqlite3_step(st->handle);
	if (rc == SQLITE_ROW)
		return CB_OK;
	if (rc != SQLITE_DONE)
		rc = fail(st->db, rc, err);
	else
		rc = CB_END;
	sqlite3_reset(st->handle);
	return rc;
}

int statement_run(struct statement *st, struct cb_error *err)
{
	int rc;

	do
		rc = statement_step(st, err);
	while (rc == CB_OK);
	return rc == CB_END ? CB_OK : rc;
}

int statement_one(struct statement *st, int64_t *out, struct cb_error *err)
{
	int rc = statement_step(st, err);

	if (rc == CB_OK) {
		*out = statement_get_int(st, 0);
		statement_reset(st);
	}
	return rc;
}

void statement_reset(struct statement *st)
{
	if (st->handle)
		sqlite3_reset(st->handle);
}

int64_t statement_get_int(struct statement *st, int column)
{
	return sqlite3_column_int64(st->handle, column);
}

struct cb_text statement_get_text(struct statement *st, int column)
{
	const char *at = (const char *)sqlite3_column_text(st->handle, column);

	return (struct cb_text){ at, at ? (size_t)sqlite3_column_bytes(st->handle, column) : 0 };
}

struct cb_text statement_get_blob(struct statement *st, int column)
{
	const char *at = sqlite3_column_blob(st->handle, column);

	return (struct cb_text){ at, at ? (size_t)sqlite3_column_bytes(st->handle, column) : 0 };
}

int64_t database_changes(struct database *db)
{
	return sqlite3_changes(db->handle);
}
