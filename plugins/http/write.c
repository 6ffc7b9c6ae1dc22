/*
 * write.c - a batch goes out, or is withdrawn, and every record gets an answer of
 * its own.
 *
 * Where the manifest says that each record is answered, a record that is not
 * in the answer, or stands in it twice with different answers, is in doubt:
 * silence is no acceptance.
 */
#include "http.h"

#include <stdlib.h>

int writer_open(struct http *http, const char *name, struct writer **out, struct cb_error *err)
{
	struct writer *w = cb_task_alloc(http->task, sizeof(*w));
	const struct cb_element *write = cb_child(http->stream, name, NULL);
	int rc = call_open(&w->call, http, write, http->stream, http->step_count, err);

	w->call.changes = true;
	w->each = cb_child(write, "each", NULL);
	if (rc == CB_OK && w->each)
		rc = cb_view_add_rows(w->call.view, cb_attribute(w->each, "answer"), &w->rows, err);
	if (rc == CB_OK && w->each)
		rc = ask_path(&w->call, w->each, "match", w->rows, &w->match, err);
	if (rc == CB_OK && w->each)
		rc = rules_add(&w->call, &w->rules, w->each, w->rows, err);
	if (rc == CB_OK)
		rc = call_answers(&w->call, http->stream, err);
	*out = w;
	return rc;
}

/* The fragments in a row; the caller frees @room. */
static struct cb_text join(const struct cb_item *items, size_t count, const char *type, char **room)
{
	const char *between = type && strcmp(type, "json") == 0   ? ","
			      : type && strcmp(type, "text") == 0 ? "\n"
								  : "";
	size_t total = 0, used = 0, gap = strlen(between);

	*room = NULL;
	if (count == 1)
		return items[0].body;
	for (size_t i = 0; i < count; i++)
		total += items[i].body.len + gap;
	*room = malloc(total + 1);
	if (!*room)
		return (struct cb_text){ 0 };
	for (size_t i = 0; i < count; i++) {
		memcpy(*room + used, between, i ? gap : 0);
		used += i ? gap : 0;
		memcpy(*room + used, items[i].body.at, items[i].body.len);
		used += items[i].body.len;
	}
	return (struct cb_text){ *room, used };
}

static void judge_by_key(const struct writer *w, struct cb_item *item, size_t rows)
{
	bool is_found = false;

	item->verdict = CB_DOUBT;
	item->say =
		cb_text_of(cb_say("应答里没有这条记录", "the answer does not have this record"));
	for (size_t row = 0; row < rows; row++) {
		struct cb_item again = *item;

		if (!cb_text_equal(cb_view_text(w->call.view, w->match, row), item->key))
			continue;
		judge_row(&w->call, w->rules, row, &again);
		if (is_found && again.verdict != item->verdict) {
			item->verdict = CB_DOUBT;
			item->say =
				cb_text_of(cb_say("应答对这条记录说了两种结果",
						  "the answer says two things about this record"));
			return;
		}
		*item = again;
		is_found = true;
	}
}

static void judge_each(const struct writer *w, struct cb_item *items, size_t count)
{
	size_t rows = cb_view_count(w->call.view, w->rows);

	for (size_t i = 0; i < count; i++) {
		if (w->match) {
			judge_by_key(w, &items[i], rows);
		} else if (rows == count) {
			judge_row(&w->call, w->rules, i, &items[i]);
		} else {
			items[i].verdict = CB_DOUBT;
			items[i].say =
				cb_text_of(cb_say("应答的条数和发出的不一样",
						  "the answer has another number of records"));
		}
	}
}

static void judge_all(const struct writer *w, const struct outcome *out, struct cb_item *items,
		      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		items[i].verdict = out->rule->is;
		items[i].receipt = row_text(&w->call, out->rule->receipt, 0);
		items[i].say = row_text(&w->call, out->rule->say, 0);
		items[i].field = row_text(&w->call, out->rule->field, 0);
	}
}

/* The receipts that came in are in the request by now, and prove nothing of this one. */
static void forget_receipts(struct cb_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		items[i].receipt = (struct cb_text){ 0 };
}

static int send_items(struct http *http, struct writer *w, const char *once, struct cb_item *items,
		      size_t count, struct cb_error *err)
{
	struct cb_name names[] = { { .name = "records", .is_raw = true },
				   { .name = "receipt", .value = CB_TEXT("") },
				   { .name = "key", .value = items[0].key } };
	struct outcome out;
	char *room;
	int rc = steps_run(http, false, err);

	if (rc != CB_OK)
		return rc;
	names[0].value = join(items, count, w->call.body_type, &room);
	if (!names[0].value.at)
		return cb_fail(err, CB_AGAIN, "内存不足", "out of memory");
	if (items[0].receipt.at)
		names[1].value = items[0].receipt;
	rc = call_send(&w->call, names, sizeof(names) / sizeof(*names), once, &out, err);
	free(room);
	forget_receipts(items, count);
	if (rc == CB_OK && w->each)
		judge_each(w, items, count);
	else if (out.rule && (rc == CB_OK || rc == CB_REFUSED))
		judge_all(w, &out, items, count);
	/* Refused by a rule: every record knows why, and which field. */
	return rc == CB_REFUSED && out.rule ? CB_OK : rc;
}

int http_write(void *self, const char *once, struct cb_item *items, size_t count,
	       struct cb_error *err)
{
	struct http *http = self;

	if (!http->writer)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <write>",
			       "the stream has no <write>");
	return send_items(http, http->writer, once, items, count, err);
}

int http_withdraw(void *self, const char *once, struct cb_item *items, size_t count,
		  struct cb_error *err)
{
	struct http *http = self;

	if (!http->withdrawer)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <withdraw>",
			       "the stream has no <withdraw>");
	return send_items(http, http->withdrawer, once, items, count, err);
}
