/*
 * ledger.h - what a simulator saw, in SQLite, so that a test can ask with SQL.
 *
 * Values are given by a format of one letter each: t text or NULL, i int64_t.
 * Any fault of the database ends the program with its message.
 */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

/* Open or create @path and run @schema, which must be repeatable. */
sqlite3 *ledger_open(const char *path, const char *schema);
void ledger_close(sqlite3 *db);

/* A statement for the life of the program; ledger_close gives it back. */
sqlite3_stmt *ledger_prepare(sqlite3 *db, const char *sql);

void ledger_exec(sqlite3 *db, const char *sql);
/* Bind and run to the end. */
void ledger_do(sqlite3_stmt *statement, const char *format, ...);
/* Bind and step once: true on a row. The caller reads it, goes on with
 * sqlite3_step if it wants more, and calls sqlite3_reset. */
bool ledger_get(sqlite3_stmt *statement, const char *format, ...);
/* The first column of the first row as a number, 0 without a row. */
int64_t ledger_number(sqlite3_stmt *statement, const char *format, ...);

/* The column as text, "" for NULL. Good until the statement moves. */
const char *ledger_text(sqlite3_stmt *statement, int column);

#endif
