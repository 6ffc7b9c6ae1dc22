/*
 * citizen.c - invented people of a county and their households.
 */
#include "sim/common/citizen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/common/people.h"
#include "sim/common/slip.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const char surnames[] =
	"王李张刘陈杨黄赵周吴徐孙朱马胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜"
	"苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺"
	"顾毛郝龚邵万钱严覃武戴莫孔向汤岑宓裘虞戚华柴应施褚俞翁单仇";
static const char men[] =
	"建国伟军强明华平利宏志勇杰涛斌立新永岳松柏浩宇晨轩炳根文海波峰刚超辉亮龙胜祥德荣东庆"
	"成金光生良春林兴忠义福贵财宝富达远飞翔鹏毅凯博睿子俊豪航泽恒元乐家骏铭哲瑞康安锋民学";
static const char women[] =
	"秀英芳娟敏静丽燕红霞玲桂娣菊亚素琴萍飞雅佳雪婷颖倩欣怡彩月仙兰梅珍凤慧春庆莉云莲香珠翠"
	"爱美惠巧华群玉蓉艳洁琳丹晶蕾薇梦思雨涵紫诗语嘉若彤琪瑶璐菲媛露柔婉晓冰心岚茜妍悦";
static const char *const towns[] = {
	"宗汉街道", "坎墩街道", "浒山街道", "白沙路街道", "古塘街道", "掌起镇", "观海卫镇",
	"附海镇",   "桥头镇",   "匡堰镇",   "逍林镇",     "新浦镇",   "胜山镇", "横河镇",
	"崇寿镇",   "庵东镇",   "长河镇",   "周巷镇",     "龙山镇",
};
static const char village_names[] =
	"东风向阳新建同乐永丰长新海晏福星双桥联盟星光云城北塘南庄河角湖滨金山团圈高王洋山沙滩"
	"潭南施山戎家马家杜岙方家河头五姓卫东天元大云海莫万安路湾三塘";
static const char estate_names[] =
	"明日翠湖阳光金色水岸香榭蓝庭东方紫荆绿城世纪锦绣江南春江望湖御景丽都学府书香名仕滨江"
	"天御龙湖海棠玉兰桂语中央城市舒苑虞波孙塘青少担山";
static const char road_names[] =
	"青少年新城大道三北环城慈甬孙塘教场北三环南二环科技文化寺山水门解放人民担山开发前应西二环";
static const char *const estate_kinds[] = { "花园", "小区", "花苑", "家园", "公寓", "新村" };

/* Piece @at of @size characters of a text. */
static const char *piece(const char *text, int size, int at, char out[16])
{
	int count = (int)strlen(text) / 3 / size;

	snprintf(out, 16, "%.*s", size * 3, text + (size_t)(at % count * size) * 3);
	return out;
}

/* Towards the front: the smaller of two draws, and of three for surnames. */
static int front(struct random *r, int count, int draws)
{
	int best = random_below(r, count);

	while (--draws > 0) {
		int other = random_below(r, count);

		best = other < best ? other : best;
	}
	return best;
}

static void surname(struct random *r, char out[16])
{
	static const char compound[] = "欧阳上官诸葛司马";

	if (random_below(r, 200) == 0)
		piece(compound, 2, random_below(r, 4), out);
	else
		piece(surnames, 1, front(r, (int)strlen(surnames) / 3, 3), out);
}

/* The fashion of a generation begins elsewhere in the table. */
static void given(struct random *r, char out[16], bool is_female, int year)
{
	const char *table = is_female ? women : men;
	int count = (int)strlen(table) / 3, shift = year < 1965 ? 0 : year < 1985 ? 12 : 40;
	char first[16], second[16] = "";

	piece(table, 1, shift + front(r, count, 2), first);
	if (random_percent(r, year < 1985 ? 72 : 84))
		piece(table, 1, shift + front(r, count, 2), second);
	snprintf(out, 16, "%.6s%.6s", first, second);
}

const char *citizen_town(int town)
{
	return towns[town];
}

void citizen_home(struct random *r, struct home *home)
{
	memset(home, 0, sizeof(*home));
	home->town = front(r, COUNT(towns), 1);
	home->village = home->town * 7 + front(r, 9, 2);
	home->number = random_between(r, 1, 400);
	if (random_percent(r, 45)) {
		home->estate = 1 + home->town * 5 + front(r, 12, 2);
		home->building = random_between(r, 1, 40);
		home->unit = random_between(r, 1, 4);
		home->room = random_between(r, 1, 18) * 100 + random_between(r, 1, 4);
	}
}

static void identify(struct random *r, struct citizen *c, int year)
{
	snprintf(c->birth, sizeof(c->birth), "%04d%02d%02d", year, random_between(r, 1, 12),
		 random_between(r, 1, 28));
	people_id(r, c->id, c->birth, c->is_female);
	snprintf(c->phone, sizeof(c->phone), "13%d000%05d", random_below(r, 10),
		 random_below(r, 100000));
	if (random_percent(r, 25))
		snprintf(c->second_phone, sizeof(c->second_phone), "15%d000%05d",
			 random_below(r, 10), random_below(r, 100000));
}

static void be_child(struct random *r, struct citizen *c, const struct citizen *eldest,
		     const char *family, int year)
{
	char own[16];

	c->is_female = random_percent(r, 48);
	given(r, own, c->is_female, year);
	if (eldest && random_percent(r, 45)) { /* one character for all of a generation */
		size_t skip = strlen(family);

		if (strlen(eldest->name) >= skip + 3)
			memcpy(own, eldest->name + skip, 3);
	}
	snprintf(c->name, sizeof(c->name), "%s%s", family, own);
	identify(r, c, year);
	if (eldest && random_percent(r, 2)) { /* twins */
		memcpy(c->birth, eldest->birth, sizeof(c->birth));
		memcpy(c->id + 6, eldest->id + 6, 8);
		c->id[17] = people_check_digit(c->id);
	}
}

int citizen_household(struct random *r, struct citizen out[], int most)
{
	int year = random_between(r, 1940, 1998),
	    size = random_percent(r, 35) ? 1 : random_between(r, 2, 5);
	char family[16], own[16], name[16];
	struct home home;
	int i;

	size = size < most ? size : most;
	memset(out, 0, (size_t)size * sizeof(*out));
	citizen_home(r, &home);
	surname(r, family);
	for (i = 0; i < size; i++) {
		struct citizen *c = &out[i];

		if (i == 1) { /* a wife keeps her name */
			surname(r, own);
			given(r, name, true, year + 2);
			c->is_female = true;
			snprintf(c->name, sizeof(c->name), "%s%s", own, name);
			identify(r, c, year + random_between(r, 0, 4));
		} else if (i == 0) {
			c->is_female = random_percent(r, 15);
			given(r, name, c->is_female, year);
			snprintf(c->name, sizeof(c->name), "%s%s", family, name);
			identify(r, c, year);
		} else {
			be_child(r, c, i > 2 ? &out[2] : NULL, family,
				 year + random_between(r, 22, 26) + i * 2);
		}
		c->home = home;
		if (i && random_percent(r, 30))
			memcpy(c->phone, out[0].phone, sizeof(c->phone));
	}
	return size;
}

void citizen_company(struct random *r, struct citizen *c)
{
	memset(c, 0, sizeof(*c));
	c->is_company = true;
	people_company(r, c->name);
	citizen_home(r, &c->home);
	c->home.estate = 0;
	snprintf(c->phone, sizeof(c->phone), "0574639%04d", random_below(r, 10000));
}

/* How desks write. */

static bool is_compound(const char *name)
{
	return strncmp(name, "欧阳", 6) == 0 || strncmp(name, "上官", 6) == 0 ||
	       strncmp(name, "诸葛", 6) == 0 || strncmp(name, "司马", 6) == 0;
}

static void hide(struct random *r, const struct citizen *c, char *out)
{
	size_t surname_len = is_compound(c->name) ? 6 : 3;
	size_t given_len = strlen(c->name) - surname_len;
	int kind = random_below(r, 100);

	out[surname_len] = '\0';
	if (kind < 45)
		strcat(out, c->is_female ? "女士" : "先生");
	else if (kind < 75)
		strcat(out, given_len > 3 ? "某某" : "某");
	else if (kind < 90)
		strcat(out, given_len > 3 ? "**" : "*");
	else
		strcat(out, given_len > 3 ? "XX" : "X");
}

void desk_name(const struct desk *d, struct random *r, const struct citizen *c, char *out)
{
	int kind = random_below(r, 100);

	snprintf(out, CITIZEN_ROOM, "%s", c->name);
	if (c->is_company) {
		char *kind_at = strstr(out, "有限公司");

		if (kind_at && random_percent(r, 25))
			strcpy(kind_at, random_percent(r, 50) ? "公司" : "");
		if (random_percent(r, 25))
			memmove(out, out + 6, strlen(out + 6) + 1); /* without the county */
		return;
	}
	if (random_percent(r, d->hides)) {
		hide(r, c, out);
		return;
	}
	if (random_percent(r, d->hears)) {
		if (kind < 65)
			slip_homophone(r, out);
		else if (kind < 82)
			slip_shape(r, out);
		else if (kind < 92)
			slip_traditional(r, out);
		else if (strlen(out) > 6)
			out[strlen(out) - 3] = '\0';
	}
	if (random_percent(r, 2))
		strcat(out, "（本人）");
}

void desk_id(const struct desk *d, struct random *r, const struct citizen *c, char *out)
{
	out[0] = '\0';
	if (c->is_company || !random_percent(r, d->asks_id)) {
		if (random_percent(r, 5))
			strcpy(out, random_percent(r, 50) ? "无" : "不详");
		return;
	}
	strcpy(out, c->id);
	if (random_percent(r, 3))
		slip_digit(r, out);
	if (random_percent(r, d->masks_id)) {
		int from = random_percent(r, 60) ? 6 : 4;

		memset(out + from, '*', (size_t)(14 - from));
	}
	if (random_percent(r, 2) && out[17] == 'X')
		out[17] = 'x';
}

void desk_birth(const struct desk *d, struct random *r, const struct citizen *c, char *out)
{
	out[0] = '\0';
	if (c->is_company || !random_percent(r, d->asks_birth))
		return;
	snprintf(out, CITIZEN_ROOM, "%.4s-%.2s-%.2s", c->birth, c->birth + 4, c->birth + 6);
	if (random_percent(r, 6))
		memcpy(out + 4, "-01-01", 7);
	else if (random_percent(r, 3))
		slip_date(r, out);
}

void desk_phone(const struct desk *d, struct random *r, const struct citizen *c, char *out)
{
	const char *phone =
		c->second_phone[0] && random_percent(r, 25) ? c->second_phone : c->phone;

	out[0] = '\0';
	if (!random_percent(r, d->asks_phone))
		return;
	snprintf(out, CITIZEN_ROOM, "%s", phone);
	if (random_percent(r, 2))
		slip_digit(r, out);
	if (c->second_phone[0] && random_percent(r, 8))
		snprintf(out, CITIZEN_ROOM, "%s、%s", c->phone, c->second_phone);
	else if (random_percent(r, 3))
		snprintf(out, CITIZEN_ROOM, "+86%s", phone);
	else if (random_percent(r, 3))
		snprintf(out, CITIZEN_ROOM, "%.3s %.4s %s", phone, phone + 3, phone + 7);
	else if (random_percent(r, 3))
		memset(out + 3, '*', 4);
}

void desk_address(const struct desk *d, struct random *r, const struct home *h, char *out)
{
	char name[16], *p = out;
	int kind = random_below(r, 100);

	out[0] = '\0';
	if (!random_percent(r, d->asks_address))
		return;
	if (d->is_exact || kind < 15)
		p += sprintf(p, "浙江省慈溪市");
	else if (kind < 60)
		p += sprintf(p, "慈溪市");
	if (d->is_exact || kind % 10 < 7)
		p += sprintf(p, "%s", towns[h->town]);
	if (!d->is_exact && kind % 10 == 6)
		return; /* only the town */
	if (!h->estate) {
		p += sprintf(p, "%s村", piece(village_names, 2, h->village, name));
		if (d->is_exact || random_percent(r, 70))
			p += sprintf(p, "%d号", h->number);
		return;
	}
	if (d->is_exact && random_percent(r, 40))
		p += sprintf(p, "%s路%d号", piece(road_names, 2, h->estate, name), h->number);
	p += sprintf(p, "%s%s", piece(estate_names, 2, h->estate, name),
		     random_percent(r, 85) ? estate_kinds[h->estate % COUNT(estate_kinds)] : "");
	if (!d->is_exact && random_percent(r, 25))
		return;
	if (random_percent(r, 45))
		sprintf(p, "%d-%d-%d", h->building, h->unit, h->room);
	else if (random_percent(r, 60))
		sprintf(p, "%d幢%d单元%d室", h->building, h->unit, h->room);
	else
		sprintf(p, "%d%s%d室", h->building, random_percent(r, 50) ? "号楼" : "栋", h->room);
}
