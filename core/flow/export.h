/*
 * export.h - one run of an export: what its parts share. For the files of this
 * folder.
 *
 *   plan.c   what is wanted there, and which account sends it
 *   batch.c  records become a batch on disk, and the batch goes out
 *   doubt.c  what was sent and nobody answered
 *   slack.c  what must arrive first
 *   pace.c   when an account may speak
 *   export.c the accounts take turns
 */
#ifndef FLOW_EXPORT_H
#define FLOW_EXPORT_H

#include "flow/inside.h"

struct records {
	int64_t *at;
	size_t count, room;
};
void records_add(struct records *records, int64_t record);

struct doubt {
	int64_t attempt, not_before;
};

/* One account's part of the run. */
struct lane {
	struct site_account *account;
	struct condition *fits; /* which records it sends; NULL all */
	struct records due;     /* record numbers, and where sending is */
	size_t next;
	struct doubt *doubts;
	size_t doubt_count, doubt_room;
	struct pace pace;
	int64_t not_before; /* after a failure */
	int logins;         /* once more, since the last success */
	bool is_over;       /* nothing more in this run */
	bool is_locked;
	struct cb_error why; /* verdict CB_OK: no trouble at the moment */
};

struct exporting {
	struct run *run;
	struct lane *lanes;
	size_t lane_count;
	struct records due; /* all that this run is about: ready, waiting, or of an open attempt */
	/* The store was restored then, and is sure of nothing that is not in a later attempt. */
	int64_t restored_ms, restored_attempt;
	struct arena arena;
	/* One worker for all accounts: it holds nothing of any of them. */
	struct worker *worker;
	struct lent lent; /* of the lane at work */
	/* The batch at work. */
	struct arena batch;
	struct store_member *members;
	size_t count, room;
	bool is_withdrawal;
};

static inline struct store *store_of(const struct exporting *e)
{
	return e->run->engine->store;
}

/* plan.c */
CB_CHECKED int plan(struct exporting *e, struct cb_error *err);
CB_CHECKED int route(struct exporting *e, struct cb_error *err);
/* HELD, with the reason, in a transaction of its own. */
CB_CHECKED int hold(struct exporting *e, int64_t delivery, const char *code, const char *field,
		    const char *say, struct cb_error *err);

/* slack.c */
/* The earliest due first; what has no deadline last, as it came. */
CB_CHECKED int slack_order(struct exporting *e, struct records *records, struct cb_error *err);
/* What is late is said with every run. */
CB_CHECKED int slack_tell(struct exporting *e, struct cb_error *err);

/* What a request came to. */
struct tally {
	size_t accepted, refused, doubtful, unsent;
	struct cb_error why; /* verdict CB_OK: it was answered */
};

/* batch.c */
/* The lane's next batch, mapped, on disk and sent. */
CB_CHECKED int batch_turn(struct exporting *e, struct lane *lane, struct cb_error *err);
/*
 * Send an attempt that is on disk. Afterwards each open member is settled, in
 * doubt, or ready again. @was_sent once before: that this try did not arrive
 * proves nothing.
 */
CB_CHECKED int batch_send(struct exporting *e, struct lane *lane, const struct store_sent *sent,
			  bool was_sent, struct tally *tally, struct cb_error *err);
/* The answer that a command asked for; everything else is taken on the way. */
CB_CHECKED int batch_await(struct exporting *e, enum worker_kind kind, struct worker_message *m,
			   struct cb_error *err);
CB_CHECKED int batch_worker(struct exporting *e, struct cb_error *err);
void batch_worker_stop(struct exporting *e);
void batch_new_once(const struct engine *engine, char once[33]);

/* doubt.c */
/*
 * After a restore: it may have been sent in the time that the store has lost, under a key that is
 * lost with it. So it is asked for before it is sent; who cannot be asked is a person's matter.
 */
bool doubt_is_restored(const struct exporting *e, const struct store_delivery *d);
CB_CHECKED int doubt_restored(struct exporting *e, struct lane *lane,
			      const struct store_member *member, struct cb_error *err);
void doubt_add(struct lane *lane, int64_t attempt, int64_t not_before);
/* Whose turn it is: the index of a doubt whose time has come, or SIZE_MAX. */
size_t doubt_due(const struct lane *lane, int64_t now);
CB_CHECKED int doubt_turn(struct exporting *e, struct lane *lane, size_t which,
			  struct cb_error *err);
/* When a doubt that begins now is looked into. */
int64_t doubt_begins(const struct exporting *e, bool is_withdrawal);
/*
 * Until when something of an attempt that nobody answered may still arrive: what
 * comes last stands there, so nothing newer of that record goes out before. Under
 * a key that the target remembers, what was accepted (@is_accepted) can arrive no more.
 */
int64_t doubt_copies_until(const struct exporting *e, bool is_withdrawal, bool is_accepted);

/* export.c: what a request's end means for its account; in the run's transaction where that needs
 * one. */
CB_CHECKED int lane_after(struct exporting *e, struct lane *lane, const struct tally *tally,
			  struct cb_error *err);

#endif
