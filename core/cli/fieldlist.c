/*
 * fieldlist.c - map table: a mapping as the list that two agencies sign.
 */
#include <sysexits.h>

#include "cli/map.h"
#include "cli/spreadsheet.h"
#include "cli/table.h"

#define COLUMNS 9

struct listing {
	struct call *call;
	struct sheet sheet;
	struct json json;
	struct spreadsheet file;
};

static const char *way_words(const char *way)
{
	if (strcmp(way, "in") == 0)
		return cb_say("只读入", "in");
	if (strcmp(way, "out") == 0)
		return cb_say("只写出", "out");
	return strcmp(way, "none") == 0 ? cb_say("不用", "unused") : cb_say("双向", "both");
}

static void cells_of(const struct mapping_row *row, const char *cells[COLUMNS])
{
	cells[0] = row->label;
	cells[1] = row->here;
	cells[2] = row->type;
	cells[3] = row->there;
	cells[4] = row->need;
	cells[5] = way_words(row->way);
	cells[6] = row->trip;
	cells[7] = row->rule;
	cells[8] = row->note;
}

static void headings(const char *cells[COLUMNS])
{
	cells[0] = cb_say("名称", "label");
	cells[1] = cb_say("我方字段", "ours");
	cells[2] = cb_say("类型", "type");
	cells[3] = cb_say("对方字段", "theirs");
	cells[4] = cb_say("必填", "required");
	cells[5] = cb_say("方向", "direction");
	cells[6] = cb_say("往返", "round trip");
	cells[7] = cb_say("规则", "rule");
	cells[8] = cb_say("备注", "note");
}

/* Screen. */

static void put_sheet(void *with, const struct mapping_row *row)
{
	struct listing *l = with;
	const char *cells[COLUMNS];

	cells_of(row, cells);
	for (size_t i = 0; i < COLUMNS; i++)
		sheet_string(&l->sheet, cells[i]);
}

/* A file to sign. */

static void put_file(void *with, const struct mapping_row *row)
{
	struct listing *l = with;
	const char *cells[COLUMNS];

	cells_of(row, cells);
	for (size_t i = 0; i < COLUMNS; i++)
		spreadsheet_cell(&l->file, cb_text_of(cells[i]));
}

static int write_file(struct listing *l, const struct mapping *m)
{
	const char *file = l->call->values[OPTION_OUT], *cells[COLUMNS];
	struct cb_error err;
	int rc;

	if (!spreadsheet_can(l->call, file))
		return EX_USAGE;
	l->file = (struct spreadsheet){ .arena = &l->call->arena, .columns = COLUMNS };
	headings(cells);
	for (size_t i = 0; i < COLUMNS; i++)
		spreadsheet_cell(&l->file, cb_text_of(cells[i]));
	mapping_table(m, &l->call->arena, put_file, l);
	rc = spreadsheet_write(l->call, &l->file, file, false, &err);
	spreadsheet_done(&l->file);
	return rc == CB_OK ? 0 : call_fail(l->call, &err);
}

/* JSON. */

static void put_json(void *with, const struct mapping_row *row)
{
	struct json *j = &((struct listing *)with)->json;

	json_open(j, NULL, '{');
	json_string(j, "label", row->label);
	json_string(j, "here", row->here);
	json_string(j, "type", row->type);
	json_string(j, "there", row->there);
	json_string(j, "need", row->need);
	json_string(j, "way", row->way);
	json_string(j, "trip", row->trip);
	json_string(j, "rule", row->rule);
	json_string(j, "note", row->note);
	json_string(j, "file", row->file);
	json_integer(j, "line", row->line);
	json_close(j, '}');
}

static void write_json(struct listing *l, const struct mapping *m)
{
	l->json = call_json(l->call);
	json_open(&l->json, NULL, '{');
	json_string(&l->json, "name", mapping_name(m));
	json_string(&l->json, "label", mapping_label(m));
	json_string(&l->json, "digest", mapping_digest(m));
	json_open(&l->json, "fields", '[');
	mapping_table(m, &l->call->arena, put_json, l);
	json_close(&l->json, ']');
	json_close(&l->json, '}');
	buffer_char(&l->call->out, '\n');
}

static void write_sheet(struct listing *l, const struct mapping *m)
{
	const char *cells[COLUMNS];

	/* Whoever signs must be able to see which text it was. */
	call_say(l->call, "%s（%s）⇄ %s，映射版本 %.12s\n\n", "%s (%s) <-> %s, mapping %.12s\n\n",
		 mapping_label(m), mapping_name(m), mapping_here(m)->label, mapping_digest(m));
	l->sheet = sheet_begin(&l->call->arena, COLUMNS, 0);
	headings(cells);
	for (size_t i = 0; i < COLUMNS; i++)
		sheet_string(&l->sheet, cells[i]);
	mapping_table(m, &l->call->arena, put_sheet, l);
	sheet_end(&l->sheet, l->call->has_colours, 0, &l->call->out);
}

int command_map_table(struct call *call)
{
	struct listing l = { .call = call };
	struct translation t;
	int code = 0;

	if (!map_open(call, call->arguments[0], &t))
		return EX_CONFIG;
	if (call_has(call, OPTION_OUT))
		code = write_file(&l, t.mapping);
	else if (call_has(call, OPTION_JSON))
		write_json(&l, t.mapping);
	else
		write_sheet(&l, t.mapping);
	map_close(&t);
	return code;
}
