/*
 * platform.c - acts the provincial people's-mediation platform.
 *
 * A record is judged (case_check), then compared with what is held under its
 * number: the same content is answered with the old receipt, other content is
 * a new revision. A batch whose once-key was seen is answered from memory.
 * Every record that was judged leaves one row in `arrival`, so that a doubling
 * shows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/common/case_check.h"
#include "sim/common/gateway.h"
#include "sim/common/json.h"
#include "sim/common/ledger.h"
#include "sim/common/random.h"
#include "sim/common/server.h"
#include "sim/common/sign.h"

/* A batch whose sender was cut off, and that gets here later all the same. */
struct late {
	struct late *next;
	int64_t due;
	struct account *account;
	char once[128];
	struct text body;
};

struct platform {
	struct service *service;
	struct random random;
	sqlite3_stmt *held, *store, *revise, *revision, *arrive, *once, *keep_once, *forget,
		*take_back, *forget_revisions, *detail, *count, *serials, *list, *results;
	struct late *late;
	int64_t lag, late_by; /* ms */
	int review;           /* s until a receipt is there; 0: at once, with the answer */
	char refused[16];     /* the end of the numbers that a review turns down */
	int batch;            /* records at most */
	int token_life;       /* s */
	bool is_unique;       /* knows its own cases and once-keys; else it stores what comes */
};

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS case_file (ajbh TEXT, account TEXT, serial TEXT,"
	" revision INTEGER, body TEXT, stored_at INTEGER);"
	"CREATE INDEX IF NOT EXISTS case_file_ajbh ON case_file (ajbh);"
	"CREATE TABLE IF NOT EXISTS revision (ajbh TEXT, revision INTEGER, account TEXT, body TEXT,"
	" stored_at INTEGER);"
	"CREATE INDEX IF NOT EXISTS revision_ajbh ON revision (ajbh, revision);"
	"CREATE TABLE IF NOT EXISTS arrival (n INTEGER PRIMARY KEY, account TEXT, once TEXT,"
	" ajbh TEXT, verdict TEXT, field TEXT, other_studio TEXT, at INTEGER);"
	"CREATE TABLE IF NOT EXISTS once (account TEXT, once TEXT, digest TEXT, answer TEXT,"
	" times INTEGER, PRIMARY KEY (account, once)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS withdrawn (ajbh TEXT, serial TEXT, at INTEGER);";

static void say(struct reply *reply, int status, const char *code, const char *message)
{
	reply->status = status;
	reply->note = message;
	text_printf(&reply->body, "{\"code\":\"%s\",\"msg\":\"%s\",\"data\":null}", code, message);
}

static void new_token(struct platform *platform, struct account *account, int64_t now)
{
	int i;

	for (i = 0; i < 2; i++)
		snprintf(account->token + 16 * i, 17, "%016llx",
			 (unsigned long long)random_next(&platform->random));
	account->token_until = now + (int64_t)platform->token_life * 1000;
}

static void login(struct platform *platform, const struct request *request, struct reply *reply)
{
	struct account *account = NULL;
	char grant[64], app[64], secret[128];

	if (request_form(request, "client_id", app, sizeof(app)))
		account = accounts_find(&platform->service->accounts, app);
	if (account)
		reply->account = account->code;
	if (!account || !request_form(request, "grant_type", grant, sizeof(grant)) ||
	    strcmp(grant, "client_credentials") != 0 ||
	    !request_form(request, "client_secret", secret, sizeof(secret)) ||
	    strcmp(secret, account->secret) != 0) {
		say(reply, 401, "T001", "应用编号或密钥错误");
		return;
	}
	if (!account->token[0] || request->now >= account->token_until)
		new_token(platform, account, request->now);
	reply->status = 200;
	text_printf(&reply->body,
		    "{\"code\":\"0000\",\"msg\":\"成功\",\"data\":"
		    "{\"access_token\":\"%s\",\"expires_in\":%lld}}",
		    account->token, (long long)(account->token_until - request->now) / 1000);
}

static bool is_signed(const struct account *account, const struct request *request)
{
	const char *time = request_header(request, "X-Time");
	const char *sign = request_header(request, "X-Sign");
	struct text signed_text = { 0 };
	char expected[SIGN_SIZE];

	if (!time || !sign)
		return false;
	text_put(&signed_text, account->app);
	text_put(&signed_text, time);
	text_add(&signed_text, request->body.data, request->body.size);
	sign_hmac_sm3(expected, account->secret, signed_text.data, signed_text.size);
	text_done(&signed_text);
	return strcmp(expected, sign) == 0;
}

/* Whose request it is; NULL if the reply already says no. */
static struct account *admit(struct platform *platform, const struct request *request,
			     struct reply *reply)
{
	const char *header = request_header(request, "Authorization");
	struct account *account = NULL;

	if (header && strncmp(header, "Bearer ", 7) == 0)
		account = accounts_by_token(&platform->service->accounts, header + 7, request->now);
	if (account && strcmp(request->fault, "expire") == 0) {
		account->token[0] = '\0';
		account = NULL;
	}
	if (!account) {
		say(reply, 401, "T001", "令牌无效或已过期");
		return NULL;
	}
	reply->account = account->code;
	if (!is_signed(account, request)) {
		say(reply, 403, "T009", "签名错误");
		return NULL;
	}
	return account;
}

struct verdict {
	const char *code, *kind;
	char serial[32];
	struct case_fault fault;
};

/* Write a record that passed: fresh, or a revision of what is held. */
static void store(struct platform *p, const char *ajbh, const char *account, const char *body,
		  int64_t now, struct verdict *v)
{
	int64_t revision = 1;

	v->code = "0000";
	v->kind = "new";
	if (p->is_unique && ledger_get(p->held, "t", ajbh)) {
		snprintf(v->serial, sizeof(v->serial), "%s", ledger_text(p->held, 0));
		revision = sqlite3_column_int64(p->held, 1) + 1;
		v->kind = strcmp(ledger_text(p->held, 2), body) == 0 ? "same" : "update";
	}
	sqlite3_reset(p->held);
	if (strcmp(v->kind, "same") == 0) {
		v->code = "E1007";
		return;
	}
	if (revision == 1) {
		snprintf(v->serial, sizeof(v->serial), "PT%010lld",
			 (long long)ledger_number(p->serials, "") + 1);
		ledger_do(p->store, "tttti", ajbh, account, v->serial, body, now);
	} else {
		ledger_do(p->revise, "titit", account, revision, body, now, ajbh);
	}
	ledger_do(p->revision, "titti", ajbh, revision, account, body, now);
}

static void write_verdict(const struct platform *p, struct text *out, const char *ajbh,
			  const struct verdict *v)
{
	bool is_ok = strcmp(v->code, "0000") == 0, is_same = strcmp(v->code, "E1007") == 0;

	text_put(out, "{\"ajbh\":");
	text_json(out, ajbh);
	text_printf(out, ",\"code\":\"%s\"", v->code);
	if (v->serial[0] && !p->review)
		text_printf(out, ",\"serialNo\":\"%s\"", v->serial);
	text_put(out, ",\"msg\":");
	text_json(out, is_ok ? "成功" : is_same ? "案件已存在，内容相同" : v->fault.message);
	if (v->fault.field[0])
		text_printf(out, ",\"field\":\"%s\"", v->fault.field);
	text_char(out, '}');
}

static void judge(struct platform *p, const struct account *account, const char *once, int64_t now,
		  const struct json *record, struct text *out)
{
	const char *ajbh = json_text(record, "ajbh"), *studio = json_text(record, "tjgzs");
	bool is_foreign = studio && *studio && strcmp(studio, account->code) != 0;
	struct text body = { 0 };
	struct verdict v = { 0 };

	if (case_check(record, &v.fault)) {
		json_write(&body, record);
		store(p, ajbh, account->code, body.data, now, &v);
	} else {
		v.code = v.kind = v.fault.code;
	}
	ledger_do(p->arrive, "tttttti", account->code, once, ajbh, v.kind,
		  v.fault.field[0] ? v.fault.field : NULL, is_foreign ? studio : NULL, now);
	write_verdict(p, out, ajbh ? ajbh : "", &v);
	text_done(&body);
}

/* The answer to a batch; false if it is none, with @why. */
static bool process(struct platform *p, const struct account *account, const char *once,
		    int64_t now, const struct json *root, struct text *out, const char **why)
{
	const char *batch = json_text(root, "batchNo");
	const struct json *list = json_get(root, "list");

	*why = "报文格式错误";
	if (!batch || !list || list->kind != JSON_ARRAY || !list->count)
		return false;
	*why = "单批记录过多";
	if (list->count > (size_t)p->batch)
		return false;
	text_put(out, "{\"code\":\"0000\",\"msg\":\"成功\",\"data\":{\"batchNo\":");
	text_json(out, batch);
	text_put(out, ",\"results\":[");
	for (const struct json *record = list->first; record; record = record->next) {
		if (record != list->first)
			text_char(out, ',');
		judge(p, account, once, now, record, out);
	}
	text_put(out, "]}}");
	return true;
}

/* True if @once was seen: its answer, or a complaint, is in the reply. */
static bool was_seen(struct platform *p, const char *account, const char *once, const char *digest,
		     struct reply *reply)
{
	bool seen = p->is_unique && ledger_get(p->once, "tt", account, once);

	if (seen && strcmp(ledger_text(p->once, 0), digest) == 0) {
		reply->status = 200;
		reply->note = "once again";
		text_put(&reply->body, ledger_text(p->once, 1));
	} else if (seen) {
		say(reply, 200, "E1009", "X-Once已用于其他内容");
	}
	sqlite3_reset(p->once);
	return seen;
}

static void batch(struct platform *p, const struct account *account, const char *once, int64_t now,
		  const struct text *body, struct reply *reply)
{
	char digest[SIGN_SIZE];
	const char *why = "报文不是JSON";
	struct text out = { 0 };
	struct json *root;

	sign_sha256(digest, body->data, body->size);
	if (was_seen(p, account->code, once, digest, reply)) {
		ledger_do(p->keep_once, "tttt", account->code, once, digest, "");
		return;
	}
	root = body->size ? json_parse(body->data, body->size) : NULL;
	if (root && process(p, account, once, now, root, &out, &why)) {
		reply->status = 200;
		text_add(&reply->body, out.data, out.size);
		ledger_do(p->keep_once, "tttt", account->code, once, digest, out.data);
	} else {
		say(reply, 200, "E3001", why);
	}
	text_done(&out);
	json_free(root);
}

static void put_off(struct platform *p, struct account *account, const char *once,
		    struct request *request)
{
	struct late *late = calloc(1, sizeof(*late)), **end = &p->late;

	if (!late)
		die("out of memory");
	while (*end)
		end = &(*end)->next;
	*end = late;
	late->due = request->now + p->late_by;
	late->account = account;
	snprintf(late->once, sizeof(late->once), "%s", once);
	text_add(&late->body, request->body.data, request->body.size);
}

/* What has not arrived when the platform stops never does. */
static void drop_late_ones(struct platform *p)
{
	while (p->late) {
		struct late *late = p->late;

		p->late = late->next;
		text_done(&late->body);
		free(late);
	}
}

static void let_late_ones_in(struct platform *p, int64_t now)
{
	while (p->late && p->late->due <= now) {
		struct late *late = p->late;
		struct reply unheard = { 0 };

		p->late = late->next;
		batch(p, late->account, late->once, late->due, &late->body, &unheard);
		text_done(&unheard.body);
		text_done(&late->body);
		free(late);
	}
}

static void take_batch(struct platform *p, struct account *account, struct request *request,
		       struct reply *reply)
{
	const char *once = request_header(request, "X-Once");

	if (!once || !*once || strlen(once) > 100)
		say(reply, 200, "E3002", "缺少X-Once");
	else if (strcmp(request->fault, "late") == 0)
		put_off(p, account, once, request);
	else
		batch(p, account, once, request->now, &request->body, reply);
	if (reply->body.size && strcmp(request->fault, "repeat") == 0) {
		struct reply unheard = { 0 }; /* a gateway has passed it on twice */

		batch(p, account, once, request->now, &request->body, &unheard);
		text_done(&unheard.body);
	}
}

/* The answer speaks of another case, which nobody asked about. */
static void speak_of_another(struct text *body)
{
	const char *from = body->data ? body->data : "", *at;
	static const char key[] = "\"ajbh\":\"";
	struct text other = { 0 };

	while ((at = strstr(from, key))) {
		text_add(&other, from, (size_t)(at - from) + strlen(key));
		text_put(&other, "ANOTHER-");
		from = at + strlen(key);
	}
	text_put(&other, from);
	text_done(body);
	*body = other;
}

static void detail(struct platform *p, const struct request *request, struct reply *reply)
{
	const char *ajbh = request_param(request, "ajbh");
	int64_t visible = request->now - p->lag;
	const char *body;

	reply->status = 200;
	text_put(&reply->body, "{\"code\":\"0000\",\"msg\":\"成功\",\"data\":");
	if (ledger_get(p->detail, "ti", ajbh ? ajbh : "", visible)) {
		body = ledger_text(p->detail, 0);
		text_add(&reply->body, body, strlen(body) - 1);
		text_printf(&reply->body, ",\"serialNo\":\"%s\",\"revision\":%lld}",
			    ledger_text(p->detail, 1),
			    (long long)sqlite3_column_int64(p->detail, 2));
	} else {
		text_put(&reply->body, "null");
	}
	sqlite3_reset(p->detail);
	text_char(&reply->body, '}');
}

static void count(struct platform *p, const struct account *account, const struct request *request,
		  struct reply *reply)
{
	const char *from = request_param(request, "begin"), *to = request_param(request, "end");
	char begin[15], end[15];

	if (!moment_read(begin, from && *from ? from : "00000101") ||
	    !moment_read(end, to && *to ? to : "99991231")) {
		say(reply, 200, "E3003", "begin或end不是时间");
		return;
	}
	reply->status = 200;
	text_printf(&reply->body, "{\"code\":\"0000\",\"msg\":\"成功\",\"data\":{\"total\":%lld}}",
		    (long long)ledger_number(p->count, "ttt", account->code, begin, end));
}

/* A parameter as a number, 0 where it is not there. */
static int64_t number(const struct request *request, const char *name)
{
	const char *text = request_param(request, name);

	return text ? strtoll(text, NULL, 10) : 0;
}

/* What an account has sent, stored in [begin, end): whole records, page by page. */
static void list(struct platform *p, const struct account *account, const struct request *request,
		 struct reply *reply)
{
	const char *from = request_param(request, "begin"), *to = request_param(request, "end");
	int64_t size = number(request, "size"), page = number(request, "page");
	char begin[15], end[15];
	const char *comma = "";

	if (!moment_read(begin, from && *from ? from : "00000101") ||
	    !moment_read(end, to && *to ? to : "99991231") || page < 1 || size < 1 || size > 200) {
		say(reply, 200, "E3003", "begin、end、page或size不对");
		return;
	}
	reply->status = 200;
	text_put(&reply->body, "{\"code\":\"0000\",\"msg\":\"成功\",\"data\":{\"rows\":[");
	for (bool more = ledger_get(p->list, "tttii", account->code, begin, end, size,
				    (page - 1) * size);
	     more; more = sqlite3_step(p->list) == SQLITE_ROW, comma = ",") {
		const char *body = ledger_text(p->list, 0);

		text_put(&reply->body, comma);
		text_add(&reply->body, body, strlen(body) - 1);
		text_printf(&reply->body, ",\"serialNo\":\"%s\"}", ledger_text(p->list, 1));
	}
	sqlite3_reset(p->list);
	text_put(&reply->body, "]}}");
}

/* Results of reviews after the place @cursor, in order of storing. */
static void results(struct platform *p, const struct account *account,
		    const struct request *request, struct reply *reply)
{
	int64_t reached = number(request, "cursor");
	size_t tail = strlen(p->refused);
	const char *comma = "";

	reply->status = 200;
	text_put(&reply->body, "{\"code\":\"0000\",\"msg\":\"成功\",\"data\":{\"rows\":[");
	for (bool more = ledger_get(p->results, "tii", account->code, reached,
				    request->now - (int64_t)p->review * 1000);
	     more; more = sqlite3_step(p->results) == SQLITE_ROW, comma = ",") {
		const char *ajbh = ledger_text(p->results, 0);
		size_t len = strlen(ajbh);
		bool is_refused = tail && len >= tail && strcmp(ajbh + len - tail, p->refused) == 0;

		text_printf(
			&reply->body,
			"%s{\"ajbh\":\"%s\",\"state\":\"%s\",\"serialNo\":\"%s\",\"msg\":\"%s\"}",
			comma, ajbh, is_refused ? "2" : "1",
			is_refused ? "" : ledger_text(p->results, 1),
			is_refused ? "审核未通过：案卷不完整" : "审核通过");
		reached = sqlite3_column_int64(p->results, 2);
	}
	sqlite3_reset(p->results);
	text_printf(&reply->body, "],\"cursor\":%lld}}", (long long)reached);
}

/* Taken back by its number; the receipt has to be the one that was given. */
static void withdraw(struct platform *p, const struct account *account, struct request *request,
		     struct reply *reply)
{
	struct json *root =
		request->body.size ? json_parse(request->body.data, request->body.size) : NULL;
	char held[32] = "";
	const char *ajbh = json_text(root, "ajbh"), *serial = json_text(root, "serialNo");
	const char *once = request_header(request, "X-Once");
	bool is_theirs;

	if (ajbh && ledger_get(p->held, "t", ajbh))
		snprintf(held, sizeof(held), "%s", ledger_text(p->held, 0));
	sqlite3_reset(p->held);
	is_theirs = held[0] && serial && strcmp(serial, held) == 0;
	if (!held[0]) {
		say(reply, 200, "E2008", "没有这个案件");
	} else if (!is_theirs) {
		say(reply, 200, "E2009", "回执号不符");
	} else {
		ledger_do(p->take_back, "tti", ajbh, held, request->now);
		ledger_do(p->forget, "t", ajbh);
		ledger_do(p->forget_revisions, "t", ajbh);
		reply->status = 200;
		text_printf(&reply->body,
			    "{\"code\":\"0000\",\"msg\":\"成功\",\"data\":{\"serialNo\":\"CX%s\"}}",
			    held);
	}
	ledger_do(p->arrive, "tttttti", account->code, once ? once : "", ajbh,
		  is_theirs ? "withdrawn" : "not there", NULL, NULL, request->now);
	json_free(root);
}

static void dictionary(const struct request *request, struct reply *reply)
{
	const char *type = request_param(request, "type");
	const struct case_code *code = type ? case_codes(type) : NULL;
	const char *comma = "";

	if (!code) {
		say(reply, 200, "E3004", "没有这个字典");
		return;
	}
	reply->status = 200;
	text_put(&reply->body, "{\"code\":\"0000\",\"msg\":\"成功\",\"data\":{\"rows\":[");
	for (; code->code; code++, comma = ",")
		text_printf(&reply->body, "%s{\"dm\":\"%s\",\"mc\":\"%s\"}", comma, code->code,
			    code->name);
	text_put(&reply->body, "]}}");
}

static void answer(void *self, struct request *request, struct reply *reply)
{
	struct platform *p = self;
	struct account *account;

	let_late_ones_in(p, request->now);
	if (request_is(request, "POST", "/oauth/token")) {
		login(p, request, reply);
		return;
	}
	if (gateway_answer(request, reply))
		return;
	account = admit(p, request, reply);
	if (!account)
		return;
	if (request_is(request, "POST", "/rmtj/case/batch"))
		take_batch(p, account, request, reply);
	else if (request_is(request, "POST", "/rmtj/case/withdraw"))
		withdraw(p, account, request, reply);
	else if (request_is(request, "GET", "/rmtj/case/detail"))
		detail(p, request, reply);
	else if (request_is(request, "GET", "/rmtj/case/count"))
		count(p, account, request, reply);
	else if (request_is(request, "GET", "/rmtj/case/list"))
		list(p, account, request, reply);
	else if (request_is(request, "GET", "/rmtj/case/results"))
		results(p, account, request, reply);
	else if (request_is(request, "GET", "/dict/list"))
		dictionary(request, reply);
	else
		say(reply, 404, "E4004", "没有这个接口");
	if (strcmp(request->fault, "wrong-key") == 0)
		speak_of_another(&reply->body);
}

static bool option(void *self, const char *name, const char *value)
{
	struct platform *p = self;

	if (strcmp(name, "lag-s") == 0)
		p->lag = strtoll(value, NULL, 10) * 1000;
	else if (strcmp(name, "late-s") == 0)
		p->late_by = strtoll(value, NULL, 10) * 1000;
	else if (strcmp(name, "lag-ms") == 0)
		p->lag = strtoll(value, NULL, 10);
	else if (strcmp(name, "late-ms") == 0)
		p->late_by = strtoll(value, NULL, 10);
	else if (strcmp(name, "unique") == 0)
		p->is_unique = atoi(value) != 0;
	else if (strcmp(name, "batch") == 0)
		p->batch = atoi(value);
	else if (strcmp(name, "token-s") == 0)
		p->token_life = atoi(value);
	else if (strcmp(name, "review-s") == 0)
		p->review = atoi(value);
	else if (strcmp(name, "review-refuses") == 0)
		snprintf(p->refused, sizeof(p->refused), "%s", value);
	else
		return false;
	return true;
}

static void start(void *self, sqlite3 *db, uint64_t seed)
{
	struct platform *p = self;

	random_init(&p->random, seed, 2);
	p->held = ledger_prepare(db, "SELECT serial, revision, body FROM case_file WHERE ajbh = ?");
	p->store =
		ledger_prepare(db, "INSERT INTO case_file (ajbh, account, serial, revision, body,"
				   " stored_at) VALUES (?, ?, ?, 1, ?, ?)");
	p->revise = ledger_prepare(db, "UPDATE case_file SET account = ?, revision = ?, body = ?,"
				       " stored_at = ? WHERE ajbh = ?");
	p->revision = ledger_prepare(db, "INSERT INTO revision (ajbh, revision, account, body,"
					 " stored_at) VALUES (?, ?, ?, ?, ?)");
	p->arrive = ledger_prepare(db, "INSERT INTO arrival (account, once, ajbh, verdict, field,"
				       " other_studio, at) VALUES (?, ?, ?, ?, ?, ?, ?)");
	p->take_back = ledger_prepare(db, "INSERT INTO withdrawn (ajbh, serial, at)"
					  " VALUES (?, ?, ?)");
	p->forget = ledger_prepare(db, "DELETE FROM case_file WHERE ajbh = ?");
	p->forget_revisions = ledger_prepare(db, "DELETE FROM revision WHERE ajbh = ?");
	p->serials = ledger_prepare(db, "SELECT coalesce(max(rowid), 0) +"
					" (SELECT count(*) FROM withdrawn) FROM case_file");
	p->once = ledger_prepare(db, "SELECT digest, answer FROM once WHERE account = ?"
				     " AND once = ?");
	p->keep_once = ledger_prepare(db, "INSERT INTO once (account, once, digest, answer, times)"
					  " VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET"
					  " times = times + 1");
	p->detail = ledger_prepare(db, "SELECT r.body, c.serial, r.revision FROM revision r"
				       " JOIN case_file c USING (ajbh) WHERE r.ajbh = ?"
				       " AND r.stored_at <= ? ORDER BY r.revision DESC LIMIT 1");
	p->list = ledger_prepare(
		db, "SELECT body, serial FROM case_file WHERE account = ?1 AND"
		    " strftime('%Y%m%d%H%M%S', stored_at / 1000 + 28800, 'unixepoch') >= ?2 AND"
		    " strftime('%Y%m%d%H%M%S', stored_at / 1000 + 28800, 'unixepoch') < ?3"
		    " ORDER BY stored_at, ajbh LIMIT ?4 OFFSET ?5");
	p->results = ledger_prepare(
		db, "SELECT r.ajbh, c.serial, r.n FROM (SELECT row_number() OVER"
		    " (ORDER BY stored_at, ajbh, revision) AS n, * FROM revision) r"
		    " JOIN case_file c USING (ajbh) WHERE r.account = ?1 AND r.n > ?2"
		    " AND r.stored_at <= ?3 ORDER BY r.n LIMIT 100");
	p->count = ledger_prepare(
		db, "SELECT count(*) FROM case_file WHERE account = ?1 AND"
		    " strftime('%Y%m%d%H%M%S', stored_at / 1000 + 28800, 'unixepoch') >= ?2 AND"
		    " strftime('%Y%m%d%H%M%S', stored_at / 1000 + 28800, 'unixepoch') < ?3");
}

int main(int argc, char **argv)
{
	struct platform platform = {
		.batch = 50, .token_life = 7200, .late_by = 60000, .is_unique = true
	};
	struct service service = {
		.name = "platform",
		.schema = schema,
		.type = "application/json; charset=utf-8",
		.strange = "{\"code\":\"9999\",\"msg\":\"系统繁忙\",\"data\":null}",
		.self = &platform,
		.start = start,
		.answer = answer,
		.option = option,
	};
	int status;

	platform.service = &service;
	status = server_main(&service, argc, argv);
	drop_late_ones(&platform);
	return status;
}
