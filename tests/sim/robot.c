/*
 * robot.c - acts the group robots of WeCom and DingTalk, and whoever takes a
 * JSON document.
 *
 *     POST /cgi-bin/webhook/send?key=KEY                            WeCom
 *     POST /robot/send?access_token=KEY[&timestamp=MS&sign=SIGN]    DingTalk
 *     POST /hook/KEY                                                JSON
 *
 * As the real ones do, it says what is wrong in an answer of status 200, by
 * "errcode". What it took is a row of `message`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sim/common/json.h"
#include "sim/common/ledger.h"
#include "sim/common/server.h"

#define KEY "made-up-key"
#define HOUR_MS (INT64_C(3600) * 1000)

struct robot {
	sqlite3_stmt *take;
	char sign[64];    /* DingTalk's secret; "": it does not ask for one */
	char keyword[32]; /* that a text must have; "": any */
	int errcode;      /* said instead of taking anything; 0: none */
	int most;         /* bytes of a text */
};

static const char schema[] = "CREATE TABLE IF NOT EXISTS message (n INTEGER PRIMARY KEY,"
			     " form TEXT, text TEXT, body TEXT, at INTEGER);";

static void say(struct reply *reply, int code, const char *message)
{
	reply->status = 200;
	reply->note = message;
	text_printf(&reply->body, "{\"errcode\":%d,\"errmsg\":\"%s\"}", code, message);
}

/* base64(hmac-sha256(secret, timestamp "\n" secret)), not older than an hour. */
static bool is_signed(const struct robot *r, const struct request *request)
{
	const char *timestamp = request_param(request, "timestamp");
	const char *sign = request_param(request, "sign");
	int64_t age = timestamp ? request->now - strtoll(timestamp, NULL, 10) : HOUR_MS;
	unsigned char digest[EVP_MAX_MD_SIZE], right[128];
	unsigned size = 0;
	char text[128];

	if (!*r->sign)
		return true;
	if (!sign || age >= HOUR_MS || age <= -HOUR_MS)
		return false;
	snprintf(text, sizeof(text), "%s\n%s", timestamp, r->sign);
	HMAC(EVP_sha256(), r->sign, (int)strlen(r->sign), (const unsigned char *)text, strlen(text),
	     digest, &size);
	EVP_EncodeBlock(right, digest, (int)size);
	return strcmp(sign, (const char *)right) == 0;
}

static void take(struct robot *r, const struct request *request, const char *form, const char *text,
		 struct reply *reply)
{
	if (r->errcode) {
		say(reply, r->errcode, "as it was told");
		return;
	}
	if (strlen(text) > (size_t)r->most) {
		say(reply, 40058, "content too long");
		return;
	}
	if (*r->keyword && !strstr(text, r->keyword)) {
		say(reply, 310000, "keywords not in content");
		return;
	}
	ledger_do(r->take, "ttti", form, text, request->body.data, request->now);
	say(reply, 0, "ok");
}

static void answer(void *self, struct request *request, struct reply *reply)
{
	struct robot *r = self;
	const char *key = request_param(request, "key");
	const char *token = request_param(request, "access_token");
	/* Through a proxy the whole address is asked for. */
	char *host = strstr(request->path, "://"), *path = host ? strchr(host + 3, '/') : NULL;
	struct json *body =
		json_parse(request->body.data ? request->body.data : "", request->body.size);
	const struct json *content = json_get(body, "text");
	const char *text = content ? json_text(content, "content") : NULL;

	if (path)
		memmove(request->path, path, strlen(path) + 1);
	if (request_is(request, "POST", "/hook/" KEY)) {
		text = json_text(body, "text");
		if (text && json_text(body, "id"))
			take(r, request, "json", text, reply);
		else
			say(reply, 1, "no such document");
	} else if (request_is(request, "POST", "/cgi-bin/webhook/send")) {
		if (!key || strcmp(key, KEY) != 0)
			say(reply, 93000, "invalid webhook url");
		else if (!text || strcmp(json_text(body, "msgtype"), "text") != 0)
			say(reply, 40008, "invalid message type");
		else
			take(r, request, "wecom", text, reply);
	} else if (request_is(request, "POST", "/robot/send")) {
		if (!token || strcmp(token, KEY) != 0)
			say(reply, 300001, "token is not exist");
		else if (!is_signed(r, request))
			say(reply, 310000, "sign not match");
		else if (!text)
			say(reply, 40035, "missing parameter");
		else
			take(r, request, "dingtalk", text, reply);
	} else {
		reply->status = 404;
		text_put(&reply->body, "{}");
	}
	json_free(body);
}

static bool option(void *self, const char *name, const char *value)
{
	struct robot *r = self;

	if (strcmp(name, "sign") == 0)
		snprintf(r->sign, sizeof(r->sign), "%s", value);
	else if (strcmp(name, "keyword") == 0)
		snprintf(r->keyword, sizeof(r->keyword), "%s", value);
	else if (strcmp(name, "errcode") == 0)
		r->errcode = atoi(value);
	else if (strcmp(name, "most") == 0)
		r->most = atoi(value);
	else
		return false;
	return true;
}

static void start(void *self, sqlite3 *db, uint64_t seed)
{
	struct robot *r = self;

	(void)seed;
	r->take = ledger_prepare(db,
				 "INSERT INTO message (form, text, body, at) VALUES (?, ?, ?, ?)");
}

int main(int argc, char **argv)
{
	struct robot robot = { .most = 2048 };
	struct service service = {
		.name = "robot",
		.schema = schema,
		.type = "application/json; charset=utf-8",
		.strange = "{\"errcode\":9999,\"errmsg\":\"系统繁忙\"}",
		.self = &robot,
		.start = start,
		.answer = answer,
		.option = option,
	};

	return server_main(&service, argc, argv);
}
