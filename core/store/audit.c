/*
 * audit.c - each line's hash is over its own words and the hash of the line
 * before, so that changing, dropping or inserting one breaks every hash after.
 *
 * That the last lines are gone shows by the counter, which stands elsewhere.
 */
#include "store/inside.h"

#include <assert.h>
#include <openssl/sha.h>

#include "record/wire.h"

struct line {
	int64_t id, at_ms;
	struct cb_text who, what, object, detail;
};

static void hash_line(struct store *store, const struct line *line,
		      const unsigned char before[SHA256_DIGEST_LENGTH],
		      unsigned char out[SHA256_DIGEST_LENGTH])
{
	struct buffer *b = &store->bytes;

	buffer_clear(b);
	buffer_put(b, before, SHA256_DIGEST_LENGTH);
	wire_number(b, (uint64_t)line->id);
	wire_number(b, (uint64_t)line->at_ms);
	wire_text(b, line->who);
	wire_text(b, line->what);
	wire_text(b, line->object);
	wire_text(b, line->detail);
	SHA256((const unsigned char *)b->at, b->len, out);
}

/* As the table will give it back. */
static struct cb_text kept(const char *string)
{
	return string && *string ? cb_text_of(string) : (struct cb_text){ 0 };
}

int store_audit(struct store *store, const char *who, const char *what, const char *object,
		const char *detail, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO audit (id, at_ms, who, what, object, detail, hash) "
			   "VALUES ($1, $2, $3, $4, $5, $6, $7)");
	struct line line = { .at_ms = store->now,
			     .who = kept(who),
			     .what = kept(what),
			     .object = kept(object),
			     .detail = kept(detail) };
	unsigned char hash[SHA256_DIGEST_LENGTH];
	int rc;

	assert(store->is_open);
	line.id = next_number(store, COUNT_AUDIT);
	hash_line(store, &line, store->now_at.audit_hash, hash);
	statement_int(st, 1, line.id);
	statement_int(st, 2, line.at_ms);
	statement_text(st, 3, line.who);
	statement_text(st, 4, line.what);
	statement_text(st, 5, line.object);
	statement_text(st, 6, line.detail);
	statement_blob(st, 7, (struct cb_text){ (const char *)hash, sizeof(hash) });
	rc = statement_run(st, err);
	if (rc == CB_OK)
		memcpy(store->now_at.audit_hash, hash, sizeof(hash));
	return rc;
}

static int broken(int64_t line, struct cb_error *err)
{
	return cb_fail(
		err, CB_BROKEN, "审计记录从第 %lld 行起对不上：有行被改动或删除。请与备份比对",
		"the audit does not add up from line %lld on: a line was changed or removed. "
		"Compare with a backup",
		(long long)line);
}

/* How many lines there must be at least; a writer may be adding to them. */
static int count_lines(struct store *store, int64_t *count, struct cb_error *err)
{
	struct statement *st;
	int rc;

	*count = store->now_at.last[COUNT_AUDIT];
	if (store->is_open)
		return CB_OK;
	st = database_statement(store->db, "SELECT last FROM counter WHERE name = 'audit'");
	rc = statement_one(st, count, err);
	return rc == CB_END ? CB_OK : rc;
}

int store_audit_check(struct store *store, int64_t *lines, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT id, at_ms, who, what, object, detail, hash FROM audit ORDER BY id");
	unsigned char hash[SHA256_DIGEST_LENGTH] = { 0 };
	int64_t count;
	int rc = count_lines(store, &count, err);

	*lines = 0;
	if (rc != CB_OK)
		return rc;
	while ((rc = statement_step(st, err)) == CB_OK) {
		struct line line = { statement_get_int(st, 0),  statement_get_int(st, 1),
				     statement_get_text(st, 2), statement_get_text(st, 3),
				     statement_get_text(st, 4), statement_get_text(st, 5) };
		struct cb_text said = statement_get_blob(st, 6);

		hash_line(store, &line, hash, hash);
		if (line.id != *lines + 1 || said.len != sizeof(hash) ||
		    memcmp(said.at, hash, sizeof(hash)) != 0) {
			statement_reset(st);
			return broken(*lines + 1, err);
		}
		++*lines;
	}
	if (rc != CB_END)
		return rc;
	return *lines >= count ? CB_OK : broken(*lines + 1, err);
}

int audit_open(struct store *store, struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT hash FROM audit ORDER BY id DESC LIMIT 1");
	int rc = statement_step(st, err);

	if (rc == CB_OK) {
		struct cb_text hash = statement_get_blob(st, 0);

		if (hash.len == sizeof(store->now_at.audit_hash))
			memcpy(store->now_at.audit_hash, hash.at, hash.len);
		statement_reset(st);
	}
	return rc == CB_END ? CB_OK : rc;
}
