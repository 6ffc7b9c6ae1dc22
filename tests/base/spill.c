/*
 * spill.c - what was written is read again, wherever the array lies by then.
 */
#include "base/spill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define STEP 65536

static void write_up_to(struct spill *spill, size_t from, size_t to)
{
	spill_resize(spill, to * sizeof(uint32_t));
	for (size_t i = from; i < to; i++)
		((uint32_t *)spill->at)[i] = (uint32_t)(i * 2654435761u);
}

static void assert_written(const struct spill *spill, size_t to)
{
	for (size_t i = 0; i < to; i++)
		assert_int_equal(((uint32_t *)spill->at)[i], (uint32_t)(i * 2654435761u));
}

static void grow_and_pass(bool is_in_file)
{
	struct spill spill;

	spill_begin(&spill, is_in_file);
	for (size_t i = 0; i < 8; i++) {
		write_up_to(&spill, i * STEP + i, (i + 1) * STEP + i + 1);
		spill_pass(&spill, 0, spill.size);
	}
	assert_true(is_in_file ? spill.file > 0 : spill.file == 0);
	assert_written(&spill, 8 * (STEP + 1));
	spill_done(&spill);
	assert_null(spill.at);
}

static void it_keeps_what_was_passed(void **state)
{
	(void)state;
	grow_and_pass(false);
	grow_and_pass(true);
}

static void a_file_takes_no_memory_that_was_passed(void **state)
{
	const size_t size = (size_t)64 << 20;
	size_t before = spill_resident();
	struct spill spill;

	(void)state;
	spill_begin(&spill, true);
	spill_resize(&spill, size);
	for (size_t i = 0; i < size; i += 4096) {
		((char *)spill.at)[i] = 1;
		if (i % (1 << 20) == 0)
			spill_pass(&spill, 0, i);
	}
	assert_true(spill_resident() < before + size / 4);
	spill_done(&spill);
}

static void without_a_folder_it_lies_in_memory(void **state)
{
	struct spill spill;

	(void)state;
	setenv("TMPDIR", "/nowhere", 1);
	spill_begin(&spill, true);
	unsetenv("TMPDIR");
	assert_int_equal(spill.file, 0);
	write_up_to(&spill, 0, STEP);
	assert_written(&spill, STEP);
	spill_done(&spill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_keeps_what_was_passed),
		cmocka_unit_test(a_file_takes_no_memory_that_was_passed),
		cmocka_unit_test(without_a_folder_it_lies_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
