/*
 * people.c - a register in which clerks entered some people again, with mistakes.
 *
 * An entry made again has between one and four mistakes; neighbours in the file
 * may be a family: one surname, one street, one telephone.
 */
#include <stdio.h>
#include <string.h>

#include "sim/second_opinion/opinion.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

enum { GIVEN, SURNAME, BIRTH, STREET, SUBURB, POSTCODE, PHONE, NUMBER, FIELDS };

struct entry {
	char value[FIELDS][64];
	bool is_female;
};

static const char *const men[] = {
	"james",  "thomas",   "daniel", "joshua", "william", "jack",    "matthew",  "benjamin",
	"samuel", "nicholas", "luke",   "ryan",   "andrew",  "michael", "robert",   "peter",
	"david",  "stephen",  "philip", "george", "edward",  "oliver",  "harry",    "patrick",
	"simon",  "callum",   "hamish", "angus",  "lachlan", "declan",  "mitchell", "zachary",
	"tobias", "rupert",   "jarrod", "kieran", "bailey",  "flynn",   "caleb",    "dominic",
};
static const char *const women[] = {
	"emily",     "sarah",     "jessica",   "chloe",   "georgia",   "olivia", "sophie",
	"grace",     "emma",      "isabella",  "hannah",  "charlotte", "ella",   "lucy",
	"katherine", "elizabeth", "rebecca",   "nicole",  "michelle",  "amelia", "abbey",
	"caitlin",   "madeline",  "imogen",    "phoebe",  "bronwyn",   "tahlia", "sienna",
	"matilda",   "brianna",   "gabrielle", "louise",  "stacey",    "tegan",  "miranda",
	"freya",     "jacinta",   "marnie",    "shannon", "philippa",
};
static const char *const short_names[][2] = {
	{ "james", "jim" },      { "thomas", "tom" },      { "daniel", "dan" },
	{ "joshua", "josh" },    { "william", "bill" },    { "matthew", "matt" },
	{ "benjamin", "ben" },   { "samuel", "sam" },      { "nicholas", "nick" },
	{ "andrew", "andy" },    { "michael", "mick" },    { "robert", "bob" },
	{ "edward", "ted" },     { "patrick", "paddy" },   { "jessica", "jess" },
	{ "isabella", "bella" }, { "katherine", "kate" },  { "elizabeth", "liz" },
	{ "rebecca", "bec" },    { "madeline", "maddie" },
};
/* Surnames and streets are made of two parts; the bare first one is common. */
static const char *const heads[] = {
	"smith",  "brown", "white", "camp", "clark", "robert", "harri", "wil",   "thorn", "hart",
	"black",  "green", "wood",  "mar",  "hol",   "stan",   "ash",   "brad",  "west",  "nor",
	"lang",   "win",   "sher",  "fair", "hazel", "kirk",   "dun",   "mac",   "fitz",  "wether",
	"pritch", "gold",  "cross", "pen",  "ray",   "el",     "corn",  "hutch", "dav",   "jen",
};
static const char *const tails[] = {
	"son", "bell", "ton", "field", "man",   "ford",  "worth", "ley", "wood",  "kins",
	"ard", "by",   "ham", "well",  "brook", "stone", "gate",  "er",  "combe", "wick",
};
static const char *const ways[][2] = {
	{ "street", "st" },   { "place", "pl" }, { "crescent", "cres" }, { "avenue", "ave" },
	{ "circuit", "cct" }, { "road", "rd" },  { "close", "cl" },      { "drive", "dr" },
};

static void made_word(struct random *r, char *out, size_t room)
{
	const char *head = heads[opinion_skewed(r, COUNT(heads))];

	snprintf(out, room, "%s%s", head, tails[opinion_skewed(r, COUNT(tails))]);
}

static void dwelling(struct random *r, struct entry *e)
{
	char word[32];
	int suburb = opinion_skewed(r, 300);

	made_word(r, word, sizeof(word));
	snprintf(e->value[STREET], 64, "%d %s %s", 1 + opinion_skewed(r, 240), word,
		 ways[opinion_skewed(r, COUNT(ways))][0]);
	snprintf(e->value[SUBURB], 64, "%s%s%s", suburb % 7 == 0 ? "north " : "",
		 heads[suburb % COUNT(heads)], tails[suburb / 3 % COUNT(tails)]);
	snprintf(e->value[POSTCODE], 64, "%d", 2000 + suburb * 13 % 997);
	snprintf(e->value[PHONE], 64, "0%d 0000%04d", 2 + random_below(r, 7),
		 random_below(r, 10000));
}

static void individual(struct random *r, struct entry *e)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int month = random_below(r, 12);

	e->is_female = random_percent(r, 51);
	strcpy(e->value[GIVEN], e->is_female ? women[opinion_skewed(r, COUNT(women))]
					     : men[opinion_skewed(r, COUNT(men))]);
	if (random_percent(r, 7)) /* two given names in one field */
		strcat(e->value[GIVEN], e->is_female ? " jane" : " lee");
	snprintf(e->value[BIRTH], 64, "%04d-%02d-%02d", random_between(r, 1925, 2008), month + 1,
		 random_between(r, 1, days[month]));
	snprintf(e->value[NUMBER], 64, "%d", random_between(r, 1000000, 9999999));
}

static void stranger(struct random *r, struct entry *e)
{
	if (random_percent(r, 20))
		strcpy(e->value[SURNAME], heads[opinion_skewed(r, 10)]);
	else
		made_word(r, e->value[SURNAME], 64);
	dwelling(r, e);
	individual(r, e);
	if (random_percent(r, 6))
		e->value[PHONE][0] = '\0';
}

/* One of the same family: rarely a twin. */
static void relative(struct random *r, struct entry *e)
{
	char birth[64];

	strcpy(birth, e->value[BIRTH]);
	individual(r, e);
	if (random_percent(r, 4))
		strcpy(e->value[BIRTH], birth);
	if (random_percent(r, 40))
		snprintf(e->value[PHONE], 64, "04 0000%04d", random_below(r, 10000));
}

/* A finger beside the key, one too few, one too many, two in the wrong order. */
static void mistype(struct random *r, char *text)
{
	static const char keys[] = "qwertyuiop asdfghjkl zxcvbnm 1234567890";
	int size = (int)strlen(text), at;
	const char *key;

	if (size < 3)
		return;
	at = random_below(r, size - 1);
	switch (random_below(r, 4)) {
	case 0:
		key = strchr(keys, text[at]);
		if (key && *key != ' ' && key[1] && key[1] != ' ')
			text[at] = key[1];
		break;
	case 1:
		memmove(text + at, text + at + 1, (size_t)(size - at));
		break;
	case 2:
		if (size < 60)
			memmove(text + at + 1, text + at, (size_t)(size - at) + 1);
		break;
	default: {
		char first = text[at];

		text[at] = text[at + 1];
		text[at + 1] = first;
	}
	}
}

/* As it sounds to one who did not see it written. */
static void mishear(struct random *r, char *text)
{
	static const char *const sounds[][2] = {
		{ "ph", "f" }, { "ck", "k" }, { "ie", "y" },   { "ey", "y" },  { "ll", "l" },
		{ "tt", "t" }, { "c", "k" },  { "mac", "mc" }, { "ai", "ay" }, { "th", "t" },
		{ "y", "i" },  { "nn", "n" }, { "ou", "u" },   { "e", "a" },
	};
	int start = random_below(r, COUNT(sounds)), i;

	for (i = 0; i < COUNT(sounds); i++) {
		const char *const *s = sounds[(start + i) % COUNT(sounds)];
		char rest[64], *at = strstr(text, s[0]);

		if (!at)
			continue;
		strcpy(rest, at + strlen(s[0]));
		strcpy(at, s[1]);
		strcat(at, rest);
		return;
	}
}

static void spoil_digit(struct random *r, char *text)
{
	static const char like[] = "8753204169"; /* what a written 0, 1, 2 … is read as */
	size_t size = strlen(text), at;

	if (!size)
		return;
	at = (size_t)random_below(r, (int)size);
	if (text[at] >= '0' && text[at] <= '9')
		text[at] = like[text[at] - '0'];
}

static void spoil_birth(struct random *r, char *iso)
{
	char first, *at;

	if (strlen(iso) != 10)
		return;
	if (random_percent(r, 35) && memcmp(iso + 8, "12", 2) <= 0) { /* day and month */
		char month[2];

		memcpy(month, iso + 5, 2);
		memcpy(iso + 5, iso + 8, 2);
		memcpy(iso + 8, month, 2);
	} else if (random_percent(r, 12)) {
		memcpy(iso + 5, "01-01", 5); /* only the year was known */
	} else if (random_percent(r, 40)) {
		at = iso + 2; /* 1958 for 1985 */
		first = at[0];
		at[0] = at[1];
		at[1] = first;
	} else {
		iso[random_percent(r, 50) ? 9 : 3] = (char)('0' + random_below(r, 10));
	}
}

static void spoil_name(struct random *r, struct entry *e, int field)
{
	int i, start = random_below(r, COUNT(short_names));
	char *blank;

	if (field == GIVEN && random_percent(r, 30)) {
		blank = strchr(e->value[GIVEN], ' ');
		if (blank)
			*blank = '\0';
		for (i = 0; i < COUNT(short_names); i++) {
			const char *const *pair = short_names[(start + i) % COUNT(short_names)];

			if (strcmp(pair[0], e->value[GIVEN]) == 0) {
				strcpy(e->value[GIVEN], pair[1]);
				return;
			}
		}
		if (random_percent(r, 20))
			e->value[GIVEN][1] = '\0'; /* an initial */
	} else if (random_percent(r, 45)) {
		mishear(r, e->value[field]);
	} else {
		mistype(r, e->value[field]);
	}
}

static void spoil_street(struct random *r, char *street)
{
	char *way = strrchr(street, ' '), *name = strchr(street, ' ');
	int i;

	if (!way || !name || way == name)
		return;
	if (random_percent(r, 15)) {
		*way = '\0'; /* 12 ashton */
	} else if (random_percent(r, 15)) {
		memmove(street, name + 1, strlen(name)); /* no number */
	} else if (random_percent(r, 30)) {
		for (i = 0; i < COUNT(ways); i++)
			if (strcmp(way + 1, ways[i][0]) == 0) {
				strcpy(way + 1, ways[i][1]);
				return;
			}
	} else if (random_percent(r, 20)) {
		spoil_digit(r, street);
	} else {
		mistype(r, street);
	}
}

static void swap_names(struct entry *e)
{
	char given[64];

	strcpy(given, e->value[GIVEN]);
	strcpy(e->value[GIVEN], e->value[SURNAME]);
	strcpy(e->value[SURNAME], given);
}

static void one_mistake(struct random *r, struct entry *e)
{
	int what = random_below(r, 100);

	if (what < 16)
		spoil_name(r, e, GIVEN);
	else if (what < 31)
		spoil_name(r, e, SURNAME);
	else if (what < 35)
		swap_names(e);
	else if (what < 45)
		spoil_birth(r, e->value[BIRTH]);
	else if (what < 60)
		spoil_street(r, e->value[STREET]);
	else if (what < 67)
		mistype(r, e->value[SUBURB]);
	else if (what < 71)
		spoil_digit(r, e->value[POSTCODE]);
	else if (what < 77)
		spoil_digit(r, e->value[PHONE]);
	else if (what < 82)
		spoil_digit(r, e->value[NUMBER]);
	else if (what < 96)
		e->value[random_below(r, FIELDS)][0] = '\0';
	else if (what < 98)
		dwelling(r, e); /* moved */
	else if (e->is_female)
		made_word(r, e->value[SURNAME], 64); /* married */
}

static bool write_entry(struct opinion *o, int entity, const struct entry *e)
{
	const char *values[FIELDS];
	int i;

	for (i = 0; i < FIELDS; i++)
		values[i] = e->value[i];
	return opinion_row(o, entity, values, FIELDS);
}

/* How often one more time somebody was entered: 0 to 5. */
static int times_again(struct random *r)
{
	static const char shares[] = { 42, 28, 16, 8, 4, 2 };
	int left = random_below(r, 100), i;

	for (i = 0; left >= shares[i]; i++)
		left -= shares[i];
	return i;
}

void opinion_people(struct opinion *o)
{
	struct random *r = &o->random;
	struct entry original = { 0 };
	int entity, again, mistakes;

	o->header = "given_name,surname,date_of_birth,street,suburb,postcode,phone,soc_sec_id";
	for (entity = 1; o->count < o->rows; entity++) {
		if (entity > 1 && random_percent(r, 9))
			relative(r, &original);
		else
			stranger(r, &original);
		write_entry(o, entity, &original);
		for (again = times_again(r); again > 0; again--) {
			struct entry copy = original;

			for (mistakes = random_between(r, 1, 4); mistakes > 0; mistakes--)
				one_mistake(r, &copy);
			write_entry(o, entity, &copy);
		}
	}
}
