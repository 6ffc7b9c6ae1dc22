/*
 * replay.c - the committed corpus through the same doors as the fuzzers: seeds,
 * and whatever was found once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "base/say.h"
#include "fuzz/target/target.h"

static const char *current; /* for a debugger, and for the abort's line */

static void replay(void **state)
{
	const struct target *target = *state;
	struct arena arena = { 0 };
	struct buffer bytes = { 0 };
	struct cb_error err = { 0 };
	char folder[64];
	size_t count = 0;
	DIR *dir;

	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s", target->name);
	dir = opendir(folder);
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char *exact;

		if (entry->d_name[0] == '.')
			continue;
		current = file_join(&arena, folder, entry->d_name);
		buffer_clear(&bytes);
		assert_int_equal(file_read(current, 1 << 20, &bytes, &err), CB_OK);
		/* A block of its own size: a read past it is seen. */
		exact = memory_take(bytes.len);
		memcpy(exact, buffer_view(&bytes).at, bytes.len);
		target->run((struct cb_text){ exact, bytes.len });
		free(exact);
		count++;
	}
	closedir(dir);
	assert_true(count > 0);
	buffer_done(&bytes);
	arena_done(&arena);
}

int main(void)
{
	struct CMUnitTest tests[32] = { 0 };
	size_t count = 0;

	say_log(CB_ERROR, NULL, NULL);
	for (const struct target *t = targets; t->name; t++)
		tests[count++] = (struct CMUnitTest){
			.name = t->name,
			.test_func = replay,
			.initial_state = (void *)(uintptr_t)t,
		};
	return _cmocka_run_group_tests("replay", tests, count, NULL, NULL);
}
