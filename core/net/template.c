/*
 * template.c - one pass over the text: what stands outside of braces is copied,
 * a hole is evaluated where it stands and escaped for its place.
 *
 * Checking is the same pass with names that stand for nothing, so that a
 * template which was checked cannot fail for its form when it is filled.
 */
#include "net/template_function.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/number.h"
#include "base/utf8.h"
#include "net/net.h"

#define DEEPEST 16

struct fill {
	const char *begin, *at;
	enum template_place place;
	const struct template_use *use;
	struct buffer *out;
	struct cb_error *err;
	int depth;
	bool in_string, in_cdata; /* of the JSON or XML that was copied so far */
	size_t start;             /* of the output */
};

void template_wipe(struct buffer *b)
{
	if (b->at)
		OPENSSL_cleanse(b->at, b->room);
	buffer_done(b);
}

/* Say where, in characters. */
static int misplaced(struct fill *f, const char *at)
{
	if (f->err)
		f->err->column = (uint32_t)utf8_length(
					 (struct cb_text){ f->begin, (size_t)(at - f->begin) }) +
				 1;
	return CB_SETUP;
}

static void blanks(struct fill *f)
{
	while (*f->at == ' ' || *f->at == '\t' || *f->at == '\n' || *f->at == '\r')
		f->at++;
}

static bool take(struct fill *f, char c)
{
	blanks(f);
	if (*f->at != c)
		return false;
	f->at++;
	return true;
}

static bool is_word_byte(char c, bool is_first)
{
	if (((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_')
		return true;
	return !is_first && ((c >= '0' && c <= '9') || c == '-' || c == '.');
}

static bool word(struct fill *f, struct cb_text *out)
{
	const char *from;

	blanks(f);
	from = f->at;
	while (is_word_byte(*f->at, f->at == from))
		f->at++;
	*out = (struct cb_text){ from, (size_t)(f->at - from) };
	return out->len > 0;
}

static int sum(struct fill *f, struct template_piece *out);

static int unknown_function(struct fill *f, struct cb_text name)
{
	struct buffer list = { 0 };

	template_functions_list(&list);
	cb_error_set(f->err, CB_SETUP, "没有函数“%.*s”；可用：%stime",
		     "there is no function '%.*s'; there are: %stime", CB_TEXT_ARG(name),
		     buffer_cstr(&list));
	buffer_done(&list);
	return misplaced(f, name.at);
}

static int call(struct fill *f, const struct template_function *function,
		struct template_piece *out)
{
	struct template_piece args[2] = { 0 };
	const char *at = f->at;
	unsigned count = 0;
	int rc = CB_OK;

	do
		rc = sum(f, &args[count++]);
	while (rc == CB_OK && take(f, ',') && count < function->arguments);
	if (rc == CB_OK && (count < function->arguments || !take(f, ')'))) {
		cb_error_set(f->err, CB_SETUP, "%s 需要 %u 个参数，再加右括号",
			     "%s takes %u arguments and a closing parenthesis", function->name,
			     function->arguments);
		rc = misplaced(f, f->at);
	}
	/* Checking: the values are nothing, and a key of nothing is no mistake. */
	if (rc == CB_OK && f->out) {
		rc = function->apply(function->name, args, out, f->err);
		if (rc != CB_OK)
			misplaced(f, at);
	}
	template_wipe(&args[0].bytes);
	template_wipe(&args[1].bytes);
	return rc;
}

/* The pattern goes to the first comma or parenthesis that is not between quotes. */
static struct cb_text pattern_of(struct fill *f)
{
	const char *from;
	bool is_quoted = false;

	blanks(f);
	from = f->at;
	while (*f->at && (is_quoted || (*f->at != ')' && *f->at != ','))) {
		if (*f->at == '\'')
			is_quoted = !is_quoted;
		f->at++;
	}
	return (struct cb_text){ from, (size_t)(f->at - from) };
}

static int write_time(struct fill *f, struct cb_text text, int64_t ms, struct template_piece *out)
{
	char *pattern_text = memory_take(text.len + 1), iso[CALENDAR_TEXT], written[64];
	struct calendar_pattern *pattern;

	memcpy(pattern_text, text.at, text.len);
	pattern = calendar_pattern_new(pattern_text, f->err);
	free(pattern_text);
	if (!pattern) {
		if (f->err)
			f->err->verdict = CB_SETUP;
		return misplaced(f, text.at);
	}
	calendar_iso(ms, f->use->zone, iso);
	if (calendar_write(pattern, CALENDAR_DATETIME, f->use->zone, cb_text_of(iso), written) ==
	    CALENDAR_OK)
		buffer_string(&out->bytes, written);
	calendar_pattern_free(pattern);
	return CB_OK;
}

static bool read_ms(struct cb_text text, int64_t *ms)
{
	char digits[20], *end;

	if (!text.len || text.len >= sizeof(digits))
		return false;
	memcpy(digits, text.at, text.len);
	digits[text.len] = '\0';
	*ms = strtoll(digits, &end, 10);
	return *end == '\0';
}

static int time_of(struct fill *f, struct template_piece *out)
{
	struct cb_text pattern = pattern_of(f);
	int64_t ms = f->use->now;
	struct template_piece when = { 0 };
	const char *at = f->at + 1;
	int rc = CB_OK;

	if (*f->at == ',') {
		f->at++;
		rc = sum(f, &when);
		if (rc == CB_OK && f->out && !read_ms(template_text(&when), &ms)) {
			cb_error_set(f->err, CB_SETUP, "time 的第二个参数应为毫秒数，如 from、to",
				     "the second argument of time is milliseconds, such as from or "
				     "to");
			rc = misplaced(f, at);
		}
	}
	template_wipe(&when.bytes);
	if (rc == CB_OK && !take(f, ')')) {
		cb_error_set(f->err, CB_SETUP, "缺少右括号", "a closing parenthesis is missing");
		rc = misplaced(f, f->at);
	}
	return rc == CB_OK ? write_time(f, pattern, ms, out) : rc;
}

static int name_of(struct fill *f, struct cb_text name, struct template_piece *out)
{
	struct template_value value = { 0 };
	int rc = f->use->find(f->use->with, name, &value, f->err);

	if (rc != CB_OK) {
		misplaced(f, name.at);
		return rc;
	}
	buffer_text(&out->bytes, value.text);
	out->is_name_raw = value.is_raw;
	out->is_base = value.is_base;
	return CB_OK;
}

static int operand(struct fill *f, struct template_piece *out)
{
	const struct template_function *function;
	struct cb_text name;
	const char *close;

	blanks(f);
	if (*f->at == '\'' || *f->at == '"') {
		close = strchr(f->at + 1, *f->at);
		if (!close) {
			cb_error_set(f->err, CB_SETUP, "引号没有结束", "the quote has no end");
			return misplaced(f, f->at);
		}
		buffer_put(&out->bytes, f->at + 1, (size_t)(close - f->at - 1));
		f->at = close + 1;
		return CB_OK;
	}
	if (!word(f, &name)) {
		cb_error_set(f->err, CB_SETUP,
			     "花括号里应为名称、'文字' 或函数；花括号本身写作 {{ 和 }}",
			     "in braces stands a name, a 'text' or a function; a brace itself is "
			     "written {{ or }}");
		return misplaced(f, f->at);
	}
	if (!take(f, '('))
		return name_of(f, name, out);
	if (cb_text_is(name, "time"))
		return time_of(f, out);
	function = template_function(name);
	return function ? call(f, function, out) : unknown_function(f, name);
}

/* a + b + c: the texts in a row. A lone operand stays what it is. */
static int sum(struct fill *f, struct template_piece *out)
{
	int rc;

	if (++f->depth > DEEPEST) {
		cb_error_set(f->err, CB_SETUP, "函数嵌套太深", "functions are nested too deeply");
		return misplaced(f, f->at);
	}
	rc = operand(f, out);
	while (rc == CB_OK && take(f, '+')) {
		struct template_piece next = { 0 };

		rc = operand(f, &next);
		template_text(out);
		if (rc == CB_OK)
			buffer_text(&out->bytes, template_text(&next));
		if (next.escaped != out->escaped)
			out->escaped = TEMPLATE_RAW;
		out->is_name_raw = out->is_name_raw && next.is_name_raw;
		out->is_base = false;
		template_wipe(&next.bytes);
	}
	f->depth--;
	return rc;
}

/* A line end, or what may become one on the way. */
static bool ends_header(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

static int put_header(struct fill *f, struct cb_text text, const char *at)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!ends_header(text.at[i]))
			continue;
		cb_error_set(f->err, CB_SETUP, "这里的值含换行或控制字符，不能放进请求头",
			     "the value here holds a line end or a control character and cannot "
			     "stand in a header");
		return misplaced(f, at);
	}
	buffer_text(f->out, text);
	return CB_OK;
}

static int put_url(struct fill *f, struct template_piece *p, struct cb_text text)
{
	struct buffer bytes = { 0 };
	int rc = CB_OK;

	if (p->is_base && f->out->len == f->start) {
		while (*f->at == '/' && text.len && text.at[text.len - 1] == '/')
			text.len--;
		buffer_text(f->out, text);
		return CB_OK;
	}
	if (p->is_name_raw) {
		buffer_text(f->out, text);
		return CB_OK;
	}
	if (f->use->charset)
		rc = charset_encode(f->use->charset, text, &bytes, f->err);
	else
		buffer_text(&bytes, text);
	if (rc == CB_OK)
		buffer_url(f->out, buffer_view(&bytes));
	template_wipe(&bytes);
	return rc;
}

/* Between quotes: the inside of a string. Elsewhere a value: of JSON's own kind, or a string. */
static void put_json(struct fill *f, struct cb_text text)
{
	if (f->in_string)
		buffer_json_inner(f->out, text);
	else if (number_is_canonical(text) || cb_text_is(text, "true") ||
		 cb_text_is(text, "false") || cb_text_is(text, "null"))
		buffer_text(f->out, text);
	else
		buffer_json(f->out, text);
}

/* CDATA has one thing that cannot stand in it: its own end. */
static void put_cdata(struct cb_text text, struct buffer *out)
{
	const char *at = text.at, *end = text.at + text.len, *close;

	while (text.len && (close = memmem(at, (size_t)(end - at), "]]>", 3))) {
		buffer_put(out, at, (size_t)(close - at));
		buffer_string(out, "]]]]><![CDATA[>");
		at = close + 3;
	}
	buffer_put(out, at, (size_t)(end - at));
}

static int put(struct fill *f, struct template_piece *p, const char *at)
{
	struct cb_text text = template_text(p);
	bool is_ready = p->is_name_raw || (p->escaped != TEMPLATE_RAW && p->escaped == f->place);

	switch (f->place) {
	case TEMPLATE_RAW:
		buffer_text(f->out, text);
		return CB_OK;
	case TEMPLATE_HEADER:
		return put_header(f, text, at);
	case TEMPLATE_URL:
		return put_url(f, p, text);
	case TEMPLATE_JSON:
		if (is_ready)
			buffer_text(f->out, text);
		else
			put_json(f, text);
		return CB_OK;
	case TEMPLATE_XML:
		if (f->in_cdata)
			put_cdata(text, f->out);
		else if (is_ready)
			buffer_text(f->out, text);
		else
			template_xml(text, f->out);
		return CB_OK;
	}
	return CB_OK;
}

static int hole(struct fill *f)
{
	struct template_piece value = { 0 };
	const char *at = f->at++;
	int rc = sum(f, &value);

	if (rc == CB_OK && !take(f, '}')) {
		cb_error_set(f->err, CB_SETUP, "这里应为 + 或右花括号",
			     "a plus or the closing brace belongs here");
		rc = misplaced(f, f->at);
	}
	if (rc == CB_OK && f->out)
		rc = put(f, &value, at);
	template_wipe(&value.bytes);
	return rc;
}

/* What JSON or XML we are in after one more literal byte. */
static void follow(struct fill *f)
{
	struct cb_text so_far = { f->out->at + f->start, f->out->len - f->start };
	size_t slashes = 0;

	if (f->place == TEMPLATE_JSON && f->out->at[f->out->len - 1] == '"') {
		while (slashes + 1 < so_far.len && so_far.at[so_far.len - 2 - slashes] == '\\')
			slashes++;
		if (!f->in_string || slashes % 2 == 0)
			f->in_string = !f->in_string;
	} else if (f->place == TEMPLATE_XML && so_far.len >= 9 &&
		   memcmp(so_far.at + so_far.len - 9, "<![CDATA[", 9) == 0) {
		f->in_cdata = true;
	} else if (f->place == TEMPLATE_XML && so_far.len >= 3 &&
		   memcmp(so_far.at + so_far.len - 3, "]]>", 3) == 0) {
		f->in_cdata = false;
	}
}

static int walk(struct fill *f)
{
	int rc = CB_OK;

	while (rc == CB_OK && *f->at) {
		char c = *f->at;

		if (c == '{' && f->at[1] != '{') {
			rc = hole(f);
			continue;
		}
		if (c == '}' && f->at[1] != '}') {
			cb_error_set(f->err, CB_SETUP, "单独的右花括号；花括号本身写作 }}",
				     "a closing brace alone; a brace itself is written }}");
			return misplaced(f, f->at);
		}
		if (f->place == TEMPLATE_HEADER && ends_header(c)) {
			cb_error_set(f->err, CB_SETUP, "请求头里不能有换行或控制字符",
				     "a line end or a control character cannot stand in a header");
			return misplaced(f, f->at);
		}
		f->at += c == '{' || c == '}' ? 2 : 1;
		if (f->out) {
			buffer_char(f->out, c);
			follow(f);
		}
	}
	return rc;
}

int template_fill(const char *text, enum template_place place, const struct template_use *use,
		  struct buffer *out, struct cb_error *err)
{
	struct fill f = { .begin = text,
			  .at = text,
			  .place = place,
			  .use = use,
			  .out = out,
			  .err = err,
			  .start = out->len };

	return walk(&f);
}

struct visit {
	const char *wanted;
	bool is_found;
};

static int visit_name(void *with, struct cb_text name, struct template_value *out,
		      struct cb_error *err)
{
	struct visit *v = with;

	(void)err;
	*out = (struct template_value){ 0 };
	v->is_found |= cb_text_is(name, v->wanted);
	return CB_OK;
}

bool template_names(const char *text, const char *name)
{
	struct visit visit = { .wanted = name };
	struct template_use use = { .find = visit_name, .with = &visit };
	struct fill f = { .begin = text, .at = text, .use = &use };

	(void)walk(&f);
	return visit.is_found;
}

struct check {
	net_template_name *name;
	void *with;
};

static int check_name(void *with, struct cb_text name, struct template_value *out,
		      struct cb_error *err)
{
	struct check *c = with;

	*out = (struct template_value){ 0 };
	return c->name ? c->name(c->with, name, err) : CB_OK;
}

int net_template_check(const char *text, net_template_name *name, void *with, struct cb_error *err)
{
	struct check check = { .name = name, .with = with };
	struct template_use use = { .find = check_name, .with = &check };
	struct fill f = { .begin = text, .at = text, .use = &use, .err = err };

	return walk(&f);
}
