/*
 * dice.h - chance for property tests, the same again with the same seed.
 */
#ifndef SUPPORT_DICE_H
#define SUPPORT_DICE_H

#include <stddef.h>
#include <stdint.h>

/* Take SEED from the environment or the clock, and print it. */
void dice_seed(void);

uint32_t dice_roll(uint32_t sides); /* 0 … sides - 1 */

#endif
