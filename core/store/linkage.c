/*
 * linkage.c - rows at the end of three tables, in one transaction that needs no
 * journal: whoever fails, drops the file. Fifty rows go into a statement, which costs
 * half of what fifty statements do.
 *
 * A record is its number in the table of pairs, so that a pair takes twenty bytes; a view
 * gives it its names back.
 */
#include "store/linkage.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/database.h"

#define MANY 50

struct store_linkage {
	struct database *db;
	char *path, *beside;
	struct statement *level;
	struct inserting {
		struct statement *one, *many;
		unsigned count; /* rows that wait */
	} record, pair;
	struct store_linkage_record records[MANY];
	struct store_linkage_pair pairs[MANY];
};

static const char tables[] =
	"CREATE TABLE clusters (record INTEGER PRIMARY KEY, source TEXT, "
	"id TEXT NOT NULL, cluster INTEGER NOT NULL);"
	"CREATE TABLE levels (pattern INTEGER NOT NULL, comparison TEXT NOT NULL, "
	"level TEXT NOT NULL);"
	"CREATE TABLE links (record_1 INTEGER NOT NULL, record_2 INTEGER NOT NULL, "
	"weight REAL NOT NULL, probability REAL NOT NULL, linked INTEGER NOT NULL, "
	"pattern INTEGER NOT NULL);"
	"CREATE VIEW pairs AS SELECT a.source AS source_1, a.id AS id_1, b.source AS source_2, "
	"b.id AS id_2, weight, probability, linked, pattern FROM links "
	"JOIN clusters a ON a.record = record_1 JOIN clusters b ON b.record = record_2";

/* "INSERT INTO table VALUES ($1, $2), ($3, $4), …" */
static struct statement *insert(struct database *db, const char *table, unsigned columns,
				unsigned rows)
{
	struct buffer sql = { 0 };
	struct statement *st;

	buffer_printf(&sql, "INSERT INTO %s VALUES ", table);
	for (unsigned i = 0; i < rows * columns; i++)
		buffer_printf(&sql, "%s$%u%s",
			      i % columns ? ", "
			      : i         ? ", ("
					  : "(",
			      i + 1, (i + 1) % columns ? "" : ")");
	buffer_char(&sql, '\0');
	st = database_statement(db, sql.at);
	buffer_done(&sql);
	return st;
}

static void prepare(struct store_linkage *l)
{
	l->level = insert(l->db, "levels", 3, 1);
	l->record.one = insert(l->db, "clusters", 4, 1);
	l->record.many = insert(l->db, "clusters", 4, MANY);
	l->pair.one = insert(l->db, "links", 6, 1);
	l->pair.many = insert(l->db, "links", 6, MANY);
}

int store_linkage_new(const char *path, struct store_linkage **out, struct cb_error *err)
{
	struct store_linkage *l = memory_take(sizeof(*l));
	struct arena arena = { 0 };
	int rc;

	l->path = memory_string(path);
	l->beside = memory_string(arena_printf(&arena, "%s.%ld.new", path, (long)getpid()));
	arena_done(&arena);
	*out = NULL;
	rc = database_open(l->beside, DATABASE_NEW, &l->db, err);
	if (rc == CB_OK)
		rc = database_begin(l->db, err);
	if (rc == CB_OK)
		rc = database_run(l->db, tables, err);
	if (rc != CB_OK) {
		store_linkage_drop(l);
		return rc;
	}
	prepare(l);
	*out = l;
	return CB_OK;
}

void store_linkage_drop(struct store_linkage *l)
{
	if (!l)
		return;
	database_close(l->db);
	unlink(l->beside);
	free(l->beside);
	free(l->path);
	free(l);
}

static void bind_record(struct statement *st, int at, const struct store_linkage_record *record)
{
	statement_int(st, at + 1, record->number);
	statement_string(st, at + 2, record->source);
	statement_text(st, at + 3, record->id);
	statement_int(st, at + 4, record->cluster);
}

static void bind_pair(struct statement *st, int at, const struct store_linkage_pair *pair)
{
	statement_int(st, at + 1, pair->record[0]);
	statement_int(st, at + 2, pair->record[1]);
	statement_real(st, at + 3, pair->weight);
	statement_real(st, at + 4, pair->probability);
	statement_int(st, at + 5, pair->is_linked);
	statement_int(st, at + 6, pair->pattern);
}

/* What waits, in one statement if it is as many rows as that has. */
static int put_records(struct store_linkage *l, struct cb_error *err)
{
	unsigned count = l->record.count, each = count == MANY ? MANY : 1;
	struct statement *st = count == MANY ? l->record.many : l->record.one;
	int rc = CB_OK;

	l->record.count = 0;
	for (unsigned i = 0; rc == CB_OK && i < count; i++) {
		bind_record(st, (int)(i % each * 4), &l->records[i]);
		if ((i + 1) % each == 0)
			rc = statement_run(st, err);
	}
	return rc;
}

static int put_pairs(struct store_linkage *l, struct cb_error *err)
{
	unsigned count = l->pair.count, each = count == MANY ? MANY : 1;
	struct statement *st = count == MANY ? l->pair.many : l->pair.one;
	int rc = CB_OK;

	l->pair.count = 0;
	for (unsigned i = 0; rc == CB_OK && i < count; i++) {
		bind_pair(st, (int)(i % each * 6), &l->pairs[i]);
		if ((i + 1) % each == 0)
			rc = statement_run(st, err);
	}
	return rc;
}

int store_linkage_record(struct store_linkage *l, const struct store_linkage_record *record,
			 struct cb_error *err)
{
	l->records[l->record.count++] = *record;
	return l->record.count == MANY ? put_records(l, err) : CB_OK;
}

int store_linkage_level(struct store_linkage *l, int64_t pattern, const char *comparison,
			const char *level, struct cb_error *err)
{
	statement_int(l->level, 1, pattern);
	statement_string(l->level, 2, comparison);
	statement_string(l->level, 3, level);
	return statement_run(l->level, err);
}

int store_linkage_pair(struct store_linkage *l, const struct store_linkage_pair *pair,
		       struct cb_error *err)
{
	l->pairs[l->pair.count++] = *pair;
	return l->pair.count == MANY ? put_pairs(l, err) : CB_OK;
}

int store_linkage_finish(struct store_linkage *l, struct cb_error *err)
{
	int rc = put_records(l, err);

	if (rc == CB_OK)
		rc = put_pairs(l, err);
	if (rc == CB_OK)
		rc = database_commit(l->db, err);
	database_close(l->db);
	l->db = NULL;
	return rc == CB_OK ? file_rename(l->beside, l->path, err) : rc;
}
