/*
 * codes.c - the work list of the code tables, and one more row.
 *
 * What is missing is known from the held records, what is used from the stored
 * ones. The store keeps our codes and not theirs, so "never used" is said of a
 * row by its code of ours: no record has it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/file.h"
#include "cli/dictionary.h"
#include "cli/edit.h"
#include "cli/groups.h"
#include "cli/run.h"
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

		w->flow = &w->site->flows[i];
		if (!is_wanted(w, w->flow) || w->flow->is_export)
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
	site_done(w.site);
	return code;
}

/* ------------------------------------------------------------- codes add */

struct adding {
	struct call *call;
	struct site *site;
	const char *table, *there, *here;
	const struct site_flow *flow; /* whose mapping the text is made with */
	struct mapping_code_place place;
	const char *file; /* to write: the site's own, where the installation's was used */
	uint32_t line;
};

static bool ends_with(const char *path, const char *name)
{
	size_t len = strlen(path), tail = strlen(name);

	return tail <= len && strcmp(path + len - tail, name) == 0 &&
	       (tail == len || path[len - tail - 1] == '/');
}

struct table_names {
	const char *at[64];
	size_t count;
};

static void add_name(void *with, const struct mapping_code *code)
{
	struct table_names *names = with;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->at[i], code->table) == 0)
			return;
	if (names->count < 63)
		names->at[names->count++] = code->table;
}

static int no_table(struct adding *a)
{
	struct table_names names = { 0 };

	for (size_t i = 0; i < a->site->flow_count; i++)
		mapping_each_code(a->site->flows[i].mapping, add_name, &names);
	return call_usage(a->call, "这个站点的映射里没有代码表“%s”%s",
			  "no mapping of this site has a table '%s'%s", a->table,
			  call_hint(a->call, a->table, names.at));
}

/* The one file that has the table; two tables of one name need --mapping. */
static int find_table(struct adding *a)
{
	const char *mapping = a->call->values[OPTION_MAPPING], *files = "";
	size_t count = 0;

	for (size_t i = 0; i < a->site->flow_count; i++) {
		const struct site_flow *f = &a->site->flows[i];
		struct mapping_code_place place;

		if (mapping && !ends_with(f->mapping_file, mapping) &&
		    strcmp(mapping_name(f->mapping), mapping) != 0)
			continue;
		if (!mapping_code_find(f->mapping, a->table, a->here, &place))
			continue;
		if (a->flow && strcmp(place.file, a->place.file) == 0)
			continue;
		if (!a->flow) {
			a->flow = f;
			a->place = place;
		}
		files = arena_printf(&a->call->arena, "%s\n  --mapping %s", files,
				     mapping_name(f->mapping));
		count++;
	}
	if (!count)
		return no_table(a);
	if (count > 1)
		return call_usage(a->call, "有 %zu 个映射各有一张“%s”，请说明是哪一张：%s",
				  "%zu mappings have a table '%s' each; say which:%s", count,
				  a->table, files);
	return 0;
}

static int count_held(void *with, const struct store_held *held, struct cb_error *err)
{
	(void)held;
	(void)err;
	++*(int64_t *)with;
	return CB_OK;
}

static int held_now(struct adding *a, const char *flow, int64_t *count, struct cb_error *err)
{
	struct store *store = NULL;
	int rc = call_store(a->site, STORE_READ, &store, err);

	*count = 0;
	if (rc == CB_OK)
		rc = store_held_list(store, flow, NULL, NULL, count_held, count, err);
	store_close(store);
	return rc;
}

struct uses {
	const char *table;
	bool has;
};

static void match_use(void *with, const struct mapping_code *code)
{
	struct uses *u = with;

	u->has = u->has || strcmp(code->table, u->table) == 0;
}

/* With the mappings as they are now. */
static int release(struct adding *a)
{
	int64_t before, after, released = 0;
	struct cb_error err;
	struct site *site = call_site(a->call);
	int code = 0, one;

	if (!site)
		return EX_CONFIG;
	a->call->values[OPTION_CODE] = "code";
	for (size_t i = 0; i < site->flow_count; i++) {
		const struct site_flow *f = &site->flows[i];
		struct uses uses = { .table = a->table };

		mapping_each_code(f->mapping, match_use, &uses);
		if (f->is_export || !uses.has)
			continue;
		if (held_now(a, f->name, &before, &err) != CB_OK) {
			code = call_fail(a->call, &err);
			break;
		}
		if (!before)
			continue;
		one = run_retry(a->call, site, f->name);
		code = one > code ? one : code;
		if (held_now(a, f->name, &after, &err) == CB_OK)
			released += before - after;
	}
	a->call->values[OPTION_CODE] = NULL;
	site_done(site);
	if (!call_has(a->call, OPTION_JSON))
		call_say(a->call, "放行 %" PRId64 " 条\n", "%" PRId64 " released\n", released);
	return code;
}

static int add_row(struct adding *a)
{
	struct buffer text = { 0 };
	struct cb_error err;
	int code = find_table(a), rc = CB_OK;

	if (code || !a->flow)
		return code;
	rc = mapping_code_add(a->flow->mapping, a->table, a->there, a->here, &text, &a->line, &err);
	if (rc == CB_OK && !edit_is_right(a->call, a->site, a->place.file, buffer_view(&text))) {
		buffer_done(&text);
		return EX_CONFIG;
	}
	if (rc == CB_OK)
		rc = edit_write(a->call, a->site, a->flow->mapping, a->place.file,
				buffer_view(&text), &a->file, &err);
	buffer_done(&text);
	if (rc == CB_OK && !call_has(a->call, OPTION_DRY_RUN))
		rc = edit_audit(
			a->call, a->site, "codes-add",
			arena_printf(&a->call->arena, "%s:%u", a->file, a->line),
			arena_printf(&a->call->arena, "%s %s -> %s", a->table, a->there, a->here),
			&err);
	if (rc != CB_OK)
		return call_fail(a->call, &err);
	if (!call_has(a->call, OPTION_JSON))
		call_say(a->call, "%s%s:%u：%s 对 %s%s\n", "%s%s:%u: %s is %s%s\n",
			 call_has(a->call, OPTION_DRY_RUN) ? cb_say("试运行 ", "dry run ") : "",
			 a->file, a->line, a->there, a->here,
			 a->place.has_here ? cb_say("（只用于读入：写出已有别的行）",
						    " (read only: another row writes it)")
					   : "");
	return call_has(a->call, OPTION_DRY_RUN) ? 0 : release(a);
}

int command_codes_add(struct call *call)
{
	struct adding a = { .call = call,
			    .table = call->arguments[0],
			    .there = call->arguments[1],
			    .here = call->arguments[2] };
	int code;

	if (!*a.there || !*a.here)
		return call_usage(call, "代码不能是空的", "a code is not empty");
	a.site = call_site(call);
	if (!a.site)
		return call_exit_code(CB_SETUP);
	code = add_row(&a);
	site_done(a.site);
	return code;
}
