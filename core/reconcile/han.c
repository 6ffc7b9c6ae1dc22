/*
 * han.c - Chinese characters: how they are read, written and mistaken.
 *
 * A syllable is packed five bits a letter, so it needs no table of its own and
 * equal sounds are equal numbers. The two tables of the basic plane are filled
 * as characters come; a slot is one word and is written at most twice with the
 * same value, so readers need no lock.
 */
#include "reconcile/han.h"

#include <pthread.h>
#include <stdlib.h>

#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "base/memory.h"
#include "base/utf8.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define PLANE 0x10000
#define SILENT UINT32_MAX /* asked, and has no reading */

struct han {
	pthread_mutex_t lock;
	UTransliterator *reading, *simplifying;
	uint32_t sounds[PLANE];
	uint16_t simplified[PLANE];
	uint64_t looks[PLANE];
};

/* Groups of characters that are written alike. */
static const char groups[] =
	"己已巳 末未 土士 日曰 钧均 晓哓 人入 天夭 干千于 大太犬 王玉主 戊戌戍 侯候 辰晨 "
	"佳住隹 杨扬 微徽 博搏 敏致 晴睛 清请情 洁浩 浩皓 银根 艮良 祥详 样 峰锋烽 蜂 铭名 "
	"娟捐涓 莉利 丽 琳淋 林 李季 季秀 芬芳 兰蓝 陈阵 阳阴 刘浏 朱未 朱米 吴昊 昊旻 "
	"吕品 宫官 官宫 宋宗 宗棕 冯马 汪江 江红 汤杨 沈沉 沉沈 钱线 郑邓 邓郑 邹邬 郭敦 "
	"孙逊 余佘 佘余 徐涂 涂徐 许计 何河 柯何 洪供 胡湖 张弛 章意 陆陇 陶淘 孟盂 卢户 "
	"丁于 石右 左右 田由甲申 白自 目且 苏办 万方 方万 叶计 付傅 肖萧 闫阎 戴带 范樊 "
	"雷霄 霞雯 雯雪 雪雷 云去 志态 忠志 思恩 恩思 惠慧 意章 想相 军车 辉晖挥 晖珲 "
	"建健键 键键 伟玮炜 炜纬 强弱 刚钢 钢铜 铜钢 明朋 朋明 鹏朋 月用 亮高 商亮 "
	"国园圆 圆园 圃国 波坡 海诲 梅海 涛寿 焘涛 淑椒 叔淑 玲铃 铃玲 珍珠 珠株 "
	"琪棋旗 其琪 瑶遥 瑜渝 喻瑜 瑞端 端瑞 斌彬 彬杉 宁宇 宇宁 宝室 定宝 实宝 安妥 "
	"成咸 咸成 威咸 武式 义叉 又义 文丈 丈文 飞气 永水 水永 冰水 东车 冬东 栋练 根银 "
	"桂挂 挂桂 柱桂 枝技 松忪 柏伯 格洛 洛络 泽择 润闰 源原 渊洲 洲州 滨宾 "
	"燕蒸 焱炎 炎焱 煜昱 昱昊 晟晨 晶品 昌晶 旭旮 易昜 智知 曦羲 朝韩 韩朝 "
	"金全 全金 铁轶 镇慎 锦绵 棉锦 鑫森 森淼 磊垒 垚尧 尧晓 奕弈 亦奕 毓敏 雅稚 "
	"立位 平乎 广厂 庆床 康唐 庚庾 廷延 延廷 彦产 形彤 彤形 彭膨 得德 征微 "
	"凤风 风凤 凯铠 勤勒 勇男 劲颈 北比 卫卩 卓桌 启后 呈星 周同 同周 和种 "
	"圣怪 坤坤 坚竖 竖坚 培倍 增曾 壮状 夏复 奎圭 妮泥 姣娇 娇矫 娜哪 婷停 嫣焉 "
	"子了 孔扎 学字 字学 尚向 居屈 岚岗 岩宕 川州 巧功 布市 帅师 师帅 帆忛";

static void learn_looks(struct han *h)
{
	const char *at = groups, *end = groups + sizeof(groups) - 1;
	uint64_t group = 1;

	while (at < end) {
		uint32_t c = utf8_next(&at, end);

		if (c == ' ')
			group = group << 1 | group >> 63;
		else
			h->looks[c] |= group;
	}
}

struct han *han_new(void)
{
	struct han *h = memory_take(sizeof(*h));

	pthread_mutex_init(&h->lock, NULL);
	learn_looks(h);
	return h;
}

void han_free(struct han *h)
{
	if (!h)
		return;
	if (h->reading)
		utrans_close(h->reading);
	if (h->simplifying)
		utrans_close(h->simplifying);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

bool han_is(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || c == 0x3007 ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff);
}

/* One character through a transliterator that is opened at need; how many units came out. */
static int32_t transliterate(UTransliterator **t, const char *name, uint32_t c, UChar out[32])
{
	UErrorCode code = U_ZERO_ERROR;
	int32_t len = 1, limit = 1;
	UChar id[40];

	if (!*t) {
		u_uastrcpy(id, name);
		*t = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
	}
	out[0] = (UChar)c;
	if (U_SUCCESS(code))
		utrans_transUChars(*t, out, &len, 32, 0, &limit, &code);
	return U_SUCCESS(code) ? len : 0;
}

static uint32_t pack(const UChar *letters, int32_t len)
{
	uint32_t sound = 0;

	for (int32_t i = 0; i < len && i < 6; i++) {
		if (letters[i] < 'a' || letters[i] > 'z')
			return 0;
		sound |= (uint32_t)(letters[i] - 'a' + 1) << (5 * i);
	}
	return sound;
}

static uint32_t pack_text(const char *letters)
{
	UChar wide[8];

	u_uastrncpy(wide, letters, 8);
	return pack(wide, u_strlen(wide));
}

size_t han_syllable(uint32_t sound, char out[8])
{
	size_t len = 0;

	for (; sound; sound >>= 5)
		out[len++] = (char)('a' + (sound & 31) - 1);
	out[len] = '\0';
	return len;
}

uint32_t han_sound(struct han *h, uint32_t c)
{
	uint32_t sound;
	UChar out[32];

	if (c >= PLANE || !han_is(c))
		return 0;
	sound = __atomic_load_n(&h->sounds[c], __ATOMIC_RELAXED);
	if (!sound) {
		pthread_mutex_lock(&h->lock);
		sound = pack(out, transliterate(&h->reading, "Han-Latin; Latin-ASCII", c, out));
		pthread_mutex_unlock(&h->lock);
		__atomic_store_n(&h->sounds[c], sound ? sound : SILENT, __ATOMIC_RELAXED);
	}
	return sound == SILENT ? 0 : sound;
}

uint32_t han_simplified(struct han *h, uint32_t c)
{
	uint16_t simple;
	UChar out[32];

	if (c >= PLANE || !han_is(c))
		return c;
	simple = __atomic_load_n(&h->simplified[c], __ATOMIC_RELAXED);
	if (!simple) {
		pthread_mutex_lock(&h->lock);
		simple = transliterate(&h->simplifying, "Traditional-Simplified", c, out) == 1
				 ? out[0]
				 : (uint16_t)c;
		pthread_mutex_unlock(&h->lock);
		__atomic_store_n(&h->simplified[c], simple, __ATOMIC_RELAXED);
	}
	return simple;
}

/* Surnames. */

uint32_t han_surname_sound(struct han *h, uint32_t c)
{
	static const struct {
		const char *c;
		const char *sound;
	} others[] = {
		{ "曾", "zeng" }, { "仇", "qi" },   { "单", "shan" },  { "解", "xie" },
		{ "朴", "piao" }, { "查", "zha" },  { "盖", "ge" },    { "区", "o" },
		{ "翟", "zhai" }, { "缪", "miao" }, { "乐", "yue" },   { "员", "yun" },
		{ "尉", "wei" },  { "秘", "bi" },   { "折", "she" },   { "召", "shao" },
		{ "覃", "qin" },  { "任", "ren" },  { "华", "hua" },   { "重", "chong" },
		{ "宓", "mi" },   { "冼", "xian" }, { "种", "chong" }, { "么", "yao" },
		{ "繁", "po" },   { "黑", "he" },   { "谌", "chen" },  { "适", "kuo" },
	};

	for (size_t i = 0; i < COUNT(others); i++) {
		const char *at = others[i].c;

		if (utf8_next(&at, at + strlen(at)) == c)
			return pack_text(others[i].sound);
	}
	return han_sound(h, c);
}

uint32_t han_surname(const uint32_t *name, uint32_t length)
{
	static const char compound[] =
		"欧阳司马上官诸葛东方皇甫尉迟公孙慕容司徒令狐宇文长孙夏侯轩辕端木百里呼延南宫独孤"
		"西门东郭钟离闻人澹台公冶宗政濮阳淳于单于太叔申屠仲孙鲜于闾丘司空赫连拓跋万俟第五";

	const char *end = compound + sizeof(compound) - 1;

	if (length < 1 || length > 4 || !han_is(name[0]))
		return 0;
	for (const char *at = compound; length > 1 && *at;) {
		uint32_t first = utf8_next(&at, end), second = utf8_next(&at, end);

		if (first == name[0] && second == name[1])
			return length > 2 ? 2 : 1;
	}
	return 1;
}

/* How a dialect hears a syllable. */

uint32_t han_heard(uint32_t sound)
{
	uint32_t first = sound & 31, second = sound >> 5 & 31, last = sound;
	unsigned shift = 0;

	if (!sound)
		return 0;
	if (second == 'h' - 'a' + 1) /* zh, ch, sh */
		sound = first | sound >> 10 << 5;
	else if (first == 'l' - 'a' + 1)
		sound = (sound & ~(uint32_t)31) | ('n' - 'a' + 1);
	else if (first == 'h' - 'a' + 1 && second == 'u' - 'a' + 1 && sound >> 10)
		sound = ('f' - 'a' + 1) | sound >> 10 << 5; /* huang and fang, hui and fei */
	for (last = sound; last >> 5; last >>= 5)
		shift += 5;
	if (last == 'g' - 'a' + 1) /* ang, eng, ing */
		sound &= ((uint32_t)1 << shift) - 1;
	return sound;
}

/* How characters are mistaken. */

uint64_t han_looks(const struct han *h, uint32_t c)
{
	return c < PLANE ? h->looks[c] : 0;
}

bool han_are_alike(uint32_t a, uint32_t b)
{
	const char *at = groups, *end = groups + sizeof(groups) - 1;
	bool has_a = false, has_b = false;

	while (at < end) {
		uint32_t c = utf8_next(&at, end);

		has_a = c != ' ' && (has_a || c == a);
		has_b = c != ' ' && (has_b || c == b);
		if (has_a && has_b)
			return a != b;
	}
	return false;
}
