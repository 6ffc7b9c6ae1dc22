/*
 * net.h - the engine's only way to the network: bounded, signed, never repeated
 * behind our back.
 *
 * A request comes from a worker with named holes (casebridge/request.h). Here
 * the holes are filled from settings and secrets, the request is signed and
 * sent, and the answer is bounded. What the worker may not know (a password, a
 * key) never leaves this folder.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <casebridge/request.h>

#include "base/buffer.h"
#include "base/memory.h"

/* The seams: real ones in production, scripted ones in tests. */
struct net_seams {
	int64_t (*now)(void *with); /* ms since 1970 */
	void (*random)(void *with, void *bytes, size_t len);
	void (*wait)(void *with, int64_t ms); /* for the rate limit */
	void *with;
};

struct net_setting {
	const char *name, *value;
	bool is_secret; /* value is the file that holds it */
	/* A URL (also where it is a secret): requests may go to its scheme, host and port, and
	 * nowhere else. */
	bool is_origin;
};

/* One account of one connection: its settings, limits, and whether it may go on. */
struct net_account {
	const char *connection, *name;
	const struct net_setting *settings; /* the connection's and the account's own */
	size_t setting_count;
	double rate;         /* requests a second; 0 unlimited */
	int64_t timeout_ms;  /* where the request names none; 0: 60 s */
	int64_t body_max;    /* answers; 0: 64 MB */
	const char *ca_file; /* NULL: the system's */
	const char *proxy;   /* NULL: none; the environment is not asked */
	int zone;            /* the site's, minutes east of UTC: for time(FORMAT) */
	/* Its own. */
	int64_t next_ms; /* not before */
	struct net_kept *kept;
};

struct net;
struct net *net_new(const struct net_seams *seams); /* NULL: the real ones */
void net_free(struct net *net);

/*
 * Fill, sign and send; see cb_http for the verdicts. Texts of the answer live
 * until the next call. POST and every request that changes something goes out
 * on a fresh connection that is not kept, follows no redirect, and is never
 * repeated by the library.
 */
CB_CHECKED int net_send(struct net *net, struct net_account *account,
			const struct cb_request *request, struct cb_answer *answer,
			struct cb_error *err);

/*
 * What the network library's result means for a request that was begun:
 * CB_NOT_SENT only where surely not a byte arrived; CB_NO_ANSWER is the rule.
 */
enum cb_sent net_sent(int curl_code, int64_t bytes_sent);

/* Are its secrets there, and ours alone? CB_SETUP with the first that is not, and the cure. */
CB_CHECKED int net_account_ready(const struct net_account *account, struct cb_error *err);
void net_account_done(struct net_account *account);

/*
 * A setting of the account by its name, a secret read from its file; "account" is what it is
 * called itself. Nothing is appended where it has none. For a worker with a connection of its own,
 * and for no other.
 */
CB_CHECKED int net_credential(const struct net_account *account, const char *name,
			      struct buffer *value, struct cb_error *err);

/* The value that outlives a run (cb_keep); NULL forgets. Never stored. */
void net_keep(struct net_account *account, const char *name, struct cb_text value,
	      int64_t expires_ms);
/* Forget all of them: log in anew. */
void net_forget(struct net_account *account);
struct cb_text net_kept(const struct net_account *account, const char *name, int64_t now);

/*
 * Check a template's holes and functions without filling it: CB_SETUP with the
 * sentence and err->column (1-based, in characters). @name is asked about each
 * name in it, and refuses with a sentence; NULL: any will do.
 */
typedef int net_template_name(void *with, struct cb_text name, struct cb_error *err);
CB_CHECKED int net_template_check(const char *text, net_template_name *name, void *with,
				  struct cb_error *err);

#endif
