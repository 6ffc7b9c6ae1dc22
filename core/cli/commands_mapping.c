/*
 * commands_mapping.c - mappings and code tables.
 */
#include "cli/call.h"

const struct command commands_mapping[] = {
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
	{ .name = "map schema",
	  .arguments = { "mapping|connector|model|site|calendar|link",
			 "mapping|connector|model|site|calendar|link" },
	  .least = 1,
	  .most = 1,
	  .about = { "给编辑器用的 RELAX NG 模式", "the RELAX NG schema, for editors" },
	  .more = { "例：casebridge map schema site > site.rng",
		    "Example: casebridge map schema site > site.rng" },
	  .run = command_map_schema },
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
	{ .name = NULL },
};
