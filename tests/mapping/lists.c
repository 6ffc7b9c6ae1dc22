/*
 * lists.c - lists, groups, parts and conditions, both ways.
 */
#include "rig.h"

struct scene {
	const char *lines;
	const char *here, *there; /* XML; the same record on both sides */
	const char *in, *out;     /* what comes of @there, and of @here; NULL: not asked */
};

static void play(const struct scene *s, const char *format)
{
	struct rig rig = { 0 };
	char text[4096];

	snprintf(text, sizeof(text),
		 "<mapping name='m'><there format='%s' root='r'/><here type='case'/>%s</mapping>",
		 format, s->lines);
	rig_open(&rig, text);
	if (s->in)
		assert_string_equal(rig_in(&rig, s->there), s->in);
	if (s->out)
		assert_string_equal(rig_out(&rig, s->here), s->out);
	rig_close(&rig);
}

static void a_list_is_a_list(void **state)
{
	(void)state;
	play(
		&(struct scene){
			.lines = "<each here='party' there='ps/p' min='1' max='2'>"
				 "<field here='name' there='n' need='yes'/>"
				 "<field here='sex' there='@s'/></each>",
			.there = "<r><ps><p s='1'><n>a</n></p><p/><p><n>b</n></p></ps></r>",
			.in = "{\"party\":[{\"name\":\"a\",\"sex\":\"1\"},{\"name\":\"b\"}]}",
			.here = "<case><party><name>a</name><sex>1</sex></party></case>",
			.out = "{\"ps\":{\"p\":[{\"n\":\"a\",\"@s\":\"1\"}]}}",
		},
		"xml");
}

/* A cell is there in every row; an empty one says as little as one that is missing. */
static void an_empty_cell_is_nothing_also_as_a_list(void **state)
{
	const char *lines =
		"<field here='number' there='n'/>"
		"<each here='tag' there='w'><field here='word' there='.'/></each>"
		"<when there='not(w)' way='in'><set here='status' value='none'/></when>"
		"<when there='w and count(w)=1' way='in'>"
		"<set here='status' value='one'/></when>"
		"<when there='count(w)=0' way='in'><set here='type' value='zero'/></when>";

	(void)state;
	play(&(struct scene){ .lines = lines,
			      .there = "n,w\n1,\n",
			      .in = "{\"number\":\"1\",\"type\":\"zero\",\"status\":\"none\"}" },
	     "table");
	play(
		&(struct scene){
			.lines = lines,
			.there = "n,w\n1,x\n",
			.in = "{\"number\":\"1\",\"status\":\"one\",\"tag\":[{\"word\":\"x\"}]}" },
		"table");
}

static void too_few_and_too_many_are_found(void **state)
{
	const char *lines = "<each here='party' there='p' min='1' max='2'>"
			    "<field here='name' there='n' need='yes'/></each>";

	(void)state;
	play(&(struct scene){ .lines = lines,
			      .there = "<r/>",
			      .in = "held {}|few party",
			      .here = "<case/>",
			      .out = "held {}|few party" },
	     "xml");
	play(&(struct scene){ .lines = lines,
			      .there = "<r><p><n>a</n></p><p><n>b</n></p><p><n>c</n></p></r>",
			      .in = "held {\"party\":[{\"name\":\"a\"},{\"name\":\"b\"},"
				    "{\"name\":\"c\"}]}|many party" },
	     "xml");
}

static void a_list_may_be_one_kind_of_a_larger_one(void **state)
{
	(void)state;
	play(
		&(struct scene){
			.lines = "<each here=\"party[role='a']\" there='as'>"
				 "<field here='name' there='n'/></each>"
				 "<each here=\"party[role='b']\" there=\"bs[k='1']\">"
				 "<field here='name' there='n'/></each>",
			.there = "<r><as><n>x</n></as><bs><k>2</k><n>no</n></bs><bs><k>1</k><n>y</"
				 "n></bs></r>",
			.in = "{\"party\":[{\"role\":\"a\",\"name\":\"x\"},{\"role\":\"b\","
			      "\"name\":\"y\"}]}",
			.here = "<case><party><role>b</role><name>y</name></party>"
				"<party><role>a</role><name>x</name></party></case>",
			.out = "{\"as\":[{\"n\":\"x\"}],\"bs\":[{\"k\":\"1\",\"n\":\"y\"}]}",
		},
		"xml");
}

static void numbered_columns_are_a_list(void **state)
{
	const char *in = "{\"party\":[{\"role\":\"1\",\"name\":\"a\"},{\"name\":\"c\"}]}";
	const char *here = "<case><party><role>1</role><name>a</name></party>"
			   "<party><name>c</name></party></case>";

	(void)state;
	play(
		&(struct scene){
			.lines = "<each here='party' there='party{1..3}_'>"
				 "<field here='name' there='name' need='yes'/>"
				 "<field here='role' there='role'/></each>",
			.there = "party1_name,party1_role,party2_name,party2_role,party3_name\n"
				 "a,1,,,c\n",
			.in = in,
			.here = here,
			.out = "{\"party1_name\":\"a\",\"party1_role\":\"1\","
			       "\"party2_name\":\"c\"}" },
		"table");
	/* The star is where the inner name stands; {} is the number alone. */
	play(&(struct scene){ .lines = "<each here='party' there='当事人{1..2}*（人）'>"
				       "<field here='name' there='姓名'/>"
				       "<field here='role' there='地位{}'/></each>",
			      .there = "当事人1姓名（人）,地位1,当事人2姓名（人）\na,1,c\n",
			      .in = in,
			      .here = here,
			      .out = "{\"当事人1姓名（人）\":\"a\",\"地位1\":\"1\","
				     "\"当事人2姓名（人）\":\"c\"}" },
	     "table");
	play(&(struct scene){ .lines = "<each here='tag' there='dept{1..2}'>"
				       "<field here='word' there='.'/></each>",
			      .there = "<r><dept1>a</dept1><dept2>b</dept2></r>",
			      .in = "{\"tag\":[{\"word\":\"a\"},{\"word\":\"b\"}]}",
			      .here = "<case><tag><word>a</word></tag><tag><word>b</word></tag>"
				      "<tag><word>c</word></tag></case>",
			      .out = "held {\"dept1\":\"a\",\"dept2\":\"b\"}|many tag" },
	     "xml");
}

static void a_joined_text_is_a_list(void **state)
{
	const char *lines = "<each here='party' there='names' split='、，,'>"
			    "<field here='name' there='.' via='squeeze'/></each>";

	(void)state;
	play(&(struct scene){ .lines = lines,
			      .there = "<r><names>张三、李　四，王五,</names></r>",
			      .in = "{\"party\":[{\"name\":\"张三\"},{\"name\":\"李四\"},"
				    "{\"name\":\"王五\"}]}",
			      .here = "<case><party><name>张三</name></party>"
				      "<party><name>李四</name></party></case>",
			      .out = "{\"names\":\"张三、李四\"}" },
	     "xml");
	play(&(struct scene){ .lines = lines,
			      .here = "<case><party><name>张三、李四</name></party></case>",
			      .out = "held {}|like party#1" },
	     "xml");
}

static void a_group_moves_into_a_sub_record(void **state)
{
	(void)state;
	play(&(struct scene){ .lines = "<group here='place' there='where/at'>"
				       "<field here='region' there='code'/>"
				       "<field here='address' there='text'/></group>",
			      .there =
				      "<r><where><at><code>1</code><text>x</text></at></where></r>",
			      .in = "{\"place\":{\"region\":\"1\",\"address\":\"x\"}}",
			      .here = "<case><place><region>1</region></place></case>",
			      .out = "{\"where\":{\"at\":{\"code\":\"1\"}}}" },
	     "xml");
}

static void a_group_is_one_item_of_a_list(void **state)
{
	const char *lines = "<group here=\"party[role='a']\" many='hold'>"
			    "<field here='name' there='申请人' need='yes'/></group>"
			    "<group here=\"party[role='b']\" need='no'>"
			    "<field here='name' there='被申请人' need='yes'/></group>";

	(void)state;
	play(&(struct scene){ .lines = lines,
			      .there = "申请人,被申请人\nx,y\n",
			      .in = "{\"party\":[{\"role\":\"a\",\"name\":\"x\"},"
				    "{\"role\":\"b\",\"name\":\"y\"}]}",
			      .here = "<case><party><role>a</role><name>x</name></party>"
				      "<party><role>a</role><name>z</name></party></case>",
			      .out = "held {\"申请人\":\"x\"}|many party" },
	     "table");
	play(&(struct scene){ .lines = lines,
			      .there = "序号,申请人,被申请人\n1,,\n",
			      .in = "held {}|need party/name",
			      .here = "<case/>",
			      .out = "held {}|need party/name" },
	     "table");
}

static void a_part_is_used_with_prefixes(void **state)
{
	(void)state;
	play(&(struct scene){ .lines = "<part name='p'><field here='name' there='Name'/>"
				       "<when there=\"Kind='9'\" way='in'>"
				       "<set here='sex' value='x'/></when></part>"
				       "<group here=\"party[role='a']\">"
				       "<use part='p' there='accuser'/></group>"
				       "<group here=\"party[role='b']\">"
				       "<use part='p' there='accused*'/></group>",
			      .there = "accuserName,accusedName,accusedKind\nx,y,9\n",
			      .in = "{\"party\":[{\"role\":\"a\",\"name\":\"x\"},"
				    "{\"role\":\"b\",\"name\":\"y\",\"sex\":\"x\"}]}",
			      .here = "<case><party><role>b</role><name>y</name></party></case>",
			      .out = "{\"accusedName\":\"y\"}" },
	     "table");
}

static void a_condition_is_read_on_one_side_and_made_true_on_the_other(void **state)
{
	const char *lines =
		"<when here=\"status='closed'\" there=\"s='2' and t='x'\">"
		"<field here='closed' there='d' need='yes'/></when>"
		"<when here=\"status='open'\" there=\"s='1'\"/>"
		"<when there=\"w='1'\" way='in'><set here='withdrawn' value='yes'/></when>";

	(void)state;
	play(
		&(struct scene){
			.lines = lines,
			.there = "<r><s>2</s><t>x</t><d>2024-03-08</d></r>",
			.in = "{\"status\":\"closed\",\"closed\":\"2024-03-08\"}",
			.here = "<case><status>closed</status><closed>2024-03-08</closed></case>",
			.out = "{\"s\":\"2\",\"t\":\"x\",\"d\":\"2024-03-08\"}" },
		"xml");
	play(&(struct scene){ .lines = lines,
			      .there = "<r><s>1</s><d>2024-03-08</d></r>",
			      .in = "{\"status\":\"open\"}",
			      .here = "<case><status>closed</status></case>",
			      .out = "held {\"s\":\"2\",\"t\":\"x\"}|need closed" },
	     "xml");
}

static void a_constant_is_written_and_verified(void **state)
{
	const char *lines =
		"<set there='src' value='CB' verify='yes'/><field here='title' there='t'/>"
		"<set here='status' value='new' verify='yes'/>";

	(void)state;
	play(&(struct scene){ .lines = lines,
			      .there = "<r><src>CB</src></r>",
			      .in = "{\"status\":\"new\"}",
			      .here = "<case><status>old</status></case>",
			      .out = "held {\"src\":\"CB\"}|verify status" },
	     "xml");
	play(&(struct scene){ .lines = lines,
			      .there = "<r><src>XX</src></r>",
			      .in = "held {\"status\":\"new\"}|verify src" },
	     "xml");
}

static void a_rule_looks_at_the_finished_record(void **state)
{
	const char *lines = "<check here='not(closed) or closed &gt;= accepted' say='x'/>"
			    "<field here='accepted' there='a'/><field here='closed' there='c'/>";

	(void)state;
	play(&(struct scene){ .lines = lines,
			      .there = "<r><a>2024-03-08</a><c>2024-03-07</c></r>",
			      .in = "held {\"accepted\":\"2024-03-08\",\"closed\":\"2024-03-07\"}"
				    "|check -",
			      .here = "<case><accepted>2024-03-08</accepted></case>",
			      .out = "{\"a\":\"2024-03-08\"}" },
	     "xml");
}

static void several_columns_are_one_code(void **state)
{
	const char *lines = "<codes name='s'><code here='waiting' there='0 1'/>"
			    "<code here='busy' there='1 1|2|3'/><code here='done' there='2 8'/>"
			    "<code here='done' there='1 7' way='in'/>"
			    "<code here='waiting' there='0 *' way='in'/></codes>"
			    "<field here='status' there='a b' codes='s'/>";

	(void)state;
	play(&(struct scene){ .lines = lines,
			      .there = "<r><a>1</a><b>3</b></r>",
			      .in = "{\"status\":\"busy\"}",
			      .here = "<case><status>done</status></case>",
			      .out = "{\"a\":\"2\",\"b\":\"8\"}" },
	     "xml");
	play(&(struct scene){ .lines = lines,
			      .there = "<r><a>0</a></r>",
			      .in = "{\"status\":\"waiting\"}" },
	     "xml");
	play(&(struct scene){ .lines = lines,
			      .there = "<r><a>1</a><b>9</b></r>",
			      .in = "held {}|code status '1 9'" },
	     "xml");
}

static void a_code_may_depend_on_the_record(void **state)
{
	/* The title stands below, and is there all the same. */
	const char *lines =
		"<codes name='k'><code here='neighbour' there='1' "
		"when=\"contains(title,'邻')\"/><code here='marriage' there='1'/>"
		"<code here='wage' there='2'/><else there='9'/></codes>"
		"<field here='type' there='k' codes='k'/><field here='title' there='t'/>";

	(void)state;
	play(&(struct scene){ .lines = lines,
			      .there = "<r><k>1</k><t>邻里</t></r>",
			      .in = "{\"title\":\"邻里\",\"type\":\"neighbour\"}",
			      .here = "<case><type>land</type></case>",
			      .out = "{\"k\":\"9\"}" },
	     "xml");
	play(&(struct scene){ .lines = lines,
			      .there = "<r><k>1</k><t>婚</t></r>",
			      .in = "{\"title\":\"婚\",\"type\":\"marriage\"}" },
	     "xml");
	play(&(struct scene){ .lines = lines,
			      .there = "<r><k>9</k></r>",
			      .in = "held {}|code type '9'" },
	     "xml");
}

static void a_table_file_is_a_table(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	/* Saved by a spreadsheet: GB18030, quoted cells, columns in any order. */
	rig_file(&rig, "k.csv",
		 "there,here,label,pass-by\r\n\"1|01\",one,\"a \"\"b\"\"\",\r\n"
		 "\xc1\xda\xc0\xef,two,,\r\n9,,,no\r\n");
	rig_open(&rig, "<mapping name='m'><there format='xml' root='r'/><here type='case'/>"
		       "<codes name='k' href='k.csv'/><field here='type' there='a' codes='k'/>"
		       "</mapping>");
	assert_string_equal(rig_in(&rig, "<r><a>01</a></r>"), "{\"type\":\"one\"}");
	assert_string_equal(rig_in(&rig, "<r><a>邻里</a></r>"), "{\"type\":\"two\"}");
	assert_string_equal(rig_in(&rig, "<r><a>9</a></r>"), "passed by {}|pass-by type '9'");
	assert_string_equal(rig_out(&rig, "<case><type>one</type></case>"), "{\"a\":\"1\"}");
	rig_close(&rig);
}

static void a_table_of_its_own_wins_over_a_library_s(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	rig_file(&rig, "l.xml",
		 "<library><codes name='k'><code here='theirs' there='1'/></codes>"
		 "</library>");
	rig_open(&rig, "<mapping name='m'><there format='xml' root='r'/><here type='case'/>"
		       "<codes name='k'><code here='own' there='1'/></codes><include href='l.xml'/>"
		       "<field here='type' there='a' codes='k'/></mapping>");
	assert_string_equal(rig_in(&rig, "<r><a>1</a></r>"), "{\"type\":\"own\"}");
	rig_close(&rig);
}

static void a_sample_that_does_not_hold_fails(void **state)
{
	struct mapping_formats formats = { rig_read, NULL, NULL };
	struct buffer out = { 0 };
	struct test_report report = { .out = &out };
	struct rig rig = { 0 };

	(void)state;
	rig_open(&rig,
		 "<mapping name='m'><there format='xml' root='r'/><here type='case'/>"
		 "<field here='title' there='t' max='3'/><field here='type' there='k' way='in'/>"
		 "<test name='right'><there><r><t>x</t></r></there>"
		 "<here><case><title>x</title></case></here></test>\n"
		 "<test name='value'><there><r><t>x</t></r></there>"
		 "<here><case><title>y</title></case></here></test>\n"
		 "<test name='unexpected' way='in'><there><r><t>long</t></r></there></test>\n"
		 "<test name='expected' way='in'><there><r><t>long</t></r></there>"
		 "<expect why='long' here='title' bad='hold'/></test>\n"
		 "<test name='missing' way='in'><there><r><t>x</t></r></there>"
		 "<expect why='long'/></test>\n"
		 "<test name='trip' way='in' trip='exact'><there><r><k>1</k></r></there></test>"
		 "</mapping>");
	mapping_test(rig.mapping, &formats, &report);
	assert_int_equal(report.passed, 2);
	assert_int_equal(report.failed, 4);
	assert_non_null(strstr(buffer_cstr(&out), "m.xml:2: value: in: title differs"));
	assert_non_null(
		strstr(buffer_cstr(&out), "m.xml:3: unexpected: in: unexpected problem long"));
	assert_non_null(strstr(buffer_cstr(&out), "m.xml:5: missing"));
	assert_non_null(strstr(buffer_cstr(&out), "m.xml:6: trip: in and out: k differs"));
	buffer_done(&out);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_a_list),
		cmocka_unit_test(an_empty_cell_is_nothing_also_as_a_list),
		cmocka_unit_test(too_few_and_too_many_are_found),
		cmocka_unit_test(a_list_may_be_one_kind_of_a_larger_one),
		cmocka_unit_test(numbered_columns_are_a_list),
		cmocka_unit_test(a_joined_text_is_a_list),
		cmocka_unit_test(a_group_moves_into_a_sub_record),
		cmocka_unit_test(a_group_is_one_item_of_a_list),
		cmocka_unit_test(a_part_is_used_with_prefixes),
		cmocka_unit_test(a_condition_is_read_on_one_side_and_made_true_on_the_other),
		cmocka_unit_test(a_constant_is_written_and_verified),
		cmocka_unit_test(a_rule_looks_at_the_finished_record),
		cmocka_unit_test(several_columns_are_one_code),
		cmocka_unit_test(a_code_may_depend_on_the_record),
		cmocka_unit_test(a_table_file_is_a_table),
		cmocka_unit_test(a_table_of_its_own_wins_over_a_library_s),
		cmocka_unit_test(a_sample_that_does_not_hold_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
