/*
 * measure_number.c - are these digits the same, seen through a slip or a mask?
 */
#include "reconcile/measure.h"

#include <limits.h>

#include "reconcile/similar.h"

#define FAR 1e18
#define DATE_LENGTH 10 /* 1949-12-31 */
#define ID_LENGTH 18

/* One other character, or two neighbours that changed places. */
static bool slips(const char *a, const char *b, size_t len)
{
	size_t from = 0, to = len;

	while (from < len && a[from] == b[from])
		from++;
	while (to > from && a[to - 1] == b[to - 1])
		to--;
	return to - from == 1 ||
	       (to - from == 2 && a[from] == b[from + 1] && a[from + 1] == b[from]);
}

/* Dates. */

double date_days(const struct value *a, const struct value *b)
{
	double apart = (double)a->number - (double)b->number;

	if (a->number == NO_NUMBER || b->number == NO_NUMBER)
		return FAR;
	return apart < 0 ? -apart : apart;
}

static void date_digits(const struct value *v, char out[8])
{
	memcpy(out, v->text, 4);
	memcpy(out + 4, v->text + 5, 2);
	memcpy(out + 6, v->text + 8, 2);
}

bool date_slips(const struct value *a, const struct value *b)
{
	char x[8], y[8];

	if (a->len != DATE_LENGTH || b->len != DATE_LENGTH)
		return false;
	date_digits(a, x);
	date_digits(b, y);
	return slips(x, y, 8) ||
	       (!memcmp(x, y, 4) && !memcmp(x + 4, y + 6, 2) && !memcmp(x + 6, y + 4, 2));
}

bool date_shares(const struct value *a, const struct value *b, uint32_t characters)
{
	return a->len >= characters && b->len >= characters &&
	       !memcmp(a->text, b->text, characters);
}

static bool says_only_the_year(const struct value *v)
{
	return v->len == 4 || (v->len == DATE_LENGTH && !memcmp(v->text + 4, "-01-01", 6));
}

bool date_shares_year_only(const struct value *a, const struct value *b)
{
	return date_shares(a, b, 4) && (says_only_the_year(a) || says_only_the_year(b));
}

/* Ids. */

/* Of characters that both show; DIFFER where one is not the same. */
#define DIFFER UINT_MAX
static unsigned fitting(const char *a, const char *b, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i++) {
		if (a[i] == '*' || b[i] == '*')
			continue;
		if (a[i] != b[i])
			return DIFFER;
		count++;
	}
	return count;
}

static unsigned shown(const char *a, const char *b, size_t len)
{
	unsigned count = fitting(a, b, len);

	return count == DIFFER ? 0 : count;
}

bool id_fits(const struct value *a, const struct value *b)
{
	return a->idcard->digits[0] && b->idcard->digits[0] &&
	       fitting(a->idcard->digits, b->idcard->digits, ID_LENGTH) != DIFFER;
}

unsigned id_shown(const struct value *a, const struct value *b)
{
	if (!a->idcard->digits[0] || !b->idcard->digits[0])
		return 0;
	return shown(a->idcard->digits, b->idcard->digits, ID_LENGTH);
}

bool id_slips(const struct value *a, const struct value *b)
{
	if (a->is_partial || b->is_partial)
		return false;
	if (a->len == b->len)
		return slips(a->text, b->text, a->len);
	return similar_damerau(a, b, 1) <= 1; /* one digit is missing */
}

bool id_shares_birth(const struct value *a, const struct value *b)
{
	return a->idcard->birth && a->idcard->birth == b->idcard->birth &&
	       shown(a->idcard->digits, b->idcard->digits, 6) == 6;
}

/* Phones: any of one side with any of the other. */

unsigned phone_shown(const struct value *a, const struct value *b)
{
	char x[17], y[17];
	unsigned most = 0;

	for (uint32_t i = 0; i < a->set->count; i++) {
		size_t len = value_phone_digits(a->set->items[i], x);

		for (uint32_t j = 0; j < b->set->count; j++) {
			unsigned count = value_phone_digits(b->set->items[j], y) == len
						 ? shown(x, y, len)
						 : 0;

			most = count > most ? count : most;
		}
	}
	return most;
}

bool phone_slips(const struct value *a, const struct value *b)
{
	char x[17], y[17];

	for (uint32_t i = 0; i < a->set->count; i++) {
		size_t len = value_phone_digits(a->set->items[i], x);

		for (uint32_t j = 0; j < b->set->count; j++)
			if (value_phone_digits(b->set->items[j], y) == len && !strchr(x, '*') &&
			    !strchr(y, '*') && slips(x, y, len))
				return true;
	}
	return false;
}
