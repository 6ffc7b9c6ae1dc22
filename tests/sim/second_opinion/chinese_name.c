/*
 * chinese_name.c - names by decade, and the mistakes of ear, eye and keyboard.
 */
#include "sim/second_opinion/chinese.h"

#include <stdio.h>
#include <string.h>

#include "sim/second_opinion/opinion.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define LENGTH(s) ((int)strlen(s) / 3)

static const char surnames[] =
	"陈王胡张徐沈周施孙罗岑黄许吴马余杨叶李陆郑方赵朱高刘宋俞戚冯邹蒋华龚裘严潘应谢史韩卢毛童柴"
	"阮钱桑姚何董洪章林虞励袁任蔡茅丁宓戎费江吕石熊傅肖魏邓曾彭田唐于曹付汪程梁苏贾邱侯姜汤郭";
static const char *const two_character_surnames[] = { "欧阳", "司徒", "诸葛", "上官" };

/* First and second characters of given names, the usual ones first, by two decades. */
static const struct era {
	const char *men[2], *women[2];
} eras[] = {
	{ { "阿国仁志文德金水永长利忠宝信荣成根福兴孝",
	    "根法生林根华祥荣仁水康昌达土贵财章甫泉余" },
	  { "阿秀桂凤玉彩杏菊雅亚爱惠素美月兰翠小银巧",
	    "珍英娟凤花仙娥芬琴菊云香莲琴女妹囡宝珠秀" } },
	{ { "建国志永忠利伟文明海小新立光卫红学松岳军",
	    "国明平华军强康达荣良伟祥龙江立权定波耀根" },
	  { "亚建利小美爱红惠丽秀雪国央海月春彩玲琴巧",
	    "芬珍娟萍琴红君飞英芳菊群丽儿央波素敏燕琼" } },
	{ { "建晓海伟志军剑文立旭金少华国永益宏俊学振",
	    "波杰锋辉军斌峰明东飞军强涛达勇科挺迪益平" },
	  { "丽晓亚海燕春静洁雪琼红佳小莉群艳敏旭冬益",
	    "燕丽萍君静芬娜敏霞儿波维琼娟红芳飞莹娣青" } },
	{ { "佳子俊浩宇嘉泽梓天家铭一思奕博逸昊晨承予",
	    "杰豪轩涛浩宇泽恒烨诚铭辰楠凯航睿祺源炜洋" },
	  { "佳思雨梦嘉子欣诗若可怡静雅婷梓依一语心楚",
	    "怡琪妍婷涵萱颖欣悦瑶宁琳雯蕾盈茜奕彤晗汐" } },
};
static const char single_given[] = "伟军强勇杰磊超斌波涛峰敏静丽娟燕芳霞洁婷玲萍颖娜英琴";

/* Characters a pinyin keyboard offers for the same syllable. */
static const char *const same_syllable[] = {
	"建剑健鉴坚",
	"明铭鸣茗",
	"伟维威玮炜卫薇",
	"华花桦",
	"芳方",
	"英颖瑛莹迎盈应",
	"军君均钧俊骏",
	"丽莉利力立俐励李",
	"红宏洪虹鸿泓",
	"志智治芝",
	"国帼",
	"平萍苹屏",
	"杰洁捷",
	"娟涓鹃",
	"燕艳雁彦岩严妍",
	"静晶敬菁婧",
	"霞夏侠",
	"琴勤秦",
	"芬分纷",
	"凤峰锋丰枫冯",
	"刚钢岗",
	"林琳霖临",
	"飞菲妃费",
	"春纯椿",
	"珍真贞振镇",
	"秀绣",
	"玉裕育宇雨余俞虞于",
	"庆清青晴卿",
	"辉惠慧晖会卉",
	"祥翔湘",
	"永勇咏泳",
	"文雯闻",
	"雅亚娅",
	"央洋阳杨",
	"岳月悦跃越",
	"焕欢",
	"孟梦",
	"波博",
	"金津锦今",
	"发法",
	"仁人任",
	"新欣鑫昕馨心",
	"冬栋东董",
	"荣蓉融戎",
	"宝保",
	"生升胜圣声",
	"松嵩宋",
	"涛桃",
	"磊蕾雷",
	"佳嘉家加",
	"浩皓昊郝",
	"子紫梓",
	"轩萱宣",
	"怡亿艺毅义依仪奕逸一",
	"婷庭廷挺",
	"宁凝",
	"云芸运耘",
	"兰岚蓝",
	"桂贵",
	"长常昌",
	"兴星",
	"世士仕诗施史石时",
	"柏百",
	"成诚程城承陈",
	"忠中钟",
	"财才彩蔡",
	"源媛园元袁",
	"根",
	"泽则",
	"晨辰臣",
	"恒衡",
	"凯楷",
	"小晓筱肖",
	"海孩",
	"学雪薛",
	"敏民",
	"水",
	"妹美",
	"徐许",
	"张章",
	"周舟州",
	"陆卢鲁路",
	"江姜蒋",
	"何贺",
	"裘邱秋",
	"龚宫",
	"戚齐祁",
	"罗骆",
	"朱诸祝",
	"吴邬武",
	"唐汤",
	"傅付富",
	"彭",
	"韩寒",
	"潘攀",
	"赵照兆",
};
/* What our dialect does not keep apart. */
static const char *const same_in_dialect[] = { "王黄汪", "胡吴何", "沈岑陈程", "周邹",
					       "孙沈宋", "徐余",   "施史",     "叶易",
					       "金靳",   "明民敏", "军金津",   "平斌冰",
					       "华娃",   "英音",   "康刚",     "水四" };
static const char *const look_alike[] = {
	"未末", "土士", "芬芳", "娣娟", "杨扬", "汪江", "潘播", "戚戌", "裘袭", "岑芩", "余佘",
	"王玉", "田由", "史吏", "海悔", "波坡", "根恨", "林材", "鸣鸥", "峰烽", "荣萦", "亚业",
	"央决", "伟纬", "建健", "孙孔", "徐涂", "沈沉", "胡湖", "宋宗", "何河", "袁哀", "洁浩",
	"祥详", "玲铃", "珍诊", "丽雨", "明朋", "仁仕", "达迏", "琴琹", "宇字", "天夫", "晓哓",
};
static const char *const forms[] = {
	"国國", "陈陳", "张張", "杨楊", "赵趙", "吴吳", "孙孫", "罗羅", "郑鄭", "许許", "邓鄧",
	"冯馮", "蒋蔣", "叶葉", "卢盧", "陆陸", "谢謝", "刘劉", "马馬", "华華", "军軍", "丽麗",
	"红紅", "龙龍", "凤鳳", "兰蘭", "强強", "刚剛", "伟偉", "杰傑", "洁潔", "飞飛", "峰峯",
	"云雲", "宝寶", "荣榮", "庆慶", "辉輝", "亚亞", "岳嶽", "钧鈞", "铭銘", "发發", "坤堃",
	"升昇", "群羣", "萧肖", "傅付", "邱丘", "于於", "贵貴", "财財", "娴嫻", "艳豔", "利俐",
};

static void character(const char *text, int at, char out[4])
{
	memcpy(out, text + at * 3, 3);
	out[3] = '\0';
}

void chinese_surname(struct random *r, char surname[8])
{
	if (opinion_permille(r, 3))
		strcpy(surname, two_character_surnames[random_below(r, 4)]);
	else
		character(surnames, opinion_skewed(r, LENGTH(surnames)), surname);
}

void chinese_given(struct random *r, char given[8], bool is_female, int decade, const char *shared)
{
	int e = decade < 5 ? 0 : decade < 7 ? 1 : decade < 9 ? 2 : 3;
	const char *const *parts = is_female ? eras[e].women : eras[e].men;

	if (!shared && e > 0 && random_percent(r, 13)) {
		character(single_given, random_below(r, LENGTH(single_given)), given);
		return;
	}
	if (shared)
		character(shared, 0, given);
	else
		character(parts[0], opinion_skewed(r, LENGTH(parts[0])), given);
	if (random_percent(r, 50))
		character(parts[1], opinion_skewed(r, LENGTH(parts[1])), given + 3);
	else
		character(parts[1], random_below(r, LENGTH(parts[1])), given + 3);
}

void chinese_company(int company, int form, char out[NAME_ROOM])
{
	static const char heads[] = "海金华永兴恒瑞鑫宏博天东嘉利凯盛";
	static const char tails[] = "川达源泰隆丰亿润洋辰力成信和";
	static const char *const trades[] = { "电器",     "轴承",     "塑料制品", "服饰",
					      "物流",     "建筑工程", "餐饮管理", "物业服务",
					      "家用电器", "五金" };
	char head[4], tail[4];
	const char *trade = trades[company % COUNT(trades)];

	character(heads, company / 10 % LENGTH(heads), head);
	character(tails, company / 7 % LENGTH(tails), tail);
	if (form == 0)
		snprintf(out, NAME_ROOM, "慈溪市示例%s%s%s有限公司", head, tail, trade);
	else if (form == 1)
		snprintf(out, NAME_ROOM, "示例%s%s%s有限公司", head, tail, trade);
	else if (form == 2)
		snprintf(out, NAME_ROOM, "示例%s%s%s厂", head, tail, trade);
	else
		snprintf(out, NAME_ROOM, "宁波示例%s%s%s股份有限公司", head, tail, trade);
}

/* Another character from one of @sets that has the one at a place in @text. */
static bool replace_from(struct random *r, char *text, const char *const *sets, int count)
{
	int length = LENGTH(text), start = random_below(r, length ? length : 1), i, s;
	char old[4], new[4];

	for (i = 0; i < length; i++) {
		int at = (start + i) % length, first = random_below(r, count);

		character(text, at, old);
		for (s = 0; s < count; s++) {
			const char *set = sets[(first + s) % count];

			if (LENGTH(set) < 2 || !strstr(set, old))
				continue;
			do
				character(set, random_below(r, LENGTH(set)), new);
			while (strcmp(new, old) == 0);
			memcpy(text + (size_t)at * 3, new, 3);
			return true;
		}
	}
	return false;
}

bool chinese_misheard(struct random *r, char *text, bool is_dialect)
{
	if (is_dialect && replace_from(r, text, same_in_dialect, COUNT(same_in_dialect)))
		return true;
	return replace_from(r, text, same_syllable, COUNT(same_syllable));
}

bool chinese_misread(struct random *r, char *text)
{
	return replace_from(r, text, look_alike, COUNT(look_alike));
}

bool chinese_other_form(struct random *r, char *text)
{
	return replace_from(r, text, forms, COUNT(forms));
}
