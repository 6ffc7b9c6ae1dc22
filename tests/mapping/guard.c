/*
 * guard.c - an upload that would come back as something else is held.
 */
#include "rig.h"

/* What the guard says of a record of ours: "" or "|guard path#item". */
static const char *guarded(struct rig *rig, const char *document)
{
	struct result out = { .arena = &rig->arena }, said = { .arena = &rig->arena };
	struct cb_error err = { .text = "" };
	struct row *here = NULL, *there;
	const char *text;

	assert_int_equal(rig_read(NULL, "xml", "case", cb_text_of(document),
				  mapping_here(rig->mapping)->shape, &rig->arena, &here, &err),
			 CB_OK);
	there = mapping_out(rig->mapping, here, &out);
	mapping_guard(rig->mapping, here, there, &said);
	text = rig_said(rig, here, &said);
	return strchr(text, '|') ? strchr(text, '|') : "";
}

static void guard(const char *lines, const char *here, const char *said)
{
	struct rig rig = { 0 };
	char text[4096];

	snprintf(text, sizeof(text),
		 "<mapping name='m'><there format='xml' root='r'/><here type='case'/>%s</mapping>",
		 lines);
	rig_open(&rig, text);
	if (!rig.mapping)
		fail_msg("%s", rig.problems.at->text);
	assert_string_equal(guarded(&rig, here), said);
	rig_close(&rig);
}

static void a_value_that_means_nothing_over_there_is_held(void **state)
{
	(void)state;
	guard("<field here='title' there='a' blank='无'/>", "<case><title>无</title></case>",
	      "|guard title");
	guard("<field here='title' there='a' blank='无'/>", "<case><title>有</title></case>", "");
}

static void a_value_that_would_be_cut_otherwise_is_held(void **state)
{
	(void)state;
	guard("<field here='title' there='a b' join='-'/>", "<case><title>x-y</title></case>", "");
	guard("<field here='title' there='a b' join='-'/>", "<case><title>-x</title></case>",
	      "|guard title");
}

static void what_a_line_declares_is_no_difference(void **state)
{
	(void)state;
	guard("<field here='title' there='a' via='squeeze'/>", "<case><title>张　三</title></case>",
	      "");
	guard("<field here='title' there='a' via='cut(1)' way='out'/>",
	      "<case><title>xyz</title></case>", "");
	guard("<field here='title' there='a' default='x'/>", "<case/>", "");
	guard("<field here='amount' there='a' via='times(10000)'/>",
	      "<case><amount>12000.00</amount></case>", "");
	guard("<field here='occurred' there='a' format='yyyyMMddHHmmss'/>",
	      "<case><occurred>2024-03-18T06:30:00Z</occurred></case>", "");
	guard("<codes name='k'><code here='a' there='1'/><else there='9'/></codes>"
	      "<field here='type' there='t' codes='k'/>",
	      "<case><type>z</type></case>", "");
}

static void items_are_compared_one_by_one(void **state)
{
	static const char list[] = "<each here='party' there='p'><field here='name' there='n' "
				   "blank='-'/><field here='sex' there='s'/></each>";

	(void)state;
	guard(list,
	      "<case><party><name>a</name></party><party><name>-</name><sex>1</sex></party></case>",
	      "|guard party/name#2");
	guard("<each here='tag' there='w' split='、'><field here='word' there='.'/></each>",
	      "<case><tag><word>a</word></tag><tag><word>b</word></tag></case>", "");
	guard("<each here='party' there='p{1..2}'><field here='name' there='n'/></each>",
	      "<case><party><sex>1</sex></party><party><name>b</name></party></case>",
	      "|guard party/name#1|guard party#1");
}

static void lines_under_a_condition_count_where_it_holds(void **state)
{
	static const char lines[] = "<when here=\"status='x'\" there=\"s='1'\">"
				    "<field here='title' there='t' blank='-'/></when>";

	(void)state;
	guard(lines, "<case><status>x</status><title>-</title></case>", "|guard title");
	guard(lines, "<case><status>y</status><title>-</title></case>", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_that_means_nothing_over_there_is_held),
		cmocka_unit_test(a_value_that_would_be_cut_otherwise_is_held),
		cmocka_unit_test(what_a_line_declares_is_no_difference),
		cmocka_unit_test(items_are_compared_one_by_one),
		cmocka_unit_test(lines_under_a_condition_count_where_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
