/*
 * random.h - a seeded generator: the same seed, the same data, on any machine.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* @stream keeps apart what is drawn under one seed for different ends. */
void random_init(struct random *r, uint64_t seed, uint64_t stream);
uint64_t random_next(struct random *r);
/* 0 <= result < @n */
int random_below(struct random *r, int n);
/* @low <= result <= @high */
int random_between(struct random *r, int low, int high);
bool random_percent(struct random *r, int percent);
/* 0 <= result < 1 */
double random_unit(struct random *r);

#endif
