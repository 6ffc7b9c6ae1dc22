/*
 * block.h - which records are worth comparing: those that share all keys of a
 * blocking rule.
 */
#ifndef RECONCILE_BLOCK_H
#define RECONCILE_BLOCK_H

#include "reconcile/radix.h"
#include "reconcile/rows.h"

struct block_extra {     /* keys behind the first, of a record that has several in a rule */
	uint32_t *start; /* by record, one more than records; NULL: none in this rule */
	uint64_t *keys;
};

struct block_split { /* a block that was too large */
	unsigned rule, column;
	uint32_t size;     /* records in it */
	uint32_t left_out; /* of them, those that the rule compares no more */
};

/* How it was split: every record with that key takes a new one, made of its value there. */
struct block_division {
	uint64_t key;
	uint32_t rule, column; /* DIVISION_OUT: it leaves the rule */
};
#define DIVISION_OUT UINT32_MAX

struct divisions { /* in order of rule and key */
	struct block_division *at;
	size_t count, room;
};

struct blocks {
	const struct rows *rows;
	unsigned rules;
	uint64_t *keys; /* [record][rule]: its first key; 0: the rule does not see it */
	struct block_extra extra[SPEC_RULES];
	struct block_list {
		/* Equal keys together, records in order; without most of the keys that one
		 * record alone has. */
		struct radix_item *items;
		size_t count;
		uint64_t pairs; /* also those that an earlier rule finds */
		size_t largest; /* records in a block */
	} list[SPEC_RULES];
	struct block_split *splits;
	size_t split_count, split_room;
	struct divisions divisions;
};

void blocks_make(struct blocks *blocks, const struct rows *rows, const struct spec_rule *rules,
		 unsigned count);
/* The same, but split as @divisions say and not otherwise. */
void blocks_make_again(struct blocks *blocks, const struct rows *rows,
		       const struct spec_rule *rules, unsigned count,
		       const struct divisions *divisions);
void blocks_done(struct blocks *blocks);
/* They are needed to find pairs; keys stay. */
void blocks_drop_lists(struct blocks *blocks);

/* All keys of @record in @rule, none of them 0; how many. */
#define BLOCK_KEYS 8
unsigned blocks_keys(const struct blocks *blocks, unsigned rule, uint32_t record,
		     uint64_t out[BLOCK_KEYS]);

/* Bits of the rules by which the two meet. */
uint32_t blocks_meet(const struct blocks *blocks, uint32_t a, uint32_t b);
/* The least key of @rule that both have, or 0. */
uint64_t blocks_shared_key(const struct blocks *blocks, unsigned rule, uint32_t a, uint32_t b);

static inline const uint64_t *block_keys(const struct blocks *blocks, size_t record)
{
	return blocks->keys + record * blocks->rules;
}

#endif
