/*
 * command.c - the one table of commands. Help, usage errors, completion and the
 * manual page are all read from it.
 */
#include "cli/call.h"

#include <signal.h>

#include "host/host.h"

#define BIT(option) OPTION_BIT(OPTION_##option)

const struct option option_table[OPTION_COUNT] = {
	[OPTION_SITE] = { "site",
			  { "目录", "DIR" },
			  { "站点目录；默认 $CASEBRIDGE_SITE，再默认当前目录",
			    "the site's folder; else $CASEBRIDGE_SITE, else the current one" } },
	[OPTION_JSON] = { "json", { NULL, NULL }, { "输出 JSON，给程序读", "JSON, for programs" } },
	[OPTION_DRY_RUN] = { "dry-run",
			     { NULL, NULL },
			     { "试运行：照做一遍，但什么都不改",
			       "do everything and change nothing" } },
	[OPTION_LANG] = { "lang",
			  { "zh|en", "zh|en" },
			  { "语言；默认 $CASEBRIDGE_LANG，再默认中文",
			    "the language; else $CASEBRIDGE_LANG, else Chinese" } },
	[OPTION_HELP] = { "help", { NULL, NULL }, { "本命令的说明", "about this command" } },
	[OPTION_REACH] = { "reach",
			   { NULL, NULL },
			   { "还要逐个账号连上对方并登录",
			     "also reach every system and log in with every account" } },
	[OPTION_CODE] = { "code",
			  { "原因", "CODE" },
			  { "只要这种原因，如 code、idcard", "only this cause: code, idcard" } },
	[OPTION_FIELD] = { "field",
			   { "字段", "FIELD" },
			   { "只要这个字段，如 party/id-number",
			     "only this field: party/id-number" } },
	[OPTION_STATE] = { "state", { "状态", "STATE" }, { "只要这种状态", "only this state" } },
	[OPTION_UNMASK] = { "unmask",
			    { NULL, NULL },
			    { "不遮盖个人信息；谁看过会记入审计",
			      "show personal data; the audit records who did" } },
	[OPTION_MODEL] = { "model",
			   { "文件", "FILE" },
			   { "模型文件；默认映射旁边的，再默认已安装的",
			     "the model file; else the one beside the mapping, else the installed "
			     "one" } },
	[OPTION_FORMAT] = { "format",
			    { "csv|xlsx", "csv|xlsx" },
			    { "表格写成哪一种文件；默认 csv",
			      "which kind of file a table becomes; else csv" } },
	[OPTION_AGAINST] = { "against",
			     { "流程|last-90-days|文件", "FLOW|last-90-days|FILE" },
			     { "与哪些原文比较", "which documents to compare over" } },
	[OPTION_MAN] = { "man",
			 { NULL, NULL },
			 { "输出手册页（roff）", "the manual page, as roff" } },
	[OPTION_MAPPING] = { "mapping",
			     { "映射", "MAPPING" },
			     { "哪个映射：名字或文件", "which mapping: its name or file" } },
	[OPTION_FROM] = { "from",
			  { "样本|时刻", "SAMPLE|TIME" },
			  { "样本文件；或从哪个时刻算起",
			    "the sample; or the time to count from" } },
	[OPTION_ENTITY] = { "entity",
			    { "实体", "ENTITY" },
			    { "模型里的哪个实体；默认第一个",
			      "which entity of the model; the first" } },
	[OPTION_PORT] = { "port",
			  { "端口", "PORT" },
			  { "本机监控端口；0 由系统选一个",
			    "a port on loopback; 0: any free one" } },
	[OPTION_LOG] = { "log",
			 { "文件", "FILE" },
			 { "日志写到文件；SIGHUP 重开", "log there; SIGHUP opens it anew" } },
	[OPTION_OUT] = { "out",

			 { "文件", "FILE" },
			 { "写到文件；默认标准输出", "write there; else standard output" } },
	[OPTION_SPEC] = { "spec",
			  { "文件", "FILE" },
			  { "匹配规格（XML）", "the link specification (XML)" } },
	[OPTION_INPUT] = { "input",
			   { "文件", "FILE" },
			   { "CSV 文件；可以写几次，每个文件是一个来源",
			     "a CSV file; several times for several sources" } },
	[OPTION_TRAIN] = { "train",
			   { NULL, NULL },
			   { "重新学参数，写进 --params 的文件；有 --labels 就照它学",
			     "learn, and write --params; from --labels where they are given" } },
	[OPTION_PARAMS] = { "params",
			    { "文件", "FILE" },
			    { "参数（JSON）：有 --train 写出，否则读入使用",
			      "parameters (JSON): written with --train, else read and used" } },
	[OPTION_PAIRS] = { "pairs",
			   { "文件", "FILE" },
			   { "写出相连的和存疑的对",
			     "write the pairs that are linked or doubtful" } },
	[OPTION_CLUSTERS] = { "clusters",
			      { "文件", "FILE" },
			      { "写出每条记录属于哪一簇", "write the cluster of every record" } },
	[OPTION_PREVIOUS] = { "previous",
			      { "文件", "FILE" },
			      { "上一次的 --clusters：簇号沿用，不再给别的簇",
				"clusters of an earlier run: numbers stay, and are never used "
				"again" } },
	[OPTION_RULINGS] = { "rulings",
			     { "文件", "FILE" },
			     { "人定的：id_1,id_2,match（1 必连，0 决不）",
			       "a person's word: id_1,id_2,match (1 always, 0 never)" } },
	[OPTION_THRESHOLD] = { "threshold",
			       { "概率", "P" },
			       { "概率到多少就相连；默认自行标定",
				 "the probability from which to link; else calibrated" } },
	[OPTION_EXPLAIN] = { "explain",
			     { "编号 编号", "ID1 ID2" },
			     { "两条记录为什么相连或不连，逐项的分量",
			       "why two are linked or not, part by part" },
			     .more = 1 },
	[OPTION_LABELS] = { "labels",
			    { "文件", "FILE" },
			    { "已知的真相：id,cluster 或 id_1,id_2[,match]",
			      "what is known: id,cluster or id_1,id_2[,match]" } },
	[OPTION_REPORT] = { "report",
			    { NULL, NULL },
			    { "各界线上的查准率、查全率、F1，各规则漏掉的对",
			      "precision, recall and F1 at every threshold, pairs lost by rule" } },
	[OPTION_THREADS] = { "threads",
			     { "数", "N" },
			     { "用几个线程；默认全部的核", "threads; else all cores" } },
	[OPTION_BUDGET] = { "budget",
			    { "数", "N" },
			    { "平均每条记录可以比较几对；默认 5",
			      "pairs to compare a record; 5" } },
	[OPTION_DRAW] = { "draw",
			  { "文件", "FILE" },
			  { "画成 SVG：各级的分量、m 和 u；有 --explain 就画那一对",
			    "an SVG drawing: weights, m and u; with --explain, of that pair" } },
	[OPTION_ALL] = { "all", { NULL, NULL }, { "全部", "all of them" } },
	[OPTION_REASON] = { "reason",
			    { "理由", "TEXT" },
			    { "为什么；记入审计，不要写个人信息",
			      "why; the audit keeps it, so no personal data" } },
	[OPTION_RECEIPT] = { "receipt",
			     { "回执", "TEXT" },
			     { "平台上查到的回执", "the receipt that was found there" } },
	[OPTION_ZONE] = { "zone",
			  { "时区", "ZONE" },
			  { "时区，如 +08:00、Asia/Shanghai；默认 +08:00",
			    "the time zone: +08:00, Europe/Berlin; else +08:00" } },
	[OPTION_TO] = { "to", { "日期", "DATE" }, { "到哪一天为止（含）", "until that day" } },
	[OPTION_MONTH] = { "month",
			   { "年-月", "YYYY-MM" },
			   { "哪个月；默认上个月", "which month; else the last" } },
	[OPTION_DEEP] = { "deep",
			  { NULL, NULL },
			  { "数目相符的也逐件比对内容",
			    "compare contents also where the counts agree" } },
	[OPTION_ACT] = { "act",
			 { "missing|different|doubt", "missing|different|doubt" },
			 { "对这一类差异动手", "do what there is to do about this list" } },
	[OPTION_HOW_MANY] = { "count", { "个数", "N" }, { "列出几个；默认 5", "how many; 5" } },
	[OPTION_NAME] = { "name",
			  { "名称", "NAME" },
			  { "样例叫什么；默认“学自 编号”",
			    "what the sample is called; else 'learned from KEY'" } },
};

const struct say exit_codes = {
	"0 完成；1 完成，但有记录要人处理；64 用法不对；65 数据不合要求；\n"
	"69 此刻做不了（连不上、站点正被使用），稍后再试；75 对方要求放慢，或结果存疑，\n"
	"下次会查明；78 有设置要改（包括登录被拒）。",
	"0: done; 1: done, and records need a person; 64: wrong usage; 65: bad\n"
	"data; 69: not now (unreachable, the site is in use), try later; 75: slow down, or\n"
	"in doubt, the next run finds out; 78: a setting is wrong, or login refused.",
};

const struct command commands[] = {
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
	  .arguments = { "连接/账号", "CONNECTION/ACCOUNT" },
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
	{ .name = "run",
	  .arguments = { "流程…", "FLOW…" },
	  .least = 1,
	  .most = ANY_NUMBER,
	  .about = { "立即执行一个或几个流程", "carry out flows now" },
	  .more = { "按给出的顺序执行。每个流程结束后一行账目，两边必须相等：\n"
		    "  导入：读取 = 新增 + 变更 + 未变 + 挂起 + 退回 + 略过\n"
		    "  上报：应报 = 已收 + 退回 + 挂起 + 存疑 + 待办\n"
		    "随时可以中断（Ctrl-C）：做完当前一页就停，下次接着做，不丢也不重。\n"
		    "返回：0 全部完成，1 有记录挂起或被退回，其他见 casebridge help 末尾。",
		    "In the given order. Each flow ends with a line whose two sides are equal:\n"
		    "  import: read = new + changed + unchanged + held + rejected + passed by\n"
		    "  export: due = accepted + rejected + held + in doubt + waiting\n"
		    "Interrupt it (Ctrl-C) at any time: it ends after the page at work, and the\n"
		    "next run goes on there; nothing is lost or doubled.\n"
		    "Returns 0, or 1 where records were held or rejected; see casebridge help." },
	  .run = command_run },
	{ .name = "status",
	  .arguments = { "", "" },
	  .about = { "各流程的近况、待报与挂起", "flows, deliveries and what is held" },
	  .more = { "每个流程上次何时运行、结果如何，各上报流程的件数按状态，挂起的记录按原因。\n"
		    "以 !! 开头的行：映射自带的样例不通过，没有启用，仍用上次通过的版本。",
		    "When each flow ran last and how it went, deliveries by state, what is held\n"
		    "by cause. A line that begins with !!: a mapping whose own samples fail; the\n"
		    "last version that passed is in force." },
	  .run = command_status },
	{ .name = "show",
	  .arguments = { "实体 编号 [--unmask]", "ENTITY KEY [--unmask]" },
	  .least = 2,
	  .most = 2,
	  .options = BIT(UNMASK),
	  .about = { "查看一条记录：内容、来源、去向", "one record: what, from where, to where" },
	  .more = { "例：casebridge show case CX2020-0007\n"
		    "个人信息默认遮盖；--unmask 显示原文，并在审计里记下是谁看的。",
		    "Example: casebridge show case CX2020-0007\n"
		    "Personal data is masked; --unmask shows it and the audit records who did." },
	  .run = command_show },
	{ .name = "why",
	  .arguments = { "实体 编号 [字段] [--unmask]", "ENTITY KEY [FIELD] [--unmask]" },
	  .least = 2,
	  .most = 3,
	  .options = BIT(UNMASK),
	  .about = { "一个字段的值从哪来、为什么是这样",
		     "where a value came from, and why it is so" },
	  .more = { "从保存的原文用当时的映射重走一遍：原文第几条第几行、对方写的是什么、经过哪些\n"
		    "变换和代码行、映射的哪一行哪个版本、哪次运行。映射后来改过也不影响。\n"
		    "例：casebridge why case CX2020-0007 amount；列表里的：'party[2]/name'。\n"
		    "不写字段就列出全部字段。个人信息默认遮盖。",
		    "Maps the raw record again with the mapping of then: which record and line of\n"
		    "which document, what they wrote, the transforms and code rows passed, the\n"
		    "mapping's line and version, the run. Later edits change no answer.\n"
		    "Example: casebridge why case CX2020-0007 amount; in lists: 'party[2]/name'.\n"
		    "Without a field: all of them. Personal data is masked." },
	  .run = command_why },
	{ .name = "held",
	  .arguments = { "[流程] [--code 原因] [--field 字段]",
			 "[FLOW] [--code CODE] [--field FIELD]" },
	  .most = 1,
	  .options = BIT(CODE) | BIT(FIELD),
	  .about = { "挂起和被退回的，按原因归并", "what is held or rejected, by cause" },
	  .more = { "导入挂起的、上报挂起和被退回的，一张清单。\n"
		    "每个原因一行：多少条、哪个字段、什么值、举例、该怎么办、怎样细看。处理好原因之"
		    "后\n"
		    "（例如在代码表里加一行），用 casebridge held retry 放行。",
		    "What imports hold, and deliveries that are held or rejected, in one list.\n"
		    "A line a cause: how many, which field and value, examples, what to do. When\n"
		    "the cause is gone (a row added to a code table), casebridge held retry." },
	  .run = command_held },
	{ .name = "held show",
	  .arguments = { "号码", "ID" },
	  .least = 1,
	  .most = 1,
	  .about = { "查看一条挂起的记录", "one held record" },
	  .more = { "它的原因、来自哪个文件的第几条、何时开始挂起。",
		    "Its cause, which record of which document it is, since when." },
	  .run = command_held_show },
	{ .name = "held retry",
	  .arguments = { "[流程] [--code 原因] [--field 字段]",
			 "[FLOW] [--code CODE] [--field FIELD]" },
	  .most = 1,
	  .options = BIT(CODE) | BIT(FIELD),
	  .about = { "用现在的映射重新翻译挂起的记录", "map what is held again" },
	  .more = { "从保存的原文重来；现在能过的入库，其余仍然挂起。不写流程就是所有导入流程。",
		    "From the raw bytes that were kept; what maps now is stored, the rest stays\n"
		    "held. Without a flow: all imports." },
	  .run = command_held_retry },
	{ .name = "held export",
	  .arguments = { "文件.xlsx [流程] [--code 原因] [--field 字段]",
			 "FILE.xlsx [FLOW] [--code CODE] [--field FIELD]" },
	  .least = 1,
	  .most = 2,
	  .options = BIT(CODE) | BIT(FIELD),
	  .about = { "挂起的导出成表，交人更正", "what is held as a table, to be corrected" },
	  .more = { "列就是来件自己的列，最后多一列“错误原因”。每格都是文字，Excel "
		    "不会改坏证件号。\n"
		    "交乡镇或自己在表里改好，再用 casebridge held import 收回。.csv 也行，但用\n"
		    "Excel 打开 .csv 会改坏长号码，宜用 .xlsx。表里有个人信息，文件只有自己能读；\n"
		    "导出记入审计。",
		    "The input's own columns, and one more that says why. Every cell is a text, "
		    "so\n"
		    "Excel rounds no id. Correct it there and take it back with casebridge held\n"
		    "import. A .csv works too, but Excel spoils long numbers in it. It has "
		    "personal\n"
		    "data: the file is for your eyes alone, and the audit records the export." },
	  .run = command_held_export },
	{ .name = "held import",
	  .arguments = { "文件 [流程]", "FILE [FLOW]" },
	  .least = 1,
	  .most = 2,
	  .about = { "收回更正好的表", "take a corrected table back" },
	  .more = { "每行替换它所更正的那条挂起记录：对的入库，还不对的按新的原因继续挂起。“错误原"
		    "\n"
		    "因”一列不要动（开头的 # 号码说明是哪一条）；不想改的行可以删去。",
		    "Each row takes the place of the held record that it corrects: what is right\n"
		    "is stored, the rest is held for what it is now. Leave the last column alone\n"
		    "(its # number says which record); rows that you will not correct may go." },
	  .run = command_held_import },
	{ .name = "held drop",
	  .arguments = { "号码…", "ID…" },
	  .least = 1,
	  .most = ANY_NUMBER,
	  .about = { "放弃挂起的记录（记入审计）", "give up held records (audited)" },
	  .more = { "从挂起清单中去掉；原文仍在，对方再次送来时会再处理。号码见 casebridge held。",
		    "Takes them off the list. The raw bytes stay; sent again, they are treated\n"
		    "again. The numbers are those of casebridge held." },
	  .run = command_held_drop },
	{ .name = "held release",
	  .arguments = { "流程", "FLOW" },
	  .least = 1,
	  .most = 1,
	  .about = { "把被退回和挂起的件重新列为待报", "send rejected and held deliveries again" },
	  .more = { "改好原因之后使用；下次运行该流程时重报。",
		    "When the cause is gone; the flow's next run sends them." },
	  .run = command_held_release },
	{ .name = "codes",
	  .arguments = { "[流程] [--reach]", "[FLOW] [--reach]" },
	  .most = 1,
	  .options = BIT(REACH),
	  .about = { "代码表的待办：缺哪些行，哪些行没用到",
		     "which code rows are missing or unused" },
	  .more = { "缺少的代码行：多少条记录为它挂起、例子、所属的代码表。一条记录可能还有别的\n"
		    "原因，所以补上一行至多放行这么多。另列出可能落到 else 的，和没有一条记录用到\n"
		    "我们那个代码的行（库里只存我们的代码，对方的写法不分开数）。\n"
		    "--reach 还会取对方自己的字典（连接器里写了 <dictionary> "
		    "的），与我们的表比对：\n"
		    "我们没有的、对方没有的、名称不同的。",
		    "Missing rows: how many records are held for each, examples, the table. A\n"
		    "record may have other causes too, so a row releases at most so many. Then\n"
		    "what may have fallen to <else>, and rows whose code of ours no record has\n"
		    "(the store keeps our codes; words of theirs are not told apart).\n"
		    "--reach also asks the systems for their own dictionaries (where a connector\n"
		    "says <dictionary>) and compares: codes we lack, codes they lack, other "
		    "names." },
	  .run = command_codes },
	{ .name = "codes add",
	  .arguments = { "代码表 对方的代码 我们的代码 [--mapping 映射]",
			 "TABLE THERE HERE [--mapping MAPPING]" },
	  .least = 3,
	  .most = 3,
	  .options = BIT(MAPPING),
	  .about = { "在代码表里加一行，放行等着它的记录",
		     "add a row, release what waited for it" },
	  .more = { "写进代码表所在的文件（映射、公用库或 "
		    "CSV），照着最后一行的样子；先检查，通过了\n"
		    "才写，记入审计，然后重新翻译为代码挂起的记录。安装目录里的文件不动：先抄到\n"
		    "站点的 mappings/ 再改。我们的代码已有一行写出时，新行只用于读入。\n"
		    "例：casebridge codes add dispute-type 噪音扰民 neighbour --mapping ledger",
		    "Into the file that has the table (mapping, library or CSV), like its last\n"
		    "row; checked before it is written, audited, and then what is held for codes\n"
		    "is mapped again. Files of the installation are left alone: the site gets its\n"
		    "own copy in mappings/. Where another row writes our code, the new one is\n"
		    "only read. Example: casebridge codes add dispute-type 0107 wage --mapping "
		    "grid-event" },
	  .run = command_codes_add },
	{ .name = "deliveries",
	  .arguments = { "流程 [--state 状态]", "FLOW [--state STATE]" },
	  .least = 1,
	  .most = 1,
	  .options = BIT(STATE),
	  .about = { "一个上报流程的各件及其状态", "an export's deliveries and their states" },
	  .more = { "状态：waiting 等待（放行、平台时段、额度、账号歇息）、ready 待报、sending "
		    "在途、\n"
		    "accepted 已收、rejected 被退回、in-doubt 存疑（会去查明，不会盲目重报）、\n"
		    "conflict 冲突（平台上内容不同，等人定）、held 挂起、withdrawn 已撤回。\n"
		    "每件写明原因，以及下一步何时发生。",
		    "States: waiting (for approval, hours, quota, a rest), ready, sending,\n"
		    "accepted, rejected, in-doubt (found out, never sent again blindly), conflict\n"
		    "(other content there, a person decides), held, withdrawn. Each says why, and\n"
		    "when what happens next." },
	  .run = command_deliveries },
	{ .name = "link",
	  .arguments = { "--spec 规格 --input A.csv [--input B.csv] …",
			 "--spec SPEC --input A.csv [--input B.csv] ..." },
	  .options = BIT(SPEC) | BIT(INPUT) | BIT(TRAIN) | BIT(PARAMS) | BIT(PAIRS) |
		     BIT(CLUSTERS) | BIT(PREVIOUS) | BIT(RULINGS) | BIT(THRESHOLD) | BIT(EXPLAIN) |
		     BIT(LABELS) | BIT(REPORT) | BIT(THREADS) | BIT(DRAW),
	  .about = { "在 CSV 文件里认出同一个人、同一件事",
		     "find records that are the same in CSV files" },
	  .more = { "不需要站点。一个文件是查重，几个文件是相互匹配（规格里可另写明）。不用标注，参"
		    "数\n"
		    "自己学；界线取期望 F1 "
		    "最大处，并报出估计的查准率、查全率。同样的输入，行的次序\n"
		    "和线程数不影响结果的任何一个字节。\n"
		    "例：casebridge link --spec people.xml --input a.csv --clusters 簇.csv\n"
		    "    casebridge link --spec people.xml --input a.csv --explain 17 42",
		    "Needs no site. One file is searched for duplicates, several are matched with\n"
		    "each other (the specification may say otherwise). Parameters are learned\n"
		    "without labels; the cut is where the expected F1 is largest, and expected\n"
		    "precision and recall are printed. Neither the order of rows nor the number "
		    "of\n"
		    "threads changes a byte of the result.\n"
		    "Example: casebridge link --spec people.xml --input a.csv --clusters out.csv\n"
		    "         casebridge link --spec people.xml --input a.csv --explain 17 42" },
	  .run = command_link },
	{ .name = "link profile",
	  .arguments = { "--spec 规格 --input A.csv [--budget N] [--out 文件]",
			 "--spec SPEC --input A.csv [--budget N] [--out FILE]" },
	  .options = BIT(SPEC) | BIT(INPUT) | BIT(BUDGET) | BIT(OUT) | BIT(PARAMS) | BIT(LABELS) |
		     BIT(THREADS),
	  .about = { "选分块规则：同样多的对，找到最多真的",
		     "choose blocking rules: the most true pairs for a budget of pairs" },
	  .more = { "先按规格现有的规则学出参数，再试各列、由列得出的键、两列的组合：各要比较多少对"
		    "\n"
		    "（数出来的），能新找到多少真的（抽样估计）。每次取最合算的，直到预算用完。最后"
		    "是\n"
		    "可以贴进规格的 <block>；--out 只把它们写进文件。有 --labels 就一并对照。",
		    "Learns with the rules that the specification has; then tries columns, keys\n"
		    "derived from them and two together: how many pairs each compares (counted),\n"
		    "how many true ones it adds (estimated from a sample). The best bargain is\n"
		    "taken until the budget is spent. <block> lines for the specification follow;\n"
		    "--out writes these to a file. With --labels the result is measured as well." },
	  .run = command_link_profile },
	{ .name = "deliveries settle",
	  .arguments = { "流程 编号 accepted|again|withdrawn [--receipt 回执] [--reason 理由]",
			 "FLOW KEY accepted|again|withdrawn [--receipt TEXT] [--reason TEXT]" },
	  .least = 3,
	  .most = 3,
	  .options = BIT(RECEIPT) | BIT(REASON),
	  .about = { "由人来定一件存疑或冲突的", "decide what only a person can know" },
	  .more = { "平台不能查、或平台上内容不同的件，先在平台上看过，再记下：\n"
		    "  accepted  它在平台上，就算已收（撤回的：已不在）\n"
		    "  again     它不在，或要用我们的盖过去：重新列为待报\n"
		    "  withdrawn 不在平台上，也不再报（人工撤回之后）\n"
		    "记入审计。例：casebridge deliveries settle province-out CX2020-0007 accepted",
		    "Where the target cannot be asked, or holds other content: look there, then\n"
		    "say accepted (it is there; of a withdrawal: it is gone), again (it is not, "
		    "or\n"
		    "ours shall replace it) or withdrawn (not there, and not to be: after a\n"
		    "withdrawal by hand). Audited.\n"
		    "Example: casebridge deliveries settle province-out CX2020-0007 accepted" },
	  .run = command_deliveries_settle },
	{ .name = "dup link",
	  .arguments = { "实体 编号 编号 [--reason 理由]", "ENTITY KEY KEY [--reason TEXT]" },
	  .least = 3,
	  .most = 3,
	  .options = BIT(REASON),
	  .about = { "两条记录是同一件：连起来", "two records are one: link them" },
	  .more = { "两边的簇合成一簇，最老的簇号留下；记录本身不改。每个平台只报一次：已在平台上的"
		    "那条，\n"
		    "否则最老的那条；两条都已在平台上的，后一条按连接器的写法撤回。记入审计，可以撤"
		    "销。\n"
		    "例：casebridge dup link case CX2020-0007 CX2020-0012 --reason 同一件事",
		    "Their clusters become one, and the oldest number stays; no record is "
		    "changed.\n"
		    "Each target gets one upload: the record that stands there, else the oldest;\n"
		    "where both stand there, the later one is withdrawn as the connector says.\n"
		    "Audited, and can be undone.\n"
		    "Example: casebridge dup link case CX2020-0007 CX2020-0012 --reason 'the "
		    "same'" },
	  .run = command_dup_link },
	{ .name = "dup split",
	  .arguments = { "实体 编号... [--reason 理由]", "ENTITY KEY... [--reason TEXT]" },
	  .least = 2,
	  .most = ANY_NUMBER,
	  .options = BIT(REASON),
	  .about = { "这些记录不属于它们的簇：拆出去", "records leave their cluster" },
	  .more = { "点名的记录一起离开；较大的一半留着簇号。记入审计，可以撤销。\n"
		    "例：casebridge dup split case CX2020-0012",
		    "Those named leave together; the larger part keeps the number.\n"
		    "Audited, and can be undone. Example: casebridge dup split case CX2020-0012" },
	  .run = command_dup_split },
	{ .name = "dup undo",
	  .arguments = { "[步骤] [--reason 理由]", "[STEP] [--reason TEXT]" },
	  .most = 1,
	  .options = BIT(REASON),
	  .about = { "撤销一步相连或拆开", "take back a link or a split" },
	  .more = { "不写步骤就撤销最近的一步。后来又有一步动过同一簇的，先撤销那一步。",
		    "Without a step: the newest. Where a later step touched the same cluster, that "
		    "one\nis undone first." },
	  .run = command_dup_undo },
	{ .name = "dup log",
	  .arguments = { "", "" },
	  .about = { "谁把哪些记录连起、拆开、撤销过", "who linked, split and undid what" },
	  .more = { "新的在前。", "Newest first." },
	  .run = command_dup_log },
	{ .name = "adopt",
	  .arguments = { "流程 [--from 日期] [--to 日期]", "FLOW [--from DATE] [--to DATE]" },
	  .least = 1,
	  .most = 1,
	  .options = BIT(FROM) | BIT(TO),
	  .about = { "认领对方已有的，免得再报一遍", "link what they hold already" },
	  .more = { "第一天用：逐个账号取对方自己的清单（默认最近三年），与我方记录按编号对上，记为"
		    "已收。"
		    "\n"
		    "以前手工录入的，以后有变更时按更正上报。只认领按 site.xml 的 when "
		    "本该上报的。\n"
		    "先 --dry-run 看看会认领哪些。返回 1：有我方没有、或还不该报的。",
		    "For the first day: reads each account's list of theirs (three years, unless\n"
		    "said), matches it with our\n"
		    "records by key, and books them as accepted, so that nothing goes twice; "
		    "later\n"
		    "changes go as corrections. Only what the flow's 'when' would send is linked.\n"
		    "See with --dry-run first. Returns 1 where some are not ours, or not due." },
	  .run = command_adopt },
	{ .name = "reconcile",
	  .arguments = { "流程 [--from 日期] [--to 日期] [--deep] [--act 哪一类]",
			 "FLOW [--from DATE] [--to DATE] [--deep] [--act LIST]" },
	  .least = 1,
	  .most = 1,
	  .options = BIT(FROM) | BIT(TO) | BIT(DEEP) | BIT(ACT),
	  .about = { "与对方对账：缺的、多的、不同的、未定的", "our book beside theirs" },
	  .more = { "默认最近 31 "
		    "天。先比数目，不符的时段一再对半，直到列得出清单；我方有而清单里没有\n"
		    "的，再按编号问一次。四张清单各给出一个动作；--act 对其中一类动手，记入审计。\n"
		    "返回 0 全部相符，1 有差异。",
		    "The last 31 days, unless said. Counts first; where they differ the window is\n"
		    "halved until it can be listed; what is ours and not in the list is asked for\n"
		    "by its key. Four lists, an action each; --act does it for one, audited.\n"
		    "Returns 0 where all agree, 1 where something differs." },
	  .run = command_reconcile },
	{ .name = "statement",
	  .arguments = { "流程 [--month 年-月] [--out 文件]",
			 "FLOW [--month YYYY-MM] [--out FILE]" },
	  .least = 1,
	  .most = 1,
	  .options = BIT(MONTH) | BIT(OUT),
	  .about = { "一个月的上报清单与回执", "a month's uploads with their receipts" },
	  .more = { "屏幕上一个账号一行；--out 写出逐件清单：.xlsx、.csv，或 .html（打印盖章）。\n"
		    "后来才到的回执也在里面。例：casebridge statement province-out --out 三月.html",
		    "A line an account; --out writes every record: .xlsx, .csv, or .html to print\n"
		    "and stamp. Receipts that came later are in it.\n"
		    "Example: casebridge statement province-out --out march.html" },
	  .run = command_statement },
	{ .name = "approve list",
	  .arguments = { "[流程]", "[FLOW]" },
	  .most = 1,
	  .about = { "等领导放行的件", "what waits for a leader's consent" },
	  .more = { "site.xml 里写了 approve=\"yes\" 的上报流程，每件先等放行。",
		    "Exports with approve=\"yes\" in site.xml wait for consent, each delivery." },
	  .run = command_approve_list },
	{ .name = "approve show",
	  .arguments = { "流程 编号 [--unmask]", "FLOW KEY [--unmask]" },
	  .least = 2,
	  .most = 2,
	  .options = BIT(UNMASK),
	  .about = { "细看一件", "look at one of them" },
	  .more = { "个人信息默认遮盖。", "Personal data is masked." },
	  .run = command_approve_show },
	{ .name = "approve release",
	  .arguments = { "流程 编号…|--all", "FLOW KEY…|--all" },
	  .least = 1,
	  .most = ANY_NUMBER,
	  .options = BIT(ALL),
	  .about = { "放行", "consent: let them go" },
	  .more = { "放行的是现在的内容：报出之前内容又变了，要再放行一次。记入审计；一件不行就\n"
		    "一件也不放。",
		    "Consent is to the content as it is now: changed before it goes out, it waits\n"
		    "again. Audited; all of the named ones, or none." },
	  .run = command_approve_release },
	{ .name = "approve reject",
	  .arguments = { "流程 编号… --reason 理由", "FLOW KEY… --reason TEXT" },
	  .least = 1,
	  .most = ANY_NUMBER,
	  .options = BIT(ALL) | BIT(REASON),
	  .about = { "不予放行", "refuse consent" },
	  .more = { "挂起，写明理由；记录改过之后再次等待放行。记入审计。",
		    "Held with the reason; a changed record waits again. Audited." },
	  .run = command_approve_reject },
	{ .name = "schedule list",
	  .arguments = { "", "" },
	  .about = { "各流程的时刻表、下一次与上一次", "timetables, the next and the last runs" },
	  .more = { "时刻表在 site.xml 里：every=\"10m\"、cron=\"30 20 * * *\"，或 at=\"09:00\"、\n"
		    "at=\"MON-FRI 09:00\"、at=\"day 2 09:00\"、at=\"last day 18:00\"、\n"
		    "at=\"workday 3 10:00\"（每月第 3 个工作日，见 mappings/calendar/）。错过的按\n"
		    "catch-up：once 补一次（默认）、each 逐个补、skip 不补；每一次都有记录。",
		    "Timetables stand in site.xml: every=\"10m\", cron=\"30 20 * * *\", or "
		    "at=\"09:00\",\n"
		    "at=\"MON-FRI 09:00\", at=\"day 2 09:00\", at=\"last day 18:00\", at=\"workday "
		    "3\n"
		    "10:00\" (of the month, see mappings/calendar/). What was missed goes by "
		    "catch-up:\n"
		    "once (made up by one run), each, or skip; every one has its record." },
	  .run = command_schedule_list },
	{ .name = "schedule next",
	  .arguments = { "流程 [--count 个数]", "FLOW [--count N]" },
	  .least = 1,
	  .most = 1,
	  .options = BIT(HOW_MANY),
	  .about = { "一个流程接下来何时运行", "when a flow runs next" },
	  .more = { "例：casebridge schedule next province-out --count 5",
		    "Example: casebridge schedule next province-out --count 5" },
	  .run = command_schedule_next },
	{ .name = "cron next",
	  .arguments = { "表达式 [--from 时刻] [--count 个数] [--zone 时区]",
			 "EXPRESSION [--from TIME] [--count N] [--zone ZONE]" },
	  .least = 1,
	  .most = 1,
	  .options = BIT(FROM) | BIT(HOW_MANY) | BIT(ZONE),
	  .about = { "cron 表达式接下来的几个时刻", "the next times of a cron expression" },
	  .more = { "五项：分 时 日 月 周；可写 *、5、1-5、*/10、列表、MON、JAN，日里 L 是月末。\n"
		    "日与周都写明时，合其一即可。前面多一项秒时只能是 0；六项里有 ? 的是 Quartz\n"
		    "写法，周的数字从 "
		    "1（星期日）数起。时钟拨快跳过的时刻在拨快的那一刻补上，拨慢时\n"
		    "不重复（每小时都来的除外）。不需要站点。--from 之后（不含）算起，默认现在。\n"
		    "例：casebridge cron next \"30 20 * * 1-5\" --from \"2026-02-28 21:00\"",
		    "Five fields: minute hour day month weekday, with *, 5, 1-5, */10, lists, "
		    "MON,\n"
		    "JAN; L in the days is the last day. Day and weekday both restricted: either\n"
		    "will do. A field of seconds in front has to be 0; six fields with a ? are\n"
		    "Quartz's form, where weekdays count from 1 for Sunday. What clocks skip "
		    "comes\n"
		    "at the jump; what they repeat comes once, unless it comes every hour. Needs\n"
		    "no site. Times after --from, else after now.\n"
		    "Example: casebridge cron next \"30 20 * * 1-5\" --from \"2026-02-28 21:00\"" },
	  .run = command_cron_next },
	{ .name = "plugins",
	  .arguments = { "", "" },
	  .about = { "已安装的格式与连接器", "formats and connectors that are installed" },
	  .more = { "每个插件的设置见 casebridge help 插件名。",
		    "For the settings of one: casebridge help PLUGIN." },
	  .run = command_plugins },
	{ .name = "map check",
	  .arguments = { "文件…", "FILE…" },
	  .least = 1,
	  .most = ANY_NUMBER,
	  .options = BIT(MODEL),
	  .about = { "检查映射或连接器文件", "check mapping or connector files" },
	  .more = { "不需要站点。映射没有错误时列出每一行的往返强度：相等（写出再读回一样）、\n"
		    "归一（过一遍就定）、单向（已写明）。代码表的每一行都写出、读回一遍；没有写明\n"
		    "的丢失是错误。返回 0 没有错误，78 有错误。",
		    "Needs no site. Of a mapping without mistakes it lists how strongly each line\n"
		    "keeps the law: exact (out and back is the same), normal (one pass settles\n"
		    "it), one-way (declared). Every row of every code table is run out and back; "
		    "a\n"
		    "loss that nobody declared is a mistake. Returns 0, or 78 with mistakes." },
	  .run = command_map_check },
	{ .name = "map test",
	  .arguments = { "文件…", "FILE…" },
	  .least = 1,
	  .most = ANY_NUMBER,
	  .options = BIT(MODEL),
	  .about = { "运行映射文件里的样例", "run the samples in mapping files" },
	  .more = { "逐个文件运行 <test>，列出不符之处，最后一行是 N passed, N failed。",
		    "Runs every <test>, shows what differs, and ends with N passed, N failed." },
	  .run = command_map_test },
	{ .name = "map in",
	  .arguments = { "映射 [文件]", "MAPPING [FILE]" },
	  .least = 1,
	  .most = 2,
	  .options = BIT(MODEL),
	  .about = { "把对方的文件翻译成我们的记录", "their document to our records" },
	  .more = { "不需要站点，不写数据库。标准输出一行一条记录（JSON）；挂起的记录一行一条写到\n"
		    "标准错误。不给文件就读标准输入。返回 1 表示有挂起的记录。",
		    "Needs no site and no database. A record a line (JSON) on standard output, a\n"
		    "held record a line on standard error. Without a file: standard input.\n"
		    "Returns 1 where a record was held." },
	  .run = command_map_in },
	{ .name = "map out",
	  .arguments = { "映射 [文件]", "MAPPING [FILE]" },
	  .least = 1,
	  .most = 2,
	  .options = BIT(MODEL) | BIT(FORMAT),
	  .about = { "把我们的记录翻译成对方的文件", "our records to their document" },
	  .more = { "map in 的反方向：读一行一条的 JSON，写出对方的格式。表格写成 CSV，\n"
		    "或用 --format xlsx 写成工作簿。",
		    "The other direction of map in: reads JSON, a record a line, and writes their\n"
		    "format. A table becomes CSV, or a workbook with --format xlsx." },
	  .run = command_map_out },
	{ .name = "map preview",
	  .arguments = { "新映射 [--against 流程|last-90-days|文件]",
			 "NEW [--against FLOW|last-90-days|FILE]" },
	  .least = 1,
	  .most = 1,
	  .options = BIT(AGAINST),
	  .about = { "改过的映射会改变什么，先看后用", "what a changed mapping would change" },
	  .more = { "把保存的原文用站点现在的映射和新映射各走一遍，逐条比较：多少条的内容会变、哪些"
		    "\n"
		    "字段、变前变后的例子（遮盖）、哪些代码会放行、哪些会新挂起。什么都不写。新映射"
		    "\n"
		    "就是站点现在的那份时，与它的上一个版本比较。不写 --against 就是全部原文。\n"
		    "返回：0，或 1（今天能入库的记录以后会停下）。",
		    "Maps the stored documents with the site's mapping and with the new one, and\n"
		    "compares record by record: how many change, which fields, samples (masked),\n"
		    "what would be released and what newly held. Writes nothing. Where the new\n"
		    "mapping is the site's already, it is compared with the version before it.\n"
		    "Without --against: all documents. Returns 0, or 1 where records that are\n"
		    "stored today would be held." },
	  .run = command_map_preview },
	{ .name = "map schema",
	  .arguments = { "mapping|connector|model|site|calendar|link",
			 "mapping|connector|model|site|calendar|link" },
	  .least = 1,
	  .most = 1,
	  .about = { "给编辑器用的 RELAX NG 模式", "the RELAX NG schema, for editors" },
	  .more = { "例：casebridge map schema site > site.rng",
		    "Example: casebridge map schema site > site.rng" },
	  .run = command_map_schema },
	{ .name = "map table",
	  .arguments = { "映射 [--out 文件]", "MAPPING [--out FILE]" },
	  .least = 1,
	  .most = 1,
	  .options = BIT(MODEL) | BIT(OUT),
	  .about = { "双方签字的字段对照表", "the field list that both sides sign" },
	  .more = { "一行一个字段：我们的名称、路径、类型，对方的路径，规则（格式、代码、空值、\n"
		    "长度、转换），是否必填，方向，备注。不需要站点。\n"
		    "例：casebridge map table grid-event.xml --out 对照表.xlsx",
		    "A line a field: our label, path and type, their path, the rule (format, "
		    "codes,\n"
		    "blanks, limits, transforms), where it is required, direction, note. Needs no\n"
		    "site. Example: casebridge map table grid-event.xml --out fields.xlsx" },
	  .run = command_map_table },
	{ .name = "map new",
	  .arguments = { "--from 样本 [--entity 实体] [--out 文件]",
			 "--from SAMPLE [--entity ENTITY] [--out FILE]" },
	  .options = BIT(MODEL) | BIT(FROM) | BIT(ENTITY) | BIT(OUT),
	  .about = { "照样本猜出映射的第一稿", "a first mapping, guessed from a sample" },
	  .more = { "样本是对方的一个文件（CSV、JSON、XML）。日期格式、数字、证件号、列表、代码由样"
		    "本\n"
		    "里的值看出；我们一侧按名字与模型的标签像不像来猜。写出的文件能通过 map "
		    "check，\n"
		    "要人定的地方标 TODO：没猜到的字段是注释，代码行先挂起。",
		    "The sample is a file of theirs (CSV, JSON, XML). Date patterns, numbers, id\n"
		    "numbers, lists and codes are seen in its values; our side is guessed by how\n"
		    "alike the names are to the model's. The file passes map check; TODO marks\n"
		    "what a person decides: fields without a guess are comments, codes hold." },
	  .run = command_map_new },
	{ .name = "notices",
	  .arguments = { "", "" },
	  .about = { "有事告诉谁：待送的、送过的", "what people are told: waiting and said" },
	  .more = { "site.xml 里写 <notice>，有事就发到群里或目录里：\n"
		    "  <notice name=\"duty\" to=\"wecom\">\n"
		    "    <secret name=\"webhook\" file=\"secrets/duty\"/>\n"
		    "  </notice>\n"
		    "to：wecom 企业微信群机器人、dingtalk 钉钉群机器人（加签再写一个 name=\"sign\" "
		    "的\n"
		    "secret；或把关键词设为“案桥”）、json 任何收 JSON 的地址、file "
		    "目录（folder=\"…\"，\n"
		    "每条一个 JSON 文件）。要过代理写 "
		    "proxy=\"http://…\"。机器人地址里有密钥，只存在\n"
		    "secrets/：casebridge account set duty 录入，casebridge notices test duty "
		    "试发。\n"
		    "on 选择说哪些事，不写就是全部：deadline 时限临近（warn 的每一步说一次）、late "
		    "已过\n"
		    "时限、locked 账号停用、rest 账号歇息、failed "
		    "运行失败（没连上的，接连三次才说）、\n"
		    "held 挂起超过 held=\"100\" 条、question 等人来定、approval "
		    "等领导放行、mapping 映射\n"
		    "没有启用、missed 错过不补的运行、engine 引擎受阻。\n"
		    "同一件事 again=\"1d\" "
		    "之内只说一次，其间又有多少次，下次一起说。没有送到的一直再送，\n"
		    "不会丢。消息里没有个人信息，也没有对方系统的原话。",
		    "A <notice> in site.xml tells people in a group, or a folder:\n"
		    "  <notice name=\"duty\" to=\"wecom\">\n"
		    "    <secret name=\"webhook\" file=\"secrets/duty\"/>\n"
		    "  </notice>\n"
		    "to: wecom, dingtalk (a robot that signs has one more secret, name=\"sign\"; "
		    "or\n"
		    "make 案桥 its keyword), json (whoever takes a JSON document), file (a "
		    "folder=,\n"
		    "a JSON file each). proxy=\"http://...\" where there is one. The address holds "
		    "a\n"
		    "key and is kept in secrets/ alone: casebridge account set duty asks for it,\n"
		    "casebridge notices test duty tries it.\n"
		    "on: of what, else of everything: deadline (each step of warn once), late,\n"
		    "locked, rest (an account), failed (a run; for a passing fault the third in a\n"
		    "row), held (more than held=\"100\"), question, approval, mapping (not in "
		    "force),\n"
		    "missed (a run that is not made up), engine (it cannot work).\n"
		    "The same is said once in again=\"1d\", then with how often. What does not "
		    "arrive\n"
		    "is sent again, for ever. No personal data, and no words of other systems." },
	  .run = command_notices },
	{ .name = "notices test",
	  .arguments = { "通知", "NOTICE" },
	  .least = 1,
	  .most = 1,
	  .about = { "向一个 <notice> 试发一条", "send a test message to a <notice>" },
	  .more = { "例：casebridge notices test duty", "Example: casebridge notices test duty" },
	  .run = command_notices_test },
	{ .name = "serve",
	  .arguments = { "[--log 文件] [--port 端口]", "[--log FILE] [--port PORT]" },
	  .options = BIT(LOG) | BIT(PORT),
	  .about = { "让引擎一直运行，到点就做", "the engine: carry out flows when they are due" },
	  .more = { "一次做一个流程。一个流程做满 10 "
		    "秒而别的到点了，就做完当前一页让出来，随后接着\n"
		    "做。没有写时间的上报流程，有了就报。要写站点的命令（run、held retry、account\n"
		    "unlock……）照常使用：引擎做完当前一页就把站点交给它，它结束后引擎继续。\n"
		    "SIGTERM、Ctrl-C：做完当前一页停下（返回 0）。SIGHUP：重读 "
		    "site.xml（有错就不采\n"
		    "用），重开日志。磁盘满、时钟不对等等：说一次，好了自动继续。\n"
		    "日志每行一个 JSON，没有个人信息；在终端上是文字。--port 在本机提供 /healthz "
		    "与\n"
		    "/metrics（Prometheus）；也可写在 site.xml：watch-port=\"9180\"。\n"
		    "systemd：systemctl enable --now casebridge@站点名（站点在 "
		    "/var/lib/casebridge/\n"
		    "站点名，属用户 casebridge）。密钥也可用 systemd 凭据（LoadCredential）。",
		    "One flow at a time. One that has worked for 10 s while another is due ends "
		    "its\n"
		    "page, gives way and goes on afterwards. An export without a timetable goes "
		    "as\n"
		    "soon as something is due. Commands that write the site (run, held retry,\n"
		    "account unlock ...) work as ever: after the page at work the engine lends "
		    "them\n"
		    "the site, and goes on when they end.\n"
		    "SIGTERM, Ctrl-C: end after the page at work (returns 0). SIGHUP: read "
		    "site.xml\n"
		    "again (the old one stays where it has mistakes), open the log anew. A full\n"
		    "disk, a wrong clock: said once, and it goes on by itself.\n"
		    "The log is a JSON line each, without personal data; on a terminal it is "
		    "text.\n"
		    "--port serves /healthz and /metrics (Prometheus) on loopback; or in "
		    "site.xml:\n"
		    "watch-port=\"9180\". systemd: systemctl enable --now casebridge@NAME, the "
		    "site\n"
		    "in /var/lib/casebridge/NAME of user casebridge." },
	  .run = command_serve },
	{ .name = "map learn",
	  .arguments = { "实体 编号 [--name 名称]", "ENTITY KEY [--name NAME]" },
	  .least = 2,
	  .most = 2,
	  .options = BIT(NAME) | BIT(DRY_RUN),
	  .about = { "把一条已入库的记录变成映射的样例", "a stored record becomes a sample" },
	  .more = { "取这条记录最近一次的原文，只留映射读到的字段，个人信息（姓名、证件号、电话、地"
		    "址、\n"
		    "叙述）换成同样形状的虚构值，重新翻译，把结果写成映射文件末尾的一个 "
		    "<test>，别处一字\n"
		    "不动。样例和映射原有的样例都通过才写。写完请看一遍。--dry-run 只显示。\n"
		    "例：casebridge map learn case W-1 --name 讨薪带利息",
		    "Takes the newest document of the record, keeps the fields that the mapping\n"
		    "reads, replaces personal values (names, ids, phones, addresses, stories) by\n"
		    "made-up ones of the same shape, translates that anew and writes it as a "
		    "<test>\n"
		    "at the end of the mapping's file; nothing else in it changes. Written only "
		    "where\n"
		    "it passes, and all samples before it. Please read it. --dry-run only shows "
		    "it.\n"
		    "Example: casebridge map learn case W-1 --name 'wages with interest'" },
	  .run = command_map_learn },
	{ .name = "backup",

	  .arguments = { "文件", "FILE" },
	  .least = 1,
	  .most = 1,
	  .about = { "把整个站点备份成一个文件", "a copy of the whole site in one file" },
	  .more = { "不用停机：正在运行的 serve 和 run 不受影响。文件里有存储（记录、原文、投递与\n"
		    "回执、审计）、site.xml 和站点自己的 "
		    "mappings/；写完读回核对，对不上就不留下。\n"
		    "已有的文件不会被覆盖。密钥不在里面：secrets/ 另行保管。文件里有个人信息，\n"
		    "权限 0600，请存放在受控的地方。例：casebridge backup /备份/案桥-$(date "
		    "+%F).db",
		    "Nothing has to stop for it. The file has the store (records, documents,\n"
		    "deliveries and receipts, the audit), site.xml and the site's own mappings/; "
		    "it\n"
		    "is read again, and kept only if it is whole. A file that is there is never\n"
		    "overwritten. Secrets are not in it. It has personal data (mode 0600): keep "
		    "it\n"
		    "where that is allowed. Example: casebridge backup /backup/cb-$(date +%F).db" },
	  .run = command_backup },
	{ .name = "restore",
	  .arguments = { "文件", "FILE" },
	  .least = 1,
	  .most = 1,
	  .about = { "从备份恢复站点", "make the site what a backup has" },
	  .more = { "先停下 serve。新机器上：装好程序，casebridge restore 文件 --site 新目录，\n"
		    "站点文件一并写出；已有站点的目录里只换存储，原来的存储改名保留。\n"
		    "备份之后报出的，恢复出来的站点不知道，所以恢复后 30 天里首次要报的先问对方，\n"
		    "有就不再报，不能问的留给人：旧备份不会让任何一件报两次。\n"
		    "密钥重新录入：casebridge account set。记入审计。",
		    "Stop serve first. On a new machine: install the program, then casebridge\n"
		    "restore FILE --site DIR writes the site's files too. In a folder that has a\n"
		    "site only the store changes; the one that was there is kept under another\n"
		    "name. What was sent after the backup is unknown to it: so for 30 days "
		    "targets\n"
		    "are asked before a first sending, and where they cannot be asked a person\n"
		    "decides. An old backup sends nothing twice. Secrets are set again by hand." },
	  .run = command_restore },
	{ .name = "completion",
	  .arguments = { "bash", "bash" },
	  .least = 1,
	  .most = 1,
	  .about = { "命令行补全", "completion for the shell" },
	  .more = { "在 ~/.bashrc 里加一行：source <(casebridge completion bash)",
		    "A line for ~/.bashrc: source <(casebridge completion bash)" },
	  .run = command_completion },
	{ .name = "help",
	  .arguments = { "[命令|插件] [--man]", "[COMMAND|PLUGIN] [--man]" },
	  .most = 2,
	  .options = BIT(MAN),
	  .about = { "说明", "help" },
	  .more = { "casebridge help run、casebridge help held drop、casebridge help csv。",
		    "casebridge help run, casebridge help held drop, casebridge help csv." },
	  .run = command_help },
	{ .name = "version",
	  .arguments = { "", "" },
	  .about = { "版本", "the version" },
	  .more = { "程序的版本与插件接口的编号。",
		    "The program's version and the plugins' interface." },
	  .run = command_version },
	{ .name = "worker",
	  .arguments = { "", "" },
	  .about = { "工作进程（由本程序自己启动）", "a worker (this program starts it)" },
	  .run = command_worker,
	  .is_hidden = true },
	{ .name = NULL },
};

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
