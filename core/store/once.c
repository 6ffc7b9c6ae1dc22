/*
 * once.c - views for statistics, in which what several records say of one thing counts
 * once: for each entity, TABLE_once has a row for each thing, and TABLE_same says of every
 * key under which other one it is counted.
 *
 * The record that stands at a target is the one that counts, else the oldest. The views are made
 * with the tables, and made anew with every change of the model.
 */
#include "store/inside.h"

/* Of the cluster k. */
#define SPEAKER                                                                                    \
	"(SELECT m.record FROM cluster m WHERE m.cluster = k.cluster ORDER BY EXISTS (SELECT 1 "   \
	"FROM delivery d WHERE d.record = m.record AND d.is_there = 1) DESC, m.record LIMIT 1)"

int once_drop(struct store *store, const char *table, struct cb_error *err)
{
	struct buffer sql = { 0 };
	int rc;

	buffer_printf(&sql, "DROP VIEW IF EXISTS \"%s_once\"; DROP VIEW IF EXISTS \"%s_same\"",
		      table, table);
	rc = database_run(store->db, buffer_cstr(&sql), err);
	buffer_done(&sql);
	return rc;
}

int once_make(struct store *store, const struct table *entity, struct cb_error *err)
{
	struct buffer sql = { 0 };
	uint32_t key = table_key(entity);
	const char *table = entity->store;
	int rc;

	buffer_printf(
		&sql,
		"CREATE VIEW \"%s_once\" AS SELECT r.*, COALESCE(k.cluster, 0) AS _cluster, "
		"CASE WHEN k.cluster IS NULL THEN 1 ELSE (SELECT COUNT(*) FROM cluster n WHERE "
		"n.cluster = k.cluster) END AS _records FROM \"%s\" r LEFT JOIN cluster k ON "
		"k.record = r._id WHERE k.record IS NULL OR r._id = " SPEAKER,
		table, table);
	rc = database_run(store->db, buffer_cstr(&sql), err);
	if (rc == CB_OK && key != NO_SLOT) {
		const char *column = entity->fields[key].column;

		sql.len = 0;
		buffer_printf(
			&sql,
			"CREATE VIEW \"%s_same\" AS SELECT r.\"%s\" AS key, CASE WHEN k.record "
			"IS NULL THEN r.\"%s\" ELSE (SELECT o.\"%s\" FROM \"%s\" o WHERE o._id "
			"= " SPEAKER
			") END AS once FROM \"%s\" r LEFT JOIN cluster k ON k.record = "
			"r._id",
			table, column, column, column, table, table);
		rc = database_run(store->db, buffer_cstr(&sql), err);
	}
	buffer_done(&sql);
	return rc;
}

int store_once_count(struct store *store, const struct table *entity, int64_t *count,
		     struct cb_error *err)
{
	struct statement *more = shelf_of(store, entity)->more;
	int64_t records, beyond = 0;
	int rc = store_record_count(store, entity, &records, err);

	if (rc == CB_OK)
		rc = statement_one(more, &beyond, err);
	*count = rc == CB_OK ? records - beyond : 0;
	return rc;
}
