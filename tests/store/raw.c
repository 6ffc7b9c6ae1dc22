#include <zstd.h>

#include "store/rig.h"

static struct cb_text pack(struct rig *rig, const char *text)
{
	size_t room = ZSTD_compressBound(strlen(text));
	char *out = arena_take(&rig->call, room);

	return (struct cb_text){ out, ZSTD_compress(out, room, text, strlen(text), 3) };
}

static int64_t add(struct rig *rig, const char *first, const char *second)
{
	struct store_document doc = {
		.stream = "grid/events", .key = "1.xml", .media = "text/xml", .run = 4
	};
	int64_t id;

	rig_begin(rig, 1000);
	ok(rig, store_document_add(rig->store, &doc, &id, &rig->err));
	ok(rig, store_document_piece(rig->store, id, pack(rig, first), (int64_t)strlen(first),
				     &rig->err));
	ok(rig, store_document_piece(rig->store, id, pack(rig, second), (int64_t)strlen(second),
				     &rig->err));
	rig_commit(rig);
	return id;
}

static void a_document_comes_back_to_the_byte(void **state)
{
	struct rig *rig = *state;
	struct store_document doc;
	struct buffer out = { 0 };
	int64_t id = add(rig, "<a>\xff", "\x01</a>");

	add(rig, "other", "");
	ok(rig, store_document_read(rig->store, id, &rig->call, &doc, &out, &rig->err));
	says(buffer_view(&out), "<a>\xff\x01</a>");
	assert_string_equal(doc.key, "1.xml");
	assert_null(doc.charset);
	assert_int_equal(store_document_read(rig->store, 99, NULL, NULL, &out, &rig->err), CB_END);
	buffer_done(&out);
}

static void a_piece_of_the_wrong_length_is_broken(void **state)
{
	struct rig *rig = *state;
	struct buffer out = { 0 };
	struct store_document doc = { .stream = "s" };
	int64_t id;

	rig_begin(rig, 1000);
	ok(rig, store_document_add(rig->store, &doc, &id, &rig->err));
	ok(rig, store_document_piece(rig->store, id, pack(rig, "four"), 5, &rig->err));
	rig_commit(rig);
	assert_int_equal(store_document_read(rig->store, id, NULL, NULL, &out, &rig->err),
			 CB_BROKEN);
	buffer_done(&out);
}

static void a_cursor_is_there_after_the_commit(void **state)
{
	struct rig *rig = *state;
	const char *cursor;

	ok(rig, store_cursor(rig->store, "s", &rig->call, &cursor, &rig->err));
	assert_null(cursor);
	rig_begin(rig, 1000);
	ok(rig, store_cursor_set(rig->store, "s", "page=3", &rig->err));
	rig_commit(rig);
	rig_reopen(rig);
	ok(rig, store_cursor(rig->store, "s", &rig->call, &cursor, &rig->err));
	assert_string_equal(cursor, "page=3");
}

static void a_source_is_kept_once(void **state)
{
	struct rig *rig = *state;

	rig_put(rig, "k1", rig_row(rig, "A1", "一")); /* aa11 is known by its digest alone */
	rig_begin(rig, 1000);
	for (int i = 0; i < 2; i++)
		ok(rig, store_source(rig->store, "aa11", "mapping", "grid.xml", CB_TEXT("<m/>"),
				     &rig->err));
	ok(rig, store_source(rig->store, "bb22", "codes", "c.csv", CB_TEXT("a,b"), &rig->err));
	rig_commit(rig);
}

static void the_texts_of_a_mapping_come_back_in_order(void **state)
{
	struct rig *rig = *state;
	struct store_text *texts;
	struct arena arena = { 0 };
	const char *digest;
	size_t count;

	rig_begin(rig, 1000);
	for (int i = 0; i < 2; i++) {
		ok(rig, store_chapter(rig->store, "m1", 0, "a.xml", CB_TEXT("<m/>"), &rig->err));
		ok(rig, store_chapter(rig->store, "m1", 1, "c.csv", CB_TEXT("a,b"), &rig->err));
	}
	ok(rig, store_chapter(rig->store, "m2", 0, "a.xml", CB_TEXT("<m2/>"), &rig->err));
	ok(rig, store_chapter(rig->store, "m2", 1, "c.csv", CB_TEXT("a,b"), &rig->err));
	rig_commit(rig);
	ok(rig, store_chapters(rig->store, "m1", &arena, &texts, &count, &rig->err));
	assert_int_equal(count, 2);
	assert_string_equal(texts[1].name, "c.csv");
	assert_true(cb_text_is(texts[0].text, "<m/>"));
	assert_true(cb_text_is(texts[1].text, "a,b"));
	ok(rig, store_chapters(rig->store, "m9", &arena, &texts, &count, &rig->err));
	assert_int_equal(count, 0);
	ok(rig, store_mapping_before(rig->store, "a.xml", "m2", &arena, &digest, &rig->err));
	assert_string_equal(digest, "m1");
	assert_int_equal(store_mapping_before(rig->store, "b.xml", "", &arena, &digest, &rig->err),
			 CB_END);
	arena_done(&arena);
}

static void drift_is_counted_until_it_is_dropped(void **state)
{
	struct rig *rig = *state;
	struct store_drift *drifts;
	struct arena arena = { 0 };
	size_t count;

	rig_begin(rig, 1000);
	ok(rig, store_drift_add(rig->store, "s", CB_TEXT("a/b"), 2, &rig->err));
	rig_commit(rig);
	rig_begin(rig, 2000);
	ok(rig, store_drift_add(rig->store, "s", CB_TEXT("a/b"), 3, &rig->err));
	ok(rig, store_drift_add(rig->store, "t", CB_TEXT("c"), 1, &rig->err));
	rig_commit(rig);
	ok(rig, store_drifts(rig->store, "s", &arena, &drifts, &count, &rig->err));
	assert_int_equal(count, 1);
	assert_int_equal(drifts[0].count, 5);
	assert_int_equal(drifts[0].first_ms, 1000);
	assert_int_equal(drifts[0].last_ms, 2000);
	rig_begin(rig, 3000);
	ok(rig, store_drift_drop(rig->store, "s", "a/b", &rig->err));
	rig_commit(rig);
	ok(rig, store_drifts(rig->store, NULL, &arena, &drifts, &count, &rig->err));
	assert_int_equal(count, 1);
	assert_string_equal(drifts[0].stream, "t");
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_document_comes_back_to_the_byte),
		test(a_piece_of_the_wrong_length_is_broken),
		test(a_cursor_is_there_after_the_commit),
		test(a_source_is_kept_once),
		test(the_texts_of_a_mapping_come_back_in_order),
		test(drift_is_counted_until_it_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
