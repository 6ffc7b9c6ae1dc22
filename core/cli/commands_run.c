/*
 * commands_run.c - flows are carried out, and what came of the records.
 */
#include "cli/call.h"

const struct command commands_run[] = {
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
	  .more = { "每个流程上次何时运行、结果如何，各上报流程的件数按状态，挂起的记录按原因；\n"
		    "引擎从何时起运行；哪些账号停用或歇着、为什么、何时继续；时限最早几点到期，照现"
		    "在\n"
		    "的速度几点报完。以 !! "
		    "开头的行要人看：映射自带的样例不通过，没有启用，仍用上次\n"
		    "通过的版本；通知送不到；引擎没有正常停下。",
		    "When each flow ran last and how it went, deliveries by state, what is held\n"
		    "by cause; since when the engine runs; which accounts are locked or rest, "
		    "why,\n"
		    "and when they go on; the earliest deadline, and when all is there at the\n"
		    "present rate. A line that begins with !! is for a person: a mapping whose "
		    "own\n"
		    "samples fail (the last version that passed is in force), notices that do not\n"
		    "arrive, an engine that did not end as it should." },
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
	  .options = BIT(CODE) | BIT(FIELD) | BIT(WHERE),
	  .about = { "把被退回和挂起的件重新列为待报", "send rejected and held deliveries again" },
	  .more = { "改好原因之后使用；先按原因列出多少件，下次运行该流程时重报。加 --dry-run "
		    "只看不动。\n"
		    "例：casebridge held release province-out --where \"studio='S01' and "
		    "amount>10000\"",
		    "When the cause is gone; says how many of which cause, and the flow's next "
		    "run\n"
		    "sends them. --dry-run only looks.\n"
		    "For example: casebridge held release province-out --where \"amount>10000\"" },
	  .run = command_held_release },
	{ .name = NULL },
};
