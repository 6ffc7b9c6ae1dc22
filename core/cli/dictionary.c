/*
 * dictionary.c - what a platform calls its codes, and what our table says.
 *
 * A code that they have and we do not will be held one day; one that we have and
 * they do not is refused there. A name that differs is for a person to read: a
 * code may have come to mean something else.
 */
#include "cli/dictionary.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "cli/table.h"
#include "flow/flow.h"

struct code {
	const char *code, *name;
	bool is_met; /* the other side has it too */
};

struct codes {
	struct names names; /* code → where it stands */
	struct code *at;
	size_t count, room;
};

struct comparing {
	struct call *call;
	const struct site_flow *flow;
	const char *table;
	struct codes theirs, ours;
	size_t differences;
	struct sheet sheet;
	struct json *json;
};

static void add(struct codes *codes, const char *code, const char *name)
{
	if (names_find(&codes->names, cb_text_of(code)) != NAME_UNKNOWN)
		return;
	names_set(&codes->names, cb_text_of(code), (uint32_t)codes->count);
	memory_grow(&codes->at, codes->count, &codes->room, sizeof(*codes->at));
	codes->at[codes->count++] = (struct code){ code, name, false };
}

static void add_theirs(void *with, struct cb_text code, struct cb_text name)
{
	struct comparing *c = with;

	if (code.len)
		add(&c->theirs, arena_string(&c->call->arena, code),
		    arena_string(&c->call->arena, name));
}

/* "1|2" are two words for one code; of "1 2|3" the first column is the list's. */
static void add_ours(void *with, const struct mapping_code *row)
{
	struct comparing *c = with;
	size_t len;

	if (strcmp(row->table, c->table) != 0 || !row->there)
		return;
	for (const char *at = row->there; *at && *at != ' '; at += len + (at[len] == '|')) {
		len = strcspn(at, "| ");
		if (len && *at != '*')
			add(&c->ours, arena_string(&c->call->arena, (struct cb_text){ at, len }),
			    row->row_label ? row->row_label : "");
		if (at[len] != '|')
			break;
	}
}

static void differs(struct comparing *c, const char *what, const char *say, const struct code *code,
		    const char *ours)
{
	c->differences++;
	if (c->json) {
		json_open(c->json, NULL, '{');
		json_string(c->json, "what", what);
		json_string(c->json, "code", code->code);
		json_string(c->json, "name", code->name);
		json_string(c->json, "ours", ours);
		json_close(c->json, '}');
		return;
	}
	sheet_string(&c->sheet, code->code);
	sheet_string(&c->sheet, code->name);
	sheet_string(&c->sheet, ours ? ours : "");
	sheet_string(&c->sheet, say);
}

static void compare(struct comparing *c)
{
	for (size_t i = 0; i < c->theirs.count; i++) {
		const struct code *t = &c->theirs.at[i];
		uint32_t at = names_find(&c->ours.names, cb_text_of(t->code));
		struct code *o = at == NAME_UNKNOWN ? NULL : &c->ours.at[at];

		if (!o) {
			differs(c, "not-in-table",
				cb_say("我们的表里没有：来了会挂起",
				       "not in our table: it would be held"),
				t, NULL);
			continue;
		}
		o->is_met = true;
		if (*o->name && *t->name && strcmp(o->name, t->name) != 0)
			differs(c, "name",
				cb_say("名称不同：意思变了吗？",
				       "another name: does it mean the same?"),
				t, o->name);
	}
	for (size_t i = 0; i < c->ours.count; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.*): where there are any, @at is there */
		if (!c->ours.at[i].is_met)
			differs(c, "not-there",
				cb_say("对方没有：报过去会退回",
				       "they do not have it: it would be refused"),
				&c->ours.at[i], NULL);
}

static void begin_table(struct comparing *c)
{
	if (c->json) {
		json_string(c->json, "flow", c->flow->name);
		json_string(c->json, "table", c->table);
		json_integer(c->json, "count", (int64_t)c->theirs.count);
		json_open(c->json, "differences", '[');
		return;
	}
	c->sheet = sheet_begin(&c->call->arena, 4, 0);
	sheet_string(&c->sheet, cb_say("代码", "code"));
	sheet_string(&c->sheet, cb_say("名称", "name"));
	sheet_string(&c->sheet, cb_say("我们写的", "ours"));
	sheet_string(&c->sheet, cb_say("说明", "about"));
}

static void end_table(struct comparing *c)
{
	if (c->json) {
		json_close(c->json, ']');
		return;
	}
	call_say(c->call, "\n%s：对方的字典 %s 有 %zu 项，与我们的表相差 %zu 处\n",
		 "\n%s: their dictionary %s has %zu codes, %zu differences from our table\n",
		 c->flow->name, c->table, c->theirs.count, c->differences);
	if (c->differences)
		sheet_end(&c->sheet, c->call->has_colours, 3, &c->call->out);
	else
		sheet_drop(&c->sheet);
}

static void codes_done(struct codes *codes)
{
	names_done(&codes->names);
	free(codes->at);
}

static int say_one(struct engine *engine, struct comparing *c)
{
	struct cb_error err = { 0 };
	int rc = flow_dictionary(engine, c->flow, c->table, add_theirs, c, &err);

	if (c->json)
		json_open(c->json, NULL, '{');
	if (rc == CB_OK) {
		mapping_each_code(c->flow->mapping, add_ours, c);
		begin_table(c);
		compare(c);
		end_table(c);
	} else if (c->json) {
		json_string(c->json, "flow", c->flow->name);
		json_string(c->json, "table", c->table);
		json_string(c->json, "error", err.text);
	} else {
		cb_error_prefix(&err, "%s 的字典 %s：", "%s, dictionary %s: ", c->flow->name,
				c->table);
		(void)call_fail(c->call, &err);
	}
	if (c->json)
		json_close(c->json, '}');
	codes_done(&c->theirs);
	codes_done(&c->ours);
	return rc == CB_OK ? 0 : 1;
}

/* Two flows of one stream have one dictionary. */
static bool is_first_of_stream(const struct site *site, const struct site_flow *flow)
{
	for (const struct site_flow *f = site->flows; f < flow; f++)
		if (f->connection == flow->connection && f->stream == flow->stream)
			return false;
	return true;
}

int dictionaries_say(struct call *call, struct site *site, const char *flow, struct json *json)
{
	struct engine *engine;
	struct cb_error err;
	int code = 0;

	if (engine_open(site, NULL, call_who(call), &engine, &err) != CB_OK)
		return call_fail(call, &err);
	for (size_t i = 0; i < site->flow_count; i++) {
		const struct site_flow *f = &site->flows[i];
		const struct cb_element *e = f->stream->element, *d = NULL;

		if (flow ? strcmp(f->name, flow) != 0 : !is_first_of_stream(site, f))
			continue;
		while ((d = cb_child(e, "dictionary", d))) {
			struct comparing c = { .call = call, .flow = f, .json = json };

			c.table = cb_attribute(d, "codes");
			if (c.table)
				code |= say_one(engine, &c);
		}
	}
	engine_close(engine);
	return code;
}
