#include "base/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/xml.h"

static struct cb_element *read_text(struct arena *arena, struct cb_text text)
{
	struct problems problems = { 0 };
	struct cb_element *root = xml_read_text(arena, "t.xml", text, &problems);

	assert_non_null(root);
	problems_done(&problems);
	return root;
}

static void expect(struct source_place place, uint32_t line, uint32_t column)
{
	assert_int_equal(place.line, line);
	assert_int_equal(place.column, column);
}

static void an_entity_is_one_character_of_the_value(void **state)
{
	struct arena arena = { 0 };
	const struct cb_element *e;

	e = read_text(&arena, CB_TEXT("<a>\n <检 条件='中 &gt;= &#20013;x' b = \"1\"/></a>"))
		    ->first;
	expect(source_value_place(e, "条件", 0), 2, 9);
	expect(source_value_place(e, "条件", 2), 2, 11);
	expect(source_value_place(e, "条件", 3), 2, 15);
	expect(source_value_place(e, "条件", 6), 2, 25);
	expect(source_value_place(e, "条件", 99), 2, 26);
	expect(source_value_place(e, "b", 0), 2, 33);
	expect(source_value_place(e, NULL, 7), 2, 2);
	expect(source_value_place(e, "none", 0), 2, 2);
	arena_done(&arena);
}

static void a_value_may_take_several_lines(void **state)
{
	struct arena arena = { 0 };
	const struct cb_element *e = read_text(&arena, CB_TEXT("<a b='x\r\n  yz'></a>"));

	assert_string_equal(cb_attribute(e, "b"), "x   yz");
	expect(source_value_place(e, "b", 1), 1, 8);
	expect(source_value_place(e, "b", 4), 2, 3);
	expect(source_value_place(e, "b", 5), 2, 4);
	arena_done(&arena);
}

static void a_name_stands_where_it_was_written(void **state)
{
	struct arena arena = { 0 };
	const struct cb_element *e =
		read_text(&arena, CB_TEXT("<a>\n<b x = 'c=1'\n\t名='2'/></a>"));

	expect(source_name_place(e->first, "x"), 2, 4);
	expect(source_name_place(e->first, "名"), 3, 2);
	expect(source_name_place(e->first, "none"), 2, 1);
	expect(source_name_place(e->first, NULL), 2, 1);
	arena_done(&arena);
}

static void own_text_is_found_past_everything_else(void **state)
{
	static const struct {
		const char *text;
		uint32_t line, column;
	} cases[] = {
		{ "<a>x</a>", 1, 4 },
		{ "<a> \n <b k='>'>y</b>甲</a>", 2, 16 },
		{ "<a><!-- x --><?x y?><b><c>z</c><b/></b>&amp;</a>", 1, 40 },
		{ "<a><![CDATA[ ]]> <![CDATA[ <]]></a>", 1, 28 },
		{ "<a><b><![CDATA[</b>]]></b>x</a>", 1, 27 },
		{ "<a><b/> </a>", 1, 1 },
		{ "<a/>", 1, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena arena = { 0 };

		expect(source_text_place(read_text(&arena, cb_text_of(cases[i].text))),
		       cases[i].line, cases[i].column);
		arena_done(&arena);
	}
}

static void a_byte_of_a_sample_has_a_place(void **state)
{
	struct arena arena = { 0 };
	const struct cb_element *e = read_text(&arena, CB_TEXT("<t>{\"甲\":\n 1}</t>"));

	expect(source_inner_place(e, 0), 1, 4);
	expect(source_inner_place(e, 5), 1, 7);
	expect(source_inner_place(e, e->inner.len), 2, 4);
	expect(source_inner_place(e, 999), 1, 1);
	arena_done(&arena);
}

static void an_element_without_a_source_tells_what_it_can(void **state)
{
	const struct cb_attribute attribute = { "x", "12345", 3, 9 };
	const struct cb_element e = {
		.name = "a", .attributes = &attribute, .attribute_count = 1, .line = 3, .column = 2
	};

	expect(source_value_place(&e, "x", 2), 3, 11);
	expect(source_name_place(&e, "x"), 3, 9);
	expect(source_text_place(&e), 3, 2);
	expect(source_inner_place(&e, 0), 3, 2);
}

static void a_broken_text_stops_the_scanners_inside_it(void **state)
{
	static const char text[] = "<a b='1' c = \"2\"><!-- x --><![CDATA[y]]><?p?></a><!-- z";

	for (size_t len = 0; len < sizeof(text); len++) {
		const char *end = text + len, *at = source_tag(text, end);
		struct cb_text name = source_tag_name(at, end);
		struct source_attribute attribute;

		at = name.at + name.len;
		while (source_attribute(&at, end, &attribute))
			assert_true(attribute.value.at + attribute.value.len < end);
		assert_true(at <= end);
		at = source_tag(at, end);
		assert_true(at <= end);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entity_is_one_character_of_the_value),
		cmocka_unit_test(a_value_may_take_several_lines),
		cmocka_unit_test(a_name_stands_where_it_was_written),
		cmocka_unit_test(own_text_is_found_past_everything_else),
		cmocka_unit_test(a_byte_of_a_sample_has_a_place),
		cmocka_unit_test(an_element_without_a_source_tells_what_it_can),
		cmocka_unit_test(a_broken_text_stops_the_scanners_inside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
