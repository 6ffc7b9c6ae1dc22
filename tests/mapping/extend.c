/*
 * extend.c - a mapping takes another and says only what is different.
 */
#include "mistakes.h"
#include "rig.h"

static const char base[] =
	"<mapping name='base'><there format='xml' root='r' blank='-'/><here type='case'/>"
	"<codes name='k'><code here='a' there='1'/></codes>"
	"<field here='number' there='ID' key='yes'/>"
	"<field here='title' there='T'/>"
	"<field here='type' there='K' codes='k'/>"
	"<when here=\"status='x'\" there=\"S='1'\"><field here='closed' there='C'/></when>"
	"<group here='place' there='P'><field here='region' there='R'/>"
	"<field here='address' there='A'/></group>"
	"<each here='party' there='p'><field here='name' there='n'/><field here='sex' there='s'/>"
	"</each><test name='t'><there><r><ID>1</ID></r></there></test></mapping>";

static void extends(struct rig *rig, const char *lines)
{
	char text[4096];

	rig_file(rig, "base.xml", base);
	snprintf(text, sizeof(text), "<mapping name='m' extends='base.xml'>%s</mapping>", lines);
	rig_open(rig, text);
}

static void what_is_not_said_is_taken_over(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	extends(&rig, "");
	assert_string_equal(
		rig_in(&rig, "<r><ID>7</ID><T>-</T><K>1</K><P><R>33</R></P><p><n>a</n></p></r>"),
		"{\"number\":\"7\",\"type\":\"a\",\"place\":{\"region\":\"33\"},"
		"\"party\":[{\"name\":\"a\"}]}");
	assert_string_equal(mapping_name(rig.mapping), "m");
	/* Its samples prove the other mapping, not this one. */
	assert_int_equal(mapping_size(rig.mapping).samples, 0);
	rig_close(&rig);
}

static void a_line_stands_in_the_place_of_the_one_with_the_same_here(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	extends(&rig, "<field here='title' there='T2' max='3'/><field here='closed' there='C2'/>"
		      "<field here='studio' there='G'/>");
	assert_string_equal(rig_in(&rig, "<r><ID>7</ID><T>x</T><T2>y</T2><C2>2020-01-01</C2>"
					 "<G>S1</G></r>"),
			    "{\"number\":\"7\",\"title\":\"y\",\"studio\":\"S1\"}");
	assert_string_equal(rig_in(&rig, "<r><S>1</S><C2>2020-01-01</C2></r>"),
			    "{\"status\":\"x\",\"closed\":\"2020-01-01\"}");
	rig_close(&rig);
}

static void inside_a_list_with_the_same_sides_line_stands_for_line(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	extends(&rig, "<each here='party' there='p'><field here='sex' there='xb'/>"
		      "<field here='phone' there='tel'/></each>"
		      "<field here='place/region' there='XZ'/>");
	assert_string_equal(rig_in(&rig, "<r><XZ>33</XZ><P><R>1</R><A>b</A></P><p><n>a</n>"
					 "<s>1</s><xb>2</xb><tel>5</tel></p></r>"),
			    "{\"place\":{\"region\":\"33\",\"address\":\"b\"},\"party\":[{"
			    "\"name\":\"a\",\"sex\":\"2\",\"phone\":\"5\"}]}");
	rig_close(&rig);
}

static void a_list_with_another_side_stands_for_the_whole(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	extends(&rig, "<each here='party' there='q'><field here='name' there='x'/></each>");
	assert_string_equal(rig_in(&rig, "<r><p><n>a</n></p><q><x>b</x></q></r>"),
			    "{\"party\":[{\"name\":\"b\"}]}");
	rig_close(&rig);
}

static void what_is_dropped_is_gone(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	extends(&rig, "<drop here='title'/><drop here='party/sex'/><drop here='place/address'/>");
	assert_string_equal(rig_in(&rig, "<r><T>x</T><P><R>1</R><A>b</A></P><p><n>a</n><s>1</s>"
					 "</p></r>"),
			    "{\"place\":{\"region\":\"1\"},\"party\":[{\"name\":\"a\"}]}");
	rig_close(&rig);
}

static void the_nearest_table_and_side_win(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	extends(&rig, "<there format='xml' root='r' blank='/'/>"
		      "<codes name='k'><code here='b' there='1'/></codes>");
	assert_string_equal(rig_in(&rig, "<r><T>/</T><K>1</K></r>"), "{\"type\":\"b\"}");
	assert_string_equal(rig_in(&rig, "<r><T>-</T></r>"), "{\"title\":\"-\"}");
	rig_close(&rig);
}

static void the_digest_covers_what_is_extended(void **state)
{
	struct rig one = { 0 }, two = { 0 };

	(void)state;
	extends(&one, "<drop here='title'/>");
	rig_file(&two, "base.xml",
		 "<mapping name='base'><there format='xml'/><here type='case'/>"
		 "<field here='title' there='T'/>"
		 "<field here='type' there='K'/></mapping>");
	rig_open(&two, "<mapping name='m' extends='base.xml'><drop here='title'/></mapping>");
	assert_non_null(two.mapping);
	assert_string_not_equal(mapping_digest(one.mapping), mapping_digest(two.mapping));
	rig_close(&one);
	rig_close(&two);
}

static void is_refused(const char *text, uint32_t line, uint32_t column, const char *word)
{
	struct rig rig = { 0 };

	rig_file(&rig, "base.xml", base);
	rig_file(&rig, "round.xml", "<mapping name='round' extends='m.xml'/>");
	rig_file(&rig, "library.xml", "<library/>");
	rig_open(&rig, text);
	assert_null(rig.mapping);
	if (!is_found(&rig.problems, line, column, word)) {
		struct buffer out = { 0 };

		problems_print(&rig.problems, &out);
		fail_msg("%s", buffer_cstr(&out));
	}
	rig_close(&rig);
}

static void a_mistake_in_extending_is_told_at_its_place(void **state)
{
	(void)state;
	is_refused("<mapping name='m' extends='none.xml'/>", 1, 28, "none.xml");
	is_refused("<mapping name='m' extends='library.xml'/>", 1, 28, "is no mapping");
	is_refused("<mapping name='m' extends='m.xml'/>", 1, 28, "circle");
	is_refused("<mapping name='m' extends='base.xml'><drop here='titel'/></mapping>", 1, 50,
		   "the nearest is title");
	is_refused("<mapping name='m'><there format='xml'/><here type='case'/><drop here='x'/>"
		   "<field here='title' there='a'/></mapping>",
		   1, 59, "only a mapping that extends");
	is_refused("<mapping name='m' extends='base.xml'><field here='studio' there='T'/>"
		   "</mapping>",
		   1, 66, "writes 'T' already");
	is_refused("<mapping name='m' extends='round.xml'/>", 1, 32, "circle");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_is_taken_over),
		cmocka_unit_test(a_line_stands_in_the_place_of_the_one_with_the_same_here),
		cmocka_unit_test(inside_a_list_with_the_same_sides_line_stands_for_line),
		cmocka_unit_test(a_list_with_another_side_stands_for_the_whole),
		cmocka_unit_test(what_is_dropped_is_gone),
		cmocka_unit_test(the_nearest_table_and_side_win),
		cmocka_unit_test(the_digest_covers_what_is_extended),
		cmocka_unit_test(a_mistake_in_extending_is_told_at_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
