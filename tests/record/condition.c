/*
 * condition.c - conditions decide by value, and an equality can be made true.
 */
#include "record/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/say.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct arena arena;
static struct shape *shape;
static struct row *row;

static const struct {
	const char *name, *value;
} values[] = {
	{ "status", "closed" },
	{ "empty", "" },
	{ "nothing", NULL },
	{ "amount", "12000.50" },
	{ "same", "12000.5" },
	{ "less", "-3" },
	{ "accepted", "2024-03-18" },
	{ "closed", "2024-04-02" },
	{ "title", "邻里漏水" },
	{ "count", "7" },
	{ "not", "n" },
	{ "and", "a" },
	{ "order", "o" },
	{ "涉及金额（元）", "5" },
	{ "2024", "year" },
	{ "code", "007" },
};

static int begin(void **state)
{
	struct shape *party;

	say_language(LANGUAGE_EN);
	shape = shape_new(&arena);
	for (size_t i = 0; i < COUNT(values); i++)
		shape_slot(shape, shape_child(shape, shape->root, cb_text_of(values[i].name)));
	party = shape_list(shape, shape_child(shape, shape->root, CB_TEXT("party")));
	shape_list(shape, shape_child(shape, shape->root, CB_TEXT("witness")));
	shape_slot(party, shape_child(party, party->root, CB_TEXT("role")));
	shape_slot(party, shape_child(party, party->root, CB_TEXT("age")));
	shape->is_fixed = party->is_fixed = true;
	row = row_new(&arena, shape);
	for (size_t i = 0; i < COUNT(values); i++)
		row->values[i] = cb_text_of(values[i].value);
	row_add(&arena, row, 0)->values[0] = CB_TEXT("applicant");
	row_add(&arena, row, 0)->values[0] = CB_TEXT("respondent");
	row->lists[0].at[1]->values[1] = CB_TEXT("40");
	return 0;
}

static int end(void **state)
{
	arena_done(&arena);
	return 0;
}

static struct condition *compile(const char *text)
{
	struct cb_error err = { 0 };
	struct condition *c = NULL;

	if (condition_compile(&arena, shape, cb_text_of(text), &c, &err) != CB_OK)
		fail_msg("%s: %u: %s", text, err.column, err.text);
	return c;
}

static void all(bool holds, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (condition_holds(compile(texts[i]), row) != holds)
			fail_msg("%s", texts[i]);
}

#define HOLD(...)                                                                                  \
	all(true, (const char *const[]){ __VA_ARGS__ },                                            \
	    COUNT(((const char *const[]){ __VA_ARGS__ })))
#define FAIL(...)                                                                                  \
	all(false, (const char *const[]){ __VA_ARGS__ },                                           \
	    COUNT(((const char *const[]){ __VA_ARGS__ })))

static void texts_compare_whole(void **state)
{
	HOLD("status='closed'", "status = \"closed\"", "'closed'=status", "status!='open'",
	     "status < 'd'", "status > 'close'", "title='邻里漏水'", "status=status");
	FAIL("status='close'", "status='closed '", "status='Closed'", "status!='closed'",
	     "status=title");
}

static void numbers_compare_by_value(void **state)
{
	HOLD("amount=12000.5", "amount='12000.500'", "amount=same", "amount>9", "amount<100000",
	     "less<0", "less > -20", "less<=-3", "less>=-3.0", "less!=3", "3 < amount");
	FAIL("amount=12000", "amount<9", "amount!=same", "less>0", "less<-3");
}

static void what_is_no_canonical_number_is_text(void **state)
{
	HOLD("code='007'", "code<1", "code!=7");
	FAIL("code=7", "code='7'");
}

static void dates_compare_by_their_bytes(void **state)
{
	HOLD("closed >= accepted", "accepted < '2024-04'", "accepted='2024-03-18'",
	     "not(closed) or closed >= accepted", "accepted < '2024-03-18T00:00:00+08:00'");
	FAIL("closed < accepted", "accepted >= '2025-01-01'");
}

static void nothing_is_equal_to_nothing_and_has_no_order(void **state)
{
	HOLD("nothing!='a'", "nothing!=''", "nothing!=status", "not(nothing='')",
	     "not(nothing=nothing)");
	FAIL("nothing=''", "nothing=nothing", "nothing<'a'", "nothing>='a'", "nothing<nothing",
	     "nothing!=nothing", "'a'<nothing", "nothing=0", "nothing<1");
}

static void the_empty_text_is_a_text(void **state)
{
	HOLD("empty=''", "empty<'a'", "empty!='a'", "not(empty!='')");
	FAIL("empty", "empty!=''");
}

static void a_path_alone_asks_for_a_value_that_is_not_empty(void **state)
{
	HOLD("status", "not(nothing)", "not(empty)", "party", "not(witness)", "count", "and",
	     "not(party[role='witness']/age)", "party[role='respondent']/age");
	FAIL("nothing", "witness", "party[role='applicant']/age");
}

static void and_binds_closer_than_or(void **state)
{
	HOLD("status or nothing and nothing", "nothing and nothing or status",
	     "status or status and nothing", "(status or nothing) and status",
	     "not(nothing or nothing) and status");
	FAIL("(status or nothing) and nothing", "nothing and (nothing or status)",
	     "nothing or status and nothing");
}

static void not_takes_what_is_in_its_parentheses(void **state)
{
	HOLD("not(nothing)", "not (nothing)", "not(not(status))", "not(nothing) and status",
	     "not(nothing and status)");
	FAIL("not(status)", "not(nothing) and nothing", "not(nothing or status)");
}

static void texts_are_looked_into(void **state)
{
	HOLD("contains(title,'邻')", "contains(title,'漏水')", "contains( title , '' )",
	     "starts-with(title,'邻里')", "starts-with(status,'')", "contains(title,title)",
	     "starts-with(accepted,'2024-03')", "contains('closed open',status)");
	FAIL("contains(title,'火')", "starts-with(title,'漏水')", "starts-with('a','ab')",
	     "contains(nothing,'')", "starts-with(title,nothing)", "contains(empty,'a')");
}

static void lists_are_counted(void **state)
{
	HOLD("count(party)=2", "count(party) >= 2", "2=count(party)", "count(witness)=0",
	     "count( party )<10", "count(party)!=count(witness)");
	FAIL("count(party)=1", "count(party)>2", "count(witness)");
}

static void the_language_takes_no_names_away(void **state)
{
	HOLD("count=7", "count>6 and count(party)=2", "not='n'", "and='a'", "and and and",
	     "order='o'", "order or order");
}

static void unusual_names_are_written_behind_a_dot(void **state)
{
	HOLD("./'涉及金额（元）'=5", "./2024='year'", "./status='closed'");
}

static void conditions_see_the_rows_around(void **state)
{
	struct cb_error err = { 0 };
	struct condition *c = NULL;

	assert_int_equal(condition_compile(&arena, shape->lists[0],
					   CB_TEXT("role='respondent' and ../status='closed' and "
						   "count(../party)=2"),
					   &c, &err),
			 CB_OK);
	assert_false(condition_holds(c, row->lists[0].at[0]));
	assert_true(condition_holds(c, row->lists[0].at[1]));
}

static void what_is_wrong_is_said_at_its_place(void **state)
{
	static const struct {
		const char *text;
		uint32_t column;
		const char *says;
	} cases[] = {
		{ "", 1, "a name belongs here" },
		{ "  ", 3, "a name belongs here" },
		{ "statsu='x'", 1, "the nearest is 'status'" },
		{ "status='x' and  statsu='x'", 17, "'status'" },
		{ "status=", 8, "a name belongs here" },
		{ "status='x", 8, "a name belongs here" },
		{ "status == 'x'", 9, "a name belongs here" },
		{ "status 'x'", 8, "should end here" },
		{ "status='x' status", 12, "should end here" },
		{ "status='x' and", 15, "a name belongs here" },
		{ "accepted >= 2024-03-18", 17, "should end here" },
		{ "status=1.2.3", 11, "should end here" },
		{ "'x'", 4, "a text alone" },
		{ "  'x' and status", 7, "a text alone" },
		{ "7", 2, "a text alone" },
		{ "(status", 8, "closing parenthesis" },
		{ "(status ", 9, "closing parenthesis" },
		{ "not(status", 11, "closing parenthesis" },
		{ "count(party", 12, "closing parenthesis" },
		{ "count(party > 1", 13, "closing parenthesis" },
		{ "count(status)>1", 7, "not a list" },
		{ "contains(title)", 15, "a comma" },
		{ "contains(title,'x'", 19, "closing parenthesis" },
		{ "contains(party,'x')", 10, "'party' is a list" },
		{ "party='x'", 1, "'party' is a list" },
		{ "status='x' and party = 'x'", 16, "'party' is a list" },
		{ "status=party", 8, "'party' is a list" },
		{ "status)", 7, "should end here" },
		{ "count party", 7, "should end here" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i].text);
		char *exact = memory_take(len + !len);
		struct cb_error err = { 0 };
		struct condition *c;

		memcpy(exact, cases[i].text, len);
		assert_int_equal(
			condition_compile(&arena, shape, (struct cb_text){ exact, len }, &c, &err),
			CB_BROKEN);
		if (err.column != cases[i].column || !strstr(err.text, cases[i].says))
			fail_msg("%s: %u: %s", cases[i].text, err.column, err.text);
		free(exact);
	}
}

static void deep_is_refused_and_long_is_not(void **state)
{
	struct buffer deep = { 0 }, chain = { 0 };
	struct cb_error err = { 0 };
	struct condition *c;

	for (int i = 0; i < 100000; i++)
		buffer_string(&deep, i % 2 ? "(" : "not(");
	assert_int_equal(condition_compile(&arena, shape, buffer_view(&deep), &c, &err), CB_BROKEN);
	assert_non_null(strstr(err.text, "deeply"));
	buffer_string(&chain, "status='closed'");
	for (int i = 0; i < 300000; i++)
		buffer_string(&chain, " and status='closed'");
	assert_true(condition_holds(compile(buffer_cstr(&chain)), row));
	buffer_done(&deep);
	buffer_done(&chain);
}

static void note(void *with, const struct path *path, struct cb_text text)
{
	buffer_text(with, shape->slots[path->slot].path);
	buffer_printf(with, "=%.*s ", CB_TEXT_ARG(text));
}

static void equalities_can_be_made_true(void **state)
{
	static const struct {
		const char *text, *said; /* NULL: they cannot */
	} cases[] = {
		{ "status='open'", "status=open " },
		{ "'open'=status", "status=open " },
		{ "amount=5", "amount=5 " },
		{ "status='a' and title='b' and code='c'", "status=a title=b code=c " },
		{ "(status='a' and title='b') and code='c'", "status=a title=b code=c " },
		{ "status='a' and (title='b' and code='c')", "status=a title=b code=c " },
		{ "status=''", "status= " },
		{ "status='a' or title='b'", NULL },
		{ "status='a' and title!='b'", NULL },
		{ "status='a' and title", NULL },
		{ "status='a' and not(title='b')", NULL },
		{ "status=title", NULL },
		{ "'a'='a'", NULL },
		{ "count(party)=2", NULL },
		{ "status>='a'", NULL },
		{ "contains(status,'a')", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer said = { 0 };

		assert_int_equal(condition_each_equality(compile(cases[i].text), note, &said),
				 cases[i].said != NULL);
		assert_string_equal(buffer_cstr(&said), cases[i].said ? cases[i].said : "");
		buffer_done(&said);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(texts_compare_whole),
		TEST(numbers_compare_by_value),
		TEST(what_is_no_canonical_number_is_text),
		TEST(dates_compare_by_their_bytes),
		TEST(nothing_is_equal_to_nothing_and_has_no_order),
		TEST(the_empty_text_is_a_text),
		TEST(a_path_alone_asks_for_a_value_that_is_not_empty),
		TEST(and_binds_closer_than_or),
		TEST(not_takes_what_is_in_its_parentheses),
		TEST(texts_are_looked_into),
		TEST(lists_are_counted),
		TEST(the_language_takes_no_names_away),
		TEST(unusual_names_are_written_behind_a_dot),
		TEST(conditions_see_the_rows_around),
		TEST(what_is_wrong_is_said_at_its_place),
		TEST(deep_is_refused_and_long_is_not),
		TEST(equalities_can_be_made_true),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
