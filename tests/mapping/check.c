/*
 * check.c - limits in the bytes of the other side, needs under a condition,
 * what comes first, and examples of the language as it is described.
 */
#include "rig.h"

static void open_lines(struct rig *rig, const char *there, const char *lines)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "<mapping name='m'><there format='xml' root='r' %s/><here type='case'/>%s"
		 "</mapping>",
		 there, lines);
	rig_open(rig, text);
}

static void bytes_are_counted_in_the_charset_over_there(void **state)
{
	static const char line[] = "<field here='title' there='a' max-bytes='6'/>";
	struct rig gb = { 0 }, utf = { 0 }, stream = { 0 };

	(void)state;
	open_lines(&gb, "charset='gb18030'", line);
	assert_string_equal(rig_out(&gb, "<case><title>张三丰</title></case>"),
			    "{\"a\":\"张三丰\"}");
	assert_string_equal(rig_out(&gb, "<case><title>张三丰1</title></case>"),
			    "held {}|long title");
	/* Outside of GBK a character has four bytes. */
	assert_string_equal(rig_out(&gb, "<case><title>𠮷𠮷</title></case>"), "held {}|long title");
	open_lines(&utf, "", line);
	assert_string_equal(rig_out(&utf, "<case><title>张三丰</title></case>"),
			    "held {}|long title");
	open_lines(&stream, "", line);
	mapping_count_bytes(stream.mapping, CHARSET_GB18030);
	assert_string_equal(rig_out(&stream, "<case><title>张三丰</title></case>"),
			    "{\"a\":\"张三丰\"}");
	mapping_count_bytes(gb.mapping, CHARSET_UTF8); /* what the mapping says stays */
	assert_string_equal(rig_out(&gb, "<case><title>张三丰</title></case>"),
			    "{\"a\":\"张三丰\"}");
	rig_close(&gb);
	rig_close(&utf);
	rig_close(&stream);
}

static void a_value_is_needed_only_under_its_condition(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	open_lines(&rig, "",
		   "<field here='title' there='t'/>"
		   "<when here=\"status='closed'\" there=\"s='2'\">"
		   "<field here='closed' there='c' need='yes'/></when>");
	assert_string_equal(rig_out(&rig, "<case><title>x</title></case>"), "{\"t\":\"x\"}");
	assert_string_equal(rig_out(&rig, "<case><status>closed</status></case>"),
			    "held {\"s\":\"2\"}|need closed");
	assert_string_equal(rig_in(&rig, "<r><s>2</s></r>"),
			    "held {\"status\":\"closed\"}|need closed");
	assert_string_equal(rig_in(&rig, "<r><s>1</s></r>"), "{}");
	rig_close(&rig);
}

static void what_is_missing_does_not_disturb_the_order(void **state)
{
	static const struct {
		const char *occurred, *accepted, *closed;
		bool is_good;
	} cases[] = {
		{ "2024-03-18T14:30:00+08:00", "2024-03-18", "2024-04-02", true },
		{ "2024-03-18T14:30:00+08:00", "", "2024-04-02", true },
		{ "", "2024-03-18", "", true },
		{ "", "", "", true },
		{ "", "2024-03-18", "2024-03-17", false },
		{ "2024-03-19T00:00:00+08:00", "2024-03-18", "", false },
		/* Also past one that is missing. */
		{ "2024-03-19T00:00:00+08:00", "", "2024-03-18", false },
	};
	struct rig rig = { 0 };

	(void)state;
	open_lines(&rig, "",
		   "<field here='occurred' there='o'/><field here='accepted' there='a'/>"
		   "<field here='closed' there='c'/>"
		   "<check order='occurred accepted closed' say='dates run backwards'/>");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[512];
		const char *said;

		snprintf(text, sizeof(text), "<r><o>%s</o><a>%s</a><c>%s</c></r>",
			 cases[i].occurred, cases[i].accepted, cases[i].closed);
		said = rig_in(&rig, text);
		if ((strstr(said, "|check") == NULL) != cases[i].is_good)
			fail_msg("%zu: %s", i, said);
	}
	rig_close(&rig);
}

static void one_type_of_theirs_is_several_of_ours(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	open_lines(
		&rig, "",
		"<codes name='k'><code here='neighbour' there='17' when=\"contains(title,'邻')\"/>"
		"<code here='marriage' there='17'/>"
		"<code there='1|8' pass-by='不属人民调解'/>"
		"<code there='9' hold='需人工判定'/></codes>"
		"<field here='type' there='a' codes='k'/><field here='title' there='t'/>");
	assert_string_equal(rig_in(&rig, "<r><a>17</a><t>邻里漏水</t></r>"),
			    "{\"title\":\"邻里漏水\",\"type\":\"neighbour\"}");
	assert_string_equal(rig_in(&rig, "<r><a>17</a><t>离婚</t></r>"),
			    "{\"title\":\"离婚\",\"type\":\"marriage\"}");
	assert_string_equal(rig_in(&rig, "<r><a>8</a></r>"), "passed by {}|pass-by type '8'");
	assert_string_equal(rig_in(&rig, "<r><a>9</a></r>"), "held {}|hold type '9'");
	assert_string_equal(rig_out(&rig, "<case><type>neighbour</type><title>邻</title></case>"),
			    "{\"a\":\"17\",\"t\":\"邻\"}");
	/* It would come back as the other one: a row of way="out" says that this is meant. */
	assert_string_equal(rig_out(&rig, "<case><type>neighbour</type></case>"),
			    "held {}|code type 'neighbour'");
	rig_close(&rig);
}

static void name_value_rows_and_numbered_columns_go_both_ways(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	open_lines(
		&rig, "",
		"<field here='title' there=\"item[name='姓名']/value\"/>"
		"<each here='party' there='p{1..3}_*'><field here='name' there='n'/></each>"
		"<each here='tag' there='w' split='，、,'><field here='word' there='.'/></each>");
	assert_string_equal(
		rig_in(&rig, "<r><item><name>x</name><value>1</value></item><item><name>姓名</name>"
			     "<value>张</value></item><p1_n>a</p1_n><p3_n>c</p3_n>"
			     "<w>一、二，三</w></r>"),
		"{\"title\":\"张\",\"party\":[{\"name\":\"a\"},{\"name\":\"c\"}],\"tag\":[{"
		"\"word\":\"一\"},{\"word\":\"二\"},{\"word\":\"三\"}]}");
	assert_string_equal(
		rig_out(&rig, "<case><title>张</title><party><name>a</name></party><tag><word>一"
			      "</word></tag><tag><word>二</word></tag></case>"),
		"{\"item\":[{\"name\":\"姓名\",\"value\":\"张\"}],\"p1_n\":\"a\",\"w\":"
		"\"一，二\"}");
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_counted_in_the_charset_over_there),
		cmocka_unit_test(a_value_is_needed_only_under_its_condition),
		cmocka_unit_test(what_is_missing_does_not_disturb_the_order),
		cmocka_unit_test(one_type_of_theirs_is_several_of_ours),
		cmocka_unit_test(name_value_rows_and_numbered_columns_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
