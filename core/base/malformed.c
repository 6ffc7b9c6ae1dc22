/*
 * malformed.c - libxml2 knows the rule that was broken; what stands at the place
 * tells how it came about.
 *
 * Its own sentences are for programmers, in English, and often point behind
 * the mistake. So the code is taken as a hint, and the text decides: a Chinese
 * quote, a < in a condition, a quote that was forgotten.
 */
#include "base/malformed.h"

#include <stdarg.h>
#include <stdio.h>

#include <libxml/xmlerror.h>

#include "base/source.h"
#include "base/utf8.h"

#define NAME_SHOWN 60 /* bytes of a name inside a sentence */

/* What every sentence needs. */
struct saying {
	const struct malformed *m;
	struct problems *problems;
	const char *start, *end;
};

static void say(const struct saying *s, const char *at, const char *zh, const char *en, ...)
	CB_SAYS(3, 4, 5);

static void say(const struct saying *s, const char *at, const char *zh, const char *en, ...)
{
	struct source_place place = { 1, 1 };
	char text[CB_ERROR_MAX];
	va_list args;

	va_start(args, en);
	vsnprintf(text, sizeof(text), cb_say(zh, en), args);
	va_end(args);
	source_advance(&place, s->start, at);
	problem_add(s->problems, s->m->file, place.line, place.column, "%s", "%s", text);
}

static bool begins(const char *at, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - at) >= len && memcmp(at, with, len) == 0;
}

/* A name for "%.*s", whole characters of it. */
static int shown(struct cb_text name)
{
	struct cb_text most = { name.at, NAME_SHOWN };

	return (int)(name.len <= NAME_SHOWN ? name.len : utf8_valid(most, NULL));
}

static void say_mismatch(const struct saying *s, const char *tag)
{
	const struct cb_element *open = s->m->open;
	struct cb_text name = source_tag_name(tag, s->end), opened = cb_text_of(open->name);

	say(s, tag, "结束标签 </%.*s> 配不上第 %u 行第 %u 列的 <%.*s>：这里应是 </%.*s>",
	    "the end tag </%.*s> does not match, at line %u column %u, <%.*s>: </%.*s> belongs "
	    "here",
	    shown(name), name.at, open->line, open->column, shown(opened), opened.at, shown(opened),
	    opened.at);
}

static void say_unclosed(const struct saying *s)
{
	const struct cb_element *open = s->m->open;
	struct cb_text name = cb_text_of(open->name);

	problem_add(s->problems, s->m->file, open->line, open->column,
		    "<%.*s> 没有结束：到文件末尾都没有 </%.*s>",
		    "<%.*s> does not end: there is no </%.*s> up to the end of the file",
		    shown(name), name.at, shown(name), name.at);
}

/* The text ends inside what begins at @tag. */
static void say_cut(const struct saying *s, const char *tag)
{
	static const struct {
		const char *begins, *zh, *en;
	} kinds[] = {
		{ "<!--", "注释没有结束：缺 -->", "the comment does not end: --> is missing" },
		{ "<![CDATA[", "CDATA 没有结束：缺 ]]>", "the CDATA does not end: ]]> is missing" },
		{ "<?", "处理指令没有结束：缺 ?>", "the instruction does not end: ?> is missing" },
		{ "", "标签没有结束：文件在它中间断了，或者少一个引号",
		  "the tag does not end: the file is cut, or a quote is missing" },
	};
	size_t i = 0;

	while (!begins(tag, s->end, kinds[i].begins))
		i++;
	say(s, tag, "%s", "%s", cb_say(kinds[i].zh, kinds[i].en));
}

static void say_end(const struct saying *s, const char *tag, const char *at)
{
	if (tag < s->end)
		say_cut(s, tag);
	else if (s->m->open)
		say_unclosed(s);
	else
		say(s, at, "文件里没有任何元素", "there is no element in the file");
}

/* Where the "&" is that an error at @at is about; NULL if it is about none. */
static const char *ampersand(const struct saying *s, const char *at)
{
	for (const char *back = at; back > s->start && at - back < 80; back--) {
		if (back[-1] == '&')
			return back - 1;
		if (strchr("<>\"", back[-1]))
			break;
	}
	return NULL;
}

static void say_ampersand(const struct saying *s, const char *at)
{
	const char *end = at + 1;

	while (end < s->end && end - at < 40 && !strchr(" \t\r\n&<>\"';", *end))
		end++;
	if (end < s->end && *end == ';' && end > at + 1)
		say(s, at, "不认识 %.*s：只有 &lt; &gt; &amp; &quot; &apos; 和 &#数字;",
		    "%.*s is not known: there are only &lt; &gt; &amp; &quot; &apos; and &#number;",
		    (int)(end + 1 - at), at);
	else
		say(s, at, "& 不能直接写：请写成 &amp;",
		    "a plain & cannot stand here: write &amp;");
}

static void say_character(const struct saying *s, const char *at)
{
	const char *next = at, *amp = ampersand(s, at);

	if (amp)
		say_ampersand(s, amp);
	else
		say(s, at, "XML 里不许有字符 U+%04X：请删掉",
		    "XML may not hold the character U+%04X: delete it", utf8_next(&next, s->end));
}

/* Full-width characters where only the plain ones mean something. */
static bool say_full_width(const struct saying *s, const char *at)
{
	static const struct {
		const char *wide, *plain;
	} pairs[] = {
		{ "“", "\"" }, { "”", "\"" }, { "＂", "\"" }, { "‘", "'" },  { "’", "'" },
		{ "＝", "=" }, { "＞", ">" }, { "／", "/" },  { "＜", "<" },
	};

	if ((unsigned char)*at < 0x80)
		return false;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		if (!begins(at, s->end, pairs[i].wide))
			continue;
		say(s, at, "这里是全角的 %s：标签里要用半角（英文输入法）的 %s",
		    "this is a full-width %s: inside a tag write a plain %s", pairs[i].wide,
		    pairs[i].plain);
		return true;
	}
	if (!begins(at, s->end, "　") && !begins(at, s->end, "\xc2\xa0"))
		return false;
	say(s, at, "这里是全角空格或不换行空格：标签里要用普通空格",
	    "this is a full-width or no-break space: inside a tag use a plain one");
	return true;
}

/* Full-width signs may pass as parts of a name: look for them from @tag up to @at. */
static bool say_full_width_before(const struct saying *s, const char *tag, const char *at)
{
	char quote = '\0';

	for (; tag <= at; tag++) {
		if (quote && *tag == quote)
			quote = '\0';
		else if (quote)
			continue;
		else if (*tag == '"' || *tag == '\'')
			quote = *tag;
		else if (say_full_width(s, tag))
			return true;
	}
	return false;
}

/* The name of the attribute whose "=" or value is at @at. */
static struct cb_text attribute_before(const struct saying *s, const char *at)
{
	const char *end;

	while (at > s->start && strchr("= \t\r\n", at[-1]))
		at--;
	end = at;
	while (at > s->start && !strchr(" \t\r\n<>\"'=", at[-1]))
		at--;
	return (struct cb_text){ at, (size_t)(end - at) };
}

static void say_unquoted(const struct saying *s, const char *at)
{
	struct cb_text name = attribute_before(s, at);

	say(s, at, "属性值要放在引号里：%.*s=\"…\"", "a value stands in quotes: %.*s=\"…\"",
	    shown(name), name.at);
}

static void say_no_value(const struct saying *s, const char *at)
{
	struct cb_text name = attribute_before(s, at);

	say(s, name.at, "属性 %.*s 没有值：要写 %.*s=\"…\"",
	    "the attribute %.*s has no value: write %.*s=\"…\"", shown(name), name.at, shown(name),
	    name.at);
}

/* The attribute at @at has the name of one between @from and it. */
static bool is_there_before(const char *from, struct cb_text name)
{
	struct source_attribute before;

	while (source_attribute(&from, name.at, &before))
		if (cb_text_equal(before.name, name))
			return true;
	return false;
}

static void say_twice(const struct saying *s, const char *tag, const char *at)
{
	struct cb_text name = source_tag_name(tag, s->end);
	struct source_attribute attribute;
	const char *first = name.at + name.len, *here = first;

	while (source_attribute(&here, s->end, &attribute)) {
		if (!is_there_before(first, attribute.name))
			continue;
		say(s, attribute.name.at, "属性 %.*s 写了两次", "the attribute %.*s is there twice",
		    shown(attribute.name), attribute.name.at);
		return;
	}
	/* Two prefixes for one namespace. */
	say(s, at, "有属性写了两次", "an attribute is there twice");
}

/* A declaration that begins before @at, and not at the start. */
static void say_late_declaration(const struct saying *s, const char *at)
{
	while (at > s->start && !begins(at, s->end, "<?"))
		at--;
	say(s, at, "<?xml …?> 必须在文件的最开头，前面不能有空行或空格",
	    "<?xml …?> must be the very first of the file, with no blank before it");
}

/* Two hyphens at @at or before it. */
static void say_hyphens(const struct saying *s, const char *at)
{
	while (at > s->start && !begins(at, s->end, "--"))
		at--;
	say(s, at, "注释里不能有连着的两个减号 --", "a comment may not hold two hyphens in a row");
}

/* Something that is no root element, or behind it. */
static void say_rest(const struct saying *s, const char *at)
{
	struct cb_text name = cb_text_of(s->m->root ? s->m->root->name : NULL);

	/* libxml2 stops before the blanks. */
	while (at < s->end && strchr(" \t\r\n", *at))
		at++;
	if (name.at)
		say(s, at, "最外层元素 <%.*s> 已经结束，后面不能再有内容",
		    "the outermost element <%.*s> has ended: nothing may follow it", shown(name),
		    name.at);
	else if (!say_full_width(s, at))
		say(s, at, "不是 XML 文件：应以 < 开头",
		    "this is no XML file: it should begin with <");
}

/* A name was expected at @at. */
static void say_name(const struct saying *s, const char *at)
{
	const char *before = at > s->start ? at - 1 : at;
	struct cb_text name;

	if (*before == '&') {
		say_ampersand(s, before);
	} else if (begins(before, s->end, "</")) {
		name = source_tag_name(before, s->end);
		say(s, before, "结束标签 </%.*s> 没有对应的开始标签",
		    "the end tag </%.*s> has no start tag", shown(name), name.at);
	} else if (*before == '<' || *at == '<') {
		say(s, *before == '<' ? before : at, "< 不能直接写：请写成 &lt;",
		    "a plain < cannot stand here: write &lt;");
	} else if (*at == '/') {
		say(s, at, "标签没有结束：这里应是 > 或 />",
		    "the tag does not end: > or /> belongs here");
	} else {
		say(s, at, "这里不合 XML 的写法：请检查附近的尖括号、引号和等号",
		    "this is not well-formed XML: look at the brackets, quotes and equals signs "
		    "near "
		    "here");
	}
}

static void say_in_tag(const struct saying *s, int code, const char *tag, const char *at)
{
	if (say_full_width_before(s, tag, at))
		return;
	if (code == XML_ERR_ATTRIBUTE_NOT_STARTED)
		say_unquoted(s, at);
	else if (code == XML_ERR_ATTRIBUTE_WITHOUT_VALUE)
		say_no_value(s, at);
	else if (code == XML_ERR_GT_REQUIRED)
		say(s, at, "标签没有结束：这里应是 > 或 />",
		    "the tag does not end: > or /> belongs here");
	else if (code == XML_ERR_SPACE_REQUIRED && *at != '/')
		say(s, at, "两个属性之间要有空格；也可能是前面少了或多了一个引号",
		    "a blank is needed between attributes; or a quote before it is missing or too "
		    "many");
	else
		say_name(s, at);
}

static void say_by_code(const struct saying *s, int code, const char *tag, const char *at)
{
	switch (code) {
	case XML_ERR_ATTRIBUTE_REDEFINED:
		say_twice(s, tag, at);
		break;
	case XML_ERR_LT_IN_ATTRIBUTE:
		say(s, at, "属性值里不能直接写 <：请写成 &lt;；也可能是前面少了一个引号",
		    "a plain < cannot stand in a value: write &lt;; or a quote is missing before "
		    "it");
		break;
	case XML_ERR_INVALID_CHAR:
	case XML_ERR_INVALID_HEX_CHARREF:
	case XML_ERR_INVALID_DEC_CHARREF:
	case XML_ERR_INVALID_CHARREF:
	case XML_ERR_ENTITYREF_SEMICOL_MISSING:
	case XML_ERR_UNDECLARED_ENTITY:
		say_character(s, at);
		break;
	case XML_ERR_RESERVED_XML_NAME:
		say_late_declaration(s, at);
		break;
	case XML_ERR_HYPHEN_IN_COMMENT:
		say_hyphens(s, at);
		break;
	case XML_ERR_COMMENT_NOT_FINISHED:
	case XML_ERR_CDATA_NOT_FINISHED:
	case XML_ERR_PI_NOT_FINISHED:
	case XML_ERR_TAG_NOT_FINISHED:
	case XML_ERR_ATTRIBUTE_NOT_FINISHED:
		say_end(s, tag, at);
		break;
	case XML_ERR_DOCUMENT_EMPTY:
	case XML_ERR_DOCUMENT_END:
		say_rest(s, at);
		break;
	default:
		say_in_tag(s, code, tag, at);
	}
}

void malformed_say(const struct malformed *m, int code, const char *at, struct problems *problems)
{
	const struct saying s = { m, problems, m->start, m->end };
	const char *tag = source_tag(m->cursor, m->end);

	if (begins(tag, m->end, "<!DOCTYPE"))
		say(&s, tag, "不许有 DOCTYPE：请删掉这一段，只用 &lt; &gt; &amp; &quot; &apos;",
		    "no DOCTYPE here: take it out, and use only &lt; &gt; &amp; &quot; &apos;");
	else if (code == XML_ERR_TAG_NAME_MISMATCH && m->open &&
		 memchr(tag, '>', (size_t)(m->end - tag)))
		say_mismatch(&s, tag);
	else if (at >= m->end || code == XML_ERR_TAG_NAME_MISMATCH)
		say_end(&s, tag, at);
	else
		say_by_code(&s, code, tag, at);
}
