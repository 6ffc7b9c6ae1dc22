/*
 * test.c - the samples in a mapping's own file.
 *
 * A sample proves what it gives: the translation of one side is compared with
 * the other, expected problems must come and others must not, and the round
 * trip holds as strongly as claimed. Rows are compared, not bytes, so the order
 * of attributes and the blanks between elements do not matter; nothing and an
 * empty text are the same here, and numbers compare by value.
 */
#include "mapping/plan.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "record/sink.h"

struct trial {
	struct mapping *m;
	const struct mapping_formats *formats;
	const struct sample *sample;
	struct test_report *report;
	struct arena arena;
	bool has_failed;
};

static void fail(struct trial *t, const char *zh, const char *en, ...) CB_SAYS(2, 3, 4);

static void fail(struct trial *t, const char *zh, const char *en, ...)
{
	struct buffer *out = t->report->out;
	va_list args;
	char text[CB_ERROR_MAX];

	t->has_failed = true;
	if (!out)
		return;
	va_start(args, en);
	vsnprintf(text, sizeof(text), cb_say(zh, en), args);
	va_end(args);
	buffer_printf(out, "%s:%u: %s: %s\n", t->sample->file, t->sample->line, t->sample->name,
		      text);
}

/* ------------------------------------------------------- comparing rows */

static bool same_value(const struct slot *slot, struct cb_text a, struct cb_text b)
{
	if (!a.len || !b.len)
		return a.len == b.len;
	if (slot->type == CB_VALUE_NUMBER && number_is_canonical(a) && number_is_canonical(b))
		return number_compare(a, b) == 0;
	return cb_text_equal(a, b);
}

/* The first difference, as a path; NULL where there is none. */
static const char *difference(struct trial *t, const struct row *want, const struct row *have)
{
	const struct shape *shape = want->shape;

	for (size_t i = 0; i < shape->slot_count; i++)
		if (!same_value(&shape->slots[i], want->values[i], have->values[i]))
			return arena_printf(&t->arena, "%.*s", CB_TEXT_ARG(shape->slots[i].path));
	for (size_t i = 0; i < shape->list_count; i++) {
		const struct rows *a = &want->lists[i], *b = &have->lists[i];

		if (a->count != b->count)
			return arena_printf(&t->arena, "%.*s（%zu ≠ %zu）",
					    CB_TEXT_ARG(shape->lists[i]->path), a->count, b->count);
		for (size_t k = 0; k < a->count; k++) {
			const char *inner = difference(t, a->at[k], b->at[k]);

			if (inner)
				return arena_printf(&t->arena, "%.*s[%zu]/%s",
						    CB_TEXT_ARG(shape->lists[i]->path), k + 1,
						    inner);
		}
	}
	return NULL;
}

/* Samples hold made-up people, so what came may be shown. */
static void compare(struct trial *t, const char *what, const struct row *want,
		    const struct row *have)
{
	const char *where = difference(t, want, have);
	struct buffer a = { 0 }, b = { 0 };

	if (!where)
		return;
	row_json(want, &a);
	row_json(have, &b);
	fail(t, "%s：%s 不一样；应为 %.400s，得到 %.400s",
	     "%s: %s differs; expected %.400s, got %.400s", what, where, buffer_cstr(&a),
	     buffer_cstr(&b));
	buffer_done(&a);
	buffer_done(&b);
}

/* ------------------------------------------------------- expectations */

static bool is_bad(const struct finding *f, const char *bad)
{
	if (!bad)
		return true;
	if (strcmp(bad, "hold") == 0)
		return f->bad == OUTCOME_HELD;
	if (strcmp(bad, "reject") == 0)
		return f->bad == OUTCOME_REJECTED;
	if (strcmp(bad, "pass-by") == 0)
		return f->bad == OUTCOME_PASSED_BY;
	return f->bad == OUTCOME_MAPPED && f->is_skipped == (strcmp(bad, "skip") == 0);
}

static bool is_path(const char *have, const char *want)
{
	return !want || (have && strcmp(have, want) == 0);
}

static bool is_met(const struct expectation *x, const struct finding *f)
{
	return strcmp(x->why, f->code) == 0 && is_bad(f, x->bad) && is_path(f->here, x->here) &&
	       is_path(f->there, x->there);
}

static void check_expected(struct trial *t, const char *what, const struct result *result)
{
	for (size_t i = 0; i < t->sample->expect_count; i++) {
		const struct expectation *x = &t->sample->expect[i];
		const char *where = x->here ? x->here : x->there ? x->there : "*";
		size_t k = 0;

		while (k < result->count && !is_met(x, &result->findings[k]))
			k++;
		if (k == result->count)
			fail(t, "%s：第 %u 行期望的问题 %s（%s）没有出现",
			     "%s: the problem of line %u, %s (%s), did not come", what, x->line,
			     x->why, where);
	}
}

static void check_unexpected(struct trial *t, const char *what, const struct finding *f)
{
	const struct sample *s = t->sample;

	if (f->bad == OUTCOME_MAPPED)
		return;
	for (size_t i = 0; i < s->expect_count; i++)
		if (is_met(&s->expect[i], f))
			return;
	fail(t, "%s：没料到的问题 %s（%s）：%.*s", "%s: unexpected problem %s (%s): %.*s", what,
	     f->code,
	     f->here    ? f->here
	     : f->there ? f->there
			: "*",
	     CB_TEXT_ARG(f->say));
}

static void check_findings(struct trial *t, const char *what, const struct result *result)
{
	check_expected(t, what, result);
	for (size_t i = 0; i < result->count; i++)
		check_unexpected(t, what, &result->findings[i]);
}

/* ------------------------------------------------------- reading samples */

static struct row *read_sample(struct trial *t, const char *format, const char *root,
			       struct cb_text text, const struct shape *shape)
{
	struct row *row = NULL;
	struct cb_error err = { .text = "" };

	text = utf8_trim(text);
	if (t->formats->read(t->formats->with, format, root, text, shape, &t->arena, &row, &err) ==
		    CB_OK &&
	    row)
		return row;
	fail(t, "样例读不出来：%s", "the sample cannot be read: %s", err.text);
	return NULL;
}

static struct row *read_theirs(struct trial *t)
{
	const struct cb_element *e = t->sample->there;
	bool is_xml = strcmp(t->m->format, "xml") == 0;

	return e ? read_sample(t, t->m->format, t->m->root, is_xml ? e->inner : e->text,
			       t->m->there)
		 : NULL;
}

static struct row *read_ours(struct trial *t)
{
	const struct cb_element *e = t->sample->here;

	return e ? read_sample(t, "xml", t->m->here->name, e->inner, t->m->here->shape) : NULL;
}

/* ------------------------------------------------------- trips */

static struct row *go_in(struct trial *t, const struct row *there)
{
	struct result result = { .arena = &t->arena };

	return mapping_in(t->m, there, &result);
}

static struct row *go_out(struct trial *t, const char *what, const struct row *here)
{
	struct result result = { .arena = &t->arena };
	struct row *there = mapping_out(t->m, here, &result);

	for (size_t i = 0; i < result.count; i++)
		if (result.findings[i].bad != OUTCOME_MAPPED)
			fail(t, "%s：写出时有问题 %s：%.*s", "%s: writing found %s: %.*s", what,
			     result.findings[i].code, CB_TEXT_ARG(result.findings[i].say));
	return there;
}

static void run_in(struct trial *t, const struct row *there, const struct row *want)
{
	const char *what = cb_say("读入", "in");
	struct result result = { .arena = &t->arena };
	struct row *here = mapping_in(t->m, there, &result), *again;

	check_findings(t, what, &result);
	if (want)
		compare(t, what, want, here);
	if (t->sample->trip == TRIP_NONE || result.outcome != OUTCOME_MAPPED)
		return;
	what = cb_say("读入再写出", "in and out");
	again = go_out(t, what, here);
	if (t->sample->trip == TRIP_EXACT)
		compare(t, what, there, again);
	compare(t, cb_say("读入、写出、再读入", "in, out and in"), here, go_in(t, again));
}

static void run_out(struct trial *t, const struct row *here, const struct row *want)
{
	const char *what = cb_say("写出", "out");
	struct result result = { .arena = &t->arena };
	struct row *there = mapping_out(t->m, here, &result), *again;

	check_findings(t, what, &result);
	if (want)
		compare(t, what, want, there);
	if (t->sample->trip == TRIP_NONE || result.outcome != OUTCOME_MAPPED)
		return;
	what = cb_say("写出再读入", "out and in");
	again = go_in(t, there);
	if (t->sample->trip == TRIP_EXACT)
		compare(t, what, here, again);
	compare(t, cb_say("写出、读入、再写出", "out, in and out"), there, go_out(t, what, again));
}

static void run_sample(struct trial *t)
{
	const struct sample *s = t->sample;
	struct row *there = read_theirs(t), *here = read_ours(t);

	if ((s->there && !there) || (s->here && !here))
		return;
	if (there && (s->way & WAY_IN))
		run_in(t, there, here);
	if (here && (s->way & WAY_OUT))
		run_out(t, here, there);
}

void mapping_test(struct mapping *m, const struct mapping_formats *formats,
		  struct test_report *report)
{
	if (!m->formats.read)
		mapping_lend(m, formats);
	for (size_t i = 0; i < m->sample_count; i++) {
		struct trial t = {
			.m = m, .formats = formats, .sample = &m->samples[i], .report = report
		};

		run_sample(&t);
		if (t.has_failed)
			report->failed++;
		else
			report->passed++;
		arena_done(&t.arena);
	}
}
