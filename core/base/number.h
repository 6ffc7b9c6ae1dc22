/*
 * number.h - exact decimal numbers as text.
 *
 * Canonical: -?digits[.digits], no leading zeros, no plus, no exponent; trailing
 * zeros after the point are kept, because 12000.50 is how the amount was said.
 * At most 38 digits. Nothing here ever passes through a double.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <casebridge/text.h>

#define NUMBER_TEXT 48

enum { NUMBER_OK, NUMBER_SHAPE, NUMBER_LONG };

/*
 * Theirs to canonical: full-width digits, thousands separators in groups of
 * three (1,234.50; also ，), a leading + and blanks at the ends are understood;
 * exponents, hexadecimal, "12,34" are NUMBER_SHAPE.
 */
int number_read(struct cb_text theirs, char out[NUMBER_TEXT]);
bool number_is_canonical(struct cb_text text);
bool number_is_integer(struct cb_text canonical);

/* Compare canonical numbers by value: 1.20 equals 1.2. */
int number_compare(struct cb_text a, struct cb_text b);

/*
 * Multiply or divide by @factor exactly (factor: a canonical positive number).
 * Dividing is exact or NUMBER_LONG. Multiplying and dividing drop trailing
 * zeros after the point that the operation made.
 */
int number_times(struct cb_text a, struct cb_text factor, char out[NUMBER_TEXT]);
int number_divide(struct cb_text a, struct cb_text factor, char out[NUMBER_TEXT]);

/* Sizes and durations that users write: "64k" "1M" "2G" (1024s); "10m" "1h" "30s" "2d" in ms. */
bool number_size(const char *text, int64_t *out);
bool number_duration(const char *text, int64_t *ms);

#endif
