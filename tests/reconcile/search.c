/*
 * search.c - the rules of our model against what is known to mislead: who calls is
 * no party, ids are masked, a phone is a company's, roles are swapped, families
 * share all but the given name, the same people come again, a court case follows.
 */
#include "reconcile/search_rig.h"

/* Cases that have nothing to do with anything, so that what is rare is rare. */
static void add_others(struct rig *rig)
{
	static const char *const surnames[] = { "王", "李", "张", "刘", "陈", "杨", "黄",
						"赵", "周", "吴", "徐", "孙", "胡", "朱" };
	static const char *const given[] = { "建国", "秀英", "海波", "丽娟", "志强", "桂花", "文斌",
					     "晓东", "美玲", "国平", "春兰", "永康", "雪梅" };
	static const char *const what[] = { "借款", "噪音",     "工资", "碰撞",
					    "地界", "合伙账目", "装修" };
	static const char *const how[] = { "逾期不还", "吵到深夜", "一直拖欠", "没有赔",
					   "说不清楚" };
	static const char *const then[] = { "在村口争吵", "来电要求处理", "两家不肯让", "打了起来",
					    "托人来问",   "请求调解",     "找到单位",   "已经三次",
					    "不愿出面",   "还没有谈",     "说要上访" };
	static const char *const types[] = { "contract", "neighbour",   "wage",   "traffic",
					     "land",     "partnership", "damage", "property" };

	for (int i = 0; i < 80; i++)
		rig_put(rig,
			arena_printf(&rig->arena,
				     "number=X%d;occurred=2020-%02d-%02dT09:00:00;"
				     "place/region=33028210%d;place/address=第%d村%d号;type=%s;"
				     "about=%s%s，%s;source/system=grid;party:name=%s%s;"
				     "party:phone=138%08d;+party:name=%s%s;party:phone=137%08d",
				     i, 1 + i * 5 % 12, 1 + i * 11 % 28, i % 10, i, i * 3 % 97,
				     types[i * 3 % 8], what[i % 7], how[i % 5], then[i % 11],
				     surnames[i % 14], given[i % 13], i * 7919 % 100000000,
				     surnames[(i * 5 + 3) % 14], given[(i * 4 + 1) % 13],
				     i * 104729 % 100000000));
}

static void the_same_dispute_of_two_desks_is_one(void **state)
{
	struct rig *rig = *state;
	int64_t grid, ledger;

	add_others(rig);
	grid = rig_put(rig, "number=G1;occurred=2020-03-02T10:00:00;place/region=330282102;"
			    "place/address=浒山街道虞波小区3幢;type=neighbour;source/system=grid;"
			    "about=楼上卫生间漏水到楼下，天花板损坏，双方争吵;"
			    "party:name=沈丽娟;party:phone=13805741234;+party:name=郑海波;"
			    "party:phone=13905745678");
	ledger = rig_put(rig, "number=L1;accepted=2020-03-03;place/region=330282102;"
			      "place/address=虞波小区3幢501室;type=neighbour;"
			      "about=楼上卫生间漏水，楼下天花板损坏，要求赔偿;"
			      "party:name=沈丽娟;party:phone=13805741234;+party:name=郑海波");
	rig_search(rig);
	assert_true(rig_is_one(rig, grid, ledger));
	assert_string_equal(rig_pair(rig, grid, ledger)->kind, "same");
	assert_string_equal(rig_pair(rig, grid, ledger)->state, PAIR_LINKED);
	assert_int_equal(rig->report.clusters, 1);
}

static void who_calls_is_no_party(void **state)
{
	struct rig *rig = *state;
	int64_t a, b;

	add_others(rig);
	/* One warden reports two disputes of a day from one phone. */
	a = rig_put(rig, "number=A1;occurred=2020-05-06T09:00:00;place/region=330282103;"
			 "place/address=坎墩街道一路5号;type=neighbour;source/system=110;"
			 "about=两家为围墙争执;reporter/name=周网格;reporter/phone=13600000001;"
			 "party:name=岑阿毛;+party:name=岑国强");
	b = rig_put(rig, "number=A2;occurred=2020-05-06T15:00:00;place/region=330282103;"
			 "place/address=坎墩街道六路77号;type=contract;source/system=110;"
			 "about=装修款没有付清;reporter/name=周网格;reporter/phone=13600000001;"
			 "party:name=罗小燕;+party:name=马文杰");
	rig_search(rig);
	assert_false(rig_is_one(rig, a, b));
	assert_null(rig_pair(rig, a, b));
}

static void a_masked_id_fits_and_is_no_key(void **state)
{
	struct rig *rig = *state;
	int64_t full, masked, other;

	add_others(rig);
	full = rig_put(rig,
		       "number=A1;occurred=2020-05-06T09:00:00;place/region=330282103;"
		       "type=contract;source/system=grid;about=货款拖欠三万元;"
		       "party:name=岑丽君;party:id-number=330282197503124126;+party:name=许建军");
	masked = rig_put(rig, "number=A2;occurred=2020-05-07T09:00:00;place/region=330282103;"
			      "type=contract;source/system=12345;about=拖欠货款三万元不付;"
			      "party:name=岑丽君;party:id-number=330282********4126;"
			      "+party:name=许建军");
	other = rig_put(rig, "number=A3;occurred=2020-05-07T11:00:00;place/region=330282108;"
			     "type=traffic;source/system=110;about=电动车碰撞后争吵;"
			     "party:name=毛国庆;party:id-number=330282********4126");
	rig_search(rig);
	assert_true(rig_is_one(rig, full, masked));
	assert_false(rig_is_one(rig, masked, other));
	assert_null(rig_pair(rig, masked, other));
}

static void a_phone_that_many_share_is_nobody_s(void **state)
{
	struct rig *rig = *state;
	static const char *const people[] = { "方一平", "史小玲", "孟庆云", "傅大勇",
					      "卢金花", "丁胜利", "叶青",   "魏红",
					      "范伟",   "石磊",   "谭咏",   "邵兵" };
	int64_t ids[12];

	add_others(rig);
	for (int i = 0; i < 12; i++)
		ids[i] = rig_put(
			rig, arena_printf(&rig->arena,
					  "number=W%d;occurred=2020-06-%02dT09:00:00;"
					  "place/region=330282104;type=wage;source/system=labour;"
					  "about=第%d车间工人要求支付工资;"
					  "party:name=%s;party:phone=057463001111",
					  i, 1 + 2 * i, i + 1, people[i]));
	rig_search(rig);
	for (int i = 1; i < 12; i++)
		assert_false(rig_is_one(rig, ids[0], ids[i]));
}

static void roles_may_be_swapped(void **state)
{
	struct rig *rig = *state;
	int64_t a, b;

	add_others(rig);
	a = rig_put(rig, "number=A1;occurred=2020-05-06T09:00:00;place/region=330282105;"
			 "type=damage;source/system=110;about=狗咬伤人要求赔偿医药费;"
			 "party:role=applicant;party:name=裘志明;party:phone=13711112222;"
			 "+party:role=respondent;party:name=翁雪芬;party:phone=13733334444");
	b = rig_put(rig, "number=A2;occurred=2020-05-07T09:00:00;place/region=330282105;"
			 "type=damage;source/system=grid;about=被狗咬伤，医药费赔偿争议;"
			 "party:role=applicant;party:name=翁雪芬;party:phone=13733334444;"
			 "+party:role=respondent;party:name=裘志明");
	rig_search(rig);
	assert_true(rig_is_one(rig, a, b));
}

static void a_family_is_not_one_person(void **state)
{
	struct rig *rig = *state;
	int64_t a, b;

	add_others(rig);
	a = rig_put(rig, "number=A1;occurred=2020-05-06T09:00:00;place/region=330282106;"
			 "type=contract;source/system=grid;about=装修尾款没有结清;"
			 "party:name=戚永根;party:phone=13755556666;"
			 "party:address=周巷镇环城路12号;+party:name=高立新");
	b = rig_put(rig, "number=A2;occurred=2020-05-07T09:00:00;place/region=330282106;"
			 "type=marriage;source/system=grid;about=夫妻分居后抚养费争议;"
			 "party:name=戚小芳;party:phone=13755556666;"
			 "party:address=周巷镇环城路12号;+party:name=贺军");
	rig_search(rig);
	assert_false(rig_is_one(rig, a, b));
	assert_null(rig_pair(rig, a, b));
}

static void the_same_people_again_a_month_later_are_related(void **state)
{
	struct rig *rig = *state;
	int64_t first, again, soon;

	add_others(rig);
	first = rig_put(rig, "number=A1;occurred=2020-05-06T09:00:00;place/region=330282107;"
			     "type=neighbour;source/system=grid;about=晾衣滴水引起口角;"
			     "party:name=竺美珍;party:phone=13777778888;+party:name=邹国华;"
			     "party:phone=13799990000");
	again = rig_put(rig, "number=A2;occurred=2020-06-20T09:00:00;place/region=330282107;"
			     "type=neighbour;source/system=grid;about=晾衣滴水引起口角;"
			     "party:name=竺美珍;party:phone=13777778888;+party:name=邹国华;"
			     "party:phone=13799990000");
	soon = rig_put(rig, "number=A3;occurred=2020-05-16T09:00:00;place/region=330282107;"
			    "type=contract;source/system=grid;about=合伙开店的账算不清;"
			    "party:name=竺美珍;party:phone=13777778888;+party:name=邹国华;"
			    "party:phone=13799990000");
	rig_search(rig);
	assert_false(rig_is_one(rig, first, again));
	assert_false(rig_is_one(rig, first, soon));
	assert_string_equal(rig_pair(rig, first, again)->state, PAIR_RELATED);
	assert_string_equal(rig_pair(rig, first, soon)->state, PAIR_RELATED);
}

static void a_court_case_is_a_successor(void **state)
{
	struct rig *rig = *state;
	int64_t tried, court;

	add_others(rig);
	tried = rig_put(rig, "number=A1;occurred=2020-05-06T09:00:00;place/region=330282107;"
			     "type=contract;source/system=grid;about=借款五万元到期不还;"
			     "result=failed;party:name=竺美珍;party:phone=13777778888;"
			     "+party:name=邹国华;party:phone=13799990000");
	court = rig_put(rig, "number=A2;accepted=2020-05-12;place/region=330282107;"
			     "type=contract;source/system=court;source/way=court;"
			     "about=借款五万元到期不还，诉至法院;"
			     "party:name=竺美珍;party:phone=13777778888;"
			     "+party:name=邹国华;party:phone=13799990000");
	rig_search(rig);
	assert_false(rig_is_one(rig, tried, court));
	assert_string_equal(rig_pair(rig, tried, court)->kind, "successor");
	assert_string_equal(rig_pair(rig, tried, court)->state, PAIR_RELATED);
}

static void kinds_are_told_apart(void **state)
{
	struct rig *rig = *state;
	static const char *const parts =
		"place/region=330282107;type=contract;about=借款五万元到期不还;party:name=竺美珍;"
		"party:phone=13777778888;+party:name=邹国华;party:phone=13799990000";
	int64_t first, repeat, urging, transfer;

	add_others(rig);
	first = rig_put(rig, arena_printf(&rig->arena,
					  "number=A1;occurred=2020-05-06T09:00:00;"
					  "source/system=12345;%s",
					  parts));
	repeat = rig_put(rig, arena_printf(&rig->arena,
					   "number=A2;occurred=2020-05-07T09:00:00;"
					   "source/system=12345;%s",
					   parts));
	urging = rig_put(rig, arena_printf(&rig->arena,
					   "number=A3;occurred=2020-05-14T09:00:00;"
					   "source/system=12345;%s",
					   parts));
	transfer = rig_put(rig, arena_printf(&rig->arena,
					     "number=A4;occurred=2020-05-07T09:00:00;"
					     "source/system=grid;source/way=government;%s",
					     parts));
	rig_search(rig);
	assert_string_equal(rig_pair(rig, first, repeat)->kind, "repeat");
	assert_string_equal(rig_pair(rig, first, urging)->kind, "urging");
	assert_string_equal(rig_pair(rig, first, transfer)->kind, "transfer");
	assert_true(rig_is_one(rig, first, repeat));
	assert_true(rig_is_one(rig, first, urging));
	assert_true(rig_is_one(rig, first, transfer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_same_dispute_of_two_desks_is_one),
		test(who_calls_is_no_party),
		test(a_masked_id_fits_and_is_no_key),
		test(a_phone_that_many_share_is_nobody_s),
		test(roles_may_be_swapped),
		test(a_family_is_not_one_person),
		test(the_same_people_again_a_month_later_are_related),
		test(a_court_case_is_a_successor),
		test(kinds_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
