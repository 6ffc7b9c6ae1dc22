#include "store/rig.h"

static void a_record_comes_back_as_it_was_put(void **state)
{
	struct rig *rig = *state;
	struct row *row = rig_row(rig, "A1", "漏水"), *back;

	row->values[PEOPLE] = CB_TEXT("-9223372036854775808");
	row->values[REGION] = CB_TEXT("");
	rig_item(rig, rig_item(rig, row, PARTY, "张三"), 0, "律师");
	rig_item(rig, row, PARTY, "李四");
	rig_item(rig, rig_item(rig, row, PARTY, "王五"), 0, "儿子");
	rig_item(rig, row->lists[PARTY].at[2], 0, "女儿");
	back = rig_get(rig, rig_put(rig, "k1", row));
	assert_null(back->values[REGION].at);
	row->values[REGION] = (struct cb_text){ 0 };
	assert_true(row_equal(row, back));
}

static void the_same_again_writes_nothing(void **state)
{
	struct rig *rig = *state;
	int64_t id = rig_put(rig, "k1", rig_row(rig, "A1", "一"));
	int64_t revision = rig_revision(rig, id);

	rig_reopen(rig);
	assert_int_equal(rig_put(rig, "k1", rig_row(rig, "A1", "一")), id);
	assert_int_equal(rig->result, STORE_UNCHANGED);
	assert_int_equal(rig_revision(rig, id), revision);
	rig_put(rig, "k1", rig_row(rig, "A1", "二"));
	assert_int_equal(rig->result, STORE_CHANGED);
	assert_true(rig_revision(rig, id) > revision);
}

static void only_what_the_mapping_names_changes(void **state)
{
	struct rig *rig = *state;
	bool slots[SLOTS] = { [NUMBER] = true, [TITLE] = true }, lists[LISTS] = { [STEP] = true };
	struct store_origin origin = {
		.stream = "ledger/rows", .key = CB_TEXT("9"), .slots = slots, .lists = lists
	};
	struct row *row = rig_row(rig, "A1", "旧"), *back;

	row->values[REGION] = CB_TEXT("330282");
	rig_item(rig, row, PARTY, "张三");
	rig_item(rig, row, STEP, "受理");
	rig_put(rig, "k1", row);
	row = rig_row(rig, "A1", "新");
	rig_begin(rig, 2000);
	ok(rig, rig_put_as(rig, &origin, row));
	rig_commit(rig);
	assert_int_equal(rig->result, STORE_CHANGED);
	back = rig_get(rig, rig->id);
	says(back->values[TITLE], "新");
	says(back->values[REGION], "330282");
	assert_int_equal(back->lists[PARTY].count, 1);
	assert_int_equal(back->lists[STEP].count, 0);
}

static void a_field_with_an_owner_is_changed_by_it_alone(void **state)
{
	struct rig *rig = *state;
	struct store_origin province = { .stream = "province/cases",
					 .system = "province",
					 .key = CB_TEXT("p") };
	struct row *row = rig_row(rig, "A1", "一");
	int64_t id;

	row->values[RESULT] = CB_TEXT("网格说的");
	id = rig_put(rig, "k1", row);
	assert_null(rig_get(rig, id)->values[RESULT].at);
	row->values[RESULT] = CB_TEXT("平台说的");
	rig_begin(rig, 2000);
	ok(rig, rig_put_as(rig, &province, row));
	rig_commit(rig);
	assert_int_equal(rig->id, id);
	row->values[RESULT] = CB_TEXT("网格又说");
	rig_put(rig, "k1", row);
	assert_int_equal(rig->result, STORE_UNCHANGED);
	says(rig_get(rig, id)->values[RESULT], "平台说的");
}

static void a_known_natural_key_is_no_new_record(void **state)
{
	struct rig *rig = *state;
	int64_t id = rig_put(rig, "k1", rig_row(rig, "A1", "一")), other, found;

	rig_reopen(rig);
	assert_int_equal(rig_put(rig, "k2", rig_row(rig, "A1", "一")), id);
	assert_int_equal(rig->result, STORE_UNCHANGED);
	other = rig_put(rig, "k3", rig_row(rig, NULL, "一"));
	assert_int_equal(rig->result, STORE_NEW);
	assert_int_equal(other, id + 1);
	ok(rig, store_find(rig->store, rig->cases, CB_TEXT("A1"), &found, &rig->err));
	assert_int_equal(found, id);
	assert_int_equal(store_find(rig->store, rig->cases, CB_TEXT("A2"), &found, &rig->err),
			 CB_END);
}

static void a_link_and_a_key_that_disagree_are_refused(void **state)
{
	struct rig *rig = *state;
	struct store_origin origin = { .stream = "grid/events", .key = CB_TEXT("k1") };

	rig_put(rig, "k1", rig_row(rig, "A1", "一"));
	rig_put(rig, "k2", rig_row(rig, "A2", "二"));
	rig_begin(rig, 2000);
	assert_int_equal(rig_put_as(rig, &origin, rig_row(rig, "A2", "一")), CB_REFUSED);
	assert_non_null(strstr(rig->err.text, "编号"));
	assert_null(strstr(rig->err.text, "A2"));
	/* The rest of the page goes on. */
	ok(rig, rig_put_as(rig, &origin, rig_row(rig, "A3", "一")));
	rig_commit(rig);
	assert_int_equal(rig->result, STORE_CHANGED);
}

static void without_a_key_document_and_number_decide(void **state)
{
	struct rig *rig = *state;
	struct store_origin origin = { .stream = "ledger/rows", .document = 3, .number = 12 };
	struct store_link *links;
	size_t count;
	int64_t id;

	rig_begin(rig, 1000);
	ok(rig, rig_put_as(rig, &origin, rig_row(rig, NULL, "一")));
	id = rig->id;
	ok(rig, rig_put_as(rig, &origin, rig_row(rig, NULL, "二")));
	rig_commit(rig);
	assert_int_equal(rig->id, id);
	ok(rig, store_links(rig->store, rig->cases, id, &rig->call, &links, &count, &rig->err));
	assert_int_equal(count, 1);
	assert_null(links[0].key);
	assert_int_equal(links[0].number, 12);
	/* Their key "3/12" is another. */
	rig_begin(rig, 1000);
	origin.key = CB_TEXT("3/12");
	ok(rig, rig_put_as(rig, &origin, rig_row(rig, NULL, "三")));
	rig_commit(rig);
	assert_int_equal(rig->result, STORE_NEW);
}

static void links_say_who_calls_it_what(void **state)
{
	struct rig *rig = *state;
	struct store_link *links;
	size_t count;
	int64_t id = rig_put(rig, "k1", rig_row(rig, "A1", "一"));

	rig_put(rig, "k2", rig_row(rig, "A1", "一"));
	ok(rig, store_links(rig->store, rig->cases, id, &rig->call, &links, &count, &rig->err));
	assert_int_equal(count, 2);
	assert_string_equal(links[0].stream, "grid/events");
	assert_string_equal(links[0].key, "k1");
	assert_string_equal(links[0].mapping, "aa11");
	assert_string_equal(links[1].key, "k2");
	assert_int_equal(links[1].document, 7);
}

static void a_number_that_cannot_be_kept_is_refused(void **state)
{
	static const char *const cases[] = { "9223372036854775808", "-9223372036854775809", "1.5",
					     "-", "three" };
	struct rig *rig = *state;
	struct store_origin origin = { .stream = "grid/events", .key = CB_TEXT("k1") };
	struct row *row = rig_row(rig, "A1", "一");
	int64_t count;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		row->values[PEOPLE] = cb_text_of(cases[i]);
		rig_begin(rig, 1000);
		assert_int_equal(rig_put_as(rig, &origin, row), CB_REFUSED);
		assert_non_null(strstr(rig->err.text, "人数"));
		rig_commit(rig);
	}
	ok(rig, store_record_count(rig->store, rig->cases, &count, &rig->err));
	assert_int_equal(count, 0);
}

struct seen {
	int64_t ids[300], revisions[300];
	size_t count;
};

static int see(void *with, int64_t id, int64_t revision, const struct row *row,
	       struct cb_error *err)
{
	struct seen *seen = with;

	(void)row;
	(void)err;
	seen->ids[seen->count] = id;
	seen->revisions[seen->count++] = revision;
	return CB_OK;
}

static void changes_come_in_order_and_none_is_missed(void **state)
{
	struct rig *rig = *state;
	struct seen seen = { 0 };
	int64_t reached = 0, first;

	rig_begin(rig, 1000);
	for (int i = 0; i < 290; i++) {
		struct store_origin origin = {
			.stream = "s", .key = cb_text_of(arena_printf(&rig->call, "%d", i))
		};

		ok(rig, rig_put_as(rig, &origin, rig_row(rig, NULL, "一")));
		first = i ? first : rig->id;
	}
	rig_commit(rig);
	ok(rig, store_changed(rig->store, rig->cases, 0, 2, &reached, see, &seen, &rig->err));
	assert_int_equal(seen.count, 2);
	ok(rig,
	   store_changed(rig->store, rig->cases, reached, 1000, &reached, see, &seen, &rig->err));
	assert_int_equal(seen.count, 290);
	for (size_t i = 1; i < seen.count; i++)
		assert_true(seen.revisions[i] > seen.revisions[i - 1]);
	seen.count = 0;
	rig_begin(rig, 1000);
	ok(rig, rig_put_as(rig, &(struct store_origin){ .stream = "s", .key = CB_TEXT("0") },
			   rig_row(rig, NULL, "二")));
	rig_commit(rig);
	ok(rig,
	   store_changed(rig->store, rig->cases, reached, 1000, &reached, see, &seen, &rig->err));
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.ids[0], first);
}

static int count_held(void *with, const struct store_held *held, struct cb_error *err)
{
	(void)err;
	assert_string_equal(held->outcome, "held");
	++*(int *)with;
	return CB_OK;
}

static int held_now(struct rig *rig, const char *code)
{
	int count = 0;

	ok(rig, store_held_list(rig->store, NULL, code, NULL, count_held, &count, &rig->err));
	return count;
}

static void a_put_clears_what_was_held(void **state)
{
	struct rig *rig = *state;
	struct store_held held = { .flow = "grid-in",
				   .stream = "grid/events",
				   .key = "k1",
				   .document = 1,
				   .number = 4,
				   .code = "code",
				   .field = "type",
				   .value = "09",
				   .say = "不认识的代码",
				   .outcome = "held" };

	rig_put(rig, "k1", rig_row(rig, "A1", "一"));
	rig_begin(rig, 1000);
	ok(rig, store_hold(rig->store, &held, &rig->err));
	held.code = "need";
	ok(rig, store_hold(rig->store, &held, &rig->err));
	held.key = NULL;
	ok(rig, store_hold(rig->store, &held, &rig->err));
	ok(rig, store_hold(rig->store, &held, &rig->err));
	rig_commit(rig);
	assert_int_equal(held_now(rig, NULL), 2);
	assert_int_equal(held_now(rig, "code"), 0);
	rig_reopen(rig);
	rig_put(rig, "k1", rig_row(rig, "A1", "一")); /* as it was before it was held */
	assert_int_equal(rig->result, STORE_UNCHANGED);
	assert_int_equal(held_now(rig, NULL), 1);
	rig_begin(rig, 1000);
	ok(rig,
	   rig_put_as(rig,
		      &(struct store_origin){ .stream = "grid/events", .document = 1, .number = 4 },
		      rig_row(rig, "A9", "九")));
	rig_commit(rig);
	assert_int_equal(held_now(rig, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_record_comes_back_as_it_was_put),
		test(the_same_again_writes_nothing),
		test(only_what_the_mapping_names_changes),
		test(a_field_with_an_owner_is_changed_by_it_alone),
		test(a_known_natural_key_is_no_new_record),
		test(a_link_and_a_key_that_disagree_are_refused),
		test(without_a_key_document_and_number_decide),
		test(links_say_who_calls_it_what),
		test(a_number_that_cannot_be_kept_is_refused),
		test(changes_come_in_order_and_none_is_missed),
		test(a_put_clears_what_was_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
