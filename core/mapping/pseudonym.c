/*
 * pseudonym.c - what a value is, is seen by its shape.
 *
 * The made-up people are those of the samples: ids of the area 330299, which no
 * county has, phones 139 0000 nnnn. Where a character of the value is not of its
 * alphabet (a blank, a mask, a separator) it stays where it stands.
 */
#include "mapping/pseudonym.h"

#include <stdio.h>
#include <stdlib.h>
#include <unicode/uchar.h>

#include "base/identity.h"
#include "base/utf8.h"
#include "mapping/plan.h"

#define TODAY_UNKNOWN 0

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits and letters that were typed wide, narrow: what follows looks at bytes. */
static struct cb_text narrowed(struct arena *arena, struct cb_text value)
{
	const char *at = value.at, *end = value.at + value.len;
	struct buffer out = { 0 };
	struct cb_text text;

	while (at < end) {
		const char *from = at;
		uint32_t c = utf8_next(&at, end), narrow = utf8_narrow(c);

		if (narrow != c && narrow < 0x80 && u_isalnum((UChar32)narrow))
			buffer_char(&out, (char)narrow);
		else
			buffer_put(&out, from, (size_t)(at - from));
	}
	text = arena_copy(arena, buffer_view(&out));
	buffer_done(&out);
	return text;
}

static bool is_own(char c)
{
	return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* How many characters of a number it has, hidden ones too. */
static size_t own_count(struct cb_text value)
{
	size_t count = 0;

	for (size_t i = 0; i < value.len; i++)
		count += is_own(value.at[i]) || value.at[i] == '*';
	return count;
}

/* The characters of @made_up where @value has one of its own kind; the rest is @value's. */
static struct cb_text overlay(struct arena *arena, struct cb_text value, const char *made_up)
{
	char *text = arena_string(arena, value);
	size_t at = 0, len = strlen(made_up);

	for (size_t i = 0; i < value.len; i++) {
		if (is_own(text[i]))
			text[i] = *(at < len ? &made_up[at] : "0");
		else if (text[i] != '*')
			continue;
		at++;
	}
	return (struct cb_text){ text, value.len };
}

/* The last character that makes it right; or, with @is_wrong, the one behind that. */
static void set_check(enum identity_kind kind, char *text, bool is_wrong)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	char *last = text + strlen(text) - 1, out[IDENTITY_TEXT];

	for (const char *c = alphabet; *c; c++) {
		*last = *c;
		if (identity_read(kind, cb_text_of(text), TODAY_UNKNOWN, out) == IDENTITY_OK)
			break;
	}
	if (is_wrong)
		*last = *last == '1' ? '2' : '1';
}

static struct cb_text made_up_id(struct pseudonyms *p, struct cb_text value, const char *normal,
				 bool is_wrong)
{
	/* Odd is male: what is derived from the number stays as it was. */
	unsigned odd = strlen(normal) > 16 && is_digit(normal[16]) ? (unsigned)normal[16] & 1 : 1;
	unsigned number = 2 * (p->people++ % 490) + 10 + odd;
	char text[32];

	if (own_count(value) == 15) {
		snprintf(text, sizeof(text), "330299800101%03u", number % 1000);
		return overlay(p->arena, value, text);
	}
	snprintf(text, sizeof(text), "33029919800101%03u0", number % 1000);
	set_check(IDENTITY_IDCARD, text, is_wrong);
	return overlay(p->arena, value, text);
}

static bool is_identity(struct pseudonyms *p, struct cb_text value, struct cb_text *out)
{
	char normal[IDENTITY_TEXT];
	enum identity_finding found = identity_read(IDENTITY_IDCARD, value, TODAY_UNKNOWN, normal);
	char text[32];

	if (found == IDENTITY_OK || found == IDENTITY_CHECK || found == IDENTITY_MASKED) {
		*out = made_up_id(p, value, normal, found == IDENTITY_CHECK);
		return true;
	}
	if (found == IDENTITY_ROUNDED) {
		*out = memchr(value.at, 'E', value.len) ? CB_TEXT("3.30299E+17")
							: CB_TEXT("330299198001010000");
		return true;
	}
	if (identity_read(IDENTITY_USCC, value, TODAY_UNKNOWN, normal) == IDENTITY_OK) {
		snprintf(text, sizeof(text), "91330299MA%06u00", 100000 + p->others++ % 900000);
		text[17] = '0';
		text[18] = '\0';
		set_check(IDENTITY_USCC, text, false);
		*out = overlay(p->arena, value, text);
		return true;
	}
	if (identity_read(IDENTITY_ORGCODE, value, TODAY_UNKNOWN, normal) == IDENTITY_OK) {
		snprintf(text, sizeof(text), "MA%06u0", 100000 + p->others++ % 900000);
		set_check(IDENTITY_ORGCODE, text, false);
		*out = overlay(p->arena, value, text);
		return true;
	}
	if (identity_read(IDENTITY_PHONE, value, TODAY_UNKNOWN, normal) == IDENTITY_OK) {
		size_t before = own_count(value) > 11 && *normal == '1' ? own_count(value) - 11 : 0;

		/* 86 or 0086 in front of a mobile stays. */
		snprintf(text, sizeof(text), *normal == '1' ? "%s1390000%04u" : "%s0574630%04u0",
			 before == 2   ? "86"
			 : before == 4 ? "0086"
				       : "",
			 ++p->phones % 10000);
		*out = overlay(p->arena, value, text);
		return true;
	}
	return false;
}

/* 1980-01-01 in whatever way the date is written; a time is midnight. */
static struct cb_text made_up_date(struct arena *arena, struct cb_text value)
{
	char *text = arena_string(arena, value);
	size_t group = 0;

	for (size_t i = 0; i < value.len;) {
		size_t end = i;

		while (end < value.len && is_digit(text[end]))
			end++;
		if (end == i) {
			i++;
			continue;
		}
		if (end - i >= 4 && group == 0)
			memcpy(text + i, "19800101000000", end - i < 14 ? end - i : 14);
		else
			memset(text + i, '0', end - i);
		if (group == 1 || group == 2)
			text[end - 1] = '1';
		group++;
		i = end;
	}
	return (struct cb_text){ text, value.len };
}

static bool is_han(uint32_t c)
{
	return (c >= 0x3400 && c <= 0x9fff) || (c >= 0x20000 && c <= 0x3ffff);
}

/* What a body is called by, which says nobody's name. */
static size_t generic_end(struct cb_text value)
{
	static const char *const ends[] = { "有限责任公司", "股份有限公司", "有限公司", "公司",
					    "经营部",       "委员会",       "合作社",   "事务所",
					    "村民小组",     "超市",         "工厂",     "中心" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t len = strlen(ends[i]);

		if (value.len > len && memcmp(value.at + value.len - len, ends[i], len) == 0)
			return len;
	}
	return 0;
}

/* Character by character: a Chinese one, a digit, a letter of any script stays one of its kind. */
static struct cb_text made_up_text(struct pseudonyms *p, struct cb_text value)
{
	size_t keep = generic_end(value);
	const char *at = value.at, *end = value.at + value.len - keep;
	struct buffer out = { 0 };
	struct cb_text made;

	while (at < end) {
		const char *next = at;
		uint32_t c = utf8_next(&next, end);

		if (is_han(c))
			buffer_string(&out, "某");
		else if (u_isdigit((UChar32)c))
			buffer_char(&out, '0');
		else if (u_isalpha((UChar32)c))
			buffer_char(&out, *at >= 'A' && *at <= 'Z' ? 'X' : 'x');
		else
			buffer_put(&out, at, (size_t)(next - at));
		at = next;
	}
	buffer_put(&out, end, keep);
	made = arena_copy(p->arena, buffer_view(&out));
	buffer_done(&out);
	return made;
}

/* Two to four Chinese characters, with blanks between them or not. */
static bool is_name(struct pseudonyms *p, struct cb_text value, struct cb_text *out)
{
	static const char *const family[] = { "张", "李", "王", "赵", "钱", "孙", "周", "吴" };
	static const char *const given[] = { "三", "四", "五", "六", "七", "八", "九", "十" };
	const char *at = value.at, *end = value.at + value.len;
	struct buffer text = { 0 };
	size_t count = 0;
	unsigned number = p->people;

	for (const char *c = at; c < end;) {
		uint32_t character = utf8_next(&c, end);

		if (is_han(character))
			count++;
		else if (!utf8_is_space(character))
			return false;
	}
	if (count < 2 || count > 4 || generic_end(value))
		return false;
	count = 0;
	while (at < end) {
		const char *next = at;

		if (is_han(utf8_next(&next, end)))
			buffer_string(&text, count++ == 0  ? family[number % 8]
					     : next == end ? given[number % 8]
							   : "小");
		else
			buffer_put(&text, at, (size_t)(next - at));
		at = next;
	}
	p->people++;
	*out = arena_copy(p->arena, buffer_view(&text));
	buffer_done(&text);
	return true;
}

static struct cb_text make(struct pseudonyms *p, const struct field *field, struct cb_text value)
{
	enum field_type type = field ? field->type : FIELD_TEXT;
	struct cb_text out;

	value = narrowed(p->arena, value);
	if (type == FIELD_DATE || type == FIELD_DATETIME || type == FIELD_TIME)
		return own_count(value) ? made_up_date(p->arena, value) : made_up_text(p, value);
	if (is_identity(p, value, &out) || is_name(p, value, &out))
		return out;
	return made_up_text(p, value);
}

struct cb_text pseudonym(struct pseudonyms *p, const struct field *field, struct cb_text value)
{
	for (size_t i = 0; i < p->count; i++)
		if (cb_text_equal(p->at[i].real, value))
			return p->at[i].made_up;
	plan_grow(p->arena, &p->at, p->count, &p->room, sizeof(*p->at));
	p->at[p->count] = (struct pseudonym){ value, make(p, field, value) };
	return p->at[p->count++].made_up;
}

struct cb_text pseudonyms_within(struct pseudonyms *p, struct cb_text text)
{
	for (size_t i = 0; i < p->count; i++) {
		struct cb_text real = p->at[i].real;
		struct buffer out = { 0 };
		const char *from = text.at, *end = text.at + text.len, *hit;

		/* One character, or two digits, is nobody's. */
		if (real.len < 4 && (unsigned char)*real.at < 0x80)
			continue;
		if (real.len < 6 && (unsigned char)*real.at >= 0x80)
			continue;
		while ((hit = memmem(from, (size_t)(end - from), real.at, real.len))) {
			buffer_put(&out, from, (size_t)(hit - from));
			buffer_text(&out, p->at[i].made_up);
			from = hit + real.len;
		}
		if (from != text.at) {
			buffer_put(&out, from, (size_t)(end - from));
			text = arena_copy(p->arena, buffer_view(&out));
		}
		buffer_done(&out);
	}
	return text;
}
