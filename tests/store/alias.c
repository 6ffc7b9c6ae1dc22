/*
 * alias.c - what others call our records, and what stands behind a reference.
 */
#include "rig.h"

#define REF_MODEL                                                                                  \
	"<model name='m' label='m'><entity name='case' label='case'>"                              \
	"<field name='number' label='n' type='text' unique='yes'/>"                                \
	"<ref name='studio' label='s' entity='studio'/>"                                           \
	"<list name='party' label='p'><field name='name' label='n' type='text'/>"                  \
	"<ref name='studio' label='s' entity='studio'/></list></entity>"                           \
	"<entity name='studio' label='studio'><field name='code' label='c' type='text' "           \
	"unique='yes'/><field name='name' label='n' type='text'/><group name='at' label='a'>"      \
	"<field name='town' label='t' type='text'/></group></entity></model>"

static const struct table *studios(struct rig *rig)
{
	return model_entity(rig->model, "studio");
}

static void put(struct rig *rig, const struct table *entity, const char *const *values)
{
	struct store_origin origin = { .stream = "x/y", .system = "x", .mapping = "m" };
	struct row *row = row_new(&rig->call, entity->shape);

	for (size_t i = 0; i < entity->stored; i++)
		row->values[i] = cb_text_of(values[i]);
	origin.key = row->values[0];
	ok(rig, store_put(rig->store, entity, row, &origin, &rig->result, &rig->id, &rig->err));
}

static struct rig *up(void **state)
{
	struct rig *rig = *state;

	store_close(rig->store);
	rig->store = NULL;
	rig_model(rig, REF_MODEL);
	ok(rig, rig_try(rig, STORE_WRITE));
	ok(rig, store_begin(rig->store, 1, &rig->err));
	put(rig, studios(rig), (const char *[]){ "S01", "one", "town" });
	put(rig, studios(rig), (const char *[]){ "S02", "two", "town" });
	return rig;
}

static const char *resolved(struct rig *rig, const char *by, const char *name)
{
	struct cb_text key;
	int rc = store_resolve(rig->store, studios(rig), by, cb_text_of(name), &rig->call, &key,
			       &rig->err);

	return rc == CB_OK ? arena_string(&rig->call, key) : rc == CB_END ? "-" : "fault";
}

static const char *named(struct rig *rig, const char *by, const char *key)
{
	struct cb_text name;

	ok(rig, store_name_of(rig->store, studios(rig), by, cb_text_of(key), &rig->call, &name,
			      &rig->err));
	return arena_string(&rig->call, name);
}

static void a_record_is_found_by_alias_by_field_and_by_key(void **state)
{
	struct rig *rig = up(state);

	ok(rig, store_alias_add(rig->store, studios(rig), "grid", "7", "S02", &rig->err));
	assert_string_equal(resolved(rig, "grid", "7"), "S02");
	assert_string_equal(resolved(rig, "grid", "S01"), "S01");
	assert_string_equal(resolved(rig, "grid", "8"), "-");
	assert_string_equal(resolved(rig, "other", "7"), "-");
	assert_string_equal(resolved(rig, "name", "two"), "S02");
	assert_string_equal(resolved(rig, NULL, "S02"), "S02");
	assert_string_equal(resolved(rig, NULL, "two"), "-");
	/* A value that two records have names neither. */
	assert_string_equal(resolved(rig, "at/town", "town"), "-");
	store_rollback(rig->store);
}

static void a_key_goes_out_by_its_first_alias(void **state)
{
	struct rig *rig = up(state);

	assert_string_equal(named(rig, "grid", "S02"), "S02");
	ok(rig, store_alias_add(rig->store, studios(rig), "grid", "7", "S02", &rig->err));
	ok(rig, store_commit(rig->store, &rig->err));
	ok(rig, store_begin(rig->store, 2, &rig->err));
	ok(rig, store_alias_add(rig->store, studios(rig), "grid", "5", "S02", &rig->err));
	assert_string_equal(named(rig, "grid", "S02"), "7");
	assert_string_equal(named(rig, "name", "S01"), "one");
	assert_string_equal(named(rig, NULL, "S01"), "S01");
	store_rollback(rig->store);
}

static void what_points_to_nobody_has_its_key_and_nothing_else(void **state)
{
	struct rig *rig = up(state);
	const struct table *entity = model_entity(rig->model, "case");
	struct row *row = row_new(&rig->call, entity->shape), *item;
	const struct field *name = table_field(entity, "studio/name");
	const struct field *code = table_field(entity, "studio/code");
	const struct field *town = table_field(entity, "studio/at/town");

	assert_int_equal(entity->stored, 2);
	assert_int_equal(entity->shape->slot_count, 5);
	row->values[1] = cb_text_of("S02");
	item = row_add(&rig->call, row, 0);
	item->values[1] = cb_text_of("S09");
	ok(rig, store_join(rig->store, entity, row, &rig->call, &rig->err));
	assert_true(cb_text_is(row->values[name - entity->fields], "two"));
	assert_true(cb_text_is(row->values[code - entity->fields], "S02"));
	assert_true(cb_text_is(row->values[town - entity->fields], "town"));
	assert_true(cb_text_is(item->values[2], "S09"));
	assert_null(item->values[3].at);
	store_rollback(rig->store);
}

static void what_is_joined_is_not_kept_twice(void **state)
{
	struct rig *rig = up(state);
	const struct table *entity = model_entity(rig->model, "case");
	struct row *row;

	put(rig, entity, (const char *[]){ "1", "S01" });
	assert_int_equal(rig->result, STORE_NEW);
	ok(rig, store_get(rig->store, entity, rig->id, &rig->call, &row, &rig->err));
	assert_true(cb_text_is(row->values[1], "S01"));
	for (size_t i = entity->stored; i < entity->shape->slot_count; i++)
		assert_null(row->values[i].at);
	put(rig, entity, (const char *[]){ "1", "S02" });
	assert_int_equal(rig->result, STORE_CHANGED);
	store_rollback(rig->store);
}

static void a_code_may_become_a_reference(void **state)
{
	struct rig *rig = *state;
	const struct table *entity;

	store_close(rig->store);
	rig->store = NULL;
	rig_model(rig, "<model name='m' label='m'><entity name='case' label='case'>"
		       "<field name='number' label='n' type='text' unique='yes'/>"
		       "<field name='studio' label='s' type='code'/></entity></model>");
	ok(rig, rig_try(rig, STORE_WRITE));
	ok(rig, store_begin(rig->store, 1, &rig->err));
	entity = model_entity(rig->model, "case");
	put(rig, entity, (const char *[]){ "1", "S01" });
	ok(rig, store_commit(rig->store, &rig->err));
	up(state);
	store_rollback(rig->store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_up, rig_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_is_found_by_alias_by_field_and_by_key),
		TEST(a_key_goes_out_by_its_first_alias),
		TEST(what_points_to_nobody_has_its_key_and_nothing_else),
		TEST(what_is_joined_is_not_kept_twice),
		TEST(a_code_may_become_a_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
