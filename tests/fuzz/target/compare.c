/*
 * compare.c - values of other systems, made ready and compared.
 *
 * The first line and the rest are two texts. In every form: what is made is
 * sound and can be made again of itself; what a measure says is the same from
 * both sides and within its range; keys are never 0.
 */
#include "fuzz/target/target.h"

#include <math.h>

#include "base/utf8.h"
#include "reconcile/compare.h"
#include "reconcile/key.h"

static void made(const struct value *v)
{
	struct cb_text text = { v->text, v->len };
	uint64_t keys[KEYS_MAX];

	PROMISE(v->text && v->len && !v->text[v->len] && strlen(v->text) == v->len);
	PROMISE(utf8_valid(text, NULL) == v->len && utf8_length(text) == v->length);
	for (unsigned key = 0; key < KEY_COUNT; key++)
		for (unsigned n = 0; n < 12; n++) {
			unsigned count = 0;

			if (key_kind((enum key)key)->forms >> v->form & 1)
				count = key_make((enum key)key, n, v, keys);
			PROMISE(count <= KEYS_MAX);
			for (unsigned i = 0; i < count; i++)
				PROMISE(keys[i]);
		}
}

static void measured(const struct value *a, const struct value *b)
{
	for (unsigned m = 0; m < MEASURE_COUNT; m++) {
		const struct measure_kind *kind = measure_kind((enum measure)m);
		double one, other;

		if (!(kind->forms >> a->form & 1))
			continue;
		one = measure_values((enum measure)m, a, b);
		other = measure_values((enum measure)m, b, a);
		PROMISE(!isnan(one) && one == other);
		PROMISE(kind->bound != BOUND_SHARE || (one >= 0 && one <= 2));
	}
}

void fuzz_compare(struct cb_text bytes)
{
	struct cb_text first = fuzz_line(&bytes);
	static struct forms *forms; /* opening the readings is most of the work */
	struct arena arena = { 0 };

	if (!forms)
		forms = forms_new();
	for (unsigned form = 0; form < FORM_COUNT; form++) {
		struct value a, b;

		form_make(forms, (enum form)form, first, &arena, &a);
		form_make(forms, (enum form)form, bytes, &arena, &b);
		if (!value_is_missing(&a))
			made(&a);
		if (!value_is_missing(&b))
			made(&b);
		if (!value_is_missing(&a) && !value_is_missing(&b))
			measured(&a, &b);
	}
	arena_done(&arena);
}
