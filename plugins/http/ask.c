/*
 * ask.c - do they hold it, and how many: the questions that change nothing.
 */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>

static int open_call(struct http *http, const char *name, struct call **out, struct cb_error *err)
{
	const struct cb_element *element = cb_child(http->stream, name, NULL);

	if (!element)
		return CB_OK;
	*out = cb_task_alloc(http->task, sizeof(**out));
	return call_open(*out, http, element, http->stream, http->step_count, err);
}

int ask_open(struct http *http, struct cb_error *err)
{
	int rc = open_call(http, "find", &http->find, err);

	if (rc == CB_OK && http->find)
		rc = ask_path(http->find, http->find->element, "held", NULL, &http->held, err);
	if (rc == CB_OK && http->find)
		rc = ask_path(http->find, http->find->element, "receipt", NULL, &http->find_receipt,
			      err);
	if (rc == CB_OK && http->find)
		rc = call_answers(http->find, http->stream, err);
	if (rc == CB_OK)
		rc = open_call(http, "count", &http->count, err);
	if (rc == CB_OK && http->count)
		rc = ask_path(http->count, http->count->element, "number", NULL, &http->number,
			      err);
	if (rc == CB_OK && http->count)
		rc = call_answers(http->count, http->stream, err);
	return rc;
}

int http_find(void *self, struct cb_text key, struct cb_found *found, struct cb_error *err)
{
	struct http *http = self;
	const struct cb_name name = { .name = "key", .value = key };
	struct cb_text held;
	struct outcome out;
	int rc;

	*found = (struct cb_found){ 0 };
	if (!http->find)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <find>", "the stream has no <find>");
	rc = steps_run(http, false, err);
	if (rc == CB_OK)
		rc = call_send(http->find, &name, 1, NULL, &out, err);
	if (rc != CB_OK)
		return rc;
	held = cb_view_text(http->find->view, http->held, 0);
	if (!held.len)
		return CB_OK;
	if (!cb_text_equal(held, key))
		return cb_fail(err, CB_BROKEN, "问的是一个编号，答的是另一个编号的记录",
			       "asked for one key, answered with the record of another");
	found->is_held = true;
	if (http->find_receipt)
		found->receipt = cb_view_text(http->find->view, http->find_receipt, 0);
	else if (out.rule && out.rule->receipt)
		found->receipt = cb_view_text(http->find->view, out.rule->receipt, 0);
	found->record = out.answer.body;
	found->charset = out.charset ? out.charset : "utf-8";
	found->records = cb_attribute(http->find->element, "record");
	return CB_OK;
}

int http_count(void *self, int64_t from, int64_t to, int64_t *number, struct cb_error *err)
{
	struct http *http = self;
	char begin[24], end[24], digits[24], *stop;
	struct cb_text text;
	struct outcome out;
	int rc;

	if (!http->count)
		return cb_fail(err, CB_SETUP, "这个数据流没有 <count>",
			       "the stream has no <count>");
	snprintf(begin, sizeof(begin), "%lld", (long long)from);
	snprintf(end, sizeof(end), "%lld", (long long)to);
	rc = steps_run(http, false, err);
	if (rc == CB_OK)
		rc = call_send(http->count,
			       (struct cb_name[]){ { "from", cb_text_of(begin), false },
						   { "to", cb_text_of(end), false } },
			       2, NULL, &out, err);
	if (rc != CB_OK)
		return rc;
	text = cb_view_text(http->count->view, http->number, 0);
	snprintf(digits, sizeof(digits), "%.*s", CB_TEXT_ARG(text));
	*number = strtoll(digits, &stop, 10);
	if (!text.len || *stop || *number < 0)
		return cb_fail(err, CB_BROKEN, "应答里没有数目", "the answer has no number");
	return CB_OK;
}
