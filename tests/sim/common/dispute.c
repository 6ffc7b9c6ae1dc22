/*
 * dispute.c - making one up.
 */
#include "sim/common/dispute.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/common/people.h"
#include "sim/common/place.h"

#define DAY 86400

void dispute_moment(char out[15], int64_t local_seconds)
{
	time_t seconds = (time_t)local_seconds;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, 15, "%Y%m%d%H%M%S", &tm);
}

static void invent_address(char *out, size_t room, int town, struct random *r)
{
	if (random_percent(r, 50))
		snprintf(out, room, "慈溪市%s%s%d号", place_town(town)->name, place_road(r),
			 random_between(r, 1, 899));
	else
		snprintf(out, room, "慈溪市%s%s%d组%d号", place_town(town)->name, place_village(r),
			 random_between(r, 1, 18), random_between(r, 1, 60));
}

static void invent_party(struct party *p, struct random *r, bool is_applicant, bool is_female,
			 bool is_company, int town)
{
	memset(p, 0, sizeof(*p));
	strcpy(p->role, is_applicant ? "1" : "2");
	p->is_company = is_company;
	p->is_female = is_female;
	invent_address(p->address, sizeof(p->address), town, r);
	people_phone(r, p->phone);
	if (is_company) {
		people_company(r, p->name);
		return;
	}
	people_name(r, p->name, p->is_female);
	people_birth(r, p->birth);
	people_id(r, p->id, p->birth, p->is_female);
}

/* Two, or three, or four: an applicant, a respondent, then either. Couples are
 * of two sexes, companies only owe wages. */
static void invent_parties(struct dispute *d, struct random *r)
{
	int dice = random_below(r, 100), i;
	bool is_wage = strcmp(d->type, "0105") == 0, is_couple = strcmp(d->type, "0103") < 0;

	d->parties = dice < 72 ? 2 : dice < 92 ? 3 : 4;
	for (i = 0; i < d->parties; i++) {
		bool is_applicant = i == 0 || (i > 1 && random_percent(r, 50));
		bool is_female = random_percent(r, 45);
		bool is_company = i == 1 && is_wage && random_percent(r, 85);

		if (i == 1 && is_couple)
			is_female = !d->party[0].is_female;
		invent_party(&d->party[i], r, is_applicant, is_female, is_company,
			     random_percent(r, 80) ? d->town : place_random_town(r));
	}
	d->people = d->parties + (random_percent(r, 15) ? random_between(r, 1, 12) : 0);
}

static void invent_type(struct dispute *d, struct random *r)
{
	static const char *const types[] = { "0101", "0102", "0103", "0104", "0105" };
	static const int shares[] = { 22, 10, 34, 12, 22 };
	int dice = random_below(r, 100), i;

	for (i = 0; i < 4 && dice >= shares[i]; i++)
		dice -= shares[i];
	strcpy(d->type, types[i]);
}

/* The two fields that make one status: waiting, mediating, returned, closed and
 * closed as the old procedure wrote it. */
static void invent_status(struct dispute *d, struct random *r)
{
	int dice = random_below(r, 100);

	strcpy(d->handling, dice < 14 ? "0" : dice < 85 ? "1" : "2");
	if (dice < 14 || dice >= 85)
		strcpy(d->state, dice < 14 ? "1" : "8");
	else if (dice < 72)
		snprintf(d->state, sizeof(d->state), "%d", random_between(r, 1, 3));
	else
		snprintf(d->state, sizeof(d->state), "%d", dice < 76 ? 4 : random_between(r, 5, 8));
}

static void invent_times(struct dispute *d, struct random *r, int64_t from, int64_t to)
{
	int64_t days = (to - from) / DAY;
	int64_t reported = from + random_below(r, (int)days) * (int64_t)DAY +
			   random_between(r, 7 * 3600, 21 * 3600);
	int64_t changed = reported + random_between(r, 60, 2 * DAY);

	if (changed >= to)
		changed = reported + random_below(r, (int)(to - reported));
	dispute_moment(d->reported, reported);
	dispute_moment(d->changed, changed);
	dispute_moment(d->occurred, reported - random_between(r, 1800, 12 * DAY));
	d->appointed[0] = '\0';
	if (random_percent(r, 30))
		dispute_moment(d->appointed, reported - reported % DAY + DAY + 9 * 3600 +
						     random_below(r, 14) * 1800);
}

void dispute_invent(struct dispute *d, struct random *r, int64_t from, int64_t to)
{
	static const char *const notes[] = {
		"", "", "", "双方情绪稳定", "涉及老人，请优先处理", "已电话回访", "需方言调解员"
	};

	invent_type(d, r);
	invent_status(d, r);
	invent_times(d, r, from, to);
	d->town = place_random_town(r);
	d->studio = place_branch(place_studio_for(d->town, d->type), r);
	snprintf(d->village, sizeof(d->village), "%s", place_village(r));
	invent_address(d->address, sizeof(d->address), d->town, r);
	invent_parties(d, r);
	people_name(r, d->reporter, random_percent(r, 50));
	people_phone(r, d->reporter_phone);
	d->channel = random_between(r, 1, 5);
	d->level = random_between(r, 1, 4);
	d->urgency = random_between(r, 1, 3);
	d->amount = random_percent(r, 60) ? (int64_t)random_between(r, 3, 3000) * 10000 : 0;
	d->east = random_between(r, 1210200, 1213600);
	d->north = random_between(r, 300200, 302400);
	d->is_withdrawn = false;
	d->note = notes[random_below(r, 7)];
	story_title(d, r);
	story_tell(d, r);
}
