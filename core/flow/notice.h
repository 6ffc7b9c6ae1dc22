/*
 * notice.h - people outside are told: what is worth it, and how it goes out.
 *
 * A notice is a row, written in the transaction of its cause for every
 * <notice> of site.xml that wants to hear of it. It goes out at least once:
 * a way that does not go is tried again, with growing pauses, for ever. The
 * same cause is said once in the notice's `again`, and then with how often.
 * Its sentences are our own: other systems' words may name people, and a
 * robot's group is no place for names.
 */
#ifndef FLOW_NOTICE_H
#define FLOW_NOTICE_H

#include "flow/flow.h"

/*
 * In a transaction. @object: a flow, an account, a file; @count: how many of
 * it, summed up until it is said; @say is the newest sentence.
 */
CB_CHECKED int notice_raise(struct store *store, const struct site *site, enum notice_kind kind,
			    const char *object, int64_t count, const char *say,
			    struct cb_error *err);

/*
 * Outside of a transaction: look which deadlines came near, and send what waits. What does not go
 * out now is no failure: it waits, and engine->telling.look_ms says when it is tried again. CB_OK
 * save where the store fails.
 */
CB_CHECKED int notices_turn(struct engine *engine, struct cb_error *err);
/* Is there something for notices_turn? Asks nothing of the store. */
bool notices_are_due(const struct engine *engine, int64_t now);

/* One message now, past the store: does this way go? */
CB_CHECKED int notice_try(struct net *net, const struct site *site, struct site_notice *notice,
			  int64_t now, struct cb_error *err);

/* May it be said at that time, or is it too early to say it again? */
bool notice_is_due(const struct site_notice *notice, const struct store_notice *row, int64_t now);
/* "late province-out: … (3)": the line of it in a message. */
void notice_say(const struct store_notice *row, struct buffer *out);

#endif
