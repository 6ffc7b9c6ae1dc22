/*
 * raw.c - what came, exactly: documents in packed pieces, the texts that
 * translated them, and where reading goes on.
 */
#include "store/inside.h"

#include <assert.h>
#include <zstd.h>

enum { PIECE_MAX = 64 * 1024 * 1024 }; /* of one piece, unpacked */

int store_source(struct store *store, const char *digest, const char *kind, const char *name,
		 struct cb_text text, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "UPDATE source SET kind = $1, name = $2, text = $3, first_ms = $4 "
			   "WHERE id = $5 AND kind IS NULL");
	int64_t id;
	int rc;

	assert(store->is_open);
	rc = source_number(store, cb_text_of(digest), &id, err);
	if (rc != CB_OK)
		return rc;
	statement_string(st, 1, kind);
	statement_string(st, 2, name);
	statement_blob(st, 3, text);
	statement_int(st, 4, store->now);
	statement_int(st, 5, id);
	return statement_run(st, err);
}

int store_cursor(struct store *store, const char *stream, struct arena *arena, const char **out,
		 struct cb_error *err)
{
	struct statement *st =
		database_statement(store->db, "SELECT cursor FROM cursor WHERE stream = $1");
	int rc;

	*out = NULL;
	statement_string(st, 1, stream);
	rc = statement_step(st, err);
	if (rc == CB_OK) {
		*out = column_string(st, 0, arena);
		statement_reset(st);
	}
	return rc == CB_END ? CB_OK : rc;
}

int store_cursor_set(struct store *store, const char *stream, const char *cursor,
		     struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO cursor (stream, cursor) VALUES ($1, $2) "
			   "ON CONFLICT (stream) DO UPDATE SET cursor = excluded.cursor");

	assert(store->is_open);
	statement_string(st, 1, stream);
	statement_string(st, 2, cursor);
	return statement_run(st, err);
}

int store_document_add(struct store *store, const struct store_document *doc, int64_t *document,
		       struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "INSERT INTO document (id, stream, key, media, charset, records, run, "
			   "at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

	assert(store->is_open);
	*document = next_number(store, COUNT_DOCUMENT);
	statement_int(st, 1, *document);
	statement_string(st, 2, doc->stream);
	statement_string(st, 3, doc->key);
	statement_string(st, 4, doc->media);
	statement_string(st, 5, doc->charset);
	statement_string(st, 6, doc->records);
	statement_int(st, 7, doc->run);
	statement_int(st, 8, store->now);
	return statement_run(st, err);
}

int store_document_piece(struct store *store, int64_t document, struct cb_text packed, int64_t len,
			 struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"INSERT INTO piece (id, document, length, packed) VALUES ($1, $2, $3, $4)");

	assert(store->is_open && len >= 0 && len <= PIECE_MAX);
	statement_int(st, 1, next_number(store, COUNT_PIECE));
	statement_int(st, 2, document);
	statement_int(st, 3, len);
	statement_blob(st, 4, packed);
	return statement_run(st, err);
}

static int unpack(struct cb_text packed, int64_t len, struct buffer *out, struct cb_error *err)
{
	size_t done;

	if (len < 0 || len > PIECE_MAX)
		return cb_fail(err, CB_BROKEN, "存储里的原始文档损坏：长度不对",
			       "a raw document in the store is damaged: wrong length");
	buffer_room(out, (size_t)len + 1);
	done = ZSTD_decompress(out->at + out->len, (size_t)len, packed.at, packed.len);
	if (ZSTD_isError(done) || done != (size_t)len)
		return cb_fail(err, CB_BROKEN, "存储里的原始文档损坏：不能解压",
			       "a raw document in the store is damaged: it does not unpack");
	out->len += done;
	return CB_OK;
}

static int read_head(struct store *store, int64_t document, struct arena *arena,
		     struct store_document *doc, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT stream, key, media, charset, records, run, at_ms FROM document "
			   "WHERE id = $1");
	int rc;

	statement_int(st, 1, document);
	rc = statement_step(st, err);
	if (rc == CB_OK && doc)
		*doc = (struct store_document){
			.stream = column_string(st, 0, arena),
			.key = column_string(st, 1, arena),
			.media = column_string(st, 2, arena),
			.charset = column_string(st, 3, arena),
			.records = column_string(st, 4, arena),
			.run = statement_get_int(st, 5),
			.at_ms = statement_get_int(st, 6),
		};
	statement_reset(st);
	return rc;
}

int store_document_each(struct store *store, int64_t document,
			int (*each)(void *with, struct cb_text bytes, struct cb_error *err),
			void *with, struct cb_error *err)
{
	/* One of its own: the caller may read other documents meanwhile. */
	struct statement *st = statement_new(
		store->db, "SELECT packed, length FROM piece WHERE document = $1 ORDER BY id");
	struct buffer bytes = { 0 };
	int rc;

	statement_int(st, 1, document);
	while ((rc = statement_step(st, err)) == CB_OK) {
		buffer_clear(&bytes);
		rc = unpack(statement_get_blob(st, 0), statement_get_int(st, 1), &bytes, err);
		if (rc == CB_OK)
			rc = each(with, buffer_view(&bytes), err);
		if (rc != CB_OK)
			break;
	}
	buffer_done(&bytes);
	statement_free(st);
	return rc == CB_END ? CB_OK : rc;
}

int store_document_next(struct store *store, const char *stream, int64_t since, int64_t after,
			struct arena *arena, int64_t *document, struct store_document *doc,
			struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT id FROM document WHERE stream = $1 AND at_ms >= $2 AND id > $3 "
			   "ORDER BY id LIMIT 1");
	int rc;

	statement_string(st, 1, stream);
	statement_int(st, 2, since);
	statement_int(st, 3, after);
	rc = statement_one(st, document, err);
	return rc == CB_OK ? read_head(store, *document, arena, doc, err) : rc;
}

int store_document_read(struct store *store, int64_t document, struct arena *arena,
			struct store_document *doc, struct buffer *out, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT packed, length FROM piece WHERE document = $1 ORDER BY id");
	int rc = read_head(store, document, arena, doc, err);

	if (rc != CB_OK || !out)
		return rc;
	statement_int(st, 1, document);
	while ((rc = statement_step(st, err)) == CB_OK) {
		rc = unpack(statement_get_blob(st, 0), statement_get_int(st, 1), out, err);
		if (rc != CB_OK) {
			statement_reset(st);
			return rc;
		}
	}
	return rc == CB_END ? CB_OK : rc;
}
