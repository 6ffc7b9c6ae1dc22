/*
 * form_number.c - values made of digits: ids, phones, dates, amounts.
 *
 * What is wrong is kept as far as it can still be compared: a date that does
 * not exist is usually one digit away from one that does.
 */
#include "reconcile/make.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/hash.h"
#include "base/identity.h"
#include "base/number.h"
#include "base/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define PHONES 8
#define ID_LENGTH 18

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t count_digits(const char *at, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += is_digit(at[i]);
	return count;
}

void make_digits(struct maker *m, struct cb_text text)
{
	size_t len = 0;

	text = make_fold(m, text);
	for (size_t i = 0; i < text.len; i++)
		if (is_digit(text.at[i]))
			m->room.at[len++] = text.at[i];
	make_put(m, (struct cb_text){ text.at, len });
}

/* An id. */

/* 3302****1234: one hidden run is as long as makes the whole eighteen. */
static void stretch_mask(char id[IDENTITY_TEXT])
{
	size_t len = strlen(id), head = strcspn(id, "*"), tail = len;

	while (tail > head && id[tail - 1] != '*')
		tail--;
	if (head == len || len == ID_LENGTH || head + len - tail > ID_LENGTH ||
	    strspn(id + head, "*") != tail - head)
		return;
	len -= tail;
	memmove(id + ID_LENGTH - len, id + tail, len + 1);
	memset(id + head, '*', ID_LENGTH - head - len);
}

static uint32_t birth_of(const char *id)
{
	uint32_t birth = 0;

	for (int i = 6; i < 14; i++) {
		if (!is_digit(id[i]))
			return 0;
		birth = birth * 10 + (uint32_t)(id[i] - '0');
	}
	return birth;
}

void make_idcard(struct maker *m, struct cb_text text)
{
	struct value_idcard *id = arena_zero(m->arena, sizeof(*id));
	char out[IDENTITY_TEXT];
	enum identity_finding found = identity_read(IDENTITY_IDCARD, text, 0, out);
	size_t len = strlen(out);

	if (count_digits(out, len) < 4)
		return;
	if (found == IDENTITY_ROUNDED) {
		if (len != ID_LENGTH)
			return; /* 3.3E+17: not even the area is whole */
		memset(out + 15, '*', 3);
		found = IDENTITY_MASKED;
	}
	if (found == IDENTITY_MASKED)
		stretch_mask(out);
	id->is_valid = found == IDENTITY_OK;
	make_put(m, cb_text_of(out));
	if (strlen(out) == ID_LENGTH) {
		memcpy(id->digits, out, sizeof(id->digits));
		id->birth = birth_of(out);
	}
	m->value->idcard = id;
	m->value->is_partial = found == IDENTITY_MASKED;
}

/* Phones. */

uint64_t value_phone(const char *digits, size_t len)
{
	uint64_t packed = 0;

	for (size_t i = len > 15 ? len - 15 : 0; i < len; i++)
		packed = packed << 4 | (is_digit(digits[i]) ? (uint64_t)(digits[i] - '0' + 1) : 11);
	return packed;
}

size_t value_phone_digits(uint64_t phone, char out[17])
{
	size_t len = 0, i;

	while (len < 16 && phone >> (4 * len))
		len++;
	for (i = 0; i < len; i++) {
		unsigned digit = (unsigned)(phone >> (4 * (len - 1 - i)) & 15);

		out[i] = digit > 10 ? '*' : (char)('0' + digit - 1);
	}
	out[len] = '\0';
	return len;
}

bool value_phone_is_partial(uint64_t phone)
{
	for (; phone; phone >>= 4)
		if ((phone & 15) == 11)
			return true;
	return false;
}

/* Without the country, the trunk zero of a mobile number, and the area code of another. */
static struct cb_text shorten(struct cb_text n)
{
	size_t area;

	if (n.len > 4 && memcmp(n.at, "0086", 4) == 0)
		n.at += 4, n.len -= 4;
	else if (n.len >= 12 && memcmp(n.at, "86", 2) == 0)
		n.at += 2, n.len -= 2;
	if (n.len == 12 && n.at[0] == '0' && n.at[1] == '1' && n.at[2] != '0')
		n.at++, n.len--;
	if (n.len < 11 || n.at[0] != '0')
		return n;
	area = n.at[1] == '1' || n.at[1] == '2' ? 3 : 4;
	if (n.len == area + 7 || n.len == area + 8)
		n.at += area, n.len -= area;
	return n;
}

static bool is_a_number(struct cb_text n)
{
	bool differs = false;

	for (size_t i = 1; i < n.len; i++)
		differs |= n.at[i] != n.at[0];
	return n.len >= 6 && n.len <= 15 && differs && count_digits(n.at, n.len) >= 4;
}

/* What cuts a text into numbers; a blank does where one number would be too long. */
static bool is_between(uint32_t c, bool blank_cuts)
{
	return c == ',' || c == ';' || c == '/' || c == '|' || c == 0x3001 || c == 0x6216 ||
	       c == 0x548c || (c == ' ' && blank_cuts);
}

static uint32_t split(struct cb_text text, bool blank_cuts, uint64_t phones[PHONES])
{
	const char *at = text.at, *end = at + text.len;
	bool is_extension = false;
	uint32_t count = 0;
	char digits[32];
	size_t len = 0;

	while (count < PHONES) {
		uint32_t c = at < end ? utf8_next(&at, end) : ',';

		if (c < 0x80 && (is_digit((char)c) || c == '*') && len < sizeof(digits) &&
		    !is_extension)
			digits[len++] = (char)c;
		is_extension |= len && (c == 0x8f6c || c == 'x' || c == 'e' || c == '#'); /* 转 */
		if (!is_between(c, blank_cuts))
			continue;
		if (len) {
			struct cb_text n = shorten((struct cb_text){ digits, len });

			if (is_a_number(n))
				phones[count++] = value_phone(n.at, n.len);
		}
		len = 0;
		is_extension = false;
		if (at >= end)
			break;
	}
	return count;
}

void make_phone(struct maker *m, struct cb_text text)
{
	char out[PHONES * 17], *p = out;
	struct value_set *set;
	uint64_t phones[PHONES];
	uint32_t count;

	text = make_fold(m, text);
	count = split(text, false, phones);
	if (!count)
		count = split(text, true, phones);
	count = make_set(phones, count);
	if (!count)
		return;
	set = arena_take(m->arena, sizeof(*set) + count * sizeof(*set->items));
	set->count = count;
	memcpy(set->items, phones, count * sizeof(*phones));
	for (uint32_t i = 0; i < count; i++) {
		p += value_phone_digits(phones[i], p);
		*p++ = ' ';
	}
	make_put(m, (struct cb_text){ out, (size_t)(p - out) - 1 });
	m->value->set = set;
	m->value->is_partial = memchr(out, '*', (size_t)(p - out)) != NULL;
}

/* Dates. */

struct parts {
	int value[3];
	size_t width[3];
	unsigned count;
	int month; /* said as a word, 0: not */
};

static int month_word(const char *at, size_t len)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (len >= 3)
		for (int i = 0; i < 12; i++)
			if (memcmp(at, months + (size_t)i * 3, 3) == 0)
				return i + 1;
	return 0;
}

/* Up to three numbers, until something begins that is a time: a T, or a blank after the third. */
static struct parts take_parts(struct cb_text text)
{
	struct parts p = { 0 };
	size_t i = 0;

	while (i < text.len && p.count < 3) {
		size_t start = i;

		if (is_digit(text.at[i])) {
			int value = 0;

			while (i < text.len && is_digit(text.at[i]) && i - start < 9)
				value = value * 10 + (text.at[i++] - '0');
			p.width[p.count] = i - start;
			p.value[p.count++] = value;
		} else if (text.at[i] >= 'a' && text.at[i] <= 'z') {
			while (i < text.len && text.at[i] >= 'a' && text.at[i] <= 'z')
				i++;
			p.month = p.month ? p.month : month_word(text.at + start, i - start);
		} else {
			i++;
		}
	}
	return p;
}

/* Year, month and day of what was said; a zero for what was not. False: that is no date. */
static bool arrange(struct parts *p, int ymd[3])
{
	int *v = p->value;

	if (p->count == 1 && p->width[0] == 8) { /* 19491231, or 31121949 */
		bool is_year_first = v[0] / 1000000 >= 15 && v[0] / 1000000 <= 21;

		ymd[0] = is_year_first ? v[0] / 10000 : v[0] % 10000;
		ymd[1] = v[0] / 100 % 100;
		ymd[2] = is_year_first ? v[0] % 100 : v[0] / 1000000;
		if (!is_year_first)
			ymd[1] = v[0] / 10000 % 100;
	} else if (p->count == 1 && p->width[0] == 6) { /* 194912 */
		ymd[0] = v[0] / 100, ymd[1] = v[0] % 100, ymd[2] = 0;
	} else if (p->month && p->count == 2) { /* 31 Dec 1949, Dec 31 1949, 1949 Dec 31 */
		bool is_year_first = p->width[0] == 4;

		ymd[0] = v[!is_year_first], ymd[1] = p->month, ymd[2] = v[is_year_first];
	} else if (p->count && p->width[0] == 4) {
		ymd[0] = v[0], ymd[1] = v[1], ymd[2] = v[2];
		if (p->month)
			ymd[1] = p->month;
	} else if (p->count == 3 && p->width[2] == 4) { /* the day first, if it can be */
		bool is_month_first = v[1] > 12;

		ymd[0] = v[2], ymd[1] = v[is_month_first ? 0 : 1],
		ymd[2] = v[!is_month_first ? 0 : 1];
	} else {
		return false;
	}
	return ymd[0] >= 1000 && ymd[0] <= 9999 && ymd[1] < 100 && ymd[2] < 100;
}

void make_date(struct maker *m, struct cb_text text)
{
	struct parts parts;
	int ymd[3];
	char out[40];

	text = make_fold(m, text);
	parts = take_parts(text);
	if (!arrange(&parts, ymd))
		return;
	if (ymd[2])
		snprintf(out, sizeof(out), "%04d-%02d-%02d", ymd[0], ymd[1], ymd[2]);
	else if (ymd[1])
		snprintf(out, sizeof(out), "%04d-%02d", ymd[0], ymd[1]);
	else
		snprintf(out, sizeof(out), "%04d", ymd[0]);
	make_put(m, cb_text_of(out));
	m->value->number = calendar_is_date(ymd[0], ymd[1], ymd[2])
				   ? calendar_days(ymd[0], ymd[1], ymd[2])
				   : NO_NUMBER;
}

/* Amounts. */

static struct cb_text without_unit(struct cb_text text, bool *is_wan)
{
	static const char *const units[] = { "人民币", "元", "整", "块", "圆", "¥", "rmb" };
	bool goes_on = true;

	while (goes_on) {
		goes_on = false;
		for (size_t i = 0; i < COUNT(units); i++) {
			size_t len = strlen(units[i]);

			if (text.len >= len && memcmp(text.at + text.len - len, units[i], len) == 0)
				text.len -= len, goes_on = true;
			if (text.len >= len && memcmp(text.at, units[i], len) == 0)
				text.at += len, text.len -= len, goes_on = true;
		}
	}
	*is_wan = text.len > 3 && memcmp(text.at + text.len - 3, "万", 3) == 0;
	if (*is_wan)
		text.len -= 3;
	return text;
}

/* Thousandths, as far as they fit. */
static int64_t thousandths(const char *number)
{
	double value = strtod(number, NULL) * 1000;

	if (value > 9e18 || value < -9e18)
		return value > 0 ? INT64_MAX : -INT64_MAX;
	return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}

void make_number(struct maker *m, struct cb_text text)
{
	char out[NUMBER_TEXT], times[NUMBER_TEXT], *number = out;
	bool is_wan;

	text = without_unit(make_fold(m, text), &is_wan);
	if (number_read(text, out) != NUMBER_OK)
		return;
	if (is_wan && number_times(cb_text_of(out), CB_TEXT("10000"), times) == NUMBER_OK)
		number = times;
	if (strchr(number, '.')) {
		size_t len = strlen(number);

		while (number[len - 1] == '0')
			len--;
		number[number[len - 1] == '.' ? len - 1 : len] = '\0';
	}
	make_put(m, cb_text_of(number));
	m->value->number = thousandths(number);
}
