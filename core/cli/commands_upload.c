/*
 * commands_upload.c - what a target has, and what it is to have.
 */
#include "cli/call.h"

const struct command commands_upload[] = {
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
	{ .name = "deliveries proof",
	  .arguments = { "流程 编号 [--out 文件.html]", "FLOW KEY [--out FILE.html]" },
	  .least = 2,
	  .most = 2,
	  .options = BIT(OUT),
	  .about = { "一件的报送证明：时限与每一次上报",
		     "the proof of one: its deadline, every attempt" },
	  .more = { "什么时候收到、什么时候到期、提醒过几次、每一次上报什么时候发出、结果和回执。\n"
		    "迟了的件，用它说明不是没有报。--out 写成可打印盖章的页面。\n"
		    "例：casebridge deliveries proof province-out CX2020-0007 --out 证明.html",
		    "When it came, when it was due, what was warned of, when each attempt went "
		    "out,\n"
		    "with its result and receipt. For a late one it shows that it was not "
		    "forgotten.\n"
		    "--out writes a page to be printed and stamped.\n"
		    "Example: casebridge deliveries proof province-out CX2020-0007 --out "
		    "proof.html" },
	  .run = command_deliveries_proof },
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
	{ .name = NULL },
};
