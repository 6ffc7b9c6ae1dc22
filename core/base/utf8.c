/*
 * utf8.c - characters, not bytes.
 *
 * Almost all of our text is runs of ASCII and runs of three-byte Chinese, so
 * these two have a loop each; whatever else occurs goes the slow, plain way.
 */
#include "base/utf8.h"

#include <endian.h>
#include <unicode/uchar.h>

/* Eight bytes at a time while none of them is above 127. */
static const unsigned char *skip_ascii(const unsigned char *p, const unsigned char *end)
{
	uint64_t word;

	for (; end - p >= 8; p += 8) {
		memcpy(&word, p, sizeof(word));
		word = le64toh(word) & UINT64_C(0x8080808080808080);
		if (word)
			return p + __builtin_ctzll(word) / 8;
	}
	while (p < end && *p < 0x80)
		p++;
	return p;
}

/*
 * Three-byte characters, two at a time as long as eight bytes can be read at once,
 * then one. The masks ask for 1110xxxx 10xxxxxx 10xxxxxx; of the code's top five bits,
 * all zero is overlong and 11011 is a surrogate. A leading byte between E1 and EC is
 * neither: almost all of Chinese.
 */
static const unsigned char *skip_three(const unsigned char *p, const unsigned char *end)
{
	for (; end - p >= 8; p += 6) {
		uint64_t word;

		memcpy(&word, p, sizeof(word));
		word = le64toh(word);
		if ((word & UINT64_C(0xc0c0f0c0c0f0)) != UINT64_C(0x8080e08080e0) ||
		    (uint8_t)(p[0] - 0xe1) > 0xec - 0xe1 || (uint8_t)(p[3] - 0xe1) > 0xec - 0xe1)
			break;
	}
	for (; end - p >= 4; p += 3) {
		uint32_t word =
			p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		uint32_t top = word & 0x200f;

		if ((word & 0xc0c0f0) != 0x8080e0 || top == 0 || top == 0x200d)
			break;
	}
	return p;
}

/* The length of the character at @p; 0 if there is none, -1 if the end cuts it. */
static int measure(const unsigned char *p, const unsigned char *end)
{
	unsigned char low = 0x80, high = 0xbf; /* what the second byte may be */
	int len;

	if (*p < 0x80)
		return 1;
	if (*p < 0xc2 || *p > 0xf4)
		return 0;
	len = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	if (*p == 0xe0)
		low = 0xa0;
	else if (*p == 0xed)
		high = 0x9f;
	else if (*p == 0xf0)
		low = 0x90;
	else if (*p == 0xf4)
		high = 0x8f;
	for (int i = 1; i < len; i++) {
		if (p + i == end)
			return -1;
		if (p[i] < low || p[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return len;
}

/* Zero cells: what is drawn onto its neighbour, and what is not drawn at all. */
static bool is_combining(uint32_t c)
{
	int8_t type = u_charType((UChar32)c);

	if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK)
		return true;
	return type == U_FORMAT_CHAR && c != 0xad; /* a soft hyphen takes a cell */
}

size_t utf8_valid(struct cb_text text, bool *cut)
{
	const unsigned char *start = (const unsigned char *)text.at, *p = start;
	const unsigned char *end = start + text.len;
	int len = 0;

	while (p < end) {
		const unsigned char *from = p;

		if (*p < 0x80)
			p = skip_ascii(p, end);
		else if ((*p & 0xf0) == 0xe0)
			p = skip_three(p, end);
		if (p > from)
			continue;
		len = measure(p, end);
		if (len <= 0)
			break;
		p += len;
	}
	if (cut)
		*cut = len < 0;
	return (size_t)(p - start);
}

uint32_t utf8_next(const char **at, const char *end)
{
	const unsigned char *p = (const unsigned char *)*at;
	int len = p[0] < 0xc0 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (end - *at < len) {
		*at = end; /* a cut character: the caller broke its word, we keep to the text */
		return 0xfffd;
	}
	*at += len;
	switch (len) {
	case 1:
		return p[0];
	case 2:
		return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	case 3:
		return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	default:
		return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
		       (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	}
}

size_t utf8_put(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static bool is_inside(char byte) /* the second byte of a character, or a later one */
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t utf8_length(struct cb_text text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += !is_inside(text.at[i]);
	return n;
}

size_t utf8_offset(struct cb_text text, size_t characters)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!is_inside(text.at[i]) && characters-- == 0)
			break;
	return i;
}

int utf8_width_of(uint32_t c)
{
	int width;

	if (c < 0x300)
		return 1;
	if (c >= 0x4e00 && c <= 0x9fff)
		return 2;
	if (is_combining(c))
		return 0;
	width = u_getIntPropertyValue((UChar32)c, UCHAR_EAST_ASIAN_WIDTH);
	return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

size_t utf8_width(struct cb_text text)
{
	const char *at = text.at, *end = text.at + text.len;
	size_t width = 0;

	while (at < end)
		width += (size_t)utf8_width_of(utf8_next(&at, end));
	return width;
}

uint32_t utf8_narrow(uint32_t c)
{
	if (c == 0x3000)
		return ' ';
	return c >= 0xff01 && c <= 0xff5e ? c - 0xfee0 : c;
}

bool utf8_is_space(uint32_t c)
{
	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r');
	return c == 0xa0 || (c >= 0x2000 && c <= 0x200b) || c == 0x202f || c == 0x2060 ||
	       c == 0x3000 || c == 0xfeff;
}

struct cb_text utf8_trim(struct cb_text text)
{
	const char *at = text.at, *end = text.at + text.len, *next;

	for (; at < end; at = next) {
		next = at;
		if (!utf8_is_space(utf8_next(&next, end)))
			break;
	}
	while (end > at) {
		const char *last = end - 1;

		while (last > at && is_inside(*last))
			last--;
		next = last;
		if (!utf8_is_space(utf8_next(&next, end)))
			break;
		end = last;
	}
	return (struct cb_text){ at, (size_t)(end - at) };
}
