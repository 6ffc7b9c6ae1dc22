/*
 * schema.c - the RELAX NG that editors are given takes every file that our own
 * checker takes: all that is shipped, and all that the tests hold up as right.
 */
#include <glob.h>
#include <libxml/relaxng.h>

#include "base/grammar.h"
#include "host/manifest.h"
#include "rig.h"

static void print_fault(void *with, xmlErrorPtr fault)
{
	const char *file = with;

	print_error("%s:%d: %s", file, fault->line, fault->message);
}

static size_t validate(const struct grammar *grammar, const char *pattern, const char *root)
{
	struct buffer schema = { 0 };
	xmlRelaxNGParserCtxtPtr parser;
	xmlRelaxNGPtr compiled;
	size_t count = 0, wrong = 0;
	glob_t found;

	grammar_relaxng(grammar, &schema);
	parser = xmlRelaxNGNewMemParserCtxt(buffer_cstr(&schema), (int)schema.len);
	compiled = xmlRelaxNGParse(parser);
	assert_non_null(compiled);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		xmlDocPtr doc = xmlReadFile(found.gl_pathv[i], NULL, XML_PARSE_NONET);
		xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(compiled);

		assert_non_null(doc);
		xmlRelaxNGSetValidStructuredErrors(valid, print_fault, found.gl_pathv[i]);
		if (!root || strcmp((const char *)xmlDocGetRootElement(doc)->name, root) == 0) {
			count++;
			wrong += xmlRelaxNGValidateDoc(valid, doc) != 0;
		}
		xmlRelaxNGFreeValidCtxt(valid);
		xmlFreeDoc(doc);
	}
	globfree(&found);
	xmlRelaxNGFree(compiled);
	xmlRelaxNGFreeParserCtxt(parser);
	buffer_done(&schema);
	assert_int_equal(wrong, 0);
	return count;
}

static void takes_every_mapping_and_library(void **state)
{
	(void)state;
	assert_true(validate(&mapping_grammar, "mappings/*.xml", NULL) >= 20);
	assert_true(validate(&mapping_grammar, "mappings/codes/*.xml", "library") >= 5);
	assert_true(validate(&mapping_grammar, "tests/mapping/shapes/*.xml", NULL) >= 10);
	assert_true(validate(&mapping_grammar, "tests/cases/common/mappings/*.xml", NULL) >= 3);
	assert_true(validate(&mapping_grammar, "tests/bench/mappings/*.xml", "mapping") >= 1);
}

static void takes_every_connector(void **state)
{
	(void)state;
	assert_true(validate(&manifest_grammar, "mappings/connectors/*.xml", NULL) >= 10);
	assert_true(validate(&manifest_grammar, "tests/cases/common/mappings/connectors/*.xml",
			     NULL) >= 1);
}

static void takes_the_model(void **state)
{
	(void)state;
	assert_true(validate(&model_grammar, "mappings/model/*.xml", NULL) >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_every_mapping_and_library),
		cmocka_unit_test(takes_every_connector),
		cmocka_unit_test(takes_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
