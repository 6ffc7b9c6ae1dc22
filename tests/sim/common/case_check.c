/*
 * case_check.c - field by field, in the order of the platform's form; the
 * first fault is the one reported.
 *
 * Ids are checked too: an id that a spreadsheet rounded must never get here,
 * and somebody other than the bridge should be able to say that it did.
 */
#include "sim/common/case_check.h"

#include <stdio.h>
#include <string.h>

#include "sim/common/json.h"

static const struct case_code kinds[] = {
	{ "01", "婚姻家庭纠纷" },
	{ "02", "邻里纠纷" },
	{ "03", "房屋宅基地纠纷" },
	{ "04", "合同纠纷" },
	{ "05", "山林土地纠纷" },
	{ "06", "征地拆迁纠纷" },
	{ "07", "环境污染纠纷" },
	{ "08", "生产经营纠纷" },
	{ "09", "损害赔偿纠纷" },
	{ "10", "拖欠农民工工资" },
	{ "11", "劳动争议纠纷" },
	{ "12", "旅游纠纷" },
	{ "13", "电子商务纠纷" },
	{ "14", "其他消费纠纷" },
	{ "15", "医疗纠纷" },
	{ "16", "道路交通事故" },
	{ "17", "物业纠纷" },
	{ "99", "其他纠纷" },
	{ NULL, NULL },
};
static const struct case_code results[] = {
	{ "1", "成功" },
	{ "2", "不成功" },
	{ "3", "终止" },
	{ NULL, NULL },
};
static const struct case_code states[] = {
	{ "1", "调解中" },
	{ "2", "已结案" },
	{ NULL, NULL },
};
static const struct case_code roles[] = {
	{ "1", "申请人" },
	{ "2", "被申请人" },
	{ NULL, NULL },
};
static const struct case_code papers[] = {
	{ "111", "居民身份证" },
	{ "414", "护照" },
	{ NULL, NULL },
};

static const struct {
	const char *type;
	const struct case_code *codes;
} dictionaries[] = {
	{ "JFLX", kinds },  { "TJJG", results }, { "AJZT", states },
	{ "DSRDW", roles }, { "ZJLX", papers },
};

const struct case_code *case_codes(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(dictionaries) / sizeof(dictionaries[0]); i++)
		if (strcmp(dictionaries[i].type, type) == 0)
			return dictionaries[i].codes;
	return NULL;
}

/* The first fault stays: once there is one, every further check is a no-op. */
static void complain(struct case_fault *fault, const char *code, const char *why, const char *place,
		     const char *field)
{
	fault->code = code;
	snprintf(fault->field, sizeof(fault->field), "%s%s", place, field);
	snprintf(fault->message, sizeof(fault->message), "%s：%s%s", why, place, field);
}

static void need(const struct json *object, const char *place, const char *field,
		 struct case_fault *fault)
{
	const char *value = json_text(object, field);

	if (!fault->code && !(value && *value))
		complain(fault, "E2001", "必填项为空", place, field);
}

/* A value that is not there passes: need() asks for that. */
static void known(const struct json *object, const char *place, const char *field,
		  const struct case_code *codes, struct case_fault *fault)
{
	const char *value = json_text(object, field);

	if (fault->code || !json_get(object, field))
		return;
	for (; value && codes->code; codes++)
		if (strcmp(codes->code, value) == 0)
			return;
	complain(fault, "E2002", "不在字典内", place, field);
}

static bool is_day(const char *text)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y, m, d, end = 0;

	if (strspn(text, "0123456789-") != 10)
		return false;
	if (sscanf(text, "%4d-%2d-%2d%n", &y, &m, &d, &end) != 3 || end != 10 || text[end])
		return false;
	if (m < 1 || m > 12 || d < 1)
		return false;
	if (m == 2 && d == 29)
		return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return d <= lengths[m - 1];
}

static void day(const struct json *object, const char *field, struct case_fault *fault)
{
	const char *value = json_text(object, field);

	if (!fault->code && value && !is_day(value))
		complain(fault, "E2002", "不是日期", "", field);
}

static bool is_id(const char *id)
{
	static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int i, sum = 0;

	if (strspn(id, "0123456789") < 17)
		return strlen(id) == 15 && strspn(id, "0123456789") == 15;
	for (i = 0; i < 17; i++)
		sum += (id[i] - '0') * weights[i];
	return strlen(id) == 18 && id[17] == "10X98765432"[sum % 11];
}

static void check_party(const struct json *party, const char *place, struct case_fault *fault)
{
	const char *kind = json_text(party, "zjlx"), *id = json_text(party, "zjhm");

	need(party, place, "dsrdw", fault);
	need(party, place, "xmmc", fault);
	known(party, place, "dsrdw", roles, fault);
	known(party, place, "zjlx", papers, fault);
	if (!fault->code && kind && id && strcmp(kind, "111") == 0 && !is_id(id))
		complain(fault, "E2002", "证件号码错误", place, "zjhm");
}

static void check_parties(const struct json *list, struct case_fault *fault)
{
	char place[32];
	size_t n = 0;

	if (fault->code)
		return;
	if (!list || list->kind != JSON_ARRAY || list->count < 2) {
		complain(fault, "E2001", "当事人不足两名", "", "dsr");
		return;
	}
	for (const struct json *party = list->first; party; party = party->next) {
		snprintf(place, sizeof(place), "dsr[%zu].", ++n);
		check_party(party, place, fault);
	}
}

static void check_end(const struct json *record, struct case_fault *fault)
{
	const char *state = json_text(record, "ajzt");

	if (!state || strcmp(state, "2") != 0)
		return;
	need(record, "", "jarq", fault);
	need(record, "", "tjjg", fault);
	day(record, "jarq", fault);
	known(record, "", "tjjg", results, fault);
	if (!fault->code && strcmp(json_text(record, "jarq"), json_text(record, "slrq")) < 0)
		complain(fault, "E2002", "结案日期早于受理日期", "", "jarq");
}

bool case_check(const struct json *record, struct case_fault *fault)
{
	static const char *const needed[] = { "ajbh", "jfmc", "jflx", "slrq" };
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		need(record, "", needed[i], fault);
	check_parties(json_get(record, "dsr"), fault);
	known(record, "", "jflx", kinds, fault);
	known(record, "", "ajzt", states, fault);
	day(record, "slrq", fault);
	check_end(record, fault);
	return !fault->code;
}
