/*
 * pace.c - when an account may speak with its system: hours, quota, the breaker,
 * and how long to wait after a failure.
 *
 * What it went through is in the store, written with the page that it belongs
 * to, so that a restart neither forgets a rest nor uses a quota twice. All of it
 * is by account: one that must wait never keeps another waiting.
 */
#include <stdio.h>

#include "base/moment.h"
#include "flow/inside.h"

#define WINDOW_MS INT64_C(600000)
#define RETRIES_LEAST 10 /* in a window, besides one in ten requests */
#define STORM 20         /* refusals in a row */

static int load(struct pace *pace, const struct site *site, struct store *store,
		const struct site_connection *connection, const struct site_account *account,
		struct cb_error *err)
{
	*pace = (struct pace){ .manifest = connection->manifest, .zone = site->zone };
	snprintf(pace->path, sizeof(pace->path), "%s/%s", connection->name, account->name);
	return store_pace(store, pace->path, &pace->arena, &pace->now, err);
}

int pace_load(struct pace *pace, const struct run *run, const struct site_account *account,
	      struct cb_error *err)
{
	return load(pace, run->engine->site, run->engine->store, run->flow->connection, account,
		    err);
}

void pace_done(struct pace *pace)
{
	arena_done(&pace->arena);
}

int pace_save(struct pace *pace, struct run *run, struct cb_error *err)
{
	int rc;

	if (!pace->is_changed)
		return CB_OK;
	rc = run_open(run, err);
	if (rc == CB_OK)
		rc = store_pace_set(run->engine->store, pace->path, &pace->now, err);
	if (rc == CB_OK && pace->has_opened)
		rc = notice_rests(run, pace->path, pace->now.failures, pace->now.rest_until_ms,
				  err);
	pace->is_changed = rc != CB_OK;
	pace->has_opened &= rc != CB_OK;
	return rc;
}

static int64_t local_day(const struct pace *pace, int64_t now)
{
	return (now + (int64_t)pace->zone * 60000) / DAY_MS;
}

static int64_t next_midnight(const struct pace *pace, int64_t now)
{
	return (local_day(pace, now) + 1) * DAY_MS - (int64_t)pace->zone * 60000;
}

/* When the platform opens; @now where it is open. */
static int64_t opens(const struct pace *pace, int64_t now)
{
	const struct manifest *m = pace->manifest;
	int64_t minute_ms = (now + (int64_t)pace->zone * 60000) % DAY_MS;
	int64_t from = m->open_from * INT64_C(60000), until = m->open_until * INT64_C(60000);
	bool is_open = from < until ? minute_ms >= from && minute_ms < until
				    : minute_ms >= from || minute_ms < until;

	if (!m->has_hours || is_open)
		return now;
	return now + (from > minute_ms ? from - minute_ms : from + DAY_MS - minute_ms);
}

static bool is_used_up(const struct pace *pace, int64_t now)
{
	return pace->manifest->quota > 0 && pace->now.day == local_day(pace, now) &&
	       pace->now.used >= pace->manifest->quota;
}

const char *pace_gate(const struct pace *pace, int64_t now, int64_t *until)
{
	*until = opens(pace, now);
	if (*until > now)
		return CODE_HOURS;
	if (is_used_up(pace, now)) {
		*until = next_midnight(pace, now);
		return CODE_QUOTA;
	}
	*until = pace->now.rest_until_ms;
	return *until > now ? CODE_REST : NULL;
}

int pace_take(struct pace *pace, int64_t now, struct cb_error *err)
{
	int64_t day = local_day(pace, now);

	if (is_used_up(pace, now)) {
		cb_error_set(err, CB_LIMIT, "账号 %s 今天的 %lld 次请求已用完，明天再发",
			     "account %s has used its %lld requests of today; tomorrow again",
			     pace->path, (long long)pace->manifest->quota);
		err->wait_ms = next_midnight(pace, now) - now;
		return CB_LIMIT;
	}
	/* A clock that was set back does not give a day's requests twice. */
	if (day > pace->now.day) {
		pace->now.day = day;
		pace->now.used = 0;
	}
	pace->now.used++;
	if (now - pace->now.window_ms >= WINDOW_MS || now < pace->now.window_ms) {
		pace->now.window_ms = now;
		pace->now.requests = pace->now.retries = 0;
	}
	pace->now.requests++;
	pace->is_changed = true;
	return CB_OK;
}

void pace_rest(struct pace *pace, int64_t until, const char *say)
{
	if (until <= pace->now.rest_until_ms)
		return;
	pace->now.rest_until_ms = until;
	pace->now.say = say ? arena_string(&pace->arena, cb_text_of(say)) : NULL;
	pace->is_changed = true;
}

int64_t pace_failed(struct pace *pace, const struct engine *engine, int64_t asked_ms,
		    const char *say)
{
	const struct manifest *m = pace->manifest;
	struct store_pace *p = &pace->now;
	int64_t now = engine_now(engine), next = now + jitter(engine, m, p->failures, asked_ms);

	p->failures++;
	p->retries++;
	if (!p->failing_ms)
		p->failing_ms = now;
	pace->is_changed = true;
	if (m->break_after > 0 && p->failures >= m->break_after) {
		pace_rest(pace, now + m->rest_ms, say);
		pace->has_opened = true;
	}
	/* More than one request in ten again makes a bad night worse for everybody. */
	if (p->retries >= RETRIES_LEAST + p->requests / 10)
		pace_rest(pace, p->window_ms + WINDOW_MS, say);
	if (next - now > WAIT_SHORT_MS)
		pace_rest(pace, next, say);
	return next > p->rest_until_ms ? next : p->rest_until_ms;
}

void pace_succeeded(struct pace *pace, int64_t now, int64_t accepted, int64_t refused)
{
	struct store_pace *p = &pace->now;

	p->failures = p->failing_ms = p->rest_until_ms = 0;
	p->say = NULL;
	p->succeeded_ms = now;
	p->refusals = accepted ? 0 : p->refusals + refused;
	pace->is_changed = true;
}

bool pace_is_storm(const struct pace *pace)
{
	return pace->now.refusals >= STORM;
}

int pace_ready(struct pace *pace, struct run *run, const struct site_account *account,
	       struct cb_error *err)
{
	int64_t now = engine_now(run->engine), until;
	char clock[CALENDAR_TEXT];
	const char *code;
	int rc = pace_load(pace, run, account, err);

	if (rc == CB_OK)
		rc = account_ready(run, account, err);
	code = rc == CB_OK ? pace_gate(pace, now, &until) : NULL;
	if (!code)
		return rc;
	calendar_iso(until, pace->zone, clock);
	cb_error_set(err, CB_LIMIT, "账号 %s 要等到 %.16s（%s）",
		     "account %s waits until %.16s (%s)", pace->path, clock,
		     strcmp(code, CODE_HOURS) == 0
			     ? cb_say("平台的开放时段", "the platform's hours")
		     : strcmp(code, CODE_QUOTA) == 0 ? cb_say("今天的次数已用完", "today's quota")
						     : cb_say("接连失败后的歇息", "it rests"));
	err->wait_ms = until - now;
	return CB_LIMIT;
}

/* For people: who may not speak now. */

static int look_at(const struct site *site, struct store *store, const struct site_connection *c,
		   const struct site_account *account, int64_t now, struct flow_account *out,
		   struct arena *arena, struct cb_error *err)
{
	struct pace pace;
	struct cb_error why;
	const char *code;
	int rc = load(&pace, site, store, c, account, err);

	if (rc == CB_OK) {
		*out = (struct flow_account){ .path = arena_string(arena, cb_text_of(pace.path)) };
		rc = store_locked(store, pace.path, arena, &out->say, &out->since_ms, err);
		if (rc == CB_OK)
			out->code = CODE_LOGIN;
		rc = rc == CB_END ? CB_OK : rc;
	}
	if (rc == CB_OK && !out->code && account_has_secrets(pace.path, account, &why) != CB_OK) {
		out->code = CODE_SECRET;
		out->say = arena_string(arena, cb_text_of(why.text));
	}
	code = rc == CB_OK && !out->code ? pace_gate(&pace, now, &out->until_ms) : NULL;
	if (code) {
		out->code = code;
		out->failures = pace.now.failures;
		out->say = pace.now.say && strcmp(code, CODE_REST) == 0
				   ? arena_string(arena, cb_text_of(pace.now.say))
				   : NULL;
	}
	pace_done(&pace);
	return rc;
}

int flow_accounts(const struct site *site, struct store *store, int64_t now,
		  int (*each)(void *with, const struct flow_account *account, struct cb_error *err),
		  void *with, struct cb_error *err)
{
	struct arena arena = { 0 };
	int rc = CB_OK;

	for (size_t c = 0; c < site->connection_count && rc == CB_OK; c++) {
		const struct site_connection *connection = &site->connections[c];
		bool is_closed = false;

		for (size_t a = 0; a < connection->account_count && rc == CB_OK; a++) {
			struct flow_account account;

			rc = look_at(site, store, connection, &connection->accounts[a], now,
				     &account, &arena, err);
			/* The platform's hours are everybody's: said once, of the connection. */
			if (rc == CB_OK && account.code && strcmp(account.code, CODE_HOURS) == 0) {
				if (is_closed)
					continue;
				is_closed = true;
				account.path = connection->name;
			}
			if (rc == CB_OK && account.code)
				rc = each(with, &account, err);
			arena_clear(&arena);
		}
	}
	arena_done(&arena);
	return rc;
}
