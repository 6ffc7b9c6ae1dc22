/*
 * cron.c - the next times of an expression, for whoever is about to write one.
 */
#include "cli/clock.h"

#include <stdlib.h>
#include <sysexits.h>

#include "base/cron.h"
#include "base/moment.h"
#include "base/number.h"

enum { MOST = 10000 };

bool clock_read(const char *text, const struct zone *zone, int64_t *ms)
{
	const char *at = text, *end = text + strlen(text);
	struct moment m = { 0 };

	if (!moment_take_iso(&at, end, &m) || at != end || !m.has_date ||
	    moment_check(&m) != CALENDAR_OK)
		return false;
	*ms = m.is_instant ? moment_ms(&m) : zone_instant(zone, moment_ms(&m));
	return true;
}

const char *clock_weekday(int64_t ms, const struct zone *zone)
{
	static const struct say names[] = { { "周四", "Thu" }, { "周五", "Fri" }, { "周六", "Sat" },
					    { "周日", "Sun" }, { "周一", "Mon" }, { "周二", "Tue" },
					    { "周三", "Wed" } };
	int64_t local = ms + zone_span(zone, ms).offset,
		day = local / DAY_MS - (local % DAY_MS < 0);

	return say(names[(day % 7 + 7) % 7]); /* 1970-01-01 was a Thursday */
}

int clock_how_many(struct call *call, int64_t *count)
{
	const char *text = call->values[OPTION_HOW_MANY];

	*count = 5;
	if (!text)
		return 0;
	*count = strtoll(text, NULL, 10);
	if (number_is_integer(cb_text_of(text)) && *count >= 1 && *count <= MOST)
		return 0;
	return call_usage(call, "--count 应为 1 到 %d，不是“%s”",
			  "--count is a number from 1 to %d, not '%s'", MOST, text);
}

/* What the options say; 64 with the sentence said. */
static int read_options(struct call *call, struct zone *zone, int64_t *from, int64_t *count)
{
	const char *name = call_has(call, OPTION_ZONE) ? call->values[OPTION_ZONE] : "+08:00";
	const char *start = call->values[OPTION_FROM];
	int code = clock_how_many(call, count);

	if (code)
		return code;
	if (!zone_open(name, zone))
		return call_usage(call, "没有时区“%s”：写作 +08:00 或 Asia/Shanghai",
				  "there is no time zone '%s': write +08:00 or Asia/Shanghai",
				  name);
	*from = call_now();
	if (start && !clock_read(start, zone, from))
		return call_usage(call,
				  "--from 写作 2026-02-28 21:00，或 2026-02-28T21:00:00+08:00，"
				  "不是“%s”",
				  "--from is written 2026-02-28 21:00, or "
				  "2026-02-28T21:00:00+08:00, not '%s'",
				  start);
	return 0;
}

static const char *iso(struct call *call, int64_t ms, const struct zone *zone)
{
	char out[CALENDAR_TEXT];

	calendar_iso(ms, (int)(zone_span(zone, ms).offset / 60000), out);
	return arena_string(&call->arena, cb_text_of(out));
}

static void print_json(struct call *call, const struct cron *cron, const struct zone *zone,
		       int64_t from, int64_t count)
{
	struct json j = call_json(call);

	json_open(&j, NULL, '{');
	json_string(&j, "expression", call->arguments[0]);
	json_string(&j, "from", iso(call, from, zone));
	json_open(&j, "next", '[');
	for (; count > 0; count--) {
		from = cron_next(cron, zone, from);
		json_string(&j, NULL, iso(call, from, zone));
		call_flush(call, false);
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&call->out, '\n');
}

int command_cron_next(struct call *call)
{
	struct cb_error err = { 0 };
	struct zone zone = { 0 };
	struct cron cron;
	int64_t from = 0, count = 0;
	int code = read_options(call, &zone, &from, &count);

	if (!code && cron_read(call->arguments[0], &cron, NULL, NULL, &err) != CB_OK)
		code = call_usage(call, "第 %u 个字：%s", "character %u: %s", err.column, err.text);
	if (!code && call_has(call, OPTION_JSON)) {
		print_json(call, &cron, &zone, from, count);
	} else if (!code) {
		for (; count > 0; count--) {
			from = cron_next(&cron, &zone, from);
			buffer_printf(&call->out, "%s  %s\n", iso(call, from, &zone),
				      clock_weekday(from, &zone));
			call_flush(call, false);
		}
	}
	zone_done(&zone);
	return code;
}
