/*
 * read.c - XML to records, straight from libxml2's SAX parser.
 *
 * It asks for bytes, SAX events come out, and each becomes a call of the sink:
 * no tree, no memory for a node. What the reader keeps is the number of open
 * elements, how many of them match the path to the records, and for each open
 * element of a record whether it has children and how long its text is.
 *
 * Namespaces are dropped, also in the path: soap:Body is Body.
 *
 * White space between two tags is held back until it is known whether the
 * element is a leaf; only a leaf's is announced. An element with xsi:nil="true"
 * is no node. The record's own text is announced outside any cb_enter.
 *
 * Where a record begins is the "<" of its start tag. Lines are libxml2's own
 * count of LF, exact; columns count characters, but bytes behind the end of a
 * CDATA section in the same line, because libxml2 skips its end so.
 *
 * A record with a text that is too long or too many attributes is broken and
 * the next is read; what threatens the parser itself ends the document: a
 * DOCTYPE, elements nested too deep, a start tag with too many attributes for
 * libxml2 to look at (it compares each with each).
 */
#include "xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define TAG_SHORT 16384 /* its attributes are few enough to be compared each with each */
#define PATH_MAX_STEPS 32
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

struct level {
	uint64_t text; /* bytes so far */
	bool has_child;
};

struct reader {
	const struct xml *xml;
	struct cb_sink *out;
	struct cb_error *err;
	struct cb_input *in;
	struct cb_text piece; /* of the input; what libxml2 did not ask for yet */
	xmlParserCtxtPtr parser;
	int verdict; /* anything but CB_OK: stop */

	struct cb_text path[PATH_MAX_STEPS]; /* empty with `root` and without both */
	size_t steps, matched;               /* matched: of the open elements, from the root */
	struct cb_text root;                 /* nothing: see path */

	bool has_root;      /* the root element was seen */
	bool is_end;        /* all bytes were given */
	bool is_blank;      /* and none of them said anything */
	size_t depth;       /* open elements */
	size_t record;      /* depth of the record's element; 0: outside */
	size_t skip;        /* depth of the element whose inside is passed over; 0: none */
	bool is_broken;     /* the record was given back as broken; its rest is passed over */
	struct cb_place at; /* of the record */
	struct level *levels;

	char *blank; /* white space that may be a leaf's text, and names that need an "@" */
	size_t blank_len, blank_room;

	/* A start tag that is not complete yet: how many attribute values it has so far. */
	uint64_t tag, tag_seen;
	int64_t tag_values;
	char tag_quote;
};

static int stop(struct reader *r, int verdict)
{
	r->verdict = verdict;
	xmlStopParser(r->parser);
	return verdict;
}

/* Where the parser is: the place of what it cannot give a better one. */
static void set_here(const struct reader *r, struct cb_error *err)
{
	if (!err)
		return;
	err->line = (uint32_t)r->parser->input->line;
	err->column = (uint32_t)r->parser->input->col;
}

static void take_room(struct reader *r, size_t len)
{
	if (len <= r->blank_room)
		return;
	r->blank_room = len < 256 ? 256 : 2 * len;
	r->blank = realloc(r->blank, r->blank_room);
	if (!r->blank)
		abort(); /* out of memory ends the process */
}

static struct cb_text name_of(const xmlChar *name)
{
	return (struct cb_text){ (const char *)name, strlen((const char *)name) };
}

/* The last start tag that was parsed: an attribute value cannot hold "<", so it is the last one. */
static struct cb_place tag_place(const struct reader *r)
{
	const xmlParserInput *in = r->parser->input;
	const char *base = (const char *)in->base, *cur = (const char *)in->cur;
	const char *tag = memrchr(base, '<', (size_t)(cur - base));
	struct cb_place place = { .line = (uint32_t)in->line, .column = (uint32_t)in->col };
	uint32_t back = 0;

	if (!tag)
		tag = cur;
	place.offset = in->consumed + (uint64_t)(tag - base);
	for (const char *at = tag; at < cur; at++) {
		if (*at == '\n')
			place.line--;
		back += ((unsigned char)*at & 0xc0) != 0x80;
	}
	if (place.line == (uint32_t)in->line) {
		place.column -= back;
		return place;
	}
	/* The tag has line ends in it, so the column is counted from the front. */
	place.column = 1;
	while (tag > base && tag[-1] != '\n')
		place.column += ((unsigned char)*--tag & 0xc0) != 0x80;
	return place;
}

static void record_broken(struct reader *r, const struct cb_error *why)
{
	int rc = cb_record_broken(r->out, r->at, why, r->err);

	r->is_broken = true;
	if (rc != CB_OK)
		stop(r, rc);
}

/* Is this the element of a record? Called for elements outside of records. */
static bool is_record(struct reader *r, struct cb_text name)
{
	if (r->root.at)
		return cb_text_equal(name, r->root);
	if (r->steps == 0)
		return r->depth == 1;
	if (r->matched != r->depth - 1 || !cb_text_equal(name, r->path[r->matched]))
		return false;
	return ++r->matched == r->steps;
}

static bool is_nil(const xmlChar **attributes, int count)
{
	for (int i = 0; i < count; i++, attributes += 5) {
		struct cb_text value = { (const char *)attributes[3],
					 (size_t)(attributes[4] - attributes[3]) };

		if (strcmp((const char *)attributes[0], "nil") != 0 || !attributes[1])
			continue;
		if (attributes[2] ? strcmp((const char *)attributes[2], XSI) != 0
				  : strcmp((const char *)attributes[1], "xsi") != 0)
			continue;
		return cb_text_is(value, "true") || cb_text_is(value, "1");
	}
	return false;
}

static void announce_attributes(struct reader *r, const xmlChar **attributes, int count)
{
	if (count > r->xml->attributes_max) {
		struct cb_error why;

		cb_error_set(&why, CB_BROKEN,
			     "一个元素有 %d 个属性，最多 %lld 个（attributes_max）",
			     "an element has %d attributes, at most %lld are taken "
			     "(attributes_max)",
			     count, (long long)r->xml->attributes_max);
		set_here(r, &why);
		record_broken(r, &why);
		return;
	}
	for (int i = 0; i < count; i++, attributes += 5) {
		struct cb_text name = name_of(attributes[0]);
		struct cb_text value = { (const char *)attributes[3],
					 (size_t)(attributes[4] - attributes[3]) };

		take_room(r, name.len + 1);
		r->blank[0] = '@';
		memcpy(r->blank + 1, name.at, name.len);
		cb_value(r->out, (struct cb_text){ r->blank, name.len + 1 }, value);
	}
}

/* Whether an element outside of records begins one. A root that is not the path's is a fault. */
static bool begins_record(struct reader *r, struct cb_text name)
{
	if (is_record(r, name))
		return true;
	if (r->steps && r->depth == 1 && !r->matched)
		stop(r, cb_fail(r->err, CB_BROKEN,
				"根元素是“%.*s”，records 的路径从“%.*s”开始；请核对文件或路径",
				"the document's root is '%.*s', but the path in records begins "
				"with '%.*s'; check one of the two",
				CB_TEXT_ARG(name), CB_TEXT_ARG(r->path[0])));
	return false;
}

static void open_element(void *with, const xmlChar *local, const xmlChar *prefix,
			 const xmlChar *uri, int ns_count, const xmlChar **ns, int count,
			 int defaulted, const xmlChar **attributes)
{
	struct reader *r = with;
	struct cb_text name = name_of(local);

	(void)prefix, (void)uri, (void)ns_count, (void)ns, (void)defaulted;
	if (++r->depth > (size_t)r->xml->depth) {
		stop(r, cb_fail(r->err, CB_BROKEN,
				"元素嵌套超过 %lld 层（depth）；若确有这么深，请调大 depth",
				"elements are nested deeper than %lld (depth); raise depth if the "
				"document is right",
				(long long)r->xml->depth));
		return;
	}
	r->has_root = true;
	if (r->skip || r->is_broken)
		return;
	if (r->record) {
		r->levels[r->depth - 1].has_child = true;
		r->blank_len = 0;
	} else if (!begins_record(r, name)) {
		return;
	}
	if (count && is_nil(attributes, count)) {
		r->skip = r->depth;
		return;
	}
	r->levels[r->depth] = (struct level){ 0 };
	if (!r->record) {
		r->record = r->depth;
		r->at = tag_place(r);
		cb_record_begin(r->out, r->at);
	}
	if (r->record != r->depth || r->xml->envelope)
		cb_enter(r->out, name);
	if (count)
		announce_attributes(r, attributes, count);
}

static void close_record(struct reader *r)
{
	bool is_broken = r->is_broken;
	int rc;

	r->record = 0;
	r->is_broken = false;
	if (is_broken)
		return;
	if (r->xml->envelope)
		cb_leave(r->out);
	rc = cb_record_end(r->out, r->err);
	if (rc != CB_OK)
		stop(r, rc);
}

static void close_element(void *with, const xmlChar *local, const xmlChar *prefix,
			  const xmlChar *uri)
{
	struct reader *r = with;

	(void)local, (void)prefix, (void)uri;
	if (r->skip) {
		if (r->skip == r->depth)
			r->skip = 0;
	} else if (r->record) {
		if (r->blank_len && !r->is_broken && !r->levels[r->depth].has_child)
			cb_text_part(r->out, (struct cb_text){ r->blank, r->blank_len });
		r->blank_len = 0;
		if (r->depth == r->record)
			close_record(r);
		else if (!r->is_broken)
			cb_leave(r->out);
	}
	r->depth--;
	if (r->matched > r->depth)
		r->matched = r->depth;
}

static bool is_blank(const char *at, size_t len)
{
	for (; len; at++, len--)
		if (*at != ' ' && *at != '\n' && *at != '\t' && *at != '\r')
			return false;
	return true;
}

static void take_text(void *with, const xmlChar *bytes, int count)
{
	struct reader *r = with;
	struct cb_text text = { (const char *)bytes, (size_t)count };
	struct level *level;

	if (!r->record || r->skip || r->is_broken)
		return;
	if (!text.len) /* an empty CDATA section */
		return;
	level = &r->levels[r->depth];
	level->text += text.len;
	if (level->text > (uint64_t)r->xml->text_max) {
		struct cb_error why;

		cb_error_set(&why, CB_BROKEN, "一段文字超过 %lld 字节（text_max）",
			     "a text is longer than %lld bytes (text_max)",
			     (long long)r->xml->text_max);
		set_here(r, &why);
		record_broken(r, &why);
		return;
	}
	if (is_blank(text.at, text.len)) {
		take_room(r, r->blank_len + text.len);
		memcpy(r->blank + r->blank_len, text.at, text.len);
		r->blank_len += text.len;
		return;
	}
	if (r->blank_len) {
		cb_text_part(r->out, (struct cb_text){ r->blank, r->blank_len });
		r->blank_len = 0;
	}
	cb_text_part(r->out, text);
}

static void refuse_doctype(void *with, const xmlChar *name, const xmlChar *external,
			   const xmlChar *system)
{
	struct reader *r = with;

	(void)name, (void)external, (void)system;
	cb_error_set(r->err, CB_BROKEN,
		     "文件带有 DOCTYPE 声明，为安全起见不接收；请让对方去掉它再发",
		     "the document has a DOCTYPE, which is not taken for safety; have it sent "
		     "without");
	set_here(r, r->err);
	stop(r, CB_BROKEN);
}

/* Everything was read, and it wants more. */
static bool is_cut_off(const struct reader *r, int code)
{
	const xmlParserInput *in = r->parser->input;

	return r->is_end && in->cur == in->end && (r->depth || !r->has_root) &&
	       code != XML_ERR_TAG_NAME_MISMATCH;
}

/* What libxml2 found, in our words: its own may quote what stands in the document. */
static const char *reason(const struct reader *r, int code)
{
	if (is_cut_off(r, code))
		return cb_say("文件不完整，后面被截断", "it is cut off before its end");
	switch (code) {
	case XML_ERR_DOCUMENT_EMPTY:
		return cb_say("开头不是 XML 元素", "it does not begin with an XML element");
	case XML_ERR_DOCUMENT_END:
		return cb_say("根元素之后还有内容", "there is more behind the root element");
	case XML_ERR_TAG_NAME_MISMATCH:
		return cb_say("开始标记与结束标记不配对", "start tag and end tag do not match");
	case XML_ERR_INVALID_ENCODING:
	case XML_ERR_INVALID_CHAR:
	case XML_ERR_INTERNAL_ERROR: /* a NUL between two pieces */
		return cb_say("有 XML 不允许的字符", "a character that XML does not allow");
	case XML_ERR_UNDECLARED_ENTITY:
	case XML_ERR_ENTITYREF_SEMICOL_MISSING:
	case XML_ERR_NAME_REQUIRED:
		return cb_say("“&”或“<”没有转义", "a '&' or '<' that is not escaped");
	case XML_ERR_ATTRIBUTE_REDEFINED:
		return cb_say("同一元素有两个同名属性",
			      "an element has two attributes of one name");
	case XML_ERR_LT_IN_ATTRIBUTE:
		return cb_say("属性值里有“<”", "an attribute value has a '<'");
	case XML_ERR_ATTRIBUTE_NOT_STARTED:
	case XML_ERR_ATTRIBUTE_WITHOUT_VALUE:
		return cb_say("属性值没有引号", "an attribute value without quotes");
	default:
		return cb_say("不符合 XML 语法", "it is not well-formed");
	}
}

static void take_fault(void *with, xmlErrorPtr fault)
{
	struct reader *r = with;

	if (fault->level != XML_ERR_FATAL || r->verdict != CB_OK)
		return;
	r->verdict =
		cb_fail(r->err, CB_BROKEN, "XML 有误：%s；之前的记录已收下，请让对方重发此文件",
			"broken XML: %s; the records before are taken, have the document sent "
			"again",
			reason(r, fault->code));
	if (r->err) {
		r->err->line = (uint32_t)fault->line;
		r->err->column = (uint32_t)fault->int2;
	}
}

/*
 * libxml2 asks for more of a start tag: count its attribute values before it compares each name
 * with each. Of a tag it keeps all, and of anything else next to nothing, so what is long and
 * begins with the last "<" is a tag; no attribute value has a "<" in it. Only its buffer may be
 * looked at: it may have moved, and the parser's own pointers learn that later.
 */
static int check_open_tag(struct reader *r)
{
	const xmlParserInput *in = r->parser->input;
	const char *base = (const char *)xmlBufContent(in->buf->buffer);
	const char *end = base + xmlBufUse(in->buf->buffer);
	const char *tag = memrchr(base, '<', (size_t)(end - base));
	uint64_t offset;

	/* A short one may as well come whole: it is judged when it does. */
	if (!tag || end - tag <= TAG_SHORT || strchr("!?/", tag[1]))
		return CB_OK;
	offset = in->consumed + (uint64_t)(tag - base);
	if (r->tag != offset) {
		r->tag = offset;
		r->tag_seen = r->tag_values = 0;
		r->tag_quote = '\0';
	}
	for (const char *at = tag + r->tag_seen; at < end; at++) {
		if (!r->tag_quote && (*at == '"' || *at == '\'')) {
			r->tag_quote = *at;
		} else if (r->tag_quote && *at == r->tag_quote) {
			r->tag_quote = '\0';
			r->tag_values++;
		}
	}
	r->tag_seen = (uint64_t)(end - tag);
	if (r->tag_values <= r->xml->attributes_max)
		return CB_OK;
	cb_error_set(r->err, CB_BROKEN, "一个元素有超过 %lld 个属性（attributes_max）",
		     "an element has more than %lld attributes (attributes_max)",
		     (long long)r->xml->attributes_max);
	set_here(r, r->err);
	return CB_BROKEN;
}

/* The next bytes of the input, where none of the last are left. */
static int next_piece(struct reader *r)
{
	int rc;

	if (r->piece.len)
		return CB_OK;
	rc = cb_input_next(r->in, &r->piece, r->err);
	if (rc != CB_OK)
		return rc;
	r->is_end = !r->piece.len;
	r->is_blank = r->is_blank && is_blank(r->piece.at, r->piece.len);
	return CB_OK;
}

/* What libxml2 asked for, and less only at the end: it takes a short answer for one. */
static int give_bytes(void *with, char *out, int room)
{
	struct reader *r = with;
	size_t given = 0;

	if (r->verdict == CB_OK)
		r->verdict = check_open_tag(r);
	while (r->verdict == CB_OK && !r->is_end && given < (size_t)room) {
		size_t left = (size_t)room - given, len;

		r->verdict = next_piece(r);
		len = r->piece.len < left ? r->piece.len : left;
		if (len)
			memcpy(out + given, r->piece.at, len);
		r->piece.at += len;
		r->piece.len -= len;
		given += len;
	}
	if (r->verdict == CB_OK)
		return (int)given;
	r->parser->disableSAX = 1; /* what broke off is not the document's end */
	return -1;
}

static int parse(struct reader *r)
{
	(void)xmlParseDocument(r->parser);
	if (r->is_end && r->is_blank)
		return cb_fail(r->err, CB_BROKEN, "文件是空的，应是 XML",
			       "the document is empty, expected XML");
	return r->verdict;
}

static int split_path(struct reader *r, const char *path, struct cb_error *err)
{
	while (*path == '/')
		path++;
	for (;;) {
		size_t len = strcspn(path, "/");
		const char *colon = memchr(path, ':', len);
		const char *name = colon ? colon + 1 : path;

		if (len == 0 || r->steps == PATH_MAX_STEPS)
			return cb_fail(err, CB_SETUP,
				       "records 的路径不对：第 %zu 级是空的，或多于 %d 级",
				       "the path in records is wrong: step %zu is empty, or there "
				       "are more than %d",
				       r->steps + 1, PATH_MAX_STEPS);
		r->path[r->steps++] = (struct cb_text){ name, len - (size_t)(name - path) };
		if (!path[len])
			return CB_OK;
		path += len + 1;
	}
}

static int make_parser(struct reader *r)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = open_element,
		.endElementNs = close_element,
		.characters = take_text,
		.ignorableWhitespace = take_text, /* the same, or libxml2 guesses what is blank */
		.cdataBlock = take_text,
		.internalSubset = refuse_doctype,
		.serror = take_fault,
	};
	/* NOENT: or "&amp;" in an attribute comes as "&#38;". No entity can be declared. */
	int flags = XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC;

	if (r->xml->huge)
		flags |= XML_PARSE_HUGE;
	r->parser = xmlCreateIOParserCtxt(&sax, r, give_bytes, NULL, r, XML_CHAR_ENCODING_UTF8);
	if (!r->parser)
		abort(); /* out of memory ends the process */
	/* It is known: libxml2 looks for no other in the first bytes. */
	r->parser->encoding = xmlStrdup((const xmlChar *)"UTF-8");
	if (xmlCtxtUseOptions(r->parser, flags) != 0)
		return cb_fail(r->err, CB_SETUP, "libxml2 不支持所需的选项，请检查其版本",
			       "libxml2 does not know an option we need; check its version");
	return CB_OK;
}

int xml_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err)
{
	const struct xml *xml = self;
	struct reader r = {
		.xml = xml, .out = out, .err = err, .in = in, .is_blank = true, .tag = UINT64_MAX
	};
	int rc;

	if (xml->depth < 1 || xml->depth > 1000000)
		return cb_fail(err, CB_SETUP, "depth 应在 1 到 1000000 之间",
			       "depth must be between 1 and 1000000");
	if (xml->records) {
		rc = split_path(&r, xml->records, err);
		if (rc != CB_OK)
			return rc;
	} else if (xml->root) {
		r.root = cb_text_of(xml->root);
	}
	r.levels = calloc((size_t)xml->depth + 1, sizeof(*r.levels));
	if (!r.levels)
		abort(); /* out of memory ends the process */
	rc = make_parser(&r);
	if (rc == CB_OK)
		rc = parse(&r);
	xmlFreeParserCtxt(r.parser);
	free(r.levels);
	free(r.blank);
	return rc;
}
