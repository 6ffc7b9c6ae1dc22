/*
 * problem.c - collect, sort, and show the place.
 *
 * The line is read from the file again when it is shown: whoever found the
 * problem needs no source text, and a file that is gone costs the picture only.
 * A list has an end, so that a file full of nonsense stays cheap; the count of
 * errors goes on.
 */
#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/charset.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/source.h"
#include "base/utf8.h"

#define ERRORS_MOST 1000 /* kept; the others are counted */
#define WARNINGS_MOST 500
#define FILE_MOST (8u << 20)
#define WINDOW 100 /* terminal cells of a line that are shown */
#define WORD_MOST 64

/* The file's name stands behind the text in one block, so that the name may be forgotten. */
static void add(struct problems *p, const struct problem *place, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

static void add(struct problems *p, const struct problem *place, const char *format, va_list args)
{
	const char *file = place->file ? place->file : "";
	size_t file_size = strlen(file) + 1, len;
	struct problem *added;
	va_list again;

	p->errors += !place->is_warning;
	if (p->count >= (place->is_warning ? WARNINGS_MOST : ERRORS_MOST))
		return;
	memory_grow(&p->at, p->count, &p->room, sizeof(*p->at));
	added = &p->at[p->count++];
	*added = *place;
	va_copy(again, args);
	len = (size_t)vsnprintf(NULL, 0, format, again);
	va_end(again);
	added->text = memory_take(len + 1 + file_size);
	vsnprintf(added->text, len + 1, format, args);
	added->file = memcpy(added->text + len + 1, file, file_size);
}

void problem_add(struct problems *p, const char *file, uint32_t line, uint32_t column,
		 const char *zh, const char *en, ...)
{
	struct problem place = { .file = file, .line = line, .column = column };
	va_list args;

	va_start(args, en);
	add(p, &place, cb_say(zh, en), args);
	va_end(args);
}

void problem_unread(struct problems *p, const char *file, const struct cb_error *why)
{
	size_t said = strlen(file) + 2;

	problem_add(p, file, 0, 0, "%s", "%s",
		    strlen(why->text) > said ? why->text + said : why->text);
}

static struct problem place_of(const struct cb_element *element, const char *name, size_t offset)
{
	struct source_place at = source_value_place(element, name, offset);

	return (struct problem){ .file = element->file, .line = at.line, .column = at.column };
}

void problem_at(struct problems *p, const struct cb_element *element, const char *name,
		size_t offset, const char *zh, const char *en, ...)
{
	struct problem place = place_of(element, name, offset);
	va_list args;

	va_start(args, en);
	add(p, &place, cb_say(zh, en), args);
	va_end(args);
}

void problem_warn(struct problems *p, const struct cb_element *element, const char *name,
		  const char *zh, const char *en, ...)
{
	struct problem place = place_of(element, name, 0);
	va_list args;

	place.is_warning = true;
	va_start(args, en);
	add(p, &place, cb_say(zh, en), args);
	va_end(args);
}

void problem_hide(struct problems *p, const struct cb_element *element, const char *name)
{
	struct problem place = place_of(element, name, 0);

	memory_grow(&p->hidden, p->hidden_count, &p->hidden_room, sizeof(*p->hidden));
	p->hidden[p->hidden_count++] = (struct problem_line){
		.file = memory_string(place.file ? place.file : ""),
		.line = place.line,
	};
}

static bool is_hidden(const struct problems *p, const struct problem *problem)
{
	for (size_t i = 0; i < p->hidden_count; i++)
		if (p->hidden[i].line == problem->line &&
		    strcmp(p->hidden[i].file, problem->file) == 0)
			return true;
	return false;
}

void problems_done(struct problems *p)
{
	for (size_t i = 0; i < p->hidden_count; i++)
		free(p->hidden[i].file);
	free(p->hidden);
	for (size_t i = 0; i < p->count; i++)
		free(p->at[i].text);
	free(p->at);
	*p = (struct problems){ 0 };
}

/* The characters of a word, ASCII letters in lower case; 0 where it is too long or no UTF-8. */
static size_t spell(const char *word, uint32_t out[WORD_MOST])
{
	struct cb_text text = cb_text_of(word);
	const char *at = word, *end = word + text.len;
	size_t count = 0;
	bool cut;

	if (utf8_valid(text, &cut) != text.len || utf8_length(text) > WORD_MOST)
		return 0;
	while (at < end) {
		uint32_t c = utf8_next(&at, end);

		out[count++] = c >= 'A' && c <= 'Z' ? c + 32 : c;
	}
	return count;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, swap neighbours, each for one. */
static size_t distance(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	size_t rows[3][WORD_MOST + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t cost = least(above[j], row[j - 1]) + 1;

			cost = least(cost, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost = least(cost, before[j - 2] + 1);
			row[j] = cost;
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[b_len];
}

const char *problem_nearest(const char *word, const char *const *words)
{
	uint32_t ours[WORD_MOST], theirs[WORD_MOST];
	size_t len = spell(word, ours), best;
	const char *nearest = NULL;

	if (len < 3)
		return NULL;
	best = len / 3 + 1;
	for (; *words; words++) {
		size_t their_len = spell(*words, theirs), d;

		if (!their_len)
			continue;
		d = distance(ours, len, theirs, their_len);
		if (d < best) {
			best = d;
			nearest = *words;
		}
	}
	return nearest;
}

static int compare(const struct problem *a, const struct problem *b)
{
	int order = strcmp(a->file, b->file);

	if (order)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return 0;
}

static int compare_pointers(const void *a, const void *b)
{
	const struct problem *const *x = a, *const *y = b;
	int order = compare(*x, *y);

	/* At one place they stay in the order in which they were found. */
	return order ? order : *x < *y ? -1 : *x > *y;
}

/* Was the same said at the same place? What stands at one place is adjacent. */
static bool was_said(const struct problem *const *sorted, size_t i)
{
	for (size_t k = i; k > 0 && compare(sorted[k - 1], sorted[i]) == 0; k--)
		if (strcmp(sorted[k - 1]->text, sorted[i]->text) == 0)
			return true;
	return false;
}

/* Sorted by place, each once. The caller frees. */
static const struct problem **sort(const struct problems *p, size_t *count)
{
	const struct problem **sorted = memory_take(p->count * sizeof(const struct problem *));
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++)
		sorted[i] = &p->at[i];
	if (p->count)
		qsort(sorted, p->count, sizeof(const struct problem *), compare_pointers);
	for (size_t i = 0; i < p->count; i++) {
		const struct problem *this = sorted[i];

		sorted[kept] = this;
		kept += !was_said(sorted, kept);
	}
	*count = kept;
	return sorted;
}

/* The file whose lines are being shown, and how far we are in it. */
struct source {
	const char *file;
	struct buffer text; /* made valid UTF-8, without a byte order mark */
	size_t at;
	uint32_t line; /* that begins at `at`; 0: nothing to show */
};

/* Bytes of unknown kind as UTF-8 that can be shown: GBK is read, what is nothing becomes "?". */
static void put_readable(struct buffer *out, struct cb_text rest)
{
	struct charset_converter *gbk = charset_converter_new(CHARSET_GB18030);
	size_t good = utf8_valid(rest, NULL);

	if (good < rest.len && charset_decode(gbk, rest, true, out, NULL) == CB_OK)
		rest.len = 0;
	else
		buffer_clear(out);
	while (rest.len) {
		good = utf8_valid(rest, NULL);
		buffer_put(out, rest.at, good);
		if (good == rest.len)
			break;
		buffer_char(out, '?');
		rest = (struct cb_text){ rest.at + good + 1, rest.len - good - 1 };
	}
	charset_converter_free(gbk);
}

static void source_open(struct source *s, const char *file)
{
	struct buffer raw = { 0 };
	struct cb_text rest;

	s->file = file;
	s->line = 0;
	s->at = 0;
	buffer_clear(&s->text);
	if (file_read(file, FILE_MOST, &raw, NULL) != CB_OK)
		goto done;
	s->line = 1;
	rest = buffer_view(&raw);
	if (rest.len >= 3 && memcmp(rest.at, "\xef\xbb\xbf", 3) == 0)
		rest = (struct cb_text){ rest.at + 3, rest.len - 3 };
	put_readable(&s->text, rest);
done:
	buffer_done(&raw);
}

/* The line, without its end; nothing where the file has no such line. Lines are asked for upwards.
 */
static struct cb_text source_line(struct source *s, uint32_t line)
{
	const char *end;

	if (!s->line || line < s->line)
		return (struct cb_text){ 0 };
	for (; s->line < line; s->line++) {
		end = memchr(s->text.at + s->at, '\n', s->text.len - s->at);
		if (!end) {
			s->line = 0;
			return (struct cb_text){ 0 };
		}
		s->at = (size_t)(end - s->text.at) + 1;
	}
	if (s->at == s->text.len)
		return (struct cb_text){ 0 };
	end = memchr(s->text.at + s->at, '\n', s->text.len - s->at);
	if (!end)
		end = s->text.at + s->text.len;
	if (end > s->text.at + s->at && end[-1] == '\r')
		end--;
	return (struct cb_text){ s->text.at + s->at, (size_t)(end - (s->text.at + s->at)) };
}

/* Control characters would move the cursor of a terminal: each is shown as one blank. */
static uint32_t shown(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ? ' ' : c;
}

/* Go on from @from while the characters fit into @room cells, and take the cells away. */
static const char *walk(const char *from, const char *end, int *room)
{
	while (from < end) {
		const char *next = from;
		int width = utf8_width_of(shown(utf8_next(&next, end)));

		if (width > *room)
			break;
		*room -= width;
		from = next;
	}
	return from;
}

static const char *walk_back(const char *from, const char *start, int *room)
{
	while (from > start) {
		const char *before = from - 1, *at;
		int width;

		while (before > start && ((unsigned char)*before & 0xc0) == 0x80)
			before--;
		at = before;
		width = utf8_width_of(shown(utf8_next(&at, from)));
		if (width > *room)
			break;
		*room -= width;
		from = before;
	}
	return from;
}

static int show(struct buffer *out, const char *from, const char *end)
{
	int cells = 0;

	while (from < end) {
		uint32_t c = shown(utf8_next(&from, end));
		char bytes[4];
		size_t len = utf8_put(c, bytes);

		buffer_put(out, bytes, len);
		cells += utf8_width_of(c);
	}
	return cells;
}

/* The part of the line around the column, and a caret below it. */
static void draw(struct buffer *out, struct cb_text line, uint32_t column)
{
	const char *start = line.at, *end = line.at + line.len;
	const char *caret = start + utf8_offset(line, column ? column - 1 : 0), *from, *to;
	int behind = WINDOW * 2 / 5, room, cells = 4;

	/* What the text behind the caret leaves of its share, the text before it may use. */
	to = walk(caret, end, &behind);
	room = WINDOW - WINDOW * 2 / 5 + behind;
	from = walk_back(caret, start, &room);
	to = walk(to, end, &room);
	buffer_string(out, "    ");
	if (from > start) {
		buffer_string(out, "...");
		cells += 3;
	}
	cells += show(out, from, caret);
	show(out, caret, to);
	buffer_string(out, to < end ? "...\n" : "\n");
	if (!column)
		return;
	while (cells-- > 0)
		buffer_char(out, ' ');
	buffer_string(out, "^\n");
}

static void print(const struct problem *problem, bool is_drawn, struct source *source,
		  struct buffer *out)
{
	struct cb_text line;

	if (*problem->file)
		buffer_string(out, problem->file);
	if (*problem->file && problem->line)
		buffer_printf(out, ":%u", problem->line);
	if (*problem->file && problem->line && problem->column)
		buffer_printf(out, ":%u", problem->column);
	buffer_string(out, *problem->file ? ": " : "");
	if (problem->is_warning)
		buffer_string(out, cb_say("警告：", "warning: "));
	buffer_string(out, problem->text);
	buffer_char(out, '\n');
	if (!problem->line || !is_drawn)
		return;
	if (!source->file || strcmp(source->file, problem->file) != 0)
		source_open(source, problem->file);
	line = source_line(source, problem->line);
	if (line.at)
		draw(out, line, problem->column);
}

void problems_print(const struct problems *p, struct buffer *out)
{
	struct source source = { 0 };
	const struct problem **sorted;
	size_t count, left = p->errors;

	sorted = sort(p, &count);
	for (size_t i = 0; i < count; i++)
		print(sorted[i], !is_hidden(p, sorted[i]), &source, out);
	for (size_t i = 0; i < p->count; i++)
		left -= !p->at[i].is_warning;
	if (left)
		buffer_printf(out, "%s%zu%s\n", cb_say("另有 ", "and "), left,
			      cb_say(" 处问题没有列出", " more that are not listed"));
	free(sorted);
	buffer_done(&source.text);
}

void problems_json(const struct problems *p, struct buffer *out)
{
	struct json j = { .out = out };
	const struct problem **sorted;
	size_t count;

	sorted = sort(p, &count);
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < count; i++) {
		json_open(&j, NULL, '{');
		json_string(&j, "file", sorted[i]->file);
		json_integer(&j, "line", sorted[i]->line);
		json_integer(&j, "column", sorted[i]->column);
		json_string(&j, "level", sorted[i]->is_warning ? "warning" : "error");
		json_string(&j, "text", sorted[i]->text);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	free(sorted);
}

void problems_first(const struct problems *p, struct cb_error *err)
{
	const struct problem *first = p->at;

	while (first->is_warning)
		first++;
	cb_error_set(err, CB_SETUP, "%s", "%s", first->text);
	if (first->line)
		cb_error_prefix(err, "%s:%u:%u: ", "%s:%u:%u: ", first->file, first->line,
				first->column);
	else
		cb_error_prefix(err, "%s: ", "%s: ", first->file);
	if (p->errors > 1)
		cb_error_prefix(err, "站点有 %zu 处错误（全部：casebridge check），第一处：",
				"the site has %zu mistakes (all: casebridge check); the first: ",
				p->errors);
}
