/*
 * read.c - windows of time, pages in a window, and a cursor that says where
 * the next page begins.
 *
 * The cursor is "from=MS;to=MS;page=N;next=TEXT". With a page it is a place
 * inside the window from-to, which stays as it was asked first. Without, it is
 * where the next window begins; that window ends at `step` later or now,
 * whichever is first, so that the future is never asked. The next one begins
 * `overlap` before the end of the last.
 *
 * The last page of a window is the one that fits `until`, has no next cursor,
 * or is empty. A page with fewer records than were asked for proves nothing:
 * platforms cap their pages.
 *
 * An empty page is handed on only where the cursor gets on by it.
 *
 * A list and receipts are read the same way; their rows are told besides, with
 * key and receipt. A list has the window that the engine asks for, and no cursor.
 */
#include "http.h"

#include <casebridge/log.h>

#include <stdio.h>
#include <stdlib.h>

#define FIRST_DAYS 30
#define DAY 86400000
#define PAGES_MOST 1000000
#define EMPTIES_MOST 1000 /* in a row */

static int64_t integer(const struct cb_element *element, const char *name, int64_t otherwise)
{
	const char *text = cb_attribute(element, name);

	return text ? strtoll(text, NULL, 10) : otherwise;
}

/* A parameter of an address, or a value of a form where there is a form. */
static void add_part(struct reader *r, const char *name, const char *value)
{
	const char *method = cb_attribute(r->call.element, "method");
	bool is_form = method && strcmp(method, "POST") == 0 && !r->call.body;

	if (name)
		call_part(&r->call, is_form ? CB_PART_FORM : CB_PART_PARAM, name, value);
}

static const char *instant(struct reader *r, const char *name)
{
	const char *format = cb_attribute(r->since, "format");

	return format ? cb_task_printf(r->call.http->task, "{time(%s, %s)}", format, name)
		      : cb_task_printf(r->call.http->task, "{%s}", name);
}

static void open_since(struct reader *r)
{
	if (!r->since)
		return;
	r->step_ms = duration_of(r->since, "step", 0);
	r->overlap_ms = duration_of(r->since, "overlap", 0);
	add_part(r, cb_attribute(r->since, "into"), instant(r, "from"));
	add_part(r, cb_attribute(r->since, "to-into"), instant(r, "to"));
}

static void open_page(struct reader *r)
{
	static const struct {
		const char *word;
		int by, first;
	} ways[] = { { "number", BY_NUMBER, 1 },
		     { "offset", BY_OFFSET, 0 },
		     { "cursor", BY_CURSOR, 0 },
		     { "link", BY_LINK, 0 } };
	const char *by = cb_attribute(r->page, "by");

	r->cursor_part = SIZE_MAX;
	for (size_t i = 0; by && i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(by, ways[i].word) != 0)
			continue;
		r->by = ways[i].by;
		r->first = integer(r->page, "first", ways[i].first);
	}
	r->size = integer(r->page, "size", 0);
	if (r->size)
		add_part(r, cb_attribute(r->page, "size-into"), "{size}");
	if (r->by == BY_NUMBER || r->by == BY_OFFSET)
		add_part(r, cb_attribute(r->page, "into"), "{page}");
	if (r->by == BY_CURSOR && cb_attribute(r->page, "into")) {
		r->cursor_part = r->call.part_count;
		add_part(r, cb_attribute(r->page, "into"), "{cursor}");
	}
	if (r->by != BY_LINK)
		return;
	r->link_parts =
		cb_task_alloc(r->call.http->task, r->call.part_count * sizeof(struct cb_part) + 1);
	for (size_t i = 0; i < r->call.part_count; i++)
		if (r->call.parts[i].place == CB_PART_HEADER)
			r->link_parts[r->link_count++] = r->call.parts[i];
}

/* What is told of each row: only a list has `key`, only receipts have `match` and answers. */
static int ask_rows(struct reader *r, struct cb_error *err)
{
	const struct cb_element *element = r->call.element;
	bool is_receipts = cb_attribute(element, "match") != NULL;
	bool is_dictionary = strcmp(element->name, "dictionary") == 0;
	const char *key = is_receipts ? "match" : is_dictionary ? "code" : "key";
	int rc = ask_path(&r->call, element, key, r->rows, &r->row_key, err);

	if (rc == CB_OK && is_dictionary)
		rc = ask_path(&r->call, element, "name", r->rows, &r->row_name, err);

	if (rc == CB_OK)
		rc = ask_path(&r->call, element, "receipt", r->rows, &r->row_receipt, err);
	if (rc == CB_OK && is_receipts)
		rc = rules_add(&r->call, &r->rules, element, r->rows, err);
	return rc;
}

static int ask(struct reader *r, struct cb_error *err)
{
	const char *rows = cb_attribute(r->call.element, "rows");
	const char *records = rows ? rows : cb_attribute(r->call.element, "records");
	const char *until = cb_attribute(r->page, "until");
	int rc = CB_OK;

	if (records)
		rc = cb_view_add_rows(r->call.view, records, &r->rows, err);
	if (rc == CB_OK && r->rows)
		rc = ask_rows(r, err);
	if (rc == CB_OK)
		rc = ask_path(&r->call, r->page, "next", NULL, &r->next, err);
	if (rc == CB_OK && until)
		rc = cb_view_add_condition(r->call.view, NULL, until, &r->until, err);
	return rc;
}

/* The place in the cursor; what is not there stays nothing. */
static void read_cursor(struct place *place, const char *cursor)
{
	while (cursor && *cursor) {
		if (strncmp(cursor, "next=", 5) == 0) {
			snprintf(place->next, sizeof(place->next), "%s", cursor + 5);
			return;
		}
		if (strncmp(cursor, "from=", 5) == 0)
			place->from = strtoll(cursor + 5, NULL, 10);
		else if (strncmp(cursor, "to=", 3) == 0)
			place->to = strtoll(cursor + 3, NULL, 10);
		else if (strncmp(cursor, "page=", 5) == 0) {
			place->page = strtoll(cursor + 5, NULL, 10);
			place->has_page = true;
		}
		cursor += strcspn(cursor, ";");
		cursor += *cursor == ';';
	}
}

void write_cursor(const struct place *place, char *out, size_t room)
{
	size_t used = 0;

	out[0] = '\0';
	if (place->from)
		used += (size_t)snprintf(out, room, "from=%lld;", (long long)place->from);
	if (place->to)
		used += (size_t)snprintf(out + used, room - used, "to=%lld;", (long long)place->to);
	if (place->has_page)
		used += (size_t)snprintf(out + used, room - used, "page=%lld;",
					 (long long)place->page);
	if (place->next[0])
		snprintf(out + used, room - used, "next=%s", place->next);
}

/* The element that says what this run reads; NULL: the stream cannot. */
static const struct cb_element *find_element(const struct http *http, const char *name)
{
	static const char dictionary[] = "dictionary:";
	size_t len = strlen(dictionary);
	const struct cb_element *at = NULL;

	if (strncmp(name, dictionary, len) != 0)
		return cb_child(http->stream, name, NULL);
	while ((at = cb_child(http->stream, "dictionary", at))) {
		const char *codes = cb_attribute(at, "codes");

		if (codes && strcmp(codes, name + len) == 0)
			return at;
	}
	return NULL;
}

int reader_open(struct http *http, struct cb_error *err)
{
	const char *name = cb_task_reads(http->task);
	const struct cb_element *read = find_element(http, name);
	bool is_list = strcmp(name, "list") == 0;
	struct reader *r;
	int rc;

	if (!read)
		return CB_OK;
	http->reader = r = cb_task_alloc(http->task, sizeof(*r));
	rc = call_open(&r->call, http, read, http->stream, http->step_count, err);
	if (rc != CB_OK)
		return rc;
	r->page = cb_child(read, "page", NULL);
	r->since = cb_child(read, "since", NULL);
	open_since(r);
	open_page(r);
	rc = ask(r, err);
	if (rc == CB_OK)
		rc = rows_open(r, err);
	if (rc == CB_OK)
		rc = settler_open(http, err);
	if (rc == CB_OK)
		rc = call_answers(&r->call, http->stream, err);
	r->end = cb_task_now(http->task);
	if (is_list)
		cb_task_window(http->task, &r->place.from, &r->end);
	else
		read_cursor(&r->place, cb_task_cursor(http->task));
	if (is_list && !r->end)
		r->end = cb_task_now(http->task);
	if (is_list && !r->since)
		r->place.to = r->end;
	return rc;
}

/* Days since 1970 of "2024-01-01". */
static bool read_day(const char *text, int64_t *days)
{
	int year, month, day;
	int64_t y, era;

	if (!text || sscanf(text, "%4d-%2d-%2d", &year, &month, &day) != 3)
		return false;
	y = year - (month <= 2);
	era = y / 400;
	*days = era * 146097 + (y - era * 400) * 365 + (y - era * 400) / 4 - (y - era * 400) / 100 +
		(153 * ((month + 9) % 12) + 2) / 5 + day - 1 - 719468;
	return true;
}

/* What first="…" says: a day, or a {setting} of the site that holds one. */
static const char *first_day(const struct reader *r)
{
	struct cb_task *task = r->call.http->task;
	const char *first = cb_attribute(r->since, "first");
	size_t len = first ? strlen(first) : 0;

	if (len < 3 || first[0] != '{' || first[len - 1] != '}')
		return first;
	return cb_task_setting(task, cb_task_printf(task, "%.*s", (int)len - 2, first + 1));
}

/* Where reading begins that has never read. */
static int64_t beginning(const struct reader *r)
{
	struct cb_task *task = r->call.http->task;
	int64_t days;

	if (read_day(first_day(r), &days))
		return days * DAY - (int64_t)cb_task_zone(task) * 60000;
	cb_log(CB_INFO, "第一次读取：没有写明从哪天开始，取最近 %d 天",
	       "the first reading: no day is given to begin with, so the last %d days", FIRST_DAYS);
	return cb_task_now(task) - (int64_t)FIRST_DAYS * DAY;
}

/* Begin a window, or go on in the one of the cursor; false where there is nothing to ask yet. */
static bool open_window(struct reader *r)
{
	r->is_open = true;
	r->is_newest = !r->since;
	r->pages = r->empties = 0;
	r->last[0] = '\0';
	if (r->place.has_page || (r->place.to && r->since))
		return true;
	r->place.page = r->first;
	if (!r->since)
		return true;
	if (!r->place.from)
		r->place.from = beginning(r);
	if (r->place.from >= r->end)
		return false;
	r->place.to = r->end;
	if (r->step_ms && r->place.from + r->step_ms < r->end)
		r->place.to = r->place.from + r->step_ms;
	r->is_newest = r->place.to == r->end;
	return true;
}

struct names {
	struct cb_name at[5];
	char page[24], size[24], from[24], to[24];
};

static void set_names(const struct reader *r, struct names *n)
{
	snprintf(n->page, sizeof(n->page), "%lld", (long long)r->place.page);
	snprintf(n->size, sizeof(n->size), "%lld", (long long)r->size);
	snprintf(n->from, sizeof(n->from), "%lld", (long long)r->place.from);
	snprintf(n->to, sizeof(n->to), "%lld", (long long)r->place.to);
	n->at[0] = (struct cb_name){ "page", cb_text_of(n->page), false };
	n->at[1] = (struct cb_name){ "size", cb_text_of(n->size), false };
	n->at[2] = (struct cb_name){ "from", cb_text_of(n->from), false };
	n->at[3] = (struct cb_name){ "to", cb_text_of(n->to), false };
	n->at[4] = (struct cb_name){ "cursor", cb_text_of(r->place.next), r->by == BY_LINK };
}

/* Ask for the page; a link is the whole address. */
static int fetch(struct reader *r, struct outcome *out, struct cb_error *err)
{
	struct cb_element link = *r->call.element;
	struct cb_attribute url = { .name = "url", .value = "{cursor}" };
	struct call call = r->call;
	struct names names = { 0 };

	set_names(r, &names);
	if (r->by == BY_LINK && r->place.next[0]) {
		link.attributes = &url;
		link.attribute_count = 1;
		call.element = &link;
		call.parts = r->link_parts;
		call.part_count = r->link_count;
	} else if (r->cursor_part != SIZE_MAX && !r->place.next[0]) {
		/* The first page has no cursor; nothing was added behind it. */
		call.part_count = r->cursor_part;
	}
	return call_send(&call, names.at, 5, NULL, out, err);
}

/* The same bytes again: the other side does not understand how we ask for the next. */
static int check_repeat(struct reader *r, const struct outcome *out, size_t rows,
			struct cb_error *err)
{
	char digest[CB_SHA256_HEX];

	cb_sha256_hex(out->answer.body, digest);
	if (rows && strcmp(digest, r->last) == 0)
		return cb_fail(err, CB_BROKEN,
			       "同一页来了两次：对方没有理会翻页参数，或 until 写得不对",
			       "the same page came twice: the page parameter is not understood, or "
			       "'until' is wrong");
	memcpy(r->last, digest, sizeof(digest));
	r->empties = rows ? 0 : r->empties + 1;
	if (++r->pages > PAGES_MOST || r->empties > EMPTIES_MOST)
		return cb_fail(err, CB_BROKEN, "翻页没有尽头", "the pages have no end");
	return CB_OK;
}

static bool is_last(const struct reader *r, size_t rows, struct cb_text next)
{
	if (r->by == BY_NOTHING)
		return true;
	if (r->until && cb_view_holds(r->call.view, r->until, 0))
		return true;
	if ((r->by == BY_CURSOR || r->by == BY_LINK) &&
	    (!next.len || cb_text_is(next, r->place.next)))
		return true;
	return !r->until && r->rows && rows == 0;
}

static int take_next(struct reader *r, struct cb_text next, struct cb_error *err)
{
	if (next.len >= sizeof(r->place.next))
		return cb_fail(err, CB_BROKEN, "下一页的游标太长",
			       "the next page's cursor is too long");
	memcpy(r->place.next, next.at, next.len);
	r->place.next[next.len] = '\0';
	return CB_OK;
}

/* To the place behind this page. */
static int advance(struct reader *r, size_t rows, bool last, struct cb_error *err)
{
	struct cb_text next = { 0 };
	int rc = CB_OK;

	if (r->next)
		next = cb_view_text(r->call.view, r->next, 0);
	if (!last) {
		r->place.has_page = true;
		r->place.page += r->by == BY_OFFSET ? (int64_t)rows : 1;
		return r->next ? take_next(r, next, err) : CB_OK;
	}
	/* Without windows a cursor that is left is where the next run goes on. */
	if (r->by == BY_CURSOR && !r->since && next.len)
		rc = take_next(r, next, err);
	else if (r->by != BY_CURSOR || r->since)
		r->place.next[0] = '\0';
	r->place.has_page = false;
	r->place.page = r->first;
	r->is_open = false;
	r->is_over = r->is_newest;
	if (r->since && r->place.to - r->overlap_ms > r->place.from)
		r->place.from = r->place.to - r->overlap_ms;
	r->place.to = 0;
	return rc;
}

static void tell_rows(struct reader *r, size_t rows)
{
	for (size_t i = 0; r->row_key && i < rows; i++) {
		struct cb_item item = { .verdict = CB_OK };

		if (r->rules)
			judge_row(&r->call, r->rules, i, &item);
		item.key = cb_view_text(r->call.view, r->row_key, i);
		if (r->row_name)
			item.say = cb_view_text(r->call.view, r->row_name, i);
		if (r->row_receipt)
			item.receipt = cb_view_text(r->call.view, r->row_receipt, i);
		cb_task_item(r->call.http->task, &item);
	}
}

static void hand_on(struct reader *r, const struct outcome *out, struct cb_document *doc)
{
	write_cursor(&r->place, r->cursor, sizeof(r->cursor));
	*doc = (struct cb_document){
		.key = r->key,
		.media = out->answer.media,
		.charset = out->charset,
		.records = cb_attribute(r->call.element, "records"),
		.fd = -1,
		.bytes = out->answer.body,
		.cursor = r->cursor,
	};
}

/* One page; *@has_doc: it is to be handed on. */
static int read_page(struct reader *r, struct cb_document *doc, bool *has_doc, struct cb_error *err)
{
	bool is_first = r->place.page == r->first && !r->place.next[0], last;
	struct place before;
	struct outcome out;
	size_t rows;
	int rc;

	snprintf(r->key, sizeof(r->key), "%s %lld-%lld %lld%s%.60s",
		 cb_attribute(r->call.http->stream, "name"), (long long)r->place.from,
		 (long long)r->place.to, (long long)r->place.page, r->place.next[0] ? " " : "",
		 r->place.next);
	rc = fetch(r, &out, err);
	if (rc != CB_OK)
		return rc;
	/* Without `records` the mapping knows where they are: every page is handed on. */
	rows = r->rows ? cb_view_count(r->call.view, r->rows) : 1;
	rc = check_repeat(r, &out, rows, err);
	if (rc != CB_OK)
		return rc;
	last = is_last(r, rows,
		       r->next ? cb_view_text(r->call.view, r->next, 0) : (struct cb_text){ 0 });
	before = r->place;
	settler_note(r->call.http, 0, r->rows ? rows : 0);
	rc = advance(r, rows, last, err);
	if (rc == CB_OK && r->each)
		rc = rows_begin(r, &out, &before, rows, err);
	if (rc == CB_OK && r->each && r->each->count) {
		*has_doc = true;
		return rows_next(r, doc, err);
	}
	*has_doc = rows > 0 || (last && !(r->is_over && is_first));
	if (*has_doc)
		tell_rows(r, r->rows ? rows : 0);
	hand_on(r, &out, doc);
	return rc;
}

int http_read(void *self, struct cb_document *doc, struct cb_error *err)
{
	struct http *http = self;
	struct reader *r = http->reader;
	bool has_doc = false;
	int rc = CB_OK;

	if (!r)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <%s>", "the stream has no <%s>",
			       cb_task_reads(http->task));
	while (rc == CB_OK && !has_doc) {
		if (r->each && r->each->at < r->each->count)
			return rows_next(r, doc, err);
		if (!r->is_open && (r->is_over || !open_window(r)))
			return CB_END;
		rc = steps_run(http, false, err);
		if (rc == CB_OK)
			rc = read_page(r, doc, &has_doc, err);
	}
	return rc;
}
