/*
 * number.h - exact decimal numbers as text.
 *
 * Canonical: -?digits[.digits], no leading zeros, no plus, no exponent; trailing
 * zeros after the point are kept, because 12000.50 is how the amount was said.
 * At most 38 digits, and zero has no sign. Nothing here ever passes through a
 * double.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <casebridge/text.h>

#define NUMBER_TEXT 48

enum { NUMBER_OK, NUMBER_SHAPE, NUMBER_LONG };

/*
 * Theirs to canonical: full-width digits, thousands separators in groups of
 * three (1,234.50; also ，), a leading +, leading zeros, .5 and blanks at the
 * ends are understood; exponents, hexadecimal, "12,34", "0,123", "12." are
 * NUMBER_SHAPE. With anything but NUMBER_OK, @out is empty.
 */
int number_read(struct cb_text theirs, char out[NUMBER_TEXT]);
bool number_is_canonical(struct cb_text text);
bool number_is_integer(struct cb_text canonical); /* no point; 12.00 is none */

/* Compare canonical numbers by value: 1.20 equals 1.2. */
int number_compare(struct cb_text a, struct cb_text b);

/*
 * Multiply or divide by @factor exactly (factor: a canonical positive number).
 * Dividing is exact or NUMBER_LONG. Zeros at the end that the operation made
 * are dropped, those that @a was said with stay behind the point as far as it
 * moves: 30000 / 10000 is 3, 12000.50 / 10000 is 1.200050 and back, and
 * 12.50 * 100 is 1250. Dividing and multiplying again gives the same value.
 */
int number_times(struct cb_text a, struct cb_text factor, char out[NUMBER_TEXT]);
int number_divide(struct cb_text a, struct cb_text factor, char out[NUMBER_TEXT]);

/* Sizes and durations that users write: "4096" "64k" "1M" "2G" (1024s); "500ms" "30s" "10m" "1h"
 * "2d" in ms. A duration without a unit is refused, save 0. */
bool number_size(const char *text, int64_t *out);
bool number_duration(const char *text, int64_t *ms);

#endif
