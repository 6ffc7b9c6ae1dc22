/*
 * power.c - the power fails at any moment of the store's writing.
 *
 * Imports and deliveries run on the store's own calls, over a disk that remembers
 * (support/disk.h). Then the files are made again as a failure would have left them,
 * after any of the writes and with any part of what was not synced, and opened as a
 * restart would: the database must be whole, every commit that was acknowledged must
 * be there, and what is there must be, table by table, exactly what stood after one of
 * the commits. The same with synchronous NORMAL, and OFF, must lose something: a test
 * that could not see it would prove nothing.
 *
 * 1 500 states; LONG=1: 20 000. SEED=… repeats a run.
 */
#include "store/rig.h"

#include <sqlite3.h>

#include "base/hash.h"
#include "support/dice.h"
#include "support/disk.h"

enum { COMMITS = 40, RECORDS = 30, PAGE = 6, CHECKPOINT = 24, SHORT = 1500, FULL = 20000 };

struct episode {
	struct rig *rig;
	struct disk *disk;
	/* By number of commits: what the store said then, and when the last was acknowledged. */
	struct hash128 said[COMMITS + 1];
	size_t moment[COMMITS + 1];
	int count;
	int64_t deliveries[RECORDS];
	char folder[80]; /* where it is restored */
};

/* ------------------------------------------------------------ what the tables say */

static void say_value(struct buffer *all, sqlite3_stmt *row, int column)
{
	const void *bytes = sqlite3_column_blob(row, column);
	int type = sqlite3_column_type(row, column), len = sqlite3_column_bytes(row, column);

	buffer_put(all, &type, sizeof(type));
	buffer_put(all, &len, sizeof(len));
	if (len)
		buffer_put(all, bytes, (size_t)len);
}

static bool say_table(struct buffer *all, sqlite3 *db, const char *name)
{
	char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", name);
	sqlite3_stmt *row;
	int rc;

	rc = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
	while (rc == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(row); i++)
			say_value(all, row, i);
	if (rc == SQLITE_OK)
		rc = sqlite3_finalize(row);
	sqlite3_free(sql);
	return rc == SQLITE_OK;
}

/* All that a database holds, as one number. False where it cannot be read. */
static bool say_all(const char *path, struct hash128 *out, bool *is_whole)
{
	struct buffer all = { 0 };
	sqlite3_stmt *tables, *check;
	sqlite3 *db;
	bool is_read;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, "unix"), SQLITE_OK);
	is_read = sqlite3_prepare_v2(
			  db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
			  -1, &tables, NULL) == SQLITE_OK;
	while (is_read && sqlite3_step(tables) == SQLITE_ROW)
		is_read = say_table(&all, db, (const char *)sqlite3_column_text(tables, 0));
	sqlite3_finalize(tables);
	if (is_whole) {
		*is_whole = is_read &&
			    sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &check, NULL) ==
				    SQLITE_OK &&
			    sqlite3_step(check) == SQLITE_ROW &&
			    strcmp((const char *)sqlite3_column_text(check, 0), "ok") == 0;
		if (is_read)
			sqlite3_finalize(check);
	}
	*out = hash_wide(all.at, all.len, 0);
	buffer_done(&all);
	sqlite3_close(db);
	return is_read;
}

/* ------------------------------------------------------------ what is written */

static char *word(struct rig *rig, const char *letter, uint32_t number)
{
	return arena_printf(&rig->call, "%s%u", letter, number);
}

/* A page of an import: raw bytes, records, somebody held, and what must go out. */
static void import_page(struct episode *e)
{
	struct rig *rig = e->rig;
	struct store_document doc = { .stream = "grid/events", .key = "page", .run = 1 };
	char *bytes = arena_printf(&rig->call, "%0*u", 3000, dice_roll(1 << 30));
	struct store_held held = { .flow = "in",
				   .stream = "grid/events",
				   .key = word(rig, "h", dice_roll(9)),
				   .code = "code",
				   .outcome = "held" };
	int64_t document;

	ok(rig, store_document_add(rig->store, &doc, &document, &rig->err));
	ok(rig, store_document_piece(rig->store, document, cb_text_of(bytes), 3000, &rig->err));
	for (int i = 0; i < PAGE; i++) {
		uint32_t number = dice_roll(RECORDS);
		struct row *row =
			rig_row(rig, word(rig, "N", number), word(rig, "title ", dice_roll(1000)));
		struct store_origin origin = { .stream = "grid/events",
					       .key = row->values[NUMBER],
					       .document = document,
					       .number = i + 1,
					       .mapping = "aa11" };

		for (uint32_t parties = dice_roll(4); parties--;)
			rig_item(rig, row, PARTY, word(rig, "party ", dice_roll(1000)));
		ok(rig, rig_put_as(rig, &origin, row));
		ok(rig,
		   store_want(rig->store, "out", rig->id, rig_revision(rig, rig->id), &rig->err));
	}
	ok(rig, store_hold(rig->store, &held, &rig->err));
}

struct ready {
	int64_t ids[PAGE], revisions[PAGE];
	size_t count;
};

static int take_ready(void *with, const struct store_delivery *d, struct cb_error *err)
{
	struct ready *ready = with;

	(void)err;
	ready->ids[ready->count] = d->id;
	ready->revisions[ready->count++] = d->wanted;
	return CB_OK;
}

static void send_batch(struct episode *e)
{
	struct rig *rig = e->rig;
	struct store_member members[PAGE];
	struct ready ready = { .count = 0 };
	int64_t attempt;

	ok(rig, store_due(rig->store, "out", DELIVERY_READY, NULL, 1 << 30, 0, PAGE, take_ready,
			  &ready, &rig->err));
	for (size_t i = 0; i < ready.count; i++)
		members[i] = (struct store_member){
			.delivery = ready.ids[i],
			.revision = ready.revisions[i],
			.key = cb_text_of(word(rig, "K", (uint32_t)ready.ids[i])),
			.payload = cb_text_of(arena_printf(&rig->call, "%0500lld",
							   (long long)ready.revisions[i])),
			.digest = word(rig, "d", (uint32_t)ready.revisions[i])
		};
	if (ready.count)
		ok(rig, store_attempt(rig->store, "out", "zhihe", word(rig, "once", dice_roll(999)),
				      false, members, ready.count, &attempt, &rig->err));
}

static void settle_batch(struct episode *e)
{
	static const enum delivery_state ends[] = { DELIVERY_ACCEPTED, DELIVERY_ACCEPTED,
						    DELIVERY_REJECTED, DELIVERY_IN_DOUBT };
	struct rig *rig = e->rig;
	struct ready sent = { .count = 0 };

	ok(rig, store_due(rig->store, "out", DELIVERY_SENDING, NULL, 1 << 30, 0, PAGE, take_ready,
			  &sent, &rig->err));
	for (size_t i = 0; i < sent.count; i++) {
		const struct store_outcome o = {
			.state = ends[dice_roll(4)],
			.receipt = word(rig, "R", (uint32_t)sent.ids[i]),
		};

		ok(rig, store_settle(rig->store, sent.ids[i], &o, &rig->err));
	}
}

/* One transaction, what it leaves behind, and the moment it was acknowledged. */
static void commit_one(struct episode *e)
{
	struct rig *rig = e->rig;
	int number = e->count + 1;

	arena_clear(&rig->call);
	rig_begin(rig, 1000 + number);
	switch (dice_roll(3)) {
	case 0:
		import_page(e);
		break;
	case 1:
		send_batch(e);
		break;
	default:
		settle_batch(e);
	}
	ok(rig, store_audit(rig->store, "casebridge", "page", word(rig, "", (uint32_t)number), NULL,
			    &rig->err));
	ok(rig,
	   store_cursor_set(rig->store, "commits", word(rig, "", (uint32_t)number), &rig->err));
	rig_commit(rig);
	e->count = number;
	e->moment[number] = disk_moment(e->disk);
	assert_true(say_all(rig->path, &e->said[number], NULL));
}

static void write_episode(struct episode *e, enum disk_sync sync)
{
	*e = (struct episode){ .disk = disk_new(sync, CHECKPOINT) };
	assert_int_equal(rig_up((void **)&e->rig), 0);
	e->moment[0] = disk_moment(e->disk);
	assert_true(say_all(e->rig->path, &e->said[0], NULL));
	while (e->count < COMMITS) {
		commit_one(e);
		if (dice_roll(12) == 0)
			rig_reopen(e->rig); /* the log goes into the file, and away */
	}
	store_close(e->rig->store);
	e->rig->store = NULL;
	disk_stop(e->disk);
	/* In memory, where there is such a place: it is written some thousand times. */
	snprintf(e->folder, sizeof(e->folder), "%s/casebridge-power-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(e->folder));
}

static void clear_folder(struct episode *e)
{
	static const char *const files[] = { "casebridge.lock", "casebridge.db",
					     "casebridge.db-wal", "casebridge.db-shm",
					     "casebridge.db-journal" };

	arena_clear(&e->rig->call);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(arena_printf(&e->rig->call, "%s/%s", e->folder, files[i]));
}

static void end_episode(struct episode *e)
{
	void *rig = e->rig;

	clear_folder(e);
	rmdir(e->folder);
	disk_free(e->disk);
	rig_down(&rig);
}

/* ------------------------------------------------------------ what a restart finds */

/* The store as a restart opens it; how many commits are in it. */
static const char *reopen(struct episode *e, const char *path, int *commits)
{
	struct rig *rig = e->rig;
	struct cb_error err = { 0 };
	const char *cursor = NULL, *wrong = NULL;
	struct store *store;
	int64_t lines;

	if (store_open(path, STORE_WRITE, rig->model, &store, &err) != CB_OK)
		return "corrupt: it does not open";
	if (store_cursor(store, "commits", &rig->call, &cursor, &err) != CB_OK ||
	    store_audit_check(store, &lines, &err) != CB_OK)
		wrong = "corrupt: the audit does not add up";
	*commits = cursor ? atoi(cursor) : 0;
	store_close(store);
	return wrong;
}

/* What is wrong with what the failure at @moment has left, or NULL. */
static const char *check(struct episode *e, size_t moment, enum disk_loss loss)
{
	char *path;
	const char *wrong;
	int acknowledged = 0, commits = 0;
	bool is_whole;
	struct hash128 said;

	clear_folder(e);
	disk_restore(e->disk, moment, loss, e->folder);
	path = arena_printf(&e->rig->call, "%s/casebridge.db", e->folder);
	while (acknowledged < e->count && e->moment[acknowledged + 1] <= moment)
		acknowledged++;
	wrong = reopen(e, path, &commits);
	if (wrong)
		return wrong;
	if (!say_all(path, &said, &is_whole) || !is_whole)
		return "corrupt: integrity_check";
	if (commits < acknowledged)
		return "an acknowledged commit is lost";
	if (commits > acknowledged + 1)
		return "a commit is there that was never made";
	if (memcmp(&said, &e->said[commits], sizeof(said)) != 0)
		return "corrupt: the tables are not as after any commit";
	return NULL;
}

struct found {
	int states, corrupt, lost;
};

/* Failures spread over all of an episode, until @most states were seen. */
static void fail_power(struct episode *e, int most, struct found *found, bool is_told)
{
	size_t begin = e->moment[0], length = disk_moment(e->disk) - begin;

	for (int i = 0; i < most; i++) {
		size_t moment = begin + ((size_t)i * 7919) % (length + 1);
		enum disk_loss loss = i % 8 ? DISK_KEEPS_SOME : (enum disk_loss)(i / 8 % 2);
		const char *wrong = check(e, moment, loss);

		found->states++;
		if (!wrong)
			continue;
		if (is_told)
			printf("# state %d of the episode, moment %zu of %zu: %s\n", i, moment,
			       length, wrong);
		found->corrupt += strncmp(wrong, "corrupt", 7) == 0;
		found->lost += strncmp(wrong, "corrupt", 7) != 0;
	}
}

static void nothing_acknowledged_is_lost_with_the_power(void **state)
{
	int wanted = getenv("LONG") ? FULL : SHORT, each = 500;
	struct found found = { 0 };
	struct episode e;

	(void)state;
	while (found.states < wanted) {
		write_episode(&e, DISK_AS_ASKED);
		fail_power(&e, each, &found, true);
		end_episode(&e);
	}
	printf("# %d states, %d corrupt, %d acknowledged lost\n", found.states, found.corrupt,
	       found.lost);
	assert_int_equal(found.corrupt, 0);
	assert_int_equal(found.lost, 0);
}

static void the_same_with_less_syncing_loses_something(void **state)
{
	struct found normal = { 0 }, off = { 0 };
	struct episode e;

	(void)state;
	write_episode(&e, DISK_NORMAL);
	fail_power(&e, 200, &normal, false);
	end_episode(&e);
	write_episode(&e, DISK_OFF);
	fail_power(&e, 200, &off, false);
	end_episode(&e);
	printf("# NORMAL: of %d states %d corrupt, %d lost\n", normal.states, normal.corrupt,
	       normal.lost);
	printf("# OFF: of %d states %d corrupt, %d lost\n", off.states, off.corrupt, off.lost);
	assert_int_equal(normal.corrupt, 0); /* that much NORMAL promises */
	assert_true(normal.lost > 0);
	assert_true(off.corrupt > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_acknowledged_is_lost_with_the_power),
		cmocka_unit_test(the_same_with_less_syncing_loses_something),
	};

	dice_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
