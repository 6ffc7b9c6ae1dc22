/*
 * kill.c - a writer is killed at a moment of chance, again and again: every page
 * that it said was committed is there, and no page is there in part.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store/rig.h"
#include "support/dice.h"

enum { PAGE = 200, ROUNDS = 12 };

/* Each page: the same records, one version further; its number is the cursor. */
static void write_pages(struct rig *rig, int from, int tell)
{
	for (int page = from;; page++) {
		char cursor[16];

		arena_clear(&rig->call);
		rig_begin(rig, 1000);
		for (int i = 0; i < PAGE; i++) {
			char *key = arena_printf(&rig->call, "%d", i);
			struct store_origin origin = { .stream = "s", .key = cb_text_of(key) };
			struct row *row =
				rig_row(rig, key, arena_printf(&rig->call, "page %d", page));

			rig_item(rig, row, PARTY, row->values[TITLE].at);
			ok(rig, rig_put_as(rig, &origin, row));
		}
		snprintf(cursor, sizeof(cursor), "%d", page);
		ok(rig, store_cursor_set(rig->store, "s", cursor, &rig->err));
		rig_commit(rig);
		assert_int_equal(write(tell, &page, sizeof(page)), sizeof(page));
	}
}

/* The last page that the child said was committed before it was killed. */
static int kill_a_writer(struct rig *rig, int from)
{
	struct timespec wait = { 0, (long)dice_roll(60000) * 1000 };
	int ends[2], page, said = from - 1;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		ok(rig, rig_try(rig, STORE_WRITE));
		write_pages(rig, from, ends[1]);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &page, sizeof(page)), sizeof(page)); /* it has begun */
	said = page;
	nanosleep(&wait, NULL); /* chance, not a condition: any moment is a right one */
	kill(child, SIGKILL);
	while (read(ends[0], &page, sizeof(page)) == sizeof(page))
		said = page;
	close(ends[0]);
	waitpid(child, NULL, 0);
	return said;
}

struct whole {
	const char *title;
	int count;
};

static int see(void *with, int64_t id, int64_t revision, const struct row *row,
	       struct cb_error *err)
{
	struct whole *whole = with;

	(void)id;
	(void)revision;
	(void)err;
	says(row->values[TITLE], whole->title);
	assert_int_equal(row->lists[PARTY].count, 1);
	says(row->lists[PARTY].at[0]->values[0], whole->title);
	whole->count++;
	return CB_OK;
}

static int check_whole(struct rig *rig, int said)
{
	struct whole whole = { 0 };
	const char *cursor;
	int64_t reached;
	char word[8];
	FILE *check;
	int page;

	ok(rig, rig_try(rig, STORE_WRITE));
	ok(rig, store_cursor(rig->store, "s", &rig->call, &cursor, &rig->err));
	page = atoi(cursor);
	/* What was said is there; one more may have been committed and not said. */
	assert_in_range(page, said, said + 1);
	whole.title = arena_printf(&rig->call, "page %d", page);
	ok(rig, store_changed(rig->store, rig->cases, 0, 10000, &reached, see, &whole, &rig->err));
	assert_int_equal(whole.count, PAGE);
	store_close(rig->store);
	rig->store = NULL;
	check = popen(arena_printf(&rig->call, "sqlite3 %s 'PRAGMA integrity_check'", rig->path),
		      "r");
	assert_non_null(fgets(word, sizeof(word), check));
	assert_string_equal(word, "ok\n");
	pclose(check);
	return page;
}

static void a_killed_writer_leaves_whole_pages(void **state)
{
	struct rig *rig = *state;
	int page = 0;

	dice_seed();
	store_close(rig->store);
	rig->store = NULL;
	for (int i = 0; i < ROUNDS; i++)
		page = check_whole(rig, kill_a_writer(rig, page + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = { test(a_killed_writer_leaves_whole_pages) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
