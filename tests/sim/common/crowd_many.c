/*
 * crowd_many.c - many customers in six columns, for speed.
 *
 * Given name, surname, birth date, town, postcode, mail. A third of the rows
 * belong to a customer who has another; these have a fault in one column or two.
 */
#include "sim/common/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "sim/common/slip.h"
#include "sim/common/zipf.h"

enum { GIVEN, SURNAME, BIRTH, TOWN, POSTCODE, MAIL, FIELDS };

struct customer {
	char fields[FIELDS][SLIP_ROOM];
};

struct words {
	struct zipf men, women, surnames, towns;
};

static void invent(struct customer *p, struct random *r, const struct words *w)
{
	static const char *const hosts[] = { "mail.example", "post.example", "home.example" };
	const struct zipf *given = random_percent(r, 50) ? &w->women : &w->men;
	int town = zipf_draw(&w->towns, r);

	snprintf(p->fields[GIVEN], SLIP_ROOM, "%s", zipf_word(given, zipf_draw(given, r)));
	snprintf(p->fields[SURNAME], SLIP_ROOM, "%s",
		 zipf_word(&w->surnames, zipf_draw(&w->surnames, r)));
	crowd_birth(r, p->fields[BIRTH], 1930, 2006);
	snprintf(p->fields[TOWN], SLIP_ROOM, "%s", zipf_word(&w->towns, town));
	snprintf(p->fields[POSTCODE], SLIP_ROOM, "%05d",
		 10000 + (town * 37) % 800 * 100 + random_below(r, 40));
	snprintf(p->fields[MAIL], SLIP_ROOM, "%.12s%.12s%d@%s", p->fields[GIVEN],
		 p->fields[SURNAME], random_below(r, 10000), hosts[random_below(r, 3)]);
}

static void fault(struct customer *p, struct random *r)
{
	int field = random_below(r, FIELDS);

	if (random_percent(r, 35))
		p->fields[field][0] = '\0';
	else if (field == BIRTH)
		slip_date(r, p->fields[field]);
	else
		slip_any(r, p->fields[field]);
}

static void put(struct shuffled *lines, const struct customer *p, int entity)
{
	int i;

	for (i = 0; i < FIELDS; i++) {
		if (i)
			text_char(&lines->text, ',');
		text_csv(&lines->text, p->fields[i]);
	}
	shuffled_end_line(lines, entity);
}

void crowd_many(const struct crowd *c)
{
	struct shuffled lines = { 0 };
	struct customer customer = { 0 };
	struct words w;
	struct random r;
	int entity, i;

	random_init(&r, c->seed, 52);
	crowd_given_names(&w.men, &r, 1500, false);
	crowd_given_names(&w.women, &r, 1500, true);
	crowd_surnames(&w.surnames, &r, 20000);
	crowd_towns(&w.towns, &r, 3000);
	for (entity = 1; lines.count < c->rows; entity++) {
		invent(&customer, &r, &w);
		put(&lines, &customer, entity);
		for (i = random_percent(&r, 20) ? random_between(&r, 1, 3) : 0;
		     i > 0 && lines.count < c->rows; i--) {
			struct customer copy = customer;

			fault(&copy, &r);
			if (random_percent(&r, 50))
				fault(&copy, &r);
			put(&lines, &copy, entity);
		}
	}
	fputs("id,given_name,surname,date_of_birth,town,postcode,mail\n", c->out);
	shuffled_write(&lines, &r, "m", "many", c->out, c->truth);
	zipf_done(&w.men);
	zipf_done(&w.women);
	zipf_done(&w.surnames);
	zipf_done(&w.towns);
}
