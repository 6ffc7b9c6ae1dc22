/*
 * manifest_grammar.c - the elements and attributes of a connector, one table
 * for the checker, for editors and for the reference page.
 */
#include "host/manifest.h"

#include "base/grammar.h"

#define ANY VALUE_ANY, false, NULL
#define NEED_ANY VALUE_ANY, true, NULL
#define NAME VALUE_NAME, true, NULL
#define WORD(words) VALUE_WORD, false, words
#define NEED_WORD(words) VALUE_WORD, true, words
#define INTEGER VALUE_INTEGER, false, NULL
#define DURATION VALUE_DURATION, false, NULL
#define SIZE VALUE_SIZE, false, NULL
#define FLAG VALUE_FLAG, false, NULL
#define PATH VALUE_PATH, false, NULL
#define NEED_PATH VALUE_PATH, true, NULL
#define CONDITION VALUE_CONDITION, false, NULL
#define NEED_CONDITION VALUE_CONDITION, true, NULL
#define TEMPLATE VALUE_TEMPLATE, false, NULL
#define NEED_TEMPLATE VALUE_TEMPLATE, true, NULL

#define NOTE                                                                                       \
	{                                                                                          \
		"note", ANY, "给人看的说明", "a remark for people"                                 \
	}
#define LABEL                                                                                      \
	{                                                                                          \
		"label", ANY, "显示的名称", "the name people see"                                  \
	}
/* What every element that asks something of the other side may say. */
#define REQUEST                                                                                    \
	{ "method", WORD("GET POST PUT DELETE PATCH HEAD"), "请求方法；不写为 GET",                \
	  "the method; GET if unsaid" },                                                           \
		{ "url", TEMPLATE, "地址，以一个 type=\"url\" 的设置开头",                         \
		  "the address; begins with a setting of type=\"url\"" },                          \
		{ "charset", ANY, "请求和应答的字符集，如 utf-8|gb18030",                          \
		  "charset of request and answer, such as utf-8|gb18030" },                        \
		{ "timeout", DURATION, "最多等多久", "how long to wait at most" }, NOTE

static const struct grammar_attribute connector[] = {
	{ "name", NAME, "连接器的名称", "the connector's name" },
	{ "by", NAME, "执行它的插件：http、files、odbc", "the plugin that carries it out" },
	{ "connection", WORD("sealed own"),
	  "own：插件自己连接（数据库），可用网络和本账号的口令，看不到站点目录；不写为封闭",
	  "own: the plugin connects by itself (a database) and may use the network and the "
	  "account's "
	  "secrets, never the site's folder; unsaid: sealed" },
	LABEL,
	NOTE,
	{ 0 },
};

static const struct grammar_attribute setting[] = {
	{ "name", NAME, "设置的名称，模板里写作 {名称}", "its name, {name} in templates" },
	LABEL,
	{ "type", WORD("text url folder integer"), "种类；url 是请求可以去的服务器",
	  "its kind; a url is a server that requests may go to" },
	{ "need", FLAG, "必须填写", "must be given" },
	{ "secret", FLAG, "密钥：只存文件，不给插件看",
	  "a secret: in a file, never shown to a plugin" },
	{ "account", FLAG, "每个账号各有一个值", "one value for each account" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute database[] = {
	{ "connect", NEED_TEMPLATE, "ODBC 连接串，{设置} 填入，口令也是；花括号本身写 {{",
	  "the ODBC connection string with {settings}, secrets too; a brace itself is {{" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute sql[] = {
	{ "each", PATH, "写出时：对记录里这个列表的每一项各做一次，用 {item/…}",
	  "writing: once for each item of this list of the record, with {item/…}" },
	{ "when", CONDITION, "写出时：前一条语句的结果满足才做；rows 是它改了几行",
	  "writing: only where the statement before fits; rows is how many it changed" },
	NOTE,
	{ 0 },
};

#define BATCH                                                                                      \
	{                                                                                          \
		"batch", INTEGER, "数据库：一页几行；不写为 500", "a database: rows a page; 500"   \
	}

static const struct grammar_attribute step[] = {
	{ "name", NAME, "步骤的名称", "the step's name" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute request[] = { REQUEST, { 0 } };

static const struct grammar_attribute take[] = {
	{ "as", NAME, "取到的值叫什么", "what the value is called" },
	{ "from", NEED_ANY, "应答里的路径，或 header 名称、cookie 名称",
	  "a path in the answer, or: header NAME, cookie NAME" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute expires[] = {
	{ "in", PATH, "还有多少秒有效", "seconds it is good for, in the answer" },
	{ "at", PATH, "到什么时刻有效：毫秒或秒", "the instant it ends, in ms or s since 1970" },
	{ "after", DURATION, "固定的有效时间", "a fixed time" },
	{ "early", DURATION, "提前多久更新", "how long before that it is renewed" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute drop[] = {
	{ "when", NEED_CONDITION, "应答满足时忘掉这一步的值",
	  "forget the step's values where an answer fits" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute value[] = {
	{ "name", NEED_ANY, "名称", "its name" },
	{ "value", NEED_TEMPLATE, "值，可含 {…}", "the value, with {…}" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute part[] = {
	{ "name", NEED_ANY, "名称", "its name" },
	{ "value", TEMPLATE, "值，可含 {…}", "the value, with {…}" },
	{ "file", TEMPLATE, "附件的文件名", "the file name of an attachment" },
	{ "type", ANY, "媒体类型", "media type" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute body[] = {
	{ "type", NEED_WORD("json xml soap text"), "正文的语言：决定怎样转义",
	  "its language: decides how values are escaped" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute limits[] = {
	{ "rate", ANY, "每个账号的速度，如 5/s、200/m", "per account, such as 5/s or 200/m" },
	{ "quota", INTEGER, "每天最多多少次，到了就停到第二天",
	  "requests a day; then it rests until the next" },
	{ "at-once", INTEGER, "同时进行的请求", "requests at the same time" },
	{ "body", SIZE, "应答最多多大", "the largest answer" },
	{ "timeout", DURATION, "最多等多久", "how long to wait at most" },
	{ "hours", ANY, "平台开放的时段，如 20:00-06:00",
	  "when the platform is open, such as 20:00-06:00" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute retry[] = {
	{ "first", DURATION, "第一次重试前等多久", "before the first try again" },
	{ "most", DURATION, "两次之间最多等多久", "at most between two" },
	{ "give-up", DURATION, "多久以后请人处理", "after that a person is asked" },
	{ "break-after", INTEGER, "连续失败几次就停",
	  "so many failures in a row stop the account" },
	{ "rest", DURATION, "停多久再试", "for how long" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute answer[] = {
	{ "when", NEED_CONDITION,
	  "条件；status 是状态码，media 是类型，text 是全文，'header X' 是应答头",
	  "the condition; status, media, text (the whole), 'header X'" },
	{ "is", NEED_WORD("ok again limit login refused doubt setup broken"), "意味着什么",
	  "what it means" },
	{ "say", PATH, "对方的说明在哪里", "where they say why" },
	{ "field", PATH, "对方指出的字段在哪里", "where they name the field" },
	{ "receipt", PATH, "回执在哪里", "where the receipt is" },
	{ "wait", ANY, "多久以后再试：header Retry-After、路径（秒）、时长，或 next-day",
	  "when to try again: header Retry-After, a path (seconds), a duration, or next-day" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute stream[] = {
	{ "name", NAME, "数据流的名称", "the stream's name" },
	{ "guard", FLAG, "上报前把每条先读回来比对，不一样就挂起",
	  "map each upload back before it goes out, and hold what differs" },
	{ "mapping", VALUE_FILE, true, NULL, "映射文件", "the mapping's file" },
	LABEL,
	NOTE,
	{ 0 },
};

static const struct grammar_attribute read[] = {
	REQUEST,
	{ "records", PATH, "记录在应答的哪里", "where the records are in the answer" },
	{ "as", WORD("json xml base64"), "记录是文字里的文档",
	  "the records are a document inside a text" },
	{ "files", TEMPLATE, "文件，可含 * 和 ?，空格隔开几种",
	  "files, with * and ?; blanks between several" },
	{ "done", ANY, "处理完移到的文件夹", "the folder they are moved to afterwards" },
	BATCH,
	{ 0 },
};

static const struct grammar_attribute page[] = {
	{ "by", NEED_WORD("number offset cursor link"), "怎样翻页", "how pages are asked for" },
	{ "first", INTEGER, "第一页的值", "the first page's value" },
	{ "into", ANY, "放进哪个参数；不写则自己用 {page}",
	  "the parameter; unsaid: {page} is used by hand" },
	{ "size", INTEGER, "每页多少条", "records a page" },
	{ "size-into", ANY, "每页条数放进哪个参数", "the parameter for the size" },
	{ "next", PATH, "下一页的游标或地址在哪里", "where the next cursor or address is" },
	{ "until", CONDITION, "满足时是最后一页；不写则取到空页为止",
	  "the last page fits it; unsaid: until a page is empty" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute since[] = {
	{ "field", ANY, "按对方的哪个字段", "by which field of theirs" },
	{ "into", ANY, "窗口开始放进哪个参数；不写则自己用 {from}",
	  "the parameter for the window's begin; unsaid: {from} is used by hand" },
	{ "to-into", ANY, "窗口结束放进哪个参数", "the parameter for its end" },
	{ "format", ANY, "时间的写法；不写为毫秒", "how instants are written; unsaid: ms" },
	{ "first", ANY, "最早从哪天起；不写为 30 天前", "the first day; unsaid: 30 days back" },
	{ "step", DURATION, "每个窗口多长；不写则一直到现在",
	  "how long a window is; unsaid: until now" },
	{ "overlap", DURATION, "与上个窗口重叠多久；数据库：从记到的时间往回多读多久",
	  "how far back into the last window; a database: before the mark" },
	{ "column", ANY, "数据库：按哪一列接着读，语句里写作 {列名}；几列写几个 since",
	  "a database: the column that reading goes on by, {column} in the statement; one since "
	  "each" },
	{ "again", FLAG, "数据库：每次执行都从头读，只用来分页",
	  "a database: every run begins at the first, it is for pages alone" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute detail[] = {
	REQUEST,
	{ "key", PATH, "行里的编号", "the row's key" },
	{ "record", PATH, "记录在应答的哪里", "where the record is" },
	{ "name", ANY, "数据库：这些行放进记录的哪个列表",
	  "a database: the list of the record that these rows make" },
	{ 0 },
};

static const struct grammar_attribute write[] = {
	REQUEST,
	{ "batch", INTEGER, "一次几条", "records in one request" },
	{ "repeat", WORD("safe by-key unsafe"), "没有回答时能否原样再发",
	  "may the same bytes go again without asking" },
	{ "delay", DURATION, "请求最晚多久后还会送到", "how long a request may still arrive" },
	{ "receipt", PATH,
	  "更正时，把所更正那条的回执写进记录的哪里；一次一条时也可在模板里用 {receipt}",
	  "where in the record a correction names the receipt of what it corrects; with batch=1 "
	  "also {receipt} in templates" },
	{ "file", TEMPLATE, "写成什么文件", "the file that is written" },
	{ 0 },
};

static const struct grammar_attribute withdraw[] = {
	REQUEST,
	{ "repeat", WORD("safe by-key unsafe"), "没有回答时能否原样再发",
	  "may the same bytes go again without asking" },
	{ 0 },
};

static const struct grammar_attribute each[] = {
	{ "answer", NEED_PATH, "逐条结果的列表", "the list of results" },
	{ "match", PATH, "结果里的编号；不写则按顺序", "the key in a result; unsaid: by order" },
	NOTE,
	{ 0 },
};

static const struct grammar_attribute find[] = {
	REQUEST,
	{ "held", NEED_PATH, "对方有这条时，编号在哪里", "where the key is if they hold it" },
	{ "record", PATH, "记录在哪里", "where the record is" },
	{ "receipt", PATH, "回执在哪里", "where the receipt is" },
	{ "lag", DURATION, "新记录多久以后才查得到", "how long a new record may stay invisible" },
	{ 0 },
};

static const struct grammar_attribute list[] = {
	REQUEST,
	{ "records", PATH, "记录在应答的哪里", "where the records are" },
	{ "key", NEED_PATH, "记录里的编号", "a record's key" },
	{ "receipt", PATH, "记录里的回执", "a record's receipt" },
	BATCH,
	{ 0 },
};

static const struct grammar_attribute settle[] = {
	REQUEST,
	{ "key", PATH, "每条记录各办一次时，编号在记录的哪里；不写则一份应答办一次",
	  "where a record's key is, to settle each by its own; unsaid: the answer as a whole" },
	{ "move", ANY, "移到哪个文件夹", "the folder to move to" },
	{ 0 },
};

static const struct grammar_attribute receipts[] = {
	REQUEST,
	{ "records", PATH, "结果在应答的哪里", "where the results are" },
	{ "match", NEED_PATH, "结果里的编号", "the key in a result" },
	{ "every", DURATION, "多久问一次", "how often" },
	BATCH,
	{ 0 },
};

static const struct grammar_attribute count[] = {
	REQUEST,
	{ "number", NEED_PATH, "数目在应答的哪里", "where the number is" },
	{ 0 },
};

static const struct grammar_attribute dictionary[] = {
	REQUEST,
	{ "codes", NAME, "我们的代码表", "the code table of ours" },
	{ "rows", PATH, "代码的列表", "the list of codes" },
	{ "code", NEED_PATH, "代码", "the code" },
	{ "name", NEED_PATH, "名称", "its name" },
	BATCH,
	{ 0 },
};

static const struct grammar_attribute none[] = { NOTE, { 0 } };

#define VALUES "header param form "

static const struct grammar_element elements[] = {
	{ "connector", "setting database step " VALUES "limits retry answers stream", connector,
	  false, "一个外部系统怎样访问", "how to speak with one other system" },
	{ "setting", "", setting, false, "每个现场要给的值", "what a site must give" },
	{ "database", "sql", database, false, "连哪个数据库；里面的 sql 连上以后先做",
	  "which database; its sql is carried out once connected" },
	{ "sql", "", sql, true,
	  "一条语句：每个 {名称} 都作为参数绑定，不拼进文字；{row/列}、{record/路径}、{item/路径}",
	  "one statement: every {name} is bound as a parameter, never pasted; {row/column}, "
	  "{record/path}, {item/path}" },
	{ "step", "request take expires drop answers", step, false,
	  "正式请求之前的一步：登录、换密钥", "a request before the work: a login, a secret" },
	{ "request", VALUES "body part", request, false, "这一步的请求", "the step's request" },
	{ "take", "", take, false, "从应答里取一个值", "takes a value from the answer" },
	{ "expires", "", expires, false, "取到的值有效多久", "how long the values are good" },
	{ "drop", "", drop, false, "什么时候忘掉这些值", "when the values are forgotten" },
	{ "header", "", value, false, "请求头", "a header" },
	{ "param", "", value, false, "地址里的参数", "a parameter of the address" },
	{ "form", "", value, false, "表单的一项", "a value of a form" },
	{ "part", "", part, false, "multipart 的一部分，附件", "a part of a multipart body" },
	{ "body", "*", body, true, "请求正文", "the body of the request" },
	{ "limits", "", limits, false, "速度、额度、大小、时段", "rate, quota, size, hours" },
	{ "retry", "", retry, false, "失败以后", "after a failure" },
	{ "answers", "answer", none, false, "应答意味着什么，依次比对",
	  "what answers mean, tried in order" },
	{ "answer", "", answer, false, "一种应答", "one kind of answer" },
	{ "stream", VALUES "answers read write withdraw find list settle receipts count dictionary",
	  stream, false, "一组记录", "a set of records" },
	{ "read", VALUES "sql body part page since detail answers", read, false, "读取",
	  "reading" },
	{ "page", "", page, false, "翻页", "pages" },
	{ "since", "", since, false, "按时间开窗", "windows of time" },
	{ "detail", VALUES "sql detail body answers", detail, false, "每行再取一次明细",
	  "one more request for each row" },
	{ "write", VALUES "sql body part each answers", write, false, "写入", "writing" },
	{ "each", "answer", each, false, "逐条的结果", "a result for each record" },
	{ "withdraw", VALUES "sql body part answers", withdraw, false,
	  "撤回已收的一条：{key} 编号、{receipt} 回执、{records} 当时报的内容",
	  "takes back what was accepted: {key}, {receipt}, {records} as it was sent" },
	{ "find", VALUES "sql detail body answers", find, false, "按编号查一条",
	  "asks for one record by its key" },
	{ "list", VALUES "sql detail body page since answers", list, false, "列出对方持有的全部",
	  "all that they hold" },
	{ "settle", VALUES "sql body answers", settle, false, "我们提交以后在对方做什么",
	  "what to do there after our commit" },
	{ "receipts", VALUES "sql body page since answers answer", receipts, false,
	  "稍后才有的结果；里面的 answer 逐条说明结果",
	  "results that come later; its answers say what each result means" },
	{ "count", VALUES "sql body answers", count, false, "一段时间内有多少",
	  "how many in a window" },
	{ "dictionary", VALUES "sql body page answers", dictionary, false, "对方自己的代码表",
	  "the platform's own code list" },
	{ 0 },
};

const struct grammar manifest_grammar = {
	.name = "connector",
	.roots = "connector",
	.elements = elements,
};
