/*
 * form_name.c - names of people and companies, Chinese and Latin.
 *
 * 王建国（户主）, 王 建国, 王建國先生 are 王建国; 王某某, 王XX and 王女士 are 王**, 王**
 * and 王*: a surname and something hidden. 买买提·艾力 loses its points. José O'Neill-Smith is
 * "jose oneill smith".
 */
#include "reconcile/make.h"

#include <stdlib.h>

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NAME_MAX_LENGTH 256 /* characters of a name that count */

static bool ends_with(struct cb_text text, const char *tail)
{
	size_t len = strlen(tail);

	return text.len >= len && memcmp(text.at + text.len - len, tail, len) == 0;
}

static bool has_han(struct cb_text text)
{
	const char *at = text.at, *end = at + text.len;

	while (at < end)
		if (han_is(utf8_next(&at, end)))
			return true;
	return false;
}

/* Latin. */

/* Letters that no accent explains. */
static const char *plain_letter(uint32_t c)
{
	switch (c) {
	case 0xf8:
		return "o";
	case 0x142:
		return "l";
	case 0x111:
	case 0xf0:
		return "d";
	case 0xfe:
		return "th";
	case 0xe6:
		return "ae";
	case 0x153:
		return "oe";
	case 0x131:
		return "i";
	default:
		return NULL;
	}
}

/* NFD of what is folded already. */
static struct cb_text decompose(struct arena *arena, struct cb_text text)
{
	UErrorCode code = U_ZERO_ERROR;
	const UNormalizer2 *nfd = unorm2_getNFDInstance(&code);
	int32_t most = (int32_t)text.len + 1, size = most * 4, len = 0;
	UChar *from = arena_take(arena, (size_t)(most + size) * sizeof(UChar)), *to = from + most;
	char *out = arena_take(arena, (size_t)size * 3);

	u_strFromUTF8(from, most, &len, text.at, (int32_t)text.len, &code);
	len = unorm2_normalize(nfd, from, len, to, size, &code);
	u_strToUTF8(out, size * 3, &len, to, len, &code);
	return U_SUCCESS(code) ? (struct cb_text){ out, (size_t)len } : text;
}

static bool is_dropped(uint32_t c) /* accents, apostrophes, points */
{
	return (c >= 0x300 && c <= 0x36f) || c == '\'' || c == '.' || c == '`' || c == 0x2018 ||
	       c == 0x2019 || c == 0x2bc || c == 0xb4;
}

static bool is_letter(uint32_t c)
{
	return c >= 0x80 ? c < 0x2000 || c > 0x206f
			 : (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Letters and digits with one blank between words, appended to @out. */
static void write_words(struct buffer *out, struct cb_text text)
{
	const char *at = text.at, *end = at + text.len;
	bool is_gap = false;

	while (at < end) {
		const char *start = at, *plain;
		uint32_t c = utf8_next(&at, end);

		if (is_dropped(c))
			continue;
		if (!is_letter(c)) {
			is_gap = out->len > 0;
			continue;
		}
		if (is_gap)
			buffer_char(out, ' ');
		is_gap = false;
		plain = c < 0x80 ? NULL : plain_letter(c);
		if (plain)
			buffer_string(out, plain);
		else
			buffer_put(out, start, (size_t)(at - start));
	}
}

/* Mr, Dr … at the front, where a name is left. */
static struct cb_text without_title(struct cb_text text)
{
	static const char *const titles[] = {
		"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "rev"
	};
	const char *blank = text.len ? memchr(text.at, ' ', text.len) : NULL;

	for (size_t i = 0; blank && i < COUNT(titles); i++)
		if (cb_text_is((struct cb_text){ text.at, (size_t)(blank - text.at) }, titles[i]))
			return (struct cb_text){ blank + 1,
						 text.len - (size_t)(blank + 1 - text.at) };
	return text;
}

static struct cb_text latin(struct maker *m, struct cb_text folded)
{
	struct arena scratch = { 0 };

	if (utf8_length(folded) != folded.len)
		folded = decompose(&scratch, folded);
	write_words(&m->out, folded);
	arena_done(&scratch);
	return without_title(buffer_view(&m->out));
}

void make_latin(struct maker *m, struct cb_text text)
{
	text = make_fold(m, text);
	if (!make_is_nothing(text))
		make_put(m, latin(m, text));
}

/* Chinese. */

/* What people write behind a name. True: only a surname may be left in front of it. */
static struct cb_text without_address_form(struct cb_text text, bool *has_form)
{
	static const char *const forms[] = { "先生", "女士", "小姐", "同志", "老师", "师傅",
					     "阿姨", "大爷", "大妈", "经理", "老板", "某" };

	*has_form = false;
	for (size_t i = 0; i < COUNT(forms) - 1; i++)
		if (ends_with(text, forms[i]) && text.len > strlen(forms[i])) {
			text.len -= strlen(forms[i]);
			*has_form = true;
			break;
		}
	return text;
}

/* One way to say what kind of company it is. */
static void shorten_company(struct buffer *name)
{
	static const char *const kinds[] = { "股份有限公司", "有限责任公司", "有限公司" };

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (ends_with(buffer_view(name), kinds[i]) && name->len > strlen(kinds[i])) {
			name->len -= strlen(kinds[i]);
			buffer_string(name, "公司");
			return;
		}
}

static bool is_hidden(uint32_t c, bool is_first)
{
	return c == '*' || c == 'x' || c == '?' || c == 0xd7 || c == 0x25cb || c == 0x25a1 ||
	       c == 0x25cf || (c == 0x67d0 && !is_first); /* × ○ □ ●; 某 */
}

/* The characters that count: simplified, without notes in brackets, points and blanks. */
static void write_han(struct han *han, struct buffer *out, struct cb_text text)
{
	const char *at = text.at, *end = at + text.len;
	unsigned depth = 0, length = 0;

	while (at < end && length < NAME_MAX_LENGTH) {
		uint32_t c = utf8_next(&at, end);
		char utf8[4];

		if (c == '(' || c == '[' || c == 0x3010 || c == 0x3014) {
			depth++;
			continue;
		}
		if (c == ')' || c == ']' || c == 0x3011 || c == 0x3015) {
			depth -= depth > 0;
			continue;
		}
		if (depth)
			continue;
		if (is_hidden(c, length == 0))
			c = '*';
		else if (c < 0x80 ? !is_letter(c) : !u_isalnum((UChar32)c))
			continue;
		buffer_put(out, utf8, utf8_put(han_simplified(han, c), utf8));
		length++;
	}
}

/* 王, 欧阳: no given name was said. */
static bool is_surname(struct cb_text text)
{
	const char *at = text.at, *end = at + text.len;
	uint32_t c[3] = { 0, 0, '*' };
	size_t length = utf8_length(text);

	for (size_t i = 0; i < length && i < 2; i++)
		c[i] = utf8_next(&at, end);
	return length == 1 || (length == 2 && han_surname(c, 3) == 2);
}

/* Without what says that it is a company, where enough is left to be called its name. */
static uint32_t core_length(const struct value *v)
{
	static const char *const kinds[] = { "公司", "集团", "厂" };
	struct cb_text text = { v->text, v->len };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		uint32_t length = (uint32_t)strlen(kinds[i]) / 3;

		if (ends_with(text, kinds[i]) && v->length >= NAME_CORE + length)
			return v->length - length;
	}
	return v->length;
}

static struct value_name *describe(struct maker *m, struct value *v, bool is_han)
{
	struct value_name *n = arena_zero(m->arena, sizeof(*n));
	const uint32_t *c = is_han ? value_characters(v) : NULL;
	uint32_t *sounds;
	uint64_t *looks;

	n->is_han = is_han;
	v->is_partial = memchr(v->text, '*', v->len) != NULL;
	if (!is_han)
		return n;
	n->surname = han_surname(c, v->length);
	n->core = core_length(v);
	looks = arena_take(m->arena, v->length * (sizeof(*looks) + sizeof(*sounds)));
	sounds = (uint32_t *)(looks + v->length);
	for (uint32_t i = 0; i < v->length; i++) {
		looks[i] = han_looks(m->han, c[i]);
		sounds[i] = i == 0 && n->surname == 1 ? han_surname_sound(m->han, c[i])
						      : han_sound(m->han, c[i]);
	}
	n->sounds = sounds;
	n->looks = looks;
	return n;
}

void make_name(struct maker *m, struct cb_text text)
{
	bool is_han, has_form = false;

	text = make_fold(m, text);
	is_han = has_han(text);
	if (make_is_nothing(text)) {
		text.len = 0;
	} else if (!is_han) {
		text = latin(m, text);
	} else {
		text = without_address_form(text, &has_form);
		write_han(m->han, &m->out, text);
		if (has_form && is_surname(buffer_view(&m->out)))
			buffer_char(&m->out, '*');
		shorten_company(&m->out);
		text = buffer_view(&m->out);
		is_han = has_han(text);
	}
	make_put(m, text);
	if (m->value->hash)
		m->value->name = describe(m, m->value, is_han);
}

/* A blank around each syllable, and one between words. */
void make_pinyin(struct maker *m, struct cb_text text)
{
	const char *at, *end;
	bool is_gap = false;

	text = make_fold(m, text);
	if (make_is_nothing(text))
		return;
	for (at = text.at, end = at + text.len; at < end;) {
		const char *start = at;
		uint32_t c = utf8_next(&at, end), sound = han_sound(m->han, c);
		char syllable[8];

		if (c == ' ') {
			is_gap = true;
			continue;
		}
		if ((is_gap || sound) && m->out.len)
			buffer_char(&m->out, ' ');
		is_gap = sound != 0;
		if (sound)
			buffer_put(&m->out, syllable, han_syllable(sound, syllable));
		else
			buffer_put(&m->out, start, (size_t)(at - start));
	}
	make_put(m, buffer_view(&m->out));
}
