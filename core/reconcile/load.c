/*
 * load.c - a CSV file becomes rows of numbers, on all cores.
 *
 * The text is mapped and cut into pieces. How many quotes stand before a piece
 * says whether it begins inside of a quoted cell, so that each piece finds its
 * first row alone. A batch of pieces is parsed into places and hashes, then its
 * columns are interned side by side, while threads that have no column left parse the next batch.
 * The cells of a batch stay in the cache, and
 * none of the memory grows with the file but what is distinct.
 */
#include "reconcile/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/charset.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "reconcile/parallel.h"

#define PIECE (256u << 10)
#define BATCH 16        /* pieces */
#define CELL_MOST 65536 /* bytes; of a longer one, the first so many count */
#define HEADINGS_MOST 1024
#define AHEAD 8 /* cells between one thing that is asked for and the next */
#define ROWS_MOST INT32_MAX

struct cell {
	uint64_t hash;
	uint32_t at, len; /* in the batch */
};

struct piece {
	const char *at, *end; /* the first row's begin, and where the next piece's begins */
	struct cell *cells;   /* row by row */
	size_t count, room;   /* rows */
	size_t first;         /* row in the batch */
	const char *bad;      /* a row that has more cells than headings */
};

struct row_text { /* the file, mapped or decoded */
	char *at;
	size_t len;
	bool is_mapped;
};

struct batch {
	const char *base, *end;
	struct piece pieces[BATCH];
	unsigned count; /* pieces */
};

struct load {
	struct rows *rows;
	const char *path;
	char *text, *end;
	char delimiter;
	unsigned headings;
	int wanted[HEADINGS_MOST]; /* heading to cell of a row, or -1 */
	unsigned cells;            /* in a row: columns, then id, then source */
	int id, source;            /* which of them, or -1 */
	unsigned source_number;
	const struct row_text *all_text;
	struct batch batches[2], *now, *next; /* that is interned, that is parsed */
	unsigned order[SPEC_COLUMNS + 1];     /* of interning; behind the columns, the names */
	int named;                            /* what became of the names */
	struct cb_error *err;
	bool *odd; /* by piece of the whole text: it begins inside of quotes */
	size_t all;
	atomic_bool is_broken;
};

/* The text. */

static int map_text(const char *path, struct row_text *text, struct cb_error *err)
{
	struct buffer bytes = { 0 };
	struct stat about;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = CB_OK;

	if (fd < 0 || fstat(fd, &about) != 0) {
		rc = cb_fail(err, CB_SETUP, "%s：不能读取：%s", "%s: cannot read: %s", path,
			     file_reason(errno));
	} else if (S_ISREG(about.st_mode) && about.st_size > 0) {
		/* Private: doubled quotes are undone in place. */
		text->len = (size_t)about.st_size;
		text->at = mmap(NULL, text->len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
		text->is_mapped = true;
		if (text->at == MAP_FAILED)
			rc = cb_fail(err, CB_SETUP, "%s：不能读取：%s", "%s: cannot read: %s", path,
				     file_reason(errno));
	} else if (S_ISDIR(about.st_mode)) {
		rc = cb_fail(err, CB_SETUP, "%s：不能读取：是目录", "%s: cannot read: is a folder",
			     path);
	} else {
		for (ssize_t got = 1; got > 0; bytes.len += (size_t)got) {
			buffer_room(&bytes, PIECE);
			got = read(fd, bytes.at + bytes.len, PIECE);
			if (got < 0) {
				rc = cb_fail(err, CB_SETUP, "%s：不能读取：%s",
					     "%s: cannot read: %s", path, file_reason(errno));
				break;
			}
		}
		*text = (struct row_text){ bytes.at, bytes.len, false };
	}
	if (rc != CB_OK) {
		buffer_done(&bytes);
		*text = (struct row_text){ 0 };
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

static void drop_text(struct row_text *text)
{
	if (text->is_mapped)
		munmap(text->at, text->len);
	else
		free(text->at);
	*text = (struct row_text){ 0 };
}

/* It was read, and nothing points to it; the file has it still. */
static void let_go(const struct row_text *text, const char *begin, const char *end)
{
	size_t from = (size_t)(begin - text->at) / PIECE * PIECE;
	size_t to = (size_t)(end - text->at) / PIECE * PIECE;

	if (text->is_mapped && from < to)
		madvise(text->at + from, to - from, MADV_DONTNEED);
}

static bool is_utf16(const struct row_text *text)
{
	const unsigned char *at = (const unsigned char *)text->at;

	return text->len >= 2 &&
	       ((at[0] == 0xff && at[1] == 0xfe) || (at[0] == 0xfe && at[1] == 0xff));
}

static void check_piece(void *with, size_t unit, unsigned thread)
{
	struct load *load = with;
	const char *at = load->text + unit * PIECE;
	size_t len = (size_t)(load->end - at) < PIECE ? (size_t)(load->end - at) : PIECE;
	const char *end = at + len;
	size_t quotes = 0, skip = 0;
	bool is_cut;

	while (unit && skip < len && skip < 3 && (at[skip] & 0xc0) == 0x80)
		skip++; /* the rest of a character that the piece before has begun */
	len -= skip;
	if (utf8_valid((struct cb_text){ at + skip, len }, &is_cut) != len && !is_cut)
		load->is_broken = true;
	for (const char *q = at; (q = memchr(q, '"', (size_t)(end - q))); q++)
		quotes++;
	load->odd[unit] = quotes & 1;
	let_go(load->all_text, load->text + unit * PIECE, end);
}

/* Foreign text to UTF-8, whole. */
static int decode_text(const char *path, struct row_text *text, struct cb_error *err)
{
	struct cb_text bytes = { text->at, text->len };
	struct charset_converter *converter;
	struct charset_watch watch = { 0 };
	struct buffer out = { 0 };
	enum charset charset;
	int rc;

	charset_watch(&watch, bytes);
	rc = charset_decide(&watch, NULL, &charset, err);
	if (rc == CB_OK) {
		converter = charset_converter_new(charset);
		rc = charset_decode(converter, bytes, true, &out, err);
		charset_converter_free(converter);
	}
	drop_text(text);
	if (rc != CB_OK) {
		buffer_done(&out);
		cb_error_prefix(err, "%s：", "%s: ", path);
		return rc;
	}
	*text = (struct row_text){ out.at, out.len, false };
	return CB_OK;
}

/* Look at all of it once: which characters, and where the quotes are. */
static void check_text(struct load *load, const struct row_text *text)
{
	bool odd = false;

	load->text = text->at;
	load->end = text->at + text->len;
	load->all = (text->len + PIECE - 1) / PIECE;
	load->is_broken = false;
	free(load->odd);
	load->odd = memory_take((load->all + 1) * sizeof(*load->odd));
	parallel(load->rows->threads, load->all, check_piece, load);
	for (size_t i = 0; i <= load->all; i++) {
		bool own = load->odd[i];

		load->odd[i] = odd;
		odd ^= own;
	}
	if (text->len >= 3 && memcmp(text->at, "\xef\xbb\xbf", 3) == 0)
		load->text += 3;
}

/* Cells. */

static char *end_of_line(char *at, const char *end, bool is_inside)
{
	for (; at < end; at++) {
		if (*at == '"')
			is_inside = !is_inside;
		else if (*at == '\n' && !is_inside)
			return at + 1;
	}
	return at;
}

/*
 * The next cell of a row, and @at moves behind its delimiter; true where the row ends.
 * Doubled quotes are made single ones where they stand.
 */
static inline bool next_cell(const struct load *load, char **at, char **begin, char **end)
{
	const char delimiter = load->delimiter;
	char *p = *at, *to;

	if (p < load->end && *p == '"') {
		*begin = to = ++p;
		for (; p < load->end; p++) {
			if (*p == '"' && (p + 1 == load->end || p[1] != '"'))
				break;
			p += *p == '"';
			if (to != p)
				*to = *p;
			to++;
		}
		p += p < load->end;
		while (p < load->end && *p != delimiter && *p != '\n')
			p++;
		*end = to;
	} else {
		*begin = p;
		while (p < load->end && *p != delimiter && *p != '\n')
			p++;
		*end = p > *begin && (p == load->end || *p == '\n') && p[-1] == '\r' ? p - 1 : p;
	}
	if (p >= load->end) {
		*at = load->end;
		return true;
	}
	*at = p + 1;
	return *p == '\n';
}

static void parse_piece(struct load *load, struct piece *piece)
{
	const char *base = load->next->base;
	char *at = load->text + (piece->at - load->text), *begin, *end;

	piece->count = 0;
	piece->bad = NULL;
	while (at < piece->end) {
		const char *row = at;
		struct cell *cells;
		unsigned heading = 0;
		bool is_last = false;

		if (*at == '\n' || (*at == '\r' && at + 1 < load->end && at[1] == '\n')) {
			at += *at == '\r' ? 2 : 1; /* an empty line is no record */
			continue;
		}
		memory_grow(&piece->cells, piece->count, &piece->room,
			    load->cells * sizeof(*piece->cells));
		cells = piece->cells + piece->count++ * load->cells;
		memset(cells, 0, load->cells * sizeof(*cells));
		for (; !is_last; heading++) {
			int cell = heading < load->headings ? load->wanted[heading] : -1;
			uint32_t len;

			is_last = next_cell(load, &at, &begin, &end);
			if (heading == load->headings && (!is_last || end > begin) && !piece->bad)
				piece->bad = row;
			len = (uint32_t)(end - begin > CELL_MOST ? CELL_MOST : end - begin);
			if (cell >= 0 && len)
				cells[cell] = (struct cell){ hash_bytes(begin, len, 0),
							     (uint32_t)(begin - base), len };
		}
	}
}

/* Headings. */

static char guess_delimiter(const char *at, const char *end)
{
	size_t counts[3] = { 0 };
	static const char marks[] = ",;\t";

	for (; at < end && *at != '\n'; at++)
		for (int i = 0; i < 3; i++)
			counts[i] += *at == marks[i];
	return counts[1] > counts[0] && counts[1] >= counts[2] ? ';'
	       : counts[2] > counts[0]                         ? '\t'
							       : ',';
}

static struct cb_text next_name(const char **names)
{
	struct cb_text name = { *names, strcspn(*names, "|") };

	*names += name.len + ((*names)[name.len] == '|');
	return name;
}

/* Which heading is one of @names; the number of headings if none. */
static unsigned heading_of(const struct cb_text *headings, unsigned count, const char *names)
{
	while (*names) {
		struct cb_text name = next_name(&names);

		for (unsigned i = 0; i < count; i++)
			if (cb_text_equal(headings[i], name))
				return i;
	}
	return count;
}

static int want(struct load *load, const struct cb_text *headings, const char *names, int cell,
		struct cb_error *err)
{
	const char *words[HEADINGS_MOST + 1] = { NULL }, *nearest;
	unsigned at = heading_of(headings, load->headings, names);
	struct arena arena = { 0 };

	if (at < load->headings && load->wanted[at] < 0) {
		load->wanted[at] = cell;
		return CB_OK;
	}
	if (at < load->headings)
		return cb_fail(err, CB_SETUP, "%s：表头“%s”在规格里用了两次",
			       "%s: the specification uses the heading '%s' twice", load->path,
			       names);
	for (unsigned i = 0; i < load->headings; i++)
		words[i] = arena_string(&arena, headings[i]);
	nearest = problem_nearest(names, words);
	cb_error_set(err, CB_SETUP, "%s：没有表头“%s”%s%s%s", "%s: there is no heading '%s'%s%s%s",
		     load->path, names,
		     nearest ? cb_say("；最接近的是“", "; the nearest is '") : "",
		     nearest ? nearest : "", nearest ? cb_say("”", "'") : "");
	arena_done(&arena);
	return CB_SETUP;
}

static int read_headings(struct load *load, struct cb_error *err)
{
	const struct link_spec *spec = load->rows->spec;
	struct cb_text headings[HEADINGS_MOST] = { 0 };
	char *begin, *end;
	bool is_last = load->text == load->end;
	int rc = CB_OK;

	load->delimiter = guess_delimiter(load->text, load->end);
	while (!is_last && load->headings < HEADINGS_MOST) {
		is_last = next_cell(load, &load->text, &begin, &end);
		load->wanted[load->headings] = -1;
		headings[load->headings++] =
			utf8_trim((struct cb_text){ begin, (size_t)(end - begin) });
	}
	if (!is_last || !load->headings)
		return cb_fail(err, CB_SETUP, "%s：第一行应是表头，1 到 %d 列",
			       "%s: the first line has the headings, 1 to %d of them", load->path,
			       HEADINGS_MOST);
	load->id = load->source = -1;
	for (unsigned i = 0; rc == CB_OK && i < spec->column_count; i++)
		rc = want(load, headings, spec->columns[i].from, (int)load->cells++, err);
	if (rc == CB_OK && spec->id)
		rc = want(load, headings, spec->id, load->id = (int)load->cells++, err);
	if (rc == CB_OK && spec->source)
		rc = want(load, headings, spec->source, load->source = (int)load->cells++, err);
	return rc;
}

/* Batches. */

static void intern_column(struct load *load, unsigned column)
{
	struct rows *rows = load->rows;
	struct terms *terms = &rows->column[column].terms;
	uint32_t *ids = rows->ids + rows->count * rows->columns + column;
	size_t ahead = (size_t)AHEAD * load->cells;
	const char *base = load->now->base;

	for (unsigned p = 0; p < load->now->count; p++) {
		const struct piece *piece = &load->now->pieces[p];
		const struct cell *cell = piece->cells + column;

		for (size_t i = 0; i < piece->count; i++, cell += load->cells) {
			if (i + 3 * AHEAD < piece->count) {
				terms_await_slot(terms, cell[3 * ahead].hash);
				terms_await_term(terms, cell[2 * ahead].hash);
				terms_await_text(terms, cell[ahead].hash);
				__builtin_prefetch(base + cell[ahead].at);
			}
			*ids = terms_add(terms, base + cell->at, cell->len, cell->hash, 1);
			ids += rows->columns;
		}
	}
}

static int name_row(struct load *load, const struct cell *cells, size_t record,
		    struct cb_error *err)
{
	struct rows *rows = load->rows;
	struct row_name *name = &rows->names[record];

	*name = (struct row_name){ .source = load->source_number };
	if (load->id < 0) {
		name->at = arena_printf(&rows->arena, "%zu", record + 1);
		name->len = (uint32_t)strlen(name->at);
	} else {
		const struct cell *cell = &cells[load->id];
		struct cb_text id =
			utf8_trim((struct cb_text){ load->now->base + cell->at, cell->len });

		if (!id.len)
			return cb_fail(err, CB_BROKEN, "%s：第 %zu 条记录没有编号（%s）",
				       "%s: record %zu has no id (%s)", load->path, record + 1,
				       rows->spec->id);
		name->at = texts_keep(&rows->texts, id);
		name->len = (uint32_t)id.len;
	}
	if (load->source >= 0) {
		const struct cell *cell = &cells[load->source];

		name->source = rows_source(
			rows, utf8_trim((struct cb_text){ load->now->base + cell->at, cell->len }));
		if (name->source == SOURCES_MOST)
			return cb_fail(err, CB_BROKEN, "%s：%s 列里有 %d 个以上的来源",
				       "%s: column %s has more than %d sources", load->path,
				       rows->spec->source, SOURCES_MOST);
	}
	return CB_OK;
}

static void name_rows(struct load *load)
{
	size_t record = load->rows->count;

	load->named = CB_OK;
	for (unsigned p = 0; p < load->now->count; p++) {
		const struct piece *piece = &load->now->pieces[p];

		for (size_t i = 0; load->named == CB_OK && i < piece->count; i++)
			load->named =
				name_row(load, piece->cells + i * load->cells, record++, load->err);
	}
}

/* The columns of one batch and the names, then the pieces of the next. */
static void work(void *with, size_t unit, unsigned thread)
{
	struct load *load = with;
	size_t interning = load->now->count ? (size_t)load->rows->columns + 1 : 0;

	if (unit >= interning)
		parse_piece(load, &load->next->pieces[unit - interning]);
	else if (load->order[unit] == load->rows->columns)
		name_rows(load);
	else
		intern_column(load, load->order[unit]);
}

/* What takes longest comes first, so that no thread waits for it at the end. */
static void order_columns(struct load *load)
{
	const struct rows *rows = load->rows;

	for (unsigned c = 0; c <= rows->columns; c++) {
		uint32_t terms = c < rows->columns ? rows->column[c].terms.count : 0;
		unsigned at = c;

		for (; at && rows->column[load->order[at - 1]].terms.count < terms; at--)
			load->order[at] = load->order[at - 1];
		load->order[at] = c;
	}
}

static size_t line_of(const struct load *load, const char *at)
{
	size_t line = 1;

	for (const char *p = load->all_text->at; (p = memchr(p, '\n', (size_t)(at - p))); p++)
		line++;
	return line;
}

/* The rows of the batch that was parsed, and room for them. */
static int count_rows(struct load *load, size_t *count, struct cb_error *err)
{
	const struct batch *batch = load->now;
	struct rows *rows = load->rows;

	*count = 0;
	for (unsigned i = 0; i < batch->count; i++) {
		if (batch->pieces[i].bad)
			return cb_fail(
				err, CB_BROKEN,
				"%s:%zu: 这一行的列比表头多（表头 %u 列）；是不是引号不成对？",
				"%s:%zu: the row has more cells than there are headings "
				"(%u); is a quote missing?",
				load->path, line_of(load, batch->pieces[i].bad), load->headings);
		*count += batch->pieces[i].count;
	}
	if (rows->count + *count > ROWS_MOST)
		return cb_fail(err, CB_BROKEN, "%s：记录太多，最多 %d 条",
			       "%s: too many records, at most %d", load->path, ROWS_MOST);
	rows_room(rows, *count);
	return CB_OK;
}

/* Where the first row of each piece begins, from @at on. */
static int cut_batch(struct load *load, size_t *next, char **at, const char *start,
		     struct cb_error *err)
{
	struct batch *batch = load->next;

	batch->base = *at;
	batch->count = 0;
	while (batch->count < BATCH && *at < load->end) {
		struct piece *piece = &batch->pieces[batch->count++];
		char *border = load->end;

		/* A row longer than a piece takes the next ones with it. */
		while (++*next < load->all && border == load->end) {
			const char *edge = start + *next * PIECE;

			if (edge <= *at)
				continue;
			border = end_of_line(load->text + (edge - load->text), load->end,
					     load->odd[*next]);
			if (border < load->end)
				break;
		}
		piece->at = *at;
		piece->end = *at = border;
	}
	batch->end = *at;
	if (batch->end - batch->base > UINT32_MAX)
		return cb_fail(err, CB_BROKEN, "%s：有一行比 4 GB 还长；是不是引号不成对？",
			       "%s: a row is longer than 4 GB; is a quote missing?", load->path);
	return CB_OK;
}

/* All rows, from @at on. */
static int take_rows(struct load *load, char *at, struct cb_error *err)
{
	const struct row_text *text = load->all_text;
	struct rows *rows = load->rows;
	size_t next = 0, count = 0;
	int rc;

	load->now = &load->batches[0];
	load->next = &load->batches[1];
	load->err = err;
	for (;;) {
		struct batch *done = load->now;

		rc = cut_batch(load, &next, &at, text->at, err);
		if (rc == CB_OK)
			rc = count_rows(load, &count, err);
		if (rc != CB_OK || (!load->now->count && !load->next->count))
			return rc;
		order_columns(load);
		parallel(rows->threads,
			 load->next->count + (done->count ? (size_t)rows->columns + 1 : 0), work,
			 load);
		if (done->count) {
			rows->count += count;
			let_go(text, done->base, done->end);
		}
		if (load->named != CB_OK)
			return load->named;
		load->now = load->next;
		load->next = done;
	}
}

int rows_load(struct rows *rows, const char *path, const char *source, struct cb_error *err)
{
	struct row_text text = { 0 };
	struct load load = { .rows = rows, .path = path, .all_text = &text };
	int rc = map_text(path, &text, err);

	if (rc != CB_OK)
		return rc;
	if (!is_utf16(&text))
		check_text(&load, &text);
	if (is_utf16(&text) || load.is_broken) {
		rc = decode_text(path, &text, err);
		if (rc == CB_OK)
			check_text(&load, &text);
	}
	if (rc == CB_OK) {
		load.source_number = rows->spec->source ? 0 : rows_source(rows, cb_text_of(source));
		rc = load.source_number < SOURCES_MOST
			     ? read_headings(&load, err)
			     : cb_fail(err, CB_SETUP, "最多 %d 个来源", "at most %d sources",
				       SOURCES_MOST);
	}
	if (rc == CB_OK)
		rc = take_rows(&load, load.text, err);
	for (unsigned i = 0; i < 2 * BATCH; i++)
		free(load.batches[i / BATCH].pieces[i % BATCH].cells);
	free(load.odd);
	drop_text(&text);
	return rc;
}
