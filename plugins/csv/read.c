/*
 * read.c - CSV to records: one scan, cells announced where they lie.
 *
 * Every piece is appended to one block (a plain copy, a few percent of the
 * scan's cost), a row is scanned once even where it comes in many pieces, and
 * its cells are announced straight out of the block when the row is complete,
 * so that a row with too few cells is never half announced.
 *
 * RFC 4180, and what real files do beyond it: rows end with CRLF, LF or CR, the
 * last one with nothing; a quote inside a bare cell is a character; what
 * follows a closing quote belongs to the cell, blanks excepted. Rows without
 * any content (an empty line, ",,,") are passed over; "" in quotes is content.
 *
 * A cell is named by its column's heading, or "#n" where the heading is empty,
 * stands twice, or is missing. Columns behind the last that has a heading may be
 * missing in a row; cells behind the heading that are empty are not announced.
 *
 * A quote that is never closed takes the rest of the document; it is one
 * broken row. A row over a limit is broken, and is passed over without being
 * kept.
 */
#include "csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAIN, CELL_END, LINE_END }; /* classes of bytes outside of quotes */

enum where {
	AT_CELL, /* at the first byte of a cell */
	IN_BARE,
	IN_QUOTES,
	AT_QUOTE, /* behind a quote within quotes: the last one, or the first of two */
	BEHIND,   /* behind the closing quote */
};

struct cell {
	size_t start, end; /* from the row's start; with its quotes, if it has some */
	bool is_quoted;
	bool is_messy; /* quotes within the quotes, or something behind them */
};

struct reader {
	const struct csv *csv;
	struct cb_sink *out;
	struct cb_error *err;
	unsigned char class[256];
	bool is_separator_known;

	char *block;
	size_t row, at, len, room; /* the row's start, the next byte to scan, the end */
	uint64_t dropped;          /* bytes of the document before the block */
	uint64_t cr_at;            /* where the last CR was: an LF behind it ends no other line */
	uint32_t line;

	/* The row that is being scanned. */
	bool is_begun;
	struct cb_place place;
	struct cell *cells;
	size_t count, cell_room;
	struct cb_error over; /* which limit it breaks; then its cells are not kept */

	/* The cell that is being scanned. */
	enum where where;
	size_t start;
	bool is_quoted, is_messy;
	uint32_t quote_line;

	int64_t titles; /* rows still to be skipped */
	bool has_heading;
	struct cb_text *names; /* of the columns */
	char *name_bytes;
	size_t columns, needed; /* needed: up to the last column with a heading */
};

static void *resize(void *old, size_t size)
{
	void *block = realloc(old, size);

	if (!block)
		abort(); /* out of memory ends the process */
	return block;
}

static void set_separators(struct reader *r, const char *separators)
{
	memset(r->class, PLAIN, sizeof(r->class));
	r->class['\r'] = r->class['\n'] = LINE_END;
	for (; *separators; separators++)
		r->class[(unsigned char)*separators] = CELL_END;
}

/* The first limit that a row breaks is the one that is told. */
static bool is_over(struct reader *r)
{
	const struct csv *csv = r->csv;
	size_t cell_end = r->start + (size_t)csv->cell_max, row_end = r->row + (size_t)csv->row_max;

	if (r->over.verdict != CB_OK)
		return true;
	if (r->count >= (size_t)csv->columns_max) /* one more has begun */
		cb_error_set(&r->over, CB_BROKEN, "这一行超过 %lld 列（columns_max）",
			     "the row has more than %lld columns (columns_max)",
			     (long long)csv->columns_max);
	else if (r->at > cell_end && cell_end <= row_end)
		cb_error_set(&r->over, CB_BROKEN, "第 %zu 格超过 %lld 字节（cell_max）",
			     "cell %zu is longer than %lld bytes (cell_max)", r->count + 1,
			     (long long)csv->cell_max);
	else if (r->at > row_end)
		cb_error_set(&r->over, CB_BROKEN, "这一行超过 %lld 字节（row_max）",
			     "the row is longer than %lld bytes (row_max)",
			     (long long)csv->row_max);
	return r->over.verdict != CB_OK;
}

static void end_cell(struct reader *r)
{
	if (is_over(r))
		return;
	if (r->count == r->cell_room) {
		r->cell_room = r->cell_room ? 2 * r->cell_room : 64;
		r->cells = resize(r->cells, r->cell_room * sizeof(*r->cells));
	}
	r->cells[r->count++] =
		(struct cell){ r->start - r->row, r->at - r->row, r->is_quoted, r->is_messy };
}

/* Is the byte at `at` an LF that belongs to the CR before it? */
static bool is_after_cr(const struct reader *r)
{
	/* The analyser does not see that append() filled the block. */
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult) */
	return r->dropped + r->at == r->cr_at + 1 && r->block[r->at] == '\n';
}

static void take_line_end(struct reader *r)
{
	if (!is_after_cr(r))
		r->line++;
	if (r->block[r->at] == '\r')
		r->cr_at = r->dropped + r->at;
	r->at++;
}

static void begin_cell(struct reader *r)
{
	r->start = r->at;
	r->is_quoted = r->block[r->at] == '"';
	r->is_messy = false;
	r->where = r->is_quoted ? IN_QUOTES : IN_BARE;
	r->quote_line = r->line;
	r->at += r->is_quoted;
}

static void scan_quoted(struct reader *r)
{
	const char *at = r->block + r->at, *end = r->block + r->len;

	while (at < end && *at != '"' && *at != '\n' && *at != '\r')
		at++;
	r->at = (size_t)(at - r->block);
	if (at == end)
		return;
	if (*at == '"') {
		r->where = AT_QUOTE;
		r->at++;
	} else {
		take_line_end(r);
	}
}

/* True when the row is complete; false: that is all there is so far. */
static bool scan_row(struct reader *r)
{
	while (r->at < r->len) {
		const unsigned char *at = (const unsigned char *)r->block + r->at;
		const unsigned char *end = (const unsigned char *)r->block + r->len;

		switch (r->where) {
		case AT_CELL:
			begin_cell(r);
			continue;
		case IN_QUOTES:
			scan_quoted(r);
			continue;
		case AT_QUOTE:
			r->where = BEHIND;
			if (*at == '"')
				r->where = IN_QUOTES;
			if (r->class[*at] == PLAIN) {
				r->is_messy = true;
				r->at++;
			}
			continue;
		case IN_BARE:
		case BEHIND:
			break;
		}
		while (at < end && r->class[*at] == PLAIN)
			at++;
		if (r->where == BEHIND && at > (const unsigned char *)r->block + r->at)
			r->is_messy = true;
		r->at = (size_t)((const char *)at - r->block);
		if (at == end)
			break;
		end_cell(r);
		r->where = AT_CELL;
		if (r->class[*at] == LINE_END) {
			take_line_end(r);
			return true;
		}
		r->start = ++r->at;
	}
	return false;
}

/* The text of a cell; quotes within quotes are mended in the block itself. */
static struct cb_text cell_text(struct reader *r, const struct cell *cell)
{
	char *at = r->block + r->row + cell->start, *end = r->block + r->row + cell->end;
	char *to, *quote, *text = at + 1;

	if (!cell->is_quoted)
		return (struct cb_text){ at, (size_t)(end - at) };
	if (!cell->is_messy)
		return (struct cb_text){ text, (size_t)(end - text - 1) };
	while (end[-1] == ' ' || end[-1] == '\t')
		end--;
	for (at = to = text; (quote = memchr(at, '"', (size_t)(end - at)));) {
		memmove(to, at, (size_t)(quote - at));
		to += quote - at;
		at = quote + 1;
		if (at == end || *at != '"')
			break; /* closed: what follows is taken as it is */
		*to++ = '"';
		at++;
	}
	memmove(to, at, (size_t)(end - at));
	to += end - at;
	return (struct cb_text){ text, (size_t)(to - text) };
}

/* How many bytes of blank stand at the front: space, tab, line end, U+00A0, U+3000, U+FEFF. */
static size_t blank_at(struct cb_text text)
{
	static const char *const wide[] = { "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf" };

	if (!text.len)
		return 0;
	if (strchr(" \t\r\n", *text.at))
		return *text.at != '\0';
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (text.len >= strlen(wide[i]) && memcmp(text.at, wide[i], strlen(wide[i])) == 0)
			return strlen(wide[i]);
	return 0;
}

static struct cb_text trim(struct cb_text text)
{
	size_t blank, end = 0;

	while ((blank = blank_at(text))) {
		text.at += blank;
		text.len -= blank;
	}
	for (size_t at = 0; at < text.len; at += blank ? blank : 1) {
		blank = blank_at((struct cb_text){ text.at + at, text.len - at });
		if (!blank)
			end = at + 1;
	}
	text.len = end;
	return text;
}

static bool is_twice(const struct cb_text *names, size_t count, size_t which)
{
	for (size_t i = 0; i < count; i++)
		if (i != which && cb_text_equal(names[i], names[which]))
			return true;
	return false;
}

/* Name the columns, by this row or, without a heading, by their positions alone. */
static void take_heading(struct reader *r)
{
	size_t room = 0;
	struct cb_text *titles;
	char *to;

	for (size_t i = 0; i < r->count; i++)
		room += r->cells[i].end - r->cells[i].start + 24;
	r->columns = r->count;
	r->names = resize(NULL, r->count * sizeof(*r->names));
	to = r->name_bytes = resize(NULL, room);
	titles = resize(NULL, r->count * sizeof(*titles));
	for (size_t i = 0; i < r->count; i++)
		titles[i] = r->csv->heading ? trim(cell_text(r, &r->cells[i])) : CB_TEXT("");
	for (size_t i = 0; i < r->count; i++) {
		size_t len = titles[i].len;

		if (len)
			r->needed = i + 1;
		if (len && !is_twice(titles, r->count, i))
			memcpy(to, titles[i].at, len);
		else
			len = (size_t)snprintf(to, 24, "#%zu", i + 1);
		r->names[i] = (struct cb_text){ to, len };
		to += len;
	}
	free(titles);
	r->has_heading = true;
}

/*
 * Which separator? The one that ends most cells of the heading line. All four
 * ended cells so far; where more than one did, the row must be scanned again.
 */
static bool is_separator_new(struct reader *r)
{
	static const char candidates[] = ",;\t|";
	size_t ends[sizeof(candidates)] = { 0 }, best = 0;
	const char *found;

	for (size_t i = 0; i + 1 < r->count; i++) {
		found = strchr(candidates, r->block[r->row + r->cells[i].end]);
		ends[found - candidates]++;
	}
	for (size_t i = 1; i < sizeof(candidates) - 1; i++)
		if (ends[i] > ends[best])
			best = i;
	set_separators(r, (char[]){ candidates[best], '\0' });
	r->is_separator_known = true;
	return ends[best] + 1 != r->count;
}

static int row_broken(struct reader *r, struct cb_error *why)
{
	why->line = r->place.line;
	why->column = 1;
	if (r->has_heading)
		return cb_record_broken(r->out, r->place, why, r->err);
	if (r->err)
		*r->err = *why;
	return CB_BROKEN; /* without a heading nothing after it has a name */
}

static int announce_row(struct reader *r)
{
	struct cb_error why;

	if (r->count < r->needed && !r->csv->is_short) {
		cb_error_set(&why, CB_BROKEN,
			     "第 %u 行只有 %zu 列，表头有 %zu 列；请补全，或设 short=yes",
			     "line %u has only %zu columns, the heading has %zu; complete it, or "
			     "set short=yes",
			     r->place.line, r->count, r->needed);
		return row_broken(r, &why);
	}
	cb_record_begin(r->out, r->place);
	for (size_t i = 0; i < r->count; i++) {
		struct cb_text text = cell_text(r, &r->cells[i]);
		char name[24];

		if (i < r->columns) {
			cb_value(r->out, r->names[i], text);
		} else if (text.len) {
			snprintf(name, sizeof(name), "#%zu", i + 1);
			cb_value(r->out, cb_text_of(name), text);
		}
	}
	return cb_record_end(r->out, r->err);
}

static bool is_row_blank(const struct reader *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->cells[i].is_quoted || r->cells[i].end != r->cells[i].start)
			return r->count == 1 && !r->cells[0].is_quoted &&
			       trim((struct cb_text){ r->block + r->row, r->cells[0].end }).len ==
				       0;
	return true;
}

static void begin_row(struct reader *r)
{
	r->row = r->at;
	r->place = (struct cb_place){ .offset = r->dropped + r->at, .line = r->line, .column = 1 };
	r->count = 0;
	r->where = AT_CELL;
	r->over.verdict = CB_OK;
	r->is_begun = true;
}

static int end_row(struct reader *r)
{
	if (r->titles) {
		r->titles--;
		return CB_OK;
	}
	if (r->over.verdict != CB_OK)
		return row_broken(r, &r->over);
	if (is_row_blank(r))
		return CB_OK;
	if (!r->has_heading) {
		take_heading(r);
		if (r->csv->heading)
			return CB_OK;
	}
	return announce_row(r);
}

/* The document ends inside a row: the end of its last cell, unless a quote is open. */
static bool close_row(struct reader *r)
{
	struct cb_error *why = &r->over;

	if (r->where == IN_QUOTES) {
		cb_error_set(why, CB_BROKEN,
			     "第 %u 行开始的引号没有闭合，之后的内容都在引号里；请补上引号",
			     "the quote that begins in line %u is never closed and takes all that "
			     "follows; close it",
			     r->quote_line);
		return false;
	}
	if (r->where == AT_CELL)
		r->is_quoted = r->is_messy = false;
	end_cell(r);
	return true;
}

static int take_rows(struct reader *r, bool is_last)
{
	bool is_whole;
	int rc;

	for (;;) {
		if (!r->is_begun) {
			if (r->at == r->len)
				return CB_OK;
			if (is_after_cr(r)) {
				r->at++;
				continue;
			}
			begin_row(r);
		}
		is_whole = scan_row(r);
		if (!is_whole && !is_last) {
			if (is_over(r))
				r->row = r->start = r->at; /* nothing of it is kept */
			return CB_OK;
		}
		if (!is_whole)
			is_whole = close_row(r);
		if (is_whole && !r->is_separator_known && !r->titles && r->over.verdict == CB_OK &&
		    !is_row_blank(r) && is_separator_new(r)) {
			r->at = r->row;
			r->line = r->place.line;
			begin_row(r);
			continue;
		}
		r->is_begun = false;
		rc = end_row(r);
		if (rc != CB_OK)
			return rc;
	}
}

/* Append a piece to the block, behind what is left of the row before. */
static void append(struct reader *r, struct cb_text piece)
{
	size_t gone = r->is_begun ? r->row : r->at;

	r->row -= r->is_begun ? gone : r->row;
	r->start -= r->is_begun ? gone : r->start;
	r->at -= gone;
	r->len -= gone;
	r->dropped += gone;
	if (r->len + piece.len > r->room) {
		char *block;

		r->room = 2 * (r->len + piece.len);
		block = resize(NULL, r->room);
		if (r->len)
			memcpy(block, r->block + gone, r->len);
		free(r->block);
		r->block = block;
	} else if (r->len && gone) {
		memmove(r->block, r->block + gone, r->len);
	}
	if (piece.len)
		memcpy(r->block + r->len, piece.at, piece.len);
	r->len += piece.len;
}

static int read_all(struct reader *r, struct cb_input *in)
{
	struct cb_text piece;
	int rc;

	do {
		rc = cb_input_next(in, &piece, r->err);
		if (rc != CB_OK)
			return rc;
		append(r, piece);
		rc = take_rows(r, piece.len == 0);
		if (rc != CB_OK)
			return rc;
	} while (piece.len);
	if (r->csv->heading && !r->has_heading)
		return cb_fail(r->err, CB_BROKEN, "文件里没有表头：是空的，或 skip 跳过了所有行",
			       "the document has no heading row: it is empty, or skip passes over "
			       "all of it");
	return CB_OK;
}

int csv_read(void *self, struct cb_input *in, struct cb_sink *out, struct cb_error *err)
{
	const struct csv *csv = self;
	struct reader r = { .csv = csv,
			    .out = out,
			    .err = err,
			    .line = 1,
			    .titles = csv->skip,
			    .cr_at = UINT64_MAX - 1 };
	int separator = csv_separator(csv->separator);
	int rc;

	if (separator < 0)
		return csv_bad_separator(err);
	if (csv->cell_max < 1 || csv->row_max < 1 || csv->columns_max < 1 || csv->skip < 0)
		return cb_fail(err, CB_SETUP,
			       "cell_max、row_max、columns_max 应大于 0，skip 不能是负数",
			       "cell_max, row_max and columns_max must be above 0, and skip not "
			       "below");
	set_separators(&r, separator ? (char[]){ (char)separator, '\0' } : ",;\t|");
	r.is_separator_known = separator != 0;
	rc = read_all(&r, in);
	free(r.block);
	free(r.cells);
	free(r.names);
	free(r.name_bytes);
	return rc;
}
