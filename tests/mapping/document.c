/*
 * document.c - a document inside a text, both ways.
 */
#include "mistakes.h"
#include "rig.h"

static void play(const char *format, const char *lines, const char *there, const char *in,
		 const char *here, const char *out)
{
	struct rig rig = { 0 };
	char text[4096];

	snprintf(text, sizeof(text),
		 "<mapping name='m'><there format='%s' root='r'/><here type='case'/>%s</mapping>",
		 format, lines);
	rig_open(&rig, text);
	if (there)
		assert_string_equal(rig_in(&rig, there), in);
	if (here)
		assert_string_equal(rig_out(&rig, here), out);
	rig_close(&rig);
}

#define PARTY                                                                                      \
	"<case><title>x</title><party><name>a</name></party><party><name>b</name></party></case>"

static void json_stands_in_a_text(void **state)
{
	(void)state;
	play("xml",
	     "<field here='number' there='N'/><group there='ext' as='json'>"
	     "<field here='title' there='t'/><field here='status' there='../N' way='in'/>"
	     "<each here='party' there='p'><field here='name' there='n'/></each></group>",
	     "<r><N>7</N><ext>{\"t\":\"x\",\"p\":[{\"n\":\"a\"},{\"n\":\"b\"}]}</ext></r>",
	     "{\"number\":\"7\",\"title\":\"x\",\"status\":\"7\",\"party\":[{\"name\":\"a\"},{"
	     "\"name\":\"b\"}]}",
	     PARTY,
	     "{\"ext\":\"{\\\"t\\\":\\\"x\\\",\\\"p\\\":[{\\\"n\\\":\\\"a\\\"},{\\\"n\\\":"
	     "\\\"b\\\"}]}\"}");
}

static void xml_stands_in_a_column(void **state)
{
	(void)state;
	play("table",
	     "<field here='number' there='编号'/><group there='明细' as='xml' root='x'>"
	     "<field here='title' there='a/@t'/>"
	     "<each here='party' there='p'><field here='name' there='n'/></each></group>",
	     "编号,明细\n7,\"<x><a t=\"\"x\"\"/><p><n>a</n></p></x>\"\n",
	     "{\"number\":\"7\",\"title\":\"x\",\"party\":[{\"name\":\"a\"}]}", PARTY,
	     "{\"明细\":\"<x><a t=\\\"x\\\"/><p><n>a</n></p><p><n>b</n></p></x>\"}");
}

static void base64_may_stand_around_it(void **state)
{
	(void)state;
	play("xml", "<group there='d' as='base64'><field here='title' there='.'/></group>",
	     "<r><d>5byg\n5LiJ</d></r>", "{\"title\":\"张三\"}",
	     "<case><title>张三1</title></case>", "{\"d\":\"5byg5LiJMQ==\"}");
	play("xml",
	     "<group there='d' as='base64'><group there='.' as='json'>"
	     "<field here='title' there='t'/></group></group>",
	     "<r><d>eyJ0IjoieHkifQ==</d></r>", "{\"title\":\"xy\"}",
	     "<case><title>xy</title></case>", "{\"d\":\"eyJ0IjoieHkifQ==\"}");
}

static void nothing_is_no_document(void **state)
{
	(void)state;
	play("xml", "<group there='d' as='json'><field here='title' there='t'/></group>", "<r/>",
	     "{}", "<case/>", "{}");
}

static void what_cannot_be_read_is_held(void **state)
{
	(void)state;
	play("xml", "<group there='d' as='json'><field here='title' there='t'/></group>",
	     "<r><d>{\"t\":</d></r>", "held {}|type d", NULL, NULL);
	play("xml", "<group there='d' as='base64'><field here='title' there='.'/></group>",
	     "<r><d>%%%</d></r>", "held {}|type d", NULL, NULL);
	/* Bytes that are no text would spoil the record. */
	play("xml", "<group there='d' as='base64'><field here='title' there='.'/></group>",
	     "<r><d>/////w==</d></r>", "held {}|type d", NULL, NULL);
}

static void is_refused(const char *text, const char *word)
{
	uint32_t line, column;
	char *plain = without_mark(text, &line, &column);
	struct rig rig = { 0 };

	rig_open(&rig, plain);
	assert_null(rig.mapping);
	assert_true(is_found(&rig.problems, line, column, word));
	free(plain);
	rig_close(&rig);
}

static void what_is_missing_is_told(void **state)
{
	(void)state;
	is_refused("<group there='d' as='^xml'><field here='title' there='t'/></group>",
		   "say root=");
	is_refused("<group here='place' as='^json'><field here='region' there='t'/></group>",
		   "needs there");
	is_refused("<group there='d' as='^yaml'><field here='title' there='t'/></group>", "json");
	is_refused("<field here='title' there='d'/><group there='^d' as='json'>"
		   "<field here='type' there='t'/></group>",
		   "writes 'd' already");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_stands_in_a_text),
		cmocka_unit_test(xml_stands_in_a_column),
		cmocka_unit_test(base64_may_stand_around_it),
		cmocka_unit_test(nothing_is_no_document),
		cmocka_unit_test(what_cannot_be_read_is_held),
		cmocka_unit_test(what_is_missing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
