/*
 * law.c - what is lost on the way and not declared is refused where it stands,
 * with the cure; what is declared is told as it is.
 *
 * In the texts below ^ stands where the breach is reported.
 */
#include <time.h>

#include "mistakes.h"
#include "rig.h"

#define CODES(rows) "<codes name='k'>" rows "</codes>"
#define USED "<field here='type' there='a' codes='k'/>"
#define PAIR "<field here='type' there='a b' codes='k'/>"

static const struct {
	const char *text, *word, *cure;
} breaches[] = {
	/* rows of a table */
	{ CODES("<code here='a' there='1'/><code here='b' there='^1'/>") USED, "never reached",
	  "change it" },
	{ CODES("<code here='a' there='1|2|3'/><code here='b' there='^3'/>") USED, "never reached",
	  "give the earlier row a when" },
	{ CODES("<code here='a' there='1'/><code here='^a' there='2'/>") USED, "another row",
	  "way=\"in\"" },
	{ CODES("<code here='a|b' there='1'/><code here='^b' there='2'/>") USED, "another row",
	  "way=\"in\"" },
	{ CODES("<code here='a' there='^*'/>") USED, "no value", "way=\"in\"" },
	{ CODES("<code here='^*' there='1'/>") USED, "no value", "way=\"out\"" },
	{ CODES("<code here='a' there='^1 *'/>") PAIR, "no value", "way=\"in\"" },
	{ CODES("<code here='a' there='1 *' way='in'/><code here='b' there='^1 2'/>") PAIR,
	  "The * of line 3", "above that line" },
	{ CODES("<code here='x' there='* *' way='in'/><code here='a' there='^1 *' way='in'/>") PAIR,
	  "never reached", "move it above" },
	{ CODES("<code here='x' there='*' way='in'/>^<else here='y'/>") USED, "else is never",
	  "drop one" },
	{ CODES("<code there='9' pass-by='no'/><code here='a' there='^9'/>") USED, "never reached",
	  "change it" },
	{ CODES("<code here='a' there='^'/>") USED, "written as nothing", "give it a code" },
	{ "<codes name='k'><code here='a' there='^无'/></codes>"
	  "<field here='type' there='a' codes='k' blank='无'/>",
	  "word for nothing", "take it out of blank" },
	{ "<codes name='k'><code here='a' there='^1|无'/></codes>"
	  "<field here='type' there='a' codes='k' blank='- 无'/>",
	  "word for nothing", "drop the row" },
	{ CODES("<code here='a' there='^ab'/>") "<field here='type' there='a' codes='k' "
						"via='upper'/>",
	  "via of line 3 changes", "drop via" },
	{ CODES("<code here='a' there='^x1'/>") "<field here='type' there='a' codes='k' "
						"via='digits'/>",
	  "via of line 3 changes", "as it is after via" },
	{ CODES("<code here='a' there='1'/><code here='b' there='^12345'/>") "<field here='type' "
									     "there='a' codes='k' "
									     "max='4'/>",
	  "does not let the code '12345' pass", "correct one" },
	{ CODES("<code here='a' there='^1'/>") "<field here='type' there='a' codes='k' "
					       "like='[A-Z]'/>",
	  "like", "correct one" },
	{ CODES("<code here='^maybe' there='1'/>") "<field here='withdrawn' there='a' codes='k'/>",
	  "does not fit the model", "change the code" },
	/* rows with days */
	{ "<codes name='k'><code here='a' there='1' from='^2020-01-01'/></codes>" USED,
	  "whose date counts", "at=" },
	{ "<codes name='k' at='accepted'><code here='a' there='1' from='2020-01-01' "
	  "until='2021-06-30'/><code here='b' there='1' from='^2021-01-01'/></codes>" USED,
	  "same days", "end it" },
	{ "<codes name='k' at='accepted'><code here='a' there='1' from='2021-01-01' "
	  "until='^2020-01-01'/></codes>" USED,
	  "before from", "correct the days" },
	{ "<codes name='k' at='^title'><code here='a' there='1' from='2021-01-01'/></codes>" USED,
	  "a date of the record", "such as accepted" },
	{ "<codes name='k' at='accepted'><code here='a' there='1' from='^1.1.2021'/></codes>" USED,
	  "a day is written", "2024-03-18" },
	/* transforms and forms */
	{ "<field here='title' there='a' via='^cut(3)'/>", "cannot be undone", "way=" },
	{ "<field here='title' there='a' via='squeeze ^before(,)'/>", "cannot be undone", "way=" },
	{ "<field here='title' there='a' via='^mask'/>", "cannot be undone", "way=" },
	{ "<field here='title' there='a' via='^hash'/>", "cannot be undone", "way=" },
	{ "<each here='party' there='p'><field here='birth' there='a' via='^idcard-birth'/></each>",
	  "cannot be undone", "way=" },
	{ "<field here='occurred' there='a' format='^yyyyMMdd'/>", "does not hold all",
	  "add what is missing" },
	{ "<field here='accepted' there='a' format='^yyyy-MM'/>", "does not hold all", "way" },
	{ "<field here='hour' there='a' format='^HH'/>", "does not hold all", "way" },
	{ "<field here='title' there='a b' join='^'/>", "could not be parted", "" },
	/* lines that meet */
	{ "<field here='title' there='a'/><field here='type' there='^a'/>", "writes 'a' already",
	  "add way" },
	{ "<field here='title' there='a'/><field here='^title' there='b'/>",
	  "writes 'title' already", "under different conditions" },
	{ "<when there=\"a='1'\" way='in'><set here='status' value='x'/></when>"
	  "<field here='^status' there='b'/>",
	  "overwrites", "unconditional line first" },
	{ "<when here=\"status='x'\" there=\"a='1'\"/><when here=\"status='y'\" "
	  "there=\"^a='1'\"/>",
	  "same condition", "say way" },
	{ "<when here=\"status='x'\" there=\"a='1'\"/><when here=\"^status='x'\" "
	  "there=\"a='2'\"/>",
	  "same condition", "make them differ" },
	{ "<when here=\"status='x'\" there=\"a='1'\"><when here=\"^status='y'\" "
	  "there=\"b='2'\"><field here='title' there='t'/></when></when>",
	  "never used", "move this when outside" },
	{ "<when there=\"^a='1'\"><set here='status' value='x'/></when>", "way=\"in\"",
	  "condition here" },
	{ "<when here=\"^amount&gt;5\" there=\"a='1'\"/>", "is written", "way" },
	{ "<when here=\"status='x'\" way='out'><field here='title' there='a' way='^in'/></when>",
	  "never used", "" },
};

static bool says(const struct rig *rig, uint32_t line, uint32_t column, const char *word)
{
	char lower[64];

	snprintf(lower, sizeof(lower), "%s", word);
	if (lower[0] == 'T')
		lower[0] = 't';
	return is_found(&rig->problems, line, column, lower);
}

static void every_breach_of_the_law_is_refused_at_its_place_with_the_cure(void **state)
{
	size_t count = sizeof(breaches) / sizeof(*breaches), missed = 0;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct rig rig = { 0 };
		struct buffer out = { 0 };
		uint32_t line, column;
		char *text = without_mark(breaches[i].text, &line, &column);

		rig_open(&rig, text);
		if (rig.mapping || !says(&rig, line, column, breaches[i].word) ||
		    !says(&rig, line, column, breaches[i].cure)) {
			missed++;
			problems_print(&rig.problems, &out);
			print_error("%s\nexpected %u:%u %s … %s, got\n%s\n", breaches[i].text, line,
				    column, breaches[i].word, breaches[i].cure, buffer_cstr(&out));
		}
		buffer_done(&out);
		free(text);
		rig_close(&rig);
	}
	print_message("# %zu breaches of the law, each refused at its place with the cure\n",
		      count);
	assert_int_equal(missed, 0);
	assert_true(count >= 30);
}

struct classes {
	struct buffer out;
};

static void tell(void *with, const struct mapping_line *line)
{
	struct classes *c = with;

	buffer_printf(&c->out, "%s%s %s", c->out.len ? ", " : "",
		      *line->here ? line->here : line->there, line_class_word(line->class));
	if (*line->way || *line->why)
		buffer_printf(&c->out, " (%s)", *line->way ? line->way : line->why);
}

static void lines_are(const char *lines, const char *want)
{
	struct classes c = { 0 };
	struct rig rig = { 0 };
	char text[4096];

	snprintf(text, sizeof(text),
		 "<mapping name='m'><there format='xml' root='r'/><here type='case'/>%s</mapping>",
		 lines);
	rig_open(&rig, text);
	if (!rig.mapping)
		fail_msg("%s", rig.problems.at->text);
	mapping_each_line(rig.mapping, tell, &c);
	assert_string_equal(buffer_cstr(&c.out), want);
	buffer_done(&c.out);
	rig_close(&rig);
}

static void the_class_of_a_line_is_that_of_its_weakest_part(void **state)
{
	(void)state;
	lines_are("<field here='title' there='a'/>", "title exact");
	lines_are("<field here='title' there='a' blank='-'/>", "title normal (blank)");
	lines_are("<field here='title' there='a' via='squeeze'/>", "title normal (via squeeze)");
	lines_are("<field here='title' there='a' via='cut(3)' way='out'/>", "title one-way (out)");
	lines_are("<field here='amount' there='a' via='times(10000)'/>", "amount exact");
	lines_are("<field here='accepted' there='a' format='yyyyMMdd'/>", "accepted exact");
	lines_are("<field here='accepted' there='a' format='yyyyMMdd|yyyy/M/d'/>",
		  "accepted normal (format)");
	lines_are("<field here='occurred' there='a' format='yyyyMMddHHmm'/>",
		  "occurred normal (seconds)");
	lines_are("<field here='occurred' there='a' format='yyyyMMdd' way='out'/>",
		  "occurred one-way (out)");
	lines_are("<field here='occurred' there='a' format='epoch-s'/>", "occurred exact");
	lines_are("<set there='a' value='x' verify='yes'/>", "a exact");
	lines_are("<set here='status' value='x'/>", "status one-way (set)");
	lines_are("<each here='tag' there='a' split='、'><field here='word' there='.'/></each>",
		  "tag normal (split), tag/word exact");
}

static void the_class_of_a_code_table_is_found_by_running_its_rows(void **state)
{
	(void)state;
	lines_are(CODES("<code here='a' there='1'/><code here='b' there='2'/>") USED, "type exact");
	lines_are(CODES("<code here='a' there='1|01'/>") USED, "type normal (codes k)");
	lines_are(CODES("<code here='a|b' there='1'/>") USED, "type normal (codes k)");
	lines_are(CODES("<code here='a' there='1'/><code here='a' there='2' way='in'/>") USED,
		  "type normal (codes k)");
	lines_are(CODES("<code here='a' there='1'/><else there='99'/>") USED,
		  "type one-way (else k)");
	lines_are(CODES("<code here='a' there='1'/><code here='x' there='99'/><else there='99'/>")
			  USED,
		  "type normal (codes k)");
	lines_are(CODES("<code here='a' there='1' when=\"title='x'\"/><code here='b' "
			"there='1'/>") USED,
		  "type normal (codes k)");
}

static void a_table_of_a_hundred_thousand_rows_is_run_in_a_moment(void **state)
{
	struct timespec begun, ended;
	struct buffer csv = { 0 };
	struct rig rig = { 0 };
	double seconds;

	(void)state;
	buffer_string(&csv, "here,there\n");
	for (int i = 0; i < 100000; i++)
		buffer_printf(&csv, "ours-%d,%06d\n", i, i);
	rig_file(&rig, "k.csv", buffer_cstr(&csv));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begun);
	rig_open(&rig, "<mapping name='m'><there format='xml'/><here type='case'/>"
		       "<codes name='k' href='k.csv'/><field here='type' there='a' codes='k'/>"
		       "</mapping>");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
	assert_non_null(rig.mapping);
	assert_int_equal(mapping_size(rig.mapping).rows, 100000);
	seconds = (double)(ended.tv_sec - begun.tv_sec) +
		  (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
	print_message("# 100000 rows in %.3f s\n", seconds);
	buffer_done(&csv);
	rig_close(&rig);
}

static void a_row_holds_on_its_days_only(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	rig_open(&rig,
		 "<mapping name='m'><there format='xml' root='r'/><here type='case'/>"
		 "<codes name='k' at='accepted'>"
		 "<code here='old' there='1' until='2020-12-31'/>"
		 "<code here='new' there='1' from='2021-01-01'/>"
		 "<code here='both' there='2'/></codes>"
		 "<field here='type' there='a' codes='k'/>"
		 "<each here='party' there='p'><field here='role' there='a' codes='k'/></each>"
		 "<field here='accepted' there='d'/></mapping>");
	assert_string_equal(rig_in(&rig, "<r><a>1</a><d>2020-12-31</d></r>"),
			    "{\"type\":\"old\",\"accepted\":\"2020-12-31\"}");
	assert_string_equal(rig_in(&rig, "<r><a>1</a><d>2021-01-01</d></r>"),
			    "{\"type\":\"new\",\"accepted\":\"2021-01-01\"}");
	/* Without the date nobody knows which of the two. */
	assert_string_equal(rig_in(&rig, "<r><a>1</a></r>"), "held {}|code type '1'");
	assert_string_equal(rig_in(&rig, "<r><a>2</a></r>"), "{\"type\":\"both\"}");
	assert_string_equal(rig_in(&rig, "<r><p><a>1</a></p><d>2022-01-01</d></r>"),
			    "{\"accepted\":\"2022-01-01\",\"party\":[{\"role\":\"new\"}]}");
	assert_string_equal(rig_out(&rig, "<case><type>old</type><accepted>2020-01-01</accepted>"
					  "</case>"),
			    "{\"a\":\"1\",\"d\":\"2020-01-01\"}");
	assert_string_equal(rig_out(&rig, "<case><type>old</type><accepted>2022-01-01</accepted>"
					  "</case>"),
			    "held {\"d\":\"2022-01-01\"}|code type 'old'");
	rig_close(&rig);
}

static void a_table_file_has_days_too(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	rig_file(
		&rig, "k.csv",
		"here,there,from,until\nold,1,,2020-12-31\nnew,1,2021-01-01,\nbad,1,2022-01-01,\n");
	rig_open(&rig, "<mapping name='m'><there format='xml'/><here type='case'/>"
		       "<codes name='k' href='k.csv' at='accepted'/>"
		       "<field here='type' there='a' codes='k'/></mapping>");
	assert_null(rig.mapping);
	assert_int_equal(rig.problems.errors, 1);
	assert_true(is_found(&rig.problems, 4, 1, "same days"));
	rig_close(&rig);
}

static void a_dictionary_file_is_several_tables(void **state)
{
	static const struct {
		const char *attributes, *word;
	} wrong[] = {
		{ "href='k.csv'", "dictionary of several tables" },
		{ "href='k.csv' kind='none'", "is empty" },
		{ "href='plain.csv' kind='A'", "no column kind" },
		{ "kind='A'", "needs href" },
	};
	struct rig rig = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		char text[512];

		rig_file(&rig, "k.csv", "kind,here,there\nA,a,1\nB,b,1\n");
		rig_file(&rig, "plain.csv", "here,there\na,1\n");
		snprintf(text, sizeof(text),
			 "<mapping name='m'><there format='xml'/><here type='case'/>"
			 "<codes name='k' %s/><field here='type' there='a' codes='k'/></mapping>",
			 wrong[i].attributes);
		rig_open(&rig, text);
		assert_null(rig.mapping);
		assert_true(rig.problems.count && strstr(rig.problems.at[0].text, wrong[i].word));
		rig_close(&rig);
		rig = (struct rig){ 0 };
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_breach_of_the_law_is_refused_at_its_place_with_the_cure),
		cmocka_unit_test(the_class_of_a_line_is_that_of_its_weakest_part),
		cmocka_unit_test(the_class_of_a_code_table_is_found_by_running_its_rows),
		cmocka_unit_test(a_table_of_a_hundred_thousand_rows_is_run_in_a_moment),
		cmocka_unit_test(a_row_holds_on_its_days_only),
		cmocka_unit_test(a_table_file_has_days_too),
		cmocka_unit_test(a_dictionary_file_is_several_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
