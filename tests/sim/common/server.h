/*
 * server.h - the part of a simulator that is not about any one system: options,
 * HTTP on loopback, faults, the request log, and a clean end.
 *
 * A simulator fills in a struct service and calls server_main. Requests are
 * answered one after another, each inside one transaction of the ledger; a
 * slow one waits outside of that.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "sim/common/account.h"
#include "sim/common/text.h"

struct MHD_Connection;

struct request {
	char *method, *path;
	struct text body;
	int64_t now;       /* ms, by the simulator's own clock */
	const char *fault; /* "" for none */
	struct MHD_Connection *connection;
};

/* A reply with status 0 closes the connection without a word. The body is
 * UTF-8; the server puts it into the service's charset. */
struct reply {
	int status;
	struct text body;
	const char *account; /* for the request log; no personal data */
	const char *note;
};

struct service {
	const char *name;
	const char *schema;  /* the ledger's tables, beside `request` */
	const char *type;    /* Content-Type */
	bool is_gb18030;     /* the charset of its answers; else UTF-8 */
	const char *strange; /* a well-formed answer with a code that nobody knows */
	void *self;
	struct accounts accounts;

	void (*start)(void *self, sqlite3 *db, uint64_t seed);
	void (*answer)(void *self, struct request *request, struct reply *reply);
	/* An option of its own, as --name or /-/set?name=; false if unknown. */
	bool (*option)(void *self, const char *name, const char *value);
};

/* From the query; from a header; NULL if it is not there. */
const char *request_param(const struct request *request, const char *name);
const char *request_header(const struct request *request, const char *name);
/* One value of a form body, unescaped; false if it is not there. */
bool request_form(const struct request *request, const char *name, char *out, size_t room);
bool request_is(const struct request *request, const char *method, const char *path);

/* A moment in any of the ways people write it (yyyyMMddHHmmss, with or without
 * separators, a date alone, epoch ms) as 14 digits in +08:00. */
bool moment_read(char out[15], const char *text);
/* ms since 1970 as 14 digits in +08:00. */
void moment_write(char out[15], int64_t ms);

int server_main(struct service *service, int argc, char **argv);

#endif
