/*
 * charset.h - foreign bytes to UTF-8 and back, by evidence.
 *
 * Evidence in this order: a byte order mark; strict UTF-8; GB18030 that has no
 * broken sequence. What is none of them is refused with the offset of the
 * first byte that fits nothing: a wrong guess would be stored as truth.
 * ICU does the conversion; GB18030 covers GBK, CP936 and GB2312.
 */
#ifndef BASE_CHARSET_H
#define BASE_CHARSET_H

#include <casebridge/error.h>

struct buffer;

enum charset {
	CHARSET_UNKNOWN,
	CHARSET_UTF8,
	CHARSET_GB18030,
	CHARSET_UTF16LE,
	CHARSET_UTF16BE,
};

/* "utf-8", "GBK", "gb2312", "cp936" …; CHARSET_UNKNOWN for what we do not speak. Case, - and _ do
 * not matter. */
enum charset charset_named(const char *name);
const char *charset_name(enum charset charset);

/* One charset on trial: where the first byte is that does not fit. */
struct charset_trial {
	bool failed;
	uint64_t until;
	unsigned char cut[4]; /* a character that the end of the last piece cut */
	unsigned cut_len;
};

/*
 * Watches the bytes of a whole document, piece by piece, and says at the end
 * what it is. All-zero begins.
 */
struct charset_watch {
	bool only_utf8; /* ask nothing else: most documents are, and then it is half the work */
	uint64_t seen;
	unsigned high; /* bytes above 127, counted while they are few */
	unsigned char head[3];
	struct charset_trial utf8, gb18030;
};
void charset_watch(struct charset_watch *w, struct cb_text bytes);
/* With only_utf8: was all of it? If not, the document must be watched again, in full. */
bool charset_is_utf8(const struct charset_watch *w);

/*
 * @allowed: what the manifest declares, "utf-8|gb18030", or NULL for any. Plain
 * ASCII is UTF-8. UTF-16 without a byte order mark is believed only where
 * nothing else is declared. A document that is UTF-8 beyond doubt is not taken
 * for a declared GB18030, though its bytes may happen to fit. On failure
 * CB_BROKEN, and @err says which byte, in which charset; CB_SETUP if @allowed
 * names a charset that we do not speak.
 */
CB_CHECKED int charset_decide(struct charset_watch *w, const char *allowed, enum charset *out,
			      struct cb_error *err);

/* A converter for one direction of one charset, not CHARSET_UNKNOWN; one document. After an
 * error it is only good to be freed. NULL if this ICU does not have the charset. */
struct charset_converter;
struct charset_converter *charset_converter_new(enum charset charset);
void charset_converter_free(struct charset_converter *c);

/*
 * Append the UTF-8 of @bytes. A character cut at the end is kept for the next
 * call; with @last it is an error. A sequence that the charset does not know is
 * CB_BROKEN, with err->text naming the byte offset in the document, from 0;
 * nothing is replaced. UTF-8 input is validated and copied. A byte order mark
 * at the start is dropped.
 */
CB_CHECKED int charset_decode(struct charset_converter *c, struct cb_text bytes, bool last,
			      struct buffer *out, struct cb_error *err);

/* The other way, whole characters only. A character that the charset cannot say is CB_REFUSED, what
 * is no UTF-8 is CB_BROKEN. */
CB_CHECKED int charset_encode(struct charset_converter *c, struct cb_text utf8, struct buffer *out,
			      struct cb_error *err);

#endif
