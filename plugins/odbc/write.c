/*
 * write.c - a batch is one transaction, and every record gets an answer of its own.
 *
 * A record that is turned down takes the whole transaction back, in any dialect; the
 * others are carried out again without it, until all that are left go through, and are
 * committed. Before the commit nothing stands there, so that whatever is lost until then is
 * surely unsent; a commit without an answer leaves all of them in doubt. Procedures may
 * commit by themselves: with them each record is a transaction, and no answer is a doubt.
 */
#include "odbc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define UNKNOWN_MOST 3 /* records that fail for a reason nobody knows, before all wait */

struct batch {
	struct odbc *odbc;
	struct change *change;
	const char *once;
	struct cb_item *items;
	size_t count, left, unknown;
	bool *is_decided;
	const struct cb_text *cites; /* the receipts that came in: a record may be tried again */
};

/* What came of one record, before the commit. */
struct result {
	struct diagnosis diagnosis; /* verdict CB_OK: nothing failed */
	int64_t rows;               /* changed; -1: nobody knows */
	char number[24];
};

/* An answer's text outlives its view: kept until the next batch. */
static struct cb_text keep(struct change *c, struct cb_text text)
{
	char *copy;

	if (!text.at)
		return text;
	copy = take(text.len + 1);
	memcpy(copy, text.at, text.len);
	if (c->kept_count == c->kept_room) {
		c->kept_room = c->kept_room ? 2 * c->kept_room : 64;
		c->kept = realloc(c->kept, c->kept_room * sizeof(*c->kept));
		if (!c->kept)
			abort();
	}
	c->kept[c->kept_count++] = copy;
	return (struct cb_text){ copy, text.len };
}

static void forget(struct change *c)
{
	while (c->kept_count)
		free(c->kept[--c->kept_count]);
}

static bool begins(const struct cb_element *sql, const char *word)
{
	const char *at = sql->text.at, *end = at + sql->text.len;
	size_t len = strlen(word);

	while (at < end && (isspace((unsigned char)*at) || strchr("{?=", *at)))
		at++;
	return (size_t)(end - at) > len && strncasecmp(at, word, len) == 0 &&
	       !isalnum((unsigned char)at[len]) && at[len] != '_';
}

/* A procedure, or a block of the database's own language. */
static bool may_commit(const struct cb_element *sql)
{
	static const char *const words[] = { "call", "exec", "execute", "begin", "declare", "do" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (begins(sql, words[i]))
			return true;
	return false;
}

static int open_paths(struct odbc *odbc, struct change *c, struct part *part, struct cb_error *err)
{
	const struct statement *s = part->sql;
	int rc = CB_OK;

	part->paths = cb_task_alloc(odbc->task, (s->hole_count + 1) * sizeof(*part->paths));
	for (size_t i = 0; i < s->hole_count && rc == CB_OK; i++) {
		if (strncmp(s->holes[i], "record/", 7) == 0)
			rc = cb_view_add_path(c->record, NULL, s->holes[i] + 7, &part->paths[i],
					      err);
		else if (strncmp(s->holes[i], "item/", 5) == 0)
			rc = cb_view_add_path(c->record, part->each, s->holes[i] + 5,
					      &part->paths[i], err);
	}
	return rc;
}

static int open_part(struct odbc *odbc, struct change *c, const struct cb_element *sql,
		     struct part *part, struct cb_error *err)
{
	const char *each = cb_attribute(sql, "each");
	int rc = CB_OK;

	part->sql = statement_open(odbc, sql);
	c->may_commit |= may_commit(sql);
	if (each)
		rc = cb_view_add_rows(c->record, each, &part->each, err);
	if (rc == CB_OK && cb_attribute(sql, "when")) {
		part->before = cb_view_new(odbc->task);
		cb_view_variable(part->before, "rows");
		rc = cb_view_attribute_condition(part->before, NULL, sql, "when", &part->when, err);
	}
	return rc == CB_OK ? open_paths(odbc, c, part, err) : rc;
}

static int open_answers(struct odbc *odbc, struct change *c, struct cb_error *err)
{
	static const char *const variables[] = { "sqlstate", "native", "text", "rows" };
	const struct cb_element *const levels[] = { c->element, odbc->stream, odbc->manifest };
	int rc = CB_OK;

	c->answer = cb_view_new(odbc->task);
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		cb_view_variable(c->answer, variables[i]);
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		for (const struct cb_element *at = NULL;
		     rc == CB_OK && (at = cb_child(levels[i], "answers", at));)
			rc = rules_open(odbc, c->answer, at, &c->rules, err);
	return rc;
}

int change_open(struct odbc *odbc, const char *name, struct change **out, struct cb_error *err)
{
	const struct cb_element *element = cb_child(odbc->stream, name, NULL);
	struct part **end;
	struct change *c;
	int rc = CB_OK;

	if (!element)
		return CB_OK;
	*out = c = cb_task_alloc(odbc->task, sizeof(*c));
	c->element = element;
	c->record = cb_view_new(odbc->task);
	end = &c->parts;
	for (const struct cb_element *at = NULL;
	     rc == CB_OK && (at = cb_child(element, "sql", at));) {
		*end = cb_task_alloc(odbc->task, sizeof(**end));
		rc = open_part(odbc, c, at, *end, err);
		end = &(*end)->next;
	}
	return rc == CB_OK ? open_answers(odbc, c, err) : rc;
}

/* The values of one statement's holes that the record has. */
static size_t record_names(const struct change *c, const struct part *part, size_t item,
			   struct cb_name *names)
{
	size_t count = 0;

	for (size_t i = 0; i < part->sql->hole_count; i++)
		if (part->paths[i])
			names[count++] =
				(struct cb_name){ part->sql->holes[i],
						  cb_view_text(c->record, part->paths[i], item),
						  false };
	return count;
}

/* What a statement answers with, as RETURNING or a procedure does: its first row. */
static int take_answer(struct batch *b, const struct part *part, enum phase phase,
		       struct cb_error *err)
{
	struct odbc *odbc = b->odbc;
	const struct query bare = { 0 };
	SQLSMALLINT columns = 0;
	int rc;

	if (!SQL_SUCCEEDED(SQLNumResultCols(part->sql->handle, &columns)) || columns < 1)
		return CB_OK;
	rc = grid_begin(odbc, &odbc->result, part->sql, phase, err);
	if (rc == CB_OK)
		rc = grid_fetch(odbc, &odbc->result, part->sql, phase, 1, err);
	if ((rc != CB_OK && rc != CB_END) || !odbc->result.rows)
		return rc == CB_END ? CB_OK : rc;
	odbc->found.len = 0;
	rc = query_object(odbc, &bare, &odbc->result, 0, NULL, &odbc->found, err);
	return rc == CB_OK ? cb_view_read(b->change->answer,
					  (struct cb_text){ odbc->found.at, odbc->found.len },
					  "application/json", "utf-8", err)
			   : rc;
}

/* One statement, for the record or for each item of its list; *@rows: what it changed. */
static int run_part(struct batch *b, const struct part *part, const struct scope *scope,
		    struct result *result, int64_t *rows, struct cb_error *err)
{
	struct change *c = b->change;
	size_t count = part->each ? cb_view_count(c->record, part->each) : 1;
	struct cb_name *names = take((part->sql->hole_count + 1) * sizeof(*names));
	enum phase phase = c->may_commit ? COMMITTING : CHANGING;
	int rc = CB_OK;

	*rows = 0;
	for (size_t i = 0; i < count && rc == CB_OK; i++) {
		char position[24];
		struct scope here = { .up = scope, .names = names };
		SQLLEN changed;

		snprintf(position, sizeof(position), "%zu", i + 1);
		here.count = record_names(c, part, i, names);
		names[here.count++] = (struct cb_name){ "position", cb_text_of(position), false };
		rc = statement_run(b->odbc, part->sql, &here, phase, &changed, &result->diagnosis,
				   err);
		if (rc == CB_OK)
			rc = take_answer(b, part, phase, err);
		statement_close(part->sql);
		*rows = changed < 0 || *rows < 0 ? -1 : *rows + changed;
	}
	free(names);
	return rc;
}

static int is_due(const struct part *part, int64_t rows, bool *is_due, struct cb_error *err)
{
	char number[24];

	*is_due = true;
	if (!part->when)
		return CB_OK;
	if (rows < 0)
		return cb_fail(
			err, CB_SETUP,
			"%s:%u：驱动不说前一条语句改了几行，when 无从判断：请改用一条语句或过程",
			"%s:%u: the driver does not say how many rows the statement before "
			"changed, so 'when' cannot be decided: use one statement, or a "
			"procedure",
			part->sql->element->file, part->sql->element->line);
	snprintf(number, sizeof(number), "%lld", (long long)rows);
	cb_view_clear(part->before);
	cb_view_set(part->before, "rows", cb_text_of(number));
	*is_due = cb_view_holds(part->before, part->when, 0);
	return CB_OK;
}

/* All statements of one record. What fails there is a result; anything else ends the batch. */
static int run_record(struct batch *b, size_t i, struct result *result, struct cb_error *err)
{
	const struct cb_item *item = &b->items[i];
	struct odbc *odbc = b->odbc;
	struct instants instants;
	const struct cb_name names[] = { { "key", item->key, false },
					 { "once", cb_text_of(b->once), false },
					 { "receipt", b->cites[i], false } };
	const struct scope settings = { .names = odbc->settings, .count = odbc->setting_count };
	const struct scope times = { .up = &settings, .names = instants.names, .count = 1 };
	const struct scope scope = { .up = &times, .names = names, .count = 3 };
	int64_t rows = -1;
	int rc = CB_OK;

	*result = (struct result){ 0 };
	instants_fill(&instants, odbc, 0, 0);
	cb_view_clear(b->change->record);
	cb_view_clear(b->change->answer);
	if (item->body.len)
		rc = cb_view_read(b->change->record, item->body, NULL, "utf-8", err);
	for (const struct part *part = b->change->parts; part && rc == CB_OK; part = part->next) {
		bool due;

		rc = is_due(part, rows, &due, err);
		if (rc != CB_OK || !due)
			continue;
		rc = run_part(b, part, &scope, result, &rows, err);
		result->rows = rows < 0 || result->rows < 0 ? -1 : result->rows + rows;
	}
	if (rc != CB_OK && !result->diagnosis.verdict)
		return rc; /* none of the database's own words */
	return CB_OK;
}

static void set_variables(struct batch *b, struct result *r)
{
	struct cb_view *view = b->change->answer;
	char native[24];

	if (r->diagnosis.verdict)
		cb_view_clear(view);
	snprintf(native, sizeof(native), "%ld", r->diagnosis.native);
	snprintf(r->number, sizeof(r->number), "%lld", (long long)r->rows);
	cb_view_set(view, "sqlstate",
		    cb_text_of(r->diagnosis.verdict ? r->diagnosis.state : "00000"));
	cb_view_set(view, "native", cb_text_of(native));
	cb_view_set(view, "text", cb_text_of(r->diagnosis.text));
	cb_view_set(view, "rows", cb_text_of(r->number));
}

/* What it means: by the manifest's answers, else by the state's table and the rows. */
static void judge(struct batch *b, struct cb_item *item, struct result *r)
{
	struct cb_item answer = *item;

	answer.receipt = answer.say = answer.field = (struct cb_text){ 0 };
	set_variables(b, r);
	if (rules_judge(b->change->answer, b->change->rules, &answer)) {
		if (!answer.say.at && answer.verdict)
			answer.say = cb_text_of(r->diagnosis.text);
	} else if (r->diagnosis.verdict) {
		answer.verdict = r->diagnosis.verdict;
		answer.say = cb_text_of(r->diagnosis.text);
	} else {
		answer.verdict = r->rows ? CB_OK : CB_REFUSED;
		if (!r->rows)
			answer.say = cb_text_of(cb_say("一行也没有改到：对方没有这条，或条件不符",
						       "no row was changed: it is not there, or "
						       "the condition does not hold"));
	}
	item->verdict = answer.verdict;
	item->receipt = keep(b->change, answer.receipt);
	item->say = keep(b->change, answer.say);
	item->field = keep(b->change, answer.field);
}

/* Is it this record alone that cannot go on, or all? */
static bool is_its_own(struct batch *b, const struct cb_item *item, const struct result *r)
{
	if (item->verdict == CB_REFUSED || item->verdict == CB_DOUBT)
		return true;
	if (item->verdict == CB_OK) /* in spite of an error: it is there already */
		return r->diagnosis.verdict != CB_OK;
	/* A driver that gives no reason: perhaps it is the record's. */
	return item->verdict == CB_AGAIN && b->odbc->is_connected &&
	       strncmp(r->diagnosis.state, "HY", 2) == 0 && b->unknown++ < UNKNOWN_MOST;
}

static void decide(struct batch *b, size_t i)
{
	b->is_decided[i] = true;
	b->left--;
}

/* One try of all that are left; *@again: one was decided, and the others have to be done anew. */
static int try_all(struct batch *b, bool *again, struct cb_error *err)
{
	*again = false;
	for (size_t i = 0; i < b->count && !*again; i++) {
		struct cb_item *item = &b->items[i];
		struct result result;
		int rc;

		if (b->is_decided[i])
			continue;
		rc = run_record(b, i, &result, err);
		if (rc != CB_OK)
			return rc;
		judge(b, item, &result);
		if (item->verdict == CB_OK && !result.diagnosis.verdict)
			continue;
		if (!is_its_own(b, item, &result)) {
			return cb_fail(err, item->verdict, "数据库（SQLSTATE %s）：%s",
				       "the database (SQLSTATE %s): %s", result.diagnosis.state,
				       result.diagnosis.text);
		}
		decide(b, i);
		*again = true;
	}
	return CB_OK;
}

/* The commit failed: what that means for those it was for. */
static void settle_commit(struct batch *b, const struct diagnosis *d)
{
	for (size_t i = 0; i < b->count; i++) {
		struct result result = { .diagnosis = *d, .rows = -1 };

		if (b->is_decided[i])
			continue;
		if (d->verdict == CB_REFUSED)
			judge(b, &b->items[i], &result);
		else
			b->items[i].verdict = d->verdict;
		b->items[i].receipt = (struct cb_text){ 0 };
		if (d->verdict != CB_REFUSED)
			b->items[i].say = keep(b->change, cb_text_of(d->text));
	}
}

static int carry_out(struct batch *b, struct cb_error *err);

/* Which of them the commit turned down is unknown: each in a transaction of its own. */
static int one_by_one(struct batch *b, struct cb_error *err)
{
	bool is_first = b->left == b->count;
	int rc = CB_OK;

	for (size_t i = 0; i < b->count; i++) {
		struct batch one = *b;

		if (b->is_decided[i])
			continue;
		one.items += i;
		one.is_decided += i;
		one.cites += i;
		one.count = one.left = 1;
		/* Behind one that has to wait, the others were not begun. */
		if (rc == CB_OK)
			rc = carry_out(&one, err);
		b->unknown = one.unknown;
		if (rc != CB_OK && is_first)
			return rc; /* nothing is there, of any of them */
		is_first = false;
		if (rc != CB_OK)
			b->items[i].verdict = (enum cb_verdict)rc;
		rc = rc == CB_DOUBT ? CB_OK : rc;
	}
	return CB_OK;
}

static int commit(struct batch *b, struct cb_error *err)
{
	struct diagnosis d = { .verdict = CB_DOUBT };
	int rc = odbc_end(b->odbc, true, &d, err);

	if (rc == CB_OK)
		return CB_OK;
	if (odbc_end(b->odbc, false, NULL, NULL) != CB_OK)
		odbc_disconnect(b->odbc);
	if (d.verdict == CB_REFUSED && b->left > 1)
		return one_by_one(b, err);
	settle_commit(b, &d);
	return d.verdict == CB_REFUSED || b->left < b->count ? CB_OK : rc;
}

static int carry_out(struct batch *b, struct cb_error *err)
{
	bool again = true;
	int rc = CB_OK;

	while (rc == CB_OK && again && b->left) {
		rc = odbc_connect(b->odbc, err);
		if (rc == CB_OK)
			rc = try_all(b, &again, err);
		if (rc != CB_OK || again)
			if (odbc_end(b->odbc, false, NULL, NULL) != CB_OK)
				odbc_disconnect(b->odbc);
	}
	if (rc == CB_OK && b->left)
		return commit(b, err);
	if (rc == CB_OK || b->left == b->count)
		return rc;
	/* Some were decided before the rest had to wait. */
	for (size_t i = 0; i < b->count; i++)
		if (!b->is_decided[i]) {
			b->items[i].verdict = (enum cb_verdict)rc;
			b->items[i].receipt = (struct cb_text){ 0 };
			b->items[i].say = err ? keep(b->change, cb_text_of(err->text))
					      : (struct cb_text){ 0 };
		}
	return CB_OK;
}

static int change_items(struct odbc *odbc, struct change *c, const char *once,
			struct cb_item *items, size_t count, struct cb_error *err)
{
	struct batch b = { .odbc = odbc,
			   .change = c,
			   .once = once,
			   .items = items,
			   .count = count,
			   .left = count };
	struct cb_text *cites;
	int rc;

	forget(c);
	b.is_decided = take(count * sizeof(*b.is_decided));
	b.cites = cites = take(count * sizeof(*cites));
	for (size_t i = 0; i < count; i++)
		cites[i] = items[i].receipt;
	rc = c->may_commit && count > 1 ? one_by_one(&b, err) : carry_out(&b, err);
	free(b.is_decided);
	free(cites);
	return rc;
}

int odbc_write(void *self, const char *once, struct cb_item *items, size_t count,
	       struct cb_error *err)
{
	struct odbc *odbc = self;

	if (!odbc->write)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <write>",
			       "the stream has no <write>");
	return change_items(odbc, odbc->write, once, items, count, err);
}

int odbc_withdraw(void *self, const char *once, struct cb_item *items, size_t count,
		  struct cb_error *err)
{
	struct odbc *odbc = self;

	if (!odbc->withdraw)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <withdraw>",
			       "the stream has no <withdraw>");
	return change_items(odbc, odbc->withdraw, once, items, count, err);
}
