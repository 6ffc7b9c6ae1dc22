/*
 * ledger.c - thin over SQLite: open, prepare, bind by a format, step.
 */
#include "sim/common/ledger.h"

#include <stdarg.h>

#include "sim/common/text.h"

void ledger_exec(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		die("ledger: %s", message ? message : sqlite3_errmsg(db));
}

sqlite3 *ledger_open(const char *path, const char *schema)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		die("ledger %s: %s", path, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, 10000);
	ledger_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
	ledger_exec(db, schema);
	return db;
}

void ledger_close(sqlite3 *db)
{
	sqlite3_stmt *statement;

	while ((statement = sqlite3_next_stmt(db, NULL)))
		sqlite3_finalize(statement);
	sqlite3_close(db);
}

sqlite3_stmt *ledger_prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
	    SQLITE_OK)
		die("ledger: %s: %s", sqlite3_errmsg(db), sql);
	return statement;
}

static void bind(sqlite3_stmt *statement, const char *format, va_list args)
{
	int i;

	sqlite3_reset(statement);
	for (i = 0; format[i]; i++) {
		if (format[i] == 't')
			sqlite3_bind_text(statement, i + 1, va_arg(args, const char *), -1,
					  SQLITE_TRANSIENT);
		else
			sqlite3_bind_int64(statement, i + 1, va_arg(args, int64_t));
	}
}

static bool step(sqlite3_stmt *statement)
{
	int rc = sqlite3_step(statement);

	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		die("ledger: %s", sqlite3_errmsg(sqlite3_db_handle(statement)));
	return rc == SQLITE_ROW;
}

void ledger_do(sqlite3_stmt *statement, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	bind(statement, format, args);
	va_end(args);
	while (step(statement))
		;
	sqlite3_reset(statement);
}

bool ledger_get(sqlite3_stmt *statement, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	bind(statement, format, args);
	va_end(args);
	return step(statement);
}

int64_t ledger_number(sqlite3_stmt *statement, const char *format, ...)
{
	int64_t number = 0;
	va_list args;

	va_start(args, format);
	bind(statement, format, args);
	va_end(args);
	if (step(statement))
		number = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return number;
}

const char *ledger_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}
