/*
 * standing.h - who does the work and who cannot just now: the engine and the
 * accounts. For `status`.
 */
#ifndef CLI_STANDING_H
#define CLI_STANDING_H

#include "cli/call.h"
#include "flow/flow.h"

struct standing {
	struct store_serving serving;
	long holder; /* process that has the site; 0: none */
	struct flow_account *accounts;
	size_t count, room;
	struct call *call;
};
CB_CHECKED int standing_take(struct standing *s, struct call *call, const struct site *site,
			     struct store *store, struct cb_error *err);
void standing_done(struct standing *s);
void standing_print_engine(const struct standing *s, const struct site *site);
void standing_print_accounts(const struct standing *s, const struct site *site);
void standing_json(const struct standing *s, const struct site *site, struct json *j);

#endif
