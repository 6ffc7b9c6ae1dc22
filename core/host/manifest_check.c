/*
 * manifest_check.c - one walk over the tree; every element knows from the ones
 * above it which names its templates may use.
 */
#include "host/manifest_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/charset.h"
#include "base/number.h"
#include "base/source.h"
#include "net/net.h"
#include "record/path.h"

/* Where a template stands: which of the names of a request have a value there. */
enum place {
	IN_STEP = 1,
	IN_READ = 2,
	IN_WRITE = 4,
	IN_FIND = 8,
	IN_COUNT = 16,
	IN_OTHER = 32, /* settle, dictionary */
	IN_WITHDRAW = 64,
	EVERYWHERE = 127,
};

static const struct known {
	const char *name;
	unsigned places;
} builtin[] = {
	{ "body", EVERYWHERE },
	{ "path", EVERYWHERE },
	{ "query", EVERYWHERE },
	{ "method", EVERYWHERE },
	{ "nonce", EVERYWHERE },
	{ "time", EVERYWHERE },
	{ "once", EVERYWHERE },
	{ "account", EVERYWHERE },
	{ "records", IN_WRITE | IN_WITHDRAW },
	{ "key", IN_FIND | IN_WITHDRAW },
	{ "receipt", IN_WRITE | IN_WITHDRAW },
	{ "from", IN_READ | IN_COUNT },
	{ "to", IN_READ | IN_COUNT },
	{ "page", IN_READ },
	{ "size", IN_READ },
	{ "cursor", IN_READ },
};

#define BUILTINS (sizeof(builtin) / sizeof(*builtin))

struct check {
	const struct manifest *m;
	struct arena *arena;
	struct problems *problems;
	const char **taken; /* by the steps, ended with NULL */
	size_t taken_count;
	bool is_http;
	unsigned place;
	bool in_body;
	bool is_named[BUILTINS]; /* seen in the element that is being checked */
};

static const struct known *find_builtin(const char *name)
{
	for (size_t i = 0; i < BUILTINS; i++)
		if (strcmp(builtin[i].name, name) == 0)
			return &builtin[i];
	return NULL;
}

static bool is_taken(const struct check *c, const char *name)
{
	for (size_t i = 0; i < c->taken_count; i++)
		if (strcmp(c->taken[i], name) == 0)
			return true;
	return false;
}

static const char *nearest(const struct check *c, const char *name)
{
	size_t count = 0;
	const char **words = arena_take(
		c->arena, (c->m->setting_count + c->taken_count + BUILTINS + 1) * sizeof(*words));

	for (size_t i = 0; i < c->m->setting_count; i++)
		words[count++] = c->m->settings[i].name;
	for (size_t i = 0; i < c->taken_count; i++)
		words[count++] = c->taken[i];
	for (size_t i = 0; i < BUILTINS; i++)
		if ((builtin[i].places & c->place) == c->place)
			words[count++] = builtin[i].name;
	words[count] = NULL;
	return problem_nearest(name, words);
}

/* For net_template_check. */
static int check_name(void *with, struct cb_text text, struct cb_error *err)
{
	struct check *c = with;
	const char *name = arena_string(c->arena, text), *near;
	const struct known *known = find_builtin(name);

	if (manifest_setting(c->m, name) || is_taken(c, name))
		return CB_OK;
	if (known && c->in_body && strcmp(name, "body") == 0)
		return cb_fail(err, CB_SETUP, "正文里不能再用 {body}",
			       "{body} cannot stand in the body itself");
	if (known && (known->places & c->place) == c->place) {
		c->is_named[known - builtin] = true;
		return CB_OK;
	}
	if (known)
		return cb_fail(err, CB_SETUP, "{%s} 在这里没有值", "{%s} has no value here", name);
	near = nearest(c, name);
	if (near)
		return cb_fail(err, CB_SETUP, "没有叫“%s”的设置或取值；最接近的是“%s”",
			       "there is no setting or value called '%s'; the nearest is '%s'",
			       name, near);
	return cb_fail(err, CB_SETUP, "没有叫“%s”的设置或取值",
		       "there is no setting or value called '%s'", name);
}

static void check_template(struct check *c, const struct cb_element *element, const char *name)
{
	const char *text = cb_attribute(element, name);
	struct cb_error err = { 0 };

	if (text && net_template_check(text, check_name, c, &err) != CB_OK)
		problem_at(c->problems, element, name, err.column ? err.column - 1 : 0, "%s", "%s",
			   err.text);
}

static bool has_children(const struct cb_element *element)
{
	return element->first != NULL;
}

/* The template of a body: what is between its tags for XML, its text for the others. */
static void check_body(struct check *c, const struct cb_element *body)
{
	struct cb_text text = has_children(body) ? body->inner : body->text;
	struct source_place at = source_text_place(body);
	struct cb_error err = { 0 };
	const char *template = arena_string(c->arena, text.at ? text : CB_TEXT(""));

	c->in_body = true;
	if (net_template_check(template, check_name, c, &err) != CB_OK) {
		/* Exact where the text stands in the file as it is. */
		if (text.at && body->inner.at && cb_text_equal(body->inner, text)) {
			const char *stop = template;

			for (uint32_t i = 1; i < err.column && *stop; i++)
				do
					stop++;
				while (((unsigned char)*stop & 0xc0) == 0x80);
			at = source_inner_place(body, (size_t)(stop - template));
		}
		problem_add(c->problems, body->file, at.line, at.column, "%s", "%s", err.text);
	}
	c->in_body = false;
	if (!text.len)
		problem_at(c->problems, body, NULL, 0, "请求正文是空的", "the body is empty");
}

/* A path of @use against a shape of its own. */
static void check_path(struct check *c, const struct cb_element *element, const char *name,
		       enum path_use use)
{
	const char *text = cb_attribute(element, name);
	struct cb_error err = { 0 };
	struct path *path;

	if (text && path_compile(c->arena, shape_new(c->arena), cb_text_of(text), use, &path,
				 &err) != CB_OK)
		problem_at(c->problems, element, name, err.column ? err.column - 1 : 0, "%s", "%s",
			   err.text);
}

/* The condition and the shape it grew; NULL where it is none. */
static struct condition *check_condition(struct check *c, const struct cb_element *element,
					 const char *name, struct shape *shape)
{
	const char *text = cb_attribute(element, name);
	struct condition *condition = NULL;
	struct cb_error err = { 0 };

	if (!text)
		return NULL;
	if (condition_compile(c->arena, shape, cb_text_of(text), &condition, &err) == CB_OK)
		return condition;
	problem_at(c->problems, element, name, err.column ? err.column - 1 : 0, "%s", "%s",
		   err.text);
	return NULL;
}

/*
 * Would it hold for an answer in which nothing stands, whatever it is: a login
 * page, an error of a gateway? Only 204 says that there is nothing to look at.
 */
static bool holds_for_nothing(struct check *c, const struct condition *condition,
			      struct shape *shape)
{
	struct shape_node *node = shape_child(shape, shape->root, CB_TEXT("status"));
	uint32_t slot = shape_slot(shape, node);
	struct row *row = row_new(c->arena, shape);
	char digits[3];

	for (unsigned status = 200; status < 400; status++) {
		digits[0] = (char)('0' + status / 100);
		digits[1] = (char)('0' + status / 10 % 10);
		digits[2] = (char)('0' + status % 10);
		if (slot != NO_SLOT)
			row->values[slot] = (struct cb_text){ digits, 3 };
		if (status != 204 && condition_holds(condition, row))
			return true;
	}
	return false;
}

static void check_wait(struct check *c, const struct cb_element *answer)
{
	const char *wait = cb_attribute(answer, "wait");
	int64_t ms;

	if (!wait || strncmp(wait, "header ", 7) == 0 || strcmp(wait, "next-day") == 0 ||
	    number_duration(wait, &ms))
		return;
	check_path(c, answer, "wait", PATH_VALUE);
}

static void check_answer(struct check *c, const struct cb_element *answer)
{
	struct shape *shape = shape_new(c->arena);
	struct condition *condition = check_condition(c, answer, "when", shape);
	const char *is = cb_attribute(answer, "is");

	check_path(c, answer, "say", PATH_VALUE);
	check_path(c, answer, "field", PATH_VALUE);
	check_path(c, answer, "receipt", PATH_VALUE);
	check_wait(c, answer);
	if (c->is_http && condition && is && strcmp(is, "ok") == 0 &&
	    holds_for_nothing(c, condition, shape))
		problem_at(c->problems, answer, "when", 0,
			   "这样的“ok”不看应答的内容：登录页、错误页也会算作成功；请加上内容里的条"
			   "件，如 "
			   "status=200 and code='0000'",
			   "this 'ok' does not look into the answer: a login page or an error page "
			   "would pass; add what the answer must hold, such as status=200 and "
			   "code='0000'");
}

static bool has_ok(const struct cb_element *answers)
{
	for (const struct cb_element *at = NULL; (at = cb_child(answers, "answer", at));) {
		const char *is = cb_attribute(at, "is");

		if (is && strcmp(is, "ok") == 0)
			return true;
	}
	return false;
}

static void check_answers(struct check *c, const struct cb_element *parent)
{
	for (const struct cb_element *group = NULL; (group = cb_child(parent, "answers", group));)
		for (const struct cb_element *at = NULL; (at = cb_child(group, "answer", at));)
			check_answer(c, at);
}

static void check_charset(struct check *c, const struct cb_element *element)
{
	const char *at = cb_attribute(element, "charset");
	size_t offset = 0;

	while (at && *at) {
		size_t len = strcspn(at, "|");
		const char *name = arena_string(c->arena, (struct cb_text){ at, len });

		if (charset_named(name) == CHARSET_UNKNOWN)
			problem_at(
				c->problems, element, "charset", offset,
				"不认识的字符集“%s”；可用 utf-8、gb18030、gbk、utf-16le、utf-16be",
				"unknown charset '%s'; there are utf-8, gb18030, gbk, utf-16le, "
				"utf-16be",
				name);
		at += len + (at[len] == '|');
		offset += len + 1;
	}
}

/* A request goes to a server that the site named, and so its address begins with a setting. */
static void check_url(struct check *c, const struct cb_element *element)
{
	const char *url = cb_attribute(element, "url");
	const struct manifest_setting *setting;
	size_t len;

	if (!url) {
		if (c->is_http)
			problem_at(c->problems, element, NULL, 0, "<%s> 缺少 url",
				   "<%s> has no url", element->name);
		return;
	}
	check_template(c, element, "url");
	len = url[0] == '{' ? strcspn(url, "}") : 0;
	if (len && url[len] == '}') {
		const char *name = arena_string(c->arena, (struct cb_text){ url + 1, len - 1 });

		setting = manifest_setting(c->m, name);
		if (!setting && !find_builtin(name) && !is_taken(c, name))
			return; /* said already */
		if (setting && setting->type && strcmp(setting->type, "url") == 0)
			return;
	}
	problem_at(
		c->problems, element, "url", 0,
		"地址要以一个 type=\"url\" 的设置开头，如 {base}/…；请求只去现场写明的服务器",
		"an address begins with a setting of type=\"url\", such as {base}/…; requests go "
		"only to servers that the site names");
}

static void check_values(struct check *c, const struct cb_element *parent)
{
	for (const struct cb_element *at = parent->first; at; at = at->next) {
		if (strcmp(at->name, "header") == 0 || strcmp(at->name, "param") == 0 ||
		    strcmp(at->name, "form") == 0 || strcmp(at->name, "part") == 0) {
			check_template(c, at, "value");
			check_template(c, at, "file");
		} else if (strcmp(at->name, "body") == 0) {
			check_body(c, at);
		}
	}
	if (cb_child(parent, "body", NULL) && cb_child(parent, "form", NULL))
		problem_at(c->problems, cb_child(parent, "form", NULL), NULL, 0,
			   "form 和 body 不能同时用", "form and body exclude each other");
}

/* What every request has. Which names its templates used stands in is_named afterwards. */
static void check_request(struct check *c, const struct cb_element *element, unsigned place)
{
	c->place = place;
	memset(c->is_named, 0, sizeof(c->is_named));
	if (!cb_attribute(element, "files") && !cb_attribute(element, "file") &&
	    !cb_attribute(element, "move"))
		check_url(c, element);
	check_template(c, element, "files");
	check_template(c, element, "file");
	check_charset(c, element);
	check_values(c, element);
	check_answers(c, element);
}

static bool uses(const struct check *c, const char *name)
{
	return c->is_named[find_builtin(name) - builtin];
}

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

/* Only one of these makes sense; a second would be passed over in silence. */
static void check_once(struct check *c, const struct cb_element *parent, const char *name)
{
	const struct cb_element *again = cb_child(parent, name, NULL);

	again = again ? cb_child(parent, name, again) : NULL;
	if (again)
		problem_at(c->problems, again, NULL, 0, "<%s> 只能有一个", "there is one <%s> only",
			   name);
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
			if (others[i].list)
				check_path(c, at, others[i].list, PATH_LIST);
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

static void check_stream(struct check *c, const struct cb_element *stream)
{
	static const char *const single[] = { "read",   "write", "find",     "list",
					      "settle", "count", "receipts", "withdraw" };
	const struct cb_element *read = cb_child(stream, "read", NULL);
	const struct cb_element *write = cb_child(stream, "write", NULL);
	const struct cb_element *find = cb_child(stream, "find", NULL);
	const struct cb_element *withdraw = cb_child(stream, "withdraw", NULL);

	c->place = EVERYWHERE & ~IN_STEP;
	check_values(c, stream);
	check_answers(c, stream);
	for (size_t i = 0; i < sizeof(single) / sizeof(*single); i++)
		check_once(c, stream, single[i]);
	if (!read && !write)
		problem_at(c->problems, stream, NULL, 0, "数据流既不读也不写",
			   "the stream neither reads nor writes");
	if (read)
		check_read(c, read);
	if (write)
		check_write(c, write);
	if (find)
		check_find(c, find);
	if (withdraw)
		check_withdraw(c, withdraw);
	if (cb_child(stream, "receipts", NULL))
		check_receipts(c, cb_child(stream, "receipts", NULL));
	check_others(c, stream);
	check_success(c, stream, withdraw);
	check_success(c, stream, read);
	check_success(c, stream, write);
	check_success(c, stream, find);
}

static void check_take(struct check *c, const struct cb_element *take)
{
	const char *as = cb_attribute(take, "as"), *from = cb_attribute(take, "from");

	if (as && manifest_setting(c->m, as))
		problem_at(c->problems, take, "as", 0, "“%s”已经是一项设置",
			   "'%s' is a setting already", as);
	else if (as && find_builtin(as))
		problem_at(c->problems, take, "as", 0, "“%s”另有用处，换一个名称",
			   "'%s' means something else, take another name", as);
	if (from && strncmp(from, "header ", 7) != 0 && strncmp(from, "cookie ", 7) != 0)
		check_path(c, take, "from", PATH_VALUE);
}

static void check_expires(struct check *c, const struct cb_element *expires)
{
	int said = (cb_attribute(expires, "in") != NULL) + (cb_attribute(expires, "at") != NULL) +
		   (cb_attribute(expires, "after") != NULL);

	if (!expires)
		return;
	check_path(c, expires, "in", PATH_VALUE);
	check_path(c, expires, "at", PATH_VALUE);
	if (said != 1)
		problem_at(c->problems, expires, NULL, 0, "in、at、after 三者写一个",
			   "give one of in, at and after");
}

static void check_step(struct check *c, const struct cb_element *step)
{
	const struct cb_element *request = cb_child(step, "request", NULL);

	if (request)
		check_request(c, request, IN_STEP);
	else
		problem_at(c->problems, step, NULL, 0, "步骤缺少 <request>",
			   "the step has no <request>");
	if (!cb_child(step, "take", NULL))
		problem_at(c->problems, step, NULL, 0, "步骤没有取任何值：缺少 <take>",
			   "the step takes nothing: it has no <take>");
	for (const struct cb_element *at = NULL; (at = cb_child(step, "take", at));)
		check_take(c, at);
	check_expires(c, cb_child(step, "expires", NULL));
	check_once(c, step, "request");
	check_once(c, step, "expires");
	check_answers(c, step);
	for (const struct cb_element *at = NULL; (at = cb_child(step, "drop", at));)
		check_condition(c, at, "when", shape_new(c->arena));
}

static void check_unique(struct check *c, const char *element, const char *what)
{
	for (const struct cb_element *at = NULL; (at = cb_child(c->m->root, element, at));) {
		const char *name = cb_attribute(at, "name");

		for (const struct cb_element *other = NULL;
		     name && (other = cb_child(c->m->root, element, other)) && other != at;) {
			const char *same = cb_attribute(other, "name");

			if (same && strcmp(same, name) == 0)
				problem_at(c->problems, at, "name", 0, "%s“%s”在第 %u 行已经有了",
					   "%s '%s' is at line %u already", what, name,
					   other->line);
		}
	}
}

static void check_settings(struct check *c)
{
	bool has_url = false;

	for (const struct cb_element *at = NULL; (at = cb_child(c->m->root, "setting", at));) {
		const char *name = cb_attribute(at, "name"), *type = cb_attribute(at, "type");

		has_url |= type && strcmp(type, "url") == 0;
		if (name && find_builtin(name))
			problem_at(c->problems, at, "name", 0, "“%s”另有用处，换一个名称",
				   "'%s' means something else, take another name", name);
	}
	if (c->is_http && !has_url)
		problem_at(c->problems, c->m->root, NULL, 0,
			   "没有 type=\"url\" 的设置：不知道请求可以去哪里",
			   "there is no setting of type=\"url\": where may requests go?");
}

/* What the steps take, before any template is looked at; a name is taken once. */
static void collect_taken(struct check *c)
{
	size_t room = 0;
	const char **taken = NULL;

	for (const struct cb_element *step = NULL; (step = cb_child(c->m->root, "step", step));) {
		for (const struct cb_element *at = NULL; (at = cb_child(step, "take", at));) {
			const char *as = cb_attribute(at, "as");

			if (!as)
				continue;
			if (is_taken(c, as))
				problem_at(c->problems, at, "as", 0, "“%s”已经取过",
					   "'%s' is taken already", as);
			memory_grow(&taken, c->taken_count, &room, sizeof(*taken));
			taken[c->taken_count++] = as;
			c->taken = taken;
		}
	}
}

static void check_limits(struct check *c, const struct cb_element *limits)
{
	const char *rate = cb_attribute(limits, "rate"), *hours = cb_attribute(limits, "hours");
	static const char *const counts[] = { "quota", "at-once" };
	double number;
	int from, until;

	if (rate && !manifest_rate(rate, &number))
		problem_at(c->problems, limits, "rate", 0, "速度写作 5/s、200/m、1000/h 或 9000/d",
			   "a rate is written 5/s, 200/m, 1000/h or 9000/d");
	if (hours && !manifest_hours(hours, &from, &until))
		problem_at(c->problems, limits, "hours", 0, "时段写作 20:00-06:00",
			   "hours are written 20:00-06:00");
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		const char *count = cb_attribute(limits, counts[i]);

		if (count && strtoll(count, NULL, 10) < 1)
			problem_at(c->problems, limits, counts[i], 0, "至少是 1", "at least 1");
	}
}

static bool read_clock(const char *text, int *minutes)
{
	int hour, minute;

	for (int i = 0; i < 5; i++)
		if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
			return false;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	*minutes = hour * 60 + minute;
	return minute < 60 && *minutes <= 24 * 60;
}

bool manifest_hours(const char *text, int *from, int *until)
{
	return text && strlen(text) == 11 && text[5] == '-' && read_clock(text, from) &&
	       read_clock(text + 6, until) && *from != *until;
}

bool manifest_rate(const char *text, double *rate)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || !count || count > 100000 || end[0] != '/' || !end[1] ||
	    end[2])
		return false;
	switch (end[1]) {
	case 's':
		*rate = (double)count;
		return true;
	case 'm':
		*rate = (double)count / 60;
		return true;
	case 'h':
		*rate = (double)count / 3600;
		return true;
	case 'd':
		*rate = (double)count / 86400;
		return true;
	default:
		return false;
	}
}

void manifest_check(const struct manifest *manifest, struct arena *arena, struct problems *problems)
{
	struct check c = { .m = manifest, .arena = arena, .problems = problems };
	const struct cb_element *root = manifest->root;

	c.is_http = manifest->by && strcmp(manifest->by, "http") == 0;
	check_unique(&c, "setting", cb_say("设置", "setting"));
	check_unique(&c, "step", cb_say("步骤", "step"));
	check_unique(&c, "stream", cb_say("数据流", "stream"));
	collect_taken(&c);
	check_settings(&c);
	c.place = EVERYWHERE;
	check_values(&c, root);
	check_answers(&c, root);
	check_limits(&c, cb_child(root, "limits", NULL));
	check_once(&c, root, "limits");
	check_once(&c, root, "retry");
	for (const struct cb_element *at = NULL; (at = cb_child(root, "step", at));)
		check_step(&c, at);
	for (const struct cb_element *at = NULL; (at = cb_child(root, "stream", at));)
		check_stream(&c, at);
	if (!cb_child(root, "stream", NULL))
		problem_at(problems, root, NULL, 0, "连接器没有数据流",
			   "the connector has no stream");
	free(c.taken);
}
