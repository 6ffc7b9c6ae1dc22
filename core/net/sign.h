/*
 * sign.h - digests, keyed digests and the one cipher that templates know.
 *
 * CB_SETUP where the system's crypto library refuses (a FIPS mode without md5).
 */
#ifndef NET_SIGN_H
#define NET_SIGN_H

#include <casebridge/error.h>

#include "base/buffer.h"

/* @name: md5 sha1 sha256 sm3. The bytes are appended, not hex. */
CB_CHECKED int sign_digest(const char *name, struct cb_text text, struct buffer *out,
			   struct cb_error *err);
CB_CHECKED int sign_hmac(const char *name, struct cb_text key, struct cb_text text,
			 struct buffer *out, struct cb_error *err);

/* SM4, ECB with PKCS#7. @key: 16 bytes, or 32 hex digits. */
CB_CHECKED int sign_sm4(struct cb_text key, struct cb_text text, struct buffer *out,
			struct cb_error *err);

void sign_base64(struct cb_text bytes, struct buffer *out);

#endif
