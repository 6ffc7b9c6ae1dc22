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

/*
 * What a sample of the record's newest source would say (mapping_learn), by the
 * mapping of today, in @arena. CB_REFUSED where no document of it can be had.
 */
CB_CHECKED int learn_read(const struct site *site, struct store *store, const struct table *entity,
			  int64_t record, struct arena *arena, const struct site_flow **flow,
			  struct cb_text *out, struct cb_error *err);

/*
 * What would a changed mapping change? Stored documents go through the mapping
 * of before and the new one side by side, a record at a time.
 */
enum { PREVIEW_ABSENT = OUTCOME_PASSED_BY + 1, PREVIEW_OUTCOMES }; /* no record there at all */
enum { PREVIEW_SAMPLES = 3 };

struct preview_sample {
	const char *key;
	struct cb_text before, after;
};
struct preview_field {
	const char *path;
	int64_t count; /* records in which it changes */
	struct preview_sample samples[PREVIEW_SAMPLES];
	size_t sample_count;
};
struct preview_cause { /* records that are released, or stopped, by what held them */
	bool is_released;
	const char *code, *field, *value, *say, *key; /* of the first */
	int64_t count;
};
struct preview {
	const struct table *entity;
	char before[65], after[65]; /* digests */
	int64_t documents, lost;    /* lost: broken somewhere, under either mapping */
	int64_t read;               /* = the sum of moved; moved[mapped][mapped] = same + changed */
	int64_t moved[PREVIEW_OUTCOMES][PREVIEW_OUTCOMES]; /* from before, to after */
	int64_t same, changed;
	struct preview_field *fields;
	size_t field_count, field_room;
	struct preview_cause *causes; /* at most a thousand different ones */
	size_t cause_count, cause_room;
};
struct preview_wish {
	const char *file;             /* the new mapping */
	const struct site_flow *flow; /* NULL: every import of a mapping of that name */
	int64_t since;                /* ms; only documents that came then or later */
	const char *document;         /* a file instead of what is stored; NULL */
	volatile const int *stop;     /* not 0: end after this document; NULL */
};
/* In @arena. CB_SETUP where no import uses a mapping of that name. */
CB_CHECKED int preview_run(const struct site *site, struct store *store,
			   const struct preview_wish *wish, struct arena *arena,
			   struct preview *out, struct cb_error *err);
void preview_done(struct preview *preview);
bool preview_adds_up(const struct preview *preview);

#endif
