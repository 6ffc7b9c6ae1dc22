/*
 * template_function.c - the closed list of functions that a template may call.
 */
#include "net/template_function.h"

#include "net/query.h"
#include "net/sign.h"

/* A digest becomes hex before anything but base64 and hex looks at it. */
struct cb_text template_text(struct template_piece *p)
{
	struct buffer hex = { 0 };

	if (p->is_digest) {
		buffer_hex(&hex, p->bytes.at, p->bytes.len);
		template_wipe(&p->bytes);
		p->bytes = hex;
		p->is_digest = false;
	}
	return buffer_view(&p->bytes);
}

static void change_case(struct cb_text text, char from, char to, struct buffer *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c >= from && c <= to)
			c = (char)(unsigned char)(c ^ 32);
		buffer_char(out, c);
	}
}

/* buffer_xml, and the other quote too: a template may write its attributes with either. */
void template_xml(struct cb_text text, struct buffer *out)
{
	const char *at = text.at, *end = text.at + text.len, *quote;

	while (text.len && (quote = memchr(at, '\'', (size_t)(end - at)))) {
		buffer_xml(out, (struct cb_text){ at, (size_t)(quote - at) });
		buffer_string(out, "&#39;");
		at = quote + 1;
	}
	buffer_xml(out, (struct cb_text){ at, (size_t)(end - at) });
}

static int digest(const char *name, struct template_piece *args, struct template_piece *out,
		  struct cb_error *err)
{
	out->is_digest = true;
	return sign_digest(name, template_text(&args[0]), &out->bytes, err);
}

static int hmac(const char *name, struct template_piece *args, struct template_piece *out,
		struct cb_error *err)
{
	out->is_digest = true;
	return sign_hmac(strchr(name, '-') + 1, template_text(&args[0]), template_text(&args[1]),
			 &out->bytes, err);
}

static int sm4(const char *name, struct template_piece *args, struct template_piece *out,
	       struct cb_error *err)
{
	(void)name;
	out->is_digest = true;
	return sign_sm4(template_text(&args[0]), template_text(&args[1]), &out->bytes, err);
}

static int base64(const char *name, struct template_piece *args, struct template_piece *out,
		  struct cb_error *err)
{
	(void)name, (void)err;
	sign_base64(buffer_view(&args[0].bytes), &out->bytes);
	return CB_OK;
}

static int hex(const char *name, struct template_piece *args, struct template_piece *out,
	       struct cb_error *err)
{
	(void)name, (void)err;
	buffer_hex(&out->bytes, args[0].bytes.at, args[0].bytes.len);
	return CB_OK;
}

static int upper(const char *name, struct template_piece *args, struct template_piece *out,
		 struct cb_error *err)
{
	(void)name, (void)err;
	change_case(template_text(&args[0]), 'a', 'z', &out->bytes);
	return CB_OK;
}

static int lower(const char *name, struct template_piece *args, struct template_piece *out,
		 struct cb_error *err)
{
	(void)name, (void)err;
	change_case(template_text(&args[0]), 'A', 'Z', &out->bytes);
	return CB_OK;
}

static int url(const char *name, struct template_piece *args, struct template_piece *out,
	       struct cb_error *err)
{
	(void)name, (void)err;
	buffer_url(&out->bytes, template_text(&args[0]));
	return CB_OK;
}

static int json(const char *name, struct template_piece *args, struct template_piece *out,
		struct cb_error *err)
{
	(void)name, (void)err;
	buffer_json_inner(&out->bytes, template_text(&args[0]));
	out->escaped = TEMPLATE_JSON;
	return CB_OK;
}

static int xml(const char *name, struct template_piece *args, struct template_piece *out,
	       struct cb_error *err)
{
	(void)name, (void)err;
	template_xml(template_text(&args[0]), &out->bytes);
	out->escaped = TEMPLATE_XML;
	return CB_OK;
}

static int sorted_query(const char *name, struct template_piece *args, struct template_piece *out,
			struct cb_error *err)
{
	(void)name, (void)err;
	query_sorted(template_text(&args[0]), &out->bytes);
	return CB_OK;
}

static int sorted_pairs(const char *name, struct template_piece *args, struct template_piece *out,
			struct cb_error *err)
{
	(void)name, (void)err;
	query_pairs(template_text(&args[0]), &out->bytes);
	return CB_OK;
}

static const struct template_function functions[] = {
	{ "md5", 1, digest },
	{ "sha1", 1, digest },
	{ "sha256", 1, digest },
	{ "sm3", 1, digest },
	{ "hmac-sha256", 2, hmac },
	{ "hmac-sm3", 2, hmac },
	{ "sm4", 2, sm4 },
	{ "base64", 1, base64 },
	{ "hex", 1, hex },
	{ "upper", 1, upper },
	{ "lower", 1, lower },
	{ "url", 1, url },
	{ "json", 1, json },
	{ "xml", 1, xml },
	{ "sorted-query", 1, sorted_query },
	{ "sorted-pairs", 1, sorted_pairs },
};

const struct template_function *template_function(struct cb_text name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (cb_text_is(name, functions[i].name))
			return &functions[i];
	return NULL;
}

void template_functions_list(struct buffer *out)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		buffer_printf(out, "%s ", functions[i].name);
}
