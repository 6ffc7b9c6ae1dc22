/*
 * migrate.c - the model's tables follow the model.
 *
 * The table `field` says what the tables hold now. What is new is added; what
 * is gone goes too where it holds nothing. Where it holds something, or a
 * field would become narrower than what is in it, nothing at all is changed
 * and everything that stands in the way is listed.
 */
#include "store/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct known { /* one column, as `field` has it */
	const char *table, *column, *type;
	int64_t max;
	bool is_unique, is_wanted;
};

struct migration {
	struct store *store;
	struct arena arena;
	struct known *known;
	size_t count, room;
	struct buffer obstacles; /* sentences, one after another */
	size_t obstacle_count;
};

static int run(struct migration *m, struct cb_error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int run(struct migration *m, struct cb_error *err, const char *format, ...)
{
	va_list args;
	char *text;
	int rc;

	va_start(args, format);
	rc = vasprintf(&text, format, args);
	va_end(args);
	if (rc < 0)
		abort();
	rc = database_run(m->store->db, text, err);
	free(text);
	return rc;
}

/* Does the query have a row? */
static int asks(struct migration *m, bool *answer, struct cb_error *err, const char *sql)
{
	struct statement *st = statement_new(m->store->db, sql);
	int64_t one;
	int rc = statement_one(st, &one, err);

	statement_free(st);
	*answer = rc == CB_OK;
	return rc == CB_END ? CB_OK : rc;
}

static int has_data(struct migration *m, const char *table, const char *column, bool *answer,
		    struct cb_error *err)
{
	return asks(m, answer, err,
		    arena_printf(&m->arena, "SELECT 1 FROM \"%s\" WHERE \"%s\" IS NOT NULL LIMIT 1",
				 table, column));
}

static void obstacle(struct migration *m, const char *zh, const char *en, ...) CB_SAYS(2, 3, 4);

static void obstacle(struct migration *m, const char *zh, const char *en, ...)
{
	char text[CB_ERROR_MAX];
	va_list args;

	va_start(args, en);
	vsnprintf(text, sizeof(text), cb_say(zh, en), args);
	va_end(args);
	if (m->obstacle_count++)
		buffer_string(&m->obstacles, cb_say("；", "; "));
	buffer_string(&m->obstacles, text);
}

static int load(struct migration *m, struct cb_error *err)
{
	struct statement *st = database_statement(
		m->store->db, "SELECT table_name, column_name, type, max, is_unique FROM field "
			      "ORDER BY table_name, column_name");
	int rc;

	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&m->known, m->count, &m->room, sizeof(*m->known));
		m->known[m->count++] = (struct known){
			.table = column_string(st, 0, &m->arena),
			.column = column_string(st, 1, &m->arena),
			.type = column_string(st, 2, &m->arena),
			.max = statement_get_int(st, 3),
			.is_unique = statement_get_int(st, 4) != 0,
		};
	}
	return rc == CB_END ? CB_OK : rc;
}

static struct known *find(struct migration *m, const char *table, const char *column)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->known[i].table, table) == 0 &&
		    (!column || strcmp(m->known[i].column, column) == 0))
			return &m->known[i];
	return NULL;
}

static int note(struct migration *m, const struct table *table, const struct field *field,
		struct cb_error *err)
{
	struct statement *st = database_statement(
		m->store->db,
		"INSERT INTO field (table_name, column_name, type, max, is_unique, label) "
		"VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (table_name, column_name) DO UPDATE "
		"SET type = excluded.type, max = excluded.max, is_unique = excluded.is_unique, "
		"label = excluded.label");

	statement_string(st, 1, table->store);
	statement_string(st, 2, field->column);
	statement_string(st, 3, field_type_word(field->type));
	statement_int(st, 4, field->max);
	statement_int(st, 5, field->is_unique);
	statement_string(st, 6, field->label);
	return statement_run(st, err);
}

static const char *sql_type(const char *word)
{
	return strcmp(word, "integer") == 0 ? "INTEGER" : "TEXT";
}

static int add_key(struct migration *m, const struct table *table, const struct field *field,
		   struct cb_error *err)
{
	return run(m, err, "CREATE UNIQUE INDEX \"%s_key\" ON \"%s\" (\"%s\")", table->store,
		   table->store, field->column);
}

static int drop_key(struct migration *m, const char *table, struct cb_error *err)
{
	return run(m, err, "DROP INDEX IF EXISTS \"%s_key\"", table);
}

static int create(struct migration *m, const struct table *table, struct cb_error *err)
{
	const char *strict = database_strict();
	struct buffer sql = { 0 };
	uint32_t key = table_key(table);
	int rc;

	if (table->up)
		buffer_printf(&sql,
			      "CREATE TABLE \"%s\" (_record INTEGER NOT NULL, "
			      "_position INTEGER NOT NULL, _up INTEGER",
			      table->store);
	else
		buffer_printf(&sql,
			      "CREATE TABLE \"%s\" (_id INTEGER NOT NULL PRIMARY KEY, "
			      "_change INTEGER NOT NULL, _first_ms INTEGER NOT NULL, "
			      "_last_ms INTEGER NOT NULL",
			      table->store);
	for (size_t i = 0; i < table->stored; i++)
		buffer_printf(&sql, ", \"%s\" %s", table->fields[i].column,
			      sql_type(field_type_word(table->fields[i].type)));
	if (table->up)
		buffer_printf(&sql, ", PRIMARY KEY (_record, _position)) WITHOUT ROWID%s%s",
			      *strict ? ", " : "", strict);
	else
		buffer_printf(&sql, ") %s", strict);
	rc = database_run(m->store->db, buffer_cstr(&sql), err);
	buffer_done(&sql);
	if (rc == CB_OK && !table->up)
		rc = run(m, err, "CREATE INDEX \"%s_change\" ON \"%s\" (_change)", table->store,
			 table->store);
	if (rc == CB_OK && key != NO_SLOT)
		rc = add_key(m, table, &table->fields[key], err);
	for (size_t i = 0; i < table->stored && rc == CB_OK; i++)
		rc = note(m, table, &table->fields[i], err);
	return rc;
}

static int add_column(struct migration *m, const struct table *table, const struct field *field,
		      struct cb_error *err)
{
	int rc = run(m, err, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s", table->store, field->column,
		     sql_type(field_type_word(field->type)));

	if (rc == CB_OK && field->is_unique)
		rc = add_key(m, table, field, err);
	return rc == CB_OK ? note(m, table, field, err) : rc;
}

/* Every value of the one is a value of the other. */
static bool widens(const char *from, enum field_type to)
{
	bool is_exact = strcmp(from, "decimal") == 0 || strcmp(from, "money") == 0;
	bool is_word = strcmp(from, "code") == 0 || strcmp(from, "ref") == 0;

	if (strcmp(from, field_type_word(to)) == 0 || to == FIELD_TEXT)
		return true;
	/* What was a code may be the natural key of a record: the text is the same. */
	if (is_word && (to == FIELD_CODE || to == FIELD_REF))
		return true;
	return (to == FIELD_DECIMAL || to == FIELD_MONEY) &&
	       (is_exact || strcmp(from, "integer") == 0);
}

/* The same column with another of the engine's types; what was in it as text. */
static int retype(struct migration *m, const struct table *table, const struct field *field,
		  bool keeps, struct cb_error *err)
{
	const char *type = sql_type(field_type_word(field->type));
	int rc = drop_key(m, table->store, err);

	if (rc == CB_OK)
		rc = run(m, err, "ALTER TABLE \"%s\" ADD COLUMN _new %s", table->store, type);
	if (rc == CB_OK && keeps)
		rc = run(m, err, "UPDATE \"%s\" SET _new = CAST(\"%s\" AS %s)", table->store,
			 field->column, type);
	if (rc == CB_OK)
		rc = run(m, err,
			 "ALTER TABLE \"%s\" DROP COLUMN \"%s\"; "
			 "ALTER TABLE \"%s\" RENAME COLUMN _new TO \"%s\"",
			 table->store, field->column, table->store, field->column);
	for (size_t i = 0; i < table->stored && rc == CB_OK; i++) {
		const struct known *key = find(m, table->store, table->fields[i].column);

		if (key && key->is_unique)
			rc = add_key(m, table, &table->fields[i], err);
	}
	return rc;
}

static int change_type(struct migration *m, const struct table *table, const struct field *field,
		       const struct known *known, bool is_filled, struct cb_error *err)
{
	const char *now = field_type_word(field->type);

	if (is_filled && !widens(known->type, field->type)) {
		obstacle(m, "%s 的字段 %s 有数据，不能从 %s 变为 %s",
			 "%s: field %s has data and cannot turn from %s into %s", table->store,
			 field->path, known->type, now);
		return CB_OK;
	}
	if (strcmp(sql_type(known->type), sql_type(now)) == 0)
		return CB_OK;
	return retype(m, table, field, is_filled, err);
}

static int check_max(struct migration *m, const struct table *table, const struct field *field,
		     struct cb_error *err)
{
	bool is_longer;
	int rc = asks(m, &is_longer, err,
		      arena_printf(&m->arena,
				   "SELECT 1 FROM \"%s\" WHERE LENGTH(\"%s\") > %lld LIMIT 1",
				   table->store, field->column, (long long)field->max));

	if (rc == CB_OK && is_longer)
		obstacle(m, "%s 的字段 %s 已有超过 %lld 个字符的值",
			 "%s: field %s has values longer than %lld characters", table->store,
			 field->path, (long long)field->max);
	return rc;
}

static int change_key(struct migration *m, const struct table *table, const struct field *field,
		      struct cb_error *err)
{
	bool is_doubled = false;
	int rc;

	if (!field->is_unique)
		return drop_key(m, table->store, err);
	rc = asks(m, &is_doubled, err,
		  arena_printf(&m->arena,
			       "SELECT 1 FROM \"%s\" WHERE \"%s\" IS NOT NULL GROUP BY \"%s\" "
			       "HAVING COUNT(*) > 1 LIMIT 1",
			       table->store, field->column, field->column));
	if (rc == CB_OK && is_doubled)
		obstacle(m, "%s 的字段 %s 有重复的值，不能作自然键",
			 "%s: field %s has a value twice and cannot be the natural key",
			 table->store, field->path);
	else if (rc == CB_OK)
		rc = drop_key(m, table->store, err);
	return rc == CB_OK && !is_doubled ? add_key(m, table, field, err) : rc;
}

static int change_column(struct migration *m, const struct table *table, const struct field *field,
			 struct known *known, struct cb_error *err)
{
	size_t before = m->obstacle_count;
	bool is_filled;
	int rc = has_data(m, table->store, field->column, &is_filled, err);

	if (rc == CB_OK && strcmp(known->type, field_type_word(field->type)) != 0)
		rc = change_type(m, table, field, known, is_filled, err);
	if (rc == CB_OK && field->max && (!known->max || field->max < known->max))
		rc = check_max(m, table, field, err);
	if (rc == CB_OK && field->is_unique != known->is_unique)
		rc = change_key(m, table, field, err);
	return rc == CB_OK && m->obstacle_count == before ? note(m, table, field, err) : rc;
}

static int forget(struct migration *m, const char *table, const char *column, struct cb_error *err)
{
	struct statement *st = database_statement(
		m->store->db, "DELETE FROM field WHERE table_name = $1 AND column_name = $2");

	statement_string(st, 1, table);
	statement_string(st, 2, column);
	return statement_run(st, err);
}

static int drop_column(struct migration *m, const struct known *known, struct cb_error *err)
{
	bool is_filled;
	int rc = has_data(m, known->table, known->column, &is_filled, err);

	if (rc == CB_OK && is_filled) {
		obstacle(m, "%s 的字段 %s 已不在模型里，但有数据",
			 "%s: field %s is gone from the model, but has data", known->table,
			 known->column);
		return CB_OK;
	}
	if (rc == CB_OK && known->is_unique)
		rc = drop_key(m, known->table, err);
	if (rc == CB_OK)
		rc = run(m, err, "ALTER TABLE \"%s\" DROP COLUMN \"%s\"", known->table,
			 known->column);
	return rc == CB_OK ? forget(m, known->table, known->column, err) : rc;
}

static int migrate_table(struct migration *m, const struct table *table, struct cb_error *err)
{
	bool is_new = !find(m, table->store, NULL);
	int rc = is_new ? create(m, table, err) : CB_OK;

	/* Old columns last: a table must have one column of its own at any time. */
	for (size_t i = 0; i < table->stored && !is_new && rc == CB_OK; i++) {
		const struct field *field = &table->fields[i];
		struct known *known = find(m, table->store, field->column);

		if (known)
			known->is_wanted = true;
		rc = known ? change_column(m, table, field, known, err)
			   : add_column(m, table, field, err);
	}
	for (size_t i = 0; i < m->count && rc == CB_OK; i++) {
		struct known *known = &m->known[i];

		if (strcmp(known->table, table->store) != 0)
			continue;
		if (!known->is_wanted)
			rc = drop_column(m, known, err);
		known->is_wanted = true;
	}
	for (size_t i = 0; i < table->shape->list_count && rc == CB_OK; i++)
		rc = migrate_table(m, &table->lists[i], err);
	return rc;
}

/* Tables that no entity and no list has any more. */
static int drop_tables(struct migration *m, struct cb_error *err)
{
	const char *last = "";
	int rc = CB_OK;

	for (size_t i = 0; i < m->count && rc == CB_OK; i++) {
		const char *table = m->known[i].table;
		bool is_filled = false;

		if (m->known[i].is_wanted)
			continue;
		if (strcmp(table, last) != 0) {
			last = table;
			rc = asks(m, &is_filled, err,
				  arena_printf(&m->arena, "SELECT 1 FROM \"%s\" LIMIT 1", table));
			if (rc == CB_OK && is_filled)
				obstacle(m, "表 %s 已不在模型里，但有数据",
					 "table %s is gone from the model, "
					 "but has data",
					 table);
			else if (rc == CB_OK)
				rc = run(m, err, "DROP TABLE \"%s\"", table);
		}
		if (rc == CB_OK)
			rc = forget(m, table, m->known[i].column, err);
	}
	return rc;
}

int migrate(struct store *store, struct cb_error *err)
{
	struct migration m = { .store = store };
	bool is_same;
	int rc = schema_is_model(store, &is_same, err);

	if (rc != CB_OK || is_same)
		return rc;
	rc = load(&m, err);
	for (size_t i = 0; i < m.count && rc == CB_OK; i++)
		if (!i || strcmp(m.known[i].table, m.known[i - 1].table) != 0)
			rc = once_drop(store, m.known[i].table, err);
	for (size_t i = 0; i < store->model->entity_count && rc == CB_OK; i++)
		rc = migrate_table(&m, &store->model->entities[i], err);
	if (rc == CB_OK)
		rc = drop_tables(&m, err);
	for (size_t i = 0; i < store->model->entity_count && rc == CB_OK; i++)
		rc = once_make(store, &store->model->entities[i], err);
	if (rc == CB_OK)
		rc = schema_set_model(store, err);
	if (rc == CB_OK && m.obstacle_count)
		rc = cb_fail(err, CB_SETUP,
			     "模型的改动会丢数据，存储没有变（%zu 处）：%s。"
			     "请把它们留在模型里，或先清空这些数据",
			     "the model's changes would lose data, the store is as it was (%zu): "
			     "%s. Keep them in the model, or empty them first",
			     m.obstacle_count, buffer_cstr(&m.obstacles));
	buffer_done(&m.obstacles);
	free(m.known);
	arena_done(&m.arena);
	return rc;
}
