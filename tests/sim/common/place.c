/*
 * place.c - tables. Villages and roads are invented: any likeness is chance.
 */
#include "sim/common/place.h"

#include <stdio.h>
#include <string.h>

#include "sim/common/text.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* The statistical pseudo-streets (4xx) are no towns and stay out. */
static const struct town towns[] = {
	{ "330282002", "宗汉街道" },   { "330282003", "坎墩街道" }, { "330282004", "浒山街道" },
	{ "330282005", "白沙路街道" }, { "330282006", "古塘街道" }, { "330282104", "掌起镇" },
	{ "330282107", "观海卫镇" },   { "330282108", "附海镇" },   { "330282109", "桥头镇" },
	{ "330282110", "匡堰镇" },     { "330282111", "逍林镇" },   { "330282112", "新浦镇" },
	{ "330282113", "胜山镇" },     { "330282114", "横河镇" },   { "330282116", "崇寿镇" },
	{ "330282118", "庵东镇" },     { "330282120", "长河镇" },   { "330282121", "周巷镇" },
	{ "330282123", "龙山镇" },
};

/* One a town, in the towns' order, then three more for what large towns have
 * much of. */
static const struct studio studios[STUDIOS] = {
	{ "和顺调解工作室", "婚姻家庭", 0 },    { "知和调解工作室", "邻里", 1 },
	{ "仁济调解工作室", "医疗", 2 },        { "明理调解工作室", "物业", 3 },
	{ "安途调解工作室", "交通", 4 },        { "心桥调解工作室", "婚姻家庭", 5 },
	{ "同心调解工作室", "劳动", 6 },        { "海润调解工作室", "邻里", 7 },
	{ "连心桥调解工作室", "婚姻家庭", 8 },  { "青瓷调解工作室", "山林土地", 9 },
	{ "暖阳调解工作室", "劳动", 10 },       { "潮和调解工作室", "山林土地", 11 },
	{ "公道调解工作室", "劳动", 12 },       { "杨梅红调解工作室", "邻里", 13 },
	{ "崇德调解工作室", "婚姻家庭", 14 },   { "盐和调解工作室", "劳动", 15 },
	{ "长宁调解工作室", "邻里", 16 },       { "周全调解工作室", "物业", 17 },
	{ "龙泉水调解工作室", "山林土地", 18 }, { "家和调解工作室", "婚姻家庭", 2 },
	{ "薪安调解工作室", "劳动", 17 },       { "善邻调解工作室", "邻里", 6 },
};

static const char *const villages[] = {
	"东风村",       "向阳村",   "新建村",   "同乐村",   "永丰村",   "长新村",
	"海晏村",       "福星村",   "双桥村",   "联盟村",   "星光村",   "云城村",
	"北塘村",       "南庄村",   "河角村",   "湖滨社区", "金山社区", "团圈社区",
	"青少年宫社区", "寺山社区", "新城社区", "担山社区",
};
static const char *const roads[] = {
	"幸福路", "开发大道",   "人民路", "解放街",     "新城大道", "环城南路",
	"前应路", "青少年宫路", "慈甬路", "三北大街",   "世纪大道", "担山北路",
	"兴慈路", "海通路",     "镇前路", "工业园一路",
};

const struct town *place_town(int n)
{
	return &towns[n];
}

static int studio_count = STUDIOS;

void place_studios(int count)
{
	if (count < STUDIOS || count > STUDIOS_MOST)
		die("studios: from %d to %d", STUDIOS, STUDIOS_MOST);
	studio_count = count;
}

int place_studio_count(void)
{
	return studio_count;
}

const struct studio *place_studio(int n)
{
	static struct studio branches[STUDIOS_MOST];
	static char names[STUDIOS_MOST][64];

	if (n < STUDIOS)
		return &studios[n];
	branches[n] = studios[n % STUDIOS];
	snprintf(names[n], sizeof(names[n]), "%s第%d站", branches[n].name, n / STUDIOS + 1);
	branches[n].name = names[n];
	return &branches[n];
}

int place_branch(int studio, struct random *r)
{
	int branches = (studio_count - studio + STUDIOS - 1) / STUDIOS;

	return branches < 2 ? studio : studio + STUDIOS * random_below(r, branches);
}

int place_random_town(struct random *r)
{
	return random_below(r, COUNT(towns));
}

static const char *field_of(const char *type)
{
	if (strcmp(type, "0103") == 0)
		return "邻里";
	if (strcmp(type, "0104") == 0)
		return "山林土地";
	return strcmp(type, "0105") == 0 ? "劳动" : "婚姻家庭";
}

int place_studio_for(int town, const char *type)
{
	int i, own = 0;

	for (i = 0; i < STUDIOS; i++) {
		if (studios[i].town != town)
			continue;
		if (strcmp(studios[i].field, field_of(type)) == 0)
			return i;
		if (i < COUNT(towns))
			own = i;
	}
	return own;
}

const char *place_village(struct random *r)
{
	return villages[random_below(r, COUNT(villages))];
}

const char *place_road(struct random *r)
{
	return roads[random_below(r, COUNT(roads))];
}
