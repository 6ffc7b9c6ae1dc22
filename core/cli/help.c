/*
 * help.c - what the commands and plugins are, from their tables.
 */
#include "cli/call.h"

#include <stdio.h>
#include <stdlib.h>

#include <casebridge/plugin.h>
#include <yajl/yajl_tree.h>

#include "cli/table.h"
#include "host/host.h"

#define VERSION "0.1.0"

static void line(struct buffer *out, const char *text)
{
	buffer_string(out, text);
	buffer_char(out, '\n');
}

void help_overview(struct buffer *out)
{
	struct arena arena = { 0 };
	struct sheet sheet = sheet_begin(&arena, 2, 0);

	line(out, cb_say("casebridge - 在各系统之间搬运调解案件\n",
			 "casebridge - carry mediation cases between systems\n"));
	for (const struct command *c = commands; c->name; c++) {
		if (c->is_hidden)
			continue;
		sheet_cell(&sheet, cb_text_of(c->name), INK_PLAIN);
		sheet_cell(&sheet, cb_text_of(say(c->about)), INK_PLAIN);
	}
	sheet_end(&sheet, false, 2, out);
	line(out, cb_say("\n任何命令都可以带：", "\nEvery command takes:"));
	sheet = sheet_begin(&arena, 2, 0);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (!(COMMON_OPTIONS >> i & 1))
			continue;
		sheet_cell(&sheet,
			   cb_text_of(arena_printf(
				   &arena, "--%s %s", option_table[i].name,
				   option_table[i].value.zh ? say(option_table[i].value) : "")),
			   INK_PLAIN);
		sheet_cell(&sheet, cb_text_of(say(option_table[i].about)), INK_PLAIN);
	}
	sheet_end(&sheet, false, 2, out);
	buffer_printf(out, "\n%s%s\n", cb_say("返回：", "Returns "), say(exit_codes));
	line(out,
	     cb_say("第一次用：casebridge init 目录。一个命令的说明：casebridge help 命令。",
		    "New here: casebridge init DIR. About one command: casebridge help COMMAND."));
	arena_done(&arena);
}

void help_command(const struct command *c, struct buffer *out)
{
	struct arena arena = { 0 };
	struct sheet sheet = sheet_begin(&arena, 2, 0);

	buffer_printf(out, "%s casebridge %s %s\n\n%s%s\n", cb_say("用法：", "usage:"), c->name,
		      say(c->arguments), say(c->about), cb_say("。", "."));
	if (c->more.zh)
		buffer_printf(out, "\n%s\n", say(c->more));
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (!(c->options >> i & 1))
			continue;
		sheet_cell(&sheet,
			   cb_text_of(arena_printf(
				   &arena, "--%s %s", option_table[i].name,
				   option_table[i].value.zh ? say(option_table[i].value) : "")),
			   INK_PLAIN);
		sheet_cell(&sheet, cb_text_of(say(option_table[i].about)), INK_PLAIN);
	}
	if (sheet.count)
		buffer_char(out, '\n');
	sheet_end(&sheet, false, 2, out);
	arena_done(&arena);
}

/* All commands of a group: "held", "map". False if there is none. */
static bool help_group(const char *group, struct buffer *out)
{
	size_t len = strlen(group), count = 0;

	for (const struct command *c = commands; c->name; c++) {
		if (strncmp(c->name, group, len) != 0 || (c->name[len] && c->name[len] != ' '))
			continue;
		if (count++)
			buffer_string(out, "\n");
		help_command(c, out);
	}
	return count > 0;
}

/* Plugins: a worker loads them and says what they are. */

static int describe(struct call *call, struct buffer *json, struct cb_error *err)
{
	struct worker_job job = {
		.task = WORK_DESCRIBE,
		.plugins = site_plugins_folder(&call->arena),
		.fd = -1,
	};
	struct worker_message message;
	struct worker *worker;
	int rc = worker_start(&job, NULL, &worker, err);

	if (rc != CB_OK)
		return rc;
	while ((rc = worker_next(worker, &message, err)) == CB_OK) {
		if (message.kind == WORKER_REPORT)
			buffer_text(json, message.text);
		if (message.kind == WORKER_DONE && message.error.verdict != CB_OK) {
			*err = message.error;
			rc = (int)err->verdict;
			break;
		}
	}
	worker_free(worker);
	return rc == CB_END ? CB_OK : rc;
}

static const char *member(yajl_val object, const char *name)
{
	const char *path[] = { name, NULL };
	const char *text = YAJL_GET_STRING(yajl_tree_get(object, path, yajl_t_string));

	return text ? text : "";
}

static size_t length(yajl_val list)
{
	return YAJL_IS_ARRAY(list) ? list->u.array.len : 0;
}

/* The list of plugins; freed with yajl_tree_free. */
static int plugin_list(struct call *call, yajl_val *out, struct cb_error *err)
{
	struct buffer json = { 0 };
	int rc = describe(call, &json, err);

	if (rc == CB_OK) {
		*out = yajl_tree_parse(buffer_cstr(&json), NULL, 0);
		if (!YAJL_IS_ARRAY(*out))
			rc = cb_fail(err, CB_BROKEN, "插件的说明无法读取",
				     "the description of the plugins cannot be read");
	}
	buffer_done(&json);
	return rc;
}

int command_plugins(struct call *call)
{
	struct sheet sheet = sheet_begin(&call->arena, 4, 0);
	struct cb_error err;
	yajl_val list = NULL;

	if (call_has(call, OPTION_JSON)) {
		if (describe(call, &call->out, &err) != CB_OK)
			return call_fail(call, &err);
		buffer_char(&call->out, '\n');
		return 0;
	}
	if (plugin_list(call, &list, &err) != CB_OK)
		return call_fail(call, &err);
	sheet_string(&sheet, cb_say("名称", "name"));
	sheet_string(&sheet, cb_say("种类", "kind"));
	sheet_string(&sheet, cb_say("用于文件", "files"));
	sheet_string(&sheet, cb_say("说明", "about"));
	for (size_t i = 0; i < length(list); i++) {
		yajl_val plugin = list->u.array.values[i];
		bool is_format = strcmp(member(plugin, "kind"), "format") == 0;

		sheet_string(&sheet, member(plugin, "name"));
		sheet_string(&sheet,
			     is_format ? cb_say("格式", "format") : cb_say("连接器", "connector"));
		sheet_string(&sheet, member(plugin, "extensions"));
		sheet_string(&sheet, member(plugin, cb_say("zh", "en")));
	}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
	yajl_tree_free(list);
	return 0;
}

static void help_plugin(struct call *call, yajl_val plugin)
{
	const char *path[] = { "options", NULL };
	yajl_val list = yajl_tree_get(plugin, path, yajl_t_array);
	struct sheet sheet = sheet_begin(&call->arena, 4, 0);

	buffer_printf(&call->out, "%s - %s\n", member(plugin, "name"),
		      member(plugin, cb_say("zh", "en")));
	if (length(list) == 0)
		return;
	buffer_char(&call->out, '\n');
	sheet_string(&sheet, cb_say("设置", "setting"));
	sheet_string(&sheet, cb_say("类型", "type"));
	sheet_string(&sheet, cb_say("默认", "default"));
	sheet_string(&sheet, cb_say("说明", "about"));
	for (size_t i = 0; i < length(list); i++) {
		yajl_val option = list->u.array.values[i];

		sheet_string(&sheet, member(option, "name"));
		sheet_string(&sheet, member(option, "type"));
		sheet_string(&sheet, member(option, "default"));
		sheet_string(&sheet, member(option, cb_say("zh", "en")));
	}
	sheet_end(&sheet, call->has_colours, 2, &call->out);
}

/* No command of that name: a plugin? */
static int help_other(struct call *call, const char *name)
{
	const char *names[128] = { NULL };
	size_t count = 0;
	struct cb_error err;
	yajl_val list = NULL, found = NULL;
	int code = 0;

	for (const struct command *c = commands; c->name && count < 64; c++)
		if (!c->is_hidden)
			names[count++] = c->name;
	if (plugin_list(call, &list, &err) == CB_OK)
		for (size_t i = 0; i < length(list); i++) {
			yajl_val plugin = list->u.array.values[i];

			if (strcmp(member(plugin, "name"), name) == 0)
				found = plugin;
			else if (count < 127)
				names[count++] = member(plugin, "name");
		}
	if (found)
		help_plugin(call, found);
	else
		code = call_usage(call, "没有命令或插件“%s”%s",
				  "there is no command or plugin '%s'%s", name,
				  call_hint(call, name, names));
	yajl_tree_free(list);
	return code;
}

int command_help(struct call *call)
{
	const char *name = call->arguments[0];

	if (call_has(call, OPTION_MAN)) {
		manual_page(&call->out);
		return 0;
	}
	if (!name) {
		help_overview(&call->out);
		return 0;
	}
	if (call->count == 2)
		name = arena_printf(&call->arena, "%s %s", name, call->arguments[1]);
	if (help_group(name, &call->out))
		return 0;
	return help_other(call, name);
}

int command_version(struct call *call)
{
	if (call_has(call, OPTION_JSON)) {
		struct json j = call_json(call);

		json_open(&j, NULL, '{');
		json_string(&j, "version", VERSION);
		json_integer(&j, "plugin-interface", CB_ABI);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
		return 0;
	}
	buffer_printf(&call->out, "casebridge %s\n", VERSION);
	return 0;
}
