/*
 * survive.c - which record of a cluster speaks for a field.
 *
 * Always made anew from the records as they are: nothing is overwritten, so there
 * is nothing to restore when the cluster falls apart.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "reconcile/bind.h"

struct voice { /* a record of the cluster */
	int64_t record;
	struct row *row;
	struct cb_text recent; /* how new it says it is */
	int64_t last_ms;       /* when it came last */
	unsigned trust;        /* the less, the more */
};

struct choosing {
	const struct search_rules *rules;
	struct voice *voices; /* the speaker first, then from the oldest */
	size_t count;
};

static unsigned trust_of(const struct search_rules *rules, const struct row *row)
{
	const char *word = rules->spec->trust;
	unsigned place = 0;

	if (rules->source == NO_SLOT || !word || !row->values[rules->source].len)
		return UINT32_MAX;
	for (; *word; place++) {
		size_t len = strcspn(word, " ");

		if (cb_text_equal(row->values[rules->source], (struct cb_text){ word, len }))
			return place;
		word += len + (word[len] == ' ');
	}
	return place;
}

static int hear(struct store *store, const struct search_rules *rules, int64_t record,
		struct arena *arena, struct voice *voice, struct cb_error *err)
{
	struct store_link *links;
	size_t count = 0;
	int rc = store_get(store, rules->entity, record, arena, &voice->row, err);

	voice->record = record;
	if (rc == CB_OK)
		rc = store_links(store, rules->entity, record, arena, &links, &count, err);
	if (rc != CB_OK)
		return rc;
	for (size_t i = 0; i < count; i++)
		if (links[i].last_ms > voice->last_ms)
			voice->last_ms = links[i].last_ms;
	for (unsigned i = 0; i < rules->recent_count && !voice->recent.len; i++)
		voice->recent = voice->row->values[rules->recent[i]];
	voice->trust = trust_of(rules, voice->row);
	return CB_OK;
}

static bool is_newer(const struct voice *a, const struct voice *b)
{
	size_t least = a->recent.len < b->recent.len ? a->recent.len : b->recent.len;
	int order = least ? memcmp(a->recent.at, b->recent.at, least) : 0;

	if (order || !a->recent.len != !b->recent.len)
		return order > 0 || (!order && a->recent.len);
	return a->last_ms > b->last_ms;
}

/* How much of what a rule is about the record says. */
static size_t fullness(const struct row *row)
{
	size_t full = 0;

	for (size_t i = 0; i < row->shape->slot_count; i++)
		full += row->values[i].len > 0;
	for (size_t l = 0; l < row->shape->list_count; l++)
		for (size_t i = 0; i < row->lists[l].count; i++)
			full += fullness(row->lists[l].at[i]);
	return full;
}

struct about { /* fields that are chosen together */
	const uint32_t *slots, *lists;
	size_t slot_count, list_count;
};

static size_t filled(const struct about *about, const struct row *row)
{
	size_t full = 0;

	for (size_t i = 0; i < about->slot_count; i++)
		full += row->values[about->slots[i]].len > 0;
	for (size_t i = 0; i < about->list_count; i++)
		for (size_t k = 0; k < row->lists[about->lists[i]].count; k++)
			full += fullness(row->lists[about->lists[i]].at[k]);
	return full;
}

static size_t length(const struct about *about, const struct row *row)
{
	size_t all = 0;

	for (size_t i = 0; i < about->slot_count; i++)
		all += row->values[about->slots[i]].len ? utf8_length(row->values[about->slots[i]])
							: 0;
	for (size_t i = 0; i < about->list_count; i++)
		all += row->lists[about->lists[i]].count;
	return all;
}

static bool is_better(enum survival by, const struct about *about, const struct voice *a,
		      const struct voice *b)
{
	switch (by) {
	case SURVIVAL_RECENT:
		return is_newer(a, b);
	case SURVIVAL_COMPLETE:
		return filled(about, a->row) > filled(about, b->row);
	case SURVIVAL_TRUSTED:
		return a->trust < b->trust;
	case SURVIVAL_LONGEST:
		return length(about, a->row) > length(about, b->row);
	}
	return false;
}

/* Who says nothing of it, does not speak for it. */
static void choose(const struct choosing *c, enum survival by, const struct about *about,
		   struct survivor *out)
{
	const struct voice *best = NULL;

	for (size_t i = 0; i < c->count; i++)
		if (filled(about, c->voices[i].row) &&
		    (!best || is_better(by, about, &c->voices[i], best)))
			best = &c->voices[i];
	for (size_t i = 0; best && i < about->slot_count; i++) {
		out->row->values[about->slots[i]] = best->row->values[about->slots[i]];
		out->of_slot[about->slots[i]] = best->record;
	}
	for (size_t i = 0; best && i < about->list_count; i++) {
		out->row->lists[about->lists[i]] = best->row->lists[about->lists[i]];
		out->of_list[about->lists[i]] = best->record;
	}
}

static void apply(const struct choosing *c, unsigned rule, struct survivor *out)
{
	const struct spec_survivor *s = &c->rules->spec->survivors[rule];
	const struct keep *keep = &c->rules->keeps[rule];

	if (s->is_together) {
		const struct about all = { keep->slots, keep->lists, keep->slot_count,
					   keep->list_count };

		choose(c, s->by, &all, out);
		return;
	}
	for (size_t i = 0; i < keep->slot_count; i++)
		choose(c, s->by, &(struct about){ .slots = &keep->slots[i], .slot_count = 1 }, out);
	for (size_t i = 0; i < keep->list_count; i++)
		choose(c, s->by, &(struct about){ .lists = &keep->lists[i], .list_count = 1 }, out);
}

/* A row of its own: the speaker's stays as it is, and serves as one that is asked. */
static void begin(const struct voice *speaker, struct arena *arena, struct survivor *out)
{
	const struct shape *shape = speaker->row->shape;

	out->row = row_new(arena, shape);
	memcpy(out->row->values, speaker->row->values, shape->slot_count * sizeof(struct cb_text));
	out->of_slot = arena_take(arena, (shape->slot_count + 1) * sizeof(*out->of_slot));
	out->of_list = arena_take(arena, (shape->list_count + 1) * sizeof(*out->of_list));
	for (size_t i = 0; i < shape->slot_count; i++)
		out->of_slot[i] = speaker->record;
	for (size_t i = 0; i < shape->list_count; i++) {
		out->row->lists[i] = speaker->row->lists[i];
		out->of_list[i] = speaker->record;
	}
}

int search_survivor(struct store *store, const struct search_rules *rules, int64_t speaker,
		    struct arena *arena, struct survivor *out, struct cb_error *err)
{
	struct choosing c = { .rules = rules };
	int64_t *records;
	size_t count;
	int rc = store_cluster_members(store, speaker, arena, &records, &count, err);

	if (rc != CB_OK)
		return rc;
	c.voices = arena_zero(arena, (count + 1) * sizeof(*c.voices));
	rc = hear(store, rules, speaker, arena, &c.voices[c.count++], err);
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		if (records[i] != speaker)
			rc = hear(store, rules, records[i], arena, &c.voices[c.count++], err);
	if (rc != CB_OK)
		return rc;
	begin(&c.voices[0], arena, out);
	for (unsigned i = 0; c.count > 1 && i < rules->spec->survivor_count; i++)
		apply(&c, i, out);
	return CB_OK;
}
