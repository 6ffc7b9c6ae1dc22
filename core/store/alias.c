/*
 * alias.c - what others call our records, and what stands behind a reference.
 */
#include "store/inside.h"

#include <assert.h>

/* ------------------------------------------------------------- aliases */

static int find_alias(struct store *store, const struct table *entity, const char *scheme,
		      struct cb_text alias, struct arena *arena, struct cb_text *key,
		      struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT key FROM alias WHERE entity = $1 AND scheme = $2 AND alias = $3");
	int rc;

	statement_string(st, 1, entity->name);
	statement_string(st, 2, scheme);
	statement_text(st, 3, alias);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc;
	*key = arena_copy(arena, statement_get_text(st, 0));
	statement_reset(st);
	return CB_OK;
}

int store_alias_add(struct store *store, const struct table *entity, const char *scheme,
		    const char *alias, const char *key, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct cb_text other = { 0 };
	struct statement *st;
	int64_t record;
	int rc;

	assert(store->is_open);
	rc = store_find(store, entity, cb_text_of(key), &record, err);
	if (rc == CB_END)
		return cb_fail(err, CB_REFUSED, "没有编号为“%s”的%s：先录入或导入它",
			       "there is no %2$s '%1$s': enter or import it first", key,
			       entity->label);
	if (rc == CB_OK)
		rc = find_alias(store, entity, scheme, cb_text_of(alias), &arena, &other, err);
	if (rc == CB_OK && !cb_text_is(other, key))
		rc = cb_fail(err, CB_REFUSED,
			     "在 %s 里，“%s”已是 %.*s 的叫法；要改先删去（casebridge alias drop）",
			     "in %s, '%s' is %.*s already; to change that, drop it first "
			     "(casebridge alias drop)",
			     scheme, alias, CB_TEXT_ARG(other));
	arena_done(&arena);
	if (rc != CB_END)
		return rc;
	st = database_statement(store->db, "INSERT INTO alias (entity, scheme, alias, key, "
					   "since_ms) VALUES ($1, $2, $3, $4, $5)");
	statement_string(st, 1, entity->name);
	statement_string(st, 2, scheme);
	statement_string(st, 3, alias);
	statement_string(st, 4, key);
	statement_int(st, 5, store->now);
	return statement_run(st, err);
}

int store_alias_drop(struct store *store, const char *entity, const char *scheme, const char *alias,
		     bool *was_there, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "DELETE FROM alias WHERE entity = $1 AND scheme = $2 AND alias = $3");
	int rc;

	assert(store->is_open);
	statement_string(st, 1, entity);
	statement_string(st, 2, scheme);
	statement_string(st, 3, alias);
	rc = statement_run(st, err);
	*was_there = rc == CB_OK && database_changes(store->db) > 0;
	return rc;
}

int store_alias_list(struct store *store, const char *entity,
		     int (*each)(void *with, const struct store_alias *alias, struct cb_error *err),
		     void *with, struct cb_error *err)
{
	struct statement *st = statement_new(
		store->db, "SELECT entity, scheme, alias, key, since_ms FROM alias "
			   "WHERE $1 IS NULL OR entity = $1 ORDER BY entity, scheme, key, alias");
	struct arena arena = { 0 };
	int rc;

	statement_string(st, 1, entity);
	while ((rc = statement_step(st, err)) == CB_OK) {
		struct store_alias alias = { .entity = column_string(st, 0, &arena),
					     .scheme = column_string(st, 1, &arena),
					     .alias = column_string(st, 2, &arena),
					     .key = column_string(st, 3, &arena),
					     .since_ms = statement_get_int(st, 4) };

		rc = each(with, &alias, err);
		if (rc != CB_OK)
			break;
		arena_clear(&arena);
	}
	statement_free(st);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

/* ------------------------------------------------------------- references */

/* The field of ours that @by names, or NO_SLOT. */
static uint32_t field_called(const struct table *entity, const char *by)
{
	for (uint32_t i = 0; i < entity->stored; i++)
		if (strcmp(entity->fields[i].path, by) == 0)
			return i;
	return NO_SLOT;
}

/* The only record whose field has that value; CB_END also where there are several. */
static int find_by_field(struct store *store, const struct table *entity, uint32_t slot,
			 struct cb_text value, struct arena *arena, struct cb_text *key,
			 struct cb_error *err)
{
	const char *sql = arena_printf(arena, "SELECT \"%s\" FROM \"%s\" WHERE \"%s\" = $1 LIMIT 2",
				       entity->fields[table_key(entity)].column, entity->store,
				       entity->fields[slot].column);
	struct statement *st = statement_new(store->db, sql);
	int rc;

	statement_text(st, 1, value);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		*key = arena_copy(arena, statement_get_text(st, 0));
		rc = statement_step(st, err);
		rc = rc == CB_OK ? CB_END : rc == CB_END ? CB_OK : rc;
	}
	if (rc == CB_OK && !key->len)
		rc = CB_END;
	statement_free(st);
	return rc;
}

int store_resolve(struct store *store, const struct table *entity, const char *by,
		  struct cb_text name, struct arena *arena, struct cb_text *key,
		  struct cb_error *err)
{
	uint32_t slot = by ? field_called(entity, by) : NO_SLOT;
	int64_t record;
	int rc = CB_END;

	if (table_key(entity) == NO_SLOT)
		return CB_END;
	if (by)
		rc = find_alias(store, entity, by, name, arena, key, err);
	if (rc == CB_END && slot != NO_SLOT && !entity->fields[slot].is_unique)
		rc = find_by_field(store, entity, slot, name, arena, key, err);
	if (rc == CB_END) {
		*key = name;
		rc = CB_OK;
	}
	return rc == CB_OK ? store_find(store, entity, *key, &record, err) : rc;
}

int store_name_of(struct store *store, const struct table *entity, const char *by,
		  struct cb_text key, struct arena *arena, struct cb_text *name,
		  struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT alias FROM alias WHERE entity = $1 AND scheme = $2 AND key = $3 "
			   "ORDER BY since_ms, alias LIMIT 1");
	uint32_t slot = by ? field_called(entity, by) : NO_SLOT;
	struct shelf *shelf = shelf_of(store, entity);
	struct row *row;
	int64_t record;
	int rc;

	*name = key;
	if (!by)
		return CB_OK;
	statement_string(st, 1, entity->name);
	statement_string(st, 2, by);
	statement_text(st, 3, key);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		*name = arena_copy(arena, statement_get_text(st, 0));
		statement_reset(st);
		return CB_OK;
	}
	if (rc == CB_END && slot != NO_SLOT)
		rc = shelf_find(shelf, key, &record, err);
	if (rc == CB_OK)
		rc = shelf_read_top(shelf, record, arena, &row, err);
	if (rc == CB_OK && row->values[slot].len)
		*name = row->values[slot];
	return rc == CB_END ? CB_OK : rc;
}

/* ------------------------------------------------------------- joining */

static int join_one(struct store *store, const struct table *table, struct row *row, uint32_t slot,
		    struct arena *arena, struct cb_error *err)
{
	const struct table *to = model_entity(store->model, table->fields[slot].entity);
	struct shelf *shelf = to ? shelf_of(store, to) : NULL;
	struct row *other = NULL;
	int64_t record;
	int rc;

	if (!to || !row->values[slot].len)
		return CB_OK;
	rc = shelf_find(shelf, row->values[slot], &record, err);
	if (rc == CB_OK)
		rc = shelf_read_top(shelf, record, arena, &other, err);
	if (rc != CB_OK && rc != CB_END)
		return rc;
	for (size_t i = table->stored; i < table->shape->slot_count; i++) {
		const struct field *f = &table->fields[i];

		if (f->through != slot)
			continue;
		if (other)
			row->values[i] = other->values[f->from];
		else if (f->from == table_key(to))
			row->values[i] = row->values[slot];
	}
	return CB_OK;
}

int store_join(struct store *store, const struct table *table, struct row *row, struct arena *arena,
	       struct cb_error *err)
{
	int rc = CB_OK;

	if (table->stored < table->shape->slot_count)
		for (uint32_t i = 0; i < table->stored && rc == CB_OK; i++)
			if (table->fields[i].type == FIELD_REF)
				rc = join_one(store, table, row, i, arena, err);
	for (size_t l = 0; l < table->shape->list_count; l++)
		for (size_t i = 0; i < row->lists[l].count && rc == CB_OK; i++)
			rc = store_join(store, &table->lists[l], row->lists[l].at[i], arena, err);
	return rc;
}
