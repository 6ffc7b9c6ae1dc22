/*
 * dup.c - records that are one: a person says so, or not, and takes it back.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/hash.h"
#include "base/number.h"
#include "cli/entity.h"
#include "cli/table.h"
#include "record/wire.h"
#include "store/cluster.h"

struct saying { /* one command */
	struct call *call;
	struct site *site;
	struct store *store;
	const struct table *entity;
	int64_t *records; /* as they were named */
	size_t count;
};

static int find_records(struct saying *s, struct cb_error *err)
{
	struct call *call = s->call;
	int rc = CB_OK;

	s->count = call->count - 1;
	s->records = arena_zero(&call->arena, (s->count + 1) * sizeof(*s->records));
	for (size_t i = 0; i < s->count && rc == CB_OK; i++) {
		const char *key = call->arguments[i + 1];

		rc = store_find(s->store, s->entity, cb_text_of(key), &s->records[i], err);
		if (rc == CB_END)
			rc = cb_fail(err, CB_REFUSED, "没有编号为“%s”的%s",
				     "there is no %2$s '%1$s'", key, s->entity->label);
	}
	return rc;
}

/* A word on a record is void when the record is another than it was. */
static int data_of(struct saying *s, int64_t record, uint64_t *data, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct buffer bytes = { 0 };
	struct row *row;
	int rc = store_get(s->store, s->entity, record, &arena, &row, err);

	if (rc == CB_OK) {
		wire_row(&bytes, row);
		*data = hash_bytes(bytes.at, bytes.len, 0);
	}
	buffer_done(&bytes);
	arena_done(&arena);
	return rc;
}

static const char *key_of(struct saying *s, int64_t record, struct cb_error *err)
{
	struct row *row;

	if (store_get(s->store, s->entity, record, &s->call->arena, &row, err) != CB_OK)
		return "?";
	return arena_string(&s->call->arena, row->values[table_key(s->entity)]);
}

/* Who is with whom now, and which of them stands where. */
static int show_cluster(struct saying *s, int64_t record, struct cb_error *err)
{
	struct call *call = s->call;
	struct sheet sheet = sheet_begin(&call->arena, 4, 0);
	int64_t cluster, *members;
	size_t count = 0;
	int rc = store_cluster_of(s->store, record, &cluster, err);

	if (rc == CB_OK)
		rc = store_cluster_members(s->store, record, &call->arena, &members, &count, err);
	if (rc == CB_OK && !cluster) {
		call_say(call, "%s 不与别的记录相连\n", "%s is linked to no other record\n",
			 key_of(s, record, err));
		return CB_OK;
	}
	sheet_string(&sheet, cb_say("编号", "key"));
	sheet_string(&sheet, cb_say("上报", "upload"));
	sheet_string(&sheet, cb_say("状态", "state"));
	sheet_string(&sheet, cb_say("回执", "receipt"));
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct store_delivery *d;
		size_t deliveries = 0;

		rc = store_deliveries(s->store, members[i], &call->arena, &d, &deliveries, err);
		for (size_t k = 0; k < deliveries || k == 0; k++) {
			bool is_one = k < deliveries;

			sheet_string(&sheet, k ? "" : key_of(s, members[i], err));
			sheet_string(&sheet, is_one ? d[k].flow : "");
			sheet_string(&sheet, is_one ? delivery_state_word(d[k].state) : "");
			sheet_string(&sheet, is_one ? d[k].receipt : "");
		}
	}
	if (rc != CB_OK) {
		sheet_drop(&sheet);
		return rc;
	}
	call_say(call, "第 %" PRId64 " 簇：\n", "cluster %" PRId64 ":\n", cluster);
	sheet_end(&sheet, call->has_colours, 2, &call->out);
	return CB_OK;
}

static int undo_it(struct saying *s, int64_t *event, struct cb_error *err);

/* Everything in one transaction; a dry run shows what would be and rolls it back. */
static int change(struct call *call,
		  int (*what)(struct saying *s, int64_t *event, struct cb_error *err))
{
	struct saying s = { .call = call, .site = call_site(call) };
	int64_t event = 0;
	struct cb_error err;
	int rc;

	if (!s.site)
		return EX_CONFIG;
	rc = call_store(s.site, STORE_WRITE, &s.store, &err);
	if (rc == CB_OK) {
		store_dry(s.store, call_has(call, OPTION_DRY_RUN));
		rc = store_begin(s.store, call_now(), &err);
	}
	if (rc == CB_OK) {
		rc = what(&s, &event, &err);
		if (rc == CB_OK)
			rc = store_commit(s.store, &err);
		else
			store_rollback(s.store);
	}
	/* An undoing is no step that can be undone. */
	if (rc == CB_OK && what == undo_it)
		call_say(call, "已撤销（第 %" PRId64 " 步）\n", "undone (step %" PRId64 ")\n",
			 event);
	else if (rc == CB_OK)
		call_say(call, "第 %" PRId64 " 步；撤销：casebridge dup undo %" PRId64 "\n",
			 "step %" PRId64 "; to undo it: casebridge dup undo %" PRId64 "\n", event,
			 event);
	store_close(s.store);
	site_done(s.site);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}

static int find_named(struct saying *s, struct cb_error *err)
{
	s->entity = model_entity(s->site->model, s->call->arguments[0]);
	if (!s->entity || table_key(s->entity) == NO_SLOT)
		return cb_fail(err, CB_SETUP, "模型里没有带编号的实体“%s”",
			       "the model has no entity '%s' with a key", s->call->arguments[0]);
	return find_records(s, err);
}

static int link_them(struct saying *s, int64_t *event, struct cb_error *err)
{
	struct store_ruling said = { .is_same = true,
				     .who = call_who(s->call),
				     .why = s->call->values[OPTION_REASON] };
	int rc = find_named(s, err);

	for (int i = 0; i < 2 && rc == CB_OK; i++) {
		said.record[i] = s->records[i];
		rc = data_of(s, s->records[i], &said.data[i], err);
	}
	if (rc == CB_OK)
		rc = store_link(s->store, s->entity, &said, event, err);
	return rc == CB_OK ? show_cluster(s, s->records[0], err) : rc;
}

static int split_them(struct saying *s, int64_t *event, struct cb_error *err)
{
	uint64_t *data = NULL;
	int64_t *members;
	size_t count = 0;
	int rc = find_named(s, err);

	if (rc == CB_OK)
		rc = store_cluster_members(s->store, s->records[0], &s->call->arena, &members,
					   &count, err);
	if (rc == CB_OK)
		data = arena_zero(&s->call->arena, (count + 1) * sizeof(*data));
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		rc = data_of(s, members[i], &data[i], err);
	if (rc == CB_OK)
		rc = store_split(s->store, s->entity, s->records, s->count, data, call_who(s->call),
				 s->call->values[OPTION_REASON], event, err);
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		if (members[i] != s->records[0]) /* what is left */
			return show_cluster(s, members[i], err);
	return rc;
}

static int undo_it(struct saying *s, int64_t *event, struct cb_error *err)
{
	int64_t step = 0;

	if (s->call->count && (!number_size(s->call->arguments[0], &step) || step < 1))
		return cb_fail(err, CB_SETUP, "步骤是一个数（casebridge dup log 列出全部）",
			       "a step is a number (casebridge dup log shows them)");
	return store_undo(s->store, step, call_who(s->call), s->call->values[OPTION_REASON], event,
			  err);
}

int command_dup_link(struct call *call)
{
	return change(call, link_them);
}

int command_dup_split(struct call *call)
{
	return change(call, split_them);
}

int command_dup_undo(struct call *call)
{
	return change(call, undo_it);
}

/* dup log */

struct logging {
	struct call *call;
	struct site *site;
	struct sheet sheet;
	struct json json;
	bool is_json;
};

static void log_json(struct logging *l, const struct store_event *e)
{
	json_open(&l->json, NULL, '{');
	json_integer(&l->json, "step", e->id);
	json_string(&l->json, "at", call_time(l->call, l->site, e->at_ms));
	json_string(&l->json, "what", e->what);
	json_string(&l->json, "who", e->who);
	json_string(&l->json, "why", e->why);
	json_integer(&l->json, "moved", e->moved);
	json_integer(&l->json, "undoes", e->undoes);
	json_integer(&l->json, "undone", e->undone);
	json_close(&l->json, '}');
}

static int log_one(void *with, const struct store_event *e, struct cb_error *err)
{
	struct logging *l = with;
	struct arena *arena = &l->call->arena;

	(void)err;
	if (l->is_json) {
		log_json(l, e);
		return CB_OK;
	}
	sheet_number(&l->sheet, e->id);
	sheet_string(&l->sheet, call_time(l->call, l->site, e->at_ms));
	sheet_string(&l->sheet, strcmp(e->what, "link") == 0    ? cb_say("相连", "link")
				: strcmp(e->what, "split") == 0 ? cb_say("拆开", "split")
				: strcmp(e->what, "undo") == 0  ? cb_say("撤销", "undo")
								: cb_say("查找", "search"));
	sheet_number(&l->sheet, e->moved);
	sheet_string(&l->sheet, arena_printf(arena, "%s", e->who ? e->who : ""));
	if (e->undone)
		sheet_string(&l->sheet,
			     arena_printf(arena, "%s %" PRId64,
					  cb_say("已撤销，见步骤", "undone by step"), e->undone));
	else if (e->undoes)
		sheet_string(&l->sheet, arena_printf(arena, "%s %" PRId64,
						     cb_say("撤销步骤", "undoes step"), e->undoes));
	else
		sheet_string(&l->sheet, "");
	sheet_string(&l->sheet, arena_printf(arena, "%s", e->why ? e->why : ""));
	return CB_OK;
}

int command_dup_log(struct call *call)
{
	struct logging l = { .call = call, .is_json = call_has(call, OPTION_JSON) };
	struct store *store = NULL;
	struct cb_error err;
	int rc;

	l.site = call_site(call);
	if (!l.site)
		return EX_CONFIG;
	l.sheet = sheet_begin(&call->arena, 7, 0x9);
	l.json = call_json(call);
	if (l.is_json)
		json_open(&l.json, NULL, '[');
	sheet_string(&l.sheet, cb_say("步骤", "step"));
	sheet_string(&l.sheet, cb_say("时间", "time"));
	sheet_string(&l.sheet, cb_say("做了什么", "what"));
	sheet_string(&l.sheet, cb_say("记录", "records"));
	sheet_string(&l.sheet, cb_say("谁", "who"));
	sheet_string(&l.sheet, "");
	sheet_string(&l.sheet, cb_say("理由", "reason"));
	rc = call_store(l.site, STORE_READ, &store, &err);
	if (rc == CB_OK)
		rc = store_events(store, 1000, log_one, &l, &err);
	store_close(store);
	if (rc == CB_OK && l.is_json) {
		json_close(&l.json, ']');
		buffer_char(&call->out, '\n');
	} else if (rc == CB_OK) {
		sheet_end(&l.sheet, call->has_colours, 0, &call->out);
	}
	site_done(l.site);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}
