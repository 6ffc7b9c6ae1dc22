/*
 * site_grammar.c - the elements and attributes of site.xml.
 *
 * The one table behind the checker and the RELAX NG schema. What the values
 * must fit is checked in site.c, where connectors and model are known.
 */
#include "flow/site.h"

#include "base/grammar.h"

#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}
#define NOTE                                                                                       \
	{                                                                                          \
		"note", VALUE_ANY, false, NULL, "给人看的备注", "a remark for people"              \
	}
#define LABEL                                                                                      \
	{                                                                                          \
		"label", VALUE_ANY, false, NULL, "中文名，出现在每条消息里",                       \
			"its name in messages"                                                     \
	}

typedef const struct grammar_attribute attributes;

static attributes site[] = {
	{ "name", VALUE_ANY, true, NULL, "单位名称", "whose installation it is" },
	{ "model", VALUE_NAME, true, NULL, "模型，即 mappings/model/ 下的文件名",
	  "the model: a file of mappings/model/" },
	{ "zone", VALUE_ANY, false, NULL, "本地时区，默认 +08:00", "the local time zone; +08:00" },
	{ "watch-port", VALUE_INTEGER, false, NULL,
	  "本机监控端口：/healthz 与 /metrics；不写就没有",
	  "a port on loopback for /healthz and /metrics; none if it is not said" },
	{ "calendar", VALUE_NAME, false, NULL,
	  "工作日历，即 mappings/calendar/ 下的文件名，默认 cn",
	  "which days are worked: a file of mappings/calendar/; cn" },
	NOTE,
	END,
};

static attributes connection[] = {
	{ "name", VALUE_NAME, true, NULL, "连接的名字", "its name" },
	{ "connector", VALUE_NAME, true, NULL, "连接器，即 mappings/connectors/ 下的文件名",
	  "the connector: a file of mappings/connectors/" },
	{ "ca-file", VALUE_FILE, false, NULL, "对方证书的签发机构（PEM 文件）",
	  "who signed their certificate (a PEM file)" },
	{ "proxy", VALUE_ANY, false, NULL, "代理，如 http://10.0.0.1:3128",
	  "a proxy, http://10.0.0.1:3128" },
	LABEL,
	NOTE,
	END,
};

static attributes set[] = {
	{ "name", VALUE_NAME, true, NULL, "连接器的设置名", "a setting of the connector" },
	{ "value", VALUE_ANY, true, NULL, "它的值", "its value" },
	NOTE,
	END,
};

static attributes secret[] = {
	{ "name", VALUE_NAME, true, NULL, "连接器的设置名", "a setting of the connector" },
	{ "file", VALUE_FILE, true, NULL, "存放密钥的文件，在站点目录内，权限 0600",
	  "the file that holds it, inside the site's folder, mode 0600" },
	NOTE,
	END,
};

static attributes account[] = {
	{ "name", VALUE_NAME, true, NULL, "账号的名字", "its name" },
	{ "for", VALUE_CONDITION, false, NULL, "用它上报哪些记录", "which records it sends" },
	LABEL,
	NOTE,
	END,
};

#define SCHEDULE                                                                                   \
	{ "when", VALUE_CONDITION, false, NULL, "只要满足条件的记录", "only records that fit" },   \
		{ "every", VALUE_DURATION, false, NULL, "每隔多久，如 10m", "how often, 10m" },    \
		{ "cron",                                                                          \
		  VALUE_ANY,                                                                       \
		  false,                                                                           \
		  NULL,                                                                            \
		  "时刻表：分 时 日 月 周",                                                        \
		  "minute hour day month weekday" },                                               \
		{ "at",                                                                            \
		  VALUE_ANY,                                                                       \
		  false,                                                                           \
		  NULL,                                                                            \
		  "什么时刻，如 09:00、MON-FRI 09:00、day 2 09:00、workday 3 10:00",               \
		  "09:00, MON-FRI 09:00, day 2 09:00, workday 3 10:00" },                          \
	{                                                                                          \
		"catch-up", VALUE_WORD, false, "once each skip",                                   \
			"错过的时刻：补一次（once）、逐个补（each）、不补（skip）；默认 once",     \
			"what was missed: made up once, each, or not (skip); once"                 \
	}

static attributes import_[] = {
	{ "name", VALUE_NAME, true, NULL, "流程的名字", "its name" },
	{ "from", VALUE_ANY, true, NULL, "从哪里取：连接/数据流", "connection/stream" },
	{ "receipts", VALUE_NAME, false, NULL, "取来的是哪个上报流程的回执",
	  "whose receipts these are: an export" },
	SCHEDULE,
	{ "duplicates", VALUE_FLAG, false, NULL, "取进来以后，按 mappings/rules/ 找重复（dup run）",
	  "afterwards, look for duplicates by mappings/rules/ (dup run)" },
	LABEL,
	NOTE,
	END,
};

static attributes export_[] = {
	{ "name", VALUE_NAME, true, NULL, "流程的名字", "its name" },
	{ "to", VALUE_ANY, true, NULL, "报到哪里：连接/数据流", "connection/stream" },
	SCHEDULE,
	{ "deadline", VALUE_ANY, false, NULL, "时限，如 5 workdays after closed",
	  "5 workdays after closed" },
	{ "warn", VALUE_ANY, false, NULL, "到期前多久提醒，如 2 workdays, 4 hours",
	  "how long before the deadline to warn: 2 workdays, 4 hours" },
	{ "approve", VALUE_FLAG, false, NULL, "上报前是否要人放行",
	  "does a person release it first" },
	LABEL,
	NOTE,
	END,
};

static attributes notice[] = {
	{ "name", VALUE_NAME, true, NULL, "它的名字，不与连接重名",
	  "its name, not that of a connection" },
	{ "to", VALUE_WORD, true, "wecom dingtalk json file",
	  "发到哪里：企业微信群机器人、钉钉群机器人、任何收 JSON 的地址、文件目录",
	  "where to: a WeCom group robot, a DingTalk robot, whoever takes JSON, a folder" },
	{ "on", VALUE_ANY, false, NULL,
	  "说哪些事，如 late locked failed；不写就是全部（见 casebridge help notices）",
	  "of what: late locked failed; all if it is not said (see casebridge help notices)" },
	{ "again", VALUE_DURATION, false, NULL, "同一件事多久才再说一次，默认 1d",
	  "how long the same is not said again; 1d" },
	{ "held", VALUE_INTEGER, false, NULL, "挂起超过多少条就说，默认 100",
	  "more than so many held are worth a notice; 100" },
	{ "folder", VALUE_ANY, false, NULL, "to=\"file\"：放到哪个目录", "of to=\"file\": where" },
	{ "ca-file", VALUE_FILE, false, NULL, "对方证书的签发机构（PEM 文件）",
	  "who signed their certificate (a PEM file)" },
	{ "proxy", VALUE_ANY, false, NULL, "代理，如 http://10.0.0.1:3128",
	  "a proxy, http://10.0.0.1:3128" },
	LABEL,
	NOTE,
	END,
};

static const struct grammar_element elements[] = {
	{ "site", "connection import export notice", site, false, "一个站点", "one installation" },
	{ "connection", "set account secret", connection, false, "与一个系统的连接",
	  "the connection with one system" },
	{ "set", "", set, false, "连接器的一项设置", "one setting of the connector" },
	{ "secret", "", secret, false, "一项密钥，存在文件里", "a secret, kept in a file" },
	{ "account", "set secret", account, false, "在那个系统的一个账号", "an account there" },
	{ "import", "", import_, false, "从那个系统取记录", "records come in" },
	{ "export", "", export_, false, "向那个系统报记录", "records go out" },
	{ "notice", "secret", notice, false, "有事告诉谁", "who is told when something is up" },
	{ .name = NULL },
};

const struct grammar site_grammar = { "site", "site", elements };
