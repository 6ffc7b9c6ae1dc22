/*
 * held_table.c - held records to a table that people correct, and back.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/hash.h"
#include "cli/run.h"
#include "cli/spreadsheet.h"
#include "flow/flow.h"

#define COLUMNS_MOST 4096

struct entry {
	int64_t id;
	const char *why;
	struct flat_row {
		uint32_t *columns;
		struct cb_text *texts;
		size_t count;
	} cells;
};

struct collected {
	struct call *call;
	struct names columns; /* name → number, in the order they were seen */
	struct cb_text *names;
	size_t name_room;
	struct entry *rows;
	size_t count, room;
};

static uint32_t column_of(struct collected *c, const char *name)
{
	uint32_t at = names_find(&c->columns, cb_text_of(name));

	if (at != NAME_UNKNOWN)
		return at;
	at = (uint32_t)c->columns.count;
	memory_grow(&c->names, at, &c->name_room, sizeof(*c->names));
	c->names[at] = arena_copy(&c->call->arena, cb_text_of(name));
	names_set(&c->columns, c->names[at], at);
	return at;
}

static int add_row(void *with, const struct store_held *held, const struct worker_text *cells,
		   size_t count, struct cb_error *err)
{
	struct collected *c = with;
	struct arena *arena = &c->call->arena;
	struct entry *row;

	memory_grow(&c->rows, c->count, &c->room, sizeof(*c->rows));
	row = &c->rows[c->count++];
	*row = (struct entry){ .id = held->id,
			       .why = arena_printf(arena, "#%" PRId64 " %s", held->id,
						   held->say    ? held->say
						   : held->code ? held->code
								: ""),
			       .cells = { arena_take(arena, (count + 1) * sizeof(uint32_t)),
					  arena_take(arena, (count + 1) * sizeof(struct cb_text)),
					  count } };
	for (size_t i = 0; i < count; i++) {
		row->cells.columns[i] = column_of(c, cells[i].name);
		row->cells.texts[i] = arena_copy(arena, cells[i].text);
	}
	if (c->columns.count > COLUMNS_MOST)
		return cb_fail(err, CB_REFUSED, "超过 %d 列：请用 --code 或 --field 分几次导出",
			       "more than %d columns: export in parts, with --code or --field",
			       COLUMNS_MOST);
	return CB_OK;
}

static void fill(struct collected *c, struct spreadsheet *sheet)
{
	size_t columns = c->columns.count;
	struct cb_text *line = memory_take((columns + 1) * sizeof(*line));

	*sheet = (struct spreadsheet){ .arena = &c->call->arena, .columns = columns + 1 };
	for (size_t i = 0; i < columns; i++)
		spreadsheet_cell(sheet, c->names[i]);
	spreadsheet_cell(sheet, cb_text_of(WORKER_CORRECTED_WHY));
	for (size_t i = 0; i < c->count; i++) {
		memset(line, 0, (columns + 1) * sizeof(*line));
		for (size_t k = 0; k < c->rows[i].cells.count; k++)
			line[c->rows[i].cells.columns[k]] = c->rows[i].cells.texts[k];
		line[columns] = cb_text_of(c->rows[i].why);
		for (size_t k = 0; k <= columns; k++)
			spreadsheet_cell(sheet, line[k]);
	}
	free(line);
}

/* Who took personal data out of the house, how much of which flow. */
static int note(struct call *call, struct store *store, const char *flow, size_t count,
		struct cb_error *err)
{
	int rc = store_begin(store, call_now(), err);

	if (rc != CB_OK)
		return rc;
	rc = store_audit(store, call_who(call), "held-export", flow,
			 arena_printf(&call->arena, "%zu", count), err);
	if (rc == CB_OK)
		return store_commit(store, err);
	store_rollback(store);
	return rc;
}

static int count_flow(void *with, const struct store_held *held, struct cb_error *err)
{
	struct names *flows = with;

	(void)err;
	if (held->result) /* a receipt: no row of theirs to be corrected */
		return CB_OK;
	if (names_find(flows, cb_text_of(held->flow)) == NAME_UNKNOWN)
		names_set(flows, cb_text_of(memory_string(held->flow)), (uint32_t)flows->count);
	return CB_OK;
}

/* The import that is meant: the one named, else the only one that holds something. */
static const struct site_flow *choose(struct call *call, const struct site *site,
				      struct store *store, int *code)
{
	const char *name = call->count > 1 ? call->arguments[1] : NULL;
	const struct site_flow *flow = NULL;
	struct names held = { 0 };
	struct cb_error err;

	*code = 64;
	if (name) {
		flow = call_flow(call, site, name);
		if (flow && flow->is_export) {
			call_usage(call, "%s 是导出流程：这里只管导入的",
				   "%s is an export: this is about imports", name);
			flow = NULL;
		}
		return flow;
	}
	if (store_held_list(store, NULL, call->values[OPTION_CODE], call->values[OPTION_FIELD],
			    count_flow, &held, &err) != CB_OK) {
		*code = call_fail(call, &err);
	} else {
		for (size_t i = 0; i < site->flow_count; i++)
			if (names_find(&held, cb_text_of(site->flows[i].name)) != NAME_UNKNOWN)
				flow = &site->flows[i];
		if (held.count > 1) {
			call_usage(call,
				   "不止一个流程有挂起的记录：请写明是哪一个（casebridge held）",
				   "more than one flow holds records: say which (casebridge held)");
			flow = NULL;
		} else if (!flow) {
			*code = 0;
			call_say(call, "没有挂起的记录\n", "nothing is held\n");
		}
	}
	for (size_t i = 0; i < held.room; i++)
		if (held.entries[i].name.at)
			free((char *)(uintptr_t)held.entries[i].name.at);
	names_done(&held);
	return flow;
}

static int export_table(struct call *call, struct site *site, struct store *store,
			const struct site_flow *flow)
{
	struct collected c = { .call = call };
	struct spreadsheet sheet = { 0 };
	struct cb_error err;
	int rc = flow_held_cells(site, store, flow, call->values[OPTION_CODE],
				 call->values[OPTION_FIELD], add_row, &c, &err);

	if (rc == CB_OK && !call_has(call, OPTION_DRY_RUN))
		rc = note(call, store, flow->name, c.count, &err);
	if (rc == CB_OK) {
		fill(&c, &sheet);
		rc = spreadsheet_write(call, &sheet, call->arguments[0], true, &err);
	}
	if (rc == CB_OK)
		call_say(call, "%s：%zu 条挂起的记录，改好后 casebridge held import %s %s\n",
			 "%s: %zu held records; when corrected: casebridge held import %s %s\n",
			 call->arguments[0], c.count, call->arguments[0], flow->name);
	spreadsheet_done(&sheet);
	names_done(&c.columns);
	free(c.names);
	free(c.rows);
	return rc == CB_OK ? 0 : call_fail(call, &err);
}

int command_held_export(struct call *call)
{
	struct site *site = spreadsheet_can(call, call->arguments[0]) ? call_site(call) : NULL;
	const struct site_flow *flow;
	struct store *store = NULL;
	struct cb_error err;
	int code = 64;

	if (!site)
		return spreadsheet_can(call, call->arguments[0]) ? call_exit_code(CB_SETUP) : 64;
	if (call_store(site, STORE_WRITE, &store, &err) != CB_OK) {
		code = call_fail(call, &err);
	} else {
		flow = choose(call, site, store, &code);
		if (flow)
			code = export_table(call, site, store, flow);
	}
	store_close(store);
	site_done(site);
	return code;
}

int command_held_import(struct call *call)
{
	struct site *site = call_site(call);
	const struct site_flow *flow = NULL;
	struct store *store = NULL;
	struct cb_error err;
	int code;

	if (!site)
		return call_exit_code(CB_SETUP);
	if (call_store(site, STORE_READ, &store, &err) != CB_OK)
		code = call_fail(call, &err);
	else
		flow = choose(call, site, store, &code);
	store_close(store);
	if (flow)
		code = run_correct(call, site, flow);
	site_done(site);
	return code;
}
