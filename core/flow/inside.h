/*
 * inside.h - the conductor's own parts. For the files of this folder.
 */
#ifndef FLOW_INSIDE_H
#define FLOW_INSIDE_H

#include <casebridge/log.h>

#include "base/hash.h"
#include "flow/flow.h"

/* What the engine lends one worker: an account's network, a connection's folders. */
struct lent {
	struct engine *engine;
	const struct site_connection *connection;
	struct site_account *account;
	struct arena arena;
	struct pace *pace;   /* counts its requests; NULL: nobody does */
	bool was_answered;   /* by the other system, at least once */
	struct names listed; /* files that were listed: only these may be opened or moved */
};
void lent_init(struct lent *lent, struct engine *engine, const struct site_connection *connection,
	       struct site_account *account);
void lent_done(struct lent *lent);
struct worker_services lent_services(struct lent *lent);

int lent_files_list(void *with, const char *patterns, struct buffer *names, struct cb_error *err);
int lent_files_open(void *with, const char *name, int *fd, struct cb_error *err);
int lent_files_move(void *with, const char *name, const char *folder, struct cb_error *err);
int lent_files_write(void *with, const char *name, struct cb_text bytes, struct cb_error *err);

struct run { /* one execution of a flow */
	struct engine *engine;
	struct site_flow *flow;
	const struct flow_options *options;
	struct flow_report *report;
	bool in_transaction;
	int64_t told_ms;
};

void engine_wait(const struct engine *engine, int64_t ms);
void engine_random(const struct engine *engine, void *bytes, size_t len);

/* A run waits so long by itself; for more it ends, and says when it goes on. */
#define WAIT_SHORT_MS INT64_C(60000)
/* Full jitter over a span that doubles with each failure, at least what the other side asked for.
 */
int64_t jitter(const struct engine *engine, const struct manifest *manifest, int64_t failures,
	       int64_t asked_ms);

/*
 * How long to wait before the next try. -1: enough was tried, or it is too long
 * to wait for.
 */
struct patience {
	int tries; /* since the last progress */
};
int64_t patience_wait(struct patience *p, const struct engine *engine,
		      const struct manifest *manifest, int64_t asked_ms);

/*
 * A session may end before its time, even twice; then a person looks. Where the connection
 * is the session, a login that is refused is the account's: no second try.
 */
#define LOGINS_IN_A_ROW 2
static inline int logins_most(const struct manifest *manifest)
{
	return manifest->has_own_connection ? 0 : LOGINS_IN_A_ROW;
}

/*
 * One refused login locks that account, and only that one: a second try could
 * close it there. CB_SETUP with the sentence where it is locked, or where a secret of
 * its is missing.
 */
CB_CHECKED int account_ready(struct run *run, const struct site_account *account,
			     struct cb_error *err);
CB_CHECKED int account_has_secrets(const char *path, const struct site_account *account,
				   struct cb_error *err);
/* That it is, why, and what is to be done. */
void account_say_locked(const char *path, const char *why, struct cb_error *out);
/* The other system will not have it: lock it until a person has looked. */
void account_refused(struct run *run, const struct site_account *account,
		     const struct cb_error *why);

/* pace.c: an account's hours, quota and breaker. */
struct pace {
	char path[256]; /* "province/S01" */
	struct store_pace now;
	const struct manifest *manifest;
	int zone;
	struct arena arena;
	bool is_changed;
	bool has_opened; /* its breaker, since it was saved */
};
CB_CHECKED int pace_load(struct pace *pace, const struct run *run,
			 const struct site_account *account, struct cb_error *err);
/* In the run's transaction, which is opened if need be. */
CB_CHECKED int pace_save(struct pace *pace, struct run *run, struct cb_error *err);
void pace_done(struct pace *pace);
/* NULL: it may. Else the code of what it waits for, and until when. */
const char *pace_gate(const struct pace *pace, int64_t now, int64_t *until);
/* One request is about to go out. CB_LIMIT: the day's are used up. */
CB_CHECKED int pace_take(struct pace *pace, int64_t now, struct cb_error *err);
/* A request failed: when the next may be tried. Too many, and the breaker opens. */
int64_t pace_failed(struct pace *pace, const struct engine *engine, int64_t asked_ms,
		    const char *say);
void pace_rest(struct pace *pace, int64_t until, const char *say);
void pace_succeeded(struct pace *pace, int64_t now, int64_t accepted, int64_t refused);
/* So many refusals in a row that something else must be wrong. */
bool pace_is_storm(const struct pace *pace);
/* Load it, and ask: may this account be used now? CB_SETUP: locked; CB_LIMIT: it has to wait. */
CB_CHECKED int pace_ready(struct pace *pace, struct run *run, const struct site_account *account,
			  struct cb_error *err);

/* One more name in a list that a person reads; one that is in it already is not said again. */
void name_add(struct buffer *list, struct cb_text name);

/* The job's parts that every task of a flow shares. */
void job_of_flow(struct worker_job *job, const struct engine *engine, const struct site_flow *flow,
		 const struct flow_options *options);

/*
 * trial.c: decide which mapping this run goes by, and keep its texts. CB_SETUP
 * where its samples fail and none before it ever passed.
 */
CB_CHECKED int run_take_mapping(struct run *run, struct cb_error *err);
void mappings_give_back(struct engine *engine);

/* slack.c: every delivery of a flow with a deadline that has not arrived. */
CB_CHECKED int slack_each(struct store *store, const struct site_flow *flow,
			  int (*each)(void *with, const struct store_delivery *d,
				      struct cb_error *err),
			  void *with, struct cb_error *err);
/* warn.c: tell what came to a step before its deadline; @look_ms comes down to the next. */
CB_CHECKED int warn_all(struct engine *engine, int64_t *look_ms, struct cb_error *err);

/* notice.c: in the transaction of the cause. @path: of the account. */
CB_CHECKED int notices_of_run(const struct run *run, struct cb_error *err);
CB_CHECKED int notice_locked(const struct run *run, const char *path, struct cb_error *err);
CB_CHECKED int notice_rests(const struct run *run, const char *path, int64_t failures,
			    int64_t until, struct cb_error *err);

CB_CHECKED int run_begin(struct run *run, const char *kind, struct cb_error *err);
CB_CHECKED int run_end(struct run *run, struct cb_error *err);
/* A transaction that is opened when it is first needed. */
CB_CHECKED int run_open(struct run *run, struct cb_error *err);
CB_CHECKED int run_commit(struct run *run, struct cb_error *err);
void run_rollback(struct run *run);
void run_tell(struct run *run, const char *what); /* progress, a few times a second */
bool run_stops(const struct run *run);

/* The import of a stream: "grid/events", or "grid/events@account"; NULL: none. */
const struct site_flow *flow_of_stream(const struct site *site, const struct table *entity,
				       const char *stream);
/* replay.c: the bytes of a stored document, behind a descriptor at its beginning. */
CB_CHECKED int document_descriptor(struct store *store, int64_t document, int *fd,
				   struct cb_error *err);
/* A worker that maps documents again, one after another. */
struct replay {
	struct worker *worker;
	bool is_lost, is_over; /* the document at hand */
};
void job_of_replay(struct worker_job *job, const struct site *site, const struct site_flow *flow);
void job_of_document(struct worker_job *job, const struct store_document *doc, int fd);
CB_CHECKED int replay_open(struct replay *r, const struct worker_job *job, struct cb_error *err);
CB_CHECKED int replay_begin(struct replay *r, const struct worker_job *job, struct cb_error *err);
/* The document's next message, of any kind but WORKER_PAGE; CB_END behind its last. */
CB_CHECKED int replay_next(struct replay *r, struct worker_message *m, struct cb_error *err);
void replay_close(struct replay *r);

/* duplicates.c: after an import that asks for it, where something came. */
CB_CHECKED int run_find_duplicates(struct run *run, struct cb_error *err);
/* The record as it goes out: as its cluster says it, where it is not alone. */
CB_CHECKED int run_row(struct run *run, int64_t record, struct arena *arena, struct row **row,
		       struct cb_error *err);

CB_CHECKED int import_run(struct run *run, struct cb_error *err);
CB_CHECKED int export_run(struct run *run, struct cb_error *err);
/* Map held records again; @except: those held under this mapping stay (NULL: none). */
CB_CHECKED int retry_run(struct run *run, const char *code, const char *field, const char *except,
			 struct cb_error *err);

/* correct.c: the table at @fd, called @key, as records of the flow. */
CB_CHECKED int correct_run(struct run *run, const char *key, int fd, struct cb_error *err);

/*
 * listing.c: what the target holds of one account, stored there in [from, to);
 * both 0: everything. Told page by page; a fault may have a page told twice.
 */
struct listed {
	struct cb_text key, receipt;
	const struct row *row; /* as it comes back in; NULL: the mapping holds it */
};
struct listener {
	int (*each)(void *with, struct run *run, const struct listed *record, struct cb_error *err);
	void *with;
};
#define CLOCKS_DIFFER_MS INT64_C(120000) /* theirs from ours, at most: borders are taken wide */
CB_CHECKED int listing(struct run *run, struct site_account *account, int64_t from, int64_t to_ms,
		       const struct listener *to, struct cb_error *err);

CB_CHECKED int adopt_run(struct run *run, int64_t from, int64_t to, struct flow_adopted *counts,
			 void (*each)(void *with, enum adoption what, const char *account,
				      struct cb_text key),
			 void *with, struct cb_error *err);

CB_CHECKED int reconcile_run(struct run *run, int64_t from, int64_t to,
			     const struct reconcile_options *options,
			     struct flow_reconciled *counts, struct cb_error *err);

/* receipts.c: results of earlier writes that the target has by now; @was_asked: it was time to ask.
 * What is the receipt of nothing is held. */
CB_CHECKED int receipts_run(struct run *run, struct site_account *account, bool *was_asked,
			    struct cb_error *err);
/* Of the @count that are held, @settled have found what they are the receipt of. */
CB_CHECKED int receipts_again(struct run *run, int64_t *count, int64_t *settled,
			      struct cb_error *err);
/*
 * The same as records of an import (its receipts_of): what a row is the receipt of; CB_END where
 * nothing went out under its key, and @missing says so. Then, what it says is taken.
 */
#define CODE_UNMATCHED "unmatched"
CB_CHECKED int receipt_delivery(struct run *run, const struct row *row, struct arena *arena,
				struct store_delivery *d, struct worker_finding *missing,
				struct cb_error *err);
CB_CHECKED int receipt_take(struct run *run, const struct row *row, const struct store_delivery *d,
			    struct arena *arena, struct cb_error *err);
/* Held because nothing was sent under its key, and something was by now? */
bool receipt_may_go_on(struct run *run, const struct store_held *held);

/*
 * refs.c: names in references become the keys of our records; CB_END: nobody is
 * called that, and @missing says so. All texts in @arena.
 */
CB_CHECKED int refs_resolve(struct run *run, struct row *row, struct arena *arena, bool *changed,
			    struct worker_finding *missing, struct cb_error *err);
/* The other way, for a row that goes out. */
CB_CHECKED int refs_name(struct run *run, struct row *row, struct arena *arena,
			 struct cb_error *err);
/* Held because of a reference that is known by now? */
bool refs_may_go_on(struct run *run, const struct store_held *held);

/* What imports and retries do with a worker's records. */
struct intake {
	struct run *run;
	int64_t document;         /* in the store */
	char mapping[65];         /* digest */
	char *stream;             /* with its account */
	char key[256];            /* the document's name there */
	struct store_counts page; /* since the last commit */
	bool *slots, *lists;      /* what the mapping names */
	bool is_retry;
	struct arena arena; /* of one record */
};
void intake_init(struct intake *in, struct run *run, const char *stream);
void intake_done(struct intake *in);
/* "grid/events", with what the name of its account adds, and @more; the caller frees it. */
char *stream_of(const struct run *run, const struct site_account *account, const char *more);
/* What a worker says, as changes of the store. @stream_at: where the place in the document is kept;
 * NULL: nowhere, and no cursor either. */
CB_CHECKED int intake_take(struct intake *in, const struct worker_message *m, const char *stream_at,
			   struct cb_error *err);
CB_CHECKED int intake_record(struct intake *in, const struct worker_message *m,
			     struct cb_error *err);
CB_CHECKED int intake_held(struct intake *in, const struct worker_message *m, struct cb_error *err);

#endif
