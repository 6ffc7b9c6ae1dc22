/*
 * Connectors that speak with a database: a good one is read, and each mistake is found at
 * its place, to the character.
 */
#include "host/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/say.h"
#include "host/manifest_rig.h"

static const char good[] =
	"<connector name=\"p\" by=\"odbc\" connection=\"own\">\n"
	"  <setting name=\"driver\" need=\"yes\"/>\n"
	"  <setting name=\"area\"/>\n"
	"  <setting name=\"password\" secret=\"yes\"/>\n"
	"  <database connect=\"Driver={driver};PWD={password}\"><sql>SET NAMES "
	"utf8</sql></database>\n"
	"  <limits timeout=\"2m\"/>\n"
	"  <stream name=\"cases\" mapping=\"m.xml\">\n"
	"    <read batch=\"100\">\n"
	"      <sql>SELECT no, at FROM c WHERE area = {area} AND at > {at} ORDER BY at</sql>\n"
	"      <since column=\"at\" first=\"2024-01-01\"/>\n"
	"      <detail name=\"party\"><sql>SELECT name FROM p WHERE no = {row/no}</sql></detail>\n"
	"    </read>\n"
	"    <write batch=\"50\" repeat=\"unsafe\" delay=\"1m\">\n"
	"      <sql>UPDATE o SET title = {record/title} WHERE no = {key}</sql>\n"
	"      <sql when=\"rows=0\">INSERT INTO o VALUES ({key}, {record/title})</sql>\n"
	"      <sql each=\"party\">INSERT INTO q VALUES ({key}, {position}, {item/name})</sql>\n"
	"      <answers><answer when=\"sqlstate='23000'\" is=\"doubt\"/></answers>\n"
	"    </write>\n"
	"    <withdraw><sql>DELETE FROM o WHERE no = {key}</sql></withdraw>\n"
	"    <find held=\"no\" receipt=\"serial\"><sql>SELECT no, serial FROM o WHERE no = "
	"{key}</sql>"
	"</find>\n"
	"    <list key=\"no\"><sql>SELECT no FROM o WHERE at >= {from} AND at &lt; "
	"{to}</sql></list>\n"
	"    <count number=\"n\"><sql>SELECT count(*) AS n FROM o WHERE at >= "
	"{from}</sql></count>\n"
	"    <settle><sql>UPDATE c SET taken = 1 WHERE no = {row/no}</sql></settle>\n"
	"    <receipts match=\"no\" every=\"10m\">\n"
	"      <sql>SELECT id, no, result FROM r WHERE id > {id} ORDER BY id</sql>\n"
	"      <since column=\"id\" first=\"0\"/>\n"
	"      <answer when=\"result='1'\" is=\"ok\"/>\n"
	"    </receipts>\n"
	"  </stream>\n"
	"</connector>\n";

static void a_good_one_is_read(void **state)
{
	struct buffer shown = { 0 };
	struct rig rig;
	struct manifest *m = read_text(&rig, CB_TEXT(good));

	(void)state;
	problems_print(&rig.problems, &shown);
	if (!m)
		fail_msg("%s", buffer_cstr(&shown));
	assert_int_equal(rig.problems.count, 0);
	assert_true(m->has_own_connection);
	assert_int_equal(m->timeout_ms, 120000);
	assert_true(m->streams[0].can_receipts && m->streams[0].can_list);
	buffer_done(&shown);
	done(&rig);
}

static void a_mistake_is_found_at_its_place(void **state)
{
	static const struct mistake mistakes[] = {
#include "host/manifest_check_sql_mistakes.h"
	};

	(void)state;
	find_mistakes(good, mistakes, COUNT(mistakes));
}

/* Braces and question marks of the database's own language. */
static void what_only_looks_like_a_hole_is_none(void **state)
{
	static const char *const texts[] = {
		"{{call next_cases({area}, {at})}} ORDER BY",
		"SELECT no, at FROM c WHERE x = 'what?' AND area = {area} AND at > {at} ORDER BY "
		"at",
		"SELECT no, at FROM c WHERE x = '{{}}' AND at > {at} ORDER BY at -- why?",
		"SELECT no, at FROM c WHERE at > {at} ORDER BY at LIMIT {size}",
		"SELECT no, at, (SELECT x FROM d LIMIT 1) AS limit FROM c AS top WHERE x = 'limit "
		"5' AND at > {at} ORDER BY at -- top 5",
		"SELECT no, at /* {{ ? */ FROM \"c?\" WHERE at > {at} ORDER\n BY at",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buffer text = { 0 }, shown = { 0 };
		struct rig rig;

		change(good, "SELECT no, at FROM c WHERE area = {area} AND at > {at} ORDER BY at",
		       texts[i], &text);
		if (!read_text(&rig, buffer_view(&text))) {
			problems_print(&rig.problems, &shown);
			fail_msg("%s", buffer_cstr(&shown));
		}
		buffer_done(&text);
		done(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_is_read),
		cmocka_unit_test(a_mistake_is_found_at_its_place),
		cmocka_unit_test(what_only_looks_like_a_hole_is_none),
	};

	say_language(LANGUAGE_EN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
