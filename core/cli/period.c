/*
 * period.c - days and months, as people say them.
 */
#include "cli/period.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/calendar.h"
#include "base/moment.h"
#include "cli/clock.h"

static int zone_of(struct call *call, const struct site *site, struct zone *zone)
{
	char name[16];
	int minutes = site->zone < 0 ? -site->zone : site->zone;

	snprintf(name, sizeof(name), "%c%02d:%02d", site->zone < 0 ? '-' : '+', minutes / 60 % 24,
		 minutes % 60);
	return zone_open(name, zone) ? 0 : call_usage(call, "时区不对", "the zone is wrong");
}

static int read_one(struct call *call, const struct zone *zone, enum option_id option, int64_t *ms)
{
	const char *text = call->values[option];

	if (!text || clock_read(text, zone, ms))
		return 0;
	return call_usage(call, "--%s 写作 2026-02-28 或 2026-02-28 21:00，不是“%s”",
			  "--%s is written 2026-02-28 or 2026-02-28 21:00, not '%s'",
			  option_table[option].name, text);
}

/* A day that is named as the end is part of it. */
static bool is_day(const char *text)
{
	return text && strlen(text) == 10;
}

int period_read(struct call *call, const struct site *site, int days, struct period *p)
{
	struct zone zone;
	int code = zone_of(call, site, &zone);

	*p = (struct period){ .to = call_now() };
	p->from = p->to - (int64_t)days * DAY_MS;
	if (!code)
		code = read_one(call, &zone, OPTION_FROM, &p->from);
	if (!code)
		code = read_one(call, &zone, OPTION_TO, &p->to);
	if (!code && is_day(call->values[OPTION_TO]))
		p->to += DAY_MS;
	if (!code && p->from >= p->to)
		code = call_usage(call, "--from 要早于 --to", "--from is before --to");
	p->first = call_time(call, site, p->from);
	p->last = call_time(call, site, p->to);
	return code;
}

int period_month(struct call *call, const struct site *site, const char *text, struct period *p)
{
	int year = 0, month = 0, end = 0;
	struct zone zone;
	int code = zone_of(call, site, &zone);
	char day[32];

	if (code)
		return code;
	if (!text) {
		char now[CALENDAR_TEXT];

		calendar_iso(call_now(), site->zone, now);
		sscanf(now, "%4d-%2d", &year, &month);
		year -= month == 1;
		month = month == 1 ? 12 : month - 1;
	} else if (sscanf(text, "%4d-%2d%n", &year, &month, &end) != 2 || text[end] || month < 1 ||
		   month > 12 || year < 1970) {
		return call_usage(call, "--month 写作 2026-03，不是“%s”",
				  "--month is written 2026-03, not '%s'", text);
	}
	snprintf(day, sizeof(day), "%04d-%02d-01", year, month);
	p->first = arena_string(&call->arena, cb_text_of(day));
	if (!clock_read(day, &zone, &p->from))
		return EX_USAGE;
	snprintf(day, sizeof(day), "%04d-%02d-01", month == 12 ? year + 1 : year, month % 12 + 1);
	if (!clock_read(day, &zone, &p->to))
		return EX_USAGE;
	p->last = call_time(call, site, p->to - 1);
	return 0;
}
