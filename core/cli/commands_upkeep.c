/*
 * commands_upkeep.c - timetables, the engine that keeps them, backups.
 */
#include "cli/call.h"

const struct command commands_upkeep[] = {
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
	{ .name = NULL },
};
