/*
 * key.c - what a blocking rule groups by.
 */
#include "reconcile/key.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "reconcile/han.h"

#define KEY_TEXT 512 /* bytes of a value that a key of its own making looks at */

#define BIT(form) (1U << (form))
#define TEXTS                                                                                      \
	(BIT(FORM_NONE) | BIT(FORM_FOLD) | BIT(FORM_NAME) | BIT(FORM_LATIN) | BIT(FORM_PINYIN) |   \
	 BIT(FORM_IDCARD) | BIT(FORM_DIGITS) | BIT(FORM_DATE) | BIT(FORM_NUMBER) |                 \
	 BIT(FORM_ADDRESS) | BIT(FORM_PHONE))
#define WORDS                                                                                      \
	(BIT(FORM_NONE) | BIT(FORM_FOLD) | BIT(FORM_NAME) | BIT(FORM_LATIN) | BIT(FORM_PINYIN))
#define ALL (BIT(FORM_COUNT) - 1)

static const struct key_kind kinds[KEY_COUNT] = {
	[KEY_WHOLE] = { "whole", "全值", "the whole value", false, false, ALL },
	[KEY_PREFIX] = { "prefix", "前几位", "the beginning", true, false, TEXTS },
	[KEY_SUFFIX] = { "suffix", "后几位", "the end", true, false, TEXTS },
	[KEY_WORD] = { "word", "最长的词", "the longest word", false, false, WORDS },
	[KEY_SORTED] = { "sorted", "各词不论顺序", "the words in any order", false, false, WORDS },
	[KEY_SOUNDEX] = { "soundex", "Soundex", "Soundex", false, false, WORDS },
	[KEY_CONSONANTS] = { "consonants", "辅音", "the consonants", false, false, WORDS },
	[KEY_PINYIN] = { "pinyin", "拼音", "pinyin", false, false, BIT(FORM_NAME) },
	[KEY_SOUND] = { "sound", "近音", "the sound", false, false, BIT(FORM_NAME) },
	[KEY_INITIALS] = { "initials", "拼音首字母", "initials", false, false, BIT(FORM_NAME) },
	[KEY_SURNAME] = { "surname", "姓", "the surname", false, false, BIT(FORM_NAME) },
	[KEY_CORE] = { "core", "单位名称主干", "a company's name without its place", false, true,
		       BIT(FORM_NAME) },
	[KEY_GIVEN] = { "given", "名", "the given name", false, false, BIT(FORM_NAME) },
	[KEY_PHONE] = { "phone-shown", "电话前三后四", "first 3 and last 4", false, true,
			BIT(FORM_PHONE) },
	[KEY_TAIL] = { "phone-tail", "电话尾号", "the last digits", true, true, BIT(FORM_PHONE) },
	[KEY_ID_SHOWN] = { "id-shown", "证件前六后四", "first 6 and last 4", false, false,
			   BIT(FORM_IDCARD) },
	[KEY_ID_BIRTH] = { "id-birth", "证件中的生日", "birth date", false, false,
			   BIT(FORM_IDCARD) },
	[KEY_YEAR] = { "year", "年", "the year", false, false, BIT(FORM_DATE) },
	[KEY_YEAR_MONTH] = { "year-month", "年月", "year and month", false, false, BIT(FORM_DATE) },
	[KEY_MONTH_DAY] = { "month-day", "月日", "month and day", false, false, BIT(FORM_DATE) },
	[KEY_DAYS] = { "days", "相近日期", "days near each other", true, true, BIT(FORM_DATE) },
	[KEY_ADDRESS] = { "address", "地址到某级", "the address down to a level", true, false,
			  BIT(FORM_ADDRESS) },
	[KEY_PIECES] = { "pieces", "每个词或号码", "each word or number", true, true,
			 WORDS | BIT(FORM_PHONE) | BIT(FORM_NARRATIVE) },
};

const struct key_kind *key_kind(enum key key)
{
	return &kinds[key];
}

enum key key_named(struct cb_text name)
{
	unsigned key = 0;

	while (key < KEY_COUNT && !cb_text_is(name, kinds[key].name))
		key++;
	return (enum key)key;
}

const char *key_number(enum key key, unsigned n, char out[16])
{
	if (key == KEY_ADDRESS && n < LEVEL_COUNT)
		return level_name(n);
	snprintf(out, 16, "%u", n);
	return out;
}

/* One key, and one count. */

static unsigned put(uint64_t key, uint64_t out[])
{
	*out = key ? key : 1;
	return 1;
}

static unsigned put_bytes(const void *at, size_t len, uint64_t out[])
{
	return len ? put(hash_bytes(at, len, 0), out) : 0;
}

static struct cb_text text_of(const struct value *v)
{
	return (struct cb_text){ v->text, v->len };
}

static unsigned put_prefix(const struct value *v, unsigned n, uint64_t out[])
{
	struct cb_text text = text_of(v);

	return v->length < n ? 0 : put_bytes(text.at, utf8_offset(text, n), out);
}

static unsigned put_suffix(const struct value *v, unsigned n, uint64_t out[])
{
	struct cb_text text = text_of(v);
	size_t at;

	if (v->length < n)
		return 0;
	at = utf8_offset(text, v->length - n);
	return put_bytes(text.at + at, text.len - at, out);
}

/* Words. */

/* The next word of @rest, which goes on behind it; of no length at the end. */
static struct cb_text next_word(struct cb_text *rest)
{
	const char *blank = rest->len ? memchr(rest->at, ' ', rest->len) : NULL;
	struct cb_text word = { rest->at, blank ? (size_t)(blank - rest->at) : rest->len };

	rest->at += word.len + (blank != NULL);
	rest->len -= word.len + (blank != NULL);
	return word;
}

static unsigned put_longest(const struct value *v, uint64_t out[])
{
	struct cb_text rest = text_of(v), longest = { 0 };

	while (rest.len) {
		struct cb_text word = next_word(&rest);

		if (word.len > longest.len)
			longest = word;
	}
	return put_bytes(longest.at, longest.len, out);
}

static unsigned put_sorted(const struct value *v, uint64_t out[])
{
	struct cb_text rest = text_of(v);
	uint64_t sum = 0;

	while (rest.len) {
		struct cb_text word = next_word(&rest);

		sum += hash_bytes(word.at, word.len, 1);
	}
	return put(sum, out);
}

static bool is_in(char c, const char *letters)
{
	return c && strchr(letters, c) != NULL;
}

static char soundex_digit(char c)
{
	static const char digits[] = "01230120022455012623010202"; /* of a … z */

	return c >= 'a' && c <= 'z' ? digits[c - 'a'] : '0';
}

/* As the National Archives define it: h and w do not part two letters of the same sound. */
static unsigned put_soundex(const struct value *v, uint64_t out[])
{
	char code[4] = "000", last;
	size_t len = 1;

	if (v->text[0] < 'a' || v->text[0] > 'z')
		return 0;
	code[0] = v->text[0];
	code[3] = '0';
	last = soundex_digit(code[0]);
	for (uint32_t i = 1; i < v->len && v->text[i] != ' ' && len < 4; i++) {
		char digit = soundex_digit(v->text[i]);

		if (is_in(v->text[i], "hw"))
			continue;
		if (digit != '0' && digit != last)
			code[len++] = digit;
		last = digit;
	}
	return put_bytes(code, 4, out);
}

/* The first letter and the consonants behind it, doubled ones once. */
static unsigned put_consonants(const struct value *v, uint64_t out[])
{
	char code[KEY_TEXT];
	size_t len = 0;

	for (uint32_t i = 0; i < v->len && len < sizeof(code); i++) {
		char c = v->text[i];

		if (c != ' ' && (!len || (!is_in(c, "aeiouyhw") && c != code[len - 1])))
			code[len++] = c;
	}
	return put_bytes(code, len, out);
}

/* Names. */

static unsigned put_sounds(enum key key, const struct value *v, uint64_t out[])
{
	const struct value_name *name = v->name;
	uint64_t sum = 0;

	if (!name->is_han || v->is_partial)
		return 0;
	for (uint32_t i = 0; i < v->length; i++) {
		uint32_t sound = name->sounds[i];

		if (key == KEY_SOUND)
			sound = han_heard(sound);
		else if (key == KEY_INITIALS)
			sound &= 31;
		if (!sound)
			sound = value_characters(v)[i] | UINT32_C(1) << 31;
		sum = hash_bytes(&sound, sizeof(sound), sum);
	}
	return put(sum, out);
}

static unsigned put_name_part(enum key key, const struct value *v, uint64_t out[])
{
	struct cb_text text = text_of(v);
	size_t cut = 0, len = text.len;

	if (v->name->is_han) {
		cut = utf8_offset(text, v->name->surname);
		if (key == KEY_SURNAME)
			len = cut, cut = 0;
		return v->name->surname ? put_bytes(text.at + cut, len - cut, out) : 0;
	}
	while (cut < len && text.at[len - 1 - cut] != ' ')
		cut++;
	if (key == KEY_SURNAME)
		return put_bytes(text.at + len - cut, cut, out);
	return cut < len ? put_bytes(text.at, len - cut - 1, out) : 0;
}

static unsigned put_core(const struct value *v, uint64_t out[])
{
	static const uint32_t places[] = { 0, 2, 3, 4,
					   6 }; /* 慈溪, 慈溪市, 浙江慈溪, 浙江省慈溪市 */
	uint32_t core = v->name->core;
	unsigned count = 0;

	if (!v->name->is_han || v->is_partial)
		return 0;
	for (unsigned i = 0; i < 5 && core >= (i < 3 ? 0 : 2) + places[i] + NAME_CORE; i++)
		count += put_bytes(value_characters(v) + places[i],
				   (core - places[i]) * sizeof(uint32_t), out + count);
	return count;
}

/* Phones and ids: nothing that is hidden makes a key. */

static unsigned put_phones(enum key key, unsigned n, const struct value *v, uint64_t out[])
{
	size_t head = key == KEY_PHONE ? 3 : 0, tail = key == KEY_PHONE ? 4 : n;
	unsigned count = 0;
	char digits[17];

	for (uint32_t i = 0; i < v->set->count && count < KEYS_MAX; i++) {
		size_t len = value_phone_digits(v->set->items[i], digits);
		unsigned before = count;

		if (len < head + tail)
			continue;
		memmove(digits + head, digits + len - tail, tail);
		if (memchr(digits, '*', head + tail))
			continue;
		count += put_bytes(digits, head + tail, out + count);
		for (unsigned j = 0; j < before; j++)
			if (out[j] == out[before])
				count = before;
	}
	return count;
}

static unsigned put_id_shown(const struct value *v, uint64_t out[])
{
	const char *digits = v->idcard->digits;
	char shown[10];

	if (!digits[0])
		return 0;
	memcpy(shown, digits, 6);
	memcpy(shown + 6, digits + 14, 4);
	return memchr(shown, '*', sizeof(shown)) ? 0 : put_bytes(shown, sizeof(shown), out);
}

/* Spelled as a date is, so that an id and a birth date meet. */
static unsigned put_id_birth(const struct value *v, uint64_t out[])
{
	const char *d = v->idcard->digits;
	char date[10];

	if (!v->idcard->birth)
		return 0;
	memcpy(date, d + 6, 4);
	date[4] = date[7] = '-';
	memcpy(date + 5, d + 10, 2);
	memcpy(date + 8, d + 12, 2);
	return put_bytes(date, sizeof(date), out);
}

/* Dates and addresses. */

static unsigned put_days(const struct value *v, unsigned n, uint64_t out[])
{
	int64_t span;

	if (v->number == NO_NUMBER || !n)
		return 0;
	span = (v->number - INT64_C(-1000000)) / n;
	put(hash_bytes(&span, sizeof(span), 1), out);
	span++;
	return 1 + put(hash_bytes(&span, sizeof(span), 1), out + 1);
}

/* The end of a name: who writes 周巷老墩村 for 老墩村 meets the others. */
static uint64_t place_of(const struct value_address *a)
{
	static const int levels[] = { LEVEL_ESTATE, LEVEL_VILLAGE, LEVEL_ROAD };

	for (int i = 0; i < 3; i++) {
		struct cb_text name = a->names[levels[i]];
		size_t length = utf8_length(name), skip = 0;

		if (!a->levels[levels[i]])
			continue;
		if (length > 2)
			skip = utf8_offset(name, length - 2);
		return hash_bytes(name.at + skip, name.len - skip, LEVEL_ESTATE);
	}
	return 0;
}

/* A town and what is above it, or the place: an estate, else a village, else a road. What stands in
 * it counts down to @n, which has to be there. */
static unsigned put_address(const struct value *v, unsigned n, uint64_t out[])
{
	const uint32_t *levels = v->address->levels;
	uint64_t sum = place_of(v->address);

	if (n >= LEVEL_COUNT || (n >= ADDRESS_NAMED && !levels[n]) ||
	    (n < LEVEL_VILLAGE ? !levels[n] : !sum))
		return 0;
	if (n < LEVEL_VILLAGE)
		return put(hash_bytes(&levels[n], sizeof(*levels), n), out);
	if (n >= LEVEL_NUMBER && !levels[LEVEL_ESTATE])
		sum += levels[LEVEL_NUMBER];
	for (unsigned i = LEVEL_BUILDING; i <= n; i++)
		if (i != LEVEL_UNIT || n == LEVEL_UNIT)
			sum = hash_bytes(&levels[i], sizeof(*levels), sum);
	return put(sum, out);
}

/* The smallest hashes: the same ones from two sets that are much alike. */
static unsigned put_pieces(const struct value *v, unsigned n, uint64_t out[])
{
	struct cb_text rest = text_of(v);
	unsigned count = 0;

	if (n == 0 || n > KEYS_MAX)
		n = KEYS_MAX;
	if (v->form == FORM_PHONE || v->form == FORM_NARRATIVE) {
		for (uint32_t i = 0; i < v->set->count && count < n; i++)
			if (v->form != FORM_PHONE || !value_phone_is_partial(v->set->items[i]))
				count += put(v->set->items[i], out + count);
		return count;
	}
	while (rest.len) {
		struct cb_text word = next_word(&rest);
		uint64_t key = hash_bytes(word.at, word.len, 1);
		unsigned at = 0;

		while (at < count && out[at] < key)
			at++;
		if (!word.len || at == n || (at < count && out[at] == key))
			continue;
		count += count < n;
		memmove(out + at + 1, out + at, (count - at - 1) * sizeof(*out));
		put(key, out + at);
	}
	return count;
}

unsigned key_make(enum key key, unsigned n, const struct value *v, uint64_t out[KEYS_MAX])
{
	if (value_is_missing(v))
		return 0;
	switch (key) {
	case KEY_WHOLE:
		return v->is_partial ? 0 : put(v->hash, out);
	case KEY_PREFIX:
		return put_prefix(v, n, out);
	case KEY_SUFFIX:
		return put_suffix(v, n, out);
	case KEY_WORD:
		return put_longest(v, out);
	case KEY_SORTED:
		return put_sorted(v, out);
	case KEY_SOUNDEX:
		return put_soundex(v, out);
	case KEY_CONSONANTS:
		return put_consonants(v, out);
	case KEY_PINYIN:
	case KEY_SOUND:
	case KEY_INITIALS:
		return put_sounds(key, v, out);
	case KEY_CORE:
		return put_core(v, out);
	case KEY_SURNAME:
	case KEY_GIVEN:
		return put_name_part(key, v, out);
	case KEY_PHONE:
	case KEY_TAIL:
		return put_phones(key, n, v, out);
	case KEY_ID_SHOWN:
		return put_id_shown(v, out);
	case KEY_ID_BIRTH:
		return put_id_birth(v, out);
	case KEY_YEAR:
		return put_bytes(v->text, 4, out);
	case KEY_YEAR_MONTH:
		return v->len < 7 ? 0 : put_bytes(v->text, 7, out);
	case KEY_MONTH_DAY:
		return v->len < 10 ? 0 : put_bytes(v->text + 5, 5, out);
	case KEY_DAYS:
		return put_days(v, n, out);
	case KEY_ADDRESS:
		return put_address(v, n, out);
	case KEY_PIECES:
		return put_pieces(v, n, out);
	case KEY_COUNT:
		break;
	}
	return 0;
}
