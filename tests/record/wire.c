/*
 * wire.c - rows go over the wire unchanged, and hostile bytes make no row.
 */
#include "record/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <malloc.h>

#include "support/dice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct arena names, rows;
static struct buffer bytes;

static int end(void **state)
{
	arena_done(&names);
	arena_done(&rows);
	buffer_done(&bytes);
	return 0;
}

static struct wire wire_of(struct cb_text text)
{
	return (struct wire){ text.at, text.at + text.len, false };
}

static void numbers_go_round_in_their_shortest_form(void **state)
{
	static const struct {
		uint64_t number;
		size_t len;
	} cases[] = { { 0, 1 },
		      { 1, 1 },
		      { 127, 1 },
		      { 128, 2 },
		      { 16383, 2 },
		      { 16384, 3 },
		      { UINT32_MAX, 5 },
		      { (uint64_t)INT64_MAX, 9 },
		      { (uint64_t)INT64_MAX + 1, 10 },
		      { UINT64_MAX, 10 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire w;

		buffer_clear(&bytes);
		wire_number(&bytes, cases[i].number);
		assert_int_equal(bytes.len, cases[i].len);
		w = wire_of(buffer_view(&bytes));
		assert_true(wire_get_number(&w) == cases[i].number);
		assert_false(w.is_bad);
		assert_ptr_equal(w.at, w.end);
	}
}

static void a_number_is_cut_padded_or_too_large(void **state)
{
	static const struct cb_text cases[] = {
		CB_TEXT(""),
		CB_TEXT("\x80"),
		CB_TEXT("\xff\xff\xff"),
		CB_TEXT("\x80\x00"),
		CB_TEXT("\x81\x80\x00"),
		CB_TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
		CB_TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
		CB_TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire w = wire_of(cases[i]);

		assert_true(wire_get_number(&w) == 0);
		assert_true(w.is_bad);
		assert_ptr_equal(w.at, w.end);
	}
}

static void texts_keep_nothing_apart_from_empty(void **state)
{
	static const struct cb_text cases[] = {
		CB_TEXT("text"), CB_TEXT(""), { NULL, 0 }, CB_TEXT("a\0b"), CB_TEXT("张三")
	};
	struct wire w;

	for (size_t i = 0; i < COUNT(cases); i++)
		wire_text(&bytes, cases[i]);
	w = wire_of(buffer_view(&bytes));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cb_text text = wire_get_text(&w);

		assert_int_equal(!text.at, !cases[i].at);
		assert_true(cb_text_equal(text, cases[i]));
	}
	assert_false(w.is_bad);
}

static void a_text_is_not_longer_than_its_bytes(void **state)
{
	static const struct cb_text cases[] = {
		CB_TEXT("\x05"
			"abc"),
		CB_TEXT("\x02"),
		CB_TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
			"abc"),
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire w = wire_of(cases[i]);

		assert_null(wire_get_text(&w).at);
		assert_true(w.is_bad);
	}
}

/* Chance: shapes with lists in lists, and rows of them. */

static void add_names(struct shape *shape, unsigned depth)
{
	unsigned slots = dice_roll(6), lists = depth < 3 ? dice_roll(4) : 0;
	struct shape_node *node;
	char name[16];

	for (unsigned i = 0; i < slots; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		shape_slot(shape, shape_child(shape, shape->root, cb_text_of(name)));
	}
	for (unsigned i = 0; i < lists; i++) {
		snprintf(name, sizeof(name), "l%u", i);
		node = shape_child(shape, shape->root, cb_text_of(name));
		add_names(shape_list(shape, node), depth + 1);
	}
}

static struct shape *some_shape(void)
{
	struct shape *shape = shape_new(&names);

	add_names(shape, 0);
	return shape;
}

static void fill(struct row *row)
{
	static const char letters[] = "\0ab\"\\\n\xe8\xb0\x83xyz";

	for (size_t i = 0; i < row->shape->slot_count; i++) {
		uint32_t len = dice_roll(10) ? dice_roll(12) : 100 + dice_roll(300);
		char *text;

		if (dice_roll(3) == 0)
			continue;
		text = arena_take(&rows, len + 1);
		for (uint32_t k = 0; k < len; k++)
			text[k] = letters[dice_roll(sizeof(letters) - 1)];
		row->values[i] = (struct cb_text){ text, len };
	}
	for (uint32_t i = 0; i < row->shape->list_count; i++)
		for (uint32_t k = dice_roll(5); k--;)
			fill(row_add(&rows, row, i));
}

static void a_row_comes_back_as_it_was(void **state)
{
	for (int round = 0; round < 2000; round++) {
		const struct shape *shape = some_shape();
		struct row *row = row_new(&rows, shape), *back;
		struct wire w;

		fill(row);
		buffer_clear(&bytes);
		wire_row(&bytes, row);
		wire_number(&bytes, 77); /* what stands behind belongs to others */
		w = wire_of(buffer_view(&bytes));
		back = wire_get_row(&w, &rows, shape);
		assert_non_null(back);
		assert_true(row_equal(row, back));
		assert_true(wire_get_number(&w) == 77);
		arena_clear(&rows);
		arena_clear(&names);
	}
}

static void no_part_of_a_row_is_a_row(void **state)
{
	for (int round = 0; round < 50; round++) {
		const struct shape *shape = some_shape();
		struct row *row = row_new(&rows, shape);

		fill(row);
		buffer_clear(&bytes);
		wire_row(&bytes, row);
		for (size_t len = 0; len < bytes.len; len++) {
			/* A block of its own, so that a read past its end is seen. */
			char *exact = memory_take(len + !len);
			struct wire w = { exact, exact + len, false };
			struct arena mine = { 0 };

			memcpy(exact, bytes.at, len);
			assert_null(wire_get_row(&w, &mine, shape));
			assert_true(w.is_bad);
			arena_done(&mine);
			free(exact);
		}
		arena_clear(&rows);
		arena_clear(&names);
	}
}

static void mutate(char *at, size_t len)
{
	for (uint32_t n = 1 + dice_roll(4); n--;)
		at[dice_roll((uint32_t)len)] =
			dice_roll(2) ? (char)dice_roll(256) : (char)(0x80 * dice_roll(2) + 1);
}

/* Bytes that are taken are the only bytes of that row. */
static void mutated_bytes_are_refused_or_written_again_the_same(void **state)
{
	struct buffer again = { 0 };
	unsigned taken = 0;

	for (int round = 0; round < 300; round++) {
		const struct shape *shape = some_shape();
		struct row *row = row_new(&rows, shape);

		fill(row);
		buffer_clear(&bytes);
		wire_row(&bytes, row);
		for (int i = 0; i < 100; i++) {
			char *bad = memory_take(bytes.len);
			struct wire w = { bad, bad + bytes.len, false };
			struct row *got;

			memcpy(bad, bytes.at, bytes.len);
			mutate(bad, bytes.len);
			got = wire_get_row(&w, &rows, shape);
			assert_int_equal(got == NULL, w.is_bad);
			buffer_clear(&again);
			if (got) {
				wire_row(&again, got);
				assert_int_equal(again.len, (size_t)(w.at - bad));
				assert_memory_equal(again.at, bad, again.len);
				taken++;
			}
			free(bad);
		}
		arena_clear(&rows);
		arena_clear(&names);
	}
	assert_true(taken > 0);
	buffer_done(&again);
}

static struct shape *people(unsigned slots)
{
	struct shape *shape = shape_new(&names), *list;
	char name[16];

	shape_slot(shape, shape_child(shape, shape->root, CB_TEXT("a")));
	shape_slot(shape, shape_child(shape, shape->root, CB_TEXT("b")));
	list = shape_list(shape, shape_child(shape, shape->root, CB_TEXT("party")));
	for (unsigned i = 0; i < slots; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		shape_slot(list, shape_child(list, list->root, cb_text_of(name)));
	}
	return shape;
}

static void what_no_writer_writes_is_refused(void **state)
{
	static const struct cb_text cases[] = {
		CB_TEXT("\x03\x02x\0\0"),                /* a slot that is not there */
		CB_TEXT("\x01\x02x\x01\x02y\0\0"),       /* a slot twice */
		CB_TEXT("\x02\x02x\x01\x02y\0\0"),       /* out of order */
		CB_TEXT("\x01\0\0\0"),                   /* a slot with nothing */
		CB_TEXT("\0\x02\x01\0\0\0"),             /* a list that is not there */
		CB_TEXT("\0\x01\0\0"),                   /* a list without items */
		CB_TEXT("\0\x01\x01\0\0\x01\x01\0\0\0"), /* a list twice */
		CB_TEXT("\0\x01\x02\0\0\0"),             /* fewer items than it says */
		CB_TEXT("\0\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\0\0\0"),
	};
	const struct shape *shape = people(1);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wire w = wire_of(cases[i]);

		if (wire_get_row(&w, &rows, shape))
			fail_msg("case %zu", i);
		assert_true(w.is_bad);
	}
}

static void two_bytes_an_item_do_not_buy_all_memory(void **state)
{
	const struct shape *shape = people(200);
	struct wire w;

	wire_number(&bytes, 0);
	wire_number(&bytes, 1);
	wire_number(&bytes, 4 << 20);
	buffer_room(&bytes, 9 << 20);
	memset(bytes.at + bytes.len, 0, 8 << 20);
	bytes.len += 8 << 20;
	wire_number(&bytes, 0);
	w = wire_of(buffer_view(&bytes));
	assert_null(wire_get_row(&w, &rows, shape));
	assert_true(mallinfo2().uordblks < 2 * (size_t)ROWS_MAX);
}

static void a_hundred_thousand_items_are_no_attack(void **state)
{
	const struct shape *shape = people(30);
	struct row *row = row_new(&rows, shape);
	struct wire w;

	for (int i = 0; i < 100000; i++)
		row_add(&rows, row, 0)->values[i % 30] = CB_TEXT("x");
	wire_row(&bytes, row);
	w = wire_of(buffer_view(&bytes));
	assert_true(row_equal(wire_get_row(&w, &rows, shape), row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(numbers_go_round_in_their_shortest_form, end),
		cmocka_unit_test_teardown(a_number_is_cut_padded_or_too_large, end),
		cmocka_unit_test_teardown(texts_keep_nothing_apart_from_empty, end),
		cmocka_unit_test_teardown(a_text_is_not_longer_than_its_bytes, end),
		cmocka_unit_test_teardown(a_row_comes_back_as_it_was, end),
		cmocka_unit_test_teardown(no_part_of_a_row_is_a_row, end),
		cmocka_unit_test_teardown(mutated_bytes_are_refused_or_written_again_the_same, end),
		cmocka_unit_test_teardown(what_no_writer_writes_is_refused, end),
		cmocka_unit_test_teardown(two_bytes_an_item_do_not_buy_all_memory, end),
		cmocka_unit_test_teardown(a_hundred_thousand_items_are_no_attack, end),
	};

	dice_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
