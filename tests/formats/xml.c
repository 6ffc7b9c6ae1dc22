/*
 * xml.c - tests plugins/xml.
 */
#include "rig.h"

#define BROKEN(where, what)                                                                        \
	"broken " where " broken XML: " what                                                       \
	"; the records before are taken, have the document sent again"

static void a_document_is_one_record_when_nobody_says_more(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "", "<a><b>x</b><c><d>y</d></c></a>"),
			    "@1:1 b{x}c{d{y}}\nok");
}

static void a_path_says_where_the_records_are(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "records=r/es/e",
				     "<r><code>1</code><es>\n<e><a>1</a></e>\n <e><a>2</a></e></es>"
				     "<es><e/></es><e><a>no</a></e></r>"),
			    "@2:1 a{1}\n@3:2 a{2}\n@3:26 \nok");
}

static void a_root_is_found_at_any_depth_and_only_outermost(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("xml", "root=e", "<r><e><a>1</a><e>in</e></e><x><y><e>2</e></y></x></r>"),
		"@1:4 a{1}e{in}\n@1:34 2\nok");
}

static void an_envelope_has_the_records_element_as_a_node(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "envelope=yes", "<r a='1'><b>x</b></r>"),
			    "@1:1 r{@a{1}b{x}}\nok");
	assert_string_equal(rig_read("xml", "envelope=yes;root=e", "<r><e>x</e><e/></r>"),
			    "@1:4 e{x}\n@1:12 e{}\nok");
}

static void the_path_wins_over_the_root(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "records=r/e;root=x", "<r><x><a>0</a></x><e/></r>"),
			    "@1:19 \nok");
}

static void an_envelope_with_a_prefix_is_found_without(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("xml", "records=s:Envelope/s:Body/e",
			 "<soap:Envelope xmlns:soap='u'><soap:Body><n:e><n:a>1</n:a></n:e>"
			 "</soap:Body></soap:Envelope>"),
		"@1:42 a{1}\nok");
}

static void attributes_are_nodes_with_an_at_sign(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("xml", "root=e",
			 "<r><e id='1' n:k='a&amp;b'><f g=\"&lt;&#x4E2D;\">t</f></e></r>"),
		"@1:4 @id{1}@k{a&b}f{@g{<中}t}\nok");
}

static void an_empty_element_has_an_empty_text(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "", "<r><a/><b></b></r>"), "@1:1 a{}b{}\nok");
}

static void a_nil_element_is_no_node(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("xml", "",
			 "<r xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"
			 "<a xsi:nil='true'/><b xsi:nil='1'><c>x</c></b><d xsi:nil='false'/>"
			 "<e nil='true'/></r>"),
		"@1:1 d{@nil{false}}e{@nil{true}}\nok");
}

static void blanks_between_elements_are_not_announced(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "", "<r>\n  <a> </a>\n <b>\n <c> x </c> </b> \n</r>"),
			    "@1:1 a{ }b{c{ x }}\nok");
}

static void text_between_elements_is_announced(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "", "<r> hi <a/> <b/>there</r>"),
			    "@1:1  hi a{}b{}there\nok");
}

static void entities_and_cdata_are_text(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("xml", "", "<r><a>x&amp;y&#10;&lt;<![CDATA[<b>&amp;]]>z</a></r>"),
		"@1:1 a{x&y\n<<b>&amp;z}\nok");
}

static void comments_and_instructions_are_nothing(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "",
				     "<?xml version='1.0'?><!-- <r> --><r><a>x<!-- y -->"
				     "<?php z?>w</a></r><!-- end -->"),
			    "@1:34 a{xw}\nok");
}

static void the_declared_encoding_is_ignored(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("xml", "", "<?xml version='1.0' encoding='GB18030'?><r><a>纠纷</a></r>"),
		"@1:41 a{纠纷}\nok");
}

static void a_greater_sign_in_an_attribute_ends_no_tag(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "", "<r><a x='1>2' y=\">\">t</a></r>"),
			    "@1:1 a{@x{1>2}@y{>}t}\nok");
}

static void a_record_begins_at_its_start_tag_also_under_chinese_text(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "root=e",
				     "<r>\r\n<t>纠纷</t><e\n  a='1'\n/><t k='案件'/><e/>\n"
				     "中<e b='&lt;'/></r>"),
			    "@2:10 @a{1}\n@4:14 \n@5:2 @b{<}\nok");
}

static void no_record_is_fine(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "records=r/e", "<r><total>0</total></r>"), "ok");
	assert_string_equal(rig_read("xml", "root=e", "<r/>"), "ok");
}

static void another_root_than_the_path_says_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "records=r/e", "<html><e/></html>"),
			    "broken the document's root is 'html', but the path in records begins "
			    "with 'r'; check one of the two");
}

static void an_empty_document_is_broken(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "", ""), "broken the document is empty, expected XML");
	assert_string_equal(rig_read("xml", "", " \r\n"),
			    "broken the document is empty, expected XML");
}

static void a_cut_document_gives_the_records_before_the_cut(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "root=e", "<r><e><a>1</a></e>\n<e><a>2"),
			    "@1:4 a{1}\n" BROKEN("2:8", "it is cut off before its end"));
}

static void tags_that_do_not_match_are_named_with_their_place(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "root=e", "<r><e/>\n<e><a>2</b></e></r>"),
			    "@1:4 \n" BROKEN("2:12", "start tag and end tag do not match"));
}

static void wrong_bytes_are_broken_with_their_place(void **state)
{
	static const char nul[] = "<r><e/>\n<a>x\0y</a></r>";

	(void)state;
	assert_non_null(strstr(rig_read("xml", "root=e", "<r><e/>\n<a>\xff\xfe</a></r>"),
			       "@1:4 \nbroken 2:"));
	assert_non_null(
		strstr(rig_read("xml", "root=e", "<r><e/>\n<a>\x01</a></r>"), "@1:4 \nbroken 2:"));
	assert_non_null(
		strstr(rig_read_bytes("xml", "root=e", (struct cb_text){ nul, sizeof(nul) - 1 }),
		       "@1:4 \nbroken 2:"));
}

static void something_behind_the_root_is_broken(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "", "<r><a>1</a></r>\n<r/>"),
			    "@1:1 a{1}\n" BROKEN("2:1", "there is more behind the root element"));
}

static void no_document_type_is_taken(void **state)
{
	static const char *const cases[] = {
		"<!DOCTYPE r><r/>",
		"<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>",
		"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r>&x;</r>",
		("<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
		 "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]><r>&c;</r>"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_non_null(strstr(rig_read("xml", "", cases[i]), "has a DOCTYPE"));
}

static void an_entity_nobody_declared_is_broken(void **state)
{
	(void)state;
	assert_non_null(strstr(rig_read("xml", "", "<r><a>&nbsp;</a></r>"), "is not escaped"));
}

static void elements_nested_too_deep_end_the_document(void **state)
{
	(void)state;
	assert_string_equal(rig_read("xml", "depth=3", "<a><b><c>x</c></b></a>"),
			    "@1:1 b{c{x}}\nok");
	assert_non_null(strstr(rig_read("xml", "depth=2", "<a><b><c>x</c></b></a>"),
			       "broken elements are nested deeper than 2"));
}

static void a_text_too_long_breaks_its_record_only(void **state)
{
	(void)state;
	assert_string_equal(
		rig_read("xml", "root=e;text_max=4",
			 "<r><e><a>1234</a></e><e><a>12345</a><b>x</b></e><e>1<a/>2</e></r>"),
		"@1:4 a{1234}\n?1:22 a text is longer than 4 bytes (text_max)\n@1:49 1a{}2\nok");
}

static void too_many_attributes_break_the_record(void **state)
{
	const char *said;

	(void)state;
	said = rig_read_pieces(rig_plugin("xml"), "root=e;attributes_max=2",
			       cb_text_of("<r><e a='1' b='2'/><e a='1' b='2' c='3'/><e/></r>"),
			       SIZE_MAX, 0);
	assert_string_equal(said, "@1:4 @a{1}@b{2}\n?1:20 an element has 3 attributes, at most 2 "
				  "are taken (attributes_max)\n@1:42 \nok");
}

struct flood {
	size_t pieces; /* still to come */
	bool has_begun;
	const char *first;
	char piece[65536];
	size_t number;
};

static struct cb_text flood_text(void *with)
{
	struct flood *f = with;

	if (!f->has_begun) {
		f->has_begun = true;
		return cb_text_of(f->first);
	}
	if (!f->pieces)
		return (struct cb_text){ NULL, 0 };
	f->pieces--;
	memset(f->piece, 'x', sizeof(f->piece));
	return (struct cb_text){ f->piece, sizeof(f->piece) };
}

static struct cb_text flood_attributes(void *with)
{
	struct flood *f = with;
	size_t len = 0;

	if (!f->has_begun) {
		f->has_begun = true;
		return cb_text_of("<r><e");
	}
	if (!f->pieces)
		return (struct cb_text){ NULL, 0 };
	f->pieces--;
	while (len < sizeof(f->piece) - 32)
		len += (size_t)sprintf(f->piece + len, " a%zu=''", f->number++);
	return (struct cb_text){ f->piece, len };
}

static struct cb_text flood_depth(void *with)
{
	struct flood *f = with;

	if (!f->pieces)
		return (struct cb_text){ NULL, 0 };
	f->pieces--;
	for (size_t i = 0; i + 3 <= sizeof(f->piece); i += 3)
		memcpy(f->piece + i, "<a>", 3);
	return (struct cb_text){ f->piece, sizeof(f->piece) / 3 * 3 };
}

static void a_text_of_100_megabytes_is_not_kept(void **state)
{
	struct flood f = { .pieces = 1600, .first = "<r><e><a>1</a></e><e><a>" };
	struct rig rig;

	(void)state;
	assert_non_null(strstr(rig_read_made("xml", "root=e", flood_text, &f, &rig),
			       "cut off before its end"));
	assert_int_equal(rig.records, 1);
	assert_int_equal(rig.broken, 1);
}

static void a_hundred_thousand_attributes_are_refused_early(void **state)
{
	struct flood f = { .pieces = 20 };
	struct rig rig;

	(void)state;
	assert_non_null(strstr(rig_read_made("xml", "", flood_attributes, &f, &rig),
			       "more than 1000 attributes"));
	assert_true(f.pieces > 17);
}

/* What looks like attributes and stands in no tag is nobody's business but the text's. */
static void quotes_outside_of_tags_are_no_attributes(void **state)
{
	static const char *const around[][2] = {
		{ "<r><e><a b='>'>", "</a></e></r>" },
		{ "<r><e><a><![CDATA[<x ", "]]></a></e></r>" },
		{ "<r><e><!-- <x ", "--></e></r>" },
		{ "<r><e><?p <x ", "?></e></r>" },
	};
	static char document[5 * 65536];

	(void)state;
	for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
		size_t len = (size_t)sprintf(document, "%s", around[i][0]);
		struct cb_text all = { document, 0 };

		while (len < sizeof(document) - 64)
			len += (size_t)sprintf(document + len, " y=''");
		all.len = len + (size_t)sprintf(document + len, "%s", around[i][1]);
		assert_non_null(
			strstr(rig_read_pieces(rig_plugin("xml"), "root=e", all, 4096, 0), "\nok"));
	}
}

static void a_bomb_of_depth_is_refused(void **state)
{
	struct flood f = { .pieces = 100 };
	struct rig rig;

	(void)state;
	assert_non_null(strstr(rig_read_made("xml", "root=e", flood_depth, &f, &rig),
			       "nested deeper than 64"));
	assert_true(f.pieces > 95);
}

static void the_sink_can_end_the_reading(void **state)
{
	const struct cb_plugin *plugin = rig_plugin("xml");

	(void)state;
	assert_string_equal(rig_read_pieces(plugin, "root=e",
					    cb_text_of("<r><e/><e/><e/><!DOCTYPE</r>"), SIZE_MAX,
					    2),
			    "@1:4 \n@1:8 \nagain stop");
}

static void a_path_with_a_hole_is_refused(void **state)
{
	(void)state;
	assert_non_null(
		strstr(rig_read("xml", "records=a//b", "<a/>"), "setup the path in records"));
}

static void a_document_is_written_with_its_wrapper(void **state)
{
	(void)state;
	assert_string_equal(
		rig_write_events("xml", "", E_BEGIN("result/events"), E_RECORD("event"),
				 E_VALUE("@id", "1\n<2"), E_VALUE("a", "x&y"), E_ENTER("b"),
				 E_VALUE("@k", ""), E_VALUE("c", ""), E_NOTHING("d"), E_LEAVE,
				 E_RECORD_END, E_RECORD("event"), E_RECORD_END, E_END),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?><result><events>"
		"<event id=\"1&#10;&lt;2\"><a>x&amp;y</a><b k=\"\"><c/></b></event><event/>"
		"</events></result>");
}

static void a_list_is_its_items_one_after_another(void **state)
{
	(void)state;
	assert_string_equal(rig_write_events("xml", "", E_RECORD("e"), E_LIST("p"), E_ENTER("p"),
					     E_VALUE("n", "1"), E_LEAVE, E_ENTER("p"),
					     E_VALUE(".", "2"), E_LEAVE, E_VALUE("p", "3"),
					     E_LIST_END, E_RECORD_END),
			    "<e><p><n>1</n></p><p>2</p><p>3</p></e>");
}

static void without_a_wrapper_there_is_one_record(void **state)
{
	(void)state;
	assert_string_equal(
		rig_write_events("xml", "", E_BEGIN(""), E_RECORD("e"), E_RECORD_END, E_END),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?><e/>");
	assert_non_null(strstr(rig_write_events("xml", "", E_BEGIN(""), E_RECORD("e"), E_RECORD_END,
						E_RECORD("e"), E_RECORD_END, E_END),
			       "setup an XML document without elements around"));
}

static void a_record_that_xml_cannot_hold_is_refused_and_the_next_written(void **state)
{
	(void)state;
	assert_string_equal(
		rig_write_events("xml", "", E_BEGIN("r"), E_RECORD("e"), E_ENTER("x"),
				 E_VALUE("a", "\x02"), E_LEAVE, E_RECORD_END, E_RECORD("e"),
				 E_VALUE("a", "ok"), E_RECORD_END, E_END),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?><r><e><a>ok</a></e></r>refused 'a' "
		"holds a character that XML does not allow (0x02); remove it at the source");
}

static void a_name_that_is_none_is_a_matter_for_a_person(void **state)
{
	static const char *const cases[] = { "1a", "a b", "", "a<", "涉及金额（元）" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct cb_event events[] = {
			E_RECORD("e"),
			{ .kind = CB_VALUE, .name = cb_text_of(cases[i]), .text = CB_TEXT("x") },
		};

		assert_non_null(strstr(rig_write("xml", "", events, 2), "setup '"));
	}
}

static void an_attribute_behind_content_is_a_matter_for_a_person(void **state)
{
	(void)state;
	assert_non_null(strstr(rig_write_events("xml", "", E_RECORD("e"), E_VALUE("a", "x"),
						E_VALUE("@b", "y"), E_RECORD_END),
			       "setup attribute 'b' must come before"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_one_record_when_nobody_says_more),
		cmocka_unit_test(a_path_says_where_the_records_are),
		cmocka_unit_test(a_root_is_found_at_any_depth_and_only_outermost),
		cmocka_unit_test(an_envelope_has_the_records_element_as_a_node),
		cmocka_unit_test(the_path_wins_over_the_root),
		cmocka_unit_test(an_envelope_with_a_prefix_is_found_without),
		cmocka_unit_test(attributes_are_nodes_with_an_at_sign),
		cmocka_unit_test(an_empty_element_has_an_empty_text),
		cmocka_unit_test(a_nil_element_is_no_node),
		cmocka_unit_test(blanks_between_elements_are_not_announced),
		cmocka_unit_test(text_between_elements_is_announced),
		cmocka_unit_test(entities_and_cdata_are_text),
		cmocka_unit_test(comments_and_instructions_are_nothing),
		cmocka_unit_test(the_declared_encoding_is_ignored),
		cmocka_unit_test(a_greater_sign_in_an_attribute_ends_no_tag),
		cmocka_unit_test(a_record_begins_at_its_start_tag_also_under_chinese_text),
		cmocka_unit_test(no_record_is_fine),
		cmocka_unit_test(another_root_than_the_path_says_is_refused),
		cmocka_unit_test(an_empty_document_is_broken),
		cmocka_unit_test(a_cut_document_gives_the_records_before_the_cut),
		cmocka_unit_test(tags_that_do_not_match_are_named_with_their_place),
		cmocka_unit_test(wrong_bytes_are_broken_with_their_place),
		cmocka_unit_test(something_behind_the_root_is_broken),
		cmocka_unit_test(no_document_type_is_taken),
		cmocka_unit_test(an_entity_nobody_declared_is_broken),
		cmocka_unit_test(elements_nested_too_deep_end_the_document),
		cmocka_unit_test(a_text_too_long_breaks_its_record_only),
		cmocka_unit_test(too_many_attributes_break_the_record),
		cmocka_unit_test(a_text_of_100_megabytes_is_not_kept),
		cmocka_unit_test(a_hundred_thousand_attributes_are_refused_early),
		cmocka_unit_test(quotes_outside_of_tags_are_no_attributes),
		cmocka_unit_test(a_bomb_of_depth_is_refused),
		cmocka_unit_test(the_sink_can_end_the_reading),
		cmocka_unit_test(a_path_with_a_hole_is_refused),
		cmocka_unit_test(a_document_is_written_with_its_wrapper),
		cmocka_unit_test(a_list_is_its_items_one_after_another),
		cmocka_unit_test(without_a_wrapper_there_is_one_record),
		cmocka_unit_test(a_record_that_xml_cannot_hold_is_refused_and_the_next_written),
		cmocka_unit_test(a_name_that_is_none_is_a_matter_for_a_person),
		cmocka_unit_test(an_attribute_behind_content_is_a_matter_for_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
