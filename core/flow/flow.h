/*
 * flow.h - the conductor: carry out one flow, from plan to receipt.
 *
 * An import is stream → store, an export is store → stream; both are carried
 * page by page, one commit a page, so that they can be stopped anywhere.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "flow/site.h"
#include "reconcile/search.h"
#include "store/store.h"

/* The seams of the whole engine; NULL members: the real ones. */
struct engine_seams {
	struct net_seams net;
	const char *worker_program; /* NULL: this program */
	/* Between tries; may return early, when somebody else is to have a turn. NULL: as net's. */
	void (*rest)(void *with, int64_t ms);
	void *rest_with;
};

struct telling { /* when notices are looked at again (notice.h) */
	int64_t look_ms, looked_ms;
	int64_t gap_ms;         /* something was said just now: not before */
	int64_t raised, change; /* as they were then */
};

struct taken; /* a mapping file, and what of it is in force */

struct engine {
	struct site *site;
	struct store *store;
	struct net *net;
	struct engine_seams seams;
	const char *who; /* for the audit: the user's login name */
	struct taken *taken;
	struct telling telling;
};

/* Open the site's store for writing (taking its lock) and what a run needs. @site stays the
 * caller's. */
CB_CHECKED int engine_open(struct site *site, const struct engine_seams *seams, const char *who,
			   struct engine **out, struct cb_error *err);
/* The same under a lock that the caller has, or that @lender has lent (see store_open_under). @lock
 * -1: take our own. */
CB_CHECKED int engine_open_under(struct site *site, const struct engine_seams *seams,
				 const char *who, int lock, int lender, struct engine **out,
				 struct cb_error *err);
void engine_close(struct engine *engine);
/* The instant now, through the seam. */
int64_t engine_now(const struct engine *engine);

struct flow_progress {           /* a snapshot, a few times a second */
	const char *flow, *what; /* what: the document or account at work */
	struct store_counts counts;
};

struct flow_options {
	bool is_dry; /* touches nothing: each page rolled back, nothing sent or settled */
	void (*progress)(void *with, const struct flow_progress *progress);
	/* One record that was held or rejected, as it happens; may be NULL. */
	void (*held)(void *with, const struct store_held *held);
	void *with;
	volatile const int *stop; /* not 0: end after this page */
};

#define FLOW_UNKNOWN 30

struct flow_unknown { /* a name that the mapping does not know, and how often it was said */
	char name[128];
	int64_t count;
};

/*
 * The samples in a mapping's file. A mapping whose samples fail is not taken up:
 * the last one that passed stays in force, for every flow that names the file.
 */
struct flow_trial {
	size_t passed, failed;
	bool is_known;        /* from an earlier run */
	const char *say;      /* the first that failed; NULL */
	const char *digest;   /* of the file as it is */
	const char *in_force; /* of what is used in its place; NULL: nothing ever passed, or the
				 file itself is used */
	int64_t since_ms;     /* when that was taken up */
};
/*
 * How a flow's mapping file stands, in @arena. A verdict that the store has on
 * the same texts is taken from there, else the samples are run; @store NULL: they
 * are, and nothing is known of what is in force.
 */
CB_CHECKED int flow_try(const struct site *site, struct store *store, const struct site_flow *flow,
			struct arena *arena, struct flow_trial *out, struct cb_error *err);

struct flow_report {
	int64_t run;
	struct flow_trial trial; /* failed: another mapping than the file's was used */
	struct store_counts counts;
	enum cb_verdict verdict; /* CB_OK; why it ended early otherwise */
	bool was_stopped;        /* it was told to end, and may have more to do */
	bool store_failed;       /* it ended because of the store, not of them */
	struct cb_error error;   /* its sentence */
	int64_t next_ms; /* of an export: when something goes on by itself; 0: nothing does */
	struct flow_unknown unknown[FLOW_UNKNOWN]; /* the first so many, as they came */
	size_t unknown_count;
	bool has_searched; /* for duplicates, after an import */
	struct search_report duplicates;
};

/* CB_OK also where records were held: see the counts. */
CB_CHECKED int flow_run(struct engine *engine, const char *name, const struct flow_options *options,
			struct flow_report *report, struct cb_error *err);

/*
 * Map what is held again from its raw bytes: all of a flow, or of a group
 * (code, field; NULL any). What maps now is stored; the rest stays held. Of an export it is about
 * receipts that found nothing: counted as due, accepted (they have by now) and held.
 */
CB_CHECKED int flow_retry(struct engine *engine, const char *name, const char *code,
			  const char *field, const struct flow_options *options,
			  struct flow_report *report, struct cb_error *err);

/*
 * What stands at the target already is linked with our records, so that it is
 * not sent again (a first day; what was entered by hand). Stored there in
 * [from, to), ms since 1970; both 0: everything. @each: may be NULL.
 */
enum adoption {
	ADOPT_LINKED,
	ADOPT_KNOWN,   /* it went there by us, or was linked before */
	ADOPT_UNKNOWN, /* we have no such record */
	ADOPT_UNFIT,   /* ours, and this flow would not send it: left alone */
	ADOPT_BUSY,    /* on its way, or a person's question: left alone */
	ADOPTIONS,
};
struct flow_adopted {
	int64_t listed, by[ADOPTIONS];
};
CB_CHECKED int flow_adopt(struct engine *engine, const char *name, int64_t from, int64_t to,
			  const struct flow_options *options,
			  void (*each)(void *with, enum adoption what, const char *account,
				       struct cb_text key),
			  void *with, struct flow_adopted *counts, struct cb_error *err);

/*
 * Our book of what the target accepted in [from, to) beside the target's own.
 * @act: the one list for which something is done: missing → it is to be sent
 * again; different → a person decides (CONFLICT); doubt → it is asked for with
 * the next run. What is there and not ours is for flow_adopt.
 */
enum difference {
	DIFFERENCE_MISSING, /* accepted, and not there */
	DIFFERENCE_EXTRA,   /* there, and not by us */
	DIFFERENCE_CONTENT, /* there, with other content */
	DIFFERENCE_DOUBT,   /* under way, in doubt, in conflict */
	DIFFERENCES,
};
const char *difference_word(enum difference what);
struct flow_difference {
	enum difference what;
	const char *account;
	struct cb_text key;
	const char *fields; /* that differ; NULL */
};
struct reconcile_options {
	bool is_deep;        /* list everything, also where the counts agree */
	enum difference act; /* DIFFERENCES: nothing is changed */
	void (*each)(void *with, const struct flow_difference *difference);
	void *with;
};
struct flow_reconciled {
	int64_t windows, listed, agree, by[DIFFERENCES];
};
CB_CHECKED int flow_reconcile(struct engine *engine, const char *name, int64_t from, int64_t to,
			      const struct reconcile_options *what,
			      const struct flow_options *options, struct flow_reconciled *counts,
			      struct cb_error *err);

/*
 * Held records as a person may correct them: each entry with its record's own
 * names and values, none where it could not be read at all. Of a group (code,
 * field; NULL any).
 */
CB_CHECKED int flow_held_cells(const struct site *site, struct store *store,
			       const struct site_flow *flow, const char *code, const char *field,
			       int (*each)(void *with, const struct store_held *held,
					   const struct worker_text *cells, size_t count,
					   struct cb_error *err),
			       void *with, struct cb_error *err);
/* The corrected table in the file @path (see WORKER_CORRECTED), as a run of the import. */
CB_CHECKED int flow_correct(struct engine *engine, const char *name, const char *path,
			    const struct flow_options *options, struct flow_report *report,
			    struct cb_error *err);

/*
 * Ask the flow's system for its own list of a code table of ours (<dictionary>), and
 * change nothing. CB_SETUP where the stream has none of that table.
 */
CB_CHECKED int flow_dictionary(struct engine *engine, const struct site_flow *flow,
			       const char *table,
			       void (*each)(void *with, struct cb_text code, struct cb_text name),
			       void *with, struct cb_error *err);

/* Reach the connection's systems with every account and log in; a line each by @each. */
CB_CHECKED int flow_check(struct engine *engine, const struct site_connection *connection,
			  void (*each)(void *with, const char *account, enum cb_verdict verdict,
				       const char *say),
			  void *with, struct cb_error *err);

/* An account that may not be used now, and why: CODE_LOGIN (until a person has unlocked it),
 * CODE_SECRET (until a person has set it), CODE_REST (its breaker is open), CODE_QUOTA, CODE_HOURS
 * (then @path is the connection's). */
struct flow_account {
	const char *path, *code, *say; /* say: NULL where the code says it all */
	int64_t since_ms;              /* of CODE_LOGIN */
	int64_t until_ms;              /* of the others */
	int64_t failures;              /* in a row */
};
CB_CHECKED int flow_accounts(const struct site *site, struct store *store, int64_t now,
			     int (*each)(void *with, const struct flow_account *account,
					 struct cb_error *err),
			     void *with, struct cb_error *err);

/*
 * By when what the target has not accepted yet must be there (deadline="…").
 * Nothing is kept of it: it follows from the record, as the record is now.
 */
#define NO_DEADLINE INT64_MAX
enum urgency {
	URGENCY_NONE,
	URGENCY_NEAR,
	URGENCY_LATE,
	URGENCIES
}; /* near: a warning step has passed */
CB_CHECKED int flow_deadline(struct store *store, const struct site_flow *flow, int64_t record,
			     int64_t *due_ms, struct cb_error *err);
/* The same of what has not arrived yet; NO_DEADLINE of all else. */
CB_CHECKED int flow_due(struct store *store, const struct site_flow *flow,
			const struct store_delivery *d, int64_t *due_ms, struct cb_error *err);
enum urgency flow_urgency(const struct site_flow *flow, int64_t due_ms, int64_t now);
struct flow_slack {
	int64_t open, by[URGENCIES];
	int64_t first_ms; /* the earliest; 0: none is open */
	/* At the present rate, else at that of the last run, what goes by itself is there by then;
	 * 0: nothing does, or no rate is known. */
	int64_t ready_ms;
	int64_t will_be_late; /* of those that are not late yet, at that rate */
	int64_t asked;        /* of the open, those that only a person moves on */
};
CB_CHECKED int flow_slack(struct store *store, const struct site_flow *flow, int64_t now,
			  struct flow_slack *slack, struct cb_error *err);

/* "最早 2024-03-30 24:00 到期，照现在的速度 07:40 报完"; nothing where none is open. */
void flow_slack_say(const struct flow_slack *slack, int zone, int64_t now, struct buffer *out);

/* read = new + changed + unchanged + held + rejected + passed by; due = accepted + … */
bool counts_add_up(const struct store_counts *counts, bool is_export);

/* The exit code (sysexits) of a run. */
int flow_exit_code(const struct flow_report *report);

#endif
