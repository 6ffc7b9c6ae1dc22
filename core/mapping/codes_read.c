/*
 * codes_read.c - the rows of a code table, from its elements or from a CSV file.
 *
 * The file's first line names the columns, in any order: here there label way
 * hold pass-by when from until kind. Spreadsheets save such files as GB18030; that is understood.
 * A dictionary holds several tables: its column kind says which row is of which, and the
 * element says kind= which rows are its own.
 */
#include "mapping/plan.h"

#include <casebridge/digest.h>

#include "base/cells.h"
#include "base/file.h"

static const char *const column_names[] = { "here", "there", "label", "way",  "hold", "pass-by",
					    "when", "from",  "until", "kind", NULL };
enum {
	COLUMN_HERE,
	COLUMN_THERE,
	COLUMN_LABEL,
	COLUMN_WAY,
	COLUMN_HOLD,
	COLUMN_PASS_BY,
	COLUMN_WHEN,
	COLUMN_FROM,
	COLUMN_UNTIL,
	COLUMN_KIND,
	COLUMNS
};

static unsigned way_of(const char *word)
{
	if (!word || !*word || strcmp(word, "both") == 0)
		return WAY_BOTH;
	return strcmp(word, "in") == 0 ? WAY_IN : strcmp(word, "out") == 0 ? WAY_OUT : 0;
}

static void check_row(struct reader *r, const struct code_row *row, const char *const *texts,
		      bool is_else)
{
	if (!row->way && !row->element)
		code_problem(r, row, "way", "way 应是 both、in 或 out", "way is both, in or out");
	if (texts[COLUMN_PASS_BY] && texts[COLUMN_HOLD])
		code_problem(r, row, "hold", "hold 和 pass-by 只能写一个",
			     "hold and pass-by exclude each other");
	if (is_else)
		return;
	if (!row->outcome && (!row->here || !row->there))
		code_problem(r, row, NULL,
			     "代码行要有 here 和 there；没有对应代码的写 hold 或 pass-by",
			     "a row has here and there, or an outcome: hold or pass-by");
	if (row->outcome && !row->here && !row->there)
		code_problem(r, row, NULL, "这一行没有代码：写上 there（对方的）或 here（我们的）",
			     "this row names no code: write there (theirs) or here (ours)");
}

static void take_row(struct reader *r, struct codes *codes, struct code_row row,
		     const char *const *texts, bool is_else)
{
	row.here = texts[COLUMN_HERE];
	row.there = texts[COLUMN_THERE];
	row.label = texts[COLUMN_LABEL];
	row.when = texts[COLUMN_WHEN];
	row.from = texts[COLUMN_FROM];
	row.until = texts[COLUMN_UNTIL];
	row.way = way_of(texts[COLUMN_WAY]);
	row.say = texts[COLUMN_PASS_BY] ? texts[COLUMN_PASS_BY] : texts[COLUMN_HOLD];
	if (row.say)
		row.outcome = texts[COLUMN_PASS_BY] ? OUTCOME_PASSED_BY : OUTCOME_HELD;
	check_row(r, &row, texts, is_else);
	if (!is_else) {
		plan_grow(r->arena, &codes->rows, codes->count, &codes->room, sizeof(*codes->rows));
		codes->rows[codes->count++] = row;
		return;
	}
	if (codes->otherwise)
		code_problem(r, &row, NULL, "一张代码表只能有一个 else", "a table has one else");
	codes->otherwise = arena_take(r->arena, sizeof(row));
	*codes->otherwise = row;
}

static void read_elements(struct reader *r, struct codes *codes)
{
	for (const struct cb_element *e = codes->element->first; e; e = e->next) {
		struct code_row row = { .element = e, .file = e->file, .line = e->line };
		const char *texts[COLUMNS];

		if (strcmp(e->name, "code") != 0 && strcmp(e->name, "else") != 0)
			continue; /* the grammar has said so */
		for (size_t i = 0; i < COLUMNS; i++)
			texts[i] = cb_attribute(e, column_names[i]);
		take_row(r, codes, row, texts, strcmp(e->name, "else") == 0);
	}
}

static bool read_heading(struct reader *r, const char *file, const char *const *cells, size_t count,
			 int *columns)
{
	bool is_good = true;

	for (size_t i = 0; i < count; i++) {
		const char *near;

		columns[i] = -1;
		for (int k = 0; k < COLUMNS; k++)
			if (strcmp(cells[i], column_names[k]) == 0)
				columns[i] = k;
		if (columns[i] >= 0 || !*cells[i])
			continue;
		near = problem_nearest(cells[i], column_names);
		problem_add(
			r->problems, file, 1, 1,
			"代码表没有“%s”这一列；能用的列：here there label way hold pass-by when "
			"from until kind%s%s",
			"a code table has no column '%s'; it may have: here there label way "
			"hold pass-by when from until kind%s%s",
			cells[i], near ? cb_say("；最接近的是 ", "; the nearest is ") : "",
			near ? near : "");
		is_good = false;
	}
	return is_good;
}

/* A dictionary and a choice from it belong together. */
static bool check_kind(struct reader *r, const struct codes *codes, const char *file,
		       const int *columns, size_t count)
{
	const char *kind = cb_attribute(codes->element, "kind");
	bool has_column = false;

	for (size_t i = 0; i < count; i++)
		has_column = has_column || columns[i] == COLUMN_KIND;
	if (kind && !has_column)
		problem_at(r->problems, codes->element, "kind", 0,
			   "%s 没有 kind 这一列：去掉 kind，或者在文件里加上这一列",
			   "%s has no column kind: take kind away, or add the column", file);
	if (!kind && has_column)
		problem_at(r->problems, codes->element, "href", 0,
			   "%s 是几张表合在一起的字典（有 kind 列）：写上 kind=\"…\" 说明取哪一种",
			   "%s is a dictionary of several tables (it has a column kind): say which "
			   "with kind=\"…\"",
			   file);
	return !kind == !has_column;
}

static void read_file(struct reader *r, struct codes *codes, const char *file)
{
	const char *kind = cb_attribute(codes->element, "kind");
	const struct source *source = source_read(r, file, codes->element);
	const char *cells[32];
	struct cells in;
	int columns[32];
	struct cb_error err;
	size_t count;

	if (!source)
		return;
	if (cells_open(&in, r->arena, source->text, &err) != CB_OK) {
		problem_add(r->problems, source->file, 1, 1, "%s", "%s", err.text);
		return;
	}
	count = cells_next(&in, r->arena, cells, 32);
	if (!read_heading(r, source->file, cells, count, columns))
		return;
	if (!check_kind(r, codes, source->file, columns, count))
		return;
	while (cells_more(&in)) {
		struct code_row row = { .file = source->file, .line = in.line + 1 };
		const char *texts[COLUMNS] = { 0 };
		size_t many = cells_next(&in, r->arena, cells, 32), filled = 0;

		for (size_t i = 0; i < many && i < count; i++) {
			if (columns[i] >= 0 && *cells[i])
				texts[columns[i]] = cells[i];
			filled += *cells[i] != '\0';
		}
		if (filled &&
		    (!kind || (texts[COLUMN_KIND] && strcmp(texts[COLUMN_KIND], kind) == 0)))
			take_row(r, codes, row, texts, false);
	}
}

void codes_rows(struct reader *r, struct codes *codes)
{
	if (codes->ready)
		read_file(r, codes, codes->ready);
	codes->ready = NULL;
}

/* Is that what the file would say, where a text is in its place? */
static bool is_same(const struct reader *r, const char *file, const char *digest)
{
	char hex[CB_SHA256_HEX];

	for (size_t i = 0; i < r->kept_count; i++)
		if (strcmp(r->kept[i].file, file) == 0) {
			cb_sha256_hex(r->kept[i].text, hex);
			return strcmp(hex, digest) == 0;
		}
	return true;
}

/* Its file, or only that file's digest where an image has the table. */
static void take_file(struct reader *r, struct codes *codes, const char *href)
{
	const char *file = file_beside(r->arena, codes->element->file, href);
	const char *digest = image_digest(r->image, codes, file);

	if (!digest || codes->count || !is_same(r, file, digest)) {
		read_file(r, codes, file);
		return;
	}
	source_ready(r, file, digest);
	codes->ready = file;
}

struct codes *codes_find(const struct reader *r, const char *name)
{
	struct codes *found = NULL;

	for (struct codes *c = r->m->codes; c; c = c->next)
		if (strcmp(c->name, name) == 0 && (!found || c->rank >= found->rank))
			found = c;
	return found;
}

const char *codes_nearest(const struct reader *r, const char *name)
{
	const char *words[128];
	size_t count = 0;

	for (struct codes *c = r->m->codes; c && count < 127; c = c->next)
		words[count++] = c->name;
	words[count] = NULL;
	return problem_nearest(name, words);
}

struct codes *codes_read(struct reader *r, const struct cb_element *e, unsigned rank)
{
	const char *name = cb_attribute(e, "name"), *href = cb_attribute(e, "href");
	struct codes *codes = arena_zero(r->arena, sizeof(*codes)), **last = &r->m->codes;

	if (!name)
		return NULL;
	for (; *last; last = &(*last)->next)
		if (strcmp((*last)->name, name) == 0 && (*last)->rank == rank)
			problem_at(r->problems, e, "name", 0, "代码表“%s”已经写过（%s:%u）",
				   "the table '%s' is there already (%s:%u)", name,
				   (*last)->element->file, (*last)->element->line);
	codes->name = name;
	codes->label = cb_attribute(e, "label");
	codes->element = e;
	codes->rank = rank;
	codes->at = cb_attribute(e, "at");
	*last = codes;
	read_elements(r, codes);
	if (href)
		take_file(r, codes, href);
	else if (cb_attribute(e, "kind"))
		problem_at(r->problems, e, "kind", 0, "kind 从字典文件里取一种：还要写 href",
			   "kind= chooses from a dictionary: it needs href=");
	if (!codes->count && !codes->ready && !codes->otherwise && r->problems->errors == r->errors)
		problem_at(r->problems, e, NULL, 0, "代码表“%s”是空的", "the table '%s' is empty",
			   name);
	return codes;
}
