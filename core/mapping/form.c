/*
 * form.c - one text becomes a value of ours, and back: by its type and form, or by its code.
 *
 * What does not fit becomes a finding; a text is never bent until it does.
 */
#include "mapping/plan.h"

#include "base/utf8.h"

static const struct cb_text nothing;

/* The code of theirs or ours that has no row. Codes are no personal data, so it is shown. */
static struct cb_text shown(struct run *run, const struct op *op, const struct cb_text *texts,
			    size_t count)
{
	struct buffer out = { 0 };
	struct cb_text copy;

	if (op->line->is_secret)
		return nothing;
	for (size_t i = 0; i < count; i++) {
		if (i)
			buffer_char(&out, ' ');
		/* A table has as many columns as the line has paths: codes_table saw to it. */
		buffer_text(&out, texts[i]); /* NOLINT(clang-analyzer-core.*) */
	}
	copy = arena_copy(run->arena, buffer_view(&out));
	copy.len = utf8_offset(copy, 64);
	buffer_done(&out);
	return copy;
}

static void no_code(struct run *run, const struct op *op, const struct cb_text *texts, size_t count,
		    bool is_in)
{
	struct finding *f =
		is_in ? found(run, op, "code", bad_strict(op),
			      "%s的代码在代码表 %s "
			      "里没有；请在表里加一行，挂起的记录会自动继续",
			      "the code of %s is not in the table %s: add a row, and what "
			      "is "
			      "held goes on by itself",
			      names_of(run, op), op->table->codes->name)
		      : found(run, op, "code", bad_strict(op),
			      "“%s”的代码在代码表 %s "
			      "里没有对应的对方代码；请在表里加一行，挂起的记录会自动继续",
			      "the table %2$s has no code of theirs for ours in '%1$s': add a row, "
			      "and "
			      "what is held goes on by itself",
			      LABEL(op), op->table->codes->name);

	f->value = shown(run, op, texts, count);
}

static void row_outcome(struct run *run, const struct op *op, const struct code_entry *e,
			const struct cb_text *texts, size_t count)
{
	struct finding *f;

	f = found(run, op, e->outcome == OUTCOME_PASSED_BY ? "pass-by" : "hold", BAD_HOLD,
		  "“%s”：%s", "'%s': %s", LABEL(op), e->say && *e->say ? e->say : "-");
	f->bad = e->outcome;
	f->value = shown(run, op, texts, count);
	if (e->outcome > run->result->outcome)
		run->result->outcome = e->outcome;
}

/* ---------------------------------------------------------- forms */

static bool date_in(struct run *run, const struct op *op, struct cb_text *text)
{
	enum calendar_kind kind = (enum calendar_kind)(op->type - FIELD_DATE);
	char out[CALENDAR_TEXT];
	int rc = calendar_read(op->pattern, kind, op->zone, utf8_trim(*text), out);

	if (rc == CALENDAR_OK) {
		*text = arena_copy(run->arena, cb_text_of(out));
		return true;
	}
	if (rc == CALENDAR_VALUE)
		found(run, op, "date", bad_strict(op), "%s不是存在的日期或时间：请对方核对",
		      "%s is a date or time that does not exist: ask them to check",
		      names_of(run, op));
	else
		found(run, op, "date", bad_strict(op),
		      "%s的日期写法认不出：在映射第 %u 行的 format "
		      "里加上这种写法，或请对方改正",
		      "%s is written in no known way: add the pattern to format in line %u "
		      "of the mapping, or ask them to change it",
		      names_of(run, op), op->line->number);
	return false;
}

static bool date_out(struct run *run, const struct op *op, struct cb_text *text)
{
	enum calendar_kind kind = (enum calendar_kind)(op->type - FIELD_DATE);
	char out[64];

	if (calendar_write(op->pattern, kind, op->zone, *text, out) == CALENDAR_OK) {
		*text = arena_copy(run->arena, cb_text_of(out));
		return true;
	}
	found(run, op, "date", bad_strict(op), "“%s”的日期无法按对方的写法写出：请核对",
	      "'%s' cannot be written as they want it: please check", LABEL(op));
	return false;
}

static bool number_in(struct run *run, const struct op *op, struct cb_text *text)
{
	char out[NUMBER_TEXT];

	if (number_read(*text, out) != NUMBER_OK) {
		say_no_number(run, op);
		return false;
	}
	if (op->field->type == FIELD_INTEGER && !number_is_integer(cb_text_of(out))) {
		found(run, op, "number", bad_strict(op), "%s应是整数", "%s must be a whole number",
		      names_of(run, op));
		return false;
	}
	if (!cb_text_is(*text, out))
		*text = arena_copy(run->arena, cb_text_of(out));
	return true;
}

static bool flag_in(struct run *run, const struct op *op, struct cb_text *text)
{
	static const char *const words[][2] = {
		{ "yes", "no" }, { "true", "false" }, { "1", "0" }, { "是", "否" }, { "Y", "N" }
	};
	struct cb_text value = utf8_trim(*text);
	int is = cb_text_equal(value, op->words[0])   ? 0
		 : cb_text_equal(value, op->words[1]) ? 1
						      : -1;

	for (size_t i = 0; is < 0 && i < sizeof(words) / sizeof(*words); i++)
		is = cb_text_is(value, words[i][0]) ? 0 : cb_text_is(value, words[i][1]) ? 1 : -1;
	if (is >= 0) {
		*text = is == 0 ? CB_TEXT("yes") : CB_TEXT("no");
		return true;
	}
	found(run, op, "type", bad_strict(op), "%s应是“%.*s”或“%.*s”，来的是别的",
	      "%s should be '%.*s' or '%.*s', and is neither", names_of(run, op),
	      CB_TEXT_ARG(op->words[0]), CB_TEXT_ARG(op->words[1]));
	return false;
}

/* What the model's field holds: nothing else comes in. */
bool form_in(struct run *run, const struct op *op, struct cb_text *text)
{
	switch (op->type) {
	case FIELD_INTEGER:
	case FIELD_DECIMAL:
	case FIELD_MONEY:
		return number_in(run, op, text);
	case FIELD_DATE:
	case FIELD_TIME:
	case FIELD_DATETIME:
		return date_in(run, op, text);
	case FIELD_FLAG:
		return op->table || flag_in(run, op, text);
	default:
		return true;
	}
}

bool form_out(struct run *run, const struct op *op, struct cb_text *text)
{
	if (op->pattern)
		return date_out(run, op, text);
	if (op->type == FIELD_FLAG && !op->table)
		*text = op->words[cb_text_is(*text, "yes") ? 0 : 1];
	return true;
}

/* ---------------------------------------------------------- codes */

/* Canonical values of ours in @to by the table; false: a finding was added. */
bool codes_across(struct run *run, const struct op *op, const struct code_side *side,
		  struct cb_text *from, const struct row *here, struct cb_text *to, bool is_in)
{
	struct code_found room;
	const struct code_entry *e = code_find(side, from, here, &room);
	bool is_trimmed = false;

	for (size_t i = 0; is_in && (!e || e == side->otherwise) && i < side->from_count; i++) {
		struct cb_text trimmed = from[i].at ? utf8_trim(from[i]) : from[i];

		is_trimmed = is_trimmed || trimmed.len != from[i].len;
		from[i] = trimmed;
	}
	if (is_trimmed)
		e = code_find(side, from, here, &room);
	if (!e) {
		no_code(run, op, from, side->from_count, is_in);
		return false;
	}
	if (e->outcome != OUTCOME_MAPPED) {
		row_outcome(run, op, e, from, side->from_count);
		return false;
	}
	for (size_t i = 0; i < side->to_count; i++)
		to[i] = e->to[i];
	if (is_in && is_traced(run))
		trace_code(run, op, e, to[0]);
	return true;
}
