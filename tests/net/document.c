/*
 * document.c - what does not come as one record in one answer: rows that are
 * asked for one by one, documents inside texts, parts of a multipart body.
 */
#include "net/rig.h"

static struct rig *gateway_open(const char *manifest)
{
	struct rig *rig = platform_open();
	const char *mapping = arena_printf(&rig->arena, "%s/gateway-case.xml", folder);

	snprintf(rig->manifest, sizeof(rig->manifest), "%s/gateway.xml", folder);
	write_file(mapping, "<mapping name='g'><there format='json'/><here type='case'/>"
			    "<field here='number' there='id' key='yes' need='yes'/>"
			    "<field here='title' there='title' need='yes'/></mapping>");
	write_file(
		rig->manifest,
		arena_printf(&rig->arena,
			     "<connector name='gateway' by='http'>"
			     "<setting name='base' type='url' need='yes'/>"
			     "<answers><answer when=\"status=200 and success='true'\" is='ok'/>"
			     "<answer when=\"success='false'\" is='refused' say='msg'/></answers>"
			     "<stream name='events' mapping='gateway-case.xml'>%s</stream>"
			     "</connector>",
			     manifest));
	return rig;
}

static int read_gateway(struct rig *rig, int stop_after)
{
	return read_mapped(rig, arena_printf(&rig->arena, "%s/gateway-case.xml", folder),
			   stop_after);
}

static void each_row_of_a_list_is_asked_for_by_its_key(void **state)
{
	struct rig *rig =
		gateway_open("<read method='POST' url='{base}/gateway/page' "
			     "records='data/rows'>"
			     "<page by='number' first='1' into='page'/>"
			     "<detail method='POST' url='{base}/gateway/detail' key='id' "
			     "record='data'><form name='id' value='{key}'/></detail></read>");

	(void)state;
	/* It ends inside the second page, and begins that page again: none is lost. */
	assert_int_equal(read_gateway(rig, 3), CB_OK);
	assert_string_equal(rig->cursor, "page=2;");
	if (read_gateway(rig, 0) != CB_END)
		fail_msg("%s", rig->err.text);
	assert_int_equal(rig->keys.count, 5);
	assert_int_equal(rig->records, 3);
	assert_int_equal(rig->held, 0);
	/* Nothing but what was asked: three pages and the empty one, each record once, G3 twice. */
	assert_int_equal(
		ask_ledger(rig, "SELECT count(*) FROM request WHERE path = '/gateway/detail'"), 6);
	rig_close(rig);
}

static void a_row_without_its_key_is_not_passed_over(void **state)
{
	struct rig *rig =
		gateway_open("<read method='POST' url='{base}/gateway/page' "
			     "records='data/rows'>"
			     "<page by='number' first='1' into='page'/>"
			     "<detail method='POST' url='{base}/gateway/detail' key='no' "
			     "record='data'><form name='id' value='{key}'/></detail></read>");

	(void)state;
	assert_int_equal(read_gateway(rig, 0), CB_BROKEN);
	assert_non_null(strstr(rig->err.text, "row 1 does not say what <detail key> names"));
	assert_int_equal(rig->records, 0);
	rig_close(rig);
}

static void a_document_inside_a_text_is_read(void **state)
{
	static const struct {
		const char *as, *asked;
		int records;
	} cases[] = {
		{ "json", "json", 2 },    { "json", "array", 2 }, { "base64", "base64", 1 },
		{ "json", "nothing", 0 }, { "xml", "xml", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char read[256];
		struct rig *rig;

		snprintf(read, sizeof(read),
			 "<read method='GET' url='{base}/gateway/wrapped' records='datas' as='%s'>"
			 "<param name='as' value='%s'/></read>",
			 cases[i].as, cases[i].asked);
		rig = gateway_open(read);
		if (strcmp(cases[i].as, "xml") == 0)
			write_file(arena_printf(&rig->arena, "%s/gateway-case.xml", folder),
				   "<mapping name='g'><there format='xml' root='row'/>"
				   "<here type='case'/><field here='number' there='id' key='yes'/>"
				   "<field here='title' there='title' need='yes'/></mapping>");
		if (read_gateway(rig, 0) != CB_END)
			fail_msg("%s of %s: %s", cases[i].as, cases[i].asked, rig->err.text);
		if (rig->records != cases[i].records || rig->held)
			fail_msg("%s of %s: %d records, %d held", cases[i].as, cases[i].asked,
				 rig->records, rig->held);
		rig_close(rig);
	}
}

static void what_is_no_base64_is_told(void **state)
{
	struct rig *rig = gateway_open("<read method='GET' url='{base}/gateway/wrapped' "
				       "records='datas' as='base64'><param name='as' "
				       "value='broken'/></read>");

	(void)state;
	assert_int_equal(read_gateway(rig, 0), CB_BROKEN);
	assert_non_null(strstr(rig->err.text, "row 1 is no Base64"));
	rig_close(rig);
}

static void a_record_goes_out_as_a_part_with_a_file_name(void **state)
{
	const struct cb_item item = { .key = CB_TEXT("K1"),
				      .body = CB_TEXT("{\"id\":\"K1\",\"title\":\"一\"}") };
	struct rig *rig = gateway_open(
		"<write method='POST' url='{base}/gateway/upload' batch='1' repeat='unsafe'>"
		"<part name='kind' value='case'/>"
		"<part name='file' file='case &quot;1&quot;.json' type='application/json' "
		"value='{records}'/>"
		"<answers><answer when=\"success='true' and name='case %221%22.json' and "
		"type='application/json'\" is='ok' receipt='log'/></answers></write>");
	struct exported e = { .rig = rig };
	const struct worker_message *m;

	(void)state;
	e.worker = start(rig, WORK_EXPORT, "events",
			 arena_printf(&rig->arena, "%s/gateway-case.xml", folder));
	m = send_batch(&e, "o1", &item, 1);
	if (m->items[0].verdict != CB_OK)
		fail_msg("%.*s %s", CB_TEXT_ARG(m->items[0].say), m->error.text);
	assert_true(cb_text_is(m->items[0].receipt, "25"));
	worker_free(e.worker);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_of_a_list_is_asked_for_by_its_key),
		cmocka_unit_test(a_row_without_its_key_is_not_passed_over),
		cmocka_unit_test(a_document_inside_a_text_is_read),
		cmocka_unit_test(what_is_no_base64_is_told),
		cmocka_unit_test(a_record_goes_out_as_a_part_with_a_file_name),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
