#include "store/rig.h"

#define MODEL(body) "<model name='m' label='模型'>" body "</model>"
#define CASE(body) "<entity name='case' label='案件'>" body "</entity>"
#define STUDIO                                                                                     \
	"<entity name='studio' label='工作室'><field name='code' label='x' type='text' "        \
	"unique='yes'/></entity>"
#define FIELD(name, more) "<field name='" name "' label='标签' " more "/>"
#define NUMBER_FIELD FIELD("number", "type='text' unique='yes'")
#define TITLE_FIELD FIELD("title", "type='text'")
#define PEOPLE_FIELD FIELD("people", "type='integer'")
#define REST                                                                                       \
	FIELD("result", "type='text' owner='province'")                                            \
	"<group name='place' label='x'>" FIELD("region", "type='text'") "</group>"
#define PARTY_LIST(more)                                                                           \
	"<list name='party' label='x'>" FIELD("name", "type='text'") more                          \
		"<list name='agent' label='x'>" FIELD("name", "type='text'") "</list></list>"
#define STEP_LIST "<list name='step' label='x'>" FIELD("say", "type='text'") "</list>"

static int64_t fill(struct rig *rig)
{
	struct row *row = rig_row(rig, "A1", "漏水");

	row->values[PEOPLE] = CB_TEXT("12");
	rig_item(rig, rig_item(rig, row, PARTY, "张三"), 0, "律师");
	return rig_put(rig, "k1", row);
}

static int reopen_as(struct rig *rig, const char *model)
{
	store_close(rig->store);
	rig->store = NULL;
	rig_model(rig, model);
	return rig_try(rig, STORE_WRITE);
}

static void what_is_added_keeps_what_was(void **state)
{
	struct rig *rig = *state;
	int64_t id = fill(rig), count;
	const struct table *extra;
	struct row *row;

	ok(rig,
	   reopen_as(rig, MODEL(CASE(NUMBER_FIELD TITLE_FIELD PEOPLE_FIELD REST FIELD("late",
										      "type='flag'")
					     PARTY_LIST(FIELD("phone", "type='text'")) STEP_LIST
				     "<list name='note' label='x'>" TITLE_FIELD "</list>") STUDIO
				"<entity name='person' label='x'>" TITLE_FIELD "</entity>")));
	row = rig_get(rig, id);
	says(row->values[TITLE], "漏水");
	says(row->values[PEOPLE], "12");
	assert_null(row->values[5].at);
	says(row->lists[PARTY].at[0]->values[0], "张三");
	says(row->lists[PARTY].at[0]->lists[0].at[0]->values[0], "律师");
	row->values[5] = CB_TEXT("yes");
	rig_item(rig, row, 2, "记");
	rig_put(rig, "k1", row);
	assert_int_equal(rig->result, STORE_CHANGED);
	assert_true(row_equal(rig_get(rig, id), row));
	extra = model_entity(rig->model, "person");
	ok(rig, store_record_count(rig->store, extra, &count, &rig->err));
	assert_int_equal(count, 0);
}

/* Everything else as it is, PEOPLE and PARTY in question. */
#define WITH(people, lists) MODEL(CASE(NUMBER_FIELD TITLE_FIELD people REST lists) STUDIO)

static void losing_data_is_refused_by_name(void **state)
{
	static const struct {
		const char *model, *names;
	} cases[] = {
		{ WITH("", PARTY_LIST("") STEP_LIST), "people" },
		{ WITH(FIELD("people", "type='date'"), PARTY_LIST("") STEP_LIST), "people" },
		{ WITH(PEOPLE_FIELD, STEP_LIST), "case_party" },
		{ WITH(PEOPLE_FIELD, "<list name='party' label='x'>" FIELD(
					     "name", "type='text'") "</list>" STEP_LIST),
		  "case_party_agent" },
		{ MODEL(CASE(NUMBER_FIELD FIELD("title", "type='text' max='1'")
				     PEOPLE_FIELD REST PARTY_LIST("") STEP_LIST) STUDIO),
		  "title" },
		{ MODEL(STUDIO), "case_record" },
	};
	struct rig *rig = *state;
	int64_t id = fill(rig);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(reopen_as(rig, cases[i].model), CB_SETUP);
		assert_non_null(strstr(rig->err.text, cases[i].names));
		ok(rig, reopen_as(rig, RIG_MODEL));
		says(rig_get(rig, id)->values[PEOPLE], "12");
	}
}

static void what_is_empty_goes_without_a_word(void **state)
{
	struct rig *rig = *state;
	int64_t id = fill(rig);

	ok(rig, reopen_as(rig, MODEL(CASE(NUMBER_FIELD TITLE_FIELD PEOPLE_FIELD PARTY_LIST("")))));
	says(rig_get(rig, id)->values[TITLE], "漏水");
	ok(rig, reopen_as(rig, RIG_MODEL));
}

static void a_number_may_become_text(void **state)
{
	struct rig *rig = *state;
	int64_t id = fill(rig);
	struct row *row;

	ok(rig, reopen_as(rig, WITH(FIELD("people", "type='text'"), PARTY_LIST("") STEP_LIST)));
	says(rig_get(rig, id)->values[PEOPLE], "12");
	row = rig_get(rig, id);
	row->values[PEOPLE] = CB_TEXT("十二");
	rig_put(rig, "k1", row);
	says(rig_get(rig, id)->values[PEOPLE], "十二");
}

static void a_value_that_stands_twice_is_no_key(void **state)
{
	static const char model[] =
		MODEL(CASE(FIELD("number", "type='text'") FIELD("title", "type='text' unique='yes'")
				   PEOPLE_FIELD REST PARTY_LIST("") STEP_LIST) STUDIO);
	struct rig *rig = *state;

	fill(rig);
	rig_put(rig, "k2", rig_row(rig, "A2", "漏水"));
	assert_int_equal(reopen_as(rig, model), CB_SETUP);
	assert_non_null(strstr(rig->err.text, "title"));
	ok(rig, reopen_as(rig, RIG_MODEL));
	rig_put(rig, "k2", rig_row(rig, "A2", "噪音"));
	ok(rig, reopen_as(rig, model));
	assert_int_equal(rig_put(rig, "k9", rig_row(rig, "A1", "噪音")), 2);
}

static void what_may_be_changed_now_is_looked_at_again(void **state)
{
	struct rig *rig = *state;
	struct row *row = rig_row(rig, "A1", "一");
	int64_t id;

	row->values[RESULT] = CB_TEXT("调解成功");
	id = rig_put(rig, "k1", row);
	assert_null(rig_get(rig, id)->values[RESULT].at);
	ok(rig,
	   reopen_as(rig, MODEL(CASE(NUMBER_FIELD TITLE_FIELD PEOPLE_FIELD FIELD(
				  "result", "type='text'") "<group name='place' "
							   "label='x'>" FIELD(
								   "region",
								   "type='text'") "</"
										  "group"
										  ">" PARTY_LIST("")
											  STEP_LIST)
					STUDIO)));
	row->shape = rig->cases->shape;
	rig_put(rig, "k1", row);
	says(rig_get(rig, id)->values[RESULT], "调解成功");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_added_keeps_what_was),
		test(losing_data_is_refused_by_name),
		test(what_is_empty_goes_without_a_word),
		test(a_number_may_become_text),
		test(a_value_that_stands_twice_is_no_key),
		test(what_may_be_changed_now_is_looked_at_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
