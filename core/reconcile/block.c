/*
 * block.c - a rule is a 64-bit key per record, made of keys per distinct value,
 * and a sorted list of them.
 *
 * A block that is too large is split by a second column; what has nothing there
 * leaves the rule. Its key changes for good, so that a later rule does not take
 * for found what this one finds no more. Every such block is reported.
 */
#include "reconcile/block.h"

#include <stdlib.h>

#include "reconcile/parallel.h"

#define PIECE 8192
#define SEVERAL BLOCK_KEYS

/* Keys by the number of a value. */
struct key_table {
	uint64_t *keys;  /* the first of each, 0: none */
	uint32_t *start; /* of all of them, in `all`; NULL where there is at most one */
	uint64_t *all;
};

struct making {
	struct blocks *blocks;
	const struct spec_rule *rules;
	struct key_table tables[SPEC_RULES][SPEC_KEYS];
	const struct divisions *divisions; /* NULL: as blocks are too large */
};

static inline uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t product =
		(__uint128_t)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xd1b54a32d192ed03u ^ a << 1);
	uint64_t key = (uint64_t)product ^ (uint64_t)(product >> 64);

	return key ? key : 1;
}

/* Tables of keys by value: one unit a key of a rule. */
static void make_table(void *with, size_t unit, unsigned thread)
{
	struct making *m = with;
	const struct spec_rule *rule = &m->rules[unit / SPEC_KEYS];
	const struct spec_key *key = &rule->keys[unit % SPEC_KEYS];
	struct key_table *table = &m->tables[unit / SPEC_KEYS][unit % SPEC_KEYS];
	const struct column *column = &m->blocks->rows->column[key->column];
	uint64_t keys[KEYS_MAX];
	size_t room = 0, count = 0;

	if (unit % SPEC_KEYS >= rule->count)
		return;
	table->keys = memory_take(column->count * sizeof(*table->keys));
	if (key_kind(key->key)->has_several)
		table->start = memory_take((column->count + 1) * sizeof(*table->start));
	for (uint32_t id = 1; id < column->count; id++) {
		unsigned made = key_make(key->key, key->n, &column->values[id], keys);

		table->keys[id] = made ? keys[0] : 0;
		for (unsigned i = 0; table->start && i < made; i++) {
			memory_grow(&table->all, count, &room, sizeof(*table->all));
			table->all[count++] = keys[i];
		}
		if (table->start)
			table->start[id + 1] = (uint32_t)count;
	}
}

static bool has_several(const struct making *m, unsigned rule)
{
	for (unsigned k = 0; k < m->rules[rule].count; k++)
		if (m->tables[rule][k].start)
			return true;
	return false;
}

static void make_first_keys(void *with, size_t unit, unsigned thread)
{
	struct making *m = with;
	const struct rows *rows = m->blocks->rows;
	size_t end = (unit + 1) * PIECE;

	for (size_t i = unit * PIECE; i < end && i < rows->count; i++) {
		const uint32_t *ids = row_ids(rows, i);
		uint64_t *keys = m->blocks->keys + i * m->blocks->rules;

		for (unsigned r = 0; r < m->blocks->rules; r++) {
			uint64_t key = 1;

			for (unsigned k = 0; key && k < m->rules[r].count; k++) {
				uint64_t own =
					m->tables[r][k].keys[ids[m->rules[r].keys[k].column]];

				key = own ? mix(key, own) : 0;
			}
			keys[r] = key;
		}
	}
}

/* Every combination of the keys of @record's values in @rule, the first ones at most. */
static unsigned combine(const struct making *m, unsigned rule, size_t record, uint64_t out[SEVERAL])
{
	const uint32_t *ids = row_ids(m->blocks->rows, record);
	unsigned count = 1;

	out[0] = 1;
	for (unsigned k = 0; k < m->rules[rule].count; k++) {
		const struct key_table *t = &m->tables[rule][k];
		uint32_t id = ids[m->rules[rule].keys[k].column];
		const uint64_t *own = t->start ? t->all + t->start[id] : &t->keys[id];
		unsigned owns = t->start ? t->start[id + 1] - t->start[id] : t->keys[id] != 0;
		uint64_t before[SEVERAL];
		unsigned made = 0;

		memcpy(before, out, count * sizeof(*before));
		for (unsigned b = 0; b < count; b++)
			for (unsigned i = 0; i < owns && made < SEVERAL; i++)
				out[made++] = mix(before[b], own[i]);
		count = made;
	}
	return count;
}

static void make_extra_keys(struct making *m, unsigned rule)
{
	const struct rows *rows = m->blocks->rows;
	struct block_extra *extra = &m->blocks->extra[rule];
	uint64_t keys[SEVERAL];
	size_t room = 0, count = 0;

	extra->start = memory_take((rows->count + 1) * sizeof(*extra->start));
	for (size_t i = 0; i < rows->count; i++) {
		unsigned made = combine(m, rule, i, keys);

		for (unsigned k = 1; k < made; k++) {
			memory_grow(&extra->keys, count, &room, sizeof(*extra->keys));
			extra->keys[count++] = keys[k];
		}
		extra->start[i + 1] = (uint32_t)count;
	}
}

/* Lists. */

static size_t extra_count(const struct blocks *blocks, unsigned rule)
{
	const struct block_extra *extra = &blocks->extra[rule];

	return extra->start ? extra->start[blocks->rows->count] : 0;
}

static size_t end_of_block(const struct block_list *list, size_t at)
{
	uint64_t key = list->items[at].key;

	while (at < list->count && list->items[at].key == key)
		at++;
	return at;
}

static void measure_list(struct block_list *list)
{
	size_t end;

	list->pairs = list->largest = 0;
	for (size_t i = 0; i < list->count; i = end) {
		end = end_of_block(list, i);
		list->pairs += (uint64_t)(end - i) * (end - i - 1) / 2;
		if (end - i > list->largest)
			list->largest = end - i;
	}
}

/*
 * Most keys are those of one record, which meets nobody. So keys are counted first, roughly: two
 * bits for each, and several that share them. What is counted once is alone for certain, and
 * is not worth sorting.
 */
struct census {
	uint8_t *counts; /* four to a byte */
	unsigned shift;
};

static struct census begin_census(size_t keys)
{
	struct census c = { .shift = 64 - 13 };

	while (c.shift > 24 && (size_t)1 << (64 - c.shift) < keys * 8)
		c.shift--;
	c.counts = memory_take((size_t)1 << (64 - c.shift - 2));
	return c;
}

static inline void count_key(const struct census *c, uint64_t key)
{
	uint64_t at = key >> c->shift;
	uint8_t *counts = &c->counts[at >> 2];
	unsigned place = (at & 3) * 2;

	if ((*counts >> place & 3) < 2)
		*counts = (uint8_t)(*counts + (1u << place));
}

static inline bool is_alone(const struct census *c, uint64_t key)
{
	uint64_t at = key >> c->shift;

	return (c->counts[at >> 2] >> (at & 3) * 2 & 3) < 2;
}

/* Of its first keys, then of those behind them. */
static void count_keys(const struct blocks *blocks, unsigned rule, const struct census *census)
{
	const struct block_extra *extra = &blocks->extra[rule];

	for (size_t i = 0; i < blocks->rows->count; i++)
		count_key(census, blocks->keys[i * blocks->rules + rule]);
	for (size_t e = 0; e < extra_count(blocks, rule); e++)
		count_key(census, extra->keys[e]);
}

static inline void list_key(struct block_list *list, const struct census *census, uint64_t key,
			    size_t record)
{
	if (key && !is_alone(census, key))
		list->items[list->count++] = (struct radix_item){ key, (uint32_t)record };
}

static void make_list(struct blocks *blocks, unsigned rule)
{
	size_t records = blocks->rows->count, most = records + extra_count(blocks, rule) + 1;
	const struct block_extra *extra = &blocks->extra[rule];
	struct block_list *list = &blocks->list[rule];
	struct census census = begin_census(most);

	count_keys(blocks, rule, &census);
	free(list->items);
	list->items = memory_take(most * sizeof(*list->items));
	list->count = 0;
	for (size_t i = 0; i < records; i++) {
		list_key(list, &census, blocks->keys[i * blocks->rules + rule], i);
		for (uint32_t e = extra->start ? extra->start[i] : 0;
		     extra->start && e < extra->start[i + 1]; e++)
			list_key(list, &census, extra->keys[e], i);
	}
	free(census.counts);
	list->items = memory_resize(list->items, (list->count + 1) * sizeof(*list->items));
	radix_group(list->items, list->count);
	measure_list(list);
}

/* Splitting. */

/* What would be left of a block of @size: the largest part, the pairs, and who has nothing. */
struct division {
	size_t largest, without;
	uint64_t pairs;
};

static struct division divide(const struct rows *rows, const struct radix_item *block, size_t size,
			      unsigned column, struct radix_item *spare)
{
	struct division d = { 0 };
	size_t count = 0, end;

	for (size_t i = 0; i < size; i++) {
		const struct value *v = row_value(rows, block[i].item, column);

		if (value_is_missing(v))
			d.without++;
		else
			spare[count++] = (struct radix_item){ v->hash, block[i].item };
	}
	radix_sort(spare, count);
	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && spare[end].key == spare[i].key; end++)
			;
		if (end - i > d.largest)
			d.largest = end - i;
		d.pairs += (uint64_t)(end - i) * (end - i - 1) / 2;
	}
	return d;
}

static bool is_key_of(const struct spec_rule *rule, unsigned column)
{
	for (unsigned k = 0; k < rule->count; k++)
		if (rule->keys[k].column == column)
			return true;
	return false;
}

/* The column that keeps most pairs with parts that are small enough; else that of smallest parts.
 */
static unsigned best_column(const struct rows *rows, const struct spec_rule *rule,
			    const struct radix_item *block, size_t size, struct radix_item *spare)
{
	struct division best = { .largest = SIZE_MAX };
	size_t most = rows->spec->block_most;
	unsigned column = 0;

	for (unsigned c = 0; c < rows->columns; c++) {
		struct division d;
		bool is_better;

		if (is_key_of(rule, c))
			continue;
		d = divide(rows, block, size, c, spare);
		if (d.largest <= most)
			is_better = best.largest > most || d.pairs > best.pairs;
		else
			is_better = d.largest < best.largest;
		if (is_better) {
			best = d;
			column = c;
		}
	}
	return column;
}

static void rekey(struct blocks *blocks, unsigned rule, uint32_t record, uint64_t from, uint64_t to)
{
	struct block_extra *extra = &blocks->extra[rule];
	uint64_t *first = &blocks->keys[(size_t)record * blocks->rules + rule];

	if (*first == from)
		*first = to;
	for (uint32_t e = extra->start ? extra->start[record] : 0;
	     extra->start && e < extra->start[record + 1]; e++)
		if (extra->keys[e] == from)
			extra->keys[e] = to;
}

static void note_division(struct blocks *blocks, unsigned rule, uint64_t key, uint32_t column)
{
	struct divisions *d = &blocks->divisions;

	memory_grow(&d->at, d->count, &d->room, sizeof(*d->at));
	d->at[d->count++] = (struct block_division){ key, rule, column };
}

static void split_block(struct blocks *blocks, const struct spec_rule *rules, unsigned rule,
			const struct radix_item *block, size_t size)
{
	const struct rows *rows = blocks->rows;
	struct radix_item *spare = memory_take(size * sizeof(*spare));
	struct block_split split = { .rule = rule, .size = (uint32_t)size };
	size_t count = 0, end;

	split.column = best_column(rows, &rules[rule], block, size, spare);
	note_division(blocks, rule, block->key, split.column);
	for (size_t i = 0; i < size; i++) {
		const struct value *v = row_value(rows, block[i].item, split.column);

		if (value_is_missing(v))
			rekey(blocks, rule, block[i].item, block[i].key, 0);
		else
			spare[count++] = (struct radix_item){ v->hash, block[i].item };
	}
	split.left_out = (uint32_t)(size - count);
	radix_sort(spare, count);
	for (size_t i = 0; i < count; i = end) {
		bool is_out;

		for (end = i + 1; end < count && spare[end].key == spare[i].key; end++)
			;
		is_out = end - i > rows->spec->block_most;
		if (is_out) {
			split.left_out += (uint32_t)(end - i);
			note_division(blocks, rule, mix(block->key, spare[i].key), DIVISION_OUT);
		}
		for (size_t k = i; k < end; k++)
			rekey(blocks, rule, spare[k].item, block->key,
			      is_out ? 0 : mix(block->key, spare[k].key));
	}
	memory_grow(&blocks->splits, blocks->split_count, &blocks->split_room,
		    sizeof(*blocks->splits));
	blocks->splits[blocks->split_count++] = split;
	free(spare);
}

static void split_large(struct blocks *blocks, const struct spec_rule *rules, unsigned rule,
			size_t most)
{
	struct block_list *list = &blocks->list[rule];
	size_t end;

	if (list->largest <= most)
		return;
	for (size_t i = 0; i < list->count; i = end) {
		end = end_of_block(list, i);
		if (end - i > most)
			split_block(blocks, rules, rule, list->items + i, end - i);
	}
	make_list(blocks, rule);
}

/* As it was split before. */

static int by_key(const void *a, const void *b)
{
	const struct block_division *x = a, *y = b;

	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

static const struct block_division *division_of(const struct divisions *d, unsigned rule,
						uint64_t key)
{
	struct block_division wanted = { key, rule, 0 };

	return key && d->count ? bsearch(&wanted, d->at, d->count, sizeof(wanted), by_key) : NULL;
}

static uint64_t divide_again(const struct making *m, unsigned rule, size_t record, uint64_t key)
{
	const struct block_division *d = division_of(m->divisions, rule, key);
	const struct value *v;

	if (!d || d->column >= m->blocks->rows->columns)
		return d ? 0 : key;
	v = row_value(m->blocks->rows, record, d->column);
	if (value_is_missing(v))
		return 0;
	key = mix(key, v->hash);
	d = division_of(m->divisions, rule, key);
	return d && d->column == DIVISION_OUT ? 0 : key;
}

static void divide_all(const struct making *m)
{
	struct blocks *blocks = m->blocks;

	for (size_t i = 0; m->divisions->count && i < blocks->rows->count; i++)
		for (unsigned r = 0; r < blocks->rules; r++) {
			struct block_extra *extra = &blocks->extra[r];
			uint64_t *first = &blocks->keys[i * blocks->rules + r];

			*first = divide_again(m, r, i, *first);
			for (uint32_t e = extra->start ? extra->start[i] : 0;
			     extra->start && e < extra->start[i + 1]; e++)
				extra->keys[e] = divide_again(m, r, i, extra->keys[e]);
		}
}

static void make_list_of(void *with, size_t unit, unsigned thread)
{
	make_list(with, (unsigned)unit);
}

static void free_tables(struct making *m)
{
	for (unsigned i = 0; i < m->blocks->rules * SPEC_KEYS; i++) {
		struct key_table *table = &m->tables[i / SPEC_KEYS][i % SPEC_KEYS];

		free(table->keys);
		free(table->start);
		free(table->all);
	}
}

void blocks_make_again(struct blocks *blocks, const struct rows *rows,
		       const struct spec_rule *rules, unsigned count,
		       const struct divisions *divisions)
{
	struct making m = { .blocks = blocks, .rules = rules, .divisions = divisions };

	*blocks = (struct blocks){ .rows = rows, .rules = count };
	blocks->keys = memory_take((rows->count * count + 1) * sizeof(*blocks->keys));
	parallel(rows->threads, (size_t)count * SPEC_KEYS, make_table, &m);
	parallel(rows->threads, (rows->count + PIECE - 1) / PIECE, make_first_keys, &m);
	for (unsigned r = 0; r < count; r++)
		if (has_several(&m, r))
			make_extra_keys(&m, r);
	free_tables(&m);
	if (divisions)
		divide_all(&m);
	parallel(rows->threads, count, make_list_of, blocks);
	for (unsigned r = 0; r < count; r++)
		split_large(blocks, rules, r, divisions ? SIZE_MAX : rows->spec->block_most);
	if (blocks->divisions.count)
		qsort(blocks->divisions.at, blocks->divisions.count, sizeof(*blocks->divisions.at),
		      by_key);
}

void blocks_make(struct blocks *blocks, const struct rows *rows, const struct spec_rule *rules,
		 unsigned count)
{
	blocks_make_again(blocks, rows, rules, count, NULL);
}

void blocks_drop_lists(struct blocks *blocks)
{
	for (unsigned r = 0; r < blocks->rules; r++) {
		free(blocks->list[r].items);
		blocks->list[r].items = NULL;
	}
}

void blocks_done(struct blocks *blocks)
{
	blocks_drop_lists(blocks);
	for (unsigned r = 0; r < blocks->rules; r++) {
		free(blocks->extra[r].start);
		free(blocks->extra[r].keys);
	}
	free(blocks->keys);
	free(blocks->splits);
	free(blocks->divisions.at);
	*blocks = (struct blocks){ 0 };
}

/* Meeting. */

static unsigned keys_of(const struct blocks *blocks, unsigned rule, uint32_t record,
			uint64_t out[SEVERAL])
{
	const struct block_extra *extra = &blocks->extra[rule];
	unsigned count = 1;

	out[0] = block_keys(blocks, record)[rule];
	for (uint32_t e = extra->start[record]; e < extra->start[record + 1] && count < SEVERAL;
	     e++)
		out[count++] = extra->keys[e];
	return count;
}

unsigned blocks_keys(const struct blocks *blocks, unsigned rule, uint32_t record,
		     uint64_t out[BLOCK_KEYS])
{
	unsigned count, kept = 0;

	if (blocks->extra[rule].start)
		count = keys_of(blocks, rule, record, out);
	else
		out[0] = block_keys(blocks, record)[rule], count = 1;
	for (unsigned i = 0; i < count; i++)
		if (out[i])
			out[kept++] = out[i];
	return kept;
}

uint64_t blocks_shared_key(const struct blocks *blocks, unsigned rule, uint32_t a, uint32_t b)
{
	uint64_t of_a[SEVERAL], of_b[SEVERAL], least = 0;
	unsigned count_a, count_b;

	if (!blocks->extra[rule].start) {
		uint64_t key = block_keys(blocks, a)[rule];

		return key == block_keys(blocks, b)[rule] ? key : 0;
	}
	count_a = keys_of(blocks, rule, a, of_a);
	count_b = keys_of(blocks, rule, b, of_b);
	for (unsigned i = 0; i < count_a; i++)
		for (unsigned k = 0; k < count_b; k++)
			if (of_a[i] && of_a[i] == of_b[k] && (!least || of_a[i] < least))
				least = of_a[i];
	return least;
}

uint32_t blocks_meet(const struct blocks *blocks, uint32_t a, uint32_t b)
{
	const uint64_t *of_a = block_keys(blocks, a), *of_b = block_keys(blocks, b);
	uint32_t meet = 0;

	for (unsigned r = 0; r < blocks->rules; r++) {
		bool is_met = of_a[r] && of_a[r] == of_b[r];

		if (!is_met && blocks->extra[r].start)
			is_met = blocks_shared_key(blocks, r, a, b) != 0;
		meet |= (uint32_t)is_met << r;
	}
	return meet;
}
