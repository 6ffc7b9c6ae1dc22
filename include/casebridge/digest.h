/*
 * digest.h - digests for names and comparisons. Signatures with secrets are
 * made by the engine alone (see request.h).
 */
#ifndef CASEBRIDGE_DIGEST_H
#define CASEBRIDGE_DIGEST_H

#include <casebridge/error.h>
#include <casebridge/text.h>

#define CB_SHA256_HEX 65 /* 64 hex digits and the end */

CB_API void cb_sha256_hex(struct cb_text bytes, char hex[CB_SHA256_HEX]);

#endif
