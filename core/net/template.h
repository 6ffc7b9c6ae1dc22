/*
 * template.h - text with holes in braces, as requests are written.
 *
 *   Bearer {token}   {md5(user + time(epoch-ms) + password)}   {{ and }}
 *
 * A hole is a sum of operands: a name, a 'literal', a function of sums. The
 * list of functions is closed. A digest is written in lower hex; base64() and
 * hex() directly around it take its bytes. What a hole gives is escaped for
 * the place where it stands, so that no value can leave it.
 *
 *   md5 sha1 sha256 sm3 (text)            hmac-sha256 hmac-sm3 (key, text)
 *   sm4 (key, text): ECB, PKCS#7          base64 hex upper lower url (text)
 *   json xml (text): escaped once more, for a document inside a text
 *   sorted-query (query): its pairs sorted by name, as they are
 *   sorted-pairs (query): decoded, without empty values, sorted by name
 *   time(FORMAT)  time(FORMAT, ms): an instant by a pattern of base/calendar.h
 */
#ifndef NET_TEMPLATE_H
#define NET_TEMPLATE_H

#include "base/buffer.h"
#include "base/charset.h"

enum template_place {
	TEMPLATE_RAW,    /* encoded as a whole later: the value of a parameter; a text body */
	TEMPLATE_HEADER, /* no line ends, no NUL */
	TEMPLATE_URL,    /* percent-encoded, save the base address at the beginning */
	TEMPLATE_JSON,   /* inside a string, or a whole value: a number as it is, else quoted */
	TEMPLATE_XML,    /* text, attributes, CDATA */
};

struct template_value {
	struct cb_text text;
	bool is_raw;  /* already in the language of its place */
	bool is_base; /* an address: may begin a URL as it is */
};

struct template_use {
	/* What a name stands for. CB_SETUP with a sentence where it stands for nothing. */
	int (*find)(void *with, struct cb_text name, struct template_value *out,
		    struct cb_error *err);
	void *with;
	int64_t now;                       /* ms; the one instant of the request */
	int zone;                          /* minutes east, for time() */
	struct charset_converter *charset; /* for TEMPLATE_URL; NULL: UTF-8 */
};

/*
 * Append the filled template. CB_SETUP with the character in err->column; a
 * sentence never holds a value.
 */
CB_CHECKED int template_fill(const char *text, enum template_place place,
			     const struct template_use *use, struct buffer *out,
			     struct cb_error *err);

/* Does the template name @name anywhere? For deciding what is filled before what. */
bool template_names(const char *text, const char *name);

/* Empty a buffer that held a secret. */
void template_wipe(struct buffer *b);

#endif
