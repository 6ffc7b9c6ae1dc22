/*
 * marks.c - where reading goes on: the values that the columns of <since> had in the last
 * row of a page, kept as the cursor.
 *
 * With overlap="…" a run begins that much before its mark, and the cursor stays where it was
 * until the run is past it: rows whose instant is older than that of others which were seen
 * before them, for they were committed late, are read after all. What has not changed is the
 * same record again.
 */
#include "odbc.h"

#include <stdio.h>
#include <stdlib.h>

/* first="…" as it is, or a setting of the site in braces. */
static int first_value(struct odbc *odbc, const struct cb_element *since, const char **out,
		       struct cb_error *err)
{
	const char *first = cb_attribute(since, "first");
	size_t len = strlen(first);
	struct cb_text value;
	int rc;

	*out = first;
	if (first[0] != '{')
		return CB_OK;
	rc = cb_credential(odbc->task, cb_task_printf(odbc->task, "%.*s", (int)len - 2, first + 1),
			   &value, err);
	if (rc == CB_OK && !value.len)
		rc = cb_fail(
			err, CB_SETUP,
			"%s:%u：设置 %s 没有值：不知道第一次从哪里读起，在连接里写上",
			"%s:%u: setting %s has no value: where the first run begins is unknown, "
			"set it in the connection",
			since->file, since->line, first);
	if (rc == CB_OK)
		*out = cb_task_printf(odbc->task, "%.*s", CB_TEXT_ARG(value));
	return rc;
}

/* In seconds, whole ones; the checker has seen that it is a duration. */
static int64_t seconds_of(const char *duration)
{
	char *unit;
	int64_t number = duration ? strtoll(duration, &unit, 10) : 0;

	if (!number)
		return 0;
	switch (*unit) {
	case 's':
		return number;
	case 'h':
		return number * 3600;
	case 'd':
		return number * 86400;
	default:
		return unit[1] == 's' ? (number + 999) / 1000 : number * 60;
	}
}

/*
 * An instant as a database has it, 2024-03-08 09:30:00.5 or a day alone, so many seconds
 * before; in its own place and precision. False: it is none.
 */
static bool go_back(char *text, int64_t seconds)
{
	struct tm tm = { 0 };
	char day[48], clock[48];
	int end = 0, clock_end = 0;
	time_t at;

	if (sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &end) != 3 ||
	    end != 10)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	if (text[10] && (sscanf(text + 11, "%2d:%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
				&clock_end) != 3 ||
			 clock_end != 8))
		return false;
	/* Of a day alone, all of the days that are touched. */
	at = timegm(&tm) - (text[10] ? seconds : (seconds + 86399) / 86400 * 86400);
	if (!gmtime_r(&at, &tm) || tm.tm_year < 1 - 1900)
		return true; /* before all time: from where it is */
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	snprintf(day, sizeof(day), "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	memcpy(text, day, 10);
	if (text[10])
		memcpy(text + 11, clock, 8);
	return true;
}

static int open_marks(struct odbc *odbc, struct reader *r, struct cb_error *err)
{
	int rc = CB_OK;

	r->mark_count = 0;
	for (const struct cb_element *at = NULL;
	     rc == CB_OK && (at = cb_child(r->element, "since", at));) {
		const char *again = cb_attribute(at, "again");

		if (r->mark_count == MARKS_MOST)
			return cb_fail(err, CB_SETUP, "%s:%u：<since> 超过 %d 个",
				       "%s:%u: there are more than %d <since>", at->file, at->line,
				       MARKS_MOST);
		r->again |= again && strcmp(again, "yes") == 0;
		if (!r->mark_count)
			r->overlap_s = seconds_of(cb_attribute(at, "overlap"));
		r->marks[r->mark_count].column = cb_attribute(at, "column");
		rc = first_value(odbc, at, &r->marks[r->mark_count++].first, err);
	}
	return rc;
}

/* The cursor: a value a line, "\" before what ends a line or escapes. */
static void write_cursor(struct reader *r)
{
	struct bytes b = { 0 };

	for (size_t i = 0; i < r->mark_count; i++) {
		bytes_string(&b, i ? "\n" : "");
		for (const char *at = r->at[i]; *at; at++) {
			if (*at == '\n' || *at == '\\')
				bytes_string(&b, "\\");
			bytes_put(&b, *at == '\n' ? "n" : at, 1);
		}
	}
	bytes_put(&b, "", 0);
	free(r->cursor);
	r->cursor = b.at;
}

static void read_cursor(struct odbc *odbc, struct reader *r)
{
	const char *at = r->again ? NULL : cb_task_cursor(odbc->task);

	for (size_t i = 0; i < r->mark_count; i++) {
		struct bytes b = { 0 };

		if (!at || (i && *at++ != '\n')) {
			at = NULL; /* a mark that the manifest did not have then */
			bytes_string(&b, r->marks[i].first);
		}
		for (; at && *at && *at != '\n'; at++) {
			bool is_escaped = *at == '\\' && at[1];

			at += is_escaped;
			bytes_put(&b, is_escaped && *at == 'n' ? "\n" : at, 1);
		}
		bytes_put(&b, "", 0);
		r->at[i] = b.at;
	}
}

/* Back from where the last run ended; the marks behind the first begin anew there. */
static int begin_before(struct odbc *odbc, struct reader *r, struct cb_error *err)
{
	r->reached = cb_task_printf(odbc->task, "%s", r->at[0]);
	write_cursor(r);
	if (!go_back(r->at[0], r->overlap_s))
		return cb_fail(err, CB_SETUP, "%s:%u：overlap 只用于时间的列：“%s”记到的不是时间",
			       "%s:%u: overlap is for a column of instants: what is kept of '%s' "
			       "is none",
			       r->element->file, r->element->line, r->marks[0].column);
	for (size_t i = 1; i < r->mark_count; i++) {
		free(r->at[i]);
		r->at[i] = strdup(r->marks[i].first);
		if (!r->at[i])
			abort();
	}
	return CB_OK;
}

int marks_open(struct odbc *odbc, struct reader *r, struct cb_error *err)
{
	int rc = open_marks(odbc, r, err);

	if (rc != CB_OK)
		return rc;
	read_cursor(odbc, r);
	if (r->overlap_s && !r->again && cb_task_cursor(odbc->task))
		rc = begin_before(odbc, r, err);
	r->has_begun = rc == CB_OK;
	return rc;
}

/* Every mark's column, of a row; SETUP where one is missing or NULL. */
static int find_marks(const struct reader *r, size_t row, struct cb_text *out, struct cb_error *err)
{
	for (size_t i = 0; i < r->mark_count; i++) {
		size_t column = grid_column(&r->grid, r->marks[i].column);

		if (column == SIZE_MAX)
			return cb_fail(err, CB_SETUP,
				       "%s:%u：查出来的行没有 <since> 的列“%s”（大小写也要一样）",
				       "%s:%u: the rows have no column '%s' of <since> (upper and "
				       "lower case count)",
				       r->element->file, r->element->line, r->marks[i].column);
		out[i] = grid_cell(&r->grid, row, column);
		if (!out[i].at)
			return cb_fail(err, CB_SETUP,
				       "%s:%u：第 %zu 行的“%s”是 NULL：不知道从哪里接着读，"
				       "请在 WHERE 里排除或用 COALESCE",
				       "%s:%u: in row %zu '%s' is NULL: where to go on is unknown, "
				       "exclude it in WHERE or use COALESCE",
				       r->element->file, r->element->line, row + 1,
				       r->marks[i].column);
	}
	return CB_OK;
}

static bool are_equal(const struct reader *r, const struct cb_text *a, const struct cb_text *b)
{
	for (size_t i = 0; i < r->mark_count; i++)
		if (!cb_text_equal(a[i], b[i]))
			return false;
	return true;
}

/* At the first page already, not with the second run. */
static int check_instant(const struct reader *r, struct cb_text value, struct cb_error *err)
{
	char text[64];

	snprintf(text, sizeof(text), "%.*s", CB_TEXT_ARG(value));
	if (!r->overlap_s || go_back(text, 0))
		return CB_OK;
	return cb_fail(err, CB_SETUP,
		       "%s:%u：overlap 只用于时间的列，“%s”不是 2024-03-08 09:30:00 这样的时间",
		       "%s:%u: overlap is for a column of instants; '%s' is none such as "
		       "2024-03-08 09:30:00",
		       r->element->file, r->element->line, r->marks[0].column);
}

int marks_move(struct reader *r, size_t rows, struct cb_error *err)
{
	struct cb_text last[MARKS_MOST], next[MARKS_MOST], before[MARKS_MOST] = { 0 };
	int rc = find_marks(r, rows - 1, last, err);

	if (rc == CB_OK && r->grid.rows > rows) {
		rc = find_marks(r, rows, next, err);
		if (rc == CB_OK && are_equal(r, last, next))
			rc = cb_fail(
				err, CB_SETUP,
				"%s:%u：相邻两行的 <since> 各列都一样，翻页会漏掉一行：再加一列"
				"<since>，使每行都不同（如编号）",
				"%s:%u: two rows are alike in all columns of <since>, one of them "
				"would be lost between two pages: add a column that differs, "
				"such as the key",
				r->element->file, r->element->line);
	}
	if (rc == CB_OK)
		rc = check_instant(r, last[0], err);
	if (rc != CB_OK)
		return rc;
	for (size_t i = 0; i < r->mark_count; i++)
		before[i] = cb_text_of(r->at[i]);
	if (are_equal(r, last, before))
		return cb_fail(
			err, CB_SETUP,
			"%s:%u：这一页没有往前走：<since> 的列读出来和比较时不是一样的写法，"
			"请在语句里转成文字",
			"%s:%u: this page did not get on: the column of <since> is not read as "
			"it is compared, cast it to a text in the statement",
			r->element->file, r->element->line);
	for (size_t i = 0; i < r->mark_count; i++) {
		free(r->at[i]);
		r->at[i] = take(last[i].len + 1);
		memcpy(r->at[i], last[i].at, last[i].len);
	}
	/* Interrupted before it is past it, the next run goes back no further. */
	if (!r->reached || strcmp(r->at[0], r->reached) >= 0)
		write_cursor(r);
	return CB_OK;
}
