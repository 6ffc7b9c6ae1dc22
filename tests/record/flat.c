/*
 * A tree as the cells of one row, and back: whatever the tree, the same events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "record/flat.h"

/* What a sink was told, as text: name(text child…) with own texts joined. */
struct told {
	struct buffer text;
	struct flat flat;
};

static void hear(void *with, const struct cb_event *event)
{
	struct told *t = with;

	flat_event(&t->flat, event);
	switch (event->kind) {
	case CB_ENTER:
		buffer_printf(&t->text, "<%.*s>", CB_TEXT_ARG(event->name));
		break;
	case CB_LEAVE:
		buffer_string(&t->text, "</>");
		break;
	case CB_VALUE:
		if (cb_text_is(event->name, "."))
			buffer_text(&t->text, event->text);
		else
			buffer_printf(&t->text, "<%.*s>%.*s</>", CB_TEXT_ARG(event->name),
				      CB_TEXT_ARG(event->text));
		break;
	default:
		break;
	}
}

static int on_row(void *with, struct row *row, struct cb_place place, struct cb_error *err)
{
	(void)with;
	(void)row;
	(void)place;
	(void)err;
	return CB_OK;
}

struct rig {
	struct arena shape, arena, cells;
	struct told told;
	struct cb_sink sink;
};

static void rig_init(struct rig *r)
{
	*r = (struct rig){ 0 };
	r->told.flat.arena = &r->cells;
	r->sink = (struct cb_sink){ .shape = shape_new(&r->shape),
				    .arena = &r->arena,
				    .record = on_row,
				    .watch = hear,
				    .with = &r->told };
	cb_record_begin(&r->sink, (struct cb_place){ 0 });
}

static void rig_done(struct rig *r)
{
	sink_done(&r->sink);
	flat_done(&r->told.flat);
	buffer_done(&r->told.text);
	arena_done(&r->arena);
	arena_done(&r->cells);
	arena_done(&r->shape);
}

/* The cells of @from, told to a new sink: it hears the same. */
static void come_back_the_same(struct rig *from)
{
	struct cb_error err = { 0 };
	struct unflat unflat = { 0 };
	struct rig back;

	assert_int_equal(cb_record_end(&from->sink, &err), CB_OK);
	rig_init(&back);
	unflat.sink = &back.sink;
	for (size_t i = 0; i < from->told.flat.count; i++)
		assert_int_equal(unflat_cell(&unflat, from->told.flat.cells[i].name,
					     from->told.flat.cells[i].text, &err),
				 CB_OK);
	unflat_end(&unflat);
	assert_int_equal(cb_record_end(&back.sink, &err), CB_OK);
	assert_string_equal(buffer_cstr(&back.told.text), buffer_cstr(&from->told.text));
	rig_done(&back);
}

static const char *cell(const struct rig *r, size_t at)
{
	static char out[300];

	snprintf(out, sizeof(out), "%.*s=%.*s", CB_TEXT_ARG(r->told.flat.cells[at].name),
		 CB_TEXT_ARG(r->told.flat.cells[at].text));
	return out;
}

static void lists_attributes_and_own_texts_have_paths(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r);
	cb_value(&r.sink, CB_TEXT("number"), CB_TEXT("1"));
	for (int i = 0; i < 2; i++) {
		cb_enter(&r.sink, CB_TEXT("party"));
		cb_value(&r.sink, CB_TEXT("@id"), CB_TEXT("7"));
		cb_text_part(&r.sink, CB_TEXT("张"));
		cb_text_part(&r.sink, CB_TEXT("三"));
		cb_leave(&r.sink);
	}
	cb_value(&r.sink, CB_TEXT("a/b [c]"), CB_TEXT("x"));
	cb_value(&r.sink, CB_TEXT("nothing"), CB_TEXT(" \n"));
	assert_int_equal(r.told.flat.count, 6);
	assert_string_equal(cell(&r, 0), "number=1");
	assert_string_equal(cell(&r, 2), "party=张三");
	assert_string_equal(cell(&r, 3), "party[2]/@id=7");
	assert_string_equal(cell(&r, 5), "\"a/b [c]\"=x");
	rig_done(&r);
}

static void grow(struct rig *r, unsigned depth)
{
	static const char *const names[] = { "a", "b", "c/d", "e[1]", "甲", "@x" };
	size_t count = 1 + (size_t)rand() % 4;

	for (size_t i = 0; i < count; i++) {
		struct cb_text name = cb_text_of(names[(size_t)rand() % 6]);

		if (depth < 4 && name.at[0] != '@' && rand() % 3 == 0) {
			cb_enter(&r->sink, name);
			grow(r, depth + 1);
			cb_leave(&r->sink);
		} else {
			cb_value(&r->sink, name, cb_text_of(rand() % 2 ? "1" : "二"));
		}
	}
}

static void any_tree_comes_back_the_same(void **state)
{
	const char *seed = getenv("CB_SEED");

	(void)state;
	srand((unsigned)strtoul(seed ? seed : "1", NULL, 10));
	for (int i = 0; i < 2000; i++) {
		struct rig r;

		rig_init(&r);
		grow(&r, 0);
		come_back_the_same(&r);
		rig_done(&r);
	}
}

static void a_column_that_is_no_path_is_refused(void **state)
{
	struct cb_error err = { 0 };
	struct unflat unflat = { 0 };
	struct rig r;

	(void)state;
	rig_init(&r);
	unflat.sink = &r.sink;
	assert_int_equal(unflat_cell(&unflat, CB_TEXT("a//b"), CB_TEXT("x"), &err), CB_REFUSED);
	assert_int_equal(unflat_cell(&unflat, CB_TEXT("/a"), CB_TEXT("x"), &err), CB_REFUSED);
	/* Nothing in it says nothing. */
	assert_int_equal(unflat_cell(&unflat, CB_TEXT("a//b"), CB_TEXT(""), &err), CB_OK);
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_attributes_and_own_texts_have_paths),
		cmocka_unit_test(any_tree_comes_back_the_same),
		cmocka_unit_test(a_column_that_is_no_path_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
