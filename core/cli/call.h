/*
 * call.h - one invocation: what the user asked for, and what every command
 * needs to answer. For the files of this folder.
 */
#ifndef CLI_CALL_H
#define CLI_CALL_H

#include "base/buffer.h"
#include "base/json.h"
#include "cli/command.h"
#include "flow/site.h"
#include "store/store.h"

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
/* The named flow; NULL with the sentence said: 64. */
struct site_flow *call_flow(struct call *call, const struct site *site, const char *name);
/* Who does it, for the audit. */
const char *call_who(struct call *call);
int64_t call_now(void);
/* 2024-03-18 14:30 at the site's zone; "" for 0. */
const char *call_time(struct call *call, const struct site *site, int64_t ms);

/* show.c: one record as `show` shows it; the exit code. */
int show_record(struct call *call, struct site *site, const struct table *entity, int64_t record);

/* help.c, for usage errors and the manual. */
void help_overview(struct buffer *out);
void help_command(const struct command *command, struct buffer *out);
void manual_page(struct buffer *out);

#endif
