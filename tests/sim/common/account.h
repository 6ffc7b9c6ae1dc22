/*
 * account.h - who may log in: a TSV of code, name, town, field, app, secret.
 */
#ifndef SIM_ACCOUNT_H
#define SIM_ACCOUNT_H

#include <stdint.h>

#include "sim/common/sign.h"

struct account {
	char code[16], name[64], town[32], field[32], app[32], secret[80];
	char token[SIGN_SIZE]; /* "" until the first login */
	int64_t token_until;   /* ms */
};

struct accounts {
	struct account list[512];
	int count;
};

/* The first line is the header. A line that does not fit ends the program. */
void accounts_read(struct accounts *accounts, const char *path);
void accounts_add(struct accounts *accounts, const char *code, const char *app, const char *secret);

/* By application number or by token; NULL if there is none. */
struct account *accounts_find(struct accounts *accounts, const char *app);
struct account *accounts_by_token(struct accounts *accounts, const char *token, int64_t now);

#endif
