/*
 * transform.c - the closed list of transforms.
 *
 * Each has a class. exact: the inverse undoes it. normal: it brings a value
 * into a form, and one pass settles it. one-way: something is lost, so the line
 * must say which way it goes.
 *
 *   times(n)        exact    in × n, out ÷ n, exactly
 *   pad(n,c)        normal   at least n characters, filled in front with c, both ways
 *   upper lower     normal   ASCII letters, both ways
 *   squeeze         normal   no blanks between Chinese characters, one elsewhere, none at
 *                            the ends, full-width to narrow; both ways
 *   digits          normal   only the digits, both ways
 *   region(n)       normal   in: filled with zeros to 12 digits; out: the first n
 *   regions(n,d)    normal   one code of ours, n levels of theirs with d digits each
 *   strip-suffix(t) normal   in: without the table's longest fitting ending; out: with its
 *                            first one, where it has none yet
 *   cut(n) before(s) after(s) idcard-sex idcard-birth mask hash     one-way
 */
#include "mapping/plan.h"

#include <casebridge/digest.h>

#include "base/utf8.h"

typedef const struct transform *self;
typedef struct cb_text *text;

static struct cb_text narrow(struct arena *arena, struct cb_text value)
{
	const char *at = value.at, *end = value.at + value.len;
	char *out = arena_take(arena, value.len + 4);
	size_t len = 0;

	while (at < end)
		len += utf8_put(utf8_narrow(utf8_next(&at, end)), out + len);
	return (struct cb_text){ out, len };
}

static const char *times_in(self t, struct arena *arena, text value)
{
	char number[NUMBER_TEXT], out[NUMBER_TEXT];

	if (number_read(*value, number) != NUMBER_OK ||
	    number_times(cb_text_of(number), t->text, out) != NUMBER_OK)
		return "number";
	*value = arena_copy(arena, cb_text_of(out));
	return NULL;
}

static const char *times_out(self t, struct arena *arena, text value)
{
	char out[NUMBER_TEXT];

	if (!number_is_canonical(*value) || number_divide(*value, t->text, out) != NUMBER_OK)
		return "number";
	*value = arena_copy(arena, cb_text_of(out));
	return NULL;
}

static const char *pad(self t, struct arena *arena, text value)
{
	size_t have = utf8_length(*value), fill = t->text.len;
	char *out, *at;

	if ((int64_t)have >= t->number)
		return NULL;
	have = (size_t)t->number - have;
	out = at = arena_take(arena, have * fill + value->len + 1);
	for (; have; have--, at += fill)
		memcpy(at, t->text.at, fill);
	memcpy(at, value->at, value->len);
	*value = (struct cb_text){ out, (size_t)(at - out) + value->len };
	return NULL;
}

static const char *cut(self t, struct arena *arena, text value)
{
	(void)arena;
	value->len = utf8_offset(*value, (size_t)t->number);
	return NULL;
}

/* Letters from @first to @last, and their place among the letters from @other. */
static void change_case(struct arena *arena, text value, char first, char last, const char *other)
{
	char *out = arena_take(arena, value->len + 1);

	memcpy(out, value->at, value->len);
	for (size_t i = 0; i < value->len; i++)
		if (out[i] >= first && out[i] <= last)
			out[i] = other[out[i] - first];
	value->at = out;
}

static const char *upper(self t, struct arena *arena, text value)
{
	(void)t;
	change_case(arena, value, 'a', 'z', "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return NULL;
}

static const char *lower(self t, struct arena *arena, text value)
{
	(void)t;
	change_case(arena, value, 'A', 'Z', "abcdefghijklmnopqrstuvwxyz");
	return NULL;
}

static bool is_tidy(struct cb_text value)
{
	bool was_blank = true;

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];
		bool is_blank_now = c <= ' ';

		/* Full-width forms and odd blanks begin with these; 张 and most others do not. */
		if (c == 0xef || c == 0xc2 || c == 0xe2 ||
		    (c == 0xe3 && i + 1 < value.len && (unsigned char)value.at[i + 1] == 0x80))
			return false;
		if (is_blank_now)
			return false;
		was_blank = is_blank_now;
	}
	return !was_blank || !value.len;
}

/* Blanks between Chinese characters are layout: 张　三. Between words, one is kept. */
static const char *squeeze(self t, struct arena *arena, text value)
{
	const char *at = value->at, *end = value->at + value->len;
	char *out;
	size_t len = 0;
	uint32_t last = 0;
	bool is_gap = false;

	(void)t;
	if (is_tidy(*value))
		return NULL;
	out = arena_take(arena, value->len + 4);
	while (at < end) {
		uint32_t c = utf8_narrow(utf8_next(&at, end));

		if (utf8_is_space(c) || c < ' ') {
			is_gap = true;
			continue;
		}
		if (is_gap && last && last < 0x2e80 && c < 0x2e80)
			out[len++] = ' ';
		is_gap = false;
		len += utf8_put(c, out + len);
		last = c;
	}
	*value = (struct cb_text){ out, len };
	return NULL;
}

static const char *digits(self t, struct arena *arena, text value)
{
	struct cb_text all = narrow(arena, *value);
	char *out = arena_take(arena, all.len + 1);
	size_t len = 0;

	(void)t;
	for (size_t i = 0; i < all.len; i++)
		if (all.at[i] >= '0' && all.at[i] <= '9')
			out[len++] = all.at[i];
	*value = (struct cb_text){ out, len };
	return NULL;
}

static bool all_digits(struct cb_text value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] < '0' || value.at[i] > '9')
			return false;
	return value.len > 0;
}

#define REGION 12

static const char *region_fill(struct arena *arena, text value)
{
	char *out;

	if (!all_digits(*value) || value->len > REGION || value->len < 2)
		return "region";
	if (value->len == REGION)
		return NULL;
	out = arena_take(arena, REGION + 1);
	memset(out, '0', REGION);
	memcpy(out, value->at, value->len);
	*value = (struct cb_text){ out, REGION };
	return NULL;
}

static const char *region_in(self t, struct arena *arena, text value)
{
	(void)t;
	return region_fill(arena, value);
}

static const char *region_out(self t, struct arena *arena, text value)
{
	if (region_fill(arena, value))
		return "region";
	value->len = (size_t)t->number;
	return NULL;
}

static const size_t region_level[] = { 2, 4, 6, 9, 12 };
#define REGION_LEVELS (sizeof(region_level) / sizeof(*region_level))

const char *regions_in(const struct transform *t, struct arena *arena, const struct cb_text *parts,
		       size_t count, struct cb_text *value)
{
	(void)t;
	*value = (struct cb_text){ 0 };
	if (count > REGION_LEVELS)
		return "region";
	for (size_t i = 0; i < count; i++) {
		struct cb_text part = parts[i];

		if (!part.len)
			continue;
		if (region_fill(arena, &part))
			return "region";
		/* Each level lies inside the one above it. */
		for (size_t k = 0; k < i; k++)
			if (parts[k].len >= region_level[k] &&
			    memcmp(parts[k].at, part.at, region_level[k]) != 0)
				return "region";
		*value = part;
	}
	return NULL;
}

const char *regions_out(const struct transform *t, struct arena *arena, struct cb_text value,
			struct cb_text *parts, size_t count)
{
	size_t known = 0, width = t->second ? (size_t)t->second : REGION;

	if (count > REGION_LEVELS || region_fill(arena, &value))
		return "region";
	for (size_t i = 0; i < REGION; i++)
		known = value.at[i] != '0' ? i + 1 : known;
	for (size_t i = 0; i < count; i++) {
		char *out = arena_take(arena, REGION + 1);

		parts[i] = (struct cb_text){ 0 };
		if (i && known <= region_level[i - 1])
			continue; /* nothing is said of this level */
		memset(out, '0', REGION);
		memcpy(out, value.at, region_level[i]);
		parts[i] = (struct cb_text){ out, width };
	}
	return NULL;
}

static const char *before(self t, struct arena *arena, text value)
{
	const char *at = memmem(value->at, value->len, t->text.at, t->text.len);

	(void)arena;
	if (at)
		value->len = (size_t)(at - value->at);
	return NULL;
}

static const char *after(self t, struct arena *arena, text value)
{
	const char *at = memmem(value->at, value->len, t->text.at, t->text.len);

	(void)arena;
	if (!at) {
		value->len = 0;
		return NULL;
	}
	at += t->text.len;
	value->len -= (size_t)(at - value->at);
	value->at = at;
	return NULL;
}

static size_t suffix_len(self t, struct cb_text value)
{
	size_t longest = 0;

	for (size_t i = 0; i < t->words.count; i++) {
		struct cb_text word = t->words.at[i];

		if (word.len > longest && word.len < value.len &&
		    memcmp(value.at + value.len - word.len, word.at, word.len) == 0)
			longest = word.len;
	}
	return longest;
}

static const char *suffix_in(self t, struct arena *arena, text value)
{
	(void)arena;
	value->len -= suffix_len(t, *value);
	return NULL;
}

static const char *suffix_out(self t, struct arena *arena, text value)
{
	if (t->words.count && !suffix_len(t, *value))
		*value = cb_text_of(arena_printf(arena, "%.*s%.*s", CB_TEXT_ARG(*value),
						 CB_TEXT_ARG(t->words.at[0])));
	return NULL;
}

/* The id in its 18-digit form; what is wrong is another line's finding, here it says nothing. */
static bool idcard_of(struct cb_text value, char out[IDENTITY_TEXT])
{
	return identity_read(IDENTITY_IDCARD, value, 0, out) == IDENTITY_OK;
}

static const char *idcard_sex(self t, struct arena *arena, text value)
{
	char id[IDENTITY_TEXT];

	(void)t;
	(void)arena;
	if (!idcard_of(*value, id))
		*value = (struct cb_text){ 0 };
	else
		*value = identity_sex(cb_text_of(id)) == 'm' ? CB_TEXT("1") : CB_TEXT("2");
	return NULL;
}

static const char *idcard_birth(self t, struct arena *arena, text value)
{
	char id[IDENTITY_TEXT], birth[11];

	(void)t;
	if (!idcard_of(*value, id)) {
		*value = (struct cb_text){ 0 };
		return NULL;
	}
	identity_birth(cb_text_of(id), birth);
	*value = arena_copy(arena, cb_text_of(birth));
	return NULL;
}

/* 张* and 3302**********0019: what is long keeps both ends. */
static const char *mask(self t, struct arena *arena, text value)
{
	size_t len = utf8_length(*value), head = len >= 15 ? 4 : len >= 7 ? 3 : 1;
	size_t tail = len >= 7 ? 4 : 0, from, to, at;
	char *out = arena_take(arena, value->len + len + 1);

	(void)t;
	head = head < len ? head : len;
	from = utf8_offset(*value, head);
	to = tail ? utf8_offset(*value, len - tail) : value->len;
	memcpy(out, value->at, from);
	at = from;
	memset(out + at, '*', len - head - tail);
	at += len - head - tail;
	memcpy(out + at, value->at + to, value->len - to);
	*value = (struct cb_text){ out, at + value->len - to };
	return NULL;
}

static const char *hash(self t, struct arena *arena, text value)
{
	char *hex = arena_take(arena, CB_SHA256_HEX);

	(void)t;
	cb_sha256_hex(*value, hex);
	*value = cb_text_of(hex);
	return NULL;
}

static const struct transform_kind kinds[] = {
	{ "times", CLASS_EXACT, "f", times_in, times_out },
	{ "pad", CLASS_NORMAL, "nt", pad, pad },
	{ "cut", CLASS_ONE_WAY, "n", cut, cut },
	{ "upper", CLASS_NORMAL, "", upper, upper },
	{ "lower", CLASS_NORMAL, "", lower, lower },
	{ "squeeze", CLASS_NORMAL, "", squeeze, squeeze },
	{ "digits", CLASS_NORMAL, "", digits, digits },
	{ "region", CLASS_NORMAL, "n", region_in, region_out },
	{ "regions", CLASS_NORMAL, "NN", NULL, NULL },
	{ "before", CLASS_ONE_WAY, "t", before, before },
	{ "after", CLASS_ONE_WAY, "t", after, after },
	{ "strip-suffix", CLASS_NORMAL, "w", suffix_in, suffix_out },
	{ "idcard-sex", CLASS_ONE_WAY, "", idcard_sex, idcard_sex },
	{ "idcard-birth", CLASS_ONE_WAY, "", idcard_birth, idcard_birth },
	{ "mask", CLASS_ONE_WAY, "", mask, mask },
	{ "hash", CLASS_ONE_WAY, "", hash, hash },
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

const struct transform_kind *transform_kind(struct cb_text name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (cb_text_is(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

const char *const *transform_names(void)
{
	static const char *const names[] = {
		"times",      "pad",          "cut",     "upper",  "lower", "squeeze",
		"digits",     "region",       "regions", "before", "after", "strip-suffix",
		"idcard-sex", "idcard-birth", "mask",    "hash",   NULL,
	};

	return names;
}

bool transform_is_regions(const struct transform *t)
{
	return strcmp(t->kind->name, "regions") == 0;
}
