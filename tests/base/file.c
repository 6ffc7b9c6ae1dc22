#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/say.h"

static void what_was_written_is_read(void **state)
{
	struct buffer out = { 0 };
	struct stat st;

	buffer_string(&out, "before ");
	assert_int_equal(file_write("a", CB_TEXT("old, and longer"), 0600, NULL), CB_OK);
	assert_int_equal(file_write("a", CB_TEXT("x\0y"), 0640, NULL), CB_OK);
	assert_int_equal(file_read("a", 3, &out, NULL), CB_OK);
	assert_true(cb_text_equal(buffer_view(&out), CB_TEXT("before x\0y")));
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	buffer_done(&out);
}

static void a_failure_is_a_sentence_that_begins_with_the_path(void **state)
{
	static const struct {
		const char *path, *zh, *en;
	} cases[] = {
		{ "none", "none: 读不了：不存在", "none: cannot read: does not exist" },
		{ ".", ".: 读不了：是文件夹，不是文件", ".: cannot read: is a folder, not a file" },
		{ "big/x", "big/x: 读不了：路径中有一段不是文件夹",
		  "big/x: cannot read: part of the path is not a folder" },
		{ "big", "big: 文件太大：最多 1 KB", "big: too large: at most 1 KB" },
		{ "pipe", "pipe: 读不了：是管道或设备，不是普通文件",
		  "pipe: cannot read: is a pipe or a device, not a regular file" },
		{ "/proc/self/status", "/proc/self/status: 文件太大：最多 1 KB",
		  "/proc/self/status: too large: at most 1 KB" },
	};
	char zeros[1025] = { 0 };
	struct buffer out = { 0 };
	struct cb_error err;

	assert_int_equal(file_write("big", (struct cb_text){ zeros, 1025 }, 0644, NULL), CB_OK);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(file_read(cases[i].path, 1024, &out, &err), CB_SETUP);
		assert_string_equal(err.text, cases[i].zh);
		say_language(LANGUAGE_EN);
		assert_int_equal(file_read(cases[i].path, 1024, &out, &err), CB_SETUP);
		assert_string_equal(err.text, cases[i].en);
		say_language(LANGUAGE_ZH);
		assert_int_equal(out.len, 0);
	}
	buffer_done(&out);
}

static void a_failed_write_leaves_nothing_behind(void **state)
{
	struct cb_error err;

	assert_int_equal(file_make_folder("full", 0755, NULL), CB_OK);
	assert_int_equal(file_make_folder("full/taken/x", 0755, NULL), CB_OK);
	assert_int_equal(file_write("full/taken", CB_TEXT("x"), 0644, &err), CB_SETUP);
	assert_string_equal(err.text, "full/taken: 写不了：是文件夹，不是文件");
	assert_int_equal(file_write("nowhere/x", CB_TEXT("x"), 0644, &err), CB_SETUP);
	assert_string_equal(err.text, "nowhere/x: 写不了：不存在");
	assert_int_equal(rmdir("full/taken/x"), 0);
	assert_int_equal(rmdir("full/taken"), 0);
	assert_int_equal(rmdir("full"), 0);
}

static void folders_are_made_with_those_above_them(void **state)
{
	struct cb_error err;

	assert_int_equal(file_make_folder("d/e//f/", 0755, NULL), CB_OK);
	assert_int_equal(file_make_folder("d/e/f", 0755, NULL), CB_OK);
	assert_true(file_exists("d/e/f"));
	assert_false(file_exists("d/e/g"));
	assert_int_equal(file_write("d/file", CB_TEXT(""), 0644, NULL), CB_OK);
	assert_int_equal(file_make_folder("d/file", 0755, &err), CB_SETUP);
	assert_string_equal(err.text, "d/file: 建不了文件夹：路径中有一段不是文件夹");
	assert_int_equal(file_make_folder("d/file/x", 0755, &err), CB_SETUP);
	assert_int_equal(file_make_folder("", 0755, &err), CB_SETUP);
}

static void paths_stand_beside_paths(void **state)
{
	struct arena arena = { 0 };

	assert_string_equal(file_beside(&arena, "a/b/c.xml", "codes/d.xml"), "a/b/codes/d.xml");
	assert_string_equal(file_beside(&arena, "c.xml", "d.xml"), "d.xml");
	assert_string_equal(file_beside(&arena, "/c.xml", "d.xml"), "/d.xml");
	assert_string_equal(file_beside(&arena, "a/c.xml", "/d.xml"), "/d.xml");
	assert_string_equal(file_join(&arena, "a", "b"), "a/b");
	assert_string_equal(file_join(&arena, "a/", "b"), "a/b");
	assert_string_equal(file_join(&arena, "", "b"), "b");
	assert_string_equal(file_join(&arena, "a", "/b"), "/b");
	arena_done(&arena);
}

static void every_reason_has_words(void **state)
{
	for (int number = 0; number < 200; number++) {
		say_language(LANGUAGE_EN);
		assert_true(strlen(file_reason(number)) > 5);
		say_language(LANGUAGE_ZH);
		assert_true((unsigned char)file_reason(number)[0] >= 0xe4);
	}
	assert_string_equal(file_reason(ENOSPC), "磁盘已满");
}

static int fresh_folder(void **state)
{
	static char folder[] = "/tmp/file-XXXXXX";

	*state = folder;
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", (char *)*state);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(a_failure_is_a_sentence_that_begins_with_the_path),
		cmocka_unit_test(a_failed_write_leaves_nothing_behind),
		cmocka_unit_test(folders_are_made_with_those_above_them),
		cmocka_unit_test(paths_stand_beside_paths),
		cmocka_unit_test(every_reason_has_words),
	};

	return cmocka_run_group_tests(tests, fresh_folder, remove_folder);
}
