/*
 * database.h - what the store asks of a database engine, and nothing more.
 *
 * Inside the store only. Data statements are SQL that SQLite and PostgreSQL
 * both take: $1 parameters (each first mentioned in order), INSERT … ON CONFLICT,
 * no engine's clock, ids handed out by the store.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <casebridge/error.h>

struct database;
struct statement;

/* PLAIN: writes without a log beside it, so that the file is all there is. NEW: made at once in one
 * transaction; whoever cannot end it throws the file away. */
enum database_mode {
	DATABASE_READ,
	DATABASE_WRITE,
	DATABASE_CREATE,
	DATABASE_PLAIN,
	DATABASE_NEW,
};

/*
 * CB_AGAIN: full or busy. CB_SETUP: missing, no permission, read-only.
 * CB_BROKEN: damaged, or no database. The same for everything below.
 */
CB_CHECKED int database_open(const char *path, enum database_mode mode, struct database **out,
			     struct cb_error *err);
void database_close(struct database *db);

/* Statements that define: no parameters, no rows. */
CB_CHECKED int database_run(struct database *db, const char *sql, struct cb_error *err);
/* What CREATE TABLE ends with, so that a column holds only values of its type: "STRICT" or "". */
const char *database_strict(void);
CB_CHECKED int database_has_table(struct database *db, const char *name, bool *out,
				  struct cb_error *err);

/* All of it into a new file, as it stands at one instant;  may be read by others and written
 * meanwhile, but not by this connection. */
CB_CHECKED int database_copy(struct database *db, const char *path, struct cb_error *err);
/* Read every page: CB_BROKEN where one is damaged. */
CB_CHECKED int database_check(struct database *db, struct cb_error *err);

CB_CHECKED int database_begin(struct database *db, struct cb_error *err);
CB_CHECKED int database_commit(struct database *db, struct cb_error *err);
void database_rollback(struct database *db);

/*
 * The statement for @sql, prepared at its first use and kept; never NULL: what
 * is wrong with it is said when it runs. Reset it, or step to its end, before
 * anybody else may ask for the same.
 */
struct statement *database_statement(struct database *db, const char *sql);
/* One of the caller's own, where others may run the same meanwhile. */
struct statement *statement_new(struct database *db, const char *sql);
void statement_free(struct statement *st);

/* Parameters, from 1. Texts are borrowed until the statement has run; nothing and empty are NULL.
 */
void statement_int(struct statement *st, int at, int64_t value);
void statement_real(struct statement *st, int at, double value);
void statement_text(struct statement *st, int at, struct cb_text text);
void statement_string(struct statement *st, int at, const char *string);
void statement_blob(struct statement *st, int at, struct cb_text bytes);
void statement_null(struct statement *st, int at);

/* Run it to its end. */
CB_CHECKED int statement_run(struct statement *st, struct cb_error *err);
/* The next row; CB_END, and any fault, resets. */
CB_CHECKED int statement_step(struct statement *st, struct cb_error *err);
void statement_reset(struct statement *st);
/* One row wanted: CB_OK with its first column, CB_END where there is none. Resets. */
CB_CHECKED int statement_one(struct statement *st, int64_t *out, struct cb_error *err);

/* Columns of the row, from 0. Texts are borrowed until the next step; NULL is nothing. */
int64_t statement_get_int(struct statement *st, int column);
struct cb_text statement_get_text(struct statement *st, int column);
struct cb_text statement_get_blob(struct statement *st, int column);

/* Rows that the last statement inserted, changed or deleted. */
int64_t database_changes(struct database *db);

#endif
