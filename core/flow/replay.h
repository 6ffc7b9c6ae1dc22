/*
 * replay.h - look back: map stored raw documents again, to tell why a record
 * says what it says, and what a changed mapping would change.
 *
 * Nothing here writes: a store that is open for reading is enough, and parsing
 * happens in a worker as always.
 */
#ifndef FLOW_REPLAY_H
#define FLOW_REPLAY_H

#include "flow/site.h"
#include "store/store.h"

/* One source of a record: what it said last, mapped again as it was mapped then. */
struct why_source {
	struct store_link link;
	const struct site_flow *flow; /* NULL: the site has no import of that stream any more */
	struct store_document document;
	struct store_run run;    /* that brought the document; id 0: unknown */
	int64_t line;            /* of the record in its document; 0: unknown */
	struct mapping *mapping; /* of then; NULL where it cannot be made again */
	bool is_todays;          /* the same as the site has now */
	bool is_exact;           /* made from the very texts of then */
	int outcome;             /* enum outcome, where verdict is CB_OK */
	struct worker_trace *traces;
	size_t trace_count;
	struct worker_finding *findings;
	size_t finding_count;
	enum cb_verdict verdict; /* CB_OK: it was replayed */
	struct cb_error error;   /* else why not */
};
struct why {
	struct why_source *at; /* the newest first: it had the last word */
	size_t count;
};
/* In @arena; a source that cannot be replayed says so and stops nobody else. */
CB_CHECKED int why_read(const struct site *site, struct store *store, const struct table *entity,
			int64_t record, struct arena *arena, struct why *out, struct cb_error *err);
void why_done(struct why *why);
/* Does it set this field (or list) of the entity? "amount", "party/name". */
bool why_names(const struct why_source *source, const struct table *entity, const char *path);

#endif
