/*
 * crowd_people.c - a population register: about half originals, half duplicates.
 *
 * A person's record comes once as it is and up to nine times again with one to
 * five faults: typing, misreading and mishearing, lost values, given name and
 * surname in each other's place, day and month too, a move to another address.
 * Some people live together and share surname, address and phone.
 */
#include "sim/common/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "sim/common/slip.h"
#include "sim/common/zipf.h"

enum { GIVEN, SURNAME, BIRTH, STREET, SUBURB, POSTCODE, PHONE, NUMBER, FIELDS };

struct person {
	char fields[FIELDS][SLIP_ROOM];
};

struct words {
	struct zipf men, women, surnames, streets, towns;
};

static void live(struct person *p, struct random *r, const struct words *w)
{
	int town = zipf_draw(&w->towns, r);

	snprintf(p->fields[STREET], SLIP_ROOM, "%d %s",
		 random_between(r, 1, random_percent(r, 80) ? 90 : 400),
		 zipf_word(&w->streets, zipf_draw(&w->streets, r)));
	snprintf(p->fields[SUBURB], SLIP_ROOM, "%s", zipf_word(&w->towns, town));
	/* A town has one postcode, a large one several; some share theirs. */
	snprintf(p->fields[POSTCODE], SLIP_ROOM, "%04d",
		 2000 + (town * 7) % 4000 + (town < 20 ? random_below(r, 4) : 0));
	snprintf(p->fields[PHONE], SLIP_ROOM, "%02d %08d", random_between(r, 2, 8),
		 random_between(r, 10000000, 99999999));
}

static void invent(struct person *p, struct random *r, const struct words *w,
		   const struct person *housemate)
{
	const struct zipf *given = random_percent(r, 51) ? &w->women : &w->men;

	live(p, r, w);
	snprintf(p->fields[SURNAME], SLIP_ROOM, "%s",
		 zipf_word(&w->surnames, zipf_draw(&w->surnames, r)));
	if (housemate)
		memcpy(p->fields[STREET], housemate->fields[STREET],
		       (PHONE - STREET + 1) * SLIP_ROOM);
	if (housemate && random_percent(r, 75))
		memcpy(p->fields[SURNAME], housemate->fields[SURNAME], SLIP_ROOM);
	snprintf(p->fields[GIVEN], SLIP_ROOM, "%s", zipf_word(given, zipf_draw(given, r)));
	crowd_birth(r, p->fields[BIRTH], 1920, 2004);
	snprintf(p->fields[NUMBER], SLIP_ROOM, "%07d", random_between(r, 1000000, 9999999));
}

static void one_fault(struct person *p, struct random *r, const struct words *w)
{
	static const int weights[FIELDS] = { 20, 18, 14, 18, 12, 7, 7, 4 };
	int kind = random_below(r, 100), field = 0, draw = random_below(r, 100);
	char copy[SLIP_ROOM];

	while (draw >= weights[field])
		draw -= weights[field++];
	if (kind < 4) {
		memcpy(copy, p->fields[GIVEN], SLIP_ROOM);
		memcpy(p->fields[GIVEN], p->fields[SURNAME], SLIP_ROOM);
		memcpy(p->fields[SURNAME], copy, SLIP_ROOM);
	} else if (kind < 7) {
		live(p, r, w);
	} else if (kind < 22) {
		p->fields[field][0] = '\0';
	} else if (field == BIRTH) {
		slip_date(r, p->fields[BIRTH]);
	} else if (field == GIVEN && random_percent(r, 25) && crowd_nickname(r, p->fields[GIVEN])) {
		snprintf(p->fields[GIVEN], SLIP_ROOM, "%s", crowd_nickname(r, p->fields[GIVEN]));
	} else if (field == PHONE && random_percent(r, 30)) {
		snprintf(p->fields[PHONE], SLIP_ROOM, "%02d %08d", random_between(r, 2, 8),
			 random_between(r, 10000000, 99999999));
	} else {
		slip_any(r, p->fields[field]);
	}
}

static void put(struct shuffled *s, const struct person *p, int entity)
{
	int i;

	for (i = 0; i < FIELDS; i++) {
		if (i)
			text_char(&s->text, ',');
		text_csv(&s->text, p->fields[i]);
	}
	shuffled_end_line(s, entity);
}

/* How many duplicates one original has: few many, many few. */
static int duplicates(struct random *r)
{
	int count = random_percent(r, 48) ? 1 : 0;

	while (count && count < 9 && random_percent(r, 52))
		count++;
	return count;
}

void crowd_people(const struct crowd *c)
{
	struct shuffled lines = { 0 };
	struct person person = { 0 }, before;
	struct words w;
	struct random r;
	int entity, i, j;

	random_init(&r, c->seed, 50);
	crowd_given_names(&w.men, &r, 400, false);
	crowd_given_names(&w.women, &r, 450, true);
	crowd_surnames(&w.surnames, &r, 4000);
	crowd_streets(&w.streets, &r, 3000);
	crowd_towns(&w.towns, &r, 900);
	for (entity = 1; lines.count < c->rows; entity++) {
		before = person;
		invent(&person, &r, &w, entity > 1 && random_percent(&r, 4) ? &before : NULL);
		for (i = 0; i < FIELDS - 1; i++) /* what the register never knew */
			if (random_below(&r, 1000) < 25)
				person.fields[i][0] = '\0';
		put(&lines, &person, entity);
		for (i = duplicates(&r); i > 0 && lines.count < c->rows; i--) {
			struct person copy = person;

			for (j = random_between(&r, 1, random_percent(&r, 70) ? 3 : 5); j > 0; j--)
				one_fault(&copy, &r, &w);
			put(&lines, &copy, entity);
		}
	}
	fputs("id,given_name,surname,date_of_birth,street,suburb,postcode,phone,soc_sec_id\n",
	      c->out);
	shuffled_write(&lines, &r, "p", "people", c->out, c->truth);
	zipf_done(&w.men);
	zipf_done(&w.women);
	zipf_done(&w.surnames);
	zipf_done(&w.streets);
	zipf_done(&w.towns);
}
