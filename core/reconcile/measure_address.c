/*
 * measure_address.c - how far down do two addresses lead to the same place?
 *
 * What one of them does not say is unknown, never different. People leave out what
 * closes a name (慈溪周巷老墩村 for 慈溪市周巷镇老墩村), so that a name may have those of
 * the levels above in front of it. A village, a road and an estate are three ways
 * to name a place: one of them is enough, but a village is never an estate.
 */
#include "reconcile/measure.h"

enum relation { UNKNOWN, SAME, APART };

#define CHARACTERS(n) ((n) * (size_t)3) /* bytes of Chinese */

static bool ends_with(struct cb_text text, struct cb_text tail)
{
	return text.len >= tail.len &&
	       memcmp(text.at + text.len - tail.len, tail.at, tail.len) == 0;
}

/* The name of the nearest level above @level that is said. */
static struct cb_text name_above(const struct value_address *a, int level)
{
	int above = level < LEVEL_VILLAGE ? level : LEVEL_VILLAGE;

	while (--above >= 0)
		if (a->levels[above])
			return a->names[above];
	return (struct cb_text){ 0 };
}

/* 慈溪周巷老墩 for the 老墩 of 慈溪市周巷镇. One character in front makes another name: 小桥头. */
static bool is_led(const struct value_address *longer, const struct value_address *shorter,
		   int level)
{
	struct cb_text text = longer->names[level], tail = shorter->names[level], above;

	if (tail.len < CHARACTERS(2) || text.len < tail.len + CHARACTERS(2) ||
	    !ends_with(text, tail))
		return false;
	text.len -= tail.len;
	above = name_above(shorter, level);
	return !above.len || ends_with(text, above);
}

static bool share_name(const struct value_address *a, const struct value_address *b, int level)
{
	return a->levels[level] == b->levels[level] || is_led(a, b, level) || is_led(b, a, level);
}

static enum relation relate(const struct value_address *a, const struct value_address *b, int level)
{
	if (!a->levels[level] || !b->levels[level])
		return UNKNOWN;
	if (level < ADDRESS_NAMED ? share_name(a, b, level) : a->levels[level] == b->levels[level])
		return SAME;
	return APART;
}

/* Also by what closes it: 明日花园 is not 明日新村. */
static enum relation relate_places(const struct value_address *a, const struct value_address *b,
				   int level)
{
	enum relation relation = relate(a, b, level);

	if (relation != SAME || !a->kinds[level] || !b->kinds[level] ||
	    a->kinds[level] == b->kinds[level])
		return relation;
	return relate(a, b, LEVEL_BUILDING) == SAME && relate(a, b, LEVEL_ROOM) == SAME ? SAME
											: APART;
}

/* 慈溪市 is the county of 宁波市慈溪市. */
static enum relation relate_cities(const struct value_address *a, const struct value_address *b)
{
	for (int i = LEVEL_CITY; i <= LEVEL_COUNTY; i++)
		for (int k = LEVEL_CITY; k <= LEVEL_COUNTY; k++)
			if (a->levels[i] && a->levels[i] == b->levels[k])
				return relate(a, b, LEVEL_COUNTY) == APART ? APART : SAME;
	return relate(a, b, LEVEL_COUNTY) == APART || relate(a, b, LEVEL_CITY) == APART ? APART
											: UNKNOWN;
}

/* 慈溪观海卫 is all that one says, and 观海卫镇 what the other does. */
static bool is_town_alone(const struct value_address *a, const struct value_address *b)
{
	struct cb_text name = a->names[LEVEL_ESTATE], town = b->names[LEVEL_TOWN];

	return a->levels[LEVEL_ESTATE] && !a->kinds[LEVEL_ESTATE] && !a->levels[LEVEL_TOWN] &&
	       b->levels[LEVEL_TOWN] && ends_with(name, town) &&
	       name.len != CHARACTERS(1) + town.len;
}

/* 周巷老墩村 is in 周巷镇. */
static bool begins_with_town(const struct value_address *a, const struct value_address *b)
{
	struct cb_text town = b->names[LEVEL_TOWN];

	if (!b->levels[LEVEL_TOWN] || a->levels[LEVEL_TOWN] || town.len < CHARACTERS(2))
		return false;
	for (int level = LEVEL_VILLAGE; level <= LEVEL_ESTATE; level++) {
		struct cb_text name = a->names[level];

		if (name.len >= town.len + CHARACTERS(2) && !memcmp(name.at, town.at, town.len))
			return true;
	}
	return false;
}

static bool names_place(const struct value_address *a)
{
	return a->levels[LEVEL_VILLAGE] || a->levels[LEVEL_ROAD] || a->levels[LEVEL_ESTATE];
}

/* The deepest of village, road and estate that both name; a compound has gates on several roads. */
static enum relation relate_all_places(const struct value_address *a, const struct value_address *b,
				       int *level)
{
	for (int i = LEVEL_ESTATE; i >= LEVEL_VILLAGE; i--) {
		enum relation relation = relate_places(a, b, i);

		if (relation == SAME)
			*level = i;
		if (relation == SAME || (relation == APART && i != LEVEL_ROAD))
			return relation;
	}
	return relate_places(a, b, LEVEL_ROAD) == APART || (names_place(a) && names_place(b))
		       ? APART
		       : UNKNOWN;
}

/* Inside of one place. An estate and a number on a road are two names of one compound. */
static struct address_shared relate_inside(const struct value_address *a,
					   const struct value_address *b, int level)
{
	struct address_shared shared = { .level = level };
	int from = level == LEVEL_ESTATE ? LEVEL_BUILDING : LEVEL_NUMBER;

	for (int i = from; i <= LEVEL_ROOM && !shared.is_apart; i++) {
		enum relation relation = relate(a, b, i);

		if (relation == SAME)
			shared.level = i;
		shared.is_apart = relation == APART;
	}
	return shared;
}

struct address_shared address_shared(const struct value *va, const struct value *vb)
{
	const struct value_address *a = va->address, *b = vb->address;
	struct address_shared shared = { .level = -1 };
	enum relation cities = relate_cities(a, b), towns = relate(a, b, LEVEL_TOWN), places;

	if (relate(a, b, LEVEL_PROVINCE) == APART || cities == APART || towns == APART)
		return (struct address_shared){ -1, true };
	if (relate(a, b, LEVEL_PROVINCE) == SAME)
		shared.level = LEVEL_PROVINCE;
	if (cities == SAME)
		shared.level = relate(a, b, LEVEL_COUNTY) == SAME ? LEVEL_COUNTY : LEVEL_CITY;
	if (towns == SAME || begins_with_town(a, b) || begins_with_town(b, a))
		shared.level = LEVEL_TOWN;
	if (is_town_alone(a, b) || is_town_alone(b, a))
		return (struct address_shared){ LEVEL_TOWN, false };
	places = relate_all_places(a, b, &shared.level);
	if (places == SAME)
		return relate_inside(a, b, shared.level);
	shared.is_apart = places == APART;
	return shared;
}
