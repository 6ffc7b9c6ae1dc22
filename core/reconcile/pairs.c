/*
 * pairs.c - walk the blocks of each rule and compare who meets there.
 *
 * A pair belongs to the first rule that finds it: the keys of the rules before
 * tell, so that no set of pairs is needed. Lists are cut at the borders of blocks
 * into units of about the same work; each has its own pairs, which are put
 * together in the order of the units. Where all pairs are more than memory may hold, units are
 * walked a shard after the other, and what a shard found goes into a file.
 */
#include "reconcile/pairs.h"

#include <stdlib.h>

#include "reconcile/parallel.h"

#define UNIT_PAIRS 8192
#define UNIT_RECORDS 4096
#define SHARD_PAIRS (UINT64_C(1) << 20)
#define AHEAD 16
#define WAITING 16

struct unit {
	unsigned rule, thread;
	size_t begin, end; /* in the rule's list */
	uint64_t most;     /* pairs that it may find */
	struct pair *pairs;
	size_t count, room;
	size_t place; /* among all, once they are united */
};

struct walk {
	const struct blocks *blocks;
	const struct matcher *matcher;
	struct pairing_rule pairing;
	bool asks_sources; /* else any two may be a pair */
	struct pairs *pairs;
	struct unit *units;
	size_t unit_count, unit_room, first; /* first: of the shard */
	struct patterns patterns[THREADS_MOST];
	uint32_t *number[THREADS_MOST];
};

struct pairing_rule pairing_of(const struct rows *rows)
{
	return (struct pairing_rule){ rows->pairing != PAIRING_LINK,
				      rows->pairing != PAIRING_DEDUPE };
}

static void add_unit(struct walk *walk, unsigned rule, size_t begin, size_t end, uint64_t most)
{
	memory_grow(&walk->units, walk->unit_count, &walk->unit_room, sizeof(*walk->units));
	walk->units[walk->unit_count++] =
		(struct unit){ .rule = rule, .begin = begin, .end = end, .most = most };
}

static void cut_units(struct walk *walk, unsigned rule)
{
	const struct block_list *list = &walk->blocks->list[rule];
	size_t begin = 0, end;
	uint64_t pairs = 0;

	for (size_t i = 0; i < list->count; i = end) {
		for (end = i + 1; end < list->count && list->items[end].key == list->items[i].key;
		     end++)
			;
		pairs += (uint64_t)(end - i) * (end - i - 1) / 2;
		if (pairs >= UNIT_PAIRS || end - begin >= UNIT_RECORDS) {
			add_unit(walk, rule, begin, end, pairs);
			begin = end;
			pairs = 0;
		}
	}
	if (begin < list->count)
		add_unit(walk, rule, begin, list->count, pairs);
}

/* Half of what is not as long as a cache line, or two, lies in one more. */
static inline void await_all_of(const void *at, size_t size)
{
	__builtin_prefetch(at);
	__builtin_prefetch((const char *)at + size - 1);
}

static void await(const struct walk *walk, uint32_t record)
{
	const struct rows *rows = walk->blocks->rows;

	await_all_of(row_ids(rows, record), rows->columns * sizeof(*rows->ids));
	await_all_of(block_keys(walk->blocks, record), walk->blocks->rules * sizeof(uint64_t));
	if (walk->asks_sources)
		__builtin_prefetch(&rows->names[record]);
}

/* Pairs that are compared next, whose values are on their way from memory. */
struct waiting {
	struct meeting {
		uint32_t a, b, rules;
	} at[WAITING];
	unsigned count;
};

static void compare_waiting(struct walk *walk, struct unit *unit, struct waiting *waiting)
{
	const struct rows *rows = walk->blocks->rows;

	for (unsigned i = 0; i < waiting->count; i++) {
		const struct meeting *m = &waiting->at[i];
		uint64_t levels =
			matcher_pattern(walk->matcher, row_ids(rows, m->a), row_ids(rows, m->b));
		uint32_t pattern = patterns_add(&walk->patterns[unit->thread], levels, m->rules, 1);

		memory_grow(&unit->pairs, unit->count, &unit->room, sizeof(*unit->pairs));
		unit->pairs[unit->count++] = (struct pair){ m->a, m->b, pattern };
	}
	waiting->count = 0;
}

/* Values that are the same are not looked at. */
static void await_values(const struct rows *rows, uint32_t a, uint32_t b)
{
	const uint32_t *of_a = row_ids(rows, a), *of_b = row_ids(rows, b);

	for (unsigned c = 0; c < rows->columns; c++) {
		if (of_a[c] == of_b[c] || !of_a[c] || !of_b[c])
			continue;
		await_all_of(&rows->column[c].values[of_a[c]], sizeof(struct value));
		await_all_of(&rows->column[c].values[of_b[c]], sizeof(struct value));
	}
}

static void take_pair(struct walk *walk, struct unit *unit, struct waiting *waiting, uint64_t key,
		      uint32_t a, uint32_t b)
{
	const struct rows *rows = walk->blocks->rows;
	uint32_t meet, earlier = (UINT32_C(1) << unit->rule) - 1;

	if (a == b ||
	    (walk->asks_sources && !may_pair(walk->pairing, &rows->names[a], &rows->names[b])))
		return;
	meet = blocks_meet(walk->blocks, a, b);
	if (meet & earlier)
		return;
	if (walk->blocks->extra[unit->rule].start &&
	    blocks_shared_key(walk->blocks, unit->rule, a, b) != key)
		return;
	await_values(rows, a, b);
	waiting->at[waiting->count++] = (struct meeting){ a, b, meet };
	if (waiting->count == WAITING)
		compare_waiting(walk, unit, waiting);
}

static void walk_unit(void *with, size_t number, unsigned thread)
{
	struct walk *walk = with;
	struct unit *unit = &walk->units[walk->first + number];
	const struct radix_item *items = walk->blocks->list[unit->rule].items;
	size_t ahead = unit->begin, end;
	struct waiting waiting = { .count = 0 };

	unit->thread = thread;
	for (size_t i = unit->begin; i < unit->end; i = end) {
		for (end = i + 1; end < unit->end && items[end].key == items[i].key; end++)
			;
		for (; ahead < unit->end && ahead < end + AHEAD; ahead++)
			await(walk, items[ahead].item);
		for (size_t a = i; a + 1 < end; a++)
			for (size_t b = a + 1; b < end; b++)
				take_pair(walk, unit, &waiting, items[i].key, items[a].item,
					  items[b].item);
	}
	compare_waiting(walk, unit, &waiting);
}

/* The patterns of all threads become one table, in one order; walk->number says where each went. */
static void unite_patterns(struct walk *walk)
{
	struct pairs *pairs = walk->pairs;
	uint32_t **number = walk->number;

	for (unsigned t = 0; t < THREADS_MOST; t++)
		for (size_t i = 0; i < walk->patterns[t].count; i++) {
			const struct pattern *p = &walk->patterns[t].at[i];

			patterns_add(&pairs->patterns, p->levels, p->rules, p->count);
		}
	patterns_order(&pairs->patterns);
	for (unsigned t = 0; t < THREADS_MOST; t++) {
		number[t] = memory_take((walk->patterns[t].count + 1) * sizeof(*number[t]));
		for (size_t i = 0; i < walk->patterns[t].count; i++) {
			const struct pattern *p = &walk->patterns[t].at[i];

			number[t][i] = patterns_add(&pairs->patterns, p->levels, p->rules, 0);
		}
	}
}

/* Behind those that are there already, as their thread numbered the patterns. */
static void move_unit(void *with, size_t number, unsigned thread)
{
	struct walk *walk = with;
	struct unit *unit = &walk->units[walk->first + number];

	if (unit->count)
		memcpy(walk->pairs->at + unit->place, unit->pairs,
		       unit->count * sizeof(*unit->pairs));
	free(unit->pairs);
}

/* The units from walk->first on, below @end. */
static void walk_units(struct walk *walk, size_t end)
{
	unsigned threads = walk->blocks->rows->threads;
	struct pairs *pairs = walk->pairs;
	size_t before = pairs->count;

	parallel(threads, end - walk->first, walk_unit, walk);
	for (size_t u = walk->first; u < end; u++) {
		struct unit *unit = &walk->units[u];

		unit->place = pairs->count;
		pairs->count += unit->count;
		pairs->first[unit->rule] += unit->count;
	}
	spill_resize(&pairs->store, (pairs->count + 1) * sizeof(*pairs->at));
	pairs->at = pairs->store.at;
	parallel(threads, end - walk->first, move_unit, walk);
	spill_pass(&pairs->store, before * sizeof(*pairs->at), pairs->count * sizeof(*pairs->at));
}

/* A shard after the other: so many keys as may find that many pairs. */
static void walk_all(struct walk *walk)
{
	uint64_t most = walk->pairs->store.file ? SHARD_PAIRS : UINT64_MAX;
	size_t end;

	for (; walk->first < walk->unit_count; walk->first = end) {
		uint64_t may_be = 0;

		for (end = walk->first; end < walk->unit_count && may_be < most; end++)
			may_be += walk->units[end].most;
		walk_units(walk, end);
	}
	walk->pairs->blocked = walk->pairs->count;
}

static void renumber_unit(void *with, size_t number, unsigned thread)
{
	const struct walk *walk = with;
	const struct unit *unit = &walk->units[number];
	struct pair *at = walk->pairs->at + unit->place;

	for (size_t i = 0; i < unit->count; i++)
		at[i].pattern = walk->number[unit->thread][at[i].pattern];
	pairs_pass(walk->pairs, unit->place, unit->place + unit->count);
}

/* Pairs and what is kept for each: two, or three, weights. */
static bool is_too_much(const struct blocks *blocks, size_t memory)
{
	size_t each = sizeof(struct pair) + (2 + blocks->rows->spec->has_kin) * sizeof(float);
	double pairs = 0;

	for (unsigned r = 0; r < blocks->rules; r++)
		pairs += (double)blocks->list[r].pairs;
	return memory && (double)spill_resident() + pairs * (double)each > (double)memory;
}

void pairs_find(struct pairs *pairs, const struct blocks *blocks, const struct matcher *matcher,
		size_t memory)
{
	struct walk walk = { .blocks = blocks,
			     .matcher = matcher,
			     .pairing = pairing_of(blocks->rows),
			     .pairs = pairs };

	walk.asks_sources =
		!walk.pairing.within || (!walk.pairing.between && blocks->rows->source_count > 1);
	*pairs = (struct pairs){ 0 };
	spill_begin(&pairs->store, is_too_much(blocks, memory));
	for (unsigned r = 0; r < blocks->rules; r++)
		cut_units(&walk, r);
	walk_all(&walk);
	unite_patterns(&walk);
	parallel(blocks->rows->threads, walk.unit_count, renumber_unit, &walk);
	for (unsigned t = 0; t < THREADS_MOST; t++) {
		patterns_done(&walk.patterns[t]);
		free(walk.number[t]);
	}
	free(walk.units);
	for (size_t i = 0; i < pairs->patterns.count; i++)
		for (unsigned r = 0; r < blocks->rules; r++)
			if (pairs->patterns.at[i].rules >> r & 1)
				pairs->found[r] += pairs->patterns.at[i].count;
}

void pairs_add(struct pairs *pairs, const struct pair *pair)
{
	size_t size = (pairs->count + 2) * sizeof(*pairs->at);

	if (size > pairs->store.size)
		spill_resize(&pairs->store, size + size / 2);
	pairs->at = pairs->store.at;
	pairs->at[pairs->count++] = *pair;
}

void pairs_done(struct pairs *pairs)
{
	spill_done(&pairs->store);
	patterns_done(&pairs->patterns);
	*pairs = (struct pairs){ 0 };
}
