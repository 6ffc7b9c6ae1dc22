/*
 * key.c - values that belong together share a key, and nothing makes no key.
 */
#include "reconcile/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct rig {
	struct forms *forms;
	struct arena arena;
};

static int rig_open(void **state)
{
	struct rig *rig = memory_take(sizeof(*rig));

	rig->forms = forms_new();
	*state = rig;
	return 0;
}

static int rig_close(void **state)
{
	struct rig *rig = *state;

	forms_free(rig->forms);
	arena_done(&rig->arena);
	free(rig);
	return 0;
}

static unsigned keys_of(struct rig *rig, enum key key, unsigned n, enum form form, const char *text,
			uint64_t out[KEYS_MAX])
{
	struct value value;

	form_make(rig->forms, form, cb_text_of(text), &rig->arena, &value);
	return key_make(key, n, &value, out);
}

static bool meet(struct rig *rig, enum key key, unsigned n, enum form form, const char *a,
		 const char *b)
{
	uint64_t x[KEYS_MAX], y[KEYS_MAX];
	unsigned of_a = keys_of(rig, key, n, form, a, x), of_b = keys_of(rig, key, n, form, b, y);

	for (unsigned i = 0; i < of_a; i++)
		for (unsigned j = 0; j < of_b; j++)
			if (x[i] == y[j])
				return true;
	return false;
}

static void what_belongs_together_meets(void **state)
{
	static const struct {
		enum key key;
		unsigned n;
		enum form form;
		const char *a, *b;
		bool meets;
	} cases[] = {
		{ KEY_WHOLE, 0, FORM_FOLD, "Smith ", "SMITH", true },
		{ KEY_WHOLE, 0, FORM_NAME, "王某某", "王**", false }, /* hidden */
		{ KEY_PREFIX, 3, FORM_LATIN, "Martha", "Marion", true },
		{ KEY_PREFIX, 4, FORM_LATIN, "Martha", "Marion", false },
		{ KEY_PREFIX, 2, FORM_NAME, "王建国", "王建军", true },
		{ KEY_PREFIX, 3, FORM_LATIN, "Jo", "Jo", false }, /* it has no three */
		{ KEY_SUFFIX, 4, FORM_DIGITS, "12-3456", "99-3456", true },
		{ KEY_WORD, 0, FORM_LATIN, "J Tolkien", "John Tolkien", true },
		{ KEY_SORTED, 0, FORM_LATIN, "Tolkien, John", "John Tolkien", true },
		{ KEY_SOUNDEX, 0, FORM_LATIN, "Robert", "Rupert", true },
		{ KEY_SOUNDEX, 0, FORM_LATIN, "Ashcraft", "Ashcroft", true },
		{ KEY_SOUNDEX, 0, FORM_LATIN, "Robert", "Rubin", false },
		{ KEY_CONSONANTS, 0, FORM_LATIN, "Philipp", "Philip", true },
		{ KEY_PINYIN, 0, FORM_NAME, "王建国", "汪健国", true },
		{ KEY_PINYIN, 0, FORM_NAME, "林静", "凌静", false },
		{ KEY_SOUND, 0, FORM_NAME, "林静", "凌静", true },
		{ KEY_INITIALS, 0, FORM_NAME, "王建国", "吴俊刚", true },
		{ KEY_PINYIN, 0, FORM_NAME, "王先生", "王先生", false },
		{ KEY_SURNAME, 0, FORM_NAME, "欧阳建国", "欧阳先生", true },
		{ KEY_SURNAME, 0, FORM_NAME, "John Smith", "Mary Smith", true },
		{ KEY_CORE, 0, FORM_NAME, "慈溪达昌化纤有限公司", "达昌化纤厂", true },
		{ KEY_CORE, 0, FORM_NAME, "王建国", "王建国", false },
		{ KEY_ADDRESS, LEVEL_ESTATE, FORM_ADDRESS, "周巷老墩村134号", "慈溪市周巷镇老墩村",
		  true },
		{ KEY_GIVEN, 0, FORM_NAME, "王建国", "李建国", true },
		{ KEY_PHONE, 0, FORM_PHONE, "138****1234", "13800001234", true },
		{ KEY_TAIL, 4, FORM_PHONE, "63801234", "13800001234", true },
		{ KEY_PIECES, 0, FORM_PHONE, "13800001234、63800001", "63800001", true },
		{ KEY_PIECES, 0, FORM_PHONE, "138****1234", "138****1234", false },
		{ KEY_ID_SHOWN, 0, FORM_IDCARD, "330282********0019", "330282190001010019", true },
		{ KEY_ID_BIRTH, 0, FORM_IDCARD, "330282190001010019", "33028219000101123X", true },
		{ KEY_ID_BIRTH, 0, FORM_IDCARD, "330282********0019", "330282********0019", false },
		{ KEY_YEAR, 0, FORM_DATE, "1985-03-12", "1985", true },
		{ KEY_YEAR_MONTH, 0, FORM_DATE, "1985-03-12", "1985-03-31", true },
		{ KEY_YEAR_MONTH, 0, FORM_DATE, "1985", "1985", false },
		{ KEY_MONTH_DAY, 0, FORM_DATE, "1985-03-12", "1958-03-12", true },
		{ KEY_DAYS, 7, FORM_DATE, "2024-02-28", "2024-03-05", true },
		{ KEY_DAYS, 7, FORM_DATE, "2024-02-28", "2024-03-15", false },
		{ KEY_ADDRESS, LEVEL_ROOM, FORM_ADDRESS, "慈溪市明日花园3幢2单元501室",
		  "明日小区3-501", true },
		{ KEY_ADDRESS, LEVEL_NUMBER, FORM_ADDRESS, "慈溪市解放路12号", "解放路12号", true },
		{ KEY_ADDRESS, LEVEL_ROOM, FORM_ADDRESS, "慈溪市解放路12号", "解放路12号", false },
		{ KEY_PIECES, 8, FORM_NARRATIVE, "拖欠工资", "他们拖欠工资", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (meet(*state, cases[i].key, cases[i].n, cases[i].form, cases[i].a, cases[i].b) !=
		    cases[i].meets)
			fail_msg("%s: %s | %s", key_kind(cases[i].key)->name, cases[i].a,
				 cases[i].b);
}

static void neighbours_in_time_meet_wherever_a_span_ends(void **state)
{
	char a[24], b[24];

	for (int day = 1; day <= 21; day++) {
		snprintf(a, sizeof(a), "2024-03-%02d", day);
		snprintf(b, sizeof(b), "2024-03-%02d", day + 7);
		assert_true(meet(*state, KEY_DAYS, 7, FORM_DATE, a, b));
	}
}

static void an_id_meets_a_birth_date(void **state)
{
	uint64_t id[KEYS_MAX], date[KEYS_MAX];

	assert_int_equal(keys_of(*state, KEY_ID_BIRTH, 0, FORM_IDCARD, "330282190001010019", id),
			 1);
	assert_int_equal(keys_of(*state, KEY_WHOLE, 0, FORM_DATE, "1900年1月1日", date), 1);
	assert_true(id[0] == date[0]);
}

static void nothing_has_no_key(void **state)
{
	uint64_t out[KEYS_MAX];

	for (unsigned key = 0; key < KEY_COUNT; key++)
		for (unsigned form = 0; form < FORM_COUNT; form++)
			if (key_kind((enum key)key)->forms >> form & 1)
				assert_int_equal(keys_of(*state, (enum key)key, 2, (enum form)form,
							 form == FORM_NONE ? "" : " 无 ", out),
						 0);
}

static void a_key_has_a_name(void **state)
{
	for (unsigned key = 0; key < KEY_COUNT; key++)
		assert_int_equal(key_named(cb_text_of(key_kind((enum key)key)->name)), key);
	assert_int_equal(key_named(CB_TEXT("pinjin")), KEY_COUNT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_belongs_together_meets),
		cmocka_unit_test(neighbours_in_time_meet_wherever_a_span_ends),
		cmocka_unit_test(an_id_meets_a_birth_date),
		cmocka_unit_test(nothing_has_no_key),
		cmocka_unit_test(a_key_has_a_name),
	};

	return cmocka_run_group_tests(tests, rig_open, rig_close);
}
