/*
 * fill.c - one request, its holes filled in the order that signatures need.
 */
#include "net/fill.h"

#include <casebridge/digest.h>

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/charset.h"
#include "net/secret.h"
#include "net/template.h"

struct work {
	const struct net_account *account;
	const struct cb_request *request;
	struct filled *out;
	const char *nonce;
	struct buffer query, path; /* as they go out; known after the parameters */
	char time[24];
	struct template_use use;
	char boundary[48];    /* of a multipart body; "": it is none */
	struct secret secret; /* the one that was asked for last */
	struct cb_error *err;
};

static bool find_builtin(struct work *w, struct cb_text name, struct cb_text *out)
{
	const struct {
		const char *name;
		struct cb_text value;
	} builtin[] = {
		{ "body", buffer_view(&w->out->body) },
		{ "query", buffer_view(&w->query) },
		{ "path", buffer_view(&w->path) },
		{ "method", cb_text_of(w->out->method) },
		{ "nonce", cb_text_of(w->nonce) },
		{ "once", cb_text_of(w->request->once ? w->request->once : "") },
		{ "account", cb_text_of(w->account->name ? w->account->name : "") },
		{ "time", cb_text_of(w->time) },
	};

	for (size_t i = 0; i < sizeof(builtin) / sizeof(*builtin); i++) {
		if (cb_text_is(name, builtin[i].name)) {
			*out = builtin[i].value;
			return true;
		}
	}
	return false;
}

static int find_setting(struct work *w, const struct net_setting *setting,
			struct template_value *out, struct cb_error *err)
{
	int rc;

	out->is_base = setting->is_origin;
	out->text = cb_text_of(setting->value ? setting->value : "");
	if (!setting->is_secret)
		return CB_OK;
	secret_done(&w->secret);
	rc = secret_read(setting->value ? setting->value : "", &w->secret, err);
	out->text = (struct cb_text){ w->secret.at, w->secret.len };
	return rc;
}

static int find(void *with, struct cb_text name, struct template_value *out, struct cb_error *err)
{
	struct work *w = with;

	*out = (struct template_value){ 0 };
	for (size_t i = 0; i < w->request->name_count; i++) {
		const struct cb_name *known = &w->request->names[i];

		if (!cb_text_is(name, known->name))
			continue;
		*out = (struct template_value){ .text = known->value, .is_raw = known->is_raw };
		return CB_OK;
	}
	/* The account's own settings stand last, and win. */
	for (size_t i = w->account->setting_count; i-- > 0;)
		if (cb_text_is(name, w->account->settings[i].name))
			return find_setting(w, &w->account->settings[i], out, err);
	if (find_builtin(w, name, &out->text))
		return CB_OK;
	return cb_fail(err, CB_SETUP,
		       "“{%.*s}”没有值：连接 %s 没有这项设置，这个请求里也没有这个名称",
		       "{%.*s} stands for nothing: connection %s has no such setting, and this "
		       "request no such name",
		       CB_TEXT_ARG(name), w->account->connection ? w->account->connection : "?");
}

static int fill(struct work *w, const char *what, const char *text, enum template_place place,
		struct buffer *out)
{
	int rc = template_fill(text, place, &w->use, out, w->err);

	if (rc != CB_OK)
		cb_error_prefix(w->err, "%s 第 %u 个字符：", "%s, character %u: ", what,
				w->err ? w->err->column : 0);
	return rc;
}

/* The text in the request's charset, in place. */
static int encode(struct work *w, struct buffer *text)
{
	struct buffer bytes = { 0 };
	int rc;

	if (!w->use.charset)
		return CB_OK;
	rc = charset_encode(w->use.charset, buffer_view(text), &bytes, w->err);
	template_wipe(text);
	*text = bytes;
	return rc;
}

static bool has_declaration(struct cb_text body)
{
	return body.len >= 5 && memcmp(body.at, "<?xml", 5) == 0;
}

static int fill_body(struct work *w)
{
	const char *type = w->request->body_type ? w->request->body_type : "text";
	bool is_xml = strcmp(type, "xml") == 0 || strcmp(type, "soap") == 0;
	struct buffer text = { 0 };
	int rc = fill(w, cb_say("请求正文", "the body"), w->request->body,
		      is_xml                      ? TEMPLATE_XML
		      : strcmp(type, "json") == 0 ? TEMPLATE_JSON
						  : TEMPLATE_RAW,
		      &text);

	/* Without its charset an XML document in GB18030 is read as broken UTF-8. */
	if (is_xml && !has_declaration(buffer_view(&text)))
		buffer_printf(&w->out->body, "<?xml version=\"1.0\" encoding=\"%s\"?>",
			      w->request->charset ? w->request->charset : "UTF-8");
	buffer_text(&w->out->body, buffer_view(&text));
	template_wipe(&text);
	w->out->has_body = true;
	return rc == CB_OK ? encode(w, &w->out->body) : rc;
}

/* Append name=value; @to is empty or ends with a pair. */
static int add_pair(struct work *w, const struct cb_part *part, struct buffer *to)
{
	struct buffer value = { 0 }, name = { 0 };
	int rc = fill(w, part->name, part->value, TEMPLATE_RAW, &value);

	buffer_string(&name, part->name);
	if (rc == CB_OK)
		rc = encode(w, &value);
	if (rc == CB_OK)
		rc = encode(w, &name);
	if (rc == CB_OK) {
		if (to->len)
			buffer_char(to, '&');
		buffer_url(to, buffer_view(&name));
		buffer_char(to, '=');
		buffer_url(to, buffer_view(&value));
	}
	template_wipe(&value);
	buffer_done(&name);
	return rc;
}

static bool signs(const struct cb_part *part)
{
	return template_names(part->value, "body") || template_names(part->value, "query");
}

static int add_pairs(struct work *w, enum cb_part_place place, bool signing, struct buffer *to)
{
	for (size_t i = 0; i < w->request->part_count; i++) {
		const struct cb_part *part = &w->request->parts[i];
		int rc;

		if (part->place != place || signs(part) != signing)
			continue;
		rc = add_pair(w, part, to);
		if (rc != CB_OK)
			return rc;
		if (place == CB_PART_FORM)
			w->out->has_body = true;
	}
	return CB_OK;
}

/* The address, split at its "?": what stands behind goes before the parameters. */
static int fill_url(struct work *w)
{
	struct buffer *url = &w->out->url;
	int rc = fill(w, cb_say("地址", "the address"), w->request->url, TEMPLATE_URL, url);
	char *hash, *mark, *host, *path;

	if (rc != CB_OK)
		return rc;
	buffer_cstr(url);
	hash = strchr(url->at, '#');
	if (hash)
		url->len = (size_t)(hash - url->at);
	buffer_cstr(url);
	mark = strchr(url->at, '?');
	if (mark) {
		buffer_string(&w->query, mark + 1);
		url->len = (size_t)(mark - url->at);
		buffer_cstr(url);
	}
	host = strstr(url->at, "://");
	path = host ? strchr(host + 3, '/') : NULL;
	buffer_string(&w->path, path ? path : "/");
	return CB_OK;
}

/* Inside the quotes of a part's head, as browsers write it. */
static void put_quoted(struct buffer *to, struct cb_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '"')
			buffer_string(to, "%22");
		else if (text.at[i] != '\r' && text.at[i] != '\n')
			buffer_char(to, text.at[i]);
}

static int add_part(struct work *w, const struct cb_part *part, struct buffer *to)
{
	struct buffer file = { 0 }, value = { 0 };
	int rc = fill(w, part->name, part->value ? part->value : "", TEMPLATE_RAW, &value);

	if (rc == CB_OK && part->file)
		rc = fill(w, part->name, part->file, TEMPLATE_HEADER, &file);
	if (rc == CB_OK)
		rc = encode(w, &value);
	if (rc == CB_OK) {
		buffer_string(to, "Content-Disposition: form-data; name=\"");
		put_quoted(to, cb_text_of(part->name));
		if (part->file) {
			buffer_string(to, "\"; filename=\"");
			put_quoted(to, buffer_view(&file));
		}
		buffer_string(to, "\"\r\n");
		if (part->type)
			buffer_printf(to, "Content-Type: %s\r\n", part->type);
		buffer_string(to, "\r\n");
		buffer_text(to, buffer_view(&value));
		buffer_string(to, "\r\n");
	}
	template_wipe(&value);
	buffer_done(&file);
	return rc;
}

/*
 * What parts the parts is the digest of them all: it stands in none of them, and
 * the same request sent again is the same bytes.
 */
static int fill_parts(struct work *w)
{
	const size_t count = w->request->part_count;
	struct buffer *parts = memory_take((count + 1) * sizeof(*parts)), all = { 0 };
	char digest[CB_SHA256_HEX];
	int rc = CB_OK;

	for (size_t i = 0; i < count && rc == CB_OK; i++)
		if (w->request->parts[i].place == CB_PART_MULTI) {
			rc = add_part(w, &w->request->parts[i], &parts[i]);
			buffer_text(&all, buffer_view(&parts[i]));
		}
	cb_sha256_hex(buffer_view(&all), digest);
	snprintf(w->boundary, sizeof(w->boundary), "casebridge-%.32s", digest);
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len) {
			buffer_printf(&w->out->body, "--%s\r\n", w->boundary);
			buffer_text(&w->out->body, buffer_view(&parts[i]));
		}
		template_wipe(&parts[i]);
	}
	buffer_printf(&w->out->body, "--%s--\r\n", w->boundary);
	w->out->has_body = true;
	template_wipe(&all);
	free(parts);
	return rc;
}

static bool is_multipart(const struct cb_request *r)
{
	for (size_t i = 0; i < r->part_count; i++)
		if (r->parts[i].place == CB_PART_MULTI)
			return true;
	return false;
}

static void add_header(struct filled *out, const char *name, struct cb_text value)
{
	memory_grow(&out->headers, out->header_count, &out->header_room, sizeof(*out->headers));
	out->headers[out->header_count] = (struct buffer){ 0 };
	buffer_printf(&out->headers[out->header_count], "%s: ", name);
	buffer_text(&out->headers[out->header_count++], value);
}

static bool is_token(const char *name)
{
	for (const char *at = name; *at; at++)
		if (!strchr("!#$%&'*+-.^_`|~", *at) && !(*at >= '0' && *at <= '9') &&
		    !((*at | 32) >= 'a' && (*at | 32) <= 'z'))
			return false;
	return *name != '\0';
}

static int fill_header(struct work *w, const struct cb_part *part, bool *has_type)
{
	struct buffer value = { 0 };
	int rc;

	/* These say where the request goes and where it ends: they are ours to set. */
	if (!is_token(part->name) || strcasecmp(part->name, "Host") == 0 ||
	    strcasecmp(part->name, "Content-Length") == 0 ||
	    strcasecmp(part->name, "Transfer-Encoding") == 0 ||
	    (*w->boundary && strcasecmp(part->name, "Content-Type") == 0))
		return cb_fail(w->err, CB_SETUP, "请求头“%.60s”不能设置",
			       "the header '%.60s' cannot be set", part->name);
	rc = fill(w, part->name, part->value, TEMPLATE_HEADER, &value);
	/* A header without a value is not sent: {once} of a read, for example. */
	if (rc == CB_OK && value.len) {
		add_header(w->out, part->name, buffer_view(&value));
		*has_type |= strcasecmp(part->name, "Content-Type") == 0;
	}
	template_wipe(&value);
	return rc;
}

static void add_type(struct work *w)
{
	static const char *const types[][2] = {
		{ "json", "application/json" },
		{ "xml", "application/xml" },
		{ "soap", "text/xml" },
		{ "text", "text/plain" },
	};
	const char *media = "application/x-www-form-urlencoded", *charset = w->request->charset;
	struct buffer value = { 0 };

	for (size_t i = 0; w->request->body && i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(w->request->body_type ? w->request->body_type : "text", types[i][0]) ==
		    0)
			media = types[i][1];
	if (*w->boundary) {
		buffer_printf(&value, "multipart/form-data; boundary=%s", w->boundary);
		add_header(w->out, "Content-Type", buffer_view(&value));
		buffer_done(&value);
		return;
	}
	buffer_string(&value, media);
	/* JSON is UTF-8 by its own rules, and a form has no such parameter. */
	if (w->use.charset)
		buffer_printf(&value, "; charset=%s", charset);
	else if (w->request->body && strcmp(media, "application/json") != 0)
		buffer_string(&value, "; charset=utf-8");
	add_header(w->out, "Content-Type", buffer_view(&value));
	buffer_done(&value);
}

static int fill_headers(struct work *w)
{
	bool has_type = false;

	for (size_t i = 0; i < w->request->part_count; i++) {
		int rc = w->request->parts[i].place == CB_PART_HEADER
				 ? fill_header(w, &w->request->parts[i], &has_type)
				 : CB_OK;

		if (rc != CB_OK)
			return rc;
	}
	if (w->out->has_body && !has_type)
		add_type(w);
	return CB_OK;
}

static int fill_all(struct work *w)
{
	int rc = fill_url(w);

	if (rc == CB_OK && w->request->body)
		rc = fill_body(w);
	else if (rc == CB_OK && is_multipart(w->request))
		rc = fill_parts(w);
	else if (rc == CB_OK)
		rc = add_pairs(w, CB_PART_FORM, false, &w->out->body);
	if (rc == CB_OK)
		rc = add_pairs(w, CB_PART_PARAM, false, &w->query);
	if (rc == CB_OK)
		rc = add_pairs(w, CB_PART_PARAM, true, &w->query);
	if (rc == CB_OK && !w->request->body && !*w->boundary)
		rc = add_pairs(w, CB_PART_FORM, true, &w->out->body);
	if (rc != CB_OK)
		return rc;
	if (w->query.len) {
		buffer_char(&w->out->url, '?');
		buffer_text(&w->out->url, buffer_view(&w->query));
	}
	return fill_headers(w);
}

static int open_charset(struct work *w)
{
	enum charset charset;

	if (!w->request->charset)
		return CB_OK;
	charset = charset_named(w->request->charset);
	if (charset == CHARSET_UNKNOWN)
		return cb_fail(w->err, CB_SETUP, "不认识的字符集“%.40s”", "unknown charset '%.40s'",
			       w->request->charset);
	if (charset != CHARSET_UTF8)
		w->use.charset = charset_converter_new(charset);
	return CB_OK;
}

int fill_request(const struct net_account *account, const struct cb_request *request, int64_t now,
		 const char *nonce, struct filled *out, struct cb_error *err)
{
	struct work w = {
		.account = account, .request = request, .out = out, .nonce = nonce, .err = err
	};
	int rc;

	*out = (struct filled){ .method = request->method ? request->method : "GET" };
	snprintf(w.time, sizeof(w.time), "%lld", (long long)now);
	w.use = (struct template_use){
		.find = find, .with = &w, .now = now, .zone = account->zone
	};
	rc = open_charset(&w);
	if (rc == CB_OK)
		rc = fill_all(&w);
	charset_converter_free(w.use.charset);
	secret_done(&w.secret);
	template_wipe(&w.query);
	buffer_done(&w.path);
	return rc;
}

void filled_done(struct filled *filled)
{
	template_wipe(&filled->url);
	template_wipe(&filled->body);
	for (size_t i = 0; i < filled->header_count; i++)
		template_wipe(&filled->headers[i]);
	free(filled->headers);
	*filled = (struct filled){ 0 };
}
