/*
 * manifest_check_marks.c - the columns that reading a database goes on by: where the first
 * run begins, how far back a later one does, and a statement that is read page by page.
 */
#include "host/manifest_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"

static bool has_words(const char *text, const char *first, const char *second)
{
	for (const char *at = text; (at = strcasestr(at, first)); at++) {
		const char *next = at + strlen(first);

		if (!isspace((unsigned char)*next))
			continue;
		next += strspn(next, " \t\r\n");
		if (strncasecmp(next, second, strlen(second)) == 0)
			return true;
	}
	return false;
}

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_$#.", c)) || (unsigned char)c >= 0x80;
}

/* Behind the keyword of a limit: does it bound how many rows come? One row of a subquery does not.
 */
static bool is_bound(const char *word, size_t len, const char *next, int depth)
{
	next += strspn(next, " \t\r\n(");
	if (len == 5 && strncasecmp(word, "fetch", 5) == 0) {
		if (strncasecmp(next, "first", 5) != 0 && strncasecmp(next, "next", 4) != 0)
			return false;
		next += strcspn(next, " \t\r\n");
		next += strspn(next, " \t\r\n");
		return depth == 0 || (isdigit((unsigned char)*next) && atoi(next) != 1);
	}
	if (!(len == 5 && strncasecmp(word, "limit", 5) == 0) &&
	    !(len == 3 && strncasecmp(word, "top", 3) == 0) &&
	    !(len == 6 && strncasecmp(word, "rownum", 6) == 0))
		return false;
	next += len == 6 ? strspn(next, "<= \t\r\n") : 0;
	return *next == '{' || (isdigit((unsigned char)*next) && (depth == 0 || atoi(next) != 1));
}

/* LIMIT, TOP, FETCH and ROWNUM outside of quotes and comments. */
static bool is_limited(const char *text)
{
	int depth = 0;

	for (const char *at = text, *end; *at; at = end) {
		end = past_quoted(at);
		if (end > at)
			continue;
		depth += (*at == '(') - (*at == ')');
		if (!is_word_byte(*at)) {
			end = at + 1;
			continue;
		}
		while (is_word_byte(*end))
			end++;
		if (is_bound(at, (size_t)(end - at), end, depth))
			return true;
	}
	return false;
}

/* A text as it is, or a setting of the site in braces, but no secret: it is stored. */
static void check_first(struct check *c, const struct cb_element *since)
{
	const char *first = cb_attribute(since, "first"), *brace;
	struct cb_error err = { 0 };
	const struct manifest_setting *setting;
	const char *name;
	size_t len;

	if (!first || !*first) {
		problem_at(
			c->problems, since, first ? "first" : NULL, 0,
			"缺少 first：第一次从哪里读起，比所有的值都小，如 1900-01-01、0 或一个空格",
			"first is missing: where the first run begins, less than every value, "
			"such as 1900-01-01, 0 or one space");
		return;
	}
	len = strlen(first);
	brace = strpbrk(first, "{}");
	if (!brace)
		return;
	if (len < 3 || brace != first || first + 1 + strcspn(first + 1, "{}") != first + len - 1) {
		problem_at(c->problems, since, "first", (size_t)(brace - first),
			   "应为一个值，如 1900-01-01，或花括号里的一个设置，如 {since}",
			   "a value belongs here, such as 1900-01-01, or a setting in braces, "
			   "such as {since}");
		return;
	}
	name = arena_string(c->arena, (struct cb_text){ first + 1, len - 2 });
	setting = manifest_setting(c->m, name);
	if (setting && setting->is_secret)
		problem_at(c->problems, since, "first", 0,
			   "{%s} 是密钥：读到哪里会记在库里，密钥不能记",
			   "{%s} is a secret: where reading ended is stored, a secret never is",
			   name);
	else if (check_setting(c, cb_text_of(name), &err) != CB_OK)
		problem_at(c->problems, since, "first", 0, "%s", "%s", err.text);
}

static bool begins_with_day(const char *text)
{
	return strlen(text) >= 10 &&
	       calendar_is_canonical(CALENDAR_DATE, (struct cb_text){ text, 10 });
}

/* Reading again from somewhat before the mark: for what was committed late. */
static void check_overlap(struct check *c, const struct cb_element *owner,
			  const struct cb_element *since)
{
	const char *first = cb_attribute(since, "first");

	if (!cb_attribute(since, "overlap"))
		return;
	if (strcmp(owner->name, "receipts") == 0)
		problem_at(c->problems, since, "overlap", 0,
			   "回执不能重读：早先的回执会被当成后来那次上报的",
			   "receipts are not read again: one of before would answer for what was "
			   "sent since");
	else if (since != cb_child(owner, "since", NULL))
		problem_at(c->problems, since, "overlap", 0, "overlap 只用在第一个 <since>",
			   "overlap belongs to the first <since> alone");
	else if (first && *first && *first != '{' && !begins_with_day(first))
		problem_at(c->problems, since, "overlap", 0,
			   "overlap 只用于时间的列：first 不是日期，如 1900-01-01 00:00:00",
			   "overlap is for a column of instants: first is no date, such as "
			   "1900-01-01 00:00:00");
}

static const struct cb_element *sql_of(const struct cb_element *owner)
{
	return cb_child(owner, "sql", NULL);
}

void check_marks(struct check *c, const struct cb_element *owner, const char *statement,
		 bool uses_size)
{
	const struct cb_element *since = cb_child(owner, "since", NULL);

	if (!since)
		return;
	for (; since; since = cb_child(owner, "since", since)) {
		const char *column = cb_attribute(since, "column");

		if (!column)
			problem_at(c->problems, since, NULL, 0,
				   "缺少 column：按哪一列接着读，如 column=\"更新时间\"",
				   "column is missing: which column does reading go on by?");
		else if (statement && !strstr(statement, arena_printf(c->arena, "{%s}", column)))
			problem_at(
				c->problems, since, "column", 0,
				"语句里没有用上 {%s}：每页都会一样",
				"{%s} is not used in the statement: every page would be the same",
				column);
		check_first(c, since);
		check_overlap(c, owner, since);
	}
	if (statement && !has_words(statement, "order", "by"))
		problem_at(
			c->problems, sql_of(owner), NULL, 0,
			"有 <since> 的语句要按它的列排序：缺少 ORDER BY",
			"a statement with <since> is sorted by its columns: ORDER BY is missing");
	if (statement && !uses_size && is_limited(statement))
		problem_at(
			c->problems, sql_of(owner), NULL, 0,
			"限制条数要写 {size}（比一页多一行，两页之间才不会漏），或去掉 LIMIT、TOP、"
			"FETCH、ROWNUM：一页多少条写在 batch",
			"a limit is written {size} (a row more than a page, so that none is lost "
			"between two), or leave out LIMIT, TOP, FETCH, ROWNUM: batch says how "
			"many rows a page has");
}
