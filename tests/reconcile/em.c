/*
 * em.c - parameters that made the data are found again, and numbers that must add up do.
 */
#include "reconcile/em.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "reconcile/cut.h"

#define COMPARISONS 4

static struct link_spec spec_of(void)
{
	struct link_spec spec = { .comparison_count = COMPARISONS };

	for (unsigned c = 0; c < COMPARISONS; c++) {
		spec.comparisons[c].how.count = 1;
		spec.comparisons[c].codes = 3;
		for (unsigned code = 0; code < LEVELS_MOST; code++)
			spec.comparisons[c].fixed.m[code] = spec.comparisons[c].fixed.u[code] =
				spec.comparisons[c].fixed.kin[code] = -1;
	}
	return spec;
}

static void the_parameters_that_made_the_counts_are_found(void **state)
{
	static const double m[COMPARISONS] = { 0.9, 0.8, 0.95, 0.7 };
	static const double u[COMPARISONS] = { 0.1, 0.01, 0.05, 0.2 };
	struct link_spec spec = spec_of();
	struct em em = { .spec = &spec, .match = 0.5 };
	struct pattern patterns[1 << COMPARISONS];

	(void)state;
	for (unsigned i = 0; i < 1 << COMPARISONS; i++) {
		double match = 0.3, other = 0.7;

		patterns[i] = (struct pattern){ 0 };
		for (unsigned c = 0; c < COMPARISONS; c++) {
			bool agrees = i >> c & 1;

			patterns[i].levels |= (uint64_t)(agrees ? 2 : 1) << 4 * c;
			match *= agrees ? m[c] : 1 - m[c];
			other *= agrees ? u[c] : 1 - u[c];
		}
		patterns[i].count = (uint64_t)(1e7 * (match + other));
	}
	for (unsigned c = 0; c < COMPARISONS; c++) {
		em.odds[c].m[2] = 0.8, em.odds[c].m[1] = 0.2;
		em.odds[c].u[2] = u[c], em.odds[c].u[1] = 1 - u[c];
	}
	em_run(&em, patterns, 1 << COMPARISONS);
	assert_true(em.is_settled);
	assert_true(fabs(em.match - 0.3) < 0.01);
	for (unsigned c = 0; c < COMPARISONS; c++)
		assert_true(fabs(em.odds[c].m[2] - m[c]) < 0.01);
}

static void what_is_held_out_stays(void **state)
{
	struct link_spec spec = spec_of();
	struct em em = { .spec = &spec, .match = 0.5, .held_out = 1 };
	struct pattern patterns[2] = { { .levels = 0x2220, .count = 50 },
				       { .levels = 0x1110, .count = 50 } };

	(void)state;
	for (unsigned c = 0; c < COMPARISONS; c++) {
		em.odds[c].m[2] = 0.75, em.odds[c].m[1] = 0.25;
		em.odds[c].u[2] = 0.1, em.odds[c].u[1] = 0.9;
	}
	em_run(&em, patterns, 2);
	assert_true(em.odds[0].m[2] == 0.75);
	assert_true(em.odds[1].m[2] > 0.9);
}

static void the_cut_is_where_the_expected_f1_is_largest(void **state)
{
	struct scale *scale = memory_take(sizeof(*scale));
	struct cut cut, strict;

	(void)state;
	scale_add(scale, 10, 100);  /* as good as certain */
	scale_add(scale, 1, 30);    /* two in three */
	scale_add(scale, -5, 1000); /* one in 33 */
	cut = cut_choose(scale, 0);
	assert_true(cut.weight <= 1 && cut.weight > -5);
	assert_true(fabs(cut.precision - 120.0 / 130) < 0.01);
	strict = cut_choose(scale, 0.99);
	assert_true(strict.weight > 1 && strict.precision >= 0.99);
	free(scale);
}

static void patterns_count_and_come_in_order(void **state)
{
	struct patterns p = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 5000; i++)
		patterns_add(&p, (i * 7919) % 997, (uint32_t)(i % 3), 2);
	patterns_order(&p);
	assert_true(p.count == 997 * 3);
	for (size_t i = 1; i < p.count; i++)
		assert_true(p.at[i - 1].levels < p.at[i].levels ||
			    (p.at[i - 1].levels == p.at[i].levels &&
			     p.at[i - 1].rules < p.at[i].rules));
	assert_true(patterns_add(&p, p.at[100].levels, p.at[100].rules, 0) == 100);
	patterns_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parameters_that_made_the_counts_are_found),
		cmocka_unit_test(what_is_held_out_stays),
		cmocka_unit_test(the_cut_is_where_the_expected_f1_is_largest),
		cmocka_unit_test(patterns_count_and_come_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
