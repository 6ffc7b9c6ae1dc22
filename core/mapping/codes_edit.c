/*
 * codes_edit.c - one more row in a code table, in the text that a person wrote.
 *
 * The new row follows the last one and looks like it: the same indentation, the
 * same order of attributes, the second one under that of the row above. A CSV
 * file keeps its charset, its line ends and its columns.
 */
#include "mapping/plan.h"

#include "base/charset.h"
#include "base/source.h"
#include "base/utf8.h"

struct edit {
	const struct codes *codes;
	const char *there, *here;
	bool is_again; /* our code is written by another row already: this one is only read */
	struct buffer *out;
};

static void put_text(struct buffer *out, const char *from, const char *to)
{
	buffer_put(out, from, (size_t)(to - from));
}

/* ------------------------------------------------------------- XML */

static const char *at_place(struct cb_text text, uint32_t line, uint32_t column)
{
	const char *end = text.at + text.len, *at = text.at;

	if (text.len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	for (; line > 1 && at < end; line--) {
		const char *next = memchr(at, '\n', (size_t)(end - at));

		at = next ? next + 1 : end;
	}
	for (; column > 1 && at < end; column--)
		for (at++; at < end && ((unsigned char)*at & 0xc0) == 0x80;)
			at++;
	return at;
}

/* Behind the element whose "<" is at @at; it has no children. */
static const char *behind_row(const char *at, const char *end)
{
	struct source_attribute attribute;

	at = source_tag_name(at, end).at;
	at += source_tag_name(at - 1, end).len;
	while (source_attribute(&at, end, &attribute))
		;
	if (at < end && *at == '/')
		return at + 2 <= end ? at + 2 : end;
	at = memmem(at, (size_t)(end - at), "</", 2);
	at = at ? memchr(at, '>', (size_t)(end - at)) : NULL;
	return at ? at + 1 : end;
}

/* A remark behind the row, on its line, stays with it. */
static const char *behind_remark(const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at)), *text = at;

	stop = stop ? stop : end;
	if (stop > at && stop[-1] == '\r')
		stop--;
	while (text < stop && (*text == ' ' || *text == '\t'))
		text++;
	if (stop - text >= 7 && memcmp(text, "<!--", 4) == 0 && memcmp(stop - 3, "-->", 3) == 0)
		return stop;
	return at;
}

static void put_attribute(struct buffer *out, const char *name, const char *value)
{
	buffer_printf(out, " %s=\"", name);
	buffer_xml(out, cb_text_of(value));
	buffer_char(out, '"');
}

/* @row: the "<" of a row to look like, or NULL. */
static void put_row(const struct edit *e, const char *row, const char *end)
{
	struct source_attribute first = { 0 }, second = { 0 };
	struct buffer tag = { 0 };
	bool is_there_first = false;
	size_t width = 0;

	if (row) {
		const char *at = row + strlen("<code");

		if (source_attribute(&at, end, &first))
			is_there_first = cb_text_is(first.name, "there");
		if (source_attribute(&at, end, &second) &&
		    cb_text_is(second.name, is_there_first ? "here" : "there"))
			width = utf8_width((struct cb_text){ row, (size_t)(second.name.at - row) });
	}
	buffer_string(&tag, "<code");
	put_attribute(&tag, is_there_first ? "there" : "here", is_there_first ? e->there : e->here);
	while (utf8_width(buffer_view(&tag)) + 1 < width)
		buffer_char(&tag, ' ');
	put_attribute(&tag, is_there_first ? "here" : "there", is_there_first ? e->here : e->there);
	if (e->is_again)
		put_attribute(&tag, "way", "in");
	buffer_string(&tag, "/>");
	buffer_text(e->out, buffer_view(&tag));
	buffer_done(&tag);
}

/* The line end and blanks in front of @at, or nothing where it does not begin its line. */
static struct cb_text indentation(struct cb_text text, const char *at)
{
	const char *from = at;

	while (from > text.at && (from[-1] == ' ' || from[-1] == '\t'))
		from--;
	if (from == text.at || from[-1] != '\n')
		return CB_TEXT("");
	from--;
	if (from > text.at && from[-1] == '\r')
		from--;
	return (struct cb_text){ from, (size_t)(at - from) };
}

static int edit_elements(const struct edit *e, struct cb_text text, uint32_t *line,
			 struct cb_error *err)
{
	const struct cb_element *last = NULL, *otherwise = NULL;
	const char *end = text.at + text.len, *at;
	const struct cb_element *stand;
	struct cb_text indent;

	for (const struct cb_element *c = e->codes->element->first; c; c = c->next) {
		last = strcmp(c->name, "code") == 0 ? c : last;
		otherwise = strcmp(c->name, "else") == 0 ? c : otherwise;
	}
	stand = last ? last : otherwise;
	at = stand ? at_place(text, stand->line, stand->column) : end;
	if (at >= end || *at != '<')
		return cb_fail(err, CB_SETUP, "代码表“%s”里没有可以照着写的行，请用编辑器加第一行",
			       "the table '%s' has no row to follow: write the first one with an "
			       "editor",
			       e->codes->name);
	indent = indentation(text, at);
	*line = stand->line;
	if (last) {
		const char *behind = behind_remark(behind_row(at, end), end);

		for (const char *c = at; c < behind; c++)
			*line += *c == '\n';
		*line += indent.len != 0;
		put_text(e->out, text.at, behind);
		buffer_text(e->out, indent);
		put_row(e, at, end);
		put_text(e->out, behind, end);
		return CB_OK;
	}
	put_text(e->out, text.at, at);
	put_row(e, NULL, end);
	buffer_text(e->out, indent);
	put_text(e->out, at, end);
	return CB_OK;
}

/* ------------------------------------------------------------- CSV */

enum { MOST_COLUMNS = 32 };

static void put_cell(struct buffer *out, const char *value)
{
	if (!strpbrk(value, ",\"\r\n")) {
		buffer_string(out, value);
		return;
	}
	buffer_char(out, '"');
	for (; *value; value++) {
		if (*value == '"')
			buffer_char(out, '"');
		buffer_char(out, *value);
	}
	buffer_char(out, '"');
}

/* Which of our columns each heading is; headings are plain words. */
static size_t read_columns(struct cb_text heading, char names[MOST_COLUMNS][16])
{
	size_t count = 0;

	for (const char *at = heading.at, *end = at + heading.len; count < MOST_COLUMNS;) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		size_t len = (size_t)(stop - at);

		if (len >= 2 && *at == '"') {
			at++;
			len -= 2;
		}
		snprintf(names[count++], 16, "%.*s", (int)(len < 15 ? len : 15), at);
		if (!comma)
			break;
		at = comma + 1;
	}
	return count;
}

/* Where a CSV has no column `way`, one more word in the row that has our code already. */
static int join_row(const struct edit *e, struct cb_text text, uint32_t *line, size_t there_column,
		    struct cb_error *err)
{
	const char *end = text.at + text.len, *at;
	const struct code_row *row = NULL;

	for (size_t i = 0; i < e->codes->count && !row; i++)
		if (e->codes->rows[i].here && strcmp(e->codes->rows[i].here, e->here) == 0)
			row = &e->codes->rows[i];
	if (!row || row->element)
		return cb_fail(err, CB_SETUP, "代码表“%s”里没有我们的代码 %s",
			       "the table '%s' does not have our code %s", e->codes->name, e->here);
	at = at_place(text, row->line, 1);
	for (size_t i = 0; i < there_column && at < end; i++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));

		at = comma ? comma + 1 : end;
	}
	at += strcspn(at, ",\r\n\"");
	if (at >= end || *at == '"')
		return cb_fail(err, CB_SETUP,
			       "第 %u 行已有我们的代码 %s，而表里没有 way 列：请用编辑器改这一行",
			       "line %u has our code %s already, and there is no column way: "
			       "change that line with an editor",
			       row->line, e->here);
	put_text(e->out, text.at, at);
	buffer_printf(e->out, "|%s", e->there);
	put_text(e->out, at, end);
	*line = row->line;
	return CB_OK;
}

static int edit_lines(const struct edit *e, struct cb_text text, uint32_t *line,
		      struct cb_error *err)
{
	const char *end = text.at + text.len;
	const char *first_end = memchr(text.at, '\n', text.len);
	char names[MOST_COLUMNS][16];
	size_t count, there = MOST_COLUMNS, way = MOST_COLUMNS;
	bool has_cr = first_end && first_end > text.at && first_end[-1] == '\r';
	const char *newline = has_cr ? "\r\n" : "\n";

	if (!first_end)
		first_end = end;
	count = read_columns(
		(struct cb_text){ text.at, (size_t)(first_end - text.at) - (has_cr ? 1 : 0) },
		names);
	for (size_t i = 0; i < count; i++) {
		there = strcmp(names[i], "there") == 0 ? i : there;
		way = strcmp(names[i], "way") == 0 ? i : way;
	}
	if (there == MOST_COLUMNS)
		return cb_fail(err, CB_SETUP, "代码表“%s”的 CSV 没有 there 列",
			       "the CSV of the table '%s' has no column there", e->codes->name);
	if (e->is_again && way == MOST_COLUMNS)
		return join_row(e, text, line, there, err);
	buffer_text(e->out, text);
	if (end > text.at && end[-1] != '\n')
		buffer_string(e->out, newline);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buffer_char(e->out, ',');
		if (strcmp(names[i], "here") == 0)
			put_cell(e->out, e->here);
		else if (strcmp(names[i], "kind") == 0)
			put_cell(e->out, cb_attribute(e->codes->element, "kind"));
		else if (i == there)
			put_cell(e->out, e->there);
		else if (i == way && e->is_again)
			buffer_string(e->out, "in");
	}
	*line = 1;
	for (size_t i = 0; i < e->out->len; i++)
		*line += e->out->at[i] == '\n';
	buffer_string(e->out, newline);
	return CB_OK;
}

static int convert(enum charset charset, bool is_decode, struct cb_text in, struct buffer *out,
		   struct cb_error *err)
{
	struct charset_converter *c = charset_converter_new(charset);
	int rc =
		is_decode ? charset_decode(c, in, true, out, err) : charset_encode(c, in, out, err);

	charset_converter_free(c);
	return rc;
}

/* In UTF-8, changed, and back in the charset that it came in. */
static int edit_csv(struct edit *e, struct cb_text bytes, uint32_t *line, struct cb_error *err)
{
	struct buffer text = { 0 }, changed = { 0 }, again = { 0 }, *out = e->out;
	struct charset_watch watch = { 0 };
	enum charset charset;
	int rc;

	charset_watch(&watch, bytes);
	rc = charset_decide(&watch, NULL, &charset, err);
	if (rc == CB_OK)
		rc = convert(charset, true, bytes, &text, err);
	if (rc == CB_OK)
		rc = convert(charset, false, buffer_view(&text), &again, err);
	if (rc == CB_OK) {
		size_t mark = bytes.len > again.len ? bytes.len - again.len : 0;

		/* Nothing but a byte order mark may get lost on the way. */
		if (mark > 3 || again.len + mark != bytes.len ||
		    memcmp(bytes.at + mark, buffer_cstr(&again), again.len) != 0)
			rc = cb_fail(err, CB_SETUP, "这个文件的字节不能原样写回，请用编辑器改",
				     "the bytes of this file cannot be written back as they are: "
				     "use an editor");
		buffer_put(out, bytes.at, mark);
	}
	e->out = &changed;
	if (rc == CB_OK)
		rc = edit_lines(e, buffer_view(&text), line, err);
	e->out = out;
	if (rc == CB_OK)
		rc = convert(charset, false, buffer_view(&changed), out, err);
	buffer_done(&text);
	buffer_done(&changed);
	buffer_done(&again);
	return rc;
}

/* ------------------------------------------------------------- both */

static const struct codes *find_codes(const struct mapping *m, const char *name)
{
	struct reader r = { .m = (struct mapping *)(uintptr_t)m };

	return codes_find(&r, name);
}

static struct cb_text source_text(const struct mapping *m, const char *file)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (strcmp(m->sources[i].file, file) == 0)
			return m->sources[i].text;
	return (struct cb_text){ 0 };
}

bool mapping_code_find(const struct mapping *m, const char *table, const char *here,
		       struct mapping_code_place *place)
{
	const struct codes *codes = find_codes(m, table);

	if (!codes)
		return false;
	*place = (struct mapping_code_place){ .file = codes->element->file };
	if (codes->count && !codes->rows[codes->count - 1].element)
		place->file = codes->rows[codes->count - 1].file;
	place->is_csv = strcmp(place->file, codes->element->file) != 0;
	for (size_t i = 0; i < codes->count; i++) {
		const struct code_row *row = &codes->rows[i];

		if (row->here && strcmp(row->here, here) == 0 && !row->outcome && !row->when)
			place->has_here = place->has_here || row->way & WAY_OUT;
	}
	return true;
}

int mapping_code_add(const struct mapping *m, const char *table, const char *there,
		     const char *here, struct buffer *out, uint32_t *line, struct cb_error *err)
{
	struct edit e = { .codes = find_codes(m, table), .there = there, .here = here, .out = out };
	struct mapping_code_place place;
	struct cb_text text;

	if (!mapping_code_find(m, table, here, &place))
		return cb_fail(err, CB_SETUP, "没有代码表“%s”", "there is no table '%s'", table);
	e.is_again = place.has_here;
	text = source_text(m, place.file);
	if (!text.at)
		return cb_fail(err, CB_SETUP, "%s：没有读到", "%s: was not read", place.file);
	return place.is_csv ? edit_csv(&e, text, line, err) : edit_elements(&e, text, line, err);
}
