/*
 * via.c - the attribute `via`: names with arguments, separated by blanks.
 */
#include "mapping/plan.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/utf8.h"

struct via {
	const struct frame *frame;
	const struct cb_element *e;
	const char *text, *at;
	struct transform *t;
};

#define via_problem(v, where, ...)                                                                 \
	problem_at((v)->frame->reader->problems, (v)->e, "via",                                    \
		   utf8_length((struct cb_text){ (v)->text, (size_t)((where) - (v)->text) }),      \
		   __VA_ARGS__)

static bool take_number(struct via *v, struct cb_text word, const char *where)
{
	int64_t *to = v->t->number ? &v->t->second : &v->t->number;
	char *end;

	*to = strtol(word.at, &end, 10);
	if (word.len && end == word.at + word.len && *to > 0 && *to <= 1000)
		return true;
	via_problem(v, where, "%s 的参数应是 1 到 1000 的整数",
		    "%s takes a whole number from 1 to 1000", v->t->kind->name);
	return false;
}

static bool take_factor(struct via *v, struct cb_text word, const char *where)
{
	v->t->text = word;
	if (number_is_canonical(word) && word.at[0] != '-' &&
	    number_compare(word, CB_TEXT("0")) != 0)
		return true;
	via_problem(v, where, "%s 的参数应是大于零的数，如 times(10000)",
		    "%s takes a number above zero, such as times(10000)", v->t->kind->name);
	return false;
}

static bool take_table(struct via *v, struct cb_text word, const char *where)
{
	struct arena *arena = v->frame->reader->arena;
	struct codes *codes = codes_find(v->frame->reader, word.at);
	size_t room = 0;

	if (!codes) {
		const char *near = codes_nearest(v->frame->reader, word.at);

		via_problem(v, where, "没有代码表“%s”%s%s", "there is no table '%s'%s%s", word.at,
			    near ? cb_say("；最接近的是 ", "; the nearest is ") : "",
			    near ? near : "");
		return false;
	}
	codes_rows(v->frame->reader, codes);
	for (size_t i = 0; i < codes->count; i++) {
		char *copy = arena_string(arena, cb_text_of(codes->rows[i].there));

		for (char *save, *one = strtok_r(copy, "|", &save); one;
		     one = strtok_r(NULL, "|", &save)) {
			plan_grow(arena, &v->t->words.at, v->t->words.count, &room,
				  sizeof(*v->t->words.at));
			v->t->words.at[v->t->words.count++] = cb_text_of(one);
		}
	}
	return true;
}

static bool take_argument(struct via *v, char kind, struct cb_text word, const char *where)
{
	switch (kind | 0x20) {
	case 'n':
		return take_number(v, word, where);
	case 'f':
		return take_factor(v, word, where);
	case 'w':
		return take_table(v, word, where);
	default:
		v->t->text = word;
		if (word.len)
			return true;
		via_problem(v, where, "%s 的参数是空的", "%s has an empty argument",
			    v->t->kind->name);
		return false;
	}
}

/* "(a,b)" behind a name. */
static bool read_arguments(struct via *v)
{
	struct arena *arena = v->frame->reader->arena;
	const char *kinds = v->t->kind->arguments, *open = v->at, *close;

	if (*open != '(') {
		if (!*kinds || isupper((unsigned char)*kinds))
			return true;
		via_problem(v, open, "%s 要有参数，写作 %s(…)", "%s has arguments: %s(…)",
			    v->t->kind->name, v->t->kind->name);
		return false;
	}
	close = strchr(open, ')');
	if (!close) {
		via_problem(v, open, "缺少右括号", "a closing parenthesis is missing");
		return false;
	}
	v->at = close + 1;
	for (const char *at = open + 1; at <= close; kinds++) {
		/* The last argument may be a comma itself. */
		const char *comma =
			kinds[0] && kinds[1] ? memchr(at, ',', (size_t)(close - at)) : NULL;
		const char *end = comma ? comma : close;
		struct cb_text word = { at, (size_t)(end - at) };

		word = arena_copy(arena, word);
		if (!*kinds) {
			if (at == close && at == open + 1)
				return true;
			via_problem(v, at, "%s 没有这么多参数", "%s has fewer arguments",
				    v->t->kind->name);
			return false;
		}
		if (!take_argument(v, *kinds, word, at))
			return false;
		at = end + 1;
	}
	if (!*kinds || isupper((unsigned char)*kinds))
		return true;
	via_problem(v, close, "%s 少一个参数", "%s lacks an argument", v->t->kind->name);
	return false;
}

static bool read_one(struct via *v)
{
	const char *begin = v->at;
	struct cb_text name = { begin, strcspn(begin, "( \t\n") };

	v->t->kind = transform_kind(name);
	if (!v->t->kind) {
		char *word = arena_string(v->frame->reader->arena, name);
		const char *near = problem_nearest(word, transform_names());

		via_problem(v, begin, "没有转换“%s”%s%s", "there is no transform '%s'%s%s", word,
			    near ? cb_say("；最接近的是 ", "; the nearest is ") : "",
			    near ? near : "");
		return false;
	}
	v->at += name.len;
	if (!read_arguments(v))
		return false;
	if (*v->at && !isspace((unsigned char)*v->at)) {
		via_problem(v, v->at, "转换之间用空格隔开", "blanks stand between transforms");
		return false;
	}
	if (strcmp(v->t->kind->name, "region") == 0 && v->t->number > 12) {
		via_problem(v, begin, "行政区划代码最多 12 位",
			    "an area code has at most 12 digits");
		return false;
	}
	return true;
}

static bool check_way(struct via *v, const struct op *op, const char *begin)
{
	if (v->t->kind->class != CLASS_ONE_WAY || op->way != WAY_BOTH)
		return true;
	via_problem(v, begin, "%s 不可逆，这一行必须写 way=\"in\" 或 way=\"out\"",
		    "%s cannot be undone, so this line must say way=\"in\" or way=\"out\"",
		    v->t->kind->name);
	return false;
}

/* regions spreads one value over several, so it stands nearest to the other side. */
static bool check_regions(struct via *v, struct op *op, const char *begin)
{
	if (!transform_is_regions(v->t))
		return true;
	if (v->t != op->via) {
		via_problem(v, begin, "regions 只能写在第一个", "regions can only come first");
		return false;
	}
	op->flags |= OP_REGIONS;
	return true;
}

bool via_read(const struct frame *f, const struct cb_element *e, struct op *op)
{
	const char *text = cb_attribute(e, "via");
	struct via v = { .frame = f, .e = e, .text = text, .at = text };
	size_t room = 0;

	if (!text)
		return true;
	for (;;) {
		const char *begin;

		while (isspace((unsigned char)*v.at))
			v.at++;
		if (!*v.at)
			break;
		begin = v.at;
		plan_grow(f->reader->arena, &op->via, op->via_count, &room, sizeof(*op->via));
		v.t = &op->via[op->via_count];
		*v.t = (struct transform){ 0 };
		if (!read_one(&v) || !check_way(&v, op, begin) || !check_regions(&v, op, begin))
			return false;
		op->via_count++;
	}
	return true;
}
