/*
 * measure.h - between compare.c and the measures of names and of numbers.
 */
#ifndef RECONCILE_MEASURE_H
#define RECONCILE_MEASURE_H

#include "reconcile/form.h"

/* Names: values of FORM_NAME, also of other texts where nothing about characters is asked. */
bool name_sounds_alike(const struct value *a, const struct value *b, bool as_heard);
bool name_looks_alike(const struct value *a, const struct value *b);
bool name_slips(const struct value *a, const struct value *b);
bool name_fits_mask(const struct value *a, const struct value *b);
/* Nothing that both show differs, as far as it can be told. */
bool name_fits(const struct value *a, const struct value *b);
bool name_is_reordered(const struct value *a, const struct value *b);
/* Companies: the same but for 有限公司 behind it and a place in front of it. */
bool name_shares_core(const struct value *a, const struct value *b);
bool name_shares_surname(const struct value *a, const struct value *b);

/* Dates: what they say need not exist. */
double date_days(const struct value *a, const struct value *b);
bool date_slips(const struct value *a, const struct value *b);
bool date_shares(const struct value *a, const struct value *b, uint32_t characters);
bool date_shares_year_only(const struct value *a, const struct value *b);

/* Ids and phones: how many shown digits agree where none differs, else 0. */
unsigned id_shown(const struct value *a, const struct value *b);
bool id_fits(const struct value *a, const struct value *b); /* none that both show differs */
bool id_slips(const struct value *a, const struct value *b);
bool id_shares_birth(const struct value *a, const struct value *b);
unsigned phone_shown(const struct value *a, const struct value *b);
bool phone_slips(const struct value *a, const struct value *b);

/* Addresses. @level: the deepest that they share with nothing different above; -1: none. */
struct address_shared {
	int level;
	bool is_apart; /* something that both say differs */
};
struct address_shared address_shared(const struct value *a, const struct value *b);

#endif
