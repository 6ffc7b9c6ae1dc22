/*
 * retell.c - half of the sentences, in another frame; then what desks do to names and ids.
 */
#include "sim/common/retell.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/common/slip.h"

#define DAY 86400

/* Every sentence with a chance of a half, the longest story in other words. */
static void reword(struct dispute *d, struct random *r)
{
	static const char *const openings[] = { "申请人到工作室陈述：", "来访登记：",
						"据双方口述，" };
	static const char *const endings[] = { "请求工作室主持调解。", "当事人要求尽快处理。",
					       "已登记，约双方到场。" };
	struct text out = { 0 };
	const char *at = d->about.data, *stop;

	text_put(&out, openings[random_below(r, 3)]);
	while (at && (stop = strstr(at, "。")) != NULL) {
		stop += strlen("。");
		if (random_percent(r, 55))
			text_add(&out, at, (size_t)(stop - at));
		at = stop;
	}
	text_put(&out, endings[random_below(r, 3)]);
	text_clear(&d->about);
	text_put(&d->about, out.data);
	text_done(&out);
}

static void swap_roles(struct dispute *d)
{
	int i;

	for (i = 0; i < d->parties; i++)
		d->party[i].role[0] = d->party[i].role[0] == '1' ? '2' : '1';
}

/* 王建国 → 王某某: who he is, only a person can tell. */
static void hide(struct party *p)
{
	if (strlen(p->name) >= 6 && strlen(p->name) <= 12)
		snprintf(p->name + 3, sizeof(p->name) - 3, "%s",
			 strlen(p->name) > 6 ? "某某" : "某");
	p->id[0] = p->phone[0] = '\0';
}

const char *retell_same(struct dispute *d, struct random *r)
{
	static char done[64];
	int i, dice = random_below(r, 100);

	strcpy(done, "reworded");
	reword(d, r);
	if (random_percent(r, 35)) {
		swap_roles(d);
		strcat(done, ",swapped");
	}
	if (dice < 30) {
		for (i = 0; i < d->parties; i++)
			if (strlen(d->party[i].id) == 18)
				memset(d->party[i].id + 6, '*', 8);
		strcat(done, ",masked");
	} else if (dice < 50) {
		slip_homophone(r, d->party[0].name);
		strcat(done, ",misheard");
	} else if (dice < 62) {
		for (i = 0; i < d->parties; i++)
			hide(&d->party[i]);
		strcat(done, ",hidden");
	}
	return done;
}

const char *retell_again(struct dispute *d, struct random *r, int64_t end)
{
	struct tm tm = { 0 };
	int64_t day;

	strptime(d->reported, "%Y%m%d", &tm);
	day = (int64_t)timegm(&tm) + random_between(r, 21, 28) * (int64_t)DAY;
	if (day > end - DAY)
		day -= 2 * 25 * (int64_t)DAY; /* before, then */
	dispute_moment(d->reported, day);
	snprintf(d->type, sizeof(d->type), "%s", strcmp(d->type, "0103") == 0 ? "0104" : "0103");
	story_title(d, r);
	story_tell(d, r);
	return "another matter";
}
