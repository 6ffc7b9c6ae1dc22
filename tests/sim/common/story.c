/*
 * story.c - titles and narratives: sentences with slots, strung together until
 * the length is right.
 *
 * {A} and {B} are the first two parties, {V} a village, {R} a road, {M} an
 * amount, {D} a day, {N} a small number.
 */
#include <stdio.h>
#include <string.h>

#include "sim/common/dispute.h"
#include "sim/common/place.h"

struct stories {
	const char *type;
	const char *titles[4];
	const char *openings[4];
	const char *middles[8];
};

static const struct stories stories[] = {
	{ "0101",
	  { "{A}与{B}离婚纠纷", "{A}与{B}赡养费纠纷", "{A}诉{B}抚养费纠纷",
	    "{V}{A}家庭财产分割纠纷" },
	  { "{A}与{B}于{N}年前登记结婚，婚后感情一般，{D}因家庭琐事再次发生争吵。",
	    "{A}反映，其与{B}分居已有{N}年，双方对子女抚养和财产分割一直未能谈妥。",
	    "{D}，{A}到{V}求助，称{B}长期不履行赡养义务。",
	    "{A}与{B}系近亲属，因父母名下位于{R}的房屋如何分配产生矛盾。" },
	  { "双方共同生育一子，现随{A}生活，抚养费自去年起未再支付。",
	    "{B}认为{A}对老人照顾较少，不应多分。", "家中存款约{M}元由{B}保管，{A}要求说明去向。",
	    "双方长辈曾到场劝和，但未能达成一致。",
	    "{A}提出每月给付{M}元，{B}表示目前收入不稳定，难以承担。",
	    "村妇联干部曾先后{N}次上门做工作。", "争吵中双方均有过激言语，所幸没有肢体冲突。",
	    "{B}常年在外务工，电话沟通时断时续。" } },
	{ "0102",
	  { "{A}与{B}婚约财产纠纷", "{A}与{B}彩礼返还纠纷", "{A}与{B}同居析产纠纷",
	    "{V}{A}与{B}家庭矛盾" },
	  { "{A}与{B}经人介绍相识，订婚时按习俗给付彩礼{M}元。",
	    "{D}，{A}与{B}因彩礼返还问题在{V}发生争执。",
	    "{A}称双方同居{N}年后分手，共同购置的家电和车辆未作分割。",
	    "{A}与{B}就婚礼筹备费用的承担意见不一，互不相让。" },
	  { "{B}认为大部分款项已用于置办酒席，不同意全部返还。", "介绍人到场证实了彩礼的大致数额。",
	    "双方各执一词，仅对其中{M}元没有争议。", "{A}家属情绪较为激动，要求尽快解决。",
	    "购物凭证已大多遗失，只能由双方回忆核对。", "{B}愿意退还首饰，但对现金部分有不同意见。",
	    "村干部建议双方先各自冷静{N}日。", "双方父母均已到场，表示愿意协商。" } },
	{ "0103",
	  { "{A}与{B}楼上漏水纠纷", "{A}与{B}相邻通道纠纷", "{V}{A}与{B}噪音扰民纠纷",
	    "{A}与{B}宅基地采光纠纷" },
	  { "{A}反映楼上住户{B}家中卫生间漏水，导致其吊顶和墙面受损。",
	    "{D}，{A}与{B}因{R}屋后通道堆放杂物发生口角。",
	    "{A}称邻居{B}夜间机器噪音持续{N}个月，影响正常休息。",
	    "{B}翻建房屋时比原来加高，{A}认为影响自家采光。" },
	  { "经初步估算，修复费用约为{M}元。", "{B}认为漏水原因不明，要求请专业人员查看。",
	    "物业曾到现场查看{N}次，未能形成一致意见。", "双方相邻多年，此前关系尚可。",
	    "{A}已自行垫付维修款{M}元，留有收据。", "现场丈量时双方对界址的起点说法不一。",
	    "社区网格员拍摄了现场照片并做了登记。", "{B}表示可以清理，但希望对方也退让半米。" } },
	{ "0104",
	  { "{A}与{B}承包地界址纠纷", "{V}{A}与{B}土地租金纠纷", "{A}与{B}山林权属纠纷",
	    "{A}与{B}杨梅山流转纠纷" },
	  { "{A}与{B}在{V}的承包地相邻，{D}因田埂位置发生争执。",
	    "{A}将承包地{N}亩流转给{B}种植大棚葡萄，租金拖欠未付。",
	    "{A}称{B}在其自留山上砍伐杨梅树{N}棵，要求赔偿。",
	    "因{R}沿线土地平整，{A}与{B}对青苗补偿的归属意见不一。" },
	  { "双方均持有早年的承包证，但四至记载较为简略。", "村里老会计回忆了当年分田的经过。",
	    "流转合同约定年租金{M}元，每年年底支付。", "{B}称因台风受灾，收成不好，希望缓交。",
	    "镇农办派员到现场丈量，误差约{N}平方米。", "{A}要求恢复原状并赔偿{M}元。",
	    "该地块涉及{N}户，其余农户均无异议。", "双方同意以现有水渠为参照重新划线。" } },
	{ "0105",
	  { "{A}与{B}劳动报酬纠纷", "{A}向{B}讨薪纠纷", "{A}等人与{B}工资纠纷",
	    "{A}与{B}工伤待遇纠纷" },
	  { "{A}在{B}务工{N}个月，离职时工资未结清，合计{M}元。",
	    "{D}，{A}等{N}人到{V}反映{B}拖欠工资。",
	    "{A}在{B}车间作业时手部受伤，双方对误工费用有争议。",
	    "{B}承接{R}附近工程后将部分劳务交由{A}，工程款迟迟未付。" },
	  { "{B}称因客户回款较慢，资金周转困难，并非有意拖欠。",
	    "双方未签订书面劳动合同，仅有考勤记录和转账凭证。",
	    "经核对，双方确认的金额为{M}元，其余部分存在争议。", "劳动监察人员到场了解了情况。",
	    "{A}家中有老人需要照顾，希望能尽快拿到钱。",
	    "{B}提出分{N}期付清，{A}担心到期仍不兑现。", "工资表上的签名经辨认为{A}本人所签。",
	    "厂方负责人表示愿意先行支付一部分。" } },
};

static const char *const closings[] = {
	"双方表示愿意在工作室主持下协商解决。",
	"现{A}申请调解，希望{B}给出明确答复。",
	"网格员将情况登记上报，建议由镇调解力量介入。",
	"为避免矛盾激化，已嘱咐双方保持克制，并约定再次见面。",
	"该事项经初步处理未果，现转品牌调解工作室跟进。",
};

static const struct stories *stories_of(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		if (strcmp(stories[i].type, type) == 0)
			return &stories[i];
	return &stories[2];
}

static void slot(struct text *out, char which, const struct dispute *d, struct random *r)
{
	switch (which) {
	case 'A':
		text_put(out, d->party[0].name);
		break;
	case 'B':
		text_put(out, d->party[1].name);
		break;
	case 'V':
		text_put(out, d->village);
		break;
	case 'R':
		text_put(out, place_road(r));
		break;
	case 'M':
		text_printf(out, "%d", random_between(r, 5, 400) * 100);
		break;
	case 'D':
		text_printf(out, "%.4s年%d月%d日", d->occurred,
			    (d->occurred[4] - '0') * 10 + d->occurred[5] - '0',
			    (d->occurred[6] - '0') * 10 + d->occurred[7] - '0');
		break;
	default:
		text_printf(out, "%d", random_between(r, 2, 9));
	}
}

static void fill(struct text *out, const char *sentence, const struct dispute *d, struct random *r)
{
	size_t plain;

	while (*sentence) {
		plain = strcspn(sentence, "{");
		text_add(out, sentence, plain);
		sentence += plain;
		if (*sentence) {
			slot(out, sentence[1], d, r);
			sentence += 3;
		}
	}
}

void story_title(struct dispute *d, struct random *r)
{
	struct text title = { 0 };

	fill(&title, stories_of(d->type)->titles[random_below(r, 4)], d, r);
	snprintf(d->title, sizeof(d->title), "%s", title.data);
	text_done(&title);
}

void story_tell(struct dispute *d, struct random *r)
{
	const struct stories *s = stories_of(d->type);
	size_t wanted = (size_t)random_between(r, 110, 290);
	int next = random_below(r, 8);

	text_clear(&d->about);
	fill(&d->about, s->openings[random_below(r, 4)], d, r);
	do {
		/* 3 and 8 share no factor: each middle comes once before one comes twice. */
		fill(&d->about, s->middles[next], d, r);
		next = (next + 3) % 8;
	} while (d->about.size / 3 < wanted);
	fill(&d->about, closings[random_below(r, 5)], d, r);
}
