#include "base/grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libxml/relaxng.h>

#include "base/buffer.h"
#include "base/say.h"
#include "base/xml.h"

static const struct grammar_attribute mapping_attributes[] = {
	{ "name", VALUE_NAME, true, NULL, "映射的名称", "the name of the mapping" },
	{ "label", VALUE_ANY, false, NULL, "给人看的名称", "a name for people" },
	{ 0 },
};

static const struct grammar_attribute field_attributes[] = {
	{ "here", VALUE_PATH, true, NULL, "我方路径", "our path" },
	{ "there", VALUE_PATH, false, NULL, "对方路径", "their path" },
	{ "way", VALUE_WORD, false, "both in out", "方向", "direction" },
	{ "key", VALUE_FLAG, false, NULL, "是否标识", "is it identity" },
	{ "max", VALUE_INTEGER, false, NULL, "最长", "longest" },
	{ "rate", VALUE_NUMBER, false, NULL, "比率", "rate" },
	{ "wait", VALUE_DURATION, false, NULL, "等待", "wait" },
	{ "size", VALUE_SIZE, false, NULL, "大小", "size" },
	{ "type", VALUE_NAME, false, NULL, "类型", "type" },
	{ 0 },
};

static const struct grammar_attribute there_attributes[] = {
	{ "format", VALUE_WORD, true, "xml json table", "格式", "format" },
	{ 0 },
};

static const struct grammar_element elements[] = {
	{ "mapping", "there field each test", mapping_attributes, false, "映射", "a mapping" },
	{ "library", "each", NULL, false, "库", "a library" },
	{ "there", "", there_attributes, false, "对方", "their side" },
	{ "field", "", field_attributes, false, "一行 <字段>", "a line" },
	{ "each", "field each", NULL, false, "列表", "a list" },
	{ "test", "there note", NULL, false, "测试", "a test" },
	{ "test/there", "*", NULL, true, "对方样例", "their sample" },
	{ "note", "", NULL, true, "备注", "a note" },
	{ 0 },
};

static const struct grammar grammar = { "mapping", "mapping library", elements };

/* What is wrong with the text, without the pictures. */
static const char *said(struct cb_text text, struct buffer *out)
{
	struct arena arena = { 0 };
	struct problems problems = { 0 };
	const struct cb_element *root = xml_read_text(&arena, "t", text, &problems);

	assert_non_null(root);
	grammar_check(&grammar, root, &problems);
	buffer_clear(out);
	problems_print(&problems, out);
	problems_done(&problems);
	arena_done(&arena);
	return buffer_cstr(out);
}

static const char right[] =
	"<mapping name='a-b.c' label=''>\n"
	"  <there format='json'/>\n"
	"  <field here='a' there='b' way='in' key='no' max='-3' rate='0.5' wait='10m' size='2M'/>\n"
	"  <each><!-- 注释 --><field here='甲'/><each/></each>\n"
	"  <test><note>文字</note>\n"
	"    <there>x<p:event xmlns:p='u' p:q='1'>y<there/><field/></p:event></there></test>\n"
	"</mapping>";

static void a_right_file_has_no_problem(void **state)
{
	struct buffer out = { 0 };

	assert_string_equal(said(CB_TEXT(right), &out), "");
	assert_string_equal(said(CB_TEXT("<library/>"), &out), "");
	buffer_done(&out);
}

static const struct {
	const char *text, *zh;
} mistakes[] = {
	{ "<maping name='a'/>",
	  "t:1:1: 文件的最外层要写 <mapping> <library>，这里是 <maping>；是不是 mapping？\n" },
	{ "<each>\n<feild/></each>",
	  "t:1:1: 文件的最外层要写 <mapping> <library>，这里是 <each>\n"
	  "t:2:1: 不认识 <feild>；<each> 里可以写：<field> <each>；是不是 field？\n" },
	{ "<mapping name='a'>\n <xyz><abc/>文字</xyz></mapping>",
	  "t:2:2: 不认识 <xyz>；<mapping> 里可以写：<there> <field> <each> <test>\n" },
	{ "<library><note>x</note></library>",
	  "t:1:10: <note> 不能写在 <library> 里：它属于 <test>\n" },
	{ "<library><field here='a' max='x'/></library>",
	  "t:1:10: <field> 不能写在 <library> 里：它属于 <mapping> <each>\n"
	  "t:1:31: max=\"x\" 不对：要写整数，如 12\n" },
	{ "<mapping name='a'><mapping name='b'/></mapping>",
	  "t:1:19: <mapping> 不能写在 <mapping> 里：它只能是文件的最外层\n" },
	{ "<library><noet/></library>",
	  "t:1:10: 不认识 <noet>；<library> 里可以写：<each>；是不是 note？\n" },
	{ "<mapping name='a'><there format='xml'><x/></there></mapping>",
	  "t:1:39: 不认识 <x>；<there> 里可以写：（没有）\n" },
	{ "<library>\n<each><field\n  名='中' hree = 'x'/></each></library>",
	  "t:2:7: <field> 缺属性 here：我方路径\n"
	  "t:3:3: <field> 没有属性 名；可以写：here there way key max rate wait size type\n"
	  "t:3:9: <field> 没有属性 hree；可以写：here there way key max rate wait size "
	  "type；是不是 here？\n" },
	{ "<library a='1'/>", "t:1:10: <library> 没有属性，不认识 a\n" },
	{ "<mapping/>", "t:1:1: <mapping> 缺属性 name：映射的名称\n" },
	{ "<mapping name='名称'/>",
	  "t:1:16: name=\"名称\" 不对：名称以字母或 _ 开头，只含字母、数字和 _ . -\n" },
	{ "<mapping name=''/>",
	  "t:1:16: name=\"\" 不对：名称以字母或 _ 开头，只含字母、数字和 _ . -\n" },
	{ "<mapping name='a'><there format='jsno'/></mapping>",
	  "t:1:34: format=\"jsno\" 不对：可以写：xml json table；是不是 json？\n" },
	{ "<mapping name='a'><field here='a' way='' key='是' max='1.5' rate='1e3' wait='soon' "
	  "size='x'/></mapping>",
	  "t:1:40: way=\"\" 不对：可以写：both in out\n"
	  "t:1:47: key=\"是\" 不对：只能写 yes 或 no\n"
	  "t:1:55: max=\"1.5\" 不对：要写整数，如 12\n"
	  "t:1:66: rate=\"1e3\" 不对：要写数字，如 12 或 0.5\n"
	  "t:1:77: wait=\"soon\" 不对：要写时长，如 30s、10m、1h、2d\n"
	  "t:1:89: size=\"x\" 不对：要写大小，如 64k、2M、1G\n" },
	{ "<mapping name='a'>\n <each/> 中文 <each/></mapping>",
	  "t:2:10: <mapping> 里不能直接写文字\n" },
	{ "<library><each><![CDATA[ x]]></each></library>", "t:1:26: <each> 里不能直接写文字\n" },
	{ "<library xmlns='u' xmlns:p='v'><p:each p:x='1'/><each p:x='1'/></library>",
	  "t:1:10: 这里不用命名空间和前缀：请删掉 xmlns\n"
	  "t:1:20: 这里不用命名空间和前缀：请删掉 xmlns:p\n"
	  "t:1:32: 这里不用命名空间和前缀：不认识 <p:each>\n"
	  "t:1:55: 这里不用命名空间和前缀：请删掉 p:x\n" },
	{ "<library><test/><there format='xml'/></library>",
	  "t:1:10: <test> 不能写在 <library> 里：它属于 <mapping>\n"
	  "t:1:17: <there> 不能写在 <library> 里：它属于 <mapping> <test>\n" },
};

static void every_mistake_is_said_at_its_place(void **state)
{
	struct buffer out = { 0 };

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++)
		assert_string_equal(said(cb_text_of(mistakes[i].text), &out), mistakes[i].zh);
	buffer_done(&out);
}

static void every_sentence_is_also_english(void **state)
{
	struct buffer out = { 0 };

	say_language(LANGUAGE_EN);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		assert_true(*said(cb_text_of(mistakes[i].text), &out));
		assert_null(strstr(buffer_cstr(&out), "："));
		assert_null(strstr(buffer_cstr(&out), "；"));
	}
	assert_string_equal(
		said(CB_TEXT("<library><fild/></library>"), &out),
		"t:1:10: <fild> is not known; <library> may hold: <each>; is it field?\n");
	say_language(LANGUAGE_ZH);
	buffer_done(&out);
}

static void a_value_of_a_megabyte_is_shown_short(void **state)
{
	struct buffer text = { 0 }, out = { 0 };

	buffer_string(&text, "<mapping name='");
	for (int i = 0; i < 1000000; i++)
		buffer_string(&text, "中");
	buffer_string(&text, "'/>");
	said(buffer_view(&text), &out);
	assert_in_range(out.len, 100, 300);
	buffer_done(&text);
	buffer_done(&out);
}

static void ignore(void *with, xmlErrorPtr error)
{
}

/* Does the schema accept the text? */
static bool accepts(struct buffer *schema, const char *text)
{
	xmlRelaxNGParserCtxtPtr parser;
	xmlRelaxNGPtr compiled;
	xmlRelaxNGValidCtxtPtr valid;
	xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), "t", NULL, XML_PARSE_NOWARNING);
	int rc;

	parser = xmlRelaxNGNewMemParserCtxt(buffer_cstr(schema), (int)schema->len);
	compiled = xmlRelaxNGParse(parser);
	assert_non_null(doc);
	assert_non_null(compiled);
	valid = xmlRelaxNGNewValidCtxt(compiled);
	xmlRelaxNGSetValidStructuredErrors(valid, ignore, NULL);
	rc = xmlRelaxNGValidateDoc(valid, doc);
	xmlRelaxNGFreeValidCtxt(valid);
	xmlRelaxNGFree(compiled);
	xmlRelaxNGFreeParserCtxt(parser);
	xmlFreeDoc(doc);
	return rc == 0;
}

static void relax_ng_accepts_and_refuses_the_same(void **state)
{
	struct buffer schema = { 0 };

	grammar_relaxng(&grammar, &schema);
	assert_true(accepts(&schema, right));
	assert_true(accepts(&schema, "<library/>"));
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++)
		if (accepts(&schema, mistakes[i].text))
			fail_msg("accepted: %s", mistakes[i].text);
	buffer_done(&schema);
}

static void relax_ng_carries_words_for_the_user(void **state)
{
	struct buffer schema = { 0 };

	grammar_relaxng(&grammar, &schema);
	assert_non_null(strstr(buffer_cstr(&schema),
			       "<a:documentation>一行 &lt;字段&gt;</a:documentation>"));
	buffer_clear(&schema);
	say_language(LANGUAGE_EN);
	grammar_relaxng(&grammar, &schema);
	say_language(LANGUAGE_ZH);
	assert_non_null(
		strstr(buffer_cstr(&schema), "<a:documentation>our path</a:documentation>"));
	buffer_done(&schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_file_has_no_problem),
		cmocka_unit_test(every_mistake_is_said_at_its_place),
		cmocka_unit_test(every_sentence_is_also_english),
		cmocka_unit_test(a_value_of_a_megabyte_is_shown_short),
		cmocka_unit_test(relax_ng_accepts_and_refuses_the_same),
		cmocka_unit_test(relax_ng_carries_words_for_the_user),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	xmlRelaxNGCleanupTypes();
	xmlCleanupParser();
	return failed;
}
