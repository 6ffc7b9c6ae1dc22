/*
 * ref.c - references: the mapping carries the name, and says whose it is.
 */
#include "mistakes.h"
#include "rig.h"

static const char model[] =
	"<model name='m' label='M'><entity name='case' label='Case'>"
	"<field name='number' label='N' type='text' unique='yes'/>"
	"<field name='title' label='T' type='text'/>"
	"<ref name='studio' label='S' entity='studio'/>"
	"<list name='party' label='P'><field name='name' label='N' type='text'/>"
	"<ref name='town' label='T' entity='town'/></list></entity>"
	"<entity name='studio' label='S'><field name='code' label='C' type='text' unique='yes'/>"
	"<field name='name' label='N' type='text'/></entity>"
	"<entity name='town' label='T'><field name='code' label='C' type='text' unique='yes'/>"
	"</entity></model>";

static void open_lines(struct rig *rig, const char *lines)
{
	char text[4096], path[256];

	say_language(LANGUAGE_EN);
	snprintf(text, sizeof(text),
		 "<mapping name='m'>\n<there format='xml' root='r'/><here type='case'/>\n%s\n"
		 "</mapping>\n",
		 lines);
	rig_file(rig, "model.xml", model);
	rig_file(rig, "m.xml", text);
	snprintf(path, sizeof(path), "%s/model.xml", rig->folder);
	rig->model = model_read(&rig->arena, path, &rig->problems);
	assert_non_null(rig->model);
	snprintf(path, sizeof(path), "%s/m.xml", rig->folder);
	rig->mapping = mapping_read(&rig->arena, path, rig->model, &rig->problems);
}

static void the_mapping_says_what_its_names_mean(void **state)
{
	const struct mapping_ref *refs;
	struct rig rig = { 0 };
	size_t count;

	(void)state;
	open_lines(&rig,
		   "<field here='studio' there='G' ref='studio' by='account'/>"
		   "<each here='party' there='p{1..3}_*'><field here='town' there='t' ref='town' "
		   "way='in'/></each>");
	assert_string_equal(rig_in(&rig, "<r><G>xq</G></r>"), "{\"studio\":\"xq\"}");
	refs = mapping_refs(rig.mapping, &count);
	assert_int_equal(count, 2);
	assert_string_equal(refs[0].entity->name, "studio");
	assert_string_equal(refs[0].by, "account");
	assert_string_equal(refs[0].here, "studio");
	assert_true(refs[0].is_in && refs[0].is_out);
	assert_string_equal(refs[1].table->name, "party");
	assert_null(refs[1].by);
	assert_true(refs[1].is_in && !refs[1].is_out);
	rig_close(&rig);
}

static void what_stands_behind_a_reference_can_be_read_on_the_way_out(void **state)
{
	struct rig rig = { 0 };

	(void)state;
	open_lines(&rig,
		   "<field here='studio' there='G'/>"
		   "<field here='studio/name' there='GM' way='out'/>"
		   "<when here=\"studio/code='S01'\" way='out'><set there='x' value='1'/></when>");
	assert_string_equal(rig_out(&rig, "<case><studio>S01<code>S01</code><name>one</name>"
					  "</studio></case>"),
			    "{\"G\":\"S01\",\"GM\":\"one\",\"x\":\"1\"}");
	assert_string_equal(rig_out(&rig, "<case><studio>S02</studio></case>"), "{\"G\":\"S02\"}");
	rig_close(&rig);
}

static void mistakes_with_references_are_told_at_their_place(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{ "<field here='studio' there='a' ref='^studoi'/>", "the nearest is studio" },
		{ "<field here='title' there='a' ref='^studio'/>", "no reference to studio" },
		{ "<field here='studio' there='a' ref='^town'/>", "no reference to town" },
		{ "<field here='studio' there='a' by='^account'/>", "goes with ref" },
		{ "<field here='^studio/name' there='a'/>", "way=\"out\"" },
		{ "<set here='^studio/name' value='a'/>", "cannot be written" },
		{ "<field here='studio' there='a' ref='studio' by='x' way='in'/>"
		  "<when here=\"title='1'\" there=\"t='1'\"><field here='studio' there='b' "
		  "ref='studio' by='^y'/></when>",
		  "same by in both" },
		{ "<field here='studio/^nmae' there='a' way='out'/>", "name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig rig = { 0 };
		char lines[1024];
		const char *mark = strchr(cases[i].text, '^');

		snprintf(lines, sizeof(lines), "%.*s%s", (int)(mark - cases[i].text), cases[i].text,
			 mark + 1);
		open_lines(&rig, lines);
		if (rig.mapping || !is_found(&rig.problems, 3, (uint32_t)(mark - cases[i].text) + 1,
					     cases[i].word)) {
			struct buffer out = { 0 };

			problems_print(&rig.problems, &out);
			fail_msg("%s\n%s", cases[i].text, buffer_cstr(&out));
		}
		rig_close(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mapping_says_what_its_names_mean),
		cmocka_unit_test(what_stands_behind_a_reference_can_be_read_on_the_way_out),
		cmocka_unit_test(mistakes_with_references_are_told_at_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
