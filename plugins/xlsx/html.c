/*
 * html.c - a web page that calls itself .xls, as many systems export: its
 * first table with a row of two cells.
 *
 * The page was decoded by the host, so what its <meta> says is not asked.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>

#include "cell.h"
#include "table.h"

#define SLICE (64u << 10)

struct page {
	struct source *source;
	int rc;
	uint32_t row, column;
	bool in_row, in_cell, is_over; /* is_over: the first table has ended */
	size_t depth;                  /* tables inside a cell belong to its text */
	uint32_t across, down;
	uint32_t *covered; /* by column: up to which row a cell above reaches down */
	size_t covered_room;
	struct grow text;
};

static bool is(const xmlChar *name, const char *word)
{
	return strcmp((const char *)name, word) == 0;
}

/* The text without blanks at its end; "&nbsp;" alone is how pages say nothing. */
static struct cb_text shown(const struct grow *text)
{
	static const char nbsp[] = "\xc2\xa0";
	struct cb_text t = grow_view(text);
	bool is_longer = true;

	while (is_longer && t.len) {
		is_longer = strchr(" \n", t.at[t.len - 1]) != NULL;
		if (is_longer)
			t.len--;
		else if (t.len > 1 && memcmp(t.at + t.len - 2, nbsp, 2) == 0)
			is_longer = (t.len -= 2);
	}
	return t;
}

static void end_cell(struct page *p)
{
	if (!p->in_cell)
		return;
	p->in_cell = false;
	table_cell(p->source->table, p->column, CELL_TEXT, shown(&p->text));
	p->column += p->across - 1;
}

static void end_row(struct page *p)
{
	end_cell(p);
	if (p->in_row && p->rc == CB_OK)
		p->rc = table_row_end(p->source->table);
	p->in_row = false;
}

static uint32_t span(const xmlChar **attributes, const char *name)
{
	for (; attributes && attributes[0]; attributes += 2)
		if (is(attributes[0], name) && attributes[1]) {
			unsigned long n = strtoul((const char *)attributes[1], NULL, 10);

			return n > 0 && n < 1000 ? (uint32_t)n : 1;
		}
	return 1;
}

static void begin_cell(struct page *p, const xmlChar **attributes)
{
	end_cell(p);
	do
		p->column++;
	while (p->column <= p->covered_room && p->covered[p->column - 1] >= p->row);
	p->across = span(attributes, "colspan");
	p->down = span(attributes, "rowspan");
	p->text.len = 0;
	p->in_cell = true;
	if (p->across == 1 && p->down == 1)
		return;
	table_merge(p->source->table, (struct merge){ p->row, p->row + p->down - 1, p->column,
						      p->column + p->across - 1 });
	p->rc = table_merges_fit(p->source->table);
	if (p->column + p->across > p->source->xlsx->columns_max)
		return;
	if (p->column + p->across > p->covered_room) {
		size_t room = 2 * (size_t)(p->column + p->across);

		p->covered = grow_block(p->covered, room * sizeof(*p->covered));
		memset(p->covered + p->covered_room, 0,
		       (room - p->covered_room) * sizeof(*p->covered));
		p->covered_room = room;
	}
	for (uint32_t i = 0; i < p->across; i++)
		p->covered[p->column - 1 + i] = p->row + p->down - 1;
}

static void open_element(void *with, const xmlChar *name, const xmlChar **attributes)
{
	struct page *p = with;

	if (p->is_over || p->rc != CB_OK)
		return;
	if (is(name, "table"))
		p->depth++;
	if (p->depth != 1)
		return;
	if (is(name, "tr")) {
		end_row(p);
		p->in_row = true;
		p->column = 0;
		table_row(p->source->table, ++p->row);
	} else if (p->in_row && (is(name, "td") || is(name, "th"))) {
		begin_cell(p, attributes);
	} else if (p->in_cell && is(name, "br") && p->text.len) {
		grow_string(&p->text, "\n");
	}
}

static void close_element(void *with, const xmlChar *name)
{
	struct page *p = with;

	if (p->depth == 1 && (is(name, "td") || is(name, "th")))
		end_cell(p);
	else if (p->depth == 1 && is(name, "tr"))
		end_row(p);
	else if (is(name, "table") && p->depth && --p->depth == 0) {
		end_row(p);
		p->is_over |= p->source->table->has_data;
	}
}

/* Runs of blanks are one, as a browser shows them. */
static void take_text(void *with, const xmlChar *text, int len)
{
	struct page *p = with;

	if (!p->in_cell || p->text.len > TABLE_ROW_MAX)
		return;
	for (int i = 0; i < len; i++) {
		char c = (char)text[i];
		bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';

		if (is_blank && (!p->text.len || strchr(" \n", p->text.at[p->text.len - 1])))
			continue;
		grow_put(&p->text, (struct cb_text){ is_blank ? " " : &c, 1 });
	}
}

static int parse(struct page *p, struct cb_text decoded)
{
	htmlSAXHandler sax = { .startElement = open_element,
			       .endElement = close_element,
			       .characters = take_text,
			       .ignorableWhitespace = take_text,
			       .cdataBlock = take_text };
	htmlParserCtxtPtr parser =
		htmlCreatePushParserCtxt(&sax, p, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);

	if (!parser)
		abort(); /* out of memory ends the process */
	htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
					   HTML_PARSE_NOWARNING | HTML_PARSE_IGNORE_ENC);
	for (size_t at = 0; at < decoded.len && p->rc == CB_OK && !p->is_over; at += SLICE) {
		size_t len = decoded.len - at < SLICE ? decoded.len - at : SLICE;

		htmlParseChunk(parser, decoded.at + at, (int)len, 0);
	}
	if (p->rc == CB_OK)
		htmlParseChunk(parser, "", 0, 1);
	htmlFreeParserCtxt(parser);
	return p->rc;
}

int html_read(struct source *source, struct cb_text decoded)
{
	struct page p = { .source = source };
	int rc = parse(&p, decoded);

	free(p.covered);
	grow_done(&p.text);
	return rc;
}
