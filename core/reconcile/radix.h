/*
 * radix.h - sort by 64-bit numbers, stably: equal ones keep their order.
 */
#ifndef RECONCILE_RADIX_H
#define RECONCILE_RADIX_H

#include <stddef.h>
#include <stdint.h>

struct radix_item {
	uint64_t key;
	uint32_t item;
};

void radix_sort(struct radix_item *items, size_t count);
/* Only bring equal keys together, where the keys are hashes: fewer passes. The order is that of the
 * upper half of the keys, then of the lower. */
void radix_group(struct radix_item *items, size_t count);

#endif
