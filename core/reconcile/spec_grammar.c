/*
 * spec_grammar.c - the elements and attributes of a link specification.
 */
#include "base/grammar.h"
#include "reconcile/reconcile.h"

static const struct grammar_attribute link_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "规格的名字", "the specification's name" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "what people call it" },
	{ "id", VALUE_ANY, false, NULL, "哪一列是记录的编号；默认用行号",
	  "the column that has the record's id; else the row's number" },
	{ "source", VALUE_ANY, false, NULL, "哪一列说记录来自哪里；默认用文件名",
	  "the column that says where a record is from; else the file's name" },
	{ "entity", VALUE_NAME, false, NULL, "模型里的实体：比它在存储里的记录，from 写它的路径",
	  "an entity of the model: its records in the store; from is then a path of it" },
	{ "model", VALUE_NAME, false, NULL, "哪个模型的实体；别的模型不用这份规格",
	  "of which model; others do not use this file" },
	{ "list", VALUE_PATH, false, NULL, "比这个实体的这个列表的各项",
	  "the items of this list of the entity instead" },
	{ "pairs", VALUE_WORD, false, "dedupe link both",
	  "dedupe 来源之内，link 来源之间，both 都比；默认一个文件 dedupe，几个文件 link",
	  "dedupe: within a source, link: between sources, both; else dedupe for one file, link "
	  "for "
	  "several" },
	{ "largest-block", VALUE_INTEGER, false, NULL,
	  "一个分块最多多少条记录，再大就用另一列分开；默认 2000",
	  "records in a block before it is split by another column; 2000" },
	{ 0 },
};

static const struct grammar_attribute column_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "规格里用的名字", "its name in this file" },
	{ "from", VALUE_ANY, false, NULL, "表头，几种写法用 | 分开；默认同 name",
	  "the heading, several with | between; else the name" },
	{ "form", VALUE_ANY, false, NULL, "归一成哪种写法再比较；默认 none",
	  "the normal form that is compared; else none" },
	{ "or", VALUE_NAME, false, NULL, "缺的时候取自哪一列：身份证号里的出生日期",
	  "the column that says it where it is missing: an id, of a birth date" },
	{ "through", VALUE_NAME, false, NULL,
	  "from 是列表：先用 rules/ 下这份规格认出各项是谁，再比是不是同样的人",
	  "from is a list: the rules of that name tell first who its items are; these are "
	  "compared" },
	{ 0 },
};

static const struct grammar_attribute compare_attributes[] = {
	{ "name", VALUE_NAME, false, NULL, "默认是列名", "else the column's" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "what people call it" },
	{ "columns", VALUE_ANY, true, NULL, "一列，或可能填反的两列",
	  "one column, or two that may have been swapped" },
	{ "term-frequency", VALUE_FLAG, false, NULL, "少见的值更有分量", "rare values weigh more" },
	{ "unless", VALUE_NAME, false, NULL, "两边这一列都完整时不再比：证号已经说了出生日期",
	  "not asked where both have this column in full: an id has said the birth date" },
	{ "kin", VALUE_WORD, false, "unrelated learn weak",
	  "一家人在这一项上：unrelated 与路人无异，learn 另外学，weak 只学弱的几级",
	  "people of a household agree here like strangers, in their own way, or in the weak "
	  "levels" },
	{ 0 },
};

static const struct grammar_attribute level_attributes[] = {
	{ "is", VALUE_ANY, true, NULL, "怎样才算这一级，如 exact、jaro-winkler",
	  "the measure: exact, jaro-winkler …" },
	{ "bound", VALUE_ANY, false, NULL, "界限：0.92、2、road", "the bound: 0.92, 2, road" },
	{ "side", VALUE_WORD, false, "first second both crossed either",
	  "两列时看哪一边；crossed 是填反", "with two columns: which; crossed is swapped" },
	{ "m", VALUE_NUMBER, false, NULL, "固定：同一个时落在这一级的概率",
	  "fixed: the chance of this level in a match" },
	{ "u", VALUE_NUMBER, false, NULL, "固定：不相干时落在这一级的概率",
	  "fixed: the chance of this level between strangers" },
	{ "kin", VALUE_NUMBER, false, NULL, "固定：一家人落在这一级的概率",
	  "fixed: the chance of this level in a household" },
	{ 0 },
};

static const struct grammar_attribute block_attributes[] = {
	{ "name", VALUE_NAME, false, NULL, "默认由键拼成", "else made of its keys" },
	{ "train", VALUE_FLAG, false, NULL, "no：不用来学参数", "no: learn nothing from it" },
	{ 0 },
};

static const struct grammar_attribute key_attributes[] = {
	{ "column", VALUE_NAME, true, NULL, "哪一列", "the column" },
	{ "by", VALUE_ANY, false, NULL, "由值得出的键，如 prefix、year、pinyin；默认整个值",
	  "a key derived from the value: prefix, year, pinyin; else the whole value" },
	{ "n", VALUE_ANY, false, NULL, "多少个；地址写级别的名字，如 estate",
	  "how many; of an address the name of a level: estate" },
	{ 0 },
};

static const struct grammar_attribute never_attributes[] = {
	{ "differ", VALUE_NAME, false, NULL, "这一列两个完整的值不同，就决不是同一个",
	  "two full values of this column that differ are never one" },
	{ "same", VALUE_NAME, false, NULL, "这一列的值相同，就决不是同一个：同一件里的两个人",
	  "two records with the same value of this column are never one: two parties of a case" },
	{ "two-of", VALUE_WORD, false, "source", "同一来源的两条决不在一簇",
	  "never two records of a source in one cluster" },
	{ 0 },
};

static const struct grammar_attribute cut_attributes[] = {
	{ "link", VALUE_NUMBER, false, NULL, "概率到多少就相连；默认取 F1 期望最大处",
	  "the probability from which to link; else where the expected F1 is largest" },
	{ "precision", VALUE_NUMBER, false, NULL, "改为按想要的查准率定",
	  "set it by the precision that is wanted" },
	{ "doubt", VALUE_NUMBER, false, NULL, "概率到多少算存疑；默认 0.1",
	  "the probability from which it is doubtful; 0.1" },
	{ 0 },
};

static const struct grammar_attribute kind_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "种类的名字", "the kind's name" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "what people call it" },
	{ "one", VALUE_FLAG, false, NULL, "no：有关，但不是同一个，决不相连；默认 yes",
	  "no: they belong together and are not one, so they are never linked; yes" },
	{ 0 },
};

static const struct grammar_attribute given_attributes[] = {
	{ "compare", VALUE_NAME, false, NULL, "哪一项比较", "a comparison" },
	{ "level", VALUE_ANY, false, NULL,
	  "落在这些级别之一，用 | 分开：exact、days 7、else、missing",
	  "has one of these levels, | between: exact, days 7, else, missing" },
	{ "column", VALUE_NAME, false, NULL, "哪一列", "a column" },
	{ "one-side", VALUE_ANY, false, NULL, "只有一边是这些值之一，用 | 分开",
	  "one side alone says one of these, | between" },
	{ 0 },
};

static const struct grammar_attribute survivors_attributes[] = {
	{ "recent", VALUE_PATH, false, NULL,
	  "哪个字段说明一条记录有多新，几个用 | 分开，取先有值的；默认看最后一次收到的时间",
	  "the field that says how new a record is, | between several; else when it came last" },
	{ "source", VALUE_PATH, false, NULL, "哪个字段说明记录来自哪里",
	  "the field that says where a record is from" },
	{ "trust", VALUE_ANY, false, NULL, "来源，最可信的在前，用空格分开",
	  "sources, the most trusted first, blanks between" },
	{ 0 },
};

static const struct grammar_attribute keep_attributes[] = {
	{ "fields", VALUE_ANY, true, NULL, "字段或列表的路径，用空格分开",
	  "paths of fields or lists, blanks between" },
	{ "by", VALUE_WORD, true, "recent complete trusted longest",
	  "recent 最新的，complete 最全的，trusted 最可信来源的，longest 最长的",
	  "recent: the newest; complete: the fullest; trusted: of the most trusted source; "
	  "longest" },
	{ "together", VALUE_FLAG, false, NULL, "yes：这几个字段都取同一条记录的",
	  "yes: all of these fields from one record" },
	{ 0 },
};

static const struct grammar_element elements[] = {
	{ "link", "column compare block never cut kind survivors", link_attributes, false,
	  "怎样认出同一个人、同一件事", "how to recognise the same person or case" },
	{ "column", "", column_attributes, false, "用到的一列", "a column that is used" },
	{ "compare", "level", compare_attributes, false, "一项比较，级别从严到宽",
	  "one comparison; its levels from strict to weak" },
	{ "level", "", level_attributes, false, "一级", "a level" },
	{ "block", "key", block_attributes, false, "分块规则：各键都相同的才比较",
	  "a blocking rule: records that share all its keys are compared" },
	{ "key", "", key_attributes, false, "一个键", "one key" },
	{ "never", "", never_attributes, false, "决不相连的", "what is never linked" },
	{ "cut", "", cut_attributes, false, "界线", "where to cut" },
	{ "kind", "given", kind_attributes, false, "两条怎样属于一处；各条件都成立的第一个算数",
	  "how two belong together; the first whose conditions all hold" },
	{ "given", "", given_attributes, false, "一个条件", "a condition" },
	{ "survivors", "keep", survivors_attributes, false,
	  "一簇对外说什么：没有写到的字段，用代表那条记录自己的",
	  "what a cluster says to others; fields not named here are those of the record that "
	  "speaks for it" },
	{ "keep", "", keep_attributes, false, "这些字段听哪一条的", "whose these fields are" },
	{ 0 },
};

const struct grammar link_grammar = { "link", "link", elements };
