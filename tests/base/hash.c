/*
 * hash.c - the hash is the same in every version: indexes that were stored depend on it.
 */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* As hash.c defines it, a byte at a time. */
static uint64_t slow_load(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

static uint64_t slow_fold(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t slow_hash(const unsigned char *p, size_t len, uint64_t seed)
{
	const uint64_t k1 = 0x9e3779b97f4a7c15u, k2 = 0xd1b54a32d192ed03u, k3 = 0x8cb92ba72f3d8dd7u;
	uint64_t h = seed ^ slow_fold(len + k1, k2);
	size_t left = len;

	for (; left >= 16; p += 16, left -= 16)
		h = slow_fold(slow_load(p, 8) ^ k1 ^ h, slow_load(p + 8, 8) ^ k2);
	if (left > 8)
		h = slow_fold(slow_load(p, 8) ^ k3 ^ h, slow_load(p + 8, left - 8) ^ k1);
	else if (left)
		h = slow_fold(slow_load(p, left) ^ k3 ^ h, k1 ^ left);
	return slow_fold(h ^ k2, k3);
}

static void every_length_has_the_hash_it_always_had(void **state)
{
	unsigned char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(i * 37 + 250);
	for (size_t len = 0; len <= sizeof(text); len++) {
		unsigned char *exact = malloc(len + 1); /* so that a byte too far is seen */

		memcpy(exact, text, len);
		assert_int_equal(hash_bytes(exact, len, 7), slow_hash(text, len, 7));
		assert_int_equal(hash_wide(exact, len, 9).low, slow_hash(text, len, 9));
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_has_the_hash_it_always_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
