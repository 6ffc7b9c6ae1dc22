/*
 * read.c - a query page by page, each page a document with a line of JSON for each row.
 *
 * Where <since> names columns, a page begins behind the values that they had in the last
 * row of the page before; these are the cursor, so that a run goes on where the last one
 * ended. The rows must come in that order and no two alike in those columns: two alike
 * on both sides of a page's end would lose one, and are refused. A page is a statement
 * of its own: no result stays open between two, and a page and its details are of one
 * transaction.
 *
 * Without <since> and with <settle>, the rows are those that are not marked as taken; a page
 * is marked when it is committed here, and the next statement has the next. Without
 * both the one result is read to its end, page by page.
 */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGES_MOST 10000000
#define NAME_MOST 80

static const char *attribute_or(const struct cb_element *element, const char *name,
				const char *otherwise)
{
	const char *value = cb_attribute(element, name);

	return value ? value : otherwise;
}

int reader_open(struct odbc *odbc, struct cb_error *err)
{
	const char *reads = cb_task_reads(odbc->task), *batch;
	const struct cb_element *element = NULL;
	bool is_dictionary = strncmp(reads, "dictionary:", 11) == 0;
	struct reader *r;
	int rc;

	while ((element = cb_child(odbc->stream, is_dictionary ? "dictionary" : reads, element)) &&
	       is_dictionary && strcmp(attribute_or(element, "codes", ""), reads + 11) != 0)
		;
	if (!element)
		return CB_OK;
	odbc->reader = r = cb_task_alloc(odbc->task, sizeof(*r));
	r->element = element;
	r->is_items = strcmp(reads, "read") != 0;
	r->settles = odbc->settle && !r->is_items;
	batch = cb_attribute(element, "batch");
	r->batch = batch ? strtoull(batch, NULL, 10) : PAGE_ROWS;
	rc = query_open(odbc, &r->query, element, err);
	return rc;
}

static size_t page_names(const struct reader *r, struct cb_name *names, char size[24])
{
	size_t count = 0;

	for (size_t i = 0; i < r->mark_count; i++)
		names[count++] =
			(struct cb_name){ r->marks[i].column, cb_text_of(r->at[i]), false };
	/* One more than a page: whether the next begins with another mark. */
	snprintf(size, 24, "%zu", r->batch + 1);
	names[count++] = (struct cb_name){ "size", cb_text_of(size), false };
	return count;
}

/* What a list, receipts or a dictionary say of a row besides. */
static int tell_row(struct odbc *odbc, struct reader *r, struct cb_text object,
		    struct cb_error *err)
{
	struct query *q = &r->query;
	struct cb_item item = { .verdict = CB_OK };
	int rc;

	if (!r->is_items)
		return CB_OK;
	cb_view_clear(q->view);
	rc = cb_view_read(q->view, object, "application/json", "utf-8", err);
	if (rc != CB_OK)
		return rc;
	if (q->rules && !rules_judge(q->view, q->rules, &item)) {
		item.verdict = CB_DOUBT;
		item.say = cb_text_of(
			cb_say("清单不认识这个结果", "the manifest does not know this result"));
	}
	item.key = cb_view_text(q->view, q->key, 0);
	if (q->receipt)
		item.receipt = cb_view_text(q->view, q->receipt, 0);
	if (q->name)
		item.say = cb_view_text(q->view, q->name, 0);
	cb_task_item(odbc->task, &item);
	return CB_OK;
}

/* @rows: as many as are to be written; then, as many as had room. */
static int write_page(struct odbc *odbc, struct reader *r, size_t *rows, const struct scope *scope,
		      struct cb_error *err)
{
	int rc = CB_OK;

	r->document.len = 0;
	for (size_t i = 0; i < *rows && rc == CB_OK; i++) {
		size_t begin = r->document.len;

		/* With their details they are larger than a page: the rest is the next one's. */
		if (begin >= DOCUMENT_BYTES && !r->mark_count && !r->settles)
			return cb_fail(
				err, CB_SETUP, "%s:%u：一页连同明细超过 %u MB：把 batch 改小",
				"%s:%u: a page with its details has more than %u MB: make batch "
				"smaller",
				r->element->file, r->element->line, DOCUMENT_BYTES >> 20);
		if (begin >= DOCUMENT_BYTES) {
			*rows = i;
			break;
		}

		rc = query_object(odbc, &r->query, &r->grid, i, scope, &r->document, err);
		if (rc == CB_OK)
			rc = tell_row(
				odbc, r,
				(struct cb_text){ r->document.at + begin, r->document.len - begin },
				err);
		bytes_string(&r->document, "\n");
	}
	return rc;
}

static int ask(struct odbc *odbc, struct reader *r, const struct scope *scope, struct cb_error *err)
{
	/* In a row that has no marks, what came as one too many begins the next page. */
	bool goes_on = r->is_open;
	size_t most = r->batch + (r->mark_count || r->settles ? 1 : 0);
	int rc = CB_OK;

	if (!goes_on) {
		rc = statement_run(odbc, r->query.sql, scope, READING, NULL, NULL, err);
		if (rc == CB_OK)
			rc = grid_begin(odbc, &r->grid, r->query.sql, READING, err);
	} else {
		r->grid.rows = r->grid.text.len = 0;
	}
	if (rc == CB_OK)
		rc = grid_fetch(odbc, &r->grid, r->query.sql, READING, most, err);
	r->is_open = rc == CB_OK && !r->mark_count && !r->settles;
	if (!r->is_open)
		statement_close(r->query.sql);
	return rc;
}

/* The same page came again: after a settling that did not mark it, or because nobody settles. */
static int check_repeat(struct odbc *odbc, struct reader *r, struct cb_error *err)
{
	char digest[CB_SHA256_HEX];

	cb_sha256_hex((struct cb_text){ r->document.at, r->document.len }, digest);
	if (r->settles && strcmp(digest, r->last) == 0)
		return r->was_settled
			       ? cb_fail(err, CB_SETUP,
					 "%s:%u：标成取走以后，同样的行又来了：<settle> 的语句没有"
					 "标上它们，或 <read> 的语句没有排除标过的",
					 "%s:%u: the same rows came again after they were marked "
					 "as "
					 "taken: the statement of <settle> does not mark them, or "
					 "that "
					 "of <read> does not leave them out",
					 r->element->file, r->element->line)
			       : CB_END;
	memcpy(r->last, digest, sizeof(digest));
	r->was_settled = false;
	if (++r->pages > PAGES_MOST)
		return cb_fail(err, CB_BROKEN, "翻页没有尽头", "the pages have no end");
	return CB_OK;
}

/* The same page is called the same in every run: by where it begins, else by what is in it. */
static void name_page(const struct odbc *odbc, struct reader *r, const char *from)
{
	const char *stream = attribute_or(odbc->stream, "name", "");
	bool is_short = strlen(from) < NAME_MOST;

	for (const char *at = from; *at; at++)
		is_short &= *at >= ' ' && *at <= '~';
	if (r->settles)
		snprintf(r->key, sizeof(r->key), "%.40s #%.12s", stream, r->last);
	else if (!r->mark_count)
		snprintf(r->key, sizeof(r->key), "%.40s %lld", stream, (long long)r->pages);
	else if (is_short)
		snprintf(r->key, sizeof(r->key), "%.40s > %s", stream, from);
	else {
		char digest[CB_SHA256_HEX];

		cb_sha256_hex(cb_text_of(from), digest);
		snprintf(r->key, sizeof(r->key), "%.40s > #%.12s", stream, digest);
	}
}

static void hand_on(const struct reader *r, struct cb_document *doc)
{
	*doc = (struct cb_document){
		.key = r->key,
		.media = "application/x-ndjson",
		.charset = "utf-8",
		.records = CB_RECORDS_WHOLE,
		.fd = -1,
		.bytes = { r->document.at, r->document.len },
		.cursor = r->mark_count && !r->again ? r->cursor : NULL,
	};
}

/* One page, in one transaction that changes nothing. */
static int read_page(struct odbc *odbc, struct reader *r, struct cb_document *doc,
		     struct cb_error *err)
{
	struct cb_name names[MARKS_MOST + 1];
	struct instants instants;
	const struct scope settings = { .names = odbc->settings, .count = odbc->setting_count };
	const struct scope times = { .up = &settings, .names = instants.names, .count = 3 };
	const struct scope scope = { .up = &times,
				     .names = names,
				     .count = page_names(r, names, (char[24]){ 0 }) };
	struct bytes from = { 0 };
	int64_t begin = 0, end = 0;
	size_t rows;
	int rc;

	cb_task_window(odbc->task, &begin, &end);
	instants_fill(&instants, odbc, begin, end);
	rc = ask(odbc, r, &scope, err);
	if (rc != CB_OK && rc != CB_END)
		return rc;
	if (rc == CB_END && !r->mark_count && !r->settles)
		r->is_over = true;
	if (!r->grid.rows)
		return CB_END;
	for (size_t i = 0; i < r->mark_count; i++) {
		bytes_string(&from, i ? " " : "");
		bytes_string(&from, r->at[i]);
	}
	bytes_put(&from, "", 0);
	rows = r->grid.rows > r->batch ? r->batch : r->grid.rows;
	/* Also where it is large before it is long: the last row is compared, and read again. */
	if (rc == CB_OK && r->mark_count && r->grid.rows > 1)
		rows = r->grid.rows - 1;
	rc = write_page(odbc, r, &rows, &scope, err);
	if (rc == CB_OK && r->mark_count)
		rc = marks_move(r, rows, err);
	if (rc == CB_OK)
		rc = check_repeat(odbc, r, err);
	r->grid.rows = rc == CB_OK ? rows : 0;
	name_page(odbc, r, from.at);
	free(from.at);
	hand_on(r, doc);
	return rc;
}

int odbc_read(void *self, struct cb_document *doc, struct cb_error *err)
{
	struct odbc *odbc = self;
	struct reader *r = odbc->reader;
	int rc;

	if (!r)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <%s>", "the stream has no <%s>",
			       cb_task_reads(odbc->task));
	if (r->is_over)
		return CB_END;
	rc = odbc_connect(odbc, err);
	if (rc == CB_OK && !r->has_begun)
		rc = marks_open(odbc, r, err);
	if (rc == CB_OK)
		rc = read_page(odbc, r, doc, err);
	r->is_over |= rc == CB_END;
	if (!r->is_open && odbc_end(odbc, false, NULL, NULL) != CB_OK)
		return CB_AGAIN;
	return rc;
}

/* Every row of the page that is committed here, in one transaction there. */
int odbc_settle(void *self, const char *key, struct cb_error *err)
{
	struct odbc *odbc = self;
	struct reader *r = odbc->reader;
	const struct scope settings = { .names = odbc->settings, .count = odbc->setting_count };
	struct instants instants;
	const struct scope times = { .up = &settings, .names = instants.names, .count = 1 };
	int rc;

	if (!r || !r->settles)
		return CB_OK;
	instants_fill(&instants, odbc, 0, 0);
	rc = odbc_connect(odbc, err);
	for (size_t i = 0; i < r->grid.rows && rc == CB_OK; i++) {
		const struct scope row = { .up = &times, .grid = &r->grid, .row = i };

		for (struct statement *s = odbc->settle; s && rc == CB_OK; s = s->next)
			rc = statement_run(odbc, s, &row, CHANGING, NULL, NULL, err);
	}
	if (rc == CB_OK)
		rc = odbc_end(odbc, true, NULL, err);
	else if (odbc_end(odbc, false, NULL, NULL) != CB_OK)
		odbc_disconnect(odbc);
	r->was_settled = rc == CB_OK;
	/* Unsure is no loss: it is done again with the next run. What is turned down stays so. */
	if (rc == CB_DOUBT || rc == CB_REFUSED)
		rc = rc == CB_DOUBT ? CB_AGAIN : CB_SETUP;
	if (rc != CB_OK && err)
		err->verdict = (enum cb_verdict)rc;
	return rc;
}
