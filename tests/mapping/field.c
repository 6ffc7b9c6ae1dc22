/*
 * field.c - one value across: what it becomes, and what is found.
 *
 * A result is "held {json}|code path#item 'value'": the outcome, the row, and
 * the findings.
 */
#include "rig.h"

struct scene {
	const char *line;     /* of the mapping */
	const char *document; /* <r>…</r> or <case>…</case>, without the outer element */
	const char *said;
};

static void play(const struct scene *scenes, size_t count, bool is_in)
{
	for (size_t i = 0; i < count; i++) {
		struct rig rig = { 0 };
		char text[2048], document[1024];
		const char *said;

		snprintf(text, sizeof(text),
			 "<mapping name='m'><there format='xml' root='r' zone='+08:00' blank='/'/>"
			 "<here type='case'/><codes name='k'><code here='one' there='1|01'/>"
			 "<code here='two' there='2'/><code there='9' pass-by='not ours'/>"
			 "<code there='8' here='eight' hold='ask'/></codes>%s</mapping>",
			 scenes[i].line);
		rig_open(&rig, text);
		snprintf(document, sizeof(document), is_in ? "<r>%s</r>" : "<case>%s</case>",
			 scenes[i].document);
		said = is_in ? rig_in(&rig, document) : rig_out(&rig, document);
		if (strcmp(said, scenes[i].said) != 0)
			print_error("%s\n%s\n", scenes[i].line, scenes[i].document);
		assert_string_equal(said, scenes[i].said);
		rig_close(&rig);
	}
}

#define play_in(scenes) play(scenes, sizeof(scenes) / sizeof(*(scenes)), true)
#define play_out(scenes) play(scenes, sizeof(scenes) / sizeof(*(scenes)), false)

#define TITLE "<field here='title' there='a'"

static void a_text_is_taken_as_it_is(void **state)
{
	static const struct scene scenes[] = {
		{ TITLE "/>", "<a>x</a>", "{\"title\":\"x\"}" },
		{ TITLE "/>", "<a>x y </a>", "{\"title\":\"x y \"}" },
		{ "<field here='title' there='@a'/>", "<b/>", "{}" },
		{ "<field here='place/address' there='a/b'/>", "<a><b>x</b></a>",
		  "{\"place\":{\"address\":\"x\"}}" },
	};

	(void)state;
	play_in(scenes);
}

static void nothing_has_many_words(void **state)
{
	static const struct scene in[] = {
		{ TITLE "/>", "", "{}" },
		{ TITLE "/>", "<a/>", "{}" },
		{ TITLE "/>", "<a>  　</a>", "{}" },
		{ TITLE "/>", "<a>/</a>", "{}" },
		{ TITLE " blank='- 无'/>", "<a>无</a>", "{}" },
		{ TITLE " blank='- 无'/>", "<a>/</a>", "{\"title\":\"/\"}" },
		{ TITLE " default='none'/>", "<a>/</a>", "{\"title\":\"none\"}" },
		{ TITLE " need='yes'/>", "<a>/</a>", "held {}|need title" },
		{ TITLE " need='out'/>", "<a>/</a>", "{}" },
		{ TITLE " need='in' bad='reject'/>", "", "rejected {}|need title" },
		{ TITLE " need='in' bad='warn'/>", "", "{}|need title" },
	};
	static const struct scene out[] = {
		{ TITLE "/>", "", "{\"a\":\"/\"}" },
		{ TITLE " blank=''/>", "", "{}" },
		{ TITLE " blank='- 无'/>", "", "{\"a\":\"-\"}" },
		{ TITLE " blank='' need='yes'/>", "", "held {}|need title" },
		{ TITLE " blank='' need='in'/>", "", "{}" },
	};

	(void)state;
	play_in(in);
	play_out(out);
}

static void one_value_is_one_value(void **state)
{
	static const struct scene in[] = {
		{ TITLE "/>", "<a>x</a><a>y</a>", "held {}|many title" },
		{ TITLE " bad='warn'/>", "<a>x</a><a>y</a>", "{\"title\":\"x\"}|many title" },
		{ "<field here='title' there=\"i[n='t']/v\"/>",
		  "<i><n>s</n><v>1</v></i><i><n>t</n><v>2</v></i>", "{\"title\":\"2\"}" },
		{ "<field here='title' there=\"i[n='t']/v\"/>",
		  "<i><n>t</n><v>1</v></i><i><n>t</n><v>2</v></i>", "held {}|many title" },
	};
	static const struct scene out[] = {
		{ "<field here='title' there=\"i[n='t']/v\" blank=''/>"
		  "<field here='type' there=\"i[n='y']/v\" blank=''/>",
		  "<title>x</title><type>z</type>",
		  "{\"i\":[{\"n\":\"t\",\"v\":\"x\"},{\"n\":\"y\",\"v\":\"z\"}]}" },
		{ "<field here=\"party[role='a']/name\" there='n'/>",
		  "<party><role>a</role><name>x</name></party><party><role>a</role></party>",
		  "held {\"n\":\"/\"}|many party/name" },
	};

	(void)state;
	play_in(in);
	play_out(out);
}

static void numbers_are_exact_and_dates_exist(void **state)
{
	static const struct scene in[] = {
		{ "<field here='amount' there='a'/>", "<a>12,000.50</a>", "{\"amount\":12000.50}" },
		{ "<field here='amount' there='a'/>", "<a>１２</a>", "{\"amount\":12}" },
		{ "<field here='amount' there='a'/>", "<a>1.2E+5</a>", "held {}|number amount" },
		{ "<field here='amount' there='a' bad='warn'/>", "<a>x</a>", "{}|number amount" },
		{ "<field here='amount' there='a' via='times(10000)'/>", "<a>1.2</a>",
		  "{\"amount\":12000}" },
		{ "<field here='people' there='a'/>", "<a>2.5</a>", "held {}|number people" },
		{ "<field here='amount' there='a' min='0'/>", "<a>-1</a>", "held {}|small amount" },
		{ "<field here='amount' there='a' max='9' bad='skip'/>", "<a>10</a>",
		  "{}|long amount" },
		{ "<field here='accepted' there='a' format='yyyy-MM-dd|yyyy/M/d'/>",
		  "<a> 2024/3/8 </a>", "{\"accepted\":\"2024-03-08\"}" },
		{ "<field here='accepted' there='a'/>", "<a>2024-02-30</a>",
		  "held {}|date accepted" },
		{ "<field here='accepted' there='a'/>", "<a>tomorrow</a>",
		  "held {}|date accepted" },
		{ "<field here='occurred' there='a' format='yyyyMMddHHmmss'/>",
		  "<a>20240318143000</a>", "{\"occurred\":\"2024-03-18T14:30:00+08:00\"}" },
		{ "<field here='occurred' there='a' format='yyyyMMddHHmmss' zone='Z'/>",
		  "<a>20240318143000</a>", "{\"occurred\":\"2024-03-18T14:30:00Z\"}" },
		{ "<field here='occurred' there='a b' join=' ' format='yyyy-MM-dd HH:mm:ss'/>",
		  "<a>2024-03-18</a><b>14:30:00</b>",
		  "{\"occurred\":\"2024-03-18T14:30:00+08:00\"}" },
		{ "<field here='withdrawn' there='a'/>", "<a>maybe</a>", "held {}|type withdrawn" },
	};
	static const struct scene out[] = {
		{ "<field here='amount' there='a' via='times(10000)'/>", "<amount>12000</amount>",
		  "{\"a\":1.2}" },
		{ "<field here='occurred' there='a b' join=' ' format='yyyy-MM-dd HH:mm:ss'/>",
		  "<occurred>2024-03-18T14:30:00+08:00</occurred>",
		  "{\"a\":\"2024-03-18\",\"b\":\"14:30:00\"}" },
		{ "<field here='title' there='a b' join='-'/>", "<title>1-2-3</title>",
		  "held {\"a\":\"/\",\"b\":\"/\"}|many title" },
		{ "<field here='accepted' there='a' format='yyyy年M月d日|yyyy-MM-dd'/>",
		  "<accepted>2024-03-08</accepted>", "{\"a\":\"2024年3月8日\"}" },
	};

	(void)state;
	play_in(in);
	play_out(out);
}

static void a_flag_has_their_words(void **state)
{
	static const struct {
		const char *format, *document, *ours, *theirs;
	} cases[] = {
		{ "", "<a>1</a>", "yes", "yes" },
		{ "", "<a>否</a>", "no", "no" },
		{ "type='flag'", "<a>true</a>", "yes", "true" },
		{ "format='Y|N'", "<a>N</a>", "no", "N" },
		{ "format='在|离'", "<a>在</a>", "yes", "在" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig rig = { 0 };
		struct row *there = NULL, *here;
		struct result result = { .arena = &rig.arena };
		struct cb_error err;
		char text[512];
		uint32_t slot = 0;

		snprintf(text, sizeof(text),
			 "<mapping name='m'><there format='xml' root='r'/><here type='case'/>"
			 "<field here='withdrawn' there='a' %s/></mapping>",
			 cases[i].format);
		rig_open(&rig, text);
		snprintf(text, sizeof(text), "<r>%s</r>", cases[i].document);
		assert_int_equal(rig_read(NULL, "xml", "r", cb_text_of(text),
					  mapping_there(rig.mapping), &rig.arena, &there, &err),
				 CB_OK);
		here = mapping_in(rig.mapping, there, &result);
		while (strcmp(mapping_here(rig.mapping)->fields[slot].path, "withdrawn") != 0)
			slot++;
		assert_true(cb_text_is(here->values[slot], cases[i].ours));
		there = mapping_out(rig.mapping, here, &result);
		assert_true(cb_text_is(there->values[0], cases[i].theirs));
		rig_close(&rig);
	}
}

static void limits_count_characters(void **state)
{
	static const struct scene in[] = {
		{ TITLE " max='3'/>", "<a>张三李</a>", "{\"title\":\"张三李\"}" },
		{ TITLE " max='2'/>", "<a>张三李</a>", "held {}|long title" },
		{ TITLE " max-bytes='8'/>", "<a>张三李</a>", "held {}|long title" },
		{ TITLE " min='4'/>", "<a>张三李</a>", "held {}|small title" },
		{ TITLE " max='2' bad='warn'/>", "<a>张三李</a>",
		  "{\"title\":\"张三李\"}|long title" },
		{ TITLE " like='[A-Z]+[0-9]*'/>", "<a>A1</a>", "{\"title\":\"A1\"}" },
		{ TITLE " like='[A-Z]+[0-9]*'/>", "<a>A1x</a>", "held {}|like title" },
		{ TITLE "/>", "<a>123456789012345678901</a>", "held {}|long title" },
		{ TITLE " bad='warn'/>", "<a>123456789012345678901</a>", "{}|long title" },
	};

	(void)state;
	play_in(in);
}

static void codes_are_never_guessed(void **state)
{
	static const struct scene in[] = {
		{ "<field here='type' there='a' codes='k'/>", "<a>01</a>", "{\"type\":\"one\"}" },
		{ "<field here='type' there='a' codes='k'/>", "<a> 2 </a>", "{\"type\":\"two\"}" },
		{ "<field here='type' there='a' codes='k'/>", "<a>3</a>", "held {}|code type '3'" },
		{ "<field here='type' there='a' codes='k' need='yes'/>", "<a>3</a>",
		  "held {}|code type '3'" },
		{ "<field here='type' there='a' codes='k' bad='warn'/>", "<a>3</a>",
		  "{}|code type '3'" },
		{ "<field here='type' there='a' codes='k' secret='yes'/>", "<a>3</a>",
		  "held {}|code type" },
		{ "<field here='type' there='a' codes='k'/>", "<a>8</a>", "held {}|hold type '8'" },
		{ "<field here='type' there='b' codes='k'/>" TITLE " need='yes' bad='reject'/>",
		  "<b>9</b>", "passed by {}|pass-by type '9'|need title" },
	};
	static const struct scene out[] = {
		{ "<field here='type' there='a' codes='k'/>", "<type>one</type>", "{\"a\":\"1\"}" },
		{ "<field here='type' there='a' codes='k'/>", "<type>six</type>",
		  "held {\"a\":\"/\"}|code type 'six'" },
	};

	(void)state;
	play_in(in);
	play_out(out);
}

static void identity_numbers_are_normalised_or_held(void **state)
{
#define ID "<each here='party' there='p'><field here='id' there='i' is='idcard'"
	static const struct scene in[] = {
		{ ID "/></each>", "<p><i>11010519491231002x</i></p>",
		  "{\"party\":[{\"id\":\"11010519491231002X\"}]}" },
		{ ID "/></each>", "<p><i>110105194912310021</i></p>",
		  "held {\"party\":[{}]}|idcard party/id#1" },
		{ ID " bad='warn'/></each>", "<p><i>1101**********002X</i></p>",
		  "{\"party\":[{\"id\":\"1101**********002X\"}]}|idcard party/id#1" },
		{ ID " bad='warn'/></each>", "<p><i>1.10105E+17</i></p>",
		  "held {\"party\":[{}]}|idcard party/id#1" },
	};

	(void)state;
	play_in(in);
}

static void transforms_go_both_ways(void **state)
{
	static const struct scene in[] = {
		{ TITLE " via='squeeze'/>", "<a> 张　三 Ａ  b </a>", "{\"title\":\"张三A b\"}" },
		{ TITLE " via='pad(4,0)'/>", "<a>12</a>", "{\"title\":\"0012\"}" },
		{ TITLE " via='digits'/>", "<a>139-0000 0000</a>", "{\"title\":\"13900000000\"}" },
		{ TITLE " via='upper'/>", "<a>ab1</a>", "{\"title\":\"AB1\"}" },
		{ TITLE " via='before(与)' way='in'/>", "<a>甲与乙纠纷</a>", "{\"title\":\"甲\"}" },
		{ TITLE " via='after(与) before(纠)' way='in'/>", "<a>甲与乙纠纷</a>",
		  "{\"title\":\"乙\"}" },
		{ TITLE " via='cut(2)' way='in'/>", "<a>甲与乙</a>", "{\"title\":\"甲与\"}" },
		{ TITLE " via='mask' way='in'/>", "<a>13912340000</a>",
		  "{\"title\":\"139****0000\"}" },
		{ TITLE " via='strip-suffix(k2)'/><codes name='k2'>"
			"<code here='x' there='调委会|人民调解委员会'/></codes>",
		  "<a>甲镇人民调解委员会</a>", "{\"title\":\"甲镇\"}" },
		{ "<each here='party' there='p'><field here='birth' there='i' via='idcard-birth' "
		  "way='in'/><field here='sex' there='i' via='idcard-sex' way='in'/></each>",
		  "<p><i>11010519491231002X</i></p>",
		  "{\"party\":[{\"sex\":\"2\",\"birth\":\"1949-12-31\"}]}" },
		{ "<field here='place/region' there='a' via='region(6)'/>", "<a>330282</a>",
		  "{\"place\":{\"region\":\"330282000000\"}}" },
		{ "<field here='place/region' there='a' via='region(6)'/>", "<a>Cixi</a>",
		  "held {}|region place/region" },
		{ "<field here='place/region' there='a b c' via='regions'/>",
		  "<a>330000</a><b>330200</b><c>330282</c>",
		  "{\"place\":{\"region\":\"330282000000\"}}" },
		{ "<field here='place/region' there='a b c' via='regions'/>",
		  "<a>330000</a><b>330200</b><c>340282</c>", "held {}|region place/region" },
		{ "<field here='place/region' there='a' join=',' via='regions(3,6)'/>",
		  "<a>330000,330200,330282</a>", "{\"place\":{\"region\":\"330282000000\"}}" },
	};
	static const struct scene out[] = {
		{ TITLE " via='pad(4,0)'/>", "<title>12</title>", "{\"a\":\"0012\"}" },
		{ TITLE " via='strip-suffix(k2)'/><codes name='k2'>"
			"<code here='x' there='调委会|人民调解委员会'/></codes>",
		  "<title>甲镇</title>", "{\"a\":\"甲镇调委会\"}" },
		{ "<field here='place/region' there='a' via='region(6)'/>",
		  "<place><region>330282104000</region></place>", "{\"a\":\"330282\"}" },
		{ "<field here='place/region' there='a b c d' via='regions' blank=''/>",
		  "<place><region>330282000000</region></place>",
		  "{\"a\":\"330000000000\",\"b\":\"330200000000\",\"c\":\"330282000000\"}" },
		{ "<field here='place/region' there='a' join=',' via='regions(3,6)'/>",
		  "<place><region>330282000000</region></place>",
		  "{\"a\":\"330000,330200,330282\"}" },
	};

	(void)state;
	play_in(in);
	play_out(out);
}

static void a_sentence_holds_no_personal_value(void **state)
{
	struct result result;
	struct rig rig = { 0 };
	struct cb_error err;
	struct row *there = NULL;

	(void)state;
	rig_open(&rig, "<mapping name='m'><there format='xml' root='r'/><here type='case'/>"
		       "<field here='title' there='a' max='2' label='T'/>"
		       "<field here='accepted' there='b'/><field here='amount' there='c'/>"
		       "<field here='place/address' there='d' like='[0-9]+'/></mapping>");
	assert_int_equal(
		rig_read(NULL, "xml", "r",
			 CB_TEXT("<r><a>SECRET</a><b>SECRET</b><c>SECRET</c><d>SECRET</d></r>"),
			 mapping_there(rig.mapping), &rig.arena, &there, &err),
		CB_OK);
	for (int language = 0; language < 2; language++) {
		say_language(language ? LANGUAGE_EN : LANGUAGE_ZH);
		result = (struct result){ .arena = &rig.arena };
		mapping_in(rig.mapping, there, &result);
		assert_int_equal(result.count, 4);
		for (size_t i = 0; i < result.count; i++) {
			assert_null(memmem(result.findings[i].say.at, result.findings[i].say.len,
					   "SECRET", 6));
			assert_null(result.findings[i].value.at);
			assert_int_equal(result.findings[i].line, 1);
		}
	}
	rig_close(&rig);
}

static void the_key_is_the_same_both_ways(void **state)
{
	static const char text[] =
		"<mapping name='m'><there format='xml' root='r'/><here type='case'/>"
		"<field here='number' there='n' via='squeeze' key='yes'/>"
		"<field here='accepted' there='d' format='yyyyMMdd|yyyy-MM-dd' "
		"key='yes'/></mapping>";
	struct result result;
	struct rig rig = { 0 };
	struct cb_error err;
	struct row *there = NULL, *here;

	(void)state;
	rig_open(&rig, text);
	assert_int_equal(rig_read(NULL, "xml", "r", CB_TEXT("<r><n> A1 </n><d>2024-03-08</d></r>"),
				  mapping_there(rig.mapping), &rig.arena, &there, &err),
			 CB_OK);
	result = (struct result){ .arena = &rig.arena };
	here = mapping_in(rig.mapping, there, &result);
	assert_true(cb_text_is(result.key, "A1\x1f"
					   "20240308"));
	mapping_out(rig.mapping, here, &result);
	assert_true(cb_text_is(result.key, "A1\x1f"
					   "20240308"));
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_taken_as_it_is),
		cmocka_unit_test(nothing_has_many_words),
		cmocka_unit_test(one_value_is_one_value),
		cmocka_unit_test(numbers_are_exact_and_dates_exist),
		cmocka_unit_test(a_flag_has_their_words),
		cmocka_unit_test(limits_count_characters),
		cmocka_unit_test(codes_are_never_guessed),
		cmocka_unit_test(identity_numbers_are_normalised_or_held),
		cmocka_unit_test(transforms_go_both_ways),
		cmocka_unit_test(a_sentence_holds_no_personal_value),
		cmocka_unit_test(the_key_is_the_same_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
