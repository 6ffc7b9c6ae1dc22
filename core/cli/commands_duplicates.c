/*
 * commands_duplicates.c - records that are the same.
 */
#include "cli/call.h"

const struct command commands_duplicates[] = {
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
	{ .name = NULL },
};
