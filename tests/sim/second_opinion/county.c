/*
 * county.c - couples of two surnames, children of one, grandparents, and lodgers.
 *
 * What makes a household hard: one address, often one telephone, brothers and
 * sisters with a character in common. What makes lodgers hard: one address, and
 * they are strangers.
 */
#include "sim/second_opinion/county.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/common/people.h"
#include "sim/common/text.h"
#include "sim/second_opinion/opinion.h"

#define PHONES 100000 /* 13n 0000 xxxx */

void county_init(struct county *c, struct random *r)
{
	int i;

	memset(c, 0, sizeof(*c));
	c->phones = calloc(PHONES, sizeof(*c->phones));
	if (!c->phones)
		die("out of memory");
	for (i = 0; i < PHONES; i++) {
		int j = random_below(r, i + 1);

		c->phones[i] = c->phones[j];
		c->phones[j] = i;
	}
}

void county_done(struct county *c)
{
	free(c->people);
	free(c->phones);
}

void county_new_phone(struct county *c, char phone[12])
{
	unsigned int n;

	if (c->phones_given == PHONES)
		die("there are no more invented phones: make fewer rows");
	n = (unsigned int)c->phones[c->phones_given++];
	snprintf(phone, 12, "13%u0000%04u", n / 10000 % 10, n % 10000);
}

static struct person *append(struct county *c)
{
	if (c->count == c->room) {
		c->room = c->room ? c->room * 2 : 1024;
		c->people = realloc(c->people, (size_t)c->room * sizeof(*c->people));
		if (!c->people)
			die("out of memory");
	}
	memset(&c->people[c->count], 0, sizeof(*c->people));
	return &c->people[c->count++];
}

static void give_id(struct random *r, struct person *p)
{
	snprintf(p->id, sizeof(p->id), "330299%04u%02u%02u%02u%u", p->year % 10000u,
		 p->month % 100u, p->day % 100u, random_below(r, 100) % 100u,
		 (unsigned int)(random_below(r, 5) * 2 + !p->is_female) % 10u);
	if (strcmp(p->id + 14, "000") == 0)
		p->id[14] = '1';
	p->id[17] = people_check_digit(p->id);
	p->id[18] = '\0';
}

/* @shared: as of chinese_given. */
static void grow(struct county *c, struct random *r, struct person *p, int year, const char *shared)
{
	p->year = (short)year;
	p->month = (short)random_between(r, 1, 12);
	p->day = (short)random_between(r, 1, p->month == 2 ? 28 : 30);
	chinese_given(r, p->name.given, p->is_female, (year - 1900) / 10, shared);
	give_id(r, p);
	county_new_phone(c, p->phone);
	p->company = random_percent(r, 6) ? random_below(r, COMPANIES) : -1;
}

static struct person *relative(struct county *c, int head)
{
	struct person *p = append(c);

	p->home = c->people[head].home;
	p->household = c->people[head].household;
	return p;
}

static void share_phone(struct random *r, struct person *p, const struct person *with, int percent)
{
	if (random_percent(r, percent))
		strcpy(p->phone, with->phone);
}

static void children(struct county *c, struct random *r, int head, int count)
{
	char shared[8] = "";
	int i;

	for (i = 0; i < count; i++) {
		struct person *p = relative(c, head);
		const struct person *father = &c->people[head];
		bool takes_character = i > 0 && random_percent(r, 35);

		strcpy(p->name.surname, father->name.surname);
		if (random_percent(r, 5)) /* the mother's */
			chinese_surname(r, p->name.surname);
		p->is_female = random_percent(r, 48);
		grow(c, r, p, father->year + 25 + i * 3, takes_character ? shared : NULL);
		memcpy(shared, p->name.given, 3);
		shared[3] = '\0';
		share_phone(r, p, father, 8);
		if (i > 0 && random_percent(r, 2)) { /* a twin */
			p->year = p[-1].year;
			p->month = p[-1].month;
			p->day = p[-1].day;
			give_id(r, p);
		}
	}
}

static void spouse(struct county *c, struct random *r, int head)
{
	struct person *p = relative(c, head);
	const struct person *husband = &c->people[head];

	chinese_surname(r, p->name.surname);
	p->is_female = true;
	grow(c, r, p, husband->year + random_between(r, -2, 5), NULL);
	share_phone(r, p, husband, 22);
}

static void grandfather(struct county *c, struct random *r, int head)
{
	struct person *p = relative(c, head);
	const struct person *son = &c->people[head];

	strcpy(p->name.surname, son->name.surname);
	grow(c, r, p, son->year - 26, NULL);
	share_phone(r, p, son, 40);
}

int county_household(struct county *c, struct random *r)
{
	int head = c->count, kind = random_below(r, 100);
	struct person *p = append(c);

	p->household = c->households++;
	if (head > 50 && random_percent(r, 6)) /* lodgers: the landlord's address */
		p->home = c->people[random_below(r, head)].home;
	else
		chinese_dwelling(r, &p->home);
	chinese_surname(r, p->name.surname);
	p->is_female = kind < 18 && random_percent(r, 50);
	grow(c, r, p, random_between(r, 1942, 1996), NULL);
	if (kind < 18)
		return head; /* alone */
	spouse(c, r, head);
	if (kind < 75 && c->people[head].year < 1978)
		children(c, r, head, random_between(r, 1, 3));
	else if (c->people[head].year > 1957 && random_percent(r, 45))
		grandfather(c, r, head);
	return head;
}
