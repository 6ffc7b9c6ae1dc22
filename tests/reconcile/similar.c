/*
 * similar.c - letters are compared as published, and as the textbook would, slowly.
 */
#include "reconcile/similar.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "support/dice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define LONGEST 200 /* of a random text */
#define ROUNDS 60000

static struct value value_of(struct arena *arena, const char *text)
{
	struct forms *forms = forms_new();
	struct value value;

	form_make(forms, FORM_NONE, cb_text_of(text), arena, &value);
	if (value_is_missing(&value)) /* an empty text has no value, but a similarity */
		value.text = arena_zero(arena, 16);
	forms_free(forms);
	return value;
}

static void near(double is, double expected)
{
	if (fabs(is - expected) > 0.0006)
		fail_msg("%.4f is not %.4f", is, expected);
}

static void jaro_winkler_is_as_winkler_published_it(void **state)
{
	static const struct {
		const char *a, *b;
		double jaro, winkler;
	} cases[] = {
		{ "MARTHA", "MARHTA", 0.944, 0.961 },
		{ "DWAYNE", "DUANE", 0.822, 0.840 },
		{ "DIXON", "DICKSONX", 0.767, 0.813 },
		{ "SHACKLEFORD", "SHACKELFORD", 0.970, 0.982 },
		{ "DUNNINGHAM", "CUNNIGHAM", 0.896, 0.896 },
		{ "NICHLESON", "NICHULSON", 0.926, 0.956 },
		{ "JONES", "JOHNSON", 0.790, 0.832 },
		{ "MASSEY", "MASSIE", 0.889, 0.933 },
		{ "ABROMS", "ABRAMS", 0.889, 0.922 },
		{ "JERALDINE", "GERALDINE", 0.926, 0.926 },
		{ "MICHELLE", "MICHAEL", 0.869, 0.921 },
		{ "JULIES", "JULIUS", 0.889, 0.933 },
		{ "TANYA", "TONYA", 0.867, 0.880 },
		{ "SEAN", "SUSAN", 0.783, 0.805 },
		{ "JON", "JOHN", 0.917, 0.933 },
		{ "JON", "JAN", 0.778, 0.800 },
		{ "ABCVWXYZ", "CABVWXYZ", 0.958, 0.958 },
		{ "", "", 1, 1 },
		{ "A", "", 0, 0 },
		{ "A", "B", 0, 0 },
		{ "王建国", "王建囯", 0.778, 0.822 },
		{ "王", "王", 1, 1 },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value a = value_of(&arena, cases[i].a), b = value_of(&arena, cases[i].b);

		near(similar_jaro(&a, &b), cases[i].jaro);
		near(similar_jaro_winkler(&a, &b), cases[i].winkler);
		near(similar_jaro_winkler(&b, &a), cases[i].winkler);
	}
	arena_done(&arena);
}

static void edits_are_counted_as_published(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned levenshtein, damerau;
	} cases[] = {
		{ "kitten", "sitting", 3, 3 },
		{ "saturday", "sunday", 3, 3 },
		{ "ca", "abc", 3, 3 }, /* unrestricted it would be 2 */
		{ "ca", "ac", 2, 1 },
		{ "intention", "execution", 5, 5 },
		{ "abcdef", "abcfad", 3, 2 + 1 },
		{ "", "", 0, 0 },
		{ "", "abc", 3, 3 },
		{ "abc", "", 3, 3 },
		{ "1985-02-31", "1985-03-21", 2, 2 },
		{ "王建国", "王国建", 2, 1 },
		{ "王建国", "王建", 1, 1 },
		{ "smtih", "smith", 2, 1 },
		{ "Zürich", "Zurich", 1, 1 },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value a = value_of(&arena, cases[i].a), b = value_of(&arena, cases[i].b);

		assert_int_equal(similar_levenshtein(&a, &b, 64), cases[i].levenshtein);
		assert_int_equal(similar_damerau(&a, &b, 64), cases[i].damerau);
		assert_int_equal(similar_damerau(&b, &a, 64), cases[i].damerau);
	}
	arena_done(&arena);
}

static void pieces_and_beginnings_are_those_of_characters(void **state)
{
	struct arena arena = { 0 };
	struct value night = value_of(&arena, "night"), nacht = value_of(&arena, "nacht");
	struct value wage = value_of(&arena, "拖欠工资"), pay = value_of(&arena, "拖欠工钱");

	near(similar_bigrams(&night, &nacht), 1.0 / 7);
	near(similar_bigrams(&wage, &pay), 2.0 / 4);
	assert_int_equal(similar_prefix(&night, &nacht), 1);
	assert_int_equal(similar_prefix(&wage, &pay), 3);
	assert_int_equal(similar_prefix(&wage, &night), 0);
	arena_done(&arena);
}

/* The textbook's way. */

static unsigned smallest(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned slow_edits(const uint32_t *a, unsigned m, const uint32_t *b, unsigned n, bool swaps)
{
	static unsigned d[LONGEST + 2][LONGEST + 2];

	for (unsigned i = 0; i <= m; i++)
		for (unsigned j = 0; j <= n; j++) {
			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = smallest(d[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
					   smallest(d[i - 1][j], d[i][j - 1]) + 1);
			if (swaps && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = smallest(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[m][n];
}

static double slow_jaro(const uint32_t *a, unsigned m, const uint32_t *b, unsigned n)
{
	int reach = (int)(m > n ? m : n) / 2 - 1, common = 0, half = 0, j = 0;
	bool of_a[LONGEST + 1] = { 0 }, of_b[LONGEST + 1] = { 0 };

	if (!m || !n)
		return m == n;
	reach = reach < 0 ? 0 : reach;
	for (int i = 0; i < (int)m; i++)
		for (int k = 0; k < (int)n; k++)
			if (abs(i - k) <= reach && !of_b[k] && a[i] == b[k]) {
				of_a[i] = of_b[k] = true;
				common++;
				break;
			}
	for (int i = 0; i < (int)m; i++)
		if (of_a[i]) {
			while (!of_b[j])
				j++;
			half += a[i] != b[j++];
		}
	return common ? ((double)common / m + (double)common / n +
			 (common - half / 2) / (double)common) /
				3
		      : 0;
}

/* Few different letters, so that much is alike; a few of them are Chinese. */
static struct value roll_value(struct arena *arena, uint32_t *letters, unsigned *length)
{
	static const uint32_t alphabet[] = {
		'a', 'b', 'c', 'd', 'e', 0xfc, 0x738b, 0x5efa, 0x1f600
	};
	unsigned wide = dice_roll(3), sides = wide ? COUNT(alphabet) : 5;
	unsigned most = dice_roll(4) ? dice_roll(3) ? 12 : 24 : LONGEST;
	char text[LONGEST * 4 + 1], *p = text;

	*length = dice_roll(most + 1);
	for (unsigned i = 0; i < *length; i++) {
		letters[i] = alphabet[dice_roll(wide == 1 ? sides : 5)];
		p += utf8_put(letters[i], p);
	}
	*p = '\0';
	return value_of(arena, text);
}

static void random_texts_agree_with_the_textbook(void **state)
{
	uint32_t x[LONGEST], y[LONGEST];
	struct arena arena = { 0 };
	unsigned m, n;

	dice_seed();
	for (int round = 0; round < ROUNDS; round++) {
		struct value a = roll_value(&arena, x, &m), b = roll_value(&arena, y, &n);
		bool in_order = m != n ? m < n : a.hash < b.hash;
		unsigned limit = dice_roll(20), slow, fast;

		slow = slow_edits(x, m, y, n, false);
		assert_int_equal(similar_levenshtein(&a, &b, LONGEST), slow);
		fast = similar_levenshtein(&a, &b, limit);
		assert_true(slow <= limit ? fast == slow : fast > limit);
		slow = slow_edits(x, m, y, n, true);
		assert_int_equal(similar_damerau(&a, &b, LONGEST), slow);
		fast = similar_damerau(&b, &a, limit);
		assert_true(slow <= limit ? fast == slow : fast > limit);
		near(similar_jaro(&a, &b),
		     in_order ? slow_jaro(x, m, y, n) : slow_jaro(y, n, x, m));
		assert_true(similar_jaro_winkler(&a, &b) == similar_jaro_winkler(&b, &a));
		arena_clear(&arena);
	}
	arena_done(&arena);
}

/* A refusal that is wrong loses a pair for good. One of two texts is made of the other, so that
 * many are close to the bound. */
static void nothing_is_refused_that_would_have_held(void **state)
{
	uint32_t x[LONGEST], y[LONGEST];
	struct arena arena = { 0 };
	unsigned m, n, refused = 0;

	dice_seed();
	for (int round = 0; round < ROUNDS; round++) {
		struct value a = roll_value(&arena, x, &m), b = roll_value(&arena, y, &n);
		double least = dice_roll(100) / 100.0, jaro, winkler;
		struct similar_bound plain, raised;
		unsigned most = dice_roll(6);

		if (m > 1 && dice_roll(2)) {
			char text[LONGEST * 4 + 1], *p = text;

			for (unsigned i = 0; i < m; i++)
				p += utf8_put(dice_roll(m) ? x[i] : 'a' + dice_roll(26), p);
			*p = '\0';
			b = value_of(&arena, text);
		}
		plain = similar_bound(least, false);
		raised = similar_bound(least, true);
		jaro = similar_jaro(&a, &b);
		winkler = similar_jaro_winkler(&a, &b);
		assert_true(jaro < least || similar_may_reach(&a, &b, &plain));
		assert_true(winkler < least || similar_may_reach(&a, &b, &raised));
		assert_true(similar_damerau(&a, &b, 64) > most ||
			    similar_may_be_edits(&a, &b, most));
		assert_true(similar_levenshtein(&a, &b, 64) > most ||
			    similar_may_be_edits(&b, &a, most));
		refused += !similar_may_reach(&a, &b, &raised);
		arena_clear(&arena);
	}
	assert_true(refused > ROUNDS / 100);
	arena_done(&arena);
}

static void huge_texts_are_compared_by_their_beginning(void **state)
{
	struct arena arena = { 0 };
	char *text = memory_take(VALUE_BYTES * 2);
	struct value a, b;

	memset(text, 'x', VALUE_BYTES * 2 - 1);
	a = value_of(&arena, text);
	text[100] = 'y';
	b = value_of(&arena, text);
	assert_int_equal(a.len, VALUE_BYTES);
	assert_int_equal(similar_levenshtein(&a, &b, 64), 1);
	assert_true(similar_jaro(&a, &b) > 0.99);
	assert_true(similar_bigrams(&a, &b) > 0.3);
	free(text);
	arena_done(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(jaro_winkler_is_as_winkler_published_it),
		cmocka_unit_test(edits_are_counted_as_published),
		cmocka_unit_test(pieces_and_beginnings_are_those_of_characters),
		cmocka_unit_test(random_texts_agree_with_the_textbook),
		cmocka_unit_test(nothing_is_refused_that_would_have_held),
		cmocka_unit_test(huge_texts_are_compared_by_their_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
