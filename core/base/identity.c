/*
 * identity.c - numbers that carry their own check, by national standard.
 *
 * First what every kind needs: one pass that narrows, drops blanks and finds
 * what is hidden. Then each kind looks at plain upper-case ASCII.
 *
 * A number that a spreadsheet has rounded may have a check digit that fits by
 * chance, one time in eleven; so that is asked before the check digit is.
 */
#include "base/identity.h"

#include "base/calendar.h"
#include "base/utf8.h"

#define ROOM (IDENTITY_TEXT - 8) /* in @out, so that a kind may still insert */

/* What squeezing saw, so that the rare cases cost nothing where they do not occur. */
struct found {
	size_t len;
	unsigned x, stars, plus;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool are_digits(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_digit(at[i]))
			return false;
	return true;
}

static bool is_hyphen(uint32_t c)
{
	return c == '-' || (c >= 0x2010 && c <= 0x2015);
}

/* Narrow, upper case, no blanks, hidden characters as *. */
static struct found squeeze(struct cb_text theirs, char *out)
{
	const char *at = theirs.at, *end = theirs.at + theirs.len;
	struct found found = { 0 };
	size_t len = 0;

	while (at < end && len < ROOM) {
		uint32_t c = (unsigned char)*at;

		if (is_digit(*at)) { /* nearly all are */
			out[len++] = *at++;
			continue;
		}
		if (c < 0x80)
			at++;
		else
			c = utf8_narrow(utf8_next(&at, end));
		if (utf8_is_space(c))
			continue;
		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		else if (c == 0xb7 || c == 0x2022 || c == 0x25cf) /* dots: · • ● */
			c = '*';
		else if (is_hyphen(c))
			c = '-';
		else if (c == 0)
			c = '?'; /* no kind has it, and below a NUL is the end */
		found.x += c == 'X';
		found.stars += c == '*';
		found.plus += c == '+';
		if (c < 0x80)
			out[len++] = (char)c;
		else
			len += utf8_put(c, out + len);
	}
	out[len] = '\0';
	found.len = len;
	return found;
}

/* Turn each run of at least @least X into *. */
static void hide(char *out, size_t least)
{
	for (size_t run; *out; out += run ? run : 1) {
		run = strspn(out, "X");
		if (run >= least)
			memset(out, '*', run);
	}
}

/* A mask hides part of a number; stars in a sentence are no mask. */
static bool is_masked_number(const char *out)
{
	bool is_hidden = false;

	for (const char *p = out; *p; p++) {
		is_hidden |= *p == '*';
		if (!is_digit(*p) && !(*p >= 'A' && *p <= 'Z') && !strchr("*+-()", *p))
			return false;
	}
	return is_hidden;
}

/* 3.30282E+17: what a spreadsheet shows of a long number, and then saves. */
static bool is_scientific(const char *out)
{
	const char *p = out;

	if (!is_digit(*p++))
		return false;
	if (*p == '.')
		do
			p++;
		while (is_digit(*p));
	return p[0] == 'E' && p[1] == '+' && is_digit(p[2]);
}

static void insert(char *out, size_t len, size_t at, const char *what)
{
	size_t n = strlen(what);

	memmove(out + at + n, out + at, len - at + 1);
	for (size_t i = 0; i < n; i++)
		out[at + i] = what[i];
}

static void cut(char *out, size_t len, size_t at, size_t n)
{
	memmove(out + at, out + at + n, len - at - n + 1);
}

static size_t drop_hyphens(char *out)
{
	size_t len = 0;

	for (const char *p = out; *p; p++)
		if (*p != '-' && *p != '(' && *p != ')')
			out[len++] = *p;
	out[len] = '\0';
	return len;
}

static char idcard_check(const char *out)
{
	static const signed char weights[] = {
		7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2
	};
	int sum = 0;

	for (size_t i = 0; i < sizeof(weights); i++)
		sum += (out[i] - '0') * weights[i];
	return "10X98765432"[sum % 11];
}

static enum identity_finding idcard(char *out, size_t len, int64_t today)
{
	int year, month, day;

	if (len == 15 && are_digits(out, 15)) {
		/* 996 to 999 in the old numbers are people born in the century before. */
		insert(out, 15, 6, memcmp(out + 12, "996", 3) >= 0 ? "18" : "19");
		out[17] = idcard_check(out);
		out[18] = '\0';
	} else if (len != 18 || !are_digits(out, 17) || !(is_digit(out[17]) || out[17] == 'X')) {
		return IDENTITY_SHAPE;
	}
	/* A double keeps fifteen digits. The few whose number really ends so are held as well, also
	 * when they came with the old number: what is OK once has to be OK when it is read again.
	 */
	if (memcmp(out + 15, "000", 3) == 0)
		return IDENTITY_ROUNDED;
	year = (out[6] - '0') * 1000 + (out[7] - '0') * 100 + (out[8] - '0') * 10 + (out[9] - '0');
	month = (out[10] - '0') * 10 + (out[11] - '0');
	day = (out[12] - '0') * 10 + (out[13] - '0');
	if (year < 1900 || !calendar_is_date(year, month, day) ||
	    (today != 0 && calendar_days(year, month, day) > today))
		return IDENTITY_DATE;
	return out[17] == idcard_check(out) ? IDENTITY_OK : IDENTITY_CHECK;
}

static enum identity_finding uscc(const char *out, size_t len)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	static const signed char values[] = {
		/* of A to Z; there is no I O S V Z */
		10, 11, 12, 13, 14, 15, 16, 17, -1, 18, 19, 20, 21,
		22, -1, 23, 24, 25, -1, 26, 27, -1, 28, 29, 30, -1,
	};
	static const signed char weights[] = { 1,  3,  9,  27, 19, 26, 16, 17, 20,
					       29, 25, 13, 8,  24, 10, 30, 28 };
	int sum = 0;

	if (len != 18 || !are_digits(out + 2, 6))
		return IDENTITY_SHAPE;
	for (size_t i = 0; i < len; i++) {
		int value = is_digit(out[i])                 ? out[i] - '0'
			    : out[i] >= 'A' && out[i] <= 'Z' ? values[out[i] - 'A']
							     : -1;

		if (value < 0)
			return IDENTITY_SHAPE;
		if (i < sizeof(weights))
			sum += value * weights[i];
	}
	if (out[17] == alphabet[(31 - sum % 31) % 31])
		return IDENTITY_OK;
	if (are_digits(out, 18) && memcmp(out + 15, "000", 3) == 0)
		return IDENTITY_ROUNDED;
	return IDENTITY_CHECK;
}

static enum identity_finding orgcode(char *out, size_t len)
{
	static const signed char weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;

	if (len == 10 && out[8] == '-')
		cut(out, len--, 8, 1);
	if (len != 9 || !(is_digit(out[8]) || out[8] == 'X'))
		return IDENTITY_SHAPE;
	for (size_t i = 0; i < sizeof(weights); i++) {
		if (!is_digit(out[i]) && !(out[i] >= 'A' && out[i] <= 'Z'))
			return IDENTITY_SHAPE;
		sum += (is_digit(out[i]) ? out[i] - '0' : out[i] - 'A' + 10) * weights[i];
	}
	return out[8] == "0X987654321"[sum % 11] ? IDENTITY_OK : IDENTITY_CHECK;
}

static bool is_mobile(const char *out, size_t len)
{
	return len == 11 && out[0] == '1' && out[1] >= '3';
}

/* Where the local number begins: 010 and 02x have three digits, the others four; 0 for none. */
static size_t area_code(const char *out, size_t len)
{
	size_t area = out[1] == '1' || out[1] == '2' ? 3 : 4;

	if (out[0] != '0' || out[1] == '0' || (out[1] == '1' && out[2] != '0'))
		return 0;
	return (len == area + 7 || len == area + 8) && out[area] >= '2' && out[area] <= '8' ? area
											    : 0;
}

static enum identity_finding phone(char *out, size_t len)
{
	bool is_abroad = false; /* +86 stands in front, and so a 0 is missing */
	size_t area;

	len = drop_hyphens(out);
	if (len > 3 && memcmp(out, "+86", 3) == 0) {
		cut(out, len, 0, 3);
		len -= 3;
		is_abroad = true;
	} else if (len > 4 && memcmp(out, "0086", 4) == 0) {
		cut(out, len, 0, 4);
		len -= 4;
		is_abroad = true;
	} else if (len == 13 && memcmp(out, "861", 3) == 0) {
		cut(out, len, 0, 2);
		len -= 2;
	}
	if (!are_digits(out, len))
		return IDENTITY_SHAPE;
	if (is_mobile(out, len))
		return IDENTITY_OK;
	if (len == 12 && out[0] == '0' && is_mobile(out + 1, 11)) { /* as it was dialled once */
		cut(out, len, 0, 1);
		return IDENTITY_OK;
	}
	if (is_abroad && len > 0 && out[0] != '0')
		insert(out, len++, 0, "0");
	area = len > 4 ? area_code(out, len) : 0;
	if (area == 0)
		return IDENTITY_SHAPE;
	insert(out, len, area, "-");
	return IDENTITY_OK;
}

static enum identity_finding region(const char *out, size_t len)
{
	bool fits = len == 6 || len == 9 || len == 12;

	return fits && are_digits(out, len) && out[0] != '0' ? IDENTITY_OK : IDENTITY_SHAPE;
}

static enum identity_finding examine(enum identity_kind kind, int64_t today, char *out, size_t len)
{
	switch (kind) {
	case IDENTITY_IDCARD:
		return idcard(out, len, today);
	case IDENTITY_USCC:
		return uscc(out, len);
	case IDENTITY_ORGCODE:
		return orgcode(out, len);
	case IDENTITY_PHONE:
		return phone(out, len);
	case IDENTITY_REGION:
		return region(out, len);
	}
	return IDENTITY_SHAPE;
}

enum identity_finding identity_read(enum identity_kind kind, struct cb_text theirs, int64_t today,
				    char out[IDENTITY_TEXT])
{
	struct found found = squeeze(theirs, out);
	enum identity_finding finding;
	/* X is a letter of these two, so only a row of them that does not check is a mask. */
	bool has_x = kind == IDENTITY_USCC || kind == IDENTITY_ORGCODE;

	if (!has_x && found.x > 1)
		hide(out, 2);
	if (found.stars + found.x > 0 && is_masked_number(out))
		return IDENTITY_MASKED;
	if (found.plus > 0 && is_scientific(out))
		return IDENTITY_ROUNDED;
	finding = examine(kind, today, out, found.len);
	if (!has_x || finding == IDENTITY_OK || found.x < 4)
		return finding;
	hide(out, 4);
	return is_masked_number(out) ? IDENTITY_MASKED : finding;
}

char identity_sex(struct cb_text idcard)
{
	return idcard.at[16] % 2 ? 'm' : 'f';
}

void identity_birth(struct cb_text idcard, char out[11])
{
	memcpy(out, idcard.at + 6, 4);
	out[4] = '-';
	memcpy(out + 5, idcard.at + 10, 2);
	out[7] = '-';
	memcpy(out + 8, idcard.at + 12, 2);
	out[10] = '\0';
}
