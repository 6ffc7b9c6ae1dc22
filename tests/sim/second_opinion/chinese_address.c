/*
 * chinese_address.c - dwellings in the towns of the county, as somebody writes them down.
 */
#include "sim/second_opinion/chinese.h"

#include <stdio.h>
#include <string.h>

#include "sim/second_opinion/opinion.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define PLACES 24 /* a town: the first are villages, the last ESTATES estates */
#define ESTATES 8

static const char *const towns[] = { "观海卫镇",   "浒山街道", "周巷镇", "宗汉街道", "坎墩街道",
				     "白沙路街道", "古塘街道", "横河镇", "龙山镇",   "逍林镇",
				     "庵东镇",     "新浦镇",   "桥头镇", "掌起镇",   "胜山镇",
				     "长河镇",     "附海镇",   "匡堰镇", "崇寿镇" };
static const char *const fronts[] = { "东", "西", "南", "新", "上", "下", "前", "后",
				      "大", "小", "老", "三", "五", "双", "洋", "沿" };
static const char *const backs[] = { "塘", "河", "桥头", "庄", "湾", "浦", "墩",
				     "埠", "丁", "舍",   "山", "界", "堰" };
static const char *const estates[] = { "碧波", "金桂", "锦绣", "阳光", "绿城", "香樟", "明月",
				       "景江", "兰亭", "虞波", "秋水", "海韵", "银杏", "东方" };
static const char *const courts[] = { "花园", "小区", "公寓", "新村", "家园", "苑" };

void chinese_dwelling(struct random *r, struct dwelling *d)
{
	d->town = (short)opinion_skewed(r, COUNT(towns));
	d->place = (short)random_below(r, PLACES);
	d->group = (short)(random_percent(r, 40) ? random_between(r, 1, 18) : 0);
	d->unit = d->room = 0;
	d->number = (short)random_between(r, 1, 320);
	if (d->place < PLACES - ESTATES)
		return;
	d->number = (short)random_between(r, 1, 45);
	d->unit = (short)random_between(r, 1, 4);
	d->room = (short)(random_between(r, 1, 11) * 100 + random_between(r, 1, 4));
}

static void place_name(const struct dwelling *d, char out[64])
{
	int key = d->town * PLACES + d->place;

	if (d->unit)
		snprintf(out, 64, "%s%s", estates[key * 5 % COUNT(estates)],
			 courts[key / 3 % COUNT(courts)]);
	else
		snprintf(out, 64, "%s%s村", fronts[key * 7 % COUNT(fronts)],
			 backs[key * 3 % COUNT(backs)]);
}

static void flat(struct random *r, const struct dwelling *d, int care, char *out, size_t room)
{
	if (random_below(r, 100) >= care + 25)
		snprintf(out, room, "%d幢", d->number);
	else if (random_percent(r, 45))
		snprintf(out, room, "%d幢%d单元%d室", d->number, d->unit, d->room);
	else if (random_percent(r, 40))
		snprintf(out, room, "%d-%d-%d", d->number, d->unit, d->room);
	else if (random_percent(r, 50))
		snprintf(out, room, "%d号楼%d单元%d", d->number, d->unit, d->room);
	else
		snprintf(out, room, "%d幢%d室", d->number, d->room);
}

static void house(struct random *r, const struct dwelling *d, char *out, size_t room)
{
	char group[24] = "";

	if (d->group && random_percent(r, 55))
		snprintf(group, sizeof(group), random_percent(r, 80) ? "%d组" : "第%d村民小组",
			 d->group);
	snprintf(out, room, "%s%d%s", group, d->number,
		 random_percent(r, 82)   ? "号"
		 : random_percent(r, 50) ? "#"
					 : "");
}

void chinese_address(struct random *r, const struct dwelling *d, int care, char out[ADDRESS_ROOM])
{
	static const char *const counties[] = { "浙江省慈溪市", "慈溪市", "", "浙江省宁波市慈溪市",
						"慈溪" };
	const char *county =
		counties[random_below(r, 100) < care ? random_below(r, 2) : random_below(r, 5)];
	char town[32], place[64], end[64] = "";
	struct dwelling said = *d;

	strcpy(town, towns[d->town]);
	if (random_below(r, 100) >= care && random_percent(r, 30))
		town[strlen(town) - (strstr(town, "街道") ? 6 : 3)] = '\0'; /* 观海卫 */
	else if (random_below(r, 100) >= care && random_percent(r, 25))
		town[0] = '\0';
	place_name(d, place);
	if (random_percent(r, 2))
		chinese_misheard(r, place, false);
	if (random_percent(r, 2))
		said.number = (short)(d->number / 10 + d->number % 10 * 10 + 1);
	if (random_below(r, 100) < care + 15) {
		if (d->unit)
			flat(r, &said, care, end, sizeof(end));
		else
			house(r, &said, end, sizeof(end));
	} else if (random_percent(r, 12) && town[0]) {
		place[0] = '\0';
	}
	snprintf(out, ADDRESS_ROOM, "%s%s%s%s", county, town, place, end);
}
