/*
 * radix.c - sorted like qsort would, and equal keys keep their order.
 */
#include "reconcile/radix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"

static void check(size_t count, uint64_t mask, void (*sort)(struct radix_item *, size_t))
{
	struct radix_item *items = memory_take((count + 1) * sizeof(*items));
	uint64_t x = 88172645463325252u;

	for (size_t i = 0; i < count; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		items[i] = (struct radix_item){ x & mask, (uint32_t)i };
	}
	sort(items, count);
	for (size_t i = 1; i < count; i++)
		assert_true(items[i - 1].key < items[i].key || (items[i - 1].key == items[i].key &&
								items[i - 1].item < items[i].item));
	free(items);
}

static void any_keys_are_sorted_stably(void **state)
{
	static const uint64_t masks[] = { 0, 1, 0xff, 0xffffffffu, 0xff00ff00ff00ff00u, ~0ull };
	static const size_t counts[] = { 0, 1, 2, 31, 32, 33, 1000, 20000 };

	(void)state;
	for (size_t m = 0; m < sizeof(masks) / sizeof(*masks); m++)
		for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++)
			check(counts[c], masks[m], radix_sort);
	for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++)
		check(counts[c], ~0ull, radix_group);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(any_keys_are_sorted_stably) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
