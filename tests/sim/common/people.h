/*
 * people.h - people who do not exist.
 *
 * Their ids have right check digits but the area code 330299, which no county
 * has; their phones are 13n 0000 xxxx.
 */
#ifndef SIM_PEOPLE_H
#define SIM_PEOPLE_H

#include <stdbool.h>

#include "sim/common/random.h"

void people_name(struct random *r, char out[32], bool is_female);
void people_company(struct random *r, char out[96]);
/* @birth is yyyyMMdd. */
void people_birth(struct random *r, char birth[9]);
void people_id(struct random *r, char out[19], const char *birth, bool is_female);
void people_phone(struct random *r, char out[12]);

/* The check digit that belongs to the first 17. */
char people_check_digit(const char *id);

#endif
