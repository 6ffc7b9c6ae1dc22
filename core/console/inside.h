/*
 * inside.h - the parts of the service. For the files of this folder.
 */
#ifndef CONSOLE_INSIDE_H
#define CONSOLE_INSIDE_H

#include <pthread.h>

#include <casebridge/log.h>

#include "base/json.h"
#include "flow/flow.h"

/* notify.c: to the service manager. */
struct notify {
	int fd;
	int64_t watchdog_ms, fed_ms;
};
void notify_open(struct notify *n);
void notify_say(struct notify *n, const char *state);
/* Only the engine's own thread calls this: a watchdog that anybody feeds guards nothing. */
void notify_alive(struct notify *n, int64_t now);
void notify_close(struct notify *n);

/* journal.c: a line for everything that happened. */
struct journal {
	int fd, zone;
	const char *file; /* NULL: standard error */
	bool is_plain;    /* on a terminal */
	struct buffer line;
	struct json json;
};
CB_CHECKED int journal_open(struct journal *j, const char *file, int zone, struct cb_error *err);
void journal_reopen(struct journal *j);
void journal_close(struct journal *j);
void journal_begin(struct journal *j, enum cb_level level, const char *what, const char *flow);
void journal_number(struct journal *j, const char *name, int64_t number);
void journal_word(struct journal *j, const char *name, const char *word);
void journal_end(struct journal *j, const char *say);

/* loan.c: the engine's side. */
CB_CHECKED int loans_open(const char *folder, int *fd, struct cb_error *err);
void loans_close(const char *folder, int fd);
enum asker {
	ASKER_COMMAND, /* may have the site */
	ASKER_GONE,    /* only woke us: the site is lent to nobody */
	ASKER_WORKER,  /* or somebody else's process: is not heard */
};
/* The next who asks; *@fd: where a command waits for the site, else -1. */
enum asker loan_accept(int listening, int *fd, long *pid);
enum asker loan_asker(long pid);
int loan_give(int fd, int lock);

/* health.c: a page on loopback. What the engine's thread writes there is read by another. */
struct health;
struct health_state {
	const struct site *site;
	int64_t since_ms, alive_ms; /* when it started, and last showed life */
	const char *at_work;        /* a flow's name; NULL: nothing */
	int64_t queue;              /* flows that wait for their turn */
	long lent_to;               /* process; 0: nobody */
	char trouble[CB_ERROR_MAX]; /* why nothing can be done; "": all is well */
};
/* @port 0: any free one. */
CB_CHECKED int health_open(int port, const struct site *site, struct health **out, int *opened,
			   struct cb_error *err);
/* Between the two, @state is the caller's alone. */
struct health_state *health_lock(struct health *health);
void health_unlock(struct health *health);
void health_close(struct health *health);

#endif
