/*
 * commands_site.c - the site: its file, its accounts, what others call our records.
 */
#include "cli/call.h"

const struct command commands_site[] = {
	{ .name = "init",
	  .arguments = { "目录", "DIR" },
	  .least = 1,
	  .most = 1,
	  .about = { "建立一个新站点", "begin a new site" },
	  .more = { "在目录里写好带注释的 site.xml，建立 secrets/（只有自己能读）、inbox/ 和\n"
		    "数据库。已有站点的目录不会被覆盖。接下来：改 site.xml，录入密钥\n"
		    "（casebridge account set），然后 casebridge check。",
		    "Writes a commented site.xml and makes secrets/ (for yourself alone), inbox/\n"
		    "and the database. A folder that has a site is left alone. Next: edit\n"
		    "site.xml, set the secrets (casebridge account set), casebridge check." },
	  .run = command_init },
	{ .name = "check",
	  .arguments = { "[--reach]", "[--reach]" },
	  .options = BIT(REACH),
	  .about = { "检查整个站点，一次指出所有错误", "check the whole site, all errors at once" },
	  .more = { "检查 site.xml、它用到的连接器和映射、密钥文件的权限，逐处指出 文件:行:列、\n"
		    "应当怎样写、最接近的正确词；还跑一遍每个映射自带的样例，不通过的映射不会启用。"
		    "\n"
		    "没有错误时列出各个连接和流程。\n"
		    "--reach 还会用每个账号连一次对方（只登录，不取也不报）。\n"
		    "返回：0 没有错误，78 有错误，1 有账号连不上。",
		    "Looks at site.xml, the connectors and mappings it uses and the modes of the\n"
		    "secrets, and points at each mistake: file:line:column, what is allowed, the\n"
		    "nearest right word. The samples in each mapping are run as well: a mapping\n"
		    "whose own samples fail is not taken up. Without mistakes it lists\n"
		    "connections and flows.\n"
		    "--reach also logs in with every account, and does nothing else there.\n"
		    "Returns 0 without mistakes, 78 with some, 1 where an account cannot log in." },
	  .run = command_check },
	{ .name = "account set",
	  .arguments = { "连接/账号|通知", "CONNECTION/ACCOUNT|NOTICE" },
	  .least = 1,
	  .most = 1,
	  .about = { "录入账号的口令、密钥", "set the secrets of an account" },
	  .more = { "在终端上逐项询问（不显示），或从标准输入一行读一项，写入 site.xml 指定的\n"
		    "文件，权限 0600。密钥不会出现在命令行、日志或输出里。\n"
		    "例：casebridge account set province/zhihe",
		    "Asks for each on the terminal without showing it, or reads a line each from\n"
		    "standard input, and writes the files that site.xml names, mode 0600. A "
		    "secret\n"
		    "never stands on a command line, in a log or in output.\n"
		    "Example: casebridge account set province/zhihe" },
	  .run = command_account_set },
	{ .name = "account unlock",
	  .arguments = { "连接/账号", "CONNECTION/ACCOUNT" },
	  .least = 1,
	  .most = 1,
	  .about = { "恢复一个因登录被拒而停用的账号", "use an account again that was locked" },
	  .more = { "对方拒绝登录时，只停用那一个账号，免得再试几次被对方锁死。改好口令或密钥\n"
		    "（casebridge account set）之后用本命令恢复。记入审计。",
		    "A refused login locks that account, and only that one: more tries could "
		    "close\n"
		    "it there. When the secret is mended (casebridge account set), use it again." },
	  .run = command_account_unlock },
	{ .name = "alias add",
	  .arguments = { "实体 体系 叫法 编号", "ENTITY SCHEME ALIAS KEY" },
	  .least = 4,
	  .most = 4,
	  .about = { "登记别的系统怎样称呼我们的一条记录", "enter what a system calls a record" },
	  .more = { "映射里 ref=\"studio\" by=\"account\" "
		    "的字段按这里登记的叫法找记录；找不到的挂起。\n"
		    "例：casebridge alias add studio account xiaoqiang S01",
		    "A field with ref=\"studio\" by=\"account\" finds its record by these names; "
		    "an\n"
		    "unknown name is held. Example: casebridge alias add studio account xiaoqiang "
		    "S01" },
	  .run = command_alias_add },
	{ .name = "alias import",
	  .arguments = { "文件", "FILE" },
	  .least = 1,
	  .most = 1,
	  .about = { "从 CSV 登记一批叫法", "enter a list of names from a CSV" },
	  .more = { "列：entity,scheme,alias,key。有一行不对就一行也不登记。",
		    "Columns: entity,scheme,alias,key. All of it, or nothing where a row is "
		    "wrong." },
	  .run = command_alias_import },
	{ .name = "alias list",
	  .arguments = { "[实体]", "[ENTITY]" },
	  .most = 1,
	  .about = { "已登记的叫法", "the names that were entered" },
	  .more = { "每行：实体、体系、叫法、我们的编号。",
		    "A line each: entity, scheme, alias, our key." },
	  .run = command_alias_list },
	{ .name = "alias drop",
	  .arguments = { "实体 体系 叫法", "ENTITY SCHEME ALIAS" },
	  .least = 3,
	  .most = 3,
	  .about = { "删去一个叫法", "drop a name" },
	  .more = { "已经入库的记录不变；以后来的按新的叫法找。",
		    "Records that are in stay as they are; later ones are looked up anew." },
	  .run = command_alias_drop },
	{ .name = NULL },
};
