/*
 * notices.c - what people outside are told, what of it still waits, and whether
 * a way to them goes.
 */
#include <inttypes.h>
#include <sysexits.h>

#include "base/calendar.h"
#include "cli/delivery.h"
#include "cli/notices.h"
#include "cli/table.h"
#include "flow/notice.h"

static void put_row(struct call *call, struct sheet *sheet, const struct site *site,
		    const struct site_notice *n, const struct store_notice *row)
{
	struct buffer say = { 0 };

	notice_say(row, &say);
	sheet_string(sheet, n->name);
	sheet_string(sheet, call_time(call, site, row->count ? row->first_ms : row->said_ms));
	sheet_string(sheet,
		     !row->count ? cb_say("已送", "said")
		     : notice_is_due(n, row, call_now())
			     ? cb_say("待送", "waits")
			     : arena_printf(&call->arena, "%s%s%s", cb_say("", "again "),
					    delivery_clock(call, site, row->said_ms + n->again_ms),
					    cb_say(" 再说", "")));
	sheet_string(sheet, arena_string(&call->arena, buffer_view(&say)));
	buffer_done(&say);
}

static void put_json(struct json *j, const struct site *site, const struct store_notice *row)
{
	char iso[CALENDAR_TEXT];

	json_open(j, NULL, '{');
	json_string(j, "kind", row->kind);
	json_string(j, "object", row->object);
	json_string(j, "say", row->say);
	json_integer(j, "waiting", row->count);
	calendar_iso(row->first_ms, site->zone, iso);
	json_string(j, "first", iso);
	if (row->said_ms) {
		calendar_iso(row->said_ms, site->zone, iso);
		json_string(j, "said", iso);
	}
	json_close(j, '}');
}

void notices_print_ways(struct call *call, const struct site *site, const struct notices_state *s)
{
	for (size_t i = 0; i < site->notice_count; i++) {
		const struct store_way *way = &s->ways[i];

		if (way->tries)
			call_say(call, "!! 通知 %s 自 %s 起没有送到（试了 %lld 次，%s 再试）：%s\n",
				 "!! notices to %s do not arrive since %s (%lld tries, again %s): "
				 "%s\n",
				 site->notices[i].name, call_time(call, site, way->failing_ms),
				 (long long)way->tries, delivery_clock(call, site, way->not_before),
				 way->problem ? way->problem : "");
	}
}

int notices_take(struct call *call, const struct site *site, struct store *store,
		 struct notices_state *out, struct cb_error *err)
{
	size_t room = (site->notice_count + 1) * sizeof(*out->ways);
	int rc = CB_OK;

	out->ways = arena_zero(&call->arena, room);
	out->rows = arena_zero(&call->arena, (site->notice_count + 1) * sizeof(*out->rows));
	out->counts = arena_zero(&call->arena, (site->notice_count + 1) * sizeof(*out->counts));
	for (size_t i = 0; i < site->notice_count && rc == CB_OK; i++) {
		const char *name = site->notices[i].name;

		rc = store_way(store, name, &call->arena, &out->ways[i], err);
		if (rc == CB_OK)
			rc = store_notices(store, name, &call->arena, &out->rows[i],
					   &out->counts[i], err);
	}
	return rc;
}

static void print_json(struct call *call, const struct site *site, const struct notices_state *s)
{
	struct json j = call_json(call);

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < site->notice_count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "name", site->notices[i].name);
		json_string(&j, "problem", s->ways[i].problem);
		json_integer(&j, "tries", s->ways[i].tries);
		json_open(&j, "notices", '[');
		for (size_t k = 0; k < s->counts[i]; k++)
			put_json(&j, site, &s->rows[i][k]);
		json_close(&j, ']');
		json_close(&j, '}');
	}
	json_close(&j, ']');
	buffer_char(&call->out, '\n');
}

static void print(struct call *call, const struct site *site, const struct notices_state *s)
{
	struct sheet sheet = sheet_begin(&call->arena, 4, 0);
	size_t count = 0;

	sheet_string(&sheet, cb_say("通知", "notice"));
	sheet_string(&sheet, cb_say("时间", "time"));
	sheet_string(&sheet, cb_say("状态", "state"));
	sheet_string(&sheet, cb_say("内容", "what"));
	for (size_t i = 0; i < site->notice_count; i++)
		for (size_t k = 0; k < s->counts[i]; k++, count++)
			put_row(call, &sheet, site, &site->notices[i], &s->rows[i][k]);
	notices_print_ways(call, site, s);
	if (count) {
		sheet_end(&sheet, call->has_colours, 0, &call->out);
		return;
	}
	sheet_drop(&sheet);
	if (site->notice_count)
		call_say(call, "没有要说的\n", "there is nothing to say\n");
	else
		call_say(call,
			 "site.xml 里没有 <notice>：有事不会告诉谁（casebridge help notices）\n",
			 "site.xml has no <notice>: nobody is told (casebridge help notices)\n");
}

int command_notices(struct call *call)
{
	struct site *site = call_site(call);
	struct store *store = NULL;
	struct notices_state s;
	struct cb_error err;
	int rc;

	if (!site)
		return EX_CONFIG;
	rc = call_store(site, STORE_READ, &store, &err);
	if (rc == CB_OK)
		rc = notices_take(call, site, store, &s, &err);
	store_close(store);
	if (rc == CB_OK && call_has(call, OPTION_JSON))
		print_json(call, site, &s);
	else if (rc == CB_OK)
		print(call, site, &s);
	site_done(site);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}

static struct site_notice *find(struct call *call, const struct site *site, const char *name)
{
	const char **names = arena_zero(&call->arena, (site->notice_count + 1) * sizeof(*names));

	for (size_t i = 0; i < site->notice_count; i++) {
		names[i] = site->notices[i].name;
		if (strcmp(names[i], name) == 0)
			return &site->notices[i];
	}
	call_usage(call, "site.xml 里没有通知“%s”%s", "site.xml has no notice '%s'%s", name,
		   call_hint(call, name, names));
	return NULL;
}

int command_notices_test(struct call *call)
{
	struct site *site = call_site(call);
	struct site_notice *n;
	struct net *net;
	struct cb_error err;
	int code = 0;

	if (!site)
		return EX_CONFIG;
	n = find(call, site, call->arguments[0]);
	if (!n) {
		site_done(site);
		return EX_USAGE;
	}
	net = net_new(NULL);
	if (call_has(call, OPTION_DRY_RUN))
		call_say(call, "试运行：会向 %s 发一条试验消息\n",
			 "dry run: would send a test message to %s\n", n->name);
	else if (notice_try(net, site, n, call_now(), &err) != CB_OK)
		code = call_fail(call, &err);
	else
		call_say(call, "%s：已发出，看看收到没有\n", "%s: sent; see whether it came\n",
			 n->name);
	net_free(net);
	site_done(site);
	return code;
}
