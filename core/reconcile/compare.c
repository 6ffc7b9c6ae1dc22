/*
 * compare.c - from measures to the level of a pair.
 */
#include "reconcile/compare.h"

#include <math.h>

#include "base/hash.h"
#include "reconcile/measure.h"

/*
 * Made twice, with and without the instruction that counts bits; the loader takes the one that the
 * processor can do. The sanitizers come in the way of its question.
 */
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&                \
	!defined(__SANITIZE_THREAD__)
#define FOR_THIS_PROCESSOR __attribute__((target_clones("default", "popcnt"), flatten))
#else
#define FOR_THIS_PROCESSOR
#endif

#define EDITS_MAX 64 /* more edits are not told apart */
#define WORDS 64

#define BIT(form) (1U << (form))
#define TEXTS                                                                                      \
	(BIT(FORM_NONE) | BIT(FORM_FOLD) | BIT(FORM_NAME) | BIT(FORM_LATIN) | BIT(FORM_PINYIN) |   \
	 BIT(FORM_IDCARD) | BIT(FORM_DIGITS) | BIT(FORM_DATE) | BIT(FORM_PHONE) |                  \
	 BIT(FORM_NUMBER) | BIT(FORM_ADDRESS))
#define SETS                                                                                       \
	(BIT(FORM_NONE) | BIT(FORM_FOLD) | BIT(FORM_NAME) | BIT(FORM_LATIN) | BIT(FORM_PINYIN) |   \
	 BIT(FORM_PHONE) | BIT(FORM_NARRATIVE))
#define ALL (BIT(FORM_COUNT) - 1)

static const struct measure_kind kinds[MEASURE_COUNT] = {
	[MEASURE_EXACT] = { "exact", "相同", "the same", BOUND_NONE, false, ALL },
	[MEASURE_JARO_WINKLER] = { "jaro-winkler", "字形相近（Jaro–Winkler）", "Jaro-Winkler",
				   BOUND_SHARE, false, TEXTS },
	[MEASURE_JARO] = { "jaro", "字形相近（Jaro）", "Jaro", BOUND_SHARE, false, TEXTS },
	[MEASURE_LEVENSHTEIN] = { "levenshtein", "编辑距离", "edits", BOUND_COUNT, true, TEXTS },
	[MEASURE_DAMERAU] = { "damerau", "编辑距离（含相邻对调）", "edits, swaps among them",
			      BOUND_COUNT, true, TEXTS },
	[MEASURE_PREFIX] = { "prefix", "开头相同", "the same beginning", BOUND_COUNT, false,
			     TEXTS },
	[MEASURE_BIGRAMS] = { "bigrams", "两字片段重合", "shared pairs of letters", BOUND_SHARE,
			      false, TEXTS },
	[MEASURE_TOKENS] = { "tokens", "词语重合", "shared words", BOUND_SHARE, false, SETS },
	[MEASURE_CONTAINED] = { "contained", "一方包含另一方", "one contains the other",
				BOUND_SHARE, false, SETS },
	[MEASURE_SHARED] = { "shared", "有相同项", "some in common", BOUND_COUNT, false, SETS },
	[MEASURE_NUMBER] = { "difference", "数值相差", "difference", BOUND_AMOUNT, true,
			     BIT(FORM_NUMBER) },
	[MEASURE_RATIO] = { "ratio", "数值相差比例", "relative difference", BOUND_SHARE, true,
			    BIT(FORM_NUMBER) },
	[MEASURE_DAYS] = { "days", "相差天数", "days apart", BOUND_COUNT, true, BIT(FORM_DATE) },
	[MEASURE_DATE_SLIP] = { "date-slip", "日月颠倒或错一位", "day and month swapped, or a slip",
				BOUND_NONE, false, BIT(FORM_DATE) },
	[MEASURE_YEAR] = { "year", "同年", "the same year", BOUND_NONE, false, BIT(FORM_DATE) },
	[MEASURE_YEAR_ONLY] = { "year-only", "同年，一方只知年份",
				"the same year, no more is known", BOUND_NONE, false,
				BIT(FORM_DATE) },
	[MEASURE_YEAR_MONTH] = { "year-month", "同年同月", "the same month", BOUND_NONE, false,
				 BIT(FORM_DATE) },
	[MEASURE_PINYIN] = { "pinyin", "同音", "sounds the same", BOUND_NONE, false,
			     BIT(FORM_NAME) },
	[MEASURE_SOUND] = { "sound", "近音", "sounds alike", BOUND_NONE, false, BIT(FORM_NAME) },
	[MEASURE_ALIKE] = { "alike", "形近", "looks alike", BOUND_NONE, false, BIT(FORM_NAME) },
	[MEASURE_NAME_SLIP] = { "name-slip", "差一字", "one character differs", BOUND_NONE, false,
				BIT(FORM_NAME) | BIT(FORM_LATIN) },
	[MEASURE_NAME_CORE] = { "name-core", "单位名称主干相同", "the same but for place and Ltd",
				BOUND_NONE, false, BIT(FORM_NAME) },
	[MEASURE_NAME_MASK] = { "name-mask", "与隐去的姓名相符", "fits what is shown", BOUND_NONE,
				false, BIT(FORM_NAME) },
	[MEASURE_NAME_ORDER] = { "name-order", "顺序不同", "another order", BOUND_NONE, false,
				 BIT(FORM_NAME) | BIT(FORM_LATIN) | BIT(FORM_FOLD) },
	[MEASURE_SURNAME] = { "surname", "同姓", "the same surname", BOUND_NONE, false,
			      BIT(FORM_NAME) },
	[MEASURE_ID_MASK] = { "id-mask", "与隐去的号码相符", "fits what is shown", BOUND_COUNT,
			      false, BIT(FORM_IDCARD) },
	[MEASURE_ID_SLIP] = { "id-slip", "错一位或相邻对调", "one digit, or two swapped",
			      BOUND_NONE, false, BIT(FORM_IDCARD) },
	[MEASURE_ID_BIRTH] = { "id-birth", "同地区同生日", "the same area and birth", BOUND_NONE,
			       false, BIT(FORM_IDCARD) },
	[MEASURE_PHONE_MASK] = { "phone-mask", "与隐去的号码相符", "fits what is shown",
				 BOUND_COUNT, false, BIT(FORM_PHONE) },
	[MEASURE_PHONE_SLIP] = { "phone-slip", "错一位或相邻对调", "one digit, or two swapped",
				 BOUND_NONE, false, BIT(FORM_PHONE) },
	[MEASURE_ADDRESS_FITS] = { "address-fits", "地址不相抵触，同到",
				   "nothing in the address differs, the same down to", BOUND_LEVEL,
				   false, BIT(FORM_ADDRESS) },
	[MEASURE_ADDRESS] = { "address", "地址同到", "the same address down to", BOUND_LEVEL, false,
			      BIT(FORM_ADDRESS) },
	[MEASURE_COMPANIONS] = { "companions", "同伴中有同样的人", "companions in common",
				 BOUND_COUNT, false, TEXTS },
};

const struct measure_kind *measure_kind(enum measure measure)
{
	return &kinds[measure];
}

enum measure measure_named(struct cb_text name)
{
	unsigned measure = 0;

	while (measure < MEASURE_COUNT && !cb_text_is(name, kinds[measure].name))
		measure++;
	return (enum measure)measure;
}

/* Sets. */

struct overlap {
	uint32_t a, b, common;
};

/* Words as hashes, sorted, each once. */
static uint32_t words_of(const struct value *v, uint64_t out[WORDS])
{
	uint32_t count = 0, start = 0;

	for (uint32_t i = 0; i <= v->len && count < WORDS; i++) {
		uint64_t hash;
		uint32_t at;

		if (i < v->len && v->text[i] != ' ')
			continue;
		hash = hash_bytes(v->text + start, i - start, 1);
		start = i + 1;
		/* cppcheck 2.10 does not see that what stands below count was written */
		/* cppcheck-suppress uninitvar */
		for (at = count; at && out[at - 1] > hash; at--)
			continue;
		if (at && out[at - 1] == hash)
			continue;
		memmove(out + at + 1, out + at, (count - at) * sizeof(*out));
		out[at] = hash;
		count++;
	}
	return count;
}

static struct overlap overlap(const struct value *a, const struct value *b)
{
	uint64_t of_a[WORDS + 1], of_b[WORDS + 1];
	const uint64_t *x = of_a, *y = of_b;
	struct overlap o = { 0 };

	if (a->form == FORM_PHONE || a->form == FORM_NARRATIVE) {
		x = a->set->items, o.a = a->set->count;
		y = b->set->items, o.b = b->set->count;
	} else {
		o.a = words_of(a, of_a);
		o.b = words_of(b, of_b);
	}
	for (uint32_t i = 0, j = 0; i < o.a && j < o.b;) {
		uint64_t p = x[i], q = y[j];

		/* What is hidden in two numbers is not known to be the same. */
		o.common += p == q && !(a->form == FORM_PHONE && value_phone_is_partial(p));
		i += p <= q;
		j += q <= p;
	}
	return o;
}

static double set_measure(enum measure measure, struct overlap o)
{
	if (measure == MEASURE_SHARED)
		return o.common;
	if (measure == MEASURE_TOKENS)
		return (double)o.common / (o.a + o.b - o.common);
	return (double)o.common / (o.a < o.b ? o.a : o.b);
}

/* Numbers. */

static double number_measure(enum measure measure, double a, double b)
{
	double apart = a < b ? b - a : a - b, larger;

	if (measure == MEASURE_NUMBER)
		return apart / 1000;
	a = a < 0 ? -a : a;
	b = b < 0 ? -b : b;
	larger = a > b ? a : b;
	return larger > 0 ? apart / larger : 0;
}

static bool is_equal(const struct value *a, const struct value *b)
{
	return !a->is_partial && a->hash == b->hash && a->len == b->len &&
	       !memcmp(a->text, b->text, a->len);
}

static double address_measure(enum measure measure, struct address_shared shared)
{
	return measure == MEASURE_ADDRESS_FITS && shared.is_apart ? -1 : shared.level;
}

double measure_values(enum measure measure, const struct value *a, const struct value *b)
{
	switch (measure) {
	case MEASURE_EXACT:
		return is_equal(a, b);
	case MEASURE_JARO_WINKLER:
		return similar_jaro_winkler(a, b);
	case MEASURE_JARO:
		return similar_jaro(a, b);
	case MEASURE_LEVENSHTEIN:
		return similar_levenshtein(a, b, EDITS_MAX);
	case MEASURE_DAMERAU:
		return similar_damerau(a, b, EDITS_MAX);
	case MEASURE_PREFIX:
		return similar_prefix(a, b);
	case MEASURE_BIGRAMS:
		return similar_bigrams(a, b);
	case MEASURE_TOKENS:
	case MEASURE_CONTAINED:
	case MEASURE_SHARED:
		return set_measure(measure, overlap(a, b));
	case MEASURE_NUMBER:
	case MEASURE_RATIO:
		return number_measure(measure, (double)a->number, (double)b->number);
	case MEASURE_DAYS:
		return date_days(a, b);
	case MEASURE_DATE_SLIP:
		return date_slips(a, b);
	case MEASURE_YEAR:
		return date_shares(a, b, 4);
	case MEASURE_YEAR_ONLY:
		return date_shares_year_only(a, b);
	case MEASURE_YEAR_MONTH:
		return date_shares(a, b, 7);
	case MEASURE_PINYIN:
	case MEASURE_SOUND:
		return name_sounds_alike(a, b, measure == MEASURE_SOUND);
	case MEASURE_ALIKE:
		return name_looks_alike(a, b);
	case MEASURE_NAME_SLIP:
		return name_slips(a, b);
	case MEASURE_NAME_CORE:
		return name_shares_core(a, b);
	case MEASURE_NAME_MASK:
		return name_fits_mask(a, b);
	case MEASURE_NAME_ORDER:
		return name_is_reordered(a, b);
	case MEASURE_SURNAME:
		return name_shares_surname(a, b);
	case MEASURE_ID_MASK:
		return id_shown(a, b);
	case MEASURE_ID_SLIP:
		return id_slips(a, b);
	case MEASURE_ID_BIRTH:
		return id_shares_birth(a, b);
	case MEASURE_PHONE_MASK:
		return phone_shown(a, b);
	case MEASURE_PHONE_SLIP:
		return phone_slips(a, b);
	case MEASURE_ADDRESS_FITS:
	case MEASURE_ADDRESS:
		return address_measure(measure, address_shared(a, b));
	case MEASURE_COMPANIONS: /* no question of the two values */
	case MEASURE_COUNT:
		break;
	}
	return 0;
}

/* Levels. */

static bool holds(const struct compare_level *level, double value)
{
	const struct measure_kind *kind = &kinds[level->measure];

	if (kind->bound == BOUND_NONE)
		return value > 0;
	return kind->is_distance ? value <= level->bound : value >= level->bound;
}

/* Neither is what the other is not: 慈溪市 and 明日花园, 3302**********1234 and 33029919770409****.
 * They say too little to be called different. */
static bool leave_open(const struct value *a, const struct value *b)
{
	if (value_is_missing(a) || value_is_missing(b) || a->form != b->form)
		return false;
	switch (a->form) {
	case FORM_IDCARD:
		return (a->is_partial || b->is_partial) && id_fits(a, b);
	case FORM_PHONE:
		return (a->is_partial || b->is_partial) && phone_shown(a, b) > 0;
	case FORM_NAME:
		return (a->is_partial || b->is_partial) && name_fits(a, b);
	case FORM_ADDRESS:
		return !address_shared(a, b).is_apart;
	default:
		return false;
	}
}

/* What was measured for one pair, so that no level measures it again. */
struct asking {
	const struct value *const *a, *const *b;
	const struct compare_run *run;
	enum measure measure; /* of what is in @found */
	bool is_found[2][2];
	double found[2][2];
};

struct asked {
	double value;
	bool is_known; /* both sides say something */
};

static bool may_lie_within(const struct value *a, const struct value *b, int64_t days)
{
	if (a->number == NO_NUMBER || b->number == NO_NUMBER)
		return true;
	return (a->number < b->number ? b->number - a->number : a->number - b->number) <= days;
}

/* False: no level of the run holds for these two, which are there. */
static inline bool may_hold(const struct compare_run *run, const struct value *a,
			    const struct value *b)
{
	switch (run->weakest->measure) {
	case MEASURE_EXACT:
		return a->hash == b->hash;
	case MEASURE_JARO_WINKLER:
	case MEASURE_JARO:
		return similar_may_reach(a, b, &run->bound);
	case MEASURE_LEVENSHTEIN:
	case MEASURE_DAMERAU:
		return similar_may_be_edits(a, b, (unsigned)run->weakest->bound);
	case MEASURE_DATE_SLIP:
		return similar_may_be_edits(a, b, 1);
	case MEASURE_YEAR:
	case MEASURE_YEAR_ONLY:
		return may_lie_within(a, b, 366);
	case MEASURE_YEAR_MONTH:
		return may_lie_within(a, b, 31);
	default:
		return true;
	}
}

/* A value that no bound lets through. */
static double refusal(enum measure measure)
{
	return kinds[measure].is_distance ? INFINITY : -INFINITY;
}

static struct asked ask(struct asking *asking, unsigned i, unsigned k)
{
	const struct value *a = asking->a[i], *b = asking->b[k];
	enum measure measure = asking->run->weakest->measure;

	if (value_is_missing(a) || value_is_missing(b))
		return (struct asked){ 0 };
	if (!may_hold(asking->run, a, b))
		return (struct asked){ refusal(measure), true };
	if (measure != asking->measure)
		memset(asking->is_found, 0, sizeof(asking->is_found));
	asking->measure = measure;
	if (!asking->is_found[i][k])
		asking->found[i][k] = measure_values(measure, a, b);
	asking->is_found[i][k] = true;
	return (struct asked){ asking->found[i][k], true };
}

static bool is_there(const struct asking *asking, unsigned i, unsigned k)
{
	return !value_is_missing(asking->a[i]) && !value_is_missing(asking->b[k]);
}

/* Both pairs of values have to hold, so that the second is not asked where the first does not. */
static struct asked ask_both(struct asking *asking, bool is_crossed)
{
	struct asked first, second;

	if (!is_there(asking, 0, is_crossed) || !is_there(asking, 1, !is_crossed))
		return (struct asked){ 0 };
	first = ask(asking, 0, is_crossed);
	if (!holds(asking->run->weakest, first.value))
		return first;
	second = ask(asking, 1, !is_crossed);
	if (kinds[asking->run->weakest->measure].is_distance)
		return first.value > second.value ? first : second;
	return first.value < second.value ? first : second;
}

static struct asked ask_either(struct asking *asking)
{
	struct asked first = ask(asking, 0, 0), second = ask(asking, 1, 1);

	if (!first.is_known || !second.is_known)
		return first.is_known ? first : second;
	if (kinds[asking->run->weakest->measure].is_distance)
		return first.value < second.value ? first : second;
	return first.value > second.value ? first : second;
}

static struct asked ask_run(struct asking *asking)
{
	switch (asking->run->weakest->side) {
	case SIDE_FIRST:
		return ask(asking, 0, 0);
	case SIDE_SECOND:
		return ask(asking, 1, 1);
	case SIDE_EITHER:
		return ask_either(asking);
	default:
		return ask_both(asking, asking->run->weakest->side == SIDE_CROSSED);
	}
}

static bool asks_the_same(const struct compare_level *a, const struct compare_level *b)
{
	return a->measure == b->measure && a->side == b->side;
}

static bool is_weaker(const struct compare_level *a, const struct compare_level *b)
{
	return kinds[a->measure].is_distance ? a->bound > b->bound : a->bound < b->bound;
}

void compare_plan(struct compare_plan *plan, const struct comparison *c)
{
	struct compare_run *run = NULL;

	plan->of = c;
	plan->count = 0;
	for (unsigned i = 0; i < c->count; i++) {
		const struct compare_level *level = &c->levels[i];

		if (!run || !asks_the_same(&c->levels[i - 1], level)) {
			run = &plan->runs[plan->count++];
			*run = (struct compare_run){ .weakest = level, .begin = i };
		}
		if (is_weaker(level, run->weakest))
			run->weakest = level;
		run->end = i + 1;
	}
	for (unsigned i = 0; i < plan->count; i++)
		plan->runs[i].bound =
			similar_bound(plan->runs[i].weakest->bound,
				      plan->runs[i].weakest->measure == MEASURE_JARO_WINKLER);
}

/* The level of the run that @value reaches; LEVEL_ELSE: none. */
static int level_of(const struct compare_plan *plan, const struct compare_run *run, double value)
{
	for (unsigned i = run->begin; i < run->end; i++)
		if (holds(&plan->of->levels[i], value))
			return (int)(plan->of->count - i);
	return LEVEL_ELSE;
}

static int compare_one(const struct compare_plan *plan, const struct value *a,
		       const struct value *b)
{
	if (value_is_missing(a) || value_is_missing(b))
		return LEVEL_MISSING;
	for (unsigned r = 0; r < plan->count; r++) {
		const struct compare_run *run = &plan->runs[r];
		int level;

		if (!may_hold(run, a, b))
			continue;
		level = level_of(plan, run, measure_values(run->weakest->measure, a, b));
		if (level != LEVEL_ELSE)
			return level;
	}
	return leave_open(a, b) ? LEVEL_MISSING : LEVEL_ELSE;
}

/* From run @r on; @is_known: those before were asked, and none holds. */
static int compare_two(const struct compare_plan *plan, unsigned r, bool is_known,
		       const struct value *const a[], const struct value *const b[])
{
	struct asking asking = { .a = a, .b = b, .measure = MEASURE_COUNT };

	for (; r < plan->count; r++) {
		struct asked asked;
		int level;

		asking.run = &plan->runs[r];
		asked = ask_run(&asking);
		level = asked.is_known ? level_of(plan, asking.run, asked.value) : LEVEL_ELSE;
		if (level != LEVEL_ELSE)
			return level;
		is_known |= asked.is_known;
	}
	return is_known ? LEVEL_ELSE : LEVEL_MISSING;
}

/* Of two columns, all there. */
static bool may_hold_of_two(const struct compare_run *run, const struct value *const a[],
			    const struct value *const b[])
{
	switch (run->weakest->side) {
	case SIDE_FIRST:
		return may_hold(run, a[0], b[0]);
	case SIDE_SECOND:
		return may_hold(run, a[1], b[1]);
	case SIDE_BOTH:
		return may_hold(run, a[0], b[0]) && may_hold(run, a[1], b[1]);
	case SIDE_CROSSED:
		return may_hold(run, a[0], b[1]) && may_hold(run, a[1], b[0]);
	case SIDE_EITHER:
		break;
	}
	return may_hold(run, a[0], b[0]) || may_hold(run, a[1], b[1]);
}

/* Most pairs are refused by every run, and that is told in a few steps. */
FOR_THIS_PROCESSOR int compare_by(const struct compare_plan *plan, const struct value *const a[],
				  const struct value *const b[])
{
	if (plan->of->columns == 1)
		return compare_one(plan, a[0], b[0]);
	for (unsigned i = 0; i < 2; i++)
		if (value_is_missing(a[i]) || value_is_missing(b[i]))
			return compare_two(plan, 0, false, a, b);
	for (unsigned r = 0; r < plan->count; r++)
		if (may_hold_of_two(&plan->runs[r], a, b))
			return compare_two(plan, r, true, a, b);
	return LEVEL_ELSE;
}

int compare_values(const struct comparison *c, const struct value *const a[],
		   const struct value *const b[])
{
	struct compare_plan plan;

	compare_plan(&plan, c);
	return compare_by(&plan, a, b);
}
