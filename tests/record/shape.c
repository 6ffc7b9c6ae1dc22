/*
 * shape.c - names become slots and lists, and rows are arrays made from them.
 */
#include "record/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct arena arena;

static int forget(void **state)
{
	arena_done(&arena);
	return 0;
}

static struct shape_node *child(struct shape *shape, struct shape_node *node, const char *name)
{
	return shape_child(shape, node, cb_text_of(name));
}

static void a_name_is_made_once(void **state)
{
	struct shape *shape = shape_new(&arena);
	struct shape_node *a = child(shape, shape->root, "a");

	assert_ptr_equal(child(shape, shape->root, "a"), a);
	assert_ptr_equal(shape_find(shape->root, CB_TEXT("a")), a);
	assert_null(shape_find(shape->root, CB_TEXT("b")));
	assert_null(shape_find(a, CB_TEXT("a")));
	assert_int_equal(shape->root->child_count, 1);
}

static void names_are_bytes_and_lengths(void **state)
{
	struct shape *shape = shape_new(&arena);
	struct shape_node *empty = shape_child(shape, shape->root, (struct cb_text){ 0 });
	struct shape_node *a = child(shape, shape->root, "a");
	struct shape_node *a0 = shape_child(shape, shape->root, CB_TEXT("a\0"));

	assert_ptr_not_equal(a, a0);
	assert_ptr_equal(shape_find(shape->root, CB_TEXT("")), empty);
	assert_ptr_equal(shape_find(shape->root, CB_TEXT("a\0")), a0);
}

static void siblings_stand_in_order_of_first_mention(void **state)
{
	struct shape *shape = shape_new(&arena);
	const char *names[] = { "c", "a", "b", "a", "c" };
	char order[8] = "";

	for (size_t i = 0; i < 5; i++)
		child(shape, shape->root, names[i]);
	for (struct shape_node *n = shape->root->first; n; n = n->next)
		strcat(order, n->name.at);
	assert_string_equal(order, "cab");
}

static void a_hundred_thousand_names_are_found(void **state)
{
	struct shape *shape = shape_new(&arena);
	char name[16];

	for (unsigned i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		shape_slot(shape, child(shape, shape->root, name));
	}
	assert_int_equal(shape->slot_count, 100000);
	for (unsigned i = 0; i < 100000; i += 997) {
		snprintf(name, sizeof(name), "n%u", i);
		assert_int_equal(shape_find(shape->root, cb_text_of(name))->slot, i);
		assert_int_equal(shape_index(shape->root, cb_text_of(name)), i);
	}
	assert_int_equal(shape_index(shape->root, CB_TEXT("n100000")), NO_CHILD);
}

static void a_slot_knows_its_path(void **state)
{
	struct shape *shape = shape_new(&arena);
	struct shape_node *a = child(shape, shape->root, "place");
	struct shape_node *id = child(shape, a, "@id");

	assert_int_equal(shape_slot(shape, id), 0);
	assert_int_equal(shape_slot(shape, a), 1);
	assert_int_equal(shape_slot(shape, shape->root), 2);
	assert_int_equal(shape_slot(shape, id), 0);
	assert_string_equal(shape->slots[0].path.at, "place/@id");
	assert_string_equal(shape->slots[1].path.at, "place");
	assert_string_equal(shape->slots[2].path.at, ".");
	assert_true(shape->slots[0].is_attribute);
	assert_false(shape->slots[1].is_attribute);
}

static void a_path_as_deep_as_a_document_is_no_matter(void **state)
{
	struct shape *shape = shape_new(&arena);
	struct shape_node *node = shape->root;

	for (int i = 0; i < 50000; i++)
		node = child(shape, node, "a");
	shape_slot(shape, node);
	assert_int_equal(shape->slots[0].path.len, 99999);
}

static void a_list_knows_its_place(void **state)
{
	struct shape *shape = shape_new(&arena);
	struct shape_node *wrap = child(shape, shape->root, "GXRS");
	struct shape_node *node = child(shape, wrap, "GXR");
	struct shape *list = shape_list(shape, node);

	assert_ptr_equal(shape_list(shape, node), list);
	assert_ptr_equal(list->up, shape);
	assert_int_equal(list->up_index, 0);
	assert_string_equal(list->path.at, "GXRS/GXR");
	/* Below a list its items' names stand. */
	assert_ptr_equal(child(list, node, "name"), child(list, list->root, "name"));
	assert_ptr_equal(shape_find(node, CB_TEXT("name"))->up, list->root);
	shape_slot(list, shape_find(node, CB_TEXT("name")));
	assert_string_equal(list->slots[0].path.at, "name");
}

static void a_name_is_a_value_or_a_list(void **state)
{
	struct shape *shape = shape_new(&arena);
	struct shape_node *value = child(shape, shape->root, "v");
	struct shape_node *list = child(shape, shape->root, "l");
	struct shape_node *group = child(shape, shape->root, "g");

	child(shape, group, "x");
	shape_slot(shape, value);
	assert_non_null(shape_list(shape, list));
	assert_null(shape_list(shape, value));
	assert_null(shape_list(shape, group));
	assert_int_equal(shape_slot(shape, list), NO_SLOT);
}

static struct shape *people(void)
{
	struct shape *shape = shape_new(&arena), *list;

	shape_slot(shape, child(shape, shape->root, "a"));
	shape_slot(shape, child(shape, shape->root, "b"));
	list = shape_list(shape, child(shape, shape->root, "party"));
	shape_slot(list, child(list, list->root, "name"));
	return shape;
}

static void a_new_row_is_empty(void **state)
{
	struct row *row = row_new(&arena, people()), *item;

	assert_true(row_is_empty(row));
	item = row_add(&arena, row, 0);
	assert_ptr_equal(item->up, row);
	assert_true(row_is_empty(row)); /* an item that says nothing */
	item->values[0] = CB_TEXT("");
	assert_false(row_is_empty(row)); /* the empty text was said */
}

static void items_keep_their_order_however_many(void **state)
{
	struct row *row = row_new(&arena, people()), *first = row_add(&arena, row, 0);

	first->values[0] = CB_TEXT("first");
	for (int i = 1; i < 100000; i++)
		row_add(&arena, row, 0);
	assert_int_equal(row->lists[0].count, 100000);
	assert_ptr_equal(row->lists[0].at[0], first);
	assert_string_equal(first->values[0].at, "first");
}

static void equal_rows_say_the_same_in_the_same_places(void **state)
{
	const struct shape *shape = people();
	struct row *a = row_new(&arena, shape), *b = row_new(&arena, shape);

	assert_true(row_equal(a, b));
	a->values[0] = CB_TEXT("");
	assert_false(row_equal(a, b)); /* nothing is not the empty text */
	b->values[0] = CB_TEXT("");
	assert_true(row_equal(a, b));
	a->values[1] = CB_TEXT("x");
	b->values[1] = CB_TEXT("y");
	assert_false(row_equal(a, b));
	b->values[1] = CB_TEXT("x");
	row_add(&arena, a, 0);
	assert_false(row_equal(a, b));
	row_add(&arena, b, 0)->values[0] = CB_TEXT("n");
	assert_false(row_equal(a, b));
	a->lists[0].at[0]->values[0] = CB_TEXT("n");
	assert_true(row_equal(a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_name_is_made_once, forget),
		cmocka_unit_test_teardown(names_are_bytes_and_lengths, forget),
		cmocka_unit_test_teardown(siblings_stand_in_order_of_first_mention, forget),
		cmocka_unit_test_teardown(a_hundred_thousand_names_are_found, forget),
		cmocka_unit_test_teardown(a_slot_knows_its_path, forget),
		cmocka_unit_test_teardown(a_path_as_deep_as_a_document_is_no_matter, forget),
		cmocka_unit_test_teardown(a_list_knows_its_place, forget),
		cmocka_unit_test_teardown(a_name_is_a_value_or_a_list, forget),
		cmocka_unit_test_teardown(a_new_row_is_empty, forget),
		cmocka_unit_test_teardown(items_keep_their_order_however_many, forget),
		cmocka_unit_test_teardown(equal_rows_say_the_same_in_the_same_places, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
