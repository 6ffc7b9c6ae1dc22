/*
 * field.c - one value across.
 *
 * In: their texts, without the words for nothing, joined; transforms from left
 * to right; limits; codes; type and form (form.c); ours. Out: the same backwards. What
 * goes wrong becomes a finding, and the field stays empty unless it may pass.
 *
 * Texts that do not change are not copied: a result borrows from the row it
 * was made of.
 */
#include "mapping/plan.h"

#include "base/utf8.h"

#define MOST OP_MOST

static const struct cb_text nothing;

/* Only as many as the line has: an array of sixteen is most of the cost of a line with one. */
static void clear(struct cb_text *texts, size_t count)
{
	texts[0] = nothing;
	for (size_t i = 1; i < count; i++)
		texts[i] = nothing;
}

bool is_blank(const struct op *op, struct cb_text text)
{
	unsigned char first;

	if (!text.len)
		return true;
	first = (unsigned char)text.at[0];
	if ((first <= ' ' || first == 0xc2 || first == 0xe2 || first == 0xe3 || first == 0xef) &&
	    !utf8_trim(text).len)
		return true;
	for (size_t i = 0; i < op->blank.count; i++)
		if (cb_text_equal(op->blank.at[i], text))
			return true;
	return false;
}

/* ---------------------------------------------------------- in */

static struct cb_text read_at(const struct path *path, const struct row *row, bool *again)
{
	if (path->step_count || path->up) {
		row = path_row(path, row);
		if (!row)
			return nothing;
	}
	if (row->again && row->again[path->slot])
		*again = true;
	return row->values[path->slot];
}

/* More than one item has what the path's brackets ask for. */
static bool is_chosen_twice(const struct path *path, const struct row *row)
{
	for (size_t up = path->up; up && row; up--)
		row = row->up;
	for (size_t i = 0; i < path->step_count && row; i++) {
		const struct path_step *step = &path->steps[i];
		const struct rows *rows = &row->lists[step->index];
		size_t count = 0;

		row = NULL;
		for (size_t k = 0; k < rows->count; k++)
			if (step->equal_slot == NO_SLOT ||
			    cb_text_equal(rows->at[k]->values[step->equal_slot],
					  step->equal_text)) {
				row = row ? row : rows->at[k];
				count++;
			}
		if (count > 1)
			return true;
	}
	return false;
}

/* All values of one side; how many say something, or -1 with a finding. */
static int gather(struct run *run, const struct op *op, struct path *const *paths, size_t count,
		  const struct row *row, struct cb_text *out, bool is_in)
{
	bool again = false;
	int said = 0;

	for (size_t i = 0; i < count; i++) {
		out[i] = read_at(paths[i], row, &again);
		if (is_in ? is_blank(op, out[i]) : !out[i].len)
			out[i] = nothing;
		said += out[i].at != NULL;
		if (again || (paths[i]->step_count && is_chosen_twice(paths[i], row))) {
			say_many(run, op, is_in);
			if (!may_pass(op))
				return -1;
			again = false;
		}
	}
	return said;
}

static struct cb_text joined(struct run *run, const struct op *op, const struct cb_text *texts)
{
	size_t len = 0, count = 0;
	char *out, *at;

	for (size_t i = 0; i < op->there_count; i++)
		len += texts[i].len + op->join.len;
	out = at = arena_take(run->arena, len + 1);
	for (size_t i = 0; i < op->there_count; i++) {
		if (!texts[i].at)
			continue;
		if (count++) {
			memcpy(at, op->join.at, op->join.len);
			at += op->join.len;
		}
		memcpy(at, texts[i].at, texts[i].len);
		at += texts[i].len;
	}
	return (struct cb_text){ out, (size_t)(at - out) };
}

/* One text of theirs in all: joined, or by levels of areas. */
static bool bring_together(struct run *run, const struct op *op, struct cb_text *texts)
{
	if (op->flags & OP_REGIONS) {
		struct cb_text levels[MOST];
		size_t count = op->there_count;

		memcpy(levels, texts, count * sizeof(*levels));
		if (op->join.at && count == 1) {
			struct cb_text rest = texts[0];

			for (count = 0; rest.at && count < MOST; count++) {
				const char *bar =
					memmem(rest.at, rest.len, op->join.at, op->join.len);

				levels[count] = rest;
				if (!bar) {
					rest = nothing;
					continue;
				}
				levels[count].len = (size_t)(bar - rest.at);
				rest.len -= levels[count].len + op->join.len;
				rest.at = bar + op->join.len;
			}
		}
		if (regions_in(op->via, run->arena, levels, count, &texts[0])) {
			say_no_region(run, op);
			return false;
		}
		if (is_traced(run))
			trace_step(run, "regions", NULL, texts[0]);
	} else if (op->join.at && op->there_count > 1) {
		texts[0] = joined(run, op, texts);
		if (is_traced(run))
			trace_step(run, "join", op->join.at, texts[0]);
	}
	return true;
}

static bool transform_in(struct run *run, const struct op *op, struct cb_text *texts, size_t count)
{
	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < op->via_count; i++) {
			const struct transform *t = &op->via[i];
			const char *code = t->kind->in && texts[k].at
						   ? t->kind->in(t, run->arena, &texts[k])
						   : NULL;

			if (code) {
				say_transform(run, op, code);
				return false;
			}
			if (!texts[k].len)
				texts[k] = nothing;
			if (is_traced(run) && t->kind->in)
				trace_step(run, "via", t->kind->name, texts[k]);
		}
	return true;
}

/* false: a finding was added and the field stays empty. */
static bool value_in(struct run *run, const struct op *op, struct cb_text *texts, struct row *here,
		     struct cb_text *out)
{
	bool is_tuple = op->table && op->table->in.from_count > 1,
	     is_number = op->min.at || op->max.at;
	struct cb_text before;

	if (!is_tuple) {
		if (!bring_together(run, op, texts))
			return false;
		if (is_number && !fits_limits(run, op, texts[0])) /* in their unit */
			return false;
	}
	if (op->via_count && !transform_in(run, op, texts, is_tuple ? op->there_count : 1))
		return false;
	if (!is_tuple && !texts[0].at)
		return true; /* a transform found nothing in it */
	if (!is_tuple && !is_number && !fits_limits(run, op, texts[0]))
		return false;
	if (op->table)
		return codes_across(run, op, &op->table->in, texts, here, out, true);
	before = texts[0];
	if (!fits_identity(run, op, &texts[0]) || !form_in(run, op, &texts[0]))
		return false;
	if (is_traced(run) && !cb_text_equal(before, texts[0]))
		trace_step(run, "form", field_type_word((enum field_type)op->type), texts[0]);
	out[0] = texts[0];
	return true;
}

static void add_key(struct run *run, struct cb_text part)
{
	struct result *result = run->result;

	if (!run->has_key)
		result->key = part;
	else
		result->key = cb_text_of(arena_printf(run->arena, "%.*s\x1f%.*s",
						      CB_TEXT_ARG(result->key), CB_TEXT_ARG(part)));
	run->has_key = true;
}

static bool value_out(struct run *run, const struct op *op, const struct cb_text *ours,
		      const struct row *here, struct cb_text *texts);

/* The identity is what we would write, so that both directions know the record by one name. */
static void key_in(struct run *run, const struct op *op, const struct cb_text *ours,
		   const struct row *here)
{
	struct result before = *run->result;
	struct cb_text texts[MOST] = { { 0 } };

	if ((op->flags & OP_PLAIN) || !ours[0].at) {
		add_key(run, ours[0]);
		return;
	}
	if (!value_out(run, op, ours, here, texts)) {
		*run->result = before; /* said already, or only of the way out */
		memset(texts, 0, sizeof(texts));
	}
	for (size_t i = 0; i < op->there_count; i++)
		add_key(run, texts[i]);
}

static void write_here(struct run *run, const struct op *op, const struct cb_text *values,
		       struct row *here)
{
	for (size_t i = 0; i < op->here_count; i++) {
		if (!values[i].at)
			continue;
		if (op->here_slot != NO_SLOT && i == 0)
			here->values[op->here_slot] = values[0];
		else
			path_set(run->arena, op->here[i], here, values[i]);
	}
}

/* Nothing but a text from slot to slot: most lines, so it has no detours. */
static bool plain_in(struct run *run, const struct op *op, const struct row *there,
		     struct row *here)
{
	struct cb_text text = there->values[op->there_slot];

	if (there->again && there->again[op->there_slot])
		return false;
	if (is_blank(op, text)) {
		if (op->flags & OP_NEED_IN)
			say_need(run, op, true);
		if (op->flags & OP_KEY)
			add_key(run, nothing);
		return true;
	}
	if (!fits_limits(run, op, text) || !fits_model(run, op, text))
		return true;
	here->values[op->here_slot] = text;
	if (op->flags & OP_KEY)
		add_key(run, text);
	return true;
}

void field_in(struct run *run, const struct op *op, const struct row *there, struct row *here)
{
	struct cb_text texts[MOST], ours[MOST];
	size_t findings = run->result->count;
	int said;

	if ((op->flags & OP_PLAIN) && plain_in(run, op, there, here))
		return;
	clear(ours, op->here_count);
	said = gather(run, op, op->there, op->there_count, there, texts, true);
	if (said > 0 && value_in(run, op, texts, here, ours))
		if (ours[0].at && !fits_model(run, op, ours[0]))
			ours[0] = nothing;
	if (!ours[0].at && op->standard.at && said <= 0) {
		ours[0] = op->standard;
		if (is_traced(run))
			trace_step(run, "default", NULL, ours[0]);
	}
	write_here(run, op, ours, here);
	if (!ours[0].at && (op->flags & OP_NEED_IN) && run->result->count == findings)
		say_need(run, op, true);
	if (op->flags & OP_KEY)
		key_in(run, op, ours, here);
}

/* ---------------------------------------------------------- out */

/* One joined text back into its fields. */
static bool part_again(struct run *run, const struct op *op, struct cb_text text,
		       struct cb_text *texts)
{
	size_t count = 0;

	clear(texts, op->there_count);
	while (text.at) {
		const char *bar = count + 1 <= op->there_count
					  ? memmem(text.at, text.len, op->join.at, op->join.len)
					  : NULL;

		if (count == op->there_count) {
			found(run, op, "many", bad_strict(op),
			      "“%s”分成的段数超过对方的 %zu 个字段（%s）：请核对",
			      "'%s' has more parts than their %zu fields (%s): please check",
			      LABEL(op), op->there_count, THEIRS(op));
			return false;
		}
		texts[count] = text;
		if (!bar)
			return true;
		texts[count++].len = (size_t)(bar - text.at);
		text.len -= (size_t)(bar - text.at) + op->join.len;
		text.at = bar + op->join.len;
	}
	return true;
}

static bool spread_out(struct run *run, const struct op *op, struct cb_text *texts)
{
	struct cb_text value = texts[0];

	if (op->flags & OP_REGIONS) {
		size_t count = op->there_count;
		struct cb_text levels[MOST] = { { 0 } };

		if (op->join.at && count == 1)
			count = op->via->number ? (size_t)op->via->number : 3;
		if (regions_out(op->via, run->arena, value, levels, count)) {
			say_no_region(run, op);
			return false;
		}
		memcpy(texts, levels, op->there_count * sizeof(*texts));
		if (op->join.at && op->there_count == 1)
			for (size_t i = 1; i < count && levels[i].at; i++)
				texts[0] = cb_text_of(arena_printf(
					run->arena, "%.*s%.*s%.*s", CB_TEXT_ARG(texts[0]),
					CB_TEXT_ARG(op->join), CB_TEXT_ARG(levels[i])));
		return true;
	}
	if (op->join.at && op->there_count > 1)
		return part_again(run, op, value, texts);
	return true;
}

static bool transform_out(struct run *run, const struct op *op, struct cb_text *texts, size_t count)
{
	for (size_t k = 0; k < count; k++)
		for (size_t i = op->via_count; i-- > 0;) {
			const struct transform *t = &op->via[i];
			const char *code = t->kind->out && texts[k].at
						   ? t->kind->out(t, run->arena, &texts[k])
						   : NULL;

			if (code) {
				say_transform(run, op, code);
				return false;
			}
		}
	return true;
}

/* false: a finding was added and nothing is written. */
static bool value_out(struct run *run, const struct op *op, const struct cb_text *ours,
		      const struct row *here, struct cb_text *texts)
{
	bool is_tuple = op->table && op->table->in.from_count > 1;
	struct cb_text from[MOST];

	memcpy(from, ours, op->here_count * sizeof(*from));
	texts[0] = ours[0];
	if (op->table) {
		if (!codes_across(run, op, &op->table->out, from, here, texts, false))
			return false;
	} else if (!fits_identity(run, op, &texts[0]) || !form_out(run, op, &texts[0])) {
		return false;
	}
	if (op->via_count && !transform_out(run, op, texts, is_tuple ? op->there_count : 1))
		return false;
	if (is_tuple)
		return true;
	if (!(op->flags & OP_REGIONS) && texts[0].at && !fits_limits(run, op, texts[0]))
		return false;
	return spread_out(run, op, texts);
}

static void write_there(struct run *run, const struct op *op, const struct cb_text *texts,
			struct row *there)
{
	for (size_t i = 0; i < op->there_count; i++) {
		struct cb_text text = texts[i];

		if (!text.len && op->blank.count)
			text = op->blank.at[0];
		if (!text.at)
			continue;
		if (op->there_slot != NO_SLOT && i == 0)
			there->values[op->there_slot] = text;
		else
			path_set(run->arena, op->there[i], there, text);
	}
}

static bool plain_out(struct run *run, const struct op *op, const struct row *here,
		      struct row *there)
{
	struct cb_text text = here->values[op->here_slot];

	if (!text.len) {
		if (op->flags & OP_NEED_OUT)
			say_need(run, op, false);
		if (op->flags & OP_KEY)
			add_key(run, nothing);
		if (op->blank.count)
			there->values[op->there_slot] = op->blank.at[0];
		return true;
	}
	if (!fits_limits(run, op, text))
		return true;
	there->values[op->there_slot] = text;
	if (op->flags & OP_KEY)
		add_key(run, text);
	return true;
}

void field_out(struct run *run, const struct op *op, const struct row *here, struct row *there)
{
	struct cb_text ours[MOST], texts[MOST];
	size_t findings = run->result->count;
	int said;

	if ((op->flags & OP_PLAIN) && plain_out(run, op, here, there))
		return;
	clear(texts, op->there_count);
	said = gather(run, op, op->here, op->here_count, here, ours, false);
	if (said == 0 && op->standard.at) {
		ours[0] = op->standard;
		said = 1;
	}
	if (said > 0 && !value_out(run, op, ours, here, texts))
		clear(texts, op->there_count);
	write_there(run, op, texts, there);
	if (!texts[0].at && (op->flags & OP_NEED_OUT) && run->result->count == findings)
		say_need(run, op, false);
	for (size_t i = 0; (op->flags & OP_KEY) && i < op->there_count; i++)
		add_key(run, texts[i]);
}
