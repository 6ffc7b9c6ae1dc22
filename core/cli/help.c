/*
 * help.c - what the commands and plugins are, from their tables.
 */
#include "cli/call.h"

#include <stdio.h>
#include <stdlib.h>

#include <casebridge/plugin.h>

#include "base/version.h"
#include "cli/table.h"
#include "host/host.h"

static void line(struct buffer *out, const char *text)
{
	buffer_string(out, text);
	buffer_char(out, '\n');
}

/* All commands under their headings, in two columns; names are ASCII. */
static void overview_commands(struct buffer *out)
{
	size_t width = 0;

	EACH_COMMAND(c)
		if (strlen(c->name) > width)
			width = strlen(c->name);
	for (const struct command_group *group = command_table; group->commands; group++) {
		buffer_printf(out, "\n%s\n", say(group->heading));
		for (const struct command *c = group->commands; c->name; c++)
			if (!c->is_hidden)
				buffer_printf(out, "  %-*s  %s\n", (int)width, c->name,
					      say(c->about));
	}
}

void help_overview(struct buffer *out)
{
	struct arena arena = { 0 };
	struct sheet sheet;

	line(out, cb_say("casebridge - 在互不相识的系统之间搬运案件",
			 "casebridge - carry cases between systems that were never made to talk"));
	overview_commands(out);
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

	EACH_COMMAND(c) {
		if (strncmp(c->name, group, len) != 0 || (c->name[len] && c->name[len] != ' '))
			continue;
		if (count++)
			buffer_string(out, "\n");
		help_command(c, out);
	}
	return count > 0;
}

/* Plugins: a worker loads them and says what they are. */

static int plugin_list(struct call *call, struct plugin_info **out, size_t *count,
		       struct cb_error *err)
{
	struct worker_job job = {
		.task = WORK_DESCRIBE,
		.plugins = site_plugins_folder(&call->arena),
		.fd = -1,
	};
	struct worker_message message;
	struct worker *worker;
	int rc = worker_start(&job, NULL, &worker, err);

	*count = 0;
	if (rc != CB_OK)
		return rc;
	while ((rc = worker_next(worker, &message, err)) == CB_OK) {
		if (message.kind == WORKER_REPORT)
			rc = plugin_infos(&call->arena, message.text, out, count, err);
		if (message.kind == WORKER_DONE && message.error.verdict != CB_OK) {
			*err = message.error;
			rc = (int)err->verdict;
		}
		if (rc != CB_OK)
			break;
	}
	worker_free(worker);
	return rc == CB_END ? CB_OK : rc;
}

static void plugins_json(struct call *call, const struct plugin_info *list, size_t count)
{
	struct json j = call_json(call);

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "name", list[i].name);
		json_string(&j, "kind", list[i].is_format ? "format" : "connector");
		json_string(&j, "zh", list[i].zh);
		json_string(&j, "en", list[i].en);
		json_string(&j, "extensions", list[i].extensions);
		json_string(&j, "profile", list[i].has_own_connection ? "own" : "sealed");
		json_open(&j, "options", '[');
		for (size_t k = 0; k < list[i].option_count; k++) {
			const struct plugin_option *o = &list[i].options[k];

			json_open(&j, NULL, '{');
			json_string(&j, "name", o->name);
			json_string(&j, "type", o->type);
			json_string(&j, "default", o->standard);
			json_string(&j, "zh", o->zh);
			json_string(&j, "en", o->en);
			json_close(&j, '}');
		}
		json_close(&j, ']');
		json_close(&j, '}');
	}
	json_close(&j, ']');
	buffer_char(&call->out, '\n');
}

static const char *or_empty(const char *string)
{
	return string ? string : "";
}

int command_plugins(struct call *call)
{
	struct sheet sheet = sheet_begin(&call->arena, 5, 0);
	struct plugin_info *list;
	struct cb_error err;
	size_t count;

	if (plugin_list(call, &list, &count, &err) != CB_OK)
		return call_fail(call, &err);
	if (call_has(call, OPTION_JSON)) {
		plugins_json(call, list, count);
		return 0;
	}
	sheet_string(&sheet, cb_say("名称", "name"));
	sheet_string(&sheet, cb_say("种类", "kind"));
	sheet_string(&sheet, cb_say("连接", "connection"));
	sheet_string(&sheet, cb_say("用于文件", "files"));
	sheet_string(&sheet, cb_say("说明", "about"));
	for (size_t i = 0; i < count; i++) {
		sheet_string(&sheet, list[i].name);
		sheet_string(&sheet, list[i].is_format ? cb_say("格式", "format")
						       : cb_say("连接器", "connector"));
		sheet_string(&sheet, list[i].has_own_connection ? cb_say("自己的", "own")
								: cb_say("封闭", "sealed"));
		sheet_string(&sheet, or_empty(list[i].extensions));
		sheet_string(&sheet, cb_say(list[i].zh, list[i].en));
	}
	sheet_end(&sheet, call->has_colours, 0, &call->out);
	return 0;
}

static void help_plugin(struct call *call, const struct plugin_info *plugin)
{
	struct sheet sheet = sheet_begin(&call->arena, 4, 0);

	buffer_printf(&call->out, "%s - %s\n", plugin->name, cb_say(plugin->zh, plugin->en));
	if (!plugin->option_count)
		return;
	buffer_char(&call->out, '\n');
	sheet_string(&sheet, cb_say("设置", "setting"));
	sheet_string(&sheet, cb_say("类型", "type"));
	sheet_string(&sheet, cb_say("默认", "default"));
	sheet_string(&sheet, cb_say("说明", "about"));
	for (size_t i = 0; i < plugin->option_count; i++) {
		const struct plugin_option *o = &plugin->options[i];

		sheet_string(&sheet, o->name);
		sheet_string(&sheet, o->type);
		sheet_string(&sheet, or_empty(o->standard));
		sheet_string(&sheet, cb_say(o->zh, o->en));
	}
	sheet_end(&sheet, call->has_colours, 2, &call->out);
}

/* No command of that name: a plugin? */
static int help_other(struct call *call, const char *name)
{
	const char *names[128] = { NULL };
	struct plugin_info *list;
	size_t count = 0, plugins;
	struct cb_error err;

	EACH_COMMAND(c)
		if (!c->is_hidden && count < 64)
			names[count++] = c->name;
	if (plugin_list(call, &list, &plugins, &err) == CB_OK)
		for (size_t i = 0; i < plugins; i++) {
			if (strcmp(list[i].name, name) == 0) {
				help_plugin(call, &list[i]);
				return 0;
			}
			if (count < 127)
				names[count++] = list[i].name;
		}
	return call_usage(call, "没有命令或插件“%s”%s", "there is no command or plugin '%s'%s",
			  name, call_hint(call, name, names));
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
		json_string(&j, "version", CASEBRIDGE_VERSION);
		json_integer(&j, "plugin-interface", CB_ABI);
		json_close(&j, '}');
		buffer_char(&call->out, '\n');
		return 0;
	}
	buffer_printf(&call->out, "casebridge %s\n", CASEBRIDGE_VERSION);
	return 0;
}
