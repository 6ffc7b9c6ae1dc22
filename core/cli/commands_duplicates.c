/*
 * commands_duplicates.c - records that are the same.
 */
#include "cli/call.h"

const struct command commands_duplicates[] = {
	{ .name = "link",
	  .arguments = { "--spec 规格 --input A.csv [--input B.csv] …",
			 "--spec SPEC --input A.csv [--input B.csv] ..." },
	  .options = BIT(SPEC) | BIT(INPUT) | BIT(TRAIN) | BIT(PARAMS) | BIT(PAIRS) |
		     BIT(CLUSTERS) | BIT(LINKS) | BIT(MEMORY) | BIT(PREVIOUS) | BIT(RULINGS) |
		     BIT(THRESHOLD) | BIT(EXPLAIN) | BIT(LABELS) | BIT(REPORT) | BIT(THREADS) |
		     BIT(DRAW) | BIT(VERBOSE),
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
		     "choose blocking rules for a budget of pairs" },
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
	{ .name = "dup run",
	  .arguments = { "[实体] [--all|--train] [--dry-run]",
			 "[ENTITY] [--all|--train] [--dry-run]" },
	  .most = 1,
	  .options = BIT(REASON) | BIT(ALL) | BIT(TRAIN),
	  .about = { "在存储里找重复：有把握的连起来，存疑的列给人看",
		     "find duplicates in the store: link the sure ones, list the doubtful" },
	  .more = { "规格是 mappings/rules/实体.xml：先认人，再认案件。有把握的连成一簇（可以撤"
		    "销），\n"
		    "存疑的和两条都已报出的留给 dup review，有关而不是一件的只记下。人说过的，只要"
		    "所比\n"
		    "的内容没有变就一直算数。site.xml 的 import 写上 duplicates=\"yes\"，取进来以"
		    "后就自动找。\n"
		    "只看上次以后新来、改过的，照上次学到的参数；结果与全部重查一样（--all）。第一"
		    "次、规格改\n"
		    "过、记录多了一倍，就重新学参数（--train 随时重学）。\n"
		    "例：casebridge dup run --dry-run",
		    "The rules are mappings/rules/ENTITY.xml: people first, then cases. What is "
		    "sure\n"
		    "becomes a cluster (and can be undone); what is doubtful, and what stands at "
		    "a\n"
		    "target twice, waits for dup review; what is related and not one is noted. A\n"
		    "person's word holds as long as what is compared stays as it was. With\n"
		    "duplicates=\"yes\" in site.xml, an import searches by itself.\n"
		    "Only what came or changed since the last search is matched, by what was "
		    "learned\n"
		    "then; a search through everything (--all) finds the same. The first time, "
		    "when the\n"
		    "rules change and when records have doubled, it learns anew (--train: now).\n"
		    "Example: casebridge dup run --dry-run" },
	  .run = command_dup_run },
	{ .name = "dup list",
	  .arguments = { "[实体] [--state 状态] [--all]", "[ENTITY] [--state STATE] [--all]" },
	  .most = 1,
	  .options = BIT(STATE) | BIT(ALL),
	  .about = { "找到的各对，按种类分开；默认是要人看的",
		     "the pairs that were found, by kind; else those for a person" },
	  .more = { "状态：linked 已相连，doubtful 存疑，both-there 两处都已报，related 有关。每组"
		    "最没\n"
		    "有把握的在前。一对的细节：dup show。",
		    "States: linked, doubtful, both-there (uploaded twice), related. The least\n"
		    "certain of a group come first. About one pair: dup show." },
	  .run = command_dup_list },
	{ .name = "dup show",
	  .arguments = { "实体 编号 [编号] [--unmask]", "ENTITY KEY [KEY] [--unmask]" },
	  .least = 2,
	  .most = 3,
	  .options = BIT(UNMASK),
	  .about = { "两条记录并排，标出不同的字，说明为什么；或一簇对外怎样报",
		     "two records side by side, with what differs and why; or a cluster" },
	  .more = { "= 相同，* 不同（不同的字在方括号里）；分量是以 2 为底的对数，相加就是合计。只"
		    "写一个\n"
		    "编号，就看它那一簇，以及每个字段取自哪一条。",
		    "= the same, * different (between brackets); weights are logarithms to base 2 "
		    "and\n"
		    "add up. With one key: its cluster, and whose each of its values is." },
	  .run = command_dup_show },
	{ .name = "dup review",
	  .arguments = { "[实体] [--unmask] [--reason 理由]",
			 "[ENTITY] [--unmask] [--reason TEXT]" },
	  .most = 1,
	  .options = BIT(UNMASK) | BIT(REASON),
	  .about = { "逐对看存疑的：y 是，n 不是，s 跳过，u 撤销",
		     "go through the doubtful ones: y yes, n no, s skip, u undo" },
	  .more = { "一键一对，随时可以停，说过的都已记下（谁、何时、为什么）。两条都已报出的，先给"
		    "看两张\n"
		    "回执，再按一次 y 才相连。",
		    "A key each; stop whenever you like, what was said is kept (who, when, why). "
		    "Where\n"
		    "both were uploaded, both receipts are shown and y is asked once more." },
	  .run = command_dup_review },
	{ .name = "dup link",
	  .arguments = { "实体 编号 编号 [--reason 理由] [--yes]",
			 "ENTITY KEY KEY [--reason TEXT] [--yes]" },
	  .least = 3,
	  .most = 3,
	  .options = BIT(REASON) | BIT(YES),
	  .about = { "两条记录是同一件：连起来", "two records are one: link them" },
	  .more = { "两边的簇合成一簇，最老的簇号留下；记录本身不改。每个平台只报一次：已在平台上的"
		    "那条，\n"
		    "否则最老的那条；两条都已在平台上的，先给看两张回执，加 --yes "
		    "才相连，后一条按连"
		    "接器的写法撤回。记入审计，可以撤销。\n"
		    "例：casebridge dup link case CX2020-0007 CX2020-0012 --reason 同一件事",
		    "Their clusters become one, and the oldest number stays; no record is "
		    "changed.\n"
		    "Each target gets one upload: the record that stands there, else the oldest;\n"
		    "where both stand there, both receipts are shown and --yes is needed; the "
		    "later\n"
		    "one is then withdrawn as the connector says.\n"
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
