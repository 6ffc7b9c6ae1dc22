/*
 * citizen.h - invented people of a county, their households, and how desks write them down.
 *
 * Members of a household share address and surname, often a phone; brothers and
 * sisters a character of their names. A company is a citizen without id.
 */
#ifndef SIM_CITIZEN_H
#define SIM_CITIZEN_H

#include <stdbool.h>

#include "sim/common/random.h"

#define CITIZEN_ROOM 256

struct home {
	int town, village, number;        /* a house in a village … */
	int estate, building, unit, room; /* … or a flat, if estate is not 0 */
};

struct citizen {
	char name[96], id[19], birth[9], phone[12], second_phone[12];
	bool is_female, is_company;
	struct home home;
};

/* @household people at most; how many there are. */
int citizen_household(struct random *r, struct citizen out[], int most);
void citizen_company(struct random *r, struct citizen *out);
void citizen_home(struct random *r, struct home *home);
const char *citizen_town(int town);

/* How a desk writes things down. Missing is an empty text. */
struct desk {
	const char *name;
	int hears;    /* of a hundred names, misheard or miswritten */
	int hides;    /* names with something hidden: 王某, 王先生 */
	int asks_id;  /* ids that are there at all */
	int masks_id; /* of those, masked */
	int asks_phone, asks_birth, asks_address;
	bool is_exact; /* addresses in full */
};

void desk_name(const struct desk *d, struct random *r, const struct citizen *c, char *out);
void desk_id(const struct desk *d, struct random *r, const struct citizen *c, char *out);
void desk_birth(const struct desk *d, struct random *r, const struct citizen *c, char *out);
void desk_phone(const struct desk *d, struct random *r, const struct citizen *c, char *out);
void desk_address(const struct desk *d, struct random *r, const struct home *home, char *out);

#endif
