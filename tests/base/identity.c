/*
 * identity.c - what a number says about itself. All numbers are synthetic.
 */
#include "base/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "support/dice.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct vector {
	const char *theirs;
	enum identity_finding finding;
	const char *normal; /* NULL: as they wrote it */
};

static void assert_all(enum identity_kind kind, const struct vector *cases, size_t count)
{
	int64_t today = calendar_days(2026, 1, 1);

	for (size_t i = 0; i < count; i++) {
		char out[IDENTITY_TEXT];
		enum identity_finding finding =
			identity_read(kind, cb_text_of(cases[i].theirs), today, out);

		if (finding != cases[i].finding)
			print_message("'%s'\n", cases[i].theirs);
		assert_int_equal(finding, cases[i].finding);
		assert_string_equal(out, cases[i].normal ? cases[i].normal : cases[i].theirs);
	}
}

static void an_id_card_is_read(void **state)
{
	static const struct vector cases[] = {
		{ "330282190001010019", IDENTITY_OK, NULL },
		{ "330282190002290016", IDENTITY_DATE, NULL }, /* 1900 was no leap year */
		{ "330282190402290111", IDENTITY_OK, NULL },
		{ "330282189912310022", IDENTITY_DATE, NULL }, /* born before 1900 */
		{ "33028219011001123X", IDENTITY_OK, NULL },
		{ "330282209912314563", IDENTITY_DATE, NULL }, /* not born yet */
		{ "33028219000101006X", IDENTITY_OK, NULL },
		{ "33028219000101006x", IDENTITY_OK, "33028219000101006X" },
		{ "330282190001010010", IDENTITY_CHECK, NULL },
		{ "33028219000101", IDENTITY_SHAPE, NULL },
		{ "330282090001010011", IDENTITY_DATE, NULL },
		{ "３３０２８２１９０００１０１００１９", IDENTITY_OK, "330282190001010019" },
		{ "３３０２８２１９０００１０１００６Ｘ", IDENTITY_OK, "33028219000101006X" },
		{ " 330282 19000101 0019 ", IDENTITY_OK, "330282190001010019" },
		{ "\u3000330282190001010019\u200b\ufeff", IDENTITY_OK, "330282190001010019" },
		{ "330282********0019", IDENTITY_MASKED, NULL },
		{ "3302**********0019", IDENTITY_MASKED, NULL },
		{ "3302**********006x", IDENTITY_MASKED, "3302**********006X" },
		{ "330282xxxxxxxx0019", IDENTITY_MASKED, "330282********0019" },
		{ "330282········0019", IDENTITY_MASKED, "330282********0019" },
		{ "330282＊＊＊＊0019", IDENTITY_MASKED, "330282****0019" },
		{ "3.30282E+17", IDENTITY_ROUNDED, NULL },
		{ "3.3e+17", IDENTITY_ROUNDED, "3.3E+17" },
		{ "3E+17", IDENTITY_ROUNDED, NULL },
		{ "330282190001010000", IDENTITY_ROUNDED, NULL },
		{ "330282190001061000", IDENTITY_ROUNDED, NULL }, /* its check fits by chance */
		{ "330282000101001", IDENTITY_OK, "330282190001010019" },
		{ "330282000229001", IDENTITY_DATE, "330282190002290016" },
		{ "330222010607002", IDENTITY_OK, "33022219010607002X" }, /* an area of the past */
		{ "330282980101996", IDENTITY_DATE, "330282189801019961" }, /* a centenarian */
		{ "330282491231001", IDENTITY_OK, "330282194912310010" },
		{ "33028200010100X", IDENTITY_SHAPE, NULL },
		{ "33028219000101001Y", IDENTITY_SHAPE, NULL },
		{ "X30282190001010019", IDENTITY_SHAPE, NULL },
		{ "3302821900010100199", IDENTITY_SHAPE, NULL },
		{ "", IDENTITY_SHAPE, NULL },
		{ "无", IDENTITY_SHAPE, NULL },
		{ "不详**", IDENTITY_SHAPE, NULL },
		{ "见附件见附件见附件见附件见附件见附件见附件见附件", IDENTITY_SHAPE,
		  "见附件见附件见附件见附件见附件见附件见" },
	};

	assert_all(IDENTITY_IDCARD, cases, COUNT(cases));
}

static void a_social_credit_code_is_read(void **state)
{
	static const struct vector cases[] = {
		{ "12330282MB000001AH", IDENTITY_OK, NULL },
		{ "51330282MJ8000001K", IDENTITY_OK, NULL },
		{ "91330282MA2AAAAA09", IDENTITY_OK, NULL },
		{ "13330282000000001C", IDENTITY_OK, NULL },
		{ "31330000MD0000001N", IDENTITY_OK, NULL },
		{ "12330282MB000001A0", IDENTITY_CHECK, NULL },
		{ "91330282MAIAAAAA00", IDENTITY_SHAPE, NULL }, /* no I O S V Z */
		{ "12330282mb000001ah", IDENTITY_OK, "12330282MB000001AH" },
		{ "12330282ＭＢ000001ＡＨ", IDENTITY_OK, "12330282MB000001AH" },
		{ "12330282MB000001", IDENTITY_SHAPE, NULL },
		{ "1233028AMB000001AH", IDENTITY_SHAPE, NULL },
		{ "MB000001A", IDENTITY_SHAPE, NULL },
		{ "12330282****0001AH", IDENTITY_MASKED, NULL },
		{ "12330282XXXXXX01AH", IDENTITY_MASKED, "12330282******01AH" },
		{ "9.13302E+17", IDENTITY_ROUNDED, NULL },
		{ "133302820000000000", IDENTITY_ROUNDED, NULL },
	};

	assert_all(IDENTITY_USCC, cases, COUNT(cases));
}

static void an_organisation_code_is_read(void **state)
{
	static const struct vector cases[] = {
		{ "12345678-8", IDENTITY_OK, "123456788" },
		{ "123456788", IDENTITY_OK, NULL },
		{ "MA2AAAAA-7", IDENTITY_OK, "MA2AAAAA7" },
		{ "ma2aaaaa7", IDENTITY_OK, "MA2AAAAA7" },
		{ "00000000-0", IDENTITY_OK, "000000000" },
		{ "12345678—8", IDENTITY_OK, "123456788" },
		{ "12345678-9", IDENTITY_CHECK, "123456789" },
		{ "1234567-88", IDENTITY_SHAPE, NULL },
		{ "12345678-", IDENTITY_SHAPE, NULL },
		{ "12345678A", IDENTITY_SHAPE, NULL },
		{ "1234****8", IDENTITY_MASKED, NULL },
		{ "", IDENTITY_SHAPE, NULL },
	};

	assert_all(IDENTITY_ORGCODE, cases, COUNT(cases));
}

static void a_phone_number_is_read(void **state)
{
	static const struct vector cases[] = {
		{ "13800000000", IDENTITY_OK, NULL },
		{ "+86 138-0000-0000", IDENTITY_OK, "13800000000" },
		{ "８６１３８００００００００", IDENTITY_OK, "13800000000" },
		{ "0086 13800000000", IDENTITY_OK, "13800000000" },
		{ "013800000000", IDENTITY_OK, "13800000000" },
		{ "0574-63000000", IDENTITY_OK, NULL },
		{ "057463000000", IDENTITY_OK, "0574-63000000" },
		{ "（0574）63000000", IDENTITY_OK, "0574-63000000" },
		{ "+86 574 63000000", IDENTITY_OK, "0574-63000000" },
		{ "0571－8700000", IDENTITY_OK, "0571-8700000" },
		{ "01063000000", IDENTITY_OK, "010-63000000" },
		{ "021-63000000", IDENTITY_OK, NULL },
		{ "63000000", IDENTITY_SHAPE, NULL }, /* whose area? a candidate at most */
		{ "138****0000", IDENTITY_MASKED, NULL },
		{ "138xxxx0000", IDENTITY_MASKED, "138****0000" },
		{ "13800000000,63000000 / 13900000000", IDENTITY_SHAPE,
		  "13800000000,63000000/13900000000" },
		{ "13900000000", IDENTITY_OK, NULL },
		{ "无", IDENTITY_SHAPE, NULL },
		{ "不详", IDENTITY_SHAPE, NULL },
		{ "未知", IDENTITY_SHAPE, NULL },
		{ "/", IDENTITY_SHAPE, NULL },
		{ "-", IDENTITY_SHAPE, "" },
		{ "0", IDENTITY_SHAPE, NULL },
		{ "暂无", IDENTITY_SHAPE, NULL },
		{ "", IDENTITY_SHAPE, NULL },
		{ "12800000000", IDENTITY_SHAPE, NULL },
		{ "1380000000", IDENTITY_SHAPE, NULL },
		{ "0574-13000000", IDENTITY_SHAPE, "057413000000" },
		{ "0000-63000000", IDENTITY_SHAPE, "000063000000" },
		{ "1.38E+10", IDENTITY_ROUNDED, NULL },
	};

	assert_all(IDENTITY_PHONE, cases, COUNT(cases));
}

static void a_region_has_six_nine_or_twelve_digits(void **state)
{
	static const struct vector cases[] = {
		{ "330282", IDENTITY_OK, NULL },
		{ "330282001", IDENTITY_OK, NULL },
		{ "３３０２８２００１００１", IDENTITY_OK, "330282001001" },
		{ "3302", IDENTITY_SHAPE, NULL },
		{ "33028200", IDENTITY_SHAPE, NULL },
		{ "030282", IDENTITY_SHAPE, NULL },
		{ "33028A", IDENTITY_SHAPE, NULL },
		{ "3.30282E+11", IDENTITY_ROUNDED, NULL },
	};

	assert_all(IDENTITY_REGION, cases, COUNT(cases));
}

static void without_today_nobody_is_from_the_future(void **state)
{
	char out[IDENTITY_TEXT];

	assert_int_equal(identity_read(IDENTITY_IDCARD, CB_TEXT("330282209912314563"), 0, out),
			 IDENTITY_OK);
	assert_int_equal(identity_read(IDENTITY_IDCARD, CB_TEXT("330282190001010019"),
				       calendar_days(1900, 1, 1), out),
			 IDENTITY_OK);
	assert_int_equal(identity_read(IDENTITY_IDCARD, CB_TEXT("330282190001010019"),
				       calendar_days(1899, 12, 31), out),
			 IDENTITY_DATE);
}

static void sex_and_birth_stand_in_the_number(void **state)
{
	char birth[11];

	assert_int_equal(identity_sex(CB_TEXT("330282190001010019")), 'm');
	assert_int_equal(identity_sex(CB_TEXT("33022219010607002X")), 'f');
	identity_birth(CB_TEXT("330282194912310010"), birth);
	assert_string_equal(birth, "1949-12-31");
}

/* The check digit is there for exactly this. */
static void one_wrong_digit_or_two_swapped_are_noticed(void **state)
{
	static const struct {
		enum identity_kind kind;
		const char *number;
	} cases[] = {
		{ IDENTITY_IDCARD, "330282190402290111" },
		{ IDENTITY_IDCARD, "33028219011001123X" },
		{ IDENTITY_USCC, "51330282MJ8000001K" },
		{ IDENTITY_ORGCODE, "123456788" },
	};
	char out[IDENTITY_TEXT], wrong[IDENTITY_TEXT];

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i].number);

		for (size_t at = 0; at < len; at++) {
			strcpy(wrong, cases[i].number);
			for (char c = '0'; c <= '9'; c++) {
				wrong[at] = c;
				if (c != cases[i].number[at])
					assert_int_not_equal(identity_read(cases[i].kind,
									   cb_text_of(wrong), 0,
									   out),
							     IDENTITY_OK);
			}
			strcpy(wrong, cases[i].number);
			if (at + 1 == len || wrong[at] == wrong[at + 1])
				continue;
			wrong[at] = cases[i].number[at + 1];
			wrong[at + 1] = cases[i].number[at];
			assert_int_not_equal(
				identity_read(cases[i].kind, cb_text_of(wrong), 0, out),
				IDENTITY_OK);
		}
	}
}

static void no_input_leaves_the_room(void **state)
{
	static const char *const bits[] = { "0",  "1",  "86",   "+86", "0086", "X", "x",
					    "*",  "·",  "-",    " ",   "E+",   ".", "３",
					    "Ａ", "无", "0574", "138", "000" };
	char text[256], out[IDENTITY_TEXT];

	dice_seed();
	for (int i = 0; i < 100000; i++) {
		size_t len = 0;

		while (len < 200 && dice_roll(30) != 0) {
			const char *bit = bits[dice_roll(COUNT(bits))];

			memcpy(text + len, bit, strlen(bit));
			len += strlen(bit);
			if (dice_roll(100) == 0)
				text[len++] = '\0';
		}
		for (int kind = IDENTITY_IDCARD; kind <= IDENTITY_REGION; kind++) {
			identity_read((enum identity_kind)kind, (struct cb_text){ text, len }, 0,
				      out);
			assert_non_null(memchr(out, '\0', sizeof(out)));
		}
	}
}

/* What was read once is read again as it is. */
static void the_normal_form_is_its_own(void **state)
{
	char text[IDENTITY_TEXT], out[IDENTITY_TEXT], again[IDENTITY_TEXT];
	int good = 0;

	dice_seed();
	for (int i = 0; i < 200000; i++) {
		enum identity_kind kind = (enum identity_kind)dice_roll(5);
		int len = 6 + (int)dice_roll(13);

		if (kind == IDENTITY_IDCARD && dice_roll(2))
			len = 15;
		for (int at = 0; at < len; at++)
			text[at] = (char)('0' + dice_roll(kind == IDENTITY_IDCARD ? 3 : 10));
		text[len] = '\0';
		if (identity_read(kind, cb_text_of(text), 0, out) != IDENTITY_OK)
			continue;
		good++;
		assert_int_equal(identity_read(kind, cb_text_of(out), 0, again), IDENTITY_OK);
		assert_string_equal(again, out);
	}
	assert_true(good > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_card_is_read),
		cmocka_unit_test(a_social_credit_code_is_read),
		cmocka_unit_test(an_organisation_code_is_read),
		cmocka_unit_test(a_phone_number_is_read),
		cmocka_unit_test(a_region_has_six_nine_or_twelve_digits),
		cmocka_unit_test(without_today_nobody_is_from_the_future),
		cmocka_unit_test(sex_and_birth_stand_in_the_number),
		cmocka_unit_test(one_wrong_digit_or_two_swapped_are_noticed),
		cmocka_unit_test(no_input_leaves_the_room),
		cmocka_unit_test(the_normal_form_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
