/*
 * read.c - every planted mistake is found at its place, with a word of its sentence.
 *
 * In the texts below ^ stands where the mistake is reported, and is taken out
 * before the file is written.
 */
#include "mistakes.h"
#include "rig.h"

static const struct {
	const char *text, *word;
} mistakes[] = {
	/* the file */
	{ "^<library/>", "its root is mapping" },
	{ "^<map name='m'/>", "mapping" },
	{ "^<mapping name='m'><here type='case'/><set here='title' value='x'/></mapping>",
	  "<there> is missing" },
	{ "^<mapping name='m'><there format='xml'/></mapping>", "<here> is missing" },
	{ "<mapping name='m'><there format='xml'/>^<there format='xml'/><here type='case'/>"
	  "<set here='title' value='x'/></mapping>",
	  "stands once" },
	{ "<mapping name='m'>^<there/><here type='case'/><set here='title' value='x'/></mapping>",
	  "names its format" },
	{ "<mapping name='m'><there format='^yaml'/><here type='case'/>"
	  "<set here='title' value='x'/></mapping>",
	  "xml" },
	{ "<mapping name='m'><there format='xml' zone='^east'/><here type='case'/>"
	  "<set here='title' value='x'/></mapping>",
	  "+08:00" },
	{ "<mapping name='m'><there format='xml'/><here type='^cases'/></mapping>",
	  "no entity 'cases'" },
	{ "<mapping name='m'><there format='xml'/>^<here/></mapping>", "names its type" },
	{ "<mapping name='m'><there format='xml'>^<a/></there><here type='case'/>"
	  "<set here='title' value='x'/></mapping>",
	  "samples belong in a test" },
	{ "^<mapping name='m'><there format='xml'/><here type='case'/></mapping>", "no line" },
	/* elements and attributes */
	{ "^<feld here='title' there='a'/>", "feld" },
	{ "<field here='title' there='a' ^blnak='-'/>", "blnak" },
	{ "^<field here='title'/>", "there" },
	{ "^<field there='a'/>", "here" },
	{ "<field here='title' there='a' need='^always'/>", "in" },
	{ "<field here='title' there='a' bad='^ignore'/>", "hold" },
	{ "<field here='title' there='a' way='^inn'/>", "in" },
	{ "<field here='title' there='a' is='^passport'/>", "idcard" },
	{ "<field here='title' there='a' type='^string'/>", "text" },
	{ "<field here='title' there='a' max='^many'/>", "max" },
	/* paths */
	{ "<field here='^titel' there='a'/>", "the nearest is 'title'" },
	{ "<field here='place/^regoin' there='a'/>", "region" },
	{ "<field here='^party' there='a'/>", "list" },
	{ "<field here='^party/name' there='a'/>", "each" },
	{ "<field here='^place' there='a'/>", "group" },
	{ "<field here='party[^roel=\"applicant\"]/name' there='a'/>", "role" },
	{ "<field here='title' there='a/^/b'/>", "name belongs here" },
	{ "<field here='title' there='^'/>", "a path belongs here" },
	{ "<field here='title' there='^dept{5..1}' join=','/>", "ascending" },
	{ "<field here='title' there='x ^dept{1}' join=','/>", "numbered" },
	{ "<field here='^../title' there='a'/>", "out of the record" },
	{ "<each here='party' there='p'><field here='^../title' there='a' way='in'/></each>",
	  "outside the list" },
	{ "<group here='party[^role]' there='p'><field here='name' there='a'/></group>",
	  "equality" },
	{ "<each here='^place' there='p'><field here='region' there='a'/></each>", "list" },
	/* one value */
	{ "<field here='title' there='^a b'/>", "join, codes" },
	{ "<field here='^title type' there='a'/>", "need codes" },
	{ "<field here='title' there='a b' join='^'/>", "join is empty" },
	{ "<field here='amount' there='a' type='^date'/>", "of type money, not date" },
	{ "<field here='accepted' there='a' type='^text'/>", "of type date" },
	{ "<field here='accepted' there='a' format='^yyyy-QQ'/>", "" },
	{ "<field here='title' there='a' format='^yyyy'/>", "format goes with date" },
	{ "<field here='title' there='a' zone='^+08:00'/>", "zone goes with" },
	{ "<field here='occurred' there='a' zone='^8'/>", "+08:00" },
	{ "<field here='withdrawn' there='a' format='^Y'/>", "two words" },
	{ "<field here='title' there='a' min='5' max='^2'/>", "below min" },
	{ "<field here='amount' there='a' min='5' max='^2'/>", "below min" },
	{ "<field here='title' there='a' max='^2.5'/>", "whole number" },
	{ "<field here='title' there='a' max-bytes='^0'/>", "from 1" },
	{ "<field here='title' there='a' like='^[A-'/>", "no right pattern" },
	{ "<field here='amount' there='a' is='^idcard'/>", "goes with text" },
	{ "<field here='people' there='a' default='^few'/>", "written our way" },
	{ "<field here='accepted' there='a' default='^2024-02-30'/>", "of type date" },
	{ "<each here='party' there='p'><field here='name' there='a' key='^yes'/></each>",
	  "identity" },
	/* transforms */
	{ "<field here='title' there='a' via='upper ^lowr'/>", "the nearest is lower" },
	{ "<field here='title' there='a' via='pad^'/>", "has arguments" },
	{ "<field here='title' there='a' via='pad(^x,0)'/>", "whole number" },
	{ "<field here='title' there='a' via='pad(4^)'/>", "lacks an argument" },
	{ "<field here='amount' there='a' via='times(^0)'/>", "above zero" },
	{ "<field here='title' there='a' via='upper(^1)'/>", "fewer arguments" },
	{ "<field here='title' there='a' via='^cut(3)'/>", "cannot be undone" },
	{ "<field here='title' there='a' via='upper ^mask'/>", "cannot be undone" },
	{ "<field here='title' there='a' via='strip-suffix(^tail)'/>", "no table 'tail'" },
	{ "<field here='place/region' there='a b' via='squeeze ^regions'/>", "only come first" },
	{ "<field here='title' there='a' via='times^(2'/>", "closing parenthesis" },
	/* tables */
	{ "<field here='type' there='a' codes='^kind'/>", "no table 'kind'" },
	{ "<codes name='kind'><code here='a' there='1'/></codes>"
	  "<field here='type' there='a' codes='^kin'/>",
	  "the nearest is kind" },
	{ "<codes name='k'><code here='a' there='1'/></codes>"
	  "<field here='accepted' there='a' codes='^k'/>",
	  "has no codes" },
	{ "<codes name='k'>^<code here='a'/></codes><field here='type' there='a' codes='k'/>",
	  "here and there" },
	{ "<codes name='k'>^<code pass-by='x'/></codes><field here='type' there='a' codes='k'/>",
	  "names no code" },
	{ "<codes name='k'><code there='1' hold='^x' pass-by='y'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "exclude" },
	{ "<codes name='k'><code here='a' there='1'/><code here='b' there='^1'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "never reached" },
	{ "<codes name='k'><code here='a' there='1'/><code here='^a' there='2'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "way=\"in\"" },
	{ "<codes name='k'><code here='a' there='^*'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "no value that can be written" },
	{ "<codes name='k'><code here='a' there='^1 2 3'/></codes>"
	  "<field here='type' there='a b' codes='k'/>",
	  "2 columns" },
	{ "<codes name='k'><code here='a' there='1' when='^titel=\"x\"'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "title" },
	{ "<codes name='k'><code here='a' there='1'/></codes>"
	  "<codes name='^k'><code here='a' there='1'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "there already" },
	{ "<codes name='k' href='^none.csv'/><field here='type' there='a' codes='k'/>",
	  "none.csv" },
	{ "<codes name='k'><code here='a' there='1'/><else here='a'/>^<else here='b'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "one else" },
	/* several lines */
	{ "<field here='title' there='a'/><field here='^title' there='b'/>",
	  "line 3 writes 'title'" },
	{ "<field here='title' there='a'/><set there='^a' value='1'/>", "line 3 writes 'a'" },
	{ "^<set value='x'/>", "here or there" },
	{ "^<set here='title' there='a' value='x'/>", "one of them" },
	{ "<set here='accepted' value='^tomorrow'/>", "does not fit" },
	{ "<set here='title' value='^123456789012345678901'/>", "does not fit" },
	{ "^<group><field here='title' there='a'/></group>", "here or there" },
	{ "<group here='place' many='^hold'><field here='region' there='a'/></group>",
	  "item of a list" },
	{ "<each here='party' there='p' min='3' max='^2'><field here='name' there='a'/></each>",
	  "below min" },
	{ "<each here='party' there='p' split='^'><field here='name' there='.'/></each>",
	  "names no character" },
	{ "<each here='party' there='^p{4..1}'><field here='name' there='a'/></each>",
	  "ascending" },
	{ "^<when way='in'><set here='title' value='x'/></when>", "has a condition" },
	{ "<when there='^a=1'><set here='title' value='x'/></when>", "way=\"in\"" },
	{ "<when here='^title=1'><set there='a' value='x'/></when>", "way=\"out\"" },
	{ "<when here=\"^title!='x'\" there=\"a='1'\"><field here='type' there='b'/></when>",
	  "only name='text'" },
	{ "<when there='a =^=' way='in'><set here='title' value='x'/></when>", "" },
	{ "<when there=\"a='1'\" way='in'><field here='title' there='b' way='^out'/></when>",
	  "the other way only" },
	{ "<check here='^titel' say='x'/>", "title" },
	{ "^<check here='title'/>", "say" },
	{ "<use part='^person'/>", "no part 'person'" },
	{ "<part name='person'><use part='^person'/></part><use part='person'/>", "uses itself" },
	{ "<include href='^none.xml'/><set here='title' value='x'/>", "none.xml" },
	{ "<include href='^m.xml'/><set here='title' value='x'/>", "circle" },
	{ "<include href='^model.xml'/><set here='title' value='x'/>", "no library file" },
	/* samples */
	{ "<set here='title' value='x'/>^<test name='t'/>", "has a sample" },
	{ "<set here='title' value='x'/><test name='t' way='^out'><there><r/></there></test>",
	  "sample here" },
	{ "<set here='title' value='x'/><test name='t'><here><case>^<titel>x</titel></case></here>"
	  "</test>",
	  "no 'titel'" },
	{ "<set here='title' value='x'/><test name='t'><there><r/></there><expect why='^wrong'/>"
	  "</test>",
	  "need" },
	/* words that are none */
	{ "<mapping name='m'><there format='xml' charset='^klingon'/><here type='case'/>"
	  "<set here='title' value='x'/></mapping>",
	  "klingon" },
	{ "<mapping name='m' ^labl='x'><there format='xml'/><here type='case'/>"
	  "<set here='title' value='x'/></mapping>",
	  "label" },
	{ "<mapping name='m' extends='^none.xml'/>", "none.xml" },
	{ "<field here='title' there='a' key='^ja'/>", "yes" },
	{ "<field here='title' there='a' secret='^1'/>", "yes" },
	{ "<field here='title' there='a' ^ned='yes'/>", "need" },
	{ "<codes name='k'><code here='a' there='1' way='^inn'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "in" },
	{ "<codes name='k'>^<cod here='a' there='1'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "code" },
	{ "<codes name='k'><code here='a' ^thre='1'/></codes>"
	  "<field here='type' there='a' codes='k'/>",
	  "there" },
	{ "<group here='place' there='p' as='^yaml' root='x'><field here='region' "
	  "there='a'/></group>",
	  "json" },
	{ "<each here='party' there='p' min='^few'><field here='name' there='a'/></each>", "min" },
	{ "<each here='party' there='p'>^<fild here='name' there='a'/></each>", "field" },
	{ "<check order='accepted ^closd' say='x'/>", "closed" },
	{ "<check here=\"count(^partie) = 0\" say='x'/>", "party" },
	{ "<set here='title' value='x' verify='^maybe'/>", "yes" },
	{ "<set here='title' value='x'/><test name='t' trip='^exactly'><there><r/></there></test>",
	  "exact" },
	{ "<set here='title' value='x'/>^<test><there><r/></there></test>", "name" },
	{ "<set here='title' value='x'/><test name='t'><there><r/></there><expect bad='^held' "
	  "why='code'/></test>",
	  "hold" },
	{ "<set here='title' value='x'/><test name='t'><there><r/></there>^<expct "
	  "why='code'/></test>",
	  "expect" },
	{ "<ignore ^thre='a'/><set here='title' value='x'/>", "there" },
	{ "<field here='title' there='a' bad='^hol'/>", "hold" },
	{ "<field here='studio' there='a' ref='^studoi'/>", "" },
};

static void every_mistake_is_found_at_its_place(void **state)
{
	size_t count = sizeof(mistakes) / sizeof(*mistakes), missed = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct rig rig = { 0 };
		struct buffer out = { 0 };
		uint32_t line, column;
		char *text = without_mark(mistakes[i].text, &line, &column);

		rig_open(&rig, text);
		if (rig.mapping || !is_found(&rig.problems, line, column, mistakes[i].word)) {
			missed++;
			problems_print(&rig.problems, &out);
			print_error("%s\nexpected %u:%u %s, got\n%s\n", mistakes[i].text, line,
				    column, mistakes[i].word, buffer_cstr(&out));
		}
		buffer_done(&out);
		free(text);
		rig_close(&rig);
	}
	print_message("# %zu mistakes in a mapping, each found at its place\n", count);
	assert_int_equal(missed, 0);
	assert_true(count >= 130);
}

static void all_mistakes_are_found_in_one_pass(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	rig_open(&rig,
		 "<mapping name='m'>\n<there format='xml'/><here type='case'/>\n"
		 "<field here='titel' there='a'/>\n"
		 "<field here='type' there='b' codes='none'/>\n"
		 "<each here='party' there='p'><field here='nmae' there='a' via='cut(1)'/></each>\n"
		 "<when there='c'><set here='status' value='x'/></when>\n"
		 "<use part='none'/>\n</mapping>");
	assert_null(rig.mapping);
	assert_int_equal(rig.problems.errors, 5);
	rig_close(&rig);
}

static void a_fault_of_a_table_file_stands_in_that_file(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	rig_file(&rig, "k.csv", "here,there,way\na,1,\nb,1,\n\"c\",\"2\",sideways\n");
	rig_open(&rig, "<mapping name='m'><there format='xml'/><here type='case'/>"
		       "<codes name='k' href='k.csv'/><field here='type' there='a' codes='k'/>"
		       "</mapping>");
	assert_null(rig.mapping);
	assert_true(is_found(&rig.problems, 3, 1, "never reached"));
	assert_true(is_found(&rig.problems, 4, 1, "in or out"));
	assert_non_null(strstr(rig.problems.at[0].file, "k.csv"));
	rig_close(&rig);
}

static void the_digest_covers_what_is_included(void **state)
{
	static const char text[] = "<mapping name='m'><include href='l.xml'/><there format='xml'/>"
				   "<here type='case'/><field here='title' there='a'/></mapping>";
	struct rig one = { 0 }, two = { 0 };

	(void)state;
	rig_file(&one, "l.xml", "<library/>");
	rig_file(&two, "l.xml", "<library label='x'/>");
	rig_open(&one, text);
	rig_open(&two, text);
	assert_int_equal(strlen(mapping_digest(one.mapping)), 64);
	assert_string_not_equal(mapping_digest(one.mapping), mapping_digest(two.mapping));
	rig_close(&one);
	rig_close(&two);
}

static void it_says_which_slots_and_lists_an_import_changes(void **state)
{
	struct rig rig = { 0 };
	const struct table *here;

	(void)state;
	rig_open(&rig,
		 "<mapping name='m'><there format='xml'/><here type='case'/>"
		 "<field here='title' there='a'/><field here='number' there='b' way='out'/>"
		 "<each here='party' there='p'><field here='name' there='n'/></each></mapping>");
	here = mapping_here(rig.mapping);
	for (uint32_t i = 0; i < here->shape->slot_count; i++)
		assert_int_equal(mapping_names_slot(rig.mapping, i),
				 strcmp(here->fields[i].path, "title") == 0);
	assert_true(mapping_names_list(rig.mapping, 0));
	assert_false(mapping_names_list(rig.mapping, 1));
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mistake_is_found_at_its_place),
		cmocka_unit_test(all_mistakes_are_found_in_one_pass),
		cmocka_unit_test(a_fault_of_a_table_file_stands_in_that_file),
		cmocka_unit_test(the_digest_covers_what_is_included),
		cmocka_unit_test(it_says_which_slots_and_lists_an_import_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
