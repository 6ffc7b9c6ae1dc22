/*
 * digest.c - SHA-256 for names and comparisons.
 */
#include <casebridge/digest.h>

#include <openssl/evp.h>
#include <stdio.h>

void cb_sha256_hex(struct cb_text bytes, char hex[CB_SHA256_HEX])
{
	unsigned char digest[32];
	unsigned int len = sizeof(digest);

	if (EVP_Digest(bytes.at ? bytes.at : "", bytes.len, digest, &len, EVP_sha256(), NULL) != 1)
		memset(digest, 0, sizeof(digest));
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
