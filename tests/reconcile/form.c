/*
 * form.c - what people write becomes a normal form, or nothing.
 */
#include "reconcile/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "support/dice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NOTHING NULL

static void texts_have_a_normal_form(void **state)
{
	static const struct {
		enum form form;
		const char *theirs, *normal;
	} cases[] = {
		{ FORM_NONE, "  Ａb ", "Ａb" },
		{ FORM_NONE, " \u3000 ", NOTHING },
		{ FORM_FOLD, " ＡＢＣ　ｄ\t e ", "abc d e" },
		{ FORM_FOLD, "Straße", "strasse" },
		{ FORM_FOLD, "无", NOTHING },
		{ FORM_FOLD, "N/A", NOTHING },
		{ FORM_LATIN, "Dr. José O'Neill-Smith", "jose oneill smith" },
		{ FORM_LATIN, "Łukasz Sørensen", "lukasz sorensen" },
		{ FORM_LATIN, "MISS", "miss" },
		{ FORM_LATIN, "null", "null" }, /* some are called so */
		{ FORM_NAME, "王 建国", "王建国" },
		{ FORM_NAME, "王建國（户主）", "王建国" },
		{ FORM_NAME, "王建国先生", "王建国" },
		{ FORM_NAME, "王女士", "王*" },
		{ FORM_NAME, "王某某", "王**" },
		{ FORM_NAME, "王XX", "王**" },
		{ FORM_NAME, "王×国", "王*国" },
		{ FORM_NAME, "买买提·艾力", "买买提艾力" },
		{ FORM_NAME, "慈溪示例电器有限责任公司", "慈溪示例电器公司" },
		{ FORM_NAME, "Mr John  Smith", "john smith" },
		{ FORM_NAME, "匿名", NOTHING },
		{ FORM_PINYIN, "张三 Li4", "zhang san li4" },
		{ FORM_PINYIN, "绿", "lu" },
		{ FORM_DIGITS, "No. １２-3", "123" },
		{ FORM_DIGITS, "none", NOTHING },
		{ FORM_PHONE, "+86 138-0000-1234", "13800001234" },
		{ FORM_PHONE, "013800001234", "13800001234" },
		{ FORM_PHONE, "0574-63800001", "63800001" },
		{ FORM_PHONE, "13800001234、63800001转802", "63800001 13800001234" },
		{ FORM_PHONE, "13800001234 13900001234", "13800001234 13900001234" },
		{ FORM_PHONE, "138****1234", "138****1234" },
		{ FORM_PHONE, "00000000000", NOTHING },
		{ FORM_PHONE, "12345", NOTHING },
		{ FORM_DATE, "1985-2-3", "1985-02-03" },
		{ FORM_DATE, "1985年2月3日", "1985-02-03" },
		{ FORM_DATE, "19850203", "1985-02-03" },
		{ FORM_DATE, "1985/02/03 14:30:00", "1985-02-03" },
		{ FORM_DATE, "03/02/1985", "1985-02-03" },
		{ FORM_DATE, "02/23/1985", "1985-02-23" },
		{ FORM_DATE, "3 Feb 1985", "1985-02-03" },
		{ FORM_DATE, "1985", "1985" },
		{ FORM_DATE, "1985.2", "1985-02" },
		{ FORM_DATE, "1985-02-31", "1985-02-31" }, /* a slip, to be compared as one */
		{ FORM_DATE, "soon", NOTHING },
		{ FORM_NUMBER, "¥1,200.50元", "1200.5" },
		{ FORM_NUMBER, "1.2万元", "12000" },
		{ FORM_NUMBER, "about 3", NOTHING },
		{ FORM_NARRATIVE, "无", NOTHING },
	};
	struct forms *forms = forms_new();
	struct arena arena = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value v;

		form_make(forms, cases[i].form, cb_text_of(cases[i].theirs), &arena, &v);
		if (!cases[i].normal) {
			if (!value_is_missing(&v))
				fail_msg("%s is something: %s", cases[i].theirs, v.text);
			continue;
		}
		if (value_is_missing(&v))
			fail_msg("%s is nothing", cases[i].theirs);
		assert_string_equal(v.text, cases[i].normal);
		assert_int_equal(v.length, utf8_length(cb_text_of(v.text)));
	}
	arena_done(&arena);
	forms_free(forms);
}

/* The numbers are computed, nobody's. */
static void ids_are_read_as_they_come(void **state)
{
	static const struct {
		const char *theirs, *normal;
		bool is_valid, is_partial;
		uint32_t birth;
	} cases[] = {
		{ "330282190001010019", "330282190001010019", true, false, 19000101 },
		{ "33028219000101006x", "33028219000101006X", true, false, 19000101 },
		{ "３３０２８２１９０００１０１００１９", "330282190001010019", true, false,
		  19000101 },
		{ " 330282 19000101 0019 ", "330282190001010019", true, false, 19000101 },
		{ "330282000101001", "330282190001010019", true, false, 19000101 },
		{ "330222010607002", "33022219010607002X", true, false, 19010607 },
		{ "330282190001010010", "330282190001010010", false, false, 19000101 },
		{ "330282********0019", "330282********0019", false, true, 0 },
		{ "3302**********0019", "3302**********0019", false, true, 0 },
		{ "3302****0019", "3302**********0019", false, true, 0 },
		{ "33028219000101XXXX", "33028219000101****", false, true, 19000101 },
		{ "330282190001010000", "330282190001010***", false, true, 19000101 },
		{ "33028219000101", "33028219000101", false, false, 0 },
		{ "3.30282E+17", NOTHING, false, false, 0 },
		{ "无", NOTHING, false, false, 0 },
	};
	struct forms *forms = forms_new();
	struct arena arena = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value v;

		form_make(forms, FORM_IDCARD, cb_text_of(cases[i].theirs), &arena, &v);
		assert_int_equal(value_is_missing(&v), !cases[i].normal);
		if (!cases[i].normal)
			continue;
		assert_string_equal(v.text, cases[i].normal);
		assert_int_equal(v.idcard->is_valid, cases[i].is_valid);
		assert_int_equal(v.is_partial, cases[i].is_partial);
		assert_int_equal(v.idcard->birth, cases[i].birth);
	}
	arena_done(&arena);
	forms_free(forms);
}

static void a_form_has_a_name(void **state)
{
	for (unsigned form = 0; form < FORM_COUNT; form++)
		assert_int_equal(form_named(cb_text_of(form_name((enum form)form))), form);
	assert_int_equal(form_named(CB_TEXT("pinjin")), FORM_COUNT);
	for (unsigned level = 0; level < LEVEL_COUNT; level++)
		assert_int_equal(level_named(cb_text_of(level_name((enum address_level)level))),
				 level);
}

static void any_bytes_have_a_form(void **state)
{
	struct forms *forms = forms_new();
	struct arena arena = { 0 };
	char *bytes = memory_take(200000);

	dice_seed();
	for (int round = 0; round < 300; round++) {
		size_t len = round % 30 ? dice_roll(60) : dice_roll(200000);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (char)dice_roll(256);
		for (unsigned form = 0; form < FORM_COUNT; form++) {
			struct value v, again;

			form_make(forms, (enum form)form, (struct cb_text){ bytes, len }, &arena,
				  &v);
			if (value_is_missing(&v))
				continue;
			assert_int_equal(utf8_valid((struct cb_text){ v.text, v.len }, NULL),
					 v.len);
			assert_int_equal(v.text[v.len], 0);
			form_make(forms, (enum form)form, (struct cb_text){ bytes, len }, &arena,
				  &again);
			assert_true(again.hash == v.hash);
		}
		arena_clear(&arena);
	}
	free(bytes);
	arena_done(&arena);
	forms_free(forms);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_have_a_normal_form),
		cmocka_unit_test(ids_are_read_as_they_come),
		cmocka_unit_test(a_form_has_a_name),
		cmocka_unit_test(any_bytes_have_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
