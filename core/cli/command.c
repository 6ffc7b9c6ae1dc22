/*
 * command.c - the one table of commands: the headings of `casebridge help`, in its
 * order. The commands of commands_site stand in commands_site.c, and so on.
 */
#include "cli/command.h"

#include <signal.h>
#include <string.h>

#include "host/host.h"

const struct command_group command_table[] = {
	{ { "站点", "The site" }, commands_site },
	{ { "映射与代码表", "Mappings and code tables" }, commands_mapping },
	{ { "运行与挂起", "Running, and what is held" }, commands_run },
	{ { "上报与对账", "Uploads and reconciliation" }, commands_upload },
	{ { "查重", "Duplicates" }, commands_duplicates },
	{ { "排程与维护", "Schedules and upkeep" }, commands_upkeep },
	{ { "帮助", "Help" }, commands_help },
	{ { NULL, NULL }, NULL },
};

const struct say exit_codes = {
	"0 完成；1 完成，但有记录要人处理；64 用法不对；65 数据不合要求；\n"
	"69 此刻做不了（连不上、站点正被使用），稍后再试；75 对方要求放慢，或结果存疑，\n"
	"下次会查明；78 有设置要改（包括登录被拒）。",
	"0: done; 1: done, and records need a person; 64: wrong usage; 65: bad\n"
	"data; 69: not now (unreachable, the site is in use), try later; 75: slow\n"
	"down, or in doubt, the next run finds out; 78: a setting is wrong, or login\n"
	"refused.",
};

const struct command *command_find(const char *name)
{
	EACH_COMMAND(c)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/*
 * The socket to the engine is always number 3. Ctrl-C and a stop of the service
 * reach every process; when to end is the engine's decision, and if the engine
 * is killed, the worker goes with it.
 */
int command_worker(struct call *call)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	return worker_main(3);
}
