/*
 * store.c - open, lock, transactions.
 */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "store/inside.h"

char *column_string(struct statement *st, int column, struct arena *arena)
{
	struct cb_text text = statement_get_text(st, column);

	return text.at ? arena_string(arena, text) : NULL;
}

int pass_rows(struct statement *st,
	      int (*each)(void *with, const char *first, const char *second, int64_t number,
			  struct cb_error *err),
	      void *with, struct cb_error *err)
{
	struct arena arena = { 0 };
	int rc;

	while ((rc = statement_step(st, err)) == CB_OK) {
		rc = each(with, column_string(st, 0, &arena), column_string(st, 1, &arena),
			  statement_get_int(st, 2), err);
		if (rc != CB_OK)
			break;
	}
	statement_reset(st);
	arena_done(&arena);
	return rc == CB_END ? CB_OK : rc;
}

static int refuse_second(int lock, const char *path, struct cb_error *err)
{
	char holder[32] = "";
	ssize_t len = pread(lock, holder, sizeof(holder) - 1, 0);

	for (ssize_t i = 0; i < len; i++)
		if (holder[i] < '0' || holder[i] > '9')
			holder[i] = '\0';
	return cb_fail(err, CB_AGAIN, "进程 %s 正在写这个站点（锁 %s）。等它结束，或让它来做",
		       "process %s is writing this site (lock %s). Wait for it, or ask it to do "
		       "this",
		       *holder ? holder : "?", path);
}

/* The lock is the kernel's: it goes with the process, however that ends. */
int store_lock_site(const char *database, int *lock, struct cb_error *err)
{
	struct arena arena = { 0 };
	const char *path = file_beside(&arena, database, "casebridge.lock");
	char pid[32];
	int rc = CB_OK, len;

	*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*lock < 0)
		rc = cb_fail(err, CB_SETUP, "不能打开锁文件 %s：%s", "cannot open the lock %s: %s",
			     path, file_reason(errno));
	else if (flock(*lock, LOCK_EX | LOCK_NB) != 0)
		rc = refuse_second(*lock, path, err);
	if (rc == CB_OK) {
		len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
		if (ftruncate(*lock, 0) != 0 || pwrite(*lock, pid, (size_t)len, 0) != len)
			rc = cb_fail(err, CB_AGAIN, "不能写锁文件 %s：%s",
				     "cannot write the lock %s: %s", path, file_reason(errno));
	}
	if (rc != CB_OK && *lock >= 0) {
		close(*lock);
		*lock = -1;
	}
	arena_done(&arena);
	return rc;
}

/* Asked of the kernel, because to try it would be to take it from whoever starts just now. */
static bool is_locked(const char *path)
{
	char line[256], wanted[64];
	FILE *locks = fopen("/proc/locks", "re");
	bool found = false;
	struct stat st;

	if (locks && stat(path, &st) == 0) {
		snprintf(wanted, sizeof(wanted), "%02x:%02x:%lu ", major(st.st_dev),
			 minor(st.st_dev), (unsigned long)st.st_ino);
		while (!found && fgets(line, sizeof(line), locks))
			found = strstr(line, "FLOCK") && strstr(line, wanted);
	}
	if (locks)
		fclose(locks);
	return found;
}

long store_holder(const char *database)
{
	struct arena arena = { 0 };
	const char *path = file_beside(&arena, database, "casebridge.lock");
	struct buffer text = { 0 };
	long pid = 0;

	if (is_locked(path) && file_read(path, 32, &text, NULL) == CB_OK)
		pid = strtol(buffer_cstr(&text), NULL, 10);
	buffer_done(&text);
	arena_done(&arena);
	return pid;
}

static const char *const counter_names[COUNTERS] = {
	"change", "record", "document", "piece", "held",    "delivery", "attempt",
	"run",    "word",   "source",   "audit", "cluster", "event",    "ruling",
};

static int read_counters(struct store *store, struct cb_error *err)
{
	struct statement *st = database_statement(store->db, "SELECT name, last FROM counter");
	int rc;

	while ((rc = statement_step(st, err)) == CB_OK)
		for (int i = 0; i < COUNTERS; i++)
			if (cb_text_is(statement_get_text(st, 0), counter_names[i]))
				store->now_at.last[i] = statement_get_int(st, 1);
	return rc == CB_END ? CB_OK : rc;
}

static int write_counters(struct store *store, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO counter (name, last) VALUES ($1, $2) "
			   "ON CONFLICT (name) DO UPDATE SET last = excluded.last");
	int rc = CB_OK;

	for (int i = 0; i < COUNTERS && rc == CB_OK; i++) {
		if (store->now_at.last[i] == store->before.last[i])
			continue;
		statement_string(st, 1, counter_names[i]);
		statement_int(st, 2, store->now_at.last[i]);
		rc = statement_run(st, err);
	}
	return rc;
}

/* Tables as the model wants them; all of it or nothing. */
static int bring_to_model(struct store *store, struct cb_error *err)
{
	int rc = database_begin(store->db, err);

	if (rc == CB_OK)
		rc = schema_make(store, err);
	if (rc == CB_OK)
		rc = migrate(store, err);
	if (rc == CB_OK)
		rc = database_commit(store->db, err);
	if (rc != CB_OK)
		database_rollback(store->db);
	return rc;
}

/* Everything but the lock. */
static int open_tables(struct store *store, struct cb_error *err)
{
	static const enum database_mode modes[] = { DATABASE_READ, DATABASE_WRITE,
						    DATABASE_CREATE };
	int rc = database_open(store->path, modes[store->mode], &store->db, err);

	if (rc == CB_OK)
		rc = store->mode == STORE_READ ? schema_check(store, err)
					       : bring_to_model(store, err);
	if (rc == CB_OK)
		rc = read_counters(store, err);
	if (rc == CB_OK)
		rc = held_open(store, err);
	if (rc == CB_OK)
		rc = audit_open(store, err);
	if (rc == CB_OK) {
		shelves_open(store);
		links_open(store);
	}
	return rc;
}

static void close_tables(struct store *store)
{
	shelves_close(store);
	links_close(store);
	database_close(store->db);
	store->db = NULL;
	words_forget(store);
	free(store->may_hold);
	store->may_hold = NULL;
	store->may_hold_room = 0;
}

static int open_store(const char *path, enum store_mode mode, int lock, int lender,
		      const struct model *model, struct store **out, struct cb_error *err)
{
	struct store *store = memory_take(sizeof(*store));
	int rc;

	*out = NULL;
	store->path = memory_string(path);
	store->lock = lock;
	store->lender = lender;
	store->mode = mode;
	store->model = model;
	rc = open_tables(store, err);
	if (rc == CB_OK)
		*out = store;
	else
		store_close(store);
	return rc;
}

int store_open(const char *path, enum store_mode mode, const struct model *model,
	       struct store **out, struct cb_error *err)
{
	int lock = -1, rc = CB_OK;

	*out = NULL;
	if (mode != STORE_READ)
		rc = store_lock_site(path, &lock, err);
	return rc == CB_OK ? open_store(path, mode, lock, -1, model, out, err) : rc;
}

int store_open_under(const char *path, int lock, int lender, const struct model *model,
		     struct store **out, struct cb_error *err)
{
	return open_store(path, STORE_WRITE, lock, lender, model, out, err);
}

int store_lock_again(const struct store *store)
{
	return fcntl(store->lock, F_DUPFD_CLOEXEC, 5);
}

bool store_is_borrowed(const struct store *store)
{
	return store->lender >= 0;
}

int store_lend(struct store *store)
{
	assert(!store->is_open);
	close_tables(store);
	return store_lock_again(store);
}

int store_take_back(struct store *store, struct cb_error *err)
{
	int rc = open_tables(store, err);

	if (rc != CB_OK)
		close_tables(store);
	return rc;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->is_open)
		store_rollback(store);
	close_tables(store);
	arena_done(&store->word_arena);
	arena_done(&store->arena);
	buffer_done(&store->bytes);
	if (store->lock >= 0)
		close(store->lock);
	if (store->lender >= 0)
		close(store->lender);
	free(store->path);
	free(store);
}

int store_begin(struct store *store, int64_t now, struct cb_error *err)
{
	int rc;

	assert(!store->is_open);
	rc = database_begin(store->db, err);
	if (rc != CB_OK)
		return rc;
	store->is_open = true;
	store->now = now;
	store->before = store->now_at;
	return CB_OK;
}

int store_commit(struct store *store, struct cb_error *err)
{
	int rc;

	assert(store->is_open);
	if (store->is_dry) {
		store_rollback(store);
		return CB_OK;
	}
	rc = write_counters(store, err);
	if (rc == CB_OK)
		rc = database_commit(store->db, err);
	if (rc == CB_OK)
		store->is_open = false;
	else
		store_rollback(store); /* a disk that is full: nothing of it is there */
	return rc;
}

void store_rollback(struct store *store)
{
	if (!store->is_open)
		return;
	database_rollback(store->db);
	store->now_at = store->before;
	words_forget(store);
	store->is_open = false;
}

void store_dry(struct store *store, bool is_dry)
{
	store->is_dry = is_dry;
}
