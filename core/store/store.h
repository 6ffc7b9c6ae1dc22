/*
 * store.h - everything that must survive: records, links, raw documents,
 * cursors, held records, deliveries, runs and the audit.
 *
 * The only door to SQL. One process has the one read-write connection; others
 * open read-only. All changes happen inside a transaction that the caller
 * opens: one page, one commit. A function that fails leaves the transaction to
 * be rolled back.
 *
 * Records are real tables with real columns, made and migrated from the model;
 * lists are child tables. Nothing said is NULL, never ''. Instants are UTC
 * milliseconds; dates, decimals and money are canonical text.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buffer.h"
#include "model/model.h"

struct store;

enum store_mode { STORE_READ, STORE_WRITE, STORE_CREATE };

/*
 * Open SITE/casebridge.db. STORE_WRITE takes the site's lock (CB_AGAIN with the
 * holder's process number where somebody has it) and brings the tables to the
 * model: adding is automatic; a model that drops or narrows what has data is
 * CB_SETUP with the list.
 */
CB_CHECKED int store_open(const char *path, enum store_mode mode, const struct model *model,
			  struct store **out, struct cb_error *err);
/* The site's lock by itself. It is held as long as any of its descriptors is open, in whichever
 * process. */
CB_CHECKED int store_lock_site(const char *path, int *lock, struct cb_error *err);
/* The process that has the site of that store; 0: nobody, or it cannot be known. */
long store_holder(const char *path);
/*
 * A site that is lent: the store is closed, and whoever gets the descriptor that is returned may
 * open it under the same lock, in another process too. Nothing but taking it back is allowed then.
 */
int store_lend(struct store *store);
CB_CHECKED int store_take_back(struct store *store, struct cb_error *err);
/* Is somebody waiting for it to come back? */
bool store_is_borrowed(const struct store *store);
/* Another descriptor of its lock. */
int store_lock_again(const struct store *store);
/*
 * The borrower's side: @lock and @lender (-1: none) are the store's, also on failure. Both are
 * closed with it, and that is how the lender sees that the site is back.
 */
CB_CHECKED int store_open_under(const char *path, int lock, int lender, const struct model *model,
				struct store **out, struct cb_error *err);
void store_close(struct store *store);

/*
 * Transactions. @now: the instant written into what changes. A dry run rolls
 * back where another would commit, and looks the same until then.
 */
CB_CHECKED int store_begin(struct store *store, int64_t now, struct cb_error *err);
CB_CHECKED int store_commit(struct store *store, struct cb_error *err);
void store_rollback(struct store *store);
void store_dry(struct store *store, bool is_dry); /* commits of transactions become roll-backs */

/* Runs. */
struct store_counts {
	int64_t read, new, changed, unchanged, held, rejected, passed_by; /* import */
	int64_t due, accepted, refused, in_doubt, waiting; /* export; held as above */
};
CB_CHECKED int store_run_begin(struct store *store, const char *flow, const char *kind,
			       int64_t *run, struct cb_error *err);
CB_CHECKED int store_run_end(struct store *store, int64_t run, const char *result, const char *say,
			     const struct store_counts *counts, struct cb_error *err);

/* A text kept by its digest: mappings, code tables, connectors. */
CB_CHECKED int store_source(struct store *store, const char *digest, const char *kind,
			    const char *name, struct cb_text text, struct cb_error *err);

/*
 * A mapping is made from several texts: the one at @position, from 0. The first
 * is the mapping's own.
 */
CB_CHECKED int store_chapter(struct store *store, const char *digest, int64_t position,
			     const char *name, struct cb_text text, struct cb_error *err);
struct store_text {
	const char *name;
	struct cb_text text;
};
/* All of them, in order and in @arena; none where it was never kept. */
CB_CHECKED int store_chapters(struct store *store, const char *digest, struct arena *arena,
			      struct store_text **texts, size_t *count, struct cb_error *err);
/* The newest mapping kept under that file's name whose digest is not @except; CB_END. */
CB_CHECKED int store_mapping_before(struct store *store, const char *name, const char *except,
				    struct arena *arena, const char **digest, struct cb_error *err);

/*
 * A mapping file: how its samples went, and which mapping is in force under its
 * name: the last one whose samples passed.
 */
struct store_trial {
	const char *digest; /* of the texts that were tried last */
	const char *stamp;  /* what else decides: the model, the program */
	int64_t passed, failed;
	const char *say;      /* the first that failed; NULL */
	const char *in_force; /* digest; NULL: none ever passed */
	int64_t since_ms;     /* when that one was taken up */
};
/* In @arena; CB_END where the file was never tried. */
CB_CHECKED int store_trial(struct store *store, const char *name, struct arena *arena,
			   struct store_trial *out, struct cb_error *err);
/* Keep a verdict; where nothing failed, @trial->digest is in force from now on. */
CB_CHECKED int store_trial_set(struct store *store, const char *name,
			       const struct store_trial *trial, struct cb_error *err);

/* Where reading goes on: one text per stream ("grid/events"). Nothing: NULL in @out. In @arena. */
CB_CHECKED int store_cursor(struct store *store, const char *stream, struct arena *arena,
			    const char **out, struct cb_error *err);
CB_CHECKED int store_cursor_set(struct store *store, const char *stream, const char *cursor,
				struct cb_error *err);

/*
 * Raw documents: exact bytes as they came, in zstd pieces. A document grows by
 * pieces, a page at a time.
 */
struct store_document {
	const char *stream;                    /* "grid/events" */
	const char *key;                       /* what it was called there */
	const char *media, *charset, *records; /* how it was read; NULL allowed */
	int64_t run;
	int64_t at_ms; /* when it came; read only */
};
CB_CHECKED int store_document_add(struct store *store, const struct store_document *doc,
				  int64_t *document, struct cb_error *err);
/* @packed: zstd of the next @len bytes of the document. */
CB_CHECKED int store_document_piece(struct store *store, int64_t document, struct cb_text packed,
				    int64_t len, struct cb_error *err);
/* The whole document again, unpacked, appended to @out; @doc in @arena (either NULL: not wanted).
 */
CB_CHECKED int store_document_read(struct store *store, int64_t document, struct arena *arena,
				   struct store_document *doc, struct buffer *out,
				   struct cb_error *err);

/* The same by pieces, for what is larger than memory should be. */
CB_CHECKED int store_document_each(struct store *store, int64_t document,
				   int (*each)(void *with, struct cb_text bytes,
					       struct cb_error *err),
				   void *with, struct cb_error *err);
/* The first document after @after that came on this stream since @since; CB_END. */
CB_CHECKED int store_document_next(struct store *store, const char *stream, int64_t since,
				   int64_t after, struct arena *arena, int64_t *document,
				   struct store_document *doc, struct cb_error *err);

/*
 * Drift: names that a stream says and its mapping does not know. Counted until
 * the mapping knows or ignores them.
 */
struct store_drift {
	const char *stream, *name;
	int64_t count, first_ms, last_ms;
};
CB_CHECKED int store_drift_add(struct store *store, const char *stream, struct cb_text name,
			       int64_t count, struct cb_error *err);
CB_CHECKED int store_drift_drop(struct store *store, const char *stream, const char *name,
				struct cb_error *err);
/* @stream NULL: all. Ordered by stream and name, in @arena. */
CB_CHECKED int store_drifts(struct store *store, const char *stream, struct arena *arena,
			    struct store_drift **drifts, size_t *count, struct cb_error *err);

/*
 * Planned runs: a row for each try of each slot of a flow's timetable (see
 * flow/schedule.h, which has the rules).
 */
struct store_slot {
	const char *flow;
	int64_t slot_ms, number;              /* when it was planned for, and which try, from 0 */
	int64_t due_ms, started_ms, ended_ms; /* 0: not yet */
	const char *result, *say;
	int64_t run;             /* 0: none */
	int64_t since_ms, count; /* of many in one row (number -1): the first, how many */
};
/* All of the row; one that is there is replaced. */
CB_CHECKED int store_slot_put(struct store *store, const struct store_slot *slot,
			      struct cb_error *err);
CB_CHECKED int store_slot_drop(struct store *store, const char *flow, int64_t slot_ms,
			       int64_t number, struct cb_error *err);
/* Those that have not ended, by flow, slot and number; these and all below in @arena. */
CB_CHECKED int store_slots_open(struct store *store, struct arena *arena, struct store_slot **slots,
				size_t *count, struct cb_error *err);
/* Those of slots after @after, by slot and number. */
CB_CHECKED int store_slots_ahead(struct store *store, const char *flow, int64_t after,
				 struct arena *arena, struct store_slot **slots, size_t *count,
				 struct cb_error *err);
/* Those that ended, the newest first, at most @most. */
CB_CHECKED int store_slots_last(struct store *store, const char *flow, int64_t most,
				struct arena *arena, struct store_slot **slots, size_t *count,
				struct cb_error *err);
/* How often that slot was interrupted. */
CB_CHECKED int store_slot_interruptions(struct store *store, const char *flow, int64_t slot_ms,
					int64_t *count, struct cb_error *err);
/* The timetable that a flow was planned by; NULL in @text: never. */
CB_CHECKED int store_timetable(struct store *store, const char *flow, struct arena *arena,
			       const char **text, struct cb_error *err);
CB_CHECKED int store_timetable_set(struct store *store, const char *flow, const char *text,
				   struct cb_error *err);

/* Records. */
struct store_origin {        /* who says it */
	const char *stream;  /* "grid/events" */
	const char *system;  /* "grid": for fields with an owner */
	struct cb_text key;  /* there; nothing: known by its document and number alone */
	int64_t document;    /* raw; 0: none, and */
	int64_t number;      /* which record of it, from 1 */
	const char *mapping; /* digest */
	const bool *slots;   /* which slots and lists of the entity the mapping names; NULL: all */
	const bool *lists;
	struct cb_text
		said; /* the row's bytes (wire.h), where they are at hand; nothing: made here */
};

enum store_put { STORE_NEW, STORE_CHANGED, STORE_UNCHANGED };

/*
 * Put one record: by its link (stream, key), else by the entity's natural key,
 * else new. Only named slots and lists change; a field with another owner
 * stays. What the origin says is hashed: the same as last time (under the same
 * mapping and model) writes nothing. A changed record gets the next number of
 * change, by which exports find it. Clears the held entry of the same (stream, key).
 * @id: the record. CB_REFUSED where two different records answer (its link
 * says one, its natural key another) or a value cannot be kept (a whole number
 * of more than 19 digits): then nothing of it was written, and the page goes on.
 */
CB_CHECKED int store_put(struct store *store, const struct table *entity, const struct row *row,
			 const struct store_origin *origin, enum store_put *result, int64_t *id,
			 struct cb_error *err);

/* The record as a row of the entity's shape, in @arena. CB_END if there is none. Numbers of records
 * are never shared between entities. */
CB_CHECKED int store_get(struct store *store, const struct table *entity, int64_t id,
			 struct arena *arena, struct row **row, struct cb_error *err);
CB_CHECKED int store_find(struct store *store, const struct table *entity, struct cb_text key,
			  int64_t *id, struct cb_error *err); /* by natural key; CB_END */
/* Its revision: the number of its last change. Every change of any record has its own. */
CB_CHECKED int store_revision(struct store *store, const struct table *entity, int64_t id,
			      int64_t *revision, struct cb_error *err);

/*
 * Records changed after @after in order of change, at most @most; calls @each.
 * @reached: go on from there next time. Exports plan with it: nothing is missed,
 * however often a record changed in between.
 */
CB_CHECKED int store_changed(struct store *store, const struct table *entity, int64_t after,
			     int64_t most, int64_t *reached,
			     int (*each)(void *with, int64_t id, int64_t revision,
					 const struct row *row, struct cb_error *err),
			     void *with, struct cb_error *err);

/* Did any record come from that stream ("grid/events"), by whatever account? */
CB_CHECKED int store_has_records(struct store *store, const char *stream, bool *has,
				 struct cb_error *err);

/* Links of a record: where it came from and where it went. */
struct store_link {
	const char *stream, *key, *mapping;
	int64_t document, number, first_ms, last_ms;
};
CB_CHECKED int store_links(struct store *store, const struct table *entity, int64_t id,
			   struct arena *arena, struct store_link **links, size_t *count,
			   struct cb_error *err);

/* Held records of imports, and held receipts of exports. */
struct store_held {
	int64_t id;
	const char *flow, *stream, *key; /* key may be NULL */
	int64_t document, number;        /* the raw record */
	const char *mapping;
	const char *code, *field, *value,
		*say;        /* of the first finding that holds; value is no personal one */
	const char *outcome; /* "held" "rejected" */
	int64_t first_ms, last_ms;
	/* Of a receipt that no document has: "accepted" or "rejected", its number, their words. */
	const char *result, *receipt, *words;
};
/* One entry a (stream, key), or a (document, number) where there is no key; a later one replaces
 * it. */
CB_CHECKED int store_hold(struct store *store, const struct store_held *held, struct cb_error *err);
/* @where: flow or NULL, code or NULL, field or NULL; ordered by group (code, field, value). */
CB_CHECKED int
store_held_list(struct store *store, const char *flow, const char *code, const char *field,
		int (*each)(void *with, const struct store_held *held, struct cb_error *err),
		void *with, struct cb_error *err);
/* One of them, its texts in @arena; CB_END. */
CB_CHECKED int store_held_read(struct store *store, int64_t id, struct arena *arena,
			       struct store_held *held, struct cb_error *err);
/* What was held of this origin's record is held no longer: it was passed by. */
CB_CHECKED int store_held_clear(struct store *store, const struct store_origin *origin,
				struct cb_error *err);
CB_CHECKED int store_held_drop(struct store *store, int64_t id, struct cb_error *err);

/*
 * Deliveries: one row per (export flow, record), with the revision that is
 * wanted there and the one that is settled.
 *
 *   WAITING → READY → SENDING → ACCEPTED | REJECTED | WITHDRAWN | READY (surely not sent)
 *                          └→ IN_DOUBT → ACCEPTED | READY | CONFLICT | HELD
 *
 * HELD with the code "doubt", and CONFLICT, are questions that only a person
 * answers (store_decide); a newer revision waits behind them. From every other
 * rest a newer revision makes READY again.
 */
enum delivery_state {
	DELIVERY_WAITING, /* code: approval, hours, quota, rest, login, copy */
	DELIVERY_READY,
	DELIVERY_SENDING,
	DELIVERY_ACCEPTED,
	DELIVERY_REJECTED,
	DELIVERY_IN_DOUBT,
	DELIVERY_CONFLICT,   /* the target holds other content under this key */
	DELIVERY_HELD,       /* cannot be written: mapping, account */
	DELIVERY_WITHDRAWN,  /* no longer wanted there, and no longer there */
	DELIVERY_SUPERSEDED, /* of a member: a newer revision goes in its place */
	DELIVERY_STATES,
};
const char *delivery_state_word(enum delivery_state state);
/* May a program change the one into the other? A person may more: store_decide. */
bool delivery_may_become(enum delivery_state from, enum delivery_state to);

/* The codes by which WAITING and HELD say what they wait for; others are a mapping's findings. */
#define CODE_APPROVAL "approval"
#define CODE_HOURS "hours"
#define CODE_QUOTA "quota"
#define CODE_REST "rest"
#define CODE_LOGIN "login"
#define CODE_SECRET "secret" /* of an account, no delivery's */
#define CODE_COPY "copy"     /* something older of it may still arrive: nothing newer goes before */
#define CODE_DOUBT "doubt"
#define CODE_UNFIT "unfit"       /* withdrawn before anything was sent */
#define CODE_WITHDRAW "withdraw" /* to be withdrawn, and the manifest cannot */
#define CODE_KEY "key"           /* the mapping gives another business key than it was sent by */
#define CODE_GIVE_UP "give-up"

struct store_delivery {
	int64_t id, record;
	const char *flow, *account, *key; /* the business key there */
	enum delivery_state state;
	int64_t wanted, settled; /* revisions */
	int64_t attempt;         /* the newest, or 0 */
	struct cb_text payload;  /* of the newest attempt: the frozen fragment */
	const char *digest;      /* of the content that was accepted last, or NULL */
	const char *receipt, *say, *field, *code;
	int64_t not_before; /* ms; 0 now */
	int64_t tries, tried_ms;
	bool is_there;                  /* something of ours stands at the target */
	bool is_withdrawal;             /* what is wanted is that it does not */
	const char *offered, *approved; /* digests */
	int64_t denials;
	int64_t copies_until; /* ms; until then something that was sent of it may still arrive */
};

/* The record should arrive at that flow's target: wanted moves; what was at rest opens again. */
CB_CHECKED int store_want(struct store *store, const char *flow, int64_t record, int64_t revision,
			  struct cb_error *err);
/* It should not be there any more. Nothing where it was never wanted; WITHDRAWN at once where
 * nothing of it is there. */
CB_CHECKED int store_unwant(struct store *store, const char *flow, int64_t record, int64_t revision,
			    struct cb_error *err);
/* READY ones whose time has come, oldest first, at most @most; @account NULL: all. */
CB_CHECKED int store_due(struct store *store, const char *flow, enum delivery_state state,
			 const char *account, int64_t now, int64_t after_id, int64_t most,
			 int (*each)(void *with, const struct store_delivery *d,
				     struct cb_error *err),
			 void *with, struct cb_error *err);
CB_CHECKED int store_delivery_of(struct store *store, const char *flow, int64_t record,
				 struct arena *arena, struct store_delivery *out,
				 struct cb_error *err); /* CB_END */
/* The newest delivery of the flow that went out under that business key; CB_END. */
CB_CHECKED int store_delivery_by_key(struct store *store, const char *flow, struct cb_text key,
				     struct arena *arena, struct store_delivery *out,
				     struct cb_error *err);
/* Does another record's delivery stand there, or go there, under that key? */
CB_CHECKED int store_key_taken(struct store *store, const char *flow, struct cb_text key,
			       int64_t except, bool *is_taken, struct cb_error *err);
/* All deliveries of a record, for showing. */
CB_CHECKED int store_deliveries(struct store *store, int64_t record, struct arena *arena,
				struct store_delivery **out, size_t *count, struct cb_error *err);
/* WAITING ones whose time has come, and all that wait for an account's login, are READY again. */
CB_CHECKED int store_wake(struct store *store, const char *flow, struct cb_error *err);
/* When something of the flow goes on by itself next; 0: nothing does. */
CB_CHECKED int store_next(struct store *store, const char *flow, int64_t *ms, struct cb_error *err);
/* How many of a flow are in each state; @counts has one for each state. */
CB_CHECKED int store_delivery_counts(struct store *store, const char *flow, int64_t *counts,
				     struct cb_error *err);

/* An attempt: a batch with its once-key; SENDING for each member, with its frozen payload. Members
 * must be READY, else CB_REFUSED. What became of each is kept with its attempt for ever. */
struct store_member {
	int64_t delivery, record; /* record: from store_attempt_read */
	int64_t revision;         /* what is sent */
	struct cb_text key, payload;
	const char *digest; /* of the content, without what it cites */
	const char *cites;  /* the receipt of what it corrects or withdraws, or NULL */
	/* From store_attempt_read: */
	enum delivery_state state; /* of the delivery */
	enum delivery_state ended; /* what became of it in this attempt */
	int64_t not_before;        /* of the delivery */
	int64_t denials;
	int64_t tries, tried_ms; /* of the delivery, before */
	bool is_open;            /* SENDING or IN_DOUBT in this attempt */
	bool is_newest;          /* no later attempt sent something of that delivery */
};
CB_CHECKED int store_attempt(struct store *store, const char *flow, const char *account,
			     const char *once, bool is_withdrawal,
			     const struct store_member *members, size_t count, int64_t *attempt,
			     struct cb_error *err);
/* An attempt as it was sent: all its members, in order. CB_END: no such attempt. */
struct store_sent {
	int64_t attempt;
	const char *once, *account;
	int64_t begun_ms;
	bool is_withdrawal;
	struct store_member *members;
	size_t count;
};
CB_CHECKED int store_attempt_read(struct store *store, int64_t attempt, struct arena *arena,
				  struct store_sent *sent, struct cb_error *err);
/* One time that an attempt went out, and what came of it: the same bytes may go more than once. */
CB_CHECKED int store_send(struct store *store, int64_t attempt, int64_t sent_ms,
			  enum cb_verdict verdict, struct cb_error *err);
struct store_send {
	int64_t sent_ms, ended_ms;
	enum cb_verdict verdict; /* CB_OK: it was answered */
};
CB_CHECKED int store_sends(struct store *store, int64_t attempt, struct arena *arena,
			   struct store_send **sends, size_t *count, struct cb_error *err);
/* Every attempt of one delivery, the first one first, in @arena: the proof of what was tried. */
struct store_try {
	int64_t attempt, begun_ms, ended_ms; /* ended 0: not yet */
	const char *account, *once, *digest; /* digest: of the content that was sent */
	const char *cites;                   /* the receipt of what it corrects, or NULL */
	bool is_withdrawal;
	enum delivery_state state; /* what became of it: ready is surely not sent */
	const char *receipt, *say;
};
CB_CHECKED int store_tries(struct store *store, int64_t delivery, struct arena *arena,
			   struct store_try **tries, size_t *count, struct cb_error *err);
/* What stands at the target of that delivery: the fragment that was accepted last; nothing where
 * nothing does, or it is not known. */
CB_CHECKED int store_accepted(struct store *store, int64_t delivery, struct arena *arena,
			      struct cb_text *payload, struct cb_error *err);
/* Attempts with a member that is SENDING or IN_DOUBT, oldest first. */
CB_CHECKED int store_attempts_open(struct store *store, const char *flow, struct arena *arena,
				   int64_t **attempts, size_t *count, struct cb_error *err);

/*
 * What became of one delivery. ACCEPTED settles the attempt's revision, or, where nothing was under
 * way, the wanted one: the target held it already; of a withdrawal, WITHDRAWN is what success is.
 * A final state with a newer revision wanted becomes READY; READY then ends the member as
 * SUPERSEDED. What was accepted keeps its receipt and digest until the next is accepted.
 * CB_REFUSED: delivery_may_become says no, or a person has to decide.
 */
struct store_outcome {
	enum delivery_state state;
	const char *receipt, *code, *field, *say;
	int64_t not_before;
	int64_t copies_until; /* 0: as it was */
};
CB_CHECKED int store_settle(struct store *store, int64_t delivery, const struct store_outcome *o,
			    struct cb_error *err);
/* Nothing to send: the content is what was accepted last. Moves settled to wanted. CB_REFUSED where
 * nothing was accepted yet, or it is on its way. */
CB_CHECKED int store_settle_same(struct store *store, int64_t delivery, struct cb_error *err);
/* The target says that it does not have what is in doubt; it is asked again at @not_before. */
CB_CHECKED int store_deny(struct store *store, int64_t delivery, int64_t not_before,
			  struct cb_error *err);

/* A leader's consent: this content (its digest) waits for it; and a leader gave it. CB_REFUSED
 * where it does not wait for one. */
CB_CHECKED int store_offer(struct store *store, int64_t delivery, const char *digest,
			   struct cb_error *err);
CB_CHECKED int store_approve(struct store *store, int64_t delivery, struct cb_error *err);

/*
 * A person's word, for what only a person can know: it is there as it was sent
 * (of a withdrawal: it is gone), it is not and goes again, it is not there and
 * shall not be. CB_REFUSED while it is being sent, and where there is no such
 * question.
 */
enum decision { DECIDE_ACCEPTED, DECIDE_AGAIN, DECIDE_WITHDRAWN };
CB_CHECKED int store_decide(struct store *store, int64_t delivery, enum decision decision,
			    const char *receipt, struct cb_error *err);

/*
 * What is learned besides sending: it stood there already, under that account
 * and key (ACCEPTED; CB_REFUSED while it is on its way or a person's question);
 * a receipt that came later; a review there turned down what was accepted.
 */
CB_CHECKED int store_adopt(struct store *store, int64_t delivery, const char *account,
			   struct cb_text key, const char *receipt, struct cb_error *err);
CB_CHECKED int store_receipt(struct store *store, int64_t delivery, const char *receipt,
			     struct cb_error *err);
CB_CHECKED int store_turned_down(struct store *store, int64_t delivery, const char *say,
				 const char *field, struct cb_error *err);

/* What reconciling found: it is not there after all and goes again; it differs, and a person
 * decides; it is asked for with the next run. */
CB_CHECKED int store_gone(struct store *store, int64_t delivery, struct cb_error *err);
CB_CHECKED int store_differs(struct store *store, int64_t delivery, const char *fields,
			     struct cb_error *err);
CB_CHECKED int store_ask_now(struct store *store, int64_t delivery, struct cb_error *err);

/* Proofs: what was accepted in [from, to), in order of account and time. */
struct store_proof {
	int64_t delivery, record, attempt, at_ms;
	const char *account, *key, *receipt; /* the receipt may have come later, or be NULL */
	bool is_correction, is_withdrawal;
	bool is_newest;            /* nothing of that delivery was sent since */
	enum delivery_state state; /* of the delivery, now */
};
CB_CHECKED int store_accepted_between(struct store *store, const char *flow, int64_t from,
				      int64_t to,
				      int (*each)(void *with, const struct store_proof *proof,
						  struct cb_error *err),
				      void *with, struct cb_error *err);

/* A flow's place among the changes (see store_changed). */
CB_CHECKED int store_plan(struct store *store, const char *flow, int64_t *after,
			  struct cb_error *err);
CB_CHECKED int store_plan_set(struct store *store, const char *flow, int64_t after,
			      struct cb_error *err);

/*
 * Accounts ("province/S01") that no run may use until a person has unlocked
 * them: the target refused their login.
 */
CB_CHECKED int store_lock(struct store *store, const char *account, const char *say,
			  struct cb_error *err);
CB_CHECKED int store_unlock(struct store *store, const char *account, bool *was_locked,
			    struct cb_error *err);
/* CB_END: it is not locked. */
CB_CHECKED int store_locked(struct store *store, const char *account, struct arena *arena,
			    const char **say, int64_t *since_ms, struct cb_error *err);

/* All that are locked. @each: in order of names. */
CB_CHECKED int store_locks(struct store *store,
			   int (*each)(void *with, const char *account, const char *say,
				       int64_t since_ms, struct cb_error *err),
			   void *with, struct cb_error *err);

/* What an account went through lately; all zero where nothing is known. */
struct store_pace {
	int64_t failures, refusals;       /* in a row */
	int64_t rest_until_ms;            /* the breaker is open until then */
	int64_t failing_ms, succeeded_ms; /* since when it fails; the last success */
	int64_t day, used;                /* requests of that day (days since 1970, site's zone) */
	int64_t window_ms, requests, retries; /* since then */
	const char *say;                      /* why it rests, or NULL */
};
CB_CHECKED int store_pace(struct store *store, const char *account, struct arena *arena,
			  struct store_pace *pace, struct cb_error *err);
CB_CHECKED int store_pace_set(struct store *store, const char *account,
			      const struct store_pace *pace, struct cb_error *err);

/*
 * Notices: what people outside should hear, for each way to them ("duty", a <notice> of site.xml),
 * kind ("late") and object ("province-out"). Written with what caused it; the same again only
 * counts, until it was said. No text of it has a personal value.
 */
struct store_notice {
	const char *way, *kind, *object, *say; /* say: the newest */
	int64_t first_ms, last_ms;             /* of what was not said yet; read only */
	int64_t count;                         /* not said yet */
	int64_t said_ms;                       /* 0: never; read only */
};
CB_CHECKED int store_notice(struct store *store, const struct store_notice *notice,
			    struct cb_error *err);
/* How many this connection wrote, for whoever sends them: nothing is asked of the store. */
int64_t store_notices_raised(const struct store *store);
/* All of a way, said or not, in @arena; the longest waiting first. */
CB_CHECKED int store_notices(struct store *store, const char *way, struct arena *arena,
			     struct store_notice **notices, size_t *count, struct cb_error *err);
/* So many of it (its count) were said; what came since stays to be said. */
CB_CHECKED int store_notice_said(struct store *store, const struct store_notice *notice,
				 struct cb_error *err);
struct store_way {
	int64_t tries, failing_ms; /* in vain, and since when; 0: it goes */
	int64_t not_before;        /* of the next */
	int64_t said_ms;           /* the last that went out; 0: none ever */
	const char *problem;       /* or NULL */
};
CB_CHECKED int store_way(struct store *store, const char *way, struct arena *arena,
			 struct store_way *out, struct cb_error *err);
CB_CHECKED int store_way_set(struct store *store, const char *way, const struct store_way *state,
			     struct cb_error *err);
/*
 * A delivery came to a step before its deadline. Each step once; again only where the deadline was
 * moved to a later time since.
 */
CB_CHECKED int store_warn(struct store *store, int64_t delivery, int64_t step, int64_t due_ms,
			  bool *is_new, struct cb_error *err);
struct store_warning {
	int64_t step, due_ms, at_ms;
};
CB_CHECKED int store_warned(struct store *store, int64_t delivery, struct arena *arena,
			    struct store_warning **steps, size_t *count, struct cb_error *err);

/*
 * References. A record of ours may be called by its natural key, by the value
 * of one of its fields, or by an alias: the name that a scheme ("account",
 * "grid") has for it. An alias belongs to one record; a record may have several
 * in a scheme, and the first of them is the one that goes out.
 */
struct store_alias {
	const char *entity, *scheme, *alias, *key;
	int64_t since_ms;
};
/* CB_REFUSED: it is another record's already (@err names it), or there is no such record. */
CB_CHECKED int store_alias_add(struct store *store, const struct table *entity, const char *scheme,
			       const char *alias, const char *key, struct cb_error *err);
CB_CHECKED int store_alias_drop(struct store *store, const char *entity, const char *scheme,
				const char *alias, bool *was_there, struct cb_error *err);
/* Of @entity, or NULL: of all; in order. */
CB_CHECKED int store_alias_list(struct store *store, const char *entity,
				int (*each)(void *with, const struct store_alias *alias,
					    struct cb_error *err),
				void *with, struct cb_error *err);
/*
 * The natural key of the record that @name means, in @arena: an alias in the
 * scheme @by, else the one record whose field @by has that value, else the
 * natural key itself; @by NULL: the natural key alone. CB_END: nobody, or more
 * than one, is called that.
 */
CB_CHECKED int store_resolve(struct store *store, const struct table *entity, const char *by,
			     struct cb_text name, struct arena *arena, struct cb_text *key,
			     struct cb_error *err);
/* The other way: what @by calls the record; its natural key where it has no name of its own. */
CB_CHECKED int store_name_of(struct store *store, const struct table *entity, const char *by,
			     struct cb_text key, struct arena *arena, struct cb_text *name,
			     struct cb_error *err);
/* Fill in what is read through references (see model.h), in @arena. What points to nobody has its
 * key and nothing else. */
CB_CHECKED int store_join(struct store *store, const struct table *table, struct row *row,
			  struct arena *arena, struct cb_error *err);

/*
 * Audit: who did what, chained by hash, so that a missing or changed line
 * shows. @detail has no personal value.
 */
CB_CHECKED int store_audit(struct store *store, const char *who, const char *what,
			   const char *object, const char *detail, struct cb_error *err);
CB_CHECKED int store_audit_check(struct store *store, int64_t *lines, struct cb_error *err);

/* For `status`: the newest run of each flow, calls @each. */
struct store_run {
	int64_t id, begun_ms, ended_ms; /* ended 0: it has not */
	const char *flow, *kind, *result, *say;
	struct store_counts counts;
};
CB_CHECKED int store_runs(struct store *store, int64_t most,
			  int (*each)(void *with, const struct store_run *run,
				      struct cb_error *err),
			  void *with, struct cb_error *err);
/* Each value of a field and how many records (or items, of a list) have it; @table is the field's
 * own. */
CB_CHECKED int
store_values(struct store *store, const struct table *table, const struct field *field,
	     int (*each)(void *with, struct cb_text value, int64_t count, struct cb_error *err),
	     void *with, struct cb_error *err);
/* One of them, its texts in @arena; CB_END. */
CB_CHECKED int store_run_read(struct store *store, int64_t id, struct arena *arena,
			      struct store_run *run, struct cb_error *err);
/* Things: records of one cluster are counted once. For SQL there are two views of each entity's
 * table: TABLE_once has a row a thing (_records: how many say it), and TABLE_same says under which
 * key each key is counted. */
CB_CHECKED int store_once_count(struct store *store, const struct table *entity, int64_t *count,
				struct cb_error *err);
CB_CHECKED int store_record_count(struct store *store, const struct table *entity, int64_t *count,
				  struct cb_error *err);

/* For whoever watches over the machine. */
CB_CHECKED int store_run_counts(struct store *store,
				int (*each)(void *with, const char *flow, const char *result,
					    int64_t count, struct cb_error *err),
				void *with, struct cb_error *err);
struct store_figures {
	int64_t held, locked_accounts;
	int64_t notices; /* that wait to be said */
};
CB_CHECKED int store_figures(struct store *store, struct store_figures *out, struct cb_error *err);
CB_CHECKED int store_held_count(struct store *store, const char *flow, int64_t *count,
				struct cb_error *err);
/* Since when a flow's newest run is under way (or was, when the engine died); 0: it has ended. */
CB_CHECKED int store_flow_at_work(struct store *store, const char *flow, int64_t *since_ms,
				  struct cb_error *err);
/* How many of a flow's runs ended badly in a row, up to the newest. */
CB_CHECKED int store_run_failures(struct store *store, const char *flow, int64_t *count,
				  struct cb_error *err);
/* How fast a flow's deliveries are accepted: so many in that time, of attempts since @since, else
 * in the newest run that had any. 0: nothing is known. */
struct store_rate {
	int64_t count, ms;
};
CB_CHECKED int store_rate(struct store *store, const char *flow, int64_t since,
			  struct store_rate *rate, struct cb_error *err);
struct store_asked { /* what of an export only a person moves on */
	int64_t questions, approvals;
};
CB_CHECKED int store_asked(struct store *store, const char *flow, struct store_asked *asked,
			   struct cb_error *err);
/* The number of the newest change of any record. */
int64_t store_changes(const struct store *store);

/* An engine that serves the site says so, in a transaction; @pid 0: it ends. */
CB_CHECKED int store_serving_set(struct store *store, long pid, struct cb_error *err);
struct store_serving {
	long pid; /* 0: it ended as it was told */
	int64_t since_ms;
};
/* Whether it still runs is another question: store_holder. */
CB_CHECKED int store_serving(struct store *store, struct store_serving *out, struct cb_error *err);

/*
 * Backups: the store as it stood at one instant, in one file, with the site's own files. A backup
 * has its name only after it was read again and found whole.
 */
struct store_file {
	const char *name; /* in the site's folder */
	unsigned mode;
	struct cb_text bytes;
};
struct store_totals {
	int64_t at_ms, records, documents, deliveries, audit_lines;
	int64_t open; /* of the deliveries: not finally settled */
};
/*  is open for reading; others may write meanwhile. Never over a file that is there. */
CB_CHECKED int store_backup(struct store *store, const char *path, int64_t now,
			    const struct store_file *files, size_t count,
			    struct store_totals *totals, struct cb_error *err);
struct store_backup {
	struct store_totals totals;
	struct store_file *files;
	size_t file_count;
};
/* What is in it, in , after it was checked as a whole. */
CB_CHECKED int store_backup_read(const char *path, struct arena *arena, struct store_backup *out,
				 struct cb_error *err);
/*
 * The backup becomes the store at @path, and the one that was there is put aside (@aside its name,
 * in
 * @arena; NULL: there was none). Whoever has the site keeps it: CB_AGAIN.
 */
struct store_restoring { /* who does it, and what of, for the audit */
	const char *who, *object;
	int64_t now;
};
CB_CHECKED int store_restore(const char *backup, const char *path,
			     const struct store_restoring *why, struct arena *arena,
			     const char **aside, struct cb_error *err);
/*
 * When this store was restored (0: never), and the newest attempt it had: what was sent later than
 * that, before the restore, it does not know.
 */
CB_CHECKED int store_restored(struct store *store, int64_t *at_ms, int64_t *attempt,
			      struct cb_error *err);

#endif
