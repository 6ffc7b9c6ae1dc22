/*
 * codes.c - the work list of the code tables.
 *
 * What is missing is known from the held records, what is used from the stored
 * ones. The store keeps our codes and not theirs, so "never used" is said of a
 * row by its code of ours: no record has it. Of a flow that nothing came by yet,
 * nothing is known, and no row is said to be unused.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cli/dictionary.h"
#include "cli/groups.h"
#include "cli/table.h"

/* A row of a table as the flows of a site use it. */
struct used {
	const char *mapping; /* name */
	const char *table, *here, *there, *file, *field, *label;
	uint32_t line;
	bool is_else;
	int64_t count; /* records, or items of a list, that have our code */
};

struct work {
	struct call *call;
	struct site *site;
	struct store *store;
	const struct site_flow *flow; /* at work */
	struct used *used;
	size_t used_count, used_room;
	struct groups groups;
	struct buffer idle; /* flows that nothing came by */
};

/* ------------------------------------------------------------- what is used */

/* "party/role" is a field of the list "party"; "place/region" one of the entity. */
static const struct field *find_field(const struct table *table, const char *path,
				      const struct table **owner)
{
	const struct field *field = table_field(table, path);

	*owner = table;
	for (size_t i = 0; !field && i < table->shape->list_count; i++) {
		struct cb_text list = table->shape->lists[i]->path;

		if (strncmp(path, list.at, list.len) == 0 && path[list.len] == '/')
			field = find_field(&table->lists[i], path + list.len + 1, owner);
	}
	return field;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void add_used(void *with, const struct mapping_code *code)
{
	struct work *w = with;

	if (!code->is_read || !code->is_one_field || !code->gives_value)
		return;
	for (size_t i = 0; i < w->used_count; i++) {
		const struct used *u = &w->used[i];

		if (u->line == code->line && strcmp(u->file, code->file) == 0 &&
		    is_same(u->here, code->here) && is_same(u->field, code->field) &&
		    strcmp(u->mapping, mapping_name(w->flow->mapping)) == 0)
			return;
	}
	memory_grow(&w->used, w->used_count, &w->used_room, sizeof(*w->used));
	w->used[w->used_count++] = (struct used){
		.mapping = mapping_name(w->flow->mapping),
		.table = code->table,
		.here = code->here,
		.there = code->there,
		.file = code->file,
		.line = code->line,
		.field = code->field,
		.label = code->label,
		.is_else = code->is_else,
	};
}

struct counting {
	struct work *work;
	size_t first;
	const char *field;
};

/* `here` of a row may name several; the first is what is read. */
static bool is_code(const char *here, struct cb_text value)
{
	return cb_text_equal((struct cb_text){ here, strcspn(here, "|") }, value);
}

static int count_value(void *with, struct cb_text value, int64_t count, struct cb_error *err)
{
	struct counting *c = with;

	(void)err;
	for (size_t i = c->first; i < c->work->used_count; i++) {
		struct used *u = &c->work->used[i];

		if (is_same(u->field, c->field) && is_code(u->here, value))
			u->count += count;
	}
	return CB_OK;
}

/* Every field of this flow's mapping that has a table, once. */
static int count_flow(struct work *w, size_t first, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = first; rc == CB_OK && i < w->used_count; i++) {
		struct counting c = { w, first, w->used[i].field };
		const struct table *owner;
		const struct field *field;
		bool is_counted = false;

		for (size_t k = first; k < i; k++)
			is_counted = is_counted || is_same(w->used[k].field, c.field);
		field = c.field ? find_field(w->flow->entity, c.field, &owner) : NULL;
		if (field && !is_counted)
			rc = store_values(w->store, owner, field, count_value, &c, err);
	}
	return rc;
}

static bool is_wanted(const struct work *w, const struct site_flow *f)
{
	const char *name = w->call->arguments[0];

	return !name || strcmp(name, f->name) == 0;
}

static int collect_used(struct work *w, struct cb_error *err)
{
	int rc = CB_OK;

	for (size_t i = 0; rc == CB_OK && i < w->site->flow_count; i++) {
		size_t first = w->used_count;
		bool has_records = false;

		w->flow = &w->site->flows[i];
		if (!is_wanted(w, w->flow) || w->flow->is_export)
			continue;
		rc = store_has_records(w->store, w->flow->stream_name, &has_records, err);
		if (rc == CB_OK && !has_records)
			buffer_printf(&w->idle, "%s%s", w->idle.len ? cb_say("、", ", ") : "",
				      w->flow->name);
		if (!has_records)
			continue;
		mapping_each_code(w->flow->mapping, add_used, w);
		rc = count_flow(w, first, err);
	}
	return rc;
}

/* One code may have several rows and fields: a row is unused where none of its fields has it. */
static bool is_unused(const struct work *w, const struct used *u)
{
	if (u->is_else)
		return false;
	for (size_t i = 0; i < w->used_count; i++) {
		const struct used *o = &w->used[i];

		if (o->line == u->line && strcmp(o->file, u->file) == 0 &&
		    is_same(o->here, u->here) && o->count)
			return false;
	}
	for (const struct used *o = w->used; o < u; o++)
		if (o->line == u->line && strcmp(o->file, u->file) == 0)
			return false; /* said already */
	return true;
}

/* ------------------------------------------------------------- what is missing */

static int add_missing(void *with, const struct store_held *held, struct cb_error *err)
{
	(void)err;
	groups_add(with, held);
	return CB_OK;
}

struct table_search {
	const char *field, *table;
};

static void match_table(void *with, const struct mapping_code *code)
{
	struct table_search *s = with;

	if (is_same(code->field, s->field))
		s->table = code->table;
}

static const char *table_of(const struct work *w, const struct group *g)
{
	struct table_search s = { .field = g->field };
	const struct site_flow *f = g->flow ? site_flow(w->site, g->flow) : NULL;

	if (f)
		mapping_each_code(f->mapping, match_table, &s);
	return s.table;
}

static int by_count(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

/* ------------------------------------------------------------- the list */

static void headings(struct sheet *sheet, const char *const *names)
{
	for (; *names; names++)
		sheet_string(sheet, *names);
}

static void print_missing(struct work *w)
{
	const char *names[] = { cb_say("放行", "releases"),
				cb_say("流程", "flow"),
				cb_say("代码表", "table"),
				cb_say("字段", "field"),
				cb_say("对方的代码", "theirs"),
				cb_say("例", "example"),
				NULL };
	struct sheet sheet = sheet_begin(&w->call->arena, 6, 1u << 0);
	const struct group *first = NULL;

	headings(&sheet, names);
	for (size_t i = 0; i < w->groups.count; i++) {
		const struct group *g = &w->groups.at[i];

		if (!first && table_of(w, g) && g->value)
			first = g;
		sheet_number(&sheet, g->count);
		sheet_string(&sheet, g->flow);
		sheet_string(&sheet, table_of(w, g));
		sheet_string(&sheet, g->field);
		sheet_string(&sheet, g->value);
		sheet_string(&sheet,
			     arena_printf(&w->call->arena, "#%" PRId64 " %s", g->id, g->example));
	}
	if (!w->groups.count) {
		sheet_drop(&sheet);
		call_say(w->call, "没有缺少的代码行\n", "no row is missing\n");
		return;
	}
	call_say(w->call, "缺少的代码行，补上后至多放行这么多条：\n",
		 "missing rows, and how many records each releases at most:\n");
	sheet_end(&sheet, w->call->has_colours, 2, &w->call->out);
	if (first)
		call_say(w->call, "  补一行：casebridge codes add %s '%s' 我们的代码\n",
			 "  add one: casebridge codes add %s '%s' OUR-CODE\n", table_of(w, first),
			 first->value);
}

static const char *place_of(struct work *w, const struct used *u)
{
	size_t len = strlen(w->site->mappings);
	const char *file = u->file;

	if (strncmp(file, w->site->mappings, len) == 0 && file[len] == '/')
		file += len + 1;
	return arena_printf(&w->call->arena, "%s:%u", file, u->line);
}

static void print_used(struct work *w, bool is_else)
{
	const char *names[] = { is_else ? cb_say("条数", "count") : cb_say("映射", "mapping"),
				cb_say("代码表", "table"),
				cb_say("字段", "field"),
				cb_say("我们的", "ours"),
				cb_say("对方的", "theirs"),
				cb_say("位置", "place"),
				NULL };
	struct sheet sheet = sheet_begin(&w->call->arena, 6, is_else ? 1u : 0);
	size_t count = 0;

	headings(&sheet, names);
	for (size_t i = 0; i < w->used_count; i++) {
		const struct used *u = &w->used[i];

		if (is_else ? !u->is_else || !u->count : !is_unused(w, u))
			continue;
		count++;
		if (is_else)
			sheet_number(&sheet, u->count);
		else
			sheet_string(&sheet, u->mapping);
		sheet_string(&sheet, u->table);
		sheet_string(&sheet, u->field);
		sheet_string(&sheet, u->here);
		sheet_string(&sheet, is_else ? cb_say("（其余）", "(all others)") : u->there);
		sheet_string(&sheet, place_of(w, u));
	}
	if (!count) {
		sheet_drop(&sheet);
		return;
	}
	if (is_else)
		call_say(w->call, "\n可能落到“其余”（else）的，库里有这些条：\n",
			 "\nwhat may have fallen to <else>, by our code in the records:\n");
	else
		call_say(w->call, "\n写了而没有一条记录用到的代码行：\n",
			 "\nrows whose code of ours no record has:\n");
	sheet_end(&sheet, w->call->has_colours, 2, &w->call->out);
}

static void used_json(struct work *w, struct json *j, const char *name, bool is_else)
{
	json_open(j, name, '[');
	for (size_t i = 0; i < w->used_count; i++) {
		const struct used *u = &w->used[i];

		if (is_else ? !u->is_else || !u->count : !is_unused(w, u))
			continue;
		json_open(j, NULL, '{');
		json_string(j, "mapping", u->mapping);
		json_string(j, "table", u->table);
		json_string(j, "field", u->field);
		json_string(j, "here", u->here);
		json_string(j, "there", u->there);
		json_integer(j, "count", u->count);
		json_string(j, "file", u->file);
		json_integer(j, "line", u->line);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static int print_json(struct work *w)
{
	struct json j = call_json(w->call);
	int code = 0;

	json_open(&j, NULL, '{');
	json_open(&j, "missing", '[');
	for (size_t i = 0; i < w->groups.count; i++) {
		const struct group *g = &w->groups.at[i];

		json_open(&j, NULL, '{');
		json_integer(&j, "count", g->count);
		json_string(&j, "flow", g->flow);
		json_string(&j, "table", table_of(w, g));
		json_string(&j, "field", g->field);
		json_string(&j, "value", g->value);
		json_integer(&j, "id", g->id);
		json_string(&j, "example", g->example);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	used_json(w, &j, "unused", false);
	used_json(w, &j, "else", true);
	if (call_has(w->call, OPTION_REACH)) {
		json_open(&j, "dictionaries", '[');
		code = dictionaries_say(w->call, w->site, w->call->arguments[0], &j);
		json_close(&j, ']');
	}
	json_close(&j, '}');
	buffer_char(&w->call->out, '\n');
	return code;
}

static void print_idle(struct work *w)
{
	if (w->idle.len)
		call_say(w->call, "\n还没有导入过记录的流程，它们的代码行用没用到还说不上：%s\n",
			 "\nflows that nothing was imported by yet, so nothing is known of their "
			 "rows: %s\n",
			 buffer_cstr(&w->idle));
}

static int list_work(struct work *w)
{
	const char *flow = w->call->arguments[0];
	struct cb_error err;
	int rc = call_store(w->site, STORE_READ, &w->store, &err);

	if (rc == CB_OK)
		rc = store_held_list(w->store, flow, "code", NULL, add_missing, &w->groups, &err);
	if (rc == CB_OK)
		rc = collect_used(w, &err);
	store_close(w->store);
	if (rc != CB_OK)
		return call_fail(w->call, &err);
	if (w->groups.count)
		qsort(w->groups.at, w->groups.count, sizeof(*w->groups.at), by_count);
	if (call_has(w->call, OPTION_JSON))
		return print_json(w);
	print_missing(w);
	print_used(w, true);
	print_used(w, false);
	print_idle(w);
	return call_has(w->call, OPTION_REACH) ? dictionaries_say(w->call, w->site, flow, NULL) : 0;
}

int command_codes(struct call *call)
{
	struct work w = { .call = call, .groups = { .arena = &call->arena } };
	const char *flow = call->arguments[0];
	int code;

	w.site = call_site(call);
	if (!w.site)
		return call_exit_code(CB_SETUP);
	code = !flow || call_flow(call, w.site, flow) ? list_work(&w) : EX_USAGE;
	groups_done(&w.groups);
	free(w.used);
	buffer_done(&w.idle);
	site_done(w.site);
	return code;
}
