/*
 * pseudonym.c - made-up values have the shape of what they stand for.
 */
#include "rig.h"

#include "base/identity.h"
#include "mapping/pseudonym.h"

static struct cb_text made(struct pseudonyms *p, const char *value)
{
	return pseudonym(p, NULL, cb_text_of(value));
}

static enum identity_finding finding(enum identity_kind kind, struct cb_text value)
{
	char out[IDENTITY_TEXT];

	return identity_read(kind, value, 0, out);
}

static void identities_stay_what_they_were(void **state)
{
	static const struct {
		enum identity_kind kind;
		const char *value;
		enum identity_finding is;
	} cases[] = {
		{ IDENTITY_IDCARD, "11010519491231002X", IDENTITY_OK },
		{ IDENTITY_IDCARD, "11010519491231002x", IDENTITY_OK },
		{ IDENTITY_IDCARD, "110105194912310021", IDENTITY_CHECK },
		{ IDENTITY_IDCARD, "110105491231002", IDENTITY_OK },
		{ IDENTITY_IDCARD, "1101**********002X", IDENTITY_MASKED },
		{ IDENTITY_IDCARD, "1.10105E+17", IDENTITY_ROUNDED },
		{ IDENTITY_IDCARD, "110105194912310000", IDENTITY_ROUNDED },
		{ IDENTITY_PHONE, "13912345678", IDENTITY_OK },
		{ IDENTITY_PHONE, "139-1234-5678", IDENTITY_OK },
		{ IDENTITY_PHONE, "0574-63012345", IDENTITY_OK },
		{ IDENTITY_PHONE, "+86 139 1234 5678", IDENTITY_OK },
		{ IDENTITY_IDCARD, "１１０１０５１９４９１２３１００２Ｘ", IDENTITY_OK },
		{ IDENTITY_IDCARD, "110105 491231 002", IDENTITY_OK },
		{ IDENTITY_IDCARD, "1101********2X", IDENTITY_MASKED },
		{ IDENTITY_USCC, "91330282MA2GT0TW9M", IDENTITY_OK },
	};
	struct arena arena = { 0 };
	struct pseudonyms p = { .arena = &arena };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct cb_text value = cb_text_of(cases[i].value), out;

		assert_int_equal(finding(cases[i].kind, value), cases[i].is);
		out = pseudonym(&p, NULL, value);
		assert_false(cb_text_equal(out, value));
		assert_int_equal(finding(cases[i].kind, out), cases[i].is);
	}
	arena_done(&arena);
}

static void what_follows_from_an_id_stays(void **state)
{
	struct arena arena = { 0 };
	struct pseudonyms p = { .arena = &arena };
	struct cb_text woman = made(&p, "11010519491231002X"), man = made(&p, "330282196512120017");

	assert_int_equal(identity_sex(woman), 'f');
	assert_int_equal(identity_sex(man), 'm');
	assert_false(cb_text_equal(woman, man));
	arena_done(&arena);
}

static void names_bodies_and_stories_keep_their_shape(void **state)
{
	static const char *const cases[][2] = {
		{ "周大明", "张小三" },
		{ "陈　晨", "李　四" },
		{ "慈溪春晓物业有限公司", "某某某某某某有限公司" },
		{ "浒山街道幸福路3号（后门）", "某某某某某某某0某（某某）" },
		{ "Anna-Lee 7", "Xxxx-Xxx 0" },
		{ "周大明", "张小三" }, /* the same again */
	};
	struct arena arena = { 0 };
	struct pseudonyms p = { .arena = &arena };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(arena_string(&arena, made(&p, cases[i][0])), cases[i][1]);
	arena_done(&arena);
}

static void nothing_of_a_value_is_left(void **state)
{
	/* Written wide, in another script, or longer than what it is taken for. */
	static const char *const cases[][2] = {
		{ "家住３幢１２号", "某某0某00某" },
		{ "ئابدۇ·Åsa", "xxxxx·xxx" },
		{ "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
		  "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
		  "一二三四五六七八九十一二三四五六七八九十5一二",
		  "某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某"
		  "某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某"
		  "某某某某某某某某某某某某某某某某某某某某0某某" },
	};
	struct arena arena = { 0 };
	struct pseudonyms p = { .arena = &arena };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(arena_string(&arena, made(&p, cases[i][0])), cases[i][1]);
	arena_done(&arena);
}

static void a_date_stays_a_date_however_it_is_written(void **state)
{
	static const struct field birth = { .type = FIELD_DATE, .privacy = PRIVACY_PERSONAL };
	static const char *const cases[][2] = {
		{ "1949-12-31", "1980-01-01" },         { "1949/2/3", "1980/1/1" },
		{ "1949年12月31日", "1980年01月01日" }, { "19491231", "19800101" },
		{ "19491231083059", "19800101000000" }, { "1949-12-31 08:30", "1980-01-01 00:00" },
		{ "１９４９-12-31", "1980-01-01" },     { "一九四九年", "某某某某某" },
		{ "1980-01-01", "1980-01-01" },
	};
	struct arena arena = { 0 };
	struct pseudonyms p = { .arena = &arena };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(
			arena_string(&arena, pseudonym(&p, &birth, cb_text_of(cases[i][0]))),
			cases[i][1]);
	arena_done(&arena);
}

static void a_name_inside_another_text_is_replaced_too(void **state)
{
	struct arena arena = { 0 };
	struct pseudonyms p = { .arena = &arena };

	(void)made(&p, "周大明");
	(void)made(&p, "1");
	assert_string_equal(
		arena_string(&arena, pseudonyms_within(&p, CB_TEXT("周大明与1号楼的周大明"))),
		"张小三与1号楼的张小三");
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identities_stay_what_they_were),
		cmocka_unit_test(what_follows_from_an_id_stays),
		cmocka_unit_test(names_bodies_and_stories_keep_their_shape),
		cmocka_unit_test(nothing_of_a_value_is_left),
		cmocka_unit_test(a_date_stays_a_date_however_it_is_written),
		cmocka_unit_test(a_name_inside_another_text_is_replaced_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
