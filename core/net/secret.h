/*
 * secret.h - a secret from its file, held as short as possible.
 *
 * The file must be ours alone: no access for group and others (a systemd
 * credential may be shown to the group by its own rules). It is read for each
 * request, so that a changed password is used at once; in memory it is locked
 * and wiped.
 */
#ifndef NET_SECRET_H
#define NET_SECRET_H

#include <casebridge/error.h>

#define SECRET_MAX 8192

struct secret {
	char *at; /* mapped, locked; NULL: none */
	size_t len;
};

/* Without the line end at its end. CB_SETUP with the cure. */
CB_CHECKED int secret_read(const char *path, struct secret *out, struct cb_error *err);
void secret_done(struct secret *secret);

#endif
