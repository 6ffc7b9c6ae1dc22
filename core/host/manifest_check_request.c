/*
 * manifest_check_request.c - what every request has: templates and the names they may use,
 * its address, its values, and the answers that it may get.
 */
#include "host/manifest_check.h"

#include <stdlib.h>

#include "base/charset.h"
#include "base/number.h"
#include "base/source.h"
#include "net/net.h"

static const struct known {
	const char *name;
	unsigned places;
} builtin[BUILTINS] = {
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

const struct known *find_builtin(const char *name)
{
	for (size_t i = 0; i < BUILTINS; i++)
		if (strcmp(builtin[i].name, name) == 0)
			return &builtin[i];
	return NULL;
}

bool is_taken(const struct check *c, const char *name)
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
void check_path(struct check *c, const struct cb_element *element, const char *name,
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
struct condition *check_condition(struct check *c, const struct cb_element *element,
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

void check_answer(struct check *c, const struct cb_element *answer)
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

bool has_ok(const struct cb_element *answers)
{
	for (const struct cb_element *at = NULL; (at = cb_child(answers, "answer", at));) {
		const char *is = cb_attribute(at, "is");

		if (is && strcmp(is, "ok") == 0)
			return true;
	}
	return false;
}

void check_answers(struct check *c, const struct cb_element *parent)
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

void check_values(struct check *c, const struct cb_element *parent)
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
	if (cb_child(parent, "part", NULL) &&
	    (cb_child(parent, "body", NULL) || cb_child(parent, "form", NULL)))
		problem_at(c->problems, cb_child(parent, "part", NULL), NULL, 0,
			   "part 不能与 body、form 同用：一项普通的值也写成 part",
			   "part excludes body and form: a plain value is a part too");
	if (cb_child(parent, "body", NULL) && cb_child(parent, "form", NULL))
		problem_at(c->problems, cb_child(parent, "form", NULL), NULL, 0,
			   "form 和 body 不能同时用", "form and body exclude each other");
}

/* What every request has. Which names its templates used stands in is_named afterwards. */
void check_request(struct check *c, const struct cb_element *element, unsigned place)
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

bool uses(const struct check *c, const char *name)
{
	return c->is_named[find_builtin(name) - builtin];
}
