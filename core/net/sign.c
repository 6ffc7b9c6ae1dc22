/*
 * sign.c - OpenSSL's EVP, by name.
 */
#include "net/sign.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static int refuse(const char *name, struct cb_error *err)
{
	return cb_fail(err, CB_SETUP, "本机的加密库不提供 %s；检查 OpenSSL 的设置",
		       "the crypto library of this machine does not offer %s; check its settings",
		       name);
}

int sign_digest(const char *name, struct cb_text text, struct buffer *out, struct cb_error *err)
{
	const EVP_MD *method = EVP_get_digestbyname(name);
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned made = 0;

	if (!method || !EVP_Digest(text.at ? text.at : "", text.len, bytes, &made, method, NULL))
		return refuse(name, err);
	buffer_put(out, bytes, made);
	return CB_OK;
}

int sign_hmac(const char *name, struct cb_text key, struct cb_text text, struct buffer *out,
	      struct cb_error *err)
{
	const EVP_MD *method = EVP_get_digestbyname(name);
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned made = 0;

	if (!method ||
	    !HMAC(method, key.at ? key.at : "", (int)key.len,
		  (const unsigned char *)(text.at ? text.at : ""), text.len, bytes, &made))
		return refuse(name, err);
	buffer_put(out, bytes, made);
	return CB_OK;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool sm4_key(struct cb_text key, unsigned char out[16])
{
	if (key.len == 16) {
		memcpy(out, key.at, 16);
		return true;
	}
	if (key.len != 32)
		return false;
	for (size_t i = 0; i < 16; i++) {
		int high = hex_digit(key.at[2 * i]), low = hex_digit(key.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

int sign_sm4(struct cb_text key, struct cb_text text, struct buffer *out, struct cb_error *err)
{
	EVP_CIPHER_CTX *context = NULL;
	unsigned char bytes[16];
	int first = 0, last = 0, rc = CB_OK;

	if (!sm4_key(key, bytes))
		return cb_fail(err, CB_SETUP, "sm4 的密钥应为 16 个字节或 32 位十六进制数字",
			       "a key for sm4 has 16 bytes or 32 hex digits");
	context = EVP_CIPHER_CTX_new();
	buffer_room(out, text.len + 32);
	if (!context || !EVP_EncryptInit_ex(context, EVP_sm4_ecb(), NULL, bytes, NULL) ||
	    !EVP_EncryptUpdate(context, (unsigned char *)out->at + out->len, &first,
			       (const unsigned char *)(text.at ? text.at : ""), (int)text.len) ||
	    !EVP_EncryptFinal_ex(context, (unsigned char *)out->at + out->len + first, &last))
		rc = refuse("sm4", err);
	else
		out->len += (size_t)first + (size_t)last;
	EVP_CIPHER_CTX_free(context);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return rc;
}

void sign_base64(struct cb_text bytes, struct buffer *out)
{
	buffer_room(out, bytes.len / 3 * 4 + 8);
	out->len += (size_t)EVP_EncodeBlock((unsigned char *)out->at + out->len,
					    (const unsigned char *)(bytes.at ? bytes.at : ""),
					    (int)bytes.len);
}
