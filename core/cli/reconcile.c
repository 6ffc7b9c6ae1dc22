/*
 * reconcile.c - adopt and reconcile: the target's own book beside ours.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cli/delivery.h"
#include "cli/period.h"
#include "cli/table.h"
#include "flow/flow.h"

#define YEARS_BACK (3 * 366) /* days: what adopt asks for where nothing is said */
#define SHOWN 20             /* of a list, on the terminal; JSON has all */

struct line {
	int what;
	const char *account, *key, *fields;
};

struct booking {
	struct call *call;
	struct site *site;
	struct site_flow *flow;
	struct period period;
	struct line *lines;
	size_t count, room;
};

static void add(struct booking *b, int what, const char *account, struct cb_text key,
		const char *fields)
{
	struct arena *arena = &b->call->arena;

	memory_grow(&b->lines, b->count, &b->room, sizeof(*b->lines));
	b->lines[b->count++] =
		(struct line){ what, arena_string(arena, cb_text_of(account)),
			       arena_string(arena, key),
			       fields ? arena_string(arena, cb_text_of(fields)) : NULL };
}

/* The flow of the first argument, if it is an export. */
static int begin(struct booking *b, struct call *call, int days)
{
	*b = (struct booking){ .call = call, .site = call_site(call) };
	if (!b->site)
		return EX_CONFIG;
	b->flow = delivery_flow(call, b->site, call->arguments[0]);
	return b->flow ? period_read(call, b->site, days, &b->period) : EX_USAGE;
}

static int end(struct booking *b, int code)
{
	site_done(b->site);
	free(b->lines);
	return code;
}

static void lines_json(struct json *j, const struct booking *b, const char *(*word)(int))
{
	json_open(j, "records", '[');
	for (size_t i = 0; i < b->count; i++) {
		json_open(j, NULL, '{');
		json_string(j, "what", word(b->lines[i].what));
		json_string(j, "account", b->lines[i].account);
		json_string(j, "key", b->lines[i].key);
		if (b->lines[i].fields)
			json_string(j, "fields", b->lines[i].fields);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* The first few of one kind, in columns. */
static void list(struct booking *b, int what)
{
	bool has_fields = false;
	struct sheet sheet;
	size_t shown = 0, count = 0;

	for (size_t i = 0; i < b->count; i++)
		has_fields |= b->lines[i].what == what && b->lines[i].fields;
	sheet = sheet_begin(&b->call->arena, has_fields ? 3 : 2, 0);
	sheet_string(&sheet, cb_say("编号", "key"));
	sheet_string(&sheet, cb_say("账号", "account"));
	if (has_fields)
		sheet_string(&sheet, cb_say("不同的字段", "what differs"));
	for (size_t i = 0; i < b->count; i++) {
		if (b->lines[i].what != what || count++ >= SHOWN)
			continue;
		sheet_string(&sheet, b->lines[i].key);
		sheet_string(&sheet, b->lines[i].account);
		if (has_fields)
			sheet_string(&sheet, b->lines[i].fields);
		shown++;
	}
	if (shown)
		sheet_end(&sheet, b->call->has_colours, 2, &b->call->out);
	else
		sheet_drop(&sheet);
	if (count > shown)
		call_say(b->call, "  …另有 %zu 件，见 --json\n", "  … and %zu more: --json\n",
			 count - shown);
}

/* adopt */

static const char *adoption_word(int what)
{
	static const char *const words[ADOPTIONS] = { "linked", "known", "unknown", "unfit",
						      "busy" };

	return words[what];
}

static void on_adopted(void *with, enum adoption what, const char *account, struct cb_text key)
{
	if (what != ADOPT_KNOWN)
		add(with, (int)what, account, key, NULL);
}

static void say_adopted(struct booking *b, const struct flow_adopted *c)
{
	struct call *call = b->call;

	if (call_has(call, OPTION_JSON)) {
		struct json j = call_json(call);

		json_open(&j, NULL, '{');
		json_string(&j, "flow", b->flow->name);
		json_integer(&j, "listed", c->listed);
		for (int i = 0; i < ADOPTIONS; i++)
			json_integer(&j, adoption_word(i), c->by[i]);
		lines_json(&j, b, adoption_word);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
		return;
	}
	call_say(call,
		 "%s：对方持有 %" PRId64 " = 认领 %" PRId64 " + 已知 %" PRId64
		 " + 我方没有 %" PRId64 " + 不该报 %" PRId64 " + 在途 %" PRId64 "\n",
		 "%s: they hold %" PRId64 " = linked %" PRId64 " + known %" PRId64
		 " + not ours %" PRId64 " + not due %" PRId64 " + under way %" PRId64 "\n",
		 b->flow->name, c->listed, c->by[ADOPT_LINKED], c->by[ADOPT_KNOWN],
		 c->by[ADOPT_UNKNOWN], c->by[ADOPT_UNFIT], c->by[ADOPT_BUSY]);
	if (c->by[ADOPT_UNKNOWN]) {
		call_say(call, "\n对方有、我方没有的：\n", "\nthere, and not with us:\n");
		list(b, ADOPT_UNKNOWN);
	}
	if (c->by[ADOPT_UNFIT]) {
		call_say(call, "\n对方有，而按 site.xml 的 when 我方还不该报的（没有动）：\n",
			 "\nthere, and by the flow's 'when' not to be sent yet (left alone):\n");
		list(b, ADOPT_UNFIT);
	}
}

int command_adopt(struct call *call)
{
	struct flow_options options = { .is_dry = call_has(call, OPTION_DRY_RUN) };
	struct engine *engine = NULL;
	struct flow_adopted counts;
	struct cb_error err;
	struct booking b;
	int code = begin(&b, call, YEARS_BACK), rc;

	if (code)
		return end(&b, code);
	rc = engine_open(b.site, NULL, call_who(call), &engine, &err);
	if (rc == CB_OK)
		rc = flow_adopt(engine, b.flow->name, b.period.from, b.period.to, &options,
				on_adopted, &b, &counts, &err);
	engine_close(engine);
	if (rc != CB_OK)
		return end(&b, call_fail(call, &err));
	say_adopted(&b, &counts);
	return end(&b, counts.by[ADOPT_UNKNOWN] || counts.by[ADOPT_UNFIT] ? 1 : 0);
}

/* reconcile */

/* Each list, and the one thing to do about it: "words: command FLOW option". */
static const struct {
	struct say title, todo;
	const char *command, *option;
} differences[DIFFERENCES] = {
	[DIFFERENCE_MISSING] = { { "我方记着已收、对方没有的", "accepted by our book, not there" },
				 { "重新列为待报", "send them again" },
				 "reconcile",
				 " --act missing" },
	[DIFFERENCE_EXTRA] = { { "对方有、不是我方报的", "there, and not by us" },
			       { "认领", "link them" },
			       "adopt",
			       "" },
	[DIFFERENCE_CONTENT] = { { "两边内容不同的", "there, with other content" },
				 { "交人来定", "let a person decide" },
				 "reconcile",
				 " --act different" },
	[DIFFERENCE_DOUBT] = { { "在途、存疑、冲突的", "under way, in doubt, in conflict" },
			       { "下次运行就去问", "ask with the next run" },
			       "reconcile",
			       " --act doubt" },
};

static const char *word_of(int what)
{
	return difference_word((enum difference)what);
}

static void on_difference(void *with, const struct flow_difference *d)
{
	add(with, (int)d->what, d->account, d->key, d->fields);
}

static int read_act(struct call *call, enum difference *act)
{
	const char *word = call->values[OPTION_ACT];

	for (*act = 0; word && *act < DIFFERENCES; ++*act)
		if (strcmp(difference_word(*act), word) == 0 && *act != DIFFERENCE_EXTRA)
			return 0;
	*act = DIFFERENCES;
	return word ? call_usage(call, "--act 是 missing、different 或 doubt，不是“%s”",
				 "--act is missing, different or doubt, not '%s'", word)
		    : 0;
}

static void say_reconciled(struct booking *b, const struct flow_reconciled *c,
			   enum difference acted)
{
	struct call *call = b->call;

	if (call_has(call, OPTION_JSON)) {
		struct json j = call_json(call);

		json_open(&j, NULL, '{');
		json_string(&j, "flow", b->flow->name);
		json_integer(&j, "windows", c->windows);
		json_integer(&j, "listed", c->listed);
		json_integer(&j, "agree", c->agree);
		for (int i = 0; i < DIFFERENCES; i++)
			json_integer(&j, word_of(i), c->by[i]);
		lines_json(&j, b, word_of);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
		return;
	}
	call_say(call,
		 "%s，%s 至 %s：相符 %" PRId64 "，对方缺 %" PRId64 "，对方多 %" PRId64
		 "，内容不同 %" PRId64 "，未定 %" PRId64 "\n",
		 "%s, %s to %s: %" PRId64 " agree, %" PRId64 " missing there, %" PRId64
		 " extra there, %" PRId64 " different, %" PRId64 " open\n",
		 b->flow->name, b->period.first, b->period.last, c->agree,
		 c->by[DIFFERENCE_MISSING], c->by[DIFFERENCE_EXTRA], c->by[DIFFERENCE_CONTENT],
		 c->by[DIFFERENCE_DOUBT]);
	for (int i = 0; i < DIFFERENCES; i++) {
		if (!c->by[i])
			continue;
		call_say(call, "\n%s（%" PRId64 "）：\n", "\n%s (%" PRId64 "):\n",
			 say(differences[i].title), c->by[i]);
		list(b, i);
		if (acted == (enum difference)i)
			call_say(call, "  已办。\n", "  done.\n");
		else
			call_say(call, "  %s：casebridge %s %s%s\n", "  %s: casebridge %s %s%s\n",
				 say(differences[i].todo), differences[i].command, b->flow->name,
				 differences[i].option);
	}
}

int command_reconcile(struct call *call)
{
	struct flow_options options = { .is_dry = call_has(call, OPTION_DRY_RUN) };
	struct reconcile_options what = { .is_deep = call_has(call, OPTION_DEEP),
					  .each = on_difference };
	struct flow_reconciled counts;
	struct engine *engine = NULL;
	struct cb_error err;
	struct booking b;
	int code = begin(&b, call, 31), rc;
	bool is_clean;

	what.with = &b;
	if (!code)
		code = read_act(call, &what.act);
	if (code)
		return end(&b, code);
	rc = engine_open(b.site, NULL, call_who(call), &engine, &err);
	if (rc == CB_OK)
		rc = flow_reconcile(engine, b.flow->name, b.period.from, b.period.to, &what,
				    &options, &counts, &err);
	engine_close(engine);
	if (rc != CB_OK)
		return end(&b, call_fail(call, &err));
	say_reconciled(&b, &counts, what.act);
	is_clean = !counts.by[DIFFERENCE_MISSING] && !counts.by[DIFFERENCE_EXTRA] &&
		   !counts.by[DIFFERENCE_CONTENT] && !counts.by[DIFFERENCE_DOUBT];
	return end(&b, is_clean ? 0 : 1);
}
