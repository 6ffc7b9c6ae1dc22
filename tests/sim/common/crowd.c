/*
 * crowd.c - what the crowds share: names by how common they are, and the order of rows.
 */
#include "sim/common/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "sim/common/zipf.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

void shuffled_end_line(struct shuffled *s, int entity)
{
	text_char(&s->text, '\n');
	if (s->count + 1 >= s->room) {
		s->room = s->room ? s->room * 2 : 1024;
		s->starts = realloc(s->starts, (size_t)s->room * sizeof(*s->starts));
		s->entities = realloc(s->entities, (size_t)s->room * sizeof(*s->entities));
		if (!s->starts || !s->entities)
			die("out of memory");
	}
	if (!s->count)
		s->starts[0] = 0;
	s->entities[s->count++] = entity;
	s->starts[s->count] = s->text.size;
}

void shuffled_write(struct shuffled *s, struct random *r, const char *prefix, const char *source,
		    FILE *out, FILE *truth)
{
	int *order = malloc((size_t)(s->count + 1) * sizeof(*order)), i;
	char id[64];

	if (!order)
		die("out of memory");
	for (i = 0; i < s->count; i++) {
		int j = random_below(r, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < s->count; i++) {
		size_t start = s->starts[order[i]];

		snprintf(id, sizeof(id), "%s%07d", prefix ? prefix : "", i + 1);
		if (prefix)
			fprintf(out, "%s,", id);
		fwrite(s->text.data + start, 1, s->starts[order[i] + 1] - start, out);
		if (prefix)
			fprintf(truth, "%s,%s,%d\n", source, id, s->entities[order[i]]);
	}
	free(order);
	free(s->starts);
	free(s->entities);
	text_done(&s->text);
}

void crowd_birth(struct random *r, char iso[11], int from, int to)
{
	snprintf(iso, 11, "%04d-%02d-%02d", random_between(r, from, to), random_between(r, 1, 12),
		 random_between(r, 1, 28));
}

void crowd_surnames(struct zipf *z, struct random *r, int count)
{
	static const char *const first[] = {
		"smith",     "jones",   "williams", "brown",    "wilson",   "taylor",   "johnson",
		"white",     "martin",  "anderson", "thompson", "nguyen",   "thomas",   "walker",
		"harris",    "lee",     "ryan",     "robinson", "kelly",    "king",     "davis",
		"wright",    "evans",   "roberts",  "green",    "hall",     "wood",     "jackson",
		"clarke",    "hughes",  "edwards",  "hill",     "moore",    "clark",    "harrison",
		"scott",     "young",   "morris",   "watson",   "mitchell", "ward",     "turner",
		"baker",     "cooper",  "carter",   "phillips", "campbell", "stewart",  "murphy",
		"miller",    "cook",    "bailey",   "lewis",    "allen",    "shaw",     "adams",
		"collins",   "bennett", "richards", "gray",     "webb",     "marshall", "palmer",
		"simpson",   "stevens", "chapman",  "hunt",     "mills",    "barnes",   "knight",
		"matthews",  "fisher",  "russell",  "lloyd",    "butler",   "holmes",   "reid",
		"macdonald", "fraser",  "murray",   "grant",    "hamilton", "graham",   "ross",
	};
	static const char *const heads[] = {
		"al",   "ash",  "bar",  "beck", "ben",  "black", "brad", "bur",  "cal",  "car",
		"chad", "cole", "cran", "dal",  "den",  "dod",   "dun",  "ed",   "el",   "fair",
		"far",  "fen",  "gar",  "gil",  "glad", "gor",   "hal",  "ham",  "har",  "haw",
		"hen",  "hol",  "hor",  "kel",  "ken",  "kil",   "lan",  "lin",  "lock", "mal",
		"mar",  "mel",  "mor",  "nor",  "oak",  "pem",   "pick", "pres", "quin", "rad",
		"ran",  "red",  "rod",  "row",  "sal",  "sel",   "shel", "stan", "sut",  "thorn",
		"tre",  "van",  "wal",  "war",  "wes",  "whit",  "win",  "wood", "yar",  "o'",
	};
	static const char *const tails[] = {
		"ton", "ham",  "ley", "field", "ford", "worth", "wick", "by",   "man",  "son",
		"er",  "ings", "den", "bury",  "well", "wood",  "land", "more", "gate", "shaw",
		"ard", "ett",  "ick", "old",   "ens",  "is",    "ow",   "ell",  "ock",  "ane",
	};

	zipf_init(z, r, 0.85, count, first, COUNT(first), heads, COUNT(heads), tails, COUNT(tails));
}

void crowd_given_names(struct zipf *z, struct random *r, int count, bool is_female)
{
	static const char *const men[] = {
		"john",      "william", "james",       "thomas",   "george",   "joshua",
		"jack",      "david",   "robert",      "charles",  "daniel",   "matthew",
		"samuel",    "joseph",  "michael",     "benjamin", "henry",    "edward",
		"leonard",   "peter",   "nicholas",    "luke",     "ryan",     "alexander",
		"andrew",    "richard", "stephen",     "patrick",  "philip",   "arthur",
		"frederick", "alfred",  "francis",     "walter",   "albert",   "harry",
		"hugh",      "adam",    "christopher", "anthony",  "simon",    "martin",
		"lewis",     "ernest",  "edmund",      "ralph",    "geoffrey", "jonathan",
	};
	static const char *const women[] = {
		"mary",     "elizabeth", "sarah",    "emily",  "anne",      "jessica", "jane",
		"margaret", "charlotte", "emma",     "olivia", "catherine", "alice",   "sophie",
		"hannah",   "isabella",  "georgia",  "lucy",   "rebecca",   "ellen",   "grace",
		"frances",  "harriet",   "florence", "edith",  "maria",     "martha",  "caroline",
		"amy",      "rachel",    "susan",    "ruth",   "eleanor",   "rose",    "victoria",
		"helen",    "louisa",    "dorothy",  "julia",  "katherine", "agnes",   "theresa",
	};
	static const char *const heads[] = {
		"a",   "al",  "an", "be", "bra", "ca", "cha", "co", "da", "de", "e",  "el",
		"fa",  "fre", "ga", "ha", "i",   "ja", "je",  "jo", "ka", "ke", "la", "le",
		"lo",  "ma",  "me", "mi", "na",  "ni", "o",   "ra", "re", "ro", "sa", "se",
		"sha", "so",  "ta", "te", "ti",  "ty", "va",  "wi", "xa", "za",
	};
	static const char *const male_tails[] = { "den",  "lan", "son", "ron", "than", "las",
						  "rick", "vin", "ton", "mer", "leb",  "ris" };
	static const char *const female_tails[] = { "lia", "na",  "rina", "lle", "ssa", "rah",
						    "nie", "lyn", "bel",  "dia", "ra",  "line" };

	if (is_female)
		zipf_init(z, r, 0.9, count, women, COUNT(women), heads, COUNT(heads), female_tails,
			  COUNT(female_tails));
	else
		zipf_init(z, r, 0.9, count, men, COUNT(men), heads, COUNT(heads), male_tails,
			  COUNT(male_tails));
}

void crowd_streets(struct zipf *z, struct random *r, int count)
{
	static const char *const first[] = {
		"high street",   "church street",  "station road", "victoria street",  "park road",
		"main street",   "king street",    "queen street", "george street",    "mill lane",
		"albert street", "railway parade", "school lane",  "elizabeth street", "green lane",
	};
	static const char *const heads[] = {
		"ash",    "banks", "beech",  "birch",  "bourne", "bridge", "cedar",   "chest",
		"cherry", "clare", "elm",    "fern",   "glen",   "hazel",  "heath",   "holly",
		"kings",  "lake",  "laurel", "maple",  "mead",   "oak",    "orchard", "pine",
		"river",  "rose",  "sand",   "spring", "stone",  "willow",
	};
	static const char *const tails[] = {
		"dale street", "wood avenue",   "hurst road",  "ton crescent", "more place",
		"field close", "well court",    "brook drive", "view parade",  "mere circuit",
		"leigh lane",  "combe terrace", "grove",       "side gardens", "ham way",
		"bank street", "gate road",     "ridge drive",
	};

	zipf_init(z, r, 0.7, count, first, COUNT(first), heads, COUNT(heads), tails, COUNT(tails));
}

void crowd_towns(struct zipf *z, struct random *r, int count)
{
	static const char *const first[] = {
		"london",     "manchester", "birmingham", "edinburgh", "glasgow",
		"liverpool",  "bristol",    "leeds",      "dublin",    "sheffield",
		"cambridge",  "oxford",     "york",       "bath",      "newcastle upon tyne",
		"nottingham", "aberdeen",   "plymouth",   "norwich",   "exeter",
	};
	static const char *const heads[] = {
		"ald",  "ast",  "bal",  "bex",  "blen", "brom",  "bur", "chel",   "clif",
		"cran", "dor",  "dun",  "ease", "fal",  "gos",   "hex", "hather", "ips",
		"kel",  "kirk", "lang", "long", "mal",  "mid",   "nor", "ottery", "pad",
		"pen",  "rams", "ross", "sal",  "stan", "strat", "tad", "thorn",  "up",
		"wake", "wey",  "whit", "wool", "yar",
	};
	static const char *const tails[] = {
		"bury",    "by",     "combe", "den",   "ester", "ford",  "ham",
		"hampton", "hurst",  "mere",  "mouth", "ness",  "port",  "stead",
		"stoke",   "thorpe", "ton",   "wich",  "wick",  "worth",
	};

	zipf_init(z, r, 0.95, count, first, COUNT(first), heads, COUNT(heads), tails, COUNT(tails));
}

const char *crowd_nickname(struct random *r, const char *name)
{
	static const struct {
		const char *name, *others[3];
	} known[] = {
		{ "william", { "bill", "will", "willie" } },
		{ "robert", { "bob", "rob", "bobby" } },
		{ "john", { "jack", "jon", "johnny" } },
		{ "james", { "jim", "jamie", "jas" } },
		{ "thomas", { "tom", "thos", "tommy" } },
		{ "charles", { "charlie", "chas", "chuck" } },
		{ "george", { "geo", "georgie", "geo" } },
		{ "edward", { "ted", "ned", "eddie" } },
		{ "henry", { "harry", "hal", "hy" } },
		{ "joseph", { "joe", "jos", "joey" } },
		{ "elizabeth", { "liz", "eliza", "betty" } },
		{ "margaret", { "maggie", "peggy", "meg" } },
		{ "mary", { "polly", "molly", "may" } },
		{ "catherine", { "kate", "cathy", "kitty" } },
		{ "sarah", { "sally", "sadie", "sara" } },
		{ "anne", { "annie", "ann", "nan" } },
		{ "richard", { "dick", "rick", "rich" } },
		{ "michael", { "mike", "mick", "micky" } },
		{ "alexander", { "alex", "sandy", "alec" } },
		{ "benjamin", { "ben", "benj", "benny" } },
		{ "frederick", { "fred", "freddie", "fredk" } },
		{ "samuel", { "sam", "saml", "sammy" } },
		{ "matthew", { "matt", "mat", "matty" } },
		{ "katherine", { "kate", "kathy", "kit" } },
	};
	int i;

	for (i = 0; i < COUNT(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].others[random_below(r, 3)];
	return NULL;
}
