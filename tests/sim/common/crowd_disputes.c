/*
 * crowd_disputes.c - the cases of a county, as four desks have written them down.
 *
 * A dispute comes to one to four desks within days; each writes its own parties
 * in its own way, sometimes with the roles in each other's place, sometimes with
 * a neighbour who called. The same people may quarrel again weeks later: that is
 * another dispute. Companies have one phone for all who speak for them.
 */
#include "sim/common/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "sim/common/citizen.h"
#include "sim/common/slip.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define PARTIES 6

enum { POLICE, HOTLINE, GRID, STUDIO, DESKS };

static const struct desk usual[DESKS] = {
	[POLICE] = { "110", 14, 3, 40, 40, 85, 20, 70, false },
	[HOTLINE] = { "12345", 12, 28, 15, 70, 88, 10, 65, false },
	[GRID] = { "grid", 7, 3, 55, 20, 75, 30, 80, true },
	[STUDIO] = { "studio", 3, 0, 85, 8, 80, 40, 85, true },
};
static const struct desk hard[DESKS] = {
	[POLICE] = { "110", 20, 5, 20, 50, 50, 14, 66, false },
	[HOTLINE] = { "12345", 18, 30, 6, 80, 55, 6, 60, false },
	[GRID] = { "grid", 10, 4, 27, 30, 38, 22, 76, true },
	[STUDIO] = { "studio", 6, 0, 44, 12, 40, 28, 80, true },
};

static const struct subject {
	const char *type, *company_likely, *what[4];
} subjects[] = {
	{ "邻里", NULL, { "噪音扰民", "楼上漏水", "占用通道", "宅基地界线" } },
	{ "婚姻家庭", NULL, { "离婚财产", "赡养费", "子女抚养", "家庭矛盾" } },
	{ "劳动", "yes", { "拖欠工资", "工伤赔偿", "加班费", "解除合同" } },
	{ "交通", NULL, { "车辆刮擦", "电瓶车相撞", "停车赔偿", "误工费" } },
	{ "物业", "yes", { "物业费", "电梯故障", "车位", "装修押金" } },
	{ "消费", "yes", { "退款", "预付卡", "商品质量", "虚假宣传" } },
	{ "债务", NULL, { "借款不还", "货款", "合伙结算", "担保" } },
	{ "山林土地", NULL, { "承包地流转", "田埂", "青苗补偿", "征地款" } },
};

struct world {
	struct random r;
	struct citizen *people, *companies;
	int people_count, company_count;
	const struct desk *desks;
	struct shuffled parties, cases;
	FILE *truth;
	uint32_t case_number;
};

struct dispute {
	int entity, day, amount;
	const struct subject *subject;
	const char *what;
	int parties[PARTIES], count; /* people, or companies from people_count on */
	int applicants;
	struct home place;
};

static const struct citizen *citizen(const struct world *w, int i)
{
	return i < w->people_count ? &w->people[i] : &w->companies[i - w->people_count];
}

static void date_of(int day, char *out)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int month = 0;

	day %= 366;
	while (day >= days[month])
		day -= days[month++];
	snprintf(out, CITIZEN_ROOM, "2024-%02d-%02d", month + 1, day + 1);
}

/* Some people are often there. */
static int somebody(struct world *w)
{
	int i = random_below(&w->r, w->people_count);

	return random_percent(&w->r, 6) ? i / 40 : i;
}

static bool stands_in(const struct dispute *d, int who)
{
	int i;

	for (i = 0; i < d->count; i++)
		if (d->parties[i] == who)
			return true;
	return false;
}

static void add_party(struct dispute *d, int who)
{
	if (d->count < PARTIES && !stands_in(d, who))
		d->parties[d->count++] = who;
}

/* Neighbours in the table are of one household, mostly. */
static void choose_parties(struct world *w, struct dispute *d)
{
	struct random *r = &w->r;
	int first = somebody(w), i;

	d->count = 0;
	add_party(d, first);
	for (i = 1; i < 3 && random_percent(r, 42); i++)
		add_party(d, random_percent(r, 70) && first + i < w->people_count ? first + i
										  : somebody(w));
	d->applicants = d->count;
	if (d->subject->company_likely && random_percent(r, 70))
		add_party(d, w->people_count + random_below(r, w->company_count));
	if (d->count == d->applicants || random_percent(r, 45)) {
		int other = somebody(w);

		if (strcmp(d->subject->type, "婚姻家庭") == 0 && first > 2)
			other = first - 1 - random_below(r, 2);
		add_party(d, other);
		if (random_percent(r, 50) && other + 1 < w->people_count)
			add_party(d, other + 1);
	}
	if (d->count == d->applicants)
		add_party(d, somebody(w));
}

static void begin(struct world *w, struct dispute *d, int entity)
{
	struct random *r = &w->r;

	d->entity = entity;
	d->day = random_below(r, 330);
	d->subject = &subjects[random_below(r, COUNT(subjects))];
	d->what = d->subject->what[random_below(r, 4)];
	d->amount = random_percent(r, 70) ? random_between(r, 1, 400) * 100 : 0;
	choose_parties(w, d);
	d->place = citizen(w, d->parties[random_below(r, d->count)])->home;
}

/* The same people some weeks later, about something else or the same again. */
static void begin_again(struct world *w, struct dispute *d, int entity)
{
	struct random *r = &w->r;

	d->entity = entity;
	d->day += random_between(r, 20, 75);
	if (random_percent(r, 60))
		d->subject = &subjects[random_below(r, COUNT(subjects))];
	d->what = d->subject->what[random_below(r, 4)];
	d->amount = random_percent(r, 70) ? random_between(r, 1, 400) * 100 : 0;
}

static void put_cell(struct text *t, const char *cell)
{
	text_char(t, ',');
	text_csv(t, cell);
}

static void put_party(struct world *w, const struct desk *desk, const char *case_id, int who,
		      const char *role)
{
	const struct citizen *c = citizen(w, who);
	struct text *t = &w->parties.text;
	struct random *r = &w->r;
	char cell[CITIZEN_ROOM];

	text_put(t, case_id);
	put_cell(t, desk->name);
	put_cell(t, role);
	desk_name(desk, r, c, cell);
	put_cell(t, cell);
	put_cell(t, c->is_company || random_percent(r, 15) ? "" : c->is_female ? "女" : "男");
	desk_id(desk, r, c, cell);
	put_cell(t, cell);
	desk_birth(desk, r, c, cell);
	put_cell(t, cell);
	desk_phone(desk, r, c, cell);
	put_cell(t, cell);
	desk_address(desk, r, &c->home, cell);
	put_cell(t, cell);
	shuffled_end_line(&w->parties, who + 1);
}

static void narrate(struct world *w, const struct dispute *d, const struct desk *desk,
		    struct text *out)
{
	static const char *const openings[] = { "来电人反映", "接群众报警称", "网格员走访发现",
						"申请人来工作室陈述" };
	static const char *const endings[] = { "请求协助处理。", "双方情绪激动，现场已劝开。",
					       "要求尽快给予答复。", "希望调解解决。",
					       "已告知可申请人民调解。" };
	struct random *r = &w->r;
	char name[CITIZEN_ROOM], other[CITIZEN_ROOM];
	const struct citizen *a = citizen(w, d->parties[0]),
			     *b = citizen(w, d->parties[d->count - 1]);

	desk_name(desk, r, a, name);
	desk_name(desk, r, b, other);
	text_put(out, openings[random_below(r, COUNT(openings))]);
	if (random_percent(r, 80))
		text_printf(out, "%s与%s", random_percent(r, 75) ? name : other,
			    random_percent(r, 75) ? other : name);
	text_printf(out,
		    random_percent(r, 50) ? "因%s问题发生%s纠纷，" : "就%s一事（%s）产生争议，",
		    d->what, d->subject->type);
	if (d->amount && random_percent(r, 65))
		text_printf(out, "涉及金额%d元，", d->amount);
	if (random_percent(r, 50))
		text_printf(out, "地点在%s，", citizen_town(d->place.town));
	text_put(out, endings[random_below(r, COUNT(endings))]);
}

static void put_case(struct world *w, const struct dispute *d, const struct desk *desk, int day,
		     const char *id)
{
	struct text *t = &w->cases.text, narrative = { 0 };
	struct random *r = &w->r;
	char cell[CITIZEN_ROOM];

	text_put(t, id);
	put_cell(t, desk->name);
	date_of(day, cell);
	put_cell(t, cell);
	put_cell(t, random_percent(r, 88) ? d->subject->type
					  : subjects[random_below(r, COUNT(subjects))].type);
	put_cell(t, random_percent(r, 92) ? citizen_town(d->place.town) : "");
	desk_address(desk, r, &d->place, cell);
	put_cell(t, cell);
	cell[0] = '\0';
	if (d->amount && random_percent(r, 60))
		snprintf(cell, sizeof(cell), "%d", d->amount);
	put_cell(t, cell);
	narrate(w, d, desk, &narrative);
	put_cell(t, narrative.data);
	text_done(&narrative);
	shuffled_end_line(&w->cases, d->entity);
	fprintf(w->truth, "cases,%s,%d\n", id, d->entity);
}

static void report(struct world *w, const struct dispute *d, const struct desk *desk, int day)
{
	bool is_swapped = random_percent(&w->r, 18);
	char id[16];
	int i;

	/* An odd multiplier makes every number once, and in no order. */
	snprintf(id, sizeof(id), "c%010u", w->case_number++ * 2654435761u);
	put_case(w, d, desk, day, id);
	for (i = 0; i < d->count; i++) {
		bool is_applicant = (i < d->applicants) != is_swapped;

		if (i && i != d->applicants && random_percent(&w->r, 12))
			continue; /* not every desk asks who else was there */
		put_party(w, desk, id, d->parties[i], is_applicant ? "applicant" : "respondent");
	}
	if (desk <= &w->desks[HOTLINE] && random_percent(&w->r, 12))
		put_party(w, desk, id, somebody(w), "caller");
}

static void report_all(struct world *w, const struct dispute *d)
{
	int day = d->day, desk = random_below(&w->r, DESKS), i;
	int reports = 1 + random_percent(&w->r, 55) + random_percent(&w->r, 30) +
		      random_percent(&w->r, 12);

	for (i = 0; i < reports; i++) {
		report(w, d, &w->desks[desk], day);
		day += random_percent(&w->r, 60) ? random_below(&w->r, 3) : random_below(&w->r, 15);
		if (!random_percent(&w->r, 12)) /* else they urge the same desk again */
			desk = (desk + 1 + random_below(&w->r, DESKS - 1)) % DESKS;
	}
}

static void populate(struct world *w, int rows)
{
	int count = rows * 45 / 100 + 10, i = 0;

	w->people = calloc((size_t)count, sizeof(*w->people));
	w->company_count = count / 40 + 1;
	w->companies = calloc((size_t)w->company_count, sizeof(*w->companies));
	if (!w->people || !w->companies)
		die("out of memory");
	while (i < count)
		i += citizen_household(&w->r, w->people + i, count - i);
	w->people_count = count;
	for (i = 0; i < w->company_count; i++)
		citizen_company(&w->r, &w->companies[i]);
}

void crowd_disputes(const struct crowd *c)
{
	struct world w = { .desks = c->is_hard ? hard : usual, .truth = c->truth };
	struct dispute d = { 0 };
	int entity;

	random_init(&w.r, c->seed, 53);
	populate(&w, c->rows);
	for (entity = 1; w.parties.count < c->rows; entity++) {
		if (entity > 1 && random_percent(&w.r, 8) && d.day < 280)
			begin_again(&w, &d, entity);
		else
			begin(&w, &d, entity);
		report_all(&w, &d);
	}
	fputs("id,case_id,desk,role,name,sex,idcard,birth,phone,address\n", c->out);
	shuffled_write(&w.parties, &w.r, "q", "parties", c->out, c->truth);
	fputs("id,desk,received,type,town,place,amount,narrative\n", c->cases);
	shuffled_write(&w.cases, &w.r, NULL, NULL, c->cases, NULL);
	free(w.people);
	free(w.companies);
}
