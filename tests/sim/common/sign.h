/*
 * sign.h - the digests that the two systems sign with, as lower hex.
 */
#ifndef SIM_SIGN_H
#define SIM_SIGN_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a digest of 32 bytes in hex, with its NUL. */
#define SIGN_SIZE 65

void sign_md5(char out[SIGN_SIZE], const char *data, size_t size);
void sign_sha256(char out[SIGN_SIZE], const char *data, size_t size);
void sign_hmac_sm3(char out[SIGN_SIZE], const char *key, const char *data, size_t size);

#endif
