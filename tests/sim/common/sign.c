/*
 * sign.c - libcrypto's digests, written as hex.
 */
#include "sim/common/sign.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sim/common/text.h"

static void hex(char *out, const unsigned char *bytes, unsigned int size)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int i;

	for (i = 0; i < size; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * size] = '\0';
}

static void digest(char *out, const EVP_MD *method, const char *data, size_t size)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int made = 0;

	if (!EVP_Digest(data, size, bytes, &made, method, NULL))
		die("libcrypto: no such digest");
	hex(out, bytes, made);
}

void sign_md5(char out[SIGN_SIZE], const char *data, size_t size)
{
	digest(out, EVP_md5(), data, size);
}

void sign_sha256(char out[SIGN_SIZE], const char *data, size_t size)
{
	digest(out, EVP_sha256(), data, size);
}

void sign_hmac_sm3(char out[SIGN_SIZE], const char *key, const char *data, size_t size)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int made = 0;

	if (!HMAC(EVP_sm3(), key, (int)strlen(key), (const unsigned char *)data, size, bytes,
		  &made))
		die("libcrypto: no SM3");
	hex(out, bytes, made);
}
