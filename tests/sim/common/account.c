/*
 * account.c - a walk over a few tens of rows.
 */
#include "sim/common/account.h"

#include <stdio.h>
#include <string.h>

#include "sim/common/text.h"

static struct account *append(struct accounts *accounts)
{
	struct account *account;

	if (accounts->count == (int)(sizeof(accounts->list) / sizeof(accounts->list[0])))
		die("accounts: more than %d", accounts->count);
	account = &accounts->list[accounts->count++];
	memset(account, 0, sizeof(*account));
	return account;
}

void accounts_read(struct accounts *accounts, const char *path)
{
	FILE *file = fopen(path, "r");
	struct account *a;
	char line[512];
	int number = 0;

	if (!file)
		die("accounts %s: %m", path);
	while (fgets(line, sizeof(line), file)) {
		if (++number == 1)
			continue;
		a = append(accounts);
		if (sscanf(line, "%15[^\t]\t%63[^\t]\t%31[^\t]\t%31[^\t]\t%31[^\t]\t%79[^\t\r\n]",
			   a->code, a->name, a->town, a->field, a->app, a->secret) != 6)
			die("accounts %s:%d: not code, name, town, field, app, secret", path,
			    number);
	}
	fclose(file);
}

void accounts_add(struct accounts *accounts, const char *code, const char *app, const char *secret)
{
	struct account *a = append(accounts);

	snprintf(a->code, sizeof(a->code), "%s", code);
	snprintf(a->app, sizeof(a->app), "%s", app);
	snprintf(a->secret, sizeof(a->secret), "%s", secret);
}

struct account *accounts_find(struct accounts *accounts, const char *app)
{
	int i;

	for (i = 0; i < accounts->count; i++)
		if (strcmp(accounts->list[i].app, app) == 0)
			return &accounts->list[i];
	return NULL;
}

struct account *accounts_by_token(struct accounts *accounts, const char *token, int64_t now)
{
	int i;

	for (i = 0; i < accounts->count; i++) {
		struct account *a = &accounts->list[i];

		if (a->token[0] && now < a->token_until && strcmp(a->token, token) == 0)
			return a;
	}
	return NULL;
}
