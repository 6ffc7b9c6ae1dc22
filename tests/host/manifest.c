/*
 * The examples are read whole; each mistake is found at its place, to the
 * character.
 */
#include "host/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/grammar.h"
#include "base/say.h"
#include "host/manifest_check.h"
#include "host/manifest_rig.h"

static const char good[] =
	"<connector name=\"p\" by=\"http\" label=\"省平台\">\n"
	"  <setting name=\"base\" type=\"url\" need=\"yes\"/>\n"
	"  <setting name=\"app\" account=\"yes\"/>\n"
	"  <setting name=\"secret\" account=\"yes\" secret=\"yes\"/>\n"
	"  <step name=\"login\">\n"
	"    <request method=\"POST\" url=\"{base}/token\">\n"
	"      <form name=\"id\" value=\"{app}\"/>\n"
	"    </request>\n"
	"    <take as=\"token\" from=\"data/token\"/>\n"
	"    <expires in=\"data/left\" early=\"60s\"/>\n"
	"    <drop when=\"code='14'\"/>\n"
	"  </step>\n"
	"  <header name=\"X-Sign\" value=\"签名 {hmac-sm3(secret, app + body)}\"/>\n"
	"  <limits rate=\"10/s\" quota=\"1000\" at-once=\"2\" body=\"2MB\" "
	"hours=\"20:00-06:00\"/>\n"
	"  <retry first=\"2s\" most=\"10m\" give-up=\"12h\" break-after=\"5\" rest=\"2m\"/>\n"
	"  <answers>\n"
	"    <answer when=\"status=401\" is=\"login\"/>\n"
	"    <answer when=\"status=429\" is=\"limit\" wait=\"header Retry-After\"/>\n"
	"    <answer when=\"status=200 and code='0'\" is=\"ok\" receipt=\"data/serial\"/>\n"
	"  </answers>\n"
	"  <stream name=\"cases\" mapping=\"m.xml\">\n"
	"    <read url=\"{base}/list\" charset=\"gb18030\" records=\"data/rows\">\n"
	"      <param name=\"kind\" value=\"x\"/>\n"
	"      <page by=\"number\" into=\"p\" size=\"10\" size-into=\"s\" until=\"last='1'\"/>\n"
	"      <since into=\"a\" to-into=\"b\" format=\"yyyyMMdd\" step=\"1d\" overlap=\"10m\"/>\n"
	"    </read>\n"
	"    <write method=\"POST\" url=\"{base}/put\" batch=\"50\" repeat=\"by-key\" "
	"delay=\"15m\">\n"
	"      <body type=\"json\">{{\"no\":\"{once}\",\"list\":[{records}]}}</body>\n"
	"      <each answer=\"data/results\" match=\"id\">\n"
	"        <answer when=\"code='0'\" is=\"ok\" receipt=\"serial\"/>\n"
	"      </each>\n"
	"    </write>\n"
	"    <find url=\"{base}/get\" held=\"data/id\" record=\"data\" lag=\"5m\">\n"
	"      <param name=\"id\" value=\"{key}\"/>\n"
	"    </find>\n"
	"    <count url=\"{base}/count\" number=\"data/total\">\n"
	"      <param name=\"from\" value=\"{time(yyyy-MM-dd, from)}\"/>\n"
	"    </count>\n"
	"  </stream>\n"
	"</connector>\n";

static void a_good_one_is_read(void **state)
{
	struct rig rig;
	struct manifest *m = read_text(&rig, CB_TEXT(good));
	const struct manifest_stream *stream;

	(void)state;
	if (!m)
		fail_msg("%u:%u: %s", rig.problems.at[0].line, rig.problems.at[0].column,
			 rig.problems.at[0].text);
	assert_int_equal(rig.problems.count, 0);
	assert_string_equal(m->name, "p");
	assert_string_equal(m->by, "http");
	assert_int_equal(m->setting_count, 3);
	assert_true(manifest_setting(m, "secret")->is_secret);
	assert_true(manifest_setting(m, "secret")->is_per_account);
	assert_false(manifest_setting(m, "app")->is_secret);
	assert_null(manifest_setting(m, "none"));
	assert_true(m->rate == 10);
	assert_int_equal(m->body_max, 2 << 20);
	assert_int_equal(m->timeout_ms, 0);
	assert_int_equal(m->retry_first_ms, 2000);
	assert_int_equal(m->retry_most_ms, 600000);
	assert_int_equal(m->retry_give_up_ms, 12 * 3600000);
	stream = manifest_stream(m, "cases");
	assert_non_null(stream);
	assert_null(manifest_stream(m, "case"));
	assert_true(stream->can_read && stream->can_write && stream->can_find && stream->can_count);
	assert_int_equal(stream->batch, 50);
	assert_int_equal(stream->repeat, REPEAT_BY_KEY);
	assert_int_equal(stream->delay_ms, 900000);
	assert_int_equal(stream->lag_ms, 300000);
	done(&rig);
}

static void a_mistake_is_found_at_its_place(void **state)
{
	static const struct mistake mistakes[] = {
#include "host/manifest_mistakes.h"
	};

	(void)state;
	find_mistakes(good, mistakes, COUNT(mistakes));
}

static void all_mistakes_are_told_in_one_pass(void **state)
{
	static const char bad[] = "<connector name=\"p\" by=\"http\">\n"
				  "  <setting name=\"base\" type=\"ulr\"/>\n"
				  "  <header name=\"a\" value=\"{nothing}\"/>\n"
				  "  <limits rate=\"fast\"/>\n"
				  "  <stream name=\"s\" mapping=\"m.xml\">\n"
				  "    <read url=\"http://x/\" records=\"a[\"/>\n"
				  "  </stream>\n"
				  "</connector>\n";
	struct rig rig;

	(void)state;
	assert_null(read_text(&rig, CB_TEXT(bad)));
	assert_int_equal(rig.problems.errors, 7);
	done(&rig);
}

static void defaults_are_taken_where_nothing_is_said(void **state)
{
	struct buffer text = { 0 };
	struct rig rig;
	struct manifest *m;

	(void)state;
	change(good,
	       "  <retry first=\"2s\" most=\"10m\" give-up=\"12h\" break-after=\"5\" "
	       "rest=\"2m\"/>\n",
	       "", &text);
	m = read_text(&rig, buffer_view(&text));
	assert_int_equal(m->retry_first_ms, 1000);
	assert_int_equal(m->retry_most_ms, 300000);
	assert_int_equal(m->retry_give_up_ms, 6 * 3600000);
	buffer_done(&text);
	done(&rig);
}

static void a_success_without_a_body_may_be_one(void **state)
{
	static const char *const oks[] = {
		"status=204",
		"status=200 and success='true'",
		"status=200 and count(rows)>0",
		"status=200 and media='application/json'",
		"status=200 and contains(text,'OK')",
		"'header X-Result'='0'",
		"status=404",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(oks); i++) {
		struct buffer text = { 0 }, shown = { 0 };
		struct rig rig;

		change(good, "status=200 and code='0'", oks[i], &text);
		if (!read_text(&rig, buffer_view(&text))) {
			problems_print(&rig.problems, &shown);
			fail_msg("%s", buffer_cstr(&shown));
		}
		buffer_done(&text);
		done(&rig);
	}
}

static void files_need_no_answers(void **state)
{
	static const char ledger[] =
		"<connector name=\"l\" by=\"files\">\n"
		"  <setting name=\"folder\" type=\"folder\" need=\"yes\"/>\n"
		"  <stream name=\"rows\" mapping=\"l.xml\">\n"
		"    <read files=\"{folder}/*.csv {folder}/*.xlsx\" charset=\"utf-8|gb18030\"/>\n"
		"  </stream>\n"
		"</connector>\n";
	struct rig rig;

	(void)state;
	assert_non_null(read_text(&rig, CB_TEXT(ledger)));
	done(&rig);
}

static void rates_are_by_the_second(void **state)
{
	static const struct {
		const char *text;
		double rate;
	} cases[] = { { "5/s", 5 },      { "120/m", 2 }, { "3600/h", 1 }, { "86400/d", 1 },
		      { "0/s", 0 },      { "5", 0 },     { "5/", 0 },     { "5/x", 0 },
		      { "5/ss", 0 },     { "-5/s", 0 },  { "/s", 0 },     { "", 0 },
		      { "9999999/s", 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		double rate = 0;

		assert_int_equal(manifest_rate(cases[i].text, &rate), cases[i].rate > 0);
		assert_true(rate == cases[i].rate);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_is_read),
		cmocka_unit_test(a_mistake_is_found_at_its_place),
		cmocka_unit_test(all_mistakes_are_told_in_one_pass),
		cmocka_unit_test(defaults_are_taken_where_nothing_is_said),
		cmocka_unit_test(a_success_without_a_body_may_be_one),
		cmocka_unit_test(files_need_no_answers),
		cmocka_unit_test(rates_are_by_the_second),
	};

	say_language(LANGUAGE_EN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
