/*
 * grid.c - acts the grid system: events out, results of mediation back in.
 *
 * The events are put into the ledger beforehand (generate grid), each as the
 * UTF-8 text of its <event>; answers leave as GB18030. What comes back is kept
 * one row an event, with the number of times it came.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "sim/common/grid_schema.h"
#include "sim/common/ledger.h"
#include "sim/common/server.h"
#include "sim/common/sign.h"

struct grid {
	struct service *service;
	sqlite3_stmt *page, *count, *number, *result, *taken;
	char user[32], password[80];
};

/* What a result says, in the names of the wire. */
struct result {
	char sjid[64], ajbh[64], tjjg[8], jasj[16], tjgzs[16];
	struct text xynr;
};

static void say(struct reply *reply, int code, const char *message)
{
	reply->status = 200;
	reply->note = message;
	text_printf(&reply->body,
		    "<?xml version=\"1.0\" encoding=\"GB18030\"?>"
		    "<result><code>%d</code><message>%s</message></result>",
		    code, message);
}

/* The account's user name if the signature holds, else NULL. */
static const char *signed_by(struct grid *grid, const struct request *request)
{
	const char *user = request_param(request, "user");
	const char *time = request_param(request, "time");
	const char *sign = request_param(request, "sign");
	struct account *account = user ? accounts_find(&grid->service->accounts, user) : NULL;
	struct text signed_text = { 0 };
	char expected[SIGN_SIZE];

	if (!account || !time || !sign)
		return NULL;
	text_printf(&signed_text, "%s%s%s", user, time, account->secret);
	sign_md5(expected, signed_text.data, signed_text.size);
	text_done(&signed_text);
	return strcmp(expected, sign) == 0 ? account->app : NULL;
}

/* Both ends of the window; what is not given is open. */
static bool window(const struct request *request, char begin[15], char end[15])
{
	const char *from = request_param(request, "beginTime");
	const char *to = request_param(request, "endTime");

	return moment_read(begin, from && *from ? from : "00000101") &&
	       moment_read(end, to && *to ? to : "99991231");
}

static int number_param(const struct request *request, const char *name, int otherwise)
{
	const char *value = request_param(request, name);

	return value ? atoi(value) : otherwise;
}

static void list(struct grid *grid, const struct request *request, struct reply *reply)
{
	int page = number_param(request, "pageNo", 1), size = number_param(request, "pageSize", 20);
	char begin[15], end[15];

	if (page < 1 || size < 1 || size > 1000 || !window(request, begin, end)) {
		say(reply, -2, "参数错误");
		return;
	}
	reply->status = 200;
	text_printf(&reply->body,
		    "<?xml version=\"1.0\" encoding=\"GB18030\"?><result><code>1</code>"
		    "<message>ok</message><total>%lld</total><events>",
		    (long long)ledger_number(grid->count, "tt", begin, end));
	if (ledger_get(grid->page, "ttii", begin, end, (int64_t)size, (int64_t)(page - 1) * size))
		do
			text_put(&reply->body, ledger_text(grid->page, 0));
		while (sqlite3_step(grid->page) == SQLITE_ROW);
	sqlite3_reset(grid->page);
	text_put(&reply->body, "</events></result>");
}

static void count(struct grid *grid, const struct request *request, struct reply *reply)
{
	char begin[15], end[15];

	if (!window(request, begin, end)) {
		say(reply, -2, "参数错误");
		return;
	}
	reply->status = 200;
	text_printf(&reply->body,
		    "<?xml version=\"1.0\" encoding=\"GB18030\"?><result><code>1</code>"
		    "<message>ok</message><total>%lld</total></result>",
		    (long long)ledger_number(grid->count, "tt", begin, end));
}

/* The declaration names GB18030, but the parser is given UTF-8: parse what
 * stands behind it. NULL if the bytes are not what they should be. */
static xmlDoc *parse(const struct text *body)
{
	struct text utf8 = { 0 };
	const char *start;
	xmlDoc *doc = NULL;

	if (body->size && text_from_gb18030(&utf8, body->data, body->size)) {
		start = utf8.data;
		if (strncmp(start, "<?xml", 5) == 0 && strstr(start, "?>"))
			start = strstr(start, "?>") + 2;
		doc = xmlReadMemory(start, (int)strlen(start), "feedback.xml", "UTF-8",
				    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	}
	text_done(&utf8);
	return doc;
}

static void take(char *out, size_t room, const char *value)
{
	snprintf(out, room, "%s", value);
}

static void read_result(struct result *r, xmlNode *jg)
{
	xmlNode *node;

	for (node = jg->children; node; node = node->next) {
		const char *name = (const char *)node->name;
		xmlChar *content = xmlNodeGetContent(node);
		const char *value = (const char *)content;

		if (strcmp(name, "SJID") == 0)
			take(r->sjid, sizeof(r->sjid), value);
		else if (strcmp(name, "AJBH") == 0)
			take(r->ajbh, sizeof(r->ajbh), value);
		else if (strcmp(name, "TJJG") == 0)
			take(r->tjjg, sizeof(r->tjjg), value);
		else if (strcmp(name, "JASJ") == 0)
			take(r->jasj, sizeof(r->jasj), value);
		else if (strcmp(name, "TJGZS") == 0)
			take(r->tjgzs, sizeof(r->tjgzs), value);
		else if (strcmp(name, "XYNR") == 0)
			text_put(&r->xynr, value);
		xmlFree(content);
	}
}

/* What is wrong with it, or NULL. */
static const char *fault_of(const struct result *r)
{
	if (!r->sjid[0] || !r->ajbh[0])
		return "缺少SJID或AJBH";
	if (strlen(r->tjjg) != 1 || !strchr("123", r->tjjg[0]))
		return "TJJG不在字典内";
	if (strlen(r->jasj) != 8 || strspn(r->jasj, "0123456789") != 8)
		return "JASJ格式错误";
	return NULL;
}

/* 1, or the code that refuses it, with @why. */
static int keep(struct grid *grid, const struct request *request, const char *user,
		const struct result *r, const char *body, const char **why)
{
	bool same_number;

	*why = fault_of(r);
	if (*why)
		return -2;
	if (!ledger_get(grid->number, "t", r->sjid)) {
		sqlite3_reset(grid->number);
		*why = "事件不存在";
		return -3;
	}
	/* Noted, not refused: whose number is right is for the test to say. */
	same_number = strcmp(ledger_text(grid->number, 0), r->ajbh) == 0;
	sqlite3_reset(grid->number);
	ledger_do(grid->result, "tttttttitii", r->sjid, r->ajbh, r->tjjg, r->jasj, r->tjgzs,
		  r->xynr.size ? r->xynr.data : NULL, user, (int64_t)same_number, body,
		  request->now, request->now);
	return 1;
}

static void feedback(struct grid *grid, const struct request *request, const char *user,
		     struct reply *reply)
{
	xmlDoc *doc = parse(&request->body);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL, *node;
	struct text body = { 0 };
	const char *why = "报文错误";
	int code = -2;

	if (root && strcmp((const char *)root->name, "feedback") == 0) {
		text_from_gb18030(&body, request->body.data, request->body.size);
		for (node = root->children; node; node = node->next) {
			struct result r = { .sjid = "" };

			if (strcmp((const char *)node->name, "JG") != 0)
				continue;
			read_result(&r, node);
			code = keep(grid, request, user, &r, body.data, &why);
			text_done(&r.xynr);
			if (code != 1)
				break;
		}
	}
	say(reply, code, code == 1 ? "ok" : why);
	text_done(&body);
	xmlFreeDoc(doc);
}

/* A consumer says that it has an event: SJID in a form. */
static void taken(struct grid *grid, const struct request *request, struct reply *reply)
{
	char id[64];

	if (!request_form(request, "SJID", id, sizeof(id))) {
		say(reply, -2, "缺少SJID");
		return;
	}
	ledger_do(grid->taken, "ti", id, request->now);
	say(reply, 1, "ok");
}

static void answer(void *self, struct request *request, struct reply *reply)
{
	struct grid *grid = self;

	reply->account = signed_by(grid, request);
	if (!reply->account)
		say(reply, -9, "签名错误");
	else if (request_is(request, "GET", "/event/list.xml"))
		list(grid, request, reply);
	else if (request_is(request, "GET", "/event/count.xml"))
		count(grid, request, reply);
	else if (request_is(request, "POST", "/event/result.xml"))
		feedback(grid, request, reply->account, reply);
	else if (request_is(request, "POST", "/event/taken.xml"))
		taken(grid, request, reply);
	else
		say(reply, -1, "没有这个接口");
}

static bool option(void *self, const char *name, const char *value)
{
	struct grid *grid = self;

	if (strcmp(name, "user") == 0)
		take(grid->user, sizeof(grid->user), value);
	else if (strcmp(name, "password") == 0)
		take(grid->password, sizeof(grid->password), value);
	else
		return false;
	return true;
}

static void start(void *self, sqlite3 *db, uint64_t seed)
{
	struct grid *grid = self;

	(void)seed;
	accounts_add(&grid->service->accounts, "grid", grid->user, grid->password);
	grid->page = ledger_prepare(db, "SELECT body FROM event WHERE gxsj >= ? AND gxsj < ?"
					" ORDER BY gxsj, id LIMIT ? OFFSET ?");
	grid->count = ledger_prepare(db, "SELECT count(*) FROM event WHERE gxsj >= ? AND gxsj < ?");
	grid->taken = ledger_prepare(db, "INSERT INTO taken (event_id, first_at, times)"
					 " VALUES (?, ?, 1) ON CONFLICT (event_id) DO UPDATE SET"
					 " times = times + 1");
	grid->number = ledger_prepare(db, "SELECT ajbh FROM event WHERE id = ?");
	grid->result = ledger_prepare(
		db,
		"INSERT INTO result (event_id, ajbh, tjjg, jasj, tjgzs, xynr, user,"
		" same_number, body, first_at, last_at, times_received, times_changed)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)"
		" ON CONFLICT (event_id) DO UPDATE SET"
		" times_received = times_received + 1,"
		" times_changed = times_changed + ((ajbh, tjjg, jasj, tjgzs, xynr) IS NOT"
		" (excluded.ajbh, excluded.tjjg, excluded.jasj, excluded.tjgzs, excluded.xynr)),"
		" ajbh = excluded.ajbh, tjjg = excluded.tjjg, jasj = excluded.jasj,"
		" tjgzs = excluded.tjgzs, xynr = excluded.xynr, user = excluded.user,"
		" same_number = excluded.same_number, body = excluded.body,"
		" last_at = excluded.last_at");
}

int main(int argc, char **argv)
{
	struct grid grid = { .user = "cx01", .password = "made-up-grid-password" };
	struct service service = {
		.name = "grid",
		.schema = GRID_SCHEMA,
		.type = "text/xml; charset=GB18030",
		.is_gb18030 = true,
		.strange = "<?xml version=\"1.0\" encoding=\"GB18030\"?>"
			   "<result><code>-77</code><message>系统繁忙</message></result>",
		.self = &grid,
		.start = start,
		.answer = answer,
		.option = option,
	};

	grid.service = &service;
	return server_main(&service, argc, argv);
}
