/*
 * fill_grid.c - events, and among them a known number of every fault.
 */
#include "sim/common/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/common/dispute.h"
#include "sim/common/grid_schema.h"
#include "sim/common/ledger.h"

struct kind {
	const char *name;
	int of_3000;
	void (*plant)(struct dispute *d, const char *argument);
	const char *argument; /* NULL: the middle of the window */
};

static void type(struct dispute *d, const char *code)
{
	snprintf(d->type, sizeof(d->type), "%s", code);
}

/* A type that is no matter for mediation, with a title to match. */
static void no_matter(struct dispute *d, const char *code)
{
	static const char *const titles[] = {
		"宗教活动场所管理问题反映",
		"对法院判决执行情况的反映",
		"对行政处罚决定不服的反映",
		"对村干部工作作风的反映",
	};

	type(d, code);
	snprintf(d->title, sizeof(d->title), "%s", titles[code[3] - '1']);
}

static void broken_id(struct dispute *d, const char *argument)
{
	char *check = &d->party[0].id[17];

	(void)argument;
	*check = *check == '0' ? '1' : '0';
}

static void id_zeros(struct dispute *d, const char *argument)
{
	memcpy(d->party[0].id + 15, argument, 3);
}

static void id_text(struct dispute *d, const char *argument)
{
	snprintf(d->party[0].id, sizeof(d->party[0].id), "%s", argument);
}

static void masked_id(struct dispute *d, const char *argument)
{
	memcpy(d->party[0].id + 4, argument, 10);
}

static void impossible_date(struct dispute *d, const char *argument)
{
	memcpy(d->occurred, argument, 8);
}

static void no_name(struct dispute *d, const char *argument)
{
	(void)argument;
	d->party[1].name[0] = '\0';
}

static void role(struct dispute *d, const char *argument)
{
	snprintf(d->party[1].role, sizeof(d->party[1].role), "%s", argument);
}

static void withdrawn(struct dispute *d, const char *argument)
{
	(void)argument;
	d->is_withdrawn = true;
}

static void midnight(struct dispute *d, const char *argument)
{
	memcpy(d->changed + 8, argument, 6);
}

static void same_moment(struct dispute *d, const char *argument)
{
	snprintf(d->changed, sizeof(d->changed), "%s", argument);
}

static const struct kind kinds[] = {
	{ "unknown-type", 12, type, "0999" },
	{ "no-matter-0901", 8, no_matter, "0901" },
	{ "no-matter-0902", 9, no_matter, "0902" },
	{ "no-matter-0903", 7, no_matter, "0903" },
	{ "no-matter-0904", 6, no_matter, "0904" },
	{ "broken-id", 15, broken_id, "" },
	{ "excel-id-zeros", 6, id_zeros, "000" },
	{ "excel-id-scientific", 4, id_text, "3.30299E+17" },
	{ "impossible-date", 7, impossible_date, "20240230" },
	{ "masked-id", 14, masked_id, "**********" },
	{ "missing-name", 9, no_name, "" },
	{ "unknown-role", 5, role, "9" },
};

/* No faults, but what paging and windows stumble over. */
static const struct kind notes[] = {
	{ "withdrawn", 10, withdrawn, "" },
	{ "midnight", 8, midnight, "000000" },
	{ "same-moment", 12, same_moment, NULL },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int64_t fill_end_of(const char *until)
{
	struct tm tm = { 0 };
	const char *end = strptime(until, "%Y-%m-%d", &tm);

	if (!end || *end)
		die("--until %s: not a date (yyyy-MM-dd)", until);
	return (int64_t)timegm(&tm) + 86400;
}

/* What befalls each event: an index into the kinds, then the notes, or -1. */
static int *deal(struct random *r, int events)
{
	int *fates = malloc((size_t)events * sizeof(*fates)), at = 0, i, j, other, kept;

	if (!fates)
		die("out of memory");
	for (i = 0; i < (int)(COUNT(kinds) + COUNT(notes)); i++) {
		const struct kind *k = i < (int)COUNT(kinds) ? &kinds[i] : &notes[i - COUNT(kinds)];
		int wanted = (k->of_3000 * events + 2999) / 3000;

		for (j = 0; j < wanted && at < events; j++)
			fates[at++] = i;
	}
	while (at < events)
		fates[at++] = -1;
	for (i = events - 1; i > 0; i--) {
		other = random_below(r, i + 1);
		kept = fates[i];
		fates[i] = fates[other];
		fates[other] = kept;
	}
	return fates;
}

static void meet_fate(struct dispute *d, int fate, const char *middle, sqlite3_stmt *planted,
		      sqlite3_stmt *noted)
{
	bool is_fault = fate < (int)COUNT(kinds);
	const struct kind *k;

	if (fate < 0)
		return;
	k = is_fault ? &kinds[fate] : &notes[fate - (int)COUNT(kinds)];
	k->plant(d, k->argument ? k->argument : middle);
	ledger_do(is_fault ? planted : noted, "tt", k->name, d->id);
}

static void print_counts(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = ledger_prepare(db, sql);

	if (ledger_get(statement, ""))
		do
			printf("%-24s %lld\n", ledger_text(statement, 0),
			       (long long)sqlite3_column_int64(statement, 1));
		while (sqlite3_step(statement) == SQLITE_ROW);
	sqlite3_reset(statement);
}

void fill_grid(const char *ledger, int events, uint64_t seed, const char *until)
{
	int64_t to = fill_end_of(until);
	sqlite3 *db = ledger_open(ledger, GRID_SCHEMA);
	sqlite3_stmt *event, *planted, *noted;
	struct dispute d = { .id = "" };
	struct text body = { 0 };
	struct random r;
	char middle[15];
	int *fates, i;

	dispute_moment(middle, to - 15 * 86400 + 10 * 3600);
	random_init(&r, seed, 10);
	fates = deal(&r, events);
	ledger_exec(db, "DELETE FROM event; DELETE FROM planted; DELETE FROM noted;"
			" DELETE FROM result; BEGIN");
	event = ledger_prepare(db, "INSERT INTO event VALUES (?, ?, ?, ?)");
	planted = ledger_prepare(db, "INSERT INTO planted VALUES (?, ?)");
	noted = ledger_prepare(db, "INSERT INTO noted VALUES (?, ?)");
	for (i = 0; i < events; i++) {
		dispute_invent(&d, &r, to - 30 * 86400, to);
		snprintf(d.id, sizeof(d.id), "WG%.4s%08d", until, i + 1);
		snprintf(d.number, sizeof(d.number), "CX%.4s-%06d", until, i + 1);
		meet_fate(&d, fates[i], middle, planted, noted);
		text_clear(&body);
		dispute_xml(&body, &d);
		ledger_do(event, "tttt", d.id, d.changed, d.number, body.data);
	}
	ledger_exec(db, "COMMIT");
	printf("%-24s %d\n", "events", events);
	print_counts(db, "SELECT kind, count(*) FROM planted GROUP BY kind ORDER BY kind");
	print_counts(db,
		     "SELECT '(' || kind || ')', count(*) FROM noted GROUP BY kind ORDER BY kind");
	free(fates);
	text_done(&body);
	text_done(&d.about);
	ledger_close(db);
}
