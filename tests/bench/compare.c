/*
 * compare.c - how many pairs a second one core compares, and how many values it makes ready.
 *
 *     compare [ROUNDS]
 *
 * Pairs are drawn from a few hundred values that look like those of a register,
 * so that they are in the cache: it is the arithmetic that is measured, in time on the core.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "reconcile/compare.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define VALUES 512
#define BATCH 65536

struct set {
	struct value values[VALUES];
	struct arena arena;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t roll(uint32_t sides)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 32) * sides >> 32);
}

static void make_text(enum form form, char out[160])
{
	static const char *const heads[] = { "har", "mar",   "john", "wil",
					     "ash", "thomp", "cat",  "el" };
	static const char *const tails[] = {
		"ris", "son", "ton", "liams", "ley", "erine", "is", ""
	};
	static const char *const han[] = { "王", "李", "建", "国", "秀",
					   "英", "伟", "陈", "静", "军" };

	if (form == FORM_LATIN)
		snprintf(out, 160, "%s%s", heads[roll(8)], tails[roll(8)]);
	else if (form == FORM_FOLD)
		snprintf(out, 160, "%u %s%s %s%s street %s%s", roll(400), heads[roll(8)],
			 tails[roll(8)], heads[roll(8)], tails[roll(8)], heads[roll(8)],
			 tails[roll(8)]);
	else if (form == FORM_NAME)
		snprintf(out, 160, "%s%s%s", han[roll(10)], han[roll(10)], han[roll(10)]);
	else if (form == FORM_DATE)
		snprintf(out, 160, "%u-%02u-%02u", 1930 + roll(80), 1 + roll(12), 1 + roll(28));
	else if (form == FORM_IDCARD)
		snprintf(out, 160, "330299%u%02u%02u%04u", 1930 + roll(80), 1 + roll(12),
			 1 + roll(28), roll(10000));
	else if (form == FORM_PHONE)
		snprintf(out, 160, "13%u0000%04u", roll(10), roll(10000));
	else if (form == FORM_ADDRESS)
		snprintf(out, 160, "慈溪市%s%s花园%u幢%u室", han[roll(10)], han[roll(10)],
			 1 + roll(40), 100 + roll(900));
	else
		snprintf(out, 160, "%s%s因%s%s问题与%s%s发生纠纷，涉及%u元", han[roll(10)],
			 han[roll(10)], han[roll(10)], han[roll(10)], han[roll(10)], han[roll(10)],
			 roll(9000));
}

static void fill(struct forms *forms, struct set *set, enum form form)
{
	char text[160];

	for (size_t i = 0; i < VALUES; i++) {
		make_text(form, text);
		form_make(forms, form, cb_text_of(text), &set->arena, &set->values[i]);
	}
}

/* The best of several rounds: others use this machine too. */
static void pairs(struct forms *forms, enum measure measure, enum form form, int rounds)
{
	struct set set = { .arena = { 0 } };
	double best = 0, sum = 0;

	fill(forms, &set, form);
	for (int round = 0; round < rounds; round++) {
		double from = now(), rate;

		sum = 0;
		for (uint32_t i = 0; i < BATCH; i++)
			sum += measure_values(measure, &set.values[i % VALUES],
					      &set.values[(i * 7 + i / VALUES) % VALUES]);
		rate = BATCH / (now() - from);
		best = rate > best ? rate : best;
	}
	printf("%-14s %-12s %8.1f M pairs/s   (mean %.3f)\n", measure_kind(measure)->name,
	       form_name(form), best / 1e6, sum / BATCH);
	arena_done(&set.arena);
}

static void values(struct forms *forms, enum form form, int rounds)
{
	char texts[VALUES][160];
	struct arena arena = { 0 };
	double best = 0;

	for (size_t i = 0; i < VALUES; i++)
		make_text(form, texts[i]);
	for (int round = 0; round < rounds * 4; round++) {
		double from = now(), rate;

		for (size_t i = 0; i < VALUES; i++) {
			struct value value;

			form_make(forms, form, cb_text_of(texts[i]), &arena, &value);
		}
		arena_clear(&arena);
		rate = VALUES / (now() - from);
		best = rate > best ? rate : best;
	}
	printf("%-14s %-12s %8.2f M values/s\n", "form", form_name(form), best / 1e6);
	arena_done(&arena);
}

int main(int argc, char **argv)
{
	static const struct {
		enum measure measure;
		enum form form;
	} measured[] = {
		{ MEASURE_EXACT, FORM_LATIN },       { MEASURE_JARO_WINKLER, FORM_LATIN },
		{ MEASURE_JARO_WINKLER, FORM_FOLD }, { MEASURE_JARO_WINKLER, FORM_NAME },
		{ MEASURE_DAMERAU, FORM_LATIN },     { MEASURE_DAMERAU, FORM_DATE },
		{ MEASURE_DAMERAU, FORM_FOLD },      { MEASURE_DAMERAU, FORM_NAME },
		{ MEASURE_LEVENSHTEIN, FORM_LATIN }, { MEASURE_BIGRAMS, FORM_LATIN },
		{ MEASURE_TOKENS, FORM_FOLD },       { MEASURE_DATE_SLIP, FORM_DATE },
		{ MEASURE_PINYIN, FORM_NAME },       { MEASURE_SOUND, FORM_NAME },
		{ MEASURE_ALIKE, FORM_NAME },        { MEASURE_NAME_SLIP, FORM_NAME },
		{ MEASURE_ID_SLIP, FORM_IDCARD },    { MEASURE_PHONE_SLIP, FORM_PHONE },
		{ MEASURE_ADDRESS, FORM_ADDRESS },   { MEASURE_TOKENS, FORM_NARRATIVE },
	};
	static const enum form made[] = { FORM_LATIN,  FORM_FOLD,  FORM_NAME,    FORM_DATE,
					  FORM_IDCARD, FORM_PHONE, FORM_ADDRESS, FORM_NARRATIVE };
	int rounds = argc > 1 ? atoi(argv[1]) : 30;
	struct forms *forms = forms_new();

	for (size_t i = 0; i < COUNT(measured); i++)
		pairs(forms, measured[i].measure, measured[i].form, rounds);
	for (size_t i = 0; i < COUNT(made); i++)
		values(forms, made[i], rounds);
	forms_free(forms);
	return 0;
}
