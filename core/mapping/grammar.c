/*
 * grammar.c - the elements and attributes of the mapping language.
 *
 * The one table behind the checker, the RELAX NG schema and the reference page.
 * `there` and `here` are the two sides below `mapping` and samples below
 * `test`; what each place asks of them is in read.c.
 */
#include "mapping/mapping.h"

#include "base/grammar.h"

#define LINES "field set group each when check ignore use"
#define WAYS "both in out"
#define BADS "hold reject skip warn"
#define CODES                                                                                      \
	"need code number date long small like idcard phone uscc orgcode region many few check "   \
	"verify type charset zone ref guard hold pass-by"

#define NOTE                                                                                       \
	{                                                                                          \
		"note", VALUE_ANY, false, NULL, "给人看的备注", "a remark for people"              \
	}
#define LABEL                                                                                      \
	{                                                                                          \
		"label", VALUE_ANY, false, NULL, "中文名，出现在每条消息里",                       \
			"its name in messages"                                                     \
	}
#define WAY                                                                                        \
	{                                                                                          \
		"way", VALUE_WORD, false, WAYS, "只在这个方向生效", "only in this direction"       \
	}
#define BAD                                                                                        \
	{                                                                                          \
		"bad", VALUE_WORD, false, BADS, "不合规时怎么办，默认 hold",                       \
			"what a fault leads to; hold"                                              \
	}
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}

typedef const struct grammar_attribute attributes;

static attributes mapping[] = {
	{ "name", VALUE_NAME, true, NULL, "映射的名字", "its name" },
	{ "extends", VALUE_FILE, false, NULL, "继承另一个映射，替换 here 相同的行",
	  "takes another mapping and replaces lines with the same here" },
	LABEL,
	NOTE,
	END,
};

static attributes drop[] = {
	{ "here", VALUE_PATH, true, NULL, "去掉所继承的映射里写这个字段的行",
	  "drops the line of the extended mapping that writes this" },
	NOTE,
	END,
};

static attributes library[] = { LABEL, NOTE, END };

static attributes include[] = {
	{ "href", VALUE_FILE, true, NULL, "要包含的代码表文件", "a library file" },
	NOTE,
	END,
};

static attributes there[] = {
	{ "format", VALUE_WORD, false, "xml json table", "对方的格式", "their format" },
	{ "root", VALUE_ANY, false, NULL, "每条记录的元素名", "the element of one record" },
	{ "zone", VALUE_ANY, false, NULL, "对方时钟的时区，如 +08:00", "their clock, +08:00" },
	{ "charset", VALUE_ANY, false, NULL, "max-bytes 按这种字符集数，如 gb18030",
	  "max-bytes counts in it: gb18030" },
	{ "blank", VALUE_ANY, false, NULL, "对方表示“没有”的词，第一个用于写出",
	  "their words for nothing; the first is written" },
	/* Settings of the format, for documents that no manifest speaks of. */
	{ "records", VALUE_PATH, false, NULL, "记录所在的路径", "the path to the records" },
	{ "wrapper", VALUE_ANY, false, NULL, "写出时包在外面的元素", "written around the records" },
	{ "separator", VALUE_ANY, false, NULL, "CSV 的分隔符", "of a CSV" },
	{ "heading", VALUE_ANY, false, NULL, "yes、no；工作簿还可写表头的行号",
	  "yes, no; of a workbook also its row number" },
	{ "errors", VALUE_FLAG, false, NULL, "照原样读公式错误",
	  "read formula errors as they are" },
	{ "fill", VALUE_FLAG, false, NULL, "上下合并的格，每一行都取它的值",
	  "a cell merged down counts for each of its rows" },
	{ "skip", VALUE_INTEGER, false, NULL, "表头之上有几行标题", "rows above the heading" },
	{ "short", VALUE_FLAG, false, NULL, "行尾缺几格也读", "rows may lack cells at the end" },
	{ "newline", VALUE_WORD, false, "crlf lf", "写出时的换行", "line ends, written" },
	{ "bom", VALUE_FLAG, false, NULL, "写出时以 BOM 开头", "begin with a byte order mark" },
	{ "array", VALUE_FLAG, false, NULL, "写出一个 JSON 数组", "write one JSON array" },
	{ "sheet", VALUE_ANY, false, NULL, "工作表的名称或序号", "a sheet's name or number" },
	END,
};

static attributes here[] = {
	{ "type", VALUE_ANY, false, NULL, "模型里的实体", "the entity of the model" },
	END,
};

static attributes codes[] = {
	{ "name", VALUE_NAME, true, NULL, "代码表的名字", "its name" },
	{ "href", VALUE_FILE, false, NULL,
	  "CSV 文件，列：here,there,label,way,hold,pass-by,when,from,until,kind",
	  "a CSV file with columns here,there,label,way,hold,pass-by,when,from,until,kind" },
	{ "kind", VALUE_ANY, false, NULL, "字典文件里只取 kind 列是这个词的行",
	  "of a dictionary, the rows whose column kind says this" },
	{ "at", VALUE_PATH, false, NULL, "看哪个日期决定 from、until，如 accepted",
	  "whose date decides between from and until: accepted" },
	{ "standard", VALUE_ANY, false, NULL, "依据的标准", "the standard it follows" },
	LABEL,
	NOTE,
	END,
};

#define OUTCOMES                                                                                   \
	{                                                                                          \
		"hold",                                                                            \
		VALUE_ANY,                                                                         \
		false,                                                                             \
		NULL,                                                                              \
		"挂起，写明要人做什么",                                                            \
		"hold; says what a person does"                                                    \
	},                                                                                         \
	{                                                                                          \
		"pass-by", VALUE_ANY, false, NULL, "不归本系统，写明原因",                         \
			"not for this system; says why"                                            \
	}

static attributes code[] = {
	{ "here", VALUE_ANY, false, NULL, "我们的代码", "our code" },
	{ "there", VALUE_ANY, false, NULL, "对方的代码；1|2 任一，空格分列，* 任意",
	  "theirs; 1|2 either, blanks part columns, * any" },
	{ "when", VALUE_CONDITION, false, NULL, "还要满足的条件（用我们的字段）",
	  "a condition on our record" },
	{ "from", VALUE_ANY, false, NULL, "从哪一天起用，2021-01-01", "its first day, 2021-01-01" },
	{ "until", VALUE_ANY, false, NULL, "用到哪一天（含）", "its last day" },
	OUTCOMES,
	LABEL,
	WAY,
	NOTE,
	END,
};

static attributes otherwise[] = {
	{ "here", VALUE_ANY, false, NULL, "读入时其余的都作这个", "all others, read" },
	{ "there", VALUE_ANY, false, NULL, "写出时其余的都作这个", "all others, written" },
	OUTCOMES,
	LABEL,
	NOTE,
	END,
};

static attributes part[] = {
	{ "name", VALUE_NAME, true, NULL, "片段的名字", "its name" },
	LABEL,
	NOTE,
	END,
};

static attributes use[] = {
	{ "part", VALUE_NAME, true, NULL, "用哪个片段", "the part" },
	{ "here", VALUE_PATH, false, NULL, "我们一侧的前缀", "put before our paths" },
	{ "there", VALUE_PATH, false, NULL, "对方一侧的前缀；* 是内层名字的位置",
	  "put before theirs; * is where the inner name stands" },
	WAY,
	NOTE,
	END,
};

static attributes field[] = {
	{ "here", VALUE_PATH, true, NULL, "我们的字段", "our field" },
	{ "there", VALUE_PATH, true, NULL, "对方的字段，可以几个", "theirs, may be several" },
	{ "key", VALUE_FLAG, false, NULL, "记录的标识", "part of the identity" },
	{ "type", VALUE_WORD, false, "text integer decimal money flag date time datetime code",
	  "类型，默认取模型的", "default: the model's" },
	{ "format", VALUE_ANY, false, NULL, "日期格式，用 | 隔开的都能读，写第一个；flag 为 是|否",
	  "date patterns, all read, the first written; a flag's two words" },
	{ "zone", VALUE_ANY, false, NULL, "对方时钟的时区", "their clock" },
	{ "codes", VALUE_NAME, false, NULL, "代码表", "a code table" },
	{ "ref", VALUE_NAME, false, NULL, "引用我们的哪个实体；没有的挂起",
	  "a record of ours, of that entity; an unknown one holds" },
	{ "by", VALUE_NAME, false, NULL, "按谁的叫法：一套别名，或实体的一个字段",
	  "by whose names: a scheme of aliases, or a field of the entity" },
	{ "join", VALUE_ANY, false, NULL, "几个字段之间的连接文字", "between several values" },
	{ "via", VALUE_ANY, false, NULL, "转换，读入从左到右", "transforms, left to right in" },
	{ "blank", VALUE_ANY, false, NULL, "表示“没有”的词", "words for nothing" },
	{ "default", VALUE_ANY, false, NULL, "没有值时当作（我们的写法）",
	  "meant by nothing, as ours" },
	{ "need", VALUE_WORD, false, "yes in out no", "必须有值", "must have a value" },
	{ "min", VALUE_NUMBER, false, NULL, "最少字符数，数字为最小值", "characters, or value" },
	{ "max", VALUE_NUMBER, false, NULL, "最多字符数，数字为最大值", "characters, or value" },
	{ "max-bytes", VALUE_INTEGER, false, NULL, "对方一侧最多字节数", "bytes over there" },
	{ "like", VALUE_ANY, false, NULL, "样式（XML Schema 正则）", "an XSD pattern" },
	{ "is", VALUE_WORD, false, "idcard phone uscc orgcode region", "按国家标准校验",
	  "by national standard" },
	BAD,
	{ "secret", VALUE_FLAG, false, NULL, "敏感，任何地方都遮住", "masked everywhere" },
	WAY,
	LABEL,
	NOTE,
	END,
};

static attributes set[] = {
	{ "here", VALUE_PATH, false, NULL, "我们的字段", "our field" },
	{ "there", VALUE_PATH, false, NULL, "对方的字段", "their field" },
	{ "value", VALUE_ANY, true, NULL, "固定值", "the constant" },
	{ "verify", VALUE_FLAG, false, NULL, "读的时候核对", "checked where it is read" },
	BAD,
	WAY,
	LABEL,
	NOTE,
	END,
};

static attributes group[] = {
	{ "here", VALUE_PATH, false, NULL, "我们的子记录", "our sub-record" },
	{ "there", VALUE_PATH, false, NULL, "对方的子记录", "their sub-record" },
	{ "many", VALUE_WORD, false, "hold reject warn", "有几个时怎么办，默认 hold",
	  "what several lead to; hold" },
	{ "need", VALUE_FLAG, false, NULL, "no：可以整组没有", "no: may be missing as a whole" },
	{ "as", VALUE_WORD, false, "json xml base64", "there 的文字里是一个文档",
	  "their text holds a document" },
	{ "root", VALUE_ANY, false, NULL, "里面的 XML 的根元素", "the root element of XML inside" },
	WAY,
	LABEL,
	NOTE,
	END,
};

static attributes each[] = {
	{ "here", VALUE_PATH, true, NULL, "我们的列表", "our list" },
	{ "there", VALUE_PATH, true, NULL, "对方的列表，或编号的列 dept{1..5}",
	  "their list, or numbered columns dept{1..5}" },
	{ "min", VALUE_INTEGER, false, NULL, "最少几项", "items at least" },
	{ "max", VALUE_INTEGER, false, NULL, "最多几项", "items at most" },
	{ "split", VALUE_ANY, false, NULL, "一个文字里的分隔符，第一个用于写出",
	  "what parts a joined text; the first is written" },
	BAD,
	WAY,
	LABEL,
	NOTE,
	END,
};

static attributes when[] = {
	{ "here", VALUE_CONDITION, false, NULL, "我们一侧的条件", "the condition on our side" },
	{ "there", VALUE_CONDITION, false, NULL, "对方一侧的条件", "the condition on theirs" },
	WAY,
	LABEL,
	NOTE,
	END,
};

static attributes check[] = {
	{ "here", VALUE_CONDITION, false, NULL, "必须成立的条件", "what must hold" },
	{ "order", VALUE_ANY, false, NULL, "先后次序：occurred accepted closed；没有值的不比",
	  "what comes first: occurred accepted closed; what is missing does not count" },
	{ "say", VALUE_ANY, true, NULL, "不成立时说什么", "said where it does not" },
	BAD,
	WAY,
	LABEL,
	NOTE,
	END,
};

static attributes ignore[] = {
	{ "there", VALUE_PATH, true, NULL, "知道但不用的字段", "known and unused" },
	NOTE,
	END,
};

static attributes test[] = {
	{ "name", VALUE_ANY, true, NULL, "一句话说明", "a sentence" },
	WAY,
	{ "trip", VALUE_WORD, false, "exact normal none", "往返的强度，默认 normal",
	  "strength of the round trip; normal" },
	NOTE,
	END,
};

static attributes expect[] = {
	{ "bad", VALUE_WORD, false, BADS " pass-by", "结果", "what follows" },
	{ "here", VALUE_ANY, false, NULL, "我们的字段", "our field" },
	{ "there", VALUE_ANY, false, NULL, "对方的字段", "their field" },
	{ "why", VALUE_WORD, true, CODES, "问题代码", "the problem's code" },
	NOTE,
	END,
};

static const struct grammar_element elements[] = {
	{ "mapping", "include drop there here codes part test " LINES, mapping, false,
	  "一个映射文件", "a mapping file" },
	{ "library", "include codes part", library, false, "公用的代码表和片段",
	  "tables and parts" },
	{ "drop", "", drop, false, "去掉继承来的一行", "drops a line that was taken over" },
	{ "include", "", include, false, "包含一个 library 文件", "takes a library in" },
	{ "there", "*", there, true, "对方一侧；在 test 里是样例",
	  "their side; a sample in a test" },
	{ "here", "*", here, true, "我们一侧；在 test 里是样例", "our side; a sample in a test" },
	{ "codes", "code else", codes, false, "代码表：先满足的行生效",
	  "a table; first fitting row" },
	{ "code", "", code, false, "一行代码", "a row" },
	{ "else", "", otherwise, false, "其余的代码；没有 else 就挂起",
	  "all others; without: hold" },
	{ "part", LINES, part, false, "有名字的一组行", "named lines" },
	{ "use", "", use, false, "用一个片段", "uses a part" },
	{ "field", "", field, false, "一个字段一行", "one line a field" },
	{ "set", "", set, false, "写出一个固定值", "writes a constant" },
	{ "group", LINES, group, false, "两侧都进入子记录", "both sides move into a sub-record" },
	{ "each", LINES, each, false, "列表对列表", "list to list" },
	{ "when", LINES, when, false, "有条件的行", "lines under a condition" },
	{ "check", "", check, false, "整条记录的规则", "a rule over the record" },
	{ "ignore", "", ignore, false, "知道但不用", "known and unused" },
	{ "test", "there here expect", test, false, "样例", "a sample" },
	{ "expect", "", expect, false, "样例应当发现的问题", "a problem the sample must show" },
	{ .name = NULL },
};

const struct grammar mapping_grammar = {
	.name = "mapping",
	.roots = "mapping library",
	.elements = elements,
};
