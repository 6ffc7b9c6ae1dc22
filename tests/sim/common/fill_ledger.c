/*
 * fill_ledger.c - the book that 22 studios keep by hand, each in its own way.
 *
 * A row is made from a dispute: one read back from a grid event, or a walk-in
 * of the studio's own.
 */
#include "sim/common/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "sim/common/dispute.h"
#include "sim/common/ledger.h"
#include "sim/common/people.h"
#include "sim/common/place.h"
#include "sim/common/retell.h"

#define DAY 86400
#define WALK_INS 300
#define RETOLD 48
#define AGAIN 12

static const struct {
	const char *name;
	int count;
} plans[] = {
	{ "closed-before-accepted", 6 },
	{ "unknown-cause", 8 },
	{ "scientific-id", 9 },
	{ "impossible-date", 5 },
};
enum { EARLY, CAUSE, SCIENTIFIC, IMPOSSIBLE, KINDS, NONE = -1 };

struct book {
	struct random random;
	int64_t end; /* local seconds: nothing in the book is later */
	FILE *out, *planted;
	struct text row, bytes, numbers; /* numbers: in the book, a line each */
	int rows, planted_count[KINDS];
	char mediators[STUDIOS_MOST][3][32];
};

/* The text of the child called @name, "" without one. Ours to copy at once. */
static void child_text(char *out, size_t room, xmlNode *parent, const char *name)
{
	xmlNode *node;
	xmlChar *content;

	out[0] = '\0';
	for (node = parent->children; node; node = node->next) {
		if (strcmp((const char *)node->name, name) != 0)
			continue;
		content = xmlNodeGetContent(node);
		snprintf(out, room, "%s", (const char *)content);
		xmlFree(content);
		return;
	}
}

static void read_parties(struct dispute *d, xmlNode *list)
{
	xmlNode *node;

	d->parties = 0;
	for (node = list->children; node && d->parties < PARTIES; node = node->next) {
		struct party *p = &d->party[d->parties++];

		child_text(p->role, sizeof(p->role), node, "RYLB");
		child_text(p->name, sizeof(p->name), node, "GXRXM");
		child_text(p->id, sizeof(p->id), node, "GXRZJH");
		child_text(p->phone, sizeof(p->phone), node, "GXRLXFS");
	}
}

/* As much of an event as the book speaks of. */
static void read_event(struct dispute *d, const char *body)
{
	xmlDoc *doc = xmlReadMemory(body, (int)strlen(body), "event.xml", "UTF-8", 0);
	xmlNode *event = doc ? xmlDocGetRootElement(doc) : NULL;
	char about[4096], studio[8], amount[32];

	if (!event)
		die("an event in the grid's ledger is no XML");
	child_text(d->number, sizeof(d->number), event, "AJBH");
	child_text(d->title, sizeof(d->title), event, "SJMC");
	child_text(about, sizeof(about), event, "AJMS");
	child_text(d->type, sizeof(d->type), event, "AJXL");
	child_text(d->reported, sizeof(d->reported), event, "SBSJ");
	child_text(studio, sizeof(studio), event, "TJSBH");
	child_text(amount, sizeof(amount), event, "SJJE");
	text_clear(&d->about);
	text_put(&d->about, about);
	d->studio = atoi(studio + 1) - 1;
	d->amount = strtoll(amount, NULL, 10) * 100;
	read_parties(d, xmlGetLastChild(event));
	xmlFreeDoc(doc);
}

static int64_t day_of(const char *moment)
{
	struct tm tm = { 0 };

	strptime(moment, "%Y%m%d", &tm);
	return (int64_t)timegm(&tm);
}

/* Each studio writes its dates in its own way. */
static void put_date(struct book *b, int studio, int64_t day)
{
	time_t seconds = (time_t)day;
	struct tm tm;
	int y, m, d;

	gmtime_r(&seconds, &tm);
	y = tm.tm_year + 1900;
	m = tm.tm_mon + 1;
	d = tm.tm_mday;
	switch (studio % 4) {
	case 0:
		text_printf(&b->row, "%d-%02d-%02d,", y, m, d);
		break;
	case 1:
		text_printf(&b->row, "%d/%d/%d,", y, m, d);
		break;
	case 2:
		text_printf(&b->row, "%d.%d.%d,", y, m, d);
		break;
	default:
		text_printf(&b->row, "%d年%d月%d日,", y, m, d);
	}
}

static void put_cell(struct book *b, const char *value)
{
	text_csv(&b->row, value);
	text_char(&b->row, ',');
}

/* "/" or nothing, as the studio has it. */
static const char *nothing(int studio)
{
	return studio % 3 ? "/" : "";
}

static void put_amount(struct book *b, const struct dispute *d)
{
	long long yuan = d->amount / 100;

	if (!yuan)
		put_cell(b, nothing(d->studio));
	else if (d->studio % 2 && yuan >= 1000)
		text_printf(&b->row, "\"%lld,%03lld.00\",", yuan / 1000, yuan % 1000);
	else
		text_printf(&b->row, "%lld,", yuan);
}

/* A name of two characters is often drawn apart to the width of three. */
static void put_name(struct book *b, const char *name)
{
	if (text_length(name) == 2 && strlen(name) == 6 && random_percent(&b->random, 40))
		text_printf(&b->row, "%.3s　%s,", name, name + 3);
	else
		put_cell(b, name);
}

static const char *cause(struct book *b, const char *type)
{
	bool is_short = random_percent(&b->random, 30);

	if (strcmp(type, "0103") == 0)
		return is_short ? "邻里" : "邻里纠纷";
	if (strcmp(type, "0104") == 0)
		return is_short ? "山林土地" : "山林土地纠纷";
	if (strcmp(type, "0105") == 0)
		return is_short                         ? "讨薪"
		       : random_percent(&b->random, 50) ? "劳动报酬"
							: "劳动争议纠纷";
	return is_short ? "婚姻家庭" : "婚姻家庭纠纷";
}

static void put_days(struct book *b, const struct dispute *d, int fault)
{
	int64_t last = b->end - DAY;
	int64_t accepted = day_of(d->reported) + random_between(&b->random, 0, 2) * DAY;
	int64_t closed;

	if (accepted > last)
		accepted = last;
	closed = accepted + random_between(&b->random, 0, 14) * DAY;
	if (closed > last)
		closed = last;
	if (fault == EARLY)
		closed = accepted - 3 * DAY;
	if (fault == IMPOSSIBLE)
		put_cell(b, "2024-02-30");
	else
		put_date(b, d->studio, accepted);
	put_date(b, d->studio, closed);
}

static const struct party *first(const struct dispute *d, char role)
{
	int i;

	for (i = 0; i < d->parties; i++)
		if (d->party[i].role[0] == role)
			return &d->party[i];
	die("%s has nobody in role %c", d->number, role);
}

static void put_parties(struct book *b, const struct dispute *d, int fault)
{
	const struct party *applicant = first(d, '1'), *respondent = first(d, '2');
	const char *none = nothing(d->studio);

	put_name(b, applicant->name);
	put_cell(b, fault == SCIENTIFIC ? "3.30299E+17" : *applicant->id ? applicant->id : none);
	put_cell(b, random_percent(&b->random, 85) ? applicant->phone : none);
	put_name(b, respondent->name);
	put_cell(b, random_percent(&b->random, 75) ? respondent->phone : none);
	if (d->parties > 2)
		text_printf(&b->row, "另有当事人%d人", d->parties - 2);
	text_put(&b->row, "\r\n");
}

static void put_row(struct book *b, const struct dispute *d, int fault)
{
	text_clear(&b->row);
	text_printf(&b->row, "%d,%s,%s,", ++b->rows, d->number, place_studio(d->studio)->name);
	put_cell(b, d->title);
	put_cell(b, d->about.data);
	put_days(b, d, fault);
	put_cell(b, fault == CAUSE ? "遗失物纠葛" : cause(b, d->type));
	put_amount(b, d);
	put_cell(b, random_percent(&b->random, 88) ? "调解成功" : "调解不成功");
	put_cell(b, b->mediators[d->studio][random_below(&b->random, 3)]);
	put_parties(b, d, fault);
	text_clear(&b->bytes);
	text_to_gb18030(&b->bytes, b->row.data, b->row.size);
	fwrite(b->bytes.data, 1, b->bytes.size, b->out);
	text_printf(&b->numbers, "%s\n", d->number);
	if (fault == NONE)
		return;
	b->planted_count[fault]++;
	if (b->planted)
		fprintf(b->planted, "%s\t%s\n", plans[fault].name, d->number);
}

static bool is_in_book(const struct book *b, const char *number)
{
	const char *at = strstr(b->numbers.data, number);

	return at && at[strlen(number)] == '\n';
}

/* The faults lie @gap rows apart, kinds in turn, until each has its number. */
static int fault_of(const struct book *b, int gap)
{
	int i, at = b->rows / gap;

	if (b->rows % gap != gap / 2)
		return NONE;
	for (i = 0; i < KINDS; i++) {
		if (at < plans[i].count)
			return i;
		at -= plans[i].count;
	}
	return NONE;
}

#define GOOD_EVENTS                                                                                \
	" FROM event WHERE id NOT IN (SELECT event_id FROM planted)"                               \
	" AND id NOT IN (SELECT event_id FROM noted WHERE kind = 'withdrawn')"

/* Returns how far the faults lie apart. */
static int write_grid_cases(struct book *b, const char *ledger, int *good)
{
	sqlite3 *db = ledger_open(ledger, "");
	sqlite3_stmt *events = ledger_prepare(db, "SELECT body" GOOD_EVENTS " ORDER BY ajbh");
	struct dispute d = { .id = "" };
	int gap;

	*good = (int)ledger_number(ledger_prepare(db, "SELECT count(*)" GOOD_EVENTS), "");
	gap = (*good * 85 / 100 + WALK_INS) / 30;
	if (ledger_get(events, ""))
		do {
			if (!random_percent(&b->random, 85))
				continue;
			read_event(&d, ledger_text(events, 0));
			put_row(b, &d, fault_of(b, gap));
		} while (sqlite3_step(events) == SQLITE_ROW);
	ledger_close(db);
	text_done(&d.about);
	return gap;
}

static void write_walk_ins(struct book *b, const char *until, int gap)
{
	struct dispute d = { .id = "" };
	int i;

	for (i = 0; i < WALK_INS; i++) {
		dispute_invent(&d, &b->random, b->end - 30 * DAY, b->end);
		snprintf(d.number, sizeof(d.number), "CXW%.4s-%04d", until, i + 1);
		put_row(b, &d, fault_of(b, gap));
	}
	text_done(&d.about);
}

static FILE *open_for_writing(const char *path)
{
	FILE *file = path ? fopen(path, "w") : NULL;

	if (path && !file)
		die("%s: %m", path);
	return file;
}

/* The studio had it too, under a number of its own and in its own words; @is_again: the same
 * people, weeks later and about something else. */
static void retell_one(struct book *b, struct dispute *d, const char *until, int n, bool is_again,
		       FILE *truth)
{
	char other[32];

	snprintf(other, sizeof(other), "CXL%.4s-%04d", until, n);
	fprintf(truth, "%s\t%s\t%s\t%s\n", d->number, other, is_again ? "again" : "same",
		is_again ? retell_again(d, &b->random, b->end) : retell_same(d, &b->random));
	snprintf(d->number, sizeof(d->number), "%s", other);
	put_row(b, d, NONE);
}

/* Of events that are not in the book by their own number. What is drawn for them is drawn apart, so
 * that the rest of the book is the same with them and without. */
static void write_retold(struct book *b, const char *ledger, const char *out, uint64_t seed,
			 const char *until)
{
	sqlite3 *db = ledger_open(ledger, "");
	sqlite3_stmt *events = ledger_prepare(db, "SELECT body" GOOD_EVENTS " ORDER BY ajbh DESC");
	struct dispute d = { .id = "" };
	FILE *truth = open_for_writing(out);
	int n = 0;

	random_init(&b->random, seed, 25);
	if (ledger_get(events, ""))
		do {
			read_event(&d, ledger_text(events, 0));
			if (!is_in_book(b, d.number)) {
				retell_one(b, &d, until, n + 1, n >= RETOLD, truth);
				n++;
			}
		} while (n < RETOLD + AGAIN && sqlite3_step(events) == SQLITE_ROW);
	ledger_close(db);
	text_done(&d.about);
	printf("%-24s %d\n%-24s %d\n", "told again", RETOLD, "the same people again", AGAIN);
	if (fclose(truth) != 0)
		die("%s: %m", out);
}

static void put_head(struct book *b)
{
	static const char head[] =
		"序号,案件编号,调解工作室,纠纷名称,纠纷简介,受理日期,结案日期,案由,"
		"涉及金额（元）,调解结果,调解员,申请人,申请人身份证,申请人电话,被申请人,"
		"被申请人电话,备注\r\n";

	text_to_gb18030(&b->bytes, head, sizeof(head) - 1);
	fwrite(b->bytes.data, 1, b->bytes.size, b->out);
}

void fill_ledger(const char *ledger, const char *out, const char *planted, const char *retold,
		 uint64_t seed, const char *until)
{
	struct book b = { .end = fill_end_of(until) };
	int i, good, gap, from_grid;

	random_init(&b.random, seed, 20);
	for (i = 0; i < place_studio_count() * 3; i++)
		people_name(&b.random, b.mediators[i / 3][i % 3], i % 3 == 1);
	b.out = open_for_writing(out);
	b.planted = open_for_writing(planted);
	put_head(&b);
	gap = write_grid_cases(&b, ledger, &good);
	from_grid = b.rows;
	write_walk_ins(&b, until, gap);
	printf("%-24s %d\n%-24s %d\n%-24s %d\n%-24s %d\n", "rows", b.rows, "good grid cases", good,
	       "of these in the book", from_grid, "walk-ins", WALK_INS);
	for (i = 0; i < KINDS; i++)
		printf("%-24s %d\n", plans[i].name, b.planted_count[i]);
	if (retold)
		write_retold(&b, ledger, retold, seed, until);
	text_done(&b.numbers);
	text_done(&b.row);
	text_done(&b.bytes);
	if (fclose(b.out) != 0 || (b.planted && fclose(b.planted) != 0))
		die("%s: %m", out);
}
