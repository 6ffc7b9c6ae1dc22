/*
 * image.c - code tables that were compiled once and are read by others.
 */
#include "rig.h"

#define ROWS 3000

static const char lines[] = "<mapping name='m'><there format='xml' root='r'/><here type='case'/>"
			    "<codes name='k' href='k.csv'><else here='other'/></codes>"
			    "<codes name='two' href='two.csv'/>"
			    "<field here='number' there='n' key='yes'/>"
			    "<field here='title' there='t' codes='k' way='in'/>"
			    "<field here='status type' there='a b' codes='two'/>"
			    "<each here='party' there='p'>"
			    "<field here='name' there='q' codes='k' way='in'/></each></mapping>";

static const char *const documents[] = {
	"<r><n>1</n><t>00007</t><a>07</a><b>x</b><p><q>02999</q></p><p><q>y z</q></p></r>",
	"<r><n>2</n><t>nobody</t><a>08</a><b>y</b></r>",
	"<r><n>3</n><t>held</t><a>nobody</a><b>x</b></r>",
	"<r><n>4</n><t> 00001 </t></r>",
};

struct shared {
	struct rig own, other; /* compiled; with the tables of the first */
	struct buffer image;
};

static void write_tables(struct rig *rig)
{
	struct buffer k = { 0 }, two = { 0 };

	buffer_string(&k, "there,here,hold\n");
	buffer_string(&two, "there,here\n");
	for (int i = 0; i < ROWS; i++) {
		buffer_printf(&k, "%05d,ours-%d,\n", i, i);
		buffer_printf(&two, "%02d %s,s%d t%d\n", i / 2, i % 2 ? "x" : "y", i, i % 7);
	}
	buffer_string(&k, "x|y z,first,\nheld,,ask the office\n");
	rig_file(rig, "k.csv", buffer_cstr(&k));
	rig_file(rig, "two.csv", buffer_cstr(&two));
	buffer_done(&k);
	buffer_done(&two);
}

static void remove_file(struct rig *rig, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig->folder, name);
	assert_int_equal(unlink(path), 0);
}

/* Compiled and made an image; then the files are gone, and another reads the mapping. */
static void share(struct shared *s)
{
	char path[256];

	*s = (struct shared){ .own = { .folder = "" } };
	write_tables(&s->own);
	rig_open(&s->own, lines);
	if (!s->own.mapping)
		fail_msg("%s", s->own.problems.at->text);
	assert_true(mapping_image(s->own.mapping, &s->image));
	assert_true(mapping_is_image(buffer_view(&s->image)));
	remove_file(&s->own, "k.csv");
	remove_file(&s->own, "two.csv");
	snprintf(path, sizeof(path), "%s/m.xml", s->own.folder);
	s->other.model = s->own.model;
	s->other.mapping =
		mapping_read_shared(&s->other.arena, path, NULL, 0, buffer_view(&s->image),
				    s->own.model, &s->other.problems);
	if (!s->other.mapping)
		fail_msg("%s", s->other.problems.at->text);
}

static void end(struct shared *s)
{
	rig_close(&s->other);
	rig_close(&s->own);
	buffer_done(&s->image);
}

static void a_shared_table_says_what_its_own_reader_says(void **state)
{
	struct shared s;

	(void)state;
	share(&s);
	assert_string_equal(mapping_digest(s.own.mapping), mapping_digest(s.other.mapping));
	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++)
		assert_string_equal(rig_in(&s.own, documents[i]), rig_in(&s.other, documents[i]));
	assert_string_equal(rig_in(&s.other, documents[0]),
			    "{\"number\":\"1\",\"title\":\"ours-7\",\"type\":\"t1\",\"status\":"
			    "\"s15\",\"party\":[{\"name\":\"ours-2999\"},{\"name\":\"first\"}]}");
	assert_string_equal(
		rig_out(&s.own,
			"<case><number>1</number><status>s15</status><type>t1</type></case>"),
		rig_out(&s.other,
			"<case><number>1</number><status>s15</status><type>t1</type></case>"));
	end(&s);
}

static void put_class(void *with, const struct mapping_line *line)
{
	buffer_printf(with, "%s %s %s\n", line->here, line_class_word(line->class), line->why);
}

static void what_the_law_said_of_each_line_comes_along(void **state)
{
	struct buffer own = { 0 }, other = { 0 };
	struct shared s;

	(void)state;
	share(&s);
	mapping_each_line(s.own.mapping, put_class, &own);
	mapping_each_line(s.other.mapping, put_class, &other);
	assert_string_equal(buffer_cstr(&own), buffer_cstr(&other));
	assert_non_null(strstr(buffer_cstr(&own), "status exact"));
	buffer_done(&own);
	buffer_done(&other);
	end(&s);
}

static void a_trace_names_the_row_of_a_shared_table(void **state)
{
	struct shared s;
	struct trace trace = { 0 };
	struct cb_error err;
	struct row *there;

	(void)state;
	share(&s);
	assert_int_equal(rig_read(NULL, "xml", "r", cb_text_of(documents[0]),
				  mapping_there(s.other.mapping), &s.other.arena, &there, &err),
			 CB_OK);
	(void)mapping_in(s.other.mapping, there,
			 &(struct result){ .arena = &s.other.arena, .trace = &trace });
	assert_string_equal(trace.at[1].here, "title");
	assert_string_equal(trace.at[1].steps[0].detail, "k k.csv:9");
	end(&s);
}

static void a_text_in_the_place_of_the_file_is_not_answered_from_the_image(void **state)
{
	struct mapping_text kept[2];
	struct arena arena = { 0 };
	char path[3][256];
	struct shared s;

	(void)state;
	share(&s);
	snprintf(path[0], sizeof(path[0]), "%s/m.xml", s.own.folder);
	snprintf(path[1], sizeof(path[1]), "%s/k.csv", s.own.folder);
	snprintf(path[2], sizeof(path[2]), "%s/two.csv", s.own.folder);
	kept[0] = (struct mapping_text){ path[1], CB_TEXT("there,here\n00007,another\n") };
	kept[1] = (struct mapping_text){ path[2], CB_TEXT("there,here\n07 x,s1 t1\n") };
	mapping_done(s.other.mapping);
	s.other.mapping = mapping_read_shared(&arena, path[0], kept, 2, buffer_view(&s.image),
					      s.own.model, &s.other.problems);
	assert_non_null(s.other.mapping);
	assert_non_null(strstr(rig_in(&s.other, documents[0]), "\"title\":\"another\""));
	mapping_done(s.other.mapping);
	s.other.mapping = NULL;
	arena_done(&arena);
	end(&s);
}

static void few_rows_are_not_worth_an_image(void **state)
{
	struct rig rig = { .folder = "" };
	struct buffer image = { 0 };

	(void)state;
	rig_file(&rig, "k.csv", "there,here\n1,a\n");
	rig_file(&rig, "two.csv", "there,here\n1 1,a b\n");
	rig_open(&rig, lines);
	assert_non_null(rig.mapping);
	assert_false(mapping_image(rig.mapping, &image));
	buffer_done(&image);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shared_table_says_what_its_own_reader_says),
		cmocka_unit_test(what_the_law_said_of_each_line_comes_along),
		cmocka_unit_test(a_trace_names_the_row_of_a_shared_table),
		cmocka_unit_test(a_text_in_the_place_of_the_file_is_not_answered_from_the_image),
		cmocka_unit_test(few_rows_are_not_worth_an_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
