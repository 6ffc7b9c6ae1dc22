/*
 * notice_send.c - what waits to be said becomes one message, and goes out.
 *
 * One message for all that is due: a robot takes twenty in a minute, and a bad
 * night has more causes than that. It is sent, then marked as said; whoever
 * dies in between says it twice, and nobody says it never. A JSON document has
 * an id that is the same then.
 */
#include "flow/notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/moment.h"
#include "base/say.h"
#include "flow/inside.h"
#include "flow/schedule.h"

#define TEXT_MOST 1800 /* of a robot's message: WeCom takes 2048 bytes */
#define GAP_MS INT64_C(5000)
#define MOST_PAUSE_MS INT64_C(3600000)
#define LOOK_MOST_MS INT64_C(3600000)

struct message {
	struct store_notice *rows; /* the first @count of them */
	size_t count;
	struct buffer text; /* for people */
};

bool notice_is_due(const struct site_notice *notice, const struct store_notice *row, int64_t now)
{
	/* Said in the future: the clock was wrong then. */
	return row->count > 0 &&
	       (now >= row->said_ms + notice->again_ms || row->said_ms > now + notice->again_ms);
}

static const char *label_of(const char *word)
{
	for (int k = 0; k < NOTICE_KINDS; k++)
		if (strcmp(notice_word((enum notice_kind)k), word) == 0)
			return notice_label((enum notice_kind)k);
	return word;
}

/* Of a state the sentence says how much there is of it. */
static void say_count(const struct store_notice *row, struct buffer *out)
{
	static const char *const events[] = { "locked", "rest", "failed", "missed", "engine" };
	long long count = row->count;

	if (count < 2)
		return;
	if (strcmp(row->kind, "late") == 0 || strcmp(row->kind, "deadline") == 0)
		buffer_say(out, "（新到 %lld 件）", " (%lld came to it)", count);
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (strcmp(row->kind, events[i]) == 0)
			buffer_say(out, "（共 %lld 次）", " (%lld times)", count);
}

void notice_say(const struct store_notice *row, struct buffer *out)
{
	buffer_say(out, "%s %s：%s", "%s %s: %s", label_of(row->kind), row->object, row->say);
	say_count(row, out);
}

/* As many of the rows that are due as one message takes. */
static void compose(struct message *m, const struct site *site, const struct site_notice *n,
		    struct store_notice *rows, size_t count, int64_t now)
{
	struct buffer line = { 0 };

	m->rows = rows;
	buffer_say(&m->text, "【案桥】%s", "[casebridge] %s", site->name);
	for (size_t i = 0; i < count; i++) {
		if (!notice_is_due(n, &rows[i], now))
			continue;
		buffer_clear(&line);
		notice_say(&rows[i], &line);
		if (m->count && m->text.len + line.len > TEXT_MOST)
			break;
		buffer_char(&m->text, '\n');
		buffer_text(&m->text, buffer_view(&line));
		rows[m->count++] = rows[i];
	}
	buffer_done(&line);
}

static uint64_t id_of(const struct message *m)
{
	uint64_t id = m->count;

	for (size_t i = 0; i < m->count; i++) {
		const struct store_notice *r = &m->rows[i];

		id = hash_bytes(r->way, strlen(r->way), id);
		id = hash_bytes(r->kind, strlen(r->kind), id);
		id = hash_bytes(r->object, strlen(r->object), id);
		id = hash_bytes(&r->first_ms, sizeof(r->first_ms), id);
		id = hash_bytes(&r->count, sizeof(r->count), id);
	}
	return id;
}

static void document(const struct site *site, const struct message *m, uint64_t id,
		     struct buffer *out)
{
	struct json j = { .out = out };
	char iso[CALENDAR_TEXT], number[20];

	snprintf(number, sizeof(number), "%016" PRIx64, id);
	json_open(&j, NULL, '{');
	json_string(&j, "id", number);
	json_string(&j, "site", site->name);
	json_text(&j, "text", buffer_view(&m->text));
	json_open(&j, "notices", '[');
	for (size_t i = 0; i < m->count; i++) {
		const struct store_notice *r = &m->rows[i];

		json_open(&j, NULL, '{');
		json_string(&j, "kind", r->kind);
		json_string(&j, "object", r->object);
		json_string(&j, "say", r->say);
		json_integer(&j, "count", r->count);
		calendar_iso(r->first_ms, site->zone, iso);
		json_string(&j, "first", iso);
		calendar_iso(r->last_ms, site->zone, iso);
		json_string(&j, "last", iso);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
}

/* "20240401-074000-0123456789abcdef.json": whoever writes it twice writes it once. */
static int drop(const struct site *site, const struct site_notice *n, const struct message *m,
		int64_t now, struct cb_error *err)
{
	int64_t first = m->count ? m->rows[0].first_ms : now;
	struct moment at = moment_at(first, site->zone);
	uint64_t id = m->count ? id_of(m) : (uint64_t)now;
	struct arena arena = { 0 };
	struct buffer text = { 0 };
	char name[64];
	int rc = file_make_folder(n->folder, 0750, err);

	snprintf(name, sizeof(name), "%04d%02d%02d-%02d%02d%02d-%016" PRIx64 ".json", at.year,
		 at.month, at.day, at.hour, at.minute, at.second, id);
	document(site, m, id, &text);
	buffer_char(&text, '\n');
	if (rc == CB_OK)
		rc = file_write(file_join(&arena, n->folder, name), buffer_view(&text), 0640, err);
	buffer_done(&text);
	arena_done(&arena);
	return rc;
}

/* The number behind "errcode", which a robot says in an answer of any status; -1: there is none. */
static int64_t errcode_of(struct cb_text body)
{
	static const char name[] = "\"errcode\"";
	const char *at = body.len ? memmem(body.at, body.len, name, sizeof(name) - 1) : NULL;
	const char *end = body.at + body.len;
	int64_t code = -1;

	if (!at)
		return -1;
	for (at += sizeof(name) - 1; at < end && (*at == ' ' || *at == ':'); at++)
		;
	for (; at < end && is_digit(*at) && code < INT32_MAX; at++)
		code = (code < 0 ? 0 : code * 10) + *at - '0';
	return code;
}

/* What people have to do about the codes that they can do something about. */
static const char *about_code(int64_t code)
{
	switch (code) {
	case 45009:
	case 45033:
	case 130101:
	case 660026:
		return cb_say("发得太快，稍后再发", "too many, again later");
	case 93000:
	case 300001:
	case 40035:
		return cb_say("机器人地址不对或机器人已删除，请重新录入地址",
			      "the address is wrong or the robot is gone: set the address again");
	case 310000:
		return cb_say("钉钉的安全设置不认：核对加签密钥，或把关键词设为“案桥”",
			      "DingTalk's security settings refuse it: look at the secret that "
			      "signs, or make 案桥 the keyword");
	default:
		return cb_say("对方没有接受", "it was not taken");
	}
}

static int judge(const struct site_notice *n, const struct cb_answer *answer, struct cb_error *err)
{
	int64_t code = n->form == NOTICE_JSON ? 0 : errcode_of(answer->body);
	struct cb_text wait = cb_answer_header(answer, "Retry-After");

	if (answer->status >= 200 && answer->status < 300 && code == 0)
		return CB_OK;
	if (answer->status < 200 || answer->status >= 300)
		cb_error_set(err, CB_AGAIN, "对方应答 HTTP %d", "the answer was HTTP %d",
			     answer->status);
	else if (code < 0)
		cb_error_set(err, CB_AGAIN, "应答里没有 errcode，不像是机器人",
			     "the answer has no errcode: hardly a robot");
	else
		cb_error_set(err, CB_AGAIN, "errcode %lld：%s", "errcode %lld: %s", (long long)code,
			     about_code(code));
	for (size_t i = 0; err && i < wait.len && i < 6 && is_digit(wait.at[i]); i++)
		err->wait_ms = err->wait_ms * 10 + (wait.at[i] - '0');
	if (err)
		err->wait_ms *= 1000;
	return CB_AGAIN;
}

static int post(struct net *net, const struct site *site, struct site_notice *n,
		const struct message *m, struct cb_error *err)
{
	static const struct cb_part signing[] = {
		{ .place = CB_PART_PARAM, .name = "timestamp", .value = "{time(epoch-ms)}" },
		{ .place = CB_PART_PARAM,
		  .name = "sign",
		  .value = "{base64(hmac-sha256(sign, time(epoch-ms) + '\n' + sign))}" },
	};
	struct buffer whole = { 0 };
	struct cb_request request = {
		.method = "POST",
		.url = "{webhook}",
		.parts = signing,
		.part_count = n->is_signed ? 2 : 0,
		.body = n->form == NOTICE_JSON
				? "{document}"
				: "{{\"msgtype\":\"text\",\"text\":{{\"content\":\"{text}\"}}}}",
		.body_type = "json",
		.changes = true,
	};
	struct cb_name names[] = { { .name = "text", .value = buffer_view(&m->text) },
				   { .name = "document", .is_raw = true } };
	struct cb_answer answer;
	int rc;

	document(site, m, id_of(m), &whole);
	names[1].value = buffer_view(&whole);
	request.names = names;
	request.name_count = 2;
	rc = net_send(net, &n->net, &request, &answer, err);
	if (rc == CB_OK)
		rc = judge(n, &answer, err);
	buffer_done(&whole);
	return rc;
}

static int send(struct net *net, const struct site *site, struct site_notice *n,
		const struct message *m, int64_t now, struct cb_error *err)
{
	return n->form == NOTICE_FILE ? drop(site, n, m, now, err) : post(net, site, n, m, err);
}

int notice_try(struct net *net, const struct site *site, struct site_notice *n, int64_t now,
	       struct cb_error *err)
{
	struct message m = { 0 };
	int rc;

	buffer_say(&m.text, "【案桥】%s\n试发：收到这一条，就是通了",
		   "[casebridge] %s\na test: whoever reads this, it works", site->name);
	rc = send(net, site, n, &m, now, err);
	buffer_done(&m.text);
	return rc;
}

/* What came of it, in one transaction. */
static int record(struct engine *engine, const struct site_notice *n, struct store_way *way,
		  const struct message *m, struct cb_error *err)
{
	int rc = store_begin(engine->store, engine_now(engine), err);

	for (size_t i = 0; i < m->count && !way->tries && rc == CB_OK; i++)
		rc = store_notice_said(engine->store, &m->rows[i], err);
	if (rc == CB_OK)
		rc = store_way_set(engine->store, n->name, way, err);
	if (rc == CB_OK)
		return store_commit(engine->store, err);
	store_rollback(engine->store);
	return rc;
}

static void went(struct store_way *way, const struct site_notice *n, int64_t now)
{
	if (way->tries)
		cb_log(CB_INFO, "通知 %s 又能送到了", "notices to %s arrive again", n->name);
	*way = (struct store_way){ .said_ms = now };
}

static void went_not(struct store_way *way, const struct engine *engine,
		     const struct site_notice *n, const struct cb_error *why)
{
	int64_t now = engine_now(engine);
	int64_t pause = schedule_pause(way->tries) / 10; /* from half a minute to six */
	uint32_t dice;

	engine_random(engine, &dice, sizeof(dice));
	pause = pause / 2 + (int64_t)(dice % (uint32_t)(pause / 2 + 1));
	if (why->wait_ms > pause)
		pause = why->wait_ms < MOST_PAUSE_MS ? why->wait_ms : MOST_PAUSE_MS;
	if (!way->tries)
		cb_log(CB_WARN, "通知 %s 没有送到，还会再送：%s",
		       "notices to %s do not arrive, and are tried again: %s", n->name, why->text);
	way->failing_ms = way->tries++ ? way->failing_ms : now;
	way->not_before = now + pause;
	way->problem = why->text;
}

/* When there is something to say next; INT64_MAX: nothing is. */
static int64_t next_of(const struct site_notice *n, const struct store_notice *rows, size_t count,
		       int64_t now)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		int64_t at = notice_is_due(n, &rows[i], now) ? now : rows[i].said_ms + n->again_ms;

		if (rows[i].count && at < next)
			next = at;
	}
	return next;
}

static int send_due(struct engine *engine, struct site_notice *n, struct store_way *way,
		    struct store_notice *rows, size_t count, struct cb_error *err)
{
	struct message m = { 0 };
	struct cb_error why = { 0 };
	int rc = CB_OK;

	compose(&m, engine->site, n, rows, count, engine_now(engine));
	if (m.count) {
		if (send(engine->net, engine->site, n, &m, engine_now(engine), &why) == CB_OK) {
			went(way, n, engine_now(engine));
			engine->telling.gap_ms = engine_now(engine) + GAP_MS;
		} else {
			went_not(way, engine, n, &why);
		}
		rc = record(engine, n, way, &m, err);
		way->problem = NULL; /* ours, and written down */
	}
	buffer_done(&m.text);
	return rc;
}

/* One way: what is due goes out, and @look_ms comes down to when there may be more. */
static int take_way(struct engine *engine, struct site_notice *n, int64_t *look_ms,
		    struct cb_error *err)
{
	struct arena arena = { 0 };
	struct store_notice *rows;
	struct store_way way;
	int64_t now = engine_now(engine), next = INT64_MAX;
	size_t count = 0;
	int rc = store_way(engine->store, n->name, &arena, &way, err);

	if (rc == CB_OK)
		rc = store_notices(engine->store, n->name, &arena, &rows, &count, err);
	if (rc == CB_OK)
		next = next_of(n, rows, count, now);
	/* A clock that was set back does not make it wait for ever. */
	if (way.not_before > now + MOST_PAUSE_MS)
		way.not_before = now;
	if (rc == CB_OK && next <= now && way.not_before <= now) {
		rc = send_due(engine, n, &way, rows, count, err);
		next = way.tries ? way.not_before : now; /* more than one message took */
	} else if (next < way.not_before) {
		next = way.not_before;
	}
	if (next < *look_ms)
		*look_ms = next;
	arena_done(&arena);
	return rc;
}

bool notices_are_due(const struct engine *engine, int64_t now)
{
	const struct telling *t = &engine->telling;

	if (now >= t->looked_ms && now < t->gap_ms)
		return false;
	return engine->site->notice_count && (now >= t->look_ms || now < t->looked_ms ||
					      t->raised != store_notices_raised(engine->store) ||
					      t->change != store_changes(engine->store));
}

int notices_turn(struct engine *engine, struct cb_error *err)
{
	struct telling *t = &engine->telling;
	int64_t now = engine_now(engine), look = now + LOOK_MOST_MS;
	int rc;

	if (!notices_are_due(engine, now))
		return CB_OK;
	t->looked_ms = now;
	t->look_ms = now + GAP_MS; /* where the store fails */
	t->change = store_changes(engine->store);
	rc = warn_all(engine, &look, err);
	t->raised = store_notices_raised(engine->store);
	for (size_t i = 0; i < engine->site->notice_count && rc == CB_OK; i++)
		rc = take_way(engine, &engine->site->notices[i], &look, err);
	if (rc == CB_OK)
		t->look_ms = look;
	return rc;
}
