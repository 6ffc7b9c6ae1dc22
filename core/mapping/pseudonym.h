/*
 * pseudonym.h - made-up values in the place of personal ones: of the same shape,
 * so that whatever is done with them goes the same way.
 */
#ifndef MAPPING_PSEUDONYM_H
#define MAPPING_PSEUDONYM_H

#include "model/model.h"

struct pseudonyms { /* of one record; all zero to begin with, save the arena */
	struct arena *arena;
	struct pseudonym {
		struct cb_text real, made_up;
	} * at;
	size_t count, room;
	unsigned people, phones, others; /* so many were made */
};

/*
 * What stands for @value: the same for the same value. An identity number stays
 * one (also one with a wrong check digit, masked, or rounded by a spreadsheet), a
 * phone number a phone number, a date a date, a name a name.
 */
struct cb_text pseudonym(struct pseudonyms *p, const struct field *field, struct cb_text value);

/* @text with every value that has a pseudonym in it replaced. */
struct cb_text pseudonyms_within(struct pseudonyms *p, struct cb_text text);

#endif
