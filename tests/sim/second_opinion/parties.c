/*
 * parties.c - disputes, each told at up to four desks, and who the desks say the parties are.
 *
 * A desk writes what it hears, sees or exports: 110 by ear and in a hurry, the hotline
 * masked, the grid from a keyboard, the studio by hand and from identity cards. People
 * come again with another dispute, sometimes from another home or with another phone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/common/people.h"
#include "sim/second_opinion/county.h"
#include "sim/second_opinion/opinion.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define PARTIES 4

enum { CASE, DESK, ROLE, NAME, SEX, ID, BIRTH, PHONE, ADDRESS, FIELDS };

static const struct desk {
	const char *name;
	int misheard, misread, other_form, hidden; /* names, of a hundred */
	int caller_phone, other_phone, id, masks, birth, sex;
	int address, care;
	bool hears_dialect;
} desks[] = {
	{ "110", 13, 0, 0, 9, 88, 14, 6, 0, 4, 85, 70, 25, true },
	{ "12345", 9, 0, 0, 7, 84, 10, 9, 45, 3, 80, 65, 40, true },
	{ "grid", 6, 1, 2, 1, 45, 37, 36, 22, 30, 92, 86, 75, false },
	{ "studio", 3, 4, 3, 0, 45, 35, 42, 18, 36, 88, 80, 80, false },
};

struct world {
	struct county county;
	struct opinion *opinion;
	int *seen, seen_count; /* people who had a dispute before */
	int cases;
};

struct side {
	int person; /* or ~company */
	const char *role;
};

struct dispute {
	struct side parties[PARTIES];
	int count;
};

typedef char row[FIELDS][ADDRESS_ROOM];

static void write_row(struct world *w, int entity, row values)
{
	const char *texts[FIELDS];
	int i;

	for (i = 0; i < FIELDS; i++)
		texts[i] = values[i];
	opinion_row(w->opinion, entity, texts, FIELDS);
}

/* 王某, 王先生, 王*国, 王某某; now and then nothing at all. */
static void hide_name(struct random *r, const struct person *p, char *out)
{
	static const char *const nobody[] = { "匿名", "不详", "无", "" };
	int how = random_below(r, 100);

	if (how < 8)
		strcpy(out, nobody[random_below(r, 4)]);
	else if (how < 35)
		sprintf(out, "%s%s", p->name.surname, p->is_female ? "女士" : "先生");
	else if (how < 55)
		sprintf(out, "%s某", p->name.surname);
	else if (how < 70)
		sprintf(out, "%s某某", p->name.surname);
	else if (strlen(p->name.given) > 3)
		sprintf(out, "%s*%s", p->name.surname, p->name.given + 3);
	else
		sprintf(out, "%s*", p->name.surname);
}

static void decorate_name(struct random *r, char *name)
{
	char plain[NAME_ROOM];

	strcpy(plain, name);
	if (random_percent(r, 40))
		sprintf(name, "%.3s %s", plain, plain + 3);
	else if (random_percent(r, 50))
		sprintf(name, "%s（报警人）", plain);
	else if (random_percent(r, 50))
		sprintf(name, "%s等人", plain);
	else
		sprintf(name, "%s，", plain);
}

static void tell_name(struct random *r, const struct desk *d, const struct person *p, char *out)
{
	if (random_percent(r, d->hidden)) {
		hide_name(r, p, out);
		return;
	}
	sprintf(out, "%s%s", p->name.surname, p->name.given);
	if (random_percent(r, d->misheard))
		chinese_misheard(r, out, d->hears_dialect && random_percent(r, 35));
	if (random_percent(r, d->misheard / 4))
		chinese_misheard(r, out, false);
	if (random_percent(r, d->misread))
		chinese_misread(r, out);
	if (random_percent(r, d->other_form))
		chinese_other_form(r, out);
	if (strlen(out) == 9 &&
	    opinion_permille(r, 6)) { /* one character left out, or two swapped */
		if (random_percent(r, 60))
			out[6] = '\0';
		else
			sprintf(out + 3, "%s%.3s", p->name.given + 3, p->name.given);
	}
	if (opinion_permille(r, 15))
		decorate_name(r, out);
}

static void spoil_id(struct random *r, char *id)
{
	int at = random_between(r, 6, 15);
	char first = id[at], old[20];

	switch (random_below(r, 5)) {
	case 0:
		id[at] = id[at + 1];
		id[at + 1] = first;
		break;
	case 1:
		id[at] = (char)('0' + random_below(r, 10));
		break;
	case 2:
		strcpy(id + 15, "000"); /* went through a spreadsheet */
		break;
	case 3:
		memmove(id + at, id + at + 1, strlen(id + at)); /* one too few */
		break;
	default: /* as it stood on the card before 1999 */
		if (memcmp(id + 6, "19", 2) != 0)
			break;
		strcpy(old, id);
		sprintf(id, "%.6s%.9s", old, old + 8);
	}
}

static void mask_id(struct random *r, char *id)
{
	char whole[20];

	strcpy(whole, id);
	if (strlen(id) != 18)
		return;
	if (random_percent(r, 60))
		memset(id + 4, '*', 10);
	else if (random_percent(r, 50))
		memset(id + 6, '*', 8);
	else
		sprintf(id, "%.14s****", whole);
}

static void tell_id(struct world *w, struct random *r, const struct desk *d, int person, char *out)
{
	static const char *const nothing[] = { "无", "不详", "未知", "0" };
	const struct person *p = &w->county.people[person];

	if (!random_percent(r, d->id)) {
		if (random_percent(r, 4))
			strcpy(out, nothing[random_below(r, 4)]);
		return;
	}
	strcpy(out, p->id);
	if (opinion_permille(r, 8) && person + 1 < w->county.count &&
	    p[1].household == p->household) /* the wrong card of the household */
		strcpy(out, p[1].id);
	if (opinion_permille(r, 35))
		spoil_id(r, out);
	if (random_percent(r, d->masks))
		mask_id(r, out);
	else if (out[17] == 'X' && random_percent(r, 30))
		out[17] = 'x';
}

/* In the ways of the desks; sometimes by the old calendar, sometimes only the year. */
static void tell_birth(struct random *r, const struct desk *d, const struct person *p, char *out)
{
	int year = p->year, month = p->month, day = p->day, form = random_below(r, 100);

	if (!random_percent(r, d->birth))
		return;
	if (random_percent(r, 4)) { /* about a month earlier */
		day = day > 12 ? day - 12 : day + 17;
		month = month > 1 ? month - 1 : 12;
		year -= month == 12 && p->month == 1;
	} else if (random_percent(r, 3)) {
		month = day = 1;
	} else if (random_percent(r, 2)) {
		year += random_percent(r, 50) ? 1 : -1;
	} else if (random_percent(r, 2)) {
		day = random_between(r, 1, 28);
	}
	if (form < 70)
		sprintf(out, "%04d-%02d-%02d", year, month, day);
	else if (form < 82)
		sprintf(out, "%04d%02d%02d", year, month, day);
	else if (form < 88)
		sprintf(out, "%d年%d月%d日", year, month, day);
	else if (form < 92)
		sprintf(out, "%d.%d.%d", year, month, day);
	else if (form < 95)
		sprintf(out, "%04d-%02d", year, month);
	else
		sprintf(out, "%04d", year);
}

static void company_phone(int company, char phone[16])
{
	sprintf(phone, "0574-6300%04d", company * 31 % 10000);
}

static void tell_phone(struct world *w, struct random *r, const struct desk *d,
		       const struct person *p, bool is_caller, char *out)
{
	static const char *const nothing[] = { "无", "不详", "13000000000", "未留" };

	if (!random_percent(r, is_caller ? d->caller_phone : d->other_phone)) {
		if (random_percent(r, 3))
			strcpy(out, nothing[random_below(r, 4)]);
		return;
	}
	strcpy(out, p->phone);
	if (p->company >= 0 && random_percent(r, 25))
		company_phone(p->company, out);
	else if (opinion_permille(r, 15)) /* a friend's, or that of whoever called for him */
		county_new_phone(&w->county, out);
	else if (opinion_permille(r, 15))
		out[random_between(r, 7, 10)] = (char)('0' + random_below(r, 10));
	else if (opinion_permille(r, 30))
		sprintf(out, "%.3s %.4s %.4s", p->phone, p->phone + 3, p->phone + 7);
	else if (opinion_permille(r, 20))
		sprintf(out, "%.3s****%.4s", p->phone, p->phone + 7);
}

static void tell_address(struct world *w, struct random *r, const struct desk *d,
			 const struct person *p, char *out)
{
	const struct dwelling *home = &p->home;

	if (!random_percent(r, d->address))
		return;
	if (random_percent(r, 4)) /* where it happened, not where he lives */
		home = &w->county.people[random_below(r, w->county.count)].home;
	chinese_address(r, home, d->care, out);
}

static void tell_person(struct world *w, const struct desk *d, int person, bool is_caller, row to)
{
	struct random *r = &w->opinion->random;
	const struct person *p = &w->county.people[person];
	bool is_female = opinion_permille(r, 8) ? !p->is_female : p->is_female;

	tell_name(r, d, p, to[NAME]);
	if (random_percent(r, d->sex))
		strcpy(to[SEX], is_female ? "女" : "男");
	tell_id(w, r, d, person, to[ID]);
	tell_birth(r, d, p, to[BIRTH]);
	tell_phone(w, r, d, p, is_caller, to[PHONE]);
	tell_address(w, r, d, p, to[ADDRESS]);
	/* Nobody writes down somebody of whom nothing can be said. */
	if (!to[PHONE][0] && !to[ADDRESS][0] && random_percent(r, 85))
		chinese_address(r, &p->home, d->care, to[ADDRESS]);
}

static void tell_company(struct world *w, const struct desk *d, int company, row to)
{
	struct random *r = &w->opinion->random;
	struct dwelling seat = { .town = (short)(company % 19),
				 .place = (short)(company % 16),
				 .number = (short)(company * 7 % 200 + 1) };

	chinese_company(company, random_percent(r, 55) ? 0 : random_between(r, 1, 3), to[NAME]);
	if (random_percent(r, 5))
		chinese_misheard(r, to[NAME], false);
	if (random_percent(r, 40))
		company_phone(company, to[PHONE]);
	if (random_percent(r, d->address))
		chinese_address(r, &seat, d->care, to[ADDRESS]);
}

/* Companies are numbered behind any person there could be. */
static int entity_of(int party)
{
	return party < 0 ? 1000000 + ~party : party + 1;
}

static void tell(struct world *w, const struct dispute *dispute, const struct desk *d)
{
	struct random *r = &w->opinion->random;
	int caller = random_percent(r, 80) ? 0 : dispute->count - 1, i;
	bool is_swapped = random_percent(r, 15);
	int number = ++w->cases;

	for (i = 0; i < dispute->count; i++) {
		const struct side *s = &dispute->parties[i];
		bool applies = (strcmp(s->role, "applicant") == 0) != is_swapped;
		row to = { { 0 } };

		if (i != caller && random_percent(r, 18))
			continue; /* not named here */
		sprintf(to[CASE], "k%07d", number);
		strcpy(to[DESK], d->name);
		strcpy(to[ROLE], applies ? "applicant" : "respondent");
		if (s->person < 0)
			tell_company(w, d, ~s->person, to);
		else
			tell_person(w, d, s->person, i == caller, to);
		write_row(w, entity_of(s->person), to);
	}
}

/* Somebody new, somebody from a household that we know, or somebody who comes again. */
static int anybody(struct world *w, struct random *r)
{
	int first, members;

	if (w->seen_count > 20 && random_percent(r, 20))
		return w->seen[random_below(r, w->seen_count)];
	if (w->county.count > 100 && random_percent(r, 30))
		return random_below(r, w->county.count);
	first = county_household(&w->county, r);
	members = w->county.count - first;
	return first + random_below(r, members > 2 ? members : 1);
}

static int of_same_household(struct world *w, struct random *r, int person)
{
	int other = random_percent(r, 50) ? person + 1 : person - 1;

	if (other < 0 || other >= w->county.count ||
	    w->county.people[other].household != w->county.people[person].household)
		return anybody(w, r);
	return other;
}

static void join(struct dispute *d, int person, const char *role)
{
	int i;

	for (i = 0; i < d->count; i++)
		if (d->parties[i].person == person)
			return;
	d->parties[d->count++] = (struct side){ person, role };
}

static void invent(struct world *w, struct random *r, struct dispute *d)
{
	int who = anybody(w, r);

	d->count = 0;
	join(d, who, "applicant");
	if (random_percent(r, 14))
		join(d, of_same_household(w, r, who), "applicant");
	if (random_percent(r, 8))
		join(d, ~random_below(r, COMPANIES), "respondent");
	else if (random_percent(r, 9))
		join(d, of_same_household(w, r, who), "respondent");
	else
		join(d, anybody(w, r), "respondent");
	if (random_percent(r, 10) && d->parties[d->count - 1].person >= 0)
		join(d, of_same_household(w, r, d->parties[d->count - 1].person), "respondent");
}

/* Until the next dispute: some move, some have another phone, all have been seen. */
static void time_passes(struct world *w, struct random *r, const struct dispute *d)
{
	int i;

	for (i = 0; i < d->count; i++) {
		struct person *p = &w->county.people[d->parties[i].person];

		if (d->parties[i].person < 0)
			continue;
		if (random_percent(r, 10))
			county_new_phone(&w->county, p->phone);
		if (random_percent(r, 7))
			chinese_dwelling(r, &p->home);
		if (!p->was_seen && w->seen_count < w->opinion->rows)
			w->seen[w->seen_count++] = d->parties[i].person;
		p->was_seen = true;
	}
}

static int desks_told(struct random *r)
{
	int n = random_below(r, 100);

	return n < 32 ? 1 : n < 66 ? 2 : n < 89 ? 3 : 4;
}

static void everywhere(struct world *w, struct random *r, const struct dispute *d)
{
	int first = random_below(r, COUNT(desks)), count = desks_told(r), i;

	for (i = 0; i < count; i++) {
		const struct desk *desk = &desks[(first + i) % COUNT(desks)];

		tell(w, d, desk);
		if (random_percent(r, desk->hears_dialect ? 9 : 2)) /* urging */
			tell(w, d, desk);
	}
}

void opinion_parties(struct opinion *o)
{
	struct random *r = &o->random;
	struct world w = { .opinion = o };
	struct dispute d;

	o->header = "case_id,desk,role,name,sex,idcard,birth,phone,address";
	county_init(&w.county, r);
	w.seen = calloc((size_t)o->rows, sizeof(*w.seen));
	if (!w.seen)
		die("out of memory");
	while (o->count < o->rows) {
		if (!w.cases || !random_percent(r, 6)) /* else the same two dispute again */
			invent(&w, r, &d);
		everywhere(&w, r, &d);
		time_passes(&w, r, &d);
	}
	free(w.seen);
	county_done(&w.county);
}
