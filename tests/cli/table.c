/*
 * table.c - tables stand straight, fit the terminal, and lose nothing on the way.
 */
#include "cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "support/dice.h"

static struct arena arena;

static const char *printed(struct sheet *sheet, size_t screen, struct buffer *out)
{
	buffer_clear(out);
	table_screen(screen);
	sheet_end(sheet, false, 2, out);
	table_screen(0);
	return buffer_cstr(out);
}

static struct sheet held(void)
{
	struct sheet sheet = sheet_begin(&arena, 4, 1u << 0);

	sheet_string(&sheet, "条数");
	sheet_string(&sheet, "流程");
	sheet_string(&sheet, "说明");
	sheet_string(&sheet, "细看");
	sheet_number(&sheet, 12);
	sheet_string(&sheet, "grid-in");
	sheet_string(&sheet,
		     "“纠纷类型”（AJXL）的代码在代码表 dispute-type 里没有；请在表里加一行");
	sheet_string(&sheet, "casebridge held show 5");
	return sheet;
}

static void without_a_terminal_a_row_is_a_line(void **state)
{
	struct buffer out = { 0 };
	struct sheet sheet = held();

	(void)state;
	assert_string_equal(
		printed(&sheet, 0, &out),
		"  条数  流程     说明"
		"                                                                  细看\n"
		"    12  grid-in  “纠纷类型”（AJXL）的代码在代码表 dispute-type "
		"里没有；请在表里加一行  casebridge held show 5\n");
	buffer_done(&out);
}

/* A mark that ends a sentence begins no line, and dispute-type stays in one piece. */
static void a_long_text_goes_on_in_its_column(void **state)
{
	struct buffer out = { 0 };
	struct sheet sheet = held();

	(void)state;
	assert_string_equal(
		printed(&sheet, 80, &out),
		"  条数  流程     说明                                     细看\n"
		"    12  grid-in  “纠纷类型”（AJXL）的代码在代码表         casebridge held show 5\n"
		"                 dispute-type 里没有；请在表里加一行\n");
	buffer_done(&out);
}

static void what_would_be_shreds_goes_below(void **state)
{
	struct buffer out = { 0 };
	struct sheet sheet = held();

	(void)state;
	assert_string_equal(printed(&sheet, 40, &out), "  条数  流程     说明\n"
						       "        细看\n"
						       "    12  grid-in  “纠纷类型”（AJXL）的代\n"
						       "                 码在代码表 dispute-type\n"
						       "                 里没有；请在表里加一行\n"
						       "        casebridge held show 5\n");
	buffer_done(&out);
}

static size_t letters(struct cb_text text, unsigned counts[256])
{
	size_t sum = 0;

	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != ' ' && text.at[i] != '\n') {
			counts[(unsigned char)text.at[i]]++;
			sum++;
		}
	return sum;
}

static struct cb_text words(void)
{
	static const char *const some[] = {
		"纠", "纷", "，", "dispute-type", " ", "）", "a", "调解"
	};
	struct buffer text = { 0 };
	struct cb_text copy;

	for (uint32_t n = dice_roll(14); n--;)
		buffer_string(&text, some[dice_roll(8)]);
	copy = arena_copy(&arena, buffer_view(&text));
	buffer_done(&text);
	return copy;
}

static void nothing_is_lost_and_nothing_sticks_out(void **state)
{
	struct buffer out = { 0 };

	(void)state;
	dice_seed();
	for (int round = 0; round < 3000; round++) {
		size_t columns = 1 + dice_roll(6), cells = columns * (1 + dice_roll(4));
		size_t screen = 60 + dice_roll(100), put = 0;
		struct sheet sheet = sheet_begin(&arena, columns, 0);
		unsigned in[256] = { 0 }, back[256] = { 0 };

		for (size_t i = 0; i < cells; i++) {
			struct cb_text cell = words();

			sheet_cell(&sheet, cell, INK_PLAIN);
			put += letters(cell, in);
		}
		printed(&sheet, screen, &out);
		assert_int_equal(letters(buffer_view(&out), back), put);
		assert_memory_equal(in, back, sizeof(in));
		for (const char *line = out.at, *end; (end = strchr(line, '\n')); line = end + 1)
			assert_true(utf8_width((struct cb_text){ line, (size_t)(end - line) }) <=
				    screen);
		arena_clear(&arena);
	}
	buffer_done(&out);
	arena_done(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_terminal_a_row_is_a_line),
		cmocka_unit_test(a_long_text_goes_on_in_its_column),
		cmocka_unit_test(what_would_be_shreds_goes_below),
		cmocka_unit_test(nothing_is_lost_and_nothing_sticks_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
