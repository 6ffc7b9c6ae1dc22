/*
 * linkage.c - rows at the end of three tables, in one transaction that needs no
 * journal: whoever fails, drops the file.
 *
 * A record is its number in the table of pairs, so that a pair takes twenty bytes; a view
 * gives it its names back.
 */
#include "store/linkage.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/database.h"

struct store_linkage {
	struct database *db;
	char *path, *beside;
	struct statement *record, *level, *pair;
};

static const char tables[] =
	"CREATE TABLE clusters (record INTEGER PRIMARY KEY, source TEXT NOT NULL, "
	"id TEXT NOT NULL, cluster INTEGER NOT NULL);"
	"CREATE TABLE levels (pattern INTEGER NOT NULL, comparison TEXT NOT NULL, "
	"level TEXT NOT NULL);"
	"CREATE TABLE links (record_1 INTEGER NOT NULL, record_2 INTEGER NOT NULL, "
	"weight REAL NOT NULL, probability REAL NOT NULL, linked INTEGER NOT NULL, "
	"pattern INTEGER NOT NULL);"
	"CREATE VIEW pairs AS SELECT a.source AS source_1, a.id AS id_1, b.source AS source_2, "
	"b.id AS id_2, weight, probability, linked, pattern FROM links "
	"JOIN clusters a ON a.record = record_1 JOIN clusters b ON b.record = record_2";

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
	l->record = database_statement(
		l->db, "INSERT INTO clusters VALUES ($1, coalesce($2, ''), $3, $4)");
	l->level = database_statement(l->db, "INSERT INTO levels VALUES ($1, $2, $3)");
	l->pair = database_statement(l->db, "INSERT INTO links VALUES ($1, $2, $3, $4, $5, $6)");
	*out = l;
	return CB_OK;
}

int store_linkage_finish(struct store_linkage *l, struct cb_error *err)
{
	int rc = database_commit(l->db, err);

	database_close(l->db);
	l->db = NULL;
	return rc == CB_OK ? file_rename(l->beside, l->path, err) : rc;
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

int store_linkage_record(struct store_linkage *l, const struct store_linkage_record *record,
			 struct cb_error *err)
{
	statement_int(l->record, 1, record->number);
	statement_string(l->record, 2, record->source);
	statement_text(l->record, 3, record->id);
	statement_int(l->record, 4, record->cluster);
	return statement_run(l->record, err);
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
	statement_int(l->pair, 1, pair->record[0]);
	statement_int(l->pair, 2, pair->record[1]);
	statement_real(l->pair, 3, pair->weight);
	statement_real(l->pair, 4, pair->probability);
	statement_int(l->pair, 5, pair->is_linked);
	statement_int(l->pair, 6, pair->pattern);
	return statement_run(l->pair, err);
}
