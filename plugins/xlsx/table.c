/*
 * table.c - the first rows are kept until the heading is known; every later
 * row is announced when it is complete. See table.h for the rule.
 */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_MAX 500

/* How many bytes of blank stand at the front: space, tab, line end, U+00A0, U+3000, U+FEFF. */
static size_t blank_at(struct cb_text text)
{
	static const char *const wide[] = { "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf" };

	if (!text.len)
		return 0;
	if (*text.at && strchr(" \t\r\n", *text.at))
		return 1;
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

static bool is_number(const char *word, uint32_t *number, const char **rest)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	*rest = end;
	*number = (uint32_t)n;
	return *word >= '1' && *word <= '9' && n <= 1048576;
}

static int take_heading_option(struct table *t)
{
	const char *word = t->xlsx->heading, *rest = "";

	if (!word || !*word || strcmp(word, "yes") == 0)
		return CB_OK;
	if (strcmp(word, "no") == 0) {
		t->is_headless = true;
		return CB_OK;
	}
	if (is_number(word, &t->first, &rest) && !*rest)
		return CB_OK;
	if (t->first && *rest == '-' && is_number(rest + 1, &t->second, &rest) && !*rest &&
	    t->second == t->first + 1)
		return CB_OK;
	return cb_fail(t->err, CB_SETUP,
		       "heading 应是 yes、no、表头的行号（如 3），或两行表头的行号（如 3-4）",
		       "heading must be yes, no, the row of the heading (3), or its two rows "
		       "(3-4)");
}

int table_init(struct table *t, const struct xlsx *xlsx, struct cb_sink *out, struct cb_error *err)
{
	*t = (struct table){ .xlsx = xlsx, .out = out, .err = err };
	return take_heading_option(t);
}

void table_done(struct table *t)
{
	for (size_t i = 0; i < TABLE_EVIDENCE; i++) {
		free(t->rows[i].cells);
		grow_done(&t->rows[i].text);
	}
	merged_done(t);
	free(t->merges);
	free(t->names);
	free(t->name_bytes);
}

static struct row *current(struct table *t)
{
	return &t->rows[t->is_named ? 0 : t->count];
}

void table_row(struct table *t, uint32_t number)
{
	struct row *row = current(t);

	for (size_t i = 0; i < row->columns; i++)
		row->cells[i].kind = CELL_NONE;
	row->number = number;
	row->columns = row->filled = row->text.len = 0;
	row->is_over = false;
}

static void reach(struct row *row, size_t column)
{
	if (column > row->room) {
		size_t room = 2 * column + 16;

		row->cells = grow_block(row->cells, room * sizeof(*row->cells));
		memset(row->cells + row->room, 0, (room - row->room) * sizeof(*row->cells));
		row->room = room;
	}
	if (column > row->columns)
		row->columns = column;
}

void row_put(struct table *t, struct row *row, uint32_t column, enum cell_kind kind,
	     struct cb_text text)
{
	struct cell *cell;

	if (!text.len || kind == CELL_NONE)
		return;
	if (!column || column > (uint64_t)t->xlsx->columns_max ||
	    row->text.len + text.len > TABLE_ROW_MAX) {
		row->is_over = true;
		row->filled++;
		return;
	}
	reach(row, column);
	cell = &row->cells[column - 1];
	row->filled += cell->kind == CELL_NONE;
	*cell = (struct cell){ kind, row->text.len, text.len };
	grow_put(&row->text, text);
}

void table_cell(struct table *t, uint32_t column, enum cell_kind kind, struct cb_text text)
{
	row_put(t, current(t), column, kind, text);
}

void table_merge(struct table *t, struct merge merge)
{
	if (t->merge_count > TABLE_MERGES_MAX)
		return; /* table_merges_fit() tells it */
	if (t->merge_count == t->merge_room) {
		t->merge_room = t->merge_room ? 2 * t->merge_room : 64;
		t->merges = grow_block(t->merges, t->merge_room * sizeof(*t->merges));
	}
	t->merges[t->merge_count++] = merge;
}

static const struct cell *cell_at(const struct row *row, size_t column)
{
	static const struct cell none;

	return column < row->columns ? &row->cells[column] : &none;
}

static struct cb_text text_of(const struct row *row, const struct cell *cell)
{
	if (cell->kind == CELL_NONE)
		return CB_TEXT("");
	return (struct cb_text){ row->text.at + cell->at, cell->len };
}

/* The trimmed text of the cell that covers this place: its own, or the merge's first. */
static struct cb_text title_at(const struct table *t, const struct row *row, size_t column)
{
	struct cb_text own = trim(text_of(row, cell_at(row, column)));

	for (size_t i = 0; i < t->merge_count && !own.len; i++) {
		const struct merge *m = &t->merges[i];

		if (m->top == row->number && m->left <= column + 1 && m->right >= column + 1)
			own = trim(text_of(row, cell_at(row, m->left - 1)));
	}
	return own;
}

/* Names */

struct heading {
	const struct row *upper, *lower; /* lower NULL: one row */
	size_t columns;
};

static struct heading heading_of(const struct row *upper, const struct row *lower)
{
	size_t columns = upper->columns;

	if (lower && lower->columns > columns)
		columns = lower->columns;
	return (struct heading){ upper, lower, columns };
}

/* The two parts of a column's title; a group's name that is no name is left out. */
static size_t title_parts(const struct table *t, const struct heading *h, size_t column,
			  struct cb_text *upper, struct cb_text *lower)
{
	*upper = trim(text_of(h->upper, cell_at(h->upper, column)));
	*lower = (struct cb_text){ 0 };
	if (h->lower)
		*lower = trim(text_of(h->lower, cell_at(h->lower, column)));
	if (lower->len)
		*upper = title_at(t, h->upper, column);
	if (lower->len && upper->len > GROUP_MAX)
		upper->len = 0;
	return upper->len + lower->len + (upper->len && lower->len);
}

static size_t put_title(const struct table *t, const struct heading *h, size_t column, char *to)
{
	struct cb_text upper, lower;
	size_t len = title_parts(t, h, column, &upper, &lower);

	if (upper.len)
		memcpy(to, upper.at, upper.len);
	if (upper.len && lower.len)
		to[upper.len] = '/';
	if (lower.len)
		memcpy(to + len - lower.len, lower.at, lower.len);
	return len;
}

static size_t titles_room(const struct table *t, const struct heading *h)
{
	struct cb_text upper, lower;
	size_t room = 24; /* of a "#n" */

	for (size_t i = 0; i < h->columns; i++)
		room += title_parts(t, h, i, &upper, &lower) + 24;
	return room;
}

static bool is_twice(const struct cb_text *names, size_t count, size_t which)
{
	for (size_t i = 0; i < count; i++)
		if (i != which && cb_text_equal(names[i], names[which]))
			return true;
	return false;
}

/* All titles of a heading, "" where there is none; *bytes holds them. */
static struct cb_text *take_titles(const struct table *t, const struct heading *h, char **bytes)
{
	struct cb_text *titles = grow_block(NULL, h->columns * sizeof(*titles));
	char *to = *bytes = grow_block(NULL, titles_room(t, h));

	for (size_t i = 0; i < h->columns; i++) {
		titles[i] = (struct cb_text){ to, put_title(t, h, i, to) };
		to += titles[i].len;
	}
	return titles;
}

static void take_names(struct table *t, const struct heading *h)
{
	char *bytes, *to;
	struct cb_text *titles = take_titles(t, h, &bytes);

	t->columns = h->columns;
	t->names = grow_block(NULL, h->columns * sizeof(*t->names));
	to = t->name_bytes = grow_block(NULL, titles_room(t, h));
	for (size_t i = 0; i < h->columns; i++) {
		/* The analyser does not see that take_titles() filled all of them. */
		/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign) */
		size_t len = titles[i].len;

		if (len)
			t->headed = i + 1;
		if (len && !is_twice(titles, h->columns, i))
			memcpy(to, titles[i].at, len);
		else
			len = (size_t)snprintf(to, 24, "#%zu", i + 1);
		t->names[i] = (struct cb_text){ to, len };
		to += len;
	}
	free(titles);
	free(bytes);
}

/* Evidence */

static bool are_texts(const struct row *row)
{
	for (size_t i = 0; i < row->columns; i++)
		if (row->cells[i].kind > CELL_TEXT)
			return false;
	return row->filled && !row->is_over;
}

/* At least two titles, three of four are themselves only, and nearly as many as @widest. */
static bool is_heading(const struct table *t, const struct heading *h, size_t widest)
{
	size_t titled = 0, doubled = 0;
	struct cb_text *titles;
	char *bytes;

	if (!are_texts(h->upper) || (h->lower && !are_texts(h->lower)))
		return false;
	titles = take_titles(t, h, &bytes);
	for (size_t i = 0; i < h->columns; i++) {
		titled += titles[i].len > 0;
		doubled += titles[i].len && is_twice(titles, h->columns, i);
	}
	free(titles);
	free(bytes);
	return titled >= 2 && doubled * 2 <= titled && titled * 10 >= widest * 7;
}

/* May the two be one heading? Somewhere only the lower one has a text, elsewhere only the upper. */
static bool may_be_one(const struct row *upper, const struct row *lower)
{
	bool is_lower_alone = false, is_upper_alone = false;

	if (lower->number != upper->number + 1 || !are_texts(upper) || !are_texts(lower))
		return false;
	for (size_t i = 0; i < upper->columns || i < lower->columns; i++) {
		bool has_upper = cell_at(upper, i)->kind, has_lower = cell_at(lower, i)->kind;

		is_lower_alone |= has_lower && !has_upper;
		is_upper_alone |= has_upper && !has_lower;
	}
	return is_lower_alone && is_upper_alone;
}

static int by_top(const void *a, const void *b)
{
	const struct merge *x = a, *y = b;

	return (x->top > y->top) - (x->top < y->top);
}

int table_merges_fit(const struct table *t)
{
	if (t->merge_count <= TABLE_MERGES_MAX)
		return CB_OK;
	return cb_fail(t->err, CB_SETUP, "工作表里合并的单元格超过 %d 处；请取消合并后另存",
		       "the sheet has more than %d merged cells; unmerge them and save it",
		       TABLE_MERGES_MAX);
}

static int ask_merges(struct table *t)
{
	int rc = CB_OK;

	if (t->has_merges || !t->find_merges)
		return CB_OK;
	t->has_merges = true;
	rc = t->find_merges(t->with, t);
	if (rc == CB_OK)
		rc = table_merges_fit(t);
	if (t->merge_count)
		qsort(t->merges, t->merge_count, sizeof(*t->merges), by_top);
	return rc;
}

/* A cell merged down over both, and one merged across the upper. */
static bool are_merged(const struct table *t, const struct row *upper)
{
	bool is_down = false, is_across = false;

	for (size_t i = 0; i < t->merge_count; i++) {
		const struct merge *m = &t->merges[i];

		is_down |= m->top == upper->number && m->bottom == upper->number + 1;
		is_across |=
			m->top == upper->number && m->bottom == upper->number && m->right > m->left;
	}
	return is_down && is_across;
}

static int by_evidence(struct table *t, size_t *heading, bool *is_double)
{
	size_t widest = 0;
	struct heading h;

	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].filled > widest)
			widest = t->rows[i].filled;
	for (size_t i = 0; i < t->count; i++) {
		const struct row *row = &t->rows[i], *next = row + 1;

		*heading = i;
		*is_double = i + 1 < t->count && may_be_one(row, next);
		if (*is_double) {
			h = heading_of(row, next);
			if (are_merged(t, row) && is_heading(t, &h, widest))
				return CB_OK;
			*is_double = false;
		}
		h = heading_of(row, NULL);
		if (is_heading(t, &h, widest))
			return CB_OK;
	}
	return cb_fail(
		t->err, CB_SETUP,
		"前 %d 行里认不出表头（一行全是不重复的文字）；请用 heading=行号 指出它在第几行，"
		"没有表头写 heading=no",
		"no heading (a row of texts, none twice) is found in the first %d rows; say "
		"its row with heading=NUMBER, or heading=no where there is none",
		TABLE_EVIDENCE);
}

/* The kept row that the options name; the rows above are none of ours. */
static int by_option(struct table *t, size_t *heading, bool *is_double)
{
	*heading = 0;
	*is_double = t->second != 0;
	if (t->first && (!t->count || t->rows[0].number != t->first))
		return cb_fail(t->err, CB_SETUP, "heading 指的第 %u 行是空的，或在数据之外",
			       "row %u, which heading names, is empty or beyond the data",
			       t->first);
	if (*is_double && (t->count < 2 || t->rows[1].number != t->second))
		return cb_fail(t->err, CB_SETUP, "heading 指的第 %u 行是空的，或在数据之外",
			       "row %u, which heading names, is empty or beyond the data",
			       t->second);
	return CB_OK;
}

/* Records */

static int broken(struct table *t, const struct row *row, struct cb_error *why)
{
	struct cb_place place = { .line = row->number, .column = 1 };

	why->line = row->number;
	why->column = 1;
	return cb_record_broken(t->out, place, why, t->err);
}

const char *column_name(size_t column, char out[8])
{
	char *at = out + 7;

	*at = '\0';
	for (column++; column; column = (column - 1) / 26)
		*--at = (char)('A' + (column - 1) % 26);
	return at;
}

/* A formula's error is no value of anybody's. */
static bool has_error(const struct table *t, const struct row *row, struct cb_error *why)
{
	char name[8];

	if (row->is_over) {
		cb_error_set(why, CB_BROKEN,
			     "第 %u 行有超出 %lld 列的格（columns_max），或文字太长",
			     "row %u has a cell beyond column %lld (columns_max), or too much text",
			     row->number, (long long)t->xlsx->columns_max);
		return true;
	}
	if (t->xlsx->errors)
		return false;
	for (size_t i = 0; i < row->columns; i++) {
		struct cb_text text = text_of(row, &row->cells[i]);

		if (row->cells[i].kind != CELL_ERROR)
			continue;
		cb_error_set(why, CB_BROKEN,
			     "%s%u 格是公式错误 %.*s；请改好公式，或设 errors=yes 照原样读",
			     "cell %s%u holds the error %.*s; mend its formula, or set errors=yes "
			     "to read it as it is",
			     column_name(i, name), row->number, CB_TEXT_ARG(text));
		return true;
	}
	return false;
}

static int announce(struct table *t, struct row *row)
{
	struct cb_error why;
	char name[24];

	if (!row->filled)
		return CB_OK;
	if (merged_holds(t, row, &why) || has_error(t, row, &why))
		return broken(t, row, &why);
	cb_record_begin(t->out, (struct cb_place){ .line = row->number, .column = 1 });
	for (size_t i = 0; i < row->columns || i < t->headed; i++) {
		struct cb_text text = text_of(row, cell_at(row, i));

		if (i < t->columns) {
			cb_value(t->out, t->names[i], text);
		} else if (text.len) {
			snprintf(name, sizeof(name), "#%zu", i + 1);
			cb_value(t->out, cb_text_of(name), text);
		}
	}
	return cb_record_end(t->out, t->err);
}

/* Enough rows are there: name the columns, and announce what stands below. */
static int decide(struct table *t)
{
	size_t heading = 0, count = t->count;
	bool is_double = false;
	struct heading h;
	int rc = ask_merges(t);

	if (rc != CB_OK)
		return rc;
	if (t->is_headless)
		t->columns = 0;
	else if (t->first || t->xlsx->skip)
		rc = by_option(t, &heading, &is_double);
	else
		rc = by_evidence(t, &heading, &is_double);
	if (rc != CB_OK)
		return rc;
	if (!t->is_headless) {
		h = heading_of(&t->rows[heading], is_double ? &t->rows[heading + 1] : NULL);
		take_names(t, &h);
		heading += 1 + is_double;
	}
	t->is_named = true;
	for (size_t i = heading; i < count && rc == CB_OK; i++)
		rc = announce(t, &t->rows[i]);
	return rc;
}

/* How many rows it takes to know the heading. */
static size_t enough(const struct table *t)
{
	if (t->is_headless)
		return 1;
	return t->second ? 2 : t->first || t->xlsx->skip ? 1 : TABLE_EVIDENCE;
}

int table_row_end(struct table *t)
{
	struct row *row = current(t);

	if (!row->filled)
		return CB_OK;
	t->has_data = true;
	if (t->is_named)
		return announce(t, row);
	if ((int64_t)row->number <= t->xlsx->skip || row->number < t->first)
		return CB_OK;
	t->count++;
	return t->count == enough(t) ? decide(t) : CB_OK;
}

int table_end(struct table *t)
{
	if (t->is_named)
		return CB_OK;
	if (!t->count)
		return cb_fail(t->err, CB_BROKEN,
			       "没有表头：工作表是空的，或 skip、heading 越过了全部内容",
			       "there is no heading: the sheet is empty, or skip or heading passes "
			       "over all of it");
	return decide(t);
}
