/*
 * console.h - the engine as a service, and its two doors: the control socket in
 * the site's folder, and a page on loopback for whoever watches over machines.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include <casebridge/error.h>

struct console_options {
	const char *folder; /* of the site */
	const char *who;    /* for the audit */
	const char *log;    /* file; NULL: standard error */
	int port;           /* of the page for watchers; 0: what site.xml says; -1: any free one */
};

/*
 * Until it is told to stop (SIGTERM, SIGINT): carry out flows when they are due.
 * SIGHUP rereads site.xml and opens the log anew. CB_OK when it was told to.
 */
CB_CHECKED int console_serve(const struct console_options *options, struct cb_error *err);

/*
 * A site that an engine has can be borrowed: its lock, and with it the right to
 * write. The engine gives it after the page at work and waits until it comes
 * back. All begin with loan_ask; -1: there is no engine to ask, or it will not.
 */
struct loan {
	int socket, lock;
};
int loan_ask(const char *folder, struct loan *loan);
bool loan_is_ready(struct loan *loan, int ms);
int loan_take(struct loan *loan);
void loan_return(struct loan *loan);

#endif
