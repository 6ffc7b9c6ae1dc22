/*
 * account.c - the rate of an account, its secrets, and its values that outlive a run.
 */
#include "net/account.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "net/secret.h"

struct net_kept {
	struct net_kept *next;
	char *name, *value;
	size_t len;
	int64_t expires_ms; /* 0: unknown */
};

int64_t account_turn(struct net_account *account, const struct net_seams *seams)
{
	int64_t now = seams->now(seams->with), wait = account->next_ms - now, between;

	if (account->rate <= 0)
		return now;
	between = (int64_t)(1000 / account->rate + 0.999);
	if (between < 1)
		between = 1;
	/* More than one turn ahead: the clock was set back. */
	if (wait > between)
		wait = between;
	if (wait > 0) {
		seams->wait(seams->with, wait);
		now = seams->now(seams->with);
	}
	account->next_ms = now + between;
	return now;
}

static void forget(struct net_kept *kept)
{
	OPENSSL_cleanse(kept->value, kept->len);
	free(kept->value);
	free(kept->name);
	free(kept);
}

void net_keep(struct net_account *account, const char *name, struct cb_text value,
	      int64_t expires_ms)
{
	struct net_kept **at = &account->kept, *kept;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	kept = *at;
	if (kept) {
		*at = kept->next;
		forget(kept);
	}
	if (!value.at)
		return;
	kept = memory_take(sizeof(*kept));
	kept->name = memory_string(name);
	kept->value = memory_take(value.len + 1);
	memcpy(kept->value, value.at, value.len);
	kept->len = value.len;
	kept->expires_ms = expires_ms;
	kept->next = account->kept;
	account->kept = kept;
}

struct cb_text net_kept(const struct net_account *account, const char *name, int64_t now)
{
	for (const struct net_kept *kept = account->kept; kept; kept = kept->next)
		if (strcmp(kept->name, name) == 0 && (!kept->expires_ms || now < kept->expires_ms))
			return (struct cb_text){ kept->value, kept->len };
	return (struct cb_text){ 0 };
}

void net_forget(struct net_account *account)
{
	while (account->kept) {
		struct net_kept *next = account->kept->next;

		forget(account->kept);
		account->kept = next;
	}
}

int net_account_ready(const struct net_account *account, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; i < account->setting_count && rc == CB_OK; i++) {
		struct secret secret;

		if (!account->settings[i].is_secret)
			continue;
		rc = secret_read(account->settings[i].value, &secret, err);
		secret_done(&secret);
	}
	return rc;
}

void net_account_done(struct net_account *account)
{
	net_forget(account);
}

int net_credential(const struct net_account *account, const char *name, struct buffer *value,
		   struct cb_error *err)
{
	const struct net_setting *setting = NULL;
	struct secret secret;
	int rc;

	/* The account's own stand last, and win. */
	for (size_t i = account->setting_count; i-- > 0 && !setting;)
		if (strcmp(account->settings[i].name, name) == 0)
			setting = &account->settings[i];
	if (!setting && strcmp(name, "account") == 0)
		buffer_text(value, cb_text_of(account->name));
	if (!setting || !setting->value)
		return CB_OK;
	if (!setting->is_secret) {
		buffer_text(value, cb_text_of(setting->value));
		return CB_OK;
	}
	rc = secret_read(setting->value, &secret, err);
	if (rc == CB_OK)
		buffer_put(value, secret.at, secret.len);
	secret_done(&secret);
	return rc;
}
