/*
 * people.c - surnames by how common they are, given names by sex.
 */
#include "sim/common/people.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const char *const surnames[] = {
	"陈", "王", "张", "胡", "徐", "沈", "陆", "周",   "孙",   "岑",   "罗",
	"杨", "李", "黄", "马", "方", "吴", "施", "许",   "潘",   "余",   "叶",
	"高", "韩", "赵", "林", "冯", "姚", "戚", "邹",   "华",   "毛",   "柴",
	"宓", "应", "裘", "虞", "史", "龚", "褚", "欧阳", "上官", "诸葛",
};
static const char *const male[] = {
	"建", "国", "伟", "军", "强", "明", "华", "平", "利", "宏", "志", "勇", "杰", "涛", "斌",
	"立", "新", "永", "百", "岳", "焕", "松", "柏", "迪", "浩", "宇", "晨", "轩", "炳", "根",
};
static const char *const female[] = {
	"秀", "英", "芳", "娟", "敏", "静", "丽", "燕", "红", "霞", "玲", "桂", "娣", "菊", "亚",
	"素", "琴", "萍", "飞", "雅", "佳", "雪", "婷", "颖", "倩", "欣", "怡", "彩", "月", "仙",
};
static const char *const trades[] = {
	"电器", "轴承", "塑料制品", "化纤", "服饰", "五金", "建筑劳务", "物流", "食品", "厨具",
};
static const char *const lucky[] = {
	"瑞", "鑫", "隆", "盛", "恒", "达", "丰", "泰", "昌", "宝", "润", "凯",
};

void people_name(struct random *r, char out[32], bool is_female)
{
	const char *const *given = is_female ? female : male;
	int first = random_below(r, COUNT(male)), second = random_below(r, COUNT(male));

	/* The smaller of two draws: the front of the table is more common. */
	int a = random_below(r, COUNT(surnames)), b = random_below(r, COUNT(surnames));

	snprintf(out, 32, "%s%s%s", surnames[a < b ? a : b], given[first],
		 random_percent(r, 78) ? given[second] : "");
}

void people_company(struct random *r, char out[96])
{
	snprintf(out, 96, "慈溪示例%s%s%s有限公司", lucky[random_below(r, COUNT(lucky))],
		 lucky[random_below(r, COUNT(lucky))], trades[random_below(r, COUNT(trades))]);
}

void people_birth(struct random *r, char birth[9])
{
	snprintf(birth, 9, "%04d%02d%02d", random_between(r, 1942, 2003), random_between(r, 1, 12),
		 random_between(r, 1, 28));
}

char people_check_digit(const char *id)
{
	static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int i, sum = 0;

	for (i = 0; i < 17; i++)
		sum += (id[i] - '0') * weights[i];
	return "10X98765432"[sum % 11];
}

void people_id(struct random *r, char out[19], const char *birth, bool is_female)
{
	/* Never 000 at the end: that is how an id looks that a spreadsheet spoilt. */
	int sequence = random_between(r, 5, 494) * 2 + !is_female;

	snprintf(out, 19, "330299%s%03d", birth, sequence);
	out[17] = people_check_digit(out);
	out[18] = '\0';
	if (strcmp(out + 15, "000") == 0)
		people_id(r, out, birth, is_female);
}

void people_phone(struct random *r, char out[12])
{
	snprintf(out, 12, "13%d0000%04d", random_below(r, 10), random_below(r, 10000));
}
