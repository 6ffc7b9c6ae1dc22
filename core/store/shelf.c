/*
 * shelf.c - a record's row and the rows of its lists, to and from the tables.
 *
 * The statements name every column and are made once. Integers are the
 * engine's integers; everything else is the canonical text it came as.
 */
#include "store/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { ENTITY_FIRST = 5, LIST_FIRST = 4 }; /* the parameter of the first field */

static void put_columns(struct buffer *sql, const struct table *table, const char *before,
			const char *after)
{
	for (size_t i = 0; i < table->stored; i++)
		buffer_printf(sql, "%s\"%s\"%s", i || *before == ',' ? before : "",
			      table->fields[i].column, after);
}

static struct statement *make(struct store *store, struct buffer *sql)
{
	struct statement *st = statement_new(store->db, buffer_cstr(sql));

	buffer_clear(sql);
	return st;
}

static void make_insert(struct store *store, struct shelf *s, struct buffer *sql)
{
	const struct table *table = s->table;
	int first = table->up ? LIST_FIRST : ENTITY_FIRST;

	buffer_printf(sql, "INSERT INTO \"%s\" (%s", table->store,
		      table->up ? "_record, _position, _up" : "_id, _change, _first_ms, _last_ms");
	put_columns(sql, table, ", ", "");
	buffer_string(sql, ") VALUES ($1");
	for (int i = 2; i < first + (int)table->stored; i++)
		buffer_printf(sql, ", $%d", i);
	buffer_char(sql, ')');
	if (s->key != NO_SLOT)
		buffer_printf(sql, " ON CONFLICT (\"%s\") DO NOTHING",
			      table->fields[s->key].column);
	s->insert = make(store, sql);
}

static void make_select(struct store *store, struct shelf *s, struct buffer *sql)
{
	buffer_printf(sql, "SELECT %s", s->table->up ? "_up" : "_change");
	put_columns(sql, s->table, ", ", "");
	buffer_printf(sql, " FROM \"%s\" WHERE %s", s->table->store,
		      s->table->up ? "_record = $1 ORDER BY _position" : "_id = $1");
	s->select = make(store, sql);
}

static void make_update(struct store *store, struct shelf *s, struct buffer *sql)
{
	int at = 2;

	buffer_printf(sql, "UPDATE \"%s\" SET _change = $1, _last_ms = $2", s->table->store);
	for (size_t i = 0; i < s->table->stored; i++)
		buffer_printf(sql, ", \"%s\" = $%d", s->table->fields[i].column, ++at);
	buffer_printf(sql, " WHERE _id = $%d", ++at);
	s->update = make(store, sql);
}

static void make_entity(struct store *store, struct shelf *s, struct buffer *sql)
{
	const char *table = s->table->store;

	make_update(store, s, sql);
	buffer_printf(sql, "SELECT _change FROM \"%s\" WHERE _id = $1", table);
	s->revision = make(store, sql);
	buffer_printf(
		sql, "SELECT _id, _change FROM \"%s\" WHERE _change > $1 ORDER BY _change LIMIT $2",
		table);
	s->changed = make(store, sql);
	buffer_printf(sql, "UPDATE \"%s\" SET _change = $1 WHERE _id = $2", table);
	s->touch = make(store, sql);
	buffer_printf(sql, "SELECT COUNT(*) FROM \"%s\"", table);
	s->count = make(store, sql);
	buffer_printf(sql,
		      "SELECT COUNT(*) - COUNT(DISTINCT k.cluster) FROM cluster k WHERE EXISTS "
		      "(SELECT 1 FROM \"%s\" r WHERE r._id = k.record)",
		      table);
	s->more = make(store, sql);
	if (s->key == NO_SLOT)
		return;
	buffer_printf(sql, "SELECT _id FROM \"%s\" WHERE \"%s\" = $1", table,
		      s->table->fields[s->key].column);
	s->find = make(store, sql);
}

static void open_shelf(struct store *store, struct shelf *s, const struct table *table)
{
	struct buffer sql = { 0 };
	size_t slots = table->stored, lists = table->shape->list_count;

	s->table = table;
	s->key = table->up ? NO_SLOT : table_key(table);
	s->is_integer = memory_take(slots * sizeof(bool));
	for (size_t i = 0; i < slots; i++)
		s->is_integer[i] = table->fields[i].type == FIELD_INTEGER;
	make_insert(store, s, &sql);
	make_select(store, s, &sql);
	if (table->up) {
		buffer_printf(&sql, "DELETE FROM \"%s\" WHERE _record = $1", table->store);
		s->erase = make(store, &sql);
	} else {
		make_entity(store, s, &sql);
	}
	buffer_done(&sql);
	s->lists = memory_take(lists * sizeof(*s->lists));
	for (size_t i = 0; i < lists; i++)
		open_shelf(store, &s->lists[i], &table->lists[i]);
}

static void close_shelf(struct shelf *s)
{
	statement_free(s->insert);
	statement_free(s->select);
	statement_free(s->update);
	statement_free(s->find);
	statement_free(s->revision);
	statement_free(s->changed);
	statement_free(s->count);
	statement_free(s->more);
	statement_free(s->touch);
	statement_free(s->erase);
	for (size_t i = 0; s->lists && i < s->table->shape->list_count; i++)
		close_shelf(&s->lists[i]);
	free(s->lists);
	free(s->is_integer);
}

void shelves_open(struct store *store)
{
	size_t count = store->model->entity_count;

	store->shelves = memory_take(count * sizeof(*store->shelves));
	for (size_t i = 0; i < count; i++)
		open_shelf(store, &store->shelves[i], &store->model->entities[i]);
}

void shelves_close(struct store *store)
{
	for (size_t i = 0; store->shelves && i < store->model->entity_count; i++)
		close_shelf(&store->shelves[i]);
	free(store->shelves);
	store->shelves = NULL;
}

struct shelf *shelf_of(struct store *store, const struct table *entity)
{
	size_t at = (size_t)(entity - store->model->entities);

	assert(at < store->model->entity_count);
	return &store->shelves[at];
}

static bool read_integer(struct cb_text text, int64_t *out)
{
	bool is_negative = text.len && text.at[0] == '-';
	int64_t value = 0;

	if (text.len == (size_t)is_negative)
		return false;
	for (size_t i = is_negative; i < text.len; i++) {
		int digit = text.at[i] - '0';

		/* Below zero there is one more; counting down reaches both ends. */
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return false;
	}
	if (!is_negative && value == INT64_MIN)
		return false;
	*out = is_negative ? value : -value;
	return true;
}

int shelf_check(const struct shelf *s, const struct row *row, struct cb_error *err)
{
	int64_t number;
	int rc = CB_OK;

	for (size_t i = 0; i < s->table->stored; i++)
		if (s->is_integer[i] && row->values[i].len &&
		    !read_integer(row->values[i], &number))
			return cb_fail(err, CB_REFUSED, "%s：不是整数，或超过 19 位，存不下",
				       "%s: no whole number, or too long to be kept (19 digits)",
				       s->table->fields[i].label);
	for (size_t i = 0; i < row->shape->list_count; i++)
		for (size_t k = 0; k < row->lists[i].count && rc == CB_OK; k++)
			rc = shelf_check(&s->lists[i], row->lists[i].at[k], err);
	return rc;
}

static void bind_values(struct statement *st, int first, const struct shelf *s,
			const struct row *row)
{
	size_t count = s->table->stored;
	int64_t number;

	for (size_t i = 0; i < count; i++)
		if (s->is_integer[i] && read_integer(row->values[i], &number))
			statement_int(st, first + (int)i, number);
		else
			statement_text(st, first + (int)i, row->values[i]);
}

static int insert_items(struct shelf *list, int64_t record, int64_t up, const struct rows *rows,
			struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < rows->count && rc == CB_OK; i++) {
		const struct row *row = rows->at[i];

		statement_int(list->insert, 1, record);
		statement_int(list->insert, 2, ++list->position);
		if (up)
			statement_int(list->insert, 3, up);
		else
			statement_null(list->insert, 3);
		bind_values(list->insert, LIST_FIRST, list, row);
		rc = statement_run(list->insert, err);
		for (size_t k = 0; k < row->shape->list_count && rc == CB_OK; k++)
			rc = insert_items(&list->lists[k], record, list->position, &row->lists[k],
					  err);
	}
	return rc;
}

static void rewind_list(struct shelf *list)
{
	list->position = 0;
	for (size_t i = 0; i < list->table->shape->list_count; i++)
		rewind_list(&list->lists[i]);
}

static int insert_list(struct shelf *list, int64_t record, const struct rows *rows,
		       struct cb_error *err)
{
	if (!rows->count)
		return CB_OK;
	rewind_list(list);
	return insert_items(list, record, 0, rows, err);
}

static int erase_list(struct shelf *list, int64_t record, struct cb_error *err)
{
	int rc;

	statement_int(list->erase, 1, record);
	rc = statement_run(list->erase, err);
	for (size_t i = 0; i < list->table->shape->list_count && rc == CB_OK; i++)
		rc = erase_list(&list->lists[i], record, err);
	return rc;
}

int shelf_replace_list(struct shelf *list, int64_t record, const struct rows *rows,
		       struct cb_error *err)
{
	int rc = erase_list(list, record, err);

	return rc == CB_OK ? insert_list(list, record, rows, err) : rc;
}

int shelf_insert(struct store *store, struct shelf *s, int64_t record, const struct row *row,
		 struct cb_error *err)
{
	int rc;

	statement_int(s->insert, 1, record);
	statement_int(s->insert, 2, store->now_at.last[COUNT_CHANGE]);
	statement_int(s->insert, 3, store->now);
	statement_int(s->insert, 4, store->now);
	bind_values(s->insert, ENTITY_FIRST, s, row);
	rc = statement_run(s->insert, err);
	if (rc == CB_OK && s->key != NO_SLOT && !database_changes(store->db))
		return CB_END;
	for (size_t i = 0; i < row->shape->list_count && rc == CB_OK; i++)
		rc = insert_list(&s->lists[i], record, &row->lists[i], err);
	return rc;
}

int shelf_update(struct store *store, struct shelf *s, int64_t record, const struct row *row,
		 struct cb_error *err)
{
	statement_int(s->update, 1, store->now_at.last[COUNT_CHANGE]);
	statement_int(s->update, 2, store->now);
	bind_values(s->update, 3, s, row);
	statement_int(s->update, 3 + (int)s->table->stored, record);
	return statement_run(s->update, err);
}

int shelf_find(struct shelf *s, struct cb_text key, int64_t *record, struct cb_error *err)
{
	int64_t number;

	if (s->key == NO_SLOT || !key.len)
		return CB_END;
	if (!s->is_integer[s->key])
		statement_text(s->find, 1, key);
	else if (read_integer(key, &number))
		statement_int(s->find, 1, number);
	else
		return CB_END;
	return statement_one(s->find, record, err);
}

/* The columns after the first are the slots. */
static void read_values(struct shelf *s, struct arena *arena, struct row *row)
{
	for (size_t i = 0; i < s->table->stored; i++)
		row->values[i] = arena_copy(arena, statement_get_text(s->select, (int)i + 1));
}

struct row_list {
	struct row **at;
	size_t count, room;
};

static int read_list(struct shelf *list, int64_t record, struct arena *arena,
		     const struct row_list *above, struct cb_error *err)
{
	struct row_list here = { 0 };
	uint32_t index = list->table->shape->up_index;
	int rc;

	statement_int(list->select, 1, record);
	while ((rc = statement_step(list->select, err)) == CB_OK) {
		int64_t up = statement_get_int(list->select, 0);
		size_t at = up > 0 && (size_t)up <= above->count ? (size_t)up - 1 : 0;
		struct row *row = row_add(arena, above->at[at], index);

		read_values(list, arena, row);
		memory_grow(&here.at, here.count, &here.room, sizeof(struct row *));
		here.at[here.count++] = row;
	}
	rc = rc == CB_END ? CB_OK : rc;
	for (size_t i = 0; i < list->table->shape->list_count && here.count && rc == CB_OK; i++)
		rc = read_list(&list->lists[i], record, arena, &here, err);
	free(here.at);
	return rc;
}

int shelf_read_top(struct shelf *s, int64_t record, struct arena *arena, struct row **out,
		   struct cb_error *err)
{
	int rc;

	statement_int(s->select, 1, record);
	rc = statement_step(s->select, err);
	if (rc != CB_OK)
		return rc;
	*out = row_new(arena, s->table->shape);
	read_values(s, arena, *out);
	statement_reset(s->select);
	return CB_OK;
}

int shelf_read(struct shelf *s, int64_t record, struct arena *arena, struct row **out,
	       struct cb_error *err)
{
	struct row *row;
	struct row_list top = { &row, 1, 1 };
	int rc = shelf_read_top(s, record, arena, &row, err);

	if (rc != CB_OK)
		return rc;
	for (size_t i = 0; i < row->shape->list_count && rc == CB_OK; i++)
		rc = read_list(&s->lists[i], record, arena, &top, err);
	*out = row;
	return rc;
}
