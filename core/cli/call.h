/*
 * call.h - one invocation: what the user asked for, and what every command
 * needs to answer. For the files of this folder.
 */
#ifndef CLI_CALL_H
#define CLI_CALL_H

#include "base/buffer.h"
#include "base/json.h"
#include "flow/site.h"
#include "store/store.h"

enum option_id {
	OPTION_SITE,
	OPTION_JSON,
	OPTION_DRY_RUN,
	OPTION_LANG,
	OPTION_HELP,
	OPTION_REACH,
	OPTION_CODE,
	OPTION_FIELD,
	OPTION_STATE,
	OPTION_UNMASK,
	OPTION_MODEL,
	OPTION_FORMAT,
	OPTION_MAN,
	OPTION_AGAINST,
	OPTION_MAPPING,
	OPTION_FROM,
	OPTION_ENTITY,
	OPTION_OUT,
	OPTION_SPEC,
	OPTION_INPUT,
	OPTION_TRAIN,
	OPTION_PARAMS,
	OPTION_PAIRS,
	OPTION_CLUSTERS,
	OPTION_PREVIOUS,
	OPTION_RULINGS,
	OPTION_THRESHOLD,
	OPTION_EXPLAIN,
	OPTION_LABELS,
	OPTION_REPORT,
	OPTION_THREADS,
	OPTION_BUDGET,
	OPTION_DRAW,
	OPTION_ALL,
	OPTION_REASON,
	OPTION_RECEIPT,
	OPTION_ZONE,
	OPTION_HOW_MANY,
	OPTION_TO,
	OPTION_MONTH,
	OPTION_DEEP,
	OPTION_ACT,
	OPTION_PORT,
	OPTION_LOG,
	OPTION_NAME,
	OPTION_COUNT,
};

struct say { /* one of the two, for the user */
	const char *zh, *en;
};

struct option {
	const char *name; /* without the hyphens */
	struct say value; /* what follows it; NULL: nothing */
	struct say about;
	unsigned more; /* words behind the first one */
};
extern const struct option option_table[OPTION_COUNT];
#define OPTION_BIT(id) (UINT64_C(1) << (id))
#define COMMON_OPTIONS                                                                             \
	(OPTION_BIT(OPTION_SITE) | OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_DRY_RUN) |          \
	 OPTION_BIT(OPTION_LANG) | OPTION_BIT(OPTION_HELP))

struct call;
struct command {
	const char *name; /* NULL ends the table; one or two words */
	struct say arguments;
	unsigned least, most; /* how many of them */
	uint64_t options;     /* OPTION_BITs, besides the common ones */
	bool is_hidden;
	struct say about; /* one line */
	struct say more;  /* the whole story */
	int (*run)(struct call *call);
};
extern const struct command commands[];
extern const struct say exit_codes;
#define ANY_NUMBER 10000u

struct call {
	const struct command *command;
	const char *values[OPTION_COUNT]; /* NULL: not given; "" for a flag */
	struct call_value {
		enum option_id option;
		const char *value;
	} * given; /* every option as it came, also those that came twice */
	size_t given_count;
	const char **arguments; /* ends with NULL */
	size_t count;
	struct arena arena;
	struct buffer out;  /* on its way to standard output */
	bool out_is_closed; /* nobody reads it any more */
	bool has_colours;
};

static inline bool call_has(const struct call *call, enum option_id option)
{
	return call->values[option] != NULL;
}

/* What was given for @option the @nth time, from 0; NULL where it was not. */
const char *call_nth(const struct call *call, enum option_id option, size_t nth);

static inline const char *say(struct say pair)
{
	return cb_say(pair.zh, pair.en);
}

/* Send what is collected, when it is enough; the rest goes out at the end. */
void call_flush(struct call *call, bool all);
/* Words of ours on standard output. */
void call_say(struct call *call, const char *zh, const char *en, ...) CB_SAYS(2, 3, 4);
struct json call_json(struct call *call);

/* One sentence on standard error. */
void call_warn(struct call *call, const char *text);
/* The same for what failed; the exit code that belongs to it. */
int call_fail(struct call *call, const struct cb_error *err);
int call_exit_code(enum cb_verdict verdict);
/* A mistake on the command line: 64, with the sentence. */
int call_usage(struct call *call, const char *zh, const char *en, ...) CB_SAYS(2, 3, 4);
/* "; did you mean 'x'?" or "". @words ends with NULL. */
const char *call_hint(struct call *call, const char *word, const char *const *words);

/* The site's folder: --site, $CASEBRIDGE_SITE, or the current one. */
const char *call_folder(const struct call *call);
/* The site, in the call's arena; NULL with a sentence said: 78. */
struct site *call_site(struct call *call);
void call_problems(struct call *call, const struct problems *problems, bool on_stdout);
CB_CHECKED int call_store(struct site *site, enum store_mode mode, struct store **store,
			  struct cb_error *err);
/* The same for whoever carries out flows. Both borrow the site from an engine that has it. */
struct engine;
CB_CHECKED int call_engine(struct call *call, struct site *site, struct engine **engine,
			   struct cb_error *err);
/* The named flow; NULL
 with the sentence said: 64. */
struct site_flow *call_flow(struct call *call, const struct site *site, const char *name);
/* Who does it, for the audit. */
const char *call_who(struct call *call);
int64_t call_now(void);
/* 2024-03-18 14:30 at the site's zone; "" for 0. */
const char *call_time(struct call *call, const struct site *site, int64_t ms);

/* show.c: one record as `show` shows it; the exit code. */
int show_record(struct call *call, struct site *site, const struct table *entity, int64_t record);

/* The commands. */
int command_account_set(struct call *call);
int command_account_unlock(struct call *call);
int command_adopt(struct call *call);
int command_alias_add(struct call *call);
int command_alias_drop(struct call *call);
int command_alias_import(struct call *call);
int command_alias_list(struct call *call);
int command_approve_list(struct call *call);
int command_approve_reject(struct call *call);
int command_approve_release(struct call *call);
int command_approve_show(struct call *call);
int command_backup(struct call *call);
int command_check(struct call *call);
int command_codes(struct call *call);
int command_codes_add(struct call *call);
int command_completion(struct call *call);
int command_cron_next(struct call *call);
int command_deliveries(struct call *call);
int command_deliveries_settle(struct call *call);
int command_held(struct call *call);
int command_held_drop(struct call *call);
int command_held_export(struct call *call);
int command_held_import(struct call *call);
int command_held_retry(struct call *call);
int command_held_show(struct call *call);
int command_dup_link(struct call *call);
int command_dup_log(struct call *call);
int command_dup_split(struct call *call);
int command_dup_undo(struct call *call);
int command_help(struct call *call);
int command_init(struct call *call);
int command_link(struct call *call);
int command_link_profile(struct call *call);
int command_map_check(struct call *call);
int command_map_in(struct call *call);
int command_map_preview(struct call *call);
int command_map_new(struct call *call);
int command_map_learn(struct call *call);
int command_map_out(struct call *call);
int command_map_schema(struct call *call);
int command_map_table(struct call *call);
int command_map_test(struct call *call);
int command_notices(struct call *call);
int command_notices_test(struct call *call);
int command_plugins(struct call *call);
int command_held_release(struct call *call);
int command_restore(struct call *call);
int command_reconcile(struct call *call);
int command_run(struct call *call);
int command_serve(struct call *call);
int command_schedule_list(struct call *call);
int command_schedule_next(struct call *call);
int command_show(struct call *call);
int command_statement(struct call *call);
int command_status(struct call *call);
int command_version(struct call *call);
int command_why(struct call *call);
int command_worker(struct call *call);

/* help.c, for usage errors and the manual. */
void help_overview(struct buffer *out);
void help_command(const struct command *command, struct buffer *out);
void manual_page(struct buffer *out);
const struct command *command_find(const char *name);

#endif
