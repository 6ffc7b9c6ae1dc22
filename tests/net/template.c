/*
 * The language of requests: holes, functions, places, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/say.h"
#include "net/net.h"
#include "net/template.h"

static const struct known {
	const char *name, *value;
	bool is_raw, is_base;
} known[] = {
	{ "app", "testAppKey", false, false },
	{ "secret", "testAppSecret", false, false },
	{ "refresh", "testRefreshSecret", false, false },
	{ "request", "testRequestSecret", false, false },
	{ "time", "1600000000000", false, false },
	{ "password", "testPass", false, false },
	{ "sk", "testSK", false, false },
	{ "ak", "testAK", false, false },
	{ "method", "GET", false, false },
	{ "path", "/restapi/prod/IC33000020200101000001/irs/case/query", false, false },
	{ "query", "size=20&page=1", false, false },
	{ "none", "", false, false },
	{ "form", "timestamp=1600000000&empty=&bizContent=%7B%22k%22%3A%22v%22%7D&appid=a1", false,
	  false },
	{ "quoted", "a\"b\\c<d>&'e'\nf", false, false },
	{ "cdata", "a]]>b", false, false },
	{ "lines", "a\r\nX-Evil: 1", false, false },
	{ "number", "12.5", false, false },
	{ "records", "{\"a\":1}", true, false },
	{ "fragment", "<a>1</a>", true, false },
	{ "base", "https://h.example/x/", false, true },
	{ "chinese", "慈溪 1", false, false },
	{ "from", "1600070400000", false, false },
};

static int find(void *with, struct cb_text name, struct template_value *out, struct cb_error *err)
{
	(void)with;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!cb_text_is(name, known[i].name))
			continue;
		*out = (struct template_value){ cb_text_of(known[i].value), known[i].is_raw,
						known[i].is_base };
		return CB_OK;
	}
	return cb_fail(err, CB_SETUP, "没有", "unknown");
}

static const struct template_use use = { .find = find, .now = 1600000000000, .zone = 480 };

static void gives(enum template_place place, const char *text, const char *expected)
{
	struct buffer out = { 0 };
	struct cb_error err = { 0 };

	if (template_fill(text, place, &use, &out, &err) != CB_OK)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(buffer_cstr(&out), expected);
	template_wipe(&out);
}

static void the_gateway_with_two_secrets_is_signed(void **state)
{
	(void)state;
	gives(TEMPLATE_RAW, "{md5(app + secret + time)}", "5f9c99cbbf9b0c8bb8954008a216c6cd");
	gives(TEMPLATE_RAW, "{md5(app + refresh + time(epoch-ms))}",
	      "a318a6a55e397aba43e109bc1d2cca4a");
	gives(TEMPLATE_RAW, "{md5(app + request + time)}", "72e28fd55616924681391f3b4cdca2a9");
}

static void the_hmac_gateway_is_signed(void **state)
{
	static const struct template_use then = { .find = find, .now = 1600070400000, .zone = 480 };
	struct buffer out = { 0 };
	struct cb_error err;

	(void)state;
	assert_int_equal(
		template_fill("{base64(hmac-sha256(sk, method + '\n' + path + '\n' + "
			      "sorted-query(query) + '\n' + ak + '\n' + time(http) + '\n'))}",
			      TEMPLATE_HEADER, &then, &out, &err),
		CB_OK);
	assert_string_equal(buffer_cstr(&out), "QOHeBP3AQO50aXktahzo/fx2BeukPxgZYUit4G3M3fI=");
	buffer_done(&out);
}

static void a_password_goes_as_its_digest(void **state)
{
	(void)state;
	gives(TEMPLATE_RAW, "{md5(password)}", "b62a565853f37fb1ec1efc287bfcebf9");
}

static void sorted_parameters_are_signed(void **state)
{
	(void)state;
	gives(TEMPLATE_RAW, "{sorted-pairs(form)}",
	      "appid=a1&bizContent={\"k\":\"v\"}&timestamp=1600000000");
	gives(TEMPLATE_RAW, "{upper(md5(sorted-pairs(form) + '&key=testKey'))}",
	      "F74476E5EC01063A253A4EFA2B2A6328");
	gives(TEMPLATE_RAW, "{sm3(sorted-pairs(form) + '&key=testKey')}",
	      "de022080542200b0b019bd3aa295df8f006321473ab5106375098d416ad772fd");
}

static void digests_are_hex_unless_base64_is_around_them(void **state)
{
	(void)state;
	gives(TEMPLATE_RAW, "{sha1('abc')}", "a9993e364706816aba3e25717850c26c9cd0d89d");
	gives(TEMPLATE_RAW, "{sha256('abc')}",
	      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	gives(TEMPLATE_RAW, "{sm3('abc')}",
	      "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
	gives(TEMPLATE_RAW, "{base64(md5('abc'))}", "kAFQmDzST7DWlj99KOF/cg==");
	gives(TEMPLATE_RAW, "{base64('abc')}", "YWJj");
	gives(TEMPLATE_RAW, "{hex('abc')} {hex(md5('abc'))}",
	      "616263 900150983cd24fb0d6963f7d28e17f72");
	gives(TEMPLATE_RAW, "{md5(md5('a') + 'b')}", "680ac27da3dad1e9252e45efb75e2dfb");
	gives(TEMPLATE_RAW, "{upper(hex(sm4('0123456789abcdeffedcba9876543210', 'abc')))}",
	      "1055435B9ECE612344F8E10016C4943B");
}

static void a_brace_is_written_twice(void **state)
{
	(void)state;
	gives(TEMPLATE_JSON, "{{\"a\":{{\"b\":\"{app}\"}}}}", "{\"a\":{\"b\":\"testAppKey\"}}");
	gives(TEMPLATE_RAW, "no hole", "no hole");
	gives(TEMPLATE_RAW, "", "");
}

static void a_value_cannot_leave_its_place(void **state)
{
	(void)state;
	gives(TEMPLATE_JSON, "{{\"a\":\"{quoted}\"}}", "{\"a\":\"a\\\"b\\\\c<d>&'e'\\nf\"}");
	gives(TEMPLATE_JSON, "{{\"a\":{quoted}}}", "{\"a\":\"a\\\"b\\\\c<d>&'e'\\nf\"}");
	gives(TEMPLATE_JSON, "{{\"a\":{number},\"b\":[{records}]}}",
	      "{\"a\":12.5,\"b\":[{\"a\":1}]}");
	gives(TEMPLATE_JSON, "{{\"a\\\"{quoted}\":1}}", "{\"a\\\"a\\\"b\\\\c<d>&'e'\\nf\":1}");
	gives(TEMPLATE_XML, "<a b='{quoted}'>{fragment}</a>",
	      "<a b='a&quot;b\\c&lt;d&gt;&amp;&#39;e&#39;\nf'><a>1</a></a>");
	gives(TEMPLATE_XML, "<![CDATA[{fragment}{cdata}]]>{cdata}",
	      "<![CDATA[<a>1</a>a]]]]><![CDATA[>b]]>a]]&gt;b");
	gives(TEMPLATE_URL, "{base}/p/{quoted}?a={chinese}",
	      "https://h.example/x/p/a%22b%5Cc%3Cd%3E%26%27e%27%0Af?a=%E6%85%88%E6%BA%AA%201");
	gives(TEMPLATE_URL, "x{base}", "xhttps%3A%2F%2Fh.example%2Fx%2F");
}

static void a_document_inside_a_text_is_escaped_once_more(void **state)
{
	(void)state;
	gives(TEMPLATE_XML, "<arg>{xml(fragment)}</arg>", "<arg>&lt;a&gt;1&lt;/a&gt;</arg>");
	gives(TEMPLATE_JSON, "{{\"biz\":\"{json(records)}\"}}", "{\"biz\":\"{\\\"a\\\":1}\"}");
	gives(TEMPLATE_RAW, "{{\"user\":\"{json(quoted)}\"}}",
	      "{\"user\":\"a\\\"b\\\\c<d>&'e'\\nf\"}");
}

static void an_instant_is_written_by_pattern(void **state)
{
	(void)state;
	gives(TEMPLATE_RAW, "{time(epoch-ms)} {time(epoch-s)} {time}",
	      "1600000000000 1600000000 1600000000000");
	gives(TEMPLATE_RAW, "{time(yyyy-MM-dd HH:mm:ss)}", "2020-09-13 20:26:40");
	gives(TEMPLATE_RAW, "{time(yyyyMMddHHmmss, from)}", "20200914160000");
	gives(TEMPLATE_RAW, "{time(http, from)}", "Mon, 14 Sep 2020 08:00:00 GMT");
	gives(TEMPLATE_RAW, "{time(yyyy'),'MM)}", "2020),09");
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *says;
	} cases[] = {
		{ "a}b", 2, "closing brace alone" },
		{ "{", 2, "in braces stands" },
		{ "{}", 2, "in braces stands" },
		{ "{app", 5, "closing brace belongs" },
		{ "{app secret}", 6, "a plus or the closing brace" },
		{ "{app +}", 7, "in braces stands" },
		{ "{nothing}", 2, "unknown" },
		{ "慈溪{nothing}", 4, "unknown" },
		{ "{'a}", 2, "the quote has no end" },
		{ "{md6(app)}", 2, "no function 'md6'" },
		{ "{md5(app}", 9, "takes 1 arguments" },
		{ "{md5(app, app)}", 11, "takes 1 arguments" },
		{ "{hmac-sm3(app)}", 14, "takes 2 arguments" },
		{ "{md5()}", 6, "in braces stands" },
		{ "{time(Q)}", 7, "" },
		{ "{time(yyyy}", 12, "parenthesis is missing" },
		{ "{time(yyyy, app)}", 12, "milliseconds" },
		{ "{sm4(app, app)}", 6, "16 bytes or 32" },
		{ "{md5(md5(md5(md5(md5(md5(md5(md5(md5(md5(md5(md5(md5(md5(md5(md5(app))))))))))))"
		  "))))}",
		  66, "too deeply" },
	};

	(void)state;
	say_language(LANGUAGE_EN);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer out = { 0 };
		struct cb_error err = { 0 };

		assert_int_equal(template_fill(cases[i].text, TEMPLATE_RAW, &use, &out, &err),
				 CB_SETUP);
		if (err.column != cases[i].column || !strstr(err.text, cases[i].says))
			fail_msg("%s: %u: %s", cases[i].text, err.column, err.text);
		buffer_done(&out);
	}
}

static void a_header_takes_no_line_end(void **state)
{
	struct buffer out = { 0 };
	struct cb_error err;

	(void)state;
	assert_int_equal(template_fill("x {lines}", TEMPLATE_HEADER, &use, &out, &err), CB_SETUP);
	assert_null(strstr(err.text, "Evil"));
	assert_int_equal(template_fill("x\r\nEvil: {app}", TEMPLATE_HEADER, &use, &out, &err),
			 CB_SETUP);
	assert_int_equal(err.column, 2);
	buffer_done(&out);
}

static int only_app(void *with, struct cb_text name, struct cb_error *err)
{
	++*(int *)with;
	return cb_text_is(name, "app") ? CB_OK : cb_fail(err, CB_SETUP, "无", "no");
}

static void checking_asks_for_every_name(void **state)
{
	struct cb_error err = { 0 };
	int asked = 0;

	(void)state;
	assert_int_equal(
		net_template_check("{md5(app + app)} {time(yyyy, app)}", only_app, &asked, &err),
		CB_OK);
	assert_int_equal(asked, 3);
	assert_int_equal(net_template_check("{app}{md5(b)}", only_app, &asked, &err), CB_SETUP);
	assert_int_equal(err.column, 11);
	assert_int_equal(net_template_check("{sm4(app, app)}", NULL, NULL, &err), CB_OK);
	assert_true(template_names("{md5('body' + lower(body))}", "body"));
	assert_false(template_names("body {md5('body')}", "body"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_gateway_with_two_secrets_is_signed),
		cmocka_unit_test(the_hmac_gateway_is_signed),
		cmocka_unit_test(a_password_goes_as_its_digest),
		cmocka_unit_test(sorted_parameters_are_signed),
		cmocka_unit_test(digests_are_hex_unless_base64_is_around_them),
		cmocka_unit_test(a_brace_is_written_twice),
		cmocka_unit_test(a_value_cannot_leave_its_place),
		cmocka_unit_test(a_document_inside_a_text_is_escaped_once_more),
		cmocka_unit_test(an_instant_is_written_by_pattern),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(a_header_takes_no_line_end),
		cmocka_unit_test(checking_asks_for_every_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
