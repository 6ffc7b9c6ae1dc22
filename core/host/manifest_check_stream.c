/*
 * manifest_check_stream.c - a stream: reading page by page and since a day, writing, asking,
 * and that each of them can succeed.
 */
#include "host/manifest_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/number.h"

static void need(struct check *c, const struct cb_element *element, const char *by,
		 const char *attribute)
{
	if (!cb_attribute(element, attribute))
		problem_at(c->problems, element, "by", 0, "by=\"%s\" 需要 %s", "by=\"%s\" needs %s",
			   by, attribute);
}

static void check_page(struct check *c, const struct cb_element *page)
{
	const char *by = cb_attribute(page, "by"), *size = cb_attribute(page, "size");

	if (!page)
		return;
	check_path(c, page, "next", PATH_VALUE);
	check_condition(c, page, "until", shape_new(c->arena));
	if (size && strtoll(size, NULL, 10) < 1)
		problem_at(c->problems, page, "size", 0, "每页至少 1 条", "at least 1 a page");
	if (cb_attribute(page, "size-into") && !size)
		problem_at(c->problems, page, "size-into", 0, "size-into 需要 size",
			   "size-into needs size");
	if (!by)
		return;
	if (strcmp(by, "cursor") == 0 || strcmp(by, "link") == 0)
		need(c, page, by, "next");
	else if (cb_attribute(page, "next"))
		problem_at(c->problems, page, "next", 0, "next 只用于 cursor 和 link",
			   "next belongs to cursor and link");
	if (strcmp(by, "link") != 0 && !uses(c, "page") && !uses(c, "cursor"))
		need(c, page, by, "into");
}

/* A day, or a setting of the site that holds one: "2024-01-01", "{since}". */
static bool is_first_day(const struct check *c, const char *first)
{
	size_t len = strlen(first);
	char name[64];

	if (calendar_is_canonical(CALENDAR_DATE, cb_text_of(first)))
		return true;
	if (len < 3 || len > sizeof(name) || first[0] != '{' || first[len - 1] != '}')
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)len - 2, first + 1);
	return manifest_setting(c->m, name) != NULL;
}

static void check_since(struct check *c, const struct cb_element *since)
{
	const char *step = cb_attribute(since, "step"), *overlap = cb_attribute(since, "overlap");
	const char *format = cb_attribute(since, "format"), *first = cb_attribute(since, "first");
	struct calendar_pattern *pattern;
	struct cb_error err = { 0 };
	int64_t step_ms = 0, overlap_ms = 0;

	if (!since)
		return;
	if (format) {
		pattern = calendar_pattern_new(format, &err);
		if (!pattern)
			problem_at(c->problems, since, "format", err.column ? err.column - 1 : 0,
				   "%s", "%s", err.text);
		calendar_pattern_free(pattern);
	}
	if (first && !is_first_day(c, first))
		problem_at(
			c->problems, since, "first", 0,
			"应为日期，如 2024-01-01，或花括号里的一个设置，如 {since}",
			"a date belongs here, such as 2024-01-01, or a setting in braces, such as "
			"{since}");
	if (!cb_attribute(since, "into") && !uses(c, "from"))
		problem_at(c->problems, since, NULL, 0,
			   "窗口的开始没有用上：写 into，或在模板里用 {from}",
			   "the begin of the window is not used: give into, or use {from}");
	if (step && overlap && number_duration(step, &step_ms) &&
	    number_duration(overlap, &overlap_ms) && overlap_ms >= step_ms)
		problem_at(c->problems, since, "overlap", 0, "重叠要比窗口短，否则永远读不到后面",
			   "the overlap must be shorter than the step, or reading never gets on");
}

static void check_read(struct check *c, const struct cb_element *read)
{
	const struct cb_element *detail = cb_child(read, "detail", NULL);

	if (!c->is_http && strcmp(c->m->by ? c->m->by : "", "files") == 0 &&
	    !cb_attribute(read, "files"))
		problem_at(c->problems, read, NULL, 0, "<read> 缺少 files", "<read> has no files");
	check_request(c, read, IN_READ);
	check_path(c, read, "records", PATH_LIST);
	check_page(c, cb_child(read, "page", NULL));
	check_since(c, cb_child(read, "since", NULL));
	if ((detail || cb_attribute(read, "as")) && !cb_attribute(read, "records"))
		problem_at(c->problems, detail ? detail : read, detail ? NULL : "as", 0,
			   "要先写 records：行在应答的哪里，才能逐行取",
			   "records is missing: where the rows are that are taken one by one");
	if (detail && cb_attribute(read, "as"))
		problem_at(c->problems, read, "as", 0,
			   "as 和 <detail> 只能用一个：明细本身就是记录",
			   "as and <detail> exclude each other: the detail is the record");
	if (detail) {
		check_request(c, detail, IN_FIND);
		check_path(c, detail, "key", PATH_VALUE);
	}
}

static void check_each(struct check *c, const struct cb_element *each)
{
	check_path(c, each, "answer", PATH_LIST);
	check_path(c, each, "match", PATH_VALUE);
	for (const struct cb_element *at = NULL; (at = cb_child(each, "answer", at));)
		check_answer(c, at);
	if (!has_ok(each))
		problem_at(c->problems, each, NULL, 0, "没有一种逐条结果是 ok：每条都会算作不明",
			   "no result is ok: every "
			   "record would be in doubt");
}

static void check_write(struct check *c, const struct cb_element *write)
{
	const struct cb_element *each = cb_child(write, "each", NULL);
	const char *batch = cb_attribute(write, "batch");

	check_request(c, write, IN_WRITE);
	if (c->is_http && !uses(c, "records"))
		problem_at(c->problems, write, NULL, 0, "{records} 没有用上：记录不会发出去",
			   "{records} is not used: no record would be sent");
	if (batch && strtoll(batch, NULL, 10) < 1)
		problem_at(c->problems, write, "batch", 0, "一次至少 1 条", "at least 1 a request");
	check_path(c, write, "receipt", PATH_VALUE);
	if (uses(c, "receipt") && batch && strtoll(batch, NULL, 10) > 1)
		problem_at(c->problems, write, "batch", 0,
			   "{receipt} 是一条的回执，只能 batch=\"1\"；一批多条时用 "
			   "receipt=\"记录里的路径\" 逐条写入",
			   "{receipt} belongs to one record, so batch=\"1\"; for batches give "
			   "receipt=\"a path in the record\"");
	if (each)
		check_each(c, each);
	/* A batch whose records cannot be told apart is refused as a whole: said, not forbidden. */
	if (c->is_http && batch && strtoll(batch, NULL, 10) > 1 && !each)
		problem_warn(c->problems, write, "batch", "没有 each：一条有错，整批都算有错",
			     "without each, one bad record refuses the whole batch");
}

/* One at a time: what it is about is the key, or the receipt. */
static void check_withdraw(struct check *c, const struct cb_element *withdraw)
{
	check_request(c, withdraw, IN_WITHDRAW);
	if (c->is_http && !uses(c, "key") && !uses(c, "receipt") && !uses(c, "records"))
		problem_at(c->problems, withdraw, NULL, 0,
			   "{key}、{receipt} 都没有用上：不知道撤回哪一条",
			   "neither {key} nor {receipt} is used: which record is withdrawn?");
}

static void check_find(struct check *c, const struct cb_element *find)
{
	check_request(c, find, IN_FIND);
	check_path(c, find, "held", PATH_VALUE);
	check_path(c, find, "receipt", PATH_VALUE);
	check_path(c, find, "record", PATH_EITHER);
	if (c->is_http && !uses(c, "key"))
		problem_at(c->problems, find, NULL, 0, "{key} 没有用上：查的不是这一条",
			   "{key} is not used: it would not ask for this record");
}

/* Is there an answer that is ok for this call? */
static void check_success(struct check *c, const struct cb_element *stream,
			  const struct cb_element *call)
{
	if (!c->is_http || !call || has_ok(cb_child(call, "answers", NULL)) ||
	    has_ok(cb_child(stream, "answers", NULL)) ||
	    has_ok(cb_child(c->m->root, "answers", NULL)))
		return;
	/* What each record's answer says is enough. */
	if (has_ok(cb_child(call, "each", NULL)))
		return;
	problem_at(c->problems, call, NULL, 0,
		   "没有一种应答是 ok：写 <answers><answer when=… is=\"ok\"/></answers>",
		   "no answer is ok: write <answers><answer when=… is=\"ok\"/></answers>");
}

/* Where the rows are; receipts may do without. */
static void check_list(struct check *c, const struct cb_element *element, const char *name)
{
	if (!name)
		return;
	check_path(c, element, name, PATH_LIST);
	if (!cb_attribute(element, name) && strcmp(element->name, "receipts") != 0)
		problem_at(c->problems, element, NULL, 0, "<%s> 缺少 %s", "<%s> has no %s",
			   element->name, name);
}

static void check_others(struct check *c, const struct cb_element *stream)
{
	static const struct {
		const char *name;
		unsigned place;
		const char *list, *value;
	} others[] = {
		{ "list", IN_READ, "records", "key" },       { "settle", IN_FIND, NULL, "key" },
		{ "receipts", IN_READ, "records", "match" }, { "count", IN_COUNT, NULL, "number" },
		{ "dictionary", IN_READ, "rows", "code" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		for (const struct cb_element *at = NULL;
		     (at = cb_child(stream, others[i].name, at));) {
			check_request(c, at, others[i].place);
			check_list(c, at, others[i].list);
			if (others[i].value)
				check_path(c, at, others[i].value, PATH_VALUE);
			check_path(c, at, "receipt", PATH_VALUE);
			check_page(c, cb_child(at, "page", NULL));
			check_since(c, cb_child(at, "since", NULL));
			check_success(c, stream, at);
		}
	}
}

/* What a result means is said by receipts themselves; without, all would be in doubt. */
static void check_receipts(struct check *c, const struct cb_element *receipts)
{
	for (const struct cb_element *at = NULL; (at = cb_child(receipts, "answer", at));)
		check_answer(c, at);
	if (!has_ok(receipts))
		problem_at(c->problems, receipts, NULL, 0,
			   "没有一种结果是 ok：写 <answer when=… is=\"ok\" receipt=…/>",
			   "no result is ok: write <answer when=… is=\"ok\" receipt=…/>");
}

void check_stream(struct check *c, const struct cb_element *stream)
{
	static const char *const single[] = { "read",   "write", "find",     "list",
					      "settle", "count", "receipts", "withdraw" };
	const struct cb_element *read = cb_child(stream, "read", NULL);
	const struct cb_element *write = cb_child(stream, "write", NULL);
	const struct cb_element *find = cb_child(stream, "find", NULL);
	const struct cb_element *withdraw = cb_child(stream, "withdraw", NULL);

	for (size_t i = 0; i < sizeof(single) / sizeof(*single); i++)
		check_once(c, stream, single[i]);
	if (!read && !write)
		problem_at(c->problems, stream, NULL, 0, "数据流既不读也不写",
			   "the stream neither reads nor writes");
	if (cb_child(stream, "receipts", NULL))
		check_receipts(c, cb_child(stream, "receipts", NULL));
	if (c->is_sql) {
		check_sql_stream(c, stream);
		return;
	}
	c->place = EVERYWHERE & ~IN_STEP;
	check_values(c, stream);
	check_answers(c, stream);
	if (read)
		check_read(c, read);
	if (write)
		check_write(c, write);
	if (find)
		check_find(c, find);
	if (withdraw)
		check_withdraw(c, withdraw);
	check_others(c, stream);
	check_success(c, stream, withdraw);
	check_success(c, stream, read);
	check_success(c, stream, write);
	check_success(c, stream, find);
}
