/*
 * radix.c - passes of eleven bits; those that are the same in all keys cost no
 * pass.
 */
#include "reconcile/radix.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FEW 32
#define DIGIT 11 /* bits */
#define DIGIT_MASK ((1u << DIGIT) - 1)
#define GROUP_DIGITS 3

static void insert(struct radix_item *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct radix_item item = items[i];
		size_t at = i;

		for (; at && items[at - 1].key > item.key; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

static bool pass(const struct radix_item *from, struct radix_item *to, size_t count,
		 const uint32_t *counts, unsigned shift, unsigned bits)
{
	uint32_t starts[1 << DIGIT], sum = 0;

	for (unsigned i = 0; i < 1u << bits; i++) {
		if (counts[i] == count)
			return false;
		starts[i] = sum;
		sum += counts[i];
	}
	for (size_t i = 0; i < count; i++)
		to[starts[from[i].key >> shift & ((1u << bits) - 1)]++] = from[i];
	return true;
}

/* Sort by the bits from @shift on, digit by digit. */
static void sort_digits(struct radix_item *items, size_t count, unsigned shift)
{
	unsigned digits = (64 - shift + DIGIT - 1) / DIGIT;
	uint32_t *counts = memory_take(digits * sizeof(*counts) << DIGIT);
	struct radix_item *spare = memory_take(count * sizeof(*spare)), *from = items, *to = spare;

	for (size_t i = 0; i < count; i++)
		for (unsigned d = 0; d < digits; d++)
			counts[d << DIGIT | (items[i].key >> (shift + d * DIGIT) & DIGIT_MASK)]++;
	for (unsigned d = 0; d < digits; d++) {
		if (pass(from, to, count, counts + (d << DIGIT), shift + d * DIGIT, DIGIT)) {
			struct radix_item *other = from;

			from = to;
			to = other;
		}
	}
	if (from != items)
		memcpy(items, from, count * sizeof(*items));
	free(spare);
	free(counts);
}

void radix_sort(struct radix_item *items, size_t count)
{
	if (count < FEW)
		insert(items, count);
	else
		sort_digits(items, count, 0);
}

void radix_group(struct radix_item *items, size_t count)
{
	if (count >= FEW)
		sort_digits(items, count, 64 - GROUP_DIGITS * DIGIT);
	insert(items, count); /* the little that is left */
}
