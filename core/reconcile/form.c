/*
 * form.c - the forms by name, and what all of them begin with.
 */
#include "reconcile/form.h"

#include <stdlib.h>

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "reconcile/make.h"
#include "reconcile/similar.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define PADDING 16 /* so much of a text may be read at once */
#define LONGEST_NOTHING 16
#define SMALL 64 /* bytes of a text that is made without the heap */
#define ROOM ((SMALL * 4 + 64) * 3)

struct forms {
	struct han *han;
};

static void make_none(struct maker *m, struct cb_text text)
{
	make_put(m, text);
}

static void make_folded(struct maker *m, struct cb_text text)
{
	text = make_fold(m, text);
	if (!make_is_nothing(text))
		make_put(m, text);
}

static const struct {
	const char *name;
	void (*make)(struct maker *m, struct cb_text text);
} forms[FORM_COUNT] = {
	[FORM_NONE] = { "none", make_none },
	[FORM_FOLD] = { "fold", make_folded },
	[FORM_NAME] = { "name", make_name },
	[FORM_LATIN] = { "latin-name", make_latin },
	[FORM_PINYIN] = { "pinyin", make_pinyin },
	[FORM_IDCARD] = { "idcard", make_idcard },
	[FORM_PHONE] = { "phone", make_phone },
	[FORM_DIGITS] = { "digits", make_digits },
	[FORM_DATE] = { "date", make_date },
	[FORM_NUMBER] = { "number", make_number },
	[FORM_ADDRESS] = { "address", make_address },
	[FORM_NARRATIVE] = { "narrative", make_narrative },
};

static const char *const levels[LEVEL_COUNT] = {
	"province", "city",   "county",   "town", "village", "road",
	"estate",   "number", "building", "unit", "room",
};

const char *form_name(enum form form)
{
	return forms[form].name;
}

enum form form_named(struct cb_text name)
{
	unsigned form = 0;

	while (form < FORM_COUNT && !cb_text_is(name, forms[form].name))
		form++;
	return (enum form)form;
}

const char *level_name(enum address_level level)
{
	return levels[level];
}

enum address_level level_named(struct cb_text name)
{
	unsigned level = 0;

	while (level < LEVEL_COUNT && !cb_text_is(name, levels[level]))
		level++;
	return (enum address_level)level;
}

/* What makers share. */

static struct cb_text cut(struct cb_text text)
{
	bool is_cut = false;
	size_t good;

	if (text.len <= VALUE_BYTES)
		return text;
	text.len = VALUE_BYTES;
	good = utf8_valid(text, &is_cut);
	return (struct cb_text){ text.at, is_cut ? good : text.len };
}

void make_put(struct maker *m, struct cb_text text)
{
	struct value *v = m->value;
	size_t length, size;
	const char *at;
	bool is_ascii;
	char *copy;

	if (!text.len)
		return;
	text = cut(text);
	at = text.at;
	length = utf8_length(text);
	size = text.len + 1;
	is_ascii = length == text.len;
	if (is_ascii)
		size = (size + PADDING - 1) & ~(size_t)(PADDING - 1);
	else
		size += 3 + length * sizeof(uint32_t);
	copy = arena_take(m->arena, size);
	memcpy(copy, text.at, text.len);
	memset(copy + text.len, 0, is_ascii ? size - text.len : 1);
	v->text = copy;
	v->len = (uint16_t)text.len;
	v->length = (uint16_t)length;
	v->hash = hash_bytes(text.at, text.len, 0);
	if (!v->hash)
		v->hash = 1;
	if (!is_ascii)
		for (uint32_t *c = (uint32_t *)(uintptr_t)value_characters(v); length--; c++)
			*c = utf8_next(&at, text.at + text.len);
}

static bool is_ascii(struct cb_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

/* Through ICU's NFKC_Casefold; a text that it cannot take stays as it is. */
static void fold_wide(struct buffer *room, struct cb_text text)
{
	UErrorCode code = U_ZERO_ERROR;
	const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&code);
	int32_t most = (int32_t)text.len + 1, size = most * 4 + 64, len = 0;
	UChar small[SMALL * 5 + 64], *from = small;

	if (text.len >= SMALL)
		from = memory_take((size_t)(most + size) * sizeof(UChar));
	u_strFromUTF8(from, most, &len, text.at, (int32_t)text.len, &code);
	len = unorm2_normalize(nfkc, from, len, from + most, size, &code);
	buffer_clear(room);
	buffer_room(room, (size_t)size * 3);
	u_strToUTF8(room->at, size * 3, &len, from + most, len, &code);
	if (U_SUCCESS(code))
		room->len = (size_t)len;
	else
		buffer_text(room, text);
	if (from != small)
		free(from);
}

/* In place: ASCII to lower case, every run of spaces one blank, none at the ends. */
static size_t squeeze(char *at, size_t len)
{
	const char *from = at, *end = at + len;
	char *to = at;
	bool is_gap = false;

	while (from < end) {
		uint32_t c = (unsigned char)*from;
		const char *start = from;

		if (c < 0x80)
			from++;
		else
			c = utf8_next(&from, end);
		if (utf8_is_space(c)) {
			is_gap = true;
			continue;
		}
		if (is_gap && to > at)
			*to++ = ' ';
		is_gap = false;
		if (c < 0x80) {
			*to++ = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
		} else {
			memmove(to, start, (size_t)(from - start));
			to += from - start;
		}
	}
	return (size_t)(to - at);
}

struct cb_text make_fold(struct maker *m, struct cb_text text)
{
	if (is_ascii(text)) {
		buffer_clear(&m->room);
		buffer_text(&m->room, text);
	} else {
		fold_wide(&m->room, text);
	}
	m->room.len = squeeze(m->room.at, m->room.len);
	return cut(buffer_view(&m->room));
}

bool make_is_nothing(struct cb_text folded)
{
	static const char *const words[] = {
		"无",   "不详",   "未知",   "匿名",     "暂无", "没有", "不明", "不清楚",  "无名氏",
		"未填", "未提供", "未登记", "不愿透露", "保密", "空",   "-",    "--",      "—",
		"/",    "\\",     ".",      "*",        "***",  "n/a",  "nan",  "unknown",
	};

	if (folded.len > LONGEST_NOTHING)
		return false;
	for (size_t i = 0; i < COUNT(words); i++)
		if (words[i][0] == folded.at[0] && cb_text_is(folded, words[i]))
			return true;
	return !folded.len;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint32_t make_set(uint64_t *items, uint32_t count)
{
	uint32_t kept = 0;

	qsort(items, count, sizeof(*items), by_size);
	for (uint32_t i = 0; i < count; i++)
		if (!i || items[i] != items[i - 1])
			items[kept++] = items[i];
	return kept;
}

/* A bad byte becomes U+FFFD, and so does a NUL: texts end with one. */
static struct cb_text repair(struct arena *arena, struct cb_text text)
{
	char *room = arena_take(arena, text.len * 3), *to = room;

	while (text.len) {
		size_t good = utf8_valid(text, NULL);
		const char *nul = memchr(text.at, '\0', good);

		good = nul ? (size_t)(nul - text.at) : good;
		memcpy(to, text.at, good);
		to += good;
		text.at += good;
		text.len -= good;
		if (text.len) {
			to += utf8_put(0xfffd, to);
			text.at++;
			text.len--;
		}
	}
	return (struct cb_text){ room, (size_t)(to - room) };
}

static bool is_sound(struct cb_text text)
{
	return utf8_valid(text, NULL) == text.len && !memchr(text.at, '\0', text.len);
}

struct forms *forms_new(void)
{
	struct forms *f = memory_take(sizeof(*f));

	f->han = han_new();
	return f;
}

void forms_free(struct forms *f)
{
	if (!f)
		return;
	han_free(f->han);
	free(f);
}

/* Of as many characters as are compared. */
static void note_letters(struct value *v)
{
	unsigned length = v->length < SIMILAR_MAX ? v->length : SIMILAR_MAX;
	bool is_ascii = v->length == v->len;

	for (unsigned i = 0; i < length; i++) {
		uint32_t c = is_ascii ? (unsigned char)v->text[i] : value_characters(v)[i];

		v->again |= v->letters & UINT64_C(1) << (c & 63);
		v->letters |= UINT64_C(1) << (c & 63);
		if (i < 2)
			v->first[i] = (uint8_t)c;
	}
}

void form_make(struct forms *f, enum form form, struct cb_text text, struct arena *arena,
	       struct value *value)
{
	struct maker m = { .han = f->han, .arena = arena, .value = value };
	struct arena repaired = { 0 };
	char room[ROOM], out[ROOM];

	*value = (struct value){ .form = (uint8_t)form };
	text = cut(text);
	if (text.len && !is_sound(text))
		text = cut(repair(&repaired, text));
	text = utf8_trim(text);
	if (text.len < SMALL) {
		m.room = (struct buffer){ .at = room, .room = sizeof(room) };
		m.out = (struct buffer){ .at = out, .room = sizeof(out) };
	}
	if (text.len)
		forms[form].make(&m, text);
	if (text.len >= SMALL) {
		buffer_done(&m.room);
		buffer_done(&m.out);
	}
	arena_done(&repaired);
	if (value->text)
		note_letters(value);
}
