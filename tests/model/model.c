#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "model/model.h"

struct read {
	struct arena arena;
	struct model *model;
	struct problems problems;
};

static struct read read_model(const char *text)
{
	char path[] = "/tmp/casebridge-model-XXXXXX";
	struct read r = { 0 };
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	r.model = model_read(&r.arena, path, &r.problems);
	unlink(path);
	return r;
}

static void read_done(struct read *r)
{
	problems_done(&r->problems);
	arena_done(&r->arena);
}

#define MODEL(body) "<model name=\"m\" label=\"模型\">" body "</model>"

static void groups_flatten_and_lists_nest(void **state)
{
	struct read r = read_model(MODEL(
		"<entity name=\"case\" label=\"案件\">"
		"<field name=\"number\" label=\"编号\" type=\"text\" max=\"40\" unique=\"yes\"/>"
		"<group name=\"place\" label=\"地点\">"
		"<field name=\"id-number\" label=\"证件\" type=\"integer\" privacy=\"sensitive\"/>"
		"</group>"
		"<list name=\"party\" label=\"当事人\">"
		"<field name=\"name\" label=\"姓名\" type=\"text\" privacy=\"personal\"/>"
		"<list name=\"agent\" label=\"代理人\"><field name=\"name\" label=\"姓名\" "
		"type=\"text\"/></list></list></entity>"));
	const struct table *cases;
	const struct field *field;

	assert_non_null(r.model);
	assert_int_equal(r.problems.count, 0);
	cases = model_entity(r.model, "case");
	assert_string_equal(cases->store, "case_record");
	assert_int_equal(table_key(cases), 0);
	field = table_field(cases, "place/id-number");
	assert_non_null(field);
	assert_string_equal(field->column, "place_id_number");
	assert_int_equal(field->type, FIELD_INTEGER);
	assert_true(cb_text_is(cases->shape->slots[1].path, "place/id-number"));
	assert_int_equal(cases->shape->slots[1].type, CB_VALUE_NUMBER);
	assert_string_equal(cases->lists[0].store, "case_party");
	assert_string_equal(cases->lists[0].lists[0].store, "case_party_agent");
	assert_true(cases->shape->is_fixed && cases->lists[0].shape->is_fixed);
	assert_int_equal(table_key(&cases->lists[0]), NO_SLOT);
	assert_null(model_entity(r.model, "person"));
	read_done(&r);
	(void)state;
}

static void the_digest_is_of_the_text(void **state)
{
#define SMALL(label)                                                                               \
	MODEL("<entity name=\"a\" label=\"x\"><field name=\"b\" type=\"text\" label=\"" label      \
	      "\"/></entity>")
	struct read a = read_model(SMALL("甲")), b = read_model(SMALL("甲")),
		    c = read_model(SMALL("乙"));

	assert_true(a.model->digest == b.model->digest);
	assert_true(a.model->digest != c.model->digest);
	read_done(&a);
	read_done(&b);
	read_done(&c);
	(void)state;
}

static void a_missing_label_only_warns(void **state)
{
	struct read r = read_model(MODEL("<entity name=\"a\" label=\"x\"><field name=\"b\" "
					 "type=\"text\"/></entity>"));

	assert_non_null(r.model);
	assert_int_equal(r.problems.count, 1);
	assert_string_equal(r.model->entities[0].fields[0].label, "b");
	read_done(&r);
	(void)state;
}

#define FIELD(name, more) "<field name=\"" name "\" label=\"x\" type=\"text\" " more "/>"
#define ENTITY(name, body) "<entity name=\"" name "\" label=\"x\">" body "</entity>"
#define LIST(name, body) "<list name=\"" name "\" label=\"x\">" body "</list>"

static void mistakes_are_found_where_they_stand(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ MODEL(ENTITY("a", FIELD("b", "") FIELD("b", ""))), "两次" },
		{ MODEL(ENTITY("a", FIELD("b", "")) ENTITY("a", FIELD("b", ""))), "两次" },
		{ MODEL(ENTITY("a", FIELD("b_c", ""))), "连字符" },
		{ MODEL(ENTITY("a", FIELD("B", ""))), "小写" },
		{ MODEL(ENTITY("a", FIELD("b-c", "") "<group name=\"b\" label=\"x\">" FIELD(
					    "c", "") "</group>")),
		  "同一列 b_c" },
		{ MODEL(ENTITY("a", FIELD("b", "") LIST("record", FIELD("c", "")))), "a_record" },
		{ MODEL(ENTITY("sqlite", FIELD("b", ""))), "sqlite_record" },
		{ MODEL(ENTITY("a", FIELD("b", "unique=\"yes\"") FIELD("c", "unique=\"yes\""))),
		  "只能有一个" },
		{ MODEL(ENTITY("a", FIELD("b", "") LIST("l", FIELD("c", "unique=\"yes\"")))),
		  "unique" },
		{ MODEL(ENTITY("a", FIELD("b", "") LIST("l", FIELD("c", "owner=\"p\"")))),
		  "owner" },
		{ MODEL(ENTITY("a", FIELD("b", "codes=\"t\""))), "codes" },
		{ MODEL(ENTITY("a", FIELD("b", "max=\"0\""))), "max" },
		{ MODEL(ENTITY("a", FIELD("b", "type2=\"x\""))), "type2" },
		{ MODEL(ENTITY("studio", FIELD("b", "unique=\"yes\""))
				ENTITY("a", "<ref name=\"r\" label=\"x\" entity=\"studoi\"/>")),
		  "studio" },
		{ MODEL(ENTITY("studio", FIELD("b", ""))
				ENTITY("a", "<ref name=\"r\" label=\"x\" entity=\"studio\"/>")),
		  "unique" },
		{ MODEL(ENTITY("a", "")), "没有字段" },
		{ MODEL(""), "没有实体" },
		{ "<models/>", "model" },
		{ MODEL(ENTITY("a", "<field name=\"b\" label=\"x\" type=\"txet\"/>")), "text" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct read r = read_model(cases[i].text);
		struct buffer out = { 0 };

		assert_null(r.model);
		problems_print(&r.problems, &out);
		if (!strstr(buffer_cstr(&out), cases[i].says))
			fail_msg("%zu: no '%s' in: %s", i, cases[i].says, buffer_cstr(&out));
		buffer_done(&out);
		read_done(&r);
	}
	(void)state;
}

static void all_mistakes_come_in_one_pass(void **state)
{
	struct read r = read_model(MODEL(ENTITY("a", FIELD("b", "max=\"0\"") FIELD("b", "") FIELD(
							     "C", "") FIELD("d", "codes=\"x\""))));

	assert_null(r.model);
	assert_int_equal(r.problems.errors, 4);
	read_done(&r);
	(void)state;
}

static void a_value_is_masked_by_its_privacy_and_form(void **state)
{
	static const struct {
		enum privacy privacy;
		const char *value, *shown;
	} cases[] = {
		{ PRIVACY_NONE, "张三", "张三" },
		{ PRIVACY_PERSONAL, "张三", "张*" },
		{ PRIVACY_PERSONAL, "欧阳小明", "欧***" },
		{ PRIVACY_PERSONAL, "张", "*" },
		{ PRIVACY_PERSONAL, "慈溪市浒山街道一号", "慈********" },
		{ PRIVACY_PERSONAL, "", "" },
		{ PRIVACY_SENSITIVE, "330282198001010019", "3302**********0019" },
		{ PRIVACY_SENSITIVE, "33028219800101001X", "3302**********001X" },
		{ PRIVACY_SENSITIVE, "13912340000", "139****0000" },
		{ PRIVACY_SENSITIVE, "0574-63812345", "057******2345" },
		{ PRIVACY_SENSITIVE, "护照E123", "******" },
	};
	struct arena arena = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct field field = { .privacy = cases[i].privacy };
		struct cb_text shown = field_masked(&arena, &field, cb_text_of(cases[i].value));

		assert_string_equal(shown.at, cases[i].shown);
	}
	arena_done(&arena);
	(void)state;
}

static void a_story_does_not_show_through(void **state)
{
	struct arena arena = { 0 };
	struct field field = { .privacy = PRIVACY_PERSONAL };
	char story[2001];
	struct cb_text shown;

	memset(story, 'x', 2000);
	story[2000] = '\0';
	shown = field_masked(&arena, &field, cb_text_of(story));
	assert_true(shown.len < 40);
	arena_done(&arena);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_flatten_and_lists_nest),
		cmocka_unit_test(the_digest_is_of_the_text),
		cmocka_unit_test(a_missing_label_only_warns),
		cmocka_unit_test(mistakes_are_found_where_they_stand),
		cmocka_unit_test(all_mistakes_come_in_one_pass),
		cmocka_unit_test(a_value_is_masked_by_its_privacy_and_form),
		cmocka_unit_test(a_story_does_not_show_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
