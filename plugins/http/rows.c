/*
 * rows.c - a page whose rows are documents of their own.
 *
 * With <detail> the page only lists: one call more for each row, by its key,
 * brings the record. With as="…" a row's text is a document, in JSON, XML, or
 * either of them in Base64; it is handed on as if it had come by itself. Where
 * the rows hold no text (the other side sends a real array as well as a text
 * that looks like one), the page is handed on as it is.
 *
 * A run that ends inside such a page begins the page again: only behind its last
 * document does the cursor move.
 */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>

int rows_open(struct reader *r, struct cb_error *err)
{
	const struct cb_element *element = r->call.element;
	const struct cb_element *detail = cb_child(element, "detail", NULL);
	const char *as = cb_attribute(element, "as");
	struct rows *each;
	int rc = CB_OK;

	if (!detail && !as)
		return CB_OK;
	if (!r->rows)
		return cb_fail(err, CB_SETUP, "%s:%u：<detail> 和 as 要写 records：行在应答的哪里",
			       "%s:%u: <detail> and as need records: where the rows are",
			       element->file, element->line);
	r->each = each = cb_task_alloc(r->call.http->task, sizeof(*each));
	each->detail = detail;
	each->is_base64 = as && strcmp(as, "base64") == 0;
	if (!detail) {
		each->view = cb_view_new(r->call.http->task);
		rc = cb_view_add_rows(each->view, cb_attribute(element, "records"), &each->texts,
				      err);
		return rc == CB_OK
			       ? cb_view_add_path(each->view, each->texts, ".", &each->text, err)
			       : rc;
	}
	rc = ask_path(&r->call, detail, "key", r->rows, &each->key, err);
	if (rc == CB_OK)
		rc = call_open(&each->call, r->call.http, detail, r->call.http->stream,
			       r->call.http->step_count, err);
	return rc == CB_OK ? call_answers(&each->call, r->call.http->stream, err) : rc;
}

static struct cb_text row_document(const struct reader *r, size_t row)
{
	struct cb_text text = cb_view_text(r->each->view, r->each->text, row);

	while (text.len && strchr(" \t\r\n", text.at[0])) {
		text.at++;
		text.len--;
	}
	return text;
}

int rows_begin(struct reader *r, const struct outcome *page, const struct place *before,
	       size_t rows, struct cb_error *err)
{
	struct rows *each = r->each;
	bool has_text = each->detail != NULL;
	int rc = CB_OK;

	if (!each->detail) {
		cb_view_clear(each->view);
		rc = cb_view_read(each->view, page->answer.body, page->answer.media, page->charset,
				  err);
	}

	for (size_t i = 0; i < rows && !has_text; i++)
		has_text = row_document(r, i).len > 0;
	each->at = 0;
	each->count = has_text ? rows : 0;
	each->before = *before;
	each->before.has_page = true;
	return rc;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : c == '-' ? 62 : c == '_' ? 63 : -1;
}

static int decode(struct rows *each, struct cb_text *text, struct cb_error *err)
{
	size_t used = 0;
	uint32_t bits = 0;
	int have = 0;

	free(each->bytes);
	each->bytes = malloc(text->len + 1);
	if (!each->bytes)
		return cb_fail(err, CB_AGAIN, "内存不足", "out of memory");
	for (size_t i = 0; i < text->len; i++) {
		int digit = base64_digit(text->at[i]);

		if (strchr(" \t\r\n=", text->at[i]))
			continue;
		if (digit < 0)
			return cb_fail(err, CB_BROKEN, "第 %zu 行不是 Base64：as=\"base64\" 不对？",
				       "row %zu is no Base64: is as=\"base64\" right?",
				       each->at + 1);
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			each->bytes[used++] = (char)(bits >> have);
		}
	}
	*text = (struct cb_text){ each->bytes, used };
	return CB_OK;
}

static int take_text(struct reader *r, struct cb_document *doc, struct cb_error *err)
{
	struct rows *each = r->each;
	struct cb_text text = row_document(r, each->at);
	int rc = each->is_base64 ? decode(each, &text, err) : CB_OK;

	/* What was decoded has a charset of its own; a text was decoded with its answer. */
	doc->charset = each->is_base64 ? r->call.answer_charset : "utf-8";
	/* The manifest's records are where it stands in the answer. */
	doc->records = CB_RECORDS_WHOLE;
	doc->media = text.len && text.at[0] == '<' ? "application/xml" : "application/json";
	doc->bytes = text;
	return rc;
}

static int take_detail(struct reader *r, struct cb_document *doc, struct cb_error *err)
{
	struct rows *each = r->each;
	struct cb_name name = { .name = "key",
				.value = cb_view_text(r->call.view, each->key, each->at) };
	struct outcome out;
	int rc;

	if (!name.value.len)
		return cb_fail(err, CB_BROKEN,
			       "%s:%u：第 %zu 行没有 <detail key> 所指的编号：不知道取哪一件",
			       "%s:%u: row %zu does not say what <detail key> names: which one to "
			       "ask for is unknown",
			       each->detail->file, each->detail->line, each->at + 1);
	rc = call_send(&each->call, &name, 1, NULL, &out, err);
	if (rc != CB_OK) {
		cb_error_prefix(err, "第 %zu 行的明细：", "the detail of row %zu: ", each->at + 1);
		return rc;
	}
	doc->media = out.answer.media;
	doc->charset = out.charset;
	doc->records = cb_attribute(each->detail, "record");
	doc->bytes = out.answer.body;
	return CB_OK;
}

int rows_next(struct reader *r, struct cb_document *doc, struct cb_error *err)
{
	struct rows *each = r->each;
	bool is_last = each->at + 1 == each->count;
	int rc = CB_OK;

	*doc = (struct cb_document){ .fd = -1 };
	if (each->detail)
		rc = steps_run(r->call.http, false, err);
	if (rc == CB_OK)
		rc = each->detail ? take_detail(r, doc, err) : take_text(r, doc, err);
	if (rc != CB_OK)
		return rc;
	snprintf(each->key_text, sizeof(each->key_text), "%s #%zu", r->key, each->at + 1);
	write_cursor(is_last ? &r->place : &each->before, each->cursor, sizeof(each->cursor));
	settler_note(r->call.http, each->at, 1);
	each->at++;
	doc->key = each->key_text;
	doc->cursor = each->cursor;
	return CB_OK;
}
