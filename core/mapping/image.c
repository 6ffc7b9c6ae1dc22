/*
 * image.c - code tables of CSV files, compiled once and shared.
 *
 * A table of a hundred thousand rows costs a worker more than its work. So the
 * engine, which has compiled it, writes it as an image without pointers, and
 * every worker reads the same memory: for each direction an array of entries
 * and an open-addressed index from the joined words to them. Offsets are from
 * the image's begin; 0 is none. The engine made it and it is sealed, so it is
 * not checked again.
 *
 * Only plain tables: without conditions, days and stars. There, no two rows
 * have the same words, and what the law said of each line that uses the table
 * is in the image too.
 */
#include "mapping/plan.h"

#include <casebridge/digest.h>

#define IMAGE_ROWS 1000 /* fewer are compiled sooner than shared */
#define MAGIC 0x31544243u

struct image_text {
	uint32_t at, len;
};

struct image_entry {
	struct image_text key; /* as code_join has it */
	uint32_t to;           /* texts, one for each column */
	uint32_t line, outcome, say;
};

struct image_side {
	uint32_t entries, count, index, room; /* index: entry + 1; room: a power of two */
};

struct image_table {
	uint32_t name, file, rank, there_count, here_count;
	uint32_t classes, class_count; /* a byte for each use, in the law's order */
	struct image_side in, out;
	char digest[CB_SHA256_HEX]; /* of the file */
};

struct image_head {
	uint32_t magic, size, count;
};

static const void *at(struct cb_text image, uint32_t offset)
{
	return image.at + offset;
}

static const struct image_table *table_at(struct cb_text image, uint32_t i)
{
	const struct image_head *head = at(image, 0);

	return (const struct image_table *)(const void *)(head + 1) + i;
}

/* ------------------------------------------------------------- writing */

static uint32_t here(struct buffer *out)
{
	while (out->len % sizeof(uint32_t))
		buffer_char(out, '\0');
	return (uint32_t)out->len;
}

static struct image_text put_text(struct buffer *out, struct cb_text text)
{
	struct image_text put = { (uint32_t)out->len, (uint32_t)text.len };

	buffer_text(out, text);
	return text.at ? put : (struct image_text){ 0 };
}

static uint32_t put_string(struct buffer *out, const char *string)
{
	uint32_t offset = (uint32_t)out->len;

	if (!string)
		return 0;
	buffer_put(out, string, strlen(string) + 1);
	return offset;
}

static uint32_t put_texts(struct buffer *out, const struct cb_text *texts, size_t count)
{
	struct image_text put[CODE_COLUMNS];
	uint32_t offset;

	if (!texts)
		return 0;
	for (size_t i = 0; i < count; i++)
		put[i] = put_text(out, texts[i]);
	offset = here(out);
	buffer_put(out, put, count * sizeof(*put));
	return offset;
}

static struct image_side put_side(struct buffer *out, const struct code_side *side)
{
	struct image_entry *entries = memory_take(side->count * sizeof(*entries) + 1);
	struct image_side put = { .count = (uint32_t)side->count, .room = 16 };
	uint32_t *index;
	char room[CODE_LONGEST];

	while (put.room < 2 * side->count)
		put.room *= 2;
	index = memory_take(put.room * sizeof(*index));
	for (uint32_t i = 0; i < side->count; i++) {
		const struct code_entry *e = &side->entries[i];
		struct cb_text key = code_join(e->from, side->from_count, room);
		size_t slot = hash_bytes(key.at, key.len, 7) & (put.room - 1);

		while (index[slot])
			slot = (slot + 1) & (put.room - 1);
		index[slot] = i + 1;
		entries[i] = (struct image_entry){
			.key = put_text(out, key),
			.to = put_texts(out, e->to, side->to_count),
			.line = e->line,
			.outcome = e->outcome,
			.say = put_string(out, e->say),
		};
	}
	put.entries = here(out);
	buffer_put(out, entries, side->count * sizeof(*entries));
	put.index = here(out);
	buffer_put(out, index, put.room * sizeof(*index));
	free(entries);
	free(index);
	return put;
}

static bool is_of_one_file(const struct codes *codes)
{
	for (size_t i = 0; i < codes->count; i++)
		if (codes->rows[i].element)
			return false;
	return codes->count >= IMAGE_ROWS;
}

static bool is_plain(const struct code_table *t)
{
	return !t->image.at && !t->has_conditions && !t->in.any_count && !t->out.any_count;
}

static void put_table(const struct mapping *m, const struct code_table *t, struct buffer *out,
		      struct image_table *put)
{
	const char *file = t->codes->rows[0].file;

	put->name = put_string(out, t->codes->name);
	put->file = put_string(out, file);
	put->rank = t->codes->rank;
	put->there_count = (uint32_t)t->in.from_count;
	put->here_count = (uint32_t)t->out.from_count;
	put->class_count = (uint32_t)t->class_count;
	put->classes =
		put_text(out, (struct cb_text){ (const char *)t->classes, t->class_count }).at;
	put->in = put_side(out, &t->in);
	put->out = put_side(out, &t->out);
	for (size_t i = 0; i < m->source_count; i++)
		if (strcmp(m->sources[i].file, file) == 0)
			cb_sha256_hex(m->sources[i].text, put->digest);
}

bool mapping_image(const struct mapping *m, struct buffer *out)
{
	struct image_head head = { .magic = MAGIC };
	struct image_table *tables = NULL;
	size_t room = 0;

	for (const struct codes *c = m->codes; c; c = c->next)
		for (struct code_table *t = c->tables; t; t = t->next)
			room++;
	tables = memory_take(room * sizeof(*tables) + 1);
	/* The tables' place; they are written last, when all else has its own. */
	buffer_put(out, &head, sizeof(head));
	buffer_put(out, tables, room * sizeof(*tables));
	for (const struct codes *c = m->codes; c; c = c->next)
		for (struct code_table *t = is_of_one_file(c) ? c->tables : NULL; t; t = t->next)
			if (is_plain(t) && out->len < UINT32_MAX / 4)
				put_table(m, t, out, &tables[head.count++]);
	head.size = (uint32_t)out->len;
	memcpy(out->at, &head, sizeof(head));
	memcpy(out->at + sizeof(head), tables, room * sizeof(*tables));
	free(tables);
	return head.count;
}

/* ------------------------------------------------------------- reading */

bool mapping_is_image(struct cb_text image)
{
	const struct image_head *head = at(image, 0);

	return image.len >= sizeof(*head) && head->magic == MAGIC && head->size <= image.len;
}

static bool is_of(struct cb_text image, const struct image_table *t, const struct codes *codes,
		  const char *file)
{
	return t->rank == codes->rank && strcmp(at(image, t->name), codes->name) == 0 &&
	       strcmp(at(image, t->file), file) == 0;
}

const char *image_digest(struct cb_text image, const struct codes *codes, const char *file)
{
	const struct image_head *head = at(image, 0);

	for (uint32_t i = 0; image.at && i < head->count; i++)
		if (is_of(image, table_at(image, i), codes, file))
			return table_at(image, i)->digest;
	return NULL;
}

bool image_table(struct cb_text image, const char *file, struct code_table *t)
{
	const struct image_head *head = at(image, 0);

	for (uint32_t i = 0; i < head->count; i++) {
		const struct image_table *is = table_at(image, i);

		if (!is_of(image, is, t->codes, file) || is->there_count != t->in.from_count ||
		    is->here_count != t->out.from_count)
			continue;
		t->image = image;
		t->in.image = (struct code_image){ image.at, file, &is->in };
		t->out.image = (struct code_image){ image.at, file, &is->out };
		t->classes = (uint8_t *)(uintptr_t)at(image, is->classes);
		t->class_count = is->class_count;
		return true;
	}
	return false;
}

const struct code_entry *image_find(const struct code_side *side, struct cb_text key,
				    struct code_found *found)
{
	const char *base = side->image.base;
	const struct image_side *is = side->image.side;
	const struct image_entry *entries = (const void *)(base + is->entries);
	const uint32_t *index = (const void *)(base + is->index);
	size_t slot = hash_bytes(key.at, key.len, 7) & (is->room - 1);

	for (; index[slot]; slot = (slot + 1) & (is->room - 1)) {
		const struct image_entry *e = &entries[index[slot] - 1];
		const struct image_text *to = (const void *)(base + e->to);

		if (e->key.len != key.len ||
		    (key.len && memcmp(base + e->key.at, key.at, key.len) != 0))
			continue;
		found->entry = (struct code_entry){
			.to = e->to ? found->to : NULL,
			.line = e->line,
			.outcome = (enum outcome)e->outcome,
			.say = e->say ? base + e->say : NULL,
		};
		for (size_t i = 0; e->to && i < side->to_count; i++)
			found->to[i] = to[i].at ? (struct cb_text){ base + to[i].at, to[i].len }
						: (struct cb_text){ 0 };
		return &found->entry;
	}
	return NULL;
}
