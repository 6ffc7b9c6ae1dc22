/*
 * delivery.h - deliveries for people: finding one, and its state in words. For
 * the files of this folder.
 */
#ifndef CLI_DELIVERY_H
#define CLI_DELIVERY_H

#include "cli/call.h"
#include "flow/flow.h"

const char *delivery_label(enum delivery_state state);
/* Why it is so, and when what happens next; NULL: there is nothing to say. */
const char *delivery_about(struct call *call, const struct site *site,
			   const struct store_delivery *d);
/* 12-03 24:00: a day lasts until its end. */
const char *delivery_due(struct call *call, const struct site *site, int64_t due_ms);
/* late, near, or "" */
const char *delivery_urgency(enum urgency urgency);
/* 14:35, or 11-29 14:35 where that is not today. */
const char *delivery_clock(struct call *call, const struct site *site, int64_t ms);
/* Does it wait for a person's word (deliveries settle)? */
bool delivery_is_question(const struct store_delivery *d);

/* The named export; NULL with the sentence said. */
struct site_flow *delivery_flow(struct call *call, const struct site *site, const char *name);
/* By the key that it went out under, else by the record's own; CB_REFUSED with the sentence. */
CB_CHECKED int delivery_find(struct call *call, struct store *store, const struct site_flow *flow,
			     const char *key, struct store_delivery *d, struct cb_error *err);
/* What is it called there; what never went out has our own key. NULL: it has none. */
const char *delivery_key(struct call *call, struct store *store, const struct site_flow *flow,
			 const struct store_delivery *d);

#endif
