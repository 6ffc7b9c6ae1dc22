/*
 * form_address.c - a Chinese address by its levels.
 *
 * Read from the left. A character that closes a level (省 市 区 镇 路 号 幢 单元 室 …) ends the
 * words since the last one. What an address does not say is unknown, never
 * different: 白沙路街道明日花苑3幢 and 慈溪市明日花苑3幢202室 can be the same. A number
 * closes itself where another follows behind a hyphen: 3-2-501 is building 3, unit 2,
 * room 501.
 */
#include "reconcile/make.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define LEVEL_NONE (-1) /* is read over: the group in a village */

static const struct closing {
	const char *word;
	int level;
} closings[] = {
	/* the longer before the shorter that it begins or ends with */
	{ "特别行政区", LEVEL_PROVINCE },
	{ "自治区", LEVEL_PROVINCE },
	{ "省", LEVEL_PROVINCE },
	{ "自治州", LEVEL_CITY },
	{ "地区", LEVEL_CITY },
	{ "市", LEVEL_CITY },
	{ "自治县", LEVEL_COUNTY },
	{ "新区", LEVEL_COUNTY },
	{ "开发区", LEVEL_COUNTY },
	{ "县", LEVEL_COUNTY },
	{ "路街道", LEVEL_TOWN },
	{ "街道", LEVEL_TOWN },
	{ "镇", LEVEL_TOWN },
	{ "乡", LEVEL_TOWN },
	{ "行政村", LEVEL_VILLAGE },
	{ "自然村", LEVEL_VILLAGE },
	{ "村", LEVEL_VILLAGE },
	{ "社区", LEVEL_VILLAGE },
	{ "大道", LEVEL_ROAD },
	{ "路", LEVEL_ROAD },
	{ "街", LEVEL_ROAD },
	{ "巷", LEVEL_ROAD },
	{ "弄", LEVEL_ROAD },
	{ "胡同", LEVEL_ROAD },
	{ "小区", LEVEL_ESTATE },
	{ "花园", LEVEL_ESTATE },
	{ "花苑", LEVEL_ESTATE },
	{ "家园", LEVEL_ESTATE },
	{ "公寓", LEVEL_ESTATE },
	{ "新村", LEVEL_ESTATE },
	{ "大厦", LEVEL_ESTATE },
	{ "广场", LEVEL_ESTATE },
	{ "工业园", LEVEL_ESTATE },
	{ "名苑", LEVEL_ESTATE },
	{ "佳苑", LEVEL_ESTATE },
	{ "苑", LEVEL_ESTATE },
	{ "区", LEVEL_COUNTY },
	{ "号楼", LEVEL_BUILDING },
	{ "#楼", LEVEL_BUILDING },
	{ "幢", LEVEL_BUILDING },
	{ "栋", LEVEL_BUILDING },
	{ "座", LEVEL_BUILDING },
	{ "单元", LEVEL_UNIT },
	{ "室", LEVEL_ROOM },
	{ "户", LEVEL_ROOM },
	{ "号", LEVEL_NUMBER },
	{ "#", LEVEL_NUMBER },
	{ "组", LEVEL_NONE },
};

struct reading {
	struct value_address found;
	struct arena *arena;
	struct buffer word;   /* since the last level was closed */
	struct buffer closed; /* what closed it, if it can be taken back: 横街 of 横街村 */
	int level;
};

/* 三 is 3 and 十二 is 12 where a number is meant. */
static int han_digit(uint32_t c)
{
	static const char digits[] = "〇一二三四五六七八九十";
	const char *at = digits, *end = digits + sizeof(digits) - 1;

	if (c == 0x96f6)
		return 0;
	for (int i = 0; at < end; i++)
		if (utf8_next(&at, end) == c)
			return i;
	return -1;
}

/* A text of Chinese digits alone, as Arabic ones; false: it is not. */
static bool arabic(struct cb_text text, char out[16])
{
	const char *at = text.at, *end = at + text.len;
	int value = 0, digit = 0;
	bool has_ten = false;

	if (!text.len || text.len > 18)
		return false;
	while (at < end) {
		digit = han_digit(utf8_next(&at, end));
		if (digit < 0)
			return false;
		if (digit == 10)
			value = value ? value * 10 : 10, has_ten = true;
		else
			value = has_ten ? value + digit : value * 10 + digit;
	}
	snprintf(out, 16, "%d", value);
	return true;
}

static struct cb_text without_zeros(struct cb_text text)
{
	while (text.len > 1 && text.at[0] == '0')
		text.at++, text.len--;
	return text;
}

static uint32_t hash_level(struct cb_text text)
{
	uint32_t hash = (uint32_t)hash_bytes(text.at, text.len, 3);

	return hash ? hash : 1;
}

/* The word is the level; of two, the first is. @closing: what says so; NULL: nothing does. */
static void close_level(struct reading *r, int level, const struct closing *closing)
{
	struct cb_text word = without_zeros(buffer_view(&r->word));
	struct value_address *found = &r->found;
	char number[16];

	if (word.len && arabic(word, number))
		word = cb_text_of(number);
	if (level == LEVEL_CITY && found->levels[level] && !found->levels[LEVEL_COUNTY])
		level = LEVEL_COUNTY; /* 宁波市慈溪市 */
	r->level = -1;
	if (word.len && level != LEVEL_NONE && !found->levels[level]) {
		found->levels[level] = hash_level(word);
		r->level = level;
	}
	if (r->level >= 0 && level < ADDRESS_NAMED) {
		found->names[level] = arena_copy(r->arena, word);
		found->kinds[level] = closing ? (uint8_t)(1 + closing - closings) : 0;
	}
	buffer_clear(&r->word);
}

/* Another closing word follows at once: the one before was part of the name. */
static void take_back(struct reading *r)
{
	if (r->level < 0)
		return;
	r->found.levels[r->level] = 0;
	if (r->level < ADDRESS_NAMED)
		r->found.names[r->level] = (struct cb_text){ 0 };
	r->level = -1;
	buffer_text(&r->word, buffer_view(&r->closed));
}

static const struct closing *closing_at(const char *at, const char *end)
{
	for (size_t i = 0; i < COUNT(closings); i++) {
		size_t len = strlen(closings[i].word);

		if ((size_t)(end - at) >= len && memcmp(at, closings[i].word, len) == 0)
			return &closings[i];
	}
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The word ends in a number: it is what an estate's or a road's name stands in front of. */
static void close_name(struct reading *r)
{
	size_t digits = 0;
	struct buffer number = { 0 };

	while (digits < r->word.len && is_digit(r->word.at[r->word.len - 1 - digits]))
		digits++;
	if (!digits || digits == r->word.len)
		return;
	buffer_put(&number, r->word.at + r->word.len - digits, digits);
	r->word.len -= digits;
	close_level(r, LEVEL_ESTATE, NULL);
	buffer_put(&r->word, number.at, number.len);
	buffer_done(&number);
}

/* Numbers with hyphens between them, at the end or before a closing word: building, unit, room. */
static void close_numbers(struct reading *r, const char *at, const char *end)
{
	int levels[3] = { LEVEL_BUILDING, LEVEL_UNIT, LEVEL_ROOM }, count = 1, i = 0;

	close_name(r);
	for (const char *p = at; p < end && (*p == '-' || is_digit(*p)); p++)
		count += *p == '-';
	if (count == 2)
		levels[1] = LEVEL_ROOM;
	for (; at < end && (*at == '-' || is_digit(*at)); at++) {
		if (*at == '-' && i < 3)
			close_level(r, levels[i++], NULL);
		else
			buffer_char(&r->word, *at);
	}
	if (i < 3)
		close_level(r, levels[i], NULL);
}

static const char *hyphens_end(const char *at, const char *end)
{
	while (at < end && (*at == '-' || is_digit(*at)))
		at++;
	return at;
}

/* 3# of an estate is a building, of a road a number; 3号202室 is a building too. */
static int level_of(const struct reading *r, const struct closing *closing, const char *at,
		    const char *end)
{
	const uint32_t *levels = r->found.levels;

	if (closing->level != LEVEL_NUMBER || !levels[LEVEL_ESTATE] || levels[LEVEL_BUILDING] ||
	    r->level == LEVEL_BUILDING)
		return closing->level;
	return at < end && is_digit(*at) ? LEVEL_BUILDING : closing->level;
}

static bool is_one_character(const struct buffer *word)
{
	return word->len && word->len <= 4 && utf8_length(buffer_view(word)) == 1;
}

static void read_levels(struct reading *r, struct cb_text text)
{
	const char *at = text.at, *end = at + text.len;

	while (at < end) {
		const struct closing *closing = closing_at(at, end);
		const char *start = at;
		uint32_t c;

		if (closing && !r->word.len)
			take_back(r);
		if (closing && closing->level == LEVEL_ROAD && is_one_character(&r->word))
			closing = NULL; /* 周巷 is no road */
		if (closing && r->word.len) {
			at += strlen(closing->word);
			if (closing->level >= LEVEL_NUMBER || closing->level == LEVEL_NONE)
				close_name(r);
			buffer_clear(&r->closed);
			buffer_text(&r->closed, buffer_view(&r->word));
			buffer_put(&r->closed, start, (size_t)(at - start));
			close_level(r, level_of(r, closing, at, end), closing);
			continue;
		}
		r->level = -1;
		c = utf8_next(&at, end);
		if (c == '-' && r->word.len && is_digit(r->word.at[r->word.len - 1])) {
			const char *next = hyphens_end(start, end);

			close_numbers(r, start, end);
			closing = closing_at(next, end);
			at = closing ? next + strlen(closing->word) : next;
		} else if (c >= 0x80 ? c < 0x3000 || c > 0x303f
				     : (c >= 'a' && c <= 'z') || is_digit((char)c)) {
			buffer_put(&r->word, start, (size_t)(at - start));
		}
	}
	if (!r->word.len)
		return;
	close_name(r);
	close_level(r,
		    !is_digit(r->word.at[0]) ? LEVEL_ESTATE
		    : r->found.levels[LEVEL_BUILDING] || r->found.levels[LEVEL_NUMBER]
			    ? LEVEL_ROOM
			    : LEVEL_NUMBER,
		    NULL);
}

void make_address(struct maker *m, struct cb_text text)
{
	struct value_address *address;
	struct reading r = { .level = -1, .arena = m->arena };

	text = make_fold(m, text);
	if (make_is_nothing(text))
		return;
	read_levels(&r, text);
	address = arena_take(m->arena, sizeof(*address));
	*address = r.found;
	make_put(m, text);
	m->value->address = address;
	buffer_done(&r.word);
	buffer_done(&r.closed);
}
