/*
 * learn.c - a record of theirs becomes a sample in the mapping's own file.
 *
 * Only what the mapping reads is kept, and of that, personal values are replaced;
 * everything else that the record says is left out: nobody knows what is in it. What
 * a condition alone looks at stays where the mapping itself quotes it. Then the new
 * record is translated, and what comes of it is what the sample expects.
 */
#include "mapping/plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "mapping/pseudonym.h"

struct kept { /* a value that a line reads */
	const char *at;
	struct cb_text text; /* what it becomes */
};

struct learning {
	struct run run;
	struct arena *arena;
	struct pseudonyms names;
	struct kept *kept;
	size_t count, room;
};

/* A copy whose values stand each at a place of its own, so that a place tells the value. */
static struct row *copy_row(struct arena *arena, const struct row *row, struct row *up)
{
	struct row *copy = row_new(arena, row->shape);

	copy->up = up;
	for (size_t i = 0; i < row->shape->slot_count; i++)
		if (row->values[i].at)
			copy->values[i] = cb_text_of(arena_string(arena, row->values[i]));
	for (uint32_t l = 0; l < row->shape->list_count; l++)
		for (size_t i = 0; i < row->lists[l].count; i++) {
			struct row *item = row_add(arena, copy, l);
			const struct row *filled = copy_row(arena, row->lists[l].at[i], copy);

			memcpy(item->values, filled->values,
			       item->shape->slot_count * sizeof(*item->values));
			memcpy(item->lists, filled->lists,
			       item->shape->list_count * sizeof(*item->lists));
		}
	return copy;
}

static bool is_personal(const struct op *op)
{
	return op->line->is_secret || (op->field && op->field->privacy != PRIVACY_NONE);
}

static void keep(struct learning *l, struct cb_text value, struct cb_text becomes)
{
	if (!value.len)
		return;
	plan_grow(l->arena, &l->kept, l->count, &l->room, sizeof(*l->kept));
	l->kept[l->count++] = (struct kept){ value.at, becomes };
}

static struct cb_text replaced(struct learning *l, const struct op *op, struct cb_text value)
{
	/* A code says no more than its table; a word that means nothing says nothing. */
	if (!value.len || !is_personal(op) || op->table || is_blank(op, value))
		return value;
	return pseudonym(&l->names, op->field, value);
}

static void keep_field(struct learning *l, const struct op *op, const struct row *there)
{
	for (size_t i = 0; i < op->there_count; i++) {
		struct cb_text value = path_text(op->there[i], there);

		keep(l, value, replaced(l, op, value));
	}
}

static void keep_body(struct learning *l, const struct body *body, struct row *there);
static void finish_row(struct learning *l, struct row *row);

static void keep_document(struct learning *l, const struct op *op, struct row *there)
{
	struct row *inner = copy_row(l->arena, document_in(&l->run, op, there), there);
	struct cb_text text;

	keep_body(l, op->bodies, inner);
	finish_row(l, inner);
	document_out(&l->run, op, inner, there);
	text = path_text(op->there[0], there);
	keep(l, text, text);
}

/* The text between two separators, as the line inside the list says. */
static void keep_pieces(struct learning *l, const struct op *op, struct row *there)
{
	const struct body *body = op->bodies;
	struct cb_text text =
		op->there_count ? path_text(op->there[0], there) : (struct cb_text){ 0 };
	const char *at = text.at, *end = text.at + text.len, *from = at;
	struct buffer out = { 0 };

	while (from && from <= end) {
		const char *next = at;

		if (at < end)
			(void)utf8_next(&next, end);
		if (at == end || memmem(op->split.at, op->split.len, at, (size_t)(next - at))) {
			struct cb_text piece = { from, (size_t)(at - from) };

			buffer_text(&out, body->count ? replaced(l, &body->ops[0], piece) : piece);
			buffer_put(&out, at, (size_t)(next - at));
			from = at == end ? NULL : next;
		}
		at = next;
	}
	keep(l, text, arena_copy(l->arena, buffer_view(&out)));
	buffer_done(&out);
}

static void keep_each(struct learning *l, const struct op *op, struct row *there)
{
	const struct rows *rows;

	if (op->pieces) {
		keep_pieces(l, op, there);
		return;
	}
	for (size_t i = 0; op->is_numbered && i < op->body_count; i++)
		keep_body(l, &op->bodies[i], there);
	if (op->is_numbered)
		return;
	rows = list_items(&op->list[THERE], there);
	for (size_t i = 0; i < rows->count; i++)
		if (list_means(&op->list[THERE], rows->at[i]))
			keep_body(l, op->bodies, rows->at[i]);
}

static void keep_group(struct learning *l, const struct op *op, struct row *there)
{
	size_t count;

	if (op->list[THERE].shape)
		there = list_first(&op->list[THERE], there, &count);
	if (there && op->as)
		keep_document(l, op, there);
	else if (there)
		keep_body(l, op->bodies, there);
}

static void keep_line(struct learning *l, const struct op *op, struct row *there)
{
	switch (op->kind) {
	case OP_FIELD:
	case OP_SET:
		keep_field(l, op, there);
		return;
	case OP_GROUP:
		keep_group(l, op, there);
		return;
	case OP_EACH:
		keep_each(l, op, there);
		return;
	case OP_WHEN:
		for (size_t i = 0; i < op->made_count[THERE]; i++)
			keep(l, path_text(op->made[THERE][i].path, there),
			     path_text(op->made[THERE][i].path, there));
		if (!op->there_when || condition_holds(op->there_when, there))
			keep_body(l, op->bodies, there);
		return;
	default:
		return;
	}
}

static void keep_body(struct learning *l, const struct body *body, struct row *there)
{
	for (size_t i = 0; i < body->count; i++)
		if (body->ops[i].way & WAY_IN)
			keep_line(l, &body->ops[i], there);
}

/* Does the mapping's own text quote it? */
static bool is_quoted(const struct learning *l, struct cb_text value)
{
	const struct source *own = &l->run.m->sources[0];
	const char *at = own->text.at, *end = own->text.at + own->text.len, *hit;

	while ((hit = memmem(at, (size_t)(end - at), value.at, value.len))) {
		const char *behind = hit + value.len;

		if (hit > own->text.at && behind < end && strchr("'\"|", hit[-1]) &&
		    strchr("'\"|", *behind))
			return true;
		at = hit + 1;
	}
	return false;
}

static struct cb_text becomes(struct learning *l, struct cb_text value)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->kept[i].at == value.at)
			return pseudonyms_within(&l->names, l->kept[i].text);
	return value.len && is_quoted(l, value) ? value : (struct cb_text){ 0 };
}

static void finish_row(struct learning *l, struct row *row)
{
	for (size_t i = 0; i < row->shape->slot_count; i++)
		if (row->values[i].at)
			row->values[i] = becomes(l, row->values[i]);
	for (size_t k = 0; k < row->shape->list_count; k++)
		for (size_t i = 0; i < row->lists[k].count; i++)
			finish_row(l, row->lists[k].at[i]);
}

/* ------------------------------------------------------------- as text */

static void put_cell(struct buffer *out, struct cb_text value)
{
	bool is_plain = true;

	for (size_t i = 0; i < value.len; i++)
		is_plain = is_plain && !strchr(",\"\r\n", value.at[i]);
	if (is_plain) {
		buffer_text(out, value);
		return;
	}
	buffer_char(out, '"');
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '"')
			buffer_char(out, '"');
		buffer_char(out, value.at[i]);
	}
	buffer_char(out, '"');
}

#define COLUMNS_MOST 16384 /* of a sheet */
#define TITLES_MOST 1000

/* "#12" → 12; 0: a heading, or further than any table goes. */
static size_t position_of(struct cb_text name)
{
	size_t at = name.len > 1 && name.at[0] == '#' ? strtoul(name.at + 1, NULL, 10) : 0;

	return at <= COLUMNS_MOST ? at : 0;
}

/* A column each, where its heading or its position says; the rows above the heading are made up. */
static void put_table(const struct mapping *m, const struct row *row, struct buffer *out)
{
	const struct shape *shape = row->shape;
	const char *skip = mapping_there_option(m, "skip");
	const char *heading = mapping_there_option(m, "heading");
	size_t columns = 0, next = 0;
	struct cb_text *names, *values;

	for (size_t i = 0; i < shape->slot_count; i++) {
		size_t at = position_of(shape->slots[i].node->name);

		columns = at > columns ? at : columns;
	}
	names = arena_zero(m->arena, (columns + shape->slot_count + 1) * sizeof(*names));
	values = arena_zero(m->arena, (columns + shape->slot_count + 1) * sizeof(*values));
	next = columns;
	for (size_t i = 0; i < shape->slot_count; i++) {
		size_t at = position_of(shape->slots[i].node->name);

		values[at ? at - 1 : next] = row->values[i];
		if (!at)
			names[next++] = shape->slots[i].node->name;
	}
	for (long i = 0; skip && i < strtol(skip, NULL, 10) && i < TITLES_MOST; i++)
		buffer_string(out, "标题\n");
	for (size_t i = 0; i < next && !(heading && strcmp(heading, "no") == 0); i++) {
		if (i)
			buffer_char(out, ',');
		put_cell(out, names[i]);
	}
	if (!heading || strcmp(heading, "no") != 0)
		buffer_char(out, '\n');
	for (size_t i = 0; i < next; i++) {
		if (i)
			buffer_char(out, ',');
		put_cell(out, values[i]);
	}
}

/* Text of an element: a quote is no trouble there. */
static void put_escaped(struct buffer *out, struct cb_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '&')
			buffer_string(out, "&amp;");
		else if (text.at[i] == '<')
			buffer_string(out, "&lt;");
		else if (text.at[i] == '>')
			buffer_string(out, "&gt;");
		else
			buffer_char(out, text.at[i]);
	}
}

static int put_theirs(const struct mapping *m, const struct mapping_formats *formats,
		      const struct row *there, struct buffer *out, struct cb_error *err)
{
	struct buffer text = { 0 };
	int rc = CB_OK;

	buffer_string(out, "    <there>");
	if (strcmp(m->format, "table") == 0)
		put_table(m, there, &text);
	else
		rc = formats->write(formats->with, m->format, m->root, there, &text, err);
	if (strcmp(m->format, "xml") == 0)
		buffer_text(out, utf8_trim(buffer_view(&text)));
	else
		put_escaped(out, utf8_trim(buffer_view(&text)));
	buffer_string(out, "</there>\n");
	buffer_done(&text);
	return rc;
}

static int put_ours(const struct mapping *m, const struct mapping_formats *formats,
		    const struct row *here, struct buffer *out, struct cb_error *err)
{
	struct buffer text = { 0 };
	int rc = formats->write(formats->with, "xml", m->here->name, here, &text, err);

	buffer_string(out, "    <here>");
	buffer_text(out, utf8_trim(buffer_view(&text)));
	buffer_string(out, "</here>\n");
	buffer_done(&text);
	return rc;
}

static void put_expected(const struct result *result, struct buffer *out)
{
	static const char *const words[] = { [OUTCOME_HELD] = "hold",
					     [OUTCOME_REJECTED] = "reject",
					     [OUTCOME_PASSED_BY] = "pass-by" };

	for (size_t i = 0; i < result->count; i++) {
		const struct finding *f = &result->findings[i];

		if (f->bad == OUTCOME_MAPPED)
			continue;
		buffer_printf(out, "    <expect bad=\"%s\"", words[f->bad]);
		if (f->here)
			buffer_printf(out, " here=\"%s\"", f->here);
		buffer_printf(out, " why=\"%s\"/>\n", f->code);
	}
}

int mapping_learn(struct mapping *m, const struct mapping_formats *formats, const struct row *there,
		  struct arena *arena, struct buffer *out, struct cb_error *err)
{
	struct result ignored = { .arena = arena }, result = { .arena = arena };
	struct learning l = { .run = { .m = m, .arena = arena, .result = &ignored },
			      .arena = arena,
			      .names = { .arena = arena } };
	struct row *copy = copy_row(arena, there, NULL), *here;
	int rc;

	keep_body(&l, &m->body, copy);
	finish_row(&l, copy);
	here = mapping_in(m, copy, &result);
	rc = put_theirs(m, formats, copy, out, err);
	if (rc == CB_OK && result.outcome == OUTCOME_MAPPED)
		rc = put_ours(m, formats, here, out, err);
	put_expected(&result, out);
	return rc;
}

/* ------------------------------------------------------------- into the file */

int mapping_add_sample(const struct mapping *m, const char *name, const char *trip,
		       struct cb_text sample, struct buffer *out, struct cb_error *err)
{
	static const char close[] = "</mapping>";
	struct cb_text text = m->sources[0].text;
	const char *end = NULL, *at = text.at, *stop = text.at + text.len;
	bool has_cr = memmem(text.at, text.len, "\r\n", 2);

	for (const char *hit = at; (hit = memmem(hit, (size_t)(stop - hit), close, 10)); hit++)
		end = hit;
	if (!end || utf8_valid(text, NULL) != text.len)
		return cb_fail(err, CB_SETUP, "%s 不是 UTF-8 的映射文件：请另存为 UTF-8 再试",
			       "%s is no mapping in UTF-8: save it as UTF-8", m->sources[0].file);
	while (end > at && strchr(" \t\r\n", end[-1]))
		end--;
	buffer_put(out, at, (size_t)(end - at));
	buffer_string(out, has_cr ? "\r\n  <test name=\"" : "\n  <test name=\"");
	buffer_xml(out, cb_text_of(name));
	buffer_printf(out, "\" way=\"in\" trip=\"%s\">%s", trip, has_cr ? "\r\n" : "\n");
	for (size_t i = 0; i < sample.len; i++) {
		if (sample.at[i] == '\n' && has_cr)
			buffer_char(out, '\r');
		buffer_char(out, sample.at[i]);
	}
	buffer_string(out, "  </test>");
	buffer_put(out, end, (size_t)(stop - end));
	return CB_OK;
}
