/*
 * crowd_historical.c - people of three centuries, as many hands have written them down.
 *
 * A person stands in one to some twenty records. A hand may be good or bad, and
 * that decides how much of its record is wrong or lost: names abbreviated,
 * familiar or misread, a birth of which only the year is known (the first of
 * January), a birth place told as the county town, a postcode of another house,
 * an occupation in other words. Fathers and sons share name, place and trade.
 */
#include "sim/common/crowd.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/common/slip.h"
#include "sim/common/zipf.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

enum { FIRST, SURNAME, BIRTH, PLACE, POSTCODE, GENDER, OCCUPATION, FIELDS };

struct soul {
	char fields[FIELDS][SLIP_ROOM], second[32];
	int place;
	bool is_female;
};

struct words {
	struct zipf men, women, surnames, towns, trades;
};

static const char *const trades[] = {
	"politician",    "writer",      "painter",    "military officer",
	"cricketer",     "actor",       "clergyman",  "botanist",
	"physician",     "poet",        "lawyer",     "engineer",
	"composer",      "historian",   "architect",  "journalist",
	"novelist",      "sculptor",    "peer",       "merchant",
	"chemist",       "philosopher", "banker",     "photographer",
	"mathematician", "explorer",    "surgeon",    "naval officer",
	"playwright",    "teacher",     "footballer", "geologist",
	"musician",      "translator",  "astronomer", "illustrator",
	"publisher",     "economist",   "diplomat",   "entomologist",
	"singer",        "suffragist",
};

/* The same trade in other words. */
static const char *const other_words[][2] = {
	{ "writer", "author" },
	{ "painter", "artist" },
	{ "physician", "doctor" },
	{ "clergyman", "priest" },
	{ "lawyer", "barrister" },
	{ "military officer", "soldier" },
	{ "naval officer", "sailor" },
	{ "novelist", "writer" },
	{ "poet", "writer" },
	{ "botanist", "naturalist" },
	{ "merchant", "trader" },
	{ "actor", "stage actor" },
	{ "politician", "member of parliament" },
};

/* A postcode lies near its town. */
static void settle(struct soul *s, struct random *r, const struct words *w)
{
	const char *town = zipf_word(&w->towns, s->place);

	snprintf(s->fields[POSTCODE], SLIP_ROOM, "%c%c%d %d%c%c", town[0], town[1],
		 1 + s->place % 7 + random_below(r, 12), random_between(r, 1, 9),
		 'a' + random_below(r, 26), 'a' + random_below(r, 26));
}

static void be_born(struct soul *s, struct random *r, const struct words *w,
		    const struct soul *parent)
{
	const struct zipf *names;

	s->is_female = random_percent(r, 22);
	names = s->is_female ? &w->women : &w->men;
	s->place = parent && random_percent(r, 70) ? parent->place : zipf_draw(&w->towns, r);
	snprintf(s->fields[FIRST], SLIP_ROOM, "%s", zipf_word(names, zipf_draw(names, r)));
	if (parent && parent->is_female == s->is_female && random_percent(r, 40))
		memcpy(s->fields[FIRST], parent->fields[FIRST], SLIP_ROOM);
	s->second[0] = '\0';
	if (random_percent(r, 35))
		snprintf(s->second, sizeof(s->second), "%s", zipf_word(names, zipf_draw(names, r)));
	snprintf(s->fields[SURNAME], SLIP_ROOM, "%s",
		 parent ? parent->fields[SURNAME]
			: zipf_word(&w->surnames, zipf_draw(&w->surnames, r)));
	crowd_birth(r, s->fields[BIRTH], 1650, 1920);
	if (random_percent(r, 15)) /* nobody knows the day */
		memcpy(s->fields[BIRTH] + 4, "-01-01", 7);
	snprintf(s->fields[PLACE], SLIP_ROOM, "%s", zipf_word(&w->towns, s->place));
	settle(s, r, w);
	snprintf(s->fields[GENDER], SLIP_ROOM, "%s", s->is_female ? "female" : "male");
	snprintf(s->fields[OCCUPATION], SLIP_ROOM, "%s",
		 parent && random_percent(r, 45) ? parent->fields[OCCUPATION]
						 : zipf_word(&w->trades, zipf_draw(&w->trades, r)));
}

static void change_first(struct soul *s, struct random *r)
{
	const char *other = crowd_nickname(r, s->fields[FIRST]);
	int kind = random_below(r, 100);

	if (kind < 25 && other)
		snprintf(s->fields[FIRST], SLIP_ROOM, "%s", other);
	else if (kind < 45)
		s->fields[FIRST][1] = '\0';
	else if (kind < 60 && s->second[0])
		snprintf(s->fields[FIRST], SLIP_ROOM, "%s", s->second);
	else
		slip_any(r, s->fields[FIRST]);
}

static void change_birth(struct soul *s, struct random *r)
{
	if (random_percent(r, 35))
		memcpy(s->fields[BIRTH] + 4, "-01-01", 7);
	else
		slip_date(r, s->fields[BIRTH]);
}

static void change_place(struct soul *s, struct random *r, const struct words *w)
{
	if (random_percent(r, 45))
		slip_any(r, s->fields[PLACE]);
	else /* the county town, or where the family moved */
		snprintf(s->fields[PLACE], SLIP_ROOM, "%s",
			 zipf_word(&w->towns, random_percent(r, 60) ? s->place % 20
								    : zipf_draw(&w->towns, r)));
}

static void change_occupation(struct soul *s, struct random *r, const struct words *w)
{
	int start = random_below(r, COUNT(other_words)), i;

	for (i = 0; i < COUNT(other_words); i++) {
		const char *const *pair = other_words[(start + i) % COUNT(other_words)];

		if (strcmp(pair[0], s->fields[OCCUPATION]) == 0) {
			snprintf(s->fields[OCCUPATION], SLIP_ROOM, "%s", pair[1]);
			return;
		}
	}
	snprintf(s->fields[OCCUPATION], SLIP_ROOM, "%s",
		 zipf_word(&w->trades, zipf_draw(&w->trades, r)));
}

static void change(struct soul *s, struct random *r, const struct words *w, int field)
{
	switch (field) {
	case FIRST:
		change_first(s, r);
		break;
	case SURNAME:
		slip_any(r, s->fields[SURNAME]);
		break;
	case BIRTH:
		change_birth(s, r);
		break;
	case PLACE:
		change_place(s, r, w);
		break;
	case POSTCODE:
		if (random_percent(r, 60))
			settle(s, r, w);
		else
			slip_any(r, s->fields[POSTCODE]);
		break;
	case OCCUPATION:
		change_occupation(s, r, w);
		break;
	default:
		snprintf(s->fields[GENDER], SLIP_ROOM, "%s", s->is_female ? "male" : "female");
	}
}

/* What one hand makes of it, in thousandths of each field. */
static void write_down(struct shuffled *lines, struct soul s, struct random *r,
		       const struct words *w, int entity)
{
	static const int wrong[FIELDS] = { 120, 100, 90, 80, 170, 4, 110 };
	static const int lost[FIELDS] = { 25, 15, 100, 90, 60, 20, 160 };
	int kind = random_below(r, 100), hand = kind < 45 ? 35 : kind < 85 ? 100 : 260, i;

	for (i = 0; i < FIELDS; i++)
		if (random_below(r, 100000) < wrong[i] * hand)
			change(&s, r, w, i);
	for (i = 0; i < FIELDS; i++)
		if (random_below(r, 100000) < lost[i] * hand)
			s.fields[i][0] = '\0';
	if (s.fields[FIRST][0] && s.fields[SURNAME][0] && random_percent(r, 2)) {
		char first[SLIP_ROOM];

		memcpy(first, s.fields[FIRST], SLIP_ROOM);
		memcpy(s.fields[FIRST], s.fields[SURNAME], SLIP_ROOM);
		memcpy(s.fields[SURNAME], first, SLIP_ROOM);
	}
	for (i = 0; i < FIELDS; i++) {
		if (i)
			text_char(&lines->text, ',');
		text_csv(&lines->text, s.fields[i]);
	}
	shuffled_end_line(lines, entity);
}

/* One to some twenty, ten in the mean. */
static int records(struct random *r)
{
	int count = random_between(r, 1, 10) + random_between(r, 0, 8);

	return random_percent(r, 6) ? count + random_between(r, 0, 12) : count;
}

void crowd_historical(const struct crowd *c)
{
	struct shuffled lines = { 0 };
	struct soul soul = { .place = 0 }, parent;
	struct words w;
	struct random r;
	int entity, i;

	random_init(&r, c->seed, 51);
	crowd_given_names(&w.men, &r, 300, false);
	crowd_given_names(&w.women, &r, 300, true);
	crowd_surnames(&w.surnames, &r, 2500);
	crowd_towns(&w.towns, &r, 700);
	zipf_init(&w.trades, &r, 0.8, COUNT(trades), trades, COUNT(trades), NULL, 0, NULL, 0);
	for (entity = 1; lines.count < c->rows; entity++) {
		parent = soul;
		be_born(&soul, &r, &w, entity > 1 && random_percent(&r, 6) ? &parent : NULL);
		for (i = records(&r); i > 0 && lines.count < c->rows; i--)
			write_down(&lines, soul, &r, &w, entity);
	}
	fputs("id,first_name,surname,dob,birth_place,postcode,gender,occupation\n", c->out);
	shuffled_write(&lines, &r, "h", "historical", c->out, c->truth);
	zipf_done(&w.men);
	zipf_done(&w.women);
	zipf_done(&w.surnames);
	zipf_done(&w.towns);
	zipf_done(&w.trades);
}
