/*
 * show.c - one record: what it says, where it came from, where it went.
 *
 * A masked copy of the row is made first; text and JSON are both written from
 * it, so that neither can forget to mask.
 */
#include <inttypes.h>
#include <sysexits.h>

#include "cli/delivery.h"
#include "cli/entity.h"
#include "cli/labels.h"
#include "cli/table.h"
#include "record/sink.h"

struct showing {
	struct call *call;
	struct site *site;
	struct store *store;
	struct labels *labels;
	const struct table *entity;
	int64_t id;
	struct row *row;
	struct store_link *links;
	struct store_delivery *deliveries;
	size_t link_count, delivery_count;
};

/* As text. */

static void add_fields(const struct showing *s, struct sheet *sheet, const struct table *table,
		       const struct row *row)
{
	for (size_t i = 0; i < row->shape->slot_count; i++) {
		const struct field *f = &table->fields[i];

		if (!row->values[i].at)
			continue;
		sheet_cell(sheet, cb_text_of(f->label ? f->label : f->path), INK_STRONG);
		sheet_cell(sheet, labels_say(s->labels, f, row->values[i]), INK_PLAIN);
	}
}

/* Columns that no item fills are left out. */
static bool is_column_used(const struct rows *rows, size_t slot)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->at[i]->values[slot].at)
			return true;
	return false;
}

static void print_list(const struct showing *show, const struct table *list,
		       const struct rows *rows, unsigned indent)
{
	struct call *call = show->call;
	struct sheet sheet;
	size_t columns = 0;

	for (size_t s = 0; s < list->shape->slot_count; s++)
		columns += is_column_used(rows, s);
	if (!columns)
		return;
	buffer_printf(&call->out, "\n%*s%s\n", (int)indent, "",
		      list->label ? list->label : list->name);
	sheet = sheet_begin(&call->arena, columns, 0);
	for (size_t s = 0; s < list->shape->slot_count; s++)
		if (is_column_used(rows, s))
			sheet_string(&sheet, list->fields[s].label ? list->fields[s].label
								   : list->fields[s].path);
	for (size_t i = 0; i < rows->count; i++)
		for (size_t s = 0; s < list->shape->slot_count; s++)
			if (is_column_used(rows, s))
				sheet_cell(&sheet,
					   labels_say(show->labels, &list->fields[s],
						      rows->at[i]->values[s]),
					   INK_PLAIN);
	sheet_end(&sheet, call->has_colours, indent + 2, &call->out);
}

static void print_lists(const struct showing *s, const struct table *table, const struct row *row,
			unsigned indent)
{
	for (size_t l = 0; l < row->shape->list_count; l++) {
		const struct rows *rows = &row->lists[l];

		if (!rows->count)
			continue;
		print_list(s, &table->lists[l], rows, indent);
		for (size_t i = 0; i < rows->count; i++)
			print_lists(s, &table->lists[l], rows->at[i], indent + 2);
	}
}

static void print_links(const struct showing *s)
{
	struct call *call = s->call;
	struct sheet sheet = sheet_begin(&call->arena, 4, 0);

	if (!s->link_count)
		return;
	call_say(call, "\n来源\n", "\nwhere it came from\n");
	sheet_string(&sheet, cb_say("数据流", "stream"));
	sheet_string(&sheet, cb_say("对方编号", "key there"));
	sheet_string(&sheet, cb_say("首次", "first"));
	sheet_string(&sheet, cb_say("最近", "last"));
	for (size_t i = 0; i < s->link_count; i++) {
		sheet_string(&sheet, s->links[i].stream);
		sheet_string(&sheet, s->links[i].key);
		sheet_string(&sheet, call_time(call, s->site, s->links[i].first_ms));
		sheet_string(&sheet, call_time(call, s->site, s->links[i].last_ms));
	}
	sheet_end(&sheet, call->has_colours, 2, &call->out);
}

static void print_deliveries(const struct showing *s)
{
	struct call *call = s->call;
	struct sheet sheet = sheet_begin(&call->arena, 5, 0);

	if (!s->delivery_count)
		return;
	call_say(call, "\n去向\n", "\nwhere it went\n");
	sheet_string(&sheet, cb_say("流程", "flow"));
	sheet_string(&sheet, cb_say("账号", "account"));
	sheet_string(&sheet, cb_say("状态", "state"));
	sheet_string(&sheet, cb_say("回执", "receipt"));
	sheet_string(&sheet, cb_say("说明", "about"));
	for (size_t i = 0; i < s->delivery_count; i++) {
		sheet_string(&sheet, s->deliveries[i].flow);
		sheet_string(&sheet, s->deliveries[i].account);
		sheet_string(&sheet, delivery_label(s->deliveries[i].state));
		sheet_string(&sheet, s->deliveries[i].receipt);
		sheet_string(&sheet, delivery_about(call, s->site, &s->deliveries[i]));
	}
	sheet_end(&sheet, call->has_colours, 2, &call->out);
}

static void print_plain(const struct showing *s)
{
	struct call *call = s->call;
	struct sheet sheet = sheet_begin(&call->arena, 2, 0);

	buffer_printf(&call->out, "%s%s #%" PRId64 "%s\n", ink_begin(call->has_colours, INK_STRONG),
		      s->entity->label ? s->entity->label : s->entity->name, s->id,
		      ink_end(call->has_colours));
	add_fields(s, &sheet, s->entity, s->row);
	sheet_end(&sheet, call->has_colours, 2, &call->out);
	print_lists(s, s->entity, s->row, 0);
	print_links(s);
	print_deliveries(s);
}

/* As JSON. */

static void print_json(const struct showing *s)
{
	struct json j = call_json(s->call);
	struct buffer record = { 0 };

	row_json(s->row, &record);
	json_open(&j, NULL, '{');
	json_string(&j, "entity", s->entity->name);
	json_integer(&j, "id", s->id);
	json_value(&j, "record", buffer_view(&record));
	json_open(&j, "links", '[');
	for (size_t i = 0; i < s->link_count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "stream", s->links[i].stream);
		json_string(&j, "key", s->links[i].key);
		json_integer(&j, "document", s->links[i].document);
		json_integer(&j, "number", s->links[i].number);
		json_integer(&j, "first", s->links[i].first_ms);
		json_integer(&j, "last", s->links[i].last_ms);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "deliveries", '[');
	for (size_t i = 0; i < s->delivery_count; i++) {
		const struct store_delivery *d = &s->deliveries[i];

		json_open(&j, NULL, '{');
		json_string(&j, "flow", d->flow);
		json_string(&j, "account", d->account);
		json_string(&j, "state", delivery_state_word(d->state));
		json_string(&j, "receipt", d->receipt);
		json_string(&j, "say", d->say);
		json_string(&j, "about", delivery_about(s->call, s->site, d));
		if (d->not_before)
			json_integer(&j, "not-before", d->not_before);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_close(&j, '}');
	buffer_char(&s->call->out, '\n');
	buffer_done(&record);
}

/* What there is. */

/* It is written down before it is shown: who cannot be recorded sees nothing. */
static int audit(struct showing *s, struct cb_error *err)
{
	struct call *call = s->call;
	int rc = store_begin(s->store, call_now(), err);

	if (rc == CB_OK)
		rc = store_audit(s->store, call_who(call), "unmask",
				 arena_printf(&call->arena, "%s#%" PRId64, s->entity->name, s->id),
				 "show", err);
	if (rc == CB_OK)
		return store_commit(s->store, err);
	store_rollback(s->store);
	return rc;
}

/* @key NULL: the record is known by its number. */
static int load(struct showing *s, const char *key, struct cb_error *err)
{
	struct arena *arena = &s->call->arena;
	bool is_open = call_has(s->call, OPTION_UNMASK);
	int rc = call_store(s->site, is_open ? STORE_WRITE : STORE_READ, &s->store, err);

	if (rc == CB_OK && key)
		rc = store_find(s->store, s->entity, cb_text_of(key), &s->id, err);
	if (rc == CB_OK)
		rc = store_get(s->store, s->entity, s->id, arena, &s->row, err);
	if (rc == CB_END)
		return cb_fail(err, CB_REFUSED, "%s：没有编号为 %s 的记录",
			       "%s: there is no record with key %s",
			       s->entity->label ? s->entity->label : s->entity->name,
			       key ? key : "");
	if (rc == CB_OK)
		rc = store_links(s->store, s->entity, s->id, arena, &s->links, &s->link_count, err);
	if (rc == CB_OK)
		rc = store_deliveries(s->store, s->id, arena, &s->deliveries, &s->delivery_count,
				      err);
	if (rc == CB_OK && is_open)
		rc = audit(s, err);
	if (rc == CB_OK && !is_open)
		s->row = entity_masked(arena, s->entity, s->row);
	return rc;
}

static int show(struct showing *s, const char *key)
{
	struct cb_error err;
	int code = 0;

	s->labels = labels_new(s->call, s->site);
	if (load(s, key, &err) != CB_OK)
		code = call_fail(s->call, &err);
	else if (call_has(s->call, OPTION_JSON))
		print_json(s);
	else
		print_plain(s);
	labels_free(s->labels);
	store_close(s->store);
	return code;
}

int show_record(struct call *call, struct site *site, const struct table *entity, int64_t record)
{
	struct showing s = { .call = call, .site = site, .entity = entity, .id = record };

	return show(&s, NULL);
}

int command_show(struct call *call)
{
	struct showing s = { .call = call, .site = call_site(call) };
	int code;

	if (!s.site)
		return EX_CONFIG;
	s.entity = call_entity(call, s.site, call->arguments[0]);
	code = s.entity ? show(&s, call->arguments[1]) : EX_USAGE;
	site_done(s.site);
	return code;
}
