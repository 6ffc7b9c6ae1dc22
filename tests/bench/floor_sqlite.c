/*
 * floor_sqlite.c - what SQLite alone takes to write the rows that an import left in a store.
 *
 *     floor_sqlite STORE OUT TABLE CHILD [CHILD…]   → "rows wall_s cpu_s"
 *
 * The tables are made as the store made them, with their indexes. All rows are
 * in memory before the clock starts; then: for every row of TABLE the row and
 * its rows of each CHILD, in transactions as large as an import's page, with
 * the store's settings of SQLite. The packed pieces of the documents belong to
 * no row: they are spread evenly between them, as they came. It ends as every
 * program does that writes to SQLite, by closing the database.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#define AT_ONCE 4000
#define TABLES 8

struct rows {
	const char *name;
	sqlite3_value **values; /* row after row */
	sqlite3_int64 *owner;   /* of each row */
	size_t count, room, next;
	int columns;
	sqlite3_stmt *insert;
};

static void die(sqlite3 *db, const char *what)
{
	fprintf(stderr, "floor_sqlite: %s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		die(db, sql);
	return st;
}

static void *more(void *at, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return at;
	*room = *room ? *room * 2 : 1024;
	at = realloc(at, *room * size);
	if (!at)
		exit(1);
	return at;
}

/* What says to which row of the first table a row belongs. */
static const char *owner_of(const char *table, bool is_first)
{
	if (is_first)
		return "_id";
	if (strcmp(table, "link") == 0)
		return "record";
	if (strcmp(table, "piece") == 0)
		return "id * (SELECT max(_id) FROM case_record) / (SELECT max(id) FROM piece)";
	return "_record";
}

static void load(sqlite3 *from, struct rows *rows, bool is_first)
{
	const char *owner = owner_of(rows->name, is_first);
	char sql[512];
	sqlite3_stmt *st;
	size_t owners = 0, room = 0;

	snprintf(sql, sizeof(sql), "SELECT %s, * FROM \"%s\" ORDER BY 1", owner, rows->name);
	st = prepare(from, sql);
	rows->columns = sqlite3_column_count(st) - 1;
	while (sqlite3_step(st) == SQLITE_ROW) {
		rows->owner = more(rows->owner, owners, &room, sizeof(*rows->owner));
		rows->owner[owners++] = sqlite3_column_int64(st, 0);
		for (int c = 0; c < rows->columns; c++) {
			size_t at = rows->count * (size_t)rows->columns + (size_t)c;

			rows->values = more(rows->values, at, &rows->room, sizeof(sqlite3_value *));
			rows->values[at] = sqlite3_value_dup(sqlite3_column_value(st, c + 1));
		}
		rows->count++;
	}
	sqlite3_finalize(st);
}

static void create(sqlite3 *from, sqlite3 *to, struct rows *rows)
{
	char sql[1024], *at = sql;
	sqlite3_stmt *st =
		prepare(from, "SELECT sql FROM sqlite_master WHERE tbl_name = ?1 AND sql "
			      "IS NOT NULL ORDER BY type DESC");

	sqlite3_bind_text(st, 1, rows->name, -1, SQLITE_STATIC);
	while (sqlite3_step(st) == SQLITE_ROW)
		run(to, (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	at += sprintf(at, "INSERT INTO \"%s\" VALUES (?", rows->name);
	for (int c = 1; c < rows->columns; c++)
		at += sprintf(at, ", ?");
	strcpy(at, ")");
	rows->insert = prepare(to, sql);
}

static void insert(sqlite3 *to, struct rows *rows)
{
	sqlite3_value **at = &rows->values[rows->next++ * (size_t)rows->columns];

	for (int c = 0; c < rows->columns; c++) {
		if (sqlite3_value_type(at[c]) == SQLITE_TEXT)
			sqlite3_bind_text(rows->insert, c + 1,
					  (const char *)sqlite3_value_text(at[c]),
					  sqlite3_value_bytes(at[c]), SQLITE_STATIC);
		else if (sqlite3_value_type(at[c]) == SQLITE_BLOB)
			sqlite3_bind_blob(rows->insert, c + 1, sqlite3_value_blob(at[c]),
					  sqlite3_value_bytes(at[c]), SQLITE_STATIC);
		else if (sqlite3_value_type(at[c]) == SQLITE_INTEGER)
			sqlite3_bind_int64(rows->insert, c + 1, sqlite3_value_int64(at[c]));
		else
			sqlite3_bind_value(rows->insert, c + 1, at[c]);
	}
	if (sqlite3_step(rows->insert) != SQLITE_DONE)
		die(to, rows->name);
	sqlite3_reset(rows->insert);
}

static double wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	struct rows rows[TABLES] = { 0 };
	sqlite3 *from, *to;
	int tables = argc - 3;
	double began, used;

	if (tables < 1 || tables > TABLES) {
		fprintf(stderr, "floor_sqlite STORE OUT TABLE CHILD…\n");
		return 2;
	}
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	unlink(argv[2]);
	if (sqlite3_open_v2(argv[1], &from, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		die(from, argv[1]);
	if (sqlite3_open_v2(argv[2], &to,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		die(to, argv[2]);
	run(to, "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
		"PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -65536; "
		"PRAGMA temp_store = MEMORY");
	for (int t = 0; t < tables; t++) {
		rows[t].name = argv[3 + t];
		load(from, &rows[t], t == 0);
		create(from, to, &rows[t]);
	}
	began = wall();
	used = cpu();
	run(to, "BEGIN IMMEDIATE");
	for (size_t i = 0; i < rows[0].count; i++) {
		insert(to, &rows[0]);
		for (int t = 1; t < tables; t++)
			while (rows[t].next < rows[t].count &&
			       rows[t].owner[rows[t].next] == rows[0].owner[i])
				insert(to, &rows[t]);
		if ((i + 1) % AT_ONCE == 0)
			run(to, "COMMIT; BEGIN IMMEDIATE");
	}
	run(to, "COMMIT");
	for (int t = 0; t < tables; t++)
		if (rows[t].next != rows[t].count)
			die(to, "a row belongs to no row");
	for (int t = 0; t < tables; t++)
		sqlite3_finalize(rows[t].insert);
	if (sqlite3_close(to) != SQLITE_OK)
		die(to, argv[2]);
	printf("%zu %.4f %.4f\n", rows[0].count, wall() - began, cpu() - used);
	return 0; /* what was loaded is given back with the process */
}
