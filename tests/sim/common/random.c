/*
 * random.c - splitmix64: one word of state, good enough to invent people with.
 */
#include "sim/common/random.h"

void random_init(struct random *r, uint64_t seed, uint64_t stream)
{
	r->state = seed * 0x9e3779b97f4a7c15u ^ stream * 0xd1342543de82ef95u;
	random_next(r);
}

uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

int random_below(struct random *r, int n)
{
	return (int)((random_next(r) >> 33) % (uint64_t)n);
}

int random_between(struct random *r, int low, int high)
{
	return low + random_below(r, high - low + 1);
}

bool random_percent(struct random *r, int percent)
{
	return random_below(r, 100) < percent;
}

double random_unit(struct random *r)
{
	return (double)(random_next(r) >> 11) / 9007199254740992.0;
}
