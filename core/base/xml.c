/*
 * xml.c - libxml2 decides what is well-formed; a scanner beside it finds the places.
 *
 * The events come in document order, so the scanner needs only to walk on to
 * the next tag at each. The first error ends the reading: what libxml2 says
 * after it is guesswork.
 */
#include "base/xml.h"

#include <stdlib.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/buffer.h"
#include "base/charset.h"
#include "base/file.h"
#include "base/malformed.h"
#include "base/source.h"
#include "base/utf8.h"

#define FILE_MOST (8u << 20)
#define DEPTH_MOST 64

/* An element that is open. */
struct level {
	struct cb_element *element, *last; /* its last child */
	struct buffer text;
};

struct reader {
	struct arena *arena;
	struct problems *problems;
	const char *name;
	const char *start, *end; /* the text, without a byte order mark */
	const char *cursor;      /* behind the last tag that the parser told of */
	struct source_place place;
	const char *placed; /* where `place` is */
	struct level levels[DEPTH_MOST];
	size_t depth;
	struct cb_element *root;
	xmlParserCtxtPtr parser;
	bool is_over; /* a problem was said */
};

/* Places are asked for upwards, nearly always. */
static struct source_place place_of(struct reader *r, const char *at)
{
	if (at < r->placed) {
		r->placed = r->start;
		r->place = (struct source_place){ 1, 1 };
	}
	source_advance(&r->place, r->placed, at);
	r->placed = at;
	return r->place;
}

/* The one problem of this text stands at @at. */
static struct source_place stop_at(struct reader *r, const char *at)
{
	r->is_over = true;
	return place_of(r, at);
}

/*
 * Before the parser: is this text at all?
 */

static bool begins(const char *at, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - at) >= len && memcmp(at, with, len) == 0;
}

static void refuse_bytes(struct reader *r, const char *zh, const char *en)
{
	r->is_over = true;
	problem_add(r->problems, r->name, 0, 0, "%s", "%s", cb_say(zh, en));
}

static void refuse_charset(struct reader *r, struct cb_text text, const char *bad)
{
	struct source_place at = stop_at(r, bad);
	enum charset charset;
	struct charset_watch watch = { 0 };

	charset_watch(&watch, text);
	if (charset_decide(&watch, NULL, &charset, NULL) == CB_OK && charset == CHARSET_GB18030)
		problem_add(
			r->problems, r->name, at.line, at.column,
			"这个文件存成了 GBK 编码：请另存为 UTF-8（记事本：另存为 → 编码 → UTF-8）",
			"this file was saved as GBK: save it as UTF-8 (in Notepad: 另存为 → 编码 → "
			"UTF-8)");
	else
		problem_add(r->problems, r->name, at.line, at.column,
			    "字节 0x%02X 不是 UTF-8，也不是 GBK：文件损坏，或者不是文本",
			    "the byte 0x%02X is neither UTF-8 nor GBK: the file is damaged or is "
			    "no text",
			    (unsigned char)*bad);
}

/* The encoding that the XML declaration claims, or nothing. */
static struct cb_text declared_encoding(const struct reader *r)
{
	struct source_attribute attribute;
	const char *at, *end;

	if (!begins(r->start, r->end, "<?xml "))
		return (struct cb_text){ 0 };
	end = memmem(r->start, (size_t)(r->end - r->start), "?>", 2);
	at = r->start + 6;
	while (end && source_attribute(&at, end, &attribute))
		if (cb_text_is(attribute.name, "encoding"))
			return attribute.value;
	return (struct cb_text){ 0 };
}

static bool is_word(struct cb_text text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.at, word, text.len) == 0;
}

static void check_encoding(struct reader *r)
{
	struct cb_text encoding = declared_encoding(r);
	struct source_place at;

	if (!encoding.at || is_word(encoding, "utf-8") || is_word(encoding, "us-ascii"))
		return;
	at = stop_at(r, encoding.at);
	problem_add(
		r->problems, r->name, at.line, at.column,
		"只读 UTF-8 的文件，这里声明的是“%.*s”：请另存为 UTF-8（记事本：另存为 → 编码 → "
		"UTF-8），并把这里改成 UTF-8",
		"only UTF-8 is read, and this says '%.*s': save the file as UTF-8 (in Notepad: "
		"另存为 → 编码 → UTF-8) and write UTF-8 here",
		(int)(encoding.len < 40 ? encoding.len : 40), encoding.at);
}

static void check_bytes(struct reader *r, struct cb_text text)
{
	const char *nul = text.len ? memchr(text.at, '\0', text.len) : NULL;
	size_t blanks = 0, good;

	while (blanks < text.len && strchr(" \t\r\n", text.at[blanks]) && text.at[blanks])
		blanks++;
	if (blanks == text.len) {
		refuse_bytes(r, "文件是空的", "the file is empty");
		return;
	}
	if (begins(text.at, r->end, "\xff\xfe") || begins(text.at, r->end, "\xfe\xff")) {
		refuse_bytes(
			r,
			"这个文件存成了 UTF-16（Unicode）编码：请另存为 UTF-8"
			"（记事本：另存为 → 编码 → UTF-8）",
			"this file was saved as UTF-16: save it as UTF-8 (in Notepad: 另存为 → "
			"编码 → UTF-8)");
		return;
	}
	if (nul) {
		refuse_bytes(r, "不是文本文件：里面有 NUL 字节",
			     "no text file: there are NUL bytes in it");
		return;
	}
	check_encoding(r);
	good = utf8_valid(text, NULL);
	if (!r->is_over && good < text.len)
		refuse_charset(r, text, text.at + good);
}

/*
 * What the parser found.
 */

/* A name as written, from the two halves that libxml2 makes of it. */
static bool is_name(struct cb_text written, const xmlChar *prefix, const xmlChar *local)
{
	size_t before = prefix ? strlen((const char *)prefix) : 0;

	if (before) {
		if (written.len <= before || memcmp(written.at, prefix, before) != 0 ||
		    written.at[before] != ':')
			return false;
		written.at += before + 1;
		written.len -= before + 1;
	}
	return cb_text_is(written, (const char *)local);
}

/* Attributes as libxml2 hands them over. */
struct handed {
	const xmlChar **namespaces; /* prefix, URI */
	const xmlChar **attributes; /* local name, prefix, URI, value, its end */
	int namespace_count, attribute_count;
};

/* The value of the attribute, its entities resolved. */
static struct cb_text value_of(const struct handed *from, struct source_attribute written)
{
	for (int i = 0; i < from->attribute_count; i++) {
		const xmlChar **a = from->attributes + 5 * (size_t)i;

		if (is_name(written.name, a[1], a[0]))
			return (struct cb_text){ (const char *)a[3], (size_t)(a[4] - a[3]) };
	}
	for (int i = 0; i < from->namespace_count; i++) {
		const xmlChar **n = from->namespaces + 2 * (size_t)i;
		const xmlChar *xmlns = (const xmlChar *)"xmlns";

		if (n[0] ? is_name(written.name, xmlns, n[0]) : cb_text_is(written.name, "xmlns"))
			return cb_text_of((const char *)n[1]);
	}
	return written.value;
}

/* Put the attributes of the tag whose name was just read into @element, and give back its end. */
static const char *put_attributes(struct reader *r, struct cb_element *element, const char *at,
				  const struct handed *handed)
{
	size_t room = (size_t)handed->attribute_count + (size_t)handed->namespace_count;
	struct cb_attribute *all = arena_zero(r->arena, room * sizeof(*all));
	struct source_attribute written;
	size_t count = 0;

	while (count < room && source_attribute(&at, r->end, &written)) {
		struct source_place place = place_of(r, written.value.at);

		all[count++] = (struct cb_attribute){
			.name = arena_string(r->arena, written.name),
			.value = arena_string(r->arena, value_of(handed, written)),
			.line = place.line,
			.column = place.column,
		};
	}
	element->attributes = all;
	element->attribute_count = count;
	at = memchr(at, '>', (size_t)(r->end - at));
	return at ? at + 1 : r->end;
}

static void add_child(struct reader *r, struct cb_element *element)
{
	struct level *up = r->depth ? &r->levels[r->depth - 1] : NULL;

	if (!up) {
		r->root = element;
		return;
	}
	element->up = up->element;
	if (up->last)
		up->last->next = element;
	else
		up->element->first = element;
	up->last = element;
}

static void start_element(void *with, const xmlChar *local, const xmlChar *prefix,
			  const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
			  int attribute_count, int defaulted, const xmlChar **attributes)
{
	struct reader *r = with;
	struct handed handed = { namespaces, attributes, namespace_count, attribute_count };
	const char *tag;
	struct cb_element *element;
	struct cb_text name;
	struct source_place place;

	if (r->is_over)
		return;
	tag = source_tag(r->cursor, r->end);
	name = source_tag_name(tag, r->end);
	if (r->depth == DEPTH_MOST) {
		place = stop_at(r, tag);
		problem_add(r->problems, r->name, place.line, place.column,
			    "元素一层套一层，超过了 %d 层", "elements are nested deeper than %d",
			    DEPTH_MOST);
		xmlStopParser(r->parser);
		return;
	}
	place = place_of(r, tag);
	element = arena_zero(r->arena, sizeof(*element));
	element->file = r->name;
	element->line = place.line;
	element->column = place.column;
	element->name = arena_string(r->arena, name);
	r->cursor = put_attributes(r, element, name.at + name.len, &handed);
	element->inner = (struct cb_text){ r->cursor, 0 };
	add_child(r, element);
	r->levels[r->depth].element = element;
	r->levels[r->depth].last = NULL;
	buffer_clear(&r->levels[r->depth].text);
	r->depth++;
}

static void end_element(void *with, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct reader *r = with;
	struct cb_element *element;
	const char *tag;

	if (r->is_over || !r->depth)
		return;
	r->depth--;
	element = r->levels[r->depth].element;
	element->text = arena_copy(r->arena, buffer_view(&r->levels[r->depth].text));
	if (element->inner.at[-2] == '/') /* <a/> has no end tag */
		return;
	tag = source_tag(r->cursor, r->end);
	element->inner.len = (size_t)(tag - element->inner.at);
	r->cursor = memchr(tag, '>', (size_t)(r->end - tag));
	r->cursor = r->cursor ? r->cursor + 1 : r->end;
}

static void put_text(void *with, const xmlChar *bytes, int len)
{
	struct reader *r = with;

	if (!r->is_over && r->depth)
		buffer_put(&r->levels[r->depth - 1].text, bytes, (size_t)len);
}

static void say_malformed(struct reader *r, int code, const char *at)
{
	const struct malformed m = {
		.file = r->name,
		.start = r->start,
		.end = r->end,
		.cursor = r->cursor,
		.open = r->depth ? r->levels[r->depth - 1].element : NULL,
		.root = r->root,
	};

	r->is_over = true;
	malformed_say(&m, code, at, r->problems);
}

static void refuse_doctype(void *with, const xmlChar *name, const xmlChar *public,
			   const xmlChar *system)
{
	struct reader *r = with;

	if (!r->is_over)
		say_malformed(r, XML_ERR_OK, r->cursor);
	xmlStopParser(r->parser);
}

static void on_error(void *with, xmlErrorPtr error)
{
	struct reader *r = with;
	long consumed;

	/* What is wrong with namespaces only, the grammar says better. */
	if (r->is_over || error->level != XML_ERR_FATAL)
		return;
	consumed = xmlByteConsumed(r->parser);
	if (consumed < 0 || consumed > r->end - r->start)
		consumed = r->cursor - r->start;
	say_malformed(r, error->code, r->start + consumed);
}

static void parse(struct reader *r)
{
	xmlParserCtxtPtr parser = xmlCreateMemoryParserCtxt(r->start, (int)(r->end - r->start));

	if (!parser) {
		say_malformed(r, XML_ERR_INTERNAL_ERROR, r->start);
		return;
	}
	*parser->sax = (xmlSAXHandler){
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = start_element,
		.endElementNs = end_element,
		.characters = put_text,
		.ignorableWhitespace = put_text,
		.cdataBlock = put_text,
		.internalSubset = refuse_doctype,
		.serror = on_error,
	};
	parser->userData = r;
	xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
	r->parser = parser;
	xmlParseDocument(parser);
	if (!r->is_over && (!parser->wellFormed || r->depth || !r->root))
		say_malformed(r, XML_ERR_INTERNAL_ERROR, r->cursor);
	r->parser = NULL;
	xmlFreeDoc(parser->myDoc);
	xmlFreeParserCtxt(parser);
}

struct cb_element *xml_read_text(struct arena *arena, const char *name, struct cb_text text,
				 struct problems *problems)
{
	struct cb_text copy = arena_copy(arena, text.at ? text : CB_TEXT(""));
	struct reader r = {
		.arena = arena,
		.problems = problems,
		.name = arena_string(arena, cb_text_of(name)),
		.end = copy.at + copy.len,
	};

	r.start = begins(copy.at, r.end, "\xef\xbb\xbf") ? copy.at + 3 : copy.at;
	r.cursor = r.placed = r.start;
	r.place = (struct source_place){ 1, 1 };
	if (copy.len > FILE_MOST)
		refuse_bytes(&r, "文件太大：最多 8 MB", "too large: at most 8 MB");
	else
		check_bytes(&r, (struct cb_text){ r.start, (size_t)(r.end - r.start) });
	if (!r.is_over)
		parse(&r);
	for (size_t i = 0; i < DEPTH_MOST; i++)
		buffer_done(&r.levels[i].text);
	return r.is_over ? NULL : r.root;
}

struct cb_element *xml_read_file(struct arena *arena, const char *path, struct problems *problems)
{
	struct cb_element *root = NULL;
	struct buffer bytes = { 0 };
	struct cb_error err;

	if (file_read(path, FILE_MOST, &bytes, &err) != CB_OK)
		problem_unread(problems, path, &err);
	else
		root = xml_read_text(arena, path, buffer_view(&bytes), problems);
	buffer_done(&bytes);
	return root;
}
