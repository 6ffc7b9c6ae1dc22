/*
 * slip.c - how a text goes wrong on its way into a register.
 */
#include "sim/common/slip.h"

#include <ctype.h>
#include <string.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const char *const keyboard[] = { "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890" };

/* A key beside @c, or @c. */
static char next_key(struct random *r, char c)
{
	char lower = (char)tolower((unsigned char)c);
	int i;

	for (i = 0; i < COUNT(keyboard); i++) {
		const char *at = lower ? strchr(keyboard[i], lower) : NULL;

		if (!at)
			continue;
		if (at == keyboard[i])
			return at[1];
		return at[1] && random_percent(r, 50) ? at[1] : at[-1];
	}
	return c;
}

static void swap_at(char *text, int at)
{
	char c = text[at];

	text[at] = text[at + 1];
	text[at + 1] = c;
}

void slip_letter(struct random *r, char *text)
{
	int len = (int)strlen(text), at, kind = random_below(r, 100);

	if (len < 2 || len > SLIP_ROOM - 4)
		return;
	at = random_below(r, len);
	if (kind < 35) {
		text[at] = next_key(r, text[at]);
	} else if (kind < 58) {
		memmove(text + at, text + at + 1, (size_t)(len - at));
	} else if (kind < 78) {
		memmove(text + at + 1, text + at, (size_t)(len - at + 1));
		text[at] = random_percent(r, 50) ? text[at + 1] : next_key(r, text[at + 1]);
	} else {
		swap_at(text, at < len - 1 ? at : at - 1);
	}
}

void slip_digit(struct random *r, char *text)
{
	int len = (int)strlen(text), at, tries;

	for (tries = 0; tries < 8 && len > 1; tries++) {
		at = random_below(r, len - 1);
		if (!isdigit((unsigned char)text[at]))
			continue;
		if (random_percent(r, 35) && isdigit((unsigned char)text[at + 1]) &&
		    text[at] != text[at + 1]) {
			swap_at(text, at);
			return;
		}
		text[at] = (char)('0' + (text[at] - '0' + random_between(r, 1, 9)) % 10);
		return;
	}
}

static bool replace(struct random *r, char *text, const char *const pairs[][2], int count)
{
	int start = random_below(r, count), i;

	for (i = 0; i < count; i++) {
		const char *const *pair = pairs[(start + i) % count];
		char *at = strstr(text, pair[0]);
		size_t old = strlen(pair[0]), new = strlen(pair[1]);

		if (!at || strlen(text) + new + 1 > SLIP_ROOM)
			continue;
		memmove(at + new, at + old, strlen(at + old) + 1);
		memcpy(at, pair[1], new);
		return true;
	}
	return false;
}

void slip_scan(struct random *r, char *text)
{
	static const char *const pairs[][2] = {
		{ "m", "rn" }, { "rn", "m" }, { "cl", "d" }, { "d", "cl" }, { "w", "vv" },
		{ "l", "1" },  { "o", "0" },  { "s", "5" },  { "g", "q" },  { "h", "b" },
		{ "n", "h" },  { "e", "c" },  { "i", "l" },  { "u", "v" },  { "5", "s" },
		{ "0", "o" },  { "1", "l" },  { "8", "3" },  { "6", "b" },
	};

	if (!replace(r, text, pairs, COUNT(pairs)))
		slip_letter(r, text);
}

void slip_sound(struct random *r, char *text)
{
	static const char *const pairs[][2] = {
		{ "ph", "f" },  { "ck", "k" }, { "y", "ie" }, { "ie", "y" },  { "c", "k" },
		{ "ey", "y" },  { "th", "t" }, { "ll", "l" }, { "tt", "t" },  { "nn", "n" },
		{ "ei", "ie" }, { "z", "s" },  { "f", "ph" }, { "ae", "ay" }, { "ai", "ay" },
		{ "oo", "u" },  { "gh", "g" }, { "wh", "w" }, { "k", "ck" },  { "mac", "mc" },
	};

	if (!replace(r, text, pairs, COUNT(pairs)))
		slip_letter(r, text);
}

void slip_any(struct random *r, char *text)
{
	int kind = random_below(r, 100);

	if (isdigit((unsigned char)text[0]) && kind < 60)
		slip_digit(r, text);
	else if (kind < 70)
		slip_letter(r, text);
	else if (kind < 85)
		slip_sound(r, text);
	else
		slip_scan(r, text);
}

void slip_date(struct random *r, char *iso)
{
	if (strlen(iso) != 10)
		return;
	if (random_percent(r, 25)) {
		char day[2];

		memcpy(day, iso + 8, 2);
		memcpy(iso + 8, iso + 5, 2);
		memcpy(iso + 5, day, 2);
	} else if (random_percent(r, 35)) { /* the year, a little off */
		iso[3] = (char)('0' + (iso[3] - '0' + (random_percent(r, 50) ? 1 : 9)) % 10);
	} else {
		static const int at[] = { 2, 3, 6, 8, 9 };
		int i = at[random_below(r, COUNT(at))];

		iso[i] = (char)('0' + (iso[i] - '0' + random_between(r, 1, 9)) % (i == 8 ? 3 : 10));
	}
}

/* Chinese. */

/* Replace one character that stands in a group of @groups by another of it. */
static bool exchange(struct random *r, char *text, const char *const groups[], int count)
{
	int len = (int)strlen(text) / 3, start = len ? random_below(r, len) : 0, i, g;

	for (i = 0; i < len; i++) {
		char *c = text + (size_t)((start + i) % len) * 3;

		if ((unsigned char)*c < 0xe0)
			return false;
		for (g = 0; g < count; g++) {
			int size = (int)strlen(groups[g]) / 3, other;
			const char *at = groups[g];

			while (*at && memcmp(at, c, 3) != 0)
				at += 3;
			if (!*at)
				continue;
			other = ((int)(at - groups[g]) / 3 + random_between(r, 1, size - 1)) % size;
			memcpy(c, groups[g] + (size_t)other * 3, 3);
			return true;
		}
	}
	return false;
}

bool slip_homophone(struct random *r, char *text)
{
	static const char *const groups[] = {
		"建健剑鉴渐", "国果帼",   "伟炜玮纬苇",   "军君均钧俊",   "强墙蔷",
		"明鸣铭名茗", "华桦骅",   "平萍苹屏",     "利莉丽立力黎", "宏红洪虹鸿",
		"志智芝之治", "勇永泳咏", "杰洁捷",       "涛焘韬",       "斌彬滨宾",
		"新欣鑫心馨", "松嵩淞",   "柏百佰",       "浩皓昊灏",     "宇雨羽禹语",
		"晨辰尘宸",   "轩宣萱",   "炳丙秉",       "根艮",         "秀绣岫",
		"英瑛莺颖盈", "芳方坊",   "娟鹃涓",       "敏闽旻民",     "静婧靖晶菁",
		"燕艳雁彦",   "霞夏",     "玲灵铃琳林霖", "桂贵",         "娣弟",
		"菊局",       "亚娅雅",   "素夙",         "琴勤芹",       "飞菲霏妃",
		"佳嘉家加",   "雪学",     "婷亭庭廷",     "倩茜",         "怡宜仪一依",
		"彩采",       "月悦越岳", "仙先",         "成诚城程承",   "海还",
		"波博",       "峰锋丰枫", "文雯闻",       "刚钢",         "超朝",
		"辉晖徽",     "亮良",     "龙隆",         "胜盛圣",       "祥翔",
		"德得",       "荣蓉容",   "兰岚澜",       "梅玫媚",       "珍真臻",
		"凤奉",       "慧惠卉",   "春椿",         "庆清青卿",     "阳洋扬杨",
		"张章",       "陈程沉",   "王汪",         "徐许",         "沈申",
		"陆路鹿",     "罗骆",     "余于俞虞",     "叶业",         "黄皇",
		"吴伍武",     "施史石",   "胡湖",         "蒋姜江",       "金今",
		"何和",       "周邹",     "朱诸祝",       "郑正",         "傅付",
		"肖萧",       "阮软",     "魏卫",
	};

	return exchange(r, text, groups, COUNT(groups));
}

bool slip_shape(struct random *r, char *text)
{
	static const char *const groups[] = {
		"建健", "末未", "土士", "晨辰", "佳住", "晓哓", "晴睛", "清请", "娟捐",
		"洪供", "徐涂", "杨扬", "陈阵", "沈沉", "郑邓", "侯候", "孙逊", "铃玲",
		"明朋", "军车", "刚钢", "凤风", "琪棋", "峰锋", "杰态", "斌彬", "国园",
		"永水", "芬芳", "季李", "惠慧", "思恩", "庆床", "炜玮", "胜性", "荣棠",
		"梅海", "立位", "飞气", "桂挂", "柏伯", "松忪", "志忘", "浩洁",
	};

	return exchange(r, text, groups, COUNT(groups));
}

bool slip_traditional(struct random *r, char *text)
{
	static const char *const groups[] = {
		"国國", "军軍", "伟偉", "强強", "华華", "杰傑", "涛濤", "轩軒", "丽麗", "红紅",
		"静靜", "飞飛", "颖穎", "庆慶", "陈陳", "张張", "罗羅", "冯馮", "赵趙", "黄黃",
		"马馬", "杨楊", "吴吳", "许許", "叶葉", "韩韓", "陆陸", "邹鄒", "龚龔", "应應",
		"凤鳳", "龙龍", "荣榮", "兰蘭", "刚剛", "辉輝", "胜勝", "阳陽", "宾賓", "东東",
	};

	return exchange(r, text, groups, COUNT(groups));
}
