/*
 * standing.c - does an engine run, and which accounts are locked or rest.
 *
 * The engine is not asked: its word in the store and the kernel's on the lock
 * say it, and the page at work goes on undisturbed.
 */
#include "cli/standing.h"

#include <stdlib.h>

#include "base/calendar.h"
#include "cli/delivery.h"
#include "cli/table.h"

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_string(arena, cb_text_of(text)) : NULL;
}

static int take_account(void *with, const struct flow_account *account, struct cb_error *err)
{
	struct standing *s = with;
	struct flow_account *mine;

	(void)err;
	memory_grow(&s->accounts, s->count, &s->room, sizeof(*s->accounts));
	mine = &s->accounts[s->count++];
	*mine = *account;
	mine->path = copy(&s->call->arena, account->path);
	mine->say = copy(&s->call->arena, account->say);
	return CB_OK;
}

int standing_take(struct standing *s, struct call *call, const struct site *site,
		  struct store *store, struct cb_error *err)
{
	int rc = store_serving(store, &s->serving, err);

	s->call = call;
	s->holder = store_holder(site->store_file);
	return rc == CB_OK ? flow_accounts(site, store, call_now(), take_account, s, err) : rc;
}

void standing_done(struct standing *s)
{
	free(s->accounts);
}

static bool is_serving(const struct standing *s)
{
	return s->holder && s->holder == s->serving.pid;
}

static bool has_timetable(const struct site *site)
{
	for (size_t i = 0; i < site->flow_count; i++)
		if (site->flows[i].timetable || site->flows[i].is_export)
			return true;
	return false;
}

void standing_print_engine(const struct standing *s, const struct site *site)
{
	struct call *call = s->call;
	const char *since = call_time(call, site, s->serving.since_ms);

	if (is_serving(s))
		call_say(call, "引擎：%s 起运行（进程 %ld）\n\n",
			 "engine: running since %s (process %ld)\n\n", since, s->serving.pid);
	else if (s->serving.pid)
		call_say(call,
			 "!! 引擎没有在运行：%s 启动的那个没有正常停下。到点的流程不会自己执行\n\n",
			 "!! no engine runs: the one of %s did not end as it should. Nothing is "
			 "carried out when it is due\n\n",
			 since);
	else if (has_timetable(site))
		call_say(call, "引擎：没有运行，到点的流程不会自己执行（casebridge serve）\n\n",
			 "engine: none runs, so nothing is carried out when it is due "
			 "(casebridge serve)\n\n");
}

static const char *reason(const struct standing *s, const struct flow_account *a)
{
	const char *code = a->code;
	struct cb_error say;

	if (strcmp(code, CODE_LOGIN) == 0)
		cb_error_set(&say, CB_OK, "已停用：%s", "locked: %s", a->say ? a->say : "");
	else if (strcmp(code, CODE_SECRET) == 0)
		return a->say;
	else if (strcmp(code, CODE_HOURS) == 0)
		cb_error_set(&say, CB_OK, "平台还没有开放", "the platform is closed at this hour");
	else if (strcmp(code, CODE_QUOTA) == 0)
		cb_error_set(&say, CB_OK, "今天的次数已用完", "today's requests are used up");
	else if (a->failures)
		cb_error_set(&say, CB_OK, "接连失败 %lld 次，歇一歇：%s",
			     "it rests after %lld failures in a row: %s", (long long)a->failures,
			     a->say ? a->say : "");
	else
		cb_error_set(&say, CB_OK, "歇一歇：%s", "it rests: %s", a->say ? a->say : "");
	return copy(&s->call->arena, say.text);
}

static const char *goes_on(const struct standing *s, const struct site *site,
			   const struct flow_account *a)
{
	if (strcmp(a->code, CODE_SECRET) == 0)
		return arena_printf(&s->call->arena, "casebridge account set %s", a->path);
	if (strcmp(a->code, CODE_LOGIN) != 0)
		return delivery_clock(s->call, site, a->until_ms);
	return arena_printf(&s->call->arena, "casebridge account unlock %s", a->path);
}

void standing_print_accounts(const struct standing *s, const struct site *site)
{
	struct call *call = s->call;
	struct sheet sheet = sheet_begin(&call->arena, 3, 0);

	if (!s->count) {
		sheet_drop(&sheet);
		return;
	}
	buffer_char(&call->out, '\n');
	sheet_string(&sheet, cb_say("账号", "account"));
	sheet_string(&sheet, cb_say("何时继续", "goes on"));
	sheet_string(&sheet, cb_say("现在不能用，因为", "cannot be used now, because"));
	for (size_t i = 0; i < s->count; i++) {
		const struct flow_account *a = &s->accounts[i];

		sheet_string(&sheet, a->path);
		sheet_string(&sheet, goes_on(s, site, a));
		sheet_string(&sheet, reason(s, a));
	}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
}

static void instant(struct json *j, const struct site *site, const char *name, int64_t ms)
{
	char iso[CALENDAR_TEXT];

	if (!ms)
		return;
	calendar_iso(ms, site->zone, iso);
	json_string(j, name, iso);
}

void standing_json(const struct standing *s, const struct site *site, struct json *j)
{
	json_open(j, "engine", '{');
	json_flag(j, "running", is_serving(s));
	if (s->serving.pid) {
		json_integer(j, "process", s->serving.pid);
		instant(j, site, "since", s->serving.since_ms);
	}
	json_close(j, '}');
	json_open(j, "accounts", '[');
	for (size_t i = 0; i < s->count; i++) {
		const struct flow_account *a = &s->accounts[i];

		json_open(j, NULL, '{');
		json_string(j, "account", a->path);
		json_string(j, "code", a->code);
		json_string(j, "say", a->say);
		instant(j, site, "since", a->since_ms);
		instant(j, site, "until", a->until_ms);
		json_close(j, '}');
	}
	json_close(j, ']');
}
