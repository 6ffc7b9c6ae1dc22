/*
 * command.h - the table of commands: what each is called, takes, and does.
 *
 * Help, usage errors, completion and the manual page are read from it. It stands in
 * command.c under the headings of `casebridge help`, a file a heading; the options
 * are in options.c. A new command is an entry there and a function declared here.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;

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
	OPTION_LINKS,
	OPTION_MEMORY,
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
	OPTION_YES,
	OPTION_VERBOSE,
	OPTION_WHERE,
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
#define BIT(option) (UINT64_C(1) << OPTION_##option)
#define COMMON_OPTIONS (BIT(SITE) | BIT(JSON) | BIT(DRY_RUN) | BIT(LANG) | BIT(HELP))

struct command {
	const char *name; /* NULL ends the table; one or two words */
	struct say arguments;
	unsigned least, most; /* how many of them */
	uint64_t options;     /* BITs of theirs, besides the common ones */
	bool is_hidden;
	struct say about; /* one line */
	struct say more;  /* the whole story */
	int (*run)(struct call *call);
};
#define ANY_NUMBER 10000u
extern const struct say exit_codes;

/* A heading of the overview and its commands. */
struct command_group {
	struct say heading;
	const struct command *commands; /* ends with a name of NULL; NULL itself ends the table */
};
extern const struct command_group command_table[];
extern const struct command commands_site[], commands_mapping[], commands_run[], commands_upload[],
	commands_duplicates[], commands_upkeep[], commands_help[];

#define EACH_COMMAND(at)                                                                           \
	for (const struct command_group *group_ = command_table; group_->commands; group_++)       \
		for (const struct command *(at) = group_->commands; (at)->name; (at)++)

const struct command *command_find(const char *name);

/* What they do. */
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
int command_deliveries_proof(struct call *call);
int command_deliveries_settle(struct call *call);
int command_held(struct call *call);
int command_held_drop(struct call *call);
int command_held_export(struct call *call);
int command_held_import(struct call *call);
int command_held_retry(struct call *call);
int command_held_show(struct call *call);
int command_dup_link(struct call *call);
int command_dup_list(struct call *call);
int command_dup_log(struct call *call);
int command_dup_review(struct call *call);
int command_dup_run(struct call *call);
int command_dup_show(struct call *call);
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

#endif
