/*
 * link.c - who calls a record what, and did it say anything new?
 *
 * The hash is over what was said, what the mapping names, and the model: a
 * field that may be changed now and might not be before must be looked at
 * again. 128 bits, so that two different texts with one hash do not happen.
 */
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "record/wire.h"

enum { LINK_SHIFT = 20, LINK_LAST = (1 << LINK_SHIFT) - 1 };

void links_open(struct store *store)
{
	store->link_find = statement_new(
		store->db, "SELECT id, record, hash_low, hash_high, mapping FROM link "
			   "WHERE key_hash = $1 AND stream = $2 AND entity = $3 AND is_theirs = $4 "
			   "AND key = $5");
	store->link_add = statement_new(
		store->db,
		"INSERT INTO link (id, key_hash, stream, entity, is_theirs, key, record, "
		"hash_low, hash_high, mapping, document, number, first_ms, last_ms) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
	store->link_set = statement_new(
		store->db, "UPDATE link SET hash_low = $1, hash_high = $2, mapping = $3, "
			   "document = $4, number = $5, last_ms = $6 WHERE id = $7");
}

void links_close(struct store *store)
{
	statement_free(store->link_find);
	statement_free(store->link_add);
	statement_free(store->link_set);
	store->link_find = store->link_add = store->link_set = NULL;
}

static struct hash128 hash_said(struct store *store, const struct row *row,
				const struct store_origin *origin)
{
	struct cb_text said = origin->said;
	struct buffer *b = &store->bytes;
	uint64_t seed = store->model->digest;

	if (origin->slots)
		seed = hash_bytes(origin->slots, row->shape->slot_count * sizeof(bool), seed);
	if (origin->lists)
		seed = hash_bytes(origin->lists, row->shape->list_count * sizeof(bool), seed);
	if (!said.at) {
		buffer_clear(b);
		wire_row(b, row);
		said = buffer_view(b);
	}
	return hash_wide(said.at, said.len, seed);
}

/*
 * Keys mostly come in the order in which their system counts them. The last
 * three characters stay as they are, so that such neighbours are neighbours in
 * the index too, and a page of records touches a few of its pages instead of
 * all. In no order, it is as good as any hash.
 */
static int64_t key_hash(struct cb_text key, uint64_t seed)
{
	size_t tail = key.len < 3 ? key.len : 3;
	uint64_t hash = hash_bytes(key.at, key.len - tail, seed) << 24;

	for (size_t i = 0; i < tail; i++)
		hash |= (uint64_t)(unsigned char)key.at[key.len - tail + i] << 8 * (2 - i);
	return (int64_t)hash;
}

static void set_key(struct link *link, const struct store_origin *origin)
{
	uint64_t words = ((uint64_t)link->stream << 32 | (uint64_t)link->entity) * 2;

	link->is_theirs = origin->key.len != 0;
	link->key = origin->key;
	if (!origin->key.len && origin->document) {
		snprintf(link->place, sizeof(link->place), "%lld/%lld", (long long)origin->document,
			 (long long)origin->number);
		link->key = cb_text_of(link->place);
	}
	link->key_hash = key_hash(link->key, words + link->is_theirs);
}

static void bind_key(struct statement *st, const struct link *link)
{
	statement_int(st, 1, link->key_hash);
	statement_int(st, 2, link->stream);
	statement_int(st, 3, link->entity);
	statement_int(st, 4, link->is_theirs);
	statement_text(st, 5, link->key);
}

static int find(struct store *store, struct link *link, struct cb_error *err)
{
	struct statement *st = store->link_find;
	int rc;

	bind_key(st, link);
	rc = statement_step(st, err);
	if (rc != CB_OK)
		return rc == CB_END ? CB_OK : rc;
	link->id = statement_get_int(st, 0);
	link->record = statement_get_int(st, 1);
	link->is_same = statement_get_int(st, 2) == (int64_t)link->hash.low &&
			statement_get_int(st, 3) == (int64_t)link->hash.high &&
			statement_get_int(st, 4) == link->mapping;
	statement_reset(st);
	return CB_OK;
}

int link_find(struct store *store, struct link *link, const struct table *entity,
	      const struct row *row, const struct store_origin *origin, struct cb_error *err)
{
	int rc = word_number(store, cb_text_of(origin->stream), &link->stream, err);

	if (rc == CB_OK)
		rc = word_number(store, cb_text_of(entity->name), &link->entity, err);
	if (rc == CB_OK)
		rc = source_number(store, cb_text_of(origin->mapping), &link->mapping, err);
	if (rc != CB_OK)
		return rc;
	set_key(link, origin);
	if (!link->key.len)
		return CB_OK;
	link->hash = hash_said(store, row, origin);
	return find(store, link, err);
}

/* Behind the links that the record has. */
static int next_id(struct store *store, int64_t record, int64_t *id, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db, "SELECT MAX(id) FROM link WHERE id BETWEEN $1 AND $2");
	int64_t first = record << LINK_SHIFT, last;
	int rc;

	statement_int(st, 1, first);
	statement_int(st, 2, first + LINK_LAST);
	rc = statement_one(st, &last, err);
	*id = last ? last + 1 : first;
	if (rc == CB_OK && last == first + LINK_LAST)
		rc = cb_fail(err, CB_REFUSED, "记录 %lld 的来源太多",
			     "record %lld has too many origins", (long long)record);
	return rc;
}

static int add(struct store *store, const struct link *link, const struct store_origin *origin,
	       struct cb_error *err)
{
	struct statement *st = store->link_add;

	statement_int(st, 1, link->id);
	statement_int(st, 2, link->key_hash);
	statement_int(st, 3, link->stream);
	statement_int(st, 4, link->entity);
	statement_int(st, 5, link->is_theirs);
	statement_text(st, 6, link->key);
	statement_int(st, 7, link->record);
	statement_int(st, 8, (int64_t)link->hash.low);
	statement_int(st, 9, (int64_t)link->hash.high);
	statement_int(st, 10, link->mapping);
	statement_int(st, 11, origin->document);
	statement_int(st, 12, origin->number);
	statement_int(st, 13, store->now);
	statement_int(st, 14, store->now);
	return statement_run(st, err);
}

int link_put(struct store *store, struct link *link, const struct store_origin *origin, bool is_new,
	     struct cb_error *err)
{
	struct statement *st = store->link_set;
	int rc = CB_OK;

	if (!link->key.len)
		return CB_OK;
	if (!link->id) {
		link->id = link->record << LINK_SHIFT;
		if (!is_new)
			rc = next_id(store, link->record, &link->id, err);
		return rc == CB_OK ? add(store, link, origin, err) : rc;
	}
	statement_int(st, 1, (int64_t)link->hash.low);
	statement_int(st, 2, (int64_t)link->hash.high);
	statement_int(st, 3, link->mapping);
	statement_int(st, 4, origin->document);
	statement_int(st, 5, origin->number);
	statement_int(st, 6, store->now);
	statement_int(st, 7, link->id);
	return statement_run(st, err);
}

int store_links(struct store *store, const struct table *entity, int64_t id, struct arena *arena,
		struct store_link **links, size_t *count, struct cb_error *err)
{
	struct statement *st = database_statement(
		store->db,
		"SELECT w.word, CASE l.is_theirs WHEN 1 THEN l.key END, s.digest, l.document, "
		"l.number, l.first_ms, l.last_ms FROM link l JOIN word w ON w.id = l.stream "
		"LEFT JOIN source s ON s.id = l.mapping WHERE l.id BETWEEN $1 AND $2 "
		"ORDER BY l.first_ms, w.word, l.key");
	struct store_link *at = NULL;
	size_t room = 0;
	int rc;

	(void)entity; /* the numbers of records are the same for all entities */
	*count = 0;
	statement_int(st, 1, id << LINK_SHIFT);
	statement_int(st, 2, (id << LINK_SHIFT) + LINK_LAST);
	while ((rc = statement_step(st, err)) == CB_OK) {
		memory_grow(&at, *count, &room, sizeof(*at));
		at[(*count)++] = (struct store_link){
			.stream = column_string(st, 0, arena),
			.key = column_string(st, 1, arena),
			.mapping = column_string(st, 2, arena),
			.document = statement_get_int(st, 3),
			.number = statement_get_int(st, 4),
			.first_ms = statement_get_int(st, 5),
			.last_ms = statement_get_int(st, 6),
		};
	}
	*links = arena_take(arena, (*count + 1) * sizeof(*at));
	if (*count)
		memcpy(*links, at, *count * sizeof(*at));
	free(at);
	return rc == CB_END ? CB_OK : rc;
}

int store_has_records(struct store *store, const char *stream, bool *has, struct cb_error *err)
{
	/* Those of accounts begin with "grid/events@"; A is what comes behind @. */
	struct statement *st = database_statement(
		store->db,
		"SELECT 1 FROM link WHERE stream IN (SELECT id FROM word WHERE word = $1 "
		"OR (word > $1 || '@' AND word < $1 || 'A')) LIMIT 1");
	int64_t found;
	int rc;

	statement_string(st, 1, stream);
	rc = statement_one(st, &found, err);
	*has = rc == CB_OK;
	return rc == CB_END ? CB_OK : rc;
}
