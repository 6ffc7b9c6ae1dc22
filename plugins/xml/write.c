/*
 * write.c - records to XML, an event at a time, with no spaces between tags.
 *
 * A start tag stays open until it is known that no attribute follows; so
 * attributes must come first, and an element without content is <a/>.
 *
 * A document has the elements of CB_DOCUMENT_BEGIN's path around its records.
 * Without such a path the record is the document, so there can be only one,
 * and where there is none nothing is written. Lists leave no trace in XML:
 * their items stand one after another.
 *
 * After CB_REFUSED the host drops what the record has put so far and goes on
 * with the next CB_RECORD_BEGIN or with CB_DOCUMENT_END.
 */
#include "xml.h"

#include <libxml/parserInternals.h>
#include <libxml/tree.h>

static void put(struct cb_output *out, const char *string)
{
	cb_output_put(out, cb_text_of(string));
}

static void close_tag(struct xml *xml, struct cb_output *out)
{
	if (xml->is_tag_open)
		put(out, ">");
	xml->is_tag_open = false;
}

static int check_name(struct cb_text name, struct cb_error *err)
{
	char copy[256];

	if (name.len < sizeof(copy) && name.at) {
		memcpy(copy, name.at, name.len);
		copy[name.len] = '\0';
		if (strlen(copy) == name.len && xmlValidateQName((const xmlChar *)copy, 0) == 0)
			return CB_OK;
	}
	return cb_fail(err, CB_SETUP, "“%.*s”不能作 XML 的元素名或属性名，请在映射里改名",
		       "'%.*s' cannot be the name of an XML element or attribute; change it in "
		       "the mapping",
		       CB_TEXT_ARG(name));
}

/* Which characters XML 1.0 can hold: no control characters, no U+FFFE, no U+FFFF. */
static int check_text(struct cb_text name, struct cb_text text, struct cb_error *err)
{
	const unsigned char *at = (const unsigned char *)text.at, *end = at + text.len;

	for (; at < end; at++) {
		bool is_control = *at < 0x20 && *at != '\t' && *at != '\n' && *at != '\r';
		bool is_no_char = *at == 0xef && end - at > 2 && at[1] == 0xbf && at[2] >= 0xbe;

		if (is_control || is_no_char)
			return cb_fail(err, CB_REFUSED,
				       "“%.*s”里有 XML 不允许的字符（0x%02x），请在来源处去掉",
				       "'%.*s' holds a character that XML does not allow (0x%02x); "
				       "remove it at the source",
				       CB_TEXT_ARG(name), (unsigned)*at);
	}
	return CB_OK;
}

static size_t name_start(const struct xml *xml, size_t level)
{
	return level ? xml->name_end[level - 1] : 0;
}

static int open_element(struct xml *xml, struct cb_text name, struct cb_output *out,
			struct cb_error *err)
{
	size_t start = name_start(xml, xml->open);
	int rc = check_name(name, err);

	if (rc != CB_OK)
		return rc;
	if (xml->open == XML_DEPTH_WRITTEN || start + name.len > sizeof(xml->names))
		return cb_fail(err, CB_SETUP, "元素“%.*s”嵌套太深",
			       "element '%.*s' is nested too deep", CB_TEXT_ARG(name));
	memcpy(xml->names + start, name.at, name.len);
	xml->name_end[xml->open++] = start + name.len;
	close_tag(xml, out);
	put(out, "<");
	cb_output_put(out, name);
	xml->is_tag_open = true;
	return CB_OK;
}

static void close_element(struct xml *xml, struct cb_output *out)
{
	size_t start = name_start(xml, --xml->open);

	if (xml->is_tag_open) {
		put(out, "/>");
		xml->is_tag_open = false;
		return;
	}
	put(out, "</");
	cb_output_put(out,
		      (struct cb_text){ xml->names + start, xml->name_end[xml->open] - start });
	put(out, ">");
}

/* A parser makes spaces of line ends and tabs in an attribute, unless they are written so. */
static void put_attribute(struct cb_output *out, struct cb_text text)
{
	while (text.len) {
		size_t len = 0;

		while (len < text.len && text.at[len] != '\n' && text.at[len] != '\t')
			len++;
		cb_output_put_xml(out, (struct cb_text){ text.at, len });
		if (len == text.len)
			return;
		put(out, text.at[len] == '\n' ? "&#10;" : "&#9;");
		text.at += len + 1;
		text.len -= len + 1;
	}
}

static int write_attribute(struct xml *xml, struct cb_text name, struct cb_text text,
			   struct cb_output *out, struct cb_error *err)
{
	int rc = check_name(name, err);

	if (rc != CB_OK)
		return rc;
	if (!xml->is_tag_open)
		return cb_fail(err, CB_SETUP, "属性“%.*s”必须写在元素的内容之前",
			       "attribute '%.*s' must come before the element's content",
			       CB_TEXT_ARG(name));
	put(out, " ");
	cb_output_put(out, name);
	put(out, "=\"");
	put_attribute(out, text);
	put(out, "\"");
	return CB_OK;
}

static int write_value(struct xml *xml, const struct cb_event *event, struct cb_output *out,
		       struct cb_error *err)
{
	struct cb_text name = event->name, text = event->text;
	int rc;

	if (!text.at)
		return CB_OK;
	rc = check_text(name, text, err);
	if (rc != CB_OK)
		return rc;
	if (name.len && name.at[0] == '@')
		return write_attribute(xml, (struct cb_text){ name.at + 1, name.len - 1 }, text,
				       out, err);
	if (cb_text_is(name, ".")) {
		if (text.len)
			close_tag(xml, out);
		cb_output_put_xml(out, text);
		return CB_OK;
	}
	rc = open_element(xml, name, out, err);
	if (rc != CB_OK)
		return rc;
	if (text.len)
		close_tag(xml, out);
	cb_output_put_xml(out, text);
	close_element(xml, out);
	return CB_OK;
}

static void write_head(struct xml *xml, struct cb_output *out)
{
	if (xml->in_document && !xml->has_head)
		put(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	xml->has_head = true;
}

static int begin_document(struct xml *xml, struct cb_text path, struct cb_output *out,
			  struct cb_error *err)
{
	int rc;

	xml->in_document = true;
	xml->has_head = false;
	xml->open = xml->wrapper = xml->records_written = 0;
	while (path.len) {
		const char *slash = memchr(path.at, '/', path.len);
		size_t len = slash ? (size_t)(slash - path.at) : path.len;

		write_head(xml, out);
		rc = open_element(xml, (struct cb_text){ path.at, len }, out, err);
		if (rc != CB_OK)
			return rc;
		path.at += slash ? len + 1 : len;
		path.len -= slash ? len + 1 : len;
	}
	close_tag(xml, out);
	xml->wrapper = xml->open;
	return CB_OK;
}

static int begin_record(struct xml *xml, struct cb_text name, struct cb_output *out,
			struct cb_error *err)
{
	if (!name.len)
		return cb_fail(err, CB_SETUP, "没有记录的元素名，请在映射的 there 上写 root",
			       "the record's element has no name; say root on the mapping's "
			       "<there>");
	if (xml->in_document && !xml->wrapper && xml->records_written)
		return cb_fail(
			err, CB_SETUP,
			"没有外层元素的 XML 文件只能有一条记录；请给出外层路径（如 result/events）",
			"an XML document without elements around its records holds only one; "
			"give a path such as result/events");
	xml->open = xml->wrapper; /* also behind a record that was refused */
	xml->is_tag_open = false;
	if (!xml->wrapper)
		xml->has_head = false; /* the head went with a record that was refused */
	write_head(xml, out);
	return open_element(xml, name, out, err);
}

int xml_write(void *self, const struct cb_event *event, struct cb_output *out, struct cb_error *err)
{
	struct xml *xml = self;

	switch (event->kind) {
	case CB_DOCUMENT_BEGIN:
		return begin_document(xml, event->name, out, err);
	case CB_RECORD_BEGIN:
		return begin_record(xml, event->name, out, err);
	case CB_ENTER:
		return open_element(xml, event->name, out, err);
	case CB_VALUE:
		return write_value(xml, event, out, err);
	case CB_LEAVE:
		close_element(xml, out);
		break;
	case CB_RECORD_END:
		close_element(xml, out);
		xml->records_written++;
		break;
	case CB_DOCUMENT_END:
		xml->is_tag_open = false;
		xml->open = xml->wrapper;
		while (xml->open)
			close_element(xml, out);
		break;
	case CB_LIST_BEGIN:
	case CB_LIST_END:
		break;
	}
	return CB_OK;
}
