/*
 * sheet.c - one sheet's XML, row by row.
 *
 * Names of elements are compared by their address: libxml2 keeps each name
 * once. What the sheet says about its own size ("A1:XFD1048576") is not
 * believed, nor asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "table.h"

enum type { TYPE_NUMBER, TYPE_SHARED, TYPE_TEXT, TYPE_FLAG, TYPE_ERROR, TYPE_DATE };

struct sheet {
	struct parse parse;
	struct book *book;
	const struct book_sheet *which;
	struct table *table;
	const xmlChar *row, *cell, *value, *inlined, *text, *phonetic; /* names */

	uint32_t number, column; /* where we are, from 1 */
	bool in_row, in_cell, in_text, in_phonetic, in_inlined;
	enum type type;
	uint32_t style;
	struct grow content;
};

static uint32_t digits(const char **at, const char *end)
{
	uint32_t number = 0;

	for (; *at < end && **at >= '0' && **at <= '9' && number < 100000000; (*at)++)
		number = number * 10 + (uint32_t)(**at - '0');
	return number;
}

/* "AB12": the column, and behind it the row. */
static uint32_t letters(const char **at, const char *end)
{
	uint32_t column = 0;

	for (; *at < end && **at >= 'A' && **at <= 'Z' && column < 1000000; (*at)++)
		column = column * 26 + (uint32_t)(**at - 'A' + 1);
	return column;
}

static enum type type_of(const char *at, size_t len)
{
	static const struct {
		const char *word;
		enum type type;
	} types[] = { { "s", TYPE_SHARED },       { "n", TYPE_NUMBER }, { "str", TYPE_TEXT },
		      { "inlineStr", TYPE_TEXT }, { "b", TYPE_FLAG },   { "e", TYPE_ERROR },
		      { "d", TYPE_DATE } };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (cb_text_is((struct cb_text){ at, len }, types[i].word))
			return types[i].type;
	return TYPE_TEXT;
}

static void open_row(struct sheet *s, int count, const xmlChar **attributes)
{
	struct cb_text r = attribute(attributes, count, "r");
	const char *at = r.at;

	s->number = r.len ? digits(&at, r.at + r.len) : s->number + 1;
	s->column = 0;
	s->in_row = true;
	table_row(s->table, s->number);
}

static void open_cell(struct sheet *s, int count, const xmlChar **attributes)
{
	s->column++;
	s->type = TYPE_NUMBER;
	s->style = 0;
	s->content.len = 0;
	s->in_cell = true;
	for (int i = 0; i < count; i++) {
		const char *const *a = (const char *const *)attributes + (ptrdiff_t)i * 5;
		const char *at = a[3];

		if (a[0][0] == 'r' && !a[0][1])
			s->column = letters(&at, a[4]);
		else if (a[0][0] == 's' && !a[0][1])
			s->style = digits(&at, a[4]);
		else if (a[0][0] == 't' && !a[0][1])
			s->type = type_of(a[3], (size_t)(a[4] - a[3]));
	}
}

static void open_element(void *with, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
			 int spaces, const xmlChar **space, int count, int defaulted,
			 const xmlChar **attributes)
{
	struct sheet *s = with;

	if (s->parse.rc != CB_OK)
		return;
	if (name == s->cell && s->in_row)
		open_cell(s, count, attributes);
	else if (name == s->value && s->in_cell)
		s->in_text = true;
	else if (name == s->row)
		open_row(s, count, attributes);
	else if (name == s->inlined)
		s->in_inlined = s->in_cell;
	else if (name == s->phonetic)
		s->in_phonetic = true;
	else if (name == s->text)
		s->in_text = s->in_inlined && !s->in_phonetic;
}

static void take_text(void *with, const xmlChar *text, int len)
{
	struct sheet *s = with;

	if (!s->in_text || s->parse.rc != CB_OK)
		return;
	if (s->content.len + (size_t)len > TABLE_ROW_MAX)
		s->parse.rc = cb_fail(
			s->parse.err, CB_BROKEN, "第 %u 行有一格的文字太长（%u 字节）",
			"row %u has a cell that is too long (%u bytes)", s->number, TABLE_ROW_MAX);
	else
		grow_put(&s->content, (struct cb_text){ (const char *)text, (size_t)len });
}

static struct cb_text shared(struct sheet *s, struct cb_text index)
{
	const struct book *b = s->book;
	const char *at = index.at;
	uint32_t i = digits(&at, index.at + index.len);
	size_t begin;

	if (!index.len || i >= b->string_count) {
		s->parse.rc = cb_fail(s->parse.err, CB_BROKEN,
				      "第 %u 行的文字在工作簿里找不到（共享字符串）；请重新另存",
				      "a text of row %u is not in the workbook (shared strings); "
				      "save it again",
				      s->number);
		return (struct cb_text){ 0 };
	}
	begin = i ? b->ends[i - 1] : 0;
	return (struct cb_text){ b->strings.at + begin, b->ends[i] - begin };
}

/* "2024-03-08T00:00:00" as our other dates. */
static struct cb_text iso_date(struct cb_text text)
{
	char *t = text.len ? memchr(text.at, 'T', text.len) : NULL;

	if (t)
		*t = ' ';
	return text;
}

static void number(struct sheet *s, struct cb_text content)
{
	const struct book *b = s->book;
	struct look look = { 0 };
	char out[CELL_TEXT_MAX];
	struct cb_text text;

	if (s->style < b->look_count)
		look = b->looks[s->style];
	if (cell_written(content, look, b->is_1904, &text, out))
		table_cell(s->table, s->column, CELL_NUMBER, text);
	else
		table_cell(s->table, s->column, CELL_ERROR, CB_TEXT("#NUM!"));
}

static void close_cell(struct sheet *s)
{
	struct cb_text content = grow_view(&s->content);

	s->in_cell = s->in_inlined = false;
	if (!content.len)
		return;
	switch (s->type) {
	case TYPE_NUMBER:
		number(s, content);
		break;
	case TYPE_SHARED:
		table_cell(s->table, s->column, CELL_TEXT, shared(s, content));
		break;
	case TYPE_TEXT:
		content.len = unescape(s->content.at, content.len);
		table_cell(s->table, s->column, CELL_TEXT, content);
		break;
	case TYPE_FLAG:
		table_cell(s->table, s->column, CELL_NUMBER,
			   cb_text_is(content, "1") || cb_text_is(content, "true")
				   ? CB_TEXT("true")
				   : CB_TEXT("false"));
		break;
	case TYPE_ERROR:
		table_cell(s->table, s->column, CELL_ERROR, content);
		break;
	case TYPE_DATE:
		table_cell(s->table, s->column, CELL_NUMBER, iso_date(content));
		break;
	}
}

static void close_element(void *with, const xmlChar *name, const xmlChar *prefix,
			  const xmlChar *uri)
{
	struct sheet *s = with;

	if (s->parse.rc != CB_OK)
		return;
	if (name == s->value || name == s->text) {
		s->in_text = false;
	} else if (name == s->cell && s->in_cell) {
		close_cell(s);
	} else if (name == s->row && s->in_row) {
		s->in_row = false;
		s->parse.rc = table_row_end(s->table);
	} else if (name == s->phonetic) {
		s->in_phonetic = false;
	}
}

/*
 * Merges stand behind the rows, and are needed before: a look ahead for their words alone, which
 * costs a tenth of the parsing.
 */

#define WORD "mergeCell ref=\""
#define LONGEST ((size_t)64) /* of such a word with what it says */

struct merges {
	struct table *table;
	char tail[LONGEST];
	size_t tail_len;
};

static void take_merge(struct table *table, const char *at, const char *end)
{
	struct merge m;

	m.left = letters(&at, end);
	m.top = digits(&at, end);
	if (at == end || *at++ != ':')
		return;
	m.right = letters(&at, end);
	m.bottom = digits(&at, end);
	if (at < end && *at == '"' && m.left && m.top && m.right >= m.left && m.bottom >= m.top)
		table_merge(table, m);
}

static void look_for_merges(struct table *table, const char *at, size_t len)
{
	const char *end = at + len;

	while ((at = memmem(at, (size_t)(end - at), WORD, strlen(WORD)))) {
		at += strlen(WORD);
		take_merge(table, at, end);
	}
}

/* A word over the border of two pieces is found in the tail of one with the head of the other. */
static int take_piece(void *with, struct cb_text piece)
{
	struct merges *m = with;
	char seam[3 * LONGEST];
	size_t head = piece.len < 2 * LONGEST ? piece.len : 2 * LONGEST;
	const char *word, *end = seam + m->tail_len + head;

	memcpy(seam, m->tail, m->tail_len);
	memcpy(seam + m->tail_len, piece.at, head);
	for (word = seam; (word = memmem(word, (size_t)(end - word), WORD, strlen(WORD)));) {
		if (word >= seam + m->tail_len)
			break;
		word += strlen(WORD);
		take_merge(m->table, word, end);
	}
	look_for_merges(m->table, piece.at, piece.len);
	m->tail_len = piece.len < LONGEST ? piece.len : LONGEST;
	memcpy(m->tail, piece.at + piece.len - m->tail_len, m->tail_len);
	return CB_OK;
}

static int find_merges(void *with, struct table *table)
{
	struct sheet *s = with;
	struct merges merges = { .table = table };
	int64_t unpacked = s->book->pack.unpacked;
	int rc = pack_each(&s->book->pack, s->which->part, take_piece, &merges);

	s->book->pack.unpacked = unpacked; /* these bytes are counted by the parser */
	return rc;
}

static const xmlChar *name_of(xmlDictPtr names, const char *name)
{
	return xmlDictLookup(names, (const xmlChar *)name, -1);
}

/* The names are known once the parser is there, and its first element is. */
static void begin(void *with)
{
	struct sheet *s = with;
	xmlDictPtr names = s->parse.parser->dict;

	s->row = name_of(names, "row");
	s->cell = name_of(names, "c");
	s->value = name_of(names, "v");
	s->inlined = name_of(names, "is");
	s->text = name_of(names, "t");
	s->phonetic = name_of(names, "rPh");
}

int sheet_read(struct book *book, const struct book_sheet *which)
{
	struct sheet s = { .book = book, .which = which, .table = book->source->table };
	xmlSAXHandler sax = { .startDocument = begin,
			      .startElementNs = open_element,
			      .endElementNs = close_element,
			      .characters = take_text,
			      .ignorableWhitespace = take_text,
			      .cdataBlock = take_text };
	int rc;

	s.table->find_merges = find_merges;
	s.table->with = &s;
	rc = pack_parse(&book->pack, which->part, &sax, &s.parse);
	grow_done(&s.content);
	/* With CB_OK the rows that are kept are decided here, while the merges can be asked for. */
	if (rc == CB_OK && s.table->has_data)
		rc = table_end(s.table);
	s.table->find_merges = NULL;
	return rc;
}
