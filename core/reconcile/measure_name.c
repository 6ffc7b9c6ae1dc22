/*
 * measure_name.c - is this the name of the same person, written by somebody else?
 */
#include "reconcile/measure.h"

#include "reconcile/han.h"
#include "reconcile/similar.h"

#define PLACE 6  /* characters of a place in front of a company's name: 浙江省慈溪市 */
#define LATIN 64 /* letters of a name in Latin, blanks apart */

static uint32_t character(const struct value *v, uint32_t i)
{
	return v->len == v->length ? (unsigned char)v->text[i] : value_characters(v)[i];
}

static uint32_t sound_of(const struct value *v, uint32_t i, bool as_heard)
{
	uint32_t sound = v->name->sounds[i];

	if (!sound)
		return character(v, i) | UINT32_C(1) << 31;
	return as_heard ? han_heard(sound) : sound;
}

/* Letters without blanks; of a Chinese name its syllables, those from @first on in front. */
static size_t write_latin(const struct value *v, uint32_t first, char out[LATIN + 8])
{
	size_t len = 0;

	if (!v->name->is_han) {
		for (uint32_t i = 0; i < v->len && len < LATIN; i++)
			if (v->text[i] != ' ')
				out[len++] = v->text[i];
		return len;
	}
	for (uint32_t i = 0; i < v->length && len < LATIN; i++)
		len += han_syllable(v->name->sounds[(first + i) % v->length], out + len);
	return len;
}

/* 王建国 is "wang jianguo" and "jianguo wang". */
static bool is_latin_of(const struct value *han, const struct value *other)
{
	char a[LATIN + 8], b[LATIN + 8];
	size_t len = write_latin(other, 0, b);

	for (int turn = 0; turn < 2; turn++)
		if (write_latin(han, turn ? han->name->surname : 0, a) == len && !memcmp(a, b, len))
			return true;
	return false;
}

bool name_sounds_alike(const struct value *a, const struct value *b, bool as_heard)
{
	if (a->is_partial || b->is_partial)
		return false;
	if (a->name->is_han != b->name->is_han)
		return a->name->is_han ? is_latin_of(a, b) : is_latin_of(b, a);
	if (!a->name->is_han || a->length != b->length)
		return false;
	for (uint32_t i = 0; i < a->length; i++)
		if (sound_of(a, i, as_heard) != sound_of(b, i, as_heard))
			return false;
	return true;
}

bool name_looks_alike(const struct value *a, const struct value *b)
{
	if (a->length != b->length || a->is_partial || b->is_partial || !a->name->is_han ||
	    !b->name->is_han)
		return false;
	for (uint32_t i = 0; i < a->length; i++) {
		uint32_t x = character(a, i), y = character(b, i);

		if (x != y && (!(a->name->looks[i] & b->name->looks[i]) || !han_are_alike(x, y)))
			return false;
	}
	return true;
}

bool name_slips(const struct value *a, const struct value *b)
{
	return !a->is_partial && !b->is_partial && a->length > 1 && b->length > 1 &&
	       similar_damerau(a, b, 1) <= 1;
}

/* Characters before the first that is hidden, or behind the last. */
static uint32_t shown(const struct value *v, bool at_end)
{
	uint32_t count = 0;

	while (count < v->length && character(v, at_end ? v->length - 1 - count : count) != '*')
		count++;
	return count;
}

/* As many as both show at one end are the same. */
static bool agree(const struct value *a, const struct value *b, uint32_t count, bool at_end)
{
	for (uint32_t i = 0; i < count; i++)
		if (character(a, at_end ? a->length - 1 - i : i) !=
		    character(b, at_end ? b->length - 1 - i : i))
			return false;
	return true;
}

static bool fits_each(const struct value *a, const struct value *b)
{
	for (uint32_t i = 0; i < a->length; i++) {
		uint32_t x = character(a, i), y = character(b, i);

		if (x != y && x != '*' && y != '*')
			return false;
	}
	return true;
}

/* A surname alone is shown at most, and of one the given name. */
bool name_fits(const struct value *a, const struct value *b)
{
	uint32_t front = shown(a, false) < shown(b, false) ? shown(a, false) : shown(b, false);

	return !front || name_fits_mask(a, b);
}

bool name_fits_mask(const struct value *a, const struct value *b)
{
	uint32_t front, back;

	if (!a->is_partial && !b->is_partial)
		return false;
	front = shown(a, false) < shown(b, false) ? shown(a, false) : shown(b, false);
	back = shown(a, true) < shown(b, true) ? shown(a, true) : shown(b, true);
	if (!front || !agree(a, b, front, false))
		return false;
	return a->length == b->length ? fits_each(a, b) : agree(a, b, back, true);
}

/* The same words, whatever their order; of a Chinese name, the same characters. */
static uint64_t words_sum(const struct value *v, uint32_t *words)
{
	bool is_han = v->len != v->length;
	uint64_t sum = 0, word = 0;

	*words = 0;
	for (uint32_t i = 0; i <= v->length; i++) {
		uint32_t c = i < v->length ? character(v, i) : ' ';

		if (c != ' ')
			word = (word ^ c) * UINT64_C(0x9e3779b97f4a7c15) + 1;
		if (word && (c == ' ' || is_han)) {
			sum += (word ^ word >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
			++*words;
			word = 0;
		}
	}
	return sum;
}

bool name_is_reordered(const struct value *a, const struct value *b)
{
	uint32_t of_a, of_b;
	uint64_t x = words_sum(a, &of_a), y = words_sum(b, &of_b);

	return of_a > 1 && of_a == of_b && x == y;
}

bool name_shares_core(const struct value *a, const struct value *b)
{
	uint32_t of_a = a->name->core, of_b = b->name->core, count = of_a < of_b ? of_a : of_b;
	uint32_t more = of_a - count + of_b - count;

	if (count < NAME_CORE || more == 1 || more > PLACE || a->is_partial || b->is_partial)
		return false;
	for (uint32_t i = 1; i <= count; i++)
		if (character(a, of_a - i) != character(b, of_b - i))
			return false;
	return true;
}

static struct cb_text last_word(const struct value *v)
{
	uint32_t at = v->len;

	while (at && v->text[at - 1] != ' ')
		at--;
	return (struct cb_text){ v->text + at, v->len - at };
}

bool name_shares_surname(const struct value *a, const struct value *b)
{
	uint32_t count = a->name->surname;

	if (a->name->is_han != b->name->is_han)
		return false;
	if (!a->name->is_han)
		return cb_text_equal(last_word(a), last_word(b));
	return count && count == b->name->surname && agree(a, b, count, false);
}
