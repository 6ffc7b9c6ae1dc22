/*
 * chinese.h - names of people and places in Chinese, and how a desk gets them wrong.
 *
 * Characters are three bytes each. A function that spoils changes @text in place
 * and says whether it found something to spoil.
 */
#ifndef SIM_CHINESE_H
#define SIM_CHINESE_H

#include <stdbool.h>

#include "sim/common/random.h"

#define NAME_ROOM 128
#define ADDRESS_ROOM 256

struct name {
	char surname[8], given[8];
};

void chinese_surname(struct random *r, char surname[8]);
/* @decade: 3 for 1930 … 10 for 2000; @shared: NULL, or the character all siblings have. */
void chinese_given(struct random *r, char given[8], bool is_female, int decade, const char *shared);
/* What is asked of one company; @form 0 is its full name. */
void chinese_company(int company, int form, char out[NAME_ROOM]);

bool chinese_misheard(struct random *r, char *text, bool is_dialect);
bool chinese_misread(struct random *r, char *text);
bool chinese_other_form(struct random *r, char *text); /* 國 for 国 */

/* Where somebody lives: a house in a village, or a flat in an estate. */
struct dwelling {
	short town, place, group, number; /* number: the house, or the building of a flat */
	short unit, room;                 /* 0 for a house */
};

void chinese_dwelling(struct random *r, struct dwelling *d);
/* @care: 0 the town or the village alone … 100 always in full. */
void chinese_address(struct random *r, const struct dwelling *d, int care, char out[ADDRESS_ROOM]);

#endif
