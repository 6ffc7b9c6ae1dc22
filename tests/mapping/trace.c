/*
 * trace.c - what each line did with a record.
 */
#include "rig.h"

static const char lines[] =
	"<codes name='k'><code here='a' there='1'/><else here='z'/></codes>"
	"<field here='number' there='n' key='yes'/>"
	"<field here='type' there='t' codes='k'/>"
	"<field here='amount' there='m' via='times(100)' type='decimal'/>"
	"<field here='title' there='x y' join='-' default='none'/>"
	"<set here='status' value='new'/>"
	"<when there=\"n='N1'\" way='in'><set here='withdrawn' value='yes'/></when>"
	"<each here='party' there='ps/p'><field here='name' there='q'/></each>";

static void put_line(struct buffer *out, const struct trace_line *line)
{
	if (!line->here)
		return;
	buffer_printf(out, "%s %s[%u]=%.*s", line->kind, line->here, line->item,
		      CB_TEXT_ARG(line->value));
	for (size_t i = 0; i < line->from_count; i++)
		buffer_printf(out, " <%s:%.*s", line->from[i].path,
			      CB_TEXT_ARG(line->from[i].text));
	for (size_t i = 0; i < line->step_count; i++)
		buffer_printf(out, " >%s:%.*s", line->steps[i].what,
			      CB_TEXT_ARG(line->steps[i].text));
	buffer_char(out, '\n');
}

static void every_line_tells_what_it_read_passed_and_wrote(void **state)
{
	struct rig rig = { 0 };
	struct arena arena = { 0 };
	struct trace trace = { 0 };
	struct result result = { .arena = &arena, .trace = &trace };
	struct mapping_formats formats = { rig_read, NULL, NULL };
	struct buffer out = { 0 };
	struct cb_error err;
	struct row *row;
	char text[4096];

	(void)state;
	snprintf(text, sizeof(text),
		 "<mapping name='m'><there format='xml' root='r'/><here type='case'/>%s</mapping>",
		 lines);
	rig_open(&rig, text);
	if (formats.read(NULL, "xml", "r",
			 CB_TEXT("<r><n>N1</n><t>9</t><m>1.5</m><x>u</x><y>v</y>"
				 "<ps><p/><p><q>c</q></p></ps></r>"),
			 mapping_there(rig.mapping), &arena, &row, &err) != CB_OK)
		fail_msg("%s", err.text);
	(void)mapping_in(rig.mapping, row, &result);
	for (size_t i = 0; i < trace.count; i++)
		put_line(&out, &trace.at[i]);
	assert_string_equal(buffer_cstr(&out), "field number[0]=N1 <n:N1\n"
					       "field type[0]=z <t:9 >code:z\n"
					       "field amount[0]=150 <m:1.5 >via:150\n"
					       "field title[0]=u-v <x:u <y:v >join:u-v\n"
					       "set status[0]=new\n"
					       "set withdrawn[0]=yes\n"
					       "field party/name[1]=c <ps/p[2]/q:c\n");
	assert_int_equal(trace.at[0].line, 1);
	buffer_done(&out);
	arena_done(&arena);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_tells_what_it_read_passed_and_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
