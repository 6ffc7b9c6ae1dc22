/*
 * place.h - the streets and towns of Cixi (GB/T 2260), and 22 studios that we
 * made up for them.
 */
#ifndef SIM_PLACE_H
#define SIM_PLACE_H

#include "sim/common/random.h"

#define STUDIOS 22
#define STUDIOS_MOST 400

struct town {
	const char *code; /* nine digits */
	const char *name;
};

struct studio {
	const char *name, *field;
	int town;
};

const struct town *place_town(int n);
/* S01 is 0. */
const struct studio *place_studio(int n);
/* More of them, for a day that is larger than the county: branches of the 22, in turn. */
void place_studios(int count);
int place_studio_count(void);
/* Somewhere in the county, evenly. */
int place_random_town(struct random *r);
/* The studio of @town for a dispute of grid type @type. */
int place_studio_for(int town, const char *type);
/* One of its branches; itself where it has none. */
int place_branch(int studio, struct random *r);

const char *place_village(struct random *r);
const char *place_road(struct random *r);

#endif
