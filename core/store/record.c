/*
 * record.c - put, get and find records, and what changed.
 *
 * Most of what arrives has arrived before: then the link says so, and nothing
 * else is read or written. A record without a link is inserted straight away;
 * the unique index on the natural key says whether it was there already.
 */
#include "store/inside.h"

#include <assert.h>

struct put {
	struct store *store;
	struct shelf *shelf;
	const struct row *row; /* what is said */
	const struct store_origin *origin;
	int64_t record;
};

static bool changes_slot(const struct put *p, size_t slot)
{
	const char *owner = p->shelf->table->fields[slot].owner, *system = p->origin->system;

	if (p->origin->slots && !p->origin->slots[slot])
		return false;
	return !owner || (system && strcmp(owner, system) == 0);
}

static bool changes_list(const struct put *p, size_t list)
{
	return !p->origin->lists || p->origin->lists[list];
}

/* The natural key that is said, whether or not the origin may change it. */
static struct cb_text said_key(const struct put *p)
{
	uint32_t slot = p->shelf->key;

	if (slot == NO_SLOT || (p->origin->slots && !p->origin->slots[slot]))
		return (struct cb_text){ 0 };
	return p->row->values[slot];
}

/* A new record; CB_END where its natural key is known: @record then says whose it is. */
static int add(struct put *p, struct cb_error *err)
{
	struct store *store = p->store;
	struct row *row = row_new(&store->arena, p->row->shape);
	struct cb_text key = said_key(p);
	int rc;

	/* A key that the origin may say but not set cannot collide in the index. */
	if (key.len && !changes_slot(p, p->shelf->key)) {
		rc = shelf_find(p->shelf, key, &p->record, err);
		if (rc != CB_END)
			return rc == CB_OK ? CB_END : rc;
	}
	for (size_t i = 0; i < p->shelf->table->stored; i++)
		if (changes_slot(p, i))
			row->values[i] = p->row->values[i];
	for (size_t i = 0; i < row->shape->list_count; i++)
		if (changes_list(p, i))
			row->lists[i] = p->row->lists[i];
	p->record = next_number(store, COUNT_RECORD);
	next_number(store, COUNT_CHANGE);
	rc = shelf_insert(store, p->shelf, p->record, row, err);
	if (rc != CB_END)
		return rc;
	store->now_at.last[COUNT_RECORD]--;
	store->now_at.last[COUNT_CHANGE]--;
	rc = shelf_find(p->shelf, key, &p->record, err);
	return rc == CB_OK ? CB_END : rc == CB_END ? CB_BROKEN : rc;
}

/* Nothing and empty are the same here: the store keeps both as NULL. */
static bool same_rows(const struct rows *a, const struct rows *b);

static bool same_row(const struct row *a, const struct row *b)
{
	for (size_t i = 0; i < a->shape->slot_count; i++)
		if (!cb_text_equal(a->values[i], b->values[i]))
			return false;
	for (size_t i = 0; i < a->shape->list_count; i++)
		if (!same_rows(&a->lists[i], &b->lists[i]))
			return false;
	return true;
}

static bool same_rows(const struct rows *a, const struct rows *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_row(a->at[i], b->at[i]))
			return false;
	return true;
}

/* Its natural key becomes one that another record has. */
static int check_key(struct put *p, struct cb_text before, struct cb_error *err)
{
	struct cb_text key = said_key(p);
	const struct field *field;
	int64_t other = 0;
	int rc;

	if (!key.len || cb_text_equal(key, before))
		return CB_OK;
	rc = shelf_find(p->shelf, key, &other, err);
	if (rc != CB_OK || other == p->record)
		return rc == CB_END ? CB_OK : rc;
	field = &p->shelf->table->fields[p->shelf->key];
	return cb_fail(err, CB_REFUSED,
		       "来源 %s 的这一条已对应记录 %lld，但它的%s是记录 %lld 的。请核对来源里的%s",
		       "%s: this one is record %lld already, but its %s is that of record %lld. "
		       "Check the %s at the source",
		       p->origin->stream, (long long)p->record, field->label, (long long)other,
		       field->label);
}

/* Merge what is said into the record as it is. */
static int change(struct put *p, enum store_put *result, struct cb_error *err)
{
	struct store *store = p->store;
	struct row *row;
	bool differs = false;
	int rc = shelf_read(p->shelf, p->record, &store->arena, &row, err);

	if (rc == CB_END)
		return cb_fail(err, CB_BROKEN, "存储里没有记录 %lld，但有指向它的链接",
			       "the store has no record %lld, but a link to it",
			       (long long)p->record);
	if (rc == CB_OK && p->shelf->key != NO_SLOT)
		rc = check_key(p, row->values[p->shelf->key], err);
	if (rc != CB_OK)
		return rc;
	next_number(store, COUNT_CHANGE);
	for (size_t i = 0; i < p->shelf->table->stored; i++) {
		if (!changes_slot(p, i) || cb_text_equal(row->values[i], p->row->values[i]))
			continue;
		row->values[i] = p->row->values[i];
		differs = true;
	}
	for (size_t i = 0; i < row->shape->list_count && rc == CB_OK; i++) {
		if (!changes_list(p, i) || same_rows(&row->lists[i], &p->row->lists[i]))
			continue;
		rc = shelf_replace_list(&p->shelf->lists[i], p->record, &p->row->lists[i], err);
		differs = true;
	}
	if (differs && rc == CB_OK)
		rc = shelf_update(store, p->shelf, p->record, row, err);
	if (!differs)
		store->now_at.last[COUNT_CHANGE]--;
	*result = differs ? STORE_CHANGED : STORE_UNCHANGED;
	return rc;
}

int store_put(struct store *store, const struct table *entity, const struct row *row,
	      const struct store_origin *origin, enum store_put *result, int64_t *id,
	      struct cb_error *err)
{
	struct put p = {
		.store = store, .shelf = shelf_of(store, entity), .row = row, .origin = origin
	};
	struct link link = { 0 };
	int rc;

	assert(store->is_open && row->shape == entity->shape);
	arena_clear(&store->arena);
	*result = STORE_UNCHANGED;
	rc = link_find(store, &link, entity, row, origin, err);
	p.record = link.record;
	if (rc == CB_OK && !link.is_same) {
		*result = STORE_NEW;
		rc = shelf_check(p.shelf, row, err);
		if (rc == CB_OK)
			rc = link.id ? CB_END : add(&p, err);
		if (rc == CB_END)
			rc = change(&p, result, err);
		link.record = p.record;
		if (rc == CB_OK)
			rc = link_put(store, &link, origin, *result == STORE_NEW, err);
	}
	*id = p.record;
	return rc == CB_OK ? held_clear(store, link.stream, origin, err) : rc;
}

int store_get(struct store *store, const struct table *entity, int64_t id, struct arena *arena,
	      struct row **row, struct cb_error *err)
{
	return shelf_read(shelf_of(store, entity), id, arena, row, err);
}

int store_find(struct store *store, const struct table *entity, struct cb_text key, int64_t *id,
	       struct cb_error *err)
{
	return shelf_find(shelf_of(store, entity), key, id, err);
}

int store_revision(struct store *store, const struct table *entity, int64_t id, int64_t *revision,
		   struct cb_error *err)
{
	struct shelf *shelf = shelf_of(store, entity);

	statement_int(shelf->revision, 1, id);
	return statement_one(shelf->revision, revision, err);
}

struct change {
	int64_t id, revision;
};

/* The numbers first: the caller may put while it is called. */
static int list_changes(struct shelf *shelf, int64_t after, int64_t most, struct change *changes,
			size_t *count, struct cb_error *err)
{
	int rc;

	*count = 0;
	statement_int(shelf->changed, 1, after);
	statement_int(shelf->changed, 2, most);
	while ((rc = statement_step(shelf->changed, err)) == CB_OK)
		changes[(*count)++] = (struct change){ statement_get_int(shelf->changed, 0),
						       statement_get_int(shelf->changed, 1) };
	return rc == CB_END ? CB_OK : rc;
}

enum { CHANGES_AT_ONCE = 256 };

int store_changed(struct store *store, const struct table *entity, int64_t after, int64_t most,
		  int64_t *reached,
		  int (*each)(void *with, int64_t id, int64_t revision, const struct row *row,
			      struct cb_error *err),
		  void *with, struct cb_error *err)
{
	struct shelf *shelf = shelf_of(store, entity);
	struct change changes[CHANGES_AT_ONCE];
	struct arena arena = { 0 };
	size_t count = CHANGES_AT_ONCE;
	int rc = CB_OK;

	*reached = after;
	while (rc == CB_OK && most > 0 && count == CHANGES_AT_ONCE) {
		int64_t some = most < CHANGES_AT_ONCE ? most : CHANGES_AT_ONCE;

		rc = list_changes(shelf, *reached, some, changes, &count, err);
		for (size_t i = 0; i < count && rc == CB_OK; i++) {
			struct row *row;

			arena_clear(&arena);
			rc = shelf_read(shelf, changes[i].id, &arena, &row, err);
			if (rc == CB_OK)
				rc = each(with, changes[i].id, changes[i].revision, row, err);
			if (rc == CB_OK)
				*reached = changes[i].revision;
		}
		most -= (int64_t)count;
	}
	arena_done(&arena);
	return rc;
}

int store_record_count(struct store *store, const struct table *entity, int64_t *count,
		       struct cb_error *err)
{
	return statement_one(shelf_of(store, entity)->count, count, err);
}
