/*
 * frequency.c - strangers by value.
 *
 * A value that five records have is rare if they are one person's, and not if they
 * are five people's. So those who have a value are strangers as far as they are not
 * expected to match, and that is learned along with the weights. Of a value that few
 * records have this says little; there counts what is usual: in a Chinese name how
 * common its characters are, else how many of the values that one person has turn
 * out to be those of two (Good and Turing).
 */
#include "reconcile/frequency.h"

#include <math.h>
#include <stdlib.h>

#include "reconcile/parallel.h"
#include "reconcile/radix.h"
#include "reconcile/weigh.h"

#define SOMEBODY 0.5    /* until it is known: a value of one record might be somebody's */
#define USUAL 2.0       /* records that what is usual counts for */
#define RARE_LEAST 0.02 /* strangers that any value has */
#define RARE_MOST 3.0   /* as the usual number of strangers */
#define AHEAD 12        /* pairs whose values are asked for ahead of time */
#define HAN_FIRST 0x4e00
#define HAN_COUNT 0x5200

/* Characters of names, by where they stand. */
struct characters {
	uint32_t surnames[HAN_COUNT], only[HAN_COUNT], first[HAN_COUNT], second[HAN_COUNT];
	double all, one, two; /* names; given names of one and of two characters */
};

/* A surname of one character and one or two behind it: what most names are. */
static bool is_usual_name(const struct value *v)
{
	const uint32_t *c;

	if (v->form != FORM_NAME || value_is_missing(v) || !v->name->is_han || v->is_partial ||
	    v->name->surname != 1 || v->length < 2 || v->length > 3)
		return false;
	c = value_characters(v);
	for (uint32_t i = 0; i < v->length; i++)
		if (c[i] < HAN_FIRST || c[i] >= HAN_FIRST + HAN_COUNT)
			return false;
	return true;
}

static void count_characters(const struct joint *joint, struct characters *n)
{
	for (uint32_t id = 1; id < joint->count; id++) {
		const struct value *v = &joint->values[id];
		const uint32_t *c;

		if (!is_usual_name(v))
			continue;
		c = value_characters(v);
		n->surnames[c[0] - HAN_FIRST] += joint->counts[id];
		n->all += joint->counts[id];
		if (v->length == 2) {
			n->only[c[1] - HAN_FIRST] += joint->counts[id];
			n->one += joint->counts[id];
		} else {
			n->first[c[1] - HAN_FIRST] += joint->counts[id];
			n->second[c[2] - HAN_FIRST] += joint->counts[id];
			n->two += joint->counts[id];
		}
	}
}

/* Records that have the name, if surname and characters are put together by chance. */
static double by_chance(const struct characters *n, const struct value *v)
{
	const uint32_t *c = value_characters(v);
	double surnames = n->surnames[c[0] - HAN_FIRST];

	if (v->length == 2)
		return surnames * n->only[c[1] - HAN_FIRST] / n->all;
	return surnames * n->first[c[1] - HAN_FIRST] * n->second[c[2] - HAN_FIRST] / n->two /
	       n->all;
}

static float *expect_names(const struct joint *joint)
{
	struct characters *n = memory_take(sizeof(*n));
	float *expected = NULL;

	count_characters(joint, n);
	if (n->all > 0)
		expected = memory_take((joint->count + 1) * sizeof(*expected));
	for (uint32_t id = 1; expected && id < joint->count; id++)
		if (is_usual_name(&joint->values[id]))
			expected[id] = (float)fmax(by_chance(n, &joint->values[id]), RARE_LEAST);
	free(n);
	return expected;
}

static float in_steps(double bits)
{
	return (float)(round(bits / (double)FREQUENCY_STEP) * (double)FREQUENCY_STEP);
}

static uint64_t surname_of(const struct value *v)
{
	uint64_t key = 0;

	if (value_is_missing(v) || !v->name->is_han)
		return 0;
	for (uint32_t i = 0; i < v->name->surname; i++)
		key = key << 32 | value_characters(v)[i];
	return key;
}

/* How much more than any surname that two share it says that they share this one: log2. */
static float *weigh_surnames(const struct joint *joint)
{
	struct radix_item *items = memory_take((joint->count + 1) * sizeof(*items));
	float *surnames = memory_take((joint->count + 1) * sizeof(*surnames));
	double all = 0, squares = 0;
	size_t count = 0, end;

	for (uint32_t id = 1; id < joint->count; id++)
		if (surname_of(&joint->values[id]))
			items[count++] = (struct radix_item){ surname_of(&joint->values[id]), id };
	radix_sort(items, count);
	for (size_t i = 0; i < count; i = end) {
		double records = 0;

		for (end = i; end < count && items[end].key == items[i].key; end++)
			records += joint->counts[items[end].item];
		for (size_t k = i; k < end; k++)
			surnames[items[k].item] = (float)records;
		all += records;
		squares += records * records;
	}
	for (size_t i = 0; i < count; i++) {
		float *own = &surnames[items[i].item];

		*own = in_steps(log2(squares / all / fmax((double)*own, 1)));
	}
	free(items);
	return surnames;
}

void frequency_init(struct frequency *f, const struct rows *rows, const struct joints *joints)
{
	*f = (struct frequency){ .rows = rows, .joints = joints };
	for (unsigned c = 0; c < joints->count; c++) {
		const struct joint *joint = &joints->of[c];

		if (!rows->spec->comparisons[c].has_frequency)
			continue;
		f->shares[c] = memory_take((joint->count + 1) * sizeof(*f->shares[c]));
	}
}

void frequency_done(struct frequency *f)
{
	for (unsigned c = 0; c < SPEC_COMPARISONS; c++) {
		free(f->shares[c]);
		free(f->expected[c]);
		free(f->surnames[c]);
	}
	*f = (struct frequency){ 0 };
}

static float share(const struct frequency *f, unsigned c, double strangers)
{
	return in_steps(log2(strangers / fmax((double)f->joints->of[c].present, 1)));
}

static void learn_names(struct frequency *f, unsigned c)
{
	const struct joint *joint = &f->joints->of[c];

	if (!joint->values || f->rows->spec->comparisons[c].form != FORM_NAME || f->surnames[c])
		return;
	f->expected[c] = expect_names(joint);
	f->surnames[c] = weigh_surnames(joint);
}

/* Comparisons know nothing of each other: one a unit. */
struct learning {
	struct frequency *f;
	const double *own;
	const struct pairs *pairs;
	const struct weights *weights;
};

static void guess(void *with, size_t unit, unsigned thread)
{
	const struct learning *l = with;
	struct frequency *f = l->f;
	unsigned c = (unsigned)unit;

	if (!f->shares[c])
		return;
	learn_names(f, c);
	f->usual[c] = share(f, c, SOMEBODY);
	for (uint32_t id = 1; id < f->joints->of[c].count; id++) {
		double rest = f->joints->of[c].counts[id] - 1.0 - l->own[c];

		rest = (rest + sqrt(rest * rest + 4 * SOMEBODY * SOMEBODY)) / 2;
		f->shares[c][id] = share(f, c, rest);
	}
}

void frequency_guess(struct frequency *f, const double own[])
{
	struct learning l = { .f = f, .own = own };

	parallel(f->rows->threads, f->joints->count, guess, &l);
}

/* Pairs of equal values that are expected to match. */
static double *count_matches(const struct joint *joint, const struct pairs *pairs,
			     const struct weights *weights)
{
	double *matches = memory_take((joint->count + 1) * sizeof(*matches));

	for (size_t i = 0; i < weights->count; i++) {
		uint32_t id;

		pairs_walked(pairs, weights, i);
		if (i + AHEAD < weights->count && weights->at[i + AHEAD] >= -6) {
			__builtin_prefetch(&joint->ids[pairs->at[i + AHEAD].a * joint->stride]);
			__builtin_prefetch(&joint->ids[pairs->at[i + AHEAD].b * joint->stride]);
		}
		if (weights->at[i] < -6)
			continue;
		id = joint->ids[pairs->at[i].a * joint->stride];
		if (id && id == joint->ids[pairs->at[i].b * joint->stride])
			matches[id] += probability_of_weight((double)weights->at[i]);
	}
	return matches;
}

/* Strangers that a record of the value has among the @count that have it. */
static double strangers_of(uint32_t count, double matches)
{
	return fmax(count - 1.0 - 2 * matches / count, 0);
}

static double usual(const struct joint *joint, const double *matches)
{
	double one = 1, two = 1;

	for (uint32_t id = 1; id < joint->count; id++) {
		double strangers =
			joint->counts[id] ? strangers_of(joint->counts[id], matches[id]) : 0;

		one += strangers < 0.5;
		two += strangers >= 0.5 && strangers < 1.5;
	}
	return fmin(fmax(2 * two / one, RARE_LEAST), RARE_MOST);
}

static void learn(void *with, size_t unit, unsigned thread)
{
	const struct learning *l = with;
	struct frequency *f = l->f;
	unsigned c = (unsigned)unit;
	const struct joint *joint = &f->joints->of[c];
	double *matches, all;

	if (!f->shares[c])
		return;
	matches = count_matches(joint, l->pairs, l->weights);
	all = usual(joint, matches);
	for (uint32_t id = 1; id < joint->count; id++) {
		uint32_t count = joint->counts[id];
		double expected =
			f->expected[c] && f->expected[c][id] > 0 ? (double)f->expected[c][id] : all;

		if (count)
			f->shares[c][id] = share(f, c,
						 ((count - 1) * strangers_of(count, matches[id]) +
						  USUAL * expected) /
							 (count - 1 + USUAL));
	}
	f->usual[c] = share(f, c, all);
	free(matches);
}

void frequency_learn(struct frequency *f, const struct pairs *pairs, const struct weights *weights)
{
	struct learning l = { .f = f, .pairs = pairs, .weights = weights };

	parallel(f->rows->threads, f->joints->count, learn, &l);
}
