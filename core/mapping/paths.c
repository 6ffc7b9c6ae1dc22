/*
 * paths.c - paths as a line writes them become paths of a row.
 *
 * What a group, a part or numbered columns put in front of a path is put there
 * as text, before the path is compiled; so running knows nothing of it. In a
 * prefix, * is where the inner name stands: with "申请人*", the inner path 姓名
 * is 申请人姓名. Without a star the prefix is a sub-record and a slash comes
 * between; in a table, which has no sub-records, it goes straight in front.
 */
#include "mapping/plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

static size_t chars(const char *text, size_t len)
{
	return utf8_length((struct cb_text){ text, len });
}

/* The end of the word at @at: blanks inside quotes and brackets do not count. */
static const char *word_end(const char *at)
{
	const char *quote = NULL;
	int depth = 0;

	for (; *at; at++) {
		if (quote) {
			if (*at == *quote)
				quote = NULL;
		} else if (*at == '\'' || *at == '"') {
			quote = at;
		} else if (*at == '[') {
			depth++;
		} else if (*at == ']') {
			depth--;
		} else if (depth <= 0 && isspace((unsigned char)*at)) {
			break;
		}
	}
	return at;
}

bool paths_range(const char *text, int *from, int *to, size_t *at, size_t *len)
{
	const char *open = strchr(text, '{');
	int used = 0;

	if (!open || sscanf(open, "{%3d..%3d}%n", from, to, &used) != 2 || !used)
		return false;
	*at = (size_t)(open - text);
	*len = (size_t)used;
	return true;
}

const char *paths_numbered(struct arena *arena, const char *text, int number)
{
	size_t at, len;
	int from, to;

	if (!paths_range(text, &from, &to, &at, &len))
		return text;
	return arena_printf(arena, "%.*s%d%s", (int)at, text, number, text + at + len);
}

/* The first name of a path, quoted or not; *rest is what follows it. */
static struct cb_text first_name(const char *path, const char **rest)
{
	const char *end;

	if (*path == '\'' || *path == '"') {
		end = strchr(path + 1, *path);
		if (end) {
			*rest = end + 1;
			return (struct cb_text){ path + 1, (size_t)(end - path - 1) };
		}
	}
	end = path + strcspn(path, "/[");
	*rest = end;
	return (struct cb_text){ path, (size_t)(end - path) };
}

/* "a/b*c" with the inner name in the place of the star. */
static const char *at_star(struct arena *arena, const char *prefix, const char *star,
			   const char *inner, size_t *lead)
{
	const char *step = star, *after = star + 1, *rest;
	bool is_quoted = *inner == '\'' || *inner == '"';
	struct cb_text name = { "", 0 };
	size_t after_len, dir;

	while (step > prefix && step[-1] != '/')
		step--;
	dir = (size_t)(step - prefix);
	after_len = strlen(after);
	if (*step == '\'' || *step == '"') {
		is_quoted = true;
		step++;
		if (after_len && (after[after_len - 1] == '\'' || after[after_len - 1] == '"'))
			after_len--;
	}
	rest = inner + strlen(inner);
	if (strcmp(inner, ".") != 0)
		name = first_name(inner, &rest);
	*lead = chars(prefix, dir) + chars(step, (size_t)(star - step));
	/* In a condition quotes would make it a text: only where the name needs them. */
	return arena_printf(arena, "%.*s%s%.*s%.*s%.*s%s%s", (int)dir, prefix, is_quoted ? "'" : "",
			    (int)(star - step), step, CB_TEXT_ARG(name), (int)after_len, after,
			    is_quoted ? "'" : "", rest);
}

const char *paths_prefixed(const struct frame *f, enum side side, const char *inner, size_t *lead)
{
	struct arena *arena = f->reader->arena;
	const char *prefix = f->prefix[side], *number = strstr(inner, "{}"), *star;
	bool is_flat = side == THERE && !f->in_document && f->reader->m->format &&
		       strcmp(f->reader->m->format, "table") == 0;

	*lead = 0;
	if (number && f->number)
		return arena_printf(arena, "%.*s%d%s", (int)(number - inner), inner, f->number,
				    number + 2);
	if (!*prefix || strncmp(inner, "../", 3) == 0)
		return inner;
	star = strchr(prefix, '*');
	if (!star && strcmp(inner, ".") == 0)
		return prefix;
	if (!star && is_flat)
		prefix = arena_printf(arena, "%s*", prefix);
	star = strchr(prefix, '*');
	if (star)
		return at_star(arena, prefix, star, inner, lead);
	*lead = chars(prefix, strlen(prefix)) + 1;
	return arena_printf(arena, "%s/%s", prefix, inner);
}

static void spell(const struct frame *f, enum side side, const char *word, size_t offset,
		  struct spelled *out)
{
	out->offset = offset;
	out->text = paths_prefixed(f, side, word, &out->lead);
}

static bool bad_range(const struct frame *f, const struct cb_element *e, const char *name,
		      size_t offset)
{
	problem_at(f->reader->problems, e, name, offset,
		   "编号的列写作 {1..5}：从小到大，最多 200 个",
		   "numbered columns are written {1..5}: ascending, at most 200");
	return false;
}

bool paths_spell(const struct frame *f, const struct cb_element *e, const char *name,
		 enum side side, struct spelled **out, size_t *count)
{
	struct arena *arena = f->reader->arena;
	const char *text = cb_attribute(e, name), *at = text;
	size_t room = 0;

	*out = NULL;
	*count = 0;
	for (;;) {
		const char *word, *end;
		size_t where, len;
		int from = 0, to = 0;

		while (isspace((unsigned char)*at))
			at++;
		if (!*at)
			break;
		end = word_end(at);
		word = arena_string(arena, (struct cb_text){ at, (size_t)(end - at) });
		if (strchr(word, '{') && !strstr(word, "{}") &&
		    (!paths_range(word, &from, &to, &where, &len) || to < from || to - from >= 200))
			return bad_range(f, e, name, chars(text, (size_t)(at - text)));
		for (int i = from; i <= to; i++) {
			plan_grow(arena, out, *count, &room, sizeof(**out));
			spell(f, side, paths_numbered(arena, word, i),
			      chars(text, (size_t)(at - text)), &(*out)[(*count)++]);
		}
		at = end;
	}
	if (!*count)
		problem_at(f->reader->problems, e, name, 0, "这里要写一个字段的路径",
			   "a path belongs here");
	return *count > 0;
}

void paths_problem(const struct frame *f, const struct cb_element *e, const char *name,
		   const struct spelled *path, const struct cb_error *err)
{
	size_t bytes = err->column ? err->column - 1 : 0, at;

	at = chars(path->text, bytes > strlen(path->text) ? strlen(path->text) : bytes);
	problem_at(f->reader->problems, e, name,
		   path->offset + (at > path->lead ? at - path->lead : 0), "%s", "%s", err->text);
}

bool paths_read(const struct frame *f, const struct cb_element *e, const char *name, enum side side,
		enum path_use use, struct path ***out, size_t *count)
{
	struct arena *arena = f->reader->arena;
	struct spelled *spelled;
	struct cb_error err;

	if (!paths_spell(f, e, name, side, &spelled, count))
		return false;
	*out = arena_zero(arena, *count * sizeof(struct path *));
	for (size_t i = 0; i < *count; i++)
		if (path_compile(arena, f->shape[side], cb_text_of(spelled[i].text), use,
				 &(*out)[i], &err) != CB_OK) {
			paths_problem(f, e, name, &spelled[i], &err);
			return false;
		}
	return true;
}

/* [name='text'] at the end of a list's path. */
static bool equality(const struct frame *f, const char *text, struct list_at *out,
		     struct cb_error *err)
{
	struct arena *arena = f->reader->arena;
	const char *sign = strchr(text, '='), *quote;
	struct path *path;
	char *name;
	size_t len;

	if (!sign)
		return false;
	name = arena_string(arena, utf8_trim((struct cb_text){ text, (size_t)(sign - text) }));
	if (path_compile(arena, out->shape, cb_text_of(name), PATH_VALUE, &path, err) != CB_OK ||
	    path->step_count || path->up)
		return false;
	quote = sign + 1 + strspn(sign + 1, " ");
	len = strlen(quote);
	if (len < 2 || (*quote != '\'' && *quote != '"') || quote[len - 1] != *quote)
		return false;
	out->equal_slot = path->slot;
	out->equal_text = arena_copy(arena, (struct cb_text){ quote + 1, len - 2 });
	return true;
}

bool paths_list(const struct frame *f, const struct cb_element *e, enum side side,
		const struct spelled *path, struct list_at *out, const char **rest)
{
	struct arena *arena = f->reader->arena;
	const char *name = side == HERE ? "here" : "there", *close = strrchr(path->text, ']');
	const char *open = close ? close : NULL, *inner = "";
	struct cb_error err = { .text = "" };
	struct path *list, *holder;
	char *text;

	*rest = "";
	text = arena_string(arena, cb_text_of(path->text));
	if (close) {
		while (open > path->text && *open != '[')
			open--;
		*rest = close[1] == '/' ? close + 2 : close + 1;
		inner = arena_string(arena,
				     (struct cb_text){ open + 1, (size_t)(close - open - 1) });
		text[open - path->text] = '\0';
	}
	if (path_compile(arena, f->shape[side], cb_text_of(text), PATH_LIST, &list, &err) !=
	    CB_OK) {
		paths_problem(f, e, name, path, &err);
		return false;
	}
	holder = arena_take(arena, sizeof(*holder));
	*holder = *list;
	holder->step_count--;
	holder->rows = NULL;
	*out = (struct list_at){ .holder = holder,
				 .index = list->steps[holder->step_count].index,
				 .shape = f->shape[side],
				 .equal_slot = NO_SLOT };
	for (size_t i = 0; i < list->up; i++)
		out->shape = out->shape->up;
	for (size_t i = 0; i < list->step_count; i++)
		out->shape = out->shape->lists[list->steps[i].index];
	if (!close || equality(f, inner, out, &err))
		return true;
	if (!*err.text)
		cb_error_set(&err, CB_BROKEN, "方括号里只能是一个相等条件，如 [role='applicant']",
			     "only one equality may stand in brackets, such as [role='applicant']");
	err.column = (uint32_t)(open - path->text) + 2;
	paths_problem(f, e, name, path, &err);
	return false;
}

/* Is the word at @at one of the language's own, or a function? */
static bool is_keyword(const char *at, size_t len)
{
	const char *next = at + len + strspn(at + len, " \t\n");
	struct cb_text word = { at, len };

	return cb_text_is(word, "and") || cb_text_is(word, "or") || *next == '(' ||
	       isdigit((unsigned char)*at) || *at == '-';
}

/* The condition with the prefix in front of each of its paths. */
static const char *prefixed_condition(const struct frame *f, enum side side, const char *text)
{
	struct buffer out = { 0 };
	const char *result;
	size_t lead;

	while (*text) {
		size_t len = strcspn(text, " \t\n=!<>(),'\"");

		if (*text == '\'' || *text == '"') {
			const char *end = strchr(text + 1, *text);

			len = end ? (size_t)(end - text) + 1 : strlen(text);
			buffer_put(&out, text, len);
		} else if (!len) {
			buffer_put(&out, text, len = 1);
		} else if (is_keyword(text, len)) {
			buffer_put(&out, text, len);
		} else {
			const char *path = text;

			len = 0;
			for (int depth = 0; path[len]; len++) {
				depth += path[len] == '[';
				if (depth <= 0 && strchr(" \t\n=!<>(),", path[len]))
					break;
				depth -= path[len] == ']';
			}
			path = arena_string(f->reader->arena, (struct cb_text){ text, len });
			buffer_string(&out, paths_prefixed(f, side, path, &lead));
		}
		text += len;
	}
	result = arena_string(f->reader->arena, buffer_view(&out));
	buffer_done(&out);
	return result;
}

struct condition *paths_condition(const struct frame *f, const struct cb_element *e,
				  const char *name, enum side side, const char *text)
{
	bool has_prefix = *f->prefix[side] || f->number;
	struct condition *condition;
	struct cb_error err;
	size_t at;

	if (has_prefix)
		text = prefixed_condition(f, side, text);
	if (condition_compile(f->reader->arena, f->shape[side], cb_text_of(text), &condition,
			      &err) == CB_OK)
		return condition;
	at = err.column ? err.column - 1 : 0;
	at = has_prefix ? 0 : chars(text, at > strlen(text) ? strlen(text) : at);
	problem_at(f->reader->problems, e, name, at, "%s", "%s", err.text);
	return NULL;
}

const char *paths_name(const struct frame *f, enum side side, const char *spelled)
{
	char *out = arena_printf(f->reader->arena, "%s%s", f->name[side],
				 strcmp(spelled, ".") == 0 ? "" : spelled);
	char *to = out;
	int depth = 0;

	for (const char *at = out; *at; at++) {
		depth += *at == '[';
		if (!depth && *at != '\'' && *at != '"')
			*to++ = *at;
		depth -= *at == ']';
	}
	while (to > out && to[-1] == '/')
		to--;
	*to = '\0';
	return out;
}
