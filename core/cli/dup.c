/*
 * dup.c - records that are one: a person says so, or not, and takes it back.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/number.h"
#include "cli/delivery.h"
#include "cli/dup.h"
#include "cli/entity.h"
#include "cli/table.h"
#include "record/wire.h"

/* What the commands share. */

/* The only entity that has rules; NULL with the sentence said. */
static const struct table *only_entity(struct dup *d)
{
	const struct model *model = d->site->model;
	const struct table *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < model->entity_count; i++)
		if (site_rules(d->site, &model->entities[i])) {
			found = &model->entities[i];
			count++;
		}
	if (count == 1)
		return found;
	if (count)
		(void)call_usage(d->call, "几种记录都有查重规格，写明是哪一种",
				 "several entities have rules: say which");
	else
		(void)call_usage(d->call, "没有查重规格（mappings/rules/实体.xml）",
				 "there are no rules for duplicates (mappings/rules/ENTITY.xml)");
	return NULL;
}

int dup_open(struct dup *d, struct call *call, enum store_mode mode, const char *entity)
{
	struct cb_error err;

	*d = (struct dup){ .call = call, .site = call_site(call) };
	if (!d->site)
		return EX_CONFIG;
	if (!entity || *entity) {
		d->entity = entity ? call_entity(call, d->site, entity) : only_entity(d);
		if (!d->entity)
			return EX_CONFIG;
		if (table_key(d->entity) == NO_SLOT)
			return call_usage(call, "%s没有编号", "%s has no key", d->entity->label);
		d->rules = site_rules(d->site, d->entity);
	}
	d->labels = labels_new(call, d->site);
	return call_store(d->site, mode, &d->store, &err) == CB_OK ? 0 : call_fail(call, &err);
}

void dup_close(struct dup *d)
{
	if (d->labels)
		labels_free(d->labels);
	store_close(d->store);
	site_done(d->site);
}

int dup_find(struct dup *d, const char *key, int64_t *record, struct cb_error *err)
{
	int rc = store_find(d->store, d->entity, cb_text_of(key), record, err);

	if (rc == CB_END)
		rc = cb_fail(err, CB_REFUSED, "没有编号为“%s”的%s", "there is no %2$s '%1$s'", key,
			     d->entity->label);
	return rc;
}

const char *dup_key(struct dup *d, int64_t record)
{
	struct cb_error err;
	struct row *row;

	if (store_get(d->store, d->entity, record, &d->call->arena, &row, &err) != CB_OK)
		return "?";
	return arena_string(&d->call->arena, row->values[table_key(d->entity)]);
}

/* What the rules compare; without rules, all that it says. */
int dup_data(struct dup *d, int64_t record, uint64_t *data, struct cb_error *err)
{
	struct arena arena = { 0 };
	struct buffer bytes = { 0 };
	struct row *row;
	int rc = store_get(d->store, d->entity, record, &arena, &row, err);

	if (rc == CB_OK && d->rules) {
		*data = search_data(d->rules, row);
	} else if (rc == CB_OK) {
		wire_row(&bytes, row);
		*data = hash_bytes(bytes.at, bytes.len, 0);
	}
	buffer_done(&bytes);
	arena_done(&arena);
	return rc;
}

const char *dup_state_label(const char *state)
{
	return strcmp(state, PAIR_LINKED) == 0 ? cb_say("已相连", "linked")
	       : strcmp(state, PAIR_BOTH) == 0 ? cb_say("两处都已报", "both uploaded")
	       : strcmp(state, PAIR_RELATED) == 0 ? cb_say("有关，不是同一件", "related, not one")
						  : cb_say("存疑", "doubtful");
}

int dup_audit_unmask(struct dup *d, const char *what, struct cb_error *err)
{
	int rc = store_begin(d->store, call_now(), err);

	if (rc == CB_OK)
		rc = store_audit(d->store, call_who(d->call), "unmask", what, "dup", err);
	if (rc == CB_OK)
		return store_commit(d->store, err);
	store_rollback(d->store);
	return rc;
}

/* The receipt of what stands at the flow's target. */
static const char *receipt_of(struct dup *d, const char *flow, int64_t record)
{
	struct store_delivery delivery;
	struct cb_error err;

	if (store_delivery_of(d->store, flow, record, &d->call->arena, &delivery, &err) != CB_OK)
		return "";
	return delivery.receipt ? delivery.receipt : "";
}

int dup_receipts(struct dup *d, const int64_t records[2], struct dup_receipts *out,
		 struct cb_error *err)
{
	struct arena *arena = &d->call->arena;
	int64_t *side[2];
	size_t count[2];
	int rc = CB_OK;

	*out = (struct dup_receipts){ 0 };
	for (int i = 0; i < 2 && rc == CB_OK; i++)
		rc = store_cluster_members(d->store, records[i], arena, &side[i], &count[i], err);
	if (rc != CB_OK || side[0][0] == side[1][0])
		return rc; /* in one cluster already */
	for (size_t i = 0; i < count[0] && rc == CB_OK; i++)
		for (size_t k = 0; k < count[1] && rc == CB_OK && !out->flow; k++) {
			rc = store_both_there(d->store, side[0][i], side[1][k], arena, &out->flow,
					      err);
			out->record[0] = side[0][i];
			out->record[1] = side[1][k];
		}
	for (int i = 0; i < 2 && out->flow; i++)
		out->receipt[i] = receipt_of(d, out->flow, out->record[i]);
	return rc;
}

void dup_say_receipts(struct dup *d, const struct dup_receipts *r)
{
	struct call *call = d->call;
	struct sheet sheet = sheet_begin(&call->arena, 3, 0);

	call_say(call, "两条都已在 %s 那里：\n", "both stand at %s already:\n", r->flow);
	sheet_string(&sheet, cb_say("编号", "key"));
	sheet_string(&sheet, cb_say("上报", "upload"));
	sheet_string(&sheet, cb_say("回执", "receipt"));
	for (int i = 0; i < 2; i++) {
		sheet_string(&sheet, dup_key(d, r->record[i]));
		sheet_string(&sheet, r->flow);
		sheet_string(&sheet, r->receipt[i]);
	}
	sheet_end(&sheet, call->has_colours, 2, &call->out);
	call_say(call, "连起来以后，较新的一条会按连接器的写法从那里撤回。\n",
		 "Once they are linked, the later one is withdrawn there as the connector says.\n");
}

/* Commands. */

struct saying { /* one command */
	struct dup *d;
	int64_t *records; /* as they were named */
	size_t count;
};

static int find_records(struct saying *s, struct cb_error *err)
{
	struct call *call = s->d->call;
	int rc = CB_OK;

	s->count = call->count - 1;
	s->records = arena_zero(&call->arena, (s->count + 1) * sizeof(*s->records));
	for (size_t i = 0; i < s->count && rc == CB_OK; i++)
		rc = dup_find(s->d, call->arguments[i + 1], &s->records[i], err);
	return rc;
}

/* Who is with whom now, and which of them stands where. */
static int show_cluster(struct dup *d, int64_t record, struct cb_error *err)
{
	struct call *call = d->call;
	struct sheet sheet = sheet_begin(&call->arena, 4, 0);
	int64_t cluster, *members;
	size_t count = 0;
	int rc = store_cluster_of(d->store, record, &cluster, err);

	if (rc == CB_OK)
		rc = store_cluster_members(d->store, record, &call->arena, &members, &count, err);
	if (rc == CB_OK && !cluster) {
		call_say(call, "%s 不与别的记录相连\n", "%s is linked to no other record\n",
			 dup_key(d, record));
		return CB_OK;
	}
	sheet_string(&sheet, cb_say("编号", "key"));
	sheet_string(&sheet, cb_say("上报", "upload"));
	sheet_string(&sheet, cb_say("状态", "state"));
	sheet_string(&sheet, cb_say("回执", "receipt"));
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		struct store_delivery *at;
		size_t deliveries = 0;

		rc = store_deliveries(d->store, members[i], &call->arena, &at, &deliveries, err);
		for (size_t k = 0; k < deliveries || k == 0; k++) {
			bool is_one = k < deliveries;

			sheet_string(&sheet, k ? "" : dup_key(d, members[i]));
			sheet_string(&sheet, is_one ? at[k].flow : "");
			sheet_string(&sheet, is_one ? delivery_state_word(at[k].state) : "");
			sheet_string(&sheet, is_one ? at[k].receipt : "");
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
static int change(struct call *call, const char *entity,
		  int (*what)(struct saying *s, int64_t *event, struct cb_error *err))
{
	struct dup d;
	struct saying s = { .d = &d };
	int64_t event = 0;
	struct cb_error err = { 0 };
	int code = dup_open(&d, call, STORE_WRITE, entity), rc = CB_OK;

	if (!code) {
		store_dry(d.store, call_has(call, OPTION_DRY_RUN));
		rc = store_begin(d.store, call_now(), &err);
		if (rc == CB_OK) {
			rc = what(&s, &event, &err);
			if (rc == CB_OK)
				rc = store_commit(d.store, &err);
			else
				store_rollback(d.store);
		}
		code = rc == CB_OK ? 0 : call_fail(call, &err);
	}
	/* An undoing is no step that can be undone. */
	if (!code && what == undo_it)
		call_say(call, "已撤销（第 %" PRId64 " 步）\n", "undone (step %" PRId64 ")\n",
			 event);
	else if (!code)
		call_say(call, "第 %" PRId64 " 步；撤销：casebridge dup undo %" PRId64 "\n",
			 "step %" PRId64 "; to undo it: casebridge dup undo %" PRId64 "\n", event,
			 event);
	dup_close(&d);
	return code;
}

/* Never silently: two receipts are shown, and it needs a word of its own. */
static int check_receipts(struct saying *s, struct cb_error *err)
{
	struct dup_receipts receipts;
	int rc = dup_receipts(s->d, s->records, &receipts, err);

	if (rc != CB_OK || !receipts.flow)
		return rc;
	dup_say_receipts(s->d, &receipts);
	if (call_has(s->d->call, OPTION_YES))
		return CB_OK;
	return cb_fail(err, CB_REFUSED,
		       "没有相连：两条都已报出（%s）。看过两张回执、确认是同一件，再加上 --yes",
		       "not linked: both were uploaded (%s). When you have seen both receipts and "
		       "are sure that they are one, add --yes",
		       receipts.flow);
}

static int link_them(struct saying *s, int64_t *event, struct cb_error *err)
{
	struct store_ruling said = { .is_same = true,
				     .who = call_who(s->d->call),
				     .why = s->d->call->values[OPTION_REASON] };
	int rc = find_records(s, err);

	if (rc == CB_OK)
		rc = check_receipts(s, err);
	for (int i = 0; i < 2 && rc == CB_OK; i++) {
		said.record[i] = s->records[i];
		rc = dup_data(s->d, s->records[i], &said.data[i], err);
	}
	if (rc == CB_OK)
		rc = store_link(s->d->store, s->d->entity, &said, event, err);
	return rc == CB_OK ? show_cluster(s->d, s->records[0], err) : rc;
}

static int split_them(struct saying *s, int64_t *event, struct cb_error *err)
{
	struct dup *d = s->d;
	uint64_t *data = NULL;
	int64_t *members;
	size_t count = 0;
	int rc = find_records(s, err);

	if (rc == CB_OK)
		rc = store_cluster_members(d->store, s->records[0], &d->call->arena, &members,
					   &count, err);
	if (rc == CB_OK)
		data = arena_zero(&d->call->arena, (count + 1) * sizeof(*data));
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		rc = dup_data(d, members[i], &data[i], err);
	if (rc == CB_OK)
		rc = store_split(d->store, d->entity, s->records, s->count, data, call_who(d->call),
				 d->call->values[OPTION_REASON], event, err);
	for (size_t i = 0; i < count && rc == CB_OK; i++)
		if (members[i] != s->records[0]) /* what is left */
			return show_cluster(d, members[i], err);
	return rc;
}

static int undo_it(struct saying *s, int64_t *event, struct cb_error *err)
{
	const struct call *call = s->d->call;
	int64_t step = 0;

	if (call->count && (!number_size(call->arguments[0], &step) || step < 1))
		return cb_fail(err, CB_SETUP, "步骤是一个数（casebridge dup log 列出全部）",
			       "a step is a number (casebridge dup log shows them)");
	return store_undo(s->d->store, step, call_who(s->d->call), call->values[OPTION_REASON],
			  event, err);
}

int command_dup_link(struct call *call)
{
	return change(call, call->arguments[0], link_them);
}

int command_dup_split(struct call *call)
{
	return change(call, call->arguments[0], split_them);
}

int command_dup_undo(struct call *call)
{
	return change(call, DUP_ANY, undo_it);
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
