/*
 * charset.c - foreign bytes to UTF-8 and back, by evidence.
 *
 * For each charset one function says how many bytes from the start are whole,
 * well-formed characters. Watching and decoding are both built on it: ICU only
 * ever sees whole characters, so it keeps no state between calls, and an offset
 * in an error message is the right one whatever the pieces were.
 */
#include "base/charset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"

#define SLICE 4096 /* bytes that go through ICU at once */
#define PLENTY 16  /* so many bytes above 127 do not fit UTF-8 by chance */

struct charset_converter {
	enum charset charset;
	UConverter *icu;
	struct charset_trial trial;
	bool has_begun;
};

static const char *const names[] = { "unknown", "utf-8", "gb18030", "utf-16le", "utf-16be" };

static const struct {
	const char *name;
	enum charset charset;
} aliases[] = {
	{ "utf8", CHARSET_UTF8 },       { "ascii", CHARSET_UTF8 },
	{ "usascii", CHARSET_UTF8 },    { "gb18030", CHARSET_GB18030 },
	{ "gbk", CHARSET_GB18030 },     { "xgbk", CHARSET_GB18030 },
	{ "gb2312", CHARSET_GB18030 },  { "gb231280", CHARSET_GB18030 },
	{ "euccn", CHARSET_GB18030 },   { "cp936", CHARSET_GB18030 },
	{ "ms936", CHARSET_GB18030 },   { "windows936", CHARSET_GB18030 },
	{ "utf16le", CHARSET_UTF16LE }, { "utf16be", CHARSET_UTF16BE },
	{ "utf16", CHARSET_UTF16LE }, /* without a mark: as Windows writes it */
};

/* How far bytes fit. */

/* In the two ranges of four-byte characters: the basic plane and the others. */
static bool is_four(const unsigned char *p)
{
	uint32_t linear = ((p[0] - 0x81U) * 10 + (p[1] - 0x30U)) * 1260 + (p[2] - 0x81U) * 10 +
			  (p[3] - 0x30U);

	return linear < 39420 || (linear >= 189000 && linear < 189000 + 0x100000);
}

/* The length of the GB18030 character at @p; 0 if there is none, -1 if the end cuts it. */
static int measure_gb(const unsigned char *p, const unsigned char *end)
{
	ptrdiff_t left = end - p;

	if (*p < 0x80)
		return 1;
	if (*p == 0x80 || *p == 0xff)
		return 0;
	if (left < 2)
		return -1;
	if (p[1] >= 0x40 && p[1] != 0x7f && p[1] != 0xff)
		return 2;
	if (p[1] < '0' || p[1] > '9')
		return 0;
	if (left < 3)
		return -1;
	if (p[2] < 0x81 || p[2] > 0xfe)
		return 0;
	if (left < 4)
		return -1;
	return p[3] >= '0' && p[3] <= '9' && is_four(p) ? 4 : 0;
}

static size_t gb18030_fits(struct cb_text text, bool *cut)
{
	const unsigned char *start = (const unsigned char *)text.at, *p = start;
	const unsigned char *end = start + text.len;
	int len = 1;

	while (p < end) {
		uint64_t word;

		if (*p < 0x80 && end - p >= 8) {
			memcpy(&word, p, sizeof(word));
			if ((word & UINT64_C(0x8080808080808080)) == 0) {
				p += 8;
				continue;
			}
		}
		len = measure_gb(p, end);
		if (len <= 0)
			break;
		p += len;
	}
	*cut = len < 0;
	return (size_t)(p - start);
}

static size_t utf16_fits(struct cb_text text, bool is_big, bool *cut)
{
	const unsigned char *p = (const unsigned char *)text.at;
	size_t at;

	*cut = false;
	for (at = 0; at + 2 <= text.len; at += 2) {
		unsigned high = p[at + !is_big] >> 2; /* 0x36: first of two; 0x37: second */

		if (high == 0x37)
			return at;
		if (high != 0x36)
			continue;
		if (at + 4 > text.len) {
			*cut = true;
			return at;
		}
		if (p[at + 2 + !is_big] >> 2 != 0x37)
			return at;
		at += 2;
	}
	*cut = at < text.len;
	return at;
}

static size_t fits(enum charset charset, struct cb_text text, bool *cut)
{
	switch (charset) {
	case CHARSET_UTF8:
		return utf8_valid(text, cut);
	case CHARSET_GB18030:
		return gb18030_fits(text, cut);
	case CHARSET_UTF16LE:
		return utf16_fits(text, false, cut);
	case CHARSET_UTF16BE:
		return utf16_fits(text, true, cut);
	case CHARSET_UNKNOWN:
		break;
	}
	*cut = false;
	return 0;
}

/* Complete the character that the last piece cut with bytes from the start of @bytes. False if it
 * still is cut, or was none. */
static bool mend(struct charset_trial *t, enum charset charset, struct cb_text *bytes)
{
	bool cut = true;

	while (cut && bytes->len > 0) {
		t->cut[t->cut_len++] = (unsigned char)*bytes->at++;
		bytes->len--;
		if (fits(charset, (struct cb_text){ (const char *)t->cut, t->cut_len }, &cut) > 0)
			return true;
	}
	t->failed = !cut;
	return false;
}

static void keep(struct charset_trial *t, struct cb_text rest)
{
	memcpy(t->cut, rest.at, rest.len);
	t->cut_len = (unsigned)rest.len;
}

static struct cb_text behind(struct cb_text text, size_t n)
{
	return (struct cb_text){ text.at + n, text.len - n };
}

static struct cb_text slice(struct cb_text text)
{
	return (struct cb_text){ text.at, text.len < SLICE ? text.len : SLICE };
}

/* Watching. */

static void follow(struct charset_trial *t, enum charset charset, struct cb_text bytes)
{
	bool cut;
	size_t n;

	if (t->failed)
		return;
	if (t->cut_len > 0) {
		if (!mend(t, charset, &bytes))
			return;
		t->until += t->cut_len;
		t->cut_len = 0;
	}
	n = fits(charset, bytes, &cut);
	t->until += n;
	if (cut)
		keep(t, behind(bytes, n));
	else
		t->failed = n < bytes.len;
}

static unsigned count_high(struct cb_text bytes, unsigned count)
{
	for (size_t i = 0; i < bytes.len && count < PLENTY; i++) {
		uint64_t word;

		for (; bytes.len - i > 8; i += 8) {
			memcpy(&word, bytes.at + i, sizeof(word));
			if (word & UINT64_C(0x8080808080808080))
				break;
		}
		count += (unsigned char)bytes.at[i] >> 7;
	}
	return count;
}

static enum charset mark(const unsigned char *head, uint64_t len)
{
	if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		return CHARSET_UTF8;
	if (len >= 2 && memcmp(head, "\xff\xfe", 2) == 0)
		return CHARSET_UTF16LE;
	if (len >= 2 && memcmp(head, "\xfe\xff", 2) == 0)
		return CHARSET_UTF16BE;
	return CHARSET_UNKNOWN;
}

/* A set of charsets: one bit each. */
#define BIT(charset) (1U << (charset))
#define UTF16_BITS (BIT(CHARSET_UTF16LE) | BIT(CHARSET_UTF16BE))

static enum charset named(struct cb_text name)
{
	char plain[16];
	size_t len = 0;

	for (size_t i = 0; i < name.len; i++) {
		if (strchr("-_ ", name.at[i]))
			continue;
		if (len == sizeof(plain) - 1)
			return CHARSET_UNKNOWN;
		plain[len++] = name.at[i];
	}
	plain[len] = '\0';
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (strcasecmp(plain, aliases[i].name) == 0)
			return aliases[i].charset;
	return CHARSET_UNKNOWN;
}

static int parse_allowed(const char *allowed, unsigned *set, struct cb_error *err)
{
	*set = 0;
	for (const char *at = allowed;; at++) {
		struct cb_text name = { at, strcspn(at, "|") };
		enum charset charset = named(name);

		if (charset == CHARSET_UNKNOWN)
			return cb_fail(err, CB_SETUP,
				       "不认识字符集“%.*s”；可用 utf-8 gb18030 utf-16le utf-16be",
				       "unknown charset '%.*s'; there are utf-8 gb18030 utf-16le "
				       "utf-16be",
				       CB_TEXT_ARG(name));
		*set |= BIT(charset);
		if (charset == CHARSET_UTF16LE && !memchr(name.at, 'l', name.len) &&
		    !memchr(name.at, 'L', name.len))
			*set |= UTF16_BITS; /* "utf-16": whichever the mark says */
		at += name.len;
		if (*at == '\0')
			return CB_OK;
	}
}

static bool is_whole(const struct charset_trial *t)
{
	return !t->failed && t->cut_len == 0;
}

/* The bytes fit nothing that was declared: say what they are, as far as we know. */
static int refuse(const struct charset_watch *w, unsigned set, const char *allowed,
		  struct cb_error *err)
{
	if (!(set & BIT(CHARSET_UTF8)) && is_whole(&w->utf8))
		return cb_fail(err, CB_BROKEN, "这份数据是 UTF-8，声明的却是 %s；请改声明的字符集",
			       "this is UTF-8, but declared is %s; change the declared charset",
			       allowed);
	if (!(set & BIT(CHARSET_GB18030)) && is_whole(&w->gb18030))
		return cb_fail(err, CB_BROKEN,
			       "偏移 %" PRIu64 " 的字节不是 UTF-8，看来是 GB18030，声明的却是 %s；"
			       "请改声明的字符集",
			       "the byte at offset %" PRIu64 " is not UTF-8; this looks like "
			       "GB18030, but declared is %s; change the declared charset",
			       w->utf8.until, allowed);
	return cb_fail(err, CB_BROKEN,
		       "偏移 %" PRIu64 " 的字节不是 UTF-8，偏移 %" PRIu64
		       " 的字节不是 GB18030；数据已损坏，或是别的字符集",
		       "the byte at offset %" PRIu64 " is not UTF-8, the one at offset %" PRIu64
		       " is not GB18030; the data is damaged, or in another charset",
		       w->utf8.until, w->gb18030.until);
}

/* Converting. */

static int bad_byte(const struct charset_converter *c, uint64_t offset, struct cb_error *err)
{
	return cb_fail(err, CB_BROKEN, "偏移 %" PRIu64 " 的字节不是 %s；数据已损坏，或是别的字符集",
		       "the byte at offset %" PRIu64
		       " is not %s; the data is damaged, or in another "
		       "charset",
		       offset, names[c->charset]);
}

/* Whole characters, at most a slice of them, through ICU. */
static int through_icu(struct charset_converter *c, struct cb_text text, struct buffer *out,
		       struct cb_error *err)
{
	UChar wide[SLICE], *end = wide;
	const char *at = text.at;
	UErrorCode status = U_ZERO_ERROR;
	int32_t len;

	ucnv_toUnicode(c->icu, &end, wide + SLICE, &at, text.at + text.len, NULL, true, &status);
	if (U_FAILURE(status)) {
		char bad[8];
		int8_t bad_len = sizeof(bad);
		UErrorCode ignored = U_ZERO_ERROR;

		ucnv_getInvalidChars(c->icu, bad, &bad_len, &ignored);
		return bad_byte(c, c->trial.until + (uint64_t)(at - text.at) - (uint64_t)bad_len,
				err);
	}
	buffer_room(out, (size_t)(end - wide) * 3 + 1);
	u_strToUTF8(out->at + out->len, (int32_t)(out->room - out->len), &len, wide,
		    (int32_t)(end - wide), &status);
	out->len += (size_t)len;
	return CB_OK;
}

static int convert(struct charset_converter *c, struct cb_text text, struct buffer *out,
		   struct cb_error *err)
{
	size_t before = out->len;
	int rc = CB_OK;

	if (text.len == 0)
		return CB_OK;
	if (c->charset == CHARSET_UTF8)
		buffer_put(out, text.at, text.len);
	else
		rc = through_icu(c, text, out, err);
	if (rc != CB_OK)
		return rc;
	c->trial.until += text.len;
	if (c->has_begun)
		return CB_OK;
	c->has_begun = true;
	if (out->len - before < 3)
		return CB_OK;
	if (memcmp(out->at + before, "\xef\xbb\xbf", 3) == 0) {
		out->len -= 3;
		memmove(out->at + before, out->at + before + 3, out->len - before);
	} else if (c->charset != CHARSET_UTF8 && c->charset != CHARSET_GB18030 &&
		   memcmp(out->at + before, "\xef\xbf\xbe", 3) == 0) {
		return cb_fail(err, CB_BROKEN, "字节顺序标记说明数据不是 %s，字节次序相反",
			       "the byte order mark says that this is not %s but the other order",
			       names[c->charset]);
	}
	return CB_OK;
}

enum charset charset_named(const char *name)
{
	return name ? named(cb_text_of(name)) : CHARSET_UNKNOWN;
}

const char *charset_name(enum charset charset)
{
	return names[charset];
}

void charset_watch(struct charset_watch *w, struct cb_text bytes)
{
	for (size_t i = 0; i < bytes.len && w->seen + i < sizeof(w->head); i++)
		w->head[w->seen + i] = (unsigned char)bytes.at[i];
	w->seen += bytes.len;
	w->high = count_high(bytes, w->high);
	follow(&w->utf8, CHARSET_UTF8, bytes);
	if (!w->only_utf8)
		follow(&w->gb18030, CHARSET_GB18030, bytes);
}

bool charset_is_utf8(const struct charset_watch *w)
{
	return is_whole(&w->utf8);
}

int charset_decide(struct charset_watch *w, const char *allowed, enum charset *out,
		   struct cb_error *err)
{
	enum charset bom = mark(w->head, w->seen);
	unsigned set = ~0U;
	int rc;

	*out = CHARSET_UNKNOWN;
	if (allowed && (rc = parse_allowed(allowed, &set, err)) != CB_OK)
		return rc;
	if (bom != CHARSET_UNKNOWN && !(set & BIT(bom)))
		return cb_fail(err, CB_BROKEN,
			       "字节顺序标记说明数据是 %s，声明的却是 %s；请改声明的字符集",
			       "the byte order mark says %s, but declared is %s; change the "
			       "declared charset",
			       names[bom], allowed);
	if (bom == CHARSET_UTF16LE || bom == CHARSET_UTF16BE)
		*out = bom;
	else if (!(set & ~UTF16_BITS))
		*out = set & BIT(CHARSET_UTF16LE) ? CHARSET_UTF16LE : CHARSET_UTF16BE;
	else if (is_whole(&w->utf8) && (set & BIT(CHARSET_UTF8) || w->high == 0))
		*out = CHARSET_UTF8;
	else if (is_whole(&w->gb18030) && set & BIT(CHARSET_GB18030) && bom == CHARSET_UNKNOWN &&
		 !(is_whole(&w->utf8) && w->high == PLENTY))
		*out = CHARSET_GB18030;
	return *out != CHARSET_UNKNOWN ? CB_OK : refuse(w, set, allowed, err);
}

struct charset_converter *charset_converter_new(enum charset charset)
{
	static const char *const icu_names[] = { NULL, NULL, "gb18030", "UTF-16LE", "UTF-16BE" };
	struct charset_converter *c = memory_take(sizeof(*c));
	UErrorCode status = U_ZERO_ERROR;

	c->charset = charset;
	if (!icu_names[charset])
		return c;
	c->icu = ucnv_open(icu_names[charset], &status);
	ucnv_setToUCallBack(c->icu, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
	ucnv_setFromUCallBack(c->icu, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
	if (U_FAILURE(status)) { /* an ICU without its data */
		charset_converter_free(c);
		return NULL;
	}
	return c;
}

void charset_converter_free(struct charset_converter *c)
{
	if (!c)
		return;
	ucnv_close(c->icu);
	free(c);
}

int charset_decode(struct charset_converter *c, struct cb_text bytes, bool last, struct buffer *out,
		   struct cb_error *err)
{
	struct charset_trial *t = &c->trial;
	int rc;

	if (t->cut_len > 0 && mend(t, c->charset, &bytes)) {
		rc = convert(c, (struct cb_text){ (const char *)t->cut, t->cut_len }, out, err);
		if (rc != CB_OK)
			return rc;
		t->cut_len = 0;
	}
	while (!t->failed && bytes.len > 0) {
		struct cb_text piece = slice(bytes);
		size_t len = piece.len;
		bool cut;

		piece.len = fits(c->charset, piece, &cut);
		rc = convert(c, piece, out, err);
		if (rc != CB_OK)
			return rc;
		t->failed = !cut && piece.len < len;
		cut = cut && len == bytes.len; /* not only by our slice */
		bytes = behind(bytes, piece.len);
		if (cut) {
			keep(t, bytes);
			break;
		}
	}
	if (t->failed || (last && t->cut_len > 0))
		return bad_byte(c, t->until, err);
	return CB_OK;
}

int charset_encode(struct charset_converter *c, struct cb_text utf8, struct buffer *out,
		   struct cb_error *err)
{
	UChar wide[SLICE];

	for (uint64_t offset = 0; utf8.len > 0;) {
		struct cb_text piece = slice(utf8);
		const UChar *at = wide;
		UErrorCode status = U_ZERO_ERROR;
		char *to;
		int32_t len;

		piece.len = utf8_valid(piece, NULL);
		if (piece.len == 0)
			return cb_fail(
				err, CB_BROKEN, "要写出的文字在偏移 %" PRIu64 " 处不是 UTF-8",
				"the text to be written is not UTF-8 at offset %" PRIu64, offset);
		utf8 = behind(utf8, piece.len);
		offset += piece.len;
		if (c->charset == CHARSET_UTF8) {
			buffer_put(out, piece.at, piece.len);
			continue;
		}
		u_strFromUTF8(wide, SLICE, &len, piece.at, (int32_t)piece.len, &status);
		buffer_room(out, (size_t)len * 4 + 8);
		to = out->at + out->len;
		ucnv_fromUnicode(c->icu, &to, out->at + out->room, &at, wide + len, NULL, true,
				 &status);
		out->len = (size_t)(to - out->at);
		if (U_FAILURE(status))
			return cb_fail(err, CB_REFUSED, "有的字 %s 写不出来",
				       "a character that %s cannot say", names[c->charset]);
	}
	return CB_OK;
}
