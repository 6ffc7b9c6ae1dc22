/*
 * county.h - who lives in the county of the second opinion, household by household.
 */
#ifndef SIM_COUNTY_H
#define SIM_COUNTY_H

#include "sim/second_opinion/chinese.h"

#define COMPANIES 300

struct person {
	struct name name;
	char id[19], phone[12];
	bool is_female, was_seen;
	short year, month, day;
	int household, company; /* company: where he works, or -1 */
	struct dwelling home;
};

struct county {
	struct person *people;
	int count, room;
	int *phones; /* in the order in which they are given out; each only once */
	int phones_given;
	int households;
};

void county_init(struct county *c, struct random *r);
void county_done(struct county *c);

/* A new household; its first member. The members stand behind one another. */
int county_household(struct county *c, struct random *r);
void county_new_phone(struct county *c, char phone[12]);

#endif
