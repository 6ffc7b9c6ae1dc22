/*
 * compare.c - a pair gets the level that a person would give it.
 */
#include "reconcile/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "support/dice.h"

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

static struct value value_of(struct rig *rig, enum form form, const char *text)
{
	struct value value;

	form_make(rig->forms, form, cb_text_of(text), &rig->arena, &value);
	return value;
}

static int level_of(struct rig *rig, const struct comparison *c, enum form form, const char *a,
		    const char *b)
{
	struct value va = value_of(rig, form, a), vb = value_of(rig, form, b);
	const struct value *one = &va, *other = &vb;
	int level = compare_values(c, &one, &other);

	assert_int_equal(compare_values(c, &other, &one), level);
	return level;
}

struct expected {
	const char *a, *b;
	int level;
};

static void check(struct rig *rig, const struct comparison *c, enum form form,
		  const struct expected cases[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int level = level_of(rig, c, form, cases[i].a, cases[i].b);

		if (level != cases[i].level)
			fail_msg("%s | %s: %d, not %d", cases[i].a, cases[i].b, level,
				 cases[i].level);
	}
}

static void a_chinese_name_has_levels(void **state)
{
	enum { SURNAME = 1, MASK, SLIP, LOOKS, DIALECT, SOUNDS, SAME };
	static const struct comparison c = {
		.columns = 1,
		.count = 7,
		.levels = { { MEASURE_EXACT },
			    { MEASURE_PINYIN },
			    { MEASURE_SOUND },
			    { MEASURE_ALIKE },
			    { MEASURE_NAME_SLIP },
			    { MEASURE_NAME_MASK },
			    { MEASURE_SURNAME } },
	};
	static const struct expected cases[] = {
		{ "王建国", "王建国", SAME },
		{ "王建国", "王建國", SAME },
		{ "王建国", "王 建国（户主）", SAME },
		{ "买买提·艾力", "买买提艾力", SAME },
		{ "欧阳建国", "歐陽建國", SAME },
		{ "王建国", "汪建国", SOUNDS },
		{ "张伟", "章玮", SOUNDS },
		{ "曾小明", "增小明", SOUNDS }, /* as a surname it is zeng, else ceng */
		{ "单伟", "善伟", SOUNDS },
		{ "吕丽", "绿丽", SOUNDS },
		{ "Wang Jianguo", "王建国", SOUNDS },
		{ "Jianguo Wang", "王建国", SOUNDS },
		{ "林静", "凌静", DIALECT },
		{ "陈志强", "程子强", DIALECT },
		{ "李未", "李末", LOOKS },
		{ "王晓晨", "王晓辰", SOUNDS },
		{ "王建国", "王国建", SLIP },
		{ "王建国", "王建军", SLIP },
		{ "王建国", "王建", SLIP },
		{ "王某某", "王建国", MASK },
		{ "王某", "王建国", MASK },
		{ "王先生", "王建国", MASK },
		{ "王*国", "王建国", MASK },
		{ "王*军", "王建国", SURNAME },
		{ "王XX", "王某某", MASK }, /* hidden is not the same */
		{ "李某某", "王建国", LEVEL_ELSE },
		{ "王建国", "王秀英", SURNAME },
		{ "欧阳建国", "欧阳修文", SURNAME },
		{ "欧阳建国", "欧建国", SLIP },
		{ "王建国", "李秀英", LEVEL_ELSE },
		{ "王建国", "", LEVEL_MISSING },
		{ "匿名", "王建国", LEVEL_MISSING },
	};

	check(*state, &c, FORM_NAME, cases, COUNT(cases));
}

static void an_id_has_levels(void **state)
{
	enum { BIRTH = 1, SLIP, MASK, SAME };
	static const struct comparison c = {
		.columns = 1,
		.count = 4,
		.levels = { { MEASURE_EXACT },
			    { MEASURE_ID_MASK, .bound = 8 },
			    { MEASURE_ID_SLIP },
			    { MEASURE_ID_BIRTH } },
	};
	static const struct expected cases[] = {
		{ "330282190001010019", "330282190001010019", SAME },
		{ "33028219000101006x", "33028219000101006X", SAME },
		{ "330282000101001", "330282190001010019", SAME },
		{ "330282********0019", "330282190001010019", MASK },
		{ "330282********0019", "330282********0019", MASK },
		{ "3302**********0019", "330282********0019", MASK },
		{ "330282********0018", "330282190001010019", LEVEL_ELSE },
		/* Shows too little to be called the same, or different. */
		{ "33**************19", "330282190001010019", LEVEL_MISSING },
		{ "34**************19", "330282190001010019", LEVEL_ELSE },
		{ "330282190001010019", "330282190001010091", SLIP },
		{ "330282190001010019", "330282190007010019", SLIP },
		{ "330282190001010019", "33028219000101019", SLIP }, /* one is missing */
		{ "330282190001010019", "33028219000101123X", BIRTH },
		{ "330282190001010019", "33028219110101123X", LEVEL_ELSE },
		{ "330282190001010019", "不详", LEVEL_MISSING },
		{ "3.30282E+17", "330282190001010019", LEVEL_MISSING },
	};

	check(*state, &c, FORM_IDCARD, cases, COUNT(cases));
}

static void a_phone_has_levels(void **state)
{
	enum { SLIP = 1, MASK, ONE, SAME };
	static const struct comparison c = {
		.columns = 1,
		.count = 4,
		.levels = { { MEASURE_EXACT },
			    { MEASURE_SHARED, .bound = 1 },
			    { MEASURE_PHONE_MASK, .bound = 7 },
			    { MEASURE_PHONE_SLIP } },
	};
	static const struct expected cases[] = {
		{ "13800001234", "+86 138 0000 1234", SAME },
		{ "0574-63800001", "63800001", SAME },
		{ "13800001234、13900005678", "13900005678", ONE },
		{ "138****1234", "13800001234", MASK },
		{ "138****1234", "138****1234", MASK },
		{ "13800001234", "13800001243", SLIP },
		{ "13800001234", "13800001235", SLIP },
		{ "13800001234", "13900005678", LEVEL_ELSE },
		{ "13800001234", "12345", LEVEL_MISSING },
	};

	check(*state, &c, FORM_PHONE, cases, COUNT(cases));
}

static void a_date_has_levels(void **state)
{
	enum { YEAR = 1, MONTH, ONLY_YEAR, NEAR, SLIP, SAME };
	static const struct comparison c = {
		.columns = 1,
		.count = 6,
		.levels = { { MEASURE_EXACT },
			    { MEASURE_DATE_SLIP },
			    { MEASURE_DAYS, .bound = 3 },
			    { MEASURE_YEAR_ONLY },
			    { MEASURE_YEAR_MONTH },
			    { MEASURE_YEAR } },
	};
	static const struct expected cases[] = {
		{ "1985-03-12", "1985年3月12日", SAME },
		{ "1985-03-12", "1985-12-03", SLIP },
		{ "1985-03-12", "1958-03-12", SLIP },
		{ "1985-03-12", "1985-03-42", SLIP }, /* no such day, one digit off */
		{ "1985-02-28", "1985-03-01", NEAR },
		{ "1985-03-12", "1985-01-01", ONLY_YEAR },
		{ "1985-03-12", "1985", ONLY_YEAR },
		{ "1985-03-12", "1985-03-28", MONTH },
		{ "1985-03-12", "1985-09-28", YEAR },
		{ "1985-03-12", "1971-09-28", LEVEL_ELSE },
		{ "1985-03-12", "不详", LEVEL_MISSING },
	};

	check(*state, &c, FORM_DATE, cases, COUNT(cases));
}

static void an_address_has_levels(void **state)
{
	enum { COUNTY = 1, TOWN, ROAD, ESTATE, NUMBER, BUILDING, UNIT, ROOM, SAME };
	static const struct comparison c = {
		.columns = 1,
		.count = 9,
		.levels = { { MEASURE_EXACT },
			    { MEASURE_ADDRESS, .bound = LEVEL_ROOM },
			    { MEASURE_ADDRESS, .bound = LEVEL_UNIT },
			    { MEASURE_ADDRESS, .bound = LEVEL_BUILDING },
			    { MEASURE_ADDRESS, .bound = LEVEL_NUMBER },
			    { MEASURE_ADDRESS, .bound = LEVEL_ESTATE },
			    { MEASURE_ADDRESS, .bound = LEVEL_ROAD },
			    { MEASURE_ADDRESS, .bound = LEVEL_TOWN },
			    { MEASURE_ADDRESS, .bound = LEVEL_COUNTY } },
	};
	static const struct expected cases[] = {
		{ "慈溪市明日花园3幢2单元501室", "慈溪市明日花园３幢２单元５０１室", SAME },
		{ "慈溪市明日花园3幢2单元501室", "明日花园3-2-501", ROOM },
		{ "浙江省慈溪市白沙路街道明日花园3幢501室", "明日花园三号楼501", ROOM },
		{ "浒山街道解放路12号明日花园3幢501室", "明日小区3栋501室", ROOM },
		{ "明日花园3幢2单元501室", "明日花园3幢2单元502室", UNIT },
		{ "明日花园3幢501室", "明日花园3幢602室", BUILDING },
		{ "明日花园3幢501室", "明日花园4幢501室", ESTATE },
		{ "明日花园3幢501室", "慈溪市明日花园", ESTATE },
		{ "观海卫镇东风村12号", "慈溪市东风村12号", NUMBER },
		{ "慈溪市解放路12号", "解放路012号", NUMBER },
		{ "慈溪市解放路12号", "解放路15号", ROAD },
		{ "横河镇横街村5号", "横街村5号", NUMBER },
		{ "掌起镇东风村12号", "观海卫镇东风村12号",
		  LEVEL_ELSE }, /* two villages of a name */
		{ "白沙路街道东风村", "白沙街道向阳村", TOWN },
		{ "宁波市慈溪市解放路", "宁波市慈溪市人民路", COUNTY },
		{ "宁波市慈溪市", "宁波市余姚市", LEVEL_ELSE },
		{ "慈溪市解放路12号", "无", LEVEL_MISSING },
	};

	check(*state, &c, FORM_ADDRESS, cases, COUNT(cases));
}

static void what_an_address_leaves_out_is_not_different(void **state)
{
	enum { APART_IN_TOWN = 1, APART_IN_PLACE, TOWN, PLACE, NUMBER, ROOM };
	static const struct comparison c = {
		.columns = 1,
		.count = 6,
		.levels = { { MEASURE_ADDRESS_FITS, .bound = LEVEL_ROOM },
			    { MEASURE_ADDRESS_FITS, .bound = LEVEL_NUMBER },
			    { MEASURE_ADDRESS_FITS, .bound = LEVEL_VILLAGE },
			    { MEASURE_ADDRESS_FITS, .bound = LEVEL_TOWN },
			    { MEASURE_ADDRESS, .bound = LEVEL_VILLAGE },
			    { MEASURE_ADDRESS, .bound = LEVEL_TOWN } },
	};
	static const struct expected cases[] = {
		{ "慈溪市观海卫镇东风村12号", "东风村", PLACE },
		{ "慈溪市观海卫镇东风村12号", "观海卫镇", TOWN },
		{ "慈溪市观海卫镇", "东风村12号", LEVEL_MISSING },
		{ "慈溪市观海卫镇", "浙江省慈溪市", LEVEL_MISSING },
		{ "慈溪市观海卫镇东风村12号", "观海卫镇东风村13号", APART_IN_PLACE },
		{ "慈溪市观海卫镇东风村12号", "观海卫镇向阳村12号", APART_IN_TOWN },
		{ "观海卫镇东风村12号", "掌起镇东风村12号", LEVEL_ELSE },
		/* A village is no estate. */
		{ "观海卫镇东风村12号", "观海卫镇明日花园3幢", APART_IN_TOWN },
		/* The town without 镇, the city without 市. */
		{ "慈溪周巷老墩村134号", "慈溪市周巷镇老墩村134号", NUMBER },
		{ "周巷老墩村134号", "周巷镇", TOWN },
		{ "周巷老墩村134号", "横河镇老墩村134号", APART_IN_TOWN - 1 },
		{ "周巷镇小桥头村", "周巷镇桥头村", APART_IN_TOWN },
		{ "慈溪市观海卫", "观海卫镇东风村", TOWN },
		{ "宁波市慈溪市观海卫镇东风村", "慈溪市观海卫镇东风村", PLACE },
		/* Numbers in other words. */
		{ "西山村3组12#", "西山村12号", NUMBER },
		{ "明日花园3号楼2单元901", "明日花园3幢901室", ROOM },
		{ "明日花园3幢", "明日新村3幢", LEVEL_ELSE },
		{ "文化路12号", "文化巷12号", LEVEL_ELSE },
	};

	check(*state, &c, FORM_ADDRESS, cases, COUNT(cases));
}

static void a_company_has_a_core(void **state)
{
	static const struct comparison c = {
		.columns = 1,
		.count = 2,
		.levels = { { MEASURE_EXACT }, { MEASURE_NAME_CORE } },
	};
	static const struct expected cases[] = {
		{ "慈溪达昌化纤有限公司", "慈溪达昌化纤股份有限公司", 2 },
		{ "慈溪市达昌化纤有限公司", "达昌化纤厂", 1 },
		{ "宁波达昌化纤", "达昌化纤公司", 1 },
		{ "慈溪达昌化纤公司", "慈溪达昌轴承公司", LEVEL_ELSE },
		{ "大达昌化纤公司", "达昌化纤公司", LEVEL_ELSE },
		{ "王建国", "建国", LEVEL_ELSE },
	};

	check(*state, &c, FORM_NAME, cases, COUNT(cases));
}

static void words_and_pieces_overlap(void **state)
{
	static const struct comparison words = {
		.columns = 1,
		.count = 3,
		.levels = { { MEASURE_NAME_ORDER },
			    { MEASURE_TOKENS, .bound = 0.5 },
			    { MEASURE_CONTAINED, .bound = 0.5 } },
	};
	static const struct expected names[] = {
		{ "John Ronald Tolkien", "tolkien, john ronald", 3 },
		{ "John Ronald Tolkien", "John Tolkien", 2 },
		{ "John Ronald Reuel Tolkien", "J Tolkien", 1 },
		{ "John Tolkien", "Mary Shelley", LEVEL_ELSE },
	};
	static const struct comparison pieces = {
		.columns = 1,
		.count = 2,
		.levels = { { MEASURE_TOKENS, .bound = 0.6 }, { MEASURE_CONTAINED, .bound = 0.7 } },
	};
	static const struct expected stories[] = {
		{ "拖欠工资3000元，多次催讨。", "多次催讨，拖欠工资3000元", 2 },
		{ "楼上漏水", "来电人反映楼上漏水，要求物业尽快处理并赔偿损失", 1 },
		{ "楼上漏水", "拖欠工资", LEVEL_ELSE },
		{ "楼上漏水", "", LEVEL_MISSING },
	};

	check(*state, &words, FORM_LATIN, names, COUNT(names));
	check(*state, &pieces, FORM_NARRATIVE, stories, COUNT(stories));
}

static void amounts_are_apart_by_so_much(void **state)
{
	static const struct comparison c = {
		.columns = 1,
		.count = 3,
		.levels = { { MEASURE_EXACT },
			    { MEASURE_NUMBER, .bound = 0.5 },
			    { MEASURE_RATIO, .bound = 0.1 } },
	};
	static const struct expected cases[] = {
		{ "1,200.50", "1200.5元", 3 },
		{ "1200.5", "1200", 2 },
		{ "1.2万", "11000", 1 },
		{ "12000", "10000", LEVEL_ELSE },
		{ "-5", "5", LEVEL_ELSE },
		{ "0", "0.0", 3 },
		{ "12000", "many", LEVEL_MISSING },
	};

	check(*state, &c, FORM_NUMBER, cases, COUNT(cases));
}

static void two_columns_may_be_swapped(void **state)
{
	static const struct comparison c = {
		.columns = 2,
		.count = 5,
		.levels = { { MEASURE_EXACT, SIDE_BOTH },
			    { MEASURE_EXACT, SIDE_CROSSED },
			    { MEASURE_JARO_WINKLER, SIDE_BOTH, 0.9 },
			    { MEASURE_EXACT, SIDE_SECOND },
			    { MEASURE_JARO_WINKLER, SIDE_EITHER, 0.9 } },
	};
	static const struct {
		const char *a[2], *b[2];
		int level;
	} cases[] = {
		{ { "martha", "jones" }, { "martha", "jones" }, 5 },
		{ { "martha", "jones" }, { "jones", "martha" }, 4 },
		{ { "martha", "jones" }, { "marhta", "jones" }, 3 },
		{ { "martha", "jones" }, { "ellen", "jones" }, 2 },
		{ { "martha", "jones" }, { "marhta", "smith" }, 1 },
		{ { "martha", "jones" }, { "ellen", "smith" }, LEVEL_ELSE },
		{ { "martha", "jones" }, { "", "jones" }, 2 },
		{ { "martha", "jones" }, { "martha", "" }, 1 },
		{ { "martha", "jones" }, { "ellen", "" }, LEVEL_ELSE },
		{ { "martha", "jones" }, { "", "" }, LEVEL_MISSING },
		{ { "martha", "" }, { "", "jones" }, LEVEL_MISSING },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct value v[4];
		const struct value *a[2] = { &v[0], &v[1] }, *b[2] = { &v[2], &v[3] };

		for (int k = 0; k < 4; k++)
			v[k] = value_of(rig, FORM_LATIN, k < 2 ? cases[i].a[k] : cases[i].b[k - 2]);
		assert_int_equal(compare_values(&c, a, b), cases[i].level);
		assert_int_equal(compare_values(&c, b, a), cases[i].level);
	}
}

static void a_measure_has_a_name(void **state)
{
	for (unsigned m = 0; m < MEASURE_COUNT; m++) {
		const struct measure_kind *kind = measure_kind((enum measure)m);

		assert_int_equal(measure_named(cb_text_of(kind->name)), m);
		assert_true(kind->forms && kind->zh && kind->en);
	}
	assert_int_equal(measure_named(CB_TEXT("jaro-winklr")), MEASURE_COUNT);
}

/* Whatever two values hold, what a measure says of them is the same from both sides. */
static void every_measure_is_symmetric(void **state)
{
	static const char *const parts[] = { "王",     "建国",     "某",   "*",  "1",  "8",
					     "330282", "19850312", "-",    " ",  "路", "号",
					     "3幢",    "smith",    "John", "，", "é",  "0" };
	struct rig *rig = *state;

	dice_seed();
	for (int round = 0; round < 4000; round++) {
		enum form form = (enum form)dice_roll(FORM_COUNT);
		struct value v[2];

		for (int k = 0; k < 2; k++) {
			char text[128] = "";

			for (uint32_t n = dice_roll(6); n > 0; n--)
				strcat(text, parts[dice_roll(COUNT(parts))]);
			v[k] = value_of(rig, form, text);
		}
		if (value_is_missing(&v[0]) || value_is_missing(&v[1]))
			continue;
		for (unsigned m = 0; m < MEASURE_COUNT; m++) {
			if (!(measure_kind((enum measure)m)->forms >> form & 1))
				continue;
			assert_true(measure_values((enum measure)m, &v[0], &v[1]) ==
				    measure_values((enum measure)m, &v[1], &v[0]));
		}
		if (!v[0].is_partial)
			assert_true(measure_values(MEASURE_EXACT, &v[0], &v[0]) == 1);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chinese_name_has_levels),
		cmocka_unit_test(an_id_has_levels),
		cmocka_unit_test(a_phone_has_levels),
		cmocka_unit_test(a_date_has_levels),
		cmocka_unit_test(an_address_has_levels),
		cmocka_unit_test(words_and_pieces_overlap),
		cmocka_unit_test(amounts_are_apart_by_so_much),
		cmocka_unit_test(two_columns_may_be_swapped),
		cmocka_unit_test(what_an_address_leaves_out_is_not_different),
		cmocka_unit_test(a_company_has_a_core),
		cmocka_unit_test(a_measure_has_a_name),
		cmocka_unit_test(every_measure_is_symmetric),
	};

	return cmocka_run_group_tests(tests, rig_open, rig_close);
}
