/*
 * dice.c - Knuth's linear congruence: good enough, and the same everywhere.
 */
#include "support/dice.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t dice = 1;

void dice_seed(void)
{
	const char *given = getenv("SEED");

	dice = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	printf("SEED=%llu\n", (unsigned long long)dice);
}

uint32_t dice_roll(uint32_t sides)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((dice >> 32) * sides >> 32);
}
