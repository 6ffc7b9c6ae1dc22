/*
 * sketch_write.c - the guessed mapping as a text. What a person must decide is a comment, so
 * that the file loads as it is.
 */
#include "mapping/sketch.h"

#include "base/utf8.h"

static bool is_plain_name(struct cb_text name)
{
	const char *at = name.at, *end = at + name.len;
	bool is_first = true;

	for (; at < end; is_first = false) {
		uint32_t c = utf8_next(&at, end);
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
				 (c >= 0x4e00 && c <= 0x9fff);

		if (!is_letter &&
		    (is_first ? c != '@' && c != '#' : !((c >= '0' && c <= '9') || c == '-')))
			return false;
	}
	return name.len > 0;
}

/* @top: the row around; NULL where the name cannot be written as a path. */
const char *sketch_path(struct sketch *s, const struct seen *n, const struct seen *top)
{
	const char *name, *above;

	if (memchr(n->name.at, '\'', n->name.len))
		return NULL;
	name = is_plain_name(n->name) ? arena_printf(s->arena, "%.*s", CB_TEXT_ARG(n->name))
				      : arena_printf(s->arena, "'%.*s'", CB_TEXT_ARG(n->name));
	if (n->up == top)
		return name;
	above = sketch_path(s, n->up, top);
	return above ? arena_printf(s->arena, "%s/%s", above, name) : NULL;
}

static void attribute(struct buffer *out, const char *name, const char *text)
{
	buffer_printf(out, " %s=\"", name);
	buffer_xml(out, cb_text_of(text));
	buffer_char(out, '"');
}

/* A comment must not hold two hyphens. */
static void comment(struct buffer *out, struct cb_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '-' && (i + 1 == text.len || text.at[i + 1] == '-'))
			buffer_string(out, "- ");
		else
			buffer_char(out, (unsigned char)c < 0x20 ? ' ' : c);
	}
}

static void put_table(struct sketch *s, struct seen *n)
{
	n->number = ++s->tables;
	buffer_printf(s->out, "  <codes name=\"%s-%zu\"", n->ours->codes ? n->ours->codes : "codes",
		      n->number);
	attribute(s->out, "label", arena_printf(s->arena, "%.*s", CB_TEXT_ARG(n->name)));
	buffer_string(s->out, ">\n");
	for (size_t i = 0; i < n->distinct; i++) {
		const char *there = arena_string(s->arena, n->values[i].text);

		if (strpbrk(there, "|* ") && !strchr(there, '\''))
			there = arena_printf(s->arena, "'%s'", there);
		buffer_string(s->out, "    <code");
		attribute(s->out, "there", there);
		attribute(s->out, "hold", cb_say("待定", "to be decided"));
		buffer_string(s->out,
			      cb_say("/> <!-- TODO 把 hold 换成 here=\"我们的代码\"；见过 ",
				     "/> <!-- TODO here=\"our code\" instead of hold; seen "));
		buffer_printf(s->out, "%zu -->\n", n->values[i].count);
	}
	buffer_string(s->out, "  </codes>\n");
}

static void put_tables(struct sketch *s, struct seen *at)
{
	for (struct seen *n = at->first; n; n = n->next) {
		if (n->ours && n->ours->type == FIELD_CODE)
			put_table(s, n);
		put_tables(s, n);
	}
}

static bool is_key(const struct sketch *s, const struct seen *n, const struct seen *records)
{
	return n->ours->is_unique && table_field(s->entity, n->ours->path) == n->ours &&
	       n->said == records->times;
}

static void put_field(struct sketch *s, const struct seen *n, const struct seen *top,
		      const char *there, const char *indent)
{
	const struct field *f = n->ours;

	buffer_printf(s->out, "%s<field", indent);
	attribute(s->out, "here", f->path);
	attribute(s->out, "there", there);
	if (is_key(s, n, top))
		buffer_string(s->out, " key=\"yes\" need=\"yes\"");
	if ((f->type == FIELD_DATE || f->type == FIELD_DATETIME) && n->dates)
		buffer_printf(s->out, " type=\"%s\" format=\"%s\"",
			      f->type == FIELD_DATE ? "date" : "datetime", n->dates);
	else if (f->type == FIELD_DECIMAL || f->type == FIELD_MONEY || f->type == FIELD_INTEGER)
		buffer_printf(s->out, " type=\"%s\"",
			      f->type == FIELD_INTEGER ? "integer" : "decimal");
	else if (f->type == FIELD_CODE)
		buffer_printf(s->out, " codes=\"%s-%zu\"", f->codes ? f->codes : "codes",
			      n->number);
	else if (f->type == FIELD_FLAG)
		attribute(s->out, "format",
			  arena_printf(s->arena, "%.*s|%.*s", CB_TEXT_ARG(n->values[0].text),
				       CB_TEXT_ARG(n->values[1].text)));
	if (f->type == FIELD_TEXT && n->is)
		buffer_printf(s->out, " is=\"%s\" bad=\"warn\"", n->is);
	attribute(s->out, "label", f->label ? f->label : f->path);
	buffer_string(s->out, "/>");
	if (n->score < 0.75)
		buffer_string(s->out, cb_say(" <!-- TODO 名字只是像，请核对 -->",
					     " <!-- TODO the names are only alike: look -->"));
	else if (f->type == FIELD_FLAG)
		buffer_string(s->out, cb_say(" <!-- TODO 先写“是”后写“否”，请核对 -->",
					     " <!-- TODO yes first, then no: look -->"));
	buffer_char(s->out, '\n');
}

/* What nobody has a guess for; the values are not shown, for they may be personal. */
static void put_open(struct sketch *s, const struct seen *n, const char *there, const char *indent)
{
	const char *type = n->is          ? n->is
			   : n->dates     ? n->dates
			   : n->is_code   ? cb_say("像代码", "like codes")
			   : n->is_number ? cb_say("数字", "numbers")
			   : n->distinct  ? cb_say("文字", "text")
					 : cb_say("样本里都是空的", "always empty in the sample");
	struct buffer text = { 0 };

	buffer_printf(&text, "<field here=\"\" there=\"%s\"/>  %s", there, type);
	buffer_printf(s->out, "%s<!-- TODO ", indent);
	comment(s->out, buffer_view(&text));
	buffer_string(s->out, " -->\n");
	buffer_done(&text);
}

static void put_lines(struct sketch *s, const struct seen *at, const struct seen *top,
		      const char *indent)
{
	for (const struct seen *n = at->first; n; n = n->next) {
		const char *there = sketch_path(s, n, top);

		if (!there)
			continue;
		if (n->list) {
			buffer_printf(s->out, "%s<each", indent);
			attribute(s->out, "here", n->list->name);
			attribute(s->out, "there", there);
			attribute(s->out, "label", n->list->label ? n->list->label : n->list->name);
			buffer_string(s->out, ">\n");
			put_lines(s, n, n, arena_printf(s->arena, "%s  ", indent));
			buffer_printf(s->out, "%s</each>\n", indent);
		} else if (n->most > 1) {
			put_open(s, n, arena_printf(s->arena, "%s", there), indent);
		} else if (n->ours) {
			put_field(s, n, top, there, indent);
		} else if (n->first) {
			put_lines(s, n, top, indent);
		} else {
			put_open(s, n, there, indent);
		}
	}
}

static bool has_key(const struct sketch *s, const struct seen *at, const struct seen *records)
{
	for (const struct seen *n = at->first; n; n = n->next)
		if ((n->ours && is_key(s, n, records)) || (n->most < 2 && has_key(s, n, records)))
			return true;
	return false;
}

static void put_there(struct sketch *s, const char *format, const struct seen *records)
{
	buffer_printf(s->out, "  <there format=\"%s\"", format);
	if (strcmp(format, "table") == 0)
		buffer_string(s->out, " blank=\"/\"");
	else if (records != &s->top && strcmp(format, "xml") == 0)
		attribute(s->out, "root",
			  arena_printf(s->arena, "%.*s", CB_TEXT_ARG(records->name)));
	else if (records != &s->top)
		attribute(s->out, "records", sketch_path(s, records, &s->top));
	buffer_string(s->out, "/>\n  <here");
	attribute(s->out, "type", s->entity->name);
	buffer_string(s->out, "/>\n\n");
}

void sketch_write(struct sketch *s, struct seen *records, const char *name, const char *label,
		  const char *format)
{
	buffer_string(s->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buffer_string(
		s->out,
		cb_say("<!-- 按样本猜的第一稿：TODO 处要人定；定好后 casebridge map check 再查。 "
		       "-->\n",
		       "<!-- A first guess from a sample: decide each TODO, then casebridge map "
		       "check. -->\n"));
	buffer_string(s->out, "<mapping");
	attribute(s->out, "name", name);
	attribute(s->out, "label", label);
	buffer_string(s->out, ">\n");
	put_there(s, format, records);
	put_tables(s, records);
	if (!has_key(s, records, records))
		buffer_string(s->out,
			      cb_say("  <!-- TODO 哪个字段是记录的标识？给它加 key=\"yes\" "
				     "need=\"yes\" -->\n",
				     "  <!-- TODO which field is the identity? Give it key=\"yes\" "
				     "need=\"yes\" -->\n"));
	put_lines(s, records, records, "  ");
	buffer_string(s->out, "</mapping>\n");
}
